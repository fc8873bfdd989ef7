//! Prepared ES256 keys: tables of their multiples in a second region of the caller's, found by the key's coordinates.
//!
//! No pointers and no secrets: a region of tables can be built elsewhere, stored, mapped and shared. It is a cache and
//! nothing more: a key without a table verifies as before, and a table without a key is never asked.
//!
//! | cells of eight words | what |
//! |---|---|
//! | 1 | the mark with the layout's version; window (32 bits), keys (32); SHA-256 of both and of every cell behind; two zeros |
//! | n | the generator's table |
//! | each key | one cell of coordinates, as in a region of keys; n of the key's table |

use super::KeySet;
use crate::bytes::{of_words, to_words};
use crate::error::Status;
use crate::hash::{self, Hash};
use crate::header::Algorithm;
use crate::secp256r1::{self, Affine, Entry, WINDOW_MAX, WINDOW_MIN};

/// "CMKTABS" and the layout's version.
const MARK: u64 = 0x434d_4b54_4142_5301;

/// Tables to verify with: a read-only view of a region, shared freely between threads and processes.
#[derive(Clone, Copy)]
pub struct Prepared<'m> {
    /// The head, then tables: exactly the cells that are in use.
    cells: &'m [Entry],
    window: u32,
}

/// The cells of a region for so many keys; `None` when no such window exists.
const fn cells_for(window: u32, keys: usize) -> Option<usize> {
    if window < WINDOW_MIN || window > WINDOW_MAX {
        return None;
    }
    let table = secp256r1::entries(window);
    Some(table.saturating_add(1).saturating_mul(keys).saturating_add(table).saturating_add(1))
}

/// The bytes of a region for the tables of this many ES256 keys and of the generator. A window of 4, 5, 6, 7 or 8 bits takes
/// 32, 52, 86, 148 or 256 KiB for each; 0 for another window.
pub const fn prepared_bytes(window: u32, keys: usize) -> usize {
    match cells_for(window, keys) {
        Some(cells) => cells.saturating_mul(size_of::<Entry>()),
        None => 0,
    }
}

impl<'m> Prepared<'m> {
    /// Builds the tables of every ES256 key of these sets, in about a millisecond for each. A wider window makes larger
    /// tables and faster verifications. A region that is aligned to 64 bytes is read fastest.
    ///
    /// # Errors
    /// [`Status::Argument`] for a window that does not exist, [`Status::RegionTooSmall`]. Then the region holds no tables.
    pub fn build(region: &'m mut [u64], window: u32, sets: &[KeySet<'_>]) -> Result<Self, Status> {
        let (cells, _) = region.as_chunks_mut::<8>();
        let (head, tables) = cells.split_first_mut().ok_or(Status::RegionTooSmall)?;
        *head = [0; 8];
        if cells_for(window, 0).is_none() {
            return Err(Status::Argument);
        }
        let table = secp256r1::entries(window);
        let (generator, mut free) = tables.split_at_mut_checked(table).ok_or(Status::RegionTooSmall)?;
        secp256r1::build(window, secp256r1::generator(), generator);
        let mut keys = 0u32;
        let records = || sets.iter().flat_map(KeySet::records).filter(|key| key.algorithm == Algorithm::ES256);
        for (position, record) in records().enumerate() {
            let Ok(coordinates) = <&Entry>::try_from(record.material) else { continue };
            let Some(point) = Affine::of_coordinates(coordinates) else { continue };
            if records().take(position).any(|earlier| is_same(earlier.material, record.material)) {
                continue;
            }
            let cells = table.saturating_add(1);
            let (place, behind) = free.split_at_mut_checked(cells).ok_or(Status::RegionTooSmall)?;
            let (identity, place) = place.split_first_mut().ok_or(Status::RegionTooSmall)?;
            *identity = *coordinates;
            secp256r1::build(window, point, place);
            free = behind;
            keys = keys.checked_add(1).ok_or(Status::RegionTooSmall)?;
        }
        let [mark, counts, check @ .., _, _] = head;
        (*mark, *counts) = (MARK, (u64::from(window) << 32) | u64::from(keys));
        let used = cells_for(window, keys as usize).unwrap_or_default();
        let tables = tables.get(..used.saturating_sub(1)).ok_or(Status::RegionTooSmall)?;
        *check = digest(*counts, tables);
        Ok(Prepared { cells: region.as_chunks::<8>().0.get(..used).ok_or(Status::RegionTooSmall)?, window })
    }

    /// A view of a region that [`Prepared::build`] has filled, here or elsewhere. Every word is compared with the check value
    /// once, now: later damage would not be seen, so the memory must be as safe as that of the keys. The check finds
    /// accidents. It cannot tell who built the tables; whoever may write them may forge tokens.
    ///
    /// # Errors
    /// [`Status::NotInitialized`] when the region holds no tables, or damaged ones.
    pub fn open(region: &'m [u64]) -> Result<Self, Status> {
        let (cells, _) = region.as_chunks::<8>();
        let Some(([MARK, counts, check @ .., 0, 0], _)) = cells.split_first() else { return Err(Status::NotInitialized) };
        let (window, keys) = ((counts >> 32) as u32, *counts as u32);
        let used = cells_for(window, keys as usize).ok_or(Status::NotInitialized)?;
        let cells = cells.get(..used).ok_or(Status::NotInitialized)?;
        let (_, tables) = cells.split_first().ok_or(Status::NotInitialized)?;
        if !is_same(&digest(*counts, tables), check) {
            return Err(Status::NotInitialized);
        }
        Ok(Prepared { cells, window })
    }

    /// How many keys have a table.
    pub fn len(&self) -> usize {
        self.tables().1.count()
    }

    /// Whether no key has a table.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The words of the region that are in use.
    pub fn region(&self) -> &'m [u64] {
        self.cells.as_flattened()
    }

    /// Whether (r, s) signs the digest under the key of this material; `None` when it has no table here.
    pub(crate) fn holds(&self, material: &[u64], digest: &[u8; 32], r: &[u8; 32], s: &[u8; 32]) -> Option<bool> {
        let (generator, mut keys) = self.tables();
        let (_, table) = keys.find(|(coordinates, _)| is_same(*coordinates, material))?;
        Some(secp256r1::holds_prepared(self.window, generator, table, digest, r, s))
    }

    /// The generator's table, and each key's.
    fn tables(&self) -> (&'m [Entry], impl Iterator<Item = (&'m Entry, &'m [Entry])> + use<'m>) {
        let table = secp256r1::entries(self.window);
        let tables = self.cells.get(1..).unwrap_or_default();
        let (generator, keys) = tables.split_at_checked(table).unwrap_or_default();
        (generator, keys.chunks_exact(table.saturating_add(1)).filter_map(<[Entry]>::split_first))
    }
}

/// Word by word: see `bytes::equal`.
fn is_same(left: &[u64], right: &[u64]) -> bool {
    left.iter().eq(right)
}

/// SHA-256 over the mark, the counts and the tables, in little-endian bytes, as words.
fn digest(counts: u64, tables: &[Entry]) -> [u64; 4] {
    let mut hash = Hash::new(hash::SHA256);
    let head = [MARK, counts, 0, 0, 0, 0, 0, 0];
    for cell in core::iter::once(&head).chain(tables) {
        let mut bytes = [0; 64];
        of_words(cell, &mut bytes);
        hash.update(&bytes);
    }
    let mut out = [0; 32];
    hash.finish(&mut out);
    let mut words = [0; 4];
    to_words(&out, &mut words);
    words
}
