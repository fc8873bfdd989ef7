//! The members `holder` and what they ask of the evidence, both ways.

use super::{BASE, PLAIN, accepted, assert_answer, line, rejected, token};
use countermark_tests::base64url::encode;
use countermark_tests::proof::{ProofBuilder, ProofKey};
use sha2::{Digest, Sha256};

const DER: &[u8] = &[0x30, 1, 5];

fn line_of(payload: &str, holder: &str, evidence: &str) -> String {
    line(PLAIN, payload, &format!(r#""policy":{{"holder":"{holder}"}},"evidence":{{{evidence}}}"#))
}

#[test]
fn dpop() {
    let key = ProofKey::of("ES256");
    let payload = format!(r#"{{"exp":2000,"cnf":{{"jkt":"{}"}}}}"#, key.thumbprint());
    let text = token(PLAIN, &payload);
    let proof = |jti: &str| ProofBuilder::new(&key, &text).claim("jti", jti).claim("iat", 1000).build();
    let with =
        |proof: &str, rest: &str| format!(r#""dpop":"{proof}","method":"GET","uri":"https://api.example/orders/7"{rest}"#);
    for holder in ["dpop", "any"] {
        let good = with(&proof(holder), "");
        assert_answer(&line_of(&payload, holder, &good), &accepted(&payload));
        // The same line again: one table for the run.
        let replayed = r#""status":"REPLAYED","code":800,"stage":"standing","failed":["REPLAYED"]"#;
        assert_answer(&line_of(&payload, holder, &good), replayed);
        for (evidence, failed) in [
            (with(&proof("a"), r#","scheme":"Bearer""#), &[("SCHEME", 706)][..]),
            (with(&proof("a"), r#","nonce":"n""#), &[("PROOF_NONCE", 725)]),
            (with("", ""), &[("PROOF_MALFORMED", 708)]),
            (String::new(), &[("POSSESSION_MISSING", 701)]),
            (with(&proof("a"), "").replace("GET", "POST"), &[("PROOF_METHOD", 722)]),
            (with(&proof("a"), "").replace("GET", "G T"), &[("ARGUMENT", 914)]),
            (with(&proof("a"), "").replace("orders/7", "orders/8"), &[("PROOF_URI", 723)]),
            (with(&proof("a"), "").replace("https", ""), &[("ARGUMENT", 914)]),
        ] {
            assert_answer(&line_of(&payload, holder, &evidence), &rejected(failed));
        }
        assert_answer(&line_of(BASE, holder, &good), &rejected(&[("POSSESSION_UNBOUND", 705)]));
    }
    let good = with(&proof("b"), "");
    assert_answer(&line_of(&payload, "none", &good), &rejected(&[("CONFIRMATION", 700)]));
    assert_answer(&line_of(&payload, "certificate", &good), &rejected(&[("POSSESSION_UNBOUND", 705)]));
    let nonce = ProofBuilder::new(&key, &text).claim("jti", "c").claim("iat", 1000).claim("nonce", "n").build();
    assert_answer(&line_of(&payload, "dpop", &with(&nonce, r#","nonce":"n","scheme":"DPoP""#)), &accepted(&payload));
    // Every method that cnf names, whatever is asked for.
    let both = payload.replace("}}", r#","x5t#S256":"x"}}"#);
    let text = token(PLAIN, &both);
    let proof = ProofBuilder::new(&key, &text).claim("jti", "d").claim("iat", 1000).build();
    for holder in ["dpop", "any"] {
        assert_answer(&line_of(&both, holder, &with(&proof, "")), &rejected(&[("POSSESSION_MISSING", 701)]));
    }
}

#[test]
fn certificate() {
    let digest = encode(&Sha256::digest(DER));
    let payload = format!(r#"{{"exp":2000,"cnf":{{"x5t#S256":"{digest}"}}}}"#);
    for holder in ["certificate", "any"] {
        for (der, failed) in [
            (DER, &[][..]),
            (&[0x30, 1, 6], &[("CERTIFICATE_MISMATCH", 703)]),
            (b"junk", &[("CERTIFICATE_MALFORMED", 702)]),
            (b"", &[("CERTIFICATE_MALFORMED", 702)]),
        ] {
            let evidence = format!(r#""certificate":"{}""#, encode(der));
            let expected = if failed.is_empty() { accepted(&payload) } else { rejected(failed) };
            assert_answer(&line_of(&payload, holder, &evidence), &expected);
        }
        assert_answer(&line_of(&payload, holder, ""), &rejected(&[("POSSESSION_MISSING", 701)]));
        assert_answer(&line_of(BASE, holder, ""), &rejected(&[("POSSESSION_UNBOUND", 705)]));
    }
    assert_answer(&line_of(&payload, "dpop", ""), &rejected(&[("POSSESSION_MISSING", 701), ("POSSESSION_UNBOUND", 705)]));
}

#[test]
fn channel() {
    let text = token(PLAIN, BASE);
    let binding = encode(&Sha256::new().chain_update(&text).chain_update(b"channel").finalize());
    let with = |channel: &[u8], binding: &str| format!(r#""channel":"{}","binding":"{binding}""#, encode(channel));
    for (evidence, failed) in [
        (with(b"channel", &binding), &[][..]),
        (with(b"another", &binding), &[("CHANNEL_MISMATCH", 704)]),
        (with(b"channel", &binding[1..]), &[("CHANNEL_MISMATCH", 704)]),
        (with(b"channel", ""), &[("POSSESSION_UNBOUND", 705)]),
        (with(b"", &binding), &[("POSSESSION_MISSING", 701)]),
        (String::new(), &[("POSSESSION_MISSING", 701)]),
    ] {
        let expected = if failed.is_empty() { accepted(BASE) } else { rejected(failed) };
        assert_answer(&line_of(BASE, "channel", &evidence), &expected);
    }
    // Evidence that nobody asks for.
    assert_answer(&line_of(BASE, "none", &with(b"channel", "x")), &accepted(BASE));
}

#[test]
fn a_fingerprint_beside_possession() {
    let policy = r#""policy":{"holder":"any","fingerprint":{"form":"digest"}}"#;
    let der = encode(DER);
    let payload = format!(r#"{{"exp":2000,"cnf":{{"x5t#S256":"{}"}}}}"#, encode(&Sha256::digest(DER)));
    let rest = format!(r#"{policy},"evidence":{{"certificate":"{der}"}}"#);
    assert_answer(&line(PLAIN, &payload, &rest), &rejected(&[("FINGERPRINT_MISSING", 710)]));
}
