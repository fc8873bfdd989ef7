//! The simulated visits as a log of fingerprint reports, JSON lines: what the command line's `calibrate` reads. So its rates, costs and
//! suggestions can be held against those that are computed here.

use crate::component::COMPONENTS;
use crate::component::place;
use crate::report::impostors;
use crate::score::{Outcome, Outcomes, Preset, match_level, score};
use crate::simulate::{Impostor, Simulation};
use serde_json::json;

/// Every return of every device, then half random impostors and half such of the same browser and system, one line each.
pub fn log(simulation: &Simulation, preset: &Preset) -> Vec<String> {
    let genuine = simulation.returns.iter().flatten().map(|back| line(preset, &back.outcomes, "genuine"));
    let strangers = impostors(simulation, Impostor::SameBrowser);
    let random = impostors(simulation, Impostor::Random).iter().take(strangers.len());
    genuine.chain(random.chain(strangers).map(|outcomes| line(preset, outcomes, "impostor"))).collect()
}

fn line(preset: &Preset, outcomes: &Outcomes, outcome: &str) -> String {
    let (mut matched, mut changed, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for rule in preset.rules {
        let known = &COMPONENTS[place(rule.number)];
        match outcomes[place(rule.number)] {
            Outcome::Unheld => {}
            Outcome::Missing => missing.push(known.name),
            Outcome::Level(level) if level >= match_level(known.kind) => matched.push(known.name),
            Outcome::Level(_) => changed.push(known.name),
        }
    }
    let score = score(preset, outcomes);
    let (similarity, coverage) = (score.similarity, score.coverage);
    json!({"similarity": similarity, "coverage": coverage, "matched": matched, "changed": changed, "missing": missing,
        "outcome": outcome})
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{CANVAS, COUNT, FONTS, TIMEZONE, UA_FAMILY};
    use crate::preset;

    /// Of five components of the preset the token holds four: one is the same, one similar enough, one changed, one missing.
    #[test]
    fn a_line_by_hand() {
        let mut outcomes = [Outcome::Unheld; COUNT];
        outcomes[place(UA_FAMILY)] = Outcome::Level(256);
        outcomes[place(FONTS)] = Outcome::Level(192);
        outcomes[place(TIMEZONE)] = Outcome::Level(0);
        outcomes[place(CANVAS)] = Outcome::Missing;
        let line: serde_json::Value = serde_json::from_str(&line(&preset::UNIFORM, &outcomes, "genuine")).unwrap();
        let expected = json!({"similarity": 437, "coverage": 750, "matched": ["ua.family", "fonts"], "changed": ["timezone"],
            "missing": ["canvas"], "outcome": "genuine"});
        assert_eq!(line, expected); // (256 + 192) / (4 * 256)
    }
}
