//! What may be shown and said of the kind of a change, and which windows stop such a change.
//!
//! A window stops a change if some kind of the change is among its `kinds` and some kind is not among its `exempt`. Both
//! stay true when more kinds are said. So where a change of many kinds is allowed, one of at most two of the said kinds
//! is allowed as well, and it is enough to look at those (and at no kind, which meets every freeze).

use std::collections::BTreeSet;

use crate::policy::{Kind, KindSet, Policy};

/// The known facts about the kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct KindState {
    /// The kinds of the target that shows the change; `None` if it is only said where the change goes.
    pub(super) shown: Option<KindSet>,
    /// The kinds that are said, without [`Kind::Rollback`].
    pub(super) said: KindSet,
    /// True if it is said to be a rollback.
    pub(super) said_rollback: bool,
    /// True if it is shown to be a rollback.
    pub(super) is_rollback: bool,
}

impl KindState {
    /// A change of no kind of which only the goal is said: every window stops it.
    pub(super) const PLAIN: Self = Self { shown: None, said: KindSet::NONE, said_rollback: false, is_rollback: false };

    /// The kinds that are shown, as [`crate::policy::Target::kinds`] and a verified rollback show them.
    fn reached(self) -> KindSet {
        let kinds = self.shown.unwrap_or(KindSet::NONE);
        if self.is_rollback { kinds.with(Kind::Rollback) } else { kinds }
    }

    /// All kinds that are shown or said.
    pub(super) fn all(self) -> KindSet {
        self.reached().union(self.said)
    }

    /// The same, shown by a target of these kinds; `None` if only the goal is said.
    pub(super) const fn shown_by(self, shown: Option<KindSet>) -> Self {
        Self { shown, ..self }
    }

    /// Returns whether a window of these `kinds` (`None` for every kind) and `exempt` kinds stops such a change.
    pub(super) fn is_stopped_by(self, kinds: Option<KindSet>, exempt: KindSet) -> bool {
        self.meets(kinds) && !self.is_exempt(exempt)
    }

    fn meets(self, kinds: Option<KindSet>) -> bool {
        let Some(kinds) = kinds else {
            return true;
        };
        let known = if self.shown.is_none() && !self.said_rollback { self.said } else { self.reached() };
        known.without(Kind::Rollback).is_empty() || kinds.meets(known.union(self.said))
    }

    fn is_exempt(self, exempt: KindSet) -> bool {
        let reached = self.reached();
        let shown = if self.is_rollback { KindSet::ROLLBACK } else { reached };
        !shown.is_empty() && shown.union(self.said).is_subset_of(exempt)
    }
}

/// The kinds that a comparison has to distinguish: those that either policy mentions, and one of all others.
pub(super) fn told_apart(old: &Policy, new: &Policy) -> Vec<Kind> {
    let alike = alike(old, new);
    let can_be_said = || Kind::ALL.into_iter().filter(|kind| *kind != Kind::Rollback);
    can_be_said().filter(|kind| !alike.contains(*kind)).chain(alike.iter().next()).collect()
}

/// The kinds that can be said and that neither policy mentions: the first stands for all.
pub(super) fn alike(old: &Policy, new: &Policy) -> KindSet {
    let mut mentioned = KindSet::NONE;
    for policy in [old, new] {
        for environment in &policy.environments {
            mentioned = mentioned.union(environment.exempt);
        }
        for freeze in &policy.freezes {
            mentioned = mentioned.union(freeze.exempt).union(freeze.kinds.unwrap_or(KindSet::NONE));
        }
        for target in &policy.targets {
            mentioned = mentioned.union(target.kinds);
        }
    }
    Kind::ALL.into_iter().filter(|kind| *kind != Kind::Rollback && !mentioned.contains(*kind)).collect()
}

/// The states of a change that is `shown` by a target of these kinds, or only said to go somewhere: the plainest first.
pub(super) fn states(shown: Option<KindSet>, kinds: &[Kind]) -> Vec<KindState> {
    let mut sets: BTreeSet<(usize, Vec<Kind>)> = BTreeSet::from([(0, Vec::new())]);
    for (index, first) in kinds.iter().enumerate() {
        sets.insert((1, vec![*first]));
        sets.extend(kinds.iter().skip(index + 1).map(|second| (2, vec![*first, *second])));
    }
    let mut states = Vec::new();
    for is_rollback in [false, true] {
        for (size, set) in &sets {
            // what is only said exempts nothing, so that one kind is enough to meet a freeze
            if shown.is_none() && !is_rollback && *size > 1 {
                continue;
            }
            let said: KindSet = set.iter().copied().collect();
            let state = KindState { shown, said, said_rollback: false, is_rollback };
            states.push(state);
            if shown.is_none() && is_rollback {
                states.push(KindState { said_rollback: true, ..state });
            }
        }
    }
    states
}
