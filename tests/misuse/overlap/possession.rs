//! Proof of possession, and the memory that is filled once and then read: tables of prepared keys, the table of uses.

use super::{Arena, BUFFER, Call, names, refused};
use crate::{NOW, SECRET, status};
use countermark::Status;
use countermark_ffi::*;
use std::collections::BTreeSet;
use std::ffi::c_void;
use std::mem::{size_of, zeroed};

type Reader = unsafe extern "C" fn(cmk_bytes, *mut cmk_certificate) -> i32;

pub(super) fn of_possession(seen: &mut BTreeSet<&'static str>) {
    let mut arena = Arena::new();
    let value = arena.text(b"a field's value, as a proxy sends it");
    let readers: [(&'static str, Reader); 7] = [
        ("cmk_certificate_of_pem", cmk_certificate_of_pem),
        ("cmk_certificate_of_escaped_pem", cmk_certificate_of_escaped_pem),
        ("cmk_certificate_of_client_cert", cmk_certificate_of_client_cert),
        ("cmk_certificate_of_forwarded", cmk_certificate_of_forwarded),
        ("cmk_certificate_of_base64", cmk_certificate_of_base64),
        ("cmk_certificate_of_hex_digest", cmk_certificate_of_hex_digest),
        ("cmk_certificate_of_base64url_digest", cmk_certificate_of_base64url_digest),
    ];
    let calls = readers
        .map(|(name, read)| -> Call<'_> { (name, false, Box::new(move |w| unsafe { read(value, w.result.cast()) })) });
    refused(&arena, &calls);
    names(&calls, seen);

    let channel = arena.text(b"an exporter's value of 32 bytes.");
    let calls: Vec<Call<'_>> = vec![(
        "cmk_channel_binding",
        true,
        Box::new(|w| unsafe { cmk_channel_binding(1, value, channel, w.buffer, BUFFER, w.result.cast()) }),
    )];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let mut rules: cmk_dpop = unsafe { zeroed() };
    (rules.size, rules.nonce_secret) = (size_of::<cmk_dpop>(), arena.text(SECRET));
    (rules.algs, rules.alg_count) = (arena.object([4i32, 5]).cast(), 2);
    let rules = arena.object(rules);
    let calls: Vec<Call<'_>> = vec![(
        "cmk_dpop_nonce",
        true,
        Box::new(|w| unsafe { cmk_dpop_nonce(rules, NOW, w.buffer, BUFFER, w.result.cast()) }),
    )];
    refused(&arena, &calls);
    names(&calls, seen);
}

pub(super) fn of_prepared_keys(seen: &mut BTreeSet<&'static str>) {
    let mut arena = Arena::new();
    let region = arena.object([0u64; 128]).cast::<c_void>().cast_mut();
    let mut filled: cmk_keys = unsafe { zeroed() };
    assert_eq!(unsafe { cmk_keys_init(&mut filled, region, 1024, cmk_bytes::NONE) }, 0);
    let keys = arena.object(filled);
    // What is written is the region of the tables.
    let calls: Vec<Call<'_>> =
        vec![("cmk_prepare", false, Box::new(|w| unsafe { cmk_prepare(w.result, BUFFER, 4, keys, 1) }))];
    refused(&arena, &calls);
    names(&calls, seen);

    // The verifier is read and written: it is the result, and the tables are all that is read beside it.
    let mut arena = Arena::new();
    let tables = arena.object([0u64; 128]).cast::<c_void>();
    let calls: Vec<Call<'_>> = vec![(
        "cmk_verifier_use_prepared",
        false,
        Box::new(|w| unsafe { cmk_verifier_use_prepared(w.result.cast(), tables, 1024) }),
    )];
    refused(&arena, &calls);
    names(&calls, seen);
}

pub(super) fn of_the_replay_table(seen: &mut BTreeSet<&'static str>) {
    // The buffer is the table's region, which attaching reads and may mark.
    let mut arena = Arena::new();
    let secret = arena.text(SECRET);
    let calls: Vec<Call<'_>> = vec![
        ("cmk_replay_init", true, Box::new(|w| unsafe { cmk_replay_init(w.result.cast(), w.buffer, BUFFER, secret) })),
        ("cmk_replay_attach", true, Box::new(|w| unsafe { cmk_replay_attach(w.result.cast(), w.buffer, BUFFER, secret) })),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let region = arena.object([0u64; 128]).cast::<c_void>().cast_mut();
    let uses = arena.places();
    let mut view: cmk_replay = unsafe { zeroed() };
    assert_eq!(unsafe { cmk_replay_init(&mut view, region, 1024, cmk_bytes::of(SECRET)) }, 0);
    let view = arena.object(view);
    let calls: Vec<Call<'_>> =
        vec![("cmk_replay_statistics", false, Box::new(|w| unsafe { cmk_replay_statistics(view, NOW, w.result.cast()) }))];
    refused(&arena, &calls);
    names(&calls, seen);
    // These write through a `const` view: a use in the region would change while it is read.
    for place in uses {
        assert_eq!(status(unsafe { cmk_replay_check(view, place.cast(), NOW) }), Status::Overlap);
        assert_eq!(status(unsafe { cmk_replay_commit(view, place.cast(), NOW) }), Status::Overlap);
    }
}

pub(super) fn of_the_table_of_revocations(seen: &mut BTreeSet<&'static str>) {
    let mut arena = Arena::new();
    let secret = arena.text(SECRET);
    let calls: Vec<Call<'_>> = vec![
        (
            "cmk_revocation_init",
            true,
            Box::new(|w| unsafe { cmk_revocation_init(w.result.cast(), w.buffer, BUFFER, secret, 60, 0) }),
        ),
        (
            "cmk_revocation_attach",
            true,
            Box::new(|w| unsafe { cmk_revocation_attach(w.result.cast(), w.buffer, BUFFER, secret, 60, 0) }),
        ),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let region = arena.object([0u64; 128]).cast::<c_void>().cast_mut();
    let texts = arena.places();
    let mut view: cmk_revocation = unsafe { zeroed() };
    assert_eq!(unsafe { cmk_revocation_init(&mut view, region, 1024, cmk_bytes::of(SECRET), 60, 0) }, 0);
    let view = arena.object(view);
    let calls: Vec<Call<'_>> = vec![
        ("cmk_revocation_statistics", false, Box::new(|w| unsafe { cmk_revocation_statistics(view, NOW, w.result.cast()) })),
        ("cmk_verifier_use_revocation", false, Box::new(|w| unsafe { cmk_verifier_use_revocation(w.result.cast(), view) })),
    ];
    refused(&arena, &calls);
    names(&calls, seen);
    for place in texts {
        let text = cmk_bytes { ptr: place.cast(), len: 4 };
        assert_eq!(status(unsafe { cmk_revocation_check(view, place.cast(), NOW) }), Status::Overlap);
        assert_eq!(status(unsafe { cmk_revocation_load(view, text, NOW) }), Status::Overlap);
        assert_eq!(status(unsafe { cmk_revoke_token(view, text, cmk_bytes::NONE, NOW, NOW) }), Status::Overlap);
        assert_eq!(status(unsafe { cmk_revoke_key(view, cmk_bytes::NONE, text, NOW, NOW) }), Status::Overlap);
        assert_eq!(status(unsafe { cmk_revoke_subject(view, text, text, NOW, NOW) }), Status::Overlap);
    }
}

pub(super) fn of_the_cache(seen: &mut BTreeSet<&'static str>) {
    let mut arena = Arena::new();
    let secret = arena.text(SECRET);
    let calls: Vec<Call<'_>> = vec![
        ("cmk_cache_init", true, Box::new(|w| unsafe { cmk_cache_init(w.result.cast(), w.buffer, BUFFER, secret) })),
        ("cmk_cache_attach", true, Box::new(|w| unsafe { cmk_cache_attach(w.result.cast(), w.buffer, BUFFER, secret) })),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let region = arena.object([0u64; 128]).cast::<c_void>().cast_mut();
    let mut view: cmk_cache = unsafe { zeroed() };
    assert_eq!(unsafe { cmk_cache_init(&mut view, region, 1024, cmk_bytes::of(SECRET)) }, 0);
    let view = arena.object(view);
    let calls: Vec<Call<'_>> = vec![
        ("cmk_cache_statistics", false, Box::new(|w| unsafe { cmk_cache_statistics(view, w.result.cast()) })),
        ("cmk_verifier_use_cache", false, Box::new(|w| unsafe { cmk_verifier_use_cache(w.result.cast(), view) })),
    ];
    refused(&arena, &calls);
    names(&calls, seen);
}
