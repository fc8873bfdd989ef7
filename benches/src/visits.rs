//! The rows of risk and sessions: what is kept is the caller's, so no other thread is in the way.

use crate::measure::Row;
use countermark::{
    Action, Position, Risk, RiskRecord, RiskRules, Seen, Session, SessionRules, SessionVerdict, Status, Visit,
};
use std::hint::black_box;

const NOW: i64 = 1_900_000_000;
const SECRET: &[u8] = b"a secret of the rules, 32 bytes.";

/// A visit by a device that is known is judged, and noted.
pub fn risk_row(name: &'static str) -> Row<'static> {
    let risk = Risk::new(RiskRules::default(), SECRET).expect("rules");
    let visit = Visit {
        subject: b"248289761001",
        device: b"a fingerprint's digest, 43 characters of it",
        address: Some([192, 0, 2, 7].into()),
        country: Some(*b"DE"),
        position: Some(Position { latitude: 5252, longitude: 1340, accuracy_km: 20 }),
        user_agent: b"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36",
        platform: b"\"Windows\"",
        ..Visit::default()
    };
    let mut record = RiskRecord::default();
    risk.observe(&mut record, &visit, Status::Accepted, NOW);
    Row::new(name, move || {
        let finding = black_box(risk.assess(&record, black_box(&visit), NOW + 60));
        assert_eq!(finding.action, Action::Allow);
        risk.observe(&mut record, &visit, Status::Accepted, NOW + 60);
    })
}

/// A session is used, and goes on.
pub fn session_row(name: &'static str) -> Row<'static> {
    let rules = SessionRules { check_seconds: 60, idle_seconds: 600, absolute_seconds: 28_800, similarity: 0 };
    let mut session = Session::begin(&rules, i64::MAX, 0, NOW).expect("a session");
    let seen = Seen { is_used: true, ..Seen::default() };
    Row::new(name, move || assert_eq!(session.observe(black_box(&seen), NOW + 30), SessionVerdict::Continue))
}
