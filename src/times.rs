//! A map from tags to times, in atomic words of the caller's: lock-free, fixed, without pointers, valid from all-zero bytes.
//!
//! It lies in the places of a [`Table`]. A word holds all of an entry, so one compare-and-swap makes or raises it.
//!
//! | bits | what |
//! |---|---|
//! | 63 | what the time is: when the entry expires, or a moment whose past it speaks of |
//! | 62 to 31 | the time, in seconds since 1970; the last one is never over |
//! | 30 to 0 | the tag |
//!
//! **Nothing is lost.** A word gives way only to the same tag with a later time, or, once its own time is over, to any entry:
//! both by a swap from the very word that was seen. So what was kept is found until its time is over. Two writers of one tag may
//! take two places; both are found, and the later time counts. Nobody waits: a swap that fails was beaten by one that succeeded.

use crate::sync::{AtomicU64, Ordering};
use crate::table::{Occupancy, Table, Tag, swap};

const PAST: u64 = 1 << 63;
/// Bits of a tag that are compared.
pub(crate) const TAG_BITS: u32 = 31;
const TAG: u64 = (1 << TAG_BITS) - 1;
const TIME_MAX: u64 = u32::MAX as u64;

/// Seconds by which callers' clocks may differ: so much longer an entry keeps its place.
pub(crate) const SLACK_SECONDS: u64 = 16;

/// What an entry's time is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// When the entry expires.
    Until,
    /// A moment: the entry expires a table's whole life later.
    Past,
}

/// A time as an entry holds it. Before 1970 is 1970; from 2106 on, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(u64);

impl Time {
    pub(crate) const fn of(seconds: i64) -> Time {
        let seconds = if seconds > 0 { seconds as u64 } else { 0 };
        Time(if seconds < TIME_MAX { seconds } else { TIME_MAX })
    }

    /// The present: never the last time, so that is never over.
    pub(crate) const fn now(seconds: i64) -> Time {
        let Time(time) = Time::of(seconds);
        Time(if time < TIME_MAX { time } else { TIME_MAX - 1 })
    }

    /// Seconds since 1970; for ever is the end of time.
    pub(crate) const fn seconds(self) -> i64 {
        if self.0 < TIME_MAX { self.0 as i64 } else { i64::MAX }
    }

    const fn earlier(self, seconds: u64) -> Time {
        Time(self.0.saturating_sub(seconds))
    }
}

enum Found<'t> {
    Own(&'t AtomicU64, u64),
    Room(&'t AtomicU64, u64),
    Full,
}

/// A view of the words. Everyone who shares them lays it over the same ones, with the same life.
pub(crate) struct Times<'m, const PLACES: usize> {
    pub(crate) table: Table<'m, PLACES>,
    /// Seconds after its moment for which an entry of [`Kind::Past`] is kept.
    pub(crate) life: u64,
}

impl<const PLACES: usize> Times<'_, PLACES> {
    /// The latest time that is kept for the tag, and not over.
    pub(crate) fn latest(&self, kind: Kind, tag: Tag, now: Time) -> Option<Time> {
        let words = self.table.of(tag).map(|(_, place)| place.load(Ordering::Acquire));
        words.filter(|word| is_of(*word, kind, tag) && self.is_live(*word, now)).map(time_of).max()
    }

    /// Keeps at least this time for the tag. Whether there was a place for it.
    #[must_use]
    pub(crate) fn raise(&self, kind: Kind, tag: Tag, time: Time, now: Time) -> bool {
        let wanted = word_of(kind, tag, time);
        loop {
            let (place, word) = match self.look(kind, tag, now.earlier(SLACK_SECONDS)) {
                Found::Own(_, word) if time_of(word) >= time => return true,
                Found::Own(place, word) | Found::Room(place, word) => (place, word),
                Found::Full => return false,
            };
            if swap(place, word, wanted) {
                return true;
            }
        }
    }

    /// Whether an entry with this time would still be of use, to whoever's clock lags as well.
    pub(crate) fn matters(&self, kind: Kind, time: Time, now: Time) -> bool {
        self.is_live(word_of(kind, Tag::of([0; 4]), time), now.earlier(SLACK_SECONDS))
    }

    /// The entries, live and expired. Others may write meanwhile.
    pub(crate) fn occupancy(&self, now: Time) -> Occupancy {
        self.table.occupied(|word| self.is_live(word, now))
    }

    /// The tag's own entry, or a free place in the emptier bucket.
    fn look(&self, kind: Kind, tag: Tag, now: Time) -> Found<'_> {
        let (mut most, mut found) = (0usize, Found::Full);
        for bucket in self.table.both(tag) {
            let (mut free, mut first) = (0usize, None);
            for (_, place) in self.table.in_bucket(bucket) {
                let word = place.load(Ordering::Acquire);
                if !self.is_live(word, now) {
                    free = free.saturating_add(1);
                    first = first.or(Some((place, word)));
                } else if is_of(word, kind, tag) {
                    return Found::Own(place, word);
                }
            }
            if let (Some((place, word)), true) = (first, free > most) {
                (most, found) = (free, Found::Room(place, word));
            }
        }
        found
    }

    fn is_live(&self, word: u64, now: Time) -> bool {
        let Time(time) = time_of(word);
        let life = if word & PAST == 0 { 0 } else { self.life };
        time == TIME_MAX || (time > 0 && time.saturating_add(life) > now.0)
    }
}

fn word_of(kind: Kind, tag: Tag, time: Time) -> u64 {
    let kind = if kind == Kind::Past { PAST } else { 0 };
    kind | (time.0 << TAG_BITS) | (tag.bits() & TAG)
}

fn is_of(word: u64, kind: Kind, tag: Tag) -> bool {
    (word & PAST != 0) == (kind == Kind::Past) && word & TAG == tag.bits() & TAG
}

fn time_of(word: u64) -> Time {
    Time((word >> TAG_BITS) & TIME_MAX)
}

/// Two times in one word, each of which only grows: everything from before the second counts until the first.
pub(crate) struct Mark<'m>(pub(crate) &'m AtomicU64);

impl Mark<'_> {
    /// From now on at least this.
    pub(crate) fn raise(&self, until: Time, past: Time) {
        loop {
            let word = self.0.load(Ordering::Acquire);
            let (known_until, known_past) = parts(word);
            let raised = (until.max(known_until).0 << 32) | past.max(known_past).0;
            if raised == word || swap(self.0, word, raised) {
                return;
            }
        }
    }

    /// The moment whose past counts, while it does.
    pub(crate) fn past(&self, now: Time) -> Option<Time> {
        let (until, past) = parts(self.0.load(Ordering::Acquire));
        if until > now { Some(past) } else { None }
    }
}

fn parts(word: u64) -> (Time, Time) {
    (Time(word >> 32), Time(word & TIME_MAX))
}
