//! Every algorithm, from every kind of key: tokens signed by the algorithm's own crate, keys written by OpenSSL, and the core
//! through Rust and C.

#[path = "algorithms/der.rs"]
mod der;
#[path = "algorithms/powers.rs"]
mod powers;

use countermark::{Algorithm, KeySet, Keys, Mint, Policy, Signer, Status, tools};
use countermark_tests::judge::{KeySource, Setup, status_of};
use countermark_tests::keys::{self, KeyFiles};
use countermark_tests::random::Random;
use countermark_tests::token::{Flaw, Segment, TokenBuilder};

fn algorithm(alg: &str) -> Algorithm {
    Algorithm::from_name(alg).expect("an algorithm of this build")
}

/// The key in every form that a host can have it in.
fn sources(key: &'static KeyFiles, alg: &str) -> Vec<KeySource> {
    let (algorithm, members) = (algorithm(alg), keys::jwk_members(key));
    let mut sources = vec![
        KeySource::Spki(algorithm, None, keys::der(key.spki)),
        KeySource::Certificate(algorithm, None, keys::der(key.certificate)),
        KeySource::Pem(algorithm, None, key.spki.to_string()),
        KeySource::Pem(algorithm, None, key.certificate.to_string()),
        KeySource::Jwk(format!(r#"{{{members},"alg":"{alg}"}}"#)),
        KeySource::Jwk(format!(r#"{{"alg":"{alg}","use":"sig","x5c":["MIIB"],"ext":true,"key_ops":["verify"],{members}}}"#)),
        KeySource::Jwks(format!(r#"{{"keys":[{{"kty":"AKP"}},{{{members},"alg":"{alg}"}}]}}"#)),
    ];
    if !key.pkcs1.is_empty() {
        sources.push(KeySource::Pkcs1(algorithm, None, keys::der(key.pkcs1)));
        sources.push(KeySource::Pem(algorithm, None, key.pkcs1.to_string()));
    }
    sources
}

#[test]
fn every_algorithm_from_every_source_accepts_and_refuses() {
    for alg in keys::ALGORITHMS {
        let token = TokenBuilder::new(alg);
        for source in sources(keys::of(alg), alg) {
            let setup = Setup::with([source]);
            assert_eq!(status_of(&setup, &token.clone().build()), Status::Accepted, "{alg}");
            for flaw in [Flaw::SignatureBit(0), Flaw::SignatureBit(100), Flaw::SignatureBit(511)] {
                assert_eq!(status_of(&setup, &token.clone().flaw(flaw).build()), Status::Signature, "{alg}");
            }
            let empty = token.clone().flaw(Flaw::Empty(Segment::Signature)).build();
            assert_eq!(status_of(&setup, &empty), Status::TokenSegmentEmpty);
        }
    }
}

#[test]
fn larger_rsa_keys() {
    for name in ["rsa3072", "rsa4096"] {
        let key = keys::named(name);
        for alg in ["RS256", "RS512", "PS384", "PS512"] {
            for source in sources(key, alg) {
                let (mut region, message) = (vec![0; 400], b"a message");
                let keys = countermark_tests::judge::load(
                    &countermark_tests::judge::SetOfKeys { issuer: None, keys: vec![source] },
                    &mut region,
                    &[],
                )
                .unwrap();
                let signature = keys::sign_by(key, alg, message);
                let text = countermark_tests::base64url::encode(&signature);
                assert!(tools::signature_holds(keys.set(), algorithm(alg), message, text.as_bytes()), "{name} {alg}");
                assert!(!tools::signature_holds(keys.set(), algorithm(alg), b"another", text.as_bytes()));
            }
        }
    }
}

#[test]
fn attack_04_another_strength_or_padding_of_one_family() {
    for alg in keys::ALGORITHMS {
        for other in keys::ALGORITHMS.iter().filter(|other| **other != alg) {
            let setup = Setup::with([KeySource::Pem(algorithm(alg), None, keys::of(alg).spki.to_string())]);
            let theirs = TokenBuilder::new(other);
            assert_eq!(status_of(&setup, &theirs.clone().build()), Status::AlgorithmMismatch, "{alg} {other}");
            // The other algorithm's signature, by the same key where it is one, under this algorithm's name.
            let renamed = theirs.header(format!(r#"{{"alg":"{alg}"}}"#)).build();
            assert_eq!(status_of(&setup, &renamed), Status::Signature, "{alg} {other}");
        }
    }
}

#[test]
fn ed25519_has_two_names_and_nothing_else_has() {
    let names = ["EdDSA", "Ed25519"];
    let members = keys::jwk_members(keys::of("EdDSA"));
    for in_header in names {
        let token = TokenBuilder::new("EdDSA").header(format!(r#"{{"alg":"{in_header}","kid":"k"}}"#)).build();
        // In the key, in the policy, and in the policy for a key without a name of its own.
        let own = names.map(|name| format!(r#"{{{members},"kid":"k","alg":"{name}"}}"#));
        for jwk in own.iter().chain([&format!(r#"{{{members},"kid":"k"}}"#)]) {
            let setup = Setup::with([KeySource::Jwk(jwk.clone())]);
            for in_policy in names {
                let allowed = [algorithm("ES256"), algorithm(in_policy)];
                let policy = Policy { algorithms: &allowed, ..Policy::default() };
                assert_eq!(
                    status_of(&setup.clone().policy(policy), &token),
                    Status::Accepted,
                    "{in_header} {jwk} {in_policy}"
                );
            }
            if jwk.contains("alg") {
                assert_eq!(status_of(&setup, &token), Status::Accepted);
                let policy = Policy { algorithms: &[Algorithm::ES256], ..Policy::default() };
                assert_eq!(status_of(&setup.policy(policy), &token), Status::AlgorithmNotAllowed);
            }
        }
        // One algorithm: two keys of its two names and of one kid are two keys of one name.
        let both = format!(r#"{{"keys":[{},{}]}}"#, own[0], own[1]);
        assert_eq!(status_of(&Setup::with([KeySource::Jwks(both)]), &token), Status::KeyIdDuplicate);
    }
    assert!(names.iter().all(|name| algorithm(name) == Algorithm::EdDSA));
    // No other name of any algorithm, not in the header, not in a key.
    let own: Vec<&str> = Algorithm::SUPPORTED.iter().map(|algorithm| algorithm.name()).collect();
    let mut strange: Vec<String> = own
        .iter()
        .chain(&names)
        .flat_map(|name| {
            [
                name.to_lowercase(),
                name.to_uppercase(),
                format!("{name} "),
                format!(" {name}"),
                format!("{name}\\u0000"),
                name[1..].to_string(),
            ]
        })
        .collect();
    // RFC 9864 2.2 and 2.1, and names of other registries.
    strange.extend(
        ["Ed448", "ESP256", "ESP384", "ES256-K", "secp256k1", "SHA256withRSA", "HMAC-SHA256", "RSASSA-PSS", "none"]
            .map(String::from),
    );
    strange.retain(|name| !own.contains(&name.as_str()) && name != "Ed25519");
    assert!(strange.len() > 60);
    let setup = Setup::with([KeySource::Jwk(format!(r#"{{{members},"alg":"EdDSA"}}"#))]);
    for name in strange {
        assert_eq!(Algorithm::from_name(&name), None, "{name}");
        let token = TokenBuilder::new("EdDSA").header(format!(r#"{{"alg":"{name}"}}"#)).build();
        assert_eq!(status_of(&setup, &token), Status::AlgorithmUnknown, "{name}");
        let jwk = format!(r#"{{{members},"alg":"{name}"}}"#);
        assert_eq!(loaded(KeySource::Jwk(jwk)), Status::KeyAlgorithmUnknown, "{name}");
    }
}

/// What loading one key comes to.
fn loaded(source: KeySource) -> Status {
    let set = countermark_tests::judge::SetOfKeys { issuer: None, keys: vec![source] };
    countermark_tests::judge::load(&set, &mut [0; 400], &[]).err().unwrap_or(Status::Accepted)
}

#[test]
fn a_key_of_another_kind_is_refused_by_its_algorithm() {
    for key in &keys::KEYS {
        let own: &[&str] = match key.name {
            "p256" => &["ES256"],
            "p384" => &["ES384"],
            "p521" => &["ES512"],
            "k256" => &["ES256K"],
            "ed25519" => &["EdDSA"],
            _ => &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
        };
        for algorithm in Algorithm::SUPPORTED {
            let expected = if own.contains(&algorithm.name()) { Status::Accepted } else { Status::KeyAlgorithmMismatch };
            for pem in [key.spki, key.certificate] {
                assert_eq!(
                    loaded(KeySource::Pem(*algorithm, None, pem.to_string())),
                    expected,
                    "{} {algorithm:?}",
                    key.name
                );
            }
        }
    }
}

#[test]
fn pem_is_one_whole_block_of_a_public_key() {
    let rsa = keys::named("rsa2048");
    let of = |text: String| loaded(KeySource::Pem(Algorithm::RS256, None, text));
    assert_eq!(of(rsa.spki.replace('\n', "\r\n")), Status::Accepted);
    assert_eq!(of(format!("a comment before it\n{}", rsa.spki)), Status::Accepted);
    for text in [
        String::new(),
        rsa.private.to_string(),
        format!("{}{}", rsa.spki, rsa.spki),
        format!("{}{}", rsa.certificate, rsa.certificate),
        rsa.spki.replace("PUBLIC KEY", "RSA PRIVATE KEY"),
        rsa.spki.replacen("PUBLIC KEY", "CERTIFICATE", 1),
        rsa.spki.replace("-----END", "----END"),
        rsa.spki.replacen("MII", "M*I", 1),
        rsa.spki[..200].to_string(),
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}-----END PUBLIC KEY-----\n",
            "AAAA".repeat(16).as_str().to_owned() + "\n" + &("A".repeat(64) + "\n").repeat(100)
        ),
    ] {
        assert_eq!(of(text.clone()), Status::KeyPem, "{text}");
    }
    // A label that lies about what is inside.
    assert_eq!(of(rsa.spki.replace("PUBLIC KEY", "RSA PUBLIC KEY")), Status::KeyDer);
    assert_eq!(of(rsa.pkcs1.replace("RSA PUBLIC KEY", "PUBLIC KEY")), Status::KeyDer);
    assert_eq!(of(rsa.spki.replace("PUBLIC KEY", "CERTIFICATE")), Status::KeyCertificate);
}

/// Every text near a good one: what is accepted here, `pem-rfc7468` reads to the same bytes.
#[test]
fn pem_accepts_nothing_that_the_crate_refuses() {
    let mut random = Random::new(9);
    let (good, mut accepted) = (keys::of("ES256").spki, 0);
    for _ in 0..4000 {
        let mut text = good.as_bytes().to_vec();
        for _ in 0..=random.below(2) {
            let at = random.below(text.len());
            match random.below(4) {
                0 => drop(text.remove(at)),
                1 => text.insert(at, *random.pick(&[b"=", b"-", b"A", b"\n", b" "]).first().unwrap()),
                2 => text[at] = random.byte(),
                _ => text.swap(at, 0),
            }
        }
        let by_crate = pem_rfc7468::Decoder::new_detect_wrap(&text).and_then(|mut decoder| {
            let mut bytes = vec![0; decoder.remaining_len()];
            decoder.decode(&mut bytes)?;
            Ok((decoder.type_label().to_string(), bytes))
        });
        let mut region = [0; 64];
        let ours = Keys::new(&mut region).unwrap().add_pem(Algorithm::ES256, None, &text);
        if ours.is_ok() {
            accepted += 1;
            // Lines of unequal length are good here, and the crate's reader of one width refuses them.
            let joined = String::from_utf8(text).unwrap();
            let bytes =
                by_crate.map_or_else(|_| keys::der(&joined[joined.find("-----BEGIN").unwrap()..]), |(_, bytes)| bytes);
            let mut other = [0; 64];
            Keys::new(&mut other).unwrap().add_spki(Algorithm::ES256, None, &bytes).unwrap();
        }
    }
    println!("{accepted} of 4000 texts were still good");
    assert!(accepted > 20);
}

#[test]
fn der_is_whole_and_a_cut_at_any_byte_is_refused() {
    for key in &keys::KEYS {
        let alg = match key.name {
            "p256" => Algorithm::ES256,
            "p384" => Algorithm::ES384,
            "p521" => Algorithm::ES512,
            "k256" => Algorithm::ES256K,
            "ed25519" => Algorithm::EdDSA,
            _ => Algorithm::RS256,
        };
        let (spki, certificate) = (keys::der(key.spki), keys::der(key.certificate));
        for len in 0..spki.len() {
            assert_eq!(loaded(KeySource::Spki(alg, None, spki[..len].to_vec())), Status::KeyDer);
        }
        assert_eq!(loaded(KeySource::Spki(alg, None, [&spki[..], &[0]].concat())), Status::KeyDer);
        for len in 0..certificate.len() {
            assert_eq!(loaded(KeySource::Certificate(alg, None, certificate[..len].to_vec())), Status::KeyCertificate);
        }
        assert_eq!(loaded(KeySource::Certificate(alg, None, [&certificate[..], &[0]].concat())), Status::KeyCertificate);
    }
    let x25519 = include_str!("keys/x25519.spki.pem");
    assert_eq!(loaded(KeySource::Pem(Algorithm::EdDSA, None, x25519.to_string())), Status::KeyTypeUnsupported);
}

#[test]
fn signers_of_every_curve_satisfy_the_crates_and_our_own_verifier() {
    let mint = Mint { subject: Some("alice"), expires_at: Some(1_700_000_600), ..Mint::default() };
    for alg in ["ES256", "ES384", "ES512", "ES256K", "EdDSA"] {
        let key = keys::of(alg);
        let private = keys::jwk_private(key);
        let signer = Signer::of_jwk(private.as_bytes(), &[algorithm(alg)]).unwrap();
        let (mut scratch, mut out) = (vec![0; 1024], vec![0; 1024]);
        let token = signer.issue(&mint, &mut scratch, &mut out).unwrap();
        let setup = Setup::with([KeySource::Pem(algorithm(alg), None, key.spki.to_string())]);
        assert_eq!(status_of(&setup, token), Status::Accepted, "{alg}");
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = countermark_tests::base64url::decode(signature.as_bytes()).unwrap();
        // Deterministic by RFC 6979 and RFC 8032: the crate alone comes to the same bytes.
        assert_eq!(signature, keys::sign(alg, input.as_bytes()), "{alg}");
        let mut public = [0; 133];
        let public = signer.public(&mut public).unwrap();
        let source = match alg {
            "EdDSA" => KeySource::Ed25519(None, public.to_vec()),
            _ => KeySource::Sec1(algorithm(alg), None, public.to_vec()),
        };
        assert_eq!(status_of(&Setup::with([source]), token), Status::Accepted);
        // A private key beside the public key of another is refused.
        let stranger = private.replacen(r#""x":""#, r#""x":"AA"#, 1);
        assert!(Signer::of_jwk(stranger.as_bytes(), &[algorithm(alg)]).is_err());
    }
    let rsa = format!(r#"{{{},"d":"AQAB"}}"#, keys::jwk_members(keys::named("rsa2048")));
    assert_eq!(Signer::of_jwk(rsa.as_bytes(), &[Algorithm::RS256]).err(), Some(Status::KeyTypeUnsupported));
}

#[test]
fn thumbprints_are_the_rfcs() {
    let mut out = [0; countermark::THUMBPRINT_CHARS];
    // RFC 7638 3.1.
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknj\
             hMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQ\
             vRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK\
             nqDKgw";
    let rsa = format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB","alg":"RS256","kid":"2011-04-29"}}"#);
    let expected = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs";
    assert_eq!(countermark::thumbprint(rsa.as_bytes(), &mut out), Ok(expected));
    // RFC 8037 A.3.
    let okp = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let expected = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
    assert_eq!(countermark::thumbprint(okp.as_bytes(), &mut out), Ok(expected));
    // Order, white space, escapes and further members do not matter; the bytes of the text hashed are RFC 7638's.
    for key in &keys::KEYS {
        let members = keys::jwk_members(key);
        let mut object: serde_json::Map<_, _> = serde_json::from_str(&format!("{{{members}}}")).unwrap();
        object.sort_keys();
        let canonical = serde_json::Value::Object(object).to_string();
        let digest = <sha2::Sha256 as sha2::Digest>::digest(canonical.as_bytes());
        let expected = countermark_tests::base64url::encode(&digest);
        for jwk in [format!("{{{members}}}"), format!(" {{ \"use\":\"sig\", \"\\u006bid\":\"x\", {members} }} ")] {
            assert_eq!(countermark::thumbprint(jwk.as_bytes(), &mut out), Ok(expected.as_str()), "{}", key.name);
        }
    }
    assert_eq!(
        countermark::thumbprint(br#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#, &mut out),
        Err(Status::KeyModulusTooSmall)
    );
}

#[test]
fn sizes_are_exact_for_every_kind() {
    for alg in keys::ALGORITHMS {
        for key in keys::KEYS.iter().filter(|key| key.name == keys::of(alg).name || key.name == "rsa4096") {
            let alg = if key.name == "rsa4096" { "PS512" } else { alg };
            let jwks = format!(r#"{{"keys":[{{{},"kid":"k"}},{{"kty":"x"}}]}}"#, keys::jwk_members(key));
            let bytes = countermark::keys_size_for(jwks.as_bytes(), &[algorithm(alg)], Some("iss")).unwrap();
            let mut region = vec![0; bytes / 8];
            let mut keys = Keys::for_issuer(&mut region, "iss").unwrap();
            keys.add_jwks(jwks.as_bytes(), &[algorithm(alg)]).unwrap();
            assert_eq!(keys.set().region().len() * 8, bytes);
            let mut short = vec![0; bytes / 8 - 1];
            let mut keys = Keys::for_issuer(&mut short, "iss").unwrap();
            assert_eq!(keys.add_jwks(jwks.as_bytes(), &[algorithm(alg)]), Err(Status::RegionTooSmall));
            assert!(bytes <= countermark::region_head_bytes(3) + countermark::key_bytes(algorithm(alg), 0));
        }
    }
    let of_bits = |bits| countermark::key_bytes(Algorithm::RS256, bits);
    assert!(of_bits(2048) < of_bits(3072) && of_bits(4096) == of_bits(0));
    assert!(KeySet::EMPTY.generation() == 0);
}
