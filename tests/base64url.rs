//! Strict base64url against `base64ct` and against a table, bit by bit.

use base64ct::{Base64UrlUnpadded, Encoding};
use countermark::tools;
use countermark_tests::base64url as oracle;
use countermark_tests::random::Random;

/// Decodes by all three; they must agree. `base64ct` 1.8 is strict about spare bits too.
#[track_caller]
fn agree(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = [0xa5; 400];
    let found = tools::base64url_decode(text, &mut out).map(<[u8]>::to_vec);
    assert_eq!(found, oracle::decode(text), "{text:?}");
    let by_crate = std::str::from_utf8(text).ok().and_then(|text| Base64UrlUnpadded::decode_vec(text).ok());
    assert_eq!(found, by_crate, "{text:?}");
    // What is accepted is the only text of its bytes.
    if let Some(bytes) = &found {
        assert_eq!(oracle::encode(bytes).as_bytes(), text);
        assert_eq!(Base64UrlUnpadded::encode_string(bytes).as_bytes(), text);
    }
    found
}

#[test]
fn every_string_of_up_to_three_bytes() {
    let mut accepted = [0usize; 4];
    // All bytes for lengths 0 to 2, and the edges of every class for 3.
    assert!(agree(b"").is_some());
    for first in 0..=255u8 {
        accepted[1] += usize::from(agree(&[first]).is_some());
        for second in 0..=255u8 {
            accepted[2] += usize::from(agree(&[first, second]).is_some());
        }
    }
    let edges = b"\x00\t\n\r !*+,-./0189:;<=>?@ABYZ[\\]^_`aByz{|}~\x7f\x80\xa0\xbf\xc3\xe2\xff";
    for first in edges {
        for second in edges {
            for third in edges {
                accepted[3] += usize::from(agree(&[*first, *second, *third]).is_some());
            }
        }
    }
    assert_eq!(accepted[..3], [0, 0, 256]);
    assert!(accepted[3] > 100);
}

#[test]
fn every_length() {
    let mut random = Random::new(4);
    for length in 0..=200 {
        for _ in 0..20 {
            let bytes = random.bytes(length);
            let text = oracle::encode(&bytes);
            assert_eq!(agree(text.as_bytes()), Some(bytes));
        }
        // A length of 1 modulo 4 is nobody's.
        assert_eq!(agree(&b"A".repeat(length)).is_some(), length % 4 != 1);
        assert!(agree(&b"_".repeat(length)).is_some() == (length % 4 == 0));
    }
}

#[test]
fn every_corruption_of_one_byte_of_long_texts() {
    let mut random = Random::new(5);
    for length in [24, 47, 48, 49, 71, 97] {
        let text = oracle::encode(&random.bytes(length)).into_bytes();
        for place in 0..text.len() {
            for byte in 0..=255u8 {
                let mut corrupted = text.clone();
                corrupted[place] = byte;
                agree(&corrupted);
            }
        }
    }
}

#[test]
fn output_too_small_is_refused() {
    let text = oracle::encode(&[7; 50]);
    for bytes in 0..50 {
        assert_eq!(tools::base64url_decode(text.as_bytes(), &mut vec![0; bytes]), None);
    }
    let mut out = [0xa5; 60];
    assert_eq!(tools::base64url_decode(text.as_bytes(), &mut out), Some(&[7; 50][..]));
    assert_eq!(out[50..], [0xa5; 10], "nothing behind the result is written");
}
