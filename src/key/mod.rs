//! Stage 3: keys, and the choice of one. A key is born with exactly one algorithm.

#[cfg(feature = "ecdh")]
mod agreement;
mod choose;
mod cooldown;
#[cfg(feature = "envelope")]
mod decryption;
#[cfg(feature = "spki")]
mod der;
#[cfg(feature = "ed25519")]
mod edwards;
#[cfg(feature = "dpop")]
mod embedded;
mod jwk;
mod jwks;
#[cfg(feature = "_mldsa")]
mod lattice;
#[cfg(feature = "envelope")]
mod management;
mod material;
#[cfg(feature = "pem")]
mod pem;
#[cfg(feature = "_ec")]
mod point;
#[cfg(feature = "prepared")]
mod prepared;
mod purpose;
mod region;
#[cfg(feature = "rotating")]
mod rotating;
#[cfg(feature = "_rsa")]
mod rsa;
mod set;
mod thumbprint;

pub use cooldown::Cooldown;
#[cfg(feature = "envelope")]
pub use decryption::decryption_key_bytes;
pub use jwks::{Loaded, REASONS, keys_size_for};
#[cfg(feature = "envelope")]
pub use management::{Encryption, KeyManagement};
#[cfg(feature = "prepared")]
pub use prepared::{Prepared, prepared_bytes};
#[cfg(feature = "rotating")]
pub use rotating::{Rotating, RotatingMode};
pub use set::KeySet;
pub use thumbprint::{THUMBPRINT_CHARS, thumbprint};

#[cfg(all(feature = "ecdh", feature = "issue"))]
pub(crate) use agreement::public_of;
#[cfg(feature = "ecdh")]
pub(crate) use agreement::{PUBLIC_BYTES_MAX, agree, is_public};
pub(crate) use choose::{Candidate, Candidates, choose};
#[cfg(feature = "envelope")]
pub(crate) use decryption::Secret;
#[cfg(feature = "ed25519")]
pub(crate) use edwards::bytes as edwards_bytes;
#[cfg(feature = "dpop")]
pub(crate) use embedded::with_embedded;
#[cfg(any(feature = "issue", feature = "ecdh"))]
pub(crate) use jwk::Jwk;
#[cfg(feature = "issue")]
pub(crate) use jwk::{KeyId, Kind as JwkKind, with_object};
#[cfg(feature = "envelope")]
pub(crate) use management::CONTENT_KEY_BYTES_MAX;
#[cfg(feature = "ecdh")]
pub(crate) use management::Curve;
pub(crate) use material::Material;
#[cfg(feature = "rotating")]
pub use material::rotating_key_bytes;
pub use material::{key_bytes, region_head_bytes};
#[cfg(all(feature = "_ec", feature = "issue"))]
pub(crate) use point::SEC1_BYTES_MAX;
#[cfg(feature = "_ec")]
pub(crate) use point::write_sec1;
#[cfg(feature = "issue")]
pub(crate) use purpose::Purpose as JwkPurpose;
pub(crate) use region::Stored;
#[cfg(feature = "rotating")]
pub(crate) use rotating::{Base, Peeked, Rule, Turn};
#[cfg(feature = "_rsa")]
pub(crate) use rsa::{StoredRsa, bytes_of_words, words_of_bytes};

/// A build without rotating secrets: nothing is read before the signature.
#[cfg(not(feature = "rotating"))]
pub(crate) type Peeked<'p> = core::marker::PhantomData<&'p ()>;

/// A build without tables: there is never one.
#[cfg(not(feature = "prepared"))]
pub(crate) type Prepared<'m> = core::marker::PhantomData<&'m ()>;

use crate::error::Status;
use crate::header::Algorithm;
use crate::limits::{KEYS_MAX, KID_BYTES_MAX};
use region::View;

/// A key set being filled, in the caller's words. Wiped when dropped.
///
/// ```
/// use countermark::{Algorithm, Keys};
/// let mut region = [0u64; 64];
/// let mut keys = Keys::new(&mut region)?;
/// keys.add_secret(Algorithm::HS256, Some("2026-11"), b"a secret of at least thirty-two bytes")?;
/// assert_eq!(keys.set().len(), 1);
/// # Ok::<(), countermark::Status>(())
/// ```
pub struct Keys<'m> {
    words: &'m mut [u64],
}

impl<'m> Keys<'m> {
    /// Starts an empty set that belongs to no issuer. What the region held is gone.
    ///
    /// # Errors
    /// [`Status::RegionTooSmall`].
    pub fn new(region: &'m mut [u64]) -> Result<Self, Status> {
        region::clear(region, None)?;
        Ok(Keys { words: region })
    }

    /// Starts an empty set of one issuer: a token that one of its keys verifies must carry exactly this `iss` (RFC 8725 3.8).
    ///
    /// # Errors
    /// [`Status::RegionTooSmall`].
    pub fn for_issuer(region: &'m mut [u64], issuer: &str) -> Result<Self, Status> {
        region::clear(region, Some(issuer))?;
        Ok(Keys { words: region })
    }

    /// Starts an empty set of the issuer of another, and of the generation after it. This is how a set is replaced: fill the
    /// new one in a region of its own, and let verifiers use it once that has succeeded. A set that fails to load leaves the
    /// old one as it was.
    ///
    /// ```
    /// use countermark::{Keys, KeySet};
    /// # fn fetched() -> &'static [u8] { br#"{"keys":[{"kty":"oct","alg":"HS256","k":"c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0IDMyYiE"}]}"# }
    /// # let (mut first, mut second) = ([0u64; 64], [0u64; 64]);
    /// # let old = Keys::new(&mut first)?;
    /// let mut new = Keys::succeeding(&mut second, &old.set())?;
    /// new.add_jwks(fetched(), &[])?; // on an error `old` goes on serving
    /// assert!(new.set().generation() > old.set().generation());
    /// # Ok::<(), countermark::Status>(())
    /// ```
    ///
    /// # Errors
    /// [`Status::RegionTooSmall`].
    pub fn succeeding(region: &'m mut [u64], old: &KeySet<'_>) -> Result<Self, Status> {
        match old.view {
            Some(old) => region::clear_after(region, old)?,
            None => region::clear(region, None)?,
        }
        Ok(Keys { words: region })
    }

    /// Goes on with a region that holds a set already.
    ///
    /// # Errors
    /// [`Status::NotInitialized`] when it does not.
    pub fn open(region: &'m mut [u64]) -> Result<Self, Status> {
        View::open(region)?;
        Ok(Keys { words: region })
    }

    /// Adds an HMAC secret of raw bytes. Its algorithm is the one named here, whatever a token says.
    ///
    /// # Errors
    /// [`Status::KeyTooShort`], [`Status::KeyTooLong`], [`Status::KeyAlgorithmMismatch`], or one of the set:
    /// [`Status::KeyIdDuplicate`], [`Status::KeyIdTooLong`], [`Status::KeySetTooLarge`], [`Status::RegionTooSmall`].
    pub fn add_secret(&mut self, algorithm: Algorithm, kid: Option<&str>, secret: &[u8]) -> Result<(), Status> {
        self.add(algorithm, kid.map(str::as_bytes), &Material::of_secret(algorithm, secret)?)
    }

    /// Adds a rotating secret: the base of at least 32 bytes, from which each user has a key of HS256 for each window of time.
    /// Of a token, the user and `iat` are read before its signature is checked, and used for nothing else; for each base two
    /// keys are tried at the most.
    ///
    /// ```
    /// use countermark::{Keys, Rotating};
    /// let mut region = [0u64; 64];
    /// let mut keys = Keys::new(&mut region)?;
    /// let rotating = Rotating { grace: 1, ..Rotating::compat("userId") };
    /// keys.add_rotating(None, b"a base of at least thirty-two bytes", &rotating)?;
    /// # Ok::<(), countermark::Status>(())
    /// ```
    ///
    /// # Errors
    /// [`Status::KeyTooShort`], [`Status::KeyTooLong`], [`Status::RotatingSettings`], or one of the set.
    #[cfg(feature = "rotating")]
    pub fn add_rotating(&mut self, kid: Option<&str>, base: &[u8], rotating: &Rotating<'_>) -> Result<(), Status> {
        self.add(Algorithm::HS256, kid.map(str::as_bytes), &Material::Rotating(Base::new(base, rotating)?))
    }

    /// Adds a public key of an elliptic curve as SEC 1 2.3.3 writes it: `04 x y`, or `02`/`03` and x.
    ///
    /// # Errors
    /// [`Status::KeyPoint`], [`Status::KeyLength`], [`Status::KeyAlgorithmMismatch`], or one of the set.
    pub fn add_sec1(&mut self, algorithm: Algorithm, kid: Option<&str>, sec1: &[u8]) -> Result<(), Status> {
        self.add(algorithm, kid.map(str::as_bytes), &Material::of_point(algorithm, sec1)?)
    }

    /// Adds an Ed25519 public key: its 32 bytes (RFC 8032 5.1.5).
    ///
    /// # Errors
    /// [`Status::KeyLength`], [`Status::KeyPoint`], [`Status::KeySmallOrder`], or one of the set.
    #[cfg(feature = "ed25519")]
    pub fn add_ed25519(&mut self, kid: Option<&str>, public: &[u8]) -> Result<(), Status> {
        self.add(Algorithm::EdDSA, kid.map(str::as_bytes), &Material::of_edwards(Algorithm::EdDSA, public)?)
    }

    /// Adds a public key from a DER SubjectPublicKeyInfo (RFC 5280 4.1.2.7; RFC 5480 2, RFC 3279 2.3.1, RFC 8410 3, RFC 9881 4).
    ///
    /// # Errors
    /// [`Status::KeyDer`], [`Status::KeyTypeUnsupported`], [`Status::KeyAlgorithmMismatch`], one that says what is wrong
    /// with the point or the modulus, or one of the set.
    #[cfg(feature = "spki")]
    pub fn add_spki(&mut self, algorithm: Algorithm, kid: Option<&str>, der: &[u8]) -> Result<(), Status> {
        self.add(algorithm, kid.map(str::as_bytes), &der::of_spki(algorithm, der)?)
    }

    /// Adds an RSA public key from a DER RSAPublicKey (RFC 8017 A.1.1).
    ///
    /// # Errors
    /// As [`Keys::add_spki`].
    #[cfg(feature = "spki")]
    pub fn add_pkcs1(&mut self, algorithm: Algorithm, kid: Option<&str>, der: &[u8]) -> Result<(), Status> {
        self.add(algorithm, kid.map(str::as_bytes), &der::of_pkcs1(algorithm, der)?)
    }

    /// Adds the public key of an X.509 certificate in DER (RFC 5280 4.1). Nothing else in it is judged: not its signature,
    /// its dates, or its names.
    ///
    /// # Errors
    /// [`Status::KeyCertificate`], or as [`Keys::add_spki`].
    #[cfg(feature = "certificate")]
    pub fn add_certificate(&mut self, algorithm: Algorithm, kid: Option<&str>, der: &[u8]) -> Result<(), Status> {
        self.add(algorithm, kid.map(str::as_bytes), &der::of_certificate(algorithm, der)?)
    }

    /// Adds a public key from one block of PEM (RFC 7468): "PUBLIC KEY", "RSA PUBLIC KEY" or "CERTIFICATE".
    ///
    /// # Errors
    /// [`Status::KeyPem`], or as the function of what the block's label says.
    #[cfg(feature = "pem")]
    pub fn add_pem(&mut self, algorithm: Algorithm, kid: Option<&str>, text: &[u8]) -> Result<(), Status> {
        pem::with_key(algorithm, text, |material| self.add(algorithm, kid.map(str::as_bytes), material))
    }

    /// The set, to verify with.
    pub fn set(&self) -> KeySet<'_> {
        KeySet { view: View::open(self.words).ok() }
    }

    /// Ends the set: every word of the region becomes zero.
    pub fn wipe(&mut self) {
        region::wipe(self.words, 0);
    }

    fn add(&mut self, algorithm: Algorithm, kid: Option<&[u8]>, material: &Material<'_>) -> Result<(), Status> {
        self.add_record(algorithm as i32, kid, material.words(), |words| material.store(words))
    }

    fn add_record(
        &mut self,
        code: i32,
        kid: Option<&[u8]>,
        words: usize,
        fill: impl FnOnce(&mut [u64]),
    ) -> Result<(), Status> {
        let view = View::open(self.words)?;
        if usize::from(view.counts().keys) >= KEYS_MAX {
            return Err(Status::KeySetTooLarge);
        }
        if let Some(kid) = kid {
            if kid.len() > KID_BYTES_MAX {
                return Err(Status::KeyIdTooLong);
            }
            let same = |stored: Stored<'_>| stored.is_bytes(kid);
            if view.entries().any(|key| key.code == code && key.kid.is_some_and(same)) {
                return Err(Status::KeyIdDuplicate);
            }
        }
        region::push(self.words, code, kid, words, fill)
    }
}

impl Drop for Keys<'_> {
    fn drop(&mut self) {
        self.wipe();
    }
}
