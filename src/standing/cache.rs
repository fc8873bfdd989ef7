//! The cache of verified tokens: that a signature held under a key is remembered, and nothing else.

use super::keyed::TableKey;
use crate::error::Status;
use crate::hash::{Hash, Sha256State};
use crate::header::Algorithm;
use crate::sync::{AtomicU64, Ordering};

const LABEL: &[u8] = b"countermark/cache/v1";
/// The mark, a count, and six words for later: a line of the processor's cache.
const HEAD_WORDS: usize = 8;
/// Entries of a bucket, which is such a line, too.
const PLACES: usize = 4;

/// Tokens whose signature held, in words of the caller's: shared by threads and, in a mapping, by processes, without a lock. See
/// [`table_shareable`](crate::table_shareable).
///
/// A token that comes in an envelope (signed, then encrypted) is not looked up, nor one under a rotating secret.
///
/// A hit skips the signature check and nothing else: the clock, the policy, the holder and the standing are judged for each request.
/// An entry is 128 bits of HMAC-SHA256 under the secret (16 bytes or more), over the whole token *and* the key itself: what it says is
/// true for ever, so no expiry, no revocation, no other key set, its generation or policy can make it wrong. A key that is not a
/// candidate any more is not asked for. What is not in the cache is verified as before, and an accepted token takes the place of another
/// one, so a full cache costs time and nothing else. Nobody without the secret can write an entry that counts.
///
/// A lookup takes a token for another with a chance of one in 2^126. Two words make an entry: one that is read half old and half
/// new is found by nobody.
///
/// ```
/// # use countermark::*;
/// # fn make<'v>(sets: &'v [KeySet<'v>], policy: Policy<'v>, cache: &'v TokenCache<'v>) -> Result<Verifier<'v>, Status> {
/// Ok(Verifier::new(sets, policy, Holder::default())?.with_cache(cache))
/// # }
/// let words: Vec<AtomicU64> = (0..TokenCache::words_for(10_000)).map(|_| AtomicU64::new(0)).collect();
/// let cache = TokenCache::new(&words, b"sixteen bytes or more")?;
/// assert_eq!(cache.statistics().taken, 0);
/// # Ok::<(), Status>(())
/// ```
pub struct TokenCache<'m> {
    head: &'m [AtomicU64],
    buckets: &'m [[[AtomicU64; 2]; PLACES]],
    key: TableKey,
}

/// What a cache holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheStatistics {
    /// Places in all.
    pub places: u64,
    /// Places of tokens.
    pub taken: u64,
    /// Tokens put in since it was all zero.
    pub kept: u64,
}

/// A token, hashed: asked for, and kept once everything has passed.
pub(crate) struct Asked<'c> {
    cache: &'c TokenCache<'c>,
    hash: Hash<Sha256State>,
}

impl<'m> TokenCache<'m> {
    /// A view of words that are all zero, or that are a cache already: of this length, and under this secret.
    ///
    /// # Errors
    /// [`Status::RegionTooSmall`], [`Status::PepperTooShort`]; [`Status::TableMismatch`] when the words are something else's.
    pub fn new(words: &'m [AtomicU64], secret: &[u8]) -> Result<Self, Status> {
        Self::over(words, TableKey::new(secret)?)
    }

    fn over(words: &'m [AtomicU64], key: TableKey) -> Result<Self, Status> {
        let (head, buckets) = Self::parts(words)?;
        let mark = key.mark(LABEL, &[&(words.len() as u64).to_be_bytes()]);
        let first = head.first().ok_or(Status::RegionTooSmall)?;
        match first.compare_exchange(0, mark, Ordering::AcqRel, Ordering::Acquire) {
            Err(found) if found != mark => Err(Status::TableMismatch),
            _ => Ok(TokenCache { head, buckets, key }),
        }
    }

    /// As [`TokenCache::new`], over words that become all zero first, whatever they held. An error leaves them as they were.
    ///
    /// # Errors
    /// [`Status::RegionTooSmall`], [`Status::PepperTooShort`].
    pub fn empty(words: &'m mut [AtomicU64], secret: &[u8]) -> Result<Self, Status> {
        let key = TableKey::new(secret)?;
        Self::parts(words)?;
        words.iter_mut().for_each(|word| *word = AtomicU64::new(0));
        Self::over(words, key)
    }

    #[allow(clippy::type_complexity)] // the two members
    fn parts(words: &[AtomicU64]) -> Result<(&[AtomicU64], &[[[AtomicU64; 2]; PLACES]]), Status> {
        let (head, rest) = words.split_at_checked(HEAD_WORDS).ok_or(Status::RegionTooSmall)?;
        let (buckets, _) = rest.as_chunks::<2>().0.as_chunks::<PLACES>();
        if buckets.is_empty() { Err(Status::RegionTooSmall) } else { Ok((head, buckets)) }
    }

    /// The words of a cache for so many tokens, four of five of which then find a place beside the others.
    pub const fn words_for(tokens: usize) -> usize {
        tokens.div_ceil(PLACES).saturating_add(1).saturating_mul(2 * PLACES).saturating_add(HEAD_WORDS)
    }

    /// Reads the whole cache.
    pub fn statistics(&self) -> CacheStatistics {
        let places = self.buckets.as_flattened();
        let taken = places.iter().filter(|place| place.iter().any(|word| word.load(Ordering::Relaxed) != 0));
        CacheStatistics {
            places: places.len() as u64,
            taken: taken.count() as u64,
            kept: self.head.get(1).map_or(0, |word| word.load(Ordering::Relaxed)),
        }
    }

    /// The token's text, to be asked for.
    pub(crate) fn ask(&'m self, token: &[u8]) -> Asked<'m> {
        let mut hash = self.key.start(LABEL);
        hash.update(&(token.len() as u64).to_be_bytes());
        hash.update(token);
        Asked { cache: self, hash }
    }
}

impl Asked<'_> {
    /// Whether the token's signature held under this key.
    pub(crate) fn is_known(&self, algorithm: Algorithm, material: &[u64]) -> bool {
        let (entry, bucket, _) = self.entry(algorithm, material);
        let is_it = |place: &[AtomicU64; 2]| {
            let [first, second] = place;
            let [low, high] = entry;
            (first.load(Ordering::Acquire) ^ low) | (second.load(Ordering::Acquire) ^ high) == 0
        };
        bucket.is_some_and(|places| places.iter().any(is_it))
    }

    /// Remembers that it does, in a place that is free, or in another's.
    pub(crate) fn keep(&self, algorithm: Algorithm, material: &[u64]) {
        let (entry, bucket, at) = self.entry(algorithm, material);
        let Some(places) = bucket else { return };
        let is_free = |place: &&[AtomicU64; 2]| place.iter().all(|word| word.load(Ordering::Relaxed) == 0);
        let place = places.iter().find(is_free).or(places.get(at));
        if let Some([first, second]) = place {
            let [low, high] = entry;
            first.store(low, Ordering::Release);
            second.store(high, Ordering::Release);
        }
        if let Some(count) = self.cache.head.get(1) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The entry, its bucket, and the place whose entry gives way.
    #[allow(clippy::type_complexity)]
    fn entry(&self, algorithm: Algorithm, material: &[u64]) -> ([u64; 2], Option<&[[AtomicU64; 2]; PLACES]>, usize) {
        let cache = self.cache;
        let mut hash = self.hash.copied();
        hash.update(&(algorithm as i32).to_be_bytes());
        material.iter().for_each(|word| hash.update(&word.to_be_bytes()));
        let [low, high, bucket, place] = cache.key.finish(&mut hash);
        let at = (u128::from(bucket).wrapping_mul(cache.buckets.len() as u128) >> 64) as usize;
        ([low, high], cache.buckets.get(at), (place as usize) % PLACES)
    }
}
