//! The verdict table behind a real HAProxy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)] // tests may

mod support;

use std::net::SocketAddr;
use support::backend::Backend;
use support::client::send;
use support::front::Front;
use support::proxy::Proxy;
use support::{World, free_port};

#[test]
fn the_table_behind_haproxy() {
    Front::new("original", Some(Proxy::haproxy)).play();
}

/// HAProxy goes on with its next rule when a script fails, and when nobody answers the script.
#[test]
fn nothing_is_served_while_the_service_cannot_be_asked() {
    let (world, backend) = (World::new(), Backend::start());
    let nobody = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let proxy = Proxy::haproxy(&world, nobody, backend.address);
    assert_eq!(send(proxy.address, "GET", "/api/hello", &[("Authorization", "Bearer a.b.c")]).http, 503);
    drop(proxy);
    // A script that fails at its first line, in the place of ours.
    let broken = "core.register_action('countermark', { 'http-req' }, function(txn, url) error('broken') end, 1)";
    let proxy = Proxy::haproxy_with(&world, nobody, backend.address, broken);
    assert_eq!(send(proxy.address, "GET", "/api/hello", &[]).http, 503);
    assert_eq!(backend.served(), 0);
}

#[test]
fn haproxy_passes_on_what_else_is_refused() {
    Front::refuses("original", Proxy::haproxy);
}

#[test]
fn haproxy_keeps_doors_apart() {
    Front::keeps_doors_apart("original", Proxy::haproxy);
}
