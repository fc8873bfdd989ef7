//! `cmk_signer` and `cmk_issue`: minting tokens.

use crate::claims::cmk_value;
use crate::evidence::{Client, cmk_evidence};
use crate::jwk::Algorithms;
use crate::keys::algorithm;
use crate::memory::{Apart, Opaque, Range, cmk_bytes, fill, fill_apart, list, list_mut, object, sized, wipe};
use crate::recipe::cmk_recipe;
use crate::sketch::cmk_sketch;
use crate::verifier::NAMES_MAX;
#[cfg(feature = "sketch")]
use countermark::{ComponentSet, NewSketch};
use countermark::{Mint, Signer, Status};

/// Words of a `cmk_signer`.
pub const SIGNER_WORDS: usize = 48;

const ALLOW_MISSING_EXP: u32 = 2;

/// The signer as C sees it.
#[allow(non_camel_case_types)]
pub type cmk_signer = Opaque<Signer, SIGNER_WORDS>;

/// What a token is to say, as C writes it.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_mint {
    pub size: usize,
    pub typ: cmk_bytes,
    pub issuer: cmk_bytes,
    pub subject: cmk_bytes,
    pub audiences: *const cmk_bytes,
    pub audience_count: usize,
    pub token_id: cmk_bytes,
    pub claims: cmk_bytes,
    pub expires_at: i64,
    pub not_before: i64,
    pub issued_at: i64,
    pub digest: *const cmk_recipe,
    pub evidence: *const cmk_evidence,
    pub sketch: *const cmk_sketch,
    pub previous: *const cmk_value,
    pub opt_out: [u64; 4],
    pub salt: [u8; 8],
    pub flags: u32,
    pub confirmed_key: cmk_bytes,
    pub confirmed_certificate: cmk_bytes,
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_signer_of_secret"))]
pub unsafe extern "C" fn cmk_signer_of_secret(signer: *mut cmk_signer, alg: i32, kid: cmk_bytes, secret: cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        fill_apart(signer, &[kid, secret].map(Range::of_bytes), || {
            Signer::of_secret(algorithm(alg)?, kid.optional_text()?, secret.read()?).map(Opaque::new)
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_signer_of_scalar"))]
pub unsafe extern "C" fn cmk_signer_of_scalar(signer: *mut cmk_signer, alg: i32, kid: cmk_bytes, scalar: cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        fill_apart(signer, &[kid, scalar].map(Range::of_bytes), || {
            Signer::of_scalar(algorithm(alg)?, kid.optional_text()?, scalar.read()?).map(Opaque::new)
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_signer_of_seed"))]
pub unsafe extern "C" fn cmk_signer_of_seed(signer: *mut cmk_signer, kid: cmk_bytes, seed: cmk_bytes) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        fill_apart(signer, &[kid, seed].map(Range::of_bytes), || {
            let (kid, seed) = (kid.optional_text()?, seed.read()?);
            #[cfg(feature = "ed25519")]
            return Signer::of_seed(kid, seed).map(Opaque::new);
            #[cfg(not(feature = "ed25519"))]
            {
                let _ = (kid, seed);
                Err(Status::NotSupported)
            }
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_signer_of_jwk"))]
pub unsafe extern "C" fn cmk_signer_of_jwk(
    signer: *mut cmk_signer,
    json: cmk_bytes,
    algs: *const i32,
    alg_count: usize,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        fill_apart(signer, &[Range::of_bytes(json), Range::of_list(algs, alg_count)], || {
            Signer::of_jwk(json.read()?, Algorithms::read(algs, alg_count)?.as_slice()).map(Opaque::new)
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_signer_public"))]
pub unsafe extern "C" fn cmk_signer_public(
    signer: *const cmk_signer,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    public_key: *mut cmk_bytes,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let written = Range::of(buffer.cast::<u8>(), buffer_bytes);
        fill_apart(public_key, &[Range::of_object(signer), written], || {
            written.apart_from(Range::of_object(signer))?;
            let signer = object(signer)?.get()?;
            let out = list_mut(buffer.cast::<u8>(), buffer_bytes)?;
            Ok(cmk_bytes::of(signer.public(out)?))
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_signer_wipe"))]
pub unsafe extern "C" fn cmk_signer_wipe(signer: *mut cmk_signer) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { wipe(signer) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_issue"))]
pub unsafe extern "C" fn cmk_issue(
    signer: *const cmk_signer,
    mint: *const cmk_mint,
    scratch: *mut core::ffi::c_void,
    scratch_bytes: usize,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    token: *mut cmk_bytes,
) -> i32 {
    let (scratch, buffer) = ((scratch.cast(), scratch_bytes), (buffer.cast(), buffer_bytes));
    let by = |signer: &Signer, mint: &Mint<'_>, scratch: &mut [u8], out: &'static mut [u8]| signer.issue(mint, scratch, out);
    // SAFETY: the caller's promise.
    unsafe { mint_by(signer, mint, &[], scratch, buffer, token, &by) }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[cfg(feature = "envelope")]
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_issue_nested"))]
pub unsafe extern "C" fn cmk_issue_nested(
    signer: *const cmk_signer,
    mint: *const cmk_mint,
    shape: i32,
    sealer: *const crate::envelope::cmk_sealer,
    random: cmk_bytes,
    scratch: *mut core::ffi::c_void,
    scratch_bytes: usize,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    token: *mut cmk_bytes,
) -> i32 {
    let (scratch, buffer) = ((scratch.cast(), scratch_bytes), (buffer.cast(), buffer_bytes));
    let read = [Range::of_object(sealer), Range::of_bytes(random)];
    let by = |signer: &Signer, mint: &Mint<'_>, scratch: &mut [u8], out: &'static mut [u8]| {
        // SAFETY: the caller's promise.
        let (sealer, random) = unsafe { (object(sealer)?.get()?, crate::envelope::random(random)?) };
        let shape = countermark::Shape::from_code(shape).ok_or(Status::Argument)?;
        signer.issue_nested(mint, shape, sealer, random, scratch, out)
    };
    // SAFETY: the caller's promise.
    unsafe { mint_by(signer, mint, &read, scratch, buffer, token, &by) }
}

/// Where a token is made, and how.
type By<'b> = &'b dyn Fn(&Signer, &Mint<'_>, &mut [u8], &'static mut [u8]) -> Result<&'static str, Status>;

/// Reads what the token is to say and hands it to `by`; `read` is what that reads besides.
///
/// # Safety
/// Pointers are valid for their lengths, or NULL.
unsafe fn mint_by(
    signer: *const cmk_signer,
    mint: *const cmk_mint,
    read: &[Range],
    scratch: (*mut u8, usize),
    buffer: (*mut u8, usize),
    token: *mut cmk_bytes,
    by: By<'_>,
) -> i32 {
    let date = |seconds: i64| if seconds == 0 { None } else { Some(seconds) };
    // SAFETY: the caller's promise, for the whole block.
    let made = (|| unsafe {
        Apart::new(&[Range::of_object(token)]).and_object(signer).and_object(mint).verdict()?;
        let kept = object(signer)?.get()?;
        let inputs = sized(mint, size_of::<cmk_mint>())?;
        let listed = list(inputs.audiences, inputs.audience_count);
        let client = Client::read(inputs.evidence);

        let written = [Range::of(scratch.0, scratch.1), Range::of(buffer.0, buffer.1), Range::of_object(token)];
        let [scratch_range, buffer_range, token_range] = written;
        let mut apart = Apart::new(&written);
        read.iter().for_each(|range| {
            apart.and(*range);
        });
        apart.and_object(signer).and_object(mint).and_object(inputs.evidence).and_list(listed.unwrap_or_default());
        let texts = [inputs.typ, inputs.issuer, inputs.subject, inputs.token_id, inputs.claims];
        let confirmed = [inputs.confirmed_key, inputs.confirmed_certificate];
        for text in texts.iter().chain(&confirmed).chain(listed.unwrap_or_default()) {
            apart.and_bytes(*text);
        }
        if let Ok(client) = &client {
            client.read_by(&mut apart);
        }
        apart.and_object(inputs.sketch).and_object(inputs.previous);
        #[cfg(feature = "sketch")]
        if let Ok(sketch) = object(inputs.sketch).and_then(|sketch| sketch.get()) {
            sketch.read_by(&mut apart);
        }
        if let Ok(previous) = object(inputs.previous).and_then(|previous| previous.get()) {
            apart.and_texts(&[previous.raw()]);
        }
        let recipe_read = crate::recipe::read_by(inputs.digest, &mut apart);
        // Before any other error, which would clear the token.
        apart.verdict()?;
        scratch_range.apart_from(buffer_range)?;
        token_range.apart_from(scratch_range)?;
        token_range.apart_from(buffer_range)?;
        recipe_read?;
        let (listed, client) = (listed?, client?);
        if inputs.flags & !ALLOW_MISSING_EXP != 0 {
            return Err(Status::Argument);
        }

        let mut audience = [""; NAMES_MAX];
        let places = audience.get_mut(..listed.len()).ok_or(Status::TooManyItems)?;
        for (place, text) in places.iter_mut().zip(listed) {
            *place = text.text()?;
        }
        let evidence = client.evidence()?;
        #[cfg(feature = "fingerprint")]
        let kept_recipe = if inputs.digest.is_null() { None } else { Some(crate::recipe::KeptRecipe::read(inputs.digest)?) };
        #[cfg(feature = "fingerprint")]
        let recipe = kept_recipe.as_ref().map(|kept| kept.recipe());
        #[cfg(not(feature = "fingerprint"))]
        if !inputs.digest.is_null() {
            let _ = evidence;
            return Err(Status::NotSupported);
        }
        // A fingerprint of nobody would fit whoever sends nothing; a re-issue without rules would not be bound at all.
        if !(inputs.sketch.is_null() && inputs.digest.is_null()) && inputs.evidence.is_null() {
            return Err(Status::NullPointer);
        }
        if inputs.sketch.is_null() && !inputs.previous.is_null() {
            return Err(Status::Argument);
        }
        #[cfg(feature = "sketch")]
        let rules = if inputs.sketch.is_null() { None } else { Some(object(inputs.sketch)?.get()?.rules()) };
        #[cfg(feature = "sketch")]
        let new_sketch = match &rules {
            Some(rules) => Some(NewSketch {
                sketch: rules,
                evidence: &evidence,
                salt: inputs.salt,
                opt_out: ComponentSet(inputs.opt_out),
                previous: if inputs.previous.is_null() { None } else { Some(*object(inputs.previous)?.get()?) },
            }),
            None => None,
        };
        #[cfg(not(feature = "sketch"))]
        if !inputs.sketch.is_null() {
            return Err(Status::NotSupported);
        }
        let mint = Mint {
            typ: inputs.typ.optional_text()?,
            issuer: inputs.issuer.optional_text()?,
            subject: inputs.subject.optional_text()?,
            audience: places,
            expires_at: date(inputs.expires_at),
            not_before: date(inputs.not_before),
            issued_at: date(inputs.issued_at),
            token_id: inputs.token_id.optional_text()?,
            allow_missing_exp: inputs.flags & ALLOW_MISSING_EXP != 0,
            claims: inputs.claims.text()?,
            confirmed_key: inputs.confirmed_key.optional_text()?,
            confirmed_certificate: match inputs.confirmed_certificate.read()? {
                [] if inputs.confirmed_certificate.ptr.is_null() => None,
                digest => Some(digest.try_into().map_err(|_| Status::Argument)?),
            },
            #[cfg(feature = "fingerprint")]
            digest: recipe.as_ref().map(|recipe| (recipe, &evidence)),
            #[cfg(feature = "sketch")]
            sketch: new_sketch.as_ref(),
        };
        let token = by(kept, &mint, list_mut(scratch.0, scratch.1)?, list_mut(buffer.0, buffer.1)?)?;
        Ok(cmk_bytes::of(token.as_bytes()))
    })();
    if let Err(Status::Overlap) = made {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(token, made) }
}
