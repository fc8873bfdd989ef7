//! Risk: what is odd about a visit, beside what is known of its subject; and one action to take.

mod evidence;
mod networks;
mod record;
mod travel;

pub use networks::Network;
pub use record::{RISK_RECORD_BYTES, RiskRecord};
pub use travel::Position;

use crate::error::{Stage, Status};
use crate::standing::keyed::TableKey;
use core::net::IpAddr;
use networks::Networks;
use record::{Arrival, Known, TIMES, note, to_front};

const LABEL: &[u8] = b"countermark/risk/v1";

/// What is odd, as a set of bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Signals(u32);

impl Signals {
    /// Several devices that were not known came within a span.
    pub const RAPID_CHANGES: Signals = Signals(1);
    /// Nobody travels so fast.
    pub const IMPOSSIBLE_TRAVEL: Signals = Signals(1 << 1);
    /// The address is in a listed network. Where the client seems to be says nothing then, and is not judged or kept.
    pub const LISTED_NETWORK: Signals = Signals(1 << 2);
    /// Several failures within a span.
    pub const REPEATED_FAILURES: Signals = Signals(1 << 3);
    /// A device that is not one of the last four.
    pub const NEW_DEVICE: Signals = Signals(1 << 4);
    /// A country that is not one of the last four.
    pub const NEW_COUNTRY: Signals = Signals(1 << 5);
    /// The user agent names another system than the client hints.
    pub const CONTRADICTION: Signals = Signals(1 << 6);
    /// The client's clock is not one of the place where it seems to be.
    pub const TIME_ZONE: Signals = Signals(1 << 7);
    /// The browser is driven by a program.
    pub const AUTOMATION: Signals = Signals(1 << 8);

    /// The bits, the same as in C.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// The set with these bits.
    pub const fn of_bits(bits: u32) -> Signals {
        Signals(bits)
    }

    /// Both sets.
    pub const fn and(self, other: Signals) -> Signals {
        Signals(self.0 | other.0)
    }

    /// Whether all of these are in the set.
    pub const fn contains(self, all: Signals) -> bool {
        self.0 & all.0 == all.0
    }

    fn add_if(&mut self, is: bool, signal: Signals) {
        if is {
            *self = self.and(signal);
        }
    }
}

/// What to do, from the mildest to the most severe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Serve.
    #[default]
    Allow = 0,
    /// Serve, and tell the user.
    Notify = 1,
    /// Ask for a stronger proof: [`Status::StepUpRisk`].
    StepUp = 2,
    /// Refuse for a while: [`Status::LockedOut`].
    LockOut = 3,
    /// The same, and tell the operator.
    Alert = 4,
}

/// Of the rows whose signals are all there the most severe action counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RiskRow {
    /// All of these.
    pub signals: Signals,
    /// And then this.
    pub action: Action,
}

const fn row(signals: Signals, action: Action) -> RiskRow {
    RiskRow { signals, action }
}

/// What is odd enough. [`RiskRules::default`] is a choice, not a measurement.
#[derive(Clone, Copy, Debug)]
pub struct RiskRules<'r> {
    /// The table of actions; see [`RiskRules::ROWS`].
    pub rows: &'r [RiskRow],
    /// Listed networks, sorted by prefix, then by length.
    pub networks: &'r [Network],
    /// Faster than this is impossible; 1,000 km an hour.
    pub speed_kmh: u32,
    /// Nearer than this is no journey; 100 km.
    pub distance_km: u32,
    /// So many new devices, 1 to 8; 4.
    pub changes: u32,
    /// In so many seconds; an hour.
    pub change_seconds: u32,
    /// So many failures, 1 to 8; 5.
    pub failures: u32,
    /// In so many seconds; a quarter of an hour.
    pub failure_seconds: u32,
    /// How long a lock-out lasts; a quarter of an hour.
    pub lock_seconds: u32,
}

impl RiskRules<'_> {
    /// The default table.
    pub const ROWS: &'static [RiskRow] = &[
        row(Signals::RAPID_CHANGES, Action::LockOut),
        row(Signals::REPEATED_FAILURES, Action::LockOut),
        row(Signals::IMPOSSIBLE_TRAVEL, Action::StepUp),
        row(Signals::IMPOSSIBLE_TRAVEL.and(Signals::NEW_DEVICE), Action::Alert),
        row(Signals::NEW_DEVICE.and(Signals::NEW_COUNTRY), Action::StepUp),
        row(Signals::NEW_DEVICE.and(Signals::LISTED_NETWORK), Action::StepUp),
        row(Signals::NEW_DEVICE.and(Signals::TIME_ZONE), Action::StepUp),
        row(Signals::NEW_DEVICE, Action::Notify),
        row(Signals::NEW_COUNTRY, Action::Notify),
        row(Signals::CONTRADICTION, Action::StepUp),
        row(Signals::AUTOMATION, Action::StepUp),
    ];
}

impl Default for RiskRules<'_> {
    fn default() -> Self {
        RiskRules {
            rows: RiskRules::ROWS,
            networks: &[],
            speed_kmh: 1000,
            distance_km: 100,
            changes: 4,
            change_seconds: 3600,
            failures: 5,
            failure_seconds: 900,
            lock_seconds: 900,
        }
    }
}

/// What the host sees of a visit. What it does not know it leaves out, and it is not judged.
#[derive(Clone, Copy, Debug, Default)]
pub struct Visit<'c> {
    /// Whose: `sub`. Digests of one device are then different for each subject.
    pub subject: &'c [u8],
    /// What tells devices apart, and stays the same on one: a fingerprint's digest, a proof key's thumbprint. Empty for none.
    pub device: &'c [u8],
    /// The client's address.
    pub address: Option<IpAddr>,
    /// Two letters (ISO 3166-1 alpha-2).
    pub country: Option<[u8; 2]>,
    /// Where an address database says the client is.
    pub position: Option<Position>,
    /// The field `User-Agent`.
    pub user_agent: &'c [u8],
    /// The field `Sec-CH-UA-Platform`.
    pub platform: &'c [u8],
    /// Minutes ahead of UTC, as the page's script says.
    pub clock_minutes: Option<i16>,
    /// `navigator.webdriver`, or another mark that the page found.
    pub is_driven: bool,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What is odd.
    pub signals: Signals,
    /// What to do.
    pub action: Action,
    /// With `LockOut` and `Alert`: until when, in seconds since 1970; otherwise 0.
    pub locked_until: i64,
}

impl Finding {
    /// [`Status::Accepted`], [`Status::StepUpRisk`] or [`Status::LockedOut`].
    pub const fn status(&self) -> Status {
        match self.action {
            Action::Allow | Action::Notify => Status::Accepted,
            Action::StepUp => Status::StepUpRisk,
            Action::LockOut | Action::Alert => Status::LockedOut,
        }
    }
}

/// Rules that were checked, with a secret.
pub struct Risk<'r> {
    rules: RiskRules<'r>,
    networks: Networks<'r>,
    key: TableKey,
}

impl<'r> Risk<'r> {
    /// `secret` has 16 bytes or more.
    ///
    /// # Errors
    /// [`Status::PepperTooShort`], [`Status::LimitRange`], [`Status::NetworksMalformed`].
    pub fn new(rules: RiskRules<'r>, secret: &[u8]) -> Result<Self, Status> {
        let key = TableKey::new(secret)?;
        let fits = |count: u32| (1..=TIMES).contains(&(count as usize));
        let spans = [rules.change_seconds, rules.failure_seconds, rules.lock_seconds];
        if !fits(rules.changes) || !fits(rules.failures) || spans.contains(&0) {
            return Err(Status::LimitRange);
        }
        Ok(Risk { networks: Networks::new(rules.networks)?, key, rules })
    }

    /// Judges a visit. Changes nothing: call [`Risk::observe`] when it has been served or refused.
    pub fn assess(&self, record: &RiskRecord, visit: &Visit<'_>, now: i64) -> Finding {
        self.assess_with(record, visit, now, |signals| {
            let rows = self.rules.rows.iter().filter(|row| signals.contains(row.signals));
            rows.map(|row| row.action).max().unwrap_or_default()
        })
    }

    /// The same, with an action of the host's choosing in the place of the table. A subject that is locked out stays so.
    pub fn assess_with(
        &self,
        record: &RiskRecord,
        visit: &Visit<'_>,
        now: i64,
        choose: impl FnOnce(Signals) -> Action,
    ) -> Finding {
        let (known, now) = (Known::read(record), seconds(now));
        if known.locked_until > now {
            return Finding {
                signals: Signals::default(),
                action: Action::LockOut,
                locked_until: known.locked_until.into(),
            };
        }
        let signals = self.signals(&known, visit, now);
        let action = choose(signals);
        let is_locked = matches!(action, Action::LockOut | Action::Alert);
        let locked_until = if is_locked { now.saturating_add(self.rules.lock_seconds).into() } else { 0 };
        Finding { signals, action, locked_until }
    }

    /// Notes how a visit ended: with its status, which is that of [`Finding::status`] where that was what refused it. One that was
    /// served is known from then on. A failure, of the signature or of the holder, or a replay, counts where the visit was of this
    /// subject for sure: whoever can fail in another's name can lock him out. Judge and note the visits of one subject one after
    /// another, or guesses made at once count as one.
    pub fn observe(&self, record: &mut RiskRecord, visit: &Visit<'_>, status: Status, now: i64) {
        let (mut known, now) = (Known::read(record), seconds(now));
        if known.locked_until > now {
            return;
        }
        let device = self.device(visit);
        if self.is_new_device(&known, device) {
            let same = known.arrivals.iter().position(|arrival| arrival.is_of(device));
            note(&mut known.arrivals, same, Arrival::of(device, now));
        }
        if status == Status::Accepted {
            if device != 0 {
                to_front(&mut known.devices, device);
            }
            if let Some(country) = visit.country.filter(|_| !self.is_listed(visit)) {
                to_front(&mut known.countries, country);
            }
            if let Some(position) = visit.position.filter(|_| !self.is_listed(visit)).filter(|place| place.is_on_earth()) {
                known.position = Some((position, now));
            }
        } else if status == Status::LockedOut {
            known.locked_until = now.saturating_add(self.rules.lock_seconds);
            (known.arrivals, known.failures) = Default::default();
        } else if is_failure(status) {
            note(&mut known.failures, None, now);
        }
        *record = known.write();
    }

    fn signals(&self, known: &Known, visit: &Visit<'_>, now: u32) -> Signals {
        let rules = &self.rules;
        let is_recent = |time: u32, span: u32| time != 0 && now.saturating_sub(time) < span;
        let device = self.device(visit);
        let is_new_device = self.is_new_device(known, device);
        let is_other = |arrival: &&Arrival| is_recent(arrival.at, rules.change_seconds) && !arrival.is_of(device);
        let arrivals = known.arrivals.iter().filter(is_other).count().saturating_add(is_new_device.into());
        let is_listed = self.is_listed(visit);
        let position = visit.position.filter(|place| !is_listed && place.is_on_earth());
        let is_first = known.countries.iter().all(|country| *country == [0; 2]);
        let is_new_country = visit.country.is_some_and(|country| !is_first && !known.countries.contains(&country));
        let mut signals = Signals::default();
        signals.add_if(is_new_device && arrivals >= rules.changes as usize, Signals::RAPID_CHANGES);
        signals.add_if(position.is_some_and(|here| self.is_too_far(known, here, now)), Signals::IMPOSSIBLE_TRAVEL);
        signals.add_if(is_listed, Signals::LISTED_NETWORK);
        let failures = known.failures.iter().filter(|time| is_recent(**time, rules.failure_seconds)).count();
        signals.add_if(failures >= rules.failures as usize, Signals::REPEATED_FAILURES);
        signals.add_if(is_new_device, Signals::NEW_DEVICE);
        signals.add_if(is_new_country && !is_listed, Signals::NEW_COUNTRY);
        signals.add_if(evidence::contradicts(visit.user_agent, visit.platform), Signals::CONTRADICTION);
        let has_other_clock = |place: Position| visit.clock_minutes.is_some_and(|minutes| !place.has_clock(minutes));
        signals.add_if(position.is_some_and(has_other_clock), Signals::TIME_ZONE);
        signals.add_if(visit.is_driven || evidence::is_automated(visit.user_agent), Signals::AUTOMATION);
        signals
    }

    fn is_too_far(&self, known: &Known, here: Position, now: u32) -> bool {
        known.position.is_some_and(|(there, at)| {
            let distance = here.distance_km(there);
            let reach = f64::from(now.saturating_sub(at)) / 3600.0 * f64::from(self.rules.speed_kmh);
            distance > f64::from(self.rules.distance_km) && distance > reach
        })
    }

    fn is_listed(&self, visit: &Visit<'_>) -> bool {
        visit.address.is_some_and(|address| self.networks.list_of(address) != 0)
    }

    /// The first device of a subject is not new: there is nothing to hold it against.
    fn is_new_device(&self, known: &Known, device: u32) -> bool {
        device != 0 && known.devices != [0; 4] && !known.devices.contains(&device)
    }

    /// The device's keyed digest, never 0; 0 for none.
    fn device(&self, visit: &Visit<'_>) -> u32 {
        if visit.device.is_empty() {
            return 0;
        }
        let subject_bytes = (visit.subject.len() as u64).to_be_bytes();
        let [first, ..] = self.key.hash(LABEL, &[&subject_bytes, visit.subject, visit.device]);
        ((first >> 32) as u32).max(1)
    }
}

/// Whether this is how a guess or a theft ends. What any honest client can meet is none: a clock, an expired token, a store or a list
/// that does not answer, a nonce to be repeated, a right that is missing.
fn is_failure(status: Status) -> bool {
    match status {
        Status::ProofNonce | Status::ProofTime => false,
        Status::Replayed => true,
        _ => matches!(status.stage(), Stage::Signature | Stage::Holder) && !status.is_step_up(),
    }
}

/// Seconds since 1970, as far as four bytes go (2106).
fn seconds(now: i64) -> u32 {
    u32::try_from(now.max(0)).unwrap_or(u32::MAX)
}
