//! Token Status List: the draft's own examples, every size against an obvious reading, bad lists with one flaw each, and the
//! verdict. zlib-rs packs the lists and is the oracle of unpacking.

use countermark::*;
use countermark_tests::base64url;
use countermark_tests::random::Random;
use countermark_tests::token::{self, NOW, TokenBuilder};

const ISS: &str = "https://login.example";
const URI: &str = "https://login.example/statuses/1";
const SOURCE: StatusSource<'static> = StatusSource { uri: URI, issuer: ISS, max_age: None };
const TYP: &str = r#"{"alg":"HS256","typ":"statuslist+jwt"}"#;

fn packed(bytes: &[u8], level: i32) -> Vec<u8> {
    let mut room = vec![0; zlib_rs::compress_bound(bytes.len())];
    let (packed, code) = zlib_rs::compress_slice(&mut room, bytes, zlib_rs::DeflateConfig::new(level));
    assert_eq!(code, zlib_rs::ReturnCode::Ok);
    packed.to_vec()
}

fn lst(statuses: &[u8]) -> String {
    base64url::encode(&packed(statuses, 9))
}

/// The payload of a list token without a flaw.
fn payload(bits: u32, lst: &str) -> String {
    format!(r#"{{"sub":"{URI}","iat":{NOW},"ttl":600,"status_list":{{"bits":{bits},"lst":"{lst}"}}}}"#)
}

/// Hands the claims of an accepted list token to `then`.
fn with_claims<T>(header: &str, payload: &str, then: impl FnOnce(&Claims<'_>) -> T) -> T {
    let token = TokenBuilder::new("HS256").header(header).payload(payload).build();
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let sets = [keys.set()];
    let policy = Policy {
        allow_missing_exp: true,
        leeway: 1_000_000,
        limits: Limits { token_bytes: TOKEN_BYTES_BOUND, ..Limits::DEFAULT },
        ..Policy::default()
    };
    let verifier = Verifier::new(&sets, policy, Holder::default()).unwrap();
    let mut scratch = vec![0; scratch_bytes(token.len(), &policy.limits)];
    then(&verifier.verify(&Request::new(&token, NOW), &mut scratch).accepted().unwrap())
}

fn load<'m>(header: &str, payload: &str, source: StatusSource<'m>, memory: &'m mut [u8]) -> Result<StatusList<'m>, Status> {
    with_claims(header, payload, |claims| StatusList::load(claims, source, memory, NOW))
}

fn status_of_load(header: &str, payload: &str, memory: usize) -> Status {
    let mut memory = vec![0xaa; memory];
    let status = load(header, payload, SOURCE, &mut memory).map_or_else(|status| status, |_| Status::Accepted);
    assert!(status == Status::Accepted || memory.iter().all(|byte| *byte == 0), "cleared");
    status
}

/// Bit by bit: the obvious reading of 4.1.
fn obvious(bytes: &[u8], bits: usize, index: usize) -> u8 {
    (0..bits)
        .map(|bit| index * bits + bit)
        .fold((0, 1), |(sum, weight), at| {
            let set = bytes[at / 8] >> (at % 8) & 1;
            (sum + set * weight, weight.wrapping_mul(2))
        })
        .0
}

#[test]
fn the_examples_of_section_4_1() {
    let cases: [(u32, &str, &[u8]); 2] = [
        (1, "eNrbuRgAAhcBXQ", &[1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]),
        (2, "eNo76fITAAPfAgc", &[1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]),
    ];
    for (bits, lst, statuses) in cases {
        let mut memory = [0; 64];
        let list = load(TYP, &payload(bits, lst), SOURCE, &mut memory).unwrap();
        assert_eq!(list.len(), statuses.len() as u64);
        for (index, status) in statuses.iter().enumerate() {
            assert_eq!(list.get(index as u64), Some(*status), "{bits} {index}");
        }
        assert_eq!((list.get(list.len()), list.get(u64::MAX)), (None, None));
    }
}

/// Appendix C: lists of a million numbers, the same bytes as in its CBOR.
#[test]
fn the_vectors_of_appendix_c() {
    let indexes = [0, 1993, 25460, 159495, 495669, 554353, 645645, 723232, 854545, 934534, 1000345];
    let one_bit = "78daeddc010dc0200c0041a88249400ad2903e0f4bba00bd93f002beb7a2a2010000a91e09000000000000000000000000000000807296\
                   04000000000000000000000000000000000000000000000000000000000000000000000000000000005c6f4800000000000000fc2c2400\
                   00000000000000000000be1b12000000000000000000ecaa4b000000000000000000000000000000009b0b0900000000000000000038de\
                   9400000000000000002a30cc010000000080642f0bd8011b";
    let two_bits = "78daeddb310d00211000412ea1a04004fe5520ed357c28c81d3312b6df68bc65480000000000406e2101000000000000000000000000\
                    0000000000000000000000000000000000000040795b0200000000000000000000000000000000000000000000000000000000000000\
                    0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000080f4ba0400\
                    000000000000000000000000406d764a000000000000000000000000000000000000000000e092210100000000000000000000000000\
                    0000000000fc131200000000000000000000000000000000000000000000000000000000000000c0912e010000000000000000000000\
                    00000000000000c07d4b02000000000000000000000000000000a8614a0000000000000000000000406a1fcd60010c";
    for (bits, hex, values) in [(1, one_bit, [1; 11]), (2, two_bits, [1, 2, 1, 3, 1, 1, 2, 1, 1, 2, 3])] {
        let hex: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let bytes: Vec<u8> =
            hex.chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect();
        let mut memory = vec![0; 1 << 18];
        let Ok(list) = load(TYP, &payload(bits, &base64url::encode(&bytes)), SOURCE, &mut memory) else {
            panic!("{bits}: {} bytes", bytes.len());
        };
        assert_eq!(list.len(), 1 << 20);
        for (index, value) in indexes.iter().zip(values) {
            assert_eq!(list.get(*index), Some(value), "{bits} {index}");
        }
        let set = (0..list.len()).filter(|index| list.get(*index) != Some(0)).count();
        assert_eq!(set, 11);
    }
}

#[test]
fn every_size_against_an_obvious_reading() {
    let mut random = Random::new(3);
    for round in 0..300 {
        let (count, level) = (random.below(3000), random.below(10) as i32);
        let statuses = match round % 3 {
            0 => random.bytes(count),
            1 => vec![random.byte(); count],
            _ => (0..count).map(|_| if random.once_in(9) { random.byte() } else { 0 }).collect(),
        };
        let packed = packed(&statuses, level);
        for bits in [1usize, 2, 4, 8] {
            let mut memory = vec![0; count + random.below(9)];
            let list = load(TYP, &payload(bits as u32, &base64url::encode(&packed)), SOURCE, &mut memory).unwrap();
            assert_eq!((list.len(), list.is_empty()), ((count * 8 / bits) as u64, count == 0));
            for index in (0..count * 8 / bits).step_by(1 + random.below(40)) {
                assert_eq!(list.get(index as u64), Some(obvious(&statuses, bits, index)), "{bits} {index}");
            }
            assert_eq!(list.get(list.len()), None);
        }
        // One byte of memory too few.
        let small = count.saturating_sub(1);
        if count > 0 {
            assert_eq!(status_of_load(TYP, &payload(1, &base64url::encode(&packed)), small), Status::StatusListTooLarge);
        }
    }
}

#[test]
fn bad_lists() {
    let good = lst(&[7; 300]);
    assert_eq!(status_of_load(TYP, &payload(1, &good), 300), Status::Accepted);
    let edit = |from: &str, to: &str| {
        let text = payload(1, &good);
        assert!(text.contains(from));
        text.replace(from, to)
    };
    let cases = [
        (edit(r#""bits":1"#, r#""bits":3"#), Status::StatusListMalformed),
        (edit(r#""bits":1"#, r#""bits":0"#), Status::StatusListMalformed),
        (edit(r#""bits":1"#, r#""bits":16"#), Status::StatusListMalformed),
        (edit(r#""bits":1"#, r#""bits":"1""#), Status::StatusListMalformed),
        (edit(r#""bits":1,"#, ""), Status::StatusListMalformed),
        (edit(r#""lst""#, r#""list""#), Status::StatusListMalformed),
        (edit(r#""status_list""#, r#""status_lists""#), Status::StatusListMalformed),
        (edit(r#""ttl":600"#, r#""ttl":0"#), Status::StatusListMalformed),
        (edit(r#""ttl":600"#, r#""ttl":-1"#), Status::StatusListMalformed),
        (edit(r#""ttl":600"#, r#""ttl":"600""#), Status::StatusListMalformed),
        (edit(URI, "https://login.example/statuses/2"), Status::StatusListMismatch),
        (edit(r#""sub""#, r#""sup""#), Status::StatusListMismatch),
        (edit(r#""ttl""#, r#""iss":"https://other.example","ttl""#), Status::StatusListMismatch),
        (edit(r#""ttl""#, r#""iss":"https://login.example","ttl""#), Status::Accepted),
        (edit(r#""ttl""#, &format!(r#""exp":{NOW},"ttl""#)), Status::StatusListStale),
        (edit(r#""ttl""#, &format!(r#""exp":{},"ttl""#, NOW + 1)), Status::Accepted),
        (edit(&good, &(good.clone() + "=")), Status::StatusListMalformed),
        (edit(&good, ""), Status::StatusListMalformed),
    ];
    for (payload, status) in cases {
        assert_eq!(status_of_load(TYP, &payload, 300), status, "{payload}");
    }
    for header in [r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"alg":"HS256","typ":"statuslist+cwt"}"#] {
        assert_eq!(status_of_load(header, &payload(1, &good), 300), Status::StatusListMismatch, "{header}");
    }
    assert_eq!(
        status_of_load(r#"{"alg":"HS256","typ":"application/statuslist+jwt"}"#, &payload(1, &good), 300),
        Status::Accepted
    );
}

/// Every cut, every bit turned, and bytes behind the end: what zlib-rs does not unpack to the same bytes, is not accepted either.
#[test]
fn damaged_streams() {
    let statuses: Vec<u8> = (0..200u8).map(|n| n % 7).collect();
    let whole = packed(&statuses, 6);
    let mut damaged: Vec<Vec<u8>> = (0..whole.len()).map(|length| whole[..length].to_vec()).collect();
    damaged.extend((0..whole.len() * 8).map(|bit| {
        let mut turned = whole.clone();
        turned[bit / 8] ^= 1 << (bit % 8);
        turned
    }));
    damaged.push([&whole[..], &[0]].concat());
    damaged.push([&whole[..], &whole[..]].concat());
    damaged.push([&whole[..], &[0; 300]].concat());
    let mut unpacked = 0;
    for bytes in damaged {
        let mut memory = vec![0; 1000];
        let given = load(TYP, &payload(8, &base64url::encode(&bytes)), SOURCE, &mut memory);
        let mut room = [0; 1000];
        let (oracle, code) = zlib_rs::decompress_slice(&mut room, &bytes, zlib_rs::InflateConfig::default());
        match given {
            Ok(list) => {
                unpacked += 1;
                assert_eq!(code, zlib_rs::ReturnCode::Ok);
                assert!(list.len() == oracle.len() as u64);
                assert!(oracle.iter().enumerate().all(|(at, byte)| list.get(at as u64) == Some(*byte)));
            }
            Err(status) => assert!(matches!(status, Status::StatusListMalformed | Status::StatusListTooLarge), "{status:?}"),
        }
    }
    // Some bits of the header say nothing that matters.
    assert!(unpacked < 16, "{unpacked}");
}

/// `attacks.md` 27: a list token of 64 KiB that would unpack to tens of megabytes takes no more than the memory it was given.
#[test]
fn attack_27_a_bomb_stops_at_its_memory() {
    let bomb = packed(&vec![0; 30_000_000], 9);
    assert!(bomb.len() * 1000 < 30_000_000 && base64url::encode(&bomb).len() < 48_000);
    for memory in [0, 1, 300, 125_000] {
        assert_eq!(status_of_load(TYP, &payload(1, &base64url::encode(&bomb)), memory), Status::StatusListTooLarge);
    }
}

/// A verifier that looks into this list, at a time.
fn judged(list: Option<&StatusList<'_>>, required: bool, accepted: &[u8], members: &str, now: i64) -> Report {
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, token::SECRET).unwrap();
    let sets = [keys.set()];
    let lists: Vec<StatusList<'_>> = list.into_iter().copied().collect();
    let lists = &lists[..];
    let standing = Standing { status: Some(StatusRules { lists: &lists, required, accepted }), ..Standing::default() };
    let verifier = Verifier::new(&sets, Policy::default(), Holder::default()).unwrap().with_standing(standing);
    let payload = format!(r#"{{"iss":"{ISS}","sub":"alice","exp":{}{members}}}"#, NOW + 100_000);
    let token = TokenBuilder::new("HS256").payload(&payload).build();
    verifier.verify(&Request::new(&token, now), &mut [0; 4096]).report()
}

fn reference(index: &str, uri: &str) -> String {
    format!(r#","status":{{"status_list":{{"idx":{index},"uri":"{uri}"}}}}"#)
}

#[test]
fn the_status_decides() {
    let mut memory = [0; 64];
    let statuses: Vec<u8> = (0..16).collect();
    let list = load(TYP, &payload(8, &lst(&statuses)), SOURCE, &mut memory).unwrap();
    for status in 0..16u8 {
        for accepted in [&[][..], &[3], &[1, 2, 3, 12]] {
            let expected = match status {
                0 => Status::Accepted,
                1 => Status::StatusInvalid,
                other if accepted.contains(&other) => Status::Accepted,
                _ => Status::StatusSuspended,
            };
            let report = judged(Some(&list), false, accepted, &reference(&status.to_string(), URI), NOW);
            assert_eq!(report.status, expected, "{status} {accepted:?}: INVALID is never accepted");
            assert_eq!(report.failures.iter().count(), usize::from(expected != Status::Accepted));
        }
    }
}

/// `attacks.md` 27: a list of another issuer, an index out of range, a stale list, and what is no reference at all.
#[test]
fn attack_27_references_that_lead_nowhere() {
    let mut memory = [0; 64];
    let list = load(TYP, &payload(1, "eNrbuRgAAhcBXQ"), SOURCE, &mut memory).unwrap();
    let of_list = |members: &str, now| judged(Some(&list), false, &[], members, now).status;
    assert_eq!(of_list(&reference("1", URI), NOW), Status::Accepted);
    assert_eq!(of_list(&reference("1.0", "https:\\/\\/login.example/statuses/1"), NOW), Status::Accepted);
    for (index, status) in [
        ("0", Status::StatusInvalid),
        ("16", Status::StatusIndex),
        ("9223372036854775807", Status::StatusIndex),
        ("9223372036854775808", Status::StatusIndex),
        ("-1", Status::StatusIndex),
        ("1.5", Status::StatusIndex),
        ("\"1\"", Status::StatusIndex),
        ("null", Status::StatusIndex),
    ] {
        assert_eq!(of_list(&reference(index, URI), NOW), status, "{index}");
    }
    for members in [
        reference("1", "https://login.example/statuses/2"),
        r#","status":{"status_list":{"idx":1}}"#.into(),
        r#","status":{"status_list":[]}"#.into(),
        r#","status":{"other":{"idx":1,"uri":"https://login.example/statuses/1"}}"#.into(),
        r#","status":"good""#.into(),
        r#","status":null"#.into(),
    ] {
        assert_eq!(of_list(&members, NOW), Status::StatusListMismatch, "{members}");
    }
    assert_eq!(judged(None, false, &[], &reference("1", URI), NOW).status, Status::StatusListMismatch, "no list at all");
    assert_eq!(judged(Some(&list), false, &[], "", NOW).status, Status::Accepted, "no claim");
    assert_eq!(judged(Some(&list), true, &[], "", NOW).status, Status::StatusListMismatch, "no claim, and it is required");
    // A good list of another issuer's says nothing of this one's tokens.
    let mut memory = [0; 64];
    let source = StatusSource { issuer: "https://other.example", ..SOURCE };
    let other = load(TYP, &payload(1, "eNrbuRgAAhcBXQ"), source, &mut memory).unwrap();
    assert_eq!(judged(Some(&other), false, &[], &reference("1", URI), NOW).status, Status::StatusListMismatch);
    // Its ttl of 600 seconds.
    assert_eq!(of_list(&reference("1", URI), NOW + 599), Status::Accepted);
    assert_eq!(of_list(&reference("1", URI), NOW + 600), Status::StatusListStale);
}

#[test]
fn the_first_end_counts() {
    for (members, max_age, stale_at) in [
        (String::new(), None, None),
        (String::new(), Some(60), Some(NOW + 60)),
        (r#","ttl":30"#.into(), Some(60), Some(NOW + 30)),
        (r#","ttl":90.7"#.into(), Some(60), Some(NOW + 60)),
        (format!(r#","ttl":90,"exp":{}"#, NOW + 10), Some(60), Some(NOW + 10)),
        (format!(r#","exp":{}"#, NOW + 10), None, Some(NOW + 10)),
        (r#","ttl":9223372036854775807"#.into(), None, Some(i64::MAX)),
    ] {
        let payload = format!(r#"{{"sub":"{URI}","status_list":{{"bits":1,"lst":"eNrbuRgAAhcBXQ"}}{members}}}"#);
        let mut memory = [0; 8];
        let list = load(TYP, &payload, StatusSource { max_age, ..SOURCE }, &mut memory).unwrap();
        assert_eq!(list.stale_at(), stale_at, "{members}");
        let reference = StatusReference { issuer: Some(Name::new(ISS)), uri: Name::new(URI), index: 1 };
        let without_clock = list.status(&reference, Clock::Missing);
        assert_eq!(without_clock, if stale_at.is_some() { Err(Status::StatusListStale) } else { Ok(0) });
    }
}

/// One list serves while the next is loaded elsewhere; each verifier keeps to its own.
#[test]
fn a_status_flips_with_the_next_list() {
    let (mut first, mut second) = ([0; 8], [0; 8]);
    let before = load(TYP, &payload(1, &lst(&[0])), SOURCE, &mut first).unwrap();
    let after = load(TYP, &payload(1, &lst(&[2])), SOURCE, &mut second).unwrap();
    assert_eq!(judged(Some(&before), true, &[], &reference("1", URI), NOW).status, Status::Accepted);
    assert_eq!(judged(Some(&after), true, &[], &reference("1", URI), NOW).status, Status::StatusInvalid);
}
