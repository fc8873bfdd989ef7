//! One proof, checked as RFC 9449 4.3 lists it. Up to the signature the first failure ends the work; after it every check runs.

use super::{Expected, ProofKind, ProofRules, Uri};
use crate::claims;
use crate::clock::Clock;
use crate::error::{Failures, Status};
use crate::hash;
use crate::header::Header;
use crate::holder::confirmation::is_digest;
use crate::json::{self, Member, Number, Text, Value};
use crate::key;
use crate::limits::{Limits, PROOF_ID_BYTES_MAX};
use crate::once::Use;
use crate::signature::{self, Means};
use crate::token::Token;

const LIMITS: Limits = Limits::DEFAULT;

/// The claims that mean something, as they were found.
#[derive(Default)]
struct Claims<'s> {
    jti: Option<Value<'s>>,
    htm: Option<Value<'s>>,
    htu: Option<Value<'s>>,
    /// Where `htu` starts in the text.
    htu_start: usize,
    iat: Option<Value<'s>>,
    nonce: Option<Value<'s>>,
    ath: Option<Value<'s>>,
}

impl<'s> Claims<'s> {
    fn note(&mut self, member: &Member<'s>) {
        let value = Some(member.value);
        let mut short = [0; 5];
        match member.name.short(&mut short) {
            b"jti" => self.jti = value,
            b"htm" => self.htm = value,
            b"htu" => (self.htu, self.htu_start) = (value, member.start),
            b"iat" => self.iat = value,
            b"nonce" => self.nonce = value,
            b"ath" => self.ath = value,
            _ => {}
        }
    }
}

/// `iat`, rounded so that a fraction never lengthens the proof's life.
#[derive(Clone, Copy)]
struct IssuedAt {
    earliest: i64,
    latest: i64,
}

impl ProofRules<'_> {
    pub(super) fn judge_one(
        &self,
        proof: &[u8],
        bound_to: Text<'_>,
        expected: &Expected<'_>,
        scratch: &mut [u8],
        failures: &mut Failures,
    ) -> Result<Option<Use>, Status> {
        let limits = Limits { token_bytes: self.proof_bytes as usize, ..LIMITS };
        let token = Token::split(proof, &limits).map_err(|_| Status::ProofMalformed)?;
        let (header, scratch) = Header::read(&token, false, &LIMITS, scratch).map_err(|status| match status {
            Status::ScratchTooSmall => status,
            Status::AlgorithmMissing | Status::AlgorithmUnknown => Status::ProofAlgorithm,
            _ => Status::ProofMalformed,
        })?;
        let typ = match self.kind {
            ProofKind::DPoP => "dpop+jwt",
            ProofKind::SessionCredential => "dbsc+jwt",
        };
        if !header.typ_is(typ) {
            return Err(Status::ProofType);
        }
        if !self.algorithms.contains(&header.algorithm) {
            return Err(Status::ProofAlgorithm);
        }
        let jwk = header.jwk.ok_or(Status::ProofKey)?;
        let (signed, thumbprint, scratch) = key::with_embedded(jwk, header.algorithm, |key, thumbprint| {
            let (signed, rest) =
                signature::check(key, &token, &Means::default(), scratch).map_err(|status| match status {
                    Status::ScratchTooSmall => status,
                    _ => Status::ProofSignature,
                })?;
            Ok((signed.of_no_set(), *thumbprint, rest))
        })?;
        failures.set_if(!is_digest(bound_to, &thumbprint), Status::ProofThumbprint);
        let (text, rest) = claims::decoded(&signed, scratch).map_err(|status| match status {
            Status::ScratchTooSmall => status,
            _ => Status::ProofMalformed,
        })?;
        self.judge_claims(text, rest, &thumbprint, expected, failures)
    }

    fn judge_claims(
        &self,
        text: &mut [u8],
        index: &mut [u8],
        thumbprint: &[u8; 32],
        expected: &Expected<'_>,
        failures: &mut Failures,
    ) -> Result<Option<Use>, Status> {
        let mut found = Claims::default();
        json::read_object(text, &LIMITS, index, &mut |member| found.note(member)).map_err(|_| Status::ProofMalformed)?;
        let jti = self.id(found.jti, failures);
        let issued_at = self.issued_at(found.iat, failures);
        if let Some(issued_at) = issued_at {
            self.judge_time(issued_at, expected, failures);
        }
        let nonce = match self.kind {
            ProofKind::DPoP => string(found.nonce, failures),
            ProofKind::SessionCredential => jti,
        };
        self.judge_nonce(nonce, expected, failures);
        let used = jti.map(|jti| self.use_of(thumbprint, jti, issued_at, expected.presented.clock));
        if self.kind == ProofKind::DPoP {
            let htm = required(found.htm, failures);
            let method = expected.presented.evidence.method.as_bytes();
            failures.set_if(htm.is_some_and(|htm| !htm.is(method)), Status::ProofMethod);
            let mut hash = [0; 32];
            hash::digest(&hash::SHA256, &[expected.presented.token], &mut hash);
            let ath = string(found.ath, failures);
            failures.set_if(!ath.is_some_and(|ath| is_digest(ath, &hash)), Status::ProofTokenHash);
            if required(found.htu, failures).is_some() {
                let (start, bytes) = (found.htu_start, found.htu.map_or(0, |htu| htu.raw_bytes().len()));
                // The last look at the text: nothing else needs it as it was.
                let htu = unescaped(text.get_mut(start..start.saturating_add(bytes)).unwrap_or_default());
                let is_target = Uri::read(htu).is_some_and(|htu| expected.target.as_ref().is_some_and(|uri| uri.is(&htu)));
                failures.set_if(!is_target, Status::ProofUri);
            }
        }
        Ok(used)
    }

    fn id<'s>(&self, jti: Option<Value<'s>>, failures: &mut Failures) -> Option<Text<'s>> {
        let bounded = |jti: &Text<'_>| (1..=PROOF_ID_BYTES_MAX).contains(&jti.bytes().take(PROOF_ID_BYTES_MAX + 1).count());
        let jti = required(jti, failures)?;
        failures.set_if(!bounded(&jti), Status::ProofClaim);
        Some(jti).filter(bounded)
    }

    /// A session credential may have none: its challenge bounds its life.
    fn issued_at(&self, iat: Option<Value<'_>>, failures: &mut Failures) -> Option<IssuedAt> {
        let rounded = |number: Number| Some(IssuedAt { earliest: number.round_down()?, latest: number.round_up()? });
        let issued_at = iat.and_then(|iat| rounded(iat.number().ok()?));
        let may_lack = self.kind == ProofKind::SessionCredential && iat.is_none();
        failures.set_if(issued_at.is_none() && !may_lack, Status::ProofClaim);
        issued_at
    }

    /// RFC 9449 4.3, check 11. Without a clock only the nonce of the evidence bounds the proof's life.
    fn judge_time(&self, issued_at: IssuedAt, expected: &Expected<'_>, failures: &mut Failures) {
        let is_current = match expected.presented.clock {
            Clock::At(now) => {
                issued_at.earliest >= now.saturating_sub(self.past_seconds.into())
                    && issued_at.latest <= now.saturating_add(self.future_seconds.into())
            }
            Clock::Missing => !expected.presented.evidence.nonce.is_empty(),
        };
        failures.set_if(!is_current, Status::ProofTime);
    }

    /// RFC 9449 4.3, check 10: whatever nonce is asked for must be the proof's.
    fn judge_nonce(&self, nonce: Option<Text<'_>>, expected: &Expected<'_>, failures: &mut Failures) {
        let given = expected.presented.evidence.nonce;
        let is_given = given.is_empty() || nonce.is_some_and(|nonce| nonce == given);
        let is_own = self.nonces.is_none_or(|nonces| match expected.presented.clock {
            Clock::At(now) => nonce.is_some_and(|nonce| nonces.accept(nonce, now)),
            Clock::Missing => false,
        });
        // A session credential answers a challenge, or it proves nothing.
        let is_asked = self.kind == ProofKind::DPoP || !given.is_empty() || self.nonces.is_some();
        failures.set_if(!(is_given && is_own && is_asked), Status::ProofNonce);
    }

    /// The use of this key's `jti`: two keys may use one.
    fn use_of(&self, thumbprint: &[u8; 32], jti: Text<'_>, issued_at: Option<IssuedAt>, clock: Clock) -> Use {
        let mut hash = hash::Hash::new(hash::SHA256);
        hash.update(b"countermark/proof/v1");
        hash.update(thumbprint);
        jti.bytes().for_each(|byte| hash.update(&[byte]));
        let mut digest = [0; 32];
        hash.finish(&mut digest);
        let from = match (issued_at, clock) {
            (Some(issued_at), _) => issued_at.earliest,
            (None, Clock::At(now)) => now,
            (None, Clock::Missing) => i64::MAX,
        };
        Use { digest, expires_at: from.saturating_add(self.past_seconds.into()).saturating_add(1) }
    }
}

/// A string that may be absent.
fn string<'s>(value: Option<Value<'s>>, failures: &mut Failures) -> Option<Text<'s>> {
    let text = value?.text();
    failures.set_if(text.is_err(), Status::ProofClaim);
    text.ok()
}

/// A string that must be there.
fn required<'s>(value: Option<Value<'s>>, failures: &mut Failures) -> Option<Text<'s>> {
    failures.set_if(value.is_none(), Status::ProofClaim);
    string(value, failures)
}

/// A JSON string, quotes and all, with its escapes resolved where it lies: some writers escape every slash.
fn unescaped(quoted: &mut [u8]) -> &[u8] {
    let [b'"', text @ .., b'"'] = quoted else { return &[] };
    let (mut read, mut written) = (0usize, 0usize);
    while let Some(byte) = text.get(read).copied() {
        let mut utf8 = [byte, 0, 0, 0];
        let mut bytes = 1;
        let mut taken = 1;
        if byte == b'\\' {
            let Some((char, length)) = json::read_escape(text.get(read..).unwrap_or_default()) else { return &[] };
            (bytes, taken) = (char.encode_utf8(&mut utf8).len(), length);
        }
        let place = text.get_mut(written..).unwrap_or_default();
        place.iter_mut().zip(utf8).take(bytes).for_each(|(place, byte)| *place = byte);
        read = read.saturating_add(taken);
        written = written.saturating_add(bytes);
    }
    text.get(..written).unwrap_or_default()
}
