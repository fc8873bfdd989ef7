//! One case in, one answer out. Everything here only translates; the verdicts are the library's.

mod case;
mod keys;
mod output;
mod possession;
mod rights;
mod rotating;
mod sketch;
mod strict;

use case::{Case, Flaw, Settings};
use countermark::{
    Clock, Evidence, Headers, Holder, KeySet, Keys, Limits, PROOF_BYTES_MAX, Policy, Recipe, Report, Request, Status,
    Verifier,
};
use keys::Source;
use possession::Table;

/// The answer to one line, and whether the line was a case.
pub fn answer(line: &[u8]) -> (String, bool) {
    let (case, settings) = match Case::read(line) {
        Ok(read) => read,
        Err(Flaw::NotACase) => return (output::not_a_case(&case::id_of(line)), false),
        Err(Flaw::NotSupported(id)) => return (output::refused(&id, Status::NotSupported), true),
    };
    match judge(&case, &settings) {
        Ok(text) => (text, true),
        Err(Refusal::NotACase) => (output::not_a_case(&Some(case.id)), false),
        Err(Refusal::Status(status)) => (output::refused(&case.id, status), true),
        Err(Refusal::Report(report)) => (output::rejected(&case.id, &report), true),
    }
}

/// Why a case is not accepted.
enum Refusal {
    NotACase,
    Status(Status),
    Report(Box<Report>),
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        Refusal::Status(status)
    }
}

fn judge(case: &Case<'_>, settings: &Settings) -> Result<String, Refusal> {
    let policy = &case.policy;
    let sources = keys::sources(&case.keys, &settings.algorithms)?;
    let mut regions: Vec<Vec<u64>> = sources.iter().map(Source::region).collect();
    let load = |(source, region): (&Source<'_>, _)| source.load(region, &settings.algorithms);
    let loaded = sources.iter().zip(regions.iter_mut().map(Vec::as_mut_slice)).map(load).collect::<Result<Vec<_>, _>>()?;
    let sets: Vec<KeySet<'_>> = loaded.iter().map(Keys::set).collect();

    let issuers = borrowed(&policy.issuers);
    let audiences = borrowed(&policy.audiences);
    let required = borrowed(&settings.required);
    let core_policy = Policy {
        algorithms: &settings.algorithms,
        issuers: &issuers,
        audiences: &audiences,
        any_audience: policy.any_audience.unwrap_or_default(),
        subject: policy.subject.as_deref(),
        typ: policy.typ.as_deref(),
        leeway: policy.leeway.unwrap_or_default(),
        max_age: policy.max_age,
        require: &required,
        allow_missing_exp: settings.allow_missing_exp,
        limits: Limits { token_bytes: policy.max_token_bytes.unwrap_or(Limits::DEFAULT.token_bytes), ..Limits::DEFAULT },
        shape: settings.shape.unwrap_or_default(),
        ..Policy::default()
    };
    let recipe = settings.digest_claim.as_deref().map(Recipe::compat);
    match &settings.sketch {
        Some(rules) => rules.with(|sketch| {
            let holder = settings.asked.of(Holder { sketch: Some(sketch), ..Holder::default() });
            run(case, settings, &core_policy, &sets, holder)
        }),
        None => {
            let holder = settings.asked.of(Holder { digest: recipe.as_ref(), ..Holder::default() });
            run(case, settings, &core_policy, &sets, holder)
        }
    }
}

fn run(
    case: &Case<'_>,
    settings: &Settings,
    core_policy: &Policy<'_>,
    sets: &[KeySet<'_>],
    holder: Holder<'_>,
) -> Result<String, Refusal> {
    let verifier = Verifier::new(sets, *core_policy, holder)?;
    let texts = settings.rights.texts();
    rights::with_rules(&texts, |rules| {
        let verifier = if rules.is_empty() { verifier } else { verifier.with_rights(&rules)? };
        run_by(case, settings, core_policy, sets, &verifier)
    })
}

fn run_by(
    case: &Case<'_>,
    settings: &Settings,
    core_policy: &Policy<'_>,
    sets: &[KeySet<'_>],
    verifier: &Verifier<'_>,
) -> Result<String, Refusal> {
    let headers = HeaderList(case.evidence.headers.as_deref().unwrap_or_default());
    let address = case.evidence.address.as_deref().unwrap_or_default();
    let supplied = &case.evidence.supplied;
    let proofs: Vec<&[u8]> = case.evidence.dpop.iter().map(String::as_bytes).collect();
    let evidence = Evidence {
        address,
        asn: &supplied.asn,
        country: &supplied.country,
        organisation: &supplied.organisation,
        isp: &supplied.isp,
        headers: &headers,
        components: &supplied.values.as_slice(),
        ..case.evidence.shown.with(&case.evidence, proofs.as_slice())
    };
    let request = Request { token: case.token.as_bytes(), clock: Clock::At(case.now), evidence };
    let token_bytes = case.token.len().min(core_policy.limits.token_bytes);
    let proof_bytes = proofs.first().map_or(0, |proof| proof.len().min(PROOF_BYTES_MAX));
    let for_proof = countermark::scratch_bytes(proof_bytes, &Limits::DEFAULT);
    let mut scratch = vec![0; verifier.scratch_bytes(token_bytes).saturating_add(for_proof)];

    if settings.shape.is_none() {
        // An envelope alone authenticates nobody: nothing that claims could answer may be asked of it.
        if !settings.is_opaque || settings.asks_for_claims {
            return Err(Refusal::Status(Status::PolicyConflict));
        }
        let (content, _) = countermark::open_envelope(request.token, sets, &core_policy.limits, &mut scratch)?;
        return Ok(output::payload(&case.id, content));
    }
    if settings.is_opaque {
        // A payload that is no claims set has no issuer, time or holder: asking for one is a contradiction.
        if settings.asks_for_claims || sets.iter().any(|set| set.has_issuer()) {
            return Err(Refusal::Status(Status::PolicyConflict));
        }
        let payload = verifier.verify_opaque(&request, &mut scratch).map_err(|report| Refusal::Report(Box::new(report)))?;
        return Ok(output::payload(&case.id, payload));
    }
    let verdict = verifier.verify_once(&request, &mut scratch, &Table);
    let report = verdict.report();
    let claims = verdict.accepted().map_err(|_| Refusal::Report(Box::new(report)))?;
    Ok(output::claims(&case.id, claims.raw(), &report))
}

fn borrowed(list: &Option<Vec<String>>) -> Vec<&str> {
    list.iter().flatten().map(String::as_str).collect()
}

struct HeaderList<'c>(&'c [(String, String)]);

impl Headers for HeaderList<'_> {
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])> {
        self.0.get(position).map(|(name, value)| (name.as_bytes(), value.as_bytes()))
    }
}
