//! A scene: requests, and what they must be answered with.

use super::Fault;
use super::client::{Answer, Visitor};
use super::table::Row;
use Expected::{Accept, AcceptChanged, Closed, Forbidden, Http, Reject, RejectDpop, StepUp, StepUpRisk, TooMany};
use countermark::Status;
use serde_json::Value;

/// What a request must be answered with.
#[derive(Clone, Copy)]
pub enum Expected {
    /// This HTTP status; no token was judged.
    Http(u16),
    /// The token is accepted, and the answer names Alice.
    Accept,
    /// As accept, and a new token is advised, because something about the client changed.
    AcceptChanged,
    /// The token is genuine, and a stronger login is asked for (RFC 9470 3).
    StepUp,
    /// The same, because the visit is odd.
    StepUpRisk,
    /// A stream that was served, and has ended.
    Closed,
    /// 429, and when to come again (RFC 6585 4).
    TooMany,
    /// The token is refused for this reason, with this HTTP status and this error code of RFC 6750.
    Reject(Status, u16, Option<&'static str>),
    /// The token is not allowed that: 403 with this scope (RFC 6750 3.1).
    Forbidden(Status, &'static str),
    /// A DPoP request is refused for this reason, with 401 and this error code of RFC 9449 or 6750.
    RejectDpop(Status, &'static str),
}

/// The usual refusal (RFC 6750 3.1).
pub const fn invalid(status: Status) -> Expected {
    Reject(status, 401, Some("invalid_token"))
}

/// One or more requests that belong together; `perform` gives one answer for each.
#[derive(Clone, Copy)]
pub struct Scene {
    pub requests: &'static [(&'static str, Expected)],
    pub perform: fn(&Visitor<'_>) -> Result<Vec<Answer>, Fault>,
}

impl Scene {
    /// Sends the requests and holds the answers against the expectations.
    pub fn play(&self, visitor: &Visitor<'_>) -> Vec<Row> {
        let answers = (self.perform)(visitor);
        let mut rows = Vec::new();
        for (position, (request, expected)) in self.requests.iter().enumerate() {
            rows.push(match &answers {
                Ok(answers) => match answers.get(position) {
                    Some(answer) => Row::of(request, expected, answer),
                    None => Row::failed(request, expected, "the scene did not send it"),
                },
                Err(fault) => Row::failed(request, expected, &fault.to_string()),
            });
        }
        rows
    }
}

impl Expected {
    /// As the table says it.
    pub fn text(&self) -> String {
        match self {
            Http(http) => format!("HTTP {http}"),
            Accept => "accept".into(),
            AcceptChanged => "accept, re-issue".into(),
            StepUp | StepUpRisk => "step up".into(),
            Closed => format!("reject {}", Status::SessionEnded.code()),
            TooMany => format!("reject {}", Status::RateLimited.code()),
            Reject(status, ..) | Forbidden(status, _) | RejectDpop(status, _) => format!("reject {}", status.code()),
        }
    }

    /// What is different in the answer; nothing when all is as expected.
    pub fn differences(&self, answer: &Answer) -> Vec<String> {
        let (http, verdict, code) = match self {
            Http(http) => (*http, "", String::new()),
            Accept | AcceptChanged => (200, "accept", "0".into()),
            StepUp => (401, "step up", Status::StepUp.code().to_string()),
            StepUpRisk => (401, "step up", Status::StepUpRisk.code().to_string()),
            Closed => (200, "reject", Status::SessionEnded.code().to_string()),
            TooMany => (429, "reject", Status::RateLimited.code().to_string()),
            Reject(status, http, _) => (*http, "reject", status.code().to_string()),
            Forbidden(status, _) => (403, "reject", status.code().to_string()),
            RejectDpop(status, _) => (401, "reject", status.code().to_string()),
        };
        let challenge = match self {
            Http(401) | Reject(_, _, None) => r#"Bearer realm="gateway""#.into(),
            StepUp | StepUpRisk => r#"Bearer realm="gateway", error="insufficient_user_authentication""#.into(),
            Reject(_, _, Some(error)) => format!(r#"Bearer realm="gateway", error="{error}""#),
            Forbidden(_, scope) => {
                format!(r#"Bearer realm="gateway", error="insufficient_scope", scope="{scope}""#)
            }
            RejectDpop(_, error) => format!(r#"DPoP realm="gateway", error="{error}""#),
            _ => String::new(),
        };
        let advice = if matches!(self, AcceptChanged) { "reissue" } else { "" };
        let user = if matches!(self, Accept | AcceptChanged) { "alice" } else { "" };
        let shown = answer.body.get("user").and_then(Value::as_str).unwrap_or_default();
        // A scene may have an Alice of its own.
        let shown = shown.split('-').next().unwrap_or_default();
        // It depends on how fast the requests came.
        let has_to_wait = answer.field("retry-after").parse().is_ok_and(|seconds| (1..=30).contains(&seconds));
        let is_to_wait = matches!(self, TooMany);
        let pairs = [
            ("HTTP status", http.to_string(), answer.http.to_string()),
            ("verdict", verdict.into(), answer.field("countermark-verdict").into()),
            ("code", code, answer.field("countermark-code").into()),
            ("WWW-Authenticate", challenge, answer.field("www-authenticate").into()),
            ("advice", advice.into(), answer.field("countermark-advice").into()),
            ("user", user.into(), shown.into()),
            ("Retry-After", is_to_wait.to_string(), has_to_wait.to_string()),
        ];
        let differing = pairs.iter().filter(|(_, expected, found)| expected != found);
        differing.map(|(what, expected, found)| format!("{what} is {found:?}, not {expected:?}")).collect()
    }
}
