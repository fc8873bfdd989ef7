//! What a policy asks of a token's rights, as the library knows it.

use crate::policy::{Rights, texts};
use countermark::{Rule, Test};

impl Rights {
    pub fn is_empty(&self) -> bool {
        [&self.all_of, &self.any_of, &self.none_of].iter().all(|paths| paths.0.is_empty())
    }

    /// Hands the rules to `then`: all of, any of, none of, each in the file's order.
    pub fn with<T>(&self, then: impl FnOnce(&[Rule<'_>]) -> T) -> T {
        let [all_of, any_of, none_of] = [&self.all_of, &self.any_of, &self.none_of].map(|paths| {
            paths.0.iter().map(|(path, values)| (path.as_str(), texts(values))).collect::<Vec<(&str, Vec<&str>)>>()
        });
        let [all_of, any_of, none_of] = [&all_of, &any_of, &none_of]
            .map(|paths| paths.iter().map(|(path, values)| (*path, values.as_slice())).collect::<Vec<(&str, &[&str])>>());
        let rule = |path, test| Rule { path, test, wildcards: false };
        let rules: Vec<Rule<'_>> = (all_of.iter().map(|(path, values)| rule(path, Test::AllOf(values))))
            .chain(any_of.iter().map(|(path, values)| rule(path, Test::AnyOf(values))))
            .chain(none_of.iter().map(|(path, values)| rule(path, Test::NoneOf(values))))
            .collect();
        then(&rules)
    }

    /// The rule at this position in words.
    pub fn name_of(&self, position: usize) -> Option<String> {
        let lists = [("all_of", &self.all_of), ("any_of", &self.any_of), ("none_of", &self.none_of)];
        let named = lists.iter().flat_map(|(kind, paths)| paths.0.iter().map(move |rule| (kind, rule)));
        let (kind, (path, values)) = { named }.nth(position)?;
        Some(format!("{kind} {path}: {}", values.join(", ")))
    }
}
