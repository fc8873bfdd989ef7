//! `attacks.md`, algorithm and key: each test is named after its line.

use countermark::{Algorithm, Policy, Status};
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, KeySource, SetOfKeys, Setup, judge_all, key_of, status_of};
use countermark_tests::token::{self, Flaw, Segment, SigningKey, TokenBuilder};

const OTHER_SECRET: &[u8] = b"another secret, which signs nothing good";

fn other_key() -> SigningKey {
    SigningKey::Hs256(OTHER_SECRET.to_vec())
}

/// `none` with every letter in both cases.
fn spellings_of_none() -> Vec<String> {
    let in_cases = |mask: usize| {
        let letters = "none".chars().enumerate();
        letters.map(|(place, char)| if mask >> place & 1 == 1 { char.to_ascii_uppercase() } else { char }).collect()
    };
    (0..16).map(in_cases).collect()
}

#[test]
fn attack_01_alg_none_in_every_spelling() {
    let mut spellings = spellings_of_none();
    spellings
        .extend(["", " none", "none ", "n\\u006fne", "\\u006eone", "none\\u0000", "none\\n", "null"].map(str::to_string));
    for alg in ["HS256", "ES256"] {
        let setup = Setup::with([key_of(alg)]);
        for spelling in &spellings {
            let header = format!(r#"{{"alg":"{spelling}"}}"#);
            let signed = TokenBuilder::new(alg).header(&header);
            assert_eq!(status_of(&setup, &signed.build()), Status::AlgorithmUnknown, "{spelling}");
            let unsigned = signed.clone().flaw(Flaw::SignatureIs(vec![0]));
            assert_eq!(status_of(&setup, &unsigned.build()), Status::AlgorithmUnknown, "{spelling}");
            let empty = signed.flaw(Flaw::Empty(Segment::Signature));
            assert_eq!(status_of(&setup, &empty.build()), Status::TokenSegmentEmpty, "{spelling}");
        }
    }
}

#[test]
fn attack_01_alg_missing_or_no_string() {
    let setup = Setup::with([key_of("HS256")]);
    let cases = [
        (r#"{"typ":"JWT"}"#, Status::AlgorithmMissing),
        ("{}", Status::AlgorithmMissing),
        (r#"{"Alg":"HS256"}"#, Status::AlgorithmMissing),
        (r#"{"alg":null}"#, Status::HeaderType),
        (r#"{"alg":false}"#, Status::HeaderType),
        (r#"{"alg":["HS256"]}"#, Status::HeaderType),
        (r#"{"alg":{"name":"HS256"}}"#, Status::HeaderType),
        (r#"{"alg":"hs256"}"#, Status::AlgorithmUnknown),
        (r#"{"alg":"HS256 "}"#, Status::AlgorithmUnknown),
    ];
    for (header, expected) in cases {
        assert_eq!(status_of(&setup, &TokenBuilder::new("HS256").header(header).build()), expected, "{header}");
    }
}

#[test]
fn attack_01_no_token_switches_checks_off_for_later_ones() {
    let good = TokenBuilder::new("HS256").build();
    let forged = TokenBuilder::signed_by(other_key()).build();
    let none = TokenBuilder::new("HS256").header(r#"{"alg":"none"}"#).build();
    let unsigned = TokenBuilder::new("HS256").header(r#"{"alg":"none"}"#).flaw(Flaw::Empty(Segment::Signature)).build();
    let in_turn = [&good, &none, &forged, &unsigned, &forged, &good, &none, &forged].map(Attempt::new);
    let outcomes = judge_all(&Setup::with([key_of("HS256")]), &in_turn).unwrap();
    let statuses: Vec<_> = outcomes.iter().map(|outcome| outcome.status).collect();
    use Status::{Accepted, AlgorithmUnknown, Signature, TokenSegmentEmpty};
    let expected =
        [Accepted, AlgorithmUnknown, Signature, TokenSegmentEmpty, Signature, Accepted, AlgorithmUnknown, Signature];
    assert_eq!(statuses, expected);
}

/// The public key in every text an attacker could take for the HMAC secret.
fn public_key_texts() -> Vec<Vec<u8>> {
    let sec1 = token::public_sec1(&token::SCALAR);
    let der = token::public_spki(&token::SCALAR);
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", base64url::encode(&der));
    let jwk = format!("{{{}}}", token::public_jwk_members(&token::SCALAR));
    vec![sec1.to_vec(), sec1[1..].to_vec(), sec1[1..33].to_vec(), der, pem.into_bytes(), jwk.into_bytes()]
}

#[test]
fn attack_02_public_key_as_hmac_secret() {
    let jwk = KeySource::Jwk(format!(r#"{{{},"alg":"ES256"}}"#, token::public_jwk_members(&token::SCALAR)));
    let spki = KeySource::Spki(Algorithm::ES256, None, token::public_spki(&token::SCALAR));
    for key in [key_of("ES256"), jwk, spki] {
        let setup = Setup::with([key]);
        for secret in public_key_texts() {
            let forged = TokenBuilder::signed_by(SigningKey::Hs256(secret));
            assert_eq!(status_of(&setup, &forged.build()), Status::AlgorithmMismatch);
            let lying = forged.header(r#"{"alg":"ES256"}"#);
            assert_eq!(status_of(&setup, &lying.build()), Status::Signature);
        }
        assert_eq!(status_of(&setup, &TokenBuilder::new("ES256").build()), Status::Accepted);
    }
}

#[test]
fn attack_02_jwk_without_alg_is_not_used_by_the_headers_alg() {
    let k = base64url::encode(token::SECRET);
    let jwk = format!(r#"{{"kty":"oct","k":"{k}"}}"#);
    let setup = |algorithms| Setup::with([KeySource::Jwk(jwk.clone())]).policy(Policy { algorithms, ..Policy::default() });
    let hs256 = TokenBuilder::new("HS256").build();
    let hs512 = TokenBuilder::new("HS512").build();
    assert_eq!(status_of(&setup(&[]), &hs256), Status::KeyAlgorithmUndecided);
    assert_eq!(status_of(&setup(&[Algorithm::HS256, Algorithm::HS512]), &hs256), Status::KeyAlgorithmUndecided);
    assert_eq!(status_of(&setup(&[Algorithm::ES256]), &hs256), Status::KeyAlgorithmUndecided);
    assert_eq!(status_of(&setup(&[Algorithm::HS256, Algorithm::ES256]), &hs256), Status::Accepted);
    assert_eq!(status_of(&setup(&[Algorithm::HS512]), &hs256), Status::AlgorithmNotAllowed);
    assert_eq!(status_of(&setup(&[Algorithm::HS512]), &hs512), Status::Accepted);
    // The key became an HS512 key; a second set with an HS256 key does not change that.
    let mut two = setup(&[Algorithm::HS512]);
    two.sets.push(SetOfKeys { issuer: None, keys: vec![KeySource::Secret(Algorithm::HS256, None, OTHER_SECRET.to_vec())] });
    two.policy.algorithms = &[];
    assert_eq!(status_of(&two, &hs256), Status::KeyAlgorithmUndecided);
}

#[test]
fn attack_02_key_text_is_not_sniffed_for_its_type() {
    let es256 = TokenBuilder::new("ES256").build();
    for text in public_key_texts() {
        // Whatever it looks like, bytes loaded as a secret are a secret.
        let setup = Setup::with([KeySource::Secret(Algorithm::HS256, None, text.clone())]);
        assert_eq!(status_of(&setup, &es256), Status::AlgorithmMismatch);
        let by_secret = TokenBuilder::signed_by(SigningKey::Hs256(text.clone())).build();
        assert_eq!(status_of(&setup, &by_secret), Status::Accepted);
        let is_der = text == token::public_spki(&token::SCALAR);
        let as_der = Setup::with([KeySource::Spki(Algorithm::ES256, None, text.clone())]);
        assert_eq!(status_of(&as_der, &es256), if is_der { Status::Accepted } else { Status::KeyDer });
        let is_sec1 = text.len() == 65;
        let as_sec1 = Setup::with([KeySource::Sec1(Algorithm::ES256, None, text)]);
        let refused = [Status::KeyPoint, Status::KeyLength].contains(&status_of(&as_sec1, &es256));
        assert_ne!(is_sec1, refused);
    }
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let point = token::public_sec1(&token::SCALAR).to_vec();
        let setup = Setup::with([KeySource::Sec1(algorithm, None, point)]);
        assert_eq!(status_of(&setup, &es256), Status::KeyAlgorithmMismatch);
    }
    let setup = Setup::with([KeySource::Secret(Algorithm::ES256, None, token::SECRET.to_vec())]);
    assert_eq!(status_of(&setup, &es256), Status::KeyAlgorithmMismatch);
}

#[test]
fn attack_03_hmac_key_empty_or_shorter_than_the_hash() {
    for (algorithm, digest_bytes) in [(Algorithm::HS256, 32), (Algorithm::HS384, 48), (Algorithm::HS512, 64)] {
        let alg = algorithm.name();
        for bytes in 0..=digest_bytes {
            let secret = vec![b'k'; bytes];
            let key = match algorithm {
                Algorithm::HS256 => SigningKey::Hs256(secret.clone()),
                Algorithm::HS384 => SigningKey::Hs384(secret.clone()),
                _ => SigningKey::Hs512(secret.clone()),
            };
            let token = TokenBuilder::signed_by(key).build();
            let jwk = format!(r#"{{"kty":"oct","alg":"{alg}","k":"{}"}}"#, base64url::encode(&secret));
            let expected = if bytes < digest_bytes { Status::KeyTooShort } else { Status::Accepted };
            for source in [KeySource::Secret(algorithm, None, secret), KeySource::Jwk(jwk)] {
                assert_eq!(status_of(&Setup::with([source]), &token), expected, "{alg} {bytes}");
            }
        }
        let too_long = KeySource::Secret(algorithm, None, vec![b'k'; 513]);
        assert_eq!(status_of(&Setup::with([too_long]), "a.b.c"), Status::KeyTooLong);
    }
}

#[test]
fn attack_03_jwk_without_k() {
    let token = TokenBuilder::new("HS256").build();
    let cases = [
        (r#"{"kty":"oct","alg":"HS256"}"#, Status::KeyMemberMissing),
        (r#"{"kty":"oct","alg":"HS256","k":null}"#, Status::KeyMemberType),
        (r#"{"kty":"oct","alg":"HS256","k":["AA"]}"#, Status::KeyMemberType),
        (r#"{"kty":"oct","alg":"HS256","K":"AAAA"}"#, Status::KeyMemberMissing),
        (r#"{"kty":"oct","alg":"HS256","k":""}"#, Status::KeyTooShort),
        (r#"{"kty":"oct","alg":"HS256","k":"AAAA="}"#, Status::KeyEncoding),
    ];
    for (jwk, expected) in cases {
        assert_eq!(status_of(&Setup::with([KeySource::Jwk(jwk.to_string())]), &token), expected, "{jwk}");
    }
}

#[test]
fn attack_04_same_family_other_strength() {
    for alg in ["HS256", "HS384", "HS512"] {
        let setup = Setup::with([key_of(alg)]);
        for other in ["HS256", "HS384", "HS512"].iter().filter(|other| **other != alg) {
            assert_eq!(status_of(&setup, &TokenBuilder::new(other).build()), Status::AlgorithmMismatch, "{alg} {other}");
            // The MAC of the key's algorithm, and the name of another.
            let renamed = TokenBuilder::new(alg).header(format!(r#"{{"alg":"{other}"}}"#)).build();
            assert_eq!(status_of(&setup, &renamed), Status::AlgorithmMismatch);
        }
    }
    let setup = Setup::with([key_of("ES256")]);
    for other in ["ES384", "ES512", "ES256K", "RS256", "RS512", "PS256", "EdDSA", "Ed25519"] {
        let token = TokenBuilder::new("ES256").header(format!(r#"{{"alg":"{other}"}}"#)).build();
        assert_eq!(status_of(&setup, &token), Status::AlgorithmMismatch, "{other}");
    }
    for unknown in ["Ed448", "ES256k", "RS1", "RSA", "HS1", "RSA1_5", "eddsa", "ED25519"] {
        let token = TokenBuilder::new("ES256").header(format!(r#"{{"alg":"{unknown}"}}"#)).build();
        assert_eq!(status_of(&setup, &token), Status::AlgorithmUnknown, "{unknown}");
    }
}

#[test]
fn attack_04_es256_with_a_key_of_another_curve() {
    let token = TokenBuilder::new("ES256").build();
    // The base point of P-384 (FIPS 186-4 D.1.2.4).
    let x = "qofKIr6LBTeOscce8yCtdG4dO2KLp5uYWfdB4IJUKjhVAvJdv1UpbDpUXjhydgq3";
    let y = "NhfeSpYmLG9dnpi_kpLcKfj0Hb0omhR86doxE7XwuMAKYLHOHX6BnXpDHXyQ6g5f";
    let members = format!(r#""kty":"EC","crv":"P-384","x":"{x}","y":"{y}""#);
    for (alg, expected) in [("", Status::KeyAlgorithmUndecided), (r#","alg":"ES256""#, Status::KeyAlgorithmMismatch)] {
        let policy = Policy { algorithms: &[Algorithm::ES256], ..Policy::default() };
        let setup = Setup::with([KeySource::Jwk(format!("{{{members}{alg}}}"))]).policy(policy);
        assert_eq!(status_of(&setup, &token), expected);
    }
    let mut point = vec![4];
    point.extend(base64url::decode(x.as_bytes()).unwrap());
    point.extend(base64url::decode(y.as_bytes()).unwrap());
    let setup = Setup::with([KeySource::Sec1(Algorithm::ES256, None, point.clone())]);
    assert_eq!(status_of(&setup, &token), Status::KeyLength);
    // SubjectPublicKeyInfo of secp384r1: 1.3.132.0.34 (RFC 5480 2.1.1.1).
    let mut der = vec![0x30, 0x76, 0x30, 0x10, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 5, 0x2b, 0x81, 4, 0, 0x22];
    der.extend([3, 0x62, 0]);
    der.extend(point);
    let setup = Setup::with([KeySource::Spki(Algorithm::ES256, None, der)]);
    assert_eq!(status_of(&setup, &token), Status::KeyAlgorithmMismatch);
    // The coordinates of P-384 under the name of P-256.
    let renamed = format!(r#"{{"kty":"EC","crv":"P-256","alg":"ES256","x":"{x}","y":"{y}"}}"#);
    assert_eq!(status_of(&Setup::with([KeySource::Jwk(renamed)]), &token), Status::KeyLength);
}

#[test]
fn attack_05_keys_in_the_header_are_not_trusted() {
    let attacker = [9; 32];
    let jwk = format!(r#""jwk":{{{}}}"#, token::public_jwk_members(&attacker));
    let places = [
        jwk.as_str(),
        r#""jku":"https://attacker.example/jwks""#,
        r#""x5u":"https://attacker.example/cert""#,
        r#""x5c":["MIIB"]"#,
        r#""x5t":"AAAA","x5t#S256":"AAAA""#,
    ];
    let setup = Setup::with([key_of("ES256")]);
    for place in places {
        let forged = TokenBuilder::signed_by(SigningKey::Es256(attacker)).header_with(place).build();
        assert_eq!(status_of(&setup, &forged), Status::Signature, "{place}");
        // They are read for their syntax and ignored.
        let good = TokenBuilder::new("ES256").header_with(place).build();
        assert_eq!(status_of(&setup, &good), Status::Accepted, "{place}");
        assert_eq!(status_of(&Setup::with([]), &forged), Status::NoKey);
    }
    for wrong in [r#""jwk":"x""#, r#""jku":1"#, r#""x5u":[]"#, r#""x5c":"MIIB""#, r#""x5c":[1]"#, r#""x5t":null"#] {
        assert_eq!(status_of(&setup, &TokenBuilder::new("ES256").header_with(wrong).build()), Status::HeaderType, "{wrong}");
    }
}
