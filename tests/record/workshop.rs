//! A folder with a policy, and the programs with nothing of this machine's configuration.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::clean;

/// `production` is closed at every hour, `staging` open.
const POLICY: &str = r#"version = 1
[regions.all]
timezones  = ["UTC"]
core_hours = ["daily 00:00-24:00"]
[environments.production]
[environments.staging]
during_core_hours = "off"
"#;

pub(crate) struct Workshop {
    folder: TempDir,
}

impl Workshop {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("freezegate.toml"), POLICY).unwrap();
        Self { folder }
    }

    /// The same, in a repository with one commit that holds the policy.
    pub(crate) fn with_repository() -> Self {
        let workshop = Self::new();
        workshop.git(&["init", "--quiet", "--initial-branch=main"]);
        workshop.git(&["add", "freezegate.toml"]);
        workshop.git(&["commit", "--quiet", "--message=Begin"]);
        workshop
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// A program in a folder, without the environment of this machine.
    pub(crate) fn program(&self, program: &str, folder: &Path) -> Command {
        let mut command = clean::command(program, folder, self.folder.path());
        command.env("COLUMNS", "100").stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn freezegate_in(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = self.program(env!("CARGO_BIN_EXE_freezegate"), folder);
        command.args(arguments);
        command
    }

    pub(crate) fn freezegate(&self, arguments: &[&str]) -> Command {
        self.freezegate_in(&self.path(), arguments)
    }

    /// Runs freezegate to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.freezegate(arguments).output().unwrap())
    }

    /// Runs git, which must succeed, and gives back what it prints without the line feed at its end.
    #[track_caller]
    pub(crate) fn git_in(&self, folder: &Path, arguments: &[&str]) -> String {
        let ended = Ended::of(self.program("git", folder).args(arguments).output().unwrap());
        assert_eq!(ended.status, Some(0), "git {arguments:?}: {}", ended.errors);
        ended.printed.trim_end_matches('\n').to_owned()
    }

    #[track_caller]
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        self.git_in(&self.path(), arguments)
    }
}

/// The way in which a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) printed: String,
    /// In one line, without the mark that git gives to those of a remote: messages are wrapped.
    pub(crate) errors: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            status: output.status.code(),
            printed: String::from_utf8(output.stdout).unwrap(),
            errors: unwrapped(&output.stderr),
        }
    }

    /// Returns what was printed, as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.printed).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Returns what was printed, as one JSON document a line.
    #[track_caller]
    pub(crate) fn json_lines(&self) -> Vec<Value> {
        let line = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        self.printed.lines().map(line).collect()
    }

    /// The hash of the entry that the answer names.
    #[track_caller]
    pub(crate) fn hash(&self) -> String {
        self.json()["record"]["hash"].as_str().unwrap_or_else(|| panic!("nothing recorded: {self:?}")).to_owned()
    }
}

fn unwrapped(bytes: &[u8]) -> String {
    let text = str::from_utf8(bytes).unwrap();
    let lines = text.lines().map(|line| line.trim_start_matches("remote: "));
    lines.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}
