//! Claims of every kind and rules about them: the mask of failures and the first unmet rule by the oracle, in Rust and in C.

use crate::input::Input;
use countermark_tests::judge::{Attempt, RuleText, Setup, judge, key_of};
use countermark_tests::rights::oracle;
use countermark_tests::token::{NOW, TokenBuilder};
use serde_json::{Value, json};

const PATHS: &[&str] = &["p", "scope", "/scp", "p.a", "/p/a", "/p/0", "q", "p.a.a", "/p/a/1"];
const VALUES: &[&str] = &["a", "b", "ab", "a:*", "b:", "a*", "*", "a:b", "aa"];
const GRANTED: &[&str] = &["", "a", "b", "a b", "ab", "a:b", "b: a:bb", "*", "a*", "  b  a "];

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let rules: Vec<RuleText> = (0..1 + input.below(5))
        .map(|_| RuleText {
            path: input.pick(PATHS).into(),
            test: 1 + input.below(8) as i32,
            values: (0..1 + input.below(3)).map(|_| input.pick(VALUES).into()).collect(),
            number: i64::from(input.byte()) - 4,
            wildcards: input.flag(),
        })
        .collect();
    let (scope, scp) = (claim(&mut input, 1), claim(&mut input, 1));
    let claims = json!({"exp": NOW + 1, "scope": scope, "scp": scp, "p": claim(&mut input, 3)});
    let token = TokenBuilder::new("HS256").payload(claims.to_string()).build();
    let outcome = judge(&Setup { rules: rules.clone(), ..Setup::with([key_of("HS256")]) }, Attempt::new(&token));
    let expected: Vec<_> = rules.iter().map(|rule| oracle(rule, &claims)).collect();
    let bits = expected.iter().flatten().map(|status| 1u64 << status.bit().unwrap()).fold(0, |bits, bit| bits | bit);
    let first = expected.iter().position(Option::is_some).map(|position| position as u16);
    assert_eq!((outcome.failures, outcome.unmet), (bits, first), "{rules:?} {claims}");
}

fn claim(input: &mut Input<'_>, depth: usize) -> Value {
    match input.below(if depth == 0 { 4 } else { 6 }) {
        0 => input.text_of(GRANTED).into(),
        1 => (i64::from(input.byte()) - 4).into(),
        2 => input.long().into(),
        3 => input.pick(&[json!(null), json!(true), json!("a"), json!("b")].each_ref()).clone(),
        4 => (0..input.below(5)).map(|_| claim(input, depth - 1)).collect::<Vec<Value>>().into(),
        _ => json!({"a": claim(input, depth - 1), "b": claim(input, depth - 1)}),
    }
}
