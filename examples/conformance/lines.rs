//! Lines in, lines out.

use super::answer::answer;
use std::io::{self, BufRead, Write};

/// Answers every line but the blank ones, in order; whether each was a case.
pub fn answer_all(mut input: impl BufRead, mut output: impl Write) -> io::Result<bool> {
    let mut all_are_cases = true;
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        if !line.iter().all(u8::is_ascii_whitespace) {
            let (text, is_case) = answer(&line);
            writeln!(output, "{text}")?;
            all_are_cases &= is_case;
        }
        line.clear();
    }
    output.flush()?;
    Ok(all_are_cases)
}
