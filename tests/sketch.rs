//! Sketches against the book: random policies, claims and clients, through Rust and C, must score and judge as the oracle.

use countermark::Status;
use countermark_tests::sketch_cases::{Case, judge_as_the_book, seeded};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn judged(case: &Case) -> Status {
    judge_as_the_book(&case.rules, &case.claim.bytes(), &case.client).status
}

#[test]
fn random_cases_are_judged_as_the_oracle_says() {
    let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..4_000 {
        *verdicts.entry(judged(&seeded(seed)).name()).or_default() += 1;
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
        judged(&seeded(seed));
    }
}
