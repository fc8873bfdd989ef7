//! Tokens minted by jsonwebtoken, jose, PyJWT and joserfc (`interop/remint.sh` mints them afresh), each held against what
//! must become of it by the way it was made.

#[path = "../examples/conformance/answer/mod.rs"]
mod answer;

use countermark::Status;
use serde_json::Value;
use std::collections::BTreeMap;

fn records(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

fn compare(cases: &str, expectations: &str, minters: &[&str]) {
    let plan: Value = serde_json::from_str(include_str!("interop/plan.json")).unwrap();
    let expected: BTreeMap<String, String> = records(expectations)
        .map(|record| (record["id"].as_str().unwrap().into(), record["expect"].as_str().unwrap().into()))
        .collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut different = Vec::new();
    for line in cases.lines() {
        let (text, is_case) = answer::answer(line.as_bytes());
        assert!(is_case, "{line}");
        let answer: Value = serde_json::from_str(&text).unwrap();
        let id = answer["id"].as_str().unwrap();
        let status = Status::ALL.iter().find(|status| status.name() == expected[id]).unwrap();
        if answer["status"] != status.name() || answer["code"] != status.code() {
            different.push(format!("{} expected: {text}", expected[id]));
        }
        if let (Some(claims), Some(planned)) = (answer.get("claims"), planned_claims(&plan, id)) {
            assert!(is_same(claims, planned), "{text}\n{planned}");
        }
        let minter = id.split(' ').next().unwrap();
        *counts.entry(format!("{minter} {}", if status.code() == 0 { "accepted" } else { "refused" })).or_default() += 1;
    }
    println!("{counts:?}");
    assert!(different.is_empty(), "{}", different.join("\n"));
    assert_eq!(counts.values().sum::<usize>(), expected.len(), "a case without an answer");
    for minter in minters {
        for verdict in ["accepted", "refused"] {
            assert!(counts[&format!("{minter} {verdict}")] >= 40, "{minter} {verdict}");
        }
    }
}

/// The claims that the token was made from; none for the tokens that the plan does not describe.
fn planned_claims<'p>(plan: &'p Value, id: &str) -> Option<&'p Value> {
    let name = id.splitn(3, ' ').nth(2)?;
    Some(&plan["tokens"].as_array()?.iter().find(|token| token["name"] == name)?["claims"])
}

/// Equal, numbers by their value: one library writes 5 where another writes 5.0.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, left)| right.get(name).is_some_and(|right| is_same(left, right)))
        }
        _ => left == right,
    }
}

#[test]
fn tokens_from_node() {
    compare(include_str!("interop/node.jsonl"), include_str!("interop/node.expect.jsonl"), &["jsonwebtoken", "jose"]);
}

#[test]
fn tokens_from_python() {
    compare(include_str!("interop/python.jsonl"), include_str!("interop/python.expect.jsonl"), &["PyJWT", "joserfc"]);
}

/// Every management with every content, in both orders; and the same tokens for another's key.
#[test]
fn envelopes_from_node() {
    compare(include_str!("interop/envelopes.node.jsonl"), include_str!("interop/envelopes.node.expect.jsonl"), &["jose"]);
}

#[test]
fn envelopes_from_python() {
    let minters = &["jwcrypto", "joserfc"];
    compare(include_str!("interop/envelopes.python.jsonl"), include_str!("interop/envelopes.python.expect.jsonl"), minters);
}
