//! The client address in canonical text: dotted decimal, or RFC 5952; an IPv4-mapped IPv6 address is IPv4.

use crate::error::Status;
use core::fmt::Write;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255" is the longest.
pub(super) const ADDRESS_TEXT_MAX: usize = 48;

/// An address or network as text in fixed memory.
pub(super) type AddressText = heapless::String<ADDRESS_TEXT_MAX>;

/// The address itself; empty when the host gave none.
pub(super) fn address(text: &str) -> Result<AddressText, Status> {
    written(text, |address| address, "", "")
}

/// Its network: /24 for IPv4, /48 for IPv6, host bits zero.
pub(super) fn network(text: &str) -> Result<AddressText, Status> {
    let network = |address| match address {
        IpAddr::V4(v4) => IpAddr::V4(Ipv4Addr::from_bits(v4.to_bits() & 0xffff_ff00)),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !(u128::MAX >> 48))),
    };
    written(text, network, "/24", "/48")
}

fn written(text: &str, change: impl Fn(IpAddr) -> IpAddr, v4: &str, v6: &str) -> Result<AddressText, Status> {
    let mut out = AddressText::new();
    if text.is_empty() {
        return Ok(out);
    }
    let address: IpAddr = text.parse().map_err(|_| Status::AddressMalformed)?;
    let address = change(address.to_canonical());
    let suffix = if address.is_ipv4() { v4 } else { v6 };
    write!(out, "{address}{suffix}").map_err(|_| Status::AddressMalformed)?;
    Ok(out)
}
