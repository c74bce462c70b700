//! A folder with a repository in it, and git with nothing of this machine's configuration.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    ops::ControlFlow,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use freezegate::change::git::{ChangeKind, EntryKind, EvidenceError, Repository, Revision, TreeId};
use tempfile::TempDir;

use crate::support::clean;

pub(crate) struct Sandbox {
    folder: TempDir,
    /// The place where git runs: the work tree or the bare repository.
    pub(crate) path: PathBuf,
}

impl Sandbox {
    /// A folder with nothing in it.
    pub(crate) fn empty() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().canonicalize().unwrap().join("repository");
        fs::create_dir(&path).unwrap();
        fs::create_dir(folder.path().join("home")).unwrap();
        Self { folder, path }
    }

    /// A repository without commits, on the branch `main`.
    pub(crate) fn new() -> Self {
        let sandbox = Self::empty();
        sandbox.git(["init", "--quiet", "--initial-branch=main"]);
        sandbox
    }

    /// The folder that the repository lies in.
    pub(crate) fn outside(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    pub(crate) fn file_url(&self) -> String {
        format!("file://{}", self.path.display())
    }

    /// git, ready to run here.
    pub(crate) fn command(&self) -> Command {
        self.command_in(&self.path)
    }

    pub(crate) fn command_in(&self, folder: &Path) -> Command {
        self.program("git", folder)
    }

    /// A program that may run git, without the environment of this machine.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>, folder: &Path) -> Command {
        let mut command = clean::command(program, folder, &self.folder.path().join("home"));
        command
            .env("GIT_ALLOW_PROTOCOL", "file")
            .env("GIT_AUTHOR_DATE", "2025-07-01T10:49:00+02:00")
            .env("GIT_COMMITTER_DATE", "2025-07-01T10:50:00+00:00");
        command
    }

    /// Runs git, which must succeed, and gives back what it prints without the line feed at its end.
    #[track_caller]
    pub(crate) fn git<const N: usize>(&self, arguments: [&str; N]) -> String {
        let printed = self.git_bytes(arguments);
        String::from_utf8(printed).unwrap().trim_end_matches('\n').to_owned()
    }

    #[track_caller]
    pub(crate) fn git_bytes<const N: usize>(&self, arguments: [&str; N]) -> Vec<u8> {
        succeeded(&arguments, self.command().args(arguments).output().unwrap())
    }

    #[track_caller]
    pub(crate) fn git_in<const N: usize>(&self, folder: &Path, arguments: [&str; N]) -> String {
        let printed = succeeded(&arguments, self.command_in(folder).args(arguments).output().unwrap());
        String::from_utf8(printed).unwrap().trim_end_matches('\n').to_owned()
    }

    /// Runs git with something to read.
    #[track_caller]
    pub(crate) fn git_with<const N: usize>(&self, arguments: [&str; N], input: &[u8]) -> String {
        let mut child = self
            .command()
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        String::from_utf8(succeeded(&arguments, output)).unwrap().trim_end_matches('\n').to_owned()
    }

    /// Returns whether git succeeds.
    pub(crate) fn try_git<const N: usize>(&self, arguments: [&str; N]) -> bool {
        self.command().args(arguments).output().unwrap().status.success()
    }

    /// Runs a line of shell here, as a person would who follows the help of an error.
    #[track_caller]
    pub(crate) fn shell(&self, folder: &Path, line: &str) {
        succeeded(&[line], self.program("sh", folder).args(["-c", line]).output().unwrap());
    }

    pub(crate) fn write(&self, path: impl AsRef<OsStr>, content: impl AsRef<[u8]>) {
        let path = self.path.join(path.as_ref());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Commits all that the work tree holds, and gives back the commit.
    #[track_caller]
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(["add", "--all"]);
        self.git(["commit", "--quiet", "--allow-empty", "-m", message]);
        self.git(["rev-parse", "HEAD"])
    }

    /// Writes these files and commits.
    #[track_caller]
    pub(crate) fn commit_files(&self, message: &str, paths: &[&str]) -> String {
        for path in paths {
            self.write(path, format!("{message}: {path}\n"));
        }
        self.commit(message)
    }

    /// Writes an object as it is, checked by nobody.
    #[track_caller]
    pub(crate) fn object(&self, kind: &str, content: &[u8]) -> String {
        self.git_with(["hash-object", "-w", "--stdin", "--literally", "-t", kind], content)
    }

    #[track_caller]
    pub(crate) fn open(&self) -> Repository {
        Repository::open_at(&self.path).unwrap()
    }

    /// Returns what a revision stands for.
    #[track_caller]
    pub(crate) fn revision(&self, text: &str) -> Revision {
        self.open().revision(text).unwrap()
    }

    /// The paths of `OLD..NEW`, as text.
    #[track_caller]
    pub(crate) fn changed(&self, range: &str) -> Vec<String> {
        let repository = self.open();
        let range = repository.range(range).unwrap();
        let changed = changes(&repository, range.old_tree(), range.new_tree()).unwrap();
        changed.into_iter().map(|(path, _)| String::from_utf8(path).unwrap()).collect()
    }

    /// Every file below `.git` with its content: what reading must leave alone.
    pub(crate) fn stored(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.path.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    found.push((path.clone(), Vec::new()));
                    folders.push(path);
                } else {
                    found.push((path.clone(), fs::read(&path).unwrap()));
                }
            }
        }
        found.sort();
        found
    }
}

#[track_caller]
fn succeeded(arguments: &[&str], output: Output) -> Vec<u8> {
    assert!(
        output.status.success(),
        "git {arguments:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// All that differs, collected.
pub(crate) fn changes(
    repository: &Repository,
    old: Option<TreeId>,
    new: Option<TreeId>,
) -> Result<Vec<(Vec<u8>, ChangeKind)>, EvidenceError> {
    let mut found = Vec::new();
    repository.changed_paths(old, new, &mut |path, change| {
        found.push((path.to_vec(), change));
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// Returns what git says of two trees, run as safely as it can be: paths, and what each was and is.
pub(crate) fn changes_by_git(sandbox: &Sandbox, old: &str, new: &str) -> Vec<(Vec<u8>, ChangeKind)> {
    let mut command = sandbox.command();
    command.env("GIT_NO_REPLACE_OBJECTS", "1").args([
        "diff-tree",
        "-r",
        "-z",
        "--raw",
        "--no-renames",
        "--ignore-submodules=none",
        "--no-ext-diff",
        "--no-textconv",
        "--no-abbrev",
        old,
        new,
    ]);
    let printed = succeeded(&["diff-tree"], command.output().unwrap());
    let mut fields = printed.split(|byte| *byte == 0);
    let mut found = Vec::new();
    while let Some(raw) = fields.next().filter(|raw| !raw.is_empty()) {
        let modes = std::str::from_utf8(raw).unwrap().strip_prefix(':').unwrap();
        let mut modes = modes.split(' ').map(kind);
        let change = match (modes.next().unwrap(), modes.next().unwrap()) {
            (Some(old), Some(new)) => ChangeKind::Modified { old, new },
            (Some(old), None) => ChangeKind::Deleted { old },
            (None, Some(new)) => ChangeKind::Added { new },
            (None, None) => panic!("neither old nor new: {modes:?}"),
        };
        found.push((fields.next().unwrap().to_vec(), change));
    }
    found
}

fn kind(mode: &str) -> Option<EntryKind> {
    match mode {
        "000000" => None,
        "100644" => Some(EntryKind::File),
        "100755" => Some(EntryKind::Executable),
        "120000" => Some(EntryKind::Link),
        "160000" => Some(EntryKind::Submodule),
        _ => panic!("mode {mode}"),
    }
}

/// The empty tree, to git.
pub(crate) const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// "No object", to git.
pub(crate) const ZERO: &str = "0000000000000000000000000000000000000000";

pub(crate) fn os(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}
