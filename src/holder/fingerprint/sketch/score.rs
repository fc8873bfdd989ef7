//! From levels to a verdict. The sums are folded without branches on the levels, so that work is the same wherever and however
//! many components differ; the verdict at the end is the stage's boundary.

use super::claim::SketchClaim;
use super::level::{LEVEL_FULL, matches};
use super::measure::Levels;
use super::weights::{Role, Stages};
use super::{Sketch, Weighted};
use crate::ct;
use crate::error::{Failures, Status};
use crate::holder::fingerprint::component::{Component, ComponentSet};
use subtle::ConditionallySelectable;

/// Why a sketch asks for step up: plain data for the log, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reasons(u8);

impl Reasons {
    /// The similarity is below `accept`.
    pub const SIMILARITY: Reasons = Reasons(1);
    /// Too little was observed.
    pub const COVERAGE: Reasons = Reasons(2);
    /// More components of a group changed than it allows.
    pub const GROUP: Reasons = Reasons(4);
    /// Too much changed since the last strong authentication.
    pub const DRIFT: Reasons = Reasons(8);
    /// The sketch was re-issued too often.
    pub const GENERATION: Reasons = Reasons(16);
    /// The evidence is below its threshold.
    pub const EVIDENCE: Reasons = Reasons(32);
    /// The components in `collect` could still change the verdict.
    pub const COLLECT: Reasons = Reasons(64);

    /// The bits, the same as in C.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether this reason is among them.
    pub const fn contains(self, reason: Reasons) -> bool {
        self.0 & reason.0 == reason.0
    }

    /// Without a branch: that there is any reason is the verdict, which ones is not.
    fn set_if(&mut self, holds: bool, reason: Reasons) {
        self.0 |= reason.0 & u8::from(holds).wrapping_neg();
    }
}

/// How alike client and token are. It is for the host: a client that sees it can walk towards the threshold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Score {
    /// 0 to 1,000: the weighted mean of the levels.
    pub similarity: u16,
    /// 0 to 1,000: the weight of what was observed, of the weight in the token.
    pub coverage: u16,
    /// 0 to 1,000: the weight of what moved, changed or is missing, of the weight in the token.
    pub drift: u16,
    /// How often the sketch was re-issued since strong authentication.
    pub generation: u8,
    /// Whether the host is advised to issue a new sketch: the token is accepted, and something changed.
    pub reissue: bool,
    /// Why the verdict is step up; no bits for another verdict.
    pub reasons: Reasons,
    /// In hundredths of a bit: a ranking, not a probability.
    pub evidence: i32,
    /// The components that match.
    pub matched: ComponentSet,
    /// Those that were observed and do not match.
    pub changed: ComponentSet,
    /// Those that were not observed.
    pub missing: ComponentSet,
    /// Those that the page should collect before the verdict can be final.
    pub collect: ComponentSet,
    outcome: Outcome,
}

/// The verdict of the sketch alone, in the order of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Accept,
    StepUp,
    Mismatch,
    Required,
}

impl Score {
    /// Takes the verdict into the mask.
    pub(super) fn verdict(&self, failures: &mut Failures) {
        failures.set(self.status()); // `Accepted` has no bit
    }

    /// The same score in a report: a token that another check refuses is not worth a new one.
    pub(crate) fn reported(self, failures: Failures) -> Score {
        if failures.is_empty() { self } else { self.refused() }
    }

    /// The same score, of a token that was refused after all.
    pub(crate) fn refused(self) -> Score {
        Score { reissue: false, ..self }
    }

    /// What the sketch alone says: accepted, [`Status::StepUp`], [`Status::FingerprintMismatch`] or
    /// [`Status::ComponentRequired`].
    pub const fn status(&self) -> Status {
        match self.outcome {
            Outcome::Accept => Status::Accepted,
            Outcome::StepUp => Status::StepUp,
            Outcome::Mismatch => Status::FingerprintMismatch,
            Outcome::Required => Status::ComponentRequired,
        }
    }

    pub(super) fn is_accepted(&self) -> bool {
        self.outcome == Outcome::Accept
    }
}

/// What to take the page's components for when none was observed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    /// They are missing.
    Missing,
    /// All of them match.
    Matching,
    /// All of them changed.
    Changed,
    /// They are in no sum.
    LeftOut,
}

pub(super) fn score(sketch: &Sketch<'_>, claim: &SketchClaim<'_>, levels: &Levels) -> Score {
    let actual = fold(sketch, claim, levels, Page::Missing);
    let page = page_awaited(sketch, claim, levels.observed);
    if page.is_empty() {
        return actual;
    }
    // A re-issue now would lose what the page told.
    let actual = Score { reissue: false, ..actual };
    let early = fold(sketch, claim, levels, Page::LeftOut);
    if sketch.thresholds.stages == Stages::AcceptEarly && early.is_accepted() {
        return Score { missing: actual.missing, reissue: false, ..early };
    }
    let best = fold(sketch, claim, levels, Page::Matching);
    let worst = fold(sketch, claim, levels, Page::Changed);
    match best.outcome {
        Outcome::Accept | Outcome::StepUp if best.outcome != worst.outcome || best.outcome != actual.outcome => {
            Score { outcome: Outcome::StepUp, reasons: Reasons::COLLECT, collect: page, ..actual }
        }
        // Nothing that the page could tell would change it.
        outcome => Score { outcome, ..actual },
    }
}

/// The page's components, when they are collected on demand, the sketch has some, and none was observed yet.
pub(super) fn page_awaited(sketch: &Sketch<'_>, claim: &SketchClaim<'_>, observed: ComponentSet) -> ComponentSet {
    if sketch.thresholds.stages == Stages::Together {
        return ComponentSet::EMPTY;
    }
    let page = PAGE.and(claim.components).and(sketch.compared());
    if page.and(observed).is_empty() { page } else { ComponentSet::EMPTY }
}

/// The components of the page: numbers 32 to 83.
const PAGE: ComponentSet = ComponentSet([!0 << 32, (1 << (84 - 64)) - 1, 0, 0]);

/// The sums over the compared entries.
#[derive(Default)]
struct Sums {
    /// Weight that counts for the similarity, and weight times level.
    weight: u64,
    weighted_level: u64,
    in_token: u64,
    observed: u64,
    drifted: u64,
    evidence: i32,
    below_full: u32,
    required: u32,
    matched: ComponentSet,
    changed: ComponentSet,
    missing: ComponentSet,
}

impl Sums {
    fn add(&mut self, weighted: &Weighted, is_moved: bool, level: Option<u32>) {
        let weight = u64::from(weighted.weight);
        let is_observed = level.is_some();
        let level = level.unwrap_or_default();
        let is_match = matches(level, weighted.component.kind());
        let matched = u64::from(is_match.unwrap_u8());
        let changed = 1u64.wrapping_sub(matched) & u64::from(is_observed);
        self.in_token = self.in_token.wrapping_add(weight);
        if is_observed || weighted.role != Role::Optional {
            self.weight = self.weight.wrapping_add(weight);
            self.weighted_level = self.weighted_level.wrapping_add(weight.wrapping_mul(u64::from(level)));
        }
        if is_observed {
            self.observed = self.observed.wrapping_add(weight);
            let evidence = i32::conditional_select(&weighted.differs.into(), &weighted.agrees.into(), is_match);
            self.evidence = self.evidence.wrapping_add(evidence);
            self.below_full |= LEVEL_FULL.wrapping_sub(level);
        }
        let is_drifted = changed | u64::from(is_moved || !is_observed);
        self.drifted = self.drifted.wrapping_add(weight.wrapping_mul(is_drifted));
        self.required |= u32::from(weighted.role == Role::Required) & (1u32.wrapping_sub(matched as u32));
        self.matched.insert_if(weighted.component, matched);
        self.changed.insert_if(weighted.component, changed);
        self.missing.insert_if(weighted.component, u64::from(!is_observed));
    }
}

fn fold(sketch: &Sketch<'_>, claim: &SketchClaim<'_>, levels: &Levels, page: Page) -> Score {
    let mut sums = Sums::default();
    for weighted in sketch.components {
        let is_on_page = page != Page::Missing && PAGE.contains(weighted.component);
        let Some(entry) = claim.entry(weighted.component) else {
            sums.required |= u32::from(weighted.role == Role::Required);
            continue;
        };
        let level = levels.levels.get(entry.position).copied().map(u32::from);
        match page {
            Page::LeftOut if is_on_page => sums.required |= u32::from(weighted.role == Role::Required),
            Page::Matching if is_on_page => sums.add(weighted, entry.is_moved, Some(LEVEL_FULL)),
            Page::Changed if is_on_page => sums.add(weighted, entry.is_moved, Some(0)),
            _ => sums.add(weighted, entry.is_moved, level.filter(|_| levels.observed.contains(entry.component))),
        }
    }
    let mut score = Score {
        similarity: per_mille(sums.weighted_level, sums.weight.wrapping_mul(LEVEL_FULL.into())),
        coverage: per_mille(sums.observed, sums.in_token),
        drift: per_mille(sums.drifted, sums.in_token),
        generation: claim.head.generation,
        reissue: false,
        reasons: Reasons::default(),
        evidence: sums.evidence,
        matched: sums.matched,
        changed: sums.changed,
        missing: sums.missing,
        collect: ComponentSet::EMPTY,
        outcome: Outcome::Accept,
    };
    decide(sketch, &mut score, sums.required != 0);
    score.reissue = score.is_accepted() && sums.below_full != 0;
    score
}

/// The rules, in their order.
fn decide(sketch: &Sketch<'_>, score: &mut Score, required_failed: bool) {
    let thresholds = &sketch.thresholds;
    let (evidence_accept, evidence_step_up) = thresholds.evidence.unwrap_or((i32::MIN, i32::MIN));
    if required_failed {
        score.outcome = Outcome::Required;
        return;
    }
    if score.similarity < thresholds.step_up || score.evidence < evidence_step_up {
        score.outcome = Outcome::Mismatch;
        return;
    }
    let group_fails = sketch
        .groups
        .iter()
        .fold(0u32, |fails, group| fails | u32::from(score.changed.and(group.components).len() > u32::from(group.changes)));
    let mut reasons = Reasons::default();
    reasons.set_if(score.similarity < thresholds.accept, Reasons::SIMILARITY);
    reasons.set_if(score.coverage < thresholds.coverage, Reasons::COVERAGE);
    reasons.set_if(group_fails != 0, Reasons::GROUP);
    reasons.set_if(score.drift > thresholds.drift, Reasons::DRIFT);
    reasons.set_if(score.generation >= thresholds.generation, Reasons::GENERATION);
    reasons.set_if(score.evidence < evidence_accept, Reasons::EVIDENCE);
    score.reasons = reasons;
    if reasons != Reasons::default() {
        score.outcome = Outcome::StepUp;
    }
}

impl Sketch<'_> {
    /// The weight of `moved`, per mille of the weight of a token's components.
    pub(super) fn drift_of(&self, moved: ComponentSet, in_token: ComponentSet) -> u16 {
        let weight = |set: ComponentSet| -> u64 {
            let listed = self.components.iter().filter(|weighted| set.contains(weighted.component));
            listed.fold(0, |sum, weighted| sum.wrapping_add(weighted.weight.into()))
        };
        per_mille(weight(moved), weight(in_token))
    }
}

/// floor(1000 · part / whole); 0 for an empty whole.
fn per_mille(part: u64, whole: u64) -> u16 {
    const PER_MILLE_BITS: u32 = 10;
    if whole == 0 { 0 } else { ct::quotient(part.wrapping_mul(1_000), whole, PER_MILLE_BITS) as u16 }
}

impl ComponentSet {
    /// Adds the component when `bit` is 1, without a branch.
    fn insert_if(&mut self, component: Component, bit: u64) {
        let ComponentSet(words) = self;
        if let Some(word) = words.get_mut(usize::from(component.number() / 64)) {
            *word |= bit.wrapping_shl(u32::from(component.number() % 64));
        }
    }
}
