//! HS256, HS384, HS512 (RFC 7518 3.2): the MAC is computed and compared in constant time.

use crate::ct;
use crate::hash::State;
use crate::mac::HmacKey;
use subtle::Choice;
use zeroize::Zeroizing;

/// Whether `signature`, which has the length of the algorithm's MAC, is the MAC of `message`.
#[inline(never)] // its own frame, and its own name in the binary
pub(super) fn holds<S: State>(material: &[u64], message: &[u8], signature: &[u8]) -> bool {
    HmacKey::<S>::load(material).is_some_and(|key| ct::verdict(is_mac(&key, message, signature)))
}

/// The same in constant time, for a key at hand.
#[inline]
pub(super) fn is_mac<S: State>(key: &HmacKey<S>, message: &[u8], signature: &[u8]) -> Choice {
    let mut mac = Zeroizing::new([0; 64]);
    let mac = mac.get_mut(..signature.len()).unwrap_or_default();
    key.mac(message, mac);
    ct::equal(mac, signature)
}
