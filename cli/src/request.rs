//! A captured HTTP request: its request line and header fields as text (RFC 9112 2, 3, 5).

use crate::failure::Failure;
use crate::files;
use countermark::Headers;
use std::path::Path;

/// The request as the gateway saw it. A body is not looked at.
#[derive(Default)]
pub struct Captured {
    pub method: String,
    pub target: String,
    pub fields: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Headers for Captured {
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])> {
        self.fields.as_slice().field(position)
    }
}

impl Captured {
    pub fn read(path: &Path) -> Result<Self, Failure> {
        Captured::parse(&files::read("--request", path)?)
    }

    /// Lines end in LF or CRLF; the first empty one ends the fields.
    pub fn parse(text: &[u8]) -> Result<Self, Failure> {
        let mut lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let (method, target) = request_line(lines.next().unwrap_or_default())
            .ok_or_else(|| Failure::new("--request: line 1 is not a request line, such as GET /orders/7 HTTP/1.1"))?;
        let mut captured = Captured { method, target, fields: Vec::new() };
        for (position, line) in lines.enumerate().take_while(|(_, line)| !line.is_empty()) {
            let field = field(line).ok_or_else(|| {
                Failure::new(format!("--request: line {} is not a header field, such as Accept: */*", position + 2))
            })?;
            captured.fields.push(field);
        }
        Ok(captured)
    }

    /// The values of the fields of this name, trimmed.
    pub fn values<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r [u8]> {
        let is_named = move |field: &&(Vec<u8>, Vec<u8>)| field.0.eq_ignore_ascii_case(name.as_bytes());
        self.fields.iter().filter(is_named).map(|(_, value)| value.trim_ascii())
    }

    /// What follows the question mark of the target.
    pub fn query(&self) -> &[u8] {
        self.target.split_once('?').map_or(&[], |(_, query)| query.as_bytes())
    }

    /// The absolute URI (RFC 9112 3.3): `origin`, or https and the one Host, before a target in origin form. Empty where it
    /// cannot be told.
    pub fn uri(&self, origin: Option<&str>) -> String {
        if !self.target.starts_with('/') {
            return if self.target.contains("://") { self.target.clone() } else { String::new() };
        }
        if let Some(origin) = origin {
            return format!("{}{}", origin.trim_end_matches('/'), self.target);
        }
        let mut hosts = self.values("host");
        match (hosts.next().map(std::str::from_utf8), hosts.next()) {
            (Some(Ok(host)), None) if !host.is_empty() => format!("https://{host}{}", self.target),
            _ => String::new(),
        }
    }
}

/// RFC 9110 5.6.2.
fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// Method, target and version with one space between each; the method and the target.
fn request_line(line: &[u8]) -> Option<(String, String)> {
    let [method, target, version] = std::str::from_utf8(line).ok()?.split(' ').collect::<Vec<_>>()[..] else { return None };
    let is_visible = !target.is_empty() && target.bytes().all(|byte| byte.is_ascii_graphic());
    let is_whole = is_token(method.as_bytes()) && is_visible && version.starts_with("HTTP/");
    is_whole.then(|| (method.to_string(), target.to_string()))
}

/// No space before the colon, no folded line, no control character but a tab (RFC 9112 5.1, 5.2; RFC 9110 5.5).
fn field(line: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
    let is_clean = value.iter().all(|byte| *byte == b'\t' || !byte.is_ascii_control());
    (is_token(name) && is_clean).then(|| (name.to_vec(), value.to_vec()))
}
