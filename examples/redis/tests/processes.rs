//! Two processes of the gateway beside one Redis: what one has seen, the other knows.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)] // tests may

mod support;

use support::device::Device;
use support::gateway::{Gateway, URL, answer};
use support::{Redis, now};

fn two(redis: &Redis, when_down: &str, name: &str) -> [Gateway; 2] {
    ["a", "b"].map(|which| Gateway::start(&redis.url(), when_down, &format!("{name}-{which}")))
}

#[test]
fn a_proof_used_at_one_is_refused_at_the_other() {
    let redis = Redis::start(&[]);
    let [a, b] = two(&redis, "closed", "proof");
    let device = Device::new([7; 32]);
    let token = a.token(&format!("user=alice&jkt={}", device.thumbprint()));
    let proof = |id: &str| device.proof("GET", &format!("{URL}/api/orders"), &token, id, now(), "");
    let (one, two) = (proof("one"), proof("two"));
    assert_eq!(a.get_proved(&token, &one), answer(200, "served"));
    assert_eq!(b.get_proved(&token, &one), answer(401, "REPLAYED"));
    assert_eq!(b.get_proved(&token, &two), answer(200, "served"));
    assert_eq!(a.get_proved(&token, &two), answer(401, "REPLAYED"));
    assert_eq!(a.get(&token), answer(401, "POSSESSION_MISSING"));
    let unbound = a.token("user=alice");
    let proof = device.proof("GET", &format!("{URL}/api/orders"), &unbound, "three", now(), "");
    assert_eq!(a.get_proved(&unbound, &proof), answer(401, "POSSESSION_UNBOUND"));
}

#[test]
fn of_copies_of_a_proof_at_both_at_once_one_is_served() {
    let redis = Redis::start(&[]);
    let gateways = two(&redis, "closed", "copies");
    let device = Device::new([7; 32]);
    let token = gateways[0].token(&format!("user=alice&jkt={}", device.thumbprint()));
    for round in 0..20 {
        let proof = device.proof("GET", &format!("{URL}/api/orders"), &token, &format!("round {round}"), now(), "");
        let answers = std::thread::scope(|scope| {
            let senders = gateways.iter().chain(&gateways).map(|gateway| scope.spawn(|| gateway.get_proved(&token, &proof)));
            let senders: Vec<_> = senders.collect();
            senders.into_iter().map(|sender| sender.join().unwrap().http).collect::<Vec<_>>()
        });
        assert_eq!(answers.iter().filter(|http| **http == 200).count(), 1, "round {round}: {answers:?}");
    }
}

#[test]
fn a_revocation_at_one_is_seen_at_the_other() {
    let redis = Redis::start(&[]);
    let [a, b] = two(&redis, "closed", "revoked");
    let (token, other, somebody) = (a.token("user=alice"), b.token("user=alice"), b.token("user=bob"));
    assert_eq!(b.get(&token), answer(200, "served"));
    assert_eq!(a.post("/logout", &token), answer(200, "served"));
    assert_eq!(b.get(&token), answer(401, "REVOKED"));
    assert_eq!(a.get(&other), answer(200, "served"));
    assert_eq!(b.post("/logout/everywhere", &other), answer(200, "served"));
    assert_eq!(a.get(&other), answer(401, "REVOKED"));
    assert_eq!(a.get(&somebody), answer(200, "served"));
}

#[test]
fn a_limit_is_shared() {
    let redis = Redis::start(&[]);
    let [a, b] = two(&redis, "closed", "limit");
    // Three logins at once, whoever is asked.
    for gateway in [&a, &b, &a] {
        gateway.token("user=alice");
    }
    for gateway in [&b, &a] {
        let refused = gateway.send("POST", "/login?user=alice", &[]);
        assert_eq!((refused.http, refused.text.as_str()), (429, "RATE_LIMITED"));
        let seconds: u32 = refused.retry_after.unwrap().parse().unwrap();
        assert!((1..=10).contains(&seconds), "retry after {seconds}");
    }
}

#[test]
fn without_the_store_nobody_is_served_or_everybody_by_policy_and_never_late() {
    let mut redis = Redis::start(&[]);
    let (closed, open) =
        (Gateway::start(&redis.url(), "closed", "down-closed"), Gateway::start(&redis.url(), "open", "down-open"));
    let token = closed.token("user=alice");
    let both = || (closed.get(&token).http, open.get(&token).http);
    assert_eq!(both(), (200, 200));
    redis.hang();
    for _ in 0..3 {
        assert_eq!(both(), (503, 200), "while it hangs");
    }
    redis.resume();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert_eq!(both(), (200, 200), "after it hung");
    redis.kill();
    for _ in 0..3 {
        assert_eq!(both(), (503, 200), "while it is gone");
    }
    assert_eq!(open.post("/logout", &token).http, 503, "a revocation that is not written is no success, even open");
    redis.restart();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert_eq!(both(), (200, 200), "after it was gone");
}
