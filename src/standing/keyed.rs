//! The secret of what is kept: nobody without it can aim at a place, or tell whom an entry is of.

use crate::error::Status;
use crate::hash::{Hash, SHA256, Sha256State};
use crate::mac::HmacKey;

const SECRET_BYTES_MIN: usize = 16;

/// A secret, keyed for HMAC-SHA256. Every hash begins with a label, which separates those of tables under one secret.
pub(super) struct TableKey(HmacKey<Sha256State>);

impl TableKey {
    pub(super) fn new(secret: &[u8]) -> Result<Self, Status> {
        if secret.len() < SECRET_BYTES_MIN {
            return Err(Status::PepperTooShort);
        }
        Ok(TableKey(HmacKey::new(secret, &SHA256, 32)))
    }

    /// Ended by `finish`.
    pub(super) fn start(&self, label: &[u8]) -> Hash<Sha256State> {
        let mut message = self.0.start();
        message.update(label);
        message
    }

    /// A keyed hash is as good as random to all who lack the secret, so addresses may depend on it.
    /// In place: a hash that is moved leaves a copy on the stack.
    pub(super) fn finish(&self, message: &mut Hash<Sha256State>) -> [u64; 4] {
        let (mut mac, mut words) = ([0; 32], [0; 4]);
        self.0.finish_in_place(message, &mut mac);
        words.iter_mut().zip(mac.as_chunks::<8>().0).for_each(|(word, bytes)| *word = u64::from_be_bytes(*bytes));
        words
    }

    /// The hash of the pieces, one behind the other.
    pub(super) fn hash(&self, label: &[u8], pieces: &[&[u8]]) -> [u64; 4] {
        let mut message = self.start(label);
        pieces.iter().for_each(|piece| message.update(piece));
        self.finish(&mut message)
    }

    /// What marks the words of a table: never 0, which is a table that nobody has marked.
    #[cfg(feature = "_tables")]
    pub(super) fn mark(&self, label: &[u8], pieces: &[&[u8]]) -> u64 {
        let [mark, ..] = self.hash(label, pieces);
        mark | 1
    }
}
