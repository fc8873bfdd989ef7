//! NumericDate and integers against arithmetic on decimal strings.

use countermark::{Status, tools};
use countermark_tests::dates;
use countermark_tests::judge::{Attempt, Setup, judge, key_of};
use countermark_tests::random::Random;
use countermark_tests::token::TokenBuilder;

#[track_caller]
fn agree(text: &str) {
    let expected = dates::round(text);
    assert_eq!(tools::number_dates(text.as_bytes()), (expected.down, expected.up), "{text}");
}

#[test]
fn edges_of_every_kind() {
    for text in [
        "0",
        "-0",
        "0.0",
        "-0.0",
        "-0e5",
        "0e400",
        "0.000e-400",
        "1",
        "-1",
        "0.5",
        "-0.5",
        "1e400",
        "1e-400",
        "-1e-400",
        "1e0",
        "1E+0",
        "1e-0",
        "10e-1",
        "15e-1",
        "1.5e1",
        "0.1e1",
        "0.01e1",
        "123.456e2",
        "123.456e3",
        "1700000000",
        "1700000000.0000000000000000000000000000001",
        "1.7e9",
        "17e8",
        "1700000000000e-3",
        "1700000000001e-3",
        "9223372036854775806.5",
        "9223372036854775807",
        "9223372036854775807.0",
        "9223372036854775807.1",
        "9223372036854775808",
        "9223372036854775808.5",
        "9.223372036854775807e18",
        "9.223372036854775808e18",
        "92233720368547758070e-1",
        "92233720368547758075e-1",
        "18446744073709551615",
        "18446744073709551616",
        "184467440737095516150e-1",
        "1e18",
        "9e18",
        "1e19",
        "1e20",
        "1e9223372036854775807",
        "1e9223372036854775808",
        "1e-9223372036854775808",
        "1e-9223372036854775809",
        "1e18446744073709551616",
        "0e18446744073709551616",
        "0.00000000000000000000000000000000001e35",
        "0.00000000000000000000000000000000001e36",
        "1e00000000000000000001",
        "1e-00000000000000000001",
    ] {
        agree(text);
    }
    for zeros in [1, 18, 19, 20, 100, 4000] {
        agree(&format!("1{}", "0".repeat(zeros)));
        agree(&format!("1{}e-{zeros}", "0".repeat(zeros)));
        agree(&format!("0.{}1", "0".repeat(zeros)));
        agree(&format!("0.{}1e{zeros}", "0".repeat(zeros)));
        agree(&format!("0.{}1e{}", "0".repeat(zeros), zeros + 1));
    }
}

#[test]
fn random_numbers() {
    let mut random = Random::new(6);
    for _ in 0..100_000 {
        let digits = |random: &mut Random, most: usize| -> String {
            (0..=random.below(most)).map(|_| char::from(b"0015927"[random.below(7)])).collect()
        };
        let whole = digits(&mut random, 22);
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let minus = if random.once_in(6) { "-" } else { "" };
        let fraction = if random.once_in(2) { format!(".{}", digits(&mut random, 8)) } else { String::new() };
        let sign = random.pick(&["", "+", "-"]);
        let exponent = if random.once_in(2) { format!("e{sign}{}", random.below(30)) } else { String::new() };
        agree(&format!("{minus}{whole}{fraction}{exponent}"));
    }
}

/// The integer that a claim gives, against i128 and the rounding oracle.
#[test]
fn integer_claims() {
    for (text, expected) in [
        ("0", Ok(0)),
        ("-0", Ok(0)),
        ("1.0", Ok(1)),
        ("1e3", Ok(1000)),
        ("-1e3", Ok(-1000)),
        ("1.5", Err(Status::ClaimRange)),
        ("1e-1", Err(Status::ClaimRange)),
        ("10e-1", Ok(1)),
        ("9223372036854775807", Ok(i64::MAX)),
        ("-9223372036854775808", Ok(i64::MIN)),
        ("9223372036854775808", Err(Status::ClaimRange)),
        ("-9223372036854775809", Err(Status::ClaimRange)),
        ("-9.223372036854775808e18", Ok(i64::MIN)),
        ("1e400", Err(Status::ClaimRange)),
        ("\"1\"", Err(Status::ClaimType)),
        ("true", Err(Status::ClaimType)),
    ] {
        assert_eq!(tools::json_value(text.as_bytes()).integer(), expected, "{text}");
    }
    let mut random = Random::new(7);
    for _ in 0..20_000 {
        let shift = random.below(70) as u32;
        let number = (i128::from(random.word() as i64) << 6) >> shift.min(100);
        let expected = i64::try_from(number).map_err(|_| Status::ClaimRange);
        for text in [number.to_string(), format!("{number}.000"), format!("{number}0e-1")] {
            assert_eq!(tools::json_value(text.as_bytes()).integer(), expected, "{text}");
        }
    }
}

/// What the oracle rounds is what the policy compares: one second to each side of the edge.
#[test]
fn dates_in_tokens_turn_at_the_rounded_second() {
    let mut setup = Setup::with([key_of("HS256")]);
    setup.policy.allow_missing_exp = true;
    let status = |claim: &str, text: &str, now: i64| {
        let token = TokenBuilder::new("HS256").payload(format!(r#"{{"{claim}":{text}}}"#)).build();
        judge(&setup, Attempt::new(&token).at(now)).status
    };
    for text in
        ["1700000000", "1700000000.5", "1.7000000005e9", "17000000000000001e-7", "0", "0.1", "1", "9223372036854775806"]
    {
        let rounded = dates::round(text);
        let (down, up) = (rounded.down.unwrap(), rounded.up.unwrap());
        for near in [-1i64, 0, 1] {
            let now = down.saturating_add(near);
            let expected = if now >= down { Status::Expired } else { Status::Accepted };
            assert_eq!(status("exp", text, now), expected, "exp {text} {now}");
            let now = up.saturating_add(near);
            let expected = if now < up { Status::NotYetValid } else { Status::Accepted };
            assert_eq!(status("nbf", text, now), expected, "nbf {text} {now}");
            let expected = if up > now { Status::IssuedInFuture } else { Status::Accepted };
            assert_eq!(status("iat", text, now), expected, "iat {text} {now}");
        }
    }
}
