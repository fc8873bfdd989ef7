//! The normal form of a request's URI, written down step by step (RFC 3986 5.2.4, 6.2.2, 6.2.3). `None` for what is not an
//! absolute URI with a host, or has user information.

const UNRESERVED: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";

pub fn normal(text: &[u8]) -> Option<Vec<u8>> {
    // Of query and fragment nothing is read, whatever bytes they have.
    let text = text.split(|byte| *byte == b'#').next().unwrap();
    let text = text.split(|byte| *byte == b'?').next().unwrap();
    let text = std::str::from_utf8(text).ok()?;
    if text.chars().any(|char| char <= ' ' || char >= '\u{7f}') {
        return None;
    }
    let (scheme, rest) = text.split_once(':')?;
    let scheme = scheme.to_lowercase();
    let letters = "abcdefghijklmnopqrstuvwxyz";
    let is_scheme = scheme.chars().next().is_some_and(|first| letters.contains(first))
        && scheme.chars().all(|char| letters.contains(char) || "0123456789+-.".contains(char));
    let rest = rest.strip_prefix("//").filter(|_| is_scheme)?;
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let (host, port) = if authority.starts_with('[') {
        let (address, behind) = authority.split_once(']')?;
        let port = if behind.is_empty() { "" } else { behind.strip_prefix(':')? };
        (format!("{address}]"), port)
    } else {
        let (host, port) = authority.split_once(':').unwrap_or((authority, ""));
        (host.to_string(), port)
    };
    let host = if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']')?;
        let is_address = !address.is_empty() && address.chars().all(|char| "0123456789abcdefABCDEF:.".contains(char));
        if !is_address {
            return None;
        }
        host.to_lowercase()
    } else {
        let is_name = |char: char| UNRESERVED.contains(char) || "!$&'()*+,;=%".contains(char);
        if host.is_empty() || !host.chars().all(is_name) {
            return None;
        }
        // Lower case everywhere but in the two digits of an encoding.
        let mut lower = String::new();
        let decoded = percent(&host)?;
        let mut chars = decoded.chars();
        while let Some(char) = chars.next() {
            lower.push(char.to_ascii_lowercase());
            if char == '%' {
                lower.extend(chars.by_ref().take(2));
            }
        }
        lower
    };
    if port.len() > 5 || !port.chars().all(|char| char.is_ascii_digit()) {
        return None;
    }
    let port: Option<u32> = port.parse().ok();
    if port.is_some_and(|port| port > 65_535) {
        return None;
    }
    let default = match scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    let port = match port {
        Some(port) if Some(port) != default => format!(":{port}"),
        _ => String::new(),
    };
    let path = without_dots(&percent(path)?);
    Some(format!("{scheme}://{host}{port}{path}").into_bytes())
}

/// Encoded unreserved characters as themselves, the digits of the other encodings in upper case.
fn percent(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        rest = &rest[1..];
        if char != '%' {
            out.push(char);
            continue;
        }
        let digits = rest.get(..2).filter(|digits| digits.chars().all(|digit| digit.is_ascii_hexdigit()))?;
        rest = &rest[2..];
        let value = char::from(u8::from_str_radix(digits, 16).unwrap());
        if UNRESERVED.contains(value) {
            out.push(value);
        } else {
            out += &format!("%{}", digits.to_uppercase());
        }
    }
    Some(out)
}

/// RFC 3986 5.2.4, letter by letter.
fn without_dots(path: &str) -> String {
    let mut input = path.to_string();
    let mut output = String::new();
    while !input.is_empty() {
        if let Some(rest) = input.strip_prefix("/./") {
            input = format!("/{rest}");
        } else if input == "/." {
            input = "/".into();
        } else if let Some(rest) = input.strip_prefix("/../") {
            input = format!("/{rest}");
            output.truncate(output.rfind('/').unwrap_or(0));
        } else if input == "/.." {
            input = "/".into();
            output.truncate(output.rfind('/').unwrap_or(0));
        } else {
            let end = input[1..].find('/').map_or(input.len(), |at| at + 1);
            output += &input[..end];
            input = input[end..].to_string();
        }
    }
    output
}
