//! `countermark mint`: a test token, with a countermark if the policy names one.

use crate::case::now;
use crate::client::{Client, ClientFiles};
use crate::failure::{Answer, Failure};
use crate::files;
use crate::keys::KeyFile;
use crate::policy::Settings;
use crate::rules::{self, Compared, PepperFile};
use crate::show::put;
use clap::Args;
use countermark::{ComponentSet, Evidence, Mint, NewSketch, SALT_BYTES, Scheme, Signer, THUMBPRINT_CHARS, thumbprint};
use std::path::PathBuf;

#[derive(Args, Clone, Debug)]
pub struct MintFiles {
    /// A private JWK, such as `countermark keys generate` makes
    #[arg(long, value_name = "FILE", required_unless_present = "secret", conflicts_with = "secret")]
    key: Option<PathBuf>,
    /// An HMAC secret, every byte of the file, with its one algorithm: HS256=secret.bin
    #[arg(long, value_name = "ALG=FILE")]
    secret: Option<KeyFile>,
    /// The header's `typ`
    #[arg(long)]
    typ: Option<String>,
    /// `iss`
    #[arg(long)]
    issuer: Option<String>,
    /// `sub`
    #[arg(long)]
    subject: Option<String>,
    /// `aud`. May be repeated
    #[arg(long)]
    audience: Vec<String>,
    /// `jti`
    #[arg(long)]
    token_id: Option<String>,
    /// How long the token lives, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    expires_in: u32,
    /// Further claims: a JSON object
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Binds the token to the key of this public JWK: `cnf.jkt`
    #[arg(long, value_name = "FILE")]
    bind_key: Option<PathBuf>,
    /// The policy whose fingerprint is minted into the token, of the client that --request, --evidence and --page show
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The pepper of fingerprints; the first that is named mints
    #[arg(long, value_name = "[NUMBER=]FILE")]
    pepper: Vec<PepperFile>,
    /// The time of issue, in seconds since 1970. Left out: now
    #[arg(long, value_name = "SECONDS")]
    now: Option<i64>,
    #[command(flatten)]
    client: ClientFiles,
}

/// What header, payload and signature can take beside the claims of the file: a sketch has 1,480 characters at most.
const ROOM_BYTES: usize = 16 * 1024;

pub fn run(files: &MintFiles, as_json: bool) -> Result<Answer, Failure> {
    let settings = Settings::read(files.policy.as_deref())?;
    let peppers = rules::peppers(&files.pepper)?;
    let client = Client::read(&files.client)?;
    let signer = signer(files, &settings)?;
    let claims = files.claims.as_deref().map(|path| files::text("--claims", path)).transpose()?;
    let mut text = [0; THUMBPRINT_CHARS];
    let confirmed_key = match &files.bind_key {
        None => None,
        Some(path) => {
            let jwk = files::read("--bind-key", path)?;
            Some(thumbprint(&jwk, &mut text).map_err(|status| Failure::of("--bind-key", status))?)
        }
    };
    let issued_at = files.now.unwrap_or_else(now);
    let audience: Vec<&str> = files.audience.iter().map(String::as_str).collect();
    let mint = Mint {
        typ: files.typ.as_deref(),
        issuer: files.issuer.as_deref(),
        subject: files.subject.as_deref(),
        audience: &audience,
        expires_at: Some(issued_at.saturating_add(files.expires_in.into())),
        issued_at: Some(issued_at),
        token_id: files.token_id.as_deref(),
        claims: claims.as_ref().map_or("", |claims| claims.trim()),
        confirmed_key,
        ..Mint::default()
    };
    let token = rules::with(settings.fingerprint.as_ref(), &peppers, |compared| {
        client.with(Scheme::Bearer, |evidence| issue(&signer, mint, compared, evidence))
    })?;
    match as_json {
        true => put!("{}", serde_json::json!({"token": token})),
        false => put!("{token}"),
    }
    Ok(Answer::Accepted)
}

fn signer(files: &MintFiles, settings: &Settings) -> Result<Signer, Failure> {
    match (&files.key, &files.secret) {
        (Some(path), _) => {
            let jwk = files::read("--key", path)?;
            Signer::of_jwk(&jwk, &settings.algorithms).map_err(|status| Failure::of("--key", status))
        }
        (None, Some(file)) => {
            let secret = files::secret("--secret", &file.path)?;
            Signer::of_secret(file.algorithm, None, &secret).map_err(|status| Failure::of("--secret", status))
        }
        (None, None) => Err(Failure::new("a key is needed: --key or --secret")),
    }
}

fn issue(signer: &Signer, mint: Mint<'_>, compared: &Compared<'_>, evidence: &Evidence<'_>) -> Result<String, Failure> {
    let mut salt = [0; SALT_BYTES];
    getrandom::fill(&mut salt).map_err(|_| Failure::new("the system has no random bytes"))?;
    let new;
    let mint = match compared {
        Compared::Nothing => mint,
        Compared::Digest(recipe) => Mint { digest: Some((recipe, evidence)), ..mint },
        Compared::Sketch(sketch) => {
            new = NewSketch { sketch, evidence, salt, opt_out: ComponentSet::EMPTY, previous: None };
            Mint { sketch: Some(&new), ..mint }
        }
    };
    let room = ROOM_BYTES.saturating_add(mint.claims.len().saturating_mul(2));
    let (mut scratch, mut out) = (vec![0; room], vec![0; room]);
    let token = signer.issue(&mint, &mut scratch, &mut out).map_err(|status| Failure::of("the token", status))?;
    Ok(token.to_string())
}
