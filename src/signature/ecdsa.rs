//! ES256 (RFC 7518 3.4) by the `p256` crate. Keys, messages and signatures are public here; nothing is secret.

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};

/// Whether `signature` is r and s (RFC 7518 3.4), each in 1 .. n, over `message`. A high s is a valid signature too.
pub(super) fn holds(material: &[u64], message: &[u8], signature: &[u8]) -> bool {
    let mut sec1 = [0x04; 65];
    let (_, coordinates) = sec1.split_at_mut(1);
    for (bytes, word) in coordinates.as_chunks_mut().0.iter_mut().zip(material) {
        *bytes = word.to_be_bytes();
    }
    let Ok(key) = VerifyingKey::from_sec1_bytes(&sec1) else { return false };
    let Ok(signature) = Signature::from_slice(signature) else { return false };
    key.verify(message, &signature).is_ok()
}
