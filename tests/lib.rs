//! Builders and oracles for Countermark's tests and fuzz targets.

pub mod support;

pub use support::*;
