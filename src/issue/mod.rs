//! Minting tokens with a countermark: for embedded issuers, gateways and tests.

#[cfg(feature = "envelope")]
mod nested;
#[cfg(feature = "envelope")]
mod sealer;
mod signer;
mod writer;

#[cfg(feature = "envelope")]
pub use sealer::{SEAL_RANDOM_BYTES, Sealer};
pub use signer::Signer;

use crate::base64url;
use crate::claims::Registered;
use crate::error::Status;
#[cfg(feature = "fingerprint")]
use crate::holder::{Evidence, Recipe};
#[cfg(feature = "sketch")]
use crate::holder::{NewSketch, fingerprint::sketch::CLAIM_BYTES_MAX};
use crate::json;
use crate::limits::Limits;
use writer::JsonWriter;

/// What a token is to say. What is `None` or empty is left out.
#[derive(Clone, Copy, Default)]
pub struct Mint<'m> {
    /// The header's `typ`.
    pub typ: Option<&'m str>,
    /// `iss`
    pub issuer: Option<&'m str>,
    /// `sub`
    pub subject: Option<&'m str>,
    /// `aud`: one becomes a string, several an array.
    pub audience: &'m [&'m str],
    /// `exp`, in seconds since 1970.
    pub expires_at: Option<i64>,
    /// `nbf`
    pub not_before: Option<i64>,
    /// `iat`
    pub issued_at: Option<i64>,
    /// `jti`
    pub token_id: Option<&'m str>,
    /// Leniency: mint a token without `exp`.
    pub allow_missing_exp: bool,
    /// Further claims: the text of a JSON object.
    pub claims: &'m str,
    /// The key that the token is bound to, by its thumbprint: `cnf.jkt` (RFC 9449 6.1).
    pub confirmed_key: Option<&'m str>,
    /// The certificate that the token is bound to, by the SHA-256 of its DER: `cnf.x5t#S256` (RFC 8705 3.1).
    pub confirmed_certificate: Option<[u8; 32]>,
    /// The client that the token is bound to by its fingerprint's digest.
    #[cfg(feature = "fingerprint")]
    pub digest: Option<(&'m Recipe<'m>, &'m Evidence<'m>)>,
    /// The client that the token is bound to by a sketch.
    #[cfg(feature = "sketch")]
    pub sketch: Option<&'m NewSketch<'m>>,
}

impl Signer {
    /// Mints a token into the start of `out`. `scratch` takes its header and payload as JSON.
    ///
    /// # Errors
    /// [`Status::ClaimsMalformed`] when the payload would not be one strict object: duplicate names, a registered claim of
    /// the wrong type, a negative date, no `exp`; [`Status::ScratchTooSmall`], [`Status::BufferTooSmall`],
    /// [`Status::AddressMalformed`]. `out` is untouched then.
    ///
    /// ```
    /// use countermark::{Algorithm, Mint, Signer};
    /// let signer = Signer::of_secret(Algorithm::HS256, None, b"a secret of at least thirty-two bytes")?;
    /// let mint = Mint { subject: Some("alice"), expires_at: Some(1_800_000_000), ..Mint::default() };
    /// let (mut scratch, mut out) = ([0; 512], [0; 512]);
    /// assert!(signer.issue(&mint, &mut scratch, &mut out)?.starts_with("eyJ"));
    /// # Ok::<(), countermark::Status>(())
    /// ```
    pub fn issue<'o>(&self, mint: &Mint<'_>, scratch: &mut [u8], out: &'o mut [u8]) -> Result<&'o str, Status> {
        let mut writer = JsonWriter::new(scratch);
        self.write_header(mint, false, &mut writer)?;
        let (header, scratch) = writer.finish();
        let mut writer = JsonWriter::new(scratch);
        mint.write_payload(&mut writer)?;
        let (payload, index) = writer.finish();
        mint.check(payload, index)?;
        self.seal(header, payload, out)
    }

    fn write_header(&self, mint: &Mint<'_>, nests: bool, writer: &mut JsonWriter<'_>) -> Result<(), Status> {
        writer.raw("{")?;
        writer.string("alg", Some(self.algorithm().name()))?;
        writer.string("typ", mint.typ)?;
        writer.string("cty", nests.then_some("JWT"))?;
        writer.string("kid", self.kid())?;
        writer.raw("}")
    }

    /// Header, payload and signature, encoded and joined.
    fn seal<'o>(&self, header: &[u8], payload: &[u8], out: &'o mut [u8]) -> Result<&'o str, Status> {
        let signature_bytes = self.algorithm().signature_bytes();
        let header_end = base64url::encoded_len(header.len());
        let input_end = header_end.saturating_add(1).saturating_add(base64url::encoded_len(payload.len()));
        let end = input_end.saturating_add(1).saturating_add(base64url::encoded_len(signature_bytes));
        let out = out.get_mut(..end).ok_or(Status::BufferTooSmall)?;

        let (input, signature) = out.split_at_mut_checked(input_end).ok_or(Status::BufferTooSmall)?;
        let (header_text, payload_text) = input.split_at_mut_checked(header_end).ok_or(Status::BufferTooSmall)?;
        base64url::encode(header, header_text).ok_or(Status::BufferTooSmall)?;
        dotted(payload, payload_text)?;
        let mut bytes = [0; signer::SIGNATURE_BYTES_MAX];
        let bytes = bytes.get_mut(..signature_bytes).ok_or(Status::BufferTooSmall)?;
        self.sign(input, bytes)?;
        dotted(bytes, signature)?;
        core::str::from_utf8(out).map_err(|_| Status::BufferTooSmall)
    }
}

/// A dot and the text of `bytes`.
fn dotted(bytes: &[u8], out: &mut [u8]) -> Result<(), Status> {
    let (dot, text) = out.split_first_mut().ok_or(Status::BufferTooSmall)?;
    *dot = b'.';
    base64url::encode(bytes, text).map(|_| ()).ok_or(Status::BufferTooSmall)
}

impl Mint<'_> {
    fn write_payload(&self, writer: &mut JsonWriter<'_>) -> Result<(), Status> {
        writer.raw("{")?;
        writer.string("iss", self.issuer)?;
        writer.string("sub", self.subject)?;
        match self.audience {
            [one] => writer.string("aud", Some(one))?,
            several => writer.strings("aud", several)?,
        }
        writer.integer("exp", self.expires_at)?;
        writer.integer("nbf", self.not_before)?;
        writer.integer("iat", self.issued_at)?;
        writer.string("jti", self.token_id)?;
        if self.confirmed_key.is_some() || self.confirmed_certificate.is_some() {
            writer.open("cnf")?;
            writer.string("jkt", self.confirmed_key)?;
            if let Some(digest) = &self.confirmed_certificate {
                writer.binary("x5t#S256", digest)?;
            }
            writer.close()?;
        }
        #[cfg(feature = "fingerprint")]
        if let Some((recipe, evidence)) = self.digest {
            let mut text = [0; 64];
            writer.string(recipe.claim, Some(recipe.digest(evidence, &mut text)?))?;
        }
        #[cfg(feature = "sketch")]
        if let Some(new) = self.sketch {
            let mut bytes = [0; CLAIM_BYTES_MAX];
            writer.binary(new.sketch.claim, new.write(&mut bytes)?)?;
        }
        if !self.claims.is_empty() {
            writer.members_of(self.claims)?;
        }
        writer.raw("}")
    }

    /// What is issued here must be readable by the verifier: it is read once before it is signed.
    fn check(&self, payload: &[u8], index: &mut [u8]) -> Result<(), Status> {
        let limits = &Limits::DEFAULT;
        if index.len() < json::index_bytes(payload.len(), limits) {
            return Err(Status::ScratchTooSmall);
        }
        let mut registered = Registered::default();
        json::read_object(payload, limits, index, &mut |member| registered.note(member))
            .map_err(|_| Status::ClaimsMalformed)?;
        let registered = registered.checked().map_err(|_| Status::ClaimsMalformed)?;
        if registered.dates.expires_at.is_none() && !self.allow_missing_exp {
            return Err(Status::ClaimsMalformed);
        }
        Ok(())
    }
}
