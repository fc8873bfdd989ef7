//! One token has one spelling: every prefix, every bit and every byte of a good token, changed.

use countermark::Status;
use countermark_tests::judge::{Attempt, Setup, judge_all, key_of};
use countermark_tests::token::TokenBuilder;

const HMACS: [&str; 3] = ["HS256", "HS384", "HS512"];

/// Judges all of them by one verifier and hands back how many were accepted.
fn accepted(alg: &str, tokens: &[Vec<u8>]) -> usize {
    let attempts: Vec<_> = tokens.iter().map(Attempt::new).collect();
    let outcomes = judge_all(&Setup::with([key_of(alg)]), &attempts).unwrap();
    for (outcome, token) in outcomes.iter().zip(tokens) {
        // Before the signature holds, nothing is said of the payload and no mask is filled.
        let before = outcome.status == Status::Accepted || outcome.status.code() < 500;
        assert!(before && outcome.failures == 0, "{:?} {}", outcome, String::from_utf8_lossy(token));
    }
    outcomes.iter().filter(|outcome| outcome.status == Status::Accepted).count()
}

fn changed(token: &[u8], place: usize, byte: u8) -> Vec<u8> {
    let mut token = token.to_vec();
    token[place] = byte;
    token
}

fn good(alg: &str) -> Vec<u8> {
    let token = TokenBuilder::new(alg).build().into_bytes();
    assert_eq!(accepted(alg, std::slice::from_ref(&token)), 1);
    token
}

#[test]
fn every_prefix_and_every_suffix() {
    for alg in ["HS256", "HS384", "HS512", "ES256"] {
        let token = good(alg);
        let prefixes: Vec<Vec<u8>> = (0..token.len()).map(|end| token[..end].to_vec()).collect();
        assert_eq!(accepted(alg, &prefixes), 0);
        let suffixes: Vec<Vec<u8>> = (1..=token.len()).map(|start| token[start..].to_vec()).collect();
        assert_eq!(accepted(alg, &suffixes), 0);
        let without: Vec<Vec<u8>> = (0..token.len()).map(|at| [&token[..at], &token[at + 1..]].concat()).collect();
        assert_eq!(accepted(alg, &without), 0);
    }
}

#[test]
fn every_bit() {
    for alg in HMACS {
        let token = good(alg);
        let flip = |bit: usize| changed(&token, bit / 8, token[bit / 8] ^ 1 << (bit % 8));
        let flipped: Vec<_> = (0..token.len() * 8).map(flip).collect();
        assert_eq!(accepted(alg, &flipped), 0);
    }
}

#[test]
fn every_bit_of_an_ecdsa_token() {
    let token = good("ES256");
    let flip = |bit: usize| changed(&token, bit / 8, token[bit / 8] ^ 1 << (bit % 8));
    let flipped: Vec<_> = (0..token.len() * 8).map(flip).collect();
    assert_eq!(accepted("ES256", &flipped), 0);
}

/// A byte of every class: both ends of every range of the alphabet, its neighbours, and what is special to any format.
const CLASSES: &[u8] = b"AZaz09-_+/=.@[`{:, \t\r\n\0\x01\x1f\x7f\x80\xbf\xc3\xed\xff\"\\%~";

#[test]
fn every_byte_replaced_by_every_byte() {
    let token = good("HS256");
    for place in 0..token.len() {
        let replaced: Vec<_> = (0..=255u8).map(|byte| changed(&token, place, byte)).collect();
        assert_eq!(accepted("HS256", &replaced), 1, "only the byte that was there, at {place}");
    }
}

#[test]
fn every_byte_of_an_ecdsa_token_replaced_by_every_class() {
    let token = good("ES256");
    for place in 0..token.len() {
        let others = CLASSES.iter().filter(|byte| **byte != token[place]);
        let replaced: Vec<_> = others.map(|byte| changed(&token, place, *byte)).collect();
        assert_eq!(accepted("ES256", &replaced), 0, "{place}");
    }
}

#[test]
fn neighbours_swapped_and_doubled() {
    for alg in HMACS {
        let token = good(alg);
        let swapped: Vec<Vec<u8>> = (1..token.len())
            .filter(|at| token[*at] != token[at - 1])
            .map(|at| {
                let mut token = token.clone();
                token.swap(at, at - 1);
                token
            })
            .collect();
        assert_eq!(accepted(alg, &swapped), 0);
        let doubled: Vec<Vec<u8>> =
            (0..token.len()).map(|at| [&token[..at], &token[at..=at], &token[at..]].concat()).collect();
        assert_eq!(accepted(alg, &doubled), 0);
    }
}

/// Parts of two good tokens put together.
#[test]
fn parts_of_two_tokens() {
    let left = TokenBuilder::new("HS256").build();
    let right = TokenBuilder::new("HS256").header(r#"{"alg":"HS256"}"#).payload_with(r#""admin":true"#).build();
    let parts = |token: &str| token.split('.').map(str::to_string).collect::<Vec<_>>();
    let (left, right) = (parts(&left), parts(&right));
    let mut good = 0;
    for mask in 0..8 {
        let of = |part: usize| if mask >> part & 1 == 0 { &left[part] } else { &right[part] };
        let token = format!("{}.{}.{}", of(0), of(1), of(2)).into_bytes();
        good += accepted("HS256", &[token]);
    }
    assert_eq!(good, 2);
}
