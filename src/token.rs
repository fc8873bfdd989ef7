//! Stage 1: the compact serialization, split at its dots (RFC 7515 7.1).

use crate::error::Status;
use crate::limits::Limits;

/// A compact JWS, split but not decoded.
#[derive(Clone, Copy)]
pub(crate) struct Token<'t> {
    pub(crate) header: &'t [u8],
    pub(crate) payload: &'t [u8],
    pub(crate) signature: &'t [u8],
    /// Header, dot, payload: what the signature is over (RFC 7515 5.2).
    pub(crate) signing_input: &'t [u8],
}

impl<'t> Token<'t> {
    pub(crate) fn split(text: &'t [u8], limits: &Limits) -> Result<Self, Status> {
        if text.is_empty() {
            return Err(Status::TokenEmpty);
        }
        if text.len() > limits.token_bytes {
            return Err(Status::TokenTooLarge);
        }
        let is_dot = |byte: &u8| *byte == b'.';
        if text.iter().filter(|byte| is_dot(byte)).count() != 2 {
            return Err(Status::TokenNotCompact);
        }
        let last = text.iter().rposition(is_dot).unwrap_or_default();
        let (signing_input, signature) = around(text, last);
        let first = signing_input.iter().position(is_dot).unwrap_or_default();
        let (header, payload) = around(signing_input, first);
        if header.is_empty() || signature.is_empty() {
            return Err(Status::TokenSegmentEmpty);
        }
        Ok(Token { header, payload, signature, signing_input })
    }
}

/// What stands before and behind the dot at `at`.
fn around(text: &[u8], at: usize) -> (&[u8], &[u8]) {
    let (before, dotted) = text.split_at_checked(at).unwrap_or_default();
    (before, dotted.split_first().map_or(dotted, |(_, behind)| behind))
}
