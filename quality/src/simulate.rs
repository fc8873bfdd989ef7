//! Populations lived through: every device's returns, and the impostors of every kind.

use crate::component::*;
use crate::data::Data;
use crate::life::{Life, RETURNS};
use crate::minhash;
use crate::population::{Drawer, Source};
use crate::random::{Random, join};
use crate::score::{self, Outcome, Outcomes, Preset};
use std::collections::HashMap;

/// Chromium ships every two weeks: 26 versions are a year.
pub const BEHIND: u16 = 26;

/// Who presents a token that is not theirs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Impostor {
    /// Any other device.
    Random,
    /// A device of the same browser family and system.
    SameBrowser,
    /// A device in the same country.
    SameCountry,
    /// A device in the same country, behind the same /24.
    SameNetwork,
    /// Any other device, elsewhere, that sends the token owner's headers.
    CopiedHeaders,
}

impl Impostor {
    pub const ALL: [Impostor; 5] =
        [Impostor::Random, Impostor::SameBrowser, Impostor::SameCountry, Impostor::SameNetwork, Impostor::CopiedHeaders];

    pub fn name(self) -> &'static str {
        match self {
            Impostor::Random => "random other device",
            Impostor::SameBrowser => "same browser and system",
            Impostor::SameCountry => "same country",
            Impostor::SameNetwork => "same country and /24",
            Impostor::CopiedHeaders => "copied headers, elsewhere",
        }
    }
}

/// A genuine return.
pub struct Return {
    pub outcomes: Outcomes,
    /// Which components have not exactly the value of the token, by place.
    pub differs: [bool; COUNT],
}

pub struct Simulation {
    pub source: Source,
    /// By place in `RETURNS`, against the token of day 0.
    pub returns: Vec<Vec<Return>>,
    /// By place in `RETURNS`, against a token of the return before: every accepted change is re-issued.
    pub reissued: Vec<Vec<Return>>,
    /// By place in `Impostor::ALL`.
    pub impostors: Vec<Vec<Outcomes>>,
    starts: Vec<Fingerprint>,
}

/// How often each token is tried by random others: more pairs make the small rates firmer.
const RANDOM_TRIES: usize = 3;

/// How many tokens are compared with every other device for the most similar one.
const SEARCHED: usize = 300;

pub fn simulate(data: &Data, source: Source, devices: usize, scale: f64, seed: u64) -> Simulation {
    let seed = Random::new(join(seed, source as u64));
    let drawer = Drawer::new(data, source);
    let mut draw = seed.fork(1);
    let population: Vec<_> = (0..devices).map(|_| drawer.draw(&mut draw)).collect();
    let mut starts = Vec::with_capacity(devices);
    let empty = || -> Vec<Vec<Return>> { RETURNS.iter().map(|_| Vec::with_capacity(devices)).collect() };
    let (mut returns, mut reissued) = (empty(), empty());
    for (number, device) in population.iter().enumerate() {
        let mut life = Life::new(device, scale, seed.fork(1000 + number as u64));
        let start = life.seen();
        let mut before = start.clone();
        for (place, day) in RETURNS.into_iter().enumerate() {
            life.until(day);
            let seen = life.seen();
            returns[place].push(back(&start, &seen, key(number)));
            reissued[place].push(back(&before, &seen, join(key(number), u64::from(day))));
            before = seen;
        }
        starts.push(start);
    }
    let impostors = impostors(&starts, &mut seed.fork(2));
    Simulation { source, returns, reissued, impostors, starts }
}

fn back(token: &Fingerprint, seen: &Fingerprint, key: u64) -> Return {
    let differs = |place| token.at(place) != seen.at(place) && *token.at(place) != Reading::Absent;
    Return { outcomes: score::compare(token, seen, key, BEHIND), differs: std::array::from_fn(differs) }
}

/// The token key of a device, as a number.
fn key(number: usize) -> u64 {
    join(0x636f_756e_7465_726d, number as u64)
}

fn impostors(starts: &[Fingerprint], random: &mut Random) -> Vec<Vec<Outcomes>> {
    let group = |of: &dyn Fn(&Fingerprint) -> u64| {
        let mut groups: HashMap<u64, Vec<usize>> = HashMap::new();
        starts.iter().enumerate().for_each(|(number, start)| groups.entry(of(start)).or_default().push(number));
        groups
    };
    let browser = |start: &Fingerprint| join(start.value(UA_FAMILY), start.value(UA_OS));
    let country = |start: &Fingerprint| start.value(IP_COUNTRY);
    let (browsers, countries) = (group(&browser), group(&country));
    let mut all: Vec<Vec<Outcomes>> = Impostor::ALL.iter().map(|_| Vec::new()).collect();
    for (number, token) in starts.iter().enumerate() {
        for (kind, pairs) in Impostor::ALL.into_iter().zip(&mut all) {
            for _ in 0..if kind == Impostor::Random { RANDOM_TRIES } else { 1 } {
                let other = match kind {
                    Impostor::SameBrowser => other_of(&browsers[&browser(token)], number, random),
                    Impostor::SameCountry | Impostor::SameNetwork => other_of(&countries[&country(token)], number, random),
                    _ => Some((number + 1 + random.below(starts.len() - 1)) % starts.len()),
                };
                let Some(other) = other else { continue };
                let mut shown = starts[other].clone();
                let copied: &[u8] = match kind {
                    Impostor::SameNetwork => &[IP_NETWORK, IP_ASN, IP_COUNTRY],
                    Impostor::CopiedHeaders => &[16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28],
                    _ => &[],
                };
                copied.iter().for_each(|number| shown.put(*number, token.get(*number).clone()));
                pairs.push(score::compare(token, &shown, key(number), BEHIND));
            }
        }
    }
    all
}

fn other_of(group: &[usize], number: usize, random: &mut Random) -> Option<usize> {
    if group.len() < 2 {
        return None;
    }
    loop {
        let other = group[random.below(group.len())];
        if other != number {
            return Some(other);
        }
    }
}

impl Simulation {
    /// The outcomes against the most similar other device of the population under this preset, for the first tokens.
    /// The search compares sketches under one common key; the winner is compared again under the token's own.
    pub fn most_similar(&self, preset: &Preset) -> Vec<Outcomes> {
        let sketches: Vec<Vec<Option<[u8; 16]>>> = self.starts.iter().map(sketches).collect();
        let mut found = Vec::new();
        for number in 0..SEARCHED.min(self.starts.len()) {
            let token = &self.starts[number];
            let near = |other: usize| {
                let outcomes = near(token, &self.starts[other], &sketches[number], &sketches[other]);
                score::score(preset, &outcomes).similarity
            };
            let others = (0..self.starts.len()).filter(|other| *other != number);
            if let Some(best) = others.max_by_key(|other| (near(*other), usize::MAX - other)) {
                found.push(score::compare(token, &self.starts[best], key(number), BEHIND));
            }
        }
        found
    }
}

fn sketches(start: &Fingerprint) -> Vec<Option<[u8; 16]>> {
    let words = |element: &u64| (join(*element, 2), join(*element, 3) | 1);
    let sketch = |place| match start.at(place) {
        Reading::Set(elements) if elements.is_empty() => Some(minhash::sketch(&[words(&0)])),
        Reading::Set(elements) => Some(minhash::sketch(&elements.iter().map(words).collect::<Vec<_>>())),
        _ => None,
    };
    (0..COUNT).map(sketch).collect()
}

fn near(token: &Fingerprint, other: &Fingerprint, left: &[Option<[u8; 16]>], right: &[Option<[u8; 16]>]) -> Outcomes {
    std::array::from_fn(|place| match (token.at(place), other.at(place)) {
        (Reading::Absent, _) => Outcome::Unheld,
        (_, Reading::Absent) => Outcome::Missing,
        (Reading::Ordinal(token), Reading::Ordinal(other)) => {
            Outcome::Level(score::ordinal_level(*token, *other, BEHIND, 0))
        }
        (Reading::Set(_), Reading::Set(_)) => match (&left[place], &right[place]) {
            (Some(left), Some(right)) => Outcome::Level(minhash::level(minhash::equal_bins(left, right))),
            _ => Outcome::Missing,
        },
        (token, other) => Outcome::Level(if token == other { 256 } else { 0 }),
    })
}
