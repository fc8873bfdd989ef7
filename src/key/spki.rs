//! The point inside a DER SubjectPublicKeyInfo (RFC 5280 4.1). The DER is read by the `spki` crate.

use crate::bytes::equal;
use crate::error::Status;
use spki::{ObjectIdentifier, SubjectPublicKeyInfoRef};

/// id-ecPublicKey (RFC 5480 2.1.1).
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// secp256r1, which JOSE calls P-256 (RFC 5480 2.1.1.1).
const P_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");

pub(crate) fn point(der: &[u8]) -> Result<&[u8], Status> {
    let info = SubjectPublicKeyInfoRef::try_from(der).map_err(|_| Status::KeyDer)?;
    let curve = info.algorithm.parameters_oid().map_err(|_| Status::KeyDer)?;
    let is = |found: &ObjectIdentifier, wanted: &ObjectIdentifier| equal(found.as_bytes(), wanted.as_bytes());
    if !is(&info.algorithm.oid, &EC_PUBLIC_KEY) || !is(&curve, &P_256) {
        return Err(Status::KeyDer);
    }
    info.subject_public_key.as_bytes().ok_or(Status::KeyDer)
}
