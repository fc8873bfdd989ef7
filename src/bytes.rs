//! Byte strings that are public: equality, prefixes, trimming.
//!
//! Equality is a loop on purpose. A comparison of slices compiles to a call of `bcmp` on Linux, and a freestanding C program
//! brings memcpy, memmove, memset and memcmp, but no `bcmp`.

/// As many bytes as are looked at in one step.
pub(crate) const WORD_BYTES: usize = size_of::<usize>();

#[inline]
pub(crate) fn equal(left: &[u8], right: &[u8]) -> bool {
    let (left_words, left_tail) = left.as_chunks::<WORD_BYTES>();
    let (right_words, right_tail) = right.as_chunks::<WORD_BYTES>();
    left.len() == right.len()
        && left_words
            .iter()
            .zip(right_words)
            .all(|(left, right)| usize::from_le_bytes(*left) == usize::from_le_bytes(*right))
        && left_tail.iter().zip(right_tail).all(|(left, right)| left == right)
}

/// Each byte 1.
const ONES: usize = usize::MAX / 0xff;

/// The high bit of each byte of a word that is below `bound`, which is at most 0x80. Bits above the lowest may be wrong.
#[inline]
pub(crate) const fn below(word: usize, bound: u8) -> usize {
    word.wrapping_sub(ONES.wrapping_mul(bound as usize)) & !word & ONES.wrapping_mul(0x80)
}

/// The high bit of each byte of a word that is `byte`. Bits above the lowest may be wrong.
#[inline]
pub(crate) const fn matches(word: usize, byte: u8) -> usize {
    below(word ^ ONES.wrapping_mul(byte as usize), 1)
}

/// Where `byte` stands first.
#[inline]
pub(crate) fn find(bytes: &[u8], byte: u8) -> Option<usize> {
    let (words, tail) = bytes.as_chunks::<WORD_BYTES>();
    for (at, word) in words.iter().enumerate() {
        let found = matches(usize::from_le_bytes(*word), byte);
        if found != 0 {
            return Some(at.saturating_mul(WORD_BYTES).saturating_add(found.trailing_zeros() as usize / 8));
        }
    }
    let in_tail = tail.iter().position(|found| *found == byte)?;
    Some(words.len().saturating_mul(WORD_BYTES).saturating_add(in_tail))
}

/// What follows `prefix`, if `bytes` starts with it.
#[inline]
pub(crate) fn after<'b>(bytes: &'b [u8], prefix: &[u8]) -> Option<&'b [u8]> {
    let (start, rest) = bytes.split_at_checked(prefix.len())?;
    if equal(start, prefix) { Some(rest) } else { None }
}

/// Bytes as little-endian words, the last one filled up with zeros.
pub(crate) fn to_words(bytes: &[u8], words: &mut [u64]) {
    for (word, chunk) in words.iter_mut().zip(bytes.chunks(8)) {
        let mut eight = [0; 8];
        eight.iter_mut().zip(chunk).for_each(|(place, byte)| *place = *byte);
        *word = u64::from_le_bytes(eight);
    }
}

/// As many whole words as `bytes` has room for, little-endian.
#[cfg(any(feature = "ed25519", feature = "_mldsa", feature = "prepared"))]
pub(crate) fn of_words(words: &[u64], bytes: &mut [u8]) {
    for (eight, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
        *eight = word.to_le_bytes();
    }
}

/// Without spaces and tabs at both ends (RFC 9110 5.6.3).
#[cfg(any(feature = "fingerprint", feature = "carrier", feature = "mtls"))]
pub(crate) fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// The values of the cookies of this name in one `Cookie` field's value; names are case-sensitive (RFC 6265 4.2.1).
#[cfg(any(feature = "fingerprint", feature = "carrier"))]
pub(crate) fn cookies<'l, 'n>(line: &'l [u8], name: &'n str) -> impl Iterator<Item = &'l [u8]> + use<'l, 'n> {
    let pairs = line.split(|byte| *byte == b';').map(trimmed);
    pairs.filter_map(move |pair| after(after(pair, name.as_bytes())?, b"="))
}
