//! The presets stand in two places: in the core, and in the simulator that measures them. They must be the same.

use countermark::{Component, ComponentSet, Group, Pepper, Preset, Role, Sketch, Weighted};
use std::collections::BTreeMap;

/// Each preset with the name of its constants in the simulator; the strict stalker has the rows of the other.
const MEASURED: [(Preset, &str); 6] = [
    (Preset::HeadersRoaming, "HEADERS_ROAMING"),
    (Preset::HeadersStrict, "HEADERS_STRICT"),
    (Preset::Browser, "BROWSER"),
    (Preset::Uniform, "UNIFORM"),
    (Preset::Stalker, "STALKER"),
    (Preset::Device, "DEVICE"),
];

fn measured() -> String {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../quality/src/preset.rs");
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// `UA_FAMILY` is the component `ua.family`.
fn component(constant: &str) -> Component {
    let is_named = |component: &&Component| component.name().to_uppercase().replace(['.', '-'], "_") == constant;
    *Component::NAMED.iter().find(is_named).unwrap_or_else(|| panic!("no component {constant}"))
}

/// The rows of a table, `rule(NAME, weight)`, `optional(...)`, `required(...)`, with the rates of `NAME => (stability, coincidence)`.
fn rows(source: &str, table: &str) -> Vec<Weighted> {
    let number = |text: &str| text.trim().parse::<u16>().unwrap();
    let rates = |name: &str| {
        let row = source.split_once(&format!(" {name} => (")).unwrap_or_else(|| panic!("no rates of {name}")).1;
        let (stability, coincidence) = row.split_once(')').unwrap().0.split_once(',').unwrap();
        (number(stability), number(coincidence))
    };
    let body = source.split_once(&format!("const {table}_RULES: &[Rule] = &[")).unwrap().1.split_once("];").unwrap().0;
    let rows = body.split("),").map(str::trim).filter(|row| !row.is_empty());
    rows.map(|row| {
        let (kind, rest) = row.split_once('(').unwrap();
        let (name, weight) = rest.trim_end_matches(')').split_once(", ").unwrap();
        let role = match kind {
            "optional" => Role::Optional,
            "required" => Role::Required,
            "rule" => Role::Normal,
            _ => panic!("{row}"),
        };
        let (stability, coincidence) = rates(name);
        Weighted::new(component(name), number(weight)).with_role(role).with_rates(stability, coincidence)
    })
    .collect()
}

#[test]
fn the_core_has_the_numbers_that_the_simulator_measured() {
    let source = measured();
    let peppers = [(0, Pepper::new(&[1; 16]).unwrap())];
    for (preset, table) in MEASURED {
        let sketch = Sketch::preset(preset, "cmk", &peppers);
        let wanted = rows(&source, table);
        assert_eq!(sketch.components, wanted, "{table}");
    }
}

#[test]
fn the_core_has_the_thresholds_that_the_simulator_measured() {
    let source = measured();
    let peppers = [(0, Pepper::new(&[1; 16]).unwrap())];
    for (preset, constant) in MEASURED {
        let body = source.split_once(&format!("pub const {constant}: Preset =")).unwrap().1.split_once("};").unwrap().0;
        let mut wanted =
            BTreeMap::from([("accept", 850), ("step_up", 700), ("coverage", 900), ("drift", 300), ("behind", 26)]);
        for (name, value) in &mut wanted {
            if let Some((_, rest)) = body.split_once(&format!("{name}: ")) {
                let digits: String = rest.chars().filter(|char| *char != '_').take_while(char::is_ascii_digit).collect();
                *value = digits.parse().unwrap();
            }
        }
        let thresholds = Sketch::preset(preset, "cmk", &peppers).thresholds;
        let found = [
            ("accept", thresholds.accept),
            ("step_up", thresholds.step_up),
            ("coverage", thresholds.coverage),
            ("drift", thresholds.drift),
            ("behind", thresholds.behind),
        ];
        assert_eq!(BTreeMap::from(found.map(|(name, value)| (name, i32::from(value)))), wanted, "{constant}");
    }
}

#[test]
fn at_most_one_of_screen_zone_and_languages_changes_in_a_browser() {
    let peppers = [(0, Pepper::new(&[1; 16]).unwrap())];
    let sketch = Sketch::preset(Preset::Browser, "cmk", &peppers);
    let [Group { components, changes: 1 }] = sketch.groups else { panic!("{:?}", sketch.groups) };
    let wanted = [Component::SCREEN_SIZE, Component::TIMEZONE, Component::LANGUAGES];
    assert!(components.iter().eq(wanted));
}

/// The groups as the simulator has them, in its order: members and how many may change.
#[test]
fn the_stalkers_have_the_groups_that_the_simulator_measured() {
    let source = measured();
    let peppers = [(0, Pepper::new(&[1; 16]).unwrap())];
    let group = |name: &str| {
        let body = source.split_once(&format!("const {name}: Group =")).unwrap().1.split_once("};").unwrap().0;
        let members = body.split_once("members: &[").unwrap().1.split_once(']').unwrap().0;
        let allowed = body.split_once("allowed: ").unwrap().1.trim().trim_end_matches(',').trim_end_matches(' ');
        let components = members.split(',').map(str::trim).filter(|name| !name.is_empty()).map(component);
        let digits: String = allowed.chars().take_while(char::is_ascii_digit).collect();
        Group { components: components.fold(Default::default(), ComponentSet::with), changes: digits.parse().unwrap() }
    };
    let listed = |constant: &str| -> Vec<Group> {
        let body = source.split_once(&format!("pub const {constant}: Preset =")).unwrap().1;
        let names = body.split_once("groups: &[").unwrap().1.split_once(']').unwrap().0;
        names.split(',').map(str::trim).map(group).collect()
    };
    for (preset, constant) in [(Preset::Stalker, "STALKER"), (Preset::StalkerStrict, "STALKER_STRICT")] {
        let sort = |mut groups: Vec<Group>| {
            groups.sort_by_key(|group| group.components.0);
            groups
        };
        assert_eq!(sort(Sketch::preset(preset, "cmk", &peppers).groups.to_vec()), sort(listed(constant)), "{constant}");
    }
}
