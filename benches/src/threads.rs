//! Whether a verifier that threads share is faster with more of them: nothing on the verify path is written by two.

use crate::countermarks;
use crate::sample::Sample;
use std::sync::Barrier;
use std::time::{Duration, Instant};

/// How long each side of a round verifies.
const TURN: Duration = Duration::from_millis(20);

/// What two threads verify through what one does, median over the rounds; each round does both.
pub fn scaling(rounds: usize) -> f64 {
    let sample = Sample::es256();
    let mut ratios: Vec<f64> = (0..rounds.max(1)).map(|_| verified(&sample, 2) / verified(&sample, 1)).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// Tokens a second, by so many threads with one verifier.
fn verified(sample: &Sample, threads: usize) -> f64 {
    let shared = countermarks::Shared::new(sample);
    let barrier = Barrier::new(threads);
    let count = |shared: &countermarks::Shared| {
        let mut scratch = shared.scratch();
        barrier.wait();
        let (start, mut done) = (Instant::now(), 0u64);
        while start.elapsed() < TURN {
            assert!(shared.accepts(&sample.token, &mut scratch), "the good token");
            done += 1;
        }
        done as f64 / start.elapsed().as_secs_f64()
    };
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(|| count(&shared))).collect();
        running.into_iter().map(|thread| thread.join().expect("a thread that ends")).sum()
    })
}
