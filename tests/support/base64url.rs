//! base64url without padding (RFC 4648 5), bit by bit from the table.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The bytes that this is the one text of; `None` for any other text.
pub fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut bits = Vec::new();
    for char in text {
        let value = ALPHABET.iter().position(|known| known == char)?;
        bits.extend((0..6).rev().map(|bit| value >> bit & 1));
    }
    let spare = bits.len() % 8;
    // A whole spare character, or a spare bit that is not zero, would be a second spelling.
    if spare >= 6 || bits[bits.len() - spare..].contains(&1) {
        return None;
    }
    Some(bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |value, bit| value << 1 | *bit as u8)).collect())
}

/// The text of these bytes.
pub fn encode(bytes: &[u8]) -> String {
    let mut bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    while !bits.len().is_multiple_of(6) {
        bits.push(0);
    }
    let value = |six: &[u8]| six.iter().fold(0usize, |value, bit| value << 1 | usize::from(*bit));
    bits.chunks_exact(6).map(|six| char::from(ALPHABET[value(six)])).collect()
}
