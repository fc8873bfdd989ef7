//! Counts, in Prometheus's text format (version 0.0.4).

use crate::answer::Told;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A verdict took at most so many microseconds.
const BUCKETS: [u64; 7] = [100, 250, 1_000, 5_000, 25_000, 100_000, 1_000_000];

/// All counts since the start. Their labels are names of doors and of statuses: a client adds none.
#[derive(Default)]
pub struct Metrics {
    answers: Mutex<BTreeMap<(String, u16, &'static str), u64>>,
    fingerprints: Mutex<BTreeMap<&'static str, u64>>,
    risks: Mutex<BTreeMap<&'static str, u64>>,
    buckets: [AtomicU64; BUCKETS.len()],
    microseconds: AtomicU64,
    verdicts: AtomicU64,
    pub connections: AtomicU64,
    pub connections_refused: AtomicU64,
    pub reloads: AtomicU64,
    pub reloads_failed: AtomicU64,
}

impl Metrics {
    /// Counts an answer. `door` is the configuration's name, or empty.
    pub fn answered(&self, door: &str, http: u16, told: &Told, took: Duration) {
        let status = told.status.map_or("NONE", |status| status.name());
        add(&self.answers, (door.to_owned(), http, status));
        told.fingerprint.into_iter().for_each(|outcome| add(&self.fingerprints, outcome));
        told.risk.into_iter().for_each(|(_, word)| add(&self.risks, word));
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        for (_, bucket) in BUCKETS.iter().zip(&self.buckets).filter(|(bound, _)| took <= **bound) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.microseconds.fetch_add(took, Ordering::Relaxed);
        self.verdicts.fetch_add(1, Ordering::Relaxed);
    }

    /// The whole page; `keys` usable ones serve, the store has failed so often, and so many lines of the log are lost.
    pub fn page(&self, keys: usize, store_failures: u64, lines_lost: u64) -> String {
        let mut page = String::new();
        let mut family = |name: &str, kind: &str, help: &str, samples: Vec<(String, String)>| {
            let _ = writeln!(page, "# HELP countermark_{name} {help}\n# TYPE countermark_{name} {kind}");
            for (labels, value) in samples {
                let _ = writeln!(page, "countermark_{name}{labels} {value}");
            }
        };
        let answers = copy(&self.answers).into_iter().map(|((door, http, status), count)| {
            (format!("{{door=\"{door}\",http=\"{http}\",status=\"{status}\"}}"), count.to_string())
        });
        family("answers_total", "counter", "Answers by door, HTTP status and the core's status.", answers.collect());
        let labelled = |counts: &Mutex<BTreeMap<&'static str, u64>>, label: &str| {
            let counts = copy(counts).into_iter();
            counts.map(|(name, count)| (format!("{{{label}=\"{name}\"}}"), count.to_string())).collect::<Vec<_>>()
        };
        let outcomes = labelled(&self.fingerprints, "outcome");
        family("fingerprints_total", "counter", "What became of the fingerprints of judged tokens.", outcomes);
        family("risk_total", "counter", "Visits of accepted tokens by what was done.", labelled(&self.risks, "action"));
        let one = |count: &AtomicU64| vec![(String::new(), count.load(Ordering::Relaxed).to_string())];
        family("connections", "gauge", "Open connections of proxies.", one(&self.connections));
        family(
            "connections_refused_total",
            "counter",
            "Connections beyond the limit, or of strangers.",
            one(&self.connections_refused),
        );
        family("key_reloads_total", "counter", "Key files that took the place of the one before.", one(&self.reloads));
        family("key_reloads_failed_total", "counter", "Key files that were refused.", one(&self.reloads_failed));
        family("keys", "gauge", "Usable keys that serve.", vec![(String::new(), keys.to_string())]);
        let failures = vec![(String::new(), store_failures.to_string())];
        family("store_failures_total", "counter", "Calls that the store did not answer.", failures);
        let lost = vec![(String::new(), lines_lost.to_string())];
        family("log_lines_lost_total", "counter", "Lines of the log that nobody read in time.", lost);
        let verdicts = self.verdicts.load(Ordering::Relaxed);
        let seconds = |microseconds: u64| (microseconds as f64 / 1e6).to_string();
        let mut samples: Vec<_> = BUCKETS
            .iter()
            .zip(&self.buckets)
            .collect::<Vec<_>>()
            .into_iter()
            .map(|(bound, bucket)| {
                (format!("_bucket{{le=\"{}\"}}", seconds(*bound)), bucket.load(Ordering::Relaxed).to_string())
            })
            .collect();
        samples.push(("_bucket{le=\"+Inf\"}".into(), verdicts.to_string()));
        samples.push(("_sum".into(), seconds(self.microseconds.load(Ordering::Relaxed))));
        samples.push(("_count".into(), verdicts.to_string()));
        family("answer_seconds", "histogram", "From the whole request to its answer.", samples);
        page
    }
}

fn add<K: Ord>(counts: &Mutex<BTreeMap<K, u64>>, key: K) {
    let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(1);
}

fn copy<K: Ord + Clone>(counts: &Mutex<BTreeMap<K, u64>>) -> BTreeMap<K, u64> {
    counts.lock().unwrap_or_else(PoisonError::into_inner).clone()
}
