//! What is read of a token before its signature holds: whose key, and of which window.

use super::Base;
use crate::hash::{Hash, Sha256State};
use crate::json::{self, Text, Value};
use crate::mac::HmacKey;

/// A payload that nobody has vouched for yet, and the time. It is used for the derivation and for nothing else.
pub(crate) struct Peeked<'p> {
    /// The payload, decoded, as the strict reader accepted it, and the index that it left.
    pub(crate) text: &'p [u8],
    pub(crate) index: &'p [u8],
    /// `iat`, rounded down.
    pub(crate) issued_at: Option<i64>,
    pub(crate) now: i64,
    pub(crate) leeway: u32,
}

impl<'p> Peeked<'p> {
    pub(super) fn find(&self, is_wanted: impl Fn(Text<'p>) -> bool) -> Option<Value<'p>> {
        let mut members = json::positions(self.index).map(|start| json::name_at(self.text, start));
        members.find(|(name, _)| is_wanted(*name)).map(|(_, value)| json::value_at(self.text, value))
    }
}

/// The keys to try: one user's, of one window or two.
pub(crate) struct Turn<'p> {
    pub(super) user: User<'p>,
    pub(super) window: i64,
    pub(super) before: Option<i64>,
}

impl Turn<'_> {
    /// The keys, at most two.
    pub(crate) fn keys(&self, base: &Base<'_>) -> impl Iterator<Item = HmacKey<Sha256State>> {
        self.windows().map(|window| base.derive(&self.user, window))
    }

    /// The numbers of their windows.
    pub(crate) fn windows(&self) -> impl Iterator<Item = i64> + use<> {
        core::iter::once(self.window).chain(self.before)
    }
}

/// A user's id.
pub(crate) enum User<'p> {
    /// A string.
    Text(Text<'p>),
    /// An integer, as its decimal text.
    Integer(Digits),
}

/// A sign and sixteen digits for a user's id, twenty digits for any number.
type Digits = heapless::Vec<u8, 20>;

/// The largest integer that JavaScript tells from its neighbours.
const INTEGER_MAX: u64 = 1 << 53;

impl<'p> User<'p> {
    /// A string, or an integer of at most 2^53.
    pub(super) fn of(value: Value<'p>) -> Option<Self> {
        if let Ok(text) = value.text() {
            return Some(User::Text(text));
        }
        let number = value.number().ok().filter(|number| !number.has_fraction)?;
        let whole = number.whole.filter(|whole| *whole <= INTEGER_MAX)?;
        Some(User::Integer(decimal(number.is_negative, whole)))
    }

    /// An id that was not read from JSON.
    #[cfg(feature = "issue")]
    pub(crate) fn named(id: &'p str) -> Self {
        User::Text(Text::known(id.as_bytes(), false))
    }

    pub(super) fn bytes(&self) -> usize {
        match self {
            User::Text(text) => text.plain().map_or_else(|| text.bytes().count(), <[u8]>::len),
            User::Integer(digits) => digits.len(),
        }
    }

    pub(super) fn update(&self, hash: &mut Hash<Sha256State>) {
        match self {
            User::Text(text) => match text.plain() {
                Some(plain) => hash.update(plain),
                None => text.bytes().for_each(|byte| hash.update(&[byte])),
            },
            User::Integer(digits) => hash.update(digits),
        }
    }
}

/// The decimal text of an integer: 20 places hold every one of 64 bits, and 17 those of a user.
pub(super) fn decimal(is_negative: bool, magnitude: u64) -> Digits {
    let mut digits = Digits::new();
    let mut rest = magnitude;
    loop {
        let _ = digits.push(b'0'.wrapping_add((rest % 10) as u8));
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if is_negative {
        let _ = digits.push(b'-');
    }
    digits.reverse();
    digits
}
