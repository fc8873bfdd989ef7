//! Stage 2: the protected header (RFC 7515 4).

use crate::base64url;
use crate::bytes;
use crate::error::Status;
use crate::json::{self, Fault, Kind, Member, Text, Value};
use crate::limits::Limits;
use crate::token::Token;

/// A signature algorithm (RFC 7518 3.1). The numbers are those of the C header and are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256 (RFC 7518 3.2).
    HS256 = 1,
    /// HMAC with SHA-384 (RFC 7518 3.2).
    HS384 = 2,
    /// HMAC with SHA-512 (RFC 7518 3.2).
    HS512 = 3,
    /// ECDSA on P-256 with SHA-256 (RFC 7518 3.4).
    ES256 = 4,
    /// ECDSA on P-384 with SHA-384 (RFC 7518 3.4).
    ES384 = 5,
    /// ECDSA on P-521 with SHA-512 (RFC 7518 3.4).
    ES512 = 6,
    /// ECDSA on secp256k1 with SHA-256 (RFC 8812 3.2).
    ES256K = 7,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 3.3).
    RS256 = 8,
    /// RSASSA-PKCS1-v1_5 with SHA-384 (RFC 7518 3.3).
    RS384 = 9,
    /// RSASSA-PKCS1-v1_5 with SHA-512 (RFC 7518 3.3).
    RS512 = 10,
    /// RSASSA-PSS with SHA-256 and MGF1 with SHA-256 (RFC 7518 3.5).
    PS256 = 11,
    /// RSASSA-PSS with SHA-384 and MGF1 with SHA-384 (RFC 7518 3.5).
    PS384 = 12,
    /// RSASSA-PSS with SHA-512 and MGF1 with SHA-512 (RFC 7518 3.5).
    PS512 = 13,
    /// EdDSA on Ed25519 (RFC 8037 3.1). Headers and keys may call it Ed25519, too (RFC 9864 2.2): one algorithm, two names.
    EdDSA = 14,
    /// ML-DSA-44 with an empty context (FIPS 204, RFC 9964 5).
    MlDsa44 = 15,
    /// ML-DSA-65 with an empty context (FIPS 204, RFC 9964 5).
    MlDsa65 = 16,
    /// ML-DSA-87 with an empty context (FIPS 204, RFC 9964 5).
    MlDsa87 = 17,
}

impl Algorithm {
    /// The algorithms of this build.
    pub const SUPPORTED: &'static [Algorithm] = &[
        #[cfg(feature = "hs256")]
        Algorithm::HS256,
        #[cfg(feature = "hs384")]
        Algorithm::HS384,
        #[cfg(feature = "hs512")]
        Algorithm::HS512,
        #[cfg(feature = "es256")]
        Algorithm::ES256,
        #[cfg(feature = "es384")]
        Algorithm::ES384,
        #[cfg(feature = "es512")]
        Algorithm::ES512,
        #[cfg(feature = "es256k")]
        Algorithm::ES256K,
        #[cfg(feature = "rs256")]
        Algorithm::RS256,
        #[cfg(feature = "rs384")]
        Algorithm::RS384,
        #[cfg(feature = "rs512")]
        Algorithm::RS512,
        #[cfg(feature = "ps256")]
        Algorithm::PS256,
        #[cfg(feature = "ps384")]
        Algorithm::PS384,
        #[cfg(feature = "ps512")]
        Algorithm::PS512,
        #[cfg(feature = "ed25519")]
        Algorithm::EdDSA,
        #[cfg(feature = "mldsa44")]
        Algorithm::MlDsa44,
        #[cfg(feature = "mldsa65")]
        Algorithm::MlDsa65,
        #[cfg(feature = "mldsa87")]
        Algorithm::MlDsa87,
    ];

    /// The header's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::HS256 => "HS256",
            Algorithm::HS384 => "HS384",
            Algorithm::HS512 => "HS512",
            Algorithm::ES256 => "ES256",
            Algorithm::ES384 => "ES384",
            Algorithm::ES512 => "ES512",
            Algorithm::ES256K => "ES256K",
            Algorithm::RS256 => "RS256",
            Algorithm::RS384 => "RS384",
            Algorithm::RS512 => "RS512",
            Algorithm::PS256 => "PS256",
            Algorithm::PS384 => "PS384",
            Algorithm::PS512 => "PS512",
            Algorithm::EdDSA => "EdDSA",
            Algorithm::MlDsa44 => "ML-DSA-44",
            Algorithm::MlDsa65 => "ML-DSA-65",
            Algorithm::MlDsa87 => "ML-DSA-87",
        }
    }

    /// The other name of the one algorithm that has two.
    const fn alias(self) -> Option<&'static str> {
        match self {
            Algorithm::EdDSA => Some("Ed25519"),
            _ => None,
        }
    }

    /// The algorithm of this build with this number.
    pub fn from_code(code: i32) -> Option<Algorithm> {
        Self::SUPPORTED.iter().copied().find(|algorithm| *algorithm as i32 == code)
    }

    /// The algorithm of this build with this name: case-sensitive, as RFC 7515 4.1.1 has it.
    pub fn from_name(name: &str) -> Option<Algorithm> {
        let is = |own: &str| bytes::equal(own.as_bytes(), name.as_bytes());
        Self::SUPPORTED.iter().copied().find(|algorithm| is(algorithm.name()) || algorithm.alias().is_some_and(is))
    }

    pub(crate) fn from_text(name: Text<'_>) -> Option<Algorithm> {
        let is = |algorithm: &Algorithm| name == algorithm.name() || algorithm.alias().is_some_and(|alias| name == alias);
        Self::SUPPORTED.iter().copied().find(is)
    }

    #[cfg(feature = "_rsa")]
    pub(crate) const fn is_rsa(self) -> bool {
        use Algorithm::{PS256, PS384, PS512, RS256, RS384, RS512};
        matches!(self, RS256 | RS384 | RS512 | PS256 | PS384 | PS512)
    }

    /// The length of every signature; 0 for RSA, where it is the length of the key's modulus.
    pub(crate) const fn signature_bytes(self) -> usize {
        match self {
            Algorithm::HS256 => 32,
            Algorithm::HS384 => 48,
            Algorithm::ES384 => 96,
            Algorithm::ES512 => 132,
            Algorithm::HS512 | Algorithm::ES256 | Algorithm::ES256K | Algorithm::EdDSA => 64,
            Algorithm::MlDsa44 => 2420,
            Algorithm::MlDsa65 => 3309,
            Algorithm::MlDsa87 => 4627,
            _ => 0,
        }
    }
}

/// What the header says, as far as it matters. Nothing in it is trusted yet.
#[derive(Clone, Copy)]
pub(crate) struct Header<'s> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<Text<'s>>,
    pub(crate) typ: Option<Text<'s>>,
    /// The whole header, decoded.
    pub(crate) text: &'s [u8],
    /// The key that a proof brings along; nothing else looks at it.
    #[cfg(feature = "dpop")]
    pub(crate) jwk: Option<Value<'s>>,
}

/// The parameters that mean something, as they were found.
#[derive(Default)]
struct Parameters<'s> {
    alg: Option<Value<'s>>,
    kid: Option<Value<'s>>,
    typ: Option<Value<'s>>,
    cty: Option<Value<'s>>,
    crit: Option<Value<'s>>,
    #[cfg(feature = "dpop")]
    jwk: Option<Value<'s>>,
    has_enc: bool,
    is_unencoded: bool,
    has_wrong_type: bool,
}

impl<'s> Parameters<'s> {
    fn note(&mut self, member: &Member<'s>) {
        let value = member.value;
        let mut short = [0; 8];
        match member.name.short(&mut short) {
            b"alg" => self.alg = Some(value),
            b"kid" => self.kid = Some(value),
            b"typ" => self.typ = Some(value),
            b"cty" => self.cty = Some(value),
            b"crit" => self.crit = Some(value),
            b"b64" => self.is_unencoded = value.boolean() != Ok(true),
            b"enc" => self.has_enc = true,
            // Read for their syntax and ignored: a token does not bring the key that it is checked with.
            b"jku" | b"x5u" | b"x5t" | b"x5t#S256" => self.has_wrong_type |= value.kind() != Kind::String,
            b"jwk" => {
                self.has_wrong_type |= value.kind() != Kind::Object;
                #[cfg(feature = "dpop")]
                {
                    self.jwk = Some(value);
                }
            }
            b"x5c" => self.has_wrong_type |= strings(value).is_none(),
            _ => {}
        }
    }
}

/// The parameters that RFC 7515 4.1 and RFC 7518 define; `crit` must not name them (RFC 7515 4.1.11).
const REGISTERED: &[&str] = &[
    "alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "enc", "zip", "epk", "apu", "apv",
    "iv", "tag", "p2s", "p2c",
];

impl<'s> Header<'s> {
    /// Decodes and reads the header at the start of `scratch`; hands back what it did not use. `nests` says whether a token is
    /// nested inside, as `cty` must say too (RFC 7519 5.2).
    #[inline(never)] // its frame must not stay on the stack for the rest of the pipeline
    pub(crate) fn read(
        token: &Token<'_>,
        nests: bool,
        limits: &Limits,
        scratch: &'s mut [u8],
    ) -> Result<(Self, &'s mut [u8]), Status> {
        let mut found = Parameters::default();
        let (text, rest) = parameters(token.header, limits, scratch, &mut |member| found.note(member))?;
        Ok((Self::of(&found, text, nests, limits)?, rest))
    }

    fn of(found: &Parameters<'s>, text: &'s [u8], nests: bool, limits: &Limits) -> Result<Self, Status> {
        let alg = string(found.alg)?;
        let (kid, typ, cty) = (string(found.kid)?, string(found.typ)?, string(found.cty)?);
        if found.has_wrong_type {
            return Err(Status::HeaderType);
        }
        if found.is_unencoded {
            return Err(Status::UnencodedPayload);
        }
        if found.has_enc {
            return Err(Status::EncryptionInSignature);
        }
        if let Some(crit) = found.crit {
            return Err(refuse_crit(crit, Value::of_document(text), limits.members));
        }
        check_nesting(cty, nests)?;
        let algorithm = Algorithm::from_text(alg.ok_or(Status::AlgorithmMissing)?).ok_or(Status::AlgorithmUnknown)?;
        Ok(Header {
            algorithm,
            kid,
            typ,
            text,
            #[cfg(feature = "dpop")]
            jwk: found.jwk,
        })
    }

    /// Whether the header's `typ` is this media type (RFC 7515 4.1.9).
    pub(crate) fn typ_is(&self, wanted: &str) -> bool {
        self.typ.is_some_and(|typ| media_type_is(typ, wanted))
    }
}

/// Decodes a header at the start of `scratch` and shows its parameters; hands back what was not used.
pub(crate) fn parameters<'s>(
    encoded: &[u8],
    limits: &Limits,
    scratch: &'s mut [u8],
    note: &mut dyn FnMut(&Member<'s>),
) -> Result<(&'s [u8], &'s mut [u8]), Status> {
    let bytes = base64url::decoded_len(encoded.len()).ok_or(Status::HeaderEncoding)?;
    let (text, rest) = scratch.split_at_mut_checked(bytes).ok_or(Status::ScratchTooSmall)?;
    let text = base64url::decode(encoded, text).ok_or(Status::HeaderEncoding)?;
    json::read_object(text, limits, rest, note).map_err(|fault| match fault {
        Fault::Syntax => Status::HeaderJson,
        Fault::Duplicate => Status::HeaderDuplicate,
        Fault::Limit => Status::HeaderLimit,
    })?;
    Ok((text, rest))
}

/// Whether `cty` says what the policy declares: "JWT" exactly where a token is nested inside (RFC 7519 5.2).
pub(crate) fn check_nesting(cty: Option<Text<'_>>, nests: bool) -> Result<(), Status> {
    match (cty.is_some_and(|cty| media_type_is(cty, "JWT")), nests) {
        (true, false) => Err(Status::NestedUndeclared),
        (false, true) => Err(Status::NestedMissing),
        _ => Ok(()),
    }
}

/// This version understands no extension, so every `crit` is refused; the status says which rule it broke first.
pub(crate) fn refuse_crit(crit: Value<'_>, header: Value<'_>, names_max: usize) -> Status {
    let (Some(()), Ok(mut following)) = (strings(crit), crit.elements()) else { return Status::CritMalformed };
    // Its names are compared with each other and with the header's members: their number is bounded as those are.
    if following.clone().nth(names_max).is_some() {
        return Status::HeaderLimit;
    }
    let (mut is_empty, mut is_duplicate, mut is_registered, mut is_absent) = (true, false, false, false);
    while let Some(name) = following.next() {
        let Ok(name) = name.text() else { return Status::CritMalformed };
        is_empty = false;
        is_duplicate |= following.clone().any(|other| other.text().is_ok_and(|other| other == name));
        is_registered |= REGISTERED.iter().any(|registered| name == *registered);
        is_absent |= !header.members().is_ok_and(|mut members| members.any(|(found, _)| found == name));
    }
    match (is_empty, is_duplicate, is_registered, is_absent) {
        (true, ..) => Status::CritEmpty,
        (_, true, ..) => Status::CritDuplicate,
        (_, _, true, _) => Status::CritRegistered,
        (.., true) => Status::CritAbsent,
        _ => Status::CritUnknown,
    }
}

/// A text read on by one byte.
type NextByte<'b> = &'b mut dyn FnMut() -> Option<u8>;

/// Equal ignoring ASCII case, after removing a leading "application/" from a side that has no other slash.
pub(crate) fn media_type_is(found: Text<'_>, wanted: &str) -> bool {
    let (mut found_ahead, mut found) = (found.bytes(), found.bytes());
    let (mut wanted_ahead, mut wanted) = (wanted.bytes(), wanted.bytes());
    skip_prefix(&mut || found_ahead.next(), &mut || found.next());
    skip_prefix(&mut || wanted_ahead.next(), &mut || wanted.next());
    loop {
        match (found.next(), wanted.next()) {
            (None, None) => return true,
            (Some(left), Some(right)) if left.eq_ignore_ascii_case(&right) => {}
            _ => return false,
        }
    }
}

/// Takes the prefix off `bytes` if `ahead`, which reads the same text, finds it and no other slash.
fn skip_prefix(ahead: NextByte<'_>, bytes: NextByte<'_>) {
    const PREFIX: &[u8] = b"application/";
    let starts = PREFIX.iter().all(|letter| ahead().is_some_and(|byte| byte.eq_ignore_ascii_case(letter)));
    if starts && core::iter::from_fn(ahead).all(|byte| byte != b'/') {
        PREFIX.iter().for_each(|_| {
            bytes();
        });
    }
}

pub(crate) fn string(value: Option<Value<'_>>) -> Result<Option<Text<'_>>, Status> {
    value.map(|value| value.text().map_err(|_| Status::HeaderType)).transpose()
}

/// Something, if `value` is an array of strings and nothing else.
pub(crate) fn strings(value: Value<'_>) -> Option<()> {
    value.elements().ok()?.all(|element| element.kind() == Kind::String).then_some(())
}
