//! Collectors: what real ones returned (`tests/collectors/fixtures`) against a walk by hand with serde_json, and what changes
//! when the browser does. The reader against a recursive oracle is in `collectors/reader.rs`.

#[path = "collectors/by_hand.rs"]
mod by_hand;
#[path = "collectors/oracle.rs"]
mod oracle;
#[path = "collectors/reader.rs"]
mod reader;

use by_hand::by_hand;
use countermark::{Collector, Component, ComponentList, Components, Stable, Status};
use countermark_tests::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const COLLECTORS: [(&str, Collector<'static>); 5] = [
    ("fingerprintjs", Collector::FINGERPRINTJS),
    ("clientjs", Collector::CLIENTJS),
    ("imprintjs", Collector::IMPRINTJS),
    ("thumbmarkjs", Collector::THUMBMARKJS),
    ("detectincognitojs", Collector::DETECT_INCOGNITO),
];
// The bounds as docs/collectors.md gives them.
const DEPTH: usize = 12;
const MEMBERS: usize = 128;

/// Components and values, in the order of the rows.
type Values = Vec<(Component, Vec<u8>)>;
/// What a document gives: the values, and how many members were ignored.
type Found = Result<(Values, usize), Status>;
/// Component numbers and their values, in order; the elements of a set are sorted.
type Observed = BTreeMap<u8, Vec<Vec<u8>>>;

fn fixture(collector: &str, condition: &str) -> String {
    let file = format!("{}/collectors/fixtures/{collector}-{condition}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn fixtures() -> Vec<(&'static str, Collector<'static>, String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("collectors/fixtures")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let (collector, condition) = name.strip_suffix(".json").unwrap().split_once('-').unwrap();
        let (named, table) = COLLECTORS.into_iter().find(|(known, _)| *known == collector).unwrap();
        found.push((named, table, condition.to_owned(), fixture(collector, condition)));
    }
    assert!(found.len() >= 30, "five collectors in six conditions, and two repeated in Firefox: {}", found.len());
    found
}

/// Reads with memory of exactly the documented sizes, and hands out copies.
fn read(table: &Collector<'_>, document: &[u8]) -> Found {
    let mut scratch = vec![0xa5; Collector::scratch_bytes(document.len())];
    let mut out = vec![0; Collector::out_bytes(document.len())];
    let result = table.read(document, &mut scratch, &mut out).map(|collected| {
        let mut values = Vec::new();
        collected.visit(&mut |component, value| values.push((component, value.to_vec())));
        assert!(values.iter().map(|(component, value)| (*component, &value[..])).eq(collected.values.iter()));
        (values, collected.ignored)
    });
    assert!(result.is_ok() || out.iter().all(|byte| *byte == 0), "nothing is left behind by a failure");
    result
}

/// As a map; the entries of one component must lie in a row.
fn observed(values: &[(Component, Vec<u8>)]) -> Observed {
    let mut map = Observed::new();
    for row in values.chunk_by(|left, right| left.0 == right.0) {
        let mut elements: Vec<_> = row.iter().map(|(_, value)| value.clone()).collect();
        elements.sort();
        let number = row[0].0.number();
        assert!(map.insert(number, elements).is_none(), "component {number} comes in two places");
    }
    map
}

#[test]
fn every_fixture_gives_what_a_walk_by_hand_finds() {
    let mut reached: BTreeMap<&str, BTreeSet<u8>> = BTreeMap::new();
    for (collector, table, condition, text) in fixtures() {
        let (values, ignored) =
            read(&table, text.as_bytes()).unwrap_or_else(|status| panic!("{collector} {condition}: {status:?}"));
        let found = observed(&values);
        assert_eq!(found, by_hand(collector, &serde_json::from_str(&text).unwrap()), "{collector} {condition}");
        let node = json::read_object(text.as_bytes(), DEPTH, MEMBERS).unwrap();
        assert_eq!((Ok(values), ignored), (oracle::values(&table, &node), oracle::ignored(&node, &oracle::paths(&table))));
        reached.entry(collector).or_default().extend(found.keys());
        println!(
            "{collector:18} {condition:15} {:5} bytes, {:2} components, {ignored:3} members ignored",
            text.len(),
            found.len()
        );
    }
    // Every component of a table is seen in some fixture, but for those that this machine does not have.
    for (collector, table) in COLLECTORS {
        let in_table: BTreeSet<u8> = table.rows.iter().map(|row| row.component.number()).collect();
        let missing: Vec<_> = in_table.difference(&reached[collector]).copied().collect();
        let expected: &[u8] = match collector {
            "imprintjs" => &[48],   // detects no font here: its hash of the empty string
            "thumbmarkjs" => &[32], // phones and tablets only
            _ => &[],
        };
        assert_eq!(missing, expected, "{collector}");
    }
}

/// The components in which two conditions of one collector differ.
fn changed(collector: &str, left: &str, right: &str) -> Vec<u8> {
    let table = COLLECTORS.into_iter().find(|(name, _)| *name == collector).unwrap().1;
    let of = |condition| observed(&read(&table, fixture(collector, condition).as_bytes()).unwrap().0);
    differing(&of(left), &of(right))
}

fn differing(left: &Observed, right: &Observed) -> Vec<u8> {
    (0..=255).filter(|number| left.get(number) != right.get(number)).collect()
}

#[test]
fn another_language_screen_or_window_changes_its_component_and_no_other() {
    type Conditions<'c> = &'c [(&'c str, &'c [u8])];
    let cases: [(&str, Conditions<'_>); 5] = [
        ("fingerprintjs", &[("repeat", &[]), ("language", &[35]), ("screen", &[32]), ("incognito", &[])]),
        ("clientjs", &[("repeat", &[]), ("language", &[35]), ("screen", &[32]), ("incognito", &[])]),
        ("imprintjs", &[("repeat", &[]), ("language", &[35]), ("screen", &[32]), ("incognito", &[])]),
        // On a desktop ThumbmarkJS does not tell the screen's size.
        ("thumbmarkjs", &[("repeat", &[]), ("language", &[35]), ("screen", &[]), ("incognito", &[])]),
        ("detectincognitojs", &[("repeat", &[]), ("language", &[]), ("screen", &[]), ("incognito", &[80])]),
    ];
    for (collector, conditions) in cases {
        for (condition, expected) in conditions {
            assert_eq!(changed(collector, "base", condition), *expected, "{collector} {condition}");
        }
    }
}

#[test]
fn what_firefox_randomises_is_left_out() {
    // FingerprintJS knows Firefox and marks the canvas; there is no WebGL and no device memory there.
    let (values, _) = read(&Collector::FINGERPRINTJS, fixture("fingerprintjs", "firefox").as_bytes()).unwrap();
    for absent in
        [Component::CANVAS, Component::MEMORY, Component::WEBGL_VENDOR, Component::WEBGL_PARAMETERS, Component::FEATURES]
    {
        assert!(!values.iter().any(|(component, _)| *component == absent), "{absent:?}");
    }
    // ImprintJS does not: its canvas is another in the next session, and only two readings tell.
    assert_eq!(changed("imprintjs", "firefox", "firefox-repeat"), [64]);
    let texts = [fixture("imprintjs", "firefox"), fixture("imprintjs", "firefox-repeat")];
    let (mut scratch, mut first, mut second) = ([0; 3_072], [0; 4_000], [0; 4_000]);
    let first = Collector::IMPRINTJS.read(texts[0].as_bytes(), &mut scratch, &mut first).unwrap();
    let second = Collector::IMPRINTJS.read(texts[1].as_bytes(), &mut scratch, &mut second).unwrap();
    let stable = Stable::of(&first.values, &second.values);
    assert!(stable.dropped().iter().eq([Component::CANVAS]));
    let mut kept = Vec::new();
    stable.visit(&mut |component, value| kept.push((component, value.to_vec())));
    let expected: Vec<_> = first.values.iter().filter(|(component, _)| *component != Component::CANVAS).collect();
    assert!(kept.iter().map(|(component, value)| (*component, &value[..])).eq(expected));
}

#[test]
fn several_collectors_fill_one_list_and_the_first_counts() {
    let (mut scratch, mut memory) = ([0; 3_072], vec![0; 60_000]);
    let mut list = ComponentList::new(&mut memory);
    let [fingerprint, thumbmark, incognito] =
        ["fingerprintjs", "thumbmarkjs", "detectincognitojs"].map(|collector| fixture(collector, "base"));
    Collector::FINGERPRINTJS.read_into(fingerprint.as_bytes(), &mut scratch, &mut list).unwrap();
    Collector::DETECT_INCOGNITO.read_into(incognito.as_bytes(), &mut scratch, &mut list).unwrap();
    let before: Vec<_> = list.iter().map(|(component, value)| (component, value.to_vec())).collect();
    let mut expected = read(&Collector::FINGERPRINTJS, fingerprint.as_bytes()).unwrap().0;
    expected.extend(read(&Collector::DETECT_INCOGNITO, incognito.as_bytes()).unwrap().0);
    assert_eq!(before, expected);
    // A failure keeps the list as it was; a document with nothing new adds nothing.
    assert!(Collector::THUMBMARKJS.read_into(&thumbmark.as_bytes()[..900], &mut scratch, &mut list).is_err());
    Collector::THUMBMARKJS.read_into(thumbmark.as_bytes(), &mut scratch, &mut list).unwrap();
    assert!(list.iter().map(|(component, value)| (component, value.to_vec())).eq(before));
}

#[test]
fn hosts_give_components_in_arrays_too() {
    let own = [(Component::IP_ASN, "64496"), (Component::IP_COUNTRY, "DE")];
    let as_evidence: &dyn Components = &own;
    let mut seen = Vec::new();
    as_evidence.visit(&mut |component, value| seen.push((component.number(), value.to_vec())));
    let as_slice: &dyn Components = &own.as_slice();
    as_slice.visit(&mut |component, value| seen.push((component.number(), value.to_vec())));
    let once = [(3, b"64496".to_vec()), (4, b"DE".to_vec())];
    assert_eq!(seen, [once.clone(), once].concat());
}

#[test]
fn outputs_of_the_shared_collection_are_read_too() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/fingerprint/library-outputs");
    if !folder.is_dir() {
        return countermark_tests::skipped("../shared/vectors/fingerprint/library-outputs", "not beside this checkout");
    }
    let mut by_name: BTreeMap<String, BTreeMap<&str, Observed>> = BTreeMap::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if !(name.starts_with("chromium") || name.starts_with("firefox")) || name.ends_with(".headers") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        // Raw values: what the collector wrote, not what serde_json would.
        let all: BTreeMap<String, Box<serde_json::value::RawValue>> = serde_json::from_str(&text).unwrap();
        let mut counts = Vec::new();
        for (collector, table) in COLLECTORS {
            let document = all[collector].get();
            let (values, ignored) =
                read(&table, document.as_bytes()).unwrap_or_else(|status| panic!("{name} {collector}: {status:?}"));
            let found = observed(&values);
            assert_eq!(found, by_hand(collector, &serde_json::from_str(document).unwrap()), "{name} {collector}");
            counts.push(format!("{collector} {}/{ignored}", found.len()));
            by_name.entry(name.clone()).or_default().insert(collector, found);
        }
        println!("{name:24} components/ignored: {}", counts.join(", "));
    }
    let changes = |other: &str| -> Vec<(&str, Vec<u8>)> {
        let (base, other) = (&by_name["chromium156-base"], &by_name[other]);
        base.iter()
            .map(|(collector, found)| (*collector, differing(found, &other[collector])))
            .filter(|(_, list)| !list.is_empty())
            .collect()
    };
    if by_name.contains_key("chromium156-base") {
        assert_eq!(changes("chromium156-repeat"), []);
        assert_eq!(changes("chromium156-incognito"), [("detectincognitojs", vec![80])]);
        for (other, number) in [("chromium156-lang-de", 35), ("chromium156-screen1920", 32), ("chromium156-tz-newyork", 34)]
        {
            for (collector, list) in changes(other) {
                assert_eq!(list, [number], "{other} {collector}");
            }
        }
    }
}

/// Every fixture through C: the same components and values, in the same order, and the same count of what was ignored.
#[test]
fn c_reads_every_fixture_as_rust_does() {
    use countermark_ffi::{COLLECT_SCRATCH_BYTES, cmk_bytes, cmk_collect, cmk_collected, cmk_component};
    for (name, table, condition, document) in fixtures() {
        let (values, ignored) = read(&table, document.as_bytes()).unwrap();
        let number = 1 + COLLECTORS.iter().position(|(known, _)| *known == name).unwrap() as i32;
        let mut scratch = [0u8; COLLECT_SCRATCH_BYTES];
        let mut buffer = vec![0u8; document.len() * 3];
        let mut components = vec![cmk_component { number: 0, value: cmk_bytes::NONE }; values.len()];
        let mut found = cmk_collected { count: 99, ignored: 99 };
        let mut collect = |document: &[u8], capacity: usize, found: &mut cmk_collected| unsafe {
            cmk_collect(
                number,
                cmk_bytes::of(document),
                scratch.as_mut_ptr().cast(),
                scratch.len(),
                buffer.as_mut_ptr().cast(),
                buffer.len(),
                components.as_mut_ptr(),
                capacity,
                found,
            )
        };
        assert_eq!(collect(b"{", values.len(), &mut found), Status::CollectorMalformed.code());
        assert_eq!((found.count, found.ignored), (0, 0));
        if !values.is_empty() {
            assert_eq!(collect(document.as_bytes(), values.len() - 1, &mut found), Status::BufferTooSmall.code());
        }
        assert_eq!(collect(document.as_bytes(), values.len(), &mut found), 0, "{name} {condition}");
        assert_eq!((found.count, found.ignored), (values.len(), ignored));
        for (component, (wanted, value)) in components.iter().zip(&values) {
            assert_eq!(component.number, u32::from(wanted.number()));
            // SAFETY: the value lies in the buffer.
            let read = unsafe { std::slice::from_raw_parts(component.value.ptr, component.value.len) };
            assert_eq!(read, &value[..]);
        }
    }
}

/// A notice says something of its own for each component and preset, through both.
#[test]
fn every_component_and_preset_has_its_notice() {
    use countermark::Preset;
    use countermark_ffi::{cmk_component_collects, cmk_notice, cmk_preset_collects};
    let text = |bytes: countermark_ffi::cmk_bytes| unsafe { std::slice::from_raw_parts(bytes.ptr, bytes.len) };
    let mut seen = BTreeSet::new();
    for component in Component::NAMED {
        let notice = component.collects();
        assert!(notice.what.ends_with('.') && seen.insert(notice.what), "{}", component.name());
        let mut c: cmk_notice = unsafe { std::mem::zeroed() };
        assert_eq!(unsafe { cmk_component_collects(component.number().into(), &mut c) }, 0);
        let pairs = [(c.what, notice.what), (c.why, notice.why), (c.basis, notice.basis), (c.how_long, notice.how_long)];
        for (found, wanted) in pairs.into_iter().chain([(c.how_erased, notice.how_erased)]) {
            assert_eq!(text(found), wanted.as_bytes());
            assert!(wanted.len() > 10 && !wanted.contains("  "), "{wanted}");
        }
    }
    for (preset, _) in Preset::ALL {
        let mut c: cmk_notice = unsafe { std::mem::zeroed() };
        assert_eq!(unsafe { cmk_preset_collects(*preset as i32, &mut c) }, 0);
        assert_eq!(text(c.what), preset.collects().what.as_bytes());
    }
    let mut c: cmk_notice = unsafe { std::mem::zeroed() };
    assert_eq!(unsafe { cmk_component_collects(7, &mut c) }, Status::Argument.code());
    assert_eq!(unsafe { cmk_preset_collects(0, &mut c) }, Status::Argument.code());
}
