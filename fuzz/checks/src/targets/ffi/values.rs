//! Claims and values through arbitrary names, paths, positions and buffers.

use super::{CText, is_zero};
use crate::c_memory::{Block, slice};
use crate::input::Input;
use countermark::Status;
use countermark_ffi::*;
use countermark_tests::json::{self, Json, Node};

const NAMES: [&str; 6] = ["a", "sub", "exp", "/a/4/b.c", "a.b", ""];

/// Goes down from the claims by arbitrary steps; every value is held against the tree of its own JSON.
pub fn of(input: &mut Input<'_>, claims: &cmk_claims) {
    for _ in 0..input.below(4) {
        let name = CText::arbitrary(input, &NAMES);
        let value = garbage();
        // SAFETY: every pointer is valid for its length, or NULL.
        let code = unsafe {
            match input.flag() {
                true => cmk_claims_get(claims, name.bytes, value.cast()),
                false => cmk_claims_at(claims, name.bytes, value.cast()),
            }
        };
        let known = [Status::Accepted, Status::ClaimAbsent, Status::Argument, Status::NullPointer];
        assert!(known.iter().any(|status| status.code() == code), "{code}");
        if code != 0 {
            assert!(is_zero(&value), "outputs are zero on failure");
        } else {
            walk(input, &value, 4);
        }
    }
    for which in -1..5 {
        let mut seconds = 7;
        // SAFETY: valid pointers.
        let code = unsafe { cmk_claims_date(claims, which, &mut seconds) };
        assert!(code == 0 && seconds >= 0 || seconds == 0);
        assert_eq!(code == Status::Argument.code(), !(1..=3).contains(&which));
    }
}

fn garbage() -> Block {
    let block = Block::aligned(size_of::<cmk_value>(), 8);
    // SAFETY: ours.
    unsafe { std::ptr::write_bytes(block.cast::<u8>(), 0xa5, block.len()) };
    block
}

fn walk(input: &mut Input<'_>, value: &Block, left: usize) {
    let at: *const cmk_value = value.cast();
    let mut raw = cmk_bytes::NONE;
    // SAFETY: a filled value.
    assert_eq!(unsafe { cmk_value_json(at, &mut raw) }, 0);
    let node = json::read(slice(raw), 16, 256).expect("a value is JSON");
    scalars(at, &node);
    text(input, at, &node);
    if left == 0 {
        return;
    }
    let (position, name) = (input.below(6), CText::arbitrary(input, &["b.c", "a"]));
    let next = garbage();
    // SAFETY: a filled value, and valid outputs.
    let code = unsafe { cmk_value_element(at, position, next.cast()) };
    let expected = match &node.json {
        Json::Array(elements) if position < elements.len() => 0,
        Json::Array(_) => Status::ClaimAbsent.code(),
        _ => Status::ClaimType.code(),
    };
    assert_eq!(code, expected);
    assert!(code == 0 || is_zero(&next), "outputs are zero on failure");
    if code == 0 {
        walk(input, &next, left - 1);
    }
    if let Some(wanted) = name.slice().and_then(|name| std::str::from_utf8(name).ok()) {
        // SAFETY: as above.
        let code = unsafe { cmk_value_member(at, name.bytes, next.cast()) };
        let expected = match &node.json {
            Json::Object(members) if members.iter().any(|(found, _)| found == wanted) => 0,
            Json::Object(_) => Status::ClaimAbsent.code(),
            _ => Status::ClaimType.code(),
        };
        assert_eq!(code, expected);
        if code == 0 {
            walk(input, &next, left - 1);
        }
    }
}

fn scalars(at: *const cmk_value, node: &Node) {
    let (mut kind, mut integer, mut boolean) = (9, 9, 9);
    // SAFETY: a filled value, and valid outputs.
    let codes = unsafe {
        assert_eq!(cmk_value_kind(at, &mut kind), 0);
        (cmk_value_integer(at, &mut integer), cmk_value_boolean(at, &mut boolean))
    };
    let expected = match node.json {
        Json::Null => 0,
        Json::Boolean(_) => 1,
        Json::Number => 2,
        Json::String(_) => 3,
        Json::Array(_) => 4,
        Json::Object(_) => 5,
    };
    assert_eq!(kind, expected);
    let known = if node.json == Json::Number { countermark_tests::views::integer(&node.raw) } else { None };
    assert_eq!((codes.0 == 0, integer), (known.is_some(), known.unwrap_or(0)));
    let known = if let Json::Boolean(known) = node.json { Some(i32::from(known)) } else { None };
    assert_eq!((codes.1 == 0, boolean), (known.is_some(), known.unwrap_or(0)));
}

/// Into a buffer of any length.
fn text(input: &mut Input<'_>, at: *const cmk_value, node: &Node) {
    let buffer = Block::filled(input.below(40), 0xa5);
    let mut text = cmk_bytes { ptr: std::ptr::dangling(), len: 7 };
    // SAFETY: a filled value, a buffer of this length.
    let code = unsafe { cmk_value_text(at, buffer.ptr(), buffer.len(), &mut text) };
    let expected = match &node.json {
        Json::String(known) if !node.raw.contains('\\') || known.len() <= buffer.len() => Ok(known),
        Json::String(_) => Err(Status::BufferTooSmall),
        _ => Err(Status::ClaimType),
    };
    match expected {
        Ok(known) => assert_eq!((code, slice(text)), (0, known.as_bytes())),
        Err(status) => {
            assert_eq!((code, text.len, text.ptr.is_null()), (status.code(), 0, true));
            assert!(buffer.slice().iter().all(|byte| *byte == 0xa5), "nothing is written on failure");
        }
    }
}
