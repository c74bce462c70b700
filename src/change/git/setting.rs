//! Settings of the repository itself (git-config(1)): neither the person's nor the machine's.

use super::{EvidenceError, Repository};

/// One line of a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitSetting {
    /// The key, section and variable in lower case, such as `remote.origin.url`.
    pub key: String,
    /// The value; `None` for a key without `=`, which git takes for true.
    pub value: Option<String>,
}

impl Repository {
    /// Returns all settings of the repository itself and of its work tree, includes followed, in the order in which git
    /// reads them.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRepository`] for a file that cannot be read, or a value that is not UTF-8.
    pub fn own_settings(&self) -> Result<Vec<GitSetting>, EvidenceError> {
        let read = || -> Result<Vec<GitSetting>, git2::Error> {
            let config = self.inner().config()?.snapshot()?;
            let mut entries = config.entries(None)?;
            let mut found = Vec::new();
            while let Some(entry) = entries.next() {
                let entry = entry?;
                match entry.level() {
                    git2::ConfigLevel::Local | git2::ConfigLevel::Worktree => {}
                    git2::ConfigLevel::ProgramData
                    | git2::ConfigLevel::System
                    | git2::ConfigLevel::XDG
                    | git2::ConfigLevel::Global
                    | git2::ConfigLevel::App
                    | git2::ConfigLevel::Highest => continue,
                }
                let value = if entry.has_value() { Some(entry.value()?.to_owned()) } else { None };
                found.push(GitSetting { key: entry.name()?.to_owned(), value });
            }
            Ok(found)
        };
        read().map_err(|error| self.corrupt(&error))
    }

    /// The setting of this name, such as `remote.origin.url`, in the repository's own file.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRepository`] when the file can't be read, or the setting is not text.
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

    /// Returns whether a setting of this name is on, in any of the files that git reads; `false` if it is not set.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRepository`] when a file can't be read, or the setting is neither on nor off.
    pub fn is_on(&self, name: &str) -> Result<bool, EvidenceError> {
        let all = self.inner.config().and_then(|mut all| all.snapshot());
        match all.and_then(|all| all.get_bool(name)) {
            Ok(value) => Ok(value),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(false),
            Err(error) => Err(EvidenceError::CorruptRepository {
                path: self.git_dir().to_path_buf(),
                reason: error.message().to_owned(),
            }),
        }
    }
}
