//! Public keys from PEM (RFC 7468). The label says what is inside; nothing is guessed. Lines end in LF or CRLF; a lone CR, which
//! the RFC allows too, ends none.
//!
//! Own code: the crate for it compares slices, which becomes a call of `bcmp`, and freestanding C has none (`bytes`). It is
//! the oracle in the tests. Keys here are public, so nothing has to run in constant time.

use super::{Material, der};
use crate::base64::Base64;
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
    let mut base64 = Base64::default();
    let mut filling = Filling { out: buffer, bytes: 0 };
    let end = loop {
        let line = lines.next()?;
        if line.first() == Some(&b'-') {
            break boundary(line, b"-----END ")?;
        }
        line.iter().try_for_each(|char| base64.take(*char, |bytes| filling.push(bytes)))?;
    };
    let is_whole = bytes::equal(end, label) && lines.all(|line| line.iter().all(|byte| matches!(byte, b' ' | b'\t')));
    if is_whole && base64.is_whole() { Some((*read, filling.finish()?)) } else { None }
}

/// The label of an encapsulation boundary.
fn boundary<'l>(line: &'l [u8], start: &[u8]) -> Option<&'l [u8]> {
    match bytes::after(line, start)? {
        [label @ .., b'-', b'-', b'-', b'-', b'-'] => Some(label),
        _ => None,
    }
}

/// Fixed memory being filled.
struct Filling<'b> {
    out: &'b mut [u8],
    bytes: usize,
}

impl<'b> Filling<'b> {
    fn push(&mut self, bytes: &[u8]) -> Option<()> {
        let end = self.bytes.saturating_add(bytes.len());
        let place = self.out.get_mut(self.bytes..end)?;
        place.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
        self.bytes = end;
        Some(())
    }

    fn finish(self) -> Option<&'b [u8]> {
        self.out.get(..self.bytes)
    }
}
