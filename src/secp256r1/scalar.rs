//! Arithmetic modulo the group's order n, and the digits of scalars. Everything here is public: time may depend on it.

use super::inverse::almost_inverse;
use super::words::{Words, bits, equal, is_below, of_bytes, subtract};

pub(super) const N: Words = [0xf3b9_cac2_fc63_2551, 0xbce6_faad_a717_9e84, u64::MAX, 0xffff_ffff_0000_0000];
/// -1 / n modulo 2^64.
const NEGATIVE_INVERSE: u64 = 0xccd1_c8aa_ee00_bc4f;

/// A number below n.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scalar(pub(super) Words);

impl Scalar {
    /// `None` for 0, n and above.
    pub(super) fn of_bytes(bytes: &[u8; 32]) -> Option<Scalar> {
        let number = of_bytes(bytes);
        (!equal(&number, &[0; 4]) && is_below(&number, &N)).then_some(Scalar(number))
    }

    /// A digest modulo n (FIPS 186-5 6.4.2: all of its bits, because n has as many).
    pub(super) fn of_digest(digest: &[u8; 32]) -> Scalar {
        let number = of_bytes(digest);
        let (less, borrow) = subtract(&number, &N);
        Scalar(if borrow { number } else { less })
    }

    /// x y / 2^256 (Montgomery 1985), for any y below 2^256.
    pub(super) fn times(self, other: &Words) -> Scalar {
        let mut sum = [0; 5];
        for digit in other {
            let [s0, s1, s2, s3, s4] = sum;
            let (t, carry) = multiply_add([s0, s1, s2, s3], &self.0, *digit);
            let (t4, first) = s4.carrying_add(carry, false);
            // Clears the lowest word.
            let ([_, t1, t2, t3], carry) = multiply_add(t, &N, t[0].wrapping_mul(NEGATIVE_INVERSE));
            let (t4, second) = t4.carrying_add(carry, false);
            sum = [t1, t2, t3, t4, u64::from(first).wrapping_add(u64::from(second))];
        }
        let [s0, s1, s2, s3, top] = sum;
        let (less, borrow) = subtract(&[s0, s1, s2, s3], &N);
        Scalar(if borrow && top == 0 { [s0, s1, s2, s3] } else { less })
    }

    /// 2^256 / x, so that `times` it divides by x. `None` for 0.
    pub(super) fn divisor(self) -> Option<Words> {
        let (inverse, power) = almost_inverse(&self.0, &N)?;
        Some(Scalar(inverse).times(&power).0)
    }

    /// The lesser of x and n - x, below 2^255, and whether it is the second.
    pub(super) fn halved(self) -> (Words, bool) {
        let (other, _) = subtract(&N, &self.0);
        if is_below(&other, &self.0) { (other, true) } else { (self.0, false) }
    }
}

#[inline(always)]
fn multiply_add([s0, s1, s2, s3]: Words, [a0, a1, a2, a3]: &Words, digit: u64) -> (Words, u64) {
    let (t0, carry) = a0.carrying_mul_add(digit, s0, 0);
    let (t1, carry) = a1.carrying_mul_add(digit, s1, carry);
    let (t2, carry) = a2.carrying_mul_add(digit, s2, carry);
    let (t3, carry) = a3.carrying_mul_add(digit, s3, carry);
    ([t0, t1, t2, t3], carry)
}

/// The digits of a number below 2^255 in base 2^`window`, lowest first, each from -2^(window-1) to 2^(window-1): how far it
/// is from 0, and whether it is below (Booth 1951).
pub(super) struct Digits {
    number: Words,
    window: u32,
    at: usize,
    carry: u64,
    is_negated: bool,
}

impl Digits {
    pub(super) fn new(scalar: Scalar, window: u32) -> Self {
        let (number, is_negated) = scalar.halved();
        Digits { number, window, at: 0, carry: 0, is_negated }
    }

    #[inline(always)]
    pub(super) fn take(&mut self) -> (usize, bool) {
        let base = 1u64.wrapping_shl(self.window);
        let digit = bits(&self.number, self.at, self.window).wrapping_add(self.carry);
        self.at = self.at.wrapping_add(self.window as usize);
        let is_negative = digit > base >> 1;
        self.carry = u64::from(is_negative);
        let distance = if is_negative { base.wrapping_sub(digit) } else { digit };
        (distance as usize, is_negative ^ self.is_negated)
    }
}

/// The places of a number's digits in its non-adjacent form of some width: one more than its bits.
const PLACES: usize = 257;

/// The non-adjacent form of this width, lowest first: each digit is 0 or odd and between -2^(width-1) and 2^(width-1), and of
/// `width` neighbours one at most is not 0 (Solinas 2000).
pub(super) fn non_adjacent(scalar: Scalar, width: u32) -> [i8; PLACES] {
    let mut digits = [0; PLACES];
    let (mut at, mut carry) = (0usize, 0);
    while at < PLACES {
        if bits(&scalar.0, at, 1) == carry {
            at = at.wrapping_add(1);
            continue;
        }
        let digit = bits(&scalar.0, at, width).wrapping_add(carry);
        carry = digit.wrapping_shr(width.wrapping_sub(1)) & 1;
        if let Some(place) = digits.get_mut(at) {
            *place = (digit as i64).wrapping_sub((carry as i64).wrapping_shl(width)) as i8;
        }
        at = at.wrapping_add(width as usize);
    }
    digits
}
