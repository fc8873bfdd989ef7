//! Rotating secrets: their settings, a key set's and a signer's.

use crate::keys::cmk_keys;
use crate::memory::{Range, cmk_bytes, code, object, sized};
use countermark::{Rotating, RotatingMode, Status};

/// The settings of a rotating secret as C writes them.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_rotating {
    pub size: usize,
    pub claim: cmk_bytes,
    pub mode: i32,
    pub window: u32,
    pub grace: u32,
}

impl cmk_rotating {
    /// # Safety
    /// `rotating` is valid, and so are its members; or it is NULL.
    unsafe fn read<'a>(rotating: *const cmk_rotating) -> Result<Rotating<'a>, Status> {
        // SAFETY: the caller's promise.
        let (given, claim) = unsafe {
            let given = sized(rotating, size_of::<cmk_rotating>())?;
            (given, given.claim.text()?)
        };
        let strict = match given.mode {
            mode if mode == RotatingMode::Compat as i32 => Rotating::compat(claim),
            mode if mode == RotatingMode::Derived as i32 => Rotating::derived(claim),
            _ => return Err(Status::RotatingSettings),
        };
        Ok(Rotating { window: if given.window == 0 { strict.window } else { given.window }, grace: given.grace, ..strict })
    }
}

/// What is read through the settings, for overlap checks.
///
/// # Safety
/// As [`cmk_rotating::read`].
unsafe fn read_of(rotating: *const cmk_rotating) -> Result<[Range; 2], Status> {
    // SAFETY: the caller's promise.
    let given = unsafe { sized(rotating, size_of::<cmk_rotating>())? };
    Ok([Range::of_object(rotating), Range::of_bytes(given.claim)])
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_add_rotating"))]
pub unsafe extern "C" fn cmk_keys_add_rotating(
    keys: *mut cmk_keys,
    kid: cmk_bytes,
    base: cmk_bytes,
    rotating: *const cmk_rotating,
) -> i32 {
    // SAFETY: the caller's promise.
    code((|| unsafe {
        let (kid_text, bytes, settings) = (kid.optional_text()?, base.read()?, cmk_rotating::read(rotating)?);
        let [settings_range, claim_range] = read_of(rotating)?;
        let read = [Range::of_bytes(kid), Range::of_bytes(base), settings_range, claim_range];
        object(keys)?.change(&read, |keys| keys.add_rotating(kid_text, bytes, &settings))
    })())
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[cfg(feature = "issue")]
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_signer_of_rotating"))]
pub unsafe extern "C" fn cmk_signer_of_rotating(
    signer: *mut crate::cmk_signer,
    kid: cmk_bytes,
    base: cmk_bytes,
    rotating: *const cmk_rotating,
    user: cmk_bytes,
    issued_at: i64,
) -> i32 {
    use crate::memory::{Opaque, fill_apart};
    // SAFETY: the caller's promise.
    unsafe {
        let [settings, claim] = read_of(rotating).unwrap_or([Range::of_object(rotating), Range::of_bytes(cmk_bytes::NONE)]);
        fill_apart(signer, &[Range::of_bytes(kid), Range::of_bytes(base), Range::of_bytes(user), settings, claim], || {
            let (kid, base, user) = (kid.optional_text()?, base.read()?, user.text()?);
            countermark::Signer::of_rotating(kid, base, &cmk_rotating::read(rotating)?, user, issued_at).map(Opaque::new)
        })
    }
}
