//! Stage 8: standing. State that changes, in tables over memory that the caller owns and may share.

#[cfg(feature = "replay")]
mod replay;
#[cfg(feature = "throttle")]
mod throttle;

#[cfg(feature = "replay")]
pub use replay::{ReplayStatistics, ReplayTable};
#[cfg(feature = "throttle")]
pub use throttle::{CHARGES_MAX, Charge, Client, Limit, Refusal, Throttle, ThrottleStatistics, ThrottleTable};
