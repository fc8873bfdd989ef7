//! The token out of a request, and the answer's `WWW-Authenticate`.

use crate::evidence::{CHeaders, cmk_header};
use crate::memory::{Apart, Range, cmk_bytes, fill, fill_apart, list_mut, sized};
use countermark::{Challenge, Credentials, Scheme, Source, Status};

/// Where a token may come from.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_source {
    pub size: usize,
    pub cookie: cmk_bytes,
    pub argument: cmk_bytes,
    pub ignore_authorization: u32,
}

/// A token as it came.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_credentials {
    pub token: cmk_bytes,
    pub scheme: i32,
    pub reserved: u32,
}

impl cmk_credentials {
    fn of(found: Credentials<'_>) -> Self {
        cmk_credentials { token: cmk_bytes::of(found.token), scheme: found.scheme as i32, reserved: 0 }
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_find"))]
pub unsafe extern "C" fn cmk_find(
    source: *const cmk_source,
    headers: *const cmk_header,
    header_count: usize,
    query: cmk_bytes,
    found: *mut cmk_credentials,
) -> i32 {
    let written = [Range::of_object(found)];
    let mut apart = Apart::new(&written);
    // SAFETY: the caller's promise.
    unsafe {
        let result = (|| {
            apart.and_object(source).and(Range::of_list(headers, header_count)).and_bytes(query).verdict()?;
            let source = sized(source, size_of::<cmk_source>())?;
            let headers = CHeaders::read(headers, header_count)?;
            headers.read_by(&mut apart);
            apart.and_bytes(source.cookie).and_bytes(source.argument).verdict()?;
            let source = Source {
                ignore_authorization: source.ignore_authorization != 0,
                cookie: source.cookie.optional_text()?,
                argument: source.argument.optional_text()?,
            };
            source.find(&headers, query.read()?).map(cmk_credentials::of)
        })();
        if let Err(Status::Overlap) = result {
            return Status::Overlap.code();
        }
        fill(found, result)
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_authorization"))]
pub unsafe extern "C" fn cmk_authorization(value: cmk_bytes, found: *mut cmk_credentials) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        fill_apart(found, &[Range::of_bytes(value)], || countermark::authorization(value.read()?).map(cmk_credentials::of))
    }
}

/// Where a challenge is written.
struct Place {
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    value: *mut cmk_bytes,
}

/// Writes a challenge with `realm` and the text that `with` puts into it.
///
/// # Safety
/// Pointers are valid for their lengths, or NULL.
unsafe fn challenge(
    scheme: i32,
    realm: cmk_bytes,
    text: cmk_bytes,
    status: i32,
    to: &Place,
    with: impl FnOnce(Challenge<'static>, Option<&'static str>) -> Result<Challenge<'static>, Status>,
) -> i32 {
    let written = Range::of(to.buffer.cast::<u8>(), to.buffer_bytes);
    let [named, texts] = [realm, text].map(Range::of_bytes);
    // SAFETY: the caller's promise.
    unsafe {
        fill_apart(to.value, &[named, texts, written], || {
            let scheme = match scheme {
                1 => Scheme::Bearer,
                2 => Scheme::DPoP,
                _ => return Err(Status::Argument),
            };
            written.apart_from(named)?;
            written.apart_from(texts)?;
            let plain = Challenge { scheme, realm: realm.optional_text()?, ..Challenge::default() };
            let challenge = with(plain, text.optional_text()?)?;
            let status = Status::from_code(status).ok_or(Status::Argument)?;
            let text = challenge.write(status, list_mut(to.buffer.cast::<u8>(), to.buffer_bytes)?)?;
            Ok(cmk_bytes::of(text.as_bytes()))
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_challenge"))]
pub unsafe extern "C" fn cmk_challenge(
    scheme: i32,
    realm: cmk_bytes,
    scope: cmk_bytes,
    status: i32,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    value: *mut cmk_bytes,
) -> i32 {
    let to = Place { buffer, buffer_bytes, value };
    // SAFETY: the caller's promise.
    unsafe { challenge(scheme, realm, scope, status, &to, |plain, scope| Ok(Challenge { scope, ..plain })) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_login_challenge"))]
pub unsafe extern "C" fn cmk_login_challenge(
    scheme: i32,
    realm: cmk_bytes,
    acr_values: cmk_bytes,
    max_age: i64,
    status: i32,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    value: *mut cmk_bytes,
) -> i32 {
    let to = Place { buffer, buffer_bytes, value };
    // SAFETY: the caller's promise.
    unsafe {
        challenge(scheme, realm, acr_values, status, &to, |plain, acr_values| {
            let max_age = match max_age {
                -1 => None,
                seconds => Some(u32::try_from(seconds).map_err(|_| Status::Argument)?),
            };
            Ok(Challenge { acr_values, max_age, ..plain })
        })
    }
}

/// The HTTP status that goes with a verdict; 500 for a number that is none.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_http_status"))]
pub extern "C" fn cmk_http_status(status: i32) -> i32 {
    Status::from_code(status).map_or(500, |status| i32::from(Challenge::http_status(status)))
}
