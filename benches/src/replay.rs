//! The rows of the replay table.

use crate::measure::Row;
use crate::{standing, threads};
use countermark::{AtomicU64, ReplayTable, Status, Use, tools};
use std::hint::black_box;
use std::sync::atomic::{AtomicI64, Ordering};

/// What the table is made for.
pub const USES: usize = 100_000;
const SECRET: &[u8] = b"a secret of the table, 32 bytes.";
/// Seconds that a proof lives; it is remembered 16 to 32 more.
const LIFE: i64 = 60;
const NOW: i64 = 1_900_000_000;

/// The memory of a table.
pub fn words() -> &'static [AtomicU64] {
    standing::words(ReplayTable::words_for(USES))
}

/// A new use at each call, and the time that goes on with them, so that the table stays half full.
fn next() -> (Use, i64) {
    static COUNT: AtomicI64 = AtomicI64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = NOW + number * 2 * LIFE / USES as i64;
    let mut digest = [0; 32];
    digest[..8].copy_from_slice(&number.to_le_bytes());
    (Use { digest, expires_at: now + LIFE }, now)
}

fn once(table: &ReplayTable<'_>) {
    let (presented, now) = next();
    let (checked, committed) = (table.check(black_box(&presented), now), table.commit(black_box(&presented), now));
    // A thread that was held up lives in the past of the table, where it may be full.
    assert!(checked.is_ok() && committed != Err(Status::Replayed), "a new use");
}

/// Check and commit of a new use.
pub fn row(name: &'static str, words: &'static [AtomicU64]) -> Row<'static> {
    let table = ReplayTable::new(words, SECRET).expect("a table");
    (0..USES).for_each(|_| once(&table));
    let (seen, now) = next();
    assert!(table.commit(&seen, now).is_ok() && table.commit(&seen, now).is_err(), "a copy is refused");
    Row::new(name, move || once(&table))
}

/// The same while another thread does it too, on the same table.
pub fn contended_row(name: &'static str, words: &'static [AtomicU64]) -> Row<'static> {
    let both = [(); 2].map(|()| {
        let table = ReplayTable::new(words, SECRET).expect("a table");
        move || once(&table)
    });
    threads::beside_another(name, both)
}

/// A check of a new use.
pub fn check_row(name: &'static str, words: &'static [AtomicU64]) -> Row<'static> {
    let table = ReplayTable::new(words, SECRET).expect("a table");
    Row::new(name, move || {
        let (presented, now) = next();
        black_box(table.check(black_box(&presented), now)).expect("a new use");
    })
}

/// What both calls compute of the use at least, the key made ready each time.
pub fn hmac_row(name: &'static str) -> Row<'static> {
    let (mut digest, mut mac) = ([7; 32], [0; 32]);
    Row::new(name, move || {
        for _ in 0..2 {
            tools::hmac_sha256(SECRET, &[b"countermark/replay/v1", black_box(&digest)], &mut mac);
            digest = mac;
        }
        black_box(&mac);
    })
}
