//! Where state lies: tables in memory for one instance, Redis for many.

use crate::Fault;
use crate::config::{Config, WhenDown};
use countermark::{AtomicU64, Replay, ReplayTable, RevocationTable, Revocations, Throttle, ThrottleTable};
use countermark_redis::{RedisReplay, RedisRevocations, RedisThrottle, Server, Tags};
use std::sync::Arc;
use std::time::Duration;

/// The three stores. They live as long as the process.
pub struct Stores {
    pub replay: &'static (dyn Replay + Send + Sync),
    pub throttle: &'static (dyn Throttle + Send + Sync),
    pub revoker: Revoker,
    /// The Redis behind them.
    pub server: Option<Arc<Server>>,
}

/// The store of revocations, which is also written.
pub enum Revoker {
    Table(&'static RevocationTable<'static>),
    Redis(&'static RedisRevocations),
}

/// What is revoked.
pub enum Revoked<'r> {
    Token { id: &'r str, expires_at: i64 },
    Key { id: &'r str, expires_at: i64 },
    Subject { name: &'r str, not_before: i64 },
}

impl Stores {
    pub fn open(config: &Config, secret: &[u8]) -> Result<Stores, Fault> {
        let life = config.token.life_seconds.saturating_add(config.token.leeway_seconds);
        let Some(url) = &config.state.redis else { return memory(config, secret, life) };
        let server = Arc::new(Server::open(url, Duration::from_millis(config.state.timeout_ms))?);
        let tags = Tags::new(secret)?;
        let when_down = match config.state.when_down {
            WhenDown::Closed => countermark_redis::WhenDown::Closed,
            WhenDown::Open => countermark_redis::WhenDown::Open,
        };
        let revocations = RedisRevocations::new(server.clone(), tags.clone(), when_down, life);
        Ok(Stores {
            replay: Box::leak(Box::new(RedisReplay::new(server.clone(), tags.clone(), when_down))),
            throttle: Box::leak(Box::new(RedisThrottle::new(server.clone(), tags, when_down))),
            revoker: Revoker::Redis(Box::leak(Box::new(revocations))),
            server: Some(server),
        })
    }
}

fn memory(config: &Config, secret: &[u8], life: u32) -> Result<Stores, Fault> {
    let (state, is_open) = (&config.state, config.state.when_down == WhenDown::Open);
    let replay = ReplayTable::new(words(ReplayTable::words_for(state.proofs)), secret)?;
    let throttle = ThrottleTable::new(words(ThrottleTable::words_for(state.clients)), secret)?;
    let throttle = if is_open { throttle.open_when_full() } else { throttle };
    let table = RevocationTable::new(words(RevocationTable::words_for(state.revocations)), secret, life)?;
    let table = if is_open { table.open_when_full() } else { table };
    let replay = Box::leak(Box::new(replay));
    let (throttle, table) = (Box::leak(Box::new(throttle)), Box::leak(Box::new(table)));
    Ok(Stores { replay, throttle, revoker: Revoker::Table(table), server: None })
}

/// Memory of a table, for the life of the process.
fn words(count: usize) -> &'static [AtomicU64] {
    Box::leak((0..count).map(|_| AtomicU64::new(0)).collect())
}

impl Revoker {
    /// What verifiers ask.
    pub fn store(&self) -> &'static dyn Revocations {
        match self {
            Revoker::Table(table) => *table,
            Revoker::Redis(store) => *store,
        }
    }

    /// Whether "unknown" means that a store did not answer: then it is the service's fault (503), and no login would help.
    pub fn is_remote(&self) -> bool {
        matches!(self, Revoker::Redis(_))
    }

    /// Until this has returned without a fault nothing is revoked.
    pub fn revoke(&self, issuer: &str, what: &Revoked<'_>, now: i64) -> Result<(), Fault> {
        match (self, what) {
            (Revoker::Table(table), Revoked::Token { id, expires_at }) => {
                table.revoke_token(issuer, id, *expires_at, now)?
            }
            (Revoker::Table(table), Revoked::Key { id, expires_at }) => table.revoke_key(issuer, id, *expires_at, now)?,
            (Revoker::Table(table), Revoked::Subject { name, not_before }) => {
                table.revoke_subject(issuer, name, *not_before, now)?;
            }
            (Revoker::Redis(store), Revoked::Token { id, expires_at }) => {
                store.revoke_token(issuer, id, *expires_at, now)?
            }
            (Revoker::Redis(store), Revoked::Key { id, expires_at }) => store.revoke_key(issuer, id, *expires_at, now)?,
            (Revoker::Redis(store), Revoked::Subject { name, not_before }) => {
                store.revoke_subject(issuer, name, *not_before, now)?;
            }
        }
        Ok(())
    }
}
