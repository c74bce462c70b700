//! Bringing what a clone lacks.

use super::{CommitId, EvidenceError, ObjectId, ObjectKind, RefName, Repository, Revision, Supply};

impl Repository {
    /// Returns the same repository, with what it lacks brought by `supply` when it is needed.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRepository`] if the directory of `supply` cannot be read.
    pub fn supplied_by(mut self, supply: Box<dyn Supply>) -> Result<Self, EvidenceError> {
        self.add_objects(supply.objects())?;
        self.supply = Some(supply);
        Ok(self)
    }

    /// Returns whether missing objects are fetched when they are needed.
    #[must_use]
    pub fn is_supplied(&self) -> bool {
        self.supply.is_some()
    }

    /// Returns the commit of a remote-tracking ref: as the remote has its branch now if that can be asked, else as last
    /// fetched; `None` if there is none.
    ///
    /// # Errors
    ///
    /// Those of [`revision_of`](Self::revision_of), and [`EvidenceError::NotFetched`].
    pub fn tip_of(&self, tracking: &RefName) -> Result<Option<Revision>, EvidenceError> {
        let branch = tracking.as_bytes().strip_prefix(b"refs/remotes/origin/".as_slice());
        let (Some(supply), Some(branch)) = (&self.supply, branch) else {
            return self.revision_of(tracking);
        };
        let branch = RefName::new([b"refs/heads/".as_slice(), branch].concat())?;
        match supply.tip(&branch)? {
            Some(id) => self.revision_at(id),
            None => Ok(None),
        }
    }

    /// Returns the remote-tracking ref of the default branch of `origin`: as [`named_default_branch`](Self::named_default_branch) finds
    /// it, and if that finds none, as the remote says if it can be asked.
    ///
    /// # Errors
    ///
    /// Those of [`named_default_branch`](Self::named_default_branch), and [`EvidenceError::NotFetched`].
    pub fn default_of_origin(&self) -> Result<Option<RefName>, EvidenceError> {
        let found = self.named_default_branch("origin");
        let (Some(supply), Ok(None) | Err(_)) = (&self.supply, &found) else {
            return found;
        };
        let Some(branch) = supply.default_branch()? else {
            return found;
        };
        let name = branch.as_bytes().strip_prefix(b"refs/heads/".as_slice()).unwrap_or(branch.as_bytes());
        RefName::new([b"refs/remotes/origin/".as_slice(), name].concat()).map(Some)
    }

    /// Returns whether this repository follows the remote `origin`: whether it has an address for it, or anything that came from it.
    ///
    /// # Errors
    ///
    /// Those of [`setting`](Self::setting) and [`refs`](Self::refs).
    pub fn has_origin(&self) -> Result<bool, EvidenceError> {
        if self.setting("remote.origin.url")?.is_some() {
            return Ok(true);
        }
        Ok(self.refs()?.iter().any(|one| one.name.as_bytes().starts_with(b"refs/remotes/origin/")))
    }

    /// Repeats a question about history, with more of the history of `tips` each time that commits are missing for it, as far as
    /// they are brought.
    ///
    /// # Errors
    ///
    /// Those of `ask`, and [`EvidenceError::NotFetched`].
    pub fn with_history<T>(
        &self,
        tips: &[CommitId],
        mut ask: impl FnMut(&Self) -> Result<T, EvidenceError>,
    ) -> Result<T, EvidenceError> {
        loop {
            match ask(self) {
                Err(error @ EvidenceError::MissingObject { .. }) => {
                    if !self.deepen(tips, u32::MAX)? {
                        return Err(error);
                    }
                }
                answer => return answer,
            }
        }
    }

    /// Brings more of the history of `tips`, to a depth of at most `depth` commits; `false` if there is nothing more, or nothing
    /// brings it.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::NotFetched`].
    pub fn deepen(&self, tips: &[CommitId], depth: u32) -> Result<bool, EvidenceError> {
        let is_deeper = self.supply.as_ref().map_or(Ok(false), |supply| supply.history(tips, depth))?;
        if is_deeper {
            self.odb()?.refresh().map_err(|error| self.corrupt(&error))?;
        }
        Ok(is_deeper)
    }

    /// Brings the trees of those commits whose trees are missing, in one request; nothing where nothing brings them.
    ///
    /// # Errors
    ///
    /// Those of reading commits, and [`EvidenceError::NotFetched`].
    pub fn bring_commits(&self, commits: &[CommitId]) -> Result<(), EvidenceError> {
        let Some(supply) = &self.supply else {
            return Ok(());
        };
        let mut lacking = Vec::new();
        {
            let odb = self.odb()?;
            for commit in commits {
                if !odb.exists(self.links(&odb, *commit)?.tree.object().oid()) {
                    lacking.push(*commit);
                }
            }
        }
        if !lacking.is_empty() {
            supply.commits(&lacking)?;
            self.odb()?.refresh().map_err(|error| self.corrupt(&error))?;
        }
        Ok(())
    }

    /// Brings an object that is missing; `false` if nothing brings it.
    pub(super) fn bring(&self, id: ObjectId, kind: ObjectKind) -> Result<bool, EvidenceError> {
        let Some(supply) = &self.supply else {
            return Ok(false);
        };
        supply.object(id, kind)?;
        self.odb()?.refresh().map_err(|error| self.corrupt(&error))?;
        Ok(true)
    }

    /// The commits that were brought without those before them.
    pub(super) fn brought_boundary(&self) -> Result<Vec<CommitId>, EvidenceError> {
        self.supply.as_ref().map_or_else(
            || Ok(Vec::new()),
            |supply| Ok(supply.boundary()?.into_iter().map(CommitId::checked).collect()),
        )
    }
}
