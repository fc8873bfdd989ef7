//! Sketches against the book: random policies, claims and clients, through Rust and C, must score and judge as the oracle.

use countermark::Status;
use countermark_tests::judge::{Attempt, Outcome, Setup, judge, key_of};
use countermark_tests::sketch_cases::{Case, Presented, seeded};
use countermark_tests::token::TokenBuilder;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Judges the case through every interface.
fn judged(case: &Case) -> Outcome {
    let token = TokenBuilder::new("HS256").payload_with(&format!("\"cmk\":\"{}\"", case.claim.text())).build();
    let setup = Setup::with([key_of("HS256")]).sketch(case.rules.clone());
    judge(&setup, Attempt::new(&token).from(Presented::of(&case.client).evidence()))
}

/// The core must say what the oracle says. Where a share of the evidence lies within a hundredth of a half, rounding may go
/// either way; such a case is compared by its figures, and by its verdict only when evidence decides nothing.
#[track_caller]
fn assert_as_the_book(case: &Case) -> Status {
    let found = judged(case);
    let (status, mut score, blur) = case.expected();
    if blur == 0 || case.rules.rules.evidence_accept.is_none() {
        if let (Some(found), Some(score)) = (&found.score, &mut score) {
            assert!((found.evidence - score.evidence).abs() <= blur, "{} {}", found.evidence, score.evidence);
            score.evidence = found.evidence;
        }
        assert_eq!((found.status, &found.score), (status, &score), "{case:?}");
        assert_eq!(found.failures, status.bit().map_or(0, |bit| 1 << bit));
        let subject = (status == Status::StepUp).then(|| "alice".to_string());
        assert_eq!(found.subject, subject, "step up gives sub, and no other verdict does");
    }
    found.status
}

#[test]
fn random_cases_are_judged_as_the_oracle_says() {
    let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..4_000 {
        *verdicts.entry(assert_as_the_book(&seeded(seed)).name()).or_default() += 1;
    }
    println!("{verdicts:?}");
    for status in
        [Status::Accepted, Status::StepUp, Status::FingerprintMismatch, Status::ComponentRequired, Status::PepperUnknown]
    {
        assert!(verdicts.get(status.name()).is_some_and(|count| *count > 100), "{status:?} is hardly tested: {verdicts:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fresh_cases_are_judged_as_the_oracle_says(seed in any::<u64>()) {
        assert_as_the_book(&seeded(seed));
    }
}
