//! AES-CBC (NIST SP 800-38A 6.2) with the padding of PKCS #7 (RFC 5652 6.3), for RFC 7518 5.2. It authenticates nothing.

#[cfg(feature = "issue")]
use super::Encrypter;
use super::{BLOCK_BYTES, Block, Decrypter, xor};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq, ConstantTimeGreater};
#[cfg(feature = "issue")]
use zeroize::Zeroizing;

/// Blocks that are decrypted at once.
const AT_ONCE: usize = 8;

/// Decrypts whole blocks in place; tells whether the padding is one, and how many bytes stand before it.
#[inline(never)]
pub(crate) fn open(key: &[u8], iv: &Block, text: &mut [u8]) -> (Choice, usize) {
    let (blocks, rest) = text.as_chunks_mut::<BLOCK_BYTES>();
    let Some(cipher) = Decrypter::new(key).filter(|_| rest.is_empty()) else { return (Choice::from(0), 0) };
    let mut before = *iv;
    for part in blocks.chunks_mut(AT_ONCE) {
        let mut encrypted = [[0; BLOCK_BYTES]; AT_ONCE];
        encrypted.iter_mut().zip(&*part).for_each(|(copy, block)| *copy = *block);
        cipher.blocks(part);
        for (block, next) in part.iter_mut().zip(encrypted) {
            xor(block, &before);
            before = next;
        }
    }
    let Some(last) = blocks.last() else { return (Choice::from(0), 0) };
    let (is_good, padding) = padding(last);
    (is_good, text.len().saturating_sub(usize::from(padding)))
}

/// Whether a last block ends as PKCS #7 says, and by how many bytes; every byte of it is looked at.
fn padding(last: &Block) -> (Choice, u8) {
    let [.., length] = last;
    let is_too_long = length.ct_gt(&16);
    let mut is_wrong = is_too_long | length.ct_eq(&0);
    for (place, byte) in (0..16u8).zip(last.iter().rev()) {
        is_wrong |= length.ct_gt(&place) & !byte.ct_eq(length);
    }
    (!is_wrong, u8::conditional_select(length, &0, is_wrong))
}

/// Encrypts in place: the first `plain` bytes of `text`, which has room for the padding behind them and no more.
#[cfg(feature = "issue")]
pub(crate) fn seal(key: &[u8], iv: &Block, text: &mut [u8], plain: usize) -> Option<()> {
    let padding = text.get_mut(plain..)?;
    let length = u8::try_from(padding.len()).ok().filter(|length| (1..=16).contains(length))?;
    padding.fill(length);
    let (blocks, rest) = text.as_chunks_mut::<BLOCK_BYTES>();
    let cipher = Encrypter::new(key).filter(|_| rest.is_empty())?;
    let mut before = Zeroizing::new(*iv);
    for block in blocks {
        xor(block, before.as_slice());
        cipher.block(block);
        *before = *block;
    }
    Some(())
}
