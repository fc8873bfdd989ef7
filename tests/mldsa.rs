//! ML-DSA (FIPS 204, RFC 9964): the RFC's examples, keys in every form and with every flaw, signatures with one flaw each.
//! Tokens and keys are the `ml-dsa` crate's; `tests/wycheproof.rs` has vectors that are not.

use base64ct::{Base64, Encoding};
use countermark::{
    Algorithm, Clock, Evidence, Holder, Keys, Limits, Policy, Request, Status, Verdict, Verifier, key_bytes, keys_size_for,
    region_head_bytes, scratch_bytes, thumbprint,
};
use countermark_tests::base64url;
use countermark_tests::judge::{self, KeySource, SetOfKeys, Setup, status_of};
use countermark_tests::lattice::{self, ALGORITHMS};
use countermark_tests::token::{Flaw, TokenBuilder};

fn algorithm(alg: &str) -> Algorithm {
    Algorithm::from_name(alg).expect("an algorithm of this build")
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = Base64::encode_string(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// The tokens of RFC 9964 A.1, whose keys are of the seed of zeros and named by their thumbprints.
const RFC_9964: &str = include_str!("rfc9964.txt");
const RFC_9964_KIDS: [&str; 3] = [
    "T4xl70S7MT6Zeq6r9V9fPJGVn76wfnXJ21-gyo0Gu6o",
    "Suiu29qbfuaBaR4Ats-c6XQBePB_OpAxAwcTR_0KXVM",
    "tRn1JNIkgMsABVQBlXeDHxAIcclh-2IX0UdDEzPt5XU",
];

#[test]
fn rfc_9964_a_1() {
    for ((alg, kid), token) in ALGORITHMS.into_iter().zip(RFC_9964_KIDS).zip(RFC_9964.lines()) {
        let private = base64url::encode(&[0; 32]);
        let jwk = format!(r#"{{"kid":"{kid}",{},"priv":"{private}"}}"#, lattice::jwk_members(alg));
        assert_eq!(thumbprint(jwk.as_bytes(), &mut [0; 43]), Ok(kid));
        let bytes = keys_size_for(format!(r#"{{"keys":[{jwk}]}}"#).as_bytes(), &[], None).unwrap();
        let mut region = vec![0; bytes / 8];
        let mut keys = Keys::new(&mut region).unwrap();
        keys.add_jwk(jwk.as_bytes(), &[]).unwrap();
        let sets = [keys.set()];
        let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap();
        let mut scratch = vec![0; scratch_bytes(token.len(), &Limits::DEFAULT)];
        let request = Request { token: token.as_bytes(), clock: Clock::At(0), evidence: Evidence::NONE };
        let payload = verifier.verify_opaque(&request, &mut scratch).unwrap();
        assert_eq!(payload, "It’s a dangerous business, Frodo, going out your door.".as_bytes(), "{alg}");
        let changed = token.replacen("SXTigJlzIGEg", "SXTigJlzIGEh", 1);
        let request = Request { token: changed.as_bytes(), ..request };
        let report = verifier.verify_opaque(&request, &mut scratch).unwrap_err();
        assert_eq!(report.status, Status::Signature, "{alg}");
    }
}

#[test]
fn every_strength_from_every_source_accepts_and_refuses() {
    for alg in ALGORITHMS {
        let (own, key, token) = (algorithm(alg), lattice::public(alg, 0), TokenBuilder::new(alg));
        let (members, spki) = (lattice::jwk_members(alg), lattice::spki(alg, &[], &key));
        let good = token.build();
        assert!(good.len() < Limits::DEFAULT.token_bytes, "{}", good.len());
        for source in [
            KeySource::Jwk(format!("{{{members}}}")),
            KeySource::Jwk(format!(r#"{{"use":"sig","priv":7,"key_ops":["verify"],{members}}}"#)),
            KeySource::Jwks(format!(r#"{{"keys":[{{"kty":"AKP","alg":"SLH-DSA-SHA2-128s","pub":"AA"}},{{{members}}}]}}"#)),
            KeySource::Spki(own, None, spki.clone()),
            KeySource::Pem(own, None, pem("PUBLIC KEY", &spki)),
        ] {
            let setup = Setup::with([source]);
            assert_eq!(status_of(&setup, &good), Status::Accepted, "{alg}");
            assert_eq!(status_of(&setup, &token.clone().flaw(Flaw::SignatureBit(0)).build()), Status::Signature);
        }
        let other = Setup::with([KeySource::Spki(own, None, lattice::spki(alg, &[], &lattice::public(alg, 1)))]);
        assert_eq!(status_of(&other, &good), Status::Signature, "another key");
    }
}

#[test]
fn a_signature_has_one_length_and_every_bit_counts() {
    for (alg, bytes) in ALGORITHMS.into_iter().zip([2420, 3309, 4627]) {
        let setup = Setup::with([KeySource::Jwk(format!("{{{}}}", lattice::jwk_members(alg)))]);
        let good = TokenBuilder::new(alg).build();
        let (input, text) = good.rsplit_once('.').unwrap();
        let signature = base64url::decode(text.as_bytes()).unwrap();
        assert_eq!(signature.len(), bytes);
        let status = |signature: &[u8]| status_of(&setup, &format!("{input}.{}", base64url::encode(signature)));
        assert_eq!(status(&signature), Status::Accepted);
        for other in [&signature[..bytes - 1], &signature[..1], &[&signature[..], &[0]].concat()] {
            assert_eq!(status(other), Status::Signature, "{alg}: {} bytes", other.len());
        }
        // Challenge, response and hint, with a prime step; the zeros between the hint's positions and its counts, too.
        for bit in (0..bytes * 8).step_by(3001).chain((bytes - 20) * 8..bytes * 8) {
            let mut changed = signature.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(status(&changed), Status::Signature, "{alg}: bit {bit}");
        }
        assert_eq!(status(&vec![0; bytes]), Status::Signature);
        assert_eq!(status(&vec![0xff; bytes]), Status::Signature);
        let elsewhere = lattice::sign_in_context(alg, input.as_bytes(), b"another");
        assert_eq!(status(&elsewhere), Status::Signature, "{alg}: the context is empty (RFC 9964 5)");
    }
}

#[test]
fn attack_04_another_strength() {
    for alg in ALGORITHMS {
        for other in ALGORITHMS.into_iter().filter(|other| *other != alg).chain(["EdDSA", "RS256"]) {
            let setup = Setup::with([KeySource::Jwk(format!("{{{}}}", lattice::jwk_members(alg)))]);
            let theirs = TokenBuilder::new(other);
            assert_eq!(status_of(&setup, &theirs.build()), Status::AlgorithmMismatch, "{alg} {other}");
            let renamed = theirs.header(format!(r#"{{"alg":"{alg}"}}"#)).build();
            assert_eq!(status_of(&setup, &renamed), Status::Signature, "{alg} {other}");
        }
    }
    for name in ["ML-DSA", "ml-dsa-44", "ML-DSA-44 ", "MLDSA44", "HashML-DSA-44"] {
        assert_eq!(Algorithm::from_name(name), None);
    }
}

/// What loading one key comes to, in Rust and in C.
fn loaded(source: KeySource, allowed: &[Algorithm]) -> Status {
    let setup = Setup::with([source.clone()]).policy(Policy { algorithms: allowed, ..Policy::default() });
    let by_both = status_of(&setup, &TokenBuilder::new("HS256").build());
    let set = SetOfKeys { issuer: None, keys: vec![source] };
    match judge::load(&set, &mut [0; 400], allowed) {
        Ok(_) => Status::Accepted,
        Err(status) => {
            assert_eq!(status, by_both);
            status
        }
    }
}

#[test]
fn a_jwk_says_its_algorithm_and_has_its_length() {
    for alg in ALGORITHMS {
        let key = lattice::public(alg, 0);
        let text = base64url::encode(&key);
        let jwk = |members: &str| loaded(KeySource::Jwk(format!(r#"{{"kty":"AKP",{members}}}"#)), &[algorithm(alg)]);
        assert_eq!(jwk(&format!(r#""alg":"{alg}","pub":"{text}""#)), Status::Accepted);
        assert_eq!(jwk(&format!(r#""pub":"{text}""#)), Status::KeyMemberMissing, "no alg, and the policy does not help");
        assert_eq!(jwk(&format!(r#""alg":"{alg}""#)), Status::KeyMemberMissing);
        assert_eq!(jwk(&format!(r#""alg":"{alg}","x":"{text}""#)), Status::KeyMemberMissing);
        assert_eq!(jwk(&format!(r#""alg":1,"pub":"{text}""#)), Status::KeyMemberType);
        assert_eq!(jwk(&format!(r#""alg":"{alg}","pub":[]"#)), Status::KeyMemberType);
        assert_eq!(jwk(&format!(r#""alg":"ML-DSA-99","pub":"{text}""#)), Status::KeyAlgorithmUnknown);
        assert_eq!(jwk(&format!(r#""alg":"ES256","pub":"{text}""#)), Status::KeyAlgorithmMismatch);
        assert_eq!(jwk(&format!(r#""alg":"{alg}","pub":"{text}","use":"enc""#)), Status::KeyUse);
        assert_eq!(jwk(&format!(r#""alg":"{alg}","pub":"{}=""#, &text[1..])), Status::KeyEncoding);
        assert_eq!(jwk(&format!(r#""alg":"{alg}","pub":"{}*""#, &text[1..])), Status::KeyEncoding);
        for bytes in [0, 1, 32, key.len() - 1] {
            let short = base64url::encode(&key[..bytes]);
            assert_eq!(jwk(&format!(r#""alg":"{alg}","pub":"{short}""#)), Status::KeyLength, "{alg} {bytes}");
        }
        let long = base64url::encode(&[&key[..], &[0]].concat());
        assert_eq!(jwk(&format!(r#""alg":"{alg}","pub":"{long}""#)), Status::KeyLength);
        for other in ALGORITHMS.into_iter().filter(|other| *other != alg) {
            assert_eq!(jwk(&format!(r#""alg":"{other}","pub":"{text}""#)), Status::KeyLength, "{alg} {other}");
        }
        let elsewhere = format!(r#"{{"kty":"OKP","crv":"Ed25519","alg":"{alg}","x":"{}"}}"#, &text[..43]);
        assert_eq!(loaded(KeySource::Jwk(elsewhere), &[]), Status::KeyAlgorithmMismatch);
    }
}

#[test]
fn der_has_no_parameters_and_the_keys_own_algorithm() {
    for alg in ALGORITHMS {
        let key = lattice::public(alg, 0);
        let spki = |parameters: &[u8], key: &[u8]| {
            loaded(KeySource::Spki(algorithm(alg), None, lattice::spki(alg, parameters, key)), &[])
        };
        assert_eq!(spki(&[], &key), Status::Accepted);
        assert_eq!(spki(&[5, 0], &key), Status::KeyDer, "NULL is a parameter (RFC 9881 2)");
        assert_eq!(spki(&[], &key[1..]), Status::KeyLength);
        assert_eq!(spki(&[], &[&key[..], &[0]].concat()), Status::KeyLength);
        assert_eq!(spki(&[], &[]), Status::KeyLength);
        for other in Algorithm::SUPPORTED.iter().filter(|other| other.name() != alg) {
            let source = KeySource::Spki(*other, None, lattice::spki(alg, &[], &key));
            assert_eq!(loaded(source, &[]), Status::KeyAlgorithmMismatch, "{alg} {other:?}");
        }
        let whole = lattice::spki(alg, &[], &key);
        let tail = [&whole[..], &[0]].concat();
        for der in [&whole[..whole.len() - 1], &whole[..30], &tail] {
            assert_eq!(loaded(KeySource::Spki(algorithm(alg), None, der.to_vec()), &[]), Status::KeyDer);
        }
    }
}

#[test]
fn a_region_holds_the_bytes_of_the_key_and_no_more() {
    for (alg, bytes) in ALGORITHMS.into_iter().zip([1312, 1952, 2592]) {
        let (own, kid) = (algorithm(alg), "k".repeat(128));
        assert_eq!(key_bytes(own, 0), 8 + 128 + bytes);
        let words = (region_head_bytes(0) + key_bytes(own, 0)) / 8;
        let spki = lattice::spki(alg, &[], &lattice::public(alg, 0));
        let add = |words: usize| Keys::new(&mut vec![u64::MAX; words]).unwrap().add_spki(own, Some(&kid), &spki);
        assert_eq!(add(words), Ok(()));
        assert_eq!(add(words - 1), Err(Status::RegionTooSmall));
    }
}

#[test]
fn a_token_has_one_identity() {
    for alg in ALGORITHMS {
        let jwk = format!("{{{}}}", lattice::jwk_members(alg));
        let mut region = vec![0; 400];
        let mut keys = Keys::new(&mut region).unwrap();
        keys.add_jwk(jwk.as_bytes(), &[]).unwrap();
        let sets = [keys.set()];
        let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap();
        let identity = |token: &str| {
            let mut scratch = vec![0; scratch_bytes(token.len(), &Limits::DEFAULT)];
            let clock = Clock::At(countermark_tests::token::NOW);
            let request = Request { token: token.as_bytes(), clock, evidence: Evidence::NONE };
            match verifier.verify(&request, &mut scratch) {
                Verdict::Accept(claims, _) => claims.identity(),
                verdict => panic!("{:?}", verdict.report().status),
            }
        };
        let token = TokenBuilder::new(alg).build();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let oracle = {
            use sha2::{Digest, Sha256};
            let signature = base64url::decode(signature.as_bytes()).unwrap();
            Sha256::new().chain_update(input).chain_update(".").chain_update(signature).finalize()
        };
        assert_eq!(identity(&token)[..], oracle[..]);
    }
}
