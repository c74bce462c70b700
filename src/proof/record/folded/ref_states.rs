//! One more decision about one ref of an environment.

use std::collections::BTreeSet;

use super::super::{RecordEntry, RecordedChange, RecordedMode, RecordedOutcome};
use super::kept_state::{KeptState, Point};
use super::known::RefStates;
use super::limits::{MOST_FORMER_STATES, WITHIN};
use super::states::{StateList, StateView};
use super::{Extent, JudgedBy};
use crate::policy::Kind;
use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// The part of a tree that was judged for an environment, and by what.
#[derive(Clone, Copy)]
pub(super) struct JudgedPart<'e> {
    /// All of it, with nothing narrowed.
    pub(super) plain: bool,
    /// All of it.
    pub(super) tree_wide: bool,
    /// By this policy, see [`JudgedBy`].
    pub(super) policy: &'e str,
}

impl RefStates {
    /// Adds what a decision compared; returns whether it made a state, and up to when states had to be forgotten. `brought` is the
    /// number of the last decision that made a state of the environment, if no other can have come between that and this one; with it, whether
    /// the change was compared with the newest state of another chain that it comes after.
    pub(super) fn add(
        &mut self,
        entry: &RecordEntry,
        (change, judged): (&RecordedChange, JudgedPart<'_>),
        (brought, is_from_known): (Option<u64>, bool),
    ) -> (bool, Option<Instant>) {
        let decided = &entry.decided;
        self.decided = entry.sequence;
        let extent = if judged.tree_wide { Extent::Tree } else { Extent::Paths };
        if judged.tree_wide && self.first(extent).is_none() {
            self.first_tree_wide = Some(change.first_comparison(true));
        }
        let first = self.first(extent).filter(|first| !first.everything);
        let follows = match (decided.mode, self.newest(extent)) {
            (RecordedMode::PreReceive, _) => true,
            // its command may not have started
            (RecordedMode::Run, _) => false,
            (RecordedMode::Check, _) if change.everything || is_from_known => true,
            (RecordedMode::Check, Some((_, (_, tree)))) => change.base_tree.as_deref() == tree,
            (RecordedMode::Check, None) => first.is_some_and(|first| change.base_tree == first.base.tree),
        };
        match decided.decision {
            RecordedOutcome::Allowed if follows => {}
            RecordedOutcome::Allowed | RecordedOutcome::Refused => return (false, None),
        }
        let rollback = decided.kinds.contains(Kind::Rollback);
        let (point, base) = (change.new_point(), change.old());
        if let Some(last) = self.states.back()
            && decided.mode == RecordedMode::Check
            && brought == Some(last.sequence)
            && last.rollback == rollback
            && last.point == point.view()
            && base == point
            && JudgedBy::is_same(&self.policy, judged.policy)
            && let Some(last) = self.states.back_mut()
        {
            // deployed once more
            last.sequence = entry.sequence;
            last.plain |= judged.plain;
            last.tree_wide = (last.tree_wide || judged.tree_wide) && !last.plain;
            return (true, None);
        }
        let is_next = self.states.back().is_some_and(|last| last.point == base.view());
        // what git turned down before is not there
        let has_base = self.states.back().is_some_and(|last| last.point.1 == base.tree.as_deref());
        let is_after = decided.mode == RecordedMode::Check || has_base;
        let is_repeated = |last: StateView<'_>| brought == Some(last.sequence) && last.point.1 == point.tree.as_deref();
        let repeats = is_after && self.states.back().is_some_and(is_repeated);
        let is_by_the_same = !self.states.is_empty() && JudgedBy::is_same(&self.policy, judged.policy);
        if !is_by_the_same {
            judged.policy.clone_into(&mut self.policy);
        }
        self.states.push_back(KeptState {
            sequence: entry.sequence,
            at: decided.at,
            rollback,
            plain: judged.plain,
            tree_wide: judged.tree_wide && !judged.plain,
            repeats,
            scope: change.scope.clone(),
            policy: (!is_by_the_same).then(|| judged.policy.to_owned()),
            commit: point.commit,
            tree: point.tree,
            base: (!is_next).then_some(base),
            seen: None,
        });
        (true, self.drop_old(decided.at.saturating_sub(decided.rollback_within.unwrap_or(WITHIN))))
    }

    /// Drops, of the states that were replaced before `since`, those that repeat the one before them, and the oldest beyond
    /// [`MOST_FORMER_STATES`]; returns up to when states had to be forgotten that were replaced later than `since`.
    ///
    /// The others stay at any age: what was once taken back must not be taken for new, see [`crate::proof::rollback`].
    ///
    /// Never dropped are the last state, the last one that differs from it, the one that replaced that, and the last one of which all of
    /// the tree was judged: it is what the next is compared with.
    fn drop_old(&mut self, since: Instant) -> Option<Instant> {
        self.drop_the_same(since);
        let length = self.states.len();
        if length <= MOST_FORMER_STATES {
            return None;
        }
        let (mut forgotten, mut begin) = (None, 0_usize);
        for place in self.never_dropped() {
            let place_now = |list: &StateList| place.saturating_sub(length.saturating_sub(list.len()));
            forgotten = forgotten.max(self.drop_between(begin, place_now(&self.states), since));
            begin = place_now(&self.states).saturating_add(1);
        }
        forgotten
    }

    fn never_dropped(&self) -> BTreeSet<usize> {
        let last = self.states.back().map(|last| last.point.1);
        let former = self.states.rposition(|state| last.is_some_and(|last| state.point.1 != last));
        let replaced_it = former.map_or(0, |former| former.saturating_add(1));
        // without a state of the whole tree there is nothing to search for
        let is_any = self.first(Extent::Tree).is_some();
        let tree_wide = is_any.then(|| self.states.rposition(|state| state.is_tree_wide())).flatten();
        let kept = [former, Some(replaced_it), tree_wide, self.states.len().checked_sub(1)];
        kept.into_iter().flatten().collect()
    }

    /// Drops those of the same tree as the one before them, without anything else between the two, that became as old as that with the last state.
    fn drop_the_same(&mut self, since: Instant) {
        let Some(last) = self.states.len().checked_sub(1) else {
            return;
        };
        let at = |list: &StateList, place: usize| list.at(place).unwrap_or(Instant::MAX);
        let passed = at(&self.states, last).since(at(&self.states, last.saturating_sub(1)));
        let was_since = since.saturating_sub(passed.max(Seconds::ZERO));
        // each was replaced when the next was allowed
        let (mut place, mut end) = (0, last);
        while place < end {
            let middle = place.midpoint(end);
            if at(&self.states, middle.saturating_add(1)) < since {
                place = middle.saturating_add(1);
            } else {
                end = middle;
            }
        }
        let mut kept = None;
        while let Some(before) = place.checked_sub(1)
            && at(&self.states, place) >= was_since
        {
            place = before;
            let tree = |place: usize| self.states.get(place).map(|state| state.point.1);
            let repeats = self.states.get(place).is_some_and(|state| state.repeats);
            if place > 0 && repeats && tree(place) == tree(place.saturating_sub(1)) {
                let kept = kept.get_or_insert_with(|| self.never_dropped());
                if !kept.contains(&place) {
                    self.remove(place, place.saturating_add(1));
                }
            }
        }
    }

    /// Drops states from `begin` on, up to `end`, as long as there are too many.
    fn drop_between(&mut self, begin: usize, end: usize, since: Instant) -> Option<Instant> {
        let mut old = begin;
        let mut forgotten = None;
        while old < end
            && let Some(replaced) = self.states.at(old.saturating_add(1))
        {
            let dropped = old.saturating_sub(begin);
            if self.states.len().saturating_sub(dropped) <= MOST_FORMER_STATES {
                break;
            }
            if replaced >= since {
                forgotten = forgotten.max(Some(replaced));
            }
            old = old.saturating_add(1);
        }
        self.remove(begin, old);
        forgotten
    }

    /// Removes states from `begin` on, before `end`.
    fn remove(&mut self, begin: usize, end: usize) {
        if end <= begin {
            return;
        }
        let policy = (0..end).rev().find_map(|place| self.states.get(place)?.policy).map(str::to_owned);
        // what the next was compared with, and judged by, is not that of the state before it any more
        if let Some(before) = self.states.get(end.saturating_sub(1)).map(|state| Point::of(state.point))
            && let Some(next) = self.states.get_mut(end)
        {
            next.base.get_or_insert(before);
            next.policy = next.policy.take().or(policy);
        }
        self.states.drain(begin..end);
    }
}
