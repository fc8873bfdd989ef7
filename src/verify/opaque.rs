//! A JWS whose payload is no claims set: what the verifier asks of claims cannot be asked of it.

use super::Verifier;
use crate::error::{Failures, Status};
use crate::holder::Findings;
use crate::key::KeySet;
use crate::request::Request;
use crate::verdict::Report;

impl Verifier<'_> {
    /// Checks a JWS whose payload is not a claims set (RFC 7515 5.2) and hands out the payload's bytes. Algorithms, keys
    /// and `typ` are checked; time, issuer, audience and holder cannot be. Never use it for a JWT. Of a nested shape it hands out
    /// what the envelope held.
    ///
    /// # Errors
    /// The report of what was wrong; [`Status::PolicyConflict`] when the verifier asks for something that only claims can
    /// answer.
    #[allow(clippy::result_large_err)] // there is no heap to keep the report on
    pub fn verify_opaque<'s>(&self, request: &Request<'_>, scratch: &'s mut [u8]) -> Result<&'s [u8], Report> {
        #[cfg(feature = "_standing")]
        if self.standing.asks() {
            return Err(Report::ended(Status::PolicyConflict));
        }
        #[cfg(feature = "rights")]
        if self.rights.is_some() {
            return Err(Report::ended(Status::PolicyConflict));
        }
        let asks_claims = |set: &KeySet<'_>| set.has_issuer() || set.rotates();
        if self.policy.asks_for_claims() || self.holder.asks() || self.sets.iter().any(asks_claims) {
            return Err(Report::ended(Status::PolicyConflict));
        }
        let (header, _, payload) = self.authenticate(request, None, scratch).map_err(Report::ended)?;
        let mut failures = Failures::NONE;
        self.policy.judge_type(&header, &mut failures);
        match failures.status() {
            Status::Accepted => Ok(payload.text()),
            _ => Err(Report::of(failures, Findings::default())),
        }
    }
}
