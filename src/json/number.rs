//! A JSON number, read exactly from its text: no floating point, no rounding that was not asked for.

use crate::cursor::Cursor;

/// A number's sign, its whole part, and whether anything follows the point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    /// Below zero; false for every spelling of zero.
    pub(crate) is_negative: bool,
    /// The magnitude rounded towards zero; `None` from 2^64.
    pub(crate) whole: Option<u64>,
    pub(crate) has_fraction: bool,
}

impl Number {
    /// Reads the text of an accepted number.
    pub(crate) fn read(text: &[u8]) -> Number {
        // The usual date: up to 18 digits and nothing else cannot overflow.
        if text.len() <= 18 && text.iter().all(u8::is_ascii_digit) {
            let whole = text.iter().fold(0u64, |whole, digit| whole.wrapping_mul(10).wrapping_add(u64::from(*digit & 15)));
            return Number { is_negative: false, whole: Some(whole), has_fraction: false };
        }
        let mut cursor = Cursor::new(text);
        let is_minus = cursor.eat(b'-');
        let digits_start = cursor.position();
        let whole_digits = cursor.skip_while(|byte| byte.is_ascii_digit());
        if cursor.eat(b'.') {
            cursor.skip_while(|byte| byte.is_ascii_digit());
        }
        let digits = cursor.since(digits_start).iter().filter(|byte| **byte != b'.').map(|byte| byte.wrapping_sub(b'0'));
        // Where the point really is, counted in digits from the first one.
        let point = (whole_digits as i64).saturating_add(exponent(&mut cursor));

        let mut whole = Some(0u64);
        let mut has_fraction = false;
        let mut at = 0i64;
        for digit in digits {
            if at < point {
                whole = whole.and_then(|whole| append(whole, digit));
            } else {
                has_fraction |= digit != 0;
            }
            at = at.saturating_add(1);
        }
        // The zeros that a positive exponent appends: zero stays zero, anything else overflows within 20 of them.
        while at < point && whole.is_some_and(|whole| whole != 0) {
            whole = whole.and_then(|whole| append(whole, 0));
            at = at.saturating_add(1);
        }
        Number { is_negative: is_minus && (whole != Some(0) || has_fraction), whole, has_fraction }
    }

    /// The number, when it is an integer of 64 bits with a sign.
    pub(crate) fn integer(&self) -> Option<i64> {
        if self.has_fraction {
            return None;
        }
        let whole = self.whole?;
        if self.is_negative { 0i64.checked_sub_unsigned(whole) } else { i64::try_from(whole).ok() }
    }

    /// The number rounded down, when it is in 0 .. 2^63.
    pub(crate) fn round_down(&self) -> Option<i64> {
        if self.is_negative { None } else { i64::try_from(self.whole?).ok() }
    }

    /// The number rounded up, when that is in 0 .. 2^63.
    pub(crate) fn round_up(&self) -> Option<i64> {
        self.round_down()?.checked_add(i64::from(self.has_fraction))
    }
}

fn append(whole: u64, digit: u8) -> Option<u64> {
    whole.checked_mul(10)?.checked_add(u64::from(digit))
}

/// The exponent, or 0. One too large to hold is as good as the largest.
fn exponent(cursor: &mut Cursor<'_>) -> i64 {
    if !(cursor.eat(b'e') || cursor.eat(b'E')) {
        return 0;
    }
    let is_minus = cursor.eat(b'-');
    cursor.eat(b'+');
    let digits = cursor.rest().iter().take_while(|byte| byte.is_ascii_digit());
    let magnitude =
        digits.fold(0i64, |value, digit| value.saturating_mul(10).saturating_add(i64::from(digit.wrapping_sub(b'0'))));
    if is_minus { magnitude.saturating_neg() } else { magnitude }
}
