//! A JSON string as it stands in the text, escapes and all.

use crate::bytes;
use crate::error::Status;

/// A JSON string in an accepted text, without its quotes. It may hold escapes; equality and copying see through them.
#[derive(Clone, Copy)]
pub struct Text<'a> {
    raw: &'a [u8],
    is_escaped: bool,
}

impl<'a> Text<'a> {
    pub(crate) fn new(raw: &'a [u8]) -> Self {
        Text::known(raw, bytes::find(raw, b'\\').is_some())
    }

    /// A string of which the reader knows already whether it holds an escape.
    pub(crate) const fn known(raw: &'a [u8], is_escaped: bool) -> Self {
        Text { raw, is_escaped }
    }

    /// The text itself, when it holds no escape.
    pub fn as_str(&self) -> Option<&'a str> {
        core::str::from_utf8(self.plain()?).ok()
    }

    /// The text's bytes, when it holds no escape.
    #[inline]
    pub(crate) fn plain(&self) -> Option<&'a [u8]> {
        if self.is_escaped { None } else { Some(self.raw) }
    }

    /// The text's bytes, if they are few: to compare with names, of which `buffer` holds the longest. Else nothing.
    #[inline]
    pub(crate) fn short<'b>(&self, buffer: &'b mut [u8]) -> &'b [u8]
    where
        'a: 'b,
    {
        match self.plain() {
            Some(plain) => plain,
            None => self.copy_to(buffer).unwrap_or_default().as_bytes(),
        }
    }

    /// The text's UTF-8 bytes, escapes resolved.
    pub fn bytes(&self) -> impl Iterator<Item = u8> + use<'a> {
        Unescaped::new(self.raw)
    }

    /// Writes the text, escapes resolved, to the start of `buffer`. As many bytes as the string has in JSON always suffice.
    ///
    /// # Errors
    /// [`Status::BufferTooSmall`], and then nothing was written.
    pub fn copy_to<'b>(&self, buffer: &'b mut [u8]) -> Result<&'b str, Status> {
        let buffer = buffer.get_mut(..self.bytes().count()).ok_or(Status::BufferTooSmall)?;
        for (place, byte) in buffer.iter_mut().zip(self.bytes()) {
            *place = byte;
        }
        core::str::from_utf8(buffer).map_err(|_| Status::BufferTooSmall)
    }

    /// Whether the text, escapes resolved, is exactly these bytes.
    pub fn is(&self, wanted: &[u8]) -> bool {
        if self.is_escaped { self.bytes().eq(wanted.iter().copied()) } else { bytes::equal(self.raw, wanted) }
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.is(other.as_bytes())
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.is(other.as_bytes())
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes().eq(other.bytes())
    }
}

impl core::fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let mut rest = core::str::from_utf8(self.raw).unwrap_or_default();
        while let Some((plain, _)) = rest.split_once('\\') {
            f.write_str(plain)?;
            let escaped = rest.get(plain.len()..).unwrap_or_default();
            let Some((char, length)) = read_escape(escaped.as_bytes()) else { return Ok(()) };
            core::fmt::Write::write_char(f, char)?;
            rest = escaped.get(length..).unwrap_or_default();
        }
        f.write_str(rest)
    }
}

impl core::fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match core::str::from_utf8(self.raw) {
            Ok(raw) => write!(f, "\"{raw}\""),
            Err(_) => f.write_str("Text(?)"),
        }
    }
}

/// The bytes of a string with its escapes resolved, up to its closing quote or the end.
pub(crate) struct Unescaped<'a> {
    rest: &'a [u8],
    /// The later bytes of a character that was an escape, last first.
    pending: [u8; 3],
    pending_len: usize,
}

impl<'a> Unescaped<'a> {
    #[inline]
    pub(crate) const fn new(rest: &'a [u8]) -> Self {
        Unescaped { rest, pending: [0; 3], pending_len: 0 }
    }

    #[inline(never)]
    fn escape(&mut self) -> Option<u8> {
        let (char, length) = read_escape(self.rest)?;
        self.rest = self.rest.get(length..)?;
        let mut utf8 = [0; 4];
        let [first, later @ ..] = char.encode_utf8(&mut utf8).as_bytes() else { return None };
        for (place, byte) in self.pending.iter_mut().zip(later.iter().rev()) {
            *place = *byte;
        }
        self.pending_len = later.len();
        Some(*first)
    }
}

impl Iterator for Unescaped<'_> {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        if self.pending_len > 0 {
            self.pending_len = self.pending_len.saturating_sub(1);
            return self.pending.get(self.pending_len).copied();
        }
        match self.rest.split_first()? {
            (b'\\', _) => self.escape(),
            (b'"', _) => {
                self.rest = &[];
                None
            }
            (plain, rest) => {
                self.rest = rest;
                Some(*plain)
            }
        }
    }
}

/// The character of the escape that `text` starts with, and how many bytes the escape has (RFC 8259 7).
pub(crate) fn read_escape(text: &[u8]) -> Option<(char, usize)> {
    let unit_at = |start: usize| code_unit(text.get(start..)?.first_chunk()?);
    let short = |char: char| Some((char, 2));
    match *text.get(1)? {
        b'b' => short('\x08'),
        b'f' => short('\x0c'),
        b'n' => short('\n'),
        b'r' => short('\r'),
        b't' => short('\t'),
        b'u' => match unit_at(2)? {
            high @ 0xd800..0xdc00 => {
                let low = unit_at(8)?;
                let scalar = ((high & 0x3ff) << 10 | (low & 0x3ff)).wrapping_add(0x1_0000);
                Some((char::from_u32(scalar)?, 12))
            }
            unit => Some((char::from_u32(unit)?, 6)),
        },
        same => short(char::from(same)),
    }
}

/// The UTF-16 code unit that four hexadecimal digits name (RFC 8259 7).
pub(crate) fn code_unit(digits: &[u8; 4]) -> Option<u32> {
    digits.iter().try_fold(0u32, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}
