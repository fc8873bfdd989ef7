//! `User-Agent` against a list checked by hand, against public collections where present, and against its own promises:
//! linear, total, and no name but the documented ones.

use countermark::tools;
use countermark_tests::random::Random;
use std::collections::BTreeSet;
use std::path::Path;

#[path = "user_agents/collections.rs"]
mod collections;
#[path = "user_agents/lists.rs"]
mod lists;
#[path = "user_agents/samples.rs"]
mod samples;

use collections::Fixture;

#[test]
fn the_samples_are_read_as_a_person_reads_them() {
    assert!(samples::SAMPLES.len() >= 60);
    for (text, family, version, os, device) in samples::SAMPLES {
        assert_eq!(tools::user_agent(text.as_bytes()), (*family, *version, *os, *device), "{text}");
    }
}

/// uap-core's families that have another name here, or that are one family here.
const RENAMED: [(&str, &str); 12] = [
    ("mobile safari ui/wkwebview", "mobile safari webview"),
    ("ecosia ios", "ecosia"),
    ("ecosia android", "ecosia"),
    ("quark pc", "quark"),
    ("steam client", "steam"),
    ("steam gameoverlay", "steam"),
    ("steam deck", "steam"),
    ("atom browser", "atom"),
    ("open wave", "openwave"),
    ("mypal browser", "mypal"),
    ("wolvic browser", "wolvic"),
    ("hola browser", "hola"),
];

fn our_name(uap: &str) -> String {
    let lower = uap.to_lowercase();
    RENAMED.iter().find(|(theirs, _)| *theirs == lower).map_or(lower, |(_, ours)| ours.to_string())
}

/// uap-core's systems, where the name is another.
const SYSTEMS: [(&str, &str); 12] = [
    ("Mac OS X", "macos"),
    ("Chrome OS", "chromeos"),
    ("Ubuntu", "linux"),
    ("Debian", "linux"),
    ("Fedora", "linux"),
    ("Gentoo", "linux"),
    ("Red Hat", "linux"),
    ("Mandriva", "linux"),
    ("Web0S", "webos"),
    ("ATV OS X", "tvos"),
    ("Chromecast Fuchsia", "fuchsia"),
    ("Chromecast Android", "android"),
];

fn our_system(uap: &str) -> String {
    let own = SYSTEMS.iter().find(|(theirs, _)| *theirs == uap);
    own.map_or_else(|| uap.to_lowercase(), |(_, ours)| ours.to_string())
}

/// Whether a text is from a browser of the last five years, by its engine alone: Chrome 90 (April 2021), Firefox 88 (April
/// 2021), Safari 14 (September 2020) and iOS 14, or later. No browser is left out for its name, and no application or robot
/// that has such an engine.
fn is_recent(text: &str) -> bool {
    let has = |product: &str, least: u32| {
        text.match_indices(product).any(|(at, _)| {
            let digits: String = text[at + product.len()..].chars().take_while(char::is_ascii_digit).collect();
            digits.len() < 5 && digits.parse::<u32>().is_ok_and(|version| version >= least)
        })
    };
    let is_apple = text.contains("iPhone OS") || text.contains("CPU OS") || text.contains("iPad OS");
    has("Chrome/", 90)
        || has("Chromium/", 90)
        || has("CriOS/", 90)
        || has("Firefox/", 88)
        || has("FxiOS/", 88)
        || (has("Version/", 14) && text.contains("Safari/"))
        || (is_apple && has(" OS ", 14))
}

/// Of a hundred, how many agree; and the texts that do not.
fn agreement<'f>(sample: &'f [&Fixture], agrees: impl Fn(&Fixture) -> bool) -> (f64, Vec<&'f str>) {
    let odd: Vec<&str> = sample.iter().filter(|fixture| !agrees(fixture)).map(|fixture| fixture.text.as_str()).collect();
    (100.0 * (sample.len() - odd.len()) as f64 / sample.len() as f64, odd)
}

#[test]
fn the_public_collection_agrees() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors/fingerprint/uap-core");
    if !folder.is_dir() {
        return countermark_tests::skipped("../shared/vectors/fingerprint/uap-core", "not beside this checkout");
    }
    let read = |name: &str| Fixture::read_all(&std::fs::read_to_string(folder.join(name)).unwrap());
    let mut browsers = read("test_ua.yaml");
    browsers.extend(read("firefox_user_agent_strings.yaml"));
    let systems = read("test_os.yaml");
    assert!(browsers.len() > 1_800 && systems.len() > 480, "{} and {}", browsers.len(), systems.len());
    browsers.iter().chain(&systems).for_each(|fixture| check_names(fixture.text.as_bytes()));

    let recent: Vec<&Fixture> = browsers.iter().filter(|fixture| is_recent(&fixture.text)).collect();
    let family = |fixture: &Fixture| tools::user_agent(fixture.text.as_bytes()).0 == our_name(&fixture.family);
    let version = |fixture: &Fixture| tools::user_agent(fixture.text.as_bytes()).1 == fixture.major;
    let of_family = agreement(&recent, family);
    let of_version = agreement(&recent, version);
    let of_both = agreement(&recent, |fixture| family(fixture) && version(fixture));
    println!("uap-core: {} texts of the last five years", recent.len());
    println!("family {:.2} %, version {:.2} %, both {:.2} %", of_family.0, of_version.0, of_both.0);
    for fixture in recent.iter().filter(|fixture| !(family(fixture) && version(fixture))) {
        let (ours, number, ..) = tools::user_agent(fixture.text.as_bytes());
        println!("  {} {:?}, here {ours} {number:?}: {}", fixture.family, fixture.major, fixture.text);
    }
    assert!(recent.len() >= 130, "{}", recent.len());
    assert!(of_both.0 >= 97.0, "{:?}", of_both.1);

    let everything: Vec<&Fixture> = browsers.iter().collect();
    println!("all {} texts, back to 1994: family {:.2} %", everything.len(), agreement(&everything, family).0);
    let known =
        ["windows", "macos", "ios", "android", "linux", "chromeos", "harmonyos", "freebsd", "tizen", "webos", "tvos"];
    // "Darwin" is iOS or macOS by tables of its versions there, and "darwin" here.
    let is_known = |fixture: &&Fixture| known.contains(&&*our_system(&fixture.family)) && !fixture.text.contains("Darwin/");
    let of_known: Vec<&Fixture> = systems.iter().filter(is_known).collect();
    let (share, odd) =
        agreement(&of_known, |fixture| tools::user_agent(fixture.text.as_bytes()).2 == our_system(&fixture.family));
    println!("system, of the {} texts whose system has a name here: {share:.2} %", of_known.len());
    odd.iter().for_each(|text| println!("  here {}: {text}", tools::user_agent(text.as_bytes()).2));
    assert!(share >= 80.0, "{share}");
}

#[test]
fn a_population_is_known() {
    let path = "../../shared/vectors/fingerprint/user-agents-npm/user-agents-2.1.198.json.gz";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let Some(population) = collections::population(&path) else {
        let what = "../shared/vectors/fingerprint/user-agents-npm";
        return countermark_tests::skipped(what, "not beside this checkout, or no gzip");
    };
    assert_eq!(population.len(), 10_000);
    let (mut all, mut other, mut other_device) = (0.0, 0.0, 0.0);
    for person in &population {
        check_names(person.text.as_bytes());
        let (family, _, os, device) = tools::user_agent(person.text.as_bytes());
        all += person.weight;
        if family == "other" || os == "other" {
            println!("  {family} on {os}: {}", person.text);
            other += person.weight;
        }
        if device != person.device {
            println!("  {device}, there {}: {}", person.device, person.text);
            other_device += person.weight;
        }
    }
    println!("population: other {:.3} %, another device {:.3} %", 100.0 * other / all, 100.0 * other_device / all);
    assert!(other / all <= 0.001, "{other} of {all}");
    assert!(other_device / all <= 0.02, "{other_device} of {all}");
}

/// The look-up finds every row, and nothing beside it.
#[test]
fn every_word_of_the_table_is_found() {
    let words: Vec<(&str, &str)> = tools::user_agent_words().collect();
    assert!(words.len() >= 190);
    for (word, family) in &words {
        for text in [format!("{word}/7"), format!("{}/7", word.to_uppercase())] {
            assert_eq!(tools::user_agent(text.as_bytes()).0, *family, "{text}");
        }
        let less = &word[..word.len() - 1];
        for text in [format!("{less}/7"), format!("{word}~/7"), format!("~{word}/7"), format!("{less}!/7")] {
            // By the slow way: a row with this word, or one whose word this begins with and that allows it.
            let word = text.trim_end_matches("/7");
            let prefixes = ["googlebot", "slackbot", "weibo", "musical_ly_", "trill_", "yaapp_"];
            let is_found = |row: &&(&str, &str)| row.0 == word || (prefixes.contains(&row.0) && word.starts_with(row.0));
            let expected = words.iter().find(is_found).map_or("other", |row| row.1);
            assert_eq!(tools::user_agent(text.as_bytes()).0, expected, "{text}");
        }
    }
}

fn names() -> [BTreeSet<&'static str>; 3] {
    tools::user_agent_names().map(Iterator::collect)
}

fn check_names(text: &[u8]) {
    static NAMES: std::sync::LazyLock<[BTreeSet<&str>; 3]> = std::sync::LazyLock::new(names);
    let (family, _, os, device) = tools::user_agent(text);
    for (names, name) in NAMES.iter().zip([family, os, device]) {
        assert!(names.contains(name), "{name} of {:?}", String::from_utf8_lossy(text));
    }
}

/// The words under a heading of the document, one for each pair of backquotes.
fn documented(heading: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/components.md")).unwrap();
    let (_, section) = text.split_once(&format!("\n{heading}\n")).expect(heading);
    let section = section.split("\n#").next().unwrap();
    section.split('`').skip(1).step_by(2).map(str::to_string).collect()
}

#[test]
fn the_names_are_the_documented_ones() {
    for (heading, names) in ["### Families", "### Systems", "### Devices"].iter().zip(names()) {
        assert_eq!(documented(heading), names.into_iter().map(str::to_string).collect::<BTreeSet<_>>(), "{heading}");
    }
}

#[test]
fn the_components_are_the_documented_ones() {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/components.md")).unwrap();
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let number = cells.first()?.parse::<u8>().ok()?;
        Some((number, cells.get(1)?.trim_matches('`').to_string(), cells.get(2)?.to_string()))
    };
    let documented: Vec<_> = text.lines().filter_map(row).collect();
    let named = countermark::Component::NAMED.iter();
    let expected: Vec<_> = named
        .map(|component| {
            (component.number(), component.name().to_string(), format!("{:?}", component.kind()).to_ascii_lowercase())
        })
        .collect();
    assert_eq!(documented, expected);
}

#[test]
fn any_bytes_are_read() {
    let mut random = Random::new(16);
    let pieces: Vec<&[u8]> =
        samples::SAMPLES.iter().flat_map(|sample| sample.0.split_inclusive(' ')).map(str::as_bytes).collect();
    for _ in 0..20_000 {
        let length = random.below(120);
        let mut text = random.bytes(length);
        check_names(&text);
        // Pieces of real ones in any order, cut anywhere, with a byte changed.
        text.clear();
        for _ in 0..random.below(12) {
            text.extend_from_slice(random.pick(&pieces));
        }
        text.truncate(text.len() - random.below(text.len().min(9)));
        let at = random.below(text.len());
        if let Some(byte) = text.get_mut(at) {
            *byte = random.byte();
        }
        check_names(&text);
    }
}

#[test]
fn the_work_is_linear() {
    // What could cost more than its length: words, numbers, nesting, prefixes of rows, and all of it mixed.
    let parts: [&[u8]; 12] = [
        b"a",
        b"a ",
        b"1",
        b"/1",
        b"Chrome/1 ",
        b"(",
        b"_",
        b"musical_ly_1",
        b"rv:",
        b"weibo",
        b"\xff/",
        b"Mozilla/5.0 (X11; Linux) ",
    ];
    for part in parts {
        let of = |bytes: usize| {
            let text: Vec<u8> = part.iter().copied().cycle().take(bytes).collect();
            check_names(&text);
            tools::user_agent_steps(&text)
        };
        let (short, long) = (of(4_096), of(65_536));
        // Two tables of at most 256 and 64 rows: 8 and 6 comparisons and one for equality in each, of at most the word; the
        // text once; each number three times at most.
        assert!(long <= 20 * 65_536, "{part:?}: {long}");
        assert!(long <= 17 * short && 15 * short <= long, "{part:?}: {short} and {long}");
    }
}
