//! `attacks.md`, proof of possession: each test is named after its line. Downgrades, borrowed proofs, and proofs used twice.

use countermark::{
    Certificate, Combination, Component, ComponentSet, Evidence, Holder, Keys, Limits, Mint, NewSketch, Pepper, Policy,
    Preset, ProofRules, Replay, Request, Scheme, Signer, Sketch, Status, Use, Verdict, Verifier, Weighted, scratch_bytes,
};
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, Setup, judge, key_of};
use countermark_tests::keys;
use countermark_tests::possession::{Possession, Proofs};
use countermark_tests::proof::{METHOD, NOW, ProofBuilder, ProofKey, URI};
use countermark_tests::token::{Flaw, SECRET, TokenBuilder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Mutex;

fn bound(key: &ProofKey) -> String {
    TokenBuilder::new("HS256").payload_with(&format!(r#""cnf":{{"jkt":"{}"}}"#, key.thumbprint())).build()
}

fn shown<'e>(proofs: &'e [&'e [u8]]) -> Evidence<'e> {
    Evidence { proofs, method: METHOD, uri: URI, scheme: Scheme::DPoP, ..Evidence::NONE }
}

/// Under a policy that accepts bound and unbound tokens: what a careless host would have.
fn lenient() -> Setup<'static> {
    let combination = Combination::IfBound;
    Setup::with([key_of("HS256")]).possession(Possession::confirmed().combined(combination))
}

fn strict() -> Setup<'static> {
    Setup::with([key_of("HS256")]).possession(Possession::proofs())
}

fn status(setup: &Setup<'_>, token: &str, evidence: Evidence<'_>) -> Status {
    judge(setup, Attempt::new(token).from(evidence)).status
}

#[test]
fn attack_7_private_members_in_the_jwk() {
    for alg in ["ES256", "EdDSA", "RS256"] {
        let key = ProofKey::of(alg);
        let token = bound(&key);
        let good = ProofBuilder::new(&key, &token);
        assert_eq!(status(&strict(), &token, shown(&[good.build().as_bytes()])), Status::Accepted);
        for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
            for value in [json!("AQAB"), json!(""), json!(1), json!([]), Value::Bool(true)] {
                let proof = good.clone().jwk(name, value).build();
                assert_eq!(status(&strict(), &token, shown(&[proof.as_bytes()])), Status::ProofKey, "{alg} {name}");
            }
        }
        // The same name spelt with an escape; null is a value, too.
        for member in [r#""\u0064":"AQAB""#, r#""d":null"#] {
            let header = good.header.to_string().replace(r#""jwk":{"#, &format!(r#""jwk":{{{member},"#));
            let proof = TokenBuilder::signed_by(countermark_tests::token::SigningKey::of(alg)).header(header);
            let proof = proof.payload(good.claims.to_string()).build();
            assert_eq!(status(&strict(), &token, shown(&[proof.as_bytes()])), Status::ProofKey, "{alg} {member}");
        }
    }
}

#[test]
fn attack_23_a_bound_token_is_never_a_bearer_token() {
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    for setup in [lenient(), strict()] {
        assert_eq!(status(&setup, &token, Evidence::NONE), Status::PossessionMissing);
        assert_eq!(status(&setup, &token, shown(&[])), Status::PossessionMissing);
        let empty: &[u8] = b"";
        assert_eq!(status(&setup, &token, shown(&[empty])), Status::ProofMalformed);
        // A good proof, and the token under Bearer (RFC 9449 7.2).
        let proof = ProofBuilder::new(&key, &token).build();
        let proofs = [proof.as_bytes()];
        assert_eq!(status(&setup, &token, Evidence { scheme: Scheme::Bearer, ..shown(&proofs) }), Status::Scheme);
        assert_eq!(status(&setup, &token, shown(&proofs)), Status::Accepted);
    }
    // A host that knows nothing of proofs.
    assert_eq!(status(&Setup::with([key_of("HS256")]), &token, Evidence::NONE), Status::Confirmation);
    // Unknown methods, and `cnf` in every odd form.
    let jkt = key.thumbprint();
    let proof = |token: &str| ProofBuilder::new(&key, token).build();
    for (cnf, expected) in [
        (format!(r#"{{"jkt":"{jkt}","new":"x"}}"#), Status::Confirmation),
        (format!(r#"{{"jkt":"{jkt}","jwk":{{}}}}"#), Status::Confirmation),
        (format!(r#"{{"kid":"{jkt}"}}"#), Status::Confirmation),
        (r#"{"jkt":1}"#.into(), Status::Confirmation),
        (r#"{"jkt":null}"#.into(), Status::Confirmation),
        (format!(r#"{{"jkt":["{jkt}"]}}"#), Status::Confirmation),
        (format!(r#"{{"JKT":"{jkt}"}}"#), Status::Confirmation),
        ("{}".into(), Status::Confirmation),
        ("null".into(), Status::ClaimType),
        (format!("\"{jkt}\""), Status::ClaimType),
        (r#"{"jkt":""}"#.into(), Status::ProofThumbprint),
        (format!(r#"{{"jkt":"{jkt}","jkt":"{jkt}"}}"#), Status::PayloadDuplicate),
        (format!(r#"{{"j\u006bt":"{jkt}"}}"#), Status::Accepted),
    ] {
        let token = TokenBuilder::new("HS256").payload_with(&format!(r#""cnf":{cnf}"#)).build();
        assert_eq!(status(&lenient(), &token, shown(&[proof(&token).as_bytes()])), expected, "{cnf}");
    }
}

#[test]
fn attack_23_two_proofs() {
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    let proof = ProofBuilder::new(&key, &token).build();
    let (one, joined, spaced) = (proof.as_bytes(), format!("{proof},{proof}"), format!("{proof}, "));
    let empty: &[u8] = b"";
    for proofs in [&[one, one][..], &[one, one, one], &[one, empty], &[joined.as_bytes()], &[spaced.as_bytes()]] {
        assert_eq!(status(&lenient(), &token, shown(proofs)), Status::ProofRepeated);
    }
}

#[test]
fn attack_23_someone_elses_proof() {
    let (owner, thief) = (ProofKey::of("ES256"), ProofKey::of_scalar([9; 32]));
    let token = bound(&owner);
    let own = bound(&thief);
    // The thief's own key for the stolen token.
    let proof = ProofBuilder::new(&thief, &token).build();
    assert_eq!(status(&strict(), &token, shown(&[proof.as_bytes()])), Status::ProofThumbprint);
    // The thief's proof for the thief's token; the owner's proof for another token; the owner's key under the thief's signature.
    let proof = ProofBuilder::new(&thief, &own).build();
    assert_eq!(status(&strict(), &token, shown(&[proof.as_bytes()])), Status::ProofTokenHash);
    let proof = ProofBuilder::new(&owner, &own).build();
    assert_eq!(status(&strict(), &token, shown(&[proof.as_bytes()])), Status::ProofTokenHash);
    let proof = ProofBuilder::new(&thief, &token).header("jwk", owner.jwk.clone()).build();
    assert_eq!(status(&strict(), &token, shown(&[proof.as_bytes()])), Status::ProofSignature);
    // Another kind of key with the same claims.
    let proof = ProofBuilder::new(&ProofKey::of("RS256"), &token).build();
    assert_eq!(status(&strict(), &token, shown(&[proof.as_bytes()])), Status::ProofThumbprint);
    // A token as its own proof, and a proof as a token.
    assert_eq!(status(&strict(), &token, shown(&[token.as_bytes()])), Status::ProofType);
    let proof = ProofBuilder::new(&owner, &token).build();
    assert_eq!(status(&strict(), &proof, shown(&[proof.as_bytes()])), Status::AlgorithmMismatch);
}

#[test]
fn attack_23_ath_is_required() {
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    for ath in [Value::Null, json!(""), json!(base64url::encode(&Sha256::digest(b"")))] {
        let proof = ProofBuilder::new(&key, &token).claim("ath", ath).build();
        assert_eq!(status(&strict(), &token, shown(&[proof.as_bytes()])), Status::ProofTokenHash);
    }
}

#[test]
fn attack_23_targets() {
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    let judged = |htu: &str, uri: &str| {
        let proof = ProofBuilder::new(&key, &token).claim("htu", htu).build();
        status(&strict(), &token, Evidence { uri, ..shown(&[proof.as_bytes()]) })
    };
    for (htu, uri) in [
        ("https://api.example/orders/7", "https://api.example:443/orders/7?page=2"),
        ("HTTPS://API.example:443/orders/7#x", "https://api.example/orders/7"),
        ("https://api.example/a/../orders/%37", "https://api.example/./orders/7"),
        ("https://api.example", "https://api.example/"),
        ("http://[::A]:80/", "http://[::a]"),
    ] {
        assert_eq!(judged(htu, uri), Status::Accepted, "{htu} {uri}");
    }
    for (htu, uri) in [
        ("https://api.example/orders/7", "https://api.example:8443/orders/7"),
        ("https://api.example/orders/7", "http://api.example/orders/7"),
        ("https://api.example/orders/7", "https://api.example/orders/8"),
        ("https://api.example/orders/7", "https://api2.example/orders/7"),
        ("https://api.example/orders", "https://api.example/orders/"),
        ("https://api.example/a%2Fb", "https://api.example/a/b"),
        ("https://api.example", "https://api.example.evil/"),
    ] {
        assert_eq!(judged(htu, uri), Status::ProofUri, "{htu} {uri}");
    }
}

/// The slow table: everything, for ever.
#[derive(Default)]
struct Table(Mutex<HashMap<[u8; 32], i64>>);

impl Replay for Table {
    fn check(&self, used: &Use, _: i64) -> Result<(), Status> {
        if self.0.lock().unwrap().contains_key(&used.digest) { Err(Status::Replayed) } else { Ok(()) }
    }

    fn commit(&self, used: &Use, _: i64) -> Result<(), Status> {
        match self.0.lock().unwrap().insert(used.digest, used.expires_at) {
            Some(_) => Err(Status::Replayed),
            None => Ok(()),
        }
    }
}

/// Hands a verifier that wants proofs to `then`.
fn with_verifier(then: impl FnOnce(&Verifier<'_>)) {
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(countermark::Algorithm::HS256, None, SECRET).unwrap();
    let sets = [keys.set()];
    let holder = Holder { proof: Some(&ProofRules::DPOP), ..Holder::default() };
    then(&Verifier::new(&sets, Policy::default(), holder).unwrap());
}

fn once(verifier: &Verifier<'_>, token: &str, proof: &str, table: &dyn Replay) -> Result<String, Status> {
    let bytes = scratch_bytes(token.len(), &Limits::DEFAULT) + scratch_bytes(proof.len(), &Limits::DEFAULT);
    let mut scratch = vec![0; bytes];
    let proofs = [proof.as_bytes()];
    let request = Request::new(token, NOW).with_evidence(shown(&proofs));
    let verdict = verifier.verify_once(&request, &mut scratch, table);
    let report = verdict.report();
    if report.status == Status::Replayed {
        assert!(matches!(verdict, Verdict::Reject(_)) && report.to_commit.is_none());
        assert!(report.failures.contains(Status::Replayed));
    }
    verdict.accepted().map(|claims| claims.raw().to_string())
}

#[test]
fn attack_23_replay() {
    let (one, two) = (ProofKey::of("ES256"), ProofKey::of_scalar([9; 32]));
    let (token, other) = (bound(&one), bound(&two));
    let proof = ProofBuilder::new(&one, &token).build();
    with_verifier(|verifier| {
        let table = Table::default();
        assert!(once(verifier, &token, &proof, &table).is_ok());
        assert_eq!(once(verifier, &token, &proof, &table), Err(Status::Replayed));
        // The same jti in a new proof is a replay, too; that of another key is not.
        let again = ProofBuilder::new(&one, &token).claim("iat", NOW - 1).build();
        assert_eq!(once(verifier, &token, &again, &table), Err(Status::Replayed));
        assert!(once(verifier, &other, &ProofBuilder::new(&two, &other).build(), &table).is_ok());
        assert!(once(verifier, &token, &ProofBuilder::new(&one, &token).claim("jti", "two").build(), &table).is_ok());
    });
}

#[test]
fn attack_23_a_forged_token_burns_no_proof() {
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    let forged = TokenBuilder::new("HS256").flaw(Flaw::SignatureBit(3)).build();
    let expired =
        TokenBuilder::new("HS256").payload(format!(r#"{{"exp":{NOW},"cnf":{{"jkt":"{}"}}}}"#, key.thumbprint())).build();
    let proof = ProofBuilder::new(&key, &token).build();
    let wrong_target = ProofBuilder::new(&key, &token).claim("htu", "https://other.example/").build();
    with_verifier(|verifier| {
        let table = Table::default();
        assert_eq!(once(verifier, &forged, &proof, &table), Err(Status::Signature));
        assert_eq!(once(verifier, &expired, &ProofBuilder::new(&key, &expired).build(), &table), Err(Status::Expired));
        assert_eq!(once(verifier, &token, &wrong_target, &table), Err(Status::ProofUri));
        assert!(table.0.lock().unwrap().is_empty(), "nothing was kept");
        assert!(once(verifier, &token, &proof, &table).is_ok());
    });
}

#[test]
fn attack_23_a_forward_check_consumes_nothing() {
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    let proof = ProofBuilder::new(&key, &token).build();
    let proofs = [proof.as_bytes()];
    with_verifier(|verifier| {
        let table = Table::default();
        let request = Request::new(&token, NOW).with_evidence(shown(&proofs));
        let mut scratch = [0; 4096];
        for _ in 0..3 {
            let report = verifier.verify(&request, &mut scratch).report();
            assert_eq!(report.status, Status::Accepted);
            assert_eq!(table.check(&report.to_commit.unwrap(), NOW), Ok(()));
        }
        assert!(once(verifier, &token, &proof, &table).is_ok(), "the request itself is served");
        let report = verifier.verify(&request, &mut scratch).report();
        assert_eq!(table.check(&report.to_commit.unwrap(), NOW), Err(Status::Replayed));
    });
}

#[test]
fn attack_23_of_many_at_once_one_is_served() {
    let key = ProofKey::of("ES256");
    let token = bound(&key);
    let proof = ProofBuilder::new(&key, &token).build();
    with_verifier(|verifier| {
        let table = Table::default();
        let served = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| once(verifier, &token, &proof, &table))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(Result::is_ok).count()
        });
        assert_eq!(served, 1);
    });
}

#[test]
fn attack_24_thumbprints_are_compared_whole() {
    let key = ProofKey::of("ES256");
    let good = key.thumbprint();
    let zero = base64url::encode(&[0; 32]);
    let cut = |at: usize| format!("{}{}", &good[..at], &zero[at..]);
    // What strcmp or a prefix would let through: a NUL, a prefix, the right start, the right end, another case.
    let others = [
        cut(1),
        cut(21),
        cut(42),
        format!("{}{}", &zero[..1], &good[1..]),
        good[..42].into(),
        format!("{good}A"),
        format!("{}\\u0000", &good[..42]),
        format!("\\u0000{}", &good[1..]),
        good.to_lowercase(),
        format!("{good}="),
        String::new(),
    ];
    for jkt in others {
        let token = TokenBuilder::new("HS256").payload_with(&format!(r#""cnf":{{"jkt":"{jkt}"}}"#)).build();
        let proof = ProofBuilder::new(&key, &token).build();
        assert_eq!(status(&strict(), &token, shown(&[proof.as_bytes()])), Status::ProofThumbprint, "{jkt}");
    }
}

#[test]
fn attack_24_the_certificate_of_another_connection() {
    let der = |name: &str| keys::der(keys::named(name).certificate);
    let (own, other) = (der("p256"), der("p384"));
    let thumbprint = base64url::encode(&Sha256::digest(&own));
    let token = TokenBuilder::new("HS256").payload_with(&format!(r#""cnf":{{"x5t#S256":"{thumbprint}"}}"#)).build();
    let by = |certificate| status(&lenient(), &token, Evidence { certificate, ..Evidence::NONE });
    assert_eq!(by(Some(Certificate::Der(&own))), Status::Accepted);
    assert_eq!(by(Some(Certificate::Der(&other))), Status::CertificateMismatch);
    assert_eq!(by(Some(Certificate::Der(b"junk"))), Status::CertificateMalformed);
    assert_eq!(by(None), Status::PossessionMissing);
    // A proof does not stand in for the certificate, nor one of two methods for both.
    let key = ProofKey::of("ES256");
    let both = format!(r#""cnf":{{"x5t#S256":"{thumbprint}","jkt":"{}"}}"#, key.thumbprint());
    let token = TokenBuilder::new("HS256").payload_with(&both).build();
    let proof = ProofBuilder::new(&key, &token).build();
    let proofs = [proof.as_bytes()];
    let certificate = Some(Certificate::Der(&own));
    assert_eq!(status(&lenient(), &token, shown(&proofs)), Status::PossessionMissing);
    assert_eq!(status(&lenient(), &token, Evidence { certificate, ..Evidence::NONE }), Status::PossessionMissing);
    assert_eq!(status(&lenient(), &token, Evidence { certificate, ..shown(&proofs) }), Status::Accepted);
}

#[test]
fn attack_24_tls_unique_under_tls_1_3_is_empty_and_an_empty_value_binds_nothing() {
    // RFC 9266 3: TLS 1.3 has no tls-unique; libraries answer with an empty value.
    let empty = base64url::encode(&Sha256::digest(b""));
    let member = format!(r#""cnf":{{"{}":"{empty}"}}"#, countermark::CHANNEL_MEMBER);
    let token = TokenBuilder::new("HS256").payload_with(&member).build();
    assert_eq!(status(&lenient(), &token, Evidence::NONE), Status::PossessionMissing);
    let binding = Some(countermark::BindingForm::Base64url);
    let setup = Setup::with([key_of("HS256")]).possession(Possession { binding, ..Possession::default() });
    let token = TokenBuilder::new("HS256").build();
    let text = base64url::encode(&Sha256::digest(&token));
    assert_eq!(status(&setup, &token, Evidence { binding: &text, ..Evidence::NONE }), Status::PossessionMissing);
}

#[test]
fn attack_4_an_rsa_key_says_one_algorithm_and_the_proof_another() {
    for (alg, other) in [("PS256", "RS256"), ("RS256", "PS256"), ("RS256", "RS512")] {
        let key = ProofKey::of(alg);
        let token = bound(&key);
        let proof = ProofBuilder::new(&key, &token).jwk("alg", other).build();
        assert_eq!(status(&strict(), &token, shown(&[proof.as_bytes()])), Status::ProofAlgorithm, "{alg} {other}");
    }
}

#[test]
fn attack_23_the_policys_own_algorithms() {
    let key = ProofKey::of("RS256");
    let token = bound(&key);
    let proof = ProofBuilder::new(&key, &token).build();
    let rules = Proofs { algorithms: &[countermark::Algorithm::ES256], ..Proofs::DPOP };
    let setup = Setup::with([key_of("HS256")]).possession(Possession::ruled(rules));
    assert_eq!(status(&setup, &token, shown(&[proof.as_bytes()])), Status::ProofAlgorithm);
}

/// What was advised of the token that the check accepted is not said of the replay.
#[test]
fn attack_23_of_a_replay_nothing_is_advised() {
    let key = ProofKey::of("ES256");
    let peppers = [(0, Pepper::new(SECRET).unwrap())];
    // Numbers of the host's own that are exact.
    let numbers = [128u8, 129, 130, 131, 132, 133, 134, 135, 136, 137].map(|number| Component::from_number(number).unwrap());
    let components = numbers.map(|component| Weighted::new(component, 10).with_rates(500, 5));
    let sketch = Sketch { components: &components, ..Sketch::preset(Preset::Browser, "cmk", &peppers) };
    let before = numbers.map(|component| (component, "the same"));
    let mut after = before;
    after[9].1 = "another";
    let first = Evidence { components: &before, ..Evidence::NONE };
    let mark = NewSketch { sketch: &sketch, evidence: &first, salt: [1; 8], opt_out: ComponentSet::EMPTY, previous: None };
    let (thumbprint, signer) = (key.thumbprint(), Signer::of_secret(countermark::Algorithm::HS256, None, SECRET).unwrap());
    let mint = Mint { expires_at: Some(NOW + 60), sketch: Some(&mark), confirmed_key: Some(&thumbprint), ..Mint::default() };
    let (mut scratch, mut out) = ([0; 2048], [0; 2048]);
    let token = signer.issue(&mint, &mut scratch, &mut out).unwrap();
    let proof = ProofBuilder::new(&key, token).build();
    let proofs = [proof.as_bytes()];
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(countermark::Algorithm::HS256, None, SECRET).unwrap();
    let sets = [keys.set()];
    let holder = Holder { sketch: Some(&sketch), proof: Some(&ProofRules::DPOP), ..Holder::default() };
    let verifier = Verifier::new(&sets, Policy::default(), holder).unwrap();
    let request = Request::new(token, NOW).with_evidence(Evidence { components: &after, ..shown(&proofs) });
    let table = Table::default();
    let mut scratch = [0; 4096];
    let [first, second] = [0, 1].map(|_| verifier.verify_once(&request, &mut scratch, &table).report());
    assert_eq!((first.status, first.score.unwrap().reissue), (Status::Accepted, true));
    assert_eq!((second.status, second.score.unwrap().reissue), (Status::Replayed, false));
    assert_eq!(second.score.unwrap().similarity, first.score.unwrap().similarity, "what was scored stays");
}
