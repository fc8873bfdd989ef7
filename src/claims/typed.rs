//! Claims into a caller's own struct, by serde and serde-json-core.
//!
//! serde-json-core is lenient and leaves escapes unresolved, so it never sees a text that the strict reader has not accepted,
//! and it reads a copy in which every escape but \", \\ and control characters is resolved.

use super::Claims;
use crate::error::Status;
use crate::json::read_escape;
use serde::Deserialize;
use serde_json_core::de::{Error, from_slice_escaped};

impl Claims<'_> {
    /// Reads the claims into a struct that implements [`Deserialize`]. Strings can be borrowed or `heapless::String`s.
    ///
    /// `buffer` is used only when the payload holds a backslash; three times the payload's length always suffices.
    ///
    /// # Errors
    /// [`Status::ClaimShape`] when the claims do not have the struct's shape; [`Status::ClaimEscaped`] when a borrowed
    /// string would hold an escaped quote, backslash or control character; [`Status::BufferTooSmall`].
    ///
    /// ```
    /// # use countermark::*;
    /// #[derive(serde::Deserialize)]
    /// struct Session<'a> {
    ///     sub: &'a str,
    ///     admin: Option<bool>,
    /// }
    ///
    /// fn is_admin(claims: &Claims<'_>) -> Result<bool, Status> {
    ///     let mut buffer = [0; 3072];
    ///     let session: Session<'_> = claims.typed(&mut buffer)?;
    ///     Ok(session.sub == "root" || session.admin == Some(true))
    /// }
    /// ```
    pub fn typed<'t, T: Deserialize<'t>>(&'t self, buffer: &'t mut [u8]) -> Result<T, Status> {
        if !self.text().contains(&b'\\') {
            return read(self.text(), &mut []);
        }
        let (resolved, rest) = rewrite(self.text(), false, buffer)?;
        let (masked, unescaped) = rewrite(self.text(), true, rest)?;
        match read(resolved, unescaped) {
            // The struct fits once the remaining escapes are gone: so they were the reason.
            Err(Status::ClaimShape) if read::<T>(masked, &mut []).is_ok() => Err(Status::ClaimEscaped),
            result => result,
        }
    }
}

fn read<'t, T: Deserialize<'t>>(text: &'t [u8], unescaped: &mut [u8]) -> Result<T, Status> {
    from_slice_escaped(text, unescaped).map(|(value, _)| value).map_err(|error| match error {
        Error::EscapedStringIsTooLong => Status::BufferTooSmall,
        _ => Status::ClaimShape,
    })
}

/// Copies an accepted text to the start of `buffer` with its escapes resolved. What must stay escaped stays as it is, or
/// becomes an underscore when `mask` is set.
fn rewrite<'b>(text: &[u8], mask: bool, buffer: &'b mut [u8]) -> Result<(&'b [u8], &'b mut [u8]), Status> {
    let mut rest = text;
    let mut written = 0usize;
    while let Some(first) = rest.first() {
        let mut utf8 = [0; 4];
        let (piece, length): (&[u8], usize) = match read_escape(rest) {
            Some((char, length)) if *first == b'\\' => {
                let stays = matches!(char, '"' | '\\' | '\0'..'\x20');
                let piece: &[u8] = match (stays, mask) {
                    (false, _) => char.encode_utf8(&mut utf8).as_bytes(),
                    (true, true) => b"_",
                    (true, false) => rest.get(..length).unwrap_or_default(),
                };
                (piece, length)
            }
            _ => (rest.get(..1).unwrap_or_default(), 1),
        };
        let end = written.saturating_add(piece.len());
        buffer.get_mut(written..end).ok_or(Status::BufferTooSmall)?.copy_from_slice(piece);
        written = end;
        rest = rest.get(length..).unwrap_or_default();
    }
    let (copy, free) = buffer.split_at_mut_checked(written).ok_or(Status::BufferTooSmall)?;
    Ok((copy, free))
}
