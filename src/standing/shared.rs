//! What a verifier may hold and share.

/// What a verifier may hold: with native 64-bit atomics, only what threads may share.
#[cfg(target_has_atomic = "64")]
pub trait Shared: Sync {}
#[cfg(target_has_atomic = "64")]
impl<T: Sync + ?Sized> Shared for T {}

/// What a verifier may hold. Tables of this target belong to one thread, and so does a verifier that looks into one.
#[cfg(not(target_has_atomic = "64"))]
pub trait Shared {}
#[cfg(not(target_has_atomic = "64"))]
impl<T: ?Sized> Shared for T {}
