//! The rows of revocations and of the throttle: each operation alone, and while another thread does the same.

use crate::measure::Row;
use crate::threads;
use countermark::{AtomicU64, Charge, Client, Limit, Name, Revocable, RevocationTable, Revocations, Status, ThrottleTable};
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU32, Ordering};

/// What each table is made for.
pub const ENTRIES: usize = 100_000;
const SECRET: &[u8] = b"a secret of the table, 32 bytes.";
const ISSUER: &str = "https://login.example";
const NOW: i64 = 1_900_000_000;
/// The longest that a token lives, in seconds.
const LIFE: u32 = 3_600;

/// The memory of a table, for as long as the program lives.
pub fn words(count: usize) -> &'static [AtomicU64] {
    Vec::leak((0..count).map(|_| AtomicU64::new(0)).collect())
}

/// A check of a token with `iss`, `jti`, `sub` and `kid`, none of them revoked, in a table that is half full.
pub fn revocation_rows(alone: &'static str, contended: &'static str) -> [Row<'static>; 2] {
    let words = words(RevocationTable::words_for(ENTRIES));
    let table = || RevocationTable::new(words, SECRET, LIFE).expect("a table");
    let filled = table();
    for number in 0..ENTRIES / 2 {
        filled.revoke_token(ISSUER, &format!("revoked {number}"), NOW + 600, NOW).expect("a place");
    }
    assert_eq!(filled.check(&names("revoked 0"), NOW), Err(Status::Revoked), "{alone} does not find a token");
    let check = || {
        let (table, ids) = (table(), ids(&filled));
        let mut at = 0;
        move || {
            at = (at + 1) % ids.len();
            black_box(table.check(black_box(&names(&ids[at])), NOW)).expect("a token that is not revoked");
        }
    };
    [Row::new(alone, check()), threads::beside_another(contended, [check(), check()])]
}

fn names(token_id: &str) -> Revocable<'_> {
    Revocable {
        issuer: Some(Name::new(ISSUER)),
        token_id: Some(Name::new(token_id)),
        subject: Some(Name::new("248289761001")),
        key_id: Some(Name::new("2026-11")),
        issued_at: Some(NOW - 60),
    }
}

/// Ids of tokens that are not revoked; so many that the table's lines do not stay in the nearest cache. One of 16 million is
/// taken for another by chance, and left out.
fn ids(table: &RevocationTable<'_>) -> Vec<String> {
    let ids = (0..4_096).map(|number| format!("good {number}"));
    ids.filter(|id| table.check(&names(id), NOW).is_ok()).collect()
}

/// A client who is new at each call is admitted, in a table that stays half full as the time goes on.
pub fn throttle_rows(alone: &'static str, contended: &'static str) -> [Row<'static>; 2] {
    let words = words(ThrottleTable::words_for(ENTRIES));
    let table = || ThrottleTable::new(words, SECRET).expect("a table");
    let admit = || {
        let table = table();
        move || {
            let (client, now_ms) = next();
            // By chance a client is taken for another, and refused.
            let _ = black_box(table.admit(black_box(&[charge(client)]), now_ms));
        }
    };
    let one = admit();
    (0..ENTRIES).for_each(|_| one());
    let (client, now_ms) = next();
    let counted = [0, 1].map(|_| table().admit(&[charge(client)], now_ms));
    assert!(counted[0].is_ok() && counted[1].is_err(), "{alone} does not count");
    [Row::new(alone, one), threads::beside_another(contended, [admit(), admit()])]
}

/// One request a second.
fn charge(client: Ipv4Addr) -> Charge<'static> {
    let limit = Limit { requests: 1, seconds: 1, burst: 1 };
    Charge { limit, scope: b"GET /", client: Client::Address(IpAddr::V4(client)) }
}

/// A new address, and its milliseconds: half the table's clients ask within a second.
fn next() -> (Ipv4Addr, i64) {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    (Ipv4Addr::from_bits(number), NOW * 1_000 + i64::from(number) * 2_000 / ENTRIES as i64)
}
