//! Public keys from PEM (RFC 7468). The label says what is inside; nothing is guessed. Lines end in LF or CRLF; a lone CR, which
//! the RFC allows too, ends none.
//!
//! Own code: the crate for it compares slices, which becomes a call of `bcmp`, and freestanding C has none (`bytes`). It is
//! the oracle in the tests. Keys here are public, so nothing has to run in constant time.

use super::{Material, der};
use crate::bytes;
use crate::error::Status;
use crate::header::Algorithm;
use crate::limits::KEY_DER_BYTES_MAX;

/// What stands between the boundaries: how the bytes of a key are read.
type Read = for<'d> fn(Algorithm, &'d [u8]) -> Result<Material<'d>, Status>;

const LABELS: &[(&[u8], Read)] = &[
    (b"PUBLIC KEY", der::of_spki),
    (b"RSA PUBLIC KEY", der::of_pkcs1),
    #[cfg(feature = "certificate")]
    (b"CERTIFICATE", der::of_certificate),
];

/// Hands the key of the one block in `text` to `then`.
#[inline(never)]
pub(crate) fn with_key<T>(
    algorithm: Algorithm,
    text: &[u8],
    then: impl FnOnce(&Material<'_>) -> Result<T, Status>,
) -> Result<T, Status> {
    let mut buffer = [0; KEY_DER_BYTES_MAX];
    let (read, bytes) = block(text, &mut buffer).ok_or(Status::KeyPem)?;
    then(&read(algorithm, bytes)?)
}

/// Text before the block is passed over (RFC 7468 2: "parsers SHOULD ignore"); behind it only white space may stand, so that
/// a chain is not taken for its first certificate.
fn block<'b>(text: &[u8], buffer: &'b mut [u8]) -> Option<(Read, &'b [u8])> {
    let mut lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let label = lines.find_map(|line| boundary(line, b"-----BEGIN "))?;
    let (_, read) = LABELS.iter().find(|(known, _)| bytes::equal(known, label))?;
    let mut base64 = Base64::new(buffer);
    let end = loop {
        let line = lines.next()?;
        if line.first() == Some(&b'-') {
            break boundary(line, b"-----END ")?;
        }
        line.iter().try_for_each(|char| base64.take(*char))?;
    };
    let is_whole = bytes::equal(end, label) && lines.all(|line| line.iter().all(|byte| matches!(byte, b' ' | b'\t')));
    if is_whole { Some((*read, base64.finish()?)) } else { None }
}

/// The label of an encapsulation boundary.
fn boundary<'l>(line: &'l [u8], start: &[u8]) -> Option<&'l [u8]> {
    match bytes::after(line, start)? {
        [label @ .., b'-', b'-', b'-', b'-', b'-'] => Some(label),
        _ => None,
    }
}

/// Padded base64 (RFC 4648 4), character by character.
struct Base64<'b> {
    out: &'b mut [u8],
    bytes: usize,
    bits: u32,
    chars: usize,
    padding: usize,
}

impl<'b> Base64<'b> {
    fn new(out: &'b mut [u8]) -> Self {
        Base64 { out, bytes: 0, bits: 0, chars: 0, padding: 0 }
    }

    fn take(&mut self, char: u8) -> Option<()> {
        let value = match char {
            b'A'..=b'Z' => char.wrapping_sub(b'A'),
            b'a'..=b'z' => char.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => char.wrapping_sub(b'0').wrapping_add(52),
            b'+' => 62,
            b'/' => 63,
            b'=' => 0,
            _ => return None,
        };
        match (char, self.padding) {
            (b'=', 0..=1) => self.padding = self.padding.saturating_add(1),
            (b'=', _) => return None,
            (_, 0) => {}
            _ => return None, // more behind the padding
        }
        self.bits = (self.bits << 6) | u32::from(value);
        self.chars = self.chars.saturating_add(1);
        if self.chars.is_multiple_of(4) {
            let [_, three @ ..] = self.bits.to_be_bytes();
            let (kept, spare) = three.split_at_checked(three.len().saturating_sub(self.padding))?;
            // The bits that padding leaves over are zero: one text for one key.
            if spare.iter().any(|byte| *byte != 0) {
                return None;
            }
            for byte in kept {
                *self.out.get_mut(self.bytes)? = *byte;
                self.bytes = self.bytes.saturating_add(1);
            }
            self.bits = 0;
        }
        Some(())
    }

    fn finish(self) -> Option<&'b [u8]> {
        if self.chars.is_multiple_of(4) { self.out.get(..self.bytes) } else { None }
    }
}
