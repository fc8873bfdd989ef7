//! Arbitrary claims to issue: the token says exactly them, verifies by other code, and is the same in C; a failure writes
//! nothing.

use crate::c_memory::{Block, slice};
use crate::input::Input;
use crate::oracle::{agreed, claims};
use countermark::{Algorithm, Mint, Policy, Signer, Status};
use countermark_tests::json;
use countermark_tests::judge::{Attempt, Setup};
use countermark_tests::token::{NOW, SCALAR, SECRET, SigningKey, TokenBuilder};

const TEXTS: [&str; 5] = ["alice", "", "\"\\\u{1f}\u{7f}", "caf\u{e9}\u{1f600}", "https://login.example"];
const CLAIMS: [&str; 6] = ["", "{}", "{\"a\":1}", " {\"roles\":[\"a\",{}]}\n", "{\"exp\":1}", "{"];
const ALGS: [&str; 6] = ["HS256", "HS256", "HS384", "HS512", "HS512", "ES256"];

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let alg = input.pick(&ALGS);
    let kid = input.optional_text().filter(|kid| kid.len() <= 128);
    let (typ, issuer, subject) = (optional(&mut input), optional(&mut input), optional(&mut input));
    let token_id = optional(&mut input);
    let audience: Vec<String> = (0..input.below(4)).map(|_| input.text_of(&TEXTS)).collect();
    let audience: Vec<&str> = audience.iter().map(String::as_str).collect();
    let dates = [date(&mut input), date(&mut input), date(&mut input)];
    let allow_missing_exp = input.flag();
    let (scratch_room, out_room) = (usize::from(input.word()), usize::from(input.word()));
    let further = input.text_of(&CLAIMS);
    let mint = Mint {
        typ: typ.as_deref(),
        issuer: issuer.as_deref(),
        subject: subject.as_deref(),
        audience: &audience,
        expires_at: dates[0],
        not_before: dates[1],
        issued_at: dates[2],
        token_id: token_id.as_deref(),
        allow_missing_exp,
        claims: &further,
        // `cnf`, the digest and the sketch: `tests/issue.rs` and the tests of each have them.
        ..Mint::default()
    };
    let algorithm = Algorithm::from_name(alg).expect("of this build");
    let signer = match algorithm {
        Algorithm::ES256 => Signer::of_scalar(algorithm, kid.as_deref(), &SCALAR),
        _ => Signer::of_secret(algorithm, kid.as_deref(), SECRET),
    };
    let signer = signer.expect("a good key");

    let header = header(alg, &mint, kid.as_deref());
    let expected = payload(&mint).map(|payload| {
        let text = TokenBuilder::signed_by(SigningKey::of(alg)).header(&header).payload(&payload).build();
        (text, header.len() + payload.len())
    });
    let (mut scratch, mut out) = (vec![0; 16_384], vec![0xa5; 32_768]);
    let found = signer.issue(&mint, &mut scratch, &mut out).map(String::from);
    assert_eq!(found, expected.as_ref().map(|(token, _)| token.clone()).map_err(|status| *status));
    let Ok((token, json_bytes)) = expected else {
        assert!(out.iter().all(|byte| *byte == 0xa5), "nothing is written on failure");
        in_c(&mint, alg, kid.as_deref(), (&mut scratch, &mut out), &found);
        return;
    };
    verified(alg, kid.as_deref(), &token);
    in_c(&mint, alg, kid.as_deref(), (&mut scratch, &mut out), &found);

    // Twice the JSON is enough scratch, the token's length is enough room; with less it says so and writes nothing.
    assert_eq!(signer.issue(&mint, &mut vec![0; json_bytes * 2], &mut vec![0; token.len()]), Ok(token.as_str()));
    let (scratch_room, out_room) = (scratch_room % (json_bytes * 2), out_room % token.len());
    let mut short = vec![0xa5; out_room];
    assert_eq!(signer.issue(&mint, &mut scratch, &mut short), Err(Status::BufferTooSmall));
    assert!(short.iter().all(|byte| *byte == 0xa5), "nothing is written on failure");
    let mut exact = vec![0xa5; token.len()];
    match signer.issue(&mint, &mut vec![0; scratch_room], &mut exact).map(String::from) {
        Ok(again) => assert_eq!(again, token),
        Err(status) => {
            assert_eq!(status, Status::ScratchTooSmall);
            assert!(exact.iter().all(|byte| *byte == 0xa5), "nothing is written on failure");
        }
    }
}

fn optional(input: &mut Input<'_>) -> Option<String> {
    input.flag().then(|| input.text_of(&TEXTS))
}

fn date(input: &mut Input<'_>) -> Option<i64> {
    match input.below(6) {
        0 | 1 => None,
        2 => Some(NOW + 600),
        3 => Some(NOW - input.below(256) as i64),
        _ => Some(input.long()),
    }
}

fn header(alg: &str, mint: &Mint<'_>, kid: Option<&str>) -> String {
    let typ = mint.typ.map_or(String::new(), |typ| format!(",\"typ\":{}", escaped(typ)));
    let kid = kid.map_or(String::new(), |kid| format!(",\"kid\":{}", escaped(kid)));
    format!("{{\"alg\":\"{alg}\"{typ}{kid}}}")
}

/// The payload that must come out, or why none may.
fn payload(mint: &Mint<'_>) -> Result<String, Status> {
    let mut members = Vec::new();
    let mut text = |name: &str, value: Option<&str>| {
        members.extend(value.map(|value| format!("\"{name}\":{}", escaped(value))));
    };
    text("iss", mint.issuer);
    text("sub", mint.subject);
    match mint.audience {
        [] => {}
        [one] => text("aud", Some(one)),
        several => {
            let listed: Vec<String> = several.iter().map(|name| escaped(name)).collect();
            members.push(format!("\"aud\":[{}]", listed.join(",")));
        }
    }
    for (name, date) in [("exp", mint.expires_at), ("nbf", mint.not_before), ("iat", mint.issued_at)] {
        members.extend(date.map(|date| format!("\"{name}\":{date}")));
    }
    members.extend(mint.token_id.map(|id| format!("\"jti\":{}", escaped(id))));
    if !mint.claims.is_empty() {
        let trimmed = mint.claims.trim_matches([' ', '\t', '\n', '\r']);
        let inner = trimmed.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).ok_or(Status::ClaimsMalformed)?;
        if !inner.trim_matches([' ', '\t', '\n', '\r']).is_empty() {
            members.push(inner.to_string());
        }
    }
    let payload = format!("{{{}}}", members.join(","));
    let tree = json::read_object(payload.as_bytes(), 8, 64).map_err(|_| Status::ClaimsMalformed)?;
    let dates = claims::types(&tree).map_err(|_| Status::ClaimsMalformed)?;
    if dates.exp.is_none() && !mint.allow_missing_exp {
        return Err(Status::ClaimsMalformed);
    }
    Ok(payload)
}

/// The plainest JSON string.
fn escaped(text: &str) -> String {
    let chars = text.chars().map(|char| match char {
        '"' | '\\' => format!("\\{char}"),
        '\0'..' ' => format!("\\u{:04x}", u32::from(char)),
        plain => plain.to_string(),
    });
    format!("\"{}\"", chars.collect::<String>())
}

/// What was issued is judged as the oracle says, and its claims are those of the payload.
fn verified(alg: &str, kid: Option<&str>, token: &str) {
    let policy = Policy { any_audience: true, allow_missing_exp: true, ..Policy::default() };
    let setup = Setup::with([crate::known::key(alg, kid)]).policy(policy);
    let outcome = agreed(&setup, Attempt::new(token));
    let code = outcome.status.code();
    let too_long = outcome.status == Status::TokenTooLarge;
    // Dates may lie anywhere, and the further claims may hold a cnf; nothing else can be wrong.
    assert!(code == 0 || (606..=612).contains(&code) || outcome.status == Status::Confirmation || too_long, "{outcome:?}");
}

fn in_c(mint: &Mint<'_>, alg: &str, kid: Option<&str>, rooms: (&mut [u8], &mut [u8]), expected: &Result<String, Status>) {
    use countermark_ffi::*;
    let zero = [mint.expires_at, mint.not_before, mint.issued_at].contains(&Some(0));
    if zero {
        return; // 0 means "none" in C.
    }
    let block = |text: Option<&str>| text.map(|text| Block::of(text.as_bytes()));
    let bytes = |block: &Option<Block>| block.as_ref().map_or(cmk_bytes::NONE, Block::bytes);
    let [typ, issuer, subject, token_id, kid] = [mint.typ, mint.issuer, mint.subject, mint.token_id, kid].map(block);
    let claims = Block::of(mint.claims.as_bytes());
    let names: Vec<Block> = mint.audience.iter().map(|name| Block::of(name.as_bytes())).collect();
    let audience: Vec<cmk_bytes> = names.iter().map(Block::bytes).collect();
    let c_mint = cmk_mint {
        size: size_of::<cmk_mint>(),
        typ: bytes(&typ),
        issuer: bytes(&issuer),
        subject: bytes(&subject),
        audiences: audience.as_ptr(),
        audience_count: audience.len(),
        token_id: bytes(&token_id),
        claims: claims.bytes(),
        expires_at: mint.expires_at.unwrap_or(0),
        not_before: mint.not_before.unwrap_or(0),
        issued_at: mint.issued_at.unwrap_or(0),
        digest: std::ptr::null(),
        evidence: std::ptr::null(),
        sketch: std::ptr::null(),
        previous: std::ptr::null(),
        opt_out: [0; 4],
        salt: [0; 8],
        flags: if mint.allow_missing_exp { 2 } else { 0 },
        // SAFETY: all zero bytes are a structure.
        ..unsafe { std::mem::zeroed() }
    };
    let number = Algorithm::from_name(alg).expect("of this build") as i32;
    let key = Block::of(if alg == "ES256" { &SCALAR } else { SECRET });
    let (scratch, out) = rooms;
    out.fill(0xa5);
    // SAFETY: every pointer is valid for its length.
    let (status, token) = unsafe {
        let mut signer: cmk_signer = std::mem::zeroed();
        let made = match alg {
            "ES256" => cmk_signer_of_scalar(&mut signer, number, bytes(&kid), key.bytes()),
            _ => cmk_signer_of_secret(&mut signer, number, bytes(&kid), key.bytes()),
        };
        assert_eq!(made, 0);
        let mut token = cmk_bytes::NONE;
        let (scratch_bytes, out_bytes) = (scratch.len(), out.len());
        let (scratch, out) = (scratch.as_mut_ptr().cast(), out.as_mut_ptr().cast());
        let status = cmk_issue(&signer, &c_mint, scratch, scratch_bytes, out, out_bytes, &mut token);
        assert_eq!(cmk_signer_wipe(&mut signer), 0);
        (status, token)
    };
    match expected {
        Ok(expected) => assert_eq!((status, slice(token)), (0, expected.as_bytes())),
        Err(expected) => {
            assert_eq!((status, token.len, token.ptr.is_null()), (expected.code(), 0, true));
            assert!(out.iter().all(|byte| *byte == 0xa5), "nothing is written on failure");
        }
    }
}
