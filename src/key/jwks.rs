//! Keys that come as JSON: one JWK, or a JWK Set, of which the usable ones are added and the others counted (RFC 7517 4, 5).

use super::Keys;
#[cfg(feature = "envelope")]
use super::decryption;
use super::jwk::{self, Jwk};
use super::purpose::Purpose;
use super::region::{self, Counts, View};
use crate::error::Status;
use crate::header::Algorithm;

/// What loading a JWK Set did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// Keys that were added.
    pub added: usize,
    /// Keys that were passed over.
    pub skipped: usize,
    /// Why the first of those was passed over.
    pub reason: Option<Status>,
    /// How many were passed over for each reason: the place of a status is its number less 310.
    pub reasons: [u8; REASONS],
}

/// The statuses that a key can be passed over for: 310 and those that follow.
pub const REASONS: usize = 32;
const FIRST_REASON: usize = 310;

impl Loaded {
    const NONE: Loaded = Loaded { added: 0, skipped: 0, reason: None, reasons: [0; REASONS] };

    /// How many keys were passed over for this reason.
    pub fn skipped_for(&self, reason: Status) -> usize {
        let place = (reason.code() as usize).checked_sub(FIRST_REASON);
        place.and_then(|place| self.reasons.get(place)).map_or(0, |count| usize::from(*count))
    }

    fn skip(&mut self, reason: Status) {
        self.skipped = self.skipped.saturating_add(1);
        self.reason = self.reason.or(Some(reason));
        let place = (reason.code() as usize).checked_sub(FIRST_REASON);
        if let Some(count) = place.and_then(|place| self.reasons.get_mut(place)) {
            *count = count.saturating_add(1);
        }
    }
}

impl Keys<'_> {
    /// Adds a JWK (RFC 7517 4). One without `alg` gets the only one of `allowed` that fits its type.
    ///
    /// # Errors
    /// A 3xx status that says what was wrong with the key, or one of the set.
    pub fn add_jwk(&mut self, json: &[u8], allowed: &[Algorithm]) -> Result<(), Status> {
        jwk::with_object(json, |object| self.add_jwk_object(&Jwk::new(object), allowed))
    }

    /// Adds the keys of a JWK Set (RFC 7517 5). Keys that cannot be used are passed over and counted; so are those nested
    /// deeper than 8, or with more than 64 members in an object ([`Status::KeyMalformed`]).
    ///
    /// # Errors
    /// [`Status::KeyMalformed`], [`Status::KeySetEmpty`], [`Status::KeySetTooLarge`], [`Status::KeyIdDuplicate`],
    /// [`Status::RegionTooSmall`]; the reason of the first key when none could be used. Then no key was added.
    pub fn add_jwks(&mut self, json: &[u8], allowed: &[Algorithm]) -> Result<Loaded, Status> {
        let view = View::open(self.words)?;
        let (before, generation) = (view.counts(), view.generation());
        let result = jwk::with_set(json, |set| {
            let mut loaded = Loaded::NONE;
            let keys = jwk::keys_of_set(set)?;
            for (position, key) in keys.clone().enumerate() {
                match key.check_limits().and_then(|()| self.add_jwk_object(&key, allowed)) {
                    Ok(()) => loaded.added = loaded.added.saturating_add(1),
                    Err(whole @ (Status::KeyIdDuplicate | Status::RegionTooSmall | Status::KeySetTooLarge)) => {
                        return Err(whole);
                    }
                    // A key that cannot be used still has its name: no other may have it.
                    Err(_) if key.has_namesake(keys.clone(), position, allowed) => return Err(Status::KeyIdDuplicate),
                    Err(reason) => loaded.skip(reason),
                }
            }
            match loaded.reason {
                Some(reason) if loaded.added == 0 => Err(reason),
                _ => Ok(loaded),
            }
        });
        match &result {
            Ok(loaded) => {
                let counts = View::open(self.words)?.counts();
                let skipped = counts.skipped.saturating_add(loaded.skipped as u16);
                region::set_counts(self.words, Counts { skipped, ..counts });
            }
            Err(_) => {
                region::set_counts(self.words, before);
                region::set_generation(self.words, generation);
                region::wipe(self.words, before.used);
            }
        }
        result
    }

    fn add_jwk_object(&mut self, jwk: &Jwk<'_>, allowed: &[Algorithm]) -> Result<(), Status> {
        #[cfg(feature = "envelope")]
        if let Some(()) = self.add_decryption_jwk(jwk)? {
            return Ok(());
        }
        let algorithm = jwk.algorithm(allowed)?;
        jwk.check_use(Purpose::Verify)?;
        let kid = jwk.kid()?;
        jwk.with_material(algorithm, |material| self.add(algorithm, kid.as_ref().map(jwk::KeyId::bytes), material))
    }
}

/// The bytes of a region that holds exactly the usable keys of this JWK Set, for this issuer. Keys that cannot be used count
/// nothing, even when none can; two keys of one name are found when the set is loaded.
///
/// # Errors
/// [`Status::KeyMalformed`], [`Status::KeySetEmpty`], [`Status::KeySetTooLarge`].
pub fn keys_size_for(json: &[u8], allowed: &[Algorithm], issuer: Option<&str>) -> Result<usize, Status> {
    jwk::with_set(json, |set| {
        let mut words = region::head_words(issuer.unwrap_or_default().len());
        for key in jwk::keys_of_set(set)? {
            words = words.saturating_add(measured(&key, allowed).unwrap_or_default());
        }
        Ok(words.saturating_mul(8))
    })
}

/// The words that a key takes.
fn measured(key: &Jwk<'_>, allowed: &[Algorithm]) -> Result<usize, Status> {
    key.check_limits()?;
    #[cfg(feature = "envelope")]
    if let Some(words) = decryption::measured(key)? {
        return Ok(words);
    }
    let algorithm = key.algorithm(allowed)?;
    key.check_use(Purpose::Verify)?;
    let kid_bytes = key.kid()?.map_or(0, |kid| kid.bytes().len());
    key.with_material(algorithm, |material| Ok(region::record_words(kid_bytes, material.words())))
}
