//! A text that several machines add to: in a file, or in a git ref, whose newest commit holds all of it in one file.
//!
//! A ref is moved by compare-and-swap, as that of a record is: from where it was when the text was read to a commit with more text, or
//! not at all. Who finds that another job was first reads again and tries again. Old text stays: each commit has the one before it as
//! its parent.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::change::git::{EvidenceError, Limits, ObjectId, RefName, Repository};
use crate::escape::system_words;
use crate::proof::record::patience::wait;
use crate::proof::record::program::{GitInRepository, PartToFetch, SERVER_REFUSED};
use crate::proof::record::{Patience, RecordError};
use crate::time::instant::Instant;

/// The number of times that it is tried to be the first.
const ATTEMPTS: u32 = 20;

/// For how long a file that ends within a line is read again: somebody may be writing to it.
const MOST_TORN: Duration = Duration::from_secs(2);

/// What git says of a remote that does not exist.
const NO_REPOSITORY: &str = "does not appear to be a git repository";

/// The author of the commits. The name can belong to nobody (RFC 2606).
const AUTHOR: &str = "freezegate <freezegate@freezegate.invalid>";

/// The place where the text is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Carrier {
    File(PathBuf),
    Ref {
        git_dir: PathBuf,
        remote: Option<String>,
        name: String,
        /// The name of the text in the tree of a commit.
        file: &'static str,
    },
}

/// A text that several machines add to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedText {
    carrier: Carrier,
    most_bytes: usize,
}

/// An addition to a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// The text that replaces the text so far, to the end of a line; `None` keeps it. A file is only ever added to, and keeps it always.
    pub instead: Option<String>,
    /// The text, to the end of a line.
    pub text: String,
    /// A summary of the addition in one line, for whoever reads the log of the ref.
    pub subject: String,
    /// The time, in seconds since 1970-01-01T00:00:00Z.
    pub at: Instant,
}

/// A text as it was read.
struct Version {
    text: String,
    /// The commit that holds it.
    tip: Option<String>,
    /// The commits that are here without the one before them.
    boundary: BTreeSet<String>,
}

/// The reason why a text can't be read or added to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SharedTextError {
    /// There is no file.
    NoFile {
        /// Its path.
        path: PathBuf,
    },
    /// The content is not text, or too long.
    NotText {
        /// The place.
        place: String,
        /// Its kind.
        cause: String,
    },
    /// The file, the repository, or the remote said no.
    Carrier {
        /// The place.
        place: String,
        /// The reason.
        error: RecordError,
    },
    /// Others were first, every time.
    Contended {
        /// The place.
        place: String,
    },
}

impl SharedTextError {
    /// Returns how to fix it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::NoFile { path } => {
                let path = crate::shell::word_of_bytes(path.as_os_str().as_encoded_bytes()).into_owned();
                format!("fix the path, or begin with an empty file: `touch {path}`")
            }
            Self::NotText { .. } => "name another place, or see who wrote to it".to_owned(),
            Self::Carrier { error, .. } => match error {
                RecordError::Remote { help, .. } => help.clone(),
                RecordError::Repository(error) => error.help(),
                RecordError::NoGit { .. } | RecordError::Unreached { .. } | RecordError::NoFolder { .. } => {
                    error.help()
                }
                RecordError::File { .. } | RecordError::Locked { .. } => {
                    "make sure that the file may be read and written here".to_owned()
                }
                RecordError::Git { cause, .. } if cause.starts_with(SERVER_REFUSED) => {
                    "do what the server says, or name another place".to_owned()
                }
                RecordError::Git { cause, .. } if cause.contains(NO_REPOSITORY) => {
                    "fix the name: `git remote -v` lists the remotes of this repository".to_owned()
                }
                RecordError::Missing { .. }
                | RecordError::NotAFile { .. }
                | RecordError::NotARecord { .. }
                | RecordError::Replaced { .. }
                | RecordError::Broken { .. }
                | RecordError::Git { .. }
                | RecordError::TimedOut { .. }
                | RecordError::Contended { .. }
                | RecordError::TooLarge { .. }
                | RecordError::Encoding(_) => {
                    "make sure that the repository answers and may be used from here, and try again".to_owned()
                }
            },
            Self::Contended { .. } => "try again".to_owned(),
        }
    }
}

impl fmt::Display for SharedTextError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFile { path } => write!(f, "there is no file `{}`", path.display()),
            Self::NotText { place, cause } => write!(f, "`{place}` {cause}"),
            Self::Contended { place } => write!(f, "others wrote to `{place}` first, {ATTEMPTS} times in a row"),
            Self::Carrier { place, error } => match error {
                RecordError::Git { cause, .. } if cause.starts_with(SERVER_REFUSED) => {
                    write!(f, "`{place}` can't be written to: {cause}")
                }
                RecordError::Git { tried, cause } => write!(f, "`{place}` can't be reached: `git {tried}`: {cause}"),
                RecordError::Unreached { tried, cause, unused } => {
                    let keys = unused.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
                    write!(
                        f,
                        "`{place}` can't be reached: `git {tried}`: {cause}; not used, because it can run programs or switch checks off: {keys} of the repository's own configuration"
                    )
                }
                RecordError::TimedOut { tried, waited } => {
                    write!(f, "`{place}` can't be reached: `git {tried}` did not end within {} s", waited.get())
                }
                RecordError::Remote { remote, cause, .. } => write!(f, "the remote `{remote}` is not used: {cause}"),
                RecordError::File { tried, path, cause } => {
                    write!(f, "`{}` can't be {tried}: {cause}", path.display())
                }
                RecordError::NoFolder { path, folder } => {
                    write!(f, "the folder `{}` of `{}` does not exist", folder.display(), path.display())
                }
                RecordError::Locked { path, waited } => {
                    write!(f, "`{}` was locked by another process for {} s", path.display(), waited.get())
                }
                RecordError::Missing { .. }
                | RecordError::NotAFile { .. }
                | RecordError::NotARecord { .. }
                | RecordError::Replaced { .. }
                | RecordError::Broken { .. }
                | RecordError::Repository(_)
                | RecordError::NoGit { .. }
                | RecordError::Contended { .. }
                | RecordError::TooLarge { .. }
                | RecordError::Encoding(_) => error.fmt(f),
            },
        }
    }
}

impl std::error::Error for SharedTextError {}

impl SharedText {
    /// The text in a file, of so many bytes at most.
    #[must_use]
    pub const fn in_file(path: PathBuf, most_bytes: usize) -> Self {
        Self { carrier: Carrier::File(path), most_bytes }
    }

    /// The text in the ref `name` of the repository, or of `remote` as the repository reaches it, of so many bytes at most; `file` is what
    /// the text is called in commits. Nothing is looked at yet.
    ///
    /// # Errors
    ///
    /// [`EvidenceError::InvalidRefName`] for a name that is not UTF-8.
    pub fn in_ref(
        repository: &Repository,
        (remote, name): (Option<String>, &RefName),
        file: &'static str,
        most_bytes: usize,
    ) -> Result<Self, EvidenceError> {
        let Ok(text) = str::from_utf8(name.as_bytes()) else {
            return Err(EvidenceError::InvalidRefName { name: name.as_bytes().to_vec() });
        };
        let git_dir = repository.git_dir().to_path_buf();
        Ok(Self { carrier: Carrier::Ref { git_dir, remote, name: text.to_owned(), file }, most_bytes })
    }

    /// Reads the text; empty if there is no such ref yet.
    ///
    /// # Errors
    ///
    /// [`SharedTextError`]; a missing file is one.
    pub fn read(&self) -> Result<String, SharedTextError> {
        match &self.carrier {
            Carrier::File(path) => self.read_file(path),
            Carrier::Ref { git_dir, .. } => {
                let git = GitInRepository::new(git_dir, Patience::default());
                Ok(self.version(&git)?.text)
            }
        }
    }

    /// Adds what `add` returns, given the text so far; nothing if it returns `None`. `add` is called again if others were first. A file that
    /// does not exist yet is begun.
    ///
    /// # Errors
    ///
    /// What `add` says, and [`SharedTextError`].
    pub fn append<E>(&self, add: &mut dyn FnMut(&str) -> Result<Option<Addition>, E>) -> Result<(), E>
    where
        E: From<SharedTextError>,
    {
        match &self.carrier {
            Carrier::File(path) => self.append_to_file(path, add),
            Carrier::Ref { git_dir, .. } => {
                self.append_to_ref(&GitInRepository::new(git_dir, Patience::default()), add)
            }
        }
    }

    fn append_to_file<E>(&self, path: &Path, add: &mut dyn FnMut(&str) -> Result<Option<Addition>, E>) -> Result<(), E>
    where
        E: From<SharedTextError>,
    {
        let failed = |tried: &'static str| {
            move |error: std::io::Error| {
                let cause = system_words(&error);
                self.carried(RecordError::File { tried, path: path.to_path_buf(), cause })
            }
        };
        let mut file = OpenOptions::new().create(true).append(true).read(true).open(path).map_err(failed("written"))?;
        let patience = Patience::default().lock;
        let had = wait(patience, &mut Duration::default(), || match file.try_lock() {
            Ok(()) => Some(Ok(())),
            Err(fs::TryLockError::WouldBlock) => None,
            Err(fs::TryLockError::Error(error)) => Some(Err(failed("locked")(error))),
        });
        had.unwrap_or_else(|| {
            Err(self.carried(RecordError::Locked { path: path.to_path_buf(), waited: patience.into() }))
        })?;
        let before = self.text_of(&file, path)?;
        let Some(addition) = add(&before)? else {
            return Ok(());
        };
        let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
        let written = file.write_all(format!("{gap}{}", addition.text).as_bytes()).and_then(|()| file.sync_all());
        written.map_err(failed("written"))?;
        Ok(())
    }

    fn append_to_ref<E>(
        &self,
        git: &GitInRepository<'_>,
        add: &mut dyn FnMut(&str) -> Result<Option<Addition>, E>,
    ) -> Result<(), E>
    where
        E: From<SharedTextError>,
    {
        let mut sent: Option<(String, RecordError, Option<String>)> = None;
        for attempt in 0..ATTEMPTS {
            let before = self.version(git)?;
            if let Some((commit, error, old)) = sent.take() {
                // git may fail to say that it was done
                if before.tip.as_ref() == Some(&commit) {
                    return Ok(());
                }
                // nobody else was first, so that to try again would fail again
                if before.tip == old {
                    return Err(self.carried(error).into());
                }
            }
            let Some(addition) = add(&before.text)? else {
                return Ok(());
            };
            match self.advance(git, &before, &addition) {
                Ok(()) => return Ok(()),
                Err((None, error)) => return Err(self.carried(error).into()),
                Err((Some(commit), error)) => sent = Some((commit, error, before.tip)),
            }
            git.pause(Duration::from_millis(u64::from(attempt).saturating_mul(50)));
        }
        Err(SharedTextError::Contended { place: self.to_string() }.into())
    }

    /// Makes a commit with more text and moves the ref to it; on failure, with the commit that may have been sent all the same.
    fn advance(
        &self,
        git: &GitInRepository<'_>,
        before: &Version,
        addition: &Addition,
    ) -> Result<(), (Option<String>, RecordError)> {
        let Carrier::Ref { remote, name, file, .. } = &self.carrier else {
            return Ok(());
        };
        let kept = addition.instead.as_ref().unwrap_or(&before.text);
        let gap = if kept.is_empty() || kept.ends_with('\n') { "" } else { "\n" };
        let text = format!("{kept}{gap}{}", addition.text);
        let tip = before.tip.as_deref();
        let made = || -> Result<String, RecordError> {
            let blob = ObjectId::from_hex(&git.write_object("blob", text.as_bytes())?)?;
            let entry = [format!("100644 {file}\0").as_bytes(), blob.as_bytes()].concat();
            let tree = git.write_object("tree", &entry)?;
            let parent = tip.map_or_else(String::new, |tip| format!("parent {tip}\n"));
            let (subject, at) = (&addition.subject, addition.at.as_second());
            let commit = format!(
                "tree {tree}\n{parent}author {AUTHOR} {at} +0000\ncommitter {AUTHOR} {at} +0000\n\n{subject}\n"
            );
            git.write_object("commit", commit.as_bytes())
        };
        let commit = made().map_err(|error| (None, error))?;
        let moved = match remote {
            None => git.move_ref(name, tip, &commit),
            Some(remote) => git.push((remote, name), tip, &commit, &before.boundary),
        };
        moved.map_err(|error| (Some(commit), error))
    }

    /// The text of the ref, and where the ref is.
    fn version(&self, git: &GitInRepository<'_>) -> Result<Version, SharedTextError> {
        let Carrier::Ref { git_dir, remote, name, file } = &self.carrier else {
            return Ok(Version { text: self.read()?, tip: None, boundary: BTreeSet::new() });
        };
        let carried = |error: RecordError| self.carried(error);
        let of_git = |error: EvidenceError| self.carried(RecordError::Repository(error));
        let found = match remote {
            None => {
                let repository = Repository::open_at(git_dir).map_err(of_git)?;
                let name = RefName::new(name).map_err(of_git)?;
                let revision = repository.revision_of(&name).map_err(of_git)?;
                revision.map(|revision| (revision.commit.to_string(), BTreeSet::new()))
            }
            Some(remote) => match git.fetch(remote, name, PartToFetch::Last(1)) {
                Ok(fetched) => Some((fetched.tip, fetched.boundary)),
                Err(_) if git.remote_ref(remote, name).map_err(carried)?.is_none() => None,
                // not every server gives a part of a history
                Err(_) => {
                    let fetched = git.fetch(remote, name, PartToFetch::All).map_err(carried)?;
                    Some((fetched.tip, fetched.boundary))
                }
            },
        };
        let Some((tip, boundary)) = found else {
            return Ok(Version { text: String::new(), tip: None, boundary: BTreeSet::new() });
        };
        let limits = Limits { file_bytes: u64::try_from(self.most_bytes).unwrap_or(u64::MAX), ..Limits::default() };
        let repository = Repository::open_at(git_dir).map_err(of_git)?.with_limits(limits);
        let revision = ObjectId::from_hex(&tip).and_then(|id| repository.revision_at(id)).map_err(of_git)?;
        let bytes = match revision.map(|revision| repository.file_at(revision.commit, file)).transpose() {
            Ok(bytes) => bytes.flatten(),
            Err(EvidenceError::FileTooLong { limit, .. }) => {
                return Err(self.not_text(format!("holds more than {limit} bytes")));
            }
            Err(error) => return Err(of_git(error)),
        };
        let bytes = bytes.ok_or_else(|| self.not_text(format!("is at {tip}, which has no file `{file}`")))?;
        let text = String::from_utf8(bytes).map_err(|_| self.not_text("is not UTF-8".to_owned()))?;
        Ok(Version { text, tip: Some(tip), boundary })
    }

    /// The text of a file. One that ends within a line is read again for a while.
    fn read_file(&self, path: &Path) -> Result<String, SharedTextError> {
        let read = || {
            let file = File::open(path).map_err(|error| {
                let is_missing = error.kind() == ErrorKind::NotFound;
                if is_missing {
                    SharedTextError::NoFile { path: path.to_path_buf() }
                } else {
                    self.unread(path, &error)
                }
            })?;
            self.text_of(&file, path)
        };
        let whole = wait(MOST_TORN, &mut Duration::default(), || match read() {
            Ok(text) if text.is_empty() || text.ends_with('\n') => Some(Ok(text)),
            Ok(_) => None,
            Err(error) => Some(Err(error)),
        });
        whole.unwrap_or_else(read)
    }

    fn text_of(&self, file: &File, path: &Path) -> Result<String, SharedTextError> {
        let is_file = file.metadata().map_err(|error| self.unread(path, &error))?.is_file();
        if !is_file {
            return Err(self.not_text("is not a regular file".to_owned()));
        }
        let limit = u64::try_from(self.most_bytes).unwrap_or(u64::MAX).saturating_add(1);
        let mut bytes = Vec::new();
        let mut limited = file.take(limit);
        limited.read_to_end(&mut bytes).map_err(|error| self.unread(path, &error))?;
        if bytes.len() > self.most_bytes {
            return Err(self.not_text(format!("holds more than {} bytes", self.most_bytes)));
        }
        String::from_utf8(bytes).map_err(|_| self.not_text("is not UTF-8".to_owned()))
    }

    fn unread(&self, path: &Path, error: &std::io::Error) -> SharedTextError {
        self.carried(RecordError::File { tried: "read", path: path.to_path_buf(), cause: system_words(error) })
    }

    fn not_text(&self, cause: String) -> SharedTextError {
        SharedTextError::NotText { place: self.to_string(), cause }
    }

    fn carried(&self, error: RecordError) -> SharedTextError {
        SharedTextError::Carrier { place: self.to_string(), error }
    }
}

impl fmt::Display for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.carrier {
            Carrier::File(path) => path.display().fmt(f),
            Carrier::Ref { remote: Some(remote), name, .. } => write!(f, "{remote}:{name}"),
            Carrier::Ref { remote: None, name, .. } => f.write_str(name),
        }
    }
}
