//! Looking at a repository from outside: names of folders, files and branches, and the environments of workflows.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fs::DirEntry;
use std::io::Read;
use std::path::Path;

use crate::change::git::{EvidenceError, Repository};
use crate::diagnostic::{Code, Diagnostic};
use crate::draft::{Survey, workflow};
use crate::escape::{bytes_for_terminal, for_terminal};

/// How many folders and files are looked at before no further folder is opened: a draft is worth a second, not a minute.
const MOST: usize = 100_000;

/// How many folders deep.
const DEEPEST: usize = 10;

/// The most bytes of a workflow that are read; GitHub itself takes no larger one than 512 KiB.
const LONGEST_WORKFLOW: u64 = 1 << 20;

/// Folders of what others wrote, or a program made.
const NOT_OURS: [&str; 8] = ["node_modules", "vendor", "third_party", "target", "dist", "build", "venv", "__pycache__"];

/// What the repository at `root` looks like, and what of it could not be seen.
pub(super) fn survey(root: &Path) -> (Survey, Vec<Diagnostic>) {
    let mut found = Survey::default();
    let mut unseen = Vec::new();
    walk(root, &mut found, &mut unseen);
    match branches(root) {
        Ok(branches) => found.branches = branches,
        Err(EvidenceError::NoRepository { .. }) => {}
        Err(error) => {
            let told = warning(format!("branches are left out: {}", for_terminal(&error.to_string())));
            unseen.push(told.help(for_terminal(&error.help())));
        }
    }
    jobs(root, &mut found, &mut unseen);
    (found, unseen)
}

fn warning(cause: String) -> Diagnostic {
    Diagnostic::warning(Code::UnreadableFile, cause)
}

fn left_out(path: &Path, error: &std::io::Error) -> Diagnostic {
    warning(format!("`{}` is left out: {error}", bytes_for_terminal(path.as_os_str().as_encoded_bytes())))
}

/// Folder by folder, the outer ones first. Symbolic links are files, as they are to git.
fn walk(root: &Path, found: &mut Survey, unseen: &mut Vec<Diagnostic>) {
    let mut waiting = VecDeque::from([(root.to_path_buf(), String::new(), 0)]);
    let mut closed = 0_usize;
    while let Some((folder, path, depth)) = waiting.pop_front() {
        if depth > DEEPEST || found.folders.len() + found.files.len() > MOST {
            closed += 1;
            continue;
        }
        let entries = match std::fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
            Ok(entries) => entries,
            Err(error) => {
                unseen.push(left_out(&folder, &error));
                continue;
            }
        };
        for entry in entries.into_iter().filter(|entry| entry.file_name() != ".git") {
            let name = entry.file_name();
            // what is not UTF-8 is seen to be there; no pattern can name it
            let text = name.to_string_lossy();
            let inner = if path.is_empty() { text.to_string() } else { format!("{path}/{text}") };
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    if is_ours(&entry.path(), &name) {
                        waiting.push_back((entry.path(), inner.clone(), depth + 1));
                    }
                    found.folders.push(inner);
                }
                Ok(_) => found.files.push(inner),
                Err(error) => unseen.push(left_out(&entry.path(), &error)),
            }
        }
    }
    if closed > 0 {
        unseen
            .push(warning(format!("{closed} folders are left out: the repository is too large to look at all of it")));
    }
    found.folders.sort_unstable();
    found.files.sort_unstable();
}

/// Whether a folder belongs to the repository and may hold something to look at.
fn is_ours(folder: &Path, name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    // a `.git` of its own: a submodule, or a repository that only lies here
    !(name.starts_with('.') || NOT_OURS.contains(&name) || folder.join(".git").symlink_metadata().is_ok())
}

/// The names of all branches, local ones and those of remotes as last fetched.
fn branches(root: &Path) -> Result<Vec<String>, EvidenceError> {
    let mut names = BTreeSet::new();
    for reference in Repository::discover(root)?.refs()? {
        let name = reference.name.to_string();
        let remote = || name.strip_prefix("refs/remotes/").and_then(|rest| rest.split_once('/')).map(|(_, name)| name);
        names
            .extend(name.strip_prefix("refs/heads/").or_else(remote).filter(|name| *name != "HEAD").map(str::to_owned));
    }
    Ok(names.into_iter().collect())
}

/// Reads the environments out of GitHub's workflows.
fn jobs(root: &Path, found: &mut Survey, unseen: &mut Vec<Diagnostic>) {
    let folder = root.join(".github/workflows");
    let entries = match std::fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory) => {
            return;
        }
        Err(error) => {
            unseen.push(left_out(&folder, &error));
            return;
        }
    };
    let mut names = BTreeSet::new();
    for path in entries.into_iter().filter(is_workflow).map(|entry| entry.path()) {
        match text_of(&path) {
            Ok(text) => names.extend(workflow::environments(&text)),
            Err(error) => unseen.push(left_out(&path, &error)),
        }
    }
    found.jobs = names.into_iter().collect();
}

/// Whether it is a file of YAML: a pipe of that name would never end.
fn is_workflow(entry: &DirEntry) -> bool {
    let path = entry.path();
    let yaml = path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml");
    yaml && entry.file_type().is_ok_and(|kind| kind.is_file())
}

fn text_of(path: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LONGEST_WORKFLOW).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
