//! Settings of the repository itself (git-config(1)): neither the person's nor the machine's.

use super::{EvidenceError, Repository};

impl Repository {
    /// The setting of this name, such as `remote.origin.url`, in the repository's own file.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRepository`] when the file can't be read, or the setting is no text.
    pub fn setting(&self, name: &str) -> Result<Option<String>, EvidenceError> {
        let corrupt = |error: &git2::Error| EvidenceError::CorruptRepository {
            path: self.git_dir().to_path_buf(),
            reason: error.message().to_owned(),
        };
        let all = self.inner.config().map_err(|error| corrupt(&error))?;
        let own = match all.open_level(git2::ConfigLevel::Local) {
            Ok(own) => own,
            Err(error) if error.code() == git2::ErrorCode::NotFound => return Ok(None),
            Err(error) => return Err(corrupt(&error)),
        };
        match own.get_string(name) {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(corrupt(&error)),
        }
    }
}
