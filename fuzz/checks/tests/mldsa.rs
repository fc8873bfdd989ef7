//! ML-DSA against a second implementation, `fips204`: the same keys of the same seeds, and the same verdict on its signatures
//! and on what is left of them after a change.

use countermark::{Algorithm, Keys, tools};
use countermark_tests::random::Random;
use countermark_tests::{base64url, lattice};
use fips204::traits::{KeyGen, SerDes, Signer, Verifier};

macro_rules! agrees {
    ($name:ident, $module:ident, $algorithm:ident, $alg:literal) => {
        #[test]
        fn $name() {
            let work = || {
                let mut random = Random::new($algorithm as u64);
                let (mut held, mut refused) = (0, 0);
                for seed in 0..6u8 {
                    let (public, private) = fips204::$module::KG::keygen_from_seed(&[seed; 32]);
                    let message = random.bytes(1 + usize::from(seed) * 40);
                    let context = if seed == 5 { &b"a context"[..] } else { b"" };
                    let good = private.try_sign_with_seed(&[seed; 32], &message, context).unwrap();
                    let bytes = public.clone().into_bytes();
                    assert_eq!(bytes[..], lattice::public($alg, seed)[..]);
                    let mut region = vec![0; 400];
                    let mut keys = Keys::new(&mut region).unwrap();
                    keys.add_spki($algorithm, None, &lattice::spki($alg, &[], &bytes)).unwrap();
                    for change in 0..24 {
                        let mut signature = good;
                        if change > 0 {
                            // The last 90 bytes are the hint, whose encoding has rules of its own.
                            let from = if change % 2 == 0 { signature.len() - 90 } else { 0 };
                            let at = from + random.below(signature.len() - from);
                            signature[at] ^= 1 << random.below(8);
                        }
                        let expected = public.verify(&message, &signature, b"");
                        let text = base64url::encode(&signature);
                        let found = tools::signature_holds(keys.set(), $algorithm, &message, text.as_bytes());
                        assert_eq!(found, expected, "seed {seed}, change {change}");
                        if found { held += 1 } else { refused += 1 }
                    }
                }
                assert!(held >= 5 && refused >= 100, "{held} held, {refused} refused");
            };
            std::thread::Builder::new().stack_size(16 << 20).spawn(work).unwrap().join().unwrap();
        }
    };
}

use Algorithm::{MlDsa44, MlDsa65, MlDsa87};
agrees!(strength_44, ml_dsa_44, MlDsa44, "ML-DSA-44");
agrees!(strength_65, ml_dsa_65, MlDsa65, "ML-DSA-65");
agrees!(strength_87, ml_dsa_87, MlDsa87, "ML-DSA-87");
