//! One more entry.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{RecordEntry, RecordedChange, RecordedMode, RecordedOutcome, RecordedStanding};
use super::kept_state::Point;
use super::known::{
    AboutRepository, BRANCHES, BranchStates, EnvironmentStates, FirstComparison, NewestAllowed, RefStates, whole_name,
};
use super::limits::WITHIN;
use super::ref_states::JudgedPart;
use super::states::StateList;
use super::{Chain, Extent, Folded, JudgedBy, MOST_REFUSED};

impl RecordedChange {
    pub(super) fn old(&self) -> Point {
        Point { commit: self.base_commit.clone(), tree: self.base_tree.clone() }
    }

    pub(super) fn new_point(&self) -> Point {
        Point { commit: self.commit.clone(), tree: self.tree.clone() }
    }

    pub(super) fn first_comparison(&self, is_tree_wide: bool) -> FirstComparison {
        FirstComparison { everything: self.everything, paths: !is_tree_wide, base: self.old() }
    }
}

impl Folded {
    /// Adds the entry that follows those so far. Whether it does follow them, and is one, was seen before.
    ///
    /// A decision makes a state only if
    ///
    /// - it allowed the change: a refused commit never becomes a state by being followed by another;
    /// - it was enforced: one who asks for advice could have chosen the policy;
    /// - the change went out by it: a pull request that is never merged, or later, goes nowhere. What a job deploys of one makes a
    ///   state of the environment by a [`Chain`] of its own, and none of the branch;
    /// - it was compared with the state before of which as much was judged, or, where there is none, with what the first decision was
    ///   compared with. Else what lies between the two was allowed by nobody. It may also have been judged as if everything had changed; and in
    ///   `pre-receive` the ref itself is what was allowed.
    pub fn add(&mut self, entry: &RecordEntry) {
        let decided = &entry.decided;
        self.sequence = entry.sequence;
        self.last = Some(entry.hash);
        self.newest = self.newest.max(Some(decided.at));
        self.spent.extend(decided.spent.iter().cloned());
        let repository = self.repositories.entry(decided.repository.clone().unwrap_or_default());
        let about = repository.or_insert_with(|| AboutRepository {
            begins: decided.at,
            unjudged_edits: false,
            organisation: None,
        });
        about.unjudged_edits |= decided.administrators_policy;
        if decided.standing == RecordedStanding::Enforcement {
            about.organisation.clone_from(&decided.organisation);
        }
        self.refusals.add(decided);
        match decided.standing {
            RecordedStanding::Enforcement => {}
            RecordedStanding::Advice => return,
        }
        self.plans.add(entry, WITHIN);
        let policy = JudgedBy::text(decided);
        let mut touched: BTreeSet<&str> = BTreeSet::new();
        let mut newest: BTreeMap<&str, BTreeMap<String, Option<String>>> = BTreeMap::new();
        let changes = || decided.changes.iter().filter(|change| !change.by_others && change.unlisted().is_none());
        let mut comparisons: BTreeMap<&str, usize> = BTreeMap::new();
        for name in changes().filter(|change| went_out(entry, change)).flat_map(|change| &change.environments) {
            let count = comparisons.entry(name).or_default();
            *count = count.saturating_add(1);
        }
        for change in changes() {
            self.see(entry, change);
            if !went_out(entry, change) {
                continue;
            }
            if !change.proposed {
                self.add_to_branch(entry, change);
            }
            let environments: BTreeSet<&str> = change.environments.iter().map(String::as_str).collect();
            let whole: BTreeSet<&str> = change.whole.iter().map(String::as_str).collect();
            let tree_wide: BTreeSet<&str> = change.tree_wide.iter().map(String::as_str).collect();
            for name in environments {
                touched.insert(name);
                let environment = self.environments.entry(name.to_owned()).or_default();
                let is_only = comparisons.get(name) == Some(&1);
                let judged = JudgedPart {
                    plain: change.narrowed.is_none() && whole.contains(name),
                    tree_wide: whole.contains(name) || tree_wide.contains(name),
                    policy: &policy,
                };
                let is_state = environment.add(entry, (change, judged), is_only);
                match decided.decision {
                    RecordedOutcome::Refused => {}
                    RecordedOutcome::Allowed => {
                        let brought = newest.entry(name).or_default();
                        // another tag of the commit that is there may have been turned down: then nothing is known to be the last
                        let is_moved = decided.mode != RecordedMode::PreReceive || change.old().commit != change.commit;
                        if let Some(commit) = change.commit.as_ref()
                            && is_state
                            && is_moved
                            && !change.proposed
                            && change.narrowed.is_none()
                            && (judged.plain || change.scope.is_some())
                            && judged.tree_wide
                        {
                            let scope = change.scope.as_deref().filter(|_| !judged.plain);
                            let key = whole_name(commit, scope);
                            brought.entry(key).or_insert_with(|| change.reference.clone());
                        }
                    }
                }
            }
        }
        for (name, whole) in newest {
            let environment = self.environments.entry(name.to_owned()).or_default();
            let whole = environment.still_last(entry, whole);
            let (sequence, repository) = (entry.sequence, decided.repository.clone());
            environment.newest = Some(NewestAllowed { sequence, repository, policy: policy.clone(), whole });
        }
        for name in touched {
            self.environments.entry(name.to_owned()).or_default().forget();
        }
        self.forget();
    }

    /// Notes what a server's ref held, where states are known of that ref.
    fn see(&mut self, entry: &RecordEntry, change: &RecordedChange) {
        if entry.decided.mode != RecordedMode::PreReceive || change.reference.is_none() {
            return;
        }
        let chain = Chain::of_hook(change.reference.as_deref()).name();
        for environment in self.environments.values_mut() {
            for scope in environment.refs.scopes(entry, &chain) {
                if let Some(states) = environment.refs.known_mut(&scope, &chain)
                    && let Some(last) = states.states.back()
                    && last.seen.is_none()
                    && last.sequence < entry.sequence
                    && let Some(last) = states.states.back_mut()
                {
                    last.seen = Some(change.old());
                }
            }
        }
    }

    fn add_to_branch(&mut self, entry: &RecordEntry, change: &RecordedChange) {
        let Some(reference) = change.reference.as_ref().filter(|name| name.starts_with(BRANCHES)) else {
            return;
        };
        if entry.decided.administrators_policy {
            return;
        }
        for scope in self.branches.scopes(entry, reference) {
            let branch = self.branches.known_or(&scope, reference, || BranchStates {
                decided: 0,
                policy_at: None,
                first: change.first_comparison(true),
                newest: None,
                refused: Vec::new(),
                forgot_refused: false,
            });
            branch.decided = entry.sequence;
            if change.holds_policy {
                branch.policy_at = Some(entry.sequence);
            }
            match entry.decided.decision {
                RecordedOutcome::Allowed => {
                    branch.newest = Some((entry.sequence, change.new_point()));
                    // a server judges a push by the policy of the tip, which is what it takes back
                    let is_settled = match entry.decided.mode {
                        RecordedMode::PreReceive => true,
                        RecordedMode::Check | RecordedMode::Run => change.settles_refused,
                    };
                    if is_settled {
                        branch.refused = Vec::new();
                        branch.forgot_refused = false;
                    } else {
                        branch.add_asked_too(change);
                    }
                }
                RecordedOutcome::Refused => {
                    branch.add_refused(entry, change);
                    branch.add_asked_too(change);
                }
            }
        }
    }

    /// Forgets the branches that were decided about least recently, if there are too many.
    fn forget(&mut self) {
        // what was only refused makes nothing be forgotten that was allowed
        for is_allowed in [true, false] {
            let is_meant =
                |_: &str, branch: &BranchStates| branch.policy_at.is_none() && branch.newest.is_some() == is_allowed;
            self.forgot_branches |= self.branches.forget(is_meant, |branch| branch.decided, |_| {});
        }
    }
}

impl BranchStates {
    /// Adds what a job refused: it may be on the branch nevertheless, and its policy be another. What a server refused is not on it.
    fn add_refused(&mut self, entry: &RecordEntry, change: &RecordedChange) {
        let point = change.new_point();
        let in_force = self.newest.as_ref().map_or(&self.first.base, |(_, allowed)| allowed).commit.as_ref();
        let is_known = change.keeps_policy && in_force.is_some() && in_force == entry.decided.policy_commit.as_ref();
        let is_on_branch = match entry.decided.mode {
            RecordedMode::Check | RecordedMode::Run => true,
            RecordedMode::PreReceive => false,
        };
        if is_on_branch && !is_known {
            self.keep_refused(point);
        }
    }

    /// Adds what was asked besides and is not taken back by what was allowed: the next change may be one on top of what takes it back.
    fn add_asked_too(&mut self, change: &RecordedChange) {
        for commit in &change.asked_too {
            self.keep_refused(Point { commit: Some(commit.clone()), tree: None });
        }
    }

    fn keep_refused(&mut self, point: Point) {
        let is_there = self.refused.iter().any(|known| known.commit == point.commit);
        if self.policy_at.is_none() || point.commit.is_none() || is_there {
            return;
        }
        if self.refused.len() >= MOST_REFUSED {
            self.forgot_refused = true;
        } else {
            self.refused.push(point);
        }
    }
}

/// Returns whether a change goes to its environments by a decision, if that allows it.
fn went_out(entry: &RecordEntry, change: &RecordedChange) -> bool {
    !change.proposed || (change.deployed && entry.decided.mode == RecordedMode::Check)
}

impl EnvironmentStates {
    /// Adds what a decision compared, and whether that was all that it compared; returns whether it made a state, for the
    /// repository that it names.
    fn add(&mut self, entry: &RecordEntry, (change, judged): (&RecordedChange, JudgedPart<'_>), is_only: bool) -> bool {
        let chain = Chain::of_change(change, entry.decided.mode).name();
        let (mut is_state, brought) = (false, self.brought.filter(|_| is_only));
        for scope in self.refs.scopes(entry, &chain) {
            // a proposal is compared with what its target, or another ref, brought here
            let is_from_known = change.proposed && self.is_any_at(&scope, change, judged.tree_wide);
            let known = self.refs.known_or(&scope, &chain, || RefStates {
                decided: 0,
                first: change.first_comparison(judged.tree_wide),
                first_tree_wide: None,
                states: StateList::default(),
                policy: String::new(),
            });
            let (made, forgotten) = known.add(entry, (change, judged), (brought, is_from_known));
            is_state = made;
            self.complete_since = self.complete_since.max(forgotten);
        }
        if is_state {
            self.brought = is_only.then_some(entry.sequence);
        }
        is_state
    }

    /// Returns whether a change was compared with the newest state, of which as much was judged, of any chain.
    fn is_any_at(&self, scope: &String, change: &RecordedChange, is_tree_wide: bool) -> bool {
        let extent = if is_tree_wide { Extent::Tree } else { Extent::Paths };
        let newest = self.refs.all_told(Some(scope)).filter_map(|(_, known)| known.newest(extent));
        newest.map(|(_, (_, tree))| tree).any(|tree| tree == change.base_tree.as_deref())
    }

    /// Those of the commits that are still the last states of their refs, once all of a decision is added.
    fn still_last(
        &self,
        entry: &RecordEntry,
        mut whole: BTreeMap<String, Option<String>>,
    ) -> BTreeMap<String, Option<String>> {
        let scope = entry.decided.repository.as_deref().unwrap_or_default();
        whole.retain(|key, reference| {
            let commit = key.split_once(' ').map_or(key.as_str(), |(commit, _)| commit);
            let mode = entry.decided.mode;
            let chain = Chain { reference: reference.as_deref(), narrowed: None, mode, proposed: false };
            let known = self.refs.own(scope, &chain.name());
            let last = known.and_then(|known| known.states.back());
            last.is_some_and(|last| last.sequence == entry.sequence && last.point.0 == Some(commit))
        });
        whole
    }

    /// Forgets the refs that were decided about least recently, if there are too many.
    fn forget(&mut self) {
        // what was only refused makes nothing be forgotten that was allowed
        for (is_branch, is_allowed) in [(true, true), (true, false), (false, true), (false, false)] {
            let is_meant = |name: &str, known: &RefStates| {
                name.starts_with(BRANCHES) == is_branch && known.states.is_empty() != is_allowed
            };
            let complete_since = &mut self.complete_since;
            let forgot = self.refs.forget(
                is_meant,
                |known| known.decided,
                |known| {
                    *complete_since = (*complete_since).max(known.states.back().map(|state| state.at));
                },
            );
            if is_branch {
                self.forgot_branches |= forgot;
            } else {
                self.forgot_others |= forgot;
            }
        }
    }
}
