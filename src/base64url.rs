//! Strict base64url without padding (RFC 4648 5, RFC 7515 2): one text for each byte string, and no other.
//!
//! Decoding takes the same instructions and touches the same addresses for every text of one length, so it serves secrets
//! too. `base64ct` is the oracle in the tests.

use base64ct::{Base64UrlUnpadded, Encoding};

const BLOCK_CHARS: usize = 32;
const BLOCK_BYTES: usize = 24;

/// How many bytes `chars` characters decode to; `None` when no byte string has a text of this length.
pub(crate) const fn decoded_len(chars: usize) -> Option<usize> {
    let whole = (chars / 4).saturating_mul(3);
    match chars % 4 {
        0 => Some(whole),
        2 => Some(whole.saturating_add(1)),
        3 => Some(whole.saturating_add(2)),
        _ => None,
    }
}

/// How many characters `bytes` bytes encode to.
#[cfg(any(feature = "issue", feature = "_possession", feature = "envelope"))]
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    let whole = (bytes / 3).saturating_mul(4);
    match bytes % 3 {
        0 => whole,
        rest => whole.saturating_add(rest).saturating_add(1),
    }
}

/// Decodes `text` into the start of `out`; `None` when it is not canonical or does not fit, and then `out` means nothing.
pub(crate) fn decode<'o>(text: &[u8], out: &'o mut [u8]) -> Option<&'o mut [u8]> {
    let out = out.get_mut(..decoded_len(text.len())?)?;
    let mut bad = 0u64;
    let (blocks, tail) = text.as_chunks::<BLOCK_CHARS>();
    let (places, rest) = out.as_chunks_mut::<BLOCK_BYTES>();
    for (chars, bytes) in blocks.iter().zip(places) {
        *bytes = decode_block(chars, &mut bad);
    }
    // The last characters are filled up with 'A', which stands for zero bits: spare bits show behind the last byte.
    let mut chars = [b'A'; BLOCK_CHARS];
    chars.iter_mut().zip(tail).for_each(|(place, char)| *place = *char);
    let bytes = decode_block(&chars, &mut bad);
    rest.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
    bad |= bytes.iter().skip(rest.len()).fold(0, |spare, byte| spare | u64::from(*byte));
    if bad == 0 { Some(out) } else { None }
}

/// Encodes `bytes` into the start of `out`; `None` when it does not fit.
pub(crate) fn encode<'o>(bytes: &[u8], out: &'o mut [u8]) -> Option<&'o str> {
    Base64UrlUnpadded::encode(bytes, out).ok()
}

/// 32 characters to 24 bytes; `bad` becomes non-zero if one is not of the alphabet.
#[cfg_attr(target_os = "none", inline(never))] // on bare metal flash counts more than a call
#[cfg_attr(not(target_os = "none"), inline)]
fn decode_block(chars: &[u8; BLOCK_CHARS], bad: &mut u64) -> [u8; BLOCK_BYTES] {
    const NOT_A_VALUE: u64 = 0x8080_8080_8080_8080;
    const SIX: u64 = 0x003f_003f_003f_003f;
    const TWELVE: u64 = 0x0000_0fff_0000_0fff;
    const TWENTY_FOUR: u64 = 0x00ff_ffff;
    let mut values = [0u8; BLOCK_CHARS];
    for (value, char) in values.iter_mut().zip(chars) {
        *value = decode_char(*char);
    }
    let mut words = [0u64; 4];
    for (word, eight) in words.iter_mut().zip(values.as_chunks().0) {
        *word = u64::from_le_bytes(*eight);
    }
    *bad |= words.iter().fold(0, |seen, word| seen | word) & NOT_A_VALUE;
    // Eight values of 6 bits to 48 bits: neighbours join to 12, to 24, to 48.
    let mut bytes = [0u8; BLOCK_BYTES];
    for (six, word) in bytes.as_chunks_mut::<6>().0.iter_mut().zip(words) {
        let word = ((word & SIX) << 6) | ((word >> 8) & SIX);
        let word = ((word & TWELVE) << 12) | ((word >> 16) & TWELVE);
        let word = ((word & TWENTY_FOUR) << 24) | ((word >> 32) & TWENTY_FOUR);
        let [_, _, packed @ ..] = word.to_be_bytes();
        *six = packed;
    }
    bytes
}

/// The value of a character, or a value with bit 7 set.
///
/// The alphabet's ranges are stairs: each step that the character is above adds its height, modulo 256. The steps between
/// the ranges lead to 128 above the character. Only comparisons against constants: these become masks.
#[inline]
const fn decode_char(char: u8) -> u8 {
    const fn mask(inside: bool) -> u8 {
        (inside as u8).wrapping_neg()
    }
    const fn step(char: u8, below: u8, from: u8, to: u8) -> u8 {
        mask(char as i8 >= below as i8) & to.wrapping_sub(from)
    }
    const OUTSIDE: u8 = 128;
    const DIGITS: u8 = 52u8.wrapping_sub(b'0');
    const UPPER: u8 = 0u8.wrapping_sub(b'A');
    const LOWER: u8 = 26u8.wrapping_sub(b'a');
    let value = char
        .wrapping_add(OUTSIDE)
        .wrapping_add(step(char, b'0', OUTSIDE, DIGITS))
        .wrapping_add(step(char, b'9' + 1, DIGITS, OUTSIDE))
        .wrapping_add(step(char, b'A', OUTSIDE, UPPER))
        .wrapping_add(step(char, b'Z' + 1, UPPER, OUTSIDE))
        .wrapping_add(step(char, b'a', OUTSIDE, LOWER))
        .wrapping_add(step(char, b'z' + 1, LOWER, OUTSIDE));
    let minus = mask(char == b'-') & (b'-'.wrapping_add(OUTSIDE) ^ 62);
    let under = mask(char == b'_') & (b'_'.wrapping_add(OUTSIDE) ^ 63);
    // Above ASCII the first step was 128 back into the alphabet's values: the character's own bit 7 says so.
    (value ^ minus ^ under) | (char & 0x80)
}
