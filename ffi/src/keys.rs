//! `cmk_keys`: a view that C lays over a region of its own.

use crate::memory::{Range, cmk_bytes, code, fill, fill_apart, list, list_mut, object, writable};
use core::mem::ManuallyDrop;
use countermark::{Algorithm, KeySet, Keys, Status};

/// A key set: where its region is, and how large.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_keys {
    pub region: *mut u64,
    pub bytes: usize,
}

impl cmk_keys {
    /// # Safety
    /// The region is as `cmk_keys_init` got it.
    pub(crate) unsafe fn set<'a>(&self) -> Result<KeySet<'a>, Status> {
        // SAFETY: the caller's promise.
        KeySet::open(unsafe { list(self.region.cast_const(), self.bytes / 8) }?)
    }

    pub(crate) fn range(&self) -> Range {
        Range::of(self.region, self.bytes)
    }

    /// Runs `change` on the set without wiping it afterwards.
    ///
    /// # Safety
    /// The region is as `cmk_keys_init` got it, and nothing else uses it.
    pub(crate) unsafe fn change<T>(
        &self,
        inputs: &[Range],
        change: impl FnOnce(&mut Keys<'_>) -> Result<T, Status>,
    ) -> Result<T, Status> {
        self.range().apart_from(Range::of_object(self))?;
        for input in inputs {
            self.range().apart_from(*input)?;
        }
        // SAFETY: the caller's promise.
        let words = unsafe { list_mut(self.region, self.bytes / 8) }?;
        change(&mut ManuallyDrop::new(Keys::open(words)?))
    }
}

/// What a call that looks at a set reads, for overlap checks.
///
/// # Safety
/// `keys` points to a view, or is NULL.
unsafe fn read_of(keys: *const cmk_keys) -> [Range; 2] {
    // SAFETY: the caller's promise.
    let region = unsafe { object(keys) }.map_or(Range::of_bytes(cmk_bytes::NONE), |keys| keys.range());
    [Range::of_object(keys), region]
}

pub(crate) fn algorithm(number: i32) -> Result<Algorithm, Status> {
    Algorithm::from_code(number).ok_or(Status::NotSupported)
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_init"))]
pub unsafe extern "C" fn cmk_keys_init(
    keys: *mut cmk_keys,
    region: *mut core::ffi::c_void,
    bytes: usize,
    issuer: cmk_bytes,
) -> i32 {
    let region = region.cast::<u64>();
    let made = cmk_keys { region, bytes };
    let make = || {
        writable(keys)?;
        made.range().apart_from(Range::of_bytes(issuer))?;
        if region.is_null() {
            return Err(Status::NullPointer);
        }
        // SAFETY: the caller's promise.
        let (issuer, words) = unsafe { (issuer.optional_text()?, list_mut(region, bytes / 8)?) };
        let keys = match issuer {
            Some(issuer) => Keys::for_issuer(words, issuer)?,
            None => Keys::new(words)?,
        };
        core::mem::forget(keys);
        Ok(made)
    };
    // SAFETY: the caller's promise.
    unsafe { fill_apart(keys, &[Range::of_bytes(issuer), made.range()], make) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_init_after"))]
pub unsafe extern "C" fn cmk_keys_init_after(
    keys: *mut cmk_keys,
    region: *mut core::ffi::c_void,
    bytes: usize,
    old: *const cmk_keys,
) -> i32 {
    let made = (|| {
        writable(keys)?;
        // SAFETY: the caller's promise.
        let old = unsafe { object(old) }?;
        let made = cmk_keys { region: region.cast::<u64>(), bytes };
        Range::of_object(keys).apart_from(Range::of_object(old))?;
        made.range().apart_from(old.range())?;
        made.range().apart_from(Range::of_object(old))?;
        made.range().apart_from(Range::of_object(keys))?;
        Range::of_object(keys).apart_from(old.range())?;
        if region.is_null() {
            return Err(Status::NullPointer);
        }
        // SAFETY: the caller's promise.
        let (set, words) = unsafe { (old.set()?, list_mut(made.region, bytes / 8)?) };
        core::mem::forget(Keys::succeeding(words, &set)?);
        Ok(made)
    })();
    if let Err(Status::Overlap) = made {
        // The old view may be what lies there: a set that serves is never lost.
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(keys, made) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_open"))]
pub unsafe extern "C" fn cmk_keys_open(keys: *mut cmk_keys, region: *const core::ffi::c_void, bytes: usize) -> i32 {
    let opened = cmk_keys { region: region.cast::<u64>().cast_mut(), bytes };
    let check = || {
        if region.is_null() {
            return Err(Status::NullPointer);
        }
        // SAFETY: the caller's promise.
        unsafe { opened.set() }.map(|_| opened)
    };
    // SAFETY: the caller's promise.
    unsafe { fill_apart(keys, &[opened.range()], check) }
}

/// What a loader of one key of a named algorithm does.
///
/// # Safety
/// As that loader.
unsafe fn add(
    keys: *mut cmk_keys,
    alg: i32,
    kid: cmk_bytes,
    key: cmk_bytes,
    add: impl FnOnce(&mut Keys<'_>, Algorithm, Option<&str>, &[u8]) -> Result<(), Status>,
) -> i32 {
    // SAFETY: the caller's promise.
    code((|| unsafe {
        let (algorithm, kid_text, bytes) = (algorithm(alg)?, kid.optional_text()?, key.read()?);
        object(keys)?.change(&[kid, key].map(Range::of_bytes), |keys| add(keys, algorithm, kid_text, bytes))
    })())
}

/// What a build without the function's feature answers, once the arguments are checked.
#[cfg(not(all(feature = "spki", feature = "certificate", feature = "pem", feature = "ed25519")))]
fn unsupported<T>(_: T) -> Result<(), Status> {
    Err(Status::NotSupported)
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_add_secret"))]
pub unsafe extern "C" fn cmk_keys_add_secret(keys: *mut cmk_keys, alg: i32, kid: cmk_bytes, secret: cmk_bytes) -> i32 {
    #[cfg(feature = "envelope")]
    if let Some(management) = countermark::KeyManagement::from_code(alg) {
        // SAFETY: the caller's promise.
        return code((|| unsafe {
            let (kid_text, bytes) = (kid.optional_text()?, secret.read()?);
            object(keys)?
                .change(&[kid, secret].map(Range::of_bytes), |keys| keys.add_decryption(management, kid_text, bytes))
        })());
    }
    // SAFETY: the caller's promise.
    unsafe { add(keys, alg, kid, secret, |keys, algorithm, kid, bytes| keys.add_secret(algorithm, kid, bytes)) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_add_sec1"))]
pub unsafe extern "C" fn cmk_keys_add_sec1(keys: *mut cmk_keys, alg: i32, kid: cmk_bytes, sec1: cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { add(keys, alg, kid, sec1, |keys, algorithm, kid, bytes| keys.add_sec1(algorithm, kid, bytes)) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_add_spki"))]
pub unsafe extern "C" fn cmk_keys_add_spki(keys: *mut cmk_keys, alg: i32, kid: cmk_bytes, der: cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        add(keys, alg, kid, der, |keys, algorithm, kid, bytes| {
            #[cfg(feature = "spki")]
            return keys.add_spki(algorithm, kid, bytes);
            #[cfg(not(feature = "spki"))]
            unsupported((keys, algorithm, kid, bytes))
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_add_pkcs1"))]
pub unsafe extern "C" fn cmk_keys_add_pkcs1(keys: *mut cmk_keys, alg: i32, kid: cmk_bytes, der: cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        add(keys, alg, kid, der, |keys, algorithm, kid, bytes| {
            #[cfg(feature = "spki")]
            return keys.add_pkcs1(algorithm, kid, bytes);
            #[cfg(not(feature = "spki"))]
            unsupported((keys, algorithm, kid, bytes))
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_add_certificate"))]
pub unsafe extern "C" fn cmk_keys_add_certificate(keys: *mut cmk_keys, alg: i32, kid: cmk_bytes, der: cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        add(keys, alg, kid, der, |keys, algorithm, kid, bytes| {
            #[cfg(feature = "certificate")]
            return keys.add_certificate(algorithm, kid, bytes);
            #[cfg(not(feature = "certificate"))]
            unsupported((keys, algorithm, kid, bytes))
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_add_pem"))]
pub unsafe extern "C" fn cmk_keys_add_pem(keys: *mut cmk_keys, alg: i32, kid: cmk_bytes, text: cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        add(keys, alg, kid, text, |keys, algorithm, kid, bytes| {
            #[cfg(feature = "pem")]
            return keys.add_pem(algorithm, kid, bytes);
            #[cfg(not(feature = "pem"))]
            unsupported((keys, algorithm, kid, bytes))
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_add_ed25519"))]
pub unsafe extern "C" fn cmk_keys_add_ed25519(keys: *mut cmk_keys, kid: cmk_bytes, public_key: cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    code((|| unsafe {
        let (kid_text, bytes) = (kid.optional_text()?, public_key.read()?);
        object(keys)?.change(&[kid, public_key].map(Range::of_bytes), |keys| {
            #[cfg(feature = "ed25519")]
            return keys.add_ed25519(kid_text, bytes);
            #[cfg(not(feature = "ed25519"))]
            unsupported((keys, kid_text, bytes))
        })
    })())
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_count"))]
pub unsafe extern "C" fn cmk_keys_count(keys: *const cmk_keys, count: *mut usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill_apart(count, &read_of(keys), || Ok(object(keys)?.set()?.len())) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_generation"))]
pub unsafe extern "C" fn cmk_keys_generation(keys: *const cmk_keys, generation: *mut u32) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill_apart(generation, &read_of(keys), || Ok(object(keys)?.set()?.generation())) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_wipe"))]
pub unsafe extern "C" fn cmk_keys_wipe(keys: *mut cmk_keys) -> i32 {
    // SAFETY: the caller's promise.
    code((|| unsafe {
        let keys = *object(keys)?;
        zeroize::Zeroize::zeroize(list_mut(keys.region.cast::<u8>(), keys.bytes)?);
        Ok(())
    })())
}

/// The most bytes that one key takes.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_key_bytes"))]
pub extern "C" fn cmk_key_bytes(alg: i32, bits: usize) -> usize {
    #[cfg(feature = "envelope")]
    if let Some(management) = countermark::KeyManagement::from_code(alg) {
        return countermark::decryption_key_bytes(management);
    }
    Algorithm::from_code(alg).map_or(0, |algorithm| countermark::key_bytes(algorithm, bits))
}

/// The bytes of a region beside its keys.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_keys_head_bytes"))]
pub extern "C" fn cmk_keys_head_bytes(issuer_bytes: usize) -> usize {
    countermark::region_head_bytes(issuer_bytes)
}
