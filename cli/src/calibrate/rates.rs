//! Rates at thresholds, and the thresholds that rates allow.
//!
//! The rule: the suggested threshold is the highest one below which so few genuine visits fall that, were the true rate above the
//! one that is allowed, so few or fewer would be seen at most one time in twenty. So a log that is too short suggests nothing,
//! and no rate is claimed that the log does not show (Clopper and Pearson 1934: the one-sided 95 % bound).

/// How often so few visits may fall below a threshold by luck.
const LUCK: f64 = 0.05;

/// What a threshold does.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    pub threshold: u16,
    /// Genuine visits below it, of all genuine ones, and the bound of their rate.
    pub genuine_below: usize,
    pub false_reject: Option<f64>,
    pub false_reject_bound: Option<f64>,
    /// Impostors' visits that reach it.
    pub impostors_reach: usize,
    pub false_accept: Option<f64>,
}

impl Rate {
    /// Both lists ascend.
    pub fn at(threshold: u16, genuine: &[u16], impostors: &[u16]) -> Rate {
        let below = |values: &[u16]| values.partition_point(|value| *value < threshold);
        let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
        let genuine_below = below(genuine);
        let impostors_reach = impostors.len() - below(impostors);
        Rate {
            threshold,
            genuine_below,
            false_reject: share(genuine_below, genuine.len()),
            false_reject_bound: (!genuine.is_empty()).then(|| bound(genuine_below, genuine.len())),
            impostors_reach,
            false_accept: share(impostors_reach, impostors.len()),
        }
    }
}

/// The highest threshold by the rule, for values that ascend; none when even no visit below it would not show the rate.
pub fn highest_threshold(values: &[u16], rate: f64) -> Option<u16> {
    let shown = |below: usize| at_most(below, values.len(), rate) <= LUCK;
    if !shown(0) {
        return None;
    }
    // How many may fall below: the more, the less it shows, so halves find the most.
    let (mut allowed, mut too_many) = (0, values.len() + 1);
    while too_many - allowed > 1 {
        let middle = usize::midpoint(allowed, too_many);
        match shown(middle) {
            true => allowed = middle,
            false => too_many = middle,
        }
    }
    let below = |threshold: u16| values.partition_point(|value| *value < threshold);
    (0..=1000).rev().find(|threshold| below(*threshold) <= allowed)
}

/// The fewest visits that can show the rate: those of which none falls below.
pub fn visits_needed(rate: f64) -> usize {
    (LUCK.ln() / (1.0 - rate).ln()).ceil() as usize
}

/// The chance of at most `seen` among `visits` of this rate each.
fn at_most(seen: usize, visits: usize, rate: f64) -> f64 {
    if seen >= visits {
        return 1.0;
    }
    // In logarithms: the first terms of a long log are too small for a number, and then they do not matter.
    let mut term = visits as f64 * (1.0 - rate).ln();
    let mut sum = term.exp();
    for count in 0..seen {
        term += ((visits - count) as f64 / (count + 1) as f64).ln() + (rate / (1.0 - rate)).ln();
        sum += term.exp();
    }
    sum
}

/// The rate above which so few would be luck.
fn bound(seen: usize, visits: usize) -> f64 {
    if seen >= visits {
        return 1.0;
    }
    let (mut low, mut high) = (seen as f64 / visits as f64, 1.0);
    // A double has 53 bits.
    for _ in 0..53 {
        let middle = f64::midpoint(low, high);
        match at_most(seen, visits, middle) > LUCK {
            true => low = middle,
            false => high = middle,
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sample sizes of success-run tables for 99 % at a confidence of 95 %: 299 without a failure, 473 with one, 628 with two,
    /// 773 with three.
    #[test]
    fn the_sizes_that_tables_print() {
        for (failures, visits) in [(0, 299), (1, 473), (2, 628), (3, 773)] {
            assert!(at_most(failures, visits, 0.01) <= LUCK, "{failures} of {visits}");
            assert!(at_most(failures, visits - 1, 0.01) > LUCK, "{failures} of {}", visits - 1);
        }
        assert_eq!((visits_needed(0.01), visits_needed(0.001)), (299, 2995));
    }

    /// By hand: at most one head of three fair coins is 4/8; none of two that fall so one time in four is 9/16.
    #[test]
    fn small_sums() {
        assert!((at_most(1, 3, 0.5) - 0.5).abs() < 1e-12);
        assert!((at_most(0, 2, 0.25) - 0.5625).abs() < 1e-12);
        assert_eq!(at_most(2, 2, 0.25), 1.0);
        // None of 100: 1 - 0.05^(1/100).
        assert!((bound(0, 100) - (1.0 - 0.05f64.powf(0.01))).abs() < 1e-12);
    }
}
