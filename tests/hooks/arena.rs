//! A server, a clone of it, and hooks on both sides whose clock a test sets.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::support::clean;
use crate::support::clock::FAKETIME;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_freezegate");

/// Talkdesk's outage: 17:45 in New York, 14:45 in Los Angeles, and night in Berlin.
pub(crate) const CLOSED: &str = "2025-07-09 21:45:00";

/// A Sunday, when nobody is at work.
pub(crate) const OPEN: &str = "2025-07-13 12:00:00";

/// A Sunday, weeks before.
pub(crate) const LONG_AGO: &str = "2025-06-15T12:00:00+00:00";

/// "No object", to git.
pub(crate) const ZERO: &str = "0000000000000000000000000000000000000000";

/// A file of production in the region that is at work.
pub(crate) const ROUTES: &str = "deploy/production/us/routes.yaml";

/// Talkdesk's change as the design has it: the path says where it goes.
pub(crate) const POLICY: &str = r##"version = 1

[help]
contact = "#freeze-help"

[regions.us]
timezones  = ["America/New_York", "America/Los_Angeles"]
core_hours = ["Mon-Fri 08:00-18:00"]

[regions.eu]
timezones  = ["Europe/Berlin"]
core_hours = ["Mon-Fri 08:00-18:00"]

[environments.production]
aliases  = ["prod"]
duration = "10m"
settle   = "30m"

[environments.pre-production]
aliases           = ["preprod", "staging"]
during_core_hours = "off"

[[targets]]
refs  = ["refs/heads/main", "refs/heads/release/*"]
paths = ["deploy/{environment}/{region}/**"]

[[targets]]
refs        = ["refs/tags/v*"]
environment = "production"
"##;

/// What a push ended with.
#[derive(Debug)]
pub(crate) struct Push {
    pub(crate) passed: bool,
    /// What the one who pushes sees.
    pub(crate) seen: String,
}

pub(crate) struct Arena {
    folder: TempDir,
    /// The bare repository.
    pub(crate) server: PathBuf,
    /// The clone in which changes are made.
    pub(crate) clone: PathBuf,
}

impl Arena {
    /// A server that has the policy on `main` and a clone of it, with hooks on both sides. It is Sunday.
    pub(crate) fn new() -> Self {
        Self::with_policy(POLICY)
    }

    pub(crate) fn with_policy(policy: &str) -> Self {
        let arena = Self::without_policy();
        arena.write("freezegate.toml", policy);
        arena.write("docs/readme", "read me\n");
        arena.commit("begin");
        arena.git(["push", "--quiet", "--no-verify", "origin", "main"]);
        arena.git(["remote", "set-head", "origin", "main"]);
        arena.install(&arena.server, "pre-receive", "");
        arena
    }

    /// A server and a clone that hold a file of production already, and for so long that to take it away is no rollback.
    pub(crate) fn deployed() -> Self {
        let arena = Self::new();
        arena.commit_file(ROUTES, "deploy");
        let push = arena.push_with(&["origin", "main"], &[("GIT_COMMITTER_DATE", LONG_AGO)]);
        assert!(push.passed, "{}", push.seen);
        arena
    }

    /// An empty server without a hook, and a clone of it with one.
    pub(crate) fn without_policy() -> Self {
        let folder = TempDir::new().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let arena = Self { folder, server: root.join("server.git"), clone: root.join("clone") };
        fs::create_dir(root.join("home")).unwrap();
        arena.clock(OPEN);
        let path = |path: &Path| path.to_str().unwrap().to_owned();
        arena.git_in(&root, ["init", "--quiet", "--bare", "--initial-branch=main", &path(&arena.server)]);
        arena.git_in(&root, ["clone", "--quiet", &path(&arena.server), &path(&arena.clone)]);
        arena.install(&arena.clone.join(".git"), "pre-push", "");
        arena
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    /// What the clocks of both hooks read, in UTC.
    pub(crate) fn clock(&self, instant: &str) {
        fs::write(self.root().join("clock"), instant).unwrap();
    }

    /// Writes a hook that runs the program with the clock of the arena, and with `options`.
    pub(crate) fn install(&self, git_directory: &Path, hook: &str, options: &str) {
        self.script(&git_directory.join("hooks").join(hook), &self.hook(hook, options));
    }

    /// The lines of a hook.
    pub(crate) fn hook(&self, hook: &str, options: &str) -> String {
        let clock = self.root().join("clock");
        format!(
            "TZ=UTC exec '{FAKETIME}' -f \"$(cat '{}')\" '{PROGRAM}' hook {hook} {options} \"$@\"\n",
            clock.display()
        )
    }

    /// Writes a script that can be run.
    pub(crate) fn script(&self, path: &Path, lines: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // another process writes it: a file that this one still has open for writing, in a child just forked by another
        // test, could not be run ("text file busy", execve(2))
        let draft = path.with_extension("draft");
        fs::write(&draft, format!("#!/bin/sh\n{lines}")).unwrap();
        succeeded(Command::new("cp").arg(&draft).arg(path));
        fs::remove_file(&draft).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A program in a folder, without the environment of this machine.
    pub(crate) fn command(&self, program: &str, folder: &Path) -> Command {
        clean::command(program, folder, &self.root().join("home"))
    }

    /// Runs git in the clone, which must succeed, and gives back what it prints without the line feed at its end.
    #[track_caller]
    pub(crate) fn git<const N: usize>(&self, arguments: [&str; N]) -> String {
        self.git_in(&self.clone, arguments)
    }

    #[track_caller]
    pub(crate) fn git_in<const N: usize>(&self, folder: &Path, arguments: [&str; N]) -> String {
        text(succeeded(self.command("git", folder).args(arguments)).stdout)
    }

    /// Runs a command in the clone with something to read, which must succeed.
    #[track_caller]
    pub(crate) fn git_with<const N: usize>(&self, arguments: [&str; N], input: &[u8]) -> String {
        let output = fed(self.command("git", &self.clone).args(arguments), input);
        assert!(output.status.success(), "git {arguments:?}: {}", text(output.stderr));
        text(output.stdout)
    }

    /// Writes a file of the clone.
    pub(crate) fn write(&self, path: impl AsRef<OsStr>, content: impl AsRef<[u8]>) {
        let path = self.clone.join(path.as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Commits all that the work tree of the clone holds, and gives back the commit.
    #[track_caller]
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "-m", message]);
        self.git(["rev-parse", "HEAD"])
    }

    /// Writes a file in the clone and commits it.
    #[track_caller]
    pub(crate) fn commit_file(&self, path: impl AsRef<OsStr>, message: &str) -> String {
        self.write(path.as_ref(), format!("{message}\n"));
        self.commit(message)
    }

    /// Pushes from the clone.
    pub(crate) fn push(&self, arguments: &[&str]) -> Push {
        self.push_with(arguments, &[])
    }

    pub(crate) fn push_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Push {
        self.push_from(&self.clone, arguments, environment)
    }

    pub(crate) fn push_from(&self, folder: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Push {
        let mut command = self.command("git", folder);
        command.arg("push").args(arguments).envs(environment.iter().copied());
        pushed(&command.output().unwrap())
    }

    /// A push that goes through both hooks.
    #[track_caller]
    pub(crate) fn passes(&self, arguments: &[&str]) {
        let push = self.push(arguments);
        assert!(push.passed, "{arguments:?} is refused:\n{}", push.seen);
    }

    /// Returns what the refs of the server point to.
    pub(crate) fn refs(&self) -> BTreeMap<String, String> {
        let printed = self.git_in(&self.server, ["for-each-ref", "--format=%(refname) %(objectname)"]);
        printed.lines().map(|line| line.split_once(' ').unwrap()).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
    }

    /// The program, run by hand in a folder, at the hour of the arena.
    pub(crate) fn program(&self, folder: &Path) -> Command {
        let clock = fs::read_to_string(self.root().join("clock")).unwrap();
        let mut command = self.command(FAKETIME, folder);
        command.args(["-f", &clock, PROGRAM]);
        command
    }
}

pub(crate) fn pushed(output: &Output) -> Push {
    let seen = String::from_utf8_lossy(&output.stderr).into_owned();
    Push { passed: output.status.success(), seen }
}

/// Runs a command with something to read.
pub(crate) fn fed(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // whoever refuses may stop reading before the end
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

#[track_caller]
pub(crate) fn succeeded(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Every file below a folder with its content.
pub(crate) fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            } else {
                let content = fs::read(&path).unwrap_or_default();
                found.insert(path, content);
            }
        }
    }
    found
}

/// Returns what is said, without the breaks of its lines.
pub(crate) fn words(seen: &str) -> String {
    let lines = seen.lines().map(|line| line.trim_start_matches("remote:").trim_start_matches("GL-HOOK-ERR:"));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

pub(crate) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap().trim_end_matches('\n').to_owned()
}
