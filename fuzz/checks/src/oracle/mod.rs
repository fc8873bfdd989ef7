//! The whole verification once more, slow and obvious, over the tree reader, the bitwise base64url, decimal strings and the
//! `hmac` crate. ECDSA is `p256`'s here as there: the fuzzers look for what is around it.

pub mod claims;
pub mod fingerprint;
pub mod header;
pub mod keys;
pub mod policy;

use countermark::{Clock, Status};
use countermark_tests::base64url;
use countermark_tests::json::{self, Json, Node, Refusal};
use countermark_tests::judge::{Attempt, Outcome, Setup, judge_all};
use std::collections::BTreeSet;

/// The member of an object.
pub fn member<'n>(node: &'n Node, name: &str) -> Option<&'n Node> {
    match &node.json {
        Json::Object(members) => members.iter().find(|(found, _)| found == name).map(|(_, value)| value),
        _ => None,
    }
}

/// The text of a string.
pub fn string(node: &Node) -> Option<&str> {
    match &node.json {
        Json::String(text) => Some(text),
        _ => None,
    }
}

/// Whether the node is an array of strings and nothing else; then those.
pub fn strings(node: &Node) -> Option<Vec<&str>> {
    match &node.json {
        Json::Array(elements) => elements.iter().map(string).collect(),
        _ => None,
    }
}

/// Decodes and reads one segment.
fn segment(text: &[u8], setup: &Setup<'_>, statuses: [Status; 4]) -> Result<(Node, String), Status> {
    let [encoding, syntax, duplicate, limit] = statuses;
    let bytes = base64url::decode(text).ok_or(encoding)?;
    let limits = setup.policy.limits;
    let node = json::read_object(&bytes, limits.depth, limits.members).map_err(|refusal| match refusal {
        Refusal::Syntax => syntax,
        Refusal::Duplicate => duplicate,
        Refusal::Limit => limit,
    })?;
    Ok((node, String::from_utf8(bytes).expect("the reader has seen it")))
}

/// What must become of a token.
pub fn verify(setup: &Setup<'_>, attempt: &Attempt<'_>) -> Outcome {
    match claims_of(setup, attempt) {
        Err(status) => Outcome::ended(status),
        Ok((failed, claims)) => {
            let bits = failed.iter().map(|code| {
                let status = Status::from_code(*code).expect("a status");
                1u64 << status.bit().expect("a status behind the signature")
            });
            let failures = bits.sum();
            let lowest = failed.first().map_or(Status::Accepted, |code| Status::from_code(*code).expect("a status"));
            Outcome { failures, claims: failed.is_empty().then_some(claims), ..Outcome::ended(lowest) }
        }
    }
}

/// The numbers of the checks after the signature that fail, and the claims' text.
fn claims_of(setup: &Setup<'_>, attempt: &Attempt<'_>) -> Result<(BTreeSet<i32>, String), Status> {
    let token = attempt.token;
    let limits = setup.policy.limits;
    if token.is_empty() {
        return Err(Status::TokenEmpty);
    }
    if token.len() > limits.token_bytes {
        return Err(Status::TokenTooLarge);
    }
    let parts: Vec<&[u8]> = token.split(|byte| *byte == b'.').collect();
    let [header, payload, signature] = parts[..] else { return Err(Status::TokenNotCompact) };
    if header.is_empty() || signature.is_empty() {
        return Err(Status::TokenSegmentEmpty);
    }
    if attempt.scratch_missing > 0 {
        return Err(Status::ScratchTooSmall);
    }
    if attempt.clock == Clock::Missing && !setup.policy.no_clock {
        return Err(Status::ClockMissing);
    }
    let statuses = [Status::HeaderEncoding, Status::HeaderJson, Status::HeaderDuplicate, Status::HeaderLimit];
    let (header, _) = segment(header, setup, statuses)?;
    let header = header::read(&header, limits.members)?;
    let candidates = keys::candidates(setup, &header)?;
    let signature = base64url::decode(signature).ok_or(Status::Signature)?;
    let input = &token[..token.len() - parts[2].len() - 1];
    let holds = |key: &&keys::Candidate| keys::holds(&key.material, input, &signature);
    let signer = candidates.iter().find(holds).ok_or(Status::Signature)?;

    let statuses = [Status::PayloadEncoding, Status::PayloadJson, Status::PayloadDuplicate, Status::PayloadLimit];
    let (payload, text) = segment(payload, setup, statuses)?;
    let dates = claims::types(&payload)?;
    let mut failed = policy::failures(setup, attempt, &header, &payload, &dates, signer.issuer.as_deref());
    if member(&payload, "cnf").is_some() {
        failed.insert(Status::Confirmation);
    }
    if let Some(recipe) = &setup.fingerprint {
        failed.extend(fingerprint::failure(recipe, &payload, &attempt.evidence));
    }
    Ok((failed.into_iter().map(Status::code).collect(), text))
}

/// Judges through every interface and by the oracle; all must say the same, and what is accepted must be canonical.
pub fn agreed(setup: &Setup<'_>, attempt: Attempt<'_>) -> Outcome {
    let found = judge_all(setup, &[attempt]).expect("a setup without fault").remove(0);
    let expected = verify(setup, &attempt);
    assert_eq!(found, expected, "token {:?}", String::from_utf8_lossy(attempt.token));
    if found.status == Status::Accepted {
        let parts: Vec<&[u8]> = attempt.token.split(|byte| *byte == b'.').collect();
        let again: Vec<String> =
            parts.iter().map(|part| base64url::encode(&base64url::decode(part).expect("canonical"))).collect();
        assert_eq!(again.join(".").as_bytes(), attempt.token, "an accepted token has one spelling");
    }
    found
}
