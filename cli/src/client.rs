//! What is known of the client: the captured request, and what a request does not show.

use crate::failure::Failure;
use crate::files;
use crate::request::Captured;
use crate::rules;
use crate::strict::{self, Members, present};
use base64ct::{Base64UrlUnpadded, Encoding};
use clap::Args;
use countermark::{Certificate, Collector, Component, ComponentKind, ComponentList, Evidence, Scheme};
use serde::Deserialize;
use std::path::PathBuf;

#[derive(Args, Clone, Debug, Default)]
pub struct ClientFiles {
    /// The captured request: request line and header fields, as text
    #[arg(long, value_name = "FILE")]
    pub request: Option<PathBuf>,
    /// What the request does not show, as JSON: address, components, certificate, channel, binding, nonce, uri
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
    /// What a page's collector sent: fingerprintjs, clientjs, imprintjs, thumbmarkjs or detectincognito. May be repeated
    #[arg(long, value_name = "COLLECTOR=FILE")]
    pub page: Vec<PageFile>,
    /// Scheme and authority as the client sees them, where the request's Host is not that: https://api.example
    #[arg(long, value_name = "ORIGIN")]
    pub origin: Option<String>,
}

/// A collector's document.
#[derive(Clone, Debug)]
pub struct PageFile {
    collector: &'static Collector<'static>,
    path: PathBuf,
}

const COLLECTORS: [(&str, &Collector<'static>); 5] = [
    ("fingerprintjs", &Collector::FINGERPRINTJS),
    ("clientjs", &Collector::CLIENTJS),
    ("imprintjs", &Collector::IMPRINTJS),
    ("thumbmarkjs", &Collector::THUMBMARKJS),
    ("detectincognito", &Collector::DETECT_INCOGNITO),
];

impl std::str::FromStr for PageFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, path) = text.split_once('=').ok_or("COLLECTOR=FILE is needed, such as fingerprintjs=page.json")?;
        let known = COLLECTORS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let (_, collector) = known.ok_or("what stands before = is not a collector that is known")?;
        Ok(PageFile { collector, path: path.into() })
    }
}

/// The evidence file. Binary values are unpadded base64url, a certificate is its DER.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Beside {
    address: String,
    components: Members<Value>,
    #[serde(deserialize_with = "present")]
    certificate: Option<String>,
    channel: String,
    binding: String,
    nonce: String,
    #[serde(deserialize_with = "present")]
    uri: Option<String>,
}

/// A component's value: a string, an array of strings for a set, an integer or a boolean.
#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Set(Vec<String>),
    Integer(i64),
    Boolean(bool),
}

/// The client, in memory of its own.
#[derive(Default)]
pub struct Client {
    pub captured: Captured,
    pub address: String,
    /// By component: 3 to 6, which a host looks up by the address.
    pub looked_up: [String; 4],
    /// What the page and the host supply; a set's elements in a row.
    pub supplied: Vec<(Component, Vec<u8>)>,
    certificate: Option<Vec<u8>>,
    channel: Vec<u8>,
    binding: String,
    nonce: String,
    uri: String,
}

/// The components that have places of their own in the evidence.
pub const LOOKED_UP: [Component; 4] =
    [Component::IP_ASN, Component::IP_COUNTRY, Component::IP_ORGANISATION, Component::IP_ISP];

impl Client {
    pub fn read(files: &ClientFiles) -> Result<Self, Failure> {
        let captured = files.request.as_deref().map(Captured::read).transpose()?.unwrap_or_default();
        let beside: Beside = match &files.evidence {
            Some(path) => strict::object("--evidence", &files::text("--evidence", path)?)?,
            None => Beside::default(),
        };
        let decoded = |name: &str, text: &str| {
            let malformed = |_| Failure::new(format!("--evidence: {name} is not unpadded base64url"));
            Base64UrlUnpadded::decode_vec(text).map_err(malformed)
        };
        let mut client = Client {
            uri: beside.uri.unwrap_or_else(|| captured.uri(files.origin.as_deref())),
            captured,
            address: beside.address,
            certificate: beside.certificate.as_deref().map(|text| decoded("certificate", text)).transpose()?,
            channel: decoded("channel", &beside.channel)?,
            binding: beside.binding,
            nonce: beside.nonce,
            ..Client::default()
        };
        client.supply(beside.components)?;
        for page in &files.page {
            client.collect(page)?;
        }
        Ok(client)
    }

    fn supply(&mut self, Members(components): Members<Value>) -> Result<(), Failure> {
        for (name, value) in components {
            let component = rules::component(&name)?;
            let texts = match value {
                Value::Text(text) => vec![text],
                Value::Set(_) if component.kind() != ComponentKind::Set => {
                    return Err(Failure::new(format!("--evidence: the component {name:?} is not a set")));
                }
                // The empty set is the set of one empty element.
                Value::Set(elements) if elements.is_empty() => vec![String::new()],
                Value::Set(elements) => elements,
                Value::Integer(number) => vec![number.to_string()],
                Value::Boolean(truth) => vec![truth.to_string()],
            };
            match LOOKED_UP.iter().position(|known| *known == component) {
                Some(place) => self.looked_up[place] = texts.concat(),
                None => self.supplied.extend(texts.into_iter().map(|text| (component, text.into_bytes()))),
            }
        }
        Ok(())
    }

    fn collect(&mut self, page: &PageFile) -> Result<(), Failure> {
        let document = files::read("--page", &page.path)?;
        let mut scratch = vec![0; Collector::scratch_bytes(document.len())];
        let mut memory = vec![0; Collector::out_bytes(document.len())];
        let mut list = ComponentList::new(&mut memory);
        let read = page.collector.read_into(&document, &mut scratch, &mut list);
        read.map_err(|status| Failure::of("--page", status))?;
        // What came before stands, as in the library when a page runs several collectors.
        let has = |component: Component| self.supplied.iter().any(|(known, _)| *known == component);
        let new: Vec<_> =
            list.iter().filter(|(component, _)| !has(*component)).map(|(c, value)| (c, value.to_vec())).collect();
        self.supplied.extend(new);
        Ok(())
    }

    /// Whether there is a proof, and no URI that it could be for.
    pub fn hides_its_uri(&self) -> bool {
        self.uri.is_empty() && self.captured.values("dpop").next().is_some()
    }

    /// Hands the evidence to `then` as the library takes it.
    pub fn with<T>(&self, scheme: Scheme, then: impl FnOnce(&Evidence<'_>) -> T) -> T {
        let proofs: Vec<&[u8]> = self.captured.values("dpop").collect();
        let [asn, country, organisation, isp] = &self.looked_up;
        then(&Evidence {
            address: &self.address,
            asn,
            country,
            organisation,
            isp,
            headers: &self.captured,
            components: &self.supplied.as_slice(),
            certificate: self.certificate.as_deref().map(Certificate::Der),
            proofs: &proofs,
            method: &self.captured.method,
            uri: &self.uri,
            scheme,
            nonce: &self.nonce,
            channel: &self.channel,
            binding: &self.binding,
        })
    }
}
