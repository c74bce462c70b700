//! A record in a file: JSON lines, for one machine.
//!
//! Writers take turns by the lock of the operating system (`flock` where there is one), which goes with the process that
//! holds it. Whoever may read the file can hold it too, so that nobody waits longer than [`Patience`] says. A writer that has its turn reads all of the file, decides, writes one line, and syncs the file, and of a new
//! one the folder too, before anybody is told.
//!
//! A writer may be stopped, or the disk be full, before all of its line is there. Then nobody was told. Such a last line
//! without an end is no part of the chain, and the next writer, in its turn, writes over it. If it is whole but for the
//! line end, it is kept. A last line *with* an end is never given up, be it readable or not.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, fs, io};

use super::examine::{Source, Take, inspect};
use super::line::{Sealed, parse};
use super::lines::{Line, MAX_LINE_BYTES, each_line};
use super::patience::wait;
use super::{Chain, Decided, Entry, Fault, FaultKind, Inspected, Inspection, Patience, RecordError};

/// A record in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFile {
    path: PathBuf,
    patience: Patience,
    asked_by: Option<String>,
}

/// What is in the file.
struct Content {
    chain: Chain,
    faults: Vec<Fault>,
    /// How many bytes of it are of the chain: the rest is a line that nobody was told of.
    whole: u64,
    /// Whether the last line is all there but for its end.
    ends_open: bool,
}

impl RecordFile {
    /// The record at a path. Nothing is looked at yet.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, patience: Patience::default(), asked_by: None }
    }

    /// The same record, asked by the repository of this name, see [`Chain::asked_by`].
    #[must_use]
    pub fn asked_by(self, repository: Option<String>) -> Self {
        Self { asked_by: repository, ..self }
    }

    /// The same record, waited for no longer than `patience`.
    #[must_use]
    pub fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Hands each entry to `visit`, and returns what is wrong; breaks off when `visit` does.
    ///
    /// What is there when the reading begins is read, block by block, each under the lock. The lock is not held in between: a
    /// reader that takes its time holds up no decision, and writers only add to what is there.
    pub(super) fn inspect<B>(
        &self,
        visit: &mut dyn FnMut(&Inspected<'_>) -> ControlFlow<B>,
    ) -> Result<ControlFlow<B, Inspection>, RecordError> {
        if self.metadata()?.is_none() {
            return Err(RecordError::Missing { record: self.to_string() });
        }
        let file = File::open(&self.path).map_err(|error| self.error("read", &error))?;
        // else a line that is just being written would look torn
        let end = self.locked(&file, |file| file.metadata())?.len();
        let mut lines = Lines { record: self, file, end, torn: None };
        let mut inspected = inspect(&mut lines, visit)?;
        if let (ControlFlow::Continue(inspection), Some(line)) = (&mut inspected, lines.torn) {
            inspection.faults.push(Fault { place: place(line), kind: FaultKind::Torn });
        }
        Ok(inspected)
    }

    /// Does what only reads, while nobody writes.
    fn locked<T>(&self, file: &File, read: impl FnOnce(&File) -> io::Result<T>) -> Result<T, RecordError> {
        self.wait_for(|| file.try_lock_shared())?;
        let done = read(file);
        file.unlock().and(done).map_err(|error| self.error("read", &error))
    }

    /// All entries; none if there is no file yet. A line that nobody was told of is none.
    pub(super) fn read(&self) -> Result<Chain, RecordError> {
        if self.metadata()?.is_none() {
            return Ok(Chain::default());
        }
        let mut file = File::open(&self.path).map_err(|error| self.error("read", &error))?;
        self.wait_for(|| file.try_lock_shared())?;
        self.sound(&mut file).map(|content| content.chain)
    }

    pub(super) fn append<E>(
        &self,
        decide: &mut dyn FnMut(&Chain) -> Result<Decided, E>,
        ready: &mut dyn FnMut(&Chain, &Entry) -> Result<(), E>,
    ) -> Result<Entry, E>
    where
        E: From<RecordError>,
    {
        let mut file = self.open()?;
        let content = self.sound(&mut file)?;
        let sealed = content.chain.seal(decide(&content.chain)?)?;
        ready(&content.chain, &sealed.entry)?;
        self.keep(file, &content, &sealed)?;
        Ok(sealed.entry)
    }

    /// Writes an entry behind all others, or leaves all as it was.
    fn keep(&self, mut file: File, content: &Content, sealed: &Sealed) -> Result<(), RecordError> {
        let start = if content.ends_open { "\n" } else { "" };
        let line = format!("{start}{}\n", sealed.line);
        let written = self.write(&mut file, content.whole, &line).and_then(|()| {
            if content.chain.entries().is_empty() {
                self.sync_folder()?;
            }
            self.is_in_place(&file)
        });
        if let Err(error) = written {
            // what can't be taken back has no line end, or was never told of: either way the next writer copes with it
            return Err(match file.set_len(content.whole) {
                Ok(()) => error,
                Err(second) => RecordError::File {
                    tried: "written",
                    path: self.path.clone(),
                    cause: format!("{error}; nor can what was written be taken back: {second}"),
                },
            });
        }
        // some systems let nobody read while it is locked
        drop(file);
        self.read_back(content.whole, line.as_bytes())
    }

    /// Waits until a lock is had.
    fn wait_for(&self, mut lock: impl FnMut() -> Result<(), TryLockError>) -> Result<(), RecordError> {
        let had = wait(self.patience.lock, &mut Duration::default(), || match lock() {
            Ok(()) => Some(Ok(())),
            Err(TryLockError::WouldBlock) => None,
            Err(TryLockError::Error(error)) => Some(Err(self.error("locked", &error))),
        });
        had.unwrap_or_else(|| {
            Err(RecordError::Locked { path: self.path.clone(), seconds: self.patience.lock.as_secs() })
        })
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

    /// What is known of the file without opening it, as opening a pipe may never end; `None` if there is none.
    fn metadata(&self) -> Result<Option<Metadata>, RecordError> {
        match fs::metadata(&self.path) {
            Ok(metadata) if metadata.is_file() => Ok(Some(metadata)),
            Ok(_) => Err(RecordError::NotAFile { path: self.path.clone() }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.error("read", &error)),
        }
    }

    fn sound(&self, file: &mut File) -> Result<Content, RecordError> {
        let content = self.content(file)?;
        if content.faults.is_empty() {
            Ok(content)
        } else {
            Err(RecordError::Broken { record: self.to_string(), faults: content.faults })
        }
    }

    fn content(&self, file: &mut File) -> Result<Content, RecordError> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|error| self.error("read", &error))?;
        let mut items = Vec::new();
        let mut whole = 0;
        let mut ends_open = false;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, is_ended) = match line.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (line, false),
            };
            let parsed = parse(text);
            if !is_ended && !parsed.as_ref().is_ok_and(|parsed| parsed.genuine) {
                break;
            }
            items.push((place(items.len() + 1), parsed));
            whole += line.len();
            ends_open = !is_ended;
        }
        let (chain, faults) = Chain::examine(items);
        let whole = u64::try_from(whole).map_err(|error| self.error("read", &io::Error::other(error)))?;
        let chain = chain.asked_by(self.asked_by.clone());
        Ok(Content { chain, faults, whole, ends_open })
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
        let folder = match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            Some(_) | None => Path::new("."),
        };
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
fn place(number: usize) -> String {
    format!("line {number}")
}

/// The lines of the file, as often as they are read.
struct Lines<'f> {
    record: &'f RecordFile,
    file: File,
    /// How many bytes are read: what is added meanwhile is left to the next reader.
    end: u64,
    /// The number of the last line, if it is not all there: of its entry nobody was told, or its end alone is missing.
    torn: Option<usize>,
}

impl Source for Lines<'_> {
    type Error = RecordError;

    fn each(&mut self, take: &mut Take<'_>) -> Result<ControlFlow<()>, RecordError> {
        let Self { record, file, end, torn } = self;
        let mut left = *end;
        let mut number = 0_usize;
        file.seek(SeekFrom::Start(0)).map_err(|error| record.error("read", &error))?;
        let mut fill = |block: &mut [u8]| {
            let length = usize::try_from(left).map_or(block.len(), |left| left.min(block.len()));
            let block = block.get_mut(..length).unwrap_or_default();
            let read = record.locked(file, |mut file| file.read(block))?;
            left = left.saturating_sub(u64::try_from(read).unwrap_or(left));
            Ok(read)
        };
        each_line(&mut fill, &mut |line| {
            number = number.saturating_add(1);
            let place = format_args!("line {number}");
            match line {
                Line::Ended(text) => take(&place, text, parse(text).as_ref()),
                Line::TooLong => {
                    let cause = format!("the line is longer than {} MiB", MAX_LINE_BYTES >> 20);
                    take(&place, &[], Err(&FaultKind::Unreadable { cause }))
                }
                Line::Open(text) => {
                    *torn = Some(number);
                    match parse(text) {
                        Ok(parsed) if parsed.genuine => take(&place, text, Ok(&parsed)),
                        Ok(_) | Err(_) => ControlFlow::Continue(()),
                    }
                }
            }
        })
    }
}

impl fmt::Display for RecordFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.path.display().fmt(f)
    }
}
