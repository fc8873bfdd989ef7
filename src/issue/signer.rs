//! Private keys for minting.

use crate::error::Status;
use crate::header::Algorithm;
#[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
use crate::key::Material;
use crate::key::{Jwk, JwkPurpose, KeyId, with_object};
#[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
use crate::mac::HmacKey;
#[cfg(feature = "hs256")]
use crate::mac::Sha256State;
#[cfg(any(feature = "hs384", feature = "hs512"))]
use crate::mac::Sha512State;

enum PrivateKey {
    #[cfg(feature = "hs256")]
    Sha256(HmacKey<Sha256State>),
    #[cfg(any(feature = "hs384", feature = "hs512"))]
    Sha512(HmacKey<Sha512State>),
    #[cfg(feature = "es256")]
    P256(p256::ecdsa::SigningKey),
}

/// A key that mints tokens, of exactly one algorithm. Wiped when dropped.
pub struct Signer {
    algorithm: Algorithm,
    kid: Option<KeyId>,
    key: PrivateKey,
}

impl Signer {
    /// An HMAC secret.
    ///
    /// # Errors
    /// [`Status::KeyTooShort`], [`Status::KeyTooLong`], [`Status::KeyAlgorithmMismatch`], [`Status::KeyIdTooLong`].
    #[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
    pub fn of_secret(algorithm: Algorithm, kid: Option<&str>, secret: &[u8]) -> Result<Self, Status> {
        let kid = kid.map(KeyId::new).transpose()?;
        let key = match Material::of_secret(algorithm, secret)? {
            #[cfg(feature = "hs256")]
            Material::Sha256(key) => PrivateKey::Sha256(key),
            #[cfg(any(feature = "hs384", feature = "hs512"))]
            Material::Sha512(key) => PrivateKey::Sha512(key),
            #[cfg(feature = "es256")]
            Material::P256(_) => return Err(Status::KeyAlgorithmMismatch),
        };
        Ok(Signer { algorithm, kid, key })
    }

    #[cfg(not(any(feature = "hs256", feature = "hs384", feature = "hs512")))]
    #[doc(hidden)]
    pub fn of_secret(_: Algorithm, _: Option<&str>, _: &[u8]) -> Result<Self, Status> {
        Err(Status::KeyAlgorithmMismatch)
    }

    /// A private scalar of an elliptic curve, big-endian, as long as the curve's order.
    ///
    /// # Errors
    /// [`Status::KeyLength`], [`Status::KeyPoint`], [`Status::KeyAlgorithmMismatch`], [`Status::KeyIdTooLong`].
    #[cfg(feature = "es256")]
    pub fn of_scalar(algorithm: Algorithm, kid: Option<&str>, scalar: &[u8]) -> Result<Self, Status> {
        if algorithm != Algorithm::ES256 {
            return Err(Status::KeyAlgorithmMismatch);
        }
        let kid = kid.map(KeyId::new).transpose()?;
        let scalar: &[u8; 32] = scalar.try_into().map_err(|_| Status::KeyLength)?;
        let key = p256::ecdsa::SigningKey::from_bytes(scalar.into()).map_err(|_| Status::KeyPoint)?;
        Ok(Signer { algorithm, kid, key: PrivateKey::P256(key) })
    }

    /// A private JWK (RFC 7517 4), with its `kid`. One without `alg` gets the only one of `allowed` that fits its type.
    ///
    /// # Errors
    /// A 3xx status that says what was wrong with the key.
    pub fn of_jwk(json: &[u8], allowed: &[Algorithm]) -> Result<Self, Status> {
        with_object(json, |object| {
            let jwk = Jwk::new(object);
            let algorithm = jwk.algorithm(allowed)?;
            jwk.check_use(JwkPurpose::Sign)?;
            let kid = jwk.kid()?;
            let mut signer = match algorithm {
                #[cfg(feature = "es256")]
                Algorithm::ES256 => {
                    let mut scalar = zeroize::Zeroizing::new([0; 32]);
                    jwk.binary_exactly("d", scalar.as_mut())?;
                    let signer = Self::of_scalar(algorithm, None, scalar.as_ref())?;
                    signer.check_public(&jwk)?;
                    signer
                }
                _ => jwk.with_secret(|secret| Self::of_secret(algorithm, None, secret))?,
            };
            signer.kid = kid;
            Ok(signer)
        })
    }

    /// The signer's algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(super) fn kid(&self) -> Option<&str> {
        core::str::from_utf8(self.kid.as_ref()?.bytes()).ok()
    }

    /// The public key as SEC 1 2.3.3 writes it, uncompressed; nothing for an HMAC secret.
    #[cfg(feature = "es256")]
    pub fn public_sec1(&self) -> Option<[u8; 65]> {
        match &self.key {
            PrivateKey::P256(key) => key.verifying_key().to_sec1_point(false).as_bytes().try_into().ok(),
            #[allow(unreachable_patterns)] // without HMAC
            _ => None,
        }
    }

    /// A private JWK carries its public point too; the two must belong together.
    #[cfg(feature = "es256")]
    fn check_public(&self, jwk: &Jwk<'_>) -> Result<(), Status> {
        let mut sec1 = [0x04; 65];
        let (_, coordinates) = sec1.split_at_mut(1);
        let (x, y) = coordinates.split_at_mut(32);
        jwk.binary_exactly("x", x)?;
        jwk.binary_exactly("y", y)?;
        match self.public_sec1() {
            Some(public) if crate::bytes::equal(&public, &sec1) => Ok(()),
            _ => Err(Status::KeyPoint),
        }
    }

    /// Signs; `signature` has the algorithm's length. ECDSA is deterministic (RFC 6979).
    pub(super) fn sign(&self, message: &[u8], signature: &mut [u8]) -> Result<(), Status> {
        match &self.key {
            #[cfg(feature = "hs256")]
            PrivateKey::Sha256(key) => key.mac(message, signature),
            #[cfg(any(feature = "hs384", feature = "hs512"))]
            PrivateKey::Sha512(key) => key.mac(message, signature),
            #[cfg(feature = "es256")]
            PrivateKey::P256(key) => {
                let made: p256::ecdsa::Signature = p256::ecdsa::signature::Signer::sign(key, message);
                signature.iter_mut().zip(made.to_bytes()).for_each(|(place, byte)| *place = byte);
            }
        }
        Ok(())
    }
}
