//! Tables of a point's multiples: for each window of a scalar's bits, the window's base times 1 .. 2^(window-1). A digit's
//! sign is the point's, so half of the multiples suffice. With them a product is a sum, without doublings.

use super::field::Field;
use super::point::{Affine, Sum};
use super::scalar::{Digits, Scalar};

/// A point as it lies in a table: x, y in Montgomery's form, below p.
pub(crate) type Entry = [u64; 8];

/// Bits of the narrowest and of the widest window.
pub(crate) const WINDOW_MIN: u32 = 4;
pub(crate) const WINDOW_MAX: u32 = 8;

/// The nearest window that exists: whatever a window's number is, nothing below divides by zero.
const fn existing(window: u32) -> u32 {
    match window {
        ..WINDOW_MIN => WINDOW_MIN,
        WINDOW_MIN..=WINDOW_MAX => window,
        _ => WINDOW_MAX,
    }
}

/// Entries of one window.
const fn per_window(window: u32) -> usize {
    1usize.wrapping_shl(existing(window).wrapping_sub(1))
}

/// Entries of a table: 512, 832, 1376, 2368 and 4096 for windows of 4, 5, 6, 7 and 8 bits.
pub(crate) const fn entries(window: u32) -> usize {
    256usize.div_ceil(existing(window) as usize).saturating_mul(per_window(window))
}

fn entry(point: Affine) -> Entry {
    let ([x0, x1, x2, x3], [y0, y1, y2, y3]) = (point.x.canonical().0, point.y.canonical().0);
    [x0, x1, x2, x3, y0, y1, y2, y3]
}

pub(super) fn point([x0, x1, x2, x3, y0, y1, y2, y3]: &Entry) -> Affine {
    Affine { x: Field([*x0, *x1, *x2, *x3]), y: Field([*y0, *y1, *y2, *y3]) }
}

/// Fills the table of a point.
pub(crate) fn build(window: u32, mut base: Affine, table: &mut [Entry]) {
    for multiples in table.chunks_exact_mut(per_window(window)) {
        let Some((first, _)) = multiples.split_first_mut() else { return };
        *first = entry(base);
        let mut known = 1;
        while known < multiples.len() {
            extend(multiples, known);
            known = known.wrapping_mul(2);
        }
        // Half of the next window's base.
        let Some(last) = multiples.last() else { return };
        base = point(last).doubled();
    }
}

/// Doubles how many multiples are known: adds the last of them to each, itself included. One division serves all of the
/// slopes (Montgomery's trick); products of the denominators wait in the places of the results.
fn extend(multiples: &mut [Entry], known: usize) {
    let (known, rest) = multiples.split_at_mut(known);
    let (Some(last), Some(new)) = (known.last().map(point), rest.get_mut(..known.len())) else { return };
    // The chord's for all but the last multiple, the tangent's for that. Neither is 0: the order is a large prime.
    let slope = |other: Affine, is_last: bool| match is_last {
        true => (last.tangent(), last.y.doubled()),
        false => (last.y.minus(other.y), last.x.minus(other.x)),
    };
    let count = known.len();
    let pairs = || known.iter().map(point).enumerate().map(|(at, other)| (other, at.wrapping_add(1) == count));
    let mut product = Field::ONE;
    for ((other, is_last), place) in pairs().zip(new.iter_mut()) {
        *place = entry(Affine { x: product, y: product });
        product = product.times(slope(other, is_last).1);
    }
    let mut inverse = product.inverted();
    for ((other, is_last), place) in pairs().rev().zip(new.iter_mut().rev()) {
        let (rise, run) = slope(other, is_last);
        let slope = rise.times(inverse.times(point(place).x));
        inverse = inverse.times(run);
        *place = entry(last.on_line(other, slope));
    }
}

/// Windows whose points are fetched before they are added.
const FETCHED: usize = 8;

/// u1 G + u2 Q by the tables of G and Q: additions only.
pub(crate) fn sum(window: u32, generator: &[Entry], key: &[Entry], u1: Scalar, u2: Scalar) -> Sum {
    let (mut digits1, mut digits2) = (Digits::new(u1, window), Digits::new(u2, window));
    let mut sum = Sum::INFINITY;
    let block = per_window(window).wrapping_mul(FETCHED);
    for (multiples1, multiples2) in generator.chunks(block).zip(key.chunks(block)) {
        // A table lies far from the processor, and an addition takes longer than it can look ahead. Reading many points at
        // once waits for all of them as long as for one.
        let mut fetched = [None; FETCHED * 2];
        let windows = multiples1.chunks_exact(per_window(window)).zip(multiples2.chunks_exact(per_window(window)));
        for ([place1, place2], (multiples1, multiples2)) in fetched.as_chunks_mut::<2>().0.iter_mut().zip(windows) {
            *place1 = multiple(multiples1, digits1.take());
            *place2 = multiple(multiples2, digits2.take());
        }
        fetched.iter().flatten().for_each(|point| sum.add(*point));
    }
    sum
}

/// The multiple of a digit; `None` for 0.
#[inline(always)]
fn multiple(multiples: &[Entry], (distance, is_negative): (usize, bool)) -> Option<Affine> {
    multiples.get(distance.wrapping_sub(1)).map(|entry| point(entry).negated_if(is_negative))
}
