//! The table of revocations.

use super::snapshot::{self, Record};
use super::{Revocable, Revocations};
use crate::error::Status;
use crate::standing::Name;
use crate::standing::keyed::TableKey;
use crate::sync::AtomicU64;
use crate::table::{HEAD_WORDS, Table, Tag};
use crate::times::{Kind, Mark, SLACK_SECONDS, Time, Times};

/// Separates these tags from those of other tables under the same secret.
const LABEL: &[u8] = b"countermark/revocation/v1";
/// Words of a bucket, as in the replay table.
const PLACES: usize = 16;
/// Marks of a bucket, behind all of them: one for each of what is revoked.
const MARKS: usize = 3;
const FULL: usize = 0;
const NOBODY: Name<'_> = Name::new("");

/// What is revoked: one byte of the hashed text, and of a snapshot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Token = 1,
    Key = 2,
    Subject = 3,
}

impl What {
    const fn kind(self) -> Kind {
        match self {
            What::Token | What::Key => Kind::Until,
            What::Subject => Kind::Past,
        }
    }
}

/// What a table holds, and what it had no place for since it was all zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevocationStatistics {
    /// Places in all.
    pub places: u64,
    /// Places of revocations that count.
    pub live: u64,
    /// Places of revocations that have expired: as free as those never taken.
    pub expired: u64,
    /// Revocations for which there was no place.
    pub full: u64,
    /// Buckets' marks, of three in sixteen places, for which tokens are refused because there was no place.
    pub marked: u64,
}

/// Revocations, in words of the caller's: shared by threads and, in a mapping, by processes, without a lock. See
/// [`table_shareable`](crate::table_shareable). They expire by themselves, and none is taken back before.
///
/// Of HMAC-SHA256 under the secret, 31 bits are compared with at most 32 entries, for each of up to four names of a token: by
/// chance, of 16 million tokens one is refused that was not revoked, in a full table; in proportion fewer in an emptier one. A
/// revoked token is never accepted. Callers' clocks may differ by 16 seconds.
///
/// **A full table** gives up no revocation for another. One that has no place makes its bucket coarser: until it would have
/// expired, the tokens, keys or subjects that fall into the same bucket, one in as many as there are buckets, are refused with
/// [`Status::RevocationUnknown`]: after a token those issued before now (or without `iat`), after a key all, after a subject what it would have
/// refused. So nobody keeps a token that was revoked, while the issuer's clock is at most 16 seconds ahead of the caller's; others log in again.
/// Whoever may revoke at will can fill a table: limit log-outs as log-ins are, and give it room for what that limit lets through. The call
/// says so with [`Status::RevocationFull`], and it is counted. Where that is worse than an unrecorded revocation,
/// [`RevocationTable::open_when_full`] leaves it at the status and the count.
///
/// ```
/// use countermark::{AtomicU64, Name, Revocable, RevocationTable, Revocations, Status};
///
/// let words: Vec<AtomicU64> = (0..RevocationTable::words_for(1000)).map(|_| AtomicU64::new(0)).collect();
/// let table = RevocationTable::new(&words, b"sixteen bytes or more", 3600).unwrap();
/// let now = 1_700_000_000;
/// table.revoke_subject("https://login.example", "alice", now, now).unwrap();
///
/// let names = Revocable { issuer: Some(Name::new("https://login.example")), subject: Some(Name::new("alice")), ..Revocable::default() };
/// let (before, after) = (Revocable { issued_at: Some(now - 1), ..names }, Revocable { issued_at: Some(now), ..names });
/// assert_eq!((table.check(&before, now), table.check(&after, now)), (Err(Status::Revoked), Ok(())));
/// ```
pub struct RevocationTable<'m> {
    times: Times<'m, PLACES>,
    marks: &'m [[AtomicU64; MARKS]],
    key: TableKey,
    is_open: bool,
}

impl<'m> RevocationTable<'m> {
    /// A view of words that are all zero, or that are a table already: of this length, under this secret (16 bytes or more), and
    /// with this life. `token_life` is the longest that a token lives, in seconds, with the policy's leeway: so long is kept
    /// that a subject was logged out everywhere.
    ///
    /// # Errors
    /// [`Status::RegionTooSmall`], [`Status::PepperTooShort`]; [`Status::Argument`] for no life; [`Status::TableMismatch`] when
    /// the words are another table's.
    pub fn new(words: &'m [AtomicU64], secret: &[u8], token_life: u32) -> Result<Self, Status> {
        Self::over(words, TableKey::new(secret)?, token_life)
    }

    fn over(words: &'m [AtomicU64], key: TableKey, token_life: u32) -> Result<Self, Status> {
        let (table, marks) = Self::parts(words, token_life)?;
        let times = Times { table, life: token_life.into() };
        let mark = key.mark(LABEL, &[&(words.len() as u64).to_be_bytes(), &token_life.to_be_bytes()]);
        if times.table.is_marked(mark) {
            Ok(RevocationTable { times, marks, key, is_open: false })
        } else {
            Err(Status::TableMismatch)
        }
    }

    /// As [`RevocationTable::new`], over words that become all zero first, whatever they held. An error leaves them as they were.
    ///
    /// # Errors
    /// As there, but for [`Status::TableMismatch`].
    pub fn empty(words: &'m mut [AtomicU64], secret: &[u8], token_life: u32) -> Result<Self, Status> {
        let key = TableKey::new(secret)?;
        Self::parts(words, token_life)?;
        words.iter_mut().for_each(|word| *word = AtomicU64::new(0));
        Self::over(words, key, token_life)
    }

    /// Leniency: a revocation for which there is no place changes nothing. Only the call's status and the count tell of it.
    #[must_use]
    pub fn open_when_full(self) -> Self {
        RevocationTable { is_open: true, ..self }
    }

    /// The places, and behind them the marks of each bucket.
    #[allow(clippy::type_complexity)] // the two members
    fn parts(words: &[AtomicU64], token_life: u32) -> Result<(Table<'_, PLACES>, &[[AtomicU64; MARKS]]), Status> {
        if token_life == 0 {
            return Err(Status::Argument);
        }
        let buckets = words.len().saturating_sub(HEAD_WORDS) / (PLACES + MARKS);
        let places = buckets.saturating_mul(PLACES).saturating_add(HEAD_WORDS);
        let (places, marks) = words.split_at_checked(places).ok_or(Status::RegionTooSmall)?;
        Ok((Table::new(places).ok_or(Status::RegionTooSmall)?, marks.as_chunks().0))
    }

    /// The words of a table that holds at least so many revocations at a time (up to ten million).
    pub const fn words_for(revocations: usize) -> usize {
        // As in the replay table: one place in five stays free, and two buckets more.
        let buckets = revocations.saturating_add(revocations / 4).div_ceil(PLACES).saturating_add(2);
        buckets.saturating_mul(PLACES + MARKS).saturating_add(HEAD_WORDS)
    }

    /// Revokes the token with this `iss` and `jti`. `expires_at` is its `exp` and the policy's leeway: then it is forgotten.
    /// Write a token without `iss` with an empty one, here and below.
    ///
    /// # Errors
    /// [`Status::RevocationFull`].
    pub fn revoke_token(&self, issuer: &str, token_id: &str, expires_at: i64, now: i64) -> Result<(), Status> {
        self.revoke(What::Token, Name::new(issuer), Name::new(token_id), expires_at, now)
    }

    /// Revokes every token of this issuer that the key with this `kid` verifies, until `expires_at`: [`i64::MAX`], for ever. An
    /// empty issuer means all: so revoke keys of a set that belongs to no issuer, for their tokens may name any.
    ///
    /// # Errors
    /// [`Status::RevocationFull`].
    pub fn revoke_key(&self, issuer: &str, key_id: &str, expires_at: i64, now: i64) -> Result<(), Status> {
        self.revoke(What::Key, Name::new(issuer), Name::new(key_id), expires_at, now)
    }

    /// Logs out everywhere: revokes the tokens of this issuer and subject whose `iat` is below `not_before`, and those without
    /// one. [`i64::MAX`]: all of them, for ever. A later time for the same subject counts, an earlier one changes nothing.
    ///
    /// # Errors
    /// [`Status::RevocationFull`].
    pub fn revoke_subject(&self, issuer: &str, subject: &str, not_before: i64, now: i64) -> Result<(), Status> {
        self.revoke(What::Subject, Name::new(issuer), Name::new(subject), not_before, now)
    }

    /// Adds every revocation of a snapshot; how many. A table that serves may be loaded: nothing in it is taken out, so there is
    /// no moment at which a revocation is missing. To leave out what was taken back, load an empty table and let the verifiers use
    /// that; revoke in both, from before the snapshot is taken until the old one is not used any more.
    ///
    /// All numbers are big-endian.
    ///
    /// | bytes | what |
    /// |---|---|
    /// | 8 | `CMKREVO1` |
    /// | 8 | how many records there are |
    /// | each record | 1: what is revoked (1 a token, 2 a key, 3 a subject); 2: bytes of the issuer; 2: bytes of `jti`, `kid` or `sub`; 8: `expires_at` or `not_before`; the issuer; the name, both UTF-8 |
    /// | 32 | SHA-256 of everything before |
    ///
    /// # Errors
    /// [`Status::SnapshotMalformed`], and nothing was added; [`Status::RevocationFull`], and what had a place was added.
    pub fn load(&self, snapshot: &[u8], now: i64) -> Result<u64, Status> {
        snapshot::read(snapshot, &mut |_| {})?;
        let mut result = Ok(());
        let count = snapshot::read(snapshot, &mut |Record { what, issuer, name, time }| {
            result = self.revoke(what, Name::new(issuer), Name::new(name), time, now).and(result);
        })?;
        result.map(|()| count)
    }

    fn revoke(&self, what: What, issuer: Name<'_>, name: Name<'_>, time: i64, now: i64) -> Result<(), Status> {
        let (kind, time, present) = (what.kind(), Time::of(time), Time::now(now));
        // Nothing is refused that has expired anyway.
        let tag = self.tag(what, issuer, name);
        if !self.times.matters(kind, time, present) || self.times.raise(kind, tag, time, present) {
            return Ok(());
        }
        self.times.table.count(FULL);
        if let (Some(mark), false) = (self.mark(what, tag), self.is_open) {
            let soon = Time::of(now.saturating_add(SLACK_SECONDS as i64));
            let (until, past) = match what {
                What::Token => (time, soon),
                What::Key => (time, Time::of(i64::MAX)),
                What::Subject => (Time::of(time.seconds().saturating_add(self.times.life as i64)), time),
            };
            mark.raise(until, past);
        }
        Err(Status::RevocationFull)
    }

    /// Reads the whole table.
    pub fn statistics(&self, now: i64) -> RevocationStatistics {
        let found = self.times.occupancy(Time::now(now));
        RevocationStatistics {
            places: self.times.table.places(),
            live: found.live,
            expired: found.expired,
            full: self.times.table.counted(FULL),
            marked: self.marks.as_flattened().iter().filter(|mark| Mark(mark).past(Time::now(now)).is_some()).count() as u64,
        }
    }

    /// Of the tag's first bucket. There is one for tokens, one for keys and one for subjects, so that a lost key is not the end of every token.
    fn mark(&self, what: What, tag: Tag) -> Option<Mark<'m>> {
        let [bucket, _] = self.times.table.both(tag);
        self.marks.get(bucket)?.get((what as usize).checked_sub(1)?).map(Mark)
    }

    fn tag(&self, what: What, issuer: Name<'_>, name: Name<'_>) -> Tag {
        let mut message = self.key.start(LABEL);
        message.update(&[what as u8]);
        [issuer, name].iter().for_each(|name| name.feed(&mut |piece| message.update(piece)));
        Tag::of(self.key.finish(&mut message))
    }
}

impl Revocations for RevocationTable<'_> {
    fn check(&self, token: &Revocable<'_>, now: i64) -> Result<(), Status> {
        let now = Time::now(now);
        let issuer = token.issuer.unwrap_or(NOBODY);
        let is_before = |time: Time| token.issued_at.is_none_or(|issued_at| issued_at < time.seconds());
        let names = [
            (What::Token, issuer, token.token_id),
            (What::Key, issuer, token.key_id),
            (What::Key, NOBODY, token.key_id),
            (What::Subject, issuer, token.subject),
        ];
        let mut result = Ok(());
        for (what, issuer, name) in names {
            let Some(name) = name else { continue };
            let tag = self.tag(what, issuer, name);
            let counts = |time: Time| what != What::Subject || is_before(time);
            if self.times.latest(what.kind(), tag, now).is_some_and(counts) {
                return Err(Status::Revoked);
            }
            if self.mark(what, tag).and_then(|mark| mark.past(now)).is_some_and(is_before) {
                result = Err(Status::RevocationUnknown);
            }
        }
        result
    }
}
