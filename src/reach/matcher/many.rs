//! Patterns of all targets together.

use crate::fact::FactKey;
use crate::pattern::{Match, Pattern, PatternSet};
use crate::policy::{Policy, Target};
use crate::reach::shown::ShownError;

/// Patterns of all targets together, each knowing whose it is.
#[derive(Debug)]
pub(super) struct Many {
    pub(super) set: PatternSet,
    pub(super) owners: Vec<usize>,
}

impl Many {
    pub(super) fn new<'p>(policy: &'p Policy, patterns: impl Fn(&'p Target) -> &'p [Pattern]) -> Self {
        let all = || {
            policy
                .targets
                .iter()
                .enumerate()
                .flat_map(|(index, target)| patterns(target).iter().map(move |one| (index, one)))
        };
        Self {
            set: PatternSet::new(all().map(|(_, pattern)| pattern)),
            owners: all().map(|(index, _)| index).collect(),
        }
    }

    /// The matches of `text`, each with the number of its target.
    pub(super) fn matches<'t>(&self, text: &'t [u8]) -> Result<Vec<(usize, Match<'t>)>, ShownError> {
        let mut found = Vec::new();
        self.set.matches(text, &mut found).map_err(|ways| ShownError::TooManyWays { path: text.to_vec(), ways })?;
        Ok(found.into_iter().filter_map(|one| Some((*self.owners.get(one.pattern)?, one))).collect())
    }
}

/// The patterns of all targets, by the key that they ask for.
pub(super) fn facts_of_policy(policy: &Policy) -> Vec<(FactKey, Many)> {
    fn asked(target: &Target, key: FactKey) -> &[Pattern] {
        target.facts.iter().find(|(known, _)| *known == key).map_or(&[], |(_, patterns)| patterns)
    }
    let is_asked = |key: &FactKey| policy.targets.iter().any(|target| !asked(target, *key).is_empty());
    let keys = FactKey::ALL.into_iter().filter(is_asked);
    keys.map(|key| (key, Many::new(policy, move |target| asked(target, key)))).collect()
}
