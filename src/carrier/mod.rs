//! The token out of a request, and the answer's `WWW-Authenticate`.

mod challenge;

pub use challenge::Challenge;

use crate::bytes;
use crate::error::Status;
use crate::holder::{Headers, Scheme};

/// A token as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credentials<'r> {
    /// The scheme.
    pub scheme: Scheme,
    /// The token's bytes, not looked at yet.
    pub token: &'r [u8],
}

/// Where a token may come from. The default looks at `Authorization` only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Source<'c> {
    /// Leave the `Authorization` header out.
    pub ignore_authorization: bool,
    /// The cookie that may hold it.
    pub cookie: Option<&'c str>,
    /// The query argument that may hold it (RFC 6750 2.3 says why that is a bad place).
    pub argument: Option<&'c str>,
}

impl Source<'_> {
    /// The one token of a request. `query` is what follows the question mark of its target.
    ///
    /// # Errors
    /// [`Status::CredentialsMissing`], [`Status::CredentialsMalformed`], [`Status::CredentialsRepeated`].
    pub fn find<'r>(&self, headers: &'r dyn Headers, query: &'r [u8]) -> Result<Credentials<'r>, Status> {
        let mut found = Only(Err(Status::CredentialsMissing));
        let mut position = 0usize;
        while let Some((name, value)) = headers.field(position) {
            position = position.saturating_add(1);
            let value = bytes::trimmed(value);
            if !self.ignore_authorization && name.eq_ignore_ascii_case(b"authorization") {
                found.add(authorization(value));
            } else if let (true, Some(cookie_name)) = (name.eq_ignore_ascii_case(b"cookie"), self.cookie) {
                found.add(cookie(value, cookie_name));
            }
        }
        if let Some(name) = self.argument {
            found.add(argument(query, name));
        }
        found.0
    }
}

/// The token of an `Authorization` value: a scheme, one or more spaces, a token, nothing else (RFC 9110 11.4).
///
/// # Errors
/// [`Status::CredentialsMissing`] for another scheme, [`Status::CredentialsMalformed`].
pub fn authorization(value: &[u8]) -> Result<Credentials<'_>, Status> {
    // A scheme is a token (RFC 9110 5.6.2); what follows it must be a space.
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let end = value.iter().position(|byte| !is_token(byte)).unwrap_or(value.len());
    let (name, mut rest) = value.split_at_checked(end).unwrap_or_default();
    let is_named = |scheme: &&Scheme| name.eq_ignore_ascii_case(scheme.name().as_bytes());
    let scheme = *[Scheme::Bearer, Scheme::DPoP].iter().find(is_named).ok_or(Status::CredentialsMissing)?;
    if rest.first() != Some(&b' ') {
        return Err(Status::CredentialsMalformed);
    }
    while let [b' ', behind @ ..] = rest {
        rest = behind;
    }
    token(scheme, rest)
}

/// The token in the cookie of this name, out of one `Cookie` field's value (RFC 6265 4.2.1).
///
/// # Errors
/// [`Status::CredentialsMissing`], [`Status::CredentialsMalformed`], [`Status::CredentialsRepeated`].
pub fn cookie<'r>(value: &'r [u8], name: &str) -> Result<Credentials<'r>, Status> {
    let mut found = Only(Err(Status::CredentialsMissing));
    for value in bytes::cookies(value, name) {
        found.add(token(Scheme::Bearer, value));
    }
    found.0
}

/// The token in the query argument of this name. A percent-encoded spelling of the name counts as the name.
///
/// # Errors
/// [`Status::CredentialsMissing`], [`Status::CredentialsMalformed`], [`Status::CredentialsRepeated`].
pub fn argument<'r>(query: &'r [u8], name: &str) -> Result<Credentials<'r>, Status> {
    let mut found = Only(Err(Status::CredentialsMissing));
    for pair in query.split(|byte| *byte == b'&') {
        let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
        let (spelling, value) = pair.split_at_checked(end).unwrap_or_default();
        if percent_decoded(spelling).eq(name.bytes()) {
            found.add(token(Scheme::Bearer, bytes::after(value, b"=").unwrap_or_default()));
        }
    }
    found.0
}

/// At most one token: a second one, or a second attempt at one, spoils both.
struct Only<'r>(Result<Credentials<'r>, Status>);

impl<'r> Only<'r> {
    fn add(&mut self, next: Result<Credentials<'r>, Status>) {
        self.0 = match (self.0, next) {
            (first, Err(Status::CredentialsMissing)) => first,
            (Err(Status::CredentialsMissing), next) => next,
            _ => Err(Status::CredentialsRepeated),
        };
    }
}

/// A token of one or more characters of RFC 9110's token68, without its padding: compact tokens have none.
fn token(scheme: Scheme, token: &[u8]) -> Result<Credentials<'_>, Status> {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
    if token.is_empty() || !token.iter().all(is_plain) {
        return Err(Status::CredentialsMalformed);
    }
    Ok(Credentials { scheme, token })
}

/// RFC 3986 2.1; a percent sign without two hexadecimal digits stands for itself.
fn percent_decoded(text: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = text;
    core::iter::from_fn(move || {
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|value| value as u8);
        let (byte, behind) = match rest {
            [b'%', high, low, behind @ ..] if digit(*high).is_some() && digit(*low).is_some() => {
                (digit(*high)? << 4 | digit(*low)?, behind)
            }
            [byte, behind @ ..] => (*byte, behind),
            [] => return None,
        };
        rest = behind;
        Some(byte)
    })
}
