//! The cache's places, of two words each, in buckets that are a line of the processor's cache. Whoever writes needs no lock: a
//! place that two write at once holds the halves of two entries, and is found by neither.

use crate::sync::{AtomicU64, Ordering};

/// Entries of a bucket.
pub(crate) const PLACES: usize = 4;
/// Words of a bucket.
pub(crate) const BUCKET_WORDS: usize = 2 * PLACES;

/// What is remembered: 128 bits of a keyed hash.
pub(crate) type Entry = [u64; 2];

pub(crate) struct Places<'m>(&'m [[[AtomicU64; 2]; PLACES]]);

impl<'m> Places<'m> {
    /// `None` for less than a bucket.
    pub(crate) fn new(words: &'m [AtomicU64]) -> Option<Self> {
        let (buckets, _) = words.as_chunks::<2>().0.as_chunks::<PLACES>();
        if buckets.is_empty() { None } else { Some(Places(buckets)) }
    }

    /// All of them, and those that are not free.
    pub(crate) fn count(&self) -> (usize, usize) {
        let places = self.0.as_flattened();
        (places.len(), places.iter().filter(|place| place.iter().any(|word| word.load(Ordering::Relaxed) != 0)).count())
    }

    /// Whether the entry stands in the bucket that `draw` names.
    pub(crate) fn contain(&self, entry: Entry, draw: u64) -> bool {
        let [low, high] = entry;
        // Both words always: which half differs is nobody's to time.
        let is_it = |[first, second]: &[AtomicU64; 2]| {
            (first.load(Ordering::Acquire) ^ low) | (second.load(Ordering::Acquire) ^ high) == 0
        };
        self.bucket(draw).is_some_and(|places| places.iter().any(is_it))
    }

    /// Writes the entry into its bucket: where it is free, or else over the place that `victim` names.
    pub(crate) fn put(&self, entry: Entry, draw: u64, victim: u64) {
        let Some(places) = self.bucket(draw) else { return };
        let is_free = |place: &&[AtomicU64; 2]| place.iter().all(|word| word.load(Ordering::Relaxed) == 0);
        let place = places.iter().find(is_free).or(places.get((victim as usize) % PLACES));
        if let Some([first, second]) = place {
            let [low, high] = entry;
            first.store(low, Ordering::Release);
            second.store(high, Ordering::Release);
        }
    }

    fn bucket(&self, draw: u64) -> Option<&[[AtomicU64; 2]; PLACES]> {
        self.0.get((u128::from(draw).wrapping_mul(self.0.len() as u128) >> 64) as usize)
    }
}
