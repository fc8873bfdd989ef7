//! `cmk_verify`: the one verb.

use crate::claims::{cmk_claims, cmk_value};
use crate::evidence::{Client, cmk_evidence};
use crate::kept::KeptVerifier;
use crate::memory::{Apart, Opaque, Range, clear, cmk_bytes, fill, list_mut, object, sized, writable};
use crate::once::cmk_use;
use crate::verifier::cmk_verifier;
use countermark::{Clock, Report, Request, Status, Value, Verdict, Verifier};

const REQUEST_NO_CLOCK: u32 = 1;

/// A request as C writes it.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_request {
    pub size: usize,
    pub token: cmk_bytes,
    pub now: i64,
    pub evidence: *const cmk_evidence,
    pub flags: u32,
}

/// What was found.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_report {
    /// The verdict's status.
    pub status: i32,
    pub advice: u32,
    /// The bits of every check after the signature that failed.
    pub failures: u64,
    /// Per mille; -1 when no sketch was scored.
    pub similarity: i32,
    pub evidence: i32,
    pub coverage: u32,
    pub drift: u32,
    pub generation: u32,
    pub reasons: u32,
    pub matched: [u64; 4],
    pub changed: [u64; 4],
    pub missing: [u64; 4],
    pub collect: [u64; 4],
    pub step_up_subject: cmk_value,
    pub to_commit: cmk_use,
    /// The first rule that was not met; -1 for none.
    pub unmet: i32,
}

/// Advice: issue a new sketch.
pub const ADVICE_REISSUE: u32 = 1;

impl cmk_report {
    fn of(report: Report, subject: Option<Value<'static>>) -> Self {
        #[allow(unused_mut)]
        let mut written = cmk_report {
            status: report.status.code(),
            advice: 0,
            failures: report.failures.bits(),
            similarity: -1,
            evidence: 0,
            coverage: 0,
            drift: 0,
            generation: 0,
            reasons: 0,
            matched: [0; 4],
            changed: [0; 4],
            missing: [0; 4],
            collect: [0; 4],
            step_up_subject: subject.map_or(Opaque::NEVER_FILLED, Opaque::new),
            to_commit: cmk_use::NONE,
            unmet: -1,
        };
        #[cfg(feature = "rights")]
        if let Some(position) = report.unmet {
            written.unmet = position.into();
        }
        #[cfg(feature = "dpop")]
        if let Some(used) = report.to_commit {
            written.to_commit = cmk_use { digest: used.digest, expires_at: used.expires_at };
        }
        #[cfg(feature = "sketch")]
        if let Some(score) = report.score {
            written.advice = if score.reissue { ADVICE_REISSUE } else { 0 };
            written.similarity = score.similarity.into();
            written.evidence = score.evidence;
            written.coverage = score.coverage.into();
            written.drift = score.drift.into();
            written.generation = score.generation.into();
            written.reasons = score.reasons.bits().into();
            written.matched = score.matched.0;
            written.changed = score.changed.0;
            written.missing = score.missing.0;
            written.collect = score.collect.0;
        }
        written
    }
}

/// What a judgement came to: the report, and the subject after step up.
type Judged = (Report, Option<Value<'static>>);

/// Where a verification writes. `result` is claims or a payload: the caller's function knows.
#[derive(Clone, Copy)]
struct Outputs {
    scratch: *mut u8,
    scratch_bytes: usize,
    result: *mut u8,
    result_bytes: usize,
    result_is_writable: Result<(), Status>,
    report: *mut cmk_report,
}

impl Outputs {
    fn new<T>(scratch: *mut core::ffi::c_void, scratch_bytes: usize, result: *mut T, report: *mut cmk_report) -> Self {
        let (scratch, result_bytes) = (scratch.cast(), size_of::<T>());
        let result_is_writable = writable(result);
        Outputs { scratch, scratch_bytes, result: result.cast(), result_bytes, result_is_writable, report }
    }
}

/// What a verification reads.
struct Inputs<'a> {
    kept: &'a KeptVerifier<'static>,
    request: cmk_request,
    client: Result<Client<'a>, Status>,
}

impl<'a> Inputs<'a> {
    /// # Safety
    /// Pointers are valid for their lengths, or NULL.
    unsafe fn read(verifier: *const cmk_verifier, request: *const cmk_request) -> Result<Self, Status> {
        // SAFETY: the caller's promise.
        unsafe {
            let request = sized(request, size_of::<cmk_request>())?;
            let kept = object(verifier)?.get()?;
            Ok(Inputs { kept, request, client: Client::read(request.evidence) })
        }
    }

    /// Everything that is read through the request and the verifier, for overlap checks.
    #[inline(never)]
    fn read_by(&self, written: &[Range]) -> Result<(), Status> {
        let mut apart = Apart::new(written);
        // A length that no memory has would meet everything.
        // SAFETY: the caller's promise.
        if let Ok(token) = unsafe { self.request.token.read() } {
            apart.and_list(token);
        }
        match &self.client {
            Ok(client) => client.read_by(&mut apart),
            Err(_) => {
                apart.and_object(self.request.evidence);
            }
        }
        self.kept.read_by(&mut apart);
        apart.verdict()
    }
}

/// Clears the outputs of a caller with another header, and says so in the report if it has room.
///
/// # Safety
/// The pointers are writable for their lengths, or NULL.
unsafe fn stale<T>(result: *mut T, result_bytes: usize, report: *mut cmk_report, report_bytes: usize) -> i32 {
    let code = Status::AbiMismatch.code();
    // SAFETY: the caller's promise.
    unsafe {
        clear(result, result_bytes);
        clear(report, report_bytes);
        if !report.is_null() && report.is_aligned() && report_bytes >= size_of::<i32>() {
            report.cast::<i32>().write(code);
        }
    }
    code
}

/// Checks the memory, and hands verifier, request and scratch to `judge`, which writes the result when it is content.
///
/// # Safety
/// Pointers are valid for their lengths, or NULL.
unsafe fn run(
    verifier: *const cmk_verifier,
    request: *const cmk_request,
    to: &Outputs,
    judge: &mut dyn FnMut(&Verifier<'_>, &Request<'_>, &'static mut [u8]) -> Judged,
) -> i32 {
    let outputs = [Range::of(to.result, to.result_bytes), Range::of_object(to.report)];
    let [result, reported] = outputs;
    let scratch = [Range::of(to.scratch, to.scratch_bytes)];
    let mut outputs_apart = Apart::new(&outputs);
    // An output may lie over the shared verifier or the token: it is written only where it is known to lie apart.
    if result.apart_from(reported).is_err() || outputs_apart.and_object(verifier).and_object(request).verdict().is_err() {
        return Status::Overlap.code();
    }
    let (mut report, mut subject) = (Report::ended(Status::Accepted), None);
    // SAFETY: the caller's promise.
    let judged = (|| unsafe {
        to.result_is_writable?;
        writable(to.report)?;
        let inputs = Inputs::read(verifier, request)?;
        // Before any other error, which would be written over what serves.
        if inputs.read_by(&outputs).is_err() {
            return Ok(false);
        }
        if inputs.request.flags & !REQUEST_NO_CLOCK != 0 {
            return Err(Status::Argument);
        }
        let token = inputs.request.token.read()?;
        let client = inputs.client.as_ref().map_err(|status| *status)?;
        Apart::new(&scratch).and(result).and(reported).and_object(verifier).and_object(request).verdict()?;
        inputs.read_by(&scratch)?;
        let request = Request {
            token,
            clock: match inputs.request.flags & REQUEST_NO_CLOCK {
                0 => Clock::At(inputs.request.now),
                _ => Clock::Missing,
            },
            evidence: client.evidence()?,
        };
        let scratch = list_mut(to.scratch, to.scratch_bytes)?;
        let asked = inputs.kept.asked()?;
        match &inputs.kept.verifier(&asked) {
            Ok(verifier) => (report, subject) = judge(verifier, &request, scratch),
            Err(status) => return Err(*status),
        }
        Ok(true)
    })();
    match judged {
        Ok(true) => {}
        Ok(false) => return Status::Overlap.code(),
        Err(status) => report = Report::ended(status),
    }
    // SAFETY: the caller's promise.
    unsafe {
        let written = fill(to.report, Ok(cmk_report::of(report, subject)));
        if report.status != Status::Accepted && to.result_is_writable.is_ok() {
            to.result.write_bytes(0, to.result_bytes);
        }
        if report.status == Status::Accepted { written } else { report.status.code() }
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_verify_abi"))]
pub unsafe extern "C" fn cmk_verify_abi(
    abi: u32,
    verifier: *const cmk_verifier,
    request: *const cmk_request,
    scratch: *mut core::ffi::c_void,
    scratch_bytes: usize,
    claims: *mut cmk_claims,
    claims_bytes: usize,
    report: *mut cmk_report,
    report_bytes: usize,
) -> i32 {
    if abi != crate::ABI || claims_bytes != size_of::<cmk_claims>() || report_bytes != size_of::<cmk_report>() {
        // SAFETY: the caller's promise.
        return unsafe { stale(claims, claims_bytes, report, report_bytes) };
    }
    let to = Outputs::new(scratch, scratch_bytes, claims, report);
    // SAFETY: the caller's promise.
    unsafe {
        run(verifier, request, &to, &mut |verifier, request, scratch| match verifier.verify(request, scratch) {
            Verdict::Accept(found, report) => {
                Opaque::fill_in_place(claims, |place| {
                    place.write(found);
                    Ok(())
                });
                (report, None)
            }
            Verdict::StepUp(report, subject) => (report, subject),
            Verdict::Reject(report) => (report, None),
        })
    }
}

/// # Safety
/// See the header: pointers are valid for their lengths, or NULL.
#[unsafe(export_name = concat!(env!("COUNTERMARK_PREFIX"), "cmk_verify_opaque_abi"))]
pub unsafe extern "C" fn cmk_verify_opaque_abi(
    abi: u32,
    verifier: *const cmk_verifier,
    request: *const cmk_request,
    scratch: *mut core::ffi::c_void,
    scratch_bytes: usize,
    payload: *mut cmk_bytes,
    report: *mut cmk_report,
    report_bytes: usize,
) -> i32 {
    if abi != crate::ABI || report_bytes != size_of::<cmk_report>() {
        // SAFETY: the caller's promise.
        return unsafe { stale(payload, size_of::<cmk_bytes>(), report, report_bytes) };
    }
    let to = Outputs::new(scratch, scratch_bytes, payload, report);
    // SAFETY: the caller's promise.
    unsafe {
        run(verifier, request, &to, &mut |verifier, request, scratch| match verifier.verify_opaque(request, scratch) {
            Ok(bytes) => {
                payload.write(cmk_bytes::of(bytes));
                (Report::ended(Status::Accepted), None)
            }
            Err(report) => (report, None),
        })
    }
}
