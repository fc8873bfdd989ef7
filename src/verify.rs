//! The pipeline, in order: token, header, key, signature, claims, policy, holder, standing, rights, verdict; around the first or
//! behind the signature an envelope, where the policy declares one.

use crate::claims::{self, Claims, Early, Payload};
use crate::clock::Clock;
#[cfg(feature = "envelope")]
use crate::envelope::{self, Inside};
use crate::error::{Failures, Status};
use crate::header::Header;
use crate::holder::{Findings, Holder, Presented};
use crate::json;
use crate::key::{self, KeySet, Prepared};
use crate::limits::Limits;
#[cfg(feature = "dpop")]
use crate::once::Replay;
use crate::policy::Policy;
#[cfg(feature = "envelope")]
use crate::policy::Shape;
use crate::request::Request;
#[cfg(feature = "rights")]
use crate::rights::{self, Rules};
use crate::signature::{self, Known, Means, Signed};
#[cfg(feature = "cache")]
use crate::standing::TokenCache;
#[cfg(feature = "_standing")]
use crate::standing::{Standing, Verified};
use crate::token::Token;
use crate::verdict::{Report, Verdict};

/// Key sets and what a token must satisfy. Immutable, so threads share it freely.
#[derive(Clone, Copy)]
pub struct Verifier<'v> {
    sets: &'v [KeySet<'v>],
    policy: Policy<'v>,
    holder: Holder<'v>,
    prepared: Option<Prepared<'v>>,
    #[cfg(feature = "_standing")]
    standing: Standing<'v>,
    #[cfg(feature = "rights")]
    rights: Option<&'v dyn Rules>,
    #[cfg(feature = "cache")]
    cache: Option<&'v TokenCache<'v>>,
}

/// A token whose signature holds, and its payload.
type Authentic<'t, 's, 'v> = (Header<'s>, Signed<'t, 's, 'v>, Payload<'s>);

/// The bytes of scratch that a token of `token_bytes` can need under these limits. The proof that comes with it needs its own,
/// under [`Limits::DEFAULT`], behind them.
pub const fn scratch_bytes(token_bytes: usize, limits: &Limits) -> usize {
    let decoded = token_bytes.saturating_mul(3) / 4;
    decoded.saturating_add(json::index_bytes(decoded, limits))
}

/// The same for a nested token: its two layers lie one behind the other.
#[cfg(feature = "envelope")]
pub const fn nested_scratch_bytes(token_bytes: usize, limits: &Limits) -> usize {
    scratch_bytes(token_bytes, limits).saturating_add(scratch_bytes(token_bytes.saturating_mul(3) / 4, limits))
}

impl<'v> Verifier<'v> {
    /// # Errors
    /// A 9xx status when the policy contradicts itself, the recipe is not whole, or the policy names several issuers beside
    /// a set that belongs to none, or is RFC 9068's and names no issuer beside one.
    pub fn new(sets: &'v [KeySet<'v>], policy: Policy<'v>, holder: Holder<'v>) -> Result<Self, Status> {
        policy.check()?;
        holder.check()?;
        let all_have_issuers = sets.iter().all(KeySet::has_issuer);
        // "The issuer identifier ... MUST exactly match the value of the iss claim" (RFC 9068 4).
        let leaves_open = policy.issuers.len() > 1 || policy.issuers.is_empty() && policy.is_rfc9068();
        if leaves_open && !all_have_issuers {
            return Err(Status::IssuersUnbound);
        }
        Ok(Verifier {
            sets,
            policy,
            holder,
            prepared: None,
            #[cfg(feature = "_standing")]
            standing: Standing::default(),
            #[cfg(feature = "rights")]
            rights: None,
            #[cfg(feature = "cache")]
            cache: None,
        })
    }

    /// The same verifier with tables of its ES256 keys. Keys that have none there verify as before.
    #[cfg(feature = "prepared")]
    pub fn with_prepared(self, prepared: Prepared<'v>) -> Self {
        Verifier { prepared: Some(prepared), ..self }
    }

    /// The same verifier, which looks up every token that verifies: revoked ones are refused, however well they verify.
    #[cfg(feature = "_standing")]
    pub fn with_standing(self, standing: Standing<'v>) -> Self {
        Verifier { standing, ..self }
    }

    /// The same verifier, and what a token must be allowed. The rules are the last stage; the first that is not met stands in
    /// [`Report::unmet`].
    ///
    /// ```
    /// # use countermark::*;
    /// # let sets = [];
    /// # let verifier = Verifier::new(&sets, Policy::default(), Holder::default())?;
    /// let rules = [
    ///     Rule { path: "scope", test: Test::AllOf(&["orders:read"]), wildcards: false },
    ///     Rule { path: "realm_access.roles", test: Test::NoneOf(&["guest"]), wildcards: false },
    /// ];
    /// let verifier = verifier.with_rights(&rules)?;
    /// # Ok::<(), Status>(())
    /// ```
    ///
    /// # Errors
    /// [`Status::RightsRule`], [`Status::RightsLimit`].
    #[cfg(feature = "rights")]
    pub fn with_rights(self, rules: &'v dyn Rules) -> Result<Self, Status> {
        rights::check(rules)?;
        Ok(Verifier { rights: Some(rules), ..self })
    }

    /// The same verifier, which checks the signature of a token that it has accepted only once, while the cache remembers it.
    #[cfg(feature = "cache")]
    pub fn with_cache(self, cache: &'v TokenCache<'v>) -> Self {
        Verifier { cache: Some(cache), ..self }
    }

    /// The bytes of scratch that a token of this length can need: [`scratch_bytes`], or more for a nested shape.
    pub fn scratch_bytes(&self, token_bytes: usize) -> usize {
        #[cfg(feature = "envelope")]
        if self.policy.shape != Shape::Signed {
            return nested_scratch_bytes(token_bytes, &self.policy.limits);
        }
        scratch_bytes(token_bytes, &self.policy.limits)
    }

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
        let mut failures = Failures::NONE;
        failures.set(status);
        Verdict::Reject(Report { status, failures, to_commit: None, ..report })
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
        let (header, signed, payload) = self.authenticate(request, known, scratch)?;
        let claims = Claims::read(&signed, &header, &self.policy.limits, payload)?;

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
        #[cfg(feature = "cache")]
        if let (Some(asked), Some(material), true) = (&asked, signed.checked_with(), failures.is_empty()) {
            asked.keep(signed.algorithm(), material);
        }
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
        let candidates = key::choose(self.sets, &header, policy.algorithms, policy.limits.candidates)?;
        // In an envelope nobody's name can be read before the signature.
        let (early, scratch) = match nests {
            true => (None, scratch),
            false => claims::peek(&candidates, &token, request.clock, policy.leeway, &policy.limits, scratch)?,
        };
        let means = Means { peeked: early.as_ref().map(Early::peeked), prepared: self.prepared, known };
        let (signed, scratch) = signature::check(&candidates, &token, &means, scratch)?;
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
