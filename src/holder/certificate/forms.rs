//! A client certificate in the forms that proxies put into header fields. The text is hashed as it is decoded, so it may be of
//! any length.
//!
//! Whoever reads such a field must strip it from every request at the edge, before the proxy that sets it: a client can write
//! it too.

use super::{Certificate, SEQUENCE_HEAD_BYTES, is_sequence};
use crate::base64::Base64;
use crate::base64url;
use crate::bytes;
use crate::error::Status;
use crate::hash::{Hash, SHA256, Sha256State};

impl Certificate<'static> {
    /// One PEM block "CERTIFICATE" (RFC 7468 5), with nothing but white space around it.
    ///
    /// # Errors
    /// [`Status::CertificateMalformed`], here and in all of these.
    pub fn of_pem(text: &[u8]) -> Result<Self, Status> {
        pem(text.iter().copied().map(Some)).ok_or(Status::CertificateMalformed)
    }

    /// The same percent-encoded (RFC 3986 2.1), as nginx's `$ssl_client_escaped_cert` has it.
    ///
    /// # Errors
    /// As [`Certificate::of_pem`].
    pub fn of_escaped_pem(value: &[u8]) -> Result<Self, Status> {
        pem(percent_decoded(bytes::trimmed(value))).ok_or(Status::CertificateMalformed)
    }

    /// The field `Client-Cert`: the DER as `:base64:` (RFC 9440 2.2, RFC 9651 3.3.5).
    ///
    /// # Errors
    /// As [`Certificate::of_pem`].
    pub fn of_client_cert(value: &[u8]) -> Result<Self, Status> {
        match bytes::trimmed(value) {
            [b':', base64 @ .., b':'] => of_base64(base64).ok_or(Status::CertificateMalformed),
            _ => Err(Status::CertificateMalformed),
        }
    }

    /// Envoy's `x-forwarded-client-cert` of one element: by its `Cert`, a quoted and percent-encoded PEM, or its `Hash`. More
    /// elements are refused: which of them is the client is for the proxy to say (`SANITIZE_SET`).
    ///
    /// # Errors
    /// As [`Certificate::of_pem`].
    pub fn of_forwarded_client_cert(value: &[u8]) -> Result<Self, Status> {
        of_element(bytes::trimmed(value)).ok_or(Status::CertificateMalformed)
    }

    /// The DER in base64, as HAProxy's `%[ssl_c_der,base64]` has it.
    ///
    /// # Errors
    /// As [`Certificate::of_pem`].
    pub fn of_base64(value: &[u8]) -> Result<Self, Status> {
        of_base64(bytes::trimmed(value)).ok_or(Status::CertificateMalformed)
    }

    /// The SHA-256 of the DER in hexadecimal, as HAProxy's `%[ssl_c_der,sha2(256),hex]` has it.
    ///
    /// # Errors
    /// As [`Certificate::of_pem`].
    pub fn of_hex_digest(value: &[u8]) -> Result<Self, Status> {
        of_hex(bytes::trimmed(value)).ok_or(Status::CertificateMalformed)
    }

    /// The SHA-256 of the DER in base64url without padding, as `cnf` has it.
    ///
    /// # Errors
    /// As [`Certificate::of_pem`].
    pub fn of_base64url_digest(value: &[u8]) -> Result<Self, Status> {
        let mut digest = [0; 32];
        let decoded = base64url::decode(bytes::trimmed(value), &mut digest).map(|bytes| bytes.len());
        if decoded == Some(32) { Ok(Certificate::Digest(digest)) } else { Err(Status::CertificateMalformed) }
    }
}

/// DER that comes in pieces.
struct Der {
    hash: Hash<Sha256State>,
    start: [u8; SEQUENCE_HEAD_BYTES],
    bytes: usize,
}

impl Der {
    fn new() -> Self {
        Der { hash: Hash::new(SHA256), start: [0; SEQUENCE_HEAD_BYTES], bytes: 0 }
    }

    fn push(&mut self, piece: &[u8]) -> Option<()> {
        let places = self.start.get_mut(self.bytes.min(SEQUENCE_HEAD_BYTES)..).unwrap_or_default();
        places.iter_mut().zip(piece).for_each(|(place, byte)| *place = *byte);
        self.bytes = self.bytes.saturating_add(piece.len());
        self.hash.update(piece);
        Some(())
    }

    fn finish(self) -> Option<Certificate<'static>> {
        let mut digest = [0; 32];
        let is_whole = is_sequence(self.start.get(..self.bytes.min(SEQUENCE_HEAD_BYTES))?, self.bytes);
        self.hash.finish(&mut digest);
        if is_whole { Some(Certificate::Digest(digest)) } else { None }
    }
}

fn of_base64(text: &[u8]) -> Option<Certificate<'static>> {
    let (mut base64, mut der) = (Base64::default(), Der::new());
    text.iter().try_for_each(|char| base64.take(*char, |piece| der.push(piece)))?;
    if base64.is_whole() { der.finish() } else { None }
}

/// PEM, byte by byte; a `None` among them is a fault of the encoding around it.
fn pem(text: impl Iterator<Item = Option<u8>>) -> Option<Certificate<'static>> {
    const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";
    const END: &[u8] = b"----END CERTIFICATE-----"; // behind its first dash
    let is_space = |byte: &Option<u8>| matches!(byte, Some(b' ' | b'\t' | b'\r' | b'\n'));
    let mut text = text.skip_while(is_space);
    let is_next = |text: &mut dyn Iterator<Item = Option<u8>>, wanted: &[u8]| {
        wanted.iter().all(|byte| text.next() == Some(Some(*byte)))
    };
    if !is_next(&mut text, BEGIN) {
        return None;
    }
    let (mut base64, mut der) = (Base64::default(), Der::new());
    loop {
        match text.next()?? {
            // nginx's `$ssl_client_cert` folds lines with a tab.
            b'\n' | b'\r' | b'\t' => {}
            b'-' => break,
            char => base64.take(char, |piece| der.push(piece))?,
        }
    }
    let is_whole = base64.is_whole() && is_next(&mut text, END) && text.all(|byte| is_space(&byte));
    if is_whole { der.finish() } else { None }
}

/// RFC 3986 2.1. A percent sign without two hexadecimal digits is a fault.
fn percent_decoded(text: &[u8]) -> impl Iterator<Item = Option<u8>> {
    let mut rest = text.iter();
    core::iter::from_fn(move || match rest.next()? {
        b'%' => Some(hex_digit(rest.next()).zip(hex_digit(rest.next())).map(|(high, low)| high << 4 | low)),
        byte => Some(Some(*byte)),
    })
}

fn hex_digit(char: Option<&u8>) -> Option<u8> {
    char::from(*char?).to_digit(16).map(|digit| digit as u8)
}

fn of_hex(text: &[u8]) -> Option<Certificate<'static>> {
    let mut digest = [0; 32];
    let (pairs, rest) = text.as_chunks::<2>();
    if pairs.len() != digest.len() || !rest.is_empty() {
        return None;
    }
    for (place, [high, low]) in digest.iter_mut().zip(pairs) {
        *place = hex_digit(Some(high))? << 4 | hex_digit(Some(low))?;
    }
    Some(Certificate::Digest(digest))
}

/// One element: pairs of a name and a value, semicolons between them, values quoted where they hold separators.
fn of_element(element: &[u8]) -> Option<Certificate<'static>> {
    let (mut hash, mut cert) = (None, None);
    let mut rest = Some(element);
    while let Some(text) = rest {
        let at = text.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (text.get(..at)?, text.get(at.checked_add(1)?..)?);
        // A name with a separator in it would hide where one element ends and the next begins.
        if name.is_empty() || !name.iter().all(u8::is_ascii_alphabetic) {
            return None;
        }
        let (value, behind) = pair_value(value)?;
        rest = match behind {
            [] => None,
            [b';', next @ ..] => Some(next),
            _ => return None, // a comma: another element
        };
        let place = match name {
            name if name.eq_ignore_ascii_case(b"hash") => &mut hash,
            name if name.eq_ignore_ascii_case(b"cert") => &mut cert,
            _ => continue,
        };
        if place.replace(value).is_some() {
            return None;
        }
    }
    let hash = hash.map(|value| of_hex(value).ok_or(())).transpose().ok()?;
    let cert = cert.map(|value| pem(percent_decoded(value)).ok_or(())).transpose().ok()?;
    match (hash, cert) {
        (Some(Certificate::Digest(hash)), Some(Certificate::Digest(cert))) if !bytes::equal(&hash, &cert) => None,
        (hash, cert) => cert.or(hash),
    }
}

/// A value and what stands behind it. In quotes a backslash escapes the next character; where one stands, the value is neither a
/// hash nor a certificate, and only its end matters.
fn pair_value(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let Some(quoted) = bytes::after(text, b"\"") else {
        let end = text.iter().position(|byte| matches!(byte, b';' | b',' | b'"')).unwrap_or(text.len());
        return text.split_at_checked(end);
    };
    let mut is_escaped = false;
    let end = quoted.iter().position(|byte| {
        let is_end = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        is_end
    })?;
    let (value, behind) = quoted.split_at_checked(end)?;
    Some((value, behind.split_first()?.1))
}
