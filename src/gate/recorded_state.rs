//! States that the record names, as they are in this clone.

use crate::change::git::{ObjectId, Repository, Revision};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::fault::no_evidence;

/// Returns a state that the record names, read from this clone.
pub(crate) fn revision(commit: &str, tree: &str, repository: &Repository) -> Result<Revision, Faults> {
    let found = commit_of_record(commit, repository)?;
    if found.tree.to_string() == tree {
        return Ok(found);
    }
    Err(not_as_recorded(&format!("the commit {commit} with another tree")))
}

/// Returns a commit that the record names, read from this clone.
pub(crate) fn commit_of_record(commit: &str, repository: &Repository) -> Result<Revision, Faults> {
    let found = ObjectId::from_hex(commit).and_then(|id| repository.revision_at(id)).map_err(|error| {
        let Diagnostic { cause, .. } = no_evidence(&error);
        let cause = format!("the commit that the record allowed last is not available: {cause}");
        let help =
            format!("fetch it: `git fetch --depth=1 origin {commit}`, or all of history: `git fetch --unshallow`");
        Faults::one(Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(for_terminal(&help)))
    })?;
    match found {
        Some(revision) if revision.commit.to_string() == commit => Ok(revision),
        Some(_) | None => Err(not_as_recorded(&format!("{commit} as a commit"))),
    }
}

pub(crate) fn not_as_recorded(what: &str) -> Faults {
    Faults::one(
        Diagnostic::error(Code::BrokenRecord, for_terminal(&format!("the record names {what}")))
            .help("see who wrote to it: `freezegate record verify RECORD`, RECORD being what `--record` names"),
    )
}
