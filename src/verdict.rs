//! What a host learns: accept, step up or reject, and the report.

use crate::claims::Claims;
use crate::error::{Failures, Stage, Status};
use crate::holder::Findings;
#[cfg(feature = "sketch")]
use crate::holder::Score;
use crate::json::{Text, Value};
#[cfg(feature = "dpop")]
use crate::once::Use;

/// The answer. Only [`Verdict::Accept`] may be served.
#[derive(Clone, Copy)]
#[must_use]
#[allow(clippy::large_enum_variant)] // there is no heap to keep the claims on
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
    /// After accept: the use of the client's proof, to be committed before the request is served.
    /// [`Verifier::verify_once`](crate::Verifier::verify_once) does that by itself.
    #[cfg(feature = "dpop")]
    pub to_commit: Option<Use>,
    /// The position of the first rule that was not met.
    #[cfg(feature = "rights")]
    pub unmet: Option<u16>,
}

impl Report {
    /// The report of work that ended with this status.
    pub const fn ended(status: Status) -> Report {
        Report {
            status,
            failures: Failures::NONE,
            #[cfg(feature = "sketch")]
            score: None,
            #[cfg(feature = "dpop")]
            to_commit: None,
            #[cfg(feature = "rights")]
            unmet: None,
        }
    }

    pub(crate) fn of(failures: Failures, findings: Findings) -> Report {
        let _ = &findings; // a build that finds nothing
        Report {
            status: failures.status(),
            failures,
            #[cfg(feature = "sketch")]
            score: findings.score.map(|score| score.reported(failures)),
            #[cfg(feature = "dpop")]
            to_commit: findings.to_commit.filter(|_| failures.is_empty()),
            #[cfg(feature = "rights")]
            unmet: None,
        }
    }

    /// The report of an accepted token that what is committed refuses after all.
    #[cfg(feature = "dpop")]
    pub(crate) fn refused(self, status: Status) -> Report {
        let mut failures = Failures::NONE;
        failures.set(status);
        Report {
            status,
            failures,
            // No token is worth a new one that was not accepted.
            #[cfg(feature = "sketch")]
            score: self.score.map(Score::refused),
            to_commit: None,
            ..self
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

    pub(crate) fn of(claims: Claims<'s>, report: Report) -> Self {
        match report.status {
            Status::Accepted => Verdict::Accept(claims, report),
            status if status.is_step_up() => Verdict::StepUp(report, claims.get("sub").ok()),
            _ => Verdict::Reject(report),
        }
    }
}
