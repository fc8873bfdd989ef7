//! The test keys of `tests/keys`, signed with by `ring`: the core verifies RSA and does not sign.

use crate::sample::{AUDIENCE, ISSUER, KEY_ID};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use countermark::Algorithm;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};

/// A private key of one algorithm.
pub enum PrivateKey {
    Rsa(RsaKeyPair),
    P384(EcdsaKeyPair),
    Edwards(Ed25519KeyPair),
}

impl PrivateKey {
    pub fn of(algorithm: Algorithm) -> Self {
        let random = SystemRandom::new();
        match algorithm {
            Algorithm::RS256 => {
                let der = der(include_str!("../../tests/keys/rsa2048.key.pem"));
                PrivateKey::Rsa(RsaKeyPair::from_pkcs8(&der).expect("a key"))
            }
            Algorithm::ES384 => {
                let der = der(include_str!("../../tests/keys/p384.key.pem"));
                let made = EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &der, &random);
                PrivateKey::P384(made.expect("a key"))
            }
            Algorithm::EdDSA => {
                // OpenSSL leaves the public half out.
                let der = der(include_str!("../../tests/keys/ed25519.key.pem"));
                PrivateKey::Edwards(Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).expect("a key"))
            }
            other => unreachable!("{} is signed by the core", other.name()),
        }
    }

    /// The public key as its family writes it: PKCS#1, a point of SEC 1, 32 bytes.
    pub fn public(&self) -> &[u8] {
        match self {
            PrivateKey::Rsa(key) => key.public_key().as_ref(),
            PrivateKey::P384(key) => key.public_key().as_ref(),
            PrivateKey::Edwards(key) => key.public_key().as_ref(),
        }
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            PrivateKey::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("a signature");
                signature
            }
            PrivateKey::P384(key) => key.sign(&random, message).expect("a signature").as_ref().to_vec(),
            PrivateKey::Edwards(key) => key.sign(message).as_ref().to_vec(),
        }
    }
}

/// The PEM of the public key, for countermark.
pub fn public_pem(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::RS256 => include_str!("../../tests/keys/rsa2048.spki.pem"),
        Algorithm::ES384 => include_str!("../../tests/keys/p384.spki.pem"),
        _ => include_str!("../../tests/keys/ed25519.spki.pem"),
    }
}

/// A token with these claims.
pub fn token(algorithm: Algorithm, issuer: &str, audience: &str, issued_at: i64, expires_at: i64) -> String {
    let header = format!(r#"{{"alg":"{}","typ":"JWT","kid":"{KEY_ID}"}}"#, algorithm.name());
    let claims = format!(
        r#"{{"iss":"{issuer}","sub":"248289761001","aud":"{audience}","exp":{expires_at},"iat":{issued_at},"scope":"read","jti":"0123456789abcdef0123456789abcdef"}}"#
    );
    let [header, claims] = [header, claims].map(|text| Base64UrlUnpadded::encode_string(text.as_bytes()));
    let input = format!("{header}.{claims}");
    let signature = PrivateKey::of(algorithm).sign(input.as_bytes());
    format!("{input}.{}", Base64UrlUnpadded::encode_string(&signature))
}

/// The good token, and those with one flaw that every row must refuse, as [`crate::sample::Sample`] keeps them.
pub fn tokens(algorithm: Algorithm, now: i64) -> (String, Vec<(&'static str, String)>) {
    let (soon, lately) = (now + 86_400, now - 60);
    let good = token(algorithm, ISSUER, AUDIENCE, lately, soon);
    let flawed = vec![
        ("wrong issuer", token(algorithm, "https://other.example", AUDIENCE, lately, soon)),
        ("wrong audience", token(algorithm, ISSUER, "https://other.example", lately, soon)),
        ("expired", token(algorithm, ISSUER, AUDIENCE, now - 2_000, now - 1_000)),
    ];
    (good, flawed)
}

fn der(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    Base64::decode_vec(&body).expect("base64")
}
