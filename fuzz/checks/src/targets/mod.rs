//! One check per target. Each ends in an assertion about whatever the input was.

pub mod base64url;
pub mod cache;
pub mod carrier;
pub mod claims;
pub mod der;
pub mod dpop;
pub mod ffi;
pub mod fingerprint;
pub mod header;
pub mod htu;
pub mod issue;
pub mod json;
pub mod jwe;
pub mod jwk;
pub mod jwks;
pub mod nested;
pub mod p256;
pub mod pem;
pub mod policy;
pub mod replay;
pub mod rights;
pub mod sketch;
pub mod status_list;
pub mod tables;
pub mod throttle;
pub mod token;
pub mod verify;

use countermark::Policy;
use countermark_tests::judge::Setup;

/// Every algorithm under a policy that asks for nothing: what is refused is refused for its form.
pub fn lenient_setup() -> Setup<'static> {
    let policy = Policy { any_audience: true, allow_missing_exp: true, ..Policy::default() };
    Setup { sets: vec![crate::known::set()], policy, ..Setup::default() }
}
