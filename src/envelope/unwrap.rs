//! The content's key (RFC 7518 4), or what stands in for one that does not unwrap (RFC 7516 11.5).

use super::header::Header;
use super::parts::{Parts, Sealed};
use crate::cipher;
use crate::hash::{self, Sha256State};
use crate::key::Secret;
use crate::mac::HmacKey;
use subtle::{Choice, ConditionallySelectable};
use zeroize::Zeroizing;

/// Fills `key`; whether it is what the sender wrapped. It is a key in any case, so that the content costs the same.
#[inline(never)]
pub(super) fn content_key(
    secret: &Secret,
    parts: &Parts<'_>,
    sealed: &Sealed,
    header: &Header<'_>,
    key: &mut [u8],
) -> Choice {
    if header.management.pinned().is_some() {
        key.iter_mut().zip(secret.bytes()).for_each(|(place, byte)| *place = *byte);
        return Choice::from(1);
    }
    #[allow(unused_mut)] // without key agreement
    let mut is_good = Choice::from(1);
    #[cfg(feature = "ecdh")]
    let mut agreed = Zeroizing::new([0; 32]);
    let wrapping = match header.management.curve() {
        None => secret.bytes(),
        #[cfg(feature = "ecdh")]
        Some(_) => {
            let Some(bytes) = header.management.wrapping_bytes() else {
                return header.agreement.key(secret, header, key);
            };
            let Some(wrapping) = agreed.get_mut(..bytes) else { return Choice::from(0) };
            is_good = header.agreement.key(secret, header, wrapping);
            wrapping
        }
        #[cfg(not(feature = "ecdh"))]
        Some(_) => return Choice::from(0),
    };
    is_good &= match header.management.is_gcm_wrap() {
        true => {
            key.iter_mut().zip(sealed.encrypted_key()).for_each(|(place, byte)| *place = *byte);
            cipher::gcm_open(wrapping, &header.wrap_iv, &[], key, &header.wrap_tag)
        }
        false => cipher::key_unwrap(wrapping, sealed.encrypted_key(), key),
    };
    substitute(secret, parts, !is_good, key);
    is_good
}

/// Puts another key in the place of one that was not wrapped: one that the sender cannot know, always the same for the same
/// input. It is made in every case.
fn substitute(secret: &Secret, parts: &Parts<'_>, is_needed: Choice, key: &mut [u8]) {
    const LABEL: &[u8] = b"countermark/substitute/v1";
    let mut derived = Zeroizing::new([0; 32]);
    HmacKey::<Sha256State>::new(secret.bytes(), &hash::SHA256, 32).mac(LABEL, derived.as_mut());
    let by = HmacKey::<Sha256State>::new(derived.as_ref(), &hash::SHA256, 32);
    for (number, part) in (1u8..).zip(key.chunks_mut(32)) {
        let mut made = Zeroizing::new([0; 32]);
        let mut hash = by.start();
        for piece in [parts.header, b".", parts.encrypted_key, &[number]] {
            hash.update(piece);
        }
        by.finish_in_place(&mut hash, made.as_mut());
        part.iter_mut().zip(made.iter()).for_each(|(place, byte)| place.conditional_assign(byte, is_needed));
    }
}
