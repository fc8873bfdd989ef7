//! The rows of countermark itself.

use crate::measure::Row;
use crate::sample::{self, AUDIENCE, CLAIM, ISSUER, KEY_ID, PEPPER, SECRET, Sample};
use crate::signed;
use crate::{standing, threads};
use countermark::{
    Algorithm, Comparison, Component, ComponentSet, Evidence, Holder, KeySet, Keys, Limits, NewSketch, Pepper, Policy,
    Prepared, Preset, Recipe, Request, Rule, Sketch, Test, TokenCache, Verifier, Weighted, prepared_bytes, scratch_bytes,
    tools,
};
use std::hint::black_box;

/// Every row of [`tool_rows`].
pub const TOOL_NAMES: &[&str] =
    &["decode header", "decode payload", "decode signature", "read header JSON", "read payload JSON"];

/// A verifier for the sample. What it borrows is leaked: the rows live as long as the program.
struct Subject {
    verifier: Verifier<'static>,
    sets: &'static [KeySet<'static>],
    evidence: Evidence<'static>,
    scratch: Vec<u8>,
    now: i64,
}

impl Subject {
    fn new(sample: &Sample, is_bound: bool) -> Self {
        let region = Vec::leak(vec![0u64; 128]);
        let mut keys = Keys::new(&mut *region).expect("room");
        match (sample.algorithm, sample.rotating) {
            (Algorithm::ES256, _) => {
                let (signer, mut point) = (sample::signer(sample.algorithm, SECRET), [0; 65]);
                keys.add_sec1(Algorithm::ES256, Some(KEY_ID), signer.public(&mut point).expect("a point"))
            }
            (Algorithm::HS256, Some(rotating)) => keys.add_rotating(Some(KEY_ID), SECRET, &rotating),
            (Algorithm::HS256, None) => keys.add_secret(Algorithm::HS256, Some(KEY_ID), SECRET),
            (algorithm, _) => keys.add_pem(algorithm, Some(KEY_ID), signed::public_pem(algorithm).as_bytes()),
        }
        .expect("a key");
        // The set must outlive the builder, which would wipe it.
        std::mem::forget(keys);
        let sets = Vec::leak(vec![KeySet::open(region).expect("a set")]);
        let recipe: &Recipe<'_> = Box::leak(Box::new(Recipe::headers(CLAIM, Box::leak(Box::new(pepper())))));
        let policy = Policy { issuers: &[ISSUER], audiences: &[AUDIENCE], ..Policy::default() };
        let policy = Policy { algorithms: Vec::leak(vec![sample.algorithm]), ..policy };
        let holder = Holder { digest: is_bound.then_some(recipe), ..Holder::default() };
        Subject {
            verifier: Verifier::new(sets, policy, holder).expect("a policy"),
            sets,
            evidence: if is_bound { sample::evidence() } else { Evidence::NONE },
            scratch: vec![0; scratch_bytes(sample.token.len().saturating_add(1_024), &Limits::DEFAULT)],
            now: sample.now,
        }
    }

    #[inline(always)]
    fn accepts(&mut self, token: &str, now: i64) -> bool {
        let request = Request::new(black_box(token), black_box(now)).with_evidence(self.evidence);
        black_box(self.verifier.verify(&request, &mut self.scratch).accepted()).is_ok()
    }
}

/// Whole verification, bound to the client if the sample is.
pub fn row<'s>(name: &'static str, sample: &'s Sample, reads_clock: bool) -> Row<'s> {
    verification(name, sample, sample.is_bound, reads_clock)
}

/// Whole verification by a policy that does not ask for the fingerprint.
pub fn unbound_row<'s>(name: &'static str, sample: &'s Sample) -> Row<'s> {
    verification(name, sample, false, false)
}

fn verification<'s>(name: &'static str, sample: &'s Sample, is_bound: bool, reads_clock: bool) -> Row<'s> {
    let mut subject = Subject::new(sample, is_bound);
    sample.examine(name, |token| subject.accepts(token, sample.now));
    if is_bound {
        let bound = std::mem::replace(&mut subject.evidence, Evidence::NONE);
        assert!(!subject.accepts(&sample.token, sample.now), "{name} accepts another client");
        subject.evidence = bound;
    }
    Row::new(name, move || {
        let now = if reads_clock { sample::now() } else { subject.now };
        subject.accepts(&sample.token, now);
    })
}

/// As [`row`] with the clock read, with a table of the key.
pub fn prepared_row<'s>(name: &'static str, sample: &'s Sample) -> Row<'s> {
    let mut subject = Subject::new(sample, false);
    let words = Vec::leak(vec![0u64; prepared_bytes(6, 1) / 8]);
    let prepared = Prepared::build(words, 6, subject.sets).expect("room");
    assert_eq!(prepared.len(), 1);
    subject.verifier = subject.verifier.with_prepared(prepared);
    sample.examine(name, |token| subject.accepts(token, sample.now));
    Row::new(name, move || {
        subject.accepts(&sample.token, sample::now());
    })
}

/// As [`row`], and the token must be allowed something: three rules.
pub fn rights_row<'s>(name: &'static str, sample: &'s Sample) -> Row<'s> {
    static RULES: [Rule<'static>; 3] = [
        Rule { path: "scope", test: Test::AllOf(&["read"]), wildcards: false },
        Rule { path: "realm_access.roles", test: Test::NoneOf(&["guest"]), wildcards: false },
        Rule { path: "iat", test: Test::Compare(Comparison::Greater, 0), wildcards: false },
    ];
    static REFUSED: [Rule<'static>; 1] = [Rule { path: "scope", test: Test::AllOf(&["write"]), wildcards: false }];
    let mut refusing = Subject::new(sample, false);
    refusing.verifier = refusing.verifier.with_rights(&REFUSED).expect("rules");
    assert!(!refusing.accepts(&sample.token, sample.now), "{name} accepts what may not write");
    let mut subject = Subject::new(sample, false);
    subject.verifier = subject.verifier.with_rights(&RULES).expect("rules");
    sample.examine(name, |token| subject.accepts(token, sample.now));
    Row::new(name, move || {
        subject.accepts(&sample.token, subject.now);
    })
}

/// Verification of a token that the cache knows: alone, and while another thread does the same.
pub fn hit_rows(alone: &'static str, contended: &'static str, sample: &Sample) -> [Row<'static>; 2] {
    let words = standing::words(TokenCache::words_for(10_000));
    let cache: &TokenCache<'_> = Box::leak(Box::new(TokenCache::new(words, SECRET).expect("a cache")));
    let Shared { verifier, scratch_bytes, now } = Shared::new(sample);
    let shared: &Shared = Box::leak(Box::new(Shared { verifier: verifier.with_cache(cache), scratch_bytes, now }));
    let mut scratch = shared.scratch();
    (0..2).for_each(|_| sample.examine(alone, |token| shared.accepts(token, &mut scratch)));
    assert_eq!(cache.statistics().kept, 1, "{alone} checks a signature again");
    let hit = || {
        let (token, mut scratch) = (sample.token.clone(), shared.scratch());
        move || assert!(shared.accepts(&token, &mut scratch), "the good token")
    };
    [Row::new(alone, hit()), threads::beside_another(contended, [hit(), hit()])]
}

/// What a hit cannot do without, and does not count: the three parts decoded, header and claims read.
pub fn reading_row(name: &'static str, sample: &Sample) -> Row<'static> {
    let mut parts: Vec<Row<'static>> = tool_rows(sample);
    Row::new(name, move || parts.iter_mut().for_each(|part| (part.batch)(1)))
}

/// A verifier that threads share; each has its own scratch.
pub struct Shared {
    verifier: Verifier<'static>,
    scratch_bytes: usize,
    now: i64,
}

impl Shared {
    pub fn new(sample: &Sample) -> Self {
        let Subject { verifier, scratch, now, .. } = Subject::new(sample, false);
        Shared { verifier, scratch_bytes: scratch.len(), now }
    }

    pub fn scratch(&self) -> Vec<u8> {
        vec![0; self.scratch_bytes]
    }

    pub fn accepts(&self, token: &str, scratch: &mut [u8]) -> bool {
        let request = Request::new(black_box(token), self.now);
        black_box(self.verifier.verify(&request, scratch).accepted()).is_ok()
    }
}

/// What the peers hand out: the claims in a struct of the caller's. Strings are borrowed here, not copied.
#[derive(serde::Deserialize)]
#[allow(dead_code)]
struct Session<'t> {
    iss: &'t str,
    sub: &'t str,
    aud: &'t str,
    exp: i64,
    iat: i64,
    scope: &'t str,
    jti: &'t str,
}

/// Whole verification, and the claims in a struct.
pub fn typed_row<'s>(name: &'static str, sample: &'s Sample) -> Row<'s> {
    let mut subject = Subject::new(sample, false);
    let mut buffer = vec![0; 2_048];
    let mut accepts = move |token: &str, now: i64| {
        let request = Request::new(black_box(token), now);
        let Ok(claims) = subject.verifier.verify(&request, &mut subject.scratch).accepted() else { return false };
        black_box(claims.typed::<Session<'_>>(&mut buffer)).is_ok()
    };
    sample.examine(name, |token| accepts(token, sample.now));
    Row::new(name, move || {
        accepts(&sample.token, sample::now());
    })
}

/// The fingerprint alone.
pub fn digest_row(name: &'static str, sample: &Sample) -> Row<'static> {
    let recipe = Recipe::headers(CLAIM, Box::leak(Box::new(pepper())));
    let mut out = [0; 64];
    let payload = tools_decoded(sample.segments()[1]);
    let digest = recipe.digest(&sample::evidence(), &mut out).expect("a digest");
    assert!(String::from_utf8(payload).expect("UTF-8").contains(digest), "the token carries another digest");
    Row::new(name, move || {
        black_box(recipe.digest(black_box(&sample::evidence()), &mut out)).expect("a digest");
    })
}

/// A sketch of so many exact components of the host's own, scored: one HMAC each.
pub fn sketch_row(name: &'static str, components: u8) -> Row<'static> {
    let peppers = Vec::leak(vec![(0, pepper())]);
    let numbers = (0..components).filter_map(|number| Component::from_number(number.wrapping_add(128)));
    let weights: Vec<Weighted> = numbers.clone().map(|component| Weighted::new(component, 1)).collect();
    let sketch = Sketch { components: Vec::leak(weights), ..Sketch::preset(Preset::Uniform, CLAIM, peppers) };
    let values: Vec<(Component, String)> =
        numbers.map(|component| (component, format!("value {} of the page", component.number()))).collect();
    let values: &'static [(Component, String)] = Vec::leak(values);
    let evidence = Evidence { components: Box::leak(Box::new(values)), ..Evidence::NONE };
    let new = NewSketch { sketch: &sketch, evidence: &evidence, salt: [7; 8], opt_out: ComponentSet::EMPTY, previous: None };
    let mut out = [0; 1480];
    let claim = new.text(&mut out).expect("a sketch").to_owned();
    assert_eq!(sketch.compare(&claim, &evidence).expect("a score").matched.len(), u32::from(components));
    Row::new(name, move || {
        black_box(sketch.compare(black_box(&claim), black_box(&evidence))).expect("a score");
    })
}

/// The tools, each on the sample's own bytes.
pub fn tool_rows(sample: &Sample) -> Vec<Row<'static>> {
    let [header, payload, signature] = sample.segments();
    vec![
        decode_row(TOOL_NAMES[0], header),
        decode_row(TOOL_NAMES[1], payload),
        decode_row(TOOL_NAMES[2], signature),
        read_row(TOOL_NAMES[3], header),
        read_row(TOOL_NAMES[4], payload),
    ]
}

fn decode_row(name: &'static str, text: &str) -> Row<'static> {
    let (text, mut out) = (text.to_owned(), vec![0; text.len()]);
    Row::new(name, move || {
        black_box(tools::base64url_decode(black_box(text.as_bytes()), &mut out)).expect("base64url");
    })
}

fn read_row(name: &'static str, text: &str) -> Row<'static> {
    let (json, mut index) = (tools_decoded(text), vec![0; 1_024]);
    Row::new(name, move || {
        black_box(tools::json_read(black_box(&json), true, &Limits::DEFAULT, &mut index)).expect("JSON");
    })
}

fn tools_decoded(text: &str) -> Vec<u8> {
    let mut out = vec![0; text.len()];
    tools::base64url_decode(text.as_bytes(), &mut out).expect("base64url").to_vec()
}

fn pepper() -> Pepper {
    Pepper::new(PEPPER).expect("a pepper")
}
