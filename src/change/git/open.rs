//! Finding and opening a repository, and why one cannot be opened.

use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use super::{EvidenceError, Feature, GitEnvironment, Repository};

impl Repository {
    /// Finds the repository that a folder lies in: the nearest `.git` at or above it, else the nearest bare repository.
    ///
    /// A folder that only looks like a bare repository does not count below a `.git`: its files may be part of a commit, and
    /// whoever pushes that commit would choose the repository. Unlike git, this neither passes over a broken `.git` to find
    /// another repository further up, nor stops where another file system begins.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::NoRepository`], and those of [`open_at`](Self::open_at).
    pub fn discover(start: &Path) -> Result<Self, EvidenceError> {
        match folder_of(start)? {
            Some(RepositoryPlace::WorkTree(folder) | RepositoryPlace::Bare(folder)) => Self::open_at(&folder),
            None => Err(EvidenceError::NoRepository { start: start.to_path_buf() }),
        }
    }

    /// Returns the nearest folder at or above `start` that holds a `.git` of whatever sort, links resolved.
    ///
    /// It is the one that [`discover`](Self::discover) opens; `None` outside of all work trees.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRepository`] for a folder that cannot be looked into.
    pub fn root_above(start: &Path) -> Result<Option<PathBuf>, EvidenceError> {
        Ok(match folder_of(start)? {
            Some(RepositoryPlace::WorkTree(folder)) => Some(folder),
            Some(RepositoryPlace::Bare(_)) | None => None,
        })
    }

    /// Returns the bare repository that a folder lies in, links resolved; `None` in a work tree and outside of all repositories.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRepository`] for a folder that cannot be looked into.
    pub fn bare_above(start: &Path) -> Result<Option<PathBuf>, EvidenceError> {
        Ok(match folder_of(start)? {
            Some(RepositoryPlace::Bare(folder)) => Some(folder),
            Some(RepositoryPlace::WorkTree(_)) | None => None,
        })
    }

    /// Opens the repository at a path: a work tree, a git directory or a bare repository. Nothing is searched for.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::NoRepository`], [`EvidenceError::NotOwned`], [`EvidenceError::Unsupported`] for formats that libgit2
    /// does not read, or [`EvidenceError::CorruptRepository`].
    pub fn open_at(path: &Path) -> Result<Self, EvidenceError> {
        let flags = git2::RepositoryOpenFlags::NO_SEARCH;
        let none: [&OsStr; 0] = [];
        match git2::Repository::open_ext(path, flags, none) {
            Ok(inner) => {
                let config = inner.commondir().join("config");
                if let Some(feature) = unreadable_feature(&config)? {
                    return Err(EvidenceError::Unsupported { path: inner.path().to_path_buf(), feature });
                }
                Self::opened(inner)
            }
            Err(error) => Err(why_not_opened(path, &error)),
        }
    }

    /// Opens the repository that git's variables name, with the objects that they name, or the one that `start` lies in if
    /// they name none. This is what sees the objects in quarantine in `pre-receive`.
    ///
    /// `start` is the directory that the program was started in; relative paths begin there.
    ///
    /// # Errors
    ///
    /// Those of [`discover`](Self::discover) and [`open_at`](Self::open_at), and [`EvidenceError::CorruptRepository`] for an object
    /// directory that does not exist.
    pub fn open_in(environment: &GitEnvironment, start: &Path) -> Result<Self, EvidenceError> {
        let mut repository = match &environment.git_dir {
            Some(git_dir) => Self::open_at(&start.join(git_dir))?,
            None => Self::discover(start)?,
        };
        let unsupported =
            |feature| EvidenceError::Unsupported { path: repository.inner().path().to_path_buf(), feature };
        if let Some(namespace) = &environment.namespace {
            return Err(unsupported(Feature::Namespace(namespace.to_string_lossy().into_owned())));
        }
        if let Some(given) = &environment.common_dir {
            let given = start.join(given);
            let own = repository.inner().commondir();
            let canonical = |path: &Path| fs::canonicalize(path).map_err(|error| EvidenceError::file(path, &error));
            if canonical(&given)? != canonical(own)? {
                return Err(unsupported(Feature::CommonDirectory(given.display().to_string())));
            }
        }
        let mut directories: Vec<PathBuf> = Vec::new();
        directories.extend(environment.object_directory.as_ref().map(|directory| start.join(directory)));
        directories.extend(environment.quarantine_path.as_ref().map(|directory| start.join(directory)));
        if let Some(alternates) = &environment.alternate_object_directories {
            // git quotes an entry that holds the separator (git(1), GIT_ALTERNATE_OBJECT_DIRECTORIES).
            if alternates.as_encoded_bytes().contains(&b'"') {
                let entry = alternates.to_string_lossy().into_owned();
                return Err(unsupported(Feature::QuotedObjectDirectory(entry)));
            }
            let entries = std::env::split_paths(alternates).filter(|entry| !entry.as_os_str().is_empty());
            directories.extend(entries.map(|entry| start.join(entry)));
        }
        for directory in &directories {
            repository.add_objects(directory)?;
        }
        Ok(repository)
    }
}

/// The place where a repository was found.
enum RepositoryPlace {
    /// A folder with a `.git` in it.
    WorkTree(PathBuf),
    /// A folder that is a git directory itself, without a `.git` above it.
    Bare(PathBuf),
}

/// Looks for a repository from `start` upwards.
fn folder_of(start: &Path) -> Result<Option<RepositoryPlace>, EvidenceError> {
    let absolute = match fs::canonicalize(start) {
        Ok(absolute) => absolute,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(EvidenceError::file(start, &error)),
    };
    let mut bare = None;
    for folder in absolute.ancestors() {
        let dot_git = folder.join(".git");
        match fs::symlink_metadata(&dot_git) {
            Ok(_) => return Ok(Some(RepositoryPlace::WorkTree(folder.to_path_buf()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if bare.is_none() && is_git_directory(folder) {
                    bare = Some(folder.to_path_buf());
                }
            }
            // The search may begin at a file.
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {}
            Err(error) => return Err(EvidenceError::file(&dot_git, &error)),
        }
    }
    Ok(bare.map(RepositoryPlace::Bare))
}

/// Returns whether a folder looks like a git directory to git itself (gitrepository-layout(5)), that of a linked work tree included.
fn is_git_directory(folder: &Path) -> bool {
    // `HEAD` may be a symbolic link to a branch that does not exist yet.
    folder.join("HEAD").symlink_metadata().is_ok()
        && (folder.join("commondir").is_file() || (folder.join("objects").is_dir() && folder.join("refs").is_dir()))
}

/// Returns what in a repository's own configuration cannot be read here.
fn unreadable_feature(config: &Path) -> Result<Option<Feature>, EvidenceError> {
    let corrupt = |error: &git2::Error| EvidenceError::CorruptRepository {
        path: config.to_path_buf(),
        reason: error.message().to_owned(),
    };
    match fs::read(config) {
        // git refuses such a file; libgit2 would read no further.
        Ok(bytes) if bytes.contains(&0) => return Err(corrupt(&git2::Error::from_str("it holds a byte 0"))),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(EvidenceError::file(config, &error)),
    }
    let read = git2::Config::open(config).map_err(|error| corrupt(&error))?;
    Feature::unreadable(&read).map_err(|error| corrupt(&error))
}

/// libgit2 gives one code for all formats that it cannot read, so the repository's own files are asked.
fn why_not_opened(path: &Path, error: &git2::Error) -> EvidenceError {
    let git_dir = match git_directory(path) {
        Ok(Some(git_dir)) => git_dir,
        Ok(None) => {
            return EvidenceError::NoRepository { start: path.to_path_buf() };
        }
        Err(error) => return error,
    };
    if error.code() == git2::ErrorCode::Owner {
        let work_tree = git_dir.parent().filter(|_| git_dir.ends_with(".git")).unwrap_or(&git_dir);
        return EvidenceError::NotOwned { path: work_tree.to_path_buf() };
    }
    match common_directory(&git_dir).and_then(|common| unreadable_feature(&common.join("config"))) {
        Ok(Some(feature)) => EvidenceError::Unsupported { path: git_dir, feature },
        Ok(None) => EvidenceError::CorruptRepository { path: git_dir, reason: error.message().to_owned() },
        Err(error) => error,
    }
}

/// The git directory at a path, be it a sound one or not: `.git`, what a file `.git` names, or the path itself
/// (gitrepository-layout(5)).
fn git_directory(path: &Path) -> Result<Option<PathBuf>, EvidenceError> {
    let dot_git = path.join(".git");
    if dot_git.is_file() {
        let text = fs::read_to_string(&dot_git).map_err(|error| EvidenceError::file(&dot_git, &error))?;
        return match text.strip_prefix("gitdir:") {
            Some(target) => Ok(Some(path.join(target.trim()))),
            None => Ok(Some(dot_git)),
        };
    }
    if dot_git.symlink_metadata().is_ok() {
        return Ok(Some(dot_git));
    }
    Ok((path.ends_with(".git") || is_git_directory(path)).then(|| path.to_path_buf()))
}

/// Returns where the configuration of a git directory is: of a linked work tree, in the directory that all share.
fn common_directory(git_dir: &Path) -> Result<PathBuf, EvidenceError> {
    let link = git_dir.join("commondir");
    match fs::read_to_string(&link) {
        Ok(target) => Ok(git_dir.join(target.trim())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(git_dir.to_path_buf()),
        Err(error) => Err(EvidenceError::file(&link, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::why_not_opened;
    use crate::change::git::EvidenceError;

    /// To give a folder to another user takes root, so libgit2's answer is made by hand.
    #[test]
    fn what_belongs_to_another_user_is_named_as_git_would_name_it() {
        let folder = tempfile::TempDir::new().unwrap();
        git2::Repository::init(folder.path()).unwrap();
        let error = git2::Error::new(git2::ErrorCode::Owner, git2::ErrorClass::Config, "not owned by current user");
        for path in [folder.path().to_path_buf(), folder.path().join(".git")] {
            let refused = why_not_opened(&path, &error);
            assert_eq!(refused, EvidenceError::NotOwned { path: folder.path().to_path_buf() });
            let command = format!("`git config --global --add safe.directory {}`", folder.path().display());
            assert!(refused.help().ends_with(&command), "{}", refused.help());
        }
    }
}
