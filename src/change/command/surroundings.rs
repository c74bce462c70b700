//! What the tool of a command finds around it: variables, the working directory and files.

use std::collections::BTreeMap;

use crate::change::command::wrapper::{Started, name_of, started};

/// The most bytes that are read of one file, unless it is a saved plan.
pub const MOST_TOOL_BYTES: u64 = 1 << 20;

/// The most entries of one folder that are read.
pub const MOST_TOOL_ENTRIES: usize = 10_000;

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderEntry {
    /// Its name, without the folder.
    pub name: Vec<u8>,
    /// True if it is a folder itself; a symbolic link to one is not.
    pub is_folder: bool,
}

/// The reason why a file has nothing to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFault {
    /// There is none.
    Missing,
    /// It is there, and can't be read; why, for people.
    Unreadable(String),
}

/// The world in which a command is started. Nothing is run to find out, and nothing is written.
pub trait Surroundings {
    /// Returns why variables and the home are not known, for people; `None` where they are.
    fn unknown(&self) -> Option<String> {
        None
    }

    /// A variable, also one that is empty; `None` if it is not set.
    fn set_variable(&self, name: &str) -> Option<Vec<u8>>;

    /// The working directory, from the root of the file system.
    fn folder(&self) -> Vec<u8>;

    /// At most `limit` and one byte of a file, by its path from the root of the file system.
    ///
    /// # Errors
    ///
    /// [`FileFault`] if there is none, or it can't be read.
    fn read_file(&self, path: &[u8], limit: u64) -> Result<Vec<u8>, FileFault>;

    /// At most [`MOST_TOOL_ENTRIES`] and one entry of a folder, by its path from the root of the file system, in any order; `None` if
    /// something else is there, or nothing.
    ///
    /// # Errors
    ///
    /// [`FileFault`] if it can't be read.
    fn read_folder(&self, path: &[u8]) -> Result<Option<Vec<FolderEntry>>, FileFault>;
}

/// A doubt: what is not known, and why, for people.
pub(super) type Unknown = String;

/// The surroundings of a command behind its wrappers.
pub(super) struct Scene<'s> {
    outside: &'s dyn Surroundings,
    /// Variables that wrappers set, or take away.
    changed: BTreeMap<String, Option<Vec<u8>>>,
    /// True if a wrapper takes all variables away.
    is_cleared: bool,
    /// The folder that a wrapper changes to.
    folder: Option<Vec<u8>>,
    /// The reason why variables are not known.
    unknown: Option<Unknown>,
    /// The reason why files are not known.
    elsewhere: Option<Unknown>,
}

impl<'s> Scene<'s> {
    /// Those of a command, and the words of what its wrappers start in the end.
    pub(super) fn of<'w>(outside: &'s dyn Surroundings, words: &'w [Vec<u8>]) -> (Self, &'w [Vec<u8>]) {
        let mut scene = Self {
            outside,
            changed: BTreeMap::new(),
            is_cleared: false,
            folder: None,
            unknown: outside.unknown(),
            elsewhere: None,
        };
        let mut words = words;
        while let Started::Command(inner) = started(words) {
            let own = words.len().saturating_sub(inner.len());
            scene.wrap(name_of(words), words.get(1..own).unwrap_or_default());
            words = inner;
        }
        (scene, words)
    }

    fn wrap(&mut self, name: &[u8], own: &[Vec<u8>]) {
        match name {
            b"env" => self.env(own),
            b"sudo" | b"doas" => {
                let name = String::from_utf8_lossy(name).into_owned();
                self.unknown = Some(format!("which variables and which home `{name}` gives it is not known"));
                if own.iter().any(|word| changes_folder(word)) {
                    self.elsewhere = Some(format!("in which folder `{name}` starts it is not read here"));
                }
            }
            _ => {}
        }
    }

    /// Does what env(1) does with its own words.
    fn env(&mut self, own: &[Vec<u8>]) {
        let mut words = own.iter().map(Vec::as_slice);
        while let Some(word) = words.next() {
            match word {
                b"-" | b"-i" | b"--ignore-environment" => self.clear(),
                b"-u" | b"--unset" => self.unset(words.next().unwrap_or_default()),
                b"-C" | b"--chdir" => self.enter(words.next().unwrap_or_default()),
                b"-a" | b"--argv0" => drop(words.next()),
                b"--" => {}
                _ => self.env_word(word),
            }
        }
    }

    fn env_word(&mut self, word: &[u8]) {
        if let Some(name) = word.strip_prefix(b"--unset=") {
            self.unset(name);
        } else if let Some(folder) = word.strip_prefix(b"--chdir=") {
            self.enter(folder);
        } else if word.starts_with(b"--") {
        } else if let Some(letters) = word.strip_prefix(b"-") {
            let mut letters = letters;
            while let Some((letter, rest)) = letters.split_first() {
                match letter {
                    b'i' => self.clear(),
                    // the value in the same word; one in the next word comes as a word that is not an option
                    b'u' | b'C' | b'a' if rest.is_empty() => {
                        self.unknown = Some("which variables `env` sets is not understood".to_owned());
                    }
                    b'u' => self.unset(rest),
                    b'C' => self.enter(rest),
                    _ => {}
                }
                letters = if matches!(letter, b'u' | b'C' | b'a') { &[] } else { rest };
            }
        } else if let Some(at) = word.iter().position(|byte| *byte == b'=') {
            let (name, value) = word.split_at(at);
            let name = String::from_utf8_lossy(name).into_owned();
            self.changed.insert(name, Some(value.get(1..).unwrap_or_default().to_vec()));
        }
    }

    fn clear(&mut self) {
        self.is_cleared = true;
        self.changed.clear();
    }

    fn unset(&mut self, name: &[u8]) {
        self.changed.insert(String::from_utf8_lossy(name).into_owned(), None);
    }

    fn enter(&mut self, folder: &[u8]) {
        let folder = self.absolute(folder);
        self.folder = Some(folder);
    }

    /// A variable; `None` if it is not set, or empty.
    ///
    /// # Errors
    ///
    /// Why it is not known.
    pub(super) fn variable(&self, name: &str) -> Result<Option<Vec<u8>>, Unknown> {
        if let Some(why) = &self.unknown {
            return Err(why.clone());
        }
        let value = match self.changed.get(name) {
            Some(value) => value.clone(),
            None if self.is_cleared => None,
            None => self.outside.set_variable(name),
        };
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// A path as the command sees it, from the root of the file system.
    pub(super) fn absolute(&self, path: &[u8]) -> Vec<u8> {
        let is_separator = |byte: &u8| std::path::is_separator(char::from(*byte));
        let is_of_drive = cfg!(windows) && path.get(1) == Some(&b':');
        if path.first().is_some_and(is_separator) || is_of_drive {
            return path.to_vec();
        }
        let folder = self.folder.clone().unwrap_or_else(|| self.outside.folder());
        join(&folder, path)
    }

    /// The same, for a file or a folder that is to be read.
    fn found_at(&self, path: &[u8]) -> Result<Vec<u8>, Unknown> {
        match &self.elsewhere {
            Some(why) => Err(why.clone()),
            None => Ok(self.absolute(path)),
        }
    }

    /// A file, by a path as the command sees it; `None` if it is not there.
    ///
    /// # Errors
    ///
    /// Why it can't be read.
    pub(super) fn file(&self, path: &[u8]) -> Result<Option<Vec<u8>>, Unknown> {
        self.file_up_to(path, MOST_TOOL_BYTES)
    }

    /// The same of a file of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// Why it can't be read.
    pub(super) fn file_up_to(&self, path: &[u8], limit: u64) -> Result<Option<Vec<u8>>, Unknown> {
        let told = String::from_utf8_lossy(path);
        match self.outside.read_file(&self.found_at(path)?, limit) {
            Ok(bytes) if bytes.len() as u64 > limit => Err(format!("`{told}` has more than {} MiB", limit >> 20)),
            Ok(bytes) => Ok(Some(bytes)),
            Err(FileFault::Missing) => Ok(None),
            Err(FileFault::Unreadable(why)) => Err(format!("`{told}` can't be read: {why}")),
        }
    }

    /// The entries of a folder, sorted by name, by a path as the command sees it; `None` if it is not a folder.
    ///
    /// # Errors
    ///
    /// Why it can't be read.
    pub(super) fn folder(&self, path: &[u8]) -> Result<Option<Vec<FolderEntry>>, Unknown> {
        let told = String::from_utf8_lossy(path);
        match self.outside.read_folder(&self.found_at(path)?) {
            Ok(Some(entries)) if entries.len() > MOST_TOOL_ENTRIES => {
                Err(format!("the folder `{told}` has more than {MOST_TOOL_ENTRIES} entries"))
            }
            Ok(Some(mut entries)) => {
                entries.sort_unstable_by(|one, other| one.name.cmp(&other.name));
                Ok(Some(entries))
            }
            Ok(None) | Err(FileFault::Missing) => Ok(None),
            Err(FileFault::Unreadable(why)) => Err(format!("the folder `{told}` can't be read: {why}")),
        }
    }

    /// A path in the home of who starts the command.
    ///
    /// # Errors
    ///
    /// Why it is not known.
    pub(super) fn at_home(&self, path: &str) -> Result<Vec<u8>, Unknown> {
        if cfg!(windows) {
            return Err("where the home of its user is, is not known on Windows".to_owned());
        }
        Ok(self.variable("HOME")?.map_or_else(|| path.as_bytes().to_vec(), |home| join(&home, path.as_bytes())))
    }
}

/// Returns whether a word of sudo(8) makes another folder the working directory or the root.
fn changes_folder(word: &[u8]) -> bool {
    match word.strip_prefix(b"--") {
        Some(long) => long.starts_with(b"ch"),
        None => word.starts_with(b"-") && word.iter().any(|byte| b"DR".contains(byte)),
    }
}

/// A path below a folder.
pub(super) fn join(folder: &[u8], path: &[u8]) -> Vec<u8> {
    let mut joined = folder.to_vec();
    if !joined.ends_with(b"/") {
        joined.push(b'/');
    }
    joined.extend_from_slice(path);
    joined
}
