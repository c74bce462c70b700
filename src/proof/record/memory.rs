//! Where a shared record was last seen, kept in the repository at hand and out of reach of pushes and fetches.
//!
//! A ref could be moved by whoever pushes (`git push +HEAD:refs/…`), and by `git fetch '+refs/*:refs/*'`. A file beside the
//! refs has no name that either could use.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::patience::wait;
use super::{Digest, Patience, RecordError};
use crate::change::git::ObjectId;

/// The file that remembers one record.
#[derive(Debug)]
pub(super) struct Memory {
    path: PathBuf,
    patience: Patience,
}

impl Memory {
    /// The memory of the record `name` of `remote`, in the repository whose common directory this is.
    pub(super) fn new(common: &Path, remote: &str, name: &str, patience: Patience) -> Self {
        let key = Digest::of(format!("{remote}\0{name}").as_bytes());
        Self { path: common.join("freezegate").join("seen").join(key.to_string()), patience }
    }

    /// The ref that keeps what was fetched from being collected as garbage.
    pub(super) fn anchor(&self) -> String {
        let key = self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        format!("refs/freezegate/seen/{key}")
    }

    /// The commit at which the record was last seen; `None` if it never was.
    pub(super) fn commit(&self) -> Result<Option<String>, RecordError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(RecordError::file("read", &self.path, &error)),
        };
        let commit = text.strip_suffix('\n').unwrap_or_default();
        match ObjectId::from_hex(commit) {
            Ok(id) if !id.is_zero() => Ok(Some(id.to_string())),
            Ok(_) | Err(_) => {
                let error = io::Error::other("it should hold the name of the commit at which the record was last seen");
                Err(RecordError::file("read", &self.path, &error))
            }
        }
    }

    /// Remembers that the record holds these commits, the newest first. What another job saw meanwhile, and is not among them, is
    /// newer and stays.
    pub(super) fn remember(&self, commits: &[String]) -> Result<(), RecordError> {
        match commits.first() {
            Some(tip) => self.remember_tip(tip, &|seen| commits.iter().any(|commit| commit == seen)),
            None => Ok(()),
        }
    }

    /// Remembers that the record ends with the commit `tip`, unless what is remembered is not among its commits.
    pub(super) fn remember_tip(&self, tip: &str, holds: &dyn Fn(&str) -> bool) -> Result<(), RecordError> {
        let written = |error: io::Error| RecordError::file("written", &self.path, &error);
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).map_err(written)?;
        }
        let lock_path = self.path.with_extension("lock");
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&lock_path).map_err(written)?;
        let had = wait(self.patience.lock, &mut Duration::default(), || match lock.try_lock() {
            Ok(()) => Some(Ok(())),
            Err(fs::TryLockError::WouldBlock) => None,
            Err(fs::TryLockError::Error(error)) => Some(Err(RecordError::file("locked", &lock_path, &error))),
        });
        had.unwrap_or_else(|| {
            Err(RecordError::Locked { path: lock_path.clone(), seconds: self.patience.lock.as_secs() })
        })?;
        if self.commit()?.is_some_and(|seen| seen == tip || !holds(&seen)) {
            return Ok(());
        }
        let next = self.path.with_extension("new");
        let mut file = File::create(&next).map_err(written)?;
        file.write_all(format!("{tip}\n").as_bytes()).and_then(|()| file.sync_all()).map_err(written)?;
        fs::rename(&next, &self.path).map_err(written)
    }
}
