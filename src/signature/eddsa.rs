//! EdDSA on Ed25519 (RFC 8037 3.1) by `ed25519-dalek`, strictly: one set of signatures is accepted, whatever the machine.

use crate::key::edwards_bytes;
use ed25519_dalek::{Signature, VerifyingKey};

/// Whether `signature` is R and s over `message`: s below the group's order, R its one encoding and not of small order,
/// and 8s B = 8R + 8kA without the eights (RFC 8032 5.1.7). The key's own order was checked when it was loaded.
#[inline(never)] // its own frame, and its own name in the binary
pub(super) fn holds(material: &[u64], message: &[u8], signature: &[u8]) -> bool {
    let Ok(key) = VerifyingKey::from_bytes(&edwards_bytes(material)) else { return false };
    let Ok(signature) = Signature::from_slice(signature) else { return false };
    key.verify_strict(message, &signature).is_ok()
}
