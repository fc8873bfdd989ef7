//! One case through every interface of the core. The answers must agree before a test sees them.

use super::possession::Possession;
use super::sketch_rules::{Seen, SketchRules};
use super::token::NOW;
use countermark::{
    Algorithm, Clock, Comparison, Encoding, Evidence, Framing, Hash, Holder, Input, Keys, Limits, Pepper, Policy, Recipe,
    Request, Rotating, RotatingMode, Rule, Shape, Status, Test, Use, Verdict, Verifier, nested_scratch_bytes, scratch_bytes,
};

/// A key as a host loads it.
#[derive(Clone, Debug)]
pub enum KeySource {
    Secret(Algorithm, Option<String>, Vec<u8>),
    Rotating(Option<String>, Vec<u8>, RotatingMode, String, u32, u32),
    Sec1(Algorithm, Option<String>, Vec<u8>),
    Spki(Algorithm, Option<String>, Vec<u8>),
    Pkcs1(Algorithm, Option<String>, Vec<u8>),
    Certificate(Algorithm, Option<String>, Vec<u8>),
    Pem(Algorithm, Option<String>, String),
    Ed25519(Option<String>, Vec<u8>),
    Jwk(String),
    Jwks(String),
}

/// A key set, of one issuer or of none.
#[derive(Clone, Debug, Default)]
pub struct SetOfKeys {
    pub issuer: Option<String>,
    pub keys: Vec<KeySource>,
}

/// The hash of a fingerprint, with the pepper as bytes: both interfaces make their own pepper of it.
#[derive(Clone, Copy, Debug)]
pub enum FingerprintHash<'f> {
    Peppered(&'f [u8]),
    Sha256,
    Md5,
}

/// A recipe as plain data.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint<'f> {
    pub claim: &'f str,
    pub inputs: &'f [Input<'f>],
    pub framing: Framing,
    pub hash: FingerprintHash<'f>,
    pub encoding: Encoding,
}

impl<'f> Fingerprint<'f> {
    /// The default recipe of new systems.
    pub fn headers(claim: &'f str, pepper: &'f [u8]) -> Self {
        Fingerprint {
            claim,
            inputs: Recipe::HEADER_INPUTS,
            framing: Framing::Lengths,
            hash: FingerprintHash::Peppered(pepper),
            encoding: Encoding::Base64url,
        }
    }

    /// Hands the recipe to `then`.
    pub fn with_recipe<T>(&self, then: impl FnOnce(&Recipe<'_>) -> T) -> Result<T, Status> {
        let pepper;
        let hash = match self.hash {
            FingerprintHash::Peppered(secret) => {
                pepper = Pepper::new(secret)?;
                Hash::HmacSha256(&pepper)
            }
            FingerprintHash::Sha256 => Hash::Sha256,
            FingerprintHash::Md5 => Hash::Md5,
        };
        let Fingerprint { claim, inputs, framing, encoding, .. } = *self;
        Ok(then(&Recipe { claim, inputs, framing, hash, encoding }))
    }

    /// The digest of this client.
    pub fn digest(&self, evidence: &Evidence<'_>) -> Result<String, Status> {
        self.with_recipe(|recipe| recipe.digest(evidence, &mut [0; 64]).map(str::to_string))?
    }
}

/// A rule as plain data; the test by its number in C.
#[derive(Clone, Debug, Default)]
pub struct RuleText {
    pub path: String,
    pub test: i32,
    pub values: Vec<String>,
    pub number: i64,
    pub wildcards: bool,
}

/// What a host sets up once.
#[derive(Clone, Debug, Default)]
pub struct Setup<'s> {
    pub sets: Vec<SetOfKeys>,
    pub policy: Policy<'s>,
    pub fingerprint: Option<Fingerprint<'s>>,
    pub sketch: Option<SketchRules>,
    pub possession: Possession<'s>,
    pub rules: Vec<RuleText>,
}

impl<'s> Setup<'s> {
    /// One set of these keys, for no issuer, under the strict policy.
    pub fn with(keys: impl Into<Vec<KeySource>>) -> Self {
        Setup { sets: vec![SetOfKeys { issuer: None, keys: keys.into() }], ..Setup::default() }
    }

    pub fn policy(self, policy: Policy<'s>) -> Self {
        Setup { policy, ..self }
    }

    pub fn fingerprint(self, fingerprint: Fingerprint<'s>) -> Self {
        Setup { fingerprint: Some(fingerprint), ..self }
    }

    pub fn sketch(self, sketch: SketchRules) -> Self {
        Setup { sketch: Some(sketch), ..self }
    }

    pub fn possession(self, possession: Possession<'s>) -> Self {
        Setup { possession, ..self }
    }
}

/// One token to judge.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    pub token: &'a [u8],
    pub clock: Clock,
    pub evidence: Evidence<'a>,
    /// How many bytes the scratch lacks.
    pub scratch_missing: usize,
}

impl<'a> Attempt<'a> {
    pub fn new(token: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        Attempt { token: token.as_ref(), clock: Clock::At(NOW), evidence: Evidence::NONE, scratch_missing: 0 }
    }

    pub fn at(self, now: i64) -> Self {
        Attempt { clock: Clock::At(now), ..self }
    }

    pub fn from(self, evidence: Evidence<'a>) -> Self {
        Attempt { evidence, ..self }
    }
}

/// What came of one token.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    pub status: Status,
    /// The bits of the failure mask.
    pub failures: u64,
    /// The claims' JSON text; only after accept.
    pub claims: Option<String>,
    /// How alike client and sketch are, whenever that was scored.
    pub score: Option<Seen>,
    /// Whom to ask; only after step up.
    pub subject: Option<String>,
    /// The use of the client's proof; only after accept.
    pub to_commit: Option<Use>,
    /// The first rule that was not met.
    pub unmet: Option<u16>,
}

impl Outcome {
    /// Work that ended with this status.
    pub fn ended(status: Status) -> Self {
        Outcome { status, failures: 0, claims: None, score: None, subject: None, to_commit: None, unmet: None }
    }
}

/// Judges several tokens by one verifier, through every interface. An error is the setup's own.
pub fn judge_all(setup: &Setup<'_>, attempts: &[Attempt<'_>]) -> Result<Vec<Outcome>, Status> {
    let by_rust = through_rust(setup, attempts);
    if let Some(by_c) = super::judge_c::through_c(setup, attempts) {
        assert_eq!(by_rust, by_c, "Rust and C disagree");
    }
    by_rust
}

/// Judges one token; an error of the setup comes as its status.
pub fn judge(setup: &Setup<'_>, attempt: Attempt<'_>) -> Outcome {
    match judge_all(setup, &[attempt]) {
        Ok(outcomes) => outcomes[0].clone(),
        Err(status) => Outcome::ended(status),
    }
}

/// The status of one token, now and without evidence.
pub fn status_of(setup: &Setup<'_>, token: &(impl AsRef<[u8]> + ?Sized)) -> Status {
    judge(setup, Attempt::new(token)).status
}

fn through_rust(setup: &Setup<'_>, attempts: &[Attempt<'_>]) -> Result<Vec<Outcome>, Status> {
    let mut regions: Vec<Vec<u64>> = setup.sets.iter().map(|_| vec![0; 4096]).collect();
    let mut sets = Vec::new();
    for (set, region) in setup.sets.iter().zip(&mut regions) {
        sets.push(load(set, region, setup.policy.algorithms)?);
    }
    let sets: Vec<_> = sets.iter().map(Keys::set).collect();
    let values: Vec<Vec<&str>> = setup.rules.iter().map(|rule| rule.values.iter().map(String::as_str).collect()).collect();
    let values: Vec<&[&str]> = values.iter().map(Vec::as_slice).collect();
    let rules: Vec<Rule<'_>> = setup.rules.iter().zip(&values).map(|(rule, values)| rule.of(values)).collect();
    let rules = rules.as_slice();
    let run = |holder: Holder<'_>| {
        setup.possession.with(holder, |holder| {
            judge_each(rule_by(Verifier::new(&sets, setup.policy, holder)?, &rules)?, &setup.policy, attempts)
        })?
    };
    let with_sketch = |digest: Option<&Recipe<'_>>| match &setup.sketch {
        Some(rules) => rules.with(|sketch| run(Holder { digest, sketch: Some(sketch), ..Holder::default() }))?,
        None => run(Holder { digest, ..Holder::default() }),
    };
    match setup.fingerprint {
        Some(fingerprint) => fingerprint.with_recipe(|recipe| with_sketch(Some(recipe)))?,
        None => with_sketch(None),
    }
}

fn rule_by<'v>(verifier: Verifier<'v>, rules: &'v &'v [Rule<'v>]) -> Result<Verifier<'v>, Status> {
    if rules.is_empty() { Ok(verifier) } else { verifier.with_rights(rules) }
}

impl RuleText {
    fn of<'r>(&'r self, values: &'r &'r [&'r str]) -> Rule<'r> {
        let test = match self.test {
            1 => Test::AllOf(values),
            2 => Test::AnyOf(values),
            3 => Test::NoneOf(values),
            4 => Test::Compare(Comparison::Less, self.number),
            5 => Test::Compare(Comparison::LessOrEqual, self.number),
            6 => Test::Compare(Comparison::Equal, self.number),
            7 => Test::Compare(Comparison::GreaterOrEqual, self.number),
            8 => Test::Compare(Comparison::Greater, self.number),
            other => panic!("no test {other}"),
        };
        Rule { path: &self.path, test, wildcards: self.wildcards }
    }
}

fn judge_each(verifier: Verifier<'_>, policy: &Policy<'_>, attempts: &[Attempt<'_>]) -> Result<Vec<Outcome>, Status> {
    Ok(attempts.iter().map(|attempt| judge_by(&verifier, policy, attempt)).collect())
}

fn judge_by(verifier: &Verifier<'_>, policy: &Policy<'_>, attempt: &Attempt<'_>) -> Outcome {
    let proof_bytes = match attempt.evidence.proofs {
        [proof] if proof.len() <= countermark::PROOF_BYTES_MAX => scratch_bytes(proof.len(), &Limits::DEFAULT),
        _ => 0,
    };
    let bytes = match policy.shape {
        Shape::Signed => scratch_bytes(attempt.token.len(), &policy.limits),
        _ => nested_scratch_bytes(attempt.token.len(), &policy.limits),
    };
    let bytes = bytes + proof_bytes;
    let bytes = bytes.saturating_sub(attempt.scratch_missing);
    let mut scratch = vec![0; bytes];
    let request = Request { token: attempt.token, clock: attempt.clock, evidence: attempt.evidence };
    let verdict = verifier.verify(&request, &mut scratch);
    let report = verdict.report();
    assert_eq!(matches!(verdict, Verdict::StepUp(..)), report.status.is_step_up());
    let subject = verdict.step_up_subject().map(|text| text.copy_to(&mut vec![0; bytes]).unwrap().to_string());
    let claims = match verdict {
        Verdict::Accept(claims, _) => Some(claims.raw().to_string()),
        _ => None,
    };
    assert_eq!(claims.is_some(), report.status == Status::Accepted);
    assert_eq!(claims.is_some(), report.failures.is_empty() && report.status == Status::Accepted);
    let score = report.score.map(|score| Seen::of(&score));
    assert!(claims.is_some() || report.to_commit.is_none());
    let (status, failures, to_commit) = (report.status, report.failures.bits(), report.to_commit);
    Outcome { status, failures, claims, score, subject, to_commit, unmet: report.unmet }
}

/// Loads a set into its region.
pub fn load<'m>(set: &SetOfKeys, region: &'m mut [u64], allowed: &[Algorithm]) -> Result<Keys<'m>, Status> {
    let mut keys = match &set.issuer {
        Some(issuer) => Keys::for_issuer(region, issuer)?,
        None => Keys::new(region)?,
    };
    for key in &set.keys {
        match key {
            KeySource::Secret(algorithm, kid, secret) => keys.add_secret(*algorithm, kid.as_deref(), secret)?,
            KeySource::Rotating(kid, base, mode, claim, window, grace) => {
                let rotating = Rotating { mode: *mode, claim, window: *window, grace: *grace };
                keys.add_rotating(kid.as_deref(), base, &rotating)?;
            }
            KeySource::Sec1(algorithm, kid, sec1) => keys.add_sec1(*algorithm, kid.as_deref(), sec1)?,
            KeySource::Spki(algorithm, kid, der) => keys.add_spki(*algorithm, kid.as_deref(), der)?,
            KeySource::Pkcs1(algorithm, kid, der) => keys.add_pkcs1(*algorithm, kid.as_deref(), der)?,
            KeySource::Certificate(algorithm, kid, der) => keys.add_certificate(*algorithm, kid.as_deref(), der)?,
            KeySource::Pem(algorithm, kid, text) => keys.add_pem(*algorithm, kid.as_deref(), text.as_bytes())?,
            KeySource::Ed25519(kid, public) => keys.add_ed25519(kid.as_deref(), public)?,
            KeySource::Jwk(json) => keys.add_jwk(json.as_bytes(), allowed)?,
            KeySource::Jwks(json) => {
                keys.add_jwks(json.as_bytes(), allowed)?;
            }
        }
    }
    Ok(keys)
}

/// The builder's own key of this algorithm, to verify with.
pub fn key_of(alg: &str) -> KeySource {
    named_key_of(alg, None)
}

/// The same with a key id.
pub fn named_key_of(alg: &str, kid: Option<&str>) -> KeySource {
    let algorithm = Algorithm::from_name(alg).expect("an algorithm of this build");
    let kid = kid.map(str::to_string);
    match algorithm {
        Algorithm::ES256 => KeySource::Sec1(algorithm, kid, super::token::public_sec1(&super::token::SCALAR).to_vec()),
        Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
            KeySource::Secret(algorithm, kid, super::token::SECRET.to_vec())
        }
        _ => KeySource::Pem(algorithm, kid, super::keys::public_pem(super::keys::of(alg)).to_string()),
    }
}
