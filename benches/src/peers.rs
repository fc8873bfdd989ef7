//! The peers, each as its own documentation uses it: keys and rules made once, claims into a struct, no leeway.

use crate::measure::Row;
use crate::sample::{self, AUDIENCE, ISSUER, SECRET, Sample};
use crate::signed::PrivateKey;
use base64ct::{Base64UrlUnpadded, Encoding};
use countermark::Algorithm;
use jsonwebtoken::crypto::{CryptoProvider, JwtVerifier, KeyUtils, aws_lc, rust_crypto};
use jsonwebtoken::{DecodingKey, Validation};
use jwt_compact::AlgorithmExt;
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_simple::algorithms::{HS256Key, MACLike};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};

const JSONWEBTOKEN_AWS_LC: &str = "jsonwebtoken, aws_lc_rs";
const JSONWEBTOKEN_RUST_CRYPTO: &str = "jsonwebtoken, rust_crypto";

/// Every row of [`hs256_rows`].
pub const NAMES: &[&str] = &[JSONWEBTOKEN_AWS_LC, JSONWEBTOKEN_RUST_CRYPTO, "jwt-simple, pure-rust", "jwt-compact"];

/// Which backend jsonwebtoken's verifier comes from. Its provider is one for the process, and both are measured in turn.
static USES_AWS_LC: AtomicBool = AtomicBool::new(false);

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: rust_crypto::DEFAULT_PROVIDER.signer_factory,
    verifier_factory: chosen_verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

fn chosen_verifier(
    algorithm: &jsonwebtoken::Algorithm,
    key: &DecodingKey,
) -> jsonwebtoken::errors::Result<Box<dyn JwtVerifier>> {
    if USES_AWS_LC.load(Ordering::Relaxed) {
        (aws_lc::DEFAULT_PROVIDER.verifier_factory)(algorithm, key)
    } else {
        (rust_crypto::DEFAULT_PROVIDER.verifier_factory)(algorithm, key)
    }
}

/// Must be called once, before any row is made.
pub fn install() {
    PROVIDER.install_default().expect("the first provider");
}

pub fn hs256_rows(sample: &Sample) -> Vec<Row<'_>> {
    let key = || DecodingKey::from_secret(SECRET);
    vec![
        jsonwebtoken_row(JSONWEBTOKEN_AWS_LC, sample, jsonwebtoken::Algorithm::HS256, key(), true),
        jsonwebtoken_row(JSONWEBTOKEN_RUST_CRYPTO, sample, jsonwebtoken::Algorithm::HS256, key(), false),
        jwt_simple_row(NAMES[2], sample),
        jwt_compact_row(NAMES[3], sample),
    ]
}

pub fn es256_rows(sample: &Sample) -> Vec<Row<'_>> {
    let mut point = [0; 65];
    sample::signer(sample.algorithm, SECRET).public(&mut point).expect("a point");
    let [x, y] = [&point[1..33], &point[33..]].map(Base64UrlUnpadded::encode_string);
    let key = || DecodingKey::from_ec_components(&x, &y).expect("a key");
    vec![
        jsonwebtoken_row(JSONWEBTOKEN_AWS_LC, sample, jsonwebtoken::Algorithm::ES256, key(), true),
        jsonwebtoken_row(JSONWEBTOKEN_RUST_CRYPTO, sample, jsonwebtoken::Algorithm::ES256, key(), false),
    ]
}

/// Whole verification of a sample made by [`Sample::signed`].
pub fn signed_rows(sample: &Sample) -> Vec<Row<'_>> {
    let private = PrivateKey::of(sample.algorithm);
    let (public, algorithm) = (private.public(), sample.algorithm);
    let encoded = Base64UrlUnpadded::encode_string;
    let key = || match &private {
        PrivateKey::Rsa(key) => {
            let parts = ring::rsa::PublicKeyComponents::<Vec<u8>>::from(key.public());
            DecodingKey::from_rsa_components(&encoded(&parts.n), &encoded(&parts.e))
        }
        PrivateKey::P384(_) => DecodingKey::from_ec_components(&encoded(&public[1..49]), &encoded(&public[49..])),
        PrivateKey::Edwards(_) => DecodingKey::from_ed_components(&encoded(public)),
    };
    let key = || key().expect("a key");
    let theirs = match algorithm {
        Algorithm::RS256 => jsonwebtoken::Algorithm::RS256,
        Algorithm::ES384 => jsonwebtoken::Algorithm::ES384,
        _ => jsonwebtoken::Algorithm::EdDSA,
    };
    vec![
        jsonwebtoken_row(JSONWEBTOKEN_AWS_LC, sample, theirs, key(), true),
        jsonwebtoken_row(JSONWEBTOKEN_RUST_CRYPTO, sample, theirs, key(), false),
    ]
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Session {
    iss: String,
    sub: String,
    aud: String,
    exp: u64,
    iat: u64,
    scope: String,
    jti: String,
}

fn jsonwebtoken_row<'s>(
    name: &'static str,
    sample: &'s Sample,
    algorithm: jsonwebtoken::Algorithm,
    key: DecodingKey,
    uses_aws_lc: bool,
) -> Row<'s> {
    let mut rules = Validation::new(algorithm);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[AUDIENCE]);
    rules.leeway = 0;
    rules.validate_nbf = true;
    let accepts = move |token: &str| {
        USES_AWS_LC.store(uses_aws_lc, Ordering::Relaxed);
        black_box(jsonwebtoken::decode::<Session>(black_box(token), &key, &rules)).is_ok()
    };
    sample.examine(name, &accepts);
    Row::new(name, move || {
        accepts(&sample.token);
    })
}

/// What is left for the struct when jwt-simple has read the registered claims.
#[derive(Serialize, Deserialize)]
struct Custom {
    scope: String,
}

fn jwt_simple_row<'s>(name: &'static str, sample: &'s Sample) -> Row<'s> {
    let key = HS256Key::from_bytes(SECRET);
    let rules = jwt_simple::common::VerificationOptions {
        allowed_issuers: Some(HashSet::from([ISSUER.to_owned()])),
        allowed_audiences: Some(HashSet::from([AUDIENCE.to_owned()])),
        time_tolerance: None,
        ..Default::default()
    };
    let accepts = move |token: &str| black_box(key.verify_token::<Custom>(black_box(token), Some(rules.clone()))).is_ok();
    sample.examine(name, &accepts);
    Row::new(name, move || {
        accepts(&sample.token);
    })
}

/// jwt-compact checks the times; the rest of the rules is the host's.
#[derive(Clone, Deserialize)]
#[allow(dead_code)]
struct Compact {
    iss: String,
    sub: String,
    aud: String,
    scope: String,
    jti: String,
}

fn jwt_compact_row<'s>(name: &'static str, sample: &'s Sample) -> Row<'s> {
    let key = Hs256Key::new(SECRET);
    let clock = || chrono::DateTime::from_timestamp(sample::now(), 0).expect("a date");
    let times = jwt_compact::TimeOptions::new(chrono::Duration::zero(), clock);
    let accepts = move |token: &str| {
        let Ok(untrusted) = jwt_compact::UntrustedToken::new(black_box(token)) else { return false };
        let Ok(token) = Hs256.validator::<Compact>(&key).validate(&untrusted) else { return false };
        let claims = black_box(token.claims());
        claims.validate_expiration(&times).is_ok()
            && (claims.not_before.is_none() || claims.validate_maturity(&times).is_ok())
            && claims.custom.iss == ISSUER
            && claims.custom.aud == AUDIENCE
    };
    sample.examine(name, &accepts);
    Row::new(name, move || {
        accepts(&sample.token);
    })
}
