//! Paths to nested claims: dots between names, or a JSON pointer (RFC 6901).

use crate::error::Status;
use crate::json::{Text, Value};
use crate::limits::PATH_BYTES_MAX;

/// One step of a path.
#[derive(Clone, Copy)]
pub(super) struct Segment<'p> {
    name: &'p [u8],
    is_pointer: bool,
}

/// The steps of a path, in order.
pub(super) fn segments(path: &str) -> Result<impl Iterator<Item = Segment<'_>>, Status> {
    if path.len() > PATH_BYTES_MAX {
        return Err(Status::Argument);
    }
    let (names, separator, is_pointer) = match path.as_bytes() {
        [b'/', pointer @ ..] => (pointer, b'/', true),
        names => (names, b'.', false),
    };
    Ok(names.split(move |byte| *byte == separator).map(move |name| Segment { name, is_pointer }))
}

impl Segment<'_> {
    /// Whether this step is the member of this name.
    pub(super) fn names(self, found: &Text<'_>) -> bool {
        if self.is_pointer { found.bytes().eq(unescaped(self.name)) } else { found.is(self.name) }
    }

    /// The member or, in a pointer, the element that this step leads to.
    ///
    /// # Errors
    /// [`Status::ClaimAbsent`]; [`Status::ClaimType`] from a value that can have neither.
    pub(super) fn of(self, value: Value<'_>) -> Result<Value<'_>, Status> {
        let found = match (self.is_pointer, value.elements()) {
            (true, Ok(mut elements)) => position(self.name).and_then(|at| elements.nth(at)),
            _ => value.members()?.find(|(name, _)| self.names(name)).map(|(_, value)| value),
        };
        found.ok_or(Status::ClaimAbsent)
    }
}

/// An array index: digits without a leading zero (RFC 6901 4).
fn position(digits: &[u8]) -> Option<usize> {
    if !matches!(digits, [b'0'] | [b'1'..=b'9', ..]) {
        return None;
    }
    digits.iter().try_fold(0usize, |value, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        value.checked_mul(10)?.checked_add(digit as usize)
    })
}

/// `~1` is a slash, `~0` a tilde; any other tilde is an error (RFC 6901 3), and becomes a byte that no name has.
fn unescaped(name: &[u8]) -> impl Iterator<Item = u8> {
    const NOT_UTF8: u8 = 0xff;
    let mut bytes = name.iter();
    core::iter::from_fn(move || {
        Some(match bytes.next()? {
            b'~' => match bytes.next() {
                Some(b'0') => b'~',
                Some(b'1') => b'/',
                _ => NOT_UTF8,
            },
            plain => *plain,
        })
    })
}
