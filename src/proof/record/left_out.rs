//! How many refused pushes are not recorded since the last entry, because whoever sent them is over the limit.
//!
//! A file beside the record holds the number of the last entry and the count, and is written by whoever has the turn to write
//! the record. Once an entry follows, which takes the count over, the file says nothing any more.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The file that counts.
pub(super) struct LeftOut {
    path: PathBuf,
}

impl LeftOut {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// Returns how many are not recorded since the entry `sequence`, the last one. A file that was never whole counts nothing.
    pub(super) fn since(&self, sequence: u64) -> u64 {
        let Ok(text) = fs::read_to_string(&self.path) else {
            return 0;
        };
        match text.trim_end().split_once(' ').map(|(last, count)| (last.parse(), count.parse())) {
            Some((Ok::<u64, _>(last), Ok::<u64, _>(count))) if last == sequence => count,
            Some((Ok(_) | Err(_), Ok(_) | Err(_))) | None => 0,
        }
    }

    /// Counts one more.
    pub(super) fn count(&self, sequence: u64) -> Result<(), io::Error> {
        let count = self.since(sequence).saturating_add(1);
        if let Some(folder) = self.path.parent().filter(|folder| *folder != Path::new("")) {
            fs::create_dir_all(folder)?;
        }
        let next = self.path.with_extension("left-out-new");
        fs::write(&next, format!("{sequence} {count}\n"))?;
        fs::rename(&next, &self.path)
    }
}

/// The path of the file beside the file of a record.
pub(super) fn left_out_path(record: &Path) -> PathBuf {
    let mut path = record.as_os_str().to_owned();
    path.push(".left-out");
    PathBuf::from(path)
}
