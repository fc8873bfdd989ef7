//! What the gateway is asked with tokens that verify and are worth nothing, or not enough, any more.

use super::Fault;
use super::client::{Browser, CHROME, Visitor};
use super::door::Door;
use super::gateway::{now, random_name};
use super::scene::Expected::{Accept, Closed, Forbidden};
use super::scene::{Scene, invalid};
use countermark::{Mint, Status};

pub const SCENES: &[Scene] = &[
    Scene {
        requests: &[
            ("revoked: a token before", Accept),
            ("revoked: log out", Accept),
            ("revoked: the token after that", invalid(Status::Revoked)),
            ("revoked: another token of the same user", Accept),
        ],
        perform: |visitor| {
            let (token, other) = (visitor.token(&CHROME)?, visitor.token(&CHROME)?);
            Ok(vec![
                visitor.show(&CHROME, &token)?,
                visitor.log_out("/logout", &CHROME, &token)?,
                visitor.show(&CHROME, &token)?,
                visitor.show(&CHROME, &other)?,
            ])
        },
    },
    Scene {
        requests: &[
            ("revoked user: a token before", Accept),
            ("revoked user: log out everywhere, with another", Accept),
            ("revoked user: the token after that", invalid(Status::Revoked)),
            ("revoked user: a sealed one after that", invalid(Status::Revoked)),
            ("revoked user: somebody else's", Accept),
        ],
        perform: |visitor| {
            let user = somebody()?;
            let of_user = |door| minted(visitor, door, &user, "");
            let (token, sealed) = (of_user(Door::Api)?, of_user(Door::Sealed)?);
            Ok(vec![
                visitor.show(&CHROME, &token)?,
                visitor.log_out("/logout/everywhere", &CHROME, &of_user(Door::Api)?)?,
                visitor.show(&CHROME, &token)?,
                visitor.show_at("/sealed/hello", &CHROME, &sealed)?,
                visitor.show(&CHROME, &visitor.token(&CHROME)?)?,
            ])
        },
    },
    Scene {
        requests: &[
            ("cached: a token, its signature checked", Accept),
            ("cached: the same, known", Accept),
            ("cached: log out", Accept),
            ("cached: the same, known and revoked", invalid(Status::Revoked)),
        ],
        perform: |visitor| {
            let token = visitor.token(&CHROME)?;
            Ok(vec![
                visitor.show(&CHROME, &token)?,
                visitor.show(&CHROME, &token)?,
                visitor.log_out("/logout", &CHROME, &token)?,
                visitor.show(&CHROME, &token)?,
            ])
        },
    },
    Scene {
        requests: &[
            ("stream: opened", Accept),
            ("stream: log out meanwhile", Accept),
            ("stream: closed before its next look was due", Closed),
        ],
        perform: |visitor| {
            let token = visitor.token(&CHROME)?;
            let mut stream = visitor.stream(&CHROME, &token)?;
            let first = stream.line()?;
            Ok(vec![first, visitor.log_out("/logout", &CHROME, &token)?, stream.end()?])
        },
    },
    Scene {
        requests: &[
            ("status list: valid there", Accept),
            ("status list: the issuer has flipped it", invalid(Status::StatusInvalid)),
        ],
        perform: |visitor| {
            let statuses = &visitor.gateway.state.statuses;
            let (index, claim) = statuses.next();
            let token = minted(visitor, Door::Api, "alice", &claim)?;
            let before = visitor.show(&CHROME, &token)?;
            statuses.invalidate(index, now().ok_or("the clock is not set")?)?;
            Ok(vec![before, visitor.show(&CHROME, &token)?])
        },
    },
    Scene {
        requests: &[
            ("rights: a token with the scope", Accept),
            ("rights: without any", Forbidden(Status::RightsMissing, "orders:read")),
            ("rights: with another", Forbidden(Status::RightsMissing, "orders:read")),
        ],
        perform: |visitor| {
            let with = |claims: &str| {
                let token = minted(visitor, Door::Orders, "alice", claims)?;
                visitor.show_at("/orders/7", &CHROME, &token)
            };
            Ok(vec![with(r#"{"scope":"orders:read orders:write"}"#)?, with("")?, with(r#"{"scope":"orders:write"}"#)?])
        },
    },
];

/// An Alice of this scene's own: what becomes of her is nothing to the others that play at the same time.
pub fn somebody() -> Result<String, Fault> {
    Ok(format!("alice-{}", random_name()?))
}

/// A token with these further claims. A real issuer takes them from what it knows of the user.
fn minted(visitor: &Visitor<'_>, door: Door, user: &str, claims: &str) -> Result<String, Fault> {
    minted_for(visitor, &CHROME, door, user, claims)
}

/// The same for another browser.
pub fn minted_for(
    visitor: &Visitor<'_>,
    browser: &Browser<'_>,
    door: Door,
    user: &str,
    claims: &str,
) -> Result<String, Fault> {
    let token_id = random_name()?;
    visitor.minted_by(browser, |terms, _| {
        visitor.gateway.issue(door, &Mint { subject: Some(user), token_id: Some(&token_id), claims, ..*terms })
    })
}
