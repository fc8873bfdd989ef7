//! Stage 7: who presents the token. Every check runs; each failure is one bit.

#[cfg(feature = "mtls")]
mod certificate;
#[cfg(feature = "channel")]
mod channel;
#[cfg(feature = "_possession")]
mod combination;
#[cfg(feature = "_possession")]
mod confirmation;
#[cfg(feature = "dpop")]
pub(crate) mod dpop;
mod evidence;
#[cfg(feature = "fingerprint")]
pub(crate) mod fingerprint;

#[cfg(feature = "mtls")]
pub use certificate::Certificate;
#[cfg(feature = "channel")]
pub use channel::{BINDING_CHARS_MAX, BindingForm, CHANNEL_MEMBER};
#[cfg(feature = "_possession")]
pub use combination::{Combination, Methods};
#[cfg(feature = "dpop")]
pub use dpop::{NONCE_CHARS, Nonces, ProofKind, ProofRules};
pub use evidence::{Evidence, Headers, Scheme};
#[cfg(feature = "sketch")]
pub use fingerprint::{
    COLLECTOR_DOCUMENT_BYTES_MAX, COLLECTOR_ROWS_MAX, Collected, Collector, Component, ComponentKind, ComponentList,
    ComponentSet, Components, ENTRIES_MAX, Group, NewSketch, Notice, Preset, Reasons, Role, Row, SALT_BYTES, Score, Sketch,
    Stable, Stages, Thresholds, Weighted,
};
#[cfg(feature = "fingerprint")]
pub use fingerprint::{Encoding, Framing, Hash, Input, Pepper, Recipe};

#[cfg(feature = "channel")]
use crate::bytes;
use crate::claims::Claims;
use crate::clock::Clock;
use crate::error::{Failures, Status};
#[cfg(feature = "dpop")]
use crate::once::Use;
#[cfg(feature = "_possession")]
use {combination::Tally, confirmation::Confirmation};

/// What the policy asks of the client. The default asks nothing; a token that is bound by `cnf` is refused all the same.
///
/// Every method that a token's `cnf` names must be given here and met (RFC 7800 3.1). Beside that, `combination` says how many of
/// the methods that are given must be met.
///
/// ```
/// use countermark::{Combination, Holder, ProofRules};
/// // Access tokens that are bound to a DPoP key or to a client certificate; no others.
/// let holder = Holder {
///     proof: Some(&ProofRules::DPOP),
///     certificate: true,
///     combination: Combination::AnyOf,
///     ..Holder::default()
/// };
/// ```
#[derive(Clone, Copy, Default)]
pub struct Holder<'p> {
    /// The digest form of the fingerprint: the client must be the one the token was issued to.
    #[cfg(feature = "fingerprint")]
    pub digest: Option<&'p Recipe<'p>>,
    /// The sketch form: the client must be like the one the token was issued to. Where both forms are asked, both must hold.
    #[cfg(feature = "sketch")]
    pub sketch: Option<&'p Sketch<'p>>,
    /// A proof by the key of `cnf.jkt` (RFC 9449).
    #[cfg(feature = "dpop")]
    pub proof: Option<&'p ProofRules<'p>>,
    /// The client certificate of `cnf.x5t#S256` (RFC 8705 3).
    #[cfg(feature = "mtls")]
    pub certificate: bool,
    /// The TLS channel by this member of `cnf`: [`CHANNEL_MEMBER`], or another private name.
    #[cfg(feature = "channel")]
    pub channel: Option<&'p str>,
    /// The TLS channel by a binding that is kept beside the token, in this form.
    #[cfg(feature = "channel")]
    pub binding: Option<BindingForm>,
    /// How many of the counted methods must be met.
    #[cfg(feature = "_possession")]
    pub combination: Combination,
    /// The methods that count; none: every one that is given. Of the others that are given, a fingerprint must hold all the same,
    /// and the rest is met where `cnf` names it.
    #[cfg(feature = "_possession")]
    pub counted: Methods,
    #[cfg(not(feature = "fingerprint"))]
    #[doc(hidden)]
    pub nothing: core::marker::PhantomData<&'p ()>,
}

/// What the holder stage says beside its failures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    #[cfg(feature = "sketch")]
    pub(crate) score: Option<Score>,
    #[cfg(feature = "dpop")]
    pub(crate) to_commit: Option<Use>,
}

/// The request, as far as the holder's checks look at it.
#[derive(Clone, Copy)]
#[cfg_attr(not(all(feature = "dpop", feature = "channel")), allow(dead_code))]
pub(crate) struct Presented<'r> {
    pub(crate) token: &'r [u8],
    pub(crate) clock: Clock,
    pub(crate) evidence: &'r Evidence<'r>,
}

impl Holder<'_> {
    /// Whether what is asked makes sense: asked once, when a verifier is made.
    pub(crate) fn check(&self) -> Result<(), Status> {
        #[cfg(feature = "fingerprint")]
        self.digest.map_or(Ok(()), Recipe::check)?;
        #[cfg(feature = "sketch")]
        self.sketch.map_or(Ok(()), Sketch::check)?;
        #[cfg(feature = "dpop")]
        self.proof.map_or(Ok(()), ProofRules::check)?;
        #[cfg(feature = "channel")]
        // RFC 7800 3.1, RFC 8705 3.1, RFC 9449 6.1.
        let is_taken = |member: &str| {
            ["", "jwk", "jwe", "kid", "jku", "jkt", "x5t#S256"]
                .iter()
                .any(|name| bytes::equal(name.as_bytes(), member.as_bytes()))
        };
        #[cfg(feature = "channel")]
        if self.channel.is_some_and(is_taken) {
            return Err(Status::PolicyConflict);
        }
        #[cfg(feature = "_possession")]
        self.combination.check(self.given(), self.counted())?;
        Ok(())
    }

    /// Whether anything is asked of the client.
    pub(crate) fn asks(&self) -> bool {
        #[cfg(feature = "_possession")]
        if !self.given().is_empty() {
            return true;
        }
        #[cfg(feature = "sketch")]
        if self.sketch.is_some() {
            return true;
        }
        #[cfg(feature = "fingerprint")]
        return self.digest.is_some();
        #[cfg(not(feature = "fingerprint"))]
        false
    }

    /// The scratch that the evidence takes, beside the token's.
    pub(crate) fn scratch_bytes(&self, evidence: &Evidence<'_>) -> usize {
        #[cfg(feature = "dpop")]
        if let Some(rules) = self.proof {
            return rules.scratch_bytes(evidence);
        }
        let _ = evidence;
        0
    }

    /// The methods that the policy gives.
    #[cfg(feature = "_possession")]
    fn given(&self) -> Methods {
        let given = Methods::NONE;
        #[cfg(feature = "fingerprint")]
        let given = given.with_if(self.digest.is_some(), Methods::DIGEST);
        #[cfg(feature = "sketch")]
        let given = given.with_if(self.sketch.is_some(), Methods::SKETCH);
        #[cfg(feature = "dpop")]
        let given = given.with_if(self.proof.is_some(), Methods::PROOF);
        #[cfg(feature = "mtls")]
        let given = given.with_if(self.certificate, Methods::CERTIFICATE);
        #[cfg(feature = "channel")]
        let given =
            given.with_if(self.channel.is_some(), Methods::CHANNEL).with_if(self.binding.is_some(), Methods::BINDING);
        given
    }

    #[cfg(feature = "_possession")]
    fn counted(&self) -> Methods {
        if self.counted.is_empty() { self.given() } else { self.counted }
    }

    /// Holds the evidence against what the token is bound to. The scratch is that of the evidence.
    #[cfg(not(feature = "_possession"))]
    pub(crate) fn judge(
        &self,
        claims: &Claims<'_>,
        presented: &Presented<'_>,
        _: &mut [u8],
        failures: &mut Failures,
    ) -> Result<Findings, Status> {
        // No method of `cnf` is in this build, and a bound token is never a bearer token.
        failures.set_if(claims.confirmation().is_some(), Status::Confirmation);
        #[cfg(feature = "fingerprint")]
        if let Some(recipe) = self.digest
            && let Err(status) = fingerprint::check(recipe, claims, presented.evidence)
        {
            failures.fold(status)?;
        }
        #[cfg(not(feature = "fingerprint"))]
        let _ = presented;
        Ok(Findings {
            #[cfg(feature = "sketch")]
            score: match self.sketch {
                Some(sketch) => fingerprint::sketch::judge(sketch, claims, presented.evidence, failures)?,
                None => None,
            },
        })
    }

    /// Holds the evidence against what the token is bound to. The scratch is that of the evidence.
    #[cfg(feature = "_possession")]
    pub(crate) fn judge(
        &self,
        claims: &Claims<'_>,
        presented: &Presented<'_>,
        scratch: &mut [u8],
        failures: &mut Failures,
    ) -> Result<Findings, Status> {
        let confirmation = Confirmation::read(claims, self);
        failures.set_if(confirmation.is_unmet, Status::Confirmation);
        let mut tally = Tally::new(self.combination, self.counted(), confirmation.methods);
        #[allow(unused_mut)] // a build that finds nothing
        let mut findings = Findings::default();
        #[cfg(feature = "dpop")]
        if let Some(rules) = self.proof.filter(|_| tally.needs(Methods::PROOF)) {
            let mut result = Failures::NONE;
            findings.to_commit = rules.judge(confirmation.thumbprint, *presented, scratch, &mut result)?;
            tally.take(Methods::PROOF, result);
        }
        #[cfg(feature = "mtls")]
        if self.certificate && tally.needs(Methods::CERTIFICATE) {
            let result = certificate::check(confirmation.certificate, presented.evidence.certificate);
            tally.take(Methods::CERTIFICATE, of_one(result)?);
        }
        #[cfg(feature = "channel")]
        if self.channel.is_some() && tally.needs(Methods::CHANNEL) {
            let result = channel::check(confirmation.channel, presented.evidence.channel);
            tally.take(Methods::CHANNEL, of_one(result)?);
        }
        #[cfg(feature = "channel")]
        if let Some(form) = self.binding.filter(|_| tally.needs(Methods::BINDING)) {
            let Evidence { channel, binding, .. } = *presented.evidence;
            tally.take(Methods::BINDING, of_one(form.check(presented.token, channel, binding))?);
        }
        // The fingerprint comes last: a policy may ask for it only where possession is not proved.
        #[cfg(feature = "fingerprint")]
        if let Some(recipe) = self.digest.filter(|_| tally.needs(Methods::DIGEST)) {
            tally.take(Methods::DIGEST, of_one(fingerprint::check(recipe, claims, presented.evidence))?);
        }
        #[cfg(feature = "sketch")]
        if let Some(sketch) = self.sketch.filter(|_| tally.needs(Methods::SKETCH)) {
            let mut result = Failures::NONE;
            findings.score = fingerprint::sketch::judge(sketch, claims, presented.evidence, &mut result)?;
            tally.take(Methods::SKETCH, result);
        }
        let _ = (presented, scratch);
        tally.finish(failures);
        Ok(findings)
    }
}

/// The mask of a method that fails in one way.
#[cfg(feature = "_possession")]
#[cfg_attr(not(any(feature = "fingerprint", feature = "mtls", feature = "channel")), allow(dead_code))]
fn of_one(result: Result<(), Status>) -> Result<Failures, Status> {
    let mut failures = Failures::NONE;
    if let Err(status) = result {
        failures.fold(status)?;
    }
    Ok(failures)
}
