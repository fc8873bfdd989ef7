//! What a policy asks of possession, as plain data: both interfaces make their own rules of it.

use super::judge_c::bytes;
use countermark::{
    Algorithm, BindingForm, Certificate, Combination, Evidence, Holder, Methods, Nonces, ProofKind, ProofRules, Scheme,
    Status,
};
use countermark_ffi::{cmk_bytes, cmk_dpop, cmk_evidence};
use std::mem::size_of;

/// The rules of proofs.
#[derive(Clone, Copy, Debug)]
pub struct Proofs<'s> {
    pub kind: ProofKind,
    pub algorithms: &'s [Algorithm],
    pub past_seconds: u32,
    pub future_seconds: u32,
    pub proof_bytes: u32,
    /// A secret, and the seconds of a slot.
    pub nonces: Option<(&'s [u8], u32)>,
}

impl Proofs<'_> {
    pub const DPOP: Proofs<'static> = Proofs {
        kind: ProofKind::DPoP,
        algorithms: ProofRules::DPOP.algorithms,
        past_seconds: 300,
        future_seconds: 60,
        proof_bytes: ProofRules::DPOP.proof_bytes,
        nonces: None,
    };
}

/// What a policy gives and how it combines it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Possession<'s> {
    pub proof: Option<Proofs<'s>>,
    pub certificate: bool,
    pub channel: Option<&'s str>,
    pub binding: Option<BindingForm>,
    pub combination: Combination,
    pub counted: Methods,
}

impl<'s> Possession<'s> {
    /// Every method that `cnf` can name.
    pub fn confirmed() -> Self {
        Possession {
            proof: Some(Proofs::DPOP),
            certificate: true,
            channel: Some(countermark::CHANNEL_MEMBER),
            ..Possession::default()
        }
    }

    pub fn proofs() -> Self {
        Possession { proof: Some(Proofs::DPOP), ..Possession::default() }
    }

    /// The same with rules of one's own.
    pub fn ruled(proof: Proofs<'s>) -> Self {
        Possession { proof: Some(proof), ..Possession::default() }
    }

    pub fn combined(self, combination: Combination) -> Self {
        Possession { combination, ..self }
    }

    /// Hands the holder with these methods to `then`.
    pub fn with<T>(&self, holder: Holder<'_>, then: impl FnOnce(Holder<'_>) -> T) -> Result<T, Status> {
        let nonces = match self.proof.and_then(|proof| proof.nonces) {
            Some((secret, seconds)) => Some(Nonces::new(secret, seconds)?),
            None => None,
        };
        let rules = self.proof.map(|proof| ProofRules {
            kind: proof.kind,
            algorithms: proof.algorithms,
            past_seconds: proof.past_seconds,
            future_seconds: proof.future_seconds,
            proof_bytes: proof.proof_bytes,
            nonces: nonces.as_ref(),
        });
        Ok(then(Holder {
            proof: rules.as_ref(),
            certificate: self.certificate,
            channel: self.channel,
            binding: self.binding,
            combination: self.combination,
            counted: self.counted,
            digest: holder.digest,
            sketch: holder.sketch,
        }))
    }

    /// Whether C can say the same: its zeros mean "the default".
    pub fn fits_c(&self) -> bool {
        self.combination != Combination::AtLeast(0)
            && self.proof.is_none_or(|proof| {
                proof.past_seconds != 0
                    && proof.future_seconds != 0
                    && proof.proof_bytes != 0
                    && (1..=countermark::LIST_MAX).contains(&proof.algorithms.len())
                    && proof.nonces.is_none_or(|(_, seconds)| seconds != 0)
            })
    }

    pub fn in_c(&self) -> InC {
        let mut in_c = InC {
            algs: self.proof.map_or(vec![], |proof| proof.algorithms.iter().map(|alg| *alg as i32).collect()),
            dpop: None,
            combination: match self.combination {
                Combination::AllOf => (0, 0),
                Combination::AnyOf => (1, 0),
                Combination::AtLeast(least) => (2, least.into()),
                Combination::IfBound => (3, 0),
                Combination::FingerprintUnlessPossession => (4, 0),
            },
        };
        in_c.dpop = self.proof.map(|proof| cmk_dpop {
            size: size_of::<cmk_dpop>(),
            algs: in_c.algs.as_ptr(),
            alg_count: in_c.algs.len(),
            nonce_secret: proof.nonces.map_or(cmk_bytes::NONE, |(secret, _)| cmk_bytes::of(secret)),
            nonce_seconds: proof.nonces.map_or(0, |(_, seconds)| seconds),
            kind: proof.kind as i32,
            past_seconds: proof.past_seconds,
            future_seconds: proof.future_seconds,
            proof_bytes: proof.proof_bytes,
        });
        in_c
    }
}

/// The same in C's structures.
pub struct InC {
    algs: Vec<i32>,
    dpop: Option<cmk_dpop>,
    /// Its number, and how many.
    pub combination: (i32, u32),
}

impl InC {
    pub fn dpop(&self) -> *const cmk_dpop {
        self.dpop.as_ref().map_or(std::ptr::null(), |rules| rules)
    }
}

/// The members of C's evidence that possession looks at; the others are zero.
pub fn presented(evidence: &Evidence<'_>, proofs: &[cmk_bytes]) -> cmk_evidence {
    let optional = |bytes: &[u8]| if bytes.is_empty() { cmk_bytes::NONE } else { cmk_bytes::of(bytes) };
    let (certificate, certificate_digest) = match &evidence.certificate {
        None => (cmk_bytes::NONE, cmk_bytes::NONE),
        Some(Certificate::Der(der)) => (cmk_bytes::of(der), cmk_bytes::NONE),
        Some(Certificate::Digest(digest)) => (cmk_bytes::NONE, cmk_bytes::of(digest)),
    };
    cmk_evidence {
        certificate,
        certificate_digest,
        proofs: proofs.as_ptr(),
        proof_count: proofs.len(),
        method: bytes(evidence.method),
        uri: bytes(evidence.uri),
        nonce: optional(evidence.nonce.as_bytes()),
        channel: optional(evidence.channel),
        binding: optional(evidence.binding.as_bytes()),
        scheme: match evidence.scheme {
            Scheme::Bearer => 0,
            Scheme::DPoP => 2,
        },
        ..unsafe { std::mem::zeroed() }
    }
}
