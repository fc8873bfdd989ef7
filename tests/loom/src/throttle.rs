//! The throttle's own files, over loom's atomics.

#[path = "../../../src/standing/throttle/limit.rs"]
pub(crate) mod limit;
#[path = "../../../src/standing/throttle/rates.rs"]
pub(crate) mod rates;
