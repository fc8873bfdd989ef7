//! The table of requests and answers.

use super::client::Answer;
use super::scene::Expected;
use std::io::{self, Write};

const HEADINGS: [&str; 6] = ["request", "expected", "verdict", "code", "stage", "microseconds"];

/// One request.
pub struct Row {
    cells: [String; 6],
    /// What was not as expected.
    pub differences: Vec<String>,
}

impl Row {
    /// A request that was answered.
    pub fn of(request: &str, expected: &Expected, answer: &Answer) -> Self {
        let verdict = match answer.field("countermark-verdict") {
            "" => format!("HTTP {}", answer.http),
            word if answer.field("countermark-advice").is_empty() => word.into(),
            word => format!("{word}, re-issue"),
        };
        let code = match (answer.field("countermark-code"), answer.field("countermark-status")) {
            ("", _) => "-".into(),
            (code, name) => format!("{code} {name}"),
        };
        let or_dash = |name| match answer.field(name) {
            "" => "-".into(),
            value => value.to_owned(),
        };
        let (stage, microseconds) = (or_dash("countermark-stage"), or_dash("countermark-microseconds"));
        let cells = [request.into(), expected.text(), verdict, code, stage, microseconds];
        Row { cells, differences: expected.differences(answer) }
    }

    /// A request that was not, and why.
    pub fn failed(request: &str, expected: &Expected, reason: &str) -> Self {
        let dash = || String::from("-");
        Row { cells: [request.into(), expected.text(), dash(), dash(), dash(), dash()], differences: vec![reason.into()] }
    }
}

/// Prints the rows, what differs, and the count. Says whether nothing differs.
pub fn print(rows: &[Row], out: &mut dyn Write) -> io::Result<bool> {
    let headings = HEADINGS.map(String::from);
    let all = || std::iter::once(&headings).chain(rows.iter().map(|row| &row.cells));
    let mut widths = [0; 6];
    for cells in all() {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = cell.chars().count().max(*width);
        }
    }
    line(&headings, &widths, out)?;
    line(&widths.map(|width| "-".repeat(width)), &widths, out)?;
    for row in rows {
        line(&row.cells, &widths, out)?;
        for difference in &row.differences {
            writeln!(out, "  DIFFERS: {difference}")?;
        }
    }
    let failed = rows.iter().filter(|row| !row.differences.is_empty()).count();
    if cfg!(debug_assertions) {
        writeln!(out, "\ndebug build: for speed, cargo run --release --example gateway")?;
    }
    writeln!(out, "\n{} passed, {failed} failed", rows.len().saturating_sub(failed))?;
    Ok(failed == 0)
}

fn line(cells: &[String; 6], widths: &[usize; 6], out: &mut dyn Write) -> io::Result<()> {
    let [request, expected, verdict, code, stage, microseconds] = cells;
    let [a, b, c, d, e, f] = *widths;
    writeln!(out, "{request:a$}  {expected:b$}  {verdict:c$}  {code:d$}  {stage:e$}  {microseconds:>f$}")
}
