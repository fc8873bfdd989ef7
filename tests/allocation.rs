//! Nothing allocates: a global allocator that counts while it is armed, and the core's stages and tables under it.

#[path = "allocation/stages.rs"]
mod stages;

use countermark::*;
use countermark_tests::judge::Fingerprint;
use countermark_tests::keys;
use countermark_tests::token::{self, Flaw, NOW, Segment, TokenBuilder};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::hint::black_box;

struct Counting;

thread_local! {
    static IS_ARMED: Cell<bool> = const { Cell::new(false) };
    static COUNT: Cell<usize> = const { Cell::new(0) };
}

fn count() {
    if IS_ARMED.get() {
        COUNT.set(COUNT.get() + 1);
    }
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Runs `work` and counts what it asks of the allocator.
fn counted<T>(work: impl FnOnce() -> T) -> (T, usize) {
    COUNT.set(0);
    IS_ARMED.set(true);
    let result = work();
    IS_ARMED.set(false);
    (result, COUNT.get())
}

#[track_caller]
fn armed<T>(work: impl FnOnce() -> T) -> T {
    let (result, count) = counted(work);
    assert_eq!(count, 0, "calls of the allocator");
    result
}

#[test]
fn the_allocator_counts() {
    let (_, count) = counted(|| drop(black_box(vec![1u8; 100])));
    assert_eq!(count, 2);
}

const ALGORITHMS: [&str; 14] = [
    "HS256", "HS384", "HS512", "ES256", "ES384", "ES512", "ES256K", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    "EdDSA",
];
const PEPPER: &[u8] = b"a pepper of more than sixteen bytes";
const HEADERS: [(&str, &str); 3] = [("user-agent", "browser"), ("accept-language", "en"), ("cookie", "t=a.b.c; x=1")];

fn add<'m>(alg: &str, kid: Option<&str>, region: &'m mut [u64]) -> Keys<'m> {
    let mut keys = Keys::new(region).unwrap();
    match Algorithm::from_name(alg).unwrap() {
        Algorithm::ES256 => keys.add_sec1(Algorithm::ES256, kid, &token::public_sec1(&token::SCALAR)),
        algorithm if alg.starts_with("HS") => keys.add_secret(algorithm, kid, token::SECRET),
        algorithm => keys.add_pem(algorithm, kid, keys::of(alg).spki.as_bytes()),
    }
    .unwrap();
    keys
}

/// Tokens that end in every stage, good ones first.
fn tokens(alg: &str) -> Vec<String> {
    let good = TokenBuilder::new(alg);
    let mut tokens = vec![
        good.build(),
        good.clone().payload_with(r#""a":{"b":["\u0061",{"c":1.5}]},"n":"\ud83d\ude00""#).build(),
        good.clone().header_with(r#""kid":"k""#).build(),
        String::new(),
        "a.b".to_string(),
        "a".repeat(9000),
    ];
    for segment in Segment::ALL {
        tokens.push(good.clone().flaw(Flaw::Empty(segment)).build());
    }
    for flaw in
        [Flaw::SignatureCut(1), Flaw::SignatureBit(5), Flaw::SignatureIs(vec![0; 64]), Flaw::SignatureIs(vec![0; 2000])]
    {
        tokens.push(good.clone().flaw(flaw).build());
    }
    for header in
        ["{}", "[]", r#"{"alg":"none"}"#, r#"{"alg":"HS256","alg":"HS256"}"#, r#"{"alg":"ES256","crit":["x"],"x":1}"#]
    {
        tokens.push(good.clone().header(header).build());
    }
    for payload in [
        "{}",
        "[]",
        "{",
        r#"{"exp":1,"exp":1}"#,
        r#"{"exp":"1"}"#,
        r#"{"exp":1}"#,
        r#"{"exp":1,"cnf":{"jkt":"a"},"aud":["a"]}"#,
    ] {
        tokens.push(good.clone().payload(payload).build());
    }
    tokens
}

#[test]
fn verifying_allocates_nothing() {
    let pepper = Pepper::new(PEPPER).unwrap();
    let recipe = Recipe::headers("fp", &pepper);
    let evidence = Evidence { headers: &HEADERS, ..Evidence::NONE };
    let digest = Fingerprint::headers("fp", PEPPER).digest(&evidence).unwrap();
    for alg in ALGORITHMS {
        let (mut region, mut second) = ([0; 256], [0; 256]);
        let (keys, named) = (add(alg, None, &mut region), add(alg, Some("k"), &mut second));
        let sets = [keys.set(), named.set()];
        let policy = Policy {
            issuers: &["https://login.example"],
            leeway: 5,
            max_age: Some(60),
            require: &["sub"],
            ..Policy::default()
        };
        let mut scratch = [0; 16_384];
        let mut tokens = tokens(alg);
        tokens.push(TokenBuilder::new(alg).payload_with(&format!(r#""fp":"{digest}""#)).build());
        let mut accepted = 0;
        for holder in [Holder::default(), Holder { digest: Some(&recipe), ..Holder::default() }] {
            for token in &tokens {
                let request = Request::new(token, NOW).with_evidence(evidence);
                let is_accepted = armed(|| {
                    let opaque = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap();
                    let _ = black_box(opaque.verify_opaque(&request, &mut scratch));
                    let verifier = Verifier::new(&sets, policy, holder).unwrap();
                    let verdict = verifier.verify(&request, &mut scratch);
                    let _ =
                        black_box((verdict.report(), verdict.report().stage(), verdict.report().failures.iter().count()));
                    verdict.accepted().is_ok()
                });
                accepted += usize::from(is_accepted);
            }
        }
        assert_eq!(accepted, 5, "four without a fingerprint asked for, and one with it");
    }
}

/// Scoring and minting of every kind of component, the greatest set, every verdict, a re-issue, a malformed claim.
#[test]
fn sketches_allocate_nothing() {
    let fonts: Vec<String> = (0..SET_ELEMENTS_MAX).map(|at| at.to_string()).collect();
    let mut values = vec![(Component::CANVAS, "pixels"), (Component::from_number(200).unwrap(), "147")];
    values.extend(fonts.iter().map(|font| (Component::FONTS, font.as_str())));
    let mut others = values.clone();
    others[0].1 = "others";
    let (headers, values, others) = (HEADERS, values.as_slice(), others.as_slice());
    let owner = Evidence { address: "192.0.2.1", headers: &headers, components: &values, ..Evidence::NONE };
    let other = Evidence { components: &others, address: "198.51.100.1", ..owner };
    let signer = Signer::of_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let mut region = [0; 256];
    let keys = add("HS256", None, &mut region);
    let sets = [keys.set()];
    let escaped = TokenBuilder::new("HS256").payload_with(&format!("\"cmk\":\"{}\"", "\\u0041".repeat(300))).build();
    let (mut scratch, mut again, mut out, mut next) = ([0; 16_384], [0; 16_384], [0; 16_384], [0; 16_384]);
    armed(|| {
        let peppers = [(0, Pepper::new(PEPPER).unwrap())];
        let components = [
            Weighted::new(Component::IP_NETWORK, 10).with_rates(500, 5),
            Weighted::new(Component::UA_FAMILY, 10),
            Weighted::new(Component::FONTS, 10),
            Weighted::new(Component::CANVAS, 10),
            Weighted::new(Component::from_number(200).unwrap(), 10),
        ];
        let sketch = Sketch { components: &components, ..Sketch::preset(Preset::Browser, "cmk", &peppers) };
        let verifier =
            |sketch| Verifier::new(&sets, Policy::default(), Holder { sketch: Some(sketch), ..Holder::default() }).unwrap();
        let new =
            NewSketch { sketch: &sketch, evidence: &owner, salt: [1; 8], opt_out: ComponentSet::EMPTY, previous: None };
        let mint = Mint { expires_at: Some(NOW + 1), subject: Some("a"), sketch: Some(&new), ..Mint::default() };
        let token = signer.issue(&mint, &mut scratch, &mut out).unwrap();
        let verdict = verifier(&sketch).verify(&Request::new(token, NOW).with_evidence(owner), &mut scratch);
        assert_eq!(verdict.report().score.unwrap().similarity, 1000);
        let claims = verdict.accepted().unwrap();
        let renewed = NewSketch { previous: claims.get("cmk").ok(), ..new };
        let token = signer.issue(&Mint { sketch: Some(&renewed), ..mint }, &mut again, &mut next).unwrap();
        let lenient = Sketch { thresholds: Thresholds { step_up: 0, ..sketch.thresholds }, ..sketch };
        for evidence in [owner, other, Evidence::NONE] {
            let verdict = verifier(&sketch).verify(&Request::new(token, NOW).with_evidence(evidence), &mut again);
            assert!(verdict.report().score.is_some());
            let verdict = verifier(&lenient).verify(&Request::new(token, NOW).with_evidence(evidence), &mut again);
            let is_owner = black_box(verdict.report().score).unwrap().similarity == 1000;
            assert_eq!(verdict.step_up_subject().is_some(), !is_owner);
        }
        let verdict = verifier(&sketch).verify(&Request::new(&escaped, NOW), &mut again);
        assert_eq!(verdict.report().status, Status::FingerprintMalformed);
    });
}

#[derive(serde::Deserialize)]
struct Session<'a> {
    sub: &'a str,
    roles: heapless::Vec<&'a str, 4>,
    note: heapless::String<32>,
}

#[test]
fn reading_claims_allocates_nothing() {
    let payload = r#""roles":["a","\u0062"],"note":"say \"x\"\n","realm":{"roles":["r"]},"n":17e2,"b":true"#;
    let token = TokenBuilder::new("HS256").payload_with(payload).build();
    let mut region = [0; 256];
    let keys = add("HS256", None, &mut region);
    let sets = [keys.set()];
    let (mut scratch, mut buffer) = ([0; 4096], [0; 4096]);
    armed(|| {
        let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap();
        let claims = verifier.verify(&Request::new(&token, NOW), &mut scratch).accepted().unwrap();
        assert!(claims.issuer().is_some() && claims.subject().is_some() && claims.audience().is_none());
        assert_eq!(claims.get("n").unwrap().integer(), Ok(1700));
        assert_eq!(claims.at("realm.roles").unwrap().elements().unwrap().count(), 1);
        assert!(claims.at("/realm/roles/0").unwrap().text().unwrap() == "r");
        assert!(claims.at("/realm/none").is_err() && claims.get("x").is_err());
        assert_eq!(claims.get("note").unwrap().text().unwrap().copy_to(&mut [0; 16]), Ok("say \"x\"\n"));
        let session: Session<'_> = claims.typed(&mut buffer).unwrap();
        assert!(session.sub == "alice" && session.roles[1] == "b" && session.note == "say \"x\"\n");
    });
}

#[test]
fn loading_keys_allocates_nothing() {
    let der = token::public_spki(&token::SCALAR);
    let sec1 = token::public_sec1(&token::SCALAR);
    let jwk = format!(r#"{{{},"alg":"ES256","kid":"j"}}"#, token::public_jwk_members(&token::SCALAR));
    let oct = r#"{"kty":"oct","alg":"HS512","kid":"o","k":"AAAA"}"#;
    let jwks = format!(
        r#"{{"keys":[{},{oct},{{"kty":"RSA","n":"AQAB","e":"AQAB"}},{},{}]}}"#,
        jwk.replace("\"j\"", "\"s\""),
        keys::jwk("RS256"),
        keys::jwk("EdDSA")
    );
    let (rsa, okp) = (keys::named("rsa4096"), format!("{{{}}}", keys::jwk_members(keys::of("EdDSA"))));
    let pkcs1 = keys::der(rsa.pkcs1);
    let mut region = [0; 1024];
    armed(|| {
        assert!(keys_size_for(jwks.as_bytes(), &[], Some("i")).is_ok());
        let mut keys = Keys::for_issuer(&mut region, "i").unwrap();
        keys.add_secret(Algorithm::HS384, Some("a"), token::SECRET).unwrap();
        keys.add_sec1(Algorithm::ES256, Some("b"), &sec1).unwrap();
        keys.add_spki(Algorithm::ES256, Some("c"), &der).unwrap();
        keys.add_jwk(jwk.as_bytes(), &[]).unwrap();
        assert_eq!(keys.add_jwks(jwks.as_bytes(), &[]).unwrap().added, 3);
        keys.add_pem(Algorithm::PS512, Some("p"), rsa.certificate.as_bytes()).unwrap();
        keys.add_pkcs1(Algorithm::RS512, Some("p"), &pkcs1).unwrap();
        assert!(
            keys.add_pem(Algorithm::PS512, None, b"-----").is_err()
                && keys.add_certificate(Algorithm::PS512, None, &[0x30]).is_err()
        );
        countermark::thumbprint(okp.as_bytes(), &mut [0; 43]).unwrap();
        assert!(keys.add_jwk(oct.as_bytes(), &[]).is_err() && keys.add_spki(Algorithm::ES256, None, &[0x30]).is_err());
        assert!(keys.add_sec1(Algorithm::ES256, None, &[4; 65]).is_err() && keys.add_jwks(b"{", &[]).is_err());
        assert_eq!(keys.set().len(), 9);
        keys.wipe();
    });
}

#[test]
fn issuing_allocates_nothing() {
    let evidence = Evidence { address: "192.0.2.1", headers: &HEADERS, ..Evidence::NONE };
    let jwk = format!(
        r#"{{{},"alg":"ES256","d":"{}"}}"#,
        token::public_jwk_members(&token::SCALAR),
        countermark_tests::base64url::encode(&token::SCALAR)
    );
    let private = [Algorithm::ES384, Algorithm::ES512, Algorithm::ES256K, Algorithm::EdDSA]
        .map(|algorithm| (algorithm, keys::jwk_private(keys::of(algorithm.name()))));
    armed(|| {
        let pepper = Pepper::new(PEPPER).unwrap();
        let recipe = Recipe::headers("fp", &pepper);
        let compat = Recipe::compat("md5");
        for algorithm in Algorithm::SUPPORTED {
            let signer = match algorithm {
                Algorithm::ES256 => Signer::of_jwk(jwk.as_bytes(), &[]).unwrap(),
                Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
                    Signer::of_secret(*algorithm, Some("k\"id"), token::SECRET).unwrap()
                }
                algorithm => match private.iter().find(|(own, _)| own == algorithm) {
                    Some((_, jwk)) => Signer::of_jwk(jwk.as_bytes(), &[*algorithm]).unwrap(),
                    None => continue, // RSA signs nothing here
                },
            };
            let mint = Mint {
                subject: Some("al\"ice"),
                audience: &["a", "b"],
                expires_at: Some(1),
                claims: r#"{"x":[1]}"#,
                ..Mint::default()
            };
            for digest in [None, Some((&recipe, &evidence)), Some((&compat, &evidence))] {
                let issued = signer.issue(&Mint { digest, ..mint }, &mut [0; 1024], &mut [0; 1024]).map(str::len);
                assert!(issued.is_ok());
            }
            assert!(signer.issue(&Mint { claims: "[", ..mint }, &mut [0; 1024], &mut [0; 1024]).is_err());
        }
    });
}

#[test]
fn the_replay_table_allocates_nothing() {
    let words: [AtomicU64; 40] = std::array::from_fn(|_| AtomicU64::new(0));
    armed(|| {
        let table = ReplayTable::new(&words, token::SECRET).unwrap();
        for number in 0..64 {
            let presented = Use { digest: [number; 32], expires_at: 2 };
            let _ = black_box((table.check(&presented, 1), table.commit(&presented, 1), table.commit(&presented, 1)));
        }
        assert_eq!(table.statistics(1).live, 32);
    });
}

#[test]
fn the_throttle_table_allocates_nothing() {
    let words: [AtomicU64; 24] = std::array::from_fn(|_| AtomicU64::new(0));
    armed(|| {
        let table = ThrottleTable::new(&words, token::SECRET).unwrap();
        let limit = Limit { requests: 1, seconds: 60, burst: 1 };
        for number in 0..64 {
            let one = Charge { limit, scope: b"", client: Client::Name(&[number]) };
            let _ = black_box((table.admit(&[one, one], 1), table.admit(&[one], 1), table.admit(&[one], 1)));
        }
        assert_eq!(table.statistics(1).live, 16);
    });
}

#[test]
fn the_carrier_allocates_nothing() {
    armed(|| {
        let source = Source { ignore_authorization: false, cookie: Some("t"), argument: Some("t") };
        assert!(source.find(&HEADERS, b"x=1").is_ok() && source.find(&HEADERS, b"%74=1").is_err());
        assert!(authorization(b"Bearer a.b.c").is_ok() && authorization(b"Basic x").is_err());
        let challenge = Challenge { realm: Some("a\"b"), scope: Some("s"), ..Challenge::default() };
        assert!(
            challenge.write(Status::Expired, &mut [0; 128]).is_ok()
                && challenge.write(Status::Expired, &mut [0; 8]).is_err()
        );
        for status in Status::ALL {
            let _ = black_box((status.name(), status.sentence(), Challenge::http_status(*status)));
        }
    });
}
