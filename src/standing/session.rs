//! Session: a connection that outlives its request is looked at again, without keeping the token.
//!
//! | bytes | what, little-endian |
//! |---|---|
//! | 0 | 1 |
//! | 1 | 0 it goes on, 1 a stronger proof is awaited, 2 to 6 why it ended |
//! | 2, 3 | zero |
//! | 4 to 15 | seconds between checks, of idleness, and the least similarity |
//! | 16 to 47 | when it ends, when the token expires, when it was last used, when it is to be checked |
//! | 48 to 55 | the revocation epoch of the last check |
//! | 56 to 63 | zero |

use super::record::{put, take};
use crate::error::Status;

/// Bytes of a session.
pub const SESSION_BYTES: usize = 64;

/// How long a session may go on without what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionRules {
    /// From one verification to the next; so long at most does a revocation go unseen.
    pub check_seconds: u32,
    /// Without use.
    pub idle_seconds: u32,
    /// In all.
    pub absolute_seconds: u32,
    /// The least similarity to the first fingerprint before a stronger proof is asked for; 0 for any.
    pub similarity: u32,
}

/// What has come to pass since the last call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// The session was used.
    pub is_used: bool,
    /// A number of the host's that grows whenever anything is revoked: a change asks for a verification at once.
    pub epoch: u64,
    /// The status of a verification, of a token with this `exp` (`i64::MAX` for none).
    pub verified: Option<(Status, i64)>,
    /// How alike the client is to the session's first fingerprint: a host that watches drift keeps the first sketch beside the
    /// session, and scores against that.
    pub similarity: Option<u32>,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// A verification was refused.
    Refused = 2,
    /// It went on as long as it may.
    Absolute = 3,
    /// Its token expired.
    Expired = 4,
    /// Nobody used it.
    Idle = 5,
    /// It was never begun, or the bytes are no session.
    Unknown = 6,
}

/// What to do with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum SessionVerdict {
    /// Serve.
    Continue,
    /// Verify a token before anything more is served, and tell the result; [`Status::SessionReverify`].
    Reverify,
    /// Ask for a stronger proof before anything more is served; [`Status::StepUp`]. It ends with a verification that is accepted and,
    /// where a similarity is watched, comes with one that suffices.
    StepUp,
    /// Close it; [`Status::SessionEnded`].
    End(SessionEnd),
}

impl SessionVerdict {
    /// The status: [`Status::Accepted`] for `Continue` alone.
    pub const fn status(self) -> Status {
        match self {
            SessionVerdict::Continue => Status::Accepted,
            SessionVerdict::Reverify => Status::SessionReverify,
            SessionVerdict::StepUp => Status::StepUp,
            SessionVerdict::End(_) => Status::SessionEnded,
        }
    }
}

/// A session: these bytes are all of it, in memory and in a store. One that ended never goes on again.
///
/// ```
/// use countermark::{Seen, Session, SessionEnd, SessionRules, SessionVerdict, Status};
///
/// let rules = SessionRules { check_seconds: 60, idle_seconds: 600, absolute_seconds: 28_800, similarity: 0 };
/// let now = 1_700_000_000;
/// let mut session = Session::begin(&rules, now + 3600, 7, now).unwrap();
/// assert_eq!(session.due(), now + 60);
/// let used = Seen { is_used: true, epoch: 7, ..Seen::default() };
/// assert_eq!(session.observe(&used, now + 59), SessionVerdict::Continue);
/// assert_eq!(session.observe(&Seen { epoch: 8, ..used }, now + 59), SessionVerdict::Reverify);
/// let refused = Seen { epoch: 8, verified: Some((Status::Expired, i64::MAX)), ..used };
/// assert_eq!(session.observe(&refused, now + 59), SessionVerdict::End(SessionEnd::Refused));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session(pub [u8; SESSION_BYTES]);

/// A session, read.
#[derive(Clone, Copy)]
struct State {
    state: u8,
    check_seconds: u32,
    idle_seconds: u32,
    similarity: u32,
    ends_at: i64,
    expires_at: i64,
    used_at: i64,
    check_at: i64,
    epoch: u64,
}

const STEP_UP: u8 = 1;

impl Session {
    /// A session of a token that has just been accepted, with this `exp` (`i64::MAX` for none).
    ///
    /// # Errors
    /// [`Status::LimitRange`] when one of the spans is 0.
    pub fn begin(rules: &SessionRules, expires_at: i64, epoch: u64, now: i64) -> Result<Session, Status> {
        if rules.check_seconds == 0 || rules.idle_seconds == 0 || rules.absolute_seconds == 0 {
            return Err(Status::LimitRange);
        }
        let state = State {
            state: 0,
            check_seconds: rules.check_seconds,
            idle_seconds: rules.idle_seconds,
            similarity: rules.similarity,
            ends_at: now.saturating_add(rules.absolute_seconds.into()),
            expires_at,
            used_at: now,
            check_at: now.saturating_add(rules.check_seconds.into()),
            epoch,
        };
        Ok(state.write())
    }

    /// When [`Session::observe`] is due at the latest, for what time alone brings about: a check or an end.
    pub fn due(&self) -> i64 {
        State::read(self).map_or(i64::MIN, |state| {
            let idle_at = state.used_at.saturating_add(state.idle_seconds.into());
            // A step-up waits for the client, and no clock ends it.
            let check_at = if state.state == STEP_UP { i64::MAX } else { state.check_at };
            check_at.min(idle_at).min(state.ends_at).min(state.expires_at)
        })
    }

    /// Notes what has come to pass, and judges.
    pub fn observe(&mut self, seen: &Seen, now: i64) -> SessionVerdict {
        let Some(mut state) = State::read(self) else { return SessionVerdict::End(SessionEnd::Unknown) };
        let verdict = state.observe(seen, now);
        if let SessionVerdict::End(end) = verdict {
            state.state = end as u8;
        }
        *self = state.write();
        verdict
    }
}

impl State {
    fn observe(&mut self, seen: &Seen, now: i64) -> SessionVerdict {
        if let Some(end) = self.ended() {
            return SessionVerdict::End(end);
        }
        if now >= self.ends_at {
            return SessionVerdict::End(SessionEnd::Absolute);
        }
        if now >= self.used_at.saturating_add(self.idle_seconds.into()) {
            return SessionVerdict::End(SessionEnd::Idle);
        }
        match seen.verified {
            Some((Status::Accepted, expires_at)) => {
                let is_like = seen.similarity.is_some_and(|similarity| similarity >= self.similarity);
                if self.similarity == 0 || is_like {
                    self.state = 0;
                }
                self.expires_at = expires_at;
                self.check_at = now.saturating_add(self.check_seconds.into());
                self.epoch = seen.epoch;
            }
            Some((status, _)) if status.is_step_up() => self.state = STEP_UP,
            Some(_) => return SessionVerdict::End(SessionEnd::Refused),
            None => {}
        }
        if now >= self.expires_at {
            return SessionVerdict::End(SessionEnd::Expired);
        }
        if seen.is_used {
            self.used_at = self.used_at.max(now);
        }
        if seen.similarity.is_some_and(|similarity| similarity < self.similarity) {
            self.state = STEP_UP;
        }
        if self.state == STEP_UP {
            return SessionVerdict::StepUp;
        }
        // A check that is further off than one ever is: the clock was set back.
        let is_far = self.check_at.saturating_sub(now) > self.check_seconds.into();
        let is_due = now >= self.check_at || is_far || seen.epoch != self.epoch;
        if is_due { SessionVerdict::Reverify } else { SessionVerdict::Continue }
    }

    fn ended(&self) -> Option<SessionEnd> {
        let ends = [SessionEnd::Refused, SessionEnd::Absolute, SessionEnd::Expired, SessionEnd::Idle, SessionEnd::Unknown];
        ends.into_iter().find(|end| *end as u8 == self.state)
    }

    fn read(session: &Session) -> Option<State> {
        let mut rest = &session.0[..];
        let [version, state, _, _] = take(&mut rest);
        let read = State {
            state,
            check_seconds: u32::from_le_bytes(take(&mut rest)),
            idle_seconds: u32::from_le_bytes(take(&mut rest)),
            similarity: u32::from_le_bytes(take(&mut rest)),
            ends_at: i64::from_le_bytes(take(&mut rest)),
            expires_at: i64::from_le_bytes(take(&mut rest)),
            used_at: i64::from_le_bytes(take(&mut rest)),
            check_at: i64::from_le_bytes(take(&mut rest)),
            epoch: u64::from_le_bytes(take(&mut rest)),
        };
        (version == 1 && state <= SessionEnd::Unknown as u8).then_some(read)
    }

    fn write(&self) -> Session {
        let mut bytes = [0; SESSION_BYTES];
        let mut rest = &mut bytes[..];
        put(&mut rest, &[1, self.state, 0, 0]);
        [self.check_seconds, self.idle_seconds, self.similarity].iter().for_each(|word| put(&mut rest, &word.to_le_bytes()));
        let times = [self.ends_at, self.expires_at, self.used_at, self.check_at];
        times.iter().for_each(|time| put(&mut rest, &time.to_le_bytes()));
        put(&mut rest, &self.epoch.to_le_bytes());
        Session(bytes)
    }
}
