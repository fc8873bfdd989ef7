//! Tokens, keys and whole pasts of subjects that are refused although they verify.

use crate::{Down, Server, Tags, WhenDown, milliseconds_until};
use countermark::{Name, Revocable, Revocations, Status};
use redis::Script;
use std::sync::Arc;

/// Lua counts in doubles, which are exact so far. Nobody writes a later date.
const FOR_EVER: i64 = 1 << 53;

/// The revocations of all machines: what one writes, the next check of any other sees.
///
/// Revocations expire by themselves, and none is taken back before. The calls have the arguments of
/// [`countermark::RevocationTable`].
#[derive(Clone)]
pub struct RedisRevocations {
    server: Arc<Server>,
    tags: Tags,
    when_down: WhenDown,
    token_life: u32,
    raise: Script,
}

impl RedisRevocations {
    /// In this Redis. `token_life` is the longest that a token lives, in seconds, with the policy's leeway: so long is kept that a
    /// subject was logged out everywhere.
    pub fn new(server: Arc<Server>, tags: Tags, when_down: WhenDown, token_life: u32) -> Self {
        RedisRevocations { server, tags, when_down, token_life, raise: Script::new(include_str!("raise.lua")) }
    }

    /// Revokes the token with this `iss` and `jti`; `expires_at` is its `exp` and the policy's leeway.
    ///
    /// # Errors
    /// [`Down`]: it is not revoked, or nobody knows. Try again.
    pub fn revoke_token(&self, issuer: &str, token_id: &str, expires_at: i64, now: i64) -> Result<(), Down> {
        self.revoke("token", issuer, token_id, expires_at, expires_at, now)
    }

    /// Revokes every token of this issuer, or with an empty one of all, that the key with this `kid` verifies: until `expires_at`, or
    /// with [`i64::MAX`] for ever.
    ///
    /// # Errors
    /// [`Down`].
    pub fn revoke_key(&self, issuer: &str, key_id: &str, expires_at: i64, now: i64) -> Result<(), Down> {
        self.revoke("key", issuer, key_id, expires_at, expires_at, now)
    }

    /// Logs out everywhere: revokes the tokens of this issuer and subject whose `iat` is below `not_before`, and those without one.
    ///
    /// # Errors
    /// [`Down`].
    pub fn revoke_subject(&self, issuer: &str, subject: &str, not_before: i64, now: i64) -> Result<(), Down> {
        let until = not_before.saturating_add(self.token_life.into());
        self.revoke("subject", issuer, subject, not_before, until, now)
    }

    fn revoke(&self, what: &str, issuer: &str, name: &str, time: i64, until: i64, now: i64) -> Result<(), Down> {
        // Nothing is refused that has expired anyway.
        let Some(kept) = milliseconds_until(until, now) else { return Ok(()) };
        let kept = if until >= FOR_EVER { 0 } else { kept };
        let key = self.key(what, issuer.as_bytes(), name.as_bytes());
        let mut raise = self.raise.key(key);
        raise.arg(time.min(FOR_EVER)).arg(kept);
        self.server.ask(|connection| raise.invoke::<i64>(connection)).map(|_| ())
    }

    fn key(&self, what: &str, issuer: &[u8], name: &[u8]) -> String {
        self.tags.key("revoked", &[what.as_bytes(), issuer, name])
    }
}

impl Revocations for RedisRevocations {
    fn check(&self, token: &Revocable<'_>, now: i64) -> Result<(), Status> {
        let text = |name: Option<Name<'_>>| name.map(|name| name.bytes().collect::<Vec<u8>>());
        let issuer = text(token.issuer).unwrap_or_default();
        let (token_id, key_id, subject) = (text(token.token_id), text(token.key_id), text(token.subject));
        let is_until = |time: i64| time > now;
        let is_before = |time: i64| token.issued_at.is_none_or(|issued_at| issued_at < time);
        let asked = [
            token_id.map(|name| (self.key("token", &issuer, &name), true)),
            key_id.as_ref().map(|name| (self.key("key", &issuer, name), true)),
            key_id.as_ref().map(|name| (self.key("key", b"", name), true)),
            subject.map(|name| (self.key("subject", &issuer, &name), false)),
        ];
        let asked: Vec<(String, bool)> = asked.into_iter().flatten().collect();
        if asked.is_empty() {
            return Ok(());
        }
        let mut get = redis::cmd("MGET");
        for (key, _) in &asked {
            get.arg(key);
        }
        let Ok(times) = self.server.ask(|connection| get.query::<Vec<Option<i64>>>(connection)) else {
            return self.when_down.answer(Status::RevocationUnknown);
        };
        let mut found = asked.iter().zip(times).filter_map(|((_, ends), time)| Some((ends, time?)));
        let is_revoked = found.any(|(ends, time)| if *ends { is_until(time) } else { is_before(time) });
        if is_revoked { Err(Status::Revoked) } else { Ok(()) }
    }
}
