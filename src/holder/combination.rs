//! How several ways to prove who presents a token make one verdict.

use crate::error::{Failures, Status};

/// Ways to prove who presents a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Methods(u8);

impl Methods {
    /// None; in a policy: every one that it gives.
    pub const NONE: Methods = Methods(0);
    /// The digest form of the fingerprint.
    pub const DIGEST: Methods = Methods(1);
    /// The sketch form of the fingerprint.
    pub const SKETCH: Methods = Methods(2);
    /// A proof by the key of `cnf.jkt`.
    pub const PROOF: Methods = Methods(4);
    /// The certificate of `cnf.x5t#S256`.
    pub const CERTIFICATE: Methods = Methods(8);
    /// The TLS channel that a member of `cnf` names.
    pub const CHANNEL: Methods = Methods(16);
    /// The TLS channel by a binding that is kept beside the token.
    pub const BINDING: Methods = Methods(32);

    const FINGERPRINT: Methods = Methods::DIGEST.and(Methods::SKETCH);
    /// What no `cnf` can name: it is looked at wherever the policy gives it.
    const UNNAMED: Methods = Methods::FINGERPRINT.and(Methods::BINDING);

    /// These and those.
    pub const fn and(self, other: Methods) -> Methods {
        Methods(self.0 | other.0)
    }

    /// The bits, the same as in C.
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// The methods with these bits; `None` where one of them is no method's.
    pub const fn from_bits(bits: u8) -> Option<Methods> {
        if bits < 64 { Some(Methods(bits)) } else { None }
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` are among these.
    pub const fn contain(self, other: Methods) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether these and `other` have one in common.
    pub const fn meet(self, other: Methods) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn with_if(self, condition: bool, other: Methods) -> Methods {
        if condition { self.and(other) } else { self }
    }

    const fn of(self, other: Methods) -> Methods {
        Methods(self.0 & other.0)
    }

    const fn without(self, other: Methods) -> Methods {
        Methods(self.0 & !other.0)
    }

    fn count(self) -> u32 {
        self.0.count_ones()
    }
}

/// How many of the counted methods must be met. Whatever it says, every method that the token's `cnf` names must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Combination {
    /// All of them.
    #[default]
    AllOf,
    /// One of them.
    AnyOf,
    /// So many of them.
    AtLeast(u8),
    /// Leniency: those that `cnf` names, and the fingerprint and the kept binding where they are given. A token without `cnf` is a
    /// bearer token.
    IfBound,
    /// One that proves possession, or else the fingerprint, which is not looked at otherwise.
    FingerprintUnlessPossession,
}

impl Combination {
    /// Whether `counted`, of the methods that a policy gives, can ever satisfy it.
    pub(super) fn check(self, given: Methods, counted: Methods) -> Result<(), Status> {
        let is_possible = match self {
            // The zero value: a policy that gives nothing asks for nothing.
            Combination::AllOf | Combination::IfBound => true,
            Combination::AnyOf => !counted.is_empty(),
            Combination::AtLeast(least) => least > 0 && u32::from(least) <= counted.count(),
            Combination::FingerprintUnlessPossession => {
                counted.meet(Methods::FINGERPRINT) && !Methods::FINGERPRINT.contain(counted)
            }
        };
        if is_possible && given.contain(counted) { Ok(()) } else { Err(Status::PolicyConflict) }
    }
}

/// The results of the methods, one after the other.
pub(super) struct Tally {
    combination: Combination,
    counted: Methods,
    /// What `cnf` names.
    bound: Methods,
    met: Methods,
    /// What fails whatever else is met.
    certain: Failures,
    /// What fails unless enough is met.
    open: Failures,
}

impl Tally {
    pub(super) fn new(combination: Combination, counted: Methods, bound: Methods) -> Self {
        Tally { combination, counted, bound, met: Methods::NONE, certain: Failures::NONE, open: Failures::NONE }
    }

    /// The counted methods that are met or that the token is bound by: one that `cnf` names and that is not met fails for certain,
    /// so the token does not lack that binding, and nothing else needs to be said.
    fn there(&self) -> Methods {
        self.met.and(self.bound.of(self.counted))
    }

    /// Whether this method, which the policy gives, must be looked at.
    pub(super) fn needs(&self, method: Methods) -> bool {
        let is_spared = self.combination == Combination::FingerprintUnlessPossession
            && Methods::FINGERPRINT.of(self.counted).contain(method)
            && !self.there().without(Methods::FINGERPRINT).is_empty();
        let is_asked = self.counted.contain(method) || Methods::UNNAMED.contain(method);
        self.bound.contain(method) || (is_asked && !is_spared)
    }

    /// Takes what a method came to. Possession comes before the fingerprint.
    pub(super) fn take(&mut self, method: Methods, result: Failures) {
        if result.is_empty() {
            self.met = self.met.with_if(self.counted.contain(method), method);
            return;
        }
        let may_be_spared = self.counted.contain(method)
            && match self.combination {
                Combination::IfBound => false,
                Combination::FingerprintUnlessPossession => method == Methods::BINDING,
                _ => true,
            };
        if self.bound.contain(method) || (Methods::UNNAMED.contain(method) && !may_be_spared) {
            self.certain.join(result);
        } else {
            self.open.join(result);
        }
    }

    /// What failed in the end.
    pub(super) fn finish(self, failures: &mut Failures) {
        failures.join(self.certain);
        let there = self.there().count();
        let is_enough = match self.combination {
            Combination::AllOf => false,
            Combination::AnyOf => there >= 1,
            Combination::AtLeast(least) => there >= u32::from(least),
            Combination::IfBound | Combination::FingerprintUnlessPossession => true,
        };
        if !is_enough {
            failures.join(self.open);
        }
    }
}
