//! Values by repository and by ref.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::RecordEntry;
use super::limits::MOST_REFS;

/// Values by repository and ref.
///
/// Entries of older versions name no repository: their values are kept under the empty name, and count for every repository
/// that has no value of its own for the ref.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct ByRepository<T>(BTreeMap<String, BTreeMap<String, T>>);

impl<T> Default for ByRepository<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: Clone> ByRepository<T> {
    /// Returns the repositories whose values an entry changes: the one that it names, or, if it names none, all that have a value
    /// for the ref.
    pub(super) fn scopes(&self, entry: &RecordEntry, reference: &str) -> Vec<String> {
        match &entry.decided.repository {
            Some(repository) => vec![repository.clone()],
            None => {
                let named = self.0.iter().filter(|(name, refs)| !name.is_empty() && refs.contains_key(reference));
                named.map(|(name, _)| name.clone()).chain([String::new()]).collect()
            }
        }
    }

    /// Returns the value of a repository for a ref, copied from the unnamed one at first; `None` if there is neither.
    pub(super) fn known_mut(&mut self, scope: &str, reference: &str) -> Option<&mut T> {
        let is_own = self.0.get(scope).is_some_and(|refs| refs.contains_key(reference));
        if !is_own {
            let unnamed = self.0.get("")?.get(reference)?.clone();
            self.0.entry(scope.to_owned()).or_default().insert(reference.to_owned(), unnamed);
        }
        self.0.get_mut(scope)?.get_mut(reference)
    }

    /// Returns the same, and inserts `first` if there is neither.
    pub(super) fn known_or(&mut self, scope: &str, reference: &str, first: impl FnOnce() -> T) -> &mut T {
        // a copy is large
        let unnamed = match self.own(scope, reference) {
            Some(_) => None,
            None => self.own("", reference).cloned(),
        };
        let refs = self.0.entry(scope.to_owned()).or_default();
        refs.entry(reference.to_owned()).or_insert_with(|| unnamed.unwrap_or_else(first))
    }

    /// Returns the repository's own value, never the unnamed one.
    pub(super) fn own(&self, repository: &str, reference: &str) -> Option<&T> {
        self.0.get(repository)?.get(reference)
    }

    /// Returns the value for the repository that asks, with the name of the ref; without one, the value of the repository that
    /// was decided about last.
    pub(super) fn told(
        &self,
        asked_by: Option<&String>,
        reference: &str,
        decided: impl Fn(&T) -> u64,
    ) -> Option<(&str, &T)> {
        let of = |repository: &str| self.0.get(repository)?.get_key_value(reference);
        let told = match asked_by {
            Some(asking) => of(asking).or_else(|| of("")),
            None => self.0.keys().filter_map(|repository| of(repository)).max_by_key(|(_, value)| decided(value)),
        };
        told.map(|(name, value)| (name.as_str(), value))
    }

    /// Returns all values for the repository that asks, with the names of their refs; without one, those of all.
    pub(super) fn all_told<'r>(&'r self, asked_by: Option<&'r String>) -> impl Iterator<Item = (&'r str, &'r T)> {
        let is_told = move |repository: &str, reference: &str| match asked_by {
            None => true,
            Some(asking) if asking == repository => true,
            Some(asking) => repository.is_empty() && self.own(asking, reference).is_none(),
        };
        let all = self
            .0
            .iter()
            .flat_map(|(repository, refs)| refs.iter().map(move |(name, value)| (repository, name, value)));
        all.filter(move |(repository, name, _)| is_told(repository, name))
            .map(|(_, name, value)| (name.as_str(), value))
    }

    /// Removes from each repository, so that none makes another forget, those of the values that `is_meant` names that were decided
    /// about least recently, if there are too many; `forgotten` is told of each. Returns whether any was removed.
    pub(super) fn forget(
        &mut self,
        is_meant: impl Fn(&str, &T) -> bool,
        decided: impl Fn(&T) -> u64,
        mut forgotten: impl FnMut(&T),
    ) -> bool {
        let mut forgot = false;
        for refs in self.0.values_mut() {
            let meant = refs.iter().filter(|(name, value)| is_meant(name, value));
            let Some(least) = least_kept(meant.map(|(_, value)| decided(value))) else {
                continue;
            };
            forgot = true;
            refs.retain(|name, value| {
                let stays = !is_meant(name, value) || decided(value) >= least;
                if !stays {
                    forgotten(value);
                }
                stays
            });
        }
        self.0.retain(|_, refs| !refs.is_empty());
        forgot
    }
}

/// From which decision on refs are kept; `None` if all are. Those of one decision stay or go together.
fn least_kept(decided: impl Iterator<Item = u64>) -> Option<u64> {
    let mut decided: Vec<u64> = decided.collect();
    if decided.len() <= MOST_REFS.saturating_mul(2) {
        return None;
    }
    decided.sort_unstable();
    let kept = decided.len().saturating_sub(MOST_REFS);
    decided.get(kept).copied()
}
