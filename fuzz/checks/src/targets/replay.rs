//! Uses presented to a table of 32 places, which all of them share: every answer by a model, in Rust and in C. Or a damaged
//! table: what it accepts, it remembers.

use crate::input::Input;
use countermark::{AtomicU64, ReplayStatistics, ReplayTable, Status, Use};
use countermark_ffi as c;
use std::collections::HashMap;
use std::sync::atomic::Ordering;

const SECRET: &[u8] = b"a table's secret";
const NOW: i64 = 1_900_000_000;
const WORDS: usize = 40;
const PLACES: usize = 32;

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let words: [AtomicU64; WORDS] = std::array::from_fn(|_| AtomicU64::new(0));
    let both = Both::new(&words);
    if input.flag() { damaged(input, &both, &words) } else { sound(input, &both) }
}

/// When a use is forgotten: a whole period of 16 seconds after the one in which it expires.
fn forgotten_at(expires_at: i64) -> i64 {
    (expires_at + 15).div_euclid(16) * 16 + 16
}

fn use_of(number: u8, expires_at: i64) -> Use {
    Use { digest: [number; 32], expires_at }
}

fn sound(mut input: Input<'_>, both: &Both<'_>) {
    // When each entry of a use is forgotten. Those that some clock saw expire may have been replaced, or look live to another.
    let mut model: HashMap<u8, Vec<i64>> = HashMap::new();
    let (mut time, mut latest, mut full, mut replayed) = (NOW, NOW - 99, 0u64, 0u64);
    while !input.is_empty() {
        let flags = input.byte();
        time += i64::from(flags >> 4);
        let now = time - i64::from(flags >> 1 & 7) * 2;
        latest = latest.max(now);
        let number = input.byte();
        let presented = use_of(number, now + i64::from(input.byte()) - 8);
        let known: Vec<i64> = model.get(&number).into_iter().flatten().copied().filter(|end| *end > now).collect();
        let most = model.values().flatten().filter(|end| **end > now).count();
        let surely = model.values().flatten().filter(|end| **end > now.max(latest)).count();
        let is_commit = flags & 1 == 1;
        let given = both.ask(&presented, now, is_commit);
        match given {
            Err(Status::Replayed) => assert!(presented.expires_at <= now || !known.is_empty(), "never seen"),
            Err(Status::ReplayFull) => assert!(is_commit && most >= PLACES, "there is a place"),
            Ok(()) => {
                assert!(presented.expires_at > now && known.iter().all(|end| *end <= latest), "seen before");
                assert!(!is_commit || surely < PLACES, "there is no place");
            }
            Err(status) => panic!("{status:?}"),
        }
        if is_commit && presented.expires_at > now {
            match given {
                Ok(()) => model.entry(number).or_default().push(forgotten_at(presented.expires_at)),
                Err(Status::ReplayFull) => full += 1,
                Err(_) => replayed += 1,
            }
        }
    }
    let counts = both.statistics(time);
    let live = model.values().flatten().filter(|end| **end > time).count() as u64;
    assert_eq!((counts.places, counts.full, counts.replayed), (PLACES as u64, full, replayed));
    assert_eq!(counts.live, live, "nobody's clock is ahead of this one");
    assert!(counts.live + counts.expired <= counts.places);
}

fn damaged(mut input: Input<'_>, both: &Both<'_>, words: &[AtomicU64; WORDS]) {
    for word in &words[1..] {
        let value = input.long() as u64;
        word.store(value, Ordering::Relaxed);
    }
    both.copy(words);
    while !input.is_empty() {
        let now = input.long();
        let presented = use_of(input.byte(), now.saturating_add(i64::from(input.byte())));
        if both.ask(&presented, now, true).is_ok() {
            assert_eq!(both.ask(&presented, now, false), Err(Status::Replayed));
            assert_eq!(both.ask(&presented, now, true), Err(Status::Replayed));
        }
        let counts = both.statistics(now);
        assert!(counts.live + counts.expired <= counts.places);
    }
}

/// A table in Rust, and the same in C.
struct Both<'w> {
    table: ReplayTable<'w>,
    region: Box<[AtomicU64; WORDS]>,
    view: c::cmk_replay,
}

impl<'w> Both<'w> {
    fn new(words: &'w [AtomicU64; WORDS]) -> Self {
        let region: Box<[AtomicU64; WORDS]> = Box::new(std::array::from_fn(|_| AtomicU64::new(0)));
        let mut view: c::cmk_replay = unsafe { std::mem::zeroed() };
        let place = region.as_ptr().cast_mut().cast();
        let code = unsafe { c::cmk_replay_attach(&mut view, place, WORDS * 8, c::cmk_bytes::of(SECRET)) };
        assert_eq!(code, 0);
        Both { table: ReplayTable::new(words, SECRET).unwrap(), region, view }
    }

    fn copy(&self, words: &[AtomicU64; WORDS]) {
        for (place, word) in self.region.iter().zip(words) {
            place.store(word.load(Ordering::Relaxed), Ordering::Relaxed);
        }
    }

    fn ask(&self, presented: &Use, now: i64, is_commit: bool) -> Result<(), Status> {
        let in_c = c::cmk_use { digest: presented.digest, expires_at: presented.expires_at };
        let (given, code) = match is_commit {
            true => (self.table.commit(presented, now), unsafe { c::cmk_replay_commit(&self.view, &in_c, now) }),
            false => (self.table.check(presented, now), unsafe { c::cmk_replay_check(&self.view, &in_c, now) }),
        };
        assert_eq!(given.err().map_or(0, Status::code), code, "Rust and C");
        given
    }

    fn statistics(&self, now: i64) -> ReplayStatistics {
        let counts = self.table.statistics(now);
        let mut in_c: c::cmk_replay_counts = unsafe { std::mem::zeroed() };
        assert_eq!(unsafe { c::cmk_replay_statistics(&self.view, now, &mut in_c) }, 0);
        assert_eq!((in_c.places, in_c.live, in_c.expired), (counts.places, counts.live, counts.expired));
        assert_eq!((in_c.full, in_c.replayed), (counts.full, counts.replayed));
        counts
    }
}
