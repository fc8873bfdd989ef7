//! The conformance program, line by line: every member both ways, and every kind of line that is no case.

#[path = "../examples/conformance/answer/mod.rs"]
mod answer;
#[path = "../examples/conformance/lines.rs"]
mod lines;
#[path = "conformance/no_case.rs"]
mod no_case;
#[path = "conformance/possession.rs"]
mod possession;
#[path = "conformance/sketch.rs"]
mod sketch;
#[path = "conformance/vectors.rs"]
mod vectors;
#[path = "conformance/wycheproof.rs"]
mod wycheproof;

use answer::answer;
use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};

const SECRET: &[u8; 32] = b"0123456789abcdef0123456789abcdef";
/// The base64url of `SECRET`, as a JWK.
const JWK: &str = r#"{"kty":"oct","alg":"HS256","k":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}"#;

/// An HS256 token made by the hmac crate alone.
fn token(header: &str, payload: &str) -> String {
    let input = format!(
        "{}.{}",
        Base64UrlUnpadded::encode_string(header.as_bytes()),
        Base64UrlUnpadded::encode_string(payload.as_bytes())
    );
    let mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET).unwrap().chain_update(&input).finalize().into_bytes();
    format!("{input}.{}", Base64UrlUnpadded::encode_string(&mac))
}

/// A line whose token has these claims; `rest` are further members.
fn line(header: &str, payload: &str, rest: &str) -> String {
    let comma = if rest.is_empty() { "" } else { "," };
    format!(r#"{{"id":"i","token":"{}","now":1000,"keys":{{"keys":[{JWK}]}}{comma}{rest}}}"#, token(header, payload))
}

fn assert_answer(line: &str, expected: &str) {
    let (text, is_case) = answer(line.as_bytes());
    assert_eq!(text, format!(r#"{{"id":"i",{expected}}}"#), "{line}");
    assert!(is_case, "{line}");
}

fn accepted(claims: &str) -> String {
    format!(r#""status":"OK","code":0,"claims":{claims}"#)
}

const PLAIN: &str = r#"{"alg":"HS256"}"#;
const BASE: &str = r#"{"exp":2000}"#;

/// The names and numbers of the failed checks.
type Failed = &'static [(&'static str, u16)];

/// Claims, further members of the line, and the failed checks; none: accepted.
const POLICIES: &[(&str, &str, Failed)] = &[
    (BASE, r#""policy":{}"#, &[]),
    (BASE, r#""policy":{"algorithms":["HS256"]}"#, &[]),
    (BASE, r#""policy":{"algorithms":[]}"#, &[]),
    (BASE, r#""policy":{"algorithms":["ES256"]}"#, &[("ALGORITHM_NOT_ALLOWED", 304)]),
    (r#"{"exp":2000,"iss":"a"}"#, r#""policy":{"issuers":["b","a"]}"#, &[("ISSUERS_UNBOUND", 911)]),
    (r#"{"exp":2000,"iss":"a"}"#, r#""policy":{"issuers":["a"]}"#, &[]),
    (r#"{"exp":2000,"iss":"a"}"#, r#""policy":{"issuers":["b"]}"#, &[("ISSUER", 600)]),
    (r#"{"exp":2000,"aud":["x","a"]}"#, r#""policy":{"audiences":["a","b"]}"#, &[]),
    (r#"{"exp":2000,"aud":"x"}"#, r#""policy":{"audiences":["a","b"]}"#, &[("AUDIENCE", 602)]),
    (r#"{"exp":2000,"aud":"x"}"#, "", &[("AUDIENCE_UNEXPECTED", 603)]),
    (r#"{"exp":2000,"aud":"x"}"#, r#""policy":{"any_audience":true}"#, &[]),
    (r#"{"exp":2000,"aud":"x"}"#, r#""policy":{"any_audience":false}"#, &[("AUDIENCE_UNEXPECTED", 603)]),
    (BASE, r#""policy":{"any_audience":true,"audiences":["a"]}"#, &[("POLICY_CONFLICT", 910)]),
    (r#"{"exp":2000,"sub":"s"}"#, r#""policy":{"subject":"s"}"#, &[]),
    (r#"{"exp":2000,"sub":"s"}"#, r#""policy":{"subject":"t"}"#, &[("SUBJECT", 604)]),
    (BASE, r#""policy":{"typ":"at+jwt"}"#, &[("TYPE", 605)]),
    (r#"{"exp":995}"#, r#""policy":{"leeway":6}"#, &[]),
    (r#"{"exp":995}"#, r#""policy":{"leeway":5}"#, &[("EXPIRED", 606)]),
    (r#"{"exp":2000,"x":1}"#, r#""policy":{"require":["exp","x"]}"#, &[]),
    (r#"{"x":1}"#, r#""policy":{"require":["x"]}"#, &[]),
    (r#"{"x":1}"#, r#""policy":{"require":[]}"#, &[]),
    (r#"{"x":1}"#, r#""policy":{"require":["exp"]}"#, &[("EXPIRY_MISSING", 610)]),
    (r#"{"x":1}"#, "", &[("EXPIRY_MISSING", 610)]),
    (BASE, r#""policy":{"require":["exp","x"]}"#, &[("CLAIM_REQUIRED", 613)]),
    (r#"{"exp":2000,"iat":900}"#, r#""policy":{"max_age":100}"#, &[]),
    (r#"{"exp":2000,"iat":900}"#, r#""policy":{"max_age":99}"#, &[("TOO_OLD", 609)]),
    (BASE, r#""policy":{"max_age":99}"#, &[("ISSUED_AT_MISSING", 611)]),
    (BASE, r#""policy":{"max_token_bytes":90}"#, &[]),
    (BASE, r#""policy":{"max_token_bytes":80}"#, &[("TOKEN_TOO_LARGE", 101)]),
    (BASE, r#""policy":{"max_token_bytes":0}"#, &[("LIMIT_RANGE", 912)]),
    (BASE, r#""policy":{"shape":"signed","payload":"claims","holder":"none"}"#, &[]),
    (r#"{"exp":2000,"cnf":{"jkt":"x"}}"#, "", &[("CONFIRMATION", 700)]),
    (r#"{"exp":2000,"cnf":{"jkt":"x"}}"#, r#""policy":{"holder":"none"}"#, &[("CONFIRMATION", 700)]),
    (
        r#"{"exp":10,"aud":"x","iss":"a","sub":"s"}"#,
        r#""policy":{"issuers":["b"],"audiences":["y"],"subject":"t","typ":"JWT","max_age":1,"require":["q"]}"#,
        &[
            ("ISSUER", 600),
            ("AUDIENCE", 602),
            ("SUBJECT", 604),
            ("TYPE", 605),
            ("EXPIRED", 606),
            ("ISSUED_AT_MISSING", 611),
            ("CLAIM_REQUIRED", 613),
        ],
    ),
];

fn rejected(failed: &[(&str, u16)]) -> String {
    let (status, code) = failed[0];
    let stage = match code {
        100..200 => "token",
        200..300 => "header",
        300..400 => "key",
        400..500 => "signature",
        600..700 => "policy",
        700..800 => "holder",
        850..900 => "rights",
        900.. => "caller",
        _ => panic!("{code}"),
    };
    let names: Vec<_> = failed.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    format!(r#""status":"{status}","code":{code},"stage":"{stage}","failed":[{}]"#, names.join(","))
}

#[test]
fn each_policy_member_both_ways() {
    for (claims, rest, failed) in POLICIES {
        let expected = if failed.is_empty() { accepted(claims) } else { rejected(failed) };
        assert_answer(&line(PLAIN, claims, rest), &expected);
    }
    let typed = r#"{"typ":"application/AT+jwt","alg":"HS256"}"#;
    assert_answer(&line(typed, BASE, r#""policy":{"typ":"at+jwt"}"#), &accepted(BASE));
}

/// The sample of fingerprints.md: what is hashed there, and its MD5.
#[test]
fn the_compat_digest() {
    let headers = [
        ("Sec-CH-UA", r#"\"Google Chrome\";v=\"89\", \"Chromium\";v=\"89\", \";Not A Brand\";v=\"99\""#),
        (
            "user-agent",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/89.0.4389.114 Safari/537.36",
        ),
        ("accept-language", " en-GB,en-US;q=0.9,en;q=0.8 "),
        ("upgrade-insecure-requests", "1"),
    ];
    let headers: Vec<_> = headers.iter().map(|(name, value)| format!(r#"["{name}","{value}"]"#)).collect();
    let rest = |claim: &str, address: &str| {
        format!(
            r#""policy":{{"fingerprint":{{"form":"digest","claim":"{claim}","preset":"compat"}}}},"evidence":{{"address":"{address}","headers":[{}]}}"#,
            headers.join(",")
        )
    };
    let claims = r#"{"exp":2000,"device":"8344b6e8b488a7ac8e502d5481905656"}"#;
    assert_answer(&line(PLAIN, claims, &rest("device", "192.168.1.250")), &accepted(claims));
    let mismatch = rejected(&[("FINGERPRINT_MISMATCH", 712)]);
    assert_answer(&line(PLAIN, claims, &rest("device", "192.168.1.251")), &mismatch);
    let missing = rejected(&[("FINGERPRINT_MISSING", 710)]);
    assert_answer(&line(PLAIN, claims, &rest("fp", "192.168.1.250")), &missing);
    let policy_only = r#""policy":{"fingerprint":{"form":"digest","claim":"device","preset":"compat"}}"#;
    assert_answer(&line(PLAIN, claims, policy_only), &mismatch);
}

#[test]
fn key_sets() {
    let token = token(r#"{"alg":"HS256","kid":"1"}"#, r#"{"exp":2000,"iss":"a"}"#);
    let with = |keys: &str| format!(r#"{{"id":"i","token":"{token}","now":1000,"keys":{keys}}}"#);
    let good = accepted(r#"{"exp":2000,"iss":"a"}"#);
    let named = |kid: &str| JWK.replace("{", &format!(r#"{{"kid":"{kid}","#));
    let other = r#"{"kty":"oct","alg":"HS256","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
    for (keys, expected) in [
        (format!(r#"{{"keys":[{JWK}],"issuer":"a"}}"#), good.clone()),
        (format!(r#"{{"keys":[{JWK}],"issuer":"\u0061"}}"#), good.clone()),
        (format!(r#"{{"issuer":"b","keys":[{JWK}]}}"#), rejected(&[("KEY_ISSUER", 601)])),
        (format!(r#"[{{"keys":[{other}],"issuer":"b"}},{{"keys":[{JWK}],"issuer":"a"}}]"#), good.clone()),
        (format!(r#"{{"keys":[{},{other}]}}"#, named("1")), good.clone()),
        (format!(r#"{{"keys":[{other}]}}"#), rejected(&[("SIGNATURE", 400)])),
        (format!(r#"{{"keys":[{}]}}"#, named("2")), rejected(&[("UNKNOWN_KID", 300)])),
        ("[]".into(), rejected(&[("UNKNOWN_KID", 300)])),
        (r#"{"keys":[]}"#.into(), rejected(&[("KEY_SET_EMPTY", 327)])),
        ("{}".into(), rejected(&[("KEY_MALFORMED", 310)])),
        (format!(r#"{{"keys":[{JWK}],"keys":[{JWK}]}}"#), rejected(&[("KEY_MALFORMED", 310)])),
        (format!(r#"{{"keys":[{JWK}],"issuer":"a","\u0069ssuer":"a"}}"#), rejected(&[("KEY_MALFORMED", 310)])),
        (format!(r#"{{"keys":[{0},{0}]}}"#, named("1")), rejected(&[("KEY_ID_DUPLICATE", 323)])),
        (r#"{"keys":[{"kty":"oct","alg":"HS256","k":"AAAA"}]}"#.into(), rejected(&[("KEY_TOO_SHORT", 315)])),
        (format!(r#"{{"keys":[{}]}}"#, JWK.replace("HS256", "none")), rejected(&[("KEY_ALGORITHM_UNKNOWN", 320)])),
        (format!(r#"{{"keys":[{}]}}"#, JWK.replace(r#""alg":"HS256","#, "")), rejected(&[("KEY_ALGORITHM_UNDECIDED", 322)])),
    ] {
        assert_answer(&with(&keys), &expected);
    }
    let undecided = with(&format!(r#"{{"keys":[{}]}}"#, JWK.replace(r#""alg":"HS256","#, "")));
    let decided = undecided.replace(r#""now""#, r#""policy":{"algorithms":["HS256"]},"now""#);
    assert_answer(&decided, &good);
}

#[test]
fn the_text_of_claims_is_kept() {
    let claims = "{ \"exp\" :2000,\r\n\t\"n\":1.10e+2, \"big\": 123456789012345678901234567890,\"s\":\" a \\\" b\\\\\", \"u\":\"\\u00e9 ü\" }";
    let kept = r#"{"exp":2000,"n":1.10e+2,"big":123456789012345678901234567890,"s":" a \" b\\","u":"\u00e9 ü"}"#;
    assert_answer(&line(PLAIN, claims, ""), &accepted(kept));
    let (text, _) = answer(line(PLAIN, BASE, "").replace(r#""id":"i""#, r#""id":"\u00e9\"\n""#).as_bytes());
    assert!(text.starts_with(r#"{"id":"é\"\n","#), "{text}");
}

#[test]
fn opaque_payloads() {
    let opaque = r#""policy":{"payload":"opaque"}"#;
    for (payload, text) in [("", ""), ("a", "YQ"), ("not json", "bm90IGpzb24"), ("\u{ff}", "w78")] {
        assert_answer(&line(PLAIN, payload, opaque), &format!(r#""status":"OK","code":0,"payload":"{text}""#));
    }
    let typed = r#""policy":{"payload":"opaque","typ":"JOSE"}"#;
    assert_answer(&line(PLAIN, "x", typed), &rejected(&[("TYPE", 605)]));
    // What only a claims set can meet is not ignored.
    for member in [r#""issuers":["a"]"#, r#""audiences":["a"]"#, r#""subject":"a""#, r#""max_age":1"#, r#""require":["a"]"#]
    {
        let rest = format!(r#""policy":{{"payload":"opaque",{member}}}"#);
        assert_answer(&line(PLAIN, "x", &rest), &rejected(&[("POLICY_CONFLICT", 910)]));
    }
}

/// tests/interop has tokens of every shape; here are the members' own rules.
#[test]
fn shapes() {
    let nested = |shape: &str| format!(r#""policy":{{"shape":"{shape}"}}"#);
    assert_answer(&line(PLAIN, BASE, &nested("signed-then-encrypted")), &rejected(&[("TOKEN_NOT_COMPACT", 102)]));
    assert_answer(&line(PLAIN, BASE, &nested("encrypted-then-signed")), &rejected(&[("NESTED_MISSING", 225)]));
    // An envelope alone is only bytes: claims cannot be asked of it.
    assert_answer(&line(PLAIN, BASE, &nested("encrypted")), &rejected(&[("POLICY_CONFLICT", 910)]));
    let bytes = r#""policy":{"shape":"encrypted","payload":"opaque"}"#;
    assert_answer(&line(PLAIN, BASE, bytes), &rejected(&[("TOKEN_NOT_COMPACT", 102)]));
    let asking = r#""policy":{"shape":"encrypted","payload":"opaque","subject":"a"}"#;
    assert_answer(&line(PLAIN, BASE, asking), &rejected(&[("POLICY_CONFLICT", 910)]));
}

#[test]
fn what_the_core_lacks_is_said() {
    let lines: Vec<String> = [r#""policy":{"algorithms":["HS256","Ed448"]}"#, r#""policy":{"algorithms":["none"]}"#]
        .iter()
        .map(|rest| line(PLAIN, BASE, rest))
        .collect();
    for line in lines {
        assert_answer(&line, &rejected(&[("NOT_SUPPORTED", 901)]));
    }
}

#[test]
fn rights_are_asked() {
    let claims = r#"{"exp":1700000600,"permissions":["a","b"],"scope":"x y","realm_access":{"roles":["guest"]}}"#;
    let answer = |rights: &str| line(PLAIN, claims, &format!(r#""policy":{{"rights":{rights}}}"#));
    assert_answer(&answer(r#"{"all_of":{"permissions":["a","b"]},"any_of":{"scope":["z","y"]}}"#), &accepted(claims));
    assert_answer(&answer(r#"{"all_of":{"permissions":["c"]}}"#), &rejected(&[("RIGHTS_MISSING", 850)]));
    assert_answer(&answer(r#"{"none_of":{"realm_access.roles":["guest"]}}"#), &rejected(&[("RIGHTS_FORBIDDEN", 851)]));
    assert_answer(&answer(r#"{"any_of":{"exp":["a"]}}"#), &rejected(&[("RIGHTS_TYPE", 852)]));
    assert_answer(&answer(r#"{"any_of":{"exp":[]}}"#), &rejected(&[("RIGHTS_RULE", 930)]));
}

/// The tokens of the field, with their verdicts, go through the program in tests/rotating.rs.
#[test]
fn a_rotating_secret_instead_of_keys() {
    let keys = format!(r#""keys":{{"keys":[{JWK}]}}"#);
    let answer_to = |rotating: &str| line(PLAIN, BASE, "").replace(&keys, &format!(r#""rotating":{rotating}"#));
    let base = "0123456789abcdef0123456789abcdef";
    assert_answer(
        &answer_to(r#"{"base":"b","mode":"compat","claim":"userId","window":86400,"grace":1}"#),
        &rejected(&[("KEY_TOO_SHORT", 315)]),
    );
    assert_answer(&answer_to(&format!(r#"{{"base":"{base}","grace":2}}"#)), &rejected(&[("ROTATING_SETTINGS", 346)]));
    assert_answer(&answer_to(&format!(r#"{{"base":"{base}"}}"#)), &rejected(&[("ROTATING_USER_MISSING", 340)]));
}

#[test]
fn lines_keep_their_order() {
    let good = line(PLAIN, BASE, "");
    let bad = line(PLAIN, r#"{"exp":1}"#, "").replace(r#""id":"i""#, r#""id":"j""#);
    let judged = |input: &str| {
        let mut output = Vec::new();
        let all_are_cases = lines::answer_all(input.as_bytes(), &mut output).unwrap();
        (String::from_utf8(output).unwrap(), all_are_cases)
    };
    let answers = format!("{{\"id\":\"j\",{}}}\n{{\"id\":\"i\",{}}}\n", rejected(&[("EXPIRED", 606)]), accepted(BASE));
    assert_eq!(judged(&format!("\n{bad}\r\n \t\r\n\n {good}")), (answers.clone(), true));
    let not_a_case = "{\"id\":null,\"status\":\"NOT_A_CASE\",\"code\":900}\n";
    assert_eq!(judged(&format!("{bad}\n{good}\n{{\n")), (answers + not_a_case, false));
    assert_eq!(judged(""), (String::new(), true));
}

/// A policy may call Ed25519 by either of its names, whatever header and key call it; another name is no algorithm.
#[test]
fn the_two_names_of_ed25519_in_a_policy() {
    use countermark_tests::{keys, token::TokenBuilder};
    for in_header in ["EdDSA", "Ed25519"] {
        let header = format!(r#"{{"alg":"{in_header}"}}"#);
        let token = TokenBuilder::new("EdDSA").header(&header).payload(BASE).build();
        for in_key in [r#","alg":"EdDSA""#, r#","alg":"Ed25519""#, ""] {
            let key = format!("{{{}{in_key}}}", keys::jwk_members(keys::of("EdDSA")));
            for (in_policy, expected) in [
                (r#"["EdDSA"]"#, accepted(BASE)),
                (r#"["Ed25519"]"#, accepted(BASE)),
                (r#"["ES256","Ed25519","EdDSA"]"#, accepted(BASE)),
            ] {
                let line = format!(
                    r#"{{"id":"i","token":"{token}","now":1000,"keys":{{"keys":[{key}]}},"policy":{{"algorithms":{in_policy}}}}}"#
                );
                assert_answer(&line, &expected);
            }
            for strange in ["ed25519", "ED25519", "EDDSA", "Ed25519 "] {
                let policy = format!(r#""policy":{{"algorithms":["{strange}"]}}"#);
                let line = format!(r#"{{"id":"i","token":"{token}","now":1000,"keys":{{"keys":[{key}]}},{policy}}}"#);
                assert!(!answer(line.as_bytes()).1, "{strange}: no case");
            }
        }
    }
}
