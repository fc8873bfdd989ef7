//! Which key may check a token (design section 4), and whether a signature holds.

use super::header::Header;
use countermark::{Algorithm, Status};
use countermark_tests::judge::{KeySource, Setup};
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::Verifier;
use sha2::{Sha256, Sha384, Sha512};

/// A key in plain bytes.
#[derive(Clone, Debug)]
pub enum Material {
    Secret(Algorithm, Vec<u8>),
    Sec1(Vec<u8>),
}

/// A key that may have signed, with its set's issuer.
pub struct Candidate {
    pub material: Material,
    pub issuer: Option<String>,
}

pub fn candidates(setup: &Setup<'_>, header: &Header) -> Result<Vec<Candidate>, Status> {
    let policy = &setup.policy;
    if !policy.algorithms.is_empty() && !policy.algorithms.contains(&header.algorithm) {
        return Err(Status::AlgorithmNotAllowed);
    }
    let mut all = Vec::new();
    for set in &setup.sets {
        for key in &set.keys {
            let (algorithm, kid, material) = match key {
                KeySource::Secret(alg, kid, secret) => (*alg, kid.clone(), Material::Secret(*alg, secret.clone())),
                KeySource::Sec1(alg, kid, sec1) => (*alg, kid.clone(), Material::Sec1(sec1.clone())),
                _ => panic!("the oracle takes keys as bytes"),
            };
            all.push((algorithm, kid, Candidate { material, issuer: set.issuer.clone() }));
        }
    }
    if all.is_empty() && header.kid.is_none() {
        return Err(Status::NoKey);
    }
    // Whom the kid means: the keys that have it; if none has it, those without one; without a kid, everyone.
    let kid_is_known = header.kid.is_some() && all.iter().any(|(_, kid, _)| *kid == header.kid);
    all.retain(|(_, kid, _)| match (&header.kid, kid_is_known) {
        (None, _) => true,
        (Some(_), true) => *kid == header.kid,
        (Some(_), false) => kid.is_none(),
    });
    if all.is_empty() {
        return Err(Status::UnknownKid);
    }
    all.retain(|(algorithm, _, _)| *algorithm == header.algorithm);
    if all.is_empty() {
        return Err(Status::AlgorithmMismatch);
    }
    if all.len() > policy.limits.candidates {
        return Err(Status::TooManyCandidates);
    }
    Ok(all.into_iter().map(|(_, _, candidate)| candidate).collect())
}

/// Whether the signature holds, by crates that the core does not use, but for ECDSA.
pub fn holds(material: &Material, message: &[u8], signature: &[u8]) -> bool {
    fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
        let mut mac = <M as KeyInit>::new_from_slice(key).expect("any length");
        mac.update(message);
        mac.verify_slice(signature).is_ok()
    }
    match material {
        Material::Secret(Algorithm::HS256, key) => mac::<Hmac<Sha256>>(key, message, signature),
        Material::Secret(Algorithm::HS384, key) => mac::<Hmac<Sha384>>(key, message, signature),
        Material::Secret(Algorithm::HS512, key) => mac::<Hmac<Sha512>>(key, message, signature),
        Material::Secret(..) => false,
        Material::Sec1(sec1) => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(sec1).expect("a point");
            p256::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| key.verify(message, &signature).is_ok())
        }
    }
}
