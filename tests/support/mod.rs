//! Builders and oracles, shared by the tests and the fuzz targets. Oracles are slow and obvious on purpose, take byte slices
//! and answer with plain values.

pub mod base64url;
pub mod c_compiler;
pub mod c_only;
pub mod dates;
pub mod envelope;
pub mod generate;
pub mod htu;
pub mod json;
pub mod judge;
pub mod judge_c;
pub mod keys;
pub mod lattice;
pub mod p256_cases;
pub mod possession;
pub mod proof;
pub mod random;
pub mod rights;
pub mod rotating;
pub mod sketch;
pub mod sketch_cases;
pub mod sketch_issue;
pub mod sketch_rules;
pub mod skip;
pub mod token;
pub mod views;

pub use skip::skipped;
