//! Prepared ES256 keys: tables in a region of the caller's.

use crate::keys::cmk_keys;
use crate::memory::{Apart, Range, code, list, list_mut, object_mut};
use crate::verifier::{SETS_MAX, cmk_verifier};
use countermark::{KeySet, Prepared, Status};

/// The bytes of a region for the tables of this many ES256 keys; 0 for a window that does not exist.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_prepared_bytes"))]
pub extern "C" fn cmk_prepared_bytes(window: u32, keys: usize) -> usize {
    countermark::prepared_bytes(window, keys)
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_prepare"))]
pub unsafe extern "C" fn cmk_prepare(
    region: *mut core::ffi::c_void,
    bytes: usize,
    window: u32,
    sets: *const cmk_keys,
    set_count: usize,
) -> i32 {
    let region = region.cast::<u64>();
    let written = [Range::of(region, bytes)];
    let mut apart = Apart::new(&written);
    // SAFETY: the caller's promise, for the whole block.
    code((|| unsafe {
        if region.is_null() {
            return Err(Status::NullPointer);
        }
        let views = list(sets, set_count)?;
        apart.and_list(views).verdict()?;
        let mut opened = [KeySet::EMPTY; SETS_MAX];
        let opened = opened.get_mut(..views.len()).ok_or(Status::TooManyItems)?;
        for (place, view) in opened.iter_mut().zip(views) {
            apart.and(view.range()).verdict()?;
            *place = view.set()?;
        }
        Prepared::build(list_mut(region, bytes / 8)?, window, opened).map(|_| ())
    })())
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_verifier_use_prepared"))]
pub unsafe extern "C" fn cmk_verifier_use_prepared(
    verifier: *mut cmk_verifier,
    region: *const core::ffi::c_void,
    bytes: usize,
) -> i32 {
    let region = region.cast::<u64>();
    // SAFETY: the caller's promise, for the whole block.
    code((|| unsafe {
        if region.is_null() {
            return Err(Status::NullPointer);
        }
        Range::of_object(verifier).apart_from(Range::of(region, bytes))?;
        let kept = object_mut(verifier)?.get_mut()?;
        kept.prepared = Some(Prepared::open(list(region, bytes / 8)?)?);
        Ok(())
    })())
}
