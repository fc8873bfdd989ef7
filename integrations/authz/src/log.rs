//! Structured logs: one JSON object a line. Of a token there is nothing in it, of a client only what the core's report says.

use crate::answer::Told;
use countermark::Status;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Lines that wait for whoever reads the log.
const WAITING_MAX: usize = 4096;
/// How long the end waits for them.
const END: Duration = Duration::from_secs(2);

/// Where lines go: a thread writes them. A reader that does not read delays nobody; what finds no room is counted and lost.
pub struct Log {
    lines: Mutex<Option<SyncSender<String>>>,
    written: Mutex<Receiver<()>>,
    pub lost: AtomicU64,
}

impl Log {
    pub fn new(mut out: impl Write + Send + 'static) -> Log {
        let (lines, waiting) = sync_channel::<String>(WAITING_MAX);
        let (done, written) = sync_channel(1);
        std::thread::spawn(move || {
            for line in waiting {
                // Where nobody reads the log, requests are served all the same.
                let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
            }
            let _ = done.send(());
        });
        Log { lines: Mutex::new(Some(lines)), written: Mutex::new(written), lost: AtomicU64::new(0) }
    }

    /// Ends the log: what was told before is written, if there is a reader.
    pub fn end(&self) {
        drop(self.lines.lock().unwrap_or_else(PoisonError::into_inner).take());
        let _ = self.written.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(END);
    }

    /// What happens to the service itself.
    pub fn event(&self, event: &str, more: Value) {
        let mut line = Map::new();
        line.insert("event".into(), event.into());
        if let Value::Object(more) = more {
            line.extend(more);
        }
        self.write(line);
    }

    /// An answer.
    pub fn answered(&self, door: &str, http: u16, told: &Told, took: Duration) {
        let mut line = Map::new();
        line.insert("event".into(), "answered".into());
        line.insert("door".into(), door.into());
        line.insert("http".into(), http.into());
        if let Some(status) = told.status {
            line.insert("status".into(), status.name().into());
            line.insert("code".into(), status.code().into());
            if status != Status::Accepted {
                line.insert("stage".into(), status.stage().name().into());
            }
        }
        if !told.failures.is_empty() {
            line.insert("failed".into(), told.failures.iter().map(|status| status.name()).collect());
        }
        let texts = [
            ("scheme", told.scheme.map(|scheme| scheme.name())),
            ("fingerprint", told.fingerprint),
            ("fault", told.fault),
            ("risk", told.risk.map(|(_, word)| word)),
        ];
        line.extend(texts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))));
        if let Some(similarity) = told.similarity {
            line.insert("similarity".into(), similarity.into());
        }
        if let Some((signals, _)) = told.risk.filter(|(signals, _)| *signals != 0) {
            line.insert("signals".into(), signals.into());
        }
        line.insert("microseconds".into(), json!(took.as_micros() as u64));
        self.write(line);
    }

    fn write(&self, mut line: Map<String, Value>) {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        line.insert("time".into(), json!(now.as_millis() as u64));
        let mut text = Value::Object(line).to_string();
        text.push('\n');
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.as_ref().is_none_or(|lines| lines.try_send(text).is_err()) {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}
