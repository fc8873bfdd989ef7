//! The payload read before the signature holds, for a rotating secret alone: its keys belong to a user and a time that stand there.
//!
//! It is decoded and read once. All that comes out before the signature is what the derivation needs; the claims come out of
//! `Claims::read`, which needs a `Signed`.

use super::{Registered, decode};
use crate::clock::Clock;
use crate::error::Status;
use crate::json;
use crate::key::{Candidates, Peeked};
use crate::limits::Limits;
use crate::token::Token;

/// A payload that nobody has vouched for yet.
pub(crate) struct Early<'s> {
    pub(super) text: &'s [u8],
    pub(super) index: &'s [u8],
    pub(super) registered: Registered,
    peeked: Peeked<'s>,
}

impl<'s> Early<'s> {
    /// What a key is derived from.
    pub(crate) fn peeked(&self) -> &Peeked<'s> {
        &self.peeked
    }
}

/// Reads the payload into the start of `scratch`, if a candidate is a rotating secret; hands back what it did not use.
pub(crate) fn peek<'s>(
    candidates: &Candidates<'_>,
    token: &Token<'_>,
    clock: Clock,
    leeway: u32,
    limits: &Limits,
    scratch: &'s mut [u8],
) -> Result<(Option<Early<'s>>, &'s mut [u8]), Status> {
    if !candidates.rotate() {
        return Ok((None, scratch));
    }
    let Clock::At(now) = clock else { return Err(Status::ClockMissing) };
    let (payload, scratch) = read(token, now, leeway, limits, scratch)?;
    Ok((Some(payload), scratch))
}

#[inline(never)] // as `Header::read`
fn read<'s>(
    token: &Token<'_>,
    now: i64,
    leeway: u32,
    limits: &Limits,
    scratch: &'s mut [u8],
) -> Result<(Early<'s>, &'s mut [u8]), Status> {
    let (text, rest) = decode(token.payload, scratch).map_err(|status| match status {
        Status::PayloadEncoding => Status::RotatingPayload,
        other => other,
    })?;
    let text: &[u8] = text;
    // As much as this text can need: the signature lies behind it later.
    let (index, rest) = rest.split_at_mut_checked(json::index_bytes(text.len(), limits)).ok_or(Status::ScratchTooSmall)?;
    let mut registered = Registered::default();
    let index = json::read_object(text, limits, index, &mut |member| registered.note(member))
        .map_err(|_| Status::RotatingPayload)?;
    let index: &[u8] = index;
    let peeked = Peeked { text, index, issued_at: registered.dates.issued_at, now, leeway };
    Ok((Early { text, index, registered, peeked }, rest))
}
