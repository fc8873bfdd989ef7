//! How often a client may ask.

use crate::{SLACK_SECONDS, Server, Tags, WhenDown};
use countermark::{CHARGES_MAX, Charge, Client, Limit, Refusal, Status, Throttle};
use redis::Script;
use std::net::IpAddr;
use std::sync::Arc;

const MICROSECONDS: u64 = 1_000_000;
/// The limits that the core's own table takes ([`Limit`]).
const REQUESTS_PER_SECOND_MAX: u64 = 10_000;
const WINDOW_SECONDS_MAX: u64 = 366 * 86_400;

/// The allowances of clients on all machines together.
///
/// A call is one script, so that Redis counts its charges together or none of them. Times are the callers': where machines' clocks
/// differ, a client gains so much of its allowance, once, and a machine whose clock is behind refuses it for so long. An entry lives until its client has the whole allowance again, and 16
/// seconds.
#[derive(Clone)]
pub struct RedisThrottle {
    server: Arc<Server>,
    tags: Tags,
    when_down: WhenDown,
    gcra: Script,
}

impl RedisThrottle {
    /// In this Redis.
    pub fn new(server: Arc<Server>, tags: Tags, when_down: WhenDown) -> Self {
        RedisThrottle { server, tags, when_down, gcra: Script::new(include_str!("gcra.lua")) }
    }

    /// As the core's table counts: an IPv6 address by its /64, and a changed limit anew.
    fn key(&self, charge: &Charge<'_>) -> String {
        let Limit { requests, seconds, burst } = charge.limit;
        let limit = [requests, seconds, burst].map(u32::to_be_bytes).concat();
        let key = |kind: &[u8], client: &[u8]| self.tags.key("rate", &[&limit, charge.scope, kind, client]);
        match charge.client {
            Client::Name(name) => key(b"name", name),
            Client::Address(address) => match address.to_canonical() {
                IpAddr::V4(address) => key(b"4", &address.octets()),
                IpAddr::V6(address) => key(b"6", address.octets().first_chunk::<8>().map_or(&[], |network| network)),
            },
        }
    }
}

impl Throttle for RedisThrottle {
    fn admit(&self, charges: &[Charge<'_>], now_ms: i64) -> Result<(), Refusal> {
        let refusal = |status| Refusal { status, retry_after: 0 };
        if charges.len() > CHARGES_MAX {
            return Err(refusal(Status::TooManyItems));
        }
        if !charges.iter().all(|charge| is_in_range(charge.limit)) {
            return Err(refusal(Status::LimitRange));
        }
        if charges.is_empty() {
            return Ok(());
        }
        let mut script = self.gcra.prepare_invoke();
        // Before 1970 is 1970, and nothing is after 2106, as in the core's table.
        let now_ms = u64::try_from(now_ms).unwrap_or_default().min((1 << 32) * 1000);
        script.arg(now_ms.saturating_mul(1000)).arg(SLACK_SECONDS.saturating_mul(1000));
        for charge in charges {
            let span = u64::from(charge.limit.seconds).saturating_mul(MICROSECONDS);
            script.key(self.key(charge)).arg(charge.limit.requests).arg(span).arg(charge.limit.burst);
        }
        match self.server.ask(|connection| script.invoke::<u64>(connection)) {
            Ok(0) => Ok(()),
            Ok(wait) => {
                let retry_after = u32::try_from(wait.div_ceil(MICROSECONDS)).unwrap_or(u32::MAX);
                Err(Refusal { status: Status::RateLimited, retry_after })
            }
            Err(_) => self.when_down.answer(refusal(Status::ThrottleFull)),
        }
    }
}

fn is_in_range(limit: Limit) -> bool {
    let (requests, seconds, burst) = (u64::from(limit.requests), u64::from(limit.seconds), u64::from(limit.burst));
    let window = burst.saturating_mul(seconds).checked_div(requests);
    let is_slow = requests <= seconds.saturating_mul(REQUESTS_PER_SECOND_MAX);
    seconds > 0 && burst > 0 && is_slow && window.is_some_and(|window| window <= WINDOW_SECONDS_MAX)
}
