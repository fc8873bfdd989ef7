//! `cmk_replay`: the table of uses seen, in a region of C's that threads and processes may share.

use crate::memory::{Opaque, Range, cmk_bytes, code, object, wipe};
use crate::once::cmk_use;
use crate::region::{Region, View, Words, count, lay};
use core::ffi::c_void;
use countermark::{AtomicU64, ReplayTable, Status, Use};

/// Words of a `cmk_replay`.
pub const REPLAY_WORDS: usize = 14;

/// The view as C sees it.
#[allow(non_camel_case_types)]
pub type cmk_replay = Opaque<View<ReplayTable<'static>>, REPLAY_WORDS>;

/// What a table holds, and what it refused.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_replay_counts {
    pub places: u64,
    pub live: u64,
    pub expired: u64,
    pub full: u64,
    pub replayed: u64,
}

/// # Safety
/// As [`lay`].
unsafe fn laid(replay: *mut cmk_replay, region: Region) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        lay(replay, &region, |words, secret| match words {
            Words::Own(words) => ReplayTable::empty(words, secret),
            Words::Shared(words) => ReplayTable::new(words, secret),
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_replay_init"))]
pub unsafe extern "C" fn cmk_replay_init(
    replay: *mut cmk_replay,
    region: *mut c_void,
    bytes: usize,
    secret: cmk_bytes,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { laid(replay, Region { at: region, bytes, secret, is_shared: false }) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_replay_attach"))]
pub unsafe extern "C" fn cmk_replay_attach(
    replay: *mut cmk_replay,
    region: *mut c_void,
    bytes: usize,
    secret: cmk_bytes,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { laid(replay, Region { at: region, bytes, secret, is_shared: true }) }
}

/// The table and the use, which does not lie in the table's words: those change meanwhile.
///
/// # Safety
/// The pointers point to what their types say, or are NULL.
unsafe fn asked<'a>(
    replay: *const cmk_replay,
    presented: *const cmk_use,
) -> Result<(&'a ReplayTable<'static>, Use), Status> {
    // SAFETY: the caller's promise.
    let kept = unsafe { object(replay) }?.get()?;
    kept.apart_from(Range::of_object(presented))?;
    // SAFETY: the caller's promise.
    let presented = unsafe { object(presented) }?;
    Ok((&kept.table, Use { digest: presented.digest, expires_at: presented.expires_at }))
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_replay_check"))]
pub unsafe extern "C" fn cmk_replay_check(replay: *const cmk_replay, presented: *const cmk_use, now: i64) -> i32 {
    // SAFETY: the caller's promise.
    code(unsafe { asked(replay, presented) }.and_then(|(table, presented)| table.check(&presented, now)))
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_replay_commit"))]
pub unsafe extern "C" fn cmk_replay_commit(replay: *const cmk_replay, presented: *const cmk_use, now: i64) -> i32 {
    // SAFETY: the caller's promise.
    code(unsafe { asked(replay, presented) }.and_then(|(table, presented)| table.commit(&presented, now)))
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_replay_statistics"))]
pub unsafe extern "C" fn cmk_replay_statistics(replay: *const cmk_replay, now: i64, counts: *mut cmk_replay_counts) -> i32 {
    let figures = |table: &ReplayTable<'_>| {
        let found = table.statistics(now);
        cmk_replay_counts {
            places: found.places,
            live: found.live,
            expired: found.expired,
            full: found.full,
            replayed: found.replayed,
        }
    };
    // SAFETY: the caller's promise.
    unsafe { count(replay, counts, figures) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_replay_wipe"))]
pub unsafe extern "C" fn cmk_replay_wipe(replay: *mut cmk_replay) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { wipe(replay) }
}

/// The bytes of a region for so many uses at a time.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_replay_region_bytes"))]
pub extern "C" fn cmk_replay_region_bytes(uses: usize) -> usize {
    ReplayTable::words_for(uses).saturating_mul(size_of::<AtomicU64>())
}
