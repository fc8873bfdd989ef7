//! Sessions against a slow oracle that remembers everything, and by hand where it matters.

use countermark::*;
use countermark_tests::random::Random;

const NOW: i64 = 1_900_000_000;

/// All that ever came to pass; each verdict is worked out from the beginning.
struct History {
    rules: SessionRules,
    epoch: u64,
    expires_at: i64,
    seen: Vec<(Seen, i64)>,
}

impl History {
    fn verdict(&self) -> SessionVerdict {
        let (mut used, mut checked, mut epoch, mut expires_at, mut asked) = (NOW, NOW, self.epoch, self.expires_at, false);
        for (at, (seen, now)) in self.seen.iter().enumerate() {
            let end = if *now >= NOW + i64::from(self.rules.absolute_seconds) {
                Some(SessionEnd::Absolute)
            } else if *now - used >= i64::from(self.rules.idle_seconds) {
                Some(SessionEnd::Idle)
            } else if seen.verified.is_some_and(|(status, _)| !status.is_step_up() && status != Status::Accepted) {
                Some(SessionEnd::Refused)
            } else {
                if let Some((Status::Accepted, until)) = seen.verified {
                    (checked, epoch, expires_at) = (*now, seen.epoch, until);
                    let is_like = seen.similarity.is_some_and(|similarity| similarity >= self.rules.similarity);
                    asked &= self.rules.similarity != 0 && !is_like;
                }
                (*now >= expires_at).then_some(SessionEnd::Expired)
            };
            if let Some(end) = end {
                return SessionVerdict::End(end);
            }
            asked |= seen.verified.is_some_and(|(status, _)| status.is_step_up());
            asked |= seen.similarity.is_some_and(|similarity| similarity < self.rules.similarity);
            if seen.is_used {
                used = used.max(*now);
            }
            if at + 1 == self.seen.len() {
                let is_due = *now - checked >= i64::from(self.rules.check_seconds) || seen.epoch != epoch;
                return match (asked, is_due) {
                    (true, _) => SessionVerdict::StepUp,
                    (_, true) => SessionVerdict::Reverify,
                    _ => SessionVerdict::Continue,
                };
            }
        }
        SessionVerdict::Continue
    }
}

#[test]
fn random_histories_against_the_oracle() {
    let mut random = Random::new(21);
    let mut counts = [0u32; 8];
    for _ in 0..3000 {
        let rules = SessionRules {
            check_seconds: 1 + random.below(60) as u32,
            idle_seconds: 1 + random.below(120) as u32,
            absolute_seconds: 1 + random.below(900) as u32,
            similarity: [0, 0, 500][random.below(3)],
        };
        let until =
            |random: &mut Random, now: i64| if random.once_in(3) { i64::MAX } else { now + random.below(900) as i64 };
        let (mut epoch, mut now) = (random.below(4) as u64, NOW);
        let mut history = History { rules, epoch, expires_at: until(&mut random, now), seen: Vec::new() };
        let mut session = Session::begin(&rules, history.expires_at, epoch, NOW).unwrap();
        let mut before = (SessionVerdict::Continue, epoch);
        for _ in 0..60 {
            now += random.below(30) as i64;
            epoch += u64::from(random.once_in(20));
            let verified = match random.below(24) {
                0..6 => Some((Status::Accepted, until(&mut random, now))),
                6 => Some((Status::StepUp, until(&mut random, now))),
                7 if random.once_in(3) => Some((Status::Expired, i64::MAX)),
                _ => None,
            };
            let similarity = random.once_in(10).then(|| 300 + random.below(700) as u32);
            let seen = Seen { is_used: random.once_in(2), epoch, verified, similarity };
            let due = session.due();
            let given = session.observe(&seen, now);
            history.seen.push((seen, now));
            assert_eq!(given, history.verdict(), "{rules:?} {:?}", history.seen);
            let is_quiet = verified.is_none() && similarity.is_none() && before == (SessionVerdict::Continue, epoch);
            assert!(!is_quiet || (given == SessionVerdict::Continue) == (now < due), "time alone, when it is due");
            before = (given, epoch);
            session = Session(session.0); // kept in a store, and read again
            counts[match given {
                SessionVerdict::Continue => 0,
                SessionVerdict::Reverify => 1,
                SessionVerdict::StepUp => 2,
                SessionVerdict::End(end) => end as usize + 1,
            }] += 1;
        }
    }
    println!("{counts:?}");
    assert!(counts[..7].iter().all(|count| *count > 300), "{counts:?}");
}

#[test]
fn a_revocation_is_seen_within_one_interval() {
    let rules = SessionRules { check_seconds: 30, idle_seconds: 3600, absolute_seconds: 86_400, similarity: 0 };
    let mut session = Session::begin(&rules, i64::MAX, 0, NOW).unwrap();
    for second in 1..30 {
        let used = Seen { is_used: true, ..Seen::default() };
        assert_eq!(session.observe(&used, NOW + second), SessionVerdict::Continue);
    }
    assert_eq!(session.due(), NOW + 30);
    assert_eq!(session.observe(&Seen::default(), NOW + 30), SessionVerdict::Reverify);
    assert_eq!(session.observe(&Seen::default(), NOW + 31), SessionVerdict::Reverify, "until somebody does");
    let revoked = Seen { verified: Some((Status::Signature, i64::MAX)), ..Seen::default() };
    let end = session.observe(&revoked, NOW + 31);
    assert_eq!((end, end.status()), (SessionVerdict::End(SessionEnd::Refused), Status::SessionEnded));
    let accepted = Seen { verified: Some((Status::Accepted, i64::MAX)), ..Seen::default() };
    assert_eq!(session.observe(&accepted, NOW + 32), end, "it never goes on again");
}

/// Each re-issued token is hardly further than the one before; the session's first sketch is what they are held against.
#[test]
fn small_steps_away_from_the_first_fingerprint_add_up() {
    let components: Vec<Weighted> =
        (128..144).map(|number| Weighted::new(Component::from_number(number).unwrap(), 1)).collect();
    let peppers = [(0, Pepper::new(b"sixteen bytes or more").unwrap())];
    let thresholds = Thresholds { drift: 1000, ..Thresholds::DEFAULT };
    let sketch = Sketch { claim: "cmk", peppers: &peppers, components: &components, groups: &[], thresholds };
    let rules = SessionRules { check_seconds: 60, idle_seconds: 3600, absolute_seconds: 86_400, similarity: 850 };
    let mut session = Session::begin(&rules, i64::MAX, 0, NOW).unwrap();
    let client = |changed: u8| -> Vec<(Component, &[u8])> {
        let value = |number: u8| if number < 128 + changed { b"new".as_slice() } else { b"old" };
        (128..144).map(|number| (Component::from_number(number).unwrap(), value(number))).collect()
    };
    let claim_of = |changed: u8, out: &mut [u8; 1480]| -> String {
        let values = client(changed);
        let evidence = Evidence { components: &values.as_slice(), ..Evidence::NONE };
        let new = NewSketch {
            sketch: &sketch,
            evidence: &evidence,
            salt: [changed; 8],
            opt_out: ComponentSet::EMPTY,
            previous: None,
        };
        new.text(out).unwrap().to_string()
    };
    let mut out = [0; 1480];
    let first = claim_of(0, &mut out);
    for changed in 1..=3 {
        let before = claim_of(changed - 1, &mut out);
        let values = client(changed);
        let evidence = Evidence { components: &values.as_slice(), ..Evidence::NONE };
        assert_eq!(sketch.compare(&before, &evidence).unwrap().similarity, 937, "one of sixteen");
        let similarity = u32::from(sketch.compare(&first, &evidence).unwrap().similarity);
        assert_eq!(similarity, 1000 - 1000 * u32::from(changed) / 16 - u32::from(1000 * u32::from(changed) % 16 != 0));
        let seen = Seen { is_used: true, similarity: Some(similarity), ..Seen::default() };
        let verdict = session.observe(&seen, NOW + i64::from(changed));
        assert_eq!(verdict, if changed < 3 { SessionVerdict::Continue } else { SessionVerdict::StepUp });
    }
}

/// A timer's verification of the same token is no stronger proof.
#[test]
fn a_step_up_for_drift_ends_with_a_likeness_that_suffices() {
    let rules = SessionRules { check_seconds: 60, idle_seconds: 3600, absolute_seconds: 86_400, similarity: 850 };
    let mut session = Session::begin(&rules, i64::MAX, 0, NOW).unwrap();
    let accepted = |similarity| Seen { verified: Some((Status::Accepted, i64::MAX)), similarity, ..Seen::default() };
    assert_eq!(session.observe(&Seen { similarity: Some(100), ..Seen::default() }, NOW + 1), SessionVerdict::StepUp);
    assert_eq!(session.observe(&accepted(None), NOW + 2), SessionVerdict::StepUp);
    assert_eq!(session.observe(&accepted(Some(849)), NOW + 3), SessionVerdict::StepUp);
    assert_eq!(session.observe(&Seen { similarity: Some(1000), ..Seen::default() }, NOW + 4), SessionVerdict::StepUp);
    assert_eq!(session.due(), NOW + 3600, "no check is due while it waits");
    assert_eq!(session.observe(&accepted(Some(850)), NOW + 100), SessionVerdict::Continue);
    assert_eq!(session.due(), NOW + 160);
}

#[test]
fn a_clock_that_is_set_back_hides_no_check() {
    let rules = SessionRules { check_seconds: 60, idle_seconds: 36_000, absolute_seconds: 360_000, similarity: 0 };
    let mut session = Session::begin(&rules, i64::MAX, 0, NOW + 3600).unwrap();
    assert_eq!(session.observe(&Seen::default(), NOW), SessionVerdict::Reverify);
    let accepted = Seen { verified: Some((Status::Accepted, i64::MAX)), ..Seen::default() };
    assert_eq!(session.observe(&accepted, NOW), SessionVerdict::Continue);
    assert_eq!((session.due(), session.observe(&Seen::default(), NOW + 60)), (NOW + 60, SessionVerdict::Reverify));
    assert_eq!(SessionVerdict::Reverify.status(), Status::SessionReverify);
}

#[test]
fn any_bytes_are_judged() {
    let mut random = Random::new(22);
    let mut zero = Session([0; SESSION_BYTES]);
    assert_eq!(zero.observe(&Seen::default(), NOW), SessionVerdict::End(SessionEnd::Unknown));
    assert_eq!((zero.due(), zero), (i64::MIN, Session([0; SESSION_BYTES])));
    for _ in 0..20_000 {
        let mut session = Session(random.bytes(SESSION_BYTES).try_into().unwrap());
        session.0[0] = 1;
        session.0[1] = random.byte() % 9;
        let seen = Seen { epoch: random.word(), is_used: true, ..Seen::default() };
        let now = random.word() as i64;
        let (first, due) = (session.observe(&seen, now), session.due());
        assert!(first != SessionVerdict::Continue || due > now);
        if let SessionVerdict::End(_) = first {
            assert_eq!(session.observe(&seen, now), first);
        }
    }
    for wrong in [(0, 1, 1), (1, 0, 1), (1, 1, 0)] {
        let rules = SessionRules { check_seconds: wrong.0, idle_seconds: wrong.1, absolute_seconds: wrong.2, similarity: 0 };
        assert_eq!(Session::begin(&rules, i64::MAX, 0, NOW), Err(Status::LimitRange));
    }
}
