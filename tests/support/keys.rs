//! The test keys of `tests/keys`, made by OpenSSL, and signatures by each algorithm's own crate.

use base64ct::{Base64, Encoding};
use rsa::pkcs8::DecodePrivateKey;
use rsa::signature::{RandomizedSigner, SignatureEncoding, Signer};
use sha2::{Sha256, Sha384, Sha512};

/// What tokens and keys may call an algorithm, in every build with all features.
pub const ALGORITHM_NAMES: [&str; 18] = [
    "HS256",
    "HS384",
    "HS512",
    "ES256",
    "ES384",
    "ES512",
    "ES256K",
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "EdDSA",
    "Ed25519",
    "ML-DSA-44",
    "ML-DSA-65",
    "ML-DSA-87",
];

/// The algorithms that the keys here sign with.
pub const ALGORITHMS: [&str; 10] =
    ["ES384", "ES512", "ES256K", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"];

/// A key as OpenSSL writes it.
#[derive(Debug)]
pub struct KeyFiles {
    pub name: &'static str,
    pub private: &'static str,
    pub spki: &'static str,
    pub certificate: &'static str,
    /// Of RSA keys alone; else empty.
    pub pkcs1: &'static str,
}

macro_rules! files {
    ($name:literal $(, $pkcs1:literal)?) => {
        KeyFiles {
            name: $name,
            private: include_str!(concat!("../keys/", $name, ".key.pem")),
            spki: include_str!(concat!("../keys/", $name, ".spki.pem")),
            certificate: include_str!(concat!("../keys/", $name, ".cert.pem")),
            pkcs1: concat!("" $(, include_str!(concat!("../keys/", $name, $pkcs1)))?),
        }
    };
}

/// Every key.
pub static KEYS: [KeyFiles; 8] = [
    files!("rsa2048", ".pkcs1.pem"),
    files!("rsa3072", ".pkcs1.pem"),
    files!("rsa4096", ".pkcs1.pem"),
    files!("p256"),
    files!("p384"),
    files!("p521"),
    files!("k256"),
    files!("ed25519"),
];

/// The key of this name.
pub fn named(name: &str) -> &'static KeyFiles {
    KEYS.iter().find(|key| key.name == name).expect("a key of tests/keys")
}

/// The key that signs with this algorithm here.
pub fn of(alg: &str) -> &'static KeyFiles {
    named(match alg {
        "ES256" => "p256",
        "ES384" => "p384",
        "ES512" => "p521",
        "ES256K" => "k256",
        "EdDSA" | "Ed25519" => "ed25519",
        _ => "rsa2048",
    })
}

/// Its public key in PEM.
pub fn public_pem(key: &KeyFiles) -> &'static str {
    key.spki
}

/// The bytes inside one PEM block.
pub fn der(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    Base64::decode_vec(&text).expect("PEM of OpenSSL's")
}

/// An RSA private key.
pub fn rsa_private(key: &KeyFiles) -> rsa::RsaPrivateKey {
    rsa::RsaPrivateKey::from_pkcs8_der(&der(key.private)).expect("an RSA key")
}

/// Signs with the algorithm's key of this folder.
pub fn sign(alg: &str, message: &[u8]) -> Vec<u8> {
    sign_by(of(alg), alg, message)
}

/// Signs with this key.
pub fn sign_by(key: &KeyFiles, alg: &str, message: &[u8]) -> Vec<u8> {
    macro_rules! curve {
        ($curve:ident) => {{
            let key = $curve::ecdsa::SigningKey::from_pkcs8_der(&der(key.private)).expect("a key of the curve");
            let made: $curve::ecdsa::Signature = key.sign(message);
            made.to_bytes().to_vec()
        }};
    }
    macro_rules! pkcs1 {
        ($hash:ty) => {
            rsa::pkcs1v15::SigningKey::<$hash>::new(rsa_private(key)).sign(message).to_vec()
        };
    }
    macro_rules! pss {
        ($hash:ty) => {
            rsa::pss::SigningKey::<$hash>::new(rsa_private(key)).sign_with_rng(&mut Salt(7), message).to_vec()
        };
    }
    match alg {
        "ES256" => curve!(p256),
        "ES384" => curve!(p384),
        "ES512" => curve!(p521),
        "ES256K" => curve!(k256),
        "RS256" => pkcs1!(Sha256),
        "RS384" => pkcs1!(Sha384),
        "RS512" => pkcs1!(Sha512),
        "PS256" => pss!(Sha256),
        "PS384" => pss!(Sha384),
        "PS512" => pss!(Sha512),
        "EdDSA" | "Ed25519" => {
            let key = ed25519_dalek::SigningKey::from_pkcs8_der(&der(key.private)).expect("an Ed25519 key");
            key.sign(message).to_bytes().to_vec()
        }
        _ => panic!("no key for {alg}"),
    }
}

/// The public key as the members of a JWK, without braces. The numbers come from the crates, not from Countermark.
pub fn jwk_members(key: &KeyFiles) -> String {
    use super::base64url::encode;
    macro_rules! curve {
        ($curve:ident, $name:literal) => {{
            let key = $curve::ecdsa::SigningKey::from_pkcs8_der(&der(key.private)).expect("a key of the curve");
            let point = key.verifying_key().to_sec1_point(false);
            let (x, y) = point.as_bytes()[1..].split_at(point.as_bytes().len() / 2);
            format!(r#""kty":"EC","crv":"{}","x":"{}","y":"{}""#, $name, encode(x), encode(y))
        }};
    }
    match key.name {
        "p256" => curve!(p256, "P-256"),
        "p384" => curve!(p384, "P-384"),
        "p521" => curve!(p521, "P-521"),
        "k256" => curve!(k256, "secp256k1"),
        "ed25519" => {
            let key = ed25519_dalek::SigningKey::from_pkcs8_der(&der(key.private)).expect("an Ed25519 key");
            format!(r#""kty":"OKP","crv":"Ed25519","x":"{}""#, encode(key.verifying_key().as_bytes()))
        }
        _ => {
            use rsa::traits::PublicKeyParts;
            let key = rsa_private(key);
            format!(r#""kty":"RSA","n":"{}","e":"{}""#, encode(&key.n_bytes()), encode(&key.e_bytes()))
        }
    }
}

/// The algorithm's key as a whole JWK, with its `alg`.
pub fn jwk(alg: &str) -> String {
    format!(r#"{{{},"alg":"{alg}"}}"#, jwk_members(of(alg)))
}

/// The private key of a curve as a JWK.
pub fn jwk_private(key: &KeyFiles) -> String {
    macro_rules! scalar {
        ($curve:ident) => {
            $curve::ecdsa::SigningKey::from_pkcs8_der(&der(key.private)).expect("a key of the curve").to_bytes().to_vec()
        };
    }
    let scalar = match key.name {
        "p256" => scalar!(p256),
        "p384" => scalar!(p384),
        "p521" => scalar!(p521),
        "k256" => scalar!(k256),
        _ => ed25519_dalek::SigningKey::from_pkcs8_der(&der(key.private)).expect("an Ed25519 key").to_bytes().to_vec(),
    };
    format!(r#"{{{},"d":"{}"}}"#, jwk_members(key), super::base64url::encode(&scalar))
}

/// Salts that repeat, so that a failure does. Never outside a test.
struct Salt(u64);

impl rsa::rand_core::TryRng for Salt {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.try_next_u64().map(|word| word as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut random = super::random::Random::new(self.0);
        self.0 = random.word();
        Ok(self.0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.iter_mut().try_for_each(|byte| self.try_next_u64().map(|word| *byte = word as u8))
    }
}

impl rsa::rand_core::TryCryptoRng for Salt {}
