//! Stage 1: the compact serialization, split at its dots (RFC 7515 7.1).

use crate::bytes;
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
        let (header, rest) = at_dot(text).ok_or(Status::TokenNotCompact)?;
        let (payload, signature) = at_dot(rest).ok_or(Status::TokenNotCompact)?;
        if bytes::find(signature, b'.').is_some() {
            return Err(Status::TokenNotCompact);
        }
        let signing_bytes = header.len().saturating_add(1).saturating_add(payload.len());
        let signing_input = text.get(..signing_bytes).ok_or(Status::TokenNotCompact)?;
        if header.is_empty() || signature.is_empty() {
            return Err(Status::TokenSegmentEmpty);
        }
        Ok(Token { header, payload, signature, signing_input })
    }
}

/// What stands before and behind the first dot.
fn at_dot(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (before, dotted) = text.split_at_checked(bytes::find(text, b'.')?)?;
    Some((before, dotted.split_first()?.1))
}
