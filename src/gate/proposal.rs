//! What a pull request or a merge queue is compared with.
//!
//! Nobody is blamed for what others merged: the base is the commit that the provider merged the pull request into, where such
//! a merge is checked out, and else the merge base of the pull request and the branch that it targets.
//!
//! Whoever opens a pull request chooses the branch that it targets, and a check that passed counts for the commit, not for that
//! branch. So a pull request into another branch than the default one is judged as a change of the default branch too.

use crate::change::ci::{BaseSource, Pipeline, PipelineBase, PipelineEvent};
use crate::change::git::{Absence, CommitId, EvidenceError, Range, RefName, Repository, Revision};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::base_commit::{commit, label, tracking};
use crate::gate::comparison::{Ends, Part, branch_of};
use crate::gate::fault::{fault, no_evidence};
use crate::shell::shell_word;

/// The old end of a pull request.
pub(crate) struct Proposed {
    /// The merge bases; one but after criss-cross merges, where each is compared.
    pub(crate) olds: Vec<Revision>,
    /// The way in which they were chosen, for people.
    pub(crate) base: String,
    /// The commit of the target branch that is known.
    pub(crate) onto: Revision,
}

/// Finds what a pull request or a merge queue is compared with, on the branch `target`.
pub(crate) fn find(
    pipeline: &Pipeline,
    new: Revision,
    target: &RefName,
    repository: &Repository,
    dry_run: bool,
) -> Result<Proposed, Faults> {
    let sort = if pipeline.kind == PipelineEvent::MergeQueue { "merge queue" } else { "pull request" };
    let is_its_own = pipeline.target.as_deref().is_some_and(|name| name.as_bytes() == target.as_bytes());
    if pipeline.kind == PipelineEvent::PullRequest
        && is_its_own
        && let Some(own) = &pipeline.proposed
        && let Some(other) = other_parent(new, own, repository)?
    {
        let what = "the commit that the pull request is merged into";
        let onto = existing(commit(repository, &other.to_string(), what)?)?;
        return Ok(Proposed { olds: vec![onto], base: format!("{sort} (the commit that it is merged into)"), onto });
    }
    let given = match &pipeline.base {
        PipelineBase::Commit { id, source, given_by } | PipelineBase::Stale { id, source, given_by, .. }
            if is_its_own =>
        {
            Some((id, *source, *given_by))
        }
        PipelineBase::Commit { .. }
        | PipelineBase::Stale { .. }
        | PipelineBase::TargetBranch { .. }
        | PipelineBase::None(_) => None,
    };
    // a merge queue builds upon the requests before it, and its provider alone knows those
    if let Some((id, source @ BaseSource::MergeQueue, given_by)) = given {
        let base = label(pipeline, source, given_by);
        let onto = existing(commit(repository, id, &format!("the base ({base})"))?)?;
        return Ok(Proposed { olds: vec![onto], base, onto });
    }
    let tracked = tracking(&target.to_string())?;
    let (onto, name) = match (repository.tip_of(&tracked).map_err(fault)?, given) {
        (Some(tip), _) => (tip, tracked.to_string()),
        // GitLab keeps it when a request is given another target
        (None, Some((_, BaseSource::MergeBase, _))) if !dry_run => {
            return Err(Faults::one(history_of(&tracked, "the branch that the pull request targets")));
        }
        (None, Some((id, _, given_by))) => {
            let name = format!("{}: {}", pipeline.provider.key(), given_by.trim_end_matches(" of the event"));
            (existing(commit(repository, id, &format!("the base ({name})"))?)?, name)
        }
        (None, None) => {
            return Err(Faults::one(history_of(&tracked, "the branch that the pull request targets")));
        }
    };
    let olds = merge_bases(new, onto, &name, repository)?;
    let base = match olds.len() {
        1 => format!("{sort} (merge base with {name})"),
        count => format!("{sort} ({count} merge bases with {name})"),
    };
    Ok(Proposed { olds, base, onto })
}

/// Finds what a pull request into another branch would change of the default branch.
pub(crate) fn on_default(
    new: Revision,
    default: Option<&RefName>,
    repository: &Repository,
) -> Result<(Vec<Part>, String), Faults> {
    let Some(default) = default else {
        return Err(Faults::one(
            Diagnostic::error(
                Code::NoEvidence,
                "the default branch is not known, and its policy judges pull requests",
            )
            .help("let git ask the remote: `git fetch origin && git remote set-head origin --auto`; for advice only: `--dry-run`"),
        ));
    };
    let Some(tip) = repository.tip_of(default).map_err(fault)? else {
        return Err(Faults::one(history_of(default, "the default branch")));
    };
    let olds = merge_bases(new, tip, &default.to_string(), repository)?;
    let parts = olds.into_iter().map(|old| part_on(default, Ends::Known(Range { old: Some(old), new: Some(new) })));
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    Ok((parts, format!("and, because another branch is targeted, the merge base with {default}")))
}

/// A branch that has to be fetched first, with the history in which the merge base is looked for.
fn history_of(tracking: &RefName, what: &str) -> Diagnostic {
    let name = tracking.to_string();
    let name = name.strip_prefix("refs/remotes/origin/").unwrap_or(&name);
    let cause = format!("{what}, `{name}`, is not in this clone");
    Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(for_terminal(&format!(
        "fetch it: `git fetch origin {}`",
        shell_word(&format!("+refs/heads/{name}:{tracking}"))
    )))
}

/// The same ends, as a change of the default branch.
pub(crate) fn part_on(default: &RefName, ends: Ends) -> Result<Part, Faults> {
    Ok(Part { ends, environments: None, exclusive: false, beside: Some(branch_of(default)?), is_by_others: false })
}

/// The other parent of a merge of `own`, if `new` is one.
fn other_parent(new: Revision, own: &str, repository: &Repository) -> Result<Option<CommitId>, Faults> {
    let parents = repository.commit(new.commit).map_err(fault)?.parents;
    Ok(match parents.as_slice() {
        [one, two] if one == two => None,
        [one, two] if two.to_string() == own => Some(*one),
        [one, two] if one.to_string() == own => Some(*two),
        _ => None,
    })
}

fn merge_bases(new: Revision, onto: Revision, name: &str, repository: &Repository) -> Result<Vec<Revision>, Faults> {
    let bases = match repository.with_history(&[new.commit, onto.commit], |one| one.merge_base(new.commit, onto.commit))
    {
        Ok(base) => vec![base],
        Err(EvidenceError::SeveralMergeBases { bases, .. }) => bases,
        Err(error) => return Err(Faults::one(no_merge_base(&error, name))),
    };
    bases.into_iter().map(|base| existing(commit(repository, &base.to_string(), "the merge base")?)).collect()
}

fn no_merge_base(error: &EvidenceError, name: &str) -> Diagnostic {
    let diagnostic = no_evidence(error);
    let cause = format!("the merge base of the pull request and `{name}` is not available: {}", diagnostic.cause);
    let is_cut_off = matches!(error, EvidenceError::MissingObject { absence: Absence::Shallow, .. });
    let help =
        if is_cut_off { Some("fetch the history: `git fetch --unshallow origin`".to_owned()) } else { diagnostic.help };
    let found = Diagnostic::error(Code::NoEvidence, for_terminal(&cause));
    match help {
        Some(help) => found.help(for_terminal(&help)),
        None => found,
    }
}

fn existing(found: Option<Revision>) -> Result<Revision, Faults> {
    found.ok_or_else(|| {
        Faults::one(
            Diagnostic::error(Code::NoEvidence, "the base of the pull request is not a commit")
                .help("say what to compare: `--range OLD..NEW`"),
        )
    })
}
