//! Conformance cases through the command line, each beside the answer of the conformance program.
#![allow(dead_code)] // each test uses its part

#[path = "../../../examples/conformance/answer/mod.rs"]
mod answer;

use crate::support::{Folder, Run, countermark, jwks, token};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Line<'c> {
    token: String,
    now: i64,
    #[serde(borrow)]
    keys: Option<&'c RawValue>,
    rotating: Option<Value>,
    #[serde(default)]
    policy: Value,
    #[serde(default)]
    evidence: Value,
}

/// The case as a user would hand it over: a captured request, key files, a policy file, and what a request does not show.
pub fn run(folder: &Folder, line: &str) -> Run {
    let line: Line<'_> = serde_json::from_str(line).unwrap();
    let mut arguments = vec!["verify".into(), "--json".into(), "--now".into(), line.now.to_string()];
    let mut give = |option: &str, value: String| arguments.extend([option.to_string(), value]);
    let mut policy = if line.policy.is_null() { json!({}) } else { line.policy };

    if let Some(keys) = line.keys {
        let sets: Vec<&RawValue> = match keys.get().starts_with('[') {
            true => serde_json::from_str(keys.get()).unwrap(),
            false => vec![keys],
        };
        for (number, set) in sets.iter().enumerate() {
            give("--jwks", folder.file(&format!("jwks-{number}"), set.get()));
        }
    }
    if let Some(mut rotating) = line.rotating {
        let base = rotating.as_object_mut().unwrap().remove("base").unwrap();
        give("--rotating", folder.file("base", base.as_str().unwrap()));
        policy["rotating"] = rotating;
    }
    // The conformance format says "exp is optional" by a list without it; a policy file says it by its name.
    if let Some(require) = policy.get_mut("require") {
        let list = require.as_array_mut().unwrap();
        let before = list.len();
        list.retain(|name| name != "exp");
        let has_exp = list.len() < before;
        policy["allow_missing_exp"] = json!(!has_exp);
    }
    if let Some(pepper) = policy.get_mut("fingerprint").and_then(|rules| rules.as_object_mut()?.remove("pepper")) {
        use base64ct::Encoding;
        let pepper = base64ct::Base64UrlUnpadded::decode_vec(pepper.as_str().unwrap()).unwrap();
        give("--pepper", folder.file("pepper", pepper));
    }
    give("--policy", folder.file("policy", policy.to_string()));

    let mut evidence = line.evidence;
    // Host and target show this URI by themselves; every other case gives it beside the request all the same.
    let is_shown = line.token.len().is_multiple_of(2) && evidence["uri"] == "https://api.example/orders/7";
    let mut taken = |name: &str| evidence.as_object_mut().and_then(|evidence| evidence.remove(name));
    let text = |value: Option<Value>, otherwise: &str| match value {
        Some(value) => value.as_str().unwrap().to_string(),
        None => otherwise.to_string(),
    };
    let (method, scheme) = (text(taken("method"), "GET"), text(taken("scheme"), "DPoP"));
    let mut request = format!("{method} /orders/7 HTTP/1.1\r\n");
    for field in taken("headers").unwrap_or_default().as_array().into_iter().flatten() {
        request += &format!("{}: {}\r\n", field[0].as_str().unwrap(), field[1].as_str().unwrap());
    }
    if is_shown {
        taken("uri");
        request += "Host: api.example\r\n";
    }
    if let Some(proof) = taken("dpop") {
        request += &format!("DPoP: {}\r\n", proof.as_str().unwrap());
    }
    let is_carried = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    if !line.token.is_empty() && line.token.bytes().all(is_carried) {
        request += &format!("Authorization: {scheme} {}\r\n", line.token);
    } else {
        give("--token", folder.file("token", format!("{}\n", line.token)));
        give("--scheme", scheme);
    }
    give("--request", folder.file("request", format!("{request}\r\na body: that nobody reads")));
    // Without a URI in the case there is none: the request names no host.
    give("--evidence", folder.file("evidence", if evidence.is_null() { "{}".into() } else { evidence.to_string() }));
    countermark(&arguments)
}

/// Whether a key could not be loaded, so that there is no verdict on the token.
fn is_of_loading(code: i64) -> bool {
    (310..340).contains(&code) || code == 346
}

/// Compares the command line's answer with the conformance program's, member by member; its status.
pub fn compare(folder: &Folder, line: &str) -> String {
    let (text, is_case) = answer::answer(line.as_bytes());
    assert!(is_case, "{line}");
    let expected: Value = serde_json::from_str(&text).unwrap();
    let run = run(folder, line);
    let got = run.json();
    let code = expected["code"].as_i64().unwrap();
    let is_error = code >= 900 || is_of_loading(code);
    let exit = if is_error { 2 } else { i32::from(code != 0) };
    assert_eq!(run.code, exit, "{text}: {}", run.out);
    let status = expected["status"].as_str().unwrap();
    assert_eq!((&got["status"], &got["code"]), (&json!(status), &json!(code)), "{text}: {}", run.out);
    if is_error {
        assert_eq!(got["verdict"], "error", "{text}");
        assert_eq!(run.error.lines().count(), 1, "{}", run.error);
        return status.to_string();
    }
    assert_eq!(run.error, "", "{text}");
    let verdict = match status {
        "OK" => "accepted",
        "STEP_UP" => "step_up",
        _ => "refused",
    };
    assert_eq!(got["verdict"], verdict, "{text}");
    assert_eq!(got["failed"], expected.get("failed").cloned().unwrap_or_else(|| json!([])), "{text}");
    for (theirs, ours) in
        [("claims", &got["claims"]), ("payload", &got["payload"]), ("similarity", &got["fingerprint"]["similarity"])]
    {
        assert_eq!(ours, expected.get(theirs).unwrap_or(&Value::Null), "{theirs} of {text}");
    }
    // Claims keep their text, to the last digit of a number.
    if let Some((_, claims)) = text.split_once(r#""claims":"#) {
        let claims = claims.split(r#","similarity":"#).next().unwrap().trim_end_matches('}');
        assert!(run.out.contains(claims), "{claims}");
    }
    in_order(&got);
    status.to_string()
}

/// The nine stages in the pipeline's order; what failed is exactly what is marked so; nothing is reached behind an early end.
fn in_order(got: &Value) {
    let stages = got["checks"].as_array().unwrap();
    let names: Vec<&str> = stages.iter().map(|stage| stage["stage"].as_str().unwrap()).collect();
    assert_eq!(names, ["token", "header", "key", "signature", "payload", "policy", "holder", "standing", "rights"]);
    let checks: Vec<&Value> = stages.iter().flat_map(|stage| stage["checks"].as_array().unwrap()).collect();
    assert!(checks.windows(2).all(|pair| pair[0]["code"].as_i64() < pair[1]["code"].as_i64()), "{checks:?}");
    let failed: Vec<&Value> =
        checks.iter().filter(|check| check["outcome"] == "failed").map(|check| &check["status"]).collect();
    assert_eq!(json!(failed), got["failed"]);
    for stage in stages {
        let has_failed = stage["checks"].as_array().unwrap().iter().any(|check| check["outcome"] == "failed");
        assert_eq!(stage["outcome"] == "failed", has_failed, "{stage}");
    }
    // An early end: what is before it held, what is behind it was not reached. Else all nine have their say.
    let outcomes: Vec<&str> = stages.iter().map(|stage| stage["outcome"].as_str().unwrap()).collect();
    let code = got["code"].as_i64().unwrap();
    let end = names.iter().position(|name| got["stage"] == *name).filter(|_| (1..600).contains(&code));
    for (position, outcome) in outcomes.into_iter().enumerate() {
        match end {
            Some(end) if position == end => assert_eq!(outcome, "failed"),
            Some(end) => assert_eq!(outcome, if position < end { "ok" } else { "not reached" }, "{}", names[position]),
            None => assert!(outcome != "not reached" && (position > 4 || outcome == "ok"), "{}", names[position]),
        }
    }
}

/// A line with a token of these claims, judged at 1000.
pub fn line(claims: &str, rest: &str) -> String {
    let comma = if rest.is_empty() { "" } else { "," };
    format!(r#"{{"id":"i","token":"{}","now":1000,"keys":{}{comma}{rest}}}"#, token(claims), jwks())
}
