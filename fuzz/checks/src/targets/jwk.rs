//! Raw bytes as a JWK, as DER and as a point: a key loads exactly when nothing is wrong with it, for one of the reasons that
//! are there, in Rust and C alike; what loads verifies.

use crate::c_memory::Block;
use crate::oracle::{agreed, member, string, strings};
use countermark::{Algorithm, Keys, Policy, Signer, Status, keys_size_for};
use countermark_tests::base64url;
use countermark_tests::json::{self, Node};
use countermark_tests::judge::{Attempt, KeySource, Setup};
use countermark_tests::keys::ALGORITHM_NAMES;
use countermark_tests::token::{SigningKey, TokenBuilder};
use p256::pkcs8::DecodePublicKey;
use std::collections::HashSet;

const HMAC: [(&str, Algorithm, usize); 3] =
    [("HS256", Algorithm::HS256, 32), ("HS384", Algorithm::HS384, 48), ("HS512", Algorithm::HS512, 64)];

/// Input: one byte that chooses the form and the algorithms allowed, then the key.
pub fn check(data: &[u8]) {
    let Some((choice, text)) = data.split_first() else { return };
    let all = [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512, Algorithm::ES256];
    let mut allowed: Vec<Algorithm> =
        all.into_iter().enumerate().filter(|(bit, _)| choice >> bit & 1 == 1).map(|(_, algorithm)| algorithm).collect();
    if choice >> 6 & 1 == 1 {
        allowed.push(Algorithm::RS256);
    }
    if choice >> 7 & 1 == 1 {
        allowed.extend([Algorithm::ES384, Algorithm::ES512, Algorithm::ES256K, Algorithm::PS512, Algorithm::EdDSA]);
    }
    match choice >> 4 & 3 {
        0 => point(text),
        1 => spki(text),
        _ => jwk(text, &allowed),
    }
}

fn point(sec1: &[u8]) {
    let mut region = vec![0; 64];
    let mut keys = Keys::new(&mut region).expect("room");
    let found = keys.add_sec1(Algorithm::ES256, None, sec1);
    // SEC 1 2.3.3 without the point at infinity, and without the compact form (05) that p256 knows too.
    let has_form = matches!((sec1.first(), sec1.len()), (Some(4), 65) | (Some(2 | 3), 33));
    let is_point = has_form && p256::PublicKey::from_sec1_bytes(sec1).is_ok();
    assert_eq!(found.is_ok(), is_point, "{found:?}");
    assert!(matches!(found, Ok(()) | Err(Status::KeyPoint | Status::KeyLength)));
    assert_eq!(keys.set().len(), usize::from(found.is_ok()));
}

fn spki(der: &[u8]) {
    let mut region = vec![0; 64];
    let mut keys = Keys::new(&mut region).expect("room");
    let found = keys.add_spki(Algorithm::ES256, None, der);
    if let Ok(key) = p256::PublicKey::from_public_key_der(der) {
        assert_eq!(found, Ok(()), "{key:?}");
    }
    assert!(found.is_err() || p256::PublicKey::from_public_key_der(der).is_ok(), "{der:02x?}");
    assert_eq!(keys.set().len(), usize::from(found.is_ok()));
}

fn jwk(text: &[u8], allowed: &[Algorithm]) {
    let mut region = vec![0; 512];
    let mut keys = Keys::new(&mut region).expect("room");
    let found = keys.add_jwk(text, allowed);
    let tree = json::read_object(text, 8, 64);
    let faults = tree.as_ref().map_or_else(|_| HashSet::from([Status::KeyMalformed]), |tree| faults(tree, allowed));
    match found {
        Ok(()) => assert!(faults.is_empty(), "loaded in spite of {faults:?}"),
        // The reader's index for keys holds 192 names open at once.
        Err(Status::KeyMalformed) if text.iter().filter(|byte| **byte == b':').count() > 192 => return,
        Err(status) => assert!(faults.contains(&status), "{status:?} is none of {faults:?}"),
    }
    assert_eq!(keys.set().len(), usize::from(found.is_ok()));
    drop(keys);
    assert!(region.iter().all(|word| *word == 0), "a set is wiped when it is dropped");
    in_c(text, allowed, found);
    if let (Ok(()), Ok(tree)) = (found, tree) {
        in_a_set(text, allowed);
        verifies(text, &tree, allowed);
    }
}

/// Everything that is wrong with a key, in no order.
fn faults(jwk: &Node, allowed: &[Algorithm]) -> HashSet<Status> {
    let mut faults = HashSet::new();
    let kty = text(jwk, "kty", &mut faults);
    let crv = text(jwk, "crv", &mut faults);
    let alg = text(jwk, "alg", &mut faults);
    let usage = text(jwk, "use", &mut faults);
    let kid = text(jwk, "kid", &mut faults);
    if usage.is_some_and(|usage| usage != "sig") {
        faults.insert(Status::KeyUse);
    }
    if let Some(operations) = member(jwk, "key_ops") {
        match strings(operations) {
            None => faults.insert(Status::KeyMemberType),
            Some(names) if !names.contains(&"verify") => faults.insert(Status::KeyUse),
            Some(names) if names.iter().collect::<HashSet<_>>().len() < names.len() => faults.insert(Status::KeyUse),
            Some(names) if names.len() > 32 => faults.insert(Status::KeyUse),
            Some(_) => false,
        };
    }
    if kid.is_some_and(|kid| kid.len() > 128) {
        faults.insert(Status::KeyIdTooLong);
    }
    match (kty, crv) {
        (None, _) => drop(faults.insert(Status::KeyMemberMissing)),
        (Some("oct"), _) => {
            let algorithm = algorithm(alg, allowed, &HMAC.map(|(_, algorithm, _)| algorithm), &mut faults);
            secret(jwk, algorithm, &mut faults);
        }
        (Some("EC"), None) => drop(faults.insert(Status::KeyMemberMissing)),
        (Some("EC"), Some("P-256")) => {
            algorithm(alg, allowed, &[Algorithm::ES256], &mut faults);
            let is_point = |sec1: &[u8]| p256::PublicKey::from_sec1_bytes(sec1).is_ok();
            coordinates(jwk, 32, is_point, &mut faults);
        }
        (Some("EC"), Some("P-384")) => {
            algorithm(alg, allowed, &[Algorithm::ES384], &mut faults);
            let is_point = |sec1: &[u8]| p384::PublicKey::from_sec1_bytes(sec1).is_ok();
            coordinates(jwk, 48, is_point, &mut faults);
        }
        (Some("EC"), Some("P-521")) => {
            algorithm(alg, allowed, &[Algorithm::ES512], &mut faults);
            let is_point = |sec1: &[u8]| p521::PublicKey::from_sec1_bytes(sec1).is_ok();
            coordinates(jwk, 66, is_point, &mut faults);
        }
        (Some("EC"), Some("secp256k1")) => {
            algorithm(alg, allowed, &[Algorithm::ES256K], &mut faults);
            let is_point = |sec1: &[u8]| k256::PublicKey::from_sec1_bytes(sec1).is_ok();
            coordinates(jwk, 32, is_point, &mut faults);
        }
        (Some("OKP"), None) => drop(faults.insert(Status::KeyMemberMissing)),
        (Some("OKP"), Some("Ed25519")) => {
            algorithm(alg, allowed, &[Algorithm::EdDSA], &mut faults);
            edwards(jwk, &mut faults);
        }
        (Some("RSA"), _) => {
            use Algorithm::{PS256, PS384, PS512, RS256, RS384, RS512};
            algorithm(alg, allowed, &[RS256, RS384, RS512, PS256, PS384, PS512], &mut faults);
            rsa(jwk, &mut faults);
        }
        // Its algorithm is a part of the key: nobody else may name one (RFC 9964 3).
        (Some("AKP"), _) if alg.is_none() => drop(faults.insert(Status::KeyMemberMissing)),
        (Some("AKP"), _) => {
            use Algorithm::{MlDsa44, MlDsa65, MlDsa87};
            let algorithm = algorithm(alg, allowed, &[MlDsa44, MlDsa65, MlDsa87], &mut faults);
            lattice(jwk, algorithm, &mut faults);
        }
        _ => drop(faults.insert(Status::KeyTypeUnsupported)),
    }
    faults
}

fn text<'n>(jwk: &'n Node, name: &str, faults: &mut HashSet<Status>) -> Option<&'n str> {
    let value = member(jwk, name)?;
    if string(value).is_none() {
        faults.insert(Status::KeyMemberType);
    }
    string(value)
}

/// The key's one algorithm (design section 4).
fn algorithm(
    alg: Option<&str>,
    allowed: &[Algorithm],
    fitting: &[Algorithm],
    faults: &mut HashSet<Status>,
) -> Option<Algorithm> {
    let chosen = match alg {
        Some(alg) => match ALGORITHM_NAMES.contains(&alg) {
            false => Err(Status::KeyAlgorithmUnknown),
            true => {
                let alg = if alg == "Ed25519" { "EdDSA" } else { alg };
                fitting.iter().find(|fits| fits.name() == alg).ok_or(Status::KeyAlgorithmMismatch)
            }
        },
        None => {
            let both: Vec<_> = fitting.iter().filter(|fits| allowed.contains(fits)).collect();
            if let [one] = both[..] { Ok(one) } else { Err(Status::KeyAlgorithmUndecided) }
        }
    };
    chosen.map_err(|status| faults.insert(status)).ok().copied()
}

/// The bytes of a member; a value with an escape in it is none.
fn binary(jwk: &Node, name: &str, faults: &mut HashSet<Status>) -> Option<Vec<u8>> {
    let Some(value) = member(jwk, name) else {
        faults.insert(Status::KeyMemberMissing);
        return None;
    };
    let text = text(jwk, name, faults)?;
    let bytes = if value.raw.contains('\\') { None } else { base64url::decode(text.as_bytes()) };
    if bytes.is_none() {
        // A text too long or of another length may be refused for that before it is looked at.
        faults.extend([Status::KeyEncoding]);
        if text.len() > 683 {
            faults.insert(Status::KeyTooLong);
        }
        if text.len() != 43 {
            faults.insert(Status::KeyLength);
        }
    }
    bytes
}

fn secret(jwk: &Node, algorithm: Option<Algorithm>, faults: &mut HashSet<Status>) {
    let Some(secret) = binary(jwk, "k", faults) else { return };
    if secret.len() > 512 {
        faults.insert(Status::KeyTooLong);
    }
    let least = HMAC.iter().find(|(_, known, _)| Some(*known) == algorithm).map_or(0, |(.., least)| *least);
    if secret.len() < least {
        faults.insert(Status::KeyTooShort);
    }
}

fn coordinates(jwk: &Node, bytes: usize, is_point: impl Fn(&[u8]) -> bool, faults: &mut HashSet<Status>) {
    let (x, y) = (binary(jwk, "x", faults), binary(jwk, "y", faults));
    for name in ["x", "y"] {
        // Another length is found before another alphabet.
        if text(jwk, name, faults).is_some_and(|text| text.len() != (bytes * 4).div_ceil(3)) {
            faults.insert(Status::KeyLength);
        }
    }
    if let (Some(x), Some(y)) = (x, y) {
        let sec1 = [vec![4], x, y].concat();
        if sec1.len() == 1 + 2 * bytes && !is_point(&sec1) {
            faults.insert(Status::KeyPoint);
        }
    }
}

/// RFC 8032 5.1.3, and no point of small order.
fn edwards(jwk: &Node, faults: &mut HashSet<Status>) {
    let Some(x) = binary(jwk, "x", faults) else { return };
    let Ok(x) = <[u8; 32]>::try_from(x) else {
        {
            faults.insert(Status::KeyLength);
            return;
        }
    };
    let Ok(key) = ed25519_dalek::VerifyingKey::from_bytes(&x) else {
        {
            faults.insert(Status::KeyPoint);
            return;
        }
    };
    // The point's own encoding is another one, when y is not below the prime.
    if key.to_edwards().compress().to_bytes() != x {
        faults.insert(Status::KeyPoint);
    }
    if key.is_weak() {
        faults.insert(Status::KeySmallOrder);
    }
}

/// RFC 9964 3: any bytes of the algorithm's number are a key.
fn lattice(jwk: &Node, algorithm: Option<Algorithm>, faults: &mut HashSet<Status>) {
    let bytes = match algorithm {
        Some(Algorithm::MlDsa44) => 1312usize,
        Some(Algorithm::MlDsa65) => 1952,
        Some(_) => 2592,
        None => return,
    };
    binary(jwk, "pub", faults);
    if text(jwk, "pub", faults).is_some_and(|text| text.len() != (bytes * 4).div_ceil(3)) {
        faults.insert(Status::KeyLength);
    }
}

/// RFC 7518 6.3.1 and the bounds of this build.
fn rsa(jwk: &Node, faults: &mut HashSet<Status>) {
    let (n, e) = (binary(jwk, "n", faults), binary(jwk, "e", faults));
    if text(jwk, "n", faults).is_some_and(|text| text.len() > 683) {
        faults.insert(Status::KeyModulusTooLarge);
    }
    if text(jwk, "e", faults).is_some_and(|text| text.len() > 11) {
        faults.insert(Status::KeyExponent);
    }
    if let Some(n) = n {
        let bits = n.iter().position(|byte| *byte != 0).map_or(0, |at| (n.len() - at) * 8 - n[at].leading_zeros() as usize);
        for (is_wrong, status) in [
            (n.first() == Some(&0), Status::KeyLeadingZero),
            (bits < 2048, Status::KeyModulusTooSmall),
            (bits > 4096, Status::KeyModulusTooLarge),
            (n.last().is_none_or(|byte| byte % 2 == 0), Status::KeyModulusEven),
        ] {
            if is_wrong {
                faults.insert(status);
            }
        }
    }
    if let Some(e) = e {
        if e.first() == Some(&0) {
            faults.insert(Status::KeyLeadingZero);
        }
        let value = e.iter().fold(0u128, |value, byte| value.saturating_mul(256).saturating_add(u128::from(*byte)));
        if value < 3 || value % 2 == 0 || value >= 1 << 33 {
            faults.insert(Status::KeyExponent);
        }
    }
}

fn in_c(text: &[u8], allowed: &[Algorithm], expected: Result<(), Status>) {
    use countermark_ffi::*;
    let (region, json) = (Block::aligned(4096, 8), Block::of(text));
    let algs: Vec<i32> = allowed.iter().map(|algorithm| *algorithm as i32).collect();
    let mut keys = cmk_keys { region: std::ptr::null_mut(), bytes: 0 };
    // SAFETY: every pointer is valid for its length.
    unsafe {
        assert_eq!(cmk_keys_init(&mut keys, region.ptr(), region.len(), cmk_bytes::NONE), 0);
        let before = region.slice().to_vec();
        let status = cmk_keys_add_jwk(&mut keys, json.bytes(), algs.as_ptr(), algs.len());
        assert_eq!(status, expected.err().map_or(0, Status::code));
        let mut count = 99;
        assert_eq!(cmk_keys_count(&keys, &mut count), 0);
        assert_eq!(count, usize::from(expected.is_ok()));
        assert!(expected.is_ok() || before == region.slice(), "a refused key leaves nothing behind");
        assert_eq!(cmk_keys_wipe(&mut keys), 0);
        assert!(region.slice().iter().all(|byte| *byte == 0));
    }
}

/// The region that `keys_size_for` tells holds the set exactly.
fn in_a_set(text: &[u8], allowed: &[Algorithm]) {
    let set = [&b"{\"keys\":["[..], text, b"]}"].concat();
    let Ok(bytes) = keys_size_for(&set, allowed, None) else {
        // One level deeper: the depth may not allow it, nor 192 names.
        assert!(json::read_object(&set, 8, 64).is_err() || text.len() > 900);
        return;
    };
    let mut region = vec![0; bytes / 8];
    assert_eq!(Keys::new(&mut region).expect("room").add_jwks(&set, allowed).map(|loaded| loaded.added), Ok(1));
    region.pop();
    assert_eq!(Keys::new(&mut region).expect("room").add_jwks(&set, allowed), Err(Status::RegionTooSmall));
}

/// A secret that loads verifies what it signs; a private JWK that signs belongs to its public half.
fn verifies(text: &[u8], jwk: &Node, allowed: &[Algorithm]) {
    let source = KeySource::Jwk(String::from_utf8(text.to_vec()).expect("accepted"));
    let mut faults = HashSet::new();
    let setup = |key| Setup::with([key]).policy(Policy { algorithms: allowed, any_audience: true, ..Policy::default() });
    let fits = |algorithm: &Algorithm| allowed.is_empty() || allowed.contains(algorithm);
    if member(jwk, "kty").and_then(string) == Some("oct") {
        let alg = member(jwk, "alg").and_then(string);
        let algorithm = algorithm(alg, allowed, &HMAC.map(|(_, algorithm, _)| algorithm), &mut faults).expect("loaded");
        let secret = binary(jwk, "k", &mut faults).expect("loaded");
        let key = match algorithm {
            Algorithm::HS256 => SigningKey::Hs256(secret.clone()),
            Algorithm::HS384 => SigningKey::Hs384(secret.clone()),
            _ => SigningKey::Hs512(secret.clone()),
        };
        let token = TokenBuilder::signed_by(key).build();
        let known = Setup { ..setup(KeySource::Secret(algorithm, None, secret)) };
        let expected = agreed(&known, Attempt::new(&token)).status;
        assert_eq!(countermark_tests::judge::status_of(&setup(source), &token), expected);
        assert_eq!(expected, if fits(&algorithm) { Status::Accepted } else { Status::AlgorithmNotAllowed });
    } else if let Ok(signer) = Signer::of_jwk(text, allowed) {
        let mut buffer = [0; 133];
        let public = signer.public(&mut buffer).expect("a curve's key");
        let x = binary(jwk, "x", &mut faults).expect("loaded");
        match member(jwk, "y") {
            Some(_) if public.len() != 32 => {
                assert_eq!(public[1..], [x, binary(jwk, "y", &mut faults).expect("loaded")].concat());
            }
            _ => assert_eq!(public, x),
        }
    }
}
