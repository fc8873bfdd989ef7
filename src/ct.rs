//! Constant-time tools: fold the differences, branch once at the end. `tests/ct` proves it on the binary.

use subtle::{Choice, ConstantTimeEq};

/// Whether two byte strings are equal. Their lengths are public.
#[inline(never)]
pub(crate) fn equal(left: &[u8], right: &[u8]) -> Choice {
    if left.len() != right.len() {
        return Choice::from(0);
    }
    let (left_words, left_tail) = left.as_chunks::<8>();
    let (right_words, right_tail) = right.as_chunks::<8>();
    let words =
        left_words.iter().zip(right_words).map(|(left, right)| u64::from_le_bytes(*left) ^ u64::from_le_bytes(*right));
    let tail = left_tail.iter().zip(right_tail).map(|(left, right)| u64::from(left ^ right));
    words.chain(tail).fold(0, |different, bits| different | bits).ct_eq(&0)
}

/// The verdict at a stage boundary: the one place where a folded comparison becomes a branch.
#[inline]
pub(crate) fn verdict(choice: Choice) -> bool {
    bool::from(choice)
}
