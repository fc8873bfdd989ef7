//! A build without rotating secrets: no payload is ever read before its signature holds.

use crate::clock::Clock;
use crate::error::Status;
use crate::key::{Candidates, Peeked};
use crate::limits::Limits;
use crate::token::Token;
use core::convert::Infallible;

/// There is none.
pub(crate) struct Early<'s> {
    peeked: Peeked<'s>,
    _never: Infallible,
}

impl<'s> Early<'s> {
    pub(crate) fn peeked(&self) -> &Peeked<'s> {
        &self.peeked
    }
}

#[inline]
pub(crate) fn peek<'s>(
    _: &Candidates<'_>,
    _: &Token<'_>,
    _: Clock,
    _: u32,
    _: &Limits,
    scratch: &'s mut [u8],
) -> Result<(Option<Early<'s>>, &'s mut [u8]), Status> {
    Ok((None, scratch))
}
