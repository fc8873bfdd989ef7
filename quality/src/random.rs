//! A small seeded generator: the same seed gives the same text on every machine.

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014), also the mixer of the set sketches.
pub fn mix(value: u64) -> u64 {
    let mut z = value;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A 64-bit hash of text, for values whose bytes do not matter, only whether they are equal.
pub fn hash(text: &str) -> u64 {
    let fnv = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    mix(fnv)
}

/// A hash of two values, in this order.
pub fn join(left: u64, right: u64) -> u64 {
    mix(left.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(mix(right ^ 0x5851_f42d_4c95_7f2d)))
}

/// splitmix64.
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(mix(seed ^ 0x6a09_e667_f3bc_c909))
    }

    /// A generator of its own for this purpose, so that drawing more for one purpose moves no other.
    pub fn fork(&self, purpose: u64) -> Random {
        Random(join(self.0, purpose))
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform in 0..bound; the bias of the multiplication is below 2^-32 here.
    pub fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Exponential with this mean.
    pub fn wait(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// A place in a list of shares that need not add up to one.
    pub fn weighted(&mut self, shares: impl Iterator<Item = f64> + Clone) -> usize {
        let total: f64 = shares.clone().sum();
        let mut rest = self.unit() * total;
        let mut last = 0;
        for (place, share) in shares.enumerate() {
            last = place;
            rest -= share;
            if rest < 0.0 {
                return place;
            }
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first outputs of splitmix64 with state 1234567, from the reference implementation (Vigna, prng.di.unimi.it).
    #[test]
    fn splitmix_is_the_reference() {
        let mut random = Random(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!(expected, [random.next(), random.next(), random.next()]);
    }

    #[test]
    fn shares_are_met() {
        let mut random = Random::new(3);
        let mut seen = [0u32; 3];
        for _ in 0..60_000 {
            seen[random.weighted([1.0, 2.0, 3.0].into_iter())] += 1;
        }
        for (place, count) in seen.into_iter().enumerate() {
            let expected = 10_000.0 * (place + 1) as f64;
            assert!((f64::from(count) - expected).abs() < 500.0, "{seen:?}");
        }
    }
}
