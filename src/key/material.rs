//! What is kept of a key: exactly what its one algorithm needs.

#[cfg(feature = "ed25519")]
use super::edwards;
#[cfg(feature = "_mldsa")]
use super::lattice;
#[cfg(feature = "_ec")]
use super::point::Point;
use super::region;
#[cfg(feature = "rotating")]
use super::rotating::{self, Base};
#[cfg(feature = "_rsa")]
use super::rsa::{self, RsaKey};
#[cfg(feature = "_mldsa")]
use crate::bytes::to_words;
use crate::error::Status;
#[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
use crate::hash;
#[cfg(feature = "hs256")]
use crate::hash::Sha256State;
#[cfg(any(feature = "hs384", feature = "hs512"))]
use crate::hash::Sha512State;
use crate::header::Algorithm;
#[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
use crate::limits::HMAC_KEY_BYTES_MAX;
use crate::limits::KID_BYTES_MAX;
#[cfg(feature = "_rsa")]
use crate::limits::RSA_BITS_MAX;
#[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
use crate::mac::HmacKey;

/// A key's material, ready to be stored. HMAC keys are their two keyed states; a point is its coordinates; an RSA key is
/// its modulus, prepared; an ML-DSA key is its bytes.
pub(crate) enum Material<'k> {
    #[cfg(feature = "hs256")]
    Sha256(HmacKey<Sha256State>),
    #[cfg(any(feature = "hs384", feature = "hs512"))]
    Sha512(HmacKey<Sha512State>),
    #[cfg(feature = "rotating")]
    Rotating(Base<'k>),
    #[cfg(feature = "_ec")]
    Point(Point),
    #[cfg(feature = "ed25519")]
    Edwards(edwards::Words),
    #[cfg(feature = "_rsa")]
    Rsa(RsaKey<'k>),
    #[cfg(feature = "_mldsa")]
    Lattice(&'k [u8]),
    #[cfg(not(any(feature = "_rsa", feature = "_mldsa")))]
    #[allow(dead_code)] // no other material borrows
    Nothing(core::marker::PhantomData<&'k ()>, core::convert::Infallible),
}

impl Material<'_> {
    /// The material of an HMAC secret (RFC 7518 3.2: not shorter than the hash's output).
    #[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
    pub(crate) fn of_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Material<'static>, Status> {
        let digest_bytes = algorithm.signature_bytes();
        let material: fn(&[u8], usize) -> Material<'static> = match algorithm {
            #[cfg(feature = "hs256")]
            Algorithm::HS256 => |secret, bytes| Material::Sha256(HmacKey::new(secret, &hash::SHA256, bytes)),
            #[cfg(feature = "hs384")]
            Algorithm::HS384 => |secret, bytes| Material::Sha512(HmacKey::new(secret, &hash::SHA384, bytes)),
            #[cfg(feature = "hs512")]
            Algorithm::HS512 => |secret, bytes| Material::Sha512(HmacKey::new(secret, &hash::SHA512, bytes)),
            _ => return Err(Status::KeyAlgorithmMismatch),
        };
        if secret.len() < digest_bytes {
            return Err(Status::KeyTooShort);
        }
        if secret.len() > HMAC_KEY_BYTES_MAX {
            return Err(Status::KeyTooLong);
        }
        Ok(material(secret, digest_bytes))
    }

    #[cfg(not(any(feature = "hs256", feature = "hs384", feature = "hs512")))]
    pub(crate) fn of_secret(_: Algorithm, _: &[u8]) -> Result<Material<'static>, Status> {
        Err(Status::KeyAlgorithmMismatch)
    }

    /// The material of a public key of an elliptic curve, as SEC 1 2.3.3 writes it: `04 x y`, or `02`/`03` and x.
    #[cfg(feature = "_ec")]
    pub(crate) fn of_point(algorithm: Algorithm, sec1: &[u8]) -> Result<Material<'static>, Status> {
        Point::of_sec1(algorithm, sec1).map(Material::Point)
    }

    #[cfg(not(feature = "_ec"))]
    pub(crate) fn of_point(_: Algorithm, _: &[u8]) -> Result<Material<'static>, Status> {
        Err(Status::NotSupported)
    }

    /// The material of an Ed25519 public key (RFC 8032 5.1.5).
    #[cfg(feature = "ed25519")]
    pub(crate) fn of_edwards(algorithm: Algorithm, public: &[u8]) -> Result<Material<'static>, Status> {
        match algorithm {
            Algorithm::EdDSA => edwards::words(public).map(Material::Edwards),
            _ => Err(Status::KeyAlgorithmMismatch),
        }
    }

    #[cfg(all(feature = "spki", not(feature = "ed25519")))]
    pub(crate) fn of_edwards(_: Algorithm, _: &[u8]) -> Result<Material<'static>, Status> {
        Err(Status::NotSupported)
    }

    pub(crate) fn words(&self) -> usize {
        match self {
            #[cfg(feature = "hs256")]
            Material::Sha256(_) => HmacKey::<Sha256State>::WORDS,
            #[cfg(any(feature = "hs384", feature = "hs512"))]
            Material::Sha512(_) => HmacKey::<Sha512State>::WORDS,
            #[cfg(feature = "rotating")]
            Material::Rotating(base) => base.words(),
            #[cfg(feature = "_ec")]
            Material::Point(point) => point.words().len(),
            #[cfg(feature = "ed25519")]
            Material::Edwards(words) => words.len(),
            #[cfg(feature = "_rsa")]
            Material::Rsa(key) => key.words(),
            #[cfg(feature = "_mldsa")]
            Material::Lattice(public) => region::Stored::words_for(public.len()),
            #[cfg(not(any(feature = "_rsa", feature = "_mldsa")))]
            Material::Nothing(_, never) => match *never {},
        }
    }

    pub(crate) fn store(&self, words: &mut [u64]) {
        #[cfg(any(feature = "_ec", feature = "ed25519"))]
        let copy = |from: &[u64], words: &mut [u64]| words.iter_mut().zip(from).for_each(|(word, value)| *word = *value);
        match self {
            #[cfg(feature = "hs256")]
            Material::Sha256(key) => key.store(words),
            #[cfg(any(feature = "hs384", feature = "hs512"))]
            Material::Sha512(key) => key.store(words),
            #[cfg(feature = "rotating")]
            Material::Rotating(base) => base.store(words),
            #[cfg(feature = "_ec")]
            Material::Point(point) => copy(point.words(), words),
            #[cfg(feature = "ed25519")]
            Material::Edwards(point) => copy(point, words),
            #[cfg(feature = "_rsa")]
            Material::Rsa(key) => key.store(words),
            #[cfg(feature = "_mldsa")]
            Material::Lattice(public) => to_words(public, words),
            #[cfg(not(any(feature = "_rsa", feature = "_mldsa")))]
            Material::Nothing(_, never) => match *never {},
        }
    }
}

#[cfg(feature = "_rsa")]
impl<'k> Material<'k> {
    /// The material of an RSA public key: modulus and exponent, big-endian, without leading zeros.
    pub(crate) fn of_rsa(algorithm: Algorithm, modulus: &'k [u8], exponent: &[u8]) -> Result<Self, Status> {
        if !algorithm.is_rsa() {
            return Err(Status::KeyAlgorithmMismatch);
        }
        RsaKey::new(modulus, exponent).map(Material::Rsa)
    }
}

#[cfg(feature = "_mldsa")]
impl<'k> Material<'k> {
    /// The material of an ML-DSA public key: its bytes, where they are (FIPS 204 7.2, pkEncode).
    pub(crate) fn of_lattice(algorithm: Algorithm, public: &'k [u8]) -> Result<Self, Status> {
        match lattice::public_bytes(algorithm) {
            bytes if !Algorithm::SUPPORTED.contains(&algorithm) || bytes == 0 => Err(Status::KeyAlgorithmMismatch),
            bytes if bytes == public.len() => Ok(Material::Lattice(public)),
            _ => Err(Status::KeyLength),
        }
    }
}

/// The most words of a public key's material in this build.
#[cfg(feature = "dpop")]
pub(crate) const MATERIAL_WORDS_MAX: usize = {
    let (mut most, mut rest) = (0, Algorithm::SUPPORTED);
    while let [algorithm, others @ ..] = rest {
        let words = material_words(*algorithm, 0);
        (most, rest) = (if words > most { words } else { most }, others);
    }
    most
};

/// The most bytes that one key takes in a region, with the longest key id. `bits` is the size of an RSA modulus (0: the
/// largest of this build) and is read for no other algorithm; 0 for an algorithm that this build does not have.
pub fn key_bytes(algorithm: Algorithm, bits: usize) -> usize {
    if !Algorithm::SUPPORTED.contains(&algorithm) {
        return 0;
    }
    region::record_words(KID_BYTES_MAX, material_words(algorithm, bits)).saturating_mul(8)
}

const fn material_words(algorithm: Algorithm, bits: usize) -> usize {
    match algorithm {
        Algorithm::HS256 | Algorithm::ES256 | Algorithm::ES256K => 8,
        Algorithm::HS384 | Algorithm::HS512 => 16,
        Algorithm::ES384 => 12,
        Algorithm::ES512 => 17,
        Algorithm::EdDSA => 4,
        #[cfg(feature = "_mldsa")]
        Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => {
            region::Stored::words_for(lattice::public_bytes(algorithm))
        }
        _ => rsa_words(bits),
    }
}

/// The most bytes that a rotating secret takes in a region, with the longest key id and the longest name of a claim.
#[cfg(feature = "rotating")]
pub const fn rotating_key_bytes() -> usize {
    region::record_words(KID_BYTES_MAX, rotating::WORDS_MAX).saturating_mul(8)
}

#[cfg(feature = "_rsa")]
const fn rsa_words(bits: usize) -> usize {
    rsa::material_words(if bits == 0 { RSA_BITS_MAX } else { bits })
}

#[cfg(not(feature = "_rsa"))]
const fn rsa_words(_: usize) -> usize {
    0
}

/// The bytes that a region needs beside its keys, for an issuer of this many bytes (0 for none).
pub const fn region_head_bytes(issuer_bytes: usize) -> usize {
    region::head_words(issuer_bytes).saturating_mul(8)
}
