//! Names and sentences: total functions over any number, for a log line.

use core::ffi::{CStr, c_char};
use countermark::{Stage, Status};

const COUNT: usize = Status::ALL.len();

/// Texts one behind the other, each ended by `end`, and a NUL behind the last. Computed by the compiler.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
const fn joined<const BYTES: usize>(texts: &[&str], end: u8) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    let (mut written, mut at) = (0, 0);
    while at < texts.len() {
        let text = texts[at].as_bytes();
        let mut position = 0;
        while position < text.len() {
            bytes[written] = text[position];
            written += 1;
            position += 1;
        }
        bytes[written] = end;
        written += 1;
        at += 1;
    }
    bytes
}

#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
const fn joined_bytes(texts: &[&str]) -> usize {
    let (mut total, mut at) = (1, 0);
    while at < texts.len() {
        total += texts[at].len() + 1;
        at += 1;
    }
    total
}

/// The name (or else the sentence) of every status.
#[allow(clippy::arithmetic_side_effects, clippy::indexing_slicing)]
const fn texts(names: bool) -> [&'static str; COUNT] {
    let mut texts = [""; COUNT];
    let mut at = 0;
    while at < COUNT {
        texts[at] = if names { Status::ALL[at].name() } else { Status::ALL[at].sentence() };
        at += 1;
    }
    texts
}

static NAMES: [u8; joined_bytes(&texts(true))] = joined(&texts(true), 0);
static SENTENCES: [u8; joined_bytes(&texts(false))] = joined(&texts(false), 0);

const FEATURE_LIST: &[&str] = &[
    #[cfg(feature = "hs256")]
    "hs256",
    #[cfg(feature = "hs384")]
    "hs384",
    #[cfg(feature = "hs512")]
    "hs512",
    #[cfg(feature = "es256")]
    "es256",
    #[cfg(feature = "prepared")]
    "prepared",
    #[cfg(feature = "es384")]
    "es384",
    #[cfg(feature = "es512")]
    "es512",
    #[cfg(feature = "es256k")]
    "es256k",
    #[cfg(feature = "rs256")]
    "rs256",
    #[cfg(feature = "rs384")]
    "rs384",
    #[cfg(feature = "rs512")]
    "rs512",
    #[cfg(feature = "ps256")]
    "ps256",
    #[cfg(feature = "ps384")]
    "ps384",
    #[cfg(feature = "ps512")]
    "ps512",
    #[cfg(feature = "rsa8192")]
    "rsa8192",
    #[cfg(feature = "ed25519")]
    "ed25519",
    #[cfg(feature = "mldsa44")]
    "mldsa44",
    #[cfg(feature = "mldsa65")]
    "mldsa65",
    #[cfg(feature = "mldsa87")]
    "mldsa87",
    #[cfg(feature = "spki")]
    "spki",
    #[cfg(feature = "certificate")]
    "certificate",
    #[cfg(feature = "pem")]
    "pem",
    #[cfg(feature = "fingerprint")]
    "fingerprint",
    #[cfg(feature = "sketch")]
    "sketch",
    #[cfg(feature = "md5")]
    "md5",
    #[cfg(feature = "dpop")]
    "dpop",
    #[cfg(feature = "mtls")]
    "mtls",
    #[cfg(feature = "channel")]
    "channel",
    #[cfg(feature = "carrier")]
    "carrier",
    #[cfg(feature = "issue")]
    "issue",
    #[cfg(feature = "replay")]
    "replay",
    #[cfg(feature = "revocation")]
    "revocation",
    #[cfg(feature = "status-list")]
    "status-list",
    #[cfg(feature = "throttle")]
    "throttle",
    #[cfg(feature = "rotating")]
    "rotating",
    #[cfg(feature = "rights")]
    "rights",
    #[cfg(feature = "risk")]
    "risk",
    #[cfg(feature = "session")]
    "session",
    #[cfg(feature = "cache")]
    "cache",
    #[cfg(feature = "envelope")]
    "envelope",
    #[cfg(feature = "ecdh")]
    "ecdh",
];
static FEATURES: [u8; joined_bytes(FEATURE_LIST)] = joined(FEATURE_LIST, b' ');

/// The text of this status among `texts`.
fn text_of(status: i32, texts: &'static [u8]) -> *const c_char {
    let position = Status::ALL.iter().position(|known| known.code() == status).unwrap_or(COUNT);
    let text = texts.split_inclusive(|byte| *byte == 0).nth(position).unwrap_or_default();
    CStr::from_bytes_with_nul(text).ok().filter(|text| !text.is_empty()).unwrap_or(c"UNKNOWN").as_ptr()
}

/// The status's name; "UNKNOWN" for a number that is none.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_status_name"))]
pub extern "C" fn cmk_status_name(status: i32) -> *const c_char {
    text_of(status, &NAMES)
}

/// What was wrong, and which rule it broke; "UNKNOWN" for a number that is none.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_status_sentence"))]
pub extern "C" fn cmk_status_sentence(status: i32) -> *const c_char {
    text_of(status, &SENTENCES)
}

/// The name of the pipeline's stage that a status belongs to; empty for accepted.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_stage_name"))]
pub extern "C" fn cmk_stage_name(status: i32) -> *const c_char {
    let name = match Stage::of(status) {
        Stage::None => c"",
        Stage::Token => c"token",
        Stage::Header => c"header",
        Stage::Key => c"key",
        Stage::Signature => c"signature",
        Stage::Payload => c"payload",
        Stage::Policy => c"policy",
        Stage::Holder => c"holder",
        Stage::Standing => c"standing",
        Stage::Rights => c"rights",
        Stage::Caller => c"caller",
    };
    name.as_ptr()
}

/// The first status above `after` whose bit is set in a report's failures; 0 behind the last.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_failures_next"))]
pub extern "C" fn cmk_failures_next(failures: u64, after: i32) -> i32 {
    let is_set = |status: &Status| status.bit().is_some_and(|bit| failures & 1u64.wrapping_shl(bit) != 0);
    Status::ALL.iter().find(|status| status.code() > after && is_set(status)).map_or(0, |status| status.code())
}

/// The features of this build, a space behind each.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_features"))]
pub extern "C" fn cmk_features() -> *const c_char {
    CStr::from_bytes_until_nul(&FEATURES).unwrap_or(c"").as_ptr()
}
