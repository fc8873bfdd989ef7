//! The keyed digests of one sketch. Without the pepper no value can be guessed; with another salt none is the same.

use super::claim::{Head, SALT_BYTES};
use crate::hash::{self, Sha256State};
use crate::holder::fingerprint::component::Component;
use crate::holder::fingerprint::observe::Observed;
use crate::holder::fingerprint::recipe::Pepper;
use crate::mac::HmacKey;
use zeroize::Zeroizing;

const DOMAIN: &[u8] = b"countermark/sketch/v1";
/// The bytes of a full digest.
pub(super) const HASH_BYTES: usize = 32;

/// A digest before it is cut.
pub(super) type Digest = [u8; HASH_BYTES];

/// The key of one sketch, HMAC-SHA256(pepper, domain ‖ salt), with the memory that all its MACs use. Wiped when dropped.
pub(super) struct TokenKey {
    key: HmacKey<Sha256State>,
    hash: hash::Hash<Sha256State>,
    digest: Zeroizing<Digest>,
}

impl TokenKey {
    pub(super) fn new(pepper: &Pepper, head: &Head) -> Self {
        let mut message = [0; DOMAIN.len() + SALT_BYTES];
        let (domain, salt) = message.split_at_mut(DOMAIN.len());
        domain.copy_from_slice(DOMAIN);
        salt.copy_from_slice(&head.salt);
        let mut digest = Zeroizing::new([0; HASH_BYTES]);
        pepper.key().mac(&message, digest.as_mut());
        let key = HmacKey::new(digest.as_ref(), &hash::SHA256, HASH_BYTES);
        TokenKey { hash: key.start(), key, digest }
    }

    /// H(value): HMAC-SHA256(token key, number ‖ value).
    pub(super) fn digest(&mut self, component: Component, value: &Observed<'_>) -> &Digest {
        self.mac(component.number(), |hash| value.feed(&mut |piece| hash.update(piece)))
    }

    /// What an ordinal is shifted by, so that its number cannot be read: the first bytes of H(""), big-endian.
    pub(super) fn shift(&mut self, component: Component, digest_bytes: u8) -> u64 {
        let digest = self.mac(component.number(), |_| {});
        number(digest.get(..usize::from(digest_bytes)).unwrap_or_default())
    }

    /// A digest that belongs to no value: no component has the number 0.
    pub(super) fn nothing(&mut self, component: Component) -> &Digest {
        self.mac(0, |hash| hash.update(&[component.number()]))
    }

    fn mac(&mut self, number: u8, feed: impl FnOnce(&mut hash::Hash<Sha256State>)) -> &Digest {
        self.key.restart(&mut self.hash);
        self.hash.update(&[number]);
        feed(&mut self.hash);
        self.key.finish_in_place(&mut self.hash, self.digest.as_mut());
        &self.digest
    }
}

/// A big-endian number of at most eight bytes.
pub(super) fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
