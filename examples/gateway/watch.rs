//! How often clients ask, what is odd about their visits, and what the gateway tells of that.

use super::Fault;
use super::gateway::random;
use super::known;
use super::standing::words;
use countermark::{
    Action, Charge, Claims, Client, Evidence, Finding, Limit, Refusal, Risk, RiskRecord, RiskRules, Status, ThrottleTable,
    Visit,
};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// How many clients are counted at a time.
const CLIENTS: usize = 1_000;
/// A network that the gateway knows speaks for many people; of any other address it takes little.
const KNOWN: Limit = Limit { requests: 6_000, seconds: 60, burst: 2_000 };
const UNKNOWN: Limit = Limit { requests: 6, seconds: 60, burst: 3 };
/// Four devices in an hour are one too many.
const RULES: RiskRules<'static> = RiskRules {
    rows: RiskRules::ROWS,
    networks: &[],
    speed_kmh: 1000,
    distance_km: 100,
    changes: 3,
    change_seconds: 3600,
    failures: 5,
    failure_seconds: 900,
    lock_seconds: 900,
};
/// The longest log. A real gateway writes files.
const EVENTS_MAX: usize = 1_000;

/// All workers share it.
pub struct Watch<'g> {
    throttle: ThrottleTable<'g>,
    risk: Risk<'g>,
    records: Mutex<HashMap<String, RiskRecord>>,
    events: Mutex<Vec<String>>,
}

/// Makes the table, and lends it.
pub fn open<R>(body: impl FnOnce(&Watch<'_>) -> Result<R, Fault>) -> Result<R, Fault> {
    let counted = words(ThrottleTable::words_for(CLIENTS));
    let throttle = ThrottleTable::new(&counted, &random()?)?;
    let risk = Risk::new(RULES, &random()?)?;
    body(&Watch { throttle, risk, records: Mutex::default(), events: Mutex::default() })
}

impl Watch<'_> {
    /// Whether a client may ask, before anything of the request is read but its address.
    pub fn admit(&self, route: &str, address: IpAddr, now_ms: i64) -> Result<(), Refusal> {
        let is_known = address.is_loopback() || known::network(&address.to_string()).is_some();
        let limit = if is_known { KNOWN } else { UNKNOWN };
        self.throttle.admit(&[Charge { limit, scope: route.as_bytes(), client: Client::Address(address) }], now_ms)
    }

    /// Judges the visit of an accepted token, and notes it.
    pub fn visit(&self, claims: &Claims<'_>, client: &Evidence<'_>, now: i64) -> Status {
        let mut name = [0; 64];
        let Some(Ok(user)) = claims.subject().map(|subject| subject.copy_to(&mut name)) else { return Status::Subject };
        let value = |name| known::all(client.headers, name).next().unwrap_or_default();
        let visit = Visit {
            subject: user.as_bytes(),
            device: value(known::PAGE_FIELD),
            address: client.address.parse().ok(),
            country: client.country.as_bytes().try_into().ok(),
            position: known::network(client.address).map(|network| network.position),
            user_agent: value("User-Agent"),
            platform: value("Sec-CH-UA-Platform"),
            ..Visit::default()
        };
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let record = records.entry(user.to_owned()).or_default();
        let finding = self.risk.assess(record, &visit, now);
        let status = finding.status();
        self.risk.observe(record, &visit, status, now);
        self.log(user, &finding, now);
        status
    }

    /// A line for the user or for the operator.
    fn log(&self, user: &str, finding: &Finding, now: i64) {
        let word = match finding.action {
            Action::Notify => "notify",
            Action::Alert => "alert",
            Action::Allow | Action::StepUp | Action::LockOut => return,
        };
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        if events.len() < EVENTS_MAX {
            events.push(format!("{now} {word} {user}, signals {:#x}", finding.signals.bits()));
        }
    }

    /// The log so far.
    pub fn events(&self) -> Vec<String> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
