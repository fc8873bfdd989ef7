//! Sets of every size from 2 to 12 in the shapes that providers publish, loaded, chosen from and rotated key by key.

use super::x5c;
use countermark::{Algorithm, Holder, KeySet, Keys, Policy, Request, Status, Verifier, keys_size_for, scratch_bytes};
use countermark_tests::keys;
use countermark_tests::token::{NOW, TokenBuilder};

/// A key as one provider writes it: how, its algorithm, and the status that it is skipped for.
type Shape = (fn(&str, &str) -> String, &'static str, Option<Status>);

fn members(alg: &str) -> String {
    keys::jwk_members(keys::of(alg))
}

/// What providers write around the numbers of a key.
const SHAPES: &[Shape] = &[
    // The plain RSA key of most.
    (|kid, alg| format!(r#"{{{},"use":"sig","alg":"{alg}","kid":"{kid}"}}"#, members(alg)), "RS256", None),
    // A chain and its thumbprints, the numbers last.
    (
        |kid, alg| format!(r#"{{"alg":"{alg}","use":"sig",{},"kid":"{kid}",{}}}"#, x5c("rsa2048"), members(alg)),
        "RS256",
        None,
    ),
    // Another RSA key of the same set signs in another way.
    (|kid, alg| format!(r#"{{"kid":"{kid}","use":"sig","alg":"{alg}",{}}}"#, members(alg)), "PS256", None),
    // What a browser exports.
    (
        |kid, alg| format!(r#"{{"key_ops":["verify"],"ext":true,{},"alg":"{alg}","kid":"{kid}"}}"#, members(alg)),
        "ES384",
        None,
    ),
    // Written by hand: lines, tabs, members of the provider's own, a date, a null, a nested object.
    (
        |kid, alg| {
            format!(
                "\n\t{{\r\n\t\t\"kid\" : \"{kid}\" ,\n \"exp\": 1799999999.5, \"nbf\":null, \"_meta\": {{\"a\":[{{}},[]]}},\
                 {}\n\t,\"alg\":\"{alg}\"}}\n",
                members(alg)
            )
        },
        "ES512",
        None,
    ),
    // For encryption, beside the others.
    (
        |kid, _| format!(r#"{{{},"use":"enc","alg":"RSA-OAEP-256","kid":"{kid}",{}}}"#, members("RS256"), x5c("rsa2048")),
        "RS256",
        Some(Status::KeyAlgorithmUnknown),
    ),
    // The newer name of EdDSA on Ed25519 (RFC 9864).
    (|kid, alg| format!(r#"{{{},"alg":"Ed25519","use":"sig","kid":"{kid}"}}"#, members(alg)), "EdDSA", None),
    // A kid in escapes, as some libraries write every slash.
    (|kid, alg| format!(r#"{{"kid":"{}",{},"alg":"{alg}"}}"#, kid.replace('/', "\\/"), members(alg)), "ES256K", None),
    // Two uses of one key, the second for encryption.
    (
        |kid, _| format!(r#"{{{},"use":"enc","kid":"{kid}"}}"#, members("RS256")),
        "RS256",
        Some(Status::KeyAlgorithmUndecided),
    ),
];

/// The key at a place of a provider's history: its name, its shape.
fn published(place: usize) -> (String, Shape) {
    (format!("2026/{place:02}-{}", "f3".repeat(place % 5 * 4)), SHAPES[place % SHAPES.len()])
}

fn jwks(places: std::ops::Range<usize>) -> String {
    let keys: Vec<String> = places.map(published).map(|(kid, (write, alg, _))| write(&kid, alg)).collect();
    format!(r#"{{"issuer":"https://login.example","keys":[{}],"cache":{{"max-age":3600}}}}"#, keys.join(","))
}

fn status_under(set: KeySet<'_>, place: usize) -> Status {
    let (kid, (_, alg, _)) = published(place);
    let token = TokenBuilder::new(alg).header_with(&format!(r#""kid":"{kid}""#)).build();
    let sets = [set];
    let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap();
    let mut scratch = vec![0; scratch_bytes(token.len(), &Default::default())];
    verifier.verify(&Request::new(&token, NOW), &mut scratch).report().status
}

#[test]
fn sets_of_two_to_twelve_keys_in_every_shape() {
    for count in 2..=12 {
        let mut old = vec![];
        // Each key comes in at one end and goes out at the other.
        for start in 0..SHAPES.len() {
            let text = jwks(start..start + count);
            let before = if start == 0 { KeySet::EMPTY } else { KeySet::open(&old).unwrap() };
            let mut region = vec![0; 2048];
            let mut new = Keys::succeeding(&mut region, &before).unwrap();
            let loaded = new.add_jwks(text.as_bytes(), &[Algorithm::ES256]).unwrap();
            let skipped: Vec<Status> = (start..start + count).filter_map(|place| published(place).1.2).collect();
            assert_eq!((loaded.added, loaded.skipped), (count - skipped.len(), skipped.len()), "{count} from {start}");
            assert_eq!(loaded.reason, skipped.first().copied());
            let bytes = keys_size_for(text.as_bytes(), &[Algorithm::ES256], None).unwrap();
            assert_eq!(bytes, new.set().region().len() * 8);
            assert!(new.set().generation() > before.generation());
            // Every fourth step is tried with tokens of the keys at its ends and beyond them.
            for place in [start, start + count - 1].into_iter().filter(|_| start % 4 == count % 4) {
                let expected = if published(place).1.2.is_none() { Status::Accepted } else { Status::UnknownKid };
                assert_eq!(status_under(new.set(), place), expected, "{count} from {start}: {place}");
            }
            assert_eq!(status_under(new.set(), start + count), Status::UnknownKid, "not published yet");
            old = new.set().region().to_vec();
        }
    }
}
