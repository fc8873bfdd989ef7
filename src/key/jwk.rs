//! Keys from JSON (RFC 7517): strict text in, one algorithm out.

use super::Material;
use super::purpose::Purpose;
use crate::base64url;
use crate::error::Status;
use crate::header::Algorithm;
use crate::json::{self, Fault, Text, Value};
use crate::limits::{DEPTH_BOUND, HMAC_KEY_BYTES_MAX, KEYS_MAX, KID_BYTES_MAX, Limits};
use zeroize::Zeroizing;

/// Names that may be open at once while a key set is read: the set's, one key's, and one object's inside it.
const OPEN_NAMES: usize = 192;

/// A kind of key: `kty` and `crv` together.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// `oct` (RFC 7518 6.4).
    Secret,
    /// `RSA` (RFC 7518 6.3).
    Rsa,
    /// `EC` (RFC 7518 6.2), of the curve that this algorithm alone uses.
    Curve(Algorithm),
    /// `OKP` (RFC 8037 2) on Ed25519.
    Edwards,
    /// `AKP` (RFC 9964 3), whose `alg` is a part of the key.
    Pair(Algorithm),
}

impl Kind {
    pub(crate) const fn of(algorithm: Algorithm) -> Kind {
        match algorithm {
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => Kind::Secret,
            Algorithm::ES256 | Algorithm::ES384 | Algorithm::ES512 | Algorithm::ES256K => Kind::Curve(algorithm),
            Algorithm::EdDSA => Kind::Edwards,
            Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => Kind::Pair(algorithm),
            _ => Kind::Rsa,
        }
    }
}

/// What a JWK's `kty` and `crv` say.
fn kind(kty: Text<'_>, crv: Option<Text<'_>>) -> Result<Kind, Status> {
    const CURVES: &[(&str, &str, Kind)] = &[
        ("EC", "P-256", Kind::Curve(Algorithm::ES256)),
        ("EC", "P-384", Kind::Curve(Algorithm::ES384)),
        ("EC", "P-521", Kind::Curve(Algorithm::ES512)),
        ("EC", "secp256k1", Kind::Curve(Algorithm::ES256K)),
        ("OKP", "Ed25519", Kind::Edwards),
    ];
    if kty == "oct" {
        return Ok(Kind::Secret);
    }
    if kty == "RSA" {
        return Ok(Kind::Rsa);
    }
    if !CURVES.iter().any(|(of, ..)| kty == *of) {
        return Err(Status::KeyTypeUnsupported);
    }
    let crv = crv.ok_or(Status::KeyMemberMissing)?;
    let found = CURVES.iter().find(|(of, curve, _)| kty == *of && crv == *curve);
    found.map(|(.., kind)| *kind).ok_or(Status::KeyTypeUnsupported)
}

/// One JWK of an accepted text.
pub(crate) struct Jwk<'j> {
    object: Value<'j>,
}

/// A key id copied out of JSON, escapes resolved.
pub(crate) struct KeyId {
    bytes: [u8; KID_BYTES_MAX],
    len: usize,
}

impl KeyId {
    #[cfg(feature = "issue")]
    #[cfg_attr(
        not(any(feature = "hs256", feature = "hs384", feature = "hs512", feature = "_ec", feature = "ed25519")),
        allow(dead_code)
    )]
    pub(crate) fn new(kid: &str) -> Result<Self, Status> {
        let mut bytes = [0; KID_BYTES_MAX];
        bytes.get_mut(..kid.len()).ok_or(Status::KeyIdTooLong)?.copy_from_slice(kid.as_bytes());
        Ok(KeyId { bytes, len: kid.len() })
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// Checks the text of one key and hands its object to `then`.
pub(crate) fn with_object<T>(text: &[u8], then: impl FnOnce(Value<'_>) -> Result<T, Status>) -> Result<T, Status> {
    check(text, &Limits::DEFAULT)?;
    then(Value::of_document(text))
}

/// The same for a set, whose keys may be nested deeper and have more members than a key that is used: such a key is passed
/// over like any other that cannot be used (`Jwk::check_limits`). What is beyond the reader's own bounds ends the whole set,
/// since nobody knows where that key would end.
pub(crate) fn with_set<T>(text: &[u8], then: impl FnOnce(Value<'_>) -> Result<T, Status>) -> Result<T, Status> {
    check(text, &Limits { depth: DEPTH_BOUND, members: OPEN_NAMES, ..Limits::DEFAULT })?;
    then(Value::of_document(text))
}

#[inline(never)] // the index is off the stack again when the keys are looked at
fn check(text: &[u8], limits: &Limits) -> Result<(), Status> {
    let mut index = [0; OPEN_NAMES * json::INDEX_ENTRY_BYTES];
    if text.len() > usize::from(u16::MAX) {
        return Err(Status::KeySetTooLarge);
    }
    match json::read_object(text, limits, &mut index, &mut |_| {}) {
        Ok(_) => Ok(()),
        Err(Fault::Syntax | Fault::Duplicate | Fault::Limit) => Err(Status::KeyMalformed),
    }
}

/// The keys of a JWK Set, at most [`KEYS_MAX`].
pub(crate) fn keys_of_set(set: Value<'_>) -> Result<impl Iterator<Item = Jwk<'_>> + Clone, Status> {
    let keys = set.member("keys").ok().flatten().ok_or(Status::KeyMalformed)?;
    let keys = keys.elements().map_err(|_| Status::KeyMalformed)?;
    match keys.clone().count() {
        0 => Err(Status::KeySetEmpty),
        count if count > KEYS_MAX => Err(Status::KeySetTooLarge),
        _ => Ok(keys.map(|object| Jwk { object })),
    }
}

impl<'j> Jwk<'j> {
    pub(crate) fn new(object: Value<'j>) -> Self {
        Jwk { object }
    }

    /// Whether a key of a set would be read alone: as deep and with as many members as [`Limits::DEFAULT`] says.
    pub(crate) fn check_limits(&self) -> Result<(), Status> {
        check(self.object.raw_bytes(), &Limits::DEFAULT)
    }

    pub(crate) fn kid(&self) -> Result<Option<KeyId>, Status> {
        let Some(kid) = self.string("kid")? else { return Ok(None) };
        let mut bytes = [0; KID_BYTES_MAX];
        let len = kid.copy_to(&mut bytes).map_err(|_| Status::KeyIdTooLong)?.len();
        Ok(Some(KeyId { bytes, len }))
    }

    /// Whether a key at another position has the same algorithm and the same `kid`.
    pub(crate) fn has_namesake<'k>(
        &self,
        keys: impl Iterator<Item = Jwk<'k>>,
        position: usize,
        allowed: &[Algorithm],
    ) -> bool {
        // One for encryption, of which only the policy could say an algorithm, has none.
        let algorithm = |key: &Jwk<'_>| {
            let is_known = key.object.member("alg").is_ok_and(|alg| alg.is_some()) || key.check_use(Purpose::Verify).is_ok();
            #[cfg(feature = "envelope")]
            if let Ok(Some(management)) = key.management() {
                return Some(management as i32);
            }
            key.algorithm(allowed).ok().filter(|_| is_known).map(|algorithm| algorithm as i32)
        };
        let (Some(own), Ok(Some(kid))) = (algorithm(self), self.string("kid")) else { return false };
        let is_same = |other: &Jwk<'_>| {
            other.string("kid").is_ok_and(|found| found.is_some_and(|found| found == kid)) && algorithm(other) == Some(own)
        };
        keys.enumerate().any(|(at, other)| at != position && is_same(&other))
    }

    /// What `kty` and `crv` say, and in an `AKP` key `alg`, which it must have (RFC 9964 3).
    pub(crate) fn kind(&self) -> Result<Kind, Status> {
        let kty = self.string("kty")?.ok_or(Status::KeyMemberMissing)?;
        if cfg!(feature = "_mldsa") && kty == "AKP" {
            let alg = self.string("alg")?.ok_or(Status::KeyMemberMissing)?;
            let kind = Kind::of(Algorithm::from_text(alg).ok_or(Status::KeyAlgorithmUnknown)?);
            return if matches!(kind, Kind::Pair(_)) { Ok(kind) } else { Err(Status::KeyAlgorithmMismatch) };
        }
        kind(kty, self.string("crv")?)
    }

    /// The text of a member that is base64url, still encoded.
    pub(crate) fn encoded(&self, name: &str) -> Result<&'j [u8], Status> {
        self.string(name)?.ok_or(Status::KeyMemberMissing)?.plain().ok_or(Status::KeyEncoding)
    }

    /// The key's one algorithm: its own `alg`, or the only one of `allowed` that fits (design section 4).
    pub(crate) fn algorithm(&self, allowed: &[Algorithm]) -> Result<Algorithm, Status> {
        let kind = self.kind()?;
        let alg = self.string("alg")?;
        let fits = |algorithm: Algorithm| Kind::of(algorithm) == kind;
        if !Algorithm::SUPPORTED.iter().any(|algorithm| fits(*algorithm)) {
            return Err(Status::KeyTypeUnsupported);
        }
        if let Some(alg) = alg {
            let algorithm = Algorithm::from_text(alg).ok_or(Status::KeyAlgorithmUnknown)?;
            return if fits(algorithm) { Ok(algorithm) } else { Err(Status::KeyAlgorithmMismatch) };
        }
        let mut fitting = allowed.iter().copied().filter(|algorithm| fits(*algorithm));
        let first = fitting.next().ok_or(Status::KeyAlgorithmUndecided)?;
        if fitting.all(|other| other == first) { Ok(first) } else { Err(Status::KeyAlgorithmUndecided) }
    }

    /// Hands the key's material to `then`.
    pub(crate) fn with_material<T>(
        &self,
        algorithm: Algorithm,
        then: impl FnOnce(&Material<'_>) -> Result<T, Status>,
    ) -> Result<T, Status> {
        match Kind::of(algorithm) {
            Kind::Secret => then(&self.with_secret(|secret| Material::of_secret(algorithm, secret))?),
            #[cfg(feature = "_ec")]
            Kind::Curve(_) => then(&self.point(algorithm)?),
            #[cfg(feature = "ed25519")]
            Kind::Edwards => {
                let mut public = [0; super::edwards::PUBLIC_BYTES];
                self.binary_exactly("x", &mut public)?;
                then(&Material::of_edwards(algorithm, &public)?)
            }
            #[cfg(feature = "_rsa")]
            Kind::Rsa => self.with_rsa(algorithm, then),
            #[cfg(feature = "_mldsa")]
            Kind::Pair(_) => self.with_lattice(algorithm, then),
            #[allow(unreachable_patterns)]
            _ => Err(Status::KeyTypeUnsupported),
        }
    }

    #[cfg(feature = "_ec")]
    fn point(&self, algorithm: Algorithm) -> Result<Material<'static>, Status> {
        let mut sec1 = [0; super::point::SEC1_BYTES_MAX];
        Material::of_point(algorithm, self.sec1(algorithm, &mut sec1)?)
    }

    /// The point as SEC 1 2.3.3 writes it, uncompressed. Its two coordinates are as long as the curve's field.
    #[cfg(feature = "_ec")]
    pub(crate) fn sec1<'o>(
        &self,
        algorithm: Algorithm,
        out: &'o mut [u8; super::point::SEC1_BYTES_MAX],
    ) -> Result<&'o [u8], Status> {
        let bytes = super::point::coordinate_bytes(algorithm).ok_or(Status::KeyTypeUnsupported)?;
        let whole = out.get_mut(..bytes.saturating_mul(2).saturating_add(1)).ok_or(Status::KeyLength)?;
        let (format, coordinates) = whole.split_first_mut().ok_or(Status::KeyLength)?;
        *format = 0x04;
        let (x, y) = coordinates.split_at_mut_checked(bytes).ok_or(Status::KeyLength)?;
        self.binary_exactly("x", x)?;
        self.binary_exactly("y", y)?;
        Ok(whole)
    }

    /// RFC 7518 6.3.1: `n` and `e` are numbers without leading zeros.
    #[cfg(feature = "_rsa")]
    #[inline(never)]
    fn with_rsa<T>(&self, algorithm: Algorithm, then: impl FnOnce(&Material<'_>) -> Result<T, Status>) -> Result<T, Status> {
        let (mut modulus, mut exponent) = ([0; crate::limits::RSA_BITS_MAX / 8], [0; 8]);
        let modulus = self.number("n", &mut modulus, Status::KeyModulusTooLarge)?;
        let exponent = self.number("e", &mut exponent, Status::KeyExponent)?;
        then(&Material::of_rsa(algorithm, modulus, exponent)?)
    }

    /// RFC 9964 3: `pub` is the public key's bytes; a `priv` beside it is not looked at.
    #[cfg(feature = "_mldsa")]
    #[inline(never)]
    fn with_lattice<T>(
        &self,
        algorithm: Algorithm,
        then: impl FnOnce(&Material<'_>) -> Result<T, Status>,
    ) -> Result<T, Status> {
        let mut public = [0; super::lattice::PUBLIC_BYTES_MAX];
        let public = public.get_mut(..super::lattice::public_bytes(algorithm)).ok_or(Status::KeyLength)?;
        self.binary_exactly("pub", public)?;
        then(&Material::of_lattice(algorithm, public)?)
    }

    /// A Base64urlUInt (RFC 7518 2); `too_long` when it does not fit, unless a zero before it is what makes it long.
    #[cfg(feature = "_rsa")]
    fn number<'o>(&self, name: &str, out: &'o mut [u8], too_long: Status) -> Result<&'o [u8], Status> {
        let text = self.encoded(name)?;
        let bytes = base64url::decoded_len(text.len()).ok_or(Status::KeyEncoding)?;
        // The first byte is zero: six bits and two, or a text of one byte.
        let leads_with_zero = matches!(text, [b'A', b'A'..=b'P', ..]);
        let Some(out) = out.get_mut(..bytes) else {
            return Err(if leads_with_zero { Status::KeyLeadingZero } else { too_long });
        };
        let decoded = base64url::decode(text, out).ok_or(Status::KeyEncoding)?;
        if leads_with_zero { Err(Status::KeyLeadingZero) } else { Ok(decoded) }
    }

    /// Hands the decoded `k` (RFC 7518 6.4.1) to `then` and wipes it.
    pub(crate) fn with_secret<T>(&self, then: impl FnOnce(&[u8]) -> Result<T, Status>) -> Result<T, Status> {
        let text = self.encoded("k")?;
        let mut secret = Zeroizing::new([0; HMAC_KEY_BYTES_MAX]);
        if base64url::decoded_len(text.len()).is_some_and(|len| len > secret.len()) {
            return Err(Status::KeyTooLong);
        }
        then(base64url::decode(text, secret.as_mut()).ok_or(Status::KeyEncoding)?)
    }

    /// Decodes a member that must have exactly the length of `out`.
    #[cfg(any(feature = "_ec", feature = "ed25519", feature = "_mldsa", feature = "ecdh"))]
    pub(crate) fn binary_exactly(&self, name: &str, out: &mut [u8]) -> Result<(), Status> {
        let text = self.encoded(name)?;
        if base64url::decoded_len(text.len()).ok_or(Status::KeyEncoding)? != out.len() {
            return Err(Status::KeyLength);
        }
        base64url::decode(text, out).map(|_| ()).ok_or(Status::KeyEncoding)
    }

    pub(super) fn member(&self, name: &str) -> Result<Option<Value<'j>>, Status> {
        self.object.member(name).map_err(|_| Status::KeyMalformed)
    }

    pub(super) fn string(&self, name: &str) -> Result<Option<Text<'j>>, Status> {
        self.member(name)?.map(|value| value.text().map_err(|_| Status::KeyMemberType)).transpose()
    }
}
