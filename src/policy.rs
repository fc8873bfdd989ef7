//! Stage 6: issuer, audience, subject, type, time and required claims. Every check runs; each failure is one bit.

use crate::bytes::equal;
use crate::claims::Claims;
use crate::clock::Clock;
use crate::error::{Failures, Status};
use crate::header::{Algorithm, Header};
use crate::json::{Kind, Number};
use crate::key::Stored;
use crate::limits::Limits;

/// Which layers a token has. It is declared here and never found out from the token (RFC 7519 5.2, 11.2).
#[cfg(feature = "envelope")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(i32)]
pub enum Shape {
    /// A JWS.
    #[default]
    Signed = 0,
    /// A JWE around a JWS: nobody on the way reads the claims, or who signed them.
    SignedThenEncrypted = 1,
    /// A JWS around a JWE: anybody sees who signed, and only the key's owner what.
    EncryptedThenSigned = 2,
}

#[cfg(feature = "envelope")]
impl Shape {
    /// The shape with this number.
    pub const fn from_code(code: i32) -> Option<Shape> {
        match code {
            0 => Some(Shape::Signed),
            1 => Some(Shape::SignedThenEncrypted),
            2 => Some(Shape::EncryptedThenSigned),
            _ => None,
        }
    }
}

/// What a token must say. The default is strict and empty: no issuer is pinned, no audience accepted, `exp` is required.
///
/// ```
/// use countermark::{Algorithm, Policy};
/// let policy = Policy {
///     issuers: &["https://login.example"],
///     audiences: &["https://api.example"],
///     algorithms: &[Algorithm::ES256],
///     leeway: 30,
///     ..Policy::default()
/// };
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Policy<'p> {
    /// `iss` must be one of these; empty: any, or the one of the key's set.
    pub issuers: &'p [&'p str],
    /// `aud` must name one of these; empty: a token with `aud` is refused.
    pub audiences: &'p [&'p str],
    /// Leniency: accept any `aud`, and none.
    pub any_audience: bool,
    /// `sub` must be this.
    pub subject: Option<&'p str>,
    /// `typ` must be this media type, such as `at+jwt`.
    pub typ: Option<&'p str>,
    /// The algorithms allowed; empty: whatever the keys say.
    pub algorithms: &'p [Algorithm],
    /// How far clocks may differ, in seconds.
    pub leeway: u32,
    /// The longest time since `iat`, in seconds.
    pub max_age: Option<u32>,
    /// Claims that must be there and not null.
    pub require: &'p [&'p str],
    /// Leniency: accept a token without `exp`.
    pub allow_missing_exp: bool,
    /// `nonce` must be this: what the host asked the issuer to put in (OpenID Connect Core 3.1.3.7).
    pub nonce: Option<&'p str>,
    /// `acr`, how the user logged in, must be one of these; empty: any, and none (RFC 9470 3).
    pub acr: &'p [&'p str],
    /// The longest time since the user logged in, `auth_time`, in seconds (RFC 9470 3).
    pub auth_max_age: Option<u32>,
    /// Leniency for a device without a clock: a request may come without the time, and none is checked then. The policy
    /// must name a `nonce`, so that something else bounds the token's life.
    pub no_clock: bool,
    /// What a token may cost.
    pub limits: Limits,
    /// The layers that a token must have, all of them; in every shape one is a signature.
    #[cfg(feature = "envelope")]
    pub shape: Shape,
}

impl<'p> Policy<'p> {
    /// An OAuth 2.0 access token as RFC 9068 2 profiles it: its `typ`, and the claims that it must have. `client_id`, `sub`
    /// and `jti` must be strings that are not empty. A verifier of this policy needs an issuer: here, or in each of its sets.
    ///
    /// ```
    /// use countermark::Policy;
    /// let policy = Policy { leeway: 30, ..Policy::rfc9068(&["https://login.example"], &["https://api.example"]) };
    /// assert_eq!(policy.typ, Some("at+jwt"));
    /// ```
    pub fn rfc9068(issuers: &'p [&'p str], audiences: &'p [&'p str]) -> Self {
        Policy {
            issuers,
            audiences,
            typ: Some("at+jwt"),
            require: &["iss", "exp", "aud", "sub", "client_id", "iat", "jti"],
            ..Policy::default()
        }
    }
}

impl Policy<'_> {
    /// Whether the policy makes sense at all: asked once, when a verifier is made.
    pub(crate) fn check(&self) -> Result<(), Status> {
        self.limits.check()?;
        if self.any_audience && !self.audiences.is_empty() {
            return Err(Status::PolicyConflict);
        }
        if self.no_clock && (self.max_age.is_some() || self.auth_max_age.is_some()) {
            return Err(Status::PolicyConflict);
        }
        if self.no_clock && self.nonce.is_none() {
            return Err(Status::ClockMissing);
        }
        Ok(())
    }

    /// Whether the policy is RFC 9068's: its `typ`, however it is written, and `client_id` required.
    pub(crate) fn is_rfc9068(&self) -> bool {
        let is_type =
            |typ: &str| [&b"at+jwt"[..], b"application/at+jwt"].iter().any(|name| typ.as_bytes().eq_ignore_ascii_case(name));
        self.typ.is_some_and(is_type) && self.require.iter().any(|name| equal(name.as_bytes(), b"client_id"))
    }

    /// Whether a payload without claims could not meet the policy.
    pub(crate) fn asks_for_claims(&self) -> bool {
        let lists = [self.issuers, self.audiences, self.require, self.acr];
        lists.iter().any(|list| !list.is_empty())
            || self.subject.or(self.nonce).is_some()
            || self.max_age.or(self.auth_max_age).is_some()
    }

    /// Holds the claims against the policy. `key_issuer` is the issuer of the set whose key verified the token.
    #[inline(never)] // as `Header::read`
    pub(crate) fn judge(
        &self,
        header: &Header<'_>,
        claims: &Claims<'_>,
        key_issuer: Option<Stored<'_>>,
        clock: Clock,
        failures: &mut Failures,
    ) {
        let is_listed = |list: &[&str], text: crate::json::Text<'_>| list.iter().any(|wanted| text == *wanted);
        let issuer = claims.issuer();
        let issuer_fits = self.issuers.is_empty() || issuer.is_some_and(|issuer| is_listed(self.issuers, issuer));
        failures.set_if(!issuer_fits, Status::Issuer);
        if let Some(key_issuer) = key_issuer {
            failures.set_if(!issuer.is_some_and(|issuer| key_issuer.is(issuer)), Status::KeyIssuer);
        }
        match claims.audience() {
            _ if self.any_audience => {}
            Some(_) if self.audiences.is_empty() => failures.set(Status::AudienceUnexpected),
            Some(mut audience) => {
                failures.set_if(!audience.any(|name| is_listed(self.audiences, name)), Status::Audience);
            }
            None => failures.set_if(!self.audiences.is_empty(), Status::Audience),
        }
        if let Some(wanted) = self.subject {
            failures.set_if(!claims.subject().is_some_and(|subject| subject == wanted), Status::Subject);
        }
        self.judge_type(header, failures);
        if let Some(wanted) = self.nonce {
            let is_wanted = claims.get("nonce").and_then(|nonce| nonce.text()).is_ok_and(|nonce| nonce == wanted);
            failures.set_if(!is_wanted, Status::Nonce);
        }
        if !self.acr.is_empty() {
            let acr = claims.get("acr").and_then(|acr| acr.text());
            failures.set_if(!acr.is_ok_and(|acr| is_listed(self.acr, acr)), Status::Acr);
        }
        let is_there = |name: &&str| claims.get(name).is_ok_and(|value| value.kind() != Kind::Null);
        failures.set_if(!self.require.iter().all(is_there), Status::ClaimRequired);
        // RFC 9068 2.2 takes `client_id` from RFC 8693 4.3: a string. An empty one names nobody.
        let names = |name: &&str| claims.get(name).and_then(|value| value.text()).is_ok_and(|text| text != "");
        failures.set_if(self.is_rfc9068() && !["client_id", "sub", "jti"].iter().all(names), Status::ClaimRequired);

        let dates = claims.dates();
        failures.set_if(dates.expires_at.is_none() && !self.allow_missing_exp, Status::ExpiryMissing);
        failures.set_if(dates.issued_at.is_none() && self.max_age.is_some(), Status::IssuedAtMissing);
        if let (Some(not_before), Some(expires_at)) = (dates.not_before, dates.expires_at) {
            failures.set_if(not_before >= expires_at, Status::Lifetime);
        }
        if let Clock::At(now) = clock {
            self.judge_time(claims, now, failures);
        }
    }

    /// The header's `typ` (RFC 8725 3.11).
    pub(crate) fn judge_type(&self, header: &Header<'_>, failures: &mut Failures) {
        if let Some(wanted) = self.typ {
            failures.set_if(!header.typ_is(wanted), Status::Type);
        }
    }

    /// RFC 7519 4.1.4 to 4.1.6. Dates are not negative, so a sum that stops at an end of 64 bits compares as the sum would.
    fn judge_time(&self, claims: &Claims<'_>, now: i64, failures: &mut Failures) {
        let dates = claims.dates();
        let leeway = i64::from(self.leeway);
        let earliest = now.saturating_sub(leeway);
        let latest = now.saturating_add(leeway);
        failures.set_if(dates.expires_at.is_some_and(|date| earliest >= date), Status::Expired);
        failures.set_if(dates.not_before.is_some_and(|date| latest < date), Status::NotYetValid);
        failures.set_if(dates.issued_at_latest.is_some_and(|date| date > latest), Status::IssuedInFuture);
        if let Some(max_age) = self.auth_max_age {
            let number = claims.get("auth_time").and_then(|date| date.number()).ok();
            // As `iat`: up against the future, down for the age.
            let is_past = |date: &Number| date.round_up().is_some_and(|date| date <= latest);
            let date = number.filter(is_past).and_then(|date| date.round_down());
            failures.set_if(date.is_none(), Status::AuthTimeMissing);
            let age = date.map(|date| earliest.saturating_sub(date));
            failures.set_if(age.is_some_and(|age| age > i64::from(max_age)), Status::AuthTooOld);
        }
        if let (Some(max_age), Some(issued_at)) = (self.max_age, dates.issued_at) {
            failures.set_if(earliest.saturating_sub(issued_at) > i64::from(max_age), Status::TooOld);
        }
    }
}
