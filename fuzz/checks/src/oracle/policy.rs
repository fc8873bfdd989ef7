//! The policy (design section 3), one line per rule, in wide integers.

use super::claims::Dates;
use super::header::{Header, same_media_type};
use super::{member, string, strings};
use countermark::{Clock, Status};
use countermark_tests::json::{Json, Node};
use countermark_tests::judge::{Attempt, Setup};
use std::collections::HashSet;

pub fn failures(
    setup: &Setup<'_>,
    attempt: &Attempt<'_>,
    header: &Header,
    payload: &Node,
    dates: &Dates,
    key_issuer: Option<&str>,
) -> HashSet<Status> {
    let policy = &setup.policy;
    let text = |name: &str| member(payload, name).and_then(string);
    let audience =
        member(payload, "aud").map(|aud| string(aud).map_or_else(|| strings(aud).expect("strings"), |one| vec![one]));
    let meets = audience.as_ref().is_some_and(|names| names.iter().any(|name| policy.audiences.contains(name)));
    let lacks = |name: &&str| member(payload, name).is_none_or(|value| value.json == Json::Null);
    let iss_fits = policy.issuers.is_empty() || text("iss").is_some_and(|iss| policy.issuers.contains(&iss));
    let rules = [
        (Status::Issuer, !iss_fits),
        (Status::KeyIssuer, key_issuer.is_some_and(|issuer| text("iss") != Some(issuer))),
        (Status::Audience, !policy.any_audience && !policy.audiences.is_empty() && !meets),
        (Status::AudienceUnexpected, !policy.any_audience && policy.audiences.is_empty() && audience.is_some()),
        (Status::Subject, policy.subject.is_some_and(|wanted| text("sub") != Some(wanted))),
        (
            Status::Type,
            policy.typ.is_some_and(|wanted| !header.typ.as_ref().is_some_and(|typ| same_media_type(typ, wanted))),
        ),
        (Status::Nonce, policy.nonce.is_some_and(|wanted| text("nonce") != Some(wanted))),
        (Status::ClaimRequired, policy.require.iter().any(lacks)),
        (Status::ExpiryMissing, !policy.allow_missing_exp && dates.exp.is_none()),
        (Status::IssuedAtMissing, policy.max_age.is_some() && dates.iat_down.is_none()),
        (Status::Lifetime, matches!((dates.nbf, dates.exp), (Some(nbf), Some(exp)) if nbf >= exp)),
    ];
    let mut failed: HashSet<Status> = rules.iter().filter(|(_, failed)| *failed).map(|(status, _)| *status).collect();
    if let Clock::At(now) = attempt.clock {
        let wide = |date: Option<i64>| date.map(i128::from);
        let (now, leeway) = (i128::from(now), i128::from(policy.leeway));
        let max_age = policy.max_age.map(i128::from);
        let too_old = |(max_age, iat): (i128, i128)| now - iat > max_age + leeway;
        let times = [
            (Status::Expired, wide(dates.exp).is_some_and(|exp| now >= exp + leeway)),
            (Status::NotYetValid, wide(dates.nbf).is_some_and(|nbf| now + leeway < nbf)),
            (Status::IssuedInFuture, wide(dates.iat_up).is_some_and(|iat| iat > now + leeway)),
            (Status::TooOld, max_age.zip(wide(dates.iat_down)).is_some_and(too_old)),
        ];
        failed.extend(times.iter().filter(|(_, failed)| *failed).map(|(status, _)| *status));
    }
    failed
}
