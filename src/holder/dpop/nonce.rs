//! Nonces of the server that need no memory (RFC 9449 8, 9): a MAC over the time.

use crate::base64url;
use crate::ct;
use crate::error::Status;
use crate::hash::{SHA256, Sha256State};
use crate::json::Text;
use crate::limits::HMAC_KEY_BYTES_MAX;
use crate::mac::HmacKey;

/// The characters of a nonce.
pub const NONCE_CHARS: usize = 43;

/// The shortest secret, in bytes: the output of the hash.
const SECRET_BYTES_MIN: usize = 32;

/// Makes nonces and knows them again. All servers of one service share the secret and the length of a slot. Wiped when dropped.
pub struct Nonces {
    key: HmacKey<Sha256State>,
    slot_seconds: u32,
}

impl Nonces {
    /// A nonce serves for the slot of time that it was made in and for the next.
    ///
    /// # Errors
    /// [`Status::KeyTooShort`] below 32 bytes, [`Status::KeyTooLong`] above 512; [`Status::LimitRange`] for a slot of no
    /// seconds.
    pub fn new(secret: &[u8], slot_seconds: u32) -> Result<Self, Status> {
        if secret.len() < SECRET_BYTES_MIN {
            return Err(Status::KeyTooShort);
        }
        if secret.len() > HMAC_KEY_BYTES_MAX {
            return Err(Status::KeyTooLong);
        }
        if slot_seconds == 0 {
            return Err(Status::LimitRange);
        }
        Ok(Nonces { key: HmacKey::new(secret, &SHA256, 32), slot_seconds })
    }

    /// Writes the nonce of this time, for the answer's `DPoP-Nonce` field.
    ///
    /// ```
    /// let nonces = countermark::Nonces::new(b"a secret of at least thirty-two bytes", 300)?;
    /// let mut text = [0; countermark::NONCE_CHARS];
    /// assert_eq!(nonces.write(1_700_000_000, &mut text).len(), 43);
    /// # Ok::<(), countermark::Status>(())
    /// ```
    pub fn write<'o>(&self, now: i64, out: &'o mut [u8; NONCE_CHARS]) -> &'o str {
        self.of_slot(self.slot(now), out)
    }

    fn slot(&self, now: i64) -> i64 {
        now.div_euclid(i64::from(self.slot_seconds).max(1))
    }

    fn of_slot<'o>(&self, slot: i64, out: &'o mut [u8; NONCE_CHARS]) -> &'o str {
        let mut message = *b"countermark/dpop-nonce/v1\0\0\0\0\0\0\0\0";
        if let Some(place) = message.last_chunk_mut() {
            *place = slot.to_be_bytes();
        }
        let mut mac = [0; 32];
        self.key.mac(&message, &mut mac);
        base64url::encode(&mac, out).unwrap_or_default()
    }

    /// Whether this is the nonce of now's slot or of the one before. Both are always made and compared, in constant time.
    pub(super) fn accept(&self, nonce: Text<'_>, now: i64) -> bool {
        let mut found = [0; NONCE_CHARS];
        let Ok(found) = nonce.copy_to(&mut found) else { return false };
        let slot = self.slot(now);
        let is_of = |slot: i64| {
            let mut wanted = [0; NONCE_CHARS];
            ct::equal(self.of_slot(slot, &mut wanted).as_bytes(), found.as_bytes())
        };
        ct::verdict(is_of(slot) | is_of(slot.saturating_sub(1)))
    }
}
