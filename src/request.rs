//! What a host asks: a token, the time, and what is known of the client.

use crate::clock::Clock;
use crate::holder::Evidence;

/// One token to judge, the time, and what is known of the client.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// The compact token.
    pub token: &'r [u8],
    /// The host's clock.
    pub clock: Clock,
    /// The client as the host sees it.
    pub evidence: Evidence<'r>,
}

impl<'r> Request<'r> {
    /// A request without evidence. `now` is in seconds since 1970.
    pub fn new(token: &'r (impl AsRef<[u8]> + ?Sized), now: i64) -> Self {
        Request { token: token.as_ref(), clock: Clock::At(now), evidence: Evidence::NONE }
    }

    /// The same request with what is known of the client.
    pub fn with_evidence(self, evidence: Evidence<'r>) -> Self {
        Request { evidence, ..self }
    }
}
