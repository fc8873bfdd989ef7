//! One line of input. What is unknown or of the wrong type makes it no case; what the core lacks is named, never ignored.

use super::possession::{Asked, Shown};
use super::rights;
use super::rotating::RotatingSecret;
use super::sketch::{Rules, Supplied};
use super::strict::{object, one_of, only, present};
use countermark::{Algorithm, Shape};
use serde::Deserialize;
use serde_json::value::RawValue;

/// Why a line is not judged.
pub enum Flaw {
    NotACase,
    /// A case, with this id, that asks for something the core does not have.
    NotSupported(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'c> {
    id: String,
    token: String,
    now: i64,
    #[serde(borrow, default, deserialize_with = "present")]
    keys: Option<&'c RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    rotating: Option<&'c RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    policy: Option<&'c RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    evidence: Option<&'c RawValue>,
}

/// What the token is checked with.
pub enum CaseKeys<'c> {
    Sets(&'c RawValue),
    Rotating(RotatingSecret),
}

/// A case that can be judged.
pub struct Case<'c> {
    pub id: String,
    pub token: String,
    pub now: i64,
    pub keys: CaseKeys<'c>,
    pub policy: Policy,
    pub evidence: Evidence,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    #[serde(deserialize_with = "present")]
    pub algorithms: Option<Vec<String>>,
    #[serde(deserialize_with = "present")]
    pub issuers: Option<Vec<String>>,
    #[serde(deserialize_with = "present")]
    pub audiences: Option<Vec<String>>,
    #[serde(deserialize_with = "present")]
    pub any_audience: Option<bool>,
    #[serde(deserialize_with = "present")]
    pub subject: Option<String>,
    #[serde(deserialize_with = "present")]
    pub typ: Option<String>,
    #[serde(deserialize_with = "present")]
    pub leeway: Option<u32>,
    #[serde(deserialize_with = "present")]
    pub require: Option<Vec<String>>,
    #[serde(deserialize_with = "present")]
    pub max_age: Option<u32>,
    #[serde(deserialize_with = "present")]
    pub max_token_bytes: Option<usize>,
    #[serde(deserialize_with = "present")]
    shape: Option<String>,
    #[serde(deserialize_with = "present")]
    payload: Option<String>,
    #[serde(deserialize_with = "present")]
    fingerprint: Option<Box<RawValue>>,
    #[serde(deserialize_with = "present")]
    pub holder: Option<String>,
    #[serde(deserialize_with = "present")]
    rights: Option<Box<RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Evidence {
    #[serde(deserialize_with = "present")]
    pub address: Option<String>,
    #[serde(deserialize_with = "present")]
    pub headers: Option<Vec<(String, String)>>,
    #[serde(deserialize_with = "present")]
    components: Option<Box<RawValue>>,
    #[serde(skip)]
    pub supplied: Supplied,
    #[serde(skip)]
    pub shown: Shown,
    #[serde(deserialize_with = "present")]
    pub certificate: Option<String>,
    #[serde(deserialize_with = "present")]
    pub dpop: Option<String>,
    #[serde(deserialize_with = "present")]
    pub scheme: Option<String>,
    #[serde(deserialize_with = "present")]
    pub method: Option<String>,
    #[serde(deserialize_with = "present")]
    pub uri: Option<String>,
    #[serde(deserialize_with = "present")]
    pub nonce: Option<String>,
    #[serde(deserialize_with = "present")]
    pub channel: Option<String>,
    #[serde(deserialize_with = "present")]
    pub binding: Option<String>,
}

/// The policy in the core's terms, as far as it needs translating.
pub struct Settings {
    pub algorithms: Vec<Algorithm>,
    /// `require` without `exp`, which the core requires by itself.
    pub required: Option<Vec<String>>,
    pub allow_missing_exp: bool,
    pub digest_claim: Option<String>,
    pub sketch: Option<Rules>,
    pub asked: Asked,
    /// `None`: an envelope alone.
    pub shape: Option<Shape>,
    pub is_opaque: bool,
    pub rights: rights::Asked,
    /// Whether a member can only be met by a claims set.
    pub asks_for_claims: bool,
}

/// Registered for JWS (RFC 7518 3.1, RFC 8037, RFC 8812, RFC 9864, RFC 9964): the core may lack one, but it is no slip of the pen.
const REGISTERED_ALGORITHMS: &[&str] = &[
    "HS256",
    "HS384",
    "HS512",
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "ES256K",
    "EdDSA",
    "Ed25519",
    "Ed448",
    "ML-DSA-44",
    "ML-DSA-65",
    "ML-DSA-87",
    "none",
];
const SKETCH_MEMBERS: &[&str] =
    &["form", "claim", "preset", "pepper", "accept", "step_up", "coverage", "drift", "weights", "optional", "required"];

/// What a line that is no case calls itself.
pub fn id_of(line: &[u8]) -> Option<String> {
    let line: serde_json::Value = serde_json::from_slice(line).ok()?;
    line.get("id")?.as_str().map(String::from)
}

impl<'c> Case<'c> {
    /// First whether the line is a case at all, then whether the core has what it asks for.
    pub fn read(line: &'c [u8]) -> Result<(Self, Settings), Flaw> {
        let text = std::str::from_utf8(line).map_err(|_| Flaw::NotACase)?;
        let line: Line<'_> = object(text.trim_matches([' ', '\t', '\r', '\n']))?;
        let policy: Policy = line.policy.map(|raw| object(raw.get())).transpose()?.unwrap_or_default();
        let mut evidence: Evidence = line.evidence.map(|raw| object(raw.get())).transpose()?.unwrap_or_default();
        let rotating = line.rotating.map(RotatingSecret::read).transpose()?;
        if let Some(components) = &evidence.components {
            evidence.supplied = Supplied::read(components)?;
        }
        evidence.shown = Shown::read(&evidence)?;
        let mut lacks_something = false;
        let settings = policy.settings(&mut lacks_something)?;
        let keys = match (line.keys, rotating) {
            (None, None) | (Some(_), Some(_)) => return Err(Flaw::NotACase),
            _ if lacks_something => return Err(Flaw::NotSupported(line.id)),
            (Some(sets), None) => CaseKeys::Sets(sets),
            (None, Some(rotating)) => CaseKeys::Rotating(rotating),
        };
        Ok((Case { id: line.id, token: line.token, now: line.now, keys, policy, evidence }, settings))
    }
}

impl Policy {
    fn settings(&self, lacks_something: &mut bool) -> Result<Settings, Flaw> {
        let mut algorithms = Vec::new();
        for name in self.algorithms.iter().flatten() {
            match Algorithm::from_name(name) {
                Some(algorithm) => algorithms.push(algorithm),
                None => *lacks_something |= one_of(name, REGISTERED_ALGORITHMS)?,
            }
        }
        let shape = match self.shape.as_deref() {
            None | Some("signed") => Some(Shape::Signed),
            Some("signed-then-encrypted") => Some(Shape::SignedThenEncrypted),
            Some("encrypted-then-signed") => Some(Shape::EncryptedThenSigned),
            Some("encrypted") => None,
            Some(_) => return Err(Flaw::NotACase),
        };
        let rights = self.rights.as_ref().map(|rights| rights::Asked::read(rights)).transpose()?;
        let is_opaque = match self.payload.as_deref() {
            None | Some("claims") => false,
            Some("opaque") => true,
            Some(_) => return Err(Flaw::NotACase),
        };
        let digest_claim = self.fingerprint.as_ref().map(|raw| digest_claim(raw)).transpose()?;
        let sketch = match (&self.fingerprint, &digest_claim) {
            (Some(raw), Some(None)) => Some(Rules::read(raw)?),
            _ => None,
        };
        let lists = [&self.issuers, &self.audiences, &self.require];
        Ok(Settings {
            algorithms,
            required: self.require.as_ref().map(|list| list.iter().filter(|name| *name != "exp").cloned().collect()),
            allow_missing_exp: self.require.as_ref().is_some_and(|list| !list.iter().any(|name| name == "exp")),
            asks_for_claims: lists.iter().any(|list| list.as_ref().is_some_and(|list| !list.is_empty()))
                || self.subject.is_some()
                || self.max_age.is_some()
                || digest_claim.is_some(),
            digest_claim: digest_claim.flatten(),
            asked: Asked::read(self)?,
            sketch,
            shape,
            is_opaque,
            rights: rights.unwrap_or_default(),
        })
    }
}

/// The claim that holds the digest; `None` for a sketch.
fn digest_claim(fingerprint: &RawValue) -> Result<Option<String>, Flaw> {
    #[derive(Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Digest {
        form: String,
        claim: String,
        preset: String,
    }
    impl Default for Digest {
        fn default() -> Self {
            Digest { form: String::new(), claim: "fp".into(), preset: "compat".into() }
        }
    }
    let members = only(fingerprint, SKETCH_MEMBERS)?;
    match members.get("form").map(|form| form.get()) {
        Some(r#""sketch""#) => Ok(None),
        Some(r#""digest""#) => {
            let digest: Digest = object(fingerprint.get())?;
            if digest.form == "digest" && digest.preset == "compat" { Ok(Some(digest.claim)) } else { Err(Flaw::NotACase) }
        }
        _ => Err(Flaw::NotACase),
    }
}
