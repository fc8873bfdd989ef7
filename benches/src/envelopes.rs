//! Envelopes under `dir`, one KiB inside: opened by countermark, by a peer, and by the bare cipher with its key ready.

use crate::measure::Row;
use crate::sample::{self, AUDIENCE, ISSUER, SECRET};
use aes::Aes128;
use aes_gcm::Aes256Gcm;
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::inout::block_padding::Pkcs7;
use base64ct::{Base64UrlUnpadded, Encoding};
use cbc::Decryptor;
use cbc::cipher::{BlockModeDecrypt, InnerIvInit};
use countermark::{
    Algorithm, Encryption, Holder, KeyManagement, KeySet, Keys, Limits, Mint, Policy, Request, SEAL_RANDOM_BYTES, Sealer,
    Shape, Verifier, open_envelope,
};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::hint::black_box;

const CONTENT_BYTES: usize = 1_024;
/// 32 bytes for either content.
const KEY: &[u8; 32] = b"a content's key, of thirty-two b";
const RANDOM: [u8; SEAL_RANDOM_BYTES] = [0x29; SEAL_RANDOM_BYTES];

/// An envelope, and what must not open: each with one flaw.
pub struct Envelope {
    pub encryption: Encryption,
    management: KeyManagement,
    pub text: String,
    content: Vec<u8>,
    flawed: Vec<(&'static str, String)>,
}

impl Envelope {
    pub fn a256gcm() -> Self {
        Envelope::new(KeyManagement::DirA256Gcm, Encryption::A256Gcm)
    }

    pub fn a128cbc() -> Self {
        Envelope::new(KeyManagement::DirA128CbcHs256, Encryption::A128CbcHs256)
    }

    fn new(management: KeyManagement, encryption: Encryption) -> Self {
        let content: Vec<u8> = (0..CONTENT_BYTES).map(|at| at as u8).collect();
        let seal = |key: &[u8; 32]| {
            let sealer = Sealer::of_key(management, encryption, None, key).expect("a sealer");
            let (mut scratch, mut out) = ([0; 4096], [0; 4096]);
            sealer.seal(&content, &RANDOM, &mut scratch, &mut out).expect("an envelope").to_owned()
        };
        let text = seal(KEY);
        let parts: Vec<&str> = text.split('.').collect();
        let flawed = vec![
            ("tampered in its content", changed(&parts, 3)),
            ("tampered in its tag", changed(&parts, 4)),
            ("tampered in its IV", changed(&parts, 2)),
            ("under another key", seal(b"another key of thirty-two bytes.")),
        ];
        Envelope { encryption, management, text, content, flawed }
    }

    /// Stops the program when `opens` is wrong about any envelope.
    fn examine(&self, name: &str, mut opens: impl FnMut(&str) -> Option<Vec<u8>>) {
        assert!(opens(&self.text).is_some_and(|content| content == self.content), "{name} does not open the good envelope");
        for (flaw, text) in &self.flawed {
            assert!(opens(text).is_none(), "{name} opens an envelope that is {flaw}");
        }
    }

    /// The header as it stands in the text, and the other parts decoded: encrypted key, IV, ciphertext, tag.
    fn parts(text: &str) -> (&[u8], [Vec<u8>; 4]) {
        let (head, rest) = text.split_once('.').expect("a dot");
        let mut rest = rest.split('.').map(|part| Base64UrlUnpadded::decode_vec(part).expect("base64url"));
        (head.as_bytes(), [(); 4].map(|()| rest.next().expect("five parts")))
    }
}

/// The envelope with the first character of a part exchanged for another.
fn changed(parts: &[&str], which: usize) -> String {
    let mut parts: Vec<String> = parts.iter().map(|part| part.to_string()).collect();
    let other = if parts[which].starts_with('A') { "B" } else { "A" };
    parts[which].replace_range(..1, other);
    parts.join(".")
}

/// Sets with one decryption key and perhaps a secret of HS256. What they borrow is leaked.
fn sets(management: KeyManagement, secret: Option<&[u8]>) -> &'static [KeySet<'static>] {
    let region = Vec::leak(vec![0u64; 128]);
    let mut keys = Keys::new(&mut *region).expect("room");
    keys.add_decryption(management, None, KEY).expect("a key");
    if let Some(secret) = secret {
        keys.add_secret(Algorithm::HS256, None, secret).expect("a key");
    }
    // The set must outlive the builder, which would wipe it.
    std::mem::forget(keys);
    Vec::leak(vec![KeySet::open(region).expect("a set")])
}

/// `open_envelope`: base64url, the header's JSON, the choice of key, its schedule, the content.
pub fn row<'e>(name: &'static str, envelope: &'e Envelope) -> Row<'e> {
    let sets = sets(envelope.management, None);
    let mut scratch = vec![0; 8 * 1024];
    envelope.examine(name, |text| {
        let opened = open_envelope(text.as_bytes(), sets, &Limits::DEFAULT, &mut scratch);
        opened.ok().map(|(content, _)| content.to_vec())
    });
    Row::new(name, move || {
        let text = black_box(envelope.text.as_bytes());
        black_box(open_envelope(text, sets, &Limits::DEFAULT, &mut scratch)).expect("the content");
    })
}

/// The peer, its key made once. It reads the header into a map, and hands out a copy of the content.
#[cfg(feature = "josekit")]
pub fn josekit_row<'e>(name: &'static str, envelope: &'e Envelope) -> Row<'e> {
    let decrypter = josekit::jwe::Dir.decrypter_from_bytes(KEY).expect("a key");
    let open = move |text: &str| josekit::jwe::deserialize_compact(black_box(text), &decrypter).ok();
    envelope.examine(name, |text| open(text).map(|(content, _)| content));
    Row::new(name, move || {
        black_box(open(&envelope.text)).expect("the content");
    })
}

/// AES-256-GCM of the content and its tag, the schedule ready, nothing decoded.
pub fn gcm_row(name: &'static str, envelope: &Envelope) -> Row<'static> {
    let cipher = Aes256Gcm::new_from_slice(KEY).expect("a key");
    let open = move |head: &[u8], [_, iv, text, tag]: &[Vec<u8>; 4], out: &mut [u8]| {
        out.copy_from_slice(text);
        let (iv, tag) = (iv.as_slice().try_into().expect("12 bytes"), tag.as_slice().try_into().expect("16 bytes"));
        cipher.decrypt_inout_detached(iv, head, out.into(), tag).ok().map(|()| CONTENT_BYTES)
    };
    bare(name, envelope, open)
}

/// HMAC-SHA256 of header, IV, ciphertext and length, then AES-128-CBC with its padding (RFC 7518 5.2.2), both keys ready.
pub fn cbc_row(name: &'static str, envelope: &Envelope) -> Row<'static> {
    let (mac_key, cipher_key) = KEY.split_at(16);
    let keyed = Hmac::<Sha256>::new_from_slice(mac_key).expect("a key");
    let cipher = Aes128::new_from_slice(cipher_key).expect("a key");
    let open = move |head: &[u8], [_, iv, text, tag]: &[Vec<u8>; 4], out: &mut [u8]| {
        let mut mac = keyed.clone();
        let bits = (head.len() as u64 * 8).to_be_bytes();
        [head, iv, text, &bits].iter().for_each(|piece| mac.update(piece));
        mac.verify_truncated_left(tag).ok()?;
        out.copy_from_slice(text);
        let iv = iv.as_slice().try_into().expect("16 bytes");
        Decryptor::inner_iv_init(cipher.clone(), iv).decrypt_padded::<Pkcs7>(out).ok().map(<[u8]>::len)
    };
    bare(name, envelope, open)
}

fn bare(
    name: &'static str,
    envelope: &Envelope,
    open: impl Fn(&[u8], &[Vec<u8>; 4], &mut [u8]) -> Option<usize> + 'static,
) -> Row<'static> {
    envelope.examine(name, |text| {
        let (head, parts) = Envelope::parts(text);
        let mut out = vec![0; parts[2].len()];
        open(head, &parts, &mut out).map(|length| out[..length].to_vec())
    });
    let (head, parts) = Envelope::parts(&envelope.text);
    let (head, mut out) = (head.to_vec(), vec![0; parts[2].len()]);
    Row::new(name, move || {
        black_box(open(black_box(&head), black_box(&parts), &mut out)).expect("the content");
        black_box(&out);
    })
}

/// A token of HS256 of about a KiB, alone and inside an A256GCM envelope: both verified.
pub fn nested_rows(alone: &'static str, nested: &'static str) -> [Row<'static>; 2] {
    let now = sample::now();
    [(alone, Shape::Signed), (nested, Shape::SignedThenEncrypted)].map(|(name, shape)| {
        let good = token(shape, now + 86_400);
        let flawed = match shape {
            Shape::Signed => Envelope::a256gcm().text,
            _ => token(Shape::Signed, now + 86_400),
        };
        let policy = Policy { issuers: &[ISSUER], audiences: &[AUDIENCE], shape, ..Policy::default() };
        let sets = sets(KeyManagement::DirA256Gcm, Some(SECRET));
        let verifier = Verifier::new(sets, policy, Holder::default()).expect("a policy");
        let mut scratch = vec![0; verifier.scratch_bytes(good.len())];
        let mut accepts = move |token: &str| {
            black_box(verifier.verify(&Request::new(black_box(token), now), &mut scratch).accepted()).is_ok()
        };
        assert!(accepts(&good), "{name} refuses the good token");
        assert!(
            !accepts(&flawed) && !accepts(&token(shape, now - 1_000)),
            "{name} accepts another shape, or what is expired"
        );
        Row::new(name, move || {
            accepts(&good);
        })
    })
}

fn token(shape: Shape, expires_at: i64) -> String {
    let roles: Vec<String> = (0..40).map(|at| format!("\"team-{at}:read\"")).collect();
    let claims = format!(r#"{{"scope":"read","jti":"0123456789abcdef","roles":[{}]}}"#, roles.join(","));
    let mint = Mint {
        issuer: Some(ISSUER),
        audience: &[AUDIENCE],
        expires_at: Some(expires_at),
        claims: &claims,
        ..Mint::default()
    };
    let signer = countermark::Signer::of_secret(Algorithm::HS256, None, SECRET).expect("a signer");
    let (mut scratch, mut out) = (vec![0; 8 * 1024], vec![0; 8 * 1024]);
    let token = match shape {
        Shape::Signed => signer.issue(&mint, &mut scratch, &mut out),
        _ => {
            let sealer = Sealer::of_key(KeyManagement::DirA256Gcm, Encryption::A256Gcm, None, KEY).expect("a sealer");
            signer.issue_nested(&mint, shape, &sealer, &RANDOM, &mut scratch, &mut out)
        }
    };
    token.expect("a token").to_owned()
}
