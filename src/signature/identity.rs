//! The canonical identity of a token: one digest for all the ways to write it.
//!
//! Whoever has a good ECDSA signature (r, s) has a second, (r, n - s), for the same text: a deny-list of token texts or of
//! raw signatures is walked around with it. Base64url is strict here and leaves no second spelling.

use super::SIGNATURE_BYTES_MAX;
use crate::base64url;
use crate::bytes;
use crate::error::Status;
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

/// SHA-256 of the signing input, a dot, and the decoded signature with the lower of its two s. `token` was accepted.
#[inline(never)]
pub(crate) fn identity(algorithm: Algorithm, token: &[u8]) -> Result<[u8; 32], Status> {
    let payload = bytes::find(token, b'.').and_then(|dot| token.get(dot.saturating_add(1)..)).ok_or(Status::Argument)?;
    let payload_bytes = bytes::find(payload, b'.').ok_or(Status::Argument)?;
    let text = payload.get(payload_bytes.saturating_add(1)..).ok_or(Status::Argument)?;
    let input = token.get(..token.len().saturating_sub(text.len())).ok_or(Status::Argument)?;
    let mut buffer = [0; SIGNATURE_BYTES_MAX];
    let signature = base64url::decode(text, &mut buffer).ok_or(Status::Argument)?;
    let order: Option<&[u8]> = match algorithm {
        Algorithm::ES256 => Some(&P256),
        Algorithm::ES384 => Some(&P384),
        Algorithm::ES512 => Some(&P521),
        Algorithm::ES256K => Some(&K256),
        _ => None,
    };
    if let Some(order) = order {
        let (_, s) = signature.split_at_mut_checked(order.len()).ok_or(Status::Argument)?;
        lower(s, order)?;
    }
    let mut digest = [0; 32];
    // The input ends in the second dot, so nothing else can end there.
    hash::digest(&hash::SHA256, &[input, signature], &mut digest);
    Ok(digest)
}

/// Replaces s by n - s, if that is less.
fn lower(s: &mut [u8], order: &[u8]) -> Result<(), Status> {
    const BYTES_MAX: usize = P521.len();
    let mut other = [0; BYTES_MAX];
    let other = other.get_mut(..order.len()).ok_or(Status::Argument)?;
    if s.len() != order.len() {
        return Err(Status::Argument);
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
    Ok(())
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
