//! Published JSON suites, from `../shared/vectors/json` where that folder is present.

use countermark::Limits;
use countermark::tools::{self, Fault};
use std::path::PathBuf;

const LIMITS: Limits = Limits { token_bytes: 65_535, depth: 16, members: 256, candidates: 8 };

/// The decision for each case that RFC 8259 leaves open: what we do, and why.
const OPEN_CASES: &[(&str, bool)] = &[
    // Numbers are read exactly from their text (no floating point), so no magnitude is too large for the reader.
    ("i_number_double_huge_neg_exp.json", true),
    ("i_number_huge_exp.json", true),
    ("i_number_neg_int_huge_exp.json", true),
    ("i_number_pos_double_huge_exp.json", true),
    ("i_number_real_neg_overflow.json", true),
    ("i_number_real_pos_overflow.json", true),
    ("i_number_real_underflow.json", true),
    ("i_number_too_big_neg_int.json", true),
    ("i_number_too_big_pos_int.json", true),
    ("i_number_very_big_negative_int.json", true),
    // A lone surrogate is no character: nothing to compare or to copy as UTF-8.
    ("i_object_key_lone_2nd_surrogate.json", false),
    ("i_string_1st_surrogate_but_2nd_missing.json", false),
    ("i_string_1st_valid_surrogate_2nd_invalid.json", false),
    ("i_string_incomplete_surrogate_and_escape_valid.json", false),
    ("i_string_incomplete_surrogate_pair.json", false),
    ("i_string_incomplete_surrogates_escape_valid.json", false),
    ("i_string_invalid_lonely_surrogate.json", false),
    ("i_string_invalid_surrogate.json", false),
    ("i_string_inverted_surrogates_U+1D11E.json", false),
    ("i_string_lone_second_surrogate.json", false),
    // Only well-formed UTF-8 is read, in no other encoding (RFC 8259 8.1).
    ("i_string_UTF-16LE_with_BOM.json", false),
    ("i_string_UTF-8_invalid_sequence.json", false),
    ("i_string_UTF8_surrogate_U+D800.json", false),
    ("i_string_invalid_utf-8.json", false),
    ("i_string_iso_latin_1.json", false),
    ("i_string_lone_utf8_continuation_byte.json", false),
    ("i_string_not_in_unicode_range.json", false),
    ("i_string_overlong_sequence_2_bytes.json", false),
    ("i_string_overlong_sequence_6_bytes.json", false),
    ("i_string_overlong_sequence_6_bytes_null.json", false),
    ("i_string_truncated-utf-8.json", false),
    ("i_string_utf16BE_no_BOM.json", false),
    ("i_string_utf16LE_no_BOM.json", false),
    // Deeper than any limit.
    ("i_structure_500_nested_arrays.json", false),
    // RFC 8259 8.1 forbids writers a byte-order mark; we refuse it.
    ("i_structure_UTF-8_BOM_empty_object.json", false),
];

/// The files of a suite, or nothing, and then it says so.
fn files(suite: &str) -> Vec<(String, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/json").join(suite);
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            countermark_tests::skipped(&format!("../shared/vectors/json/{suite}"), "not beside this checkout");
            return files;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                files.push((path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()));
            }
        }
    }
    files
}

fn read(text: &[u8]) -> Result<usize, Fault> {
    tools::json_read(text, false, &LIMITS, &mut vec![0; 16_384])
}

#[test]
fn nst_json_suite() {
    let (mut yes, mut no, mut open) = (0, 0, 0);
    for (name, text) in files("nst") {
        let found = read(&text);
        if name.starts_with("y_object_duplicated_key") {
            // Valid JSON, and refused in a token (RFC 7515 4, RFC 7519 4).
            assert_eq!(found, Err(Fault::Duplicate), "{name}");
            yes += 1;
        } else if name.starts_with("y_") {
            assert!(found.is_ok(), "{name}: {found:?}");
            yes += 1;
        } else if name.starts_with("n_") {
            assert!(found.is_err(), "{name}");
            no += 1;
        } else if name.starts_with("i_") {
            let decided = OPEN_CASES.iter().find(|(case, _)| *case == name);
            let (_, accepted) = decided.unwrap_or_else(|| panic!("{name} has no written decision; we say {found:?}"));
            assert_eq!(found.is_ok(), *accepted, "{name}");
            open += 1;
        }
    }
    println!("{yes} to accept, {no} to refuse, {open} open");
    assert!(yes == 0 || (yes > 80 && no > 180 && open == OPEN_CASES.len()), "{yes} {no} {open}");
}

#[test]
fn jsonchecker_suite() {
    for (name, text) in files("jsonchecker") {
        let found = read(&text);
        match name.as_str() {
            // A text of one string has been JSON since RFC 7159.
            "fail01.json" | "fail1.json" => assert!(found.is_ok(), "{name}"),
            // Twenty levels: beyond its author's limit, and beyond ours.
            "fail18.json" => assert_eq!(found, Err(Fault::Limit), "{name}"),
            // Nineteen levels: beyond our limit.
            "pass02.json" | "pass2.json" => assert_eq!(found, Err(Fault::Limit), "{name}"),
            // It has two members of one name.
            "pass01.json" | "pass1.json" => assert_eq!(found.err().unwrap_or(Fault::Duplicate), Fault::Duplicate, "{name}"),
            _ => assert_eq!(found.is_ok(), name.starts_with("pass"), "{name}: {found:?}"),
        }
    }
}

#[test]
fn other_suites_of_valid_texts() {
    for suite in ["jcs/input", "nativejson-roundtrip"] {
        for (name, text) in files(suite) {
            assert!(read(&text).is_ok(), "{suite} {name}: {:?}", read(&text));
        }
    }
}
