//! Minting nested tokens (RFC 7519 5.2): signed and encrypted, in either order, in one call.

use super::sealer::{SEAL_RANDOM_BYTES, Sealer};
use super::{Mint, Signer, base64url, writer::JsonWriter};
use crate::error::Status;
use crate::policy::Shape;

impl Signer {
    /// Mints a token of this shape into the start of `out`. `scratch` takes all layers but the last.
    ///
    /// # Errors
    /// As [`Signer::issue`] and [`Sealer::seal`]; [`Status::Argument`] for the shape signed, which needs no `sealer`.
    /// `out` is all zeros then.
    pub fn issue_nested<'o>(
        &self,
        mint: &Mint<'_>,
        shape: Shape,
        sealer: &Sealer,
        random: &[u8; SEAL_RANDOM_BYTES],
        scratch: &mut [u8],
        out: &'o mut [u8],
    ) -> Result<&'o str, Status> {
        match self.nested_bytes(mint, shape, sealer, random, scratch, out) {
            Ok(bytes) => core::str::from_utf8(out.get(..bytes).unwrap_or_default()).map_err(|_| Status::BufferTooSmall),
            Err(status) => {
                out.fill(0);
                Err(status)
            }
        }
    }

    fn nested_bytes(
        &self,
        mint: &Mint<'_>,
        shape: Shape,
        sealer: &Sealer,
        random: &[u8; SEAL_RANDOM_BYTES],
        scratch: &mut [u8],
        out: &mut [u8],
    ) -> Result<usize, Status> {
        let mut writer = JsonWriter::new(scratch);
        self.write_header(mint, shape == Shape::EncryptedThenSigned, &mut writer)?;
        let (header, scratch) = writer.finish();
        let mut writer = JsonWriter::new(scratch);
        mint.write_payload(&mut writer)?;
        let (payload, rest) = writer.finish();
        mint.check(payload, rest)?;
        match shape {
            Shape::Signed => Err(Status::Argument),
            Shape::SignedThenEncrypted => {
                let parts = [header.len(), payload.len(), self.algorithm().signature_bytes()];
                let chars = parts.iter().fold(2usize, |sum, bytes| sum.saturating_add(base64url::encoded_len(*bytes)));
                let (token, rest) = rest.split_at_mut_checked(chars).ok_or(Status::ScratchTooSmall)?;
                let token = self.seal(header, payload, token)?;
                sealer.seal_as(true, token.as_bytes(), random, rest, out).map(str::len)
            }
            Shape::EncryptedThenSigned => {
                let chars = sealer.seal(payload, random, rest, out)?.len();
                let copy = rest.get_mut(..chars).ok_or(Status::ScratchTooSmall)?;
                copy.copy_from_slice(out.get(..chars).ok_or(Status::BufferTooSmall)?);
                self.seal(header, copy, out).map(str::len)
            }
        }
    }
}
