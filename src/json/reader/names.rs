//! The names of the members of every open object: what a new name is compared with, and in the end the index.

use super::super::text::Unescaped;
use super::Fault;
use super::scan::plain_bytes;
use crate::bytes::WORD_BYTES;

/// One entry of the index: where a member's name starts, little-endian.
pub(crate) const INDEX_ENTRY_BYTES: usize = 2;

/// Where the names start whose entries these are.
pub(crate) fn positions(index: &[u8]) -> impl Iterator<Item = usize> {
    index.as_chunks::<INDEX_ENTRY_BYTES>().0.iter().map(|entry| usize::from(u16::from_le_bytes(*entry)))
}

/// The names of the members of every open object, outermost first.
pub(super) struct Names<'i> {
    pub(super) index: &'i mut [u8],
    pub(super) open: usize,
    pub(super) outermost: usize,
}

impl Names<'_> {
    #[inline]
    pub(super) fn push(&mut self, position: usize) -> Result<(), Fault> {
        let entry = self.index.as_chunks_mut().0.get_mut(self.open).ok_or(Fault::Limit)?;
        *entry = (position as u16).to_le_bytes();
        self.open = self.open.saturating_add(1);
        Ok(())
    }

    pub(super) fn positions_from(&self, first: u16) -> impl Iterator<Item = usize> {
        let start = usize::from(first).saturating_mul(INDEX_ENTRY_BYTES);
        let end = self.open.saturating_mul(INDEX_ENTRY_BYTES);
        positions(self.index.get(start..end).unwrap_or_default())
    }
}

/// Whether the names that start these texts are the same, unescaped.
#[inline(never)]
pub(super) fn same_name(left: &[u8], right: &[u8]) -> bool {
    match (left.first(), right.first()) {
        // Most names differ in their first byte; only an escape can stand for another.
        (Some(first), Some(other)) if first != other && *first != b'\\' && *other != b'\\' => false,
        _ => {
            let same = equal_start(left, right);
            let rest = |name| Unescaped::new(<[u8]>::get(name, same..).unwrap_or_default());
            rest(left).eq(rest(right))
        }
    }
}

/// How many bytes at the start of two names are the same and plain, by words: names that differ late cost no more.
fn equal_start(left: &[u8], right: &[u8]) -> usize {
    let words = left.as_chunks().0.iter().zip(right.as_chunks().0);
    words.take_while(|(left, right)| left == right && plain_bytes(**left) == WORD_BYTES).count().saturating_mul(WORD_BYTES)
}

/// The class of a name without escapes: equal names have equal classes.
#[inline]
pub(super) fn class(name: &[u8]) -> usize {
    let at = |position: usize| name.get(position).copied().unwrap_or_default();
    let mixed = u32::from_le_bytes([at(0), at(1), at(2), name.len() as u8]).wrapping_mul(0x9e37_79b1);
    // The upper bits, as many as number the bits of a word; the shift takes the rest off.
    1usize.wrapping_shl(mixed >> 26)
}
