//! The stops of a place as they were last seen, kept in the repository at hand and out of reach of pushes and fetches.
//!
//! Whoever may write to a place may take stops away. A repository that has seen a stop counts it until it is over.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::escape::system_words;
use crate::proof::record::{Digest, RecordError};
use crate::proof::shared_text::SharedTextError;
use crate::stop::entry::{StopEntry, read_all};

/// The file that remembers the stops of one place.
#[derive(Debug)]
pub struct StopMemory {
    path: PathBuf,
}

impl StopMemory {
    /// The memory of `place`, in the repository whose common directory this is.
    #[must_use]
    pub fn new(common: &Path, place: &str) -> Self {
        let key = Digest::of(place.as_bytes());
        Self { path: common.join("freezegate").join("stops").join(key.to_string()) }
    }

    /// Reads what was seen; nothing if nothing ever was.
    ///
    /// # Errors
    ///
    /// [`SharedTextError`]: the file can't be read, or is not one of this program's.
    pub fn read(&self) -> Result<Vec<StopEntry>, SharedTextError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.fault("read", &error)),
        };
        read_all(&text).map_err(|fault| SharedTextError::NotText {
            place: self.path.display().to_string(),
            cause: format!("does not hold the stops that were seen: {fault}"),
        })
    }

    /// Writes what is seen now: all of `entries`.
    ///
    /// # Errors
    ///
    /// [`SharedTextError`]: the file can't be written.
    pub fn write(&self, entries: &[&StopEntry]) -> Result<(), SharedTextError> {
        let text: String = entries.iter().map(|entry| format!("{}\n", entry.line())).collect();
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(|error| self.fault("written", &error))?;
        }
        // each process has a file of its own, and the last one wins: who comes later has seen as much
        let new = self.path.with_extension(std::process::id().to_string());
        let mut file = File::create(&new).map_err(|error| self.fault("written", &error))?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
        written.and_then(|()| fs::rename(&new, &self.path)).map_err(|error| self.fault("written", &error))
    }

    fn fault(&self, tried: &'static str, error: &std::io::Error) -> SharedTextError {
        let path = self.path.clone();
        let error = RecordError::File { tried, path, cause: system_words(error) };
        SharedTextError::Carrier { place: self.path.display().to_string(), error }
    }
}
