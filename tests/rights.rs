//! Rights: a table of cases, properties against a slow oracle on serde_json, through Rust and C.

use countermark::*;
use countermark_tests::judge::{Attempt, Outcome, RuleText, Setup, judge, key_of};
use countermark_tests::rights::{ALL_OF, ANY_OF, NONE_OF, oracle};
use countermark_tests::token::{NOW, TokenBuilder};
use proptest::prelude::*;
use serde_json::{Value, json};

fn rule(path: &str, test: i32, values: &[&str]) -> RuleText {
    let values = values.iter().map(|value| value.to_string()).collect();
    RuleText { path: path.into(), test, values, number: 0, wildcards: false }
}

fn number(path: &str, test: i32, number: i64) -> RuleText {
    RuleText { number, ..rule(path, test, &[]) }
}

fn starred(path: &str, test: i32, values: &[&str]) -> RuleText {
    RuleText { wildcards: true, ..rule(path, test, values) }
}

fn judged(rules: &[RuleText], members: &str) -> Outcome {
    let token = TokenBuilder::new("HS256").payload(format!("{{\"exp\":{}{members}}}", NOW + 1)).build();
    judge(&Setup { rules: rules.to_vec(), ..Setup::with([key_of("HS256")]) }, Attempt::new(&token))
}

const OK: Status = Status::Accepted;
const MISSING: Status = Status::RightsMissing;
const FORBIDDEN: Status = Status::RightsForbidden;
const TYPE: Status = Status::RightsType;

/// The members of a payload, and for all-of [a, b], any-of [a, b], none-of [a, b] of the claim `p` what must become of it.
const LISTS: [(&str, [Status; 3]); 34] = [
    ("", [MISSING, MISSING, OK]),
    (r#""p":[]"#, [MISSING, MISSING, OK]),
    (r#""p":["a"]"#, [MISSING, OK, FORBIDDEN]),
    (r#""p":["b"]"#, [MISSING, OK, FORBIDDEN]),
    (r#""p":["a","b"]"#, [OK, OK, FORBIDDEN]),
    (r#""p":["b","a"]"#, [OK, OK, FORBIDDEN]),
    (r#""p":["c","b","d","a","e"]"#, [OK, OK, FORBIDDEN]),
    (r#""p":["a","a"]"#, [MISSING, OK, FORBIDDEN]),
    (r#""p":["c"]"#, [MISSING, MISSING, OK]),
    (r#""p":["A","B"]"#, [MISSING, MISSING, OK]),
    (r#""p":["ab"]"#, [MISSING, MISSING, OK]),
    (r#""p":["a b"]"#, [MISSING, MISSING, OK]),
    (r#""p":["a ","b "]"#, [MISSING, MISSING, OK]),
    (r#""p":["\u0061","\u0062"]"#, [OK, OK, FORBIDDEN]),
    (r#""p":[""]"#, [MISSING, MISSING, OK]),
    (r#""p":["*"]"#, [MISSING, MISSING, OK]),
    (r#""p":"a""#, [MISSING, OK, FORBIDDEN]),
    (r#""p":"\u0061""#, [MISSING, OK, FORBIDDEN]),
    (r#""p":"a b""#, [MISSING, MISSING, OK]),
    (r#""p":"a,b""#, [MISSING, MISSING, OK]),
    (r#""p":"""#, [MISSING, MISSING, OK]),
    (r#""p":"ab""#, [MISSING, MISSING, OK]),
    (r#""p":["a","b",1]"#, [TYPE, TYPE, TYPE]),
    (r#""p":["a","b",null]"#, [TYPE, TYPE, TYPE]),
    (r#""p":["a","b",["a"]]"#, [TYPE, TYPE, TYPE]),
    (r#""p":[{"a":1},"a","b"]"#, [TYPE, TYPE, TYPE]),
    (r#""p":[true]"#, [TYPE, TYPE, TYPE]),
    (r#""p":null"#, [TYPE, TYPE, TYPE]),
    (r#""p":true"#, [TYPE, TYPE, TYPE]),
    (r#""p":0"#, [TYPE, TYPE, TYPE]),
    (r#""p":{}"#, [TYPE, TYPE, TYPE]),
    (r#""p":{"a":true,"b":true}"#, [TYPE, TYPE, TYPE]),
    (r#""P":["a","b"]"#, [MISSING, MISSING, OK]),
    (r#""q":["a","b"]"#, [MISSING, MISSING, OK]),
];

/// What a scope's text grants, for the same three.
const SCOPES: [(&str, [Status; 3]); 14] = [
    ("", [MISSING, MISSING, OK]),
    (" ", [MISSING, MISSING, OK]),
    ("a", [MISSING, OK, FORBIDDEN]),
    ("a b", [OK, OK, FORBIDDEN]),
    ("b a", [OK, OK, FORBIDDEN]),
    ("  b   a  ", [OK, OK, FORBIDDEN]),
    ("x a y b z", [OK, OK, FORBIDDEN]),
    ("ab", [MISSING, MISSING, OK]),
    ("ab ba", [MISSING, MISSING, OK]),
    ("a\\u0020b", [OK, OK, FORBIDDEN]),
    ("\\u0061 \\u0062", [OK, OK, FORBIDDEN]),
    ("a\\tb", [MISSING, MISSING, OK]),
    ("a,b", [MISSING, MISSING, OK]),
    ("A B", [MISSING, MISSING, OK]),
];

#[test]
fn two_hundred_cases() {
    let mut count = 0;
    let mut expect = |rule: RuleText, members: &str, wanted: Status| {
        let members = if members.is_empty() { String::new() } else { format!(",{members}") };
        let outcome = judged(std::slice::from_ref(&rule), &members);
        assert_eq!(outcome.status, wanted, "{rule:?} {members}");
        assert_eq!(outcome.unmet, (wanted != OK).then_some(0), "{rule:?} {members}");
        let claims: Value = serde_json::from_str(&format!("{{\"exp\":1{members}}}")).unwrap();
        assert_eq!(oracle(&rule, &claims).unwrap_or(OK), wanted, "the oracle: {rule:?} {members}");
        count += 1;
    };
    for (members, wanted) in LISTS {
        for (test, wanted) in (1..).zip(wanted) {
            expect(rule("p", test, &["a", "b"]), members, wanted);
        }
    }
    for (text, wanted) in SCOPES {
        for (test, wanted) in (1..).zip(wanted) {
            expect(rule("scope", test, &["a", "b"]), &format!(r#""scope":"{text}""#), wanted);
            expect(rule("/scp", test, &["a", "b"]), &format!(r#""scp":"{text}""#), wanted);
        }
    }
    for (found, less, equal) in
        [("2", true, false), ("3", false, true), ("4", false, false), ("3.0", false, true), ("30e-1", false, true)]
    {
        let verdict = |met: bool| if met { OK } else { MISSING };
        let members = format!(r#""n":{found}"#);
        // What serde_json reads as a float is an integer to the core: the oracle is asked only for the others.
        if found.bytes().all(|byte| byte.is_ascii_digit()) {
            expect(number("n", 4, 3), &members, verdict(less));
            expect(number("n", 5, 3), &members, verdict(less || equal));
            expect(number("n", 6, 3), &members, verdict(equal));
            expect(number("n", 7, 3), &members, verdict(!less));
            expect(number("n", 8, 3), &members, verdict(!less && !equal));
        } else {
            assert_eq!(judged(&[number("n", 6, 3)], &format!(",{members}")).status, verdict(equal));
        }
    }
    for members in [r#""n":"3""#, r#""n":null"#, r#""n":3.5"#, r#""n":[3]"#, r#""n":9223372036854775808"#] {
        expect(number("n", 7, 0), members, TYPE);
    }
    expect(number("n", 4, 3), "", MISSING);
    expect(number("n", 6, i64::MIN), r#""n":-9223372036854775808"#, OK);
    for (path, members, wanted) in [
        ("realm_access.roles", r#""realm_access":{"roles":["a"]}"#, OK),
        ("realm_access.roles", r#""realm_access":{"roles":[]}"#, MISSING),
        ("realm_access.roles", r#""realm_access":{}"#, MISSING),
        ("realm_access.roles", r#""realm_access":["a"]"#, TYPE),
        ("realm_access.roles", r#""realm_access":"a""#, TYPE),
        ("realm_access.roles", r#""realm_access":null"#, TYPE),
        ("realm_access.roles", r#""realm_access.roles":["a"]"#, MISSING),
        ("/realm_access.roles", r#""realm_access.roles":["a"]"#, OK),
        ("/https:~1~1example.com~1roles", r#""https://example.com/roles":["a"]"#, OK),
        ("/resource_access/web/roles", r#""resource_access":{"web":{"roles":["a"]}}"#, OK),
        ("/list/1", r#""list":["b","a"]"#, OK),
        ("/list/2", r#""list":["b","a"]"#, MISSING),
        ("list.1", r#""list":["b","a"]"#, TYPE),
        ("/list/1/a", r#""list":["b","a"]"#, TYPE),
        ("/list/a", r#""list":["b","a"]"#, MISSING),
        ("deep.scope", r#""deep":{"scope":"a b"}"#, MISSING),
        ("deep.scope", r#""deep":{"scope":"a"}"#, OK),
    ] {
        expect(rule(path, ALL_OF, &["a"]), members, wanted);
    }
    // A guest who is written in another form is none the less one: nobody is let in by a type.
    for members in [r#""realm_access":["guest"]"#, r#""realm_access":"guest""#, r#""realm_access":[{"roles":["guest"]}]"#] {
        expect(rule("realm_access.roles", NONE_OF, &["guest"]), members, TYPE);
        expect(number("realm_access.roles", 5, 3), members, TYPE);
    }
    for (values, members, wanted) in [
        (&["orders:*"], r#""p":["orders:read"]"#, OK),
        (&["orders:*"], r#""p":["orders:"]"#, OK),
        (&["orders:*"], r#""p":["orders"]"#, MISSING),
        (&["orders:*"], r#""p":["xorders:read"]"#, MISSING),
        (&["orders:*"], r#""p":["orders:*"]"#, OK),
        (&["orders:read"], r#""p":["orders:*"]"#, MISSING),
        (&["*"], r#""p":["anything"]"#, OK),
        (&["*"], r#""p":[]"#, MISSING),
        (&["a*b"], r#""p":["axb"]"#, MISSING),
        (&["a*b"], r#""p":["a*b"]"#, OK),
    ] {
        expect(starred("p", ALL_OF, values), members, wanted);
    }
    expect(starred("scope", NONE_OF, &["admin:*"]), r#""scope":"read admin:users""#, FORBIDDEN);
    expect(starred("scope", NONE_OF, &["admin:*"]), r#""scope":"read administrate""#, OK);
    expect(rule("p", ALL_OF, &["orders:*"]), r#""p":["orders:read"]"#, MISSING);
    expect(rule("p", ALL_OF, &["orders:*"]), r#""p":["orders:*"]"#, OK);
    println!("{count} cases");
    assert!(count >= 200, "{count}");
}

/// Every rule is judged; the bits are all there, and the first that was not met is named.
#[test]
fn all_failures_and_the_first_unmet() {
    let rules =
        [rule("p", ANY_OF, &["a"]), rule("p", NONE_OF, &["a"]), rule("q", ALL_OF, &["x"]), rule("r", ANY_OF, &["x"])];
    let outcome = judged(&rules, r#","p":["a"],"q":[],"r":7"#);
    let bits = [MISSING, FORBIDDEN, TYPE].iter().map(|status| 1u64 << status.bit().unwrap()).sum();
    assert_eq!((outcome.status, outcome.failures, outcome.unmet), (MISSING, bits, Some(1)));
    // Behind an expired token the rights are judged too, and the expiry comes first.
    let token = TokenBuilder::new("HS256").payload(r#"{"exp":1}"#).build();
    let setup = Setup { rules: vec![rule("p", ANY_OF, &["a"])], ..Setup::with([key_of("HS256")]) };
    let outcome = judge(&setup, Attempt::new(&token));
    assert_eq!((outcome.status, outcome.unmet), (Status::Expired, Some(0)));
    assert_eq!(outcome.failures, 1 << 6 | 1 << 60);
    // A signature that does not hold ends the work before.
    let forged = TokenBuilder::signed_by(countermark_tests::token::SigningKey::Hs256(vec![1; 32])).build();
    assert_eq!(judge(&setup, Attempt::new(&forged)), Outcome::ended(Status::Signature));
}

#[test]
fn rules_that_make_no_sense() {
    let many: Vec<String> = (0..33).map(|number| number.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let of = |rules: &[RuleText]| judged(rules, "").status;
    for wrong in [
        rule("", ALL_OF, &["a"]),
        rule("p", ALL_OF, &[]),
        rule("p", NONE_OF, &[]),
        rule("scope", ANY_OF, &["a b"]),
        rule("/scp", NONE_OF, &[""]),
        number("", 4, 1),
    ] {
        assert_eq!(of(std::slice::from_ref(&wrong)), Status::RightsRule, "{wrong:?}");
    }
    let deepest = ["p"; 16].join(".");
    for wrong in
        [rule("p", ALL_OF, &many), rule(&"p".repeat(257), ALL_OF, &["a"]), rule(&(deepest.clone() + ".p"), NONE_OF, &["a"])]
    {
        assert_eq!(of(&[wrong]), Status::RightsLimit);
    }
    let pointer = format!("/{}", ["p"; 16].join("/"));
    assert_eq!(of(&[rule(&(pointer.clone() + "/p"), NONE_OF, &["a"])]), Status::RightsLimit);
    assert_eq!(of(&[rule(&pointer, NONE_OF, &["a"]), rule(&deepest, NONE_OF, &["a"])]), OK);
    assert_eq!(of(&[rule("p", NONE_OF, &many[..32])]), OK);
    assert_eq!(of(&vec![rule("p", NONE_OF, &["a"]); 32]), OK);
    assert_eq!(of(&vec![rule("p", NONE_OF, &["a"]); 33]), Status::RightsLimit);
    let (sets, rules) = ([], [Rule { path: "p", test: Test::NoneOf(&["a"]), wildcards: false }]);
    let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap().with_rights(&rules).unwrap();
    let refused = verifier.verify_opaque(&Request::new("a.b.c", NOW), &mut [0; 64]).unwrap_err();
    assert_eq!(refused.status, Status::PolicyConflict);
}

/// RFC 6750 3.1: 403, `insufficient_scope`, and the scope that the unmet rule asks for.
#[test]
fn the_challenge_names_the_scope() {
    let (mut text, mut out) = ([0; 32], [0; 128]);
    let rule = Rule { path: "scope", test: Test::AllOf(&["orders:read", "orders:write"]), wildcards: false };
    let scope = rule.write_scope(&mut text).unwrap();
    let challenge = Challenge { scope: Some(scope), ..Challenge::default() };
    let value = challenge.write(Status::RightsMissing, &mut out).unwrap();
    assert_eq!(value, r#"Bearer error="insufficient_scope", scope="orders:read orders:write""#);
    assert_eq!(Challenge::http_status(Status::RightsMissing), 403);
    assert_eq!(rule.write_scope(&mut [0; 23]), Err(Status::BufferTooSmall));
    assert_eq!(rule.write_scope(&mut [0; 24]), Ok("orders:read orders:write"));
    assert_eq!(Rule { path: "roles", ..rule }.write_scope(&mut [0; 64]), Ok(""));
    assert_eq!(Rule { test: Test::NoneOf(&["a"]), ..rule }.write_scope(&mut [0; 64]), Ok(""));
}

fn claim() -> impl Strategy<Value = Value> {
    let word = || prop_oneof!["[ab*]{0,3}", "[ab ]{0,6}", "(a:|b:)[ab*]{0,2}", any::<String>()];
    prop_oneof![
        3 => word().prop_map(Value::from),
        4 => proptest::collection::vec(word().prop_map(Value::from), 0..5).prop_map(Value::from),
        1 => proptest::collection::vec(prop_oneof![word().prop_map(Value::from), (-2i64..3).prop_map(Value::from)], 0..4).prop_map(Value::from),
        2 => (-2i64..3).prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(json!(null)),
        1 => proptest::collection::btree_map("[ab]", word().prop_map(Value::from), 0..3).prop_map(|map| json!(map)),
    ]
}

fn rules() -> impl Strategy<Value = RuleText> {
    let path = prop_oneof![Just("p"), Just("scope"), Just("/scp"), Just("p.a"), Just("/p/a"), Just("/p/0"), Just("q")];
    let value = prop_oneof!["[ab*]{1,3}", "(a:|b:)[ab*]{1,2}"];
    (path, 1i32..9, proptest::collection::vec(value, 1..4), -2i64..3, any::<bool>())
        .prop_map(|(path, test, values, number, wildcards)| RuleText { path: path.into(), test, values, number, wildcards })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn as_the_oracle(p in claim(), scope in claim(), scp in claim(), rules in proptest::collection::vec(rules(), 1..6)) {
        let claims = json!({"exp": NOW + 1, "p": p, "scope": scope, "scp": scp});
        let token = TokenBuilder::new("HS256").payload(claims.to_string()).build();
        let setup = Setup { rules: rules.clone(), ..Setup::with([key_of("HS256")]) };
        let outcome = judge(&setup, Attempt::new(&token));
        let expected: Vec<Option<Status>> = rules.iter().map(|rule| oracle(rule, &claims)).collect();
        let bits = expected.iter().flatten().map(|status| 1u64 << status.bit().unwrap()).fold(0, |bits, bit| bits | bit);
        let first = expected.iter().position(Option::is_some).map(|position| position as u16);
        prop_assert_eq!((outcome.failures, outcome.unmet), (bits, first), "{:?} {}", rules, claims);
    }
}
