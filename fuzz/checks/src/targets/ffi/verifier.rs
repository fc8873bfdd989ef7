//! Verifiers of arbitrary policies: made exactly when nothing is wrong.

use super::keys::Set;
use super::{CText, Faults, fits, is_zero, seldom};
use crate::c_memory::Block;
use crate::input::Input;
use countermark::{Algorithm, KeySet, Limits, Policy, Status};
use countermark_ffi::*;

const NAMES: [&str; 3] = ["https://login.example", "alice", "exp"];

/// A verifier, with all that it points to.
pub struct Made<'s> {
    pub verifier: Block,
    pub limits: Limits,
    pub policy: Words,
    pub sets: &'s [Set],
    _listed: Vec<Block>,
}

/// The policy's texts and numbers as Rust has them.
pub struct Words {
    pub issuers: Vec<String>,
    pub audiences: Vec<String>,
    pub require: Vec<String>,
    pub algorithms: Vec<Algorithm>,
    pub subject: Option<String>,
    pub typ: Option<String>,
    pub nonce: Option<String>,
    pub flags: u32,
    pub leeway: u32,
    pub max_age: u32,
    _texts: Vec<CText>,
}

/// A list of texts: what C gets, and the texts if they are good.
fn names(input: &mut Input<'_>, faults: &mut Faults, texts: &mut Vec<CText>) -> (Block, usize, bool, Vec<String>) {
    let count = if seldom(input) { 9 } else { input.below(3) };
    let mut listed = Vec::new();
    let mut good = Vec::new();
    for _ in 0..count {
        let text = CText::arbitrary(input, &NAMES);
        good.extend(match text.bytes.len {
            0 => Some(String::new()),
            _ => text.text(faults, Status::Argument).map(String::from),
        });
        listed.push(text.bytes);
        texts.push(text);
    }
    let mut block = Block::aligned(size_of_val(&listed[..]), 8);
    // SAFETY: as long as the list.
    unsafe { std::ptr::copy_nonoverlapping(listed.as_ptr().cast(), block.slice_mut().as_mut_ptr(), block.len()) };
    let is_null = seldom(input);
    if count > NAMES_MAX {
        faults.insert(Status::TooManyItems);
    }
    if is_null && count > 0 {
        faults.insert(Status::NullPointer);
    }
    (block, count, is_null, good)
}

pub fn made<'s>(input: &mut Input<'_>, sets: &'s [Set]) -> Option<Made<'s>> {
    let mut faults = Faults::new();
    let mut texts = Vec::new();
    let (issuers, issuer_count, no_issuers, issuer_words) = names(input, &mut faults, &mut texts);
    let (audiences, audience_count, no_audiences, audience_words) = names(input, &mut faults, &mut texts);
    let (require, require_count, no_require, require_words) = names(input, &mut faults, &mut texts);
    let algs: Vec<i32> = match input.below(12) {
        11 => vec![1; 17],
        10 => vec![77],
        count => (0..count % 3).map(|_| 1 + input.below(4) as i32).collect(),
    };
    let algorithms: Vec<Algorithm> = algs.iter().filter_map(|alg| Algorithm::from_code(*alg)).collect();
    if algorithms.len() < algs.len() {
        faults.insert(Status::NotSupported);
    }
    if algs.len() > countermark::LIST_MAX {
        faults.insert(Status::TooManyItems);
    }
    let [subject, typ, nonce] = [(); 3].map(|()| CText::arbitrary(input, &["alice", "JWT", "n"]));
    let [subject_word, typ_word, nonce_word] =
        [&subject, &typ, &nonce].map(|text| text.text(&mut faults, Status::Argument).map(String::from));
    let flags = match input.byte() {
        odd @ 248.. => u32::from(odd),
        byte => u32::from(byte & 7),
    };
    let flags = if input.below(3) == 0 { flags } else { flags & !4 | 3 };
    let limit = |input: &mut Input<'_>| if seldom(input) { u32::from(input.word()) } else { 0 };
    let c_policy = cmk_policy {
        size: if seldom(input) { input.below(256) } else { size_of::<cmk_policy>() },
        issuers: issuers.unless(no_issuers),
        issuer_count,
        audiences: audiences.unless(no_audiences),
        audience_count,
        require: require.unless(no_require),
        require_count,
        // Not in the oracle: `tests/key_sets.rs` has them.
        acr: std::ptr::null(),
        acr_count: 0,
        algs: algs.as_ptr(),
        alg_count: algs.len(),
        subject: subject.bytes,
        typ: typ.bytes,
        nonce: nonce.bytes,
        digest: std::ptr::null(),
        sketch: std::ptr::null(),
        flags,
        leeway: u32::from(input.byte()),
        max_age: limit(input),
        auth_max_age: 0,
        token_bytes: limit(input),
        depth: limit(input) % 20,
        members: limit(input) % 300,
        candidates: limit(input) % 10,
        // SAFETY: all zero bytes are a structure.
        ..unsafe { std::mem::zeroed() }
    };
    texts.extend([subject, typ, nonce]);
    let or = |value: u32, default: usize| if value == 0 { default } else { value as usize };
    let limits = Limits {
        token_bytes: or(c_policy.token_bytes, 8192),
        depth: or(c_policy.depth, 8),
        members: or(c_policy.members, 64),
        candidates: or(c_policy.candidates, 8),
    };
    let words = Words {
        issuers: issuer_words,
        audiences: audience_words,
        require: require_words,
        algorithms,
        subject: subject_word,
        typ: typ_word,
        nonce: nonce_word,
        flags,
        leeway: c_policy.leeway,
        max_age: c_policy.max_age,
        _texts: texts,
    };
    if c_policy.size != size_of::<cmk_policy>() {
        faults.insert(Status::StructSize);
    }
    if flags & !7 != 0 {
        faults.insert(Status::Argument);
    }
    if sets.iter().any(|set| set.keys.region.is_null()) {
        faults.insert(Status::NotInitialized);
    } else if faults.is_empty() {
        words.with(limits, sets, |result| faults.extend(result.err()));
    }
    finished(input, c_policy, faults, sets).map(|verifier| {
        let _listed = vec![issuers, audiences, require];
        Made { verifier, limits, policy: words, sets, _listed }
    })
}

/// The call itself, with a NULL or a wrong number in its arguments now and then.
fn finished(input: &mut Input<'_>, policy: cmk_policy, mut faults: Faults, sets: &[Set]) -> Option<Block> {
    let verifier = Block::aligned(size_of::<cmk_verifier>(), 8);
    // SAFETY: ours.
    unsafe { std::ptr::write_bytes(verifier.cast::<u8>(), 0xa5, verifier.len()) };
    let views: Vec<cmk_keys> = sets.iter().map(|set| set.keys).collect();
    let (no_verifier, no_sets, no_policy) = (seldom(input), seldom(input), seldom(input));
    let (abi, bytes) = (ABI + u32::from(seldom(input)), size_of::<cmk_verifier>() + usize::from(seldom(input)));
    if no_verifier || no_sets || no_policy {
        faults.insert(Status::NullPointer);
    }
    let is_stale = abi != ABI || bytes != size_of::<cmk_verifier>();
    if is_stale {
        faults.insert(Status::AbiMismatch);
    }
    let policy = Block::holding(policy);
    let sets_ptr = if no_sets { std::ptr::null() } else { views.as_ptr() };
    // SAFETY: every pointer is valid for its length, or NULL.
    let code = unsafe {
        cmk_verifier_init_abi(abi, verifier.unless(no_verifier), bytes, sets_ptr, views.len(), policy.unless(no_policy))
    };
    fits(code, &faults);
    if code == 0 {
        return Some(verifier);
    }
    if is_stale {
        assert_eq!(code, Status::AbiMismatch.code());
        let known = verifier.slice().len().min(size_of::<cmk_verifier>());
        assert!(no_verifier || verifier.slice()[..known].iter().all(|byte| *byte == 0), "outputs are zero on failure");
    } else {
        assert!(no_verifier || is_zero(&verifier), "outputs are zero on failure");
    }
    None
}

impl Words {
    /// Hands over the verifier that Rust makes of the same words.
    pub fn with<T>(
        &self,
        limits: Limits,
        sets: &[Set],
        then: impl FnOnce(Result<&countermark::Verifier<'_>, Status>) -> T,
    ) -> T {
        fn list(words: &[String]) -> Vec<&str> {
            words.iter().map(String::as_str).collect()
        }
        let regions: Vec<Vec<u64>> = sets
            .iter()
            .map(|set| set.region.slice().as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect())
            .collect();
        let sets: Vec<KeySet<'_>> = regions.iter().map(|region| KeySet::open(region).expect("filled")).collect();
        let (issuers, audiences, require) = (list(&self.issuers), list(&self.audiences), list(&self.require));
        let policy = Policy {
            issuers: &issuers,
            audiences: &audiences,
            any_audience: self.flags & 1 != 0,
            subject: self.subject.as_deref(),
            typ: self.typ.as_deref(),
            algorithms: &self.algorithms,
            leeway: self.leeway,
            max_age: (self.max_age > 0).then_some(self.max_age),
            require: &require,
            allow_missing_exp: self.flags & 2 != 0,
            nonce: self.nonce.as_deref(),
            no_clock: self.flags & 4 != 0,
            limits,
            ..Policy::default()
        };
        match countermark::Verifier::new(&sets, policy, countermark::Holder::default()) {
            Ok(verifier) => then(Ok(&verifier)),
            Err(status) => then(Err(status)),
        }
    }
}

impl Made<'_> {
    /// The end of the verifier: zeros, and no use of it.
    pub fn wiped(&self) {
        let mut bytes = 9;
        // SAFETY: ours.
        unsafe {
            assert_eq!(cmk_verifier_wipe(self.verifier.cast()), 0);
            assert!(is_zero(&self.verifier));
            assert_eq!(cmk_scratch_bytes(self.verifier.cast(), 100, &mut bytes), Status::NotInitialized.code());
        }
        assert_eq!(bytes, 0);
    }
}
