//! The values behind the components that the library derives from a request, in the form that it hashes. Which of them are
//! observed is the library's to say; how a user agent, a client hint or a list is read too.

use crate::client::{Client, LOOKED_UP};
use countermark::{Component, tools};
use std::net::IpAddr;

/// The values of an observed component: one, or a set's elements.
pub fn values(client: &Client, component: Component) -> Vec<Vec<u8>> {
    if let Some(place) = LOOKED_UP.iter().position(|known| *known == component) {
        return vec![client.looked_up[place].clone().into_bytes()];
    }
    match component {
        Component::IP_ADDRESS => vec![address(&client.address).into_bytes()],
        Component::IP_NETWORK => vec![network(&client.address).into_bytes()],
        Component::UA_FAMILY | Component::UA_VERSION | Component::UA_OS | Component::UA_DEVICE => agent(client, component),
        Component::CH_BRANDS => elements(client, "sec-ch-ua", tools::brands),
        Component::ACCEPT_LANGUAGE => elements(client, "accept-language", tools::items),
        Component::ACCEPT_ENCODING => elements(client, "accept-encoding", tools::items),
        Component::CH_PLATFORM => vec![tools::unquoted(&joined(client, "sec-ch-ua-platform")).to_vec()],
        Component::CH_MOBILE => vec![joined(client, "sec-ch-ua-mobile")],
        Component::UPGRADE_INSECURE_REQUESTS => vec![joined(client, "upgrade-insecure-requests")],
        Component::ACCEPT => vec![joined(client, "accept")],
        Component::HEADER_NAMES => header_names(client),
        Component::PRIVACY => vec![[choice(client, "dnt"), b":".to_vec(), choice(client, "sec-gpc")].concat()],
        _ => {
            let own = client.supplied.iter().filter(|(supplied, _)| *supplied == component);
            own.map(|(_, value)| value.clone()).collect()
        }
    }
}

/// Where a component comes from.
pub fn source(component: Component) -> &'static str {
    match component.number() {
        1..=2 => "address",
        3..=6 => "look-up",
        16..=28 => "request",
        32..=83 => "page",
        _ => "host",
    }
}

/// The address as RFC 5952 has it; IPv4 inside IPv6 is IPv4. The library has accepted it.
fn canonical(address: &str) -> Option<IpAddr> {
    address.parse::<IpAddr>().ok().map(|address| address.to_canonical())
}

fn address(text: &str) -> String {
    canonical(text).map_or(String::new(), |address| address.to_string())
}

/// Its /24 or /48.
fn network(text: &str) -> String {
    match canonical(text) {
        Some(IpAddr::V4(address)) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        Some(IpAddr::V6(address)) => {
            let [a, b, c, ..] = address.segments();
            format!("{}/48", std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
        None => String::new(),
    }
}

fn agent(client: &Client, component: Component) -> Vec<Vec<u8>> {
    let (family, version, os, device) = tools::user_agent(&joined(client, "user-agent"));
    let text = match component {
        Component::UA_FAMILY => family.to_string(),
        Component::UA_OS => os.to_string(),
        Component::UA_DEVICE => device.to_string(),
        _ => version.map_or(String::new(), |version| version.to_string()),
    };
    vec![text.into_bytes()]
}

/// The values of a field, joined as RFC 9110 5.2 has it.
fn joined(client: &Client, name: &str) -> Vec<u8> {
    client.captured.values(name).collect::<Vec<_>>().join(&b", "[..])
}

/// What the privacy component holds of a field: its one value, or a dash.
fn choice(client: &Client, name: &str) -> Vec<u8> {
    let mut values = client.captured.values(name);
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => value.to_vec(),
        _ => b"-".to_vec(),
    }
}

/// How the library reads a list: pieces of an element, then `None` at its end.
type Reader = fn(&[u8], &mut dyn FnMut(Option<&[u8]>));

fn elements(client: &Client, name: &str, read: Reader) -> Vec<Vec<u8>> {
    let (mut elements, mut element) = (Vec::new(), Vec::new());
    for value in client.captured.values(name) {
        read(value, &mut |piece| match piece {
            Some(piece) => element.extend_from_slice(piece),
            None => elements.push(std::mem::take(&mut element)),
        });
    }
    distinct(elements)
}

fn header_names(client: &Client) -> Vec<Vec<u8>> {
    let names = client.captured.fields.iter().map(|(name, _)| name);
    distinct(names.filter(|name| tools::is_counted_name(name)).map(|name| name.to_ascii_lowercase()).collect())
}

/// A set's elements once each, in an order of their own; the empty set is one empty element.
fn distinct(mut elements: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    elements.sort();
    elements.dedup();
    if elements.is_empty() { vec![Vec::new()] } else { elements }
}
