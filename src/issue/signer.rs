//! Private keys for minting.

use crate::error::Status;
#[cfg(feature = "hs256")]
use crate::hash::Sha256State;
#[cfg(any(feature = "hs384", feature = "hs512"))]
use crate::hash::Sha512State;
use crate::header::Algorithm;
#[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
use crate::key::Material;
#[cfg(feature = "rotating")]
use crate::key::{Base, Rotating};
use crate::key::{Jwk, JwkKind, JwkPurpose, KeyId, with_object};
#[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
use crate::mac::HmacKey;

/// The longest signature that is made here, in bytes.
pub(super) const SIGNATURE_BYTES_MAX: usize = if cfg!(feature = "es512") {
    132
} else if cfg!(feature = "es384") {
    96
} else {
    64
};

enum PrivateKey {
    #[cfg(feature = "hs256")]
    Sha256(HmacKey<Sha256State>),
    #[cfg(any(feature = "hs384", feature = "hs512"))]
    Sha512(HmacKey<Sha512State>),
    #[cfg(feature = "es256")]
    P256(p256::ecdsa::SigningKey),
    #[cfg(feature = "es384")]
    P384(p384::ecdsa::SigningKey),
    #[cfg(feature = "es512")]
    P521(p521::ecdsa::SigningKey),
    #[cfg(feature = "es256k")]
    K256(k256::ecdsa::SigningKey),
    #[cfg(feature = "ed25519")]
    Edwards(ed25519_dalek::SigningKey),
    /// In a build of RSA alone: it signs nothing here.
    #[allow(dead_code)]
    Nothing,
}

/// A key that mints tokens, of exactly one algorithm. Wiped when dropped.
pub struct Signer {
    algorithm: Algorithm,
    kid: Option<KeyId>,
    key: PrivateKey,
}

/// The scalar of one curve as a private key.
#[cfg(feature = "_ec")]
macro_rules! of_scalar {
    ($curve:ident, $scalar:expr) => {{
        let scalar = $scalar.try_into().map_err(|_| Status::KeyLength)?;
        $curve::ecdsa::SigningKey::from_bytes(scalar).map_err(|_| Status::KeyPoint)?
    }};
}

/// Signs with one curve: deterministic (RFC 6979).
#[cfg(feature = "_ec")]
macro_rules! sign {
    ($curve:ident, $key:expr, $message:expr, $out:expr) => {{
        let made: $curve::ecdsa::Signature = $curve::ecdsa::signature::Signer::sign($key, $message);
        $out.iter_mut().zip(made.to_bytes()).for_each(|(place, byte)| *place = byte);
    }};
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
            #[allow(unreachable_patterns)] // without the others
            _ => return Err(Status::KeyAlgorithmMismatch),
        };
        Ok(Signer { algorithm, kid, key })
    }

    /// One user's key of a rotating secret, for the window that `issued_at` lies in. It mints tokens that say this `iat`, and
    /// this user in the claim that `rotating` names; an integer is its decimal text here.
    ///
    /// ```
    /// use countermark::{Mint, Rotating, Signer};
    /// let rotating = Rotating::compat("userId");
    /// let now = 1_800_000_000;
    /// let signer = Signer::of_rotating(None, b"a base of at least thirty-two bytes", &rotating, "alice", now)?;
    /// let mint = Mint { issued_at: Some(now), expires_at: Some(now + 600), claims: r#"{"userId":"alice"}"#, ..Mint::default() };
    /// let (mut scratch, mut out) = ([0; 512], [0; 512]);
    /// signer.issue(&mint, &mut scratch, &mut out)?;
    /// # Ok::<(), countermark::Status>(())
    /// ```
    ///
    /// # Errors
    /// As [`Keys::add_rotating`](crate::Keys::add_rotating); [`Status::Argument`] for a time before 1970.
    #[cfg(feature = "rotating")]
    pub fn of_rotating(
        kid: Option<&str>,
        base: &[u8],
        rotating: &Rotating<'_>,
        user: &str,
        issued_at: i64,
    ) -> Result<Self, Status> {
        let kid = kid.map(KeyId::new).transpose()?;
        let key = Base::new(base, rotating)?.key_at(user, issued_at).ok_or(Status::Argument)?;
        Ok(Signer { algorithm: Algorithm::HS256, kid, key: PrivateKey::Sha256(key) })
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
    #[cfg(feature = "_ec")]
    pub fn of_scalar(algorithm: Algorithm, kid: Option<&str>, scalar: &[u8]) -> Result<Self, Status> {
        let kid = kid.map(KeyId::new).transpose()?;
        let key = match algorithm {
            #[cfg(feature = "es256")]
            Algorithm::ES256 => PrivateKey::P256(of_scalar!(p256, scalar)),
            #[cfg(feature = "es384")]
            Algorithm::ES384 => PrivateKey::P384(of_scalar!(p384, scalar)),
            #[cfg(feature = "es512")]
            Algorithm::ES512 => PrivateKey::P521(of_scalar!(p521, scalar)),
            #[cfg(feature = "es256k")]
            Algorithm::ES256K => PrivateKey::K256(of_scalar!(k256, scalar)),
            _ => return Err(Status::KeyAlgorithmMismatch),
        };
        Ok(Signer { algorithm, kid, key })
    }

    #[cfg(not(feature = "_ec"))]
    #[doc(hidden)]
    pub fn of_scalar(_: Algorithm, _: Option<&str>, _: &[u8]) -> Result<Self, Status> {
        Err(Status::KeyAlgorithmMismatch)
    }

    /// An Ed25519 private key: its 32 bytes (RFC 8032 5.1.5).
    ///
    /// # Errors
    /// [`Status::KeyLength`], [`Status::KeyIdTooLong`].
    #[cfg(feature = "ed25519")]
    pub fn of_seed(kid: Option<&str>, seed: &[u8]) -> Result<Self, Status> {
        let kid = kid.map(KeyId::new).transpose()?;
        let seed: &[u8; 32] = seed.try_into().map_err(|_| Status::KeyLength)?;
        let key = PrivateKey::Edwards(ed25519_dalek::SigningKey::from_bytes(seed));
        Ok(Signer { algorithm: Algorithm::EdDSA, kid, key })
    }

    /// A private JWK (RFC 7517 4), with its `kid`. One without `alg` gets the only one of `allowed` that fits its type.
    /// RSA keys sign nothing here.
    ///
    /// # Errors
    /// A 3xx status that says what was wrong with the key.
    pub fn of_jwk(json: &[u8], allowed: &[Algorithm]) -> Result<Self, Status> {
        with_object(json, |object| {
            let jwk = Jwk::new(object);
            let algorithm = jwk.algorithm(allowed)?;
            jwk.check_use(JwkPurpose::Sign)?;
            let kid = jwk.kid()?;
            let mut signer = match JwkKind::of(algorithm) {
                JwkKind::Secret => jwk.with_secret(|secret| Self::of_secret(algorithm, None, secret))?,
                #[cfg(feature = "_ec")]
                JwkKind::Curve(_) => Self::of_curve(&jwk, algorithm)?,
                #[cfg(feature = "ed25519")]
                JwkKind::Edwards => Self::of_edwards(&jwk)?,
                _ => return Err(Status::KeyTypeUnsupported),
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

    /// Writes the public key to the start of `out`: of a curve as SEC 1 2.3.3 writes it, uncompressed, for
    /// [`Keys::add_sec1`](crate::Keys::add_sec1); of Ed25519 its 32 bytes, for `Keys::add_ed25519`.
    ///
    /// # Errors
    /// [`Status::KeyAlgorithmMismatch`] for an HMAC secret, which has none; [`Status::BufferTooSmall`]: 133 bytes suffice.
    pub fn public<'o>(&self, out: &'o mut [u8]) -> Result<&'o [u8], Status> {
        let copy = |from: &[u8], out: &'o mut [u8]| {
            let out = out.get_mut(..from.len()).ok_or(Status::BufferTooSmall)?;
            out.iter_mut().zip(from).for_each(|(place, byte)| *place = *byte);
            Ok::<&'o [u8], Status>(out)
        };
        match &self.key {
            #[cfg(feature = "es256")]
            PrivateKey::P256(key) => copy(key.verifying_key().to_sec1_point(false).as_bytes(), out),
            #[cfg(feature = "es384")]
            PrivateKey::P384(key) => copy(key.verifying_key().to_sec1_point(false).as_bytes(), out),
            #[cfg(feature = "es512")]
            PrivateKey::P521(key) => copy(key.verifying_key().to_sec1_point(false).as_bytes(), out),
            #[cfg(feature = "es256k")]
            PrivateKey::K256(key) => copy(key.verifying_key().to_sec1_point(false).as_bytes(), out),
            #[cfg(feature = "ed25519")]
            PrivateKey::Edwards(key) => copy(key.verifying_key().as_bytes(), out),
            _ => {
                let _ = (copy, out);
                Err(Status::KeyAlgorithmMismatch)
            }
        }
    }

    /// A private JWK carries its public point too (RFC 7518 6.2.2); the two must belong together.
    #[cfg(feature = "_ec")]
    fn of_curve(jwk: &Jwk<'_>, algorithm: Algorithm) -> Result<Self, Status> {
        use crate::key::SEC1_BYTES_MAX;
        let mut scalar = zeroize::Zeroizing::new([0; SEC1_BYTES_MAX / 2]);
        let bytes = algorithm.signature_bytes() / 2;
        let scalar = scalar.get_mut(..bytes).ok_or(Status::KeyLength)?;
        jwk.binary_exactly("d", scalar)?;
        let signer = Self::of_scalar(algorithm, None, scalar)?;
        let (mut own, mut public) = ([0; SEC1_BYTES_MAX], [0; SEC1_BYTES_MAX]);
        let belongs = crate::bytes::equal(jwk.sec1(algorithm, &mut public)?, signer.public(&mut own)?);
        if belongs { Ok(signer) } else { Err(Status::KeyPoint) }
    }

    /// A private JWK carries its public key too (RFC 8037 2); the two must belong together.
    #[cfg(feature = "ed25519")]
    fn of_edwards(jwk: &Jwk<'_>) -> Result<Self, Status> {
        let mut seed = zeroize::Zeroizing::new([0; 32]);
        jwk.binary_exactly("d", seed.as_mut())?;
        let signer = Self::of_seed(None, seed.as_ref())?;
        let (mut own, mut public) = ([0; 32], [0; 32]);
        jwk.binary_exactly("x", &mut public)?;
        let belongs = crate::bytes::equal(&public, signer.public(&mut own)?);
        if belongs { Ok(signer) } else { Err(Status::KeyPoint) }
    }

    /// Signs; `signature` has the algorithm's length.
    #[cfg_attr(feature = "_rsa", allow(unreachable_code))] // RSA alone signs nothing
    pub(super) fn sign(&self, message: &[u8], signature: &mut [u8]) -> Result<(), Status> {
        match &self.key {
            #[cfg(feature = "hs256")]
            PrivateKey::Sha256(key) => key.mac(message, signature),
            #[cfg(any(feature = "hs384", feature = "hs512"))]
            PrivateKey::Sha512(key) => key.mac(message, signature),
            #[cfg(feature = "es256")]
            PrivateKey::P256(key) => sign!(p256, key, message, signature),
            #[cfg(feature = "es384")]
            PrivateKey::P384(key) => sign!(p384, key, message, signature),
            #[cfg(feature = "es512")]
            PrivateKey::P521(key) => sign!(p521, key, message, signature),
            #[cfg(feature = "es256k")]
            PrivateKey::K256(key) => sign!(k256, key, message, signature),
            #[cfg(feature = "ed25519")]
            PrivateKey::Edwards(key) => {
                let made = ed25519_dalek::Signer::sign(key, message).to_bytes();
                signature.iter_mut().zip(made).for_each(|(place, byte)| *place = byte);
            }
            PrivateKey::Nothing => {
                let _ = (message, signature);
                Err(Status::NotSupported)?;
            }
        }
        Ok(())
    }
}
