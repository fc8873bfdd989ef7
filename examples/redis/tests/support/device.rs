//! A client with a key of its own, which proves each request (RFC 9449).

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub struct Device {
    key: SigningKey,
    jwk: Value,
}

impl Device {
    pub fn new(scalar: [u8; 32]) -> Self {
        let key = SigningKey::from_slice(&scalar).unwrap();
        let point = key.verifying_key().to_sec1_point(false);
        let (x, y) = point.as_bytes()[1..].split_at(32);
        Device { key, jwk: json!({"crv": "P-256", "kty": "EC", "x": encoded(x), "y": encoded(y)}) }
    }

    /// RFC 7638: the members in the order of their names, which is how they are written here.
    pub fn thumbprint(&self) -> String {
        encoded(&Sha256::digest(self.jwk.to_string()))
    }

    /// Of this request; an empty nonce is none.
    pub fn proof(&self, method: &str, uri: &str, token: &str, id: &str, now: i64, nonce: &str) -> String {
        let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk}).to_string();
        let ath = encoded(&Sha256::digest(token));
        let mut claims = json!({"jti": id, "htm": method, "htu": uri, "iat": now, "ath": ath});
        if !nonce.is_empty() {
            claims["nonce"] = nonce.into();
        }
        let claims = claims.to_string();
        let text = format!("{}.{}", encoded(header.as_bytes()), encoded(claims.as_bytes()));
        let signature: Signature = self.key.sign(text.as_bytes());
        format!("{text}.{}", encoded(&signature.to_bytes()))
    }
}

fn encoded(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}
