//! `countermark verify`: the verdict, and every check in order.

use crate::case::{Case, CaseFiles, Given, Judged};
use crate::checks::{self, Outcome, StageResult};
use crate::failure::{Answer, Failure};
use crate::rules::name_of;
use crate::show::{BAD, BOLD, DIM, GOOD, MORE, plain, put, say, style_of, styled};
use base64ct::{Base64UrlUnpadded, Encoding};
use countermark::{ComponentSet, Reasons, Score, Status};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

pub fn run(files: &CaseFiles, as_json: bool) -> Result<Answer, Failure> {
    let case = Case::read(files)?;
    let (judged, results) = case.with(|ground| {
        let judged = case.judge(ground)?;
        let has_issuer = ground.sets.iter().any(|set| set.has_issuer());
        let results = checks::results(&judged.report, &case.settings, has_issuer);
        Ok((judged, results))
    })?;
    let unmet = judged.report.unmet.and_then(|position| case.settings.rights.name_of(position.into()));
    match as_json {
        true => print_json(&judged, &results, unmet),
        false => print_text(&judged, &results, unmet),
    }
    Ok(if judged.report.status == Status::Accepted { Answer::Accepted } else { Answer::Refused })
}

/// The verdict in a word.
pub fn verdict(status: Status) -> &'static str {
    match status {
        Status::Accepted => "accepted",
        status if status.is_step_up() => "step_up",
        _ => "refused",
    }
}

/// The verdict as a headline, with its sentence.
pub fn print_headline(status: Status) {
    let style = match verdict(status) {
        "accepted" => GOOD,
        "step_up" => MORE,
        _ => BAD,
    };
    let word = verdict(status).replace('_', " ").to_uppercase();
    match status {
        Status::Accepted => say!("{}", styled(style.bold(), word)),
        _ => {
            say!("{}  {} ({})", styled(style.bold(), word), styled(BOLD, status.name()), status.code());
            say!("{}", status.sentence());
        }
    }
}

fn print_text(judged: &Judged, results: &[StageResult], unmet: Option<String>) {
    print_headline(judged.report.status);
    say!("");
    for result in results {
        let outcome = styled(style_of(result.outcome), result.outcome.name());
        say!("{:<10} {outcome}", result.stage.name());
        for (status, outcome) in &result.checks {
            let mark = styled(style_of(*outcome), format!("{:<6}", outcome.name()));
            match outcome {
                Outcome::Failed => say!("    {mark} {} {}: {}", status.code(), status.name(), status.sentence()),
                _ => say!("    {mark} {} {}", status.code(), styled(DIM, status.name())),
            }
        }
    }
    if let Some(rule) = unmet {
        say!("\nthe first rule that is not met: {}", plain(&rule));
    }
    if let Some(score) = &judged.report.score {
        let reissue = if score.reissue { "; something changed, so a new token is advised" } else { "" };
        say!("\nfingerprint: similarity {} of 1000{reissue}; `explain` shows each component", score.similarity);
    }
    match &judged.given {
        Given::Claims(claims) => say!("\nclaims: {}", plain(&on_one_line(claims))),
        Given::Payload(payload) => say!("\npayload: {} bytes; --json shows them", payload.len()),
        Given::StepUp(Some(subject)) => say!("\nask for a stronger proof: {}", plain(subject)),
        Given::StepUp(None) | Given::Nothing => {}
    }
}

#[derive(Serialize)]
struct Output {
    verdict: &'static str,
    status: &'static str,
    code: i32,
    stage: &'static str,
    sentence: &'static str,
    failed: Vec<&'static str>,
    checks: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unmet: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payload: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<Box<RawValue>>,
}

fn print_json(judged: &Judged, results: &[StageResult], unmet: Option<String>) {
    let report = &judged.report;
    let mut failed: Vec<&'static str> = report.failures.iter().map(Status::name).collect();
    if failed.is_empty() && report.status != Status::Accepted {
        failed.push(report.status.name());
    }
    let check = |(status, outcome): &(Status, Outcome)| json!({"status": status.name(), "code": status.code(), "outcome": outcome.name()});
    let stage = |result: &StageResult| {
        let checks: Vec<Value> = result.checks.iter().map(check).collect();
        json!({"stage": result.stage.name(), "outcome": result.outcome.name(), "checks": checks})
    };
    let mut output = Output {
        verdict: verdict(report.status),
        status: report.status.name(),
        code: report.status.code(),
        stage: report.stage().name(),
        sentence: report.status.sentence(),
        failed,
        checks: results.iter().map(stage).collect(),
        unmet,
        fingerprint: report.score.as_ref().map(score_json),
        subject: None,
        payload: None,
        claims: None,
    };
    match &judged.given {
        // The library has read the claims: they are JSON.
        Given::Claims(claims) => output.claims = RawValue::from_string(on_one_line(claims)).ok(),
        Given::Payload(payload) => output.payload = Some(Base64UrlUnpadded::encode_string(payload)),
        Given::StepUp(subject) => output.subject = subject.clone(),
        Given::Nothing => {}
    }
    put!("{}", serde_json::to_string(&output).unwrap_or_default());
}

/// The report of a sketch: what `calibrate` reads has the same names.
pub fn score_json(score: &Score) -> Value {
    json!({
        "status": score.status().name(),
        "similarity": score.similarity,
        "coverage": score.coverage,
        "drift": score.drift,
        "generation": score.generation,
        "evidence": score.evidence,
        "reissue": score.reissue,
        "reasons": reasons(score.reasons),
        "matched": names(score.matched),
        "changed": names(score.changed),
        "missing": names(score.missing),
        "collect": names(score.collect),
    })
}

pub fn names(components: ComponentSet) -> Vec<String> {
    components.iter().map(name_of).collect()
}

/// Why a sketch asks for step up.
pub fn reasons(reasons: Reasons) -> Vec<&'static str> {
    let all = [
        (Reasons::SIMILARITY, "similarity"),
        (Reasons::COVERAGE, "coverage"),
        (Reasons::GROUP, "group"),
        (Reasons::DRIFT, "drift"),
        (Reasons::GENERATION, "generation"),
        (Reasons::EVIDENCE, "evidence"),
        (Reasons::COLLECT, "collect"),
    ];
    all.iter().filter(|(reason, _)| reasons.contains(*reason)).map(|(_, name)| *name).collect()
}

/// An accepted JSON text without the white space between its tokens, which may hold line ends. Parsing it and writing it anew
/// would round numbers.
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
