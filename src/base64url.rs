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
    let mut bad = 0u8;
    let (blocks, tail) = text.as_chunks::<BLOCK_CHARS>();
    let (whole, rest) = out.split_at_mut_checked(blocks.len().checked_mul(BLOCK_BYTES)?)?;
    for (chars, bytes) in blocks.iter().zip(whole.as_chunks_mut::<BLOCK_BYTES>().0) {
        *bytes = decode_block(chars, &mut bad);
    }
    // The tail is filled up with 'A', which stands for zero bits, so its spare bits show up behind its last byte.
    let mut chars = [b'A'; BLOCK_CHARS];
    chars.get_mut(..tail.len())?.copy_from_slice(tail);
    let bytes = decode_block(&chars, &mut bad);
    let (kept, spare) = bytes.split_at_checked(rest.len())?;
    rest.copy_from_slice(kept);
    for byte in spare {
        bad |= byte;
    }
    if bad == 0 { Some(out) } else { None }
}

/// Encodes `bytes` into the start of `out`; `None` when it does not fit.
pub(crate) fn encode<'o>(bytes: &[u8], out: &'o mut [u8]) -> Option<&'o str> {
    Base64UrlUnpadded::encode(bytes, out).ok()
}

/// 32 characters to 24 bytes; `bad` becomes non-zero if one is not of the alphabet.
#[inline(always)]
fn decode_block(chars: &[u8; BLOCK_CHARS], bad: &mut u8) -> [u8; BLOCK_BYTES] {
    let mut values = [0u8; BLOCK_CHARS];
    for (value, char) in values.iter_mut().zip(chars) {
        *value = decode_char(*char);
        *bad |= *value & 0x80;
    }
    let mut bytes = [0u8; BLOCK_BYTES];
    for (six, eight) in bytes.as_chunks_mut::<6>().0.iter_mut().zip(values.as_chunks::<8>().0) {
        // Eight values of 6 bits to 48 bits: neighbours join to 12, to 24, to 48.
        let x = u64::from_le_bytes(*eight);
        let x = ((x & 0x003f_003f_003f_003f) << 6) | ((x >> 8) & 0x003f_003f_003f_003f);
        let x = ((x & 0x0000_0fff_0000_0fff) << 12) | ((x >> 16) & 0x0000_0fff_0000_0fff);
        let x = ((x & 0x00ff_ffff) << 24) | ((x >> 32) & 0x00ff_ffff);
        let [_, _, packed @ ..] = x.to_be_bytes();
        *six = packed;
    }
    bytes
}

/// The value of a character, or a value with bit 7 set. Only comparisons against constants: these become masks.
#[inline(always)]
const fn decode_char(char: u8) -> u8 {
    const fn mask(inside: bool) -> u8 {
        (inside as u8).wrapping_neg()
    }
    let upper = mask(char.wrapping_sub(b'A') < 26);
    let lower = mask(char.wrapping_sub(b'a') < 26);
    let digit = mask(char.wrapping_sub(b'0') < 10);
    let minus = mask(char == b'-');
    let under = mask(char == b'_');
    let value = (upper & char.wrapping_sub(b'A'))
        | (lower & char.wrapping_sub(b'a' - 26))
        | (digit & char.wrapping_add(52 - b'0'))
        | (minus & 62)
        | (under & 63);
    value | (!(upper | lower | digit | minus | under) & 0x80)
}
