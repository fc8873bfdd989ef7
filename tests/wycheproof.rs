//! Project Wycheproof's signature and MAC tests, every case: what it calls valid holds, what it calls invalid or merely
//! acceptable does not. No exception is needed. (Its JOSE files need some: `tests/conformance/wycheproof.rs`.)

use countermark::{Algorithm, Keys, Status, tools};
use countermark_tests::base64url;
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
    /// With a key of 8192 bits, in a build without them: these say nothing.
    too_large: usize,
}

/// One case's verdict; `None` when this build takes no key of its size.
type Judge<'j> = &'j dyn Fn(&Value, &Value) -> Option<bool>;

fn run(name: &str, json: &str, judge: Judge<'_>) -> Counts {
    let set: Value = serde_json::from_str(json).unwrap();
    let (mut counts, mut different) = (Counts::default(), Vec::new());
    for group in set["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let valid = test["result"] == "valid";
            match judge(group, test) {
                Some(holds) if holds != valid => {
                    different.push(format!("{name} {}: {holds}: {} {}", test["tcId"], test["comment"], test["flags"]));
                }
                Some(true) => counts.held += 1,
                Some(false) => counts.refused += 1,
                None => counts.too_large += 1,
            }
        }
    }
    println!("Wycheproof {name}: {counts:?}");
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
    counts
}

/// Whether the signature holds under the group's key, which every source must load to the same words.
fn under_key(algorithm: Algorithm, group: &Value, test: &Value) -> Option<bool> {
    let (mut region, mut other) = (vec![0u64; 400], vec![0u64; 400]);
    let mut keys = Keys::new(&mut region).unwrap();
    let loaded = match group.get("publicKeyAsn") {
        Some(pkcs1) => keys.add_pkcs1(algorithm, None, &bytes(pkcs1)),
        None => keys.add_spki(algorithm, None, &bytes(&group["publicKeyDer"])),
    };
    match loaded {
        Ok(()) => {}
        Err(Status::KeyModulusTooLarge) if countermark::RSA_BITS_MAX < 8192 => return None,
        Err(status) => panic!("{status}: {group}"),
    }
    let is_pss_key = group["type"] == "RsassaPssWithParametersVerify";
    if let (Some(pem), false) = (group["publicKeyPem"].as_str(), is_pss_key) {
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
    let signature = base64url::encode(&bytes(&test["sig"]));
    Some(tools::signature_holds(keys.set(), algorithm, &bytes(&test["msg"]), signature.as_bytes()))
}

#[test]
fn ecdsa() {
    use wycheproof_ng_ecdsa::TestName;
    for (name, algorithm, held) in [
        ("ecdsa_secp256r1_sha256_p1363", Algorithm::ES256, 150),
        ("ecdsa_secp384r1_sha384_p1363", Algorithm::ES384, 150),
        ("ecdsa_secp521r1_sha512_p1363", Algorithm::ES512, 150),
        ("ecdsa_secp256k1_sha256_p1363", Algorithm::ES256K, 100),
    ] {
        let json = name.parse::<TestName>().unwrap().json_data();
        let counts = run(name, json, &|group, test| under_key(algorithm, group, test));
        assert!(counts.held >= held && counts.refused >= 50, "{name}: {counts:?}");
    }
}

#[test]
fn ed25519() {
    let json = "ed25519".parse::<wycheproof_ng_eddsa::TestName>().unwrap().json_data();
    let counts = run("ed25519", json, &|group, test| under_key(Algorithm::EdDSA, group, test));
    assert!(counts.held >= 80 && counts.refused >= 50, "{counts:?}");
}

#[test]
fn rsa_pkcs1() {
    use wycheproof_ng_rsa_signature::rsa_pkcs1_verify::TestName;
    for bits in [2048, 3072, 4096, 8192] {
        for (hash, algorithm) in [(256, Algorithm::RS256), (384, Algorithm::RS384), (512, Algorithm::RS512)] {
            let name = format!("rsa_signature_{bits}_sha{hash}");
            let json = name.parse::<TestName>().unwrap().json_data();
            let counts = run(&name, json, &|group, test| under_key(algorithm, group, test));
            assert!(counts.too_large > 100 || counts.held >= 5 && counts.refused >= 50, "{name}: {counts:?}");
        }
    }
}

#[test]
fn rsa_pss() {
    use wycheproof_ng_rsa_signature::rsa_pss_verify::TestName;
    let sets = [
        ("rsa_pss_2048_sha256_mgf1_32", Algorithm::PS256),
        ("rsa_pss_2048_sha256_mgf1_32_params", Algorithm::PS256),
        ("rsa_pss_3072_sha256_mgf1_32", Algorithm::PS256),
        ("rsa_pss_3072_sha256_mgf1_32_params", Algorithm::PS256),
        ("rsa_pss_4096_sha256_mgf1_32", Algorithm::PS256),
        ("rsa_pss_2048_sha384_mgf1_48", Algorithm::PS384),
        ("rsa_pss_4096_sha384_mgf1_48", Algorithm::PS384),
        ("rsa_pss_4096_sha512_mgf1_64", Algorithm::PS512),
        ("rsa_pss_4096_sha512_mgf1_64_params", Algorithm::PS512),
    ];
    for (name, algorithm) in sets {
        let json = name.parse::<TestName>().unwrap().json_data();
        let counts = run(name, json, &|group, test| under_key(algorithm, group, test));
        assert!(counts.held >= 20 && counts.refused >= 20, "{name}: {counts:?}");
    }
    // Other salts, other hashes inside MGF1: good PSS, but not RFC 7518's. Nothing that is valid there holds here.
    for name in ["rsa_pss_2048_sha256_mgf1_0", "rsa_pss_2048_sha256_mgf1sha1_20", "rsa_pss_4096_sha512_mgf1_32"] {
        let algorithm = if name.contains("sha512") { Algorithm::PS512 } else { Algorithm::PS256 };
        let set: Value = serde_json::from_str(name.parse::<TestName>().unwrap().json_data()).unwrap();
        let mut cases = 0;
        for group in set["testGroups"].as_array().unwrap() {
            for test in group["tests"].as_array().unwrap() {
                if test["result"] == "valid" {
                    assert_eq!(under_key(algorithm, group, test), Some(false), "{name} {}", test["tcId"]);
                    cases += 1;
                }
            }
        }
        println!("Wycheproof {name}: {cases} cases, none holds");
        assert!(cases > 20);
    }
}

#[test]
fn hmac() {
    use wycheproof_ng_symmetric::mac::TestName;
    for (name, algorithm, bits) in [
        ("hmac_sha256", Algorithm::HS256, 256),
        ("hmac_sha384", Algorithm::HS384, 384),
        ("hmac_sha512", Algorithm::HS512, 512),
    ] {
        let set: Value = serde_json::from_str(name.parse::<TestName>().unwrap().json_data()).unwrap();
        let (mut held, mut refused, mut short) = (0, 0, 0);
        for group in set["testGroups"].as_array().unwrap() {
            for test in group["tests"].as_array().unwrap() {
                let (mut region, key) = (vec![0u64; 64], bytes(&test["key"]));
                let mut keys = Keys::new(&mut region).unwrap();
                let loaded = keys.add_secret(algorithm, None, &key);
                if key.len() * 8 < bits {
                    assert_eq!(loaded, Err(Status::KeyTooShort), "RFC 7518 3.2");
                    short += 1;
                    continue;
                }
                loaded.unwrap();
                let tag = base64url::encode(&bytes(&test["tag"]));
                let holds = tools::signature_holds(keys.set(), algorithm, &bytes(&test["msg"]), tag.as_bytes());
                // A truncated tag is valid HMAC, and never a JWS signature.
                let is_whole = group["tagSize"].as_u64().unwrap() as usize == bits;
                assert_eq!(holds, is_whole && test["result"] == "valid", "{name} {}", test["tcId"]);
                if holds { held += 1 } else { refused += 1 }
            }
        }
        println!("Wycheproof {name}: {held} held, {refused} refused, {short} with a key that is too short");
        assert!(held >= 20 && refused >= 80);
    }
}

/// The key comes as its bytes here, and JOSE has no context: a signature in another one does not hold (RFC 9964 5).
#[test]
fn mldsa() {
    use wycheproof_ng_mldsa::mldsa_verify::TestName;
    for (strength, algorithm) in [(44, Algorithm::MlDsa44), (65, Algorithm::MlDsa65), (87, Algorithm::MlDsa87)] {
        let name = format!("mldsa_{strength}_verify");
        let json = name.parse::<TestName>().unwrap().json_data();
        let mut set: Value = serde_json::from_str(json).unwrap();
        let tests =
            set["testGroups"].as_array_mut().unwrap().iter_mut().flat_map(|group| group["tests"].as_array_mut().unwrap());
        for test in tests.filter(|test| test["ctx"].as_str().is_some_and(|context| !context.is_empty())) {
            test["result"] = "invalid".into();
        }
        let counts = run(&name, &set.to_string(), &|group, test| {
            let key = base64url::encode(&bytes(&group["publicKey"]));
            let jwk = format!(r#"{{"kty":"AKP","alg":"ML-DSA-{strength}","pub":"{key}"}}"#);
            let mut region = vec![0; 400];
            let mut keys = Keys::new(&mut region).unwrap();
            match keys.add_jwk(jwk.as_bytes(), &[]) {
                Ok(()) => {}
                Err(Status::KeyLength) => return Some(false),
                Err(status) => panic!("{status}: {group}"),
            }
            let signature = base64url::encode(&bytes(&test["sig"]));
            Some(tools::signature_holds(keys.set(), algorithm, &bytes(&test["msg"]), signature.as_bytes()))
        });
        assert!(counts.held >= 20 && counts.refused >= 20, "{name}: {counts:?}");
    }
}
