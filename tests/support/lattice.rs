//! ML-DSA keys, as they stand in files and in JWK, and signatures, by the `ml-dsa` crate. The keys are those of seeds that
//! are one byte repeated; that of zeros is the one of RFC 9964's examples.

use super::base64url;
use ml_dsa::{MlDsa44, MlDsa65, MlDsa87, SigningKey};

/// The algorithms that the keys here sign with.
pub const ALGORITHMS: [&str; 3] = ["ML-DSA-44", "ML-DSA-65", "ML-DSA-87"];

/// Hands the key pair of this algorithm and seed to an expression, on a stack that is large enough for it.
macro_rules! with_key {
    ($alg:expr, $seed:expr, |$key:ident| $work:expr) => {{
        let seed = [$seed; 32].into();
        let work = || match $alg {
            "ML-DSA-44" => {
                let $key = SigningKey::<MlDsa44>::from_seed(&seed);
                $work
            }
            "ML-DSA-65" => {
                let $key = SigningKey::<MlDsa65>::from_seed(&seed);
                $work
            }
            "ML-DSA-87" => {
                let $key = SigningKey::<MlDsa87>::from_seed(&seed);
                $work
            }
            alg => panic!("no key for {alg}"),
        };
        std::thread::scope(|scope| {
            let large = std::thread::Builder::new().stack_size(8 << 20);
            large.spawn_scoped(scope, work).expect("a thread").join().expect("a key of this algorithm")
        })
    }};
}

/// The public key of a seed.
pub fn public(alg: &str, seed: u8) -> Vec<u8> {
    with_key!(alg, seed, |key| key.expanded_key().verifying_key().encode().to_vec())
}

/// A signature by the key of zeros, with the empty string for context and without randomness (FIPS 204 5.2).
pub fn sign(alg: &str, message: &[u8]) -> Vec<u8> {
    sign_in_context(alg, message, b"")
}

/// The same with another context, which JOSE never has (RFC 9964 5).
pub fn sign_in_context(alg: &str, message: &[u8], context: &[u8]) -> Vec<u8> {
    with_key!(alg, 0, |key| key
        .expanded_key()
        .sign_deterministic(message, context)
        .expect("a short context")
        .encode()
        .to_vec())
}

/// The public key of zeros as the members of a JWK, without braces.
pub fn jwk_members(alg: &str) -> String {
    format!(r#""kty":"AKP","alg":"{alg}","pub":"{}""#, base64url::encode(&public(alg, 0)))
}

/// A public key as SubjectPublicKeyInfo in DER (RFC 9881 4), with these bytes for parameters.
pub fn spki(alg: &str, parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let last = match alg {
        "ML-DSA-44" => 17,
        "ML-DSA-65" => 18,
        _ => 19,
    };
    let oid = element(6, &[&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, last]]);
    element(0x30, &[&element(0x30, &[&oid, parameters]), &element(3, &[&[0], key])])
}

fn element(tag: u8, pieces: &[&[u8]]) -> Vec<u8> {
    let content = pieces.concat();
    let length = match content.len() {
        len @ 0..=0x7f => vec![len as u8],
        len @ 0x80..=0xff => vec![0x81, len as u8],
        len => vec![0x82, (len >> 8) as u8, len as u8],
    };
    [&[tag][..], &length, &content].concat()
}
