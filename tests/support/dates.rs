//! NumericDate (RFC 7519 2) by arithmetic on decimal strings: no number type holds the value on the way.

/// What a NumericDate comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounded {
    pub down: Option<i64>,
    pub up: Option<i64>,
}

const NO_DATE: Rounded = Rounded { down: None, up: None };
const LARGEST: &str = "9223372036854775807";
/// Exponents beyond this change nothing for texts of fewer digits.
const FAR: i64 = 100_000;

/// Rounds the text of a JSON number down and up; `None` where that is negative or at least 2^63.
pub fn round(text: &str) -> Rounded {
    let (magnitude, is_minus) = match text.strip_prefix('-') {
        Some(magnitude) => (magnitude, true),
        None => (text, false),
    };
    let (mantissa, exponent) = magnitude.split_once(['e', 'E']).unwrap_or((magnitude, "0"));
    let exponent = bounded(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));

    let mut left = whole.to_string();
    let mut right = fraction.to_string();
    for _ in 0..exponent.max(0) {
        if right.is_empty() && left.chars().all(|digit| digit == '0') {
            break;
        }
        left.push(if right.is_empty() { '0' } else { right.remove(0) });
        if left.trim_start_matches('0').len() > 40 && right.is_empty() {
            break;
        }
    }
    for _ in 0..(-exponent).max(0) {
        if left.is_empty() && right.chars().all(|digit| digit == '0') {
            break;
        }
        right.insert(0, left.pop().unwrap_or('0'));
        if left.is_empty() && right.len() > 40 + mantissa.len() {
            break;
        }
    }
    let left = left.trim_start_matches('0');
    let has_fraction = right.chars().any(|digit| digit != '0');
    if is_minus && (!left.is_empty() || has_fraction) {
        return NO_DATE;
    }
    let down = small_enough(left);
    let up = if has_fraction { down.and_then(|whole| small_enough(&plus_one(&whole.to_string()))) } else { down };
    Rounded { down, up }
}

/// The exponent, cut to where nothing changes any more.
fn bounded(exponent: &str) -> i64 {
    let (digits, sign) = match exponent.as_bytes()[0] {
        b'-' => (&exponent[1..], -1),
        b'+' => (&exponent[1..], 1),
        _ => (exponent, 1),
    };
    let digits = digits.trim_start_matches('0');
    let magnitude = if digits.len() > 6 { FAR } else { digits.parse().unwrap_or(0).min(FAR) };
    sign * magnitude
}

fn small_enough(digits: &str) -> Option<i64> {
    let digits = digits.trim_start_matches('0');
    let is_small = digits.len() < LARGEST.len() || digits.len() == LARGEST.len() && digits <= LARGEST;
    if !is_small {
        return None;
    }
    Some(if digits.is_empty() { 0 } else { digits.parse().expect("at most 2^63 - 1") })
}

fn plus_one(digits: &str) -> String {
    let mut digits: Vec<u8> = digits.bytes().collect();
    for place in (0..digits.len()).rev() {
        if digits[place] != b'9' {
            digits[place] += 1;
            return String::from_utf8(digits).expect("digits");
        }
        digits[place] = b'0';
    }
    format!("1{}", String::from_utf8(digits).expect("digits"))
}

#[cfg(test)]
mod tests {
    use super::{Rounded, round};

    #[test]
    fn the_oracle_knows_the_easy_cases() {
        let both = |down, up| Rounded { down, up };
        assert_eq!(round("0"), both(Some(0), Some(0)));
        assert_eq!(round("1.5"), both(Some(1), Some(2)));
        assert_eq!(round("15e-1"), both(Some(1), Some(2)));
        assert_eq!(round("1.5E+1"), both(Some(15), Some(15)));
        assert_eq!(round("9223372036854775807.5"), both(Some(i64::MAX), None));
        assert_eq!(round("9223372036854775808"), both(None, None));
        assert_eq!(round("-0.0"), both(Some(0), Some(0)));
        assert_eq!(round("-1"), both(None, None));
        assert_eq!(round("1e-999999999999999999999"), both(Some(0), Some(1)));
        assert_eq!(round("0e999999999999999999999"), both(Some(0), Some(0)));
    }
}
