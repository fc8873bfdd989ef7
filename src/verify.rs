//! The pipeline, in order: token, header, key, signature, claims, policy, holder, verdict.

use crate::claims::{self, Claims};
use crate::error::{Failures, Stage, Status};
use crate::header::Header;
#[cfg(feature = "sketch")]
use crate::holder::Score;
use crate::holder::{Evidence, Findings, Holder};
use crate::json::{self, Text, Value};
use crate::key::{self, KeySet};
use crate::limits::Limits;
use crate::policy::{Clock, Policy};
use crate::signature::{self, Signed};
use crate::token::Token;

/// Key sets and what a token must satisfy. Immutable, so threads share it freely.
#[derive(Clone, Copy)]
pub struct Verifier<'v> {
    sets: &'v [KeySet<'v>],
    policy: Policy<'v>,
    holder: Holder<'v>,
}

/// One token to judge, the time, and what is known of the client.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// The compact token.
    pub token: &'r [u8],
    /// The host's clock.
    pub clock: Clock,
    /// The client as the host sees it.
    pub evidence: Evidence<'r>,
}

impl<'r> Request<'r> {
    /// A request without evidence. `now` is in seconds since 1970.
    pub fn new(token: &'r (impl AsRef<[u8]> + ?Sized), now: i64) -> Self {
        Request { token: token.as_ref(), clock: Clock::At(now), evidence: Evidence::NONE }
    }

    /// The same request with what is known of the client.
    pub fn with_evidence(self, evidence: Evidence<'r>) -> Self {
        Request { evidence, ..self }
    }
}

/// The answer. Only [`Verdict::Accept`] may be served.
#[derive(Clone, Copy)]
#[must_use]
pub enum Verdict<'s> {
    /// Every check passed.
    Accept(Claims<'s>, Report),
    /// The token is genuine, but the holder must prove more. Of the claims there is `sub` alone: whom to ask.
    StepUp(Report, Option<Value<'s>>),
    /// Something failed.
    Reject(Report),
}

/// What was found, for the log and the response: plain data, and nothing of the token's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report {
    /// The verdict's status.
    pub status: Status,
    /// Every check after the signature that failed; empty when the work ended before.
    pub failures: Failures,
    /// How alike the client and the token's sketch are, whenever that was scored.
    #[cfg(feature = "sketch")]
    pub score: Option<Score>,
}

impl Report {
    /// The report of work that ended with this status.
    pub const fn ended(status: Status) -> Report {
        Report {
            status,
            failures: Failures::NONE,
            #[cfg(feature = "sketch")]
            score: None,
        }
    }

    fn of(failures: Failures, findings: Findings) -> Report {
        #[cfg(not(feature = "sketch"))]
        let Findings {} = findings;
        Report {
            status: failures.status(),
            failures,
            #[cfg(feature = "sketch")]
            score: findings.score.map(|score| score.reported(failures)),
        }
    }

    /// The stage that the status belongs to.
    pub const fn stage(&self) -> Stage {
        self.status.stage()
    }
}

impl<'s> Verdict<'s> {
    /// The report.
    pub fn report(&self) -> Report {
        match self {
            Verdict::Accept(_, report) | Verdict::StepUp(report, _) | Verdict::Reject(report) => *report,
        }
    }

    /// After step up, whom to ask for a stronger proof: `sub` of the genuine token.
    pub fn step_up_subject(&self) -> Option<Text<'s>> {
        match self {
            Verdict::StepUp(_, subject) => subject.and_then(|subject| subject.text().ok()),
            Verdict::Accept(..) | Verdict::Reject(_) => None,
        }
    }

    /// The claims, if the token was accepted.
    ///
    /// # Errors
    /// The status of a verdict that is not accept.
    pub fn accepted(self) -> Result<Claims<'s>, Status> {
        match self {
            Verdict::Accept(claims, _) => Ok(claims),
            Verdict::StepUp(report, _) | Verdict::Reject(report) => Err(report.status),
        }
    }

    fn of(claims: Claims<'s>, report: Report) -> Self {
        match report.status {
            Status::Accepted => Verdict::Accept(claims, report),
            status if status.is_step_up() => Verdict::StepUp(report, claims.get("sub").ok()),
            _ => Verdict::Reject(report),
        }
    }
}

/// The bytes of scratch that a token of `token_bytes` can need under these limits.
pub const fn scratch_bytes(token_bytes: usize, limits: &Limits) -> usize {
    let decoded = token_bytes.saturating_mul(3) / 4;
    decoded.saturating_add(json::index_bytes(decoded, limits))
}

impl<'v> Verifier<'v> {
    /// # Errors
    /// A 9xx status when the policy contradicts itself, the recipe is not whole, or the policy names several issuers beside
    /// a set that belongs to none.
    pub fn new(sets: &'v [KeySet<'v>], policy: Policy<'v>, holder: Holder<'v>) -> Result<Self, Status> {
        policy.check()?;
        holder.check()?;
        if policy.issuers.len() > 1 && sets.iter().any(|set| !set.has_issuer()) {
            return Err(Status::IssuersUnbound);
        }
        Ok(Verifier { sets, policy, holder })
    }

    /// Judges one token. `scratch` takes the decoded text, at least [`scratch_bytes`] of the token's length; the claims
    /// of an accepted token borrow it.
    pub fn verify<'s>(&self, request: &Request<'_>, scratch: &'s mut [u8]) -> Verdict<'s> {
        self.judge(request, scratch).unwrap_or_else(|status| Verdict::Reject(Report::ended(status)))
    }

    fn judge<'s>(&self, request: &Request<'_>, scratch: &'s mut [u8]) -> Result<Verdict<'s>, Status> {
        let limits = &self.policy.limits;
        let (header, signed, scratch) = self.authenticate(request, scratch)?;
        let claims = Claims::read(&signed, limits, scratch)?;

        let mut failures = Failures::NONE;
        self.policy.judge(&header, &claims, signed.issuer(), request.clock, &mut failures);
        let findings = self.holder.judge(&claims, &request.evidence, &mut failures)?;
        Ok(Verdict::of(claims, Report::of(failures, findings)))
    }

    /// Everything up to the signature: the first failure ends the work.
    fn authenticate<'t, 's>(
        &self,
        request: &Request<'t>,
        scratch: &'s mut [u8],
    ) -> Result<(Header<'s>, Signed<'t, 'v>, &'s mut [u8]), Status> {
        let policy = &self.policy;
        let token = Token::split(request.token, &policy.limits)?;
        if scratch.len() < scratch_bytes(request.token.len(), &policy.limits) {
            return Err(Status::ScratchTooSmall);
        }
        if request.clock == Clock::Missing && !policy.no_clock {
            return Err(Status::ClockMissing);
        }
        let (header, scratch) = Header::read(&token, &policy.limits, scratch)?;
        let candidates = key::choose(self.sets, &header, policy.algorithms, policy.limits.candidates)?;
        let signed = signature::check(&candidates, &token)?;
        Ok((header, signed, scratch))
    }

    /// Checks a JWS whose payload is not a claims set (RFC 7515 5.2) and hands out the payload's bytes. Algorithms, keys
    /// and `typ` are checked; time, issuer, audience and holder cannot be. Never use it for a JWT.
    ///
    /// # Errors
    /// The report of what was wrong; [`Status::PolicyConflict`] when the verifier asks for something that only claims can
    /// answer.
    #[allow(clippy::result_large_err)] // there is no heap to keep the report on
    pub fn verify_opaque<'s>(&self, request: &Request<'_>, scratch: &'s mut [u8]) -> Result<&'s [u8], Report> {
        if self.policy.asks_for_claims() || self.holder.asks() || self.sets.iter().any(KeySet::has_issuer) {
            return Err(Report::ended(Status::PolicyConflict));
        }
        let (header, signed, scratch) = self.authenticate(request, scratch).map_err(Report::ended)?;
        let (payload, _) = claims::payload(&signed, scratch).map_err(Report::ended)?;
        let mut failures = Failures::NONE;
        self.policy.judge_type(&header, &mut failures);
        match failures.status() {
            Status::Accepted => Ok(payload),
            _ => Err(Report::of(failures, Findings::default())),
        }
    }
}
