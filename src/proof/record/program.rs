//! The program `git`, for what changes a repository or goes over the network. What it reads, it is told here.
//!
//! Nothing that it prints is read but object names. Its hooks do not run, and of its configuration and the environment it
//! takes what it needs to reach a remote, for that alone.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::RecordError;

/// What would lead git to another repository, to other objects, or into the quarantine of a push (`git rev-parse
/// --local-env-vars`, git(1)). The configuration in the environment may hold what opens the remote: it is kept for that.
const SCRUBBED: [&str; 16] = [
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DEFAULT_HASH",
    "GIT_GRAFT_FILE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_PUSH_OPTION_COUNT",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_TRACE",
    "GIT_WORK_TREE",
];

/// Configuration that comes before all other.
const SETTINGS: [&str; 6] = [
    // no hook of the repository has a say in what is recorded
    "core.hooksPath=/dev/null",
    // git before 2.36 and since: objects and refs are on disk when it ends
    "core.fsyncObjectFiles=true",
    "core.fsync=all",
    "gc.auto=0",
    "maintenance.auto=false",
    "push.gpgSign=false",
];

/// git in one repository.
pub(super) struct Program<'r> {
    git_dir: &'r Path,
}

impl<'r> Program<'r> {
    pub(super) fn new(git_dir: &'r Path) -> Self {
        Self { git_dir }
    }

    /// Keeps an object, and gives back its name.
    pub(super) fn write_object(&self, kind: &'static str, content: &[u8]) -> Result<String, RecordError> {
        let mut command = self.at_home();
        command.args(["hash-object", "-t", kind, "-w", "--stdin"]);
        let printed = run("hash-object", command, content)?;
        Ok(printed.trim_end().to_owned())
    }

    /// Sets a ref to `new` if it is at `old` still; `None`: if it does not exist.
    pub(super) fn move_ref(&self, name: &str, old: Option<&str>, new: &str) -> Result<(), RecordError> {
        let mut command = self.at_home();
        // git-update-ref(1): zeros stand for a ref that must not exist
        command.args(["update-ref", "--no-deref", name, new, old.unwrap_or(&"0".repeat(40))]);
        run("update-ref", command, &[]).map(drop)
    }

    /// Where a ref of a remote is; `None` if it does not exist.
    pub(super) fn remote_ref(&self, remote: &str, name: &str) -> Result<Option<String>, RecordError> {
        let mut command = self.abroad();
        command.args(["ls-remote", "--refs", "--", remote, name]);
        let printed = run("ls-remote", command, &[])?;
        // the name is matched from its end, so that longer ones are listed too
        Ok(printed.lines().find_map(|line| Some(line.strip_suffix(name)?.strip_suffix('\t')?.to_owned())))
    }

    /// Fetches what a ref of a remote holds, and moves no ref.
    pub(super) fn fetch(&self, remote: &str, name: &str) -> Result<(), RecordError> {
        let mut command = self.abroad();
        command.args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"]);
        command.args(["--refmap=", "--", remote, name]);
        run("fetch", command, &[]).map(drop)
    }

    /// Sets a ref of a remote to `new` if it is at `old` still; `None`: if it does not exist.
    pub(super) fn push(&self, remote: &str, name: &str, old: Option<&str>, new: &str) -> Result<(), RecordError> {
        let mut command = self.abroad();
        command.args(["push", "--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"]);
        command.arg(format!("--force-with-lease={name}:{}", old.unwrap_or("")));
        command.args(["--", remote, &format!("{new}:{name}")]);
        run("push", command, &[]).map(drop)
    }

    /// git for what needs nothing but the repository.
    fn at_home(&self) -> Command {
        let mut command = self.abroad();
        for name in ["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"] {
            command.env_remove(name);
        }
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command
    }

    /// git for what needs the remote: with the configuration that says how to reach it.
    fn abroad(&self) -> Command {
        let mut command = Command::new("git");
        for name in SCRUBBED {
            command.env_remove(name);
        }
        command.env("GIT_DIR", self.git_dir).env("GIT_NO_REPLACE_OBJECTS", "1");
        // nobody is there to type a password, and nothing that is printed is translated
        command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        command
    }
}

fn run(tried: &'static str, mut command: Command, input: &[u8]) -> Result<String, RecordError> {
    let no_git = |error: std::io::Error| RecordError::NoGit { cause: error.to_string() };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(no_git)?;
    // a git that stops reading says why when it ends
    let written = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(input));
    let output = child.wait_with_output().map_err(no_git)?;
    let cause = match (output.status.success(), written) {
        (false, _) => complaint(&output),
        (true, Err(error)) => error.to_string(),
        (true, Ok(())) => match String::from_utf8(output.stdout) {
            Ok(printed) => return Ok(printed),
            Err(_) => "what it printed is no text".to_owned(),
        },
    };
    Err(RecordError::Git { tried, cause })
}

/// What git says is wrong, in one line.
fn complaint(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let is_aside = |line: &&str| line.is_empty() || line.starts_with("hint:") || line.starts_with("warning:");
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !is_aside(line)).collect();
    if lines.is_empty() { output.status.to_string() } else { lines.join("; ") }
}
