//! RSA's arithmetic against crypto-bigint, at every size up to this build's largest, and PSS at the sizes where its encoding
//! leaves no bit of a byte spare.

use countermark::{Algorithm, Keys, RSA_BITS_MAX, tools};
use countermark_tests::base64url;
use countermark_tests::random::Random;
use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{NonZero, Odd, U64, U4096, U8192, Uint};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// RSA's power by crypto-bigint.
fn slow_power<const LIMBS: usize>(modulus: Odd<Uint<LIMBS>>, base: Uint<LIMBS>, exponent: u64) -> Uint<LIMBS> {
    FixedMontyForm::new(&base, &FixedMontyParams::new_vartime(modulus)).pow_bounded_exp(&U64::from(exponent), 64).retrieve()
}

/// Ours against it, for a modulus of so many bits.
fn compare(modulus: &[u64; U8192::LIMBS], bits: usize, base: &[u64; U8192::LIMBS], exponent: u64) {
    let count = bits.div_ceil(128) * 2;
    let found = tools::power(&modulus[..count], bits, &base[..count], exponent).expect("a base below the modulus");
    let odd = Odd::new(U8192::from_words(*modulus)).unwrap();
    let expected = slow_power(odd, U8192::from_words(*base), exponent).to_words();
    assert_eq!(found[..count], expected[..count], "{bits} bits, exponent {exponent}");
    assert!(tools::power(&modulus[..count], bits, &modulus[..count], exponent).is_none(), "n is not below n");
}

/// Keeps the lowest bits.
fn cut(words: &mut [u64], bits: usize) {
    for (at, word) in words.iter_mut().enumerate() {
        let kept = bits.saturating_sub(at * 64).min(64);
        *word &= if kept == 64 { u64::MAX } else { (1 << kept) - 1 };
    }
}

#[test]
fn powers_are_those_of_crypto_bigint() {
    let mut random = Random::new(5);
    let exponents = [3, 5, 17, 257, 65_537, 65_539, 0xffff_ffff, 0x1_0000_0001, 0x1_ffff_ffff];
    let sizes = RSA_BITS_MAX - 2047;
    for round in 0..40 {
        let edge = |word: u64, random: &mut Random| match random.below(4) {
            0 => 0,
            1 => u64::MAX,
            _ => word,
        };
        let mut draw = |odd: bool| {
            let mut words = [0u64; U8192::LIMBS];
            words.iter_mut().for_each(|word| *word = random.word());
            if round % 4 == 0 {
                words.iter_mut().for_each(|word| *word = edge(*word, &mut random));
            }
            words[0] |= u64::from(odd);
            words
        };
        let (mut modulus, mut base) = (draw(true), draw(false));
        // Every count of bits from 2048 up, not only whole words; those of the last word left open. The largest is the last.
        let bits = if round > 35 { RSA_BITS_MAX } else { 2048 + (round * 97) % sizes };
        cut(&mut modulus, bits);
        modulus[(bits - 1) / 64] |= 1 << ((bits - 1) % 64);
        cut(&mut base, bits - 1);
        if round % 8 == 1 {
            base = modulus;
            base[0] -= 1; // n - 1, whose odd powers are n - 1
        }
        compare(&modulus, bits, &base, exponents[round % exponents.len()]);
    }
    // The largest modulus of all, and every word of the base at its end.
    let (mut modulus, mut base) = ([u64::MAX; U8192::LIMBS], [u64::MAX; U8192::LIMBS]);
    cut(&mut modulus, RSA_BITS_MAX);
    cut(&mut base, RSA_BITS_MAX);
    base[0] -= 1;
    for exponent in exponents {
        compare(&modulus, RSA_BITS_MAX, &base, exponent);
    }
}

/// Primes 2^bits - distance. RFC 8017 8.1.1 encodes in one bit less: in 2047, 2048 (whole bytes), 2049, 2055, 2056 (whole bytes).
const PRIMES: [(usize, u64); 5] = [(2048, 1557), (2049, 1449), (2050, 7323), (2056, 1037), (2057, 505)];

/// MGF1 (RFC 8017 B.2.1).
fn mask<D: Digest>(seed: &[u8], bytes: usize) -> Vec<u8> {
    let block = |counter: u32| D::digest([seed, &counter.to_be_bytes()].concat()).to_vec();
    (0..).flat_map(block).take(bytes).collect()
}

/// EMSA-PSS (RFC 8017 9.1.1), as long as `bits` bits need it.
fn encode<D: Digest>(message: &[u8], salt: &[u8], bits: usize) -> Vec<u8> {
    let bytes = bits.div_ceil(8);
    let hash = D::digest([&[0; 8], &D::digest(message)[..], salt].concat()).to_vec();
    let mut data = vec![0; bytes - salt.len() - hash.len() - 2];
    data.push(1);
    data.extend(salt);
    let mask = mask::<D>(&hash, data.len());
    data.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
    data[0] &= 0xff >> (8 * bytes - bits);
    [&data[..], &hash, &[0xbc]].concat()
}

/// A modulus that is a prime: the private exponent is then the inverse of e modulo n - 1. No key is made so, and no verifier
/// can tell.
struct Prime {
    modulus: U4096,
    private: U4096,
    bytes: usize,
}

impl Prime {
    const EXPONENT: u64 = 65_537;

    /// 2^bits - `distance`, of `bits` bits.
    fn new(bits: usize, distance: u64) -> Prime {
        let modulus = U4096::ONE.shl_vartime(bits as u32).wrapping_sub(&U4096::from(distance));
        let order = modulus.wrapping_sub(&U4096::ONE);
        let exponent = NonZero::new(U4096::from(Prime::EXPONENT)).unwrap();
        let rest = order.rem_vartime(&exponent).to_words()[0];
        // d = (1 + k (n - 1)) / e, for the k that makes it whole.
        let k = (1..Prime::EXPONENT).find(|k| (1 + k * rest).is_multiple_of(Prime::EXPONENT)).unwrap();
        let multiple = order.wrapping_mul(&U4096::from(k)).wrapping_add(&U4096::ONE);
        Prime { modulus, private: multiple.wrapping_div_vartime(&exponent), bytes: bits.div_ceil(8) }
    }

    fn bytes_of(&self, number: &U4096) -> Vec<u8> {
        let words = number.to_words();
        let bytes: Vec<u8> = words.iter().rev().flat_map(|word| word.to_be_bytes()).collect();
        bytes[bytes.len() - self.bytes..].to_vec()
    }

    fn sign(&self, encoded: &[u8]) -> Vec<u8> {
        let mut whole = [0; 512];
        whole[512 - encoded.len()..].copy_from_slice(encoded);
        let parameters = FixedMontyParams::new_vartime(Odd::new(self.modulus).unwrap());
        let base = U4096::from_be_slice(&whole);
        assert!(base < self.modulus);
        let signed = FixedMontyForm::new(&base, &parameters).pow_bounded_exp(&self.private, 2112).retrieve();
        self.bytes_of(&signed)
    }
}

#[test]
fn pss_at_every_count_of_spare_bits() {
    let message = b"a message";
    for (bits, distance) in PRIMES {
        let key = Prime::new(bits, distance);
        let jwk = format!(r#"{{"kty":"RSA","e":"AQAB","n":"{}"}}"#, base64url::encode(&key.bytes_of(&key.modulus)));
        let encodings: [(Algorithm, Vec<u8>); 3] = [
            (Algorithm::PS256, encode::<Sha256>(message, &[7; 32], bits - 1)),
            (Algorithm::PS384, encode::<Sha384>(message, &[7; 48], bits - 1)),
            (Algorithm::PS512, encode::<Sha512>(message, &[7; 64], bits - 1)),
        ];
        for (algorithm, encoded) in encodings {
            // A private power takes long: every hash only where the encoding fills whole bytes.
            if bits % 8 != 1 && algorithm != Algorithm::PS256 {
                continue;
            }
            let mut region = [0; 400];
            let mut keys = Keys::new(&mut region).unwrap();
            keys.add_jwk(jwk.as_bytes(), &[algorithm]).unwrap();
            let holds = |encoded: &[u8]| {
                let signature = base64url::encode(&key.sign(encoded));
                tools::signature_holds(keys.set(), algorithm, message, signature.as_bytes())
            };
            assert!(holds(&encoded), "{bits} bits, {algorithm:?}");
            // The bits between the encoding and the modulus: one that is set is another number, which is below the modulus.
            let spare = encoded.len() * 8 - (bits - 1);
            let mut other = if spare == 0 { [&[0], &encoded[..]].concat() } else { encoded.clone() };
            other[0] |= if spare == 0 { 1 } else { 0x80 >> (spare - 1) };
            assert!(!holds(&other), "{bits} bits, {algorithm:?}: a spare bit");
            let mut other = encoded.clone();
            other[1] ^= 1;
            assert!(!holds(&other), "{bits} bits, {algorithm:?}: a bit of the padding");
        }
    }
}
