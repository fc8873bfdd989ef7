//! hidekatsu-izuno/josekit-rs: a signed token of every algorithm under its JWK, and encrypted ones, which are no tokens here.

use super::{read, status};
use countermark::{Algorithm, Policy, Status};
use countermark_tests::judge::{KeySource, Setup};

/// Each token's `exp`.
const EXPIRES_AT: i64 = 1_300_819_380;

/// The file of the key.
fn key_of(alg: &str) -> &'static str {
    match alg {
        // One secret for the three.
        "HS256" | "HS384" | "HS512" => "oct_512bit_private",
        "ES256" => "EC_P-256_public",
        "ES384" => "EC_P-384_public",
        "ES512" => "EC_P-521_public",
        "ES256K" => "EC_secp256k1_public",
        "EdDSA" => "OKP_Ed25519_public",
        _ => "RSA_public",
    }
}

#[test]
fn signed_tokens() {
    for alg in [
        "HS256", "HS384", "HS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA", "RS256", "RS384", "RS512", "PS256",
        "PS384", "PS512",
    ] {
        let Some(token) = read(&format!("josekit-rs/jwt/{alg}.jwt")) else { return };
        let token = token.trim_end();
        let jwk = read(&format!("josekit-rs/jwk/{}.jwk", key_of(alg))).unwrap();
        // The keys have no `alg`: the policy names it.
        let algorithms = [Algorithm::from_name(alg).unwrap()];
        let setup = Setup::with([KeySource::Jwk(jwk)]).policy(Policy { algorithms: &algorithms, ..Policy::default() });
        assert_eq!(status(&setup, token, EXPIRES_AT - 1), Status::Accepted, "{alg}");
        assert_eq!(status(&setup, token, EXPIRES_AT), Status::Expired, "{alg}");
        let (input, _) = token.rsplit_once('.').unwrap();
        let first = if token[input.len() + 1..].starts_with('A') { 'B' } else { 'A' };
        let forged = format!("{input}.{first}{}", &token[input.len() + 2..]);
        assert_ne!(forged, token);
        assert_eq!(status(&setup, &forged, EXPIRES_AT - 1), Status::Signature, "{alg}");
    }
}

#[test]
fn keys() {
    for (name, alg, expected) in [
        ("EC_P-256_public", "ES256", Ok(())),
        ("EC_P-384_public", "ES384", Ok(())),
        ("EC_P-521_public", "ES512", Ok(())),
        ("EC_secp256k1_public", "ES256K", Ok(())),
        ("ED25519_public", "EdDSA", Ok(())),
        ("RSA_2048bit_public", "RS256", Ok(())),
        ("RSA_2048bit_traditional_public", "PS512", Ok(())),
    ] {
        let Some(pem) = read(&format!("josekit-rs/pem/{name}.pem")) else { return };
        let mut region = [0; 128];
        let mut keys = countermark::Keys::new(&mut region).unwrap();
        assert_eq!(keys.add_pem(Algorithm::from_name(alg).unwrap(), None, pem.as_bytes()), expected, "{name}");
    }
    // Curves that nobody signs tokens with here.
    for name in ["ED448_public", "X25519_public", "X448_public"] {
        let pem = read(&format!("josekit-rs/pem/{name}.pem")).unwrap();
        let mut region = [0; 128];
        let mut keys = countermark::Keys::new(&mut region).unwrap();
        assert!(keys.add_pem(Algorithm::EdDSA, None, pem.as_bytes()).is_err(), "{name}");
    }
}

#[test]
fn encrypted_tokens_are_refused() {
    let folder = format!("{}/../../shared/vectors/peers/josekit-rs/jwt", env!("CARGO_MANIFEST_DIR"));
    let Ok(files) = std::fs::read_dir(&folder) else {
        return countermark_tests::skipped("../shared/vectors/peers/josekit-rs/jwt", "not beside this checkout");
    };
    let setup = Setup::with([countermark_tests::judge::key_of("RS256")]);
    let mut count = 0;
    for file in files.map(|file| file.unwrap().path()) {
        let token = std::fs::read_to_string(&file).unwrap();
        if token.split('.').count() == 5 {
            let ours = status(&setup, token.trim_end(), EXPIRES_AT - 1);
            assert_eq!(ours, Status::TokenNotCompact, "{}", file.display());
            count += 1;
        }
    }
    println!("{count} encrypted tokens");
    assert!(count > 80);
}
