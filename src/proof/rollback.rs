//! Whether a change is a rollback: earned by returning to the state before the current one, and by nothing else.
//!
//! What a state is, [`FormerState`] says, and whoever knows the trees says how two of them differ, through [`Compare`]. The
//! decision itself is here, and pure. "Equal" is on the paths in question: those of the targets that the change reaches, all
//! where these have none.
//!
//! States that follow each other and are equal on those paths are one and the same. Of the states then
//!
//! - the one just before the current one is the only one to return to: what was undone between older ones is not undone by
//!   going past it;
//! - it may have been replaced at most `[rollback] within` ago, counted from the instant at which the state after it was
//!   allowed: a state that runs for years and is replaced now can be returned to for all of `within`;
//! - it must never have been rolled back from: no state that came right after it, at any time, may have put back on any of
//!   the paths what an earlier state had there, or what may have been there before all states. So an undo of an undo is none, nor is the second half of two pushes whose
//!   net change is empty.
//!
//! A rollback that was allowed may be tried again, as when the deployment behind it failed.
//!
//! The work is linear: each pair of neighbours in the history is walked a fixed number of times, and what would take more than
//! the bounds of whoever compares is not shown to be a rollback.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

mod former_state;
mod missing;
mod obstacle;

pub use former_state::Return;
pub use missing::Missing;
pub use obstacle::Obstacle;

use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// The most states that are compared; a longer history shows no rollback.
pub const MOST_STATES: usize = 10_000;

/// The most paths whose earlier content is looked for; more show no rollback.
pub const MOST_PATHS: usize = 100_000;

/// A state that was allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormerState {
    /// The commit; `None` where there was nothing, as of a ref that was deleted.
    pub commit: Option<String>,
    /// The time when it was replaced, in seconds since 1970-01-01T00:00:00Z; `None` of the current one.
    pub until: Option<Instant>,
    /// True if it is known to have been allowed. What is only known to have been there can't be gone back to.
    pub allowed: bool,
    /// True if it was shown to be a rollback itself, when it was allowed: then the state before it was rolled back from.
    pub rollback: bool,
    /// True if it is what a ref was seen to hold. An allowed state before it that differs never landed, and is no former state.
    pub seen: bool,
}

/// One of the states that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComparedState {
    /// The former state of this place in the history.
    Former(usize),
    /// The new state.
    New,
}

/// The paths that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paths {
    /// Those in question.
    Asked,
    /// All, whether in question or not.
    All,
}

/// The content of a path, by a name that equal contents share; `None` where there is no such path.
pub type Content = Option<[u8; 24]>;

/// One path on which two states differ.
#[derive(Debug, Clone, Copy)]
pub struct Difference<'p> {
    /// The path: bytes that others chose.
    pub path: &'p [u8],
    /// The content of the first state there.
    pub one: Content,
    /// The content of the other there.
    pub other: Content,
}

/// Called for each path that differs, until it breaks off.
pub type VisitDifference<'v> = dyn FnMut(Difference<'_>) -> ControlFlow<()> + 'v;

/// The comparison of states on the paths in question.
pub trait Compare {
    /// Shows each path on which two states differ to `visit`, in one order, until it breaks off; none where they are equal.
    ///
    /// # Errors
    ///
    /// [`Obstacle`]: then nothing is shown to be a rollback.
    fn differences(
        &mut self,
        one: ComparedState,
        other: ComparedState,
        paths: Paths,
        visit: &mut VisitDifference<'_>,
    ) -> Result<(), Obstacle>;

    /// Shows at least those of `paths` on which two states differ, as [`Compare::differences`] shows all paths; others may be
    /// among what is shown.
    ///
    /// # Errors
    ///
    /// [`Obstacle`]: then nothing is shown to be a rollback.
    fn differences_on(
        &mut self,
        one: ComparedState,
        other: ComparedState,
        _paths: &[Vec<u8>],
        visit: &mut VisitDifference<'_>,
    ) -> Result<(), Obstacle> {
        self.differences(one, other, Paths::All, visit)
    }

    /// Returns whether a former state that was allowed was judged for all that the change reaches. One that was allowed for other paths, regions
    /// or services is not a state to go back to.
    ///
    /// # Errors
    ///
    /// [`Obstacle`]: then nothing is shown to be a rollback.
    fn was_judged_for_all(&mut self, former: usize) -> Result<bool, Obstacle>;

    /// Returns whether a former state is gone that was replaced longer ago than can be gone back to: nothing can be said of it any more.
    fn is_lost(&self, _former: usize) -> bool {
        false
    }

    /// Returns what a path may have held before any state that is known; nothing if all states are.
    ///
    /// # Errors
    ///
    /// [`Obstacle`]: then nothing is shown to be a rollback.
    fn held_before(&mut self, _path: &[u8]) -> Result<Vec<Content>, Obstacle> {
        Ok(Vec::new())
    }

    /// Returns whether content of this name may be a symbolic link, so that it depends on the content whether the path is in question.
    fn may_be_a_link(&self, _content: Content) -> bool {
        false
    }

    /// Returns a path for people, escaped.
    fn name(&self, path: &[u8]) -> String;
}

/// The verdict on a rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rollback {
    /// It is: it returns to this state.
    Shown(Return),
    /// It is not.
    NotShown(Missing),
}

/// Returns whether the change is a return to the state before the current one, which is the last of `history`. `within` is in seconds,
/// `at` in seconds since 1970-01-01T00:00:00Z.
pub fn judge(history: &[FormerState], compare: &mut impl Compare, at: Instant, within: Seconds) -> Rollback {
    Trace::of(history, compare).at(at, within)
}

/// The known facts about a change and the states before it at any time: all that takes long to find out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace(Result<ReturnTarget, Missing>);

/// The one state that a change could return to.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ReturnTarget {
    commit: String,
    /// The time when it was replaced, in seconds since 1970-01-01T00:00:00Z.
    replaced: Instant,
    /// A path on which it was rolled back from.
    rolled_back_from: Option<String>,
    /// A path on which the change differs from it.
    differs: Option<String>,
}

impl Trace {
    /// Compares a change with the states before it. It makes at most three walks between each state and the next, and one
    /// between each state and the one that could be returned to.
    pub fn of(history: &[FormerState], compare: &mut impl Compare) -> Self {
        Self(before(history, compare))
    }

    /// Returns whether the change is a rollback at `at`, in seconds since 1970-01-01T00:00:00Z, with `within` in seconds.
    #[must_use]
    pub fn at(&self, at: Instant, within: Seconds) -> Rollback {
        match self.returns(at, within) {
            Ok(state) => Rollback::Shown(state),
            Err(missing) => Rollback::NotShown(missing),
        }
    }

    fn returns(&self, at: Instant, within: Seconds) -> Result<Return, Missing> {
        let ReturnTarget { commit, replaced, rolled_back_from, differs } = self.0.clone()?;
        let ago = at.since(replaced);
        if ago < Seconds::ZERO {
            return Err(Missing::Clock);
        }
        if ago > within {
            return Err(Missing::TooOld { commit, ago, within });
        }
        if let Some(path) = rolled_back_from {
            return Err(Missing::RolledBackFrom { commit, at: path });
        }
        let state = Return { commit, until: replaced.saturating_add(within).saturating_add(Seconds::new(1)) };
        match differs {
            None => Ok(state),
            Some(path) => Err(Missing::Differs { from: state, at: path }),
        }
    }
}

fn before(history: &[FormerState], compare: &mut impl Compare) -> Result<ReturnTarget, Missing> {
    if history.len() > MOST_STATES {
        let limit = u64::try_from(MOST_STATES).unwrap_or(u64::MAX);
        return Err(Missing::TooMuch { what: "former states", limit });
    }
    let places = landed(history, compare)?;
    let mut history = LandedStates { places: &places, states: history, compare };
    history.leave_out_the_same()?;
    let current = history.places.len().checked_sub(1).ok_or(Missing::NoHistory)?;
    if history.state(current)?.seen && history.newest_allowed(current, AllowedFor::Somehow)?.is_none() {
        return Err(Missing::Gap);
    }
    let mut index = None;
    for place in (0..current).rev() {
        if !history.same(place, place.saturating_add(1))? {
            index = Some(place);
            break;
        }
    }
    let index = index.ok_or(Missing::NoFormerState)?;
    let replaced = history.state(index)?;
    if replaced.commit.is_none() {
        return Err(Missing::Nothing);
    }
    // the states between are equal to the current one
    let replaced = replaced.until.ok_or(Missing::NoFormerState)?;
    let former = history.newest_allowed(index, AllowedFor::Somehow)?.ok_or(Missing::NoFormerState)?;
    let commit = history.state(former)?.commit.clone().ok_or(Missing::Nothing)?;
    let differs = history.first(ComparedState::New, history.side(index)?)?;
    let allowed = match history.newest_allowed(index, AllowedFor::ForAll) {
        Ok(Some(allowed)) => allowed,
        Ok(None) => return Err(Missing::JudgedForLess { commit, goes_back: differs.is_none() }),
        Err(Missing::Unreadable(cause)) if differs.is_none() => return Err(Missing::JudgeUnreadable { commit, cause }),
        Err(missing) => return Err(missing),
    };
    let commit = history.state(allowed)?.commit.clone().ok_or(Missing::Nothing)?;
    // what differs is no rollback anyway
    let rolled_back_from = history.rolled_back_from(index, differs.is_none())?;
    Ok(ReturnTarget { commit, replaced, rolled_back_from, differs })
}

/// The places of the states that landed: what a ref was seen to hold proves that of the one before it, or the opposite.
fn landed(history: &[FormerState], compare: &mut impl Compare) -> Result<Vec<usize>, Missing> {
    let mut places: Vec<usize> = Vec::with_capacity(history.len());
    for (place, state) in history.iter().enumerate() {
        if compare.is_lost(place) {
            continue;
        }
        while state.seen
            && let Some(last) = places.last()
            && !history.get(*last).is_some_and(|last| last.seen)
            && first(compare, ComparedState::Former(*last), ComparedState::Former(place))?.is_some()
        {
            places.pop();
        }
        places.push(place);
    }
    Ok(places)
}

/// A path in question on which two states differ.
fn first(compare: &mut impl Compare, one: ComparedState, other: ComparedState) -> Result<Option<String>, Missing> {
    let mut found: Option<Vec<u8>> = None;
    compare.differences(one, other, Paths::Asked, &mut |difference| {
        found = Some(difference.path.to_vec());
        ControlFlow::Break(())
    })?;
    Ok(found.map(|path| compare.name(&path)))
}

/// For what a state was allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AllowedFor {
    /// For whatever.
    Somehow,
    /// For all that the change reaches.
    ForAll,
}

/// States that landed, the oldest first, with how they differ.
struct LandedStates<'h, C> {
    /// The place where in `states` they stand.
    places: &'h [usize],
    states: &'h [FormerState],
    compare: &'h mut C,
}

impl<C: Compare> LandedStates<'_, C> {
    fn state(&self, index: usize) -> Result<&FormerState, Missing> {
        let place = self.places.get(index).ok_or(Missing::NoFormerState)?;
        self.states.get(*place).ok_or(Missing::NoFormerState)
    }

    fn side(&self, index: usize) -> Result<ComparedState, Missing> {
        self.places.get(index).copied().map(ComparedState::Former).ok_or(Missing::NoFormerState)
    }

    fn first(&mut self, one: ComparedState, other: ComparedState) -> Result<Option<String>, Missing> {
        first(self.compare, one, other)
    }

    fn same(&mut self, one: usize, other: usize) -> Result<bool, Missing> {
        Ok(one == other || self.first(self.side(one)?, self.side(other)?)?.is_none())
    }

    /// Returns whether a state was allowed, so judged.
    fn is_allowed(&mut self, index: usize, judged: AllowedFor) -> Result<bool, Missing> {
        Ok(self.state(index)?.allowed
            && match (judged, self.places.get(index)) {
                (AllowedFor::ForAll, Some(place)) => self.compare.was_judged_for_all(*place)?,
                (AllowedFor::ForAll | AllowedFor::Somehow, _) => true,
            })
    }

    /// The newest state that was allowed, so judged, among `index` and those right before it that are equal to it.
    fn newest_allowed(&mut self, index: usize, judged: AllowedFor) -> Result<Option<usize>, Missing> {
        let mut place = index;
        while !self.is_allowed(place, judged)? {
            let Some(earlier) = place.checked_sub(1) else {
                return Ok(None);
            };
            if !self.same(earlier, place)? {
                return Ok(None);
            }
            place = earlier;
        }
        Ok(Some(place))
    }

    /// Leaves out the very rollback that is judged, where it was allowed already: a job that failed after it was, and runs
    /// again, is the same way back. It counts for no longer than it did.
    fn leave_out_the_same(&mut self) -> Result<(), Missing> {
        while let [rest @ .., last] = self.places
            && self.states.get(*last).is_some_and(|state| state.rollback)
            && self.first(ComparedState::New, ComparedState::Former(*last))?.is_none()
        {
            self.places = rest;
        }
        Ok(())
    }

    /// Returns which of the states up to `index` are equal to it.
    ///
    /// Neighbours are compared, from `index` on backwards, because states that are far apart differ in much that is not in question.
    fn equal_to(&mut self, index: usize) -> Result<Vec<bool>, Missing> {
        let mut equal = vec![true];
        let mut since = Since::default();
        for place in (0..index).rev() {
            let (one, other) = (self.side(place)?, self.side(place.saturating_add(1))?);
            let mut links: Vec<(Vec<u8>, [Content; 2])> = Vec::new();
            self.compare.differences(one, other, Paths::Asked, &mut |difference| {
                links.push((difference.path.to_vec(), [difference.one, difference.other]));
                if links.len() > MOST_PATHS { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            for (path, contents) in links {
                let is_link = contents.into_iter().any(|content| self.compare.may_be_a_link(content));
                since.add(path, contents, is_link);
            }
            let is_equal = if since.paths.len() > MOST_PATHS || since.is_unclear() {
                self.same(place, index)?
            } else {
                since.differing.is_empty()
            };
            equal.push(is_equal);
        }
        equal.reverse();
        Ok(equal)
    }

    /// A path on which what came after the state `index`, whenever that was the state, put back what an earlier one had; or what was there before
    /// all states, if that counts.
    fn rolled_back_from(&mut self, index: usize, counts_before: bool) -> Result<Option<String>, Missing> {
        let mut equal = self.equal_to(index)?;
        // the one after `index` differs from it
        equal.push(false);
        let ends = equal.windows(2).enumerate().filter(|(_, pair)| matches!(pair, [true, false]));
        let ends: Vec<usize> = ends.map(|(place, _)| place).collect();
        let mut paths: HashMap<Vec<u8>, Path> = HashMap::new();
        for place in &ends {
            let is_rollback = self.state(place.saturating_add(1))?.rollback;
            let (one, other) = (self.side(*place)?, self.side(place.saturating_add(1))?);
            let (mut any, mut is_too_much): (Option<Vec<u8>>, bool) = (None, false);
            self.compare.differences(one, other, Paths::Asked, &mut |difference| {
                if is_rollback {
                    any = Some(difference.path.to_vec());
                    return ControlFlow::Break(());
                }
                if paths.len() >= MOST_PATHS && !paths.contains_key(difference.path) {
                    is_too_much = true;
                    return ControlFlow::Break(());
                }
                let path = paths.entry(difference.path.to_vec()).or_default();
                path.ends.insert(*place);
                path.former = difference.one;
                ControlFlow::Continue(())
            })?;
            if let Some(path) = any {
                return Ok(Some(self.compare.name(&path)));
            }
            if is_too_much {
                let limit = u64::try_from(MOST_PATHS).unwrap_or(u64::MAX);
                return Err(Missing::TooMuch { what: "paths that were changed after the state before", limit });
            }
        }
        let Some(last) = ends.last() else {
            return Ok(None);
        };
        if counts_before {
            for (path, known) in &mut paths {
                let before = self.compare.held_before(path)?;
                // what goes back to what was there then, too, undoes nothing newer
                if !before.contains(&known.former) {
                    known.had.extend(before);
                }
            }
        }
        let mut sorted: Vec<Vec<u8>> = paths.keys().cloned().collect();
        sorted.sort_unstable();
        for place in 0..=*last {
            let mut put_back: Option<Vec<u8>> = None;
            let (one, other) = (self.side(place)?, self.side(place.saturating_add(1))?);
            self.compare.differences_on(one, other, &sorted, &mut |difference| {
                let Some(path) = paths.get_mut(difference.path) else {
                    return ControlFlow::Continue(());
                };
                path.had.insert(difference.one);
                if path.ends.contains(&place) && path.had.contains(&difference.other) {
                    put_back = Some(difference.path.to_vec());
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })?;
            if let Some(path) = put_back {
                return Ok(Some(self.compare.name(&path)));
            }
        }
        Ok(None)
    }
}

/// The known facts about a path that the state before was changed on.
#[derive(Default)]
struct Path {
    /// The places of the states after which it was changed.
    ends: HashSet<usize>,
    /// What it holds in them.
    former: Content,
    /// Everything that it held so far.
    had: HashSet<Content>,
}

/// The way in which an earlier state differs from a later one, by what changed between neighbours.
#[derive(Default)]
struct Since {
    /// Everything that the later state has, of each path that changed.
    paths: HashMap<Vec<u8>, Content>,
    /// The paths on which the earlier one differs.
    differing: HashSet<Vec<u8>>,
    /// The paths that were links.
    links: HashSet<Vec<u8>>,
}

impl Since {
    /// Adds that a path has the first content before, and the other after.
    fn add(&mut self, path: Vec<u8>, [before, after]: [Content; 2], is_link: bool) {
        if is_link {
            self.links.insert(path.clone());
        }
        let later = *self.paths.entry(path.clone()).or_insert(after);
        if later == before {
            self.differing.remove(&path);
        } else {
            self.differing.insert(path);
        }
    }

    /// Returns whether it differs on nothing but paths of which not each content may be in question.
    fn is_unclear(&self) -> bool {
        !self.differing.is_empty() && self.differing.is_subset(&self.links)
    }
}
