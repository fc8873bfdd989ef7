//! Every exported function that writes and reads: what it writes, laid over each thing that it reads in turn, is refused with
//! CMK_OVERLAP, and nothing is written.

#[path = "overlap/envelopes.rs"]
mod envelopes;
#[path = "overlap/possession.rs"]
mod possession;
#[path = "overlap/risk.rs"]
mod risk;
#[path = "overlap/throttle.rs"]
mod throttle;
#[path = "overlap/twice_wrong.rs"]
mod twice_wrong;

use super::{ABI, Host, NOW, SECRET, bytes, policy, status};
use countermark::Status;
use countermark_ffi::*;
use countermark_tests::c_compiler as cc;
use std::collections::BTreeSet;
use std::ffi::c_void;
use std::mem::{size_of, zeroed};
use std::ptr::null;

/// Memory that inputs are laid in, each at an address of eight bytes, with room for any output behind the last.
struct Arena {
    words: Vec<u64>,
    used: usize,
    inputs: Vec<(usize, usize)>,
}

impl Arena {
    fn new() -> Arena {
        Arena { words: vec![0; 2048], used: 0, inputs: Vec::new() }
    }

    fn room(&mut self, bytes: usize) -> *mut c_void {
        let place = unsafe { self.words.as_mut_ptr().add(self.used) };
        self.used += bytes.div_ceil(8);
        assert!(self.used + 512 < self.words.len());
        place.cast()
    }

    /// Takes note of memory in the arena that the calls read.
    fn reads(&mut self, ptr: *const c_void, len: usize) {
        self.inputs.push((ptr.addr(), len));
    }

    fn object<T>(&mut self, value: T) -> *const T {
        let place = self.room(size_of::<T>()).cast::<T>();
        unsafe { place.write(value) };
        self.reads(place.cast(), size_of::<T>());
        place
    }

    fn text(&mut self, text: &[u8]) -> cmk_bytes {
        let place = self.room(text.len()).cast::<u8>();
        unsafe { place.copy_from(text.as_ptr(), text.len()) };
        self.reads(place.cast(), text.len());
        cmk_bytes { ptr: place, len: text.len() }
    }

    /// The first and the last address of eight bytes inside each input.
    fn places(&self) -> Vec<*mut c_void> {
        let start = self.words.as_ptr().addr();
        let words = |(at, len): &(usize, usize)| {
            let (first, last) = (at.next_multiple_of(8), (at + len - 1) & !7);
            assert!(first <= last, "an input without such an address");
            [first, last]
        };
        let place = |at: usize| unsafe { self.words.as_ptr().cast::<u8>().add(at - start).cast_mut().cast() };
        self.inputs.iter().flat_map(words).map(place).collect()
    }
}

/// What a call writes: its result, and for some functions a second place (a buffer, a scratch, a region).
struct Written {
    result: *mut c_void,
    buffer: *mut c_void,
}

/// The bytes of the second place.
const BUFFER: usize = 1024;

type Call<'c> = (&'static str, bool, Box<dyn Fn(Written) -> i32 + 'c>);

/// Lays the result and the buffer over every input, and over each other.
fn refused(arena: &Arena, calls: &[Call<'_>]) {
    let before = arena.words.clone();
    let mut result = vec![0u64; 512];
    let mut buffer = vec![0u64; BUFFER / 8];
    let (result, buffer): (*mut c_void, *mut c_void) = (result.as_mut_ptr().cast(), buffer.as_mut_ptr().cast());
    for (name, has_buffer, call) in calls {
        let overlap = |written| assert_eq!(status(call(written)), Status::Overlap, "{name}");
        for place in arena.places() {
            overlap(Written { result: place, buffer });
            if *has_buffer {
                overlap(Written { result, buffer: place });
            }
            assert_eq!(arena.words, before, "{name}: nothing is written");
        }
        if *has_buffer {
            overlap(Written { result: buffer, buffer });
        }
        let apart = status(call(Written { result, buffer }));
        assert_ne!(apart, Status::Overlap, "{name}: apart");
    }
}

fn names(calls: &[Call<'_>], into: &mut BTreeSet<&'static str>) {
    into.extend(calls.iter().map(|(name, ..)| *name));
}

/// Those that fill a set: what they write is its region.
fn of_keys(seen: &mut BTreeSet<&'static str>) {
    let (kid, key) = (b"a key of this name".as_slice(), SECRET);
    let view = |region: *mut c_void| cmk_keys { region: region.cast(), bytes: BUFFER };
    let mut arena = Arena::new();
    let (kid, key) = (arena.text(kid), arena.text(key));
    let calls: Vec<Call<'_>> = vec![
        ("cmk_keys_add_secret", false, Box::new(|w| unsafe { cmk_keys_add_secret(&mut view(w.result), 1, kid, key) })),
        ("cmk_keys_add_sec1", false, Box::new(|w| unsafe { cmk_keys_add_sec1(&mut view(w.result), 4, kid, key) })),
        ("cmk_keys_add_spki", false, Box::new(|w| unsafe { cmk_keys_add_spki(&mut view(w.result), 4, kid, key) })),
        ("cmk_keys_add_pkcs1", false, Box::new(|w| unsafe { cmk_keys_add_pkcs1(&mut view(w.result), 8, kid, key) })),
        (
            "cmk_keys_add_certificate",
            false,
            Box::new(|w| unsafe { cmk_keys_add_certificate(&mut view(w.result), 8, kid, key) }),
        ),
        ("cmk_keys_add_pem", false, Box::new(|w| unsafe { cmk_keys_add_pem(&mut view(w.result), 8, kid, key) })),
        ("cmk_keys_add_ed25519", false, Box::new(|w| unsafe { cmk_keys_add_ed25519(&mut view(w.result), kid, key) })),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let (json, algs) = (arena.text(br#"{"keys":[{"kty":"oct"}]}"#), arena.object([1i32, 2]).cast::<i32>());
    let calls: Vec<Call<'_>> = vec![
        ("cmk_keys_add_jwk", false, Box::new(|w| unsafe { cmk_keys_add_jwk(&mut view(w.result), json, algs, 2) })),
        (
            "cmk_keys_add_jwks",
            true,
            Box::new(|w| unsafe { cmk_keys_add_jwks(&mut view(w.buffer), json, algs, 2, w.result.cast()) }),
        ),
        (
            "cmk_keys_size_for",
            false,
            Box::new(|w| unsafe { cmk_keys_size_for(json, algs, 2, cmk_bytes::NONE, w.result.cast()) }),
        ),
        ("cmk_signer_of_jwk", false, Box::new(|w| unsafe { cmk_signer_of_jwk(w.result.cast(), json, algs, 2) })),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let issuer = arena.text(b"https://login.example");
    let calls: Vec<Call<'_>> = vec![
        ("cmk_keys_init", true, Box::new(|w| unsafe { cmk_keys_init(w.result.cast(), w.buffer, BUFFER, issuer) })),
        (
            "cmk_keys_size_for",
            false,
            Box::new(|w| unsafe { cmk_keys_size_for(bytes(b"{}"), null(), 0, issuer, w.result.cast()) }),
        ),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let region = arena.object([0u64; 128]).cast::<c_void>().cast_mut();
    let mut filled: cmk_keys = unsafe { zeroed() };
    assert_eq!(unsafe { cmk_keys_init(&mut filled, region, 1024, cmk_bytes::NONE) }, 0);
    let keys = arena.object(filled);
    let calls: Vec<Call<'_>> = vec![
        ("cmk_keys_init_after", true, Box::new(|w| unsafe { cmk_keys_init_after(w.result.cast(), w.buffer, BUFFER, keys) })),
        ("cmk_keys_count", false, Box::new(|w| unsafe { cmk_keys_count(keys, w.result.cast()) })),
        ("cmk_keys_generation", false, Box::new(|w| unsafe { cmk_keys_generation(keys, w.result.cast()) })),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let region = arena.object([0u64; 128]).cast::<c_void>();
    let calls: Vec<Call<'_>> =
        vec![("cmk_keys_open", false, Box::new(|w| unsafe { cmk_keys_open(w.result.cast(), region, 1024) }))];
    refused(&arena, &calls);
    names(&calls, seen);
    // A view inside its own region, which is filled or wiped.
    let mut memory = vec![0u64; 64];
    let inside: *mut cmk_keys = unsafe { memory.as_mut_ptr().add(8) }.cast();
    unsafe { inside.write(cmk_keys { region: memory.as_mut_ptr(), bytes: 512 }) };
    assert_eq!(status(unsafe { cmk_keys_add_secret(inside, 1, cmk_bytes::NONE, bytes(SECRET)) }), Status::Overlap);
    assert_eq!(unsafe { cmk_keys_wipe(inside) }, 0);
    assert!(memory.iter().all(|word| *word == 0));

    let mut arena = Arena::new();
    let jwk = arena.text(br#"{"kty":"oct","k":"AAAA"}"#);
    let cooldown = arena.object(cmk_cooldown { last: 0, seconds: 1, used: 0 }).cast_mut();
    let mut calls: Vec<Call<'_>> =
        vec![("cmk_thumbprint", true, Box::new(|w| unsafe { cmk_thumbprint(jwk, w.buffer, BUFFER, w.result.cast()) }))];
    let rest = arena.inputs.split_off(1);
    refused(&arena, &calls);
    names(&calls, seen);
    arena.inputs = rest;
    calls = vec![("cmk_cooldown_ask", false, Box::new(|w| unsafe { cmk_cooldown_ask(cooldown, NOW, w.result.cast()) }))];
    names(&calls, seen);
    let place = arena.places()[0];
    assert_eq!(status(calls[0].2(Written { result: place, buffer: place })), Status::Overlap);
}

fn of_rotating(seen: &mut BTreeSet<&'static str>) {
    let mut arena = Arena::new();
    let (kid, base) = (arena.text(b"a key of this name"), arena.text(&SECRET[..32]));
    let (user, claim) = (arena.text(b"alice"), arena.text(b"userId"));
    let rotating = arena.object(cmk_rotating { size: size_of::<cmk_rotating>(), claim, mode: 1, window: 0, grace: 0 });
    let signer: Vec<Call<'_>> = vec![(
        "cmk_signer_of_rotating",
        false,
        Box::new(|w| unsafe { cmk_signer_of_rotating(w.result.cast(), kid, base, rotating, user, NOW) }),
    )];
    refused(&arena, &signer);
    names(&signer, seen);
    // What the set's region lies over; the user is the signer's alone.
    let view = |region: *mut c_void| cmk_keys { region: region.cast(), bytes: BUFFER };
    let mut arena = Arena::new();
    let (kid, base, claim) = (arena.text(b"a key of this name"), arena.text(&SECRET[..32]), arena.text(b"userId"));
    let rotating = arena.object(cmk_rotating { size: size_of::<cmk_rotating>(), claim, mode: 1, window: 0, grace: 0 });
    let keys: Vec<Call<'_>> = vec![(
        "cmk_keys_add_rotating",
        false,
        Box::new(|w| unsafe { cmk_keys_add_rotating(&mut view(w.result), kid, base, rotating) }),
    )];
    refused(&arena, &keys);
    names(&keys, seen);
}

fn of_rules(seen: &mut BTreeSet<&'static str>) {
    let mut arena = Arena::new();
    let (path, value) = (arena.text(b"scope"), arena.text(b"orders:read"));
    let values = arena.object(value);
    let rule = arena.object(cmk_rule { path, values, value_count: 1, number: 0, test: 1, flags: 0 });
    let calls: Vec<Call<'_>> =
        vec![("cmk_rule_scope", true, Box::new(|w| unsafe { cmk_rule_scope(rule, w.buffer, BUFFER, w.result.cast()) }))];
    refused(&arena, &calls);
    names(&calls, seen);
}

fn of_signers(seen: &mut BTreeSet<&'static str>) {
    let mut arena = Arena::new();
    let (kid, secret) = (arena.text(b"a key of this name"), arena.text(&SECRET[..32]));
    let calls: Vec<Call<'_>> = vec![
        ("cmk_signer_of_secret", false, Box::new(|w| unsafe { cmk_signer_of_secret(w.result.cast(), 1, kid, secret) })),
        ("cmk_signer_of_scalar", false, Box::new(|w| unsafe { cmk_signer_of_scalar(w.result.cast(), 4, kid, secret) })),
        ("cmk_signer_of_seed", false, Box::new(|w| unsafe { cmk_signer_of_seed(w.result.cast(), kid, secret) })),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let mut signer: cmk_signer = unsafe { zeroed() };
    assert_eq!(unsafe { cmk_signer_of_scalar(&mut signer, 4, cmk_bytes::NONE, bytes(&[1; 32])) }, 0);
    let signer = arena.object(signer);
    let claims = arena.text(br#"{"scope":"read"}"#);
    let audience = arena.text(b"https://api.example");
    let audiences = arena.object([audience]).cast::<cmk_bytes>();
    let mut mint: cmk_mint = unsafe { zeroed() };
    (mint.size, mint.expires_at, mint.claims) = (size_of::<cmk_mint>(), NOW, claims);
    (mint.audiences, mint.audience_count) = (audiences, 1);
    let mint = arena.object(mint);
    let other = std::cell::RefCell::new(vec![0u64; BUFFER / 8]);
    let calls: Vec<Call<'_>> = vec![
        (
            "cmk_issue",
            true,
            Box::new(|w| {
                let scratch = other.borrow_mut().as_mut_ptr().cast();
                unsafe { cmk_issue(signer, mint, scratch, BUFFER, w.buffer, BUFFER, w.result.cast()) }
            }),
        ),
        (
            "cmk_issue",
            true,
            Box::new(|w| {
                let buffer = other.borrow_mut().as_mut_ptr().cast();
                unsafe { cmk_issue(signer, mint, w.buffer, BUFFER, buffer, BUFFER, w.result.cast()) }
            }),
        ),
    ];
    refused(&arena, &calls);
    names(&calls, seen);
    arena.inputs.truncate(1);
    let calls: Vec<Call<'_>> = vec![(
        "cmk_signer_public",
        true,
        Box::new(|w| unsafe { cmk_signer_public(signer, w.buffer, BUFFER, w.result.cast()) }),
    )];
    refused(&arena, &calls);
    names(&calls, seen);
}

fn of_verifiers(seen: &mut BTreeSet<&'static str>) {
    let host = Host::new();
    let mut arena = Arena::new();
    let subject = arena.text(b"somebody else than before");
    let sets = arena.object(host.keys);
    let policy = arena.object(cmk_policy { subject, ..policy() });
    let calls: Vec<Call<'_>> = vec![(
        "cmk_verifier_init_abi",
        false,
        Box::new(|w| unsafe { cmk_verifier_init_abi(ABI, w.result.cast(), size_of::<cmk_verifier>(), sets, 1, policy) }),
    )];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let verifier = arena.object(unsafe { std::ptr::read(&host.verifier) });
    let calls: Vec<Call<'_>> =
        vec![("cmk_scratch_bytes", false, Box::new(|w| unsafe { cmk_scratch_bytes(verifier, 100, w.result.cast()) }))];
    refused(&arena, &calls);
    names(&calls, seen);
    let mut request = host.request();
    request.token = arena.text(host.token.as_bytes());
    let request = arena.object(request);
    let (claims_bytes, report_bytes) = (size_of::<cmk_claims>(), size_of::<cmk_report>());
    let other = std::cell::RefCell::new(vec![0u64; 128]);
    let calls: Vec<Call<'_>> = vec![
        (
            "cmk_verify_abi",
            true,
            Box::new(|w| unsafe {
                let (claims, report) = (w.result.cast(), other.borrow_mut().as_mut_ptr().cast());
                cmk_verify_abi(ABI, verifier, request, w.buffer, BUFFER, claims, claims_bytes, report, report_bytes)
            }),
        ),
        (
            "cmk_verify_abi",
            true,
            Box::new(|w| unsafe {
                let (claims, report) = (other.borrow_mut().as_mut_ptr().cast(), w.result.cast());
                cmk_verify_abi(ABI, verifier, request, w.buffer, BUFFER, claims, claims_bytes, report, report_bytes)
            }),
        ),
        (
            "cmk_verify_opaque_abi",
            true,
            Box::new(|w| unsafe {
                let (payload, report) = (w.result.cast(), other.borrow_mut().as_mut_ptr().cast());
                cmk_verify_opaque_abi(ABI, verifier, request, w.buffer, BUFFER, payload, report, report_bytes)
            }),
        ),
        (
            "cmk_verify_opaque_abi",
            true,
            Box::new(|w| unsafe {
                let (payload, report) = (other.borrow_mut().as_mut_ptr().cast(), w.result.cast());
                cmk_verify_opaque_abi(ABI, verifier, request, w.buffer, BUFFER, payload, report, report_bytes)
            }),
        ),
    ];
    refused(&arena, &calls);
    names(&calls, seen);
}

fn of_claims(seen: &mut BTreeSet<&'static str>) {
    let host = Host::new();
    let mut arena = Arena::new();
    let scratch = arena.room(1024).cast::<u8>();
    let claims = host.claims(unsafe { std::slice::from_raw_parts_mut(scratch, 1024) });
    let mut json = cmk_bytes::NONE;
    assert_eq!(unsafe { cmk_claims_json(&claims, &mut json) }, 0);
    let claims = arena.object(claims);
    let calls: Vec<Call<'_>> =
        vec![("cmk_claims_date", false, Box::new(|w| unsafe { cmk_claims_date(claims, 1, w.result.cast()) }))];
    refused(&arena, &calls);
    names(&calls, seen);
    arena.reads(json.ptr.cast(), json.len);
    let calls: Vec<Call<'_>> =
        vec![("cmk_claims_json", false, Box::new(|w| unsafe { cmk_claims_json(claims, w.result.cast()) }))];
    refused(&arena, &calls);
    names(&calls, seen);
    let calls: Vec<Call<'_>> = vec![(
        "cmk_claims_identity",
        true,
        Box::new(|w| unsafe { cmk_claims_identity(claims, w.buffer, BUFFER, w.result.cast()) }),
    )];
    refused(&arena, &calls);
    names(&calls, seen);
    let name = arena.text(b"aud");
    let calls: Vec<Call<'_>> = vec![
        ("cmk_claims_get", false, Box::new(|w| unsafe { cmk_claims_get(claims, name, w.result.cast()) })),
        ("cmk_claims_at", false, Box::new(|w| unsafe { cmk_claims_at(claims, name, w.result.cast()) })),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut value: cmk_value = unsafe { zeroed() };
    assert_eq!(unsafe { cmk_claims_get(claims, bytes(b"aud"), &mut value) }, 0);
    assert_eq!(unsafe { cmk_value_json(&value, &mut json) }, 0);
    arena.inputs.clear();
    let value = arena.object(value);
    arena.reads(json.ptr.cast(), json.len);
    let calls: Vec<Call<'_>> = vec![
        ("cmk_value_kind", false, Box::new(|w| unsafe { cmk_value_kind(value, w.result.cast()) })),
        ("cmk_value_json", false, Box::new(|w| unsafe { cmk_value_json(value, w.result.cast()) })),
        ("cmk_value_text", true, Box::new(|w| unsafe { cmk_value_text(value, w.buffer, BUFFER, w.result.cast()) })),
        ("cmk_value_integer", false, Box::new(|w| unsafe { cmk_value_integer(value, w.result.cast()) })),
        ("cmk_value_boolean", false, Box::new(|w| unsafe { cmk_value_boolean(value, w.result.cast()) })),
        ("cmk_value_element", false, Box::new(|w| unsafe { cmk_value_element(value, 0, w.result.cast()) })),
    ];
    refused(&arena, &calls);
    names(&calls, seen);
    let name = arena.text(b"the name of a member");
    let calls: Vec<Call<'_>> =
        vec![("cmk_value_member", false, Box::new(|w| unsafe { cmk_value_member(value, name, w.result.cast()) }))];
    refused(&arena, &calls);
    names(&calls, seen);
}

fn of_the_client(seen: &mut BTreeSet<&'static str>) {
    let mut arena = Arena::new();
    let header = cmk_header { name: arena.text(b"authorization"), value: arena.text(b"Bearer abc.def.ghi") };
    let headers = arena.object([header]).cast::<cmk_header>();
    let header_count = arena.inputs.len();
    let (query, cookie) = (arena.text(b"access_token=abc.def.ghi"), arena.text(b"a cookie's name"));
    let source = cmk_source { size: size_of::<cmk_source>(), cookie, argument: cmk_bytes::NONE, ignore_authorization: 0 };
    let source = arena.object(source);
    let calls: Vec<Call<'_>> =
        vec![("cmk_find", false, Box::new(|w| unsafe { cmk_find(source, headers, 1, query, w.result.cast()) }))];
    refused(&arena, &calls);
    names(&calls, seen);

    arena.inputs.truncate(header_count);
    let (pepper, claim) = (arena.text(SECRET), arena.text(b"the claim's name"));
    let mut recipe: cmk_recipe = unsafe { zeroed() };
    (recipe.size, recipe.preset, recipe.claim, recipe.pepper) = (size_of::<cmk_recipe>(), 1, claim, pepper);
    let recipe = arena.object(recipe);
    let mut evidence: cmk_evidence = unsafe { zeroed() };
    (evidence.size, evidence.headers, evidence.header_count) = (size_of::<cmk_evidence>(), headers, 1);
    let evidence = arena.object(evidence);
    let calls: Vec<Call<'_>> =
        vec![("cmk_digest", true, Box::new(|w| unsafe { cmk_digest(recipe, evidence, w.buffer, BUFFER, w.result.cast()) }))];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let value = arena.text(b"Bearer abc.def.ghi");
    let calls: Vec<Call<'_>> =
        vec![("cmk_authorization", false, Box::new(|w| unsafe { cmk_authorization(value, w.result.cast()) }))];
    refused(&arena, &calls);
    names(&calls, seen);
    let scope = arena.text(b"read write");
    let calls: Vec<Call<'_>> = vec![
        (
            "cmk_challenge",
            true,
            Box::new(|w| unsafe { cmk_challenge(1, value, scope, 606, w.buffer, BUFFER, w.result.cast()) }),
        ),
        (
            "cmk_login_challenge",
            true,
            Box::new(|w| unsafe { cmk_login_challenge(1, value, scope, 60, 615, w.buffer, BUFFER, w.result.cast()) }),
        ),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let document = arena.text(br#"{"components":{"platform":{"value":"Linux"}}}"#);
    let mut places = vec![0u64; 64];
    let places: *mut cmk_component = places.as_mut_ptr().cast();
    let mut other = vec![0u64; 400];
    let other: *mut c_void = other.as_mut_ptr().cast();
    let calls: Vec<Call<'_>> = vec![
        (
            "cmk_collect",
            true,
            Box::new(|w| unsafe { cmk_collect(1, document, other, 3072, w.buffer, BUFFER, places, 16, w.result.cast()) }),
        ),
        (
            "cmk_collect",
            true,
            Box::new(|w| unsafe { cmk_collect(1, document, w.buffer, BUFFER, other, 3072, places, 16, w.result.cast()) }),
        ),
    ];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let claim = arena.text(b"the claim's name");
    let pepper = cmk_pepper { number: 1, secret: arena.text(SECRET) };
    let peppers = arena.object([pepper]).cast::<cmk_pepper>();
    let mut rules: cmk_sketch_rules = unsafe { zeroed() };
    (rules.size, rules.claim) = (size_of::<cmk_sketch_rules>(), claim);
    (rules.peppers, rules.pepper_count, rules.preset) = (peppers, 1, 1);
    let rules = arena.object(rules);
    let calls: Vec<Call<'_>> =
        vec![("cmk_sketch_init", false, Box::new(|w| unsafe { cmk_sketch_init(w.result.cast(), rules) }))];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut made: cmk_sketch = unsafe { zeroed() };
    assert_eq!(unsafe { cmk_sketch_init(&mut made, rules) }, 0);
    let mut arena = Arena::new();
    let (kept, address) = (arena.text(b"a claim that was kept"), arena.text(b"192.0.2.7"));
    let sketch = arena.object(made);
    let mut evidence: cmk_evidence = unsafe { zeroed() };
    (evidence.size, evidence.address) = (size_of::<cmk_evidence>(), address);
    let evidence = arena.object(evidence);
    let compare = |w: Written| unsafe { cmk_sketch_compare(sketch, kept, evidence, w.result.cast()) };
    let calls: Vec<Call<'_>> = vec![("cmk_sketch_compare", false, Box::new(compare))];
    refused(&arena, &calls);
    names(&calls, seen);
}

/// Functions of the header that write to a caller's memory.
fn writers(header: &str) -> BTreeSet<&str> {
    let declarations = header.split("\nint32_t cmk_").skip(1).map(|rest| rest.split(");").next().unwrap());
    let named = declarations.map(|text| text.split_once('(').unwrap());
    let writes = |arguments: &str| arguments.split(',').any(|one| one.contains('*') && !one.contains("const "));
    named.filter(|(_, arguments)| writes(arguments)).map(|(name, _)| name).collect()
}

fn of_status_lists(seen: &mut BTreeSet<&'static str>) {
    let host = Host::new();
    let mut arena = Arena::new();
    let scratch = arena.room(1024).cast::<u8>();
    let claims = host.claims(unsafe { std::slice::from_raw_parts_mut(scratch, 1024) });
    let mut json = cmk_bytes::NONE;
    assert_eq!(unsafe { cmk_claims_json(&claims, &mut json) }, 0);
    let claims = arena.object(claims);
    arena.reads(json.ptr.cast(), json.len);
    let source = cmk_status_source { uri: arena.text(b"u"), issuer: arena.text(b"i"), max_age: 0, reserved: 0 };
    let source = arena.object(source);
    let calls: Vec<Call<'_>> = vec![(
        "cmk_status_list_load",
        true,
        Box::new(|w| unsafe { cmk_status_list_load(w.result.cast(), claims, source, w.buffer, BUFFER, NOW) }),
    )];
    refused(&arena, &calls);
    names(&calls, seen);

    let mut arena = Arena::new();
    let list: cmk_status_list = unsafe { zeroed() };
    let list = arena.object(list);
    let accepted = arena.text(&[3]);
    let calls: Vec<Call<'_>> = vec![(
        "cmk_verifier_use_status_lists",
        false,
        Box::new(|w| unsafe { cmk_verifier_use_status_lists(w.result.cast(), list, 1, accepted, 0) }),
    )];
    refused(&arena, &calls);
    names(&calls, seen);
    let mut arena = Arena::new();
    let list = arena.object(unsafe { zeroed::<cmk_status_list>() });
    let calls: Vec<Call<'_>> =
        vec![("cmk_status_list_get", false, Box::new(|w| unsafe { cmk_status_list_get(list, 0, w.result.cast()) }))];
    refused(&arena, &calls);
    names(&calls, seen);
}

#[test]
fn attack_31_no_output_over_an_input_of_any_function() {
    let mut seen = BTreeSet::new();
    of_keys(&mut seen);
    of_rotating(&mut seen);
    of_rules(&mut seen);
    of_signers(&mut seen);
    of_verifiers(&mut seen);
    of_claims(&mut seen);
    of_the_client(&mut seen);
    envelopes::of_envelopes(&mut seen);
    possession::of_possession(&mut seen);
    possession::of_prepared_keys(&mut seen);
    possession::of_the_replay_table(&mut seen);
    possession::of_the_table_of_revocations(&mut seen);
    of_status_lists(&mut seen);
    throttle::of_the_throttle_table(&mut seen);
    risk::of_risk_and_sessions(&mut seen);
    possession::of_the_cache(&mut seen);
    let header = std::fs::read_to_string(cc::root().join("include/countermark.h")).unwrap();
    // These read no memory but what they write.
    let alone = [
        "keys_wipe",
        "verifier_wipe",
        "signer_wipe",
        "sealer_wipe",
        "sketch_wipe",
        "replay_wipe",
        "revocation_wipe",
        "throttle_wipe",
        "risk_wipe",
        "cache_wipe",
        "component_collects",
        "preset_collects",
    ];
    let mut expected = writers(&header);
    for name in alone {
        assert!(expected.remove(name), "{name}");
    }
    let seen: BTreeSet<&str> = seen.iter().map(|name| name.strip_prefix("cmk_").unwrap()).collect();
    assert_eq!(seen, expected, "every function that writes is called");
}
