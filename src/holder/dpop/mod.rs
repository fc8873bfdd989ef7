//! Proofs of possession of a key: DPoP (RFC 9449), and device bound session credentials by the same path.

mod htu;
mod nonce;
mod proof;

pub(crate) use htu::Uri;
pub use nonce::{NONCE_CHARS, Nonces};

use super::{Evidence, Presented, Scheme};
use crate::bytes;
use crate::error::{Failures, Status};
use crate::header::Algorithm;
use crate::json::{self, Text};
use crate::limits::{Limits, PROOF_BYTES_MAX};
use crate::once::Use;

/// What kind of proof is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum ProofKind {
    /// RFC 9449: bound to the request by `htm` and `htu`, to the token by `ath`.
    #[default]
    DPoP = 0,
    /// A device bound session credential: `typ` is `dbsc+jwt`, `jti` is the challenge that the server has set (the evidence's
    /// nonce; forget it when it is used), and its header carries the key, as a registration does. Nothing binds it to the
    /// request or the token: it is no proof for each request.
    SessionCredential = 1,
}

/// What a proof must be.
#[derive(Clone, Copy)]
pub struct ProofRules<'p> {
    /// Its kind.
    pub kind: ProofKind,
    /// The algorithms that it may be signed with; HMAC never is one.
    pub algorithms: &'p [Algorithm],
    /// How long after its `iat` it is accepted, in seconds. Default 300.
    pub past_seconds: u32,
    /// How far its `iat` may lie in the future, in seconds. Default 60.
    pub future_seconds: u32,
    /// The longest proof, in bytes; at most [`PROOF_BYTES_MAX`], the default. A longer one is malformed, so set it where the
    /// scratch has less room: else whoever sends one gets the caller's own mistake for an answer.
    pub proof_bytes: u32,
    /// The nonces that it must carry one of; `None`: only the nonce of the evidence, if that has one.
    pub nonces: Option<&'p Nonces>,
}

impl ProofRules<'static> {
    /// RFC 9449 with ES256, ES384, Ed25519, RS256 and PS256, as far as this build has them.
    pub const DPOP: ProofRules<'static> = ProofRules {
        kind: ProofKind::DPoP,
        algorithms: &[
            #[cfg(feature = "es256")]
            Algorithm::ES256,
            #[cfg(feature = "es384")]
            Algorithm::ES384,
            #[cfg(feature = "ed25519")]
            Algorithm::EdDSA,
            #[cfg(feature = "rs256")]
            Algorithm::RS256,
            #[cfg(feature = "ps256")]
            Algorithm::PS256,
        ],
        past_seconds: 300,
        future_seconds: 60,
        proof_bytes: PROOF_BYTES_MAX as u32,
        nonces: None,
    };

    /// A device bound session credential under the same rules.
    pub const SESSION_CREDENTIAL: ProofRules<'static> =
        ProofRules { kind: ProofKind::SessionCredential, ..ProofRules::DPOP };
}

impl Default for ProofRules<'_> {
    fn default() -> Self {
        ProofRules::DPOP
    }
}

/// The request that a proof must fit.
pub(super) struct Expected<'e> {
    presented: Presented<'e>,
    target: Option<Uri<'e>>,
}

impl ProofRules<'_> {
    pub(super) fn check(&self) -> Result<(), Status> {
        let is_symmetric = |algorithm: &Algorithm| {
            use Algorithm::{HS256, HS384, HS512};
            matches!(algorithm, HS256 | HS384 | HS512)
        };
        // A challenge is set for one session and used up; a nonce of the clock is one for all, and outlives the use of a proof.
        let challenge_is_own = self.kind == ProofKind::DPoP || self.nonces.is_none();
        let is_usable = !self.algorithms.is_empty() && !self.algorithms.iter().any(is_symmetric) && challenge_is_own;
        match is_usable {
            _ if self.proof_bytes as usize > PROOF_BYTES_MAX => Err(Status::LimitRange),
            true => Ok(()),
            false => Err(Status::PolicyConflict),
        }
    }

    /// The scratch that a proof takes, if there is one to judge.
    pub(super) fn scratch_bytes(&self, evidence: &Evidence<'_>) -> usize {
        match evidence.proofs {
            [proof] if proof.len() <= self.proof_bytes as usize => proof_scratch_bytes(proof.len()),
            _ => 0,
        }
    }

    /// Holds the evidence's proof against the key that the token is bound to. An error is the caller's own mistake; what the
    /// client did wrong is in `failures`.
    #[inline(never)] // as `Header::read`
    pub(super) fn judge(
        &self,
        bound_to: Option<Text<'_>>,
        presented: Presented<'_>,
        scratch: &mut [u8],
        failures: &mut Failures,
    ) -> Result<Option<Use>, Status> {
        let Some(bound_to) = bound_to else {
            failures.set(Status::PossessionUnbound);
            return Ok(None);
        };
        let evidence = presented.evidence;
        let is_dpop = self.kind == ProofKind::DPoP;
        failures.set_if(is_dpop && evidence.scheme != Scheme::DPoP, Status::Scheme);
        let proof = match evidence.proofs {
            [] => Err(Status::PossessionMissing),
            // What joined the fields of one name (RFC 9110 5.3) put commas between them, and a proof has none.
            [proof] if bytes::find(proof, b',').is_none() => Ok(*proof),
            _ => Err(Status::ProofRepeated),
        };
        let judged = proof.and_then(|proof| {
            let target = if is_dpop { Some(target(evidence)?) } else { None };
            let expected = Expected { presented, target };
            self.judge_one(proof, bound_to, &expected, scratch, failures)
        });
        judged.or_else(|status| failures.fold(status).map(|()| None))
    }
}

/// The request's URI; its method is looked at too.
fn target<'e>(evidence: &Evidence<'e>) -> Result<Uri<'e>, Status> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if evidence.method.is_empty() || !evidence.method.bytes().all(is_token) {
        return Err(Status::Argument);
    }
    Uri::read(evidence.uri.as_bytes()).ok_or(Status::Argument)
}

/// As [`crate::scratch_bytes`], under the limits of a proof.
const fn proof_scratch_bytes(proof_bytes: usize) -> usize {
    let decoded = proof_bytes.saturating_mul(3) / 4;
    decoded.saturating_add(json::index_bytes(decoded, &Limits::DEFAULT))
}
