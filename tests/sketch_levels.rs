//! The level of one component against the oracle: with one weight the similarity is floor(1000 · level / 256).

use countermark::Status;
use countermark_tests::random::Random;
use countermark_tests::sketch::{self, Client, Rules, Value};
use countermark_tests::sketch_cases::{PEPPERS, judge_as_the_book};
use countermark_tests::sketch_rules::SketchRules;

/// A policy of this one component.
fn only(number: u8) -> SketchRules {
    SketchRules::new(&PEPPERS, Rules::of(&[(number, 1)]))
}

/// The similarity of two values, by the core, which must be the oracle's.
#[track_caller]
fn similarity(rules: &SketchRules, k: u8, number: u8, issued_to: &Value, seen: &Value) -> u64 {
    let claim = sketch::mint(PEPPERS[1], [3, 1, 4, 1, 5, 9, 2, 6], k, &Client::from([(number, issued_to.clone())]));
    let client = Client::from([(number, seen.clone())]);
    judge_as_the_book(rules, &claim.bytes(), &client).score.unwrap().similarity
}

#[test]
fn exact_values_are_equal_or_not() {
    let mut random = Random::new(1);
    for k in 2..=8 {
        for number in [3, 34, 64, 112, 128, 191] {
            let value: Vec<u8> = (0..random.below(80)).map(|_| b' ' + random.byte() % 90).collect();
            let value = if number == 3 && value.is_empty() { b"AS1".to_vec() } else { value };
            let rules = only(number);
            assert_eq!(similarity(&rules, k, number, &Value::Exact(value.clone()), &Value::Exact(value.clone())), 1000);
            for other in [[&value[..], b" "].concat(), [b"x", &value[..]].concat(), value.to_ascii_uppercase()] {
                if other != value {
                    let (value, other) = (Value::Exact(value.clone()), Value::Exact(other));
                    assert_eq!(similarity(&rules, k, number, &value, &other), 0);
                }
            }
        }
    }
}

#[test]
fn every_byte_of_an_exact_digest_counts() {
    let client = Client::from([(64, Value::Exact(b"canvas".to_vec()))]);
    for k in 2..=8 {
        for bit in 0..8 * usize::from(k) {
            let mut claim = sketch::mint(PEPPERS[0], [0; 8], k, &client);
            claim.entries[0].stored[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(judge_as_the_book(&only(64), &claim.bytes(), &client).score.unwrap().similarity, 0);
        }
    }
}

#[test]
fn ordinals_wrap_nowhere_a_value_can_see() {
    let edges = [0u16, 1, 2, 25, 26, 27, 28, 255, 256, 257, 32_767, 32_768, 65_508, 65_509, 65_533, 65_534, 65_535];
    let tolerances = [(26, 0), (0, 0), (0, 26), (5, 3), (1, 1), (255, 254), (65_535, 65_535), (65_535, 0), (0, 65_535)];
    for (at, (behind, ahead)) in tolerances.into_iter().enumerate() {
        let mut rules = only(200);
        (rules.rules.behind, rules.rules.ahead) = (behind, ahead);
        for issued_to in edges {
            for seen in edges {
                let k = 2 + ((at + usize::from(issued_to)) % 7) as u8;
                let found = similarity(&rules, k, 200, &Value::Ordinal(issued_to), &Value::Ordinal(seen));
                let is_near = if seen >= issued_to { seen - issued_to <= behind } else { issued_to - seen <= ahead };
                assert_eq!(found > 0, is_near, "{issued_to} {seen}");
                if k != 2 {
                    let wrapped = similarity(&rules, 2, 200, &Value::Ordinal(issued_to), &Value::Ordinal(seen));
                    assert_eq!(wrapped, found, "the same with two bytes");
                }
            }
        }
    }
}

#[test]
fn each_step_of_an_ordinal_costs_as_much() {
    let rules = only(210);
    for step in 0..=40u16 {
        let level = if step <= 26 { 256 - 256 * u64::from(step) / 27 } else { 0 };
        let found = similarity(&rules, 3, 210, &Value::Ordinal(120), &Value::Ordinal(120 + step));
        assert_eq!(found, 1000 * level / 256, "{step} steps");
        let back = similarity(&rules, 3, 210, &Value::Ordinal(120), &Value::Ordinal(120 - step));
        assert_eq!(back, if step == 0 { 1000 } else { 0 });
    }
}

#[test]
fn random_ordinals() {
    let mut random = Random::new(2);
    for _ in 0..2_000 {
        let mut rules = only(192);
        (rules.rules.behind, rules.rules.ahead) = (random.word() as u16, random.below(300) as u16);
        let (issued_to, seen) = (Value::Ordinal(random.word() as u16), Value::Ordinal(random.word() as u16));
        similarity(&rules, 2 + random.byte() % 7, 192, &issued_to, &seen);
    }
}

/// A stored ordinal beyond 65,535 can be signed by who knows the pepper: it is like nothing, and nothing wraps to it.
#[test]
fn an_ordinal_out_of_range_is_like_nothing() {
    for k in 3..=8 {
        let key = sketch::token_key(PEPPERS[0].1, &[0; 8]);
        for beyond in [65_536u128, 65_536 + 26, (1 << 24) - 1, (1 << 24) - 20, (1u128 << (8 * k)) - 1] {
            let pad = sketch::stored(&key, 200, k, &Value::Ordinal(0))
                .iter()
                .fold(0u128, |sum, byte| sum << 8 | u128::from(*byte));
            let stored = (beyond + pad) % (1 << (8 * u32::from(k)));
            for seen in [0, 1, 20, 65_510, 65_535] {
                let client = Client::from([(200, Value::Ordinal(seen))]);
                let mut claim = sketch::mint(PEPPERS[0], [0; 8], k, &client);
                claim.entries[0].stored = stored.to_be_bytes()[16 - usize::from(k)..].to_vec();
                let outcome = judge_as_the_book(&only(200), &claim.bytes(), &client);
                assert_eq!(outcome.status, Status::FingerprintMismatch, "k {k} {beyond} {seen}");
            }
        }
    }
}

fn elements(from: usize, to: usize) -> Vec<Vec<u8>> {
    (from..to).map(|at| format!("element {at}").into_bytes()).collect()
}

#[test]
fn sets_of_every_size_and_overlap() {
    for size in [0, 1, 2, 3, 4, 5, 8, 13, 20, 50, 100, 300, 600] {
        for shared in [0, size / 4, size / 2, size - size.min(1), size] {
            let (issued_to, seen) = (Value::Set(elements(0, size)), Value::Set(elements(size - shared, 2 * size - shared)));
            let found = similarity(&only(48), 3, 48, &issued_to, &seen);
            let union = (2 * size - shared) as f64;
            if size >= 2 {
                // Six standard deviations of 128 fair bins; the oracle's equality is the exact check.
                let truth = shared as f64 / union;
                assert!((found as f64 / 1000.0 - truth).abs() < 0.55, "{size} {shared}: {found}");
            }
            if shared == size {
                assert_eq!(found, 1000);
            }
        }
    }
}

#[test]
fn order_and_repetition_do_not_count() {
    let mut random = Random::new(3);
    for number in [35, 48, 49, 50, 224, 255] {
        for size in [1, 2, 7, 40] {
            let issued_to = elements(0, size);
            let mut seen = issued_to.clone();
            for _ in 0..size {
                seen.push(issued_to[random.below(size)].clone());
            }
            for at in (1..seen.len()).rev() {
                seen.swap(at, random.below(at + 1));
            }
            assert_eq!(similarity(&only(number), 3, number, &Value::Set(issued_to), &Value::Set(seen)), 1000);
        }
    }
}

#[test]
fn the_empty_set_is_the_set_of_one_empty_element() {
    let (empty, one) = (Value::Set(vec![]), Value::Set(vec![vec![]]));
    assert_eq!(similarity(&only(224), 3, 224, &empty, &one), 1000);
    assert!(similarity(&only(224), 3, 224, &empty, &Value::Set(elements(0, 1))) <= 500);
}

#[test]
fn disjoint_sets_of_one_element_are_never_half_alike() {
    let highest = (0..400).map(|at| {
        let (one, other) = (Value::Set(elements(at, at + 1)), Value::Set(elements(at + 1_000, at + 1_001)));
        similarity(&only(49), 3, 49, &one, &other)
    });
    let highest = highest.max().unwrap();
    println!("the most alike of 400 disjoint pairs: {highest} per mille");
    assert!(highest <= 500);
}

#[test]
fn a_set_is_bound_to_its_component() {
    let stored = |number: u8| sketch::stored(&[7; 32], number, 3, &Value::Set(elements(0, 5)));
    assert_ne!(stored(48), stored(49));
    let client = Client::from([(49, Value::Set(elements(0, 5)))]);
    let mut claim = sketch::mint(PEPPERS[0], [0; 8], 3, &client);
    let other = sketch::mint(PEPPERS[0], [0; 8], 3, &Client::from([(48, Value::Set(elements(0, 5)))]));
    claim.entries[0].stored = other.entries[0].stored.clone();
    assert!(judge_as_the_book(&only(49), &claim.bytes(), &client).score.unwrap().similarity < 500);
}
