//! The snapshot of revocations: bytes that a host writes in any language. [`RevocationTable::load`] has the format.
//!
//! [`RevocationTable::load`]: super::RevocationTable::load

use super::table::What;
use crate::bytes::equal;
use crate::error::Status;
use crate::hash::{self, SHA256};

const MAGIC: &[u8; 8] = b"CMKREVO1";
const DIGEST_BYTES: usize = 32;

/// One revocation.
pub(super) struct Record<'s> {
    pub(super) what: What,
    pub(super) issuer: &'s str,
    pub(super) name: &'s str,
    pub(super) time: i64,
}

/// Hands every record of a whole snapshot to `take`; how many. One that is damaged is refused before the first.
pub(super) fn read<'s>(snapshot: &'s [u8], take: &mut dyn FnMut(Record<'s>)) -> Result<u64, Status> {
    let malformed = Status::SnapshotMalformed;
    let body = snapshot.len().checked_sub(DIGEST_BYTES).and_then(|end| snapshot.split_at_checked(end));
    let (body, digest) = body.ok_or(malformed)?;
    let mut computed = [0; DIGEST_BYTES];
    hash::digest(&SHA256, &[body], &mut computed);
    if !equal(&computed, digest) {
        return Err(malformed);
    }
    let mut rest = Rest(body);
    if rest.take::<8>() != Some(MAGIC) {
        return Err(malformed);
    }
    let count = u64::from_be_bytes(*rest.take().ok_or(malformed)?);
    // The text ends this loop whatever the count says.
    for _ in 0..count {
        take(rest.record().ok_or(malformed)?);
    }
    if rest.0.is_empty() { Ok(count) } else { Err(malformed) }
}

struct Rest<'s>(&'s [u8]);

impl<'s> Rest<'s> {
    fn take<const BYTES: usize>(&mut self) -> Option<&'s [u8; BYTES]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(taken)
    }

    fn text(&mut self, bytes: u16) -> Option<&'s str> {
        let (taken, rest) = self.0.split_at_checked(bytes.into())?;
        self.0 = rest;
        core::str::from_utf8(taken).ok()
    }

    fn record(&mut self) -> Option<Record<'s>> {
        let what = match self.take()? {
            [1] => What::Token,
            [2] => What::Key,
            [3] => What::Subject,
            _ => return None,
        };
        let (issuer, name) = (u16::from_be_bytes(*self.take()?), u16::from_be_bytes(*self.take()?));
        let time = i64::from_be_bytes(*self.take()?);
        Some(Record { what, issuer: self.text(issuer)?, name: self.text(name)?, time })
    }
}
