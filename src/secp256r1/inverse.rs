//! Kaliski's almost inverse: a binary Euclid that puts off every division by two. Its running time depends on the value:
//! what is inverted here is public.

use super::words::{Words, add, equal, mask, subtract};

/// x and 2^(512-k), with value x = 2^k modulo the odd modulus and 256 < k <= 512; `None` when the two have a common factor,
/// so for 0. `value` is below the modulus, which is above 2^255.
///
/// Throughout, `u s + v r` is the modulus, so `r` and `s` never exceed it.
pub(super) fn almost_inverse(value: &Words, modulus: &Words) -> Option<(Words, Words)> {
    let (mut u, mut v, mut r, mut s) = (*modulus, *value, [0; 4], [1, 0, 0, 0]);
    let (mut power, mut is_positive) = (0u32, false);
    while !equal(&v, &[0; 4]) {
        let [lowest, ..] = v;
        let zeros = lowest.trailing_zeros().min(63);
        v = shifted_down(&v, zeros);
        r = shifted_up(&r, zeros);
        power = power.wrapping_add(zeros);
        if zeros == 63 {
            continue;
        }
        // Both are odd: the lesser stays, their difference replaces the greater. No branch: it could not be predicted.
        let (difference, is_less) = subtract(&v, &u);
        let (sum, _) = add(&r, &s);
        u = chosen(&u, &v, is_less);
        r = chosen(&r, &s, is_less);
        s = sum;
        let sign = mask(is_less);
        v = subtract(&difference.map(|word| word ^ sign), &[sign; 4]).0;
        is_positive ^= is_less;
    }
    if !equal(&u, &[1, 0, 0, 0]) {
        return None;
    }
    let mut inverse = if is_positive { r } else { subtract(modulus, &r).0 };
    while power <= 256 {
        inverse = doubled(&inverse, modulus);
        power = power.wrapping_add(1);
    }
    let rest = 512u32.wrapping_sub(power);
    let mut two = [0; 4];
    if let Some(word) = two.get_mut((rest / 64) as usize) {
        *word = 1u64.wrapping_shl(rest % 64);
    }
    Some((inverse, two))
}

fn doubled(value: &Words, modulus: &Words) -> Words {
    let (sum, carry) = add(value, value);
    let (less, borrow) = subtract(&sum, modulus);
    if borrow && !carry { sum } else { less }
}

#[inline(always)]
fn chosen([a0, a1, a2, a3]: &Words, [b0, b1, b2, b3]: &Words, is_second: bool) -> Words {
    let mask = mask(is_second);
    let choose = |a: &u64, b: &u64| a ^ ((a ^ b) & mask);
    [choose(a0, b0), choose(a1, b1), choose(a2, b2), choose(a3, b3)]
}

/// By at most 63.
#[inline(always)]
fn shifted_down([a0, a1, a2, a3]: &Words, by: u32) -> Words {
    let join = |low: u64, high: u64| low.wrapping_shr(by) | (high << 1).wrapping_shl(63u32.wrapping_sub(by));
    [join(*a0, *a1), join(*a1, *a2), join(*a2, *a3), a3.wrapping_shr(by)]
}

/// By at most 63.
#[inline(always)]
fn shifted_up([a0, a1, a2, a3]: &Words, by: u32) -> Words {
    let join = |low: u64, high: u64| high.wrapping_shl(by) | (low >> 1).wrapping_shr(63u32.wrapping_sub(by));
    [a0.wrapping_shl(by), join(*a0, *a1), join(*a1, *a2), join(*a2, *a3)]
}
