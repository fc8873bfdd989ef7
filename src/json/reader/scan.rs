//! Scalars from their first byte to their last: words, numbers, strings.

use super::super::text;
use super::Fault;
use crate::bytes::{self, WORD_BYTES};
use crate::cursor::Cursor;

#[inline]
pub(super) fn word(cursor: &mut Cursor<'_>, word: &[u8]) -> Result<(), Fault> {
    if cursor.eat_all(word) { Ok(()) } else { Err(Fault::Syntax) }
}

/// RFC 8259 6.
#[inline]
pub(super) fn number(cursor: &mut Cursor<'_>) -> Result<(), Fault> {
    let digits = |cursor: &mut Cursor<'_>| match cursor.skip_while(|byte| byte.is_ascii_digit()) {
        0 => Err(Fault::Syntax),
        _ => Ok(()),
    };
    cursor.eat(b'-');
    if !cursor.eat(b'0') {
        digits(cursor)?;
    }
    if cursor.eat(b'.') {
        digits(cursor)?;
    }
    if cursor.eat(b'e') || cursor.eat(b'E') {
        let _ = cursor.eat(b'+') || cursor.eat(b'-');
        digits(cursor)?;
    }
    Ok(())
}

/// RFC 8259 7, from quote to quote. Tells whether it holds an escape.
#[cfg_attr(target_os = "none", inline(never))] // on bare metal flash counts more than a call
#[cfg_attr(not(target_os = "none"), inline)]
pub(super) fn string(cursor: &mut Cursor<'_>) -> Result<bool, Fault> {
    let mut escaped = false;
    if !cursor.eat(b'"') {
        return Err(Fault::Syntax);
    }
    loop {
        skip_plain(cursor);
        match cursor.next().ok_or(Fault::Syntax)? {
            b'"' => return Ok(escaped),
            b'\\' => {
                escaped = true;
                *cursor = after_escape(*cursor)?;
            }
            0..0x20 => return Err(Fault::Syntax),
            _ => {}
        }
    }
}

/// Behind the escape whose backslash is behind the cursor. Apart from the reader, so that its cursor stays in a register.
#[cold]
#[inline(never)]
fn after_escape(mut cursor: Cursor<'_>) -> Result<Cursor<'_>, Fault> {
    match cursor.next().ok_or(Fault::Syntax)? {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(cursor),
        b'u' => match unit(&mut cursor)? {
            0xd800..0xdc00 if cursor.eat_all(b"\\u") => match unit(&mut cursor)? {
                0xdc00..0xe000 => Ok(cursor),
                _ => Err(Fault::Syntax),
            },
            0xd800..0xe000 => Err(Fault::Syntax),
            _ => Ok(cursor),
        },
        _ => Err(Fault::Syntax),
    }
}

fn unit(cursor: &mut Cursor<'_>) -> Result<u32, Fault> {
    let digits = cursor.rest().first_chunk::<4>().ok_or(Fault::Syntax)?;
    cursor.skip(digits.len());
    text::code_unit(digits).ok_or(Fault::Syntax)
}

/// Skips to the first quote, backslash or control character, or to the last bytes of the text, fewer than a word.
#[inline]
pub(in crate::json) fn skip_plain(cursor: &mut Cursor<'_>) {
    while let Some(word) = cursor.rest().first_chunk() {
        let plain = plain_bytes(*word);
        cursor.skip(plain);
        if plain < word.len() {
            return;
        }
    }
}

/// How many bytes of a word come before the first quote, backslash or control character.
#[inline]
pub(super) fn plain_bytes(word: [u8; WORD_BYTES]) -> usize {
    let word = usize::from_le_bytes(word);
    let stops = bytes::matches(word, b'"') | bytes::matches(word, b'\\') | bytes::below(word, 0x20);
    stops.trailing_zeros() as usize / 8
}
