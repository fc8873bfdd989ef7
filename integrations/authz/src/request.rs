//! What a proxy asks: which door, and the request that it has, in its dialect.

use crate::config::{Dialect, Proxy};
use hyper::header::HeaderMap;
use hyper::http::request::Parts;
use std::net::IpAddr;

/// One question, with memory of its own: it is answered on another thread.
pub struct Ask {
    pub door: String,
    /// The request's header fields, without those that the proxy writes.
    pub headers: Vec<(String, Vec<u8>)>,
    pub address: IpAddr,
    pub method: String,
    /// Without the query.
    pub uri: String,
    /// The field in which the proxy gives the client's certificate.
    pub certificate: Option<Vec<u8>>,
}

/// Why a question cannot be answered. The proxy's configuration, not the client, is at fault, but for the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unasked {
    NoSuchDoor,
    /// A field that the proxy must set is not there, not alone or not readable.
    Proxy(&'static str),
    /// The client wrote a field that only this service writes.
    Forged,
}

/// What proxies add on the way, and what belongs to the connection: nothing of it tells of the client.
const OF_PROXIES: [&str; 5] = ["x-forwarded-", "x-original-", "x-real-ip", "x-envoy-", "x-request-id"];
const OF_CONNECTIONS: [&str; 8] =
    ["connection", "content-length", "forwarded", "keep-alive", "te", "transfer-encoding", "upgrade", "via"];

impl Ask {
    /// `own` are the names of the fields that accepted requests get from this service, `certificate` that of the client's.
    pub fn of(parts: &Parts, proxy: &Proxy, own: &[String], certificate: Option<&str>) -> Result<Ask, Unasked> {
        let asked = parts.uri.path().strip_prefix("/door/").ok_or(Unasked::NoSuchDoor)?;
        let (door, behind) = asked.split_at(asked.find('/').unwrap_or(asked.len()));
        let fields = &parts.headers;
        if fields.keys().any(|name| own.iter().any(|own| is_alike(own, name.as_str()))) {
            return Err(Unasked::Forged);
        }
        let addresses = text(fields, &proxy.address, "address")?;
        let last = addresses.rsplit(',').next().unwrap_or_default().trim();
        let address = last.parse().map_err(|_| Unasked::Proxy("address"))?;
        let (method, target) = match proxy.dialect {
            Dialect::Original => (text(fields, "x-original-method", "method")?, text(fields, "x-original-uri", "uri")?),
            Dialect::Forwarded => (text(fields, "x-forwarded-method", "method")?, text(fields, "x-forwarded-uri", "uri")?),
            Dialect::Path => (parts.method.as_str(), behind),
        };
        let path = target.split(['?', '#']).next().unwrap_or_default();
        // Without an origin there is no DPoP, and nobody looks at it.
        let origin = proxy.origin.as_deref().unwrap_or_default();
        let mut shown = certificate.into_iter().flat_map(|name| fields.get_all(name));
        let (shown, None) = (shown.next(), shown.next()) else { return Err(Unasked::Proxy("certificate")) };
        let is_clients = |name: &str| {
            let is_proxys = OF_PROXIES.iter().any(|start| name.starts_with(start));
            let is_told = [Some(proxy.address.as_str()), certificate];
            let is_told = is_told.iter().flatten().any(|told| name.eq_ignore_ascii_case(told));
            !is_proxys && !is_told && !OF_CONNECTIONS.contains(&name)
        };
        let clients = fields.iter().filter(|(name, _)| is_clients(name.as_str()));
        Ok(Ask {
            door: door.into(),
            headers: clients.map(|(name, value)| (name.as_str().into(), value.as_bytes().to_vec())).collect(),
            address,
            method: method.into(),
            uri: format!("{origin}{path}"),
            certificate: shown.map(|value| value.as_bytes().to_vec()),
        })
    }
}

/// The one value of a field that the proxy sets. A second one is a client's that the proxy lets through.
fn text<'h>(fields: &'h HeaderMap, name: &str, what: &'static str) -> Result<&'h str, Unasked> {
    let mut values = fields.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().filter(|text| !text.is_empty()).ok_or(Unasked::Proxy(what)),
        _ => Err(Unasked::Proxy(what)),
    }
}

/// Whether an application could take one name for the other: many servers read `_` for `-` (RFC 3875 4.1.18).
fn is_alike(own: &str, name: &str) -> bool {
    let dashed = |byte: u8| if byte == b'_' { b'-' } else { byte.to_ascii_lowercase() };
    own.bytes().map(dashed).eq(name.bytes().map(dashed))
}
