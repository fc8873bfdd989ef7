//! SHA-2 (FIPS 180-4) over `sha2`'s compression functions, with chaining values that can be kept in the caller's words.

use zeroize::Zeroize;

/// A chaining value with its compression function.
pub(crate) trait State: Clone + Zeroize {
    /// One block; 64 or 128 bytes.
    type Block: AsRef<[u8]> + AsMut<[u8]> + Copy + Zeroize;
    const ZERO_BLOCK: Self::Block;
    /// Bytes of the length field that ends the padding.
    const LENGTH_BYTES: usize;
    /// Words that `store` fills.
    const WORDS: usize;
    fn compress(&mut self, blocks: &[u8]);
    /// The chaining value, big-endian, cut to `out`.
    fn write(&self, out: &mut [u8]);
    fn store(&self, words: &mut [u64]);
    fn load(words: &[u64]) -> Option<Self>;
}

pub(crate) type Sha256State = [u32; 8];

impl State for Sha256State {
    type Block = [u8; 64];
    const ZERO_BLOCK: Self::Block = [0; 64];
    const LENGTH_BYTES: usize = 8;
    const WORDS: usize = 4;

    #[inline]
    fn compress(&mut self, blocks: &[u8]) {
        sha2::block_api::compress256(self, blocks.as_chunks::<64>().0);
    }

    #[inline]
    fn write(&self, out: &mut [u8]) {
        write_words(self.iter().map(|word| word.to_be_bytes()), out);
    }

    fn store(&self, words: &mut [u64]) {
        for (word, [high, low]) in words.iter_mut().zip(self.as_chunks::<2>().0) {
            *word = (u64::from(*high) << 32) | u64::from(*low);
        }
    }

    #[inline]
    fn load(words: &[u64]) -> Option<Self> {
        let words: &[u64; 4] = words.try_into().ok()?;
        let mut state = [0; 8];
        for ([high, low], word) in state.as_chunks_mut::<2>().0.iter_mut().zip(words) {
            *high = (word >> 32) as u32;
            *low = *word as u32;
        }
        Some(state)
    }
}

pub(crate) type Sha512State = [u64; 8];

impl State for Sha512State {
    type Block = [u8; 128];
    const ZERO_BLOCK: Self::Block = [0; 128];
    const LENGTH_BYTES: usize = 16;
    const WORDS: usize = 8;

    #[inline]
    fn compress(&mut self, blocks: &[u8]) {
        sha2::block_api::compress512(self, blocks.as_chunks::<128>().0);
    }

    #[inline]
    fn write(&self, out: &mut [u8]) {
        write_words(self.iter().map(|word| word.to_be_bytes()), out);
    }

    fn store(&self, words: &mut [u64]) {
        for (word, value) in words.iter_mut().zip(self) {
            *word = *value;
        }
    }

    #[inline]
    fn load(words: &[u64]) -> Option<Self> {
        words.try_into().ok()
    }
}

#[inline]
fn write_words<const BYTES: usize>(words: impl Iterator<Item = [u8; BYTES]>, out: &mut [u8]) {
    for (place, word) in out.chunks_mut(BYTES).zip(words) {
        place.iter_mut().zip(word).for_each(|(byte, value)| *byte = value);
    }
}

/// FIPS 180-4 5.3.3.
pub(crate) const SHA256: Sha256State =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// FIPS 180-4 5.3.4.
#[cfg(any(feature = "hs384", feature = "rs384", feature = "ps384", feature = "envelope"))]
pub(crate) const SHA384: Sha512State = [
    0xcbbb_9d5d_c105_9ed8,
    0x629a_292a_367c_d507,
    0x9159_015a_3070_dd17,
    0x152f_ecd8_f70e_5939,
    0x6733_2667_ffc0_0b31,
    0x8eb4_4a87_6858_1511,
    0xdb0c_2e0d_64f9_8fa7,
    0x47b5_481d_befa_4fa4,
];

/// FIPS 180-4 5.3.5.
#[cfg(any(feature = "hs512", feature = "rs512", feature = "ps512", feature = "envelope"))]
pub(crate) const SHA512: Sha512State = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

/// A hash in progress. Wiped when dropped.
pub(crate) struct Hash<S: State> {
    state: S,
    block: S::Block,
    filled: usize,
    total: u64,
}

impl<S: State> Hash<S> {
    pub(crate) fn new(state: S) -> Self {
        Hash::after(state, 0)
    }

    /// A hash that has already taken one block, as a keyed state has.
    pub(crate) fn resumed(state: S) -> Self {
        Hash::after(state, S::ZERO_BLOCK.as_ref().len() as u64)
    }

    /// As `resumed`, in the memory of a hash that is used up: so many hashes are wiped once.
    pub(crate) fn resume(&mut self, state: &S) {
        self.state = state.clone();
        self.filled = 0;
        self.total = S::ZERO_BLOCK.as_ref().len() as u64;
    }

    /// As `resume`, behind so many bytes, a number of whole blocks that `state` has taken.
    #[cfg(feature = "rotating")]
    pub(crate) fn go_on(&mut self, state: &S, taken: usize) {
        self.resume(state);
        self.total = taken as u64;
    }

    fn after(state: S, total: u64) -> Self {
        Hash { state, block: S::ZERO_BLOCK, filled: 0, total }
    }

    /// The same hash once more, to be ended in another way.
    #[cfg(feature = "cache")]
    pub(crate) fn copied(&self) -> Self {
        Hash { state: self.state.clone(), block: self.block, filled: self.filled, total: self.total }
    }

    pub(crate) fn update(&mut self, mut bytes: &[u8]) {
        self.total = self.total.wrapping_add(bytes.len() as u64);
        let block_bytes = self.block.as_ref().len();
        if self.filled > 0 {
            let room = self.block.as_mut().get_mut(self.filled..).unwrap_or_default();
            let (now, later) = bytes.split_at(bytes.len().min(room.len()));
            if let Some(place) = room.get_mut(..now.len()) {
                place.copy_from_slice(now);
            }
            self.filled = self.filled.saturating_add(now.len());
            bytes = later;
            if self.filled < block_bytes {
                return;
            }
            self.state.compress(self.block.as_ref());
            self.filled = 0;
        }
        let whole = bytes.len().saturating_sub(bytes.len().checked_rem(block_bytes).unwrap_or_default());
        let (blocks, tail) = bytes.split_at(whole);
        self.state.compress(blocks);
        if let Some(place) = self.block.as_mut().get_mut(..tail.len()) {
            place.copy_from_slice(tail);
        }
        self.filled = tail.len();
    }

    /// Pads, and writes as much of the digest as `out` holds.
    #[cfg(any(feature = "fingerprint", feature = "dpop", feature = "mtls", feature = "prepared"))]
    pub(crate) fn finish(mut self, out: &mut [u8]) {
        self.digest(out);
    }

    /// The digest of one text. Out of line: few keys are longer than a block, and the others need no room for a hash.
    #[inline(never)]
    pub(crate) fn whole(initial: &S, text: &[u8], out: &mut [u8]) {
        let mut hash = Hash::new(initial.clone());
        hash.update(text);
        hash.digest(out);
    }

    /// As `finish`, in place: a hash that is moved leaves a copy on the stack.
    #[inline(never)]
    pub(crate) fn digest(&mut self, out: &mut [u8]) {
        let block = self.block.as_mut();
        let block_bytes = block.len();
        let (_, padding) = block.split_at_mut(self.filled.min(block_bytes));
        padding.fill(0);
        if let Some(first) = padding.first_mut() {
            *first = 0x80;
        }
        if padding.len() <= S::LENGTH_BYTES {
            self.state.compress(self.block.as_ref());
            self.block = S::ZERO_BLOCK;
        }
        let bits = self.total.wrapping_mul(8).to_be_bytes();
        for (place, byte) in self.block.as_mut().iter_mut().rev().zip(bits.iter().rev()) {
            *place = *byte;
        }
        self.state.compress(self.block.as_ref());
        self.state.write(out);
    }
}

impl<S: State> Drop for Hash<S> {
    fn drop(&mut self) {
        self.state.zeroize();
        self.block.zeroize();
    }
}

/// The digest of the pieces that `feed` hands over one by one, cut to `out`.
pub(crate) fn digest_of<S: State>(initial: &S, feed: impl FnOnce(&mut dyn FnMut(&[u8])), out: &mut [u8]) {
    let mut hash = Hash::new(initial.clone());
    feed(&mut |piece| hash.update(piece));
    hash.digest(out);
}

/// The digest of `pieces`, cut to `out`.
pub(crate) fn digest<S: State>(initial: &S, pieces: &[&[u8]], out: &mut [u8]) {
    let mut hash = Hash::new(initial.clone());
    pieces.iter().for_each(|piece| hash.update(piece));
    hash.digest(out);
}
