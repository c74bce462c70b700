//! Refs: what they point to, and which of them is the default branch.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

use super::{EvidenceError, ObjectId, RefName, Repository, Revision};

/// A ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ref {
    /// Its full name.
    pub name: RefName,
    /// Its target.
    pub target: RefTarget,
}

/// The target of a ref.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefTarget {
    /// An object: a commit, or anything else that was tagged or pushed. The repository may lack it.
    Object(ObjectId),
    /// Another ref, which need not exist.
    Ref(RefName),
}

/// The state of `HEAD`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The branch that it stands for; none if it is detached.
    pub branch: Option<RefName>,
    /// The commit; none if the branch has none yet.
    pub revision: Option<Revision>,
}

impl Repository {
    /// Looks a ref up by its full name; none if it does not exist. What a symbolic ref points to is not looked at.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRef`] if it is there and cannot be read.
    pub fn find_ref(&self, name: &RefName) -> Result<Option<Ref>, EvidenceError> {
        let corrupt =
            |error: &git2::Error| EvidenceError::CorruptRef { name: name.clone(), reason: error.message().to_owned() };
        let Ok(text) = name.as_text() else {
            // libgit2 looks up text alone.
            return Ok(self.refs()?.into_iter().find(|found| found.name == *name));
        };
        match self.inner().find_reference(text) {
            Ok(found) => Ok(Some(Ref { name: name.clone(), target: target(&found).map_err(|error| corrupt(&error))? })),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(corrupt(&error)),
        }
    }

    /// Follows a ref to the object that it stands for, which may be a tag; none if the ref does not exist.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::DanglingRef`] if it points to a ref that does not exist, [`EvidenceError::CorruptRef`] if one on the way
    /// cannot be read, or they go round in a circle.
    pub fn resolve_ref(&self, name: &RefName) -> Result<Option<ObjectId>, EvidenceError> {
        let mut at = name.clone();
        // git follows five (`SYMREF_MAXDEPTH`).
        for _ in 0..=5 {
            match self.find_ref(&at)? {
                Some(Ref { target: RefTarget::Object(id), .. }) => return Ok(Some(id)),
                Some(Ref { target: RefTarget::Ref(next), .. }) => at = next,
                None if at == *name => return Ok(None),
                None => return Err(EvidenceError::DanglingRef { name: name.clone() }),
            }
        }
        Err(EvidenceError::CorruptRef { name: name.clone(), reason: "too many refs point to one another".to_owned() })
    }

    /// The names of the refs below a folder such as `refs/tags/`, in their order.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRepository`] where they can't be listed, and [`EvidenceError::InvalidRefName`].
    pub fn refs_below(&self, folder: &str) -> Result<Vec<RefName>, EvidenceError> {
        let mut found = Vec::new();
        let listed = self.inner().references_glob(&format!("{folder}*")).map_err(|error| self.corrupt(&error))?;
        for reference in listed {
            let reference = reference.map_err(|error| self.corrupt(&error))?;
            found.push(RefName::new(reference.name_bytes())?);
        }
        found.sort_unstable();
        Ok(found)
    }

    /// All refs below `refs/`, in the order of their names.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRef`] for a ref that cannot be read, where git would leave it out with a warning.
    pub fn refs(&self) -> Result<Vec<Ref>, EvidenceError> {
        // libgit2 leaves out files that it cannot read, so they are looked for first.
        let loose = self.loose_refs()?;
        let mut found = BTreeMap::new();
        for reference in self.inner().references().map_err(|error| self.corrupt(&error))? {
            let reference = reference.map_err(|error| self.corrupt(&error))?;
            let name = RefName::new(reference.name_bytes())?;
            let target = target(&reference).map_err(|error| EvidenceError::CorruptRef {
                name: name.clone(),
                reason: error.message().to_owned(),
            })?;
            found.insert(name, target);
        }
        for (name, _) in loose {
            if found.contains_key(&name) {
                continue;
            }
            if name.as_text().is_err() {
                return Err(EvidenceError::CorruptRef { name, reason: "its file is malformed".to_owned() });
            }
            // One that was deleted meanwhile is no longer there, and that is all.
            if let Some(found_now) = self.find_ref(&name)? {
                found.insert(name, found_now.target);
            }
        }
        Ok(found.into_iter().map(|(name, target)| Ref { name, target }).collect())
    }

    /// The files below `refs` that are refs by their names (gitrepository-layout(5)), each with its path.
    pub(super) fn loose_refs(&self) -> Result<Vec<(RefName, PathBuf)>, EvidenceError> {
        let mut names = Vec::new();
        let root = self.inner().commondir().join("refs");
        let mut folders = vec![(root, b"refs".to_vec())];
        while let Some((folder, prefix)) = folders.pop() {
            let read = match fs::read_dir(&folder) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(EvidenceError::file(&folder, &error)),
            };
            for entry in read {
                let entry = entry.map_err(|error| EvidenceError::file(&folder, &error))?;
                let path = entry.path();
                let name = [prefix.as_slice(), b"/", OsStr::as_encoded_bytes(&entry.file_name())].concat();
                if is_folder(&path)? {
                    folders.push((path, name));
                } else if let Ok(name) = RefName::new(&name) {
                    // A lock, or what an editor left behind, is no ref: git allows no such name.
                    names.push((name, path));
                }
            }
        }
        Ok(names)
    }

    /// Returns what `HEAD` is: of a bare repository, its default branch.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRef`], and those of [`revision_at`](Self::revision_at).
    pub fn head(&self) -> Result<Head, EvidenceError> {
        let head = RefName::head();
        match self.find_ref(&head)?.map(|found| found.target) {
            Some(RefTarget::Object(id)) => Ok(Head { branch: None, revision: self.revision_at(id)? }),
            Some(RefTarget::Ref(branch)) => {
                let revision = match self.resolve_ref(&branch) {
                    Ok(Some(id)) => self.revision_at(id)?,
                    // its name leads to a branch that the first commit makes
                    Ok(None) | Err(EvidenceError::DanglingRef { .. }) => None,
                    Err(error) => return Err(error),
                };
                Ok(Head { branch: Some(branch), revision })
            }
            None => Err(EvidenceError::CorruptRef { name: head, reason: "it is not there".to_owned() }),
        }
    }

    /// Returns the remote-tracking ref that `refs/remotes/REMOTE/HEAD` points to: the default branch of the remote when it was cloned.
    /// `None` if there is no such ref. It guesses nothing: anybody may push a branch called `main`.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::DanglingRef`] if it points to a branch that is no longer there, [`EvidenceError::CorruptRef`] if to none,
    /// [`EvidenceError::InvalidRefName`] for what no remote can be called.
    pub fn named_default_branch(&self, remote: &str) -> Result<Option<RefName>, EvidenceError> {
        let head = RefName::new(format!("refs/remotes/{remote}/HEAD"))?;
        match self.find_ref(&head)?.map(|found| found.target) {
            Some(RefTarget::Ref(branch)) if self.resolve_ref(&branch)?.is_some() => Ok(Some(branch)),
            Some(RefTarget::Ref(_)) => Err(EvidenceError::DanglingRef { name: head }),
            Some(RefTarget::Object(_)) => {
                Err(EvidenceError::CorruptRef { name: head, reason: "it points to no branch".to_owned() })
            }
            None => Ok(None),
        }
    }

    /// The remote-tracking ref of a remote's default branch as last fetched: what `refs/remotes/REMOTE/HEAD` points to; where
    /// there is none, `refs/remotes/REMOTE/main` or `refs/remotes/REMOTE/master`, whichever exists. None if nothing was fetched.
    ///
    /// `git clone` writes that `HEAD` and `git fetch` leaves it alone (before git 2.48): it may name what *was* the default
    /// branch.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::AmbiguousRevision`] if `main` and `master` both exist and no `HEAD` decides, [`EvidenceError::DanglingRef`] if
    /// the `HEAD` points to a branch that is no longer there, [`EvidenceError::InvalidRefName`] for what no remote can be called.
    pub fn default_branch(&self, remote: &str) -> Result<Option<RefName>, EvidenceError> {
        if let Some(named) = self.named_default_branch(remote)? {
            return Ok(Some(named));
        }
        let tracking = |branch: &str| RefName::new(format!("refs/remotes/{remote}/{branch}"));
        let (main, master) = (tracking("main")?, tracking("master")?);
        match (self.resolve_ref(&main)?, self.resolve_ref(&master)?) {
            (Some(_), None) => Ok(Some(main)),
            (None, Some(_)) => Ok(Some(master)),
            (None, None) => Ok(None),
            (Some(_), Some(_)) => {
                let revision = tracking("HEAD")?.to_string();
                Err(EvidenceError::AmbiguousRevision { revision, candidates: vec![main, master] })
            }
        }
    }
}

fn target(reference: &git2::Reference<'_>) -> Result<RefTarget, git2::Error> {
    match (reference.target(), reference.symbolic_target_bytes()) {
        (Some(id), _) => Ok(RefTarget::Object(ObjectId::from(id))),
        (None, Some(name)) => match RefName::new(name) {
            Ok(name) => Ok(RefTarget::Ref(name)),
            Err(_) => Err(git2::Error::from_str("it points to what is no ref")),
        },
        (None, None) => Err(git2::Error::from_str("it points to nothing")),
    }
}

fn is_folder(path: &Path) -> Result<bool, EvidenceError> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(metadata.is_dir()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(EvidenceError::file(path, &error)),
    }
}
