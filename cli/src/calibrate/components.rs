//! What each component costs, and the weight that its rates suggest.
//!
//! The rule of weights: halfway from equal to the log-odds, weight = 100 · (1/2 + 1/2 · odds / mean odds) with odds = logit(stability) -
//! logit(coincidence), not below 0, both rates per mille and clamped to 5 and 995. Stability is how often a genuine visit shows
//! the component unchanged, coincidence how often an impostor's does. Entropy times stability would put the weight on what changes.

use super::log::{Log, Outcome, Visit};
use countermark::{Role, Weighted};

/// The mean of suggested weights, and what a component without rates keeps.
pub const WEIGHT_MEAN: f64 = 100.0;
/// The fewest visits of each kind whose rate is taken for one.
const VISITS_MIN: usize = 100;

/// Of the visits whose token held the component.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    pub held: usize,
    pub changed: usize,
    pub missing: usize,
}

impl Counts {
    fn of<'l>(visits: impl Iterator<Item = &'l Visit>, weighted: &Weighted) -> Self {
        let mut counts = Counts::default();
        for visit in visits.filter(|visit| visit.held(weighted.component)) {
            counts.held += 1;
            counts.changed += usize::from(visit.changed.contains(weighted.component));
            counts.missing += usize::from(visit.missing.contains(weighted.component));
        }
        counts
    }

    /// How often it matched, per mille.
    fn matched(&self) -> Option<u16> {
        let matched = self.held - self.changed - self.missing;
        (self.held >= VISITS_MIN).then(|| ((1000 * matched + self.held / 2) / self.held) as u16)
    }
}

pub struct ComponentRow {
    pub weighted: Weighted,
    pub genuine: Counts,
    /// What it takes from a genuine visit's similarity in the mean, per mille; a change counts in full.
    pub cost: f64,
    /// In how many of the genuine visits that fell below `accept` it had changed or was missing.
    pub in_fallen: usize,
    /// Per mille, where the log has visits enough.
    pub stability: Option<u16>,
    pub coincidence: Option<u16>,
    pub suggested: Option<u16>,
}

/// The components, the most costly first.
pub fn rows(log: &Log, components: &[Weighted], accept: Option<u16>) -> Vec<ComponentRow> {
    let sum: f64 = components.iter().map(|weighted| f64::from(weighted.weight)).sum();
    let visits = log.of(Outcome::Genuine).count().max(1) as f64;
    let row = |weighted: &Weighted| {
        let genuine = Counts::of(log.of(Outcome::Genuine), weighted);
        let fell = |visit: &&Visit| {
            let is_lost = visit.changed.contains(weighted.component) || visit.missing.contains(weighted.component);
            accept.is_some_and(|accept| visit.similarity < accept) && is_lost
        };
        // A missing optional component leaves the sums.
        let missing = if weighted.role == Role::Optional { 0 } else { genuine.missing };
        let share = if sum > 0.0 { f64::from(weighted.weight) / sum } else { 0.0 };
        ComponentRow {
            weighted: *weighted,
            genuine,
            cost: 1000.0 * share * (genuine.changed + missing) as f64 / visits,
            in_fallen: log.of(Outcome::Genuine).filter(fell).count(),
            stability: genuine.matched(),
            coincidence: Counts::of(log.of(Outcome::Impostor), weighted).matched(),
            suggested: None,
        }
    };
    let mut rows: Vec<ComponentRow> = components.iter().map(row).collect();
    suggest(&mut rows);
    rows.sort_by(|left, right| {
        right.cost.total_cmp(&left.cost).then(left.weighted.component.cmp(&right.weighted.component))
    });
    rows
}

fn logit(per_mille: u16) -> f64 {
    let rate = f64::from(per_mille.clamp(5, 995)) / 1000.0;
    (rate / (1.0 - rate)).ln()
}

/// logit(stability) - logit(coincidence), not below 0.
fn odds(row: &ComponentRow) -> Option<f64> {
    Some((logit(row.stability?) - logit(row.coincidence?)).max(0.0))
}

fn suggest(rows: &mut [ComponentRow]) {
    let known: Vec<f64> = rows.iter().filter_map(odds).collect();
    let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
    for row in rows.iter_mut() {
        row.suggested =
            odds(row).filter(|_| mean > 0.0).map(|odds| (WEIGHT_MEAN * (0.5 + 0.5 * odds / mean)).round() as u16);
    }
}

/// Why some or all components have no suggested weight.
pub fn note(rows: &[ComponentRow]) -> Option<String> {
    let without = rows.iter().filter(|row| row.suggested.is_none()).count();
    match without {
        0 => None,
        _ if without == rows.len() => Some(format!(
            "no weight is suggested: it takes {VISITS_MIN} genuine visits and {VISITS_MIN} of impostors. By stability alone the weight \
             would go to what strangers share, too"
        )),
        _ => Some(format!(
            "{without} components have no suggested weight: fewer than {VISITS_MIN} visits of a kind held them"
        )),
    }
}
