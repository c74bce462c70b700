//! Symbolic refs: under which names one ref is known.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{self, Read as _},
    path::Path,
};

use super::{EvidenceError, ObjectId, Ref, RefName, RefTarget, Repository};

/// git follows as many symbolic refs, one to the next (`SYMREF_MAXDEPTH` in git's `refs.c`).
const MOST_STEPS: usize = 5;

/// As many bytes of a ref's file are read: `ref: ` and a name.
const MOST_BYTES: u64 = 8_192;

/// The refs of a repository at one time: what they point to, and which lead to which.
#[derive(Debug)]
pub struct Refs<'r> {
    repository: &'r Repository,
    /// Everything that each symbolic ref below `refs/` names.
    targets: BTreeMap<RefName, RefName>,
    /// The symbolic refs that name each ref.
    aliases: BTreeMap<RefName, Vec<RefName>>,
    /// Every ref, listed when a name that is not UTF-8 is looked up.
    all: OnceCell<BTreeMap<RefName, RefTarget>>,
}

impl Repository {
    /// Lists the symbolic refs below `refs/`. Packed refs are never symbolic, so only loose ones are read.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRepository`] for a file that cannot be read.
    pub fn symbolic_refs(&self) -> Result<Refs<'_>, EvidenceError> {
        let mut targets = BTreeMap::new();
        let mut aliases: BTreeMap<RefName, Vec<RefName>> = BTreeMap::new();
        for (name, path) in self.loose_refs()? {
            if let Some(target) = symbolic_target(&path).map_err(|error| EvidenceError::file(&path, &error))? {
                aliases.entry(target.clone()).or_default().push(name.clone());
                targets.insert(name, target);
            }
        }
        Ok(Refs { repository: self, targets, aliases, all: OnceCell::new() })
    }
}

impl Refs<'_> {
    /// Returns a name and those that it leads to, the last of which is not symbolic.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRef`] for more steps than git takes.
    pub fn along(&self, name: &RefName) -> Result<Vec<RefName>, EvidenceError> {
        let mut names = vec![name.clone()];
        while let Some(next) = names.last().and_then(|last| self.targets.get(last)) {
            if names.len() > MOST_STEPS {
                let reason = "too many refs point to one another".to_owned();
                return Err(EvidenceError::CorruptRef { name: name.clone(), reason });
            }
            names.push(next.clone());
        }
        Ok(names)
    }

    /// Returns every name that moves when this one is pushed to: itself, those that it leads to, and all symbolic refs that
    /// lead to any of these.
    ///
    /// # Errors
    ///
    /// Those of [`along`](Self::along).
    pub fn moved_with(&self, name: &RefName) -> Result<Vec<RefName>, EvidenceError> {
        let mut names = self.along(name)?;
        let mut known: BTreeSet<RefName> = names.iter().cloned().collect();
        let mut place = 0;
        while let Some(name) = names.get(place) {
            place += 1;
            let new = self.aliases.get(name).into_iter().flatten().filter(|alias| known.insert((*alias).clone()));
            let new: Vec<RefName> = new.cloned().collect();
            names.extend(new);
        }
        Ok(names)
    }

    /// Returns the object that a ref stands for now, symbolic refs followed; none if there is no such ref, or if it leads to
    /// one that does not exist yet.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::CorruptRef`] for a ref that cannot be read, and those of [`along`](Self::along).
    pub fn object(&self, name: &RefName) -> Result<Option<ObjectId>, EvidenceError> {
        let along = self.along(name)?;
        let last = along.last().unwrap_or(name);
        let target = match last.as_text() {
            Ok(_) => self.repository.find_ref(last)?.map(|found| found.target),
            Err(_) => self.all()?.get(last).cloned(),
        };
        match target {
            Some(RefTarget::Object(id)) => Ok(Some(id)),
            Some(RefTarget::Ref(_)) => Err(EvidenceError::CorruptRef {
                name: last.clone(),
                reason: "it became symbolic while it was read".to_owned(),
            }),
            None => Ok(None),
        }
    }

    fn all(&self) -> Result<&BTreeMap<RefName, RefTarget>, EvidenceError> {
        if let Some(all) = self.all.get() {
            return Ok(all);
        }
        let all = self.repository.refs()?.into_iter().map(|Ref { name, target }| (name, target)).collect();
        Ok(self.all.get_or_init(|| all))
    }
}

/// Returns what the file of a loose ref names, if it is symbolic (`read_ref_internal` in git's `refs/files-backend.c`): its text after
/// `ref:`, or as a symbolic link, its own target below `refs/`. A target that is no ref cannot be pushed to.
fn symbolic_target(path: &Path) -> io::Result<Option<RefName>> {
    let gone = |error: &io::Error| matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory);
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        match fs::read_link(path) {
            Ok(target) if target.as_os_str().as_encoded_bytes().starts_with(b"refs/") => {
                return Ok(name_of(target.as_os_str().as_encoded_bytes()));
            }
            Ok(_) => {}
            Err(error) if gone(&error) => return Ok(None),
            Err(error) => return Err(error),
        }
    }
    let mut content = Vec::new();
    match fs::File::open(path).and_then(|file| file.take(MOST_BYTES).read_to_end(&mut content)) {
        Ok(_) => Ok(content.strip_prefix(b"ref:").and_then(|text| name_of(text.trim_ascii()))),
        Err(error) if gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn name_of(text: &[u8]) -> Option<RefName> {
    let Ok(name) = RefName::new(text) else { return None };
    Some(name)
}
