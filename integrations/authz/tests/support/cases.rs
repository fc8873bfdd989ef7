//! The verdict table: the scenes of the gateway example that a token alone can play, as requests through a proxy.

use super::device::Device;
use super::{CHROME, CHROME_UPDATED, FIREFOX, KID, World, decoded, encoded, now, signer, token_by};
use countermark::{Algorithm, Mint, Signer, Status};
use std::process::id;

/// A request, and what must become of it.
pub struct Case {
    pub name: &'static str,
    pub method: &'static str,
    pub path: &'static str,
    pub fields: Vec<(String, String)>,
    pub expected: Expected,
}

#[derive(Clone, Copy, Debug)]
pub struct Expected {
    pub status: Status,
    pub http: u16,
    /// The value of `WWW-Authenticate`.
    pub challenge: &'static str,
}

const ACCEPT: Expected = Expected { status: Status::Accepted, http: 200, challenge: "" };

const fn invalid(status: Status) -> Expected {
    Expected { status, http: 401, challenge: r#"Bearer realm="api", error="invalid_token""# }
}

const fn unproved(status: Status) -> Expected {
    Expected { status, http: 401, challenge: r#"DPoP realm="api", error="invalid_dpop_proof""# }
}

const fn invalid_dpop(status: Status) -> Expected {
    Expected { status, http: 401, challenge: r#"DPoP realm="api", error="invalid_token""# }
}

type Fields = &'static [(&'static str, &'static str)];

fn case(name: &'static str, browser: Fields, more: &[(&str, &str)], expected: Expected) -> Case {
    let fields = browser.iter().chain(more).map(|(name, value)| (name.to_string(), value.to_string())).collect();
    Case { name, method: "GET", path: "/api/hello?x=1", fields, expected }
}

fn bearer(name: &'static str, browser: Fields, token: &str, expected: Expected) -> Case {
    case(name, browser, &[("Authorization", &format!("Bearer {token}"))], expected)
}

fn proved(name: &'static str, token: &str, proof: &str, expected: Expected) -> Case {
    case(name, CHROME, &[("Authorization", &format!("DPoP {token}")), ("DPoP", proof)], expected)
}

/// In the order in which they are to be asked. `origin` is what clients call the proxy, `nonce` what the service told them.
pub fn cases(world: &World, origin: &str, nonce: &str) -> Vec<Case> {
    let good = world.marked(CHROME, |_| {});
    let with = |change: fn(&mut Mint<'static>)| world.marked(CHROME, change);
    let [header, payload, signature]: [&str; 3] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let claims = String::from_utf8(decoded(payload)).unwrap();
    let renamed = encoded(claims.replace("alice", "admin").as_bytes());
    let none = encoded(br#"{"alg":"none","typ":"at+jwt"}"#);
    let resigned =
        |signer: &Signer| token_by(signer, |mint| *mint = Mint { typ: Some("at+jwt"), claims: &claims, ..Mint::default() });
    let mut public = [0; 65];
    let public = world.signer.public(&mut public).unwrap();
    let confused = Signer::of_secret(Algorithm::HS256, Some(KID), public).unwrap();
    let long = "x".repeat(2048);
    let mut table = vec![
        bearer("honest client", CHROME, &good, ACCEPT),
        bearer("the same token again", CHROME, &good, ACCEPT),
        bearer("browser updated", CHROME_UPDATED, &good, ACCEPT),
        bearer("stolen, from another browser", FIREFOX, &good, invalid(Status::FingerprintMismatch)),
        bearer("without a fingerprint", CHROME, &world.token(|_| {}), invalid(Status::FingerprintMissing)),
        bearer(
            "tampered: alice becomes admin",
            CHROME,
            &format!("{header}.{renamed}.{signature}"),
            invalid(Status::Signature),
        ),
        bearer("expired", CHROME, &with(|mint| mint.expires_at = Some(now() - 60)), invalid(Status::Expired)),
        bearer("not valid yet", CHROME, &with(|mint| mint.not_before = Some(now() + 60)), invalid(Status::NotYetValid)),
        bearer(
            "for another audience",
            CHROME,
            &with(|mint| mint.audience = &["https://bank.example"]),
            invalid(Status::Audience),
        ),
        bearer(
            "of another issuer",
            CHROME,
            &with(|mint| mint.issuer = Some("https://other.example")),
            invalid(Status::Issuer),
        ),
        bearer("of another type", CHROME, &with(|mint| mint.typ = Some("JWT")), invalid(Status::Type)),
        bearer("without an id", CHROME, &with(|mint| mint.token_id = None), invalid(Status::ClaimRequired)),
        bearer(
            "alg none, signature kept",
            CHROME,
            &format!("{none}.{payload}.{signature}"),
            invalid(Status::AlgorithmUnknown),
        ),
        bearer("alg none, no signature", CHROME, &format!("{none}.{payload}."), invalid(Status::TokenSegmentEmpty)),
        bearer("another key of the same name", CHROME, &resigned(&signer([2; 32], KID)), invalid(Status::Signature)),
        bearer("a key that nobody knows", CHROME, &resigned(&signer([2; 32], "two")), invalid(Status::UnknownKid)),
        bearer("HS256 under the public key", CHROME, &resigned(&confused), invalid(Status::AlgorithmNotAllowed)),
        bearer("too long", CHROME, &format!("{good}{long}"), invalid(Status::TokenTooLarge)),
        bearer("no token at all", CHROME, "a.b", invalid(Status::TokenNotCompact)),
        case(
            "no credentials",
            CHROME,
            &[],
            Expected { status: Status::CredentialsMissing, http: 401, challenge: r#"Bearer realm="api""# },
        ),
    ];
    table.extend(rights(world));
    table.extend(possession(world, origin, nonce, &good));
    table
}

fn rights(world: &World) -> Vec<Case> {
    const FORBIDDEN: Expected = Expected {
        status: Status::RightsMissing,
        http: 403,
        challenge: r#"Bearer realm="api", error="insufficient_scope", scope="orders:read""#,
    };
    let with = |claims: &'static str| world.marked(CHROME, |mint| mint.claims = claims);
    let orders = |case: Case| Case { path: "/orders/7", ..case };
    vec![
        orders(bearer("rights: with the scope", CHROME, &with(r#"{"scope":"orders:read orders:write"}"#), ACCEPT)),
        orders(bearer("rights: with another", CHROME, &with(r#"{"scope":"orders:write"}"#), FORBIDDEN)),
        orders(bearer("rights: without any", CHROME, &with(""), FORBIDDEN)),
    ]
}

fn possession(world: &World, origin: &str, nonce: &str, unbound: &str) -> Vec<Case> {
    const NONCE: Expected =
        Expected { status: Status::ProofNonce, http: 401, challenge: r#"DPoP realm="api", error="use_dpop_nonce""# };
    let (device, thief) = (Device::new([7; 32]), Device::new([8; 32]));
    let thumbprint = device.thumbprint();
    let token = world.marked(CHROME, |mint| mint.confirmed_key = Some(&thumbprint));
    let other =
        world.marked(CHROME, |mint| (mint.confirmed_key, mint.token_id) = (Some(thumbprint.as_str()), Some("token-2")));
    let uri = format!("{origin}/api/hello");
    // Ids of proofs are told apart from those of other tables of this run.
    let proof = |device: &Device, method: &str, uri: &str, token: &str, name: &str, nonce: &str| {
        device.proof(method, uri, token, &format!("{name} {origin} {}", id()), now(), nonce)
    };
    let one = proof(&device, "GET", &uri, &token, "one", nonce);
    let post = proof(&device, "POST", &uri, &token, "two", nonce);
    let elsewhere = proof(&device, "GET", &format!("{origin}/api/other"), &token, "three", nonce);
    vec![
        proved("DPoP: without a nonce", &token, &proof(&device, "GET", &uri, &token, "zero", ""), NONCE),
        proved("DPoP: a proof", &token, &one, ACCEPT),
        proved("DPoP: the same proof again", &token, &one, unproved(Status::Replayed)),
        bearer("DPoP: stolen, as Bearer", CHROME, &token, invalid(Status::PossessionMissing)),
        case(
            "DPoP: stolen, no proof",
            CHROME,
            &[("Authorization", &format!("DPoP {token}"))],
            invalid_dpop(Status::PossessionMissing),
        ),
        proved(
            "DPoP: a proof by the thief",
            &token,
            &proof(&thief, "GET", &uri, &token, "four", nonce),
            invalid_dpop(Status::ProofThumbprint),
        ),
        proved("DPoP: for another URL", &token, &elsewhere, unproved(Status::ProofUri)),
        proved("DPoP: for another method", &token, &post, unproved(Status::ProofMethod)),
        Case { method: "POST", ..proved("DPoP: the method it is for", &token, &post, ACCEPT) },
        proved(
            "DPoP: for another token",
            &token,
            &proof(&device, "GET", &uri, &other, "five", nonce),
            unproved(Status::ProofTokenHash),
        ),
        proved(
            "DPoP: an unbound token",
            unbound,
            &proof(&device, "GET", &uri, unbound, "six", nonce),
            invalid_dpop(Status::PossessionUnbound),
        ),
    ]
}
