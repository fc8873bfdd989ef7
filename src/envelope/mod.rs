//! Envelopes (JWE, RFC 7516): a token inside an encryption, and the other way round.
//!
//! A key's candidates are chosen as those of a signature are. Each that is tried costs the same whatever is wrong with the
//! encrypted key, the tag or the padding: they are folded into one choice, and that becomes one status.

#[cfg(feature = "ecdh")]
mod agreement;
mod choose;
mod content;
mod header;
mod parts;
mod unwrap;

#[cfg(all(feature = "ecdh", feature = "issue"))]
pub(crate) use agreement::derive;
#[cfg(feature = "issue")]
pub(crate) use content::{seal, sealed_bytes};

use crate::ct;
use crate::error::Status;
use crate::json::Text;
use crate::key::{CONTENT_KEY_BYTES_MAX, Encryption, KeyManagement, KeySet, Secret};
use crate::limits::Limits;
use header::Header;
use parts::{Parts, Sealed};
use zeroize::{Zeroize, Zeroizing};

/// What became of an envelope that was opened: how, and by which key.
#[derive(Clone, Copy, Debug)]
pub struct Decrypted<'s> {
    /// How the content's key was found, and of which kind the decryption key is.
    pub management: KeyManagement,
    /// How the content was encrypted.
    pub encryption: Encryption,
    /// The `kid` of the envelope's header.
    pub kid: Option<Text<'s>>,
}

/// An envelope that was opened.
pub(crate) struct Opened<'s> {
    pub(crate) plaintext: &'s [u8],
    pub(crate) decrypted: Decrypted<'s>,
    pub(crate) rest: &'s mut [u8],
}

/// What stands inside, as the policy declares it; `cty` must agree (RFC 7519 5.2).
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Inside {
    /// A signed token.
    Token,
    /// Claims.
    Claims,
    /// Whatever it is: nobody asks.
    Bytes,
}

/// Whether a text has an envelope's five parts.
pub(crate) fn check_form(text: &[u8], limits: &Limits) -> Result<(), Status> {
    Parts::split(text, limits).map(|_| ())
}

/// Opens an envelope into `scratch`. Whatever does not authenticate is wiped.
#[inline(never)] // as `Header::read`
pub(crate) fn open<'s>(
    text: &[u8],
    sets: &[KeySet<'_>],
    limits: &Limits,
    inside: Inside,
    scratch: &'s mut [u8],
) -> Result<Opened<'s>, Status> {
    let parts = Parts::split(text, limits)?;
    let (header, scratch) = Header::read(&parts, limits, inside, scratch)?;
    let keys = choose::choose(sets, &header, limits.candidates)?;
    let sealed = Sealed::decode(&parts, &header)?;
    let (place, rest) = scratch.split_at_mut_checked(sealed.content_bytes).ok_or(Status::ScratchTooSmall)?;
    let opened = keys.iter().find_map(|material| decrypt(material, &parts, &sealed, &header, place));
    let Some(length) = opened else {
        place.zeroize();
        return Err(Status::Decryption);
    };
    let Header { management, encryption, kid, .. } = header;
    let plaintext = place.get(..length).unwrap_or_default();
    Ok(Opened { plaintext, decrypted: Decrypted { management, encryption, kid }, rest })
}

/// One key's try: the content's key or its substitute, the tag, the padding; then one verdict, and the plaintext's length.
#[inline(never)]
fn decrypt(material: &[u64], parts: &Parts<'_>, sealed: &Sealed, header: &Header<'_>, place: &mut [u8]) -> Option<usize> {
    let secret = Secret::load(header.management, material);
    let mut key = Zeroizing::new([0; CONTENT_KEY_BYTES_MAX]);
    let key = key.get_mut(..header.encryption.key_bytes())?;
    let was_wrapped = unwrap::content_key(&secret, parts, sealed, header, key);
    let text = crate::base64url::decode(parts.ciphertext, place)?;
    let (is_good, length) = content::open(header.encryption, key, sealed, parts.header, text);
    ct::verdict(was_wrapped & is_good).then_some(length)
}

/// The content alone, of parts that come from anywhere.
#[cfg(feature = "_tools")]
pub(crate) fn open_content(
    encryption: Encryption,
    key: &[u8],
    iv: &[u8],
    head: &[u8],
    text: &mut [u8],
    tag: &[u8],
) -> Option<usize> {
    let sealed = Sealed::of(encryption, iv, tag)?;
    let (is_good, length) = content::open(encryption, key, &sealed, head, text);
    ct::verdict(is_good).then_some(length)
}

/// Opens an envelope alone, into the start of `scratch`: at least [`scratch_bytes`](crate::scratch_bytes) of its length.
///
/// What comes out are bytes, and no claims: whoever has a key, a public one for a key agreement, can make an envelope. It
/// says nothing about who did, or when. A token inside is verified by a policy with the shape
/// [`Shape::SignedThenEncrypted`](crate::Shape::SignedThenEncrypted), not with this.
///
/// # Errors
/// A 1xx, 2xx or 3xx status; [`Status::Decryption`] for everything that can be wrong inside. `scratch` holds nothing of the
/// content then.
pub fn open_envelope<'s>(
    envelope: &[u8],
    sets: &[KeySet<'_>],
    limits: &Limits,
    scratch: &'s mut [u8],
) -> Result<(&'s [u8], Decrypted<'s>), Status> {
    limits.check()?;
    let opened = open(envelope, sets, limits, Inside::Bytes, scratch)?;
    Ok((opened.plaintext, opened.decrypted))
}
