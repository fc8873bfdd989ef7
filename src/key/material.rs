//! What is kept of a key: exactly what its one algorithm needs.

use super::region::{self};
use crate::error::Status;
use crate::header::Algorithm;
#[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
use crate::limits::HMAC_KEY_BYTES_MAX;
use crate::limits::KID_BYTES_MAX;
#[cfg(feature = "hs256")]
use crate::mac::Sha256State;
#[cfg(any(feature = "hs384", feature = "hs512"))]
use crate::mac::Sha512State;
#[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
use crate::mac::{self, HmacKey};

/// A key's material, ready to be stored. HMAC keys are their two keyed states; a point is its two coordinates.
pub(crate) enum Material {
    #[cfg(feature = "hs256")]
    Sha256(HmacKey<Sha256State>),
    #[cfg(any(feature = "hs384", feature = "hs512"))]
    Sha512(HmacKey<Sha512State>),
    #[cfg(feature = "es256")]
    P256([u64; 8]),
}

impl Material {
    /// The material of an HMAC secret (RFC 7518 3.2: not shorter than the hash's output).
    #[cfg(any(feature = "hs256", feature = "hs384", feature = "hs512"))]
    pub(crate) fn of_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Material, Status> {
        let digest_bytes = algorithm.signature_bytes();
        let material: fn(&[u8], usize) -> Material = match algorithm {
            #[cfg(feature = "hs256")]
            Algorithm::HS256 => |secret, bytes| Material::Sha256(HmacKey::new(secret, &mac::SHA256, bytes)),
            #[cfg(feature = "hs384")]
            Algorithm::HS384 => |secret, bytes| Material::Sha512(HmacKey::new(secret, &mac::SHA384, bytes)),
            #[cfg(feature = "hs512")]
            Algorithm::HS512 => |secret, bytes| Material::Sha512(HmacKey::new(secret, &mac::SHA512, bytes)),
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
    pub(crate) fn of_secret(_: Algorithm, _: &[u8]) -> Result<Material, Status> {
        Err(Status::KeyAlgorithmMismatch)
    }

    /// The material of a public key of an elliptic curve, as SEC 1 2.3.3 writes it: `04 x y`, or `02`/`03` and x.
    #[cfg(feature = "es256")]
    pub(crate) fn of_point(algorithm: Algorithm, sec1: &[u8]) -> Result<Material, Status> {
        use p256::elliptic_curve::sec1::ToSec1Point;
        if algorithm != Algorithm::ES256 {
            return Err(Status::KeyAlgorithmMismatch);
        }
        match sec1 {
            [0x04, rest @ ..] if rest.len() == 64 => {}
            [0x02 | 0x03, rest @ ..] if rest.len() == 32 => {}
            [0x02..=0x04, ..] => return Err(Status::KeyLength),
            _ => return Err(Status::KeyPoint),
        }
        let key = p256::PublicKey::from_sec1_bytes(sec1).map_err(|_| Status::KeyPoint)?;
        let point = key.to_sec1_point(false);
        let mut words = [0; 8];
        let coordinates = point.as_bytes().get(1..).unwrap_or_default();
        for (word, bytes) in words.iter_mut().zip(coordinates.as_chunks().0) {
            *word = u64::from_be_bytes(*bytes);
        }
        Ok(Material::P256(words))
    }

    #[cfg(not(feature = "es256"))]
    pub(crate) fn of_point(_: Algorithm, _: &[u8]) -> Result<Material, Status> {
        Err(Status::NotSupported)
    }

    pub(crate) fn words(&self) -> usize {
        match self {
            #[cfg(feature = "hs256")]
            Material::Sha256(_) => HmacKey::<Sha256State>::WORDS,
            #[cfg(any(feature = "hs384", feature = "hs512"))]
            Material::Sha512(_) => HmacKey::<Sha512State>::WORDS,
            #[cfg(feature = "es256")]
            Material::P256(words) => words.len(),
        }
    }

    pub(crate) fn store(&self, words: &mut [u64]) {
        match self {
            #[cfg(feature = "hs256")]
            Material::Sha256(key) => key.store(words),
            #[cfg(any(feature = "hs384", feature = "hs512"))]
            Material::Sha512(key) => key.store(words),
            #[cfg(feature = "es256")]
            Material::P256(point) => words.iter_mut().zip(point).for_each(|(word, value)| *word = *value),
        }
    }
}

/// The most bytes that one key takes in a region, with the longest key id. `bits` is the size of an RSA modulus, and is
/// read for no algorithm of this version; 0 for an algorithm that this build does not have.
pub fn key_bytes(algorithm: Algorithm, bits: usize) -> usize {
    let _ = bits;
    let material_words = match algorithm {
        Algorithm::HS256 | Algorithm::ES256 => 8,
        Algorithm::HS384 | Algorithm::HS512 => 16,
    };
    if Algorithm::SUPPORTED.contains(&algorithm) {
        region::record_words(KID_BYTES_MAX, material_words).saturating_mul(8)
    } else {
        0
    }
}

/// The bytes that a region needs beside its keys, for an issuer of this many bytes (0 for none).
pub const fn region_head_bytes(issuer_bytes: usize) -> usize {
    region::head_words(issuer_bytes).saturating_mul(8)
}
