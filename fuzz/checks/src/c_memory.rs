//! Memory as a C program hands it over: each buffer is a heap allocation of exactly the length passed, so that
//! AddressSanitizer sees one byte too many.

use countermark_ffi::*;
use countermark_tests::judge::{KeySource, Setup};
use countermark_tests::token::NOW;
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::ffi::c_void;

/// An allocation of exactly this many bytes.
pub struct Block {
    start: *mut u8,
    layout: Layout,
}

impl Block {
    /// Zeros, aligned to `align`.
    pub fn aligned(len: usize, align: usize) -> Self {
        let layout = Layout::from_size_align(len, align).expect("a small block");
        if len == 0 {
            return Block { start: std::ptr::without_provenance_mut(align), layout };
        }
        // SAFETY: not empty.
        let start = unsafe { alloc_zeroed(layout) };
        if start.is_null() {
            handle_alloc_error(layout);
        }
        Block { start, layout }
    }

    pub fn filled(len: usize, byte: u8) -> Self {
        let mut block = Block::aligned(len, 1);
        block.slice_mut().fill(byte);
        block
    }

    pub fn of(bytes: &[u8]) -> Self {
        let mut block = Block::aligned(bytes.len(), 1);
        block.slice_mut().copy_from_slice(bytes);
        block
    }

    /// A structure, in an allocation of its own.
    pub fn holding<T: Copy>(value: T) -> Self {
        let block = Block::aligned(size_of::<T>(), align_of::<T>());
        // SAFETY: long and aligned enough.
        unsafe { block.start.cast::<T>().write(value) };
        block
    }

    pub fn cast<T>(&self) -> *mut T {
        self.start.cast()
    }

    /// The same, or NULL.
    pub fn unless<T>(&self, is_null: bool) -> *mut T {
        if is_null { std::ptr::null_mut() } else { self.start.cast() }
    }

    pub fn ptr(&self) -> *mut c_void {
        self.start.cast()
    }

    pub fn len(&self) -> usize {
        self.layout.size()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn bytes(&self) -> cmk_bytes {
        cmk_bytes { ptr: self.start, len: self.len() }
    }

    pub fn slice(&self) -> &[u8] {
        // SAFETY: ours, of this length, and filled.
        unsafe { std::slice::from_raw_parts(self.start, self.len()) }
    }

    pub fn slice_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above, and borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.len()) }
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        if !self.is_empty() {
            // SAFETY: allocated with this layout.
            unsafe { dealloc(self.start, self.layout) };
        }
    }
}

/// What a result points to.
pub fn slice<'a>(bytes: cmk_bytes) -> &'a [u8] {
    if bytes.len == 0 {
        return &[];
    }
    // SAFETY: the library returned it over memory that the caller still holds.
    unsafe { std::slice::from_raw_parts(bytes.ptr, bytes.len) }
}

/// The setup's first key set, in a region of exactly the bytes given.
pub fn load(setup: &Setup<'_>, region: &Block) -> cmk_keys {
    let mut keys = cmk_keys { region: std::ptr::null_mut(), bytes: 0 };
    // SAFETY: the region is as long as it says.
    assert_eq!(unsafe { cmk_keys_init(&mut keys, region.ptr(), region.len(), cmk_bytes::NONE) }, 0);
    for key in &setup.sets[0].keys {
        let kid_of = |kid: &Option<String>| kid.as_ref().map(|kid| Block::of(kid.as_bytes()));
        let bytes = |kid: &Option<Block>| kid.as_ref().map_or(cmk_bytes::NONE, Block::bytes);
        let status = match key {
            KeySource::Secret(alg, kid, secret) => {
                let (kid, secret) = (kid_of(kid), Block::of(secret));
                unsafe { cmk_keys_add_secret(&mut keys, *alg as i32, bytes(&kid), secret.bytes()) }
            }
            KeySource::Sec1(alg, kid, sec1) => {
                let (kid, sec1) = (kid_of(kid), Block::of(sec1));
                unsafe { cmk_keys_add_sec1(&mut keys, *alg as i32, bytes(&kid), sec1.bytes()) }
            }
            _ => panic!("keys as bytes"),
        };
        assert_eq!(status, 0);
    }
    keys
}

/// A policy that says nothing.
pub fn policy() -> cmk_policy {
    // SAFETY: all zero bytes are a policy.
    cmk_policy { size: size_of::<cmk_policy>(), ..unsafe { std::mem::zeroed() } }
}

/// Verifies under the lenient policy and hands over the claims; the token must be accepted.
pub fn with_c_claims(setup: &Setup<'_>, token: &str, then: impl FnOnce(&cmk_claims)) {
    let region = Block::aligned(2048, 8);
    let keys = load(setup, &region);
    let policy = cmk_policy { flags: 3, ..policy() };
    let token = Block::of(token.as_bytes());
    // SAFETY: every pointer is valid for its length.
    unsafe {
        let mut verifier: cmk_verifier = std::mem::zeroed();
        assert_eq!(cmk_verifier_init_abi(ABI, &mut verifier, size_of::<cmk_verifier>(), &keys, 1, &policy), 0);
        let mut needed = 0;
        assert_eq!(cmk_scratch_bytes(&verifier, token.len(), &mut needed), 0);
        let scratch = Block::filled(needed, 0xa5);
        let request = cmk_request {
            size: size_of::<cmk_request>(),
            token: token.bytes(),
            now: NOW,
            evidence: std::ptr::null(),
            flags: 0,
        };
        let (mut claims, mut report): (cmk_claims, cmk_report) = (std::mem::zeroed(), std::mem::zeroed());
        let (claims_bytes, report_bytes) = (size_of::<cmk_claims>(), size_of::<cmk_report>());
        let status = cmk_verify_abi(
            ABI,
            &verifier,
            &request,
            scratch.ptr(),
            needed,
            &mut claims,
            claims_bytes,
            &mut report,
            report_bytes,
        );
        assert_eq!(status, 0);
        then(&claims);
    }
}
