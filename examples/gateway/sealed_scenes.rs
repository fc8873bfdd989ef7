//! What the gateway is asked with encrypted tokens, and with tokens under secrets that change each day.

use super::client::{CHROME, FIREFOX, Visitor};
use super::door::Door;
use super::scene::Expected::Accept;
use super::scene::{Scene, invalid};
use super::{Fault, forge, gateway};
use countermark::Status;

const DAY: i64 = 86_400;

pub const SCENES: &[Scene] = &[
    Scene {
        requests: &[
            ("sealed: signed, then encrypted", Accept),
            ("sealed: encrypted, then signed", Accept),
            ("sealed: token stolen, from another browser", invalid(Status::FingerprintMismatch)),
        ],
        perform: |visitor| {
            let sealed = visitor.token_for(Door::Sealed, &CHROME)?;
            Ok(vec![
                visitor.show_at("/sealed/hello", &CHROME, &sealed)?,
                visitor.show_at("/signed/hello", &CHROME, &visitor.token_for(Door::Signed, &CHROME)?)?,
                visitor.show_at("/sealed/hello", &FIREFOX, &sealed)?,
            ])
        },
    },
    Scene {
        requests: &[
            ("sealed: a signed token where it must be sealed", invalid(Status::TokenNotCompact)),
            ("sealed: a sealed token where it must be plain", invalid(Status::TokenNotCompact)),
            ("sealed: the signature outside, must be inside", invalid(Status::TokenNotCompact)),
            ("sealed: no envelope inside the signature", invalid(Status::NestedMissing)),
        ],
        perform: |visitor| {
            let (plain, sealed) = (visitor.token(&CHROME)?, visitor.token_for(Door::Sealed, &CHROME)?);
            let signed = visitor.token_for(Door::Signed, &CHROME)?;
            Ok(vec![
                visitor.show_at("/sealed/hello", &CHROME, &plain)?,
                visitor.show(&CHROME, &sealed)?,
                visitor.show_at("/sealed/hello", &CHROME, &signed)?,
                visitor.show_at("/signed/hello", &CHROME, &plain)?,
            ])
        },
    },
    Scene {
        requests: &[
            ("sealed: around an unsigned token", invalid(Status::AlgorithmUnknown)),
            ("sealed: around a token by another key", invalid(Status::Signature)),
            ("sealed: around claims that nobody signed", invalid(Status::NestedMissing)),
            ("sealed: under another key", invalid(Status::Decryption)),
        ],
        perform: |visitor| {
            let (token, key) = (visitor.token(&CHROME)?, &visitor.gateway.sealed.envelope_key);
            let [_, claims, _] = forge::parts(&token)?;
            let show = |sealed: String| visitor.show_at("/sealed/hello", &CHROME, &sealed);
            Ok(vec![
                show(forge::sealed(&forge::unsecured(&token, true)?, key)?)?,
                show(forge::sealed(&forge::re_signed(&token)?, key)?)?,
                show(visitor.gateway.sealed.around(&forge::decoded(claims)?)?)?,
                show(forge::sealed(&token, &gateway::random()?)?)?,
            ])
        },
    },
    Scene {
        requests: &[
            ("daily secret: today's", Accept),
            ("daily secret: yesterday's, a day of grace", Accept),
            ("daily secret: yesterday's, no grace", invalid(Status::RotatingWindowPast)),
            ("daily secret: that of two days ago", invalid(Status::RotatingWindowPast)),
        ],
        perform: |visitor| {
            let yesterday = aged(visitor, DAY)?;
            Ok(vec![
                visitor.show_at("/today/hello", &CHROME, &visitor.token_for(Door::Today, &CHROME)?)?,
                visitor.show_at("/daily/hello", &CHROME, &yesterday)?,
                visitor.show_at("/today/hello", &CHROME, &yesterday)?,
                visitor.show_at("/daily/hello", &CHROME, &aged(visitor, DAY.saturating_mul(2))?)?,
            ])
        },
    },
    Scene {
        requests: &[
            ("daily secret: Bob's leaked, for Alice", invalid(Status::Signature)),
            ("daily secret: Alice's of yesterday leaked, for today", invalid(Status::Signature)),
        ],
        perform: |visitor| {
            let show = |token: String| visitor.show_at("/daily/hello", &CHROME, &token);
            Ok(vec![show(leaked(visitor, "bob", 0)?)?, show(leaked(visitor, "alice", DAY)?)?])
        },
    },
];

/// Alice's token, handed out so many seconds ago and still not expired.
fn aged(visitor: &Visitor<'_>, seconds: i64) -> Result<String, Fault> {
    visitor.minted_by(&CHROME, |terms, now| {
        terms.issued_at = Some(now.saturating_sub(seconds));
        visitor.gateway.issue(Door::Daily, terms)
    })
}

/// A token that says Alice and now, under what leaked: the secret of this user, so many seconds ago.
fn leaked(visitor: &Visitor<'_>, user: &str, seconds: i64) -> Result<String, Fault> {
    visitor.minted_by(&CHROME, |terms, now| {
        let secret = visitor.gateway.sealed.secret(user, now.saturating_sub(seconds))?;
        Ok(gateway::issue(&secret, terms)?)
    })
}
