#![no_std]
#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]
//!
//! # The types, in the pipeline's order
//!
//! | stage | you say | it answers |
//! |---|---|---|
//! | carrier | [`Source`], [`authorization`], [`cookie`], [`argument`] | [`Credentials`]; afterwards [`Challenge`] |
//! | request | [`Request`], [`Clock`], [`Evidence`], [`Headers`] | |
//! | key | [`Keys`], [`Algorithm`], [`Rotating`] | [`KeySet`], [`Loaded`], [`Cooldown`], [`Prepared`], [`thumbprint`] |
//! | policy | [`Policy`], [`Limits`] | |
//! | holder: fingerprints | [`Holder`], [`Recipe`], [`Sketch`], [`Components`] | [`Score`] |
//! | holder: possession | [`ProofRules`], [`Nonces`], [`Certificate`], [`Combination`] | [`Use`] |
//! | standing | [`ReplayTable`], [`Replay`]; [`Standing`], [`RevocationTable`], [`Revocations`]; [`StatusList`], [`StatusRules`]; [`ThrottleTable`], [`Throttle`]; [`Risk`]; [`Session`]; [`TokenCache`] | [`Refusal`], [`Finding`], [`SessionVerdict`] |
//! | rights | [`Rules`], [`Rule`], [`Test`] | |
//! | verify | [`Verifier`] | [`Verdict`], [`Report`], [`Status`], [`Failures`], [`Stage`] |
//! | claims | | [`Claims`], [`Value`], [`Text`] |
//! | envelope | [`Shape`], [`KeyManagement`], [`Encryption`], [`open_envelope`] | [`Layers`], [`Decrypted`] |
//! | issue | [`Signer`], [`Sealer`], [`Mint`], [`NewSketch`] | a token |

#[cfg(not(any(
    feature = "hs256",
    feature = "hs384",
    feature = "hs512",
    feature = "_ec",
    feature = "_rsa",
    feature = "ed25519",
    feature = "_mldsa"
)))]
compile_error!("countermark needs at least one algorithm: name a feature such as hs256");

// The pipeline, in order: each file may use those above it and the tools, and no other.
mod token;
mod header;
mod key;
#[cfg(feature = "envelope")]
mod envelope;
mod signature;
mod claims;
mod policy;
#[cfg(any(feature = "dpop", feature = "replay"))]
mod once;
mod holder;
#[cfg(any(feature = "_tables", feature = "_standing", feature = "risk", feature = "session"))]
mod standing;
#[cfg(feature = "rights")]
mod rights;
mod request;
mod verdict;
mod verify;

// Beside the pipeline: the way in, and the other end.
#[cfg(feature = "carrier")]
mod carrier;
#[cfg(feature = "issue")]
mod issue;

// The tools, in the same order. They know nothing of JWTs, but for the names of statuses and limits.
mod bytes;
mod clock;
mod error;
// A build with one algorithm needs half of these two.
#[cfg_attr(not(feature = "hs256"), allow(dead_code))]
mod ct;
#[cfg_attr(not(feature = "hs256"), allow(dead_code))]
mod hash;
#[cfg_attr(not(feature = "hs256"), allow(dead_code))]
mod mac;
mod cursor;
mod limits;
mod base64url;
#[cfg(feature = "envelope")]
mod cipher;
#[cfg(any(feature = "pem", feature = "mtls"))]
mod base64;
mod json;
#[cfg(feature = "_rsa")]
mod montgomery;
#[cfg(feature = "prepared")]
mod secp256r1;
#[cfg(feature = "_tables")]
mod sync;
#[cfg(any(feature = "replay", feature = "revocation", feature = "throttle"))]
#[cfg_attr(not(feature = "replay"), allow(dead_code))]
mod table;
#[cfg(feature = "revocation")]
mod times;

#[cfg(feature = "carrier")]
pub use carrier::{Challenge, Credentials, Source, argument, authorization, cookie};
pub use claims::Claims;
#[cfg(feature = "envelope")]
pub use claims::Layers;
pub use clock::Clock;
#[cfg(feature = "envelope")]
pub use envelope::{Decrypted, open_envelope};
pub use error::{Failures, Stage, Status};
pub use header::Algorithm;
#[cfg(feature = "mtls")]
pub use holder::Certificate;
#[cfg(feature = "channel")]
pub use holder::{BINDING_CHARS_MAX, BindingForm, CHANNEL_MEMBER};
#[cfg(feature = "sketch")]
pub use holder::{
    COLLECTOR_DOCUMENT_BYTES_MAX, COLLECTOR_ROWS_MAX, Collected, Collector, Component, ComponentKind, ComponentList,
    ComponentSet, Components, ENTRIES_MAX, Group, NewSketch, Notice, Preset, Reasons, Role, Row, SALT_BYTES, Score, Sketch,
    Stable, Stages, Thresholds, Weighted,
};
#[cfg(feature = "_possession")]
pub use holder::{Combination, Methods};
#[cfg(feature = "fingerprint")]
pub use holder::{Encoding, Framing, Hash, Input, Pepper, Recipe};
pub use holder::{Evidence, Headers, Holder, Scheme};
#[cfg(feature = "dpop")]
pub use holder::{NONCE_CHARS, Nonces, ProofKind, ProofRules};
#[cfg(feature = "issue")]
pub use issue::{Mint, Signer};
#[cfg(all(feature = "issue", feature = "envelope"))]
pub use issue::{SEAL_RANDOM_BYTES, Sealer};
pub use json::{Elements, Kind, Members, Text, Value};
pub use key::{
    Cooldown, KeySet, Keys, Loaded, REASONS, THUMBPRINT_CHARS, key_bytes, keys_size_for, region_head_bytes, thumbprint,
};
#[cfg(feature = "envelope")]
pub use key::{Encryption, KeyManagement, decryption_key_bytes};
#[cfg(feature = "prepared")]
pub use key::{Prepared, prepared_bytes};
#[cfg(feature = "rotating")]
pub use key::{Rotating, RotatingMode, rotating_key_bytes};
pub use limits::*;
#[cfg(any(feature = "dpop", feature = "replay"))]
pub use once::{Replay, Use};
pub use policy::Policy;
#[cfg(feature = "envelope")]
pub use policy::Shape;
pub use request::Request;
#[cfg(feature = "rights")]
pub use rights::{Comparison, Rule, Rules, Test, Values};
#[cfg(feature = "risk")]
pub use standing::{
    Action, Finding, Network, Position, RISK_RECORD_BYTES, Risk, RiskRecord, RiskRow, RiskRules, Signals, Visit,
};
#[cfg(feature = "throttle")]
pub use standing::{CHARGES_MAX, Charge, Client, Limit, Refusal, Throttle, ThrottleStatistics, ThrottleTable};
#[cfg(feature = "cache")]
pub use standing::{CacheStatistics, TokenCache};
#[cfg(feature = "_standing")]
pub use standing::{Name, Shared, Standing};
#[cfg(feature = "replay")]
pub use standing::{ReplayStatistics, ReplayTable};
#[cfg(feature = "revocation")]
pub use standing::{Revocable, RevocationStatistics, RevocationTable, Revocations};
#[cfg(feature = "session")]
pub use standing::{SESSION_BYTES, Seen, Session, SessionEnd, SessionRules, SessionVerdict};
#[cfg(feature = "status-list")]
pub use standing::{StatusList, StatusReference, StatusRules, StatusSource, Statuses};
#[cfg(feature = "_tables")]
pub use sync::{AtomicU64, table_shareable};
pub use verdict::{Report, Verdict};
#[cfg(feature = "envelope")]
pub use verify::nested_scratch_bytes;
pub use verify::{Verifier, scratch_bytes};

#[cfg(feature = "_tools")]
#[doc(hidden)]
pub mod tools;
