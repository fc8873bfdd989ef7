//! How keys lie in the caller's words: a head, the issuer, then one record for each key.
//!
//! No pointers, so a region can be copied, mapped read-only by other processes, or kept in flash. Every read is bounded by
//! the region's length: a damaged region yields fewer keys, never a wild access.
//!
//! | words | what |
//! |---|---|
//! | 1 | the mark of a region, with the layout's version |
//! | 1 | used words (32 bits), keys (16), skipped keys (16) |
//! | 1 | the generation (32 bits); bytes of the issuer, plus one, or 0: for no issuer (32) |
//! | n | the issuer |
//! | each key | a head: words of the record (32 bits), bytes of the kid plus one, or 0 (16), algorithm or key management (16); the kid; the material |

use crate::bytes::to_words;
use crate::error::Status;
use crate::header::Algorithm;
use crate::json::Text;
use zeroize::Zeroize;

/// "CMKKEYS" and the layout's version.
const MARK: u64 = 0x434d_4b4b_4559_5302;
const HEAD_WORDS: usize = 3;
const RECORD_HEAD_WORDS: usize = 1;

/// A byte string in words, zero-filled at its end.
#[derive(Clone, Copy)]
pub(crate) struct Stored<'m> {
    words: &'m [u64],
    len: usize,
}

impl<'m> Stored<'m> {
    pub(crate) const fn words_for(bytes: usize) -> usize {
        bytes.div_ceil(8)
    }

    /// The string of `len` bytes in exactly these words.
    #[cfg(feature = "rotating")]
    pub(crate) fn read(words: &'m [u64], len: usize) -> Option<Self> {
        if words.len() == Self::words_for(len) { Some(Stored { words, len }) } else { None }
    }

    pub(crate) fn bytes(self) -> impl Iterator<Item = u8> + use<'m> {
        self.words.iter().flat_map(|word| word.to_le_bytes()).take(self.len)
    }

    pub(crate) fn is_bytes(self, bytes: &[u8]) -> bool {
        let (whole, tail) = bytes.as_chunks::<8>();
        let mut words = self.words.iter();
        self.len == bytes.len()
            && whole.iter().zip(&mut words).all(|(eight, word)| u64::from_le_bytes(*eight) == *word)
            && words.flat_map(|word| word.to_le_bytes()).zip(tail).all(|(left, right)| left == *right)
    }

    pub(crate) fn is(self, text: Text<'_>) -> bool {
        match text.plain() {
            Some(plain) => self.is_bytes(plain),
            None => self.bytes().eq(text.bytes()),
        }
    }
}

/// One key of a region: the number says what it is for, an algorithm's or a key management's.
#[derive(Clone, Copy)]
pub(crate) struct Entry<'m> {
    pub(crate) code: i32,
    pub(crate) kid: Option<Stored<'m>>,
    pub(crate) material: &'m [u64],
}

/// One key of signatures.
#[derive(Clone, Copy)]
pub(crate) struct Record<'m> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<Stored<'m>>,
    pub(crate) material: &'m [u64],
}

/// The words of a record whose material takes `material` words.
pub(crate) const fn record_words(kid_bytes: usize, material: usize) -> usize {
    RECORD_HEAD_WORDS.saturating_add(Stored::words_for(kid_bytes)).saturating_add(material)
}

/// The words of a region's head.
pub(crate) const fn head_words(issuer_bytes: usize) -> usize {
    HEAD_WORDS.saturating_add(Stored::words_for(issuer_bytes))
}

/// The counts of a region's second word.
#[derive(Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) used: usize,
    pub(crate) keys: u16,
    pub(crate) skipped: u16,
}

impl Counts {
    fn of(word: u64) -> Counts {
        Counts { used: (word >> 32) as usize, keys: (word >> 16) as u16, skipped: word as u16 }
    }

    fn word(self) -> u64 {
        ((self.used as u64) << 32) | (u64::from(self.keys) << 16) | u64::from(self.skipped)
    }
}

/// A read-only view of a region.
#[derive(Clone, Copy)]
pub(crate) struct View<'m> {
    words: &'m [u64],
}

impl<'m> View<'m> {
    pub(crate) fn open(words: &'m [u64]) -> Result<Self, Status> {
        let [MARK, counts, ..] = words else { return Err(Status::NotInitialized) };
        let used = words.get(..Counts::of(*counts).used).ok_or(Status::NotInitialized)?;
        if used.len() < HEAD_WORDS { Err(Status::NotInitialized) } else { Ok(View { words: used }) }
    }

    pub(crate) fn words(self) -> &'m [u64] {
        self.words
    }

    pub(crate) fn counts(self) -> Counts {
        Counts::of(self.words.get(1).copied().unwrap_or_default())
    }

    pub(crate) fn issuer(self) -> Option<Stored<'m>> {
        let len = (*self.words.get(2)? as u32 as usize).checked_sub(1)?;
        let words = self.words.get(HEAD_WORDS..)?.get(..Stored::words_for(len))?;
        Some(Stored { words, len })
    }

    pub(crate) fn generation(self) -> u32 {
        (self.words.get(2).copied().unwrap_or_default() >> 32) as u32
    }

    /// The keys of signatures.
    pub(crate) fn records(self) -> impl Iterator<Item = Record<'m>> + use<'m> {
        self.entries().filter_map(|Entry { code, kid, material }| {
            Some(Record { algorithm: Algorithm::from_code(code)?, kid, material })
        })
    }

    /// Every key, whatever it is for.
    pub(crate) fn entries(self) -> impl Iterator<Item = Entry<'m>> + use<'m> {
        let issuer_words = self.issuer().map_or(0, |issuer| issuer.words.len());
        let mut rest = self.words.get(HEAD_WORDS..).and_then(|words| words.get(issuer_words..)).unwrap_or_default();
        core::iter::from_fn(move || {
            let head = *rest.first()?;
            let (record, behind) = rest.split_at_checked((head >> 32) as usize)?;
            rest = behind;
            let (_, body) = record.split_first()?;
            let kid_len = usize::from((head >> 16) as u16).checked_sub(1);
            let (kid, material) = body.split_at_checked(Stored::words_for(kid_len.unwrap_or_default()))?;
            let kid = kid_len.map(|len| Stored { words: kid, len });
            Some(Entry { code: (head & 0xffff) as i32, kid, material })
        })
    }
}

/// Marks the region as holding no key yet, of the first generation.
pub(crate) fn clear(words: &mut [u64], issuer: Option<&str>) -> Result<(), Status> {
    let issuer_bytes = issuer.unwrap_or_default().as_bytes();
    let len = issuer.map_or(0, |issuer| (issuer.len() as u64).saturating_add(1));
    to_words(issuer_bytes, begin(words, len, issuer_bytes.len(), 1)?);
    Ok(())
}

/// The same for the generation after another set's, of the same issuer.
pub(crate) fn clear_after(words: &mut [u64], old: View<'_>) -> Result<(), Status> {
    let issuer = old.issuer();
    let (bytes, len) = issuer.map_or((0, 0), |issuer| (issuer.len, (issuer.len as u64).saturating_add(1)));
    let place = begin(words, len, bytes, next(old.generation()))?;
    place.iter_mut().zip(issuer.map_or(&[][..], |issuer| issuer.words)).for_each(|(word, value)| *word = *value);
    Ok(())
}

/// The generation after this one. 0 is none, not even after the last.
const fn next(generation: u32) -> u32 {
    match generation.checked_add(1) {
        Some(next) => next,
        None => 1,
    }
}

/// Wipes the region and writes its head; the place of the issuer's words.
fn begin(words: &mut [u64], len: u64, issuer_bytes: usize, generation: u32) -> Result<&mut [u64], Status> {
    wipe(words, 0);
    let used = head_words(issuer_bytes);
    if len > u64::from(u32::MAX) {
        return Err(Status::RegionTooSmall);
    }
    let [mark, counts, third, rest @ ..] = words.get_mut(..used).ok_or(Status::RegionTooSmall)? else {
        return Err(Status::RegionTooSmall);
    };
    *mark = MARK;
    *counts = Counts { used, keys: 0, skipped: 0 }.word();
    *third = (u64::from(generation) << 32) | len;
    Ok(rest)
}

pub(crate) fn set_counts(words: &mut [u64], counts: Counts) {
    if let Some(word) = words.get_mut(1) {
        *word = counts.word();
    }
}

pub(crate) fn set_generation(words: &mut [u64], generation: u32) {
    if let Some(word) = words.get_mut(2) {
        *word = (u64::from(generation) << 32) | (*word & u64::from(u32::MAX));
    }
}

/// Adds one record, which makes another generation; `fill` writes the material. Nothing is changed when there is no room.
pub(crate) fn push(
    words: &mut [u64],
    code: i32,
    kid: Option<&[u8]>,
    material_words: usize,
    fill: impl FnOnce(&mut [u64]),
) -> Result<(), Status> {
    let view = View::open(words)?;
    let (counts, generation) = (view.counts(), view.generation());
    let kid_bytes = kid.unwrap_or_default();
    let record_words = record_words(kid_bytes.len(), material_words);
    let free = words.get_mut(counts.used..).ok_or(Status::RegionTooSmall)?;
    let record = free.get_mut(..record_words).ok_or(Status::RegionTooSmall)?;
    let (head, body) = record.split_first_mut().ok_or(Status::RegionTooSmall)?;
    let kid_words = Stored::words_for(kid_bytes.len()).min(body.len());
    let (kid_place, material) = body.split_at_mut(kid_words);
    let kid_len = kid.map_or(0, |kid| (kid.len() as u64).saturating_add(1));
    *head = ((record_words as u64) << 32) | (kid_len << 16) | u64::from(code as u16);
    to_words(kid_bytes, kid_place);
    fill(material);
    set_counts(
        words,
        Counts { used: counts.used.saturating_add(record_words), keys: counts.keys.saturating_add(1), ..counts },
    );
    set_generation(words, next(generation));
    Ok(())
}

/// Wipes everything from word `from` on.
pub(crate) fn wipe(words: &mut [u64], from: usize) {
    words.get_mut(from..).unwrap_or_default().zeroize();
}
