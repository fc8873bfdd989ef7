//! Stage 7: who presents the token. Every check runs; each failure is one bit.

mod evidence;
#[cfg(feature = "fingerprint")]
pub(crate) mod fingerprint;

pub use evidence::{Evidence, Headers};
#[cfg(feature = "fingerprint")]
pub use fingerprint::{Component, ComponentKind, ComponentSet, Encoding, Framing, Hash, Input, Pepper, Recipe};

use crate::claims::Claims;
use crate::error::{Failures, Status};

/// What the policy asks of the client. The default asks nothing; a token that is bound by `cnf` is refused all the same.
#[derive(Clone, Copy, Default)]
pub struct Holder<'p> {
    /// The digest form of the fingerprint: the client must be the one the token was issued to.
    #[cfg(feature = "fingerprint")]
    pub digest: Option<&'p Recipe<'p>>,
    #[cfg(not(feature = "fingerprint"))]
    #[doc(hidden)]
    pub nothing: core::marker::PhantomData<&'p ()>,
}

impl Holder<'_> {
    /// Whether what is asked makes sense: asked once, when a verifier is made.
    pub(crate) fn check(&self) -> Result<(), Status> {
        #[cfg(feature = "fingerprint")]
        return self.digest.map_or(Ok(()), Recipe::check);
        #[cfg(not(feature = "fingerprint"))]
        Ok(())
    }

    /// Whether anything is asked of the client.
    pub(crate) fn asks(&self) -> bool {
        #[cfg(feature = "fingerprint")]
        return self.digest.is_some();
        #[cfg(not(feature = "fingerprint"))]
        false
    }

    /// Holds the evidence against what the token is bound to.
    pub(crate) fn judge(&self, claims: &Claims<'_>, evidence: &Evidence<'_>, failures: &mut Failures) -> Result<(), Status> {
        // No method of `cnf` is supported in this version, and a bound token is never a bearer token.
        failures.set_if(claims.confirmation().is_some(), Status::Confirmation);
        #[cfg(feature = "fingerprint")]
        if let Some(recipe) = self.digest
            && let Err(status) = fingerprint::check(recipe, claims, evidence)
        {
            failures.fold(status)?;
        }
        #[cfg(not(feature = "fingerprint"))]
        let _ = evidence;
        Ok(())
    }
}
