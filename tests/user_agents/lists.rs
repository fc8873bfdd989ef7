//! The elements of `Sec-CH-UA`, `Accept-Language`, `Accept-Encoding` and of the names of header fields.

use countermark::tools;
use countermark_tests::random::Random;

fn elements(read: impl Fn(&[u8], &mut dyn FnMut(Option<&[u8]>)), value: &[u8]) -> Vec<String> {
    let mut all = Vec::new();
    let mut element = Vec::new();
    read(value, &mut |piece| match piece {
        Some(piece) => element.extend_from_slice(piece),
        None => all.push(String::from_utf8_lossy(&std::mem::take(&mut element)).into_owned()),
    });
    all
}

fn brands(value: &str) -> Vec<String> {
    elements(tools::brands, value.as_bytes())
}

fn items(value: &str) -> Vec<String> {
    elements(tools::items, value.as_bytes())
}

#[test]
fn brands_have_no_versions_and_no_grease() {
    assert_eq!(brands(r#""Google Chrome";v="89", "Chromium";v="89", ";Not A Brand";v="99""#), ["Google Chrome", "Chromium"]);
    assert_eq!(brands(r#""Not:A-Brand";v="8", "Chromium";v="156""#), ["Chromium"]);
    assert_eq!(brands(r#""\\Not\"A;Brand";v="99","Opera";v="80""#), ["Opera"]);
    assert_eq!(brands(r#""A \"quoted\", \\ brand";v="1";x=",", "B""#), [r#"A "quoted", \ brand"#, "B"]);
    assert_eq!(brands(r#""Notabrand GmbH", "Brand", "Not A Brandy""#), ["Notabrand GmbH", "Brand", "Not A Brandy"]);
    for empty in ["", " ", ",", r#""""#, r#""";v="1", "#, "\t,;v"] {
        assert!(brands(empty).is_empty(), "{empty}");
    }
    // What is no list of strings is read as far as it goes.
    assert_eq!(brands(r#"Chromium;v="1,2", Token , "open"#), ["Chromium", "Token", "open"]);
    assert_eq!(brands(r#""end\"#), ["end"]);
}

/// `GetGreasedUserAgentBrandVersion` of Chromium, and the three forms before it.
#[test]
fn grease_of_every_version_is_left_out() {
    let signs = [" ", "(", ":", "-", ".", "/", ")", ";", "=", "?", "_"];
    let of_version = |seed: usize| format!("Not{}A{}Brand", signs[seed % 11], signs[(seed + 1) % 11]);
    let older = [";Not A Brand", " Not;A Brand", " Not A;Brand"].map(str::to_string);
    for grease in (80..300).map(of_version).chain(older) {
        let value = format!(r#""Chromium";v="99", "{grease}";v="24", "Brave";v="99""#);
        assert_eq!(brands(&value), ["Chromium", "Brave"], "{value}");
    }
}

/// A string without escapes and commas can be read with `split`.
#[test]
fn brands_agree_with_a_slow_reader() {
    let mut random = Random::new(20);
    let names = ["Chromium", "Google Chrome", "Microsoft Edge", "Opera", "", "Not(A:Brand", "Brave", "YaBrowser", "Ünïcode"];
    for _ in 0..2_000 {
        let picked: Vec<&str> = (0..random.below(6)).map(|_| random.pick(&names)).collect();
        let parts: Vec<String> = picked.iter().map(|name| format!("\"{name}\";v=\"{}\"", random.below(200))).collect();
        let value = parts.join([", ", ",", " ,\t"][random.below(3)]);
        let expected: Vec<&str> = picked.into_iter().filter(|name| !name.is_empty() && !name.starts_with("Not")).collect();
        assert_eq!(brands(&value), expected, "{value}");
    }
}

#[test]
fn lists_of_any_bytes_are_read() {
    let mut random = Random::new(23);
    for _ in 0..20_000 {
        let length = random.below(40);
        let alphabet = b"\"\\,;= aNotBrand\xc3\x9f";
        let value: Vec<u8> = (0..length).map(|_| alphabet[random.below(alphabet.len())]).collect();
        let total: usize = elements(tools::brands, &value).iter().map(String::len).sum();
        assert!(total <= 3 * value.len(), "{value:?}"); // a replacement character has three bytes
        let platform = tools::unquoted(&value);
        assert!(platform.len() <= value.len());
        let text = String::from_utf8_lossy(&value);
        let slow: Vec<String> = text
            .split(',')
            .map(|item| item.split(';').next().unwrap().trim_matches([' ', '\t']).to_ascii_lowercase())
            .filter(|item| !item.is_empty())
            .collect();
        assert_eq!(items(&text), slow, "{value:?}");
    }
}

#[test]
fn items_are_lower_case_without_weights() {
    assert_eq!(items("en-GB,en-US;q=0.9,en;q=0.8"), ["en-gb", "en-us", "en"]);
    assert_eq!(items(" gzip , ,deflate\t;q=1, *;q=0,"), ["gzip", "deflate", "*"]);
    assert!(items(" ,;q=1,").is_empty());
    for length in [63, 64, 65, 127, 128, 129, 5_000] {
        assert_eq!(items(&"Ab".repeat(length)), ["ab".repeat(length)]);
        assert_eq!(items(&"X".repeat(length)), ["x".repeat(length)]);
    }
}

#[test]
fn platforms_lose_their_quotes() {
    let cases = [
        ("\"Windows\"", "Windows"),
        (" \"Chrome OS\"\t", "Chrome OS"),
        ("Linux", "Linux"),
        ("\"\"", ""),
        ("\"", ""),
        ("\"mac", "mac"),
    ];
    for (value, expected) in cases {
        assert_eq!(tools::unquoted(value.as_bytes()), expected.as_bytes(), "{value}");
    }
}

#[test]
fn names_of_credentials_and_bodies_do_not_count() {
    let left_out =
        ["Authorization", "cookie", "DPoP", "content-length", "Content-Type", "CONTENT-", "content-security-policy"];
    left_out.iter().for_each(|name| assert!(!tools::is_counted_name(name.as_bytes()), "{name}"));
    let counted =
        ["accept", "User-Agent", "cookie2", "set-cookie", "dpop-nonce", "proxy-authorization", "content", "contents-x"];
    counted.iter().for_each(|name| assert!(tools::is_counted_name(name.as_bytes()), "{name}"));
    assert!(!tools::is_counted_name(b""));
}
