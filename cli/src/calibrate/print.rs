//! The findings, for a person and for a program.

use super::{BIN, Findings, label};
use crate::rules::name_of;
use crate::show::{BOLD, DIM, GOOD, MORE, per_cent, put, say, styled};
use serde_json::{Map, Value, json};

/// The columns of the longest bar.
const BAR: usize = 40;

pub fn text(findings: &Findings) {
    let Findings { genuine, impostors, unknown, .. } = findings;
    say!("{genuine} genuine visits, {impostors} of impostors, {unknown} of which nobody knows (in no rate)\n");
    histogram(findings);
    rates(findings);
    components(findings);
    suggestions(findings);
    for note in &findings.notes {
        say!("{} {note}", styled(MORE, "note:"));
    }
}

fn histogram(findings: &Findings) {
    say!("{}", styled(BOLD, format!("{:<10} {:>8} {:>9}", "similarity", "genuine", "impostors")));
    let most = findings.histogram.iter().map(|(genuine, impostors)| (*genuine).max(*impostors)).max().unwrap_or(0).max(1);
    let first = findings.histogram.iter().position(|bin| *bin != (0, 0)).unwrap_or(0);
    // A bin that is not empty has at least one column.
    let bar = |count: usize, char: &str| char.repeat((count * BAR).div_ceil(most));
    for (bin, (genuine, impostors)) in findings.histogram.iter().enumerate().skip(first) {
        let (from, to) = (bin * BIN, (bin * BIN + BIN - 1).min(1000));
        let bars = format!("{}{}", styled(GOOD, bar(*genuine, "#")), styled(MORE, bar(*impostors, "x")));
        say!("{:<10} {genuine:>8} {impostors:>9}  {bars}", format!("{from}-{to}"));
    }
}

fn rates(findings: &Findings) {
    let head = format!("{:>9} {:>12} {:>8} {:>12} {:>18}", "threshold", "genuine", "", "at most", "impostors reach");
    say!("\n{}", styled(BOLD, head));
    let share = |rate: Option<f64>| rate.map_or("-".into(), |rate| per_cent(1000.0 * rate));
    for rate in &findings.rates {
        let mut marks = Vec::new();
        let mut mark = |is_here: bool, what: &'static str| {
            if is_here {
                marks.push(what)
            }
        };
        mark(findings.accept == Some(rate.threshold), "suggested accept");
        mark(findings.step_up == Some(rate.threshold), "suggested step_up");
        mark(findings.current.is_some_and(|current| current.accept == rate.threshold), "accept now");
        mark(findings.current.is_some_and(|current| current.step_up == rate.threshold), "step_up now");
        let (below, reach) = (rate.genuine_below, rate.impostors_reach);
        let (refused, bound, accepted) =
            (share(rate.false_reject), share(rate.false_reject_bound), share(rate.false_accept));
        let threshold = rate.threshold;
        let marks = marks.join(", ");
        say!("{threshold:>9} {below:>6} below {refused:>8} {bound:>12} {reach:>8} {accepted:>9}  {}", styled(GOOD, marks));
    }
    say!("{}", styled(DIM, "at most: the bound of the rate of genuine visits below, at a confidence of 95 %"));
}

fn components(findings: &Findings) {
    let head = format!(
        "{:<34} {:>6} {:>7} {:>8} {:>8} {:>9} {:>9} {:>11} {:>9}",
        "component", "weight", "cost", "changed", "missing", "in fallen", "stability", "coincidence", "suggested"
    );
    say!("\n{}", styled(BOLD, head));
    let or_dash = |value: Option<u16>| value.map_or("-".into(), |value| value.to_string());
    for row in &findings.components {
        let (name, weight) = (label(&row.weighted), row.weighted.weight);
        let cost = format!("{:.1}", row.cost);
        let share = |count: usize| match row.genuine.held {
            0 => "-".into(),
            held => per_cent(1000.0 * count as f64 / held as f64),
        };
        let (changed, missing) = (share(row.genuine.changed), share(row.genuine.missing));
        let [stability, coincidence, suggested] = [row.stability, row.coincidence, row.suggested].map(or_dash);
        let fallen = row.in_fallen;
        say!(
            "{name:<34} {weight:>6} {cost:>7} {changed:>8} {missing:>8} {fallen:>9} {stability:>9} {coincidence:>11} {suggested:>9}"
        );
    }
    let fallen = findings.fallen;
    let text = format!(
        "cost: per mille of similarity in the mean of genuine visits; fallen: the {fallen} genuine visits below accept"
    );
    say!("{}\n", styled(DIM, text));
}

fn suggestions(findings: &Findings) {
    let Findings { accept, step_up, coverage, .. } = findings;
    let known = [("accept", accept), ("step_up", step_up), ("coverage", coverage)];
    let known: Vec<String> = known.iter().filter_map(|(name, value)| Some(format!("{name} {}", (**value)?))).collect();
    if !known.is_empty() {
        say!("suggested: {}", styled(GOOD, known.join(", ")));
    }
}

pub fn json(findings: &Findings) {
    let bin = |(bin, (genuine, impostors)): (usize, &(usize, usize))| json!({"from": bin * BIN, "to": (bin * BIN + BIN - 1).min(1000), "genuine": genuine, "impostors": impostors});
    let rate = |rate: &super::Rate| {
        json!({
            "threshold": rate.threshold,
            "genuine_below": rate.genuine_below,
            "false_reject": rate.false_reject,
            "false_reject_bound": rate.false_reject_bound,
            "impostors_reach": rate.impostors_reach,
            "false_accept": rate.false_accept,
        })
    };
    let component = |row: &super::ComponentRow| {
        json!({
            "component": name_of(row.weighted.component),
            "weight": row.weighted.weight,
            "cost": row.cost,
            "held": row.genuine.held,
            "changed": row.genuine.changed,
            "missing": row.genuine.missing,
            "in_fallen": row.in_fallen,
            "stability": row.stability,
            "coincidence": row.coincidence,
            "suggested": row.suggested,
        })
    };
    let mut suggested = Map::new();
    for (name, value) in [("accept", findings.accept), ("step_up", findings.step_up), ("coverage", findings.coverage)] {
        suggested.insert(name.into(), json!(value));
    }
    let weights =
        findings.components.iter().filter_map(|row| Some((name_of(row.weighted.component), json!(row.suggested?))));
    suggested.insert("weights".into(), Value::Object(weights.collect()));
    let object = json!({
        "visits": {"genuine": findings.genuine, "impostors": findings.impostors, "unknown": findings.unknown},
        "histogram": findings.histogram.iter().enumerate().map(bin).collect::<Vec<Value>>(),
        "rates": findings.rates.iter().map(rate).collect::<Vec<Value>>(),
        "fallen": findings.fallen,
        "components": findings.components.iter().map(component).collect::<Vec<Value>>(),
        "suggested": suggested,
        "notes": findings.notes,
    });
    put!("{object}");
}
