//! Tokens bound to a client certificate (RFC 8705 3), and the header fields that carry one.

use base64ct::{Base64, Encoding};
use countermark::{Certificate, Evidence, Status};
use countermark_ffi::*;
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, Setup, judge, key_of};
use countermark_tests::keys;
use countermark_tests::possession::Possession;
use countermark_tests::token::TokenBuilder;
use sha2::{Digest, Sha256};

/// RFC 8705 appendix A: the certificate, and its `x5t#S256`.
const RFC_DER: &str = concat!(
    "MIIBBjCBrAIBAjAKBggqhkjOPQQDAjAPMQ0wCwYDVQQDDARtdGxzMB4XDTE4MTAxODEyMzcwOVoXDTIyMDUwMjEyMzcwOVowDzENMAsGA1UE",
    "AwwEbXRsczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNcnyxwqV6hY8QnhxxzFQ03C7HKW9OylMbnQZjjJ/Au08/coZwxS7LfA4vOLS9Wu",
    "neIXhbGGWvsDSb0tH6IxLm8wCgYIKoZIzj0EAwIDSQAwRgIhAP0RC1E+vwJD/D1AGHGzuri+hlV/PpQEKTWUVeORWz83AiEA5x2eXZOVbUlJ",
    "SGQgjwD5vaUaKlLR50Q2DmFfQj1L+SY=",
);
const RFC_THUMBPRINT: &str = "A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0";

fn setup() -> Setup<'static> {
    Setup::with([key_of("HS256")]).possession(Possession { certificate: true, ..Possession::default() })
}

fn bound(thumbprint: &str) -> String {
    TokenBuilder::new("HS256").payload_with(&format!(r#""cnf":{{"x5t#S256":"{thumbprint}"}}"#)).build()
}

fn status(token: &str, certificate: Option<Certificate<'_>>) -> Status {
    judge(&setup(), Attempt::new(token).from(Evidence { certificate, ..Evidence::NONE })).status
}

fn der(name: &str) -> Vec<u8> {
    keys::der(keys::named(name).certificate)
}

fn thumbprint(der: &[u8]) -> String {
    base64url::encode(&Sha256::digest(der))
}

fn hex_of(der: &[u8]) -> String {
    Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn rfc_8705_appendix_a() {
    let der = Base64::decode_vec(RFC_DER).unwrap();
    assert_eq!(thumbprint(&der), RFC_THUMBPRINT);
    assert_eq!(status(&bound(RFC_THUMBPRINT), Some(Certificate::Der(&der))), Status::Accepted);
    let digest = Sha256::digest(&der).into();
    assert_eq!(status(&bound(RFC_THUMBPRINT), Some(Certificate::Digest(digest))), Status::Accepted);
}

#[test]
fn the_certificate_of_another_connection_is_refused() {
    let (own, other) = (der("p256"), der("rsa2048"));
    let token = bound(&thumbprint(&own));
    assert_eq!(status(&token, Some(Certificate::Der(&own))), Status::Accepted);
    assert_eq!(status(&token, Some(Certificate::Der(&other))), Status::CertificateMismatch);
    for bit in [0, 7, 128, 255] {
        let mut digest: [u8; 32] = Sha256::digest(&own).into();
        digest[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(status(&token, Some(Certificate::Digest(digest))), Status::CertificateMismatch, "{bit}");
    }
    assert_eq!(status(&token, None), Status::PossessionMissing, "never a bearer token");
    let unbound = TokenBuilder::new("HS256").build();
    assert_eq!(status(&unbound, Some(Certificate::Der(&own))), Status::PossessionUnbound);
    // A thumbprint is text of 43 characters: one of another length, or in hexadecimal, is none.
    for text in [String::new(), thumbprint(&own) + "A", thumbprint(&own)[1..].into(), hex_of(&own)] {
        assert_eq!(status(&bound(&text), Some(Certificate::Der(&own))), Status::CertificateMismatch, "{text}");
    }
}

#[test]
fn what_is_no_certificate_is_malformed() {
    let own = der("p256");
    let token = bound(&thumbprint(&own));
    let mut longer = own.clone();
    longer.push(0);
    let mut set = own.clone();
    set[0] = 0x31;
    for bad in [&[][..], &[0x30], &[0x30, 0x80, 0, 0], &own[1..], &own[..own.len() - 1], &longer, &set, b"-----BEGIN"] {
        assert_eq!(
            status(&token, Some(Certificate::Der(bad))),
            Status::CertificateMalformed,
            "{:x?}",
            bad.first_chunk::<2>()
        );
    }
    // A length in more bytes than it needs is not DER (X.690 10.1).
    assert_eq!(
        status(&bound(&thumbprint(&[0x30, 0x81, 1, 5])), Some(Certificate::Der(&[0x30, 0x81, 1, 5]))),
        Status::CertificateMalformed
    );
    assert_eq!(status(&bound(&thumbprint(&[0x30, 1, 5])), Some(Certificate::Der(&[0x30, 1, 5]))), Status::Accepted);
}

type Read = fn(&[u8]) -> Result<Certificate<'static>, Status>;
type ReadByC = unsafe extern "C" fn(cmk_bytes, *mut cmk_certificate) -> i32;

/// Reads a field through both interfaces.
fn read((rust, c): (Read, ReadByC), value: &str) -> Result<[u8; 32], Status> {
    let by_rust = rust(value.as_bytes()).and_then(|certificate| certificate.digest());
    let mut certificate = cmk_certificate { digest: [0xa5; 32] };
    let code = unsafe { c(cmk_bytes::of(value.as_bytes()), &mut certificate) };
    match by_rust {
        Ok(digest) => assert_eq!((code, certificate.digest), (0, digest), "{value}"),
        Err(status) => assert_eq!((code, certificate.digest), (status.code(), [0; 32]), "{value}"),
    }
    by_rust
}

const PEM: (Read, ReadByC) = (Certificate::of_pem, cmk_certificate_of_pem);
const ESCAPED: (Read, ReadByC) = (Certificate::of_escaped_pem, cmk_certificate_of_escaped_pem);
const CLIENT_CERT: (Read, ReadByC) = (Certificate::of_client_cert, cmk_certificate_of_client_cert);
const FORWARDED: (Read, ReadByC) = (Certificate::of_forwarded_client_cert, cmk_certificate_of_forwarded);
const BASE64: (Read, ReadByC) = (Certificate::of_base64, cmk_certificate_of_base64);
const HEX: (Read, ReadByC) = (Certificate::of_hex_digest, cmk_certificate_of_hex_digest);
const BASE64URL: (Read, ReadByC) = (Certificate::of_base64url_digest, cmk_certificate_of_base64url_digest);

/// As nginx escapes: everything but the unreserved characters.
fn escaped(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    text.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[test]
fn every_form_of_every_certificate_is_its_digest() {
    for key in &keys::KEYS {
        let der = der(key.name);
        let digest: [u8; 32] = Sha256::digest(&der).into();
        let base64 = Base64::encode_string(&der);
        let (pem, hex) = (key.certificate, hex_of(&der));
        for (form, value) in [
            (PEM, pem.to_string()),
            (PEM, format!("\r\n{}\r\n ", pem.trim().replace('\n', "\r\n"))),
            (PEM, pem.trim().replace('\n', "\n\t")),
            (ESCAPED, escaped(pem)),
            (ESCAPED, format!("  {} ", escaped(pem.trim()).replace("%0A", "%0a").replace("%2B", "%2b"))),
            (CLIENT_CERT, format!(":{base64}:")),
            (CLIENT_CERT, format!(" :{base64}:\t")),
            (FORWARDED, format!("Hash={hex};Cert=\"{}\"", escaped(pem))),
            (FORWARDED, format!("By=spiffe://a/b;Hash={hex};Subject=\"CN=a\\\"b,O=c;d\";URI=\"x;y\"")),
            (FORWARDED, format!("cert=\"{}\";subject=\"\"", escaped(pem))),
            (BASE64, base64.clone()),
            (HEX, hex.clone()),
            (HEX, hex.to_uppercase()),
            (BASE64URL, base64url::encode(&digest)),
        ] {
            assert_eq!(read(form, &value), Ok(digest), "{}: {value}", key.name);
        }
    }
}

#[test]
fn every_form_refuses_what_it_is_not() {
    let key = keys::named("p256");
    let (pem, der) = (key.certificate, der("p256"));
    let (base64, hex) = (Base64::encode_string(&der), hex_of(&der));
    let other = hex_of(b"other");
    let text = base64url::encode(&Sha256::digest(&der));
    let bad: Vec<((Read, ReadByC), Vec<String>)> = vec![
        (
            PEM,
            vec![
                String::new(),
                base64.clone(),
                format!("{pem}{pem}"),
                format!("x{pem}"),
                format!("{pem}x"),
                pem.replace("CERTIFICATE", "PUBLIC KEY"),
                pem.replace("-----END", "----END"),
                pem.replace("END CERTIFICATE", "END CERTIFICATES"),
                pem.replacen('M', "!", 2),
                pem.split("-----END").next().unwrap().to_string(),
                "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n".into(),
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".into(),
            ],
        ),
        (
            ESCAPED,
            vec![
                String::new(),
                escaped(pem).replace("%0A", "%0"),
                escaped(pem).replace("%0A", "%0G"),
                escaped(pem) + &escaped(pem),
                escaped(&escaped(pem)),
                escaped(pem) + "%",
            ],
        ),
        (
            CLIENT_CERT,
            vec![
                String::new(),
                ":".into(),
                "::".into(),
                base64.clone(),
                format!(":{base64}"),
                format!("{base64}:"),
                format!(":{base64}:;a=1"),
                format!(":{base64}:, :{base64}:"),
                format!(":{}:", &base64[..base64.len() - 1]),
                format!(":{}:", base64.replace('+', "-").replace('/', "_")),
                format!(":{}:", Base64::encode_string(b"not DER")),
            ],
        ),
        (
            FORWARDED,
            vec![
                String::new(),
                "Hash".into(),
                "Hash=".into(),
                format!("Hash={}", &hex[1..]),
                format!("Hash={hex};Hash={hex}"),
                format!("Hash={hex},Hash={hex}"),
                format!("Hash={hex},"),
                // A client's element whose end is hidden in a name.
                format!("Hash={hex};x,Hash={other}"),
                format!("Hash={hex};x\",Hash={other};Subject=\"CN=m\""),
                format!("Hash={hex};=a"),
                format!("Hash={other};Cert=\"{}\"", escaped(pem)),
                format!("Cert=\"{}", escaped(pem)),
                format!("Cert=\"{}\"x", escaped(pem)),
                format!("Chain=\"{}\"", escaped(pem)),
                format!("By=a;Subject=\"Hash={hex}\""),
                format!("Subject=\"a\\\";Hash={hex}"),
            ],
        ),
        (BASE64, vec![String::new(), pem.to_string(), format!("{base64}="), format!("{base64}{base64}")]),
        (
            HEX,
            vec![
                String::new(),
                hex[1..].to_string(),
                format!("{hex}00"),
                hex.replace(|c: char| c.is_ascii_digit(), "g"),
                format!("0x{}", &hex[2..]),
            ],
        ),
        (BASE64URL, vec![String::new(), text[1..].to_string(), format!("{text}="), format!("{text}A"), hex.clone()]),
    ];
    for (form, values) in bad {
        for value in values {
            assert_eq!(read(form, &value), Err(Status::CertificateMalformed), "{value}");
        }
    }
}

/// Base64 is checked against the crate's strict decoder on near misses.
#[test]
fn base64_is_canonical() {
    for bytes in [&[0x30, 0][..], &[0x30, 1, 0xff], &[0x30, 2, 1, 2], &[0x30, 3, 0xfb, 0xff, 0xfe]] {
        let good = Base64::encode_string(bytes);
        for at in 0..good.len() {
            for char in ['A', 'B', '/', '+', '-', '=', ' ', 'z'] {
                let mut text = good.clone();
                text.replace_range(at..at + 1, &char.to_string());
                let is_sequence =
                    |der: &Vec<u8>| matches!(der[..], [0x30, length, ref rest @ ..] if rest.len() == usize::from(length));
                let decoded = Base64::decode_vec(&text).ok().filter(is_sequence);
                let expected = decoded.map(|der| Sha256::digest(&der).into()).ok_or(Status::CertificateMalformed);
                assert_eq!(read(BASE64, &text), expected, "{text}");
            }
        }
    }
}
