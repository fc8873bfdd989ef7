//! Tokens with one named flaw each. They are signed by the `hmac` and `p256` crates, never by Countermark, so that a bad token
//! is correctly signed wherever its flaw lies elsewhere.

use super::base64url;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Signer;
use sha2::{Sha256, Sha384, Sha512};

/// The time at which the builder's tokens are good.
pub const NOW: i64 = 1_700_000_000;
/// The secret of the builder's HMAC tokens: long enough for every hash.
pub const SECRET: &[u8; 64] = b"a secret of sixty-four bytes, long enough for HMAC with SHA-512.";
/// The private scalar of the builder's ES256 tokens.
pub const SCALAR: [u8; 32] = [7; 32];
/// The payload of a token without a flaw.
pub const PAYLOAD: &str = r#"{"iss":"https://login.example","sub":"alice","exp":1700000600,"iat":1700000000}"#;

/// What signs.
#[derive(Clone, Debug, PartialEq)]
pub enum SigningKey {
    Hs256(Vec<u8>),
    Hs384(Vec<u8>),
    Hs512(Vec<u8>),
    Es256([u8; 32]),
    /// The key of `tests/keys` (of ML-DSA: of `lattice`) of this algorithm, by that algorithm's own crate.
    Kept(&'static str),
}

impl SigningKey {
    /// The builder's own key of this algorithm.
    pub fn of(alg: &str) -> SigningKey {
        match alg {
            "HS256" => SigningKey::Hs256(SECRET.to_vec()),
            "HS384" => SigningKey::Hs384(SECRET.to_vec()),
            "HS512" => SigningKey::Hs512(SECRET.to_vec()),
            "ES256" => SigningKey::Es256(SCALAR),
            _ => {
                let mut known = super::keys::ALGORITHMS.iter().chain(&super::lattice::ALGORITHMS);
                SigningKey::Kept(known.find(|known| **known == alg).expect("a known algorithm"))
            }
        }
    }

    pub fn alg(&self) -> &'static str {
        match self {
            SigningKey::Hs256(_) => "HS256",
            SigningKey::Hs384(_) => "HS384",
            SigningKey::Hs512(_) => "HS512",
            SigningKey::Es256(_) => "ES256",
            SigningKey::Kept(alg) => alg,
        }
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
            let mut mac = <M as KeyInit>::new_from_slice(key).expect("any length");
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        }
        match self {
            SigningKey::Hs256(key) => mac::<Hmac<Sha256>>(key, message),
            SigningKey::Hs384(key) => mac::<Hmac<Sha384>>(key, message),
            SigningKey::Hs512(key) => mac::<Hmac<Sha512>>(key, message),
            SigningKey::Es256(scalar) => {
                let made: p256::ecdsa::Signature = private(scalar).sign(message);
                made.to_bytes().to_vec()
            }
            SigningKey::Kept(alg) if alg.starts_with("ML-DSA") => super::lattice::sign(alg, message),
            SigningKey::Kept(alg) => super::keys::sign(alg, message),
        }
    }
}

fn private(scalar: &[u8; 32]) -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::from_bytes(scalar.into()).expect("a scalar below the order")
}

/// The public key of a scalar as SEC 1 2.3.3 writes it, uncompressed.
pub fn public_sec1(scalar: &[u8; 32]) -> [u8; 65] {
    private(scalar).verifying_key().to_sec1_point(false).as_bytes().try_into().expect("65 bytes")
}

/// The public key of a scalar as SubjectPublicKeyInfo in DER (RFC 5480).
pub fn public_spki(scalar: &[u8; 32]) -> Vec<u8> {
    use p256::pkcs8::EncodePublicKey;
    p256::PublicKey::from(*private(scalar).verifying_key()).to_public_key_der().expect("DER").into_vec()
}

/// The public key of a scalar as the members of a JWK, without braces.
pub fn public_jwk_members(scalar: &[u8; 32]) -> String {
    let sec1 = public_sec1(scalar);
    let (x, y) = (base64url::encode(&sec1[1..33]), base64url::encode(&sec1[33..]));
    format!(r#""kty":"EC","crv":"P-256","x":"{x}","y":"{y}""#)
}

/// A signature with s replaced by n - s: valid as well (SEC 1 4.1.4).
pub fn other_s(signature: &[u8]) -> Vec<u8> {
    let signature = p256::ecdsa::Signature::from_slice(signature).expect("a signature");
    let (r, s) = signature.split_scalars();
    p256::ecdsa::Signature::from_scalars(r, -s).expect("in range").to_bytes().to_vec()
}

/// One of a token's three parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    Header,
    Payload,
    Signature,
}

impl Segment {
    pub const ALL: [Segment; 3] = [Segment::Header, Segment::Payload, Segment::Signature];
}

/// Ways to spell bytes that are not unpadded base64url with zero trailing bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// Filled up with `=`.
    Padded,
    /// `+` and `/`, as RFC 4648 4 has it; an `=` where the text has neither.
    StandardAlphabet,
    /// The last character's spare bits are ones.
    SpareBits,
    /// A length of 1 modulo 4.
    OneMore,
    /// A character of no alphabet in the middle.
    Foreign(char),
}

impl Spelling {
    pub fn of(self, bytes: &[u8]) -> String {
        let text = base64url::encode(bytes);
        match self {
            Spelling::Padded if text.len().is_multiple_of(4) => text + "====",
            Spelling::Padded => format!("{text:=<width$}", width = text.len().next_multiple_of(4)),
            Spelling::StandardAlphabet if text.contains(['-', '_']) => text.replace('-', "+").replace('_', "/"),
            Spelling::StandardAlphabet => text + "+",
            Spelling::SpareBits => spare_bits_set(&text),
            Spelling::OneMore => text.clone() + &"A".repeat((5 - text.len() % 4) % 4),
            Spelling::Foreign(char) => {
                let (start, end) = text.split_at(text.len() / 2);
                format!("{start}{char}{end}")
            }
        }
    }
}

/// The next letter has the lowest bit set, which is spare when the length is not a multiple of 4.
fn spare_bits_set(text: &str) -> String {
    assert_ne!(text.len() % 4, 0, "no spare bits in this text");
    let (start, last) = text.split_at(text.len() - 1);
    let next = match last.as_bytes()[0] {
        b'0'..=b'8' | b'A'..=b'Y' | b'a'..=b'y' => last.as_bytes()[0] + 1,
        _ => unreachable!("a canonical last character has a zero in its lowest bit"),
    };
    format!("{start}{}", char::from(next))
}

/// The one thing that is wrong with a token.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Flaw {
    #[default]
    None,
    /// The segment is there, and empty.
    Empty(Segment),
    /// The segment is spelt in another way. Header and payload are signed as they are spelt.
    Spelt(Segment, Spelling),
    /// The signature lacks this many bytes at its end.
    SignatureCut(usize),
    /// The signature goes on after its end.
    SignatureTail(Vec<u8>),
    /// One bit of the signature is wrong.
    SignatureBit(usize),
    /// The signature is other bytes altogether.
    SignatureIs(Vec<u8>),
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct TokenBuilder {
    header: Vec<u8>,
    payload: Vec<u8>,
    key: SigningKey,
    flaw: Flaw,
}

impl TokenBuilder {
    /// A good token of this algorithm, under the builder's own key.
    pub fn new(alg: &str) -> Self {
        Self::signed_by(SigningKey::of(alg))
    }

    pub fn signed_by(key: SigningKey) -> Self {
        let header = format!(r#"{{"alg":"{}","typ":"JWT"}}"#, key.alg());
        TokenBuilder { header: header.into(), payload: PAYLOAD.into(), key, flaw: Flaw::None }
    }

    pub fn header(mut self, json: impl AsRef<[u8]>) -> Self {
        self.header = json.as_ref().to_vec();
        self
    }

    /// `alg` as it should be, and these members behind it.
    pub fn header_with(self, members: &str) -> Self {
        let header = format!(r#"{{"alg":"{}",{members}}}"#, self.key.alg());
        self.header(header)
    }

    pub fn payload(mut self, json: impl AsRef<[u8]>) -> Self {
        self.payload = json.as_ref().to_vec();
        self
    }

    /// The good payload, and these members behind it.
    pub fn payload_with(self, members: &str) -> Self {
        let payload = format!("{},{members}}}", &PAYLOAD[..PAYLOAD.len() - 1]);
        self.payload(payload)
    }

    pub fn flaw(mut self, flaw: Flaw) -> Self {
        self.flaw = flaw;
        self
    }

    pub fn build(&self) -> String {
        let segment = |which: Segment, bytes: &[u8]| match &self.flaw {
            Flaw::Empty(empty) if *empty == which => String::new(),
            Flaw::Spelt(spelt, spelling) if *spelt == which => spelling.of(bytes),
            _ => base64url::encode(bytes),
        };
        let input = format!("{}.{}", segment(Segment::Header, &self.header), segment(Segment::Payload, &self.payload));
        let mut signature = self.key.sign(input.as_bytes());
        match &self.flaw {
            Flaw::SignatureCut(missing) => signature.truncate(signature.len() - missing),
            Flaw::SignatureTail(tail) => signature.extend(tail),
            Flaw::SignatureBit(bit) => signature[bit / 8] ^= 1 << (bit % 8),
            Flaw::SignatureIs(bytes) => signature = bytes.clone(),
            _ => {}
        }
        format!("{input}.{}", segment(Segment::Signature, &signature))
    }
}
