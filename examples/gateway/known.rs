//! What the gateway knows of a client: its header fields, where it comes from, what the page's script told, its proof and its
//! certificate.

use super::edge::CERTIFICATE_FIELD;
use countermark::{Certificate, Collector, Component, ComponentList, Evidence, Headers, Position, Row, Status};

/// The edge in front of the gateway writes the client's address here and removes what a client wrote (RFC 7239 8.1). In the
/// demonstration the visitor stands in for the edge.
pub const ADDRESS_FIELD: &str = "X-Real-IP";
/// What the page's script collected: a JSON object. The names are the page's own; the table below says what they mean.
pub const PAGE_FIELD: &str = "X-Page";

/// A table of the host's own maps any collector.
const PAGE: Collector<'static> = Collector {
    name: "page",
    rows: &[
        Row::new("screen", Component::SCREEN_SIZE),
        Row::new("depth", Component::SCREEN_DEPTH),
        Row::new("zone", Component::TIMEZONE),
        Row::new("languages", Component::LANGUAGES),
        Row::new("platform", Component::PLATFORM),
        Row::new("cores", Component::CPU_CORES),
        Row::new("canvas", Component::CANVAS),
        Row::new("gpu", Component::WEBGL_RENDERER),
    ],
};
/// The longest object of the page, in bytes.
const PAGE_BYTES_MAX: usize = 1024;

/// What is known of a network.
#[derive(Clone, Copy)]
pub struct Network {
    prefix: &'static str,
    asn: &'static str,
    country: &'static str,
    pub position: Position,
}

const fn network_of(prefix: &'static str, asn: &'static str, country: &'static str, position: (i16, i16)) -> Network {
    let (latitude, longitude) = position;
    Network { prefix, asn, country, position: Position { latitude, longitude, accuracy_km: 20 } }
}

/// Networks of the documentation (RFC 5737), placed in London, Manchester and Paris. A real gateway asks its database.
const NETWORKS: [Network; 3] = [
    network_of("192.0.2.", "64500", "GB", (5151, -13)),
    network_of("198.51.100.", "64501", "GB", (5348, -224)),
    network_of("203.0.113.", "64502", "FR", (4886, 235)),
];

/// The network of an address, if it is one of these.
pub fn network(address: &str) -> Option<Network> {
    NETWORKS.into_iter().find(|network| address.starts_with(network.prefix))
}

/// Hands the evidence of one request to `then`. Its memory is on the stack.
pub fn with<R>(headers: &dyn Headers, then: impl FnOnce(&Evidence<'_>) -> R) -> Result<R, Status> {
    let mut room = [0; Collector::out_bytes(PAGE_BYTES_MAX)];
    let mut scratch = [0; Collector::scratch_bytes(PAGE_BYTES_MAX)];
    let address = field(headers, ADDRESS_FIELD).unwrap_or_default();
    let (asn, country) = network(address).map(|network| (network.asn, network.country)).unwrap_or_default();
    let mut values = ComponentList::new(&mut room);
    if let Some(page) = field(headers, PAGE_FIELD) {
        if page.len() > PAGE_BYTES_MAX {
            return Err(Status::CollectorMalformed);
        }
        PAGE.read_into(page.as_bytes(), &mut scratch, &mut values)?;
    }
    let certificate = all(headers, CERTIFICATE_FIELD).next().map(Certificate::of_client_cert).transpose()?;
    // Two are enough to refuse them.
    let mut proofs: [&[u8]; 2] = [&[]; 2];
    let count = all(headers, "DPoP").zip(&mut proofs).map(|(value, place)| *place = value).count();
    let proofs = proofs.get(..count).unwrap_or_default();
    let components = &values;
    Ok(then(&Evidence { address, asn, country, headers, components, certificate, proofs, ..Evidence::NONE }))
}

/// The value of the first field of this name, if it is text.
fn field<'h>(headers: &'h dyn Headers, name: &'h str) -> Option<&'h str> {
    core::str::from_utf8(all(headers, name).next()?).ok()
}

/// The values of all fields of this name.
pub fn all<'h>(headers: &'h dyn Headers, name: &'h str) -> impl Iterator<Item = &'h [u8]> {
    let fields = (0..).map_while(|position| headers.field(position));
    fields.filter(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
}
