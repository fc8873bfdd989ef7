//! Every interleaving of a few writers of a table, by the loom model checker. `src/table.rs`, `src/times.rs`, the throttle's `rates.rs` and the
//! cache's `places.rs` themselves are compiled here, with loom's atomics in the place of `src/sync.rs`, and two places in a bucket.
//!
//! `cargo test --manifest-path tests/loom/Cargo.toml`; `.ci/run core` does it. Two writers are tried in every order, three in
//! every one with at most four preemptions.
#![cfg(test)]

mod sync {
    pub(crate) use loom::sync::atomic::{AtomicU64, Ordering, fence};
}

mod caches;
#[allow(dead_code)]
#[path = "../../../src/standing/cache/places.rs"]
mod places;
#[allow(dead_code)]
#[path = "../../../src/table.rs"]
mod table;

#[allow(dead_code)]
mod throttle;
mod throttles;
#[allow(dead_code)]
#[path = "../../../src/times.rs"]
mod times;

use loom::sync::Arc;
use loom::thread;
use std::sync::atomic::{AtomicU64 as Count, Ordering};
use sync::AtomicU64;
use table::{Expiry, HEAD_WORDS, Inserted, Now, Table, Tag};

const PLACES: usize = 2;
const WORDS: usize = HEAD_WORDS + 2 * PLACES;
/// Seconds; the second is one period later.
const NOW: i64 = 1_600;
const LATER: i64 = NOW + 16;

type Words = Arc<Vec<AtomicU64>>;

/// A tag whose first bucket is the first or the second one; its other is the other.
fn tag(bucket: u64, bits: u64) -> Tag {
    Tag::of([bucket << 63, bits, 0, 0])
}

fn table(words: &Words) -> Table<'_, PLACES> {
    Table::new(words).unwrap()
}

fn empty() -> Words {
    Arc::new((0..WORDS).map(|_| AtomicU64::new(0)).collect())
}

/// Entries in this place order: tag bits and the second until which they are needed.
fn holding(entries: [Option<(u64, i64)>; 2 * PLACES]) -> Words {
    let words = empty();
    for (place, entry) in words[HEAD_WORDS..].iter().zip(entries) {
        if let Some((bits, needed)) = entry {
            let one: Vec<AtomicU64> = (0..WORDS).map(|_| AtomicU64::new(0)).collect();
            let alone = Table::<PLACES>::new(&one).unwrap();
            assert_eq!(alone.insert(tag(0, bits), Expiry::after(needed), Now::of(0)), Inserted::New);
            let word = one[HEAD_WORDS].load(sync::Ordering::Relaxed);
            place.compare_exchange(0, word, sync::Ordering::Relaxed, sync::Ordering::Relaxed).unwrap();
        }
    }
    words
}

fn insert(words: &Words, tag: Tag, now: i64) -> Inserted {
    table(words).insert(tag, Expiry::after(NOW + 60), Now::of(now))
}

/// Runs `writers` at once, one of them in the calling thread, in every order; `then` judges what they gave.
fn model<G: Send + 'static>(
    name: &str,
    preemptions: Option<usize>,
    start: fn() -> Words,
    writers: &'static [fn(&Words) -> G],
    then: impl Fn(&Words, &[G]) + Send + Sync + 'static,
) {
    let orders: &'static Count = Box::leak(Box::new(Count::new(0)));
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(preemptions);
    builder.check(move || {
        orders.fetch_add(1, Ordering::Relaxed);
        let words = start();
        let (own, others) = writers.split_first().unwrap();
        let others: Vec<_> = others
            .iter()
            .map(|writer| {
                let words = words.clone();
                thread::spawn(move || writer(&words))
            })
            .collect();
        let mut given = vec![own(&words)];
        given.extend(others.into_iter().map(|other| other.join().unwrap()));
        then(&words, &given);
    });
    println!("{name}: {} orders", orders.load(Ordering::Relaxed));
}

fn one_is_new(words: &Words, given: &[Inserted]) {
    assert_eq!(given.iter().filter(|given| **given == Inserted::New).count(), 1, "{given:?}");
    assert_eq!(given.iter().filter(|given| **given == Inserted::Present).count(), given.len() - 1, "{given:?}");
    assert!(table(words).contains(tag(0, 7), Now::of(NOW)), "what is new stays");
    let of_the_tag = |word: &&AtomicU64| word.load(sync::Ordering::Relaxed) & ((1 << table::TAG_BITS) - 1) == 7;
    assert_eq!(words.iter().filter(of_the_tag).count(), 1, "and nothing of the others is left");
}

#[test]
fn two_writers_of_one_tag() {
    let writer: fn(&Words) -> Inserted = |words| insert(words, tag(0, 7), NOW);
    let writers = Box::leak(Box::new([writer; 2]));
    model("two writers", None, empty, writers, one_is_new);
}

#[test]
fn three_writers_of_one_tag() {
    let writer: fn(&Words) -> Inserted = |words| insert(words, tag(0, 7), NOW);
    let writers = Box::leak(Box::new([writer; 3]));
    model("three writers", Some(4), empty, writers, one_is_new);
}

/// The place in front expires between two writers' looks: to one it is free, to the other it is not.
#[test]
fn two_writers_of_one_tag_and_an_entry_that_expires() {
    let start = || holding([Some((1, NOW - 16)), None, Some((2, NOW + 60)), None]);
    let writers: &[fn(&Words) -> Inserted] =
        &[|words| insert(words, tag(0, 7), NOW - 1), |words| insert(words, tag(0, 7), NOW + 15)];
    model("an entry that expires", None, start, writers, |words, given| {
        one_is_new(words, given);
        assert!(table(words).contains(tag(0, 2), Now::of(NOW)), "the live entry stays");
    });
}

/// Different first choices: the emptier bucket is another one for each writer.
#[test]
fn two_writers_that_choose_different_buckets() {
    let start = || holding([Some((1, NOW - 16)), Some((2, NOW - 16)), Some((3, NOW + 60)), None]);
    let writers: &[fn(&Words) -> Inserted] =
        &[|words| insert(words, tag(0, 7), NOW - 1), |words| insert(words, tag(0, 7), NOW + 15)];
    model("different buckets", None, start, writers, one_is_new);
}

/// The second place is empty, taken, given up and taken again by another writer of the same word.
#[test]
fn three_writers_and_a_place_that_is_given_up() {
    let start = || holding([Some((1, NOW - 16)), None, Some((3, NOW + 60)), Some((4, NOW - 99))]);
    let writers: &[fn(&Words) -> Inserted] = &[
        |words| insert(words, tag(0, 7), NOW - 1),
        |words| insert(words, tag(0, 7), NOW - 1),
        |words| insert(words, tag(0, 7), NOW + 15),
    ];
    model("three writers, one place given up", Some(4), start, writers, one_is_new);
}

/// With a third copy, and one entry that all of them may replace.
#[test]
fn three_writers_and_entries_that_expire() {
    let start = || holding([Some((1, NOW - 16)), Some((2, NOW - 99)), Some((3, NOW + 60)), None]);
    let writers: &[fn(&Words) -> Inserted] = &[
        |words| insert(words, tag(0, 7), NOW - 1),
        |words| insert(words, tag(0, 7), NOW + 15),
        |words| insert(words, tag(0, 7), NOW + 15),
    ];
    model("three writers, expiring", Some(4), start, writers, one_is_new);
}

#[test]
fn two_tags_and_one_free_place() {
    let start = || holding([Some((1, NOW + 60)), Some((2, NOW + 60)), Some((3, NOW - 99)), Some((4, NOW + 60))]);
    let writers: &[fn(&Words) -> Inserted] = &[|words| insert(words, tag(0, 7), NOW), |words| insert(words, tag(1, 8), NOW)];
    model("one free place", None, start, writers, |words, given| {
        assert!(matches!(given, [Inserted::New, Inserted::Full] | [Inserted::Full, Inserted::New]), "{given:?}");
        let kept = |bits| table(words).contains(tag(0, bits), Now::of(NOW));
        assert!(kept(1) && kept(2) && kept(4) && kept(7) == (given[0] == Inserted::New) && kept(7) != kept(8));
    });
}

#[test]
fn two_tags_do_not_disturb_each_other() {
    let start = || holding([Some((1, NOW - 16)), None, None, Some((2, NOW + 60))]);
    let writers: &[fn(&Words) -> Inserted] =
        &[|words| insert(words, tag(0, 7), NOW - 1), |words| insert(words, tag(1, 8), NOW + 15)];
    model("two tags", None, start, writers, |words, given| {
        assert_eq!(given, [Inserted::New; 2]);
        assert!([7, 8, 2].iter().all(|bits| table(words).contains(tag(0, *bits), Now::of(NOW))));
    });
}

/// A reader that has found the tag is right: its writer keeps it. One that starts after the writer has ended finds it.
#[test]
fn a_writer_and_a_reader() {
    let start = || holding([Some((1, NOW - 16)), None, None, None]);
    let writers: &[fn(&Words) -> Inserted] = &[
        |words| insert(words, tag(0, 7), NOW),
        |words| {
            let now = Now::of(LATER);
            let before = table(words).contains(tag(0, 7), now);
            let after = table(words).contains(tag(0, 7), now);
            assert!(after || !before, "found, and lost again");
            assert!(!table(words).contains(tag(0, 9), now));
            Inserted::Present
        },
    ];
    model("a reader", None, start, writers, one_is_new);
}

/// A writer that was killed between its two stores left a pending entry: nobody waits for it, and one that is new is not lost.
#[test]
fn a_dead_writer_and_two_of_its_tag() {
    let start = || {
        let words = empty();
        let pending = (1 << 63) | ((NOW as u64 / 16 + 4) << table::TAG_BITS) | 7;
        words[HEAD_WORDS + 1].fetch_add(pending, sync::Ordering::Relaxed);
        words
    };
    let writers: &[fn(&Words) -> Inserted] = &[|words| insert(words, tag(0, 7), NOW), |words| insert(words, tag(1, 8), NOW)];
    model("a dead writer", None, start, writers, |words, given| {
        assert_eq!(given, [Inserted::Present, Inserted::New], "its tag is used up");
        let later = Now::of(NOW + 64);
        assert!(!table(words).contains(tag(0, 7), later));
        assert_eq!(table(words).insert(tag(0, 7), Expiry::after(NOW + 200), later), Inserted::New, "until it expires");
    });
}

/// The map of times: what was kept is found by whoever comes later, with the latest time, whatever meets.
mod of_times {
    use super::*;
    use crate::times::{Kind, Mark, Time, Times};

    fn times(words: &Words) -> Times<'_, PLACES> {
        Times { table: table(words), life: 60 }
    }

    fn raise(words: &Words, kind: Kind, bits: u64, time: i64, now: i64) -> bool {
        times(words).raise(kind, tag(0, bits), Time::of(time), Time::now(now))
    }

    fn latest(words: &Words, kind: Kind, bits: u64, now: i64) -> Option<i64> {
        times(words).latest(kind, tag(0, bits), Time::now(now)).map(Time::seconds)
    }

    type Writer = fn(&Words) -> bool;

    fn model(
        name: &str,
        preemptions: Option<usize>,
        start: fn() -> Words,
        writers: &'static [Writer],
        then: fn(&Words, &[bool]),
    ) {
        let orders: &'static Count = Box::leak(Box::new(Count::new(0)));
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = builder.preemption_bound.or(preemptions);
        builder.check(move || {
            orders.fetch_add(1, Ordering::Relaxed);
            let words = start();
            let (own, others) = writers.split_first().unwrap();
            let others: Vec<_> = others
                .iter()
                .map(|writer| {
                    let words = words.clone();
                    thread::spawn(move || writer(&words))
                })
                .collect();
            let mut given = vec![own(&words)];
            given.extend(others.into_iter().map(|other| other.join().unwrap()));
            then(&words, &given);
        });
        println!("{name}: {} orders", orders.load(Ordering::Relaxed));
    }

    /// Each finds its own time or a later one as soon as it has written.
    fn kept(words: &Words, bits: u64, time: i64, now: i64) -> bool {
        let is_kept = raise(words, Kind::Past, bits, time, now);
        assert!(!is_kept || latest(words, Kind::Past, bits, now) >= Some(time));
        is_kept
    }

    #[test]
    fn three_writers_of_one_tag() {
        let writers: &[Writer] = &[|w| kept(w, 7, NOW, NOW), |w| kept(w, 7, NOW + 1, NOW), |w| kept(w, 7, NOW + 2, NOW)];
        model("three times of one tag", Some(4), empty, writers, |words, given| {
            assert!(given.iter().all(|kept| *kept));
            assert_eq!(latest(words, Kind::Past, 7, NOW), Some(NOW + 2));
        });
    }

    /// Two places are left of four, one of them expires; three writers of three tags: none overwrites another.
    #[test]
    fn writers_that_fight_for_the_last_places() {
        let start = || {
            let words = empty();
            assert!(raise(&words, Kind::Until, 1, NOW + 60, NOW) && raise(&words, Kind::Until, 2, NOW + 60, NOW));
            assert!(raise(&words, Kind::Until, 3, NOW - 17, NOW - 60));
            words
        };
        let writers: &[Writer] = &[|w| kept(w, 7, NOW, NOW), |w| kept(w, 8, NOW, NOW), |w| kept(w, 9, NOW, NOW)];
        model("three tags for two places", Some(3), start, writers, |words, given| {
            assert_eq!(given.iter().filter(|kept| **kept).count(), 2);
            for (bits, kept) in (7..10).zip(given) {
                assert_eq!(latest(words, Kind::Past, bits, NOW).is_some(), *kept, "{bits}");
            }
            assert_eq!(latest(words, Kind::Until, 1, NOW), Some(NOW + 60));
            assert_eq!(latest(words, Kind::Until, 2, NOW), Some(NOW + 60));
        });
    }

    /// A reader meets no moment at which an entry is gone while it is raised.
    #[test]
    fn an_entry_is_never_gone_while_it_is_raised() {
        let start = || {
            let words = empty();
            assert!(raise(&words, Kind::Past, 7, NOW, NOW));
            words
        };
        let writers: &[Writer] = &[
            |w| kept(w, 7, NOW + 5, NOW),
            |w| kept(w, 7, NOW + 3, NOW + 16),
            |w| latest(w, Kind::Past, 7, NOW) >= Some(NOW),
        ];
        model("a reader while an entry is raised", None, start, writers, |words, given| {
            assert!(given.iter().all(|kept| *kept));
            assert_eq!(latest(words, Kind::Past, 7, NOW), Some(NOW + 5));
        });
    }

    #[test]
    fn both_times_of_the_mark_only_grow() {
        let writers: &[Writer] = &[
            |w| {
                Mark(&w[7]).raise(Time::of(NOW + 9), Time::of(NOW));
                Mark(&w[7]).past(Time::now(NOW + 8)) >= Some(Time::of(NOW))
            },
            |w| {
                Mark(&w[7]).raise(Time::of(NOW + 5), Time::of(NOW + 3));
                Mark(&w[7]).past(Time::now(NOW + 4)) >= Some(Time::of(NOW + 3))
            },
        ];
        model("the mark", None, empty, writers, |words, given| {
            assert!(given.iter().all(|kept| *kept));
            assert_eq!(Mark(&words[7]).past(Time::now(NOW + 8)), Some(Time::of(NOW + 3)));
        });
    }
}
