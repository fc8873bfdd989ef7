//! The oracle: the core itself, asked in this process for what the service must say.

use super::cases::Case;
use super::{AUDIENCE, ISSUER, KID, PEPPER, SECRET, World, now};
use countermark::{
    Algorithm, AtomicU64, Clock, Combination, Evidence, Holder, Keys, Limits, Nonces, Pepper, Policy, Preset, ProofRules,
    ReplayTable, Request, Rule, Scheme, Sketch, Source, Status, Test, Verifier,
};

/// Keeps the proofs that it has seen.
pub struct Core {
    words: Vec<AtomicU64>,
}

impl Core {
    pub fn new() -> Core {
        Core { words: (0..ReplayTable::words_for(1000)).map(|_| AtomicU64::new(0)).collect() }
    }

    /// The status of a request that comes to `origin` from 127.0.0.1.
    pub fn status(&self, world: &World, origin: &str, case: &Case) -> Status {
        let mut point = [0; 65];
        let mut region = [0; 64];
        let mut keys = Keys::for_issuer(&mut region, ISSUER).unwrap();
        keys.add_sec1(Algorithm::ES256, Some(KID), world.signer.public(&mut point).unwrap()).unwrap();
        let sets = [keys.set()];
        let policy = Policy {
            issuers: &[ISSUER],
            audiences: &[AUDIENCE],
            algorithms: &[Algorithm::ES256],
            typ: Some("at+jwt"),
            require: &["sub", "jti"],
            limits: Limits { token_bytes: 2048, ..Limits::DEFAULT },
            ..Policy::default()
        };
        let nonces = Nonces::new(SECRET, 300).unwrap();
        let proof = ProofRules { nonces: Some(&nonces), ..ProofRules::DPOP };
        let peppers = [(0, Pepper::new(PEPPER).unwrap())];
        let sketch = Sketch::preset(Preset::HeadersRoaming, "cmk", &peppers);
        let combination = Combination::IfBound;
        let holder = Holder { sketch: Some(&sketch), proof: Some(&proof), combination, ..Holder::default() };
        let rules = [Rule { path: "scope", test: Test::AllOf(&["orders:read"]), wildcards: false }];
        let verifier = Verifier::new(&sets, policy, holder).unwrap();
        let verifier = if case.path.starts_with("/orders") { verifier.with_rights(&rules).unwrap() } else { verifier };

        let host = ("Host".to_owned(), "any".to_owned());
        let fields: Vec<(String, String)> = [&[host], case.fields.as_slice()].concat();
        let fields = fields.as_slice();
        let found = match Source::default().find(&fields, b"") {
            Ok(found) => found,
            Err(status) => return status,
        };
        let proofs: Vec<&[u8]> =
            fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("DPoP")).map(|(_, value)| value.as_bytes()).collect();
        let (uri, scheme) = (format!("{origin}{}", case.path.split('?').next().unwrap()), found.scheme);
        let evidence = Evidence {
            address: "127.0.0.1",
            headers: &fields,
            proofs: &proofs,
            method: case.method,
            uri: &uri,
            scheme,
            ..Evidence::NONE
        };
        let request = Request { token: found.token, clock: Clock::At(now()), evidence };
        let replay = ReplayTable::new(&self.words, SECRET).unwrap();
        let mut scratch = vec![0; 64 * 1024];
        let verdict = verifier.verify_once(&request, &mut scratch, &replay);
        match verdict.report() {
            report if report.status == Status::Accepted && scheme == Scheme::DPoP && report.to_commit.is_none() => {
                Status::PossessionUnbound
            }
            report => report.status,
        }
    }
}
