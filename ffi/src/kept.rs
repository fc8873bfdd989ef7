//! What `cmk_verifier` keeps: key sets and a policy, copied out of the structures that C may drop, and read again for each token.

use crate::keys::{algorithm, cmk_keys};
use crate::list::List;
#[cfg(feature = "sketch")]
use crate::memory::object;
use crate::memory::{Apart, cmk_bytes, list};
use crate::policy::{ALLOW_MISSING_EXP, ANY_AUDIENCE, NO_CLOCK, cmk_policy};
#[cfg(feature = "dpop")]
use crate::possession::KeptProof;
#[cfg(feature = "rights")]
use crate::rights::KeptRules;
#[cfg(feature = "sketch")]
use crate::sketch::cmk_sketch;
#[cfg(feature = "_standing")]
use crate::standing::KeptStanding;
use crate::verifier::{NAMES_MAX, SETS_MAX};
#[cfg(feature = "prepared")]
use countermark::Prepared;
#[cfg(feature = "fingerprint")]
use countermark::Recipe;
#[cfg(feature = "sketch")]
use countermark::Sketch;
use countermark::{Algorithm, Holder, KeySet, Limits, Policy, Status, Verifier};

type Names<'a> = List<&'a str, NAMES_MAX>;

/// Out of line: a policy has four such lists.
///
/// # Safety
/// `names` is writable; `ptr` points to `count` texts that are valid for `'a`, or is NULL.
#[inline(never)]
unsafe fn fill_names<'a>(names: *mut Names<'a>, ptr: *const cmk_bytes, count: usize) -> Result<(), Status> {
    // SAFETY: the caller's promise.
    unsafe { List::fill(names, list(ptr, count)?, |text: &cmk_bytes| text.text()) }
}

/// The rules of the holder stage; they lie on the stack while a token is judged.
pub(crate) struct Asked<'k> {
    #[cfg(feature = "fingerprint")]
    recipe: Option<Recipe<'k>>,
    #[cfg(feature = "sketch")]
    sketch: Option<Sketch<'k>>,
    #[cfg(feature = "dpop")]
    proof: Option<countermark::ProofRules<'k>>,
    kept: core::marker::PhantomData<&'k ()>,
}

/// What `cmk_verifier` holds. Texts and key regions stay the caller's.
pub struct KeptVerifier<'a> {
    sets: List<KeySet<'a>, SETS_MAX>,
    issuers: Names<'a>,
    audiences: Names<'a>,
    require: Names<'a>,
    acr: Names<'a>,
    algorithms: List<Algorithm, { countermark::LIST_MAX }>,
    subject: Option<&'a str>,
    typ: Option<&'a str>,
    nonce: Option<&'a str>,
    flags: u32,
    leeway: u32,
    max_age: Option<u32>,
    auth_max_age: Option<u32>,
    limits: Limits,
    #[cfg(feature = "fingerprint")]
    digest: Option<crate::recipe::KeptRecipe<'a>>,
    /// Stays where the caller has it: it is large, and one serves many verifiers.
    #[cfg(feature = "sketch")]
    sketch: Option<&'a cmk_sketch>,
    #[cfg(feature = "dpop")]
    proof: Option<KeptProof>,
    #[cfg(feature = "mtls")]
    certificate: bool,
    #[cfg(feature = "channel")]
    channel: Option<&'a str>,
    #[cfg(feature = "channel")]
    binding: Option<countermark::BindingForm>,
    #[cfg(feature = "_possession")]
    combination: countermark::Combination,
    #[cfg(feature = "_possession")]
    counted: countermark::Methods,
    #[cfg(feature = "prepared")]
    pub(crate) prepared: Option<Prepared<'a>>,
    #[cfg(feature = "_standing")]
    pub(crate) standing: KeptStanding<'a>,
    #[cfg(feature = "rights")]
    rules: KeptRules<'a>,
    /// Stays where the caller has it.
    #[cfg(feature = "cache")]
    pub(crate) cache: Option<&'a crate::cache::cmk_cache>,
    #[cfg(feature = "envelope")]
    shape: countermark::Shape,
}

impl<'a> KeptVerifier<'a> {
    /// Writes a verifier where it will stay: nothing of its size lies on the stack.
    ///
    /// # Safety
    /// `place` is writable and lies apart from everything else, which is valid for `'a`, or NULL.
    pub(crate) unsafe fn write(place: *mut Self, sets: &[cmk_keys], policy: &cmk_policy) -> Result<(), Status> {
        if policy.flags & !(ANY_AUDIENCE | ALLOW_MISSING_EXP | NO_CLOCK) != 0 {
            return Err(Status::Argument);
        }
        policy.of_this_build()?;
        let limit = |value: u32, default: usize| if value == 0 { default } else { value as usize };
        let age = |value: u32| if value == 0 { None } else { Some(value) };
        let default = Limits::DEFAULT;
        // SAFETY: the caller's promise; every member is written before the whole is looked at.
        let kept = unsafe {
            List::fill(&raw mut (*place).sets, sets, |view| view.set())?;
            fill_names(&raw mut (*place).issuers, policy.issuers, policy.issuer_count)?;
            fill_names(&raw mut (*place).audiences, policy.audiences, policy.audience_count)?;
            fill_names(&raw mut (*place).require, policy.require, policy.require_count)?;
            fill_names(&raw mut (*place).acr, policy.acr, policy.acr_count)?;
            let algorithms = list(policy.algs, policy.alg_count)?;
            List::fill(&raw mut (*place).algorithms, algorithms, |number: &i32| algorithm(*number))?;
            (&raw mut (*place).subject).write(policy.subject.optional_text()?);
            (&raw mut (*place).typ).write(policy.typ.optional_text()?);
            (&raw mut (*place).nonce).write(policy.nonce.optional_text()?);
            (&raw mut (*place).flags).write(policy.flags);
            (&raw mut (*place).leeway).write(policy.leeway);
            (&raw mut (*place).max_age).write(age(policy.max_age));
            (&raw mut (*place).auth_max_age).write(age(policy.auth_max_age));
            (&raw mut (*place).limits).write(Limits {
                token_bytes: limit(policy.token_bytes, default.token_bytes),
                depth: limit(policy.depth, default.depth),
                members: limit(policy.members, default.members),
                candidates: limit(policy.candidates, default.candidates),
            });
            #[cfg(feature = "fingerprint")]
            crate::recipe::KeptRecipe::write(&raw mut (*place).digest, policy.digest)?;
            #[cfg(feature = "sketch")]
            (&raw mut (*place).sketch).write(if policy.sketch.is_null() { None } else { Some(object(policy.sketch)?) });
            #[cfg(feature = "dpop")]
            KeptProof::write(&raw mut (*place).proof, policy.dpop)?;
            #[cfg(feature = "mtls")]
            (&raw mut (*place).certificate).write(match policy.certificate {
                0 => false,
                1 => true,
                _ => return Err(Status::Argument),
            });
            #[cfg(feature = "channel")]
            {
                (&raw mut (*place).channel).write(policy.channel.optional_text()?);
                (&raw mut (*place).binding).write(match policy.binding {
                    0 => None,
                    form => Some(crate::possession::binding_form(form)?),
                });
            }
            #[cfg(feature = "_possession")]
            {
                let counted = u8::try_from(policy.methods).ok().and_then(countermark::Methods::from_bits);
                (&raw mut (*place).counted).write(counted.ok_or(Status::Argument)?);
                (&raw mut (*place).combination).write(crate::possession::combination(policy.combination, policy.at_least)?);
            }
            #[cfg(feature = "prepared")]
            (&raw mut (*place).prepared).write(None);
            #[cfg(feature = "_standing")]
            (&raw mut (*place).standing).write(KeptStanding::NONE);
            #[cfg(feature = "rights")]
            (&raw mut (*place).rules).write(KeptRules::new(policy.rules, policy.rule_count)?);
            #[cfg(feature = "cache")]
            (&raw mut (*place).cache).write(None);
            #[cfg(feature = "envelope")]
            (&raw mut (*place).shape).write(countermark::Shape::from_code(policy.shape).ok_or(Status::Argument)?);
            &*place
        };
        kept.verifier(&kept.asked()?).map(|_| ())
    }

    /// What is asked of the client, as the core knows it.
    pub(crate) fn asked(&self) -> Result<Asked<'_>, Status> {
        Ok(Asked {
            #[cfg(feature = "fingerprint")]
            recipe: self.digest.as_ref().map(|kept| kept.recipe()),
            #[cfg(feature = "sketch")]
            sketch: match self.sketch {
                Some(sketch) => Some(sketch.get()?.rules()),
                None => None,
            },
            #[cfg(feature = "dpop")]
            proof: self.proof.as_ref().map(KeptProof::rules),
            kept: core::marker::PhantomData,
        })
    }

    /// The verifier as the core knows it; what is asked is its own.
    #[inline(never)] // its policy must not lie on the stack twice while a token is judged
    pub(crate) fn verifier<'k>(&'k self, asked: &'k Asked<'k>) -> Result<Verifier<'k>, Status> {
        let policy = Policy {
            issuers: self.issuers.as_slice(),
            audiences: self.audiences.as_slice(),
            any_audience: self.flags & ANY_AUDIENCE != 0,
            subject: self.subject,
            typ: self.typ,
            algorithms: self.algorithms.as_slice(),
            leeway: self.leeway,
            max_age: self.max_age,
            require: self.require.as_slice(),
            allow_missing_exp: self.flags & ALLOW_MISSING_EXP != 0,
            nonce: self.nonce,
            no_clock: self.flags & NO_CLOCK != 0,
            limits: self.limits,
            acr: self.acr.as_slice(),
            auth_max_age: self.auth_max_age,
            #[cfg(feature = "envelope")]
            shape: self.shape,
        };
        let _ = asked; // a build that asks nothing
        #[allow(clippy::needless_update)]
        let holder = Holder {
            #[cfg(feature = "fingerprint")]
            digest: asked.recipe.as_ref(),
            #[cfg(feature = "sketch")]
            sketch: asked.sketch.as_ref(),
            #[cfg(feature = "dpop")]
            proof: asked.proof.as_ref(),
            #[cfg(feature = "mtls")]
            certificate: self.certificate,
            #[cfg(feature = "channel")]
            channel: self.channel,
            #[cfg(feature = "channel")]
            binding: self.binding,
            #[cfg(feature = "_possession")]
            combination: self.combination,
            #[cfg(feature = "_possession")]
            counted: self.counted,
            ..Holder::default()
        };
        #[allow(unused_mut)]
        let mut verifier = Verifier::new(self.sets.as_slice(), policy, holder)?;
        #[cfg(feature = "rights")]
        if !self.rules.is_empty() {
            verifier = verifier.with_rights(&self.rules)?;
        }
        #[cfg(feature = "prepared")]
        if let Some(prepared) = self.prepared {
            verifier = verifier.with_prepared(prepared);
        }
        #[cfg(feature = "cache")]
        if let Some(view) = self.cache {
            verifier = verifier.with_cache(&view.get()?.table);
        }
        #[cfg(feature = "_standing")]
        {
            verifier = verifier.with_standing(self.standing.standing()?);
        }
        Ok(verifier)
    }

    /// The bytes of scratch that a token of this length can need.
    pub(crate) fn scratch_bytes(&self, token_bytes: usize) -> usize {
        #[cfg(feature = "envelope")]
        if self.shape != countermark::Shape::Signed {
            return countermark::nested_scratch_bytes(token_bytes, &self.limits);
        }
        countermark::scratch_bytes(token_bytes, &self.limits)
    }

    /// The key regions and the texts that are kept, for overlap checks.
    pub(crate) fn read_by(&self, apart: &mut Apart<'_>) {
        self.sets.as_slice().iter().for_each(|set| {
            apart.and_list(set.region());
        });
        [&self.issuers, &self.audiences, &self.require, &self.acr].into_iter().for_each(|names| {
            apart.and_texts(names.as_slice());
        });
        [self.subject, self.typ, self.nonce].iter().for_each(|text| {
            apart.and_texts(text.as_slice());
        });
        #[cfg(feature = "channel")]
        apart.and_texts(self.channel.as_slice());
        #[cfg(feature = "prepared")]
        if let Some(prepared) = &self.prepared {
            apart.and_list(prepared.region());
        }
        #[cfg(feature = "_standing")]
        self.standing.read_by(apart);
        #[cfg(feature = "rights")]
        self.rules.read_by(apart);
        #[cfg(feature = "cache")]
        if let Some(view) = self.cache {
            apart.and_object(view);
            if let Ok(kept) = view.get() {
                kept.read_by(apart);
            }
        }
        #[cfg(feature = "fingerprint")]
        if let Some(recipe) = &self.digest {
            recipe.read_by(apart);
        }
        #[cfg(feature = "sketch")]
        if let Some(sketch) = self.sketch {
            apart.and_object(sketch);
            if let Ok(kept) = sketch.get() {
                kept.read_by(apart);
            }
        }
    }
}
