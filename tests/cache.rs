//! The cache of verified tokens: whatever happens in whatever order, a verifier with it and one without give the same report.

use countermark::*;
use countermark_tests::random::Random;
use countermark_tests::token::{self, Flaw, NOW, SCALAR, SECRET, SigningKey, TokenBuilder};
use std::sync::atomic::Ordering;

const KEY: &[u8] = b"a cache's secret";
const ISS: &str = "https://login.example";

fn words(count: usize) -> Vec<AtomicU64> {
    (0..count).map(|_| AtomicU64::new(0)).collect()
}

fn table(words: &[AtomicU64]) -> TokenCache<'_> {
    TokenCache::new(words, KEY).unwrap()
}

/// The claims' text and the report.
fn seen(verdict: Verdict<'_>) -> (Report, Option<String>) {
    let claims = match verdict {
        Verdict::Accept(claims, _) => Some(claims.raw().to_string()),
        _ => None,
    };
    (verdict.report(), claims)
}

/// The sets that an event may choose: the same key under other ids and issuers, other keys, none.
fn fill(keys: &mut Keys<'_>, which: usize) {
    let other = [9; 32];
    let kid = [None, Some("k1"), Some("k2")][which % 3];
    if which / 3 % 3 != 1 {
        keys.add_secret(Algorithm::HS256, kid, SECRET).unwrap();
    }
    if which / 3 % 3 != 2 {
        keys.add_secret(Algorithm::HS256, None, &other).unwrap();
    }
    if which / 9 % 2 == 1 {
        keys.add_sec1(Algorithm::ES256, kid, &token::public_sec1(&SCALAR)).unwrap();
    }
}

fn tokens() -> Vec<String> {
    let mut tokens = Vec::new();
    for key in [SigningKey::of("HS256"), SigningKey::Hs256(vec![9; 32]), SigningKey::of("ES256")] {
        let alg = key.alg();
        for kid in ["", r#","kid":"k1""#, r#","kid":"k2""#] {
            for (aud, exp, jti) in [("a", 600, 1), ("b", 600, 2), ("a", 30, 3)] {
                let payload = format!(
                    r#"{{"iss":"{ISS}","sub":"alice","aud":"{aud}","exp":{},"iat":{NOW},"jti":"{jti}"}}"#,
                    NOW + exp
                );
                let builder =
                    TokenBuilder::signed_by(key.clone()).header(format!(r#"{{"alg":"{alg}"{kid}}}"#)).payload(&payload);
                tokens.push(builder.build());
                if kid.is_empty() && jti == 1 {
                    tokens.push(builder.flaw(Flaw::SignatureIs(vec![1; if alg == "ES256" { 64 } else { 32 }])).build());
                }
            }
        }
    }
    // The other half of the curve: the same token in another text.
    let es256 = tokens.iter().find(|token| token.starts_with("eyJhbGciOiJFUzI1NiJ9")).unwrap().clone();
    let (input, signature) = es256.rsplit_once('.').unwrap();
    let signature = token::other_s(&countermark_tests::base64url::decode(signature.as_bytes()).unwrap());
    tokens.push(format!("{input}.{}", countermark_tests::base64url::encode(&signature)));
    tokens
}

/// Any interleaving of: verify, the clock moves, tokens, keys and subjects are revoked, key sets are replaced, policies change, entries
/// are torn, damaged or gone.
#[test]
fn attack_25_the_verdict_is_the_same_with_and_without_a_cache() {
    let tokens = tokens();
    let mut random = Random::new(21);
    let (mut accepted, mut hits, mut rejected) = (0u32, 0u32, 0u32);
    for _ in 0..120 {
        // Small enough that tokens drive each other out.
        let words = words(TokenCache::words_for(1 + random.below(40)));
        let cache = table(&words);
        let revoked = self::words(RevocationTable::words_for(200));
        let revocations = RevocationTable::new(&revoked, KEY, 3600).unwrap();
        let (mut now, mut which, mut issuer, mut audience, mut subject) = (NOW, random.below(18), 0, "a", false);
        let mut region = [0; 256];
        for _ in 0..40 {
            match random.below(20) {
                0 => now += random.below(40) as i64,
                1 => now -= random.below(40) as i64,
                2 => which = random.below(18),
                3 => issuer = if random.once_in(6) { 2 } else { random.below(2) },
                4 => audience = if audience == "a" { "b" } else { "a" },
                5 => subject = !subject,
                6 => revocations.revoke_token(ISS, &(1 + random.below(3)).to_string(), now + 20, now).unwrap(),
                7 => revocations.revoke_key("", "k1", now + 20, now).unwrap(),
                8 => revocations.revoke_subject(ISS, "alice", now - 30 + random.below(40) as i64, now).unwrap(),
                9 => {
                    // Torn: the half of one entry in another, or a bit that fell over.
                    let (from, to) = (8 + random.below(words.len() - 8), 8 + random.below(words.len() - 8));
                    let word = words[from].load(Ordering::Relaxed) ^ u64::from(random.once_in(2)) << random.below(64);
                    words[to].store(word, Ordering::Relaxed);
                }
                10 if random.once_in(4) => words.iter().skip(8).for_each(|word| word.store(0, Ordering::Relaxed)),
                _ => {}
            }
            let issuers = [None, Some(ISS), Some("https://other.example")];
            let mut keys = match issuers[issuer] {
                None => Keys::new(&mut region).unwrap(),
                Some(issuer) => Keys::for_issuer(&mut region, issuer).unwrap(),
            };
            fill(&mut keys, which);
            let sets = [keys.set()];
            let policy = Policy {
                audiences: &[audience],
                subject: if subject { Some("bob") } else { None },
                leeway: 5,
                ..Policy::default()
            };
            let standing = Standing { revocations: Some(&revocations), ..Standing::default() };
            let without = Verifier::new(&sets, policy, Holder::default()).unwrap().with_standing(standing);
            let with = without.with_cache(&cache);
            for _ in 0..10 {
                let token = &tokens[random.below(tokens.len())];
                let request = Request::new(token, now);
                let (mut one, mut two) = ([0; 2048], [0; 2048]);
                let before = cache.statistics().kept;
                let given = seen(with.verify(&request, &mut one));
                assert_eq!(given, seen(without.verify(&request, &mut two)), "{token}");
                match given.0.status {
                    Status::Accepted => {
                        accepted += 1;
                        hits += u32::from(cache.statistics().kept == before);
                    }
                    _ => {
                        rejected += 1;
                        assert_eq!(cache.statistics().kept, before, "only what is accepted is kept");
                    }
                }
            }
        }
    }
    assert!(accepted > 1500 && hits > 300 && rejected > 3000, "{accepted} {hits} {rejected}");
    println!("{accepted} accepted, {hits} of them without a signature check; {rejected} rejected");
}

/// A token that is found is not kept again.
#[test]
fn a_token_is_kept_once() {
    let words = words(TokenCache::words_for(100));
    let cache = table(&words);
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, SECRET).unwrap();
    let sets = [keys.set()];
    let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap().with_cache(&cache);
    let token = TokenBuilder::new("HS256").build();
    for _ in 0..5 {
        assert_eq!(verifier.verify(&Request::new(&token, NOW), &mut [0; 2048]).report().status, Status::Accepted);
        assert_eq!(cache.statistics(), CacheStatistics { places: cache.statistics().places, taken: 1, kept: 1 });
    }
    // After the end, the same entry; the clock decides.
    let late = verifier.verify(&Request::new(&token, NOW + 600), &mut [0; 2048]).report();
    assert_eq!(late.status, Status::Expired);
}

/// `attacks.md` 25: one cache serves verifiers of other keys under the same id, generation and issuer.
#[test]
fn attack_25_an_entry_is_of_one_key() {
    let words = words(TokenCache::words_for(100));
    let cache = table(&words);
    let token = TokenBuilder::new("HS256").header(r#"{"alg":"HS256","kid":"k1"}"#).build();
    let status = |secret: &[u8]| {
        let mut region = [0; 64];
        let mut keys = Keys::for_issuer(&mut region, ISS).unwrap();
        keys.add_secret(Algorithm::HS256, Some("k1"), secret).unwrap();
        let sets = [keys.set()];
        assert_eq!(sets[0].generation(), 2);
        let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap().with_cache(&cache);
        verifier.verify(&Request::new(&token, NOW), &mut [0; 2048]).report().status
    };
    assert_eq!(status(SECRET), Status::Accepted);
    assert_eq!(status(&[1; 32]), Status::Signature);
    assert_eq!((status(SECRET), cache.statistics().kept), (Status::Accepted, 1));
}

/// `attacks.md` 28: an attacker with tokens of his own drives others out, and what that costs them is a signature check.
#[test]
fn attack_28_a_full_cache_forgets_and_refuses_nobody() {
    let words = words(TokenCache::words_for(50));
    let cache = table(&words);
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, SECRET).unwrap();
    let sets = [keys.set()];
    let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap().with_cache(&cache);
    for round in 0..2 {
        for number in 0..2000 {
            let token = TokenBuilder::new("HS256").payload(format!(r#"{{"exp":{},"n":{number}}}"#, NOW + 60)).build();
            let report = verifier.verify(&Request::new(&token, NOW), &mut [0; 2048]).report();
            assert_eq!(report.status, Status::Accepted, "{round} {number}");
        }
    }
    let counts = cache.statistics();
    assert!(counts.taken == counts.places && counts.kept > 3800, "{counts:?}");
}

/// Threads verify and drive each other out; a forged token is never accepted.
#[test]
fn eight_threads() {
    let words = words(TokenCache::words_for(20));
    let good: Vec<String> =
        (0..60).map(|n| TokenBuilder::new("HS256").payload(format!(r#"{{"exp":{},"n":{n}}}"#, NOW + 60)).build()).collect();
    let forged: Vec<String> = (0..60)
        .map(|n| {
            let builder = TokenBuilder::new("HS256").payload(format!(r#"{{"exp":{},"n":{n}}}"#, NOW + 60));
            builder.flaw(Flaw::SignatureIs(vec![n as u8; 32])).build()
        })
        .collect();
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (words, good, forged) = (&words, &good, &forged);
            scope.spawn(move || {
                let cache = table(words);
                let mut region = [0; 64];
                let mut keys = Keys::new(&mut region).unwrap();
                keys.add_secret(Algorithm::HS256, None, SECRET).unwrap();
                let sets = [keys.set()];
                let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap().with_cache(&cache);
                let mut random = Random::new(thread);
                for _ in 0..5000 {
                    let at = random.below(good.len());
                    let ask = |token: &str| verifier.verify(&Request::new(token, NOW), &mut [0; 2048]).report().status;
                    assert_eq!(ask(&good[at]), Status::Accepted);
                    assert_eq!(ask(&forged[at]), Status::Signature);
                }
            });
        }
    });
}

#[test]
fn a_cache_belongs_to_one_secret_and_size() {
    let mut words = words(TokenCache::words_for(50));
    assert_eq!(TokenCache::new(&words, &KEY[..15]).err(), Some(Status::PepperTooShort));
    assert_eq!(TokenCache::new(&words[..15], KEY).err(), Some(Status::RegionTooSmall));
    assert!(words.iter().all(|word| word.load(Ordering::Relaxed) == 0), "nothing was written");
    table(&words);
    table(&words);
    assert_eq!(TokenCache::new(&words, b"another cache's secret").err(), Some(Status::TableMismatch));
    assert_eq!(TokenCache::new(&words[..words.len() - 1], KEY).err(), Some(Status::TableMismatch));
    assert_eq!(ReplayTable::new(&words, KEY).err(), Some(Status::TableMismatch), "of another kind");
    assert_eq!(TokenCache::empty(&mut words, &KEY[..15]).err(), Some(Status::PepperTooShort));
    table(&words);
    assert!(TokenCache::empty(&mut words, b"another cache's secret").is_ok());
}

/// What the cache is not asked for, it is not filled with: keys of a rotating secret, tokens in an envelope.
#[test]
fn rotating_secrets_and_envelopes_leave_the_cache_alone() {
    let base = b"a base of the field, 32 bytes or more";
    let rotating = Rotating::derived("sub");
    let sealer = Sealer::of_key(KeyManagement::DirA256Gcm, Encryption::A256Gcm, None, &[7; 32]).unwrap();
    let mut region = [0; 128];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_rotating(Some("r"), base, &rotating).unwrap();
    keys.add_secret(Algorithm::HS256, Some("s"), SECRET).unwrap();
    keys.add_decryption(KeyManagement::DirA256Gcm, None, &[7; 32]).unwrap();
    let sets = [keys.set()];
    let words = words(TokenCache::words_for(64));
    let cache = table(&words);
    let mint = Mint { subject: Some("alice"), expires_at: Some(NOW + 60), issued_at: Some(NOW), ..Mint::default() };
    let daily = Signer::of_rotating(Some("r"), base, &rotating, "alice", NOW).unwrap();
    let plain = Signer::of_secret(Algorithm::HS256, Some("s"), SECRET).unwrap();
    let random = [3; SEAL_RANDOM_BYTES];
    for (shape, signer, kept) in [
        (Shape::Signed, &daily, 0),
        (Shape::SignedThenEncrypted, &plain, 0),
        (Shape::SignedThenEncrypted, &daily, 0),
        (Shape::Signed, &plain, 1),
        (Shape::EncryptedThenSigned, &plain, 2),
    ] {
        let (mut scratch, mut out) = ([0; 2048], [0; 2048]);
        let token = match shape {
            Shape::Signed => signer.issue(&mint, &mut scratch, &mut out),
            _ => signer.issue_nested(&mint, shape, &sealer, &random, &mut scratch, &mut out),
        };
        let token = token.unwrap().to_owned();
        let policy = Policy { shape, ..Policy::default() };
        let verifier = Verifier::new(&sets, policy, Holder::default()).unwrap().with_cache(&cache);
        for _ in 0..6 {
            let report = verifier.verify(&Request::new(&token, NOW), &mut [0; 4096]).report();
            assert_eq!(report.status, Status::Accepted, "{shape:?}");
        }
        assert_eq!((cache.statistics().taken, cache.statistics().kept), (kept, kept), "{shape:?}");
    }
}
