//! Arbitrary requests: the one token found, in Rust and C, against slow rules; and the challenge for an arbitrary status.

use crate::c_memory::{Block, slice};
use crate::input::Input;
use crate::oracle::fingerprint::trimmed;
use countermark::{Challenge, Credentials, Headers, Scheme, Source, Stage, Status};

const NAMES: [&str; 5] = ["authorization", "Authorization", "cookie", "Cookie", "x"];
const COOKIES: [&str; 4] = ["t", "token", "", "a=b"];

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let flags = input.byte();
    let (cookie, argument) = (input.text_of(&COOKIES), input.text_of(&COOKIES));
    let source = Source {
        ignore_authorization: flags & 1 != 0,
        cookie: (flags & 2 != 0).then_some(cookie.as_str()),
        argument: (flags & 4 != 0).then_some(argument.as_str()),
    };
    let fields: Vec<(String, Vec<u8>)> =
        (0..input.below(6)).map(|_| (input.text_of(&NAMES), input.bytes().to_vec())).collect();
    let query = input.bytes();
    let expected = find(&source, &fields, query);
    let headers = Fields(&fields);
    let found = source.find(&headers, query).map(|found| (found.scheme, found.token.to_vec()));
    assert_eq!(found, expected);
    in_c(&source, &fields, query, &expected);
    challenge(&mut input);
}

struct Fields<'f>(&'f [(String, Vec<u8>)]);

impl Headers for Fields<'_> {
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])> {
        self.0.get(position).map(|(name, value)| (name.as_bytes(), value.as_slice()))
    }
}

type Found = Result<(Scheme, Vec<u8>), Status>;

/// Every attempt at a token is collected first; one is the answer, none is missing, more are too many.
fn find(source: &Source<'_>, fields: &[(String, Vec<u8>)], query: &[u8]) -> Found {
    let mut attempts: Vec<Found> = Vec::new();
    for (name, value) in fields {
        match name.to_ascii_lowercase().as_str() {
            "authorization" if !source.ignore_authorization => {
                let one = authorization(value);
                let public = countermark::authorization(value).map(|found| (found.scheme, found.token.to_vec()));
                assert_eq!(public, one.unwrap_or(Err(Status::CredentialsMissing)));
                attempts.extend(authorization(trimmed(value)));
            }
            "cookie" => {
                let Some(wanted) = source.cookie else { continue };
                let cookies: Vec<Found> = value
                    .split(|byte| *byte == b';')
                    .map(trimmed)
                    .filter_map(|pair| pair.strip_prefix(wanted.as_bytes())?.strip_prefix(b"="))
                    .map(|token| checked(Scheme::Bearer, token))
                    .collect();
                same_alone(countermark::cookie(value, wanted), &cookies);
                attempts.extend(cookies);
            }
            _ => {}
        }
    }
    if let Some(wanted) = source.argument {
        let arguments: Vec<Found> = query
            .split(|byte| *byte == b'&')
            .map(|pair| pair.splitn(2, |byte| *byte == b'=').collect::<Vec<_>>())
            .filter(|pair| decoded(pair[0]) == wanted.as_bytes())
            .map(|pair| checked(Scheme::Bearer, pair.get(1).copied().unwrap_or_default()))
            .collect();
        same_alone(countermark::argument(query, wanted), &arguments);
        attempts.extend(arguments);
    }
    one_of(&attempts)
}

fn one_of(attempts: &[Found]) -> Found {
    match attempts {
        [] => Err(Status::CredentialsMissing),
        [one] => one.clone(),
        _ => Err(Status::CredentialsRepeated),
    }
}

fn same_alone(found: Result<Credentials<'_>, Status>, attempts: &[Found]) {
    assert_eq!(found.map(|found| (found.scheme, found.token.to_vec())), one_of(attempts));
}

/// `None` for another scheme: that is no attempt at one of ours.
fn authorization(value: &[u8]) -> Option<Found> {
    // RFC 9110 5.6.2.
    const TOKEN: &str = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let length = value.iter().take_while(|byte| TOKEN.as_bytes().contains(byte)).count();
    let (name, rest) = value.split_at(length);
    let scheme = match name.to_ascii_lowercase().as_slice() {
        b"bearer" => Scheme::Bearer,
        b"dpop" => Scheme::DPoP,
        _ => return None,
    };
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    if spaces == 0 {
        return Some(Err(Status::CredentialsMalformed));
    }
    Some(checked(scheme, &rest[spaces..]))
}

fn checked(scheme: Scheme, token: &[u8]) -> Found {
    const PLAIN: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/";
    let is_plain = !token.is_empty() && token.iter().all(|byte| PLAIN.as_bytes().contains(byte));
    if is_plain { Ok((scheme, token.to_vec())) } else { Err(Status::CredentialsMalformed) }
}

/// RFC 3986 2.1.
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let digits = text.get(at + 1..at + 3).and_then(|two| std::str::from_utf8(two).ok());
        let digits = digits.filter(|two| two.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match digits {
            Some(two) if text[at] == b'%' => {
                out.push(u8::from_str_radix(two, 16).expect("two digits"));
                at += 3;
            }
            _ => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out
}

fn in_c(source: &Source<'_>, fields: &[(String, Vec<u8>)], query: &[u8], expected: &Found) {
    use countermark_ffi::*;
    let block = |text: Option<&str>| text.map(|text| Block::of(text.as_bytes()));
    let bytes = |block: &Option<Block>| block.as_ref().map_or(cmk_bytes::NONE, Block::bytes);
    let (cookie, argument, query) = (block(source.cookie), block(source.argument), Block::of(query));
    let c_source = cmk_source {
        size: size_of::<cmk_source>(),
        cookie: bytes(&cookie),
        argument: bytes(&argument),
        ignore_authorization: source.ignore_authorization.into(),
    };
    let blocks: Vec<(Block, Block)> =
        fields.iter().map(|(name, value)| (Block::of(name.as_bytes()), Block::of(value))).collect();
    let headers: Vec<cmk_header> =
        blocks.iter().map(|(name, value)| cmk_header { name: name.bytes(), value: value.bytes() }).collect();
    let mut found = cmk_credentials { token: query.bytes(), scheme: 99, reserved: 99 };
    let status = unsafe { cmk_find(&c_source, headers.as_ptr(), headers.len(), query.bytes(), &mut found) };
    match expected {
        Ok((scheme, token)) => {
            assert_eq!((status, found.scheme, slice(found.token)), (0, *scheme as i32, token.as_slice()));
        }
        Err(expected) => {
            assert_eq!((status, found.scheme, found.token.len), (expected.code(), 0, 0));
            assert!(found.token.ptr.is_null());
        }
    }
}

fn challenge(input: &mut Input<'_>) {
    challenge_of(Status::ALL[usize::from(input.word()) % Status::ALL.len()], input);
}

fn challenge_of(status: Status, input: &mut Input<'_>) {
    let (realm, text) = (input.optional_text(), input.optional_text());
    let scheme = input.pick(&[Scheme::Bearer, Scheme::DPoP]);
    let room = usize::from(input.word()) % 600;
    // The text is a scope, or what a login must be.
    let of_the_login = input.pick(&[false, true]);
    let max_age = Some(u32::from(input.word())).filter(|seconds| of_the_login && *seconds != 0);
    let plain = Challenge { scheme, realm: realm.as_deref(), max_age, ..Challenge::default() };
    let challenge = match of_the_login {
        false => Challenge { scope: text.as_deref(), ..plain },
        true => Challenge { acr_values: text.as_deref(), ..plain },
    };
    let expected =
        written(&challenge, status).and_then(|text| if text.len() <= room { Ok(text) } else { Err(Status::BufferTooSmall) });
    let mut out = vec![0xa5; room];
    assert_eq!(challenge.write(status, &mut out).map(String::from), expected);
    let touched = out.iter().all(|byte| *byte == 0xa5) || out.iter().all(|byte| *byte == 0);
    assert!(expected.is_ok() || touched, "nothing of a challenge is left on failure");

    use countermark_ffi::*;
    let block = |text: &Option<String>| text.as_ref().map(|text| Block::of(text.as_bytes()));
    let bytes = |block: &Option<Block>| block.as_ref().map_or(cmk_bytes::NONE, Block::bytes);
    let (realm, text) = (block(&realm), block(&text));
    let buffer = Block::filled(room, 0xa5);
    let mut value = cmk_bytes { ptr: std::ptr::dangling(), len: 7 };
    let (ptr, len) = (buffer.ptr(), buffer.len());
    let (scheme, realm, text) = (scheme as i32, bytes(&realm), bytes(&text));
    let code = unsafe {
        if of_the_login {
            let max_age = max_age.map_or(-1, i64::from);
            cmk_login_challenge(scheme, realm, text, max_age, status.code(), ptr, len, &mut value)
        } else {
            cmk_challenge(scheme, realm, text, status.code(), ptr, len, &mut value)
        }
    };
    match expected {
        Ok(text) => assert_eq!((code, slice(value)), (0, text.as_bytes())),
        Err(status) => assert_eq!((code, value.len, value.ptr.is_null()), (status.code(), 0, true)),
    }
    assert_eq!(cmk_http_status(status.code()), i32::from(Challenge::http_status(status)));
}

/// RFC 6750 3, RFC 9449 7.1, RFC 9470 3.
fn written(challenge: &Challenge<'_>, status: Status) -> Result<String, Status> {
    let error = match status {
        Status::Accepted => return Err(Status::Argument),
        _ if status.stage() == Stage::Caller => return Err(Status::Argument),
        // No other token would help: 429, 500, 503.
        Status::NoKey | Status::ReplayFull | Status::ThrottleFull | Status::StatusListStale | Status::RateLimited => {
            return Err(Status::Argument);
        }
        Status::CredentialsMissing => None,
        Status::CredentialsMalformed | Status::CredentialsRepeated => Some("invalid_request"),
        Status::StepUp | Status::StepUpRisk | Status::Acr | Status::AuthTimeMissing | Status::AuthTooOld => {
            Some("insufficient_user_authentication")
        }
        _ if status.stage() == Stage::Rights => Some("insufficient_scope"),
        Status::ProofNonce if challenge.scheme == Scheme::DPoP => Some("use_dpop_nonce"),
        Status::ProofRepeated
        | Status::ProofMalformed
        | Status::ProofClaim
        | Status::ProofType
        | Status::ProofAlgorithm
        | Status::ProofKey
        | Status::ProofSignature
        | Status::ProofMethod
        | Status::ProofUri
        | Status::ProofTime
        | Status::ProofTokenHash
        | Status::Replayed
            if challenge.scheme == Scheme::DPoP =>
        {
            Some("invalid_dpop_proof")
        }
        _ => Some("invalid_token"),
    };
    let asks_for_a_login = error == Some("insufficient_user_authentication");
    let max_age = challenge.max_age.map(|seconds| seconds.to_string());
    let mut fields = Vec::new();
    for (name, value) in [
        ("realm", challenge.realm),
        ("error", error),
        ("scope", challenge.scope),
        ("acr_values", challenge.acr_values.filter(|_| asks_for_a_login)),
        ("max_age", max_age.as_deref().filter(|_| asks_for_a_login)),
    ] {
        let Some(value) = value else { continue };
        if value.chars().any(|char| char.is_ascii_control()) {
            return Err(Status::Argument);
        }
        fields.push(format!("{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")));
    }
    let space = if fields.is_empty() { "" } else { " " };
    Ok(format!("{}{space}{}", challenge.scheme.name(), fields.join(", ")))
}

/// Every status, without waiting for a fuzzer to draw it: a new one must be in the rules above.
#[test]
fn every_status_has_its_challenge() {
    for status in Status::ALL {
        for scheme in 0..2 {
            // No realm, no text, the scheme, and room for 255; then the same for a login of the last minute.
            challenge_of(*status, &mut Input::new(&[0, 0, scheme, 255, 0]));
            challenge_of(*status, &mut Input::new(&[0, 0, scheme, 255, 0, 1, 60, 0]));
        }
    }
}
