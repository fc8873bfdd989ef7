//! Numbers of 256 bits: four words, the lowest first.

pub(crate) type Words = [u64; 4];

/// A sum and its carry.
#[inline(always)]
pub(super) fn add([a0, a1, a2, a3]: &Words, [b0, b1, b2, b3]: &Words) -> (Words, bool) {
    let (t0, carry) = a0.carrying_add(*b0, false);
    let (t1, carry) = a1.carrying_add(*b1, carry);
    let (t2, carry) = a2.carrying_add(*b2, carry);
    let (t3, carry) = a3.carrying_add(*b3, carry);
    ([t0, t1, t2, t3], carry)
}

/// A difference and its borrow.
#[inline(always)]
pub(super) fn subtract([a0, a1, a2, a3]: &Words, [b0, b1, b2, b3]: &Words) -> (Words, bool) {
    let (t0, borrow) = a0.borrowing_sub(*b0, false);
    let (t1, borrow) = a1.borrowing_sub(*b1, borrow);
    let (t2, borrow) = a2.borrowing_sub(*b2, borrow);
    let (t3, borrow) = a3.borrowing_sub(*b3, borrow);
    ([t0, t1, t2, t3], borrow)
}

/// The product of two words: low, high.
#[inline(always)]
pub(super) fn wide(left: u64, right: u64) -> (u64, u64) {
    left.carrying_mul(right, 0)
}

/// All ones, or zero.
#[inline(always)]
pub(super) fn mask(bit: bool) -> u64 {
    u64::from(bit).wrapping_neg()
}

pub(super) fn is_below(left: &Words, right: &Words) -> bool {
    subtract(left, right).1
}

/// No comparison of slices: that may become a call of `bcmp`, which freestanding C programs do not bring.
#[inline(always)]
pub(super) fn equal([a0, a1, a2, a3]: &Words, [b0, b1, b2, b3]: &Words) -> bool {
    (a0 ^ b0) | (a1 ^ b1) | (a2 ^ b2) | (a3 ^ b3) == 0
}

/// A number written in big-endian bytes.
pub(super) fn of_bytes(bytes: &[u8; 32]) -> Words {
    let mut words = [0; 4];
    for (word, eight) in words.iter_mut().zip(bytes.as_chunks::<8>().0.iter().rev()) {
        *word = u64::from_be_bytes(*eight);
    }
    words
}

/// `bits` bits from position `at` on, at most 63 of them; zero beyond the top.
#[inline(always)]
pub(super) fn bits(words: &Words, at: usize, bits: u32) -> u64 {
    let (word, shift) = (at / 64, (at % 64) as u32);
    let low = words.get(word).map_or(0, |word| word.wrapping_shr(shift));
    let above = words.get(word.wrapping_add(1)).copied().unwrap_or_default();
    // In two steps, because a shift by 64 is none.
    let high = (above << 1).wrapping_shl(63u32.wrapping_sub(shift));
    (low | high) & 1u64.wrapping_shl(bits).wrapping_sub(1)
}
