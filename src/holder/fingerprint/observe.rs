//! What is observed of a client: derived from the request by the core, or supplied by the page and the host.

use super::address;
use super::component::{Component, ComponentKind, ComponentSet};
use super::derive::{Element, UserAgent, brands, is_counted_name, items, unquoted};
use crate::error::Status;
use crate::holder::Evidence;
use crate::limits::SET_ELEMENTS_MAX;

/// One observed value, or one element of an observed set.
pub(crate) enum Observed<'o> {
    /// Bytes as they are.
    Bytes(&'o [u8]),
    /// Bytes that are lower-cased on the way.
    Element(Element<'o>),
    /// A header field's value; a repeated field is joined with ", " (RFC 9110 5.2).
    Field(&'o Evidence<'o>, &'o str),
    /// DNT and Sec-GPC.
    Privacy(&'o [u8], &'o [u8]),
    /// An ordinal.
    Number(u16),
}

impl Observed<'_> {
    /// Hands out the canonical bytes, in pieces.
    pub(crate) fn feed(&self, sink: &mut dyn FnMut(&[u8])) {
        match self {
            Observed::Bytes(bytes) => sink(bytes),
            Observed::Element(element) => element.pieces(sink),
            Observed::Field(evidence, name) => super::recipe::join(evidence.values(name), sink),
            Observed::Privacy(do_not_track, global_control) => {
                [*do_not_track, b":", global_control].into_iter().for_each(sink)
            }
            Observed::Number(_) => {}
        }
    }
}

type Visitor<'v> = &'v mut dyn FnMut(Component, &Observed<'_>);

/// Shows `visitor` every observed value of the wanted components; a set's elements in a row.
///
/// # Errors
/// [`Status::AddressMalformed`], [`Status::ComponentMalformed`].
pub(super) fn observe(evidence: &Evidence<'_>, wanted: ComponentSet, visitor: Visitor<'_>) -> Result<(), Status> {
    from_address(evidence, wanted, visitor)?;
    from_headers(evidence, wanted, visitor);
    supplied(evidence, wanted, visitor)
}

fn from_address(evidence: &Evidence<'_>, wanted: ComponentSet, visitor: Visitor<'_>) -> Result<(), Status> {
    if wanted.contains(Component::IP_ADDRESS) && !evidence.address.is_empty() {
        visitor(Component::IP_ADDRESS, &Observed::Bytes(address::address(evidence.address)?.as_bytes()));
    }
    if wanted.contains(Component::IP_NETWORK) && !evidence.address.is_empty() {
        visitor(Component::IP_NETWORK, &Observed::Bytes(address::network(evidence.address)?.as_bytes()));
    }
    let looked_up = [
        (Component::IP_ASN, evidence.asn),
        (Component::IP_COUNTRY, evidence.country),
        (Component::IP_ORGANISATION, evidence.organisation),
        (Component::IP_ISP, evidence.isp),
    ];
    for (component, text) in looked_up {
        if wanted.contains(component) && !text.is_empty() {
            visitor(component, &Observed::Bytes(text.as_bytes()));
        }
    }
    Ok(())
}

fn from_headers(evidence: &Evidence<'_>, wanted: ComponentSet, visitor: Visitor<'_>) {
    const USER_AGENT: ComponentSet =
        ComponentSet::of(&[Component::UA_FAMILY, Component::UA_VERSION, Component::UA_OS, Component::UA_DEVICE]);
    if !wanted.and(USER_AGENT).is_empty()
        && let Some(text) = single(evidence, "user-agent")
    {
        let agent = UserAgent::read(text);
        let texts =
            [(Component::UA_FAMILY, agent.family), (Component::UA_OS, agent.os), (Component::UA_DEVICE, agent.device)];
        for (component, text) in texts.into_iter().filter(|(component, _)| wanted.contains(*component)) {
            visitor(component, &Observed::Bytes(text.as_bytes()));
        }
        if let (true, Some(version)) = (wanted.contains(Component::UA_VERSION), agent.version) {
            visitor(Component::UA_VERSION, &Observed::Number(version));
        }
    }
    let lists: [(Component, &str, ListReader); 3] = [
        (Component::CH_BRANDS, "sec-ch-ua", brands),
        (Component::ACCEPT_LANGUAGE, "accept-language", items),
        (Component::ACCEPT_ENCODING, "accept-encoding", items),
    ];
    for (component, name, read) in lists {
        if wanted.contains(component) && is_there(evidence, name) {
            let mut count = 0usize;
            for value in evidence.values(name) {
                read(value, &mut |element| {
                    count = count.saturating_add(1);
                    if count <= SET_ELEMENTS_MAX {
                        visitor(component, &Observed::Element(element));
                    }
                });
            }
            if count == 0 {
                visitor(component, &Observed::Bytes(b""));
            }
        }
    }
    for (component, name) in [(Component::CH_PLATFORM, "sec-ch-ua-platform"), (Component::CH_MOBILE, "sec-ch-ua-mobile")] {
        if let (true, Some(value)) = (wanted.contains(component), single(evidence, name))
            && (component != Component::CH_MOBILE || matches!(value, b"?0" | b"?1"))
        {
            visitor(component, &Observed::Bytes(unquoted(value)));
        }
    }
    let fields = [(Component::UPGRADE_INSECURE_REQUESTS, "upgrade-insecure-requests"), (Component::ACCEPT, "accept")];
    for (component, name) in fields {
        if wanted.contains(component) && is_there(evidence, name) {
            visitor(component, &Observed::Field(evidence, name));
        }
    }
    if wanted.contains(Component::HEADER_NAMES) {
        header_names(evidence, visitor);
    }
    if wanted.contains(Component::PRIVACY) {
        let value = |name| single(evidence, name).unwrap_or(b"-");
        visitor(Component::PRIVACY, &Observed::Privacy(value("dnt"), value("sec-gpc")));
    }
}

type ListReader = fn(&[u8], &mut dyn FnMut(Element<'_>));

fn header_names(evidence: &Evidence<'_>, visitor: Visitor<'_>) {
    let names = (0usize..).map_while(|position| evidence.headers.field(position)).map(|(name, _)| name);
    let mut has_any = false;
    for name in names.filter(|name| is_counted_name(name)).take(SET_ELEMENTS_MAX) {
        has_any = true;
        visitor(Component::HEADER_NAMES, &Observed::Element(Element::lowered(name)));
    }
    if !has_any {
        visitor(Component::HEADER_NAMES, &Observed::Bytes(b""));
    }
}

/// Whether the request has a field of this name that is not empty.
fn is_there(evidence: &Evidence<'_>, name: &str) -> bool {
    evidence.values(name).any(|value| !value.is_empty())
}

/// The value of a field that comes once and is not empty. One that is repeated says nothing certain.
fn single<'e>(evidence: &'e Evidence<'_>, name: &'e str) -> Option<&'e [u8]> {
    let mut values = evidence.values(name);
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => Some(value),
        _ => None,
    }
}

/// What the page and the host supply: each component once, a set in a row, an ordinal in decimal, none that is derived.
fn supplied(evidence: &Evidence<'_>, wanted: ComponentSet, visitor: Visitor<'_>) -> Result<(), Status> {
    let mut seen = ComponentSet::EMPTY;
    let mut last = None;
    let mut elements = 0usize;
    let mut is_well_formed = true;
    evidence.components.visit(&mut |component, value| {
        let is_next_element = last == Some(component) && component.kind() == ComponentKind::Set;
        elements = if is_next_element { elements.saturating_add(1) } else { 1 };
        let is_new = is_next_element || !seen.contains(component);
        last = Some(component);
        seen.insert(component);
        let number = if component.kind() == ComponentKind::Ordinal { decimal(value) } else { Some(0) };
        is_well_formed &= is_new && elements <= SET_ELEMENTS_MAX && number.is_some() && component.is_supplied();
        if is_well_formed && wanted.contains(component) {
            match number {
                Some(number) if component.kind() == ComponentKind::Ordinal => visitor(component, &Observed::Number(number)),
                _ => visitor(component, &Observed::Bytes(value)),
            }
        }
    });
    if is_well_formed { Ok(()) } else { Err(Status::ComponentMalformed) }
}

/// A number of 0 to 65,535 in its only spelling.
fn decimal(text: &[u8]) -> Option<u16> {
    let text = core::str::from_utf8(text).ok()?;
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text.len() == 1 || !text.starts_with('0'));
    if is_plain { text.parse().ok() } else { None }
}
