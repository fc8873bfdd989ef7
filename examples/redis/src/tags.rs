//! The names under which things are kept in Redis.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Makes the names of keys: 128 bits of HMAC-SHA256 under a secret that all machines share and Redis does not know.
#[derive(Clone)]
pub struct Tags {
    keyed: Hmac<Sha256>,
}

/// A secret of less than 16 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretTooShort;

impl std::fmt::Display for SecretTooShort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the secret of the stores has less than 16 bytes")
    }
}

impl std::error::Error for SecretTooShort {}

impl Tags {
    /// Under this secret, of 16 bytes or more. Every machine needs the same; with another one everything begins anew.
    ///
    /// # Errors
    /// [`SecretTooShort`].
    pub fn new(secret: &[u8]) -> Result<Self, SecretTooShort> {
        let keyed = Hmac::<Sha256>::new_from_slice(secret).ok().filter(|_| secret.len() >= 16);
        keyed.map(|keyed| Tags { keyed }).ok_or(SecretTooShort)
    }

    /// The key of these pieces in a store of this name. Each piece goes with its length, so that no two lists make one text.
    pub(crate) fn key(&self, store: &str, pieces: &[&[u8]]) -> String {
        let mut keyed = self.keyed.clone();
        for piece in [b"countermark/redis/v1", store.as_bytes()].iter().chain(pieces) {
            keyed.update(&(piece.len() as u64).to_be_bytes());
            keyed.update(piece);
        }
        let tag = keyed.finalize().into_bytes();
        let digits = tag.iter().take(16).map(|byte| format!("{byte:02x}"));
        format!("countermark:{store}:{}", digits.collect::<String>())
    }
}

impl std::fmt::Debug for Tags {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tags(..)")
    }
}
