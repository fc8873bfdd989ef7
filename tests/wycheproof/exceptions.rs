//! Where this project's verdict is not Wycheproof's: one line for each case or group of cases in `exceptions.txt`, with its
//! reason. A line is `family | set | cases | verdict | reason`: a set's name or `*`; cases as `*`, an id, or what their group
//! says (`sha=SHA-1,sLen=0`). The first line that names a case decides.

use serde_json::Value;
use std::cell::{Cell, RefCell};

struct Line {
    text: &'static str,
    set: &'static str,
    cases: &'static str,
    accepted: bool,
    is_needed: Cell<bool>,
}

/// The lines of one family of sets, and the cases that came out otherwise.
pub struct Exceptions {
    lines: Vec<Line>,
    different: RefCell<Vec<String>>,
}

impl Exceptions {
    pub fn of(family: &str) -> Exceptions {
        let parse = |text: &'static str| {
            let [of, set, cases, verdict, reason] = text.split(" | ").collect::<Vec<_>>()[..] else { panic!("{text}") };
            assert!(
                ["ecdsa", "eddsa", "rsa_pkcs1", "rsa_pss", "hmac", "jose"].contains(&of),
                "a family that is run: {text}"
            );
            assert!(reason.ends_with('.') && ["accept", "refuse"].contains(&verdict), "{text}");
            (of == family).then(|| Line { text, set, cases, accepted: verdict == "accept", is_needed: Cell::new(false) })
        };
        let lines = include_str!("exceptions.txt").lines().filter_map(parse).collect();
        Exceptions { lines, different: RefCell::default() }
    }

    /// Holds a verdict against Wycheproof's, or against the line that names the case; whether a line changed it.
    pub fn judge(&self, set: &str, group: &Value, test: &Value, is_accepted: bool) -> bool {
        let (id, is_valid) = (test["tcId"].as_u64().unwrap(), test["result"] == "valid");
        let line = self.lines.iter().find(|line| line.names(set, group, id));
        let expected = line.map_or(is_valid, |line| line.accepted);
        if let Some(line) = line {
            line.is_needed.set(line.is_needed.get() || expected != is_valid);
        }
        if is_accepted != expected {
            self.different.borrow_mut().push(format!("{set} {id}: {is_accepted}: {} {}", test["comment"], test["flags"]));
        }
        expected != is_valid
    }

    /// Fails for a case that came out otherwise, and for a line that changed nothing.
    pub fn settle(&self) {
        let different = self.different.borrow();
        assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
        let idle: Vec<&str> = self.lines.iter().filter(|line| !line.is_needed.get()).map(|line| line.text).collect();
        assert!(idle.is_empty(), "exceptions that are not needed:\n{}", idle.join("\n"));
    }
}

impl Line {
    fn names(&self, set: &str, group: &Value, id: u64) -> bool {
        let says = |pair: &str| {
            let (name, wanted) = pair.split_once('=').unwrap_or_else(|| panic!("{}", self.text));
            match if name == "curve" { &group["publicKey"]["curve"] } else { &group[name] } {
                Value::String(found) => found == wanted,
                found => wanted.parse().is_ok_and(|wanted: Value| *found == wanted),
            }
        };
        let is_set = self.set == "*" || self.set == set;
        is_set
            && (self.cases == "*"
                || self.cases == id.to_string()
                || self.cases.contains('=') && self.cases.split(',').all(says))
    }
}
