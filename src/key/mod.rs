//! Stage 3: keys, and the choice of one. A key is born with exactly one algorithm.

mod choose;
mod jwk;
mod material;
mod region;
#[cfg(feature = "spki")]
mod spki;

pub(crate) use choose::{Candidates, choose};
#[cfg(feature = "issue")]
pub(crate) use jwk::{Jwk, KeyId, Purpose as JwkPurpose, with_object};
pub(crate) use material::Material;
pub use material::{key_bytes, region_head_bytes};
pub(crate) use region::Stored;

use crate::error::Status;
use crate::header::Algorithm;
use crate::limits::{KEYS_MAX, KID_BYTES_MAX};
use region::{Counts, View};

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

/// What loading a JWK Set did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Keys that were added.
    pub added: usize,
    /// Keys that were passed over.
    pub skipped: usize,
    /// Why the first of those was passed over.
    pub reason: Option<Status>,
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

    /// Adds a public key of an elliptic curve as SEC 1 2.3.3 writes it: `04 x y`, or `02`/`03` and x.
    ///
    /// # Errors
    /// [`Status::KeyPoint`], [`Status::KeyLength`], [`Status::KeyAlgorithmMismatch`], or one of the set.
    pub fn add_sec1(&mut self, algorithm: Algorithm, kid: Option<&str>, sec1: &[u8]) -> Result<(), Status> {
        self.add(algorithm, kid.map(str::as_bytes), &Material::of_point(algorithm, sec1)?)
    }

    /// Adds a public key from a DER SubjectPublicKeyInfo (RFC 5280 4.1, RFC 5480 2).
    ///
    /// # Errors
    /// [`Status::KeyDer`], [`Status::KeyPoint`], [`Status::KeyAlgorithmMismatch`], or one of the set.
    #[cfg(feature = "spki")]
    pub fn add_spki(&mut self, algorithm: Algorithm, kid: Option<&str>, der: &[u8]) -> Result<(), Status> {
        self.add(algorithm, kid.map(str::as_bytes), &Material::of_point(algorithm, spki::point(der)?)?)
    }

    /// Adds a JWK (RFC 7517 4). One without `alg` gets the only one of `allowed` that fits its type.
    ///
    /// # Errors
    /// A 3xx status that says what was wrong with the key, or one of the set.
    pub fn add_jwk(&mut self, json: &[u8], allowed: &[Algorithm]) -> Result<(), Status> {
        jwk::with_object(json, |object| self.add_jwk_object(&jwk::Jwk::new(object), allowed))
    }

    /// Adds the keys of a JWK Set (RFC 7517 5). Keys that cannot be used are passed over and counted.
    ///
    /// # Errors
    /// [`Status::KeyMalformed`], [`Status::KeySetEmpty`], [`Status::KeySetTooLarge`], [`Status::KeyIdDuplicate`],
    /// [`Status::RegionTooSmall`]; the reason of the first key when none could be used. Then no key was added.
    pub fn add_jwks(&mut self, json: &[u8], allowed: &[Algorithm]) -> Result<Loaded, Status> {
        let before = View::open(self.words)?.counts();
        let result = jwk::with_object(json, |set| {
            let mut loaded = Loaded { added: 0, skipped: 0, reason: None };
            let keys = jwk::keys_of_set(set)?;
            for (position, key) in keys.clone().enumerate() {
                match self.add_jwk_object(&key, allowed) {
                    Ok(()) => loaded.added = loaded.added.saturating_add(1),
                    Err(whole @ (Status::KeyIdDuplicate | Status::RegionTooSmall | Status::KeySetTooLarge)) => {
                        return Err(whole);
                    }
                    // A key that cannot be used still has its name: no other may have it.
                    Err(_) if key.has_namesake(keys.clone(), position, allowed) => return Err(Status::KeyIdDuplicate),
                    Err(reason) => {
                        loaded.skipped = loaded.skipped.saturating_add(1);
                        loaded.reason = loaded.reason.or(Some(reason));
                    }
                }
            }
            match loaded.reason {
                Some(reason) if loaded.added == 0 => Err(reason),
                _ => Ok(loaded),
            }
        });
        match &result {
            Ok(loaded) => {
                let counts = View::open(self.words)?.counts();
                let skipped = counts.skipped.saturating_add(loaded.skipped as u16);
                region::set_counts(self.words, Counts { skipped, ..counts });
            }
            Err(_) => {
                region::set_counts(self.words, before);
                region::wipe(self.words, before.used);
            }
        }
        result
    }

    /// The set, to verify with.
    pub fn set(&self) -> KeySet<'_> {
        KeySet { view: View::open(self.words).ok() }
    }

    /// Ends the set: every word of the region becomes zero.
    pub fn wipe(&mut self) {
        region::wipe(self.words, 0);
    }

    fn add_jwk_object(&mut self, jwk: &jwk::Jwk<'_>, allowed: &[Algorithm]) -> Result<(), Status> {
        let algorithm = jwk.algorithm(allowed)?;
        jwk.check_use(jwk::Purpose::Verify)?;
        let kid = jwk.kid()?;
        self.add(algorithm, kid.as_ref().map(jwk::KeyId::bytes), &jwk.material(algorithm)?)
    }

    fn add(&mut self, algorithm: Algorithm, kid: Option<&[u8]>, material: &Material) -> Result<(), Status> {
        let view = View::open(self.words)?;
        if usize::from(view.counts().keys) >= KEYS_MAX {
            return Err(Status::KeySetTooLarge);
        }
        if let Some(kid) = kid {
            if kid.len() > KID_BYTES_MAX {
                return Err(Status::KeyIdTooLong);
            }
            let same = |stored: Stored<'_>| stored.is_bytes(kid);
            if view.records().any(|key| key.algorithm == algorithm && key.kid.is_some_and(same)) {
                return Err(Status::KeyIdDuplicate);
            }
        }
        region::push(self.words, algorithm, kid, material.words(), |words| material.store(words))
    }
}

impl Drop for Keys<'_> {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// The bytes of a region that holds exactly the usable keys of this JWK Set, for this issuer.
///
/// # Errors
/// As [`Keys::add_jwks`].
pub fn keys_size_for(json: &[u8], allowed: &[Algorithm], issuer: Option<&str>) -> Result<usize, Status> {
    jwk::with_object(json, |set| {
        let mut words = region::head_words(issuer.unwrap_or_default().len());
        for key in jwk::keys_of_set(set)? {
            let measured = key.algorithm(allowed).and_then(|algorithm| {
                key.check_use(jwk::Purpose::Verify)?;
                let kid_bytes = key.kid()?.map_or(0, |kid| kid.bytes().len());
                Ok(region::record_words(kid_bytes, key.material(algorithm)?.words()))
            });
            words = words.saturating_add(measured.unwrap_or_default());
        }
        Ok(words.saturating_mul(8))
    })
}

/// A key set to verify with: a read-only view of a region, shared freely between threads and processes.
#[derive(Clone, Copy)]
pub struct KeySet<'m> {
    view: Option<View<'m>>,
}

impl<'m> KeySet<'m> {
    /// A set without keys.
    pub const EMPTY: KeySet<'static> = KeySet { view: None };

    /// A view of a region that [`Keys`] has filled.
    ///
    /// # Errors
    /// [`Status::NotInitialized`] when the region holds no set.
    pub fn open(region: &'m [u64]) -> Result<Self, Status> {
        Ok(KeySet { view: Some(View::open(region)?) })
    }

    /// How many keys the set has.
    pub fn len(&self) -> usize {
        self.view.map_or(0, |view| usize::from(view.counts().keys))
    }

    /// Whether the set has no key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many keys were passed over while it was loaded.
    pub fn skipped(&self) -> usize {
        self.view.map_or(0, |view| usize::from(view.counts().skipped))
    }

    /// The words of the region that are in use.
    pub fn region(&self) -> &'m [u64] {
        self.view.map_or(&[], View::words)
    }

    /// Whether the set belongs to an issuer.
    pub fn has_issuer(&self) -> bool {
        self.issuer().is_some()
    }

    pub(crate) fn issuer(&self) -> Option<Stored<'m>> {
        self.view?.issuer()
    }

    fn records(&self) -> impl Iterator<Item = region::Record<'m>> + use<'m> {
        self.view.into_iter().flat_map(View::records)
    }
}
