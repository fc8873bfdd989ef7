//! `cmk_cache`: the cache of verified tokens, in a region of C's that threads and processes may share.

use crate::memory::{Opaque, Range, cmk_bytes, code, object_mut, wipe};
use crate::region::{Region, View, Words, count, lay, lent};
use crate::verifier::cmk_verifier;
use core::ffi::c_void;
use countermark::{AtomicU64, TokenCache};

/// Words of a `cmk_cache`.
pub const CACHE_WORDS: usize = 14;

/// The view as C sees it.
#[allow(non_camel_case_types)]
pub type cmk_cache = Opaque<View<TokenCache<'static>>, CACHE_WORDS>;

/// What a cache holds.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_cache_counts {
    pub places: u64,
    pub taken: u64,
    pub kept: u64,
}

/// # Safety
/// As [`lay`].
unsafe fn laid(cache: *mut cmk_cache, region: Region) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        lay(cache, &region, |words, secret| match words {
            Words::Own(words) => TokenCache::empty(words, secret),
            Words::Shared(words) => TokenCache::new(words, secret),
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_cache_init"))]
pub unsafe extern "C" fn cmk_cache_init(cache: *mut cmk_cache, region: *mut c_void, bytes: usize, secret: cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { laid(cache, Region { at: region, bytes, secret, is_shared: false }) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_cache_attach"))]
pub unsafe extern "C" fn cmk_cache_attach(
    cache: *mut cmk_cache,
    region: *mut c_void,
    bytes: usize,
    secret: cmk_bytes,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { laid(cache, Region { at: region, bytes, secret, is_shared: true }) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_cache_statistics"))]
pub unsafe extern "C" fn cmk_cache_statistics(cache: *const cmk_cache, counts: *mut cmk_cache_counts) -> i32 {
    let figures = |cache: &TokenCache<'_>| {
        let found = cache.statistics();
        cmk_cache_counts { places: found.places, taken: found.taken, kept: found.kept }
    };
    // SAFETY: the caller's promise.
    unsafe { count(cache, counts, figures) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_cache_wipe"))]
pub unsafe extern "C" fn cmk_cache_wipe(cache: *mut cmk_cache) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { wipe(cache) }
}

/// The bytes of a region for so many tokens.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_cache_region_bytes"))]
pub extern "C" fn cmk_cache_region_bytes(tokens: usize) -> usize {
    TokenCache::words_for(tokens).saturating_mul(size_of::<AtomicU64>())
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_verifier_use_cache"))]
pub unsafe extern "C" fn cmk_verifier_use_cache(verifier: *mut cmk_verifier, cache: *const cmk_cache) -> i32 {
    // SAFETY: the caller's promise, for the whole block.
    code((|| unsafe {
        let view = lent(cache, Range::of_object(verifier))?;
        object_mut(verifier)?.get_mut()?.cache = Some(view);
        Ok(())
    })())
}
