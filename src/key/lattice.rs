//! ML-DSA public keys (FIPS 204 5.3, RFC 9964 3). Any bytes of the right number are one: there is nothing else to check.

use crate::header::Algorithm;

/// The bytes of the longest public key.
pub(crate) const PUBLIC_BYTES_MAX: usize = 2592;

/// The bytes of an algorithm's public keys (FIPS 204 4, table 2); 0 for another algorithm.
pub(crate) const fn public_bytes(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::MlDsa44 => 1312,
        Algorithm::MlDsa65 => 1952,
        Algorithm::MlDsa87 => PUBLIC_BYTES_MAX,
        _ => 0,
    }
}
