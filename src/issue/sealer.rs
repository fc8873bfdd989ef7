//! Keys that make envelopes (RFC 7516 5.1). Everything random comes from the caller.

use super::dotted;
use super::writer::JsonWriter;
use crate::base64url;
use crate::cipher;
use crate::envelope;
use crate::error::Status;
use crate::key::{CONTENT_KEY_BYTES_MAX, Encryption, Jwk, JwkPurpose, KeyId, KeyManagement, with_object};
use zeroize::Zeroizing;

/// The longest key that is kept: an uncompressed point, or the content's own.
const KEY_BYTES_MAX: usize = 65;

/// The random bytes that making one envelope takes: a content's key, its IV, the wrapping's IV, a key agreement's own key.
pub const SEAL_RANDOM_BYTES: usize = CONTENT_KEY_BYTES_MAX + 16 + 12 + 32;

/// What the random bytes are.
struct Random<'r> {
    key: &'r [u8],
    iv: &'r [u8; 16],
    wrap_iv: &'r [u8; 12],
    #[cfg_attr(not(feature = "ecdh"), allow(dead_code))]
    private: &'r [u8; 32],
}

impl<'r> Random<'r> {
    fn of(bytes: &'r [u8; SEAL_RANDOM_BYTES]) -> Option<Self> {
        let (key, rest) = bytes.split_at_checked(CONTENT_KEY_BYTES_MAX)?;
        let (iv, rest) = rest.split_first_chunk()?;
        let (wrap_iv, rest) = rest.split_first_chunk()?;
        Some(Random { key, iv, wrap_iv, private: rest.try_into().ok()? })
    }
}

/// A key that makes envelopes, of exactly one management and one encryption. Wiped when dropped.
pub struct Sealer {
    management: KeyManagement,
    encryption: Encryption,
    kid: Option<KeyId>,
    key: Zeroizing<[u8; KEY_BYTES_MAX]>,
    len: usize,
}

impl Sealer {
    /// A key of raw bytes: an AES key, for `dir` the content's own, for a key agreement the reader's public key (of P-256 as
    /// SEC 1 2.3.3 writes it, of X25519 its 32 bytes).
    ///
    /// # Errors
    /// [`Status::KeySecretLength`], [`Status::KeyPoint`], [`Status::KeyIdTooLong`]; [`Status::KeyAlgorithmMismatch`] when a
    /// key for `dir` is another encryption's; [`Status::NotSupported`].
    pub fn of_key(management: KeyManagement, encryption: Encryption, kid: Option<&str>, key: &[u8]) -> Result<Self, Status> {
        if !KeyManagement::SUPPORTED.contains(&management) {
            return Err(Status::NotSupported);
        }
        if management.pinned().is_some_and(|pinned| pinned != encryption) {
            return Err(Status::KeyAlgorithmMismatch);
        }
        match management.curve() {
            #[cfg(feature = "ecdh")]
            Some(_) if !crate::key::is_public(management, key) => return Err(Status::KeyPoint),
            None if key.len() != management.key_bytes() => return Err(Status::KeySecretLength),
            _ => {}
        }
        let mut kept = Zeroizing::new([0; KEY_BYTES_MAX]);
        kept.get_mut(..key.len()).ok_or(Status::KeySecretLength)?.copy_from_slice(key);
        let kid = kid.map(KeyId::new).transpose()?;
        Ok(Sealer { management, encryption, kid, key: kept, len: key.len() })
    }

    /// A JWK (RFC 7517 4) with its `kid`, whose `alg` says what it does; of a key agreement the public half is enough.
    ///
    /// # Errors
    /// A 3xx status that says what was wrong with the key.
    pub fn of_jwk(json: &[u8], encryption: Encryption) -> Result<Self, Status> {
        with_object(json, |object| {
            let jwk = Jwk::new(object);
            let management = jwk.management()?.ok_or(Status::KeyAlgorithmUnknown)?;
            jwk.check_use(JwkPurpose::Encrypt(management))?;
            let kid = jwk.kid()?;
            let mut sealer = match management.curve() {
                None => jwk.with_secret(|key| Self::of_key(management, encryption, None, key))?,
                #[cfg(feature = "ecdh")]
                Some(_) => {
                    let mut public = [0; crate::key::PUBLIC_BYTES_MAX];
                    Self::of_key(management, encryption, None, jwk.agreement_public(management, &mut public)?)?
                }
                #[cfg(not(feature = "ecdh"))]
                Some(_) => return Err(Status::KeyTypeUnsupported),
            };
            sealer.kid = kid;
            Ok(sealer)
        })
    }

    /// Makes an envelope at the start of `out`. `scratch` takes its header as JSON, and the content. `random` must be new for
    /// each call, and nobody else's: an IV that comes twice under one key gives the content away (SP 800-38D 8).
    ///
    /// # Errors
    /// [`Status::ScratchTooSmall`], [`Status::BufferTooSmall`]; [`Status::KeyPoint`] when the reader's key agrees on nothing;
    /// [`Status::Argument`] when the random bytes are no scalar of P-256, once in 2^32 times: take others.
    ///
    /// ```
    /// use countermark::{Encryption, KeyManagement, Keys, Limits, SEAL_RANDOM_BYTES, Sealer, open_envelope};
    /// # let random = [7; SEAL_RANDOM_BYTES];
    /// let sealer = Sealer::of_key(KeyManagement::A256Kw, Encryption::A256Gcm, None, &[1; 32])?;
    /// let (mut scratch, mut out) = ([0; 256], [0; 512]);
    /// let envelope = sealer.seal(b"for your eyes only", &random, &mut scratch, &mut out)?;
    ///
    /// let mut region = [0; 32];
    /// let mut keys = Keys::new(&mut region)?;
    /// keys.add_decryption(KeyManagement::A256Kw, None, &[1; 32])?;
    /// let mut scratch = [0; 512];
    /// let (content, _) = open_envelope(envelope.as_bytes(), &[keys.set()], &Limits::DEFAULT, &mut scratch)?;
    /// assert_eq!(content, b"for your eyes only");
    /// # Ok::<(), countermark::Status>(())
    /// ```
    pub fn seal<'o>(
        &self,
        content: &[u8],
        random: &[u8; SEAL_RANDOM_BYTES],
        scratch: &mut [u8],
        out: &'o mut [u8],
    ) -> Result<&'o str, Status> {
        self.seal_as(false, content, random, scratch, out)
    }

    /// The same; `nests` says in the header that a token is inside.
    pub(super) fn seal_as<'o>(
        &self,
        nests: bool,
        content: &[u8],
        random: &[u8; SEAL_RANDOM_BYTES],
        scratch: &mut [u8],
        out: &'o mut [u8],
    ) -> Result<&'o str, Status> {
        let random = Random::of(random).ok_or(Status::Argument)?;
        let mut key = Zeroizing::new([0; CONTENT_KEY_BYTES_MAX]);
        let key = key.get_mut(..self.encryption.key_bytes()).ok_or(Status::Argument)?;
        let mut encrypted_key = [0; CONTENT_KEY_BYTES_MAX + 8];
        let encrypted_bytes = self.management.encrypted_key_bytes(self.encryption);
        let encrypted_key = encrypted_key.get_mut(..encrypted_bytes).ok_or(Status::Argument)?;

        let mut writer = JsonWriter::new(scratch);
        writer.raw("{")?;
        writer.string("alg", Some(self.management.name()))?;
        writer.string("enc", Some(self.encryption.name()))?;
        writer.string("cty", nests.then_some("JWT"))?;
        writer.string("kid", self.kid.as_ref().and_then(|kid| core::str::from_utf8(kid.bytes()).ok()))?;
        self.make_keys(&random, key, encrypted_key, &mut writer)?;
        writer.raw("}")?;
        let (header, scratch) = writer.finish();

        let iv = random.iv.get(..self.encryption.iv_bytes()).ok_or(Status::Argument)?;
        let text_bytes = envelope::sealed_bytes(self.encryption, content.len());
        let text = scratch.get_mut(..text_bytes).ok_or(Status::ScratchTooSmall)?;
        text.get_mut(..content.len()).ok_or(Status::ScratchTooSmall)?.copy_from_slice(content);

        let part = |bytes: usize| base64url::encoded_len(bytes).saturating_add(1);
        let header_chars = base64url::encoded_len(header.len());
        let end = [encrypted_key.len(), iv.len(), text.len(), self.encryption.tag_bytes()]
            .iter()
            .fold(header_chars, |sum, bytes| sum.saturating_add(part(*bytes)));
        let out = out.get_mut(..end).ok_or(Status::BufferTooSmall)?;
        let (head, rest) = out.split_at_mut_checked(header_chars).ok_or(Status::BufferTooSmall)?;
        base64url::encode(header, head).ok_or(Status::BufferTooSmall)?;
        let sealed = envelope::seal(self.encryption, key, random.iv, head, text, content.len());
        let tag = sealed.ok_or(Status::Argument)?;
        let tag = tag.get(..self.encryption.tag_bytes()).ok_or(Status::Argument)?;
        let mut rest = rest;
        for bytes in [&*encrypted_key, iv, text, tag] {
            let (place, behind) = rest.split_at_mut_checked(part(bytes.len())).ok_or(Status::BufferTooSmall)?;
            dotted(bytes, place)?;
            rest = behind;
        }
        core::str::from_utf8(out).map_err(|_| Status::BufferTooSmall)
    }

    /// The content's key, and what of it stands in the envelope (RFC 7516 5.1, steps 2 to 6).
    fn make_keys(
        &self,
        random: &Random<'_>,
        key: &mut [u8],
        encrypted_key: &mut [u8],
        writer: &mut JsonWriter<'_>,
    ) -> Result<(), Status> {
        let own = self.key.get(..self.len).ok_or(Status::Argument)?;
        if self.management.pinned().is_some() {
            key.iter_mut().zip(own).for_each(|(place, byte)| *place = *byte);
            return Ok(());
        }
        #[cfg(feature = "ecdh")]
        let mut agreed = Zeroizing::new([0; 32]);
        #[allow(unused_mut)]
        let mut wrapping = own;
        #[cfg(feature = "ecdh")]
        if self.management.curve().is_some() {
            let Some(bytes) = self.management.wrapping_bytes() else {
                return self.agree(random.private, self.encryption.name(), key, writer);
            };
            let place = agreed.get_mut(..bytes).ok_or(Status::Argument)?;
            self.agree(random.private, self.management.name(), place, writer)?;
            wrapping = place;
        }
        key.iter_mut().zip(random.key).for_each(|(place, byte)| *place = *byte);
        if !self.management.is_gcm_wrap() {
            return cipher::key_wrap(wrapping, key, encrypted_key).ok_or(Status::Argument);
        }
        encrypted_key.iter_mut().zip(&*key).for_each(|(place, byte)| *place = *byte);
        let tag = cipher::gcm_seal(wrapping, random.wrap_iv, &[], encrypted_key).ok_or(Status::Argument)?;
        writer.binary("iv", random.wrap_iv)?;
        writer.binary("tag", &tag)
    }

    /// The agreed key of this length, and the sender's public half into the header.
    #[cfg(feature = "ecdh")]
    fn agree(&self, private: &[u8; 32], name: &str, key: &mut [u8], writer: &mut JsonWriter<'_>) -> Result<(), Status> {
        let mut public = [0; crate::key::PUBLIC_BYTES_MAX];
        let public = crate::key::public_of(self.management, private, &mut public).ok_or(Status::Argument)?;
        let reader = self.key.get(..self.len).ok_or(Status::Argument)?;
        if !crate::ct::verdict(envelope::derive(self.management, private, reader, name, [&[]; 2], key)) {
            return Err(Status::KeyPoint);
        }
        writer.open("epk")?;
        match public.split_first() {
            Some((0x04, coordinates)) if coordinates.len() == 64 => {
                let (x, y) = coordinates.split_at(32);
                writer.string("kty", Some("EC"))?;
                writer.string("crv", Some("P-256"))?;
                writer.binary("x", x)?;
                writer.binary("y", y)?;
            }
            _ => {
                writer.string("kty", Some("OKP"))?;
                writer.string("crv", Some("X25519"))?;
                writer.binary("x", public)?;
            }
        }
        writer.close()
    }
}
