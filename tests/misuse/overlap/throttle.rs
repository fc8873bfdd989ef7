//! The table of clients' allowances.

use super::{Arena, BUFFER, Call, names, refused};
use crate::{NOW, SECRET, status};
use countermark::Status;
use countermark_ffi::*;
use std::collections::BTreeSet;
use std::ffi::c_void;
use std::mem::zeroed;

pub(super) fn of_the_throttle_table(seen: &mut BTreeSet<&'static str>) {
    // The buffer is the table's region, which attaching reads and may mark.
    let mut arena = Arena::new();
    let secret = arena.text(SECRET);
    let calls: Vec<Call<'_>> = vec![
        (
            "cmk_throttle_init",
            true,
            Box::new(|w| unsafe { cmk_throttle_init(w.result.cast(), w.buffer, BUFFER, secret, 0) }),
        ),
        (
            "cmk_throttle_attach",
            true,
            Box::new(|w| unsafe { cmk_throttle_attach(w.result.cast(), w.buffer, BUFFER, secret, 0) }),
        ),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let (view, _) = view_in(&mut arena);
    let calls: Vec<Call<'_>> = vec![(
        "cmk_throttle_statistics",
        false,
        Box::new(|w| unsafe { cmk_throttle_statistics(view, NOW, w.result.cast()) }),
    )];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let (view, inside) = view_in(&mut arena);
    let charge = cmk_charge {
        scope: arena.text(b"a route of some length"),
        client: arena.text(b"a name of some length"),
        requests: 1,
        seconds: 1,
        burst: 1,
        is_name: 1,
    };
    let charges = arena.object([charge; 2]).cast::<cmk_charge>();
    let calls: Vec<Call<'_>> = vec![(
        "cmk_throttle_admit",
        false,
        Box::new(|w| unsafe { cmk_throttle_admit(view, charges, 2, NOW, w.result.cast()) }),
    )];
    refused(&arena, &calls);
    names(&calls, seen);
    // It writes through a `const` view: a charge in the region would change while it is read.
    for place in inside {
        let mut retry_after = 0;
        assert_eq!(status(unsafe { cmk_throttle_admit(view, place.cast(), 1, NOW, &mut retry_after) }), Status::Overlap);
    }
}

/// The view of a table in the arena, and the places in its region.
fn view_in(arena: &mut Arena) -> (*const cmk_throttle, Vec<*mut c_void>) {
    let region = arena.object([0u64; 128]).cast::<c_void>().cast_mut();
    let inside = arena.places();
    let mut view: cmk_throttle = unsafe { zeroed() };
    assert_eq!(unsafe { cmk_throttle_init(&mut view, region, 1024, cmk_bytes::of(SECRET), 0) }, 0);
    (arena.object(view), inside)
}
