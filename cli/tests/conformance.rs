//! The project's conformance cases through the command line: the verdict is the one that the conformance program gives, with
//! every check that failed, the claims and the similarity.

#[path = "support/cases.rs"]
mod cases;
mod support;

use cases::compare;
use serde_json::Value;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::Folder;

/// Tokens, proofs and envelopes that other libraries minted, committed with the verdict that each must have.
#[test]
fn what_other_libraries_minted() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/interop");
    let mut lines = Vec::new();
    for name in ["node", "python", "envelopes.node", "envelopes.python", "proofs.node", "proofs.python", "rotating.node"] {
        let read = |suffix: &str| std::fs::read_to_string(format!("{folder}/{name}{suffix}.jsonl")).unwrap();
        let (cases, expected) = (read(""), read(".expect"));
        assert_eq!(cases.lines().count(), expected.lines().count());
        let expected = expected.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.extend(cases.lines().map(String::from).zip(expected));
    }
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let folder = Folder::new();
                while let Some((line, expected)) = lines.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let status = compare(&folder, line);
                    assert_eq!(expected["expect"], status, "{}", expected["id"]);
                }
            });
        }
    });
    println!("{} cases of other libraries", lines.len());
    assert!(lines.len() > 2000);
}
