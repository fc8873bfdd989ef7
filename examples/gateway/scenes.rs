//! What the gateway is asked, and what it must answer. A new scene is one entry.

use super::client::{Answer, CHROME, CHROME_MOVED, CHROME_RESET, CHROME_STRIPPED, CHROME_UPDATED, FIREFOX, FORM, Visitor};
use super::table::Row;
use super::{Fault, forge};
use Expected::{Accept, AcceptChanged, Http, Reject, StepUp};
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
    /// The token is refused for this reason, with this HTTP status and this error code of RFC 6750.
    Reject(Status, u16, Option<&'static str>),
}

/// The usual refusal (RFC 6750 3.1).
const fn invalid(status: Status) -> Expected {
    Reject(status, 401, Some("invalid_token"))
}

/// One or more requests that belong together; `perform` gives one answer for each.
pub struct Scene {
    pub requests: &'static [(&'static str, Expected)],
    pub perform: fn(&Visitor<'_>) -> Result<Vec<Answer>, Fault>,
}

pub const SCENES: &[Scene] = &[
    Scene {
        requests: &[("login, wrong password", Http(401)), ("login, user and password as JSON", Http(200))],
        perform: |visitor| {
            Ok(vec![
                visitor.login(&CHROME, FORM, "user=alice&password=looking-glass")?,
                visitor.login(&CHROME, "application/json", r#"{"user":"bob","password":"builder & sons"}"#)?,
            ])
        },
    },
    Scene {
        requests: &[("honest client", Accept), ("the same token again", Accept)],
        perform: |visitor| {
            let token = visitor.token(&CHROME)?;
            Ok(vec![visitor.show(&CHROME, &token)?, visitor.show(&CHROME, &token)?])
        },
    },
    Scene {
        requests: &[("stolen token, from another browser", invalid(Status::FingerprintMismatch))],
        perform: |visitor| Ok(vec![visitor.show(&FIREFOX, &visitor.token(&CHROME)?)?]),
    },
    Scene {
        requests: &[("tampered: alice becomes admin", invalid(Status::Signature))],
        perform: |visitor| Ok(vec![visitor.show(&CHROME, &forge::renamed(&visitor.token(&CHROME)?, "alice", "admin")?)?]),
    },
    Scene {
        requests: &[("expired a minute ago", invalid(Status::Expired))],
        perform: |visitor| {
            let token = visitor.minted(&CHROME, |terms, now| {
                terms.issued_at = Some(now.saturating_sub(360));
                terms.expires_at = Some(now.saturating_sub(60));
            })?;
            Ok(vec![visitor.show(&CHROME, &token)?])
        },
    },
    Scene {
        requests: &[("meant for another audience", invalid(Status::Audience))],
        perform: |visitor| {
            let token = visitor.minted(&CHROME, |terms, _| terms.audience = &["https://bank.example"])?;
            Ok(vec![visitor.show(&CHROME, &token)?])
        },
    },
    Scene {
        requests: &[
            ("alg none, signature kept", invalid(Status::AlgorithmUnknown)),
            ("alg none, no signature", invalid(Status::TokenSegmentEmpty)),
        ],
        perform: |visitor| {
            let token = visitor.token(&CHROME)?;
            Ok(vec![
                visitor.show(&CHROME, &forge::unsecured(&token, true)?)?,
                visitor.show(&CHROME, &forge::unsecured(&token, false)?)?,
            ])
        },
    },
    Scene {
        requests: &[
            ("re-signed with another key", invalid(Status::Signature)),
            ("re-signed, HS256 under the public key", invalid(Status::AlgorithmNotAllowed)),
        ],
        perform: |visitor| {
            let token = visitor.token(&CHROME)?;
            let public_key = visitor.gateway.public_key()?;
            Ok(vec![
                visitor.show(&CHROME, &forge::re_signed(&token)?)?,
                visitor.show(&CHROME, &forge::confused(&token, &public_key)?)?,
            ])
        },
    },
    Scene {
        requests: &[
            ("browser updated, its old token", AcceptChanged),
            ("browser updated, asks for a new one", AcceptChanged),
            ("browser updated, its new token", Accept),
        ],
        perform: |visitor| {
            let token = visitor.token(&CHROME)?;
            let served = visitor.show(&CHROME_UPDATED, &token)?;
            let mut reissued = visitor.reissue(&CHROME_UPDATED, &token)?;
            let token = reissued.token()?;
            reissued.body = serde_json::json!({ "user": "alice" });
            Ok(vec![served, reissued, visitor.show(&CHROME_UPDATED, &token)?])
        },
    },
    Scene {
        requests: &[("moved to another network", AcceptChanged)],
        perform: |visitor| Ok(vec![visitor.show(&CHROME_MOVED, &visitor.token(&CHROME)?)?]),
    },
    Scene {
        requests: &[("language and screen changed at once", StepUp), ("the same, after a new login", Accept)],
        perform: |visitor| {
            let refused = visitor.show(&CHROME_RESET, &visitor.token(&CHROME)?)?;
            Ok(vec![refused, visitor.show(&CHROME_RESET, &visitor.token(&CHROME_RESET)?)?])
        },
    },
    Scene {
        requests: &[("headers stripped to hide differences", StepUp)],
        perform: |visitor| Ok(vec![visitor.show(&CHROME_STRIPPED, &visitor.token(&CHROME)?)?]),
    },
    Scene {
        requests: &[("no token", Reject(Status::CredentialsMissing, 401, None))],
        perform: |visitor| Ok(vec![visitor.get(&CHROME, &[])?]),
    },
    Scene {
        requests: &[("two tokens", Reject(Status::CredentialsRepeated, 400, Some("invalid_request")))],
        perform: |visitor| {
            let value = format!("Bearer {}", visitor.token(&CHROME)?);
            Ok(vec![visitor.get(&CHROME, &[("Authorization", &value), ("authorization", &value)])?])
        },
    },
];

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
            StepUp => "step up".into(),
            Reject(status, ..) => format!("reject {}", status.code()),
        }
    }

    /// What is different in the answer; nothing when all is as expected.
    pub fn differences(&self, answer: &Answer) -> Vec<String> {
        let (http, verdict, code) = match self {
            Http(http) => (*http, "", String::new()),
            Accept | AcceptChanged => (200, "accept", "0".into()),
            StepUp => (401, "step up", Status::StepUp.code().to_string()),
            Reject(status, http, _) => (*http, "reject", status.code().to_string()),
        };
        let challenge = match self {
            Http(401) | Reject(_, _, None) => r#"Bearer realm="gateway""#.into(),
            StepUp => r#"Bearer realm="gateway", error="insufficient_user_authentication""#.into(),
            Reject(_, _, Some(error)) => format!(r#"Bearer realm="gateway", error="{error}""#),
            _ => String::new(),
        };
        let advice = if matches!(self, AcceptChanged) { "reissue" } else { "" };
        let user = if matches!(self, Accept | AcceptChanged) { "alice" } else { "" };
        let shown = answer.body.get("user").and_then(Value::as_str).unwrap_or_default();
        let pairs = [
            ("HTTP status", http.to_string(), answer.http.to_string()),
            ("verdict", verdict.into(), answer.field("countermark-verdict").into()),
            ("code", code, answer.field("countermark-code").into()),
            ("WWW-Authenticate", challenge, answer.field("www-authenticate").into()),
            ("advice", advice.into(), answer.field("countermark-advice").into()),
            ("user", user.into(), shown.into()),
        ];
        let differing = pairs.iter().filter(|(_, expected, found)| expected != found);
        differing.map(|(what, expected, found)| format!("{what} is {found:?}, not {expected:?}")).collect()
    }
}
