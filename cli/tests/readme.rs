//! The README is true: its five lines work as they stand, its policy is one, and it lists every member of a policy.

mod support;

use support::{Folder, countermark, jwks};

const README: &str = include_str!("../README.md");

/// The text of the first block of this language.
fn block(language: &str) -> &'static str {
    let (_, behind) = README.split_once(&format!("```{language}\n")).unwrap();
    behind.split_once("```").unwrap().0
}

#[test]
fn the_five_lines() {
    let lines: Vec<&str> = block("sh").lines().collect();
    assert_eq!(lines.len(), 5);
    let (install, lines) = lines.split_first().unwrap();
    assert!(install.starts_with("cargo install --locked --path cli"));
    let folder = Folder::new();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_countermark")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    for line in lines {
        let run =
            std::process::Command::new("sh").args(["-ec", line]).env("PATH", &path).current_dir(folder.path()).output();
        let run = run.unwrap();
        let (out, error) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
        assert!(run.status.success() && error.is_empty(), "{line}: {error}");
        if line.contains("--json") {
            let object: serde_json::Value = serde_json::from_str(&out).unwrap();
            assert_eq!((&object["verdict"], &object["claims"]["sub"]), (&"accepted".into(), &"alice".into()));
        } else if line.contains("verify") {
            assert!(out.starts_with("ACCEPTED\n"), "{out}");
        }
    }
}

#[test]
fn the_policy() {
    let folder = Folder::new();
    let policy = folder.file("policy", block("json"));
    let (pepper, jwks) = (folder.file("pepper", "sixteen bytes or more"), folder.file("jwks", jwks()));
    let token = folder.file("token", support::token(r#"{"exp":2000}"#));
    let run =
        countermark(&["verify", "--json", "--jwks", &jwks, "--policy", &policy, "--pepper", &pepper, "--token", &token]);
    // The policy is read and judged by; the token is of another algorithm.
    assert_eq!((run.code, &run.json()["status"]), (1, &"ALGORITHM_NOT_ALLOWED".into()), "{}", run.error);
}

#[test]
fn every_member_of_a_policy_is_listed() {
    let folder = Folder::new();
    let policy = folder.file("policy", r#"{"colour":1}"#);
    let run = countermark(&["verify", "--token", &folder.file("token", ""), "--policy", &policy]);
    let (_, expected) = run.error.split_once("expected one of ").unwrap();
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    assert_eq!(known.len(), 21, "{}", run.error);
    let table = README.split_once("| member | what it asks |").unwrap().1.split_once("\n\n").unwrap().0;
    for name in known {
        assert!(table.contains(&format!("`{name}`")), "the table lacks {name}");
    }
}
