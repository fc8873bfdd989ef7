//! Examples that the RFCs give, and the HMAC of the core against the `hmac` crate.

use countermark::{Algorithm, Evidence, Recipe, Status, tools};
use countermark_tests::judge::{Attempt, KeySource, Setup, judge};
use countermark_tests::random::Random;
use countermark_tests::token::SigningKey;

const A1_TOKEN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const A1_KEY: &str = r#"{"kty":"oct","alg":"HS256","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}"#;
const A3_TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
const A3_KEY: &str = r#"{"kty":"EC","crv":"P-256","alg":"ES256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#;
/// RFC 7519 3.1: the claims, with the line breaks that the example has.
const CLAIMS: &str = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
const EXPIRES: i64 = 1_300_819_380;

fn with(jwk: &str) -> Setup<'static> {
    Setup::with([KeySource::Jwk(jwk.to_string())])
}

#[track_caller]
fn example(token: &str, jwk: &str, other: &str) {
    let outcome = judge(&with(jwk), Attempt::new(token).at(EXPIRES - 1));
    assert_eq!((outcome.status, outcome.claims.as_deref()), (Status::Accepted, Some(CLAIMS)));
    assert_eq!(judge(&with(jwk), Attempt::new(token).at(EXPIRES)).status, Status::Expired);
    assert_eq!(judge(&with(other), Attempt::new(token).at(EXPIRES - 1)).status, Status::AlgorithmMismatch);
}

#[test]
fn rfc7515_a1_hs256() {
    example(A1_TOKEN, A1_KEY, A3_KEY);
}

#[test]
fn rfc7515_a3_es256() {
    example(A3_TOKEN, A3_KEY, A1_KEY);
}

/// RFC 7519 3.1 is the header, the payload and the claims of RFC 7515 A.1; 3.1 shows the header's and the claims' text.
#[test]
fn rfc7519_3_1() {
    let parts: Vec<&str> = A1_TOKEN.split('.').collect();
    let text = |part: &str| String::from_utf8(countermark_tests::base64url::decode(part.as_bytes()).unwrap()).unwrap();
    assert_eq!(text(parts[0]), "{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}");
    assert_eq!(text(parts[1]), CLAIMS);
    assert_eq!(judge(&with(A1_KEY), Attempt::new(A1_TOKEN).at(0)).claims.as_deref(), Some(CLAIMS));
}

/// RFC 7519 6.1: an unsecured JWT.
#[test]
fn rfc7519_6_1_is_refused() {
    let token = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
    assert_eq!(judge(&with(A1_KEY), Attempt::new(token).at(0)).status, Status::TokenSegmentEmpty);
    assert_eq!(judge(&with(A1_KEY), Attempt::new(&format!("{token}AA")).at(0)).status, Status::AlgorithmUnknown);
}

/// The published sample of the field's MD5 scheme.
#[test]
fn md5_sample_of_the_fields_recipe() {
    let headers = [
        ("sec-ch-ua", r#""Google Chrome";v="89", "Chromium";v="89", ";Not A Brand";v="99""#),
        (
            "user-agent",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/89.0.4389.114 Safari/537.36",
        ),
        ("accept-language", "en-GB,en-US;q=0.9,en;q=0.8"),
        ("upgrade-insecure-requests", "1"),
    ];
    let evidence = Evidence { address: "192.168.1.250", headers: &headers, ..Evidence::NONE };
    let mut out = [0; 64];
    assert_eq!(Recipe::compat("fp").digest(&evidence, &mut out), Ok("8344b6e8b488a7ac8e502d5481905656"));
    assert_eq!(Recipe::compat("fp").digest(&evidence, &mut [0; 31]), Err(Status::BufferTooSmall));
    // The same fields by a reference to a host's own type, as a slice, as owned strings.
    let (by_reference, slice): (_, &[_]) = (&headers, &headers);
    let owned: Vec<(String, String)> = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let (slice, owned) = (&slice, &owned.as_slice());
    for headers in [&by_reference as &dyn countermark::Headers, slice, owned] {
        let evidence = Evidence { headers, ..evidence };
        assert_eq!(Recipe::compat("fp").digest(&evidence, &mut out), Ok("8344b6e8b488a7ac8e502d5481905656"));
    }
}

#[test]
fn hmac_against_the_hmac_crate() {
    let mut random = Random::new(8);
    for key_bytes in 0..=300 {
        let key = random.bytes(key_bytes);
        let message_bytes = random.below(300);
        let message = random.bytes(message_bytes);
        let expected = SigningKey::Hs256(key.clone()).sign(&message);
        let mut out = [0; 32];
        tools::hmac_sha256(&key, &[&message], &mut out);
        assert_eq!(out[..], expected, "key of {key_bytes} bytes");
        // The same in random pieces, empty ones among them.
        let mut rest = &message[..];
        let mut pieces = vec![&[][..]];
        while !rest.is_empty() {
            let (piece, behind) = rest.split_at(random.below(rest.len().min(130) + 1));
            pieces.push(piece);
            rest = behind;
        }
        tools::hmac_sha256(&key, &pieces, &mut out);
        assert_eq!(out[..], expected, "key of {key_bytes} bytes, in pieces");
    }
    // Every length around the blocks.
    for message_bytes in 0..=260 {
        let message = random.bytes(message_bytes);
        let mut out = [0; 32];
        for cut in [0, message_bytes / 2, message_bytes.min(64), message_bytes.min(63)] {
            tools::hmac_sha256(b"key", &[&message[..cut], &message[cut..]], &mut out);
            assert_eq!(out[..], SigningKey::Hs256(b"key".to_vec()).sign(&message));
        }
    }
}

/// HS384 and HS512 through whole tokens: keys and messages of many lengths.
#[test]
fn hmac_sha384_and_sha512_of_many_lengths() {
    use countermark_tests::token::TokenBuilder;
    let mut random = Random::new(9);
    for bytes in (64..=512).step_by(7).chain([127, 128, 129, 255, 256, 511, 512]) {
        let secret = random.bytes(bytes);
        for (algorithm, key) in [
            (Algorithm::HS384, SigningKey::Hs384(secret.clone())),
            (Algorithm::HS512, SigningKey::Hs512(secret.clone())),
            (Algorithm::HS256, SigningKey::Hs256(secret.clone())),
        ] {
            let filler = "x".repeat(random.below(400));
            let token = TokenBuilder::signed_by(key).payload_with(&format!(r#""filler":"{filler}""#)).build();
            let setup = Setup::with([KeySource::Secret(algorithm, None, secret.clone())]);
            assert_eq!(judge(&setup, Attempt::new(&token)).status, Status::Accepted, "{algorithm:?} {bytes}");
        }
    }
}
