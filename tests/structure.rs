//! The house's plan: imports point upwards in the order of `src/lib.rs`, tools know no stage, files stay short.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of code (not blank, not comment) that one file may have: more holds two ideas.
const CODE_LINES_MAX: usize = 300;

/// Files that are one table, and grow with it.
const TABLES: [&str; 1] = ["src/error.rs"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let (folders, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let files = files.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    files.chain(folders.iter().flat_map(|folder| self::files(folder))).collect()
}

/// The modules of `src/lib.rs` under a comment that starts so.
fn modules(map: &str, heading: &str) -> Vec<String> {
    let (_, section) = map.split_once(heading).unwrap_or_else(|| panic!("lib.rs has no {heading:?}"));
    let section = section.split_once("\n\n").unwrap().0;
    let modules = section.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    modules.map(String::from).collect()
}

/// The top-level modules that a file's code names.
fn named(source: &str) -> BTreeSet<String> {
    let code = source.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
    let mut named = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if code[..at].ends_with("pub(in ") {
            continue;
        }
        let rest = code[at..].strip_prefix("crate::").unwrap();
        match rest.strip_prefix('{') {
            // `use crate::{one, two::Three};`
            Some(list) => {
                let list = list.split_once('}').unwrap().0;
                named.extend(list.split(',').map(|item| item.trim().split("::").next().unwrap().to_string()));
            }
            None => {
                named.insert(
                    rest.chars()
                        .take_while(|letter| letter.is_ascii_lowercase() || *letter == '_' || letter.is_ascii_digit())
                        .collect(),
                );
            }
        }
    }
    named.retain(|name| !name.is_empty());
    named
}

/// Each top-level module with those that it names.
fn graph() -> BTreeMap<String, BTreeSet<String>> {
    let source = root().join("src");
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files(&source) {
        let inside = file.strip_prefix(&source).unwrap().with_extension("");
        let module = inside.components().next().unwrap().as_os_str().to_str().unwrap().to_string();
        // The map, and the tests' back door, name everything.
        if !["lib", "tools"].contains(&module.as_str()) {
            let others = named(&fs::read_to_string(&file).unwrap());
            graph.entry(module.clone()).or_default().extend(others.into_iter().filter(|other| *other != module));
        }
    }
    graph
}

#[test]
fn imports_point_upwards() {
    let map = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let pipeline = modules(&map, "// The pipeline, in order");
    let beside = modules(&map, "// Beside the pipeline");
    let tools = modules(&map, "// The tools, in the same order");
    let graph = graph();
    let listed: BTreeSet<_> = pipeline.iter().chain(&beside).chain(&tools).cloned().collect();
    assert_eq!(graph.keys().cloned().collect::<BTreeSet<_>>(), listed, "every module stands in one of the three lists");

    let place = |list: &[String], name: &String| list.iter().position(|listed| listed == name);
    let mut wrong = Vec::new();
    for (module, others) in &graph {
        for other in others {
            let is_upwards = if let Some(at) = place(&tools, module) {
                place(&tools, other).is_some_and(|above| above < at)
            } else if let Some(at) = place(&pipeline, module) {
                tools.contains(other) || place(&pipeline, other).is_some_and(|above| above < at)
            } else {
                tools.contains(other) || (pipeline.contains(other) && other != "verify")
            };
            if !is_upwards {
                wrong.push(format!("{module} uses {other}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(graph.values().all(|others| !others.contains("verify")), "nobody imports verify");
}

#[test]
fn an_import_that_points_downwards_would_be_found() {
    let named = named(
        "use crate::holder::Evidence; // crate::verify\nuse crate::{hash, mac::HmacKey};\nlet at = crate::json::value_at(text);",
    );
    assert_eq!(named, ["hash", "holder", "json", "mac"].map(String::from).into());
}

#[test]
fn files_hold_one_idea() {
    let mut long = Vec::new();
    for folder in ["src", "ffi/src", "examples", "quality/src", "cli/src"] {
        for file in files(&root().join(folder)) {
            let name = file.strip_prefix(root()).unwrap().to_str().unwrap().to_string();
            let source = fs::read_to_string(&file).unwrap();
            let lines = source.lines().filter(|line| !line.trim().is_empty() && !line.trim().starts_with("//")).count();
            if lines > CODE_LINES_MAX && !TABLES.contains(&name.as_str()) {
                long.push(format!("{name}: {lines}"));
            }
        }
    }
    assert_eq!(long, Vec::<String>::new());
}
