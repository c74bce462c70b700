//! Whether a push that a server allowed moved its ref: git may have turned it down afterwards.

use crate::change::git::{EvidenceError, RefName, Repository, Revision};
use crate::gate::fault::plain;
use crate::proof::record::{RecordedMode, RecordedState};
use crate::proof::rollback::Obstacle;

/// The fate of an allowed state: whether it became the state of its ref.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Landed {
    /// Its ref was seen to hold it.
    Yes,
    /// Its ref was not moved.
    No,
    /// Its ref moved on, and nothing says whether by way of it.
    Unknown,
}

/// The most comparisons of states for one question.
const MOST_COMPARED: usize = 200;

/// A commit and its tree, as the record names them; `None` where there is nothing.
pub(crate) type RecordedPoint<'p> = Option<(&'p str, &'p str)>;

/// A state that was allowed, what its ref held before, and what it was seen to hold later.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SeenState<'s> {
    pub(crate) reference: &'s str,
    pub(crate) base: RecordedPoint<'s>,
    pub(crate) state: RecordedPoint<'s>,
    pub(crate) seen: RecordedPoint<'s>,
}

/// Tells whether what was seen is that of the state (`true`) or of what was there before (`false`), on all paths that the state changed and
/// that reach the environment by its ref; `None` if it is neither, or if there is no such path.
pub(crate) type Holds<'s> = &'s mut dyn FnMut(SeenState<'_>) -> Result<Option<bool>, Obstacle>;

/// The place where the refs of a server pointed after each decision: as the next entry recorded it, or as they are now.
pub(crate) struct Evidence<'r> {
    repository: &'r Repository,
    compared: usize,
}

impl<'r> Evidence<'r> {
    pub(crate) const fn new(repository: &'r Repository) -> Self {
        Self { repository, compared: 0 }
    }

    /// Returns whether a state landed. A job is asked about what is there already, so that its states have landed.
    ///
    /// What is pushed and reaches nothing is not recorded. So the ref may have moved on since, and then holds what the state brought, on the
    /// paths that reach something. That the state's commit is an ancestor proves nothing: a merge may have discarded what it brought.
    pub(crate) fn of(&mut self, state: &RecordedState<'_>, holds: Holds<'_>) -> Result<Landed, Obstacle> {
        let reference = match (state.mode, state.reference) {
            (RecordedMode::Check | RecordedMode::Run, _) | (RecordedMode::PreReceive, None) => return Ok(Landed::Yes),
            (RecordedMode::PreReceive, Some(reference)) => reference,
        };
        let (commit, tree) = match state.seen_next {
            Some((commit, tree)) => (commit.map(str::to_owned), tree.map(str::to_owned)),
            None => match self.now(reference).map_err(plain)? {
                Some(Some(now)) => (Some(now.commit.to_string()), Some(now.tree.to_string())),
                Some(None) => (None, None),
                None => return Ok(Landed::Unknown),
            },
        };
        let (commit, tree) = (commit.as_deref(), tree.as_deref());
        if state.tree == state.base_tree {
            // the tree says nothing, and another tag of the same commit brings nothing
            return Ok(match commit {
                _ if state.commit == state.base_commit => Landed::No,
                _ if commit == state.commit => Landed::Yes,
                _ if commit == state.base_commit => Landed::No,
                _ => Landed::Unknown,
            });
        }
        if tree == state.tree {
            return Ok(Landed::Yes);
        }
        // what was pushed while the ref was there, and is not there now, may have been deleted by whoever keeps the server
        if tree == state.base_tree || tree.is_none() {
            return Ok(Landed::No);
        }
        self.compared += 1;
        if self.compared > MOST_COMPARED {
            return Ok(Landed::Unknown);
        }
        let base = state.base_commit.zip(state.base_tree);
        let question = SeenState { reference, base, state: state.commit.zip(state.tree), seen: commit.zip(tree) };
        match holds(question) {
            Ok(Some(true)) => Ok(Landed::Yes),
            Ok(Some(false)) => Ok(Landed::No),
            // what git turned down is gone
            Ok(None) | Err(Obstacle::Unreadable(_)) => Ok(Landed::Unknown),
            Err(too_much @ Obstacle::TooMuch { .. }) => Err(too_much),
        }
    }

    /// Returns what a ref holds now; `None` if its name is written with escapes, so that it can't be asked for.
    fn now(&self, reference: &str) -> Result<Option<Option<Revision>>, EvidenceError> {
        let Ok(name) = RefName::new(reference) else {
            return Ok(None);
        };
        match self.repository.revision_of(&name) {
            Ok(now) => Ok(Some(now)),
            Err(
                EvidenceError::NotACommit { .. }
                | EvidenceError::MissingObject { .. }
                | EvidenceError::DanglingRef { .. },
            ) => Ok(Some(None)),
            Err(error) => Err(error),
        }
    }
}
