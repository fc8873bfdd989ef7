//! Views of an accepted text against the tree.

use super::dates;
use super::json::{Json, Node};
use countermark::{Kind, Status, Text, Value};

/// The view shows what the tree holds, all the way down.
#[track_caller]
pub fn same(value: Value<'_>, node: &Node) {
    assert_eq!(value.raw(), node.raw);
    let kind = match &node.json {
        Json::Null => Kind::Null,
        Json::Boolean(_) => Kind::Boolean,
        Json::Number => Kind::Number,
        Json::String(_) => Kind::String,
        Json::Array(_) => Kind::Array,
        Json::Object(_) => Kind::Object,
    };
    assert_eq!(value.kind(), kind);
    assert_eq!(value.text().is_ok(), kind == Kind::String);
    assert_eq!(value.elements().is_ok(), kind == Kind::Array);
    assert_eq!(value.members().is_ok(), kind == Kind::Object);
    assert_eq!(value.boolean().ok(), if let Json::Boolean(known) = node.json { Some(known) } else { None });
    match (&node.json, value.integer()) {
        (Json::Number, found) => {
            assert_eq!(found.ok(), integer(&node.raw), "{}", node.raw);
            // What is an integer in plain digits is that integer.
            assert!(node.raw.parse::<i64>().is_ok_and(|plain| found == Ok(plain)) || node.raw.parse::<i64>().is_err());
        }
        (_, found) => assert_eq!(found, Err(Status::ClaimType)),
    }
    match &node.json {
        Json::String(text) => same_text(value.text().unwrap(), text),
        Json::Array(elements) => {
            assert_eq!(value.elements().unwrap().count(), elements.len());
            value.elements().unwrap().zip(elements).for_each(|(value, node)| same(value, node));
        }
        Json::Object(members) => {
            assert_eq!(value.members().unwrap().count(), members.len());
            for ((name, value), (expected, node)) in value.members().unwrap().zip(members) {
                same_text(name, expected);
                same(value, node);
            }
            for (name, node) in members {
                assert_eq!(value.member(name).unwrap().map(|value| value.raw()), Some(node.raw.as_str()));
            }
            let stranger = "no such name";
            assert_eq!(value.member(stranger).unwrap().is_some(), members.iter().any(|(name, _)| name == stranger));
        }
        _ => {}
    }
}

/// The integer that a number's text comes to, by way of the decimal strings of the dates' oracle.
pub fn integer(text: &str) -> Option<i64> {
    let (magnitude, is_minus) = text.strip_prefix('-').map_or((text, false), |magnitude| (magnitude, true));
    let rounded = dates::round(magnitude);
    match (rounded.down, rounded.up) {
        (Some(down), Some(up)) if down == up => Some(if is_minus { -down } else { down }),
        // 2^63 is no date, and the one integer whose magnitude none is.
        (None, None) if is_minus && is_two_to_63(magnitude) => Some(i64::MIN),
        _ => None,
    }
}

/// Whether a text is exactly 2^63: minus one half of itself it is a date with the digits of i64::MAX and a half.
fn is_two_to_63(magnitude: &str) -> bool {
    const DIGITS: &str = "9223372036854775808";
    let (mantissa, exponent) = magnitude.split_once(['e', 'E']).unwrap_or((magnitude, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let point = whole.len() as i64 + exponent.parse::<i64>().unwrap_or(i64::from(i32::MIN));
    let lead = digits.len() - digits.trim_start_matches('0').len();
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    significant == DIGITS && point - lead as i64 == DIGITS.len() as i64
}

/// Equality, bytes and copies, into a buffer that fits and one that lacks a byte.
#[track_caller]
pub fn same_text(text: Text<'_>, expected: &str) {
    assert!(text == *expected);
    assert!(text.bytes().eq(expected.bytes()));
    assert!(text.as_str().is_none_or(|plain| plain == expected));
    let mut buffer = vec![0xa5; expected.len()];
    assert_eq!(text.copy_to(&mut buffer), Ok(expected));
    if let Some(less) = expected.len().checked_sub(1) {
        let mut buffer = vec![0xa5; less];
        assert_eq!(text.copy_to(&mut buffer), Err(Status::BufferTooSmall));
        assert!(buffer.iter().all(|byte| *byte == 0xa5), "nothing is written on failure");
    }
    assert_eq!(text.to_string(), expected);
    let longer = format!("{expected}x");
    assert!(!text.is(longer.as_bytes()) && text != *longer && text != longer.as_str());
}
