//! Project Wycheproof's JWE set: what it calls valid opens to its plaintext, unless the reason stands in `absent`; what it calls
//! invalid never opens.

use countermark::{Keys, Limits, Status, open_envelope, scratch_bytes};
use serde_json::Value;
use std::collections::BTreeMap;

/// A header's `alg` and `zip`, for the reasons.
fn header(jwe: &str) -> Value {
    let text = countermark_tests::base64url::decode(jwe.split('.').next().unwrap().as_bytes()).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// What this library does not have, on purpose.
fn absent(jwe: &str, key: &Value) -> Option<&'static str> {
    let header = header(jwe);
    let alg = header["alg"].as_str().unwrap_or_default();
    if alg.starts_with("RSA") {
        return Some("RSA");
    }
    if alg.starts_with("PBES2") {
        return Some("PBES2");
    }
    if header.get("zip").is_some() {
        return Some("zip");
    }
    matches!(key["crv"].as_str(), Some("P-384" | "P-521")).then_some("curve")
}

#[test]
fn json_web_encryption() {
    let name: wycheproof_ng_kdf_jose::json_web::TestName = "json_web_encryption".parse().unwrap();
    let set: Value = serde_json::from_str(name.json_data()).unwrap();
    let (mut counts, mut wrong) = (BTreeMap::<String, usize>::new(), Vec::new());
    for group in set["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let (jwe, is_valid) = (test["jwe"].as_str().unwrap_or_default(), test["result"] == "valid");
            let key = &group["private"];
            let mut region = vec![0; 512];
            let mut keys = Keys::new(&mut region).unwrap();
            let loaded = keys.add_jwk(key.to_string().as_bytes(), &[]);
            let mut scratch = vec![0; scratch_bytes(jwe.len(), &Limits::DEFAULT)];
            let opened = loaded.and_then(|()| open_envelope(jwe.as_bytes(), &[keys.set()], &Limits::DEFAULT, &mut scratch));
            let found = match (&opened, is_valid, absent(jwe, key)) {
                (Ok((plain, _)), true, None) => {
                    let wanted = test["pt"].as_str().unwrap();
                    let is_same = wanted.len() == plain.len() * 2
                        && plain.iter().enumerate().all(|(at, byte)| wanted[at * 2..at * 2 + 2] == format!("{byte:02x}"));
                    if is_same { "opened".to_string() } else { format!("WRONG {}", test["tcId"]) }
                }
                (Err(_), true, Some(reason)) => format!("absent: {reason}"),
                (Err(status), false, _) => {
                    assert_ne!(*status, Status::Accepted);
                    "refused".to_string()
                }
                (Ok(_), ..) => format!("WRONG {} opened", test["tcId"]),
                (Err(status), true, None) => format!("WRONG {} {} {}", test["tcId"], test["comment"], status.name()),
            };
            if found.starts_with("WRONG") {
                wrong.push(found);
            } else {
                *counts.entry(found).or_default() += 1;
            }
        }
    }
    println!("Wycheproof json_web_encryption: {counts:?}");
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(counts.values().sum::<usize>() as u64, set["numberOfTests"].as_u64().unwrap());
}
