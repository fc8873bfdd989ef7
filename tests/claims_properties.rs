//! The accessors of accepted claims against `serde_json`, which reads the same text: by name, by path, by pointer, by type.

use countermark::*;
use countermark_tests::token::{self, TokenBuilder};
use proptest::prelude::*;
use serde_json::Value as Json;

const NOW: i64 = 1_900_000_000;

/// Names that mean something to a path, to a pointer, to JSON or to UTF-8, and any others.
fn name() -> impl Strategy<Value = String> {
    const KNOWN: &[&str] =
        &["a", "b", "a.b", "a/b", "m~n", "~1", "", "0", "1", "01", "é", "日本", "😀", "q\"q", "b\\s", "n\nl", "\u{7f}"];
    prop_oneof![4 => proptest::sample::select(KNOWN).prop_map(String::from), 1 => any::<String>().prop_map(short)]
}

/// The first characters: long names are another test's business.
fn short(text: String) -> String {
    text.chars().take(12).collect()
}

fn number() -> impl Strategy<Value = Json> {
    const EDGES: &[i64] = &[0, 1, -1, i64::MAX, i64::MIN, u32::MAX as i64];
    prop_oneof![
        proptest::sample::select(EDGES).prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        (i64::MAX as u64..=u64::MAX).prop_map(Json::from),
        (-1_000_000i32..1_000_000).prop_map(|whole| Json::from(f64::from(whole) + 0.5)),
    ]
}

/// A value at most four levels deep, so that the payload stays within the default limits.
fn value() -> impl Strategy<Value = Json> {
    let scalar = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        number(),
        name().prop_map(Json::from),
        any::<String>().prop_map(|text| Json::from(short(text))),
    ];
    scalar.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            proptest::collection::vec((name(), inner), 0..5).prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

/// The registered claims, each there or not, each of its type and within a policy that looks at NOW.
fn registered() -> impl Strategy<Value = Vec<(&'static str, Json)>> {
    let text = || proptest::option::of(name().prop_map(Json::from));
    let audience = prop_oneof![name().prop_map(Json::from), proptest::collection::vec(name(), 0..4).prop_map(Json::from),];
    let date = |range: std::ops::RangeInclusive<i64>| proptest::option::of(range.prop_map(Json::from));
    let dates = (date(NOW + 1..=i64::MAX), date(0..=NOW), date(0..=NOW));
    (text(), text(), text(), proptest::option::of(audience), dates).prop_map(|(iss, sub, jti, aud, (exp, nbf, iat))| {
        let members = [("iss", iss), ("sub", sub), ("jti", jti), ("aud", aud), ("exp", exp), ("nbf", nbf), ("iat", iat)];
        members.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    })
}

/// How a text is spelt: white space between the tokens, and escapes for everything or only where they must be.
#[derive(Clone, Copy, Debug)]
struct Spelling {
    space: &'static str,
    escaped: bool,
}

fn spelling() -> impl Strategy<Value = Spelling> {
    let spaces = proptest::sample::select(&["", " ", "\r\n\t"][..]);
    (spaces, any::<bool>()).prop_map(|(space, escaped)| Spelling { space, escaped })
}

fn quoted(text: &str, spelling: Spelling) -> String {
    if !spelling.escaped {
        return Json::from(text).to_string();
    }
    let units: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("\"{units}\"")
}

fn spelt(value: &Json, spelling: Spelling) -> String {
    let space = spelling.space;
    let joined = |items: Vec<String>| items.join(&format!("{space},{space}"));
    match value {
        Json::String(text) => quoted(text, spelling),
        Json::Array(items) => {
            format!("[{space}{}{space}]", joined(items.iter().map(|item| spelt(item, spelling)).collect()))
        }
        Json::Object(members) => {
            let member = |(name, value): (&String, &Json)| {
                format!("{}{space}:{space}{}", quoted(name, spelling), spelt(value, spelling))
            };
            format!("{{{space}{}{space}}}", joined(members.iter().map(member).collect()))
        }
        scalar => scalar.to_string(),
    }
}

/// Shows the claims of a token with this payload to `look`.
fn with_claims(payload: &str, look: impl FnOnce(&Claims<'_>)) {
    let token = TokenBuilder::new("HS256").payload(payload).build();
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let sets = [keys.set()];
    let policy = Policy { any_audience: true, allow_missing_exp: true, ..Policy::default() };
    let verifier = Verifier::new(&sets, policy, Holder::default()).unwrap();
    let mut scratch = vec![0; scratch_bytes(token.len(), &policy.limits)];
    match verifier.verify(&Request::new(&token, NOW), &mut scratch).accepted() {
        Ok(claims) => look(&claims),
        Err(status) => panic!("{status:?}: {payload}"),
    }
}

fn owned(text: Text<'_>) -> String {
    String::from_utf8(text.bytes().collect()).unwrap()
}

/// The accessors of one value say what `serde_json` says of it, all the way down.
fn same(found: Value<'_>, expected: &Json) {
    assert_eq!(serde_json::from_str::<Json>(found.raw()).unwrap(), *expected);
    assert_eq!(found.text().ok().map(owned).as_deref(), expected.as_str());
    assert_eq!(found.boolean().ok(), expected.as_bool());
    assert_eq!(found.integer().ok(), expected.as_i64());
    assert_eq!(found.integer() == Err(Status::ClaimType), !expected.is_number());
    assert_eq!(found.elements().ok().map(Iterator::count), expected.as_array().map(Vec::len));
    assert_eq!(found.members().ok().map(Iterator::count), expected.as_object().map(|members| members.len()));
    for (element, expected) in found.elements().into_iter().flatten().zip(expected.as_array().into_iter().flatten()) {
        same(element, expected);
    }
    for ((name, member), (known, expected)) in
        found.members().into_iter().flatten().zip(expected.as_object().into_iter().flatten())
    {
        assert_eq!(owned(name), *known);
        same(member, expected);
        same(found.member(known).unwrap().unwrap(), expected);
    }
}

/// Every pointer into the value (RFC 6901), and one beside each.
fn pointers(value: &Json, at: &str, list: &mut Vec<String>) {
    list.extend([format!("{at}/0"), format!("{at}/01"), format!("{at}/nothing here"), format!("{at}/-")]);
    let mut step = |name: String, value: &Json| {
        let next = format!("{at}/{name}");
        list.push(next.clone());
        pointers(value, &next, list);
    };
    match value {
        Json::Array(items) => items.iter().enumerate().for_each(|(position, item)| step(position.to_string(), item)),
        Json::Object(members) => {
            members.iter().for_each(|(name, value)| step(name.replace('~', "~0").replace('/', "~1"), value));
        }
        _ => {}
    }
}

/// Names with dots between them lead through objects only.
fn by_dots<'j>(value: &'j Json, path: &str) -> Option<&'j Json> {
    path.split('.').try_fold(value, |value, name| value.as_object()?.get(name))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_accessor_says_what_serde_json_says(
        registered in registered(),
        members in proptest::collection::vec((name(), value()), 0..8),
        strangers in proptest::collection::vec(name(), 4),
        spelling in spelling(),
    ) {
        let mut tree: serde_json::Map<String, Json> = members.into_iter().collect();
        tree.extend(registered.into_iter().map(|(name, value)| (name.to_string(), value)));
        let tree = Json::Object(tree);
        let payload = spelt(&tree, spelling);
        prop_assert_eq!(&serde_json::from_str::<Json>(&payload).unwrap(), &tree);
        with_claims(&payload, |claims| {
            assert_eq!(claims.raw(), payload);
            for (name, expected) in tree.as_object().unwrap() {
                same(claims.get(name).unwrap(), expected);
                assert_eq!(claims.elements(name).is_ok(), expected.is_array());
            }
            for name in &strangers {
                assert_eq!(claims.get(name).map(|value| value.raw().to_string()).is_ok(), tree.get(name).is_some());
            }
            let text = |name: &str| tree.get(name).and_then(Json::as_str).map(String::from);
            assert_eq!(claims.issuer().map(owned), text("iss"));
            assert_eq!(claims.subject().map(owned), text("sub"));
            assert_eq!(claims.token_id().map(owned), text("jti"));
            let date = |name: &str| tree.get(name).and_then(Json::as_i64);
            assert_eq!((claims.expires_at(), claims.not_before(), claims.issued_at()), (date("exp"), date("nbf"), date("iat")));
            let audience = tree.get("aud").map(|aud| match aud {
                Json::Array(several) => several.iter().map(|one| one.as_str().unwrap().to_string()).collect(),
                one => vec![one.as_str().unwrap().to_string()],
            });
            assert_eq!(claims.audience().map(|names| names.map(owned).collect::<Vec<_>>()), audience);
        });
    }

    #[test]
    fn every_path_leads_where_serde_json_leads(
        members in proptest::collection::vec((name(), value()), 1..6),
        names in proptest::collection::vec(name(), 1..4),
        spelling in spelling(),
    ) {
        let tree = Json::Object(members.into_iter().collect());
        let mut paths = Vec::new();
        pointers(&tree, "", &mut paths);
        let dotted = names.join(".");
        with_claims(&spelt(&tree, spelling), |claims| {
            for path in paths.iter().filter(|path| path.len() <= 256) {
                match (claims.at(path), tree.pointer(path)) {
                    (Ok(found), Some(expected)) => same(found, expected),
                    (found, expected) => assert_eq!((found.err(), expected), (Some(Status::ClaimAbsent), None), "{path}"),
                }
            }
            if !dotted.starts_with('/') {
                match (claims.at(&dotted), by_dots(&tree, &dotted)) {
                    (Ok(found), Some(expected)) => same(found, expected),
                    (found, expected) => assert_eq!((found.err(), expected), (Some(Status::ClaimAbsent), None), "{dotted}"),
                }
            }
        });
    }
}
