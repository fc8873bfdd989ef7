//! Revocations: against a model, by many threads, full, loaded while they serve, by chance, and in the verdict.

use countermark::*;
use countermark_tests::base64url;
use countermark_tests::random::{Random, damage};
use countermark_tests::token::{self, NOW, SigningKey, TokenBuilder};
use std::collections::HashMap;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, Ordering};

const SECRET: &[u8] = b"a table's secret";
const ISS: &str = "https://login.example";
const LIFE: u32 = 3600;

fn words(count: usize) -> Vec<AtomicU64> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

fn table(words: &[AtomicU64]) -> RevocationTable<'_> {
    RevocationTable::new(words, SECRET, LIFE).unwrap()
}

fn names<'n>(token_id: &'n str, key_id: &'n str, subject: &'n str, issued_at: Option<i64>) -> Revocable<'n> {
    Revocable {
        issuer: Some(Name::new(ISS)),
        token_id: Some(Name::new(token_id)),
        subject: Some(Name::new(subject)),
        key_id: Some(Name::new(key_id)),
        issued_at,
    }
}

fn of_token(id: &str) -> Revocable<'_> {
    Revocable { issuer: Some(Name::new(ISS)), token_id: Some(Name::new(id)), ..Revocable::default() }
}

#[derive(Clone)]
enum Written {
    Token(String, String, i64),
    Key(String, String, i64),
    Subject(String, String, i64),
}

impl Written {
    fn to(&self, table: &RevocationTable<'_>, now: i64) -> Result<(), Status> {
        match self {
            Written::Token(issuer, name, time) => table.revoke_token(issuer, name, *time, now),
            Written::Key(issuer, name, time) => table.revoke_key(issuer, name, *time, now),
            Written::Subject(issuer, name, time) => table.revoke_subject(issuer, name, *time, now),
        }
    }
}

/// A snapshot as a host would write it.
fn snapshot(records: &[Written]) -> Vec<u8> {
    let mut bytes = b"CMKREVO1".to_vec();
    bytes.extend((records.len() as u64).to_be_bytes());
    for record in records {
        let (what, (issuer, name, time)) = match record {
            Written::Token(issuer, name, time) => (1, (issuer, name, time)),
            Written::Key(issuer, name, time) => (2, (issuer, name, time)),
            Written::Subject(issuer, name, time) => (3, (issuer, name, time)),
        };
        bytes.push(what);
        bytes.extend((issuer.len() as u16).to_be_bytes());
        bytes.extend((name.len() as u16).to_be_bytes());
        bytes.extend(time.to_be_bytes());
        bytes.extend(issuer.bytes());
        bytes.extend(name.bytes());
    }
    sealed(bytes)
}

fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(&bytes);
    bytes.extend(digest);
    bytes
}

#[test]
fn each_kind_is_revoked_by_its_own_name_until_its_end() {
    let words = words(RevocationTable::words_for(100));
    let table = table(&words);
    let token = names("t1", "k1", "alice", Some(NOW));
    assert_eq!(table.check(&token, NOW), Ok(()));
    table.revoke_token(ISS, "t1", NOW + 60, NOW).unwrap();
    for (now, given) in [(NOW, Err(Status::Revoked)), (NOW + 59, Err(Status::Revoked)), (NOW + 60, Ok(()))] {
        assert_eq!(table.check(&token, now), given, "{now}");
    }
    // A name of one kind, or under another issuer, or cut elsewhere, is another name.
    for other in [
        names("k", "t1", "t1", None),
        Revocable { issuer: Some(Name::new("https://other.example")), ..token },
        Revocable { issuer: None, ..token },
        Revocable { issuer: Some(Name::new("https://login.examplet")), ..names("1", "k1", "alice", None) },
    ] {
        assert_eq!(table.check(&other, NOW), Ok(()), "{other:?}");
    }

    table.revoke_key(ISS, "k1", i64::MAX, NOW).unwrap();
    assert_eq!(table.check(&names("t2", "k1", "bob", Some(NOW)), NOW + 1_000_000_000), Err(Status::Revoked));
    table.revoke_key("", "k2", NOW + 60, NOW).unwrap();
    let unbound = Revocable { issuer: Some(Name::new("whoever")), ..names("t2", "k2", "bob", Some(NOW)) };
    assert_eq!(table.check(&unbound, NOW), Err(Status::Revoked), "without an issuer the key is revoked for all");

    table.revoke_subject(ISS, "carol", NOW, NOW).unwrap();
    let cases = [(Some(NOW - 1), true), (Some(NOW), false), (Some(NOW + 1), false), (None, true), (Some(i64::MIN), true)];
    for (issued_at, is_revoked) in cases {
        let given = table.check(&names("t3", "k3", "carol", issued_at), NOW);
        assert_eq!(given == Err(Status::Revoked), is_revoked, "{issued_at:?}");
    }
    // An earlier time takes nothing back, a later one counts; a life later nothing is left that it could refuse.
    table.revoke_subject(ISS, "carol", NOW - 100, NOW).unwrap();
    assert_eq!(table.check(&names("t3", "k3", "carol", Some(NOW - 50)), NOW), Err(Status::Revoked));
    table.revoke_subject(ISS, "carol", NOW + 10, NOW).unwrap();
    assert_eq!(table.check(&names("t3", "k3", "carol", Some(NOW + 9)), NOW + 10), Err(Status::Revoked));
    assert_eq!(table.check(&names("t3", "k3", "carol", Some(NOW + 9)), NOW + 10 + i64::from(LIFE)), Ok(()));
    table.revoke_subject(ISS, "mallory", i64::MAX, NOW).unwrap();
    assert_eq!(table.check(&names("t", "k", "mallory", Some(i64::MAX - 1)), i64::MAX), Err(Status::Revoked));
}

/// Every answer of a table with room, at times that go back by up to 16 seconds.
#[test]
fn random_operations_against_a_model() {
    let mut random = Random::new(11);
    let mut seen = [0u32; 2];
    for _ in 0..40 {
        let names_of_each = 1 + random.below(80);
        let words = words(RevocationTable::words_for(3 * names_of_each));
        let table = table(&words);
        // What is kept: by name, the end or the moment, and the latest clock that may have given its place away.
        let (mut until, mut past) = (HashMap::<(u8, usize), i64>::new(), HashMap::<usize, i64>::new());
        let (mut time, mut latest) = (NOW, NOW);
        for _ in 0..2000 {
            time += random.below(5) as i64;
            let now = time - random.below(17) as i64;
            latest = latest.max(now);
            let number = random.below(names_of_each);
            let name = format!("n{number}");
            let end = now - 5 + random.below(200) as i64;
            match random.below(6) {
                0 => {
                    table.revoke_token(ISS, &name, end, now).unwrap();
                    let known = until.entry((1, number)).or_insert(end);
                    *known = end.max(*known);
                }
                1 => {
                    table.revoke_key(ISS, &name, end, now).unwrap();
                    let known = until.entry((2, number)).or_insert(end);
                    *known = end.max(*known);
                }
                2 => {
                    table.revoke_subject(ISS, &name, end, now).unwrap();
                    let known = past.entry(number).or_insert(end);
                    *known = end.max(*known);
                }
                _ => {
                    let issued_at = now - random.below(300) as i64;
                    let presented = names(&name, &name, &name, Some(issued_at));
                    let counts = |what| until.get(&(what, number)).is_some_and(|end| *end > now);
                    let is_before = past.get(&number).is_some_and(|moment| issued_at < *moment);
                    let wanted = counts(1) || counts(2) || is_before;
                    assert_eq!(table.check(&presented, now).is_err(), wanted, "{name} at {now}, latest {latest}");
                    seen[usize::from(wanted)] += 1;
                }
            }
        }
        let found = table.statistics(time);
        assert!(found.full == 0 && found.marked == 0 && found.live + found.expired <= found.places);
    }
    assert!(seen.iter().all(|count| *count > 5000), "{seen:?}");
}

/// As documented: at most 32 entries are compared by 31 bits, for each of four names.
#[test]
fn by_chance_hardly_any_token_is_refused() {
    let words = words(RevocationTable::words_for(100_000));
    let table = table(&words);
    let mut number = 0;
    while table.revoke_token(ISS, &format!("t{number}"), NOW + 60, NOW).is_ok() {
        number += 1;
    }
    let counts = table.statistics(NOW);
    assert!(counts.live * 100 > counts.places * 80 && counts.live == number, "{counts:?}");
    let asked = 2_000_000u32;
    // Four names of a kind that is compared with every entry of two buckets: tokens' and keys' entries look alike.
    let later = NOW + 1; // the mark of the full table speaks of tokens issued before
    let refused = (0..asked).filter(|number| {
        let (id, key) = (format!("x{number}"), format!("y{number}"));
        table.check(&names(&id, &key, "alice", Some(later + 100)), later).is_err()
    });
    let refused = refused.count();
    // Expected: 2 million * 3 * 32 * 0.83 / 2^31 = 0.07.
    assert!(refused <= 3, "{refused} of {asked}");
    println!("{refused} of {asked} refused by chance, with {} of {} places taken", counts.live, counts.places);
}

#[test]
fn tables_hold_what_they_say() {
    for revocations in (0..60).chain([127, 500, 1000, 4000]) {
        let words = words(RevocationTable::words_for(revocations));
        for secret in 0..20u8 {
            words.iter().for_each(|word| word.store(0, Ordering::Relaxed));
            let table = RevocationTable::new(&words, &[secret; 16], LIFE).unwrap();
            let taken = (0..).take_while(|n| table.revoke_token(ISS, &format!("{n}"), NOW + 9, NOW).is_ok()).count();
            assert!(taken >= revocations, "{taken} of {revocations} under {secret}");
        }
    }
}

/// `attacks.md` 28: who makes the host revoke more than its table holds frees nobody who was revoked before, and keeps nothing.
#[test]
fn attack_28_a_full_table_becomes_coarser_and_forgets_nothing() {
    let words = words(RevocationTable::words_for(50));
    let table = table(&words);
    table.revoke_token(ISS, "victim", NOW + 900, NOW).unwrap();
    let ids: Vec<String> = (0..1000).map(|number| format!("t{number}")).collect();
    let results: Vec<_> = ids.iter().map(|id| table.revoke_token(ISS, id, NOW + 60, NOW)).collect();
    assert!(results.contains(&Ok(())) && results.contains(&Err(Status::RevocationFull)));
    let counts = table.statistics(NOW);
    assert_eq!(counts.full, results.iter().filter(|result| result.is_err()).count() as u64);
    assert_eq!(counts.marked, counts.places / 16, "every bucket's mark of tokens");
    assert_eq!(table.check(&of_token("victim"), NOW), Err(Status::Revoked));
    for (id, result) in ids.iter().zip(&results) {
        let expected = if result.is_ok() { Status::Revoked } else { Status::RevocationUnknown };
        assert_eq!(table.check(&Revocable { issued_at: Some(NOW), ..of_token(id) }, NOW), Err(expected));
    }
    // A new login helps, and with the lost revocations' end all is as before.
    assert_eq!(table.check(&Revocable { issued_at: Some(NOW + 16), ..of_token("new") }, NOW + 16), Ok(()));
    assert_eq!(
        table.check(&Revocable { issued_at: Some(NOW), ..of_token("old") }, NOW + 59),
        Err(Status::RevocationUnknown)
    );
    assert_eq!(table.check(&Revocable { issued_at: Some(NOW), ..of_token("old") }, NOW + 60), Ok(()));
    assert_eq!(table.statistics(NOW + 60).marked, 0);
    assert_eq!(table.check(&of_token("victim"), NOW + 899), Err(Status::Revoked));
}

/// Of a lost key every token is refused; of a lost subject those before its time; an open table only tells.
#[test]
fn what_a_full_table_could_not_keep_decides_what_it_refuses() {
    let full = |words: &[AtomicU64]| {
        let table = table(words).open_when_full();
        (0..2000).for_each(|number| {
            let _ = table.revoke_token(ISS, &format!("{number}"), NOW + 60, NOW);
        });
        assert_eq!(table.statistics(NOW).marked, 0, "an open table");
        assert!(table.statistics(NOW).full > 0);
    };
    let lose = |what: &dyn Fn(&RevocationTable<'_>) -> Result<(), Status>, lost: &Revocable<'_>| {
        let words = words(46);
        full(&words);
        assert_eq!(what(&table(&words).open_when_full()), Err(Status::RevocationFull));
        assert_eq!(table(&words).check(lost, NOW), Ok(()), "an open table changes nothing");
        assert_eq!(what(&table(&words)), Err(Status::RevocationFull));
        assert_eq!(table(&words).statistics(NOW).marked, 1);
        words
    };
    let other = |issued_at| Revocable { issued_at: Some(issued_at), ..of_token("new") };
    let of_key = |issued_at| Revocable { key_id: Some(Name::new("k")), ..other(issued_at) };
    let key = lose(&|table| table.revoke_key(ISS, "k", NOW + 100, NOW), &of_key(0));
    assert_eq!(table(&key).check(&of_key(NOW + 90), NOW + 99), Err(Status::RevocationUnknown));
    assert_eq!(table(&key).check(&of_key(NOW + 90), NOW + 100), Ok(()));
    assert_eq!(table(&key).check(&other(0), NOW), Ok(()), "a lost key is not the end of every token");
    let of_subject = |issued_at| Revocable { subject: Some(Name::new("s")), ..other(issued_at) };
    let subject = lose(&|table| table.revoke_subject(ISS, "s", NOW - 10, NOW), &of_subject(0));
    assert_eq!(table(&subject).check(&of_subject(NOW - 11), NOW + 99), Err(Status::RevocationUnknown));
    assert_eq!(table(&subject).check(&of_subject(NOW - 10), NOW + 99), Ok(()));
    assert_eq!(table(&subject).check(&other(0), NOW), Ok(()));
    let end = NOW - 10 + i64::from(LIFE);
    assert_eq!(table(&subject).check(&of_subject(NOW - 11), end - 1), Err(Status::RevocationUnknown));
    assert_eq!(table(&subject).check(&of_subject(NOW - 11), end), Ok(()));
}

/// `attacks.md` 28: whoever can log in and out fills a table, and goes on. Who logs in meanwhile is hardly troubled: only what falls into a
/// bucket that has just lost a log-out, one of 81 here.
#[test]
fn attack_28_log_outs_at_a_full_table_do_not_stop_the_service() {
    let words = words(RevocationTable::words_for(1000));
    let table = RevocationTable::new(&words, SECRET, 3600).unwrap();
    let mut number = 0u32;
    let mut log_out = |now| {
        number += 1;
        table.revoke_token(ISS, &format!("{number}"), now + 3600, now)
    };
    while log_out(NOW).is_ok() {}
    let (mut refused, mut lost) = (0, 0);
    for second in 0..3000 {
        let now = NOW + second;
        if second % 10 == 0 {
            lost += (0..3).filter(|_| log_out(now).is_err()).count();
        }
        let fresh = format!("fresh {second}");
        refused += u32::from(table.check(&Revocable { issued_at: Some(now), ..of_token(&fresh) }, now).is_err());
    }
    assert!(lost > 800, "{lost}");
    // Three of 81 each ten seconds, for sixteen: 6% and a little.
    assert!(refused < 300, "{refused} of 3000");
    println!("{refused} of 3000 fresh logins refused beside {lost} lost log-outs");
}

#[test]
fn a_table_belongs_to_one_secret_size_and_life() {
    let mut words = words(RevocationTable::words_for(50));
    assert_eq!(RevocationTable::new(&words, &SECRET[..15], LIFE).err(), Some(Status::PepperTooShort));
    assert_eq!(RevocationTable::new(&words, SECRET, 0).err(), Some(Status::Argument));
    assert_eq!(RevocationTable::new(&words[..39], SECRET, LIFE).err(), Some(Status::RegionTooSmall));
    assert!(words.iter().all(|word| word.load(Ordering::Relaxed) == 0), "nothing was written");
    table(&words).revoke_token(ISS, "t", NOW + 60, NOW).unwrap();
    assert_eq!(table(&words).check(&of_token("t"), NOW), Err(Status::Revoked), "a second view");
    assert_eq!(RevocationTable::new(&words, b"another table's secret", LIFE).err(), Some(Status::TableMismatch));
    assert_eq!(RevocationTable::new(&words, SECRET, LIFE + 1).err(), Some(Status::TableMismatch));
    assert_eq!(RevocationTable::new(&words[..words.len() - 1], SECRET, LIFE).err(), Some(Status::TableMismatch));
    assert_eq!(ReplayTable::new(&words, SECRET).err(), Some(Status::TableMismatch), "of another kind");
    assert_eq!(RevocationTable::empty(&mut words, &SECRET[..15], LIFE).err(), Some(Status::PepperTooShort));
    assert_eq!(table(&words).check(&of_token("t"), NOW), Err(Status::Revoked), "a failing call changes nothing");
    let begun = RevocationTable::empty(&mut words, SECRET, LIFE + 1).unwrap();
    assert_eq!((begun.check(&of_token("t"), NOW), begun.statistics(NOW).live), (Ok(()), 0));
}

#[test]
fn a_snapshot_is_loaded_whole_or_not_at_all() {
    let records = [
        Written::Token(ISS.into(), "t1".into(), NOW + 60),
        Written::Key(String::new(), "k1".into(), i64::MAX),
        Written::Subject(ISS.into(), "k\u{e9}vin".into(), NOW),
        Written::Token(ISS.into(), String::new(), NOW - 1),
    ];
    let good = snapshot(&records);
    let words = words(RevocationTable::words_for(50));
    let loaded = table(&words);
    assert_eq!(loaded.load(&good, NOW), Ok(4));
    assert_eq!(loaded.statistics(NOW).live, 3, "what has expired takes no place");
    for revoked in [of_token("t1"), names("x", "k1", "y", Some(NOW)), names("x", "k", "k\u{e9}vin", Some(NOW - 1))] {
        assert_eq!(loaded.check(&revoked, NOW), Err(Status::Revoked));
    }
    assert_eq!(loaded.load(&good, NOW), Ok(4), "again");
    assert_eq!(loaded.statistics(NOW).live, 3);
    assert_eq!(table(&words).load(&snapshot(&[]), NOW), Ok(0));

    let body = |edit: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good[..good.len() - 32].to_vec();
        edit(&mut bytes);
        sealed(bytes)
    };
    let mut bad = vec![
        body(&|bytes| bytes[7] = b'2'),
        body(&|bytes| bytes[15] += 1),
        body(&|bytes| bytes[15] -= 1),
        body(&|bytes| bytes[8] = 255),
        body(&|bytes| bytes[16] = 0),
        body(&|bytes| bytes[16] = 4),
        body(&|bytes| bytes[17] = 255),
        body(&|bytes| bytes.push(0)),
        body(&|bytes| bytes[29] = 0xff), // no UTF-8
        good.iter().copied().chain([0]).collect(),
    ];
    bad.extend((0..good.len()).map(|length| good[..length].to_vec()));
    bad.extend((0..good.len()).map(|at| good.iter().enumerate().map(|(n, byte)| byte ^ u8::from(n == at)).collect()));
    let words = self::words(46);
    for snapshot in bad {
        assert_eq!(table(&words).load(&snapshot, NOW), Err(Status::SnapshotMalformed));
    }
    assert_eq!(table(&words).statistics(NOW).live, 0);
    let many: Vec<Written> = (0..100).map(|n| Written::Token(ISS.into(), format!("{n}"), NOW + 60)).collect();
    assert_eq!(table(&words).load(&snapshot(&many), NOW), Err(Status::RevocationFull));
    assert_eq!(table(&words).statistics(NOW).live, 32);
}

/// `attacks.md` 27: while a snapshot is loaded, into the table that serves or into a fresh one that takes its place, there is
/// no moment at which what was revoked before is accepted.
#[test]
fn attack_27_a_reload_has_no_gap() {
    let records: Vec<Written> = (0..2000).map(|n| Written::Token(ISS.into(), format!("t{n}"), NOW + 60)).collect();
    let size = RevocationTable::words_for(4000);
    let regions: Vec<Vec<AtomicU64>> = (0..6).map(|_| words(size)).collect();
    let serving = RwLock::new(table(&regions[0]));
    records.iter().for_each(|record| record.to(&serving.read().unwrap(), NOW).unwrap());
    let done = AtomicBool::new(false);
    let late: RwLock<Vec<String>> = RwLock::default();
    std::thread::scope(|scope| {
        for reader in 0..3u64 {
            let (serving, done, late) = (&serving, &done, &late);
            scope.spawn(move || {
                let mut random = Random::new(reader);
                while !done.load(Ordering::Acquire) {
                    let id = format!("t{}", random.below(2000));
                    assert_eq!(serving.read().unwrap().check(&of_token(&id), NOW), Err(Status::Revoked), "{id}");
                    let revoked = late.read().unwrap().last().cloned();
                    if let Some(id) = revoked {
                        assert_eq!(serving.read().unwrap().check(&of_token(&id), NOW), Err(Status::Revoked), "{id}");
                    }
                }
            });
        }
        let mut database = records.clone();
        for (round, region) in regions.iter().enumerate().skip(1) {
            // Into the table that serves.
            serving.read().unwrap().load(&snapshot(&database), NOW).unwrap();
            // And a fresh one: what is revoked meanwhile goes to both, from before the snapshot until after the change.
            let fresh = table(region);
            let taken = snapshot(&database);
            let id = format!("late {round}");
            for table in [&*serving.read().unwrap(), &fresh] {
                table.revoke_token(ISS, &id, NOW + 60, NOW).unwrap();
            }
            database.push(Written::Token(ISS.into(), id.clone(), NOW + 60));
            late.write().unwrap().push(id);
            fresh.load(&taken, NOW).unwrap();
            *serving.write().unwrap() = fresh;
        }
        done.store(true, Ordering::Release);
    });
}

/// Threads write the same and other names; all that returned is found, by every thread. Two that write one name may take two
/// places, so there is room for more than the names.
#[test]
fn eight_threads_lose_nothing() {
    let words = words(RevocationTable::words_for(30_000));
    std::thread::scope(|scope| {
        for thread in 0..8i64 {
            let words = &words;
            scope.spawn(move || {
                let table = table(words);
                for number in 0..1500 {
                    let (own, same) = (format!("{thread} {number}"), format!("all {number}"));
                    table.revoke_token(ISS, &own, NOW + 60, NOW).unwrap();
                    table.revoke_subject(ISS, &same, NOW + thread, NOW).unwrap();
                    assert_eq!(table.check(&of_token(&own), NOW), Err(Status::Revoked));
                    let before = names("", "", &same, Some(NOW + thread - 1));
                    assert_eq!(table.check(&before, NOW), Err(Status::Revoked));
                }
            });
        }
    });
    let table = table(&words);
    for number in 0..1500 {
        let same = format!("all {number}");
        assert_eq!(table.check(&names("", "", &same, Some(NOW + 6)), NOW), Err(Status::Revoked), "the latest time");
        assert_eq!(table.check(&names("", "", &same, Some(NOW + 7)), NOW), Ok(()));
    }
}

#[test]
fn damaged_words_are_no_danger() {
    let mut random = Random::new(5);
    for _ in 0..2000 {
        let words = words(46 + random.below(100));
        let table = table(&words);
        damage(&words[1..], &mut random);
        for number in 0..10 {
            let now = random.word() as i64 >> random.below(64);
            let id = format!("{number}");
            if table.revoke_token(ISS, &id, now.saturating_add(60), now).is_ok() && (1..1 << 32).contains(&now) {
                assert!(table.check(&of_token(&id), now).is_err());
            }
            let counts = table.statistics(now);
            assert!(counts.live + counts.expired <= counts.places);
        }
    }
}

/// A verifier of two keys, `k1` with an id and a second one without, and the table's answer in the verdict.
fn judged(words: &[AtomicU64], policy: Policy<'_>, token: impl AsRef<[u8]>, now: i64) -> Report {
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, Some("k1"), token::SECRET).unwrap();
    keys.add_secret(Algorithm::HS256, None, &[9; 32]).unwrap();
    let sets = [keys.set()];
    let table = table(words);
    let standing = Standing { revocations: Some(&table), ..Standing::default() };
    let verifier = Verifier::new(&sets, policy, Holder::default()).unwrap().with_standing(standing);
    verifier.verify(&Request::new(&token, now), &mut [0; 4096]).report()
}

fn with_jti(members: &str) -> TokenBuilder {
    let payload = format!(r#"{{"iss":"{ISS}","sub":"alice","exp":{},"iat":{NOW},{members}}}"#, NOW + 600);
    TokenBuilder::new("HS256").payload(&payload)
}

#[test]
fn a_revoked_token_is_refused_by_what_it_says_and_not_by_its_text() {
    let words = words(RevocationTable::words_for(50));
    let policy = Policy { leeway: 10, ..Policy::default() };
    let plain = with_jti(r#""jti":"a/b""#).build();
    let accepted = judged(&words, policy, &plain, NOW);
    assert_eq!(accepted.status, Status::Accepted);
    table(&words).revoke_token(ISS, "a/b", NOW + 610, NOW).unwrap();
    // Attack 25: the same name written in other ways, and signed again, is the same token id.
    for jti in ["a/b", "a\\/b", "\\u0061/b", "a\\u002fb"] {
        let other = with_jti(&format!(r#""x":1,"jti":"{jti}""#)).build();
        let report = judged(&words, policy, &other, NOW);
        assert_eq!((report.status, report.stage()), (Status::Revoked, Stage::Standing), "{jti}");
        assert_eq!(report.failures.iter().collect::<Vec<_>>(), [Status::Revoked]);
    }
    assert_eq!(judged(&words, policy, with_jti(r#""jti":"a/c""#).build(), NOW).status, Status::Accepted);
    // As long as the policy's leeway accepts it, and with the other failures.
    assert_eq!(judged(&words, policy, &plain, NOW + 609).status, Status::Revoked);
    let late = judged(&words, policy, &plain, NOW + 610);
    assert_eq!(late.status, Status::Expired);
    let both = judged(&words, Policy { subject: Some("bob"), ..policy }, &plain, NOW);
    assert_eq!(both.status, Status::Subject);
    assert!(both.failures.contains(Status::Revoked) && both.failures.iter().count() == 2);
    // A host that gave `exp` and forgot the leeway is covered as long as nothing else takes the place.
    let short = self::words(46);
    table(&short).revoke_token(ISS, "a/b", NOW + 600, NOW).unwrap();
    assert_eq!(judged(&short, policy, &plain, NOW + 609).status, Status::Revoked);
}

#[test]
fn a_revoked_key_is_the_one_that_verifies_whatever_the_header_names() {
    let words = words(RevocationTable::words_for(50));
    table(&words).revoke_key("", "k1", i64::MAX, NOW).unwrap();
    let policy = Policy::default();
    for header in [r#"{"alg":"HS256","kid":"k1"}"#, r#"{"alg":"HS256","kid":"\u006b1"}"#, r#"{"alg":"HS256"}"#] {
        let token = TokenBuilder::new("HS256").header(header).build();
        assert_eq!(judged(&words, policy, &token, NOW).status, Status::Revoked, "{header}");
    }
    // A key without an id has none to be revoked by: not even the one that its token's header claims.
    let other = TokenBuilder::signed_by(SigningKey::Hs256(vec![9; 32]));
    assert_eq!(judged(&words, policy, other.clone().build(), NOW).status, Status::Accepted);
    let forged = base64url::encode(br#"{"alg":"HS256","kid":"k1"}"#) + ".e30." + &base64url::encode(&[0; 32]);
    assert_eq!(judged(&words, policy, &forged, NOW).status, Status::Signature, "nothing is said of a forgery");
}

/// Another issuer lists the same key first, under a name of its own: it is revoked by the name that its owner gave it.
#[test]
fn a_revoked_key_is_known_by_the_name_that_its_issuer_gave_it() {
    let words = words(RevocationTable::words_for(50));
    let table = table(&words);
    table.revoke_key(ISS, "k1", i64::MAX, NOW).unwrap();
    let (mut theirs, mut own) = ([0; 64], [0; 64]);
    let mut others = Keys::for_issuer(&mut theirs, "https://other.example").unwrap();
    others.add_secret(Algorithm::HS256, Some("another name"), token::SECRET).unwrap();
    let mut owners = Keys::for_issuer(&mut own, ISS).unwrap();
    owners.add_secret(Algorithm::HS256, Some("k1"), token::SECRET).unwrap();
    let policy = Policy { issuers: &[ISS, "https://other.example"], ..Policy::default() };
    let standing = Standing { revocations: Some(&table), ..Standing::default() };
    let judged = |sets: &[KeySet<'_>], policy, header: &str, issuer: &str| {
        let verifier = Verifier::new(sets, policy, Holder::default()).unwrap().with_standing(standing);
        let payload = format!(r#"{{"iss":"{issuer}","exp":{}}}"#, NOW + 60);
        let token = TokenBuilder::new("HS256").header(header).payload(payload).build();
        verifier.verify(&Request::new(&token, NOW), &mut [0; 1024]).report().status
    };
    let (bare, named) = (r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","kid":"k1"}"#);
    for sets in [[others.set(), owners.set()], [owners.set(), others.set()]] {
        assert_eq!(judged(&sets, policy, bare, ISS), Status::Revoked);
        assert_eq!(judged(&sets, policy, bare, "https://other.example"), Status::Accepted);
    }
    // Its owner has it twice: the name in the header is the one that counts, in any order of the sets.
    let (mut theirs, mut own, mut of_nobody) = ([0; 64], [0; 64], [0; 64]);
    let mut others = Keys::for_issuer(&mut theirs, "https://other.example").unwrap();
    others.add_secret(Algorithm::HS256, Some("k1"), token::SECRET).unwrap();
    let mut owners = Keys::for_issuer(&mut own, ISS).unwrap();
    owners.add_secret(Algorithm::HS256, Some("k2"), token::SECRET).unwrap();
    owners.add_secret(Algorithm::HS256, Some("k1"), token::SECRET).unwrap();
    for sets in [[others.set(), owners.set()], [owners.set(), others.set()]] {
        assert_eq!(judged(&sets, policy, named, ISS), Status::Revoked);
        assert_eq!(judged(&sets, policy, r#"{"alg":"HS256","kid":"k2"}"#, ISS), Status::Accepted);
    }
    // A set that belongs to nobody comes after the issuer's own.
    let mut unbound = Keys::new(&mut of_nobody).unwrap();
    unbound.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let mut owners_other = [0; 64];
    let mut owners = Keys::for_issuer(&mut owners_other, ISS).unwrap();
    owners.add_secret(Algorithm::HS256, Some("k1"), token::SECRET).unwrap();
    let policy = Policy { issuers: &[ISS], ..policy };
    for sets in [[unbound.set(), owners.set()], [owners.set(), unbound.set()]] {
        for header in [bare, named] {
            assert_eq!(judged(&sets, policy, header, ISS), Status::Revoked);
        }
    }
}

#[test]
fn logged_out_everywhere() {
    let words = words(RevocationTable::words_for(50));
    table(&words).revoke_subject(ISS, "alice", NOW + 1, NOW).unwrap();
    let token = |iat: &str| {
        let payload = format!(r#"{{"iss":"{ISS}","sub":"alice","exp":{}{iat}}}"#, NOW + 600);
        TokenBuilder::new("HS256").payload(&payload).build()
    };
    for (iat, status) in [
        (format!(r#","iat":{NOW}"#), Status::Revoked),
        (format!(r#","iat":{NOW}.9"#), Status::Revoked),
        (format!(r#","iat":{}"#, NOW + 1), Status::Accepted),
        (String::new(), Status::Revoked),
    ] {
        assert_eq!(judged(&words, Policy::default(), token(&iat), NOW + 5).status, status, "{iat}");
    }
}

/// A verifier without a clock: what the table still holds counts, for nobody can say that it has expired.
#[test]
fn without_a_clock_everything_kept_counts() {
    let words = words(46);
    let table = table(&words);
    table.revoke_token(ISS, "t", NOW + 1, NOW).unwrap();
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let sets = [keys.set()];
    let policy = Policy { no_clock: true, nonce: Some("n"), ..Policy::default() };
    let standing = Standing { revocations: Some(&table), ..Standing::default() };
    let verifier = Verifier::new(&sets, policy, Holder::default()).unwrap().with_standing(standing);
    for (jti, status) in [("t", Status::Revoked), ("u", Status::Accepted)] {
        let token = with_jti(&format!(r#""jti":"{jti}","nonce":"n""#)).build();
        let request = Request { clock: Clock::Missing, ..Request::new(&token, 0) };
        assert_eq!(verifier.verify(&request, &mut [0; 4096]).report().status, status);
    }
    assert_eq!(
        verifier.verify_opaque(&Request::new(b"a.b.c", NOW), &mut [0; 4096]).unwrap_err().status,
        Status::PolicyConflict,
        "a payload without claims has no names to look up"
    );
}

/// A store of the host's own: its answers come through, and one that cannot answer refuses.
#[test]
fn a_host_puts_its_own_store_behind_the_trait() {
    struct Store(Result<(), Status>);
    impl Revocations for Store {
        fn check(&self, token: &Revocable<'_>, now: i64) -> Result<(), Status> {
            let text = |name: Option<Name<'_>>| String::from_utf8(name.unwrap().bytes().collect()).unwrap();
            assert_eq!((text(token.issuer), text(token.subject), now), (ISS.into(), "alice".into(), NOW - 7));
            assert_eq!((token.token_id.is_none(), token.issued_at), (true, Some(NOW)));
            self.0
        }
    }
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let sets = [keys.set()];
    let policy = Policy { leeway: 7, ..Policy::default() };
    let token = TokenBuilder::new("HS256").build();
    for (given, status) in [
        (Ok(()), Status::Accepted),
        (Err(Status::Revoked), Status::Revoked),
        (Err(Status::RevocationUnknown), Status::RevocationUnknown),
        (Err(Status::Argument), Status::Argument),
    ] {
        let store = Store(given);
        let standing = Standing { revocations: Some(&store), ..Standing::default() };
        let verifier = Verifier::new(&sets, policy, Holder::default()).unwrap().with_standing(standing);
        let mut scratch = [0; 4096];
        let verdict = verifier.verify(&Request::new(&token, NOW), &mut scratch);
        assert_eq!(verdict.report().status, status);
        assert_eq!(matches!(verdict, Verdict::Accept(..)), given.is_ok());
    }
}
