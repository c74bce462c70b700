//! Why a record can't be read or written.

use std::path::PathBuf;
use std::{fmt, io};

use super::fault::MOST_FAULTS;
use super::limit::MAX_ENTRY_BYTES;
use super::{Fault, FaultKind, RecordedMode};
use crate::change::git::EvidenceError;
use crate::escape::system_words;
use crate::shell::shell_word;
use crate::time::seconds::Seconds;

/// The reason why a record can't be read or written: then there is no decision.
///
/// [`fmt::Display`] says what is wrong, [`help`](Self::help) what fixes it. Both hold text from outside, unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordError {
    /// There is none.
    Missing {
        /// The place where it should be.
        record: String,
    },
    /// The path leads to something else than a regular file.
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// The file or ref is not a record: not one entry can be read.
    NotARecord {
        /// The place where it should be.
        record: String,
        /// The reason why the first line is no entry, and where it is.
        cause: String,
    },
    /// The file system said no.
    File {
        /// The attempted action: `read`, `written`, `locked`, `synced`.
        tried: &'static str,
        /// The path.
        path: PathBuf,
        /// Its message.
        cause: String,
    },
    /// The folder of the file does not exist.
    NoFolder {
        /// The path of the file.
        path: PathBuf,
        /// The folder.
        folder: PathBuf,
    },
    /// Another process holds the lock of the file.
    Locked {
        /// The path.
        path: PathBuf,
        /// The time that it was waited for.
        waited: Seconds,
    },
    /// The file at the path is not the one that was written to: it was moved or replaced meanwhile.
    Replaced {
        /// The path.
        path: PathBuf,
    },
    /// The chain is not whole.
    Broken {
        /// The record.
        record: String,
        /// All that is wrong; never empty.
        faults: Vec<Fault>,
    },
    /// The repository can't be read.
    Repository(EvidenceError),
    /// The program `git` can't be run.
    NoGit {
        /// The reason.
        cause: String,
    },
    /// The program `git` ended with an error.
    Git {
        /// The attempted action: `fetch`, `push` and the like.
        tried: &'static str,
        /// Its output.
        cause: String,
    },
    /// The remote of the record must not be reached the way that the repository's own configuration says.
    Remote {
        /// The remote.
        remote: String,
        /// The reason.
        cause: String,
        /// The fix.
        help: String,
    },
    /// The program `git` did not reach the remote, and settings that can run programs were left out.
    Unreached {
        /// The attempted action: `fetch`, `push` and the like.
        tried: &'static str,
        /// Its output.
        cause: String,
        /// The keys of the settings of the repository's own configuration; never empty.
        unused: Vec<String>,
    },
    /// The program `git` did not end in time, and was stopped.
    TimedOut {
        /// The attempted action: `fetch`, `push` and the like.
        tried: &'static str,
        /// The time that it was waited for.
        waited: Seconds,
    },
    /// Others were first, every time.
    Contended {
        /// The record.
        record: String,
        /// The number of times that it was tried.
        attempts: u32,
    },
    /// An entry that has to be complete is larger than entries may be.
    TooLarge {
        /// The number of bytes that it would have.
        bytes: usize,
        /// By which way the question came.
        mode: RecordedMode,
    },
    /// An entry can't be written as JSON.
    Encoding(String),
}

impl RecordError {
    pub(super) fn file(tried: &'static str, path: &std::path::Path, error: &io::Error) -> Self {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.exists());
        match folder.filter(|_| error.kind() == io::ErrorKind::NotFound) {
            Some(folder) => Self::NoFolder { path: path.to_path_buf(), folder: folder.to_path_buf() },
            None => Self::File { tried, path: path.to_path_buf(), cause: system_words(error) },
        }
    }

    /// The problem with a record of which so many entries could be read.
    pub(crate) fn of_faults(record: String, entries: u64, faults: Vec<Fault>) -> Self {
        let is_other = |fault: &Fault| matches!(fault.kind, FaultKind::Unreadable { .. });
        match faults.first() {
            Some(Fault { place, kind: FaultKind::Unreadable { cause } })
                if entries == 0 && faults.iter().all(is_other) =>
            {
                Self::NotARecord { record, cause: format!("{place}: {cause}") }
            }
            Some(_) | None => Self::Broken { record, faults },
        }
    }

    /// Returns how to fix it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Missing { .. } => "give the file or ref that `check --record` writes to".to_owned(),
            Self::NotAFile { .. } => "name a regular file".to_owned(),
            Self::NotARecord { .. } => {
                "name the record; to begin one, name a file that does not exist".to_owned()
            }
            Self::File { .. } => {
                "make sure that the file is writable and the disk has room; nothing is allowed without a record"
                    .to_owned()
            }
            Self::NoFolder { folder, .. } => {
                format!("make it: `mkdir -p {}`", quoted(&folder.display().to_string()))
            }
            Self::Locked { path, .. } => {
                let path = quoted(&path.display().to_string());
                format!(
                    "see which process holds it, `fuser -v {path}`, and let no other account read it, `chmod 600 {path}`; nothing is allowed without a record"
                )
            }
            Self::TimedOut { .. } => {
                "make sure that the repository of the record answers, and try again; nothing is allowed without a record"
                    .to_owned()
            }
            Self::Replaced { .. } => "leave the file of a record in its place, and try again".to_owned(),
            Self::Broken { record, faults } => {
                let is_cut = |fault: &Fault| matches!(fault.kind, FaultKind::Cut { .. });
                let anew = if faults.iter().any(is_cut) {
                    "; if there is none, begin anew: in each checkout that knows the old one, `rm -r \"$(git rev-parse --git-common-dir)/freezegate/seen\"`"
                } else {
                    ""
                };
                format!(
                    "where it is kept (on a server, its administrator), run `freezegate record verify {}`, find out who wrote to it, and restore the last good copy{anew}",
                    shell_word(record)
                )
            }
            Self::Repository(error) => error.help(),
            Self::NoGit { .. } => "install git 2.29 or newer".to_owned(),
            Self::Git { .. } => {
                "make sure that the repository and its remote may be read and written here; nothing is allowed without a record"
                    .to_owned()
            }
            Self::Remote { help, .. } => help.clone(),
            Self::Unreached { .. } => {
                "set in the job or on the machine what reaches the remote: `GIT_SSH_COMMAND` in place of `core.sshCommand`, `git config --global` for the rest"
                    .to_owned()
            }
            Self::Contended { .. } => "try again when fewer jobs run".to_owned(),
            Self::TooLarge { mode: RecordedMode::PreReceive, .. } => {
                "split the push: push fewer refs at a time, with fewer grants; nothing is allowed without a record".to_owned()
            }
            Self::TooLarge { mode: RecordedMode::Check | RecordedMode::Run, .. } => {
                "split the check: name fewer environments or bring fewer grants; nothing is allowed without a record"
                    .to_owned()
            }
            Self::Encoding(_) => "report this to freezegate's developers".to_owned(),
        }
    }
}

/// A word as a POSIX shell reads it back.
fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "/._-+:@%,=".contains(letter);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

impl From<EvidenceError> for RecordError {
    fn from(error: EvidenceError) -> Self {
        Self::Repository(error)
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { record } => write!(f, "there is no record `{record}`"),
            Self::NotARecord { record, cause } => write!(f, "`{record}` is not a freezegate record: {cause}"),
            Self::NotAFile { path } => write!(f, "the record `{}` is not a regular file", path.display()),
            Self::File { tried, path, cause } => {
                write!(f, "the record `{}` can't be {tried}: {cause}", path.display())
            }
            Self::NoFolder { path, folder } => {
                write!(f, "the folder `{}` of the record `{}` does not exist", folder.display(), path.display())
            }
            Self::Locked { path, waited } => {
                write!(f, "the record `{}` was locked by another process for {} s", path.display(), waited.get())
            }
            Self::TimedOut { tried, waited } => {
                write!(f, "the record can't be reached: `git {tried}` did not end within {} s", waited.get())
            }
            Self::Replaced { path } => write!(f, "the record `{}` was moved while it was written to", path.display()),
            Self::Broken { record, faults } => {
                let more = match faults.len() {
                    0 | 1 => String::new(),
                    MOST_FAULTS.. => format!(" (and at least {} more faults)", MOST_FAULTS - 1),
                    2 => " (and 1 more fault)".to_owned(),
                    count => format!(" (and {} more faults)", count - 1),
                };
                let first = faults.first().map_or_else(String::new, Fault::to_string);
                write!(f, "the record `{record}` is damaged: {first}{more}")
            }
            Self::Repository(error) => error.fmt(f),
            Self::NoGit { cause } => write!(f, "the program `git` can't be run: {cause}"),
            Self::Git { tried, cause } => write!(f, "the record can't be kept: `git {tried}`: {cause}"),
            Self::Remote { remote, cause, .. } => write!(f, "the record's remote `{remote}` is not used: {cause}"),
            Self::Unreached { tried, cause, unused } => {
                let keys = unused.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
                write!(
                    f,
                    "the record can't be kept: `git {tried}`: {cause}; not used, because it can run programs or switch checks off: {keys} of the repository's own configuration"
                )
            }
            Self::Contended { record, attempts } => {
                write!(f, "others were first to write to the record `{record}`, {attempts} times in a row")
            }
            Self::TooLarge { bytes, .. } => write!(
                f,
                "the record's entry of this decision would have {bytes} bytes; at most {MAX_ENTRY_BYTES} are kept of one, and it must be complete"
            ),
            Self::Encoding(cause) => write!(f, "the entry can't be written as JSON: {cause}"),
        }
    }
}

impl std::error::Error for RecordError {}
