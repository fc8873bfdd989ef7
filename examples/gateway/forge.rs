//! What an attacker does to a token that he holds.

use super::Fault;
use super::gateway::{self, KID};
use super::sealed::ENVELOPE_KID;
use aes_gcm::Aes256Gcm;
use aes_gcm::aead::{AeadInOut, KeyInit};
use base64ct::{Base64UrlUnpadded, Encoding};
use countermark::{Algorithm, Mint, Signer};

/// A token's three parts, still encoded.
pub fn parts(token: &str) -> Result<[&str; 3], Fault> {
    let mut parts = token.splitn(3, '.');
    match [parts.next(), parts.next(), parts.next()] {
        [Some(header), Some(payload), Some(signature)] => Ok([header, payload, signature]),
        _ => Err("not a compact token".into()),
    }
}

/// What base64url says.
pub fn decoded(part: &str) -> Result<String, Fault> {
    let mut bytes = vec![0; part.len()];
    let bytes = Base64UrlUnpadded::decode(part, &mut bytes).map_err(|_| "not base64url")?;
    Ok(String::from_utf8(bytes.to_vec())?)
}

/// In base64url, without padding.
pub fn encoded(bytes: &[u8]) -> Result<String, Fault> {
    let mut text = vec![0; Base64UrlUnpadded::encoded_len(bytes)];
    Ok(Base64UrlUnpadded::encode(bytes, &mut text).map_err(|_| "too long")?.to_owned())
}

/// Another name in the payload, the signature as it was.
pub fn renamed(token: &str, from: &str, to: &str) -> Result<String, Fault> {
    let [header, payload, signature] = parts(token)?;
    let before = decoded(payload)?;
    let after = before.replacen(&format!("\"{from}\""), &format!("\"{to}\""), 1);
    if before == after {
        return Err(format!("the token does not name {from}").into());
    }
    Ok(format!("{header}.{}.{signature}", encoded(after.as_bytes())?))
}

/// `alg` none, with the old signature or without one.
pub fn unsecured(token: &str, keep_signature: bool) -> Result<String, Fault> {
    let [_, payload, signature] = parts(token)?;
    let header = encoded(br#"{"alg":"none","typ":"at+jwt"}"#)?;
    Ok(format!("{header}.{payload}.{}", if keep_signature { signature } else { "" }))
}

/// The same claims under a key of the attacker's own, and the gateway's key id.
pub fn re_signed(token: &str) -> Result<String, Fault> {
    signed_by(&gateway::new_signer()?, token)
}

/// The same claims under HS256, with the public key as the secret (RFC 8725 2.1).
pub fn confused(token: &str, public_key: &[u8]) -> Result<String, Fault> {
    signed_by(&Signer::of_secret(Algorithm::HS256, Some(KID), public_key)?, token)
}

/// An envelope around a token of the forger's choice, by one who has the envelopes' key. No minter of the core's puts a token into
/// one that nobody signed.
pub fn sealed(token: &str, key: &[u8; 32]) -> Result<String, Fault> {
    let header = encoded(format!(r#"{{"alg":"dir","enc":"A256GCM","cty":"JWT","kid":"{ENVELOPE_KID}"}}"#).as_bytes())?;
    let iv = gateway::random_bytes::<12>()?;
    let mut text = token.as_bytes().to_vec();
    let cipher = Aes256Gcm::new_from_slice(key).map_err(|_| "no key of A256GCM")?;
    let tag = cipher.encrypt_inout_detached(&iv.into(), header.as_bytes(), text.as_mut_slice().into());
    let tag = tag.map_err(|_| "too long to seal")?;
    Ok(format!("{header}..{}.{}.{}", encoded(&iv)?, encoded(&text)?, encoded(&tag)?))
}

fn signed_by(signer: &Signer, token: &str) -> Result<String, Fault> {
    let [_, payload, _] = parts(token)?;
    let claims = decoded(payload)?;
    Ok(gateway::issue(signer, &Mint { typ: Some("at+jwt"), claims: &claims, ..Mint::default() })?)
}
