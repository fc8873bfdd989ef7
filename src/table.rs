//! A set of tags that expire, in atomic words of the caller's: lock-free, fixed, without pointers, valid from all-zero bytes.
//!
//! A tag has two buckets of `PLACES` words, and lies in one of these places or in none. A word holds all of an entry, so one
//! compare-and-swap makes it. All zero bytes are an expired entry: a free place.
//!
//! | bits | what |
//! |---|---|
//! | 63 | pending: its writer has not looked yet whether another writes the same tag |
//! | 62 | withdrawn: its writer has lost against another, and frees the place |
//! | 61 to 33 | when it expires, in periods |
//! | 32 to 0 | the tag |
//!
//! **Insertion.** Publish the entry as pending in a free place. Look at all other places of the tag: a kept entry of the tag
//! wins; of pending ones the one in the lowest place wins, so withdraw from a lower one, and withdraw a higher one. Then keep
//! the own entry, unless it was withdrawn meanwhile. `docs/design-notes.md` proves that of any number of writers exactly one
//! keeps its entry. Nobody waits: what a dead writer left pending counts as present until it expires.

use crate::sync::{AtomicU64, Ordering, fence};

const PENDING: u64 = 1 << 63;
const WITHDRAWN: u64 = 1 << 62;
/// Bits of a tag that are compared.
pub(crate) const TAG_BITS: u32 = 33;
const TAG: u64 = (1 << TAG_BITS) - 1;
const EXPIRY_BITS: u32 = 29;
const EXPIRY_MAX: u64 = (1 << EXPIRY_BITS) - 1;

/// Words before the places: the mark, and counters. A line of the processor's cache.
pub(crate) const HEAD_WORDS: usize = 8;

/// Seconds of a period. Expiry is kept in periods, so that more bits are left for the tag.
pub(crate) const PERIOD_SECONDS: u64 = 16;

/// The present, in periods.
#[derive(Clone, Copy)]
pub(crate) struct Now(u64);

impl Now {
    /// Seconds before 1970 are 1970. The last period is never reached, so what is kept until then is kept for ever.
    pub(crate) const fn of(seconds: i64) -> Now {
        let seconds = if seconds > 0 { seconds as u64 } else { 0 };
        let period = seconds / PERIOD_SECONDS;
        Now(if period < EXPIRY_MAX { period } else { EXPIRY_MAX - 1 })
    }
}

/// The period from which an entry is a free place.
#[derive(Clone, Copy)]
pub(crate) struct Expiry(u64);

impl Expiry {
    /// At least one whole period after `seconds`, at most two: whose clock lags by up to a period still finds the entry.
    pub(crate) const fn after(seconds: i64) -> Expiry {
        let seconds = if seconds > 0 { seconds as u64 } else { 0 };
        let period = seconds.div_ceil(PERIOD_SECONDS).saturating_add(1);
        Expiry(if period < EXPIRY_MAX { period } else { EXPIRY_MAX })
    }
}

/// What a keyed hash makes of a key: two buckets, and the bits that are compared.
#[derive(Clone, Copy)]
pub(crate) struct Tag {
    first: u32,
    second: u32,
    bits: u64,
}

impl Tag {
    pub(crate) const fn of(hash: [u64; 4]) -> Tag {
        let [buckets, bits, ..] = hash;
        Tag { first: (buckets >> 32) as u32, second: buckets as u32, bits: bits & TAG }
    }

    /// The bits that are compared; some tables compare fewer.
    #[cfg_attr(not(any(feature = "revocation", feature = "throttle")), allow(dead_code))]
    pub(crate) const fn bits(self) -> u64 {
        self.bits
    }

    /// Whether this word is a live entry of the tag, other than one that has lost.
    fn is_in(self, word: u64, now: Now) -> bool {
        word & TAG == self.bits && is_live(word, now) && word & WITHDRAWN == 0
    }
}

fn is_live(word: u64, now: Now) -> bool {
    (word >> TAG_BITS) & EXPIRY_MAX > now.0
}

/// What became of an insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inserted {
    /// The tag was not there, and now is.
    New,
    /// It was there, or another writer's is.
    Present,
    /// Both buckets are full of live entries.
    Full,
}

/// How many places hold what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Occupancy {
    pub(crate) live: u64,
    pub(crate) expired: u64,
}

/// What a first look at both buckets found.
enum Found<'t> {
    Present,
    Room(usize, &'t AtomicU64, u64),
    Full,
}

/// A view of the words. Everyone who shares them lays it over the same ones.
pub(crate) struct Table<'m, const PLACES: usize> {
    head: &'m [AtomicU64],
    buckets: &'m [[AtomicU64; PLACES]],
}

impl<'m, const PLACES: usize> Table<'m, PLACES> {
    /// At least two buckets; `None` when there is no room for them. Words behind the last whole bucket are not used.
    pub(crate) fn new(words: &'m [AtomicU64]) -> Option<Self> {
        let (head, places) = words.split_at_checked(HEAD_WORDS)?;
        let (buckets, _) = places.as_chunks::<PLACES>();
        if buckets.len() < 2 || u32::try_from(buckets.len()).is_err() { None } else { Some(Table { head, buckets }) }
    }

    /// The words of a head and of so many places, rounded up to whole buckets.
    pub(crate) const fn words_for(places: usize) -> usize {
        places.div_ceil(PLACES).saturating_mul(PLACES).saturating_add(HEAD_WORDS)
    }

    pub(crate) fn places(&self) -> u64 {
        (self.buckets.len() as u64).saturating_mul(PLACES as u64)
    }

    /// Whether the table is marked like this. One that was never marked, becomes so.
    pub(crate) fn is_marked(&self, mark: u64) -> bool {
        let Some(word) = self.head.first() else { return false };
        match word.compare_exchange(0, mark, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => true,
            Err(found) => found == mark,
        }
    }

    /// Adds one to a counter of the head, which has seven.
    pub(crate) fn count(&self, counter: usize) {
        if let Some(word) = self.counter(counter) {
            word.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn counted(&self, counter: usize) -> u64 {
        self.counter(counter).map_or(0, |word| word.load(Ordering::Relaxed))
    }

    fn counter(&self, counter: usize) -> Option<&'m AtomicU64> {
        self.head.get(counter.checked_add(1)?)
    }

    pub(crate) fn contains(&self, tag: Tag, now: Now) -> bool {
        self.of(tag).any(|(_, place)| tag.is_in(place.load(Ordering::Acquire), now))
    }

    /// Inserts the tag unless it is there.
    pub(crate) fn insert(&self, tag: Tag, expiry: Expiry, now: Now) -> Inserted {
        let pending = PENDING | (expiry.0 << TAG_BITS) | tag.bits;
        let (at, place) = loop {
            match self.look(tag, now) {
                Found::Present => return Inserted::Present,
                Found::Full => return Inserted::Full,
                // Another took the place: look again, the tag may be there now.
                Found::Room(at, place, free) => {
                    if swap(place, free, pending) {
                        break (at, place);
                    }
                }
            }
        };
        // Of two writers that each publish and then look, at least one sees the other.
        fence(Ordering::SeqCst);
        if self.wins(tag, at, now) && swap(place, pending, pending & !PENDING) {
            return Inserted::New;
        }
        // Only its writer frees a place before it expires, and by then it may belong to another.
        if !swap(place, pending, 0) {
            swap(place, withdrawn(pending), 0);
        }
        Inserted::Present
    }

    /// The words of all places. Others may write meanwhile.
    pub(crate) fn words(&self) -> impl Iterator<Item = u64> {
        self.buckets.as_flattened().iter().map(|place| place.load(Ordering::Relaxed))
    }

    /// The entries, live and expired. Others may write meanwhile.
    pub(crate) fn occupancy(&self, now: Now) -> Occupancy {
        self.occupied(|word| is_live(word, now))
    }

    /// As `occupancy`, for entries of another kind.
    pub(crate) fn occupied(&self, is_live: impl Fn(u64) -> bool) -> Occupancy {
        self.words().filter(|word| *word != 0).fold(Occupancy::default(), |sum, word| match is_live(word) {
            true => Occupancy { live: sum.live.saturating_add(1), ..sum },
            false => Occupancy { expired: sum.expired.saturating_add(1), ..sum },
        })
    }

    /// A free place in the emptier bucket, unless the tag is there.
    fn look(&self, tag: Tag, now: Now) -> Found<'m> {
        let (mut most, mut found) = (0usize, Found::Full);
        for bucket in self.both(tag) {
            let (mut free, mut first) = (0usize, None);
            for (at, place) in self.in_bucket(bucket) {
                let word = place.load(Ordering::Acquire);
                if tag.is_in(word, now) {
                    return Found::Present;
                }
                if !is_live(word, now) {
                    free = free.saturating_add(1);
                    first = first.or(Some((at, place, word)));
                }
            }
            if let (Some((at, place, word)), true) = (first, free > most) {
                (most, found) = (free, Found::Room(at, place, word));
            }
        }
        found
    }

    /// Whether the pending entry at `own` wins against every other of its tag. Those it beats, it withdraws.
    fn wins(&self, tag: Tag, own: usize, now: Now) -> bool {
        self.of(tag).filter(|(at, _)| *at != own).all(|(at, place)| {
            loop {
                let word = place.load(Ordering::Acquire);
                if !tag.is_in(word, now) {
                    return true;
                }
                if word & PENDING == 0 || at < own {
                    return false;
                }
                if swap(place, word, withdrawn(word)) {
                    return true;
                }
            }
        })
    }

    /// Every place of the tag, with its number in the table.
    pub(crate) fn of(&self, tag: Tag) -> impl Iterator<Item = (usize, &'m AtomicU64)> {
        self.both(tag).into_iter().flat_map(|bucket| self.in_bucket(bucket))
    }

    pub(crate) fn in_bucket(&self, bucket: usize) -> impl Iterator<Item = (usize, &'m AtomicU64)> + use<'m, PLACES> {
        let start = bucket.saturating_mul(PLACES);
        let places = self.buckets.get(bucket).map_or(&[][..], |places| places);
        places.iter().enumerate().map(move |(at, place)| (start.saturating_add(at), place))
    }

    /// Two different buckets.
    pub(crate) fn both(&self, tag: Tag) -> [usize; 2] {
        let scaled = |hash: u32, count: usize| (u64::from(hash).wrapping_mul(count as u64) >> 32) as usize;
        let first = scaled(tag.first, self.buckets.len());
        let second = scaled(tag.second, self.buckets.len().saturating_sub(1));
        [first, if second < first { second } else { second.saturating_add(1) }]
    }
}

fn withdrawn(pending: u64) -> u64 {
    pending & !PENDING | WITHDRAWN
}

pub(crate) fn swap(place: &AtomicU64, from: u64, to: u64) -> bool {
    place.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
}
