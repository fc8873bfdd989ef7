//! An arbitrary recipe on an arbitrary client: the digest in Rust and C against the oracle, then a token bound to it.

use crate::c_memory::{Block, slice};
use crate::input::Input;
use crate::oracle::{agreed, fingerprint};
use crate::targets::policy::quoted;
use countermark::{Encoding, Evidence, Framing, Input as Part, Status};
use countermark_tests::judge::{Attempt, Fingerprint, FingerprintHash, Setup, key_of};
use countermark_tests::token::TokenBuilder;

const NAMES: [&str; 6] = ["user-agent", "User-Agent", "accept-language", "cookie", "x", "sid"];
const ADDRESSES: [&str; 8] =
    ["", "192.168.1.250", "::ffff:10.1.2.3", "2001:DB8::1", "2001:db8:0:0:1:0:0:1", "::", "1.2.3.04", "fe80::1%eth0"];

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let names: Vec<(u8, String)> = (0..1 + input.below(8)).map(|_| (input.byte(), input.text_of(&NAMES))).collect();
    let parts: Vec<Part<'_>> = names.iter().map(|(kind, name)| part(*kind, name)).collect();
    let pepper = [&b"sixteen bytes at least"[..], input.bytes()].concat();
    let flags = input.byte();
    let recipe = Fingerprint {
        claim: "fp",
        inputs: &parts,
        framing: if flags & 1 == 0 { Framing::Lengths } else { Framing::Colons },
        hash: match flags >> 1 & 3 {
            0 | 1 => FingerprintHash::Peppered(&pepper),
            2 => FingerprintHash::Sha256,
            _ => FingerprintHash::Md5,
        },
        encoding: if flags & 8 == 0 { Encoding::Base64url } else { Encoding::Hex },
    };
    let places: Vec<String> = vec![input.text_of(&ADDRESSES), input.text(), input.text(), input.text(), input.text()];
    let fields: Vec<(String, Vec<u8>)> =
        (0..input.below(8)).map(|_| (input.text_of(&NAMES), input.bytes().to_vec())).collect();
    let evidence = Evidence {
        address: &places[0],
        asn: &places[1],
        country: &places[2],
        organisation: &places[3],
        isp: &places[4],
        headers: &Fields(&fields),
        ..Evidence::NONE
    };
    let expected = fingerprint::digest(&recipe, &evidence);
    assert_eq!(recipe.digest(&evidence), expected);
    in_c(&recipe, &evidence, &expected, input.below(80));

    if expected == Err(Status::Argument) {
        let setup = Setup::with([key_of("HS256")]).fingerprint(recipe);
        let outcome = countermark_tests::judge::judge_all(&setup, &[Attempt::new("")]);
        assert_eq!(outcome, Err(Status::Argument), "a recipe that is not whole makes no verifier");
        return;
    }
    // The token holds that digest, or another text.
    let digest = expected.unwrap_or_default();
    let claim = match input.below(6) {
        0 => quoted(&input.text()),
        1 => format!("\"{}\"", &digest[..digest.len() / 2]),
        2 => quoted(&digest.to_uppercase()),
        3 => String::from_utf8_lossy(input.bytes()).into_owned(),
        _ => quoted(&digest),
    };
    let token = TokenBuilder::new("HS256").payload_with(&format!("\"fp\":{claim}")).build();
    let setup = Setup::with([key_of("HS256")]).fingerprint(recipe);
    let outcome = agreed(&setup, Attempt::new(&token).from(evidence));
    assert!(outcome.status != Status::Accepted || !digest.is_empty(), "bound to nobody, and accepted");
}

struct Fields<'f>(&'f [(String, Vec<u8>)]);

impl countermark::Headers for Fields<'_> {
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])> {
        self.0.get(position).map(|(name, value)| (name.as_bytes(), value.as_slice()))
    }
}

fn part(kind: u8, name: &str) -> Part<'_> {
    match kind % 10 {
        0 => Part::Address,
        1 => Part::Network,
        2 => Part::Asn,
        3 => Part::Country,
        4 => Part::Isp,
        5 => Part::Organisation,
        6 | 7 => Part::Header(name),
        _ => Part::Cookie(name),
    }
}

/// The digest through C, into a buffer of any size, from copies that ASan watches byte by byte.
fn in_c(recipe: &Fingerprint<'_>, evidence: &Evidence<'_>, expected: &Result<String, Status>, room: usize) {
    use countermark_ffi::*;
    let inputs: Vec<(i32, Block)> = recipe.inputs.iter().map(|input| numbered(input)).collect();
    let inputs: Vec<cmk_input> = inputs.iter().map(|(kind, name)| cmk_input { kind: *kind, name: name.bytes() }).collect();
    let claim = Block::of(recipe.claim.as_bytes());
    let (hash, pepper) = match recipe.hash {
        FingerprintHash::Peppered(pepper) => (0, Block::of(pepper)),
        FingerprintHash::Sha256 => (1, Block::of(&[])),
        FingerprintHash::Md5 => (2, Block::of(&[])),
    };
    let c_recipe = cmk_recipe {
        size: size_of::<cmk_recipe>(),
        preset: 0,
        framing: i32::from(recipe.framing == Framing::Colons),
        hash,
        encoding: i32::from(recipe.encoding == Encoding::Hex),
        claim: claim.bytes(),
        pepper: pepper.bytes(),
        inputs: inputs.as_ptr(),
        input_count: inputs.len(),
    };
    let all = (0..).map_while(|position| evidence.headers.field(position));
    let fields: Vec<(Block, Block)> = all.map(|(name, value)| (Block::of(name), Block::of(value))).collect();
    let headers: Vec<cmk_header> =
        fields.iter().map(|(name, value)| cmk_header { name: name.bytes(), value: value.bytes() }).collect();
    let places = [evidence.address, evidence.asn, evidence.country, evidence.organisation, evidence.isp];
    let places = places.map(|place| Block::of(place.as_bytes()));
    let c_evidence = cmk_evidence {
        size: size_of::<cmk_evidence>(),
        headers: headers.as_ptr(),
        header_count: headers.len(),
        address: places[0].bytes(),
        asn: places[1].bytes(),
        country: places[2].bytes(),
        organisation: places[3].bytes(),
        isp: places[4].bytes(),
        components: std::ptr::null(),
        component_count: 0,
        // SAFETY: all zero bytes are a structure.
        ..unsafe { std::mem::zeroed() }
    };
    let buffer = Block::filled(room, 0xa5);
    let mut digest = cmk_bytes { ptr: std::ptr::dangling(), len: 7 };
    let status = unsafe { cmk_digest(&c_recipe, &c_evidence, buffer.ptr(), buffer.len(), &mut digest) };
    match expected {
        Ok(text) if text.len() <= room => assert_eq!((status, slice(digest)), (0, text.as_bytes())),
        other => {
            let expected = other.as_ref().err().copied().unwrap_or(Status::BufferTooSmall);
            assert_eq!((status, digest.len, digest.ptr.is_null()), (expected.code(), 0, true));
        }
    }
}

fn numbered(input: &Part<'_>) -> (i32, Block) {
    let (kind, name) = match input {
        Part::Address => (1, ""),
        Part::Network => (2, ""),
        Part::Asn => (3, ""),
        Part::Country => (4, ""),
        Part::Isp => (5, ""),
        Part::Organisation => (6, ""),
        Part::Header(name) => (7, *name),
        Part::Cookie(name) => (8, *name),
    };
    (kind, Block::of(name.as_bytes()))
}
