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
