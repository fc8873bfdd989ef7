//! A user agent as words. RFC 9110 10.1.5 says products and comments; what is sent follows it loosely, so that a word is
//! simply what stands between separators, with what follows it and whether it is in a comment.

use crate::cursor::Cursor;

/// One word, and what stands behind it.
pub(super) struct Word<'t> {
    pub(super) text: &'t [u8],
    /// Everything behind the word.
    pub(super) behind: &'t [u8],
    pub(super) is_in_comment: bool,
}

/// The words of a text, from left to right.
pub(super) struct Words<'t> {
    cursor: Cursor<'t>,
    depth: usize,
}

impl<'t> Words<'t> {
    pub(super) const fn new(text: &'t [u8]) -> Self {
        Words { cursor: Cursor::new(text), depth: 0 }
    }

    /// How far the text was read.
    pub(super) fn position(&self) -> usize {
        self.cursor.position()
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = Word<'t>;

    fn next(&mut self) -> Option<Word<'t>> {
        while let Some(byte) = self.cursor.peek().filter(|byte| is_separator(*byte) || *byte == b'_') {
            self.depth = match byte {
                b'(' => self.depth.saturating_add(1),
                b')' => self.depth.saturating_sub(1),
                _ => self.depth,
            };
            self.cursor.skip(1);
        }
        let start = self.cursor.position();
        // Some applications join their parts with two underscores; one is part of a name.
        while self.cursor.skip_while(|byte| !is_separator(byte) && byte != b'_') > 0 && !self.cursor.is_finished() {
            if !matches!(self.cursor.rest(), [b'_', next, ..] if *next != b'_') {
                break;
            }
            self.cursor.skip(1);
        }
        let text = self.cursor.since(start);
        if text.is_empty() {
            return None;
        }
        Some(Word { text, behind: self.cursor.rest(), is_in_comment: self.depth > 0 })
    }
}

impl Word<'_> {
    /// Whether a version, or another part of the name, is joined to the word.
    pub(super) fn is_joined(&self) -> bool {
        joined(self.behind).is_some()
    }

    /// The number that is joined to the word: `Name/12.3`.
    pub(super) fn joined_number(&self) -> Number {
        joined(self.behind).map_or(Number::NONE, Number::read)
    }

    /// The number behind the word, joined or after a space: `Name 12.3`.
    pub(super) fn number(&self) -> Number {
        match self.behind {
            [b' ', rest @ ..] => Number::read(rest),
            _ => self.joined_number(),
        }
    }

    /// The number in the word itself, behind its first `count` bytes, or joined to the word.
    pub(super) fn number_from(&self, count: usize) -> Number {
        let inside = Number::read(self.text.get(count..).unwrap_or_default());
        if inside.digits > 0 { inside } else { self.joined_number() }
    }
}

/// The first part of a version.
#[derive(Clone, Copy)]
pub(super) struct Number {
    /// None when there is none, or when it is above 65,535.
    pub(super) value: Option<u16>,
    /// How many digits were read.
    pub(super) digits: usize,
}

impl Number {
    pub(super) const NONE: Number = Number { value: None, digits: 0 };

    fn read(text: &[u8]) -> Number {
        let text = if let [b'v' | b'V', rest @ ..] = text { rest } else { text };
        let mut number = Number { value: Some(0), digits: 0 };
        for digit in text.iter().map(|byte| byte.wrapping_sub(b'0')).take_while(|digit| *digit <= 9) {
            number.value = number.value.and_then(|value| value.checked_mul(10)?.checked_add(u16::from(digit)));
            number.digits = number.digits.saturating_add(1);
        }
        if number.digits > 0 { number } else { Number::NONE }
    }
}

fn joined(behind: &[u8]) -> Option<&[u8]> {
    match behind {
        [b'/' | b'@' | b':', rest @ ..] | [b'_', b'_', rest @ ..] => Some(rest),
        _ => None,
    }
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, 0..=b' ' | 0x7f)
        || matches!(byte, b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>' | b'"' | b'\'')
        || matches!(byte, b';' | b',' | b'/' | b'@' | b':' | b'=' | b'|' | b'&' | b'?' | b'+')
}
