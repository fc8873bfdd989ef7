//! Ed25519 public keys (RFC 8032 5.1.5, RFC 8037 2), by `ed25519-dalek`.

use crate::bytes::{of_words, to_words};
use crate::error::Status;
use ed25519_dalek::VerifyingKey;

/// The bytes of a public key.
pub(crate) const PUBLIC_BYTES: usize = 32;

/// A public key in a region: its bytes.
pub(crate) type Words = [u64; PUBLIC_BYTES / 8];

/// Refuses what is not the one encoding of a point, and points of small order: those verify signatures that nobody made.
pub(crate) fn words(public: &[u8]) -> Result<Words, Status> {
    let public: &[u8; PUBLIC_BYTES] = public.try_into().map_err(|_| Status::KeyLength)?;
    let key = VerifyingKey::from_bytes(public).map_err(|_| Status::KeyPoint)?;
    if !is_reduced(public) {
        return Err(Status::KeyPoint);
    }
    if key.is_weak() {
        return Err(Status::KeySmallOrder);
    }
    let mut words = [0; PUBLIC_BYTES / 8];
    to_words(public, &mut words);
    Ok(words)
}

/// The key that lies in a region.
pub(crate) fn bytes(material: &[u64]) -> [u8; PUBLIC_BYTES] {
    let mut public = [0; PUBLIC_BYTES];
    of_words(material, &mut public);
    public
}

/// Whether the y of the encoding is below the field's prime, 2^255 - 19 (RFC 8032 5.1.3, step 1).
fn is_reduced(public: &[u8; PUBLIC_BYTES]) -> bool {
    let [first, middle @ .., last] = public;
    *first < 0xed || last & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff)
}
