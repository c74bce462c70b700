//! What a folded record shows: the base of the next change, the states before it, and what is current.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Decided, RecordedMode};
use super::known::{BRANCHES, EnvironmentStates, FirstComparison, RefStates, whole_name};
use super::states::{PointView, StateView};
use super::{Chain, Current, Extent, Folded, JudgedBy, RecordedBase, RecordedState};

use crate::time::instant::Instant;

/// Returns whether two decisions may be about the same part of an environment, by what narrows them (see
/// [`RecordedChange::narrowed`](super::super::RecordedChange::narrowed)): not if both name regions, or both services, and none in common.
///
/// `is_defined` says of a word, such as `region=eu`, whether the policy still defines what it names. What it does not define may have
/// been renamed, and so be any other.
///
/// ```
/// use freezegate::proof::record::narrowings_overlap;
///
/// let both = |word: &str| ["region=eu", "region=us", "service=api"].contains(&word);
/// assert!(narrowings_overlap(None, Some("region=eu"), &both));
/// assert!(narrowings_overlap(Some("region=eu"), Some("region=eu region=us service=api"), &both));
/// assert!(!narrowings_overlap(Some("region=eu"), Some("region=us"), &both));
/// // the policy knows no `emea`: it may be what is now called `eu`
/// assert!(narrowings_overlap(Some("region=eu"), Some("region=emea"), &both));
/// ```
#[must_use]
pub fn narrowings_overlap(one: Option<&str>, other: Option<&str>, is_defined: &dyn Fn(&str) -> bool) -> bool {
    ["region=", "service="].into_iter().all(|key| {
        let [one, other] = [one, other].map(|narrowed| -> BTreeSet<&str> {
            let words = narrowed.into_iter().flat_map(|narrowed| narrowed.split(' '));
            words.filter(|word| word.starts_with(key)).collect()
        });
        let is_any = |words: &BTreeSet<&str>| words.is_empty() || !words.iter().all(|word| is_defined(word));
        is_any(&one) || is_any(&other) || !one.is_disjoint(&other)
    })
}

/// Returns whether a decision that `wide` narrows (see [`crate::proof::record::RecordedChange::narrowed`]) was about all that one is about which
/// `narrow` narrows.
///
/// ```
/// use freezegate::proof::record::narrowing_covers;
///
/// assert!(narrowing_covers(None, Some("region=eu")) && narrowing_covers(Some("region=eu region=us"), Some("region=eu")));
/// assert!(!narrowing_covers(Some("region=eu"), None) && !narrowing_covers(Some("kind=deploy"), Some("region=eu")));
/// ```
#[must_use]
pub fn narrowing_covers(wide: Option<&str>, narrow: Option<&str>) -> bool {
    let words = |narrowed: Option<&'_ str>| -> BTreeSet<String> {
        narrowed.into_iter().flat_map(|narrowed| narrowed.split(' ')).map(str::to_owned).collect()
    };
    let (wide, narrow) = (words(wide), words(narrow));
    let is_of = |word: &String, key: &str| word.starts_with(key);
    ["region=", "service=", "kind=", "only="].into_iter().all(|key| {
        let [wide, narrow] =
            [&wide, &narrow].map(|words| words.iter().filter(|word| is_of(word, key)).collect::<BTreeSet<_>>());
        wide.is_empty() || (!narrow.is_empty() && narrow.is_subset(&wide))
    })
}

impl Folded {
    /// Returns whether a repository that asks is told what entries of this one say.
    fn is_own(&self, repository: &str) -> bool {
        match &self.asked_by {
            Some(asking) => asking == repository || repository.is_empty(),
            None => true,
        }
    }

    /// Returns whether any enforced decision of the repository that asks is about an environment or a branch. What was asked as advice says nothing.
    #[must_use]
    pub fn tells_anything(&self) -> bool {
        let has_forgotten = |known: &EnvironmentStates| known.forgot_branches || known.forgot_others;
        self.forgot_branches
            || self.environments.values().any(has_forgotten)
            || self.environments().next().is_some()
            || self.branches.all_told(self.asked_by.as_ref()).next().is_some()
    }

    /// Returns when the first decision was made that is about the repository that asks, in seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub fn begins(&self) -> Option<Instant> {
        let own = self.repositories.iter().filter(|(repository, _)| self.is_own(repository));
        own.map(|(_, about)| about.begins).min()
    }

    /// Returns whether an administrator's policy decided about a change of the repository that asks: edits of its own policy may not have
    /// been judged then.
    #[must_use]
    pub fn has_unjudged_edits(&self) -> bool {
        self.repositories.iter().any(|(repository, about)| about.unjudged_edits && self.is_own(repository))
    }

    /// The newest instant of all decisions, in seconds since 1970-01-01T00:00:00Z; `None` if there is none yet.
    ///
    /// A system clock that is behind it is wrong, or was set back.
    #[must_use]
    pub const fn newest(&self) -> Option<Instant> {
        self.newest
    }

    /// The ids of the grants that decisions have spent.
    #[must_use]
    pub const fn spent(&self) -> &BTreeSet<String> {
        &self.spent
    }

    /// Returns whether a decision is not recorded, as it is a refused push of somebody who is over the limit, see
    /// [`MOST_REFUSALS_AN_HOUR`](super::super::MOST_REFUSALS_AN_HOUR).
    #[must_use]
    pub fn leaves_out(&self, decided: &Decided) -> bool {
        self.refusals.are_enough(decided)
    }

    /// The names of the environments that the record shows the repository of that asks.
    pub fn environments(&self) -> impl Iterator<Item = &str> {
        let is_told = |name: &&String| self.refs(name).next().is_some();
        self.environments.keys().filter(is_told).map(String::as_str)
    }

    /// The refs by which the repository that asks has changed an environment; `None` stands for decisions without a ref.
    pub fn refs_of(&self, environment: &str) -> impl Iterator<Item = Option<&str>> {
        self.refs(environment).map(|(chain, _)| chain.reference)
    }

    /// The refs of which a state of an environment is known that decisions of this mode allowed.
    pub fn refs_that_brought(&self, environment: &str, mode: RecordedMode) -> impl Iterator<Item = &str> {
        let brought =
            self.refs(environment).filter(move |(chain, known)| chain.mode == mode && !known.states.is_empty());
        brought.filter_map(|(chain, _)| chain.reference)
    }

    /// The chains of an environment with what is known, as the repository that asks is told.
    fn refs(&self, environment: &str) -> impl Iterator<Item = (Chain<'_>, &RefStates)> {
        let known = self.environments.get(environment).into_iter();
        known
            .flat_map(|known| known.refs.all_told(self.asked_by.as_ref()))
            .map(|(name, one)| (Chain::of_name(name), one))
    }

    fn known(&self, environment: &str, chain: Chain<'_>) -> Option<(Chain<'_>, &RefStates)> {
        let refs = &self.environments.get(environment)?.refs;
        let told = refs.told(self.asked_by.as_ref(), &chain.name(), |known| known.decided);
        told.map(|(name, known)| (Chain::of_name(name), known))
    }

    /// The states that were allowed for `environment` by the decisions of a chain: the oldest first.
    #[must_use]
    pub fn states(&self, environment: &str, chain: Chain<'_>) -> Vec<RecordedState<'_>> {
        self.known(environment, chain).map_or_else(Vec::new, |(chain, known)| known.told(chain))
    }

    /// Returns whether any state was allowed, see [`Folded::states`].
    #[must_use]
    pub fn has_states(&self, environment: &str, chain: Chain<'_>) -> bool {
        self.known(environment, chain).is_some_and(|(_, known)| !known.states.is_empty())
    }

    /// Returns what is known to have been allowed last, to compare the next change with that judges as much of the tree: the newest of
    /// [`Folded::states`] of which as much was judged, or, where there is none, what the first decision that judged as much was
    /// compared with.
    #[must_use]
    pub fn base(&self, environment: &str, chain: Chain<'_>, extent: Extent) -> RecordedBase<'_> {
        let known = self.known(environment, chain).map(|(_, known)| known);
        let told = known.and_then(|known| match known.newest(extent) {
            Some((sequence, point)) => Some(RecordedBase::at(point, Some(sequence))),
            None => known.first(extent).map(RecordedBase::of_first),
        });
        match told {
            Some(base) => base,
            None if self.may_have_forgotten(environment, chain.reference) => RecordedBase::Unknown,
            None => RecordedBase::Untold,
        }
    }

    fn may_have_forgotten(&self, environment: &str, reference: Option<&str>) -> bool {
        let is_branch = reference.is_some_and(|name| name.starts_with(BRANCHES));
        let known = self.environments.get(environment);
        known.is_some_and(|known| if is_branch { known.forgot_branches } else { known.forgot_others })
    }

    /// Since when nothing is forgotten of an environment that a rollback would have to know, in seconds since
    /// 1970-01-01T00:00:00Z; `None` if nothing is.
    #[must_use]
    pub fn complete_since(&self, environment: &str) -> Option<Instant> {
        self.environments.get(environment).and_then(|known| known.complete_since)
    }

    /// The newest state of a branch that was allowed for whatever environment, or for none: its policy is in force. Where none was,
    /// what the first decision about the branch was compared with.
    ///
    /// What such a decision was compared with does not matter: each holds the whole policy of its state against the one that was
    /// in force. A decision by an administrator's file does not, so it counts for nothing here.
    #[must_use]
    pub fn newest_of_branch(&self, branch: &str) -> RecordedBase<'_> {
        match self.branches.told(self.asked_by.as_ref(), branch, |known| known.decided).map(|(_, known)| known) {
            None if self.forgot_branches => RecordedBase::Unknown,
            None => RecordedBase::Untold,
            Some(known) => match &known.newest {
                Some((sequence, point)) => RecordedBase::at(point.view(), Some(*sequence)),
                None => RecordedBase::of_first(&known.first),
            },
        }
    }

    /// The commits of a branch that policies are read from that were refused since one was allowed, the oldest first: jobs judge what is
    /// on the branch already. `None` if there are more than are kept.
    #[must_use]
    pub fn refused_of_branch(&self, branch: &str) -> Option<Vec<&str>> {
        let known = self.branches.told(self.asked_by.as_ref(), branch, |known| known.decided).map(|(_, known)| known);
        let Some(known) = known else {
            return Some(Vec::new());
        };
        let commits = known.refused.iter().filter_map(|point| point.commit.as_deref());
        (!known.forgot_refused).then(|| commits.collect())
    }

    /// Returns what others brought `environment` to since this chain did: other refs, or decisions that were narrowed otherwise. For each
    /// way of narrowing it is the newest state that `counts`, and the newest that was only proposed, of which nobody knows whether it was
    /// deployed; left out if it equals what the chain is compared with, its newest of which all of the tree was judged. `None` if what
    /// others brought may have been forgotten.
    ///
    /// That a ref was deleted brought nothing.
    #[must_use]
    pub fn brought_elsewhere(
        &self,
        environment: &str,
        own: Chain<'_>,
        counts: &dyn Fn(&RecordedState<'_>) -> bool,
    ) -> Option<Vec<RecordedState<'_>>> {
        let known = self.known(environment, own);
        let compared = known.and_then(|(_, known)| known.newest(Extent::Tree)).map(|(_, (_, tree))| tree);
        let brought = known.and_then(|(chain, known)| known.newest_that(chain, counts));
        // what is forgotten was brought up to then
        let is_forgotten = |since: Instant| brought.is_none_or(|brought| brought.from <= since);
        if self.complete_since(environment).is_some_and(is_forgotten) {
            return None;
        }
        let differs = |state: &RecordedState<'_>| compared.is_none_or(|tree| state.tree != tree);
        // one decision may bring two states, of which nobody knows which came last
        let age = |state: &RecordedState<'_>| (state.sequence, differs(state));
        let mut newest: BTreeMap<(Option<&str>, bool), RecordedState<'_>> = BTreeMap::new();
        for (chain, known) in self.refs(environment).filter(|(chain, _)| *chain != own) {
            let way = (chain.narrowed, chain.proposed);
            if let Some(state) = known.newest_that(chain, counts)
                && newest.get(&way).is_none_or(|other| age(other) < age(&state))
            {
                newest.insert(way, state);
            }
        }
        newest.retain(|_, state| brought.is_none_or(|brought| state.sequence >= brought.sequence) && differs(state));
        Some(newest.into_values().collect())
    }

    /// Returns whether any state that `counts` was allowed for `environment` by another ref, or by a decision that was narrowed otherwise.
    #[must_use]
    pub fn is_brought_by_others(
        &self,
        environment: &str,
        own: Chain<'_>,
        counts: &dyn Fn(&RecordedState<'_>) -> bool,
    ) -> bool {
        let mut others = self.refs(environment).filter(|(chain, _)| *chain != own);
        others.any(|(chain, known)| known.newest_that(chain, counts).is_some())
    }

    /// The states that were allowed for `environment` by whatever ref and that `counts`, the oldest first: each is one of its own
    /// ref's [`Folded::states`], and stands until the next, by whatever ref.
    #[must_use]
    pub fn states_by_any_ref(
        &self,
        environment: &str,
        counts: &dyn Fn(&RecordedState<'_>) -> bool,
    ) -> Vec<RecordedState<'_>> {
        let all = self.refs(environment).flat_map(|(chain, known)| known.told(chain));
        let mut all: Vec<RecordedState<'_>> = all.filter(counts).collect();
        all.sort_by(|one, other| (one.sequence, one.reference).cmp(&(other.sequence, other.reference)));
        let after: Vec<Option<Instant>> = all.iter().skip(1).map(|state| Some(state.from)).chain([None]).collect();
        for (state, until) in all.iter_mut().zip(after) {
            state.until = until;
        }
        all
    }

    /// The newest state that a job deployed from a ref, to whatever environment, with nothing narrowed.
    #[must_use]
    pub fn newest_deployed_from(&self, reference: Option<&str>) -> Option<RecordedState<'_>> {
        let newest = self.environments.keys().filter_map(|name| {
            let (chain, known) = self.known(name, Chain::of_job(reference, None))?;
            known.newest_that(chain, &|state| state.is_tree_wide)
        });
        newest.max_by_key(|state| state.sequence)
    }

    /// Returns the commit of the policy of the newest decision that allowed something of the repository that asks; `None` if nothing was
    /// allowed, or by administrators' files alone.
    #[must_use]
    pub fn newest_policy_commit(&self) -> Option<&str> {
        let names = self.environments.keys();
        let all = names.flat_map(|name| self.refs(name)).filter_map(|(_, known)| known.newest_policy_commit());
        all.max().map(|(_, commit)| commit)
    }

    /// The branch that policies were last read from, of the repository that asks; `None` if none is known. It is another after the default
    /// branch was renamed.
    #[must_use]
    pub fn policy_branch(&self) -> Option<&str> {
        let all = self.branches.all_told(self.asked_by.as_ref());
        let newest = all.filter_map(|(name, known)| Some((known.policy_at?, name))).max();
        newest.map(|(_, name)| name)
    }

    /// Returns by what `environment` was last allowed to be brought to another state, by whatever ref, if that
    /// state is `commit`, its whole tree was judged, and it is one of `repository`: then nothing is new about the commit, if it
    /// landed.
    ///
    /// What was allowed before that, and replaced since, is `None`: to go back there is a change. So is an entry that does not
    /// name its repository.
    ///
    /// Of a commit that was not judged plainly, it holds for what is judged by the same `scope` alone.
    #[must_use]
    pub fn current_whole(
        &self,
        environment: &str,
        (commit, scope): (&str, Option<&str>),
        repository: Option<&str>,
    ) -> Option<Current<'_>> {
        let newest = self.environments.get(environment)?.newest.as_ref()?;
        if repository.is_none() || newest.repository.as_deref() != repository || !self.is_own(repository?) {
            return None;
        }
        let by_scope = || newest.whole.get(&whole_name(commit, Some(scope?)));
        let reference = newest.whole.get(commit).or_else(by_scope)?.as_deref();
        Some(Current { reference, judged_by: JudgedBy::of_text(&newest.policy) })
    }
}

impl RefStates {
    /// Returns what the first decision that judged as much of the tree was compared with.
    pub(super) fn first(&self, extent: Extent) -> Option<&FirstComparison> {
        match extent {
            Extent::Tree if self.first.paths => self.first_tree_wide.as_ref(),
            Extent::Tree | Extent::Paths => Some(&self.first),
        }
    }

    /// The newest state of which as much was judged: the number of its decision, and what it is.
    pub(super) fn newest(&self, extent: Extent) -> Option<(u64, PointView<'_>)> {
        let newest = match extent {
            Extent::Tree => self.states.get(self.states.rposition(|state| state.is_tree_wide())?)?,
            Extent::Paths => self.states.back()?,
        };
        Some((newest.sequence, newest.point))
    }

    /// The commit of the policy of the newest state that was not judged by an administrator's file, with the number of the decision.
    fn newest_policy_commit(&self) -> Option<(u64, &str)> {
        // a state without one was judged by that of the state before it
        let mut newest = None;
        (0..self.states.len()).rev().find_map(|place| {
            let state = self.states.get(place)?;
            let sequence = *newest.get_or_insert(state.sequence);
            let commit = JudgedBy::of_text(state.policy?).commit;
            newest = None;
            Some((sequence, commit?))
        })
    }

    /// The newest state that is there and `counts`; that of a ref which was deleted is the one before.
    fn newest_that<'f>(
        &'f self,
        chain: Chain<'f>,
        counts: &dyn Fn(&RecordedState<'_>) -> bool,
    ) -> Option<RecordedState<'f>> {
        let mut newest_first = (0..self.states.len()).rev().filter_map(|place| self.states.get(place));
        newest_first.find_map(|view| {
            let state = view.told(chain, None);
            (state.commit.is_some() && counts(&state)).then_some(state)
        })
    }

    fn told<'f>(&'f self, chain: Chain<'f>) -> Vec<RecordedState<'f>> {
        let mut told: Vec<RecordedState<'f>> = Vec::with_capacity(self.states.len());
        let mut policy = None;
        for state in self.states.iter() {
            let before = told.last_mut().map(|before| {
                before.until = Some(state.at);
                (before.commit, before.tree)
            });
            policy = state.policy.or(policy);
            told.push(RecordedState {
                judged_by: policy.map(JudgedBy::of_text).unwrap_or_default(),
                ..state.told(chain, before)
            });
        }
        told
    }
}

impl<'f> StateView<'f> {
    fn told(self, chain: Chain<'f>, before: Option<PointView<'f>>) -> RecordedState<'f> {
        let (base_commit, base_tree) = self.base.or(before).unwrap_or_default();
        let (commit, tree) = self.point;
        RecordedState {
            sequence: self.sequence,
            from: self.at,
            until: None,
            mode: chain.mode,
            is_proposed: chain.proposed,
            is_rollback: self.rollback,
            reference: chain.reference,
            narrowed: chain.narrowed,
            is_plain: self.plain,
            is_tree_wide: self.is_tree_wide(),
            scope: self.scope,
            judged_by: JudgedBy::default(),
            commit,
            tree,
            base_commit,
            base_tree,
            seen_next: self.seen,
        }
    }
}
