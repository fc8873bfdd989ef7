//! The example gateway, end to end: the program itself, and its HTTP as seen by a client that shares no code with it.

#[allow(dead_code)]
#[path = "../examples/gateway/main.rs"]
mod example;
#[path = "gateway/counting.rs"]
mod counting;

use base64ct::{Base64UrlUnpadded, Encoding};
use countermark::{Clock, Evidence, Status};
use countermark_tests::proof::{ProofBuilder, ProofKey};
use example::client::{CHROME, CHROME_UPDATED, FIREFOX, FORM, Visitor};
use example::device::{PATH, Session};
use example::door::Door;
use example::gateway::{self, Gateway};
use example::scene::{Expected, Scene};
use example::{possession, server};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature, VerifyingKey};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

fn run(arguments: &[&str]) -> (u8, String, String) {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let (mut out, mut complaints) = (Vec::new(), Vec::new());
    let status = example::run(&arguments, &mut out, &mut complaints);
    (status, String::from_utf8(out).unwrap(), String::from_utf8(complaints).unwrap())
}

/// A gateway on a free port while `body` runs.
fn with_server<R>(body: impl FnOnce(&Gateway<'_>, SocketAddr) -> R) -> R {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    gateway::open(|gateway| server::serve(gateway, any_port, |serving| body(gateway, serving.address))).unwrap().unwrap()
}

/// One exchange over a bare connection: the status line's number, the head in lower case, the body.
fn exchange(address: SocketAddr, request_line: &str, fields: &str, body: &str) -> (u16, String, String) {
    let (http, head, body) = exchange_as_it_came(address, &address.to_string(), request_line, fields, body);
    (http, head.to_ascii_lowercase(), body)
}

/// The same with a host of the client's choice, and with the head as it came.
fn exchange_as_it_came(
    address: SocketAddr,
    host: &str,
    request_line: &str,
    fields: &str,
    body: &str,
) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let length = body.len();
    write!(stream, "{request_line} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n").unwrap();
    write!(stream, "{fields}Content-Length: {length}\r\n\r\n{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), head.to_owned(), body.to_owned())
}

const FORM_FIELDS: &str = "User-Agent: curious\r\nContent-Type: application/x-www-form-urlencoded\r\n";

fn token_over_the_wire(address: SocketAddr) -> String {
    let (http, head, body) = exchange(address, "POST /login", FORM_FIELDS, "user=alice&password=wonderland");
    assert_eq!(http, 200);
    assert!(head.contains("\r\ncache-control: no-store"), "{head}");
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((body["token_type"].as_str(), body["expires_in"].as_i64()), (Some("Bearer"), Some(300)));
    body["access_token"].as_str().unwrap().to_owned()
}

fn payload(token: &str) -> Value {
    serde_json::from_slice(&Base64UrlUnpadded::decode_vec(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

#[test]
fn run_bare_it_prints_an_aligned_table_and_passes() {
    let (status, out, complaints) = run(&[]);
    assert_eq!((status, complaints.as_str()), (0, ""), "{out}");

    let lines: Vec<&str> = out.lines().collect();
    let heading = lines.iter().position(|line| line.starts_with("request ")).unwrap();
    let columns = ["request", "expected", "verdict", "code", "stage", "microseconds"];
    assert_eq!(lines[heading].split_whitespace().collect::<Vec<_>>(), columns);
    let rows: Vec<&str> = lines[heading + 2..].iter().copied().take_while(|line| !line.is_empty()).collect();
    assert!(rows.iter().all(|row| row.len() == lines[heading].len()), "every column is aligned\n{out}");
    assert_eq!(*lines.last().unwrap(), format!("{} passed, 0 failed", rows.len()));

    // Two new devices of one Alice, and a thief far away from another.
    let events: Vec<&str> = lines.iter().filter(|line| line.starts_with("event: ")).map(|line| &line[18..]).collect();
    let starts = events.iter().map(|event| event.split("-").next().unwrap()).collect::<Vec<_>>();
    assert_eq!(starts, ["alert alice", "notify alice", "notify alice"], "{out}");

    let readme = include_str!("../README.md");
    assert!(readme.contains(&format!("in {} requests", rows.len())), "the README says how many");

    // What the issue asks for, by the words of the table.
    let cells = |start: &str| -> Vec<&str> {
        let row = rows.iter().find(|row| row.starts_with(start)).unwrap_or_else(|| panic!("no row {start}\n{out}"));
        row.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()
    };
    let wanted = [
        ("honest client", "accept", "0 OK"),
        ("stolen token", "reject", "712 FINGERPRINT_MISMATCH"),
        ("tampered", "reject", "400 SIGNATURE"),
        ("expired", "reject", "606 EXPIRED"),
        ("meant for another audience", "reject", "602 AUDIENCE"),
        ("alg none", "reject", "206 ALGORITHM_UNKNOWN"),
        ("re-signed with another key", "reject", "400 SIGNATURE"),
        ("browser updated, its old token", "accept, re-issue", "0 OK"),
        ("moved to another network", "accept, re-issue", "0 OK"),
        ("language and screen changed", "step up", "799 STEP_UP"),
        ("headers stripped", "step up", "799 STEP_UP"),
        ("browser updated, its new token", "accept", "0 OK"),
        ("no token", "reject", "110 CREDENTIALS_MISSING"),
        ("two tokens", "reject", "112 CREDENTIALS_REPEATED"),
        ("DPoP: first request, without a nonce", "reject", "725 PROOF_NONCE"),
        ("DPoP: the same with the nonce", "accept", "0 OK"),
        ("DPoP: token stolen, sent as Bearer", "reject", "701 POSSESSION_MISSING"),
        ("DPoP: token stolen, a proof by the thief's key", "reject", "727 PROOF_THUMBPRINT"),
        ("DPoP: token and proof stolen, sent again", "reject", "800 REPLAYED"),
        ("DPoP: one proof twice at the same time, one", "accept", "0 OK"),
        ("DPoP: one proof twice at the same time, other", "reject", "800 REPLAYED"),
        ("DPoP: a proof for another URL", "reject", "723 PROOF_URI"),
        ("DPoP: a proof for another method", "reject", "722 PROOF_METHOD"),
        ("certificate: that of the login", "accept", "0 OK"),
        ("certificate: token stolen, none shown", "reject", "701 POSSESSION_MISSING"),
        ("certificate: token stolen, another one shown", "reject", "703 CERTIFICATE_MISMATCH"),
        ("certificate: token stolen, written by the thief", "reject", "701 POSSESSION_MISSING"),
        ("sealed: signed, then encrypted", "accept", "0 OK"),
        ("sealed: encrypted, then signed", "accept", "0 OK"),
        ("sealed: a signed token where it must be sealed", "reject", "102 TOKEN_NOT_COMPACT"),
        ("sealed: around an unsigned token", "reject", "206 ALGORITHM_UNKNOWN"),
        ("daily secret: yesterday's, a day of grace", "accept", "0 OK"),
        ("daily secret: yesterday's, no grace", "reject", "343 ROTATING_WINDOW_PAST"),
        ("daily secret: that of two days ago", "reject", "343 ROTATING_WINDOW_PAST"),
        ("daily secret: Bob's leaked, for Alice", "reject", "400 SIGNATURE"),
        ("revoked: the token after that", "reject", "802 REVOKED"),
        ("revoked user: the token after that", "reject", "802 REVOKED"),
        ("cached: the same, known and revoked", "reject", "802 REVOKED"),
        ("status list: valid there", "accept", "0 OK"),
        ("status list: the issuer has flipped it", "reject", "804 STATUS_INVALID"),
        ("rights: a token with the scope", "accept", "0 OK"),
        ("rights: without any", "reject", "850 RIGHTS_MISSING"),
        ("flood: third", "accept", "0 OK"),
        ("flood: fourth", "reject", "813 RATE_LIMITED"),
        ("guesses: fourth", "reject", "813 RATE_LIMITED"),
        ("journey: in Paris a moment later, same", "step up", "849 STEP_UP_RISK"),
        ("journey: in Paris a moment later, another", "reject", "820 LOCKED_OUT"),
        ("devices: a new one", "accept", "0 OK"),
        ("devices: a fourth", "reject", "820 LOCKED_OUT"),
    ];
    for (start, verdict, code) in wanted {
        assert_eq!(cells(start)[2..4], [verdict, code], "{start}");
        let microseconds: f64 = cells(start).last().unwrap().parse().unwrap();
        assert!(microseconds > 0.0, "{start} took {microseconds}");
    }
}

#[test]
fn a_difference_fails_the_demonstration() {
    let wrong: &[(&str, Expected)] = &[("expects too much", Expected::Accept), ("never sent", Expected::Http(200))];
    let no_token: fn(&Visitor<'_>) -> _ = |visitor| Ok(vec![visitor.get(&CHROME, &[])?]);
    let broken: fn(&Visitor<'_>) -> _ = |_| Err("the scene broke".into());
    let right: &[(&str, Expected)] = &[("fine", Expected::Reject(Status::CredentialsMissing, 401, None))];
    let scenes = [
        Scene { requests: wrong, perform: no_token },
        Scene { requests: right, perform: no_token },
        Scene { requests: right, perform: broken },
    ];
    let mut out = Vec::new();
    assert!(!example::demonstrate(&scenes, &mut out).unwrap());
    let out = String::from_utf8(out).unwrap();
    for part in ["code is \"110\", not \"0\"", "the scene did not send it", "the scene broke", "\n1 passed, 3 failed\n"] {
        assert!(out.contains(part), "{part}\n{out}");
    }
}

#[test]
fn other_arguments_are_refused_with_the_usage() {
    let refused: [&[&str]; 7] = [
        &["--help"],
        &["--listen"],
        &["--listen", "nonsense"],
        &["--listen", "127.0.0.1"],
        &["--listen", "0.0.0.0:0"],
        &["--listen", "[::]:0"],
        &["--listen", "127.0.0.1:0", "more"],
    ];
    for arguments in refused {
        let (status, out, complaints) = run(arguments);
        assert_eq!((status, out.as_str()), (2, ""), "{arguments:?}");
        assert!(complaints.contains("usage: gateway"), "{arguments:?}: {complaints}");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (status, _, complaints) = run(&["--listen", &taken.local_addr().unwrap().to_string()]);
    assert_eq!(status, 1);
    assert!(complaints.contains("cannot listen"), "{complaints}");
}

/// Hands over what is written, whole lines or not.
struct Channel(mpsc::Sender<Vec<u8>>);

impl Write for Channel {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.send(bytes.to_vec()).map_err(std::io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn listening_it_keeps_serving() {
    let (sender, receiver) = mpsc::channel();
    // It never returns; it ends with this process.
    std::thread::spawn(|| {
        example::run(&["--listen".into(), "127.0.0.1:0".into()], &mut Channel(sender), &mut std::io::sink())
    });
    let mut said = String::new();
    while !said.contains(", until") {
        said += std::str::from_utf8(&receiver.recv_timeout(Duration::from_secs(30)).unwrap()).unwrap();
    }
    let address = said.split("http://").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    for _ in 0..20 {
        let token = token_over_the_wire(address);
        let fields = format!("User-Agent: curious\r\nAuthorization: bearer  {token}\r\n");
        let (http, _, body) = exchange(address, "GET /api/who?x=1", &fields, "");
        assert_eq!((http, body.trim()), (200, r#"{"user":"alice","path":"/api/who"}"#));
    }
}

#[test]
fn the_token_is_what_another_library_verifies() {
    with_server(|gateway, address| {
        let token = token_over_the_wire(address);
        let (input, signature) = token.rsplit_once('.').unwrap();
        let key = VerifyingKey::from_sec1_bytes(&gateway.public_key().unwrap()).unwrap();
        let signature = Signature::from_slice(&Base64UrlUnpadded::decode_vec(signature).unwrap()).unwrap();
        key.verify(input.as_bytes(), &signature).unwrap();

        let claims = payload(&token);
        assert_eq!(claims["sub"], "alice");
        assert_eq!((&claims["iss"], &claims["aud"]), (&gateway::ISSUER.into(), &gateway::AUDIENCE.into()));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);

        let visitor = Visitor::new(gateway, address);
        let [first, again, updated, other] =
            [&CHROME, &CHROME, &CHROME_UPDATED, &FIREFOX].map(|browser| payload(&visitor.token(browser).unwrap()));
        assert_ne!(first["jti"], again["jti"]);
        let marks = [&first, &again, &updated, &other].map(|claims| claims["cmk"].as_str().unwrap());
        for (at, mark) in marks.iter().enumerate() {
            assert!(mark.len() > 100 && !marks[..at].contains(mark), "each mark has a salt of its own");
        }
    });
}

#[test]
fn two_gateways_do_not_know_each_other_s_tokens() {
    let foreign = with_server(|_, address| token_over_the_wire(address));
    with_server(|_, address| {
        let fields = format!("User-Agent: curious\r\nAuthorization: Bearer {foreign}\r\n");
        let (http, head, _) = exchange(address, "GET /api/", &fields, "");
        assert_eq!(http, 401);
        assert!(head.contains("\r\ncountermark-code: 400\r\n"), "{head}");
    });
}

#[test]
fn the_wire_says_401_and_400_as_rfc_6750_does() {
    with_server(|_, address| {
        let token = token_over_the_wire(address);
        let malformed = "Authorization: Bearer \r\n".to_owned();
        let cases = [
            (String::new(), 401, r#"bearer realm="gateway""#),
            ("Authorization: Basic YTpi\r\n".to_owned(), 401, r#"bearer realm="gateway""#),
            (format!("Authorization: DPoP {token}\r\n"), 401, r#"dpop realm="gateway", error="invalid_token""#),
            (malformed, 400, r#"bearer realm="gateway", error="invalid_request""#),
            (format!("Authorization: Bearer {token}, x\r\n"), 400, r#"bearer realm="gateway", error="invalid_request""#),
            (
                format!("Authorization: Bearer {token}\r\n").repeat(2),
                400,
                r#"bearer realm="gateway", error="invalid_request""#,
            ),
            (format!("Authorization: Bearer {token}x\r\n"), 401, r#"bearer realm="gateway", error="invalid_token""#),
            (
                format!("Authorization: Bearer {}\r\n", "a.".repeat(600)),
                401,
                r#"bearer realm="gateway", error="invalid_token""#,
            ),
        ];
        for (fields, wanted, challenge) in cases {
            let (http, head, body) = exchange(address, "GET /api/x", &format!("User-Agent: curious\r\n{fields}"), "");
            assert_eq!(http, wanted, "{fields}");
            let challenges: Vec<&str> = head.lines().filter(|line| line.starts_with("www-authenticate:")).collect();
            assert_eq!(challenges, [format!("www-authenticate: {challenge}")], "{fields}");
            assert!(!body.contains("alice"), "{body}");
        }
        // What changes a little is tolerated; what vanishes is not: too little is left to compare.
        let with =
            |fields: &str| exchange(address, "GET /api/x", &format!("{fields}Authorization: Bearer {token}\r\n"), "").0;
        assert_eq!(with("User-Agent: curious\r\nAccept: */*\r\n"), 200);
        assert_eq!(with("uSER-aGENT:   curious  \r\n"), 200);
        let (http, head, _) = exchange(address, "GET /api/x", &format!("Authorization: Bearer {token}\r\n"), "");
        assert_eq!(http, 401);
        assert!(head.contains("\r\ncountermark-code: 712\r\n"), "{head}");
    });
}

/// The SHA-256 of the scenes' certificate, in base64url.
const FINGERPRINT: &str = "pHY0V6Aq_lhYVcn6r6o3bZrtAVuCyPZRCNXpaaDnIxM";

/// Logs in with these fields over a bare connection: the status and the body.
fn login_with(address: SocketAddr, fields: &str) -> (u16, Value) {
    let (http, _, body) =
        exchange(address, "POST /login", &format!("{FORM_FIELDS}{fields}"), "user=alice&password=wonderland");
    (http, serde_json::from_str(&body).unwrap())
}

/// A proof that is made without the example's code.
fn proof(key: &ProofKey, address: SocketAddr, method: &str, path: &str, token: &str, jti: &str) -> ProofBuilder {
    let good = ProofBuilder::new(key, token).claim("htm", method).claim("htu", format!("http://{address}{path}"));
    let good = good.claim("jti", jti).claim("iat", gateway::now().unwrap());
    if token.is_empty() { good.claim("ath", Value::Null) } else { good }
}

#[test]
fn on_the_wire_a_proof_is_asked_for_a_nonce_and_serves_once() {
    with_server(|_, address| {
        let key = ProofKey::of("ES256");
        let at_login = proof(&key, address, "POST", "/login", "", "a").build();
        let (http, body) = login_with(address, &format!("DPoP: {at_login}\r\n"));
        assert_eq!((http, body["token_type"].as_str()), (200, Some("DPoP")));
        let token = body["access_token"].as_str().unwrap();
        assert_eq!(payload(token)["cnf"], serde_json::json!({ "jkt": key.thumbprint() }));

        let get = |proof: &ProofBuilder| {
            let fields = format!("User-Agent: curious\r\nAuthorization: DPoP {token}\r\nDPoP: {}\r\n", proof.build());
            exchange_as_it_came(address, &address.to_string(), "GET /api/x?y=1", &fields, "")
        };
        let (http, head, _) = get(&proof(&key, address, "GET", "/api/x", token, "b"));
        assert_eq!(http, 401);
        let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        assert_eq!(field("WWW-Authenticate: "), r#"DPoP realm="gateway", error="use_dpop_nonce""#);
        let nonce = field("DPoP-Nonce: ");
        assert_eq!(nonce.len(), 43);

        let good = proof(&key, address, "GET", "/api/x", token, "d").claim("nonce", nonce);
        let (http, head, _) = get(&good);
        assert_eq!(http, 200, "{head}");
        assert!(!head.contains("DPoP-Nonce"), "no new nonce is due: {head}");
        let (http, head, _) = get(&good);
        assert_eq!(http, 401);
        assert!(head.contains("Countermark-Code: 800\r\n") && head.contains("error=\"invalid_dpop_proof\""), "{head}");
        let fields = format!("User-Agent: curious\r\nAuthorization: DPoP {token}\r\nDPoP: {}\r\n", good.build());
        assert_eq!(exchange(address, "GET /api/%zz", &fields, "").0, 400, "no URI has that path");
        // A proof for another host, which that host passes on under its own name.
        let relayed = proof(&key, address, "GET", "/api/x", token, "e").claim("nonce", nonce);
        let relayed = relayed.claim("htu", "http://evil.example/api/x").build();
        let fields = format!("User-Agent: curious\r\nAuthorization: DPoP {token}\r\nDPoP: {relayed}\r\n");
        let (http, head, _) = exchange_as_it_came(address, "evil.example", "GET /api/x", &fields, "");
        assert_eq!(http, 401);
        assert!(head.contains("Countermark-Code: 723\r\n"), "{head}");
        // What failed before its nonce was right has not been used up.
        let (http, ..) = get(&proof(&key, address, "GET", "/api/x", token, "b").claim("nonce", nonce));
        assert_eq!(http, 200);
    });
}

/// One named flaw each.
#[test]
fn a_login_with_a_proof_that_is_not_good_gets_no_token() {
    with_server(|_, address| {
        let key = ProofKey::of("ES256");
        let good = |jti: &str| proof(&key, address, "POST", "/login", "", jti);
        let now = gateway::now().unwrap();
        let flawed = [
            ("for another URL", good("a").claim("htu", "http://127.0.0.1:1/login").build()),
            ("for another method", good("b").claim("htm", "GET").build()),
            ("old", good("c").claim("iat", now - 90).build()),
            ("from the future", good("d").claim("iat", now + 60).build()),
            ("without jti", good("e").claim("jti", Value::Null).build()),
            ("without iat", good("f").claim("iat", Value::Null).build()),
            ("another typ", good("g").header("typ", "JWT").build()),
            ("without a key", good("h").header("jwk", Value::Null).build()),
            ("with a private key", good("i").jwk("d", "AAAA").build()),
            ("by another key than it carries", good("j").header("jwk", ProofKey::of_scalar([9; 32]).jwk).build()),
            ("of another algorithm", proof(&ProofKey::of("EdDSA"), address, "POST", "/login", "", "k").build()),
            ("none at all", String::from("nonsense")),
        ];
        for (flaw, proof) in flawed {
            let (http, body) = login_with(address, &format!("DPoP: {proof}\r\n"));
            assert_eq!((http, body["error"].as_str()), (400, Some("invalid_dpop_proof")), "{flaw}");
        }
        let [one, two] = ["l", "m"].map(|jti| format!("DPoP: {}\r\n", good(jti).build()));
        assert_eq!(login_with(address, &format!("{one}{two}")).0, 400, "two");
        assert_eq!(login_with(address, &one).0, 200, "the first of them alone");
        assert_eq!(login_with(address, &one).0, 400, "a second time");
        assert_eq!(login_with(address, &two).0, 200);
    });
}

#[test]
fn of_many_copies_of_a_proof_at_once_one_is_served() {
    with_server(|gateway, address| {
        let visitor = Visitor::new(gateway, address);
        let session = Session::ready(&visitor).unwrap();
        for _ in 0..20 {
            let answers = possession::at_once(8, &session, &session.proof("GET", PATH).unwrap()).unwrap();
            let codes: Vec<&str> = answers.iter().map(|answer| answer.field("countermark-code")).collect();
            assert_eq!(codes, ["0", "800", "800", "800", "800", "800", "800", "800"]);
        }
        let statistics = gateway.replay.statistics(gateway::now().unwrap());
        // One proof of the login, and none of the request without a nonce.
        assert_eq!((statistics.live, statistics.replayed, statistics.full), (21, 140, 0));
    });
}

#[test]
fn to_judge_a_proof_takes_no_memory() {
    let (_, calls) = counting::counted(|| std::hint::black_box(vec![1u8; 100]));
    assert_eq!(calls, 1, "it counts");
    with_server(|gateway, address| {
        let visitor = Visitor::new(gateway, address);
        let session = Session::ready(&visitor).unwrap();
        let (proof, now) = (session.proof("GET", PATH).unwrap(), gateway::now().unwrap());
        let (dpop, uri) = (format!("DPoP {}", session.token), visitor.uri(PATH));
        let headers = [("Authorization", dpop.as_str())];
        let proofs = [proof.as_bytes()];
        let client = Evidence { proofs: &proofs, method: "GET", uri: &uri, headers: &headers, ..Evidence::NONE };
        let mut scratch = [0; gateway::SCRATCH_BYTES];
        for expected in [Status::Accepted, Status::Replayed] {
            let judge = || gateway.judge(Door::Api, &headers, &client, Clock::At(now), &mut scratch).verdict.report().status;
            assert_eq!(counting::counted(judge), (expected, 0));
        }
    });
}

#[test]
fn a_token_that_is_shown_again_comes_out_of_the_cache() {
    with_server(|gateway, address| {
        let visitor = Visitor::new(gateway, address);
        let (one, other) = (visitor.token(&CHROME).unwrap(), visitor.token(&CHROME).unwrap());
        for (token, kept) in [(&one, 1), (&one, 1), (&other, 2), (&one, 2)] {
            assert_eq!(visitor.show(&CHROME, token).unwrap().http, 200);
            assert_eq!(gateway.state.cache.statistics().kept, kept);
        }
    });
}

#[test]
fn a_stream_goes_on_until_its_own_token_is_revoked() {
    with_server(|gateway, address| {
        let visitor = Visitor::new(gateway, address);
        assert_eq!(visitor.stream(&CHROME, "a.b.c").unwrap().line().unwrap().http, 401);
        let (own, other) = (visitor.token(&CHROME).unwrap(), visitor.token(&CHROME).unwrap());
        let mut stream = visitor.stream(&CHROME, &own).unwrap();
        for token in [&other, &own] {
            for _ in 0..10 {
                assert_eq!(stream.line().unwrap().body["user"], "alice");
            }
            assert_eq!(visitor.log_out("/logout", &CHROME, token).unwrap().http, 200);
        }
        assert_eq!(stream.end().unwrap().field("countermark-code"), "816");
        assert_eq!(visitor.stream(&CHROME, &own).unwrap().line().unwrap().http, 401);
    });
}

#[test]
fn from_the_network_nobody_has_a_certificate() {
    with_server(|gateway, address| {
        let own = possession::CERTIFICATE;
        let fields = [
            format!("Client-Cert: :{own}:\r\n"),
            format!("client-CERT: :{own}:\r\n"),
            format!("X-Handshake: :{own}:\r\n"),
            format!("X-Handshake: {} :{own}:\r\n", "0".repeat(32)),
        ];
        for fields in &fields {
            let (http, body) = login_with(address, fields);
            assert_eq!(http, 200);
            assert_eq!(payload(body["access_token"].as_str().unwrap()).get("cnf"), None, "{fields}");
        }
        // With the secret of this run there is one, and a token is bound to what `openssl x509 -fingerprint -sha256` says.
        let (name, value) = Visitor::new(gateway, address).handshake(own);
        let handshake = format!("{name}: {value}\r\n");
        let (_, body) = login_with(address, &handshake);
        let token = body["access_token"].as_str().unwrap();
        assert_eq!(payload(token)["cnf"], serde_json::json!({ "x5t#S256": FINGERPRINT }));
        // A new token is bound as the old one was.
        let authorization = format!("User-Agent: curious\r\nAuthorization: Bearer {token}\r\n");
        let (http, _, body) = exchange(address, "POST /reissue", &format!("{authorization}{handshake}"), "");
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((http, &payload(body["access_token"].as_str().unwrap())["cnf"]), (200, &payload(token)["cnf"]));
        for fields in &fields {
            let (http, head, _) = exchange(address, "GET /api/x", &format!("{authorization}{fields}"), "");
            assert_eq!(http, 401);
            assert!(head.contains("countermark-code: 701\r\n"), "{fields}{head}");
        }
        let malformed = handshake.replace(":\r\n", "\r\n");
        let (http, head, _) = exchange(address, "GET /api/x", &format!("{authorization}{malformed}"), "");
        assert_eq!(http, 401);
        assert!(head.contains("countermark-code: 702\r\n"), "{head}");
    });
}

#[test]
fn routes_and_logins_are_refused_as_http_has_it() {
    with_server(|gateway, address| {
        let line = |request_line: &str| exchange(address, request_line, "", "").0;
        assert_eq!(line("GET /"), 404);
        assert_eq!(line("GET /api"), 404);
        assert_eq!(line("GET /login"), 405);
        assert_eq!(line("POST /api/x"), 405);

        let visitor = Visitor::new(gateway, address);
        let login = |content_type: &str, body: &str| visitor.login(&CHROME, content_type, body).unwrap().http;
        assert_eq!(login(FORM, "user=bob&password=builder+%26%20sons"), 200);
        assert_eq!(login("Application/JSON; charset=utf-8", r#"{"user":"alice","password":"wonderland"}"#), 200);
        assert_eq!(login(FORM, "user=alice&password=builder+%26+sons"), 401);
        assert_eq!(login(FORM, "user=mallory&password="), 401);
        assert_eq!(login(FORM, "user=alice"), 400);
        assert_eq!(login(FORM, "user=alice&password=wonderland&password=wonderland"), 400);
        assert_eq!(login(FORM, "user=alice&password=%zz"), 400);
        assert_eq!(login("application/json", r#"{"user":"alice","password":1}"#), 400);
        assert_eq!(login("text/plain", "user=alice&password=wonderland"), 415);
        assert_eq!(login(FORM, &format!("user=alice&password={}", "x".repeat(2000))), 413);
    });
}

#[test]
fn many_clients_at_once_get_their_own_verdicts() {
    with_server(|gateway, address| {
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let visitor = Visitor::new(gateway, address);
                    for row in example::all_scenes().iter().flat_map(|scene| scene.play(&visitor)) {
                        assert_eq!(row.differences, [""; 0]);
                    }
                });
            }
        });
    });
}

#[test]
fn the_server_ends_with_its_body_even_by_panic() {
    let address = with_server(|_, address| address);
    let is_closed = || TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_err();
    assert!(
        (0..50).any(|_| is_closed() || {
            std::thread::sleep(Duration::from_millis(100));
            false
        }),
        "the port is free again"
    );
    let panicked = std::panic::catch_unwind(|| with_server(|_, _| panic!("on purpose")));
    assert!(panicked.is_err());
}
