//! Tokens that nobody in this project wrote, from `../shared/vectors` beside the checkout; skipped where that is not.

use super::answer;
use base64ct::{Base64UrlUnpadded, Encoding};
use countermark_tests::keys::ALGORITHM_NAMES;
use serde_json::{Value, json};
use std::collections::BTreeMap;

fn read(path: &str) -> Option<String> {
    let text = std::fs::read_to_string(format!("{}/../../shared/vectors/{path}", env!("CARGO_MANIFEST_DIR"))).ok();
    if text.is_none() {
        countermark_tests::skipped(&format!("../shared/vectors/{path}"), "not beside this checkout");
    }
    text
}

fn decoded(segment: &str) -> Option<Value> {
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(segment).ok()?).ok()
}

fn header(token: &str) -> Value {
    decoded(token.split('.').next().unwrap()).unwrap_or_default()
}

fn payload(token: &str) -> Option<Value> {
    decoded(token.split('.').nth(1)?).filter(Value::is_object)
}

/// A time at which the token's own dates let it pass.
fn lenient_now(payload: &Value) -> i64 {
    let dates = ["nbf", "iat"].map(|name| payload[name].as_f64().unwrap_or(0.0).ceil() as i64);
    dates.into_iter().max().unwrap_or_default().max(0)
}

/// Judges the token under the most lenient policy with one key; a payload that is no object is read as bytes.
fn judge(token: &str, algorithm: &str, key: &Value) -> Value {
    let claims = payload(token);
    let policy = match claims {
        Some(_) => json!({"algorithms": [algorithm], "any_audience": true, "require": [], "max_token_bytes": 65_535}),
        None => json!({"algorithms": [algorithm], "payload": "opaque"}),
    };
    let now = claims.as_ref().map_or(0, lenient_now);
    let line = json!({"id": "v", "token": token, "now": now, "keys": {"keys": [key]}, "policy": policy});
    let (text, is_case) = answer(line.to_string().as_bytes());
    assert!(is_case, "{line}");
    serde_json::from_str(&text).unwrap()
}

/// What must become of a token whose signature is known to be good: the rules of design section 3 and 4, one by one.
fn decided(token: &str, algorithm: &str, key: &Value) -> &'static str {
    let header = header(token);
    let secret = key["k"].as_str().map(|k| Base64UrlUnpadded::decode_vec(k).unwrap().len());
    let shortest = BTreeMap::from([("HS256", 32), ("HS384", 48), ("HS512", 64)]);
    let claims = payload(token).unwrap_or_default();
    let dates = || ["exp", "nbf", "iat"].into_iter().filter_map(|name| claims[name].as_f64());
    let modulus = key["n"].as_str().map(|n| Base64UrlUnpadded::decode_vec(n).unwrap().len());
    let signature = Base64UrlUnpadded::decode_vec(token.rsplit('.').next().unwrap()).map_or(0, |bytes| bytes.len());
    match () {
        _ if key["crv"] == "Ed448" => "KEY_TYPE_UNSUPPORTED",
        _ if modulus.is_some_and(|bytes| bytes < 256) => "KEY_MODULUS_TOO_SMALL",
        // A byte too many behind the signature (RFC 8017 8.2.2 step 1), or a text that is not base64url.
        _ if modulus.is_some_and(|bytes| bytes != signature) => "SIGNATURE",
        _ if secret.is_some_and(|bytes| bytes < shortest[algorithm]) => "KEY_TOO_SHORT",
        _ if secret.is_some_and(|bytes| bytes > 512) => "KEY_TOO_LONG",
        _ if key.get("alg").is_some_and(|alg| alg != algorithm) => "KEY_ALGORITHM_MISMATCH",
        _ if ["kid", "typ", "cty"].into_iter().any(|name| header.get(name).is_some_and(|value| !value.is_string())) => {
            "HEADER_TYPE"
        }
        _ if !key["kid"].is_null() && !header["kid"].is_null() && key["kid"] != header["kid"] => "UNKNOWN_KID",
        _ if header["b64"] == false => "UNENCODED_PAYLOAD",
        _ if header["crit"].is_array() => "CRIT_UNKNOWN",
        _ if has_wrong_type(&claims) => "CLAIM_TYPE",
        _ if dates().any(|date| !(0.0..2f64.powi(63)).contains(&date)) => "CLAIM_DATE",
        _ if claims["exp"].as_f64().is_some_and(|exp| exp <= lenient_now(&claims) as f64) => "EXPIRED",
        _ => "OK",
    }
}

fn has_wrong_type(claims: &Value) -> bool {
    let is_audience =
        |aud: &Value| aud.is_string() || aud.as_array().is_some_and(|names| names.iter().all(Value::is_string));
    let wrong = |name: &str, fits: &dyn Fn(&Value) -> bool| claims.get(name).is_some_and(|claim| !fits(claim));
    ["exp", "nbf", "iat"].into_iter().any(|name| wrong(name, &Value::is_number))
        || ["iss", "sub", "jti"].into_iter().any(|name| wrong(name, &Value::is_string))
        || wrong("aud", &is_audience)
        || wrong("cnf", &Value::is_object)
}

#[test]
fn rfc_examples() {
    let Some(text) = read("rfc/rfc_examples.json") else { return };
    let examples: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut counts = BTreeMap::new();
    for example in &examples {
        let Some(token) = example["token"].as_str().filter(|token| token.split('.').count() == 3) else { continue };
        let algorithm = header(token)["alg"].as_str().unwrap_or_default().to_string();
        let key = &example["key"];
        if !ALGORITHM_NAMES.contains(&algorithm.as_str()) || !key.is_object() {
            continue;
        }
        let answer = judge(token, &algorithm, key);
        // The detached ones have no payload between their dots.
        let expected = match example["kind"].as_str().unwrap() {
            "JWS detached" => "SIGNATURE",
            "JWS b64=false detached" => "UNENCODED_PAYLOAD",
            _ => "OK",
        };
        println!("{} {algorithm}: {}", example["id"], answer["status"]);
        assert_eq!(answer["status"], expected, "{}", example["id"]);
        *counts.entry(expected).or_insert(0) += 1;
    }
    println!("RFC examples: {counts:?}");
    assert_eq!(counts, BTreeMap::from([("OK", 11), ("SIGNATURE", 1), ("UNENCODED_PAYLOAD", 1)]));
}

#[test]
fn tokens_of_other_libraries() {
    let Some(text) = read("peers/tokens-dev.jsonl") else { return };
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut disagreements = Vec::new();
    let mut compare = |token: &str, algorithm: &str, key: &Value, is_good: bool| {
        let expected = if is_good { decided(token, algorithm, key) } else { "SIGNATURE" };
        let answer = judge(token, algorithm, key);
        *counts.entry(answer["status"].to_string()).or_default() += 1;
        if answer["status"] != expected {
            disagreements.push(format!("{expected} expected: {answer} {token} {key}"));
        }
        if answer["status"] == "OK" {
            match payload(token) {
                Some(claims) => assert_eq!(answer["claims"], claims, "{token}"),
                None => assert_eq!(answer["payload"].as_str(), token.split('.').nth(1), "{token}"),
            }
        }
        answer["status"] == "KEY_TOO_SHORT"
    };
    for entry in text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let (Some(token), Some(algorithm)) = (entry["token"].as_str(), entry["alg"].as_str()) else { continue };
        if entry["kind"] != "JWS" || !ALGORITHM_NAMES.contains(&algorithm) || !entry["key"].is_object() {
            continue;
        }
        let is_good = entry["crypto"] == "valid";
        if compare(token, algorithm, &entry["key"], is_good) {
            compare(token, algorithm, &padded(&entry["key"]), is_good);
        }
    }
    println!("tokens of other libraries: {counts:?}; {} disagreements", disagreements.len());
    assert!(disagreements.is_empty(), "{}", disagreements.join("\n"));
    assert!(counts["\"OK\""] > 100);
}

/// The same HMAC key with zeros behind it up to 64 bytes: HMAC does that itself (RFC 2104 2), so the MAC stays the same
/// and the key is long enough.
fn padded(key: &Value) -> Value {
    let mut secret = Base64UrlUnpadded::decode_vec(key["k"].as_str().unwrap()).unwrap();
    secret.resize(64, 0);
    json!({"kty": "oct", "k": Base64UrlUnpadded::encode_string(&secret)})
}
