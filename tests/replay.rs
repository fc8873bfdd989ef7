//! The replay table against a model, by many threads, at its bounds, full, damaged. `processes.rs` shares one by processes.

use countermark::{AtomicU64, Replay, ReplayTable, Status, Use, table_shareable};
use countermark_tests::random::{Random, damage};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Barrier, Mutex};

const SECRET: &[u8] = b"a table's secret";
const NOW: i64 = 1_900_000_000;

fn words(count: usize) -> Vec<AtomicU64> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

fn table(words: &[AtomicU64]) -> ReplayTable<'_> {
    ReplayTable::new(words, SECRET).unwrap()
}

fn use_of(number: u64, expires_at: i64) -> Use {
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&number.to_le_bytes());
    Use { digest, expires_at }
}

/// The first second at which a use is not remembered any more: a whole period of 16 seconds after the one in which it expires.
fn forgotten_at(expires_at: i64) -> i64 {
    (expires_at.div_euclid(16) + i64::from(expires_at.rem_euclid(16) > 0) + 1) * 16
}

#[test]
fn a_use_is_accepted_once() {
    let words = words(40);
    let table = table(&words);
    let proof = use_of(1, NOW + 60);
    assert_eq!(table.check(&proof, NOW), Ok(()));
    assert_eq!(table.check(&proof, NOW), Ok(()), "asking changes nothing");
    assert_eq!(table.commit(&proof, NOW), Ok(()));
    for now in [NOW - 1000, NOW, NOW + 59, NOW + 60, NOW + 1000, i64::MIN, i64::MAX] {
        assert_eq!(table.check(&proof, now), Err(Status::Replayed), "{now}");
        assert_eq!(table.commit(&proof, now), Err(Status::Replayed), "{now}");
    }
    // The same identity, signed again later: remembered as long as the first one needs, and a period of 16 to 32 seconds.
    let again = use_of(1, NOW + 600);
    let end = forgotten_at(NOW + 60);
    assert!((NOW + 76..=NOW + 92).contains(&end));
    assert_eq!(table.commit(&again, end - 1), Err(Status::Replayed));
    assert_eq!(table.commit(&again, end), Ok(()));
}

/// Every answer of a table with room, at times that go back by up to 16 seconds.
#[test]
fn random_operations_against_a_model() {
    let mut random = Random::new(7);
    let mut seen = [0u32; 3];
    for round in 0..40 {
        let identities = 1 + random.below(300);
        let words = words(ReplayTable::words_for(identities));
        let table = table(&words);
        let mut model: HashMap<u64, i64> = HashMap::new();
        let (mut time, mut latest) = (NOW, i64::MIN);
        for _ in 0..3000 {
            time += random.below(3) as i64;
            let now = time - random.below(17) as i64;
            latest = latest.max(now);
            let number = random.below(identities) as u64;
            let presented = use_of(number, now - 3 + random.below(100) as i64);
            let known = model.get(&number).copied();
            let must = match known {
                _ if presented.expires_at <= now => Some(Err(Status::Replayed)),
                // It may have been replaced by one whose clock was ahead.
                Some(expires_at) if forgotten_at(expires_at) > now && forgotten_at(expires_at) <= latest => None,
                Some(expires_at) if forgotten_at(expires_at) > now => Some(Err(Status::Replayed)),
                _ => Some(Ok(())),
            };
            if let Some(expires_at) = known {
                assert!(expires_at <= now || must == Some(Err(Status::Replayed)), "remembered as long as it is needed");
            }
            let is_commit = random.once_in(2);
            let given = if is_commit { table.commit(&presented, now) } else { table.check(&presented, now) };
            assert!(must.is_none_or(|must| must == given), "round {round}: {must:?} {given:?}");
            seen[match given {
                Ok(()) => usize::from(is_commit),
                Err(_) => 2,
            }] += 1;
            if is_commit && given.is_ok() {
                model.insert(number, presented.expires_at);
            }
        }
        let counts = table.statistics(time);
        let live = model.values().filter(|expires_at| forgotten_at(**expires_at) > time).count() as u64;
        assert!(counts.live >= live && counts.live + counts.expired <= counts.places && counts.full == 0);
    }
    assert!(seen.iter().all(|count| *count > 5000), "{seen:?}");
}

/// Copies meet in every way that eight threads can, while entries around them expire, for some of the clocks and not for others.
#[test]
fn of_eight_copies_in_eight_threads_exactly_one_is_accepted() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 3000;
    const USES: usize = 20; // of a round
    assert!(table_shareable());
    let words = words(ReplayTable::words_for(3000));
    let accepted: Vec<AtomicU32> = (0..ROUNDS * USES).map(|_| AtomicU32::new(0)).collect();
    let barrier = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (words, accepted, barrier) = (&words, &accepted, &barrier);
            scope.spawn(move || {
                let table = table(words);
                for (round, accepted) in accepted.chunks(USES).enumerate() {
                    barrier.wait();
                    let start = NOW + (round / 10) as i64 * 4;
                    let now = start + (thread % 4) as i64 * 4;
                    for (at, count) in accepted.iter().enumerate() {
                        let given = table.commit(&use_of((round * USES + at) as u64, start + 13), now);
                        assert!(matches!(given, Ok(()) | Err(Status::Replayed)), "{given:?}");
                        count.fetch_add(u32::from(given.is_ok()), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let wrong: Vec<_> = accepted.iter().filter(|count| count.load(Ordering::Relaxed) != 1).take(9).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let counts = table(&words).statistics(NOW);
    assert_eq!((counts.full, counts.replayed), (0, (ROUNDS * USES * (THREADS - 1)) as u64));
}

#[test]
fn a_million_different_uses_lose_none() {
    const USES: u64 = 1_000_000;
    let words = words(ReplayTable::words_for(USES as usize));
    let table = table(&words);
    for number in 0..USES {
        assert_eq!(table.commit(&use_of(number, NOW + 60), NOW), Ok(()), "{number}");
    }
    for number in 0..USES {
        assert_eq!(table.check(&use_of(number, NOW + 60), NOW), Err(Status::Replayed), "{number}");
    }
    // Beyond what is stated: how far it goes.
    let more = (USES..).take_while(|number| table.commit(&use_of(*number, NOW + 60), NOW).is_ok()).count() as u64;
    let counts = table.statistics(NOW);
    assert_eq!((counts.live, counts.full, counts.replayed), (USES + more, 1, 0));
    assert!(counts.live * 100 > counts.places * 83, "first refused at {} of {}", counts.live, counts.places);
    println!("first refusal with {} of {} places taken", counts.live, counts.places);
}

/// Small tables, each of many secrets: none refuses within what is stated for it.
#[test]
fn tables_of_every_size_hold_what_they_say() {
    let mut least = 1.0f64;
    for uses in (0..100).chain([127, 200, 333, 512, 1000, 4000]) {
        let words = words(ReplayTable::words_for(uses));
        for secret in 0..50u8 {
            words.iter().for_each(|word| word.store(0, Ordering::Relaxed));
            let table = ReplayTable::new(&words, &[secret; 16]).unwrap();
            let taken = (0..).take_while(|number| table.commit(&use_of(*number, NOW + 60), NOW).is_ok()).count();
            assert!(taken >= uses, "{taken} of {uses} under {secret}");
            least = least.min(taken as f64 / table.statistics(NOW).places as f64);
        }
    }
    println!("first refusals from {:.1} % of the places on", least * 100.0);
}

/// At a steady rate, expired places are used again for ever, and the table is never full.
#[test]
fn expired_places_are_used_again() {
    let (rate, life) = (50, 60);
    let words = words(ReplayTable::words_for(rate * (life + 32)));
    let table = table(&words);
    let mut number = 0;
    for now in NOW..NOW + 20 * life as i64 {
        for _ in 0..rate {
            assert_eq!(table.commit(&use_of(number, now + life as i64), now), Ok(()));
            number += 1;
        }
    }
    let counts = table.statistics(NOW + 20 * life as i64);
    assert!(number > 10 * counts.places && counts.full == 0 && counts.live + counts.expired <= counts.places, "{counts:?}");
}

/// `attacks.md` 28: an attacker with proofs of his own fills the table. Nobody's use is given up for it; who is new is refused.
#[test]
fn attack_28_a_full_table_refuses_and_evicts_nobody() {
    let words = words(ReplayTable::words_for(500));
    let table = table(&words);
    let victims: Vec<Use> = (0..100).map(|number| use_of(number, NOW + 60)).collect();
    victims.iter().for_each(|victim| table.commit(victim, NOW).unwrap());
    let mut refused = 0;
    for number in 1000..11_000 {
        match table.commit(&use_of(number, NOW + 300), NOW) {
            Ok(()) => {}
            Err(status) => {
                assert_eq!(status, Status::ReplayFull);
                refused += 1;
            }
        }
    }
    let full = table.statistics(NOW);
    assert_eq!((full.full, full.live + full.full), (refused, 10_100));
    assert_eq!(full.live, full.places, "to the last place");
    for victim in &victims {
        assert_eq!(table.commit(victim, NOW), Err(Status::Replayed));
    }
    // Asking is no insertion; and with the attacker's proofs his hold ends.
    assert_eq!(table.check(&use_of(99_999, NOW + 60), NOW), Ok(()));
    assert_eq!(table.commit(&use_of(99_999, NOW + 60), NOW), Err(Status::ReplayFull));
    let later = forgotten_at(NOW + 300);
    assert_eq!(table.commit(&use_of(99_999, later + 60), later), Ok(()));
    let counts = table.statistics(later);
    assert_eq!((counts.live, counts.expired), (1, counts.places - 1));
}

/// `attacks.md` 28: uses chosen to meet in one bucket under a secret that the attacker knows meet nowhere under another one.
#[test]
fn attack_28_nobody_aims_without_the_secret() {
    let count = ReplayTable::words_for(10_000);
    let (own, other) = (words(count), words(count));
    let known = ReplayTable::new(&own, b"what the attacker guessed").unwrap();
    // Those for which there was no room are in full buckets: they collide.
    let aimed: Vec<Use> = (0..40_000).map(|number| use_of(number, NOW + 60)).collect();
    let collide: Vec<&Use> = aimed.iter().filter(|aimed| known.commit(aimed, NOW).is_err()).take(9000).collect();
    assert_eq!(collide.len(), 9000);
    let table = table(&other);
    assert!(collide.iter().all(|aimed| table.commit(aimed, NOW).is_ok()), "like any other uses");
}

/// `attacks.md` 23: who only asks uses nothing up, and the one who commits wins whatever was asked before.
#[test]
fn attack_23_a_check_does_not_consume() {
    let words = words(40);
    let (gateway, service) = (table(&words), table(&words));
    let proof = use_of(5, NOW + 60);
    assert_eq!((gateway.check(&proof, NOW), service.check(&proof, NOW)), (Ok(()), Ok(())));
    assert_eq!(service.commit(&proof, NOW), Ok(()));
    assert_eq!(gateway.commit(&proof, NOW), Err(Status::Replayed), "it lost the race, whatever its check said");
}

#[test]
fn a_table_is_begun_by_anyone_and_belongs_to_one_secret_and_size() {
    let words = words(ReplayTable::words_for(50));
    assert_eq!(ReplayTable::new(&words, &SECRET[..15]).err(), Some(Status::PepperTooShort));
    assert_eq!(ReplayTable::new(&words[..39], SECRET).err(), Some(Status::RegionTooSmall));
    assert!(words.iter().all(|word| word.load(Ordering::Relaxed) == 0), "nothing was written");
    let proof = use_of(1, NOW + 60);
    table(&words).commit(&proof, NOW).unwrap();
    assert_eq!(table(&words).check(&proof, NOW), Err(Status::Replayed), "a second view");
    assert_eq!(ReplayTable::new(&words, b"another table's secret").err(), Some(Status::TableMismatch));
    assert_eq!(ReplayTable::new(&words[..words.len() - 1], SECRET).err(), Some(Status::TableMismatch));
    // Words know no place: a copy is the same table.
    let copied: Vec<AtomicU64> = words.iter().map(|word| AtomicU64::new(word.load(Ordering::Relaxed))).collect();
    assert_eq!(table(&copied).check(&proof, NOW), Err(Status::Replayed));
}

/// Words that held something else, or another's table, begin again; what was refused has emptied nothing.
#[test]
fn an_empty_table_is_made_of_any_words() {
    let values = |words: &[AtomicU64]| words.iter().map(|word| word.load(Ordering::Relaxed)).collect::<Vec<u64>>();
    let mut words = words(40);
    let proof = use_of(1, NOW + 60);
    table(&words).commit(&proof, NOW).unwrap();
    let before = values(&words);
    assert_eq!(ReplayTable::empty(&mut words, &SECRET[..15]).err(), Some(Status::PepperTooShort));
    assert_eq!(ReplayTable::empty(&mut words[..39], SECRET).err(), Some(Status::RegionTooSmall));
    assert_eq!(values(&words), before, "a failing call changes nothing");
    for filler in [None, Some(u64::MAX)] {
        if let Some(filler) = filler {
            words.iter().for_each(|word| word.store(filler, Ordering::Relaxed));
        }
        let other = ReplayTable::empty(&mut words, b"another table's secret").unwrap();
        assert_eq!((other.statistics(NOW).live, other.statistics(NOW).replayed), (0, 0));
        assert_eq!(other.commit(&proof, NOW), Ok(()));
    }
}

/// A process was killed between its two stores, or before it freed the place of an entry that had lost.
#[test]
fn what_a_killed_process_leaves_expires() {
    let proof = use_of(1, NOW + 60);
    for (bits, seen) in [(1 << 63, Err(Status::Replayed)), (1 << 62, Ok(()))] {
        let words = words(40);
        let table = table(&words);
        table.commit(&proof, NOW).unwrap();
        let place = words.iter().skip(8).find(|word| word.load(Ordering::Relaxed) != 0).unwrap();
        place.fetch_or(bits, Ordering::Relaxed);
        assert_eq!(table.check(&proof, NOW), seen);
        assert_eq!(table.commit(&proof, NOW), seen);
        // All the other places serve.
        let others = (2..100).filter(|number| table.commit(&use_of(*number, NOW + 60), NOW).is_ok()).count();
        assert_eq!(others, if seen.is_ok() { 30 } else { 31 });
        let later = forgotten_at(NOW + 60);
        assert_eq!((2..100).filter(|number| table.commit(&use_of(*number, later + 9), later).is_ok()).count(), 32);
    }
}

/// Whatever the words hold, a call gives a status; and what it accepts, it has remembered.
#[test]
fn damaged_words_are_no_danger() {
    let mut random = Random::new(9);
    for _ in 0..2000 {
        let words = words(40 + random.below(100));
        let table = table(&words);
        let from = random.below(2);
        damage(&words[from..], &mut random);
        for _ in 0..20 {
            let now = random.word() as i64 >> random.below(64);
            let presented = use_of(random.word(), now.saturating_add(1 + random.below(100) as i64));
            if table.commit(&presented, now).is_ok() {
                assert_eq!(table.commit(&presented, now), Err(Status::Replayed));
            }
            let counts = table.statistics(now);
            assert!(counts.live + counts.expired <= counts.places);
        }
        assert!(matches!(ReplayTable::new(&words, SECRET).map(drop), Ok(()) | Err(Status::TableMismatch)));
    }
}

/// Before 1970 and beyond the last period that fits (the year 2242): refused rather than forgotten.
#[test]
fn times_at_the_ends_of_their_range() {
    let words = words(40);
    let table = table(&words);
    let last = ((1i64 << 29) - 1) * 16;
    for (number, now) in [i64::MIN, -1_000_000, -1, 0, last - 17, last, last + 1000, i64::MAX - 1].into_iter().enumerate() {
        for expires_at in [now + 1, now.saturating_add(1000), i64::MAX] {
            let presented = use_of((number as u64) << 32 | expires_at as u64 & 0xffff, expires_at);
            assert_eq!(table.commit(&presented, now), Ok(()), "{now} {expires_at}");
            assert_eq!(table.commit(&presented, now), Err(Status::Replayed), "{now} {expires_at}");
            words.iter().skip(8).for_each(|word| word.store(0, Ordering::Relaxed));
        }
    }
    table.commit(&use_of(1, i64::MAX), NOW).unwrap();
    assert_eq!(table.check(&use_of(1, i64::MAX), i64::MAX - 1), Err(Status::Replayed), "kept for ever");
}

/// A store of the host's own in the table's place.
#[test]
fn a_host_puts_its_own_store_behind_the_trait() {
    #[derive(Default)]
    struct Store(Mutex<HashMap<[u8; 32], i64>>);
    impl Replay for Store {
        fn check(&self, presented: &Use, now: i64) -> Result<(), Status> {
            let seen = self.0.lock().unwrap().get(&presented.digest).is_some_and(|expires_at| *expires_at > now);
            if seen { Err(Status::Replayed) } else { Ok(()) }
        }

        fn commit(&self, presented: &Use, now: i64) -> Result<(), Status> {
            self.check(presented, now)?;
            self.0.lock().unwrap().insert(presented.digest, presented.expires_at);
            Ok(())
        }
    }
    let words = words(40);
    let table = table(&words);
    let proof = use_of(1, NOW + 60);
    for store in [&table as &dyn Replay, &Store::default()] {
        assert_eq!((store.check(&proof, NOW), store.commit(&proof, NOW)), (Ok(()), Ok(())));
        assert_eq!(store.check(&proof, NOW), Err(Status::Replayed));
        assert_eq!(store.commit(&proof, NOW), Err(Status::Replayed));
    }
}
