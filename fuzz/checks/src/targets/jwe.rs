//! Envelopes: good ones open to what was sealed, by other crates; one that is damaged anywhere never does, and leaves nothing of
//! its content; what opens of arbitrary text is sealed again, part by part, by those crates.

use crate::input::Input;
use countermark::{Encryption, KeyManagement, Keys, Limits, Status, open_envelope, scratch_bytes};
use countermark_tests::base64url::{decode, encode};
use countermark_tests::envelope::{CONTENTS, Envelope, Management, compact, content, split, unwrap};
use serde_json::Value;

pub const KEY: [u8; 64] = *b"sixty-four bytes for the content, or 32 for a key that wraps it!";

/// Opens with a dir key for each content and with a key of each wrapping, or says why not. A failure leaves nothing.
pub fn open(envelope: &[u8], plain: &[u8]) -> Result<Vec<u8>, Status> {
    let mut region = vec![0; 256];
    let mut keys = Keys::new(&mut region)?;
    for management in KeyManagement::SUPPORTED.iter().filter(|management| !management.name().starts_with("ECDH")) {
        keys.add_decryption(*management, None, &KEY[..management.key_bytes()])?;
    }
    let mut scratch = vec![0; scratch_bytes(envelope.len(), &Limits::DEFAULT)];
    let opened = open_envelope(envelope, &[keys.set()], &Limits::DEFAULT, &mut scratch);
    let opened = opened.map(|(found, _)| found.to_vec());
    if opened.is_err() {
        // Zeros are what a wiped place holds, and the header stays where it was decoded, in front of them.
        let header = envelope.split(|byte| *byte == b'.').next().and_then(decode).unwrap_or_default();
        let is_content = |part: &&[u8]| !part.contains(&0) && !header.windows(8).any(|known| known == *part);
        let left = plain.windows(8).filter(is_content).any(|part| scratch.windows(8).any(|window| window == part));
        assert!(!left, "content after a failure");
    }
    opened
}

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    if input.flag() {
        let text = input.rest();
        if let Ok(plain) = open(text, b"") {
            sealed_again(text, &plain);
        }
        return;
    }
    let (enc, ..) = input.pick(&CONTENTS);
    let bytes = input.pick(&[16, 24, 32]);
    let management = match input.below(3) {
        0 => Management::Dir,
        1 => Management::Wrap(KEY[..bytes].to_vec()),
        _ => Management::GcmWrap(KEY[..bytes].to_vec()),
    };
    let (place, at, flip) = (1 + input.below(4), usize::from(input.word()), input.byte());
    let plain = input.bytes();
    let parts = Envelope::new(&management, enc, &KEY, plain).parts();
    let good = compact(&parts);
    assert_eq!(open(good.as_bytes(), b"").as_deref(), Ok(plain));
    sealed_again(good.as_bytes(), plain);
    let mut damaged = parts;
    let length = damaged[place].len();
    if flip != 0 && length > 0 {
        damaged[place][at % length] ^= flip;
        assert_eq!(open(compact(&damaged).as_bytes(), plain), Err(Status::Decryption));
    }
}

/// What opened is exactly what other crates make of key, IV and content.
fn sealed_again(text: &[u8], plain: &[u8]) {
    let [head, encrypted_key, iv, ciphertext, tag] = split(std::str::from_utf8(text).expect("base64url"));
    let header: Value = serde_json::from_slice(&head).expect("JSON");
    let (alg, enc) = (header["alg"].as_str().expect("alg"), header["enc"].as_str().expect("enc"));
    let bytes = Encryption::from_name(enc).expect("known").key_bytes();
    let key = match alg {
        "dir" => KEY[..bytes].to_vec(),
        "A128KW" | "A192KW" | "A256KW" => {
            let wrapping = alg[1..4].parse::<usize>().expect("bits") / 8;
            unwrap(&KEY[..wrapping], &encrypted_key).expect("wrapped")
        }
        // The key's own tag is in the header: known where the check made it, and by nobody else.
        _ => KEY[..bytes].to_vec(),
    };
    assert_eq!(content(enc, &key, &iv, encode(&head).as_bytes(), plain), (ciphertext, tag));
}
