//! The set sketch of `fingerprints.md`: 128 one-bit bins, every element ranked in every bin.

use crate::random::mix;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The two words of an element: the first 16 bytes of H(element), big-endian, the second odd.
pub fn words(digest: &[u8]) -> (u64, u64) {
    let word = |from: usize| digest[from..from + 8].iter().fold(0u64, |word, byte| word << 8 | u64::from(*byte));
    (word(0), word(8) | 1)
}

/// HMAC-SHA256 of the component's number and the element under the token key.
pub fn hmac_words(token_key: &[u8; 32], number: u8, element: &[u8]) -> (u64, u64) {
    words(&hmac(token_key, &[&[number], element]))
}

/// HMAC-SHA256 (RFC 2104) of the parts, one after the other.
pub fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut state = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    parts.iter().for_each(|part| state.update(part));
    state.finalize().into_bytes().into()
}

/// The sketch as 128 bits: bin i is bit 7 - i % 8 of byte i / 8. The caller gives the empty set as one empty element.
pub fn sketch(elements: &[(u64, u64)]) -> [u8; 16] {
    let mut bytes = [0; 16];
    for bin in 0..128u64 {
        let ranked = elements.iter().map(|(x, y)| mix(x.wrapping_add(bin.wrapping_mul(*y))));
        let winner = ranked.min_by_key(|r| r >> 1).unwrap_or(0);
        bytes[bin as usize / 8] |= ((winner & 1) as u8) << (7 - bin % 8);
    }
    bytes
}

/// How many of the 128 bins are equal.
pub fn equal_bins(left: &[u8; 16], right: &[u8; 16]) -> u32 {
    128 - left.iter().zip(right).map(|(left, right)| (left ^ right).count_ones()).sum::<u32>()
}

/// The level of a set, 0 to 256: four for every equal bin beyond the half that chance gives.
pub fn level(equal: u32) -> u16 {
    4 * (equal.saturating_sub(64)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_bins() {
        assert_eq!([level(0), level(64), level(65), level(112), level(128)], [0, 0, 4, 192, 256]);
    }

    /// RFC 4231 test case 2.
    #[test]
    fn hmac_is_the_rfc() {
        let digest = hmac(b"Jefe", &[b"what do ya ", b"want for nothing?"]);
        assert_eq!(digest[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    }

    #[test]
    fn order_does_not_count() {
        let element = |name: &[u8]| hmac_words(&[7; 32], 48, name);
        let (a, b, c) = (element(b"Arial"), element(b"Menlo"), element(b"Calibri"));
        assert_eq!(sketch(&[a, b, c]), sketch(&[c, a, b]));
        assert_ne!(sketch(&[a, b, c]), sketch(&[a, b]));
    }

    /// One element wins every bin: its bits are the lowest bits of mix(x + i * y).
    #[test]
    fn one_element_by_hand() {
        let expected = (0..128u64).fold([0u8; 16], |mut bytes, bin| {
            let bit = mix(5u64.wrapping_add(bin * 3)) & 1;
            bytes[(bin / 8) as usize] |= (bit as u8) << (7 - (bin % 8));
            bytes
        });
        assert_eq!(sketch(&[(5, 3)]), expected);
    }
}
