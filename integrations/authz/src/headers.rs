//! Verified claims as header fields of the answer.

use crate::Fault;
use countermark::{Claims, Kind, Text, Value};
use hyper::header::HeaderName;
use std::collections::BTreeMap;

/// The longest value of a field, in bytes. A claim that needs more is left empty: an application must not see a part of it.
const VALUE_BYTES_MAX: usize = 4096;

/// Which field is filled by which claim.
pub struct Exported {
    /// The names in lower case.
    pub names: Vec<String>,
    paths: Vec<String>,
}

impl Exported {
    /// Names begin with `X-`, so that none is one of the protocol's.
    pub fn new(config: &BTreeMap<String, String>) -> Result<Exported, Fault> {
        let (mut names, mut paths) = (Vec::new(), Vec::new());
        for (name, path) in config {
            let lower = name.to_ascii_lowercase();
            let is_own = lower.starts_with("x-") && !lower.starts_with("x-forwarded-") && !lower.starts_with("x-original-");
            if !is_own || HeaderName::from_bytes(lower.as_bytes()).is_err() || names.contains(&lower) {
                return Err(format!("headers.{name:?}: a name of your own that begins with X-, once").into());
            }
            names.push(lower);
            paths.push(path.clone());
        }
        Ok(Exported { names, paths })
    }

    /// All of the fields, with every answer that accepts: one that has no value is there and empty, so that it takes the place of
    /// what a client wrote.
    pub fn of(&self, claims: &Claims<'_>) -> Vec<(String, String)> {
        let value = |path: &String| claims.at(path).ok().and_then(|value| text(&value)).unwrap_or_default();
        self.names.iter().cloned().zip(self.paths.iter().map(value)).collect()
    }
}

/// A text, number or boolean as it is; an array of such with commas. Nothing for anything else.
fn text(value: &Value<'_>) -> Option<String> {
    let mut out = String::new();
    match value.kind() {
        Kind::Array => {
            for (position, element) in value.elements().ok()?.enumerate() {
                out.push_str(if position == 0 { "" } else { "," });
                scalar(&element, &mut out)?;
            }
        }
        _ => scalar(value, &mut out)?,
    }
    Some(out).filter(|out| out.len() <= VALUE_BYTES_MAX)
}

fn scalar(value: &Value<'_>, out: &mut String) -> Option<()> {
    match value.kind() {
        Kind::String => encode(&value.text().ok()?, out),
        Kind::Number => out.push_str(value.raw()),
        Kind::Boolean => out.push_str(value.raw()),
        _ => return None,
    }
    Some(())
}

/// Percent-encodes (RFC 3986 2.1) what a field cannot hold or would lose: all but visible ASCII, spaces at either end, the comma between
/// elements, and the percent sign itself. So two texts never give one value.
fn encode(text: &Text<'_>, out: &mut String) {
    let bytes: Vec<u8> = text.bytes().collect();
    let last = bytes.len().saturating_sub(1);
    for (position, byte) in bytes.iter().enumerate() {
        let is_inner_space = *byte == b' ' && position != 0 && position != last;
        if is_inner_space || byte.is_ascii_graphic() && !matches!(byte, b'%' | b',') {
            out.push(char::from(*byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}
