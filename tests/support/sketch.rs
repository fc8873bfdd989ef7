//! Sketches by the book: `fingerprints.md` section 2 written out slowly, from plain values to a verdict.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::{BTreeMap, BTreeSet};

/// How the values of a component are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Exact,
    Ordinal,
    Set,
}

/// The kind of a number; `None` where the table has no such component.
pub fn kind(number: u8) -> Option<Kind> {
    match number {
        17 | 192..=223 => Some(Kind::Ordinal),
        20 | 23 | 25 | 27 | 35 | 48..=50 | 224..=255 => Some(Kind::Set),
        1..=6 | 16..=28 | 32..=39 | 64..=68 | 80..=83 | 96 | 97 | 112 | 128..=191 => Some(Kind::Exact),
        _ => None,
    }
}

/// Every number that may stand in a claim.
pub fn numbers() -> impl Iterator<Item = u8> {
    (0..=255).filter(|number| kind(*number).is_some())
}

/// What was observed of one component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Exact(Vec<u8>),
    Ordinal(u16),
    Set(Vec<Vec<u8>>),
}

/// What was observed of a client.
pub type Client = BTreeMap<u8, Value>;

pub const VERSION: u8 = 1;

/// A claim, field by field. Nothing keeps the fields consistent: tests write bad claims too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    pub version: u8,
    pub k: u8,
    pub pepper: u8,
    pub generation: u8,
    pub salt: [u8; 8],
    pub entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub number: u8,
    pub stored: Vec<u8>,
    pub moved: bool,
}

fn hmac(key: &[u8], pieces: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    pieces.iter().for_each(|piece| mac.update(piece));
    mac.finalize().into_bytes().into()
}

/// The key of one token.
pub fn token_key(pepper: &[u8], salt: &[u8; 8]) -> [u8; 32] {
    hmac(pepper, &[b"countermark/sketch/v1", salt])
}

/// H(value) of a component.
pub fn digest(token_key: &[u8], number: u8, value: &[u8]) -> [u8; 32] {
    hmac(token_key, &[&[number], value])
}

/// What hides an ordinal.
fn pad(token_key: &[u8], number: u8, k: u8) -> u128 {
    digest(token_key, number, b"")[..usize::from(k)].iter().fold(0, |sum, byte| (sum << 8) | u128::from(*byte))
}

fn big_endian(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0, |sum, byte| (sum << 8) | u128::from(*byte))
}

/// splitmix64's finaliser.
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// The 128 bits of a set.
pub fn bins(token_key: &[u8], number: u8, elements: &[Vec<u8>]) -> Vec<u8> {
    let one_empty = [Vec::new()];
    let elements = if elements.is_empty() { &one_empty } else { elements };
    let words: Vec<(u64, u64)> = elements
        .iter()
        .map(|element| {
            let digest = digest(token_key, number, element);
            (big_endian(&digest[..8]) as u64, big_endian(&digest[8..16]) as u64 | 1)
        })
        .collect();
    let mut bits = vec![0; 16];
    for bin in 0..128 {
        let ranks = words.iter().map(|(x, y)| mix(x.wrapping_add(y.wrapping_mul(bin as u64))));
        let winner = ranks.min_by_key(|rank| rank >> 1).expect("at least one element");
        bits[bin / 8] |= ((winner & 1) as u8) << (7 - bin % 8);
    }
    bits
}

/// What a claim stores of a value.
pub fn stored(token_key: &[u8], number: u8, k: u8, value: &Value) -> Vec<u8> {
    let length = usize::from(k);
    match value {
        Value::Exact(value) => digest(token_key, number, value)[..length].to_vec(),
        Value::Ordinal(value) => {
            let sum = (u128::from(*value) + pad(token_key, number, k)) % (1 << (8 * length));
            sum.to_be_bytes()[16 - length..].to_vec()
        }
        Value::Set(elements) => bins(token_key, number, elements),
    }
}

/// A first sketch of a client.
pub fn mint(pepper: (u8, &[u8]), salt: [u8; 8], k: u8, client: &Client) -> Claim {
    let key = token_key(pepper.1, &salt);
    let entries = client
        .iter()
        .map(|(number, value)| Entry { number: *number, stored: stored(&key, *number, k, value), moved: false })
        .collect();
    Claim { version: VERSION, k, pepper: pepper.0, generation: 0, salt, entries }
}

impl Claim {
    /// The bytes, whatever the fields say.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.version, self.k, self.pepper, self.generation];
        bytes.extend(self.salt);
        bytes.push(self.entries.len() as u8);
        let mut mask = vec![0; self.entries.len().div_ceil(8)];
        for (position, entry) in self.entries.iter().enumerate() {
            mask[position / 8] |= u8::from(entry.moved) << (position % 8);
        }
        bytes.extend(mask);
        for entry in &self.entries {
            bytes.push(entry.number);
            bytes.extend(&entry.stored);
        }
        bytes
    }

    /// The claim's text.
    pub fn text(&self) -> String {
        super::base64url::encode(&self.bytes())
    }

    /// Reads a claim; `None` for whatever is malformed.
    pub fn read(bytes: &[u8]) -> Option<Claim> {
        let head = bytes.get(..13)?;
        let (version, k, pepper, generation, count) = (head[0], head[1], head[2], head[3], usize::from(head[12]));
        let salt = head[4..12].try_into().unwrap();
        if version != VERSION || !(2..=8).contains(&k) || count > 64 {
            return None;
        }
        let mask_bytes = count.div_ceil(8);
        let mask = bytes.get(13..13 + mask_bytes)?;
        if (count..8 * mask_bytes).any(|bit| mask[bit / 8] >> (bit % 8) & 1 != 0) {
            return None;
        }
        let mut rest = &bytes[13 + mask_bytes..];
        let mut entries: Vec<Entry> = Vec::new();
        for position in 0..count {
            let number = *rest.first()?;
            let length = match kind(number)? {
                Kind::Set => 16,
                Kind::Exact | Kind::Ordinal => usize::from(k),
            };
            if entries.last().is_some_and(|last| last.number >= number) {
                return None;
            }
            let stored = rest.get(1..1 + length)?.to_vec();
            entries.push(Entry { number, stored, moved: mask[position / 8] >> (position % 8) & 1 == 1 });
            rest = &rest[1 + length..];
        }
        rest.is_empty().then_some(Claim { version, k, pepper, generation, salt, entries })
    }

    /// Whether a re-issue would leave more behind than the drift allows, or lose what the page told.
    pub fn refuses_reissue(&self, rules: &Rules, next: &Claim, client: &Client) -> bool {
        let weight = |number: &u8| rules.weights.get(number).map_or(0, |rule| u64::from(rule.weight));
        let has_moved = |entry: &&Entry| next.entry(entry.number).is_none_or(|next| next.moved);
        let moved = self.entries.iter().filter(has_moved).map(|entry| weight(&entry.number)).sum();
        let whole = self.entries.iter().map(|entry| weight(&entry.number)).sum();
        let of_page = |number: &u8| is_of_page(*number) && rules.weights.contains_key(number);
        let has_page = self.entries.iter().any(|entry| of_page(&entry.number));
        let awaits_page = rules.stages != Stages::Together
            && has_page
            && !client.keys().any(|number| of_page(number) && self.entry(*number).is_some());
        per_mille(moved, whole, 1) > rules.drift || awaits_page
    }

    pub fn entry(&self, number: u8) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.number == number)
    }

    /// The sketch that replaces this one at a re-issue: what had moved stays moved. Its entries are the old one's as far as
    /// they are observed: what a missing one stores is not written down anywhere.
    pub fn reissued(&self, rules: &Rules, pepper: (u8, &[u8]), own: &[u8], salt: [u8; 8], client: &Client) -> Claim {
        let kept = client.iter().filter(|(number, _)| self.entry(**number).is_some());
        let kept: Client = kept.map(|(number, value)| (*number, value.clone())).collect();
        let mut next = mint(pepper, salt, rules.k(), &kept);
        next.generation = self.generation.saturating_add(1);
        let key = token_key(own, &self.salt);
        for entry in &mut next.entries {
            entry.moved = match self.entry(entry.number) {
                Some(before) => {
                    let is_compared = rules.weights.contains_key(&entry.number);
                    let level = level(&key, self.k, before, &client[&entry.number], rules);
                    before.moved || !is_compared || level < 256
                }
                None => unreachable!("kept entries only"),
            };
        }
        next
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Normal,
    Optional,
    Required,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    pub weight: u16,
    pub role: Role,
    /// Per mille; both 0: says nothing in the evidence.
    pub stability: u16,
    pub coincidence: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stages {
    Together,
    OnDemand,
    AcceptEarly,
}

/// A policy, everything said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    pub weights: BTreeMap<u8, Weight>,
    pub groups: Vec<(BTreeSet<u8>, u8)>,
    pub accept: u64,
    pub step_up: u64,
    pub coverage: u64,
    pub drift: u64,
    pub generation: u8,
    pub behind: u16,
    pub ahead: u16,
    pub evidence_accept: Option<i32>,
    pub evidence_step_up: Option<i32>,
    pub stages: Stages,
}

impl Rules {
    /// How many bytes of a digest a new sketch holds: 8 with a cookie, with TLS, or with a required component of the caller's.
    pub fn k(&self) -> u8 {
        let is_strong = |(number, weight): (&u8, &Weight)| {
            [96, 97, 112].contains(number) || (*number >= 128 && weight.role == Role::Required)
        };
        if self.weights.iter().any(is_strong) { 8 } else { 3 }
    }

    /// The defaults of the page over these weights.
    pub fn of(weights: &[(u8, u16)]) -> Rules {
        let plain = |weight: u16| Weight { weight, role: Role::Normal, stability: 0, coincidence: 0 };
        Rules {
            weights: weights.iter().map(|(number, weight)| (*number, plain(*weight))).collect(),
            groups: vec![],
            accept: 850,
            step_up: 700,
            coverage: 900,
            drift: 300,
            generation: 64,
            behind: 26,
            ahead: 0,
            evidence_accept: None,
            evidence_step_up: None,
            stages: Stages::Together,
        }
    }
}

/// 0 to 256: how much of an entry the observed value has.
pub fn level(token_key: &[u8], k: u8, entry: &Entry, value: &Value, rules: &Rules) -> u64 {
    match value {
        Value::Exact(_) => match stored(token_key, entry.number, k, value) == entry.stored {
            true => 256,
            false => 0,
        },
        Value::Ordinal(observed) => {
            let modulus = 1u128 << (8 * u32::from(k));
            let before = (big_endian(&entry.stored) + modulus - pad(token_key, entry.number, k)) % modulus;
            let observed = u128::from(*observed);
            let (steps, limit) = match observed >= before {
                true => (observed - before, u128::from(rules.behind)),
                false => (before - observed, u128::from(rules.ahead)),
            };
            match steps <= limit {
                true => (256 - 256 * steps / (limit + 1)) as u64,
                false => 0,
            }
        }
        Value::Set(_) => {
            let observed = stored(token_key, entry.number, k, value);
            let equal: u64 = (0..16).map(|at| u64::from((!(observed[at] ^ entry.stored[at])).count_ones())).sum();
            4 * equal.saturating_sub(64)
        }
    }
}

fn match_level(number: u8) -> u64 {
    match kind(number).expect("a component") {
        Kind::Exact => 256,
        Kind::Ordinal => 1,
        Kind::Set => 192,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    Accept,
    StepUp,
    Reject,
    /// Reject: a required component changed or is missing.
    Required,
}

/// Why it is step up, in the order of the header's bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reasons {
    pub similarity: bool,
    pub coverage: bool,
    pub group: bool,
    pub drift: bool,
    pub generation: bool,
    pub evidence: bool,
    pub collect: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    pub similarity: u64,
    pub coverage: u64,
    pub drift: u64,
    /// Hundredths of a bit: each component's share rounded.
    pub evidence: i32,
    /// Shares so near to a half that rounding may go either way.
    pub evidence_blur: i32,
    pub matched: BTreeSet<u8>,
    pub changed: BTreeSet<u8>,
    pub missing: BTreeSet<u8>,
    /// Why it is step up; nothing for another verdict.
    pub reasons: Reasons,
    pub judgement: Judgement,
    /// Something observed has changed, if only a little.
    pub has_changes: bool,
    /// What the page should collect.
    pub collect: BTreeSet<u8>,
}

fn per_mille(part: u64, whole: u64, unit: u64) -> u64 {
    match whole {
        0 => 0,
        _ => (1000 * u128::from(part) / (u128::from(unit) * u128::from(whole))) as u64,
    }
}

/// Scores a client against a claim.
pub fn score(rules: &Rules, pepper: &[u8], claim: &Claim, client: &Client) -> Scored {
    let key = token_key(pepper, &claim.salt);
    let levels = claim.entries.iter().map(|entry| {
        let observed = client.get(&entry.number).map(|value| level(&key, claim.k, entry, value, rules));
        (entry.number, entry.moved, observed)
    });
    judge_stages(rules, claim.generation, &levels.collect::<Vec<_>>())
}

/// Whether the page collects the component.
pub fn is_of_page(number: u8) -> bool {
    (32..=83).contains(&number)
}

/// With everything of the page still to come, the verdict stands only where it is the same without it, with all of it matching
/// and with all of it changed.
fn judge_stages(rules: &Rules, generation: u8, levels: &[Level]) -> Scored {
    let actual = judge_levels(rules, generation, levels);
    let of_page = |(number, ..): &&Level| is_of_page(*number) && rules.weights.contains_key(number);
    let page: Vec<&Level> = levels.iter().filter(of_page).collect();
    if rules.stages == Stages::Together || page.is_empty() || page.iter().any(|(.., level)| level.is_some()) {
        return actual;
    }
    // A re-issue would lose what the page told.
    let actual = Scored { has_changes: false, ..actual };
    let requires_page = page.iter().any(|(number, ..)| rules.weights[number].role == Role::Required);
    if rules.stages == Stages::AcceptEarly && !requires_page {
        let request: Vec<Level> = levels.iter().filter(|level| !of_page(level)).copied().collect();
        let mut rules = rules.clone();
        rules.weights.retain(|number, _| !page.iter().any(|(found, ..)| found == number));
        let early = judge_levels(&rules, generation, &request);
        if early.judgement == Judgement::Accept {
            return Scored { missing: actual.missing, has_changes: false, ..early };
        }
    }
    let with_page = |level: u64| {
        let levels = levels.iter().map(|found| if of_page(&found) { (found.0, found.1, Some(level)) } else { *found });
        judge_levels(rules, generation, &levels.collect::<Vec<_>>()).judgement
    };
    let (best, worst) = (with_page(256), with_page(0));
    let is_settled = best == worst && best == actual.judgement;
    if is_settled || matches!(best, Judgement::Reject | Judgement::Required) {
        return Scored { judgement: best, ..actual };
    }
    Scored {
        judgement: Judgement::StepUp,
        reasons: Reasons { collect: true, ..Reasons::default() },
        collect: page.iter().map(|(number, ..)| *number).collect(),
        ..actual
    }
}

/// An entry's number, whether it has moved, and its level; `None` is not observed.
pub type Level = (u8, bool, Option<u64>);

/// The same from levels alone: `None` is not observed.
pub fn judge_levels(rules: &Rules, generation: u8, levels: &[Level]) -> Scored {
    let (mut matched, mut changed, mut missing) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut gained, mut possible, mut observed_weight, mut whole, mut drifted) = (0, 0, 0, 0, 0);
    let (mut evidence, mut evidence_blur) = (0, 0);
    // One that the token does not hold is missing: who signs a sketch without it has not bound it.
    let mut required_failed = rules
        .weights
        .iter()
        .any(|(number, rule)| rule.role == Role::Required && !levels.iter().any(|(found, ..)| found == number));
    for (number, moved, level) in levels {
        let Some(rule) = rules.weights.get(number) else { continue };
        let weight = u64::from(rule.weight);
        whole += weight;
        let fits = match level {
            Some(level) => *level >= match_level(*number),
            None => false,
        };
        match level {
            Some(_) if fits => matched.insert(*number),
            Some(_) => changed.insert(*number),
            None => missing.insert(*number),
        };
        if level.is_some() || rule.role != Role::Optional {
            possible += weight;
            gained += weight * level.unwrap_or(0);
        }
        if level.is_some() {
            observed_weight += weight;
            if (rule.stability, rule.coincidence) != (0, 0) {
                let clamp = |rate: u16| (f64::from(rate) / 1000.0).clamp(0.005, 0.995);
                let (stability, coincidence) = (clamp(rule.stability), clamp(rule.coincidence));
                let share = 100.0
                    * match fits {
                        true => (stability / coincidence).log2(),
                        false => ((1.0 - stability) / (1.0 - coincidence)).log2(),
                    };
                evidence += share.round() as i32;
                evidence_blur += i32::from(((share - share.floor()) - 0.5).abs() < 0.01);
            }
        }
        if *moved || !fits {
            drifted += weight;
        }
        required_failed |= rule.role == Role::Required && !fits;
    }
    let similarity = per_mille(gained, possible, 256);
    let coverage = per_mille(observed_weight, whole, 1);
    let drift = per_mille(drifted, whole, 1);
    let below = |threshold: Option<i32>| threshold.is_some_and(|threshold| evidence < threshold);
    let reasons = Reasons {
        similarity: similarity < rules.accept,
        coverage: coverage < rules.coverage,
        group: rules.groups.iter().any(|(members, most)| members.intersection(&changed).count() > usize::from(*most)),
        drift: drift > rules.drift,
        generation: generation >= rules.generation,
        evidence: below(rules.evidence_accept),
        collect: false,
    };
    let judgement = if required_failed {
        Judgement::Required
    } else if similarity < rules.step_up || below(rules.evidence_step_up) {
        Judgement::Reject
    } else if reasons != Reasons::default() {
        Judgement::StepUp
    } else {
        Judgement::Accept
    };
    let reasons = if judgement == Judgement::StepUp { reasons } else { Reasons::default() };
    let has_changes =
        levels.iter().any(|(number, _, level)| rules.weights.contains_key(number) && level.is_some_and(|level| level < 256));
    let collect = BTreeSet::new();
    Scored {
        similarity,
        coverage,
        drift,
        evidence,
        evidence_blur,
        matched,
        changed,
        missing,
        reasons,
        judgement,
        has_changes,
        collect,
    }
}
