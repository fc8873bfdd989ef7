//! DER as strict as X.690 11 and the RFCs of each key: a good key written anew is what OpenSSL wrote; then one flaw at a time.

use super::loaded;
use countermark::{Algorithm, Status};
use countermark_tests::judge::KeySource;
use countermark_tests::keys;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const NULL: &[u8] = &[0x05, 0];

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const P384: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

fn length(len: usize) -> Vec<u8> {
    let bytes = len.to_be_bytes();
    let bytes = &bytes[bytes.iter().position(|byte| *byte != 0).unwrap_or(7)..];
    if len < 0x80 { vec![len as u8] } else { [&[0x80 | bytes.len() as u8], bytes].concat() }
}

/// An element of these parts.
fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    [&[tag], &length(content.len())[..], &content].concat()
}

fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(SEQUENCE, parts)
}

fn oid(arcs: &[u8]) -> Vec<u8> {
    tlv(OID, &[arcs])
}

/// The length of the header and of the whole of the element at the start of `der`.
fn measure(der: &[u8]) -> (usize, usize) {
    match der[1] {
        short @ 0..=0x7f => (2, 2 + usize::from(short)),
        long => {
            let bytes = usize::from(long & 0x7f);
            let len = der[2..2 + bytes].iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
            (2 + bytes, 2 + bytes + len)
        }
    }
}

fn content(der: &[u8]) -> &[u8] {
    &der[measure(der).0..]
}

/// The elements inside of an element.
fn children(der: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut found) = (content(der), Vec::new());
    while !rest.is_empty() {
        let (element, behind) = rest.split_at(measure(rest).1);
        found.push(element);
        rest = behind;
    }
    found
}

fn spki(identifier: &[&[u8]], key: &[u8]) -> Vec<u8> {
    sequence(&[&sequence(identifier), &tlv(BIT_STRING, &[&[0], key])])
}

fn of_spki(algorithm: Algorithm, der: &[u8]) -> Status {
    loaded(KeySource::Spki(algorithm, None, der.to_vec()))
}

fn of_pkcs1(der: &[u8]) -> Status {
    loaded(KeySource::Pkcs1(Algorithm::RS256, None, der.to_vec()))
}

fn of_certificate(algorithm: Algorithm, der: &[u8]) -> Status {
    loaded(KeySource::Certificate(algorithm, None, der.to_vec()))
}

/// The key inside of a good SubjectPublicKeyInfo.
fn key_of(name: &str) -> Vec<u8> {
    let der = keys::der(keys::named(name).spki);
    content(children(&der)[1])[1..].to_vec()
}

#[test]
fn an_rsa_identifier_has_a_null() {
    let key = key_of("rsa2048");
    let of = |identifier: &[&[u8]]| of_spki(Algorithm::RS256, &spki(identifier, &key));
    assert_eq!(spki(&[&oid(RSA), NULL], &key), keys::der(keys::named("rsa2048").spki), "as OpenSSL writes it");
    assert_eq!(of(&[&oid(RSA), NULL]), Status::Accepted);
    for (flaw, identifier, status) in [
        ("no parameters", vec![oid(RSA)], Status::KeyDer),
        ("an OID for parameters", vec![oid(RSA), oid(RSA)], Status::KeyDer),
        ("an empty SEQUENCE for parameters", vec![oid(RSA), sequence(&[])], Status::KeyDer),
        ("a NULL with a byte in it", vec![oid(RSA), vec![5, 1, 0]], Status::KeyDer),
        ("a NULL with a long length", vec![oid(RSA), vec![5, 0x81, 0]], Status::KeyDer),
        ("two NULLs", vec![oid(RSA), NULL.to_vec(), NULL.to_vec()], Status::KeyDer),
        ("no OID", vec![NULL.to_vec()], Status::KeyDer),
        ("an empty OID", vec![oid(&[]), NULL.to_vec()], Status::KeyDer),
        ("an OID that breaks off", vec![oid(&[0x2a, 0x86]), NULL.to_vec()], Status::KeyDer),
        (
            "sha256WithRSAEncryption",
            vec![oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11]), NULL.to_vec()],
            Status::KeyTypeUnsupported,
        ),
        (
            "id-RSASSA-PSS",
            vec![oid(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10]), NULL.to_vec()],
            Status::KeyTypeUnsupported,
        ),
        ("an elliptic curve's OID", vec![oid(EC), oid(P256)], Status::KeyAlgorithmMismatch),
        ("Ed25519's OID", vec![oid(ED25519)], Status::KeyAlgorithmMismatch),
    ] {
        let parts: Vec<&[u8]> = identifier.iter().map(Vec::as_slice).collect();
        assert_eq!(of(&parts), status, "{flaw}");
    }
    for algorithm in [Algorithm::ES256, Algorithm::HS256, Algorithm::EdDSA] {
        assert_eq!(of_spki(algorithm, &spki(&[&oid(RSA), NULL], &key)), Status::KeyAlgorithmMismatch);
    }
}

#[test]
fn a_curve_is_named_and_nothing_else() {
    let key = key_of("p256");
    let of = |identifier: &[&[u8]]| of_spki(Algorithm::ES256, &spki(identifier, &key));
    assert_eq!(spki(&[&oid(EC), &oid(P256)], &key), keys::der(keys::named("p256").spki), "as OpenSSL writes it");
    assert_eq!(of(&[&oid(EC), &oid(P256)]), Status::Accepted);
    for (flaw, identifier, status) in [
        ("no parameters", vec![oid(EC)], Status::KeyDer),
        ("implicitCurve", vec![oid(EC), NULL.to_vec()], Status::KeyDer),
        ("specifiedCurve", vec![oid(EC), sequence(&[&tlv(INTEGER, &[&[1]])])], Status::KeyDer),
        ("something behind the curve", vec![oid(EC), oid(P256), NULL.to_vec()], Status::KeyDer),
        ("P-224", vec![oid(EC), oid(&[0x2b, 0x81, 4, 0, 0x21])], Status::KeyTypeUnsupported),
        ("id-ecDH", vec![oid(&[0x2b, 0x81, 4, 1, 12]), oid(P256)], Status::KeyTypeUnsupported),
        ("P-384, swapped", vec![oid(EC), oid(P384)], Status::KeyAlgorithmMismatch),
        ("RSA's OID", vec![oid(RSA), NULL.to_vec()], Status::KeyDer),
        ("Ed25519's OID", vec![oid(ED25519)], Status::KeyAlgorithmMismatch),
    ] {
        let parts: Vec<&[u8]> = identifier.iter().map(Vec::as_slice).collect();
        assert_eq!(of(&parts), status, "{flaw}");
    }
    // The arc 840 with a zero digit before it: 0x80 0x86 0x48 (X.690 8.19.2).
    let padded = [&[0x2a, 0x80], &EC[1..]].concat();
    assert!(matches!(of(&[&oid(&padded), &oid(P256)]), Status::KeyDer | Status::KeyTypeUnsupported));
    let swapped = spki(&[&oid(EC), &oid(P384)], &key);
    assert_eq!(of_spki(Algorithm::ES384, &swapped), Status::KeyLength, "a point of P-256 under the name of P-384");
    let good = keys::der(keys::named("p256").spki);
    for algorithm in [Algorithm::ES384, Algorithm::ES256K, Algorithm::RS256, Algorithm::HS256] {
        assert_eq!(of_spki(algorithm, &good), Status::KeyAlgorithmMismatch);
    }
    let of_point = |point: &[u8]| of_spki(Algorithm::ES256, &spki(&[&oid(EC), &oid(P256)], point));
    let hybrid = [&[6 | key[64] & 1], &key[1..]].concat();
    for (flaw, point, status) in [
        ("the point at infinity", vec![0], Status::KeyPoint),
        ("no point", vec![], Status::KeyPoint),
        ("a hybrid point", hybrid, Status::KeyPoint),
        ("a byte behind the point", [&key[..], &[0]].concat(), Status::KeyLength),
        ("the format alone", vec![4], Status::KeyLength),
        ("a coordinate too few", key[..33].to_vec(), Status::KeyLength),
        ("an OCTET STRING around it", tlv(4, &[&key]), Status::KeyLength),
        ("off the curve", [&key[..64], &[key[64] ^ 1]].concat(), Status::KeyPoint),
    ] {
        assert_eq!(of_point(&point), status, "{flaw}");
    }
}

#[test]
fn an_edwards_identifier_stands_alone() {
    let key = key_of("ed25519");
    let of = |identifier: &[&[u8]], key: &[u8]| of_spki(Algorithm::EdDSA, &spki(identifier, key));
    assert_eq!(spki(&[&oid(ED25519)], &key), keys::der(keys::named("ed25519").spki), "as OpenSSL writes it");
    assert_eq!(of(&[&oid(ED25519)], &key), Status::Accepted);
    assert_eq!(of(&[&oid(ED25519), NULL], &key), Status::KeyDer, "RFC 8410 3");
    assert_eq!(of(&[&oid(ED25519), &oid(ED25519)], &key), Status::KeyDer);
    for (name, last) in [("X25519", 0x6e), ("X448", 0x6f), ("Ed448", 0x71)] {
        assert_eq!(of(&[&oid(&[0x2b, 0x65, last])], &key), Status::KeyTypeUnsupported, "{name}");
    }
    assert_eq!(of(&[&oid(ED25519)], &key[1..]), Status::KeyLength);
    assert_eq!(of(&[&oid(ED25519)], &[&key[..], &[0]].concat()), Status::KeyLength);
    assert_eq!(of(&[&oid(ED25519)], &tlv(4, &[&key])), Status::KeyLength, "an OCTET STRING around it");
    assert_eq!(of_spki(Algorithm::ES256, &spki(&[&oid(ED25519)], &key)), Status::KeyAlgorithmMismatch);
}

#[test]
fn the_numbers_of_an_rsa_key_are_positive_and_as_short_as_can_be() {
    let good = key_of("rsa2048");
    let [modulus, exponent] = children(&good)[..] else { panic!("two numbers") };
    let (bare, three) = (&content(modulus)[1..], &tlv(INTEGER, &[&[3]]));
    assert_eq!(sequence(&[modulus, exponent]), good);
    assert_eq!(good, keys::der(keys::named("rsa2048").pkcs1), "as OpenSSL writes it");
    let number = |parts: &[&[u8]]| tlv(INTEGER, parts);
    let even = [&content(modulus)[..256], &[0]].concat();
    for (flaw, der, status) in [
        ("nothing wrong", sequence(&[modulus, three]), Status::Accepted),
        ("a negative modulus", sequence(&[&number(&[bare]), exponent]), Status::KeyDer),
        ("a zero too many before the modulus", sequence(&[&number(&[&[0, 0], bare]), exponent]), Status::KeyDer),
        ("a modulus without digits", sequence(&[&number(&[]), exponent]), Status::KeyDer),
        ("a modulus of zero", sequence(&[&number(&[&[0]]), exponent]), Status::KeyModulusTooSmall),
        ("a modulus of 2040 bits", sequence(&[&number(&[&[0], &bare[..255]]), exponent]), Status::KeyModulusTooSmall),
        ("an even modulus", sequence(&[&number(&[&even]), exponent]), Status::KeyModulusEven),
        ("a negative exponent", sequence(&[modulus, &number(&[&[0xff]])]), Status::KeyDer),
        ("a zero too many before the exponent", sequence(&[modulus, &number(&[&[0, 3]])]), Status::KeyDer),
        ("an exponent without digits", sequence(&[modulus, &number(&[])]), Status::KeyDer),
        ("an exponent of zero", sequence(&[modulus, &number(&[&[0]])]), Status::KeyExponent),
        ("an exponent of one", sequence(&[modulus, &number(&[&[1]])]), Status::KeyExponent),
        ("an even exponent", sequence(&[modulus, &number(&[&[4]])]), Status::KeyExponent),
        ("an exponent of nine bytes", sequence(&[modulus, &number(&[&[1; 9]])]), Status::KeyExponent),
        ("no exponent", sequence(&[modulus]), Status::KeyDer),
        ("no number", sequence(&[]), Status::KeyDer),
        ("a third number", sequence(&[modulus, exponent, three]), Status::KeyDer),
        ("a version before them, as in a private key", sequence(&[&number(&[&[0]]), modulus, exponent]), Status::KeyDer),
        ("swapped", sequence(&[exponent, modulus]), Status::KeyModulusTooSmall),
        ("an ENUMERATED for a number", sequence(&[&tlv(0x0a, &[content(modulus)]), exponent]), Status::KeyDer),
        ("a SET around them", tlv(0x31, &[modulus, exponent]), Status::KeyDer),
        ("a byte behind the whole", [&good[..], &[0]].concat(), Status::KeyDer),
        ("nothing", Vec::new(), Status::KeyDer),
    ] {
        assert_eq!(of_pkcs1(&der), status, "{flaw}");
        assert_eq!(of_spki(Algorithm::RS256, &spki(&[&oid(RSA), NULL], &der)), status, "{flaw}, in a SubjectPublicKeyInfo");
    }
    for len in 0..good.len() {
        assert_eq!(of_pkcs1(&good[..len]), Status::KeyDer, "cut at {len}");
    }
}

#[test]
fn the_frame_of_a_key_holds_it_and_nothing_else() {
    let good = keys::der(keys::named("p256").spki);
    let [identifier, bits] = children(&good)[..] else { panic!("an identifier and a key") };
    let key = &content(bits)[1..];
    let framed = |bits: Vec<u8>| sequence(&[identifier, &bits]);
    for (flaw, der) in [
        ("an element behind the key", sequence(&[identifier, bits, NULL])),
        ("an element before the identifier", sequence(&[NULL, identifier, bits])),
        ("a byte behind the whole", [&good[..], &[0]].concat()),
        ("the end of an indefinite length behind the whole", [&good[..], &[0, 0]].concat()),
        ("one unused bit", framed(tlv(BIT_STRING, &[&[1], key]))),
        ("seven unused bits", framed(tlv(BIT_STRING, &[&[7], key]))),
        ("eight unused bits", framed(tlv(BIT_STRING, &[&[8], key]))),
        ("a BIT STRING without its first byte", framed(tlv(BIT_STRING, &[]))),
        ("an OCTET STRING for the key", framed(tlv(4, &[key]))),
        ("a constructed BIT STRING", framed(tlv(0x23, &[bits]))),
        ("no key", sequence(&[identifier])),
        ("no identifier", sequence(&[bits])),
        ("a SET around the whole", tlv(0x31, &[identifier, bits])),
        ("an application's tag around the whole", tlv(0x70, &[identifier, bits])),
        ("a SEQUENCE around the whole", sequence(&[&good])),
    ] {
        assert_eq!(of_spki(Algorithm::ES256, &der), Status::KeyDer, "{flaw}");
    }
    // Zero bits of a key that are said to be unused are a second spelling too.
    let even = [&key[..64], &[0]].concat();
    assert_eq!(of_spki(Algorithm::ES256, &framed(tlv(BIT_STRING, &[&[1], &even]))), Status::KeyDer);
}

/// How an element is written that DER writes in one way only (X.690 8.1.3, 10.1).
fn spellings(der: &[u8]) -> Vec<Vec<u8>> {
    let (header, whole) = measure(der);
    let (tag, content) = (der[0], &der[header..whole]);
    let len = content.len();
    let mut spellings = vec![
        [&[tag, 0x83, 0], &(len as u16).to_be_bytes()[..], content].concat(),
        [&[tag, 0x88], &(len as u64).to_be_bytes()[..], content].concat(),
        [&[tag, 0xff], &der[1..]].concat(),
    ];
    if len < 0x80 {
        spellings.push([&[tag, 0x81, len as u8], content].concat());
    }
    if len < 0x100 {
        spellings.push([&[tag, 0x82, 0, len as u8], content].concat());
    }
    if tag & 0x20 != 0 {
        spellings.push([&[tag, 0x80], content, &[0, 0]].concat());
    }
    // The tag's number in the form for high numbers.
    spellings.push([&[tag | 0x1f, tag & 0x1f], &der[1..]].concat());
    spellings
}

/// `der` once for each wrong spelling of each of its elements, down to `depth`.
fn misspelt(der: &[u8], depth: usize) -> Vec<Vec<u8>> {
    let mut all = spellings(der);
    if depth > 0 && der[0] & 0x20 != 0 {
        let parts = children(der);
        for (at, part) in parts.iter().enumerate() {
            for wrong in misspelt(part, depth - 1) {
                let rebuilt: Vec<&[u8]> =
                    parts.iter().enumerate().map(|(place, part)| if place == at { &wrong[..] } else { *part }).collect();
                all.push(tlv(der[0], &rebuilt));
            }
        }
    }
    all
}

#[test]
fn every_length_and_tag_has_one_spelling() {
    let mut count = 0;
    for (name, algorithm) in [
        ("rsa2048", Algorithm::RS256),
        ("p256", Algorithm::ES256),
        ("p384", Algorithm::ES384),
        ("p521", Algorithm::ES512),
        ("k256", Algorithm::ES256K),
        ("ed25519", Algorithm::EdDSA),
    ] {
        let key = keys::named(name);
        for der in misspelt(&keys::der(key.spki), 8) {
            assert_eq!(of_spki(algorithm, &der), Status::KeyDer, "{name}: {der:02x?}");
            count += 1;
        }
        // Down to the elements of the certificate's body; what is inside of names and dates is nobody's business here.
        let certificate = keys::der(key.certificate);
        let parts = children(&certificate);
        let bodies = misspelt(parts[0], 1).into_iter().map(|body| sequence(&[&body, parts[1], parts[2]]));
        for der in misspelt(&certificate, 1).into_iter().chain(bodies) {
            assert_eq!(of_certificate(algorithm, &der), Status::KeyCertificate, "{name}: {der:02x?}");
            count += 1;
        }
    }
    for der in misspelt(&keys::der(keys::named("rsa2048").pkcs1), 8) {
        assert_eq!(of_pkcs1(&der), Status::KeyDer, "{der:02x?}");
        count += 1;
    }
    println!("{count} spellings that BER has and DER has not");
}

#[test]
fn a_certificate_has_its_parts_and_no_other() {
    let good = keys::der(keys::named("p256").certificate);
    let [body, algorithm, signature] = children(&good)[..] else { panic!("three parts") };
    let parts = children(body);
    let [version, serial, by, issuer, validity, subject, key, extensions] = parts[..] else {
        panic!("{} parts", parts.len())
    };
    let whole = |body: &[u8]| sequence(&[body, algorithm, signature]);
    let of = |parts: &[&[u8]]| of_certificate(Algorithm::ES256, &whole(&sequence(parts)));
    assert_eq!(whole(&sequence(&parts)), good);
    let start: &[&[u8]] = &[version, serial, by, issuer, validity, subject, key];
    let then = |behind: &[&[u8]]| of(&[start, behind].concat());
    let (first, second) = (&tlv(0x81, &[&[0, 1]])[..], &tlv(0x82, &[&[0, 2]])[..]);
    for behind in [&[][..], &[extensions], &[first], &[second], &[first, second], &[first, second, extensions]] {
        assert_eq!(then(behind), Status::Accepted, "RFC 5280 4.1");
    }
    assert_eq!(of(&start[1..]), Status::Accepted, "version 1");
    for (flaw, behind) in [
        ("extensions twice", &[extensions, extensions][..]),
        ("something behind the extensions", &[extensions, NULL]),
        ("a key behind the key", &[key]),
        ("a key behind the extensions", &[extensions, key]),
        ("an id behind the extensions", &[extensions, first]),
        ("the ids swapped", &[second, first]),
        ("a part that X.509 does not have", &[&tlv(0xa4, &[NULL])]),
        ("constructed ids", &[&tlv(0xa1, &[first])]),
        ("primitive extensions", &[&tlv(0x83, &[content(extensions)])]),
        ("the version again", &[version]),
    ] {
        assert_eq!(then(behind), Status::KeyCertificate, "{flaw}");
    }
    for (flaw, parts) in [
        ("no serial number", vec![version, by, issuer, validity, subject, key]),
        ("no subject", vec![version, serial, by, issuer, validity, key]),
        ("no key", vec![version, serial, by, issuer, validity, subject]),
        ("a name for a serial number", vec![version, issuer, by, issuer, validity, subject, key]),
        ("two versions", vec![version, version, serial, by, issuer, validity, subject, key]),
    ] {
        assert_eq!(of(&parts), Status::KeyCertificate, "{flaw}");
    }
    for (flaw, der) in [
        ("no signature", sequence(&[body, algorithm])),
        ("no algorithm", sequence(&[body, signature])),
        ("an element behind the signature", sequence(&[body, algorithm, signature, NULL])),
        ("the body alone", body.to_vec()),
        ("an OCTET STRING for a signature", sequence(&[body, algorithm, &tlv(4, &[content(signature)])])),
        ("a signature of eight unused bits", sequence(&[body, algorithm, &tlv(BIT_STRING, &[&[8, 0]])])),
        ("a byte behind the whole", [&good[..], &[0]].concat()),
        ("two certificates", [&good[..], &good].concat()),
    ] {
        assert_eq!(of_certificate(Algorithm::ES256, &der), Status::KeyCertificate, "{flaw}");
    }
    // What is wrong with the key itself is said as of a key.
    let with_key = |key: &[u8]| of(&[&start[..6], &[key, extensions]].concat());
    assert_eq!(with_key(&spki(&[&oid(EC), NULL], &key_of("p256"))), Status::KeyDer);
    assert_eq!(with_key(&keys::der(keys::named("p384").spki)), Status::KeyAlgorithmMismatch);
    assert_eq!(with_key(&spki(&[&oid(EC), &oid(P256)], &[4])), Status::KeyLength);
}
