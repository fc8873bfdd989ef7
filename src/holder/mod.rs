//! Stage 7: who presents the token. Every check runs; each failure is one bit.

mod evidence;
#[cfg(feature = "fingerprint")]
pub(crate) mod fingerprint;

pub use evidence::{Evidence, Headers};
#[cfg(feature = "sketch")]
pub use fingerprint::{
    COLLECTOR_DOCUMENT_BYTES_MAX, COLLECTOR_ROWS_MAX, Collected, Collector, Component, ComponentKind, ComponentList,
    ComponentSet, Components, ENTRIES_MAX, Group, NewSketch, Notice, Preset, Reasons, Role, Row, SALT_BYTES, Score, Sketch,
    Stable, Stages, Thresholds, Weighted,
};
#[cfg(feature = "fingerprint")]
pub use fingerprint::{Encoding, Framing, Hash, Input, Pepper, Recipe};

use crate::claims::Claims;
use crate::error::{Failures, Status};

/// What the policy asks of the client. The default asks nothing; a token that is bound by `cnf` is refused all the same.
#[derive(Clone, Copy, Default)]
pub struct Holder<'p> {
    /// The digest form of the fingerprint: the client must be the one the token was issued to.
    #[cfg(feature = "fingerprint")]
    pub digest: Option<&'p Recipe<'p>>,
    /// The sketch form: the client must be like the one the token was issued to. Where both forms are asked, both must hold.
    #[cfg(feature = "sketch")]
    pub sketch: Option<&'p Sketch<'p>>,
    #[cfg(not(feature = "fingerprint"))]
    #[doc(hidden)]
    pub nothing: core::marker::PhantomData<&'p ()>,
}

/// What the holder stage says beside its failures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    #[cfg(feature = "sketch")]
    pub(crate) score: Option<Score>,
}

impl Holder<'_> {
    /// Whether what is asked makes sense: asked once, when a verifier is made.
    pub(crate) fn check(&self) -> Result<(), Status> {
        #[cfg(feature = "fingerprint")]
        self.digest.map_or(Ok(()), Recipe::check)?;
        #[cfg(feature = "sketch")]
        self.sketch.map_or(Ok(()), Sketch::check)?;
        Ok(())
    }

    /// Whether anything is asked of the client.
    pub(crate) fn asks(&self) -> bool {
        #[cfg(feature = "sketch")]
        if self.sketch.is_some() {
            return true;
        }
        #[cfg(feature = "fingerprint")]
        return self.digest.is_some();
        #[cfg(not(feature = "fingerprint"))]
        false
    }

    /// Holds the evidence against what the token is bound to.
    pub(crate) fn judge(
        &self,
        claims: &Claims<'_>,
        evidence: &Evidence<'_>,
        failures: &mut Failures,
    ) -> Result<Findings, Status> {
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
        Ok(Findings {
            #[cfg(feature = "sketch")]
            score: match self.sketch {
                Some(sketch) => fingerprint::sketch::judge(sketch, claims, evidence, failures)?,
                None => None,
            },
        })
    }
}
