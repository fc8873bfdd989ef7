//! Envelopes by other crates than the core's: the oracle, and the builder of bad ones.

use super::base64url::encode;
use aes_gcm::aead::{AeadInOut, KeyInit};
use cbc::cipher::{BlockModeEncrypt, KeyIvInit, block_padding::Pkcs7};
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// The names of `enc`, with the lengths of key, IV and tag (RFC 7518 5.1).
pub const CONTENTS: [(&str, usize, usize, usize); 6] = [
    ("A128GCM", 16, 12, 16),
    ("A192GCM", 24, 12, 16),
    ("A256GCM", 32, 12, 16),
    ("A128CBC-HS256", 32, 16, 16),
    ("A192CBC-HS384", 48, 16, 24),
    ("A256CBC-HS512", 64, 16, 32),
];

fn gcm(key: &[u8], iv: &[u8], head: &[u8], plain: &[u8]) -> (Vec<u8>, Vec<u8>) {
    type Aes192Gcm = aes_gcm::AesGcm<aes::Aes192, aes_gcm::aead::consts::U12>;
    let mut text = plain.to_vec();
    let iv = iv.try_into().unwrap();
    let tag = match key.len() {
        16 => aes_gcm::Aes128Gcm::new_from_slice(key).unwrap().encrypt_inout_detached(iv, head, text.as_mut_slice().into()),
        24 => Aes192Gcm::new_from_slice(key).unwrap().encrypt_inout_detached(iv, head, text.as_mut_slice().into()),
        _ => aes_gcm::Aes256Gcm::new_from_slice(key).unwrap().encrypt_inout_detached(iv, head, text.as_mut_slice().into()),
    };
    (text, tag.unwrap().to_vec())
}

/// AES-CBC with the padding of PKCS #7.
pub fn cbc(key: &[u8], iv: &[u8], plain: &[u8]) -> Vec<u8> {
    match key.len() {
        16 => cbc::Encryptor::<aes::Aes128>::new_from_slices(key, iv).unwrap().encrypt_padded_vec::<Pkcs7>(plain),
        24 => cbc::Encryptor::<aes::Aes192>::new_from_slices(key, iv).unwrap().encrypt_padded_vec::<Pkcs7>(plain),
        _ => cbc::Encryptor::<aes::Aes256>::new_from_slices(key, iv).unwrap().encrypt_padded_vec::<Pkcs7>(plain),
    }
}

/// The tag of RFC 7518 5.2.2.1, over a ciphertext that may be anything.
pub fn cbc_tag(key: &[u8], iv: &[u8], head: &[u8], text: &[u8]) -> Vec<u8> {
    let (mac_key, _) = key.split_at(key.len() / 2);
    let bits = (head.len() as u64 * 8).to_be_bytes();
    macro_rules! tag {
        ($hash:ty) => {{
            let mut mac = Hmac::<$hash>::new_from_slice(mac_key).unwrap();
            [head, iv, text, &bits].iter().for_each(|piece| mac.update(piece));
            mac.finalize().into_bytes()[..mac_key.len()].to_vec()
        }};
    }
    match key.len() {
        32 => tag!(Sha256),
        48 => tag!(Sha384),
        _ => tag!(Sha512),
    }
}

/// Ciphertext and tag of a content.
pub fn content(enc: &str, key: &[u8], iv: &[u8], head: &[u8], plain: &[u8]) -> (Vec<u8>, Vec<u8>) {
    if enc.ends_with("GCM") {
        return gcm(key, iv, head, plain);
    }
    let text = cbc(&key[key.len() / 2..], iv, plain);
    let tag = cbc_tag(key, iv, head, &text);
    (text, tag)
}

/// RFC 3394, by `aes-kw`.
pub fn wrap(wrapping: &[u8], key: &[u8]) -> Vec<u8> {
    let mut out = vec![0; key.len() + 8];
    match wrapping.len() {
        16 => aes_kw::KwAes128::new_from_slice(wrapping).unwrap().wrap_key(key, &mut out).map(|_| ()),
        24 => aes_kw::KwAes192::new_from_slice(wrapping).unwrap().wrap_key(key, &mut out).map(|_| ()),
        _ => aes_kw::KwAes256::new_from_slice(wrapping).unwrap().wrap_key(key, &mut out).map(|_| ()),
    }
    .unwrap();
    out
}

/// What was wrapped, if it was under this key.
pub fn unwrap(wrapping: &[u8], wrapped: &[u8]) -> Option<Vec<u8>> {
    let mut out = vec![0; wrapped.len().checked_sub(8)?];
    match wrapping.len() {
        16 => aes_kw::KwAes128::new_from_slice(wrapping).unwrap().unwrap_key(wrapped, &mut out).map(|_| ()),
        24 => aes_kw::KwAes192::new_from_slice(wrapping).unwrap().unwrap_key(wrapped, &mut out).map(|_| ()),
        _ => aes_kw::KwAes256::new_from_slice(wrapping).unwrap().unwrap_key(wrapped, &mut out).map(|_| ()),
    }
    .ok()?;
    Some(out)
}

/// The Concat KDF of RFC 7518 4.6.2, written out.
pub fn derive(shared: &[u8], name: &str, apu: &[u8], apv: &[u8], bytes: usize) -> Vec<u8> {
    let sized = |text: &[u8]| [&(text.len() as u32).to_be_bytes(), text].concat();
    let mut key = Vec::new();
    for round in 1u32.. {
        if key.len() >= bytes {
            break;
        }
        let info = [sized(name.as_bytes()), sized(apu), sized(apv), (bytes as u32 * 8).to_be_bytes().to_vec()].concat();
        key.extend(Sha256::digest([&round.to_be_bytes(), shared, info.as_slice()].concat()));
    }
    key.truncate(bytes);
    key
}

/// An envelope in the making: every part can be replaced before it is written.
#[derive(Clone)]
pub struct Envelope {
    pub header: Value,
    pub encrypted_key: Vec<u8>,
    /// The content's key.
    pub key: Vec<u8>,
    pub iv: Vec<u8>,
    pub plain: Vec<u8>,
}

/// How the content's key is managed, with what the sender needs for it.
#[derive(Clone, Debug)]
pub enum Management {
    Dir,
    Wrap(Vec<u8>),
    GcmWrap(Vec<u8>),
    /// The other's public key, on P-256 (SEC 1) or X25519; the second says whether a key is wrapped, by its length.
    Agree(Vec<u8>, usize),
}

impl Management {
    pub fn name(&self) -> String {
        match self {
            Management::Dir => "dir".into(),
            Management::Wrap(key) => format!("A{}KW", key.len() * 8),
            Management::GcmWrap(key) => format!("A{}GCMKW", key.len() * 8),
            Management::Agree(_, 0) => "ECDH-ES".into(),
            Management::Agree(_, bytes) => format!("ECDH-ES+A{}KW", bytes * 8),
        }
    }
}

/// The sender's half of an agreement: `epk`, and what is shared.
pub fn agree(public: &[u8], private: [u8; 32]) -> (Value, Vec<u8>) {
    if public.len() == 32 {
        let secret = x25519_dalek::StaticSecret::from(private);
        let own = x25519_dalek::PublicKey::from(&secret);
        let other: [u8; 32] = public.try_into().unwrap();
        let shared = secret.diffie_hellman(&other.into());
        return (
            serde_json::json!({"kty": "OKP", "crv": "X25519", "x": encode(own.as_bytes())}),
            shared.as_bytes().to_vec(),
        );
    }
    let secret = p256::SecretKey::from_slice(&private).unwrap();
    let other = p256::PublicKey::from_sec1_bytes(public).unwrap();
    let shared = p256::ecdh::diffie_hellman(secret.to_nonzero_scalar(), other.as_affine());
    use p256::elliptic_curve::sec1::ToSec1Point;
    let own = secret.public_key().to_sec1_point(false);
    let (x, y) = own.as_bytes()[1..].split_at(32);
    let epk = serde_json::json!({"kty": "EC", "crv": "P-256", "x": encode(x), "y": encode(y)});
    (epk, shared.raw_secret_bytes().to_vec())
}

impl Envelope {
    /// `key` is the content's; for `dir` the reader's too, for a bare agreement it is replaced by what is agreed.
    pub fn new(management: &Management, enc: &str, key: &[u8], plain: &[u8]) -> Self {
        let (_, key_bytes, iv_bytes, _) = CONTENTS.into_iter().find(|(name, ..)| *name == enc).unwrap();
        let mut header = serde_json::json!({"alg": management.name(), "enc": enc});
        let mut key = key[..key_bytes].to_vec();
        let encrypted_key = match management {
            Management::Dir => Vec::new(),
            Management::Wrap(wrapping) => wrap(wrapping, &key),
            Management::GcmWrap(wrapping) => {
                let iv = [0x17; 12];
                let (text, tag) = gcm(wrapping, &iv, b"", &key);
                header["iv"] = encode(&iv).into();
                header["tag"] = encode(&tag).into();
                text
            }
            Management::Agree(public, bytes) => {
                let (epk, shared) = agree(public, [0x42; 32]);
                header["epk"] = epk;
                if *bytes == 0 {
                    key = derive(&shared, enc, b"", b"", key_bytes);
                    Vec::new()
                } else {
                    wrap(&derive(&shared, &management.name(), b"", b"", *bytes), &key)
                }
            }
        };
        Envelope { header, encrypted_key, key, iv: vec![0x29; iv_bytes], plain: plain.to_vec() }
    }

    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    /// The five parts, decoded.
    pub fn parts(&self) -> [Vec<u8>; 5] {
        let header = self.header.to_string().into_bytes();
        let enc = self.header["enc"].as_str().unwrap_or("A256GCM");
        let (text, tag) = content(enc, &self.key, &self.iv, encode(&header).as_bytes(), &self.plain);
        [header, self.encrypted_key.clone(), self.iv.clone(), text, tag]
    }

    pub fn build(&self) -> String {
        compact(&self.parts())
    }
}

/// Parts as they are, joined.
pub fn compact(parts: &[Vec<u8>; 5]) -> String {
    parts.iter().map(|part| encode(part)).collect::<Vec<_>>().join(".")
}

/// The parts of an envelope, decoded.
pub fn split(text: &str) -> [Vec<u8>; 5] {
    let parts: Vec<_> = text.split('.').map(|part| super::base64url::decode(part.as_bytes()).unwrap()).collect();
    parts.try_into().unwrap()
}
