//! The gateway without its HTTP: secrets made at start, one verifier, and the two things it does, to issue and to judge.

use super::Fault;
use countermark::{
    Algorithm, Claims, Clock, ComponentSet, Evidence, Headers, Holder, Keys, Limits, Mint, NewSketch, Pepper, Policy,
    Preset, Report, Request, Scheme, Signer, Sketch, Source, Status, Value, Verdict, Verifier, scratch_bytes,
};
use std::io::Read;
use std::time::{Duration, Instant, SystemTime};

/// Who issues the tokens: the gateway itself.
pub const ISSUER: &str = "https://gateway.example";
/// Whom they are for.
pub const AUDIENCE: &str = "https://gateway.example/api";
/// How long they live, in seconds. Short, because nothing here can revoke one.
pub const LIFETIME: i64 = 300;
/// The name of the only key.
pub const KID: &str = "made-at-start";

/// The gateway knows its own tokens, so it can be stricter than the defaults.
const LIMITS: Limits = Limits { token_bytes: 2048, depth: 2, members: 16, ..Limits::DEFAULT };
/// What one verification needs beside its stack: fixed, so each worker keeps it on its own.
pub const SCRATCH_BYTES: usize = scratch_bytes(LIMITS.token_bytes, &LIMITS);

/// Immutable, so that all workers share one.
pub struct Gateway<'g> {
    signer: &'g Signer,
    sketch: &'g Sketch<'g>,
    verifier: Verifier<'g>,
}

/// The claim that says who may present the token.
pub const SKETCH_CLAIM: &str = "cmk";

/// What became of a request's token.
pub struct Judged<'s> {
    pub verdict: Verdict<'s>,
    /// How long it took to find the token and to verify it.
    pub took: Duration,
}

/// Makes the keys and the pepper, and lends a gateway that uses them. They are gone afterwards, and every token with them.
pub fn open<R>(body: impl FnOnce(&Gateway<'_>) -> R) -> Result<R, Fault> {
    let signer = new_signer()?;
    let peppers = [(0, Pepper::new(&random()?)?)];
    let sketch = Sketch::preset(Preset::Browser, SKETCH_CLAIM, &peppers);

    let mut region = [0; 64];
    let mut keys = Keys::for_issuer(&mut region, ISSUER)?;
    keys.add_sec1(Algorithm::ES256, Some(KID), signer.public(&mut [0; 65])?)?;
    let sets = [keys.set()];

    let policy = Policy {
        issuers: &[ISSUER],
        audiences: &[AUDIENCE],
        algorithms: &[Algorithm::ES256],
        typ: Some("at+jwt"),
        require: &["sub", "jti"],
        limits: LIMITS,
        ..Policy::default()
    };
    let verifier = Verifier::new(&sets, policy, Holder { sketch: Some(&sketch), ..Holder::default() })?;
    Ok(body(&Gateway { signer: &signer, sketch: &sketch, verifier }))
}

impl Gateway<'_> {
    /// The mark of a client, new after a login, or carried on from the claim of an accepted token.
    pub fn mark<'m>(&'m self, client: &'m Evidence<'m>, previous: Option<Value<'m>>) -> Result<NewSketch<'m>, Fault> {
        let salt = *random()?.first_chunk().ok_or("no salt")?;
        Ok(NewSketch { sketch: self.sketch, evidence: client, salt, opt_out: ComponentSet::EMPTY, previous })
    }

    /// What a token says that lets `subject` in, in the hands of this client only.
    pub fn terms<'m>(&'m self, subject: &'m str, mark: &'m NewSketch<'m>, token_id: &'m str, now: i64) -> Mint<'m> {
        Mint {
            typ: Some("at+jwt"),
            issuer: Some(ISSUER),
            subject: Some(subject),
            audience: &[AUDIENCE],
            issued_at: Some(now),
            expires_at: Some(now.saturating_add(LIFETIME)),
            token_id: Some(token_id),
            sketch: Some(mark),
            ..Mint::default()
        }
    }

    /// Signs.
    pub fn issue(&self, mint: &Mint<'_>) -> Result<String, Status> {
        issue(self.signer, mint)
    }

    /// The public key, as anybody may know it.
    pub fn public_key(&self) -> Result<[u8; 65], Status> {
        let mut point = [0; 65];
        self.signer.public(&mut point)?;
        Ok(point)
    }

    /// Finds the request's token and verifies it. No memory is allocated from here to the verdict.
    pub fn judge<'s>(
        &self,
        headers: &dyn Headers,
        client: &Evidence<'_>,
        clock: Clock,
        scratch: &'s mut [u8; SCRATCH_BYTES],
    ) -> Judged<'s> {
        let start = Instant::now();
        let verdict = match Source::default().find(headers, b"") {
            // These tokens are no DPoP tokens: under that scheme they would need a proof (RFC 9449 7.1).
            Ok(credentials) if credentials.scheme == Scheme::DPoP => refused(Status::CredentialsMissing),
            Ok(credentials) => {
                self.verifier.verify(&Request { token: credentials.token, clock, evidence: *client }, scratch)
            }
            Err(status) => refused(status),
        };
        Judged { verdict, took: start.elapsed() }
    }
}

/// The verdict on a request of which no token was judged.
pub fn refused<'s>(status: Status) -> Verdict<'s> {
    Verdict::Reject(Report::ended(status))
}

impl<'s> Judged<'s> {
    /// The verdict in one word.
    pub fn word(&self) -> &'static str {
        match self.verdict {
            Verdict::Accept(..) => "accept",
            Verdict::StepUp(..) => "step up",
            Verdict::Reject(_) => "reject",
        }
    }

    /// The claims, or why there are none.
    pub fn claims(self) -> Result<Claims<'s>, Status> {
        self.verdict.accepted()
    }
}

/// Mints with any signer; forgers do it with theirs.
pub fn issue(signer: &Signer, mint: &Mint<'_>) -> Result<String, Status> {
    let mut scratch = [0; 4096];
    let mut token = [0; LIMITS.token_bytes];
    signer.issue(mint, &mut scratch, &mut token).map(str::to_owned)
}

/// A new private key under the gateway's key id.
pub fn new_signer() -> Result<Signer, Fault> {
    loop {
        // One number in four thousand million is no scalar of the curve.
        match Signer::of_scalar(Algorithm::ES256, Some(KID), &random()?) {
            Err(Status::KeyPoint) => {}
            made => return Ok(made?),
        }
    }
}

/// 32 bytes of the operating system's randomness.
pub fn random() -> Result<[u8; 32], Fault> {
    let mut bytes = [0; 32];
    let source = "/dev/urandom";
    let read = std::fs::File::open(source).and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(|error| format!("no randomness from {source}: {error}"))?;
    Ok(bytes)
}

/// Seconds since 1970, or none: a clock before 1970 is not set.
pub fn now() -> Option<i64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}
