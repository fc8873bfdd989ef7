//! A list of bounded length inside an object that C provides.

use core::mem::MaybeUninit;
use countermark::Status;

/// A list in fixed memory, filled where it lies.
pub(crate) struct List<T, const PLACES: usize> {
    count: usize,
    places: [MaybeUninit<T>; PLACES],
}

impl<T, const PLACES: usize> List<T, PLACES> {
    /// # Safety
    /// `list` is writable.
    pub(crate) unsafe fn fill<C>(list: *mut Self, from: &[C], item: impl Fn(&C) -> Result<T, Status>) -> Result<(), Status> {
        if from.len() > PLACES {
            return Err(Status::TooManyItems);
        }
        for (position, given) in from.iter().enumerate() {
            // SAFETY: the position is below the number of places.
            unsafe { (&raw mut (*list).places).cast::<T>().add(position).write(item(given)?) };
        }
        // SAFETY: writable by promise; so many places have been filled.
        unsafe { (&raw mut (*list).count).write(from.len()) };
        Ok(())
    }

    pub(crate) fn as_slice(&self) -> &[T] {
        // SAFETY: `fill` counts what it has filled.
        unsafe { core::slice::from_raw_parts(self.places.as_ptr().cast::<T>(), self.count) }
    }
}
