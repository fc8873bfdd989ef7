//! A rotating secret in place of key sets.

use super::case::Flaw;
use super::strict::object;
use countermark::{Keys, Rotating, RotatingMode, Status, region_head_bytes, rotating_key_bytes};
use serde::Deserialize;
use serde_json::value::RawValue;

/// The base and its settings; what is left out is what the field uses, without grace.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RotatingSecret {
    base: String,
    #[serde(default = "compat")]
    mode: String,
    #[serde(default = "user_id")]
    claim: String,
    #[serde(default = "day")]
    window: u32,
    #[serde(default)]
    grace: u32,
}

fn compat() -> String {
    "compat".into()
}

fn user_id() -> String {
    "userId".into()
}

fn day() -> u32 {
    Rotating::compat("").window
}

impl RotatingSecret {
    pub fn read(raw: &RawValue) -> Result<Self, Flaw> {
        let read: Self = object(raw.get())?;
        if ["compat", "derived"].contains(&read.mode.as_str()) { Ok(read) } else { Err(Flaw::NotACase) }
    }

    pub fn words(&self) -> usize {
        region_head_bytes(0).saturating_add(rotating_key_bytes()).div_ceil(8)
    }

    pub fn load<'m>(&self, region: &'m mut [u64]) -> Result<Keys<'m>, Status> {
        let mut keys = Keys::new(region)?;
        let mode = if self.mode == "derived" { RotatingMode::Derived } else { RotatingMode::Compat };
        let rotating = Rotating { mode, claim: &self.claim, window: self.window, grace: self.grace };
        keys.add_rotating(None, self.base.as_bytes(), &rotating)?;
        Ok(keys)
    }
}
