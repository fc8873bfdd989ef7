//! `attacks.md` 31 at the C ABI: every pointer NULL in turn, lengths that overflow, memory that overlaps, sizes one too small.
//! Each gets its status, nothing is written, nothing crashes.

#[path = "misuse/overlap.rs"]
mod overlap;

use countermark::Status;
use countermark_ffi::*;
use std::mem::{size_of, zeroed};
use std::ptr::{null, null_mut};

const SECRET: &[u8] = b"a secret of at least thirty-two bytes";
const NOW: i64 = 1_900_000_000;
/// The README's token.
const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJhdWQiOiJodHRwczovL2FwaS5leGFtcGxlIiwiZXhwIjoyMDAwMDAwMDAwLCJzdWIiOiJhbGljZSJ9";

fn status(code: i32) -> Status {
    Status::from_code(code).expect("a known status")
}

fn bytes(text: &[u8]) -> cmk_bytes {
    cmk_bytes::of(text)
}

fn policy() -> cmk_policy {
    let mut policy: cmk_policy = unsafe { zeroed() };
    policy.size = size_of::<cmk_policy>();
    policy.flags = 1;
    policy
}

fn token() -> String {
    let mut mac = [0; 32];
    countermark::tools::hmac_sha256(SECRET, &[TOKEN.as_bytes()], &mut mac);
    use base64ct::Encoding;
    format!("{TOKEN}.{}", base64ct::Base64UrlUnpadded::encode_string(&mac))
}

/// A working host: one key, a lenient audience.
struct Host {
    region: Vec<u64>,
    keys: cmk_keys,
    verifier: cmk_verifier,
    token: String,
}

impl Host {
    fn new() -> Box<Host> {
        let mut host =
            Box::new(Host { region: vec![0; 64], keys: unsafe { zeroed() }, verifier: unsafe { zeroed() }, token: token() });
        let region: *mut std::ffi::c_void = host.region.as_mut_ptr().cast();
        let policy = policy();
        unsafe {
            assert_eq!(cmk_keys_init(&mut host.keys, region, 512, cmk_bytes::NONE), 0);
            assert_eq!(cmk_keys_add_secret(&mut host.keys, 1, cmk_bytes::NONE, bytes(SECRET)), 0);
            assert_eq!(cmk_verifier_init_abi(ABI, &mut host.verifier, size_of::<cmk_verifier>(), &host.keys, 1, &policy), 0);
        }
        host
    }

    fn request(&self) -> cmk_request {
        cmk_request {
            size: size_of::<cmk_request>(),
            token: bytes(self.token.as_bytes()),
            now: NOW,
            evidence: null(),
            flags: 0,
        }
    }

    fn claims(&self, scratch: &mut [u8]) -> cmk_claims {
        let mut claims: cmk_claims = unsafe { zeroed() };
        let mut report: cmk_report = unsafe { zeroed() };
        assert_eq!(
            self.verify(&self.request(), scratch.as_mut_ptr(), scratch.len(), &mut claims, &mut report),
            Status::Accepted
        );
        claims
    }

    fn verify(
        &self,
        request: *const cmk_request,
        scratch: *mut u8,
        scratch_bytes: usize,
        claims: *mut cmk_claims,
        report: *mut cmk_report,
    ) -> Status {
        status(unsafe {
            cmk_verify_abi(
                ABI,
                &self.verifier,
                request,
                scratch.cast(),
                scratch_bytes,
                claims,
                size_of::<cmk_claims>(),
                report,
                size_of::<cmk_report>(),
            )
        })
    }
}

/// Runs a verification that must fail, and sees that both outputs say so.
fn refused(host: &Host, request: &cmk_request, scratch: *mut u8, scratch_bytes: usize) -> Status {
    let mut claims: cmk_claims = unsafe { zeroed() };
    unsafe { std::ptr::write_bytes(&mut claims, 0x5a, 1) };
    let mut report: cmk_report = unsafe { zeroed() };
    let found = host.verify(request, scratch, scratch_bytes, &mut claims, &mut report);
    assert_eq!(report.status, found.code());
    let cleared = unsafe { std::slice::from_raw_parts((&raw const claims).cast::<u8>(), size_of::<cmk_claims>()) };
    assert!(cleared.iter().all(|byte| *byte == 0));
    found
}

#[test]
fn attack_31_null_pointers_of_verify() {
    let host = Host::new();
    let mut scratch = vec![0u8; 1024];
    let mut claims: cmk_claims = unsafe { zeroed() };
    let mut report: cmk_report = unsafe { zeroed() };
    let request = host.request();
    assert_eq!(host.verify(&request, scratch.as_mut_ptr(), 1024, &mut claims, &mut report), Status::Accepted);
    assert_eq!(host.verify(null(), scratch.as_mut_ptr(), 1024, &mut claims, &mut report), Status::NullPointer);
    assert_eq!(host.verify(&request, null_mut(), 1024, &mut claims, &mut report), Status::NullPointer);
    assert_eq!(host.verify(&request, null_mut(), 0, &mut claims, &mut report), Status::ScratchTooSmall);
    assert_eq!(host.verify(&request, scratch.as_mut_ptr(), 1024, null_mut(), &mut report), Status::NullPointer);
    assert_eq!(host.verify(&request, scratch.as_mut_ptr(), 1024, &mut claims, null_mut()), Status::NullPointer);
    let verifier: *const cmk_verifier = null();
    let code = unsafe {
        cmk_verify_abi(
            ABI,
            verifier,
            &request,
            scratch.as_mut_ptr().cast(),
            1024,
            &mut claims,
            size_of::<cmk_claims>(),
            &mut report,
            size_of::<cmk_report>(),
        )
    };
    assert_eq!((status(code), report.status), (Status::NullPointer, Status::NullPointer.code()));
}

#[test]
fn attack_31_null_with_a_length() {
    let host = Host::new();
    let mut scratch = vec![0u8; 1024];
    let nothing = |len| cmk_bytes { ptr: null(), len };
    let mut request = host.request();
    request.token = nothing(10);
    assert_eq!(refused(&host, &request, scratch.as_mut_ptr(), 1024), Status::NullPointer);
    request.token = nothing(0);
    assert_eq!(refused(&host, &request, scratch.as_mut_ptr(), 1024), Status::TokenEmpty);
    let mut evidence: cmk_evidence = unsafe { zeroed() };
    evidence.size = size_of::<cmk_evidence>();
    evidence.header_count = 1;
    request = host.request();
    request.evidence = &evidence;
    assert_eq!(refused(&host, &request, scratch.as_mut_ptr(), 1024), Status::NullPointer);
    let header = cmk_header { name: nothing(4), value: nothing(0) };
    evidence.headers = &header;
    request.evidence = &evidence;
    assert_eq!(refused(&host, &request, scratch.as_mut_ptr(), 1024), Status::NullPointer);
}

#[test]
fn attack_31_lengths_that_overflow() {
    let host = Host::new();
    let mut scratch = vec![0u8; 1024];
    let mut request = host.request();
    for len in [usize::MAX, isize::MAX as usize + 1, usize::MAX - 7] {
        request.token.len = len;
        assert_eq!(refused(&host, &request, scratch.as_mut_ptr(), 1024), Status::Argument, "{len:x}");
    }
    // A pointer near the end of the address space, so that its end wraps around.
    request.token = cmk_bytes { ptr: std::ptr::without_provenance(usize::MAX - 3), len: 8 };
    assert_eq!(refused(&host, &request, scratch.as_mut_ptr(), 1024), Status::Argument);
    let mut evidence: cmk_evidence = unsafe { zeroed() };
    evidence.size = size_of::<cmk_evidence>();
    let header = cmk_header { name: cmk_bytes::NONE, value: cmk_bytes::NONE };
    // So many fields that their bytes overflow.
    (evidence.headers, evidence.header_count) = (&header, usize::MAX / size_of::<cmk_header>() + 2);
    request = host.request();
    request.evidence = &evidence;
    assert_eq!(refused(&host, &request, scratch.as_mut_ptr(), 1024), Status::Argument);
    let mut needed = 0;
    assert_eq!(unsafe { cmk_scratch_bytes(&host.verifier, usize::MAX, &mut needed) }, 0);
    assert!(needed > usize::MAX / 5, "the size saturates and does not wrap: {needed}");
}

#[test]
fn attack_31_overlapping_memory() {
    let host = Host::new();
    // One buffer: the token in its middle, the scratch at every distance around it.
    let mut buffer = vec![0u8; 4096];
    let at = 2048;
    buffer[at..at + host.token.len()].copy_from_slice(host.token.as_bytes());
    let before = buffer.clone();
    let base = buffer.as_mut_ptr();
    let mut request = host.request();
    request.token = cmk_bytes { ptr: unsafe { base.add(at) }, len: host.token.len() };
    let mut needed = 0;
    assert_eq!(unsafe { cmk_scratch_bytes(&host.verifier, host.token.len(), &mut needed) }, 0);
    for start in at - needed - 2..at + host.token.len() + 2 {
        let apart = start + needed <= at || start >= at + host.token.len();
        let scratch = unsafe { base.add(start) };
        let mut claims: cmk_claims = unsafe { zeroed() };
        let mut report: cmk_report = unsafe { zeroed() };
        let found = host.verify(&request, scratch, needed, &mut claims, &mut report);
        assert_eq!(found, if apart { Status::Accepted } else { Status::Overlap }, "{start}");
        if !apart {
            assert_eq!(&buffer[at..at + host.token.len()], &before[at..at + host.token.len()], "the token is untouched");
        }
    }
}

#[test]
fn attack_31_outputs_over_scratch_inputs_and_keys() {
    let host = Host::new();
    let request = host.request();
    let mut scratch = vec![0u64; 256];
    let start: *mut u8 = scratch.as_mut_ptr().cast();
    let mut claims: cmk_claims = unsafe { zeroed() };
    let mut report: cmk_report = unsafe { zeroed() };
    let (inside_claims, inside_report) = (start.cast::<cmk_claims>(), start.cast::<cmk_report>());
    assert_eq!(host.verify(&request, start, 1024, inside_claims, &mut report), Status::Overlap);
    assert_eq!(host.verify(&request, start, 1024, &mut claims, inside_report), Status::Overlap);
    let both: *mut cmk_claims = &mut claims;
    assert_eq!(host.verify(&request, start, 1024, both, both.cast()), Status::Overlap);
    let region = host.keys.region.cast::<u8>();
    assert_eq!(host.verify(&request, region, 1024, &mut claims, &mut report), Status::Overlap);
    let verifier = (&raw const host.verifier).cast::<u8>().cast_mut();
    assert_eq!(host.verify(&request, verifier, 1024, &mut claims, &mut report), Status::Overlap);
    let own = (&raw const request).cast::<u8>().cast_mut();
    assert_eq!(host.verify(&request, own, 1024, &mut claims, &mut report), Status::Overlap);
    // Nothing was harmed.
    assert_eq!(host.verify(&request, start, 1024, &mut claims, &mut report), Status::Accepted);
}

#[test]
fn attack_31_scratch_too_small_by_one() {
    let host = Host::new();
    let mut needed = 0;
    assert_eq!(unsafe { cmk_scratch_bytes(&host.verifier, host.token.len(), &mut needed) }, 0);
    for bytes in 0..needed {
        let mut scratch = vec![0u8; bytes];
        assert_eq!(refused(&host, &host.request(), scratch.as_mut_ptr(), bytes), Status::ScratchTooSmall, "{bytes}");
    }
    host.claims(&mut vec![0u8; needed]);
}

#[test]
fn attack_31_misaligned_objects() {
    let host = Host::new();
    let mut memory = vec![0u64; 64];
    let odd = unsafe { memory.as_mut_ptr().cast::<u8>().add(1) };
    let mut scratch = vec![0u8; 1024];
    let (mut claims, mut report): (cmk_claims, cmk_report) = unsafe { (zeroed(), zeroed()) };
    let request = host.request();
    assert_eq!(host.verify(odd.cast(), scratch.as_mut_ptr(), 1024, &mut claims, &mut report), Status::Misaligned);
    assert_eq!(host.verify(&request, scratch.as_mut_ptr(), 1024, odd.cast(), &mut report), Status::Misaligned);
    assert_eq!(host.verify(&request, scratch.as_mut_ptr(), 1024, &mut claims, odd.cast()), Status::Misaligned);
    let mut keys: cmk_keys = unsafe { zeroed() };
    assert_eq!(status(unsafe { cmk_keys_init(&mut keys, odd.cast(), 256, cmk_bytes::NONE) }), Status::Misaligned);
}

#[test]
fn attack_31_regions_too_small_by_one_word() {
    let needed = cmk_keys_head_bytes(5) + cmk_key_bytes(1, 0);
    for words in 0..needed / 8 {
        let mut region = vec![0u64; words];
        let mut keys: cmk_keys = unsafe { zeroed() };
        let kid = [b'k'; 128];
        let made = unsafe { cmk_keys_init(&mut keys, region.as_mut_ptr().cast(), words * 8, bytes(b"https")) };
        let expected = if words * 8 < cmk_keys_head_bytes(5) { Status::RegionTooSmall } else { Status::Accepted };
        assert_eq!(status(made), expected, "{words}");
        if made == 0 {
            let before = region.clone();
            assert_eq!(
                status(unsafe { cmk_keys_add_secret(&mut keys, 1, bytes(&kid), bytes(SECRET)) }),
                Status::RegionTooSmall
            );
            assert_eq!(region, before, "nothing is written");
        }
    }
    let mut region = vec![0u64; needed / 8];
    let mut keys: cmk_keys = unsafe { zeroed() };
    unsafe {
        assert_eq!(cmk_keys_init(&mut keys, region.as_mut_ptr().cast(), needed, bytes(b"https")), 0);
        assert_eq!(cmk_keys_add_secret(&mut keys, 1, bytes(&[b'k'; 128]), bytes(SECRET)), 0);
        assert_eq!(cmk_keys_wipe(&mut keys), 0);
    }
    assert!(region.iter().all(|word| *word == 0), "wiped to the last word");
}

#[test]
fn objects_that_were_never_filled_or_are_wiped() {
    let mut host = Host::new();
    let mut scratch = vec![0u8; 1024];
    let empty: cmk_claims = unsafe { zeroed() };
    let mut value: cmk_value = unsafe { zeroed() };
    let mut integer = 7;
    unsafe {
        assert_eq!(status(cmk_claims_get(&empty, bytes(b"sub"), &mut value)), Status::NotInitialized);
        assert_eq!(status(cmk_value_integer(&value, &mut integer)), Status::NotInitialized);
        assert_eq!(integer, 0, "outputs are cleared");
        assert_eq!(cmk_verifier_wipe(&mut host.verifier), 0);
    }
    assert_eq!(refused(&host, &host.request(), scratch.as_mut_ptr(), 1024), Status::NotInitialized);
    let region = vec![0u64; 64];
    let mut keys: cmk_keys = unsafe { zeroed() };
    assert_eq!(status(unsafe { cmk_keys_open(&mut keys, region.as_ptr().cast(), 512) }), Status::NotInitialized);
}

#[test]
fn every_other_pointer_null_is_a_status() {
    let host = Host::new();
    let mut scratch = vec![0u8; 1024];
    let claims = host.claims(&mut scratch);
    let null_status = Status::NullPointer.code();
    let mut value: cmk_value = unsafe { zeroed() };
    unsafe {
        assert_eq!(cmk_claims_get(&claims, bytes(b"sub"), &mut value), 0);
        let calls: Vec<(&str, i32)> = vec![
            ("keys_init", cmk_keys_init(null_mut(), host.keys.region.cast(), 8, cmk_bytes::NONE)),
            ("keys_init region", cmk_keys_init(&mut zeroed(), null_mut(), 8, cmk_bytes::NONE)),
            ("keys_open", cmk_keys_open(null_mut(), host.keys.region.cast(), 512)),
            ("keys_open region", cmk_keys_open(&mut zeroed(), null(), 512)),
            ("add_secret", cmk_keys_add_secret(null_mut(), 1, cmk_bytes::NONE, bytes(SECRET))),
            ("add_sec1", cmk_keys_add_sec1(null_mut(), 4, cmk_bytes::NONE, bytes(SECRET))),
            ("add_spki", cmk_keys_add_spki(null_mut(), 4, cmk_bytes::NONE, bytes(SECRET))),
            ("add_jwk", cmk_keys_add_jwk(null_mut(), bytes(b"{}"), null(), 0)),
            ("add_jwk algs", cmk_keys_add_jwk((&raw const host.keys).cast_mut(), bytes(b"{}"), null(), 1)),
            ("add_jwks", cmk_keys_add_jwks(null_mut(), bytes(b"{}"), null(), 0, &mut zeroed())),
            ("add_jwks out", cmk_keys_add_jwks((&raw const host.keys).cast_mut(), bytes(b"{}"), null(), 0, null_mut())),
            ("keys_count", cmk_keys_count(null(), &mut 0)),
            ("keys_count out", cmk_keys_count(&host.keys, null_mut())),
            ("keys_wipe", cmk_keys_wipe(null_mut())),
            ("verifier_wipe", cmk_verifier_wipe(null_mut())),
            ("verifier sets", cmk_verifier_init_abi(ABI, &mut zeroed(), size_of::<cmk_verifier>(), null(), 1, &policy())),
            ("verifier policy", cmk_verifier_init_abi(ABI, &mut zeroed(), size_of::<cmk_verifier>(), &host.keys, 1, null())),
            ("verifier out", cmk_verifier_init_abi(ABI, null_mut(), size_of::<cmk_verifier>(), &host.keys, 1, &policy())),
            ("prepare", cmk_prepare(null_mut(), 1 << 20, 4, &host.keys, 1)),
            ("prepare sets", cmk_prepare(vec![0u64; 8_192].as_mut_ptr().cast(), 65_536, 4, null(), 1)),
            ("use_prepared", cmk_verifier_use_prepared(null_mut(), host.keys.region.cast(), 512)),
            ("use_prepared region", cmk_verifier_use_prepared((&raw const host.verifier).cast_mut(), null(), 512)),
            ("scratch_bytes", cmk_scratch_bytes(null(), 1, &mut 0)),
            ("scratch_bytes out", cmk_scratch_bytes(&host.verifier, 1, null_mut())),
            ("claims_json", cmk_claims_json(null(), &mut cmk_bytes::NONE.clone())),
            ("claims_json out", cmk_claims_json(&claims, null_mut())),
            ("claims_get", cmk_claims_get(null(), bytes(b"sub"), &mut zeroed())),
            ("claims_get out", cmk_claims_get(&claims, bytes(b"sub"), null_mut())),
            ("claims_at", cmk_claims_at(null(), bytes(b"sub"), &mut zeroed())),
            ("claims_date", cmk_claims_date(null(), 1, &mut 0)),
            ("value_kind", cmk_value_kind(null(), &mut 0)),
            ("value_kind out", cmk_value_kind(&value, null_mut())),
            ("value_json", cmk_value_json(null(), &mut cmk_bytes::NONE.clone())),
            ("value_text", cmk_value_text(null(), null_mut(), 0, &mut cmk_bytes::NONE.clone())),
            ("value_text out", cmk_value_text(&value, null_mut(), 0, null_mut())),
            ("value_integer", cmk_value_integer(null(), &mut 0)),
            ("value_boolean", cmk_value_boolean(null(), &mut 0)),
            ("value_element", cmk_value_element(null(), 0, &mut zeroed())),
            ("value_member", cmk_value_member(null(), bytes(b"a"), &mut zeroed())),
            ("dpop_nonce", cmk_dpop_nonce(null(), NOW, scratch.as_mut_ptr().cast(), 43, &mut cmk_bytes::NONE.clone())),
            ("certificate out", cmk_certificate_of_base64(bytes(b"MAEF"), null_mut())),
            ("binding out", cmk_channel_binding(1, bytes(b"a"), bytes(b"b"), scratch.as_mut_ptr().cast(), 43, null_mut())),
            ("find", cmk_find(null(), null(), 0, cmk_bytes::NONE, &mut zeroed())),
            ("authorization out", cmk_authorization(bytes(b"Bearer a"), null_mut())),
            (
                "challenge out",
                cmk_challenge(1, cmk_bytes::NONE, cmk_bytes::NONE, 606, scratch.as_mut_ptr().cast(), 1024, null_mut()),
            ),
            (
                "challenge buffer",
                cmk_challenge(1, cmk_bytes::NONE, cmk_bytes::NONE, 606, null_mut(), 9, &mut cmk_bytes::NONE.clone()),
            ),
            ("signer_of_secret out", cmk_signer_of_secret(null_mut(), 1, cmk_bytes::NONE, bytes(SECRET))),
            ("signer_public", cmk_signer_public(null(), null_mut(), 0, &mut cmk_bytes::NONE.clone())),
            ("signer_wipe", cmk_signer_wipe(null_mut())),
            ("replay_init out", cmk_replay_init(null_mut(), scratch.as_mut_ptr().cast(), 1024, bytes(SECRET))),
            ("replay_attach out", cmk_replay_attach(null_mut(), scratch.as_mut_ptr().cast(), 1024, bytes(SECRET))),
            ("replay_init region", cmk_replay_init(&mut zeroed(), null_mut(), 1024, bytes(SECRET))),
            ("replay_check", cmk_replay_check(null(), &zeroed(), NOW)),
            ("replay_commit", cmk_replay_commit(null(), &zeroed(), NOW)),
            ("replay_statistics", cmk_replay_statistics(null(), NOW, &mut zeroed())),
            ("replay_wipe", cmk_replay_wipe(null_mut())),
            (
                "revocation_init out",
                cmk_revocation_init(null_mut(), scratch.as_mut_ptr().cast(), 1024, bytes(SECRET), 60, 0),
            ),
            ("revocation_init region", cmk_revocation_init(&mut zeroed(), null_mut(), 1024, bytes(SECRET), 60, 0)),
            ("revoke_token", cmk_revoke_token(null(), cmk_bytes::NONE, cmk_bytes::NONE, NOW, NOW)),
            ("revocation_load", cmk_revocation_load(null(), cmk_bytes::NONE, NOW)),
            ("revocation_check", cmk_revocation_check(null(), &zeroed(), NOW)),
            ("revocation_statistics", cmk_revocation_statistics(null(), NOW, &mut zeroed())),
            ("revocation_wipe", cmk_revocation_wipe(null_mut())),
            ("use_revocation", cmk_verifier_use_revocation((&raw const host.verifier).cast_mut(), null())),
            ("status_list_load out", cmk_status_list_load(null_mut(), &zeroed(), &zeroed(), null_mut(), 0, NOW)),
            ("status_list_load claims", cmk_status_list_load(&mut zeroed(), null(), &zeroed(), null_mut(), 0, NOW)),
            ("status_list_load source", cmk_status_list_load(&mut zeroed(), &zeroed(), null(), null_mut(), 0, NOW)),
            ("status_list_get", cmk_status_list_get(null(), 0, &mut 0)),
            ("use_status_lists", cmk_verifier_use_status_lists(null_mut(), null(), 0, cmk_bytes::NONE, 0)),
            ("throttle_init out", cmk_throttle_init(null_mut(), scratch.as_mut_ptr().cast(), 1024, bytes(SECRET), 0)),
            ("throttle_attach out", cmk_throttle_attach(null_mut(), scratch.as_mut_ptr().cast(), 1024, bytes(SECRET), 0)),
            ("throttle_init region", cmk_throttle_init(&mut zeroed(), null_mut(), 1024, bytes(SECRET), 0)),
            ("throttle_admit", cmk_throttle_admit(null(), null(), 0, NOW, &mut 0)),
            ("throttle_statistics", cmk_throttle_statistics(null(), NOW, &mut zeroed())),
            ("throttle_wipe", cmk_throttle_wipe(null_mut())),
            ("risk_init", cmk_risk_init(&mut zeroed(), null(), bytes(SECRET))),
            ("risk_assess", cmk_risk_assess(null(), null(), null(), NOW, &mut zeroed())),
            ("risk_observe", cmk_risk_observe(null(), null_mut(), null(), 0, NOW)),
            ("risk_wipe", cmk_risk_wipe(null_mut())),
            ("session_begin", cmk_session_begin(null_mut(), null(), 0, 0, NOW)),
            ("session_due", cmk_session_due(null(), &mut 0)),
            ("session_observe", cmk_session_observe(null_mut(), null(), NOW)),
            ("cache_init out", cmk_cache_init(null_mut(), scratch.as_mut_ptr().cast(), 1024, bytes(SECRET))),
            ("cache_init region", cmk_cache_init(&mut zeroed(), null_mut(), 1024, bytes(SECRET))),
            ("cache_statistics", cmk_cache_statistics(null(), &mut zeroed())),
            ("cache_wipe", cmk_cache_wipe(null_mut())),
            ("use_cache", cmk_verifier_use_cache((&raw const host.verifier).cast_mut(), null())),
            ("issue", cmk_issue(null(), null(), null_mut(), 0, null_mut(), 0, &mut cmk_bytes::NONE.clone())),
            ("digest recipe", cmk_digest(null(), null(), null_mut(), 0, &mut cmk_bytes::NONE.clone())),
        ];
        for (name, code) in calls {
            assert_eq!(code, null_status, "{name}: {:?}", status(code));
        }
    }
}

#[test]
fn lists_longer_than_the_verifier_can_keep() {
    let host = Host::new();
    let names = [bytes(b"a"); 17];
    let sets = [host.keys; 17];
    let algs = [1i32; 17];
    let init = |policy: &cmk_policy, sets: &[cmk_keys]| {
        let mut verifier: cmk_verifier = unsafe { zeroed() };
        status(unsafe {
            cmk_verifier_init_abi(ABI, &mut verifier, size_of::<cmk_verifier>(), sets.as_ptr(), sets.len(), policy)
        })
    };
    let one = [host.keys];
    assert_eq!(init(&policy(), &sets), Status::TooManyItems);
    assert_eq!(init(&policy(), &sets[..16]), Status::Accepted);
    let mut with = policy();
    (with.require, with.require_count) = (names.as_ptr(), 9);
    assert_eq!(init(&with, &one), Status::TooManyItems);
    with.require_count = 8;
    assert_eq!(init(&with, &one), Status::Accepted);
    let mut with = policy();
    (with.algs, with.alg_count) = (algs.as_ptr(), 17);
    assert_eq!(init(&with, &one), Status::TooManyItems);
    with.alg_count = 16;
    assert_eq!(init(&with, &one), Status::Accepted);
}

#[test]
fn values_that_are_none_of_their_type() {
    let host = Host::new();
    let one = [host.keys];
    let init = |policy: &cmk_policy| {
        let mut verifier: cmk_verifier = unsafe { zeroed() };
        status(unsafe { cmk_verifier_init_abi(ABI, &mut verifier, size_of::<cmk_verifier>(), one.as_ptr(), 1, policy) })
    };
    let mut with = policy();
    with.flags = 1 << 31;
    assert_eq!(init(&with), Status::Argument);
    let not_utf8 = [0xffu8];
    with = policy();
    with.subject = bytes(&not_utf8);
    assert_eq!(init(&with), Status::Argument);
    let unknown = [99i32];
    with = policy();
    (with.algs, with.alg_count) = (unknown.as_ptr(), 1);
    assert_eq!(init(&with), Status::NotSupported);
    let mut request = host.request();
    request.flags = 2;
    let mut scratch = vec![0u8; 1024];
    assert_eq!(refused(&host, &request, scratch.as_mut_ptr(), 1024), Status::Argument);
    request = host.request();
    request.size -= 1;
    assert_eq!(refused(&host, &request, scratch.as_mut_ptr(), 1024), Status::StructSize);
}

/// One call for each status that only C can give.
#[test]
fn every_status_that_only_c_gives() {
    let host = Host::new();
    let init = |abi, sets: usize, policy: &cmk_policy| unsafe {
        let views = [host.keys; 17];
        cmk_verifier_init_abi(abi, &mut zeroed(), size_of::<cmk_verifier>(), views.as_ptr(), sets, policy)
    };
    let wrong_size = cmk_policy { size: 1, ..policy() };
    let unknown = [99i32];
    let with_unknown = cmk_policy { algs: unknown.as_ptr(), alg_count: 1, ..policy() };
    let region = host.keys.region.cast::<u8>();
    let request = host.request();
    let (mut claims, mut report): (cmk_claims, cmk_report) = unsafe { (zeroed(), zeroed()) };
    let odd = unsafe { region.add(1) };
    let produced = [
        status(unsafe { cmk_keys_wipe(null_mut()) }),
        status(init(ABI, 1, &wrong_size)),
        status(init(ABI + 1, 1, &policy())),
        status(unsafe { cmk_keys_open(&mut zeroed(), odd.cast(), 8) }),
        host.verify(&request, region, 1024, &mut claims, &mut report),
        status(init(ABI, 17, &policy())),
        status(init(ABI, 1, &with_unknown)),
    ];
    assert_eq!(produced, countermark_tests::c_only::STATUSES);
}

#[test]
fn attack_31_buffers_over_a_recipe_or_its_evidence() {
    let recipe = |claim, pepper| cmk_recipe {
        size: size_of::<cmk_recipe>(),
        preset: 1,
        framing: 0,
        hash: 0,
        encoding: 0,
        claim,
        pepper,
        inputs: null(),
        input_count: 0,
    };
    let evidence = cmk_evidence {
        size: size_of::<cmk_evidence>(),
        headers: null(),
        header_count: 0,
        address: cmk_bytes::NONE,
        asn: cmk_bytes::NONE,
        country: cmk_bytes::NONE,
        organisation: cmk_bytes::NONE,
        isp: cmk_bytes::NONE,
        components: null(),
        component_count: 0,
        ..unsafe { zeroed() }
    };
    let mut memory = [b'p'; 256];
    let inside = cmk_bytes { ptr: memory.as_ptr(), len: 32 };
    let mut digest = cmk_bytes::NONE;
    let fine = recipe(bytes(b"fp"), bytes(SECRET));
    for (recipe, evidence, buffer) in [
        (&recipe(bytes(b"fp"), inside), &evidence, memory.as_mut_ptr()),
        (&recipe(inside, bytes(SECRET)), &evidence, memory.as_mut_ptr()),
        (&fine, &evidence, (&raw const fine).cast::<u8>().cast_mut()),
        (&fine, &evidence, (&raw const evidence).cast::<u8>().cast_mut()),
    ] {
        let code = unsafe { cmk_digest(recipe, evidence, buffer.cast(), 64, &mut digest) };
        assert_eq!((status(code), digest.len), (Status::Overlap, 0));
        let mut mint: cmk_mint = unsafe { zeroed() };
        (mint.size, mint.expires_at, mint.digest, mint.evidence) = (size_of::<cmk_mint>(), NOW, recipe, evidence);
        let mut signer: cmk_signer = unsafe { zeroed() };
        assert_eq!(unsafe { cmk_signer_of_secret(&mut signer, 1, cmk_bytes::NONE, bytes(SECRET)) }, 0);
        let mut other = [0u8; 512];
        for (scratch, out) in [(buffer, other.as_mut_ptr()), (other.as_mut_ptr(), buffer)] {
            let mut token = cmk_bytes::NONE;
            let code = unsafe { cmk_issue(&signer, &mint, scratch.cast(), 64, out.cast(), 64, &mut token) };
            assert_eq!((status(code), token.len), (Status::Overlap, 0));
        }
    }
}

#[test]
fn attack_31_outputs_over_what_a_verifier_keeps() {
    let mut scratch = vec![0u8; 1024];
    // The policy's audience lies where the token's own claims will be decoded.
    scratch[23..42].copy_from_slice(b"https://xxx.example");
    let audience = cmk_bytes { ptr: scratch[23..].as_ptr(), len: 19 };
    let mut host = Host::new();
    let mut with = policy();
    (with.flags, with.audiences, with.audience_count) = (0, &audience, 1);
    let init = |verifier: *mut cmk_verifier, policy: *const cmk_policy, keys: *const cmk_keys| {
        status(unsafe { cmk_verifier_init_abi(ABI, verifier, size_of::<cmk_verifier>(), keys, 1, policy) })
    };
    let keys = host.keys;
    assert_eq!(init(&mut host.verifier, &with, &keys), Status::Accepted);
    assert_eq!(refused(&host, &host.request(), scratch.as_mut_ptr(), 1024), Status::Overlap);
    let mut elsewhere = vec![0u8; 1024];
    assert_eq!(refused(&host, &host.request(), elsewhere.as_mut_ptr(), 1024), Status::Audience);

    // Outputs over the shared verifier, or a verifier over its own keys: nothing is written.
    let mut large = vec![0u64; 512];
    let region: *mut std::ffi::c_void = large.as_mut_ptr().cast();
    let mut inside: cmk_keys = unsafe { zeroed() };
    unsafe {
        assert_eq!(cmk_keys_init(&mut inside, region, 4096, cmk_bytes::NONE), 0);
        assert_eq!(cmk_keys_add_secret(&mut inside, 1, cmk_bytes::NONE, bytes(SECRET)), 0);
    }
    let before = large.clone();
    assert_eq!(init(large.as_mut_ptr().cast(), &policy(), &inside), Status::Overlap);
    assert_eq!(large, before);
    let host = Host::new();
    let mut claims: cmk_claims = unsafe { zeroed() };
    let over = (&raw const host.verifier).cast::<cmk_report>().cast_mut();
    assert_eq!(host.verify(&host.request(), elsewhere.as_mut_ptr(), 1024, &mut claims, over), Status::Overlap);
    assert_eq!(host.verify(null(), elsewhere.as_mut_ptr(), 1024, &mut claims, over), Status::Overlap);
    host.claims(&mut elsewhere);
}

#[test]
fn a_region_is_emptied_before_it_is_filled_and_when_it_is_wiped() {
    let mut memory = vec![u64::MAX; 32];
    let mut keys: cmk_keys = unsafe { zeroed() };
    assert_eq!(unsafe { cmk_keys_init(&mut keys, memory.as_mut_ptr().cast(), 251, cmk_bytes::NONE) }, 0);
    assert!(memory[3..31].iter().all(|word| *word == 0), "what the region held is gone");
    memory[31] = u64::MAX;
    assert_eq!(unsafe { cmk_keys_wipe(&mut keys) }, 0);
    let left = unsafe { std::slice::from_raw_parts(memory.as_ptr().cast::<u8>(), 256) };
    assert!(left[..251].iter().all(|byte| *byte == 0) && left[251..].iter().all(|byte| *byte == 0xff), "to the last byte");
}

/// A table that serves outlives an attempt to begin it again that fails.
#[test]
fn a_replay_region_is_emptied_only_by_a_call_that_succeeds() {
    let mut memory = vec![0u64; 64];
    let region: *mut std::ffi::c_void = memory.as_mut_ptr().cast();
    let (mut serving, mut other): (cmk_replay, cmk_replay) = unsafe { (zeroed(), zeroed()) };
    let seen = cmk_use { digest: [7; 32], expires_at: NOW + 60 };
    unsafe {
        assert_eq!(cmk_replay_init(&mut serving, region, 512, bytes(SECRET)), 0);
        assert_eq!(cmk_replay_commit(&serving, &seen, NOW), 0);
        let nothing = cmk_bytes { ptr: null(), len: 16 };
        for (region, size, secret, expected) in [
            (region, 512, bytes(&SECRET[..15]), Status::PepperTooShort),
            (region, 512, cmk_bytes::NONE, Status::PepperTooShort),
            (region, 512, nothing, Status::NullPointer),
            (region, 319, bytes(SECRET), Status::RegionTooSmall),
            (region.byte_add(4), 480, bytes(SECRET), Status::Misaligned),
        ] {
            assert_eq!(status(cmk_replay_init(&mut other, region, size, secret)), expected);
            assert_eq!(status(cmk_replay_check(&other, &seen, NOW)), Status::NotInitialized, "{expected:?}");
            assert_eq!(status(cmk_replay_commit(&serving, &seen, NOW)), Status::Replayed, "{expected:?}");
        }
        assert_eq!(cmk_replay_init(&mut other, region, 512, bytes(SECRET)), 0);
        assert_eq!(cmk_replay_commit(&other, &seen, NOW), 0, "a table that was begun again is empty");
    }
}
