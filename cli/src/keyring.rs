//! `countermark keys`: what a verifier makes of a key set, and keys for tests.

use crate::failure::{Answer, Failure};
use crate::generate;
use crate::keys::SetText;
use crate::show::{BAD, BOLD, GOOD, plain, put, say, styled};
use clap::Subcommand;
use countermark::{Algorithm, Keys, Status, THUMBPRINT_CHARS, thumbprint};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum Command {
    /// List the keys of a JWK Set: algorithm, thumbprint, and why one is skipped. Exit status 1 when the set does not load
    List {
        /// The JWK Set, or one JWK
        #[arg(value_name = "FILE")]
        set: PathBuf,
        /// An algorithm that the policy allows: a key without `alg` gets the only one that fits it. May be repeated
        #[arg(long, value_name = "ALG", value_parser = algorithm)]
        allow: Vec<Algorithm>,
    },
    /// Make a key for tests: the private JWK into a new file, the public JWK Set on the standard output
    Generate(generate::Options),
}

/// The algorithm of this name.
pub fn algorithm(name: &str) -> Result<Algorithm, String> {
    Algorithm::from_name(name).ok_or_else(|| "the value is not an algorithm of this build".into())
}

pub fn run(command: &Command, as_json: bool) -> Result<Answer, Failure> {
    match command {
        Command::List { set, allow } => list(&SetText::read(set)?, allow, as_json),
        Command::Generate(options) => generate::run(options, as_json),
    }
}

/// What is shown of a key; members that are secret are never read into memory of their own.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Shown {
    kid: Option<Value>,
    kty: Option<Value>,
    crv: Option<Value>,
    #[serde(rename = "use")]
    purpose: Option<Value>,
    alg: Option<Value>,
    enc: Option<Value>,
}

struct Row {
    shown: Shown,
    /// The algorithm that the key is for, once it loads.
    algorithm: Option<String>,
    /// Not of a symmetric key: it would let a weak one be searched for (RFC 7638 7).
    thumbprint: Option<String>,
    skipped: Option<Status>,
}

#[derive(Deserialize)]
struct Set<'c> {
    #[serde(borrow)]
    keys: Vec<&'c RawValue>,
}

fn list(set: &SetText, allowed: &[Algorithm], as_json: bool) -> Result<Answer, Failure> {
    let mut region = set.region(allowed)?;
    let loaded = Keys::new(&mut region).and_then(|mut keys| keys.add_jwks(set.text.as_bytes(), allowed));
    let keys = serde_json::from_str::<Set<'_>>(&set.text).map_or(Vec::new(), |set| set.keys);
    let rows: Vec<Row> = keys.into_iter().map(|key| row(key.get(), allowed)).collect();
    match as_json {
        true => {
            let row = |row: &Row| {
                json!({
                    "kid": row.shown.kid, "kty": row.shown.kty, "crv": row.shown.crv, "use": row.shown.purpose,
                    "alg": row.algorithm, "thumbprint": row.thumbprint,
                    "skipped": row.skipped.map(Status::name),
                })
            };
            let refused = loaded.as_ref().err().map(|status| status.name());
            let count = loaded.as_ref().map_or(0, |loaded| loaded.added);
            let keys: Vec<Value> = rows.iter().map(row).collect();
            put!("{}", json!({"loaded": count, "refused": refused, "issuer": set.issuer, "keys": keys}));
        }
        false => print(set, &rows, &loaded),
    }
    Ok(if loaded.is_ok() { Answer::Accepted } else { Answer::Refused })
}

fn row(key: &str, allowed: &[Algorithm]) -> Row {
    // Whatever serde stumbles over, the library names.
    let shown: Shown = serde_json::from_str(key).unwrap_or_default();
    let loads = |allowed: &[Algorithm]| {
        // What a set of this key alone takes, and no less than an RSA key does when even that cannot be told.
        let bytes = countermark::keys_size_for(format!("{{\"keys\":[{key}]}}").as_bytes(), allowed, None).unwrap_or(0);
        let mut region = vec![0; bytes.div_ceil(8).max(64)];
        Keys::new(&mut region).and_then(|mut keys| keys.add_jwk(key.as_bytes(), allowed))
    };
    let skipped = loads(allowed).err();
    let named = shown.alg.as_ref().and_then(Value::as_str).map(String::from);
    let fits = allowed.iter().find(|algorithm| loads(&[**algorithm]).is_ok()).map(|algorithm| algorithm.name().to_string());
    let is_secret = shown.kty == Some(Value::from("oct"));
    let mut text = [0; THUMBPRINT_CHARS];
    let thumbprint = (!is_secret).then(|| thumbprint(key.as_bytes(), &mut text).ok().map(String::from)).flatten();
    Row { algorithm: skipped.is_none().then(|| named.or(fits)).flatten(), thumbprint, skipped, shown }
}

fn print(set: &SetText, rows: &[Row], loaded: &Result<countermark::Loaded, Status>) {
    let text = |value: &Option<Value>| match value {
        None => "-".to_string(),
        Some(Value::String(text)) => plain(text),
        Some(_) => "(no string)".into(),
    };
    if let Some(issuer) = &set.issuer {
        say!("issuer {}", plain(issuer));
    }
    // A name has up to 128 bytes; in a set that is read here it is mostly a thumbprint.
    let width = rows.iter().map(|row| text(&row.shown.kid).chars().count()).max().unwrap_or(0).max("kid".len());
    let head =
        format!("{:<width$} {:<4} {:<10} {:<5} {:<14} {:<43}  outcome", "kid", "kty", "crv", "use", "alg", "thumbprint");
    say!("{}", styled(BOLD, head));
    for row in rows {
        let Shown { kid, kty, crv, purpose, .. } = &row.shown;
        let [kid, kty, crv, purpose] = [kid, kty, crv, purpose].map(text);
        let algorithm = row.algorithm.as_deref().map_or("-".into(), plain);
        let thumbprint = row.thumbprint.as_deref().unwrap_or(if kty == "oct" { "(of a secret: not shown)" } else { "-" });
        let outcome = match row.skipped {
            None => styled(GOOD, "loaded"),
            Some(status) => {
                format!("{} {} ({}): {}", styled(BAD, "skipped"), status.name(), status.code(), status.sentence())
            }
        };
        say!("{kid:<width$} {kty:<4} {crv:<10} {purpose:<5} {algorithm:<14} {thumbprint:<43}  {outcome}");
    }
    match loaded {
        Ok(loaded) => say!("\n{} loaded, {} skipped", loaded.added, loaded.skipped),
        Err(status) => {
            say!("\n{} {} ({}): {}", styled(BAD, "the set is refused"), status.name(), status.code(), status.sentence());
        }
    }
}
