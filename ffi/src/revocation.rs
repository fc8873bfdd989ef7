//! `cmk_revocation`: the table of revocations, in a region of C's that threads and processes may share.

use crate::memory::{Apart, Opaque, Range, cmk_bytes, code, fill, list, list_mut, object, object_mut, wipe, writable};
use crate::verifier::cmk_verifier;
use core::ffi::c_void;
use countermark::{AtomicU64, Name, Revocable, RevocationTable, Revocations, Status};

/// Words of a `cmk_revocation`.
pub const REVOCATION_WORDS: usize = 16;
/// A full table changes nothing.
pub const REVOCATION_OPEN: u32 = 1;
/// `cmk_revocable` has no `issued_at`.
pub const REVOCABLE_NO_ISSUED_AT: u32 = 1;

/// A view of a table, with the secret.
pub struct KeptRevocation {
    table: RevocationTable<'static>,
    region: Range,
}

impl KeptRevocation {
    pub(crate) fn table(&self) -> &RevocationTable<'static> {
        &self.table
    }

    /// The table, for overlap checks.
    pub(crate) fn read_by(&self, apart: &mut Apart<'_>) {
        apart.and(self.region);
    }
}

/// The view as C sees it.
#[allow(non_camel_case_types)]
pub type cmk_revocation = Opaque<KeptRevocation, REVOCATION_WORDS>;

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
    pub refused_before: i64,
}

/// A view of the region, which `clear` empties first, once nothing can fail any more.
///
/// # Safety
/// `region` points to `bytes` writable bytes that outlive the view, or is NULL; with `clear` nobody else uses them yet.
unsafe fn view(
    revocation: *mut cmk_revocation,
    (region, bytes): (*mut c_void, usize),
    secret: cmk_bytes,
    token_life: u32,
    flags: u32,
    clear: bool,
) -> i32 {
    let made = (|| {
        writable(revocation)?;
        let kept = Range::of(region.cast::<u8>(), bytes);
        kept.apart_from(Range::of_object(revocation))?;
        kept.apart_from(Range::of_bytes(secret))?;
        Range::of_object(revocation).apart_from(Range::of_bytes(secret))?;
        if region.is_null() {
            return Err(Status::NullPointer);
        }
        if flags & !REVOCATION_OPEN != 0 {
            return Err(Status::Argument);
        }
        let (words, count) = (region.cast::<AtomicU64>(), bytes / 8);
        // SAFETY: the caller's promise.
        let table = unsafe {
            let secret = secret.read()?;
            match clear {
                true => RevocationTable::empty(list_mut(words, count)?, secret, token_life)?,
                false => RevocationTable::new(list(words, count)?, secret, token_life)?,
            }
        };
        let table = if flags & REVOCATION_OPEN == 0 { table } else { table.open_when_full() };
        Ok(Opaque::new(KeptRevocation { table, region: kept }))
    })();
    if let Err(Status::Overlap) = made {
        // What lies there may be a table, or a view, that serves.
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(revocation, made) }
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
    unsafe { view(revocation, (region, bytes), secret, token_life, flags, true) }
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
    if !countermark::table_shareable() {
        // SAFETY: the caller's promise.
        return unsafe { fill(revocation, Err(Status::NotSupported)) };
    }
    // SAFETY: the caller's promise.
    unsafe { view(revocation, (region, bytes), secret, token_life, flags, false) }
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
    texts.iter().try_for_each(|text| kept.region.apart_from(Range::of_bytes(*text)))?;
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
        kept.region.apart_from(Range::of_object(token))?;
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
    let counted = (|| {
        writable(counts)?;
        Range::of_object(counts).apart_from(Range::of_object(revocation))?;
        // SAFETY: the caller's promise.
        let kept = unsafe { object(revocation) }?.get()?;
        kept.region.apart_from(Range::of_object(counts))?;
        let found = kept.table.statistics(now);
        Ok(cmk_revocation_counts {
            places: found.places,
            live: found.live,
            expired: found.expired,
            full: found.full,
            refused_before: found.refused_before.unwrap_or_default(),
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
        Range::of_object(verifier).apart_from(Range::of_object(revocation))?;
        let view = object(revocation)?;
        Range::of_object(verifier).apart_from(view.get()?.region)?;
        object_mut(verifier)?.get_mut()?.standing.revocations = Some(view);
        Ok(())
    })())
}
