//! The throttle table against exact arithmetic, by many threads, at its bounds, full, damaged. `processes.rs` shares one by
//! processes.

use countermark::{
    AtomicU64, CHARGES_MAX, Charge, Client, Limit, Refusal, Status, Throttle, ThrottleTable, table_shareable,
};
use countermark_tests::random::{Random, damage};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Barrier, Mutex};

const SECRET: &[u8] = b"a table's secret";
const NOW: i64 = 1_900_000_000_000;
const ROUTE: &[u8] = b"GET /";

fn words(count: usize) -> Vec<AtomicU64> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

fn table(words: &[AtomicU64]) -> ThrottleTable<'_> {
    ThrottleTable::new(words, SECRET).unwrap()
}

fn limit(requests: u32, seconds: u32, burst: u32) -> Limit {
    Limit { requests, seconds, burst }
}

fn named(limit: Limit, name: &[u8]) -> Charge<'_> {
    Charge { limit, scope: ROUTE, client: Client::Name(name) }
}

fn at(limit: Limit, address: &str) -> Charge<'static> {
    Charge { limit, scope: ROUTE, client: Client::Address(address.parse().unwrap()) }
}

/// Seconds after which to try again, or 0.
fn wait(given: Result<(), Refusal>) -> u32 {
    given.map_or_else(
        |refusal| {
            assert_eq!(refusal.status, Status::RateLimited);
            refusal.retry_after
        },
        |()| 0,
    )
}

/// Refused, and told to wait about so long: times are rounded to a sixteenth of the interval at most.
#[track_caller]
fn waits(given: Result<(), Refusal>, seconds: u32) {
    let told = wait(given);
    assert!(told > 0 && told.abs_diff(seconds) <= seconds / 16 + 1, "{told} for {seconds}");
}

/// The exact algorithm in whole numbers: times in milliseconds, times `requests`.
#[derive(Clone, Copy)]
struct Exact {
    limit: Limit,
    time: i128,
}

impl Exact {
    fn new(limit: Limit) -> Exact {
        Exact { limit, time: i128::MIN }
    }

    fn interval(self) -> i128 {
        i128::from(self.limit.seconds) * 1000
    }

    /// How far the client's time lies beyond what the burst tolerates; admitted when not above 0.
    fn excess(self, now_ms: i64) -> i128 {
        let now = i128::from(now_ms) * i128::from(self.limit.requests);
        self.time.max(now) - now - i128::from(self.limit.burst - 1) * self.interval()
    }

    fn charge(&mut self, now_ms: i64) {
        self.time = self.time.max(i128::from(now_ms) * i128::from(self.limit.requests)) + self.interval();
    }
}

fn some_limit(random: &mut Random) -> Limit {
    loop {
        let requests = 1 + (random.word() >> (40 + random.below(24))) as u32;
        let seconds = 1 + (random.word() >> (38 + random.below(26))) as u32;
        let burst = 1 + (random.word() >> (57 + random.below(7))) as u32;
        let window = u64::from(burst) * u64::from(seconds) / u64::from(requests);
        if u64::from(requests) <= 10_000 * u64::from(seconds) && window <= 366 * 86_400 {
            return limit(requests, seconds, burst);
        }
    }
}

#[test]
fn a_burst_and_then_the_rate() {
    let words = words(200);
    let table = table(&words);
    let login = at(limit(6, 60, 3), "192.0.2.1");
    for _ in 0..3 {
        assert_eq!(table.admit(&[login], NOW), Ok(()));
    }
    waits(table.admit(&[login], NOW), 10);
    waits(table.admit(&[login], NOW + 9_001), 1);
    assert_eq!(wait(table.admit(&[login], NOW + 10_000)), 0);
    waits(table.admit(&[login], NOW + 10_000), 10);
    assert_eq!(wait(table.admit(&[login], NOW + 30_000)), 0, "two by now");
    assert_eq!(wait(table.admit(&[login], NOW + 30_000)), 0);
    waits(table.admit(&[login], NOW + 30_000), 10);
    let counts = table.statistics(NOW + 30_000);
    assert_eq!((counts.live, counts.expired, counts.full, counts.refused), (1, 0, 0, 4));
    let counts = table.statistics(NOW + 60_100);
    assert_eq!((counts.live, counts.expired), (0, 1), "a whole allowance needs no place");
}

#[test]
fn clients_scopes_and_limits_have_counts_of_their_own() {
    let words = words(ThrottleTable::words_for(100));
    let table = table(&words);
    let once = limit(1, 60, 1);
    let fresh = [
        at(once, "192.0.2.1"),
        at(once, "192.0.2.2"),
        at(once, "2001:db8::1"),
        at(once, "2001:db8:0:1::1"),
        at(limit(1, 60, 2), "192.0.2.1"),
        at(limit(2, 120, 1), "192.0.2.1"),
        Charge { scope: b"GET", ..at(once, "192.0.2.1") },
        Charge { limit: once, scope: ROUTE, client: Client::Name(b"alice") },
        Charge { limit: once, scope: b"GET /a", client: Client::Name(b"lice") },
        Charge { limit: once, scope: ROUTE, client: Client::Name(&[192, 0, 2, 1]) },
        Charge { limit: once, scope: ROUTE, client: Client::Name(b"") },
    ];
    for (number, charge) in fresh.iter().enumerate() {
        assert_eq!(table.admit(&[*charge], NOW), Ok(()), "{number}");
    }
    // One site's addresses, and one address in two spellings, are one client.
    for known in ["2001:db8::ffff:1", "2001:db8::ffff:ffff:ffff:ffff", "::ffff:192.0.2.1", "::ffff:c000:202"] {
        waits(table.admit(&[at(once, known)], NOW), 60);
    }
}

/// Every answer, by exact arithmetic: what it admits is admitted, and what it refuses by a whole request more is refused.
#[test]
fn random_requests_against_exact_arithmetic() {
    let mut random = Random::new(11);
    let mut seen = [0u32; 3];
    for round in 0..400 {
        let limits: Vec<Limit> = (0..3).map(|_| some_limit(&mut random)).collect();
        let words = words(ThrottleTable::words_for(60));
        let table = table(&words);
        let mut model: HashMap<(usize, u8), Exact> = HashMap::new();
        let mut now = NOW + random.below(1 << 30) as i64;
        for _ in 0..400 {
            let which = random.below(3);
            let asked = limits[which];
            let interval = i64::from(asked.seconds) * 1000 / i64::from(asked.requests);
            now += match random.below(12) {
                0 => random.below(3 * interval as usize + 2) as i64,
                1..5 => interval / 2 + 1,
                _ => 0,
            };
            let client = random.below(4) as u8;
            let exact = model.entry((which, client)).or_insert(Exact::new(asked));
            let excess = exact.excess(now);
            let given = table.admit(&[named(asked, &[client])], now);
            match given {
                Ok(()) => {
                    assert!(excess * 2 <= exact.interval(), "round {round}: {asked:?} admits {excess} too early");
                    seen[usize::from(excess > 0)] += 1;
                    exact.charge(now);
                }
                Err(refusal) => {
                    assert!(excess > 0, "round {round}: {asked:?} refuses what is due since {excess}");
                    let needed = (excess + i128::from(asked.requests) * 1000 - 1) / (i128::from(asked.requests) * 1000);
                    let apart = i128::from(refusal.retry_after) - needed;
                    let most = exact.interval() / (i128::from(asked.requests) * 8000) + 1;
                    assert!(refusal.status == Status::RateLimited && refusal.retry_after > 0);
                    assert!(apart.abs() <= most, "{asked:?}: {} for {needed}", refusal.retry_after);
                    let mut later = *exact;
                    later.time -= i128::from(refusal.retry_after) * 1000 * i128::from(asked.requests);
                    assert!(later.excess(now) <= later.interval(), "and then it is admitted");
                    seen[2] += 1;
                }
            }
        }
        assert_eq!(table.statistics(now).full, 0);
    }
    println!("{seen:?} admitted in time, admitted early by rounding, refused");
    assert!(seen[0] > 20_000 && seen[2] > 10_000 && seen[1] > 20, "{seen:?}");
}

/// Who waits as long as he was told is admitted, at every rate from one a year to ten thousand a second.
#[test]
fn retry_after_is_long_enough() {
    let mut random = Random::new(12);
    for _ in 0..3000 {
        let asked = some_limit(&mut random);
        let words = words(200);
        let table = table(&words);
        let mut now = NOW + random.below(1 << 40) as i64;
        for _ in 0..asked.burst.min(50) {
            assert_eq!(table.admit(&[named(asked, b"")], now), Ok(()), "{asked:?}: a burst is whole");
        }
        for _ in 0..20 {
            let told = wait(table.admit(&[named(asked, b"")], now));
            now += i64::from(told) * 1000;
            if told > 0 {
                assert_eq!(table.admit(&[named(asked, b"")], now), Ok(()), "{asked:?} after {told}");
            }
            now += random.below(2) as i64 * random.below(1000) as i64;
        }
    }
}

/// The long run: a client who always asks gets the rate, to a request.
#[test]
fn the_rate_is_exact_on_the_long_run() {
    for asked in
        [limit(1, 1, 1), limit(7, 3, 1), limit(10_000, 1, 10), limit(9_999, 1, 20), limit(333, 7, 5), limit(1000, 3, 40)]
    {
        let words = words(200);
        let table = table(&words);
        let seconds = 60;
        let admitted: u64 = (0..seconds * 1000)
            .map(|ms| (0..12).take_while(|_| table.admit(&[named(asked, b"")], NOW + ms).is_ok()).count() as u64)
            .sum();
        let due = seconds as u64 * u64::from(asked.requests) / u64::from(asked.seconds) + u64::from(asked.burst);
        assert!(admitted <= due && admitted + 1 + u64::from(asked.burst) >= due, "{asked:?}: {admitted} of {due}");
    }
}

/// In no span of time are more admitted than its rate and the burst, and one.
#[test]
fn no_span_has_more_than_its_rate() {
    let mut random = Random::new(13);
    for _ in 0..200 {
        let asked = limit(1 + random.below(50) as u32, 1 + random.below(20) as u32, 1 + random.below(5) as u32);
        let words = words(200);
        let table = table(&words);
        let (mut now, mut admitted) = (NOW, Vec::new());
        for _ in 0..400 {
            now += random.below(1 + 2000 * asked.seconds as usize / asked.requests as usize) as i64;
            if table.admit(&[named(asked, b"")], now).is_ok() {
                admitted.push(now);
            }
        }
        for (first, start) in admitted.iter().enumerate() {
            for (last, end) in admitted.iter().enumerate().skip(first) {
                let due = (end - start) as f64 * f64::from(asked.requests) / f64::from(asked.seconds) / 1000.0;
                let most = due + f64::from(asked.burst) + 0.5;
                assert!((last - first + 1) as f64 <= most, "{asked:?}: {} of {most}", last - first + 1);
            }
        }
    }
}

/// Of several charges each is taken or none; what a refused call took for a moment, it gives back.
#[test]
fn of_several_charges_none_is_taken_when_one_is_refused() {
    let words = words(ThrottleTable::words_for(100));
    let table = table(&words);
    let (wide, narrow) = (at(limit(1, 10, 4), "192.0.2.1"), named(limit(1, 10, 2), b"alice"));
    for _ in 0..2 {
        assert_eq!(table.admit(&[wide, narrow], NOW), Ok(()));
    }
    for _ in 0..50 {
        waits(table.admit(&[wide, narrow], NOW), 10);
    }
    // One that is charged twice is refused at its second charge, behind the others'.
    let twice = named(limit(1, 10, 1), b"bob");
    for _ in 0..50 {
        waits(table.admit(&[wide, twice, twice], NOW), 10);
    }
    assert_eq!(table.admit(&[wide, twice], NOW), Ok(()), "nothing was charged");
    assert_eq!(table.admit(&[wide], NOW), Ok(()));
    waits(table.admit(&[wide], NOW), 10);
    // The longest wait counts.
    let slow = named(limit(1, 600, 1), b"slow");
    assert_eq!(table.admit(&[slow], NOW), Ok(()));
    waits(table.admit(&[wide, slow, narrow], NOW), 600);
}

#[test]
fn limits_out_of_range_and_too_many_charges() {
    let words = words(200);
    let table = table(&words);
    let year = 366 * 86_400;
    let status = |charges: &[Charge<'_>]| table.admit(charges, NOW).err();
    let refusal = |status| Some(Refusal { status, retry_after: 0 });
    for wrong in [
        limit(0, 1, 1),
        limit(1, 0, 1),
        limit(1, 1, 0),
        limit(0, 0, 0),
        limit(10_001, 1, 1),
        limit(u32::MAX, 429_496, 1),
        limit(1, year + 1, 1),
        limit(1, year, 2),
        limit(1, 1, year + 1),
        limit(1, u32::MAX, u32::MAX),
    ] {
        assert_eq!(status(&[named(wrong, b"")]), refusal(Status::LimitRange), "{wrong:?}");
    }
    for right in [limit(10_000, 1, 1), limit(1, year, 1), limit(1, 1, year), limit(u32::MAX, 429_497, u32::MAX / 10_000)] {
        assert_eq!(status(&[named(right, b"")]), None, "{right:?}");
    }
    let charge = named(limit(1, 1, 100), b"several");
    assert_eq!(status(&[charge; CHARGES_MAX]), None);
    assert_eq!(status(&[charge; CHARGES_MAX + 1]), refusal(Status::TooManyItems));
    assert_eq!(status(&[]), None);
}

/// Threads meet at new clients in every way that eight can, while entries around them expire: each gets a burst and no more.
#[test]
fn eight_threads_never_exceed_a_burst() {
    const THREADS: usize = 8;
    const ROUNDS: usize = 1500;
    const CLIENTS: usize = 20; // of a round
    assert!(table_shareable());
    let words = words(ThrottleTable::words_for(400));
    let admitted: Vec<AtomicU32> = (0..ROUNDS * CLIENTS).map(|_| AtomicU32::new(0)).collect();
    let barrier = Barrier::new(THREADS);
    let asked = limit(1, 1, 3);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            let (words, admitted, barrier) = (&words, &admitted, &barrier);
            scope.spawn(move || {
                let table = table(words);
                for (round, admitted) in admitted.chunks(CLIENTS).enumerate() {
                    barrier.wait();
                    // Entries of earlier rounds expire at each of these times.
                    let now = NOW + round as i64 * 250;
                    for (at, count) in admitted.iter().enumerate() {
                        let name = (round * CLIENTS + at).to_le_bytes();
                        count.fetch_add(u32::from(table.admit(&[named(asked, &name)], now).is_ok()), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let wrong: Vec<_> = admitted.iter().map(|count| count.load(Ordering::Relaxed)).filter(|count| *count != 3).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert_eq!(table(&words).statistics(NOW).full, 0);
}

/// One client, eight threads, a clock that goes on: the rate, the burst and at most one.
#[test]
fn eight_threads_never_exceed_a_rate() {
    let words = words(200);
    let (admitted, clock) = (AtomicU32::new(0), AtomicU32::new(0));
    let asked = limit(100, 1, 5);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let table = table(&words);
                loop {
                    let ms = clock.fetch_add(1, Ordering::Relaxed) / 40;
                    if ms > 10_000 {
                        return;
                    }
                    let given = table.admit(&[named(asked, b"one")], NOW + i64::from(ms));
                    admitted.fetch_add(u32::from(given.is_ok()), Ordering::Relaxed);
                }
            });
        }
    });
    let admitted = admitted.into_inner();
    assert!((1000..=1006).contains(&admitted), "{admitted}");
}

/// `attacks.md` 28: an attacker with many addresses fills the table. Who is known keeps exactly what he has; who is new is refused.
#[test]
fn attack_28_a_full_table_evicts_nobody() {
    let words = words(ThrottleTable::words_for(2000));
    let (closed, open) = (table(&words), table(&words).open_when_full());
    let hourly = limit(4, 3600, 4);
    let client =
        |number: u32| Charge { limit: hourly, scope: ROUTE, client: Client::Address(IpAddr::from(number.to_be_bytes())) };
    let known: Vec<Charge> = (0..100).map(client).collect();
    known.iter().for_each(|known| assert_eq!(closed.admit(&[*known, *known], NOW), Ok(())));
    let refused = (1000..201_000).filter(|number| {
        closed.admit(&[client(*number)], NOW).is_err_and(|refusal| {
            assert_eq!(refusal, Refusal { status: Status::ThrottleFull, retry_after: 0 });
            true
        })
    });
    let refused = refused.count() as u64;
    let counts = closed.statistics(NOW);
    assert_eq!((counts.live, counts.full), (counts.places, refused), "to the last place");
    // One charge of several finds no place: the others are given back.
    let both = [known[0], client(999_999)];
    assert_eq!(closed.admit(&both, NOW).unwrap_err().status, Status::ThrottleFull);
    for known in &known {
        assert_eq!(closed.admit(&[*known, *known], NOW), Ok(()), "he had two left");
        waits(closed.admit(&[*known], NOW), 900);
    }
    assert_eq!(open.admit(&[client(999_999)], NOW), Ok(()), "open when full: uncounted");
    assert_eq!(open.admit(&[client(999_999)], NOW), Ok(()));
    waits(open.admit(&[known[1]], NOW), 900);
    // With the attacker's allowance back, his places are free.
    assert_eq!(closed.admit(&[client(999_999)], NOW + 3_600_000), Ok(()));
}

/// `attacks.md` 28, measured: ten million addresses flood a table that is made for a hundred thousand clients, while a thousand known
/// clients go on asking at their rate. `cargo test --release -p countermark-tests --test throttle -- --ignored --nocapture`
#[test]
#[ignore = "ten million requests"]
fn attack_28_ten_million_addresses_take_nothing_from_who_is_known() {
    let words = words(ThrottleTable::words_for(100_000));
    let table = table(&words);
    let minutely = limit(6, 60, 6);
    let client =
        |number: u32| Charge { limit: minutely, scope: ROUTE, client: Client::Address(IpAddr::from(number.to_be_bytes())) };
    let known: Vec<Charge> = (0..1000).map(client).collect();
    let (mut now, mut wrong, mut refused) = (NOW, 0u32, 0u32);
    known.iter().for_each(|known| (0..6).for_each(|_| table.admit(&[*known], now).unwrap()));
    let mut asked = vec![now; known.len()];
    for number in 0..10_000_000u32 {
        now = NOW + i64::from(number) / 100; // 100,000 a second
        refused += u32::from(table.admit(&[client(0x1000_0000 + number)], now).is_err());
        let at = number as usize % 100_000;
        if let (Some(known), Some(asked)) = (known.get(at), asked.get_mut(at)) {
            // His allowance is used up: one more every ten seconds, to half of one; and no more, which an eviction would allow.
            let given = table.admit(&[*known], now);
            wrong += u32::from(given.is_ok() && now - *asked < 9_000 || given.is_err() && now - *asked >= 10_000);
            if given.is_ok() {
                *asked = now;
            }
        }
    }
    let counts = table.statistics(now);
    println!("{refused} of the attacker's refused, {wrong} of 100,000 answers to known clients wrong; {counts:?}");
    assert!(wrong == 0 && counts.full > 1_000_000);
}

/// Clients hash to one place or to another by the secret, and no bucket is worse than others: what is stated fits.
#[test]
fn tables_of_every_size_hold_what_they_say() {
    let slow = limit(1, 3600, 1);
    let mut least = 1.0f64;
    for clients in (0..100).chain([127, 200, 333, 512, 1000, 4000, 100_000]) {
        let words = words(ThrottleTable::words_for(clients));
        for secret in 0..if clients > 4000 { 2 } else { 40u8 } {
            words.iter().for_each(|word| word.store(0, Ordering::Relaxed));
            let table = ThrottleTable::new(&words, &[secret; 16]).unwrap();
            let new = |number: &u32| table.admit(&[named(slow, &number.to_le_bytes())], NOW).is_ok();
            let taken = (0u32..).take_while(new).count();
            assert!(taken >= clients, "{taken} of {clients} under {secret}");
            least = least.min(taken as f64 / table.statistics(NOW).places as f64);
        }
    }
    println!("first refusals from {:.1} % of the places on", least * 100.0);
}

#[test]
fn a_table_is_begun_by_anyone_and_belongs_to_one_secret_and_size() {
    let mut words = words(ThrottleTable::words_for(50));
    assert_eq!(ThrottleTable::new(&words, &SECRET[..15]).err(), Some(Status::PepperTooShort));
    assert_eq!(ThrottleTable::new(&words[..23], SECRET).err(), Some(Status::RegionTooSmall));
    assert!(words.iter().all(|word| word.load(Ordering::Relaxed) == 0), "nothing was written");
    let once = named(limit(1, 60, 1), b"one");
    table(&words).admit(&[once], NOW).unwrap();
    assert!(table(&words).admit(&[once], NOW).is_err(), "a second view");
    assert_eq!(ThrottleTable::new(&words, b"another table's secret").err(), Some(Status::TableMismatch));
    assert_eq!(ThrottleTable::new(&words[..words.len() - 1], SECRET).err(), Some(Status::TableMismatch));
    assert_eq!(countermark::ReplayTable::new(&words, SECRET).err(), Some(Status::TableMismatch), "a table of another kind");
    assert_eq!(ThrottleTable::empty(&mut words, b"short").err(), Some(Status::PepperTooShort));
    assert!(table(&words).admit(&[once], NOW).is_err(), "a failing call changes nothing");
    let other = ThrottleTable::empty(&mut words, b"another table's secret").unwrap();
    assert_eq!(other.admit(&[once], NOW), Ok(()));
}

/// A process was killed between its stores: whoever comes next settles what it left, and nobody waits.
#[test]
fn what_a_killed_process_leaves_is_settled() {
    let twice = named(limit(1, 60, 2), b"one");
    for (state, left) in [(1u64 << 63, 1), (1 << 62, 2)] {
        let words = words(40);
        let table = table(&words);
        table.admit(&[twice], NOW).unwrap();
        let place = words.iter().skip(8).find(|word| word.load(Ordering::Relaxed) != 0).unwrap();
        place.fetch_or(state, Ordering::Relaxed);
        let admitted = (0..9).filter(|_| table.admit(&[twice], NOW).is_ok()).count();
        assert_eq!(admitted, left, "a pending entry counts, a withdrawn one does not");
    }
}

/// Whatever the words hold, a call ends with an answer.
#[test]
fn damaged_words_are_no_danger() {
    let mut random = Random::new(9);
    for _ in 0..2000 {
        let words = words(24 + random.below(100));
        let table = table(&words);
        let from = random.below(2);
        damage(&words[from..], &mut random);
        for _ in 0..20 {
            let now = random.word() as i64 >> random.below(64);
            let asked = some_limit(&mut random);
            let _ = table.admit(&[named(asked, &[random.byte() & 3]), named(asked, b"")], now);
            let counts = table.statistics(now);
            assert!(counts.live + counts.expired <= counts.places);
        }
    }
}

/// Before 1970 is 1970; a time that does not fit any more (from 2106 on) is refused rather than forgotten.
#[test]
fn times_at_the_ends_of_their_range() {
    for asked in [limit(10_000, 1, 1), limit(1, 60, 1), limit(1, 86_400, 1)] {
        for now in [i64::MIN, -1, 0] {
            let words = words(40);
            let table = table(&words);
            assert_eq!(table.admit(&[named(asked, b"")], now), Ok(()));
            assert!(table.admit(&[named(asked, b"")], now).is_err());
        }
        for now in [(1i64 << 32) * 1000, i64::MAX] {
            let words = words(40);
            let table = table(&words);
            let refused = (0..30).find_map(|_| table.admit(&[named(asked, b"")], now).err()).unwrap();
            assert_eq!(refused.status, Status::RateLimited);
        }
    }
}

/// A store of the host's own in the table's place.
#[test]
fn a_host_puts_its_own_store_behind_the_trait() {
    #[derive(Default)]
    struct Store(Mutex<HashMap<Vec<u8>, i64>>);
    impl Throttle for Store {
        fn admit(&self, charges: &[Charge<'_>], now_ms: i64) -> Result<(), Refusal> {
            let mut counts = self.0.lock().unwrap();
            for charge in charges {
                let until = counts.entry(charge.scope.to_vec()).or_default();
                if *until > now_ms {
                    return Err(Refusal {
                        status: Status::RateLimited,
                        retry_after: ((*until - now_ms + 999) / 1000) as u32,
                    });
                }
                *until = now_ms + i64::from(charge.limit.seconds) * 1000;
            }
            Ok(())
        }
    }
    let words = words(40);
    let table = table(&words);
    let once = named(limit(1, 30, 1), b"one");
    for store in [&table as &dyn Throttle, &Store::default()] {
        assert_eq!(wait(store.admit(&[once], NOW)), 0);
        waits(store.admit(&[once], NOW), 30);
    }
}
