//! What no verification can be faster than.

use crate::measure::Row;
use crate::sample::{self, Sample};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::hint::black_box;

/// The MAC of the token's signing input, with the keyed state ready.
pub fn hmac_row<'s>(name: &'static str, sample: &'s Sample) -> Row<'s> {
    bare(name, sample::SECRET, sample.signing_input().as_bytes().to_vec())
}

/// The MAC of the framed headers, with the keyed state ready.
pub fn fingerprint_row(name: &'static str, sample: &Sample) -> Row<'static> {
    bare(name, sample::PEPPER, sample.framed_headers())
}

fn bare(name: &'static str, key: &[u8], message: Vec<u8>) -> Row<'static> {
    let keyed = Hmac::<Sha256>::new_from_slice(key).expect("a key");
    Row::new(name, move || {
        let mut mac = black_box(&keyed).clone();
        mac.update(black_box(&message));
        black_box(mac.finalize());
    })
}

/// The digest of the whole token.
pub fn token_digest_row<'s>(name: &'static str, sample: &'s Sample) -> Row<'s> {
    Row::new(name, || {
        black_box(Sha256::digest(black_box(sample.token.as_bytes())));
    })
}

/// The MACs of so many short values, with the keyed state ready.
pub fn component_row(name: &'static str, count: usize) -> Row<'static> {
    let keyed = Hmac::<Sha256>::new_from_slice(sample::PEPPER).expect("a key");
    let values: Vec<String> = (128..128 + count).map(|number| format!("!value {number} of the page")).collect();
    Row::new(name, move || {
        for value in black_box(&values) {
            let mut mac = black_box(&keyed).clone();
            mac.update(value.as_bytes());
            black_box(mac.finalize());
        }
    })
}

/// Countermark's own MAC. The tool takes the raw key, so two more compressions are in it.
pub fn own_hmac_row<'s>(name: &'static str, sample: &'s Sample) -> Row<'s> {
    let message = sample.signing_input().as_bytes();
    let mut out = [0; 32];
    Row::new(name, move || {
        countermark::tools::hmac_sha256(black_box(sample::SECRET), &[black_box(message)], &mut out);
        black_box(&out);
    })
}

/// What a host pays for knowing the time.
pub fn clock_row(name: &'static str) -> Row<'static> {
    Row::new(name, || {
        black_box(sample::now());
    })
}
