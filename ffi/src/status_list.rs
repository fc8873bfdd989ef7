//! `cmk_status_list`: an issuer's list of its tokens' statuses, unpacked in memory of C's.

use crate::claims::{cmk_claims, read_of_claims};
use crate::memory::{Apart, Opaque, Range, cmk_bytes, code, fill, fill_apart, list, list_mut, object, object_mut, writable};
use crate::verifier::cmk_verifier;
use core::ffi::c_void;
use countermark::{Clock, Status, StatusList, StatusReference, StatusRules, StatusSource, Statuses};

/// Words of a `cmk_status_list`: what does not depend on the size of a pointer, and what does.
pub const STATUS_LIST_WORDS: usize = 5 + size_of::<[usize; 8]>().div_ceil(8);
/// A token without a status is refused.
pub const STATUS_REQUIRED: u32 = 1;

/// The list, and its memory.
pub struct KeptStatusList {
    list: StatusList<'static>,
    memory: Range,
}

/// The list as C sees it.
#[allow(non_camel_case_types)]
pub type cmk_status_list = Opaque<KeptStatusList, STATUS_LIST_WORDS>;

/// What the host knows of a list.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_status_source {
    pub uri: cmk_bytes,
    pub issuer: cmk_bytes,
    pub max_age: u32,
    pub reserved: u32,
}

/// The lists of a verifier; they stay where the caller has them.
#[derive(Clone, Copy)]
pub(crate) struct KeptLists<'a> {
    lists: &'a [cmk_status_list],
    accepted: &'a [u8],
    required: bool,
}

impl KeptLists<'_> {
    pub(crate) fn rules(&self) -> StatusRules<'_> {
        StatusRules { lists: self, required: self.required, accepted: self.accepted }
    }

    /// For overlap checks.
    pub(crate) fn read_by(&self, apart: &mut Apart<'_>) {
        apart.and_list(self.lists).and_list(self.accepted);
        self.lists.iter().flat_map(Opaque::get).for_each(|kept| {
            apart.and(kept.memory);
        });
    }
}

impl Statuses for KeptLists<'_> {
    fn status(&self, of: &StatusReference<'_>, clock: Clock) -> Result<u8, Status> {
        for list in self.lists {
            match list.get()?.list.status(of, clock) {
                Err(Status::StatusListMismatch) => {}
                found => return found,
            }
        }
        Err(Status::StatusListMismatch)
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_status_list_load"))]
pub unsafe extern "C" fn cmk_status_list_load(
    status_list: *mut cmk_status_list,
    claims: *const cmk_claims,
    source: *const cmk_status_source,
    memory: *mut c_void,
    bytes: usize,
    now: i64,
) -> i32 {
    let range = Range::of(memory.cast::<u8>(), bytes);
    let written = [Range::of_object(status_list), range];
    let mut apart = Apart::new(&written);
    // SAFETY: the caller's promise, for the whole block.
    unsafe {
        apart.and_object(claims).and_object(source);
        if let Err(status) = apart.verdict().and_then(|()| range.apart_from(Range::of_object(status_list))) {
            return status.code();
        }
        let inputs = (|| {
            writable(status_list)?;
            let source = *object(source)?;
            apart.and_bytes(source.uri).and_bytes(source.issuer);
            // The header, which is read too, lies beside the payload: memory over it is the scratch written again.
            read_of_claims(claims).into_iter().for_each(|range| {
                apart.and(range);
            });
            Ok(source)
        })();
        if let Err(status) = apart.verdict() {
            return status.code();
        }
        let made = inputs.and_then(|source| {
            let max_age = if source.max_age == 0 { None } else { Some(source.max_age) };
            let source = StatusSource { uri: source.uri.text()?, issuer: source.issuer.text()?, max_age };
            let claims = object(claims)?.get()?;
            let list = StatusList::load(claims, source, list_mut(memory.cast::<u8>(), bytes)?, now)?;
            Ok(Opaque::new(KeptStatusList { list, memory: range }))
        });
        fill(status_list, made)
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_status_list_get"))]
pub unsafe extern "C" fn cmk_status_list_get(status_list: *const cmk_status_list, index: u64, status: *mut u32) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        fill_apart(status, &[Range::of_object(status_list)], || {
            let kept = object(status_list)?.get()?;
            kept.memory.apart_from(Range::of_object(status))?;
            kept.list.get(index).map(u32::from).ok_or(Status::StatusIndex)
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_verifier_use_status_lists"))]
pub unsafe extern "C" fn cmk_verifier_use_status_lists(
    verifier: *mut cmk_verifier,
    lists: *const cmk_status_list,
    list_count: usize,
    accepted: cmk_bytes,
    flags: u32,
) -> i32 {
    let written = [Range::of_object(verifier)];
    let mut apart = Apart::new(&written);
    // SAFETY: the caller's promise, for the whole block.
    code((|| unsafe {
        apart.and(Range::of_list(lists, list_count)).and_bytes(accepted).verdict()?;
        if flags & !STATUS_REQUIRED != 0 {
            return Err(Status::Argument);
        }
        let kept = KeptLists {
            lists: list(lists, list_count)?,
            accepted: accepted.read()?,
            required: flags & STATUS_REQUIRED != 0,
        };
        kept.lists.iter().try_for_each(|list| list.get().map(drop))?;
        kept.read_by(&mut apart);
        apart.verdict()?;
        object_mut(verifier)?.get_mut()?.standing.status = Some(kept);
        Ok(())
    })())
}
