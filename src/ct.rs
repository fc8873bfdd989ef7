//! Constant-time tools: fold the differences, branch once at the end. `tests/ct` proves it on the binary.

use subtle::{Choice, ConstantTimeEq};

/// Whether two byte strings are equal. Their lengths are public.
#[inline(never)]
pub(crate) fn equal(left: &[u8], right: &[u8]) -> Choice {
    left.ct_eq(right)
}

/// The verdict at a stage boundary: the one place where a folded comparison becomes a branch.
#[inline(always)]
pub(crate) fn verdict(choice: Choice) -> bool {
    bool::from(choice)
}
