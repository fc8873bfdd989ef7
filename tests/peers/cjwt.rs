//! xmidt-org/cjwt: its old and new tables of tokens, and its table of headers and claims.

use super::{Tally, algorithm_of, read, status, table};
use countermark::{Algorithm, Limits, Policy, Shape, Status};
use countermark_tests::judge::{KeySource, Setup};
use countermark_tests::token::{SECRET, TokenBuilder};

const SYMMETRIC: &[Algorithm] = &[Algorithm::HS256, Algorithm::HS384, Algorithm::HS512];
const ASYMMETRIC: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::ES512,
];
/// What a token of the suite need not say.
const LENIENT: Policy<'static> = Policy {
    issuers: &[],
    audiences: &[],
    any_audience: true,
    subject: None,
    typ: None,
    algorithms: &[],
    leeway: 0,
    max_age: None,
    require: &[],
    allow_missing_exp: true,
    nonce: None,
    acr: &[],
    auth_max_age: None,
    no_clock: false,
    // Three tokens are longer than the default.
    limits: Limits { token_bytes: 32_768, ..Limits::DEFAULT },
    shape: Shape::Signed,
};
/// After every `iat` of the tables.
const NOW: i64 = 1_600_000_000;

#[test]
fn tokens() {
    let Some(cases) = table("cjwt/cases.json") else { return };
    let mut tally = Tally::new("cjwt");
    for case in &cases {
        let token = case["token"].as_str().unwrap().trim_end_matches('\n');
        let is_symmetric = case["expect_symmetric"] == true || case["options"] == "OPT_ALLOW_ONLY_HS_ALG";
        let algorithms = if is_symmetric { SYMMETRIC } else { ASYMMETRIC };
        // The key is the kind of key that the caller expects; a token of another kind does not change that.
        let named = algorithm_of(token).filter(|algorithm| algorithms.contains(algorithm));
        let algorithm = named.unwrap_or(algorithms[0]);
        let text = ["literal", "pem"].iter().find_map(|kind| case["key"][*kind].as_str()).filter(|text| !text.is_empty());
        let key = text.map(|text| {
            if is_symmetric {
                KeySource::Secret(algorithm, None, text.as_bytes().to_vec())
            } else {
                KeySource::Pem(algorithm, None, text.to_string())
            }
        });
        let setup = Setup::with(Vec::from_iter(key)).policy(Policy { algorithms, ..LENIENT });
        let name = format!("{} {} {}", case["file"].as_str().unwrap(), case["name"].as_str().unwrap(), text_id(text));
        tally.note(name, case["expected"] == "accept", status(&setup, token, NOW));
    }
    assert_eq!(cases.len(), 137);
    tally.finish(90);
}

/// Secrets are short here, and name the case.
fn text_id(key: Option<&str>) -> &str {
    key.filter(|text| text.len() < 20).unwrap_or("-")
}

#[test]
fn headers_and_claims() {
    let Some(cases) = table("cjwt/claims_cases.json") else { return };
    let mut tally = Tally::new("cjwt claims");
    for case in &cases {
        let [header, payload, options] = ["header", "payload", "options"].map(|name| case[name].as_str().unwrap());
        // Their tokens are unsigned where they allow that. Ours are signed, by a key that is known.
        let header = match options.contains("ALLOW_ALG_NONE") {
            true => header.replace(r#""alg": "none""#, r#""alg": "HS256""#),
            false => header.to_string(),
        };
        let asks_for_typ = header.contains("\"typ\"") && !options.contains("ANY_TYP");
        let policy =
            Policy { typ: asks_for_typ.then_some("JWT"), leeway: case["skew"].as_u64().unwrap_or(0) as u32, ..LENIENT };
        let setup = Setup::with([KeySource::Secret(Algorithm::HS256, None, SECRET.to_vec())]).policy(policy);
        let token = TokenBuilder::new("HS256").header(&header).payload(payload).build();
        let ours = status(&setup, &token, case["time"].as_i64().unwrap_or(NOW));
        let name = format!("{} {} {} {}", case["header"].as_str().unwrap(), payload, case["time"], case["skew"]);
        tally.note(format!("{name} {options}"), case["expected"] == "CJWTE_OK", ours);
    }
    assert_eq!(cases.len(), 45);
    tally.finish(35);
}

#[test]
fn keys_that_are_broken_are_no_keys() {
    for name in ["badkey4", "badkey5", "badkey6"] {
        let Some(pem) = read(&format!("cjwt/inputs/{name}.pem")) else { return };
        let setup = Setup::with([KeySource::Pem(Algorithm::RS256, None, pem)]).policy(LENIENT);
        assert_ne!(status(&setup, "a.b.c", NOW), Status::Accepted, "{name}");
    }
}
