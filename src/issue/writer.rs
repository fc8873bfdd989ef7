//! JSON into fixed memory: members of one object, strings escaped.

use crate::error::Status;

pub(super) struct JsonWriter<'s> {
    out: &'s mut [u8],
    written: usize,
    has_members: bool,
}

impl<'s> JsonWriter<'s> {
    pub(super) fn new(out: &'s mut [u8]) -> Self {
        JsonWriter { out, written: 0, has_members: false }
    }

    /// What was written, and the memory behind it.
    pub(super) fn finish(self) -> (&'s [u8], &'s mut [u8]) {
        let (written, free) = self.out.split_at_mut(self.written.min(self.out.len()));
        (written, free)
    }

    pub(super) fn raw(&mut self, text: &str) -> Result<(), Status> {
        let free = self.out.get_mut(self.written..).unwrap_or_default();
        free.get_mut(..text.len()).ok_or(Status::ScratchTooSmall)?.copy_from_slice(text.as_bytes());
        self.written = self.written.saturating_add(text.len());
        Ok(())
    }

    pub(super) fn string(&mut self, name: &str, value: Option<&str>) -> Result<(), Status> {
        let Some(value) = value else { return Ok(()) };
        self.name(name)?;
        self.quoted(value)
    }

    /// Starts a member that is an object.
    pub(super) fn open(&mut self, name: &str) -> Result<(), Status> {
        self.name(name)?;
        self.has_members = false;
        self.raw("{")
    }

    /// Ends it.
    pub(super) fn close(&mut self) -> Result<(), Status> {
        self.has_members = true;
        self.raw("}")
    }

    /// An array of strings; nothing for an empty one.
    pub(super) fn strings(&mut self, name: &str, values: &[&str]) -> Result<(), Status> {
        let Some((first, rest)) = values.split_first() else { return Ok(()) };
        self.name(name)?;
        self.raw("[")?;
        self.quoted(first)?;
        for value in rest {
            self.raw(",")?;
            self.quoted(value)?;
        }
        self.raw("]")
    }

    /// Bytes as a base64url string.
    pub(super) fn binary(&mut self, name: &str, bytes: &[u8]) -> Result<(), Status> {
        self.name(name)?;
        self.raw("\"")?;
        let free = self.out.get_mut(self.written..).unwrap_or_default();
        let text = crate::base64url::encode(bytes, free).ok_or(Status::ScratchTooSmall)?;
        self.written = self.written.saturating_add(text.len());
        self.raw("\"")
    }

    pub(super) fn integer(&mut self, name: &str, value: Option<i64>) -> Result<(), Status> {
        let Some(value) = value else { return Ok(()) };
        self.name(name)?;
        let mut digits = [0; 20];
        let mut start = digits.len();
        let mut rest = value.unsigned_abs();
        for (position, digit) in digits.iter_mut().enumerate().rev() {
            *digit = b'0'.wrapping_add((rest % 10) as u8);
            rest /= 10;
            start = position;
            if rest == 0 {
                break;
            }
        }
        self.raw(if value < 0 { "-" } else { "" })?;
        self.raw(core::str::from_utf8(digits.get(start..).unwrap_or_default()).unwrap_or_default())
    }

    /// The members of another object's text, as they stand. Whether it was an object is checked with the whole.
    pub(super) fn members_of(&mut self, object: &str) -> Result<(), Status> {
        let inner = object.trim_matches([' ', '\t', '\n', '\r']);
        let inner = inner.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).ok_or(Status::ClaimsMalformed)?;
        if inner.bytes().all(crate::json::is_space) {
            return Ok(());
        }
        self.comma()?;
        self.raw(inner)
    }

    fn name(&mut self, name: &str) -> Result<(), Status> {
        self.comma()?;
        self.quoted(name)?;
        self.raw(":")
    }

    fn comma(&mut self) -> Result<(), Status> {
        let had_members = core::mem::replace(&mut self.has_members, true);
        self.raw(if had_members { "," } else { "" })
    }

    /// RFC 8259 7.
    fn quoted(&mut self, text: &str) -> Result<(), Status> {
        self.raw("\"")?;
        for piece in text.split_inclusive(|char: char| matches!(char, '"' | '\\' | '\0'..'\x20')) {
            let plain = piece.trim_end_matches(|char: char| matches!(char, '"' | '\\' | '\0'..'\x20'));
            self.raw(plain)?;
            match piece.as_bytes().get(plain.len()) {
                Some(b'"') => self.raw("\\\"")?,
                Some(b'\\') => self.raw("\\\\")?,
                Some(control) => {
                    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
                    self.raw("\\u00")?;
                    let mut utf8 = [0; 4];
                    self.raw(digit(control >> 4).encode_utf8(&mut utf8))?;
                    self.raw(digit(control & 15).encode_utf8(&mut utf8))?;
                }
                None => {}
            }
        }
        self.raw("\"")
    }
}
