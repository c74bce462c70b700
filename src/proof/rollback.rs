//! Whether a change is a rollback: earned by returning to the state before the current one, and by nothing else.
//!
//! What a state is, [`State`] tells, and whoever knows the trees tells how two of them differ, through [`Compare`]. The
//! decision itself is here, and pure. "Equal" is on the paths in question: those of the targets that the change reaches, all
//! where these have none.
//!
//! States that follow each other and are equal on those paths are one and the same. Of the states then
//!
//! - the one just before the current one is the only one to return to: what was undone between older ones is not undone by
//!   going past it;
//! - it may have been replaced at most `[rollback] within` ago, counted from the instant at which the state after it was let
//!   through: a state that runs for years and is replaced now can be returned to for all of `within`;
//! - it must never have been rolled back from: no state that came right after it, at any time, may have put back on any of
//!   the paths what an earlier state had there. So an undo of an undo is none, nor is the second half of two pushes whose
//!   net change is empty.
//!
//! A rollback that was let through may be tried again, as when the deployment behind it failed.

use std::fmt;

use crate::policy::duration::spoken;

/// A state that was let through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The commit; `None` where there was nothing, as of a ref that was deleted.
    pub commit: Option<String>,
    /// When it was replaced, in seconds since 1970-01-01T00:00:00Z; `None` of the current one.
    pub until: Option<i64>,
    /// Whether it is known to have been let through. What is only known to have been there can't be gone back to.
    pub allowed: bool,
    /// Whether it was shown to be a rollback itself, when it was let through: then the state before it was rolled back from.
    pub rollback: bool,
}

/// One of the states that are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The former state of this place in the history.
    Former(usize),
    /// What shall be.
    New,
}

/// How states differ on the paths in question.
pub trait Compare {
    /// What differs, for people, one path or several; nothing where they are equal.
    ///
    /// # Errors
    ///
    /// Why it can't be told, for people: then nothing is shown.
    fn differences(&mut self, one: Side, other: Side) -> Result<Vec<String>, String>;
}

/// The state that the current one can be rolled back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// Its commit.
    pub commit: String,
    /// The first instant at which it can't be returned to any more, in seconds since 1970-01-01T00:00:00Z.
    pub until: i64,
}

/// Whether a change is a rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rollback {
    /// It is: it returns to this state.
    Shown(Return),
    /// It is not.
    NotShown(Missing),
}

/// What is missing for a change to be a rollback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// Nothing of the change itself was looked at, or nothing says what was there before.
    NoEvidence,
    /// Nothing is known of former states.
    NoHistory,
    /// The newest state that is known is not the one that the change replaces.
    Gap,
    /// No state before the current one is known that differs from it on these paths.
    NoFormerState,
    /// The state before is that there was nothing.
    Nothing,
    /// The change touches the policy itself.
    Policy,
    /// It is of several parts that are not all the same: one is a return, another is not.
    Mixed,
    /// It differs from the state before.
    Differs {
        /// The state that would pass.
        from: Return,
        /// Where, one path of maybe several.
        at: String,
    },
    /// The state before was replaced too long ago.
    TooOld {
        /// Its commit.
        commit: String,
        /// How long ago, in seconds.
        ago: i64,
        /// How long ago it may be, in seconds.
        within: i64,
    },
    /// The clock is behind the instant at which the state before was replaced.
    Clock,
    /// The state before was itself rolled back from.
    RolledBackFrom {
        /// Its commit.
        commit: String,
        /// Where an earlier content was put back.
        at: String,
    },
    /// Something that would have to be compared can't be read.
    Unreadable(String),
}

/// Whether the change is a return to the state before the current one, which is the last of `history`. `within` is in seconds,
/// `at` in seconds since 1970-01-01T00:00:00Z.
pub fn judge(history: &[State], compare: &mut impl Compare, at: i64, within: i64) -> Rollback {
    match judged(history, compare, at, within) {
        Ok(state) => Rollback::Shown(state),
        Err(missing) => Rollback::NotShown(missing),
    }
}

fn judged(history: &[State], compare: &mut impl Compare, at: i64, within: i64) -> Result<Return, Missing> {
    let (index, state) = before(without_the_same(history, compare)?, compare, at, within)?;
    match differences(compare, Side::New, Side::Former(index))?.into_iter().next() {
        None => Ok(state),
        Some(path) => Err(Missing::Differs { from: state, at: path }),
    }
}

/// The history before the very rollback that is judged, where it was let through already: a job that failed after it was, and
/// runs again, is the same way back. It counts for no longer than it did.
fn without_the_same<'h>(history: &'h [State], compare: &mut impl Compare) -> Result<&'h [State], Missing> {
    let mut before = history;
    while let [rest @ .., last] = before
        && last.rollback
        && differences(compare, Side::New, Side::Former(rest.len()))?.is_empty()
    {
        before = rest;
    }
    Ok(before)
}

/// The one state that a change could return to at `at`.
fn before(history: &[State], compare: &mut impl Compare, at: i64, within: i64) -> Result<(usize, Return), Missing> {
    let current = history.len().checked_sub(1).ok_or(Missing::NoHistory)?;
    let mut found = None;
    for index in (0..current).rev() {
        if !same(compare, index, current)? {
            found = Some(index);
            break;
        }
    }
    let index = found.ok_or(Missing::NoFormerState)?;
    let state = history.get(index).ok_or(Missing::NoFormerState)?;
    let commit = state.commit.clone().ok_or(Missing::Nothing)?;
    if !state.allowed {
        return Err(Missing::NoFormerState);
    }
    // the states between are equal to the current one
    let replaced = state.until.ok_or(Missing::NoFormerState)?;
    let ago = at.saturating_sub(replaced);
    if ago < 0 {
        return Err(Missing::Clock);
    }
    if ago > within {
        return Err(Missing::TooOld { commit, ago, within });
    }
    if let Some(path) = rolled_back_from(history, index, compare)? {
        return Err(Missing::RolledBackFrom { commit, at: path });
    }
    Ok((index, Return { commit, until: replaced.saturating_add(within).saturating_add(1) }))
}

/// A path on which what came after the state `index`, whenever that was the state, put back what an earlier one had.
fn rolled_back_from(history: &[State], index: usize, compare: &mut impl Compare) -> Result<Option<String>, Missing> {
    for (place, next) in (0..=index).zip(history.iter().skip(1)) {
        let after = place.saturating_add(1);
        if !same(compare, place, index)? || same(compare, after, index)? {
            continue;
        }
        let mut put_back = differences(compare, Side::Former(place), Side::Former(after))?;
        if next.rollback {
            return Ok(put_back.pop());
        }
        for earlier in 0..place {
            let brought = differences(compare, Side::Former(earlier), Side::Former(place))?;
            if brought.is_empty() {
                continue;
            }
            let left = differences(compare, Side::Former(earlier), Side::Former(after))?;
            if let Some(path) = brought.into_iter().find(|path| !left.contains(path)) {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

fn same(compare: &mut impl Compare, one: usize, other: usize) -> Result<bool, Missing> {
    Ok(one == other || differences(compare, Side::Former(one), Side::Former(other))?.is_empty())
}

fn differences(compare: &mut impl Compare, one: Side, other: Side) -> Result<Vec<String>, Missing> {
    compare.differences(one, other).map_err(Missing::Unreadable)
}

/// The first digits of a commit, for people.
fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

/// For people; paths and reasons from outside are escaped by whoever compares.
impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEvidence => f.write_str("nothing says what was there before"),
            Self::NoHistory => f.write_str("nothing tells former states: neither a record nor a reflog knows of any"),
            Self::Gap => f.write_str("the newest state that is known is not the one that would be replaced"),
            Self::NoFormerState => f.write_str("no state before the current one is known"),
            Self::Nothing => f.write_str("there is nothing to go back to"),
            Self::Policy => f.write_str("the change touches the policy itself"),
            Self::Mixed => f.write_str("a part of the change goes back, another does not"),
            Self::Differs { from, at } => {
                write!(f, "it differs from {}, the state before, at `{at}`", short(&from.commit))
            }
            Self::TooOld { commit, ago, within } => write!(
                f,
                "{}, the state before, was replaced {} ago; `[rollback] within` is {}",
                short(commit),
                spoken(*ago),
                spoken(*within)
            ),
            Self::Clock => f.write_str("the clock is behind the instant at which the state before was replaced"),
            Self::RolledBackFrom { commit, at } => {
                write!(f, "{}, the state before, was itself rolled back from, at `{at}`", short(commit))
            }
            Self::Unreadable(cause) => write!(f, "former states can't be read: {cause}"),
        }
    }
}
