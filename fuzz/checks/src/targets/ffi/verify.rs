//! `cmk_verify` with scratch too small, NULLs, wrong sizes, and scratch over the token: the same verdict as in Rust, or one
//! of the caller's mistakes; claims only after accept.

use super::verifier::Made;
use super::{CText, Faults, is_zero, seldom, values};
use crate::c_memory::{Block, slice};
use crate::input::Input;
use countermark::{Clock, Request, Status, Verdict};
use countermark_ffi::*;
use countermark_tests::token::{NOW, TokenBuilder};

pub fn one(input: &mut Input<'_>, made: &Made<'_>) {
    let token = match input.below(8) {
        0 => CText { block: None, bytes: cmk_bytes { ptr: std::ptr::null(), len: input.below(9) } },
        1 => CText::of(input.bytes()),
        kind => CText::of(good_token(kind, input).as_bytes()),
    };
    let text = token.slice().unwrap_or_default();
    let needed = countermark::scratch_bytes(text.len(), &made.limits);
    let room = if seldom(input) { usize::from(input.word()) % (needed + 1) } else { needed + input.below(5) };
    let scratch = Block::filled(room, 0xa5);
    let request_block = Block::holding(cmk_request {
        size: if seldom(input) { input.below(256) } else { size_of::<cmk_request>() },
        token: token.bytes,
        now: if seldom(input) { input.long() } else { NOW },
        evidence: std::ptr::null(),
        flags: if seldom(input) { input.byte().into() } else { 0 },
    });
    // SAFETY: just written.
    let request = unsafe { *request_block.cast::<cmk_request>() };
    let claims = Block::aligned(size_of::<cmk_claims>(), 8);
    let report = Block::aligned(size_of::<cmk_report>(), 8);
    for out in [&claims, &report] {
        // SAFETY: ours.
        unsafe { std::ptr::write_bytes(out.cast::<u8>(), 0xa5, out.len()) };
    }
    let mut faults = Faults::new();
    let [no_verifier, no_request, no_claims, no_report, stale] = [(); 5].map(|()| input.byte() == 255);
    let no_scratch = input.byte() == 255;
    if no_verifier || no_request || no_claims || no_report || no_scratch && room > 0 {
        faults.insert(Status::NullPointer);
    }
    if token.block.is_none() && token.bytes.len > 0 {
        faults.insert(Status::NullPointer);
    }
    if request.size != size_of::<cmk_request>() {
        faults.insert(Status::StructSize);
    }
    if request.flags > 1 {
        faults.insert(Status::Argument);
    }
    // The scratch over the token: it would be read after it was written.
    let is_over = input.byte() == 254 && room > 0 && token.block.as_ref().is_some_and(|block| block.len() >= room);
    if is_over {
        faults.insert(Status::Overlap);
    }
    let scratch_ptr: *mut u8 =
        if is_over { token.block.as_ref().expect("there").cast() } else { scratch.unless(no_scratch) };
    let abi = ABI + u32::from(stale);
    let (claims_bytes, report_bytes) = (claims.len(), report.len());
    let verifier = made.verifier.unless::<cmk_verifier>(no_verifier);
    let token_before = text.to_vec();
    // SAFETY: every pointer is valid for its length, or NULL; overlaps are refused before anything is written.
    let code = unsafe {
        cmk_verify_abi(
            abi,
            verifier,
            request_block.unless(no_request),
            scratch_ptr.cast(),
            room,
            claims.unless(no_claims),
            claims_bytes,
            report.unless(no_report),
            report_bytes,
        )
    };
    assert_eq!(token.slice().unwrap_or_default(), token_before, "the token is not written");
    if stale {
        assert_eq!(code, Status::AbiMismatch.code());
        let known = claims.slice().len().min(size_of::<cmk_claims>());
        assert!(no_claims || claims.slice()[..known].iter().all(|byte| *byte == 0), "claims are zero on failure");
        return;
    }
    assert!(code == 0 || no_claims || is_zero(&claims), "claims are zero on failure");
    // SAFETY: filled by the library, or as it was made.
    let told = unsafe { *report.cast::<cmk_report>() };
    assert!(no_report || told.status == code, "the report tells what the call returns");
    if !faults.is_empty() {
        super::fits(code, &faults);
        assert!(no_report || told.failures == 0);
        return;
    }
    same_in_rust(made, text, &request, room, (code, told.failures), &claims);
    if code == 0 {
        // SAFETY: filled after accept.
        values::of(input, unsafe { &*claims.cast::<cmk_claims>() });
    }
}

fn good_token(kind: usize, input: &mut Input<'_>) -> String {
    let alg = input.pick(&["HS256", "HS256", "HS384", "HS512", "ES256"]);
    let builder = TokenBuilder::new(alg);
    let builder = match kind {
        2 => builder.header_with("\"kid\":\"one\""),
        3 => builder.payload(String::from_utf8_lossy(input.bytes()).as_bytes()),
        4 => builder.payload_with(r#""a":[1,true,null,"\u0041\n",{"b.c":-5}],"aud":"alice","nonce":"n""#),
        _ => builder,
    };
    builder.build()
}

fn same_in_rust(made: &Made<'_>, token: &[u8], request: &cmk_request, room: usize, found: (i32, u64), claims: &Block) {
    let clock = if request.flags == 1 { Clock::Missing } else { Clock::At(request.now) };
    let mut scratch = vec![0; room];
    made.policy.with(made.limits, made.sets, |verifier| {
        let request = Request { clock, ..Request::new(token, 0) };
        let verdict = verifier.expect("made before").verify(&request, &mut scratch);
        let report = verdict.report();
        assert_eq!(found, (report.status.code(), report.failures.bits()), "Rust and C disagree");
        if let Verdict::Accept(expected, _) = verdict {
            let mut json = cmk_bytes::NONE;
            // SAFETY: filled after accept.
            assert_eq!(unsafe { cmk_claims_json(claims.cast(), &mut json) }, 0);
            assert_eq!(slice(json), expected.raw().as_bytes());
        }
    });
}
