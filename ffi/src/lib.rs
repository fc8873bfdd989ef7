//! The C ABI: every `cmk_` function, and the project's only unsafe code.
//!
//! The contract of each function stands in `include/countermark.h`. Each body does three things: it turns C memory into Rust
//! values (`memory`), calls the core once, and writes the result, or zeros, in one place (`memory::fill`).
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]
#![allow(clippy::missing_safety_doc, missing_docs)]

#[cfg(feature = "carrier")]
mod carrier;
#[cfg(feature = "cache")]
mod cache;
mod claims;
#[cfg(feature = "sketch")]
mod collector;
mod cooldown;
#[cfg(feature = "envelope")]
mod envelope;
mod evidence;
#[cfg(feature = "issue")]
mod issue;
mod jwk;
mod kept;
mod keys;
mod list;
mod memory;
mod once;
mod policy;
mod possession;
#[cfg(feature = "prepared")]
mod prepared;
mod recipe;
#[cfg(any(feature = "replay", feature = "revocation", feature = "throttle", feature = "cache"))]
mod region;
#[cfg(feature = "replay")]
mod replay;
#[cfg(feature = "revocation")]
mod revocation;
#[cfg(feature = "_standing")]
mod standing;
#[cfg(feature = "status-list")]
mod status_list;
#[cfg(feature = "rights")]
mod rights;
#[cfg(feature = "rotating")]
mod rotating;
#[cfg(feature = "risk")]
mod risk;
#[cfg(feature = "session")]
mod session;
mod scratch;
mod sketch;
mod status;
#[cfg(feature = "throttle")]
mod throttle;
mod verifier;
mod verify;

#[cfg(feature = "cache")]
pub use cache::*;
#[cfg(feature = "carrier")]
pub use carrier::*;
pub use claims::*;
#[cfg(feature = "sketch")]
pub use collector::*;
pub use cooldown::*;
#[cfg(feature = "envelope")]
pub use envelope::*;
pub use evidence::{cmk_component, cmk_evidence, cmk_header};
#[cfg(feature = "issue")]
pub use issue::*;
pub use jwk::*;
pub use keys::*;
pub use memory::cmk_bytes;
pub use once::cmk_use;
pub use policy::cmk_policy;
pub use possession::*;
#[cfg(feature = "prepared")]
pub use prepared::*;
#[cfg(feature = "fingerprint")]
pub use recipe::INPUTS_MAX;
pub use recipe::{cmk_digest, cmk_input, cmk_recipe};
#[cfg(feature = "replay")]
pub use replay::*;
#[cfg(feature = "revocation")]
pub use revocation::*;
#[cfg(feature = "rights")]
pub use rights::{cmk_rule, cmk_rule_scope};
#[cfg(feature = "risk")]
pub use risk::*;
#[cfg(feature = "rotating")]
pub use rotating::*;
pub use scratch::*;
#[cfg(feature = "session")]
pub use session::*;
pub use sketch::*;
pub use status::*;
#[cfg(feature = "status-list")]
pub use status_list::*;
#[cfg(feature = "throttle")]
pub use throttle::*;
pub use verifier::*;
pub use verify::*;

/// The number of this ABI: it grows with each release that changes a structure or a function.
pub const ABI: u32 = 1;

/// The number of this ABI.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_abi"))]
pub extern "C" fn cmk_abi() -> u32 {
    ABI
}

#[cfg(any(feature = "replay", feature = "revocation", feature = "throttle", feature = "cache"))]
/// 1 where tables may be shared between threads and processes.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_table_shareable"))]
pub extern "C" fn cmk_table_shareable() -> i32 {
    i32::from(countermark::table_shareable())
}

macro_rules! sizes {
    ($($function:ident $object:ty;)*) => { $(
        /// The bytes of the object: the same as `sizeof` in a header of this ABI.
        #[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), stringify!($function)))]
        pub extern "C" fn $function() -> usize {
            size_of::<$object>()
        }
    )* };
}

sizes! {
    cmk_verifier_bytes cmk_verifier;
    cmk_claims_bytes cmk_claims;
    cmk_value_bytes cmk_value;
    cmk_sketch_bytes cmk_sketch;
}

#[cfg(feature = "replay")]
sizes! {
    cmk_replay_bytes cmk_replay;
}

#[cfg(feature = "cache")]
sizes! {
    cmk_cache_bytes cmk_cache;
}

#[cfg(feature = "status-list")]
sizes! {
    cmk_status_list_bytes cmk_status_list;
}

#[cfg(feature = "revocation")]
sizes! {
    cmk_revocation_bytes cmk_revocation;
}

#[cfg(feature = "risk")]
sizes! {
    cmk_risk_bytes cmk_risk;
}

#[cfg(feature = "throttle")]
sizes! {
    cmk_throttle_bytes cmk_throttle;
}

#[cfg(feature = "issue")]
sizes! {
    cmk_signer_bytes cmk_signer;
}

#[cfg(all(feature = "issue", feature = "envelope"))]
sizes! {
    cmk_sealer_bytes cmk_sealer;
}
