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
#[cfg(feature = "rotating")]
mod rotating;
#[cfg(feature = "_rsa")]
mod rsa;

pub(crate) use identity::identity;

use crate::base64url;
use crate::error::Status;
use crate::header::Algorithm;
use crate::json::Text;
use crate::key::{Candidate, Candidates, KeySet, Peeked, Prepared, Stored};
use crate::token::Token;

/// The payload of a token whose signature holds, the signature, and the key with the issuer of its set.
pub(crate) struct Signed<'t, 's, 'm> {
    payload: &'t [u8],
    signature: &'s [u8],
    key: Candidate<'m>,
    #[cfg(feature = "cache")]
    checked_with: Option<&'m [u64]>,
    algorithm: Algorithm,
}

impl<'t, 's, 'm> Signed<'t, 's, 'm> {
    /// The payload, still encoded.
    pub(crate) fn payload(&self) -> &'t [u8] {
        self.payload
    }

    /// The signature, decoded.
    pub(crate) fn signature(&self) -> &'s [u8] {
        self.signature
    }

    pub(crate) fn issuer(&self) -> Option<Stored<'m>> {
        self.key.issuer
    }

    /// Takes the key as the set of the token's own issuer has it. The key is one, whoever lists it: tenants of a provider share
    /// it, and an issuer can put another's public key into its own set. Where the issuer has it twice, the header's name counts.
    #[inline(never)] // as `Header::read`
    pub(crate) fn attribute_to(&mut self, issuer: Option<Text<'_>>, kid: Option<Text<'_>>, sets: &[KeySet<'m>]) {
        let is_own = |of: Option<Stored<'_>>| of.is_some_and(|of| issuer.is_some_and(|issuer| of.is(issuer)));
        if is_own(self.key.issuer) {
            return;
        }
        for set in sets.iter().filter(|set| is_own(set.issuer())) {
            if let Some(own) = set.candidate(self.algorithm, self.key.material, kid) {
                self.key = own;
                return;
            }
        }
    }

    /// The key's own id: the header may name none.
    #[cfg(feature = "revocation")]
    pub(crate) fn key_id(&self) -> Option<Stored<'m>> {
        self.key.kid
    }

    /// The key's own words.
    #[cfg(feature = "cache")]
    pub(crate) fn checked_with(&self) -> Option<&'m [u64]> {
        self.checked_with
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The same, for a key that came from no set.
    #[cfg(feature = "dpop")]
    pub(crate) fn of_no_set<'n>(self) -> Signed<'t, 's, 'n> {
        Signed {
            payload: self.payload,
            signature: self.signature,
            key: Candidate {
                material: &[],
                issuer: None,
                #[cfg(feature = "revocation")]
                kid: None,
            },
            #[cfg(feature = "cache")]
            checked_with: None,
            algorithm: self.algorithm,
        }
    }
}

/// Whether a signature is the message's under a key's material: key, message, signature.
type Holds<'h> = &'h dyn Fn(&[u64], &[u8], &[u8]) -> bool;

/// Whether a signature is known to hold under a key of this algorithm and material. What it says is believed.
pub(crate) type Known<'k> = &'k dyn Fn(Algorithm, &[u64]) -> bool;

/// What a check may use beside the candidates.
#[derive(Clone, Copy, Default)]
#[allow(dead_code)] // a build without rotating secrets or prepared keys
pub(crate) struct Means<'a> {
    /// What the keys of a rotating secret are derived from.
    pub(crate) peeked: Option<&'a Peeked<'a>>,
    /// Tables of keys.
    pub(crate) prepared: Option<Prepared<'a>>,
    /// What need not be checked again.
    pub(crate) known: Option<Known<'a>>,
}

/// Checks the token under each candidate, with the signature decoded into `scratch`; hands back what it did not use. Everything
/// that can be wrong is one status, but for a rotating secret's: there, what was `peeked` at may leave no key to try.
#[inline(never)] // as `Header::read`
pub(crate) fn check<'t, 's, 'm>(
    candidates: &Candidates<'m>,
    token: &Token<'t>,
    means: &Means<'_>,
    scratch: &'s mut [u8],
) -> Result<(Signed<'t, 's, 'm>, &'s mut [u8]), Status> {
    #[cfg(feature = "rotating")]
    let keyring = if candidates.rotate() { Some(rotating::keyring(candidates, means.peeked)?) } else { None };
    // The length is checked before anything is decoded. Of RSA it is checked with the modulus.
    let bytes = base64url::decoded_len(token.signature.len()).ok_or(Status::Signature)?;
    if ![0, bytes].contains(&candidates.algorithm.signature_bytes()) {
        return Err(Status::Signature);
    }
    let (signature, scratch) = scratch.split_at_mut_checked(bytes).ok_or(Status::ScratchTooSmall)?;
    let signature: &[u8] = base64url::decode(token.signature, signature).ok_or(Status::Signature)?;
    #[cfg(feature = "prepared")]
    let es256 =
        |key: &[u64], message: &[u8], signature: &[u8]| ecdsa::es256_of_our_own(means.prepared, key, message, signature);
    let holds: Holds<'_> = match candidates.algorithm {
        #[cfg(feature = "hs256")]
        Algorithm::HS256 => &hmac::holds::<crate::hash::Sha256State>,
        #[cfg(any(feature = "hs384", feature = "hs512"))]
        Algorithm::HS384 | Algorithm::HS512 => &hmac::holds::<crate::hash::Sha512State>,
        #[cfg(feature = "prepared")]
        Algorithm::ES256 => &es256,
        #[cfg(all(feature = "es256", not(feature = "prepared")))]
        Algorithm::ES256 => &ecdsa::es256,
        #[cfg(feature = "es384")]
        Algorithm::ES384 => &ecdsa::es384,
        #[cfg(feature = "es512")]
        Algorithm::ES512 => &ecdsa::es512,
        #[cfg(feature = "es256k")]
        Algorithm::ES256K => &ecdsa::es256k,
        #[cfg(feature = "ed25519")]
        Algorithm::EdDSA => &eddsa::holds,
        #[cfg(feature = "mldsa44")]
        Algorithm::MlDsa44 => &mldsa::holds::<ml_dsa::MlDsa44>,
        #[cfg(feature = "mldsa65")]
        Algorithm::MlDsa65 => &mldsa::holds::<ml_dsa::MlDsa65>,
        #[cfg(feature = "mldsa87")]
        Algorithm::MlDsa87 => &mldsa::holds::<ml_dsa::MlDsa87>,
        #[cfg(feature = "rs256")]
        Algorithm::RS256 => &|k, m, s| rsa::holds(rsa::pkcs1, &rsa::SHA256, k, m, s),
        #[cfg(feature = "rs384")]
        Algorithm::RS384 => &|k, m, s| rsa::holds(rsa::pkcs1, &rsa::SHA384, k, m, s),
        #[cfg(feature = "rs512")]
        Algorithm::RS512 => &|k, m, s| rsa::holds(rsa::pkcs1, &rsa::SHA512, k, m, s),
        #[cfg(feature = "ps256")]
        Algorithm::PS256 => &|k, m, s| rsa::holds(rsa::pss, &rsa::SHA256, k, m, s),
        #[cfg(feature = "ps384")]
        Algorithm::PS384 => &|k, m, s| rsa::holds(rsa::pss, &rsa::SHA384, k, m, s),
        #[cfg(feature = "ps512")]
        Algorithm::PS512 => &|k, m, s| rsa::holds(rsa::pss, &rsa::SHA512, k, m, s),
        #[allow(unreachable_patterns)]
        _ => return Err(Status::AlgorithmUnknown),
    };
    let is_known = |key: &Candidate<'_>| means.known.is_some_and(|is_known| is_known(candidates.algorithm, key.material));
    let known = candidates.keys.iter().find(|key| is_known(key));
    // A rotating secret's key is the token's own, and its window may have ended.
    #[cfg(feature = "rotating")]
    let known = known.filter(|_| keyring.is_none());
    let find = || candidates.keys.iter().find(|key| holds(key.material, token.signing_input, signature));
    #[cfg(feature = "rotating")]
    let find = || match &keyring {
        Some(keyring) => rotating::find(candidates, keyring, token.signing_input, signature),
        None => find(),
    };
    let key = known.or_else(find).ok_or(Status::Signature)?;
    let signed = Signed {
        payload: token.payload,
        signature,
        key: *key,
        #[cfg(feature = "cache")]
        checked_with: if known.is_none() && !candidates.rotate() { Some(key.material) } else { None },
        algorithm: candidates.algorithm,
    };
    Ok((signed, scratch))
}
