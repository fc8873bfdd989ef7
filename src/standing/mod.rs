//! Standing: state that changes, in tables over memory that the caller owns and may share.

mod replay;

pub use replay::{Replay, ReplayStatistics, ReplayTable, Use};
