//! Key sets as providers publish them: loaded, chosen from, measured, replaced while threads verify.

#[path = "key_sets/providers.rs"]
mod providers;

use countermark::{
    Algorithm, Cooldown, Holder, KeySet, Keys, Policy, Request, Status, Verifier, keys_size_for, scratch_bytes,
};
use countermark_tests::base64url;
use countermark_tests::judge::{Attempt, KeySource, Setup, judge, status_of};
use countermark_tests::keys;
use countermark_tests::token::{self, Flaw, NOW, SigningKey, TokenBuilder};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

/// A member that providers add: a chain in standard base64, which is not base64url.
fn x5c(name: &str) -> String {
    let lines = keys::named(name).certificate.lines().filter(|line| !line.starts_with('-'));
    format!(r#""x5c":["{}"],"x5t":"NjVBRjY5MDlCMUIwNzU4RTA2QzZFMDQ4QzQ2MDAyQjVDNjk1RTM2Qg""#, lines.collect::<String>())
}

/// RSA keys without `alg`, with chains and members of the provider's own.
fn without_alg() -> String {
    let key = |kid: &str, name: &str| {
        format!(
            r#"{{"kty":"RSA","use":"sig","kid":"{kid}","issuer":"https://login.example/t/v2.0","cloud_instance_name":"example.com",{},{}}}"#,
            keys::jwk_members(keys::named(name)).replace(r#""kty":"RSA","#, ""),
            x5c(name)
        )
    };
    let keys: Vec<_> = (0..12).map(|at| key(&format!("k{at}"), ["rsa2048", "rsa3072", "rsa4096"][at % 3])).collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

/// Signing and encryption keys of several kinds side by side, one of them of a kind that nobody here knows.
fn mixed() -> String {
    let of = |kid: &str, alg: &str, usage: &str| {
        format!(
            r#"{{"kid":"{kid}","alg":"{alg}","use":"{usage}","x5t#S256":"{}",{}}}"#,
            base64url::encode(&[7; 32]),
            keys::jwk_members(keys::of(alg))
        )
    };
    let keys = [
        of("rsa", "RS256", "sig"),
        of("rsa-enc", "RSA-OAEP", "enc"),
        of("pss", "PS512", "sig"),
        of("p384", "ES384", "sig"),
        of("p521", "ES512", "sig"),
        of("k256", "ES256K", "sig"),
        of("ed", "EdDSA", "sig"),
        r#"{"kid":"x","kty":"OKP","crv":"X25519","x":"AAAA","use":"enc"}"#.to_string(),
        r#"{"kid":"future","kty":"NEW","alg":"NEW-1","pub":"AAAA"}"#.to_string(),
        r#"{"kid":"weak","kty":"RSA","alg":"RS256","n":"AQAB","e":"AQAB"}"#.to_string(),
        format!(
            r#"{{"kid":"bad","kty":"EC","crv":"P-384","alg":"ES384","x":"{0}","y":"{0}"}}"#,
            base64url::encode(&[1; 48])
        ),
    ];
    format!(r#"{{"extra":{{"a":[1]}},"keys":[{}]}}"#, keys.join(","))
}

#[test]
fn a_set_without_alg_takes_the_policys_one_name() {
    let jwks = without_alg();
    for (allowed, alg) in [(Algorithm::RS256, "RS256"), (Algorithm::PS384, "PS384")] {
        let allowed = &[allowed, Algorithm::ES256];
        let bytes = keys_size_for(jwks.as_bytes(), allowed, None).unwrap();
        let mut region = vec![0; bytes / 8];
        let mut keys = Keys::new(&mut region).unwrap();
        let loaded = keys.add_jwks(jwks.as_bytes(), allowed).unwrap();
        assert_eq!((loaded.added, loaded.skipped, loaded.reason), (12, 0, None));
        assert_eq!(keys.set().region().len() * 8, bytes, "exact");
        let policy = Policy { algorithms: allowed, ..Policy::default() };
        let setup = Setup::with([KeySource::Jwks(jwks.clone())]).policy(policy);
        for (kid, expected) in [("k0", Status::Accepted), ("k1", Status::Signature), ("k12", Status::UnknownKid)] {
            let token = TokenBuilder::new(alg).header_with(&format!(r#""kid":"{kid}""#)).build();
            assert_eq!(status_of(&setup, &token), expected, "{kid}");
        }
        // Twelve keys could have signed this one: more than are tried.
        assert_eq!(status_of(&setup, &TokenBuilder::new(alg).build()), Status::TooManyCandidates);
    }
    let undecided = &[Algorithm::RS256, Algorithm::RS512];
    let found = Keys::new(&mut [0; 4096]).unwrap().add_jwks(jwks.as_bytes(), undecided);
    assert_eq!(found, Err(Status::KeyAlgorithmUndecided));
}

#[test]
fn a_mixed_set_says_how_many_were_skipped_and_why() {
    let jwks = mixed();
    let mut region = vec![0; 1024];
    let mut keys = Keys::for_issuer(&mut region, "https://login.example").unwrap();
    let loaded = keys.add_jwks(jwks.as_bytes(), &[]).unwrap();
    assert_eq!((loaded.added, loaded.skipped), (6, 5));
    // The encryption key has an alg that signs nothing: that is found before its use.
    assert_eq!(loaded.reason, Some(Status::KeyAlgorithmUnknown));
    let expected = [
        (Status::KeyAlgorithmUnknown, 1),
        (Status::KeyTypeUnsupported, 2),
        (Status::KeyModulusTooSmall, 1),
        (Status::KeyPoint, 1),
    ];
    for status in Status::ALL {
        let count = expected.iter().find(|(own, _)| own == status).map_or(0, |(_, count)| *count);
        assert_eq!(loaded.skipped_for(*status), count, "{}", status.name());
    }
    assert_eq!(loaded.reasons.iter().map(|count| usize::from(*count)).sum::<usize>(), loaded.skipped);
    assert_eq!(keys.set().skipped(), 5);
    let bytes = keys_size_for(jwks.as_bytes(), &[], Some("https://login.example")).unwrap();
    assert_eq!(keys.set().region().len() * 8, bytes);
    let setup = Setup::with([KeySource::Jwks(jwks)]);
    for (kid, alg) in
        [("rsa", "RS256"), ("pss", "PS512"), ("p384", "ES384"), ("p521", "ES512"), ("k256", "ES256K"), ("ed", "EdDSA")]
    {
        let token = TokenBuilder::new(alg).header_with(&format!(r#""kid":"{kid}""#));
        assert_eq!(status_of(&setup, &token.build()), Status::Accepted, "{kid}");
        let other = TokenBuilder::new(alg).header_with(r#""kid":"weak""#).build();
        assert_eq!(status_of(&setup, &other), Status::UnknownKid, "a skipped key is no key");
    }
}

#[test]
fn generations_count_and_a_bad_set_replaces_nothing() {
    let (mut first, mut second) = (vec![0; 2048], vec![0; 2048]);
    let mut old = Keys::for_issuer(&mut first, "iss").unwrap();
    old.add_jwks(mixed().as_bytes(), &[]).unwrap();
    let generation = old.set().generation();
    assert_eq!((generation, old.set().has_issuer()), (1 + old.set().len() as u32, true), "one more for each key");
    let before = old.set().region().to_vec();
    for bad in ["", "{}", r#"{"keys":[]}"#, r#"{"keys":[{"kty":"X"}]}"#] {
        let mut new = Keys::succeeding(&mut second, &old.set()).unwrap();
        assert!(new.add_jwks(bad.as_bytes(), &[]).is_err());
        assert_eq!((new.set().len(), new.set().generation()), (0, generation + 1));
        assert_eq!(old.set().region(), before, "untouched");
    }
    let mut new = Keys::succeeding(&mut second, &old.set()).unwrap();
    new.add_jwks(without_alg().as_bytes(), &[Algorithm::RS256]).unwrap();
    assert_eq!((new.set().generation(), new.set().has_issuer(), new.set().len()), (generation + 13, true, 12));
    let mut third = vec![0; 64];
    assert_eq!(Keys::succeeding(&mut third, &new.set()).unwrap().set().generation(), generation + 14);
    assert_eq!(Keys::succeeding(&mut third, &KeySet::EMPTY).unwrap().set().generation(), 1);
    assert_eq!(Keys::succeeding(&mut [0; 3], &new.set()).err(), Some(Status::RegionTooSmall), "no room for the issuer");
}

/// Threads verify while the keys under them are replaced: each token is judged by one whole set, old or new.
#[test]
fn sets_are_replaced_under_threads() {
    let jwks = [mixed(), without_alg()];
    let region_of = |text: &str, old: Option<&[u64]>| {
        let mut region = vec![0; 4096];
        let old = old.map_or(KeySet::EMPTY, |words| KeySet::open(words).unwrap());
        let mut keys = Keys::succeeding(&mut region, &old).unwrap();
        keys.add_jwks(text.as_bytes(), &[Algorithm::RS256]).unwrap();
        let used = keys.set().region().to_vec();
        drop(keys);
        used
    };
    let current = RwLock::new(Arc::new(region_of(&jwks[0], None)));
    // "rsa" is in the first set alone, "k0" in the second alone; both are the same key.
    let tokens = ["rsa", "k0"].map(|kid| TokenBuilder::new("RS256").header_with(&format!(r#""kid":"{kid}""#)).build());
    let rounds = 60u32;
    let replaced = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let verify = || {
            let (mut last, mut seen) = (0, [0, 0]);
            let mut is_over = false;
            while !is_over {
                is_over = replaced.load(Ordering::Acquire);
                let words = Arc::clone(&current.read().unwrap());
                let set = KeySet::open(&words).unwrap();
                let generation = set.generation();
                assert!(generation >= last, "never backwards");
                last = generation;
                let sets = [set];
                let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap();
                let is_first = set.len() != 12;
                for (at, token) in tokens.iter().enumerate() {
                    let mut scratch = vec![0; scratch_bytes(token.len(), &Default::default())];
                    let status = verifier.verify(&Request::new(token, NOW), &mut scratch).report().status;
                    let expected = if (at == 0) == is_first { Status::Accepted } else { Status::UnknownKid };
                    assert_eq!(status, expected, "generation {generation}");
                }
                seen[usize::from(is_first)] += 1;
            }
            assert!(seen[0] + seen[1] > 0 && last > rounds);
        };
        let threads: Vec<_> = (0..3).map(|_| scope.spawn(verify)).collect();
        for round in 1..rounds {
            let old = Arc::clone(&current.read().unwrap());
            let new = region_of(&jwks[round as usize % 2], Some(&old));
            *current.write().unwrap() = Arc::new(new);
        }
        replaced.store(true, Ordering::Release);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn unknown_kids_cause_one_fetch_in_a_while() {
    let mut cooldown = Cooldown::new(300);
    let fetches = (0..3600).filter(|second| cooldown.ask(NOW + second)).count();
    assert_eq!(fetches, 12);
    assert!(cooldown.ask(NOW - 1_000_000), "a clock set back does not stop fetching");
    assert!(!cooldown.ask(NOW - 1_000_000 + 299));
    let mut at_the_ends = Cooldown::new(u32::MAX);
    assert!(at_the_ends.ask(i64::MIN) && at_the_ends.ask(i64::MAX) && at_the_ends.ask(i64::MIN));
}

/// Each key's material, as it should be refused.
#[test]
fn keys_that_are_wrong_in_one_thing() {
    let of = |json: String| match judge(&Setup::with([KeySource::Jwk(json)]), Attempt::new("a.b.c")).status {
        Status::HeaderEncoding => Status::Accepted, // the key was loaded, and the token was none
        status => status,
    };
    let rsa = keys::jwk_members(keys::named("rsa2048"));
    let n = rsa.split(r#""n":""#).nth(1).unwrap().split('"').next().unwrap();
    let jwk = |n: &str, e: &str| of(format!(r#"{{"kty":"RSA","alg":"PS256","n":"{n}","e":"{e}"}}"#));
    assert_eq!(jwk(n, "AQAB"), Status::Accepted);
    let modulus = base64url::decode(n.as_bytes()).unwrap();
    let text = |bytes: &[u8]| base64url::encode(bytes);
    let with = |at: usize, byte: u8| {
        let mut bytes = modulus.clone();
        bytes[at] = byte;
        text(&bytes)
    };
    assert_eq!(jwk(&with(255, 0), "AQAB"), Status::KeyModulusEven);
    assert_eq!(jwk(&with(0, 0x7f), "AQAB"), Status::KeyModulusTooSmall, "2047 bits");
    assert_eq!(jwk(&with(0, 0), "AQAB"), Status::KeyLeadingZero);
    assert_eq!(jwk(&text(&[&[1], &modulus[..]].concat()), "AQAB"), Status::Accepted, "2049 bits");
    assert_eq!(jwk(&text(&[&modulus[..], &modulus[..]].concat()), "AQAB"), Status::Accepted, "4096 bits");
    assert_eq!(jwk(&text(&[&[1], &modulus[..], &modulus[..]].concat()), "AQAB"), Status::KeyModulusTooLarge);
    let largest = [&modulus[..], &modulus[..]].concat();
    for zeros in 1..4 {
        let led = text(&[&vec![0; zeros], &largest[..]].concat());
        assert_eq!(jwk(&led, "AQAB"), Status::KeyLeadingZero, "{zeros} zeros before 4096 bits");
        assert_eq!(jwk(n, &text(&[&vec![0; zeros], &[1u8; 8][..]].concat())), Status::KeyLeadingZero);
    }
    assert_eq!(jwk("AA", "AQAB"), Status::KeyLeadingZero);
    assert_eq!(jwk("", "AQAB"), Status::KeyModulusTooSmall);
    assert_eq!(jwk("*", "AQAB"), Status::KeyEncoding);
    for (e, expected) in [
        (&[1u8][..], Status::KeyExponent),
        (&[2], Status::KeyExponent),
        (&[3], Status::Accepted),
        (&[1, 0, 0], Status::KeyExponent),
        (&[1, 0, 1], Status::Accepted),
        (&[0, 1, 0, 1], Status::KeyLeadingZero),
        (&[], Status::KeyExponent),
        (&[1, 0xff, 0xff, 0xff, 0xff], Status::Accepted),
        (&[2, 0, 0, 0, 1], Status::KeyExponent),
        (&[1; 9], Status::KeyExponent),
    ] {
        assert_eq!(jwk(n, &text(e)), expected, "{e:?}");
    }
    assert_eq!(of(format!(r#"{{"kty":"RSA","alg":"RS256","n":"{n}"}}"#)), Status::KeyMemberMissing);
    assert_eq!(of(format!(r#"{{{rsa},"alg":"ES256"}}"#)), Status::KeyAlgorithmMismatch);
    assert_eq!(of(format!(r#"{{{rsa},"alg":"RS256","use":"enc"}}"#)), Status::KeyUse);
    assert_eq!(of(format!(r#"{{{rsa},"alg":"RS256","key_ops":["sign"]}}"#)), Status::KeyUse);
    assert_eq!(of(format!(r#"{{{rsa},"alg":"RS256","d":7,"p":null}}"#)), Status::Accepted, "private members are not read");
    for name in ["p384", "p521", "k256", "ed25519"] {
        let members = keys::jwk_members(keys::named(name));
        let alg = match name {
            "p384" => "ES384",
            "p521" => "ES512",
            "k256" => "ES256K",
            _ => "Ed25519",
        };
        let x = members.split(r#""x":""#).nth(1).unwrap().split('"').next().unwrap();
        let bytes = base64url::decode(x.as_bytes()).unwrap();
        let with_x =
            |x: &[u8]| of(format!(r#"{{{},"alg":"{alg}"}}"#, members.replace(&base64url::encode(&bytes), &text(x))));
        assert_eq!(with_x(&bytes), Status::Accepted, "{name}");
        assert_eq!(with_x(&bytes[1..]), Status::KeyLength, "{name}: a coordinate has its leading zeros");
        assert_eq!(with_x(&[&[0], &bytes[..]].concat()), Status::KeyLength, "{name}");
        let all_zero = if name == "ed25519" { Status::KeySmallOrder } else { Status::KeyPoint };
        assert_eq!(
            of(format!(r#"{{{},"alg":"{alg}"}}"#, members.replace(x, &text(&vec![0; bytes.len()])))),
            all_zero,
            "{name}"
        );
        let crv = members.replace("\"crv\":\"", "\"crv\":\"x");
        assert_eq!(of(format!(r#"{{{crv},"alg":"{alg}"}}"#)), Status::KeyTypeUnsupported, "{name}");
    }
}

/// The points of small order on Ed25519, and what is not the encoding of a point (the list of "Taming the many EdDSAs", table 5,
/// and RFC 8032 5.1.3).
#[test]
fn attack_26_ed25519_keys_of_small_order_and_second_spellings() {
    let mut hex = vec![
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        // y at or above 2^255 - 19.
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ];
    // No point has this y.
    hex.push("0200000000000000000000000000000000000000000000000000000000000000");
    for text in hex {
        let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap()).collect();
        let found = Keys::new(&mut [0; 64]).unwrap().add_ed25519(None, &bytes).unwrap_err();
        assert!([Status::KeySmallOrder, Status::KeyPoint].contains(&found), "{text}: {found:?}");
    }
}

/// Attack 26: s and n - s are one token, everything else is another.
#[test]
fn a_token_has_one_identity_however_it_is_written() {
    let identity = |alg: &str, token: &str| {
        let mut region = vec![0; 512];
        let key = countermark_tests::judge::key_of(alg);
        let set = countermark_tests::judge::SetOfKeys { issuer: None, keys: vec![key] };
        let keys = countermark_tests::judge::load(&set, &mut region, &[]).unwrap();
        let sets = [keys.set()];
        let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap();
        let mut scratch = vec![0; 4096];
        let claims = verifier.verify(&Request::new(token, NOW), &mut scratch).accepted().unwrap();
        assert_eq!(claims.algorithm().name(), alg);
        claims.identity()
    };
    let token = TokenBuilder::new("ES256");
    let first = token.clone().build();
    let signature = SigningKey::of("ES256").sign(first.rsplit_once('.').unwrap().0.as_bytes());
    let second = token.clone().flaw(Flaw::SignatureIs(token::other_s(&signature))).build();
    assert_ne!(first, second);
    assert_eq!(identity("ES256", &first), identity("ES256", &second));
    let other = token.payload_with(r#""jti":"2""#).build();
    assert_ne!(identity("ES256", &first), identity("ES256", &other));
    macro_rules! curve {
        ($curve:ident, $alg:literal) => {{
            let token = TokenBuilder::new($alg);
            let text = token.clone().build();
            let signature = keys::sign($alg, text.rsplit_once('.').unwrap().0.as_bytes());
            let (r, s) = $curve::ecdsa::Signature::from_slice(&signature).unwrap().split_scalars();
            let other = $curve::ecdsa::Signature::from_scalars(r, -s).unwrap();
            let low = $curve::ecdsa::Signature::from_slice(&signature).unwrap().normalize_s();
            let second = token.flaw(Flaw::SignatureIs(other.to_bytes().to_vec())).build();
            assert_ne!(text, second);
            assert_eq!(identity($alg, &text), identity($alg, &second), $alg);
            // What is hashed, by the crates.
            let (input, _) = text.rsplit_once('.').unwrap();
            let mut hashed = format!("{input}.").into_bytes();
            hashed.extend(low.to_bytes());
            assert_eq!(identity($alg, &text)[..], <sha2::Sha256 as sha2::Digest>::digest(&hashed)[..], $alg);
        }};
    }
    curve!(p384, "ES384");
    curve!(p521, "ES512");
    curve!(k256, "ES256K");
    for alg in ["HS256", "RS256", "EdDSA"] {
        let text = TokenBuilder::new(alg).build();
        let (input, signature) = text.rsplit_once('.').unwrap();
        let mut hashed = format!("{input}.").into_bytes();
        hashed.extend(base64url::decode(signature.as_bytes()).unwrap());
        assert_eq!(identity(alg, &text)[..], <sha2::Sha256 as sha2::Digest>::digest(&hashed)[..]);
    }
}

#[test]
fn access_tokens_of_rfc_9068_and_the_age_of_a_login() {
    let issuers = &["https://login.example"];
    let policy = Policy::rfc9068(issuers, &["https://api.example"]);
    let whole = r#""aud":"https://api.example","client_id":"c","jti":"1""#;
    let setup = |policy| Setup::with([countermark_tests::judge::key_of("ES256")]).policy(policy);
    let token = |members: &str| TokenBuilder::new("ES256").header_with(r#""typ":"at+jwt""#).payload_with(members).build();
    assert_eq!(status_of(&setup(policy), &token(whole)), Status::Accepted);
    let plain = TokenBuilder::new("ES256").payload_with(whole).build();
    assert_eq!(status_of(&setup(policy), &plain), Status::Type);
    for missing in ["client_id", "jti"] {
        assert_eq!(status_of(&setup(policy), &token(&whole.replace(missing, "x"))), Status::ClaimRequired);
    }
    assert_eq!(status_of(&setup(policy), &token(&whole.replace("api", "b"))), Status::Audience);
    // RFC 8693 4.3: a string. An empty one names nobody.
    for wrong in ["1", "null", "\"\"", "[\"c\"]", "{}", "true"] {
        let members = whole.replace(r#""client_id":"c""#, &format!(r#""client_id":{wrong}"#));
        assert_eq!(status_of(&setup(policy), &token(&members)), Status::ClaimRequired, "{wrong}");
    }
    assert_eq!(status_of(&setup(policy), &token(&whole.replace(r#""jti":"1""#, r#""jti":"""#))), Status::ClaimRequired);
    assert_eq!(status_of(&setup(policy), &token(&whole.replace(r#""jti":"1""#, r#""jti":1"#))), Status::ClaimType);
    // RFC 9068 4: the issuer is compared, by the policy or by the sets.
    let anyone = Policy::rfc9068(&[], &["https://api.example"]);
    let (mut bound, mut unbound) = ([0; 64], [0; 64]);
    let (bound, unbound) = (Keys::for_issuer(&mut bound, "i").unwrap(), Keys::new(&mut unbound).unwrap());
    let made = |sets: &[KeySet<'_>], policy| Verifier::new(sets, policy, Holder::default()).err();
    assert_eq!(made(&[bound.set(), unbound.set()], anyone), Some(Status::IssuersUnbound));
    assert_eq!(made(&[bound.set(), bound.set()], anyone), None);
    assert_eq!(made(&[unbound.set()], policy), None);

    let policy = Policy { acr: &["gold", "silver"], auth_max_age: Some(300), leeway: 10, ..Policy::default() };
    for (members, failed) in [
        (r#""acr":"gold","auth_time":1700000000"#, &[][..]),
        (r#""acr":"silver","auth_time":1699999690"#, &[]),
        (r#""acr":"silver","auth_time":1700000010.0"#, &[]),
        (r#""acr":"gold","auth_time":1699999689"#, &[Status::AuthTooOld]),
        (r#""acr":"gold","auth_time":1699999690.5"#, &[]),
        (r#""acr":"gold","auth_time":1699999689.5"#, &[Status::AuthTooOld]),
        (r#""acr":"gold","auth_time":1700000011"#, &[Status::AuthTimeMissing]),
        (r#""acr":"gold","auth_time":1700000010.5"#, &[Status::AuthTimeMissing]),
        (r#""acr":"gold","auth_time":"1700000000""#, &[Status::AuthTimeMissing]),
        (r#""acr":"gold","auth_time":-1"#, &[Status::AuthTimeMissing]),
        (r#""acr":"bronze","auth_time":1700000000"#, &[Status::Acr]),
        (r#""acr":["gold"],"auth_time":1700000000"#, &[Status::Acr]),
        (r#""acr":"Gold""#, &[Status::Acr, Status::AuthTimeMissing]),
        (r#""x":1"#, &[Status::Acr, Status::AuthTimeMissing]),
    ] {
        let token = TokenBuilder::new("ES256").payload_with(members).build();
        let outcome = judge(&setup(policy), Attempt::new(&token));
        let mask = failed.iter().map(|status| 1u64 << status.bit().unwrap()).sum::<u64>();
        assert_eq!(outcome.failures, mask, "{members}");
        assert_eq!(outcome.status, failed.first().copied().unwrap_or(Status::Accepted));
    }
    let without_clock = Policy { no_clock: true, nonce: Some("n"), ..policy };
    assert_eq!(Verifier::new(&[], without_clock, Holder::default()).err(), Some(Status::PolicyConflict));
}

/// The same in C: a set that succeeds another, its generation, the cool-down, a thumbprint, an identity.
#[test]
fn sets_cooldown_and_thumbprint_in_c() {
    use countermark_ffi::*;
    use std::ptr::{null, null_mut};
    let (mut first, mut second) = ([0u64; 256], [0u64; 256]);
    let mut old = cmk_keys { region: null_mut(), bytes: 0 };
    let (mut new, mut generation) = (old, 9);
    let issuer = cmk_bytes::of(b"iss");
    // SAFETY: every pointer is valid for its length, or NULL where that is asked.
    unsafe {
        assert_eq!(cmk_keys_init(&mut old, first.as_mut_ptr().cast(), 2048, issuer), 0);
        assert_eq!(cmk_keys_generation(&old, &mut generation), 0);
        assert_eq!(generation, 1);
        let over = cmk_keys_init_after(&mut new, first.as_mut_ptr().cast(), 2048, &old);
        assert_eq!(over, Status::Overlap.code());
        assert_eq!(cmk_keys_init_after(&mut new, null_mut(), 0, &old), Status::NullPointer.code());
        let none = cmk_keys_init_after(&mut new, second.as_mut_ptr().cast(), 2048, null());
        assert_eq!(none, Status::NullPointer.code());
        let small = cmk_keys_init_after(&mut new, second.as_mut_ptr().cast(), 24, &old);
        assert_eq!(small, Status::RegionTooSmall.code());
        assert_eq!(cmk_keys_init_after(&mut new, second.as_mut_ptr().cast(), 2048, &old), 0);
        assert_eq!(cmk_keys_generation(&new, &mut generation), 0);
        assert_eq!(generation, 2);
        assert!(KeySet::open(&second).unwrap().has_issuer());
        assert_eq!(cmk_keys_generation(null(), &mut generation), Status::NullPointer.code());
        assert_eq!(generation, 0);

        let mut cooldown = cmk_cooldown { last: 0, seconds: 60, used: 0 };
        let mut asked = |now| {
            let mut may = 9;
            assert_eq!(cmk_cooldown_ask(&mut cooldown, now, &mut may), 0);
            may
        };
        assert_eq!([asked(0), asked(59), asked(60), asked(61), asked(-5)], [1, 0, 1, 0, 1]);
        assert_eq!(cmk_cooldown_ask(null_mut(), 0, &mut 9), Status::NullPointer.code());

        let jwk = format!("{{{}}}", keys::jwk_members(keys::named("rsa2048")));
        let (mut buffer, mut text) = ([0u8; 43], cmk_bytes::NONE);
        let jwk = cmk_bytes::of(jwk.as_bytes());
        let short = cmk_thumbprint(jwk, buffer.as_mut_ptr().cast(), 42, &mut text);
        assert_eq!(short, Status::BufferTooSmall.code());
        assert_eq!(cmk_thumbprint(jwk, buffer.as_mut_ptr().cast(), 43, &mut text), 0);
        let found = std::slice::from_raw_parts(text.ptr, text.len);
        let json = std::slice::from_raw_parts(jwk.ptr, jwk.len);
        assert_eq!(countermark::thumbprint(json, &mut [0; 43]).unwrap().as_bytes(), found);
    }
}

/// Threads read their clocks before they take the lock: a step back by less than the pause fetches nothing more.
#[test]
fn a_cool_down_is_not_fooled_by_clocks_that_were_read_earlier() {
    let mut cooldown = Cooldown::new(60);
    let asked = [100, 100, 99, 98, 101, 41, 159, 160, 159, 158, 100].map(|now| cooldown.ask(now));
    assert_eq!(asked, [true, false, false, false, false, false, false, true, false, false, true]);
}

/// A new set that fails must not cost the view of the one that serves.
#[test]
fn a_new_set_in_c_never_lies_over_the_old_view() {
    use countermark_ffi::{cmk_keys, cmk_keys_count, cmk_keys_init, cmk_keys_init_after};
    let (mut region, mut next) = ([0u64; 64], [0u64; 64]);
    let mut keys: cmk_keys = unsafe { std::mem::zeroed() };
    let none = countermark_ffi::cmk_bytes::NONE;
    assert_eq!(unsafe { cmk_keys_init(&mut keys, region.as_mut_ptr().cast(), 512, none) }, 0);
    let view: *mut cmk_keys = &mut keys;
    assert_eq!(unsafe { cmk_keys_init_after(view, next.as_mut_ptr().cast(), 512, view) }, Status::Overlap.code());
    let mut count = 99;
    assert_eq!(unsafe { cmk_keys_count(&keys, &mut count) }, 0);
    assert_eq!(count, 0);
}

/// A key that is too deep or too wide to be read alone is passed over; the others of its set are loaded.
#[test]
fn one_key_beyond_the_limits_costs_the_set_nothing_else() {
    let good = format!(r#"{{{},"alg":"RS256","kid":"good"}}"#, keys::jwk_members(keys::named("rsa2048")));
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let with = |members: String| format!(r#"{{"kty":"oct","alg":"HS256","kid":"o","k":"{}",{members}}}"#, "A".repeat(43));
    let wide = |count: usize| (4..count).map(|at| format!(r#""m{at}":0"#)).collect::<Vec<_>>().join(",");
    for (name, key, is_used) in [
        ("as deep as a key may be", with(format!(r#""d":{}"#, nested(7))), true),
        ("a level too deep", with(format!(r#""d":{}"#, nested(8))), false),
        ("as deep as the reader goes", with(format!(r#""d":{}"#, nested(13))), false),
        ("as wide as a key may be", with(wide(64)), true),
        ("a member too many", with(wide(65)), false),
        ("far too wide", with(wide(180)), false),
    ] {
        let set = format!(r#"{{"keys":[{key},{good}]}}"#);
        let (mut region, mut alone) = ([0; 256], [0; 256]);
        let mut keys = Keys::new(&mut region).unwrap();
        let loaded = keys.add_jwks(set.as_bytes(), &[]).unwrap();
        assert_eq!(loaded.added, 1 + usize::from(is_used), "{name}");
        assert_eq!(loaded.skipped_for(Status::KeyMalformed), usize::from(!is_used), "{name}");
        let expected = if is_used { Ok(()) } else { Err(Status::KeyMalformed) };
        assert_eq!(Keys::new(&mut alone).unwrap().add_jwk(key.as_bytes(), &[]), expected, "{name}: alone");
        let bytes = keys_size_for(set.as_bytes(), &[], None).unwrap();
        assert_eq!(bytes, keys.set().region().len() * 8, "{name}");
        // Its name is taken all the same.
        let twice = format!(r#"{{"keys":[{key},{}]}}"#, with(r#""x":1"#.to_string()));
        let mut keys = Keys::new(&mut alone).unwrap();
        assert_eq!(keys.add_jwks(twice.as_bytes(), &[]), Err(Status::KeyIdDuplicate), "{name}");
    }
    // Beyond the reader's own bounds nobody knows where the key ends.
    for key in [with(format!(r#""d":{}"#, nested(14))), with(wide(193))] {
        let set = format!(r#"{{"keys":[{key},{good}]}}"#);
        let mut region = [0; 256];
        let mut keys = Keys::new(&mut region).unwrap();
        assert_eq!(keys.add_jwks(set.as_bytes(), &[]), Err(Status::KeyMalformed));
        assert!(keys.set().is_empty());
    }
}

/// What a host keeps of a verification holds for one generation: every change of a set makes another.
#[test]
fn a_set_that_is_changed_in_place_has_another_generation() {
    let mut region = [0; 256];
    let mut keys = Keys::new(&mut region).unwrap();
    let mut last = keys.set().generation();
    let mut changed = |keys: &Keys<'_>, is_changed: bool| {
        let now = keys.set().generation();
        assert_eq!(now > last, is_changed);
        last = now;
    };
    keys.add_secret(Algorithm::HS256, Some("a"), &[7; 32]).unwrap();
    changed(&keys, true);
    keys.add_jwk(br#"{"kty":"oct","alg":"HS256","kid":"b","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#, &[])
        .unwrap();
    changed(&keys, true);
    assert_eq!(keys.add_secret(Algorithm::HS256, Some("a"), &[8; 32]), Err(Status::KeyIdDuplicate));
    changed(&keys, false);
    let key = |kid: &str| format!(r#"{{"kty":"oct","alg":"HS256","kid":"{kid}","k":"{}"}}"#, "A".repeat(43));
    let bad = format!(r#"{{"keys":[{},{}]}}"#, key("c"), key("a"));
    assert_eq!(keys.add_jwks(bad.as_bytes(), &[]), Err(Status::KeyIdDuplicate));
    changed(&keys, false);
    keys.add_jwks(format!(r#"{{"keys":[{},{}]}}"#, key("c"), key("d")).as_bytes(), &[]).unwrap();
    changed(&keys, true);
}
