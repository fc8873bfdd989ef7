//! Sketches against the book: random policies, claims and clients, through Rust and C, must score and judge as the oracle.

use countermark::Status;
use countermark_ffi::{cmk_bytes, cmk_sketch_compare};
use countermark_tests::judge::{Attempt, Setup, judge, key_of};
use countermark_tests::random::Random;
use countermark_tests::sketch::{self, Client, Role, Rules, Stages, Value};
use countermark_tests::sketch_cases::{Case, PEPPERS, Presented, expected, judge_as_the_book, seeded};
use countermark_tests::sketch_rules::SketchRules;
use countermark_tests::token::TokenBuilder;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

fn judged(case: &Case) -> Status {
    judge_as_the_book(&case.rules, &case.claim.bytes(), &case.client).status
}

#[test]
fn random_cases_are_judged_as_the_oracle_says() {
    let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..2_500 {
        *verdicts.entry(judged(&seeded(seed)).name()).or_default() += 1;
    }
    println!("{verdicts:?}");
    for status in
        [Status::Accepted, Status::StepUp, Status::FingerprintMismatch, Status::ComponentRequired, Status::PepperUnknown]
    {
        assert!(verdicts.get(status.name()).is_some_and(|count| *count > 50), "{status:?} is hardly tested: {verdicts:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fresh_cases_are_judged_as_the_oracle_says(seed in any::<u64>()) {
        judged(&seeded(seed));
    }
}

/// Every threshold on the figure itself, and one beside it.
/// Apart from any token, in Rust and C: what a session watches its drift with.
#[test]
fn a_claim_that_was_kept_is_compared_as_the_oracle_says() {
    let mut scored = 0;
    for seed in 0..600 {
        let case = seeded(seed);
        let claim = case.claim.text();
        let (status, expected, _) = expected(&case.rules, &case.claim.bytes(), &case.client);
        let presented = Presented::of(&case.client);
        let found = case.rules.with(|sketch| sketch.compare(&claim, &presented.evidence())).unwrap();
        assert_eq!(
            found.map(|score| u64::from(score.similarity)).ok(),
            expected.as_ref().map(|seen| seen.similarity),
            "{status:?}"
        );
        scored += u32::from(found.is_ok());
        if case.rules.fits_c() {
            let (sketch, mut similarity) = (case.rules.in_c().unwrap(), 7);
            let given = presented.in_c(|evidence| unsafe {
                cmk_sketch_compare(&*sketch, cmk_bytes::of(claim.as_bytes()), evidence, &mut similarity)
            });
            let expected = found.map_or_else(|status| (status.code(), 0), |score| (0, u32::from(score.similarity)));
            assert_eq!((given, similarity), expected);
        }
    }
    assert!(scored > 500, "{scored}");
}

#[test]
fn thresholds_hold_at_their_edges() {
    let mut scored = 0;
    for seed in 5_000..5_600 {
        let mut case = seeded(seed);
        case.rules.rules.stages = Stages::Together;
        case.rules.rules.groups.clear();
        (case.rules.rules.evidence_accept, case.rules.rules.evidence_step_up) = (None, None);
        let (_, Some(figures), 0) = expected(&case.rules, &case.claim.bytes(), &case.client) else { continue };
        scored += 1;
        let open = Rules { accept: 0, step_up: 0, coverage: 0, drift: 1000, generation: 255, ..case.rules.rules.clone() };
        let (similarity, generation) = (figures.similarity, figures.generation);
        let next = |value: u64| (value + 1).min(1000);
        let edges = [
            Rules { accept: similarity, ..open.clone() },
            Rules { accept: next(similarity), ..open.clone() },
            Rules { accept: 1000, step_up: similarity, ..open.clone() },
            Rules { accept: 1000, step_up: next(similarity), ..open.clone() },
            Rules { coverage: figures.coverage, ..open.clone() },
            Rules { coverage: next(figures.coverage), ..open.clone() },
            Rules { drift: figures.drift, ..open.clone() },
            Rules { drift: figures.drift.saturating_sub(1), ..open.clone() },
            Rules { generation, ..open.clone() },
            Rules { generation: generation.saturating_add(1), ..open.clone() },
            Rules { evidence_accept: Some(figures.evidence), evidence_step_up: Some(-99_999), ..open.clone() },
            Rules { evidence_accept: Some(figures.evidence + 1), evidence_step_up: Some(-99_999), ..open.clone() },
            Rules { evidence_accept: Some(99_999), evidence_step_up: Some(figures.evidence), ..open.clone() },
            Rules { evidence_accept: Some(99_999), evidence_step_up: Some(figures.evidence + 1), ..open.clone() },
        ];
        for rules in edges {
            case.rules.rules = rules;
            judged(&case);
        }
    }
    assert!(scored > 300, "{scored}");
}

/// The order of the rules: what comes first decides alone.
#[test]
fn required_comes_before_similarity_and_similarity_before_the_reasons_for_step_up() {
    let exact = |text: &str| Value::Exact(text.as_bytes().to_vec());
    let client = Client::from([(34, exact("UTC")), (64, exact("pixels")), (65, exact("sound"))]);
    let mut claim = sketch::mint(PEPPERS[0], [2; 8], 3, &client);
    claim.generation = 64;
    claim.entries.iter_mut().for_each(|entry| entry.moved = true);
    let mut rules = SketchRules::new(&PEPPERS, Rules::of(&[(34, 8), (64, 1), (65, 1)]));
    rules.rules.groups.push((BTreeSet::from([64, 65]), 0));
    let mut judge = |role: Role, client: &Client| {
        rules.rules.weights.get_mut(&64).unwrap().role = role;
        let outcome = judge_as_the_book(&rules, &claim.bytes(), client);
        (outcome.status, outcome.score.unwrap().reasons)
    };
    let mut seen = client.clone();
    assert_eq!(judge(Role::Required, &seen), (Status::StepUp, 8 | 16));
    seen.insert(64, exact("other"));
    assert_eq!(judge(Role::Normal, &seen), (Status::StepUp, 4 | 8 | 16));
    assert_eq!(judge(Role::Required, &seen), (Status::ComponentRequired, 0));
    seen.remove(&65);
    assert_eq!(judge(Role::Normal, &seen), (Status::StepUp, 1 | 4 | 8 | 16), "coverage 900 suffices");
    seen.insert(34, exact("CET"));
    assert_eq!(judge(Role::Normal, &seen), (Status::FingerprintMismatch, 0));
    assert_eq!(judge(Role::Required, &seen), (Status::ComponentRequired, 0));
    seen.remove(&64);
    assert_eq!(judge(Role::Required, &seen), (Status::ComponentRequired, 0), "missing is not better than changed");
}

/// Each share of the evidence against the logarithm in floating point, over rates in and out of their range.
#[test]
fn evidence_is_the_logarithm_to_a_hundredth_of_a_bit() {
    let exact = |text: &str| Value::Exact(text.as_bytes().to_vec());
    let client = Client::from([(34, exact("UTC"))]);
    let claim = sketch::mint(PEPPERS[0], [2; 8], 3, &client).bytes();
    let mut random = Random::new(6);
    let corners = [0, 1, 4, 5, 6, 499, 500, 501, 994, 995, 996, 1000, 65_535];
    let mut rates: Vec<(u16, u16)> =
        corners.iter().flat_map(|stability| corners.map(|coincidence| (*stability, coincidence))).collect();
    rates.extend((0..600).map(|_| (random.below(1001) as u16, random.below(1001) as u16)));
    for (stability, coincidence) in rates {
        let mut rules = SketchRules::new(&PEPPERS, Rules::of(&[(34, 1)]));
        let weight = rules.rules.weights.get_mut(&34).unwrap();
        (weight.stability, weight.coincidence) = (stability, coincidence);
        for client in [client.clone(), Client::from([(34, exact("CET"))]), Client::new()] {
            judge_as_the_book(&rules, &claim, &client);
        }
    }
}

/// A step up beside a refusal is a refusal, and gives no subject.
#[test]
fn every_refusal_outranks_a_step_up() {
    let exact = |text: &str| Value::Exact(text.as_bytes().to_vec());
    let client = Client::from([(34, exact("UTC")), (64, exact("pixels"))]);
    let text = sketch::mint(PEPPERS[0], [2; 8], 3, &client).text();
    let setup = Setup::with([key_of("HS256")]).sketch(SketchRules::new(&PEPPERS, Rules::of(&[(34, 4), (64, 1)])));
    let seen = Presented::of(&Client::from([(34, exact("UTC")), (64, exact("other"))]));
    let judged = |payload: &str| {
        let token = TokenBuilder::new("HS256").payload(payload).build();
        judge(&setup, Attempt::new(&token).from(seen.evidence()))
    };
    let outcome = judged(&format!(r#"{{"exp":2000000000,"sub":"al\u0069ce","cmk":"{text}","roles":["root"]}}"#));
    assert_eq!((outcome.status, outcome.subject.as_deref()), (Status::StepUp, Some("alice")));
    assert_eq!((outcome.failures, outcome.claims), (1 << 47, None));
    let outcome = judged(&format!(r#"{{"exp":2000000000,"cmk":"{text}"}}"#));
    assert_eq!((outcome.status, outcome.subject), (Status::StepUp, None), "no sub, nobody to ask");
    let outcome = judged(&format!(r#"{{"exp":1,"sub":"alice","aud":"x","cmk":"{text}"}}"#));
    assert_eq!((outcome.status, outcome.subject, outcome.claims), (Status::AudienceUnexpected, None, None));
    let bits = [Status::AudienceUnexpected, Status::Expired, Status::StepUp].map(|status| 1u64 << status.bit().unwrap());
    assert_eq!(outcome.failures, bits.iter().sum::<u64>());
    assert_eq!(outcome.score.unwrap().similarity, 800, "scored all the same");
}
