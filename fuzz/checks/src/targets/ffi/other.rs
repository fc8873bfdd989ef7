//! What stands beside the pipeline: issuing into short memory, objects that were never filled, names of numbers.

use super::{CText, Faults, fits, is_zero, seldom};
use crate::c_memory::{Block, slice};
use crate::input::Input;
use countermark::Status;
use countermark_ffi::*;
use countermark_tests::token::SECRET;
use std::ffi::CStr;

pub fn all(input: &mut Input<'_>) {
    names(i32::from(input.word() as i16));
    empty_objects();
    issue(input);
}

/// Total functions: every number has a name.
fn names(number: i32) {
    for total in [cmk_status_name, cmk_status_sentence, cmk_stage_name] {
        // SAFETY: a text that ends with a NUL, as the header says.
        let text = unsafe { CStr::from_ptr(total(number)) };
        assert!(text.to_str().is_ok());
    }
    // SAFETY: as above.
    let name = unsafe { CStr::from_ptr(cmk_status_name(number)) }.to_str().expect("ASCII");
    assert_eq!(name, Status::from_code(number).map_or("UNKNOWN", Status::name));
    assert!(matches!(cmk_http_status(number), 200 | 400 | 401 | 403 | 429 | 500 | 503));
    let signs = countermark::Algorithm::from_code(number).map(|algorithm| countermark::key_bytes(algorithm, 0));
    let opens = countermark::KeyManagement::from_code(number).map(countermark::decryption_key_bytes);
    assert!(signs.is_none() || opens.is_none(), "a number is one of a signature or of an envelope");
    assert_eq!(cmk_key_bytes(number, 0), signs.or(opens).unwrap_or_default());
}

/// Every number, without waiting for a fuzzer to draw it.
#[test]
fn every_number_has_its_names() {
    (i16::MIN..=i16::MAX).for_each(|number| names(number.into()));
}

/// All zero bytes are an object that was never filled.
fn empty_objects() {
    let claims = Block::aligned(size_of::<cmk_claims>(), 8);
    let value = Block::aligned(size_of::<cmk_value>(), 8);
    let mut json = cmk_bytes::NONE;
    // SAFETY: valid for their sizes.
    unsafe {
        assert_eq!(cmk_claims_json(claims.cast(), &mut json), Status::NotInitialized.code());
        assert_eq!(cmk_value_json(value.cast(), &mut json), Status::NotInitialized.code());
        assert_eq!(cmk_claims_json(std::ptr::null(), &mut json), Status::NullPointer.code());
    }
}

fn issue(input: &mut Input<'_>) {
    let signer = Block::aligned(size_of::<cmk_signer>(), 8);
    let kid = CText::arbitrary(input, &["one"]);
    let secret = Block::of(&SECRET[..SECRET.len().min(input.below(80))]);
    let mut faults = Faults::new();
    let kid_text = kid.text(&mut faults, Status::Argument);
    if faults.is_empty() {
        let made = countermark::Signer::of_secret(countermark::Algorithm::HS256, kid_text, secret.slice());
        faults.extend(made.err());
    }
    // SAFETY: every pointer is valid for its length, or NULL.
    let code = unsafe { cmk_signer_of_secret(signer.cast(), 1, kid.bytes, secret.bytes()) };
    fits(code, &faults);
    assert!(code == 0 || is_zero(&signer), "outputs are zero on failure");

    let texts: Vec<CText> = (0..5).map(|_| CText::arbitrary(input, &["alice", "{\"a\":1}", "{}"])).collect();
    let audience = [texts[4].bytes; 9];
    let mint = Block::holding(cmk_mint {
        size: if seldom(input) { input.below(256) } else { size_of::<cmk_mint>() },
        typ: texts[0].bytes,
        issuer: texts[1].bytes,
        subject: texts[2].bytes,
        audiences: audience.as_ptr(),
        audience_count: input.below(10),
        token_id: cmk_bytes::NONE,
        claims: texts[3].bytes,
        expires_at: i64::from(input.word()),
        not_before: 0,
        issued_at: 0,
        digest: std::ptr::null(),
        evidence: std::ptr::null(),
        sketch: std::ptr::null(),
        previous: std::ptr::null(),
        opt_out: [0; 4],
        salt: [0; 8],
        flags: if seldom(input) { input.byte().into() } else { 2 },
        // SAFETY: all zero bytes are a structure.
        ..unsafe { std::mem::zeroed() }
    });
    let (scratch_room, out_room) = (usize::from(input.word()) % 1024, usize::from(input.word()) % 1024);
    let (scratch, out) = (Block::filled(scratch_room, 0xa5), Block::filled(out_room, 0xa5));
    let (no_scratch, no_out) = (seldom(input), seldom(input));
    let mut token = cmk_bytes { ptr: std::ptr::dangling(), len: 7 };
    // SAFETY: as above.
    let status = unsafe {
        cmk_issue(
            signer.cast(),
            mint.cast(),
            scratch.unless(no_scratch),
            scratch_room,
            out.unless(no_out),
            out_room,
            &mut token,
        )
    };
    match status {
        0 => {
            assert_eq!(code, 0, "issued without a signer");
            assert_eq!(slice(token).split(|byte| *byte == b'.').count(), 3);
            assert_eq!(token.ptr, out.ptr().cast_const().cast());
            assert!(out.slice()[token.len..].iter().all(|byte| *byte == 0xa5), "nothing is written behind the token");
        }
        _ => {
            assert_eq!((token.len, token.ptr.is_null()), (0, true));
            assert!(out.slice().iter().all(|byte| *byte == 0xa5), "nothing is written on failure");
        }
    }
    assert!(code == 0 || status == Status::NotInitialized.code());
    // SAFETY: ours.
    assert_eq!(unsafe { cmk_signer_wipe(signer.cast()) }, 0);
    assert!(is_zero(&signer));
}
