//! What a verification may do beside checking a signature, and the records that stand beside it.

use super::{add, armed, black_box};
use countermark::*;
use countermark_tests::base64url;
use countermark_tests::proof::{METHOD, ProofBuilder, ProofKey, URI};
use countermark_tests::token::{self, Flaw, NOW, TokenBuilder};
use sha2::{Digest, Sha256};

const ISS: &str = "https://login.example";
const LIST: &str = "https://login.example/statuses/1";
/// The first example of draft-ietf-oauth-status-list-21 4.1: the token with index 0 is INVALID, that with index 1 VALID.
const LST: &str = "eNrbuRgAAhcBXQ";
const CERTIFICATE: &[u8] = &[0x30, 1, 5];
const CHANNEL: &[u8] = &[7; 32];

fn words<const N: usize>() -> [AtomicU64; N] {
    std::array::from_fn(|_| AtomicU64::new(0))
}

fn digest(bytes: &[u8]) -> String {
    base64url::encode(&Sha256::digest(bytes))
}

/// A token that is bound by proof, certificate and channel, with these in place of what is good.
fn bound(key: &ProofKey, id: &str, status: u32, scope: &str) -> TokenBuilder {
    let members = [
        format!(r#""jti":"{id}","scope":"{scope}","status":{{"status_list":{{"uri":"{LIST}","idx":{status}}}}}"#),
        format!(r#""cnf":{{"jkt":"{}","x5t#S256":"{}","#, key.thumbprint(), digest(CERTIFICATE)),
        format!(r#""{CHANNEL_MEMBER}":"{}"}}"#, digest(CHANNEL)),
    ];
    TokenBuilder::new("ES256").payload_with(&format!("{},{}{}", members[0], members[1], members[2]))
}

/// Every way to prove possession, a revocation table, a status list, a cache, rights and a prepared key in one verifier, by which a
/// proof is used once; then each of these, and only that, refuses.
#[test]
fn every_stage_allocates_nothing() {
    let key = ProofKey::of("ES256");
    let token = |id, status, scope| bound(&key, id, status, scope).build();
    let good = token("one", 1, "read write");
    let (revoked, invalid, poor) = (token("gone", 1, "read write"), token("one", 0, "read write"), token("one", 1, "read"));
    let forged = bound(&key, "one", 1, "read write").flaw(Flaw::SignatureBit(5)).build();
    let nonces = Nonces::new(token::SECRET, 60).unwrap();
    let nonce = nonces.write(NOW, &mut [0; NONCE_CHARS]).to_string();
    let proof = |token: &str, uri: &str| ProofBuilder::new(&key, token).claim("nonce", &*nonce).claim("htu", uri).build();
    let certificate = Some(Certificate::Der(CERTIFICATE));
    let own = Evidence { certificate, channel: CHANNEL, scheme: Scheme::DPoP, method: METHOD, uri: URI, ..Evidence::NONE };
    let other = Evidence { certificate: Some(Certificate::Digest([1; 32])), ..own };
    let cases = [
        (&good, proof(&good, URI), own, Status::Accepted),
        (&good, proof(&good, URI), own, Status::Replayed),
        (&good, proof(&good, "https://api.example/"), own, Status::ProofUri),
        (&good, "a.b.c".into(), own, Status::ProofMalformed),
        (&good, proof(&good, URI), other, Status::CertificateMismatch),
        (&good, proof(&good, URI), Evidence { channel: b"another", ..own }, Status::ChannelMismatch),
        (&revoked, proof(&revoked, URI), own, Status::Revoked),
        (&invalid, proof(&invalid, URI), own, Status::StatusInvalid),
        (&poor, proof(&poor, URI), own, Status::RightsMissing),
        (&forged, proof(&forged, URI), own, Status::Signature),
    ]
    .map(|(token, proof, shown, status)| (token, proof, digest(&[token.as_bytes(), CHANNEL].concat()), shown, status));
    let list = format!(r#"{{"sub":"{LIST}","iat":{NOW},"ttl":600,"status_list":{{"bits":1,"lst":"{LST}"}}}}"#);
    let list = TokenBuilder::new("ES256").header(r#"{"alg":"ES256","typ":"statuslist+jwt"}"#).payload(list).build();

    let mut region = [0; 256];
    let keys = add("ES256", None, &mut region);
    let sets = [keys.set()];
    let mut tables = vec![0; prepared_bytes(4, 1) / 8];
    let (used, gone, known) = (words::<40>(), words::<512>(), words::<64>());
    let (mut memory, mut scratch) = ([0; 64], [0; 16_384]);
    armed(|| {
        let prepared = Prepared::build(&mut tables, 4, &sets).unwrap();
        let replay = ReplayTable::new(&used, token::SECRET).unwrap();
        let revocations = RevocationTable::new(&gone, token::SECRET, 3600).unwrap();
        revocations.revoke_token(ISS, "gone", NOW + 600, NOW).unwrap();
        let cache = TokenCache::new(&known, token::SECRET).unwrap();

        let policy = Policy { allow_missing_exp: true, ..Policy::default() };
        let verifier = Verifier::new(&sets, policy, Holder::default()).unwrap().with_prepared(prepared);
        let claims = verifier.verify(&Request::new(&list, NOW), &mut scratch).accepted().unwrap();
        let source = StatusSource { uri: LIST, issuer: ISS, max_age: None };
        let lists = [StatusList::load(&claims, source, &mut memory, NOW).unwrap()];

        let rules = [Rule { path: "scope", test: Test::AllOf(&["write"]), wildcards: false }];
        let proof = ProofRules { nonces: Some(&nonces), ..ProofRules::DPOP };
        let holder = Holder {
            proof: Some(&proof),
            certificate: true,
            channel: Some(CHANNEL_MEMBER),
            binding: Some(BindingForm::Base64url),
            ..Holder::default()
        };
        let status = Some(StatusRules { lists: &lists.as_slice(), required: true, accepted: &[] });
        let verifier = Verifier::new(&sets, Policy::default(), holder)
            .unwrap()
            .with_prepared(prepared)
            .with_standing(Standing { revocations: Some(&revocations), status })
            .with_cache(&cache)
            .with_rights(&rules)
            .unwrap();
        for (token, proof, binding, shown, status) in &cases {
            let proofs = [proof.as_bytes()];
            let request = Request::new(token, NOW).with_evidence(Evidence { proofs: &proofs, binding, ..*shown });
            let report = verifier.verify_once(&request, &mut scratch, &replay).report();
            assert_eq!(report.status, *status);
        }
    });
}

/// Every key management, in both orders, minted, opened alone, verified, and with a damaged tag.
#[test]
fn envelopes_allocate_nothing() {
    let public = x25519_dalek::PublicKey::from(&x25519_dalek::StaticSecret::from(token::SCALAR));
    let signer = Signer::of_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let mint = Mint { subject: Some("alice"), expires_at: Some(NOW + 1), ..Mint::default() };
    let (mut region, mut scratch, mut out) = ([0; 256], [0; 8192], [0; 8192]);
    for management in KeyManagement::SUPPORTED {
        let content = management.pinned().unwrap_or(Encryption::A128CbcHs256);
        let name = management.name();
        let (sealing, opening): (&[u8], &[u8]) = match *management as i32 {
            111..=114 => (&token::public_sec1(&token::SCALAR), &token::SCALAR),
            115..=118 => (public.as_bytes(), &token::SCALAR),
            _ => (&[1; 64][..management.key_bytes()], &[1; 64][..management.key_bytes()]),
        };
        armed(|| {
            let sealer = Sealer::of_key(*management, content, None, sealing).unwrap();
            let mut keys = Keys::new(&mut region).unwrap();
            keys.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
            keys.add_decryption(*management, None, opening).unwrap();
            let sets = [keys.set()];
            for shape in [Shape::SignedThenEncrypted, Shape::EncryptedThenSigned] {
                let policy = Policy { shape, ..Policy::default() };
                let verifier = Verifier::new(&sets, policy, Holder::default()).unwrap();
                let token =
                    signer.issue_nested(&mint, shape, &sealer, &[7; SEAL_RANDOM_BYTES], &mut scratch, &mut out).unwrap();
                let verdict = verifier.verify(&Request::new(token, NOW), &mut scratch);
                assert_eq!(verdict.report().status, Status::Accepted, "{name}");
            }
            let sealed = sealer.seal(b"content", &[7; SEAL_RANDOM_BYTES], &mut scratch, &mut out).unwrap().len();
            let (opened, _) = open_envelope(&out[..sealed], &sets, &Limits::DEFAULT, &mut scratch).unwrap();
            assert!(opened == b"content");
            // The tag's first character.
            let tag = out[..sealed].iter().rposition(|byte| *byte == b'.').unwrap() + 1;
            out[tag] = if out[tag] == b'A' { b'B' } else { b'A' };
            let status = open_envelope(&out[..sealed], &sets, &Limits::DEFAULT, &mut scratch).err();
            assert_eq!(status, Some(Status::Decryption), "{name}");
        });
    }
}

#[test]
fn rotating_secrets_allocate_nothing() {
    let (mut region, mut scratch, mut out) = ([0; 256], [0; 4096], [0; 4096]);
    for rotating in [Rotating::compat("userId"), Rotating::derived("userId")] {
        armed(|| {
            let mut keys = Keys::new(&mut region).unwrap();
            keys.add_rotating(None, token::SECRET, &rotating).unwrap();
            let sets = [keys.set()];
            let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap();
            let signer = Signer::of_rotating(None, token::SECRET, &rotating, "alice", NOW).unwrap();
            for (claims, status) in [(r#"{"userId":"alice"}"#, Status::Accepted), (r#"{"userId":"bob"}"#, Status::Signature)]
            {
                let mint = Mint { issued_at: Some(NOW), expires_at: Some(NOW + 60), claims, ..Mint::default() };
                let token = signer.issue(&mint, &mut scratch, &mut out).unwrap();
                assert_eq!(verifier.verify(&Request::new(token, NOW), &mut scratch).report().status, status);
            }
        });
    }
}

#[test]
fn revocations_and_snapshots_allocate_nothing() {
    // A snapshot of nothing: its head, no record, its seal.
    let head = *b"CMKREVO1\0\0\0\0\0\0\0\0";
    let snapshot = [&head[..], Sha256::digest(head).as_slice()].concat();
    let gone = words::<512>();
    armed(|| {
        let table = RevocationTable::new(&gone, token::SECRET, 3600).unwrap();
        let _ = black_box((table.revoke_key(ISS, "k", NOW + 9, NOW), table.revoke_subject(ISS, "alice", NOW, NOW)));
        assert!(table.load(&snapshot, NOW).is_ok() && table.load(&head, NOW).is_err());
        let asked = Revocable { issuer: Some(Name::new(ISS)), key_id: Some(Name::new("k")), ..Revocable::default() };
        assert_eq!(table.check(&asked, NOW), Err(Status::Revoked));
        let _ = black_box(table.statistics(NOW));
    });
}

#[test]
fn risk_and_sessions_allocate_nothing() {
    armed(|| {
        let risk = Risk::new(RiskRules::default(), token::SECRET).unwrap();
        let mut record = RiskRecord::default();
        let here = Position { latitude: 5252, longitude: 1340, accuracy_km: 20 };
        let there = Position { latitude: 135, longitude: 10382, accuracy_km: 20 };
        let own = Visit { subject: b"alice", device: b"laptop", position: Some(here), ..Visit::default() };
        risk.observe(&mut record, &own, Status::Accepted, NOW);
        let other = Visit { device: b"another", position: Some(there), ..own };
        assert_eq!(risk.assess(&record, &other, NOW + 600).action, Action::Alert);

        let rules = SessionRules { check_seconds: 60, idle_seconds: 600, absolute_seconds: 9000, similarity: 0 };
        let mut session = Session::begin(&rules, NOW + 9000, 0, NOW).unwrap();
        assert_eq!(session.observe(&Seen { is_used: true, ..Seen::default() }, NOW + 1), SessionVerdict::Continue);
        let refused = Seen { verified: Some((Status::Signature, i64::MAX)), ..Seen::default() };
        assert_eq!(session.observe(&refused, session.due()), SessionVerdict::End(SessionEnd::Refused));
    });
}

#[test]
fn collectors_allocate_nothing() {
    let tables = [
        ("fingerprintjs", Collector::FINGERPRINTJS),
        ("clientjs", Collector::CLIENTJS),
        ("imprintjs", Collector::IMPRINTJS),
        ("thumbmarkjs", Collector::THUMBMARKJS),
        ("detectincognitojs", Collector::DETECT_INCOGNITO),
    ];
    for (name, table) in tables {
        let file = format!("{}/collectors/fixtures/{name}-base.json", env!("CARGO_MANIFEST_DIR"));
        let document = std::fs::read(file).unwrap();
        let mut scratch = vec![0; Collector::scratch_bytes(document.len())];
        let mut out = vec![0; Collector::out_bytes(document.len())];
        armed(|| {
            let collected = table.read(&document, &mut scratch, &mut out).unwrap();
            assert!(collected.values.iter().count() > 0, "{name}");
            assert!(table.read(b"{", &mut scratch, &mut out).is_err());
        });
    }
}
