//! Structured logs: one JSON object a line. Of a token there is nothing in it, of a client only what the core's report says.

use crate::answer::Told;
use serde_json::{Map, Value, json};
use std::io::Write;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// Where lines go.
pub struct Log(Mutex<Box<dyn Write + Send>>);

impl Log {
    pub fn new(out: impl Write + Send + 'static) -> Log {
        Log(Mutex::new(Box::new(out)))
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
            line.insert("stage".into(), status.stage().name().into());
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
        // Where nobody reads the log, requests are served all the same.
        let _ = self.0.lock().unwrap_or_else(PoisonError::into_inner).write_all(text.as_bytes());
    }
}
