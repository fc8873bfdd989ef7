//! Stage 5: the payload's claims (RFC 7519 4). Reading takes a `Signed`, so it cannot run before the signature holds.

mod path;
mod payload;
#[cfg_attr(not(feature = "rotating"), path = "no_peek.rs")]
mod peek;
mod registered;
#[cfg(feature = "typed")]
mod typed;

pub(crate) use payload::Payload;
#[cfg(feature = "rotating")]
use payload::decode;
#[cfg(feature = "dpop")]
pub(crate) use payload::decoded;
pub(crate) use peek::{Early, peek};
use registered::Span;
pub(crate) use registered::{Dates, Registered};

#[cfg(feature = "envelope")]
use crate::envelope::Decrypted;
use crate::error::Status;
#[cfg(feature = "status-list")]
use crate::header;
use crate::header::{Algorithm, Header};
use crate::json::{self, Elements, Fault, Text, Value};
use crate::limits::Limits;
use crate::signature::{self, Signed};

/// The claims of an accepted token. They lie in the caller's scratch.
#[derive(Clone, Copy)]
pub struct Claims<'s> {
    text: &'s [u8],
    index: &'s [u8],
    registered: Registered,
    algorithm: Algorithm,
    /// Header and signature, decoded, for the identity.
    header: &'s [u8],
    signature: &'s [u8],
    /// What was signed: the claims, or the envelope that they lay in.
    signed: &'s [u8],
    #[cfg(feature = "envelope")]
    layers: Layers<'s>,
}

/// What was proved of an accepted token, layer by layer.
#[cfg(feature = "envelope")]
#[derive(Clone, Copy, Debug)]
pub struct Layers<'s> {
    /// The algorithm that it was signed with.
    pub algorithm: Algorithm,
    /// The `kid` of the signed layer's header.
    pub kid: Option<Text<'s>>,
    /// The envelope that was opened, around the signed token or inside it; `None` for the shape signed.
    pub decrypted: Option<Decrypted<'s>>,
}

impl<'s> Claims<'s> {
    /// Reads the payload, registered claims with their types.
    #[inline(never)] // as `Header::read`
    pub(crate) fn read(
        signed: &Signed<'_, 's, '_>,
        header: &Header<'s>,
        limits: &Limits,
        payload: Payload<'s>,
    ) -> Result<Self, Status> {
        let (text, signature) = (payload.text, signed.signature());
        let done = |index, registered: Registered| {
            Ok(Claims {
                text,
                index,
                registered: registered.checked()?,
                algorithm: signed.algorithm(),
                header: header.text,
                signature,
                signed: payload.signed,
                #[cfg(feature = "envelope")]
                layers: Layers { algorithm: signed.algorithm(), kid: header.kid, decrypted: payload.decrypted },
            })
        };
        #[cfg(feature = "rotating")]
        if let Some((index, registered)) = payload.read {
            return done(index, registered);
        }
        let mut registered = Registered::default();
        let index = json::read_object(text, limits, payload.rest, &mut |member| registered.note(member)).map_err(
            |fault| match fault {
                Fault::Syntax => Status::PayloadJson,
                Fault::Duplicate => Status::PayloadDuplicate,
                Fault::Limit => Status::PayloadLimit,
            },
        )?;
        done(index, registered)
    }

    /// The whole claims set as JSON text.
    pub fn raw(&self) -> &'s str {
        core::str::from_utf8(self.text).unwrap_or_default()
    }

    /// `iss`, who issued the token (RFC 7519 4.1.1).
    pub fn issuer(&self) -> Option<Text<'s>> {
        self.registered_text(self.registered.issuer)
    }

    /// `sub`, whom the token is about (RFC 7519 4.1.2).
    pub fn subject(&self) -> Option<Text<'s>> {
        self.registered_text(self.registered.subject)
    }

    /// `jti`, the token's own id (RFC 7519 4.1.7).
    pub fn token_id(&self) -> Option<Text<'s>> {
        self.registered_text(self.registered.token_id)
    }

    /// `aud`, whom the token is meant for: one string is a list of one (RFC 7519 4.1.3).
    pub fn audience(&self) -> Option<impl Iterator<Item = Text<'s>> + use<'s>> {
        let value = self.registered.audience.value(self.text)?;
        let (one, many) = match value.elements() {
            Ok(elements) => (None, Some(elements)),
            Err(_) => (value.text().ok(), None),
        };
        Some(one.into_iter().chain(many.into_iter().flatten().filter_map(|element| element.text().ok())))
    }

    /// `exp` in seconds since 1970, rounded down (RFC 7519 4.1.4).
    pub fn expires_at(&self) -> Option<i64> {
        self.registered.dates.expires_at
    }

    /// `nbf` in seconds since 1970, rounded up (RFC 7519 4.1.5).
    pub fn not_before(&self) -> Option<i64> {
        self.registered.dates.not_before
    }

    /// `iat` in seconds since 1970, rounded down (RFC 7519 4.1.6).
    pub fn issued_at(&self) -> Option<i64> {
        self.registered.dates.issued_at
    }

    /// The claim of this name, of any type. Dots and slashes in the name mean nothing: see [`Claims::at`] for paths.
    ///
    /// # Errors
    /// [`Status::ClaimAbsent`].
    pub fn get(&self, name: &str) -> Result<Value<'s>, Status> {
        self.find(|found| *found == name).ok_or(Status::ClaimAbsent)
    }

    /// The value at a path: names of nested members with dots between them (`realm_access.roles`); or, when it starts
    /// with a slash, a JSON pointer (RFC 6901).
    ///
    /// # Errors
    /// [`Status::ClaimAbsent`] when nothing is there; [`Status::Argument`] for a path longer than 256 bytes.
    pub fn at(&self, path: &str) -> Result<Value<'s>, Status> {
        self.walk(path).map_err(|status| if status == Status::ClaimType { Status::ClaimAbsent } else { status })
    }

    /// As `at`, but [`Status::ClaimType`] where a value on the way can have nothing inside.
    pub(crate) fn walk(&self, path: &str) -> Result<Value<'s>, Status> {
        let mut segments = path::segments(path)?;
        let first = segments.next().ok_or(Status::ClaimAbsent)?;
        let outermost = self.find(|found| first.names(found)).ok_or(Status::ClaimAbsent)?;
        segments.try_fold(outermost, |value, segment| segment.of(value))
    }

    /// The elements of the array claim of this name.
    ///
    /// # Errors
    /// [`Status::ClaimAbsent`], [`Status::ClaimType`].
    pub fn elements(&self, name: &str) -> Result<Elements<'s>, Status> {
        self.get(name)?.elements()
    }

    /// The canonical identity of the token that these claims came from: SHA-256 over its text up to the second dot and its
    /// decoded signature, of ECDSA's two forms the one with the lower s. Every way to write the token has this one identity.
    /// It costs a hash of the token, so it is made only when asked for.
    pub fn identity(&self) -> [u8; 32] {
        signature::identity(self.algorithm, self.header, self.signed, self.signature)
    }

    /// The algorithm that the token was signed with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether the header's `typ` is this media type (RFC 7515 4.1.9).
    #[cfg(feature = "status-list")]
    pub(crate) fn has_type(&self, wanted: &str) -> bool {
        let typ = Value::of_document(self.header).member("typ").ok().flatten();
        typ.and_then(|typ| typ.text().ok()).is_some_and(|typ| header::media_type_is(typ, wanted))
    }

    /// What was proved of the token: who signed it, and how the envelope around or inside it was opened.
    #[cfg(feature = "envelope")]
    pub fn layers(&self) -> Layers<'s> {
        self.layers
    }

    /// `cnf`, what the token is bound to (RFC 7800 3.1).
    pub(crate) fn confirmation(&self) -> Option<Value<'s>> {
        self.registered.confirmation.value(self.text)
    }

    pub(crate) fn dates(&self) -> Dates {
        self.registered.dates
    }

    #[cfg(feature = "typed")]
    fn text(&self) -> &'s [u8] {
        self.text
    }

    fn find(&self, wanted: impl Fn(&Text<'s>) -> bool) -> Option<Value<'s>> {
        let text = self.text;
        let mut members = json::positions(self.index).map(|start| json::name_at(text, start));
        members.find(|(name, _)| wanted(name)).map(|(_, value)| json::value_at(text, value))
    }

    fn registered_text(&self, span: Span) -> Option<Text<'s>> {
        span.value(self.text)?.text().ok()
    }
}
