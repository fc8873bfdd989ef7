//! Raw bytes as a signed payload: the verdict against the oracle, then every view of the claims, in Rust and in C.

use super::lenient_setup;
use crate::c_memory::{self, Block};
use crate::oracle::{self, agreed, string, strings};
use countermark::{Claims, Holder, Keys, Request, Status, Verdict, Verifier, scratch_bytes};
use countermark_tests::json::{self, Json, Node};
use countermark_tests::judge::{Attempt, load};
use countermark_tests::token::{NOW, TokenBuilder};
use countermark_tests::views;

pub fn check(data: &[u8]) {
    let setup = lenient_setup();
    let token = TokenBuilder::new("HS256").payload(data).build();
    let outcome = agreed(&setup, Attempt::new(&token));
    let tree = json::read_object(data, 8, 64);
    assert!(tree.is_ok() || !matches!(outcome.status.code(), 0 | 504..), "{outcome:?}");
    if outcome.status != Status::Accepted {
        return;
    }
    let tree = tree.expect("accepted");
    let mut region = vec![0; 512];
    let keys = load(&setup.sets[0], &mut region, &[]).expect("good keys");
    let sets = [Keys::set(&keys)];
    let verifier = Verifier::new(&sets, setup.policy, Holder::default()).expect("a good policy");
    let mut scratch = vec![0; scratch_bytes(token.len(), &setup.policy.limits)];
    let Verdict::Accept(claims, _) = verifier.verify(&Request::new(&token, NOW), &mut scratch) else {
        panic!("accepted before")
    };
    registered(&claims, &tree);
    members(&claims, &tree);
    typed(&claims, &tree);
    c_memory::with_c_claims(&setup, &token, |claims| in_c(claims, &tree));
}

fn registered(claims: &Claims<'_>, tree: &Node) {
    let text = |name: &str| oracle::member(tree, name).and_then(string);
    let pairs = [(claims.issuer(), text("iss")), (claims.subject(), text("sub")), (claims.token_id(), text("jti"))];
    for (found, expected) in pairs {
        assert_eq!(found.is_some(), expected.is_some());
        found.zip(expected).into_iter().for_each(|(found, expected)| views::same_text(found, expected));
    }
    let audience = oracle::member(tree, "aud").map(|aud| strings(aud).unwrap_or_else(|| string(aud).into_iter().collect()));
    assert_eq!(claims.audience().is_some(), audience.is_some());
    if let (Some(found), Some(expected)) = (claims.audience(), audience) {
        let found: Vec<String> = found.map(|text| String::from_utf8(text.bytes().collect()).expect("UTF-8")).collect();
        assert_eq!(found, expected);
    }
    let dates = oracle::claims::types(tree).expect("accepted");
    assert_eq!((claims.expires_at(), claims.not_before(), claims.issued_at()), (dates.exp, dates.nbf, dates.iat_down));
}

/// By name, by path and by pointer.
fn members(claims: &Claims<'_>, tree: &Node) {
    let Json::Object(members) = &tree.json else { panic!("a payload is an object") };
    for (name, node) in members {
        views::same(claims.get(name).expect("a member"), node);
        found_at(claims, &pointer(name), Some(node));
        if !name.contains('.') && !name.starts_with('/') {
            found_at(claims, name, Some(node));
        }
        match &node.json {
            Json::Object(inner) => {
                for (below, value) in inner {
                    found_at(claims, &format!("{}{}", pointer(name), pointer(below)), Some(value));
                    if !format!("{name}{below}").contains('.') && !name.starts_with('/') {
                        found_at(claims, &format!("{name}.{below}"), Some(value));
                    }
                }
            }
            Json::Array(elements) => {
                for (position, value) in elements.iter().enumerate() {
                    found_at(claims, &format!("{}/{position}", pointer(name)), Some(value));
                    found_at(claims, &format!("{}/0{position}", pointer(name)), None);
                }
                found_at(claims, &format!("{}/{}", pointer(name), elements.len()), None);
            }
            _ => found_at(claims, &format!("{}/0", pointer(name)), None),
        }
    }
    let absent: String = members.iter().map(|(name, _)| name.as_str()).chain(["absent"]).collect();
    let is_there = members.iter().any(|(name, _)| *name == absent);
    assert_eq!(claims.get(&absent).is_ok(), is_there);
}

/// RFC 6901 3.
fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn found_at(claims: &Claims<'_>, path: &str, expected: Option<&Node>) {
    let expected = match expected {
        _ if path.len() > 256 => Err(Status::Argument),
        None => Err(Status::ClaimAbsent),
        Some(node) => Ok(node.raw.as_str()),
    };
    assert_eq!(claims.at(path).map(|value| value.raw()), expected, "{path}");
}

#[derive(serde::Deserialize)]
struct Owned {
    iss: Option<heapless::String<512>>,
    admin: Option<bool>,
}

#[derive(serde::Deserialize)]
struct Borrowed<'t> {
    iss: Option<&'t str>,
}

/// What a struct gets is what the tree holds. Why a struct may not fit: a member has another type, or a text is too long.
fn typed(claims: &Claims<'_>, tree: &Node) {
    let iss = oracle::member(tree, "iss").and_then(string);
    let admin = oracle::member(tree, "admin").map(|node| &node.json);
    let admin_fits = matches!(admin, None | Some(Json::Null | Json::Boolean(_)));
    let mut buffer = vec![0; claims.raw().len() * 3];
    match claims.typed::<Owned>(&mut buffer) {
        Ok(owned) => {
            assert_eq!(owned.iss.as_deref(), iss);
            assert_eq!(owned.admin, if let Some(Json::Boolean(known)) = admin { Some(*known) } else { None });
        }
        Err(status) => {
            assert_eq!(status, Status::ClaimShape);
            assert!(!admin_fits || iss.is_some_and(|iss| iss.len() > 512), "{:?}", claims.raw());
        }
    }
    let must_stay = |char: char| matches!(char, '"' | '\\' | '\0'..'\x20');
    let expected = match iss {
        Some(text) if text.contains(must_stay) => Err(Status::ClaimEscaped),
        plain => Ok(plain.map(String::from)),
    };
    let mut buffer = vec![0; claims.raw().len() * 3];
    let found = claims.typed::<Borrowed<'_>>(&mut buffer).map(|borrowed| borrowed.iss.map(String::from));
    assert_eq!(found, expected, "{:?}", claims.raw());
}

/// The outermost members through C: name, JSON, kind, and the text into a buffer that fits and one that lacks a byte.
fn in_c(claims: &countermark_ffi::cmk_claims, tree: &Node) {
    use countermark_ffi::*;
    let Json::Object(members) = &tree.json else { panic!("a payload is an object") };
    for (name, node) in members {
        let name = Block::of(name.as_bytes());
        let mut value: cmk_value = unsafe { std::mem::zeroed() };
        assert_eq!(unsafe { cmk_claims_get(claims, name.bytes(), &mut value) }, 0);
        let mut raw = cmk_bytes::NONE;
        assert_eq!(unsafe { cmk_value_json(&value, &mut raw) }, 0);
        assert_eq!(c_memory::slice(raw), node.raw.as_bytes());
        let Json::String(text) = &node.json else { continue };
        let buffer = Block::filled(text.len(), 0xa5);
        let mut found = cmk_bytes::NONE;
        assert_eq!(unsafe { cmk_value_text(&value, buffer.ptr(), buffer.len(), &mut found) }, 0);
        assert_eq!(c_memory::slice(found), text.as_bytes());
        if node.raw.contains('\\') && !text.is_empty() {
            let short = Block::filled(text.len() - 1, 0xa5);
            let status = unsafe { cmk_value_text(&value, short.ptr(), short.len(), &mut found) };
            assert_eq!((status, found.len, found.ptr.is_null()), (Status::BufferTooSmall.code(), 0, true));
            assert!(short.slice().iter().all(|byte| *byte == 0xa5), "nothing is written on failure");
        }
    }
}
