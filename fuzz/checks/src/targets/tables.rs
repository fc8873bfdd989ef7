//! Revocations written to a table of 32 places, which all of them share: every answer by a model, in Rust and in C, also when it is
//! full. Or a damaged table: what it takes, it refuses.

use crate::input::Input;
use countermark::{AtomicU64, Name, Revocable, RevocationTable, Revocations, Status};
use countermark_ffi as c;
use std::collections::HashMap;
use std::sync::atomic::Ordering;

const SECRET: &[u8] = b"a table's secret";
const NOW: i64 = 1_900_000_000;
const LIFE: i64 = 100;
const WORDS: usize = 46;

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let words: [AtomicU64; WORDS] = std::array::from_fn(|_| AtomicU64::new(0));
    let both = Both::new(&words);
    if input.flag() { damaged(input, &both, &words) } else { sound(input, &both) }
}

/// What is known: ends of tokens and keys, moments of subjects, and what was lost for want of a place.
#[derive(Default)]
struct Model {
    ends: HashMap<(u8, u8), i64>,
    moments: HashMap<u8, i64>,
    lost: Vec<Lost>,
}

/// Until when what was issued before which time is refused, for what falls into the bucket of this name.
struct Lost {
    what: u8,
    name: u8,
    until: i64,
    past: i64,
}

impl Model {
    fn write(&mut self, what: u8, name: u8, time: i64, now: i64, given: Result<(), Status>) {
        let is_over = time + if what == 3 { LIFE } else { 0 } + 16 <= now;
        match (given, what) {
            (Ok(()), _) if is_over => {}
            (Ok(()), 3) => {
                let known = self.moments.entry(name).or_insert(time);
                *known = time.max(*known);
            }
            (Ok(()), _) => {
                let known = self.ends.entry((what, name)).or_insert(time);
                *known = time.max(*known);
            }
            (Err(Status::RevocationFull), _) => {
                assert!(!is_over, "nothing was to be kept");
                let (until, past) = match what {
                    1 => (time, now + 16),
                    2 => (time, i64::MAX),
                    _ => (time + LIFE, time),
                };
                self.lost.push(Lost { what, name, until, past });
            }
            (Err(status), _) => panic!("{status:?}"),
        }
    }

    /// Whether this is the answer. Which names share a bucket only the table knows.
    fn allows(&self, given: Result<(), Status>, name: u8, issued_at: i64, now: i64) -> bool {
        let counts = |what| self.ends.get(&(what, name)).is_some_and(|end| *end > now);
        let moment = self.moments.get(&name).filter(|moment| **moment + LIFE > now);
        if counts(1) || counts(2) || moment.is_some_and(|moment| issued_at < *moment) {
            return given == Err(Status::Revoked);
        }
        let is_its_own = |lost: &Lost| lost.name == name && lost.until > now && issued_at < lost.past;
        // A bucket's mark has the later of two ends and the later of two times.
        let may_be = |what| {
            let lost = || self.lost.iter().filter(|lost| lost.what == what);
            lost().any(|lost| lost.until > now) && lost().any(|lost| issued_at < lost.past)
        };
        match given {
            Ok(()) => !self.lost.iter().any(is_its_own),
            Err(status) => status == Status::RevocationUnknown && (1..4).any(may_be),
        }
    }
}

fn sound(mut input: Input<'_>, both: &Both<'_>) {
    let (mut model, mut time, mut full) = (Model::default(), NOW, 0);
    while !input.is_empty() {
        let flags = input.byte();
        time += i64::from(flags >> 5);
        let now = time - i64::from(flags >> 2 & 7) * 2;
        let name = input.byte();
        let other = now + i64::from(input.byte()) - 40;
        match flags & 3 {
            0 => assert!(model.allows(both.check(name, other, now), name, other, now), "{name} {other} {now}"),
            what => {
                let given = both.write(what, name, other, now);
                full += u64::from(given.is_err());
                model.write(what, name, other, now, given);
            }
        }
    }
    let counts = both.table.statistics(time);
    assert_eq!(counts.full, full);
    assert!(counts.live + counts.expired <= counts.places && counts.places == 32);
}

fn damaged(mut input: Input<'_>, both: &Both<'_>, words: &[AtomicU64; WORDS]) {
    for word in &words[1..] {
        word.store(input.long() as u64, Ordering::Relaxed);
    }
    both.region.iter().zip(words).for_each(|(place, word)| place.store(word.load(Ordering::Relaxed), Ordering::Relaxed));
    while !input.is_empty() {
        let now = input.long();
        let (name, time) = (input.byte(), now.saturating_add(i64::from(input.byte()) + 1));
        let _ = both.write(1, name, time, now);
        // Before 1970 and after 2106 are the ends of time.
        if (0..u32::MAX.into()).contains(&now) {
            assert!(both.check(name, i64::MIN, now).is_err(), "refused, by the entry or for want of a place");
        }
        let counts = both.table.statistics(now);
        assert!(counts.live + counts.expired <= counts.places);
    }
}

/// A table in Rust, and the same in C.
struct Both<'w> {
    table: RevocationTable<'w>,
    region: Box<[AtomicU64; WORDS]>,
    view: c::cmk_revocation,
}

impl<'w> Both<'w> {
    fn new(words: &'w [AtomicU64; WORDS]) -> Self {
        let region: Box<[AtomicU64; WORDS]> = Box::new(std::array::from_fn(|_| AtomicU64::new(0)));
        let mut view: c::cmk_revocation = unsafe { std::mem::zeroed() };
        let (place, secret) = (region.as_ptr().cast_mut().cast(), c::cmk_bytes::of(SECRET));
        let code = unsafe { c::cmk_revocation_attach(&mut view, place, WORDS * 8, secret, LIFE as u32, 0) };
        assert_eq!(code, 0);
        Both { table: RevocationTable::new(words, SECRET, LIFE as u32).unwrap(), region, view }
    }

    fn write(&self, what: u8, name: u8, time: i64, now: i64) -> Result<(), Status> {
        let name = name.to_string();
        let (none, text) = (c::cmk_bytes::NONE, c::cmk_bytes::of(name.as_bytes()));
        let (given, code) = unsafe {
            match what {
                1 => (self.table.revoke_token("", &name, time, now), c::cmk_revoke_token(&self.view, none, text, time, now)),
                2 => (self.table.revoke_key("", &name, time, now), c::cmk_revoke_key(&self.view, none, text, time, now)),
                _ => {
                    let code = c::cmk_revoke_subject(&self.view, none, text, time, now);
                    (self.table.revoke_subject("", &name, time, now), code)
                }
            }
        };
        assert_eq!(given.err().map_or(0, Status::code), code, "Rust and C");
        given
    }

    fn check(&self, name: u8, issued_at: i64, now: i64) -> Result<(), Status> {
        let name = name.to_string();
        let (token_id, key_id, subject) = (Some(Name::new(&name)), Some(Name::new(&name)), Some(Name::new(&name)));
        let token = Revocable { issuer: None, token_id, subject, key_id, issued_at: Some(issued_at) };
        let given = self.table.check(&token, now);
        let text = c::cmk_bytes::of(name.as_bytes());
        let token = c::cmk_revocable {
            issuer: c::cmk_bytes::NONE,
            token_id: text,
            subject: text,
            key_id: text,
            issued_at,
            flags: 0,
            reserved: 0,
        };
        let code = unsafe { c::cmk_revocation_check(&self.view, &token, now) };
        assert_eq!(given.err().map_or(0, Status::code), code, "Rust and C");
        given
    }
}
