//! The limits of tokens, keys and policies, each with its unit and its reason. What bounds one stage alone stands beside its code.

use crate::error::Status;

/// What a token may cost before its signature is checked. The defaults suit every issuer we know of.
///
/// Each bounds one thing, and together they bound the work: `token_bytes` is asked first, so all text that is read has at most
/// that length; comparing member names costs at most `members` times the length of the text; `candidates` is asked before the
/// first signature check. What remains is `candidates` checks and one pass over the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest token, in bytes. Default 8,192: what common servers accept as one header field (nginx's
    /// `large_client_header_buffers` 8k, Apache's `LimitRequestFieldSize` 8,190).
    pub token_bytes: usize,
    /// Deepest nesting of objects and arrays. Default 8: no registered claim needs more than 3.
    pub depth: usize,
    /// Most members in one object. Default 64: a choice and not a measurement, several times what access and ID tokens carry
    /// (RFC 9068 2.2 and OpenID Connect Core 2 name about 20). A token that needs more is seen by its status.
    pub members: usize,
    /// Most keys that are tried for one token. Default 8: each costs the server a signature check, and an attacker nothing. Keys
    /// with a `kid` are tried alone, so only sets without key ids come near.
    pub candidates: usize,
}

/// The largest `token_bytes`: positions in the decoded text are kept in 16 bits.
pub const TOKEN_BYTES_BOUND: usize = 65_535;
/// The largest `depth`: the reader keeps one word for each open level on its stack.
pub const DEPTH_BOUND: usize = 16;
/// The largest `members`: comparing names can cost the square of their number, times their length.
pub const MEMBERS_BOUND: usize = 256;
/// The largest `candidates`, which is also the default: they are kept in a list of this length on the stack.
pub const CANDIDATES_BOUND: usize = 8;
/// The longest key id in a key set, in bytes. Thumbprints have 43, UUIDs 36.
pub const KID_BYTES_MAX: usize = 128;
/// The most keys in one set. The largest published sets have 12.
pub const KEYS_MAX: usize = 64;
/// The longest HMAC key, in bytes. More than the hash's block adds nothing (RFC 2104 3).
pub const HMAC_KEY_BYTES_MAX: usize = 512;
/// The longest name of the claim that holds a rotating secret's user, in bytes. The field's have 3 to 8.
#[cfg(feature = "rotating")]
pub const ROTATING_CLAIM_BYTES_MAX: usize = 128;
/// The shortest RSA modulus, in bits (RFC 7518 3.3).
pub const RSA_BITS_MIN: usize = 2_048;
/// The longest RSA modulus, in bits. A longer one costs each token more time and stack than any issuer needs.
pub const RSA_BITS_MAX: usize = if cfg!(feature = "rsa8192") { 8_192 } else { 4_096 };
/// The longest DER inside PEM, in bytes. Certificates of public servers take 2,000; it lies on the stack while it is read.
pub const KEY_DER_BYTES_MAX: usize = 4_096;
/// The longest path to a claim, and the longest name of a fingerprint's claim, in bytes.
pub const PATH_BYTES_MAX: usize = 256;
/// The longest `apu` or `apv` of a JWE, in bytes: names or nonces, which have 16 to 64. Each is decoded on the stack.
#[cfg(feature = "ecdh")]
pub const PARTY_BYTES_MAX: usize = 256;
/// The most algorithms of a policy that is kept in fixed memory (the C verifier).
pub const LIST_MAX: usize = 16;
/// The most rules of a verifier. A host that asks for more asks for roles.
#[cfg(feature = "rights")]
pub const RIGHTS_RULES_MAX: usize = 32;
/// The most values of one rule. Each is looked for in the whole claim, after the signature.
#[cfg(feature = "rights")]
pub const RIGHTS_VALUES_MAX: usize = 32;
/// The shortest pepper, in bytes: 128 bits cannot be searched.
pub const PEPPER_BYTES_MIN: usize = 16;
/// The longest DPoP proof, in bytes: as a token, what common servers accept as one header field.
#[cfg(feature = "dpop")]
pub const PROOF_BYTES_MAX: usize = Limits::DEFAULT.token_bytes;
/// The longest `jti` of a proof, in bytes. UUIDs have 36; a session credential's challenge stands there too.
#[cfg(feature = "dpop")]
pub const PROOF_ID_BYTES_MAX: usize = 512;
/// The most elements of one observed set; further ones of a header field are not looked at. Each costs 128 ranks.
#[cfg(feature = "sketch")]
pub const SET_ELEMENTS_MAX: usize = 1_024;

impl Limits {
    /// The defaults.
    pub const DEFAULT: Limits = Limits { token_bytes: 8_192, depth: 8, members: 64, candidates: CANDIDATES_BOUND };

    pub(crate) fn check(&self) -> Result<(), Status> {
        let within = |value: usize, bound: usize| value >= 1 && value <= bound;
        let all = within(self.token_bytes, TOKEN_BYTES_BOUND)
            && within(self.depth, DEPTH_BOUND)
            && within(self.members, MEMBERS_BOUND)
            && within(self.candidates, CANDIDATES_BOUND);
        if all { Ok(()) } else { Err(Status::LimitRange) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits::DEFAULT
    }
}
