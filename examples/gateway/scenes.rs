//! What the gateway is asked by clients that it knows by their likeness, and what it must answer. A new scene is one entry.

use super::client::{CHROME, CHROME_MOVED, CHROME_RESET, CHROME_STRIPPED, CHROME_UPDATED, FIREFOX, FORM};
use super::forge;
use super::scene::Expected::{Accept, AcceptChanged, Http, Reject, StepUp};
use super::scene::{Scene, invalid};
use countermark::Status;

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
