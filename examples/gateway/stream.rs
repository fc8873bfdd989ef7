//! A response that outlives its request: lines, as long as the session of the token that opened it may go on.
//!
//! Each look costs a comparison of numbers. The token is verified again when a look is due, and at once when anything was revoked.
//! A proof (DPoP) is good once, so a stream that was opened with one ends at that verification.

use super::gateway::now;
use countermark::{Report, Seen, Session, SessionRules, SessionVerdict, Status};
use serde_json::json;
use std::io::{self, Write};
use std::time::Duration;

/// How long a stream may go on without what.
pub const RULES: SessionRules = SessionRules { check_seconds: 10, idle_seconds: 60, absolute_seconds: 3600, similarity: 0 };
/// Between two lines.
const PAUSE: Duration = Duration::from_millis(20);

/// Writes the head and lines until the session ends, then one that says why: whether it was before the next look was due, too.
/// `epoch` counts revocations, `verify` judges the token again.
pub fn serve(
    out: &mut dyn Write,
    user: &str,
    mut session: Session,
    epoch: impl Fn() -> u64,
    mut verify: impl FnMut() -> (Status, i64),
) -> io::Result<()> {
    write!(out, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n")?;
    write!(out, "Countermark-Verdict: accept\r\nCountermark-Code: 0\r\nCountermark-Status: OK\r\n\r\n")?;
    loop {
        chunk(out, &format!("{}\n", json!({ "user": user })))?;
        std::thread::sleep(PAUSE);
        let due = session.due();
        // Without a clock nothing goes on.
        let now = now().unwrap_or(i64::MAX);
        let seen = Seen { is_used: true, epoch: epoch(), ..Seen::default() };
        let verdict = match session.observe(&seen, now) {
            SessionVerdict::Reverify => session.observe(&Seen { verified: Some(verify()), ..seen }, now),
            verdict => verdict,
        };
        if verdict != SessionVerdict::Continue {
            let report = Report::ended(verdict.status());
            let (status, stage) = (report.status, report.stage().name());
            let code = status.code().to_string();
            let line = json!({ "code": code, "status": status.name(), "stage": stage, "in_time": now <= due });
            chunk(out, &line.to_string())?;
            write!(out, "0\r\n\r\n")?;
            return out.flush();
        }
    }
}

/// One piece of the body (RFC 9112 7.1).
fn chunk(out: &mut dyn Write, text: &str) -> io::Result<()> {
    write!(out, "{:x}\r\n{text}\r\n", text.len())?;
    out.flush()
}
