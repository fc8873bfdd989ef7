//! The verdict table behind real proxies, and in front of none: what the core says is what the client gets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)] // tests may

mod support;

use support::front::Front;
use support::proxy::Proxy;

#[test]
fn the_table_as_envoy_asks() {
    Front::new("path", None).play();
}

/// Envoy hands on only the fields that it is told to. The service must see every spelling of its own, or it cannot refuse them.
#[test]
fn envoy_hands_on_every_spelling_of_our_fields() {
    let text = std::fs::read_to_string(support::package().join("proxies/envoy.yaml")).unwrap();
    let allowed = text.split_once("allowed_headers:").unwrap().1.split_once("http_service:").unwrap().0;
    let prefixes: Vec<&str> =
        allowed.lines().filter_map(|line| line.split_once("{ prefix: ")?.1.strip_suffix(" }")).collect();
    for name in ["x-auth-subject", "x_auth_subject", "x-auth_subject", "x_auth-subject"] {
        assert!(prefixes.iter().any(|prefix| name.starts_with(prefix)), "{name}: {prefixes:?}");
    }
    assert!(text.contains("headers_with_underscores_action: REJECT_REQUEST"));
}

/// The last address of X-Forwarded-For is the client's own word, unless the connection manager writes it.
#[test]
fn envoy_writes_the_address_itself() {
    let text = std::fs::read_to_string(support::package().join("proxies/envoy.yaml")).unwrap();
    let settings: Vec<&str> = text.lines().map(str::trim_end).collect();
    for setting in ["use_remote_address: true", "xff_num_trusted_hops: 0"] {
        assert!(settings.contains(&setting), "{setting}");
    }
}

/// A claim's field that Envoy neither shows to the service nor takes from its answer is the client's own word.
#[test]
fn envoy_knows_every_field_of_a_claim() {
    let text = std::fs::read_to_string(support::package().join("proxies/envoy.yaml")).unwrap();
    let section = |from: &str, to: &str| text.split_once(from).unwrap().1.split_once(to).unwrap().0;
    let sets = [
        section("\n    allowed_headers:", "http_service:"),
        section("\n        allowed_upstream_headers:", "allowed_client_headers:"),
    ];
    let example = std::fs::read_to_string(support::package().join("example/authz.toml")).unwrap();
    let names = example.split_once("[headers]\n").unwrap().1.split_once("\n[").unwrap().0;
    let names = names.lines().filter_map(|line| Some(line.trim_start_matches('#').split_once(" = \"")?.0));
    let names: Vec<String> = names.map(str::to_ascii_lowercase).collect();
    assert!(names.len() >= 3, "{names:?}");
    for name in names {
        let is_known = |set: &&str| set.contains(&format!("{{ exact: {name} }}")) || name.starts_with("x-auth-");
        assert!(sets.iter().all(is_known) && sets.iter().all(|set| set.contains("{ prefix: x-auth- }")), "{name}");
    }
    assert!(text.contains("[headers] must begin with X-Auth-, or stand in both sets"), "and says so to who adds one");
}

#[test]
fn the_table_behind_caddy() {
    Front::new("forwarded", Some(Proxy::caddy)).play();
}

#[test]
fn the_table_behind_nginx() {
    Front::new("original", Some(Proxy::nginx)).play();
}

#[test]
fn caddy_passes_on_what_else_is_refused() {
    Front::refuses("forwarded", Proxy::caddy);
}

#[test]
fn nginx_passes_on_what_else_is_refused() {
    Front::refuses("original", Proxy::nginx);
}

#[test]
fn caddy_keeps_doors_apart() {
    Front::keeps_doors_apart("forwarded", Proxy::caddy);
}

#[test]
fn nginx_keeps_doors_apart() {
    Front::keeps_doors_apart("original", Proxy::nginx);
}
