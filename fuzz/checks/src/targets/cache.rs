//! Tokens with single bytes changed, clocks, other keys under the same name, and damage to the cache itself: a verifier with a cache of
//! eight places gives the report that one without gives.

use crate::input::Input;
use countermark::{Algorithm, AtomicU64, Holder, Keys, Policy, Report, Request, TokenCache, Verdict, Verifier};
use countermark_tests::token::{NOW, SECRET, TokenBuilder};
use std::sync::OnceLock;
use std::sync::atomic::Ordering;

const WORDS: usize = 8 + 16;

/// HMAC, so that a run is many verifications: what the cache does is the same for each algorithm.
fn tokens() -> &'static [String; 3] {
    static TOKENS: OnceLock<[String; 3]> = OnceLock::new();
    TOKENS.get_or_init(|| {
        [1, 2, 3].map(|number| {
            TokenBuilder::new("HS256").payload(format!(r#"{{"exp":{},"jti":"{number}"}}"#, NOW + 100 * number)).build()
        })
    })
}

fn seen(verdict: Verdict<'_>) -> (Report, Option<String>) {
    let claims = if let Verdict::Accept(claims, _) = &verdict { Some(claims.raw().to_string()) } else { None };
    (verdict.report(), claims)
}

pub fn check(data: &[u8]) {
    let mut input = Input::new(data);
    let words: [AtomicU64; WORDS] = std::array::from_fn(|_| AtomicU64::new(0));
    let cache = TokenCache::new(&words, b"a cache's secret").unwrap();
    let mut regions = [[0; 32]; 2];
    let [first, second] = regions.each_mut();
    let (mut right, mut other) = (Keys::new(first).unwrap(), Keys::new(second).unwrap());
    right.add_secret(Algorithm::HS256, None, SECRET).unwrap();
    other.add_secret(Algorithm::HS256, None, &[9; 32]).unwrap();
    let sets = [[right.set()], [other.set()]];
    let mut now = NOW;
    while !input.is_empty() {
        let flags = input.byte();
        let mut token = tokens()[usize::from(flags) % 3].clone().into_bytes();
        now += i64::from(flags >> 5) * 10;
        if flags & 4 != 0 {
            let at = usize::from(input.word()) % token.len();
            token[at] ^= input.byte();
        }
        if flags & 8 != 0 {
            let (from, to) = (8 + input.below(16), 8 + input.below(16));
            let word = words[from].load(Ordering::Relaxed) ^ u64::from(input.flag()) << input.below(64);
            words[to].store(word, Ordering::Relaxed);
        }
        let without = Verifier::new(&sets[usize::from(flags & 16 != 0)], Policy::default(), Holder::default()).unwrap();
        let with = without.with_cache(&cache);
        let request = Request::new(&token, now);
        let (mut one, mut two) = ([0; 1024], [0; 1024]);
        assert_eq!(seen(with.verify(&request, &mut one)), seen(without.verify(&request, &mut two)));
    }
    let counts = cache.statistics();
    assert!(counts.taken <= counts.places);
}
