//! The cache: writers of one place may lose an entry; nobody ever finds what was not put there.

use super::places::{BUCKET_WORDS, Entry, Places};
use super::{Words, model};
use crate::sync::AtomicU64;

const ENTRIES: [Entry; 2] = [[1, 2], [3, 4]];
/// What stands in the places of a full bucket that nobody writes, and in the one that gives way.
const OTHERS: [Entry; 3] = [[100, 101], [104, 105], [106, 107]];
const VICTIM: Entry = [102, 103];

fn empty() -> Words {
    loom::sync::Arc::new((0..BUCKET_WORDS).map(|_| AtomicU64::new(0)).collect())
}

/// The second of four places is.
fn one_is_free() -> Words {
    let is_free = |at| (2..4).contains(&at);
    loom::sync::Arc::new((0..BUCKET_WORDS as u64).map(|at| AtomicU64::new(if is_free(at) { 0 } else { 100 + at })).collect())
}

fn full() -> Words {
    loom::sync::Arc::new((0..BUCKET_WORDS as u64).map(|at| AtomicU64::new(100 + at)).collect())
}

fn put<const WHICH: usize>(words: &Words) -> Vec<Entry> {
    Places::new(words).unwrap().put(ENTRIES[WHICH], 0, 1);
    Vec::new()
}

fn find(words: &Words) -> Vec<Entry> {
    let places = Places::new(words).unwrap();
    ENTRIES.into_iter().chain(OTHERS).chain([VICTIM]).filter(|entry| places.contain(*entry, 0)).collect()
}

/// `found` is what readers gave; whoever writes gives nothing.
fn judged(name: &str, preemptions: Option<usize>, start: fn() -> Words, calls: &'static [fn(&Words) -> Vec<Entry>]) {
    model(name, preemptions, start, calls, |words, found| {
        let at_last = find(words);
        let seen = found.iter().filter(|found| !found.is_empty());
        for seen in seen.chain([&at_last]) {
            assert!(OTHERS.iter().all(|other| seen.contains(other)), "an entry of another place is lost");
        }
        assert!(!at_last.contains(&VICTIM), "it gave way");
        assert!(at_last.len() <= OTHERS.len() + 1, "one place holds two entries");
    });
}

#[test]
fn two_writers_of_one_free_place() {
    judged("cache, one place free", None, one_is_free, &[put::<0>, put::<1>]);
}

#[test]
fn two_writers_of_a_full_bucket() {
    judged("cache, full bucket", None, full, &[put::<0>, put::<1>]);
}

#[test]
fn two_writers_of_a_full_bucket_and_a_reader() {
    judged("cache, full bucket, reader", Some(2), full, &[put::<0>, put::<1>, find]);
}

#[test]
fn a_writer_alone_is_found() {
    model("cache, one writer", None, empty, &[put::<0>], |words, _| assert_eq!(find(words), [ENTRIES[0]]));
}
