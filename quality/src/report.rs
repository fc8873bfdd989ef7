//! What was measured, as Markdown.

use crate::component::{COMPONENTS, place};
use crate::curve::{self, Point, curve, equal_error_rate, threshold_for};
use crate::life::RETURNS;
use crate::preset;
use crate::score::{Outcomes, Preset, Verdict, score};
use crate::simulate::{Impostor, Return, Simulation};
use std::fmt::Write;

/// The rate of false accepts at which false rejects are compared.
pub const FALSE_ACCEPTS: f64 = 0.01;

/// The presets whose similarity decides; the stalker presets are rules.
pub const SCORED: [&Preset; 5] =
    [&preset::BROWSER, &preset::UNIFORM, &preset::HEADERS_ROAMING, &preset::HEADERS_STRICT, &preset::DEVICE];

pub fn similarities<'o>(preset: &Preset, outcomes: impl IntoIterator<Item = &'o Outcomes>) -> Vec<u32> {
    outcomes.into_iter().map(|outcomes| score(preset, outcomes).similarity).collect()
}

fn of_returns<'r>(preset: &Preset, returns: impl IntoIterator<Item = &'r Return>) -> Vec<u32> {
    similarities(preset, returns.into_iter().map(|back| &back.outcomes))
}

/// Whether any component of the preset has another value than in the token.
pub fn changed(preset: &Preset, back: &Return) -> bool {
    preset.rules.iter().any(|rule| back.differs[place(rule.number)])
}

pub fn impostors(simulation: &Simulation, kind: Impostor) -> &[Outcomes] {
    let number = Impostor::ALL.iter().position(|known| *known == kind).unwrap_or(0);
    &simulation.impostors[number]
}

/// A preset against a population, every return of every device counted alike.
pub struct Judged {
    pub random: Vec<Point>,
    pub eer: f64,
    pub eer_changed: f64,
    pub eer_reissued: f64,
    pub eer_same_browser: f64,
    pub eer_copied: f64,
    pub threshold: u32,
    /// At the threshold with 1% false accepts, by return.
    pub false_rejects: Vec<f64>,
    pub eer_by_return: Vec<f64>,
}

pub fn judge(preset: &Preset, simulation: &Simulation) -> Judged {
    let genuine = of_returns(preset, simulation.returns.iter().flatten());
    let with_change = of_returns(preset, simulation.returns.iter().flatten().filter(|back| changed(preset, back)));
    let reissued = of_returns(preset, simulation.reissued.iter().flatten());
    let strangers = |kind| similarities(preset, impostors(simulation, kind));
    let random = strangers(Impostor::Random);
    let rate = |genuine: &[u32], impostors: &[u32]| equal_error_rate(&curve(genuine, impostors));
    let by_return: Vec<Vec<Point>> =
        simulation.returns.iter().map(|returns| curve(&of_returns(preset, returns), &random)).collect();
    Judged {
        eer: rate(&genuine, &random),
        eer_changed: rate(&with_change, &random),
        eer_reissued: rate(&reissued, &random),
        eer_same_browser: rate(&genuine, &strangers(Impostor::SameBrowser)),
        eer_copied: rate(&genuine, &strangers(Impostor::CopiedHeaders)),
        threshold: threshold_for(&curve(&genuine, &random), FALSE_ACCEPTS).threshold,
        false_rejects: by_return.iter().map(|curve| threshold_for(curve, FALSE_ACCEPTS).false_rejects).collect(),
        eer_by_return: by_return.iter().map(|curve| equal_error_rate(curve)).collect(),
        random: curve(&genuine, &random),
    }
}

pub fn percent(rate: f64) -> String {
    format!("{:.2}", 100.0 * rate)
}

fn cells(rates: &[f64]) -> String {
    rates.iter().map(|rate| format!(" {} |", percent(*rate))).collect()
}

fn days(before: &str) -> String {
    RETURNS.iter().map(|day| format!(" {before}{day} d |")).collect()
}

/// Equal error rates and false rejects at 1% false accepts, in per cent.
pub fn errors(rows: &[(String, &Preset, Judged)], simulation_of: &dyn Fn(usize) -> Option<f64>) -> String {
    let mut text = format!(
        "| | preset | every return | changed only | re-issued | same browser | most similar | copied headers |{} threshold |{}\n|---|---|---|---|---|---|---|---|",
        days("EER "),
        days("FRR ")
    );
    (0..2 * RETURNS.len() + 1).for_each(|_| text.push_str("---|"));
    for (number, (population, preset, judged)) in rows.iter().enumerate() {
        let similar = simulation_of(number).map_or("".to_owned(), percent);
        let _ = write!(
            text,
            "\n| {population} | {} | {} | {} | {} | {} | {similar} | {} |{} {} |{}",
            preset.name,
            percent(judged.eer),
            percent(judged.eer_changed),
            percent(judged.eer_reissued),
            percent(judged.eer_same_browser),
            percent(judged.eer_copied),
            cells(&judged.eer_by_return),
            judged.threshold,
            cells(&judged.false_rejects),
        );
    }
    text + "\n"
}

/// The equal error rate against the most similar other device.
pub fn most_similar_rate(preset: &Preset, simulation: &Simulation, nearest: &[Outcomes]) -> f64 {
    let genuine = of_returns(preset, simulation.returns.iter().flatten());
    equal_error_rate(&curve(&genuine, &similarities(preset, nearest)))
}

/// Accepted, stepped up, rejected, in per cent.
fn verdicts<'o>(preset: &Preset, outcomes: impl IntoIterator<Item = &'o Outcomes>) -> String {
    let mut counts = [0u32; 3];
    for outcomes in outcomes {
        counts[match score(preset, outcomes).verdict {
            Verdict::Accept => 0,
            Verdict::StepUp => 1,
            Verdict::Reject => 2,
        }] += 1;
    }
    let whole = f64::from(counts.iter().sum::<u32>().max(1));
    let [accepted, stepped_up, rejected] = counts.map(|count| 100.0 * f64::from(count) / whole);
    format!("{accepted:.1} / {stepped_up:.1} / {rejected:.1}")
}

/// Verdicts at the presets' own thresholds.
pub fn verdict_table(simulation: &Simulation, nearest: &[Vec<Outcomes>]) -> String {
    let mut text = format!(
        "| who returns |{}\n|---|",
        preset::ALL.iter().map(|preset| format!(" {} |", preset.name)).collect::<String>()
    );
    preset::ALL.iter().for_each(|_| text.push_str("---|"));
    for (day, returns) in RETURNS.iter().zip(&simulation.returns) {
        let _ = write!(text, "\n| the device, after {day} d |");
        for preset in preset::ALL {
            let _ = write!(text, " {} |", verdicts(preset, returns.iter().map(|back| &back.outcomes)));
        }
    }
    for kind in Impostor::ALL {
        let _ = write!(text, "\n| {} |", kind.name());
        for preset in preset::ALL {
            let _ = write!(text, " {} |", verdicts(preset, impostors(simulation, kind)));
        }
    }
    text.push_str("\n| most similar other device |");
    for (preset, nearest) in preset::ALL.iter().zip(nearest) {
        let _ = write!(text, " {} |", verdicts(preset, nearest));
    }
    text + "\n"
}

/// The sketch of the headers against the digest of the same inputs.
pub struct Digest {
    pub digest: Vec<f64>,
    pub sketch: Vec<f64>,
}

pub fn digest(preset: &Preset, simulation: &Simulation) -> Digest {
    let random = similarities(preset, impostors(simulation, Impostor::Random));
    let broken =
        |returns: &Vec<Return>| returns.iter().filter(|back| changed(preset, back)).count() as f64 / returns.len() as f64;
    let rejects =
        |returns: &Vec<Return>| threshold_for(&curve(&of_returns(preset, returns), &random), FALSE_ACCEPTS).false_rejects;
    Digest {
        digest: simulation.returns.iter().map(broken).collect(),
        sketch: simulation.returns.iter().map(rejects).collect(),
    }
}

pub fn digest_table(simulations: &[Simulation]) -> String {
    let mut text = format!("| population | preset | |{}", days(""));
    text.extend(Impostor::ALL.iter().map(|kind| format!(" {} |", kind.name())));
    text.push_str("\n|---|---|---|");
    (0..RETURNS.len() + Impostor::ALL.len()).for_each(|_| text.push_str("---|"));
    for simulation in simulations {
        for preset in [&preset::HEADERS_ROAMING, &preset::HEADERS_STRICT] {
            let Digest { digest, sketch } = digest(preset, simulation);
            let random = similarities(preset, impostors(simulation, Impostor::Random));
            let threshold = threshold_for(&curve(&random, &random), FALSE_ACCEPTS).threshold;
            let source = simulation.source.name();
            let _ = write!(text, "\n| {source} | {} | digest |{}", preset.name, cells(&digest));
            Impostor::ALL.iter().for_each(|_| text.push_str(" |"));
            let _ = write!(text, "\n| | | sketch from {threshold} |{}", cells(&sketch));
            for kind in Impostor::ALL {
                let scores = similarities(preset, impostors(simulation, kind));
                let accepted = curve::curve(&scores, &scores)[threshold as usize].false_accepts;
                let _ = write!(text, " {} |", percent(accepted));
            }
        }
    }
    text + "\n"
}

/// False rejects, every return counted, at fixed rates of false accepts.
pub fn roc_table(judged: &[(String, Vec<Point>)]) -> String {
    const RATES: [f64; 8] = [0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005];
    let mut text = String::from("| false accepts at most |");
    text.extend(judged.iter().map(|(name, _)| format!(" {name} |")));
    text.push_str("\n|---|");
    judged.iter().for_each(|_| text.push_str("---|"));
    for rate in RATES {
        let _ = write!(text, "\n| {} |", percent(rate));
        for (_, curve) in judged {
            let point = threshold_for(curve, rate);
            let _ = write!(text, " {} (from {}) |", percent(point.false_rejects), point.threshold);
        }
    }
    text + "\n"
}

/// The mean share of components of the uniform preset that are exactly equal, beside what was published.
pub fn equality_table(simulations: &[Simulation]) -> String {
    let mut text = format!("| equal components |{}\n|---|---|---|---|---|---|", days(""));
    let preset = &preset::UNIFORM;
    for simulation in simulations {
        let mean = |returns: &Vec<Return>| {
            let equal = |back: &Return| preset.rules.iter().filter(|rule| !back.differs[place(rule.number)]).count();
            returns.iter().map(equal).sum::<usize>() as f64 / (returns.len() * preset.rules.len()) as f64
        };
        let row: Vec<f64> = simulation.returns.iter().map(mean).collect();
        let _ = write!(text, "\n| {} |{}", simulation.source.name(), cells(&row));
    }
    text.push_str("\n| real pairs, 17 components (the reference figures) | | 94 | 92 | 85 | |\n");
    text
}

/// The presets as rows.
pub fn preset_tables() -> String {
    let mut text = String::new();
    for preset in preset::ALL {
        let _ = writeln!(
            text,
            "\n### `{}`\n\naccept {}, step up {}, coverage {}, drift {}, generation {}, behind {}\n",
            preset.name, preset.accept, preset.step_up, preset.coverage, preset.drift, preset.generation, preset.behind
        );
        for group in preset.groups {
            let names: Vec<&str> = group.members.iter().map(|number| COMPONENTS[place(*number)].name).collect();
            let _ = writeln!(text, "Group: at most {} changed of {}.\n", group.allowed, names.join(", "));
        }
        let follows = preset.rules.iter().filter(|rule| COMPONENTS[place(rule.number)].follows);
        let follows: u32 = follows.map(|rule| u32::from(rule.weight)).sum();
        let whole: u32 = preset.rules.iter().map(|rule| u32::from(rule.weight)).sum();
        let _ = writeln!(text, "What browser and system decide together has {} ‰.\n", 1000 * follows / whole);
        text.push_str(
            "| number | component | weight | share ‰ | stability ‰ | coincidence ‰ | |\n|---|---|---|---|---|---|---|\n",
        );
        for rule in preset.rules {
            let mark = if rule.required {
                "required"
            } else if rule.optional {
                "optional"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {mark} |",
                rule.number,
                COMPONENTS[place(rule.number)].name,
                rule.weight,
                1000 * u32::from(rule.weight) / whole,
                rule.stability,
                rule.coincidence,
            );
        }
    }
    text
}
