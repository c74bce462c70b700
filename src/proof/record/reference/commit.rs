//! The commit of an entry, and what its tree holds.

use std::collections::HashSet;
use std::path::Path;

use crate::change::git::{Commit, EvidenceError, Limits, Repository};
use crate::proof::record::line::{ParsedEntry, Sealed, parse};
use crate::proof::record::{Digest, FaultKind, Folded, RecordError, RecordedOutcome};

/// The author of the commits. The name can belong to nobody (RFC 2606).
const AUTHOR: &str = "freezegate <record@freezegate.invalid>";

/// The tree that holds nothing.
pub(super) const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// The file in the tree of a checkpoint: the state after all entries before it.
pub(super) const FOLDED: &str = "folded";

/// The most bytes of that.
const MAX_FOLDED_BYTES: u64 = 256 << 20;

/// Opens the repository of a record, in which a checkpoint may be larger than files of a policy.
pub(in crate::proof::record) fn open_repository(git_dir: &Path) -> Result<Repository, EvidenceError> {
    let limits = Limits { file_bytes: MAX_FOLDED_BYTES, ..Limits::default() };
    Repository::open_at(git_dir).map(|repository| repository.with_limits(limits))
}

/// The line of a commit that is an entry: the last of its message.
pub(in crate::proof::record) fn line_of(commit: &Commit) -> &[u8] {
    let message = commit.message.strip_suffix(b"\n").unwrap_or(&commit.message);
    message.rsplit(|byte| *byte == b'\n').next().unwrap_or(message)
}

/// The entry that a commit is, and what its tree says that the entries before come to, if it is a checkpoint.
pub(in crate::proof::record) fn entry_of(
    repository: &Repository,
    commit: &Commit,
) -> Result<Result<(ParsedEntry, Option<Folded>), FaultKind>, RecordError> {
    let unreadable = |cause: &str| FaultKind::Unreadable { cause: cause.to_owned() };
    let parsed = match parse(line_of(commit)) {
        Ok(parsed) => parsed,
        Err(kind) => return Ok(Err(kind)),
    };
    let sequence = parsed.entry.sequence;
    if let [_, second, ..] = commit.parents.as_slice() {
        return Ok(Err(FaultKind::Forked { sequence, other: format!("commit {second}") }));
    }
    let Some(digest) = parsed.entry.folded else {
        let is_empty = commit.tree.to_string() == EMPTY_TREE;
        return Ok(if is_empty { Ok((parsed, None)) } else { Err(unreadable("its tree is not empty")) });
    };
    let bytes = match repository.file_at(commit.id, FOLDED) {
        Ok(Some(bytes)) if Digest::of(&bytes) == digest => bytes,
        Ok(_)
        | Err(
            EvidenceError::NotAFile { .. } | EvidenceError::FileTooLong { .. } | EvidenceError::UnreadableObject { .. },
        ) => return Ok(Err(FaultKind::Misfolded { sequence })),
        Err(error) => return Err(error.into()),
    };
    Ok(match Folded::from_bytes(&bytes) {
        Ok(folded) => Ok((parsed, Some(folded))),
        Err(_) => Err(FaultKind::Misfolded { sequence }),
    })
}

/// The bytes of the commit of an entry (gitformat-commit).
pub(super) fn commit_text(tree: &str, parent: Option<&str>, sealed: &Sealed) -> String {
    let Sealed { entry, line } = sealed;
    let parent = parent.map_or_else(String::new, |parent| format!("parent {parent}\n"));
    let mut known: HashSet<&str> = HashSet::new();
    let reached = entry.decided.reached.iter().map(|reached| reached.environment.as_str());
    let environments: Vec<String> =
        reached.filter(|name| known.insert(name)).map(|name| name.escape_debug().to_string()).collect();
    let outcome = match entry.decided.decision {
        RecordedOutcome::Allowed => "allowed",
        RecordedOutcome::Refused => "refused",
    };
    let (sequence, at) = (entry.sequence, entry.decided.at.as_second());
    format!(
        "tree {tree}\n{parent}author {AUTHOR} {at} +0000\ncommitter {AUTHOR} {at} +0000\n\n{sequence} {outcome} {}\n\n{line}\n",
        environments.join(", ")
    )
}
