//! One list, unpacked.

use super::{StatusReference, inflate};
use crate::claims::Claims;
use crate::clock::Clock;
use crate::error::Status;
use crate::json::Value;

/// What the host knows of a list before it has it.
#[derive(Clone, Copy, Debug)]
pub struct StatusSource<'m> {
    /// Where it was fetched: the `uri` of tokens' claims, and the list's `sub`.
    pub uri: &'m str,
    /// The issuer whose tokens it speaks of; those of another are not looked up in it, whatever their claim says. A list that has
    /// an `iss` must have this one.
    pub issuer: &'m str,
    /// The longest that it serves, in seconds, whatever its `exp` and `ttl` say.
    pub max_age: Option<u32>,
}

/// A status list, unpacked in memory of the caller's: read-only, so threads share it freely. For a newer one load another, and let
/// new verifiers use that.
///
/// ```
/// # use countermark::*;
/// # fn load(list_keys: &[KeySet<'_>], list_token: &[u8], now: i64) -> Result<(), Status> {
/// // The list token is a JWT like any other; a verifier of its own judges it. `lst` is long: up to 65,535 bytes of token.
/// let policy = Policy {
///     typ: Some("statuslist+jwt"),
///     require: &["sub", "iat"],
///     allow_missing_exp: true,
///     limits: Limits { token_bytes: TOKEN_BYTES_BOUND, ..Limits::DEFAULT },
///     ..Policy::default()
/// };
/// let verifier = Verifier::new(list_keys, policy, Holder::default())?;
/// let mut scratch = [0; 70_000];
/// let claims = verifier.verify(&Request::new(list_token, now), &mut scratch).accepted()?;
///
/// let source = StatusSource { uri: "https://login.example/statuses/1", issuer: "https://login.example", max_age: Some(3600) };
/// let mut memory = [0; 125_000]; // a million tokens of one bit
/// let list = StatusList::load(&claims, source, &mut memory, now)?;
/// # let _ = list; Ok(()) }
/// ```
#[derive(Clone, Copy)]
pub struct StatusList<'m> {
    source: StatusSource<'m>,
    statuses: &'m [u8],
    /// 0 to 3: of how many bits a status is, as a power of two.
    shift: u32,
    stale_at: Option<i64>,
}

impl<'m> StatusList<'m> {
    /// Unpacks the list of a verified list token (5.1). Its `typ` must be `statuslist+jwt`. `memory` takes the statuses, and bounds them: what
    /// would unpack to more is refused when that is full, so a small token that unpacks to much costs no more than its memory.
    ///
    /// # Errors
    /// [`Status::StatusListMismatch`] for a token of another type, `sub` or `iss`; [`Status::StatusListStale`] when `exp` has
    /// passed; [`Status::StatusListMalformed`]; [`Status::StatusListTooLarge`]. The memory is cleared then.
    pub fn load(claims: &Claims<'_>, source: StatusSource<'m>, memory: &'m mut [u8], now: i64) -> Result<Self, Status> {
        memory.fill(0);
        let is_own = claims.has_type("statuslist+jwt")
            && claims.subject().is_some_and(|subject| subject == source.uri)
            && claims.issuer().is_none_or(|issuer| issuer == source.issuer);
        if !is_own {
            return Err(Status::StatusListMismatch);
        }
        let stale_at = stale_at(claims, source.max_age, now)?;
        if stale_at.is_some_and(|stale_at| now >= stale_at) {
            return Err(Status::StatusListStale);
        }
        let list = claims.get("status_list").map_err(|_| Status::StatusListMalformed)?;
        let member = |name| list.member(name).ok().flatten().ok_or(Status::StatusListMalformed);
        let shift = match member("bits")?.integer() {
            Ok(1) => 0,
            Ok(2) => 1,
            Ok(4) => 2,
            Ok(8) => 3,
            _ => return Err(Status::StatusListMalformed),
        };
        let text = member("lst")?.text().map_err(|_| Status::StatusListMalformed)?;
        match inflate::inflate(text, memory) {
            Ok(bytes) => {
                let memory: &'m [u8] = memory;
                Ok(StatusList { source, statuses: memory.get(..bytes).unwrap_or_default(), shift, stale_at })
            }
            Err(status) => {
                memory.fill(0);
                Err(status)
            }
        }
    }

    /// The number at this index; none behind the end.
    pub fn get(&self, index: u64) -> Option<u8> {
        // A byte holds 8, 4, 2 or 1 of them, the first in its lowest bits (4.1).
        let in_byte = 3u32.saturating_sub(self.shift);
        let byte = *self.statuses.get(usize::try_from(index.checked_shr(in_byte)?).ok()?)?;
        let at = (index as u32) & !(u32::MAX.wrapping_shl(in_byte));
        let bits = 1u32.wrapping_shl(self.shift);
        let mask = !(u32::MAX.wrapping_shl(bits));
        Some((u32::from(byte).wrapping_shr(at.wrapping_mul(bits)) & mask) as u8)
    }

    /// How many numbers it has.
    pub fn len(&self) -> u64 {
        (self.statuses.len() as u64).saturating_mul(8).wrapping_shr(self.shift)
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.statuses.is_empty()
    }

    /// When it serves no more, in seconds since 1970: its `exp`, or `ttl` or the host's `max_age` after it was loaded, whichever
    /// comes first.
    pub fn stale_at(&self) -> Option<i64> {
        self.stale_at
    }

    pub(super) fn is_of(&self, reference: &StatusReference<'_>) -> bool {
        let is_issuer = reference.issuer.is_some_and(|issuer| issuer.is(self.source.issuer));
        is_issuer && reference.uri.is(self.source.uri)
    }

    /// Without a clock, a list that ends is not known to be fresh.
    pub(super) fn is_stale(&self, clock: Clock) -> bool {
        match (self.stale_at, clock) {
            (Some(stale_at), Clock::At(now)) => now >= stale_at,
            (Some(_), Clock::Missing) => true,
            (None, _) => false,
        }
    }
}

/// `ttl` counts from when the host got the list (13.7); it must be positive.
fn stale_at(claims: &Claims<'_>, max_age: Option<u32>, now: i64) -> Result<Option<i64>, Status> {
    let positive = |ttl: Value<'_>| ttl.number().ok().and_then(|ttl| ttl.round_down()).filter(|ttl| *ttl > 0);
    let ttl = match claims.get("ttl") {
        Ok(ttl) => Some(positive(ttl).ok_or(Status::StatusListMalformed)?),
        Err(_) => None,
    };
    let ages = [ttl, max_age.map(i64::from)].into_iter().flatten().map(|age| now.saturating_add(age));
    Ok(ages.chain(claims.expires_at()).min())
}
