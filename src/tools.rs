//! The tools, for this project's own tests, fuzzers and benches. Not part of the API: anything here may change.

#[cfg(feature = "fingerprint")]
use crate::holder::fingerprint::derive;
pub use crate::json::Fault;
/// The most words of an RSA modulus.
#[cfg(feature = "_rsa")]
pub const RSA_WORDS_MAX: usize = crate::montgomery::WORDS_MAX;

/// Strict base64url decoding.
pub fn base64url_decode<'o>(text: &[u8], out: &'o mut [u8]) -> Option<&'o [u8]> {
    crate::base64url::decode(text, out).map(|bytes| &*bytes)
}

/// The strict JSON reader; `object` asks for one object.
///
/// # Errors
/// Why the text was refused.
pub fn json_read(text: &[u8], object: bool, limits: &crate::Limits, index: &mut [u8]) -> Result<usize, Fault> {
    let mut seen = 0usize;
    let count = &mut |_: &crate::json::Member<'_>| seen = seen.saturating_add(1);
    let index = match object {
        true => crate::json::read_object(text, limits, index, count),
        false => crate::json::read_any(text, limits, index, count),
    }?;
    assert_eq!(seen, crate::json::positions(index).count(), "each outermost member is shown once");
    Ok(seen)
}

/// A view of a text that `json_read` has accepted.
pub fn json_value(text: &[u8]) -> crate::Value<'_> {
    crate::json::Value::of_document(text)
}

/// A NumericDate rounded down and up; `None` where that is no date.
pub fn number_dates(text: &[u8]) -> (Option<i64>, Option<i64>) {
    let number = crate::json::Number::read(text);
    (number.round_down(), number.round_up())
}

/// `base` to an odd exponent modulo an odd number of `bits` bits, all little-endian words, as RSA verification does it;
/// `None` when the base is not below the modulus. The words are an even number.
#[cfg(feature = "_rsa")]
pub fn power(modulus: &[u64], bits: usize, base: &[u64], exponent: u64) -> Option<[u64; RSA_WORDS_MAX]> {
    use crate::montgomery::{Modulus, negative_inverse, prepare};
    let (mut square, mut power) = ([0; RSA_WORDS_MAX], [0; RSA_WORDS_MAX]);
    let square = square.get_mut(..modulus.len())?;
    prepare(modulus, bits, square);
    let prepared = Modulus::new(modulus, square, negative_inverse(*modulus.first()?))?;
    if !prepared.is_above(base) {
        return None;
    }
    prepared.power(base, exponent, &mut power);
    Some(power)
}

/// Whether the signature, in base64url, is the message's under a key of the set: stages 3 and 4 for any bytes.
pub fn signature_holds(set: crate::KeySet<'_>, algorithm: crate::Algorithm, message: &[u8], signature: &[u8]) -> bool {
    let header = crate::header::Header {
        algorithm,
        kid: None,
        typ: None,
        text: b"",
        #[cfg(feature = "dpop")]
        jwk: None,
    };
    let token = crate::token::Token { header: b"", payload: b"", signature, signing_input: message };
    let scratch = &mut [0; 8 * 1024];
    let candidates = crate::key::choose(&[set], &header, &[], crate::CANDIDATES_BOUND);
    candidates.is_ok_and(|candidates| {
        crate::signature::check(&candidates, &token, &crate::signature::Means::default(), scratch).is_ok()
    })
}

/// The windows whose keys are computed for a token of this payload: what `Base` derives and not one more.
///
/// # Errors
/// Why none is.
#[cfg(feature = "rotating")]
pub fn rotating_windows(
    rotating: &crate::Rotating<'_>,
    payload: &[u8],
    now: i64,
    leeway: u32,
    index: &mut [u8],
) -> Result<(i64, Option<i64>), crate::Status> {
    let mut issued_at = None;
    let visit = &mut |member: &crate::json::Member<'_>| {
        if member.name == "iat" {
            issued_at = member.value.number().ok().and_then(|number| number.round_down());
        }
    };
    let index = crate::json::read_object(payload, &crate::Limits::DEFAULT, index, visit);
    let index = index.map_err(|_| crate::Status::RotatingPayload)?;
    let peeked = crate::key::Peeked { text: payload, index, issued_at, now, leeway };
    let turn = crate::key::Rule::new(rotating, 32)?.turn(&peeked)?;
    let mut windows = turn.windows();
    Ok((windows.next().unwrap_or_default(), windows.next()))
}

/// Decrypts a content in place; the plaintext's length.
#[cfg(feature = "envelope")]
pub fn open_content(
    encryption: crate::Encryption,
    key: &[u8],
    iv: &[u8],
    head: &[u8],
    text: &mut [u8],
    tag: &[u8],
) -> Option<usize> {
    crate::envelope::open_content(encryption, key, iv, head, text, tag)
}

/// Whether two URIs are one target to a proof; `None` when one of them is malformed.
#[cfg(feature = "dpop")]
pub fn same_target(left: &[u8], right: &[u8]) -> Option<bool> {
    use crate::holder::dpop::Uri;
    Some(Uri::read(left)?.is(&Uri::read(right)?))
}

/// HMAC-SHA256 with the project's own keyed state; `out` has 32 bytes.
pub fn hmac_sha256(key: &[u8], pieces: &[&[u8]], out: &mut [u8]) {
    let key = crate::mac::HmacKey::new(key, &crate::hash::SHA256, 32);
    let mut hash = key.start();
    pieces.iter().for_each(|piece| hash.update(piece));
    key.finish(hash, out);
}

/// A user agent's family, version, system and device.
#[cfg(feature = "fingerprint")]
pub fn user_agent(text: &[u8]) -> (&'static str, Option<u16>, &'static str, &'static str) {
    let read = derive::UserAgent::read(text);
    (read.family, read.version, read.os, read.device)
}

/// How many bytes the reader of user agents looks at.
#[cfg(feature = "fingerprint")]
pub fn user_agent_steps(text: &[u8]) -> usize {
    let mut steps = 0usize;
    derive::UserAgent::read_counting(text, &mut |bytes| steps = steps.saturating_add(bytes));
    steps
}

/// The names that the reader of user agents knows: families, systems, devices.
#[cfg(feature = "fingerprint")]
pub fn user_agent_names() -> [impl Iterator<Item = &'static str>; 3] {
    let names = |which: u8| {
        let families = derive::families().filter(move |_| which == 0);
        let systems = derive::systems().filter(move |_| which == 1);
        families.chain(systems).chain(derive::devices().filter(move |_| which == 2))
    };
    [names(0), names(1), names(2)]
}

/// The words that name a family, each with the family.
#[cfg(feature = "fingerprint")]
pub fn user_agent_words() -> impl Iterator<Item = (&'static str, &'static str)> {
    derive::words()
}

/// The elements of `Sec-CH-UA`, in pieces; `None` ends an element.
#[cfg(feature = "fingerprint")]
pub fn brands(value: &[u8], visitor: &mut dyn FnMut(Option<&[u8]>)) {
    derive::brands(value, &mut |element| shown(&element, visitor));
}

/// The elements of `Accept-Language` or `Accept-Encoding`, in pieces; `None` ends an element.
#[cfg(feature = "fingerprint")]
pub fn items(value: &[u8], visitor: &mut dyn FnMut(Option<&[u8]>)) {
    derive::items(value, &mut |element| shown(&element, visitor));
}

#[cfg(feature = "fingerprint")]
fn shown(element: &derive::Element<'_>, visitor: &mut dyn FnMut(Option<&[u8]>)) {
    element.pieces(&mut |piece| visitor(Some(piece)));
    visitor(None);
}

/// `Sec-CH-UA-Platform` without its quotes.
#[cfg(feature = "fingerprint")]
pub fn unquoted(value: &[u8]) -> &[u8] {
    derive::unquoted(value)
}

/// Whether a header field counts in `header.names`.
#[cfg(feature = "fingerprint")]
pub fn is_counted_name(name: &[u8]) -> bool {
    derive::is_counted_name(name)
}

/// Whether (r, s) signs the digest under the key at these coordinates, without tables; `None` for no point of P-256.
#[cfg(feature = "prepared")]
pub fn p256_holds(key: &[u64; 8], digest: &[u8; 32], r: &[u8; 32], s: &[u8; 32]) -> Option<bool> {
    let key = crate::secp256r1::Affine::of_coordinates(key)?;
    Some(crate::secp256r1::holds_unprepared(key, digest, r, s))
}

/// By tables of whatever the words are: of the generator and of a key.
#[cfg(feature = "prepared")]
pub fn p256_holds_by(window: u32, tables: [&[[u64; 8]]; 2], digest: &[u8; 32], r: &[u8; 32], s: &[u8; 32]) -> bool {
    crate::secp256r1::holds_prepared(window, tables[0], tables[1], digest, r, s)
}

/// As `signature_holds` for ES256, with the tables of its keys; `None` when a key has no table.
#[cfg(feature = "prepared")]
pub fn prepared_holds(
    prepared: crate::Prepared<'_>,
    key: &[u64; 8],
    digest: &[u8; 32],
    r: &[u8; 32],
    s: &[u8; 32],
) -> Option<bool> {
    prepared.holds(key, digest, r, s)
}

/// Of two numbers below 2^256, in P-256's field: sum, difference, product over 2^256, square over 2^256 and 2^512 over the
/// first (0 for 0), each below p.
#[cfg(feature = "prepared")]
pub fn p256_field(left: &[u64; 4], right: &[u64; 4]) -> [[u64; 4]; 5] {
    crate::secp256r1::field_operations(left, right)
}

/// Modulo P-256's order: the product over 2^256 with any number below 2^256, and 2^256 over the first; `None` unless that
/// is from 1 to n - 1.
#[cfg(feature = "prepared")]
pub fn p256_scalar(left: &[u8; 32], right: &[u64; 4]) -> Option<[[u64; 4]; 2]> {
    crate::secp256r1::scalar_operations(left, right)
}
