//! `cmk_replay`: the table of uses seen, in a region of C's that threads and processes may share.

use crate::memory::{Opaque, Range, cmk_bytes, code, fill, list, list_mut, object, wipe, writable};
use crate::once::cmk_use;
use core::ffi::c_void;
use countermark::{AtomicU64, ReplayTable, Status, Use};

/// Words of a `cmk_replay`.
pub const REPLAY_WORDS: usize = 14;

/// A view of a table, with the secret.
pub struct Kept {
    table: ReplayTable<'static>,
    region: Range,
}

/// The view as C sees it.
#[allow(non_camel_case_types)]
pub type cmk_replay = Opaque<Kept, REPLAY_WORDS>;

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

/// A view of the region, which `clear` empties first, once nothing can fail any more.
///
/// # Safety
/// `region` points to `bytes` writable bytes that outlive the view, or is NULL; with `clear` nobody else uses them yet.
unsafe fn view(replay: *mut cmk_replay, region: *mut c_void, bytes: usize, secret: cmk_bytes, clear: bool) -> i32 {
    let made = (|| {
        writable(replay)?;
        let kept = Range::of(region.cast::<u8>(), bytes);
        kept.apart_from(Range::of_object(replay))?;
        kept.apart_from(Range::of_bytes(secret))?;
        Range::of_object(replay).apart_from(Range::of_bytes(secret))?;
        if region.is_null() {
            return Err(Status::NullPointer);
        }
        let (words, count) = (region.cast::<AtomicU64>(), bytes / 8);
        // SAFETY: the caller's promise.
        let table = unsafe {
            let secret = secret.read()?;
            match clear {
                true => ReplayTable::empty(list_mut(words, count)?, secret)?,
                false => ReplayTable::new(list(words, count)?, secret)?,
            }
        };
        Ok(Opaque::new(Kept { table, region: kept }))
    })();
    if let Err(Status::Overlap) = made {
        // What lies there may be a table, or a view, that serves.
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(replay, made) }
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
    unsafe { view(replay, region, bytes, secret, true) }
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
    if !countermark::table_shareable() {
        // SAFETY: the caller's promise.
        return unsafe { fill(replay, Err(Status::NotSupported)) };
    }
    // SAFETY: the caller's promise.
    unsafe { view(replay, region, bytes, secret, false) }
}

/// The table and the use, which does not lie in the table's words: those change meanwhile.
///
/// # Safety
/// The pointers point to what their types say, or are NULL.
unsafe fn asked<'a>(replay: *const cmk_replay, presented: *const cmk_use) -> Result<(&'a Kept, Use), Status> {
    // SAFETY: the caller's promise.
    let kept = unsafe { object(replay) }?.get()?;
    kept.region.apart_from(Range::of_object(presented))?;
    // SAFETY: the caller's promise.
    let presented = unsafe { object(presented) }?;
    Ok((kept, Use { digest: presented.digest, expires_at: presented.expires_at }))
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_replay_check"))]
pub unsafe extern "C" fn cmk_replay_check(replay: *const cmk_replay, presented: *const cmk_use, now: i64) -> i32 {
    // SAFETY: the caller's promise.
    code(unsafe { asked(replay, presented) }.and_then(|(kept, presented)| kept.table.check(&presented, now)))
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_replay_commit"))]
pub unsafe extern "C" fn cmk_replay_commit(replay: *const cmk_replay, presented: *const cmk_use, now: i64) -> i32 {
    // SAFETY: the caller's promise.
    code(unsafe { asked(replay, presented) }.and_then(|(kept, presented)| kept.table.commit(&presented, now)))
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_replay_statistics"))]
pub unsafe extern "C" fn cmk_replay_statistics(replay: *const cmk_replay, now: i64, counts: *mut cmk_replay_counts) -> i32 {
    let counted = (|| {
        writable(counts)?;
        Range::of_object(counts).apart_from(Range::of_object(replay))?;
        // SAFETY: the caller's promise.
        let kept = unsafe { object(replay) }?.get()?;
        kept.region.apart_from(Range::of_object(counts))?;
        let found = kept.table.statistics(now);
        Ok(cmk_replay_counts {
            places: found.places,
            live: found.live,
            expired: found.expired,
            full: found.full,
            replayed: found.replayed,
        })
    })();
    if let Err(Status::Overlap) = counted {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(counts, counted) }
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
