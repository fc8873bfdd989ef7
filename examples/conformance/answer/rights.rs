//! What a token must be allowed: paths with the values that are asked for.

use super::case::Flaw;
use super::strict::object;
use countermark::{Rule, Test};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

type Paths = BTreeMap<String, Vec<String>>;

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asked {
    all_of: Paths,
    any_of: Paths,
    none_of: Paths,
}

/// The values as the core takes them, in the order of [`Asked::rules`].
pub type Texts<'c> = Vec<(&'c str, Vec<&'c str>)>;

impl Asked {
    pub fn read(raw: &RawValue) -> Result<Self, Flaw> {
        object(raw.get())
    }

    pub fn texts(&self) -> [Texts<'_>; 3] {
        [&self.all_of, &self.any_of, &self.none_of].map(|paths| {
            paths.iter().map(|(path, values)| (path.as_str(), values.iter().map(String::as_str).collect())).collect()
        })
    }
}

/// Hands the rules to `then`.
pub fn with_rules<T>(texts: &[Texts<'_>; 3], then: impl FnOnce(&[Rule<'_>]) -> T) -> T {
    let [all_of, any_of, none_of] =
        texts.each_ref().map(|texts| texts.iter().map(|(path, values)| (*path, values.as_slice())).collect::<Vec<_>>());
    let rule = |path, test| Rule { path, test, wildcards: false };
    let rules: Vec<Rule<'_>> = (all_of.iter().map(|(path, values)| rule(*path, Test::AllOf(values))))
        .chain(any_of.iter().map(|(path, values)| rule(*path, Test::AnyOf(values))))
        .chain(none_of.iter().map(|(path, values)| rule(*path, Test::NoneOf(values))))
        .collect();
    then(&rules)
}
