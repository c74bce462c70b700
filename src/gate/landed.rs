//! Whether a push that a server allowed moved its ref: git may have turned it down afterwards.

use crate::change::git::{CommitId, EvidenceError, ObjectId, RefName, Repository, Revision};
use crate::gate::history::Memo;
use crate::proof::record::{Mode, State};

/// Whether a state that was allowed became the state of its ref.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Landed {
    /// Its ref was seen to hold it.
    Yes,
    /// Its ref was not moved.
    No,
    /// Its ref moved on, and nothing says whether by way of it.
    Unknown,
}

/// The most walks through history for one question.
const MOST_WALKS: usize = 100;

/// Where the refs of a server pointed after each decision: as the next entry recorded it, or as they are now.
pub(crate) struct Evidence<'r> {
    repository: &'r Repository,
    memo: &'r Memo,
    walks: usize,
}

impl<'r> Evidence<'r> {
    pub(crate) const fn new(repository: &'r Repository, memo: &'r Memo) -> Self {
        Self { repository, memo, walks: 0 }
    }

    /// Returns whether a state landed. A job is asked about what is there already, so that its states have landed.
    pub(crate) fn of(&mut self, state: &State<'_>) -> Result<Landed, EvidenceError> {
        let reference = match (state.mode, state.reference) {
            (Mode::Check | Mode::Run, _) | (Mode::PreReceive, None) => return Ok(Landed::Yes),
            (Mode::PreReceive, Some(reference)) => reference,
        };
        let (commit, tree) = match state.seen_next {
            Some((commit, tree)) => (commit.map(str::to_owned), tree.map(str::to_owned)),
            None => match self.now(reference)? {
                Some(Some(now)) => (Some(now.commit.to_string()), Some(now.tree.to_string())),
                Some(None) => (None, None),
                None => return Ok(Landed::Unknown),
            },
        };
        if tree.as_deref() == state.tree {
            return Ok(Landed::Yes);
        }
        // what was pushed while the ref was there, and is not there now, may have been deleted by whoever keeps the server
        if tree.as_deref() == state.base_tree || tree.is_none() {
            return Ok(Landed::No);
        }
        match (commit, state.commit) {
            (Some(tip), Some(commit)) if self.leads(&tip, commit)? => Ok(Landed::Yes),
            (Some(_) | None, Some(_) | None) => Ok(Landed::Unknown),
        }
    }

    /// What a ref holds now; `None` if its name is written with escapes, so that it can't be asked for.
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

    /// Whether a commit is among those that lead to `tip`.
    fn leads(&mut self, tip: &str, commit: &str) -> Result<bool, EvidenceError> {
        self.walks += 1;
        if self.walks > MOST_WALKS {
            return Ok(false);
        }
        let repository = self.repository;
        self.memo.is_ancestor((commit, tip), || {
            let (tip, commit) = (ObjectId::from_hex(tip)?, ObjectId::from_hex(commit)?);
            let (tip, commit) = match (repository.revision_at(tip), repository.revision_at(commit)) {
                (Ok(Some(tip)), Ok(Some(commit))) => (tip.commit, commit.commit),
                (Ok(None), _)
                | (_, Ok(None))
                | (Err(EvidenceError::MissingObject { .. }), _)
                | (_, Err(EvidenceError::MissingObject { .. })) => return Ok(false),
                (Err(error), _) | (_, Err(error)) => return Err(error),
            };
            is_ancestor(repository, commit, tip)
        })
    }
}

/// Returns whether `commit` is `tip` or an ancestor of it; `false` if history is missing that would show it.
pub(crate) fn is_ancestor(repository: &Repository, commit: CommitId, tip: CommitId) -> Result<bool, EvidenceError> {
    match repository.merge_base(tip, commit) {
        Ok(base) => Ok(base == commit),
        Err(
            EvidenceError::NoMergeBase { .. }
            | EvidenceError::SeveralMergeBases { .. }
            | EvidenceError::MissingObject { .. },
        ) => Ok(false),
        Err(error) => Err(error),
    }
}
