//! The five parts of a compact JWE (RFC 7516 7.1), and what is decoded of them before a key is touched.

use super::header::Header;
use crate::base64url;
use crate::bytes;
use crate::error::Status;
use crate::key::CONTENT_KEY_BYTES_MAX;
use crate::limits::Limits;

/// A compact JWE, split but not decoded.
pub(super) struct Parts<'t> {
    pub(super) header: &'t [u8],
    pub(super) encrypted_key: &'t [u8],
    pub(super) iv: &'t [u8],
    pub(super) ciphertext: &'t [u8],
    pub(super) tag: &'t [u8],
}

impl<'t> Parts<'t> {
    pub(super) fn split(text: &'t [u8], limits: &Limits) -> Result<Self, Status> {
        if text.is_empty() {
            return Err(Status::TokenEmpty);
        }
        if text.len() > limits.token_bytes {
            return Err(Status::TokenTooLarge);
        }
        let mut rest = text;
        let mut next = || {
            let (part, dotted) = rest.split_at_checked(bytes::find(rest, b'.')?)?;
            rest = dotted.split_first()?.1;
            Some(part)
        };
        let [Some(header), Some(encrypted_key), Some(iv), Some(ciphertext)] = [next(), next(), next(), next()] else {
            return Err(Status::TokenNotCompact);
        };
        if bytes::find(rest, b'.').is_some() {
            return Err(Status::TokenNotCompact);
        }
        if header.is_empty() {
            return Err(Status::TokenSegmentEmpty);
        }
        Ok(Parts { header, encrypted_key, iv, ciphertext, tag: rest })
    }
}

/// What is public of an envelope, decoded: each part has the one length that `alg` and `enc` give it.
pub(super) struct Sealed {
    encrypted_key: [u8; CONTENT_KEY_BYTES_MAX + 8],
    encrypted_key_bytes: usize,
    iv: [u8; 16],
    tag: [u8; 32],
    tag_bytes: usize,
    pub(super) content_bytes: usize,
}

impl Sealed {
    #[inline(never)]
    pub(super) fn decode(parts: &Parts<'_>, header: &Header<'_>) -> Result<Self, Status> {
        let encryption = header.encryption;
        let mut sealed = Sealed {
            encrypted_key: [0; CONTENT_KEY_BYTES_MAX + 8],
            encrypted_key_bytes: header.management.encrypted_key_bytes(encryption),
            iv: [0; 16],
            tag: [0; 32],
            tag_bytes: encryption.tag_bytes(),
            content_bytes: 0,
        };
        exactly(parts.encrypted_key, sealed.encrypted_key.get_mut(..sealed.encrypted_key_bytes))
            .ok_or(Status::EncryptedKeyLength)?;
        exactly(parts.iv, sealed.iv.get_mut(..encryption.iv_bytes())).ok_or(Status::IvLength)?;
        exactly(parts.tag, sealed.tag.get_mut(..sealed.tag_bytes)).ok_or(Status::TagLength)?;
        let bytes = base64url::decoded_len(parts.ciphertext.len()).ok_or(Status::CiphertextLength)?;
        if !encryption.is_gcm() && (bytes == 0 || !bytes.is_multiple_of(16)) || !is_canonical(parts.ciphertext) {
            return Err(Status::CiphertextLength);
        }
        Ok(Sealed { content_bytes: bytes, ..sealed })
    }

    #[cfg(feature = "_tools")]
    pub(super) fn of(encryption: crate::key::Encryption, iv: &[u8], tag: &[u8]) -> Option<Self> {
        let (mut kept_iv, mut kept_tag) = ([0; 16], [0; 32]);
        kept_iv.get_mut(..encryption.iv_bytes()).filter(|place| place.len() == iv.len())?.copy_from_slice(iv);
        kept_tag.get_mut(..encryption.tag_bytes()).filter(|place| place.len() == tag.len())?.copy_from_slice(tag);
        let (encrypted_key, tag_bytes) = ([0; CONTENT_KEY_BYTES_MAX + 8], tag.len());
        Some(Sealed { encrypted_key, encrypted_key_bytes: 0, iv: kept_iv, tag: kept_tag, tag_bytes, content_bytes: 0 })
    }

    pub(super) fn encrypted_key(&self) -> &[u8] {
        self.encrypted_key.get(..self.encrypted_key_bytes).unwrap_or_default()
    }

    /// 16 bytes; of an IV of 96 bits the first 12.
    pub(super) fn iv(&self) -> &[u8; 16] {
        &self.iv
    }

    pub(super) fn tag(&self) -> &[u8] {
        self.tag.get(..self.tag_bytes).unwrap_or_default()
    }
}

/// Decodes a text of exactly this length.
fn exactly(text: &[u8], place: Option<&mut [u8]>) -> Option<()> {
    let place = place.filter(|place| base64url::encoded_len(place.len()) == text.len())?;
    base64url::decode(text, place).map(|_| ())
}

/// Whether a text decodes, a piece at a time: it is decoded into its place once for each key.
fn is_canonical(text: &[u8]) -> bool {
    let mut buffer = [0; 192];
    text.chunks(256).all(|piece| base64url::decode(piece, &mut buffer).is_some())
}
