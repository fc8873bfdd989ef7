//! The atomic words of the tables, behind one name. The models in `tests/loom` put loom's here.
//!
//! A target without native 64-bit atomics gets plain cells under the same name. They are not `Sync`, so Rust keeps such a table
//! in one thread; a lock hidden in this library would be no lock between processes, and would cost static memory.

#[cfg(not(target_has_atomic = "64"))]
pub use alone::AtomicU64;
#[cfg(all(not(target_has_atomic = "64"), any(feature = "replay", feature = "revocation", feature = "throttle")))]
pub(crate) use alone::fence;
#[cfg(target_has_atomic = "64")]
pub use core::sync::atomic::AtomicU64;
pub(crate) use core::sync::atomic::Ordering;
#[cfg(all(target_has_atomic = "64", any(feature = "replay", feature = "revocation", feature = "throttle")))]
pub(crate) use core::sync::atomic::fence;

/// Whether tables may be shared between threads and between processes: whether this target has native 64-bit atomics.
/// Elsewhere a table belongs to one process, and calls on it must not overlap.
pub const fn table_shareable() -> bool {
    cfg!(target_has_atomic = "64")
}

/// One word in one thread, with the methods that the tables use.
#[cfg(any(test, not(target_has_atomic = "64")))]
mod alone {
    use super::Ordering;
    use core::cell::Cell;

    /// A word of a table. This target has no 64-bit atomics, so it is a plain cell.
    #[derive(Default)]
    #[repr(C, align(8))]
    pub struct AtomicU64(Cell<u64>);

    impl AtomicU64 {
        /// A word with this value.
        pub const fn new(value: u64) -> Self {
            AtomicU64(Cell::new(value))
        }

        /// Its value.
        pub fn load(&self, _: Ordering) -> u64 {
            self.0.get()
        }

        /// Replaces its value.
        pub fn store(&self, value: u64, _: Ordering) {
            self.0.set(value);
        }

        /// Replaces its value if it is `current`; the value before.
        ///
        /// # Errors
        /// The value, which was another.
        pub fn compare_exchange(&self, current: u64, new: u64, _: Ordering, _: Ordering) -> Result<u64, u64> {
            let found = self.0.get();
            if found != current {
                return Err(found);
            }
            self.0.set(new);
            Ok(found)
        }

        /// Adds, wrapping around; the value before.
        pub fn fetch_add(&self, value: u64, _: Ordering) -> u64 {
            self.0.replace(self.0.get().wrapping_add(value))
        }
    }

    #[cfg_attr(not(any(feature = "replay", feature = "revocation", feature = "throttle")), allow(dead_code))]
    pub(crate) fn fence(_: Ordering) {}
}

#[cfg(test)]
mod tests {
    use super::{Ordering, alone};

    #[test]
    fn the_cell_does_what_the_atomic_does() {
        let (cell, atomic) = (alone::AtomicU64::new(7), core::sync::atomic::AtomicU64::new(7));
        let relaxed = Ordering::Relaxed;
        for (current, new) in [(7, 8), (7, 9), (8, u64::MAX), (0, 1)] {
            let wanted = atomic.compare_exchange(current, new, relaxed, relaxed);
            assert_eq!(cell.compare_exchange(current, new, relaxed, relaxed), wanted);
        }
        assert_eq!((cell.fetch_add(3, relaxed), atomic.fetch_add(3, relaxed)), (u64::MAX, u64::MAX));
        alone::fence(Ordering::SeqCst);
        cell.store(2, relaxed);
        atomic.store(2, relaxed);
        assert_eq!((cell.load(relaxed), atomic.load(relaxed)), (2, 2));
        assert_eq!((size_of::<alone::AtomicU64>(), align_of::<alone::AtomicU64>()), (8, 8));
    }
}
