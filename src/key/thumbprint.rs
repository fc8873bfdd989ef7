//! The thumbprint of a key (RFC 7638): one name for a key, whoever wrote its JWK and however.

use super::jwk::{self, Jwk, Kind};
use crate::base64url;
use crate::error::Status;
use crate::hash;
use crate::header::Algorithm;

/// The characters of a thumbprint: SHA-256 in base64url.
pub const THUMBPRINT_CHARS: usize = 43;

/// The SHA-256 thumbprint of a JWK in base64url, as a `kid` or `cnf.jkt` holds it (RFC 7638 3, RFC 8037 2, RFC 9449 6.1,
/// RFC 9964 6).
/// The key's own numbers are checked as if it were loaded, though an `oct` key may be of any length up to 512 bytes; members
/// that do not belong to its type, `alg`, `use` and `kid` among them, are not looked at.
///
/// # Errors
/// A 3xx status that says what was wrong with the key; [`Status::KeyTypeUnsupported`] for one that this build has no
/// algorithm for.
///
/// ```
/// let jwk = br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
/// let mut text = [0; countermark::THUMBPRINT_CHARS];
/// assert_eq!(countermark::thumbprint(jwk, &mut text)?, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// # Ok::<(), countermark::Status>(())
/// ```
pub fn thumbprint<'o>(jwk: &[u8], out: &'o mut [u8; THUMBPRINT_CHARS]) -> Result<&'o str, Status> {
    let mut digest = [0; 32];
    jwk::with_object(jwk, |object| {
        let jwk = Jwk::new(object);
        check(&jwk)?;
        write(&jwk, &mut digest)
    })?;
    base64url::encode(&digest, out).ok_or(Status::BufferTooSmall)
}

/// The digest of a key that loads: of the members that make it, in the order of their names and without white space (RFC 7638
/// 3.2, 3.3).
pub(super) fn write(jwk: &Jwk<'_>, digest: &mut [u8; 32]) -> Result<(), Status> {
    let kind = jwk.kind()?;
    let start: &[u8] = match kind {
        Kind::Secret => b"{\"k\":\"",
        Kind::Rsa => b"{\"e\":\"",
        Kind::Edwards => b"{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"",
        Kind::Curve(Algorithm::ES384) => b"{\"crv\":\"P-384\",\"kty\":\"EC\",\"x\":\"",
        Kind::Curve(Algorithm::ES512) => b"{\"crv\":\"P-521\",\"kty\":\"EC\",\"x\":\"",
        Kind::Curve(Algorithm::ES256K) => b"{\"crv\":\"secp256k1\",\"kty\":\"EC\",\"x\":\"",
        Kind::Curve(_) => b"{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"",
        Kind::Pair(Algorithm::MlDsa44) => b"{\"alg\":\"ML-DSA-44\",\"kty\":\"AKP\",\"pub\":\"",
        Kind::Pair(Algorithm::MlDsa65) => b"{\"alg\":\"ML-DSA-65\",\"kty\":\"AKP\",\"pub\":\"",
        Kind::Pair(_) => b"{\"alg\":\"ML-DSA-87\",\"kty\":\"AKP\",\"pub\":\"",
    };
    let (first, between, second, end): (&str, &[u8], Option<&str>, &[u8]) = match kind {
        Kind::Secret => ("k", b"", None, b"\",\"kty\":\"oct\"}"),
        Kind::Rsa => ("e", b"\",\"kty\":\"RSA\",\"n\":\"", Some("n"), b"\"}"),
        Kind::Edwards => ("x", b"", None, b"\"}"),
        Kind::Curve(_) => ("x", b"\",\"y\":\"", Some("y"), b"\"}"),
        Kind::Pair(_) => ("pub", b"", None, b"\"}"),
    };
    let first = jwk.encoded(first)?;
    let second = second.map_or(Ok(&[][..]), |name| jwk.encoded(name))?;
    hash::digest(&hash::SHA256, &[start, first, between, second, end], digest);
    Ok(())
}

/// Loads the key and keeps nothing of it: what is hashed is canonical then.
fn check(jwk: &Jwk<'_>) -> Result<(), Status> {
    let kind = jwk.kind()?;
    if kind == Kind::Secret {
        return jwk.with_secret(|_| Ok(()));
    }
    let algorithm = Algorithm::SUPPORTED.iter().find(|algorithm| Kind::of(**algorithm) == kind);
    jwk.with_material(*algorithm.ok_or(Status::KeyTypeUnsupported)?, |_| Ok(()))
}
