//! The choice of keys (design section 4) over random sets, against the rule written down once more.

use countermark::{Algorithm, Policy, Status};
use countermark_tests::judge::{KeySource, SetOfKeys, Setup, status_of};
use countermark_tests::token::{SigningKey, TokenBuilder};
use proptest::prelude::*;

const KIDS: [Option<&str>; 4] = [None, Some("a"), Some("b"), Some("c")];

/// One key: its algorithm, its kid and a letter that its secret is made of.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Key {
    is_512: bool,
    kid: Option<&'static str>,
    letter: u8,
}

impl Key {
    fn algorithm(self) -> Algorithm {
        if self.is_512 { Algorithm::HS512 } else { Algorithm::HS256 }
    }

    fn source(self) -> KeySource {
        KeySource::Secret(self.algorithm(), self.kid.map(String::from), vec![self.letter; 64])
    }
}

fn any_key() -> impl Strategy<Value = Key> {
    (any::<bool>(), 0..KIDS.len(), b'a'..=b'd').prop_map(|(is_512, kid, letter)| Key { is_512, kid: KIDS[kid], letter })
}

/// What must become of a token of this algorithm and kid, signed with a secret of this letter.
fn expected(sets: &[Vec<Key>], is_512: bool, kid: Option<&str>, letter: u8, limit: usize) -> Status {
    let twice = |set: &Vec<Key>| {
        let same = |one: &Key, other: &Key| one.kid.is_some() && one.kid == other.kid && one.is_512 == other.is_512;
        set.iter().enumerate().any(|(at, one)| set[at + 1..].iter().any(|other| same(one, other)))
    };
    if sets.iter().any(twice) {
        return Status::KeyIdDuplicate;
    }
    let all: Vec<Key> = sets.concat();
    let meant: Vec<&Key> = match kid {
        None => all.iter().collect(),
        Some(_) if all.iter().any(|key| key.kid == kid) => all.iter().filter(|key| key.kid == kid).collect(),
        Some(_) => all.iter().filter(|key| key.kid.is_none()).collect(),
    };
    let candidates: Vec<_> = meant.iter().filter(|key| key.is_512 == is_512).collect();
    match candidates.len() {
        0 if meant.is_empty() && kid.is_some() => Status::UnknownKid,
        0 if meant.is_empty() => Status::NoKey,
        0 => Status::AlgorithmMismatch,
        count if count > limit => Status::TooManyCandidates,
        _ if candidates.iter().any(|key| key.letter == letter) => Status::Accepted,
        _ => Status::Signature,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn the_choice_follows_the_rule(
        sets in prop::collection::vec(prop::collection::vec(any_key(), 0..5), 0..4),
        is_512 in any::<bool>(),
        kid in 0..KIDS.len(),
        letter in b'a'..=b'e',
        limit in 1..=8usize,
    ) {
        let signer = if is_512 { SigningKey::Hs512(vec![letter; 64]) } else { SigningKey::Hs256(vec![letter; 64]) };
        let mut token = TokenBuilder::signed_by(signer);
        if let Some(kid) = KIDS[kid] {
            token = token.header_with(&format!(r#""kid":"{kid}""#));
        }
        let mut policy = Policy { any_audience: true, ..Policy::default() };
        policy.limits.candidates = limit;
        let loaded = sets.iter().map(|set| SetOfKeys { issuer: None, keys: set.iter().map(|key| key.source()).collect() });
        let setup = Setup { sets: loaded.collect(), policy, ..Setup::default() };
        prop_assert_eq!(status_of(&setup, &token.build()), expected(&sets, is_512, KIDS[kid], letter, limit));
    }
}
