//! An arbitrary policy on an arbitrary claims set at an arbitrary time, against the rules written once more.

use crate::input::Input;
use crate::oracle::agreed;
use countermark::{Algorithm, Clock, Limits, Policy, Status};
use countermark_tests::judge::{Attempt, SetOfKeys, Setup, judge_all, key_of};
use countermark_tests::token::{NOW, TokenBuilder};

const NAMES: [&str; 6] = ["", "a", "https://login.example", "A", "caf\u{e9}", "\u{1f600}"];
const TYPES: [&str; 6] = ["JWT", "at+jwt", "application/at+jwt", "APPLICATION/JWT", "application/a/b", ""];
const CLAIMS: [&str; 7] = ["iss", "sub", "aud", "exp", "nonce", "x", ""];
const ALGS: [Algorithm; 3] = [Algorithm::HS256, Algorithm::HS512, Algorithm::ES256];

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let (issuers, audiences) = (texts(&mut input, &NAMES), texts(&mut input, &NAMES));
    let require = texts(&mut input, &CLAIMS);
    let (subject, nonce) = (optional(&mut input, &NAMES), optional(&mut input, &NAMES));
    let (typ, set_issuer) = (optional(&mut input, &TYPES), optional(&mut input, &NAMES));
    let algorithms: Vec<Algorithm> = (0..input.below(3)).map(|_| input.pick(&ALGS)).collect();
    let flags = input.byte();
    let issuer_list: Vec<&str> = issuers.iter().map(String::as_str).collect();
    let audience_list: Vec<&str> = audiences.iter().map(String::as_str).collect();
    let require_list: Vec<&str> = require.iter().map(String::as_str).collect();
    let policy = Policy {
        issuers: &issuer_list,
        audiences: &audience_list,
        any_audience: flags & 1 != 0,
        subject: subject.as_deref(),
        typ: typ.as_deref(),
        algorithms: &algorithms,
        leeway: seconds(&mut input),
        max_age: (flags & 2 != 0).then(|| seconds(&mut input)),
        require: &require_list,
        allow_missing_exp: flags & 4 != 0,
        nonce: nonce.as_deref(),
        no_clock: flags & 8 != 0,
        limits: Limits {
            token_bytes: if flags & 16 != 0 { 64 + usize::from(input.word()) } else { 8192 },
            depth: if flags & 16 != 0 { input.below(18) } else { 8 },
            members: if flags & 16 != 0 { input.below(9) } else { 64 },
            candidates: if flags & 16 != 0 { input.below(10) } else { 8 },
        },
        // `acr` and the age of the login are not in the oracle: `tests/key_sets.rs` has them.
        ..Policy::default()
    };
    let clock = if flags & 32 != 0 { Clock::Missing } else { Clock::At(date(&mut input)) };
    let typ = optional(&mut input, &TYPES);
    let builder =
        TokenBuilder::new("HS256").header_with(&typ.map_or("\"x\":0".into(), |typ| format!("\"typ\":{}", quoted(&typ))));
    let token = builder.payload(payload(&mut input)).build();

    let sets = vec![SetOfKeys { issuer: set_issuer, keys: vec![key_of("HS256")] }];
    let setup = Setup { sets, policy, ..Setup::default() };
    let attempt = Attempt { clock, ..Attempt::new(&token) };
    match conflict(&setup) {
        None => drop(agreed(&setup, attempt)),
        Some(status) => assert_eq!(judge_all(&setup, &[attempt]), Err(status)),
    }
}

/// What makes a policy no policy at all.
fn conflict(setup: &Setup<'_>) -> Option<Status> {
    let policy = &setup.policy;
    let Limits { token_bytes, depth, members, candidates } = policy.limits;
    let in_range = (1..=65_535).contains(&token_bytes)
        && (1..=16).contains(&depth)
        && (1..=256).contains(&members)
        && (1..=8).contains(&candidates);
    if !in_range {
        return Some(Status::LimitRange);
    }
    if policy.any_audience && !policy.audiences.is_empty() || policy.no_clock && policy.max_age.is_some() {
        return Some(Status::PolicyConflict);
    }
    if policy.no_clock && policy.nonce.is_none() {
        return Some(Status::ClockMissing);
    }
    let unbound = setup.sets.iter().any(|set| set.issuer.is_none());
    (policy.issuers.len() > 1 && unbound).then_some(Status::IssuersUnbound)
}

fn texts(input: &mut Input<'_>, pool: &[&str]) -> Vec<String> {
    (0..input.below(4)).map(|_| input.text_of(pool)).collect()
}

fn optional(input: &mut Input<'_>, pool: &[&str]) -> Option<String> {
    input.flag().then(|| input.text_of(pool))
}

fn seconds(input: &mut Input<'_>) -> u32 {
    match input.below(4) {
        0 => 0,
        1 => input.below(256) as u32,
        2 => u32::MAX,
        _ => u32::from(input.word()),
    }
}

/// Near now, near the ends, or anywhere.
fn date(input: &mut Input<'_>) -> i64 {
    match input.below(5) {
        0 => NOW + input.below(256) as i64 - 128,
        1 => i64::MAX - input.below(256) as i64,
        2 => i64::MIN + input.below(256) as i64,
        3 => input.below(256) as i64 - 128,
        _ => input.long(),
    }
}

/// A date as a payload may spell it.
fn spelt_date(input: &mut Input<'_>) -> String {
    let whole = date(input);
    match input.below(6) {
        0 => format!("{whole}.5"),
        1 => format!("{whole}.0"),
        2 => format!("{whole}e0"),
        3 => format!("{whole}000E-3"),
        4 => format!("{whole}.{:03}e{}", input.below(256), input.below(40) as i32 - 20),
        _ => whole.to_string(),
    }
}

/// A JSON string, each character either plain or escaped.
pub fn quoted(text: &str) -> String {
    let inner: Vec<String> = text
        .chars()
        .map(|char| match char {
            '"' | '\\' => format!("\\{char}"),
            '\0'..' ' => format!("\\u{:04x}", u32::from(char)),
            'a' => "\\u0061".into(),
            plain => plain.to_string(),
        })
        .collect();
    format!("\"{}\"", inner.concat())
}

fn payload(input: &mut Input<'_>) -> String {
    let mut members = Vec::new();
    for name in ["iss", "sub", "nonce", "x"] {
        match input.below(6) {
            0 | 1 => {}
            2 => members.push(format!("\"{name}\":null")),
            _ => members.push(format!("\"{name}\":{}", quoted(&input.text_of(&NAMES)))),
        }
    }
    match input.below(4) {
        0 => {}
        1 => members.push(format!("\"aud\":{}", quoted(&input.text_of(&NAMES)))),
        _ => {
            let names: Vec<String> = texts(input, &NAMES).iter().map(|name| quoted(name)).collect();
            members.push(format!("\"aud\":[{}]", names.join(",")));
        }
    }
    for name in ["exp", "nbf", "iat"] {
        if input.below(3) > 0 {
            members.push(format!("\"{name}\":{}", spelt_date(input)));
        }
    }
    if input.below(16) == 1 {
        members.push("\"cnf\":{}".into());
    }
    format!("{{{}}}", members.join(","))
}
