//! Arithmetic modulo p = 2^256 - 2^224 + 2^192 + 2^96 - 1 (SP 800-186 3.2.1.3), in Montgomery's form: x stands for x R,
//! with R = 2^256.
//!
//! An element is any number below 2^256, so some elements have two spellings: a reduction subtracts p when the sum overflows
//! 256 bits, and never compares. p is -1 modulo 2^64, which makes every quotient digit of Montgomery's reduction the lowest
//! word itself, and p's other words are sparse, which makes the product of digit and p two shifts and a subtraction.

use super::inverse::almost_inverse;
use super::narrow;
use super::words::{Words, add, equal, mask, subtract, wide};

pub(super) const P: Words = [u64::MAX, 0xffff_ffff, 0, 0xffff_ffff_0000_0001];
/// 2^256 - p: what an overflow is worth.
const FOLD: Words = [1, 0xffff_ffff_0000_0000, u64::MAX, 0xffff_fffe];
/// Whether the machine's words are too short for products of 64 bits.
const IS_NARROW: bool = cfg!(not(target_pointer_width = "64"));
/// R^2 modulo p: takes a number into Montgomery's form.
const SQUARE: Words = [3, 0xffff_fffb_ffff_ffff, 0xffff_ffff_ffff_fffe, 0x4_ffff_fffd];

/// An element of the field.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field(pub(super) Words);

impl Field {
    pub(super) const ZERO: Field = Field([0; 4]);
    /// R modulo p.
    pub(super) const ONE: Field = Field(FOLD);

    /// The element of a number below p.
    pub(super) fn of_number(number: &Words) -> Field {
        Field(*number).times(Field(SQUARE))
    }

    /// The spelling below p.
    pub(super) fn canonical(self) -> Field {
        let (less, borrow) = subtract(&self.0, &P);
        if borrow { self } else { Field(less) }
    }

    pub(super) fn is_zero(self) -> bool {
        equal(&self.0, &[0; 4]) || equal(&self.0, &P)
    }

    pub(super) fn plus(self, other: Field) -> Field {
        let (sum, carry) = add(&self.0, &other.0);
        let (sum, carry) = add(&sum, &masked(&FOLD, carry));
        // Only when both were next to 2^256.
        if carry { Field(add(&sum, &FOLD).0) } else { Field(sum) }
    }

    pub(super) fn minus(self, other: Field) -> Field {
        let (difference, borrow) = subtract(&self.0, &other.0);
        let (difference, borrow) = subtract(&difference, &masked(&FOLD, borrow));
        if borrow { Field(subtract(&difference, &FOLD).0) } else { Field(difference) }
    }

    pub(super) fn doubled(self) -> Field {
        self.plus(self)
    }

    /// The element or its negative, without a branch: the signs of a sum's digits cannot be predicted.
    pub(super) fn negated_if(self, is_negative: bool) -> Field {
        let negative = Field::ZERO.minus(self);
        let chosen = mask(is_negative);
        let [a0, a1, a2, a3] = self.0;
        let [b0, b1, b2, b3] = negative.0;
        let choose = |a: u64, b: u64| a ^ ((a ^ b) & chosen);
        Field([choose(a0, b0), choose(a1, b1), choose(a2, b2), choose(a3, b3)])
    }

    #[inline(never)]
    pub(super) fn times(self, other: Field) -> Field {
        if IS_NARROW { Field(narrow::times(&self.0, &other.0, &P)) } else { self.times_wide(other) }
    }

    #[inline(always)]
    pub(super) fn times_wide(self, other: Field) -> Field {
        reduce(product(&self.0, &other.0))
    }

    #[inline(never)]
    pub(super) fn squared(self) -> Field {
        if IS_NARROW { self.times(self) } else { reduce(square(&self.0)) }
    }

    /// 1 / x; 0 for 0.
    pub(super) fn inverted(self) -> Field {
        let Some((inverse, power)) = almost_inverse(&self.canonical().0, &P) else { return Field::ZERO };
        // (x R)^-1 2^k by 2^(512-k), by R^2, each time over R: x^-1 R.
        Field(inverse).times(Field(power)).times(Field(SQUARE))
    }
}

fn masked(words: &Words, is_kept: bool) -> Words {
    let kept = mask(is_kept);
    words.map(|word| word & kept)
}

/// The whole product: four rows, each a chain of carries.
#[inline(always)]
fn product(left: &Words, right: &Words) -> [u64; 8] {
    let [b0, b1, b2, b3] = *right;
    let [t0, a1, a2, a3, a4] = row(left, b0);
    let (t1, [a2, a3, a4, a5]) = add_row([a1, a2, a3, a4], row(left, b1));
    let (t2, [a3, a4, a5, a6]) = add_row([a2, a3, a4, a5], row(left, b2));
    let (t3, [t4, t5, t6, t7]) = add_row([a3, a4, a5, a6], row(left, b3));
    [t0, t1, t2, t3, t4, t5, t6, t7]
}

/// Four words by one.
#[inline(always)]
fn row(left: &Words, digit: u64) -> [u64; 5] {
    let [a0, a1, a2, a3] = *left;
    let ((t0, h0), (l1, h1), (l2, h2), (l3, h3)) = (wide(a0, digit), wide(a1, digit), wide(a2, digit), wide(a3, digit));
    let (t1, carry) = h0.carrying_add(l1, false);
    let (t2, carry) = h1.carrying_add(l2, carry);
    let (t3, carry) = h2.carrying_add(l3, carry);
    [t0, t1, t2, t3, h3.wrapping_add(u64::from(carry))]
}

/// Adds a row to what stands above the words that are done; the lowest word of the sum is done.
#[inline(always)]
fn add_row([s0, s1, s2, s3]: Words, [r0, r1, r2, r3, r4]: [u64; 5]) -> (u64, Words) {
    let (t0, carry) = s0.carrying_add(r0, false);
    let (t1, carry) = s1.carrying_add(r1, carry);
    let (t2, carry) = s2.carrying_add(r2, carry);
    let (t3, carry) = s3.carrying_add(r3, carry);
    (t0, [t1, t2, t3, r4.wrapping_add(u64::from(carry))])
}

/// The whole square: products of two different words are made once and doubled.
#[inline(always)]
fn square(value: &Words) -> [u64; 8] {
    let [a0, a1, a2, a3] = *value;
    let ((t1, h01), (l02, h02), (l03, h03)) = (wide(a0, a1), wide(a0, a2), wide(a0, a3));
    let (t2, carry) = h01.carrying_add(l02, false);
    let (t3, carry) = h02.carrying_add(l03, carry);
    let t4 = h03.wrapping_add(u64::from(carry));
    let ((l12, h12), (l13, h13), (l23, h23)) = (wide(a1, a2), wide(a1, a3), wide(a2, a3));
    let (t3, carry) = t3.carrying_add(l12, false);
    let (t4, carry) = t4.carrying_add(l13, carry);
    let (t5, carry) = l23.carrying_add(h13, carry);
    let t6 = h23.wrapping_add(u64::from(carry));
    let (t4, carry) = t4.carrying_add(h12, false);
    let (t5, carry) = t5.carrying_add(0, carry);
    let t6 = t6.wrapping_add(u64::from(carry));

    let t7 = t6 >> 63;
    let t6 = (t6 << 1) | (t5 >> 63);
    let t5 = (t5 << 1) | (t4 >> 63);
    let t4 = (t4 << 1) | (t3 >> 63);
    let t3 = (t3 << 1) | (t2 >> 63);
    let t2 = (t2 << 1) | (t1 >> 63);
    let t1 = t1 << 1;

    let ((t0, h0), (l1, h1), (l2, h2), (l3, h3)) = (wide(a0, a0), wide(a1, a1), wide(a2, a2), wide(a3, a3));
    let (t1, carry) = t1.carrying_add(h0, false);
    let (t2, carry) = t2.carrying_add(l1, carry);
    let (t3, carry) = t3.carrying_add(h1, carry);
    let (t4, carry) = t4.carrying_add(l2, carry);
    let (t5, carry) = t5.carrying_add(h2, carry);
    let (t6, carry) = t6.carrying_add(l3, carry);
    let t7 = t7.wrapping_add(h3).wrapping_add(u64::from(carry));
    [t0, t1, t2, t3, t4, t5, t6, t7]
}

/// A product over R, below 2^256. The lower half alone goes through the four steps, so their carries end there.
#[inline(always)]
fn reduce([t0, t1, t2, t3, t4, t5, t6, t7]: [u64; 8]) -> Field {
    let quotient = step(step(step(step([t0, t1, t2, t3]))));
    let (sum, carry) = add(&quotient, &[t4, t5, t6, t7]);
    // The sum is below 2^256 + p, so this is below 2^256.
    Field(subtract(&sum, &masked(&P, carry)).0)
}

/// (t + t0 p) / 2^64, which is below 2^256: t0 p is t0 2^64 times (2^192 - 2^160 + 2^128 + 2^32), less t0.
#[inline(always)]
fn step([t0, t1, t2, t3]: Words) -> Words {
    let (low, high) = (t0 << 32, t0 >> 32);
    let (l3, borrow) = t0.borrowing_sub(low, false);
    let (h3, _) = t0.borrowing_sub(high, borrow);
    let (t1, carry) = t1.carrying_add(low, false);
    let (t2, carry) = t2.carrying_add(high, carry);
    let (t3, carry) = t3.carrying_add(l3, carry);
    [t1, t2, t3, h3.wrapping_add(u64::from(carry))]
}
