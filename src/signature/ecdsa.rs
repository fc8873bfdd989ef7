//! ES256, ES384, ES512 (RFC 7518 3.4) and ES256K (RFC 8812 3.2): by the curves' crates, ES256 also by arithmetic of our own. Keys,
//! messages and signatures are public here; nothing is secret.

use crate::key::write_sec1;
#[cfg(feature = "prepared")]
use crate::{hash, key::Prepared, secp256r1};

/// Whether `signature` is r and s (RFC 7518 3.4), each in 1 .. n, over `message`. A high s is a valid signature too.
macro_rules! curve {
    ($name:ident, $curve:ident, $sec1_bytes:literal) => {
        #[inline(never)] // each has its own frame, and its own name in the binary
        #[allow(dead_code)] // that of P-256 is not called where there is one of our own
        pub(super) fn $name(material: &[u64], message: &[u8], signature: &[u8]) -> bool {
            use $curve::ecdsa::signature::Verifier;
            use $curve::ecdsa::{Signature, VerifyingKey};
            let mut sec1 = [0; $sec1_bytes];
            write_sec1(material, &mut sec1);
            let Ok(key) = VerifyingKey::from_sec1_bytes(&sec1) else { return false };
            let Ok(signature) = Signature::from_slice(signature) else { return false };
            // The crate of secp256k1 refuses a high s, as Bitcoin does; RFC 8812 has no such rule.
            key.verify(message, &signature.normalize_s()).is_ok()
        }
    };
}

#[cfg(feature = "es256")]
curve!(es256, p256, 65);
#[cfg(feature = "es384")]
curve!(es384, p384, 97);
#[cfg(feature = "es512")]
curve!(es512, p521, 133);
#[cfg(feature = "es256k")]
curve!(es256k, k256, 65);

/// By the core's own arithmetic: with the key's table, if there is one.
#[cfg(feature = "prepared")]
pub(super) fn es256_of_our_own(prepared: Option<Prepared<'_>>, material: &[u64], message: &[u8], signature: &[u8]) -> bool {
    let ([r, s], []) = signature.as_chunks::<32>() else { return false };
    let mut digest = [0; 32];
    hash::digest(&hash::SHA256, &[message], &mut digest);
    if let Some(holds) = prepared.and_then(|prepared| prepared.holds(material, &digest, r, s)) {
        return holds;
    }
    let key = material.try_into().ok().and_then(secp256r1::Affine::of_coordinates);
    key.is_some_and(|key| secp256r1::holds_unprepared(key, &digest, r, s))
}
