//! Every seed and every finding through its check, on any toolchain. A finding is a file in `regressions/<target>/`.

use countermark_checks::{TARGETS, seeds};
use std::path::{Path, PathBuf};

fn files(kind: &str, target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(kind).join(target);
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn replay(kind: &str) -> usize {
    let mut count = 0;
    for (target, check) in TARGETS {
        for file in files(kind, target) {
            println!("{}", file.display());
            check(&std::fs::read(file).unwrap());
            count += 1;
        }
    }
    count
}

#[test]
fn every_seed_holds() {
    assert!(replay("seeds") > 200);
}

#[test]
fn every_finding_stays_fixed() {
    println!("{} findings", replay("regressions"));
}

#[test]
fn every_target_has_seeds_and_they_are_the_ones_written_here() {
    let seeds = seeds::all();
    for (target, _) in TARGETS {
        assert!(seeds.iter().any(|(of, ..)| of == target), "{target}");
    }
    for (target, name, bytes) in seeds {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seeds").join(target).join(&name);
        assert_eq!(std::fs::read(file).ok(), Some(bytes), "{target}/{name}: run the seeds program");
    }
}

#[test]
fn every_target_has_its_program() {
    let manifest = include_str!("../../Cargo.toml");
    let declared = manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/"));
    let declared: Vec<&str> = declared.filter_map(|line| line.strip_suffix(".rs\"")).collect();
    let known: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
    assert_eq!(declared, known);
}
