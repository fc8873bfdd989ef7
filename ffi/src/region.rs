//! Views that C lays over a region of its own: of every table, which threads and processes may share.

use crate::memory::{Opaque, Range, cmk_bytes, fill, list, list_mut, writable};
use core::ffi::c_void;
use countermark::{AtomicU64, Status};

/// The words of a region.
pub(crate) enum Words {
    /// To be emptied: nobody else uses them yet.
    Own(&'static mut [AtomicU64]),
    /// As they are.
    Shared(&'static [AtomicU64]),
}

/// What C says of a region.
pub(crate) struct Region {
    pub(crate) at: *mut c_void,
    pub(crate) bytes: usize,
    pub(crate) secret: cmk_bytes,
    /// Whether it is to be attached to, which a target without native atomics cannot do, or emptied.
    pub(crate) is_shared: bool,
}

/// Fills `view` with what `make` makes of the region's words, the secret and the settings, once nothing can fail any more.
///
/// # Safety
/// `view` is writable, or NULL; the region points to writable bytes that outlive it, or is NULL; nobody else uses one that is
/// to be emptied.
pub(crate) unsafe fn lay<S, T, const WORDS: usize>(
    view: *mut Opaque<T, WORDS>,
    region: &Region,
    settings: Result<S, Status>,
    make: impl FnOnce(Words, &[u8], S, Range) -> Result<T, Status>,
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
        let settings = settings?;
        let (words, count) = (region.at.cast::<AtomicU64>(), region.bytes / 8);
        // SAFETY: the caller's promise.
        let (secret, words) = unsafe {
            let secret = region.secret.read()?;
            let words = match region.is_shared {
                true => Words::Shared(list(words, count)?),
                false => Words::Own(list_mut(words, count)?),
            };
            (secret, words)
        };
        Ok(Opaque::new(make(words, secret, settings, range)?))
    })();
    if let Err(Status::Overlap) = made {
        // What lies there may be a table, or a view, that serves.
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(view, made) }
}
