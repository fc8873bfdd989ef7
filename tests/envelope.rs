//! Envelopes against other crates and the RFCs' own examples: what opens, to what, under which key.

use countermark::{
    Encryption, KeyManagement, Keys, Limits, Mint, Policy, Request, SEAL_RANDOM_BYTES, Sealer, Shape, Signer, Status,
    Verifier, nested_scratch_bytes, open_envelope, scratch_bytes,
};
use countermark_tests::base64url::{decode, encode};
use countermark_tests::envelope::{self, CONTENTS, Envelope, Management, compact, content};
use serde_json::{Value, json};

/// Opens an envelope with the keys of one JWK or set; a failure leaves nothing of the content.
fn open(jwks: &Value, envelope: &str) -> Result<Vec<u8>, Status> {
    let mut region = vec![0; 512];
    let mut keys = Keys::new(&mut region)?;
    match jwks.get("keys") {
        Some(_) => drop(keys.add_jwks(jwks.to_string().as_bytes(), &[])?),
        None => keys.add_jwk(jwks.to_string().as_bytes(), &[])?,
    }
    let mut scratch = vec![0x55; scratch_bytes(envelope.len(), &Limits::DEFAULT)];
    let opened = open_envelope(envelope.as_bytes(), &[keys.set()], &Limits::DEFAULT, &mut scratch);
    opened.map(|(plain, _)| plain.to_vec())
}

fn secret(alg: &str, key: &[u8]) -> Value {
    json!({"kty": "oct", "alg": alg, "k": encode(key)})
}

const PLAIN: &[u8] = b"Live long and prosper, and a little more than three whole blocks of AES.";

/// The readers' private keys, and every management with its key as a JWK.
fn managements(enc: &str, content_key: &[u8]) -> Vec<(Management, Value)> {
    let mut all = vec![(Management::Dir, secret(enc, content_key))];
    for bytes in [16, 24, 32] {
        let key: Vec<u8> = (0..bytes as u8).map(|at| at * 7 + 1).collect();
        all.push((Management::Wrap(key.clone()), secret(&format!("A{}KW", bytes * 8), &key)));
        all.push((Management::GcmWrap(key.clone()), secret(&format!("A{}GCMKW", bytes * 8), &key)));
    }
    let private = [0x33; 32];
    let p256 = p256::SecretKey::from_slice(&private).unwrap();
    use p256::elliptic_curve::sec1::ToSec1Point;
    let point = p256.public_key().to_sec1_point(false).as_bytes().to_vec();
    let x25519 = x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(private)).to_bytes();
    for bytes in [0, 16, 24, 32] {
        let agree = Management::Agree(point.clone(), bytes);
        let jwk = json!({"kty": "EC", "crv": "P-256", "alg": agree.name(), "use": "enc", "d": encode(&private),
            "x": encode(&point[1..33]), "y": encode(&point[33..])});
        all.push((agree, jwk));
        let agree = Management::Agree(x25519.to_vec(), bytes);
        let jwk = json!({"kty": "OKP", "crv": "X25519", "alg": agree.name(), "d": encode(&private), "x": encode(&x25519)});
        all.push((agree, jwk));
    }
    all
}

#[test]
fn every_management_with_every_content_and_every_length() {
    let key: Vec<u8> = (0..64).map(|at| at * 3 + 5).collect();
    let mut opened = 0;
    for (enc, key_bytes, ..) in CONTENTS {
        for (management, jwk) in managements(enc, &key[..key_bytes]) {
            let lengths: &[usize] =
                if matches!(management, Management::Dir) { &[0, 1, 15, 16, 17, 127, 128, 129, 300] } else { &[72] };
            for length in lengths {
                let plain: Vec<u8> = PLAIN.iter().copied().cycle().take(*length).collect();
                let envelope = Envelope::new(&management, enc, &key, &plain).build();
                assert_eq!(open(&jwk, &envelope).as_deref(), Ok(plain.as_slice()), "{} {enc} {length}", management.name());
                opened += 1;
            }
        }
    }
    assert_eq!(opened, 6 * (9 + 6 + 8));
}

/// All the keys of one management side by side, without names: the right one is found wherever it stands, and each kind of
/// damage is one status.
#[test]
fn one_status_for_everything_inside() {
    let key: Vec<u8> = (0..64).map(|at| at * 3 + 5).collect();
    for (enc, key_bytes, ..) in CONTENTS {
        for (management, jwk) in managements(enc, &key[..key_bytes]) {
            let good = Envelope::new(&management, enc, &key, PLAIN);
            let parts = good.parts();
            for (place, part) in parts.iter().enumerate().skip(1) {
                for at in [0, part.len() / 2, part.len().saturating_sub(1)] {
                    let mut parts = parts.clone();
                    if let Some(byte) = parts[place].get_mut(at) {
                        *byte ^= 1;
                        let found = open(&jwk, &compact(&parts));
                        assert_eq!(found, Err(Status::Decryption), "{} {enc} part {place}", management.name());
                    }
                }
            }
            let mut other = jwk.clone();
            if jwk["kty"] == "oct" {
                let mut bytes = decode(jwk["k"].as_str().unwrap().as_bytes()).unwrap();
                bytes[0] ^= 1;
                other["k"] = encode(&bytes).into();
                assert_eq!(open(&other, &good.build()), Err(Status::Decryption));
                let both = json!({"keys": [other, jwk]});
                assert_eq!(open(&both, &good.build()).as_deref(), Ok(PLAIN), "{} {enc}", management.name());
            }
        }
    }
}

/// What does not authenticate leaves nothing in the scratch, neither text nor half of it.
#[test]
fn nothing_is_released_on_failure() {
    let key = [9; 64];
    for (enc, key_bytes, ..) in CONTENTS {
        let mut parts = Envelope::new(&Management::Dir, enc, &key, &[b'!'; 100]).parts();
        parts[4][0] ^= 1;
        let mut region = vec![0; 64];
        let mut keys = Keys::new(&mut region).unwrap();
        keys.add_jwk(secret(enc, &key[..key_bytes]).to_string().as_bytes(), &[]).unwrap();
        let mut scratch = vec![0; 512];
        let found = open_envelope(compact(&parts).as_bytes(), &[keys.set()], &Limits::DEFAULT, &mut scratch);
        assert_eq!(found.err(), Some(Status::Decryption));
        assert!(!scratch.windows(4).any(|window| window == b"!!!!"), "{enc}");
        assert!(!scratch.windows(8).any(|window| parts[3].windows(8).any(|part| part == window)), "{enc}");
    }
}

/// RFC 7516 A.3: A128KW and A128CBC-HS256.
#[test]
fn rfc7516_a3() {
    let jwk = json!({"kty": "oct", "alg": "A128KW", "k": "GawgguFyGrWKav7AX4VKUg"});
    let envelope = "eyJhbGciOiJBMTI4S1ciLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0.6KB707dM9YTIgHtLvtgWQ8mKwboJW3of9locizkDTHzBC2IlrT1oOQ.AxY8DCtDaGlsbGljb3RoZQ.KDlTtXchhZTGufMYmOYGS4HffxPSUrfmqCHXaI9wOGY.U0m_YmjN04DJvceFICbCVQ";
    assert_eq!(open(&jwk, envelope).as_deref(), Ok(&b"Live long and prosper."[..]));
}

/// RFC 7516 A.1 and A.2: RSA-OAEP is not of this build, RSA1_5 is refused by name. (Only their headers matter here.)
#[test]
fn rfc7516_a1_and_a2() {
    let jwk = secret("A256GCM", &[1; 32]);
    for (header, status) in [
        ("eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ", Status::AlgorithmUnknown),
        ("eyJhbGciOiJSU0ExXzUiLCJlbmMiOiJBMTI4Q0JDLUhTMjU2In0", Status::ManagementRefused),
    ] {
        assert_eq!(open(&jwk, &format!("{header}.AAAA.AAAA.AAAA.AAAA")), Err(status));
    }
}

/// RFC 7518 appendix C: the agreed key is VqqN6vgjbSBcIijNcacQGg, and an envelope under it opens with Bob's private key.
#[test]
fn rfc7518_c() {
    let header = json!({"alg": "ECDH-ES", "enc": "A128GCM", "apu": "QWxpY2U", "apv": "Qm9i", "epk": {"kty": "EC", "crv": "P-256",
        "x": "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0", "y": "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}});
    let bob = json!({"kty": "EC", "crv": "P-256", "alg": "ECDH-ES", "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck", "d": "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"});
    let key = decode(b"VqqN6vgjbSBcIijNcacQGg").unwrap();
    let head = header.to_string().into_bytes();
    let (text, tag) = content("A128GCM", &key, &[3; 12], encode(&head).as_bytes(), PLAIN);
    assert_eq!(open(&bob, &compact(&[head, vec![], vec![3; 12], text, tag])).as_deref(), Ok(PLAIN));
}

/// RFC 7518 appendix B, through the oracle that the rest is held against: keys, IV, text and associated data are the RFC's.
#[test]
fn rfc7518_b() {
    let plain = b"A cipher system must not be required to be secret, and it must be able to fall into the hands of the enemy without inconvenience";
    let head = b"The second principle of Auguste Kerckhoffs";
    let iv = [0x1a, 0xf3, 0x8c, 0x2d, 0xc2, 0xb9, 0x6f, 0xfd, 0xd8, 0x66, 0x94, 0x09, 0x23, 0x41, 0xbc, 0x04];
    let tags: [(Encryption, &[u8], [u8; 4]); 3] = [
        (
            Encryption::A128CbcHs256,
            &[0x65, 0x2c, 0x3f, 0xa3, 0x6b, 0x0a, 0x7c, 0x5b, 0x32, 0x19, 0xfa, 0xb3, 0xa3, 0x0b, 0xc1, 0xc4],
            [0xc8, 0x0e, 0xdf, 0xa3],
        ),
        (
            Encryption::A192CbcHs384,
            &[
                0x84, 0x90, 0xac, 0x0e, 0x58, 0x94, 0x9b, 0xfe, 0x51, 0x87, 0x5d, 0x73, 0x3f, 0x93, 0xac, 0x20, 0x75, 0x16,
                0x80, 0x39, 0xcc, 0xc7, 0x33, 0xd7,
            ],
            [0xea, 0x65, 0xda, 0x6b],
        ),
        (
            Encryption::A256CbcHs512,
            &[
                0x4d, 0xd3, 0xb4, 0xc0, 0x88, 0xa7, 0xf4, 0x5c, 0x21, 0x68, 0x39, 0x64, 0x5b, 0x20, 0x12, 0xbf, 0x2e, 0x62,
                0x69, 0xa8, 0xc5, 0x6a, 0x81, 0x6d, 0xbc, 0x1b, 0x26, 0x77, 0x61, 0x95, 0x5b, 0xc5,
            ],
            [0x4a, 0xff, 0xaa, 0xad],
        ),
    ];
    for (encryption, wanted, first) in tags {
        let key: Vec<u8> = (0..encryption.key_bytes() as u8).collect();
        let (text, tag) = content(encryption.name(), &key, &iv, head, plain);
        assert_eq!((tag.as_slice(), &text[..4]), (wanted, &first[..]), "{encryption:?}");
        let mut place = text.clone();
        let opened = countermark::tools::open_content(encryption, &key, &iv, head, &mut place, &tag);
        assert_eq!(opened.map(|length| &place[..length]), Some(&plain[..]));
    }
}

/// RFC 7520 section 5, and what it says of the rest.
#[test]
fn rfc7520_5() {
    let folder = countermark_tests::c_compiler::root().join("../shared/vectors/jose-cookbook/jwe");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        return countermark_tests::skipped("../shared/vectors/jose-cookbook/jwe", "not beside this checkout");
    };
    let mut found = std::collections::BTreeMap::new();
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_string();
        let case: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let Some(envelope) = case["output"]["compact"].as_str() else { continue };
        let alg = case["input"]["alg"].as_str().unwrap();
        let mut jwk = case["input"]["key"].clone();
        jwk["alg"] = if alg == "dir" { case["input"]["enc"].clone() } else { alg.into() };
        if alg.starts_with("RSA") || alg.starts_with("PBES2") {
            // The header alone refuses it.
            jwk = secret("A256GCM", &[1; 32]);
        }
        let outcome = match open(&jwk, envelope) {
            Ok(plain) => {
                assert_eq!(plain, case["input"]["plaintext"].as_str().unwrap().as_bytes(), "{name}");
                "opened".to_string()
            }
            Err(status) => status.name().to_string(),
        };
        found.insert(name, outcome);
    }
    let wanted = [
        ("5_1", "MANAGEMENT_REFUSED"),
        ("5_2", "ALGORITHM_UNKNOWN"),
        ("5_3", "MANAGEMENT_REFUSED"),
        ("5_4", "KEY_TYPE_UNSUPPORTED"), // on P-384
        ("5_5", "opened"),
        ("5_6", "opened"),
        ("5_7", "opened"),
        ("5_8", "opened"),
        ("5_9", "COMPRESSED"),
    ];
    let found: Vec<_> = found.iter().map(|(name, outcome)| (name.as_str(), outcome.as_str())).collect();
    for (name, outcome) in wanted {
        assert!(found.contains(&(name, outcome)), "{name} {outcome}: {found:?}");
    }
}

/// What is made here is, part by part, what the oracle makes of the same key, content and random bytes.
#[test]
fn made_as_the_oracle_makes_it() {
    let random: [u8; SEAL_RANDOM_BYTES] = std::array::from_fn(|at| (at as u8).wrapping_mul(31).wrapping_add(7));
    let (cek, iv, wrap_iv) = (&random[..64], &random[64..80], &random[80..92]);
    let private: [u8; 32] = random[92..].try_into().unwrap();
    for (enc, key_bytes, iv_bytes, _) in CONTENTS {
        let own: Vec<u8> = (0..64).map(|at| at * 3 + 5).collect();
        for (management, jwk) in managements(enc, &own[..key_bytes]) {
            let name = management.name();
            let mut jwk = jwk;
            jwk["kid"] = "k".into();
            let sealer = Sealer::of_jwk(jwk.to_string().as_bytes(), Encryption::from_name(enc).unwrap()).unwrap();
            for length in [0, 1, 15, 16, 17, 200] {
                let plain: Vec<u8> = PLAIN.iter().copied().cycle().take(length).collect();
                let (mut scratch, mut out) = ([0; 1024], [0; 2048]);
                let made = sealer.seal(&plain, &random, &mut scratch, &mut out).unwrap();
                assert_eq!(open(&jwk, made).as_deref(), Ok(plain.as_slice()), "{name} {enc}");
                let [header, encrypted_key, made_iv, text, tag] = envelope::split(made);
                let said: Value = serde_json::from_slice(&header).unwrap();
                assert_eq!((&said["alg"], &said["enc"], &said["kid"]), (&json!(name), &json!(enc), &json!("k")));
                let (key, wanted) = match &management {
                    Management::Dir => (own[..key_bytes].to_vec(), vec![]),
                    Management::Wrap(wrapping) => (cek[..key_bytes].to_vec(), envelope::wrap(wrapping, &cek[..key_bytes])),
                    Management::GcmWrap(wrapping) => {
                        let gcm = format!("A{}GCM", wrapping.len() * 8);
                        let (wrapped, tag) = content(&gcm, wrapping, wrap_iv, b"", &cek[..key_bytes]);
                        assert_eq!((&said["iv"], &said["tag"]), (&json!(encode(wrap_iv)), &json!(encode(&tag))));
                        (cek[..key_bytes].to_vec(), wrapped)
                    }
                    Management::Agree(public, bytes) => {
                        let (epk, shared) = envelope::agree(public, private);
                        assert_eq!(said["epk"], epk);
                        match bytes {
                            0 => (envelope::derive(&shared, enc, b"", b"", key_bytes), vec![]),
                            bytes => {
                                let wrapping = envelope::derive(&shared, &name, b"", b"", *bytes);
                                (cek[..key_bytes].to_vec(), envelope::wrap(&wrapping, &cek[..key_bytes]))
                            }
                        }
                    }
                };
                assert_eq!(encrypted_key, wanted, "{name} {enc}");
                assert_eq!(made_iv, iv[..iv_bytes]);
                assert_eq!((text, tag), content(enc, &key, &made_iv, encode(&header).as_bytes(), &plain), "{name} {enc}");
            }
        }
    }
}

/// Both orders in one call each, and the verdict names the layers that were proved.
#[test]
fn nested_tokens_name_their_layers() {
    let secret_key = b"a secret of at least thirty-two bytes";
    let signer = Signer::of_secret(countermark::Algorithm::HS256, Some("sig-1"), secret_key).unwrap();
    let sealer = Sealer::of_key(KeyManagement::A128GcmKw, Encryption::A192CbcHs384, Some("enc-1"), &[7; 16]).unwrap();
    let mint = Mint { subject: Some("alice"), expires_at: Some(2_000_000_000), ..Mint::default() };
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(countermark::Algorithm::HS256, Some("sig-1"), secret_key).unwrap();
    keys.add_decryption(KeyManagement::A128GcmKw, Some("enc-1"), &[7; 16]).unwrap();
    let sets = [keys.set()];
    let mut identities = Vec::new();
    for shape in [Shape::SignedThenEncrypted, Shape::EncryptedThenSigned] {
        let policy = Policy { shape, ..Policy::default() };
        let verifier = Verifier::new(&sets, policy, Default::default()).unwrap();
        for byte in [1, 2] {
            let (mut scratch, mut out) = ([0; 1024], [0; 1024]);
            let random = [byte; SEAL_RANDOM_BYTES];
            let token = signer.issue_nested(&mint, shape, &sealer, &random, &mut scratch, &mut out).unwrap();
            let mut scratch = vec![0; nested_scratch_bytes(token.len(), &Limits::DEFAULT)];
            let claims = verifier.verify(&Request::new(token, 1_700_000_000), &mut scratch).accepted().unwrap();
            assert_eq!(claims.raw(), r#"{"sub":"alice","exp":2000000000}"#);
            let layers = claims.layers();
            let opened = layers.decrypted.unwrap();
            assert_eq!((layers.algorithm, layers.kid.unwrap().as_str()), (countermark::Algorithm::HS256, Some("sig-1")));
            assert_eq!((opened.management, opened.encryption), (KeyManagement::A128GcmKw, Encryption::A192CbcHs384));
            assert_eq!(opened.kid.unwrap().as_str(), Some("enc-1"));
            identities.push(claims.identity());
        }
        // On failure nothing of it is handed out.
        let (mut scratch, mut out) = ([0; 1024], [0x55; 300]);
        let failed = signer.issue_nested(&mint, shape, &sealer, &[1; SEAL_RANDOM_BYTES], &mut scratch, &mut out);
        assert_eq!(failed.err(), Some(Status::BufferTooSmall));
        assert_eq!(out, [0; 300]);
    }
    // The identity is that of what was signed: a new envelope around one token is the same token.
    assert_eq!(identities[0], identities[1]);
    assert_ne!(identities[2], identities[3]);
}

/// Names and numbers are those of the C header, and each reads back.
#[test]
fn names_and_numbers_read_back() {
    for encryption in Encryption::SUPPORTED {
        assert_eq!(Encryption::from_code(*encryption as i32), Some(*encryption));
        assert_eq!(Encryption::from_name(encryption.name()), Some(*encryption));
    }
    for management in KeyManagement::SUPPORTED {
        assert_eq!(KeyManagement::from_code(*management as i32), Some(*management));
        assert!(countermark::Algorithm::from_code(*management as i32).is_none());
    }
    assert_eq!(KeyManagement::SUPPORTED.len(), 20);
}
