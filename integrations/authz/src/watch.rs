//! What is odd about visits, beside what is known of each subject.

use crate::Fault;
use crate::config;
use crate::geo::Place;
use crate::judge::first;
use countermark::{Action, Claims, Finding, Request, Risk, RiskRecord, RiskRules, Visit};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, PoisonError};

/// The core's rules, and the records of subjects. A record holds digests, countries and one coarse position.
pub struct Watch {
    risk: Risk<'static>,
    records: Mutex<HashMap<Vec<u8>, RiskRecord>>,
    subjects: usize,
}

impl Watch {
    pub fn new(config: &config::Risk, secret: &[u8]) -> Result<Watch, Fault> {
        let risk = Risk::new(RiskRules::default(), secret)?;
        Ok(Watch { risk, records: Mutex::default(), subjects: config.subjects })
    }

    /// Judges the visit of a token that verified, and notes it. When the room is full, whoever is new is judged as one who was never
    /// seen, and not kept: nobody's record is given up for another's.
    pub fn visit(&self, claims: &Claims<'_>, request: &Request<'_>, place: &Place, now: i64) -> Finding {
        let client = &request.evidence;
        let subject: Vec<u8> = claims.subject().map(|subject| subject.bytes().collect()).unwrap_or_default();
        let bound = ["cnf.jkt", "cnf.x5t#S256"].iter().find_map(|path| claims.at(path).and_then(|value| value.text()).ok());
        let device: Vec<u8> = bound.map(|thumbprint| thumbprint.bytes().collect()).unwrap_or_default();
        let visit = Visit {
            subject: &subject,
            device: &device,
            address: client.address.parse().ok(),
            country: place.country.as_bytes().try_into().ok(),
            position: place.position,
            user_agent: first(client.headers, "user-agent"),
            platform: first(client.headers, "sec-ch-ua-platform"),
            ..Visit::default()
        };
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = records.len() >= self.subjects;
        let mut spare = RiskRecord::default();
        let record = match records.entry(subject.clone()) {
            Entry::Occupied(kept) => kept.into_mut(),
            Entry::Vacant(_) if is_full => &mut spare,
            Entry::Vacant(place) => place.insert(RiskRecord::default()),
        };
        let finding = self.risk.assess(record, &visit, now);
        self.risk.observe(record, &visit, finding.status(), now);
        finding
    }
}

/// An action as the log says it.
pub fn word(action: Action) -> &'static str {
    match action {
        Action::Allow => "allow",
        Action::Notify => "notify",
        Action::StepUp => "step-up",
        Action::LockOut => "lock-out",
        Action::Alert => "alert",
    }
}
