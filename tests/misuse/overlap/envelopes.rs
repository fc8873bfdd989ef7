//! Envelopes: made, opened, nested.

use super::{Arena, BUFFER, Call, Host, names, refused};
use crate::{NOW, SECRET, bytes};
use countermark_ffi::*;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::mem::{size_of, zeroed};

const A256KW: i32 = 103;
const A256GCM: i32 = 3;

pub(super) fn of_envelopes(seen: &mut BTreeSet<&'static str>) {
    let mut arena = Arena::new();
    let (kid, key) = (arena.text(b"a key of this name"), arena.text(&SECRET[..32]));
    let calls: Vec<Call<'_>> = vec![(
        "cmk_sealer_of_key",
        false,
        Box::new(|w| unsafe { cmk_sealer_of_key(w.result.cast(), A256KW, A256GCM, kid, key) }),
    )];
    refused(&arena, &calls);
    names(&calls, seen);
    let mut arena = Arena::new();
    let json = arena.text(br#"{"kty":"oct","alg":"A128KW","k":"GawgguFyGrWKav7AX4VKUg"}"#);
    let calls: Vec<Call<'_>> =
        vec![("cmk_sealer_of_jwk", false, Box::new(|w| unsafe { cmk_sealer_of_jwk(w.result.cast(), json, A256GCM) }))];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let mut sealer: cmk_sealer = unsafe { zeroed() };
    assert_eq!(unsafe { cmk_sealer_of_key(&mut sealer, A256KW, A256GCM, cmk_bytes::NONE, bytes(&[1; 32])) }, 0);
    let sealer = arena.object(sealer);
    let random = arena.text(&[7; countermark::SEAL_RANDOM_BYTES]);
    let inputs = arena.inputs.len();
    let content = arena.text(b"what the envelope holds");
    let other = RefCell::new(vec![0u64; BUFFER / 8]);
    let place = || other.borrow_mut().as_mut_ptr().cast();
    let calls: Vec<Call<'_>> = vec![
        (
            "cmk_seal",
            true,
            Box::new(|w| unsafe { cmk_seal(sealer, content, random, place(), BUFFER, w.buffer, BUFFER, w.result.cast()) }),
        ),
        (
            "cmk_seal",
            true,
            Box::new(|w| unsafe { cmk_seal(sealer, content, random, w.buffer, BUFFER, place(), BUFFER, w.result.cast()) }),
        ),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    arena.inputs.truncate(inputs);
    let mut signer: cmk_signer = unsafe { zeroed() };
    assert_eq!(unsafe { cmk_signer_of_secret(&mut signer, 1, cmk_bytes::NONE, bytes(SECRET)) }, 0);
    let signer = arena.object(signer);
    let mut mint: cmk_mint = unsafe { zeroed() };
    (mint.size, mint.expires_at, mint.subject) = (size_of::<cmk_mint>(), NOW, arena.text(b"somebody else than before"));
    let mint = arena.object(mint);
    let calls: Vec<Call<'_>> = vec![
        (
            "cmk_issue_nested",
            true,
            Box::new(|w| unsafe {
                cmk_issue_nested(signer, mint, 1, sealer, random, place(), BUFFER, w.buffer, BUFFER, w.result.cast())
            }),
        ),
        (
            "cmk_issue_nested",
            true,
            Box::new(|w| unsafe {
                cmk_issue_nested(signer, mint, 1, sealer, random, w.buffer, BUFFER, place(), BUFFER, w.result.cast())
            }),
        ),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let region = arena.object([0u64; 64]).cast_mut();
    let mut set: cmk_keys = unsafe { zeroed() };
    unsafe {
        assert_eq!(cmk_keys_init(&mut set, region.cast(), 512, cmk_bytes::NONE), 0);
        assert_eq!(cmk_keys_add_secret(&mut set, A256KW, cmk_bytes::NONE, bytes(&[1; 32])), 0);
    }
    let sets = arena.object(set);
    let envelope = arena.text(b"eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0.....");
    let calls: Vec<Call<'_>> = vec![(
        "cmk_envelope_open",
        true,
        Box::new(|w| unsafe { cmk_envelope_open(sets, 1, envelope, w.buffer, BUFFER, w.result.cast()) }),
    )];
    refused(&arena, &calls);
    names(&calls, seen);

    let host = Host::new();
    let mut arena = Arena::new();
    let scratch = arena.room(1024).cast::<u8>();
    let claims = host.claims(unsafe { std::slice::from_raw_parts_mut(scratch, 1024) });
    let claims = arena.object(claims);
    let calls: Vec<Call<'_>> =
        vec![("cmk_claims_layers", false, Box::new(|w| unsafe { cmk_claims_layers(claims, w.result.cast()) }))];
    refused(&arena, &calls);
    names(&calls, seen);
}
