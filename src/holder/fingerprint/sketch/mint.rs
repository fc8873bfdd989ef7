//! Writing a sketch: a new one after strong authentication, or a re-issue that carries the drift on.

use super::claim::{self, CLAIM_BYTES_MAX, ENTRIES_MAX, Head, SALT_BYTES, SketchClaim, SketchWriter, entry_bytes};
use super::keyed::TokenKey;
use super::level::{LEVEL_FULL, cut};
use super::measure;
use super::set::Gathering;
use super::{Component, ComponentSet, Sketch};
use crate::error::Status;
use crate::holder::Evidence;
use crate::holder::fingerprint::component::ComponentKind;
use crate::holder::fingerprint::observe::{Observed, observe};
use crate::json::Value;
use zeroize::{Zeroize, Zeroizing};

/// The client that a token is bound to by a sketch.
#[derive(Clone, Copy)]
pub struct NewSketch<'m> {
    /// The rules: its components are minted as far as they are observed.
    pub sketch: &'m Sketch<'m>,
    /// The client.
    pub evidence: &'m Evidence<'m>,
    /// Fresh random bytes; two sketches with one salt could be compared.
    pub salt: [u8; SALT_BYTES],
    /// Components that the client opted out of. Only a new sketch may leave them out.
    pub opt_out: ComponentSet,
    /// For a re-issue: the claim of the accepted token, from its [`Claims`](crate::Claims). The new sketch has the same
    /// components, one more generation, and the moved bit of each that changed. `None` after strong authentication only.
    pub previous: Option<Value<'m>>,
}

impl NewSketch<'_> {
    /// The claim's text, written to the start of `out`: for an issuer that signs its tokens itself. 1,480 bytes always suffice.
    ///
    /// # Errors
    /// [`Status::BufferTooSmall`]; [`Status::FingerprintMismatch`], [`Status::StepUp`] and the like when the client is not
    /// accepted by the previous sketch; [`Status::AddressMalformed`], [`Status::ComponentMalformed`].
    ///
    /// ```
    /// use countermark::{ComponentSet, Evidence, NewSketch, Pepper, Preset, Sketch};
    /// let peppers = [(0, Pepper::new(b"sixteen bytes or more")?)];
    /// let sketch = Sketch::preset(Preset::HeadersRoaming, "cmk", &peppers);
    /// let headers = [("User-Agent", "curl/8.5.0"), ("Accept", "*/*")];
    /// let evidence = Evidence { headers: &headers, ..Evidence::NONE };
    /// // The salt is fresh randomness; this one is for the example.
    /// let new = NewSketch { sketch: &sketch, evidence: &evidence, salt: [7; 8], opt_out: ComponentSet::EMPTY, previous: None };
    /// let mut out = [0; 1480];
    /// let claim = new.text(&mut out)?;
    /// assert_eq!(sketch.compare(claim, &evidence)?.similarity, 1000);
    /// # Ok::<(), countermark::Status>(())
    /// ```
    pub fn text<'o>(&self, out: &'o mut [u8]) -> Result<&'o str, Status> {
        let mut bytes = [0; CLAIM_BYTES_MAX];
        crate::base64url::encode(self.write(&mut bytes)?, out).ok_or(Status::BufferTooSmall)
    }

    /// Writes the claim's bytes.
    ///
    /// # Errors
    /// [`Status::FingerprintMismatch`], [`Status::StepUp`] and the like when the client is not accepted by the previous
    /// sketch, the new one would be further from the first than the drift allows, or the page is still to be collected;
    /// [`Status::AddressMalformed`], [`Status::ComponentMalformed`]; [`Status::Argument`] for rules that are not whole.
    pub(crate) fn write<'b>(&self, bytes: &'b mut [u8; CLAIM_BYTES_MAX]) -> Result<&'b [u8], Status> {
        self.sketch.check()?;
        let (number, pepper) = self.sketch.peppers.first().ok_or(Status::Argument)?;
        let Start { components, moved, generation } = match self.previous {
            Some(value) => self.carried_on(value)?,
            None => self.afresh()?,
        };
        let head = Head { digest_bytes: self.sketch.digest_bytes(), pepper: *number, generation, salt: self.salt };
        let mut digests = Digests::new(TokenKey::new(pepper, &head), head.digest_bytes, components);
        observe(self.evidence, components, &mut |component, value| digests.take(component, value))?;
        if let Some((component, bits)) = digests.sets.finish() {
            digests.put(component, &bits);
        }

        let mut writer = SketchWriter::new(bytes, &head, components.len() as usize);
        for (position, component) in components.iter().enumerate() {
            writer.push(position, component, moved.contains(component), digests.get(component));
        }
        Ok(writer.finish())
    }

    /// What a sketch that follows no other starts from.
    fn afresh(&self) -> Result<Start, Status> {
        let mut observed = ComponentSet::EMPTY;
        let allowed = self.sketch.compared().without(self.opt_out);
        observe(self.evidence, allowed, &mut |component, _| observed.insert(component))?;
        Ok(Start { components: observed, moved: ComponentSet::EMPTY, generation: 0 })
    }

    /// What a re-issue takes over, once the client is accepted by the old sketch.
    fn carried_on(&self, value: Value<'_>) -> Result<Start, Status> {
        let text = value.text().map_err(|_| Status::FingerprintMalformed)?;
        let mut bytes = [0; CLAIM_BYTES_MAX];
        let claim = SketchClaim::read(claim::decode_json(text, &mut bytes)?)?;
        let levels = measure::levels(self.sketch, &claim, self.sketch.pepper(claim.head.pepper)?, self.evidence)?;
        let score = super::score::score(self.sketch, &claim, &levels);
        let mut failures = crate::error::Failures::NONE;
        score.verdict(&mut failures);
        if !failures.is_empty() {
            return Err(failures.status());
        }
        let mut moved = ComponentSet::EMPTY;
        for entry in claim.entries() {
            let level = levels.levels.get(entry.position).copied().unwrap_or_default();
            let is_same = levels.observed.contains(entry.component) && u32::from(level) == LEVEL_FULL;
            if entry.is_moved || !is_same {
                moved.insert(entry.component);
            }
        }
        // A set that still matches moves too: what the chain of re-issues leaves behind is bounded here, or nowhere.
        let is_far = self.sketch.drift_of(moved, claim.components) > self.sketch.thresholds.drift;
        if is_far || !super::score::page_awaited(self.sketch, &claim, levels.observed).is_empty() {
            return Err(Status::StepUp);
        }
        Ok(Start { components: claim.components, moved, generation: claim.head.generation.saturating_add(1) })
    }
}

/// What a sketch begins with.
struct Start {
    /// In a re-issue the same as before: one that is not observed now keeps its place, moved, with a digest that nothing matches. Else
    /// components could be shed, or diluted by new ones, until nothing of the first fingerprint counts.
    components: ComponentSet,
    moved: ComponentSet,
    generation: u8,
}

/// The digests of the components, in fixed places of 16 bytes.
struct Digests {
    key: TokenKey,
    digest_bytes: u8,
    components: ComponentSet,
    digests: [[u8; claim::SET_BYTES]; ENTRIES_MAX],
    sets: Gathering,
}

impl Digests {
    fn new(key: TokenKey, digest_bytes: u8, components: ComponentSet) -> Self {
        let mut digests = Digests {
            key,
            digest_bytes,
            components,
            digests: [[0; claim::SET_BYTES]; ENTRIES_MAX],
            sets: Gathering::NOTHING,
        };
        for component in components.iter() {
            let nothing = *digests.key.nothing(component);
            digests.put(component, &nothing);
        }
        digests
    }

    fn take(&mut self, component: Component, value: &Observed<'_>) {
        match (component.kind(), value) {
            (ComponentKind::Ordinal, Observed::Number(number)) => {
                let shift = self.key.shift(component, self.digest_bytes);
                let bytes = usize::from(self.digest_bytes);
                let stored = cut(u64::from(*number).wrapping_add(shift), bytes);
                let stored = stored.to_be_bytes();
                self.put(component, stored.get(stored.len().saturating_sub(bytes)..).unwrap_or_default());
            }
            (ComponentKind::Ordinal, _) => {}
            (ComponentKind::Exact, _) => {
                let digest = Zeroizing::new(*self.key.digest(component, value));
                self.put(component, digest.as_ref());
            }
            (ComponentKind::Set, _) => {
                if let Some((ended, bits)) = self.sets.add(component, self.key.digest(component, value)) {
                    self.put(ended, &bits);
                }
            }
        }
    }

    fn put(&mut self, component: Component, digest: &[u8]) {
        if let Some(place) = self.digests.get_mut(self.components.rank(component)) {
            place.iter_mut().zip(digest).for_each(|(place, byte)| *place = *byte);
        }
    }

    /// The entry's bytes of this component.
    fn get(&self, component: Component) -> &[u8] {
        let place = self.digests.get(self.components.rank(component));
        place.and_then(|digest| digest.get(..entry_bytes(component, self.digest_bytes))).unwrap_or_default()
    }
}

impl Drop for Digests {
    fn drop(&mut self) {
        self.digests.as_flattened_mut().zeroize();
    }
}
