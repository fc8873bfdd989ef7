//! A C verifier is written where it will stay. So a mistake that shows late must leave nothing of it, and nothing that is
//! read may lie where it is written.

use countermark::Status;
use countermark_ffi::*;
use std::mem::{size_of, zeroed};

const SECRET: &[u8] = b"a secret of at least thirty-two bytes";
const PEPPER: &[u8] = b"sixteen bytes at least";

/// What a policy points to, and the policy.
struct Given {
    region: Vec<u64>,
    sets: Vec<cmk_keys>,
    issuers: Vec<cmk_bytes>,
    audiences: Vec<cmk_bytes>,
    require: Vec<cmk_bytes>,
    algs: Vec<i32>,
    inputs: Vec<cmk_input>,
    recipe: cmk_recipe,
    policy: cmk_policy,
}

impl Given {
    /// Everything is there and right.
    fn new() -> Given {
        let mut region = vec![0u64; 64];
        let text = |text: &'static str| cmk_bytes::of(text.as_bytes());
        let mut keys: cmk_keys = unsafe { zeroed() };
        unsafe {
            assert_eq!(cmk_keys_init(&mut keys, region.as_mut_ptr().cast(), 512, cmk_bytes::NONE), 0);
            assert_eq!(cmk_keys_add_secret(&mut keys, 1, cmk_bytes::NONE, cmk_bytes::of(SECRET)), 0);
        }
        let mut recipe: cmk_recipe = unsafe { zeroed() };
        recipe.size = size_of::<cmk_recipe>();
        (recipe.claim, recipe.pepper) = (text("fp"), cmk_bytes::of(PEPPER));
        let mut policy: cmk_policy = unsafe { zeroed() };
        policy.size = size_of::<cmk_policy>();
        (policy.subject, policy.typ, policy.nonce) = (text("alice"), text("at+jwt"), text("n-0S6"));
        Given {
            region,
            sets: vec![keys],
            issuers: vec![text("https://issuer.example")],
            audiences: vec![text("https://api.example"), text("https://other.example")],
            require: vec![text("scope")],
            algs: vec![1],
            inputs: vec![cmk_input { kind: 7, name: text("user-agent") }, cmk_input { kind: 1, name: cmk_bytes::NONE }],
            recipe,
            policy,
        }
    }

    fn init(&mut self, verifier: *mut cmk_verifier) -> Status {
        let Given { sets, issuers, audiences, require, algs, inputs, recipe, policy, .. } = self;
        (policy.issuers, policy.issuer_count) = (issuers.as_ptr(), issuers.len());
        (policy.audiences, policy.audience_count) = (audiences.as_ptr(), audiences.len());
        (policy.require, policy.require_count) = (require.as_ptr(), require.len());
        (policy.algs, policy.alg_count) = (algs.as_ptr(), algs.len());
        (recipe.inputs, recipe.input_count) = (inputs.as_ptr(), inputs.len());
        policy.digest = recipe;
        let (sets, count) = (sets.as_ptr(), sets.len());
        let code = unsafe { cmk_verifier_init_abi(ABI, verifier, size_of::<cmk_verifier>(), sets, count, policy) };
        Status::from_code(code).expect("a known status")
    }
}

fn bytes_of(verifier: &cmk_verifier) -> &[u8] {
    unsafe { std::slice::from_raw_parts((&raw const *verifier).cast::<u8>(), size_of::<cmk_verifier>()) }
}

fn verify_says(verifier: &cmk_verifier) -> Status {
    let mut request: cmk_request = unsafe { zeroed() };
    request.size = size_of::<cmk_request>();
    request.token = cmk_bytes::of(b"e30.e30.e30");
    let (mut claims, mut report): (cmk_claims, cmk_report) = unsafe { (zeroed(), zeroed()) };
    let (sizes, mut scratch) = ((size_of::<cmk_claims>(), size_of::<cmk_report>()), [0u8; 256]);
    let code = unsafe {
        cmk_verify_abi(ABI, verifier, &request, scratch.as_mut_ptr().cast(), 256, &mut claims, sizes.0, &mut report, sizes.1)
    };
    Status::from_code(code).expect("a known status")
}

#[test]
fn a_mistake_anywhere_leaves_an_object_of_zeros() {
    type Mistake = (&'static str, fn(&mut Given), Status);
    const NOT_UTF8: &[u8] = &[0xff];
    let mistakes: &[Mistake] = &[
        ("an unknown flag", |given| given.policy.flags = 1 << 31, Status::Argument),
        ("too many sets", |given| given.sets = vec![given.sets[0]; SETS_MAX + 1], Status::TooManyItems),
        ("a set that is none", |given| given.region.fill(0), Status::NotInitialized),
        ("too many issuers", |given| given.issuers = vec![given.issuers[0]; NAMES_MAX + 1], Status::TooManyItems),
        ("an issuer that is no text", |given| given.issuers[0] = cmk_bytes::of(NOT_UTF8), Status::Argument),
        ("the last audience is no text", |given| given.audiences[1] = cmk_bytes::of(NOT_UTF8), Status::Argument),
        ("too many audiences", |given| given.audiences = vec![given.audiences[0]; NAMES_MAX + 1], Status::TooManyItems),
        ("a required claim that is no text", |given| given.require[0] = cmk_bytes::of(NOT_UTF8), Status::Argument),
        ("an unknown algorithm", |given| given.algs.push(99), Status::NotSupported),
        ("too many algorithms", |given| given.algs = vec![1; countermark::LIST_MAX + 1], Status::TooManyItems),
        ("a subject that is no text", |given| given.policy.subject = cmk_bytes::of(NOT_UTF8), Status::Argument),
        ("a typ that is no text", |given| given.policy.typ = cmk_bytes::of(NOT_UTF8), Status::Argument),
        ("a nonce that is no text", |given| given.policy.nonce = cmk_bytes::of(NOT_UTF8), Status::Argument),
        ("a limit out of range", |given| given.policy.depth = 17, Status::LimitRange),
        ("a contradiction", |given| given.policy.flags = 1, Status::PolicyConflict),
        ("issuers, and a set of none", |given| given.issuers.push(given.issuers[0]), Status::IssuersUnbound),
        ("a recipe without a claim", |given| given.recipe.claim = cmk_bytes::NONE, Status::Argument),
        ("a short pepper", |given| given.recipe.pepper.len = 15, Status::PepperTooShort),
        ("an input of no kind", |given| given.inputs[1].kind = 99, Status::Argument),
        ("a recipe of another size", |given| given.recipe.size = 1, Status::StructSize),
    ];
    let mut verifier: cmk_verifier = unsafe { zeroed() };
    for (what, mistake, expected) in mistakes {
        // What was there before is a good verifier, pepper and all.
        let mut good = Given::new();
        assert_eq!(good.init(&mut verifier), Status::Accepted, "{what}");
        assert_ne!(verify_says(&verifier), Status::NotInitialized, "{what}");
        let mut given = Given::new();
        mistake(&mut given);
        assert_eq!(given.init(&mut verifier), *expected, "{what}");
        assert!(bytes_of(&verifier).iter().all(|byte| *byte == 0), "{what}: something is left");
        assert_eq!(verify_says(&verifier), Status::NotInitialized, "{what}");
    }
}

#[test]
fn nothing_that_is_read_may_lie_where_the_verifier_is_written() {
    /// Lays a copy of the texts, or of a text, into the object and lets the policy point there.
    fn inside(at: *mut u8, texts: &mut cmk_bytes) {
        unsafe { std::ptr::copy_nonoverlapping(texts.ptr, at, texts.len) };
        texts.ptr = at;
    }
    type Laid = (&'static str, fn(&mut Given, *mut u8));
    let places: &[Laid] = &[
        ("an issuer", |given, at| inside(at, &mut given.issuers[0])),
        ("the last audience", |given, at| inside(at, &mut given.audiences[1])),
        ("a required claim", |given, at| inside(at, &mut given.require[0])),
        ("the subject", |given, at| inside(at, &mut given.policy.subject)),
        ("the typ", |given, at| inside(at, &mut given.policy.typ)),
        ("the nonce", |given, at| inside(at, &mut given.policy.nonce)),
        ("the fingerprint's claim", |given, at| inside(at, &mut given.recipe.claim)),
        ("the pepper", |given, at| inside(at, &mut given.recipe.pepper)),
        ("an input's name", |given, at| inside(at, &mut given.inputs[0].name)),
        ("a key region", |given, at| unsafe {
            std::ptr::copy_nonoverlapping(given.region.as_ptr(), at.cast::<u64>(), 64);
            given.sets[0].region = at.cast::<u64>();
        }),
    ];
    for (what, lay) in places {
        let mut object: cmk_verifier = unsafe { zeroed() };
        let mut given = Given::new();
        let at = unsafe { (&raw mut object).cast::<u8>().add(size_of::<cmk_verifier>() - 520) };
        lay(&mut given, at);
        let before = bytes_of(&object).to_vec();
        assert_eq!(given.init(&mut object), Status::Overlap, "{what}");
        assert_eq!(bytes_of(&object), before, "{what}: it was written over");
    }
}
