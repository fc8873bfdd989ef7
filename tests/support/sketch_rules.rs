//! A sketch's rules as plain data, as Rust and as C know them, and what both report of a score.

use super::judge_c::{bytes, checked};
use super::sketch::{Role, Rules, Stages};
use countermark::{Component, ComponentSet, Group, Pepper, Preset, Score, Sketch, Status, Thresholds, Weighted};
use countermark_ffi::*;
use std::collections::BTreeSet;
use std::mem::{MaybeUninit, size_of};
use std::ptr::null;

/// The rules of a policy's sketch form.
#[derive(Clone, Debug)]
pub struct SketchRules {
    pub claim: String,
    pub peppers: Vec<(u8, Vec<u8>)>,
    pub rules: Rules,
    /// The rules are then the preset's, and `rules` says nothing.
    pub preset: Option<Preset>,
}

/// A component by its number.
pub fn component(number: u8) -> Component {
    Component::from_number(number).expect("a component")
}

fn set_of(numbers: &BTreeSet<u8>) -> ComponentSet {
    numbers.iter().fold(ComponentSet::EMPTY, |set, number| set.with(component(*number)))
}

impl SketchRules {
    pub fn new(peppers: &[(u8, &[u8])], rules: Rules) -> Self {
        let peppers = peppers.iter().map(|(number, secret)| (*number, secret.to_vec())).collect();
        SketchRules { claim: "cmk".to_string(), peppers, rules, preset: None }
    }

    /// The secret of this number.
    pub fn pepper(&self, number: u8) -> Option<&[u8]> {
        self.peppers.iter().find(|(found, _)| *found == number).map(|(_, secret)| secret.as_slice())
    }

    /// Hands the rules to `then` as Rust knows them.
    pub fn with<T>(&self, then: impl FnOnce(&Sketch<'_>) -> T) -> Result<T, Status> {
        let peppers: Result<Vec<(u8, Pepper)>, Status> =
            self.peppers.iter().map(|(number, secret)| Ok((*number, Pepper::new(secret)?))).collect();
        let peppers = peppers?;
        if let Some(preset) = self.preset {
            return Ok(then(&Sketch::preset(preset, &self.claim, &peppers)));
        }
        let rules = &self.rules;
        let weighted = rules.weights.iter().map(|(number, weight)| {
            let role = match weight.role {
                Role::Normal => countermark::Role::Normal,
                Role::Optional => countermark::Role::Optional,
                Role::Required => countermark::Role::Required,
            };
            let weighted = Weighted::new(component(*number), weight.weight).with_role(role);
            match (weight.stability, weight.coincidence) {
                (0, 0) => weighted,
                (stability, coincidence) => weighted.with_rates(stability, coincidence),
            }
        });
        let components: Vec<Weighted> = weighted.collect();
        let groups = rules.groups.iter().map(|(members, changes)| Group { components: set_of(members), changes: *changes });
        let groups: Vec<Group> = groups.collect();
        let thresholds = Thresholds {
            accept: rules.accept as u16,
            step_up: rules.step_up as u16,
            coverage: rules.coverage as u16,
            drift: rules.drift as u16,
            generation: rules.generation,
            behind: rules.behind,
            ahead: rules.ahead,
            evidence: match (rules.evidence_accept, rules.evidence_step_up) {
                (None, None) => None,
                (accept, step_up) => Some((accept.unwrap_or(i32::MIN), step_up.unwrap_or(i32::MIN))),
            },
            stages: match rules.stages {
                Stages::Together => countermark::Stages::Together,
                Stages::OnDemand => countermark::Stages::OnDemand,
                Stages::AcceptEarly => countermark::Stages::AcceptEarly,
            },
        };
        Ok(then(&Sketch { claim: &self.claim, peppers: &peppers, components: &components, groups: &groups, thresholds }))
    }

    /// Whether C's lists are long enough.
    pub fn fits_c(&self) -> bool {
        self.peppers.len() <= 4 && self.rules.groups.len() <= 4
    }

    /// The rules as C keeps them; the claim's name stays this structure's.
    pub fn in_c(&self) -> Result<Box<cmk_sketch>, Status> {
        let peppers = self.peppers.iter();
        let peppers: Vec<cmk_pepper> = peppers
            .map(|(number, secret)| cmk_pepper { number: u32::from(*number), secret: cmk_bytes::of(secret) })
            .collect();
        let rules = &self.rules;
        let weights: Vec<cmk_weight> = rules
            .weights
            .iter()
            .map(|(number, weight)| cmk_weight {
                component: u32::from(*number),
                weight: weight.weight.into(),
                role: weight.role as i32,
                stability: weight.stability.into(),
                coincidence: weight.coincidence.into(),
            })
            .collect();
        let groups = rules.groups.iter();
        let groups: Vec<cmk_group> = groups
            .map(|(members, changes)| cmk_group { components: set_of(members).0, changes: u32::from(*changes) })
            .collect();
        let mut c_rules = cmk_sketch_rules {
            size: size_of::<cmk_sketch_rules>(),
            claim: bytes(&self.claim),
            peppers: peppers.as_ptr(),
            pepper_count: peppers.len(),
            weights: weights.as_ptr(),
            weight_count: weights.len(),
            groups: groups.as_ptr(),
            group_count: groups.len(),
            preset: 0,
            stages: rules.stages as i32,
            accept: rules.accept as i32,
            step_up: rules.step_up as i32,
            coverage: rules.coverage as i32,
            drift: rules.drift as i32,
            generation: rules.generation.into(),
            behind: rules.behind.into(),
            ahead: rules.ahead.into(),
            evidence_accept: rules.evidence_accept.unwrap_or(i32::MIN),
            evidence_step_up: rules.evidence_step_up.unwrap_or(i32::MIN),
        };
        if let Some(preset) = self.preset {
            let (preset, none) = (preset as i32, -1);
            (c_rules.weights, c_rules.weight_count, c_rules.groups, c_rules.group_count) = (null(), 0, null(), 0);
            (c_rules.preset, c_rules.stages) = (preset, 0);
            (c_rules.accept, c_rules.step_up, c_rules.coverage, c_rules.drift) = (none, none, none, none);
            (c_rules.generation, c_rules.behind, c_rules.ahead) = (none, none, none);
            (c_rules.evidence_accept, c_rules.evidence_step_up) = (i32::MIN, i32::MIN);
        }
        let mut sketch: Box<MaybeUninit<cmk_sketch>> = Box::new_uninit();
        checked(unsafe { cmk_sketch_init(sketch.as_mut_ptr(), &c_rules) })?;
        Ok(unsafe { sketch.assume_init() })
    }
}

/// A score as a host sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub similarity: u64,
    pub coverage: u64,
    pub drift: u64,
    pub generation: u8,
    pub evidence: i32,
    pub reasons: u8,
    pub reissue: bool,
    pub matched: BTreeSet<u8>,
    pub changed: BTreeSet<u8>,
    pub missing: BTreeSet<u8>,
    pub collect: BTreeSet<u8>,
}

fn numbers(words: [u64; 4]) -> BTreeSet<u8> {
    (0..=255u8).filter(|number| words[usize::from(number / 64)] >> (number % 64) & 1 == 1).collect()
}

impl Seen {
    pub fn of(score: &Score) -> Self {
        Seen {
            similarity: score.similarity.into(),
            coverage: score.coverage.into(),
            drift: score.drift.into(),
            generation: score.generation,
            evidence: score.evidence,
            reasons: score.reasons.bits(),
            reissue: score.reissue,
            matched: numbers(score.matched.0),
            changed: numbers(score.changed.0),
            missing: numbers(score.missing.0),
            collect: numbers(score.collect.0),
        }
    }

    /// `None` where C says that no sketch was scored.
    pub fn of_c(report: &cmk_report) -> Option<Self> {
        let seen = Seen {
            similarity: u64::try_from(report.similarity).unwrap_or(0),
            coverage: report.coverage.into(),
            drift: report.drift.into(),
            generation: report.generation as u8,
            evidence: report.evidence,
            reasons: report.reasons as u8,
            reissue: report.advice & 1 == 1,
            matched: numbers(report.matched),
            changed: numbers(report.changed),
            missing: numbers(report.missing),
            collect: numbers(report.collect),
        };
        if report.similarity >= 0 {
            return Some(seen);
        }
        assert_eq!((report.similarity, report.advice, report.generation), (-1, 0, 0));
        assert_eq!((seen.coverage, seen.drift, seen.evidence, seen.reasons), (0, 0, 0, 0), "no score, no figures");
        assert!([seen.matched, seen.changed, seen.missing, seen.collect].iter().all(BTreeSet::is_empty));
        None
    }
}
