//! Stage 8: standing. State that changes, in tables over memory that the caller owns and may share.

mod replay;

pub use replay::{ReplayStatistics, ReplayTable};
