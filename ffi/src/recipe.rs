//! `cmk_recipe`: how a fingerprint's digest is made.

use crate::evidence::{Client, cmk_evidence};
use crate::memory::{Apart, Range, cmk_bytes, fill, list, list_mut, sized};
use countermark::Status;
#[cfg(feature = "fingerprint")]
use countermark::{Encoding, Framing, Hash, Input, Pepper, Recipe};

/// Everything that is read through a recipe, for overlap checks.
///
/// # Safety
/// `ptr` and what it points to are valid, or NULL.
#[cfg(feature = "fingerprint")]
#[inline(never)]
pub(crate) unsafe fn read_by(ptr: *const cmk_recipe, apart: &mut Apart<'_>) -> Result<(), Status> {
    if ptr.is_null() {
        return Ok(());
    }
    apart.and_object(ptr);
    // SAFETY: the caller's promise.
    let recipe = unsafe { sized(ptr, size_of::<cmk_recipe>())? };
    // SAFETY: the caller's promise.
    let inputs = unsafe { list(recipe.inputs, recipe.input_count) };
    apart.and_bytes(recipe.claim).and_bytes(recipe.pepper);
    let inputs = inputs?;
    apart.and_list(inputs);
    inputs.iter().for_each(|input| {
        apart.and_bytes(input.name);
    });
    Ok(())
}

/// A build without recipes refuses every one, unread.
///
/// # Safety
/// None: nothing is read.
#[cfg(not(feature = "fingerprint"))]
pub(crate) unsafe fn read_by(_: *const cmk_recipe, _: &mut Apart<'_>) -> Result<(), Status> {
    Ok(())
}

/// One input of a recipe.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_input {
    pub kind: i32,
    pub name: cmk_bytes,
}

/// A recipe as C writes it.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_recipe {
    pub size: usize,
    pub preset: i32,
    pub framing: i32,
    pub hash: i32,
    pub encoding: i32,
    pub claim: cmk_bytes,
    pub pepper: cmk_bytes,
    pub inputs: *const cmk_input,
    pub input_count: usize,
}

/// The most inputs of a recipe.
#[cfg(feature = "fingerprint")]
pub const INPUTS_MAX: usize = 8;

/// A recipe in fixed memory: its inputs, and the pepper with its key ready.
#[cfg(feature = "fingerprint")]
pub(crate) struct KeptRecipe<'a> {
    claim: &'a str,
    inputs: [Input<'a>; INPUTS_MAX],
    input_count: usize,
    framing: Framing,
    hash: KeptHash,
    encoding: Encoding,
}

#[cfg(feature = "fingerprint")]
enum KeptHash {
    HmacSha256(Pepper),
    Sha256,
    #[cfg(feature = "md5")]
    Md5,
}

#[cfg(feature = "fingerprint")]
impl<'a> KeptRecipe<'a> {
    /// # Safety
    /// `ptr` and what it points to are valid for `'a`, or NULL.
    pub(crate) unsafe fn read(ptr: *const cmk_recipe) -> Result<Self, Status> {
        // SAFETY: the caller's promise.
        let recipe = unsafe { sized(ptr, size_of::<cmk_recipe>())? };
        // SAFETY: the caller's promise.
        let claim = unsafe { recipe.claim.text() }?;
        if claim.is_empty() {
            return Err(Status::Argument);
        }
        // SAFETY: the caller's promise.
        let pepper = || unsafe { Ok::<_, Status>(KeptHash::HmacSha256(Pepper::new(recipe.pepper.read()?)?)) };
        match recipe.preset {
            0 => {}
            1 => return Self::of(claim, Recipe::HEADER_INPUTS, Framing::Lengths, pepper()?, Encoding::Base64url),
            #[cfg(feature = "md5")]
            2 => return Self::of(claim, Recipe::COMPAT_INPUTS, Framing::Colons, KeptHash::Md5, Encoding::Hex),
            #[cfg(not(feature = "md5"))]
            2 => return Err(Status::NotSupported),
            _ => return Err(Status::Argument),
        }
        let framing = match recipe.framing {
            0 => Framing::Lengths,
            1 => Framing::Colons,
            _ => return Err(Status::Argument),
        };
        let hash = match recipe.hash {
            0 => pepper()?,
            1 => KeptHash::Sha256,
            #[cfg(feature = "md5")]
            2 => KeptHash::Md5,
            #[cfg(not(feature = "md5"))]
            2 => return Err(Status::NotSupported),
            _ => return Err(Status::Argument),
        };
        let encoding = match recipe.encoding {
            0 => Encoding::Base64url,
            1 => Encoding::Hex,
            _ => return Err(Status::Argument),
        };
        // SAFETY: the caller's promise.
        let listed = unsafe { list(recipe.inputs, recipe.input_count) }?;
        let mut inputs = [Input::Address; INPUTS_MAX];
        let places = inputs.get_mut(..listed.len()).ok_or(Status::TooManyItems)?;
        if places.is_empty() {
            return Err(Status::Argument);
        }
        for (place, input) in places.iter_mut().zip(listed) {
            // SAFETY: the caller's promise.
            let name = unsafe { input.name.text() }?;
            *place = match input.kind {
                1 => Input::Address,
                2 => Input::Network,
                3 => Input::Asn,
                4 => Input::Country,
                5 => Input::Isp,
                6 => Input::Organisation,
                7 if !name.is_empty() => Input::Header(name),
                8 if !name.is_empty() => Input::Cookie(name),
                _ => return Err(Status::Argument),
            };
        }
        Ok(KeptRecipe { claim, inputs, input_count: listed.len(), framing, hash, encoding })
    }

    fn of(claim: &'a str, list: &[Input<'a>], framing: Framing, hash: KeptHash, encoding: Encoding) -> Result<Self, Status> {
        let mut inputs = [Input::Address; INPUTS_MAX];
        inputs.get_mut(..list.len()).ok_or(Status::TooManyItems)?.copy_from_slice(list);
        Ok(KeptRecipe { claim, inputs, input_count: list.len(), framing, hash, encoding })
    }

    /// Writes the recipe at `ptr` where it will stay; none for NULL.
    ///
    /// # Safety
    /// `place` is writable; `ptr` and what it points to are valid for `'a`, or NULL.
    pub(crate) unsafe fn write(place: *mut Option<Self>, ptr: *const cmk_recipe) -> Result<(), Status> {
        // SAFETY: the caller's promise.
        unsafe { place.write(if ptr.is_null() { None } else { Some(Self::read(ptr)?) }) };
        Ok(())
    }

    /// The texts that are kept, for overlap checks.
    pub(crate) fn read_by(&self, apart: &mut Apart<'_>) {
        apart.and_list(self.claim.as_bytes());
        self.inputs.iter().for_each(|input| {
            if let Input::Header(name) | Input::Cookie(name) = input {
                apart.and_list(name.as_bytes());
            }
        });
    }

    pub(crate) fn recipe(&self) -> Recipe<'_> {
        Recipe {
            claim: self.claim,
            inputs: self.inputs.get(..self.input_count).unwrap_or_default(),
            framing: self.framing,
            hash: match &self.hash {
                KeptHash::HmacSha256(pepper) => Hash::HmacSha256(pepper),
                KeptHash::Sha256 => Hash::Sha256,
                #[cfg(feature = "md5")]
                KeptHash::Md5 => Hash::Md5,
            },
            encoding: self.encoding,
        }
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_digest"))]
pub unsafe extern "C" fn cmk_digest(
    recipe: *const cmk_recipe,
    evidence: *const cmk_evidence,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    digest: *mut cmk_bytes,
) -> i32 {
    // SAFETY: the caller's promise.
    let made = (|| unsafe {
        let written = [Range::of(buffer.cast_const().cast::<u8>(), buffer_bytes), Range::of_object(digest)];
        let [buffer_range, digest_range] = written;
        let mut apart = Apart::new(&written);
        buffer_range.apart_from(digest_range)?;
        apart.and_object(evidence);
        let (read, client) = (read_by(recipe, &mut apart), Client::read(evidence));
        if let Ok(client) = &client {
            client.read_by(&mut apart);
        }
        // Before any other error, which would clear the digest.
        apart.verdict()?;
        read?;
        let client = client?;
        let evidence = client.evidence()?;
        let out = list_mut(buffer.cast::<u8>(), buffer_bytes)?;
        #[cfg(feature = "fingerprint")]
        return Ok(cmk_bytes::of(KeptRecipe::read(recipe)?.recipe().digest(&evidence, out)?.as_bytes()));
        #[cfg(not(feature = "fingerprint"))]
        {
            let _ = (recipe, evidence, out, sized::<cmk_recipe>, list::<cmk_input>);
            Err(Status::NotSupported)
        }
    })();
    if let Err(Status::Overlap) = made {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(digest, made) }
}
