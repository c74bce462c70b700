//! What a server lacks for grants that come with a push.

use crate::change::git::Repository;
use crate::cli::edge::Edge;
use crate::cli::hook::git_program::GitProgram;
use crate::diagnostic::Faults;
use crate::gate::repository;
use crate::gate::request::PolicyPlace;
use crate::gate::source::{self, CommitPolicy};
use crate::policy::Policy;
use crate::report::rows::Rows;

/// Returns a row for each setting that grants need and the server lacks; empty if the policy has no override by signatures.
///
/// `place` names the policy of the hook, if that is not the one of the default branch. A policy that cannot be read may have
/// such overrides.
///
/// # Errors
///
/// A configuration that git can't read.
pub(super) fn rows(git: &GitProgram, place: &PolicyPlace, edge: &Edge) -> Result<String, Faults> {
    if has_signed(place, edge) == Some(false) {
        return Ok(String::new());
    }
    let mut rows = Rows::default();
    if !git.is_named()? {
        let set = "`git config freezegate.repository example.com/team/shop`";
        rows.row(
            "grants",
            &format!("name the repository as clones push to it, before the first decision: {set}"),
            None,
        );
    }
    if !git.takes_push_options()? {
        let set = "`git config receive.advertisePushOptions true`";
        rows.row("grants", &format!("pushes can't carry grants yet: allow push options with {set}"), None);
    }
    Ok(rows.into_text(edge.width()))
}

/// Returns whether an entry of the policy asks for signatures; `None` if there is no policy that loads.
fn has_signed(place: &PolicyPlace, edge: &Edge) -> Option<bool> {
    let is_signed = |policy: &Policy| policy.lifts.iter().any(|lift| !lift.signed.is_empty());
    if !place.files.is_empty() {
        return source::read(place, edge).ok().map(|policy| is_signed(&policy));
    }
    let of_branch = |repository: &Repository| -> Option<bool> {
        let revision = repository.head().ok()?.revision?;
        match source::look_up(place, edge, repository, revision, &"the default branch").ok()?.found {
            CommitPolicy::Loads(source) => Some(is_signed(&source.policy)),
            CommitPolicy::Absent | CommitPolicy::Wrong(_) => None,
        }
    };
    repository::here(edge).ok().and_then(|repository| of_branch(&repository))
}
