//! What a captured request says: where its token is, and which URI the client asked for.

mod support;

use serde_json::{Value, json};
use support::{Folder, SECRET, countermark, token};

fn status_of(folder: &Folder, policy: &str, request: &str, more: &[&str]) -> (i32, Value) {
    let (policy, request) = (folder.file("policy", policy), folder.file("request", request));
    let secret = format!("HS256={}", folder.file("secret", SECRET));
    let mut arguments =
        vec!["verify", "--json", "--now", "1000", "--secret", &secret, "--policy", &policy, "--request", &request];
    arguments.extend(more);
    let run = countermark(&arguments);
    (run.code, run.json()["status"].clone())
}

#[test]
fn where_the_token_is() {
    let folder = Folder::new();
    let token = token(r#"{"exp":2000}"#);
    let cases = [
        ("{}", format!("GET / HTTP/1.1\nAuthorization: Bearer {token}\n"), "OK"),
        ("{}", format!("GET / HTTP/1.1\r\nauthorization:bearer   {token}  \r\n\r\nbody without a colon\r\n"), "OK"),
        ("{}", "GET / HTTP/1.1\n".into(), "CREDENTIALS_MISSING"),
        ("{}", "GET / HTTP/1.1\nAuthorization: Basic abc\n".into(), "CREDENTIALS_MISSING"),
        ("{}", format!("GET / HTTP/1.1\nAuthorization: Bearer {token} x\n"), "CREDENTIALS_MALFORMED"),
        (
            "{}",
            format!("GET / HTTP/1.1\nAuthorization: Bearer {token}\nAuthorization: Bearer {token}\n"),
            "CREDENTIALS_REPEATED",
        ),
        ("{}", format!("GET /?t={token} HTTP/1.1\n"), "CREDENTIALS_MISSING"),
        (r#"{"source":{"argument":"t"}}"#, format!("GET /?a=b&t={token} HTTP/1.1\n"), "OK"),
        (r#"{"source":{"cookie":"t"}}"#, format!("GET / HTTP/1.1\nCookie: a=b; t={token}\n"), "OK"),
        (
            r#"{"source":{"cookie":"t"}}"#,
            format!("GET / HTTP/1.1\nCookie: t={token}\nAuthorization: Bearer {token}\n"),
            "CREDENTIALS_REPEATED",
        ),
        (
            r#"{"source":{"cookie":"t","ignore_authorization":true}}"#,
            format!("GET / HTTP/1.1\nCookie: t={token}\nAuthorization: Basic abc\n"),
            "OK",
        ),
    ];
    for (policy, request, expected) in cases {
        let (code, status) = status_of(&folder, policy, &request, &[]);
        assert_eq!((code, status), (i32::from(expected != "OK"), json!(expected)), "{policy} {request}");
    }
    // A token that is named by hand is judged, whatever the request holds.
    let by_hand = folder.file("token", format!("{token}\r\n"));
    let (code, _) = status_of(&folder, "{}", "GET / HTTP/1.1\n", &["--token", &by_hand]);
    assert_eq!(code, 0);
}

/// The members of a policy that conformance cases do not have.
#[test]
fn how_and_when_the_user_logged_in() {
    let folder = Folder::new();
    let token = token(r#"{"exp":2000,"nonce":"n","acr":"high","auth_time":900}"#);
    let request = format!("GET / HTTP/1.1\nAuthorization: Bearer {token}\n");
    for (policy, expected) in [
        (r#"{"nonce":"n"}"#, "OK"),
        (r#"{"nonce":"m"}"#, "NONCE"),
        (r#"{"acr":["low","high"]}"#, "OK"),
        (r#"{"acr":["low"]}"#, "ACR"),
        (r#"{"auth_max_age":100}"#, "OK"),
        (r#"{"auth_max_age":99}"#, "AUTH_TOO_OLD"),
    ] {
        assert_eq!(status_of(&folder, policy, &request, &[]).1, expected, "{policy}");
    }
}

/// A DPoP proof that another library made names the URI that it is for.
#[test]
fn which_uri_was_asked_for() {
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/interop/proofs.node.jsonl");
    let case = std::fs::read_to_string(cases).unwrap();
    let case: Value = serde_json::from_str(case.lines().next().unwrap()).unwrap();
    assert_eq!(case["evidence"]["uri"], "https://api.example/orders/7");
    let folder = Folder::new();
    let (jwks, policy) = (folder.file("jwks", case["keys"].to_string()), folder.file("policy", case["policy"].to_string()));
    let proof = case["evidence"]["dpop"].as_str().unwrap();
    let credentials = format!("Authorization: DPoP {}\nDPoP: {proof}\n", case["token"].as_str().unwrap());
    let run = |first: &str, more: &[&str]| {
        let request = folder.file("request", format!("{first}\n{credentials}\n"));
        let mut arguments = vec!["verify", "--json", "--now", "1700000000", "--jwks", &jwks, "--policy", &policy];
        arguments.extend(["--request", &request]);
        arguments.extend(more);
        let run = countermark(&arguments);
        (run.code, run.json()["status"].clone(), run.error)
    };
    for (first, more, expected) in [
        ("GET /orders/7 HTTP/1.1\nHost: api.example", &[][..], "OK"),
        ("GET /orders/7?page=2 HTTP/1.1\nHost: API.example:443", &[], "OK"),
        ("GET https://api.example/orders/7 HTTP/1.1\nHost: other.example", &[], "OK"),
        ("GET /orders/7 HTTP/1.1\nHost: 10.0.0.7:8080", &["--origin", "https://api.example"], "OK"),
        ("GET /orders/7 HTTP/1.1\nHost: 10.0.0.7:8080", &["--origin", "https://api.example/"], "OK"),
        ("GET /orders/7 HTTP/1.1\nHost: 10.0.0.7:8080", &[], "PROOF_URI"),
        ("GET /orders/7 HTTP/1.1\nHost: api.example", &["--origin", "http://api.example"], "PROOF_URI"),
        ("GET /orders/8 HTTP/1.1\nHost: api.example", &[], "PROOF_URI"),
        ("POST /orders/7 HTTP/1.1\nHost: api.example", &[], "PROOF_METHOD"),
    ] {
        let (code, status, _) = run(first, more);
        assert_eq!((code, status), (i32::from(expected != "OK"), json!(expected)), "{first} {more:?}");
    }
    // Without one Host nobody knows the URI: a mistake of whoever asks.
    for first in ["GET /orders/7 HTTP/1.1", "GET /orders/7 HTTP/1.1\nHost: a\nHost: b"] {
        let (code, status, error) = run(first, &[]);
        assert_eq!((code, status), (2, json!("ARGUMENT")), "{first}");
        assert!(error.contains("it has not one Host: give --origin"), "{error}");
    }
    // A proof is not used up by looking at it.
    for _ in 0..2 {
        assert_eq!(run("GET /orders/7 HTTP/1.1\nHost: api.example", &[]).0, 0);
    }
}

/// A digest minted by hand of one request holds for its like alone.
#[test]
fn digests() {
    let folder = Folder::new();
    let request = "GET / HTTP/1.1\nHost: a\nUser-Agent: curl/8.5.0\n";
    for (preset, pepper) in [("compat", false), ("headers", true)] {
        let policy = format!(r#"{{"fingerprint":{{"form":"digest","preset":"{preset}"}}}}"#);
        let (policy_file, request_file) = (folder.file("policy", &policy), folder.file("request", request));
        let secret = format!("HS256={}", folder.file("secret", SECRET));
        let pepper_file = folder.file("pepper", "sixteen bytes or more");
        let more: &[&str] = if pepper { &["--pepper", &pepper_file] } else { &[] };
        let arguments = ["mint", "--now", "900", "--secret", &secret, "--policy", &policy_file, "--request", &request_file];
        let minted = countermark(&[&arguments[..], more].concat());
        assert_eq!(minted.code, 0, "{}", minted.error);
        let token = folder.file("token", minted.out);
        let judged = |request: &str| status_of(&folder, &policy, request, &[&["--token", &token], more].concat());
        assert_eq!(judged(request), (0, json!("OK")), "{preset}");
        assert_eq!(judged(&request.replace("8.5.0", "8.5.1")), (1, json!("FINGERPRINT_MISMATCH")), "{preset}");
    }
}

/// A policy on the move: whoever proves possession is known by it, everybody else by their likeness.
#[test]
fn a_fingerprint_unless_possession() {
    let folder = Folder::new();
    let policy = r#"{"algorithms":["ES256","HS256"],"issuers":["https://login.example"],"audiences":["https://api.example"],"holder":"HOLDER",
        "fingerprint":{"form":"sketch","preset":"headers","coverage":0}}"#;
    let (pepper, secret) = (folder.file("pepper", "sixteen bytes or more"), folder.file("secret", SECRET));
    let secret = format!("HS256={secret}");
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/interop/proofs.node.jsonl");
    let case = std::fs::read_to_string(cases).unwrap();
    let case: Value = serde_json::from_str(case.lines().next().unwrap()).unwrap();
    let jwks = folder.file("jwks", case["keys"].to_string());
    let judge = |holder: &str, token: &str, proof: &str, agent: &str| {
        let policy = folder.file("policy", policy.replace("HOLDER", holder));
        let fields = format!("Host: api.example\nUser-Agent: {agent}\n{proof}Authorization: {token}\n");
        let request = folder.file("request", format!("GET /orders/7 HTTP/1.1\n{fields}"));
        let arguments =
            ["verify", "--json", "--now", "1700000000", "--jwks", &jwks, "--secret", &secret, "--policy", &policy];
        let run = countermark(&[&arguments[..], &["--pepper", &pepper, "--request", &request]].concat());
        let object = run.json();
        (object["status"].clone(), object["fingerprint"]["similarity"].clone())
    };
    let proof = format!("DPoP: {}\n", case["evidence"]["dpop"].as_str().unwrap());
    let bound = format!("DPoP {}", case["token"].as_str().unwrap());
    let minted = {
        let policy = folder.file("policy", policy.replace("HOLDER", "none"));
        let request =
            folder.file("request", "GET / HTTP/1.1\nHost: api.example\nUser-Agent: curl/8.5.0\nAuthorization: x\n");
        let arguments = ["mint", "--now", "1699999900", "--secret", &secret, "--issuer", "https://login.example"];
        let more = ["--audience", "https://api.example", "--policy", &policy, "--pepper", &pepper, "--request", &request];
        countermark(&[&arguments[..], &more].concat()).out
    };
    let unbound = format!("Bearer {}", minted.trim());
    let either = "fingerprint-unless-possession";
    assert_eq!(judge(either, &bound, &proof, "any/1.0"), (json!("OK"), Value::Null), "the fingerprint is not looked at");
    assert_eq!(judge(either, &bound, "", "any/1.0").0, "POSSESSION_MISSING", "a bound token is never a bearer token");
    assert_eq!(judge(either, &unbound, "", "curl/8.5.0"), (json!("OK"), json!(1000)));
    let other = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    assert_eq!(judge(either, &unbound, "", other).0, "FINGERPRINT_MISMATCH");
    assert_eq!(judge("any", &unbound, "", "curl/8.5.0").0, "POSSESSION_UNBOUND");
    assert_eq!(judge("if-bound", &unbound, "", "curl/8.5.0").0, "OK");
    assert_eq!(judge("if-bound", &bound, "", "curl/8.5.0").0, "POSSESSION_MISSING");
}
