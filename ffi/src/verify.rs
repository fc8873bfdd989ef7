//! `cmk_verify`: the one verb.

use crate::claims::{cmk_claims, cmk_value};
use crate::evidence::cmk_evidence;
use crate::memory::{Opaque, Range, clear, cmk_bytes, fill, list_mut, object, sized, writable};
use crate::verifier::cmk_verifier;
use countermark::{Clock, Report, Request, Status, Value, Verdict};

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
        };
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
type Judged<T> = (Result<T, Status>, Report, Option<Value<'static>>);

/// Where a verification writes.
#[derive(Clone, Copy)]
struct Outputs<T> {
    scratch: *mut u8,
    scratch_bytes: usize,
    result: *mut T,
    report: *mut cmk_report,
}

impl<T> Outputs<T> {
    fn ranges(&self) -> (Range, Range, Range) {
        (Range::of(self.scratch, self.scratch_bytes), Range::of_object(self.result), Range::of_object(self.report))
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

/// Checks the memory, and hands verifier, request and scratch to `judge`.
///
/// # Safety
/// Pointers are valid for their lengths, or NULL.
unsafe fn run<T>(
    verifier: *const cmk_verifier,
    request: *const cmk_request,
    to: Outputs<T>,
    judge: impl FnOnce(&countermark::Verifier<'_>, &Request<'_>, &'static mut [u8]) -> Judged<T>,
) -> i32 {
    // An output may lie over the shared verifier or the token: it is written only where it is known to lie apart.
    let outputs_are_apart = core::cell::Cell::new(false);
    // SAFETY: the caller's promise.
    let judged = (|| unsafe {
        let (scratch, result, report) = to.ranges();
        result.apart_from(report)?;
        for written in [result, report] {
            written.apart_from(Range::of_object(verifier))?;
            written.apart_from(Range::of_object(request))?;
        }
        outputs_are_apart.set(true);
        writable(to.result)?;
        writable(to.report)?;
        let inputs = sized(request, size_of::<cmk_request>())?;
        if inputs.flags & !REQUEST_NO_CLOCK != 0 {
            return Err(Status::Argument);
        }
        let kept = object(verifier)?.get()?;
        let token = inputs.token.read()?;
        let evidence = cmk_evidence::optional(inputs.evidence)?;
        let headers = evidence.headers()?;
        let values = evidence.values()?;
        let apart_from_inputs = |written: Range| {
            written.apart_from(Range::of_bytes(inputs.token))?;
            written.apart_from(Range::of_object(inputs.evidence))?;
            evidence.apart_from(&headers, &values, written)?;
            kept.apart_from(written)
        };
        outputs_are_apart.set(false);
        apart_from_inputs(result)?;
        apart_from_inputs(report)?;
        outputs_are_apart.set(true);
        for read in [result, report, Range::of_object(verifier), Range::of_object(request)] {
            scratch.apart_from(read)?;
        }
        apart_from_inputs(scratch)?;
        let request = Request {
            token,
            clock: if inputs.flags & REQUEST_NO_CLOCK == 0 { Clock::At(inputs.now) } else { Clock::Missing },
            evidence: evidence.read(&headers, &values)?,
        };
        let scratch = list_mut(to.scratch, to.scratch_bytes)?;
        kept.with(|verifier| judge(verifier, &request, scratch))
    })();
    if !outputs_are_apart.get() {
        return Status::Overlap.code();
    }
    let (result, report, subject) = judged.unwrap_or_else(|status| (Err(status), Report::ended(status), None));
    // SAFETY: the caller's promise.
    unsafe {
        let written = fill(to.report, Ok(cmk_report::of(report, subject)));
        let code = fill(to.result, result);
        if code == Status::Accepted.code() { written } else { code }
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
    let to = Outputs { scratch: scratch.cast(), scratch_bytes, result: claims, report };
    // SAFETY: the caller's promise.
    unsafe {
        run(verifier, request, to, |verifier, request, scratch| match verifier.verify(request, scratch) {
            Verdict::Accept(claims, report) => (Ok(Opaque::new(claims)), report, None),
            Verdict::StepUp(report, subject) => (Err(report.status), report, subject),
            Verdict::Reject(report) => (Err(report.status), report, None),
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
    let to = Outputs { scratch: scratch.cast(), scratch_bytes, result: payload, report };
    // SAFETY: the caller's promise.
    unsafe {
        run(verifier, request, to, |verifier, request, scratch| match verifier.verify_opaque(request, scratch) {
            Ok(payload) => (Ok(cmk_bytes::of(payload)), Report::ended(Status::Accepted), None),
            Err(report) => (Err(report.status), report, None),
        })
    }
}
