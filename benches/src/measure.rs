//! Rounds, medians and tables.

use std::time::{Duration, Instant};

/// How much is measured.
#[derive(Clone, Copy)]
pub struct Plan {
    pub rounds: usize,
    pub batch_micros: u64,
}

/// Something to measure: `batch` does it as often as it is told.
pub struct Row<'r> {
    pub name: &'static str,
    pub batch: Box<dyn FnMut(u32) + 'r>,
}

impl<'r> Row<'r> {
    pub fn new(name: &'static str, mut once: impl FnMut() + 'r) -> Self {
        let batch = move |times| (0..times).for_each(|_| once());
        Row { name, batch: Box::new(batch) }
    }
}

/// Nanoseconds for each row and round.
pub struct Table {
    title: String,
    names: Vec<&'static str>,
    /// `times[row][round]`
    times: Vec<Vec<f64>>,
}

impl Table {
    pub fn measure(plan: Plan, title: &str, mut rows: Vec<Row<'_>>) -> Self {
        let batch = Duration::from_micros(plan.batch_micros);
        let counts: Vec<u32> = rows.iter_mut().map(|row| calibrate(row, batch)).collect();
        let mut times = vec![Vec::with_capacity(plan.rounds); rows.len()];
        for round in 0..plan.rounds {
            for turn in 0..rows.len() {
                // Each round starts with another row, so that no row always follows the same one.
                let at = (round + turn) % rows.len();
                let start = Instant::now();
                (rows[at].batch)(counts[at]);
                times[at].push(start.elapsed().as_nanos() as f64 / f64::from(counts[at]));
            }
        }
        Table { title: title.into(), names: rows.iter().map(|row| row.name).collect(), times }
    }

    /// Prints every row with its ratio to `base`.
    pub fn print(&self, base: &str) {
        println!("{}", self.title);
        println!("{:<52} {:>9} {:>9} {:>9} {:>9}", "", "ratio", "median ns", "10% ns", "90% ns");
        for (name, times) in self.names.iter().zip(&self.times) {
            let ratio = self.ratio(name, &[base]);
            let [low, middle, high] = [0.1, 0.5, 0.9].map(|part| quantile(times, part));
            println!("{name:<52} {ratio:>9.3} {middle:>9.1} {low:>9.1} {high:>9.1}");
        }
    }

    /// The name with the least median.
    pub fn fastest(&self, among: &[&'static str]) -> &'static str {
        among.iter().copied().min_by(|left, right| self.median(left).total_cmp(&self.median(right))).expect("a row")
    }

    /// Prints a ratio beside what it should be at most.
    pub fn goal(&self, what: &str, row: &str, base: &[&str], goal: f64) {
        let ratio = self.ratio(row, base);
        let verdict = if ratio <= goal { "met" } else { "MISSED" };
        println!("goal: {what}: {ratio:.3}, at most {goal:.3}: {verdict}");
    }

    /// Prints what is left of a row after another, as a ratio to a third, beside what it should be at most.
    pub fn beyond(&self, what: &str, row: &str, other: &str, base: &str, goal: f64) {
        let left =
            self.of(row).iter().zip(self.of(other)).zip(self.of(base)).map(|((row, other), base)| (row - other) / base);
        let ratio = quantile(&left.collect::<Vec<f64>>(), 0.5);
        let verdict = if ratio <= goal { "met" } else { "MISSED" };
        println!("goal: {what}: {ratio:.3}, at most {goal:.3}: {verdict}");
    }

    /// Prints a row's median beside the nanoseconds that it should take at most.
    pub fn below(&self, what: &str, row: &str, nanoseconds: f64) {
        let median = quantile(self.of(row), 0.5);
        let verdict = if median <= nanoseconds { "met" } else { "MISSED" };
        println!("goal: {what}: {median:.0} ns, at most {nanoseconds:.0}: {verdict}");
    }

    /// Prints what is left of `whole` after `parts`.
    pub fn remainder(&self, what: &str, whole: &str, parts: &[&str]) {
        let left: Vec<f64> = (0..self.of(whole).len())
            .map(|round| {
                let sum: f64 = parts.iter().map(|part| self.of(part)[round]).sum();
                self.of(whole)[round] - sum
            })
            .collect();
        println!("{what:<62} {:>9.1}", quantile(&left, 0.5));
    }

    /// A row's median in nanoseconds.
    pub fn median(&self, name: &str) -> f64 {
        quantile(self.of(name), 0.5)
    }

    /// The median over the rounds of a row's time through the sum of others' in the same round.
    pub fn ratio(&self, row: &str, base: &[&str]) -> f64 {
        let ratios: Vec<f64> = (0..self.of(row).len())
            .map(|round| self.of(row)[round] / base.iter().map(|base| self.of(base)[round]).sum::<f64>())
            .collect();
        quantile(&ratios, 0.5)
    }

    fn of(&self, name: &str) -> &[f64] {
        let at = self.names.iter().position(|found| *found == name).expect("a row of the table");
        &self.times[at]
    }
}

/// How often a row fits into a batch. Also warms it up.
fn calibrate(row: &mut Row<'_>, batch: Duration) -> u32 {
    let mut count = 1u32;
    loop {
        let start = Instant::now();
        (row.batch)(count);
        let took = start.elapsed();
        if took >= batch / 2 {
            return (f64::from(count) * batch.as_secs_f64() / took.as_secs_f64()).max(1.0) as u32;
        }
        count *= 2;
    }
}

fn quantile(values: &[f64], part: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}
