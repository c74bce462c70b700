//! What all entries say, asked entry by entry: the definition that the folded state is held against.

use std::collections::{BTreeSet, HashMap};

use freezegate::policy::{Kind, OrganisationVersion};
use freezegate::proof::record::{
    Decided, RecordEntry, RecordedChange, RecordedMode, RecordedOutcome, RecordedStanding,
};
use freezegate::time::instant::Instant;

/// All entries, and who asks.
#[derive(Debug, Clone)]
pub(crate) struct Oracle {
    entries: Vec<RecordEntry>,
    asked_by: Option<String>,
}

/// A state that was allowed for an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OracleState<'c> {
    pub(crate) entry: &'c RecordEntry,
    pub(crate) change: &'c RecordedChange,
    pub(crate) until: Option<Instant>,
    /// The first decision in a row, on the same ref, by an equal policy that also came from a commit, or did not.
    by_policy_of: &'c Decided,
}

/// The digest of a policy, and the commit that it was read from.
pub(crate) type OracleJudgedBy = (String, Option<String>);

fn judged_by(decided: &Decided) -> OracleJudgedBy {
    (decided.policy.to_string(), decided.policy_commit.clone())
}

impl OracleState<'_> {
    pub(crate) const fn from(&self) -> Instant {
        self.entry.decided.at
    }

    pub(crate) fn judged_by(&self) -> OracleJudgedBy {
        judged_by(self.by_policy_of)
    }

    pub(crate) const fn is_rollback(&self) -> bool {
        self.entry.decided.kinds.contains(Kind::Rollback)
    }
}

/// What the next change is compared with: its commit and tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OracleBase<'c> {
    Untold,
    Unknown,
    Known(Option<&'c str>, Option<&'c str>),
}

/// A ref, what narrowed the decisions about it, by which way they were asked for, and whether it was of what was proposed for the ref.
pub(crate) type OracleChain<'c> = (Option<&'c str>, Option<&'c str>, RecordedMode, bool);

fn chain<'c>(entry: &RecordEntry, change: &'c RecordedChange) -> OracleChain<'c> {
    (change.reference.as_deref(), change.narrowed.as_deref(), entry.decided.mode, change.proposed)
}

/// Returns whether all of the tree was judged for an environment.
fn is_tree_wide(change: &RecordedChange, environment: &str) -> bool {
    change.whole.iter().chain(&change.tree_wide).any(|name| name == environment)
}

/// Returns whether a change goes to an environment by a decision: what is proposed, only by a job that deploys it.
pub(crate) fn brings(entry: &RecordEntry, change: &RecordedChange, environment: &str) -> bool {
    let went_out = !change.proposed || (change.deployed && entry.decided.mode == RecordedMode::Check);
    went_out && change.environments.iter().any(|name| name == environment)
}

impl Oracle {
    pub(crate) fn new(entries: &[RecordEntry], asked_by: Option<&str>) -> Self {
        Self { entries: entries.to_vec(), asked_by: asked_by.map(str::to_owned) }
    }

    fn own_entries(&self) -> impl Iterator<Item = &RecordEntry> {
        self.entries.iter().filter(|entry| match (&self.asked_by, &entry.decided.repository) {
            (Some(asking), Some(named)) => asking == named,
            (None, _) | (Some(_), None) => true,
        })
    }

    /// The organisation's policy that the last enforced decision followed which names the repository that asks.
    pub(crate) fn organisation(&self) -> Option<&OrganisationVersion> {
        let asking = self.asked_by.as_deref().unwrap_or_default();
        let is_own = |entry: &&RecordEntry| entry.decided.repository.as_deref().unwrap_or_default() == asking;
        let mut own =
            self.entries.iter().filter(|entry| entry.decided.standing == RecordedStanding::Enforcement).filter(is_own);
        own.next_back()?.decided.organisation.as_ref()
    }

    pub(crate) fn newest(&self) -> Option<Instant> {
        self.entries.iter().map(|entry| entry.decided.at).max()
    }

    pub(crate) fn spent(&self) -> BTreeSet<String> {
        self.entries.iter().flat_map(|entry| entry.decided.spent.clone()).collect()
    }
}

/// The enforced decisions about an environment on a ref, or without one.
#[derive(Default)]
struct Told<'c> {
    states: Vec<OracleState<'c>>,
    first: Option<&'c RecordedChange>,
    first_tree_wide: Option<&'c RecordedChange>,
}

impl Oracle {
    /// The states that were allowed for `environment` by a ref, or without one, the oldest first.
    ///
    /// A decision makes a state only if
    ///
    /// - it is one of the repository that asks, or names none, see `Folded::asked_by`;
    /// - it allowed the change: a refused commit never becomes a state by being followed by another;
    /// - it was enforced: one who asks for advice could have chosen the policy;
    /// - the change went out by it: a pull request that is never merged, or later, goes nowhere;
    /// - it was compared with the state before of which as much was judged, or, where there is none, with what the first decision was
    ///   compared with that judged as much. Else what lies between the two was allowed by nobody. It may also have been judged as if everything had changed; and in
    ///   `pre-receive` the ref itself is what was allowed.
    ///
    /// What a job deploys of a proposal may also have been compared with the newest state by whatever ref.
    pub(crate) fn states(&self, environment: &str, name: OracleChain<'_>) -> Vec<OracleState<'_>> {
        self.told(environment, name).states
    }

    /// Returns what is known to have been allowed last, to compare the next change with: the newest of `states`, of those of which all of
    /// the tree was judged if that is asked for, or, where there is none, what the first decision that judged as much was
    /// compared with.
    pub(crate) fn base(&self, environment: &str, name: OracleChain<'_>, tree_wide: bool) -> OracleBase<'_> {
        let Told { states, first, first_tree_wide } = self.told(environment, name);
        let first = if tree_wide { first_tree_wide } else { first };
        let is_meant = |state: &&OracleState<'_>| !tree_wide || is_tree_wide(state.change, environment);
        match (states.iter().rfind(is_meant), first) {
            (Some(OracleState { change, .. }), _) => {
                OracleBase::Known(change.commit.as_deref(), change.tree.as_deref())
            }
            (None, None) => OracleBase::Untold,
            (None, Some(first)) if first.everything => OracleBase::Unknown,
            (None, Some(first)) => OracleBase::Known(first.base_commit.as_deref(), first.base_tree.as_deref()),
        }
    }

    /// The newest state of a branch that was allowed for whatever environment, or for none: its policy is in force. Where none was,
    /// what the first decision about the branch was compared with.
    ///
    /// What such a decision was compared with does not matter: each holds the whole policy of its state against the one that was
    /// in force.
    pub(crate) fn newest_of_branch(&self, branch: &str) -> OracleBase<'_> {
        let mut first = None;
        let mut newest = None;
        for entry in self.enforced().filter(|entry| !entry.decided.administrators_policy) {
            let is_meant = |change: &&RecordedChange| !change.proposed && change.reference.as_deref() == Some(branch);
            for change in entry.decided.changes.iter().filter(is_meant) {
                first.get_or_insert(change);
                match entry.decided.decision {
                    RecordedOutcome::Allowed => newest = Some(change),
                    RecordedOutcome::Refused => {}
                }
            }
        }
        match (newest, first) {
            (Some(change), _) => OracleBase::Known(change.commit.as_deref(), change.tree.as_deref()),
            (None, None) => OracleBase::Untold,
            (None, Some(first)) if first.everything => OracleBase::Unknown,
            (None, Some(first)) => OracleBase::Known(first.base_commit.as_deref(), first.base_tree.as_deref()),
        }
    }

    /// The states that were allowed for `environment` by whatever ref, the oldest first: each is one of its own ref's
    /// `states`, and stands until the next, by whatever ref.
    pub(crate) fn states_by_any_ref(&self, environment: &str) -> Vec<OracleState<'_>> {
        let mut names: Vec<OracleChain<'_>> = Vec::new();
        for name in self.brought(environment).map(|(entry, change)| chain(entry, change)) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.sort_by_key(|(reference, narrowed, ..)| (*reference, *narrowed));
        let states = names.into_iter().flat_map(|name| self.states(environment, name));
        let mut all: Vec<OracleState<'_>> = states.collect();
        all.sort_by_key(|state| state.entry.sequence);
        let after: Vec<Option<Instant>> = all.iter().skip(1).map(|state| Some(state.from())).chain([None]).collect();
        for (state, until) in all.iter_mut().zip(after) {
            state.until = until;
        }
        all
    }

    /// The ref by which `environment` was last allowed to be brought to another state, if that state is `commit`, judged as a whole
    /// tree, of `repository`, and the last of its own ref.
    pub(crate) fn current_whole(
        &self,
        environment: &str,
        (commit, scope): (&str, Option<&str>),
        repository: Option<&str>,
    ) -> Option<(Option<&str>, OracleJudgedBy)> {
        let entry = self.newest_allowed(environment)?;
        if repository.is_none() || entry.decided.repository.as_deref() != repository {
            return None;
        }
        let is_current = |change: &RecordedChange, is_wanted_plain: bool| {
            let states = self.states(environment, chain(entry, change));
            let is_plain = change.whole.iter().any(|name| name == environment);
            let is_alike = change.scope.is_some()
                && change.scope.as_deref() == scope
                && change.tree_wide.iter().any(|name| name == environment);
            // another tag of a commit may have been turned down
            let is_moved = entry.decided.mode != RecordedMode::PreReceive || change.base_commit != change.commit;
            is_moved
                && change.commit.as_deref() == Some(commit)
                && change.narrowed.is_none()
                && !change.proposed
                && if is_wanted_plain { is_plain } else { is_alike }
                && states.last().is_some_and(|state| {
                    state.entry.sequence == entry.sequence && state.change.commit.as_deref() == Some(commit)
                })
        };
        let changes = || entry.decided.changes.iter().filter(|change| brings(entry, change, environment));
        let current =
            changes().find(|one| is_current(one, true)).or_else(|| changes().find(|one| is_current(one, false)))?;
        Some((current.reference.as_deref(), judged_by(&entry.decided)))
    }

    /// The newest decision that allowed an environment to be brought to another state, by whatever repository.
    fn newest_allowed(&self, environment: &str) -> Option<&RecordEntry> {
        self.entries.iter().rev().find(|entry| {
            let (standing, decision) = (entry.decided.standing, entry.decided.decision);
            standing == RecordedStanding::Enforcement
                && decision == RecordedOutcome::Allowed
                && entry.decided.changes.iter().any(|change| brings(entry, change, environment))
        })
    }

    fn told(&self, environment: &str, name: OracleChain<'_>) -> Told<'_> {
        let mut told = Told::default();
        for (entry, change) in self.brought(environment) {
            if chain(entry, change) == name {
                let is_from_known = change.proposed && self.is_any_at(entry, change, environment);
                told.add(entry, change, environment, is_from_known);
            }
        }
        told
    }

    /// Returns what was compared for an environment by enforced decisions, unless it was only proposed.
    fn brought(&self, environment: &str) -> impl Iterator<Item = (&RecordEntry, &RecordedChange)> {
        let changes = self.enforced().flat_map(|entry| entry.decided.changes.iter().map(move |change| (entry, change)));
        changes.filter(move |(entry, change)| brings(entry, change, environment))
    }

    /// Returns whether a change was compared with the newest state, of which as much was judged, by whatever ref and job before it.
    fn is_any_at(&self, entry: &RecordEntry, change: &RecordedChange, environment: &str) -> bool {
        let mut entries: Vec<RecordEntry> =
            self.entries.iter().filter(|one| one.sequence <= entry.sequence).cloned().collect();
        if let Some(last) = entries.last_mut() {
            let before = last.decided.changes.iter().take_while(|one| *one != change).count();
            last.decided.changes.truncate(before);
        }
        let before = Self { entries, asked_by: self.asked_by.clone() };
        let names: Vec<OracleChain<'_>> =
            before.brought(environment).map(|(entry, change)| chain(entry, change)).collect();
        let judges_all = is_tree_wide(change, environment);
        names.into_iter().any(|name| {
            let states = before.states(environment, name);
            let newest = states.iter().rfind(|state| !judges_all || is_tree_wide(state.change, environment));
            newest.is_some_and(|newest| newest.change.tree == change.base_tree)
        })
    }

    fn enforced(&self) -> impl Iterator<Item = &RecordEntry> {
        self.own_entries().filter(|entry| entry.decided.standing == RecordedStanding::Enforcement)
    }

    /// Returns what a server compared when it was next asked about a ref, by the number of the decision before and the ref: its
    /// `base_commit` and `base_tree` are what the ref held after that decision.
    pub(crate) fn seen_next(&self) -> HashMap<(u64, &str), &RecordedChange> {
        let (mut next, mut last) = (HashMap::new(), HashMap::new());
        for entry in self.enforced().filter(|entry| entry.decided.mode == RecordedMode::PreReceive) {
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
    fn add(&mut self, entry: &'c RecordEntry, change: &'c RecordedChange, environment: &str, is_from_known: bool) {
        let judges_all = is_tree_wide(change, environment);
        let first = *self.first.get_or_insert(change);
        let first = if judges_all { *self.first_tree_wide.get_or_insert(change) } else { first };
        let is_alike = |state: &&OracleState<'_>| !judges_all || is_tree_wide(state.change, environment);
        let follows = match (entry.decided.mode, self.states.iter().rfind(is_alike)) {
            (RecordedMode::PreReceive, _) => true,
            (RecordedMode::Run, _) => false,
            (RecordedMode::Check, _) if change.everything || is_from_known => true,
            (RecordedMode::Check, Some(current)) => change.base_tree == current.change.tree,
            (RecordedMode::Check, None) => !first.everything && change.base_tree == first.base_tree,
        };
        match entry.decided.decision {
            RecordedOutcome::Allowed if follows => {
                if let Some(state) = self.states.last_mut() {
                    state.until = Some(entry.decided.at);
                }
                let own = &entry.decided;
                let of_last = self.states.last().map(|last| last.by_policy_of).filter(|before| {
                    before.policy == own.policy && before.policy_commit.is_some() == own.policy_commit.is_some()
                });
                self.states.push(OracleState { entry, change, until: None, by_policy_of: of_last.unwrap_or(own) });
            }
            RecordedOutcome::Allowed | RecordedOutcome::Refused => {}
        }
    }
}
