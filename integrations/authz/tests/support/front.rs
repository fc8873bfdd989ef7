//! The verdict table, played against whatever stands before the service.

use super::backend::Backend;
use super::cases::{Case, cases};
use super::client::{Answer, send};
use super::core::Core;
use super::device::Device;
use super::proxy::Proxy;
use super::service::{DOORS, Service};
use super::{CHROME, World, free_port, now};
use countermark::Status;
use std::collections::BTreeSet;
use std::net::SocketAddr;

const FINGERPRINT: &str = r#"
[fingerprint]
preset = "headers"
pepper_file = "pepper"

[holder]
dpop = true
nonce_seconds = 300
"#;

/// What the configuration says that clients call the service; what they write into `Host` is another thing.
const ORIGIN: &str = "https://api.example";

/// Starts a proxy before a service and a backend.
pub type Start = fn(&World, SocketAddr, SocketAddr) -> Proxy;

/// The service behind something, and the clients' way to it.
pub struct Front {
    world: World,
    service: Service,
    backend: Option<Backend>,
    proxy: Option<Proxy>,
}

impl Front {
    pub fn new(dialect: &str, start: Option<Start>) -> Front {
        Self::with(dialect, start, "", &format!("{FINGERPRINT}{DOORS}"))
    }

    fn with(dialect: &str, start: Option<Start>, state: &str, more: &str) -> Front {
        let world = World::new();
        let service = Service::start(&world, &format!("dialect = \"{dialect}\"\norigin = \"{ORIGIN}\""), state, more);
        let backend = start.map(|_| Backend::start());
        let proxy = start.zip(backend.as_ref()).map(|(start, backend)| start(&world, service.address, backend.address));
        Front { world, service, backend, proxy }
    }

    /// What has nothing to do with tokens reaches the client too, whatever the proxy makes of it: that it comes too often, that the
    /// store is down, that nobody can be asked. Nothing of it reaches the backend.
    pub fn refuses(dialect: &str, start: Start) {
        let limited = DOORS.replacen(
            "[doors.orders]",
            "[doors.orders]\nlimits = [{ by = \"address\", requests = 6, seconds = 60, burst = 3 }]",
            1,
        );
        let mut front = Front::with(dialect, Some(start), "", &limited);
        let token = format!("Bearer {}", front.world.token(|mint| mint.claims = r#"{"scope":"orders:read"}"#));
        let ask = |front: &Front, path: &str| front.send("GET", path, &[("Authorization", &token)]);
        assert_eq!([(); 3].map(|()| ask(&front, "/orders/7").http), [200; 3]);
        let refused = ask(&front, "/orders/7");
        let seconds: u32 = refused.field("retry-after").parse().unwrap();
        assert!(refused.http == 429 && (1..=10).contains(&seconds), "{refused:?}");
        assert_eq!(ask(&front, "/api/hello").http, 200);
        assert_eq!(front.service.revoke(r#"{"sub":"alice"}"#).http, 200);
        assert_eq!(ask(&front, "/api/hello").http, 401);
        assert_eq!(front.backend.as_ref().unwrap().served(), 4);
        front.service.end();
        let unasked = ask(&front, "/api/hello");
        assert!(unasked.http >= 500, "{unasked:?}");
        assert_eq!(front.backend.as_ref().unwrap().served(), 4);

        let nobody = format!("redis = \"redis://127.0.0.1:{}\"", free_port());
        let front = Front::with(dialect, Some(start), &nobody, DOORS);
        let refused = ask(&front, "/api/hello");
        assert_eq!((refused.http, refused.field("retry-after")), (503, "1"), "{refused:?}");
        assert_eq!(front.backend.as_ref().unwrap().served(), 0);
    }

    /// A path that an application takes for one behind the other door: whatever the proxy makes of it, the rules of that door hold.
    pub fn keeps_doors_apart(dialect: &str, start: Start) {
        let front = Front::with(dialect, Some(start), "", DOORS);
        let token = format!("Bearer {}", front.world.token(|_| {}));
        let mut refused = 0;
        for target in TRICKS {
            let answer = front.send("GET", target, &[("Authorization", &token)]);
            let raw = answer.echoed(":target").as_str().map(str::to_owned);
            // An application that normalizes nothing looks at the beginning.
            assert!(raw.as_ref().is_none_or(|raw| !raw.starts_with("/orders")), "{target} came through as {raw:?}");
            let reached = raw.as_deref().map(normalized);
            assert!(reached.as_ref().is_none_or(|path| !is_of_orders(path)), "{target} came through as {reached:?}");
            refused += usize::from(answer.http != 200);
        }
        assert!(refused >= 5, "{refused} refused");
        // Not so a query, nor dots in a name.
        for target in ["/api/hello", "/api/hello?x=/../orders//%2f", "/api/a..b/.c/...", "/api/%6f%20"] {
            assert_eq!(front.send("GET", target, &[("Authorization", &token)]).http, 200, "{target}");
        }
    }

    fn send(&self, method: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let Some(proxy) = &self.proxy else {
            // As Envoy asks: with the request's own method and path, behind that of the door.
            let door = if path.starts_with("/orders") { "orders" } else { "api" };
            let own = [("Host", "127.0.0.1:80"), ("X-Forwarded-For", "127.0.0.1")];
            return send(self.service.address, method, &format!("/door/{door}{path}"), &[&own, fields].concat());
        };
        send(proxy.address, method, path, fields)
    }

    fn ask(&self, case: &Case) -> Answer {
        let fields: Vec<(&str, &str)> = case.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.send(case.method, case.path, &fields)
    }

    /// The nonce that an answer without one tells (RFC 9449 8).
    fn nonce(&self) -> String {
        let device = Device::new([9; 32]);
        let thumbprint = device.thumbprint();
        let token = self.world.marked(CHROME, |mint| mint.confirmed_key = Some(&thumbprint));
        let proof = device.proof("GET", &format!("{ORIGIN}/api/hello"), &token, "first", now(), "");
        let own = [("Authorization", &*format!("DPoP {token}")), ("DPoP", &proof)];
        let answer = self.send("GET", "/api/hello", &[CHROME, &own].concat());
        assert!(!answer.field("dpop-nonce").is_empty(), "{answer:?}");
        answer.field("dpop-nonce").to_owned()
    }

    pub fn play(&self) {
        let core = Core::new();
        let table = cases(&self.world, ORIGIN, &self.nonce());
        let (mut differences, mut seen) = (Vec::new(), BTreeSet::new());
        for case in &table {
            let expected = case.expected;
            assert_eq!(core.status(&self.world, ORIGIN, case), expected.status, "{}: the core", case.name);
            let served = self.backend.as_ref().map_or(0, Backend::served);
            let (answer, line) = self.service.logged(|| self.ask(case));
            let reached = self.backend.as_ref().map_or(served, Backend::served) - served;
            let subject = match &self.backend {
                Some(_) => answer.echoed("x-auth-subject").as_str().unwrap_or_default().to_owned(),
                None => answer.field("x-auth-subject").to_owned(),
            };
            let is_accepted = expected.status == Status::Accepted;
            let found = (line["status"].as_str(), answer.http, answer.field("www-authenticate"), subject.as_str(), reached);
            let wanted = (
                Some(expected.status.name()),
                expected.http,
                expected.challenge,
                if is_accepted { "alice" } else { "" },
                usize::from(is_accepted && self.backend.is_some()),
            );
            println!("{:<32} {:<22} HTTP {}", case.name, found.0.unwrap_or_default(), found.1);
            if found != wanted {
                differences.push(format!("{}: {found:?}, not {wanted:?}", case.name));
            }
            seen.insert(expected.status.code());
        }
        assert!(differences.is_empty(), "{differences:#?}");
        assert!(table.len() >= 30 && seen.len() >= 20, "{} cases, {} statuses", table.len(), seen.len());
        self.forged();
        self.relayed();
        self.counted(table.len());
    }

    /// Fields that only the service writes, in every spelling that an application could take for one: refused, and never passed.
    fn forged(&self) {
        let token = format!("Bearer {}", self.world.marked(CHROME, |_| {}));
        let served = self.backend.as_ref().map_or(0, Backend::served);
        for name in ["X-Auth-Subject", "x-auth-subject", "X-Auth-Scope"] {
            let answer = self.send("GET", "/api/hello", &[CHROME, &[("Authorization", &token), (name, "admin")]].concat());
            assert_eq!(answer.http, 400, "{name}: {answer:?}");
        }
        assert_eq!(self.backend.as_ref().map_or(served, Backend::served), served, "none came through");
        // nginx drops names with an underscore by itself.
        let answer =
            self.send("GET", "/api/hello", &[CHROME, &[("Authorization", &token), ("X_Auth_Subject", "admin")]].concat());
        assert!(answer.http == 400 || answer.echoed("x_auth_subject").is_null(), "{answer:?}");
        if self.proxy.is_some() {
            self.unhooked(&token);
        }
        // A field of the proxy's own dialect that a client writes changes nothing.
        let device = Device::new([7; 32]);
        let thumbprint = device.thumbprint();
        let bound = self.world.marked(CHROME, |mint| mint.confirmed_key = Some(&thumbprint));
        let elsewhere = device.proof("GET", &format!("{ORIGIN}/admin"), &bound, "forged", now(), &self.nonce());
        let own = [("Authorization", &*format!("DPoP {bound}")), ("DPoP", &elsewhere)];
        let forged = [("X-Forwarded-Uri", "/admin"), ("X-Original-URI", "/admin"), ("X-Forwarded-Prefix", "/admin")];
        let (answer, line) = self.service.logged(|| self.send("GET", "/api/hello", &[CHROME, &own, &forged].concat()));
        assert_eq!((answer.http, line["status"].as_str()), (401, Some("PROOF_URI")), "{answer:?} {line}");
    }

    /// What Connection names ends at the next hop (RFC 9110 7.6.1): a client must not take our fields out by it, here or behind.
    fn unhooked(&self, token: &str) {
        for named in ["X-Auth-Subject", "close, X-Auth-Subject", "x-auth-scope,X-AUTH-SUBJECT", "X_Auth_Subject"] {
            for own in [&[][..], &[("X-Auth-Subject", "admin")]] {
                let fields = [CHROME, &[("Authorization", token), ("Connection", named)], own].concat();
                let answer = self.send("GET", "/api/hello", &fields);
                let is_kept = answer.echoed("x-auth-subject") == "alice"
                    && !answer.echoed("connection").to_string().to_ascii_lowercase().contains("auth");
                assert!(answer.http == 400 || own.is_empty() && is_kept, "Connection: {named}: {answer:?}");
            }
        }
    }

    /// A proof for the host that the client names, where the service is called otherwise: whoever was shown one elsewhere has it.
    fn relayed(&self) {
        let device = Device::new([7; 32]);
        let thumbprint = device.thumbprint();
        let bound = self.world.marked(CHROME, |mint| mint.confirmed_key = Some(&thumbprint));
        let host = self.proxy.as_ref().map_or("127.0.0.1:80".into(), |proxy| proxy.address.to_string());
        for scheme in ["http", "https"] {
            let uri = format!("{scheme}://{host}/api/hello");
            let proof = device.proof("GET", &uri, &bound, &format!("relayed {scheme}"), now(), &self.nonce());
            let own = [("Authorization", &*format!("DPoP {bound}")), ("DPoP", &proof)];
            let told = [("X-Forwarded-Host", &*host), ("X-Forwarded-Proto", scheme)];
            let (answer, line) = self.service.logged(|| self.send("GET", "/api/hello", &[CHROME, &own, &told].concat()));
            assert_eq!((answer.http, line["status"].as_str()), (401, Some("PROOF_URI")), "{answer:?} {line}");
        }
    }

    fn counted(&self, cases: usize) {
        let page = self.service.metrics();
        let sum: f64 = page
            .lines()
            .filter(|line| line.starts_with("countermark_answers_total{"))
            .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
            .sum();
        assert!(sum >= cases as f64, "{page}");
        assert_eq!(
            self.service.metric(r#"countermark_answers_total{door="orders",http="403",status="RIGHTS_MISSING"}"#),
            2.0
        );
        assert!(self.service.metric(r#"countermark_fingerprints_total{outcome="mismatch"}"#) >= 1.0);
        assert!(self.service.metric(r#"countermark_fingerprints_total{outcome="accept-changed"}"#) >= 1.0);
        assert!(self.service.metric(r#"countermark_fingerprints_total{outcome="missing"}"#) >= 1.0);
        // No part of a token is in the log: not its header, its payload, its signature, nor of a proof.
        let log = self.service.lines().concat();
        assert!(log.len() > 1000 && !log.contains("eyJ") && !log.contains("alice"), "{log}");
    }
}

const TRICKS: &[&str] = &[
    "/orders",
    "/orders/",
    "/orders/7",
    "//orders/7",
    "/./orders/7",
    "/api/../orders/7",
    "/api/..//orders/7",
    "/api//../orders/7",
    "/api//..//../orders/7",
    "/%6frders/7",
    "/%6Frders/7",
    "/orders%2F7",
    "/orders%2f..%2forders/7",
    "/api/%2e%2e/orders/7",
    "/api/.%2E/orders/7",
    "/%2forders/7",
    "/api%2f../orders/7",
    "/../orders/7",
    "/orders?x=1",
    "/orders;x=1/7",
    "/orders/../api/hello",
    "/orders/7/../../api",
    "/orders/7/../../api?x=1",
    "/orders/7/%2e%2e/..",
    "/orders/7/%2E./.%2e/api",
    "/orders/..%2fapi",
    "/orders%2f..%2f../api",
    "/orders/..;/api",
    "/orders/..//api",
    "/orders/..\\..\\api",
    "/api\\..\\orders/7",
    "/api/..%5corders/7",
    "/api/..;/orders/7",
    "/api/.;x=1/../orders/7",
    "/api/%2e%2e;/orders/7",
    "/orders/%5c../../api",
    "/orders/..",
    "/api/hello?x=/../orders/7",
];

/// As an application may read it: percent-encodings resolved, a backslash taken for a slash, empty and dot segments removed.
fn normalized(target: &str) -> String {
    let path = target.split(['?', '#']).next().unwrap();
    let (mut decoded, mut rest) = (Vec::new(), path.as_bytes());
    while let [byte, behind @ ..] = rest {
        let hex = behind.get(..2).and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match hex.filter(|_| *byte == b'%') {
            Some(value) => (decoded.push(value), rest = &behind[2..]).1,
            None => (decoded.push(*byte), rest = behind).1,
        }
    }
    let mut segments = Vec::new();
    for segment in String::from_utf8_lossy(&decoded).split(['/', '\\']) {
        // Without its parameters (RFC 3986 3.3).
        match segment.split(';').next().unwrap() {
            "" | "." => {}
            ".." => drop(segments.pop()),
            name => segments.push(name.to_owned()),
        }
    }
    format!("/{}", segments.join("/"))
}

fn is_of_orders(path: &str) -> bool {
    path == "/orders" || path.starts_with("/orders/")
}
