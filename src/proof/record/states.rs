//! Which states were let through: the base of the next change, and those before it.

use std::collections::HashMap;

use super::{Chain, Change, Entry, Mode, Outcome, Standing};
use crate::policy::Kind;

/// A state that was allowed for an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State<'c> {
    /// The decision that allowed it.
    pub entry: &'c Entry,
    /// What was compared; its `commit` and `tree` are the state, `None` where the ref was deleted.
    pub change: &'c Change,
    /// When the next state was allowed, in seconds since 1970-01-01T00:00:00Z; `None` of the current one.
    pub until: Option<i64>,
}

impl State<'_> {
    /// When it was allowed, in seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from(&self) -> i64 {
        self.entry.decided.at
    }

    /// Whether it was a return to a state before, and shown to be one.
    #[must_use]
    pub const fn is_rollback(&self) -> bool {
        self.entry.decided.kinds.contains(Kind::Rollback)
    }
}

/// What the next change is compared with, as far as the record knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base<'c> {
    /// It tells nothing of the environment: something else has to say.
    Untold,
    /// Nothing was let through that it knows of, and something was refused of which nobody knew what was there before: everything
    /// counts as changed. Whatever else says what was there before may name the very thing that was refused.
    Unknown,
    /// This commit and tree; `None` where there is nothing, as of a ref that was deleted.
    Known {
        /// The commit.
        commit: Option<&'c str>,
        /// Its tree.
        tree: Option<&'c str>,
        /// The decision that allowed it; `None` where nothing was allowed yet: then it is what the first decision, a refusal, was
        /// compared with.
        allowed_by: Option<&'c Entry>,
    },
}

impl Change {
    /// Whether an environment was to be brought to another state, and not only proposed to be.
    fn brings(&self, environment: &str) -> bool {
        !self.proposed && self.environments.iter().any(|name| name == environment)
    }
}

/// What was compared when an environment was brought to its current state: its whole trees, by commit.
struct CurrentWhole<'c> {
    entry: &'c Entry,
    by_commit: HashMap<&'c str, &'c Change>,
}

/// The current states of all environments that are asked about, each found once: a push may ask about thousands of tags.
pub struct CurrentStates<'c> {
    chain: &'c Chain,
    found: HashMap<String, Option<CurrentWhole<'c>>>,
}

impl<'c> CurrentStates<'c> {
    /// The current states that a chain tells. Nothing is looked at yet.
    #[must_use]
    pub fn new(chain: &'c Chain) -> Self {
        Self { chain, found: HashMap::new() }
    }

    /// Returns what was compared when `environment` was brought to its current state, as [`Chain::current_whole`] does.
    pub fn whole(&mut self, environment: &str, commit: &str, repository: Option<&str>) -> Option<&'c Change> {
        if !self.found.contains_key(environment) {
            self.found.insert(environment.to_owned(), self.find(environment));
        }
        let current = self.found.get(environment)?.as_ref()?;
        if repository.is_none() || current.entry.decided.repository.as_deref() != repository {
            return None;
        }
        current.by_commit.get(commit).copied()
    }

    fn find(&self, environment: &str) -> Option<CurrentWhole<'c>> {
        let entry = self.chain.newest_allowed(environment)?;
        // the last state of each ref, and of all
        let (mut by_any, mut of_refs): (Told<'c>, HashMap<&str, Told<'c>>) = (Told::default(), HashMap::new());
        for (entry, change) in self.chain.brought(environment) {
            by_any.add(entry, change);
            if let Some(reference) = change.reference.as_deref() {
                of_refs.entry(reference).or_default().add(entry, change);
            }
        }
        let mut by_commit = HashMap::new();
        for change in entry.decided.changes.iter().filter(|change| change.brings(environment)) {
            let told = match change.reference.as_deref() {
                Some(reference) => of_refs.get(reference),
                None => Some(&by_any),
            };
            let state = told.and_then(|told| told.states.last());
            let is_last = state
                .is_some_and(|state| state.entry.sequence == entry.sequence && state.change.commit == change.commit);
            if let Some(commit) = change.commit.as_deref()
                && is_last
                && change.whole.iter().any(|name| name == environment)
            {
                by_commit.entry(commit).or_insert(change);
            }
        }
        Some(CurrentWhole { entry, by_commit })
    }
}

/// The enforced decisions about an environment, and on a ref if one is given.
#[derive(Default)]
struct Told<'c> {
    states: Vec<State<'c>>,
    first: Option<&'c Change>,
}

impl Chain {
    /// The states that were allowed for `environment`, the oldest first; of one ref alone if one is given, as
    /// [`ref_text`](super::ref_text) writes it.
    ///
    /// A decision makes a state only if
    ///
    /// - it is one of the repository that asks, or names none, see [`Chain::asked_by`];
    /// - it allowed the change: a refused commit never becomes a state by being followed by another;
    /// - it was enforced: one who asks for advice could have chosen the policy;
    /// - the change went out by it: a pull request that is never merged, or later, goes nowhere;
    /// - it was compared with the state before, or, where there is none, with what the first decision was compared with. Else
    ///   what lies between the two was let through by nobody. It may also have been judged as if everything had changed; and in
    ///   `pre-receive` the ref itself is what was let through.
    #[must_use]
    pub fn states(&self, environment: &str, reference: Option<&str>) -> Vec<State<'_>> {
        self.told(environment, reference).states
    }

    /// What is known to have been let through last, to compare the next change with: the newest of [`Chain::states`], or, where
    /// there is none, what the first decision was compared with.
    #[must_use]
    pub fn base(&self, environment: &str, reference: Option<&str>) -> Base<'_> {
        let Told { states, first } = self.told(environment, reference);
        match (states.last(), first) {
            (Some(State { entry, change, .. }), _) => {
                Base::Known { commit: change.commit.as_deref(), tree: change.tree.as_deref(), allowed_by: Some(*entry) }
            }
            (None, None) => Base::Untold,
            (None, Some(first)) if first.everything => Base::Unknown,
            (None, Some(first)) => {
                let (commit, tree) = (first.base_commit.as_deref(), first.base_tree.as_deref());
                Base::Known { commit, tree, allowed_by: None }
            }
        }
    }

    /// The newest state of a branch that was allowed for whatever environment, or for none: its policy is in force. Where none was,
    /// what the first decision about the branch was compared with.
    ///
    /// What such a decision was compared with does not matter: each holds the whole policy of its state against the one that was
    /// in force. A decision by an administrator's file does not, so it counts for nothing here.
    #[must_use]
    pub fn newest_of_branch(&self, branch: &str) -> Base<'_> {
        let mut first = None;
        let mut newest = None;
        for entry in self.enforced().filter(|entry| !entry.decided.administrators_policy) {
            let is_meant = |change: &&Change| !change.proposed && change.reference.as_deref() == Some(branch);
            for change in entry.decided.changes.iter().filter(is_meant) {
                first.get_or_insert(change);
                match entry.decided.decision {
                    Outcome::Allowed => newest = Some((entry, change)),
                    Outcome::Refused => {}
                }
            }
        }
        match (newest, first) {
            (Some((entry, change)), _) => {
                Base::Known { commit: change.commit.as_deref(), tree: change.tree.as_deref(), allowed_by: Some(entry) }
            }
            (None, None) => Base::Untold,
            (None, Some(first)) if first.everything => Base::Unknown,
            (None, Some(first)) => {
                let (commit, tree) = (first.base_commit.as_deref(), first.base_tree.as_deref());
                Base::Known { commit, tree, allowed_by: None }
            }
        }
    }

    /// Whether `commit` was a state of `environment` at any time, by whatever ref. Whether a tag of it brings anything new,
    /// [`Chain::current_whole`] says.
    #[must_use]
    pub fn was_allowed(&self, environment: &str, commit: &str) -> bool {
        self.states(environment, None).iter().any(|state| state.change.commit.as_deref() == Some(commit))
    }

    /// The states that were allowed for `environment` by whatever ref, the oldest first: each is one of its own ref's
    /// [`Chain::states`], and stands until the next, by whatever ref.
    #[must_use]
    pub fn states_by_any_ref(&self, environment: &str) -> Vec<State<'_>> {
        // what has no ref follows whatever came before it
        let mut without_ref = Told::default();
        let mut of_refs: HashMap<&str, Told<'_>> = HashMap::new();
        let mut order: Vec<&str> = Vec::new();
        for (entry, change) in self.brought(environment) {
            without_ref.add(entry, change);
            if let Some(reference) = change.reference.as_deref() {
                let of_ref = of_refs.entry(reference).or_insert_with(|| {
                    order.push(reference);
                    Told::default()
                });
                of_ref.add(entry, change);
            }
        }
        let mut all: Vec<State<'_>> = without_ref.states;
        all.retain(|state| state.change.reference.is_none());
        // in the order of the first decision of each ref
        for reference in order {
            all.extend(of_refs.remove(reference).map(|told| told.states).unwrap_or_default());
        }
        all.sort_by_key(|state| state.entry.sequence);
        let after: Vec<Option<i64>> = all.iter().skip(1).map(|state| Some(state.from())).chain([None]).collect();
        for (state, until) in all.iter_mut().zip(after) {
            state.until = until;
        }
        all
    }

    /// Returns what was compared when `environment` was last allowed to be brought to another state, by whatever ref, if that
    /// state is `commit`, its whole tree was judged, and it is one of `repository`: then nothing is new about the commit, if it
    /// landed.
    ///
    /// What was allowed before that, and replaced since, is `None`: to go back there is a change. So is an entry that does not
    /// name its repository.
    #[must_use]
    pub fn current_whole(&self, environment: &str, commit: &str, repository: Option<&str>) -> Option<&Change> {
        CurrentStates::new(self).whole(environment, commit, repository)
    }

    /// The newest decision that allowed an environment to be brought to another state, by whatever repository.
    fn newest_allowed(&self, environment: &str) -> Option<&Entry> {
        self.entries().iter().rev().find(|entry| {
            let (standing, decision) = (entry.decided.standing, entry.decided.decision);
            standing == Standing::Enforcement
                && decision == Outcome::Allowed
                && entry.decided.changes.iter().any(|change| change.brings(environment))
        })
    }

    fn told(&self, environment: &str, reference: Option<&str>) -> Told<'_> {
        let mut told = Told::default();
        for (entry, change) in self.brought(environment) {
            if reference.is_none_or(|name| change.reference.as_deref() == Some(name)) {
                told.add(entry, change);
            }
        }
        told
    }

    /// What was compared for an environment by enforced decisions, unless it was only proposed.
    fn brought(&self, environment: &str) -> impl Iterator<Item = (&Entry, &Change)> {
        let changes = self.enforced().flat_map(|entry| entry.decided.changes.iter().map(move |change| (entry, change)));
        changes
            .filter(move |(_, change)| !change.proposed && change.environments.iter().any(|name| name == environment))
    }

    fn enforced(&self) -> impl Iterator<Item = &Entry> {
        self.own_entries().filter(|entry| entry.decided.standing == Standing::Enforcement)
    }

    /// Returns what a server compared when it was next asked about a ref, by the number of the decision before and the ref: its
    /// `base_commit` and `base_tree` are what the ref held after that decision.
    #[must_use]
    pub fn seen_next(&self) -> HashMap<(u64, &str), &Change> {
        let (mut next, mut last) = (HashMap::new(), HashMap::new());
        for entry in self.enforced().filter(|entry| entry.decided.mode == Mode::PreReceive) {
            for change in &entry.decided.changes {
                if let Some(reference) = change.reference.as_deref()
                    && let Some(before) = last.insert(reference, entry.sequence)
                {
                    next.insert((before, reference), change);
                }
            }
        }
        next
    }
}

impl<'c> Told<'c> {
    fn add(&mut self, entry: &'c Entry, change: &'c Change) {
        let first = *self.first.get_or_insert(change);
        let follows = match (entry.decided.mode, self.states.last()) {
            (Mode::PreReceive, _) => true,
            (Mode::Check, _) if change.everything => true,
            (Mode::Check, Some(current)) => change.base_tree == current.change.tree,
            (Mode::Check, None) => !first.everything && change.base_tree == first.base_tree,
        };
        match entry.decided.decision {
            Outcome::Allowed if follows => {
                if let Some(state) = self.states.last_mut() {
                    state.until = Some(entry.decided.at);
                }
                self.states.push(State { entry, change, until: None });
            }
            Outcome::Allowed | Outcome::Refused => {}
        }
    }
}
