//! What a test does when something that it needs is not on this machine.

use std::io::Write;

/// Says that a test, or a part of one, did not run. To the standard error itself: the test harness hides what a passing test
/// prints by `println!` and `eprintln!`.
pub fn skipped(what: &str, why: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what}: {why}");
}
