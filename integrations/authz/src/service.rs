//! The service without its HTTP: everything that is made once, from the configuration. It lives as long as the process.

use crate::Fault;
use crate::config::{self, Config};
use crate::geo::Places;
use crate::headers::Exported;
use crate::keys::KeyFile;
use crate::log::Log;
use crate::metrics::Metrics;
use crate::stores::Stores;
use crate::watch::Watch;
use countermark::{
    Algorithm, Combination, Holder, Limit, Limits, Methods, Nonces, PROOF_BYTES_MAX, Pepper, Policy, Preset, ProofRules,
    Rule, Rules, Sketch, Source, Test, ThrottleTable, Values, scratch_bytes,
};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The longest secret or pepper, in bytes.
const SECRET_BYTES_MAX: u64 = 512;

/// All threads share it. Only the keys and what lies in the stores change.
pub struct Service {
    pub config: &'static Config,
    pub keys: KeyFile,
    pub stores: Stores,
    pub policy: Policy<'static>,
    pub holder: Holder<'static>,
    pub source: Source<'static>,
    pub nonces: Option<&'static Nonces>,
    pub doors: BTreeMap<&'static str, Door>,
    pub exported: Exported,
    pub places: Places,
    pub watch: Option<Watch>,
    pub metrics: Metrics,
    pub log: Log,
    /// What one verification needs beside its stack.
    pub scratch_bytes: usize,
}

/// What is asked at one door.
pub struct Door {
    pub rules: &'static [Rule<'static>],
    /// The whole of the rules, as a verifier takes them; none where nothing is asked.
    pub rights: Option<&'static dyn Rules>,
    pub by_address: Vec<Charged>,
    pub by_claim: Vec<Charged>,
}

/// A limit, and what it counts.
pub struct Charged {
    /// The door and the claim: what the counts are kept under.
    pub scope: String,
    /// The claim; `address`.
    pub by: &'static str,
    pub limit: Limit,
}

impl Service {
    /// Whatever is wrong ends the start, with the reason.
    pub fn open(config: Config, log: Log) -> Result<Service, Fault> {
        let config: &'static Config = Box::leak(Box::new(config));
        let token = &config.token;
        let algorithms = token.algorithms.iter().map(|name| algorithm(name)).collect::<Result<Vec<_>, _>>()?;
        let pem_algorithm = config.keys.algorithm.as_deref().map(algorithm).transpose()?;
        let keys = KeyFile::open(config.keys.file.clone(), &token.issuer, algorithms.clone(), pem_algorithm)?;
        let secret = match &config.state.secret_file {
            Some(path) => read_secret(path, 32)?,
            None => random()?,
        };
        let stores = Stores::open(config, &secret)?;
        let limits = Limits { token_bytes: token.bytes_max, ..Limits::DEFAULT };
        let policy = Policy {
            issuers: texts(std::slice::from_ref(&token.issuer)),
            audiences: texts(&token.audiences),
            any_audience: token.any_audience,
            typ: token.typ.as_deref(),
            algorithms: Vec::leak(algorithms),
            leeway: token.leeway_seconds,
            // No token outlives what is remembered of logouts.
            max_age: Some(token.max_age_seconds.unwrap_or(token.life_seconds).min(token.life_seconds)),
            require: texts(&token.require),
            limits,
            ..Policy::default()
        };
        let nonces = config.holder.nonce_seconds.map(|seconds| Nonces::new(&secret, seconds)).transpose()?;
        let nonces = nonces.map(|nonces| &*Box::leak(Box::new(nonces)));
        let service = Service {
            config,
            keys,
            stores,
            policy,
            holder: holder(config, nonces)?,
            source: Source { cookie: token.cookie.as_deref(), ..Source::default() },
            nonces,
            doors: config
                .doors
                .iter()
                .map(|(name, door)| Ok((name.as_str(), open(name, door)?)))
                .collect::<Result<_, Fault>>()?,
            exported: Exported::new(&config.headers)?,
            places: Places::open(&config.geo)?,
            watch: config.risk.as_ref().map(|risk| Watch::new(risk, &secret)).transpose()?,
            metrics: Metrics::default(),
            log,
            scratch_bytes: scratch_bytes(limits.token_bytes, &limits)
                .saturating_add(scratch_bytes(PROOF_BYTES_MAX, &Limits::DEFAULT)),
        };
        service.check()?;
        Ok(service)
    }

    /// What would fail with the first request fails now.
    fn check(&self) -> Result<(), Fault> {
        let (keys, words) = (self.keys.current(), ThrottleTable::words_for(64));
        let sets = [keys.set()?];
        let words: Vec<_> = (0..words).map(|_| countermark::AtomicU64::new(0)).collect();
        let table = ThrottleTable::new(&words, b"only asks whether limits are in range")?;
        for (name, door) in &self.doors {
            let at = |error: countermark::Status| format!("doors.{name}: {}", error.sentence());
            let verifier = countermark::Verifier::new(&sets, self.policy, self.holder).map_err(at)?;
            if let Some(rights) = door.rights {
                verifier.with_rights(rights).map_err(at)?;
            }
            if door.by_address.len().max(door.by_claim.len()) > countermark::CHARGES_MAX {
                return Err(format!("doors.{name}: more than {} limits", countermark::CHARGES_MAX).into());
            }
            for charged in door.by_address.iter().chain(&door.by_claim) {
                let client = countermark::Client::Name(b"");
                let charge = countermark::Charge { limit: charged.limit, scope: charged.scope.as_bytes(), client };
                table.admit(&[charge], 0).map_err(|refusal| at(refusal.status))?;
            }
        }
        Ok(())
    }
}

fn holder(config: &'static Config, nonces: Option<&'static Nonces>) -> Result<Holder<'static>, Fault> {
    let asked = &config.holder;
    let proof: &'static ProofRules<'static> = Box::leak(Box::new(ProofRules { nonces, ..ProofRules::DPOP }));
    let certificate = asked.certificate.is_some();
    let possession = match (asked.dpop, certificate) {
        (true, true) => Methods::PROOF.and(Methods::CERTIFICATE),
        (true, false) => Methods::PROOF,
        _ => Methods::CERTIFICATE,
    };
    let (combination, counted) = match asked.required {
        true => (Combination::AnyOf, possession),
        false => (Combination::IfBound, Methods::default()),
    };
    let sketch = config.fingerprint.as_ref().map(sketch).transpose()?;
    Ok(Holder { sketch, proof: asked.dpop.then_some(proof), certificate, combination, counted, ..Holder::default() })
}

fn sketch(config: &'static config::Fingerprint) -> Result<&'static Sketch<'static>, Fault> {
    let preset = match config.preset.as_str() {
        "headers" => Preset::HeadersRoaming,
        "headers-strict" => Preset::HeadersStrict,
        other => return Err(format!("fingerprint.preset = {other:?}: there are headers and headers-strict").into()),
    };
    let pepper = Pepper::new(&read_secret(&config.pepper_file, 16)?)?;
    let peppers = Vec::leak(vec![(config.pepper_number, pepper)]);
    Ok(Box::leak(Box::new(Sketch::preset(preset, &config.claim, peppers))))
}

fn open(name: &'static str, door: &'static config::Door) -> Result<Door, Fault> {
    let rules = door.rules.iter().map(rule).collect::<Result<Vec<_>, _>>().map_err(|why| format!("doors.{name}: {why}"))?;
    let rules: &'static [Rule<'static>] = Vec::leak(rules);
    let charged = |limit: &'static config::Limit| Charged {
        scope: format!("{name} {}", limit.by),
        by: &limit.by,
        limit: Limit { requests: limit.requests, seconds: limit.seconds, burst: limit.burst },
    };
    let (by_address, by_claim) = door.limits.iter().map(charged).partition(|charged| charged.by == "address");
    let rights = (!rules.is_empty()).then(|| &*Box::leak(Box::new(rules)) as &dyn Rules);
    Ok(Door { rules, rights, by_address, by_claim })
}

fn rule(rule: &'static config::Rule) -> Result<Rule<'static>, String> {
    let values = |list: &'static [String]| -> &'static dyn Values { Box::leak(Box::new(texts(list))) };
    let test = match (rule.all_of.as_slice(), rule.any_of.as_slice(), rule.none_of.as_slice()) {
        (all_of, [], []) if !all_of.is_empty() => Test::AllOf(values(all_of)),
        ([], any_of, []) if !any_of.is_empty() => Test::AnyOf(values(any_of)),
        ([], [], none_of) if !none_of.is_empty() => Test::NoneOf(values(none_of)),
        _ => return Err(format!("the rule for {:?} needs exactly one of all_of, any_of, none_of", rule.claim)),
    };
    Ok(Rule { path: &rule.claim, test, wildcards: rule.wildcards })
}

fn texts(list: &'static [String]) -> &'static [&'static str] {
    Vec::leak(list.iter().map(String::as_str).collect())
}

fn algorithm(name: &str) -> Result<Algorithm, String> {
    Algorithm::from_name(name).ok_or_else(|| format!("{name:?} is no algorithm"))
}

fn read_secret(path: &std::path::Path, bytes_min: usize) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let at = |why: String| format!("{}: {why}", path.display());
    if std::fs::metadata(path).map_err(|error| at(error.to_string()))?.len() > SECRET_BYTES_MAX {
        return Err(at(format!("more than {SECRET_BYTES_MAX} bytes")).into());
    }
    let secret = Zeroizing::new(std::fs::read(path).map_err(|error| at(error.to_string()))?);
    if secret.len() < bytes_min { Err(at(format!("less than {bytes_min} bytes")).into()) } else { Ok(secret) }
}

fn random() -> Result<Zeroizing<Vec<u8>>, Fault> {
    let mut secret = Zeroizing::new(vec![0; 32]);
    getrandom::fill(&mut secret).map_err(|error| format!("no randomness: {error}"))?;
    Ok(secret)
}
