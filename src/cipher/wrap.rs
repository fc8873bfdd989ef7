//! AES Key Wrap (RFC 3394) with its default initial value.

#[cfg(feature = "issue")]
use super::Encrypter;
use super::{BLOCK_BYTES, Decrypter};
use crate::ct;
use subtle::Choice;
use zeroize::Zeroizing;

/// RFC 3394 2.2.3.1.
const INITIAL: [u8; 8] = [0xa6; 8];

/// Unwraps `wrapped`, 8 bytes longer than `key`; tells whether it was wrapped under this one (2.2.2).
#[inline(never)]
pub(crate) fn unwrap(wrapping: &[u8], wrapped: &[u8], key: &mut [u8]) -> Choice {
    let (Some(cipher), Some((first, rest))) = (Decrypter::new(wrapping), wrapped.split_first_chunk::<8>()) else {
        return Choice::from(0);
    };
    let (words, odd) = key.as_chunks_mut::<8>();
    if !odd.is_empty() || words.is_empty() || words.as_flattened().len() != rest.len() {
        return Choice::from(0);
    }
    words.as_flattened_mut().copy_from_slice(rest);
    let mut step = (words.len() as u64).wrapping_mul(6);
    let mut block = Zeroizing::new([0; BLOCK_BYTES]);
    let (integrity, _) = block.split_at_mut(8);
    integrity.copy_from_slice(first);
    for _ in 0..6 {
        for word in words.iter_mut().rev() {
            let (integrity, place) = block.split_at_mut(8);
            super::xor(integrity, &step.to_be_bytes());
            place.copy_from_slice(word);
            cipher.block(&mut block);
            let (_, place) = block.split_at(8);
            word.copy_from_slice(place);
            step = step.wrapping_sub(1);
        }
    }
    let (integrity, _) = block.split_at(8);
    ct::equal(integrity, &INITIAL)
}

/// Wraps `key` into `wrapped`, which is 8 bytes longer (2.2.1).
#[cfg(feature = "issue")]
pub(crate) fn wrap(wrapping: &[u8], key: &[u8], wrapped: &mut [u8]) -> Option<()> {
    let cipher = Encrypter::new(wrapping)?;
    let (first, rest) = wrapped.split_first_chunk_mut::<8>()?;
    let (words, odd) = rest.as_chunks_mut::<8>();
    if !odd.is_empty() || words.as_flattened().len() != key.len() {
        return None;
    }
    words.as_flattened_mut().copy_from_slice(key);
    let mut step = 0u64;
    let mut block = Zeroizing::new([0; BLOCK_BYTES]);
    let (integrity, _) = block.split_at_mut(8);
    integrity.copy_from_slice(&INITIAL);
    for _ in 0..6 {
        for word in words.iter_mut() {
            step = step.wrapping_add(1);
            let (_, place) = block.split_at_mut(8);
            place.copy_from_slice(word);
            cipher.block(&mut block);
            let (integrity, place) = block.split_at_mut(8);
            super::xor(integrity, &step.to_be_bytes());
            word.copy_from_slice(place);
        }
    }
    let (integrity, _) = block.split_at(8);
    first.copy_from_slice(integrity);
    Some(())
}
