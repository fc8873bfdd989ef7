//! How often an unknown `kid` may make a host fetch its issuer's keys again.

/// At most one fetch in so many seconds, by the host's own clock. Whoever sends tokens with made-up key ids causes no more
/// (RFC 8725 3.10: a token's header is a request for work). One for each issuer; threads share it under a lock.
///
/// ```
/// use countermark::{Cooldown, Status};
/// let mut cooldown = Cooldown::new(60);
/// let now = 1_800_000_000;
/// // A token came back with Status::UnknownKid:
/// assert!(cooldown.ask(now), "the first fetches");
/// assert!(!cooldown.ask(now + 59), "an attacker's next does not");
/// assert!(cooldown.ask(now + 60));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cooldown {
    /// Seconds between two fetches.
    pub seconds: u32,
    /// When the last one was allowed.
    pub last: Option<i64>,
}

impl Cooldown {
    /// One that has allowed nothing yet.
    pub const fn new(seconds: u32) -> Self {
        Cooldown { seconds, last: None }
    }

    /// Whether to fetch now; if so, the time is noted. A clock that was set back by as much starts anew: no host waits for a
    /// time that it left behind. A step back by less is a thread that read the clock earlier, and waits as the others do.
    pub const fn ask(&mut self, now: i64) -> bool {
        let may = match self.last {
            Some(last) => now.saturating_sub(last).unsigned_abs() >= self.seconds as u64,
            None => true,
        };
        if may {
            self.last = Some(now);
        }
        may
    }
}
