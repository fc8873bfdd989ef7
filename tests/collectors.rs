//! Collectors: what real ones returned (`tests/collectors/fixtures`) against a walk by hand with serde_json; the reader
//! against a recursive oracle on random tables and documents; damage; what changes when the browser does.

use countermark::{
    COLLECTOR_DOCUMENT_BYTES_MAX, Collected, Collector, Component, ComponentList, Components, Row, Stable, Status,
};
use countermark_tests::json::{self, Json, Node};
use countermark_tests::random::Random;
use serde_json::Value;
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
fn read(table: &Collector<'_>, document: &[u8]) -> Result<(Vec<(Component, Vec<u8>)>, usize), Status> {
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

/// What one document of a real collector means, without its table: every path and every mark written out by hand.
fn by_hand(collector: &str, document: &Value) -> Observed {
    let mut found = Observed::new();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut exact = |component: Component, value: &Value, marks: &[&str]| {
        let text = text(value);
        if !value.is_null() && !text.is_empty() && !marks.contains(&text.as_str()) {
            found.entry(component.number()).or_insert_with(|| vec![text.into_bytes()]);
        }
    };
    let mut sets: Vec<(Component, Vec<String>)> = Vec::new();
    let strings = |value: &Value| value.as_array().map(|list| list.iter().map(text).collect::<Vec<_>>());
    let pieces = |value: &Value| {
        value
            .as_str()
            .map(|list| list.split(',').map(|piece| piece.trim().to_owned()).filter(|piece| !piece.is_empty()).collect())
    };
    match collector {
        "fingerprintjs" => {
            let of = |source: &str| &document["components"][source]["value"];
            exact(Component::SCREEN_SIZE, of("screenResolution"), &["[null,null]"]);
            exact(Component::SCREEN_DEPTH, of("colorDepth"), &[]);
            exact(Component::TIMEZONE, of("timezone"), &[]);
            exact(Component::PLATFORM, of("platform"), &[]);
            exact(Component::TOUCH, of("touchSupport"), &[]);
            exact(Component::CPU_CORES, of("hardwareConcurrency"), &[]);
            exact(Component::MEMORY, of("deviceMemory"), &[]);
            exact(Component::AUDIO, of("audio"), &["-1", "-2", "-3", "-4"]);
            if of("canvas")["text"].as_str().is_some_and(|text| text.starts_with("data:")) {
                exact(Component::CANVAS, of("canvas"), &[]);
            }
            let (basics, extensions) = (of("webGlBasics"), of("webGlExtensions"));
            for name in ["vendorUnmasked", "vendor"] {
                exact(Component::WEBGL_VENDOR, &basics[name], &[]);
            }
            for name in ["rendererUnmasked", "renderer"] {
                exact(Component::WEBGL_RENDERER, &basics[name], &[]);
            }
            exact(Component::WEBGL_PARAMETERS, &extensions["parameters"], &[]);
            sets.extend(strings(of("fonts")).map(|list| (Component::FONTS, list)));
            sets.extend(strings(&extensions["extensions"]).map(|list| (Component::FEATURES, list)));
            let languages = of("languages").as_array().unwrap().iter().flat_map(|list| strings(list).unwrap()).collect();
            sets.push((Component::LANGUAGES, languages));
            let plugins = of("plugins").as_array().unwrap().iter().map(|plugin| text(&plugin["name"])).collect();
            sets.push((Component::PLUGINS, plugins));
        }
        "clientjs" => {
            exact(Component::SCREEN_SIZE, &document["getCurrentResolution"], &[]);
            exact(Component::SCREEN_DEPTH, &document["getColorDepth"], &[]);
            exact(Component::TIMEZONE, &document["getTimeZone"], &[]);
            exact(Component::CANVAS, &document["getCanvasPrint"], &[]);
            sets.push((Component::LANGUAGES, vec![text(&document["getLanguage"])]));
            sets.extend(pieces(&document["getFonts"]).map(|list| (Component::FONTS, list)));
            sets.extend(pieces(&document["getPlugins"]).map(|list| (Component::PLUGINS, list)));
        }
        "imprintjs" => {
            for (test, number) in [
                ("screenResolution", 32),
                ("colorDepth", 33),
                ("timezoneOffset", 34),
                ("language", 35),
                ("platform", 36),
                ("touchSupport", 37),
                ("processorCores", 38),
                ("installedFonts", 48),
                ("plugins", 49),
                ("canvas", 64),
                ("audio", 65),
                ("webGl", 68),
            ] {
                exact(Component::from_number(number).unwrap(), &document[test], &[&"0".repeat(32)]);
            }
        }
        "thumbmarkjs" => {
            let of = |source: &str, name: &str| document["components"][source][name].clone();
            exact(Component::SCREEN_SIZE, &of("screen", "resolution"), &[]);
            exact(Component::SCREEN_DEPTH, &of("screen", "colorDepth"), &[]);
            exact(Component::TIMEZONE, &of("locales", "timezone"), &[]);
            exact(Component::PLATFORM, &of("system", "platform"), &[]);
            exact(Component::TOUCH, &of("screen", "maxTouchPoints"), &[]);
            exact(Component::CPU_CORES, &of("system", "hardwareConcurrency"), &[]);
            exact(Component::MEMORY, &of("hardware", "deviceMemory"), &["0", "undefined"]);
            exact(Component::CANVAS, &of("canvas", "commonPixelsHash"), &[]);
            exact(Component::AUDIO, &of("audio", "sampleHash"), &[]);
            exact(Component::WEBGL_VENDOR, &of("hardware", "videocard")["vendor"], &[]);
            exact(Component::WEBGL_RENDERER, &of("hardware", "videocard")["renderer"], &[]);
            exact(Component::WEBGL_PARAMETERS, &of("webgl", "commonPixelsHash"), &[]);
            sets.push((Component::LANGUAGES, vec![text(&of("locales", "languages"))]));
            let fonts = document["components"]["fonts"].as_object();
            sets.extend(fonts.map(|fonts| (Component::FONTS, fonts.keys().cloned().collect())));
            sets.extend(strings(&of("plugins", "plugins")).map(|list| (Component::PLUGINS, list)));
            sets.extend(strings(&of("screen", "mediaMatches")).map(|list| (Component::FEATURES, list)));
        }
        _ => exact(Component::INCOGNITO, &document["isPrivate"], &[]),
    }
    for (component, mut list) in sets {
        if list.is_empty() {
            list.push(String::new());
        }
        let mut elements: Vec<_> = list.into_iter().map(String::into_bytes).collect();
        elements.sort();
        found.insert(component.number(), elements);
    }
    found
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
        assert_eq!((Ok(values), ignored), (oracle_values(&table, &node), oracle_ignored(&node, &paths(&table))));
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
    let cases: [(&str, &[(&str, &[u8])]); 5] = [
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

// The oracle: recursive, on the tree of the slow JSON reader.

fn paths<'c>(table: &Collector<'c>) -> Vec<Vec<&'c str>> {
    table.rows.iter().map(|row| row.path.split('.').collect()).collect()
}

fn oracle_ignored(node: &Node, paths: &[Vec<&str>]) -> usize {
    let Json::Object(members) = &node.json else { return 0 };
    let mut ignored = 0;
    for (name, value) in members {
        let asked: Vec<_> = paths.iter().filter(|path| path[0] == name).collect();
        let deeper: Vec<Vec<&str>> = asked.iter().filter(|path| path.len() > 1).map(|path| path[1..].to_vec()).collect();
        ignored += if asked.is_empty() { 1 } else { oracle_ignored(value, &deeper) * usize::from(!deeper.is_empty()) };
    }
    ignored
}

fn oracle_values(table: &Collector<'_>, document: &Node) -> Result<Vec<(Component, Vec<u8>)>, Status> {
    let mut found: Vec<(Component, Vec<u8>)> = Vec::new();
    for row in table.rows {
        if found.iter().any(|(component, _)| *component == row.component) {
            continue;
        }
        let path: Vec<&str> = row.path.split('.').collect();
        let values = match row.component.number() {
            20 | 23 | 25 | 27 | 35 | 48..=50 | 224.. => {
                let mut elements = Vec::new();
                let is_observed = oracle_elements(row, document, &path, &mut elements);
                if is_observed && elements.is_empty() {
                    elements.push(Vec::new());
                }
                elements
            }
            17 | 192..=223 => match reach(document, &path).filter(|value| !is_absent(row, value)) {
                None => Vec::new(),
                Some(value) => {
                    let number = match &value.json {
                        Json::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse::<f64>().ok(),
                        Json::Number => value.raw.parse::<f64>().ok(),
                        _ => None,
                    };
                    let whole = number.filter(|number| number.fract() == 0.0 && (0.0..=65_535.0).contains(number));
                    vec![(whole.ok_or(Status::Argument)? as u16).to_string().into_bytes()]
                }
            },
            _ => match reach(document, &path).filter(|value| !is_absent(row, value)) {
                None => Vec::new(),
                Some(value) => match &value.json {
                    Json::String(text) if text.is_empty() => Vec::new(),
                    Json::String(text) => vec![text.clone().into_bytes()],
                    _ => vec![without_spaces(&value.raw)],
                },
            },
        };
        found.extend(values.into_iter().map(|value| (row.component, value)));
    }
    Ok(found)
}

fn reach<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    match (&node.json, path) {
        (_, []) => Some(node),
        (Json::Object(members), [name, rest @ ..]) => reach(&members.iter().find(|(found, _)| found == name)?.1, rest),
        _ => None,
    }
}

fn oracle_elements(row: &Row<'_>, node: &Node, path: &[&str], out: &mut Vec<Vec<u8>>) -> bool {
    match (&node.json, path) {
        (Json::Array(elements), _) => {
            elements.iter().for_each(|element| {
                oracle_elements(row, element, path, out);
            });
            true
        }
        (Json::Object(members), [name, rest @ ..]) => {
            members.iter().find(|(found, _)| found == name).is_some_and(|(_, value)| oracle_elements(row, value, rest, out))
        }
        (Json::Object(members), []) => {
            out.extend(members.iter().map(|(name, _)| name.clone().into_bytes()));
            true
        }
        (Json::Null, _) | (_, [_, ..]) => false,
        _ if is_absent(row, node) => false,
        (Json::String(text), _) => {
            match row.separator {
                None => out.push(text.clone().into_bytes()),
                Some(separator) => {
                    let pieces = text.split(char::from(separator)).map(|piece| piece.trim_matches(' '));
                    out.extend(pieces.filter(|piece| !piece.is_empty()).map(|piece| piece.as_bytes().to_vec()));
                }
            }
            true
        }
        _ => {
            out.push(node.raw.clone().into_bytes());
            true
        }
    }
}

fn is_absent(row: &Row<'_>, node: &Node) -> bool {
    let is_mark = |node: &Node| match &node.json {
        Json::String(text) => row.absent.contains(&text.as_str()),
        _ => row.absent.contains(&node.raw.as_str()),
    };
    match &node.json {
        Json::Null => true,
        Json::Array(elements) => elements.iter().any(is_mark),
        Json::Object(members) => members.iter().any(|(_, value)| is_mark(value)),
        _ => is_mark(node),
    }
}

/// Token by token: strings whole, everything else without spaces.
fn without_spaces(raw: &str) -> Vec<u8> {
    let (mut rest, mut out) = (raw, String::new());
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => {
                let bytes = rest.as_bytes();
                let mut end = 1;
                while bytes[end] != b'"' {
                    end += if bytes[end] == b'\\' { 2 } else { 1 };
                }
                end + 1
            }
            _ => first.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        if !token.trim().is_empty() {
            out.push_str(token);
        }
        rest = behind;
    }
    out.into_bytes()
}

/// What the oracle makes of a text that may be anything.
fn expected(table: &Collector<'_>, document: &[u8]) -> Result<(Vec<(Component, Vec<u8>)>, usize), Status> {
    let node = json::read_object(document, DEPTH, MEMBERS).map_err(|_| Status::Argument)?;
    oracle_values(table, &node).map(|values| (values, oracle_ignored(&node, &paths(table))))
}

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
            assert_eq!(read(&table, &text.as_bytes()[..end]), Err(Status::Argument), "{collector} cut at {end}");
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
        assert_eq!(read(&table, document.as_bytes()), Err(Status::Argument), "{document}");
    }
}

#[test]
fn the_bounds_are_the_documented_ones() {
    let nested = |depth: usize| format!("{{\"isPrivate\":{}{}}}", "[".repeat(depth - 1), "]".repeat(depth - 1));
    let table = Collector::DETECT_INCOGNITO;
    assert!(read(&table, nested(DEPTH).as_bytes()).is_ok());
    assert_eq!(read(&table, nested(DEPTH + 1).as_bytes()), Err(Status::Argument));
    let wide = |count: usize| format!("{{{}}}", (0..count).map(|at| format!("\"m{at}\":0")).collect::<Vec<_>>().join(","));
    assert_eq!(read(&table, wide(MEMBERS).as_bytes()), Ok((vec![], MEMBERS)));
    assert_eq!(read(&table, wide(MEMBERS + 1).as_bytes()), Err(Status::Argument));
    let long = |bytes: usize| format!("{{\"isPrivate\":\"{}\"}}", "x".repeat(bytes - 16));
    assert!(read(&table, long(COLLECTOR_DOCUMENT_BYTES_MAX).as_bytes()).is_ok());
    assert_eq!(read(&table, long(COLLECTOR_DOCUMENT_BYTES_MAX + 1).as_bytes()), Err(Status::Argument));
    assert_eq!(Collector::scratch_bytes(COLLECTOR_DOCUMENT_BYTES_MAX), 3_072);
    for text in [&b"[]"[..], b"true", b"", b"{}x", b"\xef\xbb\xbf{}", b"{\"a\":\"\xff\"}"] {
        assert_eq!(read(&table, text), Err(Status::Argument));
    }
}

#[test]
fn a_table_cannot_supply_what_the_core_derives() {
    for number in (1..=255).filter_map(Component::from_number) {
        let rows = [Row::new("a", number)];
        let table = Collector { name: "own", rows: &rows };
        let expected = matches!(number.number(), 1 | 2 | 16..=28);
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
        println!("skipped: no ../shared/vectors/fingerprint/library-outputs here");
        return;
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
