//! The stage itself: what a verified token is held against, read-only.

#[cfg(feature = "status-list")]
use super::StatusRules;
#[cfg(feature = "revocation")]
use super::{Name, Revocable, Revocations};
use crate::claims::Claims;
use crate::clock::Clock;
use crate::error::{Failures, Status};
#[cfg(feature = "revocation")]
use crate::key::Stored;

/// What a verified token's standing is looked up in. The default looks nowhere.
#[derive(Clone, Copy, Default)]
pub struct Standing<'v> {
    /// Revocations of tokens, keys and subjects.
    #[cfg(feature = "revocation")]
    pub revocations: Option<&'v dyn Revocations>,
    /// Issuers' lists of their tokens.
    #[cfg(feature = "status-list")]
    pub status: Option<StatusRules<'v>>,
}

/// The token, as the stages before know it.
pub(crate) struct Verified<'a, 's> {
    pub(crate) claims: &'a Claims<'s>,
    /// The id of the key that verified it.
    #[cfg(feature = "revocation")]
    pub(crate) key_id: Option<Stored<'a>>,
    pub(crate) clock: Clock,
    #[cfg(feature = "revocation")]
    /// Seconds for which the policy accepts it after its end.
    pub(crate) leeway: u32,
}

impl Standing<'_> {
    /// Whether anything is asked.
    pub(crate) fn asks(&self) -> bool {
        #[cfg(feature = "revocation")]
        if self.revocations.is_some() {
            return true;
        }
        #[cfg(feature = "status-list")]
        if self.status.is_some() {
            return true;
        }
        false
    }

    /// Every look-up runs; each failure is one bit.
    #[inline(never)] // its frame must not stay on the stack with the other stages'
    pub(crate) fn judge(&self, verified: &Verified<'_, '_>, failures: &mut Failures) -> Result<(), Status> {
        let claims = verified.claims;
        #[cfg(feature = "revocation")]
        if let Some(revocations) = self.revocations {
            let now = match verified.clock {
                Clock::At(now) => now.saturating_sub(verified.leeway.into()),
                Clock::Missing => i64::MIN,
            };
            let token = Revocable {
                issuer: claims.issuer().map(Name::of_claim),
                token_id: claims.token_id().map(Name::of_claim),
                subject: claims.subject().map(Name::of_claim),
                key_id: verified.key_id.map(Name::of_key),
                issued_at: claims.issued_at(),
            };
            if let Err(status) = revocations.check(&token, now) {
                failures.fold(status)?;
            }
        }
        #[cfg(feature = "status-list")]
        if let Some(rules) = self.status {
            rules.judge(claims, verified.clock, failures)?;
        }
        Ok(())
    }
}
