//! The file beside a record with its state at a checkpoint, so that a decision does not read the entries before that.
//!
//! It is used only if an entry of the record holds its digest. If it is missing or no entry holds its digest, all entries are
//! read; if it knows of entries that are not in the record, the record was cut, begun anew, or is another one.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::line::checkpoint_mark;
use super::{Digest, Folded, RecordEntry, RecordError};

/// The most bytes of such a file that are read.
const MAX_SIDECAR_BYTES: u64 = 256 << 20;

/// From how many bytes of the end of a record on the entry is looked for that holds the digest: more each time.
const TAILS: [u64; 3] = [1 << 19, 12 << 20, 40 << 20];

/// The state file beside a record.
pub(super) struct Sidecar {
    folded: Folded,
    digest: Digest,
    /// The number and the hash of the last entry that it knows of.
    sequence: u64,
    last: Option<Digest>,
}

/// Returns where the sidecar of a record is.
pub(super) fn sidecar_path(record: &Path) -> PathBuf {
    let mut path = record.as_os_str().to_owned();
    path.push(".state");
    PathBuf::from(path)
}

impl Sidecar {
    /// Returns what is beside the record at `path`; `None` if there is nothing that could be used. It may be taken away at any moment.
    ///
    /// # Errors
    ///
    /// If it is there and can't be read.
    pub(super) fn beside(path: &Path) -> Result<Option<Self>, RecordError> {
        let path = sidecar_path(path);
        match read_sidecar(&path) {
            Ok(bytes) => Ok(bytes.and_then(|bytes| Self::of(&bytes))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(RecordError::file("read", &path, &error)),
        }
    }

    /// `None` if it is torn, or of another version: the entries say the same.
    fn of(bytes: &[u8]) -> Option<Self> {
        let Ok(folded) = Folded::from_bytes(bytes) else { return None };
        let (sequence, last) = (folded.sequence(), folded.last());
        Some(Self { folded, digest: Digest::of(bytes), sequence, last })
    }

    /// Returns where the entry begins that holds the digest, in the record's last `length` bytes; `None` if it is not among the last.
    pub(super) fn start(&self, record: &mut File, length: u64) -> Result<Option<u64>, io::Error> {
        let mark = checkpoint_mark(&self.digest);
        for tail in TAILS {
            let from = length.saturating_sub(tail);
            record.seek(SeekFrom::Start(from))?;
            let mut bytes = Vec::new();
            record.take(tail).read_to_end(&mut bytes)?;
            if let Some(found) = memchr::memmem::rfind(&bytes, mark.as_bytes()) {
                let before = bytes.get(..found).unwrap_or_default();
                match memchr::memrchr(b'\n', before) {
                    Some(end) => {
                        let start = u64::try_from(end.saturating_add(1)).unwrap_or(u64::MAX);
                        return Ok(Some(from.saturating_add(start)));
                    }
                    None if from == 0 => return Ok(Some(0)),
                    None => {}
                }
            }
            if from == 0 {
                break;
            }
        }
        Ok(None)
    }

    /// The number of the last entry that it knows of, but for the checkpoint that holds its digest.
    pub(super) const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Takes out what it holds, which is large.
    pub(super) fn take(&mut self) -> Folded {
        std::mem::take(&mut self.folded)
    }

    /// Returns whether an entry comes right after those that it knows of: then the record that holds it is the one that this is beside.
    pub(super) fn is_followed_by(&self, entry: &RecordEntry) -> bool {
        entry.previous == self.last && Some(entry.sequence) == self.sequence.checked_add(1)
    }
}

/// All that is in a file; `None` if it is larger than is read, or no file: opening a pipe may never end.
fn read_sidecar(path: &Path) -> Result<Option<Vec<u8>>, io::Error> {
    if !fs::metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_SIDECAR_BYTES + 1).read_to_end(&mut bytes)?;
    let is_small = u64::try_from(bytes.len()).is_ok_and(|length| length <= MAX_SIDECAR_BYTES);
    Ok(is_small.then_some(bytes))
}

/// Writes what is beside a record, at once or not at all.
pub(super) fn write_sidecar(record: &Path, bytes: &[u8]) -> Result<(), io::Error> {
    let path = sidecar_path(record);
    let mut next = path.as_os_str().to_owned();
    next.push(".new");
    let next = PathBuf::from(next);
    let mut file = File::create(&next)?;
    let written = file.write_all(bytes).and_then(|()| fs::rename(&next, &path));
    if written.is_err() {
        // where the disk is full, the record needs the room
        drop(fs::remove_file(&next));
    }
    written
}
