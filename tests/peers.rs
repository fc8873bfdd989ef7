//! Verdict tables of other projects' test suites, from `../shared/vectors` beside the checkout; skipped where that is not.
//! Where their verdict and ours differ, `peers/decided.rs` has a line with the reason, and no line is there for nothing.

#[path = "peers/cjwt.rs"]
mod cjwt;
#[path = "peers/decided.rs"]
mod decided;
#[path = "peers/golang_jwt.rs"]
mod golang_jwt;
#[path = "peers/josekit.rs"]
mod josekit;

use countermark::{Algorithm, Status};
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, Setup, judge};
use serde_json::Value;
use std::collections::BTreeMap;

fn read(path: &str) -> Option<String> {
    let text = std::fs::read_to_string(format!("{}/../../shared/vectors/peers/{path}", env!("CARGO_MANIFEST_DIR"))).ok();
    if text.is_none() {
        countermark_tests::skipped(&format!("../shared/vectors/peers/{path}"), "not beside this checkout");
    }
    text
}

fn table(path: &str) -> Option<Vec<Value>> {
    let table: Value = serde_json::from_str(&read(path)?).unwrap();
    Some(table["cases"].as_array().unwrap().clone())
}

/// The algorithm that the header names, if this build knows it.
fn algorithm_of(token: &str) -> Option<Algorithm> {
    let header = base64url::decode(token.split('.').next()?.as_bytes())?;
    let header: Value = serde_json::from_slice(&header).ok()?;
    Algorithm::from_name(header["alg"].as_str()?)
}

fn status(setup: &Setup<'_>, token: &str, now: i64) -> Status {
    judge(setup, Attempt::new(token).at(now)).status
}

/// What became of a table.
struct Tally {
    suite: &'static str,
    agreed: BTreeMap<&'static str, usize>,
    differences: Vec<(String, Status)>,
}

impl Tally {
    fn new(suite: &'static str) -> Self {
        Tally { suite, agreed: BTreeMap::new(), differences: Vec::new() }
    }

    fn note(&mut self, name: String, theirs_accepts: bool, ours: Status) {
        if theirs_accepts == (ours == Status::Accepted) {
            *self.agreed.entry(ours.name()).or_default() += 1;
        } else {
            self.differences.push((name, ours));
        }
    }

    /// Every difference is decided, and every decision is of a difference.
    fn finish(self, agreed_at_least: usize) {
        println!("{}: agreed {:?}, {} differences", self.suite, self.agreed, self.differences.len());
        let mut decided: Vec<_> = decided::DECIDED.iter().filter(|(suite, ..)| *suite == self.suite).collect();
        let mut open = Vec::new();
        for (name, ours) in self.differences {
            match decided.iter().position(|(_, known, status, _)| *known == name && *status == ours) {
                Some(at) => drop(decided.swap_remove(at)),
                None => open.push(format!("(\"{}\", \"{name}\", Status::{ours:?}, \"\"),", self.suite)),
            }
        }
        assert!(open.is_empty(), "no decision:\n{}", open.join("\n"));
        assert!(decided.is_empty(), "no such difference: {decided:?}");
        let agreed: usize = self.agreed.values().sum();
        assert!(agreed >= agreed_at_least, "{agreed} agreed");
    }
}
