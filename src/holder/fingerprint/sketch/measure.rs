//! The level of every compared component. The page's values and the keyed digests are secret here.

use super::Sketch;
use super::claim::{ENTRIES_MAX, SET_BYTES, SketchClaim};
use super::keyed::TokenKey;
use super::level::{self, Tolerance};
use super::set::Gathering;
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
        sets: Gathering::NOTHING,
    };
    observe(evidence, claim.components.and(sketch.compared()), &mut |component, value| measure.take(component, value))?;
    if let Some((component, bits)) = measure.sets.finish() {
        measure.take_set(component, &bits);
    }
    Ok(measure.found)
}

struct Measure<'m> {
    key: TokenKey,
    claim: &'m SketchClaim<'m>,
    tolerance: Tolerance,
    found: Levels,
    sets: Gathering,
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
                if let Some((ended, bits)) = self.sets.add(component, self.key.digest(component, value)) {
                    self.take_set(ended, &bits);
                }
            }
        }
    }

    fn take_set(&mut self, component: Component, bits: &[u8; SET_BYTES]) {
        if let Some(entry) = self.claim.entry(component) {
            self.set_level(component, level::set(entry.digest, bits));
        }
    }

    fn set_level(&mut self, component: Component, level: u32) {
        self.found.observed.insert(component);
        if let Some(place) = self.found.levels.get_mut(self.claim.components.rank(component)) {
            *place = level as u16;
        }
    }
}
