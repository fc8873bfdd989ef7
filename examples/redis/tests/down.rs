//! A Redis that is gone, hangs, cannot be reached or would forget: what is answered, and how soon.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)] // tests may

mod support;

use countermark::{Charge, Client, Limit, Name, Refusal, Replay, Revocable, Revocations, Status, Throttle, Use};
use countermark_redis::{RedisReplay, RedisRevocations, RedisThrottle, Server, WhenDown};
use socket2::{Domain, Socket, Type};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use support::{Redis, TIMEOUT, bounded, now, tags};

const LIMIT: Limit = Limit { requests: 1, seconds: 1, burst: 100 };

/// The answers of the three stores, in the order check, commit, check of a revocation, admit.
type Answers = (Result<(), Status>, Result<(), Status>, Result<(), Status>, Result<(), Refusal>);

fn ask(server: &Arc<Server>, when_down: WhenDown, id: u8) -> Answers {
    let now = now();
    let replay = RedisReplay::new(server.clone(), tags(), when_down);
    let revocations = RedisRevocations::new(server.clone(), tags(), when_down, 60);
    let throttle = RedisThrottle::new(server.clone(), tags(), when_down);
    let presented = Use { digest: [id; 32], expires_at: now + 60 };
    let token = Revocable { token_id: Some(Name::new("one")), ..Revocable::default() };
    let charge = Charge { limit: LIMIT, scope: b"", client: Client::Name(b"alice") };
    (
        bounded(|| replay.check(&presented, now)),
        bounded(|| replay.commit(&presented, now)),
        bounded(|| revocations.check(&token, now)),
        bounded(|| throttle.admit(&[charge], now * 1000)),
    )
}

const SERVED: Answers = (Ok(()), Ok(()), Ok(()), Ok(()));
const CLOSED: Answers = (
    Err(Status::ReplayFull),
    Err(Status::ReplayFull),
    Err(Status::RevocationUnknown),
    Err(Refusal { status: Status::ThrottleFull, retry_after: 0 }),
);

/// Both policies, with a server of its own each, so that no call is spared by another's failure.
fn both(redis: &Redis, id: u8) -> (Answers, Answers) {
    (ask(&redis.server(), WhenDown::Closed, id), ask(&redis.server(), WhenDown::Open, id))
}

fn rest() {
    std::thread::sleep(Duration::from_millis(1100));
}

#[test]
fn one_that_is_gone_and_comes_back() {
    let mut redis = Redis::start(&[]);
    let server = redis.server();
    assert_eq!(ask(&server, WhenDown::Closed, 1), SERVED);
    redis.kill();
    assert_eq!(both(&redis, 2), (CLOSED, SERVED));
    assert_eq!(ask(&server, WhenDown::Closed, 2), CLOSED);
    assert!(server.failures() >= 4 && server.ping().is_err());
    redis.restart();
    rest();
    assert_eq!(ask(&server, WhenDown::Closed, 2), SERVED);
    // A restart between two calls breaks the connections that wait. That is no failure.
    let failures = server.failures();
    redis.restart();
    assert_eq!(ask(&server, WhenDown::Closed, 3), SERVED);
    assert_eq!(server.failures(), failures);
}

#[test]
fn one_that_takes_connections_and_says_nothing() {
    let redis = Redis::start(&[]);
    let server = redis.server();
    assert_eq!(ask(&server, WhenDown::Closed, 1), SERVED);
    redis.hang();
    assert_eq!(both(&redis, 2), (CLOSED, SERVED));
    assert_eq!(ask(&server, WhenDown::Closed, 2), CLOSED);
    redis.resume();
    rest();
    // What came late belongs to a connection that is not used any more; and a commit of which nobody knows whether Redis has carried it
    // out is refused, now as then.
    let (check, commit, revoked, admitted) = ask(&server, WhenDown::Closed, 2);
    assert_eq!((check, commit), (check, check.and(commit)), "a use that was refused may be known or not");
    assert_eq!((revoked, admitted), (Ok(()), Ok(())));
    assert_eq!(ask(&server, WhenDown::Closed, 3), SERVED);
}

/// A host that answers to no packet: a listener whose queue is full drops them.
#[test]
fn one_that_cannot_be_reached() {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    listener.listen(1).unwrap();
    let address = listener.local_addr().unwrap().as_socket().unwrap();
    let waiting: Vec<_> =
        (0..8).map_while(|_| TcpStream::connect_timeout(&address, Duration::from_millis(100)).ok()).collect();
    assert!(waiting.len() < 8, "the queue never fills");
    let server = || Arc::new(Server::open(&format!("redis://{address}"), TIMEOUT).unwrap());
    assert_eq!(ask(&server(), WhenDown::Closed, 1), CLOSED);
    assert_eq!(ask(&server(), WhenDown::Open, 1), SERVED);
}

#[test]
fn after_a_failure_it_is_not_waited_for_with_every_call() {
    let redis = Redis::start(&[]);
    let server = redis.server();
    redis.hang();
    assert!(server.ping().is_err());
    let start = std::time::Instant::now();
    for _ in 0..1000 {
        assert!(server.ping().is_err());
    }
    assert!(start.elapsed() < TIMEOUT, "{:?}", start.elapsed());
    redis.resume();
}

#[test]
fn one_that_would_forget_is_not_used() {
    let evicting = Redis::start(&["--maxmemory", "10mb", "--maxmemory-policy", "allkeys-lru"]);
    assert_eq!(both(&evicting, 1), (CLOSED, SERVED));
    let said = evicting.server().ping().unwrap_err().to_string();
    assert!(said.contains("noeviction"), "{said}");
    let bounded = Redis::start(&["--maxmemory", "10mb", "--maxmemory-policy", "noeviction"]);
    assert_eq!(both(&bounded, 1).0, SERVED);
}

/// Full memory is Redis's own answer: nothing is written, what only reads goes on, and the connection stays.
#[test]
fn one_without_memory_refuses_what_it_cannot_write() {
    let full = Redis::start(&["--maxmemory", "1", "--maxmemory-policy", "noeviction"]);
    let (replay, commit, revoked, admitted) = ask(&full.server(), WhenDown::Closed, 1);
    assert_eq!((replay, commit, revoked, admitted), (Ok(()), CLOSED.1, Ok(()), CLOSED.3));
}

#[test]
fn what_is_no_address_of_a_redis_is_said_at_once() {
    for url in ["", "127.0.0.1:6379", "http://127.0.0.1", "redis://", "redis://no-such-host.invalid"] {
        assert!(bounded(|| Server::open(url, TIMEOUT)).is_err(), "{url:?}");
    }
}
