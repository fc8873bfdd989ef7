//! attacks.md 19 to 21: each token has one named flaw. And what a good nested token is, through Rust and C.

use countermark::{Algorithm, KeyManagement, Limits, Policy, Shape, Status};
use countermark_tests::base64url::{decode, encode};
use countermark_tests::envelope::{self, CONTENTS, Envelope, Management, compact};
use countermark_tests::judge::{Attempt, KeySource, Setup, judge, status_of};
use countermark_tests::token::{NOW, SECRET, TokenBuilder};
use serde_json::{Value, json};

const WRAPPING: [u8; 32] = [0x5a; 32];
const ENC: &str = "A128CBC-HS256";

fn setup(shape: Shape) -> Setup<'static> {
    with(shape, &[json!({"kty": "oct", "kid": "enc", "alg": "A256KW", "k": encode(&WRAPPING)})])
}

fn with(shape: Shape, keys: &[Value]) -> Setup<'static> {
    let secret = KeySource::Secret(Algorithm::HS256, None, SECRET.to_vec());
    let keys: Vec<_> = keys.iter().map(|key| KeySource::Jwk(key.to_string())).chain([secret]).collect();
    Setup::with(keys).policy(Policy { shape, ..Policy::default() })
}

fn sealed(content: &str) -> Envelope {
    Envelope::new(&Management::Wrap(WRAPPING.to_vec()), ENC, &[0x42; 64], content.as_bytes())
}

/// A JWE around a JWS.
fn outer(token: &str) -> Envelope {
    sealed(token).header("cty", "JWT")
}

fn signed() -> String {
    TokenBuilder::new("HS256").build()
}

/// A JWS around a JWE: signed by the oracle over the text of the envelope.
fn around(envelope: &str, header: &str) -> String {
    let input = format!("{}.{}", encode(header.as_bytes()), encode(envelope.as_bytes()));
    let mut signature = [0; 32];
    countermark::tools::hmac_sha256(SECRET, &[input.as_bytes()], &mut signature);
    format!("{input}.{}", encode(&signature))
}

const CLAIMS: &str = r#"{"sub":"alice","exp":2000000000}"#;
const NESTS: &str = r#"{"alg":"HS256","cty":"JWT"}"#;

#[test]
fn good_ones_of_both_orders() {
    let outcome = judge(&setup(Shape::SignedThenEncrypted), Attempt::new(&outer(&signed()).build()));
    assert_eq!(outcome.status, Status::Accepted);
    for cty in ["JWT", "jwt", "application/JWT", "Application/jwt"] {
        assert_eq!(
            status_of(&setup(Shape::SignedThenEncrypted), &outer(&signed()).header("cty", cty).build()),
            Status::Accepted
        );
        let header = format!(r#"{{"alg":"HS256","cty":"{cty}"}}"#);
        let outcome = judge(&setup(Shape::EncryptedThenSigned), Attempt::new(&around(&sealed(CLAIMS).build(), &header)));
        assert_eq!((outcome.status, outcome.claims.as_deref()), (Status::Accepted, Some(CLAIMS)), "{cty}");
    }
    // Claims repeated in the JWE's header are ignored (RFC 7519 5.3), whatever they say.
    let replicated = outer(&signed()).header("iss", "mallory").header("exp", 1).header("aud", json!([1]));
    assert_eq!(status_of(&setup(Shape::SignedThenEncrypted), &replicated.build()), Status::Accepted);
    // After the layers, the policy as ever.
    let token = TokenBuilder::new("HS256").payload(r#"{"exp":1700000000}"#).build();
    assert_eq!(status_of(&setup(Shape::SignedThenEncrypted), &outer(&token).build()), Status::Expired);
    assert_eq!(NOW, 1_700_000_000);
}

#[test]
fn attack_19_every_shape_is_declared() {
    let (jws, jwe) = (signed(), outer(&signed()).build());
    let around_jwe = around(&sealed(CLAIMS).build(), NESTS);
    for (shape, token, status) in [
        // A JWE where a JWS is required, and the reverse.
        (Shape::Signed, &jwe, Status::TokenNotCompact),
        (Shape::EncryptedThenSigned, &jwe, Status::TokenNotCompact),
        (Shape::SignedThenEncrypted, &jws, Status::TokenNotCompact),
        (Shape::SignedThenEncrypted, &around_jwe, Status::TokenNotCompact),
        (Shape::Signed, &around_jwe, Status::NestedUndeclared),
        (Shape::EncryptedThenSigned, &jws, Status::NestedMissing),
    ] {
        assert_eq!(status_of(&setup(shape), token), status, "{shape:?} {status:?}");
    }
}

#[test]
fn attack_19_a_jwe_around_an_unsigned_token() {
    let around = |content: &str| status_of(&setup(Shape::SignedThenEncrypted), &outer(content).build());
    assert_eq!(around(CLAIMS), Status::TokenNotCompact);
    let none = encode(br#"{"alg":"none"}"#);
    let claims = encode(CLAIMS.as_bytes());
    assert_eq!(around(&format!("{none}.{claims}.")), Status::TokenSegmentEmpty);
    assert_eq!(around(&format!("{none}.{claims}.AA")), Status::AlgorithmUnknown);
    assert_eq!(around(""), Status::TokenEmpty);
    // Another envelope inside is no signature either.
    assert_eq!(around(&outer(&signed()).build()), Status::TokenNotCompact);
    // Nor does the outer layer lend its truth to a bad inner one.
    let mut bad = signed();
    bad.replace_range(bad.len() - 2..bad.len() - 1, if bad.ends_with("A") { "B" } else { "A" });
    assert!(matches!(around(&bad), Status::Signature));
    assert_eq!(around(&TokenBuilder::new("HS256").header_with(r#""enc":"A128GCM""#).build()), Status::EncryptionInSignature);
    assert_eq!(around(&TokenBuilder::new("HS256").header_with(r#""cty":"JWT""#).build()), Status::NestedUndeclared);
}

#[test]
fn attack_19_the_outer_cty_must_say_so() {
    let shape = Shape::SignedThenEncrypted;
    assert_eq!(status_of(&setup(shape), &sealed(&signed()).build()), Status::NestedMissing);
    assert_eq!(status_of(&setup(shape), &sealed(&signed()).header("cty", "json").build()), Status::NestedMissing);
    let inner = around(&sealed(CLAIMS).header("cty", "JWT").build(), NESTS);
    assert_eq!(status_of(&setup(Shape::EncryptedThenSigned), &inner), Status::NestedUndeclared);
    let without = around(&sealed(CLAIMS).build(), r#"{"alg":"HS256"}"#);
    assert_eq!(status_of(&setup(Shape::EncryptedThenSigned), &without), Status::NestedMissing);
    // What is inside must be claims.
    let text = around(&sealed("claims").build(), NESTS);
    assert_eq!(status_of(&setup(Shape::EncryptedThenSigned), &text), Status::PayloadJson);
    let plain = around("a.b.c.d.e", NESTS);
    assert_eq!(status_of(&setup(Shape::EncryptedThenSigned), &plain), Status::HeaderEncoding);
}

/// Decryption keys sign nothing, and signature keys open nothing.
#[test]
fn attack_19_keys_keep_to_their_trade() {
    let secret = json!({"kty": "oct", "alg": "HS256", "k": encode(SECRET)});
    let only = |key: Value| Setup::with([KeySource::Jwk(key.to_string())]);
    let wrapping = json!({"kty": "oct", "alg": "A256KW", "k": encode(&WRAPPING)});
    assert_eq!(status_of(&only(wrapping.clone()), &signed()), Status::NoKey);
    let nested = Policy { shape: Shape::SignedThenEncrypted, ..Policy::default() };
    assert_eq!(status_of(&only(secret).policy(nested), &outer(&signed()).build()), Status::NoKey);
    let mut used = wrapping;
    used["use"] = "sig".into();
    assert_eq!(status_of(&only(used.clone()), &signed()), Status::KeyUse);
    used["use"] = "enc".into();
    used["key_ops"] = json!(["wrapKey"]);
    assert_eq!(status_of(&only(used.clone()), &signed()), Status::KeyUse);
    used["key_ops"] = json!(["wrapKey", "unwrapKey"]);
    assert_eq!(status_of(&only(used), &signed()), Status::NoKey);
}

#[test]
fn choice_is_by_kid_and_kind() {
    let key = |kid: Option<&str>, alg: &str, byte: u8, bytes: usize| {
        let mut key = json!({"kty": "oct", "alg": alg, "k": encode(&vec![byte; bytes])});
        if let Some(kid) = kid {
            key["kid"] = kid.into();
        }
        key
    };
    let shape = Shape::SignedThenEncrypted;
    let token = outer(&signed());
    let ours = key(Some("a"), "A256KW", 0x5a, 32);
    let cases: [(&[Value], Option<&str>, Status); 8] = [
        (std::slice::from_ref(&ours), None, Status::Accepted),
        (std::slice::from_ref(&ours), Some("a"), Status::Accepted),
        (std::slice::from_ref(&ours), Some("b"), Status::UnknownKid),
        (&[key(None, "A256KW", 0x5a, 32)], Some("b"), Status::Accepted),
        (&[ours.clone(), key(Some("b"), "A128KW", 1, 16)], Some("b"), Status::AlgorithmMismatch),
        (&[key(Some("a"), "A256GCMKW", 0x5a, 32)], Some("a"), Status::AlgorithmMismatch),
        (&[key(Some("a"), "A128CBC-HS256", 0x5a, 32)], None, Status::AlgorithmMismatch),
        (&[key(Some("b"), "A256KW", 1, 32), ours.clone()], Some("b"), Status::Decryption),
    ];
    for (keys, kid, status) in cases {
        let made = match kid {
            Some(kid) => token.clone().header("kid", kid),
            None => token.clone(),
        };
        assert_eq!(status_of(&with(shape, keys), &made.build()), status, "{kid:?} {status:?}");
    }
    let many: Vec<_> = (0..8).map(|at| key(Some(&format!("{at}")), "A256KW", at, 32)).chain([ours.clone()]).collect();
    assert_eq!(status_of(&with(shape, &many), &token.build()), Status::TooManyCandidates);
    assert_eq!(status_of(&with(shape, &many[1..]), &token.build()), Status::Accepted);
    // A dir key is of one content.
    let dir = Envelope::new(&Management::Dir, "A128CBC-HS256", &[1; 64], signed().as_bytes()).header("cty", "JWT").build();
    assert_eq!(status_of(&with(shape, &[key(None, "A128CBC-HS256", 1, 32)]), &dir), Status::Accepted);
    assert_eq!(status_of(&with(shape, &[key(None, "A256GCM", 1, 32)]), &dir), Status::AlgorithmMismatch);
    let twice = [ours.clone(), ours];
    assert_eq!(status_of(&with(shape, &twice), &token.build()), Status::KeyIdDuplicate);
}

#[test]
fn attack_20_lengths_of_the_parts() {
    let setup = |enc: &str| {
        with(Shape::SignedThenEncrypted, &[json!({"kty": "oct", "alg": enc, "k": encode(&[1; 64][..KEY(enc)])})])
    };
    #[allow(non_snake_case)]
    fn KEY(enc: &str) -> usize {
        CONTENTS.into_iter().find(|(name, ..)| *name == enc).unwrap().1
    }
    for (enc, ..) in CONTENTS {
        let good = Envelope::new(&Management::Dir, enc, &[1; 64], signed().as_bytes()).header("cty", "JWT").parts();
        assert_eq!(status_of(&setup(enc), &compact(&good)), Status::Accepted);
        for (place, status) in [(1, Status::EncryptedKeyLength), (2, Status::IvLength), (4, Status::TagLength)] {
            let mut longer = good.clone();
            longer[place].push(0);
            assert_eq!(status_of(&setup(enc), &compact(&longer)), status, "{enc}");
            for left in 0..good[place].len() {
                let mut shorter = good.clone();
                shorter[place].truncate(left);
                assert_eq!(status_of(&setup(enc), &compact(&shorter)), status, "{enc} {left}");
            }
        }
        let mut truncated = good.clone();
        truncated[3].pop();
        let status = if enc.ends_with("GCM") { Status::Decryption } else { Status::CiphertextLength };
        assert_eq!(status_of(&setup(enc), &compact(&truncated)), status);
        let mut empty = good.clone();
        empty[3].clear();
        assert_eq!(status_of(&setup(enc), &compact(&empty)), status);
        // One spelling of each part.
        let text = compact(&good);
        let parts: Vec<_> = text.split('.').collect();
        for (place, status) in [(2, Status::IvLength), (3, Status::CiphertextLength), (4, Status::TagLength)] {
            let mut spelt: Vec<String> = parts.iter().map(|part| part.to_string()).collect();
            spelt[place].push('=');
            assert_eq!(status_of(&setup(enc), &spelt.join(".")), status);
        }
    }
}

/// An empty or short content key never counts: it would have to be wrapped, and the encrypted key has one length.
#[test]
fn attack_20_empty_and_short_content_keys() {
    for bytes in [8, 16, 24, 40] {
        let mut made = outer(&signed());
        made.encrypted_key = envelope::wrap(&WRAPPING, &vec![7; bytes.max(16)]);
        made.encrypted_key.truncate(bytes + 8);
        let status = status_of(&setup(Shape::SignedThenEncrypted), &made.build());
        assert_eq!(status, if bytes == 32 { Status::Decryption } else { Status::EncryptedKeyLength });
    }
    let mut none = outer(&signed());
    none.encrypted_key.clear();
    assert_eq!(status_of(&setup(Shape::SignedThenEncrypted), &none.build()), Status::EncryptedKeyLength);
}

/// Wrong key, wrong wrapping, wrong tag, and a padding that is wrong under a good tag: one status.
#[test]
fn attack_20_no_oracle() {
    let shape = Shape::SignedThenEncrypted;
    let mut statuses = Vec::new();
    let good = outer(&signed());
    for place in [1, 2, 3, 4] {
        let mut parts = good.parts();
        parts[place][0] ^= 0x80;
        statuses.push(status_of(&setup(shape), &compact(&parts)));
    }
    // The padding's last byte, with a tag made anew: only who has the key can do that.
    for last in [0u8, 17, 255, 2] {
        let mut plain = vec![b'x'; 31];
        plain.push(last);
        let mut parts = good.parts();
        let unpadded = envelope::cbc(&good.key[16..32], &good.iv, &plain)[..32].to_vec();
        parts[4] = envelope::cbc_tag(&good.key[..32], &good.iv, encode(&parts[0]).as_bytes(), &unpadded);
        parts[3] = unpadded;
        statuses.push(status_of(&setup(shape), &compact(&parts)));
    }
    assert_eq!(statuses, vec![Status::Decryption; 8]);
}

#[test]
fn attack_21_refused_by_name() {
    let of_header = |header: Value| {
        let text = format!("{}.AAAA.AAAA.AAAA.AAAA", encode(header.to_string().as_bytes()));
        status_of(&setup(Shape::SignedThenEncrypted), &text)
    };
    let header = |alg: &str| json!({"alg": alg, "enc": "A128GCM", "cty": "JWT"});
    for alg in ["RSA1_5", "PBES2-HS256+A128KW", "PBES2-HS384+A192KW", "PBES2-HS512+A256KW"] {
        let mut header = header(alg);
        header["p2c"] = 2_147_483_647u32.into();
        assert_eq!(of_header(header), Status::ManagementRefused, "{alg}");
    }
    for alg in ["RSA-OAEP", "RSA-OAEP-256", "none", "HS256", "A128kw", "DIR", ""] {
        assert_eq!(of_header(header(alg)), Status::AlgorithmUnknown, "{alg}");
    }
    let zip = outer(&signed()).header("zip", "DEF").build();
    assert_eq!(status_of(&setup(Shape::SignedThenEncrypted), &zip), Status::Compressed);
    for (crit, status) in [
        (json!([]), Status::CritEmpty),
        (json!(["zip"]), Status::CritRegistered),
        (json!(["x"]), Status::CritAbsent),
        (json!("x"), Status::CritMalformed),
    ] {
        assert_eq!(status_of(&setup(Shape::SignedThenEncrypted), &outer(&signed()).header("crit", crit).build()), status);
    }
    for enc in ["A128CBC", "A256GCMKW", "a128gcm", ""] {
        let mut header = header("A256KW");
        header["enc"] = enc.into();
        assert_eq!(of_header(header), Status::EncryptionUnknown, "{enc}");
    }
    let header = json!({"alg": "A256KW", "cty": "JWT"});
    assert_eq!(of_header(header), Status::EncryptionMissing);
}

#[test]
fn attack_21_points_of_the_sender() {
    let private = [0x33; 32];
    let x25519 = x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(private)).to_bytes();
    let okp = json!({"kty": "OKP", "crv": "X25519", "alg": "ECDH-ES", "d": encode(&private), "x": encode(&x25519)});
    let secret = p256::SecretKey::from_slice(&private).unwrap();
    use p256::elliptic_curve::sec1::ToSec1Point;
    let point = secret.public_key().to_sec1_point(false).as_bytes().to_vec();
    let ec = json!({"kty": "EC", "crv": "P-256", "alg": "ECDH-ES", "d": encode(&private), "x": encode(&point[1..33]),
        "y": encode(&point[33..])});
    let setup = with(Shape::SignedThenEncrypted, &[okp.clone(), ec.clone()]);
    let of = |public: &[u8]| {
        Envelope::new(&Management::Agree(public.to_vec(), 0), "A256GCM", &[0; 64], signed().as_bytes()).header("cty", "JWT")
    };
    assert_eq!(status_of(&setup, &of(&point).build()), Status::Accepted);
    assert_eq!(status_of(&setup, &of(&x25519).build()), Status::Accepted);

    let with_epk = |epk: Value| status_of(&setup, &of(&point).header("epk", epk).build());
    let good = of(&point).header["epk"].clone();
    // Off the curve.
    let mut off = good.clone();
    let mut y = decode(good["y"].as_str().unwrap().as_bytes()).unwrap();
    y[31] ^= 1;
    off["y"] = encode(&y).into();
    assert_eq!(with_epk(off), Status::EphemeralPoint);
    let zero = json!({"kty": "EC", "crv": "P-256", "x": encode(&[0; 32]), "y": encode(&[0; 32])});
    assert_eq!(with_epk(zero), Status::EphemeralPoint);
    // Of the wrong curve: no key agrees on it, or none of ours does.
    assert_eq!(with_epk(json!({"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"})), Status::EphemeralKey);
    assert_eq!(with_epk(json!({"kty": "OKP", "crv": "Ed25519", "x": encode(&[9; 32])})), Status::EphemeralKey);
    assert_eq!(with_epk(json!({"kty": "EC", "crv": "P-256", "x": good["x"]})), Status::EphemeralKey);
    assert_eq!(with_epk(json!({"kty": "OKP", "crv": "X25519", "x": encode(&[9; 31])})), Status::EphemeralKey);
    assert_eq!(with_epk(json!("epk")), Status::EphemeralKey);
    let only_ec = with(Shape::SignedThenEncrypted, std::slice::from_ref(&ec));
    assert_eq!(status_of(&only_ec, &of(&x25519).build()), Status::AlgorithmMismatch);

    // Every u of small order (RFC 7748 6.1), in every spelling: the shared secret would be all zeros. The key that follows from
    // zeros is known to everybody, so an envelope under it would open.
    let hex =
        |text: &str| (0..64).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect::<Vec<_>>();
    let zeros = envelope::derive(&[0; 32], "A256GCM", b"", b"", 32);
    for u in [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    ] {
        let mut made = of(&x25519).header("epk", json!({"kty": "OKP", "crv": "X25519", "x": encode(&hex(u))}));
        made.key = zeros.clone();
        assert_eq!(status_of(&setup, &made.build()), Status::Decryption, "{u}");
    }
    let parties = |name: &str, value: Value| status_of(&setup, &of(&point).header(name, value).build());
    assert_eq!(parties("apu", encode(&[1; 257]).into()), Status::PartyInfo);
    assert_eq!(parties("apv", "A".into()), Status::PartyInfo);
    assert_eq!(parties("apu", 1.into()), Status::HeaderType);
    assert_eq!(parties("apu", "QWxpY2U".into()), Status::Decryption, "a name that the key was not derived with");
}

#[test]
fn limits_hold_for_both_layers() {
    let long = outer(&signed()).build();
    let policy = Policy {
        shape: Shape::SignedThenEncrypted,
        limits: Limits { token_bytes: long.len() - 1, ..Limits::DEFAULT },
        ..Policy::default()
    };
    assert_eq!(status_of(&setup(Shape::SignedThenEncrypted).policy(policy), &long), Status::TokenTooLarge);
    let attempt = Attempt { scratch_missing: 1, ..Attempt::new(&long) };
    assert_eq!(judge(&setup(Shape::SignedThenEncrypted), attempt).status, Status::ScratchTooSmall);
    assert_eq!(KeyManagement::A256Kw.key_bytes(), WRAPPING.len());
}
