//! The protected header of a JWE (RFC 7516 4). Claims that are repeated there (RFC 7519 5.3) are ignored, like every other
//! parameter that says nothing about the encryption.

use super::Inside;
use super::parts::Parts;
use crate::base64url;
use crate::error::Status;
use crate::header::{check_nesting, parameters, refuse_crit, string, strings};
use crate::json::{Kind, Member, Text, Value};
use crate::key::{Encryption, KeyManagement};
use crate::limits::Limits;

/// What the header says, as far as it matters. Nothing in it is trusted yet.
pub(super) struct Header<'s> {
    pub(super) management: KeyManagement,
    pub(super) encryption: Encryption,
    pub(super) kid: Option<Text<'s>>,
    /// For A128GCMKW and its kin: the encrypted key's own (RFC 7518 4.7.1).
    pub(super) wrap_iv: [u8; 12],
    pub(super) wrap_tag: [u8; 16],
    /// For a key agreement: the sender's key and the parties' names.
    #[cfg(feature = "ecdh")]
    pub(super) agreement: super::agreement::Agreement<'s>,
}

#[derive(Default)]
struct Parameters<'s> {
    alg: Option<Value<'s>>,
    enc: Option<Value<'s>>,
    kid: Option<Value<'s>>,
    typ: Option<Value<'s>>,
    cty: Option<Value<'s>>,
    crit: Option<Value<'s>>,
    epk: Option<Value<'s>>,
    apu: Option<Value<'s>>,
    apv: Option<Value<'s>>,
    iv: Option<Value<'s>>,
    tag: Option<Value<'s>>,
    has_zip: bool,
    has_wrong_type: bool,
}

impl<'s> Parameters<'s> {
    fn note(&mut self, member: &Member<'s>) {
        let value = Some(member.value);
        let mut short = [0; 8];
        match member.name.short(&mut short) {
            b"alg" => self.alg = value,
            b"enc" => self.enc = value,
            b"kid" => self.kid = value,
            b"typ" => self.typ = value,
            b"cty" => self.cty = value,
            b"crit" => self.crit = value,
            b"epk" => self.epk = value,
            b"apu" => self.apu = value,
            b"apv" => self.apv = value,
            b"iv" => self.iv = value,
            b"tag" => self.tag = value,
            b"zip" => self.has_zip = true,
            // Read for their syntax and ignored, as in a JWS.
            b"jku" | b"x5u" | b"x5t" | b"x5t#S256" => self.has_wrong_type |= member.value.kind() != Kind::String,
            b"jwk" => self.has_wrong_type |= member.value.kind() != Kind::Object,
            b"x5c" => self.has_wrong_type |= strings(member.value).is_none(),
            _ => {}
        }
    }
}

/// Refused by name: what is unsafe to do at all (RFC 8725 3.2).
const REFUSED: &[&str] = &["RSA1_5", "PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"];

impl<'s> Header<'s> {
    /// Decodes and reads the header at the start of `scratch`; hands back what it did not use.
    #[inline(never)]
    pub(super) fn read(
        parts: &Parts<'_>,
        limits: &Limits,
        inside: Inside,
        scratch: &'s mut [u8],
    ) -> Result<(Self, &'s mut [u8]), Status> {
        let mut found = Parameters::default();
        let (text, rest) = parameters(parts.header, limits, scratch, &mut |member| found.note(member))?;
        Ok((Self::of(&found, text, inside, limits)?, rest))
    }

    fn of(found: &Parameters<'s>, text: &'s [u8], inside: Inside, limits: &Limits) -> Result<Self, Status> {
        let (alg, enc) = (string(found.alg)?, string(found.enc)?);
        let (kid, _, cty) = (string(found.kid)?, string(found.typ)?, string(found.cty)?);
        if found.has_wrong_type {
            return Err(Status::HeaderType);
        }
        if let Some(crit) = found.crit {
            return Err(refuse_crit(crit, Value::of_document(text), limits.members));
        }
        if found.has_zip {
            return Err(Status::Compressed);
        }
        if inside != Inside::Bytes {
            check_nesting(cty, inside == Inside::Token)?;
        }
        let alg = alg.ok_or(Status::AlgorithmMissing)?;
        let encryption = enc.ok_or(Status::EncryptionMissing)?;
        let encryption = Encryption::from_text(encryption).ok_or(Status::EncryptionUnknown)?;
        if REFUSED.iter().any(|refused| alg == *refused) {
            return Err(Status::ManagementRefused);
        }
        let is_named = |management: &KeyManagement| {
            alg == management.name() && management.pinned().is_none_or(|pinned| pinned == encryption)
        };
        let mut named = KeyManagement::SUPPORTED.iter().copied().filter(is_named);
        #[allow(unused_mut)] // without key agreement
        let mut management = named.next().ok_or(Status::AlgorithmUnknown)?;
        #[cfg(feature = "ecdh")]
        let agreement = match management.curve() {
            Some(_) => super::agreement::Agreement::read(found.epk, found.apu, found.apv)?,
            None => super::agreement::Agreement::NONE,
        };
        #[cfg(feature = "ecdh")]
        if management.curve().is_some() {
            let is_of_curve = |other: &KeyManagement| other.curve() == Some(agreement.curve);
            management = core::iter::once(management).chain(named).find(is_of_curve).ok_or(Status::EphemeralKey)?;
        }
        let (mut wrap_iv, mut wrap_tag) = ([0; 12], [0; 16]);
        if management.is_gcm_wrap() {
            binary(found.iv, &mut wrap_iv)?;
            binary(found.tag, &mut wrap_tag)?;
        }
        Ok(Header {
            management,
            encryption,
            kid,
            wrap_iv,
            wrap_tag,
            #[cfg(feature = "ecdh")]
            agreement,
        })
    }
}

/// A parameter of exactly this many bytes.
fn binary(value: Option<Value<'_>>, place: &mut [u8]) -> Result<(), Status> {
    let text = string(value)?.and_then(|text| text.plain()).ok_or(Status::WrapParameters)?;
    let is_of_length = base64url::encoded_len(place.len()) == text.len();
    base64url::decode(text, place).filter(|_| is_of_length).map(|_| ()).ok_or(Status::WrapParameters)
}
