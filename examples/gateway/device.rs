//! A client with a key of its own (DPoP, RFC 9449): it makes a new proof for every request.

use super::Fault;
use super::client::{Answer, CHROME, Visitor};
use super::forge::encoded;
use super::gateway::{now, random};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What the device asks for.
pub const PATH: &str = "/api/hello";

/// A key pair and the proofs that it makes. The core mints tokens, not proofs, which carry their key in the header.
pub struct Device {
    key: SigningKey,
    jwk: Value,
}

impl Device {
    /// With a new key.
    pub fn new() -> Result<Self, Fault> {
        let key = SigningKey::from_slice(&random()?).map_err(|_| "no scalar of the curve")?;
        let point = key.verifying_key().to_sec1_point(false);
        let Some((x, y)) = point.as_bytes().get(1..).and_then(|point| point.split_at_checked(32)) else {
            return Err("no point of the curve".into());
        };
        let jwk = json!({ "kty": "EC", "crv": "P-256", "x": encoded(x)?, "y": encoded(y)? });
        Ok(Device { key, jwk })
    }

    /// A proof for one request (RFC 9449 4.2): `ath` names the token that it goes with, `nonce` is the gateway's.
    pub fn proof(&self, method: &str, uri: &str, token: Option<&str>, nonce: &str) -> Result<String, Fault> {
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk });
        let mut claims = json!({ "jti": encoded(&random()?)?, "htm": method, "htu": uri, "iat": now() });
        if let Some(claims) = claims.as_object_mut() {
            if let Some(token) = token {
                claims.insert("ath".into(), encoded(&Sha256::digest(token))?.into());
            }
            if !nonce.is_empty() {
                claims.insert("nonce".into(), nonce.into());
            }
        }
        let text = format!("{}.{}", encoded(header.to_string().as_bytes())?, encoded(claims.to_string().as_bytes())?);
        let signature: Signature = self.key.sign(text.as_bytes());
        Ok(format!("{text}.{}", encoded(&signature.to_bytes())?))
    }
}

/// A device that Alice is logged in on, in the browser that sends the fields.
pub struct Session<'v> {
    visitor: &'v Visitor<'v>,
    device: Device,
    pub token: String,
    /// The last one that the gateway gave; empty before.
    pub nonce: String,
}

impl<'v> Session<'v> {
    /// Logs in with a proof, so that the token is bound to the device's key.
    pub fn start(visitor: &'v Visitor<'v>) -> Result<Self, Fault> {
        let device = Device::new()?;
        let proof = device.proof("POST", &visitor.uri("/login"), None, "")?;
        let answer = visitor.bound(&CHROME, &[("DPoP", &proof)])?;
        if answer.body.get("token_type") != Some(&json!("DPoP")) {
            return Err(format!("no DPoP token came with HTTP {}", answer.http).into());
        }
        Ok(Session { visitor, device, token: answer.token()?, nonce: String::new() })
    }

    /// The same, and gets the nonce that all requests need.
    pub fn ready(visitor: &'v Visitor<'v>) -> Result<Self, Fault> {
        let mut session = Session::start(visitor)?;
        session.show()?;
        Ok(session)
    }

    /// A proof by the device for a request with its token.
    pub fn proof(&self, method: &str, path: &str) -> Result<String, Fault> {
        self.proof_of(&self.device, method, path)
    }

    /// The same by another one, which has stolen the token.
    pub fn proof_of(&self, device: &Device, method: &str, path: &str) -> Result<String, Fault> {
        device.proof(method, &self.visitor.uri(path), Some(&self.token), &self.nonce)
    }

    /// `GET /api/hello` with a new proof. Keeps the nonce that the answer gives (RFC 9449 9).
    pub fn show(&mut self) -> Result<Answer, Fault> {
        let answer = self.show_with(&self.proof("GET", PATH)?)?;
        if let Some(nonce) = answer.fields.get("dpop-nonce") {
            self.nonce.clone_from(nonce);
        }
        Ok(answer)
    }

    /// `POST /reissue`: the answer has a token that is bound to the same key.
    pub fn reissued(&self) -> Result<Answer, Fault> {
        let proof = self.proof("POST", "/reissue")?;
        self.visitor.reissue_with(&CHROME, &[("Authorization", &format!("DPoP {}", self.token)), ("DPoP", &proof)])
    }

    /// `GET /api/hello` with this proof, from anywhere: a thief copies the browser's fields too.
    pub fn show_with(&self, proof: &str) -> Result<Answer, Fault> {
        self.visitor.get(&CHROME, &[("Authorization", &format!("DPoP {}", self.token)), ("DPoP", proof)])
    }
}
