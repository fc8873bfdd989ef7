//! Colours where there is a terminal and nobody objects; and nothing that a token says is obeyed by one.

mod support;

use std::process::Command;
use support::{Folder, SECRET, countermark};

const ESCAPE: char = '\x1b';

/// The arguments of a verdict that is printed for a person.
fn verify(folder: &Folder, claims: &str) -> Vec<String> {
    let secret = format!("HS256={}", folder.file("secret", SECRET));
    let (token, policy) = (folder.file("token", support::token(claims)), folder.file("policy", r#"{"any_audience":true}"#));
    ["verify", "--now", "1000", "--secret", &secret, "--token", &token, "--policy", &policy].map(String::from).to_vec()
}

#[test]
fn colours_are_for_terminals() {
    let folder = Folder::new();
    let arguments = verify(&folder, r#"{"exp":2000}"#);
    let with = |more: &[&str]| {
        countermark(&[&arguments[..], &more.iter().map(|text| text.to_string()).collect::<Vec<_>>()].concat())
    };
    assert!(!with(&[]).out.contains(ESCAPE), "a pipe is no terminal");
    assert!(with(&["--color", "always"]).out.contains(ESCAPE));
    assert!(!with(&["--color", "never"]).out.contains(ESCAPE));
    assert!(!with(&["--color", "always", "--json"]).out.contains(ESCAPE), "JSON has no colours");
}

/// `script` of util-linux runs a command on a terminal of its own.
#[test]
fn on_a_terminal() {
    let folder = Folder::new();
    let command = format!("{} {}", env!("CARGO_BIN_EXE_countermark"), verify(&folder, r#"{"exp":2000}"#).join(" "));
    let run = |set: &[(&str, &str)]| {
        let mut script = Command::new("script");
        script.args(["-qec", &command, "/dev/null"]).stdin(std::process::Stdio::null());
        script.env("TERM", "xterm").env_remove("NO_COLOR").env_remove("CI").envs(set.iter().copied());
        script
            .output()
            .ok()
            .filter(|output| output.status.success())
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(plain) = run(&[]) else {
        println!("skipped: no script(1) here");
        return;
    };
    assert!(plain.contains("ACCEPTED"), "{plain}");
    assert!(plain.contains(ESCAPE), "a terminal has colours: {plain}");
    assert!(!run(&[("NO_COLOR", "1")]).unwrap().contains(ESCAPE), "NO_COLOR is honoured");
}

/// What a token says cannot move the cursor, change colours or turn the direction of the text.
#[test]
fn claims_are_shown_and_not_obeyed() {
    let folder = Folder::new();
    let claims = "{\"exp\":2000,\"sub\":\"a\u{9b}2J\u{7f}\u{202e}b\\u001b[2J\u{e9}\"}";
    let run = countermark(&verify(&folder, claims));
    assert!(run.out.contains(r"a\u{9b}2J\u{7f}\u{202e}b\u001b[2Jé"), "{}", run.out);
    let mut as_json = verify(&folder, claims);
    as_json.push("--json".into());
    let run = countermark(&as_json);
    assert_eq!(run.json()["claims"]["sub"], "a\u{9b}2J\u{7f}\u{202e}b\u{1b}[2Jé", "a program gets what the token says");
}
