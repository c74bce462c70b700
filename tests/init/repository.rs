//! A repository to draft a policy for.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::support::clean;

/// A folder to draft a policy in, and an environment that is the test's alone.
pub(crate) struct Repository {
    folder: TempDir,
}

impl Repository {
    /// A folder without git.
    pub(crate) fn bare() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A repository with these files and no commit yet.
    pub(crate) fn new<P: AsRef<str>>(files: &[P]) -> Self {
        let repository = Self::bare();
        repository.git(&["init", "-q", "-b", "main"]);
        for file in files {
            repository.write(file.as_ref(), "x\n");
        }
        repository
    }

    /// A repository with these files in its one commit.
    pub(crate) fn with<P: AsRef<str>>(files: &[P]) -> Self {
        let repository = Self::new(files);
        repository.commit();
        repository
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// The program, with nothing in its environment but a home and a zone.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freezegate"));
        command.env_clear().env("HOME", self.root()).env("TZ", "Europe/Berlin").current_dir(self.root());
        command
    }

    pub(crate) fn git(&self, arguments: &[&str]) {
        let output = clean::command("git", self.root(), self.root()).args(arguments).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn commit(&self) {
        self.git(&["add", "-A", "."]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Returns what `init` reports.
    pub(crate) fn init(&self, arguments: &[&str]) -> String {
        let output = self.run(&[&["init"], arguments].concat());
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
        text(&output.stdout)
    }

    pub(crate) fn policy_text(&self) -> String {
        std::fs::read_to_string(self.root().join("freezegate.toml")).unwrap()
    }

    pub(crate) fn check(&self, arguments: &[&str]) -> Option<i32> {
        self.run(&[&["check"], arguments].concat()).status.code()
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
