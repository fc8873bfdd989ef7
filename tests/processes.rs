//! Memory that processes share: a key set, read-only but for the one that replaces it (`c/processes.c`), a replay table
//! (`c/replays.c`), a table of revocations (`c/revocations.c`), a throttle table (`c/throttles.c`).

use countermark_tests::c_compiler::{self as cc, Language};

/// What a program of `tests/c` prints; `None` where memory is not mapped as Linux does.
fn run(name: &str) -> Option<(i32, String)> {
    if !cfg!(target_os = "linux") {
        countermark_tests::skipped(&format!("tests/c/{name}.c"), "it maps memory as Linux does");
        return None;
    }
    let source = std::fs::read_to_string(cc::root().join("tests/c").join(name).with_extension("c")).unwrap();
    Some(cc::run(&cc::build(Language::C, "c11", name, &source, &[]).unwrap()))
}

#[test]
fn processes_verify_from_one_region_while_it_is_replaced() {
    let Some(ran) = run("processes") else { return };
    assert_eq!(ran, (0, "4 processes, 0 failed\n".into()));
}

/// What is revoked stays revoked with the latest time, whoever is killed.
#[test]
fn processes_share_a_table_of_revocations_and_some_are_killed() {
    let Some((code, output)) = run("revocations") else { return };
    println!("{output}");
    assert!(code == 0 && output.starts_with("4 processes, 0 failed; 20 killed, "), "{code} {output}");
}

/// Clients new to all get their burst and one rate, whoever asks and whoever is killed.
#[test]
fn processes_share_a_throttle_table_and_some_are_killed() {
    let Some((code, output)) = run("throttles") else { return };
    println!("{output}");
    assert!(code == 0 && output.starts_with("4 processes, 0 failed; 20 killed, "), "{output}");
}

/// Of all copies of a use one is accepted, and nothing more is lost than what the killed ones had in hand.
#[test]
fn processes_share_a_replay_table_and_some_are_killed() {
    let Some((code, output)) = run("replays") else { return };
    println!("{output}");
    assert!(code == 0 && output.starts_with("4 processes, 0 failed; 20 killed, "), "{output}");
}
