//! The content of guarded files, as much of it as is read of one change.

use crate::change::git::{EvidenceError, ObjectId, Repository};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::fault::fault;
use crate::guard::{GuardedFile, GuardedRoutes};

/// The most bytes.
const MOST_BYTES: usize = 128 << 20;

/// Reads guarded files, and counts what was read.
pub(super) struct BlobReader<'r> {
    repository: &'r Repository,
    bytes: usize,
}

impl<'r> BlobReader<'r> {
    /// Nothing was read yet.
    pub(super) const fn new(repository: &'r Repository) -> Self {
        Self { repository, bytes: 0 }
    }

    /// Returns whether a blob is a file of TOML, which holds no manifest.
    pub(super) fn is_toml(&mut self, path: &str, id: ObjectId) -> Result<bool, Faults> {
        Ok(GuardedRoutes::is_toml(path.as_bytes(), &self.file(path, id)?.content))
    }

    /// Reads a blob.
    ///
    /// # Errors
    ///
    /// What can't be read, and more than is read of one change.
    pub(super) fn file(&mut self, path: &str, id: ObjectId) -> Result<GuardedFile, Faults> {
        let content = self.repository.content(id, path).map_err(|error: EvidenceError| fault(error))?;
        self.bytes = self.bytes.saturating_add(content.len());
        if self.bytes > MOST_BYTES {
            return Err(too_many(&format!("more than {} MiB", MOST_BYTES >> 20)));
        }
        Ok(GuardedFile { path: path.to_owned(), content })
    }
}

/// More than is compared.
pub(super) fn too_many(what: &str) -> Faults {
    let cause = format!("`[routes]` guards {what}");
    Faults::one(Diagnostic::error(Code::NoEvidence, cause).help("narrow `paths`, or leave some out by `except`"))
}
