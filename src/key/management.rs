//! What a decryption key is for: one management of content keys (RFC 7518 4), and the content's encryption (RFC 7518 5).

use crate::bytes;
use crate::json::Text;

/// How a JWE's content is encrypted: `enc` (RFC 7518 5.1). The numbers are those of the C header and are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
#[non_exhaustive]
pub enum Encryption {
    /// AES-GCM with a key of 128 bits (RFC 7518 5.3).
    A128Gcm = 1,
    /// AES-GCM with a key of 192 bits (RFC 7518 5.3).
    A192Gcm = 2,
    /// AES-GCM with a key of 256 bits (RFC 7518 5.3).
    A256Gcm = 3,
    /// AES-128-CBC with HMAC-SHA-256 (RFC 7518 5.2.3).
    A128CbcHs256 = 4,
    /// AES-192-CBC with HMAC-SHA-384 (RFC 7518 5.2.4).
    A192CbcHs384 = 5,
    /// AES-256-CBC with HMAC-SHA-512 (RFC 7518 5.2.5).
    A256CbcHs512 = 6,
}

impl Encryption {
    /// All of them.
    pub const SUPPORTED: &'static [Encryption] = &[
        Encryption::A128Gcm,
        Encryption::A192Gcm,
        Encryption::A256Gcm,
        Encryption::A128CbcHs256,
        Encryption::A192CbcHs384,
        Encryption::A256CbcHs512,
    ];

    /// The header's name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Encryption::A128Gcm => "A128GCM",
            Encryption::A192Gcm => "A192GCM",
            Encryption::A256Gcm => "A256GCM",
            Encryption::A128CbcHs256 => "A128CBC-HS256",
            Encryption::A192CbcHs384 => "A192CBC-HS384",
            Encryption::A256CbcHs512 => "A256CBC-HS512",
        }
    }

    /// The encryption with this number.
    pub fn from_code(code: i32) -> Option<Encryption> {
        Self::SUPPORTED.iter().copied().find(|encryption| *encryption as i32 == code)
    }

    /// The encryption with this name: case-sensitive, as RFC 7516 4.1.2 has it.
    pub fn from_name(name: &str) -> Option<Encryption> {
        Self::SUPPORTED.iter().copied().find(|encryption| bytes::equal(encryption.name().as_bytes(), name.as_bytes()))
    }

    pub(crate) fn from_text(name: Text<'_>) -> Option<Encryption> {
        Self::SUPPORTED.iter().copied().find(|encryption| name == encryption.name())
    }

    /// The bytes of its key: in CBC the MAC's half and the cipher's.
    pub const fn key_bytes(self) -> usize {
        match self {
            Encryption::A128Gcm => 16,
            Encryption::A192Gcm => 24,
            Encryption::A256Gcm | Encryption::A128CbcHs256 => 32,
            Encryption::A192CbcHs384 => 48,
            Encryption::A256CbcHs512 => 64,
        }
    }

    pub(crate) const fn is_gcm(self) -> bool {
        matches!(self, Encryption::A128Gcm | Encryption::A192Gcm | Encryption::A256Gcm)
    }

    pub(crate) const fn iv_bytes(self) -> usize {
        if self.is_gcm() { 12 } else { 16 }
    }

    pub(crate) const fn tag_bytes(self) -> usize {
        if self.is_gcm() { 16 } else { self.key_bytes() / 2 }
    }
}

/// The longest key of a content, in bytes.
pub(crate) const CONTENT_KEY_BYTES_MAX: usize = 64;

/// What a decryption key does, and with which curve or content: a key is born with exactly one. The numbers are those of
/// the C header and are never reused; none is an [`Algorithm`](crate::Algorithm)'s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
#[non_exhaustive]
pub enum KeyManagement {
    /// AES Key Wrap with a key of 128 bits (RFC 7518 4.4).
    A128Kw = 101,
    /// AES Key Wrap with a key of 192 bits (RFC 7518 4.4).
    A192Kw = 102,
    /// AES Key Wrap with a key of 256 bits (RFC 7518 4.4).
    A256Kw = 103,
    /// Key encryption by AES-GCM with a key of 128 bits (RFC 7518 4.7).
    A128GcmKw = 104,
    /// Key encryption by AES-GCM with a key of 192 bits (RFC 7518 4.7).
    A192GcmKw = 105,
    /// Key encryption by AES-GCM with a key of 256 bits (RFC 7518 4.7).
    A256GcmKw = 106,
    /// ECDH-ES on P-256: what is agreed is the content's key (RFC 7518 4.6).
    EcdhEsP256 = 111,
    /// ECDH-ES+A128KW on P-256 (RFC 7518 4.6).
    EcdhEsA128KwP256 = 112,
    /// ECDH-ES+A192KW on P-256 (RFC 7518 4.6).
    EcdhEsA192KwP256 = 113,
    /// ECDH-ES+A256KW on P-256 (RFC 7518 4.6).
    EcdhEsA256KwP256 = 114,
    /// ECDH-ES on X25519: what is agreed is the content's key (RFC 8037 3.2).
    EcdhEsX25519 = 115,
    /// ECDH-ES+A128KW on X25519 (RFC 8037 3.2).
    EcdhEsA128KwX25519 = 116,
    /// ECDH-ES+A192KW on X25519 (RFC 8037 3.2).
    EcdhEsA192KwX25519 = 117,
    /// ECDH-ES+A256KW on X25519 (RFC 8037 3.2).
    EcdhEsA256KwX25519 = 118,
    /// `dir`: the key is the content's own (RFC 7518 4.5), for A128GCM alone.
    DirA128Gcm = 121,
    /// `dir` for A192GCM alone.
    DirA192Gcm = 122,
    /// `dir` for A256GCM alone.
    DirA256Gcm = 123,
    /// `dir` for A128CBC-HS256 alone.
    DirA128CbcHs256 = 124,
    /// `dir` for A192CBC-HS384 alone.
    DirA192CbcHs384 = 125,
    /// `dir` for A256CBC-HS512 alone.
    DirA256CbcHs512 = 126,
}

/// The curve of a key agreement.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    X25519,
}

impl KeyManagement {
    /// What this build has.
    pub const SUPPORTED: &'static [KeyManagement] = &[
        KeyManagement::A128Kw,
        KeyManagement::A192Kw,
        KeyManagement::A256Kw,
        KeyManagement::A128GcmKw,
        KeyManagement::A192GcmKw,
        KeyManagement::A256GcmKw,
        #[cfg(feature = "ecdh")]
        KeyManagement::EcdhEsP256,
        #[cfg(feature = "ecdh")]
        KeyManagement::EcdhEsA128KwP256,
        #[cfg(feature = "ecdh")]
        KeyManagement::EcdhEsA192KwP256,
        #[cfg(feature = "ecdh")]
        KeyManagement::EcdhEsA256KwP256,
        #[cfg(feature = "ecdh")]
        KeyManagement::EcdhEsX25519,
        #[cfg(feature = "ecdh")]
        KeyManagement::EcdhEsA128KwX25519,
        #[cfg(feature = "ecdh")]
        KeyManagement::EcdhEsA192KwX25519,
        #[cfg(feature = "ecdh")]
        KeyManagement::EcdhEsA256KwX25519,
        KeyManagement::DirA128Gcm,
        KeyManagement::DirA192Gcm,
        KeyManagement::DirA256Gcm,
        KeyManagement::DirA128CbcHs256,
        KeyManagement::DirA192CbcHs384,
        KeyManagement::DirA256CbcHs512,
    ];

    /// The management of this build with this number.
    pub fn from_code(code: i32) -> Option<KeyManagement> {
        Self::SUPPORTED.iter().copied().find(|management| *management as i32 == code)
    }

    /// The header's `alg` for it.
    pub const fn name(self) -> &'static str {
        use KeyManagement as K;
        match self {
            K::A128Kw => "A128KW",
            K::A192Kw => "A192KW",
            K::A256Kw => "A256KW",
            K::A128GcmKw => "A128GCMKW",
            K::A192GcmKw => "A192GCMKW",
            K::A256GcmKw => "A256GCMKW",
            K::EcdhEsP256 | K::EcdhEsX25519 => "ECDH-ES",
            K::EcdhEsA128KwP256 | K::EcdhEsA128KwX25519 => "ECDH-ES+A128KW",
            K::EcdhEsA192KwP256 | K::EcdhEsA192KwX25519 => "ECDH-ES+A192KW",
            K::EcdhEsA256KwP256 | K::EcdhEsA256KwX25519 => "ECDH-ES+A256KW",
            _ => "dir",
        }
    }

    /// What a JWK's `alg` says of such a key: the header's name, or for `dir` the content's encryption.
    pub(crate) const fn key_name(self) -> &'static str {
        match self.pinned() {
            Some(encryption) => encryption.name(),
            None => self.name(),
        }
    }

    /// For `dir`, the one encryption that its key serves.
    pub const fn pinned(self) -> Option<Encryption> {
        match self {
            KeyManagement::DirA128Gcm => Some(Encryption::A128Gcm),
            KeyManagement::DirA192Gcm => Some(Encryption::A192Gcm),
            KeyManagement::DirA256Gcm => Some(Encryption::A256Gcm),
            KeyManagement::DirA128CbcHs256 => Some(Encryption::A128CbcHs256),
            KeyManagement::DirA192CbcHs384 => Some(Encryption::A192CbcHs384),
            KeyManagement::DirA256CbcHs512 => Some(Encryption::A256CbcHs512),
            _ => None,
        }
    }

    pub(crate) const fn curve(self) -> Option<Curve> {
        match self as i32 {
            111..=114 => Some(Curve::P256),
            115..=118 => Some(Curve::X25519),
            _ => None,
        }
    }

    pub(crate) const fn is_gcm_wrap(self) -> bool {
        matches!(self, KeyManagement::A128GcmKw | KeyManagement::A192GcmKw | KeyManagement::A256GcmKw)
    }

    /// The bytes of the key that wraps the content's, whether it is kept or agreed; `None` where nothing is wrapped.
    pub(crate) const fn wrapping_bytes(self) -> Option<usize> {
        use KeyManagement as K;
        match self {
            K::A128Kw | K::A128GcmKw | K::EcdhEsA128KwP256 | K::EcdhEsA128KwX25519 => Some(16),
            K::A192Kw | K::A192GcmKw | K::EcdhEsA192KwP256 | K::EcdhEsA192KwX25519 => Some(24),
            K::A256Kw | K::A256GcmKw | K::EcdhEsA256KwP256 | K::EcdhEsA256KwX25519 => Some(32),
            _ => None,
        }
    }

    /// The bytes of the kept key: a curve's private key has 32.
    pub const fn key_bytes(self) -> usize {
        match (self.curve(), self.pinned(), self.wrapping_bytes()) {
            (Some(_), ..) => 32,
            (None, Some(encryption), _) => encryption.key_bytes(),
            (None, None, Some(bytes)) => bytes,
            (None, None, None) => 0,
        }
    }

    /// The bytes of the header's companion, the encrypted key.
    pub(crate) const fn encrypted_key_bytes(self, encryption: Encryption) -> usize {
        match self.wrapping_bytes() {
            None => 0,
            Some(_) if self.is_gcm_wrap() => encryption.key_bytes(),
            Some(_) => encryption.key_bytes().saturating_add(8),
        }
    }
}
