//! The keys that a token is checked with, loaded by the library from files.

use crate::failure::Failure;
use crate::files;
use crate::policy::RotatingSettings;
use clap::Args;
use countermark::{Algorithm, KeySet, Keys, Rotating, key_bytes, keys_size_for, region_head_bytes, rotating_key_bytes};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Where the keys lie. A key is never an argument: arguments stand in the shell's history and in the list of processes.
#[derive(Args, Clone, Debug, Default)]
pub struct KeyFiles {
    /// A JWK Set, or one JWK. A member `issuer` beside `keys` binds the set to an issuer. May be repeated
    #[arg(long, value_name = "FILE")]
    pub jwks: Vec<PathBuf>,
    /// A public key or certificate in PEM, with its one algorithm: ES256=key.pem. May be repeated
    #[arg(long, value_name = "ALG=FILE")]
    pub pem: Vec<KeyFile>,
    /// An HMAC secret, every byte of the file, with its one algorithm: HS256=secret.bin. May be repeated
    #[arg(long, value_name = "ALG=FILE")]
    pub secret: Vec<KeyFile>,
    /// The base of a rotating secret; its settings are the policy's `rotating`
    #[arg(long, value_name = "FILE")]
    pub rotating: Option<PathBuf>,
}

/// A key's file and the one algorithm that the key is for.
#[derive(Clone, Debug)]
pub struct KeyFile {
    pub algorithm: Algorithm,
    pub path: PathBuf,
}

impl std::str::FromStr for KeyFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = text.split_once('=').ok_or("ALG=FILE is needed, such as HS256=secret.bin")?;
        let algorithm = Algorithm::from_name(name).ok_or("what stands before = is not an algorithm of this build")?;
        Ok(KeyFile { algorithm, path: path.into() })
    }
}

/// What stands beside the keys of a set; the rest is the library's to read.
#[derive(Deserialize)]
struct Beside<'c> {
    #[serde(borrow)]
    issuer: Option<&'c RawValue>,
    #[serde(borrow)]
    keys: Option<&'c RawValue>,
    #[serde(borrow)]
    kty: Option<&'c RawValue>,
}

/// A set's text and the issuer that it belongs to.
pub struct SetText {
    pub text: Zeroizing<String>,
    pub issuer: Option<String>,
}

impl SetText {
    pub fn read(path: &std::path::Path) -> Result<Self, Failure> {
        let text = files::text("--jwks", path)?;
        // Whatever is wrong with the text, the library says it: of a duplicate, say, that serde stumbles over.
        let Ok(beside) = serde_json::from_str::<Beside<'_>>(&text) else { return Ok(SetText { text, issuer: None }) };
        let issuer = beside.issuer.map(|issuer| serde_json::from_str::<String>(issuer.get())).transpose();
        let issuer = issuer.map_err(|_| Failure::new("--jwks: the member issuer of the set is not a string"))?;
        let is_one_key = beside.keys.is_none() && beside.kty.is_some();
        let text = if is_one_key { Zeroizing::new(format!("{{\"keys\":[{}]}}", text.as_str())) } else { text };
        Ok(SetText { text, issuer })
    }

    pub fn region(&self, allowed: &[Algorithm]) -> Result<Vec<u64>, Failure> {
        let bytes = keys_size_for(self.text.as_bytes(), allowed, self.issuer.as_deref());
        Ok(vec![0; bytes.map_err(|status| Failure::of("--jwks", status))?.div_ceil(8)])
    }

    fn load<'m>(&self, region: &'m mut [u64], allowed: &[Algorithm]) -> Result<Keys<'m>, Failure> {
        let failed = |status| Failure::of("--jwks", status);
        let mut keys = match &self.issuer {
            Some(issuer) => Keys::for_issuer(region, issuer).map_err(failed)?,
            None => Keys::new(region).map_err(failed)?,
        };
        keys.add_jwks(self.text.as_bytes(), allowed).map_err(failed)?;
        Ok(keys)
    }
}

/// What is loaded into one region.
enum Source<'f> {
    Set(SetText),
    /// The keys of `--pem`, `--secret` and `--rotating`.
    Own(&'f KeyFiles, Option<Rotating<'f>>),
}

impl Source<'_> {
    fn region(&self, allowed: &[Algorithm]) -> Result<Vec<u64>, Failure> {
        match self {
            Source::Set(set) => set.region(allowed),
            Source::Own(files, rotating) => {
                let named = files.pem.iter().chain(&files.secret).map(|file| key_bytes(file.algorithm, 0));
                let rotating = if rotating.is_some() { rotating_key_bytes() } else { 0 };
                let bytes = named.fold(region_head_bytes(0).saturating_add(rotating), usize::saturating_add);
                Ok(vec![0; bytes.div_ceil(8)])
            }
        }
    }

    fn load<'m>(&self, region: &'m mut [u64], allowed: &[Algorithm]) -> Result<Keys<'m>, Failure> {
        let (files, rotating) = match self {
            Source::Set(set) => return set.load(region, allowed),
            Source::Own(files, rotating) => (files, rotating),
        };
        let mut keys = Keys::new(region).map_err(|status| Failure::of("the keys", status))?;
        for file in &files.pem {
            let text = files::read("--pem", &file.path)?;
            keys.add_pem(file.algorithm, None, &text).map_err(|status| Failure::of("--pem", status))?;
        }
        for file in &files.secret {
            let secret = files::secret("--secret", &file.path)?;
            keys.add_secret(file.algorithm, None, &secret).map_err(|status| Failure::of("--secret", status))?;
        }
        if let (Some(path), Some(rotating)) = (&files.rotating, rotating) {
            let base = files::secret("--rotating", path)?;
            keys.add_rotating(None, &base, rotating).map_err(|status| Failure::of("--rotating", status))?;
        }
        Ok(keys)
    }
}

/// Loads every set and hands them to `then`. What they hold is wiped behind it.
pub fn with_sets<T>(
    files: &KeyFiles,
    rotating: Option<&RotatingSettings>,
    allowed: &[Algorithm],
    then: impl FnOnce(&[KeySet<'_>]) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let default = RotatingSettings::default();
    let rotating = files.rotating.as_ref().map(|_| rotating.unwrap_or(&default).rotating());
    let sets = files.jwks.iter().map(|path| SetText::read(path).map(Source::Set));
    let mut sources = sets.collect::<Result<Vec<_>, Failure>>()?;
    if rotating.is_some() || !files.pem.is_empty() || !files.secret.is_empty() {
        sources.push(Source::Own(files, rotating));
    }
    if sources.is_empty() {
        return Err(Failure::new("a key is needed: --jwks, --pem, --secret or --rotating"));
    }
    let mut regions = sources.iter().map(|source| source.region(allowed)).collect::<Result<Vec<_>, _>>()?;
    let mut loaded = Vec::new();
    for (source, region) in sources.iter().zip(&mut regions) {
        loaded.push(source.load(region, allowed)?);
    }
    let sets: Vec<KeySet<'_>> = loaded.iter().map(Keys::set).collect();
    then(&sets)
}
