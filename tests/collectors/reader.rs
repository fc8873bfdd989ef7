//! The reader on random, damaged and extreme documents and tables.

use super::oracle::expected;
use super::{COLLECTORS, DEPTH, MEMBERS, fixture, read};
use countermark::{
    COLLECTOR_DOCUMENT_BYTES_MAX, Collected, Collector, Component, ComponentList, Components, Row, Stable, Status,
};
use countermark_tests::random::Random;
use serde_json::Value;
use std::collections::BTreeSet;

const NAMES: [&str; 6] = ["a", "b", "c", "d", "\\u0061", "\u{e9}"];
const SCALARS: [&str; 24] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1",
    "7",
    "65535",
    "65536",
    "1e2",
    "1.5",
    "70000e-4",
    "\"\"",
    "\"x\"",
    "\"-1\"",
    "\"y, z ,,w\"",
    "\"  p  q \"",
    "\"\\u0078\\u002cy\"",
    "\"12\"",
    "\"00012\"",
    "\"65536\"",
    "\"+1\"",
    "\"\\\"a \\\\\"",
    "\"\u{1f600},\"",
];

fn space(random: &mut Random) -> &'static str {
    random.pick(&["", "", "", " ", "\n\t"])
}

fn random_value(random: &mut Random, depth: usize) -> String {
    match random.below(if depth == 0 { 1 } else { 3 }) {
        0 => random.pick(&SCALARS).to_owned(),
        1 => random_object(random, depth),
        _ => {
            let elements: Vec<_> = (0..random.below(4)).map(|_| random_value(random, depth - 1)).collect();
            format!("[{}{}]", space(random), elements.join(&format!(",{}", space(random))))
        }
    }
}

fn random_object(random: &mut Random, depth: usize) -> String {
    let mut names = BTreeSet::new();
    let mut members = Vec::new();
    for _ in 0..1 + random.below(6) {
        let name = random.pick(&NAMES);
        // Now and then a name comes twice, in one spelling or in two, which both must refuse.
        if names.insert(name.replace("\\u0061", "a")) || random.once_in(60) {
            members.push(format!("\"{name}\"{}:{}{}", space(random), space(random), random_value(random, depth - 1)));
        }
    }
    format!("{{{}{}{}}}", space(random), members.join(&format!("{},", space(random))), space(random))
}

#[test]
fn random_tables_on_random_documents_agree_with_the_oracle() {
    let mut random = Random::new(0xc01e);
    let numbers = [32, 64, 128, 191, 35, 48, 240, 192, 200];
    const ROUNDS: usize = 30_000;
    let (mut accepted, mut with_values) = (0, 0);
    for round in 0..ROUNDS {
        let mut paths = Vec::new();
        for _ in 0..1 + random.below(8) {
            let names: Vec<_> = (0..1 + random.below(3)).map(|_| random.pick(&["a", "b", "c", "d", "\u{e9}"])).collect();
            paths.push(names.join("."));
        }
        let marks: [&[&str]; 4] = [&[], &["-1"], &["x", "null"], &["", "true"]];
        let rows: Vec<_> = paths
            .iter()
            .map(|path| {
                let component = Component::from_number(numbers[random.below(numbers.len())]).unwrap();
                let row = Row::new(path, component).absent(marks[random.below(4)]);
                if random.once_in(3) { row.separated_by(b',') } else { row }
            })
            .collect();
        let table = Collector { name: "random", rows: &rows };
        let document = random_object(&mut random, 4);
        // Rows may read one value twice here, so that the documented size of the output is not enough.
        let mut scratch = vec![0; Collector::scratch_bytes(document.len())];
        let mut out = vec![0; 10 * Collector::out_bytes(document.len())];
        let found = table.read(document.as_bytes(), &mut scratch, &mut out).map(|collected| {
            let values: Vec<_> = collected.values.iter().map(|(component, value)| (component, value.to_vec())).collect();
            (values, collected.ignored)
        });
        let expected = expected(&table, document.as_bytes());
        assert_eq!(found, expected, "round {round}: {document} {rows:?}");
        accepted += usize::from(found.is_ok());
        with_values += usize::from(found.is_ok_and(|(values, _)| !values.is_empty()));
    }
    println!("{accepted} of {ROUNDS} accepted, {with_values} with values");
    assert!(accepted > ROUNDS / 2 && accepted < ROUNDS && with_values > ROUNDS / 3);
}

/// The fixture with its pictures and lists of constants cut short, so that every byte can be tried.
fn shortened(collector: &str) -> String {
    fn cut(value: &mut Value) {
        match value {
            Value::String(text) => text.truncate(if text.is_ascii() { 40 } else { text.len() }),
            Value::Array(list) => {
                list.truncate(3);
                list.iter_mut().for_each(cut);
            }
            Value::Object(members) => members.values_mut().for_each(cut),
            _ => {}
        }
    }
    let mut document = serde_json::from_str(&fixture(collector, "base")).unwrap();
    cut(&mut document);
    document.to_string()
}

#[test]
fn every_truncation_is_refused() {
    let mut tried = 0;
    for (collector, table) in COLLECTORS {
        let text = shortened(collector);
        assert!(read(&table, text.as_bytes()).is_ok_and(|(values, _)| !values.is_empty()));
        for end in 0..text.len() {
            assert_eq!(read(&table, &text.as_bytes()[..end]), Err(Status::CollectorMalformed), "{collector} cut at {end}");
            tried += 1;
        }
    }
    println!("{tried} truncations");
}

#[test]
fn random_edits_are_judged_as_the_oracle_judges_them() {
    let mut random = Random::new(0xed17);
    let (mut refused, mut accepted) = (0, 0);
    for (collector, table) in COLLECTORS {
        let text = shortened(collector);
        for _ in 0..if text.len() > 1_000 { 600 } else { 5_000 } {
            let mut edited = text.clone().into_bytes();
            for _ in 0..1 + random.below(3) {
                let at = random.below(edited.len());
                match random.below(4) {
                    0 => edited[at] = random.byte(),
                    1 => edited[at] = *b"{}[]\",:\\0 n".get(random.below(11)).unwrap(),
                    2 => drop(edited.remove(at)),
                    _ => {
                        let from = random.below(edited.len());
                        let piece = edited[from..edited.len().min(from + random.below(40))].to_vec();
                        edited.splice(at..at, piece);
                    }
                }
            }
            let found = read(&table, &edited);
            assert_eq!(found, expected(&table, &edited), "{collector}: {}", String::from_utf8_lossy(&edited));
            if found.is_ok() { accepted += 1 } else { refused += 1 }
        }
    }
    println!("{accepted} edited documents accepted, {refused} refused");
    assert!(accepted > 100 && refused > 1_000);
}

#[test]
fn members_of_one_name_are_refused_wherever_they_are() {
    let table = Collector::DETECT_INCOGNITO;
    assert_eq!(read(&table, br#"{"isPrivate":true,"x":1}"#), Ok((vec![(Component::INCOGNITO, b"true".to_vec())], 1)));
    for document in [
        r#"{"isPrivate":true,"isPrivate":false}"#,
        r#"{"isPrivate":true,"isPriv\u0061te":true}"#,
        r#"{"isPrivate":true,"x":{"y":[{"z":1,"z":1}]}}"#,
    ] {
        assert_eq!(read(&table, document.as_bytes()), Err(Status::CollectorMalformed), "{document}");
    }
}

#[test]
fn the_bounds_are_the_documented_ones() {
    let nested = |depth: usize| format!("{{\"isPrivate\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    let table = Collector::DETECT_INCOGNITO;
    assert!(read(&table, nested(DEPTH).as_bytes()).is_ok());
    assert_eq!(read(&table, nested(DEPTH + 1).as_bytes()), Err(Status::CollectorMalformed));
    let wide = |count: usize| format!("{{{}}}", (0..count).map(|at| format!("\"m{at}\":0")).collect::<Vec<_>>().join(","));
    assert_eq!(read(&table, wide(MEMBERS).as_bytes()), Ok((vec![], MEMBERS)));
    assert_eq!(read(&table, wide(MEMBERS + 1).as_bytes()), Err(Status::CollectorMalformed));
    let long = |bytes: usize| format!("{{\"isPrivate\":\"{}\"}}", "x".repeat(bytes - 16));
    assert!(read(&table, long(COLLECTOR_DOCUMENT_BYTES_MAX).as_bytes()).is_ok());
    assert_eq!(read(&table, long(COLLECTOR_DOCUMENT_BYTES_MAX + 1).as_bytes()), Err(Status::CollectorMalformed));
    assert_eq!(Collector::scratch_bytes(COLLECTOR_DOCUMENT_BYTES_MAX), 3_072);
    for text in [&b"[]"[..], b"true", b"", b"{}x", b"\xef\xbb\xbf{}", b"{\"a\":\"\xff\"}"] {
        assert_eq!(read(&table, text), Err(Status::CollectorMalformed));
    }
}

#[test]
fn a_table_cannot_supply_what_the_core_derives_or_a_host_looks_up() {
    for number in (1..=255).filter_map(Component::from_number) {
        let rows = [Row::new("a", number)];
        let table = Collector { name: "own", rows: &rows };
        let expected = matches!(number.number(), 1..=6 | 16..=28);
        assert_eq!(read(&table, b"{}").is_err(), expected, "{number:?}");
    }
    for path in ["", ".a", "a.", "a..b"] {
        let rows = [Row::new(path, Component::CANVAS)];
        assert_eq!(read(&Collector { name: "own", rows: &rows }, b"{}"), Err(Status::Argument), "{path:?}");
    }
    let rows = [Row::new("a", Component::CANVAS); 65];
    assert_eq!(read(&Collector { name: "own", rows: &rows }, b"{}"), Err(Status::TooManyItems));
    assert!(read(&Collector { name: "own", rows: &rows[..64] }, b"{}").is_ok());
}

#[test]
fn the_sixty_fourth_row_is_read_as_the_first_is() {
    let names: Vec<_> = (0..64).map(|at| format!("outer.m{at}")).collect();
    let rows: Vec<_> =
        names.iter().zip(128..).map(|(name, number)| Row::new(name, Component::from_number(number).unwrap())).collect();
    let members: Vec<_> = (0..64).map(|at| format!("\"m{at}\":{at}")).collect();
    let document = format!("{{\"outer\":{{{}}}}}", members.join(","));
    let (values, ignored) = read(&Collector { name: "own", rows: &rows }, document.as_bytes()).unwrap();
    let expected: Vec<_> = rows.iter().zip(0..).map(|(row, at)| (row.component, format!("{at}").into_bytes())).collect();
    assert_eq!((values, ignored), (expected, 0));
}

#[test]
fn too_little_memory_is_said_and_leaves_nothing() {
    for (collector, table) in COLLECTORS {
        let text = shortened(collector);
        let (values, _) = read(&table, text.as_bytes()).unwrap();
        let needed: usize = values.iter().map(|(_, value)| value.len() + 5).sum();
        let mut scratch = vec![0; Collector::scratch_bytes(text.len())];
        for size in 0..needed {
            let mut out = vec![0; size];
            let status =
                table.read(text.as_bytes(), &mut scratch, &mut out).map(|collected: Collected<'_>| collected.ignored);
            assert_eq!(
                (status, out.iter().any(|byte| *byte != 0)),
                (Err(Status::BufferTooSmall), false),
                "{collector} {size}"
            );
        }
        assert!(table.read(text.as_bytes(), &mut scratch, &mut vec![0; needed]).is_ok());
        let short = scratch.len() - 1;
        let mut out = vec![0; needed];
        assert_eq!(table.read(text.as_bytes(), &mut scratch[..short], &mut out).err(), Some(Status::ScratchTooSmall));
    }
}

#[test]
fn two_readings_agree_on_what_is_equal_in_both_and_on_nothing_else() {
    let mut random = Random::new(0xc011);
    for _ in 0..5_000 {
        let mut make = || {
            let mut values: Vec<(Component, Vec<u8>)> = Vec::new();
            for component in [Component::SCREEN_SIZE, Component::FONTS, Component::CANVAS, Component::PLUGINS] {
                let count = if component == Component::FONTS || component == Component::PLUGINS { 3 } else { 1 };
                for _ in 0..random.below(count + 1) {
                    values.push((component, vec![b'a' + random.below(2) as u8; random.below(3)]));
                }
            }
            values
        };
        let (left, right) = (make(), make());
        let (mut first, mut second) = ([0; 100], [0; 100]);
        let (mut first, mut second) = (ComponentList::new(&mut first), ComponentList::new(&mut second));
        left.iter().for_each(|(component, value)| first.push(*component, value).unwrap());
        right.iter().for_each(|(component, value)| second.push(*component, value).unwrap());
        let mut kept = Vec::new();
        Stable::of(&first, &second).visit(&mut |component, value| kept.push((component, value.to_vec())));
        let of = |values: &[(Component, Vec<u8>)], wanted: Component| -> Vec<Vec<u8>> {
            values.iter().filter(|(component, _)| *component == wanted).map(|(_, value)| value.clone()).collect()
        };
        let expected: Vec<_> =
            left.iter().filter(|(component, _)| of(&left, *component) == of(&right, *component)).cloned().collect();
        assert_eq!(kept, expected, "{left:?} {right:?}");
    }
}
