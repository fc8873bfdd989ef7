//! Views that C lays over a region of its own, which threads and processes may share: one of each table.

use crate::memory::{Opaque, Range, cmk_bytes, fill, list, list_mut, object, writable};
use core::ffi::c_void;
use countermark::{AtomicU64, Status};

/// A table over a region, with its secret.
pub struct View<T> {
    pub(crate) table: T,
    region: Range,
}

impl<T> View<T> {
    /// Texts and structures may not lie in the table's words: those change meanwhile.
    pub(crate) fn apart_from(&self, other: Range) -> Result<(), Status> {
        self.region.apart_from(other)
    }

    /// The region, for overlap checks.
    #[cfg(any(feature = "revocation", feature = "throttle", feature = "cache"))]
    pub(crate) fn read_by(&self, apart: &mut crate::memory::Apart<'_>) {
        apart.and(self.region);
    }

    #[cfg(feature = "throttle")]
    pub(crate) fn region(&self) -> Range {
        self.region
    }
}

/// The words of a region.
pub(crate) enum Words {
    /// To be emptied: nobody else uses them yet.
    Own(&'static mut [AtomicU64]),
    /// As they are, which a target without native atomics cannot share.
    Shared(&'static [AtomicU64]),
}

/// What C says of a region.
pub(crate) struct Region {
    pub(crate) at: *mut c_void,
    pub(crate) bytes: usize,
    pub(crate) secret: cmk_bytes,
    pub(crate) is_shared: bool,
}

/// Fills `view` with what `make` makes of the region's words and the secret, once nothing else can fail any more.
///
/// # Safety
/// `view` is writable, or NULL; the region points to writable bytes that outlive it, or is NULL; nobody else uses one that is
/// not shared.
pub(crate) unsafe fn lay<T, const WORDS: usize>(
    view: *mut Opaque<View<T>, WORDS>,
    region: &Region,
    make: impl FnOnce(Words, &[u8]) -> Result<T, Status>,
) -> i32 {
    if region.is_shared && !countermark::table_shareable() {
        // SAFETY: the caller's promise.
        return unsafe { fill(view, Err(Status::NotSupported)) };
    }
    let made = (|| {
        writable(view)?;
        let range = Range::of(region.at.cast::<u8>(), region.bytes);
        range.apart_from(Range::of_object(view))?;
        range.apart_from(Range::of_bytes(region.secret))?;
        Range::of_object(view).apart_from(Range::of_bytes(region.secret))?;
        if region.at.is_null() {
            return Err(Status::NullPointer);
        }
        let (words, count) = (region.at.cast::<AtomicU64>(), region.bytes / 8);
        // SAFETY: the caller's promise, for the whole block.
        let (secret, words) = unsafe {
            let secret = region.secret.read()?;
            let words =
                if region.is_shared { Words::Shared(list(words, count)?) } else { Words::Own(list_mut(words, count)?) };
            (secret, words)
        };
        Ok(Opaque::new(View { table: make(words, secret)?, region: range }))
    })();
    // SAFETY: the caller's promise.
    unsafe { answer(view, made) }
}

/// Fills `counts` with what a table's statistics say.
///
/// # Safety
/// The pointers point to what their types say, or are NULL; `counts` is writable.
pub(crate) unsafe fn count<T, C, const WORDS: usize>(
    view: *const Opaque<View<T>, WORDS>,
    counts: *mut C,
    statistics: impl FnOnce(&T) -> C,
) -> i32 {
    let counted = (|| {
        writable(counts)?;
        Range::of_object(counts).apart_from(Range::of_object(view))?;
        // SAFETY: the caller's promise.
        let view = unsafe { object(view) }?.get()?;
        view.apart_from(Range::of_object(counts))?;
        Ok(statistics(&view.table))
    })();
    // SAFETY: the caller's promise.
    unsafe { answer(counts, counted) }
}

/// As `fill`, but what overlaps stays as it is: it may be a table, or a view, that serves.
///
/// # Safety
/// As `fill`.
unsafe fn answer<T>(out: *mut T, result: Result<T, Status>) -> i32 {
    match result {
        Err(Status::Overlap) => Status::Overlap.code(),
        // SAFETY: the caller's promise.
        result => unsafe { fill(out, result) },
    }
}

/// The view, which a verifier will read from now on.
///
/// # Safety
/// `view` points to a view that outlives its use, or is NULL.
#[cfg(any(feature = "revocation", feature = "cache"))]
pub(crate) unsafe fn lent<'a, T, const WORDS: usize>(
    view: *const Opaque<View<T>, WORDS>,
    reader: Range,
) -> Result<&'a Opaque<View<T>, WORDS>, Status> {
    reader.apart_from(Range::of_object(view))?;
    // SAFETY: the caller's promise.
    let lent = unsafe { object(view) }?;
    lent.get()?.apart_from(reader)?;
    Ok(lent)
}
