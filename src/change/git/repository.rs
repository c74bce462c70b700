//! A repository, and the objects in it.

use std::cell::{Cell, OnceCell};
use std::{fmt, fs, io, path::Path};

use super::{
    Absence, EvidenceError, Limits, ObjectId, ObjectKind, Supply, feature,
    kept::{KeptObjects, Object},
    loose::LooseObjects,
};

/// A repository on disk, to be read from.
///
/// The answers of one value may differ when the repository changes meanwhile; objects never do.
pub struct Repository {
    pub(super) inner: git2::Repository,
    loose: LooseObjects,
    limits: Limits,
    /// The tree entries that walks have looked at.
    pub(super) walked: Cell<u64>,
    /// Everything that was read before.
    pub(super) kept: KeptObjects,
    /// Set once new objects are kept in memory.
    pub(super) in_memory: OnceCell<()>,
    /// Brings what is missing, if anything does.
    pub(super) supply: Option<Box<dyn Supply>>,
}

/// The objects that a repository lacks on purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    /// History is cut off somewhere (`git clone --depth`).
    pub shallow: bool,
    /// The remote that git fetches missing objects from when they are needed (`git clone --filter`).
    pub promisor: Option<String>,
}

impl Repository {
    pub(super) fn opened(inner: git2::Repository) -> Result<Self, EvidenceError> {
        // of the whole process; `read` checks names itself
        git2::opts::strict_hash_verification(false);
        let mut loose = LooseObjects::default();
        loose.add(&inner.commondir().join("objects"))?;
        Ok(Self {
            inner,
            loose,
            limits: Limits::default(),
            walked: Cell::new(0),
            kept: KeptObjects::default(),
            in_memory: OnceCell::new(),
            supply: None,
        })
    }

    /// Reads objects from one more directory. libgit2 passes over one that does not exist, so that is looked at first.
    pub(super) fn add_objects(&mut self, directory: &Path) -> Result<(), EvidenceError> {
        let corrupt = |reason: &str| EvidenceError::CorruptRepository {
            path: directory.to_path_buf(),
            reason: reason.to_owned(),
        };
        let metadata = fs::metadata(directory).map_err(|error| EvidenceError::file(directory, &error))?;
        if !metadata.is_dir() {
            return Err(corrupt("it is not a directory of objects"));
        }
        let text = directory.to_str().ok_or_else(|| corrupt("its path is not UTF-8"))?;
        self.odb()?.add_disk_alternate(text).map_err(|error| corrupt(error.message()))?;
        self.loose.add(directory)
    }

    /// The same repository with other bounds.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same repository, which keeps the commits and trees that it reads for another look: up to so many bytes of them.
    ///
    /// This pays off where one state after the other is compared with the one before it.
    #[must_use]
    pub fn keeping(self, bytes: usize) -> Self {
        Self { kept: KeptObjects::up_to(bytes), ..self }
    }

    /// The git directory: `.git`, that of a linked work tree, or the bare repository itself.
    #[must_use]
    pub fn git_dir(&self) -> &Path {
        self.inner.path()
    }

    /// The git directory that all work trees share: where refs, objects and the configuration are.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        self.inner.commondir()
    }

    /// Returns whether it was opened by a linked work tree (git-worktree(1)): then its `HEAD` is that of the work tree, not of the repository.
    #[must_use]
    pub fn is_linked_work_tree(&self) -> bool {
        self.inner.is_worktree()
    }

    /// The root of the work tree; none of a bare repository.
    #[must_use]
    pub fn work_tree(&self) -> Option<&Path> {
        self.inner.workdir()
    }

    /// Returns what the repository lacks on purpose.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRepository`] if its configuration or its `shallow` file cannot be read.
    pub fn completeness(&self) -> Result<Completeness, EvidenceError> {
        let path = self.inner.commondir().join("shallow");
        let shallow = match fs::metadata(&path) {
            Ok(metadata) => metadata.len() > 0,
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(EvidenceError::file(&path, &error)),
        };
        Ok(Completeness { shallow, promisor: self.promisor().map_err(|error| self.corrupt(&error))? })
    }

    /// The first remote marked as a promisor (partial-clone in git's technical documentation).
    fn promisor(&self) -> Result<Option<String>, git2::Error> {
        let config = self.inner.config()?.snapshot()?;
        let mut entries = config.entries(Some("^remote\\..*\\.promisor$"))?;
        while let Some(entry) = entries.next() {
            let key = String::from_utf8_lossy(entry?.name_bytes()).into_owned();
            let remote = key.strip_prefix("remote.").and_then(|rest| rest.strip_suffix(".promisor"));
            if config.get_bool(&key)?
                && let Some(remote) = remote
            {
                return Ok(Some(remote.to_owned()));
            }
        }
        feature::text(&config, "extensions.partialclone")
    }

    pub(super) fn inner(&self) -> &git2::Repository {
        &self.inner
    }

    pub(super) fn limits(&self) -> Limits {
        self.limits
    }

    pub(super) fn odb(&self) -> Result<git2::Odb<'_>, EvidenceError> {
        self.inner.odb().map_err(|error| self.corrupt(&error))
    }

    /// Reads an object of a known kind, checking its content against its name.
    ///
    /// libgit2 would do so with the SHA-1 that detects collisions, and take as long for that as for all else. To detect them is
    /// for who receives objects (`git index-pack` does); what is looked for here is an object under the name of another.
    pub(super) fn read<'odb>(
        &self,
        odb: &'odb git2::Odb<'_>,
        id: ObjectId,
        kind: ObjectKind,
    ) -> Result<Object<'odb>, EvidenceError> {
        if let Some(kept) = self.kept.get(id.oid(), kind.into()) {
            return Ok(kept);
        }
        self.loose.check(id)?;
        let mut read = odb.read(id.oid());
        // how much of history is needed, only whoever walks it knows
        let is_brought = match kind {
            ObjectKind::Tree | ObjectKind::Blob | ObjectKind::Tag => true,
            ObjectKind::Commit => false,
        };
        if is_brought && is_missing(&read) && self.bring(id, kind)? {
            read = odb.read(id.oid());
        }
        let object = read.map_err(|error| self.not_read(id, kind, &error))?;
        let found = kind_of(id, object.kind())?;
        let unreadable = |reason: String| EvidenceError::UnreadableObject { id, reason };
        if found != kind {
            return Err(unreadable(format!("it is a {found} where a {kind} should be")));
        }
        let named = ObjectId::of(kind, object.data());
        if named != Some(id) {
            return Err(unreadable("its content is not what its name says".to_owned()));
        }
        Ok(self.kept.keep(id.oid(), object))
    }

    /// Returns whether an object is in this repository, without bringing it where it is missing. What can't be found out counts as there.
    #[must_use]
    pub fn has(&self, id: ObjectId) -> bool {
        self.odb().map_or(true, |odb| odb.exists(id.oid()))
    }

    /// The kind of an object and its size in bytes. `wanted` is the kind that the caller hopes for, which says why an
    /// object is missing.
    pub(super) fn header(
        &self,
        odb: &git2::Odb<'_>,
        id: ObjectId,
        wanted: ObjectKind,
    ) -> Result<(ObjectKind, u64), EvidenceError> {
        self.loose.check(id)?;
        let mut read = odb.read_header(id.oid());
        if is_missing(&read) && self.bring(id, wanted)? {
            read = odb.read_header(id.oid());
        }
        let (size, kind) = read.map_err(|error| self.not_read(id, wanted, &error))?;
        let size = u64::try_from(size)
            .map_err(|_| EvidenceError::UnreadableObject { id, reason: "it is too large".to_owned() })?;
        Ok((kind_of(id, kind)?, size))
    }

    fn not_read(&self, id: ObjectId, wanted: ObjectKind, error: &git2::Error) -> EvidenceError {
        if error.code() != git2::ErrorCode::NotFound {
            return EvidenceError::UnreadableObject { id, reason: error.message().to_owned() };
        }
        let Completeness { shallow, promisor } = match self.completeness() {
            Ok(completeness) => completeness,
            Err(error) => return error,
        };
        // A shallow clone lacks commits, and tags of them, but has all of every commit that it has.
        let cut_off = match wanted {
            ObjectKind::Commit | ObjectKind::Tag => shallow,
            ObjectKind::Tree | ObjectKind::Blob => false,
        };
        let absence = match promisor {
            _ if cut_off => Absence::Shallow,
            Some(remote) => Absence::Partial { remote },
            None => Absence::Unexplained,
        };
        EvidenceError::MissingObject { id, absence }
    }

    /// The error for what libgit2 says of the repository as a whole.
    pub(super) fn corrupt(&self, error: &git2::Error) -> EvidenceError {
        EvidenceError::CorruptRepository { path: self.inner.path().to_path_buf(), reason: error.message().to_owned() }
    }
}

/// Sets whether what is read of any repository is kept for another look, as it is at first. To keep it takes time and memory,
/// and pays off where several comparisons read the same trees.
pub fn keep_objects(keep: bool) {
    git2::opts::enable_caching(keep);
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Repository").field("git_dir", &self.git_dir()).finish_non_exhaustive()
    }
}

fn is_missing<T>(read: &Result<T, git2::Error>) -> bool {
    read.as_ref().is_err_and(|error| error.code() == git2::ErrorCode::NotFound)
}

impl From<ObjectKind> for git2::ObjectType {
    fn from(kind: ObjectKind) -> Self {
        match kind {
            ObjectKind::Commit => Self::Commit,
            ObjectKind::Tree => Self::Tree,
            ObjectKind::Blob => Self::Blob,
            ObjectKind::Tag => Self::Tag,
        }
    }
}

fn kind_of(id: ObjectId, kind: git2::ObjectType) -> Result<ObjectKind, EvidenceError> {
    match kind {
        git2::ObjectType::Commit => Ok(ObjectKind::Commit),
        git2::ObjectType::Tree => Ok(ObjectKind::Tree),
        git2::ObjectType::Blob => Ok(ObjectKind::Blob),
        git2::ObjectType::Tag => Ok(ObjectKind::Tag),
        git2::ObjectType::Any => Err(EvidenceError::UnreadableObject { id, reason: "its type is unknown".to_owned() }),
    }
}
