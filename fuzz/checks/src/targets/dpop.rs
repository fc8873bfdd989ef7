//! A bound token, a request and a proof of arbitrary parts: the failed checks are exactly those that the parts are wrong in, in
//! Rust and in C; an edited proof is never accepted.

use crate::input::Input;
use countermark::{Evidence, Scheme, Status};
use countermark_tests::htu::normal;
use countermark_tests::judge::{Attempt, Outcome, Setup, judge, key_of};
use countermark_tests::possession::{Possession, Proofs};
use countermark_tests::proof::{NOW, ProofBuilder, ProofKey, token_hash};
use countermark_tests::token::TokenBuilder;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::OnceLock;

const URIS: [&str; 6] = [
    "https://api.example/orders/7",
    "HTTPS://API.example:443/a/../orders/%37?x",
    "https://api.example/",
    "http://h:80",
    "/",
    "",
];
const METHODS: [&str; 4] = ["GET", "POST", "get", ""];

/// The owner's key and another's, and a token bound to the first.
fn known() -> &'static (ProofKey, ProofKey, String) {
    static KNOWN: OnceLock<(ProofKey, ProofKey, String)> = OnceLock::new();
    KNOWN.get_or_init(|| {
        let (own, other) = (ProofKey::of("ES256"), ProofKey::of_scalar([9; 32]));
        let cnf = format!(r#""cnf":{{"jkt":"{}"}}"#, own.thumbprint());
        (own, other, TokenBuilder::new("HS256").payload_with(&cnf).build())
    })
}

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let (own, other, token) = known();
    let signer = if input.below(4) == 3 { other } else { own };
    let (proof, wrong) = proof(&mut input, signer, own, token);
    let (uri, method) = (input.text_of(&URIS), input.text_of(&METHODS));
    let nonce = input.text_of(&["", "", "n"]);
    let scheme = if input.below(8) == 7 { Scheme::Bearer } else { Scheme::DPoP };
    let text = proof.build();
    let edited = edited(&mut input, &text);
    let count = [1, 1, 1, 1, 1, 1, 0, 2][input.below(8)];
    let shown = edited.as_deref().unwrap_or(text.as_bytes());
    let proofs = vec![shown; count];
    let evidence = Evidence { proofs: &proofs, method: &method, uri: &uri, scheme, nonce: &nonce, ..Evidence::NONE };
    let setup = Setup::with([key_of("HS256")]).possession(Possession::ruled(Proofs::DPOP));
    let outcome = judge(&setup, Attempt::new(token).from(evidence));

    if edited.is_some() && count == 1 {
        assert_ne!(outcome.status, Status::Accepted, "an edited proof");
        return;
    }
    let mut failed = BTreeSet::new();
    if scheme == Scheme::Bearer {
        failed.insert(Status::Scheme.code());
    }
    match count {
        0 => drop(failed.insert(Status::PossessionMissing.code())),
        1 => match request_failures(&proof.claims, wrong, &method, &uri, &nonce, signer.thumbprint() == own.thumbprint()) {
            Ok(more) => failed.extend(more),
            Err(status) => return assert_eq!(outcome, Outcome::ended(status)),
        },
        _ => drop(failed.insert(Status::ProofRepeated.code())),
    }
    let bit = |code: &i32| 1u64 << Status::from_code(*code).and_then(Status::bit).expect("a bit");
    assert_eq!(outcome.failures, failed.iter().map(bit).sum::<u64>(), "{} {} {failed:?}", proof.header, proof.claims);
    assert_eq!(outcome.to_commit.is_some(), failed.is_empty());
}

/// A proof of arbitrary parts, and what is wrong with it before its claims are read.
fn proof(input: &mut Input<'_>, signer: &ProofKey, own: &ProofKey, token: &str) -> (ProofBuilder, Option<Status>) {
    let mut wrong = None;
    let mut proof = ProofBuilder::new(signer, token);
    let (typ, is_typ) = input.pick(&[
        ("dpop+jwt", true),
        ("dpop+jwt", true),
        ("application/DPoP+JWT", true),
        ("JWT", false),
        ("dbsc+jwt", false),
        ("dpop", false),
    ]);
    proof = proof.header("typ", typ);
    let alg = input.pick(&["ES256", "ES256", "ES256", "ES256", "HS256", "none", "EdDSA", "ES384", "PS256"]);
    proof = proof.header("alg", alg);
    let (proof, key_fault) = match input.below(12) {
        7 => (proof.jwk("d", "AA"), Some(Status::ProofKey)),
        8 => (proof.jwk("y", Value::Null), Some(Status::ProofKey)),
        9 => (proof.jwk("use", "enc"), Some(Status::ProofKey)),
        10 => (proof.header("jwk", Value::Null), Some(Status::ProofKey)),
        11 if signer.thumbprint() != own.thumbprint() => {
            (proof.header("jwk", own.jwk.clone()), Some(Status::ProofSignature))
        }
        _ => (proof, None),
    };
    // In the order of the checks; a private member is seen before the algorithm of its key.
    let is_listed = !matches!(alg, "HS256" | "none");
    let is_hidden =
        key_fault == Some(Status::ProofKey) && (proof.header.get("jwk").is_none() || !proof.header["jwk"]["d"].is_null());
    for (is_wrong, status) in [
        (!is_typ && alg != "none", Status::ProofType),
        (!is_listed, Status::ProofAlgorithm),
        (is_hidden, Status::ProofKey),
        (alg != "ES256", Status::ProofAlgorithm),
        (key_fault.is_some(), key_fault.unwrap_or(Status::ProofKey)),
    ] {
        if is_wrong && wrong.is_none() {
            wrong = Some(status);
        }
    }
    (claims(input, proof, token), wrong)
}

fn claims(input: &mut Input<'_>, proof: ProofBuilder, token: &str) -> ProofBuilder {
    let jti = match input.below(4) {
        0 => json!("one"),
        1 => json!(input.text()),
        2 => json!("j".repeat(usize::from(input.word()) % 600)),
        _ => input.pick(&[1, 2]).into(),
    };
    let htm = if input.below(8) == 7 { Value::Null } else { json!(input.text_of(&METHODS)) };
    let htu = if input.below(8) == 7 { json!([]) } else { json!(input.text_of(&URIS)) };
    let near = NOW + i64::from(input.word() % 800) - 400;
    let iat = match input.below(6) {
        0 => json!(near as f64 + 0.5),
        1 => json!(input.long()),
        2 => json!("now"),
        _ => json!(near),
    };
    let nonce = match input.below(4) {
        0 => json!("n"),
        1 => json!(input.text()),
        2 => json!(7),
        _ => Value::Null,
    };
    let ath = match input.below(6) {
        0 => Value::Null,
        1 => json!(token_hash("a.b.c")),
        2 => json!(input.text()),
        _ => json!(token_hash(token)),
    };
    proof.claim("jti", jti).claim("htm", htm).claim("htu", htu).claim("iat", iat).claim("nonce", nonce).claim("ath", ath)
}

/// One character of the proof replaced, if the input wants it.
fn edited(input: &mut Input<'_>, text: &str) -> Option<Vec<u8>> {
    if input.below(4) != 3 {
        return None;
    }
    let mut bytes = text.as_bytes().to_vec();
    let at = usize::from(input.word()) % bytes.len();
    let byte = input.byte();
    (bytes[at] != byte).then(|| {
        bytes[at] = byte;
        bytes
    })
}

/// The checks of RFC 9449 4.3 that fail, on values; an error is the caller's own mistake.
fn request_failures(
    claims: &Value,
    wrong: Option<Status>,
    method: &str,
    uri: &str,
    nonce: &str,
    is_owner: bool,
) -> Result<BTreeSet<i32>, Status> {
    let is_token = |char: char| char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char);
    let target = normal(uri.as_bytes());
    if method.is_empty() || !method.chars().all(is_token) || target.is_none() {
        return Err(Status::Argument);
    }
    if let Some(status) = wrong {
        return Ok([status.code()].into());
    }
    let mut failed = BTreeSet::new();
    let mut fail = |is_wrong: bool, status: Status| {
        if is_wrong {
            failed.insert(status.code());
        }
    };
    fail(!is_owner, Status::ProofThumbprint);
    let jti = claims["jti"].as_str().filter(|jti| (1..=512).contains(&jti.len()));
    fail(jti.is_none(), Status::ProofClaim);
    let (htm, htu) = (claims["htm"].as_str(), claims["htu"].as_str());
    fail(htm.is_none() || htu.is_none(), Status::ProofClaim);
    fail(htm.is_some_and(|htm| htm != method), Status::ProofMethod);
    fail(htu.is_some_and(|htu| normal(htu.as_bytes()) != target), Status::ProofUri);
    let iat = claims["iat"].as_f64().filter(|iat| *iat >= 0.0);
    fail(iat.is_none(), Status::ProofClaim);
    let (now, past, future) = (NOW as f64, 300.0, 60.0);
    fail(iat.is_some_and(|iat| iat.floor() < now - past || iat.ceil() > now + future), Status::ProofTime);
    let found = claims.get("nonce");
    fail(found.is_some_and(|nonce| !nonce.is_string()), Status::ProofClaim);
    fail(!nonce.is_empty() && found.and_then(Value::as_str) != Some(nonce), Status::ProofNonce);
    fail(claims["ath"].as_str() != Some(&token_hash(&known().2)), Status::ProofTokenHash);
    Ok(failed)
}
