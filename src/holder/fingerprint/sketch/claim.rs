//! The sketch as a token carries it.

use crate::base64url;
use crate::cursor::Cursor;
use crate::error::Status;
use crate::holder::fingerprint::component::{Component, ComponentKind, ComponentSet};
use crate::json::Text;

/// The most entries of a sketch.
pub const ENTRIES_MAX: usize = 64;
/// The bytes of a set's bins: 128 bits.
pub(super) const SET_BYTES: usize = 16;
/// The bytes of a salt.
pub const SALT_BYTES: usize = 8;
const VERSION: u8 = 1;
const HEAD_BYTES: usize = 13;
const DIGEST_BYTES: core::ops::RangeInclusive<u8> = 2..=8;
/// The longest claim, decoded: head, mask, and 64 sets.
pub(crate) const CLAIM_BYTES_MAX: usize = HEAD_BYTES + ENTRIES_MAX / 8 + ENTRIES_MAX * (1 + SET_BYTES);
/// The longest claim in text.
const CLAIM_TEXT_MAX: usize = CLAIM_BYTES_MAX.div_ceil(3) * 4;

/// What stands before the entries.
#[derive(Clone, Copy)]
pub(super) struct Head {
    /// Bytes of an exact or ordinal digest: k.
    pub(super) digest_bytes: u8,
    /// The number of the pepper.
    pub(super) pepper: u8,
    /// How many re-issues lie behind.
    pub(super) generation: u8,
    /// Makes every sketch another one.
    pub(super) salt: [u8; SALT_BYTES],
}

/// A well-formed sketch.
pub(super) struct SketchClaim<'c> {
    pub(super) head: Head,
    /// The components that have an entry.
    pub(super) components: ComponentSet,
    moved: &'c [u8],
    entries: &'c [u8],
    /// Where each entry's digest starts.
    starts: [u16; ENTRIES_MAX],
}

/// One component of a sketch.
#[derive(Clone, Copy)]
pub(super) struct Entry<'c> {
    pub(super) component: Component,
    pub(super) position: usize,
    /// It differed from its value at an earlier re-issue.
    pub(super) is_moved: bool,
    pub(super) digest: &'c [u8],
}

/// The bytes that follow an entry's number.
pub(super) const fn entry_bytes(component: Component, digest_bytes: u8) -> usize {
    match component.kind() {
        ComponentKind::Set => SET_BYTES,
        ComponentKind::Exact | ComponentKind::Ordinal => digest_bytes as usize,
    }
}

/// Decodes a claim's text.
pub(super) fn decode<'b>(text: &[u8], bytes: &'b mut [u8; CLAIM_BYTES_MAX]) -> Result<&'b [u8], Status> {
    base64url::decode(text, bytes).map(|bytes| &*bytes).ok_or(Status::FingerprintMalformed)
}

/// Decodes a claim as it stands in JSON.
pub(super) fn decode_json<'b>(text: Text<'_>, bytes: &'b mut [u8; CLAIM_BYTES_MAX]) -> Result<&'b [u8], Status> {
    match text.plain() {
        Some(plain) => decode(plain, bytes),
        None => decode_escaped(text, bytes).ok_or(Status::FingerprintMalformed),
    }
}

/// Escapes are legal and useless here: only this path pays for the copy.
#[inline(never)]
fn decode_escaped<'b>(text: Text<'_>, bytes: &'b mut [u8]) -> Option<&'b [u8]> {
    let mut plain = [0; CLAIM_TEXT_MAX];
    let plain = text.copy_to(&mut plain).ok()?;
    base64url::decode(plain.as_bytes(), bytes).map(|bytes| &*bytes)
}

impl<'c> SketchClaim<'c> {
    /// Reads a decoded claim to its end. Whatever is not exactly one sketch is none.
    pub(super) fn read(bytes: &'c [u8]) -> Result<Self, Status> {
        Self::read_exactly(bytes).ok_or(Status::FingerprintMalformed)
    }

    fn read_exactly(bytes: &'c [u8]) -> Option<Self> {
        let ([VERSION, digest_bytes, pepper, generation], rest) = bytes.split_first_chunk()? else { return None };
        let (salt, rest) = rest.split_first_chunk()?;
        let (count, rest) = rest.split_first()?;
        let count = usize::from(*count);
        if !DIGEST_BYTES.contains(digest_bytes) || count > ENTRIES_MAX {
            return None;
        }
        let (moved, entries) = rest.split_at_checked(count.div_ceil(8))?;
        let spare = moved.last().map_or(0, |last| u32::from(*last) >> (count.wrapping_sub(1) % 8).wrapping_add(1));
        if spare != 0 {
            return None;
        }
        let head = Head { digest_bytes: *digest_bytes, pepper: *pepper, generation: *generation, salt: *salt };
        let mut claim = SketchClaim { head, components: ComponentSet::EMPTY, moved, entries, starts: [0; ENTRIES_MAX] };
        let mut cursor = Cursor::new(entries);
        let mut last = 0;
        for start in claim.starts.iter_mut().take(count) {
            let component = Component::from_number(cursor.next()?)?;
            if component.number() <= last {
                return None;
            }
            last = component.number();
            *start = cursor.position() as u16;
            claim.components.insert(component);
            let bytes = entry_bytes(component, head.digest_bytes);
            cursor.rest().get(..bytes)?;
            cursor.skip(bytes);
        }
        if cursor.rest().is_empty() { Some(claim) } else { None }
    }

    /// The entry of this component.
    pub(super) fn entry(&self, component: Component) -> Option<Entry<'c>> {
        if !self.components.contains(component) {
            return None;
        }
        let position = self.components.rank(component);
        let bytes = self.entries.get(usize::from(*self.starts.get(position)?)..)?;
        Some(Entry {
            component,
            position,
            is_moved: self.moved.get(position / 8)? >> (position % 8) & 1 == 1,
            digest: bytes.get(..entry_bytes(component, self.head.digest_bytes))?,
        })
    }

    /// The entries, in ascending order of their components.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'c>> {
        self.components.iter().filter_map(|component| self.entry(component))
    }
}

/// A sketch that is being written: head and numbers first, then each digest in its place.
pub(super) struct SketchWriter<'b> {
    bytes: &'b mut [u8; CLAIM_BYTES_MAX],
    count: usize,
    written: usize,
}

impl<'b> SketchWriter<'b> {
    /// A sketch of `count` entries, which must be pushed in ascending order.
    pub(super) fn new(bytes: &'b mut [u8; CLAIM_BYTES_MAX], head: &Head, count: usize) -> Self {
        let mut writer = SketchWriter { bytes, count, written: 0 };
        writer.put(&[VERSION, head.digest_bytes, head.pepper, head.generation]);
        writer.put(&head.salt);
        writer.put(&[count as u8]);
        writer.put([0; ENTRIES_MAX / 8].get(..count.div_ceil(8)).unwrap_or_default());
        writer
    }

    /// Adds the entry at `position`.
    pub(super) fn push(&mut self, position: usize, component: Component, is_moved: bool, digest: &[u8]) {
        debug_assert!(position < self.count);
        self.put(&[component.number()]);
        self.put(digest);
        if let Some(byte) = self.bytes.get_mut(HEAD_BYTES.saturating_add(position / 8)) {
            *byte |= u8::from(is_moved) << (position % 8);
        }
    }

    pub(super) fn finish(self) -> &'b [u8] {
        self.bytes.get(..self.written).unwrap_or_default()
    }

    fn put(&mut self, bytes: &[u8]) {
        let rest = self.bytes.get_mut(self.written..).unwrap_or_default();
        if let Some(place) = rest.get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
            self.written = self.written.saturating_add(bytes.len());
        }
    }
}
