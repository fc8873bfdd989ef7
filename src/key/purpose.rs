//! What a key may be used for: `use` and `key_ops` (RFC 7517 4.2, 4.3).

use super::jwk::Jwk;
use crate::error::Status;

/// The most values of `key_ops`.
const OPERATIONS_MAX: usize = 32;

/// What a key is loaded for; `use` and `key_ops` are held against it (RFC 7517 4.2, 4.3).
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Purpose {
    Verify,
    #[cfg(feature = "issue")]
    Sign,
    #[cfg(feature = "envelope")]
    Decrypt(super::KeyManagement),
    #[cfg(all(feature = "envelope", feature = "issue"))]
    Encrypt(super::KeyManagement),
}

impl Purpose {
    const fn usage(self) -> &'static str {
        match self {
            Purpose::Verify => "sig",
            #[cfg(feature = "issue")]
            Purpose::Sign => "sig",
            #[cfg(feature = "envelope")]
            Purpose::Decrypt(_) => "enc",
            #[cfg(all(feature = "envelope", feature = "issue"))]
            Purpose::Encrypt(_) => "enc",
        }
    }

    /// The operations of which one suffices.
    const fn operations(self) -> &'static [&'static str] {
        match self {
            Purpose::Verify => &["verify"],
            #[cfg(feature = "issue")]
            Purpose::Sign => &["sign"],
            #[cfg(feature = "envelope")]
            Purpose::Decrypt(management) => match (management.curve(), management.pinned()) {
                (Some(_), _) => &["deriveKey", "deriveBits"],
                (None, Some(_)) => &["decrypt"],
                (None, None) => &["unwrapKey"],
            },
            #[cfg(all(feature = "envelope", feature = "issue"))]
            Purpose::Encrypt(management) => match (management.curve(), management.pinned()) {
                (Some(_), _) => &["deriveKey", "deriveBits"],
                (None, Some(_)) => &["encrypt"],
                (None, None) => &["wrapKey"],
            },
        }
    }
}

impl Jwk<'_> {
    pub(crate) fn check_use(&self, purpose: Purpose) -> Result<(), Status> {
        if self.string("use")?.is_some_and(|usage| usage != purpose.usage()) {
            return Err(Status::KeyUse);
        }
        let Some(operations) = self.member("key_ops")? else { return Ok(()) };
        let mut following = operations.elements().map_err(|_| Status::KeyMemberType)?;
        // Values are compared with each other, so their number is bounded; RFC 7517 4.3 registers eight.
        if following.clone().nth(OPERATIONS_MAX).is_some() {
            return Err(Status::KeyUse);
        }
        let (mut is_allowed, mut is_repeated) = (false, false);
        while let Some(operation) = following.next() {
            let operation = operation.text().map_err(|_| Status::KeyMemberType)?;
            is_allowed |= purpose.operations().iter().any(|allowed| operation == *allowed);
            is_repeated |= following.clone().any(|other| other.text().is_ok_and(|other| other == operation));
        }
        if is_allowed && !is_repeated { Ok(()) } else { Err(Status::KeyUse) }
    }
}
