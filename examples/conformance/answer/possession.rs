//! The `holder` of a policy, and what a client shows for it.

use super::case::{Evidence, Flaw, Policy};
use super::strict::one_of;
use base64ct::{Base64UrlUnpadded, Encoding};
use countermark::{
    BindingForm, CHANNEL_MEMBER, Certificate, Combination, Holder, Methods, ProofRules, Replay, Scheme, Status, Use,
};
use std::cell::RefCell;
use std::collections::HashSet;

/// Which methods a policy asks for.
#[derive(Clone, Copy, Default)]
pub enum Asked {
    #[default]
    Nothing,
    OneOf(Methods),
}

impl Asked {
    pub fn read(policy: &Policy) -> Result<Self, Flaw> {
        let confirmed = Methods::PROOF.and(Methods::CERTIFICATE).and(Methods::CHANNEL);
        Ok(match policy.holder.as_deref() {
            None | Some("none") => Asked::Nothing,
            Some("certificate") => Asked::OneOf(Methods::CERTIFICATE),
            Some("dpop") => Asked::OneOf(Methods::PROOF),
            Some("channel") => Asked::OneOf(Methods::BINDING),
            Some("any") => Asked::OneOf(confirmed),
            Some(_) => return Err(Flaw::NotACase),
        })
    }

    /// The holder with these methods: one of them must be met, and every method that `cnf` names.
    pub fn of<'h>(self, holder: Holder<'h>) -> Holder<'h> {
        match self {
            Asked::Nothing => holder,
            Asked::OneOf(counted) => Holder {
                proof: Some(&ProofRules::DPOP),
                certificate: true,
                channel: Some(CHANNEL_MEMBER),
                binding: counted.contain(Methods::BINDING).then_some(BindingForm::Base64url),
                combination: Combination::AnyOf,
                counted,
                ..holder
            },
        }
    }
}

/// The members of the evidence that are more than text.
#[derive(Default)]
pub struct Shown {
    certificate: Option<Vec<u8>>,
    channel: Vec<u8>,
    scheme: Scheme,
}

impl Shown {
    pub fn read(evidence: &Evidence) -> Result<Self, Flaw> {
        let decoded = |text: &String| Base64UrlUnpadded::decode_vec(text).map_err(|_| Flaw::NotACase);
        let scheme = evidence.scheme.as_deref().unwrap_or("DPoP");
        one_of(scheme, &["DPoP", "Bearer"])?;
        Ok(Shown {
            certificate: evidence.certificate.as_ref().map(decoded).transpose()?,
            channel: evidence.channel.as_ref().map(decoded).transpose()?.unwrap_or_default(),
            scheme: if scheme == "DPoP" { Scheme::DPoP } else { Scheme::Bearer },
        })
    }

    /// Adds what possession looks at to the evidence.
    pub fn with<'e>(&'e self, from: &'e Evidence, proofs: &'e [&'e [u8]]) -> countermark::Evidence<'e> {
        let text = |member: &'e Option<String>| member.as_deref().unwrap_or_default();
        countermark::Evidence {
            certificate: self.certificate.as_deref().map(Certificate::Der),
            proofs,
            method: text(&from.method),
            uri: text(&from.uri),
            scheme: self.scheme,
            nonce: text(&from.nonce),
            channel: &self.channel,
            binding: text(&from.binding),
            ..countermark::Evidence::NONE
        }
    }
}

/// One table for a run of the program, which has one thread.
pub struct Table;

thread_local! {
    static USED: RefCell<HashSet<[u8; 32]>> = RefCell::default();
}

impl Replay for Table {
    fn check(&self, used: &Use, _: i64) -> Result<(), Status> {
        if USED.with_borrow(|uses| uses.contains(&used.digest)) { Err(Status::Replayed) } else { Ok(()) }
    }

    fn commit(&self, used: &Use, _: i64) -> Result<(), Status> {
        if USED.with_borrow_mut(|uses| uses.insert(used.digest)) { Ok(()) } else { Err(Status::Replayed) }
    }
}
