//! `cmk_risk`: what is odd about a visit, and one action.

use crate::memory::{Apart, Opaque, Range, cmk_bytes, fill, fill_apart, list, object, sized, wipe};
use countermark::{Action, Network, Position, Risk, RiskRecord, RiskRules, Signals, Status, Visit};

/// Words of a `cmk_risk`.
pub const RISK_WORDS: usize = 26;
/// A visit's position is known.
pub const VISIT_POSITION: u32 = 1;
/// A visit's clock is known.
pub const VISIT_CLOCK: u32 = 2;
/// The browser is driven by a program.
pub const VISIT_DRIVEN: u32 = 4;

/// Rules that were checked; the lists stay C's.
pub struct Judging {
    risk: Risk<'static>,
    networks: Range,
    rows: Option<&'static [cmk_risk_row]>,
}

impl Judging {
    /// The lists, for overlap checks.
    fn read_by<'a, 'w>(&self, apart: &'a mut Apart<'w>) -> &'a mut Apart<'w> {
        apart.and(self.networks).and_list(self.rows.unwrap_or_default())
    }
}

/// The rules as C sees them.
#[allow(non_camel_case_types)]
pub type cmk_risk = Opaque<Judging, RISK_WORDS>;

/// One prefix of listed networks.
#[allow(non_camel_case_types)]
pub type cmk_network = Network;

/// A row of the table of actions.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_risk_row {
    pub signals: u32,
    pub action: i32,
}

/// What is odd enough.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_risk_rules {
    pub size: usize,
    pub networks: *const cmk_network,
    pub network_count: usize,
    pub rows: *const cmk_risk_row,
    pub row_count: usize,
    pub speed_kmh: u32,
    pub distance_km: u32,
    pub changes: u32,
    pub change_seconds: u32,
    pub failures: u32,
    pub failure_seconds: u32,
    pub lock_seconds: u32,
    pub reserved: u32,
}

/// What is kept of a subject.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_risk_record {
    pub bytes: [u8; countermark::RISK_RECORD_BYTES],
}

/// What the host sees of a visit.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_visit {
    pub size: usize,
    pub subject: cmk_bytes,
    pub device: cmk_bytes,
    pub address: cmk_bytes,
    pub country: cmk_bytes,
    pub user_agent: cmk_bytes,
    pub platform: cmk_bytes,
    pub latitude: i32,
    pub longitude: i32,
    pub accuracy_km: u32,
    pub clock_minutes: i32,
    pub flags: u32,
    pub reserved: u32,
}

/// What was found.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_finding {
    pub signals: u32,
    pub action: i32,
    pub locked_until: i64,
}

fn action(number: i32) -> Option<Action> {
    [Action::Allow, Action::Notify, Action::StepUp, Action::LockOut, Action::Alert]
        .get(usize::try_from(number).ok()?)
        .copied()
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_risk_init"))]
pub unsafe extern "C" fn cmk_risk_init(risk: *mut cmk_risk, rules: *const cmk_risk_rules, secret: cmk_bytes) -> i32 {
    let written = [Range::of_object(risk)];
    let mut apart = Apart::new(&written);
    let made = (|| {
        apart.and_object(rules).and_bytes(secret).verdict()?;
        // SAFETY: the caller's promise, for as long as the rules are used.
        unsafe {
            let rules = sized(rules, size_of::<cmk_risk_rules>())?;
            let networks: &'static [Network] = list(rules.networks, rules.network_count)?;
            let rows: &'static [cmk_risk_row] = list(rules.rows, rules.row_count)?;
            apart.and_list(networks).and_list(rows).verdict()?;
            if rows.iter().any(|row| action(row.action).is_none()) {
                return Err(Status::Argument);
            }
            let checked = RiskRules {
                networks,
                speed_kmh: rules.speed_kmh,
                distance_km: rules.distance_km,
                changes: rules.changes,
                change_seconds: rules.change_seconds,
                failures: rules.failures,
                failure_seconds: rules.failure_seconds,
                lock_seconds: rules.lock_seconds,
                ..RiskRules::default()
            };
            let own = (!rules.rows.is_null()).then_some(rows);
            let networks = Range::of_list(networks.as_ptr(), networks.len());
            Ok(Opaque::new(Judging { risk: Risk::new(checked, secret.read()?)?, networks, rows: own }))
        }
    })();
    if let Err(Status::Overlap) = made {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(risk, made) }
}

/// # Safety
/// What the visit points to is valid, or NULL.
unsafe fn visit<'a>(visit: *const cmk_visit, apart: &mut Apart<'_>) -> Result<Visit<'a>, Status> {
    // SAFETY: the caller's promise.
    unsafe {
        apart.and_object(visit).verdict()?;
        let visit = sized(visit, size_of::<cmk_visit>())?;
        let texts = [visit.subject, visit.device, visit.address, visit.country, visit.user_agent, visit.platform];
        texts.iter().for_each(|text| {
            apart.and_bytes(*text);
        });
        apart.verdict()?;
        let address = match visit.address.read()? {
            [] => None,
            text => {
                Some(core::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or(Status::AddressMalformed)?)
            }
        };
        let country = match visit.country.read()? {
            [] => None,
            [first, second] => Some([*first, *second]),
            _ => return Err(Status::Argument),
        };
        if visit.flags & !(VISIT_POSITION | VISIT_CLOCK | VISIT_DRIVEN) != 0 || visit.reserved != 0 {
            return Err(Status::Argument);
        }
        let has = |flag: u32| visit.flags & flag != 0;
        let small = |number: i32| i16::try_from(number).map_err(|_| Status::Argument);
        let position = match has(VISIT_POSITION) {
            true => Some(Position {
                latitude: small(visit.latitude)?,
                longitude: small(visit.longitude)?,
                accuracy_km: u16::try_from(visit.accuracy_km).unwrap_or(u16::MAX),
            }),
            false => None,
        };
        Ok(Visit {
            subject: visit.subject.read()?,
            device: visit.device.read()?,
            address,
            country,
            position,
            user_agent: visit.user_agent.read()?,
            platform: visit.platform.read()?,
            clock_minutes: if has(VISIT_CLOCK) { Some(small(visit.clock_minutes)?) } else { None },
            is_driven: has(VISIT_DRIVEN),
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_risk_assess"))]
pub unsafe extern "C" fn cmk_risk_assess(
    risk: *const cmk_risk,
    record: *const cmk_risk_record,
    visited: *const cmk_visit,
    now: i64,
    finding: *mut cmk_finding,
) -> i32 {
    let written = [Range::of_object(finding)];
    let mut apart = Apart::new(&written);
    let mut found = Status::Accepted;
    let made = (|| {
        apart.and_object(risk).and_object(record).verdict()?;
        // SAFETY: the caller's promise.
        let (judging, record, visit) = unsafe { (object(risk)?.get()?, object(record)?, visit(visited, &mut apart)?) };
        judging.read_by(&mut apart).verdict()?;
        let record = RiskRecord(record.bytes);
        let made = match judging.rows {
            None => judging.risk.assess(&record, &visit, now),
            Some(rows) => judging.risk.assess_with(&record, &visit, now, |signals| {
                let rows = rows.iter().filter(|row| signals.contains(Signals::of_bits(row.signals)));
                rows.map(|row| action(row.action).unwrap_or(Action::Alert)).max().unwrap_or_default()
            }),
        };
        found = made.status();
        Ok(cmk_finding { signals: made.signals.bits(), action: made.action as i32, locked_until: made.locked_until })
    })();
    if let Err(Status::Overlap) = made {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    match unsafe { fill(finding, made) } {
        0 => found.code(),
        failed => failed,
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_risk_observe"))]
pub unsafe extern "C" fn cmk_risk_observe(
    risk: *const cmk_risk,
    record: *mut cmk_risk_record,
    visited: *const cmk_visit,
    status: i32,
    now: i64,
) -> i32 {
    let written = [Range::of_object(record)];
    let mut apart = Apart::new(&written);
    let made: Result<_, Status> = (|| {
        apart.and_object(risk).verdict()?;
        // SAFETY: the caller's promise.
        let (judging, kept, visit) =
            unsafe { (object(risk)?.get()?, *object(record.cast_const())?, visit(visited, &mut apart)?) };
        judging.read_by(&mut apart).verdict()?;
        let mut kept = RiskRecord(kept.bytes);
        judging.risk.observe(&mut kept, &visit, Status::from_code(status).ok_or(Status::Argument)?, now);
        Ok(cmk_risk_record { bytes: kept.0 })
    })();
    match made {
        // SAFETY: the caller's promise.
        Ok(made) => unsafe { fill_apart(record, &[], || Ok(made)) },
        // The record stays as it was.
        Err(status) => status.code(),
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_risk_wipe"))]
pub unsafe extern "C" fn cmk_risk_wipe(risk: *mut cmk_risk) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { wipe(risk) }
}
