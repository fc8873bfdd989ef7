//! A key set in memory that processes share, read-only but for the one that replaces it: `c/processes.c`.

use countermark_tests::c_compiler::{self as cc, Language};

#[test]
fn processes_verify_from_one_region_while_it_is_replaced() {
    if !cfg!(target_os = "linux") {
        println!("skipped: the program maps memory as Linux does");
        return;
    }
    let source = std::fs::read_to_string(cc::root().join("tests/c/processes.c")).unwrap();
    let program = cc::build(Language::C, "c11", "processes", &source, &[]).unwrap();
    assert_eq!(cc::run(&program), (0, "4 processes, 0 failed\n".into()));
}
