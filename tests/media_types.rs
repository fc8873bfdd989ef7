//! `typ` and `cty`: RFC 7515 4.1.9 and 4.1.10, against the rule written out with strings.

use countermark::{Policy, Status};
use countermark_tests::judge::{Setup, key_of, status_of};
use countermark_tests::token::TokenBuilder;

/// Without a leading "application/" where nothing else has a slash; in lower case.
fn normal(media_type: &str) -> String {
    let lower = media_type.to_ascii_lowercase();
    match lower.strip_prefix("application/") {
        Some(rest) if !rest.contains('/') => rest.to_string(),
        _ => lower,
    }
}

const TYPES: [&str; 18] = [
    "JWT",
    "jwt",
    "at+jwt",
    "AT+JWT",
    "application/at+jwt",
    "APPLICATION/at+jwt",
    "application/JWT",
    "application/",
    "",
    "application",
    "applications/jwt",
    "application/x/jwt",
    "application/application/jwt",
    "text/at+jwt",
    "at+jwt/",
    "at+jwt ",
    "a\u{212a}",
    "ak",
];

#[test]
fn typ_is_compared_as_a_media_type() {
    for wanted in TYPES {
        let setup = Setup::with([key_of("HS256")]).policy(Policy { typ: Some(wanted), ..Policy::default() });
        for found in TYPES {
            let token = TokenBuilder::new("HS256").header_with(&format!(r#""typ":"{found}""#)).build();
            let expected = if normal(found) == normal(wanted) { Status::Accepted } else { Status::Type };
            assert_eq!(status_of(&setup, &token), expected, "{found:?} for {wanted:?}");
        }
        let escaped: String = wanted.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        let token = TokenBuilder::new("HS256").header_with(&format!(r#""typ":"{escaped}""#)).build();
        assert_eq!(status_of(&setup, &token), Status::Accepted);
        let token = TokenBuilder::new("HS256").header_with(r#""x":1"#).build();
        assert_eq!(status_of(&setup, &token), Status::Type);
    }
}

#[test]
fn a_nested_token_must_be_declared() {
    let setup = Setup::with([key_of("HS256")]);
    for found in TYPES {
        let token = TokenBuilder::new("HS256").header_with(&format!(r#""cty":"{found}""#)).build();
        let expected = if normal(found) == "jwt" { Status::NestedUndeclared } else { Status::Accepted };
        assert_eq!(status_of(&setup, &token), expected, "{found:?}");
    }
}
