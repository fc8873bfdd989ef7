//! `attacks.md`, shape and parsing of the token and its header: each test is named after its line.

use countermark::{Algorithm, Policy, Status};
use countermark_tests::base64url;
use countermark_tests::judge::{KeySource, Setup, key_of, status_of};
use countermark_tests::token::{Flaw, Segment, SigningKey, Spelling, TokenBuilder};

const ALGORITHMS: [&str; 4] = ["HS256", "HS384", "HS512", "ES256"];

fn hs256() -> Setup<'static> {
    Setup::with([key_of("HS256")])
}

#[test]
fn attack_08_signature_empty_or_missing() {
    for alg in ALGORITHMS {
        let setup = Setup::with([key_of(alg)]);
        let token = TokenBuilder::new(alg).flaw(Flaw::Empty(Segment::Signature)).build();
        assert_eq!(status_of(&setup, &token), Status::TokenSegmentEmpty);
        assert_eq!(status_of(&setup, token.trim_end_matches('.')), Status::TokenNotCompact);
    }
}

#[test]
fn attack_08_signature_short_long_prefix_or_with_a_tail() {
    for alg in ALGORITHMS {
        let setup = Setup::with([key_of(alg)]);
        let token = |flaw| TokenBuilder::new(alg).flaw(flaw).build();
        let bytes = SigningKey::of(alg).sign(b"").len();
        for missing in 1..bytes {
            assert_eq!(status_of(&setup, &token(Flaw::SignatureCut(missing))), Status::Signature, "{alg} -{missing}");
        }
        for tail in [1, 2, 3, 16, 32, 64, 1000] {
            assert_eq!(status_of(&setup, &token(Flaw::SignatureTail(vec![0; tail]))), Status::Signature, "{alg} +{tail}");
        }
        // A verifier that compares as many bytes as came accepts one of these.
        for guess in 0..=255 {
            assert_eq!(status_of(&setup, &token(Flaw::SignatureIs(vec![guess]))), Status::Signature, "{alg} {guess}");
        }
        for is in [vec![0; bytes], vec![0xff; bytes], vec![0; 31], vec![0; 65]] {
            assert_eq!(status_of(&setup, &token(Flaw::SignatureIs(is))), Status::Signature);
        }
        for bit in 0..bytes * 8 {
            if alg != "ES256" || bit % 37 == 0 {
                assert_eq!(status_of(&setup, &token(Flaw::SignatureBit(bit))), Status::Signature, "{alg} bit {bit}");
            }
        }
    }
}

#[test]
fn attack_09_extra_or_missing_dots() {
    let setup = hs256();
    let token = TokenBuilder::new("HS256").build();
    let parts: Vec<&str> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let cases = [
        (header.to_string(), Status::TokenNotCompact),
        (format!("{header}.{payload}"), Status::TokenNotCompact),
        (format!("{header}{payload}.{signature}"), Status::TokenNotCompact),
        (format!("{token}."), Status::TokenNotCompact),
        (format!(".{token}"), Status::TokenNotCompact),
        (format!("{header}..{payload}.{signature}"), Status::TokenNotCompact),
        (format!("{token}.{signature}"), Status::TokenNotCompact),
        (format!("{token}.."), Status::TokenNotCompact),
        (format!("{token}.{token}"), Status::TokenNotCompact),
        (String::new(), Status::TokenEmpty),
        (".".to_string(), Status::TokenNotCompact),
        ("..".to_string(), Status::TokenSegmentEmpty),
        ("...".to_string(), Status::TokenNotCompact),
        (format!(".{payload}.{signature}"), Status::TokenSegmentEmpty),
        (format!("{header}.{payload}."), Status::TokenSegmentEmpty),
        (format!("..{signature}"), Status::TokenSegmentEmpty),
        (format!("{header}.."), Status::TokenSegmentEmpty),
    ];
    for (text, expected) in cases {
        assert_eq!(status_of(&setup, &text), expected, "{text}");
    }
    // A good signature over an empty payload is a signature; an empty payload is no claims set.
    let empty = TokenBuilder::new("HS256").flaw(Flaw::Empty(Segment::Payload)).build();
    assert_eq!(status_of(&setup, &empty), Status::PayloadJson);
}

#[test]
fn attack_09_megabytes_of_dots() {
    for bytes in [8_192, 8_193, 3 << 20] {
        let dots = vec![b'.'; bytes];
        let expected = if bytes > 8_192 { Status::TokenTooLarge } else { Status::TokenNotCompact };
        assert_eq!(status_of(&hs256(), &dots), expected);
        let mut large = hs256();
        large.policy.limits.token_bytes = 65_535;
        let expected = if bytes > 65_535 { Status::TokenTooLarge } else { Status::TokenNotCompact };
        assert_eq!(status_of(&large, &dots), expected);
    }
}

#[test]
fn attack_09_whitespace_newlines_and_trailing_bytes_anywhere() {
    let setup = hs256();
    let token = TokenBuilder::new("HS256").build();
    for inserted in [" ", "\n", "\r\n", "\t", "\0", "\u{b}", "\u{a0}", "\u{feff}", "=", "%20", ",", ";", "~"] {
        for at in 0..=token.len() {
            let (start, end) = token.split_at(at);
            let status = status_of(&setup, &format!("{start}{inserted}{end}"));
            let dots = token[..at].matches('.').count();
            let expected = if dots == 0 { Status::HeaderEncoding } else { Status::Signature };
            assert_eq!(status, expected, "{inserted:?} at {at}");
        }
    }
    for tail in ["A", "AA", "AAAA", "\0", "-", "x.y", "é"] {
        assert_ne!(status_of(&setup, &format!("{token}{tail}")), Status::Accepted);
        assert_ne!(status_of(&setup, &format!("{tail}{token}")), Status::Accepted);
    }
}

#[test]
fn attack_10_a_second_spelling_of_the_same_token() {
    let spellings = [
        Spelling::Padded,
        Spelling::StandardAlphabet,
        Spelling::SpareBits,
        Spelling::OneMore,
        Spelling::Foreign('*'),
        Spelling::Foreign('+'),
        Spelling::Foreign('/'),
        Spelling::Foreign('='),
        Spelling::Foreign('é'),
        Spelling::Foreign('\0'),
    ];
    for alg in ALGORITHMS {
        let setup = Setup::with([key_of(alg)]);
        for segment in Segment::ALL {
            let expected = match segment {
                Segment::Header => Status::HeaderEncoding,
                Segment::Payload => Status::PayloadEncoding,
                Segment::Signature => Status::Signature,
            };
            for spelling in spellings {
                // A 48-byte MAC has no spare bits; 64 of them would be padding of nothing.
                if spelling == Spelling::SpareBits && segment == Segment::Signature && alg == "HS384" {
                    continue;
                }
                // Two spaces behind the JSON text make its length one that leaves spare bits.
                let builder = TokenBuilder::new(alg).header(spaced(&format!(r#"{{"alg":"{alg}"}}"#)));
                let builder = builder.payload(spaced(countermark_tests::token::PAYLOAD));
                assert_eq!(status_of(&setup, &builder.build()), Status::Accepted);
                let token = builder.flaw(Flaw::Spelt(segment, spelling)).build();
                assert_eq!(status_of(&setup, &token), expected, "{alg} {segment:?} {spelling:?}");
            }
        }
    }
}

/// With white space behind it up to a length of 1 modulo 3.
fn spaced(json: &str) -> String {
    let mut json = json.to_string();
    while json.len() % 3 != 1 {
        json.push(' ');
    }
    json
}

#[test]
fn attack_11_duplicate_members_of_the_header() {
    let setup = hs256();
    let cases = [
        (r#"{"alg":"HS256","alg":"HS256"}"#, Status::HeaderDuplicate),
        (r#"{"alg":"none","alg":"HS256"}"#, Status::HeaderDuplicate),
        (r#"{"alg":"HS256","\u0061lg":"none"}"#, Status::HeaderDuplicate),
        (r#"{"\u0061lg":"none","\u0061\u006c\u0067":"HS256"}"#, Status::HeaderDuplicate),
        (r#"{"alg":"HS256","x":{"a":1,"a":2}}"#, Status::HeaderDuplicate),
        (r#"{"alg":"HS256","x":[[{"a":1,"\u0061":2}]]}"#, Status::HeaderDuplicate),
        (r#"{"alg":"HS256","x":{"a":1},"y":{"a":2}}"#, Status::Accepted),
        (r#"{"alg":"HS256","ALG":"none","Alg":"none"}"#, Status::Accepted),
        (r#"{"\u0061lg":"HS256"}"#, Status::Accepted),
    ];
    for (header, expected) in cases {
        assert_eq!(status_of(&setup, &TokenBuilder::new("HS256").header(header).build()), expected, "{header}");
    }
}

#[test]
fn attack_12_the_headers_json_is_strict() {
    let setup = hs256();
    let deep = |levels: usize| format!(r#"{{"alg":"HS256","x":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
    let wide = |members: usize| {
        let more: String = (1..members).map(|member| format!(r#","m{member}":0"#)).collect();
        format!(r#"{{"alg":"HS256"{more}}}"#)
    };
    let cases: [(Vec<u8>, Status); 19] = [
        (deep(7).into(), Status::Accepted),
        (deep(8).into(), Status::HeaderLimit),
        (deep(2000).into(), Status::HeaderLimit),
        (wide(64).into(), Status::Accepted),
        (wide(65).into(), Status::HeaderLimit),
        (wide(400).into(), Status::HeaderLimit),
        (b"\xef\xbb\xbf{\"alg\":\"HS256\"}".to_vec(), Status::HeaderJson),
        (b"{\"alg\":\"HS256\",\"x\":\"\xff\"}".to_vec(), Status::HeaderJson),
        (b"{\"alg\":\"HS256\",\"x\":\"\xed\xa0\x80\"}".to_vec(), Status::HeaderJson),
        (b"{\"alg\":\"HS256\",\"x\":\"\xc0\xaf\"}".to_vec(), Status::HeaderJson),
        (br#"{"alg":"HS256","x":"\ud800"}"#.to_vec(), Status::HeaderJson),
        (br#"{"alg":"HS256","x":"\udc00\ud800"}"#.to_vec(), Status::HeaderJson),
        (b"{\"alg\":\"HS256\",\"x\":\"\0\"}".to_vec(), Status::HeaderJson),
        (b"{\"alg\":\"HS256\",\"x\0\":1}".to_vec(), Status::HeaderJson),
        (br#"{"alg":"HS256"}x"#.to_vec(), Status::HeaderJson),
        (br#"["alg","HS256"]"#.to_vec(), Status::HeaderJson),
        (br#""HS256""#.to_vec(), Status::HeaderJson),
        (b" \t\r\n{ \"alg\" : \"HS256\" }\n".to_vec(), Status::Accepted),
        (b"{\"alg\":\"HS256\"}\0".to_vec(), Status::HeaderJson),
    ];
    for (header, expected) in cases {
        let token = TokenBuilder::new("HS256").header(&header).build();
        assert_eq!(status_of(&setup, &token), expected, "{}", String::from_utf8_lossy(&header));
    }
}

#[test]
fn attack_15_crit_ignored_empty_duplicated_or_naming_a_registered_header() {
    let setup = hs256();
    let cases = [
        (r#""crit":["exp"],"exp":1"#, Status::CritUnknown),
        (r#""crit":["x"],"\u0078":1"#, Status::CritUnknown),
        (r#""crit":[]"#, Status::CritEmpty),
        (r#""crit":["x","x"],"x":1"#, Status::CritDuplicate),
        (r#""crit":["x","\u0078"],"x":1"#, Status::CritDuplicate),
        (r#""crit":["x","y","x"],"x":1,"y":2"#, Status::CritDuplicate),
        (r#""crit":["alg"]"#, Status::CritRegistered),
        (r#""crit":["kid"],"kid":"k""#, Status::CritRegistered),
        (r#""crit":["crit"]"#, Status::CritRegistered),
        (r#""crit":["x","typ"],"x":1"#, Status::CritRegistered),
        (r#""crit":["p2c"]"#, Status::CritRegistered),
        (r#""crit":["absent"]"#, Status::CritAbsent),
        (r#""crit":["x","absent"],"x":1"#, Status::CritAbsent),
        (r#""crit":[""]"#, Status::CritAbsent),
        (r#""crit":"x","x":1"#, Status::CritMalformed),
        (r#""crit":null"#, Status::CritMalformed),
        (r#""crit":{}"#, Status::CritMalformed),
        (r#""crit":[1]"#, Status::CritMalformed),
        (r#""crit":["x",null],"x":1"#, Status::CritMalformed),
        (r#""\u0063rit":["x"],"x":1"#, Status::CritUnknown),
        (r#""Crit":["x"]"#, Status::Accepted),
    ];
    for (members, expected) in cases {
        assert_eq!(status_of(&setup, &TokenBuilder::new("HS256").header_with(members).build()), expected, "{members}");
    }
}

/// RFC 7797 3: with `b64` false the payload's own bytes are signed and sent.
fn unencoded(header: &str, payload: &str) -> String {
    let input = format!("{}.{payload}", base64url::encode(header.as_bytes()));
    let signature = SigningKey::of("HS256").sign(input.as_bytes());
    format!("{input}.{}", base64url::encode(&signature))
}

#[test]
fn attack_15_b64_false_with_and_without_crit() {
    let setup = hs256();
    for b64 in ["false", "null", "0", "\"true\"", "\"false\"", "[true]"] {
        for crit in [r#","crit":["b64"]"#, ""] {
            for name in ["b64", r"b\u00364"] {
                let members = format!(r#""{name}":{b64}{crit}"#);
                let encoded = TokenBuilder::new("HS256").header_with(&members).build();
                assert_eq!(status_of(&setup, &encoded), Status::UnencodedPayload, "{members}");
                // Correctly signed over the raw payload, as RFC 7797 has it.
                let raw = unencoded(&format!(r#"{{"alg":"HS256",{members}}}"#), r#"{"exp":2000000000}"#);
                assert_eq!(status_of(&setup, &raw), Status::UnencodedPayload, "{members}");
            }
        }
    }
    let harmless = TokenBuilder::new("HS256").header_with(r#""b64":true"#).build();
    assert_eq!(status_of(&setup, &harmless), Status::Accepted);
    let critical = TokenBuilder::new("HS256").header_with(r#""b64":true,"crit":["b64"]"#).build();
    assert_eq!(status_of(&setup, &critical), Status::CritUnknown);
}

#[test]
fn attack_16_signature_size_is_checked_before_the_copy() {
    for alg in ALGORITHMS {
        let mut setup = Setup::with([key_of(alg)]);
        setup.policy.limits.token_bytes = 65_535;
        for bytes in [65, 66, 96, 97, 128, 132, 256, 512, 1024, 4096, 40_000] {
            let token = TokenBuilder::new(alg).flaw(Flaw::SignatureIs(vec![0xaa; bytes])).build();
            assert_eq!(status_of(&setup, &token), Status::Signature, "{alg} {bytes}");
        }
    }
}

#[test]
fn attack_18_json_serialization_where_compact_is_meant() {
    let setup = hs256();
    let token = TokenBuilder::new("HS256").build();
    let parts: Vec<&str> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let flattened = format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#);
    let general =
        format!(r#"{{"payload":"{payload}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#);
    // Texts that parse as both: a JSON document with exactly two dots.
    let both = format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}","x":"{token}"}}"#);
    let wrapped = format!(r#""{token}""#);
    let split = format!(r#"{{"protected":"{token}"}}"#);
    for (text, expected) in [
        (flattened, Status::TokenNotCompact),
        (general, Status::TokenNotCompact),
        (both, Status::HeaderEncoding),
        (wrapped, Status::HeaderEncoding),
        (split, Status::HeaderEncoding),
    ] {
        assert_eq!(status_of(&setup, &text), expected, "{text}");
    }
    // An unprotected header adds nothing either.
    let tail = format!(r#"{token}{{"header":{{"alg":"none"}}}}"#);
    assert_eq!(status_of(&setup, &tail), Status::Signature);
    let algorithms = [Algorithm::HS256];
    let setup = Setup::with([KeySource::Secret(Algorithm::HS256, None, vec![1; 32])]);
    let setup = setup.policy(Policy { algorithms: &algorithms, ..Policy::default() });
    assert_eq!(status_of(&setup, &token), Status::Signature);
}

/// Work before the signature must not grow faster than the token: `crit` is compared with itself and with the header.
#[test]
fn attack_15_crit_with_more_names_than_a_header_may_have() {
    let names = |count: usize| (0..count).map(|at| format!("\"x{at}\"")).collect::<Vec<_>>().join(",");
    let setup = Setup::with([key_of("HS256")]);
    for (count, expected) in [(64, Status::CritAbsent), (65, Status::HeaderLimit), (700, Status::HeaderLimit)] {
        let header = format!(r#"{{"alg":"HS256","crit":[{}]}}"#, names(count));
        let token = TokenBuilder::new("HS256").header(&header).build();
        assert_eq!(status_of(&setup, &token), expected, "{count}");
    }
}
