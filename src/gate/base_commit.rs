//! Commits and refs that a provider names.

use crate::change::ci::{BaseSource, Pipeline};
use crate::change::git::{ObjectId, RefName, Repository, Revision};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::gate::fault::{fault, no_evidence};
use crate::shell::shell_word;

pub(crate) fn commit(repository: &Repository, id: &str, what: &str) -> Result<Option<Revision>, Faults> {
    let found = ObjectId::from_hex(id).and_then(|id| repository.revision_at(id));
    found.map_err(|error| {
        let diagnostic = no_evidence(&error);
        Faults::one(Diagnostic { cause: format!("{what} is not available: {}", diagnostic.cause), ..diagnostic })
    })
}

pub(crate) fn label(pipeline: &Pipeline, source: BaseSource, given_by: &str) -> String {
    let given = format!("{}: {}", pipeline.provider.key(), given_by.strip_suffix(" of the event").unwrap_or(given_by));
    match source {
        BaseSource::BeforePush | BaseSource::LastSuccess => given,
        BaseSource::PullRequest | BaseSource::MergeBase => format!("pull request ({given})"),
        BaseSource::MergeQueue => format!("merge queue ({given})"),
    }
}

/// The remote-tracking ref of a branch.
pub(crate) fn tracking(branch: &str) -> Result<RefName, Faults> {
    let name = branch.strip_prefix("refs/heads/").unwrap_or(branch);
    RefName::new(format!("refs/remotes/origin/{name}")).map_err(fault)
}

/// A branch that has to be fetched first.
pub(crate) fn not_fetched(tracking: &RefName, what: &str) -> Diagnostic {
    let branch = tracking.to_string();
    let branch = branch.strip_prefix("refs/remotes/origin/").unwrap_or(&branch);
    Diagnostic::error(Code::NoEvidence, format!("{what}, `{branch}`, is not in this clone")).help(format!(
        "fetch it, its last commit is enough: `git fetch --depth=1 origin {}`",
        shell_word(&format!("+refs/heads/{branch}:{tracking}"))
    ))
}
