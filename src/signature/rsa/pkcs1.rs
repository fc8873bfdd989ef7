//! EMSA-PKCS1-v1_5 (RFC 8017 9.2), compared and never parsed: a lax reading of the padding is how forgeries were made.

use super::{DIGEST_BYTES_MAX, Hash};
use crate::bytes::equal;

/// Whether `encoded` is 00 01, FF as often as it takes, 00, the hash's identifier, and the digest of `message`.
pub(crate) fn matches(hash: &Hash, message: &[u8], encoded: &mut [u8], _bits: usize) -> bool {
    let mut digest = [0; DIGEST_BYTES_MAX];
    let Some(digest) = digest.get_mut(..hash.bytes) else { return false };
    (hash.digest)(&[message], digest);
    let [0x00, 0x01, rest @ ..] = encoded else { return false };
    let Some(end) = rest.len().checked_sub(digest.len()) else { return false };
    let (rest, found_digest) = rest.split_at(end);
    let Some(end) = rest.len().checked_sub(hash.identifier.len()) else { return false };
    let (rest, found_identifier) = rest.split_at(end);
    let [padding @ .., 0x00] = rest else { return false };
    padding.iter().all(|byte| *byte == 0xff) && equal(found_identifier, hash.identifier) && equal(found_digest, digest)
}
