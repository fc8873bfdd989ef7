//! Minting: what is issued is accepted, says what it was told to say, and is signed as others sign.

use countermark::*;
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, Fingerprint, Setup, judge, key_of, named_key_of};
use countermark_tests::random::Random;
use countermark_tests::sketch::{self, Client, Rules, Value};
use countermark_tests::sketch_rules::SketchRules;
use countermark_tests::token::{self, NOW, SigningKey};

const ALGORITHMS: [&str; 4] = ["HS256", "HS384", "HS512", "ES256"];

fn signer(alg: &str, kid: Option<&str>) -> Signer {
    match Algorithm::from_name(alg).unwrap() {
        Algorithm::ES256 => Signer::of_scalar(Algorithm::ES256, kid, &token::SCALAR).unwrap(),
        algorithm => Signer::of_secret(algorithm, kid, token::SECRET).unwrap(),
    }
}

fn issue(signer: &Signer, mint: &Mint<'_>) -> Result<String, Status> {
    let mut out = vec![0; 16_384];
    signer.issue(mint, &mut vec![0; 16_384], &mut out).map(str::to_string)
}

fn part(token: &str, which: usize) -> Vec<u8> {
    base64url::decode(token.split('.').nth(which).unwrap().as_bytes()).unwrap()
}

fn json(token: &str, which: usize) -> serde_json::Value {
    serde_json::from_slice(&part(token, which)).unwrap()
}

#[test]
fn what_a_token_is_bound_to() {
    let base = Mint { expires_at: Some(NOW), claims: r#"{"a":1}"#, ..Mint::default() };
    let (key, digest) = (Some("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"), Some([0xff; 32]));
    let encoded = base64url::encode(&[0xff; 32]);
    for (confirmed_key, confirmed_certificate, cnf) in [
        (None, None, serde_json::Value::Null),
        (key, None, serde_json::json!({"jkt": key})),
        (None, digest, serde_json::json!({"x5t#S256": encoded})),
        (key, digest, serde_json::json!({"jkt": key, "x5t#S256": encoded})),
    ] {
        let token = issue(&signer("HS256", None), &Mint { confirmed_key, confirmed_certificate, ..base }).unwrap();
        let mut expected = serde_json::json!({"exp": NOW, "cnf": cnf, "a": 1});
        if cnf.is_null() {
            expected.as_object_mut().unwrap().remove("cnf");
        }
        assert_eq!(json(&token, 1), expected);
    }
    // One `cnf`, from one place.
    let claims = r#"{"cnf":{"jkt":"x"}}"#;
    assert!(issue(&signer("HS256", None), &Mint { claims, ..base }).is_ok());
    let both = Mint { claims, confirmed_key: key, ..base };
    assert_eq!(issue(&signer("HS256", None), &both), Err(Status::ClaimsMalformed));
}

#[test]
fn issue_then_verify_for_every_algorithm() {
    for alg in ALGORITHMS {
        for kid in [None, Some("key one"), Some("\"k\\\u{e9}\n")] {
            let mint = Mint {
                typ: Some("at+jwt"),
                issuer: Some("https://login.example"),
                subject: Some("alice"),
                audience: &["api"],
                expires_at: Some(NOW + 600),
                not_before: Some(NOW),
                issued_at: Some(NOW),
                token_id: Some("id-1"),
                claims: r#" {"roles":["a","b"],"n":1.5} "#,
                ..Mint::default()
            };
            let token = issue(&signer(alg, kid), &mint).unwrap();
            let policy = Policy {
                issuers: &["https://login.example"],
                audiences: &["api"],
                subject: Some("alice"),
                typ: Some("at+jwt"),
                require: &["jti", "roles"],
                max_age: Some(1),
                ..Policy::default()
            };
            let setup = Setup::with([named_key_of(alg, kid)]).policy(policy);
            let outcome = judge(&setup, Attempt::new(&token));
            assert_eq!(outcome.status, Status::Accepted, "{alg}");
            let header = serde_json::json!({"alg": alg, "typ": "at+jwt", "kid": kid});
            let mut found = json(&token, 0);
            if kid.is_none() {
                found["kid"] = serde_json::Value::Null;
            }
            assert_eq!(found, header);
            let expected = serde_json::json!({
                "iss": "https://login.example", "sub": "alice", "aud": "api", "exp": NOW + 600, "nbf": NOW, "iat": NOW, "jti": "id-1",
                "roles": ["a", "b"], "n": 1.5,
            });
            assert_eq!(json(&token, 1), expected);
        }
    }
}

#[test]
fn signatures_are_those_of_independent_signers() {
    for alg in ALGORITHMS {
        let mut random = Random::new(14);
        for _ in 0..20 {
            let subject = format!("{:x}", random.word());
            let mint = Mint { subject: Some(&subject), expires_at: Some(NOW), ..Mint::default() };
            let token = issue(&signer(alg, None), &mint).unwrap();
            assert_eq!(token, issue(&signer(alg, None), &mint).unwrap(), "deterministic");
            let (input, _) = token.rsplit_once('.').unwrap();
            assert_eq!(part(&token, 2), SigningKey::of(alg).sign(input.as_bytes()), "{alg}");
        }
    }
}

/// RFC 6979 A.2.5: the private key, and the public key that belongs to it.
#[test]
fn the_public_key_of_rfc6979_a_2_5() {
    let hex = |text: &str| -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
    };
    let x = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
    let mut public = [0; 65];
    Signer::of_scalar(Algorithm::ES256, None, &x).unwrap().public(&mut public).unwrap();
    assert_eq!(public[1..33], hex("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"));
    assert_eq!(public[33..], hex("7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"));
    // The oracle that the signatures are compared with gives the RFC's own signature of "sample".
    let signature = SigningKey::Es256(x.try_into().unwrap()).sign(b"sample");
    assert_eq!(signature[..32], hex("EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"));
    assert_eq!(signature[32..], hex("F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"));
}

#[test]
fn every_string_claim_is_escaped() {
    let mut awkward: Vec<String> = (0u32..0x100).filter_map(char::from_u32).map(|char| format!("a{char}{char}b")).collect();
    awkward.extend(
        ["", "\"", "\\", "\\\"", "\\u0041", "\u{2028}\u{feff}", "\u{1f600}\u{10ffff}", "\"},{\"admin\":true"]
            .map(str::to_string),
    );
    for text in &awkward {
        let audience = [text.as_str(), "x"];
        let mint = Mint {
            typ: Some(text),
            issuer: Some(text),
            subject: Some(text),
            audience: &audience,
            token_id: Some(text),
            expires_at: Some(NOW + 1),
            ..Mint::default()
        };
        let token = issue(&signer("HS256", Some(text)), &mint).unwrap();
        assert_eq!(json(&token, 0), serde_json::json!({"alg": "HS256", "typ": text, "kid": text}));
        let expected = serde_json::json!({"iss": text, "sub": text, "aud": [text, "x"], "exp": NOW + 1, "jti": text});
        assert_eq!(json(&token, 1), expected);
        let policy = Policy { issuers: &[text], audiences: &[text], subject: Some(text), ..Policy::default() };
        let setup = Setup::with([named_key_of("HS256", Some(text))]).policy(policy);
        assert_eq!(judge(&setup, Attempt::new(&token)).status, Status::Accepted, "{text:?}");
    }
}

#[test]
fn what_the_verifier_would_refuse_is_not_issued() {
    let base = Mint { subject: Some("a"), expires_at: Some(NOW), ..Mint::default() };
    let refused = [
        r#"{"sub":"b"}"#,
        r#"{"\u0073ub":"b"}"#,
        r#"{"exp":1}"#,
        r#"{"x":1,"x":2}"#,
        r#"{"x":{"y":1,"y":2}}"#,
        "[]",
        "1",
        "\"{}\"",
        "{",
        "}",
        r#"{"x":1"#,
        r#"{"x":1}}"#,
        r#"{"x":1},{"y":2}"#,
        r#"{"x":}"#,
        r#"{,"x":1}"#,
        r#"{"x":1,}"#,
        r#"{"aud":1}"#,
        r#"{"nbf":"1"}"#,
        r#"{"iat":-1}"#,
        r#"{"cnf":1}"#,
        r#"{"iss":[]}"#,
        "{\"x\":\"\n\"}",
        r#"{"x":"\ud800"}"#,
        r#"{"x":[[[[[[[[1]]]]]]]]}"#,
        "x",
        "{}{}",
    ];
    for claims in refused {
        assert_eq!(issue(&signer("HS256", None), &Mint { claims, ..base }), Err(Status::ClaimsMalformed), "{claims}");
    }
    for claims in ["", "{}", " { } ", r#"{"x":1}"#, "\t{\"x\":{}}\n", r#"{"cnf":{"jkt":"x"}}"#] {
        assert!(issue(&signer("HS256", None), &Mint { claims, ..base }).is_ok(), "{claims}");
    }
    for wrong in [
        Mint { expires_at: None, ..base },
        Mint { expires_at: Some(-1), ..base },
        Mint { not_before: Some(-1), ..base },
        Mint { issued_at: Some(i64::MIN), ..base },
    ] {
        assert_eq!(issue(&signer("HS256", None), &wrong), Err(Status::ClaimsMalformed));
    }
    assert!(issue(&signer("HS256", None), &Mint { expires_at: None, allow_missing_exp: true, ..base }).is_ok());
    let latest = issue(&signer("HS256", None), &Mint { expires_at: Some(i64::MAX), ..base }).unwrap();
    assert_eq!(json(&latest, 1)["exp"], i64::MAX);
}

#[test]
fn a_countermark_is_minted_and_checked() {
    let pepper = b"a pepper of more than sixteen bytes";
    let headers = [("user-agent", "browser"), ("accept-language", "en")];
    let others = [("user-agent", "another"), ("accept-language", "en")];
    let evidence = Evidence { headers: &headers, ..Evidence::NONE };
    let fingerprint = Fingerprint::headers("fp", pepper);
    for alg in ALGORITHMS {
        let mint = |recipe: &Recipe<'_>| {
            let mint = Mint { expires_at: Some(NOW + 1), digest: Some((recipe, &evidence)), ..Mint::default() };
            issue(&signer(alg, None), &mint)
        };
        let token = fingerprint.with_recipe(mint).unwrap().unwrap();
        let setup = Setup::with([key_of(alg)]).fingerprint(fingerprint);
        assert_eq!(judge(&setup, Attempt::new(&token).from(evidence)).status, Status::Accepted);
        let stolen = Evidence { headers: &others, ..Evidence::NONE };
        assert_eq!(judge(&setup, Attempt::new(&token).from(stolen)).status, Status::FingerprintMismatch);
    }
    let taken = Fingerprint { claim: "sub", ..fingerprint };
    let mint = |recipe: &Recipe<'_>| {
        let mint = Mint { subject: Some("a"), expires_at: Some(1), digest: Some((recipe, &evidence)), ..Mint::default() };
        issue(&signer("HS256", None), &mint)
    };
    assert_eq!(taken.with_recipe(mint).unwrap(), Err(Status::ClaimsMalformed));
}

#[test]
fn memory_too_small_leaves_the_output_untouched() {
    for alg in ALGORITHMS {
        let signer = signer(alg, Some("kid"));
        let mint = Mint { subject: Some("alice"), expires_at: Some(NOW), claims: r#"{"a":1}"#, ..Mint::default() };
        let token = issue(&signer, &mint).unwrap();
        // Signing costs time; the edges suffice.
        for missing in [1, 2, 3, 43, 44, 86, token.len() / 2, token.len() - 1, token.len()] {
            let mut out = vec![0xa5; token.len() - missing];
            assert_eq!(signer.issue(&mint, &mut [0; 1024], &mut out), Err(Status::BufferTooSmall));
            assert!(out.iter().all(|byte| *byte == 0xa5));
        }
        let mut enough = None;
        for scratch_bytes in 0..400 {
            let mut out = vec![0xa5; token.len() + 3];
            match signer.issue(&mint, &mut vec![0; scratch_bytes], &mut out).map(str::to_string) {
                Ok(issued) => {
                    assert_eq!(issued, token);
                    assert_eq!(out[token.len()..], [0xa5; 3]);
                    enough = Some(scratch_bytes);
                    break;
                }
                Err(status) => {
                    assert_eq!(status, Status::ScratchTooSmall, "{scratch_bytes}");
                    assert!(out.iter().all(|byte| *byte == 0xa5));
                }
            }
        }
        assert!(enough.is_some());
    }
}

#[test]
fn private_jwks() {
    let scalar = base64url::encode(&token::SCALAR);
    let public = token::public_jwk_members(&token::SCALAR);
    let other = token::public_jwk_members(&[9; 32]);
    let k = base64url::encode(token::SECRET);
    let of = |json: String| Signer::of_jwk(json.as_bytes(), &[]).map(|signer| signer.algorithm());
    assert_eq!(of(format!(r#"{{{public},"d":"{scalar}","alg":"ES256"}}"#)), Ok(Algorithm::ES256));
    assert_eq!(of(format!(r#"{{{public},"d":"{scalar}","alg":"ES256","key_ops":["sign"]}}"#)), Ok(Algorithm::ES256));
    assert_eq!(of(format!(r#"{{"kty":"oct","k":"{k}","alg":"HS512"}}"#)), Ok(Algorithm::HS512));
    assert_eq!(of(format!(r#"{{{public},"d":"{scalar}","alg":"ES256","key_ops":["verify"]}}"#)), Err(Status::KeyUse));
    assert_eq!(of(format!(r#"{{{public},"d":"{scalar}"}}"#)), Err(Status::KeyAlgorithmUndecided));
    assert_eq!(of(format!(r#"{{{public},"alg":"ES256"}}"#)), Err(Status::KeyMemberMissing));
    assert_eq!(of(format!(r#"{{{other},"d":"{scalar}","alg":"ES256"}}"#)), Err(Status::KeyPoint));
    assert_eq!(of(format!(r#"{{{public},"d":"AAAA","alg":"ES256"}}"#)), Err(Status::KeyLength));
    let signer =
        Signer::of_jwk(format!(r#"{{{public},"d":"{scalar}","alg":"ES256","kid":"k\u0031"}}"#).as_bytes(), &[]).unwrap();
    let token = issue(&signer, &Mint { expires_at: Some(1), ..Mint::default() }).unwrap();
    assert_eq!(json(&token, 0)["kid"], "k1");
    for (scalar, expected) in
        [(vec![0; 32], Status::KeyPoint), (vec![0xff; 32], Status::KeyPoint), (vec![1; 31], Status::KeyLength)]
    {
        assert_eq!(Signer::of_scalar(Algorithm::ES256, None, &scalar).err(), Some(expected));
    }
}

#[test]
fn a_sketch_and_a_digest_in_one_token() {
    let pepper = b"sixteen bytes or more";
    let evidence = Evidence { address: "192.0.2.1", country: "NO", ..Evidence::NONE };
    let fingerprint = Fingerprint { inputs: &[Input::Country], ..Fingerprint::headers("fp", pepper) };
    let rules = SketchRules::new(&[(3, pepper)], Rules::of(&[(2, 1), (4, 1)]));
    let token = rules.with(|sketch| {
        let new = NewSketch { sketch, evidence: &evidence, salt: [7; 8], opt_out: ComponentSet::EMPTY, previous: None };
        fingerprint.with_recipe(|recipe| {
            let mint = Mint {
                subject: Some("alice"),
                expires_at: Some(NOW + 1),
                claims: r#"{"n":1}"#,
                digest: Some((recipe, &evidence)),
                sketch: Some(&new),
                ..Mint::default()
            };
            // A claim of the host's own in the sketch's place would be there twice.
            let twice = Mint { claims: r#"{"cmk":1}"#, ..mint };
            assert_eq!(issue(&signer("HS256", None), &twice), Err(Status::ClaimsMalformed));
            let mut out = [0x5a; 64];
            let failed = signer("HS256", None).issue(&mint, &mut [0; 512], &mut out).map(str::len);
            assert_eq!((failed, out), (Err(Status::BufferTooSmall), [0x5a; 64]));
            assert_eq!(
                signer("HS256", None).issue(&mint, &mut [0; 90], &mut [0; 512]).map(str::len),
                Err(Status::ScratchTooSmall)
            );
            issue(&signer("HS256", None), &mint)
        })
    });
    let token = token.unwrap().unwrap().unwrap();
    let client = Client::from([(2, Value::Exact(b"192.0.2.0/24".to_vec())), (4, Value::Exact(b"NO".to_vec()))]);
    let expected = sketch::mint((3, pepper), [7; 8], 3, &client).text();
    assert_eq!(json(&token, 1)["cmk"], expected);
    // Both must hold.
    let setup = Setup::with([key_of("HS256")]).fingerprint(fingerprint).sketch(rules);
    assert_eq!(judge(&setup, Attempt::new(&token).from(evidence)).status, Status::Accepted);
    let moved = judge(&setup, Attempt::new(&token).from(Evidence { address: "198.51.100.1", ..evidence }));
    assert_eq!((moved.status, moved.failures), (Status::FingerprintMismatch, 1 << 36), "half of the sketch");
    let abroad = judge(&setup, Attempt::new(&token).from(Evidence { country: "SE", ..evidence }));
    assert_eq!(
        (abroad.status, abroad.failures),
        (Status::FingerprintMismatch, 1 << 36),
        "the digest, and half of the sketch"
    );
    let nowhere = judge(&setup, Attempt::new(&token).from(Evidence { address: "nowhere", ..evidence }));
    assert_eq!((nowhere.status, nowhere.score), (Status::AddressMalformed, None));
}
