//! The C library, built once, and the system's compiler.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The project's own folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Where tests may write: inside the build folder.
fn scratch_folder() -> PathBuf {
    let folder = std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), PathBuf::from).join("c-tests");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Builds the C library into a folder of this name, with these variables set.
pub fn library(name: &str, variables: &[(&str, &str)]) -> PathBuf {
    // A folder of its own: the one in use may be locked by the cargo that runs this test.
    let target = scratch_folder().join(name);
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--release", "-p", "countermark-lib"]).current_dir(root());
    cargo.env("CARGO_TARGET_DIR", &target).envs(variables.iter().copied());
    let status = cargo.status().expect("cargo runs");
    assert!(status.success(), "the C library builds");
    target.join("release")
}

/// The C library as users get it, built at the first call.
fn usual_library() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| library("library", &[]))
}

/// `libcountermark.a`
pub fn static_library() -> PathBuf {
    usual_library().join("libcountermark.a")
}

/// `libcountermark.so`
pub fn shared_library() -> PathBuf {
    usual_library().join("libcountermark.so")
}

/// The language of a program.
#[derive(Clone, Copy, PartialEq)]
pub enum Language {
    /// By `cc`.
    C,
    /// By `c++`, where there is one.
    Cpp,
}

/// Compiles and links a program against the static library, every warning an error. `None`, visibly, without a C++ compiler.
pub fn build(language: Language, standard: &str, name: &str, source: &str, flags: &[&str]) -> Option<PathBuf> {
    build_with(usual_library(), language, standard, name, source, flags)
}

/// The same against the static library in another folder.
pub fn build_with(
    library: &Path,
    language: Language,
    standard: &str,
    name: &str,
    source: &str,
    flags: &[&str],
) -> Option<PathBuf> {
    let (variable, usual, ending) = match language {
        Language::C => ("CC", "cc", "c"),
        Language::Cpp => ("CXX", "c++", "cpp"),
    };
    let compiler = std::env::var(variable).unwrap_or(usual.into());
    let answers = Command::new(&compiler).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if language == Language::Cpp && !answers.is_ok_and(|status| status.success()) {
        super::skipped(&format!("{name}, {standard}"), &format!("no C++ compiler ({compiler}) on this machine"));
        return None;
    }
    let tag: String = flags.iter().flat_map(|flag| flag.chars()).filter(char::is_ascii_alphanumeric).collect();
    let program = scratch_folder().join(format!("{name}-{standard}-{tag}"));
    let file = program.with_extension(format!("{standard}-{tag}.{ending}"));
    std::fs::write(&file, source).unwrap();
    let output = Command::new(&compiler)
        .args([&format!("-std={standard}"), "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"])
        .arg("-I")
        .arg(root().join("include"))
        .arg(&file)
        .arg(library.join("libcountermark.a"))
        .args(flags)
        .arg("-o")
        .arg(&program)
        .output()
        .unwrap_or_else(|error| panic!("{compiler}: {error}"));
    assert!(output.status.success(), "{standard} {flags:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    Some(program)
}

/// A program's exit status and what it printed.
pub fn run(program: &Path) -> (i32, String) {
    let output = Command::new(program).output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8(output.stdout).unwrap())
}

/// The symbols of a library, sorted, as `nm` lists them.
pub fn symbols(library: &Path, flags: &[&str]) -> Vec<String> {
    let output = Command::new("nm").args(flags).arg(library).output().expect("nm comes with the C compiler");
    let text = String::from_utf8(output.stdout).unwrap();
    let mut names: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with([' ', '0']))
        .filter_map(|line| line.rsplit(' ').next())
        .map(String::from)
        .collect();
    names.sort();
    names.dedup();
    names
}
