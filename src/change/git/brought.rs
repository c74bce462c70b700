//! Which commits a ref brings that were not there before.

use std::collections::{BinaryHeap, HashSet};

use super::{Absence, CommitId, EvidenceError, Repository, commit::CommitLinks, id::parse_full};

use crate::time::instant::Instant;
use crate::time::seconds::Seconds;

/// Walks from new commits down to those that were there before.
///
/// What was there before is walked once for all that is asked of one value. Commit dates decide how far that goes: where clocks
/// were wrong by more than a day, a commit that was there before may be told as new, and never the reverse.
#[derive(Debug)]
pub struct NewCommits<'r> {
    repository: &'r Repository,
    /// Commits that were there before, as far as was walked.
    before: HashSet<CommitId>,
    /// Those among them whose parents were not looked at, the latest first.
    frontier: BinaryHeap<(Instant, CommitId)>,
    /// The commit from which the walk began, if it is a single one.
    start: Option<CommitId>,
    /// Commits whose parents a shallow clone may lack.
    boundary: HashSet<CommitId>,
}

/// The commits that a ref brings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brought {
    /// The commits, the latest first.
    pub commits: Vec<CommitId>,
    /// Those behind which more may lie that this clone, being shallow, does not have.
    pub cut_off: Vec<CommitId>,
    /// True if they lead to the one commit that the walk began with, and so to all that was there before.
    pub follows: bool,
}

/// The error that a clock may have, in seconds.
const SKEW: Seconds = Seconds::days(1);

impl Repository {
    /// Returns a walk to commits that none of `before` leads to.
    ///
    /// # Errors
    ///
    /// Those of reading commits, and [`EvidenceError::CorruptRepository`] if the file `shallow` can't be read.
    pub fn new_commits(&self, before: impl IntoIterator<Item = CommitId>) -> Result<NewCommits<'_>, EvidenceError> {
        let path = self.inner().commondir().join("shallow");
        let mut boundary: HashSet<CommitId> = match std::fs::read_to_string(&path) {
            Ok(text) => text.lines().filter_map(parse_full).map(CommitId::checked).collect(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => HashSet::new(),
            Err(error) => return Err(EvidenceError::file(&path, &error)),
        };
        boundary.extend(self.brought_boundary()?);
        let (frontier, start) = (BinaryHeap::new(), None);
        let mut walk = NewCommits { repository: self, before: HashSet::new(), frontier, start, boundary };
        let odb = self.odb()?;
        for commit in before {
            if walk.before.insert(commit) {
                walk.start = (walk.before.len() == 1).then_some(commit);
                walk.frontier.push((self.links(&odb, commit)?.seconds, commit));
            }
        }
        Ok(walk)
    }

    /// The parents of a commit, in order, whether they are in this clone or not.
    ///
    /// # Errors
    ///
    /// Those of reading the commit.
    pub fn parents_of(&self, commit: CommitId) -> Result<Vec<CommitId>, EvidenceError> {
        Ok(self.links(&self.odb()?, commit)?.parents)
    }
}

impl NewCommits<'_> {
    /// Returns the commits that `new` leads to and that were not there before; of them at most `limit`.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::TooManyCommits`], and [`EvidenceError::MissingObject`] for a parent that the repository lacks though its
    /// clone is not cut off there.
    pub fn of(&mut self, new: CommitId, limit: usize) -> Result<Brought, EvidenceError> {
        let odb = self.repository.odb()?;
        let mut brought = Brought::default();
        let mut seen = HashSet::from([new]);
        let CommitLinks { seconds, parents, .. } = self.repository.links(&odb, new)?;
        let mut heap = BinaryHeap::from([(seconds, new, parents)]);
        let mut earliest = Instant::MAX;
        while let Some((seconds, commit, parents)) = heap.pop() {
            self.walk_back_to(&odb, seconds)?;
            if self.before.contains(&commit) {
                continue;
            }
            if brought.commits.len() >= limit {
                return Err(EvidenceError::TooManyCommits { new, limit });
            }
            brought.commits.push(commit);
            earliest = earliest.min(seconds);
            for parent in parents {
                brought.follows |= self.start == Some(parent);
                // what leads to a commit that was there before need not be read
                if self.before.contains(&parent) || !seen.insert(parent) {
                    continue;
                }
                match self.parent(&odb, commit, parent)? {
                    Some(links) => heap.push((links.seconds, parent, links.parents)),
                    None => brought.cut_off.push(commit),
                }
            }
        }
        self.walk_back_to(&odb, earliest)?;
        brought.commits.retain(|commit| !self.before.contains(commit));
        brought.cut_off.retain(|commit| !self.before.contains(commit));
        Ok(brought)
    }

    /// Returns the walk from `new` on, for which [`of`](Self::of) returned `brought`: `new` and all that it leads to was there before.
    /// `None` if that is not more than was there before, as after a ref was forced elsewhere.
    #[must_use]
    pub fn from_there(mut self, new: CommitId, brought: &Brought) -> Option<Self> {
        if !brought.follows {
            return None;
        }
        // their parents are among them, or were there before
        self.before.extend(&brought.commits);
        self.start = Some(new);
        Some(self)
    }

    /// Walks what was there before down to commits of `seconds`, and a day further.
    fn walk_back_to(&mut self, odb: &git2::Odb<'_>, seconds: Instant) -> Result<(), EvidenceError> {
        let until = seconds.saturating_sub(SKEW);
        while self.frontier.peek().is_some_and(|(seconds, _)| *seconds >= until)
            && let Some((_, commit)) = self.frontier.pop()
        {
            for parent in self.repository.links(odb, commit)?.parents {
                if self.before.insert(parent)
                    && let Some(links) = self.parent(odb, commit, parent)?
                {
                    self.frontier.push((links.seconds, parent));
                }
            }
        }
        Ok(())
    }

    /// Returns what a parent links to; none where a shallow clone ends.
    fn parent(
        &self,
        odb: &git2::Odb<'_>,
        child: CommitId,
        parent: CommitId,
    ) -> Result<Option<CommitLinks>, EvidenceError> {
        match self.repository.links(odb, parent) {
            Ok(links) => Ok(Some(links)),
            Err(EvidenceError::MissingObject { .. }) if self.boundary.contains(&child) => Ok(None),
            Err(EvidenceError::MissingObject { id, absence: Absence::Shallow }) => {
                Err(EvidenceError::MissingObject { id, absence: Absence::Unexplained })
            }
            Err(error) => Err(error),
        }
    }
}
