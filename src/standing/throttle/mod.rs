//! Throttle: how often a client may ask, counted before anything of the request is parsed.

mod limit;
mod rates;

pub use limit::Limit;

use super::keyed::TableKey;
use crate::error::Status;
use crate::sync::AtomicU64;
use crate::table::{Table, Tag};
use core::net::IpAddr;
use limit::{Rate, TICK_BITS};
use rates::{Account, Charged, Rates};

/// Charges of one call.
pub const CHARGES_MAX: usize = 8;

/// Separates these tags from those of other tables under the same secret.
const LABEL: &[u8] = b"countermark/throttle/v1";
/// Words of a bucket: a line of the processor's cache.
const PLACES: usize = 8;
const FULL: usize = 0;
const REFUSED: usize = 1;

/// Whose requests are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client<'c> {
    /// An address. IPv6 counts by its /64, which is one site's; an IPv4-mapped address is IPv4.
    Address(IpAddr),
    /// Anything else: the value of a verified claim, a key's thumbprint.
    Name(&'c [u8]),
}

/// One request, under one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge<'c> {
    /// How often.
    pub limit: Limit,
    /// What is limited: a route, or the name of a claim. Each has counts of its own.
    pub scope: &'c [u8],
    /// Whose requests are counted together.
    pub client: Client<'c>,
}

/// Why a request is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// [`Status::RateLimited`] (HTTP 429), [`Status::ThrottleFull`] (503), or the caller's mistake.
    pub status: Status,
    /// With `RateLimited`, for the `Retry-After` field (RFC 9110 10.2.3): after so many seconds the request is admitted, if no
    /// other comes before it. 0 with every other status.
    pub retry_after: u32,
}

impl Refusal {
    const fn of(status: Status) -> Refusal {
        Refusal { status, retry_after: 0 }
    }
}

/// Where requests are counted: `ThrottleTable`, or a store that a host shares between machines.
pub trait Throttle {
    /// Charges each of the charges, or none of them. `now_ms` are milliseconds since 1970.
    ///
    /// # Errors
    /// A [`Refusal`]; the request must not be served.
    fn admit(&self, charges: &[Charge<'_>], now_ms: i64) -> Result<(), Refusal>;
}

/// What a table holds, and what it refused since it was all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ThrottleStatistics {
    /// Places in all.
    pub places: u64,
    /// Places of clients who do not have their whole allowance.
    pub live: u64,
    /// Places of clients who have it again: as free as those never taken.
    pub expired: u64,
    /// Charges of new clients for whom there was no place, whether they were refused or not.
    pub full: u64,
    /// Calls refused with [`Status::RateLimited`].
    pub refused: u64,
}

/// The allowances of clients, in words of the caller's: shared by threads and, in a mapping, by processes, without a lock. See
/// [`table_shareable`](crate::table_shareable).
///
/// A client takes a place from his first request until he has his whole allowance again, and nobody is evicted before. So a table
/// needs room for all who ask within one `burst * seconds / requests`. Without a free place it refuses new clients, and counts it:
/// whoever has that many addresses can deny service to who is new, and never to who is known. With
/// [`open_when_full`](ThrottleTable::open_when_full) it admits them uncounted instead.
///
/// Clients are compared by HMAC-SHA256 under the secret, cut to 9 bits at 10,000 requests a second, 18 at ten a second, 21 at one,
/// 27 at one a minute, 30 at one an hour, with at most 16 entries: in a full table a new client shares another's allowance by
/// chance once in 16,000 at ten a second, once in 8 million at one a minute. Nobody without the secret can aim at another.
///
/// ```
/// use countermark::{AtomicU64, Charge, Client, Limit, Status, ThrottleTable};
///
/// let words: Vec<AtomicU64> = (0..ThrottleTable::words_for(1000)).map(|_| AtomicU64::new(0)).collect();
/// let table = ThrottleTable::new(&words, b"sixteen bytes or more").unwrap();
/// let limit = Limit { requests: 6, seconds: 60, burst: 2 };
/// let login = Charge { limit, scope: b"POST /login", client: Client::Address("192.0.2.1".parse().unwrap()) };
/// let now_ms = 1_700_000_000_000;
/// assert!(table.admit(&[login], now_ms).is_ok() && table.admit(&[login], now_ms).is_ok());
/// let refused = table.admit(&[login], now_ms).unwrap_err();
/// assert_eq!((refused.status, refused.retry_after), (Status::RateLimited, 10));
/// assert!(table.admit(&[login], now_ms + 10_000).is_ok());
/// ```
pub struct ThrottleTable<'m> {
    rates: Rates<'m, PLACES>,
    key: TableKey,
    is_open: bool,
}

impl<'m> ThrottleTable<'m> {
    /// A view of words that are all zero, or that are a table already: of this length, and under this secret (16 bytes or more).
    ///
    /// # Errors
    /// [`Status::RegionTooSmall`], [`Status::PepperTooShort`]; [`Status::TableMismatch`] when the words are another table's.
    pub fn new(words: &'m [AtomicU64], secret: &[u8]) -> Result<Self, Status> {
        Self::over(words, TableKey::new(secret)?)
    }

    fn over(words: &'m [AtomicU64], key: TableKey) -> Result<Self, Status> {
        let table = Table::new(words).ok_or(Status::RegionTooSmall)?;
        let mark = key.mark(LABEL, &[&(words.len() as u64).to_be_bytes()]);
        if table.is_marked(mark) {
            Ok(ThrottleTable { rates: Rates { table }, key, is_open: false })
        } else {
            Err(Status::TableMismatch)
        }
    }

    /// As [`ThrottleTable::new`], over words that become all zero first, whatever they held. An error leaves them as they were.
    ///
    /// # Errors
    /// [`Status::RegionTooSmall`], [`Status::PepperTooShort`].
    pub fn empty(words: &'m mut [AtomicU64], secret: &[u8]) -> Result<Self, Status> {
        let key = TableKey::new(secret)?;
        Table::<PLACES>::new(words).ok_or(Status::RegionTooSmall)?;
        words.iter_mut().for_each(|word| *word = AtomicU64::new(0));
        Self::over(words, key)
    }

    /// The same view, for which a full table admits who is new, uncounted.
    pub fn open_when_full(self) -> Self {
        ThrottleTable { is_open: true, ..self }
    }

    /// The words of a table that holds at least so many clients at a time (up to ten million).
    pub const fn words_for(clients: usize) -> usize {
        // One place in three stays free, for buckets fill unevenly; four buckets more, for the smallest of tables.
        Table::<PLACES>::words_for(clients.saturating_add(clients / 2)).saturating_add(4 * PLACES)
    }

    /// As [`Throttle::admit`]. Call it before anything of the request is parsed, with its route and its address; and again after
    /// accept, where a claim has a limit of its own. With several charges, another call may find those of this one for a moment
    /// although it is refused in the end.
    ///
    /// # Errors
    /// [`Status::RateLimited`]; [`Status::ThrottleFull`]; [`Status::LimitRange`] for a limit out of range,
    /// [`Status::TooManyItems`] for more than [`CHARGES_MAX`].
    pub fn admit(&self, charges: &[Charge<'_>], now_ms: i64) -> Result<(), Refusal> {
        let ticks = ticks(now_ms);
        let mut accounts = heapless::Vec::<Account, CHARGES_MAX>::new();
        for charge in charges {
            let rate = Rate::of(charge.limit).ok_or(Refusal::of(Status::LimitRange))?;
            let account = Account::new(self.tag(charge), rate);
            accounts.push(account).map_err(|_| Refusal::of(Status::TooManyItems))?;
        }
        // Looking first: so most of what is refused has charged nothing even for a moment.
        let refusing = accounts.iter().filter_map(|account| self.rates.refuses_until(*account, ticks));
        if let Some(due) = refusing.max() {
            return Err(self.refuse(due, ticks));
        }
        let mut receipts = heapless::Vec::<_, CHARGES_MAX>::new();
        for account in &accounts {
            let refusal = match self.rates.charge(*account, ticks) {
                Charged::Admitted(receipt) => {
                    let _ = receipts.push((*account, receipt));
                    continue;
                }
                Charged::Refused(due) => self.refuse(due, ticks),
                Charged::Full => {
                    self.rates.table.count(FULL);
                    if self.is_open {
                        continue;
                    }
                    Refusal::of(Status::ThrottleFull)
                }
            };
            receipts.iter().for_each(|(account, receipt)| self.rates.refund(*account, *receipt, ticks));
            return Err(refusal);
        }
        Ok(())
    }

    /// Reads the whole table.
    pub fn statistics(&self, now_ms: i64) -> ThrottleStatistics {
        let found = self.rates.occupancy(ticks(now_ms));
        ThrottleStatistics {
            places: self.rates.table.places(),
            live: found.live,
            expired: found.expired,
            full: self.rates.table.counted(FULL),
            refused: self.rates.table.counted(REFUSED),
        }
    }

    fn refuse(&self, due: u64, ticks: u64) -> Refusal {
        self.rates.table.count(REFUSED);
        let seconds = due.saturating_sub(ticks).div_ceil(1 << TICK_BITS);
        Refusal { status: Status::RateLimited, retry_after: u32::try_from(seconds).unwrap_or(u32::MAX).max(1) }
    }

    fn tag(&self, charge: &Charge<'_>) -> Tag {
        let limit = charge.limit.bytes();
        let scope_bytes = (charge.scope.len() as u64).to_be_bytes();
        let hash = |kind: u8, client: &[u8]| self.key.hash(LABEL, &[&limit, &scope_bytes, charge.scope, &[kind], client]);
        Tag::of(match charge.client {
            Client::Name(name) => hash(0, name),
            Client::Address(address) => match address.to_canonical() {
                IpAddr::V4(address) => hash(4, &address.octets()),
                IpAddr::V6(address) => hash(6, address.octets().first_chunk::<8>().map_or(&[], |network| network)),
            },
        })
    }
}

impl Throttle for ThrottleTable<'_> {
    fn admit(&self, charges: &[Charge<'_>], now_ms: i64) -> Result<(), Refusal> {
        ThrottleTable::admit(self, charges, now_ms)
    }
}

/// The time in the finest ticks. Before 1970 is 1970, and nothing is after 2106.
fn ticks(now_ms: i64) -> u64 {
    const MS_MAX: u64 = (1 << 32) * 1000 - 1;
    let now_ms = u64::try_from(now_ms).unwrap_or_default().min(MS_MAX);
    now_ms.wrapping_shl(TICK_BITS) / 1000
}
