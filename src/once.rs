//! What may be used once, and where that is remembered.

use crate::error::Status;

/// One use of something that may be used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    /// SHA-256 of what identifies it: of a proof its key's thumbprint and its `jti`, of a token its `iss` and `jti`, framed so
    /// that no two pairs give the same text.
    pub digest: [u8; 32],
    /// When it could no longer be accepted anyway, in seconds since 1970.
    pub expires_at: i64,
}

/// Where uses are remembered: `ReplayTable`, or a store that a host shares between machines.
pub trait Replay {
    /// Whether the use has not been seen. Changes nothing.
    ///
    /// # Errors
    /// [`Status::Replayed`], also when `expires_at` has been reached.
    fn check(&self, presented: &Use, now: i64) -> Result<(), Status>;

    /// Remembers the use, unless it has been seen. Of any number of calls with one digest exactly one succeeds until it expires.
    ///
    /// # Errors
    /// As [`Replay::check`]; [`Status::ReplayFull`]. The request must not be served, whatever `check` had said.
    fn commit(&self, presented: &Use, now: i64) -> Result<(), Status>;
}
