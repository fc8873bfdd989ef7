//! Raw bytes as PEM: whatever loads is what `pem-rfc7468`, or else the obvious reading of RFC 7468, finds in it, and what the
//! crate finds loads as its DER does.

use super::der::{ALGORITHMS, Form, load};
use base64ct::{Base64, Encoding};
use countermark::{Keys, Status};

/// The labels that the core knows.
const LABELS: [(&str, Form); 3] =
    [("PUBLIC KEY", Form::Spki), ("RSA PUBLIC KEY", Form::Pkcs1), ("CERTIFICATE", Form::Certificate)];

/// Input: one byte that chooses the algorithm, then the text.
pub fn check(data: &[u8]) {
    let Some((choice, text)) = data.split_first() else { return };
    let algorithm = ALGORITHMS[usize::from(*choice) % ALGORITHMS.len()];
    let mut region = vec![0; 512];
    let mut keys = Keys::new(&mut region).expect("room");
    let found = keys.add_pem(algorithm, None, text);
    assert_eq!(keys.set().len(), usize::from(found.is_ok()));

    let obvious = obvious(text).map(|(form, der)| load(form, algorithm, &der));
    match found {
        Err(Status::KeyPem) => {}
        other => assert_eq!(Some(other), obvious, "another key than the text's"),
    }
    // The crate is stricter about the length of lines, and about what stands before the block.
    if let Ok((label, der)) = pem_rfc7468::decode_vec(text)
        && let Some((_, form)) = LABELS.iter().find(|(known, _)| *known == label)
        && der.len() <= 1_024
        && !has_lone_cr(text)
        && ends_with_the_block(text)
    {
        assert_eq!(found, load(*form, algorithm, &der), "{label}");
    }
}

/// RFC 7468 lets a CR alone end a line; here only LF and CRLF do.
fn has_lone_cr(text: &[u8]) -> bool {
    text.iter().enumerate().any(|(at, byte)| *byte == b'\r' && text.get(at + 1) != Some(&b'\n'))
}

fn ends_with_the_block(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    text.trim_end_matches([' ', '\t', '\r', '\n']).ends_with("-----")
}

/// One block between its boundaries, by lines and strings.
fn obvious(text: &[u8]) -> Option<(Form, Vec<u8>)> {
    // One character for each byte, so that any bytes may stand before the block.
    let text: String = text.iter().map(|byte| char::from(*byte)).collect();
    let lines: Vec<&str> = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let (begin, label) = lines
        .iter()
        .enumerate()
        .find_map(|(at, line)| Some((at, line.strip_prefix("-----BEGIN ")?.strip_suffix("-----")?)))?;
    let (_, form) = LABELS.iter().find(|(known, _)| *known == label)?;
    let length = lines[begin + 1..].iter().position(|line| *line == format!("-----END {label}-----"))?;
    let body = lines[begin + 1..begin + 1 + length].concat();
    Some((*form, Base64::decode_vec(&body).ok()?))
}
