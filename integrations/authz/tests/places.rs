//! Databases of addresses: what they give to the fingerprint, and to what is odd about a visit.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)] // tests may

mod support;

use serde_json::{Value, json};
use std::net::Ipv4Addr;
use support::client::send;
use support::device::Device;
use support::geo::database;
use support::service::{DOORS, Service};
use support::{CHROME, World, now};

const PATH: &str = "dialect = \"path\"\norigin = \"https://api.example\"";

#[test]
fn a_database_places_clients_and_odd_visits_are_stopped() {
    let world = World::new();
    let net = |text: &str| text.parse::<Ipv4Addr>().unwrap();
    let city = |country: &str, latitude: f64, longitude: f64| json!({"country": {"iso_code": country}, "location": {"latitude": latitude, "longitude": longitude, "accuracy_radius": 20}});
    let cities = [(net("192.0.2.0"), 24, city("GB", 51.51, -0.13)), (net("203.0.113.0"), 24, city("SG", 1.29, 103.85))];
    let numbers = [
        (net("192.0.2.0"), 24, json!({"autonomous_system_number": 64500})),
        (net("203.0.113.0"), 24, json!({"autonomous_system_number": 64502})),
    ];
    std::fs::write(world.folder.join("city.mmdb"), database("GeoLite2-City", &cities)).unwrap();
    std::fs::write(world.folder.join("asn.mmdb"), database("GeoLite2-ASN", &numbers)).unwrap();
    let more = "[geo]\nasn = \"asn.mmdb\"\ncountry = \"city.mmdb\"\n[risk]\n[holder]\ndpop = true\n";
    let service = Service::start(&world, PATH, "", &format!("{more}{DOORS}"));
    let visit = |client: &str, device: u8, id: &str| -> Value {
        let device = Device::new([device; 32]);
        let thumbprint = device.thumbprint();
        let token = world.token(|mint| mint.confirmed_key = Some(&thumbprint));
        let proof = device.proof("GET", "https://api.example/hello", &token, id, now(), "");
        let dpop = format!("DPoP {token}");
        let fields = [("X-Forwarded-For", client), ("Authorization", &dpop), ("DPoP", &proof)];
        let (answer, mut line) =
            service.logged(|| send(service.address, "GET", "/door/api/hello", &[CHROME, &fields].concat()));
        line["http"] = answer.http.into();
        line
    };
    let [http, status, risk] = ["http", "status", "risk"];
    let told = |line: Value| {
        (
            line[http].as_u64().unwrap(),
            line[status].as_str().unwrap().to_owned(),
            line[risk].as_str().unwrap_or("").to_owned(),
        )
    };
    assert_eq!(told(visit("192.0.2.1", 1, "a")), (200, "OK".into(), "allow".into()));
    assert_eq!(told(visit("192.0.2.77", 1, "b")), (200, "OK".into(), "allow".into()));
    // London to Singapore within a second, with the device that is known: whoever it is proves more.
    assert_eq!(told(visit("203.0.113.1", 1, "c")), (401, "STEP_UP_RISK".into(), "step-up".into()));
    // With another: nobody comes in for a while, from anywhere.
    assert_eq!(told(visit("203.0.113.1", 2, "d")), (401, "LOCKED_OUT".into(), "alert".into()));
    assert_eq!(told(visit("192.0.2.1", 1, "e")), (401, "LOCKED_OUT".into(), "lock-out".into()));
    assert_eq!(service.metric(r#"countermark_risk_total{action="alert"}"#), 1.0);
}

/// The system's number is a component of the fingerprint.
#[test]
fn the_database_counts_in_the_fingerprint() {
    let world = World::new();
    let number = |number: u32| json!({"autonomous_system_number": number});
    let nets: [(Ipv4Addr, u32, Value); 1] = [("127.0.0.0".parse().unwrap(), 8, number(64500))];
    std::fs::write(world.folder.join("asn.mmdb"), database("GeoLite2-ASN", &nets)).unwrap();
    let fingerprint = "[fingerprint]\npreset = \"headers\"\npepper_file = \"pepper\"\n";
    let token = world.marked_in(CHROME, "64500", "", |_| {});
    let similarity = |more: &str| {
        let service = Service::start(&world, PATH, "", &format!("{fingerprint}{more}{DOORS}"));
        let own = [("X-Forwarded-For", "127.0.0.1"), ("Authorization", &*format!("Bearer {token}"))];
        let (answer, line) = service.logged(|| send(service.address, "GET", "/door/api/hello", &[CHROME, &own].concat()));
        assert_eq!(answer.http, 200, "{line}");
        line["similarity"].as_u64().unwrap()
    };
    let (with, without) = (similarity("[geo]\nasn = \"asn.mmdb\"\n"), similarity(""));
    assert!(with == 1000 && without < 1000, "{with} with the database, {without} without");
}
