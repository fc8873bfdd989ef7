//! DPoP proofs (RFC 9449), and session credentials by the same path. Every case goes through Rust and C.

use countermark::{Algorithm, Evidence, Limits, ProofKind, Scheme, Status, scratch_bytes};
use countermark_tests::judge::{Attempt, Outcome, Setup, judge, key_of};
use countermark_tests::possession::{Possession, Proofs};
use countermark_tests::proof::{METHOD, NOW, ProofBuilder, ProofKey, URI, token_hash};
use countermark_tests::token::{Flaw, Segment, Spelling, TokenBuilder};
use serde_json::{Value, json};

/// A token bound to the key.
fn bound(key: &ProofKey) -> String {
    TokenBuilder::new("HS256").payload_with(&format!(r#""cnf":{{"jkt":"{}"}}"#, key.thumbprint())).build()
}

fn setup(rules: Proofs<'_>) -> Setup<'_> {
    Setup::with([key_of("HS256")]).possession(Possession::ruled(rules))
}

fn evidence<'e>(proofs: &'e [&'e [u8]]) -> Evidence<'e> {
    Evidence { proofs, method: METHOD, uri: URI, scheme: Scheme::DPoP, ..Evidence::NONE }
}

fn judged(token: &str, proof: &str) -> Outcome {
    judge(&setup(Proofs::DPOP), Attempt::new(token).from(evidence(&[proof.as_bytes()])))
}

/// The statuses of the failed checks.
fn failed(outcome: &Outcome) -> Vec<Status> {
    let is_set = |status: &&Status| status.bit().is_some_and(|bit| outcome.failures & 1 << bit != 0);
    Status::ALL.iter().filter(is_set).copied().collect()
}

#[test]
fn a_good_proof_of_every_algorithm() {
    for alg in ["ES256", "ES384", "EdDSA", "RS256", "PS256"] {
        let key = ProofKey::of(alg);
        let token = bound(&key);
        let outcome = judged(&token, &ProofBuilder::new(&key, &token).build());
        assert_eq!(outcome.status, Status::Accepted, "{alg}");
        let used = outcome.to_commit.expect("a use to commit");
        assert_eq!(used.expires_at, NOW + 301, "the second at which it is refused for its age");
        // The key may say its algorithm and its use.
        let named = ProofBuilder::new(&key, &token).jwk("alg", alg).jwk("use", "sig").jwk("key_ops", json!(["verify"]));
        assert_eq!(judged(&token, &named.build()).status, Status::Accepted, "{alg}");
    }
    // Both names of Ed25519 in the header.
    let key = ProofKey::of("EdDSA");
    let token = bound(&key);
    let named = ProofBuilder::new(&key, &token).header("alg", "Ed25519").build();
    assert_eq!(judged(&token, &named).status, Status::Accepted);
}

#[test]
fn thumbprints_by_hand_are_those_of_the_core() {
    for alg in ["ES256", "ES384", "EdDSA", "RS256"] {
        let key = ProofKey::of(alg);
        let mut text = [0; 43];
        assert_eq!(countermark::thumbprint(key.jwk.to_string().as_bytes(), &mut text), Ok(key.thumbprint().as_str()));
    }
}

/// One named flaw each, and the one check that it fails.
#[test]
fn each_flaw_fails_its_own_check_and_no_other() {
    type Change = fn(ProofBuilder) -> ProofBuilder;
    let flaws: &[(Status, &str, Change)] = &[
        (Status::ProofMalformed, "crit", |p| p.header("crit", json!(["b64"])).header("b64", true)),
        (Status::ProofMalformed, "header padded", |p| p.flaw(Flaw::Spelt(Segment::Header, Spelling::Padded))),
        (Status::ProofMalformed, "no signature", |p| p.flaw(Flaw::Empty(Segment::Signature))),
        (Status::ProofMalformed, "unencoded", |p| p.header("b64", false)),
        (Status::ProofMalformed, "payload padded", |p| p.flaw(Flaw::Spelt(Segment::Payload, Spelling::OneMore))),
        (Status::ProofMalformed, "a jwk that is text", |p| p.header("jwk", "x")),
        (Status::ProofType, "no typ", |p| p.header("typ", Value::Null)),
        (Status::ProofType, "another typ", |p| p.header("typ", "JWT")),
        (Status::ProofType, "a session credential", |p| p.header("typ", "dbsc+jwt")),
        (Status::ProofAlgorithm, "no alg", |p| p.header("alg", Value::Null)),
        (Status::ProofAlgorithm, "none", |p| p.header("alg", "none")),
        (Status::ProofAlgorithm, "HMAC", |p| p.header("alg", "HS256")),
        (Status::ProofAlgorithm, "not listed", |p| p.header("alg", "ES512")),
        (Status::ProofAlgorithm, "another key's", |p| p.header("alg", "ES384")),
        (Status::ProofAlgorithm, "the jwk says another", |p| p.jwk("alg", "ES384")),
        (Status::ProofKey, "no jwk", |p| p.header("jwk", Value::Null)),
        (Status::ProofKey, "a private member", |p| p.jwk("d", "AAAA")),
        (Status::ProofKey, "a private member of another type", |p| p.jwk("qi", 1)),
        (Status::ProofKey, "oct", |p| p.header("jwk", json!({"kty": "oct", "k": "A".repeat(43)}))),
        (Status::ProofKey, "off the curve", |p| p.jwk("y", "A".repeat(43))),
        (Status::ProofKey, "for encryption", |p| p.jwk("use", "enc")),
        (Status::ProofKey, "no x", |p| p.jwk("x", Value::Null)),
        (Status::ProofKey, "unknown kty", |p| p.jwk("kty", "XY")),
        (Status::ProofSignature, "one bit", |p| p.flaw(Flaw::SignatureBit(9))),
        (Status::ProofSignature, "cut", |p| p.flaw(Flaw::SignatureCut(1))),
        (Status::ProofSignature, "another's", |p| {
            let jwk = ProofKey::of_scalar([9; 32]).jwk;
            p.header("jwk", jwk)
        }),
        (Status::ProofClaim, "no jti", |p| p.claim("jti", Value::Null)),
        (Status::ProofClaim, "jti a number", |p| p.claim("jti", 1)),
        (Status::ProofClaim, "jti empty", |p| p.claim("jti", "")),
        (Status::ProofClaim, "jti long", |p| p.claim("jti", "j".repeat(513))),
        (Status::ProofClaim, "no htm", |p| p.claim("htm", Value::Null)),
        (Status::ProofClaim, "no htu", |p| p.claim("htu", Value::Null)),
        (Status::ProofClaim, "htu a list", |p| p.claim("htu", json!([URI]))),
        (Status::ProofClaim, "no iat", |p| p.claim("iat", Value::Null)),
        (Status::ProofClaim, "iat text", |p| p.claim("iat", "1700000000")),
        (Status::ProofClaim, "iat negative", |p| p.claim("iat", -1)),
        (Status::ProofClaim, "nonce a number", |p| p.claim("nonce", 1)),
        (Status::ProofMethod, "another method", |p| p.claim("htm", "POST")),
        (Status::ProofMethod, "case", |p| p.claim("htm", "get")),
        (Status::ProofUri, "another path", |p| p.claim("htu", "https://api.example/orders/8")),
        (Status::ProofUri, "no URI", |p| p.claim("htu", "/orders/7")),
        (Status::ProofTime, "too old", |p| p.claim("iat", NOW - 301)),
        (Status::ProofTime, "a little too old", |p| p.claim("iat", NOW as f64 - 300.5)),
        (Status::ProofTime, "from the future", |p| p.claim("iat", NOW + 61)),
        (Status::ProofTime, "a little too far", |p| p.claim("iat", NOW as f64 + 60.5)),
        (Status::ProofTokenHash, "no ath", |p| p.claim("ath", Value::Null)),
        (Status::ProofTokenHash, "another token's", |p| p.claim("ath", token_hash("a.b.c"))),
        (Status::ProofTokenHash, "padded", |p| {
            let ath = format!("{}=", p.claims["ath"].as_str().unwrap());
            p.claim("ath", ath)
        }),
    ];
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    let good = ProofBuilder::new(&key, &token);
    for (status, name, change) in flaws {
        let outcome = judged(&token, &change(good.clone()).build());
        assert_eq!((outcome.status, failed(&outcome)), (*status, vec![*status]), "{name}");
    }
    // A claims set that is none.
    for text in ["[]", "{", r#"{"jti":"a","jti":"b"}"#, &"[".repeat(9)] {
        assert_eq!(judged(&token, &good.build_text(text)).status, Status::ProofMalformed, "{text}");
    }
    for proof in ["", ".", "..", "a.b", "a.b.c.d"] {
        assert_eq!(judged(&token, proof).status, Status::ProofMalformed, "{proof}");
    }
}

#[test]
fn what_is_at_the_edge_is_accepted() {
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    let good = ProofBuilder::new(&key, &token);
    let fine = [
        good.clone().claim("iat", NOW - 300),
        good.clone().claim("iat", NOW + 60),
        good.clone().claim("iat", NOW as f64 - 299.5),
        good.clone().claim("jti", "j".repeat(512)),
        good.clone().claim("htu", format!("{URI}?q=1#f")),
        good.clone().claim("exp", 1).claim("more", json!({"a": [1]})),
        good.clone().claim("nonce", "unasked"),
        good.clone().header("typ", "application/DPoP+jwt"),
        good.clone().header("kid", "k"),
    ];
    for proof in &fine {
        assert_eq!(judged(&token, &proof.build()).status, Status::Accepted, "{} {}", proof.header, proof.claims);
    }
    // Escapes, in names and in values.
    let text = good.claims.to_string();
    for escaped in [text.replace('/', "\\/"), text.replace("htu", "ht\\u0075"), text.replace("https", "\\u0068ttps")] {
        assert_ne!(escaped, text);
        assert_eq!(judged(&token, &good.build_text(&escaped)).status, Status::Accepted, "{escaped}");
    }
}

#[test]
fn after_the_signature_every_check_runs() {
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    let other = ProofBuilder::new(&ProofKey::of_scalar([9; 32]), &token)
        .claim("htm", "POST")
        .claim("htu", "https://other.example/")
        .claim("iat", 1)
        .claim("ath", "x")
        .claim("jti", Value::Null);
    let proof = other.build();
    let evidence = Evidence { nonce: "n", scheme: Scheme::Bearer, ..evidence(&[]) };
    let proofs = [proof.as_bytes()];
    let outcome = judge(&setup(Proofs::DPOP), Attempt::new(&token).from(Evidence { proofs: &proofs, ..evidence }));
    let wanted = [
        Status::Scheme,
        Status::ProofClaim,
        Status::ProofMethod,
        Status::ProofUri,
        Status::ProofTime,
        Status::ProofNonce,
        Status::ProofTokenHash,
        Status::ProofThumbprint,
    ];
    assert_eq!(failed(&outcome), wanted);
    assert_eq!((outcome.status, outcome.to_commit), (Status::Scheme, None));
}

#[test]
fn the_callers_own_mistakes_are_9xx() {
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    let proof = ProofBuilder::new(&key, &token).build();
    let proofs = [proof.as_bytes()];
    let good = evidence(&proofs);
    let uris =
        ["", "/orders/7", "https:/api.example", "https://", "https://u@api.example/", "https://api.example:x/", "é://a/"];
    for uri in uris {
        let outcome = judge(&setup(Proofs::DPOP), Attempt::new(&token).from(Evidence { uri, ..good }));
        assert_eq!((outcome.status, outcome.failures), (Status::Argument, 0), "{uri}");
    }
    // Of query and fragment nothing is read, whatever a client put there.
    for uri in
        ["https://api.example/orders/7?q=é", "https://api.example/orders/7?%zz", "https://api.example/orders/7# é?\u{7f}"]
    {
        let outcome = judge(&setup(Proofs::DPOP), Attempt::new(&token).from(Evidence { uri, ..good }));
        assert_eq!(outcome.status, Status::Accepted, "{uri}");
    }
    for method in ["", "GET ", "G\u{e9}T"] {
        let outcome = judge(&setup(Proofs::DPOP), Attempt::new(&token).from(Evidence { method, ..good }));
        assert_eq!(outcome.status, Status::Argument, "{method}");
    }
    let symmetric = Proofs { algorithms: &[Algorithm::ES256, Algorithm::HS256], ..Proofs::DPOP };
    assert_eq!(judge(&setup(symmetric), Attempt::new(&token).from(good)).status, Status::PolicyConflict);
    // What is wrong with the token comes first, and a forged one never looks at the proof.
    let forged = TokenBuilder::new("HS256").flaw(Flaw::SignatureBit(1)).build();
    let outcome = judge(&setup(Proofs::DPOP), Attempt::new(&forged).from(Evidence { uri: "", ..good }));
    assert_eq!((outcome.status, outcome.to_commit), (Status::Signature, None));
    // One byte of scratch less.
    let attempt = Attempt { scratch_missing: 1, ..Attempt::new(&token).from(good) };
    assert_eq!(judge(&setup(Proofs::DPOP), attempt).status, Status::ScratchTooSmall);
    let bytes = scratch_bytes(token.len(), &Limits::DEFAULT) + scratch_bytes(proof.len(), &Limits::DEFAULT);
    assert_eq!(judge(&setup(Proofs::DPOP), Attempt::new(&token).from(good)).status, Status::Accepted, "{bytes} suffice");
    // A proof above the limit needs none.
    let long = "a".repeat(countermark::PROOF_BYTES_MAX + 1);
    assert_eq!(judged(&token, &long).status, Status::ProofMalformed);
}

#[test]
fn a_proof_longer_than_the_rules_allow_takes_no_scratch() {
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    let proof = ProofBuilder::new(&key, &token).build();
    let proofs = [proof.as_bytes()];
    let attempt = Attempt::new(&token).from(evidence(&proofs));
    let bytes = proof.len() as u32;
    let ruled = |proof_bytes| setup(Proofs { proof_bytes, ..Proofs::DPOP });
    assert_eq!(judge(&ruled(bytes), attempt).status, Status::Accepted);
    // A host whose scratch has no room for it says so to its client, and not to its own operator.
    let without_room = Attempt { scratch_missing: scratch_bytes(proof.len(), &Limits::DEFAULT), ..attempt };
    assert_eq!(judge(&ruled(bytes), without_room).status, Status::ScratchTooSmall);
    assert_eq!(judge(&ruled(bytes - 1), without_room).status, Status::ProofMalformed);
    assert_eq!(judge(&ruled(8193), attempt).status, Status::LimitRange);
}

#[test]
fn a_nonce_of_the_evidence_is_required() {
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    for (claim, nonce, status) in [
        (json!("n"), "n", Status::Accepted),
        (json!("n"), "", Status::Accepted),
        (json!(null), "n", Status::ProofNonce),
        (json!("m"), "n", Status::ProofNonce),
        (json!("nn"), "n", Status::ProofNonce),
    ] {
        let proof = ProofBuilder::new(&key, &token).claim("nonce", claim).build();
        let outcome =
            judge(&setup(Proofs::DPOP), Attempt::new(&token).from(Evidence { nonce, ..evidence(&[proof.as_bytes()]) }));
        assert_eq!(outcome.status, status);
    }
}

#[test]
fn nonces_of_the_server_serve_for_their_slot_and_the_next() {
    const SECRET: &[u8] = b"a secret of thirty-two bytes or more";
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    let rules = Proofs { nonces: Some((SECRET, 60)), past_seconds: 10_000, ..Proofs::DPOP };
    let nonces = countermark::Nonces::new(SECRET, 60).unwrap();
    let mut text = [0; 43];
    // A slot that starts when the token is valid already. The oracle: the hmac crate over the label and the slot.
    let slot = NOW.div_euclid(60) + 1;
    let start = slot * 60;
    let nonce = nonces.write(start + 7, &mut text).to_string();
    assert_eq!(nonce, by_hand(SECRET, slot));
    for (now, status) in [
        (start - 1, Status::ProofNonce),
        (start, Status::Accepted),
        (start + 59, Status::Accepted),
        (start + 119, Status::Accepted),
        (start + 120, Status::ProofNonce),
    ] {
        let proof = ProofBuilder::new(&key, &token).claim("nonce", &*nonce).claim("iat", now).build();
        let outcome = judge(&setup(rules), Attempt::new(&token).at(now).from(evidence(&[proof.as_bytes()])));
        assert_eq!(outcome.status, status, "{}", now - start);
    }
    let without = ProofBuilder::new(&key, &token).build();
    let outcome = judge(&setup(rules), Attempt::new(&token).from(evidence(&[without.as_bytes()])));
    assert_eq!(failed(&outcome), [Status::ProofNonce]);
    let mut answer = [0; 64];
    let challenge = countermark::Challenge { scheme: Scheme::DPoP, ..Default::default() };
    assert_eq!(challenge.write(outcome.status, &mut answer), Ok(r#"DPoP error="use_dpop_nonce""#));
    assert_eq!(challenge.write(Status::ProofTime, &mut answer), Ok(r#"DPoP error="invalid_dpop_proof""#));
    assert_eq!(challenge.write(Status::ProofThumbprint, &mut answer), Ok(r#"DPoP error="invalid_token""#));
    assert_eq!(
        countermark::Challenge::default().write(Status::ProofNonce, &mut answer),
        Ok(r#"Bearer error="invalid_token""#)
    );
    assert_eq!(countermark::Nonces::new(&SECRET[..31], 60).err(), Some(Status::KeyTooShort));
    assert_eq!(countermark::Nonces::new(SECRET, 0).err(), Some(Status::LimitRange));
}

fn by_hand(secret: &[u8], slot: i64) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    let mac = Hmac::<sha2::Sha256>::new_from_slice(secret).unwrap();
    let mac = mac.chain_update(b"countermark/dpop-nonce/v1").chain_update(slot.to_be_bytes());
    countermark_tests::base64url::encode(&mac.finalize().into_bytes())
}

#[test]
fn a_use_is_of_one_key_and_one_jti() {
    let (one, two) = (ProofKey::of("ES256"), ProofKey::of_scalar([9; 32]));
    let used = |key: &ProofKey, jti: &str, iat: i64| {
        let token = bound(key);
        judged(&token, &ProofBuilder::new(key, &token).claim("jti", jti).claim("iat", iat).build()).to_commit.unwrap()
    };
    assert_eq!(used(&one, "a", NOW).digest, used(&one, "a", NOW - 9).digest);
    assert_ne!(used(&one, "a", NOW).digest, used(&one, "b", NOW).digest);
    assert_ne!(used(&one, "a", NOW).digest, used(&two, "a", NOW).digest, "keyed by the thumbprint too");
    assert_eq!(used(&one, "a", NOW - 9).expires_at, NOW - 9 + 301);
    // An escape is the same jti.
    let token = bound(&one);
    let builder = ProofBuilder::new(&one, &token).claim("jti", "a");
    let escaped = builder.build_text(&builder.claims.to_string().replace(r#""a""#, r#""\u0061""#));
    assert_eq!(judged(&token, &escaped).to_commit.unwrap().digest, used(&one, "a", NOW).digest);
}

#[test]
fn session_credentials_answer_a_challenge() {
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    let rules = Proofs { kind: ProofKind::SessionCredential, ..Proofs::DPOP };
    let credential = |claims: Value| {
        let builder = ProofBuilder::new(&key, &token).header("typ", "dbsc+jwt");
        ProofBuilder { claims, ..builder }.build()
    };
    let judged = |proof: &str, nonce: &str| {
        // In a cookie, without method and URI.
        let proofs = [proof.as_bytes()];
        judge(&setup(rules), Attempt::new(&token).from(Evidence { proofs: &proofs, nonce, ..Evidence::NONE }))
    };
    assert_eq!(judged(&credential(json!({"jti": "challenge"})), "challenge").status, Status::Accepted);
    assert_eq!(judged(&credential(json!({"jti": "challenge", "iat": NOW})), "challenge").status, Status::Accepted);
    assert_eq!(judged(&credential(json!({"jti": "challenge", "iat": 1})), "challenge").status, Status::ProofTime);
    assert_eq!(judged(&credential(json!({"jti": "other"})), "challenge").status, Status::ProofNonce);
    assert_eq!(judged(&credential(json!({"jti": "challenge"})), "").status, Status::ProofNonce, "no challenge, no proof");
    assert_eq!(judged(&credential(json!({})), "challenge").status, Status::ProofClaim);
    let dpop = ProofBuilder::new(&key, &token).claim("jti", "challenge").build();
    assert_eq!(judged(&dpop, "challenge").status, Status::ProofType);
}

/// A nonce of the clock is one for all sessions, and is good for longer than the use of a proof is remembered.
#[test]
fn a_session_credential_has_a_challenge_of_its_own() {
    use countermark::{Holder, Nonces, Policy, ProofRules, Verifier};
    let nonces = Nonces::new(&[7; 32], 300).unwrap();
    let rules = ProofRules { nonces: Some(&nonces), ..ProofRules::SESSION_CREDENTIAL };
    let made = Verifier::new(&[], Policy::default(), Holder { proof: Some(&rules), ..Holder::default() });
    assert_eq!(made.err(), Some(Status::PolicyConflict));
}
