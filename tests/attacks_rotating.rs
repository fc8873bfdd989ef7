//! `attacks.md` where a key is a rotating secret: each test is named after its line.

use countermark::{Algorithm, Policy, RotatingMode, Status};
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, KeySource, SetOfKeys, Setup, judge, named_key_of};
use countermark_tests::rotating::{BASE, DAY, MIDNIGHT, Secret};
use countermark_tests::token::{Flaw, SigningKey, TokenBuilder};

const NOON: i64 = MIDNIGHT + DAY / 2;

fn secrets() -> [Secret; 2] {
    [RotatingMode::Compat, RotatingMode::Derived].map(Secret::new)
}

fn good(secret: &Secret) -> TokenBuilder {
    TokenBuilder::signed_by(secret.key("alice", NOON / DAY)).payload(payload("alice", NOON, NOON + 60))
}

fn payload(user: &str, issued_at: i64, expires_at: i64) -> String {
    format!(r#"{{"userId":"{user}","iss":"https://a","iat":{issued_at},"exp":{expires_at}}}"#)
}

fn status(setup: &Setup<'_>, token: &TokenBuilder) -> Status {
    judge(setup, Attempt::new(&token.build()).at(NOON)).status
}

#[test]
fn attack_01_none_under_a_rotating_secret() {
    for secret in secrets() {
        for alg in ["none", "None", "NONE", ""] {
            let token = good(&secret).header(format!(r#"{{"alg":"{alg}"}}"#));
            assert_eq!(status(&secret.setup(), &token), Status::AlgorithmUnknown, "{alg}");
        }
        assert_eq!(status(&secret.setup(), &good(&secret).header("{}")), Status::AlgorithmMissing);
        assert_eq!(status(&secret.setup(), &good(&secret)), Status::Accepted);
    }
}

/// A secret is HS256's alone, and nothing in a set makes one of a public key or of a JWK.
#[test]
fn attack_02_and_04_another_algorithm_of_the_same_family() {
    for secret in secrets() {
        let SigningKey::Hs256(key) = secret.key("alice", NOON / DAY) else { unreachable!() };
        for other in [SigningKey::Hs384(key.clone()), SigningKey::Hs512(key.clone())] {
            let token = TokenBuilder::signed_by(other).payload(payload("alice", NOON, NOON + 60));
            assert_eq!(status(&secret.setup(), &token), Status::AlgorithmMismatch);
        }
        let policy = Policy { algorithms: &[Algorithm::ES256], ..Policy::default() };
        assert_eq!(status(&secret.setup().policy(policy), &good(&secret)), Status::AlgorithmNotAllowed);
    }
}

/// The base, the base's own MAC, the hexadecimal digits, an empty key: none is the day's key.
#[test]
fn attack_03_keys_that_are_almost_the_days() {
    let [compat, derived] = secrets();
    let SigningKey::Hs256(day) = compat.key("alice", NOON / DAY) else { unreachable!() };
    let SigningKey::Hs256(derived_day) = derived.key("alice", NOON / DAY) else { unreachable!() };
    let digits = day[BASE.len()..].to_vec();
    let upper = [BASE, String::from_utf8(digits.clone()).unwrap().to_uppercase().as_bytes()].concat();
    for wrong in [BASE.to_vec(), digits, upper, vec![], vec![0; 32], [day.clone(), vec![0]].concat(), derived_day.clone()] {
        let token = TokenBuilder::signed_by(SigningKey::Hs256(wrong)).payload(payload("alice", NOON, NOON + 60));
        assert_eq!(status(&compat.setup(), &token), Status::Signature);
    }
    for wrong in [BASE.to_vec(), vec![], vec![0; 32], day] {
        let token = TokenBuilder::signed_by(SigningKey::Hs256(wrong)).payload(payload("alice", NOON, NOON + 60));
        assert_eq!(status(&derived.setup(), &token), Status::Signature);
    }
    for bytes in [0, 1, 31] {
        let short = Secret { base: vec![7; bytes], ..Secret::new(RotatingMode::Derived) };
        assert_eq!(status(&short.setup(), &good(&short)), Status::KeyTooShort);
    }
}

#[test]
fn attack_05_keys_in_the_header() {
    for secret in secrets() {
        let jwk = format!(r#""jwk":{{"kty":"oct","alg":"HS256","k":"{}"}}"#, base64url::encode(&[7; 32]));
        let forged = TokenBuilder::signed_by(SigningKey::Hs256(vec![7; 32])).payload(payload("alice", NOON, NOON + 60));
        assert_eq!(status(&secret.setup(), &forged.header_with(&jwk)), Status::Signature);
        let other = good(&secret).header_with(r#""kid":"'; DROP TABLE keys""#);
        assert_eq!(status(&secret.setup(), &other), Status::Accepted, "a secret without a kid serves every kid");
    }
}

/// One user's key, or one day's, is no other's; `kid` and issuer hold as for every key.
#[test]
fn attack_06_one_key_where_another_belongs() {
    for secret in secrets() {
        let leaked = secret.key("mallory", NOON / DAY);
        let token = TokenBuilder::signed_by(leaked.clone()).payload(payload("alice", NOON, NOON + 60));
        assert_eq!(status(&secret.setup(), &token), Status::Signature);
        // Nor in another claim, nor twice.
        let both = format!(r#"{{"userId":"alice","userId":"mallory","iat":{NOON},"exp":{}}}"#, NOON + 60);
        assert_eq!(status(&secret.setup(), &TokenBuilder::signed_by(leaked.clone()).payload(both)), Status::RotatingPayload);
        let escaped = format!(r#"{{"userId":"alice","user\u0049d":"mallory","iat":{NOON},"exp":{}}}"#, NOON + 60);
        assert_eq!(status(&secret.setup(), &TokenBuilder::signed_by(leaked).payload(escaped)), Status::RotatingPayload);
        for window in [NOON / DAY - 1, NOON / DAY + 1, 0] {
            let token = TokenBuilder::signed_by(secret.key("alice", window)).payload(payload("alice", NOON, NOON + 60));
            assert_eq!(status(&secret.setup(), &token), Status::Signature);
        }

        let named = Setup::with([secret.named(Some("a")), named_key_of("HS256", Some("b"))]);
        assert_eq!(status(&named, &good(&secret).header_with(r#""kid":"a""#)), Status::Accepted);
        assert_eq!(status(&named, &good(&secret).header_with(r#""kid":"b""#)), Status::Signature);
        assert_eq!(status(&named, &good(&secret).header_with(r#""kid":"c""#)), Status::UnknownKid);
        let twice = Setup::with([secret.named(Some("a")), named_key_of("HS256", Some("a"))]);
        assert_eq!(status(&twice, &good(&secret)), Status::KeyIdDuplicate);
        let many = Setup::with(vec![secret.source(); 9]);
        assert_eq!(status(&many, &good(&secret)), Status::TooManyCandidates);

        let bound = |issuer: &str, key: KeySource| Setup {
            sets: vec![SetOfKeys { issuer: Some(issuer.into()), keys: vec![key] }],
            ..Setup::default()
        };
        assert_eq!(status(&bound("https://a", secret.source()), &good(&secret)), Status::Accepted);
        assert_eq!(status(&bound("https://b", secret.source()), &good(&secret)), Status::KeyIssuer);
    }
}

/// Several bases: each is tried in its own windows, and the first reason is told when none is left.
#[test]
fn several_bases() {
    for secret in secrets() {
        let new = Secret { base: vec![9; 40], ..secret.clone() };
        let hourly = Secret { window: 3600, ..new.clone() };
        for (first, second) in [(&secret, &new), (&new, &secret), (&hourly, &secret), (&secret, &hourly)] {
            let setup = Setup::with([first.source(), second.source()]);
            assert_eq!(status(&setup, &good(&secret)), Status::Accepted);
            let morning =
                TokenBuilder::signed_by(secret.key("alice", NOON / DAY)).payload(payload("alice", MIDNIGHT, NOON + 60));
            assert_eq!(status(&setup, &morning), Status::Accepted, "of another base's past window");
        }
        let other_claim = Secret { claim: "uid".into(), ..secret.clone() };
        let setup = Setup::with([other_claim.source(), hourly.source()]);
        let morning =
            TokenBuilder::signed_by(secret.key("alice", NOON / DAY)).payload(payload("alice", MIDNIGHT, NOON + 60));
        assert_eq!(status(&setup, &morning), Status::RotatingUserMissing);
        let setup = Setup::with([hourly.source(), other_claim.source()]);
        assert_eq!(status(&setup, &morning), Status::RotatingWindowPast);
    }
}

#[test]
fn attack_08_signatures_of_other_lengths() {
    for secret in secrets() {
        for flaw in [
            Flaw::SignatureCut(1),
            Flaw::SignatureCut(16),
            Flaw::SignatureTail(vec![0]),
            Flaw::SignatureBit(0),
            Flaw::SignatureBit(255),
            Flaw::SignatureIs(vec![0; 32]),
        ] {
            assert_eq!(status(&secret.setup(), &good(&secret).flaw(flaw.clone())), Status::Signature, "{flaw:?}");
        }
    }
}

/// What was read before the signature is what is judged after it: a payload is decoded and read once.
#[test]
fn attack_17_one_reading() {
    for secret in secrets() {
        // The key is of the user that stands in the payload; nothing else of it is believed before the signature.
        let forged = TokenBuilder::signed_by(SigningKey::Hs256(vec![1; 32])).payload(payload("alice", NOON, 1));
        assert_eq!(status(&secret.setup(), &forged), Status::Signature);
        let wrong_type = format!(r#"{{"userId":"alice","iat":{NOON},"exp":"never"}}"#);
        let forged = TokenBuilder::signed_by(SigningKey::Hs256(vec![1; 32])).payload(&wrong_type);
        assert_eq!(status(&secret.setup(), &forged), Status::Signature);
        let token = TokenBuilder::signed_by(secret.key("alice", NOON / DAY)).payload(&wrong_type);
        assert_eq!(status(&secret.setup(), &token), Status::ClaimType);
    }
}

/// Expired and forged is forged; of two failures both are told.
#[test]
fn attack_22_expired_and_forged() {
    for secret in secrets() {
        let expired = payload("alice", NOON, NOON - 1);
        let forged = TokenBuilder::signed_by(SigningKey::Hs256(vec![1; 32])).payload(&expired);
        assert_eq!(status(&secret.setup(), &forged), Status::Signature);
        let policy = Policy { issuers: &["https://b"], ..Policy::default() };
        let token = TokenBuilder::signed_by(secret.key("alice", NOON / DAY)).payload(&expired).build();
        let outcome = judge(&secret.setup().policy(policy), Attempt::new(&token).at(NOON));
        let both = [Status::Issuer, Status::Expired].map(|status| 1 << status.bit().unwrap()).iter().sum::<u64>();
        assert_eq!((outcome.status, outcome.failures), (Status::Issuer, both));
    }
}

/// In an envelope nobody's name can be read before the signature: a rotating secret is no key of such a token, and stands in the
/// way of no other.
#[test]
fn attack_19_no_rotating_secret_signs_an_envelope() {
    use countermark::{
        Encryption, KeyManagement, Keys, Mint, Request, Rotating, SEAL_RANDOM_BYTES, Sealer, Shape, Signer, Verifier,
    };
    let plain_secret = b"a secret of at least thirty-two bytes";
    let rotating = Rotating::compat("sub");
    let sealer = Sealer::of_key(KeyManagement::DirA128Gcm, Encryption::A128Gcm, None, &[7; 16]).unwrap();
    let mut region = [0; 128];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_rotating(None, BASE, &rotating).unwrap();
    keys.add_secret(Algorithm::HS256, None, plain_secret).unwrap();
    keys.add_decryption(KeyManagement::DirA128Gcm, None, &[7; 16]).unwrap();
    let sets = [keys.set()];
    let mint = Mint { subject: Some("alice"), expires_at: Some(NOON + 60), issued_at: Some(NOON), ..Mint::default() };
    let daily = Signer::of_rotating(None, BASE, &rotating, "alice", NOON).unwrap();
    let plain = Signer::of_secret(Algorithm::HS256, None, plain_secret).unwrap();
    for (shape, signer, expected) in [
        (Shape::SignedThenEncrypted, &daily, Status::Accepted),
        (Shape::SignedThenEncrypted, &plain, Status::Accepted),
        (Shape::EncryptedThenSigned, &plain, Status::Accepted),
        (Shape::EncryptedThenSigned, &daily, Status::Signature),
    ] {
        let (mut scratch, mut out) = ([0; 2048], [0; 2048]);
        let token = signer.issue_nested(&mint, shape, &sealer, &[1; SEAL_RANDOM_BYTES], &mut scratch, &mut out).unwrap();
        let verifier = Verifier::new(&sets, Policy { shape, ..Policy::default() }, Default::default()).unwrap();
        let status = verifier.verify(&Request::new(token, NOON), &mut [0; 4096]).report().status;
        assert_eq!(status, expected, "{shape:?}");
    }
}
