//! What each fuzz target asserts. No fuzzer is needed to run a check, so `cargo test` replays seeds and findings on any
//! toolchain.

pub mod c_memory;
pub mod input;
pub mod known;
pub mod oracle;
pub mod seeds;
pub mod targets;

/// The targets by name.
pub const TARGETS: &[(&str, fn(&[u8]))] = &[
    ("token", targets::token::check),
    ("header", targets::header::check),
    ("json", targets::json::check),
    ("base64url", targets::base64url::check),
    ("claims", targets::claims::check),
    ("verify", targets::verify::check),
    ("policy", targets::policy::check),
    ("fingerprint", targets::fingerprint::check),
    ("sketch", targets::sketch::check),
    ("issue", targets::issue::check),
    ("carrier", targets::carrier::check),
    ("jwk", targets::jwk::check),
    ("jwks", targets::jwks::check),
    ("der", targets::der::check),
    ("pem", targets::pem::check),
    ("replay", targets::replay::check),
    ("throttle", targets::throttle::check),
    ("dpop", targets::dpop::check),
    ("htu", targets::htu::check),
    ("p256", targets::p256::check),
    ("tables", targets::tables::check),
    ("cache", targets::cache::check),
    ("rights", targets::rights::check),
    ("status_list", targets::status_list::check),
    ("ffi", targets::ffi::check),
    ("jwe", targets::jwe::check),
    ("nested", targets::nested::check),
];
