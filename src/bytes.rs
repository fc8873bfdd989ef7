//! Byte strings that are public: equality, prefixes, trimming.
//!
//! Equality is a loop on purpose. A comparison of slices compiles to a call of `bcmp` on Linux, and a freestanding C program
//! brings memcpy, memmove, memset and memcmp, but no `bcmp`.

#[inline]
pub(crate) fn equal(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left == right)
}

/// What follows `prefix`, if `bytes` starts with it.
#[inline]
pub(crate) fn after<'b>(bytes: &'b [u8], prefix: &[u8]) -> Option<&'b [u8]> {
    let (start, rest) = bytes.split_at_checked(prefix.len())?;
    if equal(start, prefix) { Some(rest) } else { None }
}

/// Without spaces and tabs at both ends (RFC 9110 5.6.3).
#[cfg(any(feature = "fingerprint", feature = "carrier"))]
pub(crate) fn trimmed(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// The values of the cookies of this name in one `Cookie` field's value; names are case-sensitive (RFC 6265 4.2.1).
#[cfg(any(feature = "fingerprint", feature = "carrier"))]
pub(crate) fn cookies<'l, 'n>(line: &'l [u8], name: &'n str) -> impl Iterator<Item = &'l [u8]> + use<'l, 'n> {
    let pairs = line.split(|byte| *byte == b';').map(trimmed);
    pairs.filter_map(move |pair| after(after(pair, name.as_bytes())?, b"="))
}
