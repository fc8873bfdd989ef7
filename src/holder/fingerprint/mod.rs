//! Fingerprints: the digest form, exact and stateless, and the sketch form, which tolerates drift.

mod address;
#[cfg(feature = "sketch")]
mod collector;
#[cfg(feature = "sketch")]
mod component;
#[cfg(feature = "sketch")]
pub(crate) mod derive;
#[cfg(feature = "sketch")]
mod observe;
#[cfg(feature = "sketch")]
mod privacy;
mod recipe;
#[cfg(feature = "sketch")]
pub(crate) mod sketch;
#[cfg(feature = "sketch")]
mod values;

#[cfg(feature = "sketch")]
pub use collector::{COLLECTOR_DOCUMENT_BYTES_MAX, COLLECTOR_ROWS_MAX, Collected, Collector, Row};
#[cfg(feature = "sketch")]
pub use component::{Component, ComponentKind, ComponentSet};
#[cfg(feature = "sketch")]
pub use privacy::Notice;
pub use recipe::{Encoding, Framing, Hash, Input, Pepper, Recipe};
#[cfg(feature = "sketch")]
pub use sketch::{
    ENTRIES_MAX, Group, NewSketch, Preset, Reasons, Role, SALT_BYTES, Score, Sketch, Stages, Thresholds, Weighted,
};
#[cfg(feature = "sketch")]
pub use values::{ComponentList, Components, Stable};

use super::Evidence;
use crate::claims::Claims;
use crate::ct;
use crate::error::Status;
use crate::json::Text;
use recipe::DIGEST_TEXT_MAX;
use zeroize::Zeroizing;

/// Whether the client is the one whose digest the token carries. The comparison is constant in time.
pub(crate) fn check(recipe: &Recipe<'_>, claims: &Claims<'_>, evidence: &Evidence<'_>) -> Result<(), Status> {
    let claim = claims.get(recipe.claim).map_err(|_| Status::FingerprintMissing)?;
    let claim = claim.text().map_err(|_| Status::FingerprintMalformed)?;
    let mut computed = Zeroizing::new([0; DIGEST_TEXT_MAX]);
    let computed = recipe.digest(evidence, computed.as_mut())?;
    let mut presented = Zeroizing::new([0; DIGEST_TEXT_MAX]);
    let presented = copied(claim, presented.as_mut()).ok_or(Status::FingerprintMalformed)?;
    if presented.len() != computed.len() {
        return Err(Status::FingerprintMalformed);
    }
    if ct::verdict(ct::equal(presented, computed.as_bytes())) { Ok(()) } else { Err(Status::FingerprintMismatch) }
}

fn copied<'b>(claim: Text<'_>, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    claim.copy_to(buffer).ok().map(|text| text.as_bytes())
}
