//! One question from the beginning to its answer.

use crate::answer::Answer;
use crate::config::CertificateForm;
use crate::geo::Place;
use crate::keys::Loaded;
use crate::request::Ask;
use crate::service::{Charged, Door, Service};
use countermark::{
    Certificate, Challenge, Charge, Claims, Client, Clock, Evidence, Headers, Report, Request, Scheme, Standing, Status,
    Verdict, Verifier,
};

impl Service {
    /// Judges it. May wait for the stores, so not on a thread that others wait for.
    pub fn judge(&self, ask: &Ask, now_ms: i64) -> Answer {
        let Some(door) = self.doors.get(ask.door.as_str()) else { return Answer::fault(404, "no such door") };
        // Before anything of the token is read.
        let charge = |charged: &Charged| (charged.limit, charged.scope.clone(), Client::Address(ask.address));
        if let Err(answer) = self.admit(door.by_address.iter().map(charge), now_ms) {
            return answer;
        }
        let place = self.places.find(ask.address);
        let (address, fields) = (ask.address.to_string(), ask.headers.as_slice());
        // Two are enough to refuse them.
        let proofs: Vec<&[u8]> = named(fields, "dpop").take(2).collect();
        let certificate = match ask.certificate.as_deref().map(|value| self.certificate(value)).transpose() {
            Ok(certificate) => certificate,
            Err(status) => return self.refused(&Report::ended(status), Scheme::Bearer, door, now_ms),
        };
        let credentials = match self.source.find(&fields, b"") {
            Ok(credentials) => credentials,
            Err(status) => return self.refused(&Report::ended(status), Scheme::Bearer, door, now_ms),
        };
        let scheme = credentials.scheme;
        let evidence = Evidence {
            address: &address,
            asn: &place.asn,
            country: &place.country,
            headers: &fields,
            certificate,
            proofs: &proofs,
            method: &ask.method,
            uri: &ask.uri,
            scheme,
            ..Evidence::NONE
        };
        let clock = Clock::At(now_ms.div_euclid(1000));
        let request = Request { token: credentials.token, clock, evidence };
        let mut scratch = vec![0; self.scratch_bytes];
        let keys = self.keys.current();
        let verdict = self.verify(&keys, door, &request, &mut scratch);
        let verdict = verdict.unwrap_or_else(|status| Verdict::Reject(Report::ended(status)));
        let report = verdict.report();
        let answer = match verdict {
            // Under DPoP a token is served for its proof only (RFC 9449 7.1).
            Verdict::Accept(..) if scheme == Scheme::DPoP && report.to_commit.is_none() => {
                self.refused(&Report::ended(Status::PossessionUnbound), scheme, door, now_ms)
            }
            Verdict::Accept(claims, _) => self.accepted(&claims, &report, &request, door, now_ms, &place),
            Verdict::StepUp(..) | Verdict::Reject(_) => self.refused(&report, scheme, door, now_ms),
        };
        self.with_fingerprint(answer, &report, scheme)
    }

    /// The core's verdict; a fault is the configuration's.
    fn verify<'s>(
        &self,
        keys: &Loaded,
        door: &Door,
        request: &Request<'_>,
        scratch: &'s mut [u8],
    ) -> Result<Verdict<'s>, Status> {
        let sets = [keys.set()?];
        let standing = Standing { revocations: Some(self.stores.revoker.store()), ..Standing::default() };
        let verifier = Verifier::new(&sets, self.policy, self.holder)?.with_standing(standing);
        let verifier = match door.rights {
            Some(rights) => verifier.with_rights(rights)?,
            None => verifier,
        };
        Ok(verifier.verify_once(request, scratch, self.stores.replay))
    }

    /// What is asked of a token that verifies: that its subject does not come too often, nor oddly.
    fn accepted(
        &self,
        claims: &Claims<'_>,
        report: &Report,
        request: &Request<'_>,
        door: &Door,
        now_ms: i64,
        place: &Place,
    ) -> Answer {
        let scheme = request.evidence.scheme;
        let mut charged = Vec::new();
        for limit in &door.by_claim {
            // A token without the claim would not be limited: it may not come through this door.
            let Ok(value) = claims.at(limit.by) else {
                return self.refused(&Report::ended(Status::ClaimRequired), scheme, door, now_ms);
            };
            let name: Vec<u8> = value.text().map_or_else(|_| value.raw().into(), |text| text.bytes().collect());
            charged.push((limit, name));
        }
        let charge = charged.iter().map(|(charged, name)| (charged.limit, charged.scope.clone(), Client::Name(name)));
        if let Err(answer) = self.admit(charge, now_ms) {
            return answer;
        }
        let finding = self.watch.as_ref().map(|watch| watch.visit(claims, request, place, now_ms.div_euclid(1000)));
        let mut answer = match finding.map(|finding| finding.status()) {
            Some(status) if status != Status::Accepted => {
                self.refused(&Report { status, to_commit: None, ..*report }, scheme, door, now_ms)
            }
            _ => {
                let answer = Answer::of(200, report);
                Answer { headers: self.exported.of(claims), ..answer }
            }
        };
        answer.told.risk = finding.map(|finding| (finding.signals.bits(), crate::watch::word(finding.action)));
        answer
    }

    /// All of the charges, or the answer to a client that comes too often.
    fn admit<'c>(
        &self,
        charges: impl Iterator<Item = (countermark::Limit, String, Client<'c>)>,
        now_ms: i64,
    ) -> Result<(), Answer> {
        let charges: Vec<_> = charges.collect();
        if charges.is_empty() {
            return Ok(());
        }
        let charges =
            charges.iter().map(|(limit, scope, client)| Charge { limit: *limit, scope: scope.as_bytes(), client: *client });
        let charges: Vec<Charge<'_>> = charges.collect();
        self.stores.throttle.admit(&charges, now_ms).map_err(|refusal| {
            let answer = Answer::of(Challenge::http_status(refusal.status), &Report::ended(refusal.status));
            // A store or a table that is down or full is better in a moment.
            answer.with("Retry-After", refusal.retry_after.max(1))
        })
    }

    fn refused(&self, report: &Report, scheme: Scheme, door: &Door, now_ms: i64) -> Answer {
        let status = report.status;
        let is_down = status == Status::RevocationUnknown && self.stores.revoker.is_remote();
        // The only argument that a client chooses is the target that its proof is for: one that is no URI is its own fault.
        let http = match Challenge::http_status(status) {
            _ if is_down => 503,
            500 if status == Status::Argument => 400,
            http => http,
        };
        let mut scope = [0; 256];
        let unmet = report.unmet.and_then(|unmet| door.rules.get(usize::from(unmet)));
        let scope = unmet.and_then(|rule| rule.write_scope(&mut scope).ok()).unwrap_or_default();
        let nonce = self
            .nonces
            .filter(|_| status == Status::ProofNonce)
            .map(|nonces| nonces.write(now_ms.div_euclid(1000), &mut [0; countermark::NONCE_CHARS]).to_owned());
        let answer = Answer::of(http, report)
            .challenged(status, scheme, self.config.token.realm.as_deref(), scope)
            .with("DPoP-Nonce", nonce.unwrap_or_default());
        if http == 503 { answer.with("Retry-After", 1) } else { answer }
    }

    fn with_fingerprint(&self, mut answer: Answer, report: &Report, scheme: Scheme) -> Answer {
        answer.told.scheme = Some(scheme);
        answer.told.similarity = report.score.map(|score| score.similarity);
        let has_failed = |status| report.failures.contains(status);
        answer.told.fingerprint = match (self.holder.sketch, report.score) {
            (None, _) => None,
            (_, Some(score)) => Some(match score.status() {
                Status::Accepted if score.reissue => "accept-changed",
                Status::Accepted => "accept",
                Status::StepUp => "step-up",
                _ => "mismatch",
            }),
            _ if has_failed(Status::FingerprintMissing) => Some("missing"),
            _ if has_failed(Status::FingerprintMalformed) || has_failed(Status::PepperUnknown) => Some("unreadable"),
            // The token was refused before.
            _ => Some("not-compared"),
        };
        answer
    }

    fn certificate<'v>(&self, value: &'v [u8]) -> Result<Certificate<'v>, Status> {
        match self.config.holder.certificate.as_ref().map(|certificate| certificate.form) {
            Some(CertificateForm::EscapedPem) => Certificate::of_escaped_pem(value),
            Some(CertificateForm::ClientCert) => Certificate::of_client_cert(value),
            Some(CertificateForm::ForwardedClientCert) => Certificate::of_forwarded_client_cert(value),
            Some(CertificateForm::Base64) => Certificate::of_base64(value),
            None => Err(Status::Argument),
        }
    }
}

/// The values of all fields of this name.
pub fn named<'h>(fields: &'h [(String, Vec<u8>)], name: &'h str) -> impl Iterator<Item = &'h [u8]> {
    fields.iter().filter(move |(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_slice())
}

/// The first value of a field.
pub fn first<'h>(headers: &'h dyn Headers, name: &str) -> &'h [u8] {
    let mut fields = (0..).map_while(|position| headers.field(position));
    fields.find(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes())).map_or(&[], |(_, value)| value)
}
