//! `cmk_policy`: what a token must satisfy, as C writes it.

use crate::memory::{Apart, cmk_bytes, list};
use crate::possession::{cmk_dpop, read_by as proof_read_by};
use crate::recipe::cmk_recipe;
#[cfg(feature = "rights")]
use crate::rights::{cmk_rule, read_by as rules_read_by};
use crate::sketch::cmk_sketch;
use countermark::Status;

pub(crate) const ANY_AUDIENCE: u32 = 1;
pub(crate) const ALLOW_MISSING_EXP: u32 = 2;
pub(crate) const NO_CLOCK: u32 = 4;

/// A build without rights: the rules must be NULL.
#[cfg(not(feature = "rights"))]
#[allow(non_camel_case_types)]
pub enum cmk_rule {}

/// A policy as C writes it.
#[derive(Clone, Copy)]
#[repr(C)]
#[allow(non_camel_case_types)]
pub struct cmk_policy {
    pub size: usize,
    pub issuers: *const cmk_bytes,
    pub issuer_count: usize,
    pub audiences: *const cmk_bytes,
    pub audience_count: usize,
    pub require: *const cmk_bytes,
    pub require_count: usize,
    pub acr: *const cmk_bytes,
    pub acr_count: usize,
    pub algs: *const i32,
    pub alg_count: usize,
    pub subject: cmk_bytes,
    pub typ: cmk_bytes,
    pub nonce: cmk_bytes,
    pub digest: *const cmk_recipe,
    pub sketch: *const cmk_sketch,
    pub flags: u32,
    pub leeway: u32,
    pub max_age: u32,
    pub auth_max_age: u32,
    pub token_bytes: u32,
    pub depth: u32,
    pub members: u32,
    pub candidates: u32,
    pub dpop: *const cmk_dpop,
    pub channel: cmk_bytes,
    pub binding: i32,
    pub certificate: u32,
    pub combination: i32,
    pub at_least: u32,
    pub methods: u32,
    pub shape: i32,
    pub rules: *const cmk_rule,
    pub rule_count: usize,
}

impl cmk_policy {
    /// What a smaller build does not have must not be asked of it.
    pub(crate) fn of_this_build(&self) -> Result<(), Status> {
        #[cfg(not(feature = "fingerprint"))]
        if !self.digest.is_null() {
            return Err(Status::NotSupported);
        }
        #[cfg(not(feature = "sketch"))]
        if !self.sketch.is_null() {
            return Err(Status::NotSupported);
        }
        #[cfg(not(feature = "dpop"))]
        if !self.dpop.is_null() {
            return Err(Status::NotSupported);
        }
        #[cfg(not(feature = "mtls"))]
        if self.certificate != 0 {
            return Err(Status::NotSupported);
        }
        #[cfg(not(feature = "channel"))]
        if self.binding != 0 || !self.channel.ptr.is_null() {
            return Err(Status::NotSupported);
        }
        #[cfg(not(feature = "_possession"))]
        if self.combination != 0 || self.at_least != 0 || self.methods != 0 {
            return Err(Status::NotSupported);
        }
        #[cfg(not(feature = "envelope"))]
        if self.shape != 0 {
            return Err(Status::NotSupported);
        }
        #[cfg(not(feature = "rights"))]
        if !self.rules.is_null() || self.rule_count != 0 {
            return Err(Status::NotSupported);
        }
        Ok(())
    }

    /// Everything that is read through this structure, for overlap checks.
    ///
    /// # Safety
    /// The members are valid, or NULL.
    pub(crate) unsafe fn read_by(&self, apart: &mut Apart<'_>) -> Result<(), Status> {
        // SAFETY: the caller's promise, for the whole function.
        unsafe {
            let lists = [
                (self.issuers, self.issuer_count),
                (self.audiences, self.audience_count),
                (self.require, self.require_count),
                (self.acr, self.acr_count),
            ];
            for (texts, count) in lists {
                let texts = list(texts, count)?;
                apart.and_list(texts);
                texts.iter().for_each(|text| {
                    apart.and_bytes(*text);
                });
            }
            apart.and_list(list(self.algs, self.alg_count)?);
            apart.and_bytes(self.subject).and_bytes(self.typ).and_bytes(self.nonce).and_object(self.sketch);
            apart.and_bytes(self.channel);
            proof_read_by(self.dpop, apart)?;
            #[cfg(feature = "rights")]
            rules_read_by(self.rules, self.rule_count, apart)?;
            crate::recipe::read_by(self.digest, apart)
        }
    }
}
