//! The log: one visit a line, what its report said, and what became of its session.

use crate::failure::Failure;
use crate::files;
use countermark::{Component, ComponentSet};
use serde::Deserialize;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, stdin};
use std::path::Path;

/// The longest line. A report with every component has 2,000 bytes.
const LINE_BYTES_MAX: u64 = 64 * 1024;

/// What became of a session: the person went on, or proved to be the owner; it was stolen; or nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    Genuine,
    Impostor,
    Unknown,
}

/// One line. Members that are not named here are the host's own, and passed over.
#[derive(Deserialize)]
struct Line {
    similarity: u16,
    coverage: u16,
    changed: Vec<String>,
    #[serde(default)]
    missing: Vec<String>,
    matched: Option<Vec<String>>,
    outcome: Outcome,
}

/// One visit.
pub struct Visit {
    pub similarity: u16,
    pub coverage: u16,
    pub outcome: Outcome,
    pub changed: ComponentSet,
    pub missing: ComponentSet,
    /// Where the log says it; else whatever did not change and is not missing.
    pub matched: Option<ComponentSet>,
}

pub struct Log {
    visits: Vec<Visit>,
}

impl Log {
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let failed =
            |error: std::io::Error| Failure::new(format!("LOG: the file cannot be read: {}", files::reason(&error)));
        let mut reader: Box<dyn BufRead> = if files::is_input("LOG", path)? {
            Box::new(stdin().lock())
        } else {
            Box::new(BufReader::new(File::open(path).map_err(failed)?))
        };
        let (mut visits, mut line) = (Vec::new(), Vec::new());
        for number in 1.. {
            line.clear();
            let mut limited = (&mut reader).take(LINE_BYTES_MAX);
            if limited.read_until(b'\n', &mut line).map_err(failed)? == 0 {
                break;
            }
            if line.len() as u64 == LINE_BYTES_MAX && !line.ends_with(b"\n") {
                return Err(malformed(number)); // the rest would be taken for a line of its own
            }
            if !line.iter().all(u8::is_ascii_whitespace) {
                visits.push(Visit::parse(&line).ok_or_else(|| malformed(number))?);
            }
        }
        Ok(Log { visits })
    }

    /// The visits with this outcome.
    pub fn of(&self, outcome: Outcome) -> impl Iterator<Item = &Visit> {
        self.visits.iter().filter(move |visit| visit.outcome == outcome)
    }

    /// Every component that some visit names.
    pub fn named(&self) -> Vec<Component> {
        let sets = self.visits.iter().flat_map(|visit| [visit.changed, visit.missing, visit.matched.unwrap_or_default()]);
        let all = sets.flat_map(ComponentSet::iter).fold(ComponentSet::EMPTY, ComponentSet::with);
        all.iter().collect()
    }
}

fn malformed(number: usize) -> Failure {
    Failure::new(format!(
        "LOG: line {number} is not a JSON object with similarity and coverage (0 to 1000), changed (names of components, each in \
         one list) and outcome (genuine, impostor or unknown)"
    ))
}

impl Visit {
    fn parse(line: &[u8]) -> Option<Self> {
        let is_object = line.trim_ascii_start().starts_with(b"{");
        let line: Line = serde_json::from_slice(line).ok().filter(|_| is_object)?;
        let set = |names: &[String]| {
            let mut set = ComponentSet::EMPTY;
            names.iter().try_for_each(|name| Component::from_name(name).map(|component| set.insert(component)))?;
            Some(set)
        };
        let visit = Visit {
            similarity: line.similarity,
            coverage: line.coverage,
            outcome: line.outcome,
            changed: set(&line.changed)?,
            missing: set(&line.missing)?,
            matched: match &line.matched {
                Some(names) => Some(set(names)?),
                None => None,
            },
        };
        let matched = visit.matched.unwrap_or_default();
        let pairs = [(visit.changed, visit.missing), (visit.changed, matched), (visit.missing, matched)];
        let is_whole = line.similarity <= 1000 && line.coverage <= 1000;
        (is_whole && pairs.iter().all(|(left, right)| left.and(*right).is_empty())).then_some(visit)
    }

    /// Whether the token's sketch held this component, as far as the log says.
    pub fn held(&self, component: Component) -> bool {
        let listed = self.changed.contains(component) || self.missing.contains(component);
        listed || self.matched.is_none_or(|matched| matched.contains(component))
    }
}
