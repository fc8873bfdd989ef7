//! MinHash: 128 bits of which two sets share as many as they overlap (Broder 1997; one bit per bin: Li and König 2010).
//!
//! Every element is ranked in every bin; the least wins and gives the bin its bit. So order and repetition do not count, and
//! the estimate holds from two elements up (`docs/quality.md`).

use super::claim::SET_BYTES;
use super::keyed::Digest;
use crate::ct;
use crate::holder::fingerprint::component::Component;
use subtle::ConditionallySelectable;
use zeroize::Zeroize;

const BINS: usize = SET_BYTES * 8;

/// The winners so far. Secret, as the digests are; wiped when dropped.
struct MinHash {
    least: [u64; BINS],
}

impl MinHash {
    fn new() -> Self {
        MinHash { least: [u64::MAX; BINS] }
    }

    /// Takes one element by its digest.
    fn add(&mut self, element: &Digest) {
        let mut words = element.as_chunks::<8>().0.iter().map(|bytes| u64::from_be_bytes(*bytes));
        let (mut place, step) = (words.next().unwrap_or_default(), words.next().unwrap_or_default() | 1);
        for least in &mut self.least {
            let rank = mix(place);
            least.conditional_assign(&rank, ct::less(rank >> 1, *least >> 1));
            place = place.wrapping_add(step);
        }
    }

    /// The bits: bin i is bit 7 - i%8 of byte i/8.
    fn bits(&self) -> [u8; SET_BYTES] {
        let mut bits = [0; SET_BYTES];
        for (byte, bins) in bits.iter_mut().zip(self.least.as_chunks::<8>().0) {
            *byte = bins.iter().fold(0, |byte, least| byte << 1 | (least & 1) as u8);
        }
        bits
    }
}

impl Drop for MinHash {
    fn drop(&mut self) {
        self.least.zeroize();
    }
}

/// Sets whose elements come in one by one, those of one component together.
pub(super) struct Gathering {
    open: Option<(Component, MinHash)>,
}

impl Gathering {
    pub(super) const NOTHING: Gathering = Gathering { open: None };

    /// Takes one element. The first of another component ends the set before: that one's bits.
    pub(super) fn add(&mut self, component: Component, element: &Digest) -> Option<(Component, [u8; SET_BYTES])> {
        let is_other = self.open.as_ref().is_none_or(|(open, _)| *open != component);
        let ended = if is_other { self.finish() } else { None };
        self.open.get_or_insert_with(|| (component, MinHash::new())).1.add(element);
        ended
    }

    /// Ends the last set.
    pub(super) fn finish(&mut self) -> Option<(Component, [u8; SET_BYTES])> {
        self.open.take().map(|(component, set)| (component, set.bits()))
    }
}

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014).
const fn mix(seed: u64) -> u64 {
    let mixed = (seed ^ seed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}
