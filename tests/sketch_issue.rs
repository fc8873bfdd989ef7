//! Minting against the oracle: first sketches byte for byte, re-issues with their drift, opt-outs, pepper rotation.

use countermark::Status;
use countermark_tests::judge::{Attempt, Outcome, Setup, judge, key_of};
use countermark_tests::sketch::{self, Client, Role, Rules, Value};
use countermark_tests::sketch_cases::{PEPPERS, Presented, seeded};
use countermark_tests::sketch_issue::{Order, claim_of};
use countermark_tests::sketch_rules::SketchRules;
use std::collections::BTreeSet;

fn exact(text: &str) -> Value {
    Value::Exact(text.as_bytes().to_vec())
}

fn judged(rules: &SketchRules, token: &str, client: &Client) -> Outcome {
    let setup = Setup::with([key_of("HS256")]).sketch(rules.clone());
    judge(&setup, Attempt::new(token).from(Presented::of(client).evidence()))
}

#[test]
fn a_first_sketch_is_the_oracles_byte_for_byte() {
    for seed in 0..600 {
        let case = seeded(seed);
        let presented = Presented::of(&case.client);
        let salt = case.claim.salt;
        let opt_out: Vec<u8> = case.client.keys().filter(|number| **number % 5 == 0).copied().collect();
        let opt_out = if seed % 3 == 0 { opt_out } else { vec![] };
        let token = Order { opt_out: &opt_out, ..Order::first(&case.rules, &presented, salt) }.token().unwrap();
        let minted = case
            .client
            .iter()
            .filter(|(number, _)| case.rules.rules.weights.contains_key(*number) && !opt_out.contains(number));
        let minted: Client = minted.map(|(number, value)| (*number, value.clone())).collect();
        let (number, pepper) = &case.rules.peppers[0];
        assert_eq!(claim_of(&token, "cmk"), sketch::mint((*number, pepper), salt, case.rules.rules.k(), &minted), "{seed}");
    }
}

#[test]
fn eight_bytes_where_a_client_could_search() {
    type Weights = &'static [(u8, u16)];
    let cases: [(Weights, Option<u8>, u8); 8] = [
        (&[(34, 1), (128, 1)], None, 3),
        (&[(34, 1), (96, 1)], None, 8),
        (&[(97, 1)], None, 8),
        (&[(4, 2), (112, 1)], None, 8),
        (&[(34, 1), (128, 1)], Some(128), 8),
        (&[(34, 1), (128, 1)], Some(34), 3),
        (&[(34, 1), (255, 1)], Some(255), 8),
        (&[(4, 1), (83, 1), (48, 1)], None, 3),
    ];
    for (weights, required, k) in cases {
        let mut rules = SketchRules::new(&PEPPERS, Rules::of(weights));
        if let Some(number) = required {
            rules.rules.weights.get_mut(&number).unwrap().role = Role::Required;
        }
        let token = Order::first(&rules, &Presented::of(&Client::from([(34, exact("UTC"))])), [0; 8]).token().unwrap();
        assert_eq!((claim_of(&token, "cmk").k, rules.rules.k()), (k, k), "{weights:?} {required:?}");
    }
}

#[test]
fn sixteen_exact_components_make_106_characters() {
    let client: Client = (128..144).map(|number| (number, exact("v"))).collect();
    let weights: Vec<(u8, u16)> = client.keys().map(|number| (*number, 1)).collect();
    let rules = SketchRules::new(&PEPPERS, Rules::of(&weights));
    let token = Order::first(&rules, &Presented::of(&client), [0; 8]).token().unwrap();
    assert_eq!(claim_of(&token, "cmk").text().len(), 106);
}

#[test]
fn a_reissue_is_what_the_oracle_says() {
    let (mut reissued, mut refused, mut too_far) = (0, 0, 0);
    for seed in 0..1_500 {
        let mut case = seeded(seed);
        case.rules.rules.generation = case.rules.rules.generation.max(1);
        let first = case.claim.text();
        let previous =
            countermark_tests::token::TokenBuilder::new("HS256").payload_with(&format!("\"cmk\":\"{first}\"")).build();
        let presented = Presented::of(&case.client);
        let outcome = judged(&case.rules, &previous, &case.client);
        // An opt-out counts at a first sketch only.
        let opt_out: Vec<u8> = case.client.keys().take(2).copied().collect();
        let order = Order { previous: Some(&previous), opt_out: &opt_out, ..Order::first(&case.rules, &presented, [5; 8]) };
        let token = match order.token() {
            Ok(token) => token,
            Err(status) if outcome.status != Status::Accepted => {
                assert_eq!(status, outcome.status, "refused as the request was");
                refused += 1;
                continue;
            }
            Err(status) => {
                assert_eq!(status, Status::StepUp);
                let own = case.rules.pepper(case.claim.pepper).unwrap();
                let (number, pepper) = &case.rules.peppers[0];
                let next = case.claim.reissued(&case.rules.rules, (*number, pepper), own, [5; 8], &case.client);
                assert!(case.claim.refuses_reissue(&case.rules.rules, &next, &case.client), "{seed}");
                too_far += 1;
                continue;
            }
        };
        assert_eq!(outcome.status, Status::Accepted);
        reissued += 1;
        let (number, pepper) = &case.rules.peppers[0];
        let own = case.rules.pepper(case.claim.pepper).unwrap();
        let expected = case.claim.reissued(&case.rules.rules, (*number, pepper), own, [5; 8], &case.client);
        assert!(!case.claim.refuses_reissue(&case.rules.rules, &expected, &case.client), "{seed}");
        let found = claim_of(&token, "cmk");
        let numbers = |claim: &sketch::Claim| -> Vec<u8> { claim.entries.iter().map(|entry| entry.number).collect() };
        assert_eq!(numbers(&found), numbers(&case.claim), "no component comes, none goes");
        assert_eq!((found.generation, found.pepper, found.k), (expected.generation, expected.pepper, expected.k));
        for entry in &found.entries {
            match expected.entry(entry.number) {
                Some(expected) => assert_eq!(entry, expected, "{seed}"),
                None => {
                    assert!(entry.moved, "what is missing has moved");
                    let before = sketch::stored(
                        &sketch::token_key(pepper, &[5; 8]),
                        entry.number,
                        found.k,
                        &case.issued_to[&entry.number],
                    );
                    assert_ne!(entry.stored, before, "and is no longer known");
                }
            }
        }
    }
    println!("{reissued} re-issued, {refused} refused as the request, {too_far} accepted and too far for a new one");
    assert!(reissued > 100 && refused > 200 && too_far > 20);
}

#[test]
fn an_opted_out_component_is_not_in_the_sketch_and_is_not_asked_for() {
    let client = Client::from([(34, exact("UTC")), (48, Value::Set(vec![b"Arial".to_vec()])), (64, exact("pixels"))]);
    let rules = SketchRules::new(&PEPPERS, Rules::of(&[(34, 1), (48, 1), (64, 1)]));
    let order = Order { opt_out: &[48, 64], ..Order::first(&rules, &Presented::of(&client), [0; 8]) }.token().unwrap();
    let score = judged(&rules, &order, &Client::from([(34, exact("UTC"))])).score.unwrap();
    assert_eq!((score.similarity, score.coverage, score.matched), (1000, 1000, BTreeSet::from([34])));
}

#[test]
fn bad_rules_mint_nothing() {
    let presented = Presented::of(&Client::from([(34, exact("UTC"))]));
    let good = SketchRules::new(&PEPPERS, Rules::of(&[(34, 1)]));
    let mut bad = vec![];
    let mut change = |status: Status, change: &dyn Fn(&mut SketchRules)| {
        let mut rules = good.clone();
        change(&mut rules);
        bad.push((status, rules));
    };
    change(Status::Argument, &|rules| rules.claim.clear());
    change(Status::Argument, &|rules| rules.claim = "n".repeat(257));
    change(Status::Argument, &|rules| rules.peppers.clear());
    change(Status::Argument, &|rules| rules.peppers = vec![rules.peppers[0].clone(), rules.peppers[0].clone()]);
    change(Status::PepperTooShort, &|rules| rules.peppers[1].1.truncate(15));
    change(Status::Argument, &|rules| rules.rules.weights.clear());
    change(Status::Argument, &|rules| rules.rules.accept = 1001);
    change(Status::Argument, &|rules| rules.rules.step_up = 851);
    change(Status::Argument, &|rules| rules.rules.coverage = 1001);
    change(Status::Argument, &|rules| rules.rules.drift = 1001);
    change(Status::Argument, &|rules| (rules.rules.evidence_accept, rules.rules.evidence_step_up) = (Some(1), Some(2)));
    change(Status::TooManyItems, &|rules| {
        let all = sketch::numbers().filter(|number| *number >= 128).take(65);
        rules.rules.weights = all.map(|number| (number, rules.rules.weights[&34])).collect();
    });
    for (status, rules) in bad {
        assert_eq!(Order::first(&rules, &presented, [0; 8]).token(), Err(status), "{rules:?}");
        let setup = Setup::with([key_of("HS256")]).sketch(rules);
        assert_eq!(countermark_tests::judge::judge_all(&setup, &[]), Err(status), "and make no verifier");
    }
    assert!(Order::first(&good, &presented, [0; 8]).token().is_ok());
}
