//! Looking at a repository from outside: names of folders, files and branches, and the environments of workflows.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsStr;
use std::fs::DirEntry;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

use crate::change::git::{EvidenceError, Repository};
use crate::diagnostic::{Code, Diagnostic};
use crate::draft::{Survey, pipelines, workflow};
use crate::escape::{bytes_for_terminal, for_terminal};

/// The most folders and files that are looked at; then no further folder is opened, so that a draft takes a second, not a minute.
const MOST: usize = 100_000;

/// The number of folders in depth.
const DEEPEST: usize = 10;

/// The most bytes of a workflow that are read; GitHub itself takes no larger one than 512 KiB.
const LONGEST_WORKFLOW: u64 = 1 << 20;

/// The place where GitHub looks for workflows.
const WORKFLOWS: &str = ".github/workflows";

/// Folders of what others wrote, or a program made.
const NOT_OURS: [&str; 8] = ["node_modules", "vendor", "third_party", "target", "dist", "build", "venv", "__pycache__"];

/// A repository that was looked at.
pub(super) struct Surveyed {
    pub(super) survey: Survey,
    /// Everything that could not be seen.
    pub(super) unseen: Vec<Diagnostic>,
    /// True if the files are those of the commit that is checked out.
    pub(super) is_of_commit: bool,
}

/// Returns what the repository at `root` looks like, and what of it could not be seen.
///
/// The files are those of the commit that is checked out, whether the work tree has them or not; without a commit, or without a
/// repository, those of the folder.
pub(super) fn survey(root: &Path) -> Surveyed {
    let mut found = Survey::default();
    let mut unseen = Vec::new();
    let is_of_commit = match of_repository(root, &mut found, &mut unseen) {
        Ok(is_of_commit) => is_of_commit,
        Err(EvidenceError::NoRepository { .. }) => false,
        Err(error) => {
            let told = warning(format!("branches are left out: {}", for_terminal(&error.to_string())));
            unseen.push(told.help(for_terminal(&error.help())));
            false
        }
    };
    if !is_of_commit {
        walk(root, &mut found, &mut unseen);
    }
    jobs(root, &mut found, &mut unseen);
    Surveyed { survey: found, unseen, is_of_commit }
}

/// Looks at the branches, and at the files of the commit that is checked out; `false` without a commit.
fn of_repository(root: &Path, found: &mut Survey, unseen: &mut Vec<Diagnostic>) -> Result<bool, EvidenceError> {
    let repository = Repository::discover(root)?;
    found.branches = branches(&repository)?;
    let Some(revision) = repository.head()?.revision else {
        return Ok(false);
    };
    let mut files: Vec<String> = Vec::new();
    let mut folders: BTreeSet<String> = BTreeSet::new();
    let mut last = String::new();
    repository.paths(revision.tree, &mut |path, _| {
        // what is not UTF-8 is seen to be there; no pattern can name it
        let path = String::from_utf8_lossy(path);
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut is_open = true;
        if folder != last {
            for (end, _) in path.match_indices('/') {
                folders.extend(path.get(..end).filter(|_| is_open).map(str::to_owned));
                is_open &= path.get(..end).is_some_and(may_open);
            }
            folder.clone_into(&mut last);
        }
        if folder.is_empty() || prefixes(folder).all(may_open) {
            files.push(path.into_owned());
        }
        ControlFlow::Continue(())
    })?;
    let depth = |path: &String| path.matches('/').count();
    let all = files.len();
    if all.saturating_add(folders.len()) > MOST {
        // the outer ones name more than the inner ones
        files.sort_by_key(depth);
        files.truncate(MOST);
        let mut outer: Vec<String> = folders.into_iter().collect();
        outer.sort_by_key(depth);
        outer.truncate(MOST);
        folders = outer.into_iter().collect();
        unseen.push(too_large(&format!("{} files", all.saturating_sub(files.len()))));
    }
    files.sort_unstable();
    for path in files.iter().filter(|path| path.starts_with(WORKFLOWS) && is_yaml(Path::new(path))) {
        match repository.file_at(revision.commit, path) {
            Ok(text) => {
                found.jobs.extend(text.iter().flat_map(|text| workflow::environments(&String::from_utf8_lossy(text))))
            }
            Err(error) => {
                let told =
                    warning(format!("`{}` is left out: {}", for_terminal(path), for_terminal(&error.to_string())));
                unseen.push(told.help(for_terminal(&error.help())));
            }
        }
    }
    found.jobs.sort_unstable();
    found.jobs.dedup();
    (found.files, found.folders) = (files, folders.into_iter().collect());
    Ok(true)
}

/// The path and each folder that it lies in.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| end).chain([path.len()]).filter_map(|end| path.get(..end))
}

/// Returns whether a folder of that path may hold something to look at.
fn may_open(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_text = !name.contains(char::REPLACEMENT_CHARACTER);
    let is_hidden = name.starts_with('.') && !pipelines::FOLDERS.contains(&path);
    is_text && !is_hidden && !NOT_OURS.contains(&name)
}

/// That the draft was made without some of the files, and what to do.
fn too_large(what: &str) -> Diagnostic {
    warning(format!("{what} are left out: the repository is too large to draft a policy from all of it")).help(
        "run `freezegate lint --coverage`, which counts all files, and add `[[targets]]` for folders that deploy something",
    )
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
                    if may_open(&inner) && is_ours(&entry.path(), &name) {
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
        unseen.push(too_large(&format!("{closed} folders")));
    }
    found.folders.sort_unstable();
    found.files.sort_unstable();
}

/// Returns whether a folder belongs to the repository.
fn is_ours(folder: &Path, name: &OsStr) -> bool {
    // a `.git` of its own: a submodule, or a repository that only lies here
    name.to_str().is_some() && folder.join(".git").symlink_metadata().is_err()
}

/// The names of all branches, local ones and those of remotes as last fetched.
fn branches(repository: &Repository) -> Result<Vec<String>, EvidenceError> {
    let mut names = BTreeSet::new();
    for reference in repository.refs()? {
        let name = reference.name.to_string();
        let remote = || name.strip_prefix("refs/remotes/").and_then(|rest| rest.split_once('/')).map(|(_, name)| name);
        names
            .extend(name.strip_prefix("refs/heads/").or_else(remote).filter(|name| *name != "HEAD").map(str::to_owned));
    }
    Ok(names.into_iter().collect())
}

/// Adds the environments in GitHub's workflows of the work tree, which may be about to be committed.
fn jobs(root: &Path, found: &mut Survey, unseen: &mut Vec<Diagnostic>) {
    let folder = root.join(WORKFLOWS);
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
    let mut names: BTreeSet<String> = std::mem::take(&mut found.jobs).into_iter().collect();
    for path in entries.into_iter().filter(is_workflow).map(|entry| entry.path()) {
        match text_of(&path) {
            Ok(text) => names.extend(workflow::environments(&text)),
            Err(error) => unseen.push(left_out(&path, &error)),
        }
    }
    found.jobs = names.into_iter().collect();
}

/// Returns whether it is a file of YAML: a pipe of that name would never end.
fn is_workflow(entry: &DirEntry) -> bool {
    is_yaml(&entry.path()) && entry.file_type().is_ok_and(|kind| kind.is_file())
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
}

fn text_of(path: &Path) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LONGEST_WORKFLOW).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
