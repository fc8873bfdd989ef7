//! `attacks.md`, the choice among keys: each test is named after its line.

use countermark::{Algorithm, Policy, Status};
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, KeySource, SetOfKeys, Setup, judge, key_of, named_key_of, status_of};
use countermark_tests::token::{self, SigningKey, TokenBuilder};

#[test]
fn attack_05_kid_reaches_nothing_but_a_comparison() {
    let kids = [
        "../../../../dev/null",
        "/etc/passwd",
        "x' UNION SELECT 'AA",
        "'; DROP TABLE keys; --",
        "%s%s%n",
        "%00",
        "{0}",
        "${jndi:x}",
        "a\\u0000b",
        "\\n",
        "\\ud83d\\ude00",
        "",
        "*",
        ".*",
        "good/../good",
        "GOOD",
        "good ",
    ];
    let named = Setup::with([named_key_of("HS256", Some("good"))]);
    let nameless = Setup::with([key_of("HS256")]);
    for kid in kids {
        let token = TokenBuilder::new("HS256").header_with(&format!(r#""kid":"{kid}""#)).build();
        assert_eq!(status_of(&named, &token), Status::UnknownKid, "{kid}");
        assert_eq!(status_of(&nameless, &token), Status::Accepted, "{kid}");
        // The null key of a file that does not exist.
        let forged = TokenBuilder::signed_by(SigningKey::Hs256(vec![])).header_with(&format!(r#""kid":"{kid}""#)).build();
        assert_eq!(status_of(&nameless, &forged), Status::Signature, "{kid}");
    }
    let long = TokenBuilder::new("HS256").header_with(&format!(r#""kid":"{}""#, "k".repeat(4000))).build();
    assert_eq!(status_of(&named, &long), Status::UnknownKid);
    let wrong = TokenBuilder::new("HS256").header_with(r#""kid":7"#).build();
    assert_eq!(status_of(&named, &wrong), Status::HeaderType);
    let escaped = TokenBuilder::new("HS256").header_with(r#""kid":"g\u006fod""#).build();
    assert_eq!(status_of(&named, &escaped), Status::Accepted);
}

/// HS256 keys by name, each of its own letter.
fn lettered(kid: Option<&str>, letter: u8) -> KeySource {
    KeySource::Secret(Algorithm::HS256, kid.map(str::to_string), vec![letter; 32])
}

fn by_letter(letter: u8) -> TokenBuilder {
    TokenBuilder::signed_by(SigningKey::Hs256(vec![letter; 32]))
}

#[test]
fn attack_06_kid_names_one_key_and_another_verifies() {
    let setup = Setup::with([lettered(Some("a"), b'a'), lettered(Some("b"), b'b'), lettered(None, b'c')]);
    let status = |kid: &str, letter| status_of(&setup, &by_letter(letter).header_with(&format!(r#""kid":"{kid}""#)).build());
    assert_eq!(status("a", b'a'), Status::Accepted);
    assert_eq!(status("b", b'b'), Status::Accepted);
    assert_eq!(status("a", b'b'), Status::Signature);
    assert_eq!(status("a", b'c'), Status::Signature);
    // A kid that names no key can mean only a key without one.
    assert_eq!(status("z", b'c'), Status::Accepted);
    assert_eq!(status("z", b'a'), Status::Signature);
    for letter in [b'a', b'b', b'c'] {
        assert_eq!(status_of(&setup, &by_letter(letter).build()), Status::Accepted);
    }
    let mixed = Setup::with([named_key_of("ES256", Some("a")), lettered(None, b'c')]);
    let token = by_letter(b'c').header_with(r#""kid":"a""#).build();
    assert_eq!(status_of(&mixed, &token), Status::AlgorithmMismatch);
}

#[test]
fn attack_06_duplicate_kid_in_a_set() {
    let token = by_letter(b'a').build();
    let twice = Setup::with([lettered(Some("a"), b'a'), lettered(Some("a"), b'b')]);
    assert_eq!(status_of(&twice, &token), Status::KeyIdDuplicate);
    let jwk = |kid: &str, letter: u8| {
        let k = base64url::encode(&[letter; 32]);
        format!(r#"{{"kty":"oct","alg":"HS256","kid":"{kid}","k":"{k}"}}"#)
    };
    let jwks = format!(r#"{{"keys":[{},{}]}}"#, jwk("a", b'a'), jwk(r"\u0061", b'b'));
    assert_eq!(status_of(&Setup::with([KeySource::Jwks(jwks)]), &token), Status::KeyIdDuplicate);
    // A key that cannot be used has its name all the same, before and behind the one that can.
    for unusable in [
        r#"{"kty":"oct","alg":"HS256","kid":"a","k":"AA"}"#,
        r#"{"kty":"oct","alg":"HS256","kid":"a","k":"====","use":"sig"}"#,
        r#"{"kty":"oct","alg":"HS256","kid":"a","use":"enc"}"#,
        r#"{"kty":"oct","alg":"HS256","kid":"a","key_ops":["sign"]}"#,
    ] {
        for keys in [[unusable, &jwk("a", b'a')], [&jwk("a", b'a'), unusable]] {
            let jwks = format!(r#"{{"keys":[{}]}}"#, keys.join(","));
            assert_eq!(status_of(&Setup::with([KeySource::Jwks(jwks)]), &token), Status::KeyIdDuplicate, "{unusable}");
        }
    }
    // A key for encryption, of which only the policy could say an algorithm, is no other key of that name.
    let encryption = format!(r#"{{"kty":"oct","kid":"a","use":"enc","k":"{}"}}"#, base64url::encode(&[b'c'; 32]));
    for keys in [[&encryption, &jwk("a", b'a')], [&jwk("a", b'a'), &encryption]] {
        let jwks = format!(r#"{{"keys":[{},{}]}}"#, keys[0], keys[1]);
        let policy = Policy { algorithms: &[Algorithm::HS256], ..Policy::default() };
        assert_eq!(status_of(&Setup::with([KeySource::Jwks(jwks)]).policy(policy), &token), Status::Accepted);
    }
    // One kid for two algorithms is two keys.
    let mut both = Setup::with([lettered(Some("a"), b'a'), named_key_of("ES256", Some("a"))]);
    assert_eq!(status_of(&both, &token), Status::Accepted);
    // Two sets may use one kid: choice runs over both.
    both.sets.push(SetOfKeys { issuer: None, keys: vec![lettered(Some("a"), b'b')] });
    assert_eq!(status_of(&both, &by_letter(b'b').header_with(r#""kid":"a""#).build()), Status::Accepted);
}

#[test]
fn attack_06_no_kid_and_many_keys() {
    let keys = |count: u8| Setup::with((0..count).map(|key| lettered(None, b'a' + key)).collect::<Vec<_>>());
    assert_eq!(status_of(&keys(8), &by_letter(b'a' + 7).build()), Status::Accepted);
    for letter in [b'a', b'a' + 8, b'z'] {
        assert_eq!(status_of(&keys(9), &by_letter(letter).build()), Status::TooManyCandidates);
    }
    let mut fewer = keys(3);
    fewer.policy.limits.candidates = 2;
    assert_eq!(status_of(&fewer, &by_letter(b'a').build()), Status::TooManyCandidates);
    // Several sets count together.
    let mut two = keys(5);
    two.sets.push(SetOfKeys { issuer: None, keys: keys(4).sets[0].keys.clone() });
    assert_eq!(status_of(&two, &by_letter(b'a').build()), Status::TooManyCandidates);
}

#[test]
fn attack_06_use_key_ops_and_alg_of_the_jwk() {
    let k = base64url::encode(token::SECRET);
    let token = TokenBuilder::new("HS256").build();
    let cases = [
        (r#""alg":"HS256","use":"sig""#, Status::Accepted),
        (r#""alg":"HS256","use":"enc""#, Status::KeyUse),
        (r#""alg":"HS256","use":"SIG""#, Status::KeyUse),
        (r#""alg":"HS256","use":1"#, Status::KeyMemberType),
        (r#""alg":"HS256","key_ops":["verify"]"#, Status::Accepted),
        (r#""alg":"HS256","key_ops":["sign","verify"]"#, Status::Accepted),
        (r#""alg":"HS256","key_ops":["sign"]"#, Status::KeyUse),
        (r#""alg":"HS256","key_ops":[]"#, Status::KeyUse),
        (r#""alg":"HS256","key_ops":["verify",1]"#, Status::KeyMemberType),
        (r#""alg":"HS256","key_ops":"verify""#, Status::KeyMemberType),
        (r#""alg":"HS512""#, Status::AlgorithmMismatch),
        (r#""alg":"ES256""#, Status::KeyAlgorithmMismatch),
        (r#""alg":"none""#, Status::KeyAlgorithmUnknown),
        (r#""alg":"A256GCM""#, Status::KeySecretLength),
        (r#""alg":5"#, Status::KeyMemberType),
    ];
    for (members, expected) in cases {
        let jwk = format!(r#"{{"kty":"oct","k":"{k}",{members}}}"#);
        assert_eq!(status_of(&Setup::with([KeySource::Jwk(jwk)]), &token), expected, "{members}");
    }
}

#[test]
fn attack_06_key_of_one_issuer_signs_a_token_of_another() {
    let set = |issuer: &str, letter| SetOfKeys { issuer: Some(issuer.to_string()), keys: vec![lettered(None, letter)] };
    let policy = Policy { issuers: &["https://a.example", "https://b.example"], ..Policy::default() };
    let setup =
        Setup { sets: vec![set("https://a.example", b'a'), set("https://b.example", b'b')], policy, ..Setup::default() };
    let status = |issuer: &str, letter| {
        let payload = format!(r#"{{"iss":"{issuer}","exp":2000000000}}"#);
        let token = by_letter(letter).payload(payload).build();
        judge(&setup, Attempt::new(&token)).status
    };
    assert_eq!(status("https://a.example", b'a'), Status::Accepted);
    assert_eq!(status("https://b.example", b'b'), Status::Accepted);
    assert_eq!(status("https://b.example", b'a'), Status::KeyIssuer);
    assert_eq!(status("https://a.example", b'b'), Status::KeyIssuer);
    assert_eq!(status("https://a.example", b'c'), Status::Signature);
    assert_eq!(status("https://c.example", b'a'), Status::Issuer);
    let without = by_letter(b'a').payload(r#"{"exp":2000000000}"#).build();
    let outcome = judge(&setup, Attempt::new(&without));
    assert_eq!(outcome.status, Status::Issuer);
    // A set that lists another issuer's key as well takes no token of its owner's, whichever set comes first.
    for order in [[0, 1], [1, 0]] {
        let mut shared = setup.clone();
        shared.sets[0].keys.push(lettered(None, b'b'));
        shared.sets = order.map(|at| shared.sets[at].clone()).to_vec();
        let judged = |issuer: &str, letter| {
            let token = by_letter(letter).payload(format!(r#"{{"iss":"{issuer}","exp":2000000000}}"#)).build();
            status_of(&shared, &token)
        };
        assert_eq!(judged("https://b.example", b'b'), Status::Accepted, "{order:?}");
        assert_eq!(judged("https://a.example", b'b'), Status::Accepted, "{order:?}: a lists it");
        assert_eq!(judged("https://b.example", b'a'), Status::KeyIssuer, "{order:?}: b does not list a's");
    }
    // A set that belongs to no issuer cannot serve a policy of several.
    let mut unbound = setup.clone();
    unbound.sets[1].issuer = None;
    assert_eq!(status_of(&unbound, &without), Status::IssuersUnbound);
}
