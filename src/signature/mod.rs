//! Stage 4: the signature. A `Signed` is made here and nowhere else, so nothing can read claims before this stage.

#[cfg(feature = "es256")]
mod ecdsa;
#[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
mod hmac;

use crate::base64url;
use crate::error::Status;
use crate::header::Algorithm;
use crate::key::{Candidates, Stored};
use crate::token::Token;

/// The longest signature of any algorithm, in bytes.
const SIGNATURE_BYTES_MAX: usize = 64;

/// The payload of a token whose signature holds, and the issuer of the set that the key came from.
pub(crate) struct Signed<'t, 'm> {
    payload: &'t [u8],
    issuer: Option<Stored<'m>>,
}

impl<'t, 'm> Signed<'t, 'm> {
    /// The payload, still encoded.
    pub(crate) fn payload(&self) -> &'t [u8] {
        self.payload
    }

    pub(crate) fn issuer(&self) -> Option<Stored<'m>> {
        self.issuer
    }
}

/// Checks the token under each candidate. Everything that can be wrong is one status.
#[inline(never)] // as `Header::read`
pub(crate) fn check<'t, 'm>(candidates: &Candidates<'m>, token: &Token<'t>) -> Result<Signed<'t, 'm>, Status> {
    let mut buffer = [0; SIGNATURE_BYTES_MAX];
    // The length is checked before anything is decoded into the fixed buffer.
    let bytes = candidates.algorithm.signature_bytes();
    if token.signature.len() != base64url::encoded_len(bytes) {
        return Err(Status::Signature);
    }
    let signature = base64url::decode(token.signature, &mut buffer).ok_or(Status::Signature)?;
    let holds: fn(&[u64], &[u8], &[u8]) -> bool = match candidates.algorithm {
        #[cfg(feature = "hs256")]
        Algorithm::HS256 => hmac::holds::<crate::mac::Sha256State>,
        #[cfg(any(feature = "hs384", feature = "hs512"))]
        Algorithm::HS384 | Algorithm::HS512 => hmac::holds::<crate::mac::Sha512State>,
        #[cfg(feature = "es256")]
        Algorithm::ES256 => ecdsa::holds,
        #[allow(unreachable_patterns)]
        _ => return Err(Status::AlgorithmUnknown),
    };
    let key = candidates.keys.iter().find(|key| holds(key.material, token.signing_input, signature));
    let key = key.ok_or(Status::Signature)?;
    Ok(Signed { payload: token.payload, issuer: key.issuer })
}
