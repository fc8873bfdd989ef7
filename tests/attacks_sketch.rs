//! attacks.md 29 and 30 against sketches: what a client can leave out, send twice, walk towards or guess.

use countermark::Status;
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, Outcome, Setup, judge, key_of};
use countermark_tests::sketch::{self, Claim, Client, Role, Rules, Stages, Value, kind};
use countermark_tests::sketch_cases::{PEPPERS, Presented, judge_as_the_book, judge_json};
use countermark_tests::sketch_issue::{Order, claim_of};
use countermark_tests::sketch_rules::{SketchRules, component};
use countermark_tests::token::TokenBuilder;
use md5::{Digest, Md5};
use sha2::Sha256;
use std::collections::BTreeSet;

fn exact(text: &str) -> Value {
    Value::Exact(text.as_bytes().to_vec())
}

fn set(elements: &[&str]) -> Value {
    Value::Set(elements.iter().map(|element| element.as_bytes().to_vec()).collect())
}

/// A policy of these weights, under the first pepper.
fn policy(weights: &[(u8, u16)]) -> SketchRules {
    SketchRules::new(&PEPPERS[..1], Rules::of(weights))
}

fn judged(rules: &SketchRules, token: &str, presented: &Presented) -> Outcome {
    let setup = Setup::with([key_of("HS256")]).sketch(rules.clone());
    judge(&setup, Attempt::new(token).from(presented.evidence()))
}

/// Ten components, 100 per mille each.
const TEN: [u8; 10] = [34, 36, 38, 64, 65, 66, 128, 150, 48, 200];

fn ten() -> Client {
    let value = |number: u8| match number {
        48 => set(&["Arial", "Courier", "Times"]),
        200 => Value::Ordinal(147),
        _ => exact("the owner's"),
    };
    TEN.iter().map(|number| (*number, value(*number))).collect()
}

fn ten_rules() -> SketchRules {
    policy(&{
        let mut weights = TEN.map(|number| (number, 10));
        weights.sort();
        weights
    })
}

fn subset(client: &Client, bits: usize) -> Client {
    let kept = client.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
    kept.map(|(_, (number, value))| (*number, value.clone())).collect()
}

#[test]
fn leaving_out_any_of_ten_components_is_accepted_for_one_at_most() {
    let client = ten();
    let claim = sketch::mint(PEPPERS[0], [1; 8], 3, &client).bytes();
    for optional in [&[][..], &[64], &[34, 36, 38, 48, 64, 65, 66, 128, 150, 200]] {
        let mut rules = ten_rules();
        optional.iter().for_each(|number| rules.rules.weights.get_mut(number).unwrap().role = Role::Optional);
        for bits in 0..1 << 10 {
            let outcome = judge_as_the_book(&rules, &claim, &subset(&client, bits));
            // 900 per mille of the weight must be there, whatever is optional: accept times coverage is the bar.
            assert_eq!(outcome.status == Status::Accepted, bits.count_ones() >= 9, "{bits:b} {optional:?}");
            let score = outcome.score.unwrap();
            assert_eq!(score.coverage, 100 * u64::from(bits.count_ones()), "{bits:b}");
        }
    }
}

#[test]
fn a_stranger_gains_nothing_by_leaving_out_what_differs() {
    // The stranger shares four of ten; for every subset that it shows, its best verdict.
    let owner = ten();
    let mut stranger = owner.clone();
    for number in [34, 38, 64, 66, 128, 150] {
        stranger.insert(number, exact("the stranger's"));
    }
    let claim = sketch::mint(PEPPERS[0], [1; 8], 3, &owner).bytes();
    let mut rules = ten_rules();
    for bits in 0..1 << 10 {
        let outcome = judge_as_the_book(&rules, &claim, &subset(&stranger, bits));
        assert_eq!(outcome.status, Status::FingerprintMismatch, "{bits:b}");
    }
    // With everything that differs optional, the coverage still asks for it.
    for number in [34, 38, 64, 66, 128, 150] {
        rules.rules.weights.get_mut(&number).unwrap().role = Role::Optional;
    }
    for bits in 0..1 << 10 {
        let outcome = judge_as_the_book(&rules, &claim, &subset(&stranger, bits));
        assert_ne!(outcome.status, Status::Accepted, "{bits:b}");
    }
}

/// Optional components of 100 per mille can be dropped, those of more cannot.
#[test]
fn dropping_every_differing_optional_component() {
    for (weight, expected) in [(100, Status::Accepted), (101, Status::StepUp)] {
        let owner = Client::from([(34, exact("UTC")), (48, set(&["Arial"])), (49, set(&["pdf"])), (64, exact("a"))]);
        let mut rules = policy(&[(34, 500), (48, weight - 50), (49, 50), (64, 500 - weight)]);
        for number in [48, 49] {
            rules.rules.weights.get_mut(&number).unwrap().role = Role::Optional;
        }
        let claim = sketch::mint(PEPPERS[0], [1; 8], 3, &owner).bytes();
        let dropped = Client::from([(34, exact("UTC")), (64, exact("a"))]);
        let outcome = judge_as_the_book(&rules, &claim, &dropped);
        assert_eq!((outcome.status, outcome.score.unwrap().similarity), (expected, 1000));
    }
}

/// There is no way to say so at verification; not sending a component is the only one, and it counts.
#[test]
fn an_opt_out_claimed_at_verification_only_is_a_missing_component() {
    let owner = ten();
    let rules = ten_rules();
    let (presented, token) = (Presented::of(&owner), Order::first(&rules, &Presented::of(&owner), [3; 8]).token().unwrap());
    let hidden = Client::from_iter(owner.clone().into_iter().filter(|(number, _)| ![64, 65, 66].contains(number)));
    let outcome = judged(&rules, &token, &Presented::of(&hidden));
    assert_eq!((outcome.status, outcome.score.unwrap().coverage), (Status::StepUp, 700));
    // Nor at a re-issue: the components stay in the sketch.
    let order = Order { opt_out: &[64, 65, 66], previous: Some(&token), ..Order::first(&rules, &presented, [4; 8]) };
    let next = claim_of(&order.token().unwrap(), "cmk");
    assert!([64, 65, 66].iter().all(|number| next.entry(*number).is_some()));
    // At the first issue it holds.
    let first = Order { opt_out: &[64, 65, 66], ..Order::first(&rules, &presented, [4; 8]) }.token().unwrap();
    assert!([64, 65, 66].iter().all(|number| claim_of(&first, "cmk").entry(*number).is_none()));
}

/// What a component may become at a step of the walk, the farthest first; `None` drops it.
type Step<'s> = &'s dyn Fn(u8, &Value, usize) -> Vec<Option<Value>>;

/// Walks away from the first fingerprint: at each re-issue as much is changed, dropped or added as is accepted.
fn walk(rules: &SketchRules, owner: &Client, step: Step<'_>) -> (Client, usize) {
    let mut token = Order::first(rules, &Presented::of(owner), [0; 8]).token().unwrap();
    let (mut client, mut marked, mut accepted) = (owner.clone(), owner.clone(), 0);
    for round in 1..=64 {
        let claim = claim_of(&token, "cmk");
        let pepper = rules.pepper(claim.pepper).unwrap();
        let is_accepted =
            |client: &Client| sketch::score(&rules.rules, pepper, &claim, client).judgement == sketch::Judgement::Accept;
        let numbers: Vec<u8> = client.keys().copied().collect();
        // Another start each time, so that no component is always the first.
        for at in 0..numbers.len() {
            let number = numbers[(at + round) % numbers.len()];
            for next in step(number, &client[&number], round) {
                let mut trial = client.clone();
                match next {
                    Some(value) => trial.insert(number, value),
                    None => trial.remove(&number),
                };
                if is_accepted(&trial) {
                    client = trial;
                    break;
                }
            }
        }
        client.insert(160 + (round % 20) as u8, exact("added"));
        let presented = Presented::of(&client);
        let outcome = judged(rules, &token, &presented);
        if outcome.status != Status::Accepted {
            assert_eq!(outcome.status, Status::StepUp, "the walk ends in step up");
            break;
        }
        let salt = std::array::from_fn(|at| (round * 8 + at) as u8);
        match (Order { previous: Some(&token), ..Order::first(rules, &presented, salt) }).token() {
            Ok(next) => token = next,
            // Accepted, and too far from the first for a new token: the walker turns back.
            Err(status) => {
                assert_eq!(status, Status::StepUp);
                client = marked.clone();
                continue;
            }
        }
        accepted += 1;
        marked = client.clone();
    }
    marked.retain(|number, _| owner.contains_key(number));
    (marked, accepted)
}

/// The similarity of the walk's end to the sketch that it began with.
fn end_of_walk(rules: &SketchRules, owner: &Client, end: &Client) -> u64 {
    let first = sketch::mint(PEPPERS[0], [0; 8], rules.rules.k(), owner);
    judge_as_the_book(rules, &first.bytes(), end).score.unwrap().similarity
}

#[test]
fn a_greedy_walk_ends_at_700_or_more_from_the_first_sketch() {
    let owner: Client = (128..148).map(|number| (number, exact("the owner's"))).collect();
    for optional in [0, 2] {
        let mut rules = policy(&(128..148).map(|number| (number, 5)).collect::<Vec<_>>());
        (128..128 + optional).for_each(|number| rules.rules.weights.get_mut(&number).unwrap().role = Role::Optional);
        let weight = rules.rules.weights[&147];
        rules.rules.weights.extend((160..180).map(|number| (number, weight)));
        let change = |number: u8, _: &Value, round: usize| vec![Some(exact(&format!("{number} {round}")))];
        let shed = |number: u8, _: &Value, round: usize| vec![None, Some(exact(&format!("{number} {round}")))];
        let steps: [Step<'_>; 2] = [&change, &shed];
        for step in steps {
            let (end, accepted) = walk(&rules, &owner, step);
            let similarity = end_of_walk(&rules, &owner, &end);
            println!("{accepted} re-issues, {similarity} per mille");
            assert!(similarity >= 700 && accepted >= 2, "{similarity}");
        }
    }
}

/// Sets and ordinals can lose a part of their level and still match. That is no drift in a request, but a re-issue counts it:
/// no new token is further from the first than the drift allows.
#[test]
fn a_greedy_walk_over_sets_and_ordinals_ends_at_700_or_more_too() {
    let names =
        |number: u8, count: usize| -> Vec<Vec<u8>> { (0..count).map(|at| format!("{number} {at}").into_bytes()).collect() };
    let numbers: Vec<u8> = (200..210).chain(224..244).collect();
    let owner: Client = numbers
        .iter()
        .map(|number| (*number, if *number < 224 { Value::Ordinal(100) } else { Value::Set(names(*number, 12)) }))
        .collect();
    let rules = policy(&numbers.iter().map(|number| (*number, 5)).collect::<Vec<_>>());
    // As far as it goes, then nearer: for a set many other elements, for an ordinal many steps.
    let step = |number: u8, value: &Value, round: usize| -> Vec<Option<Value>> {
        let far = (1..=26).rev().map(|count| match value {
            Value::Set(elements) => {
                let mut elements = elements.clone();
                (0..count.min(elements.len())).for_each(|at| elements[at] = format!("{number} {round} {at}").into_bytes());
                Some(Value::Set(elements))
            }
            Value::Ordinal(value) => Some(Value::Ordinal(value + count as u16)),
            Value::Exact(_) => None,
        });
        far.step_by(3).collect()
    };
    let (end, accepted) = walk(&rules, &owner, &step);
    let similarity = end_of_walk(&rules, &owner, &end);
    println!("{accepted} re-issues, {similarity} per mille");
    assert!(similarity >= 700 && accepted >= 2, "{similarity}");
}

/// One more step than the walk allows is step up by the drift, and by the generation when nothing changes at all.
#[test]
fn the_chain_of_reissues_ends() {
    let owner = ten();
    let rules = ten_rules();
    let presented = Presented::of(&owner);
    let mut token = Order::first(&rules, &presented, [0; 8]).token().unwrap();
    for round in 0..64u8 {
        assert_eq!(judged(&rules, &token, &presented).status, Status::Accepted, "{round}");
        token = Order { previous: Some(&token), ..Order::first(&rules, &presented, [round; 8]) }.token().unwrap();
    }
    let outcome = judged(&rules, &token, &presented);
    assert_eq!((outcome.status, outcome.score.unwrap().reasons), (Status::StepUp, 16));
    let order = Order { previous: Some(&token), ..Order::first(&rules, &presented, [9; 8]) };
    assert_eq!(order.token(), Err(Status::StepUp), "and is not re-issued");
}

#[test]
fn a_browser_update_at_every_reissue_moves_one_component() {
    let mut client = ten();
    let rules = ten_rules();
    let mut token = Order::first(&rules, &Presented::of(&client), [0; 8]).token().unwrap();
    for round in 1..20u8 {
        client.insert(200, Value::Ordinal(147 + 2 * u16::from(round)));
        let outcome = judged(&rules, &token, &Presented::of(&client));
        let score = outcome.score.unwrap();
        assert_eq!((outcome.status, score.reissue), (Status::Accepted, true));
        assert_eq!(score.drift, if round == 1 { 0 } else { 100 }, "it matches, and had moved");
        token =
            Order { previous: Some(&token), ..Order::first(&rules, &Presented::of(&client), [round; 8]) }.token().unwrap();
    }
}

/// What salt reuse reveals, and why the host is told to draw fresh bytes: equal values show as equal digests, no more.
#[test]
fn salt_reuse_shows_which_values_are_equal() {
    let rules = ten_rules();
    let owner = ten();
    let mut moved = owner.clone();
    moved.insert(64, exact("another"));
    let mint = |client: &Client, salt| claim_of(&Order::first(&rules, &Presented::of(client), salt).token().unwrap(), "cmk");
    let (first, second, fresh) = (mint(&owner, [7; 8]), mint(&moved, [7; 8]), mint(&moved, [8; 8]));
    for number in owner.keys() {
        let stored = |claim: &Claim| claim.entry(*number).unwrap().stored.clone();
        assert_eq!(stored(&first) == stored(&second), *number != 64, "{number}");
        assert_ne!(stored(&first), stored(&fresh));
    }
}

#[test]
fn peppers_rotate_and_retire() {
    let owner = ten();
    let presented = Presented::of(&owner);
    let old = ten_rules();
    let both = SketchRules {
        peppers: [PEPPERS[1], PEPPERS[0]].map(|(number, secret)| (number, secret.to_vec())).to_vec(),
        ..old.clone()
    };
    let new = SketchRules { peppers: both.peppers[..1].to_vec(), ..old.clone() };
    let token = Order::first(&old, &presented, [1; 8]).token().unwrap();
    assert_eq!(judged(&both, &token, &presented).status, Status::Accepted);
    let next = Order { previous: Some(&token), ..Order::first(&both, &presented, [2; 8]) }.token().unwrap();
    assert_eq!((claim_of(&next, "cmk").pepper, claim_of(&next, "cmk").generation), (7, 1));
    assert_eq!(judged(&new, &next, &presented).status, Status::Accepted);
    let outcome = judged(&new, &token, &presented);
    assert_eq!((outcome.status, outcome.score), (Status::PepperUnknown, None), "retired: unreadable");
    let order = Order { previous: Some(&token), ..Order::first(&new, &presented, [2; 8]) };
    assert_eq!(order.token(), Err(Status::PepperUnknown));
    // The number says which pepper; another secret under it reads nothing.
    let wrong = SketchRules { peppers: vec![(0, PEPPERS[2].1.to_vec())], ..old };
    let score = judged(&wrong, &token, &presented).score.unwrap();
    assert!(score.similarity < 100, "{}", score.similarity);
}

/// 676 possible countries are no secret: only the pepper is.
#[test]
fn a_country_is_found_with_the_pepper_and_not_without() {
    let countries = || (b'A'..=b'Z').flat_map(|first| (b'A'..=b'Z').map(move |second| [first, second]));
    for k in [3, 8] {
        let salt = [1, 2, 3, 4, 5, 6, 7, 8];
        let claim = sketch::mint(PEPPERS[0], salt, k, &Client::from([(4, exact("NO"))]));
        let stored = &claim.entries[0].stored;
        let by_key = |key: &[u8]| -> Vec<[u8; 2]> {
            let key = sketch::token_key(key, &salt);
            countries().filter(|country| sketch::stored(&key, 4, k, &Value::Exact(country.to_vec())) == *stored).collect()
        };
        assert_eq!(by_key(PEPPERS[0].1), [*b"NO"], "whoever has the pepper and the token learns the country");
        for key in [&b""[..], &salt, PEPPERS[1].1, &PEPPERS[0].1[1..], b"countermark/sketch/v1"] {
            assert_eq!(by_key(key), [[0; 2]; 0]);
        }
        for country in countries() {
            let texts = [
                &country[..],
                &[&[4], &country[..]].concat(),
                &[&salt[..], &country].concat(),
                &[&salt[..], &[4], &country].concat(),
            ]
            .map(<[u8]>::to_vec);
            for text in texts {
                assert_ne!(Sha256::digest(&text)[..usize::from(k)], stored[..]);
                assert_ne!(Md5::digest(&text)[..usize::from(k)], stored[..]);
            }
        }
    }
}

#[test]
fn no_separator_can_be_injected() {
    let pairs: [(u8, Value, Value); 6] = [
        (48, set(&["a", "b"]), set(&["a,b"])),
        (48, set(&["a", "b"]), set(&["ab", ""])),
        (48, set(&["a"]), set(&["a\0"])),
        (224, set(&["x:y"]), set(&["x", "y"])),
        (128, exact("ab"), exact("a\0b")),
        (64, exact("1"), exact("1\n")),
    ];
    for (number, issued_to, seen) in pairs {
        let claim = sketch::mint(PEPPERS[0], [1; 8], 8, &Client::from([(number, issued_to)]));
        let outcome = judge_as_the_book(&policy(&[(number, 1)]), &claim.bytes(), &Client::from([(number, seen.clone())]));
        assert_eq!(outcome.status, Status::FingerprintMismatch, "{number} {seen:?}");
    }
    // A value does not reach into the next component: the number is hashed with it.
    let key = sketch::token_key(PEPPERS[0].1, &[1; 8]);
    for (number, value) in [(128u8, &b"\x81x"[..]), (129, b"x"), (130, b"x"), (1, b"x")] {
        let digest = sketch::digest(&key, number, value);
        for other in (0..=255u8).filter(|other| *other != number) {
            assert_ne!(sketch::digest(&key, other, value), digest);
        }
    }
}

/// A client cannot replace what the core reads from the request, or what the host looks up by its address.
#[test]
fn components_that_are_not_the_pages_are_refused_when_supplied() {
    let owner = Client::from([(34, exact("UTC"))]);
    let text = format!("\"{}\"", sketch::mint(PEPPERS[0], [1; 8], 3, &owner).text());
    let rules = policy(&[(34, 1)]);
    for number in (1..=255).filter(|number| kind(*number).is_some() && *number != 34) {
        for at_front in [false, true] {
            let mut presented = Presented::of(&owner);
            let value = (component(number), b"147".to_vec());
            let place = if at_front { 0 } else { presented.supplied.0.len() };
            presented.supplied.0.insert(place, value);
            let outcome = judge_json(&rules, &text, &presented);
            let is_refused = matches!(number, 1..=6 | 16..=28);
            let expected = if is_refused { Status::ComponentMalformed } else { Status::Accepted };
            assert_eq!(outcome.status, expected, "{number}");
        }
    }
}

#[test]
fn a_component_comes_once() {
    let owner = Client::from([(34, exact("UTC")), (48, set(&["a", "b"])), (200, Value::Ordinal(5))]);
    let rules = policy(&[(34, 1), (48, 1), (200, 1)]);
    let text = format!("\"{}\"", sketch::mint(PEPPERS[0], [1; 8], 3, &owner).text());
    let good: [(u8, &str); 4] = [(34, "UTC"), (48, "a"), (48, "b"), (200, "5")];
    let status = |values: &[(u8, &str)]| {
        let mut presented = Presented::default();
        presented.supplied.0 =
            values.iter().map(|(number, value)| (component(*number), value.as_bytes().to_vec())).collect();
        let outcome = judge_json(&rules, &text, &presented);
        let order = Order::first(&rules, &presented, [0; 8]).token().map(|_| ());
        assert_eq!(order.is_err(), outcome.status == Status::ComponentMalformed, "minting reads as verifying does");
        outcome.status
    };
    assert_eq!(status(&good), Status::Accepted);
    for (number, value) in [(34, "UTC"), (34, "x"), (200, "5"), (200, "6"), (48, "a"), (130, "x")] {
        for at in 0..=good.len() {
            let mut values = good.to_vec();
            values.insert(at, (number, value));
            // Beside its other elements an element of a set may be repeated; another component may not come between them.
            let is_fine = (number == 130 && at != 2) || (number == 48 && (1..=3).contains(&at));
            assert_eq!(status(&values) != Status::ComponentMalformed, is_fine, "{values:?}");
        }
    }
    assert_eq!(status(&[(130, "x"), (34, "UTC"), (130, "y")]), Status::ComponentMalformed, "not even one nobody asked for");
    for number in ["", "-1", "+5", "05", "00", " 5", "5 ", "65536", "99999", "5.0", "0x5", "five", "\u{665}"] {
        assert_eq!(status(&[(34, "UTC"), (48, "a"), (48, "b"), (200, number)]), Status::ComponentMalformed, "{number}");
    }
    for number in ["0", "5", "65535"] {
        assert_ne!(status(&[(34, "UTC"), (48, "a"), (48, "b"), (200, number)]), Status::ComponentMalformed, "{number}");
    }
}

#[test]
fn a_set_has_at_most_1024_elements() {
    let rules = policy(&[(48, 1)]);
    let elements = |count: usize| Value::Set((0..count).map(|at| at.to_string().into_bytes()).collect());
    let claim = sketch::mint(PEPPERS[0], [1; 8], 3, &Client::from([(48, elements(1_024))]));
    let text = format!("\"{}\"", claim.text());
    for (count, expected) in
        [(1_024, Status::Accepted), (1_025, Status::ComponentMalformed), (20_000, Status::ComponentMalformed)]
    {
        let presented = Presented::of(&Client::from([(48, elements(count))]));
        assert_eq!(judge_json(&rules, &text, &presented).status, expected, "{count}");
    }
    // So many of a set that nobody compares are refused as well, and cost nothing.
    let presented = Presented::of(&Client::from([(49, elements(1_025)), (48, elements(1_024))]));
    assert_eq!(judge_json(&rules, &text, &presented).status, Status::ComponentMalformed);
}

/// A header field is the request's own: what is beyond the limit is not looked at.
#[test]
fn a_header_field_of_thousands_of_items_is_read_to_the_limit() {
    let rules = policy(&[(23, 1)]);
    let field = |range: std::ops::Range<usize>| {
        let items: Vec<String> = range.map(|at| format!("x{at}")).collect();
        let mut presented = Presented::default();
        presented.fields.0.push(("Accept-Language".to_string(), items.join(",").into_bytes()));
        presented
    };
    let token = Order::first(&rules, &field(0..1_024), [0; 8]).token().unwrap();
    let expected: Vec<Vec<u8>> = (0..1_024).map(|at| format!("x{at}").into_bytes()).collect();
    let key = sketch::token_key(PEPPERS[0].1, &[0; 8]);
    assert_eq!(claim_of(&token, "cmk").entries[0].stored, sketch::bins(&key, 23, &expected));
    assert_eq!(judged(&rules, &token, &field(0..5_000)).score.unwrap().similarity, 1000);
    assert_eq!(judged(&rules, &token, &field(1..1_025)).status, Status::Accepted);
}

/// Components of the request first: what the page has is asked for when it matters, and never otherwise.
#[test]
fn staged_collection_asks_only_when_the_page_could_decide() {
    let owner =
        Client::from([(4, exact("NO")), (34, exact("UTC")), (64, exact("pixels")), (96, exact("tls")), (128, exact("a"))]);
    let mut rules = policy(&[(4, 2), (34, 2), (64, 2), (96, 2), (128, 2)]);
    let claim = sketch::mint(PEPPERS[0], [1; 8], 8, &owner).bytes();
    let without_page = |client: &Client| -> Client {
        client.iter().filter(|(number, _)| !(32..=83).contains(*number)).map(|(n, v)| (*n, v.clone())).collect()
    };
    let request = without_page(&owner);
    assert_eq!(judge_as_the_book(&rules, &claim, &request).status, Status::FingerprintMismatch, "together");

    rules.rules.stages = Stages::OnDemand;
    let outcome = judge_as_the_book(&rules, &claim, &request);
    let score = outcome.score.unwrap();
    assert_eq!((outcome.status, score.reasons, score.collect), (Status::StepUp, 64, BTreeSet::from([34, 64])));
    assert_eq!(judge_as_the_book(&rules, &claim, &owner).status, Status::Accepted, "collected");
    // A part of it is not enough, and a page that lies is found out.
    for missing in [34, 64] {
        let mut part = owner.clone();
        part.remove(&missing);
        assert_ne!(judge_as_the_book(&rules, &claim, &part).status, Status::Accepted);
        part.insert(missing, exact("a lie"));
        assert_ne!(judge_as_the_book(&rules, &claim, &part).status, Status::Accepted);
    }
    // Far away already: nothing is collected.
    let mut far = request.clone();
    far.extend([(4, exact("SE")), (96, exact("other")), (128, exact("b"))]);
    let outcome = judge_as_the_book(&rules, &claim, &far);
    assert_eq!((outcome.status, outcome.score.unwrap().collect), (Status::FingerprintMismatch, BTreeSet::new()));

    rules.rules.stages = Stages::AcceptEarly;
    assert_eq!(judge_as_the_book(&rules, &claim, &request).status, Status::Accepted);
    let mut near = request.clone();
    near.insert(128, exact("b"));
    let outcome = judge_as_the_book(&rules, &claim, &near);
    assert_eq!((outcome.status, outcome.score.unwrap().reasons), (Status::StepUp, 64), "suspicion: now the page");
    assert_eq!(judge_as_the_book(&rules, &claim, &far).status, Status::FingerprintMismatch);
    // Dropping parts of the request does not make it acceptable early.
    for number in [4, 96, 128] {
        let mut part = request.clone();
        part.remove(&number);
        assert_ne!(judge_as_the_book(&rules, &claim, &part).status, Status::Accepted, "{number}");
    }
}

/// Nothing of the client can be read, searched or linked in a claim.
#[test]
fn a_claim_shows_no_value_no_hash_and_no_other_claim() {
    let rules = SketchRules::new(
        &PEPPERS[..1],
        Rules::of(
            &(128..=255)
                .step_by(4)
                .map(|n| (n, 1))
                .chain([(34, 1), (64, 1)])
                .collect::<std::collections::BTreeMap<u8, u16>>()
                .into_iter()
                .collect::<Vec<_>>(),
        ),
    );
    let mut client = Client::from([(34, exact("Europe/Oslo")), (64, exact("a picture of some bytes"))]);
    for number in (128..=255u8).step_by(4) {
        let value = match kind(number).unwrap() {
            sketch::Kind::Exact => exact(&format!("value {number}")),
            sketch::Kind::Ordinal => Value::Ordinal(u16::from(number) * 101),
            sketch::Kind::Set => set(&["Arial", "Courier", &format!("font {number}")]),
        };
        client.insert(number, value);
    }
    let mint = |salt: u8| claim_of(&Order::first(&rules, &Presented::of(&client), [salt; 8]).token().unwrap(), "cmk");
    let claims: Vec<Claim> = (0..12).map(mint).collect();
    for (at, claim) in claims.iter().enumerate() {
        let bytes = &claim.bytes()[13..];
        let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        for (number, value) in &client {
            let raws: Vec<Vec<u8>> = match value {
                Value::Exact(value) => vec![value.clone()],
                Value::Ordinal(value) => vec![vec![0, (value >> 8) as u8, *value as u8], value.to_string().into_bytes()],
                Value::Set(elements) => elements.clone(),
            };
            for raw in raws {
                assert!(!has(&raw), "{number} in the open");
                for text in [raw.clone(), [&[*number][..], &raw].concat(), [&claim.salt[..], &raw].concat()] {
                    assert!(!has(&Sha256::digest(&text)[..3]) && !has(&Md5::digest(&text)[..3]), "{number} hashed");
                }
            }
        }
        for other in &claims[..at] {
            for (one, other) in claim.entries.iter().zip(&other.entries) {
                assert_eq!(one.number, other.number);
                assert_ne!(one.stored, other.stored, "component {} links two claims", one.number);
            }
            // Nor is any entry another one's elsewhere, in three bytes or more.
            let bytes = other.bytes()[13..].to_vec();
            for entry in &claim.entries {
                assert!(!bytes.windows(entry.stored.len()).any(|window| window == entry.stored));
            }
        }
    }
    // Two components with one value share nothing within a claim either.
    let same = Client::from([(128, exact("one")), (132, exact("one")), (224, set(&["one"])), (228, set(&["one"]))]);
    let claim = claim_of(&Order::first(&rules, &Presented::of(&same), [1; 8]).token().unwrap(), "cmk");
    assert_ne!(claim.entries[0].stored, claim.entries[1].stored);
    assert_ne!(claim.entries[2].stored, claim.entries[3].stored);
}

/// A client that presents another's token learns the status alone; the challenge has no figure in it.
#[test]
fn a_forged_or_edited_claim_is_a_signature_failure() {
    let owner = ten();
    let rules = ten_rules();
    let token = Order::first(&rules, &Presented::of(&owner), [1; 8]).token().unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let mut payload: serde_json::Value = serde_json::from_slice(&base64url::decode(parts[1].as_bytes()).unwrap()).unwrap();
    let mut claim = claim_of(&token, "cmk");
    claim.entries.clear();
    payload["cmk"] = claim.text().into();
    let edited = format!("{}.{}.{}", parts[0], base64url::encode(payload.to_string().as_bytes()), parts[2]);
    let outcome = judged(&rules, &edited, &Presented::of(&owner));
    assert_eq!((outcome.status, outcome.score, outcome.failures), (Status::Signature, None, 0));
    let without = TokenBuilder::new("HS256").build();
    assert_eq!(judged(&rules, &without, &Presented::of(&owner)).status, Status::FingerprintMissing);
}
