//! The gateway without its HTTP: secrets made at start, one verifier, and the two things it does, to issue and to judge.

use super::Fault;
use super::binding::Binding;
use super::door::Door;
use super::sealed::{self, Sealed};
use super::standing::{self, ORDER_RULES, State};
use super::watch::{self, Watch};
use countermark::{
    Algorithm, AtomicU64, Claims, Clock, Combination, ComponentSet, Evidence, Headers, Holder, Keys, Limits, Mint,
    NONCE_CHARS, NewSketch, Nonces, PROOF_BYTES_MAX, Pepper, Policy, Preset, ProofRules, ReplayTable, Report, Request,
    Scheme, Signer, Sketch, Source, Status, Value, Verdict, Verifier, nested_scratch_bytes, scratch_bytes,
};
use std::io::Read;
use std::time::{Duration, Instant, SystemTime};

/// Who issues the tokens: the gateway itself.
pub const ISSUER: &str = "https://gateway.example";
/// Whom they are for.
pub const AUDIENCE: &str = "https://gateway.example/api";
/// How long they live, in seconds.
pub const LIFETIME: i64 = 300;
/// The name of the only key.
pub const KID: &str = "made-at-start";

/// How old a proof may be, in seconds.
pub const PROOF_SECONDS: u32 = 60;
/// How far a client's clock may be ahead, in seconds.
pub const CLOCKS_DIFFER_SECONDS: u32 = 5;
/// How many proofs are remembered at a time, each for a minute or two; while there is no place, none is accepted. A real gateway
/// bounds each client's rate before, so that no client can fill the table.
const PROOFS_REMEMBERED: usize = 10_000;

/// The gateway knows its own tokens, so it can be stricter than the defaults.
const LIMITS: Limits = Limits { token_bytes: 2048, depth: 3, members: 16, ..Limits::DEFAULT };
/// What one verification needs beside its stack, for the token and for the proof: fixed, so each worker keeps it on its own.
pub const SCRATCH_BYTES: usize =
    nested_scratch_bytes(LIMITS.token_bytes, &LIMITS) + scratch_bytes(PROOF_BYTES_MAX, &Limits::DEFAULT);

/// All workers share one. Only its tables change.
pub struct Gateway<'g> {
    signer: &'g Signer,
    sketch: &'g Sketch<'g>,
    nonces: &'g Nonces,
    verifier: Verifier<'g>,
    /// The same, which asks for the scope of orders.
    orders: Verifier<'g>,
    /// What stands behind the other doors.
    pub sealed: &'g Sealed<'g>,
    /// How often clients ask, and whence.
    pub watch: &'g Watch<'g>,
    /// What changes while tokens live.
    pub state: &'g State<'g>,
    /// The proofs that were used.
    pub replay: ReplayTable<'g>,
    /// What the edge and the visitors of this run share.
    pub handshake_secret: String,
}

/// The claim that says who may present the token.
pub const SKETCH_CLAIM: &str = "cmk";

/// What became of a request's token.
pub struct Judged<'s> {
    pub verdict: Verdict<'s>,
    /// What the token came under; Bearer where there was none.
    pub scheme: Scheme,
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
    let nonces = Nonces::new(&random()?, 300)?;
    let proof = ProofRules {
        algorithms: &[Algorithm::ES256],
        past_seconds: PROOF_SECONDS,
        future_seconds: CLOCKS_DIFFER_SECONDS,
        nonces: Some(&nonces),
        ..ProofRules::DPOP
    };
    // Whatever a token is bound to must be shown. The sketch speaks for the tokens that are bound to nothing.
    let holder = Holder {
        sketch: Some(&sketch),
        proof: Some(&proof),
        certificate: true,
        combination: Combination::FingerprintUnlessPossession,
        ..Holder::default()
    };
    let words: Vec<AtomicU64> = (0..ReplayTable::words_for(PROOFS_REMEMBERED)).map(|_| AtomicU64::new(0)).collect();
    let replay = ReplayTable::new(&words, &random()?)?;
    let handshake_secret = random_name()?;
    standing::open(&signer, |state| {
        let verifier = Verifier::new(&sets, policy, holder)?.with_standing(state.rules()).with_cache(&state.cache);
        let orders = verifier.with_rights(&ORDER_RULES)?;
        watch::open(|watch| {
            sealed::open(signer.public(&mut [0; 65])?, policy, holder, state.rules(), |sealed| {
                let (signer, sketch, nonces) = (&signer, &sketch, &nonces);
                body(&Gateway { signer, sketch, nonces, verifier, orders, sealed, watch, state, replay, handshake_secret })
            })
        })
    })
}

impl Gateway<'_> {
    /// The mark of a client, new after a login, or carried on from the claim of an accepted token.
    pub fn mark<'m>(&'m self, client: &'m Evidence<'m>, previous: Option<Value<'m>>) -> Result<NewSketch<'m>, Fault> {
        let salt = *random()?.first_chunk().ok_or("no salt")?;
        Ok(NewSketch { sketch: self.sketch, evidence: client, salt, opt_out: ComponentSet::EMPTY, previous })
    }

    /// What a token says that lets `subject` in, in the hands of this client only.
    pub fn terms<'m>(
        &'m self,
        subject: &'m str,
        mark: &'m NewSketch<'m>,
        binding: &'m Binding,
        token_id: &'m str,
        now: i64,
    ) -> Mint<'m> {
        Mint {
            typ: Some("at+jwt"),
            issuer: Some(ISSUER),
            subject: Some(subject),
            audience: &[AUDIENCE],
            issued_at: Some(now),
            expires_at: Some(now.saturating_add(LIFETIME)),
            token_id: Some(token_id),
            sketch: Some(mark),
            confirmed_key: binding.key.as_deref(),
            confirmed_certificate: binding.certificate,
            ..Mint::default()
        }
    }

    /// Mints a token for a door.
    pub fn issue(&self, door: Door, mint: &Mint<'_>) -> Result<String, Fault> {
        self.sealed.issue(door, self.signer, mint)
    }

    /// The public key, as anybody may know it.
    pub fn public_key(&self) -> Result<[u8; 65], Status> {
        let mut point = [0; 65];
        self.signer.public(&mut point)?;
        Ok(point)
    }

    /// The nonce that proofs of this time must carry (RFC 9449 9).
    pub fn nonce(&self, now: i64) -> String {
        self.nonces.write(now, &mut [0; NONCE_CHARS]).to_owned()
    }

    /// Finds the request's token, verifies it and uses up its proof. No memory is allocated from here to the verdict.
    pub fn judge<'s>(
        &self,
        door: Door,
        headers: &dyn Headers,
        client: &Evidence<'_>,
        clock: Clock,
        scratch: &'s mut [u8; SCRATCH_BYTES],
    ) -> Judged<'s> {
        let start = Instant::now();
        let (verdict, scheme) = match Source::default().find(headers, b"") {
            Ok(credentials) => {
                let evidence = Evidence { scheme: credentials.scheme, ..*client };
                let request = Request { token: credentials.token, clock, evidence };
                let own = if door == Door::Orders { &self.orders } else { &self.verifier };
                let verifier = self.sealed.verifier(door).unwrap_or(own);
                let verdict = verifier.verify_once(&request, scratch, &self.replay);
                // Under DPoP a token is served for its proof, never for its sketch alone (RFC 9449 7.1).
                let is_unproved = credentials.scheme == Scheme::DPoP && verdict.report().to_commit.is_none();
                let verdict = match verdict {
                    Verdict::Accept(..) if is_unproved => refused(Status::PossessionUnbound),
                    verdict => self.watched(door, verdict, client, clock),
                };
                (verdict, credentials.scheme)
            }
            Err(status) => (refused(status), Scheme::Bearer),
        };
        Judged { verdict, scheme, took: start.elapsed() }
    }
}

impl Gateway<'_> {
    /// The same verdict, unless the visit is odd and comes through the door where that is asked.
    fn watched<'s>(&self, door: Door, verdict: Verdict<'s>, client: &Evidence<'_>, clock: Clock) -> Verdict<'s> {
        let (Verdict::Accept(claims, report), Clock::At(now), Door::Watched) = (&verdict, clock, door) else {
            return verdict;
        };
        match self.watch.visit(claims, client, now) {
            Status::Accepted => verdict,
            status if status.is_step_up() => Verdict::StepUp(Report { status, ..*report }, claims.get("sub").ok()),
            status => refused(status),
        }
    }
}

/// The verdict on a request of which no token was judged, or whose token was not all.
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
    random_bytes()
}

/// As many of them as are wanted.
pub fn random_bytes<const BYTES: usize>() -> Result<[u8; BYTES], Fault> {
    let mut bytes = [0; BYTES];
    let source = "/dev/urandom";
    let read = std::fs::File::open(source).and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(|error| format!("no randomness from {source}: {error}"))?;
    Ok(bytes)
}

/// 16 of them as text.
pub fn random_name() -> Result<String, Fault> {
    Ok(random()?.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
}

/// Seconds since 1970, or none: a clock before 1970 is not set.
pub fn now() -> Option<i64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_secs()).ok()
}

/// Milliseconds since 1970.
pub fn now_ms() -> Option<i64> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}
