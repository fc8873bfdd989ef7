//! The accessors of accepted claims, and the typed reader against the strict one.

use countermark::*;
use countermark_tests::generate;
use countermark_tests::json::{self, Json, Node};
use countermark_tests::random::Random;
use countermark_tests::token::{self, TokenBuilder};
use serde::Deserialize;

/// Hands the claims of an accepted token with this payload to `then`. The policy asks for nothing.
fn with_claims<T>(payload: impl AsRef<[u8]>, then: impl FnOnce(&Claims<'_>) -> T) -> T {
    let token = TokenBuilder::new("HS256").payload(payload).build();
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let sets = [keys.set()];
    let limits = Limits { token_bytes: 65_535, depth: 16, members: 256, ..Limits::DEFAULT };
    let policy = Policy { allow_missing_exp: true, any_audience: true, limits, ..Policy::default() };
    let verifier = Verifier::new(&sets, policy, Holder::default()).unwrap();
    let mut scratch = vec![0; scratch_bytes(token.len(), &limits)];
    let claims = verifier.verify(&Request::new(&token, token::NOW), &mut scratch).accepted();
    then(&claims.expect("accepted"))
}

#[test]
fn registered_claims_with_their_types() {
    let payload = r#"{"iss":"i\u0073s","sub":"s","aud":["a","\u0062"],"exp":1700000009.9,"nbf":1699999998.1,"iat":1699999999.9,"jti":"j"}"#;
    with_claims(payload, |claims| {
        assert_eq!(claims.raw(), payload);
        assert!(claims.issuer().unwrap() == "iss" && claims.subject().unwrap() == "s" && claims.token_id().unwrap() == "j");
        let audience: Vec<_> = claims.audience().unwrap().collect();
        assert!(audience.len() == 2 && audience[0] == "a" && audience[1] == "b");
        assert_eq!(claims.expires_at(), Some(1_700_000_009));
        assert_eq!(claims.not_before(), Some(1_699_999_999));
        assert_eq!(claims.issued_at(), Some(1_699_999_999));
    });
    with_claims("{}", |claims| {
        assert!(claims.issuer().is_none() && claims.subject().is_none() && claims.token_id().is_none());
        assert!(claims.audience().is_none() && claims.expires_at().is_none());
        assert!(claims.not_before().is_none() && claims.issued_at().is_none());
    });
    with_claims(r#"{"aud":"one"}"#, |claims| assert!(claims.audience().unwrap().eq(["one"])));
    with_claims(r#"{"aud":[]}"#, |claims| assert_eq!(claims.audience().unwrap().count(), 0));
}

const NESTED: &str = r#"{"realm_access":{"roles":["admin","us\u0065r"],"a.b":1},"a.b":{"c":2},"x":{"":{"y":3}},"":4,
    "list":[[1,2],{"k":[null,{"deep":"d"}]}],"m~n":5,"p/q":6,"n":null,"\u0065scaped":{"\u006eame":7},"/":8,"01":[9]}"#;

#[test]
fn claims_by_name_and_by_path() {
    with_claims(NESTED, |claims| {
        let at = |path: &str| claims.at(path).map(|value| value.raw().to_string());
        let found = |text: &str| Ok(text.to_string());
        let absent = Err(Status::ClaimAbsent);
        assert_eq!(claims.get("a.b").unwrap().raw(), r#"{"c":2}"#);
        assert_eq!(claims.get("n").unwrap().kind(), Kind::Null);
        assert_eq!(claims.get("/").unwrap().integer(), Ok(8));
        assert_eq!(claims.get("escaped").unwrap().kind(), Kind::Object);
        assert_eq!(claims.get("realm_access.roles").err(), Some(Status::ClaimAbsent));
        // Dots separate members.
        assert_eq!(at("realm_access.roles"), found(r#"["admin","us\u0065r"]"#));
        assert_eq!(at("realm_access.a.b"), absent);
        assert_eq!(at("a.b.c"), absent);
        assert_eq!(at("escaped.name"), found("7"));
        assert_eq!(at("x..y"), found("3"));
        assert_eq!(at(""), found("4"));
        assert_eq!(at("n"), found("null"));
        assert_eq!(at("n.x"), absent);
        assert_eq!(at("list.0"), absent);
        assert_eq!(at("realm_access."), absent);
        // A slash first: a JSON pointer.
        assert_eq!(at("/a.b/c"), found("2"));
        assert_eq!(at("/realm_access/a.b"), found("1"));
        assert_eq!(at("/list/0/1"), found("2"));
        assert_eq!(at("/list/1/k/1/deep"), found("\"d\""));
        assert_eq!(at("/m~0n"), found("5"));
        assert_eq!(at("/p~1q"), found("6"));
        assert_eq!(at("/~1"), found("8"));
        assert_eq!(at("/"), found("4"));
        assert_eq!(at("/x//y"), found("3"));
        assert_eq!(at("/01/0"), found("9"));
        for path in [
            "/list/2",
            "/list/00",
            "/list/01",
            "/list/-",
            "/list/+0",
            "/list/ 0",
            "/list/0/9",
            "/list/",
            "/list/x",
            "/p/q",
            "/m~n/x",
            "/list/99999999999999999999999999",
            "/list/0/0/0",
            "/N",
            "/n/0",
        ] {
            assert_eq!(at(path), absent, "{path}");
        }
        assert_eq!(at(&format!("/{}", "a".repeat(255))), absent);
        assert_eq!(at(&"a".repeat(257)), Err(Status::Argument));
        assert_eq!(claims.elements("list").unwrap().count(), 2);
        assert_eq!(claims.elements("n").err(), Some(Status::ClaimType));
        assert_eq!(claims.elements("none").err(), Some(Status::ClaimAbsent));
        // A wrong type is never "absent".
        assert_eq!(claims.get("n").unwrap().text().err(), Some(Status::ClaimType));
        assert_eq!(claims.get("list").unwrap().integer(), Err(Status::ClaimType));
        assert_eq!(claims.get("list").unwrap().boolean(), Err(Status::ClaimType));
    });
}

/// Every path into a random payload, spelt as a pointer, leads to what the oracle's tree has there.
#[test]
fn every_pointer_into_random_payloads() {
    let mut random = Random::new(10);
    let mut paths = 0;
    for _ in 0..300 {
        let payload = generate::object(&mut random);
        let Ok(tree) = json::read(&payload, 16, 256) else { panic!("the generator's objects are good") };
        with_claims(&payload, |claims| paths += follow(claims, &tree, String::new()));
    }
    assert!(paths > 1_000, "{paths}");
}

fn follow(claims: &Claims<'_>, node: &Node, path: String) -> usize {
    if !path.is_empty() && path.len() <= 256 {
        assert_eq!(claims.at(&path).unwrap().raw(), node.raw, "{path}");
    }
    let below: usize = match &node.json {
        Json::Array(elements) => {
            elements.iter().enumerate().map(|(place, node)| follow(claims, node, format!("{path}/{place}"))).sum()
        }
        Json::Object(members) => {
            let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
            members.iter().map(|(name, node)| follow(claims, node, format!("{path}/{}", escaped(name)))).sum()
        }
        _ => 0,
    };
    below + 1
}

#[test]
fn strings_into_memory_too_small() {
    with_claims(r#"{"s":"\ud83d\ude00\n\u00e9x"}"#, |claims| {
        let text = claims.get("s").unwrap().text().unwrap();
        let expected = "\u{1f600}\n\u{e9}x";
        assert_eq!(text.as_str(), None);
        for bytes in 0..expected.len() {
            let mut buffer = vec![0xa5; bytes];
            assert_eq!(text.copy_to(&mut buffer), Err(Status::BufferTooSmall));
            assert!(buffer.iter().all(|byte| *byte == 0xa5), "nothing was written");
        }
        let mut buffer = [0xa5; 20];
        assert_eq!(text.copy_to(&mut buffer), Ok(expected));
        assert!(buffer[expected.len()..].iter().all(|byte| *byte == 0xa5));
    });
}

#[derive(Deserialize, Debug, PartialEq)]
struct Session<'a> {
    sub: &'a str,
    admin: Option<bool>,
}

fn session(payload: &str) -> Result<(String, Option<bool>), Status> {
    with_claims(payload, |claims| {
        let mut buffer = vec![0; payload.len() * 3];
        claims.typed::<Session<'_>>(&mut buffer).map(|session| (session.sub.to_string(), session.admin))
    })
}

#[test]
fn typed_claims_and_escapes() {
    let good = |sub: &str, admin| Ok((sub.to_string(), admin));
    assert_eq!(session(r#"{"sub":"alice","admin":true}"#), good("alice", Some(true)));
    assert_eq!(session(r#"{"sub":"alice"}"#), good("alice", None));
    assert_eq!(session(r#"{"sub":"alice","admin":null}"#), good("alice", None));
    assert_eq!(session(r#"{"sub":"al\u0069ce","admin":true}"#), good("alice", Some(true)));
    assert_eq!(session(r#"{"sub":"\ud83d\ude00\/"}"#), good("\u{1f600}/", None));
    // An escaped name is the name: never absent.
    assert_eq!(session(r#"{"sub":"alice","\u0061dmin":true}"#), good("alice", Some(true)));
    // What must stay escaped cannot be borrowed: a status, never raw text.
    for text in [r#"\""#, r"\\", r"\n", r"\u0000", r"\u001f", r"\b", r"a\u0022b", r"\u005c", r"\\u0041"] {
        assert_eq!(session(&format!(r#"{{"sub":"{text}"}}"#)), Err(Status::ClaimEscaped), "{text}");
    }
    // An escape elsewhere does not matter.
    assert_eq!(session(r#"{"other":"\"\\\n","sub":"alice","more":["\u0000",{"x\"y":1}]}"#), good("alice", None));
    for wrong in [r#"{}"#, r#"{"sub":"a","admin":1}"#, r#"{"sub":"a","admin":"true"}"#, r#"{"sub":"\u0061","admin":[]}"#] {
        assert_eq!(session(wrong), Err(Status::ClaimShape), "{wrong}");
    }
    // No escape, no buffer.
    with_claims(r#"{"sub":"a"}"#, |claims| assert!(claims.typed::<Session<'_>>(&mut []).is_ok()));
    let payload = r#"{"sub":"\u0061"}"#;
    with_claims(payload, |claims| {
        let results: Vec<_> =
            (0..payload.len() * 3).map(|bytes| claims.typed::<Session<'_>>(&mut vec![0; bytes]).is_ok()).collect();
        assert!(results.is_sorted() && !results[0], "too small until it suffices");
        assert_eq!(claims.typed::<Session<'_>>(&mut [0; 4]), Err(Status::BufferTooSmall));
    });
    // A copied string needs room for its escapes too, and the lack of it is no other mistake.
    #[derive(Deserialize)]
    struct Copied {
        sub: heapless::String<32>,
    }
    let payload = r#"{"sub":"a\"b\\c\"d, and much more behind"}"#;
    with_claims(payload, |claims| {
        let results: Vec<_> = (0..=payload.len() * 3)
            .map(|bytes| claims.typed::<Copied>(&mut vec![0; bytes]).map(|copied| copied.sub.to_string()))
            .collect();
        let lacking = results.iter().take_while(|result| **result == Err(Status::BufferTooSmall)).count();
        assert!(lacking > payload.len() * 2 && lacking < results.len(), "{lacking}");
        assert!(results[lacking..].iter().all(|result| result.as_deref() == Ok("a\"b\\c\"d, and much more behind")));
    });
}

#[derive(Deserialize)]
struct Owned {
    #[serde(default)]
    text: Option<heapless::String<2048>>,
}

#[derive(Deserialize)]
struct Numbers {
    number: i64,
}

/// Both readers on the same accepted payload: text with every kind of escape, among other members of every kind.
#[test]
fn both_readers_agree_on_strings() {
    let mut random = Random::new(11);
    let (mut read, mut escaped) = (0, 0);
    for _ in 0..4_000 {
        let string = loop {
            let text = generate::text(&mut random, true);
            let text = String::from_utf8(text).unwrap().trim().to_string();
            if text.starts_with('"') {
                break text;
            }
        };
        let other = String::from_utf8(generate::object(&mut random)).unwrap();
        let payload = format!(r#"{{"other":{other},"text":{string},"sub":{string},"after":[{other}]}}"#);
        if payload.len() > 40_000 {
            continue;
        }
        with_claims(&payload, |claims| {
            let mut copy = vec![0; payload.len()];
            let strict = claims.get("text").unwrap().text().unwrap().copy_to(&mut copy).unwrap();
            let mut buffer = vec![0; payload.len() * 3];
            let owned: Owned = claims.typed(&mut buffer).unwrap_or_else(|status| panic!("{status:?} {payload}"));
            assert_eq!(owned.text.as_deref(), Some(strict), "{payload}");
            let mut buffer = vec![0; payload.len() * 3];
            let must_stay = strict.chars().any(|char| matches!(char, '"' | '\\' | '\0'..='\u{1f}'));
            match claims.typed::<Session<'_>>(&mut buffer) {
                Ok(session) => assert!(session.sub == strict && !must_stay, "{payload}"),
                Err(status) => assert!(status == Status::ClaimEscaped && must_stay, "{status:?} {payload}"),
            }
            read += 1;
            escaped += usize::from(must_stay);
        });
    }
    assert!(read > 1_000 && escaped > 100, "{read} {escaped}");
}

#[test]
fn both_readers_agree_on_integers() {
    let mut random = Random::new(12);
    for _ in 0..2_000 {
        let number = (random.word() as i64) >> random.below(64);
        with_claims(format!(r#"{{"number":{number},"x":"\u0061"}}"#), |claims| {
            assert_eq!(claims.get("number").unwrap().integer(), Ok(number));
            let numbers: Numbers = claims.typed(&mut [0; 256]).unwrap();
            assert_eq!(numbers.number, number);
        });
    }
    // What the typed reader cannot hold is a status, never another number.
    for number in ["9223372036854775808", "-9223372036854775809", "1e400", "1.5", "18446744073709551616"] {
        with_claims(format!(r#"{{"number":{number}}}"#), |claims| {
            assert_eq!(claims.typed::<Numbers>(&mut [0; 256]).err(), Some(Status::ClaimShape), "{number}");
        });
    }
}

/// Deeper members that nobody asks for are stepped over by both.
#[test]
fn both_readers_step_over_what_is_not_asked_for() {
    let mut random = Random::new(13);
    for _ in 0..2_000 {
        let other = String::from_utf8(generate::object(&mut random)).unwrap();
        let payload = format!(r#"{{"ignored":{other},"sub":"alice"}}"#);
        with_claims(&payload, |claims| {
            let mut buffer = vec![0; payload.len() * 3];
            let session: Result<Session<'_>, _> = claims.typed(&mut buffer);
            assert_eq!(session.map(|session| session.sub), Ok("alice"), "{payload}");
        });
    }
}
