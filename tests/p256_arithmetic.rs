//! The core's arithmetic modulo P-256's prime and order against long division, at the edges that random numbers never meet.

use countermark::tools;
use countermark_tests::p256_cases::ORDER;
use countermark_tests::random::Random;

type Words = [u64; 4];

const P: Words = [u64::MAX, 0xffff_ffff, 0, 0xffff_ffff_0000_0001];
const R: [u64; 8] = [0, 0, 0, 0, 1, 0, 0, 0];

/// The remainder, bit by bit from the highest.
fn remainder(number: [u64; 8], modulus: &Words) -> Words {
    let mut rest = [0u64; 5];
    for bit in (0..512).rev() {
        for at in (1..5).rev() {
            rest[at] = rest[at] << 1 | rest[at - 1] >> 63;
        }
        rest[0] = rest[0] << 1 | number[bit / 64] >> (bit % 64) & 1;
        let (mut less, mut borrow) = ([0u64; 5], false);
        for at in 0..5 {
            let (first, under) = rest[at].overflowing_sub(modulus.get(at).copied().unwrap_or(0));
            let (second, again) = first.overflowing_sub(u64::from(borrow));
            (less[at], borrow) = (second, under || again);
        }
        if !borrow {
            rest = less;
        }
    }
    assert_eq!(rest[4], 0);
    [rest[0], rest[1], rest[2], rest[3]]
}

fn long(words: &Words) -> [u64; 8] {
    core::array::from_fn(|at| words.get(at).copied().unwrap_or(0))
}

fn sum(left: &[u64; 8], right: &[u64; 8]) -> [u64; 8] {
    let mut carry = 0;
    core::array::from_fn(|at| {
        let whole = u128::from(left[at]) + u128::from(right[at]) + carry;
        carry = whole >> 64;
        whole as u64
    })
}

fn product(left: &Words, right: &Words) -> [u64; 8] {
    let mut whole = [0u64; 8];
    for (low, a) in left.iter().enumerate() {
        let mut carry = 0;
        for (high, b) in right.iter().enumerate() {
            let part = u128::from(*a) * u128::from(*b) + u128::from(whole[low + high]) + carry;
            (whole[low + high], carry) = (part as u64, part >> 64);
        }
        whole[low + 4] = carry as u64;
    }
    whole
}

/// The number times 2^256, modulo.
fn shifted(number: &Words, modulus: &Words) -> Words {
    remainder([0, 0, 0, 0, number[0], number[1], number[2], number[3]], modulus)
}

fn of_order() -> Words {
    core::array::from_fn(|at| u64::from_be_bytes(ORDER[24 - 8 * at..32 - 8 * at].try_into().unwrap()))
}

/// Numbers next to 0, p, n, 2^256 - p and 2^256, with words of zeros and of ones, and random ones.
fn numbers() -> Vec<Words> {
    let fold = [1, 0xffff_ffff_0000_0000, u64::MAX, 0xffff_fffe];
    let mut numbers = Vec::new();
    for edge in [[0; 4], P, of_order(), fold, [0, 0, 0, 1 << 63], [u64::MAX; 4]] {
        for small in 0..4u64 {
            let above = sum(&long(&edge), &long(&[small, 0, 0, 0]));
            let below = sum(&long(&edge), &[small.wrapping_neg(), u64::MAX, u64::MAX, u64::MAX, 0, 0, 0, 0]);
            numbers.push([above[0], above[1], above[2], above[3]]);
            numbers.push(if small == 0 { edge } else { [below[0], below[1], below[2], below[3]] });
        }
    }
    for pattern in 0..16u32 {
        numbers.push(core::array::from_fn(|at| if pattern >> at & 1 == 1 { u64::MAX } else { 0 }));
        numbers.push(core::array::from_fn(|at| if pattern >> at & 1 == 1 { 1 << (pattern * 4) } else { u64::MAX << 32 }));
    }
    let mut random = Random::new(9);
    numbers.extend((0..40).map(|_| core::array::from_fn(|_| random.word())));
    numbers
}

#[test]
fn field() {
    let numbers = numbers();
    let square_of_r = remainder(product(&remainder(R, &P), &remainder(R, &P)), &P);
    for a in &numbers {
        let [.., squared, inverse] = tools::p256_field(a, a);
        let reduced_a = remainder(long(a), &P);
        assert_eq!(shifted(&squared, &P), remainder(product(a, a), &P), "{a:x?} squared");
        let expected = if reduced_a == [0; 4] { [0; 4] } else { square_of_r };
        assert_eq!(remainder(product(&inverse, &reduced_a), &P), expected, "1 / {a:x?}");
        for b in &numbers {
            let results = tools::p256_field(a, b);
            let [plus, minus, times, ..] = results;
            let reduced_b = remainder(long(b), &P);
            assert_eq!(plus, remainder(sum(&long(a), &long(b)), &P), "{a:x?} + {b:x?}");
            assert_eq!(remainder(sum(&long(&minus), &long(&reduced_b)), &P), reduced_a, "{a:x?} - {b:x?}");
            assert_eq!(shifted(&times, &P), remainder(product(a, b), &P), "{a:x?} * {b:x?}");
            assert!(
                results.iter().all(|result| (0..4).rev().map(|at| result[at]).lt((0..4).rev().map(|at| P[at]))),
                "below p"
            );
        }
    }
    println!("{} pairs", numbers.len() * numbers.len());
}

#[test]
fn scalars() {
    let (numbers, order) = (numbers(), of_order());
    let (mut taken, mut refused) = (0, 0);
    for a in &numbers {
        let mut bytes = [0; 32];
        bytes.as_chunks_mut::<8>().0.iter_mut().zip(a.iter().rev()).for_each(|(eight, word)| *eight = word.to_be_bytes());
        let is_scalar = *a != [0; 4] && remainder(long(a), &order) == *a;
        for b in &numbers {
            let Some([times, divisor]) = tools::p256_scalar(&bytes, b) else {
                assert!(!is_scalar, "{a:x?}");
                refused += 1;
                continue;
            };
            assert!(is_scalar, "{a:x?}");
            assert_eq!(shifted(&times, &order), remainder(product(a, b), &order), "{a:x?} * {b:x?}");
            assert_eq!(times, remainder(long(&times), &order), "below n");
            if taken % numbers.len() == 0 {
                assert_eq!(remainder(product(&divisor, a), &order), remainder(R, &order), "1 / {a:x?}");
            }
            taken += 1;
        }
    }
    println!("{taken} pairs, {refused} refused");
    assert!(taken > 2_000 && refused > 500);
}
