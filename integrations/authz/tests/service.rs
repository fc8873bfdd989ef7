//! The service by itself: what it answers, what it passes on, what it logs, and what it does when something is wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)] // tests may

mod support;

use support::client::{Answer, send, send_from};
use support::device::Device;
use support::service::{DOORS, Service};
use support::{World, now};

const PATH: &str = "dialect = \"path\"\norigin = \"https://api.example\"";

fn plain(world: &World) -> Service {
    Service::start(world, PATH, "", DOORS)
}

/// Asks as Envoy does, for a client at `client`.
fn ask_for(service: &Service, client: &str, door: &str, token: &str, more: &[(&str, &str)]) -> Answer {
    let bearer = format!("Bearer {token}");
    let own = [("X-Forwarded-For", client), ("Authorization", bearer.as_str())];
    send(service.address, "GET", &format!("/door/{door}/hello"), &[&own, more].concat())
}

fn ask(service: &Service, door: &str, token: &str) -> Answer {
    ask_for(service, "192.0.2.1", door, token, &[])
}

#[test]
fn claims_become_fields_that_cannot_be_mistaken_for_others() {
    let world = World::new();
    let headers = r#"
X-Auth-Roles = "realm_access.roles"
X-Auth-Level = "level"
X-Auth-Staff = "staff"
X-Auth-Address = "address"
"#;
    let config = support::service::CONFIG.replace("{PROXY}", PATH).replace("{STATE}", "") + headers + DOORS;
    let service = Service::start_with(&world, &config);
    let fields = |claims: &'static str, subject: &'static str| {
        let answer = ask(&service, "api", &world.token(|mint| (mint.claims, mint.subject) = (claims, Some(subject))));
        assert_eq!(answer.http, 200, "{answer:?}");
        assert_eq!(answer.field("cache-control"), "no-store");
        ["subject", "scope", "roles", "level", "staff", "address"].map(|name| {
            // There with every answer, so that it takes the place of what a client wrote.
            answer.fields.get(&format!("x-auth-{name}")).expect(name).clone()
        })
    };
    assert_eq!(
        fields(
            r#"{"scope":"a b","realm_access":{"roles":["x","y,z"]},"level":3,"staff":true,"address":{"city":"Paris"}}"#,
            "alice"
        ),
        ["alice", "a b", "x,y%2Cz", "3", "true", ""]
    );
    assert_eq!(fields("", "alice"), ["alice", "", "", "", "", ""]);
    assert_eq!(
        fields(r#"{"level":null,"staff":[]}"#, " a\r\nX-Evil: 1 é% "),
        ["%20a%0D%0AX-Evil: 1 %C3%A9%25%20", "", "", "", "", ""]
    );
    assert_eq!(
        fields(r#"{"scope":["a",["b"]],"realm_access":{"roles":[1,false,"z"]}}"#, "-"),
        ["-", "", "1,false,z", "", "", ""]
    );
}

#[test]
fn who_comes_too_often_waits_and_others_do_not() {
    let world = World::new();
    let service = plain(&world);
    let token = world.token(|_| {});
    let at = |client: &str| ask_for(&service, client, "limited", &token, &[]);
    let first = [(); 4].map(|()| at("192.0.2.1").http);
    assert_eq!(first, [200, 200, 200, 429]);
    let (refused, line) = service.logged(|| at("192.0.2.1"));
    let seconds: u32 = refused.field("retry-after").parse().unwrap();
    assert!((1..=10).contains(&seconds) && refused.field("www-authenticate").is_empty(), "{refused:?}");
    assert_eq!(line["status"], "RATE_LIMITED");
    assert_eq!(at("192.0.2.2").http, 200, "another address");
    // Only the last address is the proxy's word; what is before it, a client wrote.
    assert_eq!((at("192.0.2.3, 192.0.2.1").http, at("192.0.2.1, 192.0.2.3").http), (429, 200));
    // By a claim, wherever it comes from. It counts accepted tokens only.
    let by = |client: &str, token: &str| ask_for(&service, client, "shared", token, &[]).http;
    let expired = world.token(|mint| mint.expires_at = Some(now() - 60));
    assert_eq!([(); 4].map(|()| by("192.0.2.9", &expired)), [401; 4]);
    assert_eq!(["192.0.2.4", "192.0.2.5", "192.0.2.6", "192.0.2.7"].map(|client| by(client, &token)), [200, 200, 200, 429]);
    assert_eq!(by("192.0.2.4", &world.token(|mint| mint.subject = Some("bob"))), 200);
    // A token without the claim would have no limit.
    let (answer, line) = service.logged(|| ask_for(&service, "192.0.2.4", "tenant", &token, &[]));
    assert_eq!((answer.http, line["status"].as_str()), (401, Some("CLAIM_REQUIRED")));
    assert_eq!(ask(&service, "tenant", &world.token(|mint| mint.claims = r#"{"tenant":7}"#)).http, 200);
}

/// In every spelling that an application could take for one of the service's own.
#[test]
fn a_field_of_the_services_own_is_refused() {
    let world = World::new();
    let (service, token) = (plain(&world), world.token(|_| {}));
    for name in ["X-Auth-Subject", "x-auth-scope", "X_Auth_Subject", "x-AUTH_subject"] {
        let (answer, line) = service.logged(|| ask_for(&service, "192.0.2.1", "api", &token, &[(name, "admin")]));
        assert_eq!((answer.http, line["fault"].as_str()), (400, Some("forged field")), "{name}");
    }
    assert_eq!(ask_for(&service, "192.0.2.1", "api", &token, &[("X-Auth-Subjects", "admin")]).http, 200);
}

#[test]
fn what_is_revoked_is_refused_from_then_on() {
    let world = World::new();
    let service = plain(&world);
    let (one, two) = (world.token(|_| {}), world.token(|mint| mint.token_id = Some("token-2")));
    let status = |token: &str| service.logged(|| ask(&service, "api", token)).1["status"].as_str().unwrap().to_owned();
    assert_eq!((status(&one).as_str(), status(&two).as_str()), ("OK", "OK"));
    let end = now() + 300;
    assert_eq!(service.revoke(&format!(r#"{{"jti":"token-1","expires_at":{end}}}"#)).http, 200);
    assert_eq!((status(&one).as_str(), status(&two).as_str()), ("REVOKED", "OK"));
    assert_eq!(service.revoke(r#"{"sub":"alice"}"#).http, 200);
    let bobs = world.token(|mint| (mint.subject, mint.token_id) = (Some("bob"), Some("token-3")));
    assert_eq!((status(&two).as_str(), status(&bobs).as_str()), ("REVOKED", "OK"));
    assert_eq!(service.revoke(r#"{"kid":"one"}"#).http, 200);
    assert_eq!(status(&bobs), "REVOKED");
    for wrong in [
        "",
        "[]",
        "{}",
        r#"{"jti":"a","sub":"b"}"#,
        r#"{"sub":"a","expires_at":1}"#,
        r#"{"jti":"a","not_before":1}"#,
        r#"{"jti":1}"#,
        r#"{"sub":"a","x":1}"#,
    ] {
        assert_eq!(service.revoke(wrong).http, 400, "{wrong}");
    }
    assert_eq!(service.revoke(&"x".repeat(5000)).http, 413);
    assert_eq!(service.revoke_as("text/plain", r#"{"sub":"alice"}"#).http, 415);
    assert_eq!(send(service.admin, "GET", "/revoke", &[]).http, 405);
    // A page in the operator's browser asks nothing here, whatever it found to send JSON with.
    for path in ["/revoke", "/metrics", "/healthz"] {
        let origin = [("Origin", "https://evil.example"), ("Content-Type", "application/json")];
        assert_eq!(send(service.admin, "GET", path, &origin).http, 403, "{path}");
        assert_eq!(send(service.admin, "POST", path, &[origin[1], ("Origin", "null")]).http, 403, "{path}");
    }
    // A body that does not come is not waited for.
    let head = "POST /revoke HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    let start = std::time::Instant::now();
    let answer = support::client::exchange([127, 0, 0, 1].into(), service.admin, head.as_bytes());
    assert_eq!(support::client::parse(&answer).http, 408);
    assert!((3..15).contains(&start.elapsed().as_secs()), "{:?}", start.elapsed());
    // The proxies' listener knows nothing of it.
    for path in ["/revoke", "/metrics", "/", "/door/", "/door/none", "/door"] {
        assert_eq!(send(service.address, "GET", path, &[("X-Forwarded-For", "192.0.2.1")]).http, 404, "{path}");
    }
    assert_eq!(send(service.address, "GET", "/healthz", &[]).http, 200);
    assert_eq!(send(service.admin, "GET", "/healthz", &[]).http, 200);
}

/// A logout everywhere is forgotten after the longest life of a token: so no token may be older than that.
#[test]
fn no_token_outlives_what_is_remembered_of_logouts() {
    let world = World::new();
    let statuses = |more: &str| {
        let config = support::service::CONFIG.replace("{PROXY}", PATH).replace("{STATE}", "") + DOORS;
        let service = Service::start_with(&world, &config.replace("bytes_max = 2048", &format!("bytes_max = 2048\n{more}")));
        let status = |issued_at: Option<i64>| {
            let token = world.token(|mint| mint.issued_at = issued_at);
            service.logged(|| ask(&service, "api", &token)).1["status"].as_str().unwrap().to_owned()
        };
        [Some(now() - 590), Some(now() - 620), Some(now() - 90_000), None].map(status)
    };
    let [ok, old, none] = ["OK", "TOO_OLD", "ISSUED_AT_MISSING"];
    assert_eq!(statuses(""), [ok, ok, old, none]);
    assert_eq!(statuses("life_seconds = 600"), [ok, old, old, none]);
    assert_eq!(statuses("life_seconds = 600\nmax_age_seconds = 100000"), [ok, old, old, none]);
    assert_eq!(statuses("max_age_seconds = 600"), [ok, old, old, none]);
}

/// The field of a certificate is the proxy's: it must take out what a client wrote.
#[test]
fn a_token_is_bound_to_the_certificate_that_the_proxy_saw() {
    let world = World::new();
    let holder = "[holder]\nrequired = true\ncertificate = { header = \"Client-Cert\", form = \"client-cert\" }\n";
    let service = Service::start(&world, PATH, "", &format!("{holder}{DOORS}"));
    // Two DER sequences are all that is looked at.
    let [own, other] = [[0x30, 3, 2, 1, 1], [0x30, 3, 2, 1, 2]];
    let field = |der: &[u8]| {
        use base64ct::Encoding;
        format!(":{}:", base64ct::Base64::encode_string(der))
    };
    let digest: [u8; 32] = <sha2::Sha256 as sha2::Digest>::digest(own).into();
    let bound = world.token(|mint| mint.confirmed_certificate = Some(digest));
    let with = |token: &str, fields: &[(&str, &str)]| {
        service.logged(|| ask_for(&service, "192.0.2.1", "api", token, fields)).1["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(with(&bound, &[("Client-Cert", &field(&own))]), "OK");
    assert_eq!(with(&bound, &[("Client-Cert", &field(&other))]), "CERTIFICATE_MISMATCH");
    assert_eq!(with(&bound, &[]), "POSSESSION_MISSING");
    // A second one is a client's that the proxy lets through.
    let two = [("Client-Cert", &*field(&own)), ("client-cert", &*field(&own))];
    assert_eq!(ask_for(&service, "192.0.2.1", "api", &bound, &two).http, 500);
    assert_eq!(with(&bound, &[("Client-Cert", "none")]), "CERTIFICATE_MALFORMED");
    assert_eq!(with(&world.token(|_| {}), &[("Client-Cert", &field(&own))]), "POSSESSION_UNBOUND");
}

/// Whatever `holder.required` says, and whatever else the token is bound to.
#[test]
fn where_there_is_a_fingerprint_every_token_must_have_one() {
    let world = World::new();
    let fingerprint = "[fingerprint]\npreset = \"headers\"\npepper_file = \"pepper\"\n";
    let device = Device::new([7; 32]);
    let thumbprint = device.thumbprint();
    for (number, holder) in ["", "[holder]\ndpop = true\n", "[holder]\ndpop = true\nrequired = true\n"].iter().enumerate() {
        let service = Service::start(&world, PATH, "", &format!("{fingerprint}{holder}{DOORS}"));
        let status = |token: &str, scheme: &str, proof: &str| {
            let own = [("X-Forwarded-For", "127.0.0.1"), ("Authorization", &*format!("{scheme} {token}")), ("DPoP", proof)];
            let fields = [support::CHROME, if proof.is_empty() { &own[..2] } else { &own }].concat();
            let (_, line) = service.logged(|| send(service.address, "GET", "/door/api/hello", &fields));
            line["status"].as_str().unwrap().to_owned()
        };
        let bare = world.token(|_| {});
        assert_eq!(
            status(&bare, "Bearer", ""),
            if number == 2 { "POSSESSION_UNBOUND" } else { "FINGERPRINT_MISSING" },
            "{holder}"
        );
        let marked = world.marked(support::CHROME, |_| {});
        assert_eq!(status(&marked, "Bearer", ""), if number == 2 { "POSSESSION_UNBOUND" } else { "OK" }, "{holder}");
        if number > 0 {
            let bound = world.token(|mint| mint.confirmed_key = Some(&thumbprint));
            let proof = device.proof("GET", "https://api.example/hello", &bound, "a", now(), "");
            assert_eq!(status(&bound, "DPoP", &proof), "FINGERPRINT_MISSING", "{holder}");
        }
    }
}

#[test]
fn what_the_proxy_must_say_is_said_once_or_nothing_is_judged() {
    let world = World::new();
    let service = Service::start(&world, "dialect = \"original\"", "", DOORS);
    let token = format!("Bearer {}", world.token(|_| {}));
    let whole = [
        ("Authorization", token.as_str()),
        ("X-Forwarded-For", "192.0.2.1"),
        ("X-Original-Method", "GET"),
        ("X-Original-URI", "/hello"),
    ];
    let http = |fields: &[(&str, &str)]| send(service.address, "GET", "/door/api", fields).http;
    assert_eq!(http(&whole), 200);
    for missing in 1..whole.len() {
        let fields: Vec<_> = whole.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, field)| *field).collect();
        assert_eq!(http(&fields), 500, "without {}", whole[missing].0);
        assert_eq!(http(&[&whole[..], &[whole[missing]]].concat()), 500, "{} twice", whole[missing].0);
    }
    for address in ["", "nobody", "192.0.2.1:80", "192.0.2.1,", "999.0.2.1"] {
        let fields = [&whole[..1], &[("X-Forwarded-For", address)], &whole[2..]].concat();
        assert_eq!(http(&fields), 500, "{address:?}");
    }
    let two = [&whole[..], &[("authorization", token.as_str())]].concat();
    let (answer, line) = service.logged(|| send(service.address, "GET", "/door/api", &two));
    assert_eq!((answer.http, answer.field("www-authenticate")), (400, r#"Bearer realm="api", error="invalid_request""#));
    assert_eq!(line["status"], "CREDENTIALS_REPEATED");
}

#[test]
fn strangers_are_not_answered() {
    let world = World::new();
    let config = support::service::CONFIG.replace("{PROXY}", PATH).replace("{STATE}", "") + DOORS;
    let config = config.replacen("listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:0\"\npeers = [\"127.0.0.2/32\"]", 1);
    let service = Service::start_with(&world, &config);
    let health = |from: [u8; 4]| send_from(from.into(), service.address, "GET", "/healthz", &[]).http;
    assert_eq!((health([127, 0, 0, 2]), health([127, 0, 0, 1]), health([127, 0, 0, 3])), (200, 0, 0));
    assert_eq!(service.metric("countermark_connections_refused_total"), 2.0);
}

/// Of copies of one proof at the same time one is accepted.
#[test]
fn a_proof_is_good_for_one_question() {
    let world = World::new();
    let service = Service::start(&world, PATH, "", &format!("[holder]\ndpop = true\n{DOORS}"));
    let device = Device::new([7; 32]);
    let thumbprint = device.thumbprint();
    let token = world.token(|mint| mint.confirmed_key = Some(&thumbprint));
    let dpop = format!("DPoP {token}");
    for round in 0..20 {
        let proof = device.proof("GET", "https://api.example/hello", &token, &format!("{round}"), now(), "");
        let fields = [("X-Forwarded-For", "192.0.2.1"), ("Authorization", dpop.as_str()), ("DPoP", proof.as_str())];
        let accepted = std::thread::scope(|scope| {
            let askers = [(); 8].map(|()| scope.spawn(|| send(service.address, "GET", "/door/api/hello", &fields).http));
            askers.into_iter().map(|asker| asker.join().unwrap()).filter(|http| *http == 200).count()
        });
        assert_eq!(accepted, 1, "round {round}");
    }
}

/// A request with a token of another key, and any of its bytes changed, cut out or doubled: never accepted, never the end.
#[test]
fn no_change_of_a_bad_request_makes_it_a_good_one() {
    let world = World::new();
    let service = Service::start(&world, PATH, "", &format!("[limits]\nseconds = 1\n{DOORS}"));
    let token = support::token_by(&support::signer([2; 32], "one"), |_| {});
    let whole = format!(
        "GET /door/api/hello HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 192.0.2.1\r\nAuthorization: Bearer {token}\r\nCookie: a=b\r\n"
    );
    let mut seed = 1u64;
    let mut below = |bound: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % bound
    };
    // Asked like this, a good one is accepted: so the loop below can fail. Its end is not changed, so that nobody waits for it.
    let http = |bytes: &[u8]| {
        let bytes = [bytes, b"Connection: close\r\n\r\n"].concat();
        support::client::parse(&support::client::exchange([127, 0, 0, 1].into(), service.address, &bytes)).http
    };
    assert_eq!(http(whole.replace(&token, &world.token(|_| {})).as_bytes()), 200);
    for _ in 0..1500 {
        let mut bytes = whole.clone().into_bytes();
        for _ in 0..1 + below(4) {
            let at = below(bytes.len() - 4);
            match below(3) {
                0 => bytes[at] = below(256) as u8,
                1 => drop(bytes.remove(at)),
                _ => bytes.insert(at, bytes[at]),
            }
        }
        assert_ne!(http(&bytes), 200, "{}", String::from_utf8_lossy(&bytes));
    }
    assert_eq!(ask(&service, "api", &world.token(|_| {})).http, 200);
}
