//! Judges conformance cases: one JSON object a line in, one a line out, in the same order.
//!
//!     cargo run --release --example conformance < cases.jsonl
//!
//! The exit status is 2 when a line was not a case, else 0 whatever the verdicts, and 1 when reading or writing failed.

mod answer;
mod lines;

use std::io::{BufWriter, stdin, stdout};
use std::process::ExitCode;

fn main() -> ExitCode {
    match lines::answer_all(stdin().lock(), BufWriter::new(stdout().lock())) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(error) => {
            eprintln!("conformance: {error}");
            ExitCode::FAILURE
        }
    }
}
