//! `htu` against a slow oracle that writes the normal form down (RFC 3986 5.2.4, 6.2.2, 6.2.3).

use countermark::tools::same_target;
use countermark_tests::htu::normal;
use proptest::prelude::*;

const TARGET: &str = "https://api.example/orders/7";

/// Spellings of one target (RFC 9449 4.3, check 9).
const HARMLESS: &[&str] = &[
    "https://api.example/orders/7?q=é \u{1}#?",
    "https://api.example/orders/7",
    "HTTPS://api.example/orders/7",
    "https://API.Example/orders/7",
    "https://api.example:443/orders/7",
    "https://api.example:/orders/7",
    "https://api.example:00443/orders/7",
    "https://api.example/orders/7?a=b&c=%zz",
    "https://api.example/orders/7#part",
    "https://api.example/orders/7?#",
    "https://api.example/./orders/7",
    "https://api.example/orders/./7",
    "https://api.example/a/../orders/7",
    "https://api.example/../orders/7",
    "https://api.example/a/b/../../orders/7",
    "https://api.example/a/%2e%2E/orders/7",
    "https://api.example/%6frders/%37",
    "https://%61pi.example/orders/7",
    "https://api.%45xample/orders/7",
];

/// Other targets, and what is none.
const HARMFUL: &[&str] = &[
    "http://api.example/orders/7",
    "https://api.example:8443/orders/7",
    "https://api.example:80/orders/7",
    "https://api.example.evil/orders/7",
    "https://api.example./orders/7",
    "https://evil/api.example/orders/7",
    "https://api.example/orders/8",
    "https://api.example/orders/7/",
    "https://api.example/Orders/7",
    "https://api.example//orders/7",
    "https://api.example/orders//7",
    "https://api.example/orders%2F7",
    "https://api.example/orders/7%3Fa=b",
    "https://api.example/orders/7/.",
    "https://api.example/orders/7/x/..",
    "https://api.example/orders/..",
    "https://api.example/orders/7/../8",
    "https://api.example/orders/.../7",
    "https://api.example/orders/7%00",
    "https://api.example\\/orders/7",
    "https://api.example/orders\\7",
    "https://user@api.example/orders/7",
    "https://api.example@evil/orders/7",
    "https://api.example:x/orders/7",
    "https://api.example:65536/orders/7",
    "https://api.example:443:443/orders/7",
    "https:/api.example/orders/7",
    "https:api.example/orders/7",
    "//api.example/orders/7",
    "/orders/7",
    "https://api.example/orders/7 ",
    " https://api.example/orders/7",
    "https://api.example/ord\ters/7",
    "https://api.example/orders/%7",
    "https://api.example/orders/%zz",
    "https:///orders/7",
    "https://[api.example]/orders/7",
    "",
];

#[test]
fn harmless_spellings_are_one_target() {
    for spelling in HARMLESS {
        assert_eq!(same_target(TARGET.as_bytes(), spelling.as_bytes()), Some(true), "{spelling}");
        assert_eq!(normal(spelling.as_bytes()), normal(TARGET.as_bytes()), "{spelling}");
    }
}

#[test]
fn harmful_ones_are_not() {
    for other in HARMFUL {
        assert_ne!(same_target(TARGET.as_bytes(), other.as_bytes()), Some(true), "{other}");
        assert_ne!(normal(other.as_bytes()), normal(TARGET.as_bytes()), "{other}");
    }
}

/// RFC 3986 5.4's examples of dot segments, as absolute paths.
#[test]
fn dot_segments_of_rfc_3986() {
    for (path, wanted) in [
        ("/a/b/c/./../../g", "/a/g"),
        ("/b/c/.", "/b/c/"),
        ("/b/c/./", "/b/c/"),
        ("/b/c/..", "/b/"),
        ("/b/c/../", "/b/"),
        ("/b/c/../g", "/b/g"),
        ("/b/c/../..", "/"),
        ("/b/c/../../../g", "/g"),
        ("/./g", "/g"),
        ("/../g", "/g"),
        ("/b/c/g.", "/b/c/g."),
        ("/b/c/..g", "/b/c/..g"),
        ("/b/c/./g/.", "/b/c/g/"),
        ("/b/c/g/../h", "/b/c/h"),
        ("/a//../b", "/a/b"),
        ("/..", "/"),
        ("/.", "/"),
        ("", "/"),
    ] {
        let (found, wanted) = (format!("http://h{path}"), format!("http://h{wanted}"));
        assert_eq!(same_target(found.as_bytes(), wanted.as_bytes()), Some(true), "{path}");
        assert_eq!(normal(found.as_bytes()).unwrap(), wanted.as_bytes(), "{path}");
    }
}

/// What the core says of two texts must be what the oracle says.
fn agree(left: &[u8], right: &[u8]) {
    let expected = normal(left).zip(normal(right)).map(|(left, right)| left == right);
    let shown = || (String::from_utf8_lossy(left).into_owned(), String::from_utf8_lossy(right).into_owned());
    assert_eq!(same_target(left, right), expected, "{:?}", shown());
    assert_eq!(same_target(right, left), expected, "{:?}", shown());
    for text in [left, right] {
        if let Some(once) = normal(text) {
            assert_eq!(normal(&once).as_ref(), Some(&once), "idempotent: {:?}", shown());
            assert_eq!(same_target(text, &once), Some(true), "{:?}", shown());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn near_each_other(
        left in "https?://(a|A|%61|\\[::1\\]|b%2f)(:|:80|:443|:1)?(/(a|\\.|\\.\\.|%2e|%2E\\.|b%20|B|)){0,6}(\\?x)?",
        right in "https?://(a|A|%61|\\[::1\\]|b%2F)(:|:80|:443|:1)?(/(a|\\.|\\.\\.|%2e|%2E\\.|b%20|B|)){0,6}(#x)?",
    ) {
        agree(left.as_bytes(), right.as_bytes());
    }

    #[test]
    fn anything(left in "[a-cA-C:/.%2eE?#@\\[\\] é-]{0,20}", right in "http://[a-c:/.%2eE?#]{0,20}") {
        agree(left.as_bytes(), right.as_bytes());
    }
}
