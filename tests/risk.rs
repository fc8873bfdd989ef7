//! Risk: histories of honest people and of attackers, each rule at its bounds, networks and distances by slow oracles, and what a
//! population of honest people is troubled with.

use countermark::{Action, Finding, Network, Position, Risk, RiskRecord, RiskRow, RiskRules, Signals, Status, Visit};
use countermark_tests::random::Random;
use std::net::{IpAddr, Ipv6Addr};

const SECRET: &[u8] = b"sixteen bytes or more";
const NOW: i64 = 1_900_000_000;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

fn place(latitude: f64, longitude: f64, accuracy_km: u16) -> Position {
    Position { latitude: (latitude * 100.0) as i16, longitude: (longitude * 100.0) as i16, accuracy_km }
}

fn berlin() -> Position {
    place(52.52, 13.40, 20)
}
fn singapore() -> Position {
    place(1.35, 103.82, 20)
}
fn new_york() -> Position {
    place(40.71, -74.01, 20)
}

/// A visit and what it should come to.
#[derive(Clone, Copy)]
struct Step<'c> {
    after: i64,
    visit: Visit<'c>,
    expected: Action,
}

fn from<'c>(device: &'c [u8], country: &[u8; 2], position: Position) -> Visit<'c> {
    Visit { subject: b"alice", device, country: Some(*country), position: Some(position), ..Visit::default() }
}

/// Plays a history; who is served, or asked for a stronger proof and gives it, is known from then on.
fn play(rules: RiskRules<'_>, steps: &[Step<'_>]) -> Vec<Finding> {
    let risk = Risk::new(rules, SECRET).unwrap();
    let (mut record, mut now) = (RiskRecord::default(), NOW);
    let mut findings = Vec::new();
    for (at, step) in steps.iter().enumerate() {
        now += step.after;
        let finding = risk.assess(&record, &step.visit, now);
        assert_eq!(finding.action, step.expected, "step {at}: {finding:?}");
        let ended = if finding.action <= Action::StepUp { Status::Accepted } else { Status::LockedOut };
        risk.observe(&mut record, &step.visit, ended, now);
        findings.push(finding);
    }
    findings
}

fn step<'c>(after: i64, visit: Visit<'c>, expected: Action) -> Step<'c> {
    Step { after, visit, expected }
}

#[test]
fn a_business_traveller_is_told_and_not_stopped() {
    let laptop = |country, position| from(b"laptop", country, position);
    let phone = |country, position| from(b"phone", country, position);
    let findings = play(
        RiskRules::default(),
        &[
            step(0, laptop(b"DE", berlin()), Action::Allow),
            step(DAY, phone(b"DE", berlin()), Action::Notify),
            step(HOUR, laptop(b"DE", berlin()), Action::Allow),
            // Eleven hours and a half of flight; the phone is on first.
            step(13 * HOUR, phone(b"SG", singapore()), Action::Notify),
            step(HOUR, laptop(b"SG", singapore()), Action::Allow),
            step(2 * DAY, laptop(b"SG", singapore()), Action::Allow),
            step(30 * HOUR, laptop(b"US", new_york()), Action::Notify),
            step(10 * HOUR, phone(b"DE", berlin()), Action::Allow),
        ],
    );
    assert_eq!(findings[3].signals, Signals::NEW_COUNTRY);
    assert_eq!(findings[7].signals, Signals::default());
}

#[test]
fn a_vpn_that_is_listed_is_no_journey() {
    let exit = "198.51.100.7".parse().unwrap();
    let networks = [Network::new("198.51.100.0".parse().unwrap(), 24, 1).unwrap()];
    let rules = RiskRules { networks: &networks, ..RiskRules::default() };
    let home = Visit { address: Some("192.0.2.1".parse().unwrap()), ..from(b"laptop", b"DE", berlin()) };
    let vpn = Visit { address: Some(exit), ..from(b"laptop", b"US", new_york()) };
    let findings = play(
        rules,
        &[
            step(0, home, Action::Allow),
            step(60, vpn, Action::Allow),
            step(60, home, Action::Allow),
            step(60, Visit { device: b"another", ..vpn }, Action::StepUp),
        ],
    );
    assert_eq!(findings[1].signals, Signals::LISTED_NETWORK);
    // Unlisted, the same is a journey that nobody makes.
    play(RiskRules::default(), &[step(0, home, Action::Allow), step(60, vpn, Action::StepUp)]);
}

/// One device, an address of its own each time, a position that jumps about the country and says that it is not exact.
#[test]
fn a_phone_behind_a_carriers_nat_is_left_alone() {
    let mut random = Random::new(1);
    let mut steps = Vec::new();
    for _ in 0..200 {
        let at = place(48.0 + random.below(60) as f64 / 10.0, 8.0 + random.below(50) as f64 / 10.0, 300);
        let address = IpAddr::from([100, 64 + random.byte() % 64, random.byte(), random.byte()]);
        let visit = Visit { address: Some(address), ..from(b"phone", b"DE", at) };
        steps.push(step(30 + random.below(600) as i64, visit, Action::Allow));
    }
    play(RiskRules::default(), &steps);
}

#[test]
fn an_attacker_on_another_continent_is_refused_and_told_of() {
    let alice = from(b"laptop", b"DE", berlin());
    let attacker = from(b"stolen", b"SG", singapore());
    let findings = play(
        RiskRules::default(),
        &[
            step(0, alice, Action::Allow),
            step(DAY, alice, Action::Allow),
            step(600, attacker, Action::Alert),
            step(60, attacker, Action::LockOut),
            // It is the subject that is locked out, so that nobody gets in by the other's device.
            step(60, alice, Action::LockOut),
            step(15 * 60, alice, Action::Allow),
        ],
    );
    assert!(findings[2].signals.contains(Signals::IMPOSSIBLE_TRAVEL.and(Signals::NEW_DEVICE)));
    assert_eq!(findings[2].locked_until, findings[3].locked_until);
    assert_eq!(findings[2].locked_until, NOW + DAY + 600 + 900);
    assert_eq!(findings[2].status(), Status::LockedOut);
    // Slowly, and by a device that is new: a new country with it asks for a stronger proof.
    play(RiskRules::default(), &[step(0, alice, Action::Allow), step(DAY, attacker, Action::StepUp)]);
}

#[test]
fn rapid_changes_of_device_lock_out() {
    let device = |name: &'static [u8]| Visit { subject: b"alice", device: name, ..Visit::default() };
    let steps = |third: i64| {
        [
            step(0, device(b"0"), Action::Allow),
            step(60, device(b"1"), Action::Notify),
            step(60, device(b"2"), Action::Notify),
            step(60, device(b"0"), Action::Allow),
            step(third, device(b"3"), Action::Notify),
        ]
    };
    let mut rapid = steps(60).to_vec();
    rapid.push(step(60, device(b"4"), Action::LockOut));
    play(RiskRules::default(), &rapid);
    let mut slow = steps(HOUR).to_vec();
    slow.push(step(60, device(b"4"), Action::Notify));
    play(RiskRules::default(), &slow);
    // Two that are known may alternate for ever.
    let both: Vec<_> = (0..100).map(|at| step(10, device([b"0", b"1"][at % 2]), Action::Allow)).collect();
    play(RiskRules::default(), &[&steps(60)[..2], &both].concat());
}

/// One phone in a new country sends its token again and again before the stronger proof is given: it is one device.
#[test]
fn a_device_that_comes_again_is_one_arrival() {
    let risk = Risk::new(RiskRules::default(), SECRET).unwrap();
    let mut record = RiskRecord::default();
    risk.observe(&mut record, &from(b"laptop", b"DE", berlin()), Status::Accepted, NOW - DAY);
    let phone = from(b"phone", b"SG", singapore());
    for second in 0..50 {
        let finding = risk.assess(&record, &phone, NOW + second);
        assert_eq!((finding.action, finding.signals.contains(Signals::RAPID_CHANGES)), (Action::StepUp, false), "{second}");
        risk.observe(&mut record, &phone, finding.status(), NOW + second);
    }
    // Different ones are rapid changes, the fourth of them, as before.
    for (number, device) in [b"a", b"b", b"c"].into_iter().enumerate() {
        let other = Visit { device, ..phone };
        let finding = risk.assess(&record, &other, NOW + 60);
        assert_eq!(finding.signals.contains(Signals::RAPID_CHANGES), number == 2);
        risk.observe(&mut record, &other, Status::StepUpRisk, NOW + 60);
    }
}

#[test]
fn the_country_of_a_listed_network_is_not_kept() {
    let networks = [Network::new("198.51.100.0".parse().unwrap(), 24, 1).unwrap()];
    let risk = Risk::new(RiskRules { networks: &networks, ..RiskRules::default() }, SECRET).unwrap();
    let mut record = RiskRecord::default();
    let home = from(b"laptop", b"DE", berlin());
    risk.observe(&mut record, &home, Status::Accepted, NOW);
    let exit = Visit { address: Some("198.51.100.7".parse().unwrap()), country: Some(*b"RU"), ..home };
    risk.observe(&mut record, &exit, Status::Accepted, NOW + 60);
    let there = Visit { country: Some(*b"RU"), position: None, ..home };
    assert_eq!(risk.assess(&record, &there, NOW + 120).signals, Signals::NEW_COUNTRY);
}

#[test]
fn failures_count_in_their_span_and_lock_out_ends() {
    let risk = Risk::new(RiskRules::default(), SECRET).unwrap();
    let alice = Visit { subject: b"alice", device: b"laptop", ..Visit::default() };
    let mut record = RiskRecord::default();
    for minute in 0..4 {
        risk.observe(&mut record, &alice, Status::Signature, NOW + minute * 60);
    }
    // What honest clients meet: clocks, stores and lists that do not answer, nonces, rights.
    for ignored in [
        Status::StepUp,
        Status::StepUpRisk,
        Status::RateLimited,
        Status::ThrottleFull,
        Status::ReplayFull,
        Status::RevocationUnknown,
        Status::StatusListStale,
        Status::StatusListMismatch,
        Status::SessionEnded,
        Status::ProofNonce,
        Status::ProofTime,
        Status::Expired,
        Status::Revoked,
        Status::RightsMissing,
        Status::NoKey,
        Status::ScratchTooSmall,
        Status::Accepted,
    ] {
        risk.observe(&mut record, &alice, ignored, NOW + 200);
    }
    assert_eq!(risk.assess(&record, &alice, NOW + 240).action, Action::Allow, "four");
    risk.observe(&mut record, &alice, Status::FingerprintMismatch, NOW + 240);
    let found = risk.assess(&record, &alice, NOW + 300);
    assert_eq!((found.signals, found.action), (Signals::REPEATED_FAILURES, Action::LockOut));
    assert_eq!(risk.assess(&record, &alice, NOW + 900).action, Action::Allow, "the first is too long ago");
    risk.observe(&mut record, &alice, found.status(), NOW + 300);
    for (now, expected) in [(NOW + 301, Action::LockOut), (NOW + 1199, Action::LockOut), (NOW + 1200, Action::Allow)] {
        let found = risk.assess(&record, &alice, now);
        assert_eq!((found.action, found.locked_until != 0), (expected, expected == Action::LockOut), "{now}");
    }
    // While it lasts, nothing is learned.
    let before = record;
    risk.observe(&mut record, &Visit { device: b"other", ..alice }, Status::Accepted, NOW + 400);
    assert_eq!(record, before);
}

#[test]
fn evidence_that_contradicts_itself() {
    let risk = Risk::new(RiskRules::default(), SECRET).unwrap();
    let found = |visit: Visit<'_>| risk.assess(&RiskRecord::default(), &visit, NOW).signals;
    let windows: &[u8] = b"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36";
    let android: &[u8] = b"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/138.0.0.0 Mobile Safari/537.36";
    let iphone: &[u8] =
        b"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 CriOS/138.0 Mobile/15E148";
    let mac: &[u8] = b"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36";
    let chrome_os: &[u8] = b"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36";
    let desk: &[u8] = b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36";
    let systems: [(&[u8], &[&[u8]]); 6] = [
        (windows, &[b"\"Windows\""]),
        (android, &[b"\"Android\"", b"\"Linux\""]),
        (iphone, &[b"\"iOS\""]),
        (mac, &[b"\"macOS\""]),
        (chrome_os, &[b"\"Chrome OS\"", b"\"Chromium OS\""]),
        (desk, &[b"\"Linux\"", b"\"Android\""]),
    ];
    for (user_agent, own) in systems {
        for (_, platforms) in systems {
            for platform in platforms {
                let visit = Visit { user_agent, platform, ..Visit::default() };
                assert_eq!(found(visit).contains(Signals::CONTRADICTION), !own.contains(platform), "{user_agent:?}");
            }
        }
        for platform in [&b""[..], b"\"Unknown\"", b"\"Fuchsia\""] {
            assert_eq!(found(Visit { user_agent, platform, ..Visit::default() }), Signals::default());
        }
    }
    let headless = b"Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/138.0.0.0 Safari/537.36";
    assert_eq!(found(Visit { user_agent: headless, ..Visit::default() }), Signals::AUTOMATION);
    assert_eq!(found(Visit { is_driven: true, ..Visit::default() }), Signals::AUTOMATION);
    // Clocks: in use there, in summer and in the far west of a zone; or not.
    for (position, minutes, is_odd) in [
        (berlin(), 60, false),
        (berlin(), 120, false),
        (berlin(), -300, true),
        (berlin(), 480, true),
        (place(43.5, -8.4, 20), 120, false), // A Coruña
        (place(39.5, 76.0, 20), 480, false), // Kashgar
        (place(1.4, 173.0, 20), 720, false), // Tarawa
        (place(-14.3, -170.7, 20), -660, false),
        (place(-13.8, -171.8, 20), 780, false), // Apia, across the line
        (singapore(), -300, true),
    ] {
        let visit = Visit { position: Some(position), clock_minutes: Some(minutes), ..Visit::default() };
        assert_eq!(found(visit).contains(Signals::TIME_ZONE), is_odd, "{position:?} {minutes}");
    }
}

/// By the law of cosines, and cities whose distance is in every atlas.
#[test]
fn journeys_by_another_formula() {
    let rules = RiskRules { distance_km: 0, speed_kmh: 1, ..RiskRules::default() };
    let risk = Risk::new(rules, SECRET).unwrap();
    // The hour from which on the journey is possible at 1 km/h is the distance.
    let distance = |one: Position, other: Position| {
        let mut record = RiskRecord::default();
        risk.observe(&mut record, &from(b"", b"DE", one), Status::Accepted, NOW);
        let is_far = |km: &i64| {
            let found = risk.assess(&record, &from(b"", b"DE", other), NOW + *km * HOUR);
            found.signals.contains(Signals::IMPOSSIBLE_TRAVEL)
        };
        let (mut near, mut far) = (0, 21_000);
        while near < far {
            let middle = (near + far) / 2;
            if is_far(&middle) { near = middle + 1 } else { far = middle }
        }
        near
    };
    assert!((6385 - distance(berlin(), new_york()) - 40).abs() < 15);
    assert!((9920 - distance(berlin(), singapore()) - 40).abs() < 20);
    assert_eq!(distance(berlin(), place(52.6, 13.5, 20)), 0, "within what is not exact");
    assert!((20_015 - distance(place(90.0, 0.0, 0), place(-90.0, 77.0, 0))).abs() < 3);
    let mut random = Random::new(3);
    for _ in 0..300 {
        let mut any = || place(random.below(181) as f64 - 90.0, random.below(361) as f64 - 180.0, 0);
        let (one, other) = (any(), any());
        let radians = |hundredths: i16| f64::from(hundredths) / 100.0 * std::f64::consts::PI / 180.0;
        let (a, b) = (radians(one.latitude), radians(other.latitude));
        let apart = radians(one.longitude) - radians(other.longitude);
        let cosine = (a.sin() * b.sin() + a.cos() * b.cos() * apart.cos()).clamp(-1.0, 1.0);
        let expected = (cosine.acos() * 6371.0).ceil() as i64;
        assert!((distance(one, other) - expected).abs() <= 1, "{one:?} {other:?}: {expected}");
    }
    // Off the Earth: not judged, not kept.
    let nowhere = Position { latitude: 9001, longitude: 0, accuracy_km: 0 };
    assert_eq!(distance(nowhere, berlin()), 0);
    assert_eq!(distance(berlin(), nowhere), 0);
}

#[test]
fn networks_by_a_slow_search() {
    let mut random = Random::new(4);
    let mut seen = [0; 2];
    for _ in 0..300 {
        // Prefixes of few bits that differ, so that they nest.
        let mut rows: Vec<Network> = Vec::new();
        for _ in 0..random.below(60) {
            let bits = [0, 8, 16, 96, 104, 112, 120, 127, 128][random.below(9)];
            let address = address(&mut random);
            let mask = if bits == 0 { 0 } else { u128::MAX << (128 - bits) };
            rows.push(Network { prefix: (address.to_bits() & mask).to_be_bytes(), bits, list: random.byte() & 1 });
        }
        rows.sort_by_key(|row| (row.prefix, row.bits));
        rows.dedup_by_key(|row| (row.prefix, row.bits));
        let risk = Risk::new(RiskRules { networks: &rows, ..RiskRules::default() }, SECRET).unwrap();
        for _ in 0..40 {
            let asked = address(&mut random);
            let holds = |row: &&Network| {
                let shift = 128 - u32::from(row.bits);
                let same = (asked.to_bits() ^ u128::from_be_bytes(row.prefix)).checked_shr(shift);
                same.unwrap_or(0) == 0
            };
            let expected = rows.iter().filter(holds).max_by_key(|row| row.bits).is_some_and(|row| row.list != 0);
            let visit = Visit { address: Some(IpAddr::V6(asked).to_canonical()), ..Visit::default() };
            let found = risk.assess(&RiskRecord::default(), &visit, NOW).signals.contains(Signals::LISTED_NETWORK);
            assert_eq!(found, expected, "{asked} in {rows:?}");
            seen[usize::from(found)] += 1;
        }
        // Out of order, twice, or with bits behind the prefix: refused.
        if rows.len() > 1 {
            let at = random.below(rows.len() - 1);
            let mut wrong = [rows.clone(), rows.clone(), rows.clone()];
            wrong[0].swap(at, at + 1);
            wrong[1][at] = wrong[1][at + 1];
            wrong[2][at].bits = 129;
            for rows in &wrong {
                let made = Risk::new(RiskRules { networks: rows, ..RiskRules::default() }, SECRET);
                assert_eq!(made.err(), Some(Status::NetworksMalformed));
            }
        }
    }
    assert!(seen[0] > 1000 && seen[1] > 1000, "{seen:?}");
    assert_eq!(Network::new("192.0.2.1".parse().unwrap(), 24, 1), Err(Status::Argument));
    assert_eq!(Network::new("192.0.2.0".parse().unwrap(), 33, 1), Err(Status::Argument));
    assert_eq!(Network::new("2001:db8::".parse().unwrap(), 129, 1), Err(Status::Argument));
    assert!(Network::new("2001:db8::".parse().unwrap(), 32, 1).is_ok());
}

fn address(random: &mut Random) -> Ipv6Addr {
    let few = |random: &mut Random| u128::from(random.byte() & 3) * 0x55;
    match random.below(2) {
        0 => Ipv6Addr::from_bits(0xffff << 32 | few(random) << 24 | few(random) << 16 | few(random) << 8 | few(random)),
        _ => Ipv6Addr::from_bits(few(random) << 120 | few(random) << 112 | few(random)),
    }
}

#[test]
fn a_host_replaces_the_table_of_actions() {
    let rows = [
        RiskRow { signals: Signals::NEW_DEVICE, action: Action::Alert },
        RiskRow { signals: Signals::default(), action: Action::Notify },
    ];
    let rules = RiskRules { rows: &rows, ..RiskRules::default() };
    let device = |name: &'static [u8]| Visit { device: name, ..Visit::default() };
    play(rules, &[step(0, device(b"1"), Action::Notify), step(0, device(b"2"), Action::Alert)]);
    play(RiskRules { rows: &[], ..rules }, &[step(0, device(b"1"), Action::Allow), step(0, device(b"2"), Action::Allow)]);
    assert_eq!(Risk::new(RiskRules { changes: 0, ..rules }, SECRET).err(), Some(Status::LimitRange));
    assert_eq!(Risk::new(RiskRules { failures: 9, ..rules }, SECRET).err(), Some(Status::LimitRange));
    for zero in [
        RiskRules { change_seconds: 0, ..rules },
        RiskRules { failure_seconds: 0, ..rules },
        RiskRules { lock_seconds: 0, ..rules },
    ] {
        assert_eq!(Risk::new(zero, SECRET).err(), Some(Status::LimitRange));
    }
    assert_eq!(Risk::new(rules, &SECRET[..15]).err(), Some(Status::PepperTooShort));
}

/// A record of any bytes is one; what is kept tells neither address nor device, and not whether two subjects share one.
#[test]
fn records_hold_little_and_are_never_wrong() {
    let mut random = Random::new(5);
    let risk = Risk::new(RiskRules::default(), SECRET).unwrap();
    for _ in 0..5000 {
        let mut record = RiskRecord(random.bytes(128).try_into().unwrap());
        let now = random.word() as i64 >> random.below(64);
        let position =
            Position { latitude: random.word() as i16, longitude: random.word() as i16, accuracy_km: random.word() as u16 };
        let visit = Visit { clock_minutes: Some(random.word() as i16), ..from(b"device", b"DE", position) };
        let found = risk.assess(&record, &visit, now);
        risk.observe(&mut record, &visit, found.status(), now);
    }
    let alice = Visit { address: Some("203.0.113.77".parse().unwrap()), ..from(b"a device's name", b"DE", berlin()) };
    let kept = |visit: &Visit<'_>| {
        let mut record = RiskRecord::default();
        risk.observe(&mut record, visit, Status::Accepted, NOW);
        record.0
    };
    let (one, other) = (kept(&alice), kept(&Visit { subject: b"bob", ..alice }));
    assert_ne!(one[..4], other[..4], "the same device");
    assert!(!one.windows(4).any(|bytes| bytes == [203, 0, 113, 77] || bytes == *b"devi"));
    assert_eq!(one[16..18], *b"DE");
}

/// Honest people for half a year: a phone and mostly a laptop, a carrier's NAT, journeys, new devices, an unlisted VPN for a few. What
/// they are troubled with is counted.
#[test]
fn false_alarms_of_a_population() {
    const PEOPLE: usize = 1000;
    const DAYS: i64 = 180;
    let risk = Risk::new(RiskRules::default(), SECRET).unwrap();
    let mut random = Random::new(6);
    let (mut actions, mut troubled, mut visits) = ([0u32; 5], 0u32, 0u32);
    for person in 0..PEOPLE {
        let home = place(random.below(110) as f64 - 50.0, random.below(340) as f64 - 170.0, 30);
        let has_vpn = random.once_in(20);
        let (mut record, mut here, mut country) = (RiskRecord::default(), home, *b"AA");
        let (mut devices, mut away, mut is_troubled) = ([1u32, 2], 0i64, false);
        for day in 0..DAYS {
            let mut now = NOW + day * DAY;
            if away > 0 {
                away -= 1;
                if away == 0 {
                    (here, country) = (home, *b"AA");
                    now += 18 * HOUR; // the flight home
                }
            } else if random.once_in(45) {
                here = place(random.below(110) as f64 - 50.0, random.below(340) as f64 - 170.0, 30);
                (country, away) = ([b'B', b'A' + random.byte() % 20], 2 + random.below(10) as i64);
                now += 18 * HOUR + 10;
            }
            if random.once_in(400) {
                devices[random.below(2)] = 100 + day as u32;
            }
            for _ in 0..random.below(8) {
                now += 600 + random.below(1800) as i64;
                let which = random.below(2);
                let mut position = here;
                if which == 0 {
                    // A carrier's gateway anywhere within 250 km, and it says so.
                    position.latitude += random.below(300) as i16 - 150;
                    position.accuracy_km = 250;
                }
                if has_vpn && random.once_in(10) {
                    position = place(40.0, -74.0, 20);
                }
                let device = devices[which].to_le_bytes();
                let subject = person.to_le_bytes();
                let visit = Visit { subject: &subject, ..from(&device, &country, position) };
                let finding = risk.assess(&record, &visit, now);
                risk.observe(&mut record, &visit, finding.status(), now);
                if finding.action == Action::StepUp {
                    // Up to three more requests are on their way before he is asked.
                    for second in 0..visits % 4 {
                        let asked = risk.assess(&record, &visit, now + i64::from(second));
                        assert_eq!(asked.action, Action::StepUp, "the same device and place, again");
                        risk.observe(&mut record, &visit, asked.status(), now + i64::from(second));
                    }
                    risk.observe(&mut record, &visit, Status::Accepted, now); // and gives it
                }
                visits += 1;
                actions[finding.action as usize] += 1;
                is_troubled |= finding.action >= Action::StepUp && !has_vpn;
            }
        }
        troubled += u32::from(is_troubled);
    }
    println!("{visits} visits of {PEOPLE} people: allow, notify, step up, lock out, alert {actions:?}");
    println!("{troubled} people without a VPN were asked for more or refused in {DAYS} days");
    // The README has these figures.
    assert_eq!((visits, actions, troubled), (630_535, [622_786, 4_676, 3_061, 0, 12], 7));
}
