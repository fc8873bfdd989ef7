//! Decryption keys: in the same sets and regions as the keys of signatures, told from them by their numbers.

use super::Keys;
use super::jwk::Jwk;
use super::jwk::KeyId;
use super::management::{Curve, KeyManagement};
use super::purpose::Purpose;
use super::region::{self, Stored};
use crate::bytes::to_words;
use crate::error::Status;
use crate::limits::KID_BYTES_MAX;
use zeroize::Zeroizing;

/// The longest kept key, in bytes.
const KEY_BYTES_MAX: usize = 64;

/// A decryption key's bytes. Wiped when dropped.
pub(crate) struct Secret {
    bytes: Zeroizing<[u8; KEY_BYTES_MAX]>,
    len: usize,
}

impl Secret {
    /// Copies a key out of its region.
    pub(crate) fn load(management: KeyManagement, words: &[u64]) -> Self {
        let mut bytes = Zeroizing::new([0; KEY_BYTES_MAX]);
        for (place, word) in bytes.chunks_exact_mut(8).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        Secret { bytes, len: management.key_bytes() }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

impl Keys<'_> {
    /// Adds a key that opens envelopes, of raw bytes: an AES key, the content's own for `dir`, or a curve's private key
    /// (P-256: the scalar, big-endian; X25519: RFC 7748 5). What it does is what is named here, whatever a token says.
    ///
    /// # Errors
    /// [`Status::KeySecretLength`], [`Status::KeyPoint`], [`Status::NotSupported`], or one of the set, as
    /// [`Keys::add_secret`].
    pub fn add_decryption(&mut self, management: KeyManagement, kid: Option<&str>, key: &[u8]) -> Result<(), Status> {
        check(management, key)?;
        self.add_decryption_key(management, kid.map(str::as_bytes), key)
    }

    /// Adds the JWK, if its `alg` says that it is one that opens envelopes.
    pub(super) fn add_decryption_jwk(&mut self, jwk: &Jwk<'_>) -> Result<Option<()>, Status> {
        let Some(management) = jwk.management()? else { return Ok(None) };
        jwk.check_use(Purpose::Decrypt(management))?;
        let kid = jwk.kid()?;
        let add = |key: &[u8]| self.add_decryption_key(management, kid.as_ref().map(KeyId::bytes), key);
        jwk.with_decryption_key(management, add).map(Some)
    }

    fn add_decryption_key(&mut self, management: KeyManagement, kid: Option<&[u8]>, key: &[u8]) -> Result<(), Status> {
        let words = Stored::words_for(key.len());
        self.add_record(management as i32, kid, words, |words| to_words(key, words))
    }
}

fn check(management: KeyManagement, key: &[u8]) -> Result<(), Status> {
    if !KeyManagement::SUPPORTED.contains(&management) {
        return Err(Status::NotSupported);
    }
    if key.len() != management.key_bytes() {
        return Err(Status::KeySecretLength);
    }
    #[cfg(feature = "ecdh")]
    if management.curve() == Some(Curve::P256) {
        let scalar = key.try_into().map_err(|_| Status::KeySecretLength)?;
        let secret = p256::SecretKey::from_bytes(scalar).map_err(|_| Status::KeyPoint)?;
        drop(secret);
    }
    Ok(())
}

/// The words that a JWK's key takes in a region, if it is one that opens envelopes.
pub(super) fn measured(jwk: &Jwk<'_>) -> Result<Option<usize>, Status> {
    let Some(management) = jwk.management()? else { return Ok(None) };
    jwk.check_use(Purpose::Decrypt(management))?;
    let kid_bytes = jwk.kid()?.map_or(0, |kid| kid.bytes().len());
    jwk.with_decryption_key(management, |key| Ok(region::record_words(kid_bytes, Stored::words_for(key.len())))).map(Some)
}

/// The most bytes that a decryption key takes in a region, with the longest key id.
pub fn decryption_key_bytes(management: KeyManagement) -> usize {
    region::record_words(KID_BYTES_MAX, Stored::words_for(management.key_bytes())).saturating_mul(8)
}

impl Jwk<'_> {
    /// What the key's `alg` says that it does, if it opens envelopes. The curve decides between two of one name.
    pub(crate) fn management(&self) -> Result<Option<KeyManagement>, Status> {
        let Some(alg) = self.string("alg")? else { return Ok(None) };
        let mut named = KeyManagement::SUPPORTED.iter().copied().filter(|management| alg == management.key_name());
        let Some(first) = named.next() else { return Ok(None) };
        let kty = self.string("kty")?.ok_or(Status::KeyMemberMissing)?;
        let Some(_) = first.curve() else {
            return if kty == "oct" { Ok(Some(first)) } else { Err(Status::KeyAlgorithmMismatch) };
        };
        let curve = self.agreement_curve()?;
        Ok(core::iter::once(first).chain(named).find(|management| management.curve() == Some(curve)))
    }

    /// What `kty` and `crv` say of a key that agrees.
    pub(crate) fn agreement_curve(&self) -> Result<Curve, Status> {
        let kty = self.string("kty")?.ok_or(Status::KeyMemberMissing)?;
        match self.string("crv")? {
            Some(crv) if kty == "EC" && crv == "P-256" => Ok(Curve::P256),
            Some(crv) if kty == "OKP" && crv == "X25519" => Ok(Curve::X25519),
            _ if kty == "EC" || kty == "OKP" => Err(Status::KeyTypeUnsupported),
            _ => Err(Status::KeyAlgorithmMismatch),
        }
    }

    /// Hands the key's bytes to `then` and wipes them: `k`, or `d` of a pair whose public half belongs to it.
    pub(crate) fn with_decryption_key<T>(
        &self,
        management: KeyManagement,
        then: impl FnOnce(&[u8]) -> Result<T, Status>,
    ) -> Result<T, Status> {
        if management.curve().is_none() {
            return self.with_secret(|key| {
                check(management, key)?;
                then(key)
            });
        }
        #[cfg(feature = "ecdh")]
        {
            let mut private = Zeroizing::new([0; 32]);
            self.binary_exactly("d", private.as_mut())?;
            check(management, private.as_ref())?;
            self.check_pair(management, &private)?;
            then(private.as_ref())
        }
        #[cfg(not(feature = "ecdh"))]
        Err(Status::KeyTypeUnsupported)
    }

    /// A private JWK carries its public point too (RFC 7518 6.2.2, RFC 8037 2); the two must belong together.
    #[cfg(feature = "ecdh")]
    fn check_pair(&self, management: KeyManagement, private: &[u8; 32]) -> Result<(), Status> {
        let mut public = [0; super::agreement::PUBLIC_BYTES_MAX];
        let public = self.agreement_public(management, &mut public)?;
        let mut own = [0; super::agreement::PUBLIC_BYTES_MAX];
        let own = super::agreement::public_of(management, private, &mut own).ok_or(Status::KeyPoint)?;
        if crate::bytes::equal(public, own) { Ok(()) } else { Err(Status::KeyPoint) }
    }

    /// The public half of a key agreement: `04 x y` of P-256, the 32 bytes of X25519. It is not checked.
    #[cfg(feature = "ecdh")]
    pub(crate) fn agreement_public<'o>(
        &self,
        management: KeyManagement,
        out: &'o mut [u8; super::agreement::PUBLIC_BYTES_MAX],
    ) -> Result<&'o [u8], Status> {
        if management.curve() == Some(Curve::X25519) {
            let out = out.get_mut(..32).ok_or(Status::KeyLength)?;
            self.binary_exactly("x", out)?;
            return Ok(out);
        }
        let (format, coordinates) = out.split_first_mut().ok_or(Status::KeyLength)?;
        *format = 0x04;
        let (x, y) = coordinates.split_at_mut_checked(32).ok_or(Status::KeyLength)?;
        self.binary_exactly("x", x)?;
        self.binary_exactly("y", y)?;
        Ok(out)
    }
}
