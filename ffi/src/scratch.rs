//! `cmk_scratch_bytes`: how much memory a verification takes.

use crate::memory::{Range, fill_apart, object};
use crate::verifier::cmk_verifier;

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_scratch_bytes"))]
pub unsafe extern "C" fn cmk_scratch_bytes(verifier: *const cmk_verifier, token_bytes: usize, bytes: *mut usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill_apart(bytes, &[Range::of_object(verifier)], || Ok(object(verifier)?.get()?.scratch_bytes(token_bytes))) }
}
