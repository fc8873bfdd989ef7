//! `cmk_revocation`: the table of revocations, in a region of C's that threads and processes may share.

use crate::memory::{Opaque, Range, cmk_bytes, code, object, object_mut, wipe};
use crate::region::{Region, View, Words, count, lay, lent};
use crate::verifier::cmk_verifier;
use core::ffi::c_void;
use countermark::{AtomicU64, Name, Revocable, RevocationTable, Revocations, Status};

/// Words of a `cmk_revocation`.
pub const REVOCATION_WORDS: usize = 18;
/// A full table changes nothing.
pub const REVOCATION_OPEN: u32 = 1;
/// `cmk_revocable` has no `issued_at`.
pub const REVOCABLE_NO_ISSUED_AT: u32 = 1;

/// The view as C sees it.
#[allow(non_camel_case_types)]
pub type cmk_revocation = Opaque<View<RevocationTable<'static>>, REVOCATION_WORDS>;

/// What a token can be revoked by.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_revocable {
    pub issuer: cmk_bytes,
    pub token_id: cmk_bytes,
    pub subject: cmk_bytes,
    pub key_id: cmk_bytes,
    pub issued_at: i64,
    pub flags: u32,
    pub reserved: u32,
}

/// What a table holds, and what it had no place for.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_revocation_counts {
    pub places: u64,
    pub live: u64,
    pub expired: u64,
    pub full: u64,
    pub marked: u64,
}

/// # Safety
/// As [`lay`].
unsafe fn laid(revocation: *mut cmk_revocation, region: Region, token_life: u32, flags: u32) -> i32 {
    let make = |words, secret: &[u8]| {
        if flags & !REVOCATION_OPEN != 0 {
            return Err(Status::Argument);
        }
        let table = match words {
            Words::Own(words) => RevocationTable::empty(words, secret, token_life)?,
            Words::Shared(words) => RevocationTable::new(words, secret, token_life)?,
        };
        Ok(if flags & REVOCATION_OPEN == 0 { table } else { table.open_when_full() })
    };
    // SAFETY: the caller's promise.
    unsafe { lay(revocation, &region, make) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_revocation_init"))]
pub unsafe extern "C" fn cmk_revocation_init(
    revocation: *mut cmk_revocation,
    region: *mut c_void,
    bytes: usize,
    secret: cmk_bytes,
    token_life: u32,
    flags: u32,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { laid(revocation, Region { at: region, bytes, secret, is_shared: false }, token_life, flags) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_revocation_attach"))]
pub unsafe extern "C" fn cmk_revocation_attach(
    revocation: *mut cmk_revocation,
    region: *mut c_void,
    bytes: usize,
    secret: cmk_bytes,
    token_life: u32,
    flags: u32,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { laid(revocation, Region { at: region, bytes, secret, is_shared: true }, token_life, flags) }
}

/// The view, and the texts, which do not lie in the table's words: those change meanwhile.
///
/// # Safety
/// The pointers point to what their types say, or are NULL.
unsafe fn with<T>(
    revocation: *const cmk_revocation,
    texts: &[cmk_bytes],
    then: impl FnOnce(&RevocationTable<'static>) -> Result<T, Status>,
) -> Result<T, Status> {
    // SAFETY: the caller's promise.
    let kept = unsafe { object(revocation) }?.get()?;
    texts.iter().try_for_each(|text| kept.apart_from(Range::of_bytes(*text)))?;
    then(&kept.table)
}

macro_rules! revokes {
    ($($function:ident $method:ident)*) => { $(
        /// # Safety
        /// See the header: pointers are valid for their lengths, or NULL.
        #[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), stringify!($function)))]
        pub unsafe extern "C" fn $function(
            revocation: *const cmk_revocation,
            issuer: cmk_bytes,
            name: cmk_bytes,
            time: i64,
            now: i64,
        ) -> i32 {
            // SAFETY: the caller's promise.
            code(unsafe { with(revocation, &[issuer, name], |table| table.$method(issuer.text()?, name.text()?, time, now)) })
        }
    )* };
}

revokes! {
    cmk_revoke_token revoke_token
    cmk_revoke_key revoke_key
    cmk_revoke_subject revoke_subject
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_revocation_load"))]
pub unsafe extern "C" fn cmk_revocation_load(revocation: *const cmk_revocation, snapshot: cmk_bytes, now: i64) -> i32 {
    // SAFETY: the caller's promise.
    code(unsafe { with(revocation, &[snapshot], |table| table.load(snapshot.read()?, now).map(drop)) })
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_revocation_check"))]
pub unsafe extern "C" fn cmk_revocation_check(
    revocation: *const cmk_revocation,
    token: *const cmk_revocable,
    now: i64,
) -> i32 {
    // SAFETY: the caller's promise, for the whole block.
    code((|| unsafe {
        let kept = object(revocation)?.get()?;
        kept.apart_from(Range::of_object(token))?;
        let token = *object(token)?;
        if token.flags & !REVOCABLE_NO_ISSUED_AT != 0 {
            return Err(Status::Argument);
        }
        with(revocation, &[token.issuer, token.token_id, token.subject, token.key_id], |table| {
            let name = |text: cmk_bytes| Ok::<_, Status>(text.optional_text()?.map(Name::new));
            let asked = Revocable {
                issuer: name(token.issuer)?,
                token_id: name(token.token_id)?,
                subject: name(token.subject)?,
                key_id: name(token.key_id)?,
                issued_at: if token.flags & REVOCABLE_NO_ISSUED_AT == 0 { Some(token.issued_at) } else { None },
            };
            table.check(&asked, now)
        })
    })())
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_revocation_statistics"))]
pub unsafe extern "C" fn cmk_revocation_statistics(
    revocation: *const cmk_revocation,
    now: i64,
    counts: *mut cmk_revocation_counts,
) -> i32 {
    let figures = |table: &RevocationTable<'_>| {
        let found = table.statistics(now);
        cmk_revocation_counts {
            places: found.places,
            live: found.live,
            expired: found.expired,
            full: found.full,
            marked: found.marked,
        }
    };
    // SAFETY: the caller's promise.
    unsafe { count(revocation, counts, figures) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_revocation_wipe"))]
pub unsafe extern "C" fn cmk_revocation_wipe(revocation: *mut cmk_revocation) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { wipe(revocation) }
}

/// The bytes of a region for so many revocations at a time.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_revocation_region_bytes"))]
pub extern "C" fn cmk_revocation_region_bytes(revocations: usize) -> usize {
    RevocationTable::words_for(revocations).saturating_mul(size_of::<AtomicU64>())
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_verifier_use_revocation"))]
pub unsafe extern "C" fn cmk_verifier_use_revocation(verifier: *mut cmk_verifier, revocation: *const cmk_revocation) -> i32 {
    // SAFETY: the caller's promise, for the whole block.
    code((|| unsafe {
        let view = lent(revocation, Range::of_object(verifier))?;
        object_mut(verifier)?.get_mut()?.standing.revocations = Some(view);
        Ok(())
    })())
}
