//! Revocation: tokens, keys and whole pasts of subjects that are refused although they verify.

mod snapshot;
mod table;

pub use table::{RevocationStatistics, RevocationTable};

use super::{Name, Shared};
use crate::error::Status;

/// What a verified token can be revoked by.
#[derive(Clone, Copy, Debug, Default)]
pub struct Revocable<'c> {
    /// `iss`.
    pub issuer: Option<Name<'c>>,
    /// `jti`.
    pub token_id: Option<Name<'c>>,
    /// `sub`.
    pub subject: Option<Name<'c>>,
    /// The `kid` of the key that verified it, even where its header names none.
    pub key_id: Option<Name<'c>>,
    /// `iat`, in seconds since 1970, rounded down.
    pub issued_at: Option<i64>,
}

/// Where revocations are kept: [`RevocationTable`], or a store that a host shares between machines.
pub trait Revocations: Shared {
    /// Whether the token may still be used. `now` is the verifier's clock less its policy's leeway, for so long an expired token
    /// is accepted; without a clock it is the beginning of time, so that everything still kept counts.
    ///
    /// # Errors
    /// [`Status::Revoked`]; [`Status::RevocationUnknown`] when that cannot be said. Any other status ends the verification.
    fn check(&self, token: &Revocable<'_>, now: i64) -> Result<(), Status>;
}
