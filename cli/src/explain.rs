//! `countermark explain`: how a client's fingerprint compares with the token's, component by component.
//!
//! The levels are the library's: each is the similarity under rules that name one component alone.

use crate::case::{Case, CaseFiles, Ground};
use crate::failure::{Answer, Failure};
use crate::rules::{Compared, kind, name_of};
use crate::show::{BAD, BOLD, DIM, GOOD, MORE, put, say, styled};
use crate::verify::{names, print_headline, reasons, score_json, verdict};
use anstyle::Style;
use countermark::{Report, Role, Score, Sketch, Stages, Status, Thresholds, Weighted};
use serde_json::{Value, json};

/// The level of a component that is the same.
const LEVEL_FULL: u32 = 256;

/// What became of one component.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Same,
    /// It matches, and is not quite the same: a newer version, a set with another element.
    Similar,
    Changed,
    Missing,
    /// The token's sketch has no entry for it.
    NotInToken,
}

impl Found {
    fn name(self) -> &'static str {
        match self {
            Found::Same => "same",
            Found::Similar => "similar",
            Found::Changed => "changed",
            Found::Missing => "missing",
            Found::NotInToken => "not in the token",
        }
    }

    fn style(self) -> Style {
        match self {
            Found::Same => GOOD,
            Found::Similar | Found::Missing => MORE,
            Found::Changed => BAD,
            Found::NotInToken => DIM,
        }
    }
}

struct Row {
    weighted: Weighted,
    found: Found,
    /// 0 to 256.
    level: u32,
    /// It moved at an earlier re-issue, or now.
    drifted: bool,
    /// What it takes from the similarity, per mille.
    cost: f64,
}

pub fn run(files: &CaseFiles, as_json: bool) -> Result<Answer, Failure> {
    let case = Case::read(files)?;
    case.with(|ground| {
        let Compared::Sketch(sketch) = ground.compared else {
            let what = "the policy has no fingerprint of the form sketch, and only a sketch has components to explain";
            return Err(Failure::new(what));
        };
        let report = case.judge(ground)?.report;
        let Some(score) = report.score else {
            return Ok(not_compared(&report, as_json));
        };
        let rows = rows(&case, ground, sketch)?;
        match as_json {
            true => print_json(&report, &score, sketch, &rows),
            false => print_text(&report, &score, sketch, &rows),
        }
        Ok(answer(&report))
    })
}

fn answer(report: &Report) -> Answer {
    if report.status == Status::Accepted { Answer::Accepted } else { Answer::Refused }
}

/// The work ended before the sketch, or the sketch could not be read.
fn not_compared(report: &Report, as_json: bool) -> Answer {
    match as_json {
        true => {
            let (verdict, status) = (verdict(report.status), report.status.name());
            put!("{}", json!({"verdict": verdict, "status": status, "code": report.status.code()}));
        }
        false => {
            print_headline(report.status);
            say!("the fingerprint was not compared");
        }
    }
    answer(report)
}

/// Rules that name one component alone and judge nothing.
const ALONE: Thresholds = Thresholds {
    accept: 0,
    step_up: 0,
    coverage: 0,
    drift: 1000,
    generation: u8::MAX,
    evidence: None,
    stages: Stages::Together,
    ..Thresholds::DEFAULT
};

fn rows(case: &Case, ground: &Ground<'_>, sketch: &Sketch<'_>) -> Result<Vec<Row>, Failure> {
    let Thresholds { behind, ahead, .. } = sketch.thresholds;
    let mut rows = Vec::new();
    for weighted in sketch.components {
        let components = [Weighted::new(weighted.component, 1)];
        let alone =
            Sketch { components: &components, groups: &[], thresholds: Thresholds { behind, ahead, ..ALONE }, ..*sketch };
        let Some(score) = case.score(ground, &alone)? else { continue };
        // The similarity is floor(1000 · level / 256).
        let level = (u32::from(score.similarity) * LEVEL_FULL).div_ceil(1000);
        let has = |set: countermark::ComponentSet| set.contains(weighted.component);
        let found = match () {
            _ if has(score.missing) => Found::Missing,
            _ if has(score.changed) => Found::Changed,
            _ if has(score.matched) && level == LEVEL_FULL => Found::Same,
            _ if has(score.matched) => Found::Similar,
            _ => Found::NotInToken,
        };
        rows.push(Row { weighted: *weighted, found, level, drifted: score.drift > 0, cost: 0.0 });
    }
    let counted = |row: &Row| match row.found {
        Found::NotInToken => 0,
        Found::Missing if row.weighted.role == Role::Optional => 0,
        _ => u32::from(row.weighted.weight),
    };
    let sum: u32 = rows.iter().map(counted).sum();
    for row in &mut rows {
        let lost = counted(row) * (LEVEL_FULL - row.level);
        row.cost = if sum == 0 { 0.0 } else { 1000.0 * f64::from(lost) / f64::from(LEVEL_FULL * sum) };
    }
    Ok(rows)
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Normal => "normal",
        Role::Optional => "optional",
        Role::Required => "required",
    }
}

fn print_text(report: &Report, score: &Score, sketch: &Sketch<'_>, rows: &[Row]) {
    print_headline(report.status);
    let head =
        format!("{:<26} {:<8} {:>6} {:<9} {:>6} {:>6}  outcome", "component", "kind", "weight", "role", "alike", "cost");
    say!("\n{}", styled(BOLD, head));
    for row in rows {
        let name = name_of(row.weighted.component);
        let (weight, kind, role) = (row.weighted.weight, kind(row.weighted.component), role(row.weighted.role));
        let alike = match row.found {
            Found::Missing | Found::NotInToken => "-".into(),
            _ => format!("{} %", row.level * 100 / LEVEL_FULL),
        };
        let cost = if row.cost == 0.0 { "0".into() } else { format!("-{:.1}", row.cost) };
        let before = if row.drifted && matches!(row.found, Found::Same | Found::Similar) { ", moved before" } else { "" };
        let outcome = styled(row.found.style(), row.found.name());
        say!("{name:<26} {kind:<8} {weight:>6} {role:<9} {alike:>6} {cost:>6}  {outcome}{before}");
    }
    let Thresholds { accept, step_up, coverage, drift, generation, .. } = sketch.thresholds;
    say!("\nsimilarity {:>5} of 1000  accept from {accept}, step up from {step_up}, reject below", score.similarity);
    say!("coverage   {:>5} of 1000  at least {coverage}, else step up", score.coverage);
    say!("drift      {:>5} of 1000  at most {drift}, else step up", score.drift);
    say!("generation {:>5}          below {generation}, else step up", score.generation);
    let bits = f64::from(score.evidence) / 100.0;
    match sketch.thresholds.evidence {
        Some((accept, step_up)) => {
            say!("evidence   {bits:>5.1} bits     accept from {accept}, step up from {step_up} hundredths")
        }
        None => say!("evidence   {bits:>5.1} bits     a ranking; the policy sets no threshold in it"),
    }
    for group in sketch.groups {
        let changed = score.changed.and(group.components);
        let members = names(group.components).join(", ");
        say!("group      {:>5} changed  at most {} of {members}", changed.len(), group.changes);
    }
    let because = reasons(score.reasons).join(", ");
    match score.status() {
        Status::Accepted => say!("\nby its fingerprint the client is {}", styled(GOOD, "accepted")),
        Status::StepUp => say!("\nby its fingerprint the client must {}: {because}", styled(MORE, "prove more")),
        status => say!("\nby its fingerprint the client is {}: {}", styled(BAD, "refused"), status.name()),
    }
    if score.reissue {
        say!("a new token is advised: something changed");
    }
}

fn print_json(report: &Report, score: &Score, sketch: &Sketch<'_>, rows: &[Row]) {
    let row = |row: &Row| {
        json!({
            "component": name_of(row.weighted.component),
            "number": row.weighted.component.number(),
            "kind": kind(row.weighted.component),
            "weight": row.weighted.weight,
            "role": role(row.weighted.role),
            "outcome": row.found.name(),
            "level": row.level,
            "drifted": row.drifted,
            "cost": (row.cost * 1000.0).round() / 1000.0,
        })
    };
    let Thresholds { accept, step_up, coverage, drift, generation, behind, ahead, .. } = sketch.thresholds;
    let group = |group: &countermark::Group| json!({"components": names(group.components), "changes": group.changes});
    let object = json!({
        "verdict": verdict(report.status),
        "status": report.status.name(),
        "code": report.status.code(),
        "fingerprint": score_json(score),
        "thresholds": {"accept": accept, "step_up": step_up, "coverage": coverage, "drift": drift, "generation": generation,
            "behind": behind, "ahead": ahead},
        "groups": sketch.groups.iter().map(group).collect::<Vec<Value>>(),
        "components": rows.iter().map(row).collect::<Vec<Value>>(),
    });
    put!("{object}");
}
