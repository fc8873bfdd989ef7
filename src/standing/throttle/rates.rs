//! The states of clients under their limits, each in one atomic word of a table.
//!
//! | bits | what |
//! |---|---|
//! | 63 | pending: nobody has looked yet whether another writes an entry of the same tag |
//! | 62 | withdrawn: it lost against another |
//! | 61 to 59 | the class, which says how long a tick is |
//! | the next 50 - 3 class | the client's time, in ticks of the class; a free place when that is not after the present |
//! | the last 9 + 3 class | the tag |
//!
//! A charge is one compare-and-swap of a kept entry. A client's first one publishes a pending entry that holds it already. Whoever
//! meets a pending entry settles it, as its writer does: looks at all other places, then keeps or withdraws it. So a tag has at
//! most one kept entry, and nobody waits for anybody. `docs/design-notes.md` has the proof.

use super::limit::{CLASS_STEP, Rate, TIME_BITS};
use crate::sync::{AtomicU64, Ordering, fence};
use crate::table::{Occupancy, Table, Tag};

const PENDING: u64 = 1 << 63;
const WITHDRAWN: u64 = 1 << 62;
const CLASS_AT: u32 = 59;
const CLASS: u64 = 7 << CLASS_AT;
const BELOW_CLASS: u64 = (1 << CLASS_AT) - 1;
/// Bits of the tag in the class with the finest ticks.
const TAG_BITS_MIN: u32 = CLASS_AT - TIME_BITS;

fn tag_bits(class: u32) -> u32 {
    class.wrapping_mul(CLASS_STEP).wrapping_add(TAG_BITS_MIN)
}

fn time_mask(class: u32) -> u64 {
    BELOW_CLASS & !low(tag_bits(class))
}

fn low(bits: u32) -> u64 {
    1u64.wrapping_shl(bits).wrapping_sub(1)
}

fn class_of(word: u64) -> u32 {
    ((word & CLASS) >> CLASS_AT) as u32
}

fn time_of(word: u64) -> u64 {
    (word & BELOW_CLASS).wrapping_shr(tag_bits(class_of(word)))
}

fn is_live(word: u64, ticks: u64) -> bool {
    time_of(word) > ticks.wrapping_shr(class_of(word).wrapping_mul(CLASS_STEP))
}

fn swap(place: &AtomicU64, from: u64, to: u64) -> bool {
    place.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
}

/// One client under one limit.
#[derive(Clone, Copy)]
pub(crate) struct Account {
    tag: Tag,
    rate: Rate,
    /// Class and tag, as they lie in a word.
    name: u64,
}

impl Account {
    pub(crate) fn new(tag: Tag, rate: Rate) -> Account {
        Account { tag, rate, name: u64::from(rate.class) << CLASS_AT | tag.bits() & low(tag_bits(rate.class)) }
    }

    /// A kept entry of this time; `None` beyond the last one that fits.
    fn kept(self, time: u64) -> Option<u64> {
        let bits = tag_bits(self.rate.class);
        let is_small = time <= time_mask(self.rate.class).wrapping_shr(bits);
        is_small.then(|| self.name | time.wrapping_shl(bits))
    }

    /// Whether this word is a live entry of the account, other than one that has lost.
    fn is_in(self, word: u64, ticks: u64) -> bool {
        word & !(PENDING | time_mask(self.rate.class)) == self.name && is_live(word, ticks)
    }
}

/// What a charge changed, so that it can be given back.
#[derive(Clone, Copy)]
pub(crate) struct Receipt<'m> {
    place: &'m AtomicU64,
    before: u64,
    after: u64,
}

/// What became of a charge.
pub(crate) enum Charged<'m> {
    Admitted(Receipt<'m>),
    /// Due then, in the finest ticks.
    Refused(u64),
    /// The client is new, and both buckets are full of live entries.
    Full,
}

/// What a look at both buckets found.
enum Found<'m> {
    Kept(&'m AtomicU64, u64),
    Pending(usize, &'m AtomicU64, u64),
    Room(usize, &'m AtomicU64, u64),
    Full,
}

/// A view of the words. Everyone who shares them lays it over the same ones.
pub(crate) struct Rates<'m, const PLACES: usize> {
    pub(crate) table: Table<'m, PLACES>,
}

impl<'m, const PLACES: usize> Rates<'m, PLACES> {
    /// As [`Rate::refuses_until`]. Changes nothing.
    pub(crate) fn refuses_until(&self, account: Account, ticks: u64) -> Option<u64> {
        match self.find(account, ticks) {
            Found::Kept(_, word) | Found::Pending(_, _, word) => account.rate.refuses_until(time_of(word), ticks),
            Found::Room(..) | Found::Full => None,
        }
    }

    /// One request.
    pub(crate) fn charge(&self, account: Account, ticks: u64) -> Charged<'m> {
        loop {
            match self.find(account, ticks) {
                Found::Kept(place, word) => {
                    let time = time_of(word);
                    if let Some(due) = account.rate.refuses_until(time, ticks) {
                        return Charged::Refused(due);
                    }
                    let Some(after) = account.kept(account.rate.after(time)) else { return Charged::Refused(u64::MAX) };
                    if swap(place, word, after) {
                        return Charged::Admitted(Receipt { place, before: time, after });
                    }
                }
                Found::Pending(at, place, word) => self.settle(account, at, place, word, ticks),
                Found::Room(at, place, free) => {
                    let before = account.rate.now(ticks);
                    let Some(after) = account.kept(account.rate.after(before)) else { return Charged::Refused(u64::MAX) };
                    if !swap(place, free, after | PENDING) {
                        continue;
                    }
                    self.settle(account, at, place, after | PENDING, ticks);
                    // Kept, and perhaps charged since; or withdrawn, and then this request is still to be charged.
                    let word = place.load(Ordering::Acquire);
                    if word & PENDING == 0 && account.is_in(word, ticks) {
                        return Charged::Admitted(Receipt { place, before, after });
                    }
                }
                Found::Full => return Charged::Full,
            }
        }
    }

    /// Gives back what a charge took.
    pub(crate) fn refund(&self, account: Account, receipt: Receipt<'_>, ticks: u64) {
        loop {
            let word = receipt.place.load(Ordering::Acquire);
            if word & PENDING != 0 || !account.is_in(word, ticks) {
                return;
            }
            let time = if word == receipt.after { receipt.before } else { account.rate.before(time_of(word)) };
            // It stays live for a tick, so that no entry just like it is published at once: see the proof.
            let time = time.max(account.rate.now(ticks).saturating_add(1));
            if account.kept(time).is_none_or(|refunded| swap(receipt.place, word, refunded)) {
                return;
            }
        }
    }

    /// The entries, live and expired. Others may write meanwhile.
    pub(crate) fn occupancy(&self, ticks: u64) -> Occupancy {
        self.table.occupied(|word| is_live(word, ticks))
    }

    /// The account's entry, or a free place in the emptier bucket.
    fn find(&self, account: Account, ticks: u64) -> Found<'m> {
        let (mut kept, mut pending): (Option<(&AtomicU64, u64)>, _) = (None, None);
        let (mut free, mut first, mut most, mut room) = (0usize, None, 0usize, Found::Full);
        for (seen, (at, place)) in self.table.of(account.tag).enumerate() {
            if seen == PLACES {
                (free, first) = (0, None);
            }
            let word = place.load(Ordering::Acquire);
            if !is_live(word, ticks) {
                free = free.saturating_add(1);
                let (at, place, word) = *first.get_or_insert((at, place, word));
                if free > most {
                    (most, room) = (free, Found::Room(at, place, word));
                }
            } else if account.is_in(word, ticks) {
                if word & PENDING != 0 {
                    pending = pending.or(Some(Found::Pending(at, place, word)));
                } else if kept.is_none_or(|(_, other)| time_of(other) < time_of(word)) {
                    // Clocks that differ can leave two: the one that allows less.
                    kept = Some((place, word));
                }
            }
        }
        kept.map(|(place, word)| Found::Kept(place, word)).or(pending).unwrap_or(room)
    }

    /// Keeps or withdraws the pending entry at `own`, unless another has done so.
    fn settle(&self, account: Account, own: usize, place: &AtomicU64, pending: u64, ticks: u64) {
        // Of two that each have seen their entry published and then look, at least one sees the other's.
        fence(Ordering::SeqCst);
        let wins = self.table.of(account.tag).filter(|(at, _)| *at != own).all(|(at, place)| {
            loop {
                let word = place.load(Ordering::Acquire);
                if !account.is_in(word, ticks) {
                    return true;
                }
                if word & PENDING == 0 || at < own {
                    return false;
                }
                if swap(place, word, word & !PENDING | WITHDRAWN) {
                    return true;
                }
            }
        });
        swap(place, pending, pending & !PENDING | if wins { 0 } else { WITHDRAWN });
    }
}
