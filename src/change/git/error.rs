//! Why evidence is not available, and what fixes it.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

use super::{CommitId, EntryKind, Feature, ObjectId, ObjectKind, RefName};
use crate::shell::{shell_word, word_of_bytes};

/// How to get a commit that is not there.
const FETCH: &str = "`git fetch --tags origin`, in a shallow clone `git fetch --unshallow`";

/// As many bytes of a path that is too long are shown.
const LONGEST_SHOWN: usize = 60;

/// The reason why an object is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absence {
    /// The clone is shallow: history was cut off on purpose.
    Shallow,
    /// The clone is partial: git would fetch the object from this remote when it is needed.
    Partial {
        /// The remote that promised it.
        remote: String,
    },
    /// Neither: it was never fetched, or it is lost.
    Unexplained,
}

/// The reason why a question to a repository has no answer.
///
/// [`fmt::Display`] says what is wrong, [`help`](Self::help) what fixes it. Both hold text from outside, unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EvidenceError {
    /// No repository at or above the folder.
    NoRepository {
        /// The place where the search began.
        start: PathBuf,
    },
    /// The repository belongs to another user, and `safe.directory` (git-config(1)) does not name it.
    NotOwned {
        /// The folder that `safe.directory` would have to name.
        path: PathBuf,
    },
    /// The repository is sound, and cannot be read here.
    Unsupported {
        /// The repository's git directory.
        path: PathBuf,
        /// The feature that it uses.
        feature: Feature,
    },
    /// The repository cannot be opened, or a file of it cannot be read.
    CorruptRepository {
        /// The file or folder.
        path: PathBuf,
        /// The problem.
        reason: String,
    },
    /// A missing object was requested from the remote, and did not come.
    NotFetched {
        /// The missing thing, for people.
        what: String,
        /// The remote.
        remote: String,
        /// The message of git, or the limit that was passed.
        cause: String,
        /// The fix.
        help: String,
    },
    /// An object that is needed is not there.
    MissingObject {
        /// Its name.
        id: ObjectId,
        /// The reason why it is not there.
        absence: Absence,
    },
    /// An object is there and cannot be understood.
    UnreadableObject {
        /// Its name.
        id: ObjectId,
        /// The problem.
        reason: String,
    },
    /// A tree that git would not write: `git fsck` calls it an error, or git never checks out a name in it.
    BrokenTree {
        /// Its name.
        id: ObjectId,
        /// The problem; names in it are escaped.
        reason: String,
    },
    /// A name that stands for something, but for no commit.
    NotACommit {
        /// The name as it was written.
        revision: String,
        /// The kind of object that it stands for.
        found: ObjectKind,
    },
    /// A name that stands for nothing.
    UnknownRevision {
        /// The name as it was written.
        revision: String,
        /// What is written much like it and exists.
        near: Option<String>,
    },
    /// A parent that a commit does not have, such as `HEAD~` of the first commit.
    NoParent {
        /// The name as it was written.
        revision: String,
        /// The commit.
        commit: CommitId,
        /// The number of parents that it has.
        parents: usize,
    },
    /// A form of gitrevisions(7) that is not read here.
    UnsupportedRevision {
        /// The name as it was written.
        revision: String,
    },
    /// A name that stands for more than one thing.
    AmbiguousRevision {
        /// The name as it was written.
        revision: String,
        /// The full names of the refs that it may mean; none where it shortens the names of several objects.
        candidates: Vec<RefName>,
    },
    /// Text that is not two revisions with two dots between them.
    InvalidRange {
        /// The range as it was written.
        range: String,
    },
    /// `OLD...NEW`: git compares `NEW` with the merge base, which hides what a rewind undoes.
    ThreeDots {
        /// The range as it was written.
        range: String,
    },
    /// Bytes that are no full ref name (git-check-ref-format(1)).
    InvalidRefName {
        /// The bytes.
        name: Vec<u8>,
    },
    /// A ref that points to a ref that does not exist.
    DanglingRef {
        /// The ref that was asked for.
        name: RefName,
    },
    /// A ref that is there and cannot be read.
    CorruptRef {
        /// The ref.
        name: RefName,
        /// The problem.
        reason: String,
    },
    /// A line of a reflog that cannot be read.
    CorruptReflog {
        /// The ref that the log is of.
        name: RefName,
        /// The line, counted from 1.
        line: usize,
    },
    /// Two commits without a common ancestor.
    NoMergeBase {
        /// The one commit.
        one: CommitId,
        /// The other.
        two: CommitId,
    },
    /// Two commits with several best common ancestors, none of which is *the* base.
    SeveralMergeBases {
        /// The one commit.
        one: CommitId,
        /// The other.
        two: CommitId,
        /// The bases, in the order of their names.
        bases: Vec<CommitId>,
    },
    /// A path with an empty, `.` or `..` component, or one that is absolute.
    InvalidPath {
        /// The path as it was written.
        path: String,
    },
    /// A path that leads to or through something other than a regular file.
    NotAFile {
        /// The path that was asked for.
        path: String,
        /// The part of it that is not a regular file.
        at: String,
        /// The entry that is there; a folder where nothing is named.
        found: Option<EntryKind>,
    },
    /// A file longer than [`Limits::file_bytes`](super::Limits::file_bytes).
    FileTooLong {
        /// The path that was asked for.
        path: String,
        /// The bound, in bytes.
        limit: u64,
    },
    /// A path longer than [`Limits::path_bytes`](super::Limits::path_bytes).
    PathTooLong {
        /// The beginning of the path.
        beginning: Vec<u8>,
        /// The bound, in bytes.
        limit: usize,
    },
    /// Folders in one another beyond [`Limits::depth`](super::Limits::depth).
    TooDeep {
        /// The bound.
        limit: usize,
    },
    /// More tree entries than [`Limits::entries`](super::Limits::entries).
    TooManyEntries {
        /// The bound.
        limit: u64,
    },
    /// Walks that looked at more tree entries together than [`Limits::entries_together`](super::Limits::entries_together).
    TooManyEntriesTogether {
        /// The bound.
        limit: u64,
    },
    /// A range for whose authors more commits than [`Limits::history`](super::Limits::history) would have to be read.
    TooMuchHistory {
        /// The bound, in commits.
        limit: usize,
    },
    /// A range of more authors than [`Limits::authors`](super::Limits::authors).
    TooManyAuthors {
        /// The bound.
        limit: usize,
    },
    /// A message longer than [`Limits::message_bytes`](super::Limits::message_bytes).
    MessageTooLong {
        /// The commit.
        commit: CommitId,
        /// The bound, in bytes.
        limit: u64,
    },
    /// More trailers in a message than [`Limits::trailers`](super::Limits::trailers).
    TooManyTrailers {
        /// The commit.
        commit: CommitId,
        /// The bound.
        limit: usize,
    },
    /// More new commits than [`Limits::commits`](super::Limits::commits).
    TooManyCommits {
        /// The new tip.
        new: CommitId,
        /// The bound.
        limit: usize,
    },
}

impl fmt::Display for EvidenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRepository { start } => {
                write!(f, "no git repository at or above `{}`", start.display())
            }
            Self::NotOwned { path } => write!(f, "the repository `{}` belongs to another user", path.display()),
            Self::Unsupported { path, feature } => {
                write!(f, "the repository `{}` uses an unsupported feature: {feature}", path.display())
            }
            Self::CorruptRepository { path, reason } => {
                write!(f, "can't read `{}`: {reason}", path.display())
            }
            Self::MissingObject { id, absence } => match absence {
                Absence::Shallow => write!(f, "object `{id}` is missing: this clone is shallow"),
                Absence::Partial { remote } => {
                    write!(f, "object `{id}` is missing: this clone is partial, and `{remote}` has it")
                }
                Absence::Unexplained => write!(f, "object `{id}` is missing"),
            },
            Self::NotFetched { what, remote, cause, .. } => {
                write!(f, "{what} is missing, and was not fetched from `{remote}`: {cause}")
            }
            Self::UnreadableObject { id, reason } => {
                write!(f, "can't read object `{id}`: {reason}")
            }
            Self::BrokenTree { id, reason } => write!(f, "the tree `{id}` is malformed: {reason}"),
            Self::NotACommit { revision, found } => {
                write!(f, "`{revision}` is a {found}, not a commit")
            }
            Self::UnknownRevision { revision, .. } => {
                write!(f, "`{revision}` is not a commit, branch or tag of this repository")
            }
            Self::NoParent { revision, commit, parents: 0 } => {
                write!(f, "`{revision}` does not exist: {} is the first commit", commit.short())
            }
            Self::NoParent { revision, commit, parents: 1 } => {
                write!(f, "`{revision}` does not exist: {} is not a merge, it has one parent", commit.short())
            }
            Self::NoParent { revision, commit, parents } => {
                write!(f, "`{revision}` does not exist: {} has {parents} parents", commit.short())
            }
            Self::UnsupportedRevision { revision } => {
                write!(f, "this form of revision is not supported: `{revision}`")
            }
            Self::AmbiguousRevision { revision, candidates } => {
                if candidates.is_empty() {
                    return write!(f, "several objects have names that begin with `{revision}`");
                }
                write!(f, "`{revision}` may mean ")?;
                for (index, candidate) in candidates.iter().enumerate() {
                    let between = if index == 0 { "" } else { " or " };
                    write!(f, "{between}`{candidate}`")?;
                }
                Ok(())
            }
            Self::InvalidRange { range } => write!(f, "`{range}` is not a range of two commits"),
            Self::ThreeDots { range } => write!(f, "`{range}` has three dots, which miss what a force-push removes"),
            Self::InvalidRefName { name } => {
                write!(f, "`{}` is not a full ref name", String::from_utf8_lossy(name))
            }
            Self::DanglingRef { name } => {
                if name.to_string() == "HEAD" {
                    f.write_str("the branch that is checked out has no commits yet")
                } else {
                    write!(f, "the ref `{name}` points to a ref that does not exist")
                }
            }
            Self::CorruptRef { name, reason } => {
                write!(f, "can't read the ref `{name}`: {reason}")
            }
            Self::CorruptReflog { name, line } => {
                write!(f, "can't read line {line} of the reflog of `{name}`")
            }
            Self::NoMergeBase { one, two } => {
                write!(f, "`{one}` and `{two}` have no common ancestor")
            }
            Self::SeveralMergeBases { one, two, bases } => {
                write!(f, "`{one}` and `{two}` have {} best common ancestors", bases.len())
            }
            Self::InvalidPath { path } => {
                write!(f, "`{path}` is not a path from the root of the repository without `.`, `..` and empty parts")
            }
            Self::NotAFile { path, at, found } => {
                let found = match found {
                    None => "a folder",
                    Some(EntryKind::File | EntryKind::Executable) => "a file",
                    Some(EntryKind::Link) => "a symbolic link",
                    Some(EntryKind::Submodule) => "a submodule",
                };
                if path == at {
                    write!(f, "`{path}` is {found}, not a regular file")
                } else {
                    write!(f, "`{path}` is not a regular file of the repository: `{at}` is {found}")
                }
            }
            Self::FileTooLong { path, limit } => write!(f, "`{path}` is longer than {limit} bytes"),
            Self::PathTooLong { beginning, limit } => {
                write!(f, "the path `{}…` has more than {limit} bytes", beginning.escape_ascii())
            }
            Self::TooDeep { limit } => {
                write!(f, "folders are nested more than {limit} deep")
            }
            Self::TooManyEntries { limit } => write!(f, "a tree of more than {limit} entries"),
            Self::TooManyEntriesTogether { limit } => {
                write!(f, "the trees of the refs have more than {limit} entries together")
            }
            Self::TooMuchHistory { limit } => {
                write!(f, "more than {limit} commits would have to be read to find who wrote the change")
            }
            Self::TooManyAuthors { limit } => write!(f, "more than {limit} people wrote the change"),
            Self::MessageTooLong { commit, limit } => {
                write!(f, "the message of the commit `{commit}` is longer than {limit} bytes")
            }
            Self::TooManyTrailers { commit, limit } => {
                write!(f, "the message of the commit `{commit}` has more than {limit} trailers")
            }
            Self::TooManyCommits { new, limit } => {
                write!(f, "`{new}` and what comes with it bring more than {limit} new commits")
            }
        }
    }
}

impl std::error::Error for EvidenceError {}

impl EvidenceError {
    /// The error for a file of a repository that cannot be read.
    pub(super) fn file(path: &Path, error: &io::Error) -> Self {
        Self::CorruptRepository { path: path.to_path_buf(), reason: error.to_string() }
    }

    /// The error for a path of more than `limit` bytes.
    pub(super) fn too_long(path: &[u8], limit: usize) -> Self {
        Self::PathTooLong { beginning: path.get(..LONGEST_SHOWN).unwrap_or(path).to_vec(), limit }
    }

    /// Returns how to fix it: a command in backticks where one does. `origin` stands for whatever the remote is called, where the
    /// repository does not say.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::NoRepository { .. } => "run it inside a clone of the repository, or `git init`".to_owned(),
            Self::NotOwned { path } => {
                let folder = word_of_bytes(path.as_os_str().as_encoded_bytes());
                format!("if you trust it: `git config --global --add safe.directory {folder}`")
            }
            Self::Unsupported { feature, .. } => unsupported(feature),
            Self::CorruptRepository { .. } => "run `git fsck`, or clone it again".to_owned(),
            Self::MissingObject { id, absence } => match absence {
                Absence::Shallow => {
                    format!(
                        "fetch all of history: `git fetch --unshallow`, or just this commit: `git fetch --depth=1 origin {id}`"
                    )
                }
                Absence::Partial { remote } => {
                    format!(
                        "let git fetch it: `git cat-file -e {id}`, or fetch everything: `git fetch --refetch --no-filter {}`",
                        shell_word(remote)
                    )
                }
                Absence::Unexplained => {
                    format!("fetch it: `git fetch origin {id}`; if it was here, run `git fsck`")
                }
            },
            Self::NotFetched { help, .. } => help.clone(),
            Self::UnreadableObject { .. } => {
                "run `git fsck`; if an object is broken, clone again".to_owned()
            }
            Self::NotACommit { found, .. } => match found {
                ObjectKind::Tree | ObjectKind::Blob => {
                    "name a commit, a branch or a tag of a commit; 40 zeros stand for the empty tree".to_owned()
                }
                ObjectKind::Commit | ObjectKind::Tag => "name a commit, a branch or a tag of a commit".to_owned(),
            },
            Self::UnknownRevision { near: Some(near), .. } => {
                format!("write `{near}`, if you mean that; else fetch it: {FETCH}")
            }
            Self::UnknownRevision { near: None, .. } => {
                format!("fetch it: {FETCH}; see what there is: `git for-each-ref`")
            }
            Self::NoParent { commit, parents: 0, .. } => format!(
                "name a later commit; for the whole history, `check` takes `--range {}..{:.12}`",
                "0".repeat(40),
                commit.to_string()
            ),
            Self::NoParent { .. } => "name an existing parent; `~1` and `^1` are the first".to_owned(),
            Self::UnsupportedRevision { revision } => {
                format!(
                    "give the name of the commit that this prints: `git rev-parse --verify {}`",
                    shell_word(&format!("{revision}^{{commit}}"))
                )
            }
            Self::AmbiguousRevision { candidates, .. } => {
                if candidates.is_empty() {
                    "write more digits".to_owned()
                } else {
                    "write the full name of the ref".to_owned()
                }
            }
            Self::InvalidRange { .. } => "write `OLD..NEW`; 40 zeros for `OLD` stand for the empty tree".to_owned(),
            Self::ThreeDots { range } => {
                let (old, new) = range.split_once("...").unwrap_or((range, "HEAD"));
                format!("write `{old}..{new}`; or replace `{old}` with a commit that is known to be allowed")
            }
            Self::InvalidRefName { name } => match str::from_utf8(name) {
                // what git accepts below a folder of branches
                Ok(text) if RefName::new(format!("refs/heads/{text}")).is_ok() && !text.starts_with("refs") => {
                    format!("write it in full: `refs/heads/{text}` for a branch, `refs/tags/{text}` for a tag")
                }
                Ok(_) | Err(_) => "write it in full, like `refs/heads/main`".to_owned(),
            },
            Self::DanglingRef { name } => match name.remote_of_head() {
                Some(remote) => {
                    format!(
                        "ask the remote for its default branch: `git remote set-head {} --auto`",
                        shell_word(remote)
                    )
                }
                None if *name == RefName::head() => "make the first commit, or check out a branch".to_owned(),
                None => format!("remove it: `git symbolic-ref --delete {}`", word_of_bytes(name.as_bytes())),
            },
            Self::CorruptRef { name, .. } if *name == RefName::head() => {
                "clone again: `HEAD` of this clone is broken".to_owned()
            }
            Self::CorruptRef { name, .. } => {
                let name = word_of_bytes(name.as_bytes());
                format!("remove it: `rm \"$(git rev-parse --git-path {name})\"`, and fetch or push it again")
            }
            Self::CorruptReflog { name, .. } => {
                let name = word_of_bytes(name.as_bytes());
                format!("drop unreadable entries: `git reflog expire --expire=never {name}`")
            }
            Self::NoMergeBase { .. } => "name the commit to compare with: `--range OLD..NEW`".to_owned(),
            Self::SeveralMergeBases { .. } => {
                "merge the target branch into the change, or name the commit to compare with: `--range OLD..NEW`"
                    .to_owned()
            }
            Self::InvalidPath { .. } => {
                "write it from the root of the repository, like `policies/freezegate.toml`".to_owned()
            }
            Self::NotAFile { at, .. } => format!("commit a regular file in place of `{at}`"),
            Self::FileTooLong { .. } => "split the file".to_owned(),
            Self::BrokenTree { .. } => {
                "`git fsck` lists such trees; commit the files of the folder again on the last sound commit, and push that; \
                 if the branch itself holds it, an administrator moves it back: `git update-ref REF COMMIT`"
                    .to_owned()
            }
            Self::PathTooLong { .. } => "give the file or folder a shorter name: no checkout holds such a path".to_owned(),
            Self::MessageTooLong { .. } | Self::TooManyTrailers { .. } => {
                "shorten its message: `git commit --amend`, or `git rebase -i` if it is not the last commit".to_owned()
            }
            Self::TooManyCommits { .. } => "send fewer commits at once: push an older one of them first".to_owned(),
            Self::TooManyEntriesTogether { .. } => "push fewer refs at once".to_owned(),
            Self::TooDeep { .. } | Self::TooManyEntries { .. } => {
                "no normal repository looks like this; find out who pushed it".to_owned()
            }
            Self::TooMuchHistory { .. } | Self::TooManyAuthors { .. } => {
                "compare with a later commit, `--range OLD..NEW`, or push the change in parts".to_owned()
            }
        }
    }
}

fn unsupported(feature: &Feature) -> String {
    match feature {
        Feature::ObjectFormat(_) => "use a repository with SHA-1 object names: git can't convert one".to_owned(),
        Feature::RefStorage(_) => {
            "store the refs as files: `git refs migrate --ref-format=files` (with reflogs, from git 2.48 on)".to_owned()
        }
        Feature::PartialCloneExtension(remote) => {
            format!(
                "use the newer setting: `git config {} true && git config --unset extensions.partialClone`",
                shell_word(&format!("remote.{remote}.promisor"))
            )
        }
        Feature::Extension(_) | Feature::FormatVersion(_) => {
            "clone it again, which removes it, or check for a newer release".to_owned()
        }
        Feature::Namespace(_) => {
            "unset `GIT_NAMESPACE`, or gate the repository that holds the namespaces elsewhere".to_owned()
        }
        Feature::CommonDirectory(_) => "unset `GIT_COMMON_DIR`: the repository knows its own".to_owned(),
        Feature::QuotedObjectDirectory(_) => "move the repository to a path without `:` and quotes".to_owned(),
    }
}
