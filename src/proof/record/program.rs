//! The program `git`, for what changes a repository or goes over the network. What it reads, it is told here.
//!
//! Nothing that it prints is read but object names. Its hooks do not run. What goes over the network runs in a repository of
//! its own ([`Scratch`]), with the environment of the job, as that may hold what opens the remote.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use super::RecordError;
use super::scratch::Scratch;
use crate::change::git::Repository;

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
        let mut command = self.at_home()?;
        command.args(["hash-object", "-t", kind, "-w", "--stdin"]);
        let printed = run("hash-object", command, content)?;
        Ok(printed.trim_end().to_owned())
    }

    /// Sets a ref to `new` if it is at `old` still; `None`: if it does not exist.
    pub(super) fn move_ref(&self, name: &str, old: Option<&str>, new: &str) -> Result<(), RecordError> {
        let mut command = self.at_home()?;
        // git-update-ref(1): zeros stand for a ref that must not exist
        command.args(["update-ref", "--no-deref", name, new, old.unwrap_or(&"0".repeat(40))]);
        run("update-ref", command, &[]).map(drop)
    }

    /// Where a ref of a remote is; `None` if it does not exist.
    pub(super) fn remote_ref(&self, remote: &str, name: &str) -> Result<Option<String>, RecordError> {
        let scratch = Scratch::new(self.git_dir, remote)?;
        let mut command = abroad(&scratch);
        command.args(["ls-remote", "--refs", "--", remote, name]);
        let printed = run_abroad("ls-remote", command, &scratch)?;
        // the name is matched from its end, so that longer ones are listed too
        Ok(printed.lines().find_map(|line| Some(line.strip_suffix(name)?.strip_suffix('\t')?.to_owned())))
    }

    /// Fetches what a ref of a remote holds, and moves no ref. What `known` leads to is not fetched again.
    pub(super) fn fetch(&self, remote: &str, name: &str, known: Option<&str>) -> Result<(), RecordError> {
        let scratch = Scratch::new(self.git_dir, remote)?;
        if let Some(known) = known {
            scratch.knows(known).map_err(|error| RecordError::file("written", scratch.folder(), &error))?;
        }
        let mut command = abroad(&scratch);
        command.args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"]);
        command.args(["--refmap=", "--", remote, name]);
        run_abroad("fetch", command, &scratch).map(drop)
    }

    /// Sets a ref of a remote to `new` if it is at `old` still; `None`: if it does not exist.
    pub(super) fn push(&self, remote: &str, name: &str, old: Option<&str>, new: &str) -> Result<(), RecordError> {
        let scratch = Scratch::new(self.git_dir, remote)?;
        let mut command = abroad(&scratch);
        command.args(["push", "--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"]);
        command.arg(format!("--force-with-lease={name}:{}", old.unwrap_or("")));
        command.args(["--", remote, &format!("{new}:{name}")]);
        run_abroad("push", command, &scratch).map(drop)
    }

    /// git for what needs nothing but the repository. Hooks that its configuration names are switched off one by one
    /// (githooks(5), git 2.54 and newer): before 2.55 there is no other way.
    fn at_home(&self) -> Result<Command, RecordError> {
        let mut command = self.without_person();
        let hooks = self.configured_hooks()?;
        for (number, hook) in hooks.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{number}"), format!("hook.{hook}.enabled"));
            command.env(format!("GIT_CONFIG_VALUE_{number}"), "false");
        }
        command.env("GIT_CONFIG_COUNT", hooks.len().to_string());
        Ok(command)
    }

    /// The names of the hooks that the repository's configuration names, as git itself reads it.
    fn configured_hooks(&self) -> Result<Vec<String>, RecordError> {
        let settings = Repository::open_at(self.git_dir)?.own_settings()?;
        // git follows more sorts of includes than are read here
        if !settings.iter().any(|setting| setting.key.starts_with("hook.") || setting.key.starts_with("include")) {
            return Ok(Vec::new());
        }
        let mut command = self.without_person();
        command.args(["config", "--null", "--name-only", "--list"]);
        let printed = run("config", command, &[])?;
        let mut hooks: Vec<String> = printed
            .split('\0')
            .filter_map(|key| key.strip_prefix("hook.")?.rsplit_once('.').map(|(name, _)| name.to_owned()))
            .collect();
        hooks.sort_unstable();
        hooks.dedup();
        Ok(hooks)
    }

    /// git in the repository, with no other configuration than the repository's own.
    fn without_person(&self) -> Command {
        let mut command = plain();
        for name in ["GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"] {
            command.env_remove(name);
        }
        command.env("GIT_DIR", self.git_dir).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command
    }
}

/// git for what needs the remote: with what says how to reach it, and with nothing else of the repository's configuration.
fn abroad(scratch: &Scratch) -> Command {
    let mut command = plain();
    command.env("GIT_DIR", scratch.folder()).env("GIT_OBJECT_DIRECTORY", scratch.objects());
    if scratch.is_unknown_name() {
        command.current_dir(scratch.folder());
    }
    command
}

fn plain() -> Command {
    let mut command = Command::new("git");
    for name in SCRUBBED {
        command.env_remove(name);
    }
    // nobody is there to type a password, and nothing that is printed is translated
    command.env("GIT_NO_REPLACE_OBJECTS", "1").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    for setting in SETTINGS {
        command.args(["-c", setting]);
    }
    command
}

/// Runs git with the remote; where it fails, the settings that were left out are named.
fn run_abroad(tried: &'static str, command: Command, scratch: &Scratch) -> Result<String, RecordError> {
    match run(tried, command, &[]) {
        Err(RecordError::Git { tried, cause }) if !scratch.unused().is_empty() => {
            Err(RecordError::Unreached { tried, cause, unused: scratch.unused().to_vec() })
        }
        other => other,
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
