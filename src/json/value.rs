//! Views into an accepted text.

use super::reader::skip_plain;
use super::{Number, Text, is_space};
use crate::cursor::Cursor;
use crate::error::Status;

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Kind {
    /// `null`
    Null = 0,
    /// `true` or `false`
    Boolean = 1,
    /// A number.
    Number = 2,
    /// A string.
    String = 3,
    /// An array.
    Array = 4,
    /// An object.
    Object = 5,
}

/// One JSON value in an accepted text.
#[derive(Clone, Copy, PartialEq)]
pub struct Value<'a> {
    raw: &'a [u8],
}

impl core::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.raw())
    }
}

impl<'a> Value<'a> {
    pub(crate) const fn new(raw: &'a [u8]) -> Self {
        Value { raw }
    }

    /// A value over a text that the reader has accepted.
    pub(crate) fn of_document(text: &'a [u8]) -> Value<'a> {
        let mut cursor = Cursor::new(text);
        cursor.skip_while(is_space);
        value_at(text, cursor.position())
    }

    /// The value's JSON text, without space around it.
    pub fn raw(&self) -> &'a str {
        core::str::from_utf8(self.raw).unwrap_or_default()
    }

    pub(crate) fn raw_bytes(&self) -> &'a [u8] {
        self.raw
    }

    /// What the value is.
    pub fn kind(&self) -> Kind {
        match self.raw.first() {
            Some(b'"') => Kind::String,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'-' | b'0'..=b'9') => Kind::Number,
            _ => Kind::Null,
        }
    }

    /// The string.
    ///
    /// # Errors
    /// [`Status::ClaimType`] when the value is something else.
    pub fn text(&self) -> Result<Text<'a>, Status> {
        match self.raw {
            [b'"', inner @ .., b'"'] => Ok(Text::new(inner)),
            _ => Err(Status::ClaimType),
        }
    }

    /// The integer; `1.0` and `1e3` are integers too.
    ///
    /// # Errors
    /// [`Status::ClaimType`] when the value is no number, [`Status::ClaimRange`] when it has a fraction or does not fit 64 bits.
    pub fn integer(&self) -> Result<i64, Status> {
        self.number()?.integer().ok_or(Status::ClaimRange)
    }

    /// The boolean.
    ///
    /// # Errors
    /// [`Status::ClaimType`] when the value is something else.
    pub fn boolean(&self) -> Result<bool, Status> {
        match self.raw {
            b"true" => Ok(true),
            b"false" => Ok(false),
            _ => Err(Status::ClaimType),
        }
    }

    /// The array's elements, in order.
    ///
    /// # Errors
    /// [`Status::ClaimType`] when the value is something else.
    pub fn elements(&self) -> Result<Elements<'a>, Status> {
        Ok(Elements { rest: Cursor::new(self.inside(Kind::Array)?) })
    }

    /// The object's members, in order.
    ///
    /// # Errors
    /// [`Status::ClaimType`] when the value is something else.
    pub fn members(&self) -> Result<Members<'a>, Status> {
        Ok(Members { rest: Cursor::new(self.inside(Kind::Object)?) })
    }

    /// The object's member of this name, if it has one.
    ///
    /// # Errors
    /// [`Status::ClaimType`] when the value is no object.
    pub fn member(&self, name: &str) -> Result<Option<Value<'a>>, Status> {
        Ok(self.members()?.find(|(found, _)| *found == name).map(|(_, value)| value))
    }

    pub(crate) fn number(&self) -> Result<Number, Status> {
        match self.kind() {
            Kind::Number => Ok(Number::read(self.raw)),
            _ => Err(Status::ClaimType),
        }
    }

    fn inside(&self, kind: Kind) -> Result<&'a [u8], Status> {
        match self.raw {
            [_, inner @ .., _] if self.kind() == kind => Ok(inner),
            _ => Err(Status::ClaimType),
        }
    }
}

/// The elements of an array.
#[derive(Clone)]
pub struct Elements<'a> {
    rest: Cursor<'a>,
}

impl<'a> Iterator for Elements<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.rest.skip_while(is_separator);
        let raw = value_from(&mut self.rest);
        if raw.is_empty() { None } else { Some(Value { raw }) }
    }
}

/// The members of an object: names and values.
#[derive(Clone)]
pub struct Members<'a> {
    rest: Cursor<'a>,
}

impl<'a> Iterator for Members<'a> {
    type Item = (Text<'a>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.rest.skip_while(is_separator);
        if !self.rest.eat(b'"') {
            return None;
        }
        let name = name_from(&mut self.rest);
        Some((name, Value { raw: value_from(&mut self.rest) }))
    }
}

/// The name that starts, behind its quote, at `start`, and where its value starts.
#[inline]
pub(crate) fn name_at(text: &[u8], start: usize) -> (Text<'_>, usize) {
    let mut cursor = Cursor::starting_at(text, start);
    (name_from(&mut cursor), cursor.position())
}

/// The value that starts at `start`.
pub(crate) fn value_at(text: &[u8], start: usize) -> Value<'_> {
    Value { raw: value_from(&mut Cursor::starting_at(text, start)) }
}

/// From behind a name's opening quote to its value's first byte.
#[inline]
fn name_from<'a>(cursor: &mut Cursor<'a>) -> Text<'a> {
    let start = cursor.position();
    skip_string(cursor);
    let quoted = cursor.since(start);
    cursor.skip_while(|byte| is_space(byte) || byte == b':');
    Text::new(quoted.split_last().map_or(quoted, |(_, name)| name))
}

/// From a value's first byte to behind its last.
fn value_from<'a>(cursor: &mut Cursor<'a>) -> &'a [u8] {
    let start = cursor.position();
    skip_value(cursor);
    cursor.since(start)
}

fn is_separator(byte: u8) -> bool {
    is_space(byte) || byte == b','
}

/// From behind the opening quote to behind the closing one.
fn skip_string(cursor: &mut Cursor<'_>) {
    loop {
        skip_plain(cursor);
        cursor.skip_while(|byte| byte != b'"' && byte != b'\\');
        match cursor.next() {
            Some(b'\\') => cursor.skip(1),
            _ => return,
        }
    }
}

/// From a value's first byte to behind its last.
fn skip_value(cursor: &mut Cursor<'_>) {
    let mut depth = 0usize;
    loop {
        match cursor.peek() {
            None => return,
            Some(b'"') => {
                cursor.skip(1);
                skip_string(cursor);
            }
            Some(b'{' | b'[') => {
                cursor.skip(1);
                depth = depth.saturating_add(1);
            }
            Some(b'}' | b']') if depth > 0 => {
                cursor.skip(1);
                depth = depth.saturating_sub(1);
            }
            Some(b'}' | b']') => return,
            Some(b',' | b':' | b' ' | b'\t' | b'\n' | b'\r') if depth > 0 => cursor.skip(1),
            Some(_) => {
                cursor.skip_while(|byte| !matches!(byte, b',' | b':' | b'}' | b']') && !is_space(byte));
                if depth > 0 {
                    continue;
                }
                return;
            }
        }
        if depth == 0 {
            return;
        }
    }
}
