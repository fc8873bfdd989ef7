//! Listed networks: prefixes in a sorted table of the caller's, longest match.

use crate::error::Status;
use core::cmp::Ordering;
use core::net::IpAddr;

/// One prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Network {
    /// The address, in network byte order; IPv4 as ::ffff:a.b.c.d. Bits behind the prefix are zero.
    pub prefix: [u8; 16],
    /// Its length, 0 to 128; of an IPv4 prefix 96 more than one writes.
    pub bits: u8,
    /// Not 0 for a listed network; 0 takes a part of one off the list.
    pub list: u8,
}

impl Network {
    /// A row for this address and prefix length, as one writes them: `192.0.2.0/24`, `2001:db8::/32`.
    ///
    /// # Errors
    /// [`Status::Argument`] when the length is too large, or bits behind it are set.
    pub fn new(address: IpAddr, bits: u8, list: u8) -> Result<Network, Status> {
        let bits = if address.is_ipv4() { bits.saturating_add(96) } else { bits };
        let row = Network { prefix: octets(address), bits, list };
        if row.is_sound() { Ok(row) } else { Err(Status::Argument) }
    }

    fn is_sound(&self) -> bool {
        self.bits <= 128 && masked(self.prefix, self.bits) == u128::from_be_bytes(self.prefix)
    }

    fn order(&self, other: &Network) -> Ordering {
        (self.prefix, self.bits).cmp(&(other.prefix, other.bits))
    }
}

/// A table that has been checked.
#[derive(Clone, Copy)]
pub(super) struct Networks<'r> {
    rows: &'r [Network],
    /// One bit for each length that occurs, from 0 to 128.
    lengths: [u64; 3],
}

impl<'r> Networks<'r> {
    /// Strictly ascending by prefix, then by length.
    pub(super) fn new(rows: &'r [Network]) -> Result<Self, Status> {
        let is_sorted = rows.windows(2).all(|pair| match pair {
            [one, next] => one.order(next) == Ordering::Less,
            _ => true,
        });
        if !is_sorted || !rows.iter().all(Network::is_sound) {
            return Err(Status::NetworksMalformed);
        }
        let mut lengths = [0; 3];
        for row in rows {
            if let Some(word) = lengths.get_mut(usize::from(row.bits) / 64) {
                *word |= 1u64.wrapping_shl(row.bits.into());
            }
        }
        Ok(Networks { rows, lengths })
    }

    /// The list of the longest prefix that holds the address; 0 for none.
    pub(super) fn list_of(&self, address: IpAddr) -> u8 {
        let address = octets(address);
        let occurs = |bits: &u8| {
            let word = self.lengths.get(usize::from(*bits) / 64).copied().unwrap_or_default();
            word & 1u64.wrapping_shl((*bits).into()) != 0
        };
        let row_of = |bits: u8| {
            let wanted = Network { prefix: masked(address, bits).to_be_bytes(), bits, list: 0 };
            let at = self.rows.binary_search_by(|row| row.order(&wanted)).ok()?;
            self.rows.get(at)
        };
        (0..=128u8).rev().filter(occurs).find_map(row_of).map_or(0, |row| row.list)
    }
}

fn octets(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    }
}

fn masked(address: [u8; 16], bits: u8) -> u128 {
    let behind = u128::MAX.checked_shr(bits.into()).unwrap_or_default();
    u128::from_be_bytes(address) & !behind
}
