//! Start, reload, limits, end; and many instances beside one Redis.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)] // tests may

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use support::client::{exchange, parse, send};
use support::device::Device;
use support::service::{CONFIG, DOORS, Service};
use support::{World, end, free_port, jwks, now, signal, signer, token_by, until};

const PATH: &str = "dialect = \"path\"\norigin = \"https://api.example\"";

fn http(service: &Service, token: &str) -> u16 {
    let bearer = format!("Bearer {token}");
    send(service.address, "GET", "/door/api/hello", &[("X-Forwarded-For", "192.0.2.1"), ("Authorization", &bearer)]).http
}

#[test]
fn a_new_key_file_takes_the_place_of_the_old_one_and_a_bad_one_never_does() {
    let world = World::new();
    let service = Service::start(&world, PATH, "", DOORS);
    let (old, other) = (world.token(|_| {}), signer([2; 32], "two"));
    let new = token_by(&other, |_| {});
    let both = || (http(&service, &old), http(&service, &new));
    assert_eq!(both(), (200, 401));
    // Each with one flaw. The file is watched.
    let good = jwks(&[(&world.signer, "one")]);
    let point = format!("{}AAAA\"}}]}}", &good[..good.len() - 7]);
    let bad = [
        "",
        "{",
        "[]",
        "{\"keys\":[]}",
        "{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\",\"alg\":\"HS256\"}]}",
        &point,
        &"x".repeat(2 << 20),
    ];
    for (count, text) in bad.iter().enumerate() {
        world.write("keys.json", text);
        until("the bad file is refused", || service.events("keys refused").len() > count);
        assert_eq!(both(), (200, 401), "{}", &text[..text.len().min(60)]);
    }
    std::fs::remove_file(world.folder.join("keys.json")).unwrap();
    signal(&service.child, "-HUP");
    until("no file is refused", || service.events("keys refused").len() > bad.len());
    assert_eq!(both(), (200, 401));
    world.write("keys.json", &jwks(&[(&other, "two")]));
    until("the good file is read", || !service.events("keys").is_empty());
    assert_eq!(both(), (401, 200));
    world.write("keys.json", &jwks(&[(&other, "two"), (&world.signer, "one")]));
    signal(&service.child, "-HUP");
    until("the next file is read", || service.events("keys").len() == 2);
    assert_eq!(both(), (200, 200));
    assert_eq!((service.metric("countermark_keys"), service.metric("countermark_key_reloads_total")), (2.0, 2.0));
    assert_eq!(service.metric("countermark_key_reloads_failed_total"), bad.len() as f64 + 1.0);
}

/// What cannot be read is tried again without a change of its date or length. Linux reads no byte of this file: an error of the device's.
#[test]
fn a_key_file_that_could_not_be_read_is_tried_again() {
    let world = World::new();
    let service = Service::start(&world, PATH, "", DOORS);
    let link = |to: &str| {
        let new = world.folder.join("link");
        std::os::unix::fs::symlink(to, &new).unwrap();
        std::fs::rename(&new, world.folder.join("keys.json")).unwrap();
    };
    link(&format!("/proc/{}/mem", std::process::id()));
    until("it is tried three times", || service.events("keys refused").len() >= 3);
    let why = service.events("keys refused").remove(0)["why"].as_str().unwrap().to_owned();
    assert!(why.contains("os error"), "{why}");
    world.write("good.json", &jwks(&[(&world.signer, "one")]));
    link("good.json");
    until("the good file is read", || !service.events("keys").is_empty());
    let refused = service.events("keys refused").len();
    // A file that is read and no good is said once.
    world.write("good.json", "{}");
    until("it is refused", || service.events("keys refused").len() > refused);
    std::thread::sleep(Duration::from_millis(2500));
    assert_eq!(service.events("keys refused").len(), refused + 1);
    assert_eq!(http(&service, &world.token(|_| {})), 200);
}

/// Whoever opens a FIFO for reading waits until somebody writes.
#[test]
fn a_fifo_in_the_place_of_the_keys_keeps_nobody_waiting() {
    let world = World::new();
    let mut service = Service::start(&world, PATH, "", DOORS);
    std::fs::remove_file(world.folder.join("keys.json")).unwrap();
    assert!(Command::new("mkfifo").arg(world.folder.join("keys.json")).status().unwrap().success());
    signal(&service.child, "-HUP");
    until("it is refused", || !service.events("keys refused").is_empty());
    assert_eq!(http(&service, &world.token(|_| {})), 200);
    assert_eq!(service.end(), Some(0));
}

#[test]
fn keys_change_under_load_and_no_request_fails() {
    let world = World::new();
    let service = Service::start(&world, PATH, "", DOORS);
    let (token, other) = (world.token(|_| {}), signer([2; 32], "two"));
    let (one, two) = (jwks(&[(&world.signer, "one")]), jwks(&[(&world.signer, "one"), (&other, "two")]));
    let start = Instant::now();
    std::thread::scope(|scope| {
        let askers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut asked = 0;
                    while start.elapsed() < Duration::from_secs(3) {
                        assert_eq!(http(&service, &token), 200);
                        asked += 1;
                    }
                    asked
                })
            })
            .collect();
        for text in [&two, &one].iter().cycle().take(20) {
            world.write("keys.json", text);
            signal(&service.child, "-HUP");
            std::thread::sleep(Duration::from_millis(100));
        }
        assert!(askers.into_iter().map(|asker| asker.join().unwrap()).sum::<u32>() > 100);
    });
    assert!(service.metric("countermark_key_reloads_total") >= 10.0);
    assert_eq!(service.metric("countermark_key_reloads_failed_total"), 0.0);
}

#[test]
fn it_ends_when_it_is_told_to_and_answers_first() {
    let world = World::new();
    let mut service = Service::start(&world, PATH, "", DOORS);
    // One connection waits, one is in the middle of its request.
    let mut waiting = TcpStream::connect(service.address).unwrap();
    waiting.write_all(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut piece = [0; 512];
    assert!(waiting.read(&mut piece).unwrap() > 0);
    let token = world.token(|_| {});
    let mut asking = TcpStream::connect(service.address).unwrap();
    let head =
        format!("GET /door/api HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\nAuthorization: Bearer {token}\r\n");
    asking.write_all(head.as_bytes()).unwrap();
    until("both are counted", || service.metric("countermark_connections") == 2.0);
    signal(&service.child, "-TERM");
    until("it says so", || !service.events("stopping").is_empty());
    until("nobody is taken any more", || TcpStream::connect(service.address).is_err());
    asking.write_all(b"\r\n").unwrap();
    let mut answer = Vec::new();
    asking.read_to_end(&mut answer).unwrap();
    assert_eq!(parse(&answer).http, 200, "{}", String::from_utf8_lossy(&answer));
    assert_eq!(service.end(), Some(0));
    until("it said that it ended", || service.events("stopped").len() == 1);
}

#[test]
fn everything_has_a_limit() {
    let world = World::new();
    let limits = "[limits]\nconnections = 3\nheader_bytes = 8192\nheaders = 16\nseconds = 1\n";
    let service = Service::start(&world, PATH, "", &format!("{limits}{DOORS}"));
    let from = [127, 0, 0, 1].into();
    let raw = |text: &str| parse(&exchange(from, service.address, text.as_bytes())).http;
    let head = "GET /door/api HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\nConnection: close\r\n";
    assert_eq!(raw(&format!("{head}\r\n")), 401);
    assert_eq!(raw(&format!("{head}X: {}\r\n\r\n", "x".repeat(9000))), 431);
    assert_eq!(raw(&format!("{head}{}\r\n", "X: 1\r\n".repeat(20))), 431);
    for garbage in [
        "\r\n\r\nnonsense\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\x16\x03\x01\x02\x00",
        "GET / HTTP/1.1\r\nA B: c\r\n\r\n",
    ] {
        let http = raw(garbage);
        assert!(http == 400 || http == 0, "{garbage:?}: {http}");
    }
    // A client that does not finish its request is not waited for.
    let start = Instant::now();
    assert!(matches!(raw(head), 0 | 408));
    assert!((800..4000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    // A body is not waited for, however long it says it is.
    let start = Instant::now();
    assert_eq!(raw(&format!("{head}Content-Length: 1000000000\r\n\r\nabc")), 401);
    assert!(start.elapsed() < Duration::from_secs(3));
    // Beyond the connections there is none, until one ends.
    until("no connection is left", || service.metric("countermark_connections") == 0.0);
    let open: Vec<_> = (0..3).map(|_| TcpStream::connect(service.address).unwrap()).collect();
    until("they are counted", || service.metric("countermark_connections") == 3.0);
    assert_eq!(raw(&format!("{head}\r\n")), 0);
    assert_eq!(service.metric("countermark_connections_refused_total"), 1.0);
    drop(open);
    until("there is a place again", || raw(&format!("{head}\r\n")) == 401);
}

/// Nobody reads the log: requests are served all the same, and the lines that are lost are counted.
#[test]
fn a_log_that_nobody_reads_delays_nobody() {
    let world = World::new();
    let admin = free_port();
    let config = CONFIG.replace("{PROXY}", PATH).replace("{STATE}", "") + DOORS;
    let own = free_port();
    let config = config.replacen("127.0.0.1:0", &format!("127.0.0.1:{own}"), 1).replacen(
        "127.0.0.1:0",
        &format!("127.0.0.1:{admin}"),
        1,
    );
    let path = world.write("authz.toml", &config);
    let mut command = Command::new(env!("CARGO_BIN_EXE_countermark-authz"));
    let mut child = command.arg(path).stdout(Stdio::piped()).spawn().unwrap();
    let [address, admin] = [own, admin].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    until("it listens", || TcpStream::connect(address).is_ok() && TcpStream::connect(admin).is_ok());
    // A pipe holds 64 KiB, the service 4,096 lines.
    let mut connection = TcpStream::connect(address).unwrap();
    let mut piece = [0; 4096];
    let ask = b"GET /door/none HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\n\r\n";
    for _ in 0..6000 {
        connection.write_all(ask).unwrap();
        let length = connection.read(&mut piece).unwrap();
        assert!(piece[..length].starts_with(b"HTTP/1.1 404"));
    }
    let page = send(admin, "GET", "/metrics", &[]).body;
    let lost = page.lines().find_map(|line| line.strip_prefix("countermark_log_lines_lost_total ")).unwrap();
    assert!(lost.parse::<u32>().unwrap() > 0, "{page}");
    assert_eq!(end(&mut child), Some(0));
}

/// What is wrong with a configuration is said at start, and `--check` says the same without serving.
#[test]
fn a_bad_configuration_does_not_start() {
    let world = World::new();
    std::fs::write(world.folder.join("short"), b"short").unwrap();
    let good = CONFIG.replace("{PROXY}", PATH).replace("{STATE}", "") + DOORS;
    let check = |text: &str| {
        let path = world.write("checked.toml", text);
        let mut command = Command::new(env!("CARGO_BIN_EXE_countermark-authz"));
        let out = command.arg("--check").arg(path).output().unwrap();
        (out.status.code(), format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)))
    };
    let (code, said) = check(&good);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 usable keys"), "{said}");
    for (from, to, because) in [
        ("[token]", "[tokens]", "tokens"),
        ("realm = \"api\"", "realms = \"api\"", "realms"),
        ("issuer = \"https://login.example\"", "", "issuer"),
        ("algorithms = [\"ES256\"]", "algorithms = [\"none\"]", "no algorithm"),
        ("file = \"keys.json\"", "file = \"none.json\"", "none.json"),
        ("secret_file = \"secret\"", "secret_file = \"short\"", "short"),
        ("secret_file = \"secret\"", "redis = \"redis://127.0.0.1\"", "secret_file"),
        ("secret_file = \"secret\"", "proofs = 0", "proofs"),
        ("bytes_max = 2048", "bytes_max = 1", "bytes_max"),
        ("dialect = \"path\"", "dialect = \"other\"", "dialect"),
        ("X-Auth-Subject", "Authorization", "X-"),
        ("X-Auth-Subject", "X-Forwarded-For", "X-"),
        ("X-Auth-Scope", "x-auth-subject", "once"),
        ("[doors.api]", "[doors.\"a b\"]", "a b"),
        ("all_of = [\"orders:read\"]", "all_of = []", "exactly one"),
        ("all_of = [\"orders:read\"]", "all_of = [\"a\"], none_of = [\"b\"]", "exactly one"),
        ("all_of = [\"orders:read\"]", "all_of = [\"\"]", "orders"),
        ("by = \"address\", requests = 6", "by = \"address\", requests = 0", "limited"),
        ("origin = \"https://api.example\"\n\n[token]", "[holder]\ndpop = true\n[token]", "proxy.origin"),
        ("origin = \"https://api.example\"", "origin = \"api.example\"", "proxy.origin"),
        ("origin = \"https://api.example\"", "origin = \"https://api.example/v1\"", "proxy.origin"),
        ("[doors.api]", "[holder]\nrequired = true\n[doors.api]", "required"),
        (
            "[doors.api]",
            "[holder]\nrequired = true\n[fingerprint]\npreset = \"headers\"\npepper_file = \"pepper\"\n[doors.api]",
            "[fingerprint] is always required",
        ),
        ("[doors.api]", "[holder]\nnonce_seconds = 3\n[doors.api]", "nonce_seconds"),
        ("[doors.api]", "[geo]\nasn = \"keys.json\"\n[doors.api]", "keys.json"),
        ("[doors.api]", "[fingerprint]\npreset = \"browser\"\npepper_file = \"pepper\"\n[doors.api]", "browser"),
        ("[doors.api]", "[fingerprint]\npreset = \"headers\"\npepper_file = \"short\"\n[doors.api]", "short"),
    ] {
        assert!(good.contains(from), "{from}");
        let (code, said) = check(&good.replacen(from, to, 1));
        assert!(code == Some(1) && said.contains(because), "{from} -> {to}: {code:?} {said}");
        assert!(!said.contains("the secret of"), "{said}");
    }
    assert_eq!(check("").0, Some(1));
}

struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    fn start(port: u16) -> Redis {
        let text = port.to_string();
        let mut command = Command::new("redis-server");
        command.args(["--port", &text, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        let child = command.stdout(Stdio::null()).spawn().expect("redis-server starts (Debian: apt install redis-server)");
        until("redis answers", || TcpStream::connect(("127.0.0.1", port)).is_ok());
        Redis { child, port }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

#[test]
fn instances_beside_one_redis_know_what_the_others_have_seen() {
    let (world, redis) = (World::new(), Redis::start(free_port()));
    let state = |when_down: &str| {
        format!("redis = \"redis://127.0.0.1:{}\"\ntimeout_ms = 200\nwhen_down = \"{when_down}\"", redis.port)
    };
    let more = format!("[holder]\ndpop = true\n{DOORS}");
    let [a, b] = [(); 2].map(|()| Service::start(&world, PATH, &state("closed"), &more));
    let open = Service::start(&world, PATH, &state("open"), &more);
    let device = Device::new([7; 32]);
    let thumbprint = device.thumbprint();
    let bound = world.token(|mint| mint.confirmed_key = Some(&thumbprint));
    let proof = device.proof("GET", "https://api.example/hello", &bound, "one", now(), "");
    let dpop = format!("DPoP {bound}");
    let prove = |service: &Service| {
        let fields = [("X-Forwarded-For", "192.0.2.1"), ("Authorization", dpop.as_str()), ("DPoP", proof.as_str())];
        service.logged(|| send(service.address, "GET", "/door/api/hello", &fields)).1["status"].as_str().unwrap().to_owned()
    };
    assert_eq!((prove(&a).as_str(), prove(&b).as_str(), prove(&a).as_str()), ("OK", "REPLAYED", "REPLAYED"));

    let token = world.token(|_| {});
    let limited = |service: &Service| {
        let bearer = format!("Bearer {token}");
        let fields = [("X-Forwarded-For", "192.0.2.7"), ("Authorization", bearer.as_str())];
        send(service.address, "GET", "/door/limited", &fields).http
    };
    assert_eq!([limited(&a), limited(&b), limited(&a), limited(&b), limited(&a)], [200, 200, 200, 429, 429]);

    let later = world.token(|mint| mint.token_id = Some("token-9"));
    assert_eq!((http(&a, &later), http(&b, &later)), (200, 200));
    assert_eq!(a.revoke(r#"{"jti":"token-9"}"#).http, 200);
    assert_eq!((http(&a, &later), http(&b, &later)), (401, 401));

    let port = redis.port;
    drop(redis);
    for _ in 0..3 {
        let start = Instant::now();
        assert_eq!((http(&b, &token), http(&open, &token)), (503, 200), "by policy, without the store");
        assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    }
    assert_eq!(a.revoke(r#"{"jti":"token-9"}"#).http, 503);
    assert!(b.metric("countermark_store_failures_total") > 0.0);
    let _redis = Redis::start(port);
    until("it serves again", || http(&b, &token) == 200);
}
