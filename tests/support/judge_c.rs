//! The same case through the C ABI, argument by argument as a C program would pass it.

use super::judge::{Attempt, Fingerprint, FingerprintHash, KeySource, Outcome, RuleText, SetOfKeys, Setup};
use super::possession;
use super::sketch_rules::Seen;
use countermark::{Algorithm, Clock, Encoding, Framing, Input, Limits, Status, Use};
use countermark_ffi::*;
use std::mem::{MaybeUninit, size_of, zeroed};
use std::ptr::null;

pub(super) fn bytes(text: &str) -> cmk_bytes {
    cmk_bytes::of(text.as_bytes())
}

fn optional(text: Option<&str>) -> cmk_bytes {
    text.map_or(cmk_bytes::NONE, bytes)
}

pub(super) fn checked(code: i32) -> Result<(), Status> {
    match Status::from_code(code).expect("a known status") {
        Status::Accepted => Ok(()),
        status => Err(status),
    }
}

/// Whether C can say the same: its lists are shorter, and its zeros mean "the default" or "none".
fn can_be_said(setup: &Setup<'_>) -> bool {
    let policy = &setup.policy;
    let Limits { token_bytes, depth, members, candidates } = policy.limits;
    let lists = [policy.issuers.len(), policy.audiences.len(), policy.require.len(), policy.acr.len()];
    lists.iter().all(|count| *count <= NAMES_MAX)
        && policy.algorithms.len() <= countermark::LIST_MAX
        && setup.sets.len() <= SETS_MAX
        && [token_bytes, depth, members, candidates].iter().all(|limit| *limit != 0 && *limit <= u32::MAX as usize)
        && policy.max_age != Some(0)
        && policy.auth_max_age != Some(0)
        && setup.fingerprint.is_none_or(|fingerprint| fingerprint.inputs.len() <= INPUTS_MAX)
        && setup.sketch.as_ref().is_none_or(|sketch| sketch.fits_c())
        && setup.sets.iter().flat_map(|set| &set.keys).all(|key| !matches!(key, KeySource::Rotating(_, _, _, _, 0, _)))
        && setup.possession.fits_c()
}

/// Judges several tokens by one verifier; `None` when C has no words for the case.
pub fn through_c(setup: &Setup<'_>, attempts: &[Attempt<'_>]) -> Option<Result<Vec<Outcome>, Status>> {
    can_be_said(setup).then(|| judge_all(setup, attempts))
}

fn judge_all(setup: &Setup<'_>, attempts: &[Attempt<'_>]) -> Result<Vec<Outcome>, Status> {
    let algs: Vec<i32> = setup.policy.algorithms.iter().map(|algorithm| *algorithm as i32).collect();
    let mut regions: Vec<Vec<u64>> = setup.sets.iter().map(|_| vec![0; 4096]).collect();
    let mut sets = Vec::new();
    for (set, region) in setup.sets.iter().zip(&mut regions) {
        sets.push(load(set, region, &algs)?);
    }
    let lists = |texts: &[&str]| -> Vec<cmk_bytes> { texts.iter().map(|text| bytes(text)).collect() };
    let policy = &setup.policy;
    let (issuers, audiences) = (lists(policy.issuers), lists(policy.audiences));
    let (require, acr) = (lists(policy.require), lists(policy.acr));
    let inputs = setup.fingerprint.map_or(vec![], |fingerprint| c_inputs(&fingerprint));
    let recipe = setup.fingerprint.map(|fingerprint| c_recipe(&fingerprint, &inputs));
    let sketch = setup.sketch.as_ref().map(|rules| rules.in_c()).transpose()?;
    let possession = setup.possession.in_c();
    let flag = |set: bool, bit: u32| if set { bit } else { 0 };
    let values: Vec<Vec<cmk_bytes>> =
        setup.rules.iter().map(|rule| rule.values.iter().map(|value| bytes(value)).collect()).collect();
    let rules: Vec<cmk_rule> = setup.rules.iter().zip(&values).map(|(rule, values)| c_rule(rule, values)).collect();
    let c_policy = cmk_policy {
        size: size_of::<cmk_policy>(),
        issuers: issuers.as_ptr(),
        issuer_count: issuers.len(),
        audiences: audiences.as_ptr(),
        audience_count: audiences.len(),
        require: require.as_ptr(),
        require_count: require.len(),
        acr: acr.as_ptr(),
        acr_count: acr.len(),
        algs: algs.as_ptr(),
        alg_count: algs.len(),
        subject: optional(policy.subject),
        typ: optional(policy.typ),
        nonce: optional(policy.nonce),
        digest: recipe.as_ref().map_or(null(), |recipe| recipe),
        sketch: sketch.as_ref().map_or(null(), |sketch| &**sketch),
        flags: flag(policy.any_audience, 1) | flag(policy.allow_missing_exp, 2) | flag(policy.no_clock, 4),
        leeway: policy.leeway,
        max_age: policy.max_age.unwrap_or(0),
        auth_max_age: policy.auth_max_age.unwrap_or(0),
        token_bytes: policy.limits.token_bytes as u32,
        depth: policy.limits.depth as u32,
        members: policy.limits.members as u32,
        candidates: policy.limits.candidates as u32,
        dpop: possession.dpop(),
        channel: optional(setup.possession.channel),
        binding: setup.possession.binding.map_or(0, |form| form as i32),
        certificate: setup.possession.certificate.into(),
        combination: possession.combination.0,
        at_least: possession.combination.1,
        methods: setup.possession.counted.bits().into(),
        shape: policy.shape as i32,
        rules: rules.as_ptr(),
        rule_count: rules.len(),
    };
    let mut verifier: MaybeUninit<cmk_verifier> = MaybeUninit::uninit();
    let made = unsafe {
        cmk_verifier_init_abi(ABI, verifier.as_mut_ptr(), size_of::<cmk_verifier>(), sets.as_ptr(), sets.len(), &c_policy)
    };
    checked(made)?;
    let outcomes = attempts.iter().map(|attempt| judge_one(verifier.as_ptr(), attempt)).collect();
    unsafe { cmk_verifier_wipe(verifier.as_mut_ptr()) };
    Ok(outcomes)
}

fn c_rule(rule: &RuleText, values: &[cmk_bytes]) -> cmk_rule {
    cmk_rule {
        path: bytes(&rule.path),
        values: values.as_ptr(),
        value_count: values.len(),
        number: rule.number,
        test: rule.test,
        flags: rule.wildcards.into(),
    }
}

fn judge_one(verifier: *const cmk_verifier, attempt: &Attempt<'_>) -> Outcome {
    let mut needed = 0;
    assert_eq!(unsafe { cmk_scratch_bytes(verifier, attempt.token.len(), &mut needed) }, 0);
    let proof_bytes = match attempt.evidence.proofs {
        [proof] if proof.len() <= countermark::PROOF_BYTES_MAX => {
            countermark::scratch_bytes(proof.len(), &Limits::DEFAULT) // at most CMK_SCRATCH_BYTES
        }
        _ => 0,
    };
    let mut scratch = vec![0u8; (needed + proof_bytes).saturating_sub(attempt.scratch_missing)];
    let fields: Vec<cmk_header> = (0..)
        .map_while(|position| attempt.evidence.headers.field(position))
        .map(|(name, value)| cmk_header { name: cmk_bytes::of(name), value: cmk_bytes::of(value) })
        .collect();
    let mut supplied: Vec<(u32, Vec<u8>)> = Vec::new();
    attempt.evidence.components.visit(&mut |component, value| supplied.push((component.number().into(), value.to_vec())));
    let component = |(number, value): &(u32, Vec<u8>)| cmk_component { number: *number, value: cmk_bytes::of(value) };
    let components: Vec<cmk_component> = supplied.iter().map(component).collect();
    let proofs: Vec<cmk_bytes> = attempt.evidence.proofs.iter().map(|proof| cmk_bytes::of(proof)).collect();
    let presented = possession::presented(&attempt.evidence, &proofs);
    let evidence = cmk_evidence {
        size: size_of::<cmk_evidence>(),
        headers: fields.as_ptr(),
        header_count: fields.len(),
        address: bytes(attempt.evidence.address),
        asn: bytes(attempt.evidence.asn),
        country: bytes(attempt.evidence.country),
        organisation: bytes(attempt.evidence.organisation),
        isp: bytes(attempt.evidence.isp),
        components: components.as_ptr(),
        component_count: components.len(),
        ..presented
    };
    let (now, flags) = match attempt.clock {
        Clock::At(now) => (now, 0),
        Clock::Missing => (0, 1),
    };
    let request =
        cmk_request { size: size_of::<cmk_request>(), token: cmk_bytes::of(attempt.token), now, evidence: &evidence, flags };
    // Garbage first: a failing call must clear it, an accepting one must fill it.
    let mut claims: cmk_claims = unsafe { zeroed() };
    unsafe { std::ptr::write_bytes(&mut claims, 0xa5, 1) };
    let mut report: cmk_report = unsafe { zeroed() };
    unsafe { std::ptr::write_bytes(&mut report, 0xa5, 1) };
    let code = unsafe {
        cmk_verify_abi(
            ABI,
            verifier,
            &request,
            scratch.as_mut_ptr().cast(),
            scratch.len(),
            &mut claims,
            size_of::<cmk_claims>(),
            &mut report,
            size_of::<cmk_report>(),
        )
    };
    assert_eq!(code, report.status, "the return value and the report tell the same");
    let status = Status::from_code(code).expect("a known status");
    let unmet = u16::try_from(report.unmet).ok();
    let score = Seen::of_c(&report);
    let subject = step_up_subject(&report);
    let mut json = cmk_bytes::NONE;
    let read = unsafe { cmk_claims_json(&claims, &mut json) };
    if status != Status::Accepted {
        let left = unsafe { std::slice::from_raw_parts((&raw const claims).cast::<u8>(), size_of::<cmk_claims>()) };
        assert!(left.iter().all(|byte| *byte == 0), "claims are cleared on failure");
        assert_eq!(read, Status::NotInitialized.code());
        assert!(report.to_commit.expires_at == 0 && report.to_commit.digest == [0; 32]);
        return Outcome { status, failures: report.failures, claims: None, score, subject, to_commit: None, unmet };
    }
    assert_eq!(read, 0);
    let json = unsafe { std::slice::from_raw_parts(json.ptr, json.len) };
    let claims = Some(String::from_utf8(json.to_vec()).unwrap());
    let cmk_use { digest, expires_at } = report.to_commit;
    let to_commit = (expires_at != 0).then_some(Use { digest, expires_at });
    Outcome { status, failures: report.failures, claims, score, subject, to_commit, unmet }
}

fn step_up_subject(report: &cmk_report) -> Option<String> {
    let mut json = cmk_bytes::NONE;
    if unsafe { cmk_value_json(&report.step_up_subject, &mut json) } != 0 {
        return None;
    }
    let json = unsafe { std::slice::from_raw_parts(json.ptr, json.len) };
    Some(serde_json::from_slice(json).expect("a string"))
}

fn load(set: &SetOfKeys, region: &mut [u64], algs: &[i32]) -> Result<cmk_keys, Status> {
    let mut keys: cmk_keys = unsafe { zeroed() };
    let issuer = optional(set.issuer.as_deref());
    checked(unsafe { cmk_keys_init(&mut keys, region.as_mut_ptr().cast(), size_of_val(region), issuer) })?;
    for key in &set.keys {
        let named = |algorithm: &Algorithm, kid: &Option<String>| (*algorithm as i32, optional(kid.as_deref()));
        checked(unsafe {
            match key {
                KeySource::Secret(algorithm, kid, secret) => {
                    let (alg, kid) = named(algorithm, kid);
                    cmk_keys_add_secret(&mut keys, alg, kid, cmk_bytes::of(secret))
                }
                KeySource::Rotating(kid, base, mode, claim, window, grace) => {
                    let (size, mode) = (size_of::<cmk_rotating>(), *mode as i32);
                    let rotating = cmk_rotating { size, claim: bytes(claim), mode, window: *window, grace: *grace };
                    cmk_keys_add_rotating(&mut keys, optional(kid.as_deref()), cmk_bytes::of(base), &rotating)
                }
                KeySource::Sec1(algorithm, kid, sec1) => {
                    let (alg, kid) = named(algorithm, kid);
                    cmk_keys_add_sec1(&mut keys, alg, kid, cmk_bytes::of(sec1))
                }
                KeySource::Spki(algorithm, kid, der) => {
                    let (alg, kid) = named(algorithm, kid);
                    cmk_keys_add_spki(&mut keys, alg, kid, cmk_bytes::of(der))
                }
                KeySource::Pkcs1(algorithm, kid, der) => {
                    let (alg, kid) = named(algorithm, kid);
                    cmk_keys_add_pkcs1(&mut keys, alg, kid, cmk_bytes::of(der))
                }
                KeySource::Certificate(algorithm, kid, der) => {
                    let (alg, kid) = named(algorithm, kid);
                    cmk_keys_add_certificate(&mut keys, alg, kid, cmk_bytes::of(der))
                }
                KeySource::Pem(algorithm, kid, text) => {
                    let (alg, kid) = named(algorithm, kid);
                    cmk_keys_add_pem(&mut keys, alg, kid, bytes(text))
                }
                KeySource::Ed25519(kid, public) => {
                    cmk_keys_add_ed25519(&mut keys, optional(kid.as_deref()), cmk_bytes::of(public))
                }
                KeySource::Jwk(json) => cmk_keys_add_jwk(&mut keys, bytes(json), algs.as_ptr(), algs.len()),
                KeySource::Jwks(json) => {
                    let mut loaded: cmk_loaded = zeroed();
                    cmk_keys_add_jwks(&mut keys, bytes(json), algs.as_ptr(), algs.len(), &mut loaded)
                }
            }
        })?;
    }
    Ok(keys)
}

fn c_inputs(fingerprint: &Fingerprint<'_>) -> Vec<cmk_input> {
    let named = |kind, name: &str| cmk_input { kind, name: bytes(name) };
    let plain = |kind| cmk_input { kind, name: cmk_bytes::NONE };
    let inputs = fingerprint.inputs.iter().map(|input| match input {
        Input::Address => plain(1),
        Input::Network => plain(2),
        Input::Asn => plain(3),
        Input::Country => plain(4),
        Input::Isp => plain(5),
        Input::Organisation => plain(6),
        Input::Header(name) => named(7, name),
        Input::Cookie(name) => named(8, name),
    });
    inputs.collect()
}

fn c_recipe(fingerprint: &Fingerprint<'_>, inputs: &[cmk_input]) -> cmk_recipe {
    let (hash, pepper) = match fingerprint.hash {
        FingerprintHash::Peppered(pepper) => (0, cmk_bytes::of(pepper)),
        FingerprintHash::Sha256 => (1, cmk_bytes::NONE),
        FingerprintHash::Md5 => (2, cmk_bytes::NONE),
    };
    cmk_recipe {
        size: size_of::<cmk_recipe>(),
        preset: 0,
        framing: i32::from(fingerprint.framing == Framing::Colons),
        hash,
        encoding: i32::from(fingerprint.encoding == Encoding::Hex),
        claim: bytes(fingerprint.claim),
        pepper,
        inputs: inputs.as_ptr(),
        input_count: inputs.len(),
    }
}
