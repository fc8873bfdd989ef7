//! A database in MaxMind's format (version 2.0) with a few networks: made here, for the real ones are not ours to give away.

use serde_json::{Value, json};
use std::net::Ipv4Addr;

/// The file's bytes: a tree of 24-bit records over IPv4 addresses, the data, the metadata.
pub fn database(kind: &str, networks: &[(Ipv4Addr, u32, Value)]) -> Vec<u8> {
    // Nodes of two records: none, a node, or the place of data.
    let mut nodes: Vec<[Record; 2]> = vec![[Record::None; 2]];
    let mut data = Vec::new();
    for (network, bits, value) in networks {
        let at = data.len();
        encode(value, &mut data);
        let mut node = 0;
        for depth in 0..*bits {
            let side = (u32::from(*network) >> (31 - depth) & 1) as usize;
            if depth + 1 == *bits {
                nodes[node][side] = Record::Data(at);
            } else if let Record::Node(next) = nodes[node][side] {
                node = next;
            } else {
                nodes.push([Record::None; 2]);
                nodes[node][side] = Record::Node(nodes.len() - 1);
                node = nodes.len() - 1;
            }
        }
    }
    let count = nodes.len();
    let number = |record: &Record| match record {
        Record::None => count,
        Record::Node(node) => *node,
        // Sixteen zero bytes stand between tree and data.
        Record::Data(at) => count + 16 + at,
    };
    let mut file: Vec<u8> =
        nodes.iter().flatten().flat_map(|record| (number(record) as u32).to_be_bytes()[1..].to_vec()).collect();
    file.extend([0; 16]);
    file.extend(data);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let metadata = json!({
        "binary_format_major_version": 2, "binary_format_minor_version": 0, "build_epoch": 1_700_000_000, "database_type": kind,
        "description": {"en": "networks of a test"}, "ip_version": 4, "languages": ["en"], "node_count": count, "record_size": 24,
    });
    encode(&metadata, &mut file);
    file
}

#[derive(Clone, Copy)]
enum Record {
    None,
    Node(usize),
    Data(usize),
}

/// A control byte (type, size), and the value. Texts and maps here are short.
fn encode(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::String(text) => {
            assert!(text.len() < 29);
            out.push(2 << 5 | text.len() as u8);
            out.extend(text.bytes());
        }
        Value::Object(members) => {
            out.push(7 << 5 | members.len() as u8);
            for (name, value) in members {
                encode(&json!(name), out);
                match (name.as_str(), value.as_u64()) {
                    // Types 6 and 9, the latter less 7 in a byte of its own. Every other number is of type 5.
                    ("node_count" | "autonomous_system_number", Some(number)) => {
                        out.push(6 << 5 | 4);
                        out.extend((number as u32).to_be_bytes());
                    }
                    ("build_epoch", Some(number)) => {
                        out.extend([8, 2]);
                        out.extend(number.to_be_bytes());
                    }
                    _ => encode(value, out),
                }
            }
        }
        // An array is an extended type: 11, less 7, in a byte of its own.
        Value::Array(elements) => {
            out.extend([elements.len() as u8, 4]);
            elements.iter().for_each(|element| encode(element, out));
        }
        Value::Number(number) if number.is_f64() => {
            out.push(3 << 5 | 8);
            out.extend(number.as_f64().unwrap().to_be_bytes());
        }
        Value::Number(number) => {
            out.push(5 << 5 | 2);
            out.extend((number.as_u64().unwrap() as u16).to_be_bytes());
        }
        other => panic!("{other}"),
    }
}
