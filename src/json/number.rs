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
        let point = (whole_digits as i32).saturating_add(exponent(&mut cursor));

        let mut whole = Some(0u64);
        let mut has_fraction = false;
        let mut at = 0i32;
        // Behind the digits come the zeros that a positive exponent appends: zero stays zero, anything else overflows within
        // 20 of them.
        for digit in digits.map(Some).chain(core::iter::repeat(None)) {
            let is_whole = at < point;
            if digit.is_none() && (!is_whole || whole.is_none_or(|whole| whole == 0)) {
                break;
            }
            let digit = digit.unwrap_or_default();
            if is_whole {
                whole = whole.and_then(|whole| whole.checked_mul(10)?.checked_add(u64::from(digit)));
            } else {
                has_fraction |= digit != 0;
            }
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

/// More than any number of digits: a text has at most 65,535 bytes.
const EXPONENT_MAX: i32 = 1_000_000;

/// The exponent, or 0. One beyond [`EXPONENT_MAX`] is as good as that.
fn exponent(cursor: &mut Cursor<'_>) -> i32 {
    if !(cursor.eat(b'e') || cursor.eat(b'E')) {
        return 0;
    }
    let is_minus = cursor.eat(b'-');
    cursor.eat(b'+');
    let digits = cursor.rest().iter().take_while(|byte| byte.is_ascii_digit());
    let magnitude = digits.fold(0i32, |value, digit| {
        let longer = value.wrapping_mul(10).wrapping_add(i32::from(digit & 15));
        longer.min(EXPONENT_MAX)
    });
    if is_minus { magnitude.wrapping_neg() } else { magnitude }
}
