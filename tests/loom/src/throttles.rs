//! A client's allowance: whoever asks first, whoever settles, a burst is never exceeded and never short.

use super::throttle::limit::{Limit, Rate, TICK_BITS};
use super::throttle::rates::{Account, Charged, Rates};
use super::{PLACES, WORDS, Words, empty, tag};
use crate::sync::{AtomicU64, Ordering};
use crate::table::{HEAD_WORDS, Table};
use loom::thread;

/// In the finest ticks; the second is 500 ms later.
const NOW: u64 = 1_000_000 << TICK_BITS;
const LATER: u64 = NOW + (1 << (TICK_BITS - 1));

/// One request a second, and so many at once.
fn account(bits: u64, burst: u32) -> Account {
    Account::new(tag(0, bits), Rate::of(Limit { requests: 1, seconds: 1, burst }).unwrap())
}

fn rates(words: &Words) -> Rates<'_, PLACES> {
    Rates { table: Table::new(words).unwrap() }
}

fn is_admitted(words: &Words, account: Account, ticks: u64) -> bool {
    match rates(words).charge(account, ticks) {
        Charged::Admitted(_) => true,
        Charged::Refused(_) => false,
        Charged::Full => panic!("there is room"),
    }
}

/// Entries in these places: tag bits, and whether they have expired by `LATER` or live on.
fn holding(entries: [Option<(u64, bool)>; 2 * PLACES]) -> Words {
    let words = empty();
    for (place, entry) in words[HEAD_WORDS..].iter().zip(entries) {
        if let Some((bits, lives)) = entry {
            let one: Words = loom::sync::Arc::new((0..WORDS).map(|_| AtomicU64::new(0)).collect());
            let begun = if lives { NOW } else { LATER - (1 << TICK_BITS) };
            assert!(is_admitted(&one, account(bits, 1), begun));
            place.fetch_add(one[HEAD_WORDS].load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }
    words
}

/// As many as `burst` are admitted, in every order, and one entry is kept.
fn model(name: &str, preemptions: Option<usize>, burst: u32, start: fn() -> Words, asking: &'static [fn(&Words) -> u32]) {
    super::model(name, preemptions, start, asking, move |words, admitted| {
        assert_eq!(admitted.iter().sum::<u32>(), burst);
        assert!(!is_admitted(words, account(7, burst), LATER), "all of it is used");
    });
}

fn asks<const BURST: u32, const TIMES: u32>(words: &Words) -> u32 {
    (0..TIMES).map(|_| u32::from(is_admitted(words, account(7, BURST), LATER))).sum()
}

fn asks_early<const BURST: u32>(words: &Words) -> u32 {
    u32::from(is_admitted(words, account(7, BURST), NOW))
}

#[test]
fn two_who_are_new_and_a_burst_of_one() {
    model("burst of one", None, 1, empty, &[asks::<1, 1>, asks::<1, 1>]);
}

#[test]
fn two_who_ask_twice_and_a_burst_of_three() {
    model("burst of three", Some(3), 3, empty, &[asks::<3, 2>, asks::<3, 2>]);
}

#[test]
fn three_who_are_new_and_a_burst_of_two() {
    model("three who ask", Some(3), 2, empty, &[asks::<2, 1>, asks::<2, 1>, asks::<2, 1>]);
}

/// The place in front is free to one and not to the other.
#[test]
fn two_who_are_new_and_an_entry_that_expires() {
    let start = || holding([Some((1, false)), None, Some((2, true)), None]);
    model("an entry that expires", Some(4), 1, start, &[asks_early::<1>, asks::<1, 1>]);
}

/// Different first choices: the emptier bucket is another one for each.
#[test]
fn two_who_choose_different_buckets() {
    let start = || holding([Some((1, false)), Some((2, false)), Some((3, true)), None]);
    model("different buckets", Some(4), 1, start, &[asks_early::<1>, asks::<1, 1>]);
}

/// One was killed between its stores: nobody waits, and its charge counts once.
#[test]
fn a_dead_writer_and_two_who_ask() {
    let start = || {
        let words = empty();
        assert!(is_admitted(&words, account(7, 3), LATER));
        for place in &words[HEAD_WORDS..] {
            if place.load(Ordering::Relaxed) != 0 {
                place.fetch_add(1 << 63, Ordering::Relaxed);
            }
        }
        words
    };
    model("a dead writer", Some(4), 2, start, &[asks::<3, 1>, asks::<3, 2>]);
}

/// What is given back can be taken again, by whoever asks meanwhile.
#[test]
fn one_who_is_given_back_and_one_who_asks() {
    loom::model(|| {
        let words = empty();
        let other = {
            let words = words.clone();
            thread::spawn(move || asks::<2, 1>(&words))
        };
        let own = account(7, 2);
        let Charged::Admitted(receipt) = rates(&words).charge(own, LATER) else { panic!("one of two") };
        rates(&words).refund(own, receipt, LATER);
        assert_eq!(other.join().unwrap(), 1);
        assert!(is_admitted(&words, own, LATER), "one of two is left");
        assert!(!is_admitted(&words, own, LATER));
    });
}
