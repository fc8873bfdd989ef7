//! Each store against a slow oracle: the core's own table, or exact arithmetic.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)] // tests may

mod support;

use countermark::{AtomicU64, Charge, Client, Limit, Name, Refusal, Replay, Revocable, RevocationTable, Revocations};
use countermark::{Status, Throttle, Use};
use countermark_redis::{RedisReplay, RedisRevocations, RedisThrottle, Tags, WhenDown};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use support::{Numbers, Redis, now, tags};

const ISSUER: &str = "https://login.example";
const LIFE: u32 = 3600;

fn replay(redis: &Redis) -> RedisReplay {
    RedisReplay::new(redis.server(), tags(), WhenDown::Closed)
}

fn throttle(redis: &Redis) -> RedisThrottle {
    RedisThrottle::new(redis.server(), tags(), WhenDown::Closed)
}

#[test]
fn of_any_number_of_commits_one_succeeds() {
    let redis = Redis::start(&[]);
    let machines = [replay(&redis), replay(&redis)];
    let now = now();
    for number in 0..50 {
        let presented = Use { digest: [number; 32], expires_at: now + 60 };
        let successes = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for machine in machines.iter().cycle().take(8) {
                scope.spawn(|| match machine.commit(&presented, now) {
                    Ok(()) => drop(successes.fetch_add(1, Ordering::Relaxed)),
                    Err(status) => assert_eq!(status, Status::Replayed),
                });
            }
        });
        assert_eq!(successes.into_inner(), 1);
        assert_eq!(machines[0].check(&presented, now), Err(Status::Replayed));
    }
}

#[test]
fn a_use_is_refused_once_its_time_is_over_and_kept_until_then() {
    let redis = Redis::start(&[]);
    let (store, now) = (replay(&redis), now());
    let presented = Use { digest: [1; 32], expires_at: now + 60 };
    assert_eq!(store.check(&presented, now), Ok(()));
    assert_eq!(
        (store.commit(&presented, now + 60), store.check(&presented, now + 60)),
        (Err(Status::Replayed), Err(Status::Replayed))
    );
    assert_eq!(store.commit(&presented, now), Ok(()));
    let keys: Vec<String> = redis.query(&["KEYS", "*"]);
    let kept: i64 = redis.query(&["PTTL", &keys[0]]);
    assert!((75_000..=76_000).contains(&kept), "kept for {kept} ms");
    // Nobody's clock makes Redis refuse the time.
    let endless = Use { digest: [2; 32], expires_at: i64::MAX };
    assert_eq!((store.commit(&endless, i64::MIN), store.commit(&endless, now)), (Ok(()), Err(Status::Replayed)));
}

/// The core's table says what every answer must be, whatever is revoked in whatever order.
#[test]
fn revocations_answer_as_the_table_does() {
    let redis = Redis::start(&[]);
    let machines = [(); 2].map(|()| RedisRevocations::new(redis.server(), tags(), WhenDown::Closed, LIFE));
    let words: Vec<AtomicU64> = (0..RevocationTable::words_for(10_000)).map(|_| AtomicU64::new(0)).collect();
    let table = RevocationTable::new(&words, support::SECRET, LIFE).unwrap();
    let (start, mut numbers) = (now(), Numbers(1));
    let (mut revoked, mut passed) = (0, 0);
    for step in 0..4000 {
        // Moves on, so that what expires soon does.
        let now = start + step / 10;
        let mut pick = |list: &[&'static str]| list[numbers.below(list.len() as u64) as usize];
        let (issuer, name) = (pick(&[ISSUER, "https://other.example", ""]), pick(&["a", "b", "c", "d", "e", "f", "g", "h"]));
        let (key_id, subject) = (pick(&["k1", "k2", "k3", "k4"]), pick(&["alice", "bob", "carol", "dora"]));
        let machine = &machines[numbers.below(2) as usize];
        // Far from the second in which it ends, for the table keeps some for longer.
        let until = now + [-500, 55, 2000][numbers.below(3) as usize];
        match numbers.below(60) {
            0 => {
                machine.revoke_token(issuer, name, until, now).unwrap();
                table.revoke_token(issuer, name, until, now).unwrap();
            }
            1 if step % 3 == 0 => {
                machine.revoke_key(issuer, key_id, until, now).unwrap();
                table.revoke_key(issuer, key_id, until, now).unwrap();
            }
            2 => {
                let not_before = now - numbers.below(500) as i64;
                machine.revoke_subject(issuer, subject, not_before, now).unwrap();
                table.revoke_subject(issuer, subject, not_before, now).unwrap();
            }
            _ => {
                let mut maybe = |text: &'static str| (numbers.below(5) > 0).then_some(Name::new(text));
                let (issuer, token_id, subject, key_id) = (maybe(issuer), maybe(name), maybe(subject), maybe(key_id));
                let issued_at = (numbers.below(9) > 0).then(|| now - numbers.below(500) as i64);
                let token = Revocable { issuer, token_id, subject, key_id, issued_at };
                let verdict = machine.check(&token, now);
                assert_eq!(verdict, table.check(&token, now), "step {step}");
                if verdict.is_ok() { passed += 1 } else { revoked += 1 }
            }
        }
    }
    assert!(revoked > 300 && passed > 300, "{revoked} revoked, {passed} passed");
}

#[test]
fn a_subject_or_a_key_is_revoked_for_ever_and_a_token_that_has_expired_not_at_all() {
    let redis = Redis::start(&[]);
    let (store, now) = (RedisRevocations::new(redis.server(), tags(), WhenDown::Closed, LIFE), now());
    store.revoke_subject(ISSUER, "alice", i64::MAX, now).unwrap();
    // An earlier time afterwards changes nothing.
    store.revoke_subject(ISSUER, "alice", now, now).unwrap();
    store.revoke_key("", "k1", i64::MAX, now).unwrap();
    store.revoke_token(ISSUER, "one", now, now).unwrap();
    let (issuer, future) = (Some(Name::new(ISSUER)), now + 100 * 366 * 86_400);
    let token = |subject, key_id| Revocable { issuer, subject, key_id, issued_at: Some(future), ..Revocable::default() };
    assert_eq!(store.check(&token(Some(Name::new("alice")), None), future), Err(Status::Revoked));
    assert_eq!(store.check(&token(None, Some(Name::new("k1"))), future), Err(Status::Revoked));
    let keys: Vec<String> = redis.query(&["KEYS", "*"]);
    let kept: Vec<i64> = keys.iter().map(|key| redis.query(&["PTTL", key])).collect();
    assert_eq!(kept, [-1, -1]);
}

/// The generic cell rate algorithm in whole numbers: a client's time in units of a microsecond divided by `requests`.
#[derive(Default)]
struct Oracle(HashMap<(usize, usize), i128>);

impl Oracle {
    fn admit(&mut self, charged: &[(usize, usize)], limits: &[Limit], now_us: i128) -> Result<(), u32> {
        let mut after = HashMap::new();
        let mut wait_us = 0;
        for account in charged {
            let limit = limits[account.0];
            let (requests, interval) = (i128::from(limit.requests), i128::from(limit.seconds) * 1_000_000);
            let held = after.get(account).or(self.0.get(account)).copied().unwrap_or(i128::MIN);
            let time = held.max(now_us * requests);
            let due = time - i128::from(limit.burst - 1) * interval - now_us * requests;
            wait_us = wait_us.max((due + requests - 1).div_euclid(requests));
            after.insert(*account, time + interval);
        }
        if wait_us > 0 {
            return Err(((wait_us + 999_999) / 1_000_000) as u32);
        }
        self.0.extend(after);
        Ok(())
    }
}

#[test]
fn charges_are_counted_as_exact_arithmetic_counts_them_and_all_or_none() {
    let limit = |requests, seconds, burst| Limit { requests, seconds, burst };
    let limits = [
        limit(7, 60, 3),
        limit(1, 1, 1),
        limit(3, 7, 5),
        limit(9_999, 1, 20),
        limit(1_000_003, 86_399, 40),
        limit(1, 86_400, 2),
    ];
    let clients: [Client<'_>; 3] = [
        Client::Address("192.0.2.1".parse().unwrap()),
        Client::Name(b"alice"),
        Client::Address("2001:db8::1".parse().unwrap()),
    ];
    let redis = Redis::start(&[]);
    let machines = [throttle(&redis), throttle(&redis)];
    let (mut oracle, mut numbers, mut now_ms) = (Oracle::default(), Numbers(2), now() * 1000);
    let (mut admitted, mut refused) = (0, 0);
    for step in 0..6000 {
        now_ms += [0, 0, 1, 7, 130, 1000, 9000][numbers.below(7) as usize];
        let count = 1 + numbers.below(3) as usize;
        // The same account twice in one call is charged twice.
        let charged: Vec<(usize, usize)> =
            (0..count).map(|_| (numbers.below(6) as usize, numbers.below(3) as usize)).collect();
        let charges: Vec<Charge<'_>> = charged
            .iter()
            .map(|(limit, client)| Charge { limit: limits[*limit], scope: b"route", client: clients[*client] })
            .collect();
        let answer = machines[step % 2].admit(&charges, now_ms).map_err(|refusal| {
            assert_eq!(refusal.status, Status::RateLimited);
            refusal.retry_after
        });
        assert_eq!(answer, oracle.admit(&charged, &limits, i128::from(now_ms) * 1000), "step {step}: {charged:?}");
        if answer.is_ok() { admitted += 1 } else { refused += 1 }
    }
    assert!(admitted > 300 && refused > 300, "{admitted} admitted, {refused} refused");
}

#[test]
fn machines_that_ask_at_once_never_exceed_the_limit() {
    let redis = Redis::start(&[]);
    let machines = [throttle(&redis), throttle(&redis)];
    let (limit, now_ms, admitted) = (Limit { requests: 1, seconds: 60, burst: 10 }, now() * 1000, AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for machine in machines.iter().cycle().take(8) {
            scope.spawn(|| {
                for _ in 0..25 {
                    let charge = Charge { limit, scope: b"login", client: Client::Name(b"alice") };
                    admitted.fetch_add(machine.admit(&[charge], now_ms).is_ok().into(), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(admitted.into_inner(), 10);
}

/// One machine's clock is a year ahead. The others do not tell its clients to come back in a year.
#[test]
fn a_clock_that_is_ahead_leaves_no_more_than_an_allowance_used_up() {
    let redis = Redis::start(&[]);
    let (right, ahead) = (throttle(&redis), throttle(&redis));
    let (now_ms, year_ms) = (now() * 1000, 366 * 86_400 * 1000);
    for (number, (requests, seconds, burst)) in
        [(1, 60, 1), (1, 60, 2), (7, 60, 3), (3, 7, 5), (2, 60, 4)].iter().enumerate()
    {
        let limit = Limit { requests: *requests, seconds: *seconds, burst: *burst };
        let name = [number as u8];
        let charge = Charge { limit, scope: b"ahead", client: Client::Name(&name) };
        ahead.admit(&[charge], now_ms + year_ms).unwrap();
        let refusal = right.admit(&[charge], now_ms).unwrap_err();
        assert_eq!((refusal.status, refusal.retry_after), (Status::RateLimited, seconds.div_ceil(*requests)), "{limit:?}");
        // And nothing was written: at its own clock the account is as it was.
        for _ in 1..*burst {
            ahead.admit(&[charge], now_ms + year_ms).unwrap();
        }
        assert!(ahead.admit(&[charge], now_ms + year_ms).is_err(), "{limit:?}");
    }
}

#[test]
fn one_account_has_one_count_and_others_have_theirs() {
    let redis = Redis::start(&[]);
    let (store, now_ms) = (throttle(&redis), now() * 1000);
    let limit = Limit { requests: 1, seconds: 60, burst: 1 };
    let ask = |limit, scope: &[u8], address: &str| {
        let client = Client::Address(address.parse::<IpAddr>().unwrap());
        store.admit(&[Charge { limit, scope, client }], now_ms).is_ok()
    };
    assert!(ask(limit, b"login", "192.0.2.1") && !ask(limit, b"login", "192.0.2.1"));
    assert!(!ask(limit, b"login", "::ffff:192.0.2.1"), "IPv4 in IPv6 is IPv4");
    assert!(ask(limit, b"login", "192.0.2.2") && ask(limit, b"other", "192.0.2.1"));
    assert!(ask(limit, b"login", "2001:db8::1") && !ask(limit, b"login", "2001:db8::2"), "IPv6 counts by its /64");
    assert!(ask(limit, b"login", "2001:db8:0:1::1"));
    assert!(ask(Limit { burst: 2, ..limit }, b"login", "192.0.2.1"), "a changed limit begins anew");
}

#[test]
fn limits_out_of_range_are_the_callers_mistake_as_with_the_table() {
    let redis = Redis::start(&[]);
    let (store, good) = (throttle(&redis), Limit { requests: 1, seconds: 1, burst: 1 });
    let table_words: Vec<AtomicU64> = (0..countermark::ThrottleTable::words_for(10)).map(|_| AtomicU64::new(0)).collect();
    let table = countermark::ThrottleTable::new(&table_words, support::SECRET).unwrap();
    let day = 86_400;
    let limits = [
        good,
        Limit { requests: 0, ..good },
        Limit { seconds: 0, ..good },
        Limit { burst: 0, ..good },
        Limit { requests: 10_000, ..good },
        Limit { requests: 10_001, ..good },
        Limit { requests: 1, seconds: 366 * day, burst: 1 },
        Limit { requests: 1, seconds: 366 * day + 1, burst: 1 },
        Limit { requests: 1, seconds: 183 * day, burst: 3 },
    ];
    for limit in limits {
        let charge = Charge { limit, scope: b"range", client: Client::Name(b"alice") };
        assert_eq!(store.admit(&[charge], 1_700_000_000_000), table.admit(&[charge], 1_700_000_000_000), "{limit:?}");
    }
    let charge = Charge { limit: good, scope: b"", client: Client::Name(b"") };
    assert_eq!(store.admit(&[charge; 9], 0), Err(Refusal { status: Status::TooManyItems, retry_after: 0 }));
    assert_eq!(store.admit(&[], 0), Ok(()));
}

#[test]
fn redis_learns_no_name_and_forgets_by_itself() {
    let redis = Redis::start(&[]);
    let (now, server) = (now(), redis.server());
    let revocations = RedisRevocations::new(server.clone(), tags(), WhenDown::Closed, LIFE);
    revocations.revoke_token(ISSUER, "token-id-1", now + 60, now).unwrap();
    revocations.revoke_subject(ISSUER, "alice", now, now).unwrap();
    let limit = Limit { requests: 1, seconds: 60, burst: 1 };
    for client in [Client::Name(b"alice"), Client::Address("192.0.2.1".parse().unwrap())] {
        throttle(&redis).admit(&[Charge { limit, scope: b"login", client }], now * 1000).unwrap();
    }
    replay(&redis).commit(&Use { digest: [0xab; 32], expires_at: now + 60 }, now).unwrap();
    let keys: Vec<String> = redis.query(&["KEYS", "*"]);
    assert_eq!(keys.len(), 5);
    for key in &keys {
        let value: String = redis.query(&["GET", key]);
        let digits = key.rsplit(':').next().unwrap();
        let is_tag = digits.len() == 32 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ');
        assert!(is_tag && is_number && !key.contains("abab"), "{key}: {value}");
        assert!(redis.query::<i64>(&["PTTL", key]) > 0, "{key} has no end");
    }
    // Another secret is another world.
    let others = RedisRevocations::new(server, Tags::new(b"another secret of machines").unwrap(), WhenDown::Closed, LIFE);
    let (issuer, token_id) = (Some(Name::new(ISSUER)), Some(Name::new("token-id-1")));
    let token = Revocable { issuer, token_id, ..Revocable::default() };
    assert_eq!((revocations.check(&token, now), others.check(&token, now)), (Err(Status::Revoked), Ok(())));
    assert!(Tags::new(b"fifteen bytes..").is_err());
}
