//! The payload of a token whose signature holds, decoded and, where an envelope is nested in it, opened.

use super::Early;
#[cfg(feature = "rotating")]
use super::Registered;
use crate::base64url;
#[cfg(feature = "envelope")]
use crate::envelope::{self, Decrypted, Inside};
use crate::error::Status;
#[cfg(feature = "envelope")]
use crate::key::KeySet;
#[cfg(feature = "envelope")]
use crate::limits::Limits;
use crate::signature::Signed;

/// Only a `Signed` makes one.
pub(crate) struct Payload<'s> {
    /// The claims' text.
    pub(super) text: &'s [u8],
    /// What was signed: the same, or the envelope that it lay in.
    pub(super) signed: &'s [u8],
    /// What is left of the scratch.
    pub(super) rest: &'s mut [u8],
    /// Index and notes of a payload that was read before.
    #[cfg(feature = "rotating")]
    pub(super) read: Option<(&'s [u8], Registered)>,
    #[cfg(feature = "envelope")]
    pub(super) decrypted: Option<Decrypted<'s>>,
}

impl<'s> Payload<'s> {
    /// Decodes the payload into the start of `scratch`, unless that was done before.
    pub(crate) fn of(signed: &Signed<'_, '_, '_>, early: Option<Early<'s>>, scratch: &'s mut [u8]) -> Result<Self, Status> {
        #[cfg(feature = "rotating")]
        let (text, read, rest) = match early {
            Some(Early { text, index, registered, .. }) => (text, Some((index, registered)), scratch),
            None => {
                let (text, rest) = decode(signed.payload(), scratch)?;
                (&*text, None, rest)
            }
        };
        #[cfg(not(feature = "rotating"))]
        let _ = early;
        #[cfg(not(feature = "rotating"))]
        let (text, rest) = decode(signed.payload(), scratch)?;
        #[cfg(not(feature = "rotating"))]
        let text: &[u8] = text;
        Ok(Payload {
            text,
            signed: text,
            rest,
            #[cfg(feature = "rotating")]
            read,
            #[cfg(feature = "envelope")]
            decrypted: None,
        })
    }

    /// The same payload, which is an envelope, opened.
    #[cfg(feature = "envelope")]
    pub(crate) fn opened(self, sets: &[KeySet<'_>], limits: &Limits) -> Result<Self, Status> {
        let opened = envelope::open(self.signed, sets, limits, Inside::Claims, self.rest)?;
        Ok(Payload {
            text: opened.plaintext,
            signed: self.signed,
            rest: opened.rest,
            #[cfg(feature = "rotating")]
            read: None,
            decrypted: Some(opened.decrypted),
        })
    }

    /// The same payload, of a token that came out of an envelope.
    #[cfg(feature = "envelope")]
    pub(crate) fn from(self, decrypted: Option<Decrypted<'s>>) -> Self {
        Payload { decrypted: self.decrypted.or(decrypted), ..self }
    }

    pub(crate) fn text(&self) -> &'s [u8] {
        self.text
    }
}

/// The payload's own bytes in the start of `scratch`, and what that left.
#[cfg(feature = "dpop")]
pub(crate) fn decoded<'s>(
    signed: &Signed<'_, '_, '_>,
    scratch: &'s mut [u8],
) -> Result<(&'s mut [u8], &'s mut [u8]), Status> {
    decode(signed.payload(), scratch)
}

/// Decodes into the start of `scratch`; hands back what it did not use.
pub(super) fn decode<'s>(encoded: &[u8], scratch: &'s mut [u8]) -> Result<(&'s mut [u8], &'s mut [u8]), Status> {
    let bytes = base64url::decoded_len(encoded.len()).ok_or(Status::PayloadEncoding)?;
    let (text, rest) = scratch.split_at_mut_checked(bytes).ok_or(Status::ScratchTooSmall)?;
    let text = base64url::decode(encoded, text).ok_or(Status::PayloadEncoding)?;
    Ok((text, rest))
}
