//! The cache of verified tokens: that a signature held under a key is remembered, and nothing else.

mod places;

use super::keyed::TableKey;
use crate::error::Status;
use crate::hash::{Hash, Sha256State};
use crate::header::Algorithm;
use crate::sync::{AtomicU64, Ordering};
use places::{BUCKET_WORDS, Entry, PLACES, Places};

const LABEL: &[u8] = b"countermark/cache/v1";
/// The mark, a count, and six words for later: a line of the processor's cache.
const HEAD_WORDS: usize = 8;

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
    places: Places<'m>,
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
        let (head, places) = Self::parts(words)?;
        let mark = key.mark(LABEL, &[&(words.len() as u64).to_be_bytes()]);
        let first = head.first().ok_or(Status::RegionTooSmall)?;
        match first.compare_exchange(0, mark, Ordering::AcqRel, Ordering::Acquire) {
            Err(found) if found != mark => Err(Status::TableMismatch),
            _ => Ok(TokenCache { head, places, key }),
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

    fn parts(words: &[AtomicU64]) -> Result<(&[AtomicU64], Places<'_>), Status> {
        let (head, rest) = words.split_at_checked(HEAD_WORDS).ok_or(Status::RegionTooSmall)?;
        Ok((head, Places::new(rest).ok_or(Status::RegionTooSmall)?))
    }

    /// The words of a cache for so many tokens, four of five of which then find a place beside the others.
    pub const fn words_for(tokens: usize) -> usize {
        tokens.div_ceil(PLACES).saturating_add(1).saturating_mul(BUCKET_WORDS).saturating_add(HEAD_WORDS)
    }

    /// Reads the whole cache.
    pub fn statistics(&self) -> CacheStatistics {
        let (places, taken) = self.places.count();
        CacheStatistics {
            places: places as u64,
            taken: taken as u64,
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
        let (entry, draw, _) = self.entry(algorithm, material);
        self.cache.places.contain(entry, draw)
    }

    /// Remembers that it does, in a place that is free, or in another's.
    pub(crate) fn keep(&self, algorithm: Algorithm, material: &[u64]) {
        let (entry, draw, victim) = self.entry(algorithm, material);
        self.cache.places.put(entry, draw, victim);
        if let Some(count) = self.cache.head.get(1) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The entry, what draws its bucket, and what draws the place whose entry gives way.
    fn entry(&self, algorithm: Algorithm, material: &[u64]) -> (Entry, u64, u64) {
        let mut hash = self.hash.copied();
        hash.update(&(algorithm as i32).to_be_bytes());
        material.iter().for_each(|word| hash.update(&word.to_be_bytes()));
        let [low, high, draw, victim] = self.cache.key.finish(&mut hash);
        ([low, high], draw, victim)
    }
}
