//! `cmk_verifier`: key sets and a policy, checked once, kept in memory that C provides.

use crate::kept::KeptVerifier;
use crate::keys::cmk_keys;
use crate::memory::{Apart, Opaque, Range, clear, list, sized, wipe};
use crate::policy::cmk_policy;
use countermark::Status;

/// The most key sets of one verifier.
pub const SETS_MAX: usize = 16;
/// The most issuers, audiences, required claims or acr of one verifier.
pub const NAMES_MAX: usize = 8;
/// Words of a verifier: what does not depend on the size of a pointer, and what does.
pub const VERIFIER_WORDS: usize = (424 + 152 * size_of::<usize>()).div_ceil(8);

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
    let written = [Range::of_object(verifier)];
    let mut apart = Apart::new(&written);
    // SAFETY: the caller's promise, for the whole block.
    unsafe {
        // Both are looked at before anything is written, and everything that they point to.
        if let Err(status) =
            apart.and_object(policy).and(Range::of(sets, set_count.saturating_mul(size_of::<cmk_keys>()))).verdict()
        {
            return status.code();
        }
        let inputs = (|| {
            let policy = sized(policy, size_of::<cmk_policy>())?;
            let sets = list(sets, set_count)?;
            sets.iter().for_each(|set| {
                apart.and(set.range());
            });
            policy.read_by(&mut apart)?;
            Ok((policy, sets))
        })();
        if let Err(status) = apart.verdict() {
            return status.code();
        }
        Opaque::fill_in_place(verifier, |place| inputs.and_then(|(policy, sets)| KeptVerifier::write(place, sets, &policy)))
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_verifier_wipe"))]
pub unsafe extern "C" fn cmk_verifier_wipe(verifier: *mut cmk_verifier) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { wipe(verifier) }
}
