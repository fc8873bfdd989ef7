//! `attacks.md`, parsing of claims and the policy: each test is named after its line.

use countermark::{Failures, Policy, Status};
use countermark_tests::judge::{Attempt, Outcome, Setup, judge, key_of, status_of};
use countermark_tests::token::{Flaw, NOW, SigningKey, TokenBuilder};

fn hs256() -> Setup<'static> {
    Setup::with([key_of("HS256")])
}

fn judged(setup: &Setup<'_>, payload: impl AsRef<[u8]>) -> Outcome {
    judge(setup, Attempt::new(&TokenBuilder::new("HS256").payload(payload).build()))
}

/// The bits of these statuses.
fn bits(statuses: &[Status]) -> u64 {
    statuses.iter().map(|status| 1 << status.bit().unwrap()).sum()
}

#[track_caller]
fn assert_statuses(setup: &Setup<'_>, cases: &[(&str, Status)]) {
    for (payload, expected) in cases {
        assert_eq!(judged(setup, payload).status, *expected, "{payload}");
    }
}

#[test]
fn attack_11_duplicate_members_at_top_level_and_inside_cnf() {
    let cases = [
        (r#"{"exp":2000000000,"exp":1}"#, Status::PayloadDuplicate),
        (r#"{"exp":2000000000,"\u0065xp":1}"#, Status::PayloadDuplicate),
        (r#"{"\u0065\u0078\u0070":1,"exp":2000000000}"#, Status::PayloadDuplicate),
        (r#"{"exp":2000000000,"sub":"a","s\u0075b":"root"}"#, Status::PayloadDuplicate),
        (r#"{"exp":2000000000,"cnf":{"jkt":"a","jkt":"b"}}"#, Status::PayloadDuplicate),
        (r#"{"exp":2000000000,"cnf":{"jkt":"a","\u006akt":"b"}}"#, Status::PayloadDuplicate),
        (r#"{"exp":2000000000,"cnf":{"jkt":"a"},"cn\u0066":{}}"#, Status::PayloadDuplicate),
        (r#"{"exp":2000000000,"x":[{"deep":{"a":1,"b":2,"a":3}}]}"#, Status::PayloadDuplicate),
        (r#"{"exp":2000000000,"\ud83d\ude00":1,"😀":2}"#, Status::PayloadDuplicate),
        (r#"{"exp":2000000000,"":1,"":2}"#, Status::PayloadDuplicate),
        (r#"{"exp":2000000000,"\/":1,"/":2}"#, Status::PayloadDuplicate),
        (r#"{"exp":2000000000,"\n":1,"\u000A":2}"#, Status::PayloadDuplicate),
    ];
    assert_statuses(&hs256(), &cases);
}

#[test]
fn attack_11_case_variants_of_names_are_other_names() {
    let lenient = hs256().policy(Policy { require: &["sub"], ..Policy::default() });
    assert_eq!(judged(&hs256(), r#"{"EXP":2000000000}"#).status, Status::ExpiryMissing);
    assert_eq!(judged(&hs256(), r#"{"Exp":2000000000,"exp":1}"#).status, Status::Expired);
    assert_eq!(judged(&lenient, r#"{"exp":2000000000,"SUB":"a"}"#).status, Status::ClaimRequired);
    assert_eq!(judged(&hs256(), r#"{"exp":2000000000,"CNF":{"jkt":"a"}}"#).status, Status::Accepted);
    assert_eq!(judged(&hs256(), r#"{"exp":2000000000,"AUD":"x"}"#).status, Status::Accepted);
    assert_eq!(judged(&hs256(), r#"{"\u0065xp":2000000000}"#).status, Status::Accepted);
    assert_eq!(judged(&hs256(), r#"{"exp ":2000000000}"#).status, Status::ExpiryMissing);
    assert_eq!(judged(&hs256(), r#"{"exp\u0000":2000000000}"#).status, Status::ExpiryMissing);
}

#[test]
fn attack_12_deep_nesting_and_many_members() {
    let deep = |levels: usize| format!(r#"{{"exp":2000000000,"x":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    let objects =
        |levels: usize| format!(r#"{{"exp":2000000000,"x":{}1{}}}"#, r#"{"a":"#.repeat(levels), "}".repeat(levels));
    let wide = |members: usize| {
        let more: String = (1..members).map(|member| format!(r#","m{member}":0"#)).collect();
        format!(r#"{{"exp":2000000000{more}}}"#)
    };
    let setup = hs256();
    for (payload, expected) in [
        (deep(7), Status::Accepted),
        (deep(8), Status::PayloadLimit),
        (deep(2500), Status::PayloadLimit),
        (objects(7), Status::Accepted),
        (objects(8), Status::PayloadLimit),
        (wide(64), Status::Accepted),
        (wide(65), Status::PayloadLimit),
        (wide(500), Status::PayloadLimit),
        (format!(r#"{{"exp":2000000000,"x":{}}}"#, wide(65)), Status::PayloadLimit),
    ] {
        assert_eq!(judged(&setup, &payload).status, expected, "{}", &payload[..60.min(payload.len())]);
    }
    let mut wider = hs256();
    wider.policy.limits = countermark::Limits { token_bytes: 65_535, depth: 16, members: 256, candidates: 8 };
    assert_eq!(judged(&wider, deep(15)).status, Status::Accepted);
    assert_eq!(judged(&wider, deep(16)).status, Status::PayloadLimit);
    assert_eq!(judged(&wider, wide(256)).status, Status::Accepted);
    assert_eq!(judged(&wider, wide(257)).status, Status::PayloadLimit);
    let mut narrow = hs256();
    narrow.policy.limits = countermark::Limits { depth: 1, members: 2, ..countermark::Limits::DEFAULT };
    assert_eq!(judged(&narrow, r#"{"exp":2000000000,"a":1}"#).status, Status::Accepted);
    assert_eq!(judged(&narrow, r#"{"exp":2000000000,"a":[]}"#).status, Status::PayloadLimit);
    assert_eq!(judged(&narrow, r#"{"exp":2000000000,"a":1,"b":2}"#).status, Status::PayloadLimit);
}

#[test]
fn attack_12_huge_strings_and_numbers() {
    let mut setup = hs256();
    setup.policy.limits.token_bytes = 65_535;
    let with = |value: &str| format!(r#"{{"exp":2000000000,"x":{value}}}"#);
    assert_eq!(judged(&setup, with(&format!("\"{}\"", "s".repeat(40_000)))).status, Status::Accepted);
    assert_eq!(judged(&setup, with(&format!("\"{}\"", "\\u0041".repeat(6_000)))).status, Status::Accepted);
    assert_eq!(judged(&setup, with(&"9".repeat(40_000))).status, Status::Accepted);
    assert_eq!(judged(&setup, with(&format!("1e{}", "9".repeat(40_000)))).status, Status::Accepted);
    assert_eq!(judged(&setup, with(&format!("0.{}", "0".repeat(40_000)))).status, Status::Accepted);
    assert_eq!(judged(&setup, format!(r#"{{"exp":{}}}"#, "9".repeat(40_000))).status, Status::ClaimDate);
    assert_eq!(judged(&setup, format!(r#"{{"exp":1e{}}}"#, "9".repeat(40_000))).status, Status::ClaimDate);
    assert_eq!(judged(&setup, format!(r#"{{"exp":1e-{}}}"#, "9".repeat(40_000))).status, Status::Expired);
    assert_eq!(judged(&setup, format!(r#"{{"{}":1,"exp":2000000000}}"#, "n".repeat(40_000))).status, Status::Accepted);
}

#[test]
fn attack_12_nul_utf8_surrogates_and_byte_order_mark() {
    let cases: [(&[u8], Status); 22] = [
        (b"{\"exp\":2000000000,\"a\0\":1}", Status::PayloadJson),
        (b"{\"exp\":2000000000,\"a\":\"\0\"}", Status::PayloadJson),
        (b"{\"exp\":2000000000}\0", Status::PayloadJson),
        (b"\0{\"exp\":2000000000}", Status::PayloadJson),
        (br#"{"exp":2000000000,"a\u0000":"\u0000"}"#, Status::Accepted),
        (b"\xef\xbb\xbf{\"exp\":2000000000}", Status::PayloadJson),
        (b"\xfe\xff{\"exp\":2000000000}", Status::PayloadJson),
        (b"{\0\"\0e\0x\0p\0\"\0", Status::PayloadJson),
        (b"{\"exp\":2000000000,\"a\":\"\x80\"}", Status::PayloadJson),
        (b"{\"exp\":2000000000,\"a\":\"\xc3\"}", Status::PayloadJson),
        (b"{\"exp\":2000000000,\"a\":\"\xc0\x80\"}", Status::PayloadJson),
        (b"{\"exp\":2000000000,\"a\":\"\xed\xa0\xbd\xed\xb8\x80\"}", Status::PayloadJson),
        (b"{\"exp\":2000000000,\"a\":\"\xf4\x90\x80\x80\"}", Status::PayloadJson),
        (b"{\"exp\":2000000000,\"a\":\"\xf5\"}", Status::PayloadJson),
        ("{\"exp\":2000000000,\"a\":\"\u{e9}\u{10ffff}\"}".as_bytes(), Status::Accepted),
        (br#"{"exp":2000000000,"a":"\ud83d"}"#, Status::PayloadJson),
        (br#"{"exp":2000000000,"a":"\ude00"}"#, Status::PayloadJson),
        (br#"{"exp":2000000000,"a":"\ude00\ud83d"}"#, Status::PayloadJson),
        (br#"{"exp":2000000000,"a":"\ud83d\ud83d"}"#, Status::PayloadJson),
        (br#"{"exp":2000000000,"a":"\ud83d\u0041"}"#, Status::PayloadJson),
        (br#"{"exp":2000000000,"\ud83d":1}"#, Status::PayloadJson),
        (br#"{"exp":2000000000,"a":"\ud83d\ude00"}"#, Status::Accepted),
    ];
    for (payload, expected) in cases {
        assert_eq!(judged(&hs256(), payload).status, expected, "{}", String::from_utf8_lossy(payload));
    }
}

#[test]
fn attack_13_dates_of_every_wrong_kind() {
    for claim in ["exp", "nbf", "iat"] {
        for (value, expected) in [
            ("\"2000000000\"", Status::ClaimType),
            ("\"\"", Status::ClaimType),
            ("true", Status::ClaimType),
            ("false", Status::ClaimType),
            ("null", Status::ClaimType),
            ("[2000000000]", Status::ClaimType),
            ("{}", Status::ClaimType),
            ("-1", Status::ClaimDate),
            ("-0.5", Status::ClaimDate),
            ("-2000000000", Status::ClaimDate),
            ("1e400", Status::ClaimDate),
            ("1e999999999999999999999", Status::ClaimDate),
            ("9223372036854775808", Status::ClaimDate),
            ("18446744073709551615", Status::ClaimDate),
            ("18446744073709551616", Status::ClaimDate),
            ("9.3e18", Status::ClaimDate),
        ] {
            let other = if claim == "exp" { "x" } else { "exp" };
            let payload = format!(r#"{{"{claim}":{value},"{other}":9000000000000000000}}"#);
            assert_eq!(judged(&hs256(), &payload).status, expected, "{payload}");
        }
    }
    let cases = [
        (r#"{"exp":1700000000.5}"#, Status::Expired),
        (r#"{"exp":1700000001.5}"#, Status::Accepted),
        (r#"{"exp":17e8}"#, Status::Expired),
        (r#"{"exp":1.700000001e9}"#, Status::Accepted),
        (r#"{"exp":9223372036854775807}"#, Status::Accepted),
        (r#"{"exp":-0}"#, Status::Expired),
        (r#"{"exp":2000000000,"nbf":9223372036854775807.5}"#, Status::ClaimDate),
    ];
    assert_statuses(&hs256(), &cases);
}

#[test]
fn attack_13_missing_exp_future_iat_and_contradictions() {
    let cases = [
        ("{}", Status::ExpiryMissing),
        (r#"{"iat":1700000000}"#, Status::ExpiryMissing),
        (r#"{"exp":1700000001,"iat":1700000001}"#, Status::IssuedInFuture),
        (r#"{"exp":1700000100,"iat":1700000000.5}"#, Status::IssuedInFuture),
        (r#"{"exp":1700000100,"nbf":1700000001}"#, Status::NotYetValid),
        (r#"{"exp":1700000100,"nbf":1700000000.5}"#, Status::NotYetValid),
        (r#"{"exp":1700000100,"nbf":1700000000}"#, Status::Accepted),
        (r#"{"exp":1700000000,"nbf":1700000000}"#, Status::Expired),
    ];
    assert_statuses(&hs256(), &cases);
    let outcome = judged(&hs256(), r#"{"exp":1700000100,"nbf":1700000200}"#);
    assert_eq!(outcome.failures, bits(&[Status::NotYetValid, Status::Lifetime]));
    let lenient = hs256().policy(Policy { leeway: 1000, ..Policy::default() });
    let outcome = judged(&lenient, r#"{"exp":1700000100,"nbf":1700000100}"#);
    assert_eq!((outcome.status, outcome.failures), (Status::Lifetime, bits(&[Status::Lifetime])));
    let missing = hs256().policy(Policy { allow_missing_exp: true, ..Policy::default() });
    assert_eq!(judged(&missing, "{}").status, Status::Accepted);
}

#[test]
fn attack_13_max_age_without_iat() {
    let setup = hs256().policy(Policy { max_age: Some(60), ..Policy::default() });
    let cases = [
        (r#"{"exp":2000000000}"#, Status::IssuedAtMissing),
        (r#"{"exp":2000000000,"iat":1699999940}"#, Status::Accepted),
        (r#"{"exp":2000000000,"iat":1699999939}"#, Status::TooOld),
        (r#"{"exp":2000000000,"iat":1699999939.9}"#, Status::TooOld),
        (r#"{"exp":2000000000,"iat":0}"#, Status::TooOld),
        (r#"{"exp":2000000000,"iat":null}"#, Status::ClaimType),
    ];
    assert_statuses(&setup, &cases);
}

#[test]
fn attack_14_aud_of_every_shape() {
    let setup = hs256().policy(Policy { audiences: &["api", "api2"], ..Policy::default() });
    let aud = |value: &str| judged(&setup, format!(r#"{{"exp":2000000000,"aud":{value}}}"#)).status;
    for (value, expected) in [
        (r#""api""#, Status::Accepted),
        (r#""api2""#, Status::Accepted),
        (r#"["api"]"#, Status::Accepted),
        (r#"["x","api"]"#, Status::Accepted),
        (r#"["x","\u0061pi"]"#, Status::Accepted),
        ("[]", Status::Audience),
        (r#""""#, Status::Audience),
        (r#""API""#, Status::Audience),
        (r#""ap""#, Status::Audience),
        (r#""api3""#, Status::Audience),
        (r#""api api2""#, Status::Audience),
        (r#""api,api2""#, Status::Audience),
        (r#"["x",""]"#, Status::Audience),
        (r#"["api",1]"#, Status::ClaimType),
        (r#"["api",null]"#, Status::ClaimType),
        (r#"[["api"]]"#, Status::ClaimType),
        (r#"[{"api":1}]"#, Status::ClaimType),
        ("null", Status::ClaimType),
        ("1", Status::ClaimType),
        ("true", Status::ClaimType),
        (r#"{"api":true}"#, Status::ClaimType),
    ] {
        assert_eq!(aud(value), expected, "{value}");
    }
    assert_eq!(judged(&setup, r#"{"exp":2000000000}"#).status, Status::Audience);
    // RFC 7519 4.1.3: a verifier that does not identify itself with any audience refuses a token that names some.
    for value in [r#""api""#, "[]", r#"[""]"#] {
        let payload = format!(r#"{{"exp":2000000000,"aud":{value}}}"#);
        assert_eq!(judged(&hs256(), &payload).status, Status::AudienceUnexpected, "{value}");
        let any = hs256().policy(Policy { any_audience: true, ..Policy::default() });
        assert_eq!(judged(&any, &payload).status, Status::Accepted, "{value}");
    }
}

#[test]
fn attack_14_iss_as_array_or_prefix() {
    let setup = hs256().policy(Policy { issuers: &["https://a.example"], ..Policy::default() });
    let iss = |value: &str| judged(&setup, format!(r#"{{"exp":2000000000,"iss":{value}}}"#)).status;
    for (value, expected) in [
        (r#""https://a.example""#, Status::Accepted),
        (r#""https:\/\/a.example""#, Status::Accepted),
        (r#""https://a.example.evil.example""#, Status::Issuer),
        (r#""https://a.example/""#, Status::Issuer),
        (r#""https://a.exampl""#, Status::Issuer),
        (r#""https://A.example""#, Status::Issuer),
        (r#""https://a.example\u0000""#, Status::Issuer),
        (r#""""#, Status::Issuer),
        (r#"["https://a.example"]"#, Status::ClaimType),
        (r#"{"https://a.example":1}"#, Status::ClaimType),
        ("null", Status::ClaimType),
        ("0", Status::ClaimType),
    ] {
        assert_eq!(iss(value), expected, "{value}");
    }
    assert_eq!(judged(&setup, r#"{"exp":2000000000}"#).status, Status::Issuer);
}

#[test]
fn attack_14_claims_of_the_wrong_type_are_never_absent() {
    for claim in ["iss", "sub", "jti"] {
        for value in ["null", "1", "true", "[]", "{}", r#"["a"]"#] {
            let payload = format!(r#"{{"exp":2000000000,"{claim}":{value}}}"#);
            assert_eq!(judged(&hs256(), &payload).status, Status::ClaimType, "{payload}");
        }
    }
    for value in ["null", "1", "false", "[]", r#""jkt""#] {
        let payload = format!(r#"{{"exp":2000000000,"cnf":{value}}}"#);
        assert_eq!(judged(&hs256(), &payload).status, Status::ClaimType, "{payload}");
    }
    for value in ["{}", r#"{"jkt":"a"}"#, r#"{"x5t#S256":"a"}"#, r#"{"unknown":1}"#] {
        let payload = format!(r#"{{"exp":2000000000,"cnf":{value}}}"#);
        assert_eq!(judged(&hs256(), &payload).status, Status::Confirmation, "{payload}");
    }
    let required = hs256().policy(Policy { require: &["tenant"], ..Policy::default() });
    assert_eq!(judged(&required, r#"{"exp":2000000000,"tenant":null}"#).status, Status::ClaimRequired);
    assert_eq!(judged(&required, r#"{"exp":2000000000,"tenant":0}"#).status, Status::Accepted);
    let nonce = hs256().policy(Policy { nonce: Some("n"), ..Policy::default() });
    for value in ["null", "1", r#"["n"]"#, r#""N""#, r#""""#] {
        assert_eq!(judged(&nonce, format!(r#"{{"exp":2000000000,"nonce":{value}}}"#)).status, Status::Nonce, "{value}");
    }
}

#[test]
fn attack_17_the_payload_is_read_once_and_after_the_check() {
    let other = SigningKey::Hs256(vec![b'x'; 32]);
    let payloads = ["", "not JSON", "{", r#"{"exp":1,"exp":1}"#, r#"{"exp":"x"}"#, r#"{"exp":1}"#, "[]"];
    for payload in payloads {
        let signed = judged(&hs256(), payload).status;
        assert!(signed.code() >= 500, "{payload}: {signed:?}");
        let forged = TokenBuilder::signed_by(other.clone()).payload(payload).build();
        let outcome = judge(&hs256(), Attempt::new(&forged));
        assert_eq!(outcome, Outcome::ended(Status::Signature), "{payload}");
        let cut = TokenBuilder::new("HS256").payload(payload).flaw(Flaw::SignatureCut(1)).build();
        assert_eq!(status_of(&hs256(), &cut), Status::Signature);
    }
    // What an accepted token says is what was signed, byte for byte.
    let payload = "\n{ \"exp\" : 2e9 , \"b\":\"\\u0061\" }\t";
    assert_eq!(judged(&hs256(), payload).claims.as_deref(), Some(payload));
}

#[test]
fn attack_22_expired_and_forged_is_forged() {
    let forged = TokenBuilder::signed_by(SigningKey::Hs256(vec![b'x'; 32])).payload(r#"{"exp":1}"#).build();
    let outcome = judge(&hs256(), Attempt::new(&forged));
    assert_eq!(outcome, Outcome::ended(Status::Signature));
    let flipped = TokenBuilder::new("HS256").payload(r#"{"exp":1}"#).flaw(Flaw::SignatureBit(0)).build();
    assert_eq!(status_of(&hs256(), &flipped), Status::Signature);
    let genuine = TokenBuilder::new("HS256").payload(r#"{"exp":1}"#).build();
    assert_eq!(status_of(&hs256(), &genuine), Status::Expired);
}

#[test]
fn attack_22_every_check_that_fails_is_in_the_mask() {
    let policy = Policy {
        issuers: &["i"],
        audiences: &["a"],
        subject: Some("s"),
        typ: Some("at+jwt"),
        max_age: Some(1),
        require: &["r"],
        nonce: Some("n"),
        ..Policy::default()
    };
    let setup = hs256().policy(policy);
    let outcome = judged(&setup, r#"{"exp":5,"nbf":1800000000,"iat":1900000000,"cnf":{}}"#);
    use Status::*;
    let all = [
        Issuer,
        Audience,
        Subject,
        Type,
        Expired,
        NotYetValid,
        IssuedInFuture,
        Lifetime,
        ClaimRequired,
        Nonce,
        Confirmation,
    ];
    assert_eq!((outcome.status, outcome.failures), (Issuer, bits(&all)));
    let outcome = judged(&setup, "{}");
    let all = [Issuer, Audience, Subject, Type, ExpiryMissing, IssuedAtMissing, ClaimRequired, Nonce];
    assert_eq!((outcome.status, outcome.failures), (Issuer, bits(&all)));
    // Each pair of failures: the code is the lower one, and both bits are set.
    let outcome = judged(&hs256(), r#"{"exp":1,"aud":"x"}"#);
    assert_eq!((outcome.status, outcome.failures), (AudienceUnexpected, bits(&[AudienceUnexpected, Expired])));
    assert_eq!(Failures::NONE.status(), Accepted);
    assert_eq!(judge(&setup, Attempt::new(&TokenBuilder::new("HS256").build()).at(NOW)).claims, None);
}
