//! P-256 of the core's own against the crate `p256`: the same verdict on every input, with each table and without.

use countermark::{Algorithm, Keys, Prepared, Status, prepared_bytes, tools};
use countermark_tests::p256_cases::{Case, ORDER, plus, reduced};
use p256::{ProjectivePoint, Scalar};
use serde_json::Value;
use sha2::{Digest, Sha256};

const WINDOWS: [u32; 5] = [4, 5, 6, 7, 8];

/// The memory of a key's tables in each of these windows.
fn regions(case: &Case, windows: &[u32]) -> Vec<Vec<u64>> {
    let mut region = vec![0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_sec1(Algorithm::ES256, None, &case.sec1()).unwrap();
    let build = |window: &u32| {
        let mut region = vec![0; prepared_bytes(*window, 1) / 8];
        assert_eq!(Prepared::build(&mut region, *window, &[keys.set()]).unwrap().len(), 1);
        region
    };
    windows.iter().map(build).collect()
}

fn open(regions: &[Vec<u64>]) -> Vec<Prepared<'_>> {
    regions.iter().map(|region| Prepared::open(region).unwrap()).collect()
}

/// The one verdict of every way, which is the oracle's.
fn judge(case: &Case, tables: &[Prepared<'_>]) -> bool {
    let expected = case.oracle();
    let Case { key, digest, r, s, .. } = case;
    assert_eq!(tools::p256_holds(key, digest, r, s), Some(expected), "unprepared: {case:x?}");
    for prepared in tables {
        assert_eq!(tools::prepared_holds(*prepared, key, digest, r, s), Some(expected), "prepared: {case:x?}");
    }
    expected
}

fn random(seed: u64) -> Scalar {
    reduced(Sha256::digest(seed.to_be_bytes()).into())
}

/// Random keys and digests: good signatures, and each with r, s or the digest at its edges or changed.
#[test]
fn random_inputs() {
    let (mut held, mut refused) = (0, 0);
    for seed in 0..16 {
        let key = ProjectivePoint::GENERATOR * random(seed);
        let good = Case::of_sum(&key, &random(seed + 1_000), &random(seed + 2_000), "random").unwrap();
        let regions = regions(&good, &WINDOWS);
        let tables = open(&regions);
        assert!(judge(&good, &tables));
        for case in good.neighbours() {
            if judge(&case, &tables) { held += 1 } else { refused += 1 }
        }
    }
    println!("{held} neighbours held, {refused} refused");
    // n - s holds (RFC 7518 has no rule against a high s); nothing else does.
    assert!(held == 16 && refused == 16 * 37);
}

/// Keys that are small multiples of G and of -G, with small, equal and opposite u1 and u2: the sum meets infinity, and
/// doublings, at its end and on its way.
#[test]
fn related_keys() {
    let (mut held, mut infinite) = (0, 0);
    let small = |value: u64| [Scalar::from(value), -Scalar::from(value)];
    for multiple in [1, 2, 3, 7, 8, 16, 31, 32, 64, 128, 255, 1 << 32].into_iter().flat_map(small) {
        let key = ProjectivePoint::GENERATOR * multiple;
        let inverse = multiple.invert().unwrap();
        let mut scalars: Vec<Scalar> = [1, 2, 3, 8, 16, 17, 32, 63, 64, 128, 129, 256].into_iter().flat_map(small).collect();
        scalars.extend([random(1), -random(1), (-Scalar::ONE) * Scalar::from(2u64).invert().unwrap()]);
        let regions = regions(&Case::of_sum(&key, &Scalar::ONE, &random(5), "").unwrap(), &[4, 5, 6, 8]);
        let tables = open(&regions);
        for u1 in scalars.iter().copied().chain([Scalar::ZERO]) {
            // Equal and opposite shares of the sum, their double and half, and what is next to them.
            let share: Scalar = u1 * inverse;
            let others = [share, -share, share.double(), -share.double(), -share + Scalar::ONE, u1, -u1, random(7)];
            for u2 in others {
                let Some(case) = Case::of_sum(&key, &u1, &u2, "related") else { continue };
                let is_infinite = u1 + u2 * multiple == Scalar::ZERO;
                assert_eq!(judge(&case, &tables), !is_infinite, "{case:x?}");
                if is_infinite { infinite += 1 } else { held += 1 }
            }
        }
    }
    println!("{held} held, {infinite} sums were infinity");
    assert!(held > 2_000 && infinite > 300);
}

/// The point's x is n or above, so r is x - n: both spellings of r modulo n must be tried, and only those below p.
#[test]
fn x_above_the_order() {
    let mut cases = 0;
    for small in 0..40 {
        let x = plus(&ORDER, small);
        let Some(case) = Case::of_x(x, &random(3), &random(4), "x is n or above") else { continue };
        // r = 0 is refused; every other holds.
        let regions = regions(&case, &[6]);
        let tables = open(&regions);
        assert_eq!(judge(&case, &tables), small != 0, "{case:x?}");
        for neighbour in case.neighbours() {
            judge(&neighbour, &tables);
        }
        cases += 1;
    }
    println!("{cases} cases");
    assert!(cases > 10);
    // r = x when x is small too: r + n is not tried in vain, and r + n above p is not tried.
    for small in 1..20 {
        if let Some(case) = Case::of_x(countermark_tests::p256_cases::number(small), &random(5), &random(6), "a small x") {
            assert!(judge(&case, &open(&regions(&case, &[6]))));
        }
    }
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// Wycheproof's sets, as they are and, those with DER signatures, converted: whatever the crate makes of r and s.
#[test]
fn wycheproof() {
    use wycheproof_ng_ecdsa::TestName;
    let (mut held, mut refused) = (0, 0);
    for (name, is_der) in [("ecdsa_secp256r1_sha256_p1363", false), ("ecdsa_secp256r1_sha256", true)] {
        let set: Value = serde_json::from_str(name.parse::<TestName>().unwrap().json_data()).unwrap();
        for group in set["testGroups"].as_array().unwrap() {
            let sec1 = bytes(&group["publicKey"]["uncompressed"]);
            let words = sec1[1..].as_chunks::<8>().0;
            let key: [u64; 8] = core::array::from_fn(|at| u64::from_be_bytes(words[at]));
            let blank = Case { key, digest: [0; 32], r: [0; 32], s: [0; 32], what: "" };
            let regions = regions(&blank, &[5, 6]);
            let tables = open(&regions);
            for test in group["tests"].as_array().unwrap() {
                let signature = bytes(&test["sig"]);
                let signature = match is_der {
                    // What is no DER of two numbers of 256 bits is not for this layer.
                    true => match p256::ecdsa::Signature::from_der(&signature) {
                        Ok(signature) => signature.to_bytes().to_vec(),
                        Err(_) => continue,
                    },
                    false => signature,
                };
                let ([r, s], []) = signature.as_chunks::<32>() else { continue };
                let digest = Sha256::digest(bytes(&test["msg"])).into();
                let holds = judge(&Case { digest, r: *r, s: *s, ..blank.clone() }, &tables);
                assert_eq!(holds, test["result"] == "valid", "{name} {}", test["tcId"]);
                if holds { held += 1 } else { refused += 1 }
            }
        }
    }
    println!("{held} held, {refused} refused");
    assert!(held >= 300 && refused >= 80);
}

/// Every kind of damage is found when tables are opened; tables that were moved are as good as new.
#[test]
fn damaged_tables() {
    let case = Case::of_sum(&(ProjectivePoint::GENERATOR * random(8)), &random(9), &random(10), "good").unwrap();
    let regions = regions(&case, &[4]);
    let good = open(&regions)[0];
    // Other bytes in front and behind.
    let moved: Vec<u64> = [&[7; 3][..], good.region(), &[9; 100]].concat();
    let moved = Prepared::open(&moved[3..]).unwrap();
    assert!(judge(&case, &[moved]) && moved.region() == good.region() && !moved.is_empty());

    let mut words = good.region().to_vec();
    assert_eq!(words.len() * 8, prepared_bytes(4, 1));
    let places = (0..80).chain((80..words.len()).step_by(13)).chain([words.len() - 1]);
    for (at, bit) in places.zip((0..64).cycle()) {
        words[at] ^= 1 << bit;
        assert!(Prepared::open(&words).is_err(), "bit {bit} of word {at}");
        words[at] ^= 1 << bit;
    }
    words.swap(8, 16);
    assert!(Prepared::open(&words).is_err(), "two words exchanged");
    words.swap(8, 16);
    for len in [0, 1, 7, 8, 9, 4_104, 4_105, words.len() - 1] {
        assert!(Prepared::open(&words[..len]).is_err(), "{len} words");
    }
    // Counts from 0 to the largest, each beside the good check value.
    for counts in [0, 1, 2, u64::MAX, 1 << 32, 4 << 32, (4 << 32) | 2, (4 << 32) | 0xffff_ffff, (8 << 32) | 1, (9 << 32) | 1]
    {
        let good = std::mem::replace(&mut words[1], counts);
        assert!(Prepared::open(&words).is_err(), "counts {counts:x}");
        words[1] = good;
    }
    assert!(Prepared::open(&words).is_ok());
}

/// Damage after the tables were opened is the caller's; it never panics, and a wrong table refuses what was good.
#[test]
fn tables_of_anything() {
    let case = Case::of_sum(&(ProjectivePoint::GENERATOR * random(11)), &random(12), &random(13), "good").unwrap();
    for seed in 0..40u64 {
        let fill = |at: usize| match seed {
            0 => 0,
            1 => u64::MAX,
            _ => {
                u64::from_le_bytes(Sha256::digest([seed, at as u64].map(u64::to_le_bytes).concat())[..8].try_into().unwrap())
            }
        };
        let table: Vec<[u64; 8]> = (0..1_376).map(|entry| core::array::from_fn(|word| fill(entry * 8 + word))).collect();
        assert!(!tools::p256_holds_by(6, [&table, &table], &case.digest, &case.r, &case.s));
    }
}

/// The sets' ES256 keys and no others, each once; another key's tables are never asked; too small a region holds nothing.
#[test]
fn which_keys_are_prepared() {
    let points = [21, 22, 23].map(|seed| ProjectivePoint::GENERATOR * random(seed));
    let cases = points.map(|key| Case::of_sum(&key, &random(1), &random(2), "good").unwrap());
    let (mut first, mut second) = (vec![0; 200], vec![0; 200]);
    let (mut first, mut second) = (Keys::new(&mut first).unwrap(), Keys::new(&mut second).unwrap());
    first.add_secret(Algorithm::HS256, None, &[1; 32]).unwrap();
    first.add_sec1(Algorithm::ES256, Some("a"), &cases[0].sec1()).unwrap();
    second.add_sec1(Algorithm::ES256, Some("b"), &cases[1].sec1()).unwrap();
    second.add_sec1(Algorithm::ES256, Some("the first again"), &cases[0].sec1()).unwrap();
    let sets = [first.set(), second.set()];

    for window in [0, 1, 3, 9, 64, u32::MAX] {
        assert_eq!(prepared_bytes(window, 1), 0);
        assert_eq!(Prepared::build(&mut [0; 5_000], window, &sets).err(), Some(Status::Argument));
    }
    let mut region = vec![0; prepared_bytes(5, 2) / 8];
    let prepared = Prepared::build(&mut region, 5, &sets).unwrap();
    assert_eq!(prepared.len(), 2);
    let holds = |case: &Case| tools::prepared_holds(prepared, &case.key, &case.digest, &case.r, &case.s);
    assert_eq!([0, 1, 2].map(|at: usize| holds(&cases[at])), [Some(true), Some(true), None]);
    let mixed = Case { key: cases[1].key, ..cases[0].clone() };
    assert_eq!(holds(&mixed), Some(false), "the first key's signature under the second");

    let words = region.len();
    for len in [0, 7, 8, 100, words - 8, words - 1] {
        assert_eq!(Prepared::build(&mut region[..len], 5, &sets).err(), Some(Status::RegionTooSmall), "{len} words");
        assert!(Prepared::open(&region[..len]).is_err());
    }
    assert_eq!(Prepared::build(&mut region, 5, &[]).unwrap().len(), 0);
    assert_eq!(Prepared::open(&region).unwrap().region().len() * 8, prepared_bytes(5, 0));
    assert_eq!((prepared_bytes(4, 1), prepared_bytes(6, 3)), (64 + 64 + 2 * 32_768, 64 + 3 * 64 + 4 * 88_064));
    assert_eq!(prepared_bytes(8, usize::MAX), usize::MAX);
}

/// The whole pipeline: a verifier with tables of its keys, of some, of others, and without, accepts and refuses the same.
#[test]
fn verifiers_with_and_without_tables() {
    use countermark::{Holder, KeySet, Mint, Policy, Request, Signer, Verifier};
    let signers = [31, 32].map(|scalar| Signer::of_scalar(Algorithm::ES256, None, &[scalar; 32]).unwrap());
    let tokens = signers.map(|signer| {
        let (mut scratch, mut out) = ([0; 512], [0; 512]);
        let token = signer.issue(&Mint { expires_at: Some(2_000), ..Mint::default() }, &mut scratch, &mut out).unwrap();
        let mut point = [0; 65];
        (token.to_owned(), signer.public(&mut point).unwrap().to_vec())
    });
    let mut regions = [[0; 64]; 2];
    let mut keys = Vec::new();
    for (region, (_, sec1)) in regions.iter_mut().zip(&tokens) {
        let mut set = Keys::new(region).unwrap();
        set.add_sec1(Algorithm::ES256, None, sec1).unwrap();
        keys.push(set);
    }
    let sets: Vec<KeySet<'_>> = keys.iter().map(Keys::set).collect();
    let mut memory = vec![vec![0; prepared_bytes(6, 2) / 8]; 4];
    let of = [&sets[..], &sets[..1], &sets[1..], &[]];
    let tables = memory.iter_mut().zip(of).map(|(region, sets)| Some(Prepared::build(region, 6, sets).unwrap()));
    let mut verdicts = Vec::new();
    for prepared in std::iter::once(None).chain(tables) {
        for used in [&sets[..], &sets[..1], &sets[1..]] {
            let verifier = Verifier::new(used, Policy::default(), Holder::default()).unwrap();
            let verifier = prepared.map_or(verifier, |prepared| verifier.with_prepared(prepared));
            for (token, _) in &tokens {
                let last = token.len() - 2;
                let other = if token.as_bytes()[last] == b'A' { "B" } else { "A" };
                let forged = [&token[..last], other, &token[last + 1..]].concat();
                for text in [token, &forged] {
                    let request = Request::new(text, 1_000);
                    verdicts.push(verifier.verify(&request, &mut [0; 1024]).report().status);
                }
            }
        }
    }
    let (yes, no) = (Status::Accepted, Status::Signature);
    let without = [yes, no, yes, no, yes, no, no, no, no, no, yes, no];
    verdicts.chunks(12).for_each(|verdicts| assert_eq!(verdicts, without));
    assert_eq!(verdicts.len(), 60);
}
