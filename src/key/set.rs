//! A key set to verify with.

#[cfg(feature = "rotating")]
use super::Base;
#[cfg(feature = "envelope")]
use super::KeyManagement;
use super::region::{self, Stored, View};
use crate::error::Status;
#[cfg(feature = "rotating")]
use crate::header::Algorithm;

/// A key set to verify with: a read-only view of a region, shared freely between threads and processes.
#[derive(Clone, Copy)]
pub struct KeySet<'m> {
    pub(super) view: Option<View<'m>>,
}

impl<'m> KeySet<'m> {
    /// A set without keys.
    pub const EMPTY: KeySet<'static> = KeySet { view: None };

    /// A view of a region that [`Keys`](crate::Keys) has filled.
    ///
    /// # Errors
    /// [`Status::NotInitialized`] when the region holds no set.
    pub fn open(region: &'m [u64]) -> Result<Self, Status> {
        Ok(KeySet { view: Some(View::open(region)?) })
    }

    /// How many keys the set has.
    pub fn len(&self) -> usize {
        self.view.map_or(0, |view| usize::from(view.counts().keys))
    }

    /// Whether the set has no key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many keys were passed over while it was loaded.
    pub fn skipped(&self) -> usize {
        self.view.map_or(0, |view| usize::from(view.counts().skipped))
    }

    /// The set's generation: 1 for an empty set of its own, one more for a set that succeeds another, and one more for each
    /// key that is added; 0 for no set. What is kept of a verification holds for one generation only. It wraps at 2^32, past 0.
    pub fn generation(&self) -> u32 {
        self.view.map_or(0, View::generation)
    }

    /// The words of the region that are in use.
    pub fn region(&self) -> &'m [u64] {
        self.view.map_or(&[], View::words)
    }

    /// Whether the set belongs to an issuer.
    pub fn has_issuer(&self) -> bool {
        self.issuer().is_some()
    }

    pub(crate) fn issuer(&self) -> Option<Stored<'m>> {
        self.view?.issuer()
    }

    /// Whether one of the keys is a rotating secret.
    pub(crate) fn rotates(&self) -> bool {
        #[cfg(not(feature = "rotating"))]
        return false;
        #[cfg(feature = "rotating")]
        self.records().any(|key| key.algorithm == Algorithm::HS256 && Base::is_of(key.material))
    }

    pub(super) fn records(&self) -> impl Iterator<Item = region::Record<'m>> + use<'m> {
        self.view.into_iter().flat_map(View::records)
    }

    /// The keys that open envelopes: what each does, its name, its material.
    #[cfg(feature = "envelope")]
    pub(crate) fn decryption_keys(&self) -> impl Iterator<Item = (KeyManagement, Option<Stored<'m>>, &'m [u64])> + use<'m> {
        let entries = self.view.into_iter().flat_map(View::entries);
        entries.filter_map(|key| Some((KeyManagement::from_code(key.code)?, key.kid, key.material)))
    }
}
