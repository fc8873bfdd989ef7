//! HMAC (RFC 2104) with the keyed state kept ready: a key is two compressed blocks, and needs no more than that.
//!
//! The `hmac` crate is the oracle in the tests. It cannot serve here, because its keyed state cannot be stored in the
//! caller's words.

use crate::hash::{Hash, State};
use zeroize::Zeroize;

/// An HMAC key: the two chaining values after its inner and its outer block. Wiped when dropped.
pub(crate) struct HmacKey<S: State> {
    inner: S,
    outer: S,
}

impl<S: State> HmacKey<S> {
    /// Words that `store` fills.
    pub(crate) const WORDS: usize = S::WORDS * 2;

    /// `initial` is the hash's first chaining value, `digest_bytes` its output length.
    pub(crate) fn new(key: &[u8], initial: &S, digest_bytes: usize) -> Self {
        let mut block = S::ZERO_BLOCK;
        if let Some(start) = block.as_mut().get_mut(..key.len()) {
            start.copy_from_slice(key);
        } else {
            Hash::whole(initial, key, block.as_mut().get_mut(..digest_bytes).unwrap_or_default());
        }
        let keyed = |block: &mut S::Block, pad: u8| {
            block.as_mut().iter_mut().for_each(|byte| *byte ^= pad);
            let mut state = initial.clone();
            state.compress(block.as_ref());
            state
        };
        let inner = keyed(&mut block, 0x36);
        let outer = keyed(&mut block, 0x36 ^ 0x5c);
        block.zeroize();
        HmacKey { inner, outer }
    }

    pub(crate) fn store(&self, words: &mut [u64]) {
        let (inner, outer) = words.split_at_mut(S::WORDS.min(words.len()));
        self.inner.store(inner);
        self.outer.store(outer);
    }

    pub(crate) fn load(words: &[u64]) -> Option<Self> {
        let (inner, outer) = words.split_at_checked(S::WORDS)?;
        Some(HmacKey { inner: S::load(inner)?, outer: S::load(outer)? })
    }

    pub(crate) fn start(&self) -> Hash<S> {
        Hash::resumed(self.inner.clone())
    }

    /// Ends a MAC that `start` began; `out` has the digest's length.
    #[cfg(any(feature = "fingerprint", feature = "_tools"))]
    pub(crate) fn finish(&self, mut message: Hash<S>, out: &mut [u8]) {
        self.finish_in_place(&mut message, out);
    }

    /// As `start`, in the memory of an earlier hash: many MACs under one key then wipe it once.
    #[cfg(feature = "sketch")]
    pub(crate) fn restart(&self, hash: &mut Hash<S>) {
        hash.resume(&self.inner);
    }

    /// As `finish`; the hash is used up, and can be restarted.
    pub(crate) fn finish_in_place(&self, message: &mut Hash<S>, out: &mut [u8]) {
        message.digest(out);
        message.resume(&self.outer);
        message.update(out);
        message.digest(out);
    }

    /// The MAC of `message`; `out` has the digest's length.
    pub(crate) fn mac(&self, message: &[u8], out: &mut [u8]) {
        let mut hash = self.start();
        hash.update(message);
        self.finish_in_place(&mut hash, out);
    }
}

impl<S: State> Drop for HmacKey<S> {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}
