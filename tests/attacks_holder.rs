//! `attacks.md`, signatures that are numbers, the digest fingerprint, and sizes: each test is named after its line.

use countermark::{
    Algorithm, Encoding, Evidence, Framing, Input, KeySet, Keys, Limits, Mint, Policy, Signer, Status, key_bytes,
    keys_size_for, region_head_bytes, scratch_bytes,
};
use countermark_tests::judge::{Attempt, Fingerprint, FingerprintHash, Outcome, Setup, judge, key_of, status_of};
use countermark_tests::keys;
use countermark_tests::lattice;
use countermark_tests::token::{self, Flaw, SigningKey, TokenBuilder};

/// The order of P-256 (SEC 2 2.4.2).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
    0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

#[test]
fn attack_26_ecdsa_r_or_s_zero_or_not_below_n() {
    let setup = Setup::with([key_of("ES256")]);
    let good = SigningKey::of("ES256").sign(b"anything");
    let mut above = ORDER;
    above[31] += 1;
    let mut one = [0; 32];
    one[31] = 1;
    for bad in [[0; 32], ORDER, above, [0xff; 32]] {
        for (r, s) in [(&bad[..], &good[32..]), (&good[..32], &bad[..]), (&bad, &bad), (&one, &bad), (&bad, &one)] {
            let token = TokenBuilder::new("ES256").flaw(Flaw::SignatureIs([r, s].concat())).build();
            assert_eq!(status_of(&setup, &token), Status::Signature);
        }
    }
    // r of a good signature plus n is the same number modulo n, and no second spelling of it.
    let token = TokenBuilder::new("ES256").flaw(Flaw::SignatureIs([&one[..], &one[..]].concat())).build();
    assert_eq!(status_of(&setup, &token), Status::Signature);
    // DER is another format's (RFC 7518 3.4 wants r and s, 64 bytes).
    let der = [&[0x30, 0x44, 2, 0x20][..], &good[..32], &[2, 0x20], &good[32..]].concat();
    let token = TokenBuilder::new("ES256").flaw(Flaw::SignatureIs(der)).build();
    assert_eq!(status_of(&setup, &token), Status::Signature);
}

#[test]
fn attack_26_ecdsa_high_s_is_a_valid_signature() {
    let setup = Setup::with([key_of("ES256")]);
    let mut seen = [false; 2];
    for subject in 0..8 {
        let builder = TokenBuilder::new("ES256").payload_with(&format!(r#""n":{subject}"#));
        let token = builder.build();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = countermark_tests::base64url::decode(signature.as_bytes()).unwrap();
        let other = token::other_s(&signature);
        assert_ne!(signature, other);
        let is_high = signature[32..] > other[32..];
        seen[usize::from(is_high)] = true;
        for bytes in [&signature, &other] {
            let token = format!("{input}.{}", countermark_tests::base64url::encode(bytes));
            assert_eq!(status_of(&setup, &token), Status::Accepted);
        }
    }
    assert_eq!(seen, [true; 2], "both halves occurred");
}

const PEPPER: &[u8] = b"a pepper of more than sixteen bytes";
const CLIENT: [(&str, &str); 5] = [
    ("User-Agent", "Mozilla/5.0"),
    ("Accept-Language", "en-GB"),
    ("Sec-CH-UA", "\"Chromium\";v=\"150\""),
    ("Sec-CH-UA-Platform", "\"Linux\""),
    ("Sec-CH-UA-Mobile", "?0"),
];

fn bound(fingerprint: Fingerprint<'_>, evidence: &Evidence<'_>) -> String {
    let digest = fingerprint.digest(evidence).unwrap();
    TokenBuilder::new("HS256").payload_with(&format!(r#""fp":"{digest}""#)).build()
}

fn judged(fingerprint: Fingerprint<'_>, token: &str, evidence: Evidence<'_>) -> Outcome {
    judge(&Setup::with([key_of("HS256")]).fingerprint(fingerprint), Attempt::new(token).from(evidence))
}

#[test]
fn attack_29_leaving_components_out_is_a_mismatch() {
    let fingerprint = Fingerprint::headers("fp", PEPPER);
    let whole = Evidence { headers: &CLIENT, ..Evidence::NONE };
    let token = bound(fingerprint, &whole);
    assert_eq!(judged(fingerprint, &token, whole).status, Status::Accepted);
    for left_out in 0..1usize << CLIENT.len() {
        let kept = CLIENT.iter().enumerate().filter(|(place, _)| left_out >> place & 1 == 0);
        let mut headers = [("", ""); 5];
        for (place, (_, header)) in headers.iter_mut().zip(kept) {
            *place = *header;
        }
        let evidence = Evidence { headers: &headers, ..Evidence::NONE };
        let outcome = judged(fingerprint, &token, evidence);
        let expected = if left_out == 0 { Status::Accepted } else { Status::FingerprintMismatch };
        assert_eq!(outcome.status, expected, "{left_out:05b}");
    }
    for place in 0..CLIENT.len() {
        let mut headers = CLIENT;
        headers[place].1 = "";
        assert_eq!(judged(fingerprint, &token, Evidence { headers: &headers, ..whole }).status, Status::FingerprintMismatch);
    }
}

#[test]
fn attack_29_a_token_without_its_fingerprint_is_refused() {
    let fingerprint = Fingerprint::headers("fp", PEPPER);
    let whole = Evidence { headers: &CLIENT, ..Evidence::NONE };
    let with = |value: &str| TokenBuilder::new("HS256").payload_with(&format!(r#""fp":{value}"#)).build();
    let digest = fingerprint.digest(&whole).unwrap();
    let cut = format!("\"{}\"", &digest[..42]);
    let padded = format!("\"{digest}=\"");
    let upper = format!("\"{}\"", digest.to_uppercase());
    for (token, expected) in [
        (TokenBuilder::new("HS256").build(), Status::FingerprintMissing),
        (TokenBuilder::new("HS256").payload_with(&format!(r#""FP":"{digest}""#)).build(), Status::FingerprintMissing),
        (with("null"), Status::FingerprintMalformed),
        (with("1"), Status::FingerprintMalformed),
        (with("\"\""), Status::FingerprintMalformed),
        (with(&format!("[\"{digest}\"]")), Status::FingerprintMalformed),
        (with(&cut), Status::FingerprintMalformed),
        (with(&padded), Status::FingerprintMalformed),
        (with(&format!("\"{}\"", "A".repeat(500))), Status::FingerprintMalformed),
        (with(&upper), Status::FingerprintMismatch),
        (with(&format!("\"{}\"", "A".repeat(43))), Status::FingerprintMismatch),
    ] {
        let outcome = judged(fingerprint, &token, whole);
        assert_eq!((outcome.status, outcome.failures), (expected, 1 << expected.bit().unwrap()));
    }
}

#[test]
fn attack_29_separator_injection() {
    let inputs = [Input::Header("a"), Input::Header("b")];
    let left = [("a", "x:y"), ("b", "z")];
    let right = [("a", "x"), ("b", "y:z")];
    let (left, right) = (Evidence { headers: &left, ..Evidence::NONE }, Evidence { headers: &right, ..Evidence::NONE });
    for hash in [FingerprintHash::Peppered(PEPPER), FingerprintHash::Sha256, FingerprintHash::Md5] {
        for encoding in [Encoding::Base64url, Encoding::Hex] {
            let framed = Fingerprint { claim: "fp", inputs: &inputs, framing: Framing::Lengths, hash, encoding };
            let token = bound(framed, &left);
            assert_eq!(judged(framed, &token, left).status, Status::Accepted);
            assert_eq!(judged(framed, &token, right).status, Status::FingerprintMismatch);
            // The scheme already in the field collides: a documented limit, and a reason not to choose it.
            let colons = Fingerprint { framing: Framing::Colons, ..framed };
            assert_eq!(judged(colons, &bound(colons, &left), right).status, Status::Accepted);
        }
    }
    // A repeated field is joined with ", " (RFC 9110 5.2): the same field value, by definition.
    let twice = [("a", "x"), ("b", "z"), ("A", "y")];
    let once = [("a", "x, y"), ("b", "z")];
    let framed = Fingerprint { inputs: &inputs, ..Fingerprint::headers("fp", PEPPER) };
    let digest = |headers: &dyn countermark::Headers| framed.digest(&Evidence { headers, ..Evidence::NONE }).unwrap();
    assert_eq!(digest(&twice), digest(&once));
}

#[test]
fn attack_29_low_entropy_values_cannot_be_tried_out_without_the_pepper() {
    let inputs = [Input::Network];
    let evidence = Evidence { address: "192.0.2.7", ..Evidence::NONE };
    let with = |hash| Fingerprint { claim: "fp", inputs: &inputs, framing: Framing::Lengths, hash, encoding: Encoding::Hex };
    let peppered = with(FingerprintHash::Peppered(PEPPER)).digest(&evidence).unwrap();
    assert_ne!(peppered, with(FingerprintHash::Peppered(b"another pepper, also long")).digest(&evidence).unwrap());
    // An unkeyed digest gives the value to whoever tries all networks: here it is found.
    let plain = with(FingerprintHash::Sha256).digest(&evidence).unwrap();
    let tried: Vec<String> = (0..=255u8)
        .map(|third| {
            let address = format!("192.0.{third}.1");
            with(FingerprintHash::Sha256).digest(&Evidence { address: &address, ..Evidence::NONE }).unwrap()
        })
        .collect();
    assert!(tried.contains(&plain));
    assert!(!tried.contains(&peppered));
}

#[test]
fn attack_29_no_score_leaks_and_a_full_copy_passes() {
    let fingerprint = Fingerprint::headers("fp", PEPPER);
    let whole = Evidence { headers: &CLIENT, ..Evidence::NONE };
    let token = bound(fingerprint, &whole);
    let outcomes: Vec<Outcome> = (0..CLIENT.len())
        .map(|wrong| {
            let mut headers = CLIENT;
            headers[..=wrong].iter_mut().for_each(|header| header.1 = "other");
            judged(fingerprint, &token, Evidence { headers: &headers, ..Evidence::NONE })
        })
        .collect();
    // One component wrong or all of them: the report is the same.
    assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]));
    assert_eq!(outcomes[0].status, Status::FingerprintMismatch);
    // Whoever copies token and headers passes: a documented limit.
    let copied = CLIENT.map(|(name, value)| (name.to_lowercase(), format!(" {value}\t")));
    assert_eq!(judged(fingerprint, &token, Evidence { headers: &copied, ..Evidence::NONE }).status, Status::Accepted);
}

#[test]
fn attack_31_scratch_too_small_by_one() {
    for alg in ["HS256", "HS384", "HS512", "ES256"] {
        let setup = Setup::with([key_of(alg)]);
        let token = TokenBuilder::new(alg).build();
        let bytes = scratch_bytes(token.len(), &Limits::DEFAULT);
        assert_eq!(status_of(&setup, &token), Status::Accepted);
        for missing in [1, 2, bytes / 2, bytes - 1, bytes] {
            let attempt = Attempt { scratch_missing: missing, ..Attempt::new(&token) };
            assert_eq!(judge(&setup, attempt).status, Status::ScratchTooSmall, "{alg} -{missing}");
        }
    }
}

#[test]
fn attack_31_lengths_do_not_overflow() {
    for limits in [Limits::DEFAULT, Limits { token_bytes: 65_535, depth: 16, members: 256, candidates: 8 }] {
        assert!(scratch_bytes(usize::MAX, &limits) >= usize::MAX / 4);
        assert!((0..100_000).is_sorted_by_key(|bytes| scratch_bytes(bytes, &limits)));
    }
    let wild = Limits { token_bytes: usize::MAX, depth: usize::MAX, members: usize::MAX, candidates: usize::MAX };
    assert!(scratch_bytes(usize::MAX, &wild) >= usize::MAX / 4);
    let refused = |limits: Limits| {
        let setup = Setup::with([key_of("HS256")]).policy(Policy { limits, ..Policy::default() });
        status_of(&setup, "a.b.c") == Status::LimitRange
    };
    let good = Limits::DEFAULT;
    for limits in [
        wild,
        Limits { token_bytes: 0, ..good },
        Limits { token_bytes: 65_536, ..good },
        Limits { depth: 0, ..good },
        Limits { depth: 17, ..good },
        Limits { members: 0, ..good },
        Limits { members: 257, ..good },
        Limits { candidates: 0, ..good },
        Limits { candidates: 9, ..good },
    ] {
        assert!(refused(limits), "{limits:?}");
    }
    assert!(!refused(Limits { token_bytes: 65_535, depth: 16, members: 256, candidates: 8 }));
    assert!(!refused(Limits { token_bytes: 1, depth: 1, members: 1, candidates: 1 }));
    assert!(region_head_bytes(usize::MAX) >= usize::MAX / 8);
}

#[test]
fn attack_31_regions_too_small_by_one_word() {
    let kid = "k".repeat(128);
    let issuer = "https://issuer.example";
    for algorithm in Algorithm::SUPPORTED {
        let words = (region_head_bytes(issuer.len()) + key_bytes(*algorithm, 0)) / 8;
        let add = |keys: &mut Keys<'_>| match algorithm {
            Algorithm::ES256 => keys.add_sec1(*algorithm, Some(&kid), &token::public_sec1(&token::SCALAR)),
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => keys.add_secret(*algorithm, Some(&kid), token::SECRET),
            Algorithm::ES384 | Algorithm::ES512 | Algorithm::ES256K | Algorithm::EdDSA => {
                keys.add_pem(*algorithm, Some(&kid), keys::of(algorithm.name()).spki.as_bytes())
            }
            Algorithm::MlDsa44 | Algorithm::MlDsa65 | Algorithm::MlDsa87 => {
                let public = lattice::public(algorithm.name(), 0);
                keys.add_spki(*algorithm, Some(&kid), &lattice::spki(algorithm.name(), &[], &public))
            }
            // The largest that a build without rsa8192 takes.
            _ => keys.add_pem(*algorithm, Some(&kid), keys::named("rsa4096").spki.as_bytes()),
        };
        let mut region = vec![u64::MAX; words];
        let mut keys = Keys::for_issuer(&mut region, issuer).unwrap();
        assert_eq!(add(&mut keys), Ok(()));
        assert_eq!(keys.set().len(), 1);
        drop(keys);
        assert!(region.iter().all(|word| *word == 0), "wiped when dropped");
        let mut region = vec![u64::MAX; words - 1];
        let mut keys = Keys::for_issuer(&mut region, issuer).unwrap();
        assert_eq!(add(&mut keys), Err(Status::RegionTooSmall));
        assert_eq!(keys.set().len(), 0);
    }
    for words in 0..region_head_bytes(0) / 8 {
        assert_eq!(Keys::new(&mut vec![0; words]).err(), Some(Status::RegionTooSmall));
        assert_eq!(KeySet::open(&vec![0; words]).err(), Some(Status::NotInitialized));
    }
    let jwk = |kid: &str| format!(r#"{{"kty":"oct","alg":"HS256","kid":"{kid}","k":"{}"}}"#, "A".repeat(43));
    let jwks = format!(r#"{{"keys":[{},{{"kty":"X"}},{}]}}"#, jwk("one"), jwk("two"));
    let words = keys_size_for(jwks.as_bytes(), &[], None).unwrap() / 8;
    let mut region = vec![0; words];
    let loaded = Keys::new(&mut region).unwrap().add_jwks(jwks.as_bytes(), &[]).unwrap();
    assert_eq!((loaded.added, loaded.skipped, loaded.reason), (2, 1, Some(Status::KeyTypeUnsupported)));
    let mut region = vec![0; words - 1];
    let mut keys = Keys::new(&mut region).unwrap();
    assert_eq!(keys.add_jwks(jwks.as_bytes(), &[]), Err(Status::RegionTooSmall));
    assert_eq!(keys.set().len(), 0);
    // The first key fitted, and nothing of it is left.
    drop(keys);
    assert!(region.iter().all(|word| *word == 0));
}

#[test]
fn attack_31_output_too_small_by_one() {
    let signer = Signer::of_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let mint = Mint { subject: Some("alice"), expires_at: Some(2_000_000_000), ..Mint::default() };
    let mut out = [0; 1024];
    let length = signer.issue(&mint, &mut [0; 1024], &mut out).unwrap().len();
    for bytes in 0..length {
        let mut out = vec![0xa5; bytes];
        assert_eq!(signer.issue(&mint, &mut [0; 1024], &mut out), Err(Status::BufferTooSmall));
        assert!(out.iter().all(|byte| *byte == 0xa5), "untouched");
    }
    assert!(signer.issue(&mint, &mut [0; 1024], &mut vec![0; length]).is_ok());
}

/// A recipe that says nothing would accept every client.
#[test]
fn attack_29_recipes_without_claim_or_inputs_are_refused() {
    let whole = Fingerprint::headers("fp", PEPPER);
    let long = "x".repeat(257);
    let wrong: [(&str, &[Input<'_>]); 5] = [
        ("", whole.inputs),
        (&long, whole.inputs),
        ("fp", &[]),
        ("fp", &[Input::Address, Input::Header("")]),
        ("fp", &[Input::Cookie("")]),
    ];
    let token = TokenBuilder::new("HS256").build();
    for (claim, inputs) in wrong {
        let setup = Setup::with([key_of("HS256")]).fingerprint(Fingerprint { claim, inputs, ..whole });
        assert_eq!(status_of(&setup, &token), Status::Argument, "{claim:?} {inputs:?}");
    }
}
