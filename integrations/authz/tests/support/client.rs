//! A client that sends what it is told, also what no library would.

use serde_json::Value;
use socket2::{Domain, Socket, Type};
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

/// What came back; names of fields in lower case, of repeated ones the last.
#[derive(Debug)]
pub struct Answer {
    pub http: u16,
    pub fields: HashMap<String, String>,
    pub body: String,
}

impl Answer {
    pub fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// The value of a field that the backend got: null where it got none.
    pub fn echoed(&self, name: &str) -> Value {
        serde_json::from_str::<Value>(&self.body).unwrap_or_default()[name].clone()
    }
}

/// Sends one request over a connection of its own.
pub fn send(to: SocketAddr, method: &str, target: &str, fields: &[(&str, &str)]) -> Answer {
    send_from(Ipv4Addr::LOCALHOST, to, method, target, fields)
}

/// The same from another address of the loopback network.
pub fn send_from(from: Ipv4Addr, to: SocketAddr, method: &str, target: &str, fields: &[(&str, &str)]) -> Answer {
    let mut text = format!("{method} {target} HTTP/1.1\r\nConnection: close\r\n");
    if !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        text.push_str(&format!("Host: {to}\r\n"));
    }
    fields.iter().for_each(|(name, value)| text.push_str(&format!("{name}: {value}\r\n")));
    text.push_str("\r\n");
    parse(&exchange(from, to, text.as_bytes()))
}

/// Sends bytes, and takes what comes until the other end closes.
pub fn exchange(from: Ipv4Addr, to: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from((IpAddr::V4(from), 0)).into()).unwrap();
    socket.connect_timeout(&to.into(), Duration::from_secs(5)).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut stream = std::net::TcpStream::from(socket);
    // It may have been answered and closed before all was sent.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut piece) {
        answer.extend_from_slice(&piece[..length]);
    }
    answer
}

pub fn parse(answer: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let http = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let fields = lines.filter_map(|line| line.split_once(": ").or(line.split_once(':')));
    let fields: HashMap<_, _> = fields.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    let is_chunked = fields.get("transfer-encoding").is_some_and(|value| value == "chunked");
    // One chunk is all that these bodies need.
    let body = if is_chunked { body.lines().nth(1).unwrap_or_default() } else { body };
    Answer { http, body: body.to_owned(), fields }
}
