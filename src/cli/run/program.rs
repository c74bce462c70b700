//! Finding a program, and becoming it, as env(1) does.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::change::CommandLine;
use crate::cli::edge::Edge;
use crate::cli::status::Status;
use crate::escape::bytes_for_terminal;
use crate::gate::world::World;

/// The place where programs are if the environment has no `PATH`: that of execvp(3) in glibc.
#[cfg(unix)]
const USUAL_PATH: &str = "/bin:/usr/bin";

/// A command whose program was found.
#[derive(Debug)]
pub(in crate::cli) struct FoundProgram<'c> {
    /// The program as it is started.
    path: PathBuf,
    /// The program as it is called, and its arguments.
    command: &'c [OsString],
}

/// The reason why a program can't be started.
#[derive(Debug)]
pub(in crate::cli) enum StartError {
    /// There is none of that name.
    NotFound { name: OsString },
    /// There is one, and the interpreter that runs it is not there.
    NoInterpreter { name: OsString },
    /// There is one, and it can't be executed.
    NotExecutable { name: OsString, cause: String },
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |name: &OsString| bytes_for_terminal(name.as_encoded_bytes()).into_owned();
        match self {
            Self::NotFound { name: program } => {
                write!(
                    f,
                    "can't find the program `{}`; check its path, or whether its folder is in `PATH`",
                    name(program)
                )
            }
            Self::NoInterpreter { name: program } => {
                write!(
                    f,
                    "the interpreter that `{}` names in its first line is not there; fix that line",
                    name(program)
                )
            }
            Self::NotExecutable { name: program, cause } => {
                write!(f, "`{}` can't be executed: {cause}", name(program))
            }
        }
    }
}

impl<'c> FoundProgram<'c> {
    /// Looks for the program of a command: by its path where that has a separator, else in the folders of `PATH`.
    ///
    /// # Errors
    ///
    /// [`StartError`] if there is none that can be executed.
    pub(in crate::cli) fn find(command: &'c [OsString], edge: &Edge) -> Result<Self, StartError> {
        let name = command.first().map_or(OsStr::new(""), OsString::as_os_str);
        let mut worst = StartError::NotFound { name: name.to_owned() };
        for path in candidates(name, edge) {
            match executable(&path) {
                Ok(()) => return Ok(Self { path, command }),
                Err(error) if is_nowhere(&error, name) => {}
                Err(error) => worst = StartError::NotExecutable { name: name.to_owned(), cause: error.to_string() },
            }
        }
        Err(worst)
    }

    /// The path of the program, as it is started.
    pub(in crate::cli) fn path(&self) -> &Path {
        &self.path
    }

    /// The program as it is called.
    pub(in crate::cli) fn name(&self) -> &OsStr {
        self.command.first().map_or(OsStr::new(""), OsString::as_os_str)
    }

    /// Returns the command as the gate judges it, its program by its full path.
    pub(in crate::cli) fn line(&self, edge: &Edge) -> CommandLine {
        let bytes = |word: &OsStr| word.as_encoded_bytes().to_vec();
        CommandLine {
            program: bytes(edge.absolute(&self.path).as_os_str()),
            words: self.command.iter().map(|word| bytes(word)).collect(),
            facts: None,
        }
        .acting_in(edge)
    }

    /// Becomes the command; comes back only if that can't be done.
    #[cfg(unix)]
    pub(super) fn start(&self) -> Result<Status, StartError> {
        use std::os::unix::process::CommandExt;

        let error = self.prepared().arg0(self.name()).exec();
        Err(self.fault(&error))
    }

    /// Runs the command to its end, and ends as it does; comes back only if it can't be started.
    ///
    /// A status of Windows has 32 bits, more than [`std::process::ExitCode`] takes.
    #[cfg(not(unix))]
    #[expect(clippy::exit, reason = "it ends as the command did")]
    pub(super) fn start(&self) -> Result<Status, StartError> {
        let ended = self.prepared().status().map_err(|error| self.fault(&error))?;
        std::process::exit(ended.code().unwrap_or(1))
    }

    fn prepared(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.args(self.command.iter().skip(1));
        command
    }

    fn fault(&self, error: &io::Error) -> StartError {
        let name = self.name().to_owned();
        let is_missing = error.kind() == ErrorKind::NotFound;
        if is_missing && self.path.exists() {
            // execve(2): what is missing is the interpreter of a script
            StartError::NoInterpreter { name }
        } else if is_missing {
            StartError::NotFound { name }
        } else {
            StartError::NotExecutable { name, cause: format!("{error}; see its permissions") }
        }
    }
}

/// Returns whether an error says that the search goes on: a folder of `PATH` may be no folder, as execvp(3) has it.
fn is_nowhere(error: &io::Error, name: &OsStr) -> bool {
    let is_searched = !is_path(name);
    error.kind() == ErrorKind::NotFound || (is_searched && error.kind() == ErrorKind::NotADirectory)
}

/// Returns whether a name says where the program is.
fn is_path(name: &OsStr) -> bool {
    name.as_encoded_bytes().iter().any(|byte| std::path::is_separator(char::from(*byte)))
}

/// Returns where the program may be, in this order.
#[cfg(unix)]
fn candidates(name: &OsStr, edge: &Edge) -> Vec<PathBuf> {
    if name.is_empty() {
        return Vec::new();
    }
    if is_path(name) {
        return vec![PathBuf::from(name)];
    }
    let path = edge.variable("PATH").unwrap_or_else(|| OsString::from(USUAL_PATH));
    // an empty one is the working directory
    let folder = |folder: PathBuf| if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
    edge.paths(&path).into_iter().map(|one| folder(one).join(name)).collect()
}

/// Returns where the program may be, in this order: with the endings of programs too.
#[cfg(not(unix))]
fn candidates(name: &OsStr, edge: &Edge) -> Vec<PathBuf> {
    if name.is_empty() {
        return Vec::new();
    }
    let endings = edge
        .variable("PATHEXT")
        .map_or_else(|| ".COM;.EXE;.BAT;.CMD".to_owned(), |endings| endings.to_string_lossy().into_owned());
    let folders = if is_path(name) {
        vec![PathBuf::new()]
    } else {
        edge.variable("PATH").map_or_else(Vec::new, |path| edge.paths(&path))
    };
    let mut found = Vec::new();
    for folder in folders {
        for ending in [""].into_iter().chain(endings.split(';')) {
            let mut name = name.to_owned();
            name.push(ending);
            found.push(folder.join(name));
        }
    }
    found
}

/// Sees whether a file can be executed.
fn executable(path: &Path) -> io::Result<()> {
    let metadata = std::fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::Error::new(ErrorKind::IsADirectory, "it is a folder; name a program in it"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;

        if metadata.permissions().mode() & 0o111 == 0 {
            return Err(io::Error::new(ErrorKind::PermissionDenied, "it is not marked as a program; see `chmod +x`"));
        }
    }
    Ok(())
}
