//! Rotating secrets: the field's own tokens, a slow oracle, both modes, Rust and C.

#[path = "../examples/conformance/answer/mod.rs"]
mod answer;

use countermark::{tools, *};
use countermark_ffi as c;
use countermark_tests::judge::{Attempt, Setup, judge, key_of, status_of};
use countermark_tests::rotating::{BASE, DAY, MIDNIGHT, Secret};
use countermark_tests::token::{self, SigningKey, TokenBuilder};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NOON: i64 = MIDNIGHT + DAY / 2;
const MODES: [RotatingMode; 2] = [RotatingMode::Compat, RotatingMode::Derived];

/// Files that were minted now lie in the folder that this variable names; without it the committed ones are read.
const FRESH: &str = "COUNTERMARK_ROTATING";

fn file(name: &str) -> String {
    let folder = std::env::var(FRESH).unwrap_or(concat!(env!("CARGO_MANIFEST_DIR"), "/interop").into());
    std::fs::read_to_string(format!("{folder}/{name}")).unwrap()
}

fn records(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn secret_of(rotating: &Value) -> Secret {
    assert_eq!(rotating["mode"], "compat");
    let number = |name: &str| rotating[name].as_u64().unwrap() as u32;
    let text = |name: &str| rotating[name].as_str().unwrap().to_string();
    let base = text("base").into_bytes();
    Secret { base, mode: RotatingMode::Compat, claim: text("claim"), window: number("window"), grace: number("grace") }
}

/// Each token of the field through Rust, C and the conformance program.
#[test]
fn the_fields_own_tokens() {
    let (cases, expected) = (file("rotating.node.jsonl"), records(&file("rotating.node.expect.jsonl")));
    assert_eq!(cases.lines().count(), expected.len());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (line, expected) in cases.lines().zip(expected) {
        let case: Value = serde_json::from_str(line).unwrap();
        assert_eq!(case["id"], expected["id"]);
        let wanted = expected["expect"].as_str().unwrap();
        let leeway = case["policy"]["leeway"].as_u64().unwrap_or_default() as u32;
        let setup = secret_of(&case["rotating"]).setup().policy(Policy { leeway, ..Policy::default() });
        let attempt = Attempt::new(case["token"].as_str().unwrap()).at(case["now"].as_i64().unwrap());
        assert_eq!(judge(&setup, attempt).status.name(), wanted, "{line}");
        let (answer, is_case) = answer::answer(line.as_bytes());
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(is_case && answer["status"] == wanted, "{answer} {line}");
        *counts.entry(wanted.into()).or_default() += 1;
    }
    println!("{counts:?}");
    assert!(counts["OK"] >= 60 && counts["SIGNATURE"] >= 40 && counts["ROTATING_WINDOW_PAST"] >= 10);
}

fn payload(user: Value, issued_at: i64) -> Value {
    json!({"userId": user, "iat": issued_at, "exp": issued_at + 10 * DAY})
}

fn token(key: SigningKey, payload: &Value) -> String {
    TokenBuilder::signed_by(key).payload(payload.to_string()).build()
}

/// The one key that signs is the one that the oracle derives, in both modes, for Rust, C and the oracle's own signature.
#[test]
fn issue_mints_what_verifies() {
    let users = ["alice", "", "a\"b\\c", "Zoë 用户 😀", "\u{1}\u{7f}", &"x".repeat(3000), "42"];
    for mode in MODES {
        for (user, at) in users.iter().flat_map(|user| [MIDNIGHT, NOON, MIDNIGHT + DAY - 1].map(|at| (*user, at))) {
            let secret = Secret::new(mode);
            let rotating = Rotating { mode, ..Rotating::compat("userId") };
            let claims = json!({"userId": user}).to_string();
            let mint = Mint { issued_at: Some(at), expires_at: Some(at + 60), claims: &claims, ..Mint::default() };
            let signer = Signer::of_rotating(None, BASE, &rotating, user, at).unwrap();
            let (mut scratch, mut out) = (vec![0; 8000], vec![0; 8000]);
            let made = signer.issue(&mint, &mut scratch, &mut out).unwrap().to_string();
            assert_eq!(status_at(&secret.setup(), &made, at), Status::Accepted, "{user:?} {at}");
            let (input, mac) = made.rsplit_once('.').unwrap();
            let expected = secret.key(user, at / DAY).sign(input.as_bytes());
            assert_eq!(mac, countermark_tests::base64url::encode(&expected));
            assert_eq!(issued_by_c(mode, user, at, &claims), made);
        }
    }
    let rotating = Rotating::derived("userId");
    let made = |base: &[u8], at| Signer::of_rotating(None, base, &rotating, "alice", at).map(drop);
    assert_eq!(made(&[1; 31], 1), Err(Status::KeyTooShort));
    assert_eq!(made(&[1; 513], 1), Err(Status::KeyTooLong));
    assert_eq!(made(BASE, -1), Err(Status::Argument));
    let twice = Rotating { grace: 2, ..rotating };
    assert_eq!(Signer::of_rotating(None, BASE, &twice, "alice", 1).map(drop), Err(Status::RotatingSettings));
}

fn status_at(setup: &Setup<'_>, token: &str, now: i64) -> Status {
    judge(setup, Attempt::new(token).at(now)).status
}

fn bytes(text: &str) -> c::cmk_bytes {
    c::cmk_bytes::of(text.as_bytes())
}

fn issued_by_c(mode: RotatingMode, user: &str, at: i64, claims: &str) -> String {
    let size = size_of::<c::cmk_rotating>();
    let rotating = c::cmk_rotating { size, claim: bytes("userId"), mode: mode as i32, window: 0, grace: 0 };
    unsafe {
        let mut signer: c::cmk_signer = std::mem::zeroed();
        let base = c::cmk_bytes::of(BASE);
        assert_eq!(c::cmk_signer_of_rotating(&mut signer, c::cmk_bytes::NONE, base, &rotating, bytes(user), at), 0);
        let mint = c::cmk_mint {
            size: size_of::<c::cmk_mint>(),
            issued_at: at,
            expires_at: at + 60,
            claims: bytes(claims),
            ..std::mem::zeroed()
        };
        let (mut scratch, mut out, mut token) = (vec![0u8; 8000], vec![0u8; 8000], c::cmk_bytes::NONE);
        let (scratch, out) = (scratch.as_mut_ptr().cast(), out.as_mut_ptr().cast());
        assert_eq!(c::cmk_issue(&signer, &mint, scratch, 8000, out, 8000, &mut token), 0);
        String::from_utf8(std::slice::from_raw_parts(token.ptr, token.len).to_vec()).unwrap()
    }
}

/// The settings are C's to get wrong, too.
#[test]
fn settings_that_make_no_sense() {
    let mut region = [0; 128];
    let mut keys = Keys::new(&mut region).unwrap();
    let good = Rotating::compat("userId");
    let long = "c".repeat(129);
    for wrong in [
        Rotating { claim: "", ..good },
        Rotating { claim: &long, ..good },
        Rotating { window: 0, ..good },
        Rotating { grace: 2, ..good },
    ] {
        assert_eq!(keys.add_rotating(None, BASE, &wrong), Err(Status::RotatingSettings), "{wrong:?}");
    }
    assert_eq!(keys.set().len(), 0);
    let widest = Rotating { claim: &long[..128], window: u32::MAX, grace: 1, ..good };
    keys.add_rotating(Some(&"k".repeat(128)), BASE, &widest).unwrap();
    let used = keys.set().region().len() * 8;
    assert_eq!(used, region_head_bytes(0) + rotating_key_bytes());
    assert_eq!(keys.add_rotating(Some(&"k".repeat(128)), BASE, &good), Err(Status::KeyIdDuplicate));
}

/// The base is nowhere in the region beyond what its last block leaves, and nothing is left of it after the set.
#[test]
fn a_set_is_wiped() {
    let mut region = [0; 128];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_rotating(None, BASE, &Rotating::compat("userId")).unwrap();
    keys.wipe();
    drop(keys);
    assert_eq!(region, [0; 128]);
}

/// At most two keys are derived for a base, and two only at the start of a window.
#[test]
fn at_most_two_keys() {
    let windows = |issued_at: i64, now: i64, grace| {
        let rotating = Rotating { grace, ..Rotating::compat("userId") };
        let payload = payload("alice".into(), issued_at).to_string();
        tools::rotating_windows(&rotating, payload.as_bytes(), now, 0, &mut [0; 64])
    };
    let own = MIDNIGHT / DAY;
    for (into, expected) in [(0, Some(own - 1)), (1, Some(own - 1)), (2, None), (3, None), (DAY - 1, None)] {
        assert_eq!(windows(MIDNIGHT + into, NOON, 0), Ok((own, expected)), "{into}");
    }
    assert_eq!(windows(MIDNIGHT - 1, NOON, 1), Ok((own - 1, None)));
    assert_eq!(windows(MIDNIGHT - DAY, NOON, 1), Ok((own - 1, Some(own - 2))));
    assert_eq!(windows(0, 5, 0), Ok((0, None)), "there is no window before the first");
    assert_eq!(windows(MIDNIGHT - 1, NOON, 0), Err(Status::RotatingWindowPast));
    assert_eq!(windows(MIDNIGHT + DAY, NOON, 0), Err(Status::RotatingWindowAhead));
}

/// What stands in place of user and time, in both modes.
#[test]
fn users_and_times_that_are_none() {
    for mode in MODES {
        let secret = Secret::new(mode);
        let setup = secret.setup();
        let key = secret.key("alice", NOON / DAY);
        let of = |json: &str| {
            let token = TokenBuilder::signed_by(key.clone()).payload(json).build();
            status_at(&setup, &token, NOON)
        };
        let rest = format!(r#""exp":{}"#, NOON + 60);
        let of_user = |user: &str| of(&format!(r#"{{"userId":{user},"iat":{NOON},{rest}}}"#));
        let of_time = |time: &str| of(&format!(r#"{{"userId":"alice","iat":{time},{rest}}}"#));
        assert_eq!(of_user(r#""alice""#), Status::Accepted);
        assert_eq!(of_user(r#""\u0061lic\u0065""#), Status::Accepted, "unescaped");
        for user in
            ["true", "null", "[]", "{}", r#"["alice"]"#, "1.5", "9007199254740993", "-9007199254740993", "1e16", "0.1e0"]
        {
            assert_eq!(of_user(user), Status::RotatingUserType, "{user}");
        }
        for user in ["0", "1", "-1", "9007199254740992", "1e3", "10E-1", r#""""#, r#""Alice""#, r#""alice ""#] {
            assert_eq!(of_user(user), Status::Signature, "{user}");
        }
        assert_eq!(of(&format!(r#"{{"userid":"alice","iat":{NOON},{rest}}}"#)), Status::RotatingUserMissing);
        assert_eq!(of(&format!(r#"{{"a":{{"userId":"alice"}},"iat":{NOON},{rest}}}"#)), Status::RotatingUserMissing);
        assert_eq!(of(&format!(r#"{{"userId":"alice",{rest}}}"#)), Status::RotatingTimeMissing);
        for time in [r#""1""#, "null", "-1", "true", "1e400", "[]"] {
            assert_eq!(of_time(time), Status::RotatingTimeMissing, "{time}");
        }
        // A date, but of no window that is accepted; 2^63 - 1 and below overflow nothing.
        for time in ["9223372036854775807", "9.2e18"] {
            assert_eq!(of_time(time), Status::RotatingWindowAhead, "{time}");
        }
        assert_eq!(of_time("0"), Status::RotatingWindowPast);
        assert_eq!(
            of_time(&format!("{NOON}.999")),
            Status::IssuedInFuture,
            "rounded down for the window, up for the policy"
        );
        for broken in ["", "{", "[]", r#"{"userId":"alice","userId":"bob"}"#, "\u{feff}{}"] {
            assert_eq!(of(broken), Status::RotatingPayload, "{broken}");
        }
        for now in [i64::MIN, -1, 0, i64::MAX] {
            let token = token(key.clone(), &payload("alice".into(), NOON));
            let expected = if now > 0 { Status::RotatingWindowPast } else { Status::RotatingWindowAhead };
            assert_eq!(status_at(&setup, &token, now), expected);
        }
    }
}

/// An integer is its decimal text, whatever it is written like.
#[test]
fn integers_as_users() {
    for mode in MODES {
        let secret = Secret::new(mode);
        for (written, text) in [
            ("42", "42"),
            ("-7", "-7"),
            ("-0", "0"),
            ("1e3", "1000"),
            ("10E-1", "1"),
            ("5.0", "5"),
            ("9007199254740992", "9007199254740992"),
            ("-9007199254740992", "-9007199254740992"),
        ] {
            let json = format!(r#"{{"userId":{written},"iat":{NOON},"exp":{}}}"#, NOON + 1);
            let token = TokenBuilder::signed_by(secret.key(text, NOON / DAY)).payload(json).build();
            assert_eq!(status_at(&secret.setup(), &token, NOON), Status::Accepted, "{written}");
        }
    }
}

/// The claims of an accepted token are the whole payload, the registered ones judged as ever.
#[test]
fn the_claims_are_read_as_without() {
    let secret = Secret::new(RotatingMode::Compat);
    let key = || secret.key("alice", NOON / DAY);
    let full = json!({"iss": "https://a", "sub": "s", "aud": ["x", "y"], "userId": "alice", "iat": NOON, "exp": NOON + 9, "deep": {"b": [1, {"c": "d"}]}});
    let outcome = judge(
        &secret.setup().policy(Policy {
            audiences: &["y"],
            issuers: &["https://a"],
            subject: Some("s"),
            ..Policy::default()
        }),
        Attempt::new(&token(key(), &full)).at(NOON),
    );
    assert_eq!(outcome.claims.unwrap(), full.to_string());
    let of = |members: Value| {
        let mut claims = payload("alice".into(), NOON);
        members.as_object().unwrap().iter().for_each(|(name, value)| claims[name] = value.clone());
        status_at(&secret.setup(), &token(key(), &claims), NOON)
    };
    assert_eq!(of(json!({"aud": 7})), Status::ClaimType);
    assert_eq!(of(json!({"exp": -1})), Status::ClaimDate);
    assert_eq!(of(json!({"exp": NOON - 1})), Status::Expired);
    assert_eq!(of(json!({"cnf": {"x": 1}})), Status::Confirmation);
    // The scratch that the functions tell suffices, and one byte less does not.
    let token = token(key(), &full);
    let any = secret.setup().policy(Policy { any_audience: true, ..Policy::default() });
    let short = Attempt { scratch_missing: 1, ..Attempt::new(&token).at(NOON) };
    assert_eq!(judge(&any, short).status, Status::ScratchTooSmall);
}

/// The most members that a payload can have, and a long signature's worth of scratch behind its index.
#[test]
fn scratch_bytes_suffice() {
    let secret = Secret::new(RotatingMode::Derived);
    for count in [0, 1, 7, 30, 60] {
        let members: String = (0..count).map(|number| format!(r#","{number}":{{"":0,"a":1}}"#)).collect();
        let json = format!(r#"{{"userId":"alice","iat":{NOON},"exp":{}{members}}}"#, NOON + 1);
        let token = TokenBuilder::signed_by(secret.key("alice", NOON / DAY)).payload(&json).build();
        assert_eq!(judge(&secret.setup(), Attempt::new(&token).at(NOON)).claims.as_deref(), Some(&*json));
    }
}

#[test]
fn what_cannot_be_asked_of_a_rotating_secret() {
    let mut region = [0; 128];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_rotating(None, BASE, &Rotating::compat("userId")).unwrap();
    let sets = [keys.set()];
    let mut scratch = [0; 2048];
    let secret = Secret::new(RotatingMode::Compat);
    let token = token(secret.key("alice", NOON / DAY), &payload("alice".into(), NOON));
    // A payload that is no claims set names no user.
    let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap();
    let refused = verifier.verify_opaque(&Request::new(&token, NOON), &mut scratch).unwrap_err();
    assert_eq!(refused.status, Status::PolicyConflict);
    // Without the time there is no window.
    let policy = Policy { no_clock: true, nonce: Some("n"), ..Policy::default() };
    let verifier = Verifier::new(&sets, policy, Holder::default()).unwrap();
    let request = Request { clock: Clock::Missing, ..Request::new(&token, 0) };
    assert_eq!(verifier.verify(&request, &mut scratch).report().status, Status::ClockMissing);
}

fn users() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => any::<String>().prop_map(Value::from),
        2 => "[a-z]{0,8}".prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => (-9i64..9).prop_map(|near| Value::from((1i64 << 53) + near)),
        1 => Just(json!(true)),
        1 => Just(Value::Null),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any user, time, grace, window and skew: the verdict is the oracle's, and so are the windows that are tried.
    #[test]
    fn as_the_oracle(
        user in users(), derived: bool, window in prop_oneof![1u32..10, 60u32..90_000], grace in 0u32..2,
        now in 0i64..4_000_000, ahead in -200_000i64..200_000, near in 0i64..4, edge in 0u8..3, leeway in 0u32..100_000,
        signed_in in -2i64..3, base_bytes in 32usize..200,
    ) {
        let mode = MODES[usize::from(derived)];
        let secret = Secret { window, grace, base: vec![base_bytes as u8; base_bytes], ..Secret::new(mode) };
        let length = i64::from(window);
        // Two times out of three close behind the start of a window.
        let issued_at = match edge {
            0 => now + ahead,
            1 => now / length * length + near,
            _ => (now / length - 1) * length + near,
        };
        let claims = payload(user.clone(), issued_at);
        let policy = Policy { leeway, ..Policy::default() };
        let expected = match issued_at {
            ..0 => match secret.windows(&claims, now, i64::from(leeway)) {
                Err(status @ (Status::RotatingUserType | Status::RotatingUserMissing)) => Err(status),
                _ => Err(Status::RotatingTimeMissing),
            },
            _ => secret.windows(&claims, now, i64::from(leeway)),
        };
        let rotating = Rotating { mode, claim: "userId", window, grace };
        let tried = tools::rotating_windows(&rotating, claims.to_string().as_bytes(), now, leeway, &mut [0; 64]);
        let both = expected.clone().map(|(_, windows)| (windows[0], windows.get(1).copied()));
        prop_assert_eq!(tried, both);
        let name = expected.as_ref().map_or_else(|_| "alice".into(), |(user, _)| user.clone());
        let number = issued_at.div_euclid(length) + signed_in;
        let token = token(secret.key(&name, number.max(0)), &claims);
        let status = status_at(&secret.setup().policy(policy), &token, now);
        match expected {
            Err(reason) => prop_assert_eq!(status, reason),
            Ok((_, windows)) if !windows.contains(&number.max(0)) => prop_assert_eq!(status, Status::Signature),
            // 3xx and 4xx have been passed; what remains is the policy's.
            Ok(_) if issued_at > now + i64::from(leeway) => prop_assert_eq!(status, Status::IssuedInFuture),
            Ok(_) if issued_at + 10 * DAY + i64::from(leeway) <= now => prop_assert_eq!(status, Status::Expired),
            Ok(_) => prop_assert_eq!(status, Status::Accepted),
        }
    }
}

/// A plain HS256 key beside a rotating one serves as ever, and the other way round.
#[test]
fn beside_a_plain_key() {
    let secret = Secret::new(RotatingMode::Derived);
    let both = Setup::with([key_of("HS256"), secret.source()]);
    assert_eq!(status_of(&both, &TokenBuilder::new("HS256").build()), Status::Accepted);
    let rotating = token(secret.key("alice", NOON / DAY), &payload("alice".into(), NOON));
    assert_eq!(status_at(&both, &rotating, NOON), Status::Accepted);
    let outside = token(secret.key("alice", NOON / DAY - 1), &payload("alice".into(), NOON - DAY));
    assert_eq!(status_at(&both, &outside, NOON), Status::Signature, "the plain key is left to try");
    assert_eq!(token::SECRET.len(), 64);
}
