//! Regions of any size, and the same keys in Rust: same statuses, same words.

use super::{CText, Faults, fits, is_zero, seldom};
use crate::c_memory::Block;
use crate::input::Input;
use crate::known;
use countermark::{Algorithm, KeyManagement, Keys, Status};
use countermark_ffi::*;
use countermark_tests::token::SECRET;

/// A set in a region of its own; empty when the region was refused.
pub struct Set {
    pub keys: cmk_keys,
    pub region: Block,
}

pub fn sets(input: &mut Input<'_>) -> Vec<Set> {
    (0..1 + input.below(3)).map(|_| set(input)).collect()
}

fn set(input: &mut Input<'_>) -> Set {
    let bytes = if seldom(input) { input.below(64) } else { 512 + usize::from(input.word()) % 512 };
    let region = Block::aligned(bytes, 8);
    let issuer = CText::arbitrary(input, &["https://login.example", "", "a"]);
    let out = Block::holding(cmk_keys { region: region.cast(), bytes: 7 });
    let is_null = seldom(input);
    let region_is_null = seldom(input);

    let mut faults = Faults::new();
    let issuer_text = issuer.text(&mut faults, Status::Argument).map(String::from);
    let mut words = vec![0xa5u64; bytes / 8];
    let mut keys = match &issuer_text {
        _ if region_is_null => {
            faults.insert(Status::NullPointer);
            Err(Status::NullPointer)
        }
        Some(issuer) => Keys::for_issuer(&mut words, issuer),
        None => Keys::new(&mut words),
    };
    faults.extend(keys.as_ref().err());
    if is_null {
        faults.insert(Status::NullPointer);
    }
    // SAFETY: every pointer is valid for its length, or NULL.
    let code = unsafe { cmk_keys_init(out.unless(is_null), region.unless(region_is_null), bytes, issuer.bytes) };
    fits(code, &faults);
    // SAFETY: filled by the library, or as it was made.
    let mut filled = unsafe { *out.cast::<cmk_keys>() };
    if code != 0 {
        assert!(is_null || is_zero(&out), "outputs are zero on failure");
        filled = cmk_keys { region: std::ptr::null_mut(), bytes: 0 };
    } else if let Ok(keys) = &mut keys {
        for _ in 0..input.below(6) {
            add(input, &mut filled, keys);
            let used = keys.set().region();
            let found: Vec<u64> = region.slice().as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)).collect();
            assert_eq!(&found[..used.len()], used, "a region is the same through both interfaces");
        }
    }
    Set { keys: filled, region }
}

/// Adds one key through both interfaces.
fn add(input: &mut Input<'_>, c: &mut cmk_keys, rust: &mut Keys<'_>) {
    let kid = CText::arbitrary(input, &["one", "two", ""]);
    let alg = if seldom(input) { i32::from(input.byte()) - 100 } else { 1 + input.below(4) as i32 };
    let algs: Vec<i32> = (0..input.below(3)).map(|_| if seldom(input) { 99 } else { 1 + input.below(4) as i32 }).collect();
    let kind = input.below(5);
    let own = input.below(4) == 3;
    let known: Vec<u8> = match kind {
        0 => SECRET.to_vec(),
        1..=3 => known::public()[kind - 1].clone(),
        _ => br#"{"keys":[{"kty":"oct","alg":"HS256","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},{"kty":"x"}]}"#
            .to_vec(),
    };
    let key = if own { CText::of(input.bytes()) } else { CText::of(&known) };
    let bytes = key.slice().expect("not NULL");

    let mut faults = Faults::new();
    let named = kind < 3;
    let kid_text = if named { kid.text(&mut faults, Status::Argument) } else { None };
    let algorithm = Algorithm::from_code(alg);
    // A secret may be one that opens envelopes; its numbers are apart from those of signatures.
    let management = KeyManagement::from_code(alg).filter(|_| kind == 0);
    let listed: Option<Vec<Algorithm>> = algs.iter().map(|alg| Algorithm::from_code(*alg)).collect();
    if named && algorithm.is_none() && management.is_none() || !named && listed.is_none() {
        faults.insert(Status::NotSupported);
    }
    if faults.is_empty() {
        let algorithm = algorithm.unwrap_or(Algorithm::HS256);
        let listed = listed.as_deref().unwrap_or_default();
        let result = match kind {
            0 if let Some(management) = management => rust.add_decryption(management, kid_text, bytes),
            0 => rust.add_secret(algorithm, kid_text, bytes),
            1 => rust.add_sec1(algorithm, kid_text, bytes),
            2 => rust.add_spki(algorithm, kid_text, bytes),
            3 => rust.add_jwk(bytes, listed),
            _ => rust.add_jwks(bytes, listed).map(|_| ()),
        };
        faults.extend(result.err());
    }
    // SAFETY: every pointer is valid for its length, or NULL.
    let code = unsafe {
        match kind {
            0 => cmk_keys_add_secret(c, alg, kid.bytes, key.bytes),
            1 => cmk_keys_add_sec1(c, alg, kid.bytes, key.bytes),
            2 => cmk_keys_add_spki(c, alg, kid.bytes, key.bytes),
            3 => cmk_keys_add_jwk(c, key.bytes, algs.as_ptr(), algs.len()),
            _ => {
                let loaded = Block::holding(cmk_loaded { added: 9, skipped: 9, reason: 9, reasons: [9; REASONS] });
                let code = cmk_keys_add_jwks(c, key.bytes, algs.as_ptr(), algs.len(), loaded.cast());
                assert!(code == 0 || is_zero(&loaded), "outputs are zero on failure");
                code
            }
        }
    };
    fits(code, &faults);
}

/// The end of every set: the whole region is zero.
pub fn wiped(sets: &[Set]) {
    for set in sets.iter().filter(|set| !set.keys.region.is_null()) {
        let view = Block::holding(set.keys);
        // SAFETY: the region is as long as it says.
        assert_eq!(unsafe { cmk_keys_wipe(view.cast()) }, 0);
        let words = set.region.len() / 8 * 8;
        assert!(set.region.slice()[..words].iter().all(|byte| *byte == 0));
        let mut count = 9;
        // SAFETY: as above.
        assert_eq!(unsafe { cmk_keys_count(view.cast(), &mut count) }, Status::NotInitialized.code());
        assert_eq!(count, 0);
    }
}
