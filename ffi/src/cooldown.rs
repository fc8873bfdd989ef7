//! How often an unknown key id may make a host fetch.

use crate::memory::{Range, fill_apart, object, writable};
use countermark::Cooldown;

/// When the last fetch of an issuer's keys was allowed.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_cooldown {
    pub last: i64,
    pub seconds: u32,
    /// 0: nothing was allowed yet.
    pub used: u32,
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_cooldown_ask"))]
pub unsafe extern "C" fn cmk_cooldown_ask(cooldown: *mut cmk_cooldown, now: i64, may_fetch: *mut i32) -> i32 {
    let ask = || {
        writable(may_fetch)?;
        writable(cooldown)?;
        // SAFETY: the caller's promise.
        let found = unsafe { *object(cooldown.cast_const())? };
        let last = if found.used == 0 { None } else { Some(found.last) };
        let mut asked = Cooldown { seconds: found.seconds, last };
        let may = asked.ask(now);
        if let Some(last) = asked.last {
            // SAFETY: writable by the caller's promise.
            unsafe { cooldown.write(cmk_cooldown { last, used: 1, ..found }) };
        }
        Ok(i32::from(may))
    };
    // SAFETY: the caller's promise.
    unsafe { fill_apart(may_fetch, &[Range::of_object(cooldown)], ask) }
}
