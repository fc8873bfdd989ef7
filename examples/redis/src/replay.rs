//! What was used once.

use crate::{Server, Tags, WhenDown, milliseconds_until};
use countermark::{Replay, Status, Use};
use std::sync::Arc;

/// The uses that any of the machines has seen.
///
/// Of any number of calls with one use, on any machines, Redis lets one succeed. Its replicas follow it later: after a failover
/// the last uses before it may be forgotten, and each could be presented once more until its proof is too old.
#[derive(Clone)]
pub struct RedisReplay {
    server: Arc<Server>,
    tags: Tags,
    when_down: WhenDown,
}

impl RedisReplay {
    /// In this Redis.
    pub fn new(server: Arc<Server>, tags: Tags, when_down: WhenDown) -> Self {
        RedisReplay { server, tags, when_down }
    }

    fn key(&self, presented: &Use) -> String {
        self.tags.key("replay", &[&presented.digest])
    }
}

impl Replay for RedisReplay {
    fn check(&self, presented: &Use, now: i64) -> Result<(), Status> {
        if presented.expires_at <= now {
            return Err(Status::Replayed);
        }
        let key = self.key(presented);
        match self.server.ask(|connection| redis::cmd("EXISTS").arg(&key).query::<bool>(connection)) {
            Ok(true) => Err(Status::Replayed),
            Ok(false) => Ok(()),
            Err(_) => self.when_down.answer(Status::ReplayFull),
        }
    }

    fn commit(&self, presented: &Use, now: i64) -> Result<(), Status> {
        // What is not remembered any more cannot be told from its copy.
        let kept = milliseconds_until(presented.expires_at, now).ok_or(Status::Replayed)?;
        let key = self.key(presented);
        let mut set = redis::cmd("SET");
        set.arg(&key).arg(1).arg("NX").arg("PX").arg(kept);
        match self.server.ask(|connection| set.query::<Option<String>>(connection)) {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(Status::Replayed),
            Err(_) => self.when_down.answer(Status::ReplayFull),
        }
    }
}
