//! The claim to the bit: what is not exactly one sketch is refused, and everything else is read as the oracle reads it.

use countermark::Status;
use countermark_tests::random::Random;
use countermark_tests::sketch::{self, Claim, Client, Entry, Rules, Value, kind, numbers};
use countermark_tests::sketch_cases::{PEPPERS, Presented, is_supplied, judge_as_the_book, judge_json};
use countermark_tests::sketch_rules::SketchRules;

fn client() -> Client {
    Client::from([
        (34, Value::Exact(b"Europe/Oslo".to_vec())),
        (48, Value::Set(vec![b"Arial".to_vec(), b"Courier".to_vec()])),
        (200, Value::Ordinal(147)),
    ])
}

fn rules() -> SketchRules {
    SketchRules::new(&PEPPERS, Rules::of(&[(34, 4), (48, 3), (200, 2)]))
}

fn claim(k: u8) -> Claim {
    sketch::mint(PEPPERS[0], [1, 2, 3, 4, 5, 6, 7, 8], k, &client())
}

/// What oracle and core say of these bytes.
#[track_caller]
fn status(bytes: &[u8]) -> Status {
    judge_as_the_book(&rules(), bytes, &client()).status
}

/// Made by thirty lines of Python (hmac, hashlib, base64) from the text of the rules, generation 2, the third entry moved.
const BY_PYTHON: &str = "AQMAAgECAwQFBgcIAwQinzCYMHEPFbhv0lffyNnEQ0gbV77InmCX";

#[test]
fn a_claim_made_elsewhere_is_the_oracles_and_is_accepted() {
    let mut claim = claim(3);
    claim.generation = 2;
    claim.entries[2].moved = true;
    assert_eq!(claim.text(), BY_PYTHON);
    let outcome = judge_json(&rules(), &format!("\"{BY_PYTHON}\""), &Presented::of(&client()));
    let score = outcome.score.unwrap();
    assert_eq!((outcome.status, score.similarity, score.drift, score.generation), (Status::Accepted, 1000, 222, 2));
}

#[test]
fn every_truncation_and_every_tail_is_refused() {
    for k in 2..=8 {
        let good = claim(k).bytes();
        assert_eq!(status(&good), Status::Accepted);
        for end in 0..good.len() {
            assert_eq!(status(&good[..end]), Status::FingerprintMalformed, "k {k}, {end} bytes");
        }
        for tail in [&[0u8][..], &[255], &[34, 1, 2, 3], &[0; 40]] {
            assert_eq!(status(&[&good[..], tail].concat()), Status::FingerprintMalformed);
        }
    }
}

#[test]
fn every_single_bit_is_read_as_the_oracle_reads_it() {
    for k in [2, 3, 8] {
        let good = claim(k).bytes();
        for bit in 0..8 * good.len() {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            status(&bytes);
        }
    }
}

#[test]
fn one_version_and_seven_lengths_of_digests() {
    for byte in 0..=255 {
        let expected = if byte == 1 { Status::Accepted } else { Status::FingerprintMalformed };
        assert_eq!(status(&Claim { version: byte, ..claim(3) }.bytes()), expected);
    }
    for k in 2..=8 {
        for written in 0..=255 {
            let expected = if k == written { Status::Accepted } else { Status::FingerprintMalformed };
            assert_eq!(status(&Claim { k: written, ..claim(k) }.bytes()), expected, "{k} written as {written}");
        }
    }
    // k = 0, 1 and 9 with digests of just that length.
    for k in [0, 1, 9] {
        let entries = vec![Entry { number: 34, stored: vec![0; usize::from(k)], moved: false }];
        assert_eq!(status(&Claim { k, entries, ..claim(3) }.bytes()), Status::FingerprintMalformed);
    }
}

/// A claim of these components, each with digests of zeros.
fn of_numbers(numbers: &[u8]) -> Claim {
    let stored = |number: &u8| vec![0; if kind(*number) == Some(sketch::Kind::Set) { 16 } else { 3 }];
    let entries = numbers.iter().map(|number| Entry { number: *number, stored: stored(number), moved: false });
    Claim { entries: entries.collect(), ..claim(3) }
}

#[test]
fn every_number_is_known_or_refused() {
    for number in 0..=255u8 {
        let is_malformed = status(&of_numbers(&[number]).bytes()) == Status::FingerprintMalformed;
        assert_eq!(is_malformed, kind(number).is_none(), "{number}");
        // Also as a set's length, so that no other reading of an unknown number passes.
        let mut wide = of_numbers(&[number]);
        wide.entries[0].stored.resize(16, 0);
        let is_malformed = status(&wide.bytes()) == Status::FingerprintMalformed;
        assert_eq!(is_malformed, kind(number) != Some(sketch::Kind::Set), "{number}");
    }
}

#[test]
fn numbers_ascend() {
    for numbers in [&[34, 34][..], &[200, 34], &[34, 48, 48], &[34, 200, 48], &[255, 1], &[34, 34, 34]] {
        assert_eq!(status(&of_numbers(numbers).bytes()), Status::FingerprintMalformed, "{numbers:?}");
    }
    assert_ne!(status(&of_numbers(&[34, 48, 200]).bytes()), Status::FingerprintMalformed);
}

#[test]
fn sixty_four_entries_and_not_one_more() {
    let all: Vec<u8> = numbers().collect();
    for count in 0..=255usize.min(all.len()) {
        let is_malformed = status(&of_numbers(&all[..count]).bytes()) == Status::FingerprintMalformed;
        assert_eq!(is_malformed, count > 64, "{count}");
    }
    let sets: Vec<u8> = all.iter().rev().take(32).rev().copied().collect();
    let longest: Vec<u8> = [20, 23, 25, 27, 35, 48, 49, 50].into_iter().chain(128..152).chain(sets).collect();
    assert_eq!(longest.len(), 64);
    assert_ne!(status(&of_numbers(&longest).bytes()), Status::FingerprintMalformed);
    // A count that is not the number of entries.
    for count in 0..=255u8 {
        let mut bytes = claim(3).bytes();
        bytes[12] = count;
        assert_eq!(status(&bytes) == Status::FingerprintMalformed, count != 3, "{count}");
    }
}

#[test]
fn spare_bits_of_the_mask_are_zero() {
    let all: Vec<u8> = numbers().filter(|number| is_supplied(*number)).collect();
    for count in 1..=64 {
        let bytes = of_numbers(&all[..count]).bytes();
        for bit in 0..8 * count.div_ceil(8) {
            let mut bytes = bytes.clone();
            bytes[13 + bit / 8] |= 1 << (bit % 8);
            assert_eq!(status(&bytes) == Status::FingerprintMalformed, bit >= count, "{count} {bit}");
        }
    }
}

#[test]
fn an_empty_sketch_is_well_formed_and_like_nobody() {
    let empty = Claim { entries: vec![], ..claim(3) };
    assert_eq!(empty.bytes().len(), 13);
    for client in [client(), Client::new()] {
        let outcome = judge_as_the_book(&rules(), &empty.bytes(), &client);
        let score = outcome.score.unwrap();
        assert_eq!((outcome.status, score.similarity, score.coverage), (Status::FingerprintMismatch, 0, 0));
        assert!(score.matched.is_empty() && score.changed.is_empty() && score.missing.is_empty());
    }
}

#[test]
fn arbitrary_bytes_are_read_as_the_oracle_reads_them() {
    let mut random = Random::new(4);
    let mut well_formed = 0;
    for _ in 0..3_000 {
        // Mostly plausible heads, so that the entries are reached.
        let mut bytes = vec![1, 2 + random.byte() % 8, 0, random.byte() % 70];
        bytes.extend(random.bytes(8));
        let count = random.below(4);
        bytes.push(count as u8);
        bytes.extend(if count > 0 { vec![random.byte() % 8] } else { vec![] });
        for _ in 0..count {
            let number = *[34u8, 48, 200, random.byte()].get(random.below(4)).unwrap();
            bytes.push(number);
            let length = if kind(number) == Some(sketch::Kind::Set) { 16 } else { usize::from(bytes[1]) };
            let length = if random.once_in(20) { length + 1 } else { length };
            bytes.extend(random.bytes(length));
        }
        well_formed += usize::from(status(&bytes) != Status::FingerprintMalformed);
        let length = random.below(60);
        status(&random.bytes(length));
    }
    assert!(well_formed > 300, "{well_formed}");
}

#[test]
fn the_text_is_one_json_string_of_strict_base64url() {
    let (rules, presented) = (rules(), Presented::of(&client()));
    let status = |json: &str| judge_json(&rules, json, &presented).status;
    let text = claim(3).text();
    assert_eq!(status(&format!("\"{text}\"")), Status::Accepted);
    // Escapes are legal JSON and change nothing: all characters, each one, upper and lower case digits.
    let escaped = |from: usize, to: usize| -> String {
        let chars = text.chars().enumerate().map(|(at, char)| match (from..to).contains(&at) {
            true if at % 2 == 0 => format!("\\u{:04x}", char as u32),
            true => format!("\\u{:04X}", char as u32),
            false => char.to_string(),
        });
        chars.collect()
    };
    assert_eq!(status(&format!("\"{}\"", escaped(0, text.len()))), Status::Accepted);
    for at in 0..text.len() {
        assert_eq!(status(&format!("\"{}\"", escaped(at, at + 1))), Status::Accepted);
    }
    let mut bad = vec![
        String::new(),
        format!("{text}="),
        format!("{text}=="),
        format!(" {text}"),
        format!("{text}\\n"),
        format!("{text}\\u0000"),
        format!("{text}A"),
        format!("+{}", &text[1..]),
        format!("{}/", &text[..text.len() - 1]),
        "\\ud83d\\ude00".to_string(),
        "A".repeat(1_500),
        "A".repeat(1_479),
        "\\u0041".repeat(400),
    ];
    bad.extend((0..text.len()).map(|end| text[..end].to_string()));
    for text in &bad {
        assert_eq!(status(&format!("\"{text}\"")), Status::FingerprintMalformed, "{text}");
    }
    for json in ["1", "true", "[]", "{}", &format!("[\"{text}\"]")] {
        assert_eq!(status(json), Status::FingerprintMalformed, "{json}");
    }
    let other = SketchRules { claim: "another".to_string(), ..rules.clone() };
    let token = countermark_tests::token::TokenBuilder::new("HS256").payload_with(&format!("\"cmk\":\"{text}\"")).build();
    let setup = countermark_tests::judge::Setup::with([countermark_tests::judge::key_of("HS256")]).sketch(other);
    assert_eq!(countermark_tests::judge::status_of(&setup, &token), Status::FingerprintMissing);
}

#[test]
fn spare_bits_of_the_text_are_zero() {
    // 13 + 1 + 1 + 2 = 17 bytes: the last character has two spare bits.
    let claim = Claim { k: 2, ..sketch::mint(PEPPERS[0], [0; 8], 2, &Client::from([(34, Value::Exact(vec![]))])) };
    let text = claim.text();
    let rules = SketchRules::new(&PEPPERS, Rules::of(&[(34, 1)]));
    let presented = Presented::of(&Client::from([(34, Value::Exact(vec![]))]));
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let good: Vec<char> = alphabet
        .chars()
        .filter(|last| {
            let text = format!("\"{}{last}\"", &text[..text.len() - 1]);
            judge_json(&rules, &text, &presented).status != Status::FingerprintMalformed
        })
        .collect();
    assert_eq!(good.len(), 16, "one spelling for each four bits");
    assert!(text.ends_with(|last| good.contains(&last)));
}

/// The moved bit of entry i is bit i % 8 of byte i / 8: the drift tells which entry the core took it for.
#[test]
fn each_moved_bit_belongs_to_its_entry() {
    let numbers: Vec<u8> = numbers().filter(|number| is_supplied(*number)).take(40).collect();
    let client: Client = numbers
        .iter()
        .map(|number| {
            (
                *number,
                if kind(*number) == Some(sketch::Kind::Set) { Value::Set(vec![]) } else { Value::Exact(b"v".to_vec()) },
            )
        })
        .collect();
    let weights: Vec<(u8, u16)> = numbers.iter().enumerate().map(|(at, number)| (*number, 1 + at as u16)).collect();
    let rules = SketchRules::new(&PEPPERS, Rules::of(&weights));
    let mut drifts = vec![];
    for at in 0..numbers.len() {
        let mut claim = sketch::mint(PEPPERS[0], [9; 8], 3, &client);
        claim.entries[at].moved = true;
        drifts.push(judge_as_the_book(&rules, &claim.bytes(), &client).score.unwrap().drift);
    }
    drifts.dedup();
    assert!(drifts.len() >= 35 && drifts.is_sorted(), "{drifts:?}");
}
