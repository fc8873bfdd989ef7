//! Repeatable random numbers: splitmix64, so that a failure's seed is the whole story.

/// A generator; equal seeds give equal sequences.
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed)
    }

    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number in 0 .. bound; 0 for a bound of 0.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { (self.word() % bound as u64) as usize }
    }

    /// One of the things.
    pub fn pick<'t, T: ?Sized>(&mut self, things: &[&'t T]) -> &'t T {
        things[self.below(things.len())]
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn byte(&mut self) -> u8 {
        self.word() as u8
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }
}

/// Writes anything over some of a table's words.
pub fn damage(words: &[core::sync::atomic::AtomicU64], random: &mut Random) {
    use core::sync::atomic::Ordering::Relaxed;
    for word in words {
        match random.below(4) {
            0 => word.store(random.word(), Relaxed),
            1 => word.store(1 << random.below(64), Relaxed),
            2 => word.store(u64::MAX, Relaxed),
            _ => {}
        }
    }
}
