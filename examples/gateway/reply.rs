//! The answers.

use super::Fault;
use countermark::{Challenge, Report, Scheme, Stage, Status};
use serde_json::{Value, json};
use std::time::Duration;
use tiny_http::{Header, Response};

/// An answer in the making.
pub struct Reply {
    http: u16,
    fields: Vec<(&'static str, String)>,
    body: Value,
}

impl Reply {
    pub fn new(http: u16, body: Value) -> Self {
        Reply { http, fields: vec![("Content-Type", "application/json".into())], body }
    }

    pub fn error(http: u16, sentence: &str) -> Self {
        Reply::new(http, json!({ "error": sentence }))
    }

    /// Adds a field, unless it is empty.
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        let value = value.to_string();
        if !value.is_empty() {
            self.fields.push((name, value));
        }
        self
    }

    /// Adds what RFC 6750 3 and RFC 9449 7.1 tell the client; nothing when the fault is the gateway's own.
    pub fn challenged(self, status: Status, scheme: Scheme, scope: &str) -> Self {
        let scope = Some(scope).filter(|scope| !scope.is_empty());
        let challenge = Challenge { scheme, realm: Some("gateway"), scope, ..Challenge::default() };
        let mut text = [0; 128];
        match challenge.write(status, &mut text) {
            Ok(value) => self.with("WWW-Authenticate", value),
            Err(_) => self,
        }
    }

    /// Step up says how to come back: by a stronger login (RFC 9470 3). A reject says only that the token is worth nothing here.
    pub fn refused(status: Status, scheme: Scheme, scope: &str) -> Self {
        // The only argument that a client chooses is the path of a proof's target: one that no URI has is its own fault.
        let http = if status == Status::Argument { 400 } else { Challenge::http_status(status) };
        Reply::error(http, "not for you").challenged(status, scheme, scope)
    }

    /// What the core would not mint, because of what the client sent, is the client's answer; the rest is ours alone.
    pub fn failed(fault: Fault) -> Self {
        match fault.downcast_ref::<Status>() {
            Some(status) if status.is_step_up() => Reply::refused(*status, Scheme::Bearer, ""),
            Some(status) if status.stage() == Stage::Holder => Reply::error(400, status.sentence()),
            _ => {
                eprintln!("gateway: {fault}");
                Reply::error(500, "internal error")
            }
        }
    }

    /// For the demonstration only. A real gateway writes these into its log: they tell an attacker how far he got. The
    /// similarity stays here even so: it would tell him which way to go.
    pub fn reported(self, word: &str, report: &Report, took: Duration) -> Self {
        let is_advised = report.score.is_some_and(|score| score.reissue);
        self.with("Countermark-Advice", if is_advised { "reissue" } else { "" })
            .with("Countermark-Verdict", word)
            .with("Countermark-Code", report.status.code())
            .with("Countermark-Status", report.status.name())
            .with("Countermark-Stage", report.stage().name())
            .with("Countermark-Microseconds", microseconds(took))
    }

    pub fn into_response(self) -> Response<std::io::Cursor<Vec<u8>>> {
        let headers = self.fields.iter().filter_map(|(name, value)| Header::from_bytes(*name, value.as_bytes()).ok());
        let response = Response::from_string(format!("{}\n", self.body)).with_status_code(self.http);
        headers.fold(response, Response::with_header)
    }
}

fn microseconds(took: Duration) -> String {
    format!("{:.1}", took.as_secs_f64() * 1e6)
}
