//! Answers as JSON, members in the order of the format's description.

use base64ct::{Base64UrlUnpadded, Encoding};
use countermark::{Report, Status};

/// The line is not a case; `id` is what it called itself, if it could be read.
pub fn not_a_case(id: &Option<String>) -> String {
    let id = id.as_deref().map_or("null".into(), quoted);
    format!(r#"{{"id":{id},"status":"NOT_A_CASE","code":900}}"#)
}

/// The work ended at this status.
pub fn refused(id: &str, status: Status) -> String {
    rejection(id, status, &[status])
}

/// The core's report: every failed check, or the one status that ended the work before.
pub fn rejected(id: &str, report: &Report) -> String {
    if report.failures.is_empty() {
        return refused(id, report.status);
    }
    let failed: Vec<Status> = report.failures.iter().collect();
    with_similarity(rejection(id, report.status, &failed), report)
}

/// Accepted, with the claims as the token spells them.
pub fn claims(id: &str, raw: &str, report: &Report) -> String {
    with_similarity(accepted(id, "claims", &on_one_line(raw)), report)
}

/// The similarity goes last, whenever a sketch was scored.
fn with_similarity(answer: String, report: &Report) -> String {
    match (report.score, answer.strip_suffix('}')) {
        (Some(score), Some(open)) => format!(r#"{open},"similarity":{}}}"#, score.similarity),
        _ => answer,
    }
}

/// Accepted, with the payload's bytes.
pub fn payload(id: &str, payload: &[u8]) -> String {
    let mut buffer = vec![0; Base64UrlUnpadded::encoded_len(payload)];
    // The buffer has the length that the encoder asks for.
    let text = Base64UrlUnpadded::encode(payload, &mut buffer).unwrap_or_default();
    accepted(id, "payload", &quoted(text))
}

fn accepted(id: &str, member: &str, value: &str) -> String {
    format!(r#"{{"id":{},"status":"OK","code":0,"{member}":{value}}}"#, quoted(id))
}

fn rejection(id: &str, status: Status, failed: &[Status]) -> String {
    let failed: Vec<String> = failed.iter().map(|status| quoted(status.name())).collect();
    format!(
        r#"{{"id":{},"status":"{}","code":{},"stage":"{}","failed":[{}]}}"#,
        quoted(id),
        status.name(),
        status.code(),
        status.stage().name(),
        failed.join(",")
    )
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// An accepted JSON text without the white space between its tokens, which may hold line ends. Parsing it and writing it
/// anew would round numbers.
fn on_one_line(json: &str) -> String {
    let (mut in_string, mut is_escaped) = (false, false);
    let is_kept = |char: &char| {
        let keep = in_string || !char.is_ascii_whitespace();
        in_string ^= *char == '"' && !is_escaped;
        is_escaped = in_string && *char == '\\' && !is_escaped;
        keep
    };
    json.chars().filter(is_kept).collect()
}
