//! `cmk_verifier`: key sets and a policy, checked once, kept in memory that C provides.

use crate::keys::{Algorithms, cmk_keys};
use crate::memory::{Opaque, Range, clear, cmk_bytes, fill, list, object, sized, wipe};
use crate::recipe::cmk_recipe;
#[cfg(feature = "sketch")]
use crate::sketch::KeptSketch;
use crate::sketch::cmk_sketch;
use countermark::{Holder, KeySet, Limits, Policy, Status, Verifier};

/// The most key sets of one verifier.
pub const SETS_MAX: usize = 16;
/// The most issuers, audiences or required claims of one verifier.
pub const NAMES_MAX: usize = 8;
/// Words of a verifier: what does not depend on the size of a pointer, and what does.
pub const VERIFIER_WORDS: usize = (192 + 121 * size_of::<usize>()).div_ceil(8);

const ANY_AUDIENCE: u32 = 1;
const ALLOW_MISSING_EXP: u32 = 2;
const NO_CLOCK: u32 = 4;

/// A policy as C writes it.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_policy {
    pub size: usize,
    pub issuers: *const cmk_bytes,
    pub issuer_count: usize,
    pub audiences: *const cmk_bytes,
    pub audience_count: usize,
    pub require: *const cmk_bytes,
    pub require_count: usize,
    pub algs: *const i32,
    pub alg_count: usize,
    pub subject: cmk_bytes,
    pub typ: cmk_bytes,
    pub nonce: cmk_bytes,
    pub digest: *const cmk_recipe,
    pub sketch: *const cmk_sketch,
    pub flags: u32,
    pub leeway: u32,
    pub max_age: u32,
    pub token_bytes: u32,
    pub depth: u32,
    pub members: u32,
    pub candidates: u32,
}

/// Texts that the caller lists, in fixed memory.
struct Names<'a> {
    listed: [&'a str; NAMES_MAX],
    count: usize,
}

impl<'a> Names<'a> {
    /// # Safety
    /// `ptr` points to `count` texts that are valid for `'a`, or is NULL.
    unsafe fn read(ptr: *const cmk_bytes, count: usize) -> Result<Self, Status> {
        // SAFETY: the caller's promise.
        let texts = unsafe { list(ptr, count) }?;
        let mut listed = [""; NAMES_MAX];
        for (place, text) in listed.get_mut(..count).ok_or(Status::TooManyItems)?.iter_mut().zip(texts) {
            // SAFETY: the caller's promise.
            *place = unsafe { text.text() }?;
        }
        Ok(Names { listed, count })
    }

    fn as_slice(&self) -> &[&'a str] {
        self.listed.get(..self.count).unwrap_or_default()
    }
}

/// What `cmk_verifier` holds. Texts and key regions stay the caller's.
pub struct KeptVerifier<'a> {
    sets: [KeySet<'a>; SETS_MAX],
    set_count: usize,
    issuers: Names<'a>,
    audiences: Names<'a>,
    require: Names<'a>,
    algorithms: Algorithms,
    subject: Option<&'a str>,
    typ: Option<&'a str>,
    nonce: Option<&'a str>,
    flags: u32,
    leeway: u32,
    max_age: Option<u32>,
    limits: Limits,
    #[cfg(feature = "fingerprint")]
    digest: Option<crate::recipe::KeptRecipe<'a>>,
    /// Stays where the caller has it: it is large, and one serves many verifiers.
    #[cfg(feature = "sketch")]
    sketch: Option<&'a KeptSketch<'a>>,
}

impl<'a> KeptVerifier<'a> {
    /// # Safety
    /// Everything is valid for `'a`, or NULL.
    unsafe fn read(sets: *const cmk_keys, set_count: usize, policy: *const cmk_policy) -> Result<Self, Status> {
        // SAFETY: the caller's promise, for the whole function.
        unsafe {
            let policy = sized(policy, size_of::<cmk_policy>())?;
            if policy.flags & !(ANY_AUDIENCE | ALLOW_MISSING_EXP | NO_CLOCK) != 0 {
                return Err(Status::Argument);
            }
            let views = list(sets, set_count)?;
            let mut kept = [KeySet::EMPTY; SETS_MAX];
            let places = kept.get_mut(..set_count).ok_or(Status::TooManyItems)?;
            for (place, view) in places.iter_mut().zip(views) {
                *place = view.set()?;
            }
            let limit = |value: u32, default: usize| if value == 0 { default } else { value as usize };
            let default = Limits::DEFAULT;
            let kept = KeptVerifier {
                sets: kept,
                set_count,
                issuers: Names::read(policy.issuers, policy.issuer_count)?,
                audiences: Names::read(policy.audiences, policy.audience_count)?,
                require: Names::read(policy.require, policy.require_count)?,
                algorithms: Algorithms::read(policy.algs, policy.alg_count)?,
                subject: policy.subject.optional_text()?,
                typ: policy.typ.optional_text()?,
                nonce: policy.nonce.optional_text()?,
                flags: policy.flags,
                leeway: policy.leeway,
                max_age: if policy.max_age == 0 { None } else { Some(policy.max_age) },
                limits: Limits {
                    token_bytes: limit(policy.token_bytes, default.token_bytes),
                    depth: limit(policy.depth, default.depth),
                    members: limit(policy.members, default.members),
                    candidates: limit(policy.candidates, default.candidates),
                },
                #[cfg(feature = "fingerprint")]
                digest: if policy.digest.is_null() { None } else { Some(crate::recipe::KeptRecipe::read(policy.digest)?) },
                #[cfg(feature = "sketch")]
                sketch: if policy.sketch.is_null() { None } else { Some(object(policy.sketch)?.get()?) },
            };
            #[cfg(not(feature = "fingerprint"))]
            if !policy.digest.is_null() {
                return Err(Status::NotSupported);
            }
            #[cfg(not(feature = "sketch"))]
            if !policy.sketch.is_null() {
                return Err(Status::NotSupported);
            }
            kept.with(|_| ())?;
            Ok(kept)
        }
    }

    /// Hands the verifier to `then` as the core knows it.
    pub(crate) fn with<T>(&self, then: impl FnOnce(&Verifier<'_>) -> T) -> Result<T, Status> {
        let policy = Policy {
            issuers: self.issuers.as_slice(),
            audiences: self.audiences.as_slice(),
            any_audience: self.flags & ANY_AUDIENCE != 0,
            subject: self.subject,
            typ: self.typ,
            algorithms: self.algorithms.as_slice(),
            leeway: self.leeway,
            max_age: self.max_age,
            require: self.require.as_slice(),
            allow_missing_exp: self.flags & ALLOW_MISSING_EXP != 0,
            nonce: self.nonce,
            no_clock: self.flags & NO_CLOCK != 0,
            limits: self.limits,
        };
        #[cfg(feature = "fingerprint")]
        let recipe = self.digest.as_ref().map(|kept| kept.recipe());
        #[cfg(feature = "sketch")]
        let rules = self.sketch.map(KeptSketch::rules);
        #[cfg(feature = "fingerprint")]
        let holder = Holder {
            digest: recipe.as_ref(),
            #[cfg(feature = "sketch")]
            sketch: rules.as_ref(),
        };
        #[cfg(not(feature = "fingerprint"))]
        let holder = Holder::default();
        let verifier = Verifier::new(self.sets.get(..self.set_count).unwrap_or_default(), policy, holder)?;
        Ok(then(&verifier))
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether the key regions or the texts that are kept meet memory that is about to be written.
    pub(crate) fn apart_from(&self, written: Range) -> Result<(), Status> {
        for words in self.sets.iter().map(|set| set.region()) {
            written.apart_from(Range::of(words.as_ptr(), size_of_val(words)))?;
        }
        let lists = [&self.issuers, &self.audiences, &self.require];
        let listed = lists.into_iter().flat_map(|names| names.as_slice()).copied();
        let single = [self.subject, self.typ, self.nonce].into_iter().flatten();
        for text in listed.chain(single) {
            written.apart_from(Range::of_bytes(cmk_bytes::of(text.as_bytes())))?;
        }
        #[cfg(feature = "fingerprint")]
        if let Some(recipe) = &self.digest {
            recipe.apart_from(written)?;
        }
        #[cfg(feature = "sketch")]
        if let Some(sketch) = self.sketch {
            sketch.apart_from(written)?;
        }
        Ok(())
    }
}

/// The verifier as C sees it.
#[allow(non_camel_case_types)]
pub type cmk_verifier = Opaque<KeptVerifier<'static>, VERIFIER_WORDS>;

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_verifier_init_abi"))]
pub unsafe extern "C" fn cmk_verifier_init_abi(
    abi: u32,
    verifier: *mut cmk_verifier,
    verifier_bytes: usize,
    sets: *const cmk_keys,
    set_count: usize,
    policy: *const cmk_policy,
) -> i32 {
    if abi != crate::ABI || verifier_bytes != size_of::<cmk_verifier>() {
        // SAFETY: the caller's promise.
        unsafe { clear(verifier, verifier_bytes) };
        return Status::AbiMismatch.code();
    }
    let written = Range::of_object(verifier);
    // SAFETY: the caller's promise.
    let made = (|| unsafe {
        written.apart_from(Range::of_object(policy))?;
        written.apart_from(Range::of(sets, set_count.saturating_mul(size_of::<cmk_keys>())))?;
        let kept = KeptVerifier::read(sets, set_count, policy)?;
        kept.apart_from(written)?;
        Ok(Opaque::new(kept))
    })();
    if let Err(Status::Overlap) = made {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(verifier, made) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_verifier_wipe"))]
pub unsafe extern "C" fn cmk_verifier_wipe(verifier: *mut cmk_verifier) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { wipe(verifier) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_scratch_bytes"))]
pub unsafe extern "C" fn cmk_scratch_bytes(verifier: *const cmk_verifier, token_bytes: usize, bytes: *mut usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let limits = object(verifier).and_then(|verifier| Ok(verifier.get()?.limits()));
        fill(bytes, limits.map(|limits| countermark::scratch_bytes(token_bytes, limits)))
    }
}
