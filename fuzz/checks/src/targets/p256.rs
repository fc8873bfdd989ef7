//! A key, a digest and a signature on P-256, related in ways that the input chooses: the core's own arithmetic says what the
//! crate `p256` says, with tables of a window that the input chooses and without.

use crate::input::Input;
use countermark::{Algorithm, Keys, Prepared, prepared_bytes, tools};
use countermark_tests::p256_cases::{Case, ORDER, plus, reduced};
use p256::{ProjectivePoint, Scalar};

/// Input: a window; scalars d, u1, u2; how the case is made of them; which of its neighbours is judged instead.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let window = input.pick(&[4, 5, 6, 7, 8]);
    let d = scalar(&mut input, &[]);
    let u1 = scalar(&mut input, &[d]);
    let u2 = scalar(&mut input, &[d, u1, u1 * d.invert().into_option().unwrap_or(Scalar::ONE)]);
    let key = ProjectivePoint::GENERATOR * d;
    let case = match input.below(4) {
        0 | 1 => Case::of_sum(&key, &u1, &u2, "a sum"),
        // From just below n to p and beyond.
        2 => Case::of_x(plus(&ORDER, i64::from(input.word()) - 8), &u1, &u2, "an x"),
        _ => Case::of(&key, bytes(&mut input), bytes(&mut input), bytes(&mut input), "anything"),
    };
    let Some(good) = case else { return };
    let mut cases = good.neighbours();
    cases.truncate(usize::from(input.byte()) % (cases.len() + 1));
    let case = cases.pop().unwrap_or(good);

    let expected = case.oracle();
    let Case { key, digest, r, s, .. } = &case;
    assert_eq!(tools::p256_holds(key, digest, r, s), Some(expected), "unprepared: {case:x?}");
    let (mut region, mut tables) = (vec![0; 64], vec![0; prepared_bytes(window, 1) / 8]);
    let mut keys = Keys::new(&mut region).expect("room");
    keys.add_sec1(Algorithm::ES256, None, &case.sec1()).expect("a point");
    let prepared = Prepared::build(&mut tables, window, &[keys.set()]).expect("room");
    assert_eq!(tools::prepared_holds(prepared, key, digest, r, s), Some(expected), "prepared: {case:x?}");
}

/// Small, or one of the others, or any; as it is, its negative, its inverse, or one more.
fn scalar(input: &mut Input<'_>, others: &[Scalar]) -> Scalar {
    let value = match input.below(2 + others.len()) {
        0 => Scalar::from(u64::from(input.byte())),
        1 => reduced(bytes(input)),
        at => others[at - 2],
    };
    match input.below(4) {
        0 => value,
        1 => -value,
        2 => value.invert().into_option().unwrap_or(value),
        _ => value + Scalar::ONE,
    }
}

fn bytes(input: &mut Input<'_>) -> [u8; 32] {
    core::array::from_fn(|_| input.byte())
}
