//! The README's table of statuses is `src/error.rs` once more: this test reads both. `UPDATE=1` rewrites the table.

use countermark::Status;

const START: &str = "<!-- statuses: tests/statuses_table.rs compares this table with src/error.rs -->\n";
const END: &str = "<!-- end of statuses -->";

fn table() -> String {
    let mut table = String::from("| code | name | what the token, key or call did |\n|---|---|---|\n");
    for status in Status::ALL {
        table += &format!("| {} | `{}` | {} |\n", status.code(), status.name(), status.sentence());
    }
    table
}

#[test]
fn the_readme_lists_every_status() {
    let path = countermark_tests::c_compiler::root().join("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = readme.split_once(START).expect("the table's start");
    let (found, after) = rest.split_once(END).expect("the table's end");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, format!("{before}{START}{}{END}{after}", table())).unwrap();
        return;
    }
    assert_eq!(found, table(), "run again with UPDATE=1");
}
