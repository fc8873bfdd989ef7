//! A JWS whose payload is no claims set: the signature and the header are judged, and nothing else can be.

use countermark::*;
use countermark_tests::token::{self, Flaw, Segment, SigningKey, Spelling, TokenBuilder};

/// The payload's bytes, or the report.
#[allow(clippy::result_large_err)] // the report as the core gives it
fn opened(token: &str, policy: Policy<'_>, issuer: Option<&str>) -> Result<Vec<u8>, Report> {
    let mut region = [0; 64];
    let mut keys = match issuer {
        Some(issuer) => Keys::for_issuer(&mut region, issuer).unwrap(),
        None => Keys::new(&mut region).unwrap(),
    };
    keys.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let sets = [keys.set()];
    let verifier = Verifier::new(&sets, policy, Holder::default()).unwrap();
    let mut scratch = vec![0; scratch_bytes(token.len(), &policy.limits)];
    verifier.verify_opaque(&Request::new(token, token::NOW), &mut scratch).map(<[u8]>::to_vec)
}

fn status(token: &str, policy: Policy<'_>) -> Status {
    opened(token, policy, None).map_or_else(|report| report.status, |_| Status::Accepted)
}

#[test]
fn the_payload_comes_out_as_it_was_signed() {
    for payload in [&b""[..], b"x", b"not JSON", b"\xff\x00\xfe", br#"{"exp":1,"exp":1}"#, &[7; 3000]] {
        let token = TokenBuilder::new("HS256").payload(payload).build();
        assert_eq!(opened(&token, Policy::default(), None).as_deref(), Ok(payload));
    }
}

#[test]
fn what_is_wrong_before_the_payload_is_wrong_here_too() {
    let good = TokenBuilder::new("HS256").payload("x");
    let flawed = |flaw| status(&good.clone().flaw(flaw).build(), Policy::default());
    assert_eq!(flawed(Flaw::SignatureBit(0)), Status::Signature);
    assert_eq!(flawed(Flaw::Empty(Segment::Signature)), Status::TokenSegmentEmpty);
    assert_eq!(flawed(Flaw::Spelt(Segment::Payload, Spelling::Padded)), Status::PayloadEncoding);
    assert_eq!(flawed(Flaw::Spelt(Segment::Header, Spelling::Padded)), Status::HeaderEncoding);
    let forged = TokenBuilder::signed_by(SigningKey::Hs256(vec![1; 32])).payload("x").build();
    assert_eq!(status(&forged, Policy::default()), Status::Signature);
    let none = good.clone().header(r#"{"alg":"none"}"#).build();
    assert_eq!(status(&none, Policy::default()), Status::AlgorithmUnknown);
    let es256 = Policy { algorithms: &[Algorithm::ES256], ..Policy::default() };
    assert_eq!(status(&good.build(), es256), Status::AlgorithmNotAllowed);
}

#[test]
fn typ_is_judged() {
    let policy = Policy { typ: Some("statuslist+jwt"), ..Policy::default() };
    for (header, expected) in [
        (r#""typ":"statuslist+jwt""#, Status::Accepted),
        (r#""typ":"application/StatusList+JWT""#, Status::Accepted),
        (r#""typ":"JWT""#, Status::Type),
        (r#""x":1"#, Status::Type),
    ] {
        let token = TokenBuilder::new("HS256").header_with(header).payload("x").build();
        assert_eq!(status(&token, policy), expected, "{header}");
        if let Err(report) = opened(&token, policy, None) {
            assert_eq!(report.failures.bits(), 1 << Status::Type.bit().unwrap());
        }
    }
}

/// A policy that only claims can answer is a contradiction, not a check that is left out.
#[test]
fn what_only_claims_can_answer_cannot_be_asked() {
    let token = TokenBuilder::new("HS256").build();
    let base = Policy::default();
    for policy in [
        Policy { issuers: &["a"], ..base },
        Policy { audiences: &["a"], ..base },
        Policy { subject: Some("a"), ..base },
        Policy { nonce: Some("a"), ..base },
        Policy { max_age: Some(1), ..base },
        Policy { require: &["a"], ..base },
    ] {
        assert_eq!(status(&token, policy), Status::PolicyConflict, "{policy:?}");
    }
    let bound = opened(&token, base, Some("https://login.example"));
    assert_eq!(bound.map_err(|report| report.status), Err(Status::PolicyConflict));
}

/// Nor can a payload say whom it was issued to.
#[test]
fn the_client_cannot_be_asked_for() {
    let token = TokenBuilder::new("HS256").build();
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let sets = [keys.set()];
    let mut scratch = vec![0; scratch_bytes(token.len(), &Limits::DEFAULT)];
    let recipe = Recipe::compat("fp");
    for (digest, expected) in [(Some(&recipe), Status::PolicyConflict), (None, Status::Accepted)] {
        let verifier = Verifier::new(&sets, Policy::default(), Holder { digest, ..Holder::default() }).unwrap();
        let opened = verifier.verify_opaque(&Request::new(&token, token::NOW), &mut scratch);
        assert_eq!(opened.map_or_else(|report| report.status, |_| Status::Accepted), expected);
    }
}
