//! Rotating secrets: a base from which each user has a key of their own for each window of time, HS256.
//!
//! Which user and which window is read from a payload whose signature is not checked yet, and serves nothing but the derivation:
//! whoever changes it changes the key, and the signature does not hold.

mod turn;

pub(crate) use turn::{Peeked, Turn, User};

use super::region::Stored;
use crate::bytes::to_words;
use crate::error::Status;
use crate::hash::{self, Sha256State, State};
use crate::limits::{HMAC_KEY_BYTES_MAX, ROTATING_CLAIM_BYTES_MAX};
use crate::mac::HmacKey;
use turn::decimal;
use zeroize::{Zeroize, Zeroizing};

/// How a key is derived from the base, the user and the number W of the window, which is floor(`iat` / window).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum RotatingMode {
    /// As the field's Node.js issuers do: the base and, behind it, HMAC-SHA256(base, user ‖ "-" ‖ W) in lowercase hexadecimal.
    Compat = 1,
    /// For new systems: HMAC-SHA256(base, "countermark/rotating/v1" ‖ bytes of the user ‖ user ‖ W), the first number of 32 bits, W of
    /// 64, both big-endian.
    Derived = 2,
}

/// The settings of a rotating secret: its issuer's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotating<'r> {
    /// How keys are derived.
    pub mode: RotatingMode,
    /// The claim that holds the user's id: a string, or an integer of at most 2^53, which is its decimal text.
    pub claim: &'r str,
    /// Seconds that a window lasts, at least 1. The field's usual 86,400,000 milliseconds are 86,400.
    pub window: u32,
    /// How many windows before now's are accepted: 0 or 1.
    pub grace: u32,
}

impl<'r> Rotating<'r> {
    /// [`RotatingMode::Compat`], a new key each day, without grace.
    pub const fn compat(claim: &'r str) -> Self {
        Rotating { mode: RotatingMode::Compat, claim, window: 86_400, grace: 0 }
    }

    /// [`RotatingMode::Derived`], a new key each day, without grace.
    pub const fn derived(claim: &'r str) -> Self {
        Rotating { mode: RotatingMode::Derived, ..Rotating::compat(claim) }
    }
}

/// The shortest base: as any key of HS256 (RFC 7518 3.2).
const BASE_BYTES_MIN: usize = 32;
const BLOCK_BYTES: usize = 64;
const KEYED_WORDS: usize = HmacKey::<Sha256State>::WORDS;
const FIXED_WORDS: usize = 2 + KEYED_WORDS + 4 + BLOCK_BYTES / 8;
/// The most words of a rotating secret's material.
pub(super) const WORDS_MAX: usize = FIXED_WORDS + Stored::words_for(ROTATING_CLAIM_BYTES_MAX);

/// What is public of a rotating secret.
#[derive(Clone, Copy)]
pub(crate) struct Rule<'b> {
    mode: RotatingMode,
    grace: i64,
    window: i64,
    base_bytes: usize,
    claim: Name<'b>,
}

/// The claim's name as it was given, or as it lies in a region.
#[derive(Clone, Copy)]
enum Name<'b> {
    Given(&'b str),
    Kept(Stored<'b>),
}

impl<'b> Rule<'b> {
    pub(crate) fn new(rotating: &Rotating<'b>, base_bytes: usize) -> Result<Self, Status> {
        let Rotating { mode, claim, window, grace } = *rotating;
        if claim.is_empty() || claim.len() > ROTATING_CLAIM_BYTES_MAX || window == 0 || grace > 1 {
            return Err(Status::RotatingSettings);
        }
        Ok(Rule { mode, grace: grace.into(), window: window.into(), base_bytes, claim: Name::Given(claim) })
    }

    /// The rule of a candidate; none for an HS256 key that is no rotating secret.
    pub(crate) fn of(material: &'b [u64]) -> Option<Self> {
        let [first, window, ..] = material else { return None };
        let name = material.get(FIXED_WORDS..)?;
        Some(Rule {
            mode: if first >> 56 == RotatingMode::Compat as u64 { RotatingMode::Compat } else { RotatingMode::Derived },
            grace: i64::from(first >> 48 & 0xff != 0),
            window: i64::try_from(*window).ok()?,
            base_bytes: (first >> 32 & 0xffff) as usize,
            claim: Name::Kept(Stored::read(name, *first as u32 as usize)?),
        })
    }

    /// Which keys the token may be signed with.
    pub(crate) fn turn<'p>(&self, peeked: &Peeked<'p>) -> Result<Turn<'p>, Status> {
        let user = peeked.find(|found| match self.claim {
            Name::Given(name) => found == name,
            Name::Kept(name) => name.is(found),
        });
        let user = User::of(user.ok_or(Status::RotatingUserMissing)?).ok_or(Status::RotatingUserType)?;
        let issued_at = peeked.issued_at.ok_or(Status::RotatingTimeMissing)?;
        let number = |time: i64| time.checked_div_euclid(self.window).unwrap_or_default();
        let (window, now) = (number(issued_at), number(peeked.now));
        let latest = number(peeked.now.saturating_add(peeked.leeway.into())).min(now.saturating_add(1));
        if window > latest {
            return Err(Status::RotatingWindowAhead);
        }
        if window < now.saturating_sub(self.grace) {
            return Err(Status::RotatingWindowPast);
        }
        let into = issued_at.checked_rem_euclid(self.window).unwrap_or_default();
        Ok(Turn { user, window, before: window.checked_sub(1).filter(|before| into < CLOCK_READ_SECONDS && *before >= 0) })
    }
}

/// An issuer reads its clock for the window before it stamps `iat`: so far into a window, the one before is tried too.
const CLOCK_READ_SECONDS: i64 = 2;

/// A base in the form that derivation needs, so that no token pays for making it. Wiped when dropped.
///
/// In a region: mode (8 bits), grace (8), bytes of the base (16), bytes of the claim's name (32); the window; the base keyed for
/// HMAC; its hash up to its last whole block; the bytes behind that; the claim's name.
pub(crate) struct Base<'b> {
    rule: Rule<'b>,
    keyed: HmacKey<Sha256State>,
    hashed: Sha256State,
    tail: [u8; BLOCK_BYTES],
}

impl<'b> Base<'b> {
    pub(crate) fn new(base: &[u8], rotating: &Rotating<'b>) -> Result<Self, Status> {
        let rule = Rule::new(rotating, base.len())?;
        if base.len() < BASE_BYTES_MIN {
            return Err(Status::KeyTooShort);
        }
        if base.len() > HMAC_KEY_BYTES_MAX {
            return Err(Status::KeyTooLong);
        }
        let keyed = HmacKey::new(base, &hash::SHA256, 32);
        let mut made = Base { rule, keyed, hashed: hash::SHA256, tail: [0; BLOCK_BYTES] };
        let (blocks, tail) = base.as_chunks::<BLOCK_BYTES>();
        made.hashed.compress(blocks.as_flattened());
        made.tail.iter_mut().zip(tail).for_each(|(place, byte)| *place = *byte);
        Ok(made)
    }

    /// Whether the material of an HS256 key is a rotating secret's: each other is two keyed states and no more.
    pub(crate) const fn is_of(material: &[u64]) -> bool {
        material.len() > KEYED_WORDS
    }

    pub(crate) fn words(&self) -> usize {
        FIXED_WORDS.saturating_add(match self.rule.claim {
            Name::Given(name) => Stored::words_for(name.len()),
            Name::Kept(_) => 0, // lies in a region already
        })
    }

    pub(crate) fn store(&self, words: &mut [u64]) {
        let Rule { mode, grace, window, base_bytes, claim: Name::Given(claim) } = self.rule else { return };
        let first = (mode as u64) << 56 | (grace as u64) << 48 | (base_bytes as u64) << 32 | claim.len() as u64;
        let Some((head, rest)) = words.split_first_chunk_mut() else { return };
        *head = [first, window as u64];
        let (keyed, rest) = rest.split_at_mut(KEYED_WORDS.min(rest.len()));
        let (hashed, rest) = rest.split_at_mut(rest.len().min(4));
        let (tail, name) = rest.split_at_mut(rest.len().min(BLOCK_BYTES / 8));
        self.keyed.store(keyed);
        self.hashed.store(hashed);
        to_words(&self.tail, tail);
        to_words(claim.as_bytes(), name);
    }

    pub(crate) fn load(rule: Rule<'b>, material: &[u64]) -> Option<Self> {
        let (keyed, rest) = material.get(2..)?.split_at_checked(KEYED_WORDS)?;
        let (hashed, tail) = rest.split_at_checked(4)?;
        let mut base = Base { rule, keyed: HmacKey::load(keyed)?, hashed: State::load(hashed)?, tail: [0; BLOCK_BYTES] };
        for (place, word) in base.tail.as_chunks_mut().0.iter_mut().zip(tail) {
            *place = word.to_le_bytes();
        }
        Some(base)
    }

    /// The key of a user at a time; none before 1970.
    #[cfg(feature = "issue")]
    pub(crate) fn key_at(&self, user: &str, time: i64) -> Option<HmacKey<Sha256State>> {
        let window = time.checked_div_euclid(self.rule.window).filter(|window| *window >= 0)?;
        Some(self.derive(&User::named(user), window))
    }

    /// The key of a user and a window, which is not negative.
    #[inline(never)]
    pub(crate) fn derive(&self, user: &User<'_>, window: i64) -> HmacKey<Sha256State> {
        let mut hash = self.keyed.start();
        let mut key = Zeroizing::new([0; 32]);
        match self.rule.mode {
            RotatingMode::Compat => {
                user.update(&mut hash);
                hash.update(b"-");
                hash.update(&decimal(false, window.unsigned_abs()));
                self.keyed.finish_in_place(&mut hash, key.as_mut());
                let mut hex = Zeroizing::new([0; 64]);
                // 64 characters always hold 32 bytes.
                let _ = base16ct::lower::encode(key.as_ref(), hex.as_mut());
                // Base and digits are longer than a block, so HMAC's key is their hash (RFC 2104 2).
                let tail_bytes = self.rule.base_bytes % BLOCK_BYTES;
                hash.go_on(&self.hashed, self.rule.base_bytes.saturating_sub(tail_bytes));
                hash.update(self.tail.get(..tail_bytes).unwrap_or_default());
                hash.update(hex.as_ref());
                hash.digest(key.as_mut());
            }
            RotatingMode::Derived => {
                hash.update(b"countermark/rotating/v1");
                hash.update(&(user.bytes() as u32).to_be_bytes());
                user.update(&mut hash);
                hash.update(&window.to_be_bytes());
                self.keyed.finish_in_place(&mut hash, key.as_mut());
            }
        }
        HmacKey::new(key.as_ref(), &hash::SHA256, 32)
    }
}

impl Drop for Base<'_> {
    fn drop(&mut self) {
        self.hashed.zeroize();
        self.tail.zeroize();
    }
}
