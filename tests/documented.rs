//! Every exported name stands in an example that is compiled: of its documentation or the README, or in a program under `examples`. The
//! others stand in `documented.txt`, each with its reason:
//!
//!     NAME: bound            a constant, whose documentation states value, unit and source
//!     NAME: answer of OTHER  what OTHER gives, and OTHER has an example
//!     NAME: part of OTHER    a setting of OTHER, which has an example
//!     NAME: see FILE         shown there

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.as_ref().display()))
}

/// Every Rust file under a folder.
fn sources(folder: &Path) -> Vec<String> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs")).map(read);
    files.chain(folders.iter().flat_map(|folder| sources(folder))).collect()
}

fn words(text: &str) -> BTreeSet<&str> {
    text.split(|char: char| !char.is_alphanumeric() && char != '_').collect()
}

/// What `lib.rs` exports by name, and the constants and types of `limits.rs`, which it exports as a whole.
fn exported() -> BTreeSet<String> {
    let (map, limits) = (read(root().join("src/lib.rs")), read(root().join("src/limits.rs")));
    let mut names = BTreeSet::new();
    for used in map.split("\npub use ").skip(1) {
        let list = used.split(';').next().unwrap();
        let list = list.split_once('{').map_or_else(|| list.rsplit("::").next().unwrap(), |(_, list)| list);
        names.extend(list.trim_end_matches('}').split(',').map(|name| name.trim().to_string()));
    }
    assert!(names.remove("*") && names.remove(""), "a list of several lines, and all of limits.rs");
    let declared = limits.lines().filter_map(|line| line.strip_prefix("pub const ").or(line.strip_prefix("pub struct ")));
    names.extend(declared.map(|rest| words(rest.split([':', ' ']).next().unwrap()).into_iter().collect::<String>()));
    names
}

/// The code between fences, of documentation and of the README, which is the crate's own.
fn documentation() -> String {
    let mut code = String::new();
    let comment = |line: &str| ["///", "//!"].iter().find_map(|mark| line.trim_start().strip_prefix(mark)).map(String::from);
    let commented =
        sources(&root().join("src")).into_iter().map(|source| source.lines().filter_map(comment).collect::<Vec<_>>());
    let readme = read(root().join("README.md")).lines().map(String::from).collect();
    for lines in commented.chain([readme]) {
        let mut fence: Option<String> = None;
        for line in &lines {
            match (line.trim().strip_prefix("```"), &fence) {
                (Some(_), Some(_)) => fence = None,
                (Some(language), None) => fence = Some(language.to_string()),
                // Of the README not what is C or a shell's.
                (None, Some(language)) if language.is_empty() || language.starts_with("rust") => {
                    code += &format!("{line}\n")
                }
                _ => {}
            }
        }
    }
    code
}

#[test]
fn every_exported_name_has_an_example_or_a_reason() {
    let exported = exported();
    let (documentation, programs) = (documentation(), sources(&root().join("examples")).concat());
    let (documented, programmed) = (words(&documentation), words(&programs));
    let reasons = read(Path::new(env!("CARGO_MANIFEST_DIR")).join("documented.txt"));
    let reasons: BTreeMap<&str, &str> = reasons.lines().map(|line| line.split_once(": ").expect("NAME: reason")).collect();
    let has_example = |name: &str| documented.contains(name) || programmed.contains(name);

    for (name, reason) in &reasons {
        assert!(exported.contains(*name), "{name} is not exported");
        assert!(!has_example(name), "{name} has an example, and needs no reason");
        match reason.split_once(' ') {
            None if *reason == "bound" => {
                let declared =
                    sources(&root().join("src")).iter().any(|source| source.contains(&format!("pub const {name}: ")));
                assert!(declared, "{name} is no constant");
            }
            Some(("see", file)) => assert!(words(&read(root().join(file))).contains(name), "{file} does not show {name}"),
            Some(("answer" | "part", of)) => {
                let of = of.strip_prefix("of ").expect("of OTHER");
                assert!(exported.contains(of) && has_example(of), "{name}: {of} has no example");
            }
            _ => panic!("{name}: {reason} is no reason"),
        }
    }
    let lacking: Vec<_> =
        exported.iter().filter(|name| !has_example(name) && !reasons.contains_key(name.as_str())).collect();
    assert!(lacking.is_empty(), "neither example nor reason: {lacking:?}");
    let in_programs =
        exported.iter().filter(|name| !documented.contains(name.as_str()) && programmed.contains(name.as_str())).count();
    println!(
        "{} names: {} in the documentation's examples, {in_programs} in programs, {} with a reason",
        exported.len(),
        exported.len() - in_programs - reasons.len(),
        reasons.len()
    );
}

/// The table of `fuzz/README.md` has a row for every target, and for nothing else.
#[test]
fn every_fuzz_target_says_what_must_hold() {
    let (manifest, table) = (read(root().join("fuzz/Cargo.toml")), read(root().join("fuzz/README.md")));
    let targets = manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\""));
    let rows = table.lines().filter_map(|line| Some(line.strip_prefix("| ")?.split(" |").next().unwrap()));
    let (targets, rows): (BTreeSet<_>, BTreeSet<_>) = (targets.collect(), rows.filter(|name| *name != "target").collect());
    assert!(targets.len() > 20 && targets == rows, "{:?}", targets.symmetric_difference(&rows));
}
