//! EMSA-PSS (RFC 8017 9.1.2) with MGF1 over the same hash and a salt of the digest's length (RFC 7518 3.5).

use super::{DIGEST_BYTES_MAX, Hash};
use crate::bytes::equal;

/// Whether `encoded`, which has the modulus's length, encodes `message`. The masked part is unmasked in place.
pub(crate) fn matches(hash: &Hash, message: &[u8], encoded: &mut [u8], bits: usize) -> bool {
    // The encoded message has one bit less than the modulus: where that fills whole bytes, the first one is outside it.
    let spare_bits = bits.wrapping_sub(1) % 8;
    let encoded = match (spare_bits, encoded) {
        (0, [0, encoded @ ..]) => encoded,
        (0, _) => return false,
        (_, encoded) => encoded,
    };
    let unused = if spare_bits == 0 { 0 } else { 0xffu8.wrapping_shl(spare_bits as u32) };
    let [masked @ .., 0xbc] = encoded else { return false };
    let Some(masked_bytes) = masked.len().checked_sub(hash.bytes) else { return false };
    let (data, seed) = masked.split_at_mut(masked_bytes);
    if data.first().is_none_or(|byte| byte & unused != 0) {
        return false;
    }
    unmask(hash, seed, data);
    if let Some(first) = data.first_mut() {
        *first &= !unused;
    }
    let Some(padding_bytes) = data.len().checked_sub(hash.bytes) else { return false };
    let (padding, salt) = data.split_at(padding_bytes);
    let [zeros @ .., 0x01] = padding else { return false };
    if zeros.iter().any(|byte| *byte != 0) {
        return false;
    }
    let (mut digest, mut again) = ([0; DIGEST_BYTES_MAX], [0; DIGEST_BYTES_MAX]);
    let (Some(digest), Some(again)) = (digest.get_mut(..hash.bytes), again.get_mut(..hash.bytes)) else { return false };
    (hash.digest)(&[message], digest);
    (hash.digest)(&[&[0; 8], digest, salt], again);
    equal(again, seed)
}

/// MGF1 (RFC 8017 B.2.1), XORed into `data`.
fn unmask(hash: &Hash, seed: &[u8], data: &mut [u8]) {
    let mut mask = [0; DIGEST_BYTES_MAX];
    let Some(mask) = mask.get_mut(..hash.bytes) else { return };
    for (counter, part) in (0u32..).zip(data.chunks_mut(hash.bytes.max(1))) {
        (hash.digest)(&[seed, &counter.to_be_bytes()], mask);
        part.iter_mut().zip(&*mask).for_each(|(byte, mask)| *byte ^= mask);
    }
}
