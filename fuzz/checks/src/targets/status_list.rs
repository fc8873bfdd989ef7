//! A list of arbitrary packed bytes, in memory of an arbitrary size: what is unpacked is what zlib-rs unpacks, each number is read as it is
//! written down, and what is refused leaves zeros.

use crate::input::Input;
use countermark::{Algorithm, Holder, Keys, Limits, Policy, Request, Status, StatusList, StatusSource, Verifier};
use countermark_tests::base64url;
use countermark_tests::token::{NOW, SECRET, TokenBuilder};

const TYP: &str = r#"{"alg":"HS256","typ":"statuslist+jwt"}"#;
const SOURCE: StatusSource<'static> = StatusSource { uri: "u", issuer: "i", max_age: None };

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let bits = input.byte();
    let room = usize::from(input.word()) % 4096;
    let packed = input.rest();
    let lst = base64url::encode(packed);
    if lst.len() > 40_000 {
        return;
    }
    let payload = format!(r#"{{"sub":"u","exp":{},"status_list":{{"bits":{bits},"lst":"{lst}"}}}}"#, NOW + 60);
    let token = TokenBuilder::new("HS256").header(TYP).payload(&payload).build();
    let mut region = [0; 64];
    let mut keys = Keys::new(&mut region).unwrap();
    keys.add_secret(Algorithm::HS256, None, SECRET).unwrap();
    let sets = [keys.set()];
    let policy =
        Policy { limits: Limits { token_bytes: countermark::TOKEN_BYTES_BOUND, ..Limits::DEFAULT }, ..Policy::default() };
    let verifier = Verifier::new(&sets, policy, Holder::default()).unwrap();
    let mut scratch = vec![0; countermark::scratch_bytes(token.len(), &policy.limits)];
    let claims = verifier.verify(&Request::new(&token, NOW), &mut scratch).accepted().unwrap();

    let mut memory = vec![0xaa; room];
    let refused = match StatusList::load(&claims, SOURCE, &mut memory, NOW) {
        Ok(list) => {
            assert!([1, 2, 4, 8].contains(&bits));
            let mut oracle = vec![0; room];
            let (oracle, code) = zlib_rs::decompress_slice(&mut oracle, packed, zlib_rs::InflateConfig::default());
            // Where the oracle is stricter, there is nothing to compare.
            if code == zlib_rs::ReturnCode::Ok {
                let per_byte = 8 / usize::from(bits);
                assert_eq!(list.len(), (oracle.len() * per_byte) as u64);
                for at in 0..oracle.len() * per_byte {
                    let wanted = u16::from(oracle[at / per_byte]) >> (at % per_byte * usize::from(bits)) & ((1 << bits) - 1);
                    assert_eq!(list.get(at as u64), Some(wanted as u8));
                }
            }
            assert_eq!(list.get(list.len()), None);
            return;
        }
        Err(status) => status,
    };
    assert!(matches!(refused, Status::StatusListMalformed | Status::StatusListTooLarge), "{refused:?}");
    assert!(memory.iter().all(|byte| *byte == 0));
}
