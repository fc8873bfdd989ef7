//! Countermark's stores in Redis: what was used once, what is revoked and how often a client asked, for hosts of many machines.
//!
//! | the core's trait | here | in Redis |
//! |---|---|---|
//! | [`countermark::Replay`] | [`RedisReplay`] | `SET NX PX` |
//! | [`countermark::Revocations`] | [`RedisRevocations`] | one `MGET` for a check, a script that only raises for a revocation |
//! | [`countermark::Throttle`] | [`RedisThrottle`] | one script for all charges of a call |
//!
//! A [`Server`] is one Redis with its connections. Keys are keyed tags ([`Tags`]): whoever reads the store learns how many there are,
//! and no token's id, no user's name, no address. What a store answers when Redis does not is its [`WhenDown`].
//!
//! The calls block: for as long as Redis takes, and at most for a few of the server's timeouts.

mod replay;
mod revocations;
mod server;
mod tags;
mod throttle;

pub use replay::RedisReplay;
pub use revocations::RedisRevocations;
pub use server::{Down, Server};
pub use tags::{SecretTooShort, Tags};
pub use throttle::RedisThrottle;

/// What a store answers while Redis does not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenDown {
    /// Nobody is served: `REPLAY_FULL`, `REVOCATION_UNKNOWN`, `THROTTLE_FULL`. A host answers 503.
    #[default]
    Closed,
    /// Everybody is served as if nothing had been seen, revoked or counted. Proofs can be replayed for so long, and revoked tokens
    /// used.
    Open,
}

impl WhenDown {
    fn answer<E>(self, closed: E) -> Result<(), E> {
        match self {
            WhenDown::Closed => Err(closed),
            WhenDown::Open => Ok(()),
        }
    }
}

/// Entries stay so much longer than they need, in seconds: for so long, machines' clocks may differ.
const SLACK_SECONDS: i64 = 16;

/// The milliseconds for which Redis keeps what matters until `until`, both in seconds; `None` when it does not matter any more.
fn milliseconds_until(until: i64, now: i64) -> Option<u64> {
    // Redis takes a sum with its own clock: nothing is kept for more than a thousand years.
    const SECONDS_MAX: i64 = 1000 * 366 * 86_400;
    let seconds = until.saturating_sub(now);
    let kept = seconds.saturating_add(SLACK_SECONDS).min(SECONDS_MAX);
    u64::try_from(kept.saturating_mul(1000)).ok().filter(|_| seconds > 0)
}
