//! The level of every compared component. The page's values and the keyed digests are secret here.

use super::Sketch;
use super::claim::{ENTRIES_MAX, SketchClaim};
use super::keyed::TokenKey;
use super::level::{self, Tolerance};
use super::set::MinHash;
use crate::error::Status;
use crate::holder::Evidence;
use crate::holder::fingerprint::component::{Component, ComponentKind, ComponentSet};
use crate::holder::fingerprint::observe::{Observed, observe};
use crate::holder::fingerprint::recipe::Pepper;

/// The levels by the entries' positions, and what was observed of the compared components.
pub(super) struct Levels {
    pub(super) levels: [u16; ENTRIES_MAX],
    pub(super) observed: ComponentSet,
}

pub(super) fn levels(
    sketch: &Sketch<'_>,
    claim: &SketchClaim<'_>,
    pepper: &Pepper,
    evidence: &Evidence<'_>,
) -> Result<Levels, Status> {
    let mut measure = Measure {
        key: TokenKey::new(pepper, &claim.head),
        claim,
        tolerance: Tolerance { behind: sketch.thresholds.behind, ahead: sketch.thresholds.ahead },
        found: Levels { levels: [0; ENTRIES_MAX], observed: ComponentSet::EMPTY },
        set: None,
    };
    observe(evidence, claim.components.and(sketch.compared()), &mut |component, value| measure.take(component, value))?;
    measure.finish_set();
    Ok(measure.found)
}

struct Measure<'m> {
    key: TokenKey,
    claim: &'m SketchClaim<'m>,
    tolerance: Tolerance,
    found: Levels,
    /// The set whose elements are coming in.
    set: Option<(Component, MinHash)>,
}

impl Measure<'_> {
    fn take(&mut self, component: Component, value: &Observed<'_>) {
        let Some(entry) = self.claim.entry(component) else { return };
        match (component.kind(), value) {
            (ComponentKind::Ordinal, Observed::Number(number)) => {
                let shift = self.key.shift(component, self.claim.head.digest_bytes);
                self.set_level(component, level::ordinal(entry.digest, shift, *number, self.tolerance));
            }
            (ComponentKind::Ordinal, _) => {}
            (ComponentKind::Exact, _) => {
                let level = level::exact(entry.digest, self.key.digest(component, value));
                self.set_level(component, level);
            }
            (ComponentKind::Set, _) => {
                if self.set.as_ref().is_none_or(|(current, _)| *current != component) {
                    self.finish_set();
                    self.set = Some((component, MinHash::new()));
                }
                if let Some((_, set)) = &mut self.set {
                    set.add(self.key.digest(component, value));
                }
            }
        }
    }

    fn finish_set(&mut self) {
        if let Some((component, set)) = self.set.take()
            && let Some(entry) = self.claim.entry(component)
        {
            self.set_level(component, level::set(entry.digest, &set.bits()));
        }
    }

    fn set_level(&mut self, component: Component, level: u32) {
        self.found.observed.insert(component);
        if let Some(place) = self.found.levels.get_mut(self.claim.components.rank(component)) {
            *place = level as u16;
        }
    }
}
