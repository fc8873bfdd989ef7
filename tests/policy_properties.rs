//! The policy's times against the rules of design section 3 in 128 bits, over all of i64.

use countermark::{Clock, Policy, Status};
use countermark_tests::judge::{Attempt, Setup, judge, key_of};
use countermark_tests::token::TokenBuilder;
use proptest::prelude::*;

/// The rules as they are written, one line each.
fn expected(exp: Option<i64>, nbf: Option<i64>, iat: Option<i64>, now: Option<i64>, policy: &Policy<'_>) -> Vec<Status> {
    let wide = |date: Option<i64>| date.map(i128::from);
    let (exp, nbf, iat) = (wide(exp), wide(nbf), wide(iat));
    let leeway = i128::from(policy.leeway);
    let mut failed = Vec::new();
    let mut fails = |is_failed: bool, status| {
        if is_failed {
            failed.push(status);
        }
    };
    if let Some(now) = wide(now) {
        fails(exp.is_some_and(|exp| now >= exp + leeway), Status::Expired);
        fails(nbf.is_some_and(|nbf| now + leeway < nbf), Status::NotYetValid);
        fails(iat.is_some_and(|iat| iat > now + leeway), Status::IssuedInFuture);
        if let (Some(max_age), Some(iat)) = (policy.max_age, iat) {
            fails(now - iat > i128::from(max_age) + leeway, Status::TooOld);
        }
    }
    fails(exp.is_none() && !policy.allow_missing_exp, Status::ExpiryMissing);
    fails(iat.is_none() && policy.max_age.is_some(), Status::IssuedAtMissing);
    fails(matches!((nbf, exp), (Some(nbf), Some(exp)) if nbf >= exp), Status::Lifetime);
    failed
}

/// A date near one of the others, near an edge of the type, or anywhere.
fn date() -> impl Strategy<Value = i64> {
    let near = |centre: i64| (-3i64..=3).prop_map(move |by| centre.saturating_add(by).max(0));
    prop_oneof![near(0), near(1_000), near(1_060), near(1_090), near(i64::MAX), near(i64::from(u32::MAX)), 0..=i64::MAX]
}

fn now() -> impl Strategy<Value = i64> {
    prop_oneof![date(), (-3i64..=3).prop_map(|by| i64::MIN.saturating_add(by)), any::<i64>(), Just(-1)]
}

fn seconds() -> impl Strategy<Value = u32> {
    prop_oneof![Just(0), Just(30), Just(60), Just(u32::MAX), any::<u32>()]
}

fn token(exp: Option<i64>, nbf: Option<i64>, iat: Option<i64>) -> String {
    let member = |name: &str, date: Option<i64>| date.map(|date| format!(r#""{name}":{date}"#));
    let members: Vec<String> = [member("exp", exp), member("nbf", nbf), member("iat", iat)].into_iter().flatten().collect();
    TokenBuilder::new("HS256").payload(format!("{{{}}}", members.join(","))).build()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_time_rule_over_all_of_i64(
        exp in proptest::option::weighted(0.8, date()),
        nbf in proptest::option::of(date()),
        iat in proptest::option::of(date()),
        now in now(),
        leeway in seconds(),
        max_age in proptest::option::of(seconds()),
        allow_missing_exp in any::<bool>(),
    ) {
        let policy = Policy { leeway, max_age, allow_missing_exp, ..Policy::default() };
        let setup = Setup::with([key_of("HS256")]).policy(policy);
        let outcome = judge(&setup, Attempt::new(&token(exp, nbf, iat)).at(now));
        let failed = expected(exp, nbf, iat, Some(now), &policy);
        let bits: u64 = failed.iter().map(|status| 1 << status.bit().unwrap()).sum();
        prop_assert_eq!(outcome.failures, bits);
        let lowest = failed.iter().min_by_key(|status| status.code()).copied().unwrap_or(Status::Accepted);
        prop_assert_eq!(outcome.status, lowest);
        prop_assert_eq!(outcome.claims.is_some(), failed.is_empty());
    }

    /// Without a clock everything is judged but the time.
    #[test]
    fn without_a_clock(exp in proptest::option::of(date()), nbf in proptest::option::of(date()), iat in proptest::option::of(date())) {
        let policy = Policy { no_clock: true, nonce: Some("n"), ..Policy::default() };
        let setup = Setup::with([key_of("HS256")]).policy(policy);
        let token = token(exp, nbf, iat);
        let outcome = judge(&setup, Attempt { clock: Clock::Missing, ..Attempt::new(&token) });
        let mut failed = expected(exp, nbf, iat, None, &policy);
        failed.push(Status::Nonce);
        let bits: u64 = failed.iter().map(|status| 1 << status.bit().unwrap()).sum();
        prop_assert_eq!(outcome.failures, bits);
    }
}
