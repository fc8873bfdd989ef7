//! Powers modulo an odd number, by Montgomery multiplication (Montgomery 1985): what RSA verification needs, and no more.
//!
//! Moduli, bases and exponents are public here, so the running time may depend on them, and does: bits of the exponent and
//! the last subtraction are branches. Never use this with a private key. `crypto-bigint` is the oracle in the tests.
//!
//! Numbers are little-endian words. R is 2^64 to the number of words; the words of a modulus are an even number, because
//! two rows are added at once.

/// The most words of a modulus.
pub(crate) const WORDS_MAX: usize = if cfg!(feature = "rsa8192") { 128 } else { 64 };

/// A number below the modulus, in as many of the words as the modulus has.
pub(crate) type Number = [u64; WORDS_MAX];

/// An odd modulus with what speeds its multiplications.
#[derive(Clone, Copy)]
pub(crate) struct Modulus<'m> {
    words: &'m [u64],
    /// R^2 modulo the modulus: takes a number into Montgomery's form.
    square: &'m [u64],
    /// Minus the inverse of the lowest word, modulo 2^64.
    inverse: u64,
}

/// How many words a modulus of this many bits takes.
pub(crate) const fn words_for(bits: usize) -> usize {
    bits.div_ceil(128).saturating_mul(2)
}

/// Minus the inverse of an odd word, modulo 2^64 (Newton; each step doubles the bits that are right, from three).
pub(crate) fn negative_inverse(word: u64) -> u64 {
    let step = |inverse: u64, _| inverse.wrapping_mul(2u64.wrapping_sub(word.wrapping_mul(inverse)));
    (0..5).fold(word, step).wrapping_neg()
}

/// Writes R^2 modulo the modulus of `bits` bits: the power of two below it, doubled until it is R^2.
pub(crate) fn prepare(modulus: &[u64], bits: usize, square: &mut [u64]) {
    let highest = bits.saturating_sub(1);
    square.fill(0);
    if let Some(word) = square.get_mut(highest / 64) {
        *word = 1u64.wrapping_shl((highest % 64) as u32);
    }
    for _ in highest..modulus.len().saturating_mul(128) {
        let mut shifted = 0;
        for word in square.iter_mut() {
            let doubled = (*word << 1) | shifted;
            shifted = *word >> 63;
            *word = doubled;
        }
        subtract_once(square, modulus, shifted);
    }
}

impl<'m> Modulus<'m> {
    /// `words` and `square` are equally many, an even number of at most [`WORDS_MAX`]; `square` is what `prepare` wrote.
    pub(crate) fn new(words: &'m [u64], square: &'m [u64], inverse: u64) -> Option<Self> {
        let fits = words.len().is_multiple_of(2) && words.len() <= WORDS_MAX && words.len() == square.len();
        if fits && !words.is_empty() { Some(Modulus { words, square, inverse }) } else { None }
    }

    /// Whether `number` is below the modulus.
    pub(crate) fn is_above(&self, number: &[u64]) -> bool {
        number.len() == self.words.len() && !is_at_least(number, self.words)
    }

    /// `base` to an odd exponent of at least 3. `base` is below the modulus.
    #[inline(never)] // two and a half thousand bytes of stack for 4096 bits
    pub(crate) fn power(&self, base: &[u64], exponent: u64, power: &mut Number) {
        let count = self.words.len();
        let (mut wide, mut entered) = ([0; WORDS_MAX * 2], [0; WORDS_MAX]);
        let Some(wide) = wide.get_mut(..count.saturating_mul(2)) else { return };
        let (Some(entered), Some(power)) = (entered.get_mut(..count), power.get_mut(..count)) else { return };
        self.product(base, self.square, wide);
        self.reduce(wide, entered);
        power.copy_from_slice(entered);
        let highest = 63u32.saturating_sub(exponent.leading_zeros());
        for bit in (1..highest).rev() {
            self.square(power, wide);
            if exponent.wrapping_shr(bit) & 1 == 1 {
                self.product(power, entered, wide);
                self.reduce(wide, power);
            }
        }
        self.square(power, wide);
        // The last factor is not in Montgomery's form, so the product is not either.
        self.product(power, base, wide);
        self.reduce(wide, power);
    }

    /// The whole product, row by row.
    fn product(&self, left: &[u64], right: &[u64], wide: &mut [u64]) {
        wide.fill(0);
        for (position, digit) in right.iter().enumerate() {
            let mut carry = 0;
            let mut places = wide.get_mut(position..).unwrap_or_default().iter_mut();
            // The words come first: when they end, no place is taken in vain.
            for (word, place) in left.iter().zip(&mut places) {
                *place = multiply_add(*place, *word, *digit, &mut carry);
            }
            if let Some(place) = places.next() {
                *place = carry;
            }
        }
    }

    /// `value` times itself over R. Products of two different words are made once and doubled.
    #[inline(never)]
    fn square(&self, value: &mut [u64], wide: &mut [u64]) {
        wide.fill(0);
        let (mut row, mut position) = (&*value, 1usize);
        while let [first, second, above @ ..] = row {
            let Some([lowest, next, rest @ ..]) = wide.get_mut(position..) else { return };
            let mut carries = (0, 0);
            *lowest = multiply_add(*lowest, *second, *first, &mut carries.0);
            match (above.first(), above.last()) {
                (Some(third), Some(last)) => {
                    *next = multiply_add(*next, *third, *first, &mut carries.0);
                    let Some((body, tail)) = rest.split_at_mut_checked(above.len().saturating_sub(1)) else { return };
                    add_rows(body, above, *first, *second, &mut carries);
                    let [end, beyond, ..] = tail else { return };
                    let mut high = carries.1;
                    *end = multiply_add(*end, *last, *second, &mut high);
                    *beyond = high.wrapping_add(add_carry(end, carries.0, 0));
                }
                _ => *next = carries.0,
            }
            position = position.saturating_add(4);
            row = above;
        }
        let (mut carry, mut shifted) = (0, 0);
        for ([low, high], word) in wide.as_chunks_mut::<2>().0.iter_mut().zip(&*value) {
            let square = u128::from(*word).wrapping_mul(u128::from(*word));
            let doubled = ((*low << 1) | shifted, (*high << 1) | (*low >> 63));
            shifted = *high >> 63;
            (*low, *high) = doubled;
            carry = add_carry(low, square as u64, carry);
            carry = add_carry(high, (square >> 64) as u64, carry);
        }
        self.reduce(wide, value);
    }

    /// `wide` over R, below the modulus: multiples of the modulus are added until the lower half is zero, two words at once.
    #[inline]
    fn reduce(&self, wide: &mut [u64], out: &mut [u64]) {
        let [first, others @ ..] = self.words else { return };
        let (Some(second), Some(last)) = (others.first(), others.last()) else { return };
        let mut top = 0;
        for position in (0..self.words.len()).step_by(2) {
            let window = wide.get_mut(position..).unwrap_or_default();
            let Some((body, tail)) = window.split_at_mut_checked(self.words.len()) else { return };
            let ([zeroth, next, rest @ ..], [end, beyond, ..]) = (body, tail) else { return };
            let mut carries = (0, 0);
            let low = zeroth.wrapping_mul(self.inverse);
            multiply_add(*zeroth, *first, low, &mut carries.0);
            let partial = multiply_add(*next, *second, low, &mut carries.0);
            let high = partial.wrapping_mul(self.inverse);
            multiply_add(partial, *first, high, &mut carries.1);
            add_rows(rest, others, low, high, &mut carries);
            let mut above = carries.1;
            *end = multiply_add(*end, *last, high, &mut above);
            let carried = add_carry(end, carries.0, 0).wrapping_add(add_carry(end, top, 0));
            top = add_carry(beyond, above, 0).wrapping_add(add_carry(beyond, carried, 0));
        }
        let upper = wide.get(self.words.len()..).unwrap_or_default();
        out.iter_mut().zip(upper).for_each(|(place, word)| *place = *word);
        subtract_once(out, self.words, top);
    }
}

/// `start + left * right + carry`: the low word, and the high word as the next carry. It cannot overflow 128 bits.
///
/// The sum is taken apart by hand: written in 128 bits, the compiler ties the carry into a longer chain.
#[inline(always)]
fn multiply_add(start: u64, left: u64, right: u64, carry: &mut u64) -> u64 {
    let product = u128::from(left).wrapping_mul(u128::from(right));
    let (low, first) = (product as u64).overflowing_add(start);
    let high = ((product >> 64) as u64).wrapping_add(u64::from(first));
    let (low, second) = low.overflowing_add(*carry);
    *carry = high.wrapping_add(u64::from(second));
    low
}

/// Adds a word and a carry; the carry out.
#[inline(always)]
fn add_carry(place: &mut u64, word: u64, carry: u64) -> u64 {
    let (sum, first) = place.overflowing_add(word);
    let (sum, second) = sum.overflowing_add(carry);
    *place = sum;
    u64::from(first).wrapping_add(u64::from(second))
}

/// Adds two rows at once: to each sum j `row[j + 1] * low` and `row[j] * high`, with a carry of its own for each row.
#[inline(always)]
fn add_rows(sums: &mut [u64], row: &[u64], low: u64, high: u64, carries: &mut (u64, u64)) {
    let Some((behind, row)) = row.split_first() else { return };
    let (mut behind, (mut first, mut second)) = (*behind, *carries);
    let mut step = |sum: &mut u64, word: u64| {
        let partial = multiply_add(*sum, word, low, &mut first);
        *sum = multiply_add(partial, behind, high, &mut second);
        behind = word;
    };
    let count = sums.len().min(row.len());
    let (Some(sums), Some(row)) = (sums.get_mut(..count), row.get(..count)) else { return };
    // Four steps to a turn: a quarter faster.
    let (four_sums, sums) = sums.as_chunks_mut::<4>();
    let (four_words, words) = row.as_chunks::<4>();
    for ([sum0, sum1, sum2, sum3], [word0, word1, word2, word3]) in four_sums.iter_mut().zip(four_words) {
        step(sum0, *word0);
        step(sum1, *word1);
        step(sum2, *word2);
        step(sum3, *word3);
    }
    sums.iter_mut().zip(words).for_each(|(sum, word)| step(sum, *word));
    *carries = (first, second);
}

/// Whether `left` is not below `right`; both have as many words.
fn is_at_least(left: &[u64], right: &[u64]) -> bool {
    let different = left.iter().zip(right).rev().find(|(left, right)| left != right);
    different.is_none_or(|(left, right)| left > right)
}

/// Subtracts the modulus once, if the number with `top` above it is not below it.
fn subtract_once(number: &mut [u64], modulus: &[u64], top: u64) {
    if top == 0 && !is_at_least(number, modulus) {
        return;
    }
    let mut borrow = false;
    for (place, word) in number.iter_mut().zip(modulus) {
        let (difference, first) = place.overflowing_sub(*word);
        let (difference, second) = difference.overflowing_sub(u64::from(borrow));
        *place = difference;
        borrow = first || second;
    }
}
