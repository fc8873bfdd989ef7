//! AES-GCM (NIST SP 800-38D) with an IV of 96 and a tag of 128 bits, as RFC 7518 4.7 and 5.3 want it.

use super::{BLOCK_BYTES, Block, Encrypter, xor};
use crate::ct;
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use subtle::Choice;
use zeroize::{Zeroize, Zeroizing};

/// Blocks of key stream that are made at once.
const AT_ONCE: usize = 8;

/// Decrypts `text` in place, and tells whether `tag` is that of what stood there. Of a wrong one nothing may be used.
#[inline(never)]
pub(crate) fn open(key: &[u8], iv: &[u8; 12], head: &[u8], text: &mut [u8], tag: &[u8; BLOCK_BYTES]) -> Choice {
    let Some(cipher) = Encrypter::new(key) else { return Choice::from(0) };
    let own = Zeroizing::new(self::tag(&cipher, iv, head, text));
    stream(&cipher, iv, text);
    ct::equal(own.as_slice(), tag)
}

/// Encrypts `text` in place, and makes its tag. `None` when the key has no length of AES.
#[cfg(feature = "issue")]
pub(crate) fn seal(key: &[u8], iv: &[u8; 12], head: &[u8], text: &mut [u8]) -> Option<[u8; BLOCK_BYTES]> {
    let cipher = Encrypter::new(key)?;
    stream(&cipher, iv, text);
    Some(tag(&cipher, iv, head, text))
}

/// The counter block with this number: 96 bits of IV, then 32 of the number.
fn counter(iv: &[u8; 12], number: u32) -> Block {
    let mut block = [0; BLOCK_BYTES];
    let (nonce, count) = block.split_at_mut(iv.len());
    nonce.copy_from_slice(iv);
    count.copy_from_slice(&number.to_be_bytes());
    block
}

/// GHASH over head and text, under the first counter block.
fn tag(cipher: &Encrypter, iv: &[u8; 12], head: &[u8], text: &[u8]) -> Block {
    let mut subkey = [0; BLOCK_BYTES];
    cipher.block(&mut subkey);
    let mut hash = GHash::new(&subkey.into());
    subkey.zeroize();
    hash.update_padded(head);
    hash.update_padded(text);
    let bits = |bytes: &[u8]| (bytes.len() as u64).wrapping_mul(8).to_be_bytes();
    let mut lengths = [0; BLOCK_BYTES];
    lengths.iter_mut().zip(bits(head).into_iter().chain(bits(text))).for_each(|(place, byte)| *place = byte);
    hash.update(&[lengths.into()]);
    let mut tag = counter(iv, 1);
    cipher.block(&mut tag);
    xor(&mut tag, &hash.finalize());
    tag
}

/// The key stream from the second counter block on. A token is far shorter than 2^32 blocks.
fn stream(cipher: &Encrypter, iv: &[u8; 12], text: &mut [u8]) {
    let mut number = 1u32;
    let mut keys = Zeroizing::new([[0; BLOCK_BYTES]; AT_ONCE]);
    for part in text.chunks_mut(BLOCK_BYTES * AT_ONCE) {
        for block in keys.iter_mut() {
            number = number.wrapping_add(1);
            *block = counter(iv, number);
        }
        cipher.blocks(keys.as_mut_slice());
        xor(part, keys.as_flattened());
    }
}
