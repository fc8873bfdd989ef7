//! Which keys may check a token: the whole rule of choice.

use super::{KeySet, Stored};
use crate::error::Status;
use crate::header::{Algorithm, Header};
use crate::limits::CANDIDATES_BOUND;

/// A key that may have signed the token, with the issuer that its set belongs to.
#[derive(Clone, Copy)]
pub(crate) struct Candidate<'m> {
    pub(crate) material: &'m [u64],
    pub(crate) issuer: Option<Stored<'m>>,
}

/// The keys to try, all of the header's one algorithm.
pub(crate) struct Candidates<'m> {
    pub(crate) algorithm: Algorithm,
    pub(crate) keys: heapless::Vec<Candidate<'m>, CANDIDATES_BOUND>,
}

/// Candidates are keys of the header's algorithm: those with its `kid`; those without one, when no key has that `kid`;
/// every one, when the header names none.
pub(crate) fn choose<'m>(
    sets: &[KeySet<'m>],
    header: &Header<'_>,
    allowed: &[Algorithm],
    limit: usize,
) -> Result<Candidates<'m>, Status> {
    let algorithm = header.algorithm;
    if !allowed.is_empty() && !allowed.contains(&algorithm) {
        return Err(Status::AlgorithmNotAllowed);
    }
    let all = || sets.iter().flat_map(|set| set.records().map(|key| (set.issuer(), key)));
    let is_named = |kid: Option<Stored<'_>>| matches!((kid, header.kid), (Some(kid), Some(wanted)) if kid.is(wanted));
    let kid_is_known = all().any(|(_, key)| is_named(key.kid));

    let mut keys = heapless::Vec::new();
    let mut meant = 0usize;
    let mut total = 0usize;
    for (issuer, key) in all() {
        total = total.saturating_add(1);
        let is_meant = if kid_is_known { is_named(key.kid) } else { header.kid.is_none() || key.kid.is_none() };
        meant = meant.saturating_add(usize::from(is_meant));
        if is_meant && key.algorithm == algorithm {
            if keys.len() >= limit {
                return Err(Status::TooManyCandidates);
            }
            keys.push(Candidate { material: key.material, issuer }).map_err(|_| Status::TooManyCandidates)?;
        }
    }
    match (keys.is_empty(), meant, total, header.kid) {
        (false, ..) => Ok(Candidates { algorithm, keys }),
        (_, 0, _, Some(_)) => Err(Status::UnknownKid),
        (_, _, 0, None) => Err(Status::NoKey),
        _ => Err(Status::AlgorithmMismatch),
    }
}
