//! A JWK Set of known keys, good and bad, under names that may meet: what is added, skipped and why, as rules written once
//! more; and a set that is refused changes nothing.

use crate::input::Input;
use countermark::{Algorithm, KEYS_MAX, Keys, Status, keys_size_for};
use countermark_tests::base64url;
use countermark_tests::token::{SCALAR, SECRET, public_jwk_members};
use std::collections::HashSet;
use std::sync::OnceLock;

/// A key's members, the algorithm that it is known to be of, and what is wrong with it: before its name is looked at, or after.
struct Template {
    members: String,
    algorithm: Option<Algorithm>,
    before: Option<Status>,
    after: Option<Status>,
}

fn templates() -> &'static [Template] {
    static TEMPLATES: OnceLock<Vec<Template>> = OnceLock::new();
    TEMPLATES.get_or_init(|| {
        let secret = base64url::encode(SECRET);
        let point = public_jwk_members(&SCALAR);
        let of = |members: String, algorithm, before, after| Template { members, algorithm, before, after };
        let (hs256, es256) = (Some(Algorithm::HS256), Some(Algorithm::ES256));
        let off = base64url::encode(&[1; 32]);
        vec![
            of(format!(r#""kty":"oct","alg":"HS256","k":"{secret}""#), hs256, None, None),
            of(format!(r#"{point},"alg":"ES256","x5c":["AAAA"],"key_ops":["verify"]"#), es256, None, None),
            // No alg: the only one of those allowed that fits.
            of(format!(r#""k":"{secret}","kty":"oct""#), Some(Algorithm::HS384), None, None),
            of(r#""kty":"oct","alg":"HS256","k":"AAAA""#.into(), hs256, None, Some(Status::KeyTooShort)),
            of(
                format!(r#""kty":"EC","crv":"P-256","alg":"ES256","x":"{off}","y":"{off}""#),
                es256,
                None,
                Some(Status::KeyPoint),
            ),
            of(r#""kty":"oct","alg":"HS256""#.into(), hs256, None, Some(Status::KeyMemberMissing)),
            of(format!(r#""kty":"oct","alg":"HS256","use":"enc","k":"{secret}""#), hs256, Some(Status::KeyUse), None),
            of(format!(r#""kty":"oct","alg":"A256","k":"{secret}""#), None, Some(Status::KeyAlgorithmUnknown), None),
            of(r#""kty":"XYZ","alg":"HS256""#.into(), None, Some(Status::KeyTypeUnsupported), None),
        ]
    })
}

/// Input: how many keys, then for each its template and its name.
pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let long = "n".repeat(129);
    let names = [None, Some("a"), Some("b"), Some("c"), Some("d"), Some("e"), Some("f"), Some(long.as_str())];
    let count = input.below(70);
    let keys: Vec<(&Template, Option<&str>)> =
        (0..count).map(|_| (&templates()[input.below(templates().len())], input.pick(&names))).collect();
    let text = keys.iter().map(|(template, kid)| match kid {
        Some(kid) => format!(r#"{{"kid":"{kid}",{}}}"#, template.members),
        None => format!("{{{}}}", template.members),
    });
    let jwks = format!(r#"{{"keys":[{}]}}"#, text.collect::<Vec<_>>().join(","));
    let allowed = [Algorithm::HS384];

    let mut named = HashSet::new();
    let is_new = |(template, kid): &(&Template, Option<&str>)| match (template.algorithm, kid) {
        (Some(algorithm), Some(kid)) => named.insert((algorithm, kid.to_string())),
        _ => true,
    };
    let names_differ = keys.iter().map(is_new).fold(true, |all, new| all && new);
    let wrong = |(template, kid): &(&Template, Option<&str>)| {
        let too_long = kid.is_some_and(|kid| kid.len() > 128).then_some(Status::KeyIdTooLong);
        template.before.or(too_long).or(template.after)
    };
    let reasons: Vec<Status> = keys.iter().filter_map(wrong).collect();
    let added = keys.len() - reasons.len();
    let refused = match keys.len() {
        0 => Some(Status::KeySetEmpty),
        count if count > KEYS_MAX => Some(Status::KeySetTooLarge),
        _ if !names_differ => Some(Status::KeyIdDuplicate),
        // One place is taken already.
        _ if added >= KEYS_MAX => Some(Status::KeySetTooLarge),
        _ if added == 0 => Some(reasons[0]),
        _ => None,
    };

    let mut region = vec![0; 4096];
    let mut set = Keys::new(&mut region).expect("room");
    set.add_secret(Algorithm::HS512, Some("first"), SECRET).expect("a key");
    let before = (set.set().generation(), set.set().region().to_vec());
    let found = set.add_jwks(jwks.as_bytes(), &allowed);
    match refused {
        Some(status) => {
            assert_eq!(found, Err(status), "{jwks}");
            assert_eq!((set.set().generation(), set.set().region().to_vec()), before, "a set that fails changes nothing");
        }
        None => {
            let loaded = found.unwrap_or_else(|status| panic!("{status:?}: {jwks}"));
            assert_eq!((loaded.added, loaded.skipped, loaded.reason), (added, reasons.len(), reasons.first().copied()));
            for status in Status::ALL {
                assert_eq!(loaded.skipped_for(*status), reasons.iter().filter(|reason| *reason == status).count());
            }
            assert_eq!((set.set().len(), set.set().skipped()), (1 + added, reasons.len()));
            assert_ne!(set.set().generation(), before.0);
            // A region of the size that was foretold holds the set, and one word less does not.
            let bytes = keys_size_for(jwks.as_bytes(), &allowed, None).expect("it loads");
            let mut exact = vec![0; bytes / 8];
            assert!(Keys::new(&mut exact).expect("room").add_jwks(jwks.as_bytes(), &allowed).is_ok());
            exact.pop();
            let short = Keys::new(&mut exact).and_then(|mut keys| keys.add_jwks(jwks.as_bytes(), &allowed));
            assert_eq!(short, Err(Status::RegionTooSmall));
        }
    }
}
