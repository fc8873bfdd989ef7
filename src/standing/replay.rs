//! Replay: a proof or a one-time token is accepted once (RFC 9449 11.1, RFC 7519 4.1.7).

use super::keyed::TableKey;
use crate::error::Status;
use crate::once::{Replay, Use};
use crate::sync::AtomicU64;
use crate::table::{Expiry, Inserted, Now, Table, Tag};

/// Separates these tags from those of other tables under the same secret.
const LABEL: &[u8] = b"countermark/replay/v1";
/// Words of a bucket: with two buckets for each tag, the first refusal comes when more than four fifths are taken.
const PLACES: usize = 16;
const FULL: usize = 0;
const REPLAYED: usize = 1;

/// What a table holds, and what it refused since it was all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReplayStatistics {
    /// Places in all.
    pub places: u64,
    /// Places of uses that are remembered.
    pub live: u64,
    /// Places of uses that have expired: as free as those never taken.
    pub expired: u64,
    /// Uses refused because there was no place.
    pub full: u64,
    /// Uses refused because they had been seen.
    pub replayed: u64,
}

/// The uses seen, in words of the caller's: shared by threads and, in a mapping, by processes, without a lock. See
/// [`table_shareable`](crate::table_shareable).
///
/// 33 bits of HMAC-SHA256 under the secret are compared with at most 32 entries: by chance, a new use is refused once in 260
/// million commits to a full table. A use that was seen is never accepted. Callers' clocks may differ by 16 seconds; a use is
/// remembered 16 to 32 seconds longer than it needs.
///
/// An entry that is live is never replaced: a table without a free place refuses (and counts) instead. So whoever can make many
/// valid proofs of his own can fill it for as long as they live, and then nobody is served: bound each client's rate before, and
/// give the table room for rate times lifetime. Nobody without the secret can aim at a place.
///
/// ```
/// use countermark::{AtomicU64, ReplayTable, Status, Use};
///
/// let words: Vec<AtomicU64> = (0..ReplayTable::words_for(1000)).map(|_| AtomicU64::new(0)).collect();
/// let table = ReplayTable::new(&words, b"sixteen bytes or more").unwrap();
/// let proof = Use { digest: [7; 32], expires_at: 1_700_000_060 };
/// assert_eq!(table.commit(&proof, 1_700_000_000), Ok(()));
/// assert_eq!(table.commit(&proof, 1_700_000_001), Err(Status::Replayed));
/// ```
pub struct ReplayTable<'m> {
    table: Table<'m, PLACES>,
    key: TableKey,
}

impl<'m> ReplayTable<'m> {
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
        if table.is_marked(mark) { Ok(ReplayTable { table, key }) } else { Err(Status::TableMismatch) }
    }

    /// As [`ReplayTable::new`], over words that become all zero first, whatever they held. An error leaves them as they were.
    ///
    /// # Errors
    /// [`Status::RegionTooSmall`], [`Status::PepperTooShort`].
    pub fn empty(words: &'m mut [AtomicU64], secret: &[u8]) -> Result<Self, Status> {
        let key = TableKey::new(secret)?;
        Table::<PLACES>::new(words).ok_or(Status::RegionTooSmall)?;
        words.iter_mut().for_each(|word| *word = AtomicU64::new(0));
        Self::over(words, key)
    }

    /// The words of a table that holds at least so many uses at a time (up to ten million).
    pub const fn words_for(uses: usize) -> usize {
        // One place in five stays free, for buckets fill unevenly; two buckets more, for the smallest of tables.
        Table::<PLACES>::words_for(uses.saturating_add(uses / 4)).saturating_add(2 * PLACES)
    }

    /// As [`Replay::check`].
    ///
    /// # Errors
    /// See there.
    pub fn check(&self, presented: &Use, now: i64) -> Result<(), Status> {
        if presented.expires_at <= now || self.table.contains(self.tag(presented), Now::of(now)) {
            return Err(Status::Replayed);
        }
        Ok(())
    }

    /// As [`Replay::commit`].
    ///
    /// # Errors
    /// See there.
    pub fn commit(&self, presented: &Use, now: i64) -> Result<(), Status> {
        // What is not remembered any more cannot be told from its copy.
        if presented.expires_at <= now {
            return Err(Status::Replayed);
        }
        let (status, counter) =
            match self.table.insert(self.tag(presented), Expiry::after(presented.expires_at), Now::of(now)) {
                Inserted::New => return Ok(()),
                Inserted::Present => (Status::Replayed, REPLAYED),
                Inserted::Full => (Status::ReplayFull, FULL),
            };
        self.table.count(counter);
        Err(status)
    }

    /// Reads the whole table.
    pub fn statistics(&self, now: i64) -> ReplayStatistics {
        let found = self.table.occupancy(Now::of(now));
        ReplayStatistics {
            places: self.table.places(),
            live: found.live,
            expired: found.expired,
            full: self.table.counted(FULL),
            replayed: self.table.counted(REPLAYED),
        }
    }

    fn tag(&self, presented: &Use) -> Tag {
        Tag::of(self.key.hash(LABEL, &[&presented.digest]))
    }
}

impl Replay for ReplayTable<'_> {
    fn check(&self, presented: &Use, now: i64) -> Result<(), Status> {
        ReplayTable::check(self, presented, now)
    }

    fn commit(&self, presented: &Use, now: i64) -> Result<(), Status> {
        ReplayTable::commit(self, presented, now)
    }
}
