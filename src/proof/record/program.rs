//! The program `git`, for what changes a repository or goes over the network. What it reads, it is told here.
//!
//! Nothing that it prints is read but object names, and that a remote does not have a ref. Its hooks do not run. What goes over the network runs in a repository of
//! its own ([`Scratch`]), with the environment of the job, as that may hold what opens the remote.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, sleep};
use std::time::Duration;

use super::patience::wait;
use super::scratch::{FETCHED, Scratch};
use super::{Patience, RecordError};
use crate::change::git::Repository;

/// The variables that would lead git to another repository, to other objects, or into the quarantine of a push (`git rev-parse
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
const SETTINGS: [&str; 8] = [
    // no hook of the repository has a say in what is recorded
    "core.hooksPath=/dev/null",
    // git before 2.36 and since: objects and refs are on disk when it ends
    "core.fsyncObjectFiles=true",
    "core.fsync=all",
    "gc.auto=0",
    "maintenance.auto=false",
    "push.gpgSign=false",
    // helpers that outlive git end by themselves: a minute with less than a byte a second
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=60",
];

/// The part of a record to fetch.
#[derive(Clone, Copy)]
pub(in crate::proof) enum PartToFetch<'w> {
    /// The text that follows a commit that is here, with all before it, or with what is before it up to this boundary.
    Since { commit: &'w str, boundary: &'w BTreeSet<String> },
    /// The last commits, as many as these.
    Last(u64),
    /// All.
    All,
}

/// Everything that was fetched.
pub(in crate::proof) struct Fetched {
    pub(in crate::proof) tip: String,
    /// The commits that are here without the one before them.
    pub(in crate::proof) boundary: BTreeSet<String>,
}

/// git in one repository.
pub(in crate::proof) struct GitInRepository<'r> {
    git_dir: &'r Path,
    patience: Patience,
    /// The remaining time for all runs.
    left: Cell<Duration>,
}

impl<'r> GitInRepository<'r> {
    pub(in crate::proof) fn new(git_dir: &'r Path, patience: Patience) -> Self {
        Self { git_dir, patience, left: Cell::new(patience.all) }
    }

    /// For how long git ran so far, and was waited for.
    pub(super) fn spent(&self) -> Duration {
        self.patience.all.saturating_sub(self.left.get())
    }

    /// Waits before another attempt.
    pub(in crate::proof) fn pause(&self, pause: Duration) {
        self.left.set(self.left.get().saturating_sub(pause));
        sleep(pause);
    }

    fn run(&self, tried: &'static str, command: Command, input: &[u8]) -> Result<String, RecordError> {
        let limit = self.patience.git.min(self.left.get());
        let (waited, printed) = run(tried, command, input, limit);
        self.left.set(self.left.get().saturating_sub(waited));
        match printed {
            Err(RecordError::TimedOut { .. }) if limit < self.patience.git => {
                Err(RecordError::TimedOut { tried, waited: self.patience.all.into() })
            }
            printed => printed,
        }
    }

    /// Runs git with the remote; if it fails, the settings that were left out are named.
    fn run_abroad(&self, tried: &'static str, command: Command, scratch: &Scratch) -> Result<String, RecordError> {
        match self.run(tried, command, &[]) {
            Err(RecordError::Git { tried, cause }) if !scratch.unused().is_empty() => {
                Err(RecordError::Unreached { tried, cause, unused: scratch.unused().to_vec() })
            }
            other => other,
        }
    }

    /// Keeps an object, and gives back its name.
    pub(in crate::proof) fn write_object(&self, kind: &'static str, content: &[u8]) -> Result<String, RecordError> {
        let mut command = self.at_home()?;
        command.args(["hash-object", "-t", kind, "-w", "--stdin"]);
        let printed = self.run("hash-object", command, content)?;
        Ok(printed.trim_end().to_owned())
    }

    /// Sets a ref to `new` if it is at `old` still; `None`: if it does not exist.
    pub(in crate::proof) fn move_ref(&self, name: &str, old: Option<&str>, new: &str) -> Result<(), RecordError> {
        let mut command = self.at_home()?;
        // git-update-ref(1): zeros stand for a ref that must not exist
        command.args(["update-ref", "--no-deref", name, new, old.unwrap_or(&"0".repeat(40))]);
        self.run("update-ref", command, &[]).map(drop)
    }

    /// Sets a ref that says nothing and only keeps its objects.
    pub(super) fn keep_objects(&self, name: &str, commit: &str) -> Result<(), RecordError> {
        let mut command = self.at_home()?;
        command.args(["update-ref", "--no-deref", name, commit]);
        self.run("update-ref", command, &[]).map(drop)
    }

    /// Returns where a ref of a remote is; `None` if it does not exist.
    pub(in crate::proof) fn remote_ref(&self, remote: &str, name: &str) -> Result<Option<String>, RecordError> {
        let scratch = Scratch::new(self.git_dir, remote, &BTreeSet::new())?;
        let mut command = abroad(&scratch);
        command.args(["ls-remote", "--refs", "--", remote, name]);
        let printed = self.run_abroad("ls-remote", command, &scratch)?;
        // the name is matched from its end, so that longer ones are listed too
        Ok(printed.lines().find_map(|line| Some(line.strip_suffix(name)?.strip_suffix('\t')?.to_owned())))
    }

    /// The refs of a remote that match a pattern such as `refs/tags/*`, each with its object.
    pub(in crate::proof) fn remote_refs(
        &self,
        remote: &str,
        pattern: &str,
    ) -> Result<Vec<(String, String)>, RecordError> {
        let scratch = Scratch::new(self.git_dir, remote, &BTreeSet::new())?;
        let mut command = abroad(&scratch);
        command.args(["ls-remote", "--refs", "--", remote, pattern]);
        let printed = self.run_abroad("ls-remote", command, &scratch)?;
        let refs = printed.lines().filter_map(|line| line.split_once('\t'));
        Ok(refs.map(|(object, name)| (name.to_owned(), object.to_owned())).collect())
    }

    /// Fetches the newest commits of refs of a remote into a repository of its own, which goes with the value.
    pub(in crate::proof) fn fetch_apart(&self, remote: &str, names: &[String]) -> Result<Scratch, RecordError> {
        let scratch = Scratch::apart(self.git_dir, remote, None)?;
        let mut command = abroad(&scratch);
        command.args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"]);
        command.args(["--depth=1", "--refmap=", "--", remote]);
        command.args((0..).zip(names).map(|(number, name)| format!("+{name}:{FETCHED}-{number}")));
        self.run_abroad("fetch", command, &scratch)?;
        Ok(scratch)
    }

    /// Fetches what a ref of a remote holds, and moves no ref of the repository: all of its history, or the last commits of it.
    /// What `known` leads to is not fetched again.
    pub(in crate::proof) fn fetch(
        &self,
        remote: &str,
        name: &str,
        wanted: PartToFetch<'_>,
    ) -> Result<Fetched, RecordError> {
        let nothing = BTreeSet::new();
        let boundary = match wanted {
            PartToFetch::Since { boundary, .. } => boundary,
            PartToFetch::Last(_) | PartToFetch::All => &nothing,
        };
        let scratch = Scratch::new(self.git_dir, remote, boundary)?;
        let file = |tried| move |error: io::Error| RecordError::file(tried, self.git_dir, &error);
        let mut command = abroad(&scratch);
        command.args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules"]);
        match wanted {
            PartToFetch::Since { commit, .. } => scratch.knows(commit).map_err(file("written"))?,
            PartToFetch::Last(commits) => {
                command.arg(format!("--depth={commits}"));
            }
            // git-fetch(1): as deep as can be, which a whole repository takes too, unlike `--unshallow`
            PartToFetch::All => {
                command.arg("--depth=2147483647");
            }
        }
        command.args(["--refmap=", "--", remote, &format!("+{name}:{FETCHED}")]);
        self.run_abroad("fetch", command, &scratch)?;
        let common = Repository::open_at(self.git_dir)?.common_dir().to_path_buf();
        Ok(Fetched {
            tip: scratch.fetched().map_err(file("read"))?,
            boundary: scratch.boundary(&common).map_err(file("read"))?,
        })
    }

    /// Sets a ref of a remote to `new` if it is at `old` still; `None`: if it does not exist.
    pub(in crate::proof) fn push(
        &self,
        (remote, name): (&str, &str),
        old: Option<&str>,
        new: &str,
        boundary: &BTreeSet<String>,
    ) -> Result<(), RecordError> {
        let scratch = Scratch::new(self.git_dir, remote, boundary)?;
        let mut command = abroad(&scratch);
        command.args(["push", "--quiet", "--no-verify", "--no-follow-tags", "--recurse-submodules=no"]);
        command.arg(format!("--force-with-lease={name}:{}", old.unwrap_or("")));
        command.args(["--", remote, &format!("{new}:{name}")]);
        self.run_abroad("push", command, &scratch).map(drop)
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
        let printed = self.run("config", command, &[])?;
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
pub(in crate::proof) fn abroad(scratch: &Scratch) -> Command {
    let mut command = plain();
    command.env("GIT_DIR", scratch.folder()).env("GIT_OBJECT_DIRECTORY", scratch.objects());
    if let Some(alternates) = scratch.alternates() {
        command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", alternates);
    }
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

/// Runs a command to its end, or for `limit` and then stops it; returns for how long it was waited, too.
pub(in crate::proof) fn run(
    tried: &'static str,
    mut command: Command,
    input: &[u8],
    limit: Duration,
) -> (Duration, Result<String, RecordError>) {
    let no_git = |error: io::Error| RecordError::NoGit { cause: error.to_string() };
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => return (Duration::ZERO, Err(no_git(error))),
    };
    let input = input.to_vec();
    let stdin = child.stdin.take();
    let writer = thread::spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(&input)));
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = (thread::spawn(move || read(stdout)), thread::spawn(move || read(stderr)));
    let mut waited = Duration::ZERO;
    let ended = wait(limit, &mut waited, || match child.try_wait() {
        // what it started may hold its output for longer than it lives
        Ok(Some(status)) => (stdout.is_finished() && stderr.is_finished()).then_some(Ok(status)),
        Ok(None) => None,
        Err(error) => Some(Err(error)),
    });
    let status = match ended {
        Some(Ok(status)) => status,
        Some(Err(error)) => return (waited, Err(no_git(error))),
        None => {
            stop(child);
            return (waited, Err(RecordError::TimedOut { tried, waited: limit.into() }));
        }
    };
    let joined = |read: thread::JoinHandle<io::Result<Vec<u8>>>| {
        read.join().unwrap_or_else(|_| Err(io::Error::other("what git printed could not be read")))
    };
    // a git that stops reading says why when it ends
    let written = writer.join().unwrap_or_else(|_| Err(io::Error::other("git could not be written to")));
    let (stdout, stderr) = match (joined(stdout), joined(stderr)) {
        (Ok(stdout), Ok(stderr)) => (stdout, stderr),
        (Err(error), _) | (_, Err(error)) => return (waited, Err(no_git(error))),
    };
    let cause = match (status.success(), written) {
        (false, _) => complaint(status, &stderr),
        (true, Err(error)) => error.to_string(),
        (true, Ok(())) => match String::from_utf8(stdout) {
            Ok(printed) => return (waited, Ok(printed)),
            Err(_) => "what it printed is not text".to_owned(),
        },
    };
    (waited, Err(RecordError::Git { tried, cause }))
}

fn read(pipe: Option<impl Read>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    pipe.map_or(Ok(0), |mut pipe| pipe.read_to_end(&mut bytes))?;
    Ok(bytes)
}

/// Stops git: first in a way that lets it stop what it started, then for good. It may have ended by itself meanwhile.
fn stop(mut child: Child) {
    const GRACE: Duration = Duration::from_secs(2);
    let asked = Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if asked.is_ok_and(|status| status.success())
        && wait(GRACE, &mut Duration::default(), || child.try_wait().is_ok_and(|status| status.is_some()).then_some(()))
            .is_some()
    {
        return;
    }
    if child.kill().is_ok() {
        // a process that was killed is gone at once, or nothing can be done about it
        drop(child.wait());
    }
}

/// How the cause begins if the server refused what was pushed.
pub(in crate::proof) const SERVER_REFUSED: &str = "the server refused it";

/// The lines of git that say only that something failed, or guess why.
const NOT_THE_CAUSE: [&str; 6] = [
    "To ",
    "! [",
    "error: failed to push some refs",
    "fatal: Could not read from remote repository",
    "Please make sure you have the correct access rights",
    "and the repository exists",
];

/// What git says of a ref that the remote does not have.
const NO_REF: &str = "couldn't find remote ref";

/// Returns what git says is wrong, in one line: what the server says, if it refused a push, else the first line that names a cause.
fn complaint(status: ExitStatus, stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let is_aside = |line: &&str| line.is_empty() || line.starts_with("hint:") || line.starts_with("warning:");
    let (of_remote, own): (Vec<&str>, Vec<&str>) =
        text.lines().map(str::trim).filter(|line| !is_aside(line)).partition(|line| line.starts_with("remote:"));
    let first = own.iter().find(|line| !NOT_THE_CAUSE.iter().any(|start| line.starts_with(start)));
    let rejected = own.iter().find(|line| line.starts_with("! [remote rejected]"));
    match (rejected, first.or(own.first())) {
        (Some(rejected), _) => {
            let why = said_by_server(&of_remote);
            let why = if why.is_empty() { (*rejected).to_owned() } else { why };
            format!("{SERVER_REFUSED}: {why}")
        }
        // it says that a ref is missing only if nothing else is wrong, see `is_without_ref`
        (None, Some(cause)) if cause.contains(NO_REF) && own.len() > 1 => own.join("; "),
        (None, Some(cause)) => (*cause).to_owned(),
        (None, None) => of_remote.first().map_or_else(|| status.to_string(), |line| (*line).to_owned()),
    }
}

/// The lines of a server as one: an error of its hook without the bars and the code, and its help behind it.
fn said_by_server(lines: &[&str]) -> String {
    let bare = lines.iter().map(|line| line.trim_start_matches("remote:").trim());
    let words =
        bare.filter(|line| !line.is_empty() && *line != "|").collect::<Vec<_>>().join(" ").replace(" = help: ", "; ");
    // a server may greet before that
    let error = words.split_once("error[").and_then(|(_, rest)| rest.split_once("]: "));
    match error {
        Some((code, rest)) if !code.contains(' ') => rest.to_owned(),
        Some(_) | None => words,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::complaint;
    use std::os::unix::process::ExitStatusExt;
    use std::process::ExitStatus;

    #[test]
    fn one_line_of_git_says_what_is_wrong() {
        let hook = "remote: welcome to forge.example.com        \nremote: error[no-record]: the push moves `refs/x`:        \nremote:                   it is not pushed        \nremote:  |        \nremote:  = help: leave it        \nremote:          out        \n";
        for (printed, cause) in [
            (
                "fatal: '../gone.git' does not appear to be a git repository\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n",
                "fatal: '../gone.git' does not appear to be a git repository",
            ),
            (
                "ssh: Could not resolve hostname forge.example.com: Name or service not known\nfatal: Could not read from remote repository.\n",
                "ssh: Could not resolve hostname forge.example.com: Name or service not known",
            ),
            ("fatal: Could not read from remote repository.\n", "fatal: Could not read from remote repository."),
            (
                &format!(
                    "{hook}To ../server.git\n ! [remote rejected] 1234 -> refs/x (pre-receive hook declined)\nerror: failed to push some refs to '../server.git'\n"
                ),
                "the server refused it: the push moves `refs/x`: it is not pushed; leave it out",
            ),
            (
                "To ../server.git\n ! [remote rejected] 1234 -> refs/x (hook declined)\nerror: failed to push some refs to '../server.git'\n",
                "the server refused it: ! [remote rejected] 1234 -> refs/x (hook declined)",
            ),
            ("fatal: couldn't find remote ref refs/x\n", "fatal: couldn't find remote ref refs/x"),
            (
                "fatal: couldn't find remote ref refs/x\nfatal: the remote end hung up\n",
                "fatal: couldn't find remote ref refs/x; fatal: the remote end hung up",
            ),
            ("", "exit status: 1"),
        ] {
            assert_eq!(complaint(ExitStatus::from_raw(256), printed.as_bytes()), cause, "{printed}");
        }
    }
}
