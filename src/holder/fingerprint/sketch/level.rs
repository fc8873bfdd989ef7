//! How alike one component is, 0 to 256. The digests are secret: nothing here branches on them.

use super::claim::SET_BYTES;
use super::keyed::number;
use crate::ct;
use crate::holder::fingerprint::component::ComponentKind;
use subtle::{Choice, ConditionallySelectable, ConstantTimeGreater};

/// The level of a component that is the same.
pub(super) const LEVEL_FULL: u32 = 256;
/// The bits of a quotient of 0 to 256.
const LEVEL_BITS: u32 = 9;
/// Half of the bins are equal by chance.
const BINS_BY_CHANCE: u32 = 64;

/// The level at which a component matches.
pub(super) const fn match_level(kind: ComponentKind) -> u32 {
    match kind {
        ComponentKind::Exact => LEVEL_FULL,
        ComponentKind::Ordinal => 1,
        ComponentKind::Set => 192,
    }
}

pub(super) fn exact(stored: &[u8], digest: &[u8]) -> u32 {
    let digest = digest.get(..stored.len()).unwrap_or_default();
    u32::conditional_select(&0, &LEVEL_FULL, ct::equal(stored, digest))
}

/// How far an ordinal may be from the token's, in steps.
#[derive(Clone, Copy)]
pub(super) struct Tolerance {
    /// When the token's is the older one.
    pub(super) behind: u16,
    /// When the token's is the newer one.
    pub(super) ahead: u16,
}

/// `shift` is what the stored number was shifted by.
pub(super) fn ordinal(stored: &[u8], shift: u64, observed: u16, tolerance: Tolerance) -> u32 {
    let token = cut(number(stored).wrapping_sub(shift), stored.len());
    let observed = u64::from(observed);
    let is_ahead = token.ct_gt(&observed);
    let steps = |tolerance: u16| u64::from(tolerance).wrapping_add(1);
    let bound = u64::conditional_select(&steps(tolerance.behind), &steps(tolerance.ahead), is_ahead);
    let distance = u64::conditional_select(&observed.wrapping_sub(token), &token.wrapping_sub(observed), is_ahead);
    let distance = u64::conditional_select(&distance, &bound, distance.ct_gt(&bound));
    LEVEL_FULL.wrapping_sub(ct::quotient(distance << 8, bound, LEVEL_BITS))
}

/// The low `bytes` bytes.
pub(super) fn cut(number: u64, bytes: usize) -> u64 {
    let bits = (bytes as u32).wrapping_mul(8);
    number & u64::MAX.checked_shr(64u32.wrapping_sub(bits)).unwrap_or_default()
}

pub(super) fn set(stored: &[u8], observed: &[u8; SET_BYTES]) -> u32 {
    let equal = stored.iter().zip(observed).map(|(left, right)| (!(left ^ right)).count_ones());
    let equal = equal.fold(0, u32::wrapping_add);
    let above = ct::less(BINS_BY_CHANCE.into(), equal.into());
    u32::conditional_select(&0, &equal.wrapping_sub(BINS_BY_CHANCE).wrapping_mul(4), above)
}

/// Whether a level is a match.
pub(super) fn matches(level: u32, kind: ComponentKind) -> Choice {
    !ct::less(level.into(), match_level(kind).into())
}
