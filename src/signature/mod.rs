//! Stage 4: the signature. A `Signed` is made here and nowhere else, so nothing can read claims before this stage.

#[cfg(feature = "_ec")]
mod ecdsa;
#[cfg(feature = "ed25519")]
mod eddsa;
#[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
mod hmac;
mod identity;
#[cfg(feature = "_mldsa")]
mod mldsa;
#[cfg(feature = "_rsa")]
mod rsa;

pub(crate) use identity::identity;

use crate::base64url;
use crate::error::Status;
use crate::header::Algorithm;
use crate::key::{Candidate, Candidates, Prepared, Stored};
use crate::token::Token;

/// The payload and the signature of a token whose signature holds, and the issuer of the set that the key came from.
pub(crate) struct Signed<'t, 'm> {
    payload: &'t [u8],
    signature: &'t [u8],
    issuer: Option<Stored<'m>>,
    algorithm: Algorithm,
}

impl<'t, 'm> Signed<'t, 'm> {
    /// The payload, still encoded.
    pub(crate) fn payload(&self) -> &'t [u8] {
        self.payload
    }

    /// The signature, still encoded.
    pub(crate) fn signature(&self) -> &'t [u8] {
        self.signature
    }

    pub(crate) fn issuer(&self) -> Option<Stored<'m>> {
        self.issuer
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The same, for a key that came from no set.
    #[cfg(feature = "dpop")]
    pub(crate) fn of_no_set<'n>(self) -> Signed<'t, 'n> {
        Signed { payload: self.payload, signature: self.signature, issuer: None, algorithm: self.algorithm }
    }
}

/// Whether a signature is the message's under a key's material.
type Holds<'h> = &'h dyn Fn(&[u64], &[u8], &[u8]) -> bool;
/// One that needs nothing else; through a pointer, so that each keeps its own name in the binary.
#[allow(dead_code)] // a build with RSA alone has none
type Plain = fn(&[u64], &[u8], &[u8]) -> bool;

/// Checks the token under each candidate. Everything that can be wrong is one status.
#[inline(never)] // as `Header::read`
pub(crate) fn check<'t, 'm>(
    candidates: &Candidates<'m>,
    token: &Token<'t>,
    prepared: Option<Prepared<'_>>,
) -> Result<Signed<'t, 'm>, Status> {
    #[cfg(not(feature = "prepared"))]
    let _ = prepared;
    let key = match candidates.algorithm {
        #[cfg(feature = "hs256")]
        Algorithm::HS256 => find::<64>(candidates, token, &(hmac::holds::<crate::hash::Sha256State> as Plain)),
        #[cfg(any(feature = "hs384", feature = "hs512"))]
        Algorithm::HS384 | Algorithm::HS512 => {
            find::<64>(candidates, token, &(hmac::holds::<crate::hash::Sha512State> as Plain))
        }
        #[cfg(feature = "prepared")]
        Algorithm::ES256 => find::<64>(candidates, token, &|k, m, s| ecdsa::es256_fast(prepared, k, m, s)),
        #[cfg(all(feature = "es256", not(feature = "prepared")))]
        Algorithm::ES256 => find::<64>(candidates, token, &(ecdsa::es256 as Plain)),
        #[cfg(feature = "es384")]
        Algorithm::ES384 => find::<132>(candidates, token, &(ecdsa::es384 as Plain)),
        #[cfg(feature = "es512")]
        Algorithm::ES512 => find::<132>(candidates, token, &(ecdsa::es512 as Plain)),
        #[cfg(feature = "es256k")]
        Algorithm::ES256K => find::<64>(candidates, token, &(ecdsa::es256k as Plain)),
        #[cfg(feature = "ed25519")]
        Algorithm::EdDSA => find::<64>(candidates, token, &(eddsa::holds as Plain)),
        #[cfg(feature = "mldsa44")]
        Algorithm::MlDsa44 => find::<2420>(candidates, token, &(mldsa::holds::<ml_dsa::MlDsa44> as Plain)),
        #[cfg(feature = "mldsa65")]
        Algorithm::MlDsa65 => find::<3309>(candidates, token, &(mldsa::holds::<ml_dsa::MlDsa65> as Plain)),
        #[cfg(feature = "mldsa87")]
        Algorithm::MlDsa87 => find::<4627>(candidates, token, &(mldsa::holds::<ml_dsa::MlDsa87> as Plain)),
        #[cfg(feature = "rs256")]
        Algorithm::RS256 => find_rsa(candidates, token, &|k, m, s| rsa::holds(rsa::pkcs1, &rsa::SHA256, k, m, s)),
        #[cfg(feature = "rs384")]
        Algorithm::RS384 => find_rsa(candidates, token, &|k, m, s| rsa::holds(rsa::pkcs1, &rsa::SHA384, k, m, s)),
        #[cfg(feature = "rs512")]
        Algorithm::RS512 => find_rsa(candidates, token, &|k, m, s| rsa::holds(rsa::pkcs1, &rsa::SHA512, k, m, s)),
        #[cfg(feature = "ps256")]
        Algorithm::PS256 => find_rsa(candidates, token, &|k, m, s| rsa::holds(rsa::pss, &rsa::SHA256, k, m, s)),
        #[cfg(feature = "ps384")]
        Algorithm::PS384 => find_rsa(candidates, token, &|k, m, s| rsa::holds(rsa::pss, &rsa::SHA384, k, m, s)),
        #[cfg(feature = "ps512")]
        Algorithm::PS512 => find_rsa(candidates, token, &|k, m, s| rsa::holds(rsa::pss, &rsa::SHA512, k, m, s)),
        #[allow(unreachable_patterns)]
        _ => return Err(Status::AlgorithmUnknown),
    };
    let key = key.ok_or(Status::Signature)?;
    let Token { payload, signature, .. } = *token;
    Ok(Signed { payload, signature, issuer: key.issuer, algorithm: candidates.algorithm })
}

#[cfg(feature = "_rsa")]
fn find_rsa<'c, 'm>(candidates: &'c Candidates<'m>, token: &Token<'_>, holds: Holds<'_>) -> Option<&'c Candidate<'m>> {
    find::<{ rsa::SIGNATURE_BYTES_MAX }>(candidates, token, holds)
}

/// The candidate under which the signature holds. Each length has a frame of its own: a MAC does not pay for RSA.
#[inline(never)]
fn find<'c, 'm, const BYTES_MAX: usize>(
    candidates: &'c Candidates<'m>,
    token: &Token<'_>,
    holds: Holds<'_>,
) -> Option<&'c Candidate<'m>> {
    let mut buffer = [0; BYTES_MAX];
    // The length is checked before anything is decoded into the fixed buffer.
    let is_of_length = match candidates.algorithm.signature_bytes() {
        0 => token.signature.len() <= base64url::encoded_len(BYTES_MAX),
        bytes => token.signature.len() == base64url::encoded_len(bytes),
    };
    if !is_of_length {
        return None;
    }
    let signature = base64url::decode(token.signature, &mut buffer)?;
    candidates.keys.iter().find(|key| holds(key.material, token.signing_input, signature))
}
