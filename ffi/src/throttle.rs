//! `cmk_throttle`: the table of clients' allowances, in a region of C's that threads and processes may share.

use crate::memory::{Apart, Opaque, Range, cmk_bytes, fill, list, object, wipe, writable};
use crate::region::{Region, View, Words, count, lay};
use core::ffi::c_void;
use countermark::{AtomicU64, CHARGES_MAX, Charge, Client, Limit, Refusal, Status, ThrottleTable};

/// Words of a `cmk_throttle`.
pub const THROTTLE_WORDS: usize = 15;

/// The view as C sees it.
#[allow(non_camel_case_types)]
pub type cmk_throttle = Opaque<View<ThrottleTable<'static>>, THROTTLE_WORDS>;

/// One request, under one limit.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_charge {
    pub scope: cmk_bytes,
    pub client: cmk_bytes,
    pub requests: u32,
    pub seconds: u32,
    pub burst: u32,
    pub is_name: u32,
}

/// What a table holds, and what it refused.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_throttle_counts {
    pub places: u64,
    pub live: u64,
    pub expired: u64,
    pub full: u64,
    pub refused: u64,
}

/// # Safety
/// As [`lay`].
unsafe fn laid(throttle: *mut cmk_throttle, region: Region, open_when_full: u32) -> i32 {
    let make = |words, secret: &[u8]| {
        if open_when_full > 1 {
            return Err(Status::Argument);
        }
        let table = match words {
            Words::Own(words) => ThrottleTable::empty(words, secret)?,
            Words::Shared(words) => ThrottleTable::new(words, secret)?,
        };
        Ok(if open_when_full == 1 { table.open_when_full() } else { table })
    };
    // SAFETY: the caller's promise.
    unsafe { lay(throttle, &region, make) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_throttle_init"))]
pub unsafe extern "C" fn cmk_throttle_init(
    throttle: *mut cmk_throttle,
    region: *mut c_void,
    bytes: usize,
    secret: cmk_bytes,
    open_when_full: u32,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { laid(throttle, Region { at: region, bytes, secret, is_shared: false }, open_when_full) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_throttle_attach"))]
pub unsafe extern "C" fn cmk_throttle_attach(
    throttle: *mut cmk_throttle,
    region: *mut c_void,
    bytes: usize,
    secret: cmk_bytes,
    open_when_full: u32,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { laid(throttle, Region { at: region, bytes, secret, is_shared: true }, open_when_full) }
}

/// # Safety
/// The texts are valid for their lengths, or NULL.
unsafe fn charge<'a>(charge: &cmk_charge) -> Result<Charge<'a>, Status> {
    // SAFETY: the caller's promise.
    let (scope, client) = unsafe { (charge.scope.read()?, charge.client.read()?) };
    let client = match charge.is_name {
        0 => {
            let text = core::str::from_utf8(client).map_err(|_| Status::AddressMalformed)?;
            Client::Address(text.parse().map_err(|_| Status::AddressMalformed)?)
        }
        1 => Client::Name(client),
        _ => return Err(Status::Argument),
    };
    let limit = Limit { requests: charge.requests, seconds: charge.seconds, burst: charge.burst };
    Ok(Charge { limit, scope, client })
}

/// # Safety
/// The pointers point to what their types say, or are NULL.
unsafe fn admitted(
    throttle: *const cmk_throttle,
    charges: *const cmk_charge,
    charge_count: usize,
    now_ms: i64,
    retry_after: *mut u32,
) -> Result<(), Refusal> {
    let result = (|| {
        let written = [Range::of_object(retry_after)];
        let mut apart = Apart::new(&written);
        apart.and_object(throttle).and(Range::of_list(charges, charge_count)).verdict()?;
        writable(retry_after)?;
        // SAFETY: the caller's promise.
        let (kept, listed) = unsafe { (object(throttle)?.get()?, list(charges, charge_count)?) };
        // The table's words change meanwhile: nothing else lies there.
        kept.read_by(&mut apart);
        let words = [kept.region()];
        let mut outside = Apart::new(&words);
        outside.and_list(listed);
        for charge in listed {
            apart.and_bytes(charge.scope).and_bytes(charge.client);
            outside.and_bytes(charge.scope).and_bytes(charge.client);
        }
        apart.verdict()?;
        outside.verdict()?;
        if charge_count > CHARGES_MAX {
            return Err(Status::TooManyItems);
        }
        let nothing = Charge { limit: Limit { requests: 1, seconds: 1, burst: 1 }, scope: &[], client: Client::Name(&[]) };
        let mut made = [nothing; CHARGES_MAX];
        for (place, listed) in made.iter_mut().zip(listed) {
            // SAFETY: the caller's promise.
            *place = unsafe { charge(listed) }?;
        }
        Ok(kept.table.admit(made.get(..charge_count).unwrap_or_default(), now_ms))
    })();
    result.map_err(|status| Refusal { status, retry_after: 0 }).flatten()
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_throttle_admit"))]
pub unsafe extern "C" fn cmk_throttle_admit(
    throttle: *const cmk_throttle,
    charges: *const cmk_charge,
    charge_count: usize,
    now_ms: i64,
    retry_after: *mut u32,
) -> i32 {
    // SAFETY: the caller's promise.
    let given = unsafe { admitted(throttle, charges, charge_count, now_ms, retry_after) };
    let refusal = given.err().unwrap_or(Refusal { status: Status::Accepted, retry_after: 0 });
    if refusal.status == Status::Overlap {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    match unsafe { fill(retry_after, Ok(refusal.retry_after)) } {
        0 => refusal.status.code(),
        // A NULL pointer, unless something was wrong before.
        unwritable if refusal.status == Status::Accepted => unwritable,
        _ => refusal.status.code(),
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_throttle_statistics"))]
pub unsafe extern "C" fn cmk_throttle_statistics(
    throttle: *const cmk_throttle,
    now_ms: i64,
    counts: *mut cmk_throttle_counts,
) -> i32 {
    let figures = |table: &ThrottleTable<'_>| {
        let found = table.statistics(now_ms);
        cmk_throttle_counts {
            places: found.places,
            live: found.live,
            expired: found.expired,
            full: found.full,
            refused: found.refused,
        }
    };
    // SAFETY: the caller's promise.
    unsafe { count(throttle, counts, figures) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_throttle_wipe"))]
pub unsafe extern "C" fn cmk_throttle_wipe(throttle: *mut cmk_throttle) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { wipe(throttle) }
}

/// The bytes of a region for so many clients at a time.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_throttle_region_bytes"))]
pub extern "C" fn cmk_throttle_region_bytes(clients: usize) -> usize {
    ThrottleTable::words_for(clients).saturating_mul(size_of::<AtomicU64>())
}
