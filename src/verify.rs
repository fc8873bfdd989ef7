//! The pipeline, in order: token, header, key, signature, claims, policy, holder, standing, rights, verdict; around the first or
//! behind the signature an envelope, where the policy declares one.

mod opaque;
mod verifier;

#[cfg(feature = "envelope")]
pub use verifier::nested_scratch_bytes;
pub use verifier::{Verifier, scratch_bytes};

use crate::claims::{self, Claims, Early, Payload};
use crate::clock::Clock;
#[cfg(feature = "envelope")]
use crate::envelope::{self, Inside};
use crate::error::{Failures, Status};
use crate::header::Header;
use crate::holder::Presented;
use crate::key;
#[cfg(feature = "dpop")]
use crate::once::Replay;
#[cfg(feature = "envelope")]
use crate::policy::Shape;
use crate::request::Request;
#[cfg(feature = "rights")]
use crate::rights;
use crate::signature::{self, Known, Means, Signed};
#[cfg(feature = "_standing")]
use crate::standing::Verified;
use crate::token::Token;
use crate::verdict::{Report, Verdict};

/// A token whose signature holds, and its payload.
type Authentic<'t, 's, 'v> = (Header<'s>, Signed<'t, 's, 'v>, Payload<'s>);

impl<'v> Verifier<'v> {
    /// Judges one token. `scratch` takes the decoded text, at least [`Verifier::scratch_bytes`] of the token's length, and
    /// [`scratch_bytes`] of a proof's behind them; the claims of an accepted token borrow it.
    ///
    /// Nothing is kept: a proof is used only when [`Report::to_commit`] is committed. So this call alone serves a check that is
    /// asked twice for one request (`auth_request`, forward-auth), and no forged token uses up a proof.
    pub fn verify<'s>(&self, request: &Request<'_>, scratch: &'s mut [u8]) -> Verdict<'s> {
        self.judge(request, scratch).unwrap_or_else(|status| Verdict::Reject(Report::ended(status)))
    }

    /// The same, and commits the use of the client's proof. Where that use was committed before, the verdict is reject with
    /// [`Status::Replayed`] (RFC 9449 11.1); it is also the verdict of all but one of several calls at the same time.
    #[cfg(feature = "dpop")]
    pub fn verify_once<'s>(&self, request: &Request<'_>, scratch: &'s mut [u8], replay: &dyn Replay) -> Verdict<'s> {
        let verdict = self.verify(request, scratch);
        let report = verdict.report();
        let committed = match (report.to_commit, request.clock) {
            (Some(used), Clock::At(now)) => replay.commit(&used, now),
            (Some(_), Clock::Missing) => Err(Status::ClockMissing),
            (None, _) => Ok(()),
        };
        let Err(status) = committed else { return verdict };
        Verdict::Reject(report.refused(status))
    }

    fn judge<'s>(&self, request: &Request<'_>, scratch: &'s mut [u8]) -> Result<Verdict<'s>, Status> {
        let for_evidence = self.holder.scratch_bytes(&request.evidence);
        // The evidence's part is the end. Of a scratch too small nothing is left for the token, which then says so.
        let (scratch, for_evidence) = scratch.split_at_mut(scratch.len().saturating_sub(for_evidence));
        #[cfg(feature = "cache")]
        let asked = self.cache.filter(|_| self.is_signed_outermost()).map(|cache| cache.ask(request.token));
        #[cfg(feature = "cache")]
        let is_known = |algorithm, key: &[u64]| asked.as_ref().is_some_and(|asked| asked.is_known(algorithm, key));
        #[cfg(feature = "cache")]
        let known: Option<Known<'_>> = asked.as_ref().map(|_| &is_known as Known<'_>);
        #[cfg(not(feature = "cache"))]
        let known = None;
        let authentic = self.authenticate(request, known, scratch)?;
        #[cfg(feature = "cache")]
        let (algorithm, material) = (authentic.1.algorithm(), authentic.1.checked_with());
        let verdict = self.decide(request, authentic, for_evidence)?;
        #[cfg(feature = "cache")]
        if let (Some(asked), Some(material), Verdict::Accept(..)) = (&asked, material, &verdict) {
            asked.keep(algorithm, material);
        }
        Ok(verdict)
    }

    /// Everything behind the signature: every check is made, and the report names each that failed.
    #[inline(never)] // so that its claims and findings do not lie on the stack while the signature is checked
    fn decide<'s>(
        &self,
        request: &Request<'_>,
        (header, mut signed, payload): Authentic<'_, 's, 'v>,
        for_evidence: &mut [u8],
    ) -> Result<Verdict<'s>, Status> {
        let claims = Claims::read(&signed, &header, &self.policy.limits, payload)?;
        signed.attribute_to(claims.issuer(), header.kid, self.sets);

        let mut failures = Failures::NONE;
        self.policy.judge(&header, &claims, signed.issuer(), request.clock, &mut failures);
        let presented = Presented { token: request.token, clock: request.clock, evidence: &request.evidence };
        let findings = self.holder.judge(&claims, &presented, for_evidence, &mut failures)?;
        #[cfg(feature = "_standing")]
        {
            let verified = Verified {
                claims: &claims,
                clock: request.clock,
                #[cfg(feature = "revocation")]
                key_id: signed.key_id(),
                #[cfg(feature = "revocation")]
                leeway: self.policy.leeway,
            };
            self.standing.judge(&verified, &mut failures)?;
        }
        #[cfg(feature = "rights")]
        let unmet = self.rights.and_then(|rules| rights::judge(rules, &claims, &mut failures));
        let report = Report::of(failures, findings);
        #[cfg(feature = "rights")]
        let report = Report { unmet, ..report };
        Ok(Verdict::of(claims, report))
    }

    /// Everything up to the signature, and the payload behind it: the first failure ends the work.
    fn authenticate<'t, 's: 't>(
        &self,
        request: &Request<'t>,
        known: Option<Known<'_>>,
        scratch: &'s mut [u8],
    ) -> Result<Authentic<'t, 's, 'v>, Status> {
        let policy = &self.policy;
        let token = self.outermost(request.token)?;
        if scratch.len() < self.scratch_bytes(request.token.len()) {
            return Err(Status::ScratchTooSmall);
        }
        if request.clock == Clock::Missing && !policy.no_clock {
            return Err(Status::ClockMissing);
        }
        let nests = false;
        #[cfg(feature = "envelope")]
        let (token, nests, decrypted, scratch) = match token {
            Some(_) => (token, policy.shape == Shape::EncryptedThenSigned, None, scratch),
            None => {
                let opened = envelope::open(request.token, self.sets, &policy.limits, Inside::Token, scratch)?;
                let token = Token::split(opened.plaintext, &policy.limits)?;
                (Some(token), nests, Some(opened.decrypted), opened.rest)
            }
        };
        let token = token.ok_or(Status::TokenNotCompact)?;
        let (header, scratch) = Header::read(&token, nests, &policy.limits, scratch)?;
        // Read where they lie: `?` would copy the whole list.
        let chosen = key::choose(self.sets, &header, policy.algorithms, policy.limits.candidates);
        let candidates = chosen.as_ref().map_err(|status| *status)?;
        // In an envelope nobody's name can be read before the signature.
        let (early, scratch) = match nests {
            true => (None, scratch),
            false => claims::peek(candidates, &token, request.clock, policy.leeway, &policy.limits, scratch)?,
        };
        let means = Means { peeked: early.as_ref().map(Early::peeked), prepared: self.prepared, known };
        let (signed, scratch) = signature::check(candidates, &token, &means, scratch)?;
        let payload = Payload::of(&signed, early, scratch)?;
        #[cfg(feature = "envelope")]
        let payload = match policy.shape {
            Shape::EncryptedThenSigned => payload.opened(self.sets, &policy.limits)?,
            _ => payload.from(decrypted),
        };
        Ok((header, signed, payload))
    }

    /// Whether the text that is shown is what was signed.
    #[cfg(feature = "cache")]
    fn is_signed_outermost(&self) -> bool {
        #[cfg(feature = "envelope")]
        if self.policy.shape == Shape::SignedThenEncrypted {
            return false;
        }
        true
    }

    /// The outermost layer in its parts; `None` for an envelope, which has the parts of one.
    fn outermost<'t>(&self, text: &'t [u8]) -> Result<Option<Token<'t>>, Status> {
        #[cfg(feature = "envelope")]
        if self.policy.shape == Shape::SignedThenEncrypted {
            return envelope::check_form(text, &self.policy.limits).map(|()| None);
        }
        Token::split(text, &self.policy.limits).map(Some)
    }
}
