//! Stage 8: standing. State that changes, in tables over memory that the caller owns and may share.

#[cfg(feature = "cache")]
mod cache;
#[cfg(any(feature = "_tables", feature = "risk"))]
mod keyed;
#[cfg(feature = "_standing")]
mod name;
#[cfg(any(feature = "risk", feature = "session"))]
mod record;
#[cfg(feature = "replay")]
mod replay;
#[cfg(feature = "revocation")]
mod revocation;
#[cfg(feature = "risk")]
mod risk;
#[cfg(feature = "session")]
mod session;
#[cfg(feature = "_standing")]
mod shared;
#[cfg(feature = "status-list")]
mod status_list;
#[cfg(feature = "_standing")]
mod stage;
#[cfg(feature = "throttle")]
mod throttle;

#[cfg(feature = "cache")]
pub use cache::{CacheStatistics, TokenCache};
#[cfg(feature = "_standing")]
pub use name::Name;
#[cfg(feature = "replay")]
pub use replay::{ReplayStatistics, ReplayTable};
#[cfg(feature = "revocation")]
pub use revocation::{Revocable, RevocationStatistics, RevocationTable, Revocations};
#[cfg(feature = "risk")]
pub use risk::{
    Action, Finding, Network, Position, RISK_RECORD_BYTES, Risk, RiskRecord, RiskRow, RiskRules, Signals, Visit,
};
#[cfg(feature = "session")]
pub use session::{SESSION_BYTES, Seen, Session, SessionEnd, SessionRules, SessionVerdict};
#[cfg(feature = "_standing")]
pub use shared::Shared;
#[cfg(feature = "_standing")]
pub use stage::Standing;
#[cfg(feature = "_standing")]
pub(crate) use stage::Verified;
#[cfg(feature = "status-list")]
pub use status_list::{StatusList, StatusReference, StatusRules, StatusSource, Statuses};
#[cfg(feature = "throttle")]
pub use throttle::{CHARGES_MAX, Charge, Client, Limit, Refusal, Throttle, ThrottleStatistics, ThrottleTable};
