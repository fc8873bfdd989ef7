//! `cmk_claims` and `cmk_value`: views into the caller's scratch, valid until it is written again.

use crate::memory::{Opaque, Range, cmk_bytes, fill_apart, list_mut, object};
use countermark::{Claims, Status, Value};

/// Words of a `cmk_claims`.
pub const CLAIMS_WORDS: usize = (96 + 11 * size_of::<&[u8]>()).div_ceil(8) + 2;
/// Words of a `cmk_value`.
pub const VALUE_WORDS: usize = (2 * size_of::<usize>()).div_ceil(8);

/// The claims as C sees them.
#[allow(non_camel_case_types)]
pub type cmk_claims = Opaque<Claims<'static>, CLAIMS_WORDS>;
/// One value as C sees it.
#[allow(non_camel_case_types)]
pub type cmk_value = Opaque<Value<'static>, VALUE_WORDS>;

/// # Safety
/// `claims` is as `cmk_verify` filled it, or NULL.
unsafe fn claims_of<'a>(claims: *const cmk_claims) -> Result<&'a Claims<'static>, Status> {
    // SAFETY: the caller's promise.
    unsafe { object(claims) }?.get()
}

/// # Safety
/// `value` is as one of these functions filled it, or NULL.
unsafe fn value_of(value: *const cmk_value) -> Result<Value<'static>, Status> {
    // SAFETY: the caller's promise.
    Ok(*unsafe { object(value) }?.get()?)
}

/// What a look at the claims reads: the object, and the text that it is a view of.
///
/// # Safety
/// As [`claims_of`].
pub(crate) unsafe fn read_of_claims(claims: *const cmk_claims) -> [Range; 2] {
    // SAFETY: the caller's promise.
    let text = unsafe { claims_of(claims) }.map_or("", |claims| claims.raw());
    [Range::of_object(claims), Range::of(text.as_ptr(), text.len())]
}

/// What a look at a value reads.
///
/// # Safety
/// As [`value_of`].
unsafe fn read_of_value(value: *const cmk_value) -> [Range; 2] {
    // SAFETY: the caller's promise.
    let text = unsafe { value_of(value) }.map_or("", |value| value.raw());
    [Range::of_object(value), Range::of(text.as_ptr(), text.len())]
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_claims_json"))]
pub unsafe extern "C" fn cmk_claims_json(claims: *const cmk_claims, json: *mut cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill_apart(json, &read_of_claims(claims), || Ok(cmk_bytes::of(claims_of(claims)?.raw().as_bytes()))) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_claims_get"))]
pub unsafe extern "C" fn cmk_claims_get(claims: *const cmk_claims, name: cmk_bytes, value: *mut cmk_value) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let [object, text] = read_of_claims(claims);
        fill_apart(value, &[object, text, Range::of_bytes(name)], || claims_of(claims)?.get(name.text()?).map(Opaque::new))
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_claims_at"))]
pub unsafe extern "C" fn cmk_claims_at(claims: *const cmk_claims, path: cmk_bytes, value: *mut cmk_value) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let [object, text] = read_of_claims(claims);
        fill_apart(value, &[object, text, Range::of_bytes(path)], || claims_of(claims)?.at(path.text()?).map(Opaque::new))
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_claims_date"))]
pub unsafe extern "C" fn cmk_claims_date(claims: *const cmk_claims, which: i32, seconds: *mut i64) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        fill_apart(seconds, &[Range::of_object(claims)], || {
            let claims = claims_of(claims)?;
            match which {
                1 => claims.expires_at().ok_or(Status::ClaimAbsent),
                2 => claims.not_before().ok_or(Status::ClaimAbsent),
                3 => claims.issued_at().ok_or(Status::ClaimAbsent),
                _ => Err(Status::Argument),
            }
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_claims_identity"))]
pub unsafe extern "C" fn cmk_claims_identity(
    claims: *const cmk_claims,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    identity: *mut cmk_bytes,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let written = Range::of(buffer.cast::<u8>(), buffer_bytes);
        // The header and the signature, which are read too, lie in the scratch beside the payload: a buffer over them is the
        // scratch written again.
        let [object, payload] = read_of_claims(claims);
        fill_apart(identity, &[object, payload, written], || {
            written.apart_from(object)?;
            written.apart_from(payload)?;
            let made = claims_of(claims)?.identity();
            let out = list_mut(buffer.cast::<u8>(), buffer_bytes)?.get_mut(..made.len()).ok_or(Status::BufferTooSmall)?;
            out.copy_from_slice(&made);
            Ok(cmk_bytes::of(out))
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_value_kind"))]
pub unsafe extern "C" fn cmk_value_kind(value: *const cmk_value, kind: *mut i32) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill_apart(kind, &read_of_value(value), || Ok(value_of(value)?.kind() as i32)) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_value_json"))]
pub unsafe extern "C" fn cmk_value_json(value: *const cmk_value, json: *mut cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill_apart(json, &read_of_value(value), || Ok(cmk_bytes::of(value_of(value)?.raw().as_bytes()))) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_value_text"))]
pub unsafe extern "C" fn cmk_value_text(
    value: *const cmk_value,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    text: *mut cmk_bytes,
) -> i32 {
    // SAFETY: the caller's promise.
    let copy = || unsafe {
        let value = value_of(value)?;
        let found = value.text()?;
        if let Some(plain) = found.as_str() {
            return Ok(cmk_bytes::of(plain.as_bytes()));
        }
        let buffer = buffer.cast::<u8>();
        Ok(cmk_bytes::of(found.copy_to(list_mut(buffer, buffer_bytes)?)?.as_bytes()))
    };
    // SAFETY: the caller's promise.
    unsafe {
        let written = Range::of(buffer.cast::<u8>(), buffer_bytes);
        let [object, json] = read_of_value(value);
        fill_apart(text, &[object, json, written], || {
            written.apart_from(object)?;
            written.apart_from(json)?;
            copy()
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_value_integer"))]
pub unsafe extern "C" fn cmk_value_integer(value: *const cmk_value, integer: *mut i64) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill_apart(integer, &read_of_value(value), || value_of(value)?.integer()) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_value_boolean"))]
pub unsafe extern "C" fn cmk_value_boolean(value: *const cmk_value, boolean: *mut i32) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill_apart(boolean, &read_of_value(value), || value_of(value)?.boolean().map(i32::from)) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_value_element"))]
pub unsafe extern "C" fn cmk_value_element(value: *const cmk_value, position: usize, element: *mut cmk_value) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        fill_apart(element, &read_of_value(value), || {
            value_of(value)?.elements()?.nth(position).ok_or(Status::ClaimAbsent).map(Opaque::new)
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_value_member"))]
pub unsafe extern "C" fn cmk_value_member(value: *const cmk_value, name: cmk_bytes, member: *mut cmk_value) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let [object, text] = read_of_value(value);
        fill_apart(member, &[object, text, Range::of_bytes(name)], || {
            value_of(value)?.member(name.text()?)?.ok_or(Status::ClaimAbsent).map(Opaque::new)
        })
    }
}
