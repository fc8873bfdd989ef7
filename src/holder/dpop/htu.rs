//! `htu`: whether two spellings name one target (RFC 9449 4.3, RFC 3986 6.2.2, 6.2.3). Nothing is written: both texts are read
//! side by side, their paths from the end.

use crate::bytes;

/// An absolute URI with an authority, taken apart. Query and fragment are not looked at.
pub(crate) struct Uri<'u> {
    scheme: &'u [u8],
    host: &'u [u8],
    /// `None`: the scheme's default.
    port: Option<u32>,
    /// Behind its first slash.
    path: &'u [u8],
}

impl<'u> Uri<'u> {
    /// `None` when the text is not an absolute URI with a host, or has user information (RFC 9110 4.2.4).
    pub(crate) fn read(text: &'u [u8]) -> Option<Self> {
        let end = text.iter().position(|byte| matches!(byte, b'?' | b'#')).unwrap_or(text.len());
        let text = text.get(..end)?;
        if !text.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        let (scheme, rest) = text.split_at_checked(bytes::find(text, b':')?)?;
        let is_scheme_byte = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        if !scheme.first()?.is_ascii_alphabetic() || !scheme.iter().all(is_scheme_byte) {
            return None;
        }
        let rest = bytes::after(rest, b"://")?;
        let (authority, path) = rest.split_at_checked(bytes::find(rest, b'/').unwrap_or(rest.len()))?;
        let path = bytes::after(path, b"/").unwrap_or_default();
        let (host, port) = split_port(authority)?;
        let port = match port {
            [] => None,
            digits => Some(number(digits)?),
        };
        let port = port.filter(|port| default_port(scheme) != Some(*port));
        let is_well_formed = is_host(host) && symbols(path).all(|symbol| symbol.is_some());
        if is_well_formed { Some(Uri { scheme, host, port, path }) } else { None }
    }

    /// Whether both are one target.
    pub(crate) fn is(&self, other: &Uri<'_>) -> bool {
        let lower = |symbol: Option<Symbol>| symbol.map(Symbol::lower);
        self.scheme.eq_ignore_ascii_case(other.scheme)
            && self.port == other.port
            && symbols(self.host).map(lower).eq(symbols(other.host).map(lower))
            && self.same_path(other)
    }

    fn same_path(&self, other: &Uri<'_>) -> bool {
        let (mut own, mut others) = (Segments::of(self.path), Segments::of(other.path));
        loop {
            match (own.next(), others.next()) {
                (None, None) => return true,
                (Some(left), Some(right)) if symbols(left).eq(symbols(right)) => {}
                _ => return false,
            }
        }
    }
}

/// The host, and the digits of the port (RFC 3986 3.2).
fn split_port(authority: &[u8]) -> Option<(&[u8], &[u8])> {
    let host_end = match authority.first()? {
        b'[' => bytes::find(authority, b']')?.checked_add(1)?,
        _ => bytes::find(authority, b':').unwrap_or(authority.len()),
    };
    let (host, behind) = authority.split_at_checked(host_end)?;
    match behind {
        [] => Some((host, behind)),
        [b':', port @ ..] => Some((host, port)),
        _ => None,
    }
}

/// A name of RFC 3986 3.2.2, or an address in brackets.
fn is_host(host: &[u8]) -> bool {
    if let [b'[', address @ .., b']'] = host {
        return address.iter().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.')) && !address.is_empty();
    }
    let is_name_byte = |byte: u8| is_unreserved(byte) || b"!$&'()*+,;=".contains(&byte);
    let is_name_symbol = |symbol: Option<Symbol>| match symbol {
        Some(Symbol::Plain(byte)) => is_name_byte(byte),
        Some(Symbol::Encoded(_)) => true,
        None => false,
    };
    !host.is_empty() && symbols(host).all(is_name_symbol)
}

/// At most 65,535, in at most five digits.
fn number(digits: &[u8]) -> Option<u32> {
    if digits.len() > 5 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0u32, |number, digit| number.wrapping_mul(10).wrapping_add(u32::from(digit & 15)));
    Some(number).filter(|number| *number <= 65_535)
}

fn default_port(scheme: &[u8]) -> Option<u32> {
    if scheme.eq_ignore_ascii_case(b"https") {
        return Some(443);
    }
    if scheme.eq_ignore_ascii_case(b"http") { Some(80) } else { None }
}

/// RFC 3986 2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// A character: as it stands, or as a percent-encoding that must stay one.
#[derive(Clone, Copy, PartialEq)]
enum Symbol {
    Plain(u8),
    Encoded(u8),
}

impl Symbol {
    fn lower(self) -> Symbol {
        match self {
            Symbol::Plain(byte) => Symbol::Plain(byte.to_ascii_lowercase()),
            encoded => encoded,
        }
    }
}

/// The characters of a text. An encoded unreserved character is that character (RFC 3986 6.2.2.2); `None` for a percent sign
/// without two hexadecimal digits.
fn symbols(text: &[u8]) -> impl Iterator<Item = Option<Symbol>> {
    let mut rest = text.iter();
    core::iter::from_fn(move || match rest.next()? {
        b'%' => {
            let mut digit = || char::from(*rest.next()?).to_digit(16).map(|digit| digit as u8);
            let byte = digit().and_then(|high| Some(high << 4 | digit()?));
            Some(byte.map(|byte| if is_unreserved(byte) { Symbol::Plain(byte) } else { Symbol::Encoded(byte) }))
        }
        byte => Some(Some(Symbol::Plain(*byte))),
    })
}

/// The segments of a path without its dot segments (RFC 3986 5.2.4), last first.
struct Segments<'u> {
    rest: Option<&'u [u8]>,
    /// Segments that a `..` behind them takes away.
    skipped: usize,
    is_last: bool,
}

impl<'u> Segments<'u> {
    fn of(path: &'u [u8]) -> Self {
        Segments { rest: Some(path), skipped: 0, is_last: true }
    }
}

impl<'u> Iterator for Segments<'u> {
    type Item = &'u [u8];

    fn next(&mut self) -> Option<&'u [u8]> {
        loop {
            let path = self.rest?;
            let mut parts = path.rsplitn(2, |byte| *byte == b'/');
            let segment = parts.next()?;
            self.rest = parts.next();
            let was_last = core::mem::replace(&mut self.is_last, false);
            match dots(segment) {
                Some(1) => {}
                Some(_) => self.skipped = self.skipped.saturating_add(1),
                None if self.skipped > 0 => self.skipped = self.skipped.saturating_sub(1),
                None => return Some(segment),
            }
            // A dot segment at the end leaves its slash.
            if was_last {
                return Some(b"");
            }
        }
    }
}

/// 1 for `.`, 2 for `..`.
fn dots(segment: &[u8]) -> Option<usize> {
    let count = symbols(segment).take(3).filter(|symbol| *symbol == Some(Symbol::Plain(b'.'))).count();
    let is_dots = matches!(count, 1 | 2) && symbols(segment).count() == count;
    if is_dots { Some(count) } else { None }
}
