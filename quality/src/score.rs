//! The score of `fingerprints.md` section 2, written from the text on plain values, without the core: it is the core's oracle.

use crate::component::{COMPONENTS, COUNT, Fingerprint, Kind, Reading, place};
use crate::minhash;
use crate::random::join;

/// A component in a policy.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub number: u8,
    pub weight: u16,
    /// How often the device's own value still matches after 30 days, per mille.
    pub stability: u16,
    /// How often another device's value matches, per mille.
    pub coincidence: u16,
    pub optional: bool,
    pub required: bool,
}

/// At most `allowed` of these components may be changed.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    pub members: &'static [u8],
    pub allowed: u32,
}

/// Thresholds per mille; the generation counts re-issues.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    pub name: &'static str,
    pub rules: &'static [Rule],
    pub groups: &'static [Group],
    pub accept: u32,
    pub step_up: u32,
    pub coverage: u32,
    pub drift: u32,
    pub generation: u8,
    /// An observed version may be this far ahead of the token's before its level is 0.
    pub behind: u16,
}

/// What comparing one component gave.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The token does not hold it.
    Unheld,
    /// The token holds it, the request does not show it.
    Missing,
    /// A level of 0 to 256.
    Level(u16),
}

pub type Outcomes = [Outcome; COUNT];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    Accept,
    StepUp,
    Reject,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Score {
    pub similarity: u32,
    /// Hundredths of a bit.
    pub evidence: i32,
    pub coverage: u32,
    pub drift: u32,
    pub verdict: Verdict,
}

/// The level of an ordinal: `distance` beyond the allowance is 0, nearer falls in equal steps.
pub fn ordinal_level(token: u16, observed: u16, behind: u16, ahead: u16) -> u16 {
    let allowance = u32::from(if observed >= token { behind } else { ahead });
    let distance = u32::from(observed.abs_diff(token));
    if distance > allowance { 0 } else { 256 - (256 * distance / (allowance + 1)) as u16 }
}

/// The level that a component's kind asks for before it counts as a match.
pub fn match_level(kind: Kind) -> u16 {
    match kind {
        Kind::Exact => 256,
        Kind::Ordinal => 1,
        Kind::Set => 192,
    }
}

/// Compares every component, sets by their sketches under this token's key. `key` stands in for HMAC under the token key.
pub fn compare(token: &Fingerprint, observed: &Fingerprint, key: u64, behind: u16) -> Outcomes {
    let mut outcomes = [Outcome::Unheld; COUNT];
    for (place, outcome) in outcomes.iter_mut().enumerate() {
        *outcome = match (token.at(place), observed.at(place)) {
            (Reading::Absent, _) => Outcome::Unheld,
            (_, Reading::Absent) => Outcome::Missing,
            (Reading::Ordinal(token), Reading::Ordinal(observed)) => {
                Outcome::Level(ordinal_level(*token, *observed, behind, 0))
            }
            (Reading::Set(token), Reading::Set(observed)) if token != observed => {
                let left = sketch_of(token, key, place);
                let right = sketch_of(observed, key, place);
                Outcome::Level(minhash::level(minhash::equal_bins(&left, &right)))
            }
            (token, observed) => Outcome::Level(if token == observed { 256 } else { 0 }),
        };
    }
    outcomes
}

fn sketch_of(elements: &[u64], key: u64, place: usize) -> [u8; 16] {
    let word = |element: u64| {
        let x = join(join(key, place as u64), element);
        (x, join(x, 1) | 1)
    };
    let empty = [word(0)]; // the empty set is the set of one empty element
    let words: Vec<(u64, u64)> = elements.iter().map(|element| word(*element)).collect();
    minhash::sketch(if words.is_empty() { &empty } else { &words })
}

/// Whether a component matches, is changed, or is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Unheld,
    Missing,
    Changed,
    Matched,
}

fn state(outcome: Outcome, place: usize) -> State {
    match outcome {
        Outcome::Unheld => State::Unheld,
        Outcome::Missing => State::Missing,
        Outcome::Level(level) if level >= match_level(COMPONENTS[place].kind) => State::Matched,
        Outcome::Level(_) => State::Changed,
    }
}

/// Scores the outcomes under a preset. No component was moved before: the token is the first of its chain.
pub fn score(preset: &Preset, outcomes: &Outcomes) -> Score {
    let (mut reached, mut possible) = (0u64, 0u64);
    let (mut held, mut observed, mut moved) = (0u64, 0u64, 0u64);
    let mut evidence = 0;
    let mut required_failed = false;
    for rule in preset.rules {
        let outcome = outcomes[place(rule.number)];
        let state = state(outcome, place(rule.number));
        let weight = u64::from(rule.weight);
        if state == State::Unheld {
            continue;
        }
        held += weight;
        if let Outcome::Level(level) = outcome {
            observed += weight;
            possible += weight;
            reached += weight * u64::from(level);
            evidence += bits(rule, state == State::Matched);
        } else if !rule.optional {
            possible += weight;
        }
        if state != State::Matched {
            moved += weight;
            required_failed |= rule.required;
        }
    }
    let similarity = per_mille(reached, 256 * possible);
    let coverage = per_mille(observed, held);
    let drift = per_mille(moved, held);
    let changed = |number: &&u8| state(outcomes[place(**number)], place(**number)) == State::Changed;
    let group_broken = preset.groups.iter().any(|group| group.members.iter().filter(changed).count() as u32 > group.allowed);
    let verdict = if required_failed || similarity < preset.step_up {
        Verdict::Reject
    } else if coverage < preset.coverage || group_broken || drift > preset.drift || similarity < preset.accept {
        Verdict::StepUp
    } else {
        Verdict::Accept
    };
    Score { similarity, evidence, coverage, drift, verdict }
}

fn per_mille(part: u64, whole: u64) -> u32 {
    (1000 * part).checked_div(whole).unwrap_or(0) as u32
}

/// The evidence of one component in hundredths of a bit, both rates clamped to 0.5% and 99.5%.
fn bits(rule: &Rule, matched: bool) -> i32 {
    let rate = |per_mille: u16| f64::from(per_mille.clamp(5, 995)) / 1000.0;
    let (stability, coincidence) = (rate(rule.stability), rate(rule.coincidence));
    let ratio = if matched { stability / coincidence } else { (1.0 - stability) / (1.0 - coincidence) };
    (100.0 * ratio.log2()).round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::{CANVAS, FONTS, TIMEZONE, UA_VERSION, set_of};

    const fn rule(number: u8, weight: u16) -> Rule {
        Rule { number, weight, stability: 900, coincidence: 100, optional: false, required: false }
    }

    const PLAIN: Preset = Preset {
        name: "test",
        rules: &[rule(CANVAS, 100), rule(TIMEZONE, 300), rule(UA_VERSION, 100), Rule { optional: true, ..rule(FONTS, 500) }],
        groups: &[Group { members: &[CANVAS, TIMEZONE], allowed: 1 }],
        accept: 850,
        step_up: 700,
        coverage: 900,
        drift: 300,
        generation: 64,
        behind: 26,
    };

    fn device() -> Fingerprint {
        let mut device = Fingerprint::new();
        device.exact(CANVAS, 1);
        device.exact(TIMEZONE, 2);
        device.put(UA_VERSION, Reading::Ordinal(140));
        device.put(FONTS, set_of([1, 2, 3]));
        device
    }

    fn scored(change: impl Fn(&mut Fingerprint)) -> Score {
        let mut observed = device();
        change(&mut observed);
        score(&PLAIN, &compare(&device(), &observed, 9, 26))
    }

    /// Worked on paper: 256 - floor(256 * d / 27).
    #[test]
    fn ordinal_levels() {
        let levels = [0, 1, 13, 26, 27].map(|distance| ordinal_level(140, 140 + distance, 26, 0));
        assert_eq!(levels, [256, 247, 133, 10, 0]);
        assert_eq!(ordinal_level(140, 139, 26, 0), 0);
        assert_eq!(ordinal_level(140, 139, 26, 1), 128);
    }

    #[test]
    fn the_same_is_everything() {
        let score = scored(|_| ());
        assert_eq!((score.similarity, score.coverage, score.drift), (1000, 1000, 0));
        assert_eq!((score.verdict, score.evidence), (Verdict::Accept, 4 * 317)); // log2(9) = 3.17 each
    }

    #[test]
    fn a_changed_component_costs_its_weight() {
        let score = scored(|device| device.exact(CANVAS, 7));
        assert_eq!((score.similarity, score.coverage, score.drift), (900, 1000, 100));
        assert_eq!((score.verdict, score.evidence), (Verdict::Accept, 2 * 317));
    }

    #[test]
    fn a_version_is_nearly_equal() {
        let score = scored(|device| device.put(UA_VERSION, Reading::Ordinal(153)));
        // 900 + 100 * 133 / 256 = 951.95; the component matches: no drift.
        assert_eq!((score.similarity, score.drift), (951, 0));
    }

    #[test]
    fn a_missing_component_counts_as_zero() {
        let score = scored(|device| device.put(CANVAS, Reading::Absent));
        assert_eq!((score.similarity, score.coverage, score.drift), (900, 900, 100));
    }

    #[test]
    fn a_missing_optional_component_leaves_the_sums() {
        let score = scored(|device| device.put(FONTS, Reading::Absent));
        assert_eq!((score.similarity, score.coverage, score.drift), (1000, 500, 500));
        assert_eq!(score.verdict, Verdict::StepUp);
    }

    #[test]
    fn two_changes_in_a_group_step_up_or_worse() {
        let score = scored(|device| {
            device.exact(CANVAS, 7);
            device.exact(TIMEZONE, 7);
        });
        assert_eq!((score.similarity, score.verdict), (600, Verdict::Reject));
        let lenient = Preset { accept: 0, step_up: 0, drift: 1000, ..PLAIN };
        let mut observed = device();
        observed.exact(CANVAS, 7);
        observed.exact(TIMEZONE, 7);
        let outcomes = compare(&device(), &observed, 9, 26);
        assert_eq!(super::score(&lenient, &outcomes).verdict, Verdict::StepUp);
    }

    #[test]
    fn what_the_token_does_not_hold_is_ignored() {
        let mut token = device();
        token.put(FONTS, Reading::Absent);
        let score = score(&PLAIN, &compare(&token, &device(), 9, 26));
        assert_eq!((score.similarity, score.coverage), (1000, 1000));
    }

    #[test]
    fn no_weight_is_no_similarity() {
        let score = score(&PLAIN, &compare(&Fingerprint::new(), &device(), 9, 26));
        assert_eq!((score.similarity, score.coverage, score.drift), (0, 0, 0));
        assert_eq!(score.verdict, Verdict::Reject);
    }
}
