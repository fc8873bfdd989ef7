//! `cnf`: what the issuer has bound the token to (RFC 7800 3.1).

use super::{Holder, Methods};
use crate::base64url;
use crate::claims::Claims;
use crate::ct;
use crate::json::Text;

/// The methods that a token's `cnf` names, as far as the policy gives them.
pub(super) struct Confirmation<'c> {
    #[cfg(feature = "dpop")]
    pub(super) thumbprint: Option<Text<'c>>,
    #[cfg(feature = "mtls")]
    pub(super) certificate: Option<Text<'c>>,
    #[cfg(feature = "channel")]
    pub(super) channel: Option<Text<'c>>,
    /// Whether it names one that cannot be met, or none.
    pub(super) is_unmet: bool,
    pub(super) methods: Methods,
    kept: core::marker::PhantomData<&'c ()>,
}

impl<'c> Confirmation<'c> {
    pub(super) fn read(claims: &Claims<'c>, holder: &Holder<'_>) -> Self {
        let mut found = Confirmation {
            #[cfg(feature = "dpop")]
            thumbprint: None,
            #[cfg(feature = "mtls")]
            certificate: None,
            #[cfg(feature = "channel")]
            channel: None,
            is_unmet: false,
            methods: Methods::NONE,
            kept: core::marker::PhantomData,
        };
        let Some(value) = claims.confirmation() else { return found };
        let mut is_empty = true;
        for (name, value) in value.members().into_iter().flatten() {
            is_empty = false;
            let is_known = value.text().is_ok_and(|text| found.note(name, text, holder));
            found.is_unmet |= !is_known;
        }
        found.is_unmet |= is_empty;
        found
    }

    /// Whether the policy gives the method that this member names.
    fn note(&mut self, name: Text<'c>, text: Text<'c>, holder: &Holder<'_>) -> bool {
        #[cfg(feature = "dpop")]
        if name == "jkt" && holder.proof.is_some() {
            self.thumbprint = Some(text);
            self.methods = self.methods.and(Methods::PROOF);
            return true;
        }
        #[cfg(feature = "mtls")]
        if name == "x5t#S256" && holder.certificate {
            self.certificate = Some(text);
            self.methods = self.methods.and(Methods::CERTIFICATE);
            return true;
        }
        #[cfg(feature = "channel")]
        if holder.channel.is_some_and(|member| name == member) {
            self.channel = Some(text);
            self.methods = self.methods.and(Methods::CHANNEL);
            return true;
        }
        let _ = (name, text, holder);
        false
    }
}

/// The characters of 32 bytes in base64url.
const DIGEST_CHARS: usize = base64url::encoded_len(32);

/// Whether the text is this digest in base64url. The comparison is constant in time; the text's length is public.
pub(super) fn is_digest(text: Text<'_>, digest: &[u8; 32]) -> bool {
    let (mut wanted, mut found) = ([0; DIGEST_CHARS], [0; DIGEST_CHARS]);
    let (Some(wanted), Ok(found)) = (base64url::encode(digest, &mut wanted), text.copy_to(&mut found)) else { return false };
    ct::verdict(ct::equal(wanted.as_bytes(), found.as_bytes()))
}
