//! Comma lists with weights, and the names of header fields.

use super::Element;
use crate::bytes::trimmed;

/// The items of `Accept-Language` or `Accept-Encoding` (RFC 9110 12.5.3, 12.5.4): lower case, parameters dropped, empty ones
/// left out.
pub(crate) fn items(value: &[u8], visitor: &mut dyn FnMut(Element<'_>)) {
    for item in value.split(|byte| *byte == b',') {
        let name = item.split(|byte| *byte == b';').next().unwrap_or_default();
        let name = trimmed(name);
        if !name.is_empty() {
            visitor(Element::lowered(name));
        }
    }
}

/// Whether the presence of a field of this name is a trait of the client. Fields that carry the credential itself, and those
/// that describe a body, come and go with the request.
pub(crate) fn is_counted_name(name: &[u8]) -> bool {
    const CREDENTIALS: [&str; 3] = ["authorization", "cookie", "dpop"];
    const BODY: &str = "content-";
    let is_credential = CREDENTIALS.iter().any(|credential| name.eq_ignore_ascii_case(credential.as_bytes()));
    let is_body = name.get(..BODY.len()).is_some_and(|start| start.eq_ignore_ascii_case(BODY.as_bytes()));
    !name.is_empty() && !is_credential && !is_body
}
