//! `cmk_cache`: the cache of verified tokens, in a region of C's that threads and processes may share.

use crate::memory::{Apart, Opaque, Range, cmk_bytes, code, fill, list, list_mut, object, object_mut, wipe, writable};
use crate::verifier::cmk_verifier;
use core::ffi::c_void;
use countermark::{AtomicU64, Status, TokenCache};

/// Words of a `cmk_cache`.
pub const CACHE_WORDS: usize = 14;

/// A view of a cache, with the secret.
pub struct KeptCache {
    cache: TokenCache<'static>,
    region: Range,
}

impl KeptCache {
    pub(crate) fn cache(&self) -> &TokenCache<'static> {
        &self.cache
    }

    /// For overlap checks.
    pub(crate) fn read_by(&self, apart: &mut Apart<'_>) {
        apart.and(self.region);
    }
}

/// The view as C sees it.
#[allow(non_camel_case_types)]
pub type cmk_cache = Opaque<KeptCache, CACHE_WORDS>;

/// What a cache holds.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_cache_counts {
    pub places: u64,
    pub taken: u64,
    pub kept: u64,
}

/// A view of the region, which `clear` empties first, once nothing can fail any more.
///
/// # Safety
/// `region` points to `bytes` writable bytes that outlive the view, or is NULL; with `clear` nobody else uses them yet.
unsafe fn view(cache: *mut cmk_cache, region: *mut c_void, bytes: usize, secret: cmk_bytes, clear: bool) -> i32 {
    let made = (|| {
        writable(cache)?;
        let kept = Range::of(region.cast::<u8>(), bytes);
        kept.apart_from(Range::of_object(cache))?;
        kept.apart_from(Range::of_bytes(secret))?;
        Range::of_object(cache).apart_from(Range::of_bytes(secret))?;
        if region.is_null() {
            return Err(Status::NullPointer);
        }
        let (words, count) = (region.cast::<AtomicU64>(), bytes / 8);
        // SAFETY: the caller's promise.
        let cache = unsafe {
            let secret = secret.read()?;
            match clear {
                true => TokenCache::empty(list_mut(words, count)?, secret)?,
                false => TokenCache::new(list(words, count)?, secret)?,
            }
        };
        Ok(Opaque::new(KeptCache { cache, region: kept }))
    })();
    if let Err(Status::Overlap) = made {
        // What lies there may be a cache, or a view, that serves.
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(cache, made) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_cache_init"))]
pub unsafe extern "C" fn cmk_cache_init(cache: *mut cmk_cache, region: *mut c_void, bytes: usize, secret: cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { view(cache, region, bytes, secret, true) }
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
    if !countermark::table_shareable() {
        // SAFETY: the caller's promise.
        return unsafe { fill(cache, Err(Status::NotSupported)) };
    }
    // SAFETY: the caller's promise.
    unsafe { view(cache, region, bytes, secret, false) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_cache_statistics"))]
pub unsafe extern "C" fn cmk_cache_statistics(cache: *const cmk_cache, counts: *mut cmk_cache_counts) -> i32 {
    let counted = (|| {
        writable(counts)?;
        Range::of_object(counts).apart_from(Range::of_object(cache))?;
        // SAFETY: the caller's promise.
        let kept = unsafe { object(cache) }?.get()?;
        kept.region.apart_from(Range::of_object(counts))?;
        let found = kept.cache.statistics();
        Ok(cmk_cache_counts { places: found.places, taken: found.taken, kept: found.kept })
    })();
    if let Err(Status::Overlap) = counted {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(counts, counted) }
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
        Range::of_object(verifier).apart_from(Range::of_object(cache))?;
        let view = object(cache)?;
        Range::of_object(verifier).apart_from(view.get()?.region)?;
        object_mut(verifier)?.get_mut()?.cache = Some(view);
        Ok(())
    })())
}
