//! Every status has a test that produces it. A new status without one fails here.

use countermark::*;
use countermark_tests::base64url;
use countermark_tests::c_only;
use countermark_tests::envelope::{self, Envelope, Management};
use countermark_tests::judge::{
    Attempt, Fingerprint, KeySource, RuleText, SetOfKeys, Setup, judge, key_of, named_key_of, status_of,
};
use countermark_tests::possession::{Possession, Proofs};
use countermark_tests::proof::{METHOD, ProofBuilder, ProofKey, URI};
use countermark_tests::rotating::Secret;
use countermark_tests::sketch::{self, Client, Role, Rules, Value};
use countermark_tests::sketch_cases::{PEPPERS, Presented};
use countermark_tests::sketch_rules::SketchRules;
use countermark_tests::token::{self, Flaw, Segment, Spelling, TokenBuilder};

type Producer = fn() -> Status;

fn hs256() -> Setup<'static> {
    Setup::with([key_of("HS256")])
}

fn of_header(members: &str) -> Status {
    status_of(&hs256(), &TokenBuilder::new("HS256").header_with(members).build())
}

fn of_header_text(json: &str) -> Status {
    status_of(&hs256(), &TokenBuilder::new("HS256").header(json).build())
}

fn of_flaw(flaw: Flaw) -> Status {
    status_of(&hs256(), &TokenBuilder::new("HS256").flaw(flaw).build())
}

fn of_payload(policy: Policy<'_>, payload: &str) -> Status {
    status_of(&hs256().policy(policy), &TokenBuilder::new("HS256").payload(payload).build())
}

fn of_key(key: KeySource) -> Status {
    status_of(&Setup::with([key]), &TokenBuilder::new("HS256").build())
}

/// As `of_payload`, for what the C interface cannot ask yet.
fn of_rust(policy: Policy<'_>, json: &str) -> Status {
    let (mut region, token) = ([0; 64], TokenBuilder::new("HS256").payload(json).build());
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let sets = [keys.set()];
    let verifier = Verifier::new(&sets, policy, Holder::default()).unwrap();
    verifier.verify(&Request::new(&token, token::NOW), &mut [0; 1024]).report().status
}

fn of_rsa(modulus: &[u8], exponent: &[u8]) -> Status {
    let (n, e) = (base64url::encode(modulus), base64url::encode(exponent));
    of_jwk(format!(r#"{{"kty":"RSA","alg":"RS256","n":"{n}","e":"{e}"}}"#))
}

fn of_jwk(json: impl Into<String>) -> Status {
    of_key(KeySource::Jwk(json.into()))
}

fn of_policy(policy: Policy<'_>) -> Status {
    status_of(&hs256().policy(policy), &TokenBuilder::new("HS256").build())
}

/// An envelope, by the rest of its making, opened with its `dir` key for A256GCM, and with one for A128CBC-HS256.
fn of_envelope(change: fn(&mut Envelope)) -> Status {
    let mut made = Envelope::new(&Management::Dir, "A256GCM", &[1; 64], b"content");
    change(&mut made);
    of_envelope_text(&made.build())
}

fn of_parts(enc: &str, change: fn(&mut [Vec<u8>; 5])) -> Status {
    let mut parts = Envelope::new(&Management::Dir, enc, &[1; 64], b"content").parts();
    change(&mut parts);
    of_envelope_text(&envelope::compact(&parts))
}

fn of_header_of_envelope(header: &str) -> Status {
    of_envelope_text(&format!("{}.AAAA.AAAA.AAAA.AAAA", base64url::encode(header.as_bytes())))
}

fn of_envelope_text(text: &str) -> Status {
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_decryption(KeyManagement::DirA256Gcm, None, &[1; 32]).unwrap();
    keys.add_decryption(KeyManagement::DirA128CbcHs256, None, &[1; 32]).unwrap();
    let found = open_envelope(text.as_bytes(), &[keys.set()], &Limits::DEFAULT, &mut [0; 1024]).map(drop);
    of_result(found)
}

fn secret(bytes: usize) -> KeySource {
    KeySource::Secret(Algorithm::HS256, None, vec![1; bytes])
}

fn of_result<T>(result: Result<T, Status>) -> Status {
    result.map_or_else(|status| status, |_| Status::Accepted)
}

fn of_rotating(payload: &str) -> Status {
    let setup = Setup::with([Secret::new(RotatingMode::Compat).source()]);
    status_of(&setup, &TokenBuilder::new("HS256").payload(payload).build())
}

fn of_rule(path: &str, test: i32, payload: &str) -> Status {
    let rule = RuleText { path: path.into(), test, values: vec!["a".into()], ..RuleText::default() };
    status_of(&Setup { rules: vec![rule], ..hs256() }, &TokenBuilder::new("HS256").payload(payload).build())
}

/// 32 uses fill the smallest table; then this one.
fn of_replay(last: u8) -> Status {
    let words: [AtomicU64; 46] = std::array::from_fn(|_| AtomicU64::new(0));
    let table = ReplayTable::new(&words, token::SECRET).unwrap();
    let commit = |number| table.commit(&Use { digest: [number; 32], expires_at: 2 }, 1);
    (1..=32).for_each(|number| commit(number).unwrap());
    of_result(commit(last))
}

/// The smallest table, in which so many tokens are revoked; what the last call gave, or the table says of the first one at that time.
fn of_revocation(tokens: usize, asked_at: i64) -> Status {
    let words: [AtomicU64; 46] = std::array::from_fn(|_| AtomicU64::new(0));
    let table = RevocationTable::new(&words, token::SECRET, 60).unwrap();
    let revoke = |number: usize| table.revoke_token("", &number.to_string(), 60, 1);
    (1..tokens).for_each(|number| {
        let _ = revoke(number);
    });
    let last = revoke(0);
    let token = Revocable { token_id: Some(Name::new("0")), ..Revocable::default() };
    of_result(if asked_at == 0 { last } else { table.check(&token, asked_at) })
}

/// The claims of a list token, loaded into so much memory.
fn of_status_list_load(list: &str, memory: usize) -> Status {
    with_status_list(list, &mut vec![0; memory], of_result)
}

/// The draft's example of two bits, with a ttl of a minute.
fn with_status_list<'m, T>(list: &str, memory: &'m mut [u8], then: impl FnOnce(Result<StatusList<'m>, Status>) -> T) -> T {
    let token = TokenBuilder::new("HS256").header(r#"{"alg":"HS256","typ":"statuslist+jwt"}"#);
    let token = token.payload(format!(r#"{{"sub":"u","exp":1700000060,"status_list":{list}}}"#)).build();
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let sets = [keys.set()];
    let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap();
    let mut scratch = [0; 2048];
    let claims = verifier.verify(&Request::new(&token, token::NOW), &mut scratch).accepted().unwrap();
    let source = StatusSource { uri: "u", issuer: "i", max_age: None };
    then(StatusList::load(&claims, source, memory, token::NOW))
}

fn of_status_list(members: &str, now: i64) -> Status {
    let mut memory = [0; 3];
    let list = with_status_list(r#"{"bits":2,"lst":"eNo76fITAAPfAgc"}"#, &mut memory, |list| list.unwrap());
    let uri = if members.contains("uri") { "" } else { r#","uri":"u""# };
    let payload = format!(r#"{{"iss":"i","exp":1800000000,"status":{{"status_list":{{{members}{uri}}}}}}}"#);
    let token = TokenBuilder::new("HS256").payload(&payload).build();
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let sets = [keys.set()];
    let standing =
        Standing { status: Some(StatusRules { lists: &list, required: false, accepted: &[] }), ..Standing::default() };
    let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap().with_standing(standing);
    verifier.verify(&Request::new(&token, now), &mut [0; 1024]).report().status
}

/// 16 clients fill the smallest table; then this one.
fn of_throttle(last: u8) -> Status {
    let words: [AtomicU64; 24] = std::array::from_fn(|_| AtomicU64::new(0));
    let table = ThrottleTable::new(&words, token::SECRET).unwrap();
    let limit = Limit { requests: 1, seconds: 60, burst: 1 };
    let admit = |number| table.admit(&[Charge { limit, scope: b"", client: countermark::Client::Name(&[number]) }], 1);
    (1..=16).for_each(|number| admit(number).unwrap());
    of_result(admit(last).map_err(|refusal| refusal.status))
}

/// A visit under rules that ask for this whatever comes.
fn of_risk(action: Action) -> Status {
    let rows = [RiskRow { signals: Signals::default(), action }];
    let risk = Risk::new(RiskRules { rows: &rows, ..RiskRules::default() }, token::SECRET).unwrap();
    risk.assess(&RiskRecord::default(), &Visit::default(), 1).status()
}

/// The claims of an accepted token, handed to `then`.
fn of_claims(members: &str, then: impl FnOnce(&Claims<'_>) -> Result<(), Status>) -> Status {
    let token = TokenBuilder::new("HS256").payload_with(members).build();
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let sets = [keys.set()];
    let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap();
    let mut scratch = [0; 2048];
    let claims = verifier.verify(&Request::new(&token, token::NOW), &mut scratch).accepted().unwrap();
    of_result(then(&claims))
}

fn of_fingerprint(claim: &str, address: &str) -> Status {
    let fingerprint = Fingerprint { inputs: &[Input::Address], ..Fingerprint::headers("fp", b"sixteen bytes or more") };
    let token = TokenBuilder::new("HS256").payload_with(claim).build();
    let evidence = Evidence { address, ..Evidence::NONE };
    judge(&hs256().fingerprint(fingerprint), Attempt::new(&token).from(evidence)).status
}

/// A token whose sketch was issued to a client in this country, presented by a client of these places and values.
fn of_sketch(adjust: fn(&mut SketchRules, &mut Presented)) -> Status {
    let country = |name: &str| Client::from([(4, Value::Exact(name.into())), (128, Value::Exact(b"x".to_vec()))]);
    let claim = sketch::mint(PEPPERS[0], [1; 8], 3, &country("NO"));
    let token = TokenBuilder::new("HS256").payload_with(&format!("\"cmk\":\"{}\"", claim.text())).build();
    let mut rules = SketchRules::new(&PEPPERS, Rules::of(&[(4, 8), (128, 2)]));
    let mut presented = Presented::of(&country("NO"));
    adjust(&mut rules, &mut presented);
    judge(&hs256().sketch(rules), Attempt::new(&token).from(presented.evidence())).status
}

/// A token bound to a DPoP key, with a proof that was adjusted.
fn of_proof(adjust: fn(ProofBuilder) -> ProofBuilder) -> Status {
    of_proofs(|evidence| evidence, adjust)
}

fn of_proofs(present: fn(Evidence<'_>) -> Evidence<'_>, adjust: fn(ProofBuilder) -> ProofBuilder) -> Status {
    let key = ProofKey::of("ES256");
    let token = TokenBuilder::new("HS256").payload_with(&format!(r#""cnf":{{"jkt":"{}"}}"#, key.thumbprint())).build();
    let proof = adjust(ProofBuilder::new(&key, &token)).build();
    let proofs = [proof.as_bytes()];
    let evidence =
        Evidence { proofs: &proofs, method: METHOD, uri: URI, scheme: Scheme::DPoP, nonce: "n", ..Evidence::NONE };
    let setup = hs256().possession(Possession::ruled(Proofs::DPOP));
    judge(&setup, Attempt::new(&token).from(present(evidence))).status
}

/// A token bound by this member of `cnf`, presented with this certificate and channel value.
fn of_confirmation(member: &str, certificate: Option<Certificate<'_>>, channel: &[u8]) -> Status {
    let token = TokenBuilder::new("HS256").payload_with(&format!(r#""cnf":{{{member}}}"#)).build();
    let setup = hs256().possession(Possession::confirmed().combined(Combination::AnyOf));
    judge(&setup, Attempt::new(&token).from(Evidence { certificate, channel, ..Evidence::NONE })).status
}

#[derive(serde::Deserialize)]
#[allow(dead_code)]
struct Subject<'a> {
    sub: &'a str,
    n: Option<&'a str>,
}

fn typed(claims: &Claims<'_>) -> Result<(), Status> {
    claims.typed::<Subject<'_>>(&mut [0; 2048]).map(|_| ())
}

const GOOD: &str = r#"{"exp":2000000000}"#;
const STRICT: fn() -> Policy<'static> = Policy::default;

/// One way to each status.
const PRODUCERS: &[(Status, Producer)] = &[
    (Status::Accepted, || status_of(&hs256(), &TokenBuilder::new("HS256").build())),
    (Status::TokenEmpty, || status_of(&hs256(), "")),
    (Status::TokenTooLarge, || status_of(&hs256(), &"a".repeat(8193))),
    (Status::TokenNotCompact, || status_of(&hs256(), "a.b")),
    (Status::TokenSegmentEmpty, || of_flaw(Flaw::Empty(Segment::Signature))),
    (Status::CredentialsMissing, || of_result(authorization(b"Basic YTpi"))),
    (Status::CredentialsMalformed, || of_result(authorization(b"Bearer a b"))),
    (Status::CredentialsRepeated, || of_result(cookie(b"t=a; t=b", "t"))),
    (Status::HeaderEncoding, || of_flaw(Flaw::Spelt(Segment::Header, Spelling::Padded))),
    (Status::HeaderJson, || of_header_text("[]")),
    (Status::HeaderDuplicate, || of_header(r#""a":1,"a":2"#)),
    (Status::HeaderLimit, || of_header(r#""a":[[[[[[[[1]]]]]]]]"#)),
    (Status::HeaderType, || of_header(r#""kid":1"#)),
    (Status::AlgorithmMissing, || of_header_text("{}")),
    (Status::AlgorithmUnknown, || of_header_text(r#"{"alg":"none"}"#)),
    (Status::CritMalformed, || of_header(r#""crit":"x""#)),
    (Status::CritEmpty, || of_header(r#""crit":[]"#)),
    (Status::CritDuplicate, || of_header(r#""x":1,"crit":["x","x"]"#)),
    (Status::CritRegistered, || of_header(r#""crit":["alg"]"#)),
    (Status::CritAbsent, || of_header(r#""crit":["x"]"#)),
    (Status::CritUnknown, || of_header(r#""x":1,"crit":["x"]"#)),
    (Status::UnencodedPayload, || of_header(r#""b64":false"#)),
    (Status::EncryptionInSignature, || of_header(r#""enc":"A128GCM""#)),
    (Status::NestedUndeclared, || of_header(r#""cty":"JWT""#)),
    (Status::EncryptionMissing, || of_header_of_envelope(r#"{"alg":"dir"}"#)),
    (Status::EncryptionUnknown, || of_header_of_envelope(r#"{"alg":"dir","enc":"A256CBC"}"#)),
    (Status::Compressed, || of_header_of_envelope(r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#)),
    (Status::ManagementRefused, || of_header_of_envelope(r#"{"alg":"RSA1_5","enc":"A256GCM"}"#)),
    (Status::EphemeralMissing, || of_header_of_envelope(r#"{"alg":"ECDH-ES","enc":"A256GCM"}"#)),
    (Status::EphemeralKey, || {
        of_header_of_envelope(r#"{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"EC","crv":"P-384"}}"#)
    }),
    (Status::EphemeralPoint, || {
        let (x, y) = ("A".repeat(43), "A".repeat(43));
        let epk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#);
        of_header_of_envelope(&format!(r#"{{"alg":"ECDH-ES","enc":"A256GCM","epk":{epk}}}"#))
    }),
    (Status::PartyInfo, || {
        let epk = format!(r#"{{"kty":"OKP","crv":"X25519","x":"{}"}}"#, "A".repeat(43));
        of_header_of_envelope(&format!(r#"{{"alg":"ECDH-ES","enc":"A256GCM","apu":"*","epk":{epk}}}"#))
    }),
    (Status::WrapParameters, || of_header_of_envelope(r#"{"alg":"A256GCMKW","enc":"A256GCM"}"#)),
    (Status::NestedMissing, || of_policy(Policy { shape: Shape::EncryptedThenSigned, ..STRICT() })),
    (Status::EncryptedKeyLength, || of_parts("A256GCM", |parts| parts[1].push(0))),
    (Status::IvLength, || of_parts("A256GCM", |parts| parts[2].truncate(8))),
    (Status::CiphertextLength, || of_parts("A128CBC-HS256", |parts| parts[3].truncate(15))),
    (Status::TagLength, || of_parts("A256GCM", |parts| parts[4].truncate(12))),
    (Status::UnknownKid, || {
        let token = TokenBuilder::new("HS256").header_with(r#""kid":"b""#).build();
        status_of(&Setup::with([named_key_of("HS256", Some("a"))]), &token)
    }),
    (Status::AlgorithmMismatch, || status_of(&hs256(), &TokenBuilder::new("HS512").build())),
    (Status::NoKey, || status_of(&Setup::with([]), &TokenBuilder::new("HS256").build())),
    (Status::TooManyCandidates, || {
        let keys: Vec<_> = (32..41).map(secret).collect();
        status_of(&Setup::with(keys), &TokenBuilder::new("HS256").build())
    }),
    (Status::AlgorithmNotAllowed, || of_policy(Policy { algorithms: &[Algorithm::ES256], ..STRICT() })),
    (Status::KeyMalformed, || of_jwk("[]")),
    (Status::KeyTypeUnsupported, || of_jwk(r#"{"kty":"OKP","crv":"X25519"}"#)),
    (Status::KeyMemberMissing, || of_jwk(r#"{"kty":"oct","alg":"HS256"}"#)),
    (Status::KeyMemberType, || of_jwk(r#"{"kty":1}"#)),
    (Status::KeyEncoding, || of_jwk(r#"{"kty":"oct","alg":"HS256","k":"*"}"#)),
    (Status::KeyTooShort, || of_key(secret(31))),
    (Status::KeyTooLong, || of_key(secret(513))),
    (Status::KeyLength, || of_key(KeySource::Sec1(Algorithm::ES256, None, vec![4; 64]))),
    (Status::KeyPoint, || of_key(KeySource::Sec1(Algorithm::ES256, None, vec![4; 65]))),
    (Status::KeyUse, || of_jwk(r#"{"kty":"oct","alg":"HS256","use":"enc"}"#)),
    (Status::KeyAlgorithmUnknown, || of_jwk(r#"{"kty":"oct","alg":"A128"}"#)),
    (Status::KeyAlgorithmMismatch, || of_jwk(r#"{"kty":"oct","alg":"ES256"}"#)),
    (Status::KeyAlgorithmUndecided, || of_jwk(r#"{"kty":"oct"}"#)),
    (Status::KeyIdDuplicate, || {
        let key = named_key_of("HS256", Some("a"));
        status_of(&Setup::with([key.clone(), key]), "a.b.c")
    }),
    (Status::KeyIdTooLong, || of_key(named_key_of("HS256", Some(&"k".repeat(129))))),
    (Status::KeyDer, || of_key(KeySource::Spki(Algorithm::ES256, None, vec![0x30, 0]))),
    (Status::KeySetTooLarge, || of_key(KeySource::Jwks(format!(r#"{{"keys":[{}0]}}"#, "0,".repeat(64))))),
    (Status::KeySetEmpty, || of_key(KeySource::Jwks(r#"{"keys":[]}"#.to_string()))),
    (Status::KeyModulusTooSmall, || of_rsa(&[0xff; 255], &[1, 0, 1])),
    (Status::KeyModulusTooLarge, || of_rsa(&[0xff; 1025], &[1, 0, 1])),
    (Status::KeyModulusEven, || of_rsa(&[0xfe; 256], &[1, 0, 1])),
    (Status::KeyExponent, || of_rsa(&[0xff; 256], &[1])),
    (Status::KeyLeadingZero, || of_rsa(&[[0].as_slice(), &[0xff; 256]].concat(), &[1, 0, 1])),
    (Status::KeyPem, || of_key(KeySource::Pem(Algorithm::ES256, None, "-----BEGIN KEY-----".to_string()))),
    (Status::KeyCertificate, || of_key(KeySource::Certificate(Algorithm::ES256, None, vec![0x30, 0]))),
    (Status::KeySmallOrder, || of_key(KeySource::Ed25519(None, [[1].as_slice(), &[0; 31]].concat()))),
    (Status::KeySecretLength, || of_jwk(r#"{"kty":"oct","alg":"A128KW","k":"AAAA"}"#)),
    (Status::RotatingUserMissing, || of_rotating(r#"{"iat":1700000000}"#)),
    (Status::RotatingUserType, || of_rotating(r#"{"userId":[],"iat":1700000000}"#)),
    (Status::RotatingTimeMissing, || of_rotating(r#"{"userId":"alice"}"#)),
    (Status::RotatingWindowPast, || of_rotating(r#"{"userId":"alice","iat":1600000000}"#)),
    (Status::RotatingWindowAhead, || of_rotating(r#"{"userId":"alice","iat":1800000000}"#)),
    (Status::RotatingPayload, || of_rotating("[]")),
    (Status::RotatingSettings, || of_key(Secret { grace: 2, ..Secret::new(RotatingMode::Compat) }.source())),
    (Status::Signature, || of_flaw(Flaw::SignatureBit(7))),
    (Status::Decryption, || of_envelope(|envelope| envelope.key[0] ^= 1)),
    (Status::PayloadEncoding, || of_flaw(Flaw::Spelt(Segment::Payload, Spelling::Padded))),
    (Status::PayloadJson, || of_payload(STRICT(), "[]")),
    (Status::PayloadDuplicate, || of_payload(STRICT(), r#"{"exp":2000000000,"exp":2000000000}"#)),
    (Status::PayloadLimit, || of_payload(STRICT(), r#"{"a":[[[[[[[[1]]]]]]]]}"#)),
    (Status::ClaimType, || of_payload(STRICT(), r#"{"exp":"2000000000"}"#)),
    (Status::ClaimDate, || of_payload(STRICT(), r#"{"exp":-1}"#)),
    (Status::ClaimAbsent, || of_claims(r#""n":1"#, |claims| claims.get("m").map(drop))),
    (Status::ClaimRange, || of_claims(r#""n":1.5"#, |claims| claims.get("n")?.integer().map(drop))),
    (Status::ClaimEscaped, || of_claims(r#""n":"\"""#, typed)),
    (Status::ClaimShape, || of_claims(r#""n":1"#, typed)),
    (Status::Issuer, || of_payload(Policy { issuers: &["i"], ..STRICT() }, GOOD)),
    (Status::KeyIssuer, || {
        let set = SetOfKeys { issuer: Some("i".to_string()), keys: vec![key_of("HS256")] };
        status_of(&Setup { sets: vec![set], ..Setup::default() }, &TokenBuilder::new("HS256").build())
    }),
    (Status::Audience, || of_payload(Policy { audiences: &["a"], ..STRICT() }, GOOD)),
    (Status::AudienceUnexpected, || of_payload(STRICT(), r#"{"exp":2000000000,"aud":"a"}"#)),
    (Status::Subject, || of_payload(Policy { subject: Some("s"), ..STRICT() }, GOOD)),
    (Status::Type, || of_policy(Policy { typ: Some("at+jwt"), ..STRICT() })),
    (Status::Expired, || of_payload(STRICT(), r#"{"exp":1700000000}"#)),
    (Status::NotYetValid, || of_payload(STRICT(), r#"{"exp":2000000000,"nbf":1700000001}"#)),
    (Status::IssuedInFuture, || of_payload(STRICT(), r#"{"exp":2000000000,"iat":1700000001}"#)),
    (Status::TooOld, || of_payload(Policy { max_age: Some(1), ..STRICT() }, r#"{"exp":2000000000,"iat":1}"#)),
    (Status::ExpiryMissing, || of_payload(STRICT(), "{}")),
    (Status::IssuedAtMissing, || of_payload(Policy { max_age: Some(1), ..STRICT() }, GOOD)),
    (Status::Lifetime, || of_payload(Policy { leeway: 1, ..STRICT() }, r#"{"exp":1700000001,"nbf":1700000001}"#)),
    (Status::ClaimRequired, || of_payload(Policy { require: &["r"], ..STRICT() }, GOOD)),
    (Status::Nonce, || of_payload(Policy { nonce: Some("n"), ..STRICT() }, GOOD)),
    (Status::Acr, || of_rust(Policy { acr: &["gold"], ..STRICT() }, r#"{"exp":2000000000,"acr":"silver"}"#)),
    (Status::AuthTimeMissing, || of_rust(Policy { auth_max_age: Some(1), ..STRICT() }, GOOD)),
    (Status::AuthTooOld, || {
        of_rust(Policy { auth_max_age: Some(1), ..STRICT() }, r#"{"exp":2000000000,"auth_time":1699999998}"#)
    }),
    (Status::Confirmation, || of_payload(STRICT(), r#"{"exp":2000000000,"cnf":{}}"#)),
    (Status::PossessionMissing, || of_confirmation(r#""x5t#S256":"x""#, None, b"")),
    (Status::CertificateMalformed, || of_confirmation(r#""x5t#S256":"x""#, Some(Certificate::Der(b"x")), b"")),
    (Status::CertificateMismatch, || of_confirmation(r#""x5t#S256":"x""#, Some(Certificate::Digest([0; 32])), b"")),
    (Status::ChannelMismatch, || of_confirmation(r#""tls-exporter#S256":"x""#, None, b"value")),
    (Status::PossessionUnbound, || {
        let setup = hs256().possession(Possession::proofs());
        status_of(&setup, &TokenBuilder::new("HS256").build())
    }),
    (Status::Scheme, || of_proofs(|evidence| Evidence { scheme: Scheme::Bearer, ..evidence }, |proof| proof)),
    (Status::ProofRepeated, || of_proofs(|evidence| Evidence { proofs: &[b"a", b"b"], ..evidence }, |proof| proof)),
    (Status::ProofMalformed, || of_proofs(|evidence| Evidence { proofs: &[b""], ..evidence }, |proof| proof)),
    (Status::ProofClaim, || of_proof(|proof| proof.claim("jti", 1))),
    (Status::FingerprintMissing, || of_fingerprint(r#""x":1"#, "")),
    (Status::FingerprintMalformed, || of_fingerprint(r#""fp":"x""#, "")),
    (Status::FingerprintMismatch, || of_fingerprint(&format!(r#""fp":"{}""#, "A".repeat(43)), "192.0.2.1")),
    (Status::AddressMalformed, || of_fingerprint(r#""fp":"x""#, "not an address")),
    (Status::ComponentMalformed, || {
        of_sketch(|_, client| client.supplied.0.push((Component::UA_FAMILY, b"chrome".to_vec())))
    }),
    (Status::PepperUnknown, || of_sketch(|rules, _| rules.peppers.retain(|(number, _)| *number != 0))),
    (Status::CollectorMalformed, || of_result(Collector::THUMBMARKJS.read(b"[]", &mut [0; 64], &mut [0; 64]).map(|_| ()))),
    (Status::ComponentRequired, || {
        of_sketch(|rules, client| {
            rules.rules.weights.get_mut(&128).unwrap().role = Role::Required;
            client.supplied.0.clear();
        })
    }),
    (Status::ProofType, || of_proof(|proof| proof.header("typ", "JWT"))),
    (Status::ProofAlgorithm, || of_proof(|proof| proof.header("alg", "none"))),
    (Status::ProofKey, || of_proof(|proof| proof.jwk("d", "x"))),
    (Status::ProofSignature, || of_proof(|proof| proof.flaw(Flaw::SignatureBit(1)))),
    (Status::ProofMethod, || of_proof(|proof| proof.claim("htm", "POST"))),
    (Status::ProofUri, || of_proof(|proof| proof.claim("htu", "https://other.example/"))),
    (Status::ProofTime, || of_proof(|proof| proof.claim("iat", 1))),
    (Status::ProofNonce, || of_proof(|proof| proof)),
    (Status::ProofTokenHash, || of_proof(|proof| proof.claim("nonce", "n").claim("ath", "x"))),
    (Status::ProofThumbprint, || {
        of_proof(|proof| {
            let other = ProofKey::of_scalar([9; 32]);
            let header = serde_json::json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": other.jwk});
            ProofBuilder { key: other, header, ..proof.claim("nonce", "n") }
        })
    }),
    (Status::StepUp, || of_sketch(|_, client| client.supplied.0[0].1 = b"y".to_vec())),
    (Status::Replayed, || of_replay(1)),
    (Status::ReplayFull, || of_replay(33)),
    (Status::Revoked, || of_revocation(1, 2)),
    (Status::RevocationUnknown, || of_revocation(33, 2)),
    (Status::RevocationFull, || of_revocation(33, 0)),
    (Status::SnapshotMalformed, || {
        let words: [AtomicU64; 46] = std::array::from_fn(|_| AtomicU64::new(0));
        of_result(RevocationTable::new(&words, token::SECRET, 1).and_then(|table| table.load(b"CMKREVO1", 1)))
    }),
    (Status::StatusInvalid, || of_status_list(r#""idx":0"#, token::NOW)),
    (Status::StatusSuspended, || of_status_list(r#""idx":1"#, token::NOW)),
    (Status::StatusListStale, || of_status_list(r#""idx":2"#, token::NOW + 60)),
    (Status::StatusListMismatch, || of_status_list(r#""idx":2,"uri":"v""#, token::NOW)),
    (Status::StatusIndex, || of_status_list(r#""idx":12"#, token::NOW)),
    (Status::StatusListMalformed, || of_status_list_load(r#"{"bits":3,"lst":"eNo76fITAAPfAgc"}"#, 3)),
    (Status::StatusListTooLarge, || of_status_list_load(r#"{"bits":2,"lst":"eNo76fITAAPfAgc"}"#, 2)),
    (Status::RateLimited, || of_throttle(1)),
    (Status::ThrottleFull, || of_throttle(17)),
    (Status::SessionReverify, || {
        let rules = SessionRules { check_seconds: 1, idle_seconds: 9, absolute_seconds: 9, similarity: 0 };
        Session::begin(&rules, i64::MAX, 0, 1).unwrap().observe(&Seen::default(), 2).status()
    }),
    (Status::SessionEnded, || Session([0; SESSION_BYTES]).observe(&Seen::default(), 1).status()),
    (Status::LockedOut, || of_risk(Action::LockOut)),
    (Status::StepUpRisk, || of_risk(Action::StepUp)),
    (Status::RightsMissing, || of_rule("sub", 1, r#"{"exp":1700000600}"#)),
    (Status::RightsForbidden, || of_rule("sub", 3, r#"{"exp":1700000600,"sub":"a"}"#)),
    (Status::RightsType, || of_rule("x", 3, r#"{"exp":1700000600,"x":1}"#)),
    (Status::ScratchTooSmall, || {
        let token = TokenBuilder::new("HS256").build();
        judge(&hs256(), Attempt { scratch_missing: 1, ..Attempt::new(&token) }).status
    }),
    (Status::RegionTooSmall, || of_result(Keys::new(&mut [0; 2]))),
    (Status::BufferTooSmall, || of_claims(r#""n":"x""#, |claims| claims.get("n")?.text()?.copy_to(&mut []).map(drop))),
    (Status::PolicyConflict, || of_policy(Policy { any_audience: true, audiences: &["a"], ..STRICT() })),
    (Status::IssuersUnbound, || of_policy(Policy { issuers: &["a", "b"], ..STRICT() })),
    (Status::LimitRange, || of_policy(Policy { limits: Limits { depth: 0, ..Limits::DEFAULT }, ..STRICT() })),
    (Status::ClockMissing, || {
        let token = TokenBuilder::new("HS256").build();
        judge(&hs256(), Attempt { clock: Clock::Missing, ..Attempt::new(&token) }).status
    }),
    (Status::Argument, || of_claims(r#""n":1"#, |claims| claims.at(&"p".repeat(257)).map(drop))),
    (Status::NotInitialized, || of_result(KeySet::open(&[0; 8]))),
    (Status::PepperTooShort, || of_result(Pepper::new(&[1; 15]))),
    (Status::ClaimsMalformed, || {
        let signer = Signer::of_secret(Algorithm::HS256, None, token::SECRET).unwrap();
        let mint = Mint { claims: "[]", expires_at: Some(1), ..Mint::default() };
        of_result(signer.issue(&mint, &mut [0; 512], &mut [0; 512]))
    }),
    (Status::TableMismatch, || {
        let words: [AtomicU64; 46] = std::array::from_fn(|_| AtomicU64::new(0));
        assert!(ReplayTable::new(&words, token::SECRET).is_ok());
        of_result(ReplayTable::new(&words, &[0; 16]))
    }),
    (Status::RightsRule, || of_rule("", 1, "{}")),
    (Status::RightsLimit, || of_rule(&"p".repeat(257), 1, "{}")),
    (Status::NetworksMalformed, || {
        let twice = [Network { prefix: [0; 16], bits: 0, list: 1 }; 2];
        of_result(Risk::new(RiskRules { networks: &twice, ..RiskRules::default() }, token::SECRET))
    }),
];

#[test]
fn each_producer_gives_its_status() {
    for (status, produce) in PRODUCERS {
        assert_eq!(produce(), *status, "{}", status.name());
    }
}

#[test]
fn every_status_has_a_producer_or_is_of_c_alone() {
    let ours = PRODUCERS.iter().map(|(status, _)| *status);
    let mut covered: Vec<Status> = ours.chain(c_only::STATUSES.iter().copied()).collect();
    covered.sort_by_key(|status| status.code());
    assert_eq!(covered, Status::ALL, "each exactly once");
    println!("{} statuses: {} by Rust, {} by C alone", Status::ALL.len(), PRODUCERS.len(), c_only::STATUSES.len());
}

#[test]
fn names_numbers_bits_and_stages() {
    let mut bits = 0u64;
    for status in Status::ALL {
        assert_eq!(Status::from_code(status.code()), Some(*status));
        assert!(status.name().bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'));
        assert_eq!(Status::ALL.iter().filter(|other| other.name() == status.name()).count(), 1);
        assert!(status.sentence().len() > 10 && status.sentence().ends_with('.'));
        // A session's statuses are of no verification.
        let is_of_session = [Status::SessionEnded, Status::SessionReverify].contains(status);
        let has_bit = (600..900).contains(&status.code()) && !is_of_session;
        assert_eq!(status.bit().is_some(), has_bit, "{}", status.name());
        if let Some(bit) = status.bit() {
            assert!(bit < 64 && bits & 1 << bit == 0, "bit {bit} twice");
            bits |= 1 << bit;
        }
        assert_eq!(status.stage().name().is_empty(), *status == Status::Accepted);
    }
    assert!(Status::ALL.is_sorted_by(|status, next| status.code() < next.code()));
    let strangers = (-1..1100).chain([i32::MIN, i32::MAX]);
    let known = strangers.filter(|code| Status::from_code(*code).is_some()).count();
    assert_eq!(known, Status::ALL.len());
}
