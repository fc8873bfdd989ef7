//! Keys for tests. What signs goes into a new file that nobody else can read; only what verifies is printed.

use crate::failure::{Answer, Failure};
use crate::files;
use crate::keyring::algorithm;
use crate::show::{put, say};
use base64ct::{Base64UrlUnpadded, Encoding};
use clap::Args;
use countermark::{Algorithm, THUMBPRINT_CHARS, thumbprint};
use p256::elliptic_curve::sec1::ToSec1Point;
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use zeroize::Zeroizing;

#[derive(Args)]
pub struct Options {
    /// HS256, HS384, HS512, ES256 or EdDSA
    #[arg(value_name = "ALG", value_parser = algorithm)]
    algorithm: Algorithm,
    /// Where the private JWK goes; a file that is there is not touched
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The key's name. Left out: its thumbprint, or for a secret a random one
    #[arg(long)]
    kid: Option<String>,
}

pub fn run(options: &Options, as_json: bool) -> Result<Answer, Failure> {
    let (public, private) = pair(options.algorithm)?;
    let kid = match (&options.kid, &public) {
        (Some(kid), _) => kid.clone(),
        (None, Some(public)) => {
            let mut text = [0; THUMBPRINT_CHARS];
            let jwk = format!("{{{public}}}");
            thumbprint(jwk.as_bytes(), &mut text).map_err(|status| Failure::of("the new key", status))?.to_string()
        }
        (None, None) => Base64UrlUnpadded::encode_string(&*random::<9>()?),
    };
    let named = format!(r#""kid":{},"alg":"{}""#, Value::from(kid.as_str()), options.algorithm.name());
    let public_part = public.clone().unwrap_or_else(|| r#""kty":"oct""#.into());
    let jwk = Zeroizing::new(format!("{{{public_part},{},{named}}}\n", private.as_str()));
    write_new(&options.out, jwk.as_bytes())?;
    match (&public, as_json) {
        (Some(public), _) => put!(r#"{{"keys":[{{{public},{named},"use":"sig"}}]}}"#),
        (None, true) => put!("{}", json!({"kid": kid, "alg": options.algorithm.name()})),
        (None, false) => say!("{} secret {kid}: there is nothing public to print", options.algorithm.name()),
    }
    Ok(Answer::Accepted)
}

/// The members of the public JWK, none for a secret, and the private member.
fn pair(algorithm: Algorithm) -> Result<(Option<String>, Zeroizing<String>), Failure> {
    let encoded = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    let private = |name: &str, bytes: &[u8]| Zeroizing::new(format!(r#""{name}":"{}""#, *Zeroizing::new(encoded(bytes))));
    match algorithm {
        Algorithm::HS256 => Ok((None, private("k", &*random::<32>()?))),
        Algorithm::HS384 => Ok((None, private("k", &*random::<48>()?))),
        Algorithm::HS512 => Ok((None, private("k", &*random::<64>()?))),
        Algorithm::EdDSA => {
            let seed = random::<32>()?;
            let point = ed25519_dalek::SigningKey::from_bytes(&seed).verifying_key();
            let public = format!(r#""kty":"OKP","crv":"Ed25519","x":"{}""#, encoded(point.as_bytes()));
            Ok((Some(public), private("d", &*seed)))
        }
        Algorithm::ES256 => loop {
            // All but one in 2^32 are below the order.
            let scalar = random::<32>()?;
            let Ok(key) = p256::SecretKey::from_slice(&*scalar) else { continue };
            let point = key.public_key().to_sec1_point(false);
            let (Some(x), Some(y)) = (point.x(), point.y()) else { continue };
            let public = format!(r#""kty":"EC","crv":"P-256","x":"{}","y":"{}""#, encoded(x), encoded(y));
            return Ok((Some(public), private("d", &*scalar)));
        },
        _ => Err(Failure::new("keys are made for HS256, HS384, HS512, ES256 and EdDSA")),
    }
}

fn random<const BYTES: usize>() -> Result<Zeroizing<[u8; BYTES]>, Failure> {
    let mut bytes = Zeroizing::new([0; BYTES]);
    getrandom::fill(bytes.as_mut()).map_err(|_| Failure::new("the system has no random bytes"))?;
    Ok(bytes)
}

/// Writes a file that was not there, for its owner alone.
fn write_new(path: &std::path::Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::new(format!("--out: the file cannot be made: {}", files::reason(&error)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).and_then(|mut file| file.write_all(bytes)).map_err(failed)
}
