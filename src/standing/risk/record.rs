//! What is kept of a subject: 128 bytes, the same in memory, in a store and on every machine.
//!
//! | bytes | what, little-endian |
//! |---|---|
//! | 0 to 15 | keyed digests of the devices that were served last, 4 bytes each, the last one first; 0 for none |
//! | 16 to 23 | the countries, two letters each, the last one first |
//! | 24 to 55 | when devices that were not known came, 4 bytes each in seconds since 1970, the last one first |
//! | 56 to 87 | when something failed, likewise |
//! | 88 to 93 | the last position: latitude, longitude, accuracy |
//! | 94, 95 | 1 if there is one; zero |
//! | 96 to 99 | when |
//! | 100 to 103 | until when the subject is locked out |
//! | 104 to 127 | 3 bytes each of the digests of the devices that came, in the order of their times |

use super::travel::Position;
use crate::standing::record::{put, take};

/// Bytes of a record.
pub const RISK_RECORD_BYTES: usize = 128;
/// Times and devices that a record holds.
pub(super) const TIMES: usize = 8;
const KNOWN: usize = 4;

/// What is kept of a subject: no address, digests of devices under the secret, countries, one coarse position. All zero bytes are
/// a subject that was never seen; any bytes are a record. Keep it by subject or by session, where you keep those.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RiskRecord(pub [u8; RISK_RECORD_BYTES]);

impl Default for RiskRecord {
    fn default() -> Self {
        RiskRecord([0; RISK_RECORD_BYTES])
    }
}

/// When a device came that was not known, and a part of its digest: one that comes again and again is one.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) at: u32,
    device: [u8; 3],
}

impl Arrival {
    pub(super) fn of(device: u32, at: u32) -> Arrival {
        let [low, middle, high, _] = device.to_le_bytes();
        Arrival { at, device: [low, middle, high] }
    }

    pub(super) fn is_of(&self, device: u32) -> bool {
        self.device == Arrival::of(device, 0).device
    }
}

/// A record, read.
#[derive(Clone, Copy, Default)]
pub(super) struct Known {
    pub(super) devices: [u32; KNOWN],
    pub(super) countries: [[u8; 2]; KNOWN],
    pub(super) arrivals: [Arrival; TIMES],
    pub(super) failures: [u32; TIMES],
    pub(super) position: Option<(Position, u32)>,
    pub(super) locked_until: u32,
}

impl Known {
    pub(super) fn read(record: &RiskRecord) -> Known {
        let mut known = Known::default();
        let mut rest = &record.0[..];
        known.devices = core::array::from_fn(|_| u32::from_le_bytes(take(&mut rest)));
        known.countries = core::array::from_fn(|_| take(&mut rest));
        known.arrivals.iter_mut().for_each(|arrival| arrival.at = u32::from_le_bytes(take(&mut rest)));
        known.failures = core::array::from_fn(|_| u32::from_le_bytes(take(&mut rest)));
        let (latitude, longitude) = (i16::from_le_bytes(take(&mut rest)), i16::from_le_bytes(take(&mut rest)));
        let position = Position { latitude, longitude, accuracy_km: u16::from_le_bytes(take(&mut rest)) };
        let [has_position, _] = take(&mut rest);
        let at = u32::from_le_bytes(take(&mut rest));
        known.position = (has_position == 1).then_some((position, at));
        known.locked_until = u32::from_le_bytes(take(&mut rest));
        known.arrivals.iter_mut().for_each(|arrival| arrival.device = take(&mut rest));
        known
    }

    pub(super) fn write(&self) -> RiskRecord {
        let mut record = RiskRecord::default();
        let mut rest = &mut record.0[..];
        self.devices.iter().for_each(|device| put(&mut rest, &device.to_le_bytes()));
        self.countries.iter().for_each(|country| put(&mut rest, country));
        self.arrivals.iter().for_each(|arrival| put(&mut rest, &arrival.at.to_le_bytes()));
        self.failures.iter().for_each(|time| put(&mut rest, &time.to_le_bytes()));
        let (position, at) = self.position.unwrap_or_default();
        put(&mut rest, &position.latitude.to_le_bytes());
        put(&mut rest, &position.longitude.to_le_bytes());
        put(&mut rest, &position.accuracy_km.to_le_bytes());
        put(&mut rest, &[u8::from(self.position.is_some()), 0]);
        put(&mut rest, &at.to_le_bytes());
        put(&mut rest, &self.locked_until.to_le_bytes());
        self.arrivals.iter().for_each(|arrival| put(&mut rest, &arrival.device));
        record
    }
}

/// Puts an item in front, and what is equal to it, or else the last one, out.
pub(super) fn to_front<T: PartialEq + Copy>(list: &mut [T], item: T) {
    let end = list.iter().position(|known| *known == item);
    note(list, end, item);
}

/// Puts an item in front, and the one at `end`, or else the last one, out.
pub(super) fn note<T: Copy>(list: &mut [T], end: Option<usize>, item: T) {
    let end = end.unwrap_or(list.len().saturating_sub(1));
    if let Some(moved) = list.get_mut(..=end) {
        moved.rotate_right(1);
    }
    if let Some(first) = list.first_mut() {
        *first = item;
    }
}
