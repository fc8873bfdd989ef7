//! The strict JSON reader and its views against the recursive oracle, and its acceptance against serde_json.

use countermark::tools::{self, Fault};
use countermark::{Limits, Value};
use countermark_tests::generate;
use countermark_tests::json::{self, Json, Node, Refusal};
use countermark_tests::random::Random;
use countermark_tests::views::same;

const DEEP: Limits = Limits { token_bytes: 65_535, depth: 16, members: 256, candidates: 8 };
const DEFAULT: Limits = Limits::DEFAULT;
const TIGHT: Limits = Limits { depth: 2, members: 1, ..Limits::DEFAULT };

/// Reads by both, compares verdict and fault, and hands out the tree.
#[track_caller]
fn agree(text: &[u8], limits: &Limits, index: &mut [u8]) -> Option<Node> {
    let found = tools::json_read(text, false, limits, index);
    let expected = json::read(text, limits.depth, limits.members);
    let as_fault = |refusal: Refusal| match refusal {
        Refusal::Syntax => Fault::Syntax,
        Refusal::Duplicate => Fault::Duplicate,
        Refusal::Limit => Fault::Limit,
    };
    let outermost = |node: &Node| if let Json::Object(members) = &node.json { members.len() } else { 0 };
    let shown = expected.as_ref().map(outermost).map_err(|refusal| as_fault(*refusal));
    assert_eq!(found, shown, "{:?}", String::from_utf8_lossy(text));
    expected.ok()
}

/// Every string of up to `length` pieces; `visit` sees each once.
fn every_string(pieces: &[&[u8]], length: usize, mut visit: impl FnMut(&[u8])) {
    let mut text = Vec::new();
    fn go(pieces: &[&[u8]], left: usize, text: &mut Vec<u8>, visit: &mut impl FnMut(&[u8])) {
        visit(text);
        if left == 0 {
            return;
        }
        for piece in pieces {
            let before = text.len();
            text.extend_from_slice(piece);
            go(pieces, left - 1, text, visit);
            text.truncate(before);
        }
    }
    go(pieces, length, &mut text, &mut visit);
}

#[test]
fn every_short_string_over_every_class_of_byte() {
    let bytes = b"{}[]\":,\\u01-+.eEtrx \n\x00\x1f\x7f\x80\xa9\xc3\xed\xa0\xff";
    let pieces: Vec<&[u8]> = bytes.iter().map(std::slice::from_ref).collect();
    let mut index = [0; 64];
    let (mut read, mut accepted) = (0, 0);
    every_string(&pieces, 4, |text| {
        read += 1;
        accepted += usize::from(agree(text, &DEFAULT, &mut index).is_some());
    });
    println!("{read} strings, {accepted} accepted");
    assert!(read > 500_000 && accepted > 100);
}

#[test]
fn every_short_string_of_structure() {
    let pieces: [&[u8]; 9] = [b"{", b"}", b"[", b"]", b":", b",", b"\"a\"", b"1", b" "];
    let members: [&[u8]; 9] = [b"{", b"}", b"[", b"]", b",", b"\"a\":", b"\"\\u0061\" :", b"\"b\":1", b"1"];
    let mut index = [0; 64];
    let (mut read, mut accepted, mut duplicates, mut limits) = (0, 0, 0, 0);
    let mut visit = |text: &[u8]| {
        read += 1;
        accepted += usize::from(agree(text, &DEFAULT, &mut index).is_some());
        duplicates += usize::from(tools::json_read(text, false, &DEFAULT, &mut index) == Err(Fault::Duplicate));
        agree(text, &TIGHT, &mut index);
        limits += usize::from(tools::json_read(text, false, &TIGHT, &mut index) == Err(Fault::Limit));
    };
    every_string(&pieces, 5, &mut visit);
    every_string(&members, 6, &mut visit);
    println!("{read} strings, {accepted} accepted, {duplicates} with duplicates, {limits} over the tight limits");
    assert!(accepted > 150 && duplicates > 100 && limits > 1_000, "{accepted} {duplicates} {limits}");
}

#[test]
fn every_short_string_of_words_numbers_and_escapes() {
    let words: [&[u8]; 9] = [b"true", b"false", b"null", b"tru", b"[", b"]", b",", b" ", b"e"];
    let numbers: [&[u8]; 9] = [b"0", b"1", b"90", b"-", b"+", b".", b"e", b"E", b" "];
    let escapes: [&[u8]; 14] = [
        b"\"",
        b"\\",
        b"\\\"",
        b"\\u",
        b"\\ud83d",
        b"\\ude00",
        b"\\u0000",
        b"00e9",
        b"d8",
        b"n",
        b"\\/",
        b"\xf0\x9f\x98\x80",
        b"\x1f",
        b"a",
    ];
    let mut index = [0; 64];
    every_string(&words, 5, |text| drop(agree(text, &DEFAULT, &mut index)));
    every_string(&numbers, 5, |text| drop(agree(text, &DEFAULT, &mut index)));
    every_string(&escapes, 4, |inner| {
        let text = [b"\"", inner, b"\""].concat();
        if let Some(node) = agree(&text, &DEFAULT, &mut index) {
            same(tools::json_value(&text), &node);
        }
    });
}

/// The reader looks at eight bytes at once: every pair of bytes, at each place of such a group.
#[test]
fn every_pair_of_bytes_at_every_place_of_a_long_string() {
    let mut index = [0; 64];
    for first in 0..=255u8 {
        for second in 0..=255u8 {
            // All places for the bytes that matter; a changing place for the rest.
            let matters =
                |byte: u8| matches!(byte, b'"' | b'\\' | 0x1f | 0x20 | 0x21 | 0x23 | 0x5b | 0x5d | 0x80 | 0x7f | 0);
            let places = if matters(first) && matters(second) { 0..10 } else { 0..1 };
            for place in places {
                let place = if matters(first) && matters(second) { place } else { (first ^ second) as usize % 10 };
                let mut text = b"\"aaaaaaaaaaaaaaaaaaaaaaa\"".to_vec();
                text[1 + place] = first;
                text[2 + place] = second;
                agree(&text, &DEFAULT, &mut index);
            }
        }
    }
}

#[test]
fn long_random_texts_and_their_views() {
    let mut index = vec![0; 8192];
    let mut random = Random::new(1);
    let mut accepted = 0;
    for round in 0..20_000 {
        let text = generate::text(&mut random, round % 2 == 0);
        for limits in [&DEFAULT, &DEEP, &TIGHT] {
            if let Some(node) = agree(&text, limits, &mut index) {
                accepted += 1;
                same(tools::json_value(&text), &node);
            }
        }
    }
    assert!(accepted > 10_000, "{accepted}");
}

#[test]
fn long_random_texts_with_a_few_bytes_changed() {
    let mut index = vec![0; 8192];
    let mut random = Random::new(2);
    let mut accepted = 0;
    for _ in 0..60_000 {
        let mut text = generate::text(&mut random, true);
        generate::mutate(&mut random, &mut text);
        if let Some(node) = agree(&text, &DEFAULT, &mut index) {
            accepted += 1;
            same(tools::json_value(&text), &node);
        }
        // The views trust the form, but no bound: on any text they end and do not panic.
        walk(tools::json_value(&text), 6);
    }
    assert!(accepted > 1_000, "{accepted}");
}

#[test]
fn serde_json_accepts_the_same_where_the_rules_are_the_same() {
    let mut index = vec![0; 8192];
    let mut random = Random::new(3);
    for round in 0..40_000 {
        let mut text = generate::text(&mut random, round % 4 > 0);
        if round % 2 == 0 {
            generate::mutate(&mut random, &mut text);
        }
        let ours = tools::json_read(&text, false, &DEEP, &mut index);
        let theirs = serde_json::from_slice::<&serde_json::value::RawValue>(&text).is_ok()
            && serde_json::from_slice::<serde_json::Value>(&text).is_ok();
        match ours {
            Ok(_) => {
                // serde_json refuses numbers beyond f64; everything else that we accept it accepts.
                let has_exponent = text.iter().any(|byte| matches!(byte, b'e' | b'E'));
                assert!(theirs || has_exponent, "{:?}", String::from_utf8_lossy(&text));
            }
            Err(Fault::Syntax) => assert!(!theirs, "{:?}", String::from_utf8_lossy(&text)),
            // Duplicates and limits are our own rules.
            Err(Fault::Duplicate | Fault::Limit) => {}
        }
    }
}

#[test]
fn depth_and_members_at_their_limits() {
    let mut index = vec![0; 16_384];
    for depth in 1..=16 {
        let limits = Limits { depth, ..DEEP };
        for levels in 1..=18 {
            let text = [b"[".repeat(levels), b"]".repeat(levels)].concat();
            assert_eq!(agree(&text, &limits, &mut index).is_some(), levels <= depth);
            let text = [b"{\"a\":".repeat(levels), b"0".to_vec(), b"}".repeat(levels)].concat();
            assert_eq!(agree(&text, &limits, &mut index).is_some(), levels <= depth);
        }
    }
    for members in [1, 2, 64, 255, 256] {
        let limits = Limits { members, ..DEEP };
        for count in [members - 1, members, members + 1] {
            let list: Vec<String> = (0..count).map(|member| format!("\"m{member}\":{{\"m{member}\":0}}")).collect();
            let text = format!("{{{}}}", list.join(","));
            assert_eq!(agree(text.as_bytes(), &limits, &mut index).is_some(), count <= members);
        }
    }
    // Every name of a large object is compared with every other: each in turn made a duplicate.
    for twin in 0..64 {
        let list: Vec<String> =
            (0..65).map(|member| format!("\"name{}\":0", if member == 64 { twin } else { member })).collect();
        let text = format!("{{{}}}", list.join(","));
        assert_eq!(tools::json_read(text.as_bytes(), true, &DEEP, &mut index), Err(Fault::Duplicate));
    }
}

#[test]
fn only_objects_where_an_object_is_asked_for() {
    let mut index = [0; 64];
    let texts: [&[u8]; 12] =
        [b"{}", b" \t\r\n{} ", b"[]", b"1", b"\"{}\"", b"null", b"", b" ", b"{", b"\xef\xbb\xbf{}", b"{}{}", b"\x0b{}"];
    for text in texts {
        let found = tools::json_read(text, true, &DEFAULT, &mut index).is_ok();
        assert_eq!(found, json::read_object(text, 8, 64).is_ok(), "{:?}", String::from_utf8_lossy(text));
    }
}

#[test]
fn a_text_beyond_sixteen_bits_is_refused() {
    let mut index = [0; 64];
    let text = |spaces: usize| [b"1".to_vec(), b" ".repeat(spaces)].concat();
    assert_eq!(tools::json_read(&text(65_534), false, &DEEP, &mut index), Ok(0));
    assert!(tools::json_read(&text(65_535), false, &DEEP, &mut index).is_err());
    assert!(tools::json_read(&text(200_000), false, &DEEP, &mut index).is_err());
}

#[test]
fn an_index_too_small_is_a_limit_and_never_a_panic() {
    let text = br#"{"a":{"b":{"c":1},"d":2},"e":[{"f":3}]}"#;
    let mut needed = 0i32;
    for bytes in 0..32 {
        let mut index = vec![0; bytes];
        match tools::json_read(text, true, &DEFAULT, &mut index) {
            Ok(members) => {
                assert_eq!(members, 2);
                needed += 1;
            }
            Err(fault) => assert_eq!((fault, needed), (Fault::Limit, 0)),
        }
    }
    assert!(needed > 0);
}

fn walk(value: Value<'_>, depth: usize) {
    if depth == 0 {
        return;
    }
    let _ = (value.kind(), value.integer(), value.boolean());
    if let Ok(text) = value.text() {
        let _ = text.copy_to(&mut [0; 32]);
    }
    value.elements().into_iter().flatten().take(100).for_each(|value| walk(value, depth - 1));
    for (name, value) in value.members().into_iter().flatten().take(100) {
        let _ = name.bytes().count();
        walk(value, depth - 1);
    }
}
