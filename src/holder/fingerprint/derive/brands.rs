//! `Sec-CH-UA` and `Sec-CH-UA-Platform` (User-Agent Client Hints 3.1 and 3.9), which are RFC 8941 lists and strings.
//!
//! A browser that sends something else is still some browser: nothing is refused, what cannot be read is read as it stands.

use super::Element;
use crate::bytes::trimmed;
use crate::cursor::Cursor;

/// The names of the brands: unquoted, escapes resolved, without versions, without the GREASE brand, empty ones left out.
pub(crate) fn brands(value: &[u8], visitor: &mut dyn FnMut(Element<'_>)) {
    let mut cursor = Cursor::new(value);
    while !cursor.is_finished() {
        cursor.skip_while(|byte| matches!(byte, b' ' | b'\t' | b','));
        let brand =
            if cursor.eat(b'"') { Element::escaped(quoted(&mut cursor)) } else { Element::plain(token(&mut cursor)) };
        skip_parameters(&mut cursor);
        if !brand.is_empty() && !is_grease(brand.bytes()) {
            visitor(brand);
        }
    }
}

/// A string without its quotes; anything else as it stands. Escapes stay: no platform's name has one.
pub(crate) fn unquoted(value: &[u8]) -> &[u8] {
    let value = trimmed(value);
    let mut cursor = Cursor::new(value);
    if cursor.eat(b'"') { quoted(&mut cursor) } else { value }
}

/// Up to the closing quote, which is stepped over; or to the end.
fn quoted<'v>(cursor: &mut Cursor<'v>) -> &'v [u8] {
    let start = cursor.position();
    loop {
        cursor.skip_while(|byte| !matches!(byte, b'"' | b'\\'));
        let inside = cursor.since(start);
        match cursor.next() {
            Some(b'\\') => cursor.skip(1),
            Some(_) => return inside,
            None => return cursor.from(start),
        }
    }
}

fn token<'v>(cursor: &mut Cursor<'v>) -> &'v [u8] {
    let start = cursor.position();
    cursor.skip_while(|byte| !matches!(byte, b',' | b';'));
    trimmed(cursor.since(start))
}

/// To the next comma that is not in a string.
fn skip_parameters(cursor: &mut Cursor<'_>) {
    loop {
        cursor.skip_while(|byte| !matches!(byte, b',' | b'"'));
        if !cursor.eat(b'"') {
            return;
        }
        quoted(cursor);
    }
}

/// Chromium makes `Not`, a sign, `A`, a sign, `Brand`; before version 103 the signs stood elsewhere, and there were
/// backslashes among them (`GetGreasedUserAgentBrandVersion` in `components/embedder_support/user_agent_utils.cc`).
/// The letters never changed.
fn is_grease(brand: &[u8]) -> bool {
    let letters = brand.iter().filter(|byte| byte.is_ascii_alphabetic()).map(u8::to_ascii_lowercase);
    letters.eq(*b"notabrand")
}
