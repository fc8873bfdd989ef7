//! The IETF Token Status List (draft-ietf-oauth-status-list-21): the issuer's list of its tokens, one small number for each.

mod inflate;
mod list;

pub use list::{StatusList, StatusSource};

use super::{Name, Shared};
use crate::claims::Claims;
use crate::clock::Clock;
use crate::error::{Failures, Status};

const VALID: u8 = 0;
const INVALID: u8 = 1;

/// Where a token's status stands: its `status` claim's `status_list`, and its issuer (draft-ietf-oauth-status-list-21 6.2).
#[derive(Clone, Copy, Debug)]
pub struct StatusReference<'c> {
    /// The token's `iss`.
    pub issuer: Option<Name<'c>>,
    /// Which list.
    pub uri: Name<'c>,
    /// Which of its numbers.
    pub index: u64,
}

/// Where statuses are looked up: one or more [`StatusList`]s, or a store that a host shares between machines.
pub trait Statuses: Shared {
    /// The status of one token.
    ///
    /// # Errors
    /// [`Status::StatusListMismatch`], [`Status::StatusListStale`], [`Status::StatusIndex`]. Any status without a bit ends the
    /// verification.
    fn status(&self, of: &StatusReference<'_>, clock: Clock) -> Result<u8, Status>;
}

/// The lists that tokens' statuses are looked up in, and what is accepted.
///
/// A token that has a `status` claim must be `VALID` (0) in one of the lists. Of `INVALID` (1) and all other numbers, each is
/// refused: [`Status::StatusInvalid`], and for `SUSPENDED` (2) and those of applications [`Status::StatusSuspended`].
#[derive(Clone, Copy)]
pub struct StatusRules<'v> {
    /// Where to look.
    pub lists: &'v dyn Statuses,
    /// A token without the claim is refused, too.
    pub required: bool,
    /// Leniency: the application's own numbers that are accepted beside 0 (7.1: 3 and 12 to 15).
    pub accepted: &'v [u8],
}

impl StatusRules<'_> {
    pub(crate) fn judge(&self, claims: &Claims<'_>, clock: Clock, failures: &mut Failures) -> Result<(), Status> {
        let Ok(status) = claims.get("status") else {
            failures.set_if(self.required, Status::StatusListMismatch);
            return Ok(());
        };
        let reference = status.member("status_list").ok().flatten();
        let member = |name| reference.and_then(|list| list.member(name).ok().flatten());
        // A status of another kind than a list cannot be looked up here.
        let Some(uri) = member("uri").and_then(|uri| uri.text().ok()) else {
            failures.set(Status::StatusListMismatch);
            return Ok(());
        };
        let index = member("idx").and_then(|index| u64::try_from(index.integer().ok()?).ok());
        let Some(index) = index else {
            failures.set(Status::StatusIndex);
            return Ok(());
        };
        let issuer = claims.issuer().map(Name::of_claim);
        match self.lists.status(&StatusReference { issuer, uri: Name::of_claim(uri), index }, clock) {
            Ok(VALID) => Ok(()),
            Ok(INVALID) => failures.fold(Status::StatusInvalid),
            Ok(other) if self.accepted.contains(&other) => Ok(()),
            Ok(_) => failures.fold(Status::StatusSuspended),
            Err(status) => failures.fold(status),
        }
    }
}

impl Statuses for StatusList<'_> {
    fn status(&self, of: &StatusReference<'_>, clock: Clock) -> Result<u8, Status> {
        if !self.is_of(of) {
            return Err(Status::StatusListMismatch);
        }
        if self.is_stale(clock) {
            return Err(Status::StatusListStale);
        }
        self.get(of.index).ok_or(Status::StatusIndex)
    }
}

impl Statuses for &[StatusList<'_>] {
    fn status(&self, of: &StatusReference<'_>, clock: Clock) -> Result<u8, Status> {
        let list = self.iter().find(|list| list.is_of(of)).ok_or(Status::StatusListMismatch)?;
        list.status(of, clock)
    }
}
