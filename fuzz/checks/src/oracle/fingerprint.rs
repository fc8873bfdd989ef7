//! The digest form of the fingerprint (`fingerprints.md` section 1): the whole text is put together first, then hashed.

use super::{member, string};
use countermark::{Encoding, Evidence, Framing, Input, Status};
use countermark_tests::base64url;
use countermark_tests::json::Node;
use countermark_tests::judge::{Fingerprint, FingerprintHash};
use hmac::{Hmac, KeyInit, Mac};
use md5::Digest;
use std::net::IpAddr;

pub fn digest(recipe: &Fingerprint<'_>, evidence: &Evidence<'_>) -> Result<String, Status> {
    if recipe.inputs.iter().any(|input| matches!(input, Input::Header("") | Input::Cookie(""))) {
        return Err(Status::Argument);
    }
    let values: Vec<Vec<u8>> =
        recipe.inputs.iter().map(|input| value(input, recipe.framing, evidence)).collect::<Result<_, _>>()?;
    let text = match recipe.framing {
        Framing::Colons => values.join(&b':'),
        Framing::Lengths if values.len() == 1 => values[0].clone(),
        Framing::Lengths => {
            let framed = values.iter().map(|value| [&(value.len() as u32).to_be_bytes()[..], value].concat());
            framed.collect::<Vec<_>>().concat()
        }
    };
    let digest = match recipe.hash {
        FingerprintHash::Sha256 => sha2::Sha256::digest(&text).to_vec(),
        FingerprintHash::Md5 => md5::Md5::digest(&text).to_vec(),
        FingerprintHash::Peppered(pepper) => {
            let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(pepper).expect("any length");
            mac.update(&text);
            mac.finalize().into_bytes().to_vec()
        }
    };
    Ok(match recipe.encoding {
        Encoding::Base64url => base64url::encode(&digest),
        Encoding::Hex => digest.iter().map(|byte| format!("{byte:02x}")).collect(),
    })
}

fn value(input: &Input<'_>, framing: Framing, evidence: &Evidence<'_>) -> Result<Vec<u8>, Status> {
    Ok(match *input {
        Input::Address if framing == Framing::Colons => evidence.address.into(),
        Input::Address => canonical(evidence.address)?.map_or(String::new(), |address| address.to_string()).into(),
        Input::Network => match canonical(evidence.address)? {
            None => vec![],
            Some(IpAddr::V4(v4)) => {
                let [a, b, c, _] = v4.octets();
                format!("{a}.{b}.{c}.0/24").into()
            }
            Some(IpAddr::V6(v6)) => {
                let [a, b, c, ..] = v6.segments();
                format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0)).into()
            }
        },
        Input::Asn => evidence.asn.into(),
        Input::Country => evidence.country.into(),
        Input::Isp => evidence.isp.into(),
        Input::Organisation => evidence.organisation.into(),
        Input::Header(name) => fields(evidence, name).join(&b", "[..]),
        Input::Cookie(name) => {
            let mut found: Vec<Vec<u8>> = Vec::new();
            for line in fields(evidence, "cookie") {
                for pair in line.split(|byte| *byte == b';') {
                    let pair = trimmed(pair);
                    let wanted = [name.as_bytes(), b"="].concat();
                    if pair.starts_with(&wanted) {
                        found.push(pair[wanted.len()..].to_vec());
                    }
                }
            }
            found.join(&b", "[..])
        }
    })
}

/// The address; IPv4-mapped IPv6 is IPv4.
fn canonical(text: &str) -> Result<Option<IpAddr>, Status> {
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<IpAddr>().map_err(|_| Status::AddressMalformed)? {
        IpAddr::V6(v6) => Ok(Some(v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4))),
        v4 => Ok(Some(v4)),
    }
}

fn fields(evidence: &Evidence<'_>, name: &str) -> Vec<Vec<u8>> {
    let all = (0..).map_while(|position| evidence.headers.field(position));
    let named = all.filter(|(found, _)| found.to_ascii_lowercase() == name.as_bytes().to_ascii_lowercase());
    named.map(|(_, value)| trimmed(value).to_vec()).collect()
}

/// Without spaces and tabs at both ends.
pub fn trimmed(bytes: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
    let start = bytes.iter().position(|byte| !is_blank(byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
    &bytes[start..end]
}

/// How a token fails the recipe, if it does.
pub fn failure(recipe: &Fingerprint<'_>, payload: &Node, evidence: &Evidence<'_>) -> Option<Status> {
    let Some(claim) = member(payload, recipe.claim) else { return Some(Status::FingerprintMissing) };
    let Some(presented) = string(claim) else { return Some(Status::FingerprintMalformed) };
    match digest(recipe, evidence) {
        Err(status) => Some(status),
        Ok(computed) if computed.len() != presented.len() => Some(Status::FingerprintMalformed),
        Ok(computed) => (computed != presented).then_some(Status::FingerprintMismatch),
    }
}
