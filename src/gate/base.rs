//! What is compared: both ends, on which ref, and how the old end was chosen.

use crate::change::ci::{NoBase, Pipeline, PipelineBase, PipelineEvent, PipelineHead, Provider};
use crate::change::git::{Range, RefName, Repository, Revision};
use crate::diagnostic::{Code, Diagnostic, Faults};
use crate::escape::for_terminal;
use crate::gate::base_commit::{commit, label, tracking};
use crate::gate::comparison::{Ends, Move, Part, branch_of};
use crate::gate::fault::{add_help, fault, of_option};
use crate::gate::in_force;
use crate::gate::proposal::{self, Proposed};
use crate::gate::repository::is_ancestor;
use crate::gate::request::CheckRequest;
use crate::proof::record::ref_text;
use crate::reach::RefSide;

/// A change as it is looked for in a repository.
pub(crate) struct ChangeSubject {
    /// Everything that is compared; never empty. More than one where environments are in different states.
    pub(crate) parts: Vec<Part>,
    /// The ref that is changed, or that a pull request is about to change.
    pub(crate) reference: Option<RefName>,
    /// True if that is the default branch, if it is known.
    pub(crate) on_default: Option<bool>,
    /// The remote-tracking ref of the default branch, whether it was fetched or not.
    pub(crate) default: Option<RefName>,
    /// The way in which the old end was chosen.
    pub(crate) base: String,
    /// The reason why the provider's old end may be out of date, unless the record names another.
    pub(crate) stale: Option<String>,
    /// Other reasons why an end may be the wrong one.
    pub(crate) warnings: Vec<String>,
    /// The reason why the old end that the provider names is not available: there is no decision, unless the record knows another.
    pub(crate) lack: Option<Faults>,
    /// True if the record says what is compared.
    pub(crate) is_told: bool,
    /// True if the command line says what is compared.
    pub(crate) is_explicit: bool,
    /// The commit that the change comes on top of, as the provider says.
    pub(crate) before: Option<Revision>,
    /// The commit of the target branch, of a request to merge.
    pub(crate) onto: Option<Revision>,
}

impl ChangeSubject {
    /// Returns what is compared, or, of several, what the environment that was changed last is compared with.
    pub(crate) fn ends(&self) -> Ends {
        self.parts.first().map_or(Ends::Unknown { new: None }, |part| part.ends)
    }

    /// Everything that makes the ends doubtful, for people.
    pub(crate) fn doubts(&self) -> Vec<String> {
        self.stale.iter().chain(&self.warnings).cloned().collect()
    }

    /// The branch that is changed as the one that the policy is read from, by its own name, not that of what tracks it.
    pub(crate) fn policy_branch(&self) -> Result<Option<RefName>, Faults> {
        let default = self.parts.iter().find_map(|part| part.beside.as_ref());
        match default {
            Some(default) => branch_of(default).map(Some),
            None => Ok(self.reference.clone()),
        }
    }

    /// The branch that the policy is read from, for people.
    pub(crate) fn branch_of_policy(&self) -> String {
        match (&self.default, &self.reference) {
            (Some(default), _) => format!("`{}`", default.to_string().trim_start_matches("refs/remotes/")),
            (None, Some(reference)) => in_force::named(reference),
            (None, None) => "the branch".to_owned(),
        }
    }

    /// Takes the default branch from the record, if nothing else names it: the one that policies were last read from.
    pub(crate) fn complete_default(&mut self, policy_branch: Option<&str>) -> Result<(), Faults> {
        if let (None, Some(branch)) = (&self.default, policy_branch) {
            let default = tracking(branch)?;
            self.on_default = self.reference.as_ref().and_then(|name| is_default(name, Some(&default)));
            self.default = Some(default);
        }
        Ok(())
    }

    /// Sees that the default branch is the one from which the record's policies were last read, if it holds any.
    ///
    /// # Errors
    ///
    /// It is another: where the job's variables can be replaced, whoever starts it chooses by which policy it is judged.
    pub(crate) fn check_default(&self, policy_branch: Option<&str>) -> Result<(), Faults> {
        let (Some(default), Some(known)) = (&self.default, policy_branch) else {
            return Ok(());
        };
        let default = ref_text(&branch_of(default)?);
        if known == default {
            return Ok(());
        }
        let cause = format!("the record's newest policy is not of `{default}`");
        let help = format!(
            "it is of `{known}`; if the default branch was renamed, name the commit whose policy you trust, until a change of the new one is allowed: `--policy-from COMMIT`"
        );
        Err(Faults::one(Diagnostic::error(Code::NoPolicy, for_terminal(&cause)).help(for_terminal(&help))))
    }

    /// Returns what is compared where the record knows nothing.
    pub(crate) fn fallback(&mut self) -> Result<Ends, Faults> {
        self.lack.take().map_or_else(|| Ok(self.ends()), Err)
    }

    /// Returns what is moved, as far as it is known what is there.
    pub(crate) fn moves(&self) -> Vec<Move<'_>> {
        let of_part = |part: &'_ Part| match part.ends {
            Ends::Known(Range { old, new }) => Some((old, new)),
            Ends::Unknown { .. } => None,
        };
        let known = self.parts.iter().filter_map(|part| Some((part, of_part(part)?)));
        known
            .map(|(part, (old, new))| Move {
                name: part.beside.clone().or_else(|| self.reference.clone()),
                default_branch: if part.beside.is_some() { Some(true) } else { self.on_default },
                old,
                new,
                environments: part.environments.as_deref(),
                // a clone that a job makes has no logs, and in others anybody writes them
                log: None,
            })
            .collect()
    }

    /// The ref of a part, as targets are asked about it.
    pub(crate) fn side<'s>(&'s self, part: &'s Part) -> RefSide<'s> {
        match (&part.beside, &self.reference) {
            (Some(default), _) => RefSide::Named { name: default.as_bytes(), default_branch: Some(true) },
            (None, None) => RefSide::Unknown,
            (None, Some(name)) => RefSide::Named { name: name.as_bytes(), default_branch: self.on_default },
        }
    }
}

/// Returns what the command line asks to look at, and for all that it does not say, the CI job.
pub(crate) fn find(
    args: &CheckRequest,
    pipeline: Option<&Pipeline>,
    repository: &Repository,
) -> Result<Option<ChangeSubject>, Faults> {
    let reference = args.reference.as_deref().or_else(|| pipeline.and_then(judged_ref));
    let unread = |error| match &args.reference {
        Some(written) => of_option("--ref", written, error),
        None => fault(error),
    };
    let reference = reference.map(RefName::new).transpose().map_err(unread)?;
    let default = match pipeline.and_then(|pipeline| pipeline.default_branch.as_deref()) {
        Some(name) => Some(tracking(name)?),
        None => default_unless_guessed(repository, args.is_enforced(pipeline))?,
    };
    let on_default = reference.as_ref().and_then(|name| is_default(name, default.as_ref()));
    let part = |ends| Part { ends, environments: None, exclusive: false, beside: None, is_by_others: false };
    let mut subject = ChangeSubject {
        parts: Vec::new(),
        reference,
        on_default,
        default,
        base: "--range".to_owned(),
        stale: None,
        warnings: Vec::new(),
        lack: None,
        is_told: false,
        is_explicit: args.range.is_some(),
        before: None,
        onto: None,
    };
    match (&args.range, pipeline) {
        (Some(range), _) => {
            subject
                .parts
                .push(part(Ends::Known(repository.range(range).map_err(|error| of_option("--range", range, error))?)));
        }
        (None, Some(pipeline)) => {
            let new = head(pipeline, repository)?;
            match ends(pipeline, new, &subject, repository, args.dry_run) {
                Ok(Chosen { ends, base, onto }) => {
                    subject.parts.extend(ends.into_iter().map(part));
                    (subject.base, subject.onto) = (base, onto);
                }
                Err(faults) => {
                    subject.parts.push(part(Ends::Unknown { new }));
                    subject.base = "none: it is not available".to_owned();
                    subject.lack = Some(faults);
                }
            }
            if let PipelineBase::Stale { because, .. } = &pipeline.base {
                subject.stale = Some(format!("the base may be out of date: {because}"));
            }
            // a pull request may be judged without being checked out
            if pipeline.kind != PipelineEvent::PullRequest {
                subject.warnings.extend(is_not_checked_out(pipeline, new, repository)?);
            }
            if let Ends::Known(range) = subject.ends() {
                subject.before = range.old;
            }
        }
        (None, None) if args.reference.is_some() => {
            return Err(Faults::one(
                Diagnostic::error(Code::InvalidUsage, "`--ref` without `--range`")
                    .help("say what changed on the ref: `--range OLD..NEW`"),
            ));
        }
        (None, None) => return Ok(None),
    }
    let is_request = pipeline.is_some_and(|pipeline| pipeline.kind == PipelineEvent::PullRequest);
    if is_request && !args.dry_run && args.reference.is_none() && on_default != Some(true) {
        judge_as_default_too(&mut subject, repository)?;
    }
    Ok(Some(subject))
}

/// The remote's default branch. Only advice may guess it by its name: whoever pushes a branch chooses that.
fn default_unless_guessed(repository: &Repository, is_enforced: bool) -> Result<Option<RefName>, Faults> {
    match repository.default_of_origin().map_err(fault)? {
        None if !is_enforced => repository.default_branch("origin").map_err(fault),
        found => Ok(found),
    }
}

/// Adds what a pull request into another branch would change of the default branch.
fn judge_as_default_too(subject: &mut ChangeSubject, repository: &Repository) -> Result<(), Faults> {
    let ends = subject.ends();
    // any path of any ref is judged then
    if subject.reference.is_none() && matches!(ends, Ends::Unknown { .. }) {
        return Ok(());
    }
    let (Some(new), false) = (ends.head(), subject.is_explicit) else {
        if let Some(default) = subject.default.clone() {
            subject.parts.push(proposal::part_on(&default, ends)?);
        }
        return Ok(());
    };
    let (parts, why) = proposal::on_default(new, subject.default.as_ref(), repository)?;
    subject.parts.extend(parts);
    subject.base = format!("{}; {why}", subject.base);
    Ok(())
}

/// A pull request changes the branch that it targets, not the ref that it is built from.
fn judged_ref(pipeline: &Pipeline) -> Option<&str> {
    if pipeline.is_proposal() { pipeline.target.as_deref() } else { pipeline.reference.as_deref() }
}

/// Returns whether a ref is the default branch, which is given as `origin` has it; `None` if nothing says which that is.
pub(crate) fn is_default(name: &RefName, default: Option<&RefName>) -> Option<bool> {
    match name.as_bytes().strip_prefix(b"refs/heads/") {
        Some(branch) => default.map(|default| default.as_bytes().strip_prefix(b"refs/remotes/origin/") == Some(branch)),
        // a tag is no branch
        None => Some(false),
    }
}

/// Returns what shall be.
fn head(pipeline: &Pipeline, repository: &Repository) -> Result<Option<Revision>, Faults> {
    match &pipeline.head {
        PipelineHead::Commit(id) => commit(repository, id, "the commit that the job is for"),
        PipelineHead::CheckedOut => match repository.head().map_err(fault)?.revision {
            Some(revision) => Ok(Some(revision)),
            None => Err(Faults::one(nothing_checked_out())),
        },
    }
}

/// Everything that is compared, and how it was chosen.
struct Chosen {
    /// Never empty.
    ends: Vec<Ends>,
    base: String,
    onto: Option<Revision>,
}

/// The ends that a provider reports of, and how it calls the old one.
fn ends(
    pipeline: &Pipeline,
    new: Option<Revision>,
    subject: &ChangeSubject,
    repository: &Repository,
    dry_run: bool,
) -> Result<Chosen, Faults> {
    if let (true, Some(new), Some(target)) = (pipeline.is_proposal(), new, &subject.reference) {
        let Proposed { olds, base, onto } = proposal::find(pipeline, new, target, repository, dry_run)?;
        let ends = olds.into_iter().map(|old| Ends::Known(Range { old: Some(old), new: Some(new) })).collect();
        return Ok(Chosen { ends, base, onto: Some(onto) });
    }
    let chosen = |ends, base| Ok(Chosen { ends: vec![ends], base, onto: None });
    match &pipeline.base {
        PipelineBase::Commit { id, source, given_by } | PipelineBase::Stale { id, source, given_by, .. } => {
            let base = label(pipeline, *source, given_by);
            let old = commit(repository, id, &format!("the base ({base})")).map_err(or_range)?;
            chosen(Ends::Known(Range { old, new }), base)
        }
        // only of requests to merge
        PipelineBase::TargetBranch { .. } => {
            chosen(Ends::Unknown { new }, "none: the target branch is not known".to_owned())
        }
        PipelineBase::None(why @ NoBase::NewRef) if new.is_some() => {
            chosen(Ends::Known(Range { old: None, new }), format!("none: {why}"))
        }
        PipelineBase::None(
            why @ (NoBase::NewRef
            | NoBase::FirstBuild
            | NoBase::Manual
            | NoBase::Schedule
            | NoBase::Triggered
            | NoBase::NotTold),
        ) => chosen(Ends::Unknown { new }, format!("none: {why}")),
    }
}

/// Returns what a provider names may be gone for good, as after a forced push.
fn or_range(mut faults: Faults) -> Faults {
    let range = "say what to compare with: `--range OLD..NEW`";
    faults.diagnostics.iter_mut().for_each(|fault| add_help(fault, "; or ", range));
    faults
}

/// Says that a job judges a commit that is not the one it has checked out, if so.
fn is_not_checked_out(
    pipeline: &Pipeline,
    new: Option<Revision>,
    repository: &Repository,
) -> Result<Option<String>, Faults> {
    if let (PipelineHead::Commit(id), Some(new)) = (&pipeline.head, new)
        && let Some(here) = repository.head().map_err(fault)?.revision
        && here.commit != new.commit
    {
        return Ok(Some(format!("the commit that is judged is `{id}`, but `{}` is checked out", here.commit)));
    }
    Ok(None)
}

/// Sees that a job that deploys has checked out the commit that it judges: what is checked out is what goes out.
///
/// # Errors
///
/// It has not: its variables were replaced, or its event (GitHub's `pull_request_target`) is about a commit that is not checked out.
pub(crate) fn check_head(
    args: &CheckRequest,
    pipeline: &Pipeline,
    subject: &ChangeSubject,
    repository: &Repository,
) -> Result<(), Faults> {
    let names_environment = !args.environments.is_empty() || pipeline.environment.is_some();
    let is_asked = match pipeline.kind {
        PipelineEvent::PullRequest => names_environment,
        PipelineEvent::Push
        | PipelineEvent::Tag
        | PipelineEvent::Deletion
        | PipelineEvent::MergeQueue
        | PipelineEvent::Deployment
        | PipelineEvent::Schedule
        | PipelineEvent::Manual
        | PipelineEvent::Triggered
        | PipelineEvent::NotTold
        | PipelineEvent::Other(_) => true,
    };
    if !is_asked || args.range.is_some() || !args.is_enforced(Some(pipeline)) {
        return Ok(());
    }
    check_branch(pipeline, repository)?;
    let Some((cause, new)) =
        is_not_checked_out(pipeline, subject.ends().head(), repository)?.zip(subject.ends().head())
    else {
        return Ok(());
    };
    let mut help = format!("check it out before this step: `git checkout {}`", new.commit);
    if pipeline.kind == PipelineEvent::PullRequest {
        help.push_str("; a job that deploys what was merged runs for the event `push`");
    }
    Err(Faults::one(Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(for_terminal(&help))))
}

/// Sees that Bitbucket's job is for the branch that is checked out: there it is one, at the commit of the job, and who starts a pipeline may
/// give the variables other values.
fn check_branch(pipeline: &Pipeline, repository: &Repository) -> Result<(), Faults> {
    let is_of_branch = pipeline.provider == Provider::Bitbucket && pipeline.kind == PipelineEvent::NotTold;
    let (true, Some(said)) = (is_of_branch, &pipeline.reference) else {
        return Ok(());
    };
    match repository.head().map_err(fault)?.branch {
        Some(here) if ref_text(&here) != *said => {
            let cause = format!("the job says that it is for `{said}`, but `{here}` is checked out");
            let help = "start the pipeline on the branch that it is for, without a `BITBUCKET_BRANCH` of its own";
            Err(Faults::one(Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(help)))
        }
        Some(_) | None => Ok(()),
    }
}

/// Sees that a job with a record, whose event is about something else than its ref, as GitHub's `workflow_run`, has checked out a commit of that
/// ref: what it deploys would count as a state of the ref, and a request's policy as its policy.
///
/// # Errors
///
/// It has not, or that is not known.
pub(crate) fn check_elsewhere(
    args: &CheckRequest,
    pipeline: &Pipeline,
    subject: &ChangeSubject,
    repository: &Repository,
) -> Result<(), Faults> {
    let branch = pipeline.reference.as_deref().and_then(|name| name.strip_prefix("refs/heads/"));
    let (PipelineHead::CheckedOut, None, Some(branch), Some(head)) =
        (&pipeline.head, &args.reference, branch, subject.ends().head())
    else {
        return Ok(());
    };
    let tracking = RefName::new(format!("refs/remotes/origin/{branch}")).map_err(fault)?;
    let is_of_branch = match repository.revision_of(&tracking).map_err(fault)? {
        Some(tip) => is_ancestor(repository, head.commit, tip.commit).map_err(fault)?,
        None => false,
    };
    if is_of_branch {
        return Ok(());
    }
    let cause = format!("the job is for `{branch}`, and what it has checked out is not of it");
    let help = format!("check out `{branch}` with its history, or name the ref that it deploys: `--ref REF`");
    Err(Faults::one(Diagnostic::error(Code::NoEvidence, for_terminal(&cause)).help(for_terminal(&help))))
}

fn nothing_checked_out() -> Diagnostic {
    Diagnostic::error(Code::NoEvidence, "the job has checked out no commit")
        .help("check out the job's commit before this step")
}
