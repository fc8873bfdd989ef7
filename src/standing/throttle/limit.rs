//! A limit, and its arithmetic: the generic cell rate algorithm (ITU-T I.371, annex A) on whole ticks.
//!
//! A client's state is one time: when it will have its whole allowance again. A request moves it on by the interval between
//! requests, and is refused if the state lies further ahead than what the burst tolerates.
//!
//! Times are whole ticks of a class, 2^(3 class - 18) seconds, and an interval is at least sixteen of them. It is a fraction of
//! ticks; so it is added as the distance between neighbours on a grid of rounded multiples, which is never off by more than a
//! tick, however many are added.

/// The finest tick: 2^18 of them are a second.
pub(crate) const TICK_BITS: u32 = 18;
/// Bits of a time in the finest ticks: until the year 2106.
pub(crate) const TIME_BITS: u32 = 32 + TICK_BITS;
/// A class has ticks of eight times the length of the one before.
pub(crate) const CLASS_STEP: u32 = 3;
pub(crate) const CLASS_MAX: u32 = 7;
/// Ticks that rounding may move a client's time ahead of the exact one: so nothing is refused that exact times would admit.
const ROUNDING_TICKS: u64 = 4;
const REQUESTS_PER_SECOND_MAX: u64 = 10_000;
const WINDOW_SECONDS_MAX: u64 = 366 * 86_400;

/// How often: `requests` in `seconds` on the long run, and `burst` of them at once for a client who has been idle.
///
/// From 1 request in 366 days to 10,000 a second; after `burst` requests a client must be idle for `burst * seconds / requests`
/// seconds, at most 366 days. In any span of time at most `span * requests / seconds + burst` requests are admitted, and by rounding
/// half of one more; none is refused that exact arithmetic would admit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests in `seconds`.
    pub requests: u32,
    /// The span that `requests` are counted in.
    pub seconds: u32,
    /// Requests at once; at least 1. A limit faster than the caller's clock ticks needs a burst of what comes in one tick.
    pub burst: u32,
}

impl Limit {
    /// The limit's bytes, for its tag: a changed limit begins anew.
    pub(crate) fn bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        for (place, number) in bytes.as_chunks_mut::<4>().0.iter_mut().zip([self.requests, self.seconds, self.burst]) {
            *place = number.to_be_bytes();
        }
        bytes
    }
}

/// A limit in ticks of its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// `span / count` ticks are the interval between requests.
    span: u64,
    count: u64,
    /// How many ticks a client's time may lie ahead, for the burst; and a few more, before a request is refused.
    burst: u64,
    pub(crate) class: u32,
}

impl Rate {
    /// `None` for a limit out of range.
    pub(crate) fn of(limit: Limit) -> Option<Rate> {
        let (requests, seconds, burst) = (u64::from(limit.requests), u64::from(limit.seconds), u64::from(limit.burst));
        let span = seconds.wrapping_shl(TICK_BITS);
        let window = burst.saturating_mul(seconds).checked_div(requests)?;
        let is_too_fast = requests > seconds.saturating_mul(REQUESTS_PER_SECOND_MAX);
        if seconds == 0 || burst == 0 || is_too_fast || window > WINDOW_SECONDS_MAX {
            return None;
        }
        // The coarsest ticks of which the interval has sixteen.
        let interval = span.checked_div(requests)?;
        let class = (interval.ilog2().saturating_sub(4) / CLASS_STEP).min(CLASS_MAX);
        let count = requests.wrapping_shl(class.wrapping_mul(CLASS_STEP));
        let rate = Rate { span, count, burst: 0, class };
        Some(Rate { burst: rate.multiple(burst.saturating_sub(1)), ..rate })
    }

    /// The present, in ticks of this class.
    pub(crate) fn now(self, ticks: u64) -> u64 {
        ticks.wrapping_shr(self.class.wrapping_mul(CLASS_STEP))
    }

    /// When the next request of a client of this time is due, in the finest ticks; `None` if it is admitted now.
    pub(crate) fn refuses_until(self, time: u64, ticks: u64) -> Option<u64> {
        let due = time.saturating_sub(self.burst);
        let is_due = due.saturating_sub(ROUNDING_TICKS) <= self.now(ticks);
        if is_due { None } else { Some(due.wrapping_shl(self.class.wrapping_mul(CLASS_STEP))) }
    }

    /// The time one request later.
    pub(crate) fn after(self, time: u64) -> u64 {
        let index = self.index(time);
        let step = self.multiple(index.saturating_add(1)).saturating_sub(self.multiple(index));
        time.saturating_add(step)
    }

    /// The time one request earlier, up to a tick.
    pub(crate) fn before(self, time: u64) -> u64 {
        let index = self.index(time);
        let step = self.multiple(index).saturating_sub(self.multiple(index.saturating_sub(1)));
        time.saturating_sub(step)
    }

    /// How many whole intervals there are up to this time.
    fn index(self, time: u64) -> u64 {
        let scaled = u128::from(time).wrapping_mul(self.count.into());
        scaled.checked_div(self.span.into()).unwrap_or_default() as u64
    }

    /// So many intervals, rounded up.
    fn multiple(self, intervals: u64) -> u64 {
        let scaled = u128::from(intervals).wrapping_mul(self.span.into());
        if self.count == 0 { 0 } else { scaled.div_ceil(self.count.into()) as u64 }
    }
}
