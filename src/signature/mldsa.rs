//! ML-DSA (FIPS 204, RFC 9964 5) by `ml-dsa`. It keeps a key's whole matrix, and all of it on the stack: see the features'
//! comment in Cargo.toml.

use crate::bytes::of_words;
use ml_dsa::{EncodedSignature, EncodedVerifyingKey, MlDsaParams, Signature, VerifyingKey};

/// Whether `signature` is the message's, with the empty string for context.
pub(super) fn holds<P: MlDsaParams>(material: &[u64], message: &[u8], signature: &[u8]) -> bool {
    let Ok(signature) = <&EncodedSignature<P>>::try_from(signature) else { return false };
    let Some(signature) = Signature::<P>::decode(signature) else { return false };
    key(material).verify_with_context(message, &[], &signature)
}

#[inline(never)] // its frame must not stay on the stack while the signature is checked
fn key<P: MlDsaParams>(material: &[u64]) -> VerifyingKey<P> {
    let mut public = EncodedVerifyingKey::<P>::default();
    of_words(material, &mut public);
    VerifyingKey::decode(&public)
}
