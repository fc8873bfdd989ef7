//! RSA signatures (RFC 8017 8): one exponentiation, then the encoded message is compared. Everything here is public.

#[cfg(feature = "_pkcs1")]
mod pkcs1;
#[cfg(feature = "_pss")]
mod pss;

#[cfg(feature = "_pkcs1")]
pub(super) use pkcs1::matches as pkcs1;
#[cfg(feature = "_pss")]
pub(super) use pss::matches as pss;

use crate::hash;
use crate::key::{StoredRsa, bytes_of_words, words_of_bytes};
use crate::limits::RSA_BITS_MAX;
use crate::montgomery::WORDS_MAX;

/// The longest signature, in bytes.
pub(super) const SIGNATURE_BYTES_MAX: usize = RSA_BITS_MAX / 8;

/// A digest's longest length, in bytes.
const DIGEST_BYTES_MAX: usize = 64;

/// A hash as RSA names it.
pub(super) struct Hash {
    /// Bytes of a digest, and of a salt (RFC 7518 3.5).
    bytes: usize,
    digest: fn(&[&[u8]], &mut [u8]),
    /// The DigestInfo before the digest, in DER (RFC 8017 9.2, note 1).
    #[cfg(feature = "_pkcs1")]
    identifier: &'static [u8; 19],
}

#[cfg(feature = "_pkcs1")]
const fn identifier(hash: u8, bytes: u8) -> [u8; 19] {
    let whole = bytes.saturating_add(0x11);
    [0x30, whole, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 3, 4, 2, hash, 5, 0, 4, bytes]
}

#[cfg(any(feature = "rs256", feature = "ps256"))]
pub(super) const SHA256: Hash = Hash {
    bytes: 32,
    digest: |pieces, out| hash::digest(&hash::SHA256, pieces, out),
    #[cfg(feature = "_pkcs1")]
    identifier: &identifier(1, 32),
};

#[cfg(any(feature = "rs384", feature = "ps384"))]
pub(super) const SHA384: Hash = Hash {
    bytes: 48,
    digest: |pieces, out| hash::digest(&hash::SHA384, pieces, out),
    #[cfg(feature = "_pkcs1")]
    identifier: &identifier(2, 48),
};

#[cfg(any(feature = "rs512", feature = "ps512"))]
pub(super) const SHA512: Hash = Hash {
    bytes: 64,
    digest: |pieces, out| hash::digest(&hash::SHA512, pieces, out),
    #[cfg(feature = "_pkcs1")]
    identifier: &identifier(3, 64),
};

/// How an encoded message is held against a message: hash, message, encoded message, bits of the modulus.
type Encoding = fn(&Hash, &[u8], &mut [u8], usize) -> bool;

/// Whether `signature` to the key's exponent is `message` in this encoding (RFC 8017 8.1.2, 8.2.2).
pub(super) fn holds(encoding: Encoding, hash: &Hash, material: &[u64], message: &[u8], signature: &[u8]) -> bool {
    let Some(key) = StoredRsa::load(material) else { return false };
    // The signature's length is the modulus's, and the number in it is below the modulus (RFC 8017 5.2.2).
    if signature.len() != key.bits.div_ceil(8) {
        return false;
    }
    let (mut base, mut power) = ([0; WORDS_MAX], [0; WORDS_MAX]);
    let Some(base) = base.get_mut(..key.words.len()) else { return false };
    words_of_bytes(signature, base);
    if !key.modulus.is_above(base) {
        return false;
    }
    key.modulus.power(base, key.exponent, &mut power);
    let mut encoded = [0; SIGNATURE_BYTES_MAX];
    let Some(encoded) = encoded.get_mut(..signature.len()) else { return false };
    bytes_of_words(power.get(..key.words.len()).unwrap_or_default(), encoded) && encoding(hash, message, encoded, key.bits)
}
