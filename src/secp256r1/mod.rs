//! ECDSA verification on P-256 (secp256r1; FIPS 186-5 6.4.2), fast: with tables of the key's multiples, or without.
//!
//! Keys, digests and signatures are public, so the running time depends on them throughout. Never use this with a private
//! key or a nonce. The crate `p256` is the oracle in the tests. Knows nothing of tokens.

mod field;
mod generator;
mod inverse;
mod narrow;
mod point;
mod scalar;
mod table;
mod words;

pub(crate) use point::Affine;
pub(crate) use table::{Entry, WINDOW_MAX, WINDOW_MIN, build, entries};

use field::{Field, P};
use point::Sum;
use scalar::{N, Scalar, non_adjacent};
use words::{add, is_below};

/// The point that generates the group.
pub(crate) fn generator() -> Affine {
    generator::multiple(0)
}

/// Whether (r, s) signs the digest under a key, by the tables of the generator and the key.
#[inline(never)]
pub(crate) fn holds_prepared(
    window: u32,
    generator: &[Entry],
    key: &[Entry],
    digest: &[u8; 32],
    r: &[u8; 32],
    s: &[u8; 32],
) -> bool {
    holds(digest, r, s, |u1, u2| table::sum(window, generator, key, u1, u2))
}

/// Whether (r, s) signs the digest under a key.
#[inline(never)]
pub(crate) fn holds_unprepared(key: Affine, digest: &[u8; 32], r: &[u8; 32], s: &[u8; 32]) -> bool {
    holds(digest, r, s, |u1, u2| interleaved(key, u1, u2))
}

/// FIPS 186-5 6.4.2, with u1 G + u2 Q by `sum`.
#[inline(always)]
fn holds(digest: &[u8; 32], r: &[u8; 32], s: &[u8; 32], sum: impl FnOnce(Scalar, Scalar) -> Sum) -> bool {
    let (Some(r), Some(s)) = (Scalar::of_bytes(r), Scalar::of_bytes(s)) else { return false };
    let Some(divisor) = s.divisor() else { return false };
    let sum = sum(Scalar::of_digest(digest).times(&divisor), r.times(&divisor));
    if sum.is_infinity() {
        return false;
    }
    // x modulo n is r: x is r, or r + n if that is still below p.
    let (other, carry) = add(&r.0, &N);
    sum.has_x(&r.0) || (!carry && is_below(&other, &P) && sum.has_x(&other))
}

/// Widths of the two non-adjacent forms: 8 multiples of the key are made for each call, 32 of the generator are constants.
const KEY_WIDTH: u32 = 5;
const GENERATOR_WIDTH: u32 = 7;

/// u1 G + u2 Q with the doublings shared (Shamir's trick), by non-adjacent forms.
fn interleaved(key: Affine, u1: Scalar, u2: Scalar) -> Sum {
    let multiples = odd_multiples(key);
    let (digits1, digits2) = (non_adjacent(u1, GENERATOR_WIDTH), non_adjacent(u2, KEY_WIDTH));
    let mut sum = Sum::INFINITY;
    for (digit1, digit2) in digits1.iter().zip(&digits2).rev() {
        sum = sum.doubled();
        if *digit2 != 0
            && let Some(point) = multiples.get(usize::from(digit2.unsigned_abs() / 2))
        {
            sum.add(point.negated_if(*digit2 < 0));
        }
        if *digit1 != 0 {
            sum.add(generator::multiple(usize::from(digit1.unsigned_abs() / 2)).negated_if(*digit1 < 0));
        }
    }
    sum
}

const ODD_MULTIPLES: usize = 1 << (KEY_WIDTH - 2);

/// Q, 3 Q, 5 Q and so on.
fn odd_multiples(key: Affine) -> [Affine; ODD_MULTIPLES] {
    let two = Sum::of(key).doubled();
    let mut sums = [Sum::of(key); ODD_MULTIPLES];
    // On the isomorphic curve where 2 Q needs no division (Meloni 2007); additions are the same on every such curve.
    let (mut sum, step) = (Sum::of(two.onto(key)), two.numerators());
    for place in sums.iter_mut().skip(1) {
        sum.add(step);
        *place = sum.back_from(&two);
    }
    // One division for all (Montgomery's trick).
    let (mut before, mut product) = ([Field::ONE; ODD_MULTIPLES], Field::ONE);
    for (place, sum) in before.iter_mut().zip(&sums) {
        *place = product;
        product = product.times(sum.zzz);
    }
    let mut inverse = product.inverted();
    let mut multiples = [key; ODD_MULTIPLES];
    for ((place, sum), before) in multiples.iter_mut().zip(&sums).zip(&before).rev() {
        *place = sum.with_inverse(inverse.times(*before));
        inverse = inverse.times(sum.zzz);
    }
    multiples
}

/// For the tests: see `tools`.
#[cfg(feature = "_tools")]
pub(crate) fn field_operations(left: &words::Words, right: &words::Words) -> [words::Words; 5] {
    let (left, right) = (Field(*left), Field(*right));
    let results = [left.plus(right), left.minus(right), left.times(right), left.squared(), left.inverted()];
    results.map(|result| result.canonical().0)
}

/// For the tests: see `tools`.
#[cfg(feature = "_tools")]
pub(crate) fn scalar_operations(left: &[u8; 32], right: &words::Words) -> Option<[words::Words; 2]> {
    let left = Scalar::of_bytes(left)?;
    Some([left.times(right).0, left.divisor()?])
}
