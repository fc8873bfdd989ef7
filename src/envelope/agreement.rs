//! ECDH-ES (RFC 7518 4.6, RFC 8037 3.2): the sender's key in the header, and the key that both derive.

use super::header::Header;
use crate::base64url;
use crate::error::Status;
use crate::hash;
use crate::header::string;
use crate::json::Value;
use crate::key::{Curve, Jwk, KeyManagement, PUBLIC_BYTES_MAX, Secret, agree, is_public};
use crate::limits::PARTY_BYTES_MAX;
use subtle::Choice;
use zeroize::Zeroizing;

/// What the header says of an agreement.
pub(super) struct Agreement<'s> {
    pub(super) curve: Curve,
    public: [u8; PUBLIC_BYTES_MAX],
    public_bytes: usize,
    /// `apu` and `apv`, still encoded.
    parties: [&'s [u8]; 2],
}

impl<'s> Agreement<'s> {
    pub(super) const NONE: Agreement<'static> =
        Agreement { curve: Curve::P256, public: [0; PUBLIC_BYTES_MAX], public_bytes: 0, parties: [&[]; 2] };

    /// Reads `epk`, `apu` and `apv`. A point off its curve is refused here, before any secret is touched.
    pub(super) fn read(epk: Option<Value<'s>>, apu: Option<Value<'s>>, apv: Option<Value<'s>>) -> Result<Self, Status> {
        let epk = Jwk::new(epk.ok_or(Status::EphemeralMissing)?);
        let curve = epk.agreement_curve().map_err(|_| Status::EphemeralKey)?;
        let management = match curve {
            Curve::P256 => KeyManagement::EcdhEsP256,
            Curve::X25519 => KeyManagement::EcdhEsX25519,
        };
        let mut public = [0; PUBLIC_BYTES_MAX];
        let key = epk.agreement_public(management, &mut public).map_err(|_| Status::EphemeralKey)?;
        if !is_public(management, key) {
            return Err(Status::EphemeralPoint);
        }
        let public_bytes = key.len();
        Ok(Agreement { curve, public, public_bytes, parties: [party(apu)?, party(apv)?] })
    }

    /// The agreed key, as long as `key`, and whether it may be used.
    #[inline(never)]
    pub(super) fn key(&self, secret: &Secret, header: &Header<'_>, key: &mut [u8]) -> Choice {
        let public = self.public.get(..self.public_bytes).unwrap_or_default();
        let name = match header.management.wrapping_bytes() {
            Some(_) => header.management.name(),
            None => header.encryption.name(),
        };
        derive(header.management, secret.bytes(), public, name, self.parties, key)
    }
}

/// Agrees, and derives the key by the Concat KDF (SP 800-56A 5.8.1, RFC 7518 4.6.2).
pub(crate) fn derive(
    management: KeyManagement,
    private: &[u8],
    public: &[u8],
    name: &str,
    parties: [&[u8]; 2],
    key: &mut [u8],
) -> Choice {
    let mut shared = Zeroizing::new([0; 32]);
    let Ok(private) = private.try_into() else { return Choice::from(0) };
    let is_good = agree(management, private, public, &mut shared);
    let bits = (key.len() as u32).wrapping_mul(8).to_be_bytes();
    for (round, part) in (1u32..).zip(key.chunks_mut(32)) {
        let feed = |update: &mut dyn FnMut(&[u8])| {
            update(&round.to_be_bytes());
            update(shared.as_ref());
            update(&(name.len() as u32).to_be_bytes());
            update(name.as_bytes());
            for party in parties {
                let mut buffer = [0; PARTY_BYTES_MAX];
                let party = base64url::decode(party, &mut buffer).unwrap_or_default();
                update(&(party.len() as u32).to_be_bytes());
                update(party);
            }
            update(&bits);
        };
        let mut digest = Zeroizing::new([0; 32]);
        hash::digest_of(&hash::SHA256, feed, digest.as_mut());
        part.iter_mut().zip(digest.iter()).for_each(|(place, byte)| *place = *byte);
    }
    is_good
}

/// A party's name, still encoded; none is empty.
fn party<'s>(value: Option<Value<'s>>) -> Result<&'s [u8], Status> {
    let Some(text) = string(value)? else { return Ok(&[]) };
    let text = text.plain().ok_or(Status::PartyInfo)?;
    let mut buffer = [0; PARTY_BYTES_MAX];
    base64url::decode(text, &mut buffer).ok_or(Status::PartyInfo)?;
    Ok(text)
}
