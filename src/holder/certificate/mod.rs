//! Tokens bound to a client certificate (RFC 8705 3): what is compared is the SHA-256 of its DER.

mod forms;

use super::confirmation::is_digest;
use crate::error::Status;
use crate::hash;
use crate::json::Text;

/// The client's certificate, as the host has it. Who signed it and when it ends was the business of the TLS handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certificate<'e> {
    /// In DER.
    Der(&'e [u8]),
    /// The SHA-256 of its DER.
    Digest([u8; 32]),
}

impl Certificate<'_> {
    /// The SHA-256 of the DER.
    ///
    /// # Errors
    /// [`Status::CertificateMalformed`] when the bytes are not one DER sequence.
    pub fn digest(&self) -> Result<[u8; 32], Status> {
        match self {
            Certificate::Digest(digest) => Ok(*digest),
            Certificate::Der(der) if is_sequence(der, der.len()) => {
                let mut digest = [0; 32];
                hash::digest(&hash::SHA256, &[der], &mut digest);
                Ok(digest)
            }
            Certificate::Der(_) => Err(Status::CertificateMalformed),
        }
    }
}

/// Whether the certificate is the one that `cnf` names.
pub(super) fn check(bound_to: Option<Text<'_>>, shown: Option<Certificate<'_>>) -> Result<(), Status> {
    let bound_to = bound_to.ok_or(Status::PossessionUnbound)?;
    let digest = shown.ok_or(Status::PossessionMissing)?.digest()?;
    if is_digest(bound_to, &digest) { Ok(()) } else { Err(Status::CertificateMismatch) }
}

/// The first bytes of a DER sequence, as many as say how long it is.
const SEQUENCE_HEAD_BYTES: usize = 4;

/// Whether so many bytes that start like this are one SEQUENCE and nothing else (X.690 8.1.3, 10.1): what a certificate is.
/// The digest says the rest.
fn is_sequence(start: &[u8], bytes: usize) -> bool {
    let (head, content) = match start {
        [0x30, short @ 0..=0x7f, ..] => (2, usize::from(*short)),
        [0x30, 0x81, one @ 0x80..=0xff, ..] => (3, usize::from(*one)),
        [0x30, 0x82, high @ 1..=0xff, low, ..] => (SEQUENCE_HEAD_BYTES, usize::from(u16::from_be_bytes([*high, *low]))),
        _ => return false,
    };
    content.checked_add(head) == Some(bytes)
}
