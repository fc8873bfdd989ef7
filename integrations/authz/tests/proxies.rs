//! The verdict table behind real proxies, and in front of none: what the core says is what the client gets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)] // tests may

mod support;

use support::front::Front;
use support::proxy::Proxy;

#[test]
fn the_table_as_envoy_asks() {
    Front::new("path", None).play();
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
