//! The field's multiplication for machines whose words have 32 bits, as rows of multiply-and-add: one instruction of a Cortex-M4.
//! The modulus and the form are those of `field`.

use super::words::{Words, add, mask, subtract};

/// The lowest first.
type Halves = [u32; 8];

/// x y / 2^256, below 2^256.
pub(super) fn times(left: &Words, right: &Words, modulus: &Words) -> Words {
    let a = halves(left);
    let [b0, b1, b2, b3, b4, b5, b6, b7] = halves(right);
    let (t0, sum) = add_row([0; 8], &a, b0);
    let (t1, sum) = add_row(sum, &a, b1);
    let (t2, sum) = add_row(sum, &a, b2);
    let (t3, sum) = add_row(sum, &a, b3);
    let (t4, sum) = add_row(sum, &a, b4);
    let (t5, sum) = add_row(sum, &a, b5);
    let (t6, sum) = add_row(sum, &a, b6);
    let (t7, sum) = add_row(sum, &a, b7);
    // The lower half alone goes through the eight steps, so their carries end there.
    let quotient = step(step(step(step(step(step(step(step([t0, t1, t2, t3, t4, t5, t6, t7]))))))));
    let (sum, carry) = add(&joined(quotient), &joined(sum));
    let [p0, p1, p2, p3] = *modulus;
    let kept = mask(carry);
    // The sum is below 2^256 + p, so this is below 2^256.
    subtract(&sum, &[p0 & kept, p1 & kept, p2 & kept, p3 & kept]).0
}

/// Adds eight words by one; the lowest word of the sum is done.
#[inline(always)]
fn add_row(
    [s0, s1, s2, s3, s4, s5, s6, s7]: Halves,
    [a0, a1, a2, a3, a4, a5, a6, a7]: &Halves,
    digit: u32,
) -> (u32, Halves) {
    let (t0, carry) = digit.carrying_mul_add(*a0, s0, 0);
    let (t1, carry) = digit.carrying_mul_add(*a1, s1, carry);
    let (t2, carry) = digit.carrying_mul_add(*a2, s2, carry);
    let (t3, carry) = digit.carrying_mul_add(*a3, s3, carry);
    let (t4, carry) = digit.carrying_mul_add(*a4, s4, carry);
    let (t5, carry) = digit.carrying_mul_add(*a5, s5, carry);
    let (t6, carry) = digit.carrying_mul_add(*a6, s6, carry);
    let (t7, t8) = digit.carrying_mul_add(*a7, s7, carry);
    (t0, [t1, t2, t3, t4, t5, t6, t7, t8])
}

/// (t + t0 p) / 2^32, which is below 2^256: t0 p is t0 2^32 times (2^224 - 2^192 + 2^160 + 2^64), less t0.
#[inline(always)]
fn step([t0, t1, t2, t3, t4, t5, t6, t7]: Halves) -> Halves {
    let (t3, carry) = t3.carrying_mul_add(1, t0, 0);
    let (t4, carry) = t4.carrying_mul_add(1, 0, carry);
    let (t5, carry) = t5.carrying_mul_add(1, 0, carry);
    let (t6, carry) = t6.carrying_mul_add(1, t0, carry);
    // 2^224 - 2^192 is 2^192 by 2^32 - 1.
    let (t7, t8) = t0.carrying_mul_add(u32::MAX, t7, carry);
    [t1, t2, t3, t4, t5, t6, t7, t8]
}

#[inline(always)]
fn halves([a, b, c, d]: &Words) -> Halves {
    let (low, high) = (|word: &u64| *word as u32, |word: &u64| (word >> 32) as u32);
    [low(a), high(a), low(b), high(b), low(c), high(c), low(d), high(d)]
}

#[inline(always)]
fn joined([a, b, c, d, e, f, g, h]: Halves) -> Words {
    let join = |low: u32, high: u32| (u64::from(high) << 32) | u64::from(low);
    [join(a, b), join(c, d), join(e, f), join(g, h)]
}

#[cfg(test)]
mod tests {
    use super::super::field::{Field, P};
    use super::{Words, times};

    #[test]
    fn it_is_the_product_of_wide_words() {
        let edges = [0, 1, 2, 0xffff_ffff, 1 << 32, 0xffff_ffff_0000_0000, u64::MAX - 1, u64::MAX];
        let mut seed = 1u64;
        let mut word = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (seed >> 60) as usize;
            edges.get(at).copied().unwrap_or(seed ^ (seed >> 29))
        };
        let mut number = || -> Words { [word(), word(), word(), word()] };
        for _ in 0..200_000 {
            let (left, right) = (number(), number());
            let narrow = Field(times(&left, &right, &P)).canonical();
            assert_eq!(narrow.0, Field(left).times_wide(Field(right)).canonical().0, "{left:x?} {right:x?}");
        }
    }
}
