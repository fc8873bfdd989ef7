//! What the host knows of the client, apart from the token. Borrowed, never copied.

/// The header fields of a request, in the order they came. A host implements it over what it has.
pub trait Headers {
    /// The name and the value of the field at this position; `None` behind the last.
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])>;
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> Headers for [(N, V)] {
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])> {
        self.get(position).map(|(name, value)| (name.as_ref(), value.as_ref()))
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>, const COUNT: usize> Headers for [(N, V); COUNT] {
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])> {
        self.as_slice().field(position)
    }
}

impl<H: Headers + ?Sized> Headers for &H {
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])> {
        (**self).field(position)
    }
}

/// The authentication scheme a token came under. A DPoP-bound token that comes as Bearer is refused (RFC 9449 7.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(i32)]
pub enum Scheme {
    /// RFC 6750; also for tokens in cookies and query arguments.
    #[default]
    Bearer = 1,
    /// RFC 9449.
    DPoP = 2,
}

impl Scheme {
    /// The scheme's name as it is registered.
    pub const fn name(self) -> &'static str {
        match self {
            Scheme::Bearer => "Bearer",
            Scheme::DPoP => "DPoP",
        }
    }
}

/// The client as the host sees it. What is absent is empty.
#[derive(Clone, Copy)]
pub struct Evidence<'e> {
    /// The client's address in text. Behind a proxy: the one that the proxy vouches for, never what a client can write.
    pub address: &'e str,
    /// The autonomous system of the address, as the host looked it up.
    pub asn: &'e str,
    /// The country of the address.
    pub country: &'e str,
    /// The organisation that holds the address.
    pub organisation: &'e str,
    /// The provider of the address.
    pub isp: &'e str,
    /// The request's header fields.
    pub headers: &'e dyn Headers,
    /// Values that the page collected or the host knows.
    #[cfg(feature = "sketch")]
    pub components: &'e dyn super::Components,
    /// The certificate that the client proved in the TLS handshake.
    #[cfg(feature = "mtls")]
    pub certificate: Option<super::Certificate<'e>>,
    /// The values of the request's `DPoP` header fields as they came: none, one, or more, which is refused.
    #[cfg(feature = "dpop")]
    pub proofs: &'e [&'e [u8]],
    /// The request's method, in its own case.
    #[cfg(feature = "dpop")]
    pub method: &'e str,
    /// The request's absolute URI as the client sees it, behind a proxy too. Query and fragment do not matter.
    #[cfg(feature = "dpop")]
    pub uri: &'e str,
    /// What the token came under.
    #[cfg(feature = "dpop")]
    pub scheme: Scheme,
    /// The nonce (of a session credential: the challenge) that this client must have put in its proof; empty: none.
    #[cfg(feature = "dpop")]
    pub nonce: &'e str,
    /// The value of the TLS channel: of `tls-exporter` 32 bytes (RFC 9266 4.2).
    #[cfg(feature = "channel")]
    pub channel: &'e [u8],
    /// The channel binding that was kept beside the token.
    #[cfg(feature = "channel")]
    pub binding: &'e str,
}

impl Evidence<'_> {
    /// No evidence at all.
    pub const NONE: Evidence<'static> = Evidence {
        address: "",
        asn: "",
        country: "",
        organisation: "",
        isp: "",
        headers: &[("", ""); 0],
        #[cfg(feature = "sketch")]
        components: &[(super::Component::COOKIE, ""); 0],
        #[cfg(feature = "mtls")]
        certificate: None,
        #[cfg(feature = "dpop")]
        proofs: &[],
        #[cfg(feature = "dpop")]
        method: "",
        #[cfg(feature = "dpop")]
        uri: "",
        #[cfg(feature = "dpop")]
        scheme: Scheme::Bearer,
        #[cfg(feature = "dpop")]
        nonce: "",
        #[cfg(feature = "channel")]
        channel: &[],
        #[cfg(feature = "channel")]
        binding: "",
    };

    /// The fields of this name (RFC 9110 5.1: names are case-insensitive), surrounding white space removed (RFC 9110 5.5).
    #[cfg(feature = "fingerprint")]
    pub(crate) fn values<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n [u8]> + Clone {
        let fields = (0usize..).map_while(|position| self.headers.field(position));
        fields
            .filter(|(found, _)| found.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| crate::bytes::trimmed(value))
    }
}

impl Default for Evidence<'_> {
    fn default() -> Self {
        Evidence::NONE
    }
}

impl core::fmt::Debug for Evidence<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Evidence(..)")
    }
}
