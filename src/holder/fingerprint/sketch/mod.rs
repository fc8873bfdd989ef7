//! The sketch form of the fingerprint: similarity that tolerates drift and refuses theft.

mod claim;
mod keyed;
mod level;
mod measure;
mod mint;
mod preset;
mod score;
mod set;
mod weights;

pub(crate) use claim::CLAIM_BYTES_MAX;
pub use claim::{ENTRIES_MAX, SALT_BYTES};
pub use mint::NewSketch;
pub use preset::Preset;
pub use score::{Reasons, Score};
pub use weights::{Group, Role, Stages, Thresholds, Weighted};

use super::component::{Component, ComponentSet};
use super::recipe::Pepper;
use crate::claims::Claims;
use crate::error::{Failures, Status};
use crate::holder::Evidence;
use crate::limits::PATH_BYTES_MAX;
use claim::SketchClaim;

/// How a sketch is compared with the client, and the claim that holds it.
///
/// ```
/// use countermark::{Pepper, Preset, Sketch};
/// let pepper = Pepper::new(b"sixteen bytes or more")?;
/// let peppers = [(0, pepper)];
/// let sketch = Sketch::preset(Preset::Browser, "cmk", &peppers);
/// assert_eq!(sketch.check(), Ok(()));
/// # Ok::<(), countermark::Status>(())
/// ```
#[derive(Clone, Copy)]
pub struct Sketch<'p> {
    /// The claim's name.
    pub claim: &'p str,
    /// The peppers by their numbers; the first mints. A sketch under a number that is not here is refused: retiring a
    /// number makes every sketch under it unreadable, and that is the retention limit.
    pub peppers: &'p [(u8, Pepper)],
    /// The components that are compared and minted, in ascending order; at most 64.
    pub components: &'p [Weighted],
    /// How many of some components may change at once.
    pub groups: &'p [Group],
    /// Where accept, step up and reject begin.
    pub thresholds: Thresholds,
}

impl<'p> Sketch<'p> {
    /// The rules of a preset.
    pub const fn preset(preset: Preset, claim: &'p str, peppers: &'p [(u8, Pepper)]) -> Self {
        let (components, groups, thresholds) = preset.rules();
        Sketch { claim, peppers, components, groups, thresholds }
    }

    /// Whether the rules make sense: asked when a verifier is made, and before minting.
    ///
    /// # Errors
    /// [`Status::TooManyItems`] for more than 64 components; [`Status::Argument`] without a claim, components or peppers, for
    /// components that do not ascend, peppers of one number, and thresholds out of their range.
    pub fn check(&self) -> Result<(), Status> {
        let is_ascending = self.components.is_sorted_by(|left, right| left.component < right.component);
        let numbers_differ = |at: usize, number: u8| !self.peppers.iter().take(at).any(|(other, _)| *other == number);
        let peppers_differ = self.peppers.iter().enumerate().all(|(at, (number, _))| numbers_differ(at, *number));
        let has_name = (1..=PATH_BYTES_MAX).contains(&self.claim.len());
        if self.components.len() > ENTRIES_MAX {
            return Err(Status::TooManyItems);
        }
        let is_whole = has_name && !self.components.is_empty() && !self.peppers.is_empty();
        if is_whole && is_ascending && peppers_differ && self.thresholds.is_sound() { Ok(()) } else { Err(Status::Argument) }
    }

    /// Compares the client with a claim's text, apart from any token: for a host that keeps the first sketch of a session.
    ///
    /// # Errors
    /// [`Status::FingerprintMalformed`], [`Status::PepperUnknown`], [`Status::AddressMalformed`],
    /// [`Status::ComponentMalformed`].
    pub fn compare(&self, claim: &str, evidence: &Evidence<'_>) -> Result<Score, Status> {
        let mut bytes = [0; CLAIM_BYTES_MAX];
        self.score(&SketchClaim::read(claim::decode(claim.as_bytes(), &mut bytes)?)?, evidence)
    }

    /// The bytes of a digest: 3 hide in millions; values that a client could search for a match get 8.
    pub(crate) fn digest_bytes(&self) -> u8 {
        let is_strong = |weighted: &Weighted| {
            let number = weighted.component.number();
            let is_own = number >= 128 && weighted.role == Role::Required;
            is_own || [Component::TLS_JA4, Component::HTTP2, Component::COOKIE].contains(&weighted.component)
        };
        if self.components.iter().any(is_strong) { 8 } else { 3 }
    }

    fn compared(&self) -> ComponentSet {
        self.components.iter().fold(ComponentSet::EMPTY, |set, weighted| set.with(weighted.component))
    }

    fn pepper(&self, number: u8) -> Result<&'p Pepper, Status> {
        let found = self.peppers.iter().find(|(found, _)| *found == number);
        found.map(|(_, pepper)| pepper).ok_or(Status::PepperUnknown)
    }

    /// Scores the client against a decoded claim.
    fn score(&self, claim: &SketchClaim<'_>, evidence: &Evidence<'_>) -> Result<Score, Status> {
        let pepper = self.pepper(claim.head.pepper)?;
        let levels = measure::levels(self, claim, pepper, evidence)?;
        Ok(score::score(self, claim, &levels))
    }
}

/// Holds the client against the sketch that the token carries. Out of line: its frame is needed by no other stage.
#[inline(never)]
pub(crate) fn judge(
    sketch: &Sketch<'_>,
    claims: &Claims<'_>,
    evidence: &Evidence<'_>,
    failures: &mut Failures,
) -> Result<Option<Score>, Status> {
    match score_claim(sketch, claims, evidence) {
        Ok(score) => {
            score.verdict(failures);
            Ok(Some(score))
        }
        Err(status) => failures.fold(status).map(|()| None),
    }
}

fn score_claim(sketch: &Sketch<'_>, claims: &Claims<'_>, evidence: &Evidence<'_>) -> Result<Score, Status> {
    let value = claims.get(sketch.claim).map_err(|_| Status::FingerprintMissing)?;
    let text = value.text().map_err(|_| Status::FingerprintMalformed)?;
    let mut bytes = [0; CLAIM_BYTES_MAX];
    let claim = SketchClaim::read(claim::decode_json(text, &mut bytes)?)?;
    sketch.score(&claim, evidence)
}
