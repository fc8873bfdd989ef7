//! `countermark calibrate`: what a log of fingerprint reports says about thresholds and weights.

mod components;
mod log;
mod print;
mod rates;

use crate::failure::{Answer, Failure};
use crate::policy::Settings;
use crate::rules::{Fingerprint, name_of};
use clap::Args;
use components::{ComponentRow, WEIGHT_MEAN};
use countermark::{Component, Role, Thresholds, Weighted};
use log::{Log, Outcome};
use rates::{Rate, highest_threshold, visits_needed};
use std::path::PathBuf;

#[derive(Args, Clone, Debug)]
pub struct Files {
    /// The log: JSON lines with similarity, coverage, changed and outcome (genuine, impostor, unknown), and missing and matched
    /// where they are known; `-` is the standard input
    #[arg(value_name = "LOG")]
    log: PathBuf,
    /// The policy whose sketch the log is of: its weights and thresholds. Left out: equal weights
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// How many genuine visits may be asked for more, in per cent
    #[arg(long, value_name = "PERCENT", default_value = "1", value_parser = percent)]
    step_up_rate: f64,
    /// How many genuine visits may be refused, in per cent
    #[arg(long, value_name = "PERCENT", default_value = "0.1", value_parser = percent)]
    reject_rate: f64,
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|number| *number > 0.0 && *number <= 50.0);
    number.map(|number| number / 100.0).ok_or_else(|| "a number above 0 and not above 50 is needed".into())
}

/// The policy's sketch, as far as it matters here.
struct Rules {
    components: Vec<Weighted>,
    thresholds: Option<Thresholds>,
}

/// What was found.
pub struct Findings {
    genuine: usize,
    impostors: usize,
    unknown: usize,
    /// Visits by 50 of similarity: genuine ones and impostors'.
    histogram: Vec<(usize, usize)>,
    rates: Vec<Rate>,
    current: Option<Thresholds>,
    components: Vec<ComponentRow>,
    /// Genuine visits below `accept`, the policy's or the suggested one.
    fallen: usize,
    accept: Option<u16>,
    step_up: Option<u16>,
    coverage: Option<u16>,
    notes: Vec<String>,
}

/// The bins of the histogram.
const BIN: usize = 50;

pub fn run(files: &Files, as_json: bool) -> Result<Answer, Failure> {
    if files.reject_rate > files.step_up_rate {
        return Err(Failure::new("--reject-rate is above --step-up-rate: whoever is refused is asked for more, too"));
    }
    let settings = Settings::read(files.policy.as_deref())?;
    let log = Log::read(&files.log)?;
    let rules = rules(&settings, &log)?;
    let findings = find(&log, &rules, files.step_up_rate, files.reject_rate);
    match as_json {
        true => print::json(&findings),
        false => print::text(&findings),
    }
    Ok(Answer::Accepted)
}

fn rules(settings: &Settings, log: &Log) -> Result<Rules, Failure> {
    match &settings.fingerprint {
        Some(Fingerprint::Sketch(rules)) => {
            let (components, thresholds) = rules.compared()?;
            Ok(Rules { components, thresholds: Some(thresholds) })
        }
        Some(Fingerprint::Digest(_)) => Err(Failure::new("the policy's fingerprint is a digest, which has no thresholds")),
        None => {
            let equal = |component: Component| Weighted::new(component, WEIGHT_MEAN as u16);
            Ok(Rules { components: log.named().into_iter().map(equal).collect(), thresholds: None })
        }
    }
}

fn find(log: &Log, rules: &Rules, step_up_rate: f64, reject_rate: f64) -> Findings {
    let values = |outcome, of: fn(&log::Visit) -> u16| {
        let mut values: Vec<u16> = log.of(outcome).map(of).collect();
        values.sort_unstable();
        values
    };
    let genuine = values(Outcome::Genuine, |visit| visit.similarity);
    let impostors = values(Outcome::Impostor, |visit| visit.similarity);
    let coverages = values(Outcome::Genuine, |visit| visit.coverage);
    let mut notes = Vec::new();
    let mut suggest = |what: &str, values: &[u16], rate: f64| {
        let highest = highest_threshold(values, rate);
        if highest.is_none() {
            let (has, needs, rate) = (values.len(), visits_needed(rate), 100.0 * rate);
            notes.push(format!(
                "no {what} is suggested: {has} genuine visits cannot show a rate of {rate} %; it takes {needs}"
            ));
        }
        highest
    };
    let accept = suggest("accept", &genuine, step_up_rate);
    let step_up = suggest("step_up", &genuine, reject_rate);
    let coverage = suggest("coverage", &coverages, step_up_rate);
    let bar = rules.thresholds.map(|thresholds| thresholds.accept).or(accept);
    let components = components::rows(log, &rules.components, bar);
    if let Some(note) = components::note(&components) {
        notes.push(note);
    }
    if impostors.is_empty() {
        notes.push("the log has no visit of an impostor: it cannot say whom the thresholds let in".into());
    }
    let histogram = (0..=1000 / BIN).map(|bin| {
        let within = |values: &[u16]| values.iter().filter(|value| usize::from(**value) / BIN == bin).count();
        (within(&genuine), within(&impostors))
    });
    let mut thresholds: Vec<u16> = (500..=1000).step_by(25).collect();
    thresholds.extend(accept.iter().chain(&step_up));
    thresholds.extend(rules.thresholds.iter().flat_map(|thresholds| [thresholds.accept, thresholds.step_up]));
    thresholds.sort_unstable();
    thresholds.dedup();
    Findings {
        histogram: histogram.collect(),
        rates: thresholds.into_iter().map(|threshold| Rate::at(threshold, &genuine, &impostors)).collect(),
        fallen: bar.map_or(0, |bar| genuine.iter().filter(|similarity| **similarity < bar).count()),
        genuine: genuine.len(),
        impostors: impostors.len(),
        unknown: log.of(Outcome::Unknown).count(),
        current: rules.thresholds,
        components,
        accept,
        step_up,
        coverage,
        notes,
    }
}

/// The name of a component with what its role means for its cost.
fn label(weighted: &Weighted) -> String {
    match weighted.role {
        Role::Optional => format!("{} (optional)", name_of(weighted.component)),
        Role::Required => format!("{} (required)", name_of(weighted.component)),
        Role::Normal => name_of(weighted.component),
    }
}
