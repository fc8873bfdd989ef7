//! One row's value, as its component's kind wants it.

use super::{ComponentList, DEPTH_MAX, Place, Row};
use crate::bytes;
use crate::error::Status;
use crate::holder::fingerprint::ComponentKind;
use crate::json::{Elements, Kind, Text, Value, is_space};

/// Adds the row's value to the list, and tells whether there was one.
pub(super) fn value(row: &Row<'_>, place: &Place<'_>, list: &mut ComponentList<'_>) -> Result<bool, Status> {
    let is_end = row.names().nth(place.depth).is_none();
    match row.component.kind() {
        ComponentKind::Set => set(row, place, list),
        // Only a set can mean each of an array's elements.
        _ if !is_end || is_absent(row, &place.value) => Ok(false),
        ComponentKind::Exact => exact(row, &place.value, list),
        ComponentKind::Ordinal => ordinal(row, &place.value, list),
    }
}

fn exact(row: &Row<'_>, value: &Value<'_>, list: &mut ComponentList<'_>) -> Result<bool, Status> {
    match value.text() {
        Ok(text) if text.is(b"") => return Ok(false),
        Ok(text) => string(row, text, list)?,
        Err(_) => list.push_from(row.component, compact(value.raw_bytes()))?,
    }
    Ok(true)
}

fn string(row: &Row<'_>, text: Text<'_>, list: &mut ComponentList<'_>) -> Result<(), Status> {
    match text.plain() {
        Some(plain) => list.push(row.component, plain),
        None => list.push_from(row.component, text.bytes()),
    }
}

fn ordinal(row: &Row<'_>, value: &Value<'_>, list: &mut ComponentList<'_>) -> Result<bool, Status> {
    let number = match value.text() {
        Ok(text) => text.bytes().try_fold(None, |number: Option<u16>, byte| {
            let digit = char::from(byte).to_digit(10).and_then(|digit| u16::try_from(digit).ok())?;
            Some(Some(number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?))
        }),
        Err(_) => value.integer().ok().map(|number| u16::try_from(number).ok()),
    };
    let number = number.flatten().ok_or(Status::CollectorMalformed)?;
    let digits = [10_000, 1_000, 100, 10, 1].map(|unit: u16| number.checked_div(unit).unwrap_or(0) % 10);
    let leading = digits.iter().take(4).take_while(|digit| **digit == 0).count();
    list.push_from(row.component, digits.iter().skip(leading).map(|digit| b'0'.wrapping_add(*digit as u8)))?;
    Ok(true)
}

/// The elements below the place, without recursion: an array stands for each of its elements, however nested.
fn set(row: &Row<'_>, place: &Place<'_>, list: &mut ComponentList<'_>) -> Result<bool, Status> {
    let before = list.used();
    let mut open: heapless::Vec<(Elements<'_>, usize), DEPTH_MAX> = heapless::Vec::new();
    let mut next = Some(*place);
    let mut is_observed = false;
    loop {
        let Some(Place { value, depth }) = next.take() else {
            let Some((elements, depth)) = open.last_mut() else { break };
            match elements.next() {
                Some(value) => next = Some(Place { value, depth: *depth }),
                None => {
                    open.pop();
                }
            }
            continue;
        };
        let name = row.names().nth(depth);
        match (value.kind(), name) {
            (Kind::Array, _) => {
                is_observed = true;
                // The reader has seen to it that a document is never deeper than this stack.
                let _ = value.elements().map(|elements| open.push((elements, depth)));
            }
            (Kind::Object, Some(name)) => {
                let found = value.members().ok().and_then(|mut members| members.find(|(found, _)| found.is(name)));
                next = found.map(|(_, value)| Place { value, depth: depth.saturating_add(1) });
            }
            (Kind::Object, None) => {
                is_observed = true;
                for (name, _) in value.members()? {
                    list.push_from(row.component, name.bytes())?;
                }
            }
            (Kind::Null, _) | (_, Some(_)) => {}
            _ if is_absent(row, &value) => {}
            _ => {
                is_observed = true;
                scalar(row, &value, list)?;
            }
        }
    }
    if is_observed && list.used() == before {
        list.push(row.component, b"")?;
    }
    Ok(is_observed)
}

fn scalar(row: &Row<'_>, value: &Value<'_>, list: &mut ComponentList<'_>) -> Result<(), Status> {
    match (value.text(), row.separator) {
        (Ok(text), Some(separator)) => {
            let mut bytes = text.bytes();
            loop {
                let mut is_last = true;
                {
                    let piece = bytes.by_ref().take_while(|byte| {
                        is_last = *byte != separator;
                        is_last
                    });
                    let mut piece = trimmed(piece).peekable();
                    if piece.peek().is_some() {
                        list.push_from(row.component, piece)?;
                    }
                }
                if is_last {
                    return Ok(());
                }
            }
        }
        (Ok(text), None) => string(row, text, list),
        (Err(_), _) => list.push(row.component, value.raw_bytes()),
    }
}

/// Whether the value, or for an exact component one that lies directly inside it, is a text that stands for no value.
fn is_absent(row: &Row<'_>, value: &Value<'_>) -> bool {
    let marks = |value: &Value<'_>| {
        row.absent.iter().any(|mark| match value.text() {
            Ok(text) => text.is(mark.as_bytes()),
            Err(_) => bytes::equal(value.raw_bytes(), mark.as_bytes()),
        })
    };
    match value.kind() {
        Kind::Null => true,
        Kind::Array => value.elements().is_ok_and(|mut elements| elements.any(|element| marks(&element))),
        Kind::Object => value.members().is_ok_and(|mut members| members.any(|(_, member)| marks(&member))),
        _ => marks(value),
    }
}

/// Without spaces at both ends.
fn trimmed(bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = u8> {
    let mut bytes = bytes.skip_while(|byte| *byte == b' ');
    let (mut spaces, mut behind) = (0usize, None);
    core::iter::from_fn(move || {
        while behind.is_none() {
            match bytes.next()? {
                b' ' => spaces = spaces.saturating_add(1),
                byte => behind = Some(byte),
            }
        }
        match spaces.checked_sub(1) {
            Some(fewer) => {
                spaces = fewer;
                Some(b' ')
            }
            None => behind.take(),
        }
    })
}

/// A JSON text without the spaces between its tokens.
fn compact(raw: &[u8]) -> impl Iterator<Item = u8> {
    let (mut in_string, mut is_escaped) = (false, false);
    raw.iter().copied().filter(move |byte| {
        in_string ^= *byte == b'"' && !is_escaped;
        is_escaped = in_string && *byte == b'\\' && !is_escaped;
        in_string || !is_space(*byte)
    })
}
