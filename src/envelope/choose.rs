//! Which keys may open an envelope: the rule of `key::choose`, for decryption keys.

use super::header::Header;
use crate::error::Status;
use crate::key::{KeySet, Stored};
use crate::limits::CANDIDATES_BOUND;

/// The materials to try, all of what the header's `alg`, and its `enc` or its sender's key, ask for.
pub(super) type Candidates<'m> = heapless::Vec<&'m [u64], CANDIDATES_BOUND>;

/// Candidates have the header's `kid`; or none, when no key has that; or are all, when the header names none.
#[inline(never)]
pub(super) fn choose<'m>(sets: &[KeySet<'m>], header: &Header<'_>, limit: usize) -> Result<Candidates<'m>, Status> {
    let keys = || sets.iter().flat_map(KeySet::decryption_keys);
    let is_named = |kid: Option<Stored<'_>>| header.kid.is_some_and(|wanted| kid.is_some_and(|kid| kid.is(wanted)));
    let has_named = keys().any(|(_, kid, _)| is_named(kid));
    let is_meant = |kid: Option<Stored<'_>>| match has_named {
        true => is_named(kid),
        false => header.kid.is_none() || kid.is_none(),
    };
    let mut candidates = Candidates::new();
    let mut meant = keys().filter(|(_, kid, _)| is_meant(*kid)).peekable();
    if meant.peek().is_none() {
        return Err(if header.kid.is_some() { Status::UnknownKid } else { Status::NoKey });
    }
    for (_, _, material) in meant.filter(|(management, ..)| *management == header.management) {
        if candidates.len() >= limit || candidates.push(material).is_err() {
            return Err(Status::TooManyCandidates);
        }
    }
    if candidates.is_empty() { Err(Status::AlgorithmMismatch) } else { Ok(candidates) }
}
