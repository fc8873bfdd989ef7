//! A call with two mistakes: that an output lies over what is read is said before the other, whose answer would clear it.

use super::{Arena, BUFFER, Call, refused};
use crate::{ABI, NOW, SECRET, bytes, policy, token};
use countermark_ffi::*;
use std::cell::RefCell;
use std::mem::{size_of, zeroed};

/// A number that no flag, algorithm or structure has.
const UNKNOWN: u32 = 99;

#[test]
fn attack_31_an_overlap_is_said_before_any_other_mistake() {
    verifying();
    loading_keys();
    minting();
    of_the_client();
}

fn verifying() {
    let mut arena = Arena::new();
    let region = arena.object([0u64; 64]).cast_mut().cast();
    let (mut keys, mut verifier): (cmk_keys, cmk_verifier) = unsafe { (zeroed(), zeroed()) };
    unsafe {
        assert_eq!(cmk_keys_init(&mut keys, region, 512, cmk_bytes::NONE), 0);
        assert_eq!(cmk_keys_add_secret(&mut keys, 1, cmk_bytes::NONE, bytes(SECRET)), 0);
        assert_eq!(cmk_verifier_init_abi(ABI, &mut verifier, size_of::<cmk_verifier>(), &keys, 1, &policy()), 0);
    }
    let mut request: cmk_request = unsafe { zeroed() };
    (request.size, request.now, request.token) = (size_of::<cmk_request>(), NOW, arena.text(token().as_bytes()));
    let verifier = arena.object(verifier);
    let unknown_flags = arena.object(cmk_request { flags: UNKNOWN, ..request });
    let strange: *const cmk_evidence = arena.object(unsafe { zeroed() });
    let strange_evidence = arena.object(cmk_request { evidence: strange, ..request });
    let report_bytes = size_of::<cmk_report>();
    let scratch = RefCell::new(vec![0u64; BUFFER / 8]);
    for request in [unknown_flags, strange_evidence] {
        let calls: Vec<Call<'_>> = vec![
            (
                "cmk_verify_abi",
                false,
                Box::new(|w| unsafe {
                    let (mut claims, scratch): (cmk_claims, _) = (zeroed(), scratch.borrow_mut().as_mut_ptr().cast());
                    let claims_bytes = size_of::<cmk_claims>();
                    let report = w.result.cast();
                    cmk_verify_abi(ABI, verifier, request, scratch, BUFFER, &mut claims, claims_bytes, report, report_bytes)
                }),
            ),
            (
                "cmk_verify_opaque_abi",
                false,
                Box::new(|w| unsafe {
                    let (mut report, scratch): (cmk_report, _) = (zeroed(), scratch.borrow_mut().as_mut_ptr().cast());
                    let payload = w.result.cast();
                    cmk_verify_opaque_abi(ABI, verifier, request, scratch, BUFFER, payload, &mut report, report_bytes)
                }),
            ),
        ];
        // The other request is no input of this one's call.
        let others = match std::ptr::eq(request, unknown_flags) {
            true => vec![strange_evidence.addr(), strange.addr()],
            false => vec![unknown_flags.addr()],
        };
        let all = arena.inputs.clone();
        arena.inputs.retain(|(at, _)| !others.contains(at));
        refused(&arena, &calls);
        arena.inputs = all;
    }
}

fn loading_keys() {
    let mut arena = Arena::new();
    let region = arena.object([0u64; BUFFER / 8]).cast_mut().cast();
    let view = || cmk_keys { region, bytes: BUFFER };
    let (json, algs) = (arena.text(br#"{"keys":[]}"#), arena.object([UNKNOWN as i32, 2]).cast::<i32>());
    let calls: Vec<Call<'_>> = vec![(
        "cmk_keys_add_jwks",
        false,
        Box::new(|w| unsafe { cmk_keys_add_jwks(&mut view(), json, algs, 2, w.result.cast()) }),
    )];
    refused(&arena, &calls);
}

fn minting() {
    let mut arena = Arena::new();
    let mut signer: cmk_signer = unsafe { zeroed() };
    assert_eq!(unsafe { cmk_signer_of_secret(&mut signer, 1, cmk_bytes::NONE, bytes(SECRET)) }, 0);
    let signer = arena.object(signer);
    let mut mint: cmk_mint = unsafe { zeroed() };
    (mint.size, mint.expires_at, mint.claims) = (size_of::<cmk_mint>(), NOW, arena.text(br#"{"scope":"read"}"#));
    let previous = arena.object(unsafe { zeroed::<cmk_value>() });
    let evidence: *const cmk_evidence = arena.object(unsafe { zeroed() });
    let mint = arena.object(cmk_mint { flags: UNKNOWN, previous, evidence, ..mint });
    let scratch = RefCell::new(vec![0u64; BUFFER / 8]);
    let calls: Vec<Call<'_>> = vec![(
        "cmk_issue",
        true,
        Box::new(|w| {
            let scratch = scratch.borrow_mut().as_mut_ptr().cast();
            unsafe { cmk_issue(signer, mint, scratch, BUFFER, w.buffer, BUFFER, w.result.cast()) }
        }),
    )];
    refused(&arena, &calls);
    // A signer that was never filled, and a mint of no size.
    let mut arena = Arena::new();
    let (signer, mint) = (arena.object(unsafe { zeroed::<cmk_signer>() }), arena.object(unsafe { zeroed::<cmk_mint>() }));
    let buffer = RefCell::new(vec![0u64; BUFFER / 8]);
    let issue = |w: super::Written| {
        let (scratch, buffer) = (scratch.borrow_mut().as_mut_ptr().cast(), buffer.borrow_mut().as_mut_ptr().cast());
        unsafe { cmk_issue(signer, mint, scratch, BUFFER, buffer, BUFFER, w.result.cast()) }
    };
    refused(&arena, &[("cmk_issue", false, Box::new(issue))]);
}

fn of_the_client() {
    let mut whole: cmk_recipe = unsafe { zeroed() };
    whole.size = size_of::<cmk_recipe>();
    // The evidence has no size; nor has the second recipe.
    for recipe in [whole, unsafe { zeroed() }] {
        let mut arena = Arena::new();
        let strange: *const cmk_evidence = arena.object(unsafe { zeroed() });
        let recipe = match recipe.size {
            0 => arena.object(recipe),
            _ => {
                let (claim, pepper) = (arena.text(b"claim_of_it"), arena.text(SECRET));
                arena.object(cmk_recipe { claim, pepper, ..recipe })
            }
        };
        let digest = |w: super::Written| unsafe { cmk_digest(recipe, strange, w.buffer, BUFFER, w.result.cast()) };
        refused(&arena, &[("cmk_digest", true, Box::new(digest))]);
    }

    let mut arena = Arena::new();
    let strange: *const cmk_evidence = arena.object(unsafe { zeroed() });
    let sketch = arena.object(unsafe { zeroed::<cmk_sketch>() });
    let claim = arena.text(b"a claim that was kept");
    let compare = |w: super::Written| unsafe { cmk_sketch_compare(sketch, claim, strange, w.result.cast()) };
    refused(&arena, &[("cmk_sketch_compare", false, Box::new(compare))]);

    let mut arena = Arena::new();
    let mut rule: cmk_rule = unsafe { zeroed() };
    (rule.path, rule.values, rule.value_count) = (arena.text(b"realm_access.roles"), std::ptr::null(), 1);
    let rule = arena.object(rule);
    let calls: Vec<Call<'_>> =
        vec![("cmk_rule_scope", true, Box::new(|w| unsafe { cmk_rule_scope(rule, w.buffer, BUFFER, w.result.cast()) }))];
    refused(&arena, &calls);
}
