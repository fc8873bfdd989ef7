//! A good token with arbitrary edits, under arbitrary keys: accepted only when the edits changed nothing, or when its
//! signature holds by other code.

use crate::input::Input;
use crate::known;
use crate::oracle::{self, agreed};
use countermark::{Policy, Status};
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, KeySource, SetOfKeys, Setup};
use countermark_tests::token::TokenBuilder;

const KIDS: [Option<&str>; 3] = [None, Some("one"), Some("two")];
const ALGS: [&str; 5] = ["HS256", "HS256", "HS384", "HS512", "ES256"];

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let alg = input.pick(&ALGS);
    let kid = input.pick(&KIDS);
    let mut token = good_token(alg, kid, &mut input);
    let unedited = token.clone();
    let keys = other_keys(&mut input);
    let scratch_missing = input.below(256).saturating_sub(248);
    edit(&mut token, &mut input);

    let mut sets = vec![SetOfKeys { issuer: None, keys: vec![known::key(alg, kid)] }];
    sets.push(SetOfKeys { issuer: Some("https://login.example".into()), keys });
    let policy = Policy { any_audience: true, ..Policy::default() };
    let setup = Setup { sets, policy, ..Setup::default() };
    let outcome = agreed(&setup, Attempt { scratch_missing, ..Attempt::new(&token) });
    if scratch_missing == 0 && token == unedited {
        assert!(matches!(outcome.status, Status::Accepted | Status::KeyIssuer), "{outcome:?}");
    }
    if outcome.status == Status::Accepted && token != unedited {
        assert!(is_signed(&setup, &token), "accepted, and nobody signed it: {}", String::from_utf8_lossy(&token));
    }
}

fn good_token(alg: &str, kid: Option<&str>, input: &mut Input<'_>) -> Vec<u8> {
    let builder = TokenBuilder::new(alg);
    let builder = match kid {
        Some(kid) => builder.header_with(&format!(r#""kid":"{kid}""#)),
        None => builder,
    };
    let builder = match input.below(4) {
        0 => builder,
        1 => builder.payload_with(r#""aud":["a","b"],"cnf2":{"jkt":"x"},"n":[1,2,{"m":"\u0041"}]"#),
        2 => builder.payload_with(r#""typ":"x","roles":["admin"],"name":"\ud83d\ude00""#),
        _ => builder.payload(r#"{"exp":4000000000.5,"iss":"https://login.example"}"#),
    };
    builder.build().into_bytes()
}

/// Up to seven more keys, of an issuer.
fn other_keys(input: &mut Input<'_>) -> Vec<KeySource> {
    let count = input.below(8);
    let mut keys: Vec<KeySource> = Vec::new();
    let mut names = Vec::new();
    for _ in 0..count {
        let (alg, kid) = (input.pick(&ALGS), input.pick(&KIDS));
        // Two keys of one set with the same kid and alg make it refuse to load; that is the jwk target's matter.
        if kid.is_some() && names.contains(&(alg, kid)) {
            continue;
        }
        names.push((alg, kid));
        let mut key = known::key(alg, kid);
        if let (KeySource::Secret(_, _, secret), true) = (&mut key, input.flag()) {
            secret[0] ^= 1;
        }
        keys.push(key);
    }
    keys
}

/// Edits of the text, and of what a segment decodes to.
fn edit(token: &mut Vec<u8>, input: &mut Input<'_>) {
    for _ in 0..input.below(5) {
        let at = usize::from(input.word()) % (token.len() + 1);
        let byte = input.byte();
        match input.below(8) {
            0 => token.insert(at, byte),
            1 if at < token.len() => token[at] = byte,
            2 if at < token.len() => drop(token.remove(at)),
            3 => token.truncate(at),
            4 => token.extend_from_slice(input.bytes()),
            5 => {
                let piece = token[at..].iter().take(usize::from(byte)).copied().collect::<Vec<_>>();
                token.splice(at..at, piece);
            }
            6 if at < token.len() => token[at] ^= 1 << (byte % 8),
            7 => edit_inside(token, byte, input),
            _ => {}
        }
    }
}

/// Decodes one segment, changes its bytes, and encodes it again.
fn edit_inside(token: &mut Vec<u8>, which: u8, input: &mut Input<'_>) {
    let mut parts: Vec<Vec<u8>> = token.split(|byte| *byte == b'.').map(<[u8]>::to_vec).collect();
    let position = usize::from(which) % parts.len();
    if let Some(mut bytes) = base64url::decode(&parts[position]) {
        let at = usize::from(input.word()) % (bytes.len() + 1);
        let remove = input.below(4).min(bytes.len() - at);
        bytes.splice(at..at + remove, input.bytes().iter().copied());
        parts[position] = base64url::encode(&bytes).into_bytes();
    }
    *token = parts.join(&b'.');
}

/// Whether any of the setup's keys signed these very bytes.
fn is_signed(setup: &Setup<'_>, token: &[u8]) -> bool {
    let last = token.iter().rposition(|byte| *byte == b'.').expect("accepted");
    let signature = base64url::decode(&token[last + 1..]).expect("accepted");
    setup.sets.iter().flat_map(|set| &set.keys).any(|key| {
        let material = match key {
            KeySource::Secret(alg, _, secret) => oracle::keys::Material::Secret(*alg, secret.clone()),
            KeySource::Sec1(_, _, sec1) => oracle::keys::Material::Sec1(sec1.clone()),
            _ => return false,
        };
        oracle::keys::holds(&material, &token[..last], &signature)
    })
}
