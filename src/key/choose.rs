//! Which keys may check a token: the whole rule of choice.

use super::region::Record;
use super::{KeySet, Stored};
use crate::ct;
use crate::error::Status;
use crate::header::{Algorithm, Header};
use crate::json::Text;
use crate::limits::CANDIDATES_BOUND;
use subtle::ConstantTimeEq;

/// A key that may have signed the token, with the issuer that its set belongs to.
#[derive(Clone, Copy)]
pub(crate) struct Candidate<'m> {
    pub(crate) material: &'m [u64],
    pub(crate) issuer: Option<Stored<'m>>,
    /// The key's own, whatever the header says.
    #[cfg(feature = "revocation")]
    pub(crate) kid: Option<Stored<'m>>,
}

/// The keys to try, all of the header's one algorithm.
pub(crate) struct Candidates<'m> {
    pub(crate) algorithm: Algorithm,
    pub(crate) keys: heapless::Vec<Candidate<'m>, CANDIDATES_BOUND>,
}

#[cfg(any(feature = "rotating", feature = "cache"))]
impl Candidates<'_> {
    /// Whether one of them is a rotating secret, whose keys depend on the token's payload.
    #[cfg(feature = "rotating")]
    pub(crate) fn rotate(&self) -> bool {
        self.algorithm == Algorithm::HS256 && self.keys.iter().any(|key| super::Base::is_of(key.material))
    }

    #[cfg(not(feature = "rotating"))]
    pub(crate) fn rotate(&self) -> bool {
        false
    }
}

impl<'m> KeySet<'m> {
    /// The set's own record of this key: that of this name if there are several. The words may be a secret's.
    pub(crate) fn candidate(&self, algorithm: Algorithm, material: &[u64], kid: Option<Text<'_>>) -> Option<Candidate<'m>> {
        let mut found = None;
        for key in self.records() {
            if key.algorithm != algorithm || !ct::verdict(key.material.ct_eq(material)) {
                continue;
            }
            // Names matter to revocations alone.
            let is_named = cfg!(feature = "revocation") && key.kid.is_some_and(|own| kid.is_some_and(|kid| own.is(kid)));
            if is_named || found.is_none() {
                found = Some(self.candidate_of(&key));
            }
        }
        found
    }

    fn candidate_of(&self, key: &Record<'m>) -> Candidate<'m> {
        Candidate {
            material: key.material,
            issuer: self.issuer(),
            #[cfg(feature = "revocation")]
            kid: key.kid,
        }
    }
}

/// Candidates are keys of the header's algorithm: those with its `kid`; those without one, when no key has that `kid`;
/// every one, when the header names none.
#[inline(never)] // as `Header::read`
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
    let mut choice = Choice { algorithm, limit, keys: heapless::Vec::new(), meant: 0, total: 0 };
    if let Some(kid) = header.kid {
        choice.take(sets, |key| key.is_some_and(|key| key.is(kid)))?;
    }
    if choice.meant == 0 {
        choice.total = 0;
        choice.take(sets, |key| header.kid.is_none() || key.is_none())?;
    }
    match (choice.keys.is_empty(), choice.meant, choice.total, header.kid) {
        (false, ..) => Ok(Candidates { algorithm, keys: choice.keys }),
        (_, 0, _, Some(_)) => Err(Status::UnknownKid),
        (_, _, 0, None) => Err(Status::NoKey),
        _ => Err(Status::AlgorithmMismatch),
    }
}

struct Choice<'m> {
    algorithm: Algorithm,
    limit: usize,
    keys: heapless::Vec<Candidate<'m>, CANDIDATES_BOUND>,
    /// Keys that the header could mean, of any algorithm.
    meant: usize,
    total: usize,
}

impl<'m> Choice<'m> {
    fn take(&mut self, sets: &[KeySet<'m>], is_meant: impl Fn(Option<Stored<'m>>) -> bool) -> Result<(), Status> {
        for set in sets {
            for key in set.records() {
                self.total = self.total.saturating_add(1);
                if !is_meant(key.kid) {
                    continue;
                }
                self.meant = self.meant.saturating_add(1);
                if key.algorithm == self.algorithm {
                    let has_room = self.keys.len() < self.limit && self.keys.push(set.candidate_of(&key)).is_ok();
                    if !has_room {
                        return Err(Status::TooManyCandidates);
                    }
                }
            }
        }
        Ok(())
    }
}
