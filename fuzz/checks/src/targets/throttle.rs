//! Requests of up to twelve clients under three limits, at a table of 16 places: each answer by exact arithmetic, in Rust and in C. Or
//! a damaged table: every call ends.

use crate::input::Input;
use countermark::{AtomicU64, Charge, Client, Limit, Status, ThrottleTable};
use countermark_ffi as c;
use std::collections::HashMap;
use std::sync::atomic::Ordering;

const SECRET: &[u8] = b"a table's secret";
const NOW: i64 = 1_900_000_000_000;
const WORDS: usize = 24;
const CLIENTS: u8 = 4;
const LIMITS: usize = 3;

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let words: [AtomicU64; WORDS] = std::array::from_fn(|_| AtomicU64::new(0));
    let both = Both::new(&words);
    let is_damaged = input.flag();
    if is_damaged {
        for (word, place) in words.iter().zip(both.region.iter()).skip(1) {
            let value = input.long() as u64;
            word.store(value, Ordering::Relaxed);
            place.store(value, Ordering::Relaxed);
        }
    }
    let limits: [Limit; LIMITS] = std::array::from_fn(|_| Limit {
        requests: 1 + u32::from(input.word()),
        seconds: 1 + u32::from(input.word()),
        burst: 1 + u32::from(input.byte() & 7),
    });
    if are_taken_for_each_other(&limits) {
        return;
    }
    let mut model: HashMap<(usize, u8), i128> = HashMap::new();
    let mut now = NOW;
    while !input.is_empty() {
        let flags = input.byte();
        let (which, client) = (usize::from(flags & 3) % LIMITS, flags >> 2 & (CLIENTS - 1));
        let limit = limits[which];
        // Sixteenths of the interval between requests.
        let step = i64::from(flags >> 4) * i64::from(limit.seconds) * 1000 / i64::from(limit.requests) / 8;
        now += step;
        let second = (input.flag() && !is_damaged).then(|| (usize::from(input.byte()) % LIMITS, client ^ 1));
        let asked: Vec<(usize, u8)> = [(which, client)].into_iter().chain(second).collect();
        let given = both.admit(&asked, &limits, now);
        if limits.iter().any(|limit| limit.requests > limit.seconds * 10_000) || is_damaged {
            continue; // one out of range, or places that hold anything
        }
        let excess = |(which, client): &(usize, u8), model: &HashMap<(usize, u8), i128>| {
            let limit = limits[*which];
            let now = i128::from(now) * i128::from(limit.requests);
            let time = model.get(&(*which, *client)).copied().unwrap_or_default().max(now);
            let interval = i128::from(limit.seconds) * 1000;
            (time - now - i128::from(limit.burst - 1) * interval, interval, time)
        };
        let is_due = asked.iter().all(|one| excess(one, &model).0 <= 0);
        match given {
            Ok(()) => {
                for one in &asked {
                    let (excess, interval, time) = excess(one, &model);
                    assert!(excess * 2 <= interval, "admitted {excess} of {interval} too early");
                    model.insert(*one, time + interval);
                }
            }
            Err((status, retry_after)) => {
                assert_eq!(status, Status::RateLimited);
                // Of several, one that is refused may cost a tick of rounding.
                assert!(!is_due || second.is_some(), "refused what is due");
                assert!(retry_after > 0);
            }
        }
    }
    assert!(both.table.statistics(now).full == 0 || is_damaged, "twelve clients in sixteen places");
}

/// Whether two of the clients share a tag, as one pair in some thousand does: in a fresh table, who has taken all of its burst is
/// no longer admitted, and then nor is the other.
fn are_taken_for_each_other(limits: &[Limit; LIMITS]) -> bool {
    let words: [AtomicU64; WORDS] = std::array::from_fn(|_| AtomicU64::new(0));
    let table = ThrottleTable::new(&words, SECRET).unwrap();
    let accounts = limits.iter().flat_map(|limit| (0..CLIENTS).map(move |client| (*limit, [client])));
    let mut requests = accounts.flat_map(|(limit, client)| (0..limit.burst).map(move |_| (limit, client)));
    requests.any(|(limit, client)| {
        let charge = Charge { limit, scope: b"route", client: Client::Name(&client) };
        table.admit(&[charge], NOW).is_err_and(|refusal| refusal.status == Status::RateLimited)
    })
}

/// A table in Rust, and the same in C.
struct Both<'w> {
    table: ThrottleTable<'w>,
    region: Box<[AtomicU64; WORDS]>,
    view: c::cmk_throttle,
}

impl<'w> Both<'w> {
    fn new(words: &'w [AtomicU64; WORDS]) -> Self {
        let region: Box<[AtomicU64; WORDS]> = Box::new(std::array::from_fn(|_| AtomicU64::new(0)));
        let mut view: c::cmk_throttle = unsafe { std::mem::zeroed() };
        let place = region.as_ptr().cast_mut().cast();
        let code = unsafe { c::cmk_throttle_attach(&mut view, place, WORDS * 8, c::cmk_bytes::of(SECRET), 0) };
        assert_eq!(code, 0);
        Both { table: ThrottleTable::new(words, SECRET).unwrap(), region, view }
    }

    fn admit(&self, asked: &[(usize, u8)], limits: &[Limit; LIMITS], now: i64) -> Result<(), (Status, u32)> {
        let names: Vec<[u8; 1]> = asked.iter().map(|(_, client)| [*client]).collect();
        let charges = asked.iter().zip(&names).map(|((which, _), name)| (limits[*which], name));
        let in_rust: Vec<Charge> =
            charges.clone().map(|(limit, name)| Charge { limit, scope: b"route", client: Client::Name(name) }).collect();
        let in_c: Vec<c::cmk_charge> = charges
            .map(|(limit, name)| c::cmk_charge {
                scope: c::cmk_bytes::of(b"route"),
                client: c::cmk_bytes::of(name),
                requests: limit.requests,
                seconds: limit.seconds,
                burst: limit.burst,
                is_name: 1,
            })
            .collect();
        let given = self.table.admit(&in_rust, now).map_err(|refusal| (refusal.status, refusal.retry_after));
        let mut retry_after = 99;
        let code = unsafe { c::cmk_throttle_admit(&self.view, in_c.as_ptr(), in_c.len(), now, &mut retry_after) };
        let (status, seconds) = given.err().map_or((0, 0), |(status, seconds)| (status.code(), seconds));
        assert_eq!((status, seconds), (code, retry_after), "Rust and C");
        given
    }
}
