//! The edge in front of the gateway: it ends TLS, and says in a header field of its own what it learnt there.
//!
//! The demonstration has no TLS, and the server's own code plays the edge: [`forward`] is its first act with every request.

use tiny_http::Header;

/// The client certificate as the edge forwards it (RFC 9440 2.2).
pub const CERTIFICATE_FIELD: &str = "Client-Cert";
/// Stands for the TLS handshake: a value for the field above, behind the secret of this run. Only the visitors know that, for they
/// share the process; whoever comes over the network has no certificate.
pub const HANDSHAKE_FIELD: &str = "X-Handshake";

/// The fields as the gateway gets them.
pub fn forward<'r>(headers: &'r [Header], secret: &str) -> Vec<(&'r [u8], &'r [u8])> {
    let mut fields = Vec::with_capacity(headers.len());
    for header in headers {
        let (name, value) = (header.field.as_str().as_str(), header.value.as_str());
        if name.eq_ignore_ascii_case(HANDSHAKE_FIELD) {
            let proved = value.strip_prefix(secret).and_then(|value| value.strip_prefix(' '));
            fields.extend(proved.map(|certificate| (CERTIFICATE_FIELD.as_bytes(), certificate.as_bytes())));
        } else if !name.eq_ignore_ascii_case(CERTIFICATE_FIELD) {
            // A client can write the edge's field too: what it wrote ends here (RFC 9440 4).
            fields.push((name.as_bytes(), value.as_bytes()));
        }
    }
    fields
}
