//! Two texts with a line feed between them: whether they are one target, against the normal form written down.

use countermark::tools::same_target;
use countermark_tests::htu::normal;

pub fn check(data: &[u8]) {
    let at = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    let (left, right) = (&data[..at], data.get(at + 1..).unwrap_or_default());
    let (first, second) = (normal(left), normal(right));
    let expected = first.as_ref().zip(second.as_ref()).map(|(first, second)| first == second);
    assert_eq!(same_target(left, right), expected);
    assert_eq!(same_target(right, left), expected);
    for (text, form) in [(left, first), (right, second)] {
        let Some(form) = form else { continue };
        assert_eq!(normal(&form).as_ref(), Some(&form), "idempotent");
        assert_eq!(same_target(text, &form), Some(true));
    }
}
