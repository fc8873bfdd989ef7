//! Risk and sessions.

use super::{Arena, Call, names, refused};
use crate::{NOW, SECRET};
use countermark_ffi::*;
use std::collections::BTreeSet;
use std::mem::{size_of, zeroed};

pub(super) fn of_risk_and_sessions(seen: &mut BTreeSet<&'static str>) {
    // The lists of the rules, which an assessment reads too.
    let lists = |arena: &mut Arena| {
        let networks = arena.object([cmk_network { prefix: [0; 16], bits: 128, list: 1 }; 1]).cast::<cmk_network>();
        let rows = arena.object([cmk_risk_row { signals: 1, action: 1 }; 2]).cast::<cmk_risk_row>();
        let mut rules: cmk_risk_rules = unsafe { zeroed() };
        rules.size = size_of::<cmk_risk_rules>();
        (rules.networks, rules.network_count, rules.rows, rules.row_count) = (networks, 1, rows, 2);
        (rules.changes, rules.failures) = (4, 4);
        (rules.change_seconds, rules.failure_seconds, rules.lock_seconds) = (60, 60, 60);
        rules
    };
    let mut arena = Arena::new();
    let rules = lists(&mut arena);
    let rules = arena.object(rules);
    let secret = arena.text(SECRET);
    let calls: Vec<Call<'_>> =
        vec![("cmk_risk_init", false, Box::new(|w| unsafe { cmk_risk_init(w.result.cast(), rules, secret) }))];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut view: cmk_risk = unsafe { zeroed() };
    let mut visit: cmk_visit = unsafe { zeroed() };
    let mut arena = Arena::new();
    let rules = lists(&mut arena);
    assert_eq!(unsafe { cmk_risk_init(&mut view, &rules, secret) }, 0);
    let view = arena.object(view);
    visit.size = size_of::<cmk_visit>();
    visit.subject = arena.text(b"alice, whose name is long");
    visit.device = arena.text(b"a fingerprint's digest");
    visit.address = arena.text(b"2001:db8:1234:5678::1");
    visit.user_agent = arena.text(b"Mozilla/5.0 (Windows NT 10.0)");
    visit.platform = arena.text(b"\"Windows\", or something longer");
    let visit = arena.object(visit);
    let calls: Vec<Call<'_>> =
        vec![("cmk_risk_observe", false, Box::new(|w| unsafe { cmk_risk_observe(view, w.result.cast(), visit, 0, NOW) }))];
    refused(&arena, &calls);
    names(&calls, seen);
    let record = arena.object(cmk_risk_record { bytes: [0; 128] });
    let calls: Vec<Call<'_>> = vec![(
        "cmk_risk_assess",
        false,
        Box::new(|w| unsafe { cmk_risk_assess(view, record, visit, NOW, w.result.cast()) }),
    )];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let rules = arena.object(cmk_session_rules { check_seconds: 1, idle_seconds: 1, absolute_seconds: 1, similarity: 0 });
    let calls: Vec<Call<'_>> =
        vec![("cmk_session_begin", false, Box::new(|w| unsafe { cmk_session_begin(w.result.cast(), rules, 9, 0, NOW) }))];
    refused(&arena, &calls);
    names(&calls, seen);
    let mut arena = Arena::new();
    let session = arena.object(cmk_session { bytes: [0; 64] });
    let calls: Vec<Call<'_>> =
        vec![("cmk_session_due", false, Box::new(|w| unsafe { cmk_session_due(session, w.result.cast()) }))];
    refused(&arena, &calls);
    names(&calls, seen);
    let mut arena = Arena::new();
    let happened = arena.object(unsafe { zeroed::<cmk_seen>() });
    let calls: Vec<Call<'_>> =
        vec![("cmk_session_observe", false, Box::new(|w| unsafe { cmk_session_observe(w.result.cast(), happened, NOW) }))];
    refused(&arena, &calls);
    names(&calls, seen);
}
