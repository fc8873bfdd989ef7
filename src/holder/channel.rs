//! Tokens bound to a TLS channel: by a member of `cnf`, or by a binding that is kept beside the token.
//!
//! The channel value is `tls-exporter` (RFC 9266 4.2): 32 bytes that both ends of a TLS 1.3 connection export under the label
//! "EXPORTER-Channel-Binding"; under TLS 1.2 only with the extended master secret (RFC 7627), else two connections can have
//! one value. It is opaque here. `tls-unique` (RFC 5929 3) works as another such value, but it means nothing under TLS 1.3,
//! and after a resumption without the extended master secret a man in the middle can choose it.

use super::confirmation::is_digest;
use crate::ct;
use crate::error::Status;
use crate::hash;
use crate::json::Text;

/// The usual name of the member of `cnf`: its value is base64url of the SHA-256 of the exporter value. It is not registered.
pub const CHANNEL_MEMBER: &str = "tls-exporter#S256";

/// The characters of a binding in the longer of its two forms.
pub const BINDING_CHARS_MAX: usize = 44;

/// How a binding is written: base64(SHA-256(token ‖ channel value)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum BindingForm {
    /// base64url without padding, 43 characters.
    #[default]
    Base64url = 1,
    /// Standard base64 with padding, 44 characters.
    Base64 = 2,
}

impl BindingForm {
    /// Writes the binding of this token to this channel to the start of `out`; 44 bytes always suffice.
    ///
    /// # Errors
    /// [`Status::Argument`] for an empty channel value, [`Status::BufferTooSmall`].
    ///
    /// ```
    /// use countermark::BindingForm;
    /// let mut text = [0; countermark::BINDING_CHARS_MAX];
    /// let binding = BindingForm::Base64url.bind(b"eyJh.eyJz.c2ln", &[7; 32], &mut text)?;
    /// assert_eq!(binding.len(), 43);
    /// # Ok::<(), countermark::Status>(())
    /// ```
    pub fn bind<'o>(self, token: &[u8], channel: &[u8], out: &'o mut [u8]) -> Result<&'o str, Status> {
        use base64ct::{Base64, Base64UrlUnpadded, Encoding};
        if channel.is_empty() {
            return Err(Status::Argument);
        }
        let mut digest = [0; 32];
        hash::digest(&hash::SHA256, &[token, channel], &mut digest);
        let written = match self {
            BindingForm::Base64url => Base64UrlUnpadded::encode(&digest, out),
            BindingForm::Base64 => Base64::encode(&digest, out),
        };
        written.map_err(|_| Status::BufferTooSmall)
    }

    /// Whether this is the binding of the token to the channel. The comparison is constant in time.
    pub(super) fn check(self, token: &[u8], channel: &[u8], binding: &str) -> Result<(), Status> {
        if channel.is_empty() {
            return Err(Status::PossessionMissing);
        }
        if binding.is_empty() {
            return Err(Status::PossessionUnbound);
        }
        let mut wanted = [0; BINDING_CHARS_MAX];
        let wanted = self.bind(token, channel, &mut wanted)?;
        let is_equal = ct::verdict(ct::equal(wanted.as_bytes(), binding.as_bytes()));
        if is_equal { Ok(()) } else { Err(Status::ChannelMismatch) }
    }
}

/// Whether the channel is the one that `cnf` names.
pub(super) fn check(bound_to: Option<Text<'_>>, channel: &[u8]) -> Result<(), Status> {
    let bound_to = bound_to.ok_or(Status::PossessionUnbound)?;
    if channel.is_empty() {
        return Err(Status::PossessionMissing);
    }
    let mut digest = [0; 32];
    hash::digest(&hash::SHA256, &[channel], &mut digest);
    if is_digest(bound_to, &digest) { Ok(()) } else { Err(Status::ChannelMismatch) }
}
