//! Finding and reading the policy in the work tree.

use std::fmt::Display;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::change::git::{Absence, EvidenceError, RefName, Repository, Revision};
use crate::cli::args::PolicyArgs;
use crate::cli::edge::Edge;
use crate::cli::evidence::no_evidence;
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::policy::Policy;
use crate::policy::load::{Fragment, MAX_BYTES, PolicyFiles, ReadFault, load_for_good};
use crate::policy::roster::Roster;

/// Where a repository keeps its policy, the first that is there.
pub(super) const USUAL: [&str; 2] = ["freezegate.toml", "policies/freezegate.toml"];

/// Files as they are on disk.
struct WorkTree;

impl PolicyFiles for WorkTree {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        read_file(Path::new(path))
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, ReadFault> {
    let fault = |error: &io::Error| ReadFault {
        cause: format!("can't be read: {}", plain(error)),
        help: if error.kind() == io::ErrorKind::NotFound {
            "mend the path, or write a policy with `freezegate init`".to_owned()
        } else {
            "see that it is a file that you may read".to_owned()
        },
    };
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let read = |file: std::fs::File| {
        // with room for all of it, and for one byte more, a file is read in one go
        let length = file.metadata()?.len().saturating_add(1).min(limit);
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    std::fs::File::open(path).and_then(read).map_err(|error| fault(&error))
}

/// The words of an error of the system, without its number.
fn plain(error: &io::Error) -> String {
    let text = error.to_string().to_lowercase();
    text.split_once(" (os error").map_or_else(|| text.clone(), |(words, _)| words.to_owned())
}

/// Files as they are in a commit.
struct InCommit<'r> {
    repository: &'r Repository,
    revision: Revision,
}

impl PolicyFiles for InCommit<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, ReadFault> {
        match self.repository.file_at(self.revision.commit, path) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(ReadFault {
                cause: format!("is not in the commit {}", short(self.revision)),
                help: "commit it on the branch that the policy is read from".to_owned(),
            }),
            Err(EvidenceError::MissingObject { absence: Absence::Partial { .. }, .. }) => Err(ReadFault {
                cause: format!("of the commit {} is not in this clone, which is partial", short(self.revision)),
                help: format!(
                    "let git fetch it: `git cat-file -e {}`",
                    quoted(&format!("{}:{path}", self.revision.commit))
                ),
            }),
            Err(error) => Err(ReadFault { cause: format!("can't be read: {error}"), help: error.help() }),
        }
    }
}

/// A word as a POSIX shell takes it for one.
fn quoted(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@+".contains(&byte);
    if word.bytes().all(is_plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// The first digits of a commit, for people.
fn short(revision: Revision) -> String {
    revision.commit.to_string().chars().take(7).collect()
}

/// A policy with where it came from.
pub(super) struct Source {
    pub(super) policy: Policy,
    /// For people and for JSON.
    pub(super) from: String,
    /// The paths of its files in the repository.
    pub(super) files: Vec<Vec<u8>>,
}

/// The policy of a commit, by the paths that `args` name, or by its usual name; `None` where the commit has none. `place` is how people know the
/// commit.
pub(super) fn in_commit(
    args: &PolicyArgs,
    edge: &Edge,
    repository: &Repository,
    revision: Revision,
    place: &dyn Display,
) -> Result<Option<Source>, Faults> {
    let named = args.files.iter().cloned().map(text_path).collect::<Result<Vec<_>, _>>().map_err(Faults::one)?;
    if !named.is_empty() {
        return from_commit(args, edge, repository, revision, place, &named).map(Some);
    }
    for path in USUAL {
        let is_there = match repository.file_at(revision.commit, path) {
            Ok(found) => found.is_some(),
            // the loader names the file
            Err(EvidenceError::MissingObject { absence: Absence::Partial { .. }, .. }) => true,
            Err(error) => return Err(Faults::one(no_evidence(&error))),
        };
        if is_there {
            return from_commit(args, edge, repository, revision, place, &[path.to_owned()]).map(Some);
        }
    }
    Ok(None)
}

fn from_commit(
    args: &PolicyArgs,
    edge: &Edge,
    repository: &Repository,
    revision: Revision,
    place: &dyn Display,
    entries: &[String],
) -> Result<Source, Faults> {
    let fragments = fragments(args, edge).map_err(Faults::one)?;
    let policy = load_for_good(&InCommit { repository, revision }, entries, &fragments)?;
    let roster = policy.approvers.as_ref().and_then(|approvers| approvers.roster.as_ref()).map(Roster::path);
    let files = policy.sources.files().iter().map(|file| file.path.as_str()).chain(roster);
    let files = files.map(|path| path.as_bytes().to_vec()).collect();
    Ok(Source { policy, from: format!("{place} at {}", short(revision)), files })
}

/// The policy of the work tree.
pub(super) fn of_work_tree(args: &PolicyArgs, edge: &Edge, repository: &Repository) -> Result<Source, Faults> {
    let policy = read(args, edge)?;
    let files = paths_in(repository, &policy, edge)?;
    Ok(Source { policy, from: "work tree".to_owned(), files })
}

/// The policy for a push that leaves: of the remote's default branch as last fetched, else of the work tree.
pub(super) fn trusted_or_work_tree(
    args: &PolicyArgs,
    edge: &Edge,
    repository: &Repository,
    fetched: Option<Revision>,
    branch: Option<&RefName>,
) -> Result<Source, Faults> {
    if args.files.is_empty()
        && edge.variable("FREEZEGATE_POLICY").is_none()
        && let (Some(revision), Some(branch)) = (fetched, branch)
        && let Some(source) = in_commit(args, edge, repository, revision, branch)?
    {
        return Ok(source);
    }
    of_work_tree(args, edge, repository)
}

/// The policy for a push that arrives: an administrator's file by its absolute path, else of the default branch as it was
/// before the push.
pub(super) fn of_server(
    args: &PolicyArgs,
    edge: &Edge,
    repository: &Repository,
    head: Option<Revision>,
    branch: Option<&RefName>,
) -> Result<Source, Faults> {
    if let Some(relative) = args.files.iter().find(|path| path.is_relative()) {
        let cause = format!("`--policy {}` is relative, and the hook runs in many places", relative.display());
        return Err(Faults::one(
            Diagnostic::error(Code::NoPolicy, cause).help("give the absolute path of the administrator's file"),
        ));
    }
    if !args.files.is_empty() {
        let policy = read(args, edge)?;
        return Ok(Source { policy, from: "the administrator's file".to_owned(), files: Vec::new() });
    }
    if let (Some(revision), Some(branch)) = (head, branch)
        && let Some(source) = in_commit(args, edge, repository, revision, branch)?
    {
        return Ok(source);
    }
    let name = branch.map_or_else(|| "default branch".to_owned(), |branch| format!("branch `{branch}`"));
    let cause = format!("there is no policy yet on the {name} of this repository, so nothing can be judged");
    Err(Faults::one(Diagnostic::error(Code::NoPolicy, cause).help(
        "to begin, an administrator runs the hook with `--policy /absolute/path.toml`, pushes `freezegate.toml`, and takes the option away",
    )))
}

/// The options of `args`, for a command that reads the same policy.
pub(super) fn repeated(args: &PolicyArgs) -> Vec<String> {
    let option = |name: &str, path: &PathBuf| [name.to_owned(), path.to_string_lossy().into_owned()];
    let files = args.files.iter().flat_map(|path| option("--policy", path));
    files.chain(args.also.iter().flat_map(|path| option("--also", path))).collect()
}

/// The policy that `args` and the environment name, or that the repository holds.
pub(super) fn read(args: &PolicyArgs, edge: &Edge) -> Result<Policy, Faults> {
    read_with(args, edge, None)
}

/// The same, with one more fragment.
pub(super) fn read_with(args: &PolicyArgs, edge: &Edge, further: Option<Fragment>) -> Result<Policy, Faults> {
    let entries = entries(args, edge).map_err(Faults::one)?;
    let mut fragments = fragments(args, edge).map_err(Faults::one)?;
    fragments.extend(further);
    load_for_good(&WorkTree, &entries, &fragments)
}

/// The files of `policy` as paths in `repository`, where they lie in its work tree. A symbolic
/// link to a file counts as well as the file, as either can change what the policy says.
pub(super) fn paths_in(repository: &Repository, policy: &Policy, edge: &Edge) -> Result<Vec<Vec<u8>>, Faults> {
    let Some(root) = repository.work_tree() else {
        return Ok(Vec::new());
    };
    let root = root.canonicalize().map_err(|error| nowhere(&root.display(), &error))?;
    let roster = policy.approvers.as_ref().and_then(|approvers| approvers.roster.as_ref()).map(Roster::path);
    let files = policy.sources.files().iter().map(|file| file.path.as_str()).chain(roster);
    let mut inside = Vec::new();
    for path in files {
        for whole in places(&edge.absolute(Path::new(path))).map_err(|error| nowhere(&path, &error))? {
            if let Ok(path) = whole.strip_prefix(&root) {
                let parts = path.components().map(|part| part.as_os_str().as_encoded_bytes());
                inside.push(parts.collect::<Vec<_>>().join(&b'/'));
            }
        }
    }
    Ok(inside)
}

/// Where a file is by its own name, the links on the way to it, and where it leads, if it is a file at all: a pipe leads
/// nowhere.
fn places(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut places = Vec::new();
    for part in path.ancestors() {
        if let (Some(folder), Some(name)) = (part.parent(), part.file_name())
            && (part == path || part.is_symlink())
        {
            places.push(folder.canonicalize()?.join(name));
        }
    }
    match path.canonicalize() {
        Ok(whole) if !places.contains(&whole) => places.push(whole),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    Ok(places)
}

fn nowhere(path: &dyn Display, error: &io::Error) -> Faults {
    Faults::one(
        Diagnostic::error(Code::UnreadableFile, format!("where `{path}` lies can't be told: {}", plain(error)))
            .help("see that you may enter the folders on the way to it"),
    )
}

fn entries(args: &PolicyArgs, edge: &Edge) -> Result<Vec<String>, Diagnostic> {
    let paths: Vec<PathBuf> = if !args.files.is_empty() {
        args.files.clone()
    } else if let Some(variable) = edge.variable("FREEZEGATE_POLICY") {
        std::env::split_paths(&variable).collect()
    } else {
        let root = edge.root()?;
        let found = USUAL.iter().map(|path| root.join(path)).find(|path| path.exists());
        vec![edge.shorten(&found.ok_or_else(|| {
            Diagnostic::error(
                Code::NoPolicy,
                format!(
                    "there is no policy: neither {} in `{}`",
                    USUAL.map(|path| format!("`{path}`")).join(" nor "),
                    root.display()
                ),
            )
            .help("write one with `freezegate init`, or name it with `--policy FILE`")
        })?)]
    };
    paths.into_iter().map(text_path).collect()
}

fn text_path(path: PathBuf) -> Result<String, Diagnostic> {
    path.into_os_string().into_string().map_err(|path| {
        Diagnostic::error(Code::UnreadableFile, format!("the path `{}` is not UTF-8", path.to_string_lossy()))
            .help("rename the file")
    })
}

fn fragments(args: &PolicyArgs, edge: &Edge) -> Result<Vec<Fragment>, Diagnostic> {
    let mut fragments = Vec::new();
    for path in &args.also {
        fragments.push(fragment(path)?);
    }
    if let Some(variable) = edge.variable("FREEZEGATE_ALSO") {
        let text = variable.into_string().map_err(|_| {
            Diagnostic::error(Code::UnreadableFile, "`FREEZEGATE_ALSO` is not UTF-8")
                .help("give a path, or the text that `freezegate stop` prints")
        })?;
        // a path has neither line ends nor the header that every fragment begins with
        if text.contains('\n') || text.contains("[[") {
            fragments.push(Fragment { name: "FREEZEGATE_ALSO".to_owned(), bytes: text.into_bytes() });
        } else {
            fragments.push(fragment(Path::new(&text))?);
        }
    }
    Ok(fragments)
}

fn fragment(path: &Path) -> Result<Fragment, Diagnostic> {
    let name = text_path(path.to_path_buf())?;
    match read_file(path) {
        Ok(bytes) => Ok(Fragment { name, bytes }),
        Err(fault) => Err(Diagnostic::error(Code::UnreadableFile, format!("the fragment `{name}` {}", fault.cause))
            .help("mend the path of `--also`; a fragment that can't be read might close this change")),
    }
}
