//! Who brings what a clone lacks: that is handed over from outside.

use std::path::Path;

use super::{CommitId, EvidenceError, ObjectId, ObjectKind, RefName};

/// Brings objects that a repository lacks, as `check --fetch` does from the remote.
///
/// What is brought lies in a directory of its own: neither refs nor objects of the repository change.
pub trait Supply {
    /// Returns the directory that objects are brought to. It exists from the start.
    fn objects(&self) -> &Path;

    /// Brings one object: of a commit its tree too, and what that holds unless the clone is partial.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::NotFetched`].
    fn object(&self, id: ObjectId, kind: ObjectKind) -> Result<(), EvidenceError>;

    /// Brings commits with their trees, and with what these hold unless the clone is partial, in one request.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::NotFetched`].
    fn commits(&self, ids: &[CommitId]) -> Result<(), EvidenceError>;

    /// Returns where a branch stands at the remote; `None` if the remote does not have it.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::NotFetched`].
    fn tip(&self, branch: &RefName) -> Result<Option<ObjectId>, EvidenceError>;

    /// Returns the default branch of the remote, `refs/heads/…`; `None` if the remote does not say.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::NotFetched`].
    fn default_branch(&self) -> Result<Option<RefName>, EvidenceError>;

    /// Brings more of the commits that lead to these, without their trees, to a depth of at most `depth` commits; `false` if
    /// that has been brought already, or as many as may be.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::NotFetched`].
    fn history(&self, of: &[CommitId], depth: u32) -> Result<bool, EvidenceError>;

    /// Returns the commits that were brought without those before them.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRepository`] for a file that cannot be read.
    fn boundary(&self) -> Result<Vec<ObjectId>, EvidenceError>;
}
