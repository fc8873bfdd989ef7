//! Every check of the pipeline in its order, with what became of it. Which checks failed is the library's mask; which were asked
//! follows from the policy.

use crate::policy::{Holder, Settings};
use crate::rules::Fingerprint;
use countermark::{Report, Stage, Status};

/// What became of a stage or a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was asked, and did not fail.
    Ok,
    Failed,
    /// The policy does not ask it.
    NotAsked,
    /// The work ended before it.
    NotReached,
}

impl Outcome {
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Failed => "failed",
            Outcome::NotAsked => "not asked",
            Outcome::NotReached => "not reached",
        }
    }
}

/// A stage and, behind the signature, its checks.
pub struct StageResult {
    pub stage: Stage,
    pub outcome: Outcome,
    /// Those that were asked or failed; before the signature only the one that ended the work.
    pub checks: Vec<(Status, Outcome)>,
}

/// The stages in the pipeline's order.
const STAGES: [Stage; 9] = [
    Stage::Token,
    Stage::Header,
    Stage::Key,
    Stage::Signature,
    Stage::Payload,
    Stage::Policy,
    Stage::Holder,
    Stage::Standing,
    Stage::Rights,
];

/// The results, in order.
pub fn results(report: &Report, settings: &Settings, has_issuer: bool) -> Vec<StageResult> {
    let place = |stage: Stage| STAGES.iter().position(|known| *known == stage);
    let ended_early = report.failures.is_empty() && report.status != Status::Accepted;
    let end = place(report.stage()).filter(|_| ended_early);
    let of = |(position, stage): (usize, &Stage)| {
        let (outcome, checks) = match end {
            Some(end) if position == end => (Outcome::Failed, vec![(report.status, Outcome::Failed)]),
            Some(end) if position > end => (Outcome::NotReached, Vec::new()),
            _ if position < place(Stage::Policy).unwrap_or_default() => (Outcome::Ok, Vec::new()),
            _ => behind_the_signature(*stage, report, settings, has_issuer),
        };
        StageResult { stage: *stage, outcome, checks }
    };
    STAGES.iter().enumerate().map(of).collect()
}

fn behind_the_signature(
    stage: Stage,
    report: &Report,
    settings: &Settings,
    has_issuer: bool,
) -> (Outcome, Vec<(Status, Outcome)>) {
    let of_stage = Status::ALL.iter().copied().filter(|status| status.stage() == stage);
    let checks: Vec<_> = of_stage
        .filter_map(|status| match report.failures.contains(status) {
            true => Some((status, Outcome::Failed)),
            false => is_asked(status, settings, has_issuer).then_some((status, Outcome::Ok)),
        })
        .collect();
    let outcome = match () {
        _ if checks.is_empty() => Outcome::NotAsked,
        _ if checks.iter().any(|(_, outcome)| *outcome == Outcome::Failed) => Outcome::Failed,
        _ => Outcome::Ok,
    };
    (outcome, checks)
}

/// Whether a policy with these settings can fail by this status.
fn is_asked(status: Status, settings: &Settings, has_issuer: bool) -> bool {
    use Status::*;
    if settings.payload == crate::policy::Payload::Opaque {
        return status == Type && settings.typ.is_some();
    }
    let possesses = settings.holder != Holder::None;
    let (digest, sketch) = match settings.fingerprint {
        None => (false, false),
        Some(Fingerprint::Digest(_)) => (true, false),
        Some(Fingerprint::Sketch(_)) => (false, true),
    };
    match status {
        Issuer => !settings.issuers.is_empty(),
        KeyIssuer => has_issuer,
        Audience => !settings.audiences.is_empty(),
        AudienceUnexpected => settings.audiences.is_empty() && !settings.any_audience,
        Subject => settings.subject.is_some(),
        Type => settings.typ.is_some(),
        Expired | NotYetValid | IssuedInFuture | Lifetime | Confirmation => true,
        TooOld | IssuedAtMissing => settings.max_age.is_some(),
        ExpiryMissing => !settings.allow_missing_exp,
        ClaimRequired => !settings.require.is_empty(),
        Nonce => settings.nonce.is_some(),
        Acr => !settings.acr.is_empty(),
        AuthTimeMissing | AuthTooOld => settings.auth_max_age.is_some(),
        FingerprintMissing | FingerprintMalformed | FingerprintMismatch | AddressMalformed => digest || sketch,
        ComponentMalformed | PepperUnknown | ComponentRequired | StepUp => sketch,
        // A page's document is read before the token is judged.
        CollectorMalformed => false,
        RightsMissing => !settings.rights.all_of.0.is_empty() || !settings.rights.any_of.0.is_empty(),
        RightsForbidden => !settings.rights.none_of.0.is_empty(),
        RightsType => !settings.rights.is_empty(),
        // This program keeps no tables.
        _ if status.stage() == Stage::Standing => false,
        _ => status.stage() == Stage::Holder && possesses,
    }
}
