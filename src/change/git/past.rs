//! The past of a branch, and when tags were made.

use super::{Absence, CommitId, EvidenceError, GitIdentity, ObjectId, ObjectKind, Repository, Revision};

use crate::time::instant::Instant;

/// A state of a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastState {
    /// The commit, and its tree.
    pub revision: Revision,
    /// The time when it says that it was committed, in seconds since 1970-01-01T00:00:00Z; 0 if it does not say.
    pub seconds: Instant,
}

/// The states of a branch, one behind the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PastStates {
    /// The states, the newest first.
    pub states: Vec<PastState>,
    /// True if this clone, being shallow, lacks what was before the last of them.
    pub is_cut_off: bool,
}

impl Repository {
    /// The states of a branch from `tip` down: its commit, the first parent of that, and so on.
    ///
    /// Dates are what those who made the commits chose.
    ///
    /// # Errors
    ///
    /// Those of reading commits, but for one that a shallow clone lacks.
    pub fn first_parents(&self, tip: CommitId) -> Result<PastStates, EvidenceError> {
        let odb = self.odb()?;
        let mut past = PastStates::default();
        let mut next = Some(tip);
        while let Some(commit) = next {
            let links = match self.links(&odb, commit) {
                Ok(links) => links,
                Err(EvidenceError::MissingObject { absence: Absence::Shallow, .. }) if commit != tip => {
                    past.is_cut_off = true;
                    break;
                }
                Err(error) => return Err(error),
            };
            let revision = Revision { commit, tree: links.tree };
            past.states.push(PastState { revision, seconds: links.seconds });
            next = links.parents.first().copied();
        }
        Ok(past)
    }

    /// Returns when a tag says that it was made, in seconds since 1970-01-01T00:00:00Z: an annotated one by its own date, another by that of
    /// its commit; 0 if that does not say. `None` if it is not a tag of a commit.
    ///
    /// # Errors
    ///
    /// Those of reading objects.
    pub fn tagged_at(&self, id: ObjectId) -> Result<Option<Instant>, EvidenceError> {
        let odb = self.odb()?;
        match self.header(&odb, id, ObjectKind::Commit)?.0 {
            ObjectKind::Commit => Ok(Some(self.links(&odb, CommitId::checked(id))?.seconds)),
            ObjectKind::Tag => {
                let tag = self.read(&odb, id, ObjectKind::Tag)?;
                let header = tag.data().split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
                let tagger = header.filter_map(|line| line.strip_prefix(b"tagger ")).find_map(GitIdentity::parse);
                Ok(Some(tagger.map_or(Instant::EPOCH, |tagger| tagger.seconds)))
            }
            ObjectKind::Tree | ObjectKind::Blob => Ok(None),
        }
    }
}
