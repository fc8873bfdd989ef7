//! RSA public keys (RFC 8017 3.1): which are refused, and what is kept of the others.
//!
//! Loading prepares the modulus, so that a verification is one exponentiation and nothing else.

use crate::error::Status;
use crate::limits::{RSA_BITS_MAX, RSA_BITS_MIN};
use crate::montgomery::{self, Modulus};

/// The largest exponent: none above 65537 is in use, and the work grows with its bits. The bound is `ring`'s and BoringSSL's.
const EXPONENT_MAX: u64 = (1 << 33) - 1;

/// Words before the modulus: the exponent, and the inverse of the modulus's lowest word.
const HEAD_WORDS: usize = 2;

/// The words of a key of this many bits.
pub(crate) const fn material_words(bits: usize) -> usize {
    montgomery::words_for(bits).saturating_mul(2).saturating_add(HEAD_WORDS)
}

/// A public key that nothing is wrong with.
pub(crate) struct RsaKey<'k> {
    /// Big-endian, without leading zeros.
    modulus: &'k [u8],
    exponent: u64,
    bits: usize,
}

impl<'k> RsaKey<'k> {
    /// Both numbers are big-endian, without leading zeros.
    pub(crate) fn new(modulus: &'k [u8], exponent: &[u8]) -> Result<Self, Status> {
        let leading = modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
        let bits = modulus.len().saturating_mul(8).saturating_sub(leading);
        if bits < RSA_BITS_MIN {
            return Err(Status::KeyModulusTooSmall);
        }
        if bits > RSA_BITS_MAX {
            return Err(Status::KeyModulusTooLarge);
        }
        if modulus.last().is_none_or(|byte| byte & 1 == 0) {
            return Err(Status::KeyModulusEven);
        }
        let exponent = number(exponent).ok_or(Status::KeyExponent)?;
        if !(3..=EXPONENT_MAX).contains(&exponent) || exponent & 1 == 0 {
            return Err(Status::KeyExponent);
        }
        Ok(RsaKey { modulus, exponent, bits })
    }

    pub(crate) fn words(&self) -> usize {
        material_words(self.bits)
    }

    pub(crate) fn store(&self, words: &mut [u64]) {
        let [exponent, inverse, rest @ ..] = words else { return };
        let (modulus, square) = rest.split_at_mut(rest.len() / 2);
        words_of_bytes(self.modulus, modulus);
        *exponent = self.exponent;
        *inverse = montgomery::negative_inverse(modulus.first().copied().unwrap_or_default());
        montgomery::prepare(modulus, self.bits, square);
    }
}

/// A key as it lies in a region.
pub(crate) struct StoredRsa<'m> {
    pub(crate) modulus: Modulus<'m>,
    pub(crate) exponent: u64,
    pub(crate) words: &'m [u64],
    pub(crate) bits: usize,
}

impl<'m> StoredRsa<'m> {
    pub(crate) fn load(material: &'m [u64]) -> Option<Self> {
        let [exponent, inverse, rest @ ..] = material else { return None };
        let (words, square) = rest.split_at_checked(rest.len() / 2)?;
        let modulus = Modulus::new(words, square, *inverse)?;
        let highest = words.iter().rposition(|word| *word != 0)?;
        let leading = words.get(highest)?.leading_zeros() as usize;
        let bits = highest.saturating_add(1).saturating_mul(64).saturating_sub(leading);
        Some(StoredRsa { modulus, exponent: *exponent, words, bits })
    }
}

/// A big-endian number of at most eight bytes.
fn number(bytes: &[u8]) -> Option<u64> {
    let fits = bytes.len() <= 8;
    fits.then(|| bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
}

/// Big-endian bytes as little-endian words; words beyond the bytes become zero.
pub(crate) fn words_of_bytes(bytes: &[u8], words: &mut [u64]) {
    let mut chunks = bytes.rchunks(8);
    for word in words {
        *word = chunks.next().and_then(number).unwrap_or_default();
    }
}

/// Little-endian words as big-endian bytes; false when the number has more.
pub(crate) fn bytes_of_words(words: &[u64], bytes: &mut [u8]) -> bool {
    let mut digits = words.iter().flat_map(|word| word.to_le_bytes());
    for (place, digit) in bytes.iter_mut().rev().zip(&mut digits) {
        *place = digit;
    }
    digits.all(|digit| digit == 0)
}
