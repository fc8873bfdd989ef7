//! From rates to weights: how often a component stays, how often another device has the same, and the weight between equal
//! and the log-odds of both.

use crate::component::*;
use crate::data::Data;
use crate::population::Source;
use crate::preset;
use crate::score::{Outcome, match_level};
use crate::simulate::{self, Impostor, Simulation};
use std::fmt::Write;

/// Per mille.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    pub stability: u16,
    pub coincidence: u16,
    /// Among devices with the same browser and system.
    pub same_browser: u16,
}

/// Stability after 30 days; coincidence with random others.
pub fn measure(simulation: &Simulation, number: u8) -> Measured {
    let place = place(number);
    let matches = |outcome: &Outcome| match outcome {
        Outcome::Unheld => None,
        Outcome::Missing => Some(false),
        Outcome::Level(level) => Some(*level >= match_level(COMPONENTS[place].kind)),
    };
    let rate = |outcomes: &mut dyn Iterator<Item = Outcome>| {
        let (mut held, mut matched) = (0u64, 0u64);
        for outcome in outcomes {
            if let Some(same) = matches(&outcome) {
                held += 1;
                matched += u64::from(same);
            }
        }
        ((1000 * matched + held / 2) / held.max(1)) as u16
    };
    let impostors = |kind: Impostor| {
        let place_of = Impostor::ALL.iter().position(|known| *known == kind).unwrap_or(0);
        rate(&mut simulation.impostors[place_of].iter().map(|outcomes| outcomes[place]))
    };
    Measured {
        stability: rate(&mut simulation.returns[2].iter().map(|back| back.outcomes[place])),
        coincidence: impostors(Impostor::Random),
        same_browser: impostors(Impostor::SameBrowser),
    }
}

fn logit(per_mille: u16) -> f64 {
    let rate = f64::from(per_mille.clamp(5, 995)) / 1000.0;
    (rate / (1.0 - rate)).ln()
}

/// logit(stability) - logit(coincidence).
pub fn log_odds(stability: u16, coincidence: u16) -> f64 {
    logit(stability) - logit(coincidence)
}

/// Weights `way` from equal (0) to the log-odds (1), scaled to a mean of `mean`.
pub fn weights(log_odds: &[f64], way: f64, mean: f64) -> Vec<u16> {
    let average = log_odds.iter().sum::<f64>() / log_odds.len() as f64;
    let weight = |odds: &f64| (mean * (1.0 - way + way * odds.max(0.0) / average)).round() as u16;
    log_odds.iter().map(weight).collect()
}

/// How far the browser preset's weights are from equal towards the log-odds; `fingerprints.md` allows half.
const WAY: f64 = 0.5;

/// Every component on apify's desktops: the columns of the presets, and the weight that the browser preset has from them.
pub fn table(data: &Data, devices: usize, seed: u64) -> String {
    let simulation = simulate::simulate(data, Source::ApifyDesktop, devices, 1.0, seed);
    let measured: Vec<Measured> = COMPONENTS.iter().map(|known| measure(&simulation, known.number)).collect();
    let held = |number: u8| preset::BROWSER.rules.iter().any(|rule| rule.number == number);
    let both = |m: &Measured| (log_odds(m.stability, m.coincidence) + log_odds(m.stability, m.same_browser)) / 2.0;
    let chosen = COMPONENTS.iter().zip(&measured).filter(|(known, _)| held(known.number));
    let odds: Vec<f64> = chosen.map(|(_, measured)| both(measured)).collect();
    let mut weights = weights(&odds, WAY, 100.0).into_iter();
    let mut text = String::from(
        "| number | component | stability | coincidence | same browser | log-odds | weight |\n|---|---|---|---|---|---|---|",
    );
    for (known, measured) in COMPONENTS.iter().zip(&measured) {
        let weight = if held(known.number) {
            weights.next().map_or(String::new(), |weight| weight.to_string())
        } else {
            String::new()
        };
        let Measured { stability, coincidence, same_browser } = measured;
        let (number, name, odds) = (known.number, known.name, both(measured));
        let _ =
            write!(text, "\n| {number} | {name} | {stability} | {coincidence} | {same_browser} | {odds:.2} | {weight} |");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ln(9) - ln(1/9) = 2 ln 9; equal log-odds give equal weights; halfway from 10 towards 5 and 15 is 7.5 and 12.5.
    #[test]
    fn by_hand() {
        assert!((log_odds(900, 100) - 2.0 * 9.0f64.ln()).abs() < 1e-12);
        assert_eq!(weights(&[3.0, 3.0], 0.5, 10.0), [10, 10]);
        assert_eq!(weights(&[1.0, 3.0], 0.5, 10.0), [8, 13]);
        assert_eq!(weights(&[-1.0, 3.0], 0.0, 10.0), [10, 10]);
    }
}
