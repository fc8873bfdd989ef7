//! The keys that serve, and how others take their place: a bad file never replaces a good one.

use crate::Fault;
use countermark::{Algorithm, KeySet, Keys, Status, keys_size_for};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::SystemTime;
use zeroize::Zeroizing;

/// The longest file. The largest published sets have a few ten thousand bytes.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// Words for the one key of a PEM file: the largest has 8192 bits.
const PEM_WORDS: usize = 512;

/// One loaded set. It is wiped when the last verdict that uses it is done.
pub struct Loaded {
    region: Vec<u64>,
    pub usable: usize,
    pub skipped: usize,
}

impl Loaded {
    pub fn set(&self) -> Result<KeySet<'_>, Status> {
        KeySet::open(&self.region)
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        if let Ok(mut keys) = Keys::open(&mut self.region) {
            keys.wipe();
        }
    }
}

/// The keys' file, and what was read from it last.
pub struct KeyFile {
    path: PathBuf,
    issuer: String,
    /// The algorithms that are allowed; of a PEM key the one.
    algorithms: Vec<Algorithm>,
    pem_algorithm: Option<Algorithm>,
    serving: RwLock<Arc<Loaded>>,
    seen: RwLock<Option<(SystemTime, u64)>>,
}

impl KeyFile {
    /// Reads the file for the first time: without keys the service does not start.
    pub fn open(
        path: PathBuf,
        issuer: &str,
        algorithms: Vec<Algorithm>,
        pem_algorithm: Option<Algorithm>,
    ) -> Result<Self, Fault> {
        let none = Loaded { region: Vec::new(), usable: 0, skipped: 0 };
        let serving = RwLock::new(Arc::new(none));
        let issuer = issuer.to_owned();
        let file = KeyFile { path, issuer, algorithms, pem_algorithm, serving, seen: RwLock::default() };
        file.reload()?;
        Ok(file)
    }

    /// The keys that serve now.
    pub fn current(&self) -> Arc<Loaded> {
        self.serving.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the file has another date or length than when it was read last.
    pub fn has_changed(&self) -> bool {
        let seen = *self.seen.read().unwrap_or_else(PoisonError::into_inner);
        self.stamp().is_some_and(|stamp| seen != Some(stamp))
    }

    /// Reads the file. Whatever is wrong with it leaves the keys as they are, and is not tried again until it changes once more; but
    /// what could not be read is, for that ends without a change.
    pub fn reload(&self) -> Result<Arc<Loaded>, Fault> {
        // Before reading: what is written meanwhile is a change.
        *self.seen.write().unwrap_or_else(PoisonError::into_inner) = self.stamp();
        let loaded = self.read().map_err(|fault| {
            if fault.is::<std::io::Error>() {
                *self.seen.write().unwrap_or_else(PoisonError::into_inner) = None;
            }
            format!("{}: {fault}", self.path.display())
        });
        let loaded = Arc::new(loaded?);
        *self.serving.write().unwrap_or_else(PoisonError::into_inner) = loaded.clone();
        Ok(loaded)
    }

    fn stamp(&self) -> Option<(SystemTime, u64)> {
        let file = std::fs::metadata(&self.path).ok()?;
        Some((file.modified().ok()?, file.len()))
    }

    fn read(&self) -> Result<Loaded, Fault> {
        let file = std::fs::metadata(&self.path)?;
        // A FIFO or a device would keep us waiting.
        if !file.is_file() {
            return Err("not a regular file".into());
        }
        if file.len() > FILE_BYTES_MAX {
            return Err(format!("more than {FILE_BYTES_MAX} bytes").into());
        }
        let text = Zeroizing::new(std::fs::read(&self.path)?);
        let allowed = self.algorithms.as_slice();
        if let Some(algorithm) = self.pem_algorithm {
            let mut region = vec![0; PEM_WORDS];
            let text = std::str::from_utf8(&text)?;
            Keys::for_issuer(&mut region, &self.issuer)?.kept(|keys| keys.add_pem(algorithm, None, text.as_bytes()))?;
            return Ok(Loaded { region, usable: 1, skipped: 0 });
        }
        let mut region = vec![0; keys_size_for(&text, allowed, Some(&self.issuer))?.div_ceil(8)];
        let found = Keys::for_issuer(&mut region, &self.issuer)?.kept(|keys| keys.add_jwks(&text, allowed))?;
        match (found.added, found.reason) {
            (0, Some(reason)) => Err(format!("no usable key: {}", reason.sentence()).into()),
            (0, None) => Err("no usable key".into()),
            (usable, _) => Ok(Loaded { region, usable, skipped: found.skipped }),
        }
    }
}

/// Keys wipe their region when they are dropped. These are to stay in it.
trait Kept<'m> {
    fn kept<T>(self, fill: impl FnOnce(&mut Keys<'m>) -> Result<T, Status>) -> Result<T, Status>;
}

impl<'m> Kept<'m> for Keys<'m> {
    fn kept<T>(mut self, fill: impl FnOnce(&mut Keys<'m>) -> Result<T, Status>) -> Result<T, Status> {
        let filled = fill(&mut self)?;
        std::mem::forget(self);
        Ok(filled)
    }
}
