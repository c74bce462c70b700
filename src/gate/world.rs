//! What the gate asks the world outside: the one who starts it answers, so that nothing below reads clock, environment or files itself.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::time::instant::Instant;
use crate::time::zone::Zone;

/// Clock, environment, working directory, files and standard input.
pub(crate) trait World {
    /// The clock as it is at this moment, in seconds since 1970-01-01T00:00:00Z.
    fn clock(&self) -> Instant;

    /// Returns whether the program ends with the answer, so that what it read need not be given back.
    fn ends_with_answer(&self) -> bool;

    /// A variable of the environment; an empty one is none.
    fn variable(&self, name: &str) -> Option<OsString>;

    /// The root of the repository that holds the working directory, or that directory itself.
    ///
    /// # Errors
    ///
    /// A working directory or a repository that can't be read.
    fn root(&self) -> Result<PathBuf, Diagnostic>;

    /// The bare repository that holds the working directory; `None` in a work tree and outside of all repositories.
    ///
    /// # Errors
    ///
    /// A folder that can't be read.
    fn bare_repository(&self) -> Result<Option<PathBuf>, Diagnostic>;

    /// The nearest folder with a `.git` at or above the working directory; `None` outside of all work trees.
    ///
    /// # Errors
    ///
    /// A repository that can't be read.
    fn work_tree(&self) -> Result<Option<PathBuf>, Diagnostic>;

    /// `path` from the root of the file system.
    fn absolute(&self, path: &Path) -> PathBuf;

    /// `path` as a person in the working directory would write it.
    fn shorten(&self, path: &Path) -> PathBuf;

    /// The first `limit` bytes of a file.
    ///
    /// # Errors
    ///
    /// A file that can't be read.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>>;

    /// Returns the size of a file in bytes.
    ///
    /// # Errors
    ///
    /// A file that can't be read.
    fn length(&self, path: &Path) -> io::Result<u64>;

    /// Returns whether standard input is a terminal.
    fn input_is_terminal(&self) -> bool;

    /// The first `limit` bytes of standard input.
    ///
    /// # Errors
    ///
    /// Standard input that can't be read.
    fn read_input(&self, limit: u64) -> io::Result<Vec<u8>>;

    /// The paths in a variable such as `PATH`.
    fn paths(&self, variable: &OsStr) -> Vec<PathBuf>;

    /// The instant that is asked about, in seconds since 1970-01-01T00:00:00Z: `at`, or now.
    ///
    /// # Errors
    ///
    /// A text that is no instant.
    fn instant(&self, at: Option<&str>) -> Result<Instant, Diagnostic>;

    /// The zone in which the one who asks reads the clock; `None` if that is not known.
    ///
    /// # Errors
    ///
    /// There is no zone of the name that is given.
    fn asker(&self, named: Option<&str>) -> Result<Option<Zone>, Diagnostic>;

    /// Returns what is doubtful about the time zone database that is compiled in, at an instant in seconds since 1970-01-01T00:00:00Z.
    fn warnings(&self, at: Instant) -> Vec<String>;
}
