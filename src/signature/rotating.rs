//! HS256 where a candidate is a rotating secret: its keys are derived here, for this token, and wiped.

use super::hmac::is_mac;
use crate::ct;
use crate::error::Status;
use crate::hash::Sha256State;
use crate::key::{Base, Candidate, Candidates, Peeked, Rule, Turn};
use crate::limits::CANDIDATES_BOUND;
use crate::mac::HmacKey;
use subtle::Choice;

/// What each candidate's keys are.
pub(super) struct Keyring<'c, 'p>(heapless::Vec<Keys<'c, 'p>, CANDIDATES_BOUND>);

enum Keys<'c, 'p> {
    Plain,
    Of(Rule<'c>, Turn<'p>),
    /// The token lies outside this secret's windows.
    None,
}

/// A secret of whose windows none is the token's is no candidate; when none is left, the status says why for the first, and no
/// key is tried.
pub(super) fn keyring<'c, 'p>(
    candidates: &'c Candidates<'_>,
    peeked: Option<&Peeked<'p>>,
) -> Result<Keyring<'c, 'p>, Status> {
    let (mut judged, mut reason) = (heapless::Vec::<Keys<'_, '_>, CANDIDATES_BOUND>::new(), None);
    for key in &candidates.keys {
        let turn = |rule: Rule<'c>| peeked.map_or(Err(Status::RotatingPayload), |peeked| rule.turn(peeked));
        let keys = match Rule::of(key.material).map(|rule| (rule, turn(rule))) {
            None => Keys::Plain,
            Some((rule, Ok(turn))) => Keys::Of(rule, turn),
            Some((_, Err(status))) => {
                reason = reason.or(Some(status));
                Keys::None
            }
        };
        judged.push(keys).map_err(|_| Status::TooManyCandidates)?;
    }
    if let (Some(reason), true) = (reason, judged.iter().all(|keys| matches!(keys, Keys::None))) {
        return Err(reason);
    }
    Ok(Keyring(judged))
}

/// The candidate under which the MAC holds. All are computed, whichever it is.
#[inline(never)]
pub(super) fn find<'c, 'm>(
    candidates: &'c Candidates<'m>,
    Keyring(judged): &Keyring<'_, '_>,
    message: &[u8],
    mac: &[u8],
) -> Option<&'c Candidate<'m>> {
    let is = |key: &HmacKey<Sha256State>| is_mac(key, message, mac);
    let mut found = None;
    for (key, keys) in candidates.keys.iter().zip(judged) {
        let holds = match keys {
            Keys::Plain => HmacKey::load(key.material).map(|key| is(&key)),
            Keys::Of(rule, turn) => Base::load(*rule, key.material)
                .map(|base| turn.keys(&base).fold(Choice::from(0), |holds, key| holds | is(&key))),
            Keys::None => None,
        };
        if holds.is_some_and(ct::verdict) {
            found = found.or(Some(key));
        }
    }
    found
}
