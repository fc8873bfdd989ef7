//! `WWW-Authenticate` for a verdict that is not accept (RFC 6750 3, RFC 9449 7.1, RFC 9470 3).

use crate::error::{Stage, Status};
use crate::holder::Scheme;
use core::fmt::Write;

/// The error of a login that is too weak or too long ago (RFC 9470 3).
const STEP_UP: &str = "insufficient_user_authentication";

/// What the answer says beside the error.
#[derive(Clone, Copy, Debug)]
pub struct Challenge<'c> {
    /// The scheme to use.
    pub scheme: Scheme,
    /// The protected space, for `realm`.
    pub realm: Option<&'c str>,
    /// The scope that is needed, for `insufficient_scope`.
    pub scope: Option<&'c str>,
    /// What would do, with spaces between them, the best first: for `insufficient_user_authentication` (RFC 9470 3).
    pub acr_values: Option<&'c str>,
    /// The most seconds that the login may lie back, for the same.
    pub max_age: Option<u32>,
}

impl Default for Challenge<'_> {
    fn default() -> Self {
        Challenge { scheme: Scheme::Bearer, realm: None, scope: None, acr_values: None, max_age: None }
    }
}

impl Challenge<'_> {
    /// The HTTP status that goes with a verdict (RFC 6750 3.1).
    pub const fn http_status(status: Status) -> u16 {
        match (status, status.stage()) {
            (Status::Accepted, _) => 200,
            (Status::CredentialsMalformed | Status::CredentialsRepeated, _) => 400,
            (_, Stage::Rights) => 403,
            (Status::RateLimited, _) => 429,
            (Status::ReplayFull | Status::ThrottleFull | Status::StatusListStale, _) => 503,
            (Status::NoKey, _) | (_, Stage::Caller) => 500,
            _ => 401,
        }
    }

    /// Writes the field's value for this status to the start of `out`. The error names no detail: an attacker reads it too.
    /// A login that is too weak or too old is answered by `acr_values` and `max_age`, under any scheme (RFC 9470 3).
    /// Under DPoP, [`Status::ProofNonce`] becomes `use_dpop_nonce`: send the nonce in a `DPoP-Nonce` field beside it (RFC 9449 9).
    ///
    /// # Errors
    /// [`Status::Argument`] for an accepted token, for what is answered with 429, 500 or 503, and for a realm, scope or `acr_values` with control
    /// characters; [`Status::BufferTooSmall`]. `out` is cleared then.
    ///
    /// ```
    /// use countermark::{Challenge, Status};
    /// let mut out = [0; 128];
    /// let challenge = Challenge { realm: Some("api"), ..Challenge::default() };
    /// assert_eq!(challenge.write(Status::Expired, &mut out)?, r#"Bearer realm="api", error="invalid_token""#);
    /// # Ok::<(), Status>(())
    /// ```
    pub fn write<'o>(&self, status: Status, out: &'o mut [u8]) -> Result<&'o str, Status> {
        let mut writer = Writer { out, written: 0 };
        let written = self.write_to(status, &mut writer);
        let Writer { out, written: length } = writer;
        if written.is_err() {
            out.fill(0);
        }
        written?;
        core::str::from_utf8(out.get(..length).unwrap_or_default()).map_err(|_| Status::Argument)
    }

    fn write_to(&self, status: Status, writer: &mut Writer<'_>) -> Result<(), Status> {
        let is_dpop = self.scheme == Scheme::DPoP;
        let error = match (status, status.stage()) {
            // No other token would help: 429, 500 and 503 go without a challenge.
            (
                Status::NoKey | Status::ReplayFull | Status::RateLimited | Status::ThrottleFull | Status::StatusListStale,
                _,
            )
            | (_, Stage::None | Stage::Caller) => return Err(Status::Argument),
            (Status::CredentialsMissing, _) => None,
            (Status::CredentialsMalformed | Status::CredentialsRepeated, _) => Some("invalid_request"),
            (Status::StepUp | Status::StepUpRisk | Status::Acr | Status::AuthTimeMissing | Status::AuthTooOld, _) => {
                Some(STEP_UP)
            }
            (_, Stage::Rights) => Some("insufficient_scope"),
            (Status::ProofNonce, _) if is_dpop => Some("use_dpop_nonce"),
            // Another key than the token's is a fault of the token (RFC 9449 7.1), the rest of the proof's.
            (Status::ProofThumbprint, _) => Some("invalid_token"),
            (status, _) if is_dpop && status.is_of_proof() => Some("invalid_dpop_proof"),
            _ => Some("invalid_token"),
        };
        // What another login would have to be is said to those alone whom it would help.
        let (acr_values, max_age) = if error == Some(STEP_UP) { (self.acr_values, self.max_age) } else { (None, None) };
        let fields = [("realm", self.realm), ("error", error), ("scope", self.scope), ("acr_values", acr_values)];
        if fields.iter().any(|(_, value)| value.is_some_and(|value| value.bytes().any(|byte| byte < b' ' || byte == 0x7f))) {
            return Err(Status::Argument);
        }
        self.write_fields(&fields, max_age, writer).map_err(|_| Status::BufferTooSmall)
    }

    fn write_fields(
        &self,
        fields: &[(&str, Option<&str>)],
        max_age: Option<u32>,
        writer: &mut Writer<'_>,
    ) -> core::fmt::Result {
        writer.write_str(self.scheme.name())?;
        let mut separator = " ";
        for (name, value) in fields {
            let Some(value) = value else { continue };
            write!(writer, "{separator}{name}=\"")?;
            for char in value.chars() {
                // RFC 9110 5.6.4: in a quoted string only these two are escaped.
                writer.write_str(if matches!(char, '"' | '\\') { "\\" } else { "" })?;
                writer.write_char(char)?;
            }
            writer.write_char('"')?;
            separator = ", ";
        }
        match max_age {
            Some(seconds) => write!(writer, "{separator}max_age=\"{seconds}\""),
            None => Ok(()),
        }
    }
}

struct Writer<'o> {
    out: &'o mut [u8],
    written: usize,
}

impl Write for Writer<'_> {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let free = self.out.get_mut(self.written..).unwrap_or_default();
        free.get_mut(..text.len()).ok_or(core::fmt::Error)?.copy_from_slice(text.as_bytes());
        self.written = self.written.saturating_add(text.len());
        Ok(())
    }
}
