//! What a repository may use that cannot be read here.

use std::fmt;

/// Something that a repository uses, or git's variables ask for, and that this program does not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feature {
    /// Objects named by another hash than SHA-1 (`extensions.objectFormat`, gitrepository-layout(5)).
    ObjectFormat(String),
    /// Refs kept in another form than files (`extensions.refStorage`), such as `reftable`.
    RefStorage(String),
    /// A partial clone marked the way that git before 2.24 did it (`extensions.partialClone`), with the name of the remote.
    PartialCloneExtension(String),
    /// Any other entry of `extensions`, by its name in lower case.
    Extension(String),
    /// A repository format above 1 (`core.repositoryFormatVersion`).
    FormatVersion(i32),
    /// `GIT_NAMESPACE` (gitnamespaces(7)): refs mean something else in it.
    Namespace(String),
    /// `GIT_COMMON_DIR` that is not the repository's own.
    CommonDirectory(String),
    /// A quoted entry in `GIT_ALTERNATE_OBJECT_DIRECTORIES` (git(1)).
    QuotedObjectDirectory(String),
}

/// The extensions that libgit2 1.9 reads; `noop` and `preciousObjects` ask nothing of a reader.
const READ: [&str; 5] = ["noop", "objectformat", "worktreeconfig", "preciousobjects", "relativeworktrees"];

impl Feature {
    /// The first thing in a repository's configuration that cannot be read, however libgit2 itself takes it: below format
    /// version 1 it ignores most extensions, and would see no refs in a reftable repository.
    pub(super) fn unreadable(config: &git2::Config) -> Result<Option<Self>, git2::Error> {
        if let Some(format) = text(config, "extensions.objectformat")?
            && !format.eq_ignore_ascii_case("sha1")
        {
            return Ok(Some(Self::ObjectFormat(format)));
        }
        if let Some(storage) = text(config, "extensions.refstorage")?
            && !storage.eq_ignore_ascii_case("files")
        {
            return Ok(Some(Self::RefStorage(storage)));
        }
        let version = match config.get_i32("core.repositoryformatversion") {
            Ok(version) => version,
            Err(error) if error.code() == git2::ErrorCode::NotFound => 0,
            Err(error) => return Err(error),
        };
        match version {
            ..=0 => return Ok(None),
            1 => {}
            2.. => return Ok(Some(Self::FormatVersion(version))),
        }
        if let Some(remote) = text(config, "extensions.partialclone")? {
            return Ok(Some(Self::PartialCloneExtension(remote)));
        }
        let mut entries = config.entries(Some("^extensions\\."))?;
        while let Some(entry) = entries.next() {
            let key = String::from_utf8_lossy(entry?.name_bytes()).into_owned();
            let name = key.strip_prefix("extensions.").unwrap_or(&key);
            if !READ.contains(&name) {
                return Ok(Some(Self::Extension(name.to_owned())));
            }
        }
        Ok(None)
    }
}

/// The value of a key, if it has one.
pub(super) fn text(config: &git2::Config, key: &str) -> Result<Option<String>, git2::Error> {
    match config.get_string(key) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ObjectFormat(format) => write!(f, "objects named by `{format}`, not by SHA-1"),
            Self::RefStorage(storage) => write!(f, "refs stored as `{storage}`, not as files"),
            Self::PartialCloneExtension(remote) => {
                write!(f, "the extension `partialClone`, for the remote `{remote}`")
            }
            Self::Extension(name) => write!(f, "the extension `{name}`"),
            Self::FormatVersion(version) => write!(f, "the repository format `{version}`, above 1"),
            Self::Namespace(name) => write!(f, "the namespace `{name}` (`GIT_NAMESPACE`)"),
            Self::CommonDirectory(path) => {
                write!(f, "another common directory, `{path}` (`GIT_COMMON_DIR`)")
            }
            Self::QuotedObjectDirectory(entry) => {
                write!(f, "a quoted object directory, `{entry}` (`GIT_ALTERNATE_OBJECT_DIRECTORIES`)")
            }
        }
    }
}
