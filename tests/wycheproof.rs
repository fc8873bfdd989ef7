//! Project Wycheproof's signature and MAC tests, every set and every case: ECDSA of r and s side by side, Ed25519 and Ed448, RSA
//! PKCS#1 v1.5 and PSS, HMAC. What it calls valid holds, what it calls invalid or merely acceptable does not, but for the lines
//! of `wycheproof/exceptions.txt`. (Its JOSE files: `conformance/wycheproof.rs`, of the same exceptions.)

#[path = "wycheproof/exceptions.rs"]
mod exceptions;
#[path = "wycheproof/sets.rs"]
mod sets;

use countermark::{Algorithm, Keys, Status, tools};
use countermark_tests::base64url;
use exceptions::Exceptions;
use serde_json::Value;

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// What a set came to.
#[derive(Debug, Default)]
struct Counts {
    held: usize,
    refused: usize,
    /// Of these, with a key that is refused.
    key_refused: usize,
    /// With a key of 8192 bits, in a build without them: these say nothing.
    too_large: usize,
    /// Whose verdict is not Wycheproof's.
    excepted: usize,
}

/// One case's verdict.
#[derive(Clone, Copy, PartialEq)]
enum Found {
    Holds,
    HoldsNot,
    /// No signature can hold: this status refused the key.
    Key(Status),
    /// This build takes no key of its size.
    TooLarge,
}

type Judge<'j> = &'j dyn Fn(&Value, &Value) -> Found;

fn run(exceptions: &Exceptions, name: &str, json: &str, judge: Judge<'_>) -> Counts {
    let set: Value = serde_json::from_str(json).unwrap();
    let mut counts = Counts::default();
    for group in set["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let found = judge(group, test);
            if found == Found::TooLarge {
                counts.too_large += 1;
                continue;
            }
            let holds = found == Found::Holds;
            *(if holds { &mut counts.held } else { &mut counts.refused }) += 1;
            counts.key_refused += usize::from(matches!(found, Found::Key(_)));
            counts.excepted += usize::from(exceptions.judge(name, group, test, holds));
        }
    }
    println!("Wycheproof {name}: {counts:?}");
    assert_eq!(counts.held + counts.refused + counts.too_large, set["numberOfTests"].as_u64().unwrap() as usize, "{name}");
    counts
}

/// Every set of a crate that has this word in it, with its name. A set that is not listed fails.
macro_rules! every {
    ($names:ty, $word:literal, $list:expr) => {{
        let here = <$names>::all().into_iter().filter(|name| name.json_data().contains($word)).count();
        assert_eq!(here, $list.len(), "every set is listed");
        $list.iter().map(|name| (*name, name.parse::<$names>().unwrap().json_data()))
    }};
}

/// Whether the signature holds under the group's key, which every source must load to the same words.
fn under_key(algorithm: Algorithm, group: &Value, test: &Value) -> Found {
    let (mut region, mut other) = (vec![0u64; 400], vec![0u64; 400]);
    let mut keys = Keys::new(&mut region).unwrap();
    let member = |names: [&str; 2]| names.into_iter().find_map(|name| group.get(name));
    let loaded = match member(["publicKeyAsn", "keyAsn"]) {
        Some(pkcs1) => keys.add_pkcs1(algorithm, None, &bytes(pkcs1)),
        None => keys.add_spki(algorithm, None, &bytes(&group["publicKeyDer"])),
    };
    match loaded {
        Ok(()) => {}
        Err(Status::KeyModulusTooLarge) if countermark::RSA_BITS_MAX < 8192 => return Found::TooLarge,
        Err(status @ (Status::KeyTypeUnsupported | Status::KeyModulusTooSmall)) => return Found::Key(status),
        Err(status) => panic!("{status}: {group}"),
    }
    let is_pss_key = group["type"] == "RsassaPssWithParametersVerify";
    if let (Some(pem), false) = (member(["publicKeyPem", "keyPem"]).and_then(Value::as_str), is_pss_key) {
        let mut by_pem = Keys::new(&mut other).unwrap();
        by_pem.add_pem(algorithm, None, pem.as_bytes()).unwrap();
        assert_eq!(by_pem.set().region(), keys.set().region());
    }
    let jwk = [&group["publicKeyJwk"], &group["keyJwk"]].into_iter().find(|jwk| jwk.is_object());
    if let Some(jwk) = jwk {
        let mut jwk = jwk.clone();
        ["kid", "alg", "use", "key_ops"].iter().for_each(|name| drop(jwk.as_object_mut().unwrap().remove(*name)));
        let mut by_jwk = Keys::new(&mut other).unwrap();
        by_jwk.add_jwk(jwk.to_string().as_bytes(), &[algorithm]).unwrap();
        assert_eq!(by_jwk.set().region(), keys.set().region(), "{jwk}");
    }
    holds(&keys, algorithm, test, &test["sig"])
}

fn holds(keys: &Keys<'_>, algorithm: Algorithm, test: &Value, signature: &Value) -> Found {
    let signature = base64url::encode(&bytes(signature));
    let holds = tools::signature_holds(keys.set(), algorithm, &bytes(&test["msg"]), signature.as_bytes());
    if holds { Found::Holds } else { Found::HoldsNot }
}

#[test]
fn ecdsa() {
    let exceptions = Exceptions::of("ecdsa");
    for (name, json) in every!(wycheproof_ng_ecdsa::TestName, "ecdsa_p1363_verify_schema", sets::ECDSA) {
        let counts = run(&exceptions, name, json, &|group, test| {
            // Of a curve that no algorithm has, the key is refused whatever it is loaded for.
            let algorithm = match group["publicKey"]["curve"].as_str().unwrap() {
                "secp384r1" => Algorithm::ES384,
                "secp521r1" => Algorithm::ES512,
                "secp256k1" => Algorithm::ES256K,
                _ => Algorithm::ES256,
            };
            under_key(algorithm, group, test)
        });
        assert!(counts.held >= 150 || counts.excepted >= 100 && counts.held == 0, "{name}: {counts:?}");
    }
    exceptions.settle();
}

#[test]
fn eddsa() {
    let exceptions = Exceptions::of("eddsa");
    for (name, json) in every!(wycheproof_ng_eddsa::TestName, "eddsa_verify_schema", ["ed25519", "ed448"]) {
        let counts = run(&exceptions, name, json, &|group, test| under_key(Algorithm::EdDSA, group, test));
        assert!(if name == "ed25519" { counts.held >= 80 } else { counts.held == 0 }, "{counts:?}");
    }
    exceptions.settle();
}

#[test]
fn rsa_pkcs1() {
    use wycheproof_ng_rsa_signature::{rsa_pkcs1_sig_gen, rsa_pkcs1_verify};
    let exceptions = Exceptions::of("rsa_pkcs1");
    // Signatures that a signer must make are signatures that hold.
    let made = every!(rsa_pkcs1_sig_gen::TestName, "rsassa_pkcs1_generate_schema", sets::RSA_PKCS1_MADE);
    for (name, json) in every!(rsa_pkcs1_verify::TestName, "rsassa_pkcs1_verify_schema", sets::RSA_PKCS1).chain(made) {
        run(&exceptions, name, json, &|group, test| {
            let algorithm = match group["sha"].as_str().unwrap() {
                "SHA-384" => Algorithm::RS384,
                "SHA-512" => Algorithm::RS512,
                _ => Algorithm::RS256,
            };
            under_key(algorithm, group, test)
        });
    }
    exceptions.settle();
}

#[test]
fn rsa_pss() {
    let exceptions = Exceptions::of("rsa_pss");
    let mut held = 0;
    for (name, json) in every!(wycheproof_ng_rsa_signature::rsa_pss_verify::TestName, "rsassa_pss", sets::RSA_PSS) {
        let counts = run(&exceptions, name, json, &|group, test| {
            let algorithm = match group["sha"].as_str().unwrap() {
                "SHA-384" => Algorithm::PS384,
                "SHA-512" => Algorithm::PS512,
                _ => Algorithm::PS256,
            };
            under_key(algorithm, group, test)
        });
        held += counts.held;
    }
    assert!(held > 700, "{held}");
    exceptions.settle();
}

#[test]
fn hmac() {
    let exceptions = Exceptions::of("hmac");
    for (name, json) in every!(wycheproof_ng_symmetric::mac::TestName, "\"algorithm\": \"HMAC", sets::HMAC) {
        let counts = run(&exceptions, name, json, &|group, test| {
            let algorithm = match name {
                "hmac_sha384" => Algorithm::HS384,
                "hmac_sha512" => Algorithm::HS512,
                _ => Algorithm::HS256,
            };
            let mut region = [0u64; 64];
            let mut keys = Keys::new(&mut region).unwrap();
            match keys.add_secret(algorithm, None, &bytes(&test["key"])) {
                Ok(()) => holds(&keys, algorithm, test, &test["tag"]),
                Err(status @ Status::KeyTooShort) => Found::Key(status),
                Err(status) => panic!("{status}: {group}"),
            }
        });
        assert!(counts.held >= 20 || counts.held == 0 && counts.excepted == 66, "{name}: {counts:?}");
    }
    exceptions.settle();
}

/// The key comes as its bytes here, and JOSE has no context: a signature in another one does not hold (RFC 9964 5).
#[test]
fn mldsa() {
    use wycheproof_ng_mldsa::mldsa_verify::TestName;
    let exceptions = Exceptions::of("mldsa");
    for (strength, algorithm) in [(44, Algorithm::MlDsa44), (65, Algorithm::MlDsa65), (87, Algorithm::MlDsa87)] {
        let name = format!("mldsa_{strength}_verify");
        let json = name.parse::<TestName>().unwrap().json_data();
        let mut set: Value = serde_json::from_str(json).unwrap();
        let tests =
            set["testGroups"].as_array_mut().unwrap().iter_mut().flat_map(|group| group["tests"].as_array_mut().unwrap());
        for test in tests.filter(|test| test["ctx"].as_str().is_some_and(|context| !context.is_empty())) {
            test["result"] = "invalid".into();
        }
        let counts = run(&exceptions, &name, &set.to_string(), &|group, test| {
            let key = base64url::encode(&bytes(&group["publicKey"]));
            let jwk = format!(r#"{{"kty":"AKP","alg":"ML-DSA-{strength}","pub":"{key}"}}"#);
            let mut region = vec![0; 400];
            let mut keys = Keys::new(&mut region).unwrap();
            match keys.add_jwk(jwk.as_bytes(), &[]) {
                Ok(()) => {}
                Err(status @ Status::KeyLength) => return Found::Key(status),
                Err(status) => panic!("{status}: {group}"),
            }
            holds(&keys, algorithm, test, &test["sig"])
        });
        assert!(counts.held >= 20 && counts.refused >= 20, "{name}: {counts:?}");
    }
    exceptions.settle();
}
