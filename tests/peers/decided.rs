//! Where a suite's verdict and ours differ: suite, case, our status, and why ours is right here.

use countermark::Status;

#[rustfmt::skip] // a line each
pub const DECIDED: &[(&str, &str, Status, &str)] = &[
    ("cjwt", "inputs/jwtn.txt No Alg claims on on -", Status::TokenSegmentEmpty, "unsigned tokens are never accepted (RFC 8725 3.2)"),
    ("cjwt", "inputs/jwtnx.txt No Alg claims off on -", Status::TokenSegmentEmpty, "unsigned tokens are never accepted (RFC 8725 3.2)"),
    ("cjwt", "inputs/jwtny.txt No Alg claims off off -", Status::TokenSegmentEmpty, "unsigned tokens are never accepted (RFC 8725 3.2)"),
    ("cjwt", "inputs/jwt1.txt HS256 claims on on test_passwd1", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "inputs/jwt2.txt HS384 claims on on test_passwd2", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "inputs/jwt3.txt HS512 claims on on test_passwd3", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "inputs/jwt1x.txt HS256 claims off on test_passwd1", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "inputs/jwt2x.txt HS384 claims off on test_passwd2", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "inputs/jwt3x.txt HS512 claims off on test_passwd3", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "inputs/jwt1y.txt HS256 claims off off test_passwd1", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "inputs/jwt2y.txt HS384 claims off off test_passwd2", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "inputs/jwt3y.txt HS512 claims off off test_passwd3", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "inputs/jwt1l.txt HS256 claims long test_passwd1", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "inputs/jwt2l.txt HS384 claims long test_passwd2", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "inputs/jwt3l.txt HS512 claims long test_passwd3", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "inputs/jwt2.txt HS384 claims on on test_passwd2", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "inputs/jwt3.txt HS512 claims on on test_passwd3", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "new_inputs/hs256.jwt HS256 hs256-secret", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "new_inputs/hs384.jwt HS384 hs384-secret", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt", "new_inputs/hs512.jwt HS512 hs512-secret", Status::KeyTooShort, "the secret is shorter than the hash (RFC 7518 3.2)"),
    ("cjwt claims", r#"{ "alg": "none" } { "sub": "1234567890", "iat": 1511223344, "exp": 1522334455, "nbf": 1522334450 } 1522334455 0 OPT_ALLOW_ALG_NONE"#, Status::Expired, "on `exp` a token is over (RFC 7519 4.1.4); they accept that second"),
    ("cjwt claims", r#"{ "alg": "none" } { "sub": "1234567890", "iat": 1511223344, "exp": 1522334455, "nbf": 1522334450 } 1522334456 1 OPT_ALLOW_ALG_NONE"#, Status::Expired, "on `exp` a token is over (RFC 7519 4.1.4); they accept that second, and the leeway moves it"),
    ("cjwt claims", r#"{ "alg": "none" } { "sub": "1234567890", "iat": 1511223344, "exp": 1522334455, "nbf": 1522334450 } 1522334449 0 OPT_ALLOW_ALG_NONE | OPT_ALLOW_ANY_TIME"#, Status::NotYetValid, "no policy here leaves `nbf` out while the clock is known"),
    ("cjwt claims", r#"{ "alg": "none" } { "sub": "1234567890", "iat": 1511223344, "exp": 1522334455, "nbf": 1522334450 } 1522334466 0 OPT_ALLOW_ALG_NONE | OPT_ALLOW_ANY_TIME"#, Status::Expired, "no policy here leaves `exp` out while the clock is known"),
    ("cjwt claims", r#"{ "alg": "none", "x5ts256": 123 } {  } null null OPT_ALLOW_ALG_NONE"#, Status::Accepted, "a misspelling of x5t#S256, so a parameter that is not known: ignored (RFC 7515 4)"),
];
