//! Public keys from DER: SubjectPublicKeyInfo, PKCS#1, and the one inside a certificate. The DER is read by the `der` and
//! `spki` crates; nothing recurses.

use super::Material;
use crate::bytes::equal;
use crate::error::Status;
use crate::header::Algorithm;
use spki::der::asn1::UintRef;
use spki::der::{Decode, Reader, SliceReader};
use spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

/// id-ecPublicKey (RFC 5480 2.1.1).
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// rsaEncryption (RFC 3279 2.3.1).
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// id-Ed25519 (RFC 8410 3).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The curves (RFC 5480 2.1.1.1, SEC 2 A.2.1) and the one algorithm of each.
const CURVES: &[(ObjectIdentifier, Algorithm)] = &[
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), Algorithm::ES256),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), Algorithm::ES384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), Algorithm::ES512),
    (ObjectIdentifier::new_unwrap("1.3.132.0.10"), Algorithm::ES256K),
];

/// id-ml-dsa-44, -65 and -87 (RFC 9881 2).
#[cfg(feature = "_mldsa")]
const LATTICES: &[(ObjectIdentifier, Algorithm)] = &[
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"), Algorithm::MlDsa44),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"), Algorithm::MlDsa65),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"), Algorithm::MlDsa87),
];

fn is(found: &ObjectIdentifier, wanted: &ObjectIdentifier) -> bool {
    equal(found.as_bytes(), wanted.as_bytes())
}

/// The key of a SubjectPublicKeyInfo (RFC 5280 4.1.2.7).
pub(crate) fn of_spki(algorithm: Algorithm, der: &[u8]) -> Result<Material<'_>, Status> {
    of_info(algorithm, &SubjectPublicKeyInfoRef::try_from(der).map_err(|_| Status::KeyDer)?)
}

fn of_info<'d>(algorithm: Algorithm, info: &SubjectPublicKeyInfoRef<'d>) -> Result<Material<'d>, Status> {
    let key = info.subject_public_key.as_bytes().ok_or(Status::KeyDer)?;
    let identifier = &info.algorithm;
    if is(&identifier.oid, &EC_PUBLIC_KEY) {
        let found = identifier.parameters_oid().map_err(|_| Status::KeyDer)?;
        let curve = CURVES.iter().find(|(curve, _)| is(&found, curve)).ok_or(Status::KeyTypeUnsupported)?;
        return if curve.1 == algorithm { Material::of_point(algorithm, key) } else { Err(Status::KeyAlgorithmMismatch) };
    }
    if is(&identifier.oid, &RSA) {
        // "The parameters field MUST have ASN.1 type NULL" (RFC 3279 2.3.1).
        let is_null = identifier.parameters.is_some_and(|parameters| parameters.is_null());
        return if is_null { of_pkcs1(algorithm, key) } else { Err(Status::KeyDer) };
    }
    if is(&identifier.oid, &ED25519) {
        // "the parameters MUST be absent" (RFC 8410 3).
        let is_absent = identifier.parameters.is_none();
        return if is_absent { Material::of_edwards(algorithm, key) } else { Err(Status::KeyDer) };
    }
    #[cfg(feature = "_mldsa")]
    if let Some((_, own)) = LATTICES.iter().find(|(oid, _)| is(&identifier.oid, oid)) {
        return match (identifier.parameters, *own == algorithm) {
            (Some(_), _) => Err(Status::KeyDer), // "the parameters component MUST be absent" (RFC 9881 2)
            (None, true) => Material::of_lattice(algorithm, key),
            (None, false) => Err(Status::KeyAlgorithmMismatch),
        };
    }
    Err(Status::KeyTypeUnsupported)
}

/// The key of an RSAPublicKey (RFC 8017 A.1.1).
#[cfg(feature = "_rsa")]
pub(crate) fn of_pkcs1(algorithm: Algorithm, der: &[u8]) -> Result<Material<'_>, Status> {
    let (modulus, exponent) = numbers(der).map_err(|_| Status::KeyDer)?;
    Material::of_rsa(algorithm, modulus.as_bytes(), exponent.as_bytes())
}

#[cfg(not(feature = "_rsa"))]
pub(crate) fn of_pkcs1(_: Algorithm, der: &[u8]) -> Result<Material<'_>, Status> {
    numbers(der).map_err(|_| Status::KeyDer)?;
    Err(Status::KeyTypeUnsupported)
}

fn numbers(der: &[u8]) -> spki::der::Result<(UintRef<'_>, UintRef<'_>)> {
    let mut reader = SliceReader::new(der)?;
    let numbers =
        reader.sequence(|numbers| Ok::<_, spki::der::Error>((UintRef::decode(numbers)?, UintRef::decode(numbers)?)))?;
    reader.finish()?;
    Ok(numbers)
}

/// The subject's key of an X.509 certificate (RFC 5280 4.1). Nothing else in it is judged: not who signed it, not when it
/// ends. That was the business of whoever handed it over.
#[cfg(feature = "certificate")]
pub(crate) fn of_certificate(algorithm: Algorithm, der: &[u8]) -> Result<Material<'_>, Status> {
    of_info(algorithm, &subject_key(der).map_err(|_| Status::KeyCertificate)?)
}

#[cfg(feature = "certificate")]
fn subject_key(der: &[u8]) -> spki::der::Result<SubjectPublicKeyInfoRef<'_>> {
    use spki::der::asn1::{AnyRef, BitStringRef};
    use spki::der::{Tag, TagNumber, Tagged};
    /// [0] EXPLICIT: the version.
    const VERSION: Tag = Tag::ContextSpecific { constructed: true, number: TagNumber(0) };
    fn pass<'d>(reader: &mut impl Reader<'d>, tag: Tag) -> spki::der::Result<()> {
        AnyRef::decode(reader)?.tag().assert_eq(tag).map(|_| ())
    }

    let mut reader = SliceReader::new(der)?;
    let key = reader.sequence(|certificate| {
        let key = certificate.sequence(|body| {
            if Tag::peek(body)? == VERSION {
                pass(body, VERSION)?;
            }
            pass(body, Tag::Integer)?; // serial number
            // The signature's algorithm, issuer, validity, subject.
            (0..4).try_for_each(|_| pass(body, Tag::Sequence))?;
            let key = SubjectPublicKeyInfoRef::decode(body)?;
            // The unique ids of issuer and subject, and the extensions: each once at most, in this order.
            for (number, constructed) in [(1, false), (2, false), (3, true)] {
                let tag = Tag::ContextSpecific { constructed, number: TagNumber(number) };
                if !body.is_finished() && Tag::peek(body)? == tag {
                    pass(body, tag)?;
                }
            }
            Ok::<_, spki::der::Error>(key)
        })?;
        pass(certificate, Tag::Sequence)?;
        BitStringRef::decode(certificate)?;
        Ok::<_, spki::der::Error>(key)
    })?;
    reader.finish()?;
    Ok(key)
}
