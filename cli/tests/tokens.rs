//! `mint` and `keys`: what is minted is accepted, what is secret is not shown, and why a key is skipped.

mod support;

use serde_json::{Value, json};
use support::{Folder, SECRET, countermark, countermark_reading};

#[test]
fn a_key_of_each_kind_mints_and_verifies() {
    let folder = Folder::new();
    let policy =
        folder.file("policy", r#"{"issuers":["i"],"audiences":["a"],"typ":"at+jwt","require":["jti","iat","note"]}"#);
    let claims = folder.file("claims", r#"{"note":"one"}"#);
    for algorithm in ["HS256", "HS384", "HS512", "ES256", "EdDSA"] {
        let private = folder.at(&format!("{algorithm}.jwk"));
        let made = countermark(&["keys", "generate", algorithm, "--out", &private, "--json"]);
        assert_eq!((made.code, made.error.as_str()), (0, ""), "{algorithm}");
        let jwk: Value = serde_json::from_slice(&std::fs::read(&private).unwrap()).unwrap();
        let secret = jwk[if algorithm.starts_with("HS") { "k" } else { "d" }].as_str().unwrap();
        assert!(secret.len() >= 43 && !made.out.contains(secret), "{algorithm}: the private part is printed");
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&private).unwrap().permissions());
            assert_eq!(mode & 0o777, 0o600, "{algorithm}");
        }
        let minted = countermark(&[
            "mint",
            "--key",
            &private,
            "--issuer",
            "i",
            "--audience",
            "a",
            "--subject",
            "s",
            "--typ",
            "at+jwt",
            "--token-id",
            "t",
            "--now",
            "1000",
            "--expires-in",
            "10",
            "--claims",
            &claims,
        ]);
        assert_eq!((minted.code, minted.error.as_str()), (0, ""), "{algorithm}");
        // What is public verifies: of a secret, the file itself.
        let set = if algorithm.starts_with("HS") { private } else { folder.file("set", &made.out) };
        let verify = |now: &str| {
            let arguments = ["verify", "--json", "--jwks", &set, "--policy", &policy, "--token", "-", "--now", now];
            countermark_reading(&arguments, minted.out.as_bytes())
        };
        let accepted = verify("1009");
        assert_eq!(accepted.code, 0, "{algorithm}: {}", accepted.out);
        let expected = json!({"iss": "i", "sub": "s", "aud": "a", "exp": 1010, "iat": 1000, "jti": "t", "note": "one"});
        assert_eq!(accepted.json()["claims"], expected, "{algorithm}");
        assert_eq!(verify("1010").json()["status"], "EXPIRED", "{algorithm}");
        let again = countermark(&["keys", "generate", algorithm, "--out", &folder.at(&format!("{algorithm}.jwk"))]);
        assert_eq!(again.code, 2, "{algorithm}: a key that is there is not written over");
    }
}

/// A token that is bound to a key needs its proof, and a public key in PEM serves as one in a set.
#[test]
fn bound_tokens_and_pem() {
    let folder = Folder::new();
    // RFC 7638 3.1 and RFC 8037 A.3 print the thumbprints of these.
    let public = folder.file("public", r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#);
    let secret = format!("HS256={}", folder.file("secret", SECRET));
    let run = countermark(&["mint", "--secret", &secret, "--bind-key", &public, "--now", "1000"]);
    let token = folder.file("token", run.out);
    let verify = |policy: &str| {
        let policy = folder.file("policy", policy);
        let arguments = ["verify", "--json", "--secret", &secret, "--token", &token, "--now", "1000", "--policy", &policy];
        countermark(&arguments).json()["failed"].clone()
    };
    assert_eq!(verify("{}"), json!(["CONFIRMATION"]));
    assert_eq!(verify(r#"{"holder":"dpop"}"#), json!(["POSSESSION_MISSING", "SCHEME"]));
    let spki = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/keys/p256.spki.pem");
    let run = countermark(&["verify", "--json", "--pem", &format!("ES256={spki}"), "--token", &token]);
    assert_eq!(run.json()["status"], "ALGORITHM_MISMATCH", "the set has one key, of another algorithm: {}", run.out);
}

const RSA: &str = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;

#[test]
fn keys_are_listed_with_what_becomes_of_them() {
    let folder = Folder::new();
    let keys = [
        RSA,
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"no alg"}"#,
        r#"{"kty":"oct","k":"c2VzYW1lIHNlc2FtZSBzZXNhbWUgc2VzYW1lIHNlc2FtZQ","alg":"HS256","kid":"secret"}"#,
        r#"{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA","alg":"ES256","kid":"short"}"#,
        r#"{"kty":"RSA","n":"AQAB","e":"AQAB","alg":"RS256","use":"enc","kid":"enc"}"#,
        r#"{"kty":"oct","k":"MTIzNDU2Nzg5MDEyMzQ1Ng","alg":"A128KW","kid":"opens"}"#,
        "7",
    ];
    let set = folder.file("set", format!(r#"{{"issuer":"https://login.example","keys":[{}]}}"#, keys.join(",")));
    let run = countermark(&["keys", "list", &set, "--json"]);
    let object = run.json();
    assert_eq!((run.code, &object["loaded"], &object["issuer"]), (0, &json!(3), &json!("https://login.example")));
    let expected = [
        // RFC 7638 3.1.
        (json!("RS256"), json!("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"), Value::Null),
        // RFC 8037 A.3.
        (Value::Null, json!("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"), json!("KEY_ALGORITHM_UNDECIDED")),
        (json!("HS256"), Value::Null, Value::Null),
        (Value::Null, Value::Null, json!("KEY_LENGTH")),
        (Value::Null, Value::Null, json!("KEY_USE")),
        (json!("A128KW"), Value::Null, Value::Null),
        (Value::Null, Value::Null, json!("KEY_MALFORMED")),
    ];
    let listed = object["keys"].as_array().unwrap();
    assert_eq!(listed.len(), expected.len());
    for (key, (algorithm, thumbprint, skipped)) in listed.iter().zip(&expected) {
        assert_eq!((&key["alg"], &key["thumbprint"], &key["skipped"]), (algorithm, thumbprint, skipped), "{key}");
    }
    assert!(!run.out.contains("c2VzYW1l"), "a secret is printed");
    let run = countermark(&["keys", "list", &set, "--json", "--allow", "EdDSA"]);
    assert_eq!((&run.json()["loaded"], &run.json()["keys"][1]["alg"]), (&json!(4), &json!("EdDSA")));
    let text = countermark(&["keys", "list", &set]).out;
    assert!(text.contains("(of a secret: not shown)") && text.contains("3 loaded, 4 skipped"), "{text}");
    assert!(!text.contains("c2VzYW1l"), "a secret is printed");
}

#[test]
fn a_set_that_does_not_load() {
    let folder = Folder::new();
    let twice = folder.file("set", format!(r#"{{"keys":[{RSA},{RSA}]}}"#));
    let run = countermark(&["keys", "list", &twice, "--json"]);
    assert_eq!((run.code, &run.json()["refused"]), (1, &json!("KEY_ID_DUPLICATE")));
    let text = countermark(&["keys", "list", &twice]).out;
    assert!(text.contains("the set is refused"), "{text}");
}
