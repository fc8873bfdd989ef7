//! golang-jwt/jwt: its parser's table. Tokens that the suite mints while it runs are not in it.

use super::{Tally, read, status, table};
use countermark::{Algorithm, Policy};
use countermark_tests::judge::{KeySource, Setup};

const NOW: i64 = 1_600_000_000;

/// The keys that the table's key function hands out.
fn keys_of(function: &str) -> Option<Vec<KeySource>> {
    let pem = |algorithm, name: &str| Some(KeySource::Pem(algorithm, None, read(&format!("golang-jwt/{name}"))?));
    let own = || pem(Algorithm::RS256, "sample_key.pub");
    let other = || pem(Algorithm::ES256, "ec256-public.pem");
    Some(match function {
        "defaultKeyFunc" => vec![own()?],
        "ecdsaKeyFunc" => vec![other()?],
        "multipleFirstKeyFunc" => vec![own()?, other()?],
        "multipleLastKeyFunc" => vec![other()?, own()?],
        "multipleAltTypedKeyFunc" => vec![own()?, own()?],
        // Go's type for a list of keys is another one there: the key function hands out nothing usable.
        "multipleVerificationKeysFunc" => vec![],
        "nilKeyFunc" | "emptyKeyFunc" | "errorKeyFunc" => vec![],
        "multipleEmptyKeyFunc" | "emptyVerificationKeySetFunc" | "multipleZeroKeyFunc" => vec![],
        other => panic!("a key function that is not known: {other}"),
    })
}

#[test]
fn parser() {
    let Some(cases) = table("golang-jwt/cases.json") else { return };
    let mut tally = Tally::new("golang-jwt");
    let mut minted = 0;
    for case in &cases {
        let token = case["token"].as_str().unwrap();
        if token.is_empty() {
            minted += 1;
            continue;
        }
        let keys = keys_of(case["keyfunc"].as_str().unwrap()).expect("the keys beside the table");
        let policy = Policy { allow_missing_exp: true, any_audience: true, ..Policy::default() };
        let ours = status(&Setup::with(keys).policy(policy), token, NOW);
        tally.note(case["name"].as_str().unwrap().to_string(), case["expected"] == "accept", ours);
    }
    println!("skipped: {minted} tokens that the suite mints while it runs");
    assert_eq!((cases.len(), minted), (36, 18));
    tally.finish(16);
}

#[test]
fn public_keys() {
    for (algorithm, name) in [
        (Algorithm::ES256, "ec256-public.pem"),
        (Algorithm::ES384, "ec384-public.pem"),
        (Algorithm::ES512, "ec512-public.pem"),
        (Algorithm::EdDSA, "ed25519-public.pem"),
        (Algorithm::RS256, "sample_key.pub"),
    ] {
        let Some(pem) = read(&format!("golang-jwt/{name}")) else { return };
        let mut region = [0; 128];
        let mut keys = countermark::Keys::new(&mut region).unwrap();
        assert_eq!(keys.add_pem(algorithm, None, pem.as_bytes()), Ok(()), "{name}");
    }
}
