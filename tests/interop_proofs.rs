//! DPoP proofs, and the access tokens that they prove, minted by jose, dpop, joserfc and Authlib under keys of their own
//! (`interop/remint.sh` mints them afresh), each held against what must become of it by the way it was made. Every case goes
//! through Rust and C.

use countermark::{Algorithm, Evidence, Policy, Scheme, Status, Use};
use countermark_tests::judge::{Attempt, KeySource, Outcome, Setup, judge};
use countermark_tests::possession::Possession;
use serde_json::Value;
use std::collections::BTreeMap;

/// Files that were minted now lie in the folder that this variable names; without it the committed ones are read.
const FRESH: &str = "COUNTERMARK_PROOFS";

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn verdict(case: &Value) -> Outcome {
    let (policy, evidence) = (&case["policy"], &case["evidence"]);
    let list = |name: &str| policy[name].as_array().unwrap().iter().map(text).collect::<Vec<_>>();
    let (issuers, audiences) = (list("issuers"), list("audiences"));
    let algorithms: Vec<Algorithm> = list("algorithms").iter().map(|name| Algorithm::from_name(name).unwrap()).collect();
    assert_eq!(text(&policy["holder"]), "dpop");
    let setup = Setup::with([KeySource::Jwks(case["keys"].to_string())])
        .policy(Policy { algorithms: &algorithms, issuers: &issuers, audiences: &audiences, ..Policy::default() })
        .possession(Possession::proofs());
    let proofs = [text(&evidence["dpop"]).as_bytes()];
    let evidence = Evidence {
        proofs: &proofs,
        method: text(&evidence["method"]),
        uri: text(&evidence["uri"]),
        nonce: text(&evidence["nonce"]),
        scheme: if text(&evidence["scheme"]) == "Bearer" { Scheme::Bearer } else { Scheme::DPoP },
        ..Evidence::NONE
    };
    let attempt = Attempt::new(text(&case["token"])).at(case["now"].as_i64().unwrap()).from(evidence);
    judge(&setup, attempt)
}

fn compare(minter: &str, libraries: &[&str]) {
    let folder = std::env::var(FRESH).unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/interop").into());
    let records = |kind: &str| -> Vec<Value> {
        let text = std::fs::read_to_string(format!("{folder}/proofs.{minter}.{kind}")).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let expected: BTreeMap<String, String> = records("expect.jsonl")
        .iter()
        .map(|record| (text(&record["id"]).to_string(), text(&record["expect"]).to_string()))
        .collect();
    let cases = records("jsonl");
    assert_eq!(cases.len(), expected.len(), "a case without an answer");
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut uses: Vec<Use> = Vec::new();
    let mut different = Vec::new();
    for case in &cases {
        let id = text(&case["id"]);
        let status = *Status::ALL.iter().find(|status| status.name() == expected[id]).unwrap();
        let outcome = verdict(case);
        // One flaw, one failed check.
        let bits = status.bit().map_or(0, |bit| 1 << bit);
        if (outcome.status, outcome.failures) != (status, bits) {
            different.push(format!("{id}: {} expected, {:?}", status.name(), outcome));
        }
        uses.extend(outcome.to_commit);
        let library = id.split(' ').next().unwrap();
        *counts.entry(format!("{library} {}", if status.code() == 0 { "accepted" } else { "refused" })).or_default() += 1;
    }
    println!("{counts:?}");
    assert!(different.is_empty(), "{}", different.join("\n"));
    for library in libraries {
        assert!(counts[&format!("{library} accepted")] >= 20, "{library}");
        assert!(counts[&format!("{library} refused")] >= 48, "{library}");
    }
    // Each proof is a use of its own.
    let of = uses.len();
    assert_eq!(of, cases.iter().filter(|case| expected[text(&case["id"])] == "OK").count());
    uses.sort_by_key(|used| used.digest);
    uses.dedup_by_key(|used| used.digest);
    assert_eq!(uses.len(), of);
}

#[test]
fn proofs_from_node() {
    compare("node", &["jose", "dpop"]);
}

#[test]
fn proofs_from_python() {
    compare("python", &["joserfc", "Authlib"]);
}
