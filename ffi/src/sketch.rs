//! `cmk_sketch`: the rules of the fingerprint's sketch form, checked once, kept in memory that C provides.

use crate::evidence::{Client, cmk_evidence};
#[cfg(feature = "sketch")]
use crate::memory::object;
use crate::memory::{Apart, Opaque, Range, cmk_bytes, fill, list, sized, wipe};
use countermark::Status;
#[cfg(feature = "sketch")]
use countermark::{Component, ComponentSet, ENTRIES_MAX, Group, Pepper, Preset, Role, Sketch, Stages, Thresholds, Weighted};
#[cfg(feature = "sketch")]
use heapless::Vec;

/// The most peppers of one sketch: the one that mints, and retired ones that are still read.
pub const PEPPERS_MAX: usize = 4;
/// The most groups of one sketch.
pub const GROUPS_MAX: usize = 4;
/// Words of a `cmk_sketch`.
pub const SKETCH_WORDS: usize = 160;

/// A pepper and its number.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_pepper {
    pub number: u32,
    pub secret: cmk_bytes,
}

/// What one component counts.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_weight {
    pub component: u32,
    pub weight: u32,
    pub role: i32,
    pub stability: u32,
    pub coincidence: u32,
}

/// Components of which only some may change at once.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_group {
    pub components: [u64; 4],
    pub changes: u32,
}

/// The rules as C writes them.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_sketch_rules {
    pub size: usize,
    pub claim: cmk_bytes,
    pub peppers: *const cmk_pepper,
    pub pepper_count: usize,
    pub weights: *const cmk_weight,
    pub weight_count: usize,
    pub groups: *const cmk_group,
    pub group_count: usize,
    pub preset: i32,
    pub stages: i32,
    pub accept: i32,
    pub step_up: i32,
    pub coverage: i32,
    pub drift: i32,
    pub generation: i32,
    pub behind: i32,
    pub ahead: i32,
    pub evidence_accept: i32,
    pub evidence_step_up: i32,
}

/// A sketch's rules in fixed memory. The claim's name stays the caller's.
#[cfg(feature = "sketch")]
pub struct KeptSketch<'a> {
    claim: &'a str,
    peppers: Vec<(u8, Pepper), PEPPERS_MAX>,
    components: Vec<Weighted, ENTRIES_MAX>,
    groups: Vec<Group, GROUPS_MAX>,
    thresholds: Thresholds,
}

/// Without the feature nothing is kept.
#[cfg(not(feature = "sketch"))]
pub struct KeptSketch<'a>(core::marker::PhantomData<&'a ()>);

/// The rules as C keeps them.
#[allow(non_camel_case_types)]
pub type cmk_sketch = Opaque<KeptSketch<'static>, SKETCH_WORDS>;

#[cfg(feature = "sketch")]
impl<'a> KeptSketch<'a> {
    /// Keeps nothing yet.
    const EMPTY: Self = KeptSketch {
        claim: "",
        peppers: Vec::new(),
        components: Vec::new(),
        groups: Vec::new(),
        thresholds: Thresholds::DEFAULT,
    };

    /// Fills itself where it lies: a copy would leave keyed peppers on the stack.
    ///
    /// # Safety
    /// The rules' members are valid for `'a`, or NULL.
    unsafe fn read(&mut self, rules: &cmk_sketch_rules) -> Result<(), Status> {
        let kept = self;
        let preset = match rules.preset {
            0 => None,
            code => Some(Preset::ALL.iter().find(|(preset, _)| *preset as i32 == code).ok_or(Status::Argument)?.0),
        };
        // SAFETY: the caller's promise.
        let claim = unsafe { rules.claim.text() }?;
        let base = preset.map(|preset| Sketch::preset(preset, claim, &[]));
        kept.claim = claim;
        kept.thresholds = base.map_or(Thresholds::DEFAULT, |base| base.thresholds);
        // SAFETY: the caller's promise.
        unsafe {
            for pepper in list(rules.peppers, rules.pepper_count)? {
                let number = u8::try_from(pepper.number).map_err(|_| Status::Argument)?;
                keep(&mut kept.peppers, (number, Pepper::new(pepper.secret.read()?)?))?;
            }
            let (weights, groups) = (list(rules.weights, rules.weight_count)?, list(rules.groups, rules.group_count)?);
            weights.iter().try_for_each(|listed| keep(&mut kept.components, weighted(listed)?))?;
            groups.iter().try_for_each(|listed| keep(&mut kept.groups, group(listed)?))?;
            if let (Some(base), []) = (&base, weights) {
                base.components.iter().try_for_each(|weighted| keep(&mut kept.components, *weighted))?;
                if groups.is_empty() {
                    base.groups.iter().try_for_each(|group| keep(&mut kept.groups, *group))?;
                }
            }
        }
        kept.read_thresholds(rules)?;
        kept.rules().check()
    }

    fn read_thresholds(&mut self, rules: &cmk_sketch_rules) -> Result<(), Status> {
        let thresholds = &mut self.thresholds;
        let given = [
            (rules.accept, &mut thresholds.accept),
            (rules.step_up, &mut thresholds.step_up),
            (rules.coverage, &mut thresholds.coverage),
            (rules.drift, &mut thresholds.drift),
            (rules.behind, &mut thresholds.behind),
            (rules.ahead, &mut thresholds.ahead),
        ];
        for (value, place) in given.into_iter().filter(|(value, _)| *value != -1) {
            *place = u16::try_from(value).map_err(|_| Status::Argument)?;
        }
        if rules.generation != -1 {
            thresholds.generation = u8::try_from(rules.generation).map_err(|_| Status::Argument)?;
        }
        if (rules.evidence_accept, rules.evidence_step_up) != (i32::MIN, i32::MIN) {
            thresholds.evidence = Some((rules.evidence_accept, rules.evidence_step_up));
        }
        thresholds.stages = match rules.stages {
            0 => Stages::Together,
            1 => Stages::OnDemand,
            2 => Stages::AcceptEarly,
            _ => return Err(Status::Argument),
        };
        Ok(())
    }

    /// The rules as the core knows them.
    pub(crate) fn rules(&self) -> Sketch<'_> {
        Sketch {
            claim: self.claim,
            peppers: &self.peppers,
            components: &self.components,
            groups: &self.groups,
            thresholds: self.thresholds,
        }
    }

    /// The text that is kept, for overlap checks.
    pub(crate) fn read_by(&self, apart: &mut Apart<'_>) {
        apart.and_texts(&[self.claim]);
    }
}

#[cfg(feature = "sketch")]
fn keep<T, const MAX: usize>(list: &mut Vec<T, MAX>, item: T) -> Result<(), Status> {
    list.push(item).map_err(|_| Status::TooManyItems)
}

#[cfg(feature = "sketch")]
fn group(listed: &cmk_group) -> Result<Group, Status> {
    let changes = u8::try_from(listed.changes).map_err(|_| Status::Argument)?;
    Ok(Group { components: ComponentSet(listed.components), changes })
}

#[cfg(feature = "sketch")]
fn weighted(listed: &cmk_weight) -> Result<Weighted, Status> {
    let component = u8::try_from(listed.component).ok().and_then(Component::from_number).ok_or(Status::Argument)?;
    let small = |value: u32| u16::try_from(value).map_err(|_| Status::Argument);
    let role = match listed.role {
        0 => Role::Normal,
        1 => Role::Optional,
        2 => Role::Required,
        _ => return Err(Status::Argument),
    };
    let weighted = Weighted::new(component, small(listed.weight)?).with_role(role);
    match (listed.stability, listed.coincidence) {
        (0, 0) => Ok(weighted),
        (stability, coincidence) => Ok(weighted.with_rates(small(stability)?, small(coincidence)?)),
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_sketch_init"))]
pub unsafe extern "C" fn cmk_sketch_init(sketch: *mut cmk_sketch, rules: *const cmk_sketch_rules) -> i32 {
    let written = [Range::of_object(sketch)];
    let mut apart = Apart::new(&written);
    // SAFETY: the caller's promise.
    let inputs = (|| unsafe {
        apart.and_object(rules).verdict()?;
        let rules = sized(rules, size_of::<cmk_sketch_rules>())?;
        let peppers = list(rules.peppers, rules.pepper_count)?;
        apart.and_bytes(rules.claim).and_list(peppers);
        apart.and_list(list(rules.weights, rules.weight_count)?).and_list(list(rules.groups, rules.group_count)?);
        peppers.iter().for_each(|pepper| {
            apart.and_bytes(pepper.secret);
        });
        apart.verdict()?;
        if cfg!(feature = "sketch") { Ok(rules) } else { Err(Status::NotSupported) }
    })();
    if let Err(Status::Overlap) = inputs {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe {
        Opaque::fill_in_place(sketch, |place| {
            let rules = inputs?;
            #[cfg(not(feature = "sketch"))]
            let _ = (place, rules);
            #[cfg(feature = "sketch")]
            {
                place.write(KeptSketch::EMPTY);
                (*place).read(&rules)?;
            }
            Ok(())
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_sketch_wipe"))]
pub unsafe extern "C" fn cmk_sketch_wipe(sketch: *mut cmk_sketch) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { wipe(sketch) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_sketch_compare"))]
pub unsafe extern "C" fn cmk_sketch_compare(
    sketch: *const cmk_sketch,
    claim: cmk_bytes,
    evidence: *const cmk_evidence,
    similarity: *mut u32,
) -> i32 {
    let written = [Range::of_object(similarity)];
    let mut apart = Apart::new(&written);
    // SAFETY: the caller's promise, for the whole block.
    let scored = (|| unsafe {
        apart.and_object(sketch).and_object(evidence).and_bytes(claim).verdict()?;
        let client = Client::read(evidence);
        if let Ok(client) = &client {
            client.read_by(&mut apart);
        }
        // Before any other error, which would clear the similarity.
        apart.verdict()?;
        let client = client?;
        #[cfg(feature = "sketch")]
        return Ok(u32::from(object(sketch)?.get()?.rules().compare(claim.text()?, &client.evidence()?)?.similarity));
        #[cfg(not(feature = "sketch"))]
        {
            let _ = client;
            Err(Status::NotSupported)
        }
    })();
    if let Err(Status::Overlap) = scored {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(similarity, scored) }
}
