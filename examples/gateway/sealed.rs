//! Tokens that are more than signed by the gateway's key: encrypted ones, and those under a secret of one user and one day.

use super::Fault;
use super::door::Door;
use super::gateway::{self, KID, random_bytes};
use countermark::{
    Algorithm, Encryption, Holder, KeyManagement, Keys, Mint, Policy, Rotating, SEAL_RANDOM_BYTES, Sealer, Shape, Signer,
    Standing, Status, Verifier,
};

/// The name of the key of envelopes.
pub const ENVELOPE_KID: &str = "sealed-at-start";
/// Each user's secret is of one day; the day before is accepted behind one of the doors.
const ROTATING: Rotating<'static> = Rotating::derived("sub");

/// The keys of these tokens, and a verifier for each door.
pub struct Sealed<'g> {
    /// Of the envelopes: whoever has it reads and makes them. It is not enough to be let in.
    pub envelope_key: [u8; 32],
    sealer: Sealer,
    base: [u8; 32],
    sealed: Verifier<'g>,
    signed: Verifier<'g>,
    daily: Verifier<'g>,
    today: Verifier<'g>,
}

/// Makes the keys, and lends verifiers that differ from the gateway's own in nothing but shape and keys.
pub fn open<R>(
    public_key: &[u8],
    policy: Policy<'_>,
    holder: Holder<'_>,
    standing: Standing<'_>,
    body: impl FnOnce(&Sealed<'_>) -> R,
) -> Result<R, Fault> {
    // The gateway reads what it writes: one key for both, and for the content itself (RFC 7518 4.5).
    let (envelope_key, base) = (random_bytes()?, random_bytes()?);
    let sealer = Sealer::of_key(KeyManagement::DirA256Gcm, Encryption::A256Gcm, Some(ENVELOPE_KID), &envelope_key)?;
    let mut region = [0; 128];
    let mut keys = Keys::for_issuer(&mut region, gateway::ISSUER)?;
    keys.add_sec1(Algorithm::ES256, Some(KID), public_key)?;
    keys.add_decryption(KeyManagement::DirA256Gcm, Some(ENVELOPE_KID), &envelope_key)?;
    let sets = [keys.set()];
    let of_shape =
        |shape| Ok::<_, Status>(Verifier::new(&sets, Policy { shape, ..policy }, holder)?.with_standing(standing));

    let rotating = Policy { algorithms: &[Algorithm::HS256], ..policy };
    let (mut with_grace, mut without) = ([0; 128], [0; 128]);
    let mut keys = Keys::for_issuer(&mut with_grace, gateway::ISSUER)?;
    keys.add_rotating(Some(KID), &base, &Rotating { grace: 1, ..ROTATING })?;
    let with_grace = [keys.set()];
    let mut keys = Keys::for_issuer(&mut without, gateway::ISSUER)?;
    keys.add_rotating(Some(KID), &base, &ROTATING)?;
    let without = [keys.set()];

    Ok(body(&Sealed {
        envelope_key,
        sealer,
        base,
        sealed: of_shape(Shape::SignedThenEncrypted)?,
        signed: of_shape(Shape::EncryptedThenSigned)?,
        daily: Verifier::new(&with_grace, rotating, holder)?.with_standing(standing),
        today: Verifier::new(&without, rotating, holder)?.with_standing(standing),
    }))
}

impl<'g> Sealed<'g> {
    /// Who judges behind a door; the gateway's own have none here.
    pub fn verifier(&self, door: Door) -> Option<&Verifier<'g>> {
        match door {
            Door::Api | Door::Orders | Door::Watched | Door::Stream => None,
            Door::Sealed => Some(&self.sealed),
            Door::Signed => Some(&self.signed),
            Door::Daily => Some(&self.daily),
            Door::Today => Some(&self.today),
        }
    }

    /// Mints for a door.
    pub fn issue(&self, door: Door, signer: &Signer, mint: &Mint<'_>) -> Result<String, Fault> {
        let shape = match door {
            Door::Api | Door::Orders | Door::Watched | Door::Stream => return Ok(gateway::issue(signer, mint)?),
            Door::Daily | Door::Today => return Ok(gateway::issue(&self.secret_of(mint)?, mint)?),
            Door::Sealed => Shape::SignedThenEncrypted,
            Door::Signed => Shape::EncryptedThenSigned,
        };
        let random = random_bytes::<SEAL_RANDOM_BYTES>()?;
        let (mut scratch, mut token) = ([0; 8192], [0; 4096]);
        Ok(signer.issue_nested(mint, shape, &self.sealer, &random, &mut scratch, &mut token)?.to_owned())
    }

    /// The secret of a token's user and day.
    fn secret_of(&self, mint: &Mint<'_>) -> Result<Signer, Status> {
        let (user, issued_at) = mint.subject.zip(mint.issued_at).ok_or(Status::Argument)?;
        self.secret(user, issued_at)
    }

    /// The secret of one user and the day of this time: what would leak of it.
    pub fn secret(&self, user: &str, time: i64) -> Result<Signer, Status> {
        Signer::of_rotating(Some(KID), &self.base, &ROTATING, user, time)
    }

    /// An envelope around claims alone.
    pub fn around(&self, content: &str) -> Result<String, Fault> {
        let random = random_bytes::<SEAL_RANDOM_BYTES>()?;
        let (mut scratch, mut out) = ([0; 4096], [0; 4096]);
        Ok(self.sealer.seal(content.as_bytes(), &random, &mut scratch, &mut out)?.to_owned())
    }
}
