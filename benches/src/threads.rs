//! Two threads: whether a verifier that they share does twice the work, and rows that are measured while another thread does
//! the same.

use crate::countermarks;
use crate::measure::Row;
use crate::sample::Sample;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
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

/// A row of the first, while another thread does the second.
pub fn beside_another<O: FnMut() + Send + 'static>(name: &'static str, [mut one, mut other]: [O; 2]) -> Row<'static> {
    let goes_on = Arc::new(AtomicBool::new(false));
    let another = {
        let goes_on = goes_on.clone();
        // It sleeps between the batches, and ends with the program.
        std::thread::spawn(move || {
            loop {
                while goes_on.load(Ordering::Relaxed) {
                    other();
                }
                std::thread::park();
            }
        })
    };
    let batch = move |times| {
        goes_on.store(true, Ordering::Relaxed);
        another.thread().unpark();
        (0..times).for_each(|_| one());
        goes_on.store(false, Ordering::Relaxed);
    };
    Row { name, batch: Box::new(batch) }
}
