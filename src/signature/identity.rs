//! The canonical identity of a token: one digest for all the ways to write it.
//!
//! Whoever has a good ECDSA signature (r, s) has a second, (r, n - s), for the same text: a deny-list of token texts or of
//! raw signatures is walked around with it. Base64url is strict here and leaves no second spelling.

use crate::base64url;
use crate::hash;
use crate::header::Algorithm;

/// The orders of the curves' groups: FIPS 186-5 / SP 800-186 3.2.1.3 to 3.2.1.5, SEC 2 2.4.1.
const P256: [u8; 32] = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
const P384: [u8; 48] =
    hex("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973");
const P521: [u8; 66] = hex(concat!(
    "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa",
    "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"
));
const K256: [u8; 32] = hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

/// The longest ECDSA signature, in bytes: P-521's.
const ECDSA_BYTES_MAX: usize = P521.len() * 2;

/// SHA-256 of the signing input, a dot, and the signature with the lower of its two s. All three are those of an accepted
/// token, decoded: base64url has one spelling here, so encoding them again makes the text that was signed.
#[inline(never)]
pub(crate) fn identity(algorithm: Algorithm, header: &[u8], payload: &[u8], signature: &[u8]) -> [u8; 32] {
    let order: &[u8] = match algorithm {
        Algorithm::ES256 => &P256,
        Algorithm::ES384 => &P384,
        Algorithm::ES512 => &P521,
        Algorithm::ES256K => &K256,
        _ => &[],
    };
    let mut buffer = [0; ECDSA_BYTES_MAX];
    let signature = match buffer.get_mut(..signature.len()) {
        Some(copy) if !order.is_empty() => {
            copy.copy_from_slice(signature);
            if let Some((_, s)) = copy.split_at_mut_checked(order.len()) {
                lower(s, order);
            }
            copy
        }
        _ => signature,
    };
    let mut digest = [0; 32];
    let feed = |update: &mut dyn FnMut(&[u8])| {
        for text in [header, payload] {
            encoded(text, update);
            update(b".");
        }
        update(signature);
    };
    // The input ends in the second dot, so nothing else can end there.
    hash::digest_of(&hash::SHA256, feed, &mut digest);
    digest
}

/// Hands out the base64url of `text`, piece by piece: 48 bytes are 64 characters, with nothing left over.
fn encoded(text: &[u8], update: &mut dyn FnMut(&[u8])) {
    for piece in text.chunks(48) {
        let mut chars = [0; 64];
        update(base64url::encode(piece, &mut chars).unwrap_or_default().as_bytes());
    }
}

/// Replaces s by n - s, if that is less.
fn lower(s: &mut [u8], order: &[u8]) {
    let mut other = P521;
    let Some(other) = other.get_mut(..order.len()) else { return };
    if s.len() != order.len() {
        return;
    }
    let mut borrow = false;
    for ((place, n), s) in other.iter_mut().zip(order).zip(&*s).rev() {
        let (difference, first) = n.overflowing_sub(*s);
        let (difference, second) = difference.overflowing_sub(u8::from(borrow));
        *place = difference;
        borrow = first || second;
    }
    let is_less = other.iter().zip(&*s).find(|(other, s)| other != s).is_some_and(|(other, s)| other < s);
    if is_less && !borrow {
        s.iter_mut().zip(&*other).for_each(|(place, byte)| *place = *byte);
    }
}

/// Bytes written in hexadecimal; a constant of another length does not compile.
const fn hex<const BYTES: usize>(text: &str) -> [u8; BYTES] {
    let mut out = [0; BYTES];
    let (mut rest, mut place) = (text.as_bytes(), out.as_mut_slice());
    while let ([high, low, after @ ..], [byte, behind @ ..]) = (rest, place) {
        *byte = (digit(*high) << 4) | digit(*low);
        (rest, place) = (after, behind);
    }
    assert!(rest.is_empty() && text.len() / 2 == BYTES);
    out
}

const fn digit(char: u8) -> u8 {
    match char {
        b'0'..=b'9' => char.wrapping_sub(b'0'),
        _ => char.wrapping_sub(b'a').wrapping_add(10),
    }
}
