//! What the gateway is asked too often, or from where nobody can be.

use super::Fault;
use super::client::{Answer, Browser, CHROME, FORM, Visitor};
use super::door::Door;
use super::gateway::random;
use super::scene::Expected::{Accept, Http, StepUpRisk, TooMany};
use super::scene::{Scene, invalid};
use super::standing_scenes::{minted_for, somebody};
use countermark::Status;

/// Addresses of networks that the gateway places in London and in Paris.
const LONDON: &str = "192.0.2.10";
const PARIS: &str = "203.0.113.5";

pub const SCENES: &[Scene] = &[
    Scene {
        requests: &[
            ("flood: an unknown address, first", Accept),
            ("flood: second", Accept),
            ("flood: third", Accept),
            ("flood: fourth", TooMany),
            ("flood: the same token from home", Accept),
        ],
        perform: |visitor| {
            let address = unknown_address()?;
            let browser = CHROME.at(&address);
            let token = visitor.token(&browser)?;
            let mut answers = Vec::new();
            for _ in 0..4 {
                answers.push(visitor.show(&browser, &token)?);
            }
            answers.push(visitor.show(&CHROME, &visitor.token(&CHROME)?)?);
            Ok(answers)
        },
    },
    Scene {
        requests: &[
            ("guesses: first password", Http(401)),
            ("guesses: second", Http(401)),
            ("guesses: third", Http(401)),
            ("guesses: fourth, the right one", TooMany),
        ],
        perform: |visitor| {
            let address = unknown_address()?;
            let guess = |word: &str| visitor.login(&CHROME.at(&address), FORM, &format!("user=alice&password={word}"));
            ["rabbit", "queen", "hatter", "wonderland"].into_iter().map(guess).collect()
        },
    },
    Scene {
        requests: &[
            ("journey: in London", Accept),
            ("journey: in Paris a moment later, same device", StepUpRisk),
            ("journey: in Paris a moment later, another device", invalid(Status::LockedOut)),
            ("journey: in London after that", invalid(Status::LockedOut)),
        ],
        perform: |visitor| {
            let (user, other) = (somebody()?, page(2));
            let visit = |browser| visit(visitor, &user, browser);
            Ok(vec![
                visit(&CHROME.at(LONDON))?,
                visit(&CHROME.at(PARIS))?,
                visit(&CHROME.at(PARIS).of(&other))?,
                visit(&CHROME.at(LONDON))?,
            ])
        },
    },
    Scene {
        requests: &[
            ("devices: Alice's own", Accept),
            ("devices: a new one, she is told", Accept),
            ("devices: one more, she is told", Accept),
            ("devices: a fourth within the hour", invalid(Status::LockedOut)),
            ("devices: her own after that", invalid(Status::LockedOut)),
        ],
        perform: |visitor| {
            let user = somebody()?;
            let pages = [page(1), page(2), page(3), page(4), page(1)];
            pages.iter().map(|page| visit(visitor, &user, &CHROME.of(page))).collect()
        },
    },
];

/// A token for this browser, shown by it where visits are watched.
fn visit(visitor: &Visitor<'_>, user: &str, browser: &Browser<'_>) -> Result<Answer, Fault> {
    visitor.show_at("/watched/hello", browser, &minted_for(visitor, browser, Door::Watched, user, "")?)
}

/// Nobody else's: RFC 3849, and one site's 64 bits.
fn unknown_address() -> Result<String, Fault> {
    let [a, b, c, d, ..] = random()?;
    Ok(format!("2001:db8:{a:02x}{b:02x}:{c:02x}{d:02x}::1"))
}

/// What the page of one of several devices tells.
fn page(number: usize) -> String {
    format!(
        r#"{{"screen":"1920x1080","depth":24,"zone":"Europe/London","languages":["en-GB","en"],"platform":"Win32","cores":8,"canvas":"c{number}","gpu":"ANGLE (Intel, UHD 620)"}}"#
    )
}
