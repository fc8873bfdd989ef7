//! ES256, the signature alone: prepared keys of each window, unprepared ones, and the libraries. Each row verifies the same
//! signatures in turn, so that neither the branch predictor nor the nearest cache knows the next one.

use crate::measure::Row;
use base64ct::{Base64UrlUnpadded, Encoding};
use countermark::{Algorithm, KeySet, Keys, Prepared, Signer, prepared_bytes, tools};
use sha2::{Digest, Sha256};
use std::hint::black_box;

pub const UNPREPARED: &str = "countermark, unprepared";
/// The window of 6 bits: a table of 86 KiB.
pub const PREPARED: &str = "countermark, prepared, 6 bits (86 KiB)";
pub const LIBRARIES: &[&str] = &["ring", "aws-lc-rs"];
const SIGNATURES: usize = 64;

/// Messages with their signatures under one key.
pub struct Signed {
    point: Vec<u8>,
    messages: Vec<(Vec<u8>, [u8; 64])>,
}

impl Signed {
    pub fn new() -> Self {
        let signer = Signer::of_scalar(Algorithm::ES256, None, &[7; 32]).expect("a signer");
        let message = |at: usize| {
            let claims = format!(r#"{{"jti":"{at}","scope":"read"}}"#);
            let mint =
                countermark::Mint { expires_at: Some(2_000_000_000), claims: &claims, ..countermark::Mint::default() };
            let (mut scratch, mut out) = ([0; 1024], [0; 1024]);
            let token = signer.issue(&mint, &mut scratch, &mut out).expect("a token");
            let (input, signature) = token.rsplit_once('.').expect("a dot");
            let mut bytes = [0; 64];
            Base64UrlUnpadded::decode(signature, &mut bytes).expect("base64url");
            (input.as_bytes().to_vec(), bytes)
        };
        let mut point = [0; 65];
        let point = signer.public(&mut point).expect("a point").to_vec();
        Signed { point, messages: (0..SIGNATURES).map(message).collect() }
    }

    pub fn rows(&self) -> Vec<Row<'_>> {
        let region = Vec::leak(vec![0u64; 64]);
        let mut keys = Keys::new(&mut *region).expect("room");
        keys.add_sec1(Algorithm::ES256, None, &self.point).expect("a key");
        // The set must outlive the builder, which would wipe it.
        std::mem::forget(keys);
        let set = KeySet::open(region).expect("a set");
        let words = self.point[1..].as_chunks::<8>().0;
        let key: [u64; 8] = std::array::from_fn(|at| u64::from_be_bytes(words[at]));

        let windows = [
            ("countermark, prepared, 4 bits (32 KiB)", 4),
            ("countermark, prepared, 5 bits (52 KiB)", 5),
            (PREPARED, 6),
            ("countermark, prepared, 8 bits (256 KiB)", 8),
        ];
        let mut rows: Vec<Row<'_>> = windows
            .into_iter()
            .map(|(name, window)| {
                let prepared = Prepared::build(aligned(prepared_bytes(window, 1)), window, &[set]).expect("room");
                self.row(name, move |message, signature| {
                    let (r, s) = halves(signature);
                    tools::prepared_holds(black_box(prepared), &key, &Sha256::digest(message).into(), r, s) == Some(true)
                })
            })
            .collect();
        rows.push(self.row(UNPREPARED, move |message, signature| {
            let (r, s) = halves(signature);
            tools::p256_holds(black_box(&key), &Sha256::digest(message).into(), r, s) == Some(true)
        }));
        let oracle = p256::ecdsa::VerifyingKey::from_sec1_bytes(&self.point).expect("a key");
        rows.push(self.row("p256 (the crate)", move |message, signature| {
            use p256::ecdsa::signature::Verifier;
            let signature = p256::ecdsa::Signature::from_slice(signature);
            signature.is_ok_and(|signature| black_box(&oracle).verify(message, &signature).is_ok())
        }));
        let ring = ring::signature::UnparsedPublicKey::new(&ring::signature::ECDSA_P256_SHA256_FIXED, self.point.clone());
        rows.push(
            self.row("ring", move |message, signature| black_box(&ring).verify(message, black_box(signature)).is_ok()),
        );
        let algorithm = &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED;
        let aws_lc = aws_lc_rs::signature::ParsedPublicKey::new(algorithm, &self.point).expect("a key");
        rows.push(self.row("aws-lc-rs", move |message, signature| {
            black_box(&aws_lc).verify_sig(message, black_box(signature)).is_ok()
        }));
        rows
    }

    fn row<'s>(&'s self, name: &'static str, holds: impl Fn(&[u8], &[u8; 64]) -> bool + 's) -> Row<'s> {
        for (message, signature) in &self.messages {
            assert!(holds(message, signature), "{name} refuses a good signature");
            assert!(!holds(&message[1..], signature), "{name} accepts it over another text");
        }
        let mut turn = self.messages.iter().cycle();
        Row::new(name, move || {
            let (message, signature) = turn.next().expect("a cycle");
            assert!(holds(black_box(message), signature));
        })
    }
}

fn halves(signature: &[u8; 64]) -> (&[u8; 32], &[u8; 32]) {
    let ([r, s], []) = signature.as_chunks::<32>() else { unreachable!("two halves") };
    (r, s)
}

/// Leaked words, aligned to 64 bytes as the documentation asks for.
fn aligned(bytes: usize) -> &'static mut [u64] {
    let words = Vec::leak(vec![0u64; bytes / 8 + 8]);
    let skipped = words.as_ptr().align_offset(64);
    &mut words[skipped..]
}
