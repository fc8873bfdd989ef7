//! Inputs for P-256 at which an implementation may differ from another, and the verdict of the crate `p256`.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{Signature, VerifyingKey};
use p256::elliptic_curve::ff::PrimeField;
use p256::elliptic_curve::point::AffineCoordinates;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{ProjectivePoint, PublicKey, Scalar};

/// The group's order, big-endian.
pub const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
    0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// A key, a digest and a signature.
#[derive(Clone, Debug)]
pub struct Case {
    /// The key's coordinates as the core keeps them: each from its highest word on.
    pub key: [u64; 8],
    pub digest: [u8; 32],
    pub r: [u8; 32],
    pub s: [u8; 32],
    pub what: &'static str,
}

impl Case {
    /// `None` for the point at infinity.
    pub fn of(key: &ProjectivePoint, digest: [u8; 32], r: [u8; 32], s: [u8; 32], what: &'static str) -> Option<Case> {
        let public = PublicKey::from_affine(key.to_affine()).ok()?;
        let point = public.to_sec1_point(false);
        let words = point.as_bytes()[1..].as_chunks::<8>().0;
        Some(Case { key: core::array::from_fn(|at| u64::from_be_bytes(words[at])), digest, r, s, what })
    }

    /// A signature for which verification adds u1 G and u2 Q. It holds, unless the sum is infinity.
    pub fn of_sum(key: &ProjectivePoint, u1: &Scalar, u2: &Scalar, what: &'static str) -> Option<Case> {
        let sum = ProjectivePoint::GENERATOR * u1 + *key * u2;
        let r = reduced(sum.to_affine().x().into());
        let r = if r == Scalar::ZERO { Scalar::ONE } else { r };
        let s = r * u2.invert().into_option()?;
        Case::of(key, (s * u1).to_repr().into(), r.to_repr().into(), s.to_repr().into(), what)
    }

    /// A good signature whose point has this x, under a key made for it; `None` when the curve has no such point.
    pub fn of_x(x: [u8; 32], u1: &Scalar, u2: &Scalar, what: &'static str) -> Option<Case> {
        let compressed = [&[2][..], &x].concat();
        let point = ProjectivePoint::from(*PublicKey::from_sec1_bytes(&compressed).ok()?.as_affine());
        let key = (point - ProjectivePoint::GENERATOR * u1) * u2.invert().into_option()?;
        let r = reduced(x);
        let s = r * u2.invert().into_option()?;
        Case::of(&key, (s * u1).to_repr().into(), r.to_repr().into(), s.to_repr().into(), what)
    }

    /// The key as SEC 1 2.3.3 writes it.
    pub fn sec1(&self) -> Vec<u8> {
        [4].into_iter().chain(self.key.iter().flat_map(|word| word.to_be_bytes())).collect()
    }

    /// What the crate says.
    pub fn oracle(&self) -> bool {
        let key = VerifyingKey::from_sec1_bytes(&self.sec1()).expect("a point");
        let signature = Signature::from_scalars(self.r, self.s);
        signature.is_ok_and(|signature| key.verify_prehash(&self.digest, &signature).is_ok())
    }

    /// The same with r, s or the digest at its edges, and with one bit changed.
    pub fn neighbours(&self) -> Vec<Case> {
        let edges = [
            ([0; 32], "0"),
            (number(1), "1"),
            (plus(&ORDER, -1), "n - 1"),
            (ORDER, "n"),
            (plus(&ORDER, 1), "n + 1"),
            ([0xff; 32], "2^256 - 1"),
        ];
        let mut cases = Vec::new();
        for (edge, what) in edges {
            cases.push(Case { r: edge, what, ..self.clone() });
            cases.push(Case { s: edge, what, ..self.clone() });
            cases.push(Case { r: edge, s: edge, what, ..self.clone() });
            cases.push(Case { digest: edge, what, ..self.clone() });
        }
        let flipped = |bytes: &[u8; 32], bit: usize| {
            let mut bytes = *bytes;
            bytes[bit / 8] ^= 1 << (bit % 8);
            bytes
        };
        for bit in [0, 7, 100, 255] {
            cases.push(Case { r: flipped(&self.r, bit), what: "r with a bit changed", ..self.clone() });
            cases.push(Case { s: flipped(&self.s, bit), what: "s with a bit changed", ..self.clone() });
            cases.push(Case { digest: flipped(&self.digest, bit), what: "a digest with a bit changed", ..self.clone() });
        }
        if let Some(s) = Scalar::from_repr(self.s.into()).into_option() {
            cases.push(Case { s: (-s).to_repr().into(), what: "n - s", ..self.clone() });
        }
        cases.push(Case { r: self.s, s: self.r, what: "r and s exchanged", ..self.clone() });
        cases
    }
}

/// A number in big-endian bytes.
pub fn number(value: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&value.to_be_bytes());
    bytes
}

/// The number with something small added to its lowest eight bytes, which must not overflow.
pub fn plus(bytes: &[u8; 32], small: i64) -> [u8; 32] {
    let mut bytes = *bytes;
    let low = u64::from_be_bytes(bytes[24..].try_into().expect("eight bytes"));
    bytes[24..].copy_from_slice(&low.checked_add_signed(small).expect("no carry").to_be_bytes());
    bytes
}

/// A number modulo n: it is below 2 n, as every one of 256 bits.
pub fn reduced(bytes: [u8; 32]) -> Scalar {
    if let Some(scalar) = Scalar::from_repr(bytes.into()).into_option() {
        return scalar;
    }
    let mut borrow = false;
    let mut less = [0; 32];
    for at in (0..32).rev() {
        let (difference, first) = bytes[at].overflowing_sub(ORDER[at]);
        let (difference, second) = difference.overflowing_sub(u8::from(borrow));
        (less[at], borrow) = (difference, first || second);
    }
    Scalar::from_repr(less.into()).into_option().expect("below n")
}
