//! Points of the curve y^2 = x^3 - 3 x + b (SP 800-186 3.2.1.3), and sums of them.

use super::field::{Field, P};
use super::words::{Words, is_below};

const B: Words = [0x3bce_3c3e_27d2_604b, 0x651d_06b0_cc53_b0f6, 0xb3eb_bd55_7698_86bc, 0x5ac6_35d8_aa3a_93e7];

/// A point other than infinity, by its coordinates.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Affine {
    pub(super) x: Field,
    pub(super) y: Field,
}

impl Affine {
    /// The point at these coordinates, x first, each from its highest word on. `None` when it is not on the curve.
    pub(crate) fn of_coordinates([x3, x2, x1, x0, y3, y2, y1, y0]: &[u64; 8]) -> Option<Affine> {
        let (x, y) = ([*x0, *x1, *x2, *x3], [*y0, *y1, *y2, *y3]);
        if !is_below(&x, &P) || !is_below(&y, &P) {
            return None;
        }
        let point = Affine { x: Field::of_number(&x), y: Field::of_number(&y) };
        let right = point.x.squared().minus(three()).times(point.x).plus(Field::of_number(&B));
        point.y.squared().minus(right).is_zero().then_some(point)
    }

    pub(super) fn negated_if(self, is_negative: bool) -> Affine {
        Affine { y: self.y.negated_if(is_negative), ..self }
    }

    /// The third point on the line through two, mirrored: `slope` is the line's.
    pub(super) fn on_line(self, other: Affine, slope: Field) -> Affine {
        let x = slope.squared().minus(self.x).minus(other.x);
        Affine { x, y: slope.times(self.x.minus(x)).minus(self.y) }
    }

    /// The numerator of the slope of the tangent, whose denominator is 2 y.
    pub(super) fn tangent(self) -> Field {
        let difference = self.x.squared().minus(Field::ONE);
        difference.doubled().plus(difference)
    }

    /// 2 P. No point of this curve has y = 0.
    pub(super) fn doubled(self) -> Affine {
        self.on_line(self, self.tangent().times(self.y.doubled().inverted()))
    }
}

fn three() -> Field {
    Field::ONE.doubled().plus(Field::ONE)
}

/// A sum of points: x = X / ZZ and y = Y / ZZZ, where ZZ^3 = ZZZ^2; infinity when ZZ is 0. Formulas of the Explicit-Formulas
/// Database (Bernstein, Lange), short Weierstrass curves, "xyzz": an addition takes ten multiplications.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sum {
    x: Field,
    y: Field,
    pub(super) zz: Field,
    pub(super) zzz: Field,
}

impl Sum {
    pub(super) const INFINITY: Sum = Sum { x: Field::ONE, y: Field::ONE, zz: Field::ZERO, zzz: Field::ZERO };

    pub(super) fn of(point: Affine) -> Sum {
        Sum { x: point.x, y: point.y, zz: Field::ONE, zzz: Field::ONE }
    }

    pub(super) fn is_infinity(&self) -> bool {
        self.zz.is_zero()
    }

    /// Complete: whatever the two are. (madd-2008-s)
    #[inline]
    pub(super) fn add(&mut self, point: Affine) {
        if self.is_infinity() {
            *self = Sum::of(point);
            return;
        }
        let horizontal = point.x.times(self.zz).minus(self.x);
        let vertical = point.y.times(self.zzz).minus(self.y);
        if horizontal.is_zero() {
            *self = if vertical.is_zero() { Sum::of(point).doubled() } else { Sum::INFINITY };
            return;
        }
        let square = horizontal.squared();
        let cube = horizontal.times(square);
        let part = self.x.times(square);
        let x = vertical.squared().minus(cube).minus(part.doubled());
        let y = vertical.times(part.minus(x)).minus(self.y.times(cube));
        *self = Sum { x, y, zz: self.zz.times(square), zzz: self.zzz.times(cube) };
    }

    /// Infinity doubles to infinity. (dbl-2008-s-1)
    pub(super) fn doubled(&self) -> Sum {
        let two_y = self.y.doubled();
        let square = two_y.squared();
        let cube = two_y.times(square);
        let part = self.x.times(square);
        let difference = self.x.minus(self.zz).times(self.x.plus(self.zz));
        let slope = difference.doubled().plus(difference);
        let x = slope.squared().minus(part.doubled());
        let y = slope.times(part.minus(x)).minus(cube.times(self.y));
        Sum { x, y, zz: square.times(self.zz), zzz: cube.times(self.zzz) }
    }

    /// X and Y: the point on the isomorphic curve whose x is this one's times ZZ, and whose y is this one's times ZZZ.
    pub(super) fn numerators(&self) -> Affine {
        Affine { x: self.x, y: self.y }
    }

    /// Another point on that curve.
    pub(super) fn onto(&self, point: Affine) -> Affine {
        Affine { x: point.x.times(self.zz), y: point.y.times(self.zzz) }
    }

    /// A sum on that curve of `scale`, on this one.
    pub(super) fn back_from(&self, scale: &Sum) -> Sum {
        Sum { zz: self.zz.times(scale.zz), zzz: self.zzz.times(scale.zzz), ..*self }
    }

    /// The point, with what 1 / ZZZ is.
    pub(super) fn with_inverse(&self, inverse: Field) -> Affine {
        let z_inverse = self.zz.times(inverse);
        Affine { x: self.x.times(z_inverse.squared()), y: self.y.times(inverse) }
    }

    /// Whether the point's x is this number, below p. No division: x = X / ZZ.
    pub(super) fn has_x(&self, number: &Words) -> bool {
        Field::of_number(number).times(self.zz).minus(self.x).is_zero()
    }
}
