//! Clients, policies and claims by chance, presented to the core as a host would, and what the book says of them.

use super::base64url;
use super::judge::{Attempt, Outcome, Setup, judge, key_of};
use super::judge_c::bytes;
use super::random::Random;
use super::sketch::{self, Claim, Client, Judgement, Kind, Role, Rules, Stages, Value, Weight, kind};
use super::sketch_rules::{Seen, SketchRules, component};
use super::token::TokenBuilder;
use countermark::{Component, Components, Evidence, Headers, Status};
use countermark_ffi::{cmk_bytes, cmk_component, cmk_evidence, cmk_header};
use std::collections::{BTreeMap, BTreeSet};
use std::mem::zeroed;

/// Header fields in a vector.
#[derive(Clone, Debug, Default)]
pub struct Fields(pub Vec<(String, Vec<u8>)>);

impl Headers for Fields {
    fn field(&self, position: usize) -> Option<(&[u8], &[u8])> {
        self.0.get(position).map(|(name, value)| (name.as_bytes(), value.as_slice()))
    }
}

/// Supplied values in a vector.
#[derive(Clone, Debug, Default)]
pub struct Supplied(pub Vec<(Component, Vec<u8>)>);

impl Components for Supplied {
    fn visit(&self, visitor: &mut dyn FnMut(Component, &[u8])) {
        self.0.iter().for_each(|(component, value)| visitor(*component, value));
    }
}

/// A client as the host presents it.
#[derive(Clone, Debug, Default)]
pub struct Presented {
    pub address: String,
    /// System, country, organisation, provider.
    pub places: [String; 4],
    pub fields: Fields,
    pub supplied: Supplied,
}

impl Presented {
    /// A client of supplied components only.
    pub fn of(client: &Client) -> Self {
        let mut presented = Presented::default();
        for (number, value) in client {
            assert!(is_supplied(*number), "{number} is derived");
            let values = match value {
                Value::Exact(value) => vec![value.clone()],
                Value::Ordinal(value) => vec![value.to_string().into_bytes()],
                Value::Set(elements) if elements.is_empty() => vec![vec![]],
                Value::Set(elements) => elements.clone(),
            };
            match number {
                3..=6 => presented.places[usize::from(number - 3)] = String::from_utf8(values[0].clone()).expect("text"),
                _ => presented.supplied.0.extend(values.into_iter().map(|value| (component(*number), value))),
            }
        }
        presented
    }

    /// What is observed of supplied values, by the book; `None` where they are malformed.
    pub fn observed(&self) -> Option<Client> {
        let mut client = Client::new();
        for (number, place) in (3..).zip(&self.places) {
            if !place.is_empty() {
                client.insert(number, Value::Exact(place.clone().into_bytes()));
            }
        }
        for run in self.supplied.0.chunk_by(|(left, _), (right, _)| left == right) {
            let number = run[0].0.number();
            let values: Vec<Vec<u8>> = run.iter().map(|(_, value)| value.clone()).collect();
            let value = match kind(number)? {
                Kind::Exact if values.len() == 1 => Value::Exact(values[0].clone()),
                Kind::Ordinal if values.len() == 1 => {
                    let text = String::from_utf8(values[0].clone()).ok()?;
                    let value = (0..=u16::MAX).find(|value| value.to_string() == text)?;
                    Value::Ordinal(value)
                }
                Kind::Set if values.len() <= 1_024 => Value::Set(values),
                _ => return None,
            };
            let is_ours = is_supplied(number) && !(3..=6).contains(&number);
            if !is_ours || client.insert(number, value).is_some() {
                return None;
            }
        }
        Some(client)
    }

    pub fn evidence(&self) -> Evidence<'_> {
        let [asn, country, organisation, isp] = &self.places;
        Evidence {
            address: &self.address,
            asn,
            country,
            organisation,
            isp,
            headers: &self.fields,
            components: &self.supplied,
            ..Evidence::NONE
        }
    }

    /// The same as C writes it.
    pub fn in_c<T>(&self, then: impl FnOnce(&cmk_evidence) -> T) -> T {
        let fields = self.fields.0.iter();
        let fields: Vec<cmk_header> =
            fields.map(|(name, value)| cmk_header { name: bytes(name), value: cmk_bytes::of(value) }).collect();
        let supplied = self.supplied.0.iter();
        let supplied: Vec<cmk_component> = supplied
            .map(|(component, value)| cmk_component { number: component.number().into(), value: cmk_bytes::of(value) })
            .collect();
        let [asn, country, organisation, isp] = &self.places;
        let evidence = cmk_evidence {
            size: size_of::<cmk_evidence>(),
            headers: fields.as_ptr(),
            header_count: fields.len(),
            address: bytes(&self.address),
            asn: bytes(asn),
            country: bytes(country),
            organisation: bytes(organisation),
            isp: bytes(isp),
            components: supplied.as_ptr(),
            component_count: supplied.len(),
            ..unsafe { zeroed() }
        };
        then(&evidence)
    }
}

/// Whether a host supplies the component.
pub fn is_supplied(number: u8) -> bool {
    kind(number).is_some() && !matches!(number, 1 | 2 | 16..=28)
}

/// A policy, a token's sketch, and the client that presents it.
#[derive(Clone, Debug)]
pub struct Case {
    pub rules: SketchRules,
    pub claim: Claim,
    pub issued_to: Client,
    pub client: Client,
}

pub const PEPPERS: [(u8, &[u8]); 3] =
    [(0, b"the first pepper, long enough"), (7, b"sixteen bytes at"), (255, b"another pepper of more than sixteen")];

/// Choices out of bytes: a fuzzer's or a generator's.
pub struct Chooser<'b>(pub &'b mut dyn FnMut() -> u8);

impl Chooser<'_> {
    pub fn below(&mut self, bound: usize) -> usize {
        let word = usize::from((self.0)()) << 8 | usize::from((self.0)());
        word % bound.max(1)
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    fn word(&mut self) -> u16 {
        self.below(65_536) as u16
    }

    fn text(&mut self) -> Vec<u8> {
        (0..1 + self.below(12)).map(|_| b'a' + self.below(26) as u8).collect()
    }

    fn value(&mut self, number: u8) -> Value {
        match kind(number).expect("a component") {
            Kind::Exact => Value::Exact(self.text()),
            Kind::Ordinal => Value::Ordinal(match self.below(4) {
                0 => self.below(30) as u16,
                1 => 65_535 - self.below(30) as u16,
                _ => self.word(),
            }),
            Kind::Set => {
                let count = if self.once_in(10) { self.below(60) } else { self.below(8) };
                Value::Set((0..count).map(|_| self.text()).collect())
            }
        }
    }

    /// What a value may have become: near, far, or the same in another order.
    fn later(&mut self, number: u8, value: &Value) -> Value {
        match value {
            Value::Exact(_) => self.value(number),
            Value::Ordinal(value) if !self.once_in(3) => {
                let steps = self.below(40) as u16;
                Value::Ordinal(if self.once_in(3) { value.saturating_sub(steps) } else { value.saturating_add(steps) })
            }
            Value::Ordinal(_) => self.value(number),
            Value::Set(elements) => {
                let mut elements = elements.clone();
                for _ in 0..self.below(3) {
                    let element = self.text();
                    elements.push(element);
                }
                if self.once_in(2) && !elements.is_empty() {
                    elements.remove(self.below(elements.len()));
                }
                if self.once_in(2) {
                    elements.reverse();
                    elements.extend(elements.first().cloned());
                }
                Value::Set(elements)
            }
        }
    }
}

pub fn case(chooser: &mut Chooser<'_>) -> Case {
    let supplied: Vec<u8> = sketch::numbers().filter(|number| is_supplied(*number)).collect();
    let count = match chooser.below(20) {
        0 => 64,
        1 => 0,
        _ => 1 + chooser.below(14),
    };
    let mut numbers = BTreeSet::new();
    while numbers.len() < count {
        // Small steps from the last one, so that any bytes come to an end.
        let mut at = chooser.below(supplied.len());
        while !numbers.insert(supplied[at]) {
            at = (at + 1) % supplied.len();
        }
    }
    let issued_to: Client = numbers.iter().map(|number| (*number, chooser.value(*number))).collect();
    let fidelity = 1 + chooser.below(12);
    let mut client = Client::new();
    for (number, value) in &issued_to {
        match chooser.below(fidelity + 2) {
            0 => {}
            1 => {
                let later = chooser.later(*number, value);
                client.insert(*number, later);
            }
            _ => {
                client.insert(*number, value.clone());
            }
        }
    }
    if chooser.once_in(3) {
        let number = supplied[chooser.below(supplied.len())];
        let value = chooser.value(number);
        client.insert(number, value);
    }
    let k = if chooser.once_in(2) { 3 } else { 2 + chooser.below(7) as u8 };
    let (pepper, secret) = PEPPERS[chooser.below(3)];
    let salt = std::array::from_fn(|_| (chooser.0)());
    let mut claim = sketch::mint((pepper, secret), salt, k, &issued_to);
    claim.generation = if chooser.once_in(4) { (chooser.0)() } else { chooser.below(3) as u8 };
    let moves = if chooser.once_in(2) { 2 + chooser.below(10) } else { usize::MAX };
    claim.entries.iter_mut().for_each(|entry| entry.moved = moves != usize::MAX && chooser.once_in(moves));

    let mut rules = rules(chooser, &numbers, &supplied);
    rules.stages = [Stages::Together, Stages::Together, Stages::OnDemand, Stages::AcceptEarly][chooser.below(4)];
    if rules.stages != Stages::Together && chooser.once_in(2) {
        client.retain(|number, _| !sketch::is_of_page(*number));
    }
    let known = 1 + chooser.below(3);
    let mut peppers: Vec<(u8, &[u8])> = PEPPERS.iter().cycle().skip(chooser.below(3)).take(known).copied().collect();
    if !chooser.once_in(8) && !peppers.contains(&(pepper, secret)) {
        peppers.push((pepper, secret));
    }
    Case { rules: SketchRules::new(&peppers, rules), claim, issued_to, client }
}

fn rules(chooser: &mut Chooser<'_>, numbers: &BTreeSet<u8>, supplied: &[u8]) -> Rules {
    let mut weights = BTreeMap::new();
    for number in numbers {
        if !chooser.once_in(12) {
            weights.insert(*number, weight(chooser));
        }
    }
    let others = 60 - weights.len().min(60);
    let wanted = if chooser.once_in(2) { 0 } else { chooser.below(6).min(others) };
    for _ in 0..wanted.max(usize::from(weights.is_empty())) {
        let number = supplied[chooser.below(supplied.len())];
        weights.insert(number, Weight { role: Role::Normal, ..weight(chooser) });
    }
    let mut rules = Rules { weights, ..Rules::of(&[]) };
    for _ in 0..chooser.below(3) {
        let members = numbers.iter().filter(|_| chooser.once_in(2)).copied().collect();
        rules.groups.push((members, chooser.below(4) as u8));
    }
    if chooser.once_in(2) {
        rules.accept = chooser.below(1001) as u64;
        rules.step_up = chooser.below(rules.accept as usize + 1) as u64;
        rules.coverage = chooser.below(1001) as u64;
        rules.drift = chooser.below(1001) as u64;
        rules.generation = (chooser.0)();
    }
    if chooser.once_in(3) {
        rules.behind = if chooser.once_in(4) { chooser.word() } else { chooser.below(50) as u16 };
        rules.ahead = if chooser.once_in(4) { chooser.word() } else { chooser.below(50) as u16 };
    }
    if chooser.once_in(3) {
        let accept = chooser.below(4000) as i32 - 1500;
        rules.evidence_accept = Some(accept);
        rules.evidence_step_up = Some(accept - chooser.below(1500) as i32);
    }
    rules
}

fn weight(chooser: &mut Chooser<'_>) -> Weight {
    let weight = match chooser.below(12) {
        0 => 0,
        1 => chooser.word(),
        _ => 1 + chooser.below(40) as u16,
    };
    let role = match chooser.below(12) {
        0 => Role::Required,
        1 | 2 => Role::Optional,
        _ => Role::Normal,
    };
    // A component that two strangers share more often than one device keeps it would speak against its owner.
    let coincidence = chooser.below(1001) as u16;
    let stability = coincidence + chooser.below(1001 - usize::from(coincidence)) as u16;
    match chooser.once_in(3) {
        true => Weight { weight, role, stability: 0, coincidence: 0 },
        false => Weight { weight, role, stability, coincidence },
    }
}

/// A case of this seed.
pub fn seeded(seed: u64) -> Case {
    let mut random = Random::new(seed);
    case(&mut Chooser(&mut || random.byte()))
}

/// The verdict and the figures, by the book; with the evidence's blur. The claim's bytes may be any.
pub fn expected(rules: &SketchRules, claim: &[u8], client: &Client) -> (Status, Option<Seen>, i32) {
    let Some(claim) = Claim::read(claim) else { return (Status::FingerprintMalformed, None, 0) };
    let Some(pepper) = rules.pepper(claim.pepper) else { return (Status::PepperUnknown, None, 0) };
    let scored = sketch::score(&rules.rules, pepper, &claim, client);
    let status = match scored.judgement {
        Judgement::Accept => Status::Accepted,
        Judgement::StepUp => Status::StepUp,
        Judgement::Reject => Status::FingerprintMismatch,
        Judgement::Required => Status::ComponentRequired,
    };
    let reasons = scored.reasons;
    let bits = [
        reasons.similarity,
        reasons.coverage,
        reasons.group,
        reasons.drift,
        reasons.generation,
        reasons.evidence,
        reasons.collect,
    ];
    let seen = Seen {
        similarity: scored.similarity,
        coverage: scored.coverage,
        drift: scored.drift,
        generation: claim.generation,
        evidence: scored.evidence,
        reasons: bits.iter().enumerate().map(|(at, set)| u8::from(*set) << at).sum(),
        reissue: scored.judgement == Judgement::Accept && scored.has_changes,
        matched: scored.matched,
        changed: scored.changed,
        missing: scored.missing,
        collect: scored.collect,
    };
    (status, Some(seen), scored.evidence_blur)
}

/// Judges a claim as JSON text, through Rust and C.
pub fn judge_json(rules: &SketchRules, claim: &str, presented: &Presented) -> Outcome {
    let token = TokenBuilder::new("HS256").payload_with(&format!("\"{}\":{claim}", rules.claim)).build();
    judge(&Setup::with([key_of("HS256")]).sketch(rules.clone()), Attempt::new(&token).from(presented.evidence()))
}

/// Judges a claim's bytes.
pub fn judge_bytes(rules: &SketchRules, claim: &[u8], client: &Client) -> Outcome {
    judge_json(rules, &format!("\"{}\"", base64url::encode(claim)), &Presented::of(client))
}

/// Judges a claim's bytes and holds the answer against the oracle's.
#[track_caller]
pub fn judge_as_the_book(rules: &SketchRules, claim: &[u8], client: &Client) -> Outcome {
    let outcome = judge_bytes(rules, claim, client);
    assert_as_the_book(rules, claim, client, &outcome);
    outcome
}

/// The core must say what the oracle says. Where a share of the evidence lies within a hundredth of a half, rounding may go
/// either way; such a case is compared by its figures, and by its verdict only when evidence decides nothing.
#[track_caller]
pub fn assert_as_the_book(rules: &SketchRules, claim: &[u8], client: &Client, found: &Outcome) {
    let (status, mut score, blur) = expected(rules, claim, client);
    if blur != 0 && rules.rules.evidence_accept.is_some() {
        return;
    }
    if let (Some(found), Some(score)) = (&found.score, &mut score) {
        assert!((found.evidence - score.evidence).abs() <= blur, "{} {}", found.evidence, score.evidence);
        score.evidence = found.evidence;
    }
    assert_eq!((found.status, &found.score), (status, &score), "{rules:?} {claim:?} {client:?}");
    assert_eq!(found.failures, status.bit().map_or(0, |bit| 1 << bit));
    let subject = (status == Status::StepUp).then(|| "alice".to_string());
    assert_eq!(found.subject, subject, "step up gives sub, and no other verdict does");
}
