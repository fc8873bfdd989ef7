//! The set sketch against exact Jaccard similarity.

use crate::minhash::{equal_bins, hmac_words, level, sketch};
use crate::random::Random;
use std::fmt::Write;

const SIZES: [usize; 10] = [1, 2, 3, 5, 10, 20, 50, 100, 200, 500];
const WANTED: [f64; 7] = [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0];
const TRIALS: usize = 300;
const SINGLE_TRIALS: usize = 20_000;

/// The bound of `fingerprints.md`: within this in 95% of cases, from two elements up.
const BOUND: f64 = 0.2;

struct Cell {
    exact: f64,
    mean: f64,
    /// The error that 95% of the trials stay within.
    within: f64,
}

/// Two sets of `size` elements of which `common` are shared, under a fresh token key.
fn estimate(size: usize, common: usize, random: &mut Random) -> f64 {
    let mut key = [0; 32];
    key.chunks_mut(8).for_each(|part| part.copy_from_slice(&random.next().to_be_bytes()));
    let start = random.next();
    let element = |number: usize| hmac_words(&key, 48, &start.wrapping_add(number as u64).to_be_bytes());
    let left: Vec<_> = (0..size).map(element).collect();
    let right: Vec<_> = left[..common].iter().copied().chain((size..2 * size - common).map(element)).collect();
    f64::from(level(equal_bins(&sketch(&left), &sketch(&right)))) / 256.0
}

fn cell(size: usize, wanted: f64, random: &mut Random) -> Cell {
    let common = (2.0 * size as f64 * wanted / (1.0 + wanted)).round() as usize;
    let exact = common as f64 / (2 * size - common) as f64;
    let estimates: Vec<f64> = (0..TRIALS).map(|_| estimate(size, common, random)).collect();
    let mean = estimates.iter().sum::<f64>() / TRIALS as f64;
    let mut errors: Vec<f64> = estimates.iter().map(|estimate| (estimate - exact).abs()).collect();
    errors.sort_by(f64::total_cmp);
    Cell { exact, mean, within: errors[TRIALS * 95 / 100 - 1] }
}

/// The table, after asserting both bounds.
pub fn table(seed: u64) -> String {
    let mut random = Random::new(seed);
    let mut text = String::from("| elements |");
    text.extend(WANTED.iter().map(|wanted| format!(" near {wanted} |")));
    text.push_str("\n|---|");
    WANTED.iter().for_each(|_| text.push_str("---|"));
    let mut worst = 0.0f64;
    for size in SIZES {
        let _ = write!(text, "\n| {size} |");
        for wanted in WANTED {
            let cell = cell(size, wanted, &mut random);
            let _ = write!(text, " {:.2}: {:.2} ± {:.2} |", cell.exact, cell.mean, cell.within);
            if size >= 2 {
                assert!(cell.within <= BOUND, "{size} elements at {:.2}: off by {:.3}", cell.exact, cell.within);
                worst = worst.max(cell.within);
            }
        }
    }
    let singles: Vec<f64> = (0..SINGLE_TRIALS).map(|_| estimate(1, 0, &mut random)).collect();
    let highest = singles.iter().copied().fold(0.0, f64::max);
    assert!(highest <= 0.5, "two different elements scored {highest}");
    let _ = write!(
        text,
        "\n\nThe largest error bound from two elements up is {worst:.3} (allowed: {BOUND}). The highest estimate of {SINGLE_TRIALS} \
         pairs of different one-element sets is {highest:.3} (allowed: 0.5).\n"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_and_disjoint() {
        let mut random = Random::new(4);
        assert_eq!(estimate(7, 7, &mut random), 1.0);
        let mean = (0..200).map(|_| estimate(20, 0, &mut random)).sum::<f64>() / 200.0;
        assert!(mean < 0.1, "{mean}");
    }

    #[test]
    fn the_bound_holds_at_two_and_twenty() {
        let mut random = Random::new(5);
        for (size, wanted) in [(2, 0.0), (2, 0.33), (20, 0.5)] {
            assert!(cell(size, wanted, &mut random).within <= BOUND);
        }
    }
}
