//! False accepts against false rejects, and where they are equal.

/// Rates at the threshold "accept from this similarity on".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub threshold: u32,
    pub false_accepts: f64,
    pub false_rejects: f64,
}

/// One point for every threshold 0..=1001.
pub fn curve(genuine: &[u32], impostors: &[u32]) -> Vec<Point> {
    let (genuine, impostors) = (below(genuine), below(impostors));
    let point = |threshold: usize| Point {
        threshold: threshold as u32,
        false_accepts: 1.0 - impostors[threshold],
        false_rejects: genuine[threshold],
    };
    (0..genuine.len()).map(point).collect()
}

/// The share of scores below every threshold.
fn below(scores: &[u32]) -> Vec<f64> {
    let mut counts = vec![0u32; 1002];
    for score in scores {
        counts[(*score).min(1000) as usize + 1] += 1;
    }
    let mut sum = 0;
    let whole = (scores.len() as f64).max(1.0);
    counts
        .into_iter()
        .map(|count| {
            sum += count;
            f64::from(sum) / whole
        })
        .collect()
}

/// The equal error rate by linear interpolation between the two points where the curves cross.
pub fn equal_error_rate(curve: &[Point]) -> f64 {
    for pair in curve.windows(2) {
        let [left, right] = [pair[0], pair[1]];
        let gap = |point: Point| point.false_accepts - point.false_rejects;
        if gap(left) >= 0.0 && gap(right) <= 0.0 {
            let way = if gap(left) == gap(right) { 0.0 } else { gap(left) / (gap(left) - gap(right)) };
            return left.false_accepts + way * (right.false_accepts - left.false_accepts);
        }
    }
    f64::NAN
}

/// The lowest threshold that lets at most this share of impostors in.
pub fn threshold_for(curve: &[Point], false_accepts: f64) -> Point {
    let found = curve.iter().find(|point| point.false_accepts <= false_accepts);
    found.copied().unwrap_or(Point { threshold: 1001, false_accepts: 0.0, false_rejects: 1.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Genuine 700, 900, 900, 1000 and impostors 100, 200, 800, 800: at 701..=800 a quarter and a half are wrong,
    /// at 801..=900 a quarter and none: the line from (0.5, 0.25) to (0, 0.25) crosses the diagonal at 0.25.
    #[test]
    fn a_known_crossing() {
        let curve = curve(&[700, 900, 900, 1000], &[100, 200, 800, 800]);
        assert_eq!(curve[800], Point { threshold: 800, false_accepts: 0.5, false_rejects: 0.25 });
        assert_eq!(curve[801], Point { threshold: 801, false_accepts: 0.0, false_rejects: 0.25 });
        assert!((equal_error_rate(&curve) - 0.25).abs() < 1e-12);
    }

    /// From (0.4, 0.1) to (0.1, 0.3): the gap falls from 0.3 to -0.2, so three fifths of the way: 0.4 - 0.18 = 0.22.
    #[test]
    fn interpolation_by_hand() {
        let point = |threshold, false_accepts, false_rejects| Point { threshold, false_accepts, false_rejects };
        let curve = [point(0, 1.0, 0.0), point(1, 0.4, 0.1), point(2, 0.1, 0.3), point(3, 0.0, 1.0)];
        assert!((equal_error_rate(&curve) - 0.22).abs() < 1e-12);
    }

    #[test]
    fn perfect_and_hopeless() {
        assert_eq!(equal_error_rate(&curve(&[1000; 5], &[0; 5])), 0.0);
        assert_eq!(equal_error_rate(&curve(&[0; 5], &[1000; 5])), 1.0);
        assert!((equal_error_rate(&curve(&[500, 600], &[500, 600])) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn the_threshold_for_a_rate() {
        let curve = curve(&[700, 900, 900, 1000], &[100, 200, 800, 800]);
        assert_eq!(threshold_for(&curve, 0.5).threshold, 201);
        assert_eq!(threshold_for(&curve, 0.0).threshold, 801);
    }
}
