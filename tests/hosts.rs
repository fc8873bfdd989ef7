//! The hosts of `examples/hosts`: each is compiled as its world compiles it, run, and asked.

use countermark::Status;
use countermark_tests::base64url;
use countermark_tests::c_compiler::{self as cc, Language};
use countermark_tests::token::{NOW, SECRET, SigningKey, TokenBuilder};
use std::path::Path;
use std::process::Command;

fn host(name: &str) -> String {
    format!("#include \"{}\"\n", cc::root().join("examples/hosts").join(name).display())
}

/// A JWK Set of one HMAC key.
fn jwks(kid: &str, secret: &[u8]) -> String {
    let secret = base64url::encode(secret);
    format!(r#"keys={{"keys":[{{"kty":"oct","alg":"HS256","kid":"{kid}","k":"{secret}"}}]}}"#)
}

const OTHER: &[u8] = b"another secret of thirty-two bytes, at least";

/// A request with a token of this header and payload, under this secret.
fn request(kid: &str, secret: &[u8], payload: &str) -> String {
    let key = SigningKey::Hs256(secret.to_vec());
    let token = TokenBuilder::signed_by(key).header_with(&format!(r#""kid":"{kid}""#)).payload(payload).build();
    format!("header=Bearer {token}")
}

fn claims(subject: &str, audience: &str, lifetime: i64) -> String {
    let expires_at = NOW + lifetime;
    format!(r#"{{"iss":"https://login.example",{subject}"aud":"https://{audience}","exp":{expires_at}}}"#)
}

/// What a server says to these requests, a line for each thing.
fn answers(program: &Path, script: &[String]) -> Vec<String> {
    let output = Command::new(program).args(script).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(String::from).collect()
}

fn sentence(status: Status) -> String {
    format!("{}: {}", status.name(), status.sentence())
}

/// What both servers are asked, and what they must say; `fetches`: whether the server says when it would fetch keys.
fn script(fetches: bool) -> (Vec<String>, Vec<String>) {
    let good = claims(r#""sub":"alice","#, "api.example", 60);
    let ask = |kid: &str, secret: &[u8], payload: &str| request(kid, secret, payload);
    let invalid = r#"401 Bearer realm="api", error="invalid_token""#;
    let mut steps: Vec<(String, Vec<String>)> = vec![
        (format!("now={NOW}"), vec![]),
        (ask("1", SECRET, &good), vec![format!("log: {}", sentence(Status::NoKey)), "500".into()]),
        (jwks("1", SECRET), vec!["keys: OK".into()]),
        (ask("1", SECRET, &good), vec!["200 alice".into()]),
        (ask("1", SECRET, &claims(r#""sub":"al\u0069\"ce","#, "api.example", 60)), vec!["200 ali\"ce".into()]),
        (
            "request".into(),
            vec![format!("log: {}", sentence(Status::CredentialsMissing)), r#"401 Bearer realm="api""#.into()],
        ),
        (ask("1", OTHER, &good), vec![format!("log: {}", sentence(Status::Signature)), invalid.into()]),
        (
            ask("1", SECRET, &claims(r#""sub":"alice","#, "other.example", -1)),
            vec![format!("log: AUDIENCE EXPIRED: {}", Status::Audience.sentence()), invalid.into()],
        ),
        (
            ask("1", SECRET, &claims("", "api.example", 60)),
            vec![format!("log: {}", sentence(Status::ClaimRequired)), invalid.into()],
        ),
        // A bad set does not replace a good one.
        (r#"keys={"keys":[]}"#.into(), vec!["keys: KEY_SET_EMPTY".into()]),
        (ask("1", SECRET, &good), vec!["200 alice".into()]),
    ];
    let unknown = |also: &[&str]| {
        let mut lines = vec![format!("log: {}", sentence(Status::UnknownKid))];
        lines.extend(also.iter().filter(|_| fetches).map(|line| line.to_string()));
        lines.push(invalid.into());
        lines
    };
    steps.extend([
        (ask("2", OTHER, &good), unknown(&["log: fetching keys"])),
        (ask("2", OTHER, &good), unknown(&[])),
        (jwks("2", OTHER), vec!["keys: OK".into()]),
        (ask("2", OTHER, &good), vec!["200 alice".into()]),
        (ask("1", SECRET, &good), unknown(&[])),
    ]);
    let (asked, said): (Vec<_>, Vec<_>) = steps.into_iter().unzip();
    (asked, said.into_iter().flatten().collect())
}

#[test]
fn a_request_handler_with_pools_verifies_and_replaces_its_keys() {
    let program = cc::build(Language::C, "c99", "host-pools", &host("pools.c"), &[]).unwrap();
    let (asked, said) = script(true);
    assert_eq!(answers(&program, &asked), said);
}

#[test]
fn a_cpp_filter_is_shared_by_threads_while_its_keys_are_replaced() {
    let Some(program) = cc::build(Language::Cpp, "c++17", "host-filter", &host("filter.cpp"), &["-pthread"]) else { return };
    let (asked, said) = script(false);
    assert_eq!(answers(&program, &asked), said);
}

#[test]
fn a_bare_metal_main_opens_its_door() {
    if !(cfg!(target_os = "linux") && cfg!(any(target_arch = "x86_64", target_arch = "aarch64"))) {
        return countermark_tests::skipped("examples/hosts/bare.c", "tests/c/board.inc knows Linux on x86-64 and AArch64");
    }
    let token = |payload: String| TokenBuilder::new("ES256").payload(payload).build();
    let good = token(claims(r#""sub":"alice","#, "door.example", 60));
    let lines = [
        format!("Bearer {good}"),
        format!("Bearer {}", token(claims(r#""sub":"bob","#, "door.example", -59))),
        format!("Bearer {}", token(claims(r#""sub":"bob","#, "door.example", -60))),
        format!("Bearer {}", TokenBuilder::new("HS256").payload(claims("", "door.example", 60)).build()),
        good,
        format!("Bearer {}", "a".repeat(2000)),
    ];
    let lines: String = lines.iter().map(|line| format!("    \"{line}\",\n")).collect();
    let board = cc::root().join("tests/c/board.inc");
    let source = format!(
        "{}#define NOW {NOW}\nstatic const char *const lines[] = {{\n{lines}    NULL,\n}};\n#include \"{}\"\n",
        host("bare.c"),
        board.display()
    );
    let flags = ["-nostdlib", "-static", "-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-Wl,-e,start"];
    let program = cc::build(Language::C, "c11", "host-bare", &source, &flags).unwrap();
    let said = [
        "open: alice".into(),
        "open: bob".into(),
        sentence(Status::Expired),
        sentence(Status::AlgorithmMismatch),
        sentence(Status::CredentialsMissing),
        sentence(Status::TokenTooLarge),
    ];
    assert_eq!(cc::run(&program), (0, said.map(|line| line + "\n").concat()));
}
