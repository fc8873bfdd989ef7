//! What a token is bound to beside the client's likeness: the key of its proofs, the certificate of its connection.

use super::gateway::{CLOCKS_DIFFER_SECONDS, PROOF_SECONDS};
use base64ct::{Base64UrlUnpadded, Encoding};
use countermark::{
    Algorithm, Certificate, Claims, Clock, Evidence, Holder, Keys, Limits, PROOF_BYTES_MAX, Policy, Replay, Request, Status,
    THUMBPRINT_CHARS, Use, Verifier, scratch_bytes, thumbprint,
};

/// Nothing: a bearer token.
#[derive(Default)]
pub struct Binding {
    /// The thumbprint of a key, for `cnf.jkt`.
    pub key: Option<String>,
    /// The SHA-256 of a certificate, for `cnf.x5t#S256`.
    pub certificate: Option<[u8; 32]>,
}

impl Binding {
    /// To all that a login shows.
    pub fn of_login(client: &Evidence<'_>, now: i64, replay: &dyn Replay) -> Result<Self, Status> {
        let key = match client.proofs {
            [] => None,
            [proof] => Some(key_of(proof, client, now, replay)?),
            _ => return Err(Status::ProofRepeated),
        };
        Ok(Binding { key, certificate: client.certificate.map(|shown| shown.digest()).transpose()? })
    }

    /// As an accepted token was: its successor must not be easier to use.
    pub fn of_token(claims: &Claims<'_>) -> Result<Self, Status> {
        let member = |path: &str| {
            let mut text = [0; THUMBPRINT_CHARS];
            match claims.at(path).and_then(|value| value.text()) {
                Ok(value) => value.copy_to(&mut text).map(|text| Some(text.to_owned())),
                Err(Status::ClaimAbsent) => Ok(None),
                Err(status) => Err(status),
            }
        };
        let digest = |text: String| Certificate::of_base64url_digest(text.as_bytes())?.digest();
        Ok(Binding { key: member("cnf.jkt")?, certificate: member("cnf.x5t#S256")?.map(digest).transpose()? })
    }
}

/// The thumbprint of the key of a login's proof (RFC 9449 5). The core holds proofs against the token that they come with; here
/// is none yet. So this one is judged as a JWT under the key that it carries: RFC 9449 4.3 without `ath`.
fn key_of(proof: &[u8], client: &Evidence<'_>, now: i64, replay: &dyn Replay) -> Result<String, Status> {
    const LIMITS: Limits = Limits { token_bytes: PROOF_BYTES_MAX, ..Limits::DEFAULT };
    let jwk = public_key(proof).ok_or(Status::ProofKey)?;
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region)?;
    keys.add_jwk(jwk.as_bytes(), &[Algorithm::ES256])?;
    let sets = [keys.set()];
    let policy = Policy {
        algorithms: &[Algorithm::ES256],
        typ: Some("dpop+jwt"),
        require: &["jti"],
        max_age: Some(PROOF_SECONDS),
        leeway: CLOCKS_DIFFER_SECONDS,
        allow_missing_exp: true,
        limits: LIMITS,
        ..Policy::default()
    };
    let mut scratch = [0; scratch_bytes(PROOF_BYTES_MAX, &LIMITS)];
    let request = Request { token: proof, clock: Clock::At(now), evidence: Evidence::NONE };
    let claims = Verifier::new(&sets, policy, Holder::default())?.verify(&request, &mut scratch).accepted()?;
    let says = |name: &str, wanted: &str| claims.get(name).and_then(|value| value.text()).is_ok_and(|text| text == wanted);
    if !says("htm", client.method) {
        return Err(Status::ProofMethod);
    }
    if !says("htu", client.uri) {
        return Err(Status::ProofUri);
    }
    let lifetime = i64::from(PROOF_SECONDS).saturating_add(i64::from(CLOCKS_DIFFER_SECONDS)).saturating_add(1);
    let expires_at = claims.issued_at().unwrap_or(now).saturating_add(lifetime);
    replay.commit(&Use { digest: claims.identity(), expires_at }, now)?;
    let mut text = [0; THUMBPRINT_CHARS];
    Ok(thumbprint(jwk.as_bytes(), &mut text)?.to_owned())
}

/// The member `jwk` of a proof's header, if it is no private key. Nothing vouches for it before the signature.
fn public_key(proof: &[u8]) -> Option<String> {
    let header = proof.split(|byte| *byte == b'.').next()?;
    let mut json = vec![0; header.len()];
    let json = Base64UrlUnpadded::decode(header, &mut json).ok()?;
    let header: serde_json::Value = serde_json::from_slice(json).ok()?;
    let jwk = header.get("jwk").filter(|jwk| jwk.get("d").is_none())?;
    Some(jwk.to_string())
}
