//! What each component counts, and where the verdicts begin.

use crate::holder::fingerprint::component::{Component, ComponentSet};

/// What happens when a component changed or is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Role {
    /// It counts with its weight.
    Normal = 0,
    /// As normal, but a missing one leaves the similarity's sums. The coverage still counts it.
    Optional = 1,
    /// The token is refused.
    Required = 2,
}

/// One component of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weighted {
    /// The component.
    pub component: Component,
    /// Its weight in the sums; one of 0 is compared, and is in no sum.
    pub weight: u16,
    /// What happens when it changed or is missing.
    pub role: Role,
    /// What a match says, in hundredths of a bit.
    pub(super) agrees: i16,
    /// What a mismatch says.
    pub(super) differs: i16,
}

impl Weighted {
    /// A component with its weight; it says nothing in the evidence.
    pub const fn new(component: Component, weight: u16) -> Weighted {
        Weighted { component, weight, role: Role::Normal, agrees: 0, differs: 0 }
    }

    /// With its role.
    pub const fn with_role(self, role: Role) -> Weighted {
        Weighted { role, ..self }
    }

    /// With the two rates, per mille, that the evidence is made of: how often one device keeps the component, and how often
    /// two devices share it. Both are clamped to 0.5 and 99.5 %: no component proves anything.
    pub const fn with_rates(self, stability: u16, coincidence: u16) -> Weighted {
        let (stability, coincidence) = (clamped(stability), clamped(coincidence));
        Weighted {
            agrees: hundredths_of_log2(stability, coincidence),
            differs: hundredths_of_log2(1_000u32.wrapping_sub(stability), 1_000u32.wrapping_sub(coincidence)),
            ..self
        }
    }
}

const fn clamped(per_mille: u16) -> u32 {
    match per_mille {
        ..=4 => 5,
        996.. => 995,
        within => within as u32,
    }
}

/// 100 · log2(left / right), rounded to the nearest integer.
const fn hundredths_of_log2(left: u32, right: u32) -> i16 {
    let difference = log2(left).wrapping_sub(log2(right)).wrapping_mul(100);
    (difference.wrapping_add(1 << 15) >> 16) as i16
}

/// The binary logarithm with 16 fractional bits, one bit for each squaring (Knuth, TAOCP 1.2.2, exercise 25).
const fn log2(number: u32) -> i64 {
    let whole = number.ilog2();
    let mut mantissa = (number as u64) << (31u32.wrapping_sub(whole));
    let mut logarithm = whole as i64;
    let mut bit = 0u32;
    while bit < 16 {
        mantissa = mantissa.wrapping_mul(mantissa) >> 31;
        logarithm = logarithm << 1 | (mantissa >> 32) as i64;
        let carry = mantissa >> 32;
        mantissa >>= carry;
        bit = bit.wrapping_add(1);
    }
    logarithm
}

/// Components of which only some may change at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Group {
    /// The components.
    pub components: ComponentSet,
    /// How many of them may have changed; with more the verdict is step up.
    pub changes: u8,
}

/// Whether components of the page are collected with every request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum Stages {
    /// Everything comes with the request: what is not observed is missing.
    #[default]
    Together = 0,
    /// When nothing of the page (numbers 32 to 83) was observed and could still change the verdict, the verdict is step up
    /// with the components to collect.
    OnDemand = 1,
    /// As on demand, and an accept by the components of the request alone stands. It has their false accept rate.
    AcceptEarly = 2,
}

/// Where the verdicts begin. Similarity, coverage and drift are per mille.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Similarity below this is step up.
    pub accept: u16,
    /// Similarity below this is reject.
    pub step_up: u16,
    /// Coverage below this is step up.
    pub coverage: u16,
    /// Drift above this is step up.
    pub drift: u16,
    /// A sketch that was re-issued so often is step up.
    pub generation: u8,
    /// How many steps an ordinal may have grown since the token was issued.
    pub behind: u16,
    /// How many steps it may have shrunk.
    pub ahead: u16,
    /// Evidence, in hundredths of a bit, below which the verdict is step up, and below which it is reject.
    pub evidence: Option<(i32, i32)>,
    /// When the page's components are collected.
    pub stages: Stages,
}

impl Thresholds {
    /// The defaults of every preset that names no others. `behind`: Chromium ships every two weeks since September 2026.
    pub const DEFAULT: Thresholds = Thresholds {
        accept: 850,
        step_up: 700,
        coverage: 900,
        drift: 300,
        generation: 64,
        behind: 26,
        ahead: 0,
        evidence: None,
        stages: Stages::Together,
    };

    pub(super) fn is_sound(&self) -> bool {
        let are_per_mille = [self.accept, self.step_up, self.coverage, self.drift].iter().all(|value| *value <= 1_000);
        are_per_mille && self.step_up <= self.accept && self.evidence.is_none_or(|(accept, step_up)| step_up <= accept)
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds::DEFAULT
    }
}
