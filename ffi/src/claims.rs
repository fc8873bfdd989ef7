//! `cmk_claims` and `cmk_value`: views into the caller's scratch, valid until it is written again.

use crate::memory::{Opaque, Range, cmk_bytes, fill, list_mut, object};
use countermark::{Claims, Status, Value};

/// Words of a `cmk_claims`.
pub const CLAIMS_WORDS: usize = (80 + 4 * size_of::<usize>()).div_ceil(8) + 2;
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

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_claims_json"))]
pub unsafe extern "C" fn cmk_claims_json(claims: *const cmk_claims, json: *mut cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill(json, claims_of(claims).map(|claims| cmk_bytes::of(claims.raw().as_bytes()))) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_claims_get"))]
pub unsafe extern "C" fn cmk_claims_get(claims: *const cmk_claims, name: cmk_bytes, value: *mut cmk_value) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let found = (|| claims_of(claims)?.get(name.text()?))();
        fill(value, found.map(Opaque::new))
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_claims_at"))]
pub unsafe extern "C" fn cmk_claims_at(claims: *const cmk_claims, path: cmk_bytes, value: *mut cmk_value) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let found = (|| claims_of(claims)?.at(path.text()?))();
        fill(value, found.map(Opaque::new))
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_claims_date"))]
pub unsafe extern "C" fn cmk_claims_date(claims: *const cmk_claims, which: i32, seconds: *mut i64) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let date = claims_of(claims).and_then(|claims| match which {
            1 => claims.expires_at().ok_or(Status::ClaimAbsent),
            2 => claims.not_before().ok_or(Status::ClaimAbsent),
            3 => claims.issued_at().ok_or(Status::ClaimAbsent),
            _ => Err(Status::Argument),
        });
        fill(seconds, date)
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_claims_identity"))]
pub unsafe extern "C" fn cmk_claims_identity(
    claims: *const cmk_claims,
    token: cmk_bytes,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    identity: *mut cmk_bytes,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let made = (|| {
            let written = Range::of(buffer.cast::<u8>(), buffer_bytes);
            written.apart_from(Range::of_bytes(token))?;
            written.apart_from(Range::of_object(claims))?;
            written.apart_from(Range::of_object(identity))?;
            let made = claims_of(claims)?.identity(token.read()?)?;
            let out = list_mut(buffer.cast::<u8>(), buffer_bytes)?.get_mut(..made.len()).ok_or(Status::BufferTooSmall)?;
            out.copy_from_slice(&made);
            Ok(cmk_bytes::of(out))
        })();
        fill(identity, made)
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_value_kind"))]
pub unsafe extern "C" fn cmk_value_kind(value: *const cmk_value, kind: *mut i32) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill(kind, value_of(value).map(|value| value.kind() as i32)) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_value_json"))]
pub unsafe extern "C" fn cmk_value_json(value: *const cmk_value, json: *mut cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill(json, value_of(value).map(|value| cmk_bytes::of(value.raw().as_bytes()))) }
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
    let copied = (|| unsafe {
        let value = value_of(value)?;
        let found = value.text()?;
        if let Some(plain) = found.as_str() {
            return Ok(cmk_bytes::of(plain.as_bytes()));
        }
        let buffer = buffer.cast::<u8>();
        let json = value.raw();
        let written = Range::of(buffer.cast_const(), buffer_bytes);
        written.apart_from(Range::of(json.as_ptr(), json.len()))?;
        written.apart_from(Range::of_object(text))?;
        Ok(cmk_bytes::of(found.copy_to(list_mut(buffer, buffer_bytes)?)?.as_bytes()))
    })();
    // SAFETY: the caller's promise.
    unsafe { fill(text, copied) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_value_integer"))]
pub unsafe extern "C" fn cmk_value_integer(value: *const cmk_value, integer: *mut i64) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill(integer, value_of(value).and_then(|value| value.integer())) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_value_boolean"))]
pub unsafe extern "C" fn cmk_value_boolean(value: *const cmk_value, boolean: *mut i32) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill(boolean, value_of(value).and_then(|value| value.boolean()).map(i32::from)) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_value_element"))]
pub unsafe extern "C" fn cmk_value_element(value: *const cmk_value, position: usize, element: *mut cmk_value) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let found = (|| value_of(value)?.elements()?.nth(position).ok_or(Status::ClaimAbsent))();
        fill(element, found.map(Opaque::new))
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_value_member"))]
pub unsafe extern "C" fn cmk_value_member(value: *const cmk_value, name: cmk_bytes, member: *mut cmk_value) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let found = (|| value_of(value)?.member(name.text()?)?.ok_or(Status::ClaimAbsent))();
        fill(member, found.map(Opaque::new))
    }
}
