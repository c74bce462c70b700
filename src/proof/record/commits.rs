//! The commits of a record in a ref, read from the first entry on, however many there are.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::examine::{ReadableChain, TakeItem};
use super::reference::commit::{entry_of, line_of, open_repository};
use super::{FaultKind, RecordError};
use crate::change::git::{CommitId, EvidenceError, ObjectId, Repository};

/// After how many commits the repository is opened anew. What is mapped and kept of the objects that were read goes with it:
/// else that would come to the size of all packs.
const COMMITS_AT_ONCE: usize = 4096;

/// The commits of a record.
pub(super) struct Commits {
    git_dir: PathBuf,
    /// The newest first, as their parents lead to them.
    names: Vec<CommitId>,
}

impl Commits {
    /// The commits that lead to `tip`, in the repository at `git_dir`. One that can't be read is the last.
    pub(super) fn of(git_dir: &Path, tip: Option<CommitId>) -> Result<Self, RecordError> {
        let mut names = Vec::new();
        let mut reader = ReopenedRepository::new(git_dir);
        let mut next = tip;
        while let Some(id) = next {
            names.push(id);
            next = match reader.repository()?.commit(id) {
                Ok(commit) => commit.parents.first().copied(),
                Err(EvidenceError::UnreadableObject { .. }) => None,
                Err(error) => return Err(error.into()),
            };
        }
        Ok(Self { git_dir: git_dir.to_path_buf(), names })
    }

    /// Returns whether there is none.
    pub(super) const fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The newest.
    pub(super) fn tip(&self) -> Option<String> {
        self.names.first().map(CommitId::to_string)
    }

    /// Returns whether the commit of this name is one of them.
    pub(super) fn holds(&self, name: &str) -> bool {
        ObjectId::from_hex(name).is_ok_and(|name| self.names.iter().any(|id| id.object() == name))
    }
}

impl ReadableChain for Commits {
    type Error = RecordError;

    fn each(&mut self, take: &mut TakeItem<'_>) -> Result<ControlFlow<()>, RecordError> {
        let mut reader = ReopenedRepository::new(&self.git_dir);
        for id in self.names.iter().rev() {
            let place = format_args!("commit {id}");
            let taken = match reader.repository()?.commit(*id) {
                Ok(commit) => {
                    let item = entry_of(reader.repository()?, &commit)?.map(|(parsed, _)| parsed);
                    take(&place, line_of(&commit), item.as_ref())
                }
                Err(EvidenceError::UnreadableObject { reason, .. }) => {
                    take(&place, &[], Err(&FaultKind::Unreadable { cause: reason }))
                }
                Err(error) => return Err(error.into()),
            };
            if taken.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// A repository that is opened anew from time to time.
pub(super) struct ReopenedRepository<'g> {
    git_dir: &'g Path,
    open: Option<Repository>,
    /// The number of times that the open one was asked for.
    asked: usize,
}

impl<'g> ReopenedRepository<'g> {
    pub(super) const fn new(git_dir: &'g Path) -> Self {
        Self { git_dir, open: None, asked: 0 }
    }

    pub(super) fn repository(&mut self) -> Result<&Repository, EvidenceError> {
        if self.asked >= COMMITS_AT_ONCE {
            self.open = None;
            self.asked = 0;
        }
        self.asked = self.asked.saturating_add(1);
        match &mut self.open {
            Some(open) => Ok(open),
            closed @ None => Ok(closed.insert(open_repository(self.git_dir)?)),
        }
    }
}
