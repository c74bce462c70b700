//! Policy files, as the tests keep them: in folders, and in memory.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use freezegate::diagnostic::Faults;
use freezegate::diagnostic::render::render;
use freezegate::policy::Policy;
use freezegate::policy::load::{PolicyFiles, ReadFault, load};

/// The folder `path` of the repository.
pub(crate) fn of_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The files below a folder, by their path relative to it.
#[derive(Debug)]
pub(crate) struct Folder(pub(crate) PathBuf);

impl PolicyFiles for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        // the words are ours: those of the system differ from one to the next
        let fault = |cause: &str, help: &str| Err(ReadFault { cause: cause.to_owned(), help: help.to_owned() });
        let path = self.0.join(path);
        if path.is_dir() {
            return fault("is a folder", "name a file in it");
        }
        match std::fs::read(&path) {
            Ok(bytes) => Ok(bytes),
            Err(_) => fault("is not there", "fix the path"),
        }
    }
}

/// Files in memory, by path.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory(pub(crate) BTreeMap<String, Vec<u8>>);

impl Memory {
    /// One file, `freezegate.toml`.
    pub(crate) fn one(bytes: impl Into<Vec<u8>>) -> Self {
        Self::default().with("freezegate.toml", bytes)
    }

    /// The same with another file.
    pub(crate) fn with(mut self, path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.insert(path.into(), bytes.into());
        self
    }

    /// The policy that begins with `freezegate.toml`.
    pub(crate) fn load(&self) -> Result<Policy, Faults> {
        load(self, &["freezegate.toml".to_owned()], &[])
    }
}

impl PolicyFiles for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        let fault = || ReadFault { cause: "is not there".to_owned(), help: "fix the path".to_owned() };
        self.0.get(path).cloned().ok_or_else(fault)
    }
}

/// A policy of the tests: a file of `folder`, or a folder below it with a `freezegate.toml`.
#[derive(Debug)]
pub(crate) struct Case {
    /// The name without `.toml`.
    pub(crate) name: String,
    /// The place where its files are.
    pub(crate) folder: PathBuf,
    /// The first of its files.
    pub(crate) entry: String,
    /// What is to be reported of it.
    pub(crate) expected: PathBuf,
}

impl Case {
    /// All cases of the folder `path` of the repository, by name.
    pub(crate) fn all(path: &str) -> Vec<Self> {
        let folder = of_repository(path);
        let mut cases: Vec<Self> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter_map(|path| {
                let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
                if path.is_dir() {
                    let expected = path.join("expected");
                    // files to include are nobody's policy
                    return path.join("freezegate.toml").exists().then(|| Self {
                        name,
                        folder: path,
                        entry: "freezegate.toml".to_owned(),
                        expected,
                    });
                }
                // beside a policy lie its cases, and hazards for policies to include
                (path.extension()? == "toml" && !name.ends_with(".test") && name != "hazards").then(|| Self {
                    expected: path.with_extension("expected"),
                    entry: format!("{name}.toml"),
                    folder: folder.clone(),
                    name,
                })
            })
            .collect();
        cases.sort_by(|a, b| a.name.cmp(&b.name));
        assert!(!cases.is_empty(), "{path}");
        cases
    }

    pub(crate) fn load(&self) -> Result<Policy, Faults> {
        load(&Folder(self.folder.clone()), std::slice::from_ref(&self.entry), &[])
    }
}

/// The policy `name` of the folder `path` of the repository.
pub(crate) fn policy(path: &str, name: &str) -> Policy {
    load(&Folder(of_repository(path)), &[name.to_owned()], &[]).unwrap_or_else(|faults| panic!("{}", report(&faults)))
}

/// Returns what people read of `faults`.
pub(crate) fn report(faults: &Faults) -> String {
    render(&faults.diagnostics, &faults.sources, 80, false)
}
