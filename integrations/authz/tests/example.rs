//! What a new user types: the example's configuration, keys and token; and every setting that the example names.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)] // tests may

mod support;

use std::path::Path;
use std::process::Command;
use support::backend::Backend;
use support::client::send;
use support::geo::database;
use support::proxy::Proxy;
use support::service::Service;
use support::{World, package};
use toml::Value;

fn example(name: &str) -> String {
    std::fs::read_to_string(package().join("example").join(name)).unwrap()
}

/// Runs a script of the example in this folder.
fn run(folder: &Path, script: &str, arguments: &[&str]) -> String {
    std::fs::copy(package().join("example").join(script), folder.join(script)).unwrap();
    let out = Command::new("sh").arg(folder.join(script)).args(arguments).output().unwrap();
    assert!(out.status.success(), "{script}");
    String::from_utf8(out.stdout).unwrap().trim().to_owned()
}

#[test]
fn the_five_lines_serve_a_good_token_and_no_other() {
    let world = World::new();
    world.write("keys.json", &run(&world.folder, "keys.sh", &[]));
    let config = example("authz.toml").replace("127.0.0.1:9180", "127.0.0.1:0").replace("127.0.0.1:9181", "127.0.0.1:0");
    let (service, backend) = (Service::start_with(&world, &config), Backend::start());
    let proxy = Proxy::caddy(&world, service.address, backend.address);
    let http = |path: &str, fields: &[(&str, &str)]| send(proxy.address, "GET", path, fields);
    assert_eq!(http("/api/hello", &[]).http, 401);
    let bearer = format!("Bearer {}", run(&world.folder, "token.sh", &[]));
    let answer = http("/api/hello", &[("Authorization", &bearer)]);
    assert_eq!((answer.http, answer.echoed("x-auth-subject").as_str()), (200, Some("alice")));
    assert_eq!(http("/orders/7", &[("Authorization", &bearer)]).http, 403);
    let scoped = format!("Bearer {}", run(&world.folder, "token.sh", &["orders:read"]));
    assert_eq!(http("/orders/7", &[("Authorization", &scoped)]).http, 200);
}

/// What a README writes into its folder, and what the configuration names as a secret, is not committed by mistake.
#[test]
fn what_the_readmes_make_is_ignored() {
    let read = |path: &str| std::fs::read_to_string(package().join(path)).unwrap();
    let folders = [
        ("example", ["README.md", "proxies/haproxy/README.md"].map(read).concat(), "secret pepper"),
        ("../../examples/redis", read("../../examples/redis/README.md"), ""),
    ];
    for (folder, readme, secrets) in folders {
        let ignored = read(&format!("{folder}/.gitignore"));
        let written = readme.split("> ").skip(1).filter_map(|rest| rest.split([' ', ')', '\n', '`']).next());
        let written = written.filter(|name| name.contains('.') && !name.contains(['/', '*', ',', '|']));
        let mut count = 0;
        for name in written.chain(secrets.split_whitespace()) {
            assert!(ignored.lines().any(|line| line == name), "{folder}: {name}");
            count += 1;
        }
        assert!(count > 0, "{folder}");
    }
}

/// Every setting is in the example, and the example has no other.
#[test]
fn the_example_names_every_setting() {
    let world = World::new();
    let text: String = example("authz.toml")
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') && !setting.is_empty() => format!("{setting}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    std::fs::write(world.folder.join("asn.mmdb"), database("GeoLite2-ASN", &[])).unwrap();
    std::fs::write(world.folder.join("city.mmdb"), database("GeoLite2-City", &[])).unwrap();
    let whole = Value::Table(text.parse().unwrap());
    // A PEM key would be one instead of the set.
    let text = text.replace("any_audience = true", "any_audience = false").replace("algorithm = \"ES256\"\n", "");
    let path = world.write("whole.toml", &text);
    let out = Command::new(env!("CARGO_BIN_EXE_countermark-authz")).arg("--check").arg(path).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let source = std::fs::read_to_string(package().join("src/config.rs")).unwrap();
    let (mut found, mut missing) = (0, Vec::new());
    look(&source, "Config", &[&whole], "", &mut found, &mut missing);
    assert!(found > 60 && missing.is_empty(), "{found} settings, not in the example: {missing:?}");
}

/// Looks for each member of a struct in what the example has of that struct: of a list, or of a table of any names, in all together.
fn look(source: &str, name: &str, places: &[&Value], path: &str, found: &mut usize, missing: &mut Vec<String>) {
    let body = source.split_once(&format!("\npub struct {name} {{")).unwrap().1.split_once("\n}").unwrap().0;
    for (member, kind) in body.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(": ")) {
        let path = format!("{path}.{member}");
        let values: Vec<&Value> = places.iter().filter_map(|place| place.get(member)).collect();
        *found += usize::from(!values.is_empty());
        if values.is_empty() {
            missing.push(path);
            continue;
        }
        let inner = kind.trim_end_matches([',', '>']).rsplit(['<', ' ']).next().unwrap();
        if !source.contains(&format!("\npub struct {inner} {{")) {
            continue;
        }
        let members: Vec<&Value> = values
            .iter()
            .flat_map(|value| match value {
                Value::Array(list) => list.iter().collect(),
                Value::Table(table) if kind.starts_with("BTreeMap") => table.values().collect(),
                _ => vec![*value],
            })
            .collect();
        look(source, inner, &members, &path, found, missing);
    }
}
