//! The builder's public keys, made once: a multiplication on the curve for each input would be most of the work.

use countermark::Algorithm;
use countermark_tests::judge::{KeySource, SetOfKeys, named_key_of};
use countermark_tests::token::{SCALAR, public_jwk_members, public_sec1, public_spki};
use std::sync::OnceLock;

/// The public key as a point, as DER and as a JWK.
pub fn public() -> &'static [Vec<u8>; 3] {
    static PUBLIC: OnceLock<[Vec<u8>; 3]> = OnceLock::new();
    PUBLIC.get_or_init(|| {
        let jwk = format!("{{{}}}", public_jwk_members(&SCALAR));
        [public_sec1(&SCALAR).to_vec(), public_spki(&SCALAR), jwk.into_bytes()]
    })
}

/// The builder's key of this algorithm.
pub fn key(alg: &str, kid: Option<&str>) -> KeySource {
    match alg {
        "ES256" => KeySource::Sec1(Algorithm::ES256, kid.map(String::from), public()[0].clone()),
        _ => named_key_of(alg, kid),
    }
}

/// Every algorithm, with and without names.
pub fn set() -> SetOfKeys {
    let keys = [("HS256", None), ("HS256", Some("one")), ("HS384", Some("two")), ("HS512", None), ("ES256", Some("two"))];
    SetOfKeys { issuer: None, keys: keys.map(|(alg, kid)| key(alg, kid)).to_vec() }
}
