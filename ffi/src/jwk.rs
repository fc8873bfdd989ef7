//! Keys from JSON: one, a set, its size beforehand, a thumbprint.

use crate::keys::{algorithm, cmk_keys};
use crate::memory::{Range, cmk_bytes, code, fill_apart, list, list_mut, object, writable};
use countermark::{Algorithm, Status};

/// What loading a JWK Set did.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_loaded {
    /// Keys that were added.
    pub added: u32,
    /// Keys that were passed over.
    pub skipped: u32,
    /// Why the first of those was passed over; 0 for none.
    pub reason: i32,
    /// How many for each reason: the place of a status is its number less 310.
    pub reasons: [u8; REASONS],
}

/// Places of `cmk_loaded.reasons`.
pub const REASONS: usize = countermark::REASONS;

/// The algorithms that a caller lists, in fixed memory.
#[derive(Clone, Copy)]
pub(crate) struct Algorithms {
    listed: [Algorithm; countermark::LIST_MAX],
    count: usize,
}

impl Algorithms {
    /// # Safety
    /// `ptr` points to `count` numbers, or is NULL.
    pub(crate) unsafe fn read(ptr: *const i32, count: usize) -> Result<Self, Status> {
        // SAFETY: the caller's promise.
        let numbers = unsafe { list(ptr, count) }?;
        let mut listed = [Algorithm::HS256; countermark::LIST_MAX];
        for (place, number) in listed.get_mut(..count).ok_or(Status::TooManyItems)?.iter_mut().zip(numbers) {
            *place = algorithm(*number)?;
        }
        Ok(Algorithms { listed, count })
    }

    pub(crate) fn as_slice(&self) -> &[Algorithm] {
        self.listed.get(..self.count).unwrap_or_default()
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_add_jwk"))]
pub unsafe extern "C" fn cmk_keys_add_jwk(keys: *mut cmk_keys, json: cmk_bytes, algs: *const i32, alg_count: usize) -> i32 {
    // SAFETY: the caller's promise.
    code((|| unsafe {
        let (allowed, text) = (Algorithms::read(algs, alg_count)?, json.read()?);
        let read = [Range::of_bytes(json), Range::of_list(algs, alg_count)];
        object(keys)?.change(&read, |keys| keys.add_jwk(text, allowed.as_slice()))
    })())
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_add_jwks"))]
pub unsafe extern "C" fn cmk_keys_add_jwks(
    keys: *mut cmk_keys,
    json: cmk_bytes,
    algs: *const i32,
    alg_count: usize,
    loaded: *mut cmk_loaded,
) -> i32 {
    // SAFETY: the caller's promise. What is no set is said below.
    let region = unsafe { object(keys) }.map_or(Range::of_bytes(cmk_bytes::NONE), cmk_keys::range);
    let read = [Range::of_bytes(json), Range::of_list(algs, alg_count), Range::of_object(keys), region];
    // SAFETY: the caller's promise.
    let load = || unsafe {
        writable(loaded)?;
        let (allowed, text) = (Algorithms::read(algs, alg_count)?, json.read()?);
        let keys = object(keys)?;
        let done = keys.change(&read[..2], |keys| keys.add_jwks(text, allowed.as_slice()))?;
        Ok(cmk_loaded {
            added: done.added as u32,
            skipped: done.skipped as u32,
            reason: done.reason.map_or(0, Status::code),
            reasons: done.reasons,
        })
    };
    // SAFETY: the caller's promise.
    unsafe { fill_apart(loaded, &read, load) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_size_for"))]
pub unsafe extern "C" fn cmk_keys_size_for(
    json: cmk_bytes,
    algs: *const i32,
    alg_count: usize,
    issuer: cmk_bytes,
    bytes: *mut usize,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let read = [Range::of_bytes(json), Range::of_list(algs, alg_count), Range::of_bytes(issuer)];
        fill_apart(bytes, &read, || {
            let allowed = Algorithms::read(algs, alg_count)?;
            countermark::keys_size_for(json.read()?, allowed.as_slice(), issuer.optional_text()?)
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_thumbprint"))]
pub unsafe extern "C" fn cmk_thumbprint(
    jwk: cmk_bytes,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    text: *mut cmk_bytes,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let written = Range::of(buffer.cast::<u8>(), buffer_bytes);
        fill_apart(text, &[Range::of_bytes(jwk), written], || {
            written.apart_from(Range::of_bytes(jwk))?;
            let mut own = [0; countermark::THUMBPRINT_CHARS];
            let made = countermark::thumbprint(jwk.read()?, &mut own)?;
            let out = list_mut(buffer.cast::<u8>(), buffer_bytes)?.get_mut(..made.len()).ok_or(Status::BufferTooSmall)?;
            out.copy_from_slice(made.as_bytes());
            Ok(cmk_bytes::of(out))
        })
    }
}
