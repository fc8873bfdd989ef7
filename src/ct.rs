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

/// Whether `left < right`. Both are below 2^63, so the difference's sign is the answer.
#[cfg(feature = "sketch")]
pub(crate) fn less(left: u64, right: u64) -> Choice {
    Choice::from((left.wrapping_sub(right) >> 63) as u8)
}

/// floor(dividend / divisor) by shifting and subtracting: processors divide in a time that depends on the numbers.
/// The quotient must fit `bits`, and `divisor << bits` 63; a divisor of 0 gives all ones.
#[cfg(feature = "sketch")]
pub(crate) fn quotient(dividend: u64, divisor: u64, bits: u32) -> u32 {
    use subtle::ConditionallySelectable;
    let mut rest = dividend;
    let mut quotient = 0u32;
    for bit in (0..bits).rev() {
        let part = divisor.wrapping_shl(bit);
        let fits = !less(rest, part);
        rest.conditional_assign(&rest.wrapping_sub(part), fits);
        quotient |= u32::from(fits.unwrap_u8()).wrapping_shl(bit);
    }
    quotient
}
