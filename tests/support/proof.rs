//! Proofs with one named flaw each, signed by each algorithm's own crate, and thumbprints by hand.

use super::token::{Flaw, SCALAR, SigningKey, TokenBuilder, public_jwk_members};
use super::{base64url, keys};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The time of the good proof: that of the good token.
pub const NOW: i64 = super::token::NOW;
pub const METHOD: &str = "GET";
pub const URI: &str = "https://api.example/orders/7";

/// The key of a proof: its public members, and what signs.
#[derive(Clone, Debug)]
pub struct ProofKey {
    pub alg: &'static str,
    pub jwk: Value,
    signing: SigningKey,
}

impl ProofKey {
    /// The test key of this algorithm.
    pub fn of(alg: &'static str) -> Self {
        if alg == "ES256" {
            return Self::of_scalar(SCALAR);
        }
        let members = format!("{{{}}}", keys::jwk_members(keys::of(alg)));
        ProofKey { alg, jwk: serde_json::from_str(&members).unwrap(), signing: SigningKey::of(alg) }
    }

    /// An ES256 key: a client of its own for each scalar.
    pub fn of_scalar(scalar: [u8; 32]) -> Self {
        let jwk = serde_json::from_str(&format!("{{{}}}", public_jwk_members(&scalar))).unwrap();
        ProofKey { alg: "ES256", jwk, signing: SigningKey::Es256(scalar) }
    }

    /// The key's thumbprint (RFC 7638), written down the slow way: its members in the order of their names.
    pub fn thumbprint(&self) -> String {
        let names: &[&str] = match self.jwk["kty"].as_str().unwrap() {
            "EC" => &["crv", "kty", "x", "y"],
            "RSA" => &["e", "kty", "n"],
            _ => &["crv", "kty", "x"],
        };
        let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":{}", self.jwk[name])).collect();
        base64url::encode(&Sha256::digest(format!("{{{}}}", members.join(","))))
    }
}

/// The hash of a token as `ath` has it.
pub fn token_hash(token: &str) -> String {
    base64url::encode(&Sha256::digest(token))
}

/// A proof to be made: a good one for one token, until something is changed.
#[derive(Clone, Debug)]
pub struct ProofBuilder {
    pub key: ProofKey,
    pub header: Value,
    pub claims: Value,
    pub flaw: Flaw,
}

impl ProofBuilder {
    /// For a request of [`METHOD`] to [`URI`] at [`NOW`] with this token.
    pub fn new(key: &ProofKey, token: &str) -> Self {
        let header = json!({"typ": "dpop+jwt", "alg": key.alg, "jwk": key.jwk});
        let claims = json!({"jti": "one", "htm": METHOD, "htu": URI, "iat": NOW, "ath": token_hash(token)});
        ProofBuilder { key: key.clone(), header, claims, flaw: Flaw::None }
    }

    /// With this claim instead, or without it.
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.claims, name, value.into());
        self
    }

    /// With this header parameter instead, or without it.
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.header, name, value.into());
        self
    }

    /// With this member of the key.
    pub fn jwk(mut self, name: &str, value: impl Into<Value>) -> Self {
        set(&mut self.header["jwk"], name, value.into());
        self
    }

    pub fn flaw(mut self, flaw: Flaw) -> Self {
        self.flaw = flaw;
        self
    }

    pub fn build(&self) -> String {
        self.build_text(&self.claims.to_string())
    }

    /// With this text for its claims.
    pub fn build_text(&self, claims: &str) -> String {
        let builder = TokenBuilder::signed_by(self.key.signing.clone());
        builder.header(self.header.to_string()).payload(claims).flaw(self.flaw.clone()).build()
    }
}

/// `null` takes the member away.
fn set(object: &mut Value, name: &str, value: Value) {
    let members = object.as_object_mut().expect("an object");
    match value {
        Value::Null => members.shift_remove(name),
        value => members.insert(name.into(), value),
    };
}
