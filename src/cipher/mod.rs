//! AES (FIPS 197) in the modes of RFC 7518, over the crate `aes`.
//!
//! Each mode opens with the same work whatever it was given, and answers with a `Choice`: so a wrong key, tag or padding
//! costs what a right one does. The crates of these modes stop at a wrong tag; they are the oracles in the tests.

mod cbc;
mod gcm;
mod wrap;

pub(crate) use cbc::open as cbc_open;
#[cfg(feature = "issue")]
pub(crate) use cbc::seal as cbc_seal;
pub(crate) use gcm::open as gcm_open;
#[cfg(feature = "issue")]
pub(crate) use gcm::seal as gcm_seal;
pub(crate) use wrap::unwrap as key_unwrap;
#[cfg(feature = "issue")]
pub(crate) use wrap::wrap as key_wrap;

use aes::cipher::array::Array;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};

/// The bytes of a block.
pub(crate) const BLOCK_BYTES: usize = 16;

type Block = [u8; BLOCK_BYTES];

macro_rules! direction {
    ($name:ident, $blocks:ident, $aes128:ident, $aes192:ident, $aes256:ident) => {
        /// A key, expanded for one direction. Wiped when dropped.
        enum $name {
            Aes128(aes::$aes128),
            Aes192(aes::$aes192),
            Aes256(aes::$aes256),
        }

        impl $name {
            /// A key of 16, 24 or 32 bytes.
            fn new(key: &[u8]) -> Option<Self> {
                match key.len() {
                    16 => aes::$aes128::new_from_slice(key).ok().map($name::Aes128),
                    24 => aes::$aes192::new_from_slice(key).ok().map($name::Aes192),
                    _ => aes::$aes256::new_from_slice(key).ok().map($name::Aes256),
                }
            }

            /// Each block by itself; the crate takes several at once where the processor can.
            fn blocks(&self, blocks: &mut [Block]) {
                let blocks = Array::cast_slice_from_core_mut(blocks);
                match self {
                    $name::Aes128(key) => key.$blocks(blocks),
                    $name::Aes192(key) => key.$blocks(blocks),
                    $name::Aes256(key) => key.$blocks(blocks),
                }
            }

            fn block(&self, block: &mut Block) {
                self.blocks(core::slice::from_mut(block));
            }
        }
    };
}

direction!(Encrypter, encrypt_blocks, Aes128Enc, Aes192Enc, Aes256Enc);
direction!(Decrypter, decrypt_blocks, Aes128Dec, Aes192Dec, Aes256Dec);

fn xor(block: &mut [u8], with: &[u8]) {
    block.iter_mut().zip(with).for_each(|(byte, other)| *byte ^= other);
}
