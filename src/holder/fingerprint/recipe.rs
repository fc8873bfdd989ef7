//! How a fingerprint's digest is made: an ordered list of inputs, a framing, a hash and an encoding.

use super::address;
use crate::base64url;
use crate::bytes::cookies;
use crate::error::Status;
use crate::hash::{self, Sha256State};
use crate::holder::Evidence;
use crate::limits::{PATH_BYTES_MAX, PEPPER_BYTES_MIN};
use crate::mac::HmacKey;
use zeroize::Zeroizing;

/// The longest digest in text: SHA-256 in hexadecimal.
pub(super) const DIGEST_TEXT_MAX: usize = 64;
const SHA256_BYTES: usize = 32;

/// One input of a recipe. What the request does not have is the empty string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'r> {
    /// The client's address.
    Address,
    /// The address's network: /24 for IPv4, /48 for IPv6.
    Network,
    /// The autonomous system.
    Asn,
    /// The country.
    Country,
    /// The provider.
    Isp,
    /// The organisation.
    Organisation,
    /// A header field's value; a repeated field is joined with ", " (RFC 9110 5.2).
    Header(&'r str),
    /// A cookie's value (RFC 6265 4.2); a repeated cookie is joined in the same way.
    Cookie(&'r str),
}

/// What is put between the inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// Each input's length as four bytes, big-endian, before its bytes; a single input stands alone. Nothing collides.
    Lengths,
    /// Colons between the inputs, the address as the host gives it. For tokens already in the field: `a:b`, `c` and `a`,
    /// `b:c` are the same.
    Colons,
}

/// The hash of a recipe.
#[derive(Clone, Copy)]
pub enum Hash<'r> {
    /// HMAC-SHA256 under a pepper: nobody without it can guess what was hashed.
    HmacSha256(&'r Pepper),
    /// SHA-256: whoever sees the token can try out what was hashed.
    Sha256,
    /// MD5, for tokens already in the field. Legacy.
    #[cfg(feature = "md5")]
    Md5,
}

/// How the digest is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// Unpadded base64url.
    Base64url,
    /// Lower-case hexadecimal.
    Hex,
}

/// A secret of the host's, keyed once. Wiped when dropped.
pub struct Pepper(HmacKey<Sha256State>);

impl Pepper {
    /// # Errors
    /// [`Status::PepperTooShort`] below 16 bytes.
    pub fn new(secret: &[u8]) -> Result<Self, Status> {
        if secret.len() < PEPPER_BYTES_MIN {
            return Err(Status::PepperTooShort);
        }
        Ok(Pepper(HmacKey::new(secret, &hash::SHA256, SHA256_BYTES)))
    }

    #[cfg(feature = "sketch")]
    pub(super) fn key(&self) -> &HmacKey<Sha256State> {
        &self.0
    }
}

/// How a fingerprint's digest is made, and the claim that holds it.
///
/// ```
/// use countermark::{Evidence, Pepper, Recipe};
/// let pepper = Pepper::new(b"sixteen bytes or more")?;
/// let recipe = Recipe::headers("fp", &pepper);
/// let headers = [("User-Agent", "Mozilla/5.0"), ("Accept-Language", "en")];
/// let mut text = [0; 64];
/// let digest = recipe.digest(&Evidence { headers: &headers, ..Evidence::NONE }, &mut text)?;
/// assert_eq!(digest.len(), 43);
/// # Ok::<(), countermark::Status>(())
/// ```
#[derive(Clone, Copy)]
pub struct Recipe<'r> {
    /// The claim's name.
    pub claim: &'r str,
    /// What is hashed, in this order.
    pub inputs: &'r [Input<'r>],
    /// What is put between the inputs.
    pub framing: Framing,
    /// The hash.
    pub hash: Hash<'r>,
    /// How the digest is written.
    pub encoding: Encoding,
}

impl<'r> Recipe<'r> {
    /// The headers that a browser sends with every request, under a pepper. No address: clients move.
    pub const HEADER_INPUTS: &'static [Input<'static>] = &[
        Input::Header("user-agent"),
        Input::Header("accept-language"),
        Input::Header("sec-ch-ua"),
        Input::Header("sec-ch-ua-platform"),
        Input::Header("sec-ch-ua-mobile"),
    ];

    /// The field's own recipe.
    pub const COMPAT_INPUTS: &'static [Input<'static>] = &[
        Input::Address,
        Input::Header("sec-ch-ua"),
        Input::Header("user-agent"),
        Input::Header("accept-language"),
        Input::Header("upgrade-insecure-requests"),
    ];

    /// The default for new systems: five headers, HMAC-SHA256, base64url.
    pub const fn headers(claim: &'r str, pepper: &'r Pepper) -> Self {
        Recipe {
            claim,
            inputs: Self::HEADER_INPUTS,
            framing: Framing::Lengths,
            hash: Hash::HmacSha256(pepper),
            encoding: Encoding::Base64url,
        }
    }

    /// The field's MD5 scheme: address, sec-ch-ua, user-agent, accept-language, upgrade-insecure-requests. Legacy.
    #[cfg(feature = "md5")]
    pub const fn compat(claim: &'r str) -> Self {
        Recipe { claim, inputs: Self::COMPAT_INPUTS, framing: Framing::Colons, hash: Hash::Md5, encoding: Encoding::Hex }
    }

    /// Whether the recipe says anything: a claim with a name, and inputs with theirs.
    pub(crate) fn check(&self) -> Result<(), Status> {
        let is_named = |input: &Input<'_>| !matches!(input, Input::Header("") | Input::Cookie(""));
        let is_whole = !self.inputs.is_empty() && self.inputs.iter().all(is_named);
        if is_whole && (1..=PATH_BYTES_MAX).contains(&self.claim.len()) { Ok(()) } else { Err(Status::Argument) }
    }

    /// The digest of this client as the claim holds it, written to the start of `out`; 64 bytes always suffice.
    ///
    /// # Errors
    /// [`Status::AddressMalformed`], [`Status::BufferTooSmall`]; [`Status::Argument`] for a recipe without a claim, without
    /// inputs, or with a nameless one.
    pub fn digest<'o>(&self, evidence: &Evidence<'_>, out: &'o mut [u8]) -> Result<&'o str, Status> {
        self.check()?;
        let mut hasher = Hasher::new(self.hash);
        let is_framed = self.framing == Framing::Lengths && self.inputs.len() != 1;
        for (position, input) in self.inputs.iter().enumerate() {
            if self.framing == Framing::Colons && position > 0 {
                hasher.update(b":");
            }
            if is_framed {
                let mut length = 0u32;
                self.visit(input, evidence, &mut |piece| length = length.saturating_add(piece.len() as u32))?;
                hasher.update(&length.to_be_bytes());
            }
            self.visit(input, evidence, &mut |piece| hasher.update(piece))?;
        }
        let mut digest = Zeroizing::new([0; SHA256_BYTES]);
        let digest = hasher.finish(&mut digest);
        match self.encoding {
            Encoding::Base64url => base64url::encode(digest, out),
            // By a crate that is proved for it: of a mask of our own, compilers made a branch at some levels.
            Encoding::Hex => base16ct::lower::encode_str(digest, out).ok(),
        }
        .ok_or(Status::BufferTooSmall)
    }

    /// Hands the input's value to `visitor`, in pieces.
    fn visit(&self, input: &Input<'_>, evidence: &Evidence<'_>, visitor: &mut dyn FnMut(&[u8])) -> Result<(), Status> {
        match *input {
            Input::Address if self.framing == Framing::Colons => visitor(evidence.address.as_bytes()),
            Input::Address => visitor(address::address(evidence.address)?.as_bytes()),
            Input::Network => visitor(address::network(evidence.address)?.as_bytes()),
            Input::Asn => visitor(evidence.asn.as_bytes()),
            Input::Country => visitor(evidence.country.as_bytes()),
            Input::Isp => visitor(evidence.isp.as_bytes()),
            Input::Organisation => visitor(evidence.organisation.as_bytes()),
            Input::Header(name) => join(evidence.values(name), visitor),
            Input::Cookie(name) => join(evidence.values("cookie").flat_map(|line| cookies(line, name)), visitor),
        }
        Ok(())
    }
}

pub(super) fn join<'v>(values: impl Iterator<Item = &'v [u8]>, visitor: &mut dyn FnMut(&[u8])) {
    for (position, value) in values.enumerate() {
        if position > 0 {
            visitor(b", ");
        }
        visitor(value);
    }
}

enum Hasher<'r> {
    Hmac(&'r Pepper, hash::Hash<Sha256State>),
    Sha256(hash::Hash<Sha256State>),
    #[cfg(feature = "md5")]
    Md5(md5::Md5),
}

impl<'r> Hasher<'r> {
    fn new(hash: Hash<'r>) -> Self {
        match hash {
            Hash::HmacSha256(pepper) => Hasher::Hmac(pepper, pepper.0.start()),
            Hash::Sha256 => Hasher::Sha256(hash::Hash::new(hash::SHA256)),
            #[cfg(feature = "md5")]
            Hash::Md5 => Hasher::Md5(md5::Digest::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Hmac(_, hash) | Hasher::Sha256(hash) => hash.update(bytes),
            #[cfg(feature = "md5")]
            Hasher::Md5(hash) => md5::Digest::update(hash, bytes),
        }
    }

    fn finish(self, digest: &mut [u8; SHA256_BYTES]) -> &[u8] {
        match self {
            Hasher::Hmac(pepper, hash) => pepper.0.finish(hash, digest),
            Hasher::Sha256(hash) => hash.finish(digest),
            #[cfg(feature = "md5")]
            Hasher::Md5(hash) => {
                let (start, _) = digest.split_at_mut(16);
                start.copy_from_slice(&md5::Digest::finalize(hash));
                return start;
            }
        }
        digest
    }
}
