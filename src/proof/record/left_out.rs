//! How many refused pushes are not recorded since the last entry, because whoever sent them is over the limit.
//!
//! A file beside the record holds the number of the last entry and the count, and is written by whoever has the turn to write
//! the record. Once an entry follows, which takes the count over, the file says nothing any more.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::error::RecordError;

/// The file that counts.
pub(super) struct LeftOut {
    path: PathBuf,
}

impl LeftOut {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Returns how many are not recorded since the entry `sequence`, the last one. A file that was never whole counts nothing.
    pub(super) fn since(&self, sequence: u64) -> Result<u64, RecordError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(RecordError::file("read", &self.path, &error)),
        };
        Ok(match text.trim_end().split_once(' ').map(|(last, count)| (last.parse(), count.parse())) {
            Some((Ok::<u64, _>(last), Ok::<u64, _>(count))) if last == sequence => count,
            Some((Ok(_) | Err(_), Ok(_) | Err(_))) | None => 0,
        })
    }

    /// Counts one more.
    pub(super) fn count(&self, sequence: u64) -> Result<(), RecordError> {
        let count = self.since(sequence)?.saturating_add(1);
        self.write(&format!("{sequence} {count}\n")).map_err(|error| RecordError::file("written", &self.path, &error))
    }

    fn write(&self, text: &str) -> Result<(), io::Error> {
        if let Some(folder) = self.path.parent().filter(|folder| *folder != Path::new("")) {
            fs::create_dir_all(folder)?;
        }
        let next = self.path.with_extension("left-out-new");
        fs::write(&next, text)?;
        fs::rename(&next, &self.path)
    }
}

/// The path of the file beside the file of a record.
pub(super) fn left_out_path(record: &Path) -> PathBuf {
    let mut path = record.as_os_str().to_owned();
    path.push(".left-out");
    PathBuf::from(path)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{LeftOut, left_out_path};

    #[test]
    fn a_count_that_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = left_out_path(&folder.path().join("record.jsonl"));
        let left_out = LeftOut::new(path.clone());
        assert_eq!(left_out.since(7).unwrap(), 0);
        left_out.count(7).unwrap();
        left_out.count(7).unwrap();
        assert_eq!((left_out.since(7).unwrap(), left_out.since(8).unwrap()), (2, 0));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let error = left_out.since(7).unwrap_err().to_string();
        assert!(error.contains("record.jsonl.left-out"), "{error}");
        assert!(left_out.count(7).is_err());
    }
}
