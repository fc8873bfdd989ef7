//! The verdict table behind a real HAProxy; `../haproxy/test.sh` runs it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::arithmetic_side_effects)] // tests may

mod support;

use support::front::Front;
use support::proxy::Proxy;

#[test]
fn the_table_behind_haproxy() {
    Front::new("original", Some(Proxy::haproxy)).play();
}
