//! Project Wycheproof's JSON Web tests, those that are signed: what it calls valid is accepted where the algorithm is
//! supported, what it calls invalid is refused. Where this project decides otherwise, `decided` says so and why.

use super::answer;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use wycheproof_ng_core::TestResult;
use wycheproof_ng_kdf_jose::json_web::{TestName, TestSet};

const SUPPORTED: [&str; 13] =
    ["HS256", "HS384", "HS512", "ES256", "ES384", "ES512", "ES256K", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];

/// A decision of this project's that is not Wycheproof's; `None` leaves the case out.
fn decided(set: &str, id: usize, wycheproof: bool) -> Option<bool> {
    match (set, id) {
        // The bytes of 357, which is valid: the padding that their comments speak of got lost.
        ("signature", 367 | 370) => None,
        // Marked valid, but with a character that base64url does not have (RFC 7515 2).
        ("signature", 372 | 373) => Some(false),
        // Secret and public keys in one set. A key has one algorithm here, so neither can be taken for the other.
        ("crypto", 47) | ("key", 1) => Some(true),
        // PS384 tokens under a JWK whose alg is RS256 or PS256. A key has the one algorithm that it names.
        ("signature", 346 | 347 | 350 | 351) => Some(false),
        // A modulus of the ROCA shape (CVE-2017-15361). Its signature is right; which keys an issuer may have is not asked.
        ("crypto", 46) | ("key", 7) => Some(true),
        _ => Some(wycheproof),
    }
}

fn run(name: &str, set: TestSet) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    let mut different = Vec::new();
    for group in &set.test_groups {
        let keys = group.public_key.as_ref().or(group.private_key.as_ref()).unwrap();
        let keys = if keys.get("keys").is_some() { keys.clone() } else { json!({"keys": [keys]}) };
        let algorithms = keys["keys"].as_array().unwrap().iter().filter_map(|key| key["alg"].as_str());
        let is_supported = algorithms.clone().any(|algorithm| SUPPORTED.contains(&algorithm));
        for test in &group.tests {
            let Some(jws) = &test.jws else { continue };
            let Some(is_good) = decided(name, test.tc_id, matches!(test.result, TestResult::Valid)) else { continue };
            // The JSON serialization is not compact: its text is handed over as it is.
            let token = jws.as_str().map_or_else(|| jws.to_string(), String::from);
            let line = json!({"id": "w", "token": token, "now": 0, "keys": keys, "policy": {"payload": "opaque"}});
            let (text, is_case) = answer(line.to_string().as_bytes());
            assert!(is_case, "{line}");
            let answer: Value = serde_json::from_str(&text).unwrap();
            let is_accepted = answer["status"] == "OK";
            if is_accepted != (is_good && is_supported) {
                different.push(format!("{name} {}, {}: {text} {line}", test.tc_id, test.comment));
            }
            let kind = if is_supported { "" } else { " of other algorithms" };
            *counts.entry(format!("{}{kind}", if is_accepted { "accepted" } else { "refused" })).or_default() += 1;
        }
    }
    println!("Wycheproof {name}: {counts:?}");
    assert!(different.is_empty(), "{}", different.join("\n"));
    counts
}

#[test]
fn signatures() {
    let counts = run("signature", TestSet::load(TestName::JsonWebSignature).unwrap());
    assert!(counts["accepted"] >= 8 && counts["refused"] >= 60, "{counts:?}");
}

#[test]
fn keys_and_tokens() {
    let counts = run("crypto", TestSet::load(TestName::JsonWebCrypto).unwrap());
    assert!(counts["accepted"] >= 3 && counts["refused"] >= 30, "{counts:?}");
    let counts = run("key", TestSet::load(TestName::JsonWebKey).unwrap());
    assert!(counts["accepted"] >= 4 && counts["refused"] >= 10, "{counts:?}");
}
