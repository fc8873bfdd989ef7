//! The key that a proof carries in its own header (RFC 9449 4.2): public, used once, bound to the token by its thumbprint.

use super::choose::{Candidate, Candidates};
use super::jwk::Jwk;
use super::material::MATERIAL_WORDS_MAX;
use super::purpose::Purpose;
use super::thumbprint;
use crate::error::Status;
use crate::header::Algorithm;
use crate::json::Value;

/// The private members of every kind of key (RFC 7518 6.2.2, 6.3.2, 6.4.1, RFC 8037 2, RFC 9964 3).
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// Hands the key, as the only candidate of this algorithm, and its SHA-256 thumbprint (RFC 7638) to `then`.
///
/// # Errors
/// [`Status::ProofAlgorithm`] when the key is another algorithm's, [`Status::ProofKey`] for everything else that can be wrong.
#[inline(never)]
pub(crate) fn with_embedded<T>(
    object: Value<'_>,
    algorithm: Algorithm,
    then: impl FnOnce(&Candidates<'_>, &[u8; 32]) -> Result<T, Status>,
) -> Result<T, Status> {
    let mut words = [0; MATERIAL_WORDS_MAX];
    let mut digest = [0; 32];
    let material = load(object, algorithm, &mut words, &mut digest)?;
    let mut keys = heapless::Vec::new();
    keys.push(Candidate {
        material,
        issuer: None,
        #[cfg(feature = "revocation")]
        kid: None,
    })
    .map_err(|_| Status::ProofKey)?;
    then(&Candidates { algorithm, keys }, &digest)
}

fn load<'w>(
    object: Value<'_>,
    algorithm: Algorithm,
    words: &'w mut [u64],
    digest: &mut [u8; 32],
) -> Result<&'w [u64], Status> {
    let is_private = |name: crate::json::Text<'_>| PRIVATE.iter().any(|private| name == *private);
    if object.members().map_err(|_| Status::ProofKey)?.any(|(name, _)| is_private(name)) {
        return Err(Status::ProofKey);
    }
    let jwk = Jwk::new(object);
    let own = jwk.algorithm(&[algorithm]).map_err(|status| match status {
        // Its `alg`, or its type, is not that of the header.
        Status::KeyAlgorithmMismatch | Status::KeyAlgorithmUnknown | Status::KeyAlgorithmUndecided => Status::ProofAlgorithm,
        _ => Status::ProofKey,
    })?;
    if own != algorithm {
        return Err(Status::ProofAlgorithm);
    }
    let mut loaded = || {
        jwk.check_use(Purpose::Verify)?;
        let count = jwk.with_material(algorithm, |material| {
            let place = words.get_mut(..material.words()).ok_or(Status::ProofKey)?;
            material.store(place);
            Ok(place.len())
        })?;
        thumbprint::write(&jwk, digest)?;
        Ok(count)
    };
    let count = loaded().map_err(|_: Status| Status::ProofKey)?;
    words.get(..count).ok_or(Status::ProofKey)
}
