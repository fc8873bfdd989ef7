//! Nested tokens: accepted under the shape that they have, with the claims that were sealed, and under no other; damaged anywhere,
//! under none.

use super::jwe::KEY;
use crate::input::Input;
use countermark::{Algorithm, Policy, Shape, Status};
use countermark_tests::base64url::encode;
use countermark_tests::envelope::{CONTENTS, Envelope, Management};
use countermark_tests::judge::{Attempt, KeySource, Setup, judge};
use countermark_tests::token::{SECRET, TokenBuilder};

const SHAPES: [Shape; 3] = [Shape::Signed, Shape::SignedThenEncrypted, Shape::EncryptedThenSigned];
const HEADERS: [&str; 3] = [r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","cty":"JWT"}"#, r#"{"alg":"HS256","cty":"x"}"#];

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let (made, asked) = (input.pick(&SHAPES), input.pick(&SHAPES));
    let (enc, ..) = input.pick(&CONTENTS);
    let (inner, outer) = (input.pick(&HEADERS), input.pick(&HEADERS));
    let (at, flip) = (usize::from(input.word()), input.byte() & 0x3f);
    let payload = format!(r#"{{"exp":2000000000,"n":{}}}"#, input.word());

    let seal = |content: &[u8], header: &str| {
        let envelope = Envelope::new(&Management::Wrap(KEY[..32].to_vec()), enc, &KEY, content);
        let cty: serde_json::Value = serde_json::from_str(header).expect("one of ours");
        match cty.get("cty") {
            Some(cty) => envelope.header("cty", cty.clone()).build(),
            None => envelope.build(),
        }
    };
    let sign = |content: &[u8], header: &str| {
        let input = format!("{}.{}", encode(header.as_bytes()), encode(content));
        let mut mac = [0; 32];
        countermark::tools::hmac_sha256(SECRET, &[input.as_bytes()], &mut mac);
        format!("{input}.{}", encode(&mac))
    };
    let (mut token, is_good) = match made {
        Shape::Signed => (sign(payload.as_bytes(), outer), outer != HEADERS[1]),
        Shape::SignedThenEncrypted => {
            let signed = TokenBuilder::new("HS256").header(inner).payload(&payload).build();
            (seal(signed.as_bytes(), outer), inner != HEADERS[1] && outer == HEADERS[1])
        }
        Shape::EncryptedThenSigned => {
            (sign(seal(payload.as_bytes(), inner).as_bytes(), outer), inner != HEADERS[1] && outer == HEADERS[1])
        }
    };
    let is_damaged = flip != 0;
    if is_damaged {
        // Another character in its place: no part has two spellings.
        let place = at % token.len();
        let other = (token.as_bytes()[place] ^ flip) & 0x7f;
        token.replace_range(place..=place, std::str::from_utf8(&[other]).expect("ASCII"));
    }
    let setup = Setup::with([
        KeySource::Secret(Algorithm::HS256, None, SECRET.to_vec()),
        KeySource::Jwk(format!(r#"{{"kty":"oct","alg":"A256KW","k":"{}"}}"#, encode(&KEY[..32]))),
    ]);
    let setup = setup.policy(Policy { shape: asked, ..Policy::default() });
    let outcome = judge(&setup, Attempt::new(&token));
    let wanted = (!is_damaged && is_good && made == asked).then_some(payload.as_str());
    assert_eq!((outcome.status == Status::Accepted, outcome.claims.as_deref()), (wanted.is_some(), wanted), "{token}");
}
