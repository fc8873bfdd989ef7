//! `cmk_session`: continuous validation of what outlives its request.

use crate::memory::{Apart, Range, fill_apart, object};
use countermark::{Seen, Session, SessionRules, Status};

/// A verification was made.
pub const SEEN_VERIFIED: u32 = 1;
/// A similarity was scored.
pub const SEEN_SIMILARITY: u32 = 2;
/// The session was used.
pub const SEEN_USED: u32 = 4;

/// A session: these bytes are all of it.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_session {
    pub bytes: [u8; countermark::SESSION_BYTES],
}

/// How long a session may go on without what.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_session_rules {
    pub check_seconds: u32,
    pub idle_seconds: u32,
    pub absolute_seconds: u32,
    pub similarity: u32,
}

/// What has come to pass.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_seen {
    pub epoch: u64,
    pub expires_at: i64,
    pub status: i32,
    pub similarity: u32,
    pub flags: u32,
    pub reserved: u32,
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_session_begin"))]
pub unsafe extern "C" fn cmk_session_begin(
    session: *mut cmk_session,
    rules: *const cmk_session_rules,
    expires_at: i64,
    epoch: u64,
    now: i64,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        fill_apart(session, &[Range::of_object(rules)], || {
            let cmk_session_rules { check_seconds, idle_seconds, absolute_seconds, similarity } = *object(rules)?;
            let rules = SessionRules { check_seconds, idle_seconds, absolute_seconds, similarity };
            Session::begin(&rules, expires_at, epoch, now).map(|begun| cmk_session { bytes: begun.0 })
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_session_due"))]
pub unsafe extern "C" fn cmk_session_due(session: *const cmk_session, due: *mut i64) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { fill_apart(due, &[Range::of_object(session)], || object(session).map(|session| Session(session.bytes).due())) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_session_observe"))]
pub unsafe extern "C" fn cmk_session_observe(session: *mut cmk_session, seen: *const cmk_seen, now: i64) -> i32 {
    let written = [Range::of_object(session)];
    let made = (|| {
        Apart::new(&written).and_object(seen).verdict()?;
        // SAFETY: the caller's promise.
        let (kept, seen) = unsafe { (*object(session.cast_const())?, *object(seen)?) };
        if seen.flags & !(SEEN_VERIFIED | SEEN_SIMILARITY | SEEN_USED) != 0 || seen.reserved != 0 {
            return Err(Status::Argument);
        }
        let has = |flag: u32| seen.flags & flag != 0;
        let verified = match has(SEEN_VERIFIED) {
            true => Some((Status::from_code(seen.status).ok_or(Status::Argument)?, seen.expires_at)),
            false => None,
        };
        let seen = Seen {
            is_used: has(SEEN_USED),
            epoch: seen.epoch,
            verified,
            similarity: has(SEEN_SIMILARITY).then_some(seen.similarity),
        };
        let mut kept = Session(kept.bytes);
        let verdict = kept.observe(&seen, now);
        Ok((kept, verdict))
    })();
    match made {
        // SAFETY: the caller's promise.
        Ok((kept, verdict)) => unsafe {
            fill_apart(session, &[], || Ok(cmk_session { bytes: kept.0 }));
            verdict.status().code()
        },
        // The session stays as it was.
        Err(status) => status.code(),
    }
}
