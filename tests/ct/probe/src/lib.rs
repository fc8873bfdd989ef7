//! What the constant-time harness cannot reach through the C ABI, and two leaky twins that it must catch.
#![no_std]

use countermark::tools;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {}
}

/// # Safety
/// `ptr` points to `len` bytes.
unsafe fn bytes<'a>(ptr: *const u8, len: usize) -> &'a [u8] {
    // SAFETY: the harness's promise.
    unsafe { core::slice::from_raw_parts(ptr, len) }
}

/// Decodes base64url; how many bytes, or -1.
///
/// # Safety
/// The pointers are valid for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn probe_base64url_decode(text: *const u8, len: usize, out: *mut u8, room: usize) -> i32 {
    // SAFETY: the harness's promise.
    let (text, out) = unsafe { (bytes(text, len), core::slice::from_raw_parts_mut(out, room)) };
    tools::base64url_decode(text, out).map_or(-1, |decoded| decoded.len() as i32)
}

/// HMAC-SHA256 with the project's keyed state.
///
/// # Safety
/// The pointers are valid for their lengths; `mac` has 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn probe_hmac_sha256(key: *const u8, key_len: usize, text: *const u8, len: usize, mac: *mut u8) {
    // SAFETY: the harness's promise.
    let (key, text, mac) = unsafe { (bytes(key, key_len), bytes(text, len), core::slice::from_raw_parts_mut(mac, 32)) };
    tools::hmac_sha256(key, &[text], mac);
}

/// Leaky on purpose: HMAC verification that stops at the first wrong byte.
///
/// # Safety
/// The pointers are valid for their lengths; `mac` has 32 bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn probe_leaky_holds(key: *const u8, key_len: usize, text: *const u8, len: usize, mac: *const u8) -> i32 {
    let mut computed = [0; 32];
    // SAFETY: the harness's promise.
    let mac = unsafe {
        probe_hmac_sha256(key, key_len, text, len, computed.as_mut_ptr());
        bytes(mac, 32)
    };
    for (left, right) in computed.iter().zip(mac) {
        if left != right {
            return 0;
        }
    }
    1
}

/// Leaky on purpose: base64url decoding by a table, so that addresses depend on the secret.
///
/// # Safety
/// The pointers are valid for their lengths; `table` has 256 bytes, `out` as many as `text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn probe_leaky_values(text: *const u8, len: usize, table: *const u8, out: *mut u8) {
    // SAFETY: the harness's promise.
    let (text, table, out) =
        unsafe { (bytes(text, len), bytes(table, 256), core::slice::from_raw_parts_mut(out, len)) };
    for (value, char) in out.iter_mut().zip(text) {
        *value = table[usize::from(*char)];
    }
}
