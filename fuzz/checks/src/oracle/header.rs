//! The header's rules (RFC 7515 4, RFC 7797 7, RFC 7516 9, RFC 7519 5.2), each over the tree.

use super::{member, string, strings};
use countermark::{Algorithm, Status};
use countermark_tests::json::{Json, Node};

/// What a good header says.
pub struct Header {
    pub algorithm: Algorithm,
    pub kid: Option<String>,
    pub typ: Option<String>,
}

const REGISTERED: &str = " alg jku jwk kid x5u x5c x5t x5t#S256 typ cty crit enc zip epk apu apv iv tag p2s p2c ";

pub fn read(header: &Node, names_max: usize) -> Result<Header, Status> {
    let text = |name: &str| member(header, name).map(|value| string(value).map(String::from));
    for name in ["alg", "kid", "typ", "cty", "jku", "x5u", "x5t", "x5t#S256"] {
        if text(name) == Some(None) {
            return Err(Status::HeaderType);
        }
    }
    if member(header, "jwk").is_some_and(|jwk| !matches!(jwk.json, Json::Object(_))) {
        return Err(Status::HeaderType);
    }
    if member(header, "x5c").is_some_and(|chain| strings(chain).is_none()) {
        return Err(Status::HeaderType);
    }
    if member(header, "b64").is_some_and(|b64| b64.json != Json::Boolean(true)) {
        return Err(Status::UnencodedPayload);
    }
    if member(header, "enc").is_some() {
        return Err(Status::EncryptionInSignature);
    }
    if let Some(crit) = member(header, "crit") {
        return Err(crit_fault(crit, header, names_max));
    }
    if text("cty").flatten().is_some_and(|cty| same_media_type(&cty, "JWT")) {
        return Err(Status::NestedUndeclared);
    }
    let alg = text("alg").flatten().ok_or(Status::AlgorithmMissing)?;
    let algorithm = match alg.as_str() {
        "HS256" => Algorithm::HS256,
        "HS384" => Algorithm::HS384,
        "HS512" => Algorithm::HS512,
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        "ES512" => Algorithm::ES512,
        "ES256K" => Algorithm::ES256K,
        "RS256" => Algorithm::RS256,
        "RS384" => Algorithm::RS384,
        "RS512" => Algorithm::RS512,
        "PS256" => Algorithm::PS256,
        "PS384" => Algorithm::PS384,
        "PS512" => Algorithm::PS512,
        "EdDSA" | "Ed25519" => Algorithm::EdDSA,
        "ML-DSA-44" => Algorithm::MlDsa44,
        "ML-DSA-65" => Algorithm::MlDsa65,
        "ML-DSA-87" => Algorithm::MlDsa87,
        _ => return Err(Status::AlgorithmUnknown),
    };
    Ok(Header { algorithm, kid: text("kid").flatten(), typ: text("typ").flatten() })
}

fn crit_fault(crit: &Node, header: &Node, names_max: usize) -> Status {
    let Some(names) = strings(crit) else { return Status::CritMalformed };
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    if names.len() > names_max {
        Status::HeaderLimit
    } else if names.is_empty() {
        Status::CritEmpty
    } else if distinct.len() < names.len() {
        Status::CritDuplicate
    } else if names.iter().any(|name| !name.contains(' ') && REGISTERED.contains(&format!(" {name} "))) {
        Status::CritRegistered
    } else if names.iter().any(|name| member(header, name).is_none()) {
        Status::CritAbsent
    } else {
        Status::CritUnknown
    }
}

/// RFC 7515 4.1.9.
pub fn same_media_type(left: &str, right: &str) -> bool {
    let short = |text: &str| {
        let lower = text.to_ascii_lowercase();
        match lower.strip_prefix("application/") {
            Some(rest) if !rest.contains('/') => rest.to_string(),
            _ => lower,
        }
    };
    short(left) == short(right)
}
