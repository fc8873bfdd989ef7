//! What a token, its key and its subject are called: decoded text, however the token wrote it.

use crate::json::Text;
#[cfg(feature = "revocation")]
use crate::key::Stored;

/// A name of a token's: what `iss`, `jti`, `sub` or a key's `kid` says, decoded.
#[derive(Clone, Copy)]
pub struct Name<'n>(Form<'n>);

#[derive(Clone, Copy)]
enum Form<'n> {
    Plain(&'n [u8]),
    Claim(Text<'n>),
    #[cfg(feature = "revocation")]
    Key(Stored<'n>),
}

impl<'n> Name<'n> {
    /// A name that the host has as text.
    pub const fn new(text: &'n str) -> Self {
        Name(Form::Plain(text.as_bytes()))
    }

    pub(crate) const fn of_claim(text: Text<'n>) -> Self {
        Name(Form::Claim(text))
    }

    #[cfg(feature = "revocation")]
    pub(crate) const fn of_key(id: Stored<'n>) -> Self {
        Name(Form::Key(id))
    }

    /// Its UTF-8 bytes: for a host that looks it up in a store of its own.
    pub fn bytes(&self) -> impl Iterator<Item = u8> + use<'n> {
        let plain = match self.0 {
            Form::Plain(plain) => plain,
            _ => &[],
        };
        let claim = match self.0 {
            Form::Claim(text) => Some(text),
            _ => None,
        };
        let bytes = plain.iter().copied().chain(claim.into_iter().flat_map(|text| text.bytes()));
        #[cfg(feature = "revocation")]
        let bytes = bytes.chain(self.key().into_iter().flat_map(Stored::bytes));
        bytes
    }

    #[cfg(feature = "revocation")]
    fn key(&self) -> Option<Stored<'n>> {
        match self.0 {
            Form::Key(id) => Some(id),
            _ => None,
        }
    }

    /// Whether it is exactly this text.
    pub fn is(&self, text: &str) -> bool {
        self.bytes().eq(text.bytes())
    }

    /// Its bytes in pieces, and how many there are before them: so that names behind each other cannot be split otherwise.
    #[cfg(feature = "revocation")]
    pub(crate) fn feed(&self, take: &mut dyn FnMut(&[u8])) {
        match self.0 {
            Form::Plain(plain) => feed(plain.len(), plain.iter().copied(), take),
            Form::Claim(text) => feed(text.bytes().count(), text.bytes(), take),
            Form::Key(id) => feed(id.bytes().count(), id.bytes(), take),
        }
    }
}

#[cfg(feature = "revocation")]
fn feed(count: usize, mut bytes: impl Iterator<Item = u8>, take: &mut dyn FnMut(&[u8])) {
    take(&(count as u64).to_be_bytes());
    let mut piece = [0; 32];
    loop {
        let mut filled = 0usize;
        for (place, byte) in piece.iter_mut().zip(&mut bytes) {
            *place = byte;
            filled = filled.saturating_add(1);
        }
        take(piece.get(..filled).unwrap_or_default());
        if filled < piece.len() {
            return;
        }
    }
}

impl core::fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Name(..)")
    }
}
