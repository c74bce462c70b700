//! A record in a file: JSON lines, for one machine.
//!
//! Writers take turns by the lock of the operating system (`flock` where there is one), which goes with the process that
//! holds it. Whoever may read the file can hold it too, so that nobody waits longer than [`Patience`] says. A writer that has its
//! turn reads what was appended since it looked, decides, writes one line, and syncs the file, and of a new one the folder too,
//! before anybody is informed.
//!
//! Every 256th entry, or one after 4 MiB of them, holds the digest of what all entries before it come to, and a file beside
//! the record, `RECORD.state`, holds that itself. With both, only what follows is read. A file that does not match proves
//! nothing and is passed over; one that knows more than the record shows that the record was cut.
//!
//! A writer may be stopped, or the disk be full, before all of its line is there. Then nobody was informed. Such a last line
//! without an end is no part of the chain, and the next writer, in its turn, writes over it. If it is whole but for the
//! line end, it is kept. A last line *with* an end is never given up, be it readable or not.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
#[cfg(not(unix))]
use std::io::Read;
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, fs, io};

use super::left_out::{LeftOut, left_out_path};
use super::patience::wait;
use super::sidecar::write_sidecar;
use super::snapshot::{Follower, NextEntry, Position, Snapshot};
use super::when_ready::WhenReady;
use super::{Decided, Folded, Patience, RecordEntry, RecordError};

mod look;

/// A record in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFile {
    path: PathBuf,
    patience: Patience,
    asked_by: Option<String>,
}

impl RecordFile {
    /// The record at a path. Nothing is looked at yet.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, patience: Patience::default(), asked_by: None }
    }

    /// The same record, asked by the repository of this name, see [`Folded::asked_by`].
    #[must_use]
    pub fn asked_by(self, repository: Option<String>) -> Self {
        Self { asked_by: repository, ..self }
    }

    /// The same record, waited for no longer than `patience`.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Returns where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Does what only reads, while nobody writes.
    fn locked<T>(&self, file: &File, read: impl FnOnce(&File) -> io::Result<T>) -> Result<T, RecordError> {
        self.wait_for(|| file.try_lock_shared())?;
        let done = read(file);
        file.unlock().and(done).map_err(|error| self.error("read", &error))
    }

    /// Returns the state after its entries; nothing if there is no file yet. A line that nobody was informed of is no entry.
    pub(super) fn look(&self, found: &mut Option<Snapshot>) -> Result<Arc<Folded>, RecordError> {
        let snapshot = if self.metadata()?.is_none() {
            Follower::of(Folded::default())
                .snapshot(Position::File { whole: 0, ends_open: false }, self.asked_by.as_ref())
        } else {
            let mut file = File::open(&self.path).map_err(|error| self.error("read", &error))?;
            self.wait_for(|| file.try_lock_shared())?;
            self.look_at(&mut file, found.take())?
        };
        Ok(Arc::clone(found.insert(snapshot).folded()))
    }

    pub(super) fn append<E>(
        &self,
        found: &mut Option<Snapshot>,
        decide: &mut dyn FnMut(&Folded) -> Result<Decided, E>,
        ready: &mut WhenReady<'_, E>,
    ) -> Result<Option<RecordEntry>, E>
    where
        E: From<RecordError>,
    {
        let mut file = self.open()?;
        let snapshot = self.look_at(&mut file, found.take())?;
        let snapshot = found.insert(snapshot);
        let (decided, left_out) = (decide(&snapshot.folded)?, LeftOut::new(left_out_path(&self.path)));
        let sequence = snapshot.folded.sequence();
        // what can't be counted is recorded
        if snapshot.folded.leaves_out(&decided) && left_out.count(sequence).is_ok() {
            ready(&snapshot.folded, None)?;
            return Ok(None);
        }
        let next = snapshot.seal(decided, left_out.since(sequence)?)?;
        ready(&snapshot.folded, Some(&next.sealed.entry))?;
        self.keep(file, snapshot, &next)?;
        Ok(Some(next.sealed.entry))
    }

    /// Sees that an entry could be written, and writes nothing.
    pub(super) fn can_be_written(&self) -> Result<(), RecordError> {
        let written = |error: io::Error| self.error("written", &error);
        if self.metadata()?.is_some() {
            return OpenOptions::new().write(true).open(&self.path).map(drop).map_err(written);
        }
        let folder = self.folder();
        match fs::metadata(folder) {
            Ok(metadata) if metadata.is_dir() => Ok(()),
            Ok(_) => Err(written(io::Error::from(ErrorKind::NotADirectory))),
            Err(error) => Err(written(error)),
        }
    }

    fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            Some(_) | None => Path::new("."),
        }
    }

    /// Writes an entry behind all others, or leaves all as it was.
    fn keep(&self, mut file: File, snapshot: &Snapshot, next: &NextEntry) -> Result<(), RecordError> {
        let Position::File { whole, ends_open } = snapshot.position else {
            return Err(RecordError::Encoding("what was found is that of a record in a ref".to_owned()));
        };
        let start = if ends_open { "\n" } else { "" };
        let line = format!("{start}{}\n", next.sealed.line);
        let written = self.write(&mut file, whole, &line).and_then(|()| {
            if snapshot.folded.sequence() == 0 {
                self.sync_folder()?;
            }
            self.is_in_place(&file)
        });
        if let Err(error) = written {
            // what can't be taken back has no line end, or was never told of: either way the next writer copes with it
            return Err(match file.set_len(whole) {
                Ok(()) => error,
                Err(second) => RecordError::File {
                    tried: "written",
                    path: self.path.clone(),
                    cause: format!("{error}; nor can what was written be taken back: {second}"),
                },
            });
        }
        if let Some(bytes) = &next.folded {
            match write_sidecar(&self.path, bytes) {
                // the entry is kept, and its answer is given; without the file, more entries are read next time
                Ok(()) | Err(_) => {}
            }
        }
        // some systems let nobody read while it is locked
        drop(file);
        self.read_back(whole, line.as_bytes())
    }

    /// Waits until a lock is had.
    fn wait_for(&self, mut lock: impl FnMut() -> Result<(), TryLockError>) -> Result<(), RecordError> {
        let had = wait(self.patience.lock, &mut Duration::default(), || match lock() {
            Ok(()) => Some(Ok(())),
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Error(error)) => Some(Err(self.error("locked", &error))),
        });
        had.unwrap_or_else(|| Err(RecordError::Locked { path: self.path.clone(), waited: self.patience.lock.into() }))
    }

    /// Opens the file for a writer, and waits for its turn.
    fn open(&self) -> Result<File, RecordError> {
        self.metadata()?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&self.path).map_err(|error| self.error("written", &error))?;
        self.wait_for(|| file.try_lock())?;
        Ok(file)
    }

    /// Returns what is known of the file without opening it, as opening a pipe may never end; `None` if there is none.
    fn metadata(&self) -> Result<Option<Metadata>, RecordError> {
        match fs::metadata(&self.path) {
            Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
            Ok(_) => Err(RecordError::NotAFile { path: self.path.clone() }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.error("read", &error)),
        }
    }

    fn write(&self, file: &mut File, whole: u64, line: &str) -> Result<(), RecordError> {
        let written = file
            .set_len(whole)
            .and_then(|()| file.seek(SeekFrom::Start(whole)))
            .and_then(|_| file.write_all(line.as_bytes()));
        written.map_err(|error| self.error("written", &error))?;
        file.sync_all().map_err(|error| self.error("synced", &error))
    }

    /// Makes the name of a new file last: fsync(2) of a file says nothing of the folder that it lies in.
    #[cfg(unix)]
    fn sync_folder(&self) -> Result<(), RecordError> {
        let folder = self.folder();
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| RecordError::file("synced", folder, &error))
    }

    /// A folder can't be opened here, nor need it be: the file system keeps names by itself.
    #[cfg(not(unix))]
    fn sync_folder(&self) -> Result<(), RecordError> {
        Ok(())
    }

    /// Sees that the file that was written to is the one at the path: one that was moved or deleted meanwhile keeps nothing for
    /// anybody.
    #[cfg(unix)]
    fn is_in_place(&self, file: &File) -> Result<(), RecordError> {
        use std::os::unix::fs::MetadataExt;
        let written = file.metadata().map_err(|error| self.error("read", &error))?;
        match self.metadata()? {
            Some(found) if (found.dev(), found.ino()) == (written.dev(), written.ino()) => Ok(()),
            Some(_) | None => Err(RecordError::Replaced { path: self.path.clone() }),
        }
    }

    /// Files have no numbers here: [`read_back`](Self::read_back) looks instead.
    #[cfg(not(unix))]
    fn is_in_place(&self, _: &File) -> Result<(), RecordError> {
        Ok(())
    }

    /// What is kept is in place, see [`is_in_place`](Self::is_in_place).
    #[cfg(unix)]
    #[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
    #[expect(clippy::unused_self, reason = "elsewhere it is needed")]
    fn read_back(&self, _: u64, _: &[u8]) -> Result<(), RecordError> {
        Ok(())
    }

    /// Reads by its name what was written: a file that was moved or deleted meanwhile keeps nothing for anybody.
    #[cfg(not(unix))]
    fn read_back(&self, start: u64, line: &[u8]) -> Result<(), RecordError> {
        let mut found = vec![0; line.len()];
        let read = File::open(&self.path)
            .and_then(|mut file| file.seek(SeekFrom::Start(start)).and_then(|_| file.read_exact(&mut found)));
        match read {
            Ok(()) if found == line => Ok(()),
            Ok(()) => Err(RecordError::Replaced { path: self.path.clone() }),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::UnexpectedEof) => {
                Err(RecordError::Replaced { path: self.path.clone() })
            }
            Err(error) => Err(self.error("read", &error)),
        }
    }

    fn error(&self, tried: &'static str, error: &io::Error) -> RecordError {
        RecordError::file(tried, &self.path, error)
    }
}

/// The place of the line `number`, from 1.
impl fmt::Display for RecordFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}
