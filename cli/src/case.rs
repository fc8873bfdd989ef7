//! One token to judge, everything that it is judged by, and the library's verdict. Nothing is decided here.

use crate::client::{Client, ClientFiles};
use crate::failure::Failure;
use crate::files;
use crate::keys::{self, KeyFiles};
use crate::policy::{Holder as HolderName, Payload, Settings};
use crate::rules::{self, Compared, PepperFile};
use clap::{Args, ValueEnum};
use countermark::{
    BindingForm, CHANNEL_MEMBER, Combination, Holder, KeySet, Limits, Methods, PROOF_BYTES_MAX, Pepper, Policy, ProofRules,
    Report, Request, Scheme, Sketch, Stage, Status, Verdict, Verifier,
};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

#[derive(Args, Clone, Debug)]
pub struct CaseFiles {
    /// The compact token; `-` is the standard input. Left out: it is found in the request
    #[arg(long, value_name = "FILE")]
    token: Option<PathBuf>,
    /// The scheme that the token came under, where the request does not say it
    #[arg(long)]
    scheme: Option<SchemeName>,
    /// What the token must be: a JSON object; see the README. Left out: strict and empty
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// The pepper of fingerprints, every byte of the file; with a number when it has another than 0. May be repeated
    #[arg(long, value_name = "[NUMBER=]FILE")]
    pub pepper: Vec<PepperFile>,
    /// The time to judge at, in seconds since 1970. Left out: now
    #[arg(long, value_name = "SECONDS")]
    now: Option<i64>,
    #[command(flatten)]
    keys: KeyFiles,
    #[command(flatten)]
    client: ClientFiles,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SchemeName {
    #[value(name = "Bearer", alias = "bearer")]
    Bearer,
    #[value(name = "DPoP", alias = "dpop")]
    DPoP,
}

/// The clock of this machine.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

/// A case, read.
pub struct Case {
    pub settings: Settings,
    peppers: Vec<(u8, Pepper)>,
    keys: KeyFiles,
    client: Client,
    /// The token and its scheme, or why the request has none.
    token: Result<(Vec<u8>, Scheme), Status>,
    now: i64,
}

/// What a verifier is made of.
pub struct Ground<'g> {
    pub sets: &'g [KeySet<'g>],
    pub policy: Policy<'g>,
    pub compared: &'g Compared<'g>,
}

/// What an accepted token gives.
pub enum Given {
    Claims(String),
    Payload(Vec<u8>),
    /// The subject to ask for a stronger proof.
    StepUp(Option<String>),
    Nothing,
}

/// The library's verdict.
pub struct Judged {
    pub report: Report,
    pub given: Given,
}

impl Case {
    pub fn read(files: &CaseFiles) -> Result<Self, Failure> {
        let settings = Settings::read(files.policy.as_deref())?;
        let client = Client::read(&files.client)?;
        let in_request = settings.source.source();
        let found = in_request.find(&client.captured, client.captured.query());
        let found = found.map(|credentials| (credentials.token.to_vec(), credentials.scheme));
        let token = match &files.token {
            Some(path) => {
                let text = files::read("--token", path)?;
                let text = text.strip_suffix(b"\n").unwrap_or(&text);
                let text = text.strip_suffix(b"\r").unwrap_or(text);
                Ok((text.to_vec(), found.map_or(Scheme::Bearer, |(_, scheme)| scheme)))
            }
            None if files.client.request.is_none() => return Err(Failure::new("a token is needed: --token or --request")),
            None => found,
        };
        let scheme = files.scheme.map(|name| match name {
            SchemeName::Bearer => Scheme::Bearer,
            SchemeName::DPoP => Scheme::DPoP,
        });
        Ok(Case {
            peppers: rules::peppers(&files.pepper)?,
            keys: files.keys.clone(),
            token: token.map(|(text, found)| (text, scheme.unwrap_or(found))),
            now: files.now.unwrap_or_else(now),
            settings,
            client,
        })
    }

    /// Loads the keys and the rules, and hands them to `then`.
    pub fn with<T>(&self, then: impl FnOnce(&Ground<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let settings = &self.settings;
        keys::with_sets(&self.keys, settings.rotating.as_ref(), &settings.algorithms, |sets| {
            rules::with(settings.fingerprint.as_ref(), &self.peppers, |compared| {
                settings.with(|policy| then(&Ground { sets, policy, compared }))
            })
        })
    }

    /// The verdict by the policy.
    pub fn judge(&self, ground: &Ground<'_>) -> Result<Judged, Failure> {
        let holder = match ground.compared {
            Compared::Nothing => Holder::default(),
            Compared::Digest(recipe) => Holder { digest: Some(recipe), ..Holder::default() },
            Compared::Sketch(sketch) => Holder { sketch: Some(sketch), ..Holder::default() },
        };
        self.judge_by(ground, possession(self.settings.holder, holder))
    }

    /// What a sketch of other rules says of the client, whatever else is wrong with the token.
    pub fn score(&self, ground: &Ground<'_>, sketch: &Sketch<'_>) -> Result<Option<countermark::Score>, Failure> {
        let judged = self.judge_by(ground, Holder { sketch: Some(sketch), ..Holder::default() })?;
        Ok(judged.report.score)
    }

    fn judge_by(&self, ground: &Ground<'_>, holder: Holder<'_>) -> Result<Judged, Failure> {
        let refused = |status| Failure::of("the policy", status);
        let verifier = Verifier::new(ground.sets, ground.policy, holder).map_err(refused)?;
        let rights = &self.settings.rights;
        let judged = rights.with(|rules| match rules.is_empty() {
            true => Ok(self.run(&verifier)),
            false => verifier.with_rights(&rules).map(|verifier| self.run(&verifier)).map_err(refused),
        })?;
        match judged.report.status {
            Status::Argument if self.client.hides_its_uri() => {
                let sentence = "the request cannot be judged: a proof needs its URI, and it has not one Host: give --origin";
                Err(Failure { status: Some(Status::Argument), sentence: sentence.into() })
            }
            status if status.stage() == Stage::Caller => Err(Failure::of("the request cannot be judged", status)),
            _ => Ok(judged),
        }
    }

    fn run(&self, verifier: &Verifier<'_>) -> Judged {
        let (token, scheme) = match &self.token {
            Ok((token, scheme)) => (token, *scheme),
            Err(status) => return Judged { report: Report::ended(*status), given: Given::Nothing },
        };
        self.client.with(scheme, |evidence| {
            let limit = self.settings.max_token_bytes.unwrap_or(Limits::DEFAULT.token_bytes);
            let proof = evidence.proofs.first().map_or(0, |proof| proof.len().min(PROOF_BYTES_MAX));
            let for_proof = countermark::scratch_bytes(proof, &Limits::DEFAULT);
            let mut scratch = vec![0; verifier.scratch_bytes(token.len().min(limit)).saturating_add(for_proof)];
            let request = Request::new(token, self.now).with_evidence(*evidence);
            match self.settings.payload {
                Payload::Claims => of_verdict(verifier.verify(&request, &mut scratch)),
                Payload::Opaque => match verifier.verify_opaque(&request, &mut scratch) {
                    Ok(payload) => {
                        let report = Report::ended(Status::Accepted);
                        Judged { report, given: Given::Payload(payload.to_vec()) }
                    }
                    Err(report) => Judged { report, given: Given::Nothing },
                },
            }
        })
    }
}

fn of_verdict(verdict: Verdict<'_>) -> Judged {
    let report = verdict.report();
    let subject = verdict.step_up_subject().map(|subject| {
        String::from_utf8(subject.bytes().collect()).unwrap_or_default() // a claim's text is UTF-8
    });
    let given = match verdict {
        Verdict::Accept(claims, _) => Given::Claims(claims.raw().to_string()),
        Verdict::StepUp(..) => Given::StepUp(subject),
        Verdict::Reject(_) => Given::Nothing,
    };
    Judged { report, given }
}

/// The holder that also asks for possession: one counted method must be met, or what the combination says, and every method that
/// `cnf` names.
fn possession<'h>(asked: HolderName, holder: Holder<'h>) -> Holder<'h> {
    // No method named: every one that is given counts.
    let (combination, counted) = match asked {
        HolderName::None => return holder,
        HolderName::Certificate => (Combination::AnyOf, Methods::CERTIFICATE),
        HolderName::Dpop => (Combination::AnyOf, Methods::PROOF),
        HolderName::Channel => (Combination::AnyOf, Methods::BINDING),
        HolderName::Any => (Combination::AnyOf, Methods::PROOF.and(Methods::CERTIFICATE).and(Methods::CHANNEL)),
        HolderName::IfBound => (Combination::IfBound, Methods::NONE),
        HolderName::FingerprintUnlessPossession => (Combination::FingerprintUnlessPossession, Methods::NONE),
    };
    Holder {
        proof: Some(&ProofRules::DPOP),
        certificate: true,
        channel: Some(CHANNEL_MEMBER),
        binding: (asked == HolderName::Channel).then_some(BindingForm::Base64url),
        combination,
        counted,
        ..holder
    }
}
