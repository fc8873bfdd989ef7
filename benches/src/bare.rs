//! The signature alone, of the same token, by the core, `ring` and `aws-lc-rs`.

use crate::measure::Row;
use crate::sample::Sample;
use crate::signed::{self, PrivateKey};
use base64ct::{Base64UrlUnpadded, Encoding};
use countermark::{Algorithm, KeySet, Keys, tools};
use std::hint::black_box;

/// The core's stages 3 and 4: choosing the key, decoding the signature, checking it.
pub fn countermark_row<'s>(name: &'static str, sample: &'s Sample) -> Row<'s> {
    let region = Vec::leak(vec![0u64; 128]);
    let mut keys = Keys::new(&mut *region).expect("room");
    keys.add_pem(sample.algorithm, None, signed::public_pem(sample.algorithm).as_bytes()).expect("a key");
    // The set must outlive the builder, which would wipe it.
    std::mem::forget(keys);
    let set = KeySet::open(region).expect("a set");
    let signature = sample.segments()[2];
    let check = move |input: &str| {
        tools::signature_holds(
            black_box(set),
            sample.algorithm,
            black_box(input.as_bytes()),
            black_box(signature.as_bytes()),
        )
    };
    row(name, sample, check)
}

/// `ring` takes the key as bytes; it has no form of it that is read once.
pub fn ring_row<'s>(name: &'static str, sample: &'s Sample) -> Row<'s> {
    use ring::signature::{
        ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
    };
    let algorithm: &'static dyn VerificationAlgorithm = match sample.algorithm {
        Algorithm::RS256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::ES384 => &ECDSA_P384_SHA384_FIXED,
        _ => &ED25519,
    };
    let key = UnparsedPublicKey::new(algorithm, PrivateKey::of(sample.algorithm).public().to_vec());
    let signature = signature(sample);
    row(name, sample, move |input| black_box(&key).verify(black_box(input.as_bytes()), black_box(&signature)).is_ok())
}

/// `aws-lc-rs` with the key read before, as countermark keeps it.
pub fn aws_lc_row<'s>(name: &'static str, sample: &'s Sample) -> Row<'s> {
    use aws_lc_rs::signature::{
        ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
    };
    let algorithm: &'static dyn VerificationAlgorithm = match sample.algorithm {
        Algorithm::RS256 => &RSA_PKCS1_2048_8192_SHA256,
        Algorithm::ES384 => &ECDSA_P384_SHA384_FIXED,
        _ => &ED25519,
    };
    let key = ParsedPublicKey::new(algorithm, PrivateKey::of(sample.algorithm).public()).expect("a key");
    let signature = signature(sample);
    row(name, sample, move |input| black_box(&key).verify_sig(black_box(input.as_bytes()), black_box(&signature)).is_ok())
}

fn signature(sample: &Sample) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(sample.segments()[2]).expect("base64url")
}

fn row<'s>(name: &'static str, sample: &'s Sample, check: impl Fn(&str) -> bool + 's) -> Row<'s> {
    let input = sample.signing_input();
    assert!(check(input), "{name} refuses the good signature");
    assert!(!check(&input[1..]), "{name} accepts it over another text");
    Row::new(name, move || {
        assert!(check(input));
    })
}
