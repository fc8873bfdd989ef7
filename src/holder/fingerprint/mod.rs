//! The digest form of the fingerprint: exact, stateless (`fingerprints.md` section 1).

mod address;
mod component;
mod recipe;

pub use component::{Component, ComponentKind, ComponentSet};
pub use recipe::{Encoding, Framing, Hash, Input, Pepper, Recipe};

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
