//! The verifier: key sets and what a token must satisfy, put together by the host before any token comes.

use crate::error::Status;
use crate::holder::Holder;
use crate::json;
use crate::key::{KeySet, Prepared};
use crate::limits::Limits;
use crate::policy::Policy;
#[cfg(feature = "envelope")]
use crate::policy::Shape;
#[cfg(feature = "rights")]
use crate::rights::{self, Rules};
#[cfg(feature = "_standing")]
use crate::standing::Standing;
#[cfg(feature = "cache")]
use crate::standing::TokenCache;

/// Key sets and what a token must satisfy. Immutable, so threads share it freely.
#[derive(Clone, Copy)]
pub struct Verifier<'v> {
    pub(super) sets: &'v [KeySet<'v>],
    pub(super) policy: Policy<'v>,
    pub(super) holder: Holder<'v>,
    pub(super) prepared: Option<Prepared<'v>>,
    #[cfg(feature = "_standing")]
    pub(super) standing: Standing<'v>,
    #[cfg(feature = "rights")]
    pub(super) rights: Option<&'v dyn Rules>,
    #[cfg(feature = "cache")]
    pub(super) cache: Option<&'v TokenCache<'v>>,
}

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
    /// [`Report::unmet`](crate::Report::unmet).
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
}
