//! Raw bytes as SubjectPublicKeyInfo, RSAPublicKey or a certificate: what an obvious reader of DER finds in them loads as it
//! does from its bare point, bytes or numbers; what it does not find loads never.

use countermark::{Algorithm, Keys, Status};
use countermark_tests::base64url;

/// How the bytes of a key are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    Spki,
    Pkcs1,
    Certificate,
}

pub const ALGORITHMS: [Algorithm; 8] = [
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::ES512,
    Algorithm::ES256K,
    Algorithm::RS256,
    Algorithm::PS512,
    Algorithm::EdDSA,
    Algorithm::HS256,
];

/// Input: one byte that chooses the algorithm and the form, then the key.
pub fn check(data: &[u8]) {
    let Some((choice, der)) = data.split_first() else { return };
    let algorithm = ALGORITHMS[usize::from(*choice) % ALGORITHMS.len()];
    let form = [Form::Spki, Form::Pkcs1, Form::Certificate][usize::from(choice >> 3) % 3];
    let found = load(form, algorithm, der);
    let expected = match form {
        Form::Spki => sequence(der).and_then(|info| of_info(algorithm, info)),
        Form::Pkcs1 => of_numbers(algorithm, der),
        // The way to the key in a certificate is not written twice; whatever loads is an SPKI somewhere in it.
        Form::Certificate => {
            if found.is_ok() {
                let starts = (0..der.len()).filter(|at| der[*at] == 0x30);
                let whole = |at: usize| split(&der[at..]).map(|(_, _, rest)| &der[at..der.len() - rest.len()]);
                let mut keys = starts.filter_map(whole);
                assert!(keys.any(|key| load(Form::Spki, algorithm, key) == Ok(())), "a key that is nowhere in it");
            }
            return;
        }
    };
    match expected {
        Some(expected) => assert_eq!(found.is_ok(), expected, "{found:?}"),
        None => assert!(found.is_err(), "what is no DER loads"),
    }
}

/// What loading one key comes to.
pub fn load(form: Form, algorithm: Algorithm, der: &[u8]) -> Result<(), Status> {
    with_keys(|keys| match form {
        Form::Spki => keys.add_spki(algorithm, None, der),
        Form::Pkcs1 => keys.add_pkcs1(algorithm, None, der),
        Form::Certificate => keys.add_certificate(algorithm, None, der),
    })
}

fn with_keys(add: impl FnOnce(&mut Keys<'_>) -> Result<(), Status>) -> Result<(), Status> {
    let mut region = vec![0; 512];
    let mut keys = Keys::new(&mut region).expect("room");
    let found = add(&mut keys);
    assert_eq!(keys.set().len(), usize::from(found.is_ok()));
    found
}

/// Tag, content and what follows, of definite lengths written the shortest way (X.690 10.1).
fn split(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 15))?;
            let length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
            let is_shortest = bytes[0] != 0 && length > 0x7f;
            (is_shortest.then_some(length)?, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

/// One element of this tag and nothing behind it.
fn alone(tag: u8, der: &[u8]) -> Option<&[u8]> {
    split(der).filter(|(found, _, rest)| *found == tag && rest.is_empty()).map(|(_, content, _)| content)
}

fn sequence(der: &[u8]) -> Option<&[u8]> {
    alone(0x30, der)
}

/// Whether the key of these contents of a SubjectPublicKeyInfo is one of the algorithm; none: it is no DER.
fn of_info(algorithm: Algorithm, info: &[u8]) -> Option<bool> {
    let (0x30, identifier, rest) = split(info)? else { return None };
    let [0, key @ ..] = alone(3, rest)? else { return None };
    let (6, oid, parameters) = split(identifier)? else { return None };
    let hex: String = oid.iter().map(|byte| format!("{byte:02x}")).collect();
    let curve = |wanted: Algorithm, oid: &[u8]| {
        algorithm == wanted
            && alone(6, parameters) == Some(oid)
            && with_keys(|keys| keys.add_sec1(wanted, None, key)).is_ok()
    };
    Some(match hex.as_str() {
        "2a8648ce3d0201" => {
            curve(Algorithm::ES256, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7])
                || curve(Algorithm::ES384, &[0x2b, 0x81, 4, 0, 34])
                || curve(Algorithm::ES512, &[0x2b, 0x81, 4, 0, 35])
                || curve(Algorithm::ES256K, &[0x2b, 0x81, 4, 0, 10])
        }
        "2a864886f70d010101" => parameters == [5, 0] && of_numbers(algorithm, key) == Some(true),
        "2b6570" => {
            let is_key = algorithm == Algorithm::EdDSA && parameters.is_empty();
            is_key && with_keys(|keys| keys.add_ed25519(None, key)).is_ok()
        }
        _ => false,
    })
}

/// The same of an RSAPublicKey, by the JWK of its numbers.
fn of_numbers(algorithm: Algorithm, der: &[u8]) -> Option<bool> {
    let (2, modulus, rest) = split(sequence(der)?)? else { return None };
    let numbers = [modulus, alone(2, rest)?];
    let bare = numbers.map(|number| match number {
        [0, rest @ ..] if rest.first().is_some_and(|byte| byte & 0x80 != 0) => Some(rest),
        [0, _, ..] | [] => None,                  // not the shortest
        [first, ..] if first & 0x80 != 0 => None, // negative
        whole => Some(whole),
    });
    let [Some(modulus), Some(exponent)] = bare else { return None };
    let [n, e] = [modulus, exponent].map(base64url::encode);
    let jwk = format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"}}"#);
    Some(with_keys(|keys| keys.add_jwk(jwk.as_bytes(), &[algorithm])).is_ok())
}
