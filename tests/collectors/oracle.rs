//! The oracle of the reader: recursive, on the tree of the slow JSON reader.

use super::{DEPTH, Found, MEMBERS, Values};
use countermark::{Collector, Row, Status};
use countermark_tests::json::{self, Json, Node};

pub fn paths<'c>(table: &Collector<'c>) -> Vec<Vec<&'c str>> {
    table.rows.iter().map(|row| row.path.split('.').collect()).collect()
}

pub fn ignored(node: &Node, paths: &[Vec<&str>]) -> usize {
    let Json::Object(members) = &node.json else { return 0 };
    let mut count = 0;
    for (name, value) in members {
        let asked: Vec<_> = paths.iter().filter(|path| path[0] == name).collect();
        let deeper: Vec<Vec<&str>> = asked.iter().filter(|path| path.len() > 1).map(|path| path[1..].to_vec()).collect();
        count += if asked.is_empty() { 1 } else { ignored(value, &deeper) * usize::from(!deeper.is_empty()) };
    }
    count
}

pub fn values(table: &Collector<'_>, document: &Node) -> Result<Values, Status> {
    let mut found: Values = Vec::new();
    for row in table.rows {
        if found.iter().any(|(component, _)| *component == row.component) {
            continue;
        }
        let path: Vec<&str> = row.path.split('.').collect();
        let observed = match row.component.number() {
            20 | 23 | 25 | 27 | 35 | 48..=50 | 224.. => {
                let mut elements = Vec::new();
                let is_observed = oracle_elements(row, document, &path, &mut elements);
                if is_observed && elements.is_empty() {
                    elements.push(Vec::new());
                }
                elements
            }
            17 | 192..=223 => match reach(document, &path).filter(|value| !is_absent(row, value)) {
                None => Vec::new(),
                Some(value) => {
                    let number = match &value.json {
                        Json::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse::<f64>().ok(),
                        Json::Number => value.raw.parse::<f64>().ok(),
                        _ => None,
                    };
                    let whole = number.filter(|number| number.fract() == 0.0 && (0.0..=65_535.0).contains(number));
                    vec![(whole.ok_or(Status::CollectorMalformed)? as u16).to_string().into_bytes()]
                }
            },
            _ => match reach(document, &path).filter(|value| !is_absent(row, value)) {
                None => Vec::new(),
                Some(value) => match &value.json {
                    Json::String(text) if text.is_empty() => Vec::new(),
                    Json::String(text) => vec![text.clone().into_bytes()],
                    _ => vec![without_spaces(&value.raw)],
                },
            },
        };
        found.extend(observed.into_iter().map(|value| (row.component, value)));
    }
    Ok(found)
}

fn reach<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    match (&node.json, path) {
        (_, []) => Some(node),
        (Json::Object(members), [name, rest @ ..]) => reach(&members.iter().find(|(found, _)| found == name)?.1, rest),
        _ => None,
    }
}

fn oracle_elements(row: &Row<'_>, node: &Node, path: &[&str], out: &mut Vec<Vec<u8>>) -> bool {
    match (&node.json, path) {
        (Json::Array(elements), _) => {
            elements.iter().for_each(|element| {
                oracle_elements(row, element, path, out);
            });
            true
        }
        (Json::Object(members), [name, rest @ ..]) => {
            members.iter().find(|(found, _)| found == name).is_some_and(|(_, value)| oracle_elements(row, value, rest, out))
        }
        (Json::Object(members), []) => {
            out.extend(members.iter().map(|(name, _)| name.clone().into_bytes()));
            true
        }
        (Json::Null, _) | (_, [_, ..]) => false,
        _ if is_absent(row, node) => false,
        (Json::String(text), _) => {
            match row.separator {
                None => out.push(text.clone().into_bytes()),
                Some(separator) => {
                    let pieces = text.split(char::from(separator)).map(|piece| piece.trim_matches(' '));
                    out.extend(pieces.filter(|piece| !piece.is_empty()).map(|piece| piece.as_bytes().to_vec()));
                }
            }
            true
        }
        _ => {
            out.push(node.raw.clone().into_bytes());
            true
        }
    }
}

fn is_absent(row: &Row<'_>, node: &Node) -> bool {
    let is_mark = |node: &Node| match &node.json {
        Json::String(text) => row.absent.contains(&text.as_str()),
        _ => row.absent.contains(&node.raw.as_str()),
    };
    match &node.json {
        Json::Null => true,
        Json::Array(elements) => elements.iter().any(is_mark),
        Json::Object(members) => members.iter().any(|(_, value)| is_mark(value)),
        _ => is_mark(node),
    }
}

/// Token by token: strings whole, everything else without spaces.
fn without_spaces(raw: &str) -> Vec<u8> {
    let (mut rest, mut out) = (raw, String::new());
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => {
                let bytes = rest.as_bytes();
                let mut end = 1;
                while bytes[end] != b'"' {
                    end += if bytes[end] == b'\\' { 2 } else { 1 };
                }
                end + 1
            }
            _ => first.len_utf8(),
        };
        let (token, behind) = rest.split_at(length);
        if !token.trim().is_empty() {
            out.push_str(token);
        }
        rest = behind;
    }
    out.into_bytes()
}

/// What the oracle makes of a text that may be anything.
pub fn expected(table: &Collector<'_>, document: &[u8]) -> Found {
    let node = json::read_object(document, DEPTH, MEMBERS).map_err(|_| Status::CollectorMalformed)?;
    values(table, &node).map(|values| (values, ignored(&node, &paths(table))))
}
