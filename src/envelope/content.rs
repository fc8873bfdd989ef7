//! The content (RFC 7518 5): AES-GCM, and AES-CBC under a MAC.

use super::parts::Sealed;
use crate::cipher;
use crate::ct;
use crate::hash::{self, Sha256State, Sha512State, State};
use crate::key::Encryption;
use crate::mac::HmacKey;
use subtle::Choice;
use zeroize::Zeroizing;

/// Decrypts `text` in place; whether all of it is as it was made, and the length of the plaintext.
#[inline(never)]
pub(super) fn open(encryption: Encryption, key: &[u8], sealed: &Sealed, head: &[u8], text: &mut [u8]) -> (Choice, usize) {
    let length = text.len();
    if encryption.is_gcm() {
        let (Some(iv), Ok(tag)) = (sealed.iv().first_chunk::<12>(), sealed.tag().try_into()) else {
            return (Choice::from(0), 0);
        };
        return (cipher::gcm_open(key, iv, head, text, tag), length);
    }
    // The first half is the MAC's (RFC 7518 5.2.2.1).
    let (mac_key, cipher_key) = key.split_at(key.len() / 2);
    let mut own = Zeroizing::new([0; 64]);
    mac(encryption, mac_key, sealed.iv(), head, text, &mut own);
    let own = own.get(..sealed.tag().len()).unwrap_or_default();
    let is_authentic = ct::equal(own, sealed.tag());
    let (is_padded, length) = cipher::cbc_open(cipher_key, sealed.iv(), text);
    (is_authentic & is_padded, length)
}

/// The MAC over head, IV, text and the head's length in bits (RFC 7518 5.2.2.1), before it is cut.
fn mac(encryption: Encryption, key: &[u8], iv: &[u8; 16], head: &[u8], text: &[u8], out: &mut [u8; 64]) {
    match encryption {
        Encryption::A128CbcHs256 => mac_by::<Sha256State>(&hash::SHA256, key, iv, head, text, out.get_mut(..32)),
        Encryption::A192CbcHs384 => mac_by::<Sha512State>(&hash::SHA384, key, iv, head, text, out.get_mut(..48)),
        _ => mac_by::<Sha512State>(&hash::SHA512, key, iv, head, text, out.get_mut(..)),
    }
}

fn mac_by<S: State>(initial: &S, key: &[u8], iv: &[u8; 16], head: &[u8], text: &[u8], out: Option<&mut [u8]>) {
    let out = out.unwrap_or_default();
    let key = HmacKey::new(key, initial, out.len());
    let mut hash = key.start();
    let bits = (head.len() as u64).wrapping_mul(8).to_be_bytes();
    for piece in [head, iv, text, &bits] {
        hash.update(piece);
    }
    key.finish_in_place(&mut hash, out);
}

/// The bytes that `plain` bytes of content encrypt to.
#[cfg(feature = "issue")]
pub(crate) fn sealed_bytes(encryption: Encryption, plain: usize) -> usize {
    if encryption.is_gcm() { plain } else { (plain / 16).saturating_add(1).saturating_mul(16) }
}

/// Encrypts the first `plain` bytes of `text`, which is as long as they become, and makes the tag, cut to its length.
#[cfg(feature = "issue")]
pub(crate) fn seal(
    encryption: Encryption,
    key: &[u8],
    iv: &[u8; 16],
    head: &[u8],
    text: &mut [u8],
    plain: usize,
) -> Option<[u8; 32]> {
    let mut tag = [0; 32];
    if encryption.is_gcm() {
        let made = cipher::gcm_seal(key, iv.first_chunk::<12>()?, head, text)?;
        tag.iter_mut().zip(made).for_each(|(place, byte)| *place = byte);
        return Some(tag);
    }
    let (mac_key, cipher_key) = key.split_at(key.len() / 2);
    cipher::cbc_seal(cipher_key, iv, text, plain)?;
    let mut whole = Zeroizing::new([0; 64]);
    mac(encryption, mac_key, iv, head, text, &mut whole);
    tag.iter_mut().zip(whole.iter().take(encryption.tag_bytes())).for_each(|(place, byte)| *place = *byte);
    Some(tag)
}
