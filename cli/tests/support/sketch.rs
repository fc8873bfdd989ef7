//! A sketch's claim by the text of the rules (`docs/components.md`, and the library's documentation), without the library: what
//! is stored for which value.

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// A claim's parts.
pub struct Claim {
    digest_bytes: usize,
    key: [u8; 32],
    /// Component numbers with what is stored.
    pub entries: Vec<(u8, Vec<u8>)>,
}

fn hmac(key: &[u8], pieces: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    pieces.iter().for_each(|piece| mac.update(piece));
    mac.finalize().into_bytes().into()
}

/// The payload of a compact token.
pub fn payload(token: &str) -> Value {
    let payload = token.trim().split('.').nth(1).unwrap();
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(payload).unwrap()).unwrap()
}

/// A component's kind by its number.
fn is_set(number: u8) -> bool {
    matches!(number, 20 | 23 | 25 | 27 | 35 | 48 | 49 | 50 | 224..)
}

fn is_ordinal(number: u8) -> bool {
    matches!(number, 17 | 192..=223)
}

impl Claim {
    /// Version, k, pepper, generation, salt, count, moved mask, entries.
    pub fn read(token: &str, pepper: &[u8]) -> Claim {
        let bytes = Base64UrlUnpadded::decode_vec(payload(token)["cmk"].as_str().unwrap()).unwrap();
        let (digest_bytes, salt, count) = (usize::from(bytes[1]), &bytes[4..12], usize::from(bytes[12]));
        let mut rest = &bytes[13 + count.div_ceil(8)..];
        let mut entries = Vec::new();
        while let [number, behind @ ..] = rest {
            let (stored, behind) = behind.split_at(if is_set(*number) { 16 } else { digest_bytes });
            entries.push((*number, stored.to_vec()));
            rest = behind;
        }
        assert_eq!((bytes[0], entries.len()), (1, count));
        Claim { digest_bytes, key: hmac(pepper, &[b"countermark/sketch/v1", salt]), entries }
    }

    /// What the claim stores for this value of the component; a set's elements are several.
    pub fn stored(&self, number: u8, values: &[String]) -> Vec<u8> {
        let of = |value: &str| hmac(&self.key, &[&[number], value.as_bytes()]);
        match number {
            _ if is_set(number) => bins(&values.iter().map(|value| of(value)).collect::<Vec<_>>()),
            _ if is_ordinal(number) => {
                let shift = of("")[..self.digest_bytes].iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
                let stored = values[0].parse::<u64>().unwrap() + shift;
                stored.to_be_bytes()[8 - self.digest_bytes..].to_vec()
            }
            _ => of(&values[0])[..self.digest_bytes].to_vec(),
        }
    }
}

/// One bit for each of 128 bins, of the element with the least rank there.
fn bins(elements: &[[u8; 32]]) -> Vec<u8> {
    let word = |element: &[u8; 32], at: usize| u64::from_be_bytes(element[at..at + 8].try_into().unwrap());
    let mut bits = vec![0; 16];
    for bin in 0..128 {
        let ranks = elements
            .iter()
            .map(|element| mix(word(element, 0).wrapping_add((bin as u64).wrapping_mul(word(element, 8) | 1))));
        let least = ranks.min_by_key(|rank| rank >> 1).unwrap();
        bits[bin / 8] |= ((least & 1) as u8) << (7 - bin % 8);
    }
    bits
}

/// The finaliser of splitmix64.
fn mix(mut word: u64) -> u64 {
    word = (word ^ word >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ word >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ word >> 31
}

/// The level of a set's entry: 4 for each equal bin above the half that is equal by chance.
pub fn set_level(stored: &[u8], shown: &[u8]) -> u64 {
    let equal: u32 = stored.iter().zip(shown).map(|(left, right)| (!(left ^ right)).count_ones()).sum();
    4 * u64::from(equal.saturating_sub(64))
}
