//! Proof of possession: what a proof must be, nonces, certificates out of header fields, channel bindings.

#[cfg(feature = "_possession")]
use crate::memory::Range;
#[cfg(feature = "dpop")]
use crate::memory::fill;
#[cfg(any(feature = "mtls", feature = "channel"))]
use crate::memory::fill_apart;
#[cfg(any(feature = "dpop", feature = "channel"))]
use crate::memory::list_mut;
use crate::memory::{Apart, cmk_bytes, list, sized};
#[cfg(feature = "mtls")]
use countermark::Certificate;
use countermark::Status;
#[cfg(feature = "dpop")]
use {
    crate::keys::algorithm,
    countermark::{Algorithm, LIST_MAX, NONCE_CHARS, Nonces, ProofKind, ProofRules},
};

/// What a proof must be, as C writes it.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_dpop {
    pub size: usize,
    pub algs: *const i32,
    pub alg_count: usize,
    pub nonce_secret: cmk_bytes,
    pub nonce_seconds: u32,
    pub kind: i32,
    pub past_seconds: u32,
    pub future_seconds: u32,
    pub proof_bytes: u32,
}

/// A client certificate by the SHA-256 of its DER.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_certificate {
    pub digest: [u8; 32],
}

/// Everything that is read through the rules of proofs, for overlap checks.
///
/// # Safety
/// `ptr` and what it points to are valid, or NULL.
pub(crate) unsafe fn read_by(ptr: *const cmk_dpop, apart: &mut Apart<'_>) -> Result<(), Status> {
    if ptr.is_null() {
        return Ok(());
    }
    // SAFETY: the caller's promise.
    unsafe {
        apart.and_object(ptr);
        let rules = sized(ptr, size_of::<cmk_dpop>())?;
        apart.and_bytes(rules.nonce_secret).and_list(list(rules.algs, rules.alg_count)?);
    }
    Ok(())
}

/// The combination with this number.
#[cfg(feature = "_possession")]
pub(crate) fn combination(number: i32, at_least: u32) -> Result<countermark::Combination, Status> {
    use countermark::Combination;
    let combination = match number {
        0 => Combination::AllOf,
        1 => Combination::AnyOf,
        2 => return u8::try_from(at_least).map(Combination::AtLeast).map_err(|_| Status::Argument),
        3 => Combination::IfBound,
        4 => Combination::FingerprintUnlessPossession,
        _ => return Err(Status::Argument),
    };
    if at_least == 0 { Ok(combination) } else { Err(Status::Argument) }
}

/// The form of a binding with this number.
#[cfg(feature = "channel")]
pub(crate) fn binding_form(number: i32) -> Result<countermark::BindingForm, Status> {
    match number {
        1 => Ok(countermark::BindingForm::Base64url),
        2 => Ok(countermark::BindingForm::Base64),
        _ => Err(Status::Argument),
    }
}

/// The seconds of a slot of nonces, and for how long a proof is accepted, unless set.
#[cfg(feature = "dpop")]
const NONCE_SECONDS: u32 = 300;

/// The rules of proofs in fixed memory.
#[cfg(feature = "dpop")]
pub(crate) struct KeptProof {
    listed: [Algorithm; LIST_MAX],
    /// 0: the default's.
    count: usize,
    kind: ProofKind,
    past_seconds: u32,
    future_seconds: u32,
    proof_bytes: u32,
    nonces: Option<Nonces>,
}

#[cfg(feature = "dpop")]
impl KeptProof {
    /// Writes the rules at `ptr` where they will stay; none for NULL.
    ///
    /// # Safety
    /// `place` is writable; `ptr` and what it points to are valid, or NULL.
    pub(crate) unsafe fn write(place: *mut Option<Self>, ptr: *const cmk_dpop) -> Result<(), Status> {
        // SAFETY: the caller's promise.
        unsafe { place.write(if ptr.is_null() { None } else { Some(Self::read(ptr)?) }) };
        Ok(())
    }

    /// # Safety
    /// `ptr` and what it points to are valid, or NULL.
    unsafe fn read(ptr: *const cmk_dpop) -> Result<Self, Status> {
        // SAFETY: the caller's promise.
        let (rules, algs) = unsafe {
            let rules = sized(ptr, size_of::<cmk_dpop>())?;
            (rules, list(rules.algs, rules.alg_count)?)
        };
        let mut listed = [Algorithm::EdDSA; LIST_MAX];
        let places = listed.get_mut(..algs.len()).ok_or(Status::TooManyItems)?;
        for (place, number) in places.iter_mut().zip(algs) {
            *place = algorithm(*number)?;
        }
        let or = |given: u32, default: u32| if given == 0 { default } else { given };
        // SAFETY: the caller's promise.
        let secret = unsafe { rules.nonce_secret.read() }?;
        let is_server_nonce = !rules.nonce_secret.ptr.is_null();
        Ok(KeptProof {
            listed,
            count: algs.len(),
            kind: match rules.kind {
                0 => ProofKind::DPoP,
                1 => ProofKind::SessionCredential,
                _ => return Err(Status::Argument),
            },
            past_seconds: or(rules.past_seconds, ProofRules::DPOP.past_seconds),
            future_seconds: or(rules.future_seconds, ProofRules::DPOP.future_seconds),
            proof_bytes: or(rules.proof_bytes, ProofRules::DPOP.proof_bytes),
            nonces: match is_server_nonce {
                true => Some(Nonces::new(secret, or(rules.nonce_seconds, NONCE_SECONDS))?),
                false => None,
            },
        })
    }

    pub(crate) fn rules(&self) -> ProofRules<'_> {
        let listed = match self.count {
            0 => ProofRules::DPOP.algorithms,
            count => self.listed.get(..count).unwrap_or_default(),
        };
        ProofRules {
            kind: self.kind,
            algorithms: listed,
            past_seconds: self.past_seconds,
            future_seconds: self.future_seconds,
            proof_bytes: self.proof_bytes,
            nonces: self.nonces.as_ref(),
        }
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[cfg(feature = "dpop")]
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_dpop_nonce"))]
pub unsafe extern "C" fn cmk_dpop_nonce(
    rules: *const cmk_dpop,
    now: i64,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    nonce: *mut cmk_bytes,
) -> i32 {
    // SAFETY: the caller's promise.
    let made = (|| unsafe {
        let written = [Range::of(buffer.cast_const().cast::<u8>(), buffer_bytes), Range::of_object(nonce)];
        let [buffer_range, nonce_range] = written;
        buffer_range.apart_from(nonce_range)?;
        let mut apart = Apart::new(&written);
        let read = read_by(rules, &mut apart);
        // Before any other error, which would clear the nonce.
        apart.verdict()?;
        read?;
        let kept = KeptProof::read(rules)?;
        let nonces = kept.nonces.as_ref().ok_or(Status::Argument)?;
        let out = list_mut(buffer.cast::<u8>(), buffer_bytes)?;
        let out = out.first_chunk_mut::<NONCE_CHARS>().ok_or(Status::BufferTooSmall)?;
        Ok(cmk_bytes::of(nonces.write(now, out).as_bytes()))
    })();
    if let Err(Status::Overlap) = made {
        return Status::Overlap.code();
    }
    // SAFETY: the caller's promise.
    unsafe { fill(nonce, made) }
}

#[cfg(feature = "mtls")]
macro_rules! certificates {
    ($($function:ident $read:ident;)*) => { $(
        /// # Safety
        /// See the header: pointers are valid for their lengths, or NULL.
        #[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), stringify!($function)))]
        pub unsafe extern "C" fn $function(value: cmk_bytes, certificate: *mut cmk_certificate) -> i32 {
            // SAFETY: the caller's promise.
            unsafe {
                fill_apart(certificate, &[Range::of_bytes(value)], || {
                    Ok(cmk_certificate { digest: Certificate::$read(value.read()?)?.digest()? })
                })
            }
        }
    )* };
}

#[cfg(feature = "mtls")]
certificates! {
    cmk_certificate_of_pem of_pem;
    cmk_certificate_of_escaped_pem of_escaped_pem;
    cmk_certificate_of_client_cert of_client_cert;
    cmk_certificate_of_forwarded of_forwarded_client_cert;
    cmk_certificate_of_base64 of_base64;
    cmk_certificate_of_hex_digest of_hex_digest;
    cmk_certificate_of_base64url_digest of_base64url_digest;
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[cfg(feature = "channel")]
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_channel_binding"))]
pub unsafe extern "C" fn cmk_channel_binding(
    form: i32,
    token: cmk_bytes,
    channel: cmk_bytes,
    buffer: *mut core::ffi::c_void,
    buffer_bytes: usize,
    binding: *mut cmk_bytes,
) -> i32 {
    // SAFETY: the caller's promise.
    unsafe {
        let written = Range::of(buffer.cast::<u8>(), buffer_bytes);
        let [bound, value] = [token, channel].map(Range::of_bytes);
        fill_apart(binding, &[bound, value, written], || {
            written.apart_from(bound)?;
            written.apart_from(value)?;
            let out = list_mut(buffer.cast::<u8>(), buffer_bytes)?;
            Ok(cmk_bytes::of(binding_form(form)?.bind(token.read()?, channel.read()?, out)?.as_bytes()))
        })
    }
}
