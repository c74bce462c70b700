//! Where a shared record was last seen, kept in the repository at hand and out of reach of pushes and fetches.
//!
//! A ref could be moved by whoever pushes (`git push +HEAD:refs/…`), and by `git fetch '+refs/*:refs/*'`. A file beside the
//! refs has no name that either could use.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::patience::wait;
use super::{Digest, Patience, RecordError};
use crate::change::git::ObjectId;

/// The file that remembers one record.
#[derive(Debug)]
pub(super) struct RecordMemory {
    path: PathBuf,
    patience: Patience,
}

impl RecordMemory {
    /// The memory of the record `name` of `remote`, or, without its memory, whose turn it is where `remote` is empty; in the repository whose common directory this is.
    pub(super) fn new(common: &Path, remote: &str, name: &str, patience: Patience) -> Self {
        let key = Digest::of(format!("{remote}\0{name}").as_bytes());
        Self { path: common.join("freezegate").join("seen").join(key.to_string()), patience }
    }

    /// A file beside it.
    pub(super) fn beside(&self, extension: &str) -> PathBuf {
        self.path.with_extension(extension)
    }

    /// The ref that keeps what was fetched from being collected as garbage.
    pub(super) fn anchor(&self) -> String {
        let key = self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        format!("refs/freezegate/seen/{key}")
    }

    /// Returns where the record was last seen; `None` if it never was.
    pub(super) fn seen(&self) -> Result<Option<SeenPlace>, RecordError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(RecordError::file("read", &self.path, &error)),
        };
        SeenPlace::parse(&text).map(Some).ok_or_else(|| {
            let error = io::Error::other("it should hold the name of the commit at which the record was last seen");
            RecordError::file("read", &self.path, &error)
        })
    }

    /// Remembers where the record was seen, unless another job has seen more of it meanwhile.
    pub(super) fn remember(&self, seen: &SeenPlace) -> Result<(), RecordError> {
        let written = |error: io::Error| RecordError::file("written", &self.path, &error);
        let _turn = self.turn()?;
        let mut next = seen.clone();
        if let Some(before) = self.seen()? {
            next.boundary.extend(before.boundary.iter().cloned());
            if before.sequence >= next.sequence {
                (next.commit, next.sequence) = (before.commit.clone(), before.sequence);
            }
            if before == next {
                return Ok(());
            }
        }
        let path = self.path.with_extension("new");
        let mut file = File::create(&path).map_err(written)?;
        file.write_all(next.to_string().as_bytes()).and_then(|()| file.sync_all()).map_err(written)?;
        fs::rename(&path, &self.path).map_err(written)
    }

    /// Waits for the turn of this process; it ends with the value.
    pub(super) fn turn(&self) -> Result<File, RecordError> {
        let written = |error: io::Error| RecordError::file("written", &self.path, &error);
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(written)?;
        }
        let path = self.path.with_extension("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(written)?;
        let had = wait(self.patience.lock, &mut Duration::default(), || match lock.try_lock() {
            Ok(()) => Some(Ok(())),
            Err(fs::TryLockError::WouldBlock) => None,
            Err(fs::TryLockError::Error(error)) => Some(Err(RecordError::file("locked", &path, &error))),
        });
        had.unwrap_or_else(|| Err(RecordError::Locked { path: path.clone(), waited: self.patience.lock.into() }))?;
        Ok(lock)
    }
}

/// The place where a record was seen: in its file a line with the commit and the number of its entry, and one for each end of what was
/// fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SeenPlace {
    pub(super) commit: String,
    /// The number of its entry; 0 if older versions saw it, which did not say.
    pub(super) sequence: u64,
    /// The commits that are here without the one before them.
    pub(super) boundary: BTreeSet<String>,
}

impl SeenPlace {
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.lines();
        let first = lines.next()?;
        let (commit, sequence) = match first.split_once(' ') {
            Some((commit, digits)) => (commit, digits.parse().ok()?),
            None => (first, 0),
        };
        let is_commit = |text: &str| ObjectId::from_hex(text).is_ok_and(|id| !id.is_zero());
        let boundary: BTreeSet<String> = lines.map(str::to_owned).collect();
        let is_whole = is_commit(commit) && boundary.iter().all(|line| is_commit(line));
        is_whole.then(|| Self { commit: commit.to_owned(), sequence, boundary })
    }
}

impl fmt::Display for SeenPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.commit, self.sequence)?;
        self.boundary.iter().try_for_each(|commit| writeln!(f, "{commit}"))
    }
}
