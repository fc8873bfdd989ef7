//! The case's key sets, loaded by the core from the text as it stands in the line.

use super::Refusal;
use super::case::CaseKeys;
use super::rotating::RotatingSecret;
use super::strict::present;
use countermark::{Algorithm, Keys, Status, keys_size_for};
use serde::Deserialize;
use serde_json::value::RawValue;

/// What one region is filled with.
pub enum Source<'c> {
    /// The text of a JWK Set, the issuer it belongs to, and the words of its region.
    Set {
        text: &'c str,
        issuer: Option<String>,
        words: usize,
    },
    Rotating(&'c RotatingSecret),
}

/// What stands beside the keys; the rest of the object is the core's to read.
#[derive(Deserialize)]
struct Belonging<'c> {
    #[serde(borrow, default, deserialize_with = "present")]
    issuer: Option<&'c RawValue>,
}

/// One set, an array of sets, or a rotating secret.
pub fn sources<'c>(keys: &'c CaseKeys<'c>, allowed: &[Algorithm]) -> Result<Vec<Source<'c>>, Refusal> {
    let keys = match keys {
        CaseKeys::Rotating(secret) => return Ok(vec![Source::Rotating(secret)]),
        CaseKeys::Sets(keys) => *keys,
    };
    if keys.get().starts_with('[') {
        let sets: Vec<&RawValue> = serde_json::from_str(keys.get()).map_err(|_| Refusal::NotACase)?;
        return sets.into_iter().map(|set| Source::of(set.get(), allowed)).collect();
    }
    Ok(vec![Source::of(keys.get(), allowed)?])
}

impl<'c> Source<'c> {
    fn of(text: &'c str, allowed: &[Algorithm]) -> Result<Self, Refusal> {
        if !text.starts_with('{') {
            return Err(Refusal::NotACase);
        }
        let Ok(belonging) = serde_json::from_str::<Belonging<'_>>(text) else {
            // Two issuers, for instance. The core refuses every duplicate and says so.
            keys_size_for(text.as_bytes(), allowed, None)?;
            return Err(Refusal::NotACase);
        };
        let issuer = belonging.issuer.map(|issuer| serde_json::from_str::<String>(issuer.get())).transpose();
        let issuer = issuer.map_err(|_| Refusal::NotACase)?;
        let bytes = keys_size_for(text.as_bytes(), allowed, issuer.as_deref())?;
        Ok(Source::Set { text, issuer, words: bytes.div_ceil(8) })
    }

    pub fn region(&self) -> Vec<u64> {
        let words = match self {
            Source::Set { words, .. } => *words,
            Source::Rotating(secret) => secret.words(),
        };
        vec![0; words]
    }

    pub fn load<'m>(&self, region: &'m mut [u64], allowed: &[Algorithm]) -> Result<Keys<'m>, Status> {
        let (text, issuer) = match self {
            Source::Set { text, issuer, .. } => (text, issuer),
            Source::Rotating(secret) => return secret.load(region),
        };
        let mut keys = match issuer {
            Some(issuer) => Keys::for_issuer(region, issuer)?,
            None => Keys::new(region)?,
        };
        keys.add_jwks(text.as_bytes(), allowed)?;
        Ok(keys)
    }
}
