//! Envelopes: opening one alone, making one, and what was proved of a nested token.

#[cfg(feature = "issue")]
use crate::memory::Opaque;
#[cfg(feature = "issue")]
use crate::memory::wipe;
use crate::memory::{Apart, Range, cmk_bytes, fill, fill_apart, list, list_mut, object, writable};
use crate::{claims::cmk_claims, keys::cmk_keys, verifier::SETS_MAX};
#[cfg(feature = "issue")]
use countermark::{Encryption, KeyManagement, SEAL_RANDOM_BYTES, Sealer};
use countermark::{KeySet, Limits, Status, Text, open_envelope};

/// What was proved of an accepted token, as C reads it.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_layers {
    pub alg: i32,
    pub management: i32,
    pub enc: i32,
    pub reserved: u32,
    pub signed_kid: cmk_bytes,
    pub encrypted_kid: cmk_bytes,
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_claims_layers"))]
pub unsafe extern "C" fn cmk_claims_layers(claims: *const cmk_claims, layers: *mut cmk_layers) -> i32 {
    let kid = |kid: Option<Text<'static>>| {
        kid.and_then(|kid| kid.as_str()).map_or(cmk_bytes::NONE, |kid| cmk_bytes::of(kid.as_bytes()))
    };
    // SAFETY: the caller's promise.
    unsafe {
        fill_apart(layers, &[Range::of_object(claims)], || {
            let found = object(claims)?.get()?.layers();
            Ok(cmk_layers {
                alg: found.algorithm as i32,
                management: found.decrypted.map_or(0, |opened| opened.management as i32),
                enc: found.decrypted.map_or(0, |opened| opened.encryption as i32),
                reserved: 0,
                signed_kid: kid(found.kid),
                encrypted_kid: kid(found.decrypted.and_then(|opened| opened.kid)),
            })
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_envelope_open"))]
pub unsafe extern "C" fn cmk_envelope_open(
    sets: *const cmk_keys,
    set_count: usize,
    envelope: cmk_bytes,
    scratch: *mut core::ffi::c_void,
    scratch_bytes: usize,
    content: *mut cmk_bytes,
) -> i32 {
    let scratch = scratch.cast::<u8>();
    let written = [Range::of_object(content), Range::of(scratch, scratch_bytes)];
    // SAFETY: the caller's promise, for the whole block.
    let opened = (|| unsafe {
        let views = list(sets, set_count)?;
        let mut apart = Apart::new(&written);
        apart.and_bytes(envelope).and_list(views);
        views.iter().for_each(|view| {
            apart.and(view.range());
        });
        apart.verdict()?;
        let [content_range, scratch_range] = written;
        content_range.apart_from(scratch_range)?;
        // Before anything is opened: what cannot be handed out must not lie in the scratch.
        writable(content)?;
        let mut kept = [KeySet::EMPTY; SETS_MAX];
        let places = kept.get_mut(..views.len()).ok_or(Status::TooManyItems)?;
        for (place, view) in places.iter_mut().zip(views) {
            *place = view.set()?;
        }
        let scratch = list_mut(scratch, scratch_bytes)?;
        let (opened, _) = open_envelope(envelope.read()?, places, &Limits::DEFAULT, scratch)?;
        Ok(cmk_bytes::of(opened))
    })();
    if let Err(Status::Overlap) = opened {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(content, opened) }
}

/// Words of a `cmk_sealer`.
#[cfg(feature = "issue")]
pub const SEALER_WORDS: usize = 34;

/// The sealer as C sees it.
#[cfg(feature = "issue")]
#[allow(non_camel_case_types)]
pub type cmk_sealer = Opaque<Sealer, SEALER_WORDS>;

#[cfg(feature = "issue")]
fn encryption(number: i32) -> Result<Encryption, Status> {
    Encryption::from_code(number).ok_or(Status::NotSupported)
}

/// # Safety
/// The bytes are valid.
#[cfg(feature = "issue")]
pub(crate) unsafe fn random<'a>(bytes: cmk_bytes) -> Result<&'a [u8; SEAL_RANDOM_BYTES], Status> {
    // SAFETY: the caller's promise.
    unsafe { bytes.read() }?.try_into().map_err(|_| Status::Argument)
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[cfg(feature = "issue")]
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_sealer_of_key"))]
pub unsafe extern "C" fn cmk_sealer_of_key(
    sealer: *mut cmk_sealer,
    alg: i32,
    enc: i32,
    kid: cmk_bytes,
    key: cmk_bytes,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        fill_apart(sealer, &[kid, key].map(Range::of_bytes), || {
            let management = KeyManagement::from_code(alg).ok_or(Status::NotSupported)?;
            Sealer::of_key(management, encryption(enc)?, kid.optional_text()?, key.read()?).map(Opaque::new)
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[cfg(feature = "issue")]
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_sealer_of_jwk"))]
pub unsafe extern "C" fn cmk_sealer_of_jwk(sealer: *mut cmk_sealer, json: cmk_bytes, enc: i32) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        fill_apart(sealer, &[Range::of_bytes(json)], || Sealer::of_jwk(json.read()?, encryption(enc)?).map(Opaque::new))
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[cfg(feature = "issue")]
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_sealer_wipe"))]
pub unsafe extern "C" fn cmk_sealer_wipe(sealer: *mut cmk_sealer) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { wipe(sealer) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[cfg(feature = "issue")]
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_seal"))]
pub unsafe extern "C" fn cmk_seal(
    sealer: *const cmk_sealer,
    content: cmk_bytes,
    random_bytes: cmk_bytes,
    scratch: *mut core::ffi::c_void,
    scratch_bytes: usize,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    envelope: *mut cmk_bytes,
) -> i32 {
    let scratch = (scratch.cast::<u8>(), scratch_bytes);
    let buffer = (buffer.cast::<u8>(), buffer_bytes);
    let written = [Range::of(scratch.0, scratch.1), Range::of(buffer.0, buffer.1), Range::of_object(envelope)];
    // SAFETY: the caller's promise, for the whole block.
    let made = (|| unsafe {
        let [scratch_range, buffer_range, envelope_range] = written;
        let mut apart = Apart::new(&written);
        apart.and_object(sealer).and_bytes(content).and_bytes(random_bytes).verdict()?;
        scratch_range.apart_from(buffer_range)?;
        envelope_range.apart_from(scratch_range)?;
        envelope_range.apart_from(buffer_range)?;
        let (kept, random) = (object(sealer)?.get()?, random(random_bytes)?);
        let (scratch, buffer) = (list_mut(scratch.0, scratch.1)?, list_mut(buffer.0, buffer.1)?);
        Ok(cmk_bytes::of(kept.seal(content.read()?, random, scratch, buffer)?.as_bytes()))
    })();
    if let Err(Status::Overlap) = made {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(envelope, made) }
}
